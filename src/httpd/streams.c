/* streams.c: how a stream of HTTP/2 ends whose response is not whole.
 *
 * Of a stream, c->aborted does not say that its client has gone.  mod_http2
 * sets it on the connection's thread as soon as a stream is through with,
 * which a response is that was delivered, while the stream's thread is still
 * at work.  What became of a flush, its pass says: the brigade has been taken
 * (mod_http2 counts the client in before it takes more), or has not.
 *
 * A response ends with an EOS bucket, from which mod_http2 makes END_STREAM:
 * all of it was sent (RFC 9113, 8.1).  One that breaks off ends with an error
 * bucket instead, straight to the stream's own filters, from which it makes
 * RST_STREAM.  On meeting the error bucket it drops what it has not sent yet;
 * so the reset waits until what was flushed has been taken, for a moment: a
 * client that takes nothing must not hold the thread.
 */
#include <httpd.h>
#include <apr_time.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <util_filter.h>
#include "httpd/frames.h"
#include "httpd/markers.h"
#include "httpd/streams.h"

APLOG_USE_MODULE(iisresp);

/* --- until it has been taken --------------------------------------------- */

static void mark_destroy(void *data)
{
    iisr_conn_t *conn = data;

    conn->marks++;
}

/* mod_http2 drops what it does not know as it comes to it, and gives it back
 * to the stream's thread with the next that this one passes. */
static const apr_bucket_type_t mark_bucket = IISR_MARKER("IISR_MARK",
                                                         mark_destroy);

#define LOOKS 125               /* every 2 ms */

/* Two marks: at the first one, mod_http2 has taken what is ahead of it out of
 * the stream's hands; it sends that before it looks for more, and what it
 * finds then is the second. */
static void wait_until_taken(iisr_conn_t *conn, apr_bucket_brigade *bb)
{
    conn_rec *c = conn->c;
    unsigned int wanted = conn->marks;
    int looks = 0, round;

    for (round = 0; round < 2; round++) {
        APR_BRIGADE_INSERT_TAIL(bb, iisr_marker_create(&mark_bucket, conn,
                                                       c->bucket_alloc));
        wanted++;
        do {
            if (ap_pass_brigade(c->output_filters, bb) != APR_SUCCESS) {
                return;
            }
            apr_brigade_cleanup(bb);
            if (conn->marks != wanted) {
                apr_sleep(2000);
            }
        } while (conn->marks != wanted && looks++ < LOOKS && !c->aborted);
    }
}

/* --- the end ------------------------------------------------------------- */

/* Of a child request the parent's. */
static const request_rec *whose_head(const iisr_host_request_t *hr)
{
    const request_rec *r = hr->r;

    while (r->main) {
        r = r->main;
    }
    return r;
}

void iisr_stream_reset(iisr_host_request_t *hr, apr_uint32_t code)
{
    conn_rec *c = hr->r->connection;
    apr_bucket_brigade *bb = apr_brigade_create(hr->r->pool,
                                                c->bucket_alloc);

    if (!c->aborted && !hr->conn->whole) {
        if (!iisr_frames_ask(c, code)) {
            ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, hr->r, "a stream is reset "
                          "with a code of mod_http2's in place of %u", code);
        }
        if (whose_head(hr)->sent_bodyct) {
            wait_until_taken(hr->conn, bb);
        }
        /* First: what would make a page out of an error looks there. */
        c->aborted = 1;
        APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(
            HTTP_BAD_GATEWAY, NULL, hr->r->pool, c->bucket_alloc));
        ap_pass_brigade(c->output_filters, bb);
    }
    c->aborted = 1;
    apr_brigade_destroy(bb);
}

/* A head that says that nothing follows is the end; what comes behind it, and
 * be it an empty brigade, may find the stream through with. */
int iisr_stream_is_whole(const iisr_host_request_t *hr, apr_status_t rv)
{
    const request_rec *r = hr->r;

    if (r->main || !r->sent_bodyct) {
        return 0;
    }
    return AP_STATUS_IS_HEADER_ONLY(r->status)
           ? rv == APR_SUCCESS || rv == APR_ECONNABORTED
           : rv == APR_SUCCESS && hr->ctx->response.ended;
}

/* --- files --------------------------------------------------------------- */

/* mod_http2 would read them on the connection's thread, in the middle of a
 * frame: one that is too short ends all streams.  One that has a second
 * reference it reads here.  APR_EOF: too short already. */
static apr_status_t hold_files(apr_bucket_brigade *bb,
                               apr_bucket_brigade *held)
{
    apr_bucket *b, *copy;
    apr_finfo_t info;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (!APR_BUCKET_IS_FILE(b)) {
            continue;
        }
        if (apr_file_info_get(&info, APR_FINFO_SIZE,
                              ((apr_bucket_file *)b->data)->fd) == APR_SUCCESS
            && b->start + (apr_off_t)b->length > info.size) {
            return APR_EOF;
        }
        apr_bucket_copy(b, &copy);
        APR_BRIGADE_INSERT_TAIL(held, copy);
    }
    return APR_SUCCESS;
}

apr_status_t iisr_stream_pass(iisr_host_request_t *hr, ap_filter_t *top,
                              apr_bucket_brigade *bb)
{
    conn_rec *c = hr->r->connection;
    apr_bucket_brigade held;
    apr_status_t rv;

    held.p = hr->r->pool;
    held.bucket_alloc = c->bucket_alloc;
    APR_RING_INIT(&held.list, apr_bucket, link);
    rv = hold_files(bb, &held);
    if (rv != APR_SUCCESS) {
        iisr_stream_reset(hr, IISR_H2_INTERNAL_ERROR);
    }
    else if ((rv = ap_pass_brigade(top, bb)) != APR_SUCCESS) {
        /* mod_http2 resets it. */
        iisr_frames_ask(c, IISR_H2_INTERNAL_ERROR);
    }
    apr_brigade_cleanup(&held);
    apr_brigade_cleanup(bb);
    return rv;
}
