/* entrance.c: where our brigades enter httpd's output filters.
 *
 * Once the head has left, three of httpd's own filters stand first in most
 * chains, and a brigade costs them more than it has to.  CONTENT_LENGTH only
 * counts by then, and sends an empty second brigade after each FLUSH through
 * all that is below it.  HTTP_OUTERROR looks for error buckets.  CHUNK prints
 * the length with snprintf.  Where one of them would be next, what it would
 * do with data and a FLUSH is done here, and the brigade passed to what
 * follows: two calls instead of eight between a module and writev.  The end
 * of a body is left to them.
 *
 * Nothing that does something is skipped: a filter is passed by only where it
 * is httpd's own (its handle tells), the next in the chain, and in a state in
 * which its source has no other effect on data of known length and a FLUSH.
 */
#include <httpd.h>
#include <http_core.h>
#include <mod_core.h>
#include <util_filter.h>
#include "httpd/entrance.h"

/* What modules write goes through all filters of the request; what they make
 * of httpd's content goes on from where that was shown. */
static ap_filter_t *output_of(const iisr_host_request_t *hr)
{
    ap_filter_t *top = hr->on_show && hr->content ? hr->content->next
                                                  : hr->r->output_filters;

    /* Our own filter lets it pass. */
    return top == hr->content ? top->next : top;
}

/* Whether a brigade is data of known lengths, *bytes of it, and a FLUSH. */
static int is_plain_flush(const apr_bucket_brigade *bb, apr_off_t *bytes)
{
    const apr_bucket *b;

    *bytes = 0;
    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (APR_BUCKET_IS_METADATA(b) || b->length == (apr_size_t)-1) {
            return APR_BUCKET_IS_FLUSH(b) && b == APR_BRIGADE_LAST(bb);
        }
        *bytes += b->length;
    }
    return 0;
}

/* CR, LF and the digits ahead of them; their first. */
static char *write_size(char *end, apr_uint64_t size)
{
    *--end = '\n';
    *--end = '\r';
    do {
        *--end = "0123456789abcdef"[size & 15];
    } while (size >>= 4);
    return end;
}

/* The data becomes one chunk, in front of its FLUSH. */
static void make_chunk(iisr_host_request_t *hr, apr_bucket_brigade *bb,
                       apr_off_t bytes)
{
    apr_bucket_alloc_t *list = bb->bucket_alloc;
    char *end = hr->chunk_size + sizeof(hr->chunk_size);
    char *size = write_size(end, bytes);

    APR_BRIGADE_INSERT_HEAD(bb, apr_bucket_transient_create(size, end - size,
                                                            list));
    APR_BUCKET_INSERT_BEFORE(APR_BRIGADE_LAST(bb),
                             apr_bucket_immortal_create("\r\n", 2, list));
}

/* Keeps what data passes from it after an EOC bucket, and from that on the
 * connection does not stay. */
static int lets_pass(const ap_filter_t *f, const conn_rec *c)
{
    return f->frec == ap_http_outerror_filter_handle
           && c->keepalive != AP_CONN_CLOSE;
}

ap_filter_t *iisr_entrance(iisr_host_request_t *hr, apr_bucket_brigade *bb)
{
    ap_filter_t *top = output_of(hr);
    apr_off_t bytes;

    if (top->r != hr->r || !is_plain_flush(bb, &bytes)) {
        return top;
    }
    /* With a context it has seen a first brigade. */
    if (top->frec == ap_content_length_filter_handle && top->ctx) {
        hr->r->bytes_sent += bytes;
        top = top->next;
    }
    if (lets_pass(top, hr->r->connection)) {
        top = top->next;
    }
    /* With a context it has seen an error. */
    if (top->frec == ap_chunk_filter_handle && !top->ctx) {
        if (bytes) {
            make_chunk(hr, bb, bytes);
        }
        top = top->next;
    }
    return top;
}
