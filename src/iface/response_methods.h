/* response_methods.h: IHttpResponse to IHttpResponse4, method by method;
 * response.c has the table.
 *
 * Out-parameters may be NULL and are always written, also on failure: a
 * shipping module passes the flag uninitialised and ignores the HRESULT.
 */
#ifndef IISR_IFACE_RESPONSE_METHODS_H
#define IISR_IFACE_RESPONSE_METHODS_H

#include "hresult.h"
#include "iface.h"
#include "objects.h"

#define GIVE(out, value) do { if (out) { *(out) = (value); } } while (0)

/* Takes the lock, and what the module has edited in the view until now. */
static inline iisr_context_t *iisr_response_enter(void *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    iisr_enter(ctx);
    iisr_response_take_back(&ctx->response);
    return ctx;
}

/* A line for every refusal; hr is passed through.  Lock held. */
HRESULT iisr_response_refuse(iisr_context_t *ctx, const char *id,
                             const char *method, const char *why, HRESULT hr);

/* The head has left: what would change it, or the body's beginning, does
 * nothing.  Lock held. */
void iisr_response_too_late(iisr_context_t *ctx, const char *method);

/* response_headers.c */
HRESULT response_SetHeader(IHttpResponse *This, PCSTR pszHeaderName,
                           PCSTR pszHeaderValue, USHORT cchHeaderValue,
                           BOOL fReplace);
HRESULT response_SetHeaderById(IHttpResponse *This,
                               HTTP_HEADER_ID ulHeaderIndex,
                               PCSTR pszHeaderValue,
                               USHORT cchHeaderValue, BOOL fReplace);
HRESULT response_DeleteHeader(IHttpResponse *This, PCSTR pszHeaderName);
HRESULT response_DeleteHeaderById(IHttpResponse *This,
                                  HTTP_HEADER_ID ulHeaderIndex);
PCSTR response_GetHeader(IHttpResponse *This, PCSTR pszHeaderName,
                         USHORT *pcchHeaderValue);
PCSTR response_GetHeaderById(IHttpResponse *This,
                             HTTP_HEADER_ID ulHeaderIndex,
                             USHORT *pcchHeaderValue);

/* response_entity.c */
HRESULT response_FlushWithCallback(IHttpResponse2 *This, BOOL fAsync,
    BOOL fMoreData, PFN_ASYNC_COMPLETION pfnCompletionCallback,
    void *pvCompletionContext, DWORD *pcbSent, BOOL *pfCompletionExpected);
HRESULT response_Flush(IHttpResponse *This, BOOL fAsync,
                       BOOL fMoreData, DWORD *pcbSent,
                       BOOL *pfCompletionExpected);
HRESULT response_WriteEntityChunksWithCallback(IHttpResponse2 *This,
    HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
    PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext,
    DWORD *pcbSent, BOOL *pfCompletionExpected);
HRESULT response_WriteEntityChunks(IHttpResponse *This,
    HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
    DWORD *pcbSent, BOOL *pfCompletionExpected);
HRESULT response_WriteEntityChunkByReference(IHttpResponse *This,
                                             HTTP_DATA_CHUNK *pDataChunk,
                                             LONG lInsertPosition);

/* response_redirect.c */
HRESULT response_Redirect(IHttpResponse *This, PCSTR pszUrl,
                          BOOL fResetStatusCode,
                          BOOL fIncludeParameters);

/* response_trailers.c */
HRESULT response_PushPromise(IHttpResponse3 *This, PCSTR pszVerb,
                             PCWSTR pwszPath, PCWSTR pwszQuery,
                             DWORD cHeaders, PCSTR *rgHeaderNames,
                             PCSTR *rgHeaderValues);
HRESULT response_DeleteTrailer(IHttpResponse4 *This, PCSTR pszHeaderName);
PCSTR response_GetTrailer(IHttpResponse4 *This, PCSTR pszHeaderName,
                          USHORT *pcchHeaderValue);
HRESULT response_SetTrailer(IHttpResponse4 *This, PCSTR pszHeaderName,
                            PCSTR pszHeaderValue, USHORT cchHeaderValue,
                            BOOL fReplace);

/* changes.c */
HRESULT response_GetHeaderChanges(
    IHttpResponse *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    PCSTR knownHeaderSnapshot[HttpHeaderResponseMaximum],
    DWORD *pdwUnknownHeaderSnapshot, PCSTR **ppUnknownHeaderNameSnapshot,
    PCSTR **ppUnknownHeaderValueSnapshot,
    DWORD diffedKnownHeaderIndices[HttpHeaderResponseMaximum + 1],
    DWORD *pdwDiffedUnknownHeaders, DWORD **ppDiffedUnknownHeaderIndices);

#endif
