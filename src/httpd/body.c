/* body.c: the client's body, as the engine reads it.
 *
 * Its framing is latched: HTTP_IN reads Transfer-Encoding and
 * Content-Length from headers_in when it is first called.  The engine keeps
 * edits of such fields to itself (core/request.c) until that was done
 * (input.c).
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <util_filter.h>
#include "httpd/body.h"
#include "httpd/input.h"

apr_int64_t iisr_body_length(const request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    if (apr_table_get(r->headers_in, "Transfer-Encoding")) {
        return -1;
    }
    return length ? apr_atoi64(length) : 0;
}

/* A non-blocking read sends no 100 Continue by itself, and no body comes
 * without it. */
static void invite_body(request_rec *r)
{
    int status = r->status;

    if (r->expecting_100 && r->proto_num >= HTTP_VERSION(1, 1)
        && !r->eos_sent && !r->bytes_sent && ap_is_HTTP_SUCCESS(status)) {
        r->status = HTTP_CONTINUE;
        ap_send_interim_response(r, 0);
        r->status = status;
        r->expecting_100 = 0;
    }
}

static apr_status_t fill_body(iisr_host_request_t *hr, int block)
{
    request_rec *r = hr->r;
    apr_status_t rv;

    if (!hr->body) {
        hr->body = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    }
    if (hr->body_broken && !(hr->raw && !APR_BRIGADE_EMPTY(hr->raw))) {
        return hr->body_broken;
    }
    if (!block) {
        invite_body(r);
    }
    do {
        rv = iisr_input_get(hr, hr->body, block, &hr->body_error);
    } while (rv == APR_SUCCESS && block && APR_BRIGADE_EMPTY(hr->body));
    if (rv == APR_SUCCESS && APR_BRIGADE_EMPTY(hr->body)) {
        rv = APR_EAGAIN;
    }
    return rv;
}

/* The next bucket with data, or NULL and why. */
static apr_bucket *body_bucket(iisr_host_request_t *hr, int block,
                               apr_status_t *rv)
{
    apr_bucket *b;

    *rv = APR_SUCCESS;
    while (!hr->body_ended) {
        if (!hr->body || APR_BRIGADE_EMPTY(hr->body)) {
            if ((*rv = fill_body(hr, block))) {
                return NULL;
            }
        }
        b = APR_BRIGADE_FIRST(hr->body);
        if (APR_BUCKET_IS_EOS(b)) {
            /* Over HTTP/2 there are two. */
            hr->body_ended = 1;
            apr_brigade_cleanup(hr->body);
            break;
        }
        if (!APR_BUCKET_IS_METADATA(b) && b->length) {
            return b;
        }
        apr_bucket_delete(b);
    }
    *rv = APR_EOF;
    return NULL;
}

/* What httpd says to a body that it refuses (400, 413), unless the module
 * that was told of it says something else. */
static void answer_refused_body(iisr_host_request_t *hr, int status)
{
    iisr_response_t *res = &hr->ctx->response;

    if (status && !res->committed && !res->touched && !res->status_set) {
        iisr_response_set_status(res, status, NULL, 0);
    }
}

apr_status_t iisr_body_read(iisr_host_request_t *hr, char *buffer,
                            apr_size_t *len, int block)
{
    iisr_host_request_t *owner = hr->body_of ? hr->body_of : hr;
    apr_size_t room = *len, n;
    const char *data;
    apr_status_t rv;
    apr_bucket *b = body_bucket(owner, block, &rv);

    *len = 0;
    if (!b) {
        if (!APR_STATUS_IS_EAGAIN(rv) && !APR_STATUS_IS_EOF(rv)) {
            owner->body_broken = rv;
        }
        answer_refused_body(hr, owner->body_error);
        return rv;
    }
    if ((rv = apr_bucket_read(b, &data, &n, APR_BLOCK_READ))) {
        return rv;
    }
    if (n > room) {
        apr_bucket_split(b, room);
        n = room;
    }
    memcpy(buffer, data, n);
    apr_bucket_delete(b);
    iisr_input_return(owner);
    *len = n;
    return APR_SUCCESS;
}
