/* request_headers.c: the header methods of IHttpRequest.  What a module does
 * to a header is seen by whoever looks at the header; how the body is read
 * was decided before (request.h).
 */
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "core/headers.h"
#include "request_methods.h"

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
        return iisr_request_refuse(ctx, "IISR0201", hr, "SetHeader", why);
    }
    if (!value || !iisr_value_valid(value, length)) {
        return iisr_request_refuse(ctx, "IISR0201", BAD_PARAMETER, "SetHeader",
                                   value ? "value contains CR, LF, NUL or "
                                   "another control" : "no value");
    }
    if (!ctx->req) {
        return HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
    }
    whole = joined(ctx, name, value, length, replace);
    if (strlen(whole) > LENGTH_MAX) {
        return iisr_request_refuse(ctx, "IISR0201", BAD_DATA, "SetHeader",
                                   "value too long");
    }
    iisr_request_set_header(ctx, name, whole);
    return S_OK;
}

static HRESULT locked_set_header(void *iface, const char *name, PCSTR value,
                                 USHORT length, BOOL replace)
{
    iisr_context_t *ctx = iisr_context_from_request(iface);
    HRESULT hr;

    iisr_enter(ctx);
    hr = set_header(ctx, name, value, length, replace);
    iisr_leave(ctx);
    return hr;
}

HRESULT request_SetHeaderById(IHttpRequest *This,
                              HTTP_HEADER_ID ulHeaderIndex,
                              PCSTR pszHeaderValue,
                              USHORT cchHeaderValue, BOOL fReplace)
{
    return locked_set_header(This, name_of(ulHeaderIndex), pszHeaderValue,
                             cchHeaderValue, fReplace);
}

HRESULT request_SetHeader(IHttpRequest *This, PCSTR pszHeaderName,
                          PCSTR pszHeaderValue, USHORT cchHeaderValue,
                          BOOL fReplace)
{
    return locked_set_header(This, pszHeaderName, pszHeaderValue,
                             cchHeaderValue, fReplace);
}

static HRESULT delete_header(void *iface, const char *name)
{
    iisr_context_t *ctx = iisr_context_from_request(iface);
    const char *why;
    HRESULT hr;

    iisr_enter(ctx);
    if ((why = bad_name(name, &hr))) {
        iisr_request_refuse(ctx, "IISR0201", hr, "DeleteHeader", why);
    }
    else {
        iisr_request_set_header(ctx, name, NULL);
        hr = S_OK;
    }
    iisr_leave(ctx);
    return hr;
}

HRESULT request_DeleteHeaderById(IHttpRequest *This,
                                 HTTP_HEADER_ID ulHeaderIndex)
{
    return delete_header(This, name_of(ulHeaderIndex));
}

HRESULT request_DeleteHeader(IHttpRequest *This, PCSTR pszHeaderName)
{
    return delete_header(This, pszHeaderName);
}

static PCSTR get_header(void *iface, const char *name, USHORT *length)
{
    iisr_context_t *ctx = iisr_context_from_request(iface);
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

PCSTR request_GetHeaderById(IHttpRequest *This,
                            HTTP_HEADER_ID ulHeaderIndex,
                            USHORT *pcchHeaderValue)
{
    return get_header(This, name_of(ulHeaderIndex), pcchHeaderValue);
}

PCSTR request_GetHeader(IHttpRequest *This, PCSTR pszHeaderName,
                        USHORT *pcchHeaderValue)
{
    return get_header(This, pszHeaderName, pcchHeaderValue);
}
