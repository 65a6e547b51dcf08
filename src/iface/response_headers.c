/* response_headers.c: the header methods of IHttpResponse. */
#include <string.h>
#include <apr_strings.h>
#include "headers.h"
#include "response_methods.h"

/* known: the name is one of ours. */
static HRESULT check_header(iisr_context_t *ctx, const char *name, int known,
                            PCSTR value, USHORT length)
{
    if (!name || !value) {
        return iisr_response_refuse(ctx, "IISR0102", "SetHeader", name ? "the "
                                    "value is NULL" : "unknown id or NULL "
                                    "name", BAD_PARAMETER);
    }
    if (!known && (strlen(name) > 65535
                   || !iisr_token_valid(name, strlen(name)))) {
        return iisr_response_refuse(ctx, "IISR0103", "SetHeader", "the name "
                                    "is no token", BAD_PARAMETER);
    }
    if (!iisr_value_valid(value, length)) {
        return iisr_response_refuse(ctx, "IISR0104", "SetHeader", "the value "
                                    "has CR, LF, NUL or other control "
                                    "characters", BAD_DATA);
    }
    return S_OK;
}

/* append: what the caller's fReplace says, but see Server. */
static HRESULT set_header(IHttpResponse *This, const char *name, int known,
                          PCSTR value, USHORT length, BOOL fReplace)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    iisr_response_t *res = &ctx->response;
    HRESULT hr;

    hr = check_header(ctx, name, known, value, length);
    if (SUCCEEDED(hr)) {
        const char *old = fReplace ? NULL
                                   : apr_table_get(res->headers, name);

        if (old && strlen(old) + length + 2 > 65535) {
            hr = iisr_response_refuse(ctx, "IISR0105", "SetHeader",
                                      "appended, the value is longer than "
                                      "65,535 bytes", BAD_DATA);
        }
        else {
            iisr_header_put(res->headers,
                            known ? name : apr_pstrdup(res->pool, name),
                            value, length, fReplace);
            iisr_response_headers_changed(res);
        }
    }
    iisr_leave(ctx);
    return hr;
}

HRESULT response_SetHeader(IHttpResponse *This, PCSTR pszHeaderName,
                           PCSTR pszHeaderValue, USHORT cchHeaderValue,
                           BOOL fReplace)
{
    return set_header(This, pszHeaderName, 0, pszHeaderValue, cchHeaderValue,
                      fReplace);
}

HRESULT response_SetHeaderById(IHttpResponse *This,
                               HTTP_HEADER_ID ulHeaderIndex,
                               PCSTR pszHeaderValue,
                               USHORT cchHeaderValue, BOOL fReplace)
{
    /* "IHttpResponse::SetHeader Method": by id, Server is appended to. */
    return set_header(This, iisr_response_header_name(ulHeaderIndex), 1,
                      pszHeaderValue, cchHeaderValue,
                      fReplace && ulHeaderIndex != HttpHeaderServer);
}

static HRESULT delete_header(IHttpResponse *This, const char *name)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    HRESULT hr = S_OK;

    if (!name) {
        hr = iisr_response_refuse(ctx, "IISR0102", "DeleteHeader", "unknown "
                                  "id or NULL name", BAD_PARAMETER);
    }
    else {
        apr_table_unset(ctx->response.headers, name);
        iisr_response_headers_changed(&ctx->response);
    }
    iisr_leave(ctx);
    return hr;
}

HRESULT response_DeleteHeader(IHttpResponse *This, PCSTR pszHeaderName)
{
    return delete_header(This, pszHeaderName);
}

HRESULT response_DeleteHeaderById(IHttpResponse *This,
                                  HTTP_HEADER_ID ulHeaderIndex)
{
    return delete_header(This, iisr_response_header_name(ulHeaderIndex));
}

/* The table's own copy: a module may write a NUL into it. */
static PCSTR get_header(IHttpResponse *This, const char *name, USHORT *pcch)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    const char *value;

    value = name ? apr_table_get(ctx->response.headers, name) : NULL;
    GIVE(pcch, value ? strlen(value) : 0);
    iisr_leave(ctx);
    return value;
}

PCSTR response_GetHeader(IHttpResponse *This, PCSTR pszHeaderName,
                         USHORT *pcchHeaderValue)
{
    return get_header(This, pszHeaderName, pcchHeaderValue);
}

PCSTR response_GetHeaderById(IHttpResponse *This,
                             HTTP_HEADER_ID ulHeaderIndex,
                             USHORT *pcchHeaderValue)
{
    return get_header(This, iisr_response_header_name(ulHeaderIndex),
                      pcchHeaderValue);
}
