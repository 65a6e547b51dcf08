/* response_extra.c: phrases, escaping, refusals. */
#include <stdlib.h>
#include <apr_atomic.h>
#include <apr_escape.h>
#include "response_extra.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 100, "Continue" }, { 101, "Switching Protocols" }, { 200, "OK" },
    { 201, "Created" }, { 202, "Accepted" },
    { 203, "Non-Authoritative Information" }, { 204, "No Content" },
    { 205, "Reset Content" }, { 206, "Partial Content" },
    { 300, "Multiple Choices" }, { 301, "Moved Permanently" },
    { 302, "Found" }, { 303, "See Other" }, { 304, "Not Modified" },
    { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
    { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
    { 404, "Not Found" }, { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" }, { 408, "Request Timeout" },
    { 409, "Conflict" }, { 410, "Gone" }, { 411, "Length Required" },
    { 412, "Precondition Failed" }, { 413, "Request Entity Too Large" },
    { 414, "Request-URI Too Long" }, { 415, "Unsupported Media Type" },
    { 416, "Requested Range Not Satisfiable" },
    { 417, "Expectation Failed" }, { 429, "Too Many Requests" },
    { 451, "Unavailable For Legal Reasons" },
    { 500, "Internal Server Error" }, { 501, "Not Implemented" },
    { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" }
};

const char *iisr_status_reason(int status)
{
    size_t i;

    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "";
}

const char *iisr_html_escape(apr_pool_t *pool, const char *text)
{
    return apr_pescape_entity(pool, text, 0);
}

HRESULT iisr_refuse_once(iisr_context_t *ctx, iisr_once_e what, HRESULT hr)
{
    static const struct {
        const char *id;
        const char *text;
    } words[IISR_ONCES] = {
        { "IISR0121", "IHttpResponse3::PushPromise: only GET, and only with "
                      "HTTP/2" },
        { "IISR0122", "IHttpResponse4::SetTrailer: the head has left and "
                      "allows no trailers" },
        { "IISR0123", "IHttpResponse::SuppressHeaders: HTTP/2 has no response "
                      "without a head" },
        { "IISR0124", "IHttpResponse::SetNeedDisconnect: an HTTP/2 connection "
                      "stays for its other streams" }
    };
    static volatile apr_uint32_t said[IISR_ONCES];

    if (!apr_atomic_xchg32(&said[what], 1)) {
        iisr_enter(ctx);
        ctx->host->log(ctx->req, IISR_LOG_WARNING, words[what].id,
                       "%s: 0x%08X (said once)", words[what].text,
                       (unsigned int)hr);
        iisr_leave(ctx);
    }
    return hr;
}
