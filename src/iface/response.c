/* response.c: IHttpResponse to IHttpResponse4: argument checks and HRESULTs,
 * then one call into the engine.
 *
 * Out-parameters may be NULL and are always written, also on failure: a
 * shipping module passes the flag uninitialised and ignores the HRESULT.
 * Nothing of an input that is refused is ever sent.
 */
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "flush.h"
#include "headers.h"
#include "hresult.h"
#include "iface.h"
#include "objects.h"
#include "response_extra.h"
#include "response_parts.h"
#include "vtable.h"
#include "wide.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define INVALID_DATA HRESULT_FROM_WIN32(ERROR_INVALID_DATA)

static HRESULT refuse(iisr_context_t *ctx, const char *id, const char *method,
                      const char *why, HRESULT hr)
{
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, id,
                       "IHttpResponse::%s: %s: 0x%08X", method, why,
                       (unsigned int)hr);
    }
    return hr;
}

/* --- the view and the status -------------------------------------------- */

static HTTP_RESPONSE *response_GetRawHttpResponse(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    HTTP_RESPONSE *raw;

    iisr_enter(ctx);
    raw = iisr_response_raw(&ctx->response);
    iisr_leave(ctx);
    return raw;
}

static const HTTP_RESPONSE *response_GetRawHttpResponseConst(
    IHttpResponse *This)
{
    return response_GetRawHttpResponse(This);
}

static HRESULT response_SetStatus(IHttpResponse *This, USHORT statusCode,
                                  PCSTR pszReason, USHORT uSubStatus,
                                  HRESULT hrErrorToReport,
                                  IAppHostConfigException *pException,
                                  BOOL fTrySkipCustomErrors)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    HRESULT hr = S_OK;

    (void)pException;
    iisr_enter(ctx);
    if (iisr_response_set_status(&ctx->response, statusCode, pszReason,
                                 uSubStatus) != APR_SUCCESS) {
        hr = refuse(ctx, "IISR0101", "SetStatus",
                    "status out of range or reason with control characters",
                    INVALID_DATA);
    }
    else {
        const iisr_place_t *place = iisr_pipeline_current(ctx);

        ctx->response.error = hrErrorToReport;
        ctx->response.skip_custom_errors = fTrySkipCustomErrors != 0;
        ctx->response.touched = 1;
        ctx->response.set_by = place ? place->module : NULL;
        ctx->response.set_at = place ? iisr_event_bit(place->event) : 0;
    }
    iisr_leave(ctx);
    return hr;
}

static void response_GetStatus(IHttpResponse *This, USHORT *pStatusCode,
                               USHORT *pSubStatus, PCSTR *ppszReason,
                               USHORT *pcchReason, HRESULT *phrErrorToReport,
                               PCWSTR *ppszModule, DWORD *pdwNotification,
                               IAppHostConfigException **ppException,
                               BOOL *pfTrySkipCustomErrors)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    const iisr_response_t *res = &ctx->response;
    const char *reason;

    iisr_enter(ctx);
    reason = res->reason ? res->reason : iisr_status_reason(res->status);
#define GIVE(out, value) do { if (out) { *(out) = (value); } } while (0)
    GIVE(pStatusCode, res->status);
    GIVE(pSubStatus, res->substatus);
    GIVE(ppszReason, reason);
    GIVE(pcchReason, strlen(reason));
    GIVE(phrErrorToReport, res->error);
    GIVE(ppszModule, res->set_by
         ? ((const iisr_module_t *)res->set_by)->wide_name : NULL);
    GIVE(pdwNotification, res->set_at);
    GIVE(ppException, NULL);
    GIVE(pfTrySkipCustomErrors, res->skip_custom_errors);
    iisr_leave(ctx);
}

/* --- headers ------------------------------------------------------------ */

static HRESULT check_header(iisr_context_t *ctx, const char *name,
                            PCSTR value, USHORT length)
{
    if (!name || !value) {
        return refuse(ctx, "IISR0102", "SetHeader",
                      name ? "the value is NULL" : "unknown id or NULL name",
                      INVALID_PARAMETER);
    }
    if (strlen(name) > 65535 || !iisr_token_valid(name, strlen(name))) {
        return refuse(ctx, "IISR0103", "SetHeader", "the name is no token",
                      INVALID_PARAMETER);
    }
    if (!iisr_value_valid(value, length)) {
        return refuse(ctx, "IISR0104", "SetHeader", "the value has CR, LF, "
                      "NUL or other control characters", INVALID_DATA);
    }
    return S_OK;
}

/* append: what the caller's fReplace says, but see Server. */
static HRESULT set_header(IHttpResponse *This, const char *name, PCSTR value,
                          USHORT length, BOOL fReplace)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    iisr_response_t *res = &ctx->response;
    HRESULT hr;

    iisr_enter(ctx);
    hr = check_header(ctx, name, value, length);
    if (SUCCEEDED(hr)) {
        const char *old = apr_table_get(res->headers, name);

        if (!fReplace && old && strlen(old) + length + 2 > 65535) {
            hr = refuse(ctx, "IISR0105", "SetHeader",
                        "appended, the value is longer than 65,535 bytes",
                        INVALID_DATA);
        }
        else {
            iisr_header_put(res->headers, name, value, length, fReplace);
            res->headers_stale = 1;
        }
    }
    iisr_leave(ctx);
    return hr;
}

static HRESULT response_SetHeader(IHttpResponse *This, PCSTR pszHeaderName,
                                  PCSTR pszHeaderValue, USHORT cchHeaderValue,
                                  BOOL fReplace)
{
    return set_header(This, pszHeaderName, pszHeaderValue, cchHeaderValue,
                      fReplace);
}

static HRESULT response_SetHeaderById(IHttpResponse *This,
                                      HTTP_HEADER_ID ulHeaderIndex,
                                      PCSTR pszHeaderValue,
                                      USHORT cchHeaderValue, BOOL fReplace)
{
    /* "IHttpResponse::SetHeader Method": by id, Server is appended to. */
    return set_header(This, iisr_response_header_name(ulHeaderIndex),
                      pszHeaderValue, cchHeaderValue,
                      fReplace && ulHeaderIndex != HttpHeaderServer);
}

static HRESULT delete_header(IHttpResponse *This, const char *name)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!name) {
        hr = refuse(ctx, "IISR0102", "DeleteHeader",
                    "unknown id or NULL name", INVALID_PARAMETER);
    }
    else {
        apr_table_unset(ctx->response.headers, name);
        ctx->response.headers_stale = 1;
    }
    iisr_leave(ctx);
    return hr;
}

static HRESULT response_DeleteHeader(IHttpResponse *This, PCSTR pszHeaderName)
{
    return delete_header(This, pszHeaderName);
}

static HRESULT response_DeleteHeaderById(IHttpResponse *This,
                                         HTTP_HEADER_ID ulHeaderIndex)
{
    return delete_header(This, iisr_response_header_name(ulHeaderIndex));
}

/* The table's own copy: a module may write a NUL into it. */
static PCSTR get_header(IHttpResponse *This, const char *name, USHORT *pcch)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    const char *value;

    iisr_enter(ctx);
    value = name ? apr_table_get(ctx->response.headers, name) : NULL;
    GIVE(pcch, value ? strlen(value) : 0);
    iisr_leave(ctx);
    return value;
}

static PCSTR response_GetHeader(IHttpResponse *This, PCSTR pszHeaderName,
                                USHORT *pcchHeaderValue)
{
    return get_header(This, pszHeaderName, pcchHeaderValue);
}

static PCSTR response_GetHeaderById(IHttpResponse *This,
                                    HTTP_HEADER_ID ulHeaderIndex,
                                    USHORT *pcchHeaderValue)
{
    return get_header(This, iisr_response_header_name(ulHeaderIndex),
                      pcchHeaderValue);
}

/* --- clearing and the connection ---------------------------------------- */

static void response_Clear(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    iisr_enter(ctx);
    iisr_response_clear(&ctx->response);
    iisr_leave(ctx);
}

static void response_ClearHeaders(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    iisr_enter(ctx);
    iisr_response_clear_headers(&ctx->response);
    iisr_leave(ctx);
}

static void response_SetNeedDisconnect(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    iisr_enter(ctx);
    ctx->response.disconnect = 1;
    if (ctx->req && ctx->response.committed) {
        ctx->host->abort(ctx->req, 0);
    }
    iisr_leave(ctx);
}

static void reset_here(iisr_context_t *ctx, void *baton)
{
    (void)baton;
    if (ctx->req) {
        ctx->host->abort(ctx->req, 1);
    }
}

static void reset(iisr_context_t *ctx)
{
    iisr_enter(ctx);
    ctx->response.is_reset = 1;
    ctx->response.touched = 1;
    iisr_response_clear_entity(&ctx->response);
    iisr_context_on_worker(ctx, reset_here, NULL);
    iisr_leave(ctx);
}

static void response_ResetConnection(IHttpResponse *This)
{
    reset(iisr_context_from_response(This));
}

static void response_CloseConnection(IHttpResponse *This)
{
    reset(iisr_context_from_response(This));
}

static void response_ResetStream(IHttpResponse4 *This, ULONG errorCode)
{
    (void)errorCode;
    reset(iisr_context_from_response(This));
}

static void response_SetNeedGoAway(IHttpResponse4 *This)
{
    response_SetNeedDisconnect((IHttpResponse *)(void *)This);
}

static void response_DisableKernelCache(IHttpResponse *This, ULONG reason)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    (void)reason;
    iisr_enter(ctx);
    ctx->response.kernel_cache_off = 1;
    iisr_leave(ctx);
}

/* TRUE only means that caching was not disabled. */
static BOOL response_GetKernelCacheEnabled(IHttpResponse *This)
{
    return !iisr_context_from_response(This)->response.kernel_cache_off;
}

static void response_SuppressHeaders(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    iisr_enter(ctx);
    ctx->response.suppressed = 1;
    iisr_leave(ctx);
}

static BOOL response_GetHeadersSuppressed(IHttpResponse *This)
{
    return iisr_context_from_response(This)->response.suppressed;
}

static void response_DisableBuffering(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    iisr_enter(ctx);
    ctx->response.unbuffered = 1;
    iisr_leave(ctx);
}

/* --- writing and flushing ----------------------------------------------- */

/* Lock held. */
static HRESULT do_flush(iisr_context_t *ctx, BOOL fAsync, BOOL fMoreData,
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

static HRESULT response_FlushWithCallback(IHttpResponse2 *This, BOOL fAsync,
    BOOL fMoreData, PFN_ASYNC_COMPLETION pfnCompletionCallback,
    void *pvCompletionContext, DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    HRESULT hr;

    GIVE(pcbSent, 0);
    GIVE(pfCompletionExpected, FALSE);
    iisr_enter(ctx);
    hr = do_flush(ctx, fAsync, fMoreData, pfnCompletionCallback,
                  pvCompletionContext, pcbSent, pfCompletionExpected);
    iisr_leave(ctx);
    return hr;
}

static HRESULT response_Flush(IHttpResponse *This, BOOL fAsync,
                              BOOL fMoreData, DWORD *pcbSent,
                              BOOL *pfCompletionExpected)
{
    return response_FlushWithCallback((IHttpResponse2 *)(void *)This, fAsync,
                                      fMoreData, NULL, NULL, pcbSent,
                                      pfCompletionExpected);
}

static HRESULT check_chunks(iisr_context_t *ctx, const char *method,
                            const HTTP_DATA_CHUNK *chunks, DWORD n)
{
    if (ctx->response.ended) {
        return INVALID_DATA;
    }
    if (!chunks && n) {
        return refuse(ctx, "IISR0106", method, "the chunks are NULL",
                      INVALID_PARAMETER);
    }
    if (n > IISR_CHUNKS_MAX) {
        return refuse(ctx, "IISR0107", method, "more than 65,535 chunks",
                      HRESULT_FROM_WIN32(ERROR_ARITHMETIC_OVERFLOW));
    }
    return S_OK;
}

static HRESULT chunk_error(iisr_context_t *ctx, const char *method,
                           apr_status_t rv)
{
    switch (rv) {
    case APR_EINVAL:
        return refuse(ctx, "IISR0108", method, "unknown chunk type, NULL "
                      "memory or an impossible file range",
                      INVALID_PARAMETER);
    case APR_EBADF:
        return refuse(ctx, "IISR0109", method, "the handle is no file",
                      HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    case APR_ENOTIMPL:
        return refuse(ctx, "IISR0110", method, "a chunk of WinHTTP's, which "
                      "is not supported",
                      HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    case APR_ENOENT:
        /* IIS may drop a fragment at any time: nothing to complain of. */
        return HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    case APR_EINPROGRESS:
        return refuse(ctx, "IISR0122", method, "the head has left and allows "
                      "no trailers",
                      HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    case APR_EGENERAL:
        return refuse(ctx, "IISR0107", method, "more than 65,535 chunks",
                      HRESULT_FROM_WIN32(ERROR_ARITHMETIC_OVERFLOW));
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

static HRESULT write_chunks(iisr_context_t *ctx, HTTP_DATA_CHUNK *chunks,
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
    if (!ctx->response.is_reset) {
        if ((rv = iisr_append_chunks(ctx, chunks, n, &bytes))) {
            return chunk_error(ctx, "WriteEntityChunks", rv);
        }
        if (must_flush(ctx)) {
            hr = do_flush(ctx, fAsync, fMoreData
                          || !ctx->response.unbuffered, callback, baton,
                          NULL, pfCompletionExpected);
            GIVE(pcbSent, (DWORD)bytes);
            return hr;
        }
    }
    if (fAsync) {
        complete_write(ctx, callback, baton, bytes, pfCompletionExpected);
    }
    GIVE(pcbSent, (DWORD)bytes);
    return S_OK;
}

static HRESULT response_WriteEntityChunksWithCallback(IHttpResponse2 *This,
    HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
    PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext,
    DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    HRESULT hr;

    GIVE(pcbSent, 0);
    GIVE(pfCompletionExpected, FALSE);
    iisr_enter(ctx);
    hr = ctx->req ? write_chunks(ctx, pDataChunks, nChunks, fAsync, fMoreData,
                                 pfnCompletionCallback, pvCompletionContext,
                                 pcbSent, pfCompletionExpected)
                  : iisr_hresult(APR_ECONNABORTED);
    iisr_leave(ctx);
    return hr;
}

static HRESULT response_WriteEntityChunks(IHttpResponse *This,
    HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
    DWORD *pcbSent, BOOL *pfCompletionExpected)
{
    return response_WriteEntityChunksWithCallback(
        (IHttpResponse2 *)(void *)This, pDataChunks, nChunks, fAsync,
        fMoreData, NULL, NULL, pcbSent, pfCompletionExpected);
}

static HRESULT response_WriteEntityChunkByReference(IHttpResponse *This,
                                                    HTTP_DATA_CHUNK *pDataChunk,
                                                    LONG lInsertPosition)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    apr_status_t rv;
    HRESULT hr;

    iisr_enter(ctx);
    hr = check_chunks(ctx, "WriteEntityChunkByReference", pDataChunk, 1);
    if (SUCCEEDED(hr) && lInsertPosition != 0 && lInsertPosition != -1) {
        hr = refuse(ctx, "IISR0111", "WriteEntityChunkByReference",
                    "the position is neither 0 nor -1", INVALID_PARAMETER);
    }
    if (SUCCEEDED(hr) && !ctx->response.is_reset) {
        ctx->response.touched = 1;
        rv = iisr_insert_chunk(ctx, pDataChunk, lInsertPosition);
        hr = chunk_error(ctx, "WriteEntityChunkByReference", rv);
    }
    iisr_leave(ctx);
    return hr;
}

/* --- redirects and descriptions ----------------------------------------- */

/* Lock held.  Relative to absolute, with the host of the request. */
static const char *absolute_url(iisr_context_t *ctx, const char *url,
                                BOOL with_query)
{
    const iisr_request_facts_t *f = iisr_request_facts(ctx);
    apr_pool_t *pool = ctx->pool;
    const char *slash = strrchr(f->path, '/');
    const char *scheme = strstr(url, "://");
    int usual = f->port == 0 || f->port == (strcmp(f->scheme, "https") ? 80
                                                                        : 443);
    const char *host = usual ? f->hostname
        : apr_psprintf(pool, "%s:%d", f->hostname, f->port);

    if (*url == '/' && url[1] == '/') {
        url = apr_pstrcat(pool, f->scheme, ":", url, NULL);
    }
    else if (*url == '/') {
        url = apr_pstrcat(pool, f->scheme, "://", host, url, NULL);
    }
    else if (!scheme || scheme > url + strcspn(url, "/?#")) {
        url = apr_pstrcat(pool, f->scheme, "://", host,
            apr_pstrmemdup(pool, f->path, slash ? slash - f->path + 1 : 0),
            url, NULL);
    }
    if (with_query && f->query && *f->query) {
        url = apr_pstrcat(pool, url, strchr(url, '?') ? "&" : "?", f->query,
                          NULL);
    }
    return url;
}

static void moved_page(iisr_context_t *ctx, const char *url)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    apr_uint64_t bytes;
    char *page = apr_pstrcat(ctx->pool, "<html><head><title>Document Moved"
        "</title></head><body><h1>Object Moved</h1>This document may be "
        "found <a href=\"", iisr_html_escape(ctx->pool, url),
        "\">here</a></body></html>", NULL);

    chunk.FromMemory.pBuffer = page;
    chunk.FromMemory.BufferLength = strlen(page);
    iisr_response_append(&ctx->response, &chunk, 1, &bytes);
    iisr_header_put(ctx->response.headers, "Content-Type", "text/html", 9, 1);
}

static HRESULT response_Redirect(IHttpResponse *This, PCSTR pszUrl,
                                 BOOL fResetStatusCode,
                                 BOOL fIncludeParameters)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    iisr_response_t *res = &ctx->response;
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!pszUrl || !iisr_value_valid(pszUrl, strlen(pszUrl))
        || strlen(pszUrl) > 60000) {
        hr = refuse(ctx, "IISR0112", "Redirect", "the URL is NULL, too long "
                    "or has control characters", INVALID_PARAMETER);
    }
    else if (ctx->req) {
        const char *url = absolute_url(ctx, pszUrl, fIncludeParameters);

        iisr_response_clear_entity(res);
        apr_table_unset(res->headers, "Content-Length");
        iisr_header_put(res->headers, "Location", url, strlen(url), 1);
        res->headers_stale = 1;
        res->touched = 1;
        if (fResetStatusCode) {
            iisr_response_set_status(res, 302, "Redirect", 0);
        }
        moved_page(ctx, url);
    }
    iisr_leave(ctx);
    return hr;
}

static HRESULT response_SetErrorDescription(IHttpResponse *This,
                                            PCWSTR pszDescription,
                                            DWORD cchDescription,
                                            BOOL fHtmlEncode)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    char *text;
    apr_size_t length;

    if (!pszDescription) {
        return INVALID_PARAMETER;
    }
    iisr_enter(ctx);
    text = iisr_narrow_n(ctx->pool, pszDescription, cchDescription, NULL);
    if (fHtmlEncode) {
        text = (char *)iisr_html_escape(ctx->pool, text);
    }
    ctx->response.description = iisr_widen(ctx->pool, text, &length);
    ctx->response.description_length = length;
    iisr_leave(ctx);
    return S_OK;
}

static PCWSTR response_GetErrorDescription(IHttpResponse *This,
                                           DWORD *pcchDescription)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    GIVE(pcchDescription, ctx->response.description_length);
    return ctx->response.description;
}

/* --- what httpd has no counterpart for ---------------------------------- */

static IHttpCachePolicy *response_GetCachePolicy(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    IHttpCachePolicy *policy;

    iisr_enter(ctx);
    policy = iisr_cache_policy(ctx);
    iisr_leave(ctx);
    return policy;
}

IISR_VTABLE(IHttpResponse4, response_vtbl) = {
    .base.base.base = {
        .GetRawHttpResponseConst = response_GetRawHttpResponseConst,
        .GetRawHttpResponse = response_GetRawHttpResponse,
        .GetCachePolicy = response_GetCachePolicy,
        .SetStatus = response_SetStatus,
        .SetHeaderById = response_SetHeaderById,
        .SetHeader = response_SetHeader,
        .DeleteHeaderById = response_DeleteHeaderById,
        .DeleteHeader = response_DeleteHeader,
        .GetHeaderById = response_GetHeaderById,
        .GetHeader = response_GetHeader,
        .Clear = response_Clear,
        .ClearHeaders = response_ClearHeaders,
        .SetNeedDisconnect = response_SetNeedDisconnect,
        .ResetConnection = response_ResetConnection,
        .DisableKernelCache = response_DisableKernelCache,
        .GetKernelCacheEnabled = response_GetKernelCacheEnabled,
        .SuppressHeaders = response_SuppressHeaders,
        .GetHeadersSuppressed = response_GetHeadersSuppressed,
        .Flush = response_Flush,
        .Redirect = response_Redirect,
        .WriteEntityChunkByReference = response_WriteEntityChunkByReference,
        .WriteEntityChunks = response_WriteEntityChunks,
        .DisableBuffering = response_DisableBuffering,
        .GetStatus = response_GetStatus,
        .SetErrorDescription = response_SetErrorDescription,
        .GetErrorDescription = response_GetErrorDescription,
        .GetHeaderChanges = response_GetHeaderChanges,
        .CloseConnection = response_CloseConnection
    },
    .base.base.WriteEntityChunksWithCallback =
        response_WriteEntityChunksWithCallback,
    .base.base.FlushWithCallback = response_FlushWithCallback,
    .base.PushPromise = response_PushPromise,
    .DeleteTrailer = response_DeleteTrailer,
    .GetTrailer = response_GetTrailer,
    .ResetStream = response_ResetStream,
    .SetNeedGoAway = response_SetNeedGoAway,
    .SetTrailer = response_SetTrailer
} IISR_VTABLE_END;

void iisr_response_iface_init(IHttpResponse4 *iface)
{
    iface->lpVtbl = IISR_VPTR(response_vtbl);
}
