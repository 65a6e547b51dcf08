/* response_entity.c: Flush and WriteEntityChunks of IHttpResponse and
 * IHttpResponse2.  Nothing of an input that is refused is ever sent.
 */
#include "flush.h"
#include "response_extra.h"
#include "response_methods.h"

#define OVERFLOW HRESULT_FROM_WIN32(ERROR_ARITHMETIC_OVERFLOW)

/* Lock held. */
IISR_FLAT HRESULT do_flush(iisr_context_t *ctx, BOOL fAsync, BOOL fMoreData,
                           PFN_ASYNC_COMPLETION callback, void *baton,
                           DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    iisr_flush_t flush = { .async = fAsync != 0, .more = fMoreData != 0,
                           .callback = callback, .baton = baton,
                           .must_complete = !pfCompletionExpected };
    apr_status_t rv = iisr_flush(ctx, &flush);

    /* Asynchronous bytes are the completion's to tell. */
    GIVE(pcbSent, flush.async && flush.expected ? 0 : (DWORD)flush.bytes);
    GIVE(pfCompletionExpected, flush.expected);
    return iisr_hresult(rv);
}

IISR_FLAT HRESULT enter_and_flush(iisr_context_t *ctx, BOOL fAsync,
    BOOL fMoreData, PFN_ASYNC_COMPLETION callback, void *baton,
    DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    HRESULT hr;

    GIVE(pcbSent, 0);
    GIVE(pfCompletionExpected, FALSE);
    iisr_enter(ctx);
    hr = do_flush(ctx, fAsync, fMoreData, callback, baton, pcbSent,
                  pfCompletionExpected);
    iisr_leave(ctx);
    return hr;
}

HRESULT response_FlushWithCallback(IHttpResponse2 *This, BOOL fAsync,
    BOOL fMoreData, PFN_ASYNC_COMPLETION pfnCompletionCallback,
    void *pvCompletionContext, DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    return enter_and_flush(iisr_context_from_response(This), fAsync, fMoreData,
                           pfnCompletionCallback, pvCompletionContext,
                           pcbSent, pfCompletionExpected);
}

HRESULT response_Flush(IHttpResponse *This, BOOL fAsync,
                       BOOL fMoreData, DWORD *pcbSent,
                       BOOL *pfCompletionExpected)
{
    return enter_and_flush(iisr_context_from_response(This), fAsync, fMoreData,
                           NULL, NULL, pcbSent, pfCompletionExpected);
}

static HRESULT check_chunks(iisr_context_t *ctx, const char *method,
                            const HTTP_DATA_CHUNK *chunks, DWORD n)
{
    if (ctx->response.ended) {
        return BAD_DATA;
    }
    if (!chunks && n) {
        return iisr_response_refuse(ctx, "IISR0106", method, "the chunks are "
                                    "NULL", BAD_PARAMETER);
    }
    if (n > IISR_CHUNKS_MAX) {
        return iisr_response_refuse(ctx, "IISR0107", method, "more than "
                                    "65,535 chunks", OVERFLOW);
    }
    return S_OK;
}

static HRESULT chunk_error(iisr_context_t *ctx, const char *method,
                           apr_status_t rv)
{
    switch (rv) {
    case APR_EINVAL:
        return iisr_response_refuse(ctx, "IISR0108", method, "unknown chunk "
                                    "type, NULL memory or an impossible file "
                                    "range", BAD_PARAMETER);
    case APR_EBADF:
        return iisr_response_refuse(ctx, "IISR0109", method, "the handle is "
                                    "no file",
                                    HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    case APR_ENOTIMPL:
        return iisr_response_refuse(ctx, "IISR0110", method, "a chunk of "
                                    "WinHTTP's, which is not supported",
                                    HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    case APR_ENOENT:
        /* IIS may drop a fragment at any time: nothing to complain of. */
        return HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    case APR_EINPROGRESS:
        return iisr_response_refuse(ctx, "IISR0122", method, "the head has "
                                    "left and allows no trailers",
                                    HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    case APR_EGENERAL:
        return iisr_response_refuse(ctx, "IISR0107", method, "more than "
                                    "65,535 chunks", OVERFLOW);
    default:
        return iisr_hresult(rv);
    }
}

/* DisableBuffering does not apply inside OnSendResponse. */
static int must_flush(iisr_context_t *ctx)
{
    const iisr_place_t *place = iisr_pipeline_current(ctx);
    const iisr_response_t *res = &ctx->response;

    return (!place || place->event != IISR_EV_SEND_RESPONSE)
           && !ctx->pipeline.no_io
           && (res->unbuffered
               || res->buffered > ctx->settings.buffer_limit);
}

/* Buffered, an asynchronous write is finished at once; the completion is
 * owed to a caller who cannot be told. */
static void complete_write(iisr_context_t *ctx, PFN_ASYNC_COMPLETION callback,
                           void *baton, apr_uint64_t bytes,
                           BOOL *pfCompletionExpected)
{
    if (pfCompletionExpected) {
        return;
    }
    if (iisr_completion_may_start(ctx, IISR_OP_WRITE, 1)) {
        iisr_completion_start(ctx, IISR_OP_WRITE, callback, baton);
        iisr_completion_record(ctx, IISR_OP_WRITE, bytes, S_OK);
    }
}

/* Of what a connection that is reset does not get: "IHttpResponse::
 * ResetConnection Method" has writes succeed. */
static apr_uint64_t length_of(const HTTP_DATA_CHUNK *chunks, DWORD n)
{
    apr_uint64_t bytes = 0;
    DWORD i;

    for (i = 0; i < n; i++) {
        apr_int64_t length = iisr_chunk_length(&chunks[i]);

        bytes += length > 0 ? (apr_uint64_t)length : 0;
    }
    return bytes;
}

IISR_FLAT HRESULT write_chunks(iisr_context_t *ctx, HTTP_DATA_CHUNK *chunks,
                               DWORD n, BOOL fAsync, BOOL fMoreData,
                               PFN_ASYNC_COMPLETION callback, void *baton,
                               DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    apr_uint64_t bytes = 0;
    apr_status_t rv;
    HRESULT hr;

    hr = check_chunks(ctx, "WriteEntityChunks", chunks, n);
    if (FAILED(hr)) {
        return hr;
    }
    if (!iisr_completion_may_start(ctx, IISR_OP_WRITE, 0)) {
        return iisr_hresult(APR_EBUSY);
    }
    ctx->response.touched = 1;
    if (ctx->response.is_reset) {
        bytes = length_of(chunks, n);
    }
    else {
        if ((rv = iisr_append_chunks(ctx, chunks, n, &bytes))) {
            return chunk_error(ctx, "WriteEntityChunks", rv);
        }
        if (must_flush(ctx)) {
            hr = do_flush(ctx, fAsync, fMoreData
                          || !ctx->response.unbuffered, callback, baton,
                          NULL, pfCompletionExpected);
            GIVE(pcbSent, SUCCEEDED(hr) ? (DWORD)bytes : 0);
            return hr;
        }
    }
    if (fAsync) {
        complete_write(ctx, callback, baton, bytes, pfCompletionExpected);
    }
    GIVE(pcbSent, (DWORD)bytes);
    return S_OK;
}

IISR_FLAT HRESULT enter_and_write(void *This,
    HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
    PFN_ASYNC_COMPLETION callback, void *baton, DWORD *pcbSent,
    BOOL *pfCompletionExpected)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    HRESULT hr;

    GIVE(pcbSent, 0);
    GIVE(pfCompletionExpected, FALSE);
    hr = ctx->req ? write_chunks(ctx, pDataChunks, nChunks, fAsync, fMoreData,
                                 callback, baton, pcbSent,
                                 pfCompletionExpected)
                  : iisr_hresult(APR_ECONNABORTED);
    iisr_leave(ctx);
    return hr;
}

HRESULT response_WriteEntityChunksWithCallback(IHttpResponse2 *This,
    HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
    PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext,
    DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    return enter_and_write(This, pDataChunks, nChunks, fAsync, fMoreData,
                           pfnCompletionCallback, pvCompletionContext,
                           pcbSent, pfCompletionExpected);
}

HRESULT response_WriteEntityChunks(IHttpResponse *This,
    HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
    DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    return enter_and_write(This, pDataChunks, nChunks, fAsync, fMoreData,
                           NULL, NULL, pcbSent, pfCompletionExpected);
}

HRESULT response_WriteEntityChunkByReference(IHttpResponse *This,
                                             HTTP_DATA_CHUNK *pDataChunk,
                                             LONG lInsertPosition)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    apr_status_t rv;
    HRESULT hr;

    hr = check_chunks(ctx, "WriteEntityChunkByReference", pDataChunk, 1);
    if (SUCCEEDED(hr) && lInsertPosition != 0 && lInsertPosition != -1) {
        hr = iisr_response_refuse(ctx, "IISR0111",
                                  "WriteEntityChunkByReference", "the "
                                  "position is neither 0 nor -1",
                                  BAD_PARAMETER);
    }
    if (SUCCEEDED(hr) && !ctx->response.is_reset) {
        ctx->response.touched = 1;
        rv = iisr_insert_chunk(ctx, pDataChunk, lInsertPosition);
        hr = chunk_error(ctx, "WriteEntityChunkByReference", rv);
    }
    iisr_leave(ctx);
    return hr;
}
