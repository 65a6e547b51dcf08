/* response_trailers.c: IHttpResponse3 and 4: fields after the body, and
 * pushes.  Not documented by IIS beyond their names: trailers follow the
 * rules of headers.
 *
 * They leave with HTTP/2 and with chunked HTTP/1.1; with anything else there
 * is no place for them, and they are refused once the head has left.
 */
#include <string.h>
#include <apr_strings.h>
#include "response_extra.h"
#include "response_methods.h"
#include "core/headers.h"
#include "core/wide.h"

HRESULT response_DeleteTrailer(IHttpResponse4 *This, PCSTR pszHeaderName)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    if (!pszHeaderName) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    if (ctx->response.trailers) {
        apr_table_unset(ctx->response.trailers, pszHeaderName);
    }
    iisr_leave(ctx);
    return S_OK;
}

PCSTR response_GetTrailer(IHttpResponse4 *This, PCSTR pszHeaderName,
                          USHORT *pcchHeaderValue)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    const char *value = NULL;

    iisr_enter(ctx);
    if (pszHeaderName && ctx->response.trailers) {
        value = apr_table_get(ctx->response.trailers, pszHeaderName);
    }
    iisr_leave(ctx);
    if (pcchHeaderValue) {
        *pcchHeaderValue = value ? (USHORT)strlen(value) : 0;
    }
    return value;
}

HRESULT response_SetTrailer(IHttpResponse4 *This, PCSTR pszHeaderName,
                            PCSTR pszHeaderValue, USHORT cchHeaderValue,
                            BOOL fReplace)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    apr_status_t rv;

    iisr_enter(ctx);
    rv = iisr_response_set_trailer(&ctx->response, pszHeaderName,
                                   pszHeaderValue, cchHeaderValue, fReplace);
    iisr_leave(ctx);
    if (rv == APR_EINPROGRESS) {
        return iisr_refuse_once(ctx, IISR_ONCE_TRAILERS,
                                HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    }
    return rv == APR_SUCCESS ? S_OK : BAD_PARAMETER;
}

/* --- pushes ------------------------------------------------------------- */

/* mod_http2 pushes what a Link header preloads, with headers of its own
 * choice, so the headers given here are not sent. */
static HRESULT add_link(iisr_context_t *ctx, const char *path,
                        const char *query)
{
    const char *link = apr_pstrcat(ctx->pool, "<", path, query ? "?" : "",
                                   query, ">; rel=preload", NULL);
    apr_size_t length = strlen(link);

    if (*path != '/' || strpbrk(path, "<> ") || !iisr_value_valid(link, length)
        || (query && strpbrk(query, "<> "))) {
        return BAD_PARAMETER;
    }
    if (ctx->response.committed) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_STATE);
    }
    iisr_header_put(ctx->response.headers, "Link", link, length, 0);
    iisr_response_headers_changed(&ctx->response);
    return S_OK;
}

HRESULT response_PushPromise(IHttpResponse3 *This, PCSTR pszVerb,
                             PCWSTR pwszPath, PCWSTR pwszQuery,
                             DWORD cHeaders, PCSTR *rgHeaderNames,
                             PCSTR *rgHeaderValues)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    HRESULT hr;

    if (!pszVerb || !pwszPath
        || (cHeaders && (!rgHeaderNames || !rgHeaderValues))) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    if (iisr_request_facts(ctx)->major < 2 || strcmp(pszVerb, "GET")) {
        hr = HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    }
    else {
        hr = add_link(ctx, iisr_narrow(ctx->pool, pwszPath, NULL),
                      pwszQuery && *pwszQuery
                      ? iisr_narrow(ctx->pool, pwszQuery, NULL) : NULL);
    }
    iisr_leave(ctx);
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)
           ? iisr_refuse_once(ctx, IISR_ONCE_PUSH, hr) : hr;
}
