/* request.c: IHttpRequest to IHttpRequest4.  Checks arguments, then one call
 * into core/request.h.  Any thread while the request is pending; every
 * method takes the context's lock.
 *
 * What a module does to a header is seen by whoever looks at the header; how
 * the body is read was decided before (request.h).
 */
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "core/headers.h"
#include "iface.h"
#include "objects.h"
#include "response_parts.h"
#include "vtable.h"
#include "core/wide.h"

#define LENGTH_MAX 0xffff

#define BAD_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define BAD_DATA HRESULT_FROM_WIN32(ERROR_INVALID_DATA)

static iisr_context_t *context_of(void *iface)
{
    return iisr_context_from_request(iface);
}

/* A line for every refusal; hr is passed through. */
static HRESULT refuse(iisr_context_t *ctx, const char *id, HRESULT hr,
                      const char *method, const char *why)
{
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, id,
                       "IHttpRequest::%s refused: %s", method, why);
    }
    return hr;
}

/* --- headers ------------------------------------------------------------ */

static const char *name_of(HTTP_HEADER_ID id)
{
    return iisr_request_header_name((unsigned int)id);
}

/* NULL: good. */
static const char *bad_name(const char *name, HRESULT *hr)
{
    apr_size_t length;

    *hr = BAD_PARAMETER;
    if (!name) {
        return "no such header id, or no name";
    }
    if ((length = strlen(name)) > LENGTH_MAX) {
        *hr = BAD_DATA;
        return "name too long";
    }
    return iisr_token_valid(name, length) ? NULL : "name is no token";
}

/* What the header will be: the value, or what it was and the value. */
static const char *joined(iisr_context_t *ctx, const char *name,
                          PCSTR value, USHORT length, BOOL replace)
{
    apr_pool_t *pool = iisr_context_scratch(ctx);
    const char *fresh = apr_pstrmemdup(pool, value, length);
    const iisr_field_t *field;

    if (replace || !(field = iisr_request_field(ctx, name))
        || !*field->original) {
        return fresh;
    }
    return apr_pstrcat(pool, field->original,
                       strcasecmp(name, "Cookie") ? ", " : "; ", fresh, NULL);
}

static HRESULT set_header(iisr_context_t *ctx, const char *name, PCSTR value,
                          USHORT length, BOOL replace)
{
    const char *why, *whole;
    HRESULT hr;

    if ((why = bad_name(name, &hr))) {
        return refuse(ctx, "IISR0201", hr, "SetHeader", why);
    }
    if (!value || !iisr_value_valid(value, length)) {
        return refuse(ctx, "IISR0201", BAD_PARAMETER, "SetHeader",
                      value ? "value contains CR, LF, NUL or another control"
                            : "no value");
    }
    if (!ctx->req) {
        return HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
    }
    whole = joined(ctx, name, value, length, replace);
    if (strlen(whole) > LENGTH_MAX) {
        return refuse(ctx, "IISR0201", BAD_DATA, "SetHeader",
                      "value too long");
    }
    iisr_request_set_header(ctx, name, whole);
    return S_OK;
}

static HRESULT locked_set_header(void *iface, const char *name, PCSTR value,
                                 USHORT length, BOOL replace)
{
    iisr_context_t *ctx = context_of(iface);
    HRESULT hr;

    iisr_enter(ctx);
    hr = set_header(ctx, name, value, length, replace);
    iisr_leave(ctx);
    return hr;
}

static HRESULT request_SetHeaderById(IHttpRequest *This,
                                     HTTP_HEADER_ID ulHeaderIndex,
                                     PCSTR pszHeaderValue,
                                     USHORT cchHeaderValue, BOOL fReplace)
{
    return locked_set_header(This, name_of(ulHeaderIndex), pszHeaderValue,
                             cchHeaderValue, fReplace);
}

static HRESULT request_SetHeader(IHttpRequest *This, PCSTR pszHeaderName,
                                 PCSTR pszHeaderValue, USHORT cchHeaderValue,
                                 BOOL fReplace)
{
    return locked_set_header(This, pszHeaderName, pszHeaderValue,
                             cchHeaderValue, fReplace);
}

static HRESULT delete_header(void *iface, const char *name)
{
    iisr_context_t *ctx = context_of(iface);
    const char *why;
    HRESULT hr;

    iisr_enter(ctx);
    if ((why = bad_name(name, &hr))) {
        refuse(ctx, "IISR0201", hr, "DeleteHeader", why);
    }
    else {
        iisr_request_set_header(ctx, name, NULL);
        hr = S_OK;
    }
    iisr_leave(ctx);
    return hr;
}

static HRESULT request_DeleteHeaderById(IHttpRequest *This,
                                        HTTP_HEADER_ID ulHeaderIndex)
{
    return delete_header(This, name_of(ulHeaderIndex));
}

static HRESULT request_DeleteHeader(IHttpRequest *This, PCSTR pszHeaderName)
{
    return delete_header(This, pszHeaderName);
}

static PCSTR get_header(void *iface, const char *name, USHORT *length)
{
    iisr_context_t *ctx = context_of(iface);
    const iisr_field_t *field;
    const char *value = NULL;

    if (length) {
        *length = 0;
    }
    iisr_enter(ctx);
    if (name && *name && (field = iisr_request_field(ctx, name))) {
        value = field->value;
        if (length) {
            *length = field->length;
        }
    }
    iisr_leave(ctx);
    return value;
}

static PCSTR request_GetHeaderById(IHttpRequest *This,
                                   HTTP_HEADER_ID ulHeaderIndex,
                                   USHORT *pcchHeaderValue)
{
    return get_header(This, name_of(ulHeaderIndex), pcchHeaderValue);
}

static PCSTR request_GetHeader(IHttpRequest *This, PCSTR pszHeaderName,
                               USHORT *pcchHeaderValue)
{
    return get_header(This, pszHeaderName, pcchHeaderValue);
}

/* --- method, URL, addresses --------------------------------------------- */

static HTTP_REQUEST *request_GetRawHttpRequest(IHttpRequest *This)
{
    iisr_context_t *ctx = context_of(This);
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
    iisr_context_t *ctx = context_of(iface);
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
    iisr_context_t *ctx = context_of(This);
    apr_size_t length = pszHttpMethod ? strlen(pszHttpMethod) : 0;
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!length || length > LENGTH_MAX
        || !iisr_token_valid(pszHttpMethod, length)
        || iisr_request_set_method(ctx, pszHttpMethod) != APR_SUCCESS) {
        hr = refuse(ctx, "IISR0202", BAD_PARAMETER, "SetHttpMethod",
                    "no token, or too late for another method");
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
        return refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                      "starts neither with / nor with http:// or https://");
    }
    if (query) {
        *query++ = '\0';
    }
    else if (reset) {
        query = (char *)"";
    }
    rv = iisr_request_set_url(ctx, url, query);
    if (rv == APR_ENOTIMPL) {
        return refuse(ctx, "IISR0204", HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED),
                      "SetUrl", "the URL was mapped already");
    }
    return rv == APR_SUCCESS ? S_OK
           : refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                    "not a local URL");
}

static HRESULT checked_set_url(iisr_context_t *ctx, const char *url,
                               apr_size_t length, BOOL reset)
{
    const char *text;

    if (!url || !length || length > LENGTH_MAX) {
        return refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                      length > LENGTH_MAX ? "too long" : "empty");
    }
    text = encoded(iisr_context_scratch(ctx), url, length);
    if (!text) {
        return refuse(ctx, "IISR0203", BAD_PARAMETER, "SetUrl",
                      "contains a control character");
    }
    return set_url(ctx, text, reset);
}

static HRESULT request_SetUrl(IHttpRequest *This, PCSTR pszUrl, DWORD cchUrl,
                              BOOL fResetQueryString)
{
    iisr_context_t *ctx = context_of(This);
    HRESULT hr;

    iisr_enter(ctx);
    hr = checked_set_url(ctx, pszUrl, cchUrl, fResetQueryString);
    iisr_leave(ctx);
    return hr;
}

static HRESULT request_SetUrlW(IHttpRequest *This, PCWSTR pszUrl,
                               DWORD cchUrl, BOOL fResetQueryString)
{
    iisr_context_t *ctx = context_of(This);
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
    iisr_context_t *ctx = context_of(This);
    BOOL changed;

    iisr_enter(ctx);
    changed = ctx->request.url_changed || ctx->request.forwarded;
    iisr_leave(ctx);
    return changed;
}

static PCWSTR request_GetForwardedUrl(IHttpRequest *This)
{
    iisr_context_t *ctx = context_of(This);
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
    IHttpSite *site = context_of(This)->around.site;

    return site ? site->lpVtbl->GetSiteId(site) : 0;
}

/* --- body --------------------------------------------------------------- */

static const struct {
    apr_status_t status;
    DWORD error;
    const char *why;                    /* NULL: not worth a line */
} read_errors[] = {
    { APR_EOF, ERROR_HANDLE_EOF, NULL },
    { APR_EBUSY, ERROR_INVALID_PARAMETER, "another read is outstanding" },
    { APR_ENOTIMPL, ERROR_NOT_SUPPORTED, "not in this notification" },
    { APR_ECONNABORTED, ERROR_CONNECTION_INVALID, NULL }
};

static HRESULT read_result(iisr_context_t *ctx, apr_status_t rv)
{
    unsigned int i;

    if (rv == APR_SUCCESS) {
        return S_OK;
    }
    for (i = 0; i < sizeof(read_errors) / sizeof(read_errors[0]); i++) {
        if (read_errors[i].status == rv) {
            if (read_errors[i].why) {
                refuse(ctx, "IISR0205", 0, "ReadEntityBody",
                       read_errors[i].why);
            }
            return HRESULT_FROM_WIN32(read_errors[i].error);
        }
    }
    return HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
}

static HRESULT receive(iisr_context_t *ctx, iisr_receive_t *receive,
                       int fill)
{
    char *buffer = receive->buffer;
    DWORD room = receive->room, done = 0;
    apr_status_t rv;

    do {
        rv = iisr_request_receive(ctx, receive);
        done += receive->bytes;
        receive->buffer = buffer + done;
        receive->room = room - done;
    } while (fill && rv == APR_SUCCESS && receive->bytes && done < room);
    receive->bytes = done;
    /* What was read before the end counts; the end comes next time. */
    return read_result(ctx, done && rv == APR_EOF ? APR_SUCCESS : rv);
}

static HRESULT read_body(void *iface, iisr_receive_t *r, int fill,
                         DWORD *received, BOOL *pending)
{
    iisr_context_t *ctx = context_of(iface);
    HRESULT hr;

    r->must_complete = !pending;
    iisr_enter(ctx);
    if (!r->buffer || !r->room) {
        hr = refuse(ctx, "IISR0206", BAD_PARAMETER, "ReadEntityBody",
                    "no buffer");
    }
    else {
        hr = receive(ctx, r, fill && !r->async);
    }
    iisr_leave(ctx);
    if (received) {
        *received = r->bytes;
    }
    if (pending) {
        *pending = r->pending;
    }
    return hr;
}

static HRESULT request_ReadEntityBody(IHttpRequest *This, void *pvBuffer,
                                      DWORD cbBuffer, BOOL fAsync,
                                      DWORD *pcbBytesReceived,
                                      BOOL *pfCompletionPending)
{
    iisr_receive_t r = { .buffer = pvBuffer, .room = cbBuffer,
                         .async = fAsync };

    return read_body(This, &r, 0, pcbBytesReceived, pfCompletionPending);
}

static HRESULT request_ReadEntityBodyWithCallback(
    IHttpRequest3 *This, void *pvBuffer, DWORD cbBuffer, BOOL fAsync,
    PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext,
    DWORD *pcbBytesReceived, BOOL *pfCompletionPending)
{
    iisr_receive_t r = { .buffer = pvBuffer, .room = cbBuffer,
                         .async = fAsync, .callback = pfnCompletionCallback,
                         .baton = pvCompletionContext };

    return read_body(This, &r, 0, pcbBytesReceived, pfCompletionPending);
}

/* Not documented by IIS: HTTP.sys's flag of a receive, fill the buffer. */
static HRESULT request_ReadEntityBodyWithFlags(
    IHttpRequest4 *This, void *pvBuffer, DWORD cbBuffer, BOOL fAsync,
    ULONG ulFlags, DWORD *pcbBytesReceived, BOOL *pfCompletionPending)
{
    const ULONG flag = HTTP_RECEIVE_REQUEST_ENTITY_BODY_FLAG_FILL_BUFFER;
    iisr_receive_t r = { .buffer = pvBuffer, .room = cbBuffer,
                         .async = fAsync };

    return read_body(This, &r, (ulFlags & flag) != 0, pcbBytesReceived,
                     pfCompletionPending);
}

static HRESULT request_InsertEntityBody(IHttpRequest *This, void *pvBuffer,
                                        DWORD cbBuffer)
{
    iisr_context_t *ctx = context_of(This);
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!pvBuffer) {
        hr = refuse(ctx, "IISR0206", BAD_PARAMETER, "InsertEntityBody",
                    "no buffer");
    }
    else if (cbBuffer) {
        iisr_request_insert(ctx, pvBuffer, cbBuffer);
    }
    iisr_leave(ctx);
    return hr;
}

static DWORD request_GetRemainingEntityBytes(IHttpRequest *This)
{
    iisr_context_t *ctx = context_of(This);
    DWORD remaining;

    iisr_enter(ctx);
    remaining = iisr_request_remaining(ctx);
    iisr_leave(ctx);
    return remaining;
}

/* --- TLS ---------------------------------------------------------------- */

static HRESULT request_GetChannelBindingToken(IHttpRequest2 *This,
                                              PBYTE *ppToken,
                                              DWORD *pTokenSize)
{
    (void)This;
    if (!ppToken || !pTokenSize) {
        return BAD_PARAMETER;
    }
    *ppToken = NULL;
    *pTokenSize = 0;
    return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
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
