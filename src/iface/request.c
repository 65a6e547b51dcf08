/* request.c: IHttpRequest to IHttpRequest4: method, URL, addresses and the
 * table of all methods.
 */
#include <string.h>
#include <strings.h>
#include "core/headers.h"
#include "request_methods.h"
#include "vtable.h"
#include "core/wide.h"

HRESULT iisr_request_refuse(iisr_context_t *ctx, const char *id, HRESULT hr,
                            const char *method, const char *why)
{
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, id,
                       "IHttpRequest::%s refused: %s", method, why);
    }
    return hr;
}

static HTTP_REQUEST *request_GetRawHttpRequest(IHttpRequest *This)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    HTTP_REQUEST *raw;

    iisr_enter(ctx);
    raw = iisr_request_raw(ctx);
    iisr_leave(ctx);
    return raw;
}

static const HTTP_REQUEST *request_GetRawHttpRequestConst(IHttpRequest *This)
{
    return request_GetRawHttpRequest(This);
}

/* The facts that methods below read; what they point to never moves. */
static iisr_request_facts_t facts_of(void *iface)
{
    iisr_context_t *ctx = iisr_context_from_request(iface);
    iisr_request_facts_t facts;

    iisr_enter(ctx);
    facts = *iisr_request_facts(ctx);
    iisr_leave(ctx);
    return facts;
}

static PCSTR request_GetHttpMethod(IHttpRequest *This)
{
    return facts_of(This).method;
}

static HRESULT request_SetHttpMethod(IHttpRequest *This, PCSTR pszHttpMethod)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    apr_size_t length = pszHttpMethod ? strlen(pszHttpMethod) : 0;
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!length || length > LENGTH_MAX
        || !iisr_token_valid(pszHttpMethod, length)
        || iisr_request_set_method(ctx, pszHttpMethod) != APR_SUCCESS) {
        hr = iisr_request_refuse(ctx, "IISR0202", BAD_PARAMETER,
                                 "SetHttpMethod", "no token, or too late for "
                                 "another method");
    }
    iisr_leave(ctx);
    return hr;
}

/* Printable ASCII stays, controls end it, the rest is percent-encoded.
 * NULL: a control. */
static char *encoded(apr_pool_t *pool, const char *url, apr_size_t length)
{
    static const char hex[] = "0123456789ABCDEF";
    char *text = apr_palloc(pool, 3 * length + 1), *end = text;
    apr_size_t i;

    for (i = 0; i < length; i++) {
        unsigned char c = (unsigned char)url[i];

        if (c < 0x20 || c == 0x7f) {
            return NULL;
        }
        if (c > 0x20 && c < 0x7f && c != '#') {
            *end++ = url[i];
        }
        else {
            *end++ = '%';
            *end++ = hex[c >> 4];
            *end++ = hex[c & 15];
        }
    }
    *end = '\0';
    return text;
}

static int is_elsewhere(const char *url)
{
    return !strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8);
}

/* IIS: a URL that is not local is kept for GetForwardedUrl, and nothing is
 * mapped anew. */
static HRESULT set_url(iisr_context_t *ctx, const char *url, BOOL reset)
{
    char *query = strchr(url, '?');
    apr_status_t rv;

    if (is_elsewhere(url)) {
        ctx->request.forwarded = iisr_widen(ctx->pool, url, NULL);
        return S_OK;
    }
    if (*url != '/') {
        return iisr_request_refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                                   "starts neither with / nor with http:// or "
                                   "https://");
    }
    if (query) {
        *query++ = '\0';
    }
    else if (reset) {
        query = (char *)"";
    }
    rv = iisr_request_set_url(ctx, url, query);
    if (rv == APR_ENOTIMPL) {
        return iisr_request_refuse(ctx, "IISR0204",
                                   HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED),
                                   "SetUrl", "the URL was mapped already");
    }
    return rv == APR_SUCCESS ? S_OK
           : iisr_request_refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                                 "not a local URL");
}

static HRESULT checked_set_url(iisr_context_t *ctx, const char *url,
                               apr_size_t length, BOOL reset)
{
    const char *text;

    if (!url || !length || length > LENGTH_MAX) {
        return iisr_request_refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                                   length > LENGTH_MAX ? "too long" : "empty");
    }
    text = encoded(iisr_context_scratch(ctx), url, length);
    if (!text) {
        return iisr_request_refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                                   "contains a control character");
    }
    return set_url(ctx, text, reset);
}

static HRESULT request_SetUrl(IHttpRequest *This, PCSTR pszUrl, DWORD cchUrl,
                              BOOL fResetQueryString)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    HRESULT hr;

    iisr_enter(ctx);
    hr = checked_set_url(ctx, pszUrl, cchUrl, fResetQueryString);
    iisr_leave(ctx);
    return hr;
}

static HRESULT request_SetUrlW(IHttpRequest *This, PCWSTR pszUrl,
                               DWORD cchUrl, BOOL fResetQueryString)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    apr_pool_t *pool;
    apr_size_t length = cchUrl;
    char *url = NULL;
    HRESULT hr;

    iisr_enter(ctx);
    /* Not the scratch pool: that is cleared on the way. */
    if (apr_pool_create(&pool, ctx->pool) == APR_SUCCESS) {
        if (pszUrl && cchUrl <= LENGTH_MAX) {
            url = iisr_narrow_n(pool, pszUrl, cchUrl, &length);
        }
        hr = checked_set_url(ctx, url, length, fResetQueryString);
        apr_pool_destroy(pool);
    }
    else {
        hr = HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    iisr_leave(ctx);
    return hr;
}

static BOOL request_GetUrlChanged(IHttpRequest *This)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    BOOL changed;

    iisr_enter(ctx);
    changed = ctx->request.url_changed || ctx->request.forwarded;
    iisr_leave(ctx);
    return changed;
}

static PCWSTR request_GetForwardedUrl(IHttpRequest *This)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    const WCHAR *url;

    iisr_enter(ctx);
    url = ctx->request.forwarded;
    iisr_leave(ctx);
    return url;
}

static PSOCKADDR request_GetLocalAddress(IHttpRequest *This)
{
    return (PSOCKADDR)(apr_uintptr_t)facts_of(This).local;
}

static PSOCKADDR request_GetRemoteAddress(IHttpRequest *This)
{
    return (PSOCKADDR)(apr_uintptr_t)facts_of(This).remote;
}

static void request_GetHttpVersion(IHttpRequest *This, USHORT *pMajorVersion,
                                   USHORT *pMinorVersion)
{
    iisr_request_facts_t facts = facts_of(This);

    if (pMajorVersion) {
        *pMajorVersion = (USHORT)facts.major;
    }
    if (pMinorVersion) {
        *pMinorVersion = (USHORT)facts.minor;
    }
}

static DWORD request_GetSiteId(IHttpRequest *This)
{
    IHttpSite *site = iisr_context_from_request(This)->around.site;

    return site ? site->lpVtbl->GetSiteId(site) : 0;
}

IISR_VTABLE(IHttpRequest4, request_vtbl) = {
    .base.base.base = {
        .GetRawHttpRequestConst = request_GetRawHttpRequestConst,
        .GetRawHttpRequest = request_GetRawHttpRequest,
        .GetHeaderById = request_GetHeaderById,
        .GetHeader = request_GetHeader,
        .SetHeaderById = request_SetHeaderById,
        .SetHeader = request_SetHeader,
        .DeleteHeaderById = request_DeleteHeaderById,
        .DeleteHeader = request_DeleteHeader,
        .GetHttpMethod = request_GetHttpMethod,
        .SetHttpMethod = request_SetHttpMethod,
        .SetUrl = request_SetUrl,
        .SetUrlW = request_SetUrlW,
        .GetUrlChanged = request_GetUrlChanged,
        .GetForwardedUrl = request_GetForwardedUrl,
        .GetLocalAddress = request_GetLocalAddress,
        .GetRemoteAddress = request_GetRemoteAddress,
        .ReadEntityBody = request_ReadEntityBody,
        .InsertEntityBody = request_InsertEntityBody,
        .GetRemainingEntityBytes = request_GetRemainingEntityBytes,
        .GetHttpVersion = request_GetHttpVersion,
        .GetClientCertificate = request_GetClientCertificate,
        .NegotiateClientCertificate = request_NegotiateClientCertificate,
        .GetSiteId = request_GetSiteId,
        .GetHeaderChanges = request_GetHeaderChanges
    },
    .base.base.GetChannelBindingToken = request_GetChannelBindingToken,
    .base.ReadEntityBodyWithCallback = request_ReadEntityBodyWithCallback,
    .ReadEntityBodyWithFlags = request_ReadEntityBodyWithFlags
} IISR_VTABLE_END;

void iisr_request_iface_init(IHttpRequest4 *iface)
{
    iface->lpVtbl = IISR_VPTR(request_vtbl);
}
