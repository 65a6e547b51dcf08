/* trailers.c: fields after the body.  mod_http2 sends r->trailers_out by
 * itself; for HTTP/1.1 this filter, below httpd's chunking one, puts them
 * into the last chunk.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>
#include <util_filter.h>
#include "httpd/trailers.h"

APLOG_USE_MODULE(iisresp);

static ap_filter_rec_t *trailers_filter, *open_filter;

static const char last_chunk[] = "0\r\n\r\n";
#define LAST_CHUNK (sizeof(last_chunk) - 1)

static int add_field(void *data, const char *name, const char *value)
{
    apr_bucket_brigade *bb = data;

    return apr_brigade_putstrs(bb, NULL, NULL, name, ": ", value, "\r\n",
                               NULL) == APR_SUCCESS;
}

static int is_last_chunk(apr_bucket *b)
{
    const char *text;
    apr_size_t length;

    return !APR_BUCKET_IS_METADATA(b) && b->length == LAST_CHUNK
           && apr_bucket_read(b, &text, &length, APR_BLOCK_READ)
              == APR_SUCCESS
           && length == LAST_CHUNK && !memcmp(text, last_chunk, LAST_CHUNK);
}

/* The bucket ahead of the end; "0 CRLF CRLF" of the body's own is followed
 * by the CRLF of its chunk. */
static apr_bucket *find_last_chunk(apr_bucket_brigade *bb)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_LAST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_PREV(b)) {
        if (!APR_BUCKET_IS_METADATA(b)) {
            return is_last_chunk(b) ? b : NULL;
        }
    }
    return NULL;
}

static apr_status_t put_trailers(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    apr_bucket *last = find_last_chunk(bb);
    apr_bucket_brigade *fields;
    apr_bucket *b;

    if (!last) {
        return ap_pass_brigade(f->next, bb);
    }
    /* Between "0 CRLF" and the last CRLF. */
    apr_bucket_split(last, LAST_CHUNK - 2);
    fields = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_table_do(add_field, fields, r->trailers_out, NULL);
    while (!APR_BRIGADE_EMPTY(fields)) {
        b = APR_BRIGADE_LAST(fields);
        APR_BUCKET_REMOVE(b);
        APR_BUCKET_INSERT_AFTER(last, b);
    }
    apr_brigade_destroy(fields);
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

/* In the place of CONTENT_LENGTH, which also counts for the log, and which
 * what is passed in pieces may enter by. */
static apr_status_t count_bytes(ap_filter_t *f, apr_bucket_brigade *bb)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (b->length != (apr_size_t)-1) {
            f->r->bytes_sent += b->length;
        }
    }
    return ap_pass_brigade(f->next, bb);
}

/* httpd would find out the length of a body that comes in one piece. */
void iisr_trailers_keep_open(request_rec *r)
{
    ap_filter_t *f;

    for (f = r->output_filters; f; f = f->next) {
        if (!strcasecmp(f->frec->name, "CONTENT_LENGTH")) {
            ap_remove_output_filter(f);
            ap_add_output_filter_handle(open_filter, NULL, r, r->connection);
            return;
        }
    }
}

void iisr_trailers_set(iisr_host_request_t *hr, const apr_table_t *trailers)
{
    request_rec *r = hr->r;

    r->trailers_out = apr_table_clone(r->pool, trailers);
    if (!r->connection->master && r->proto_num == HTTP_VERSION(1, 1)) {
        ap_add_output_filter_handle(trailers_filter, NULL, r, r->connection);
    }
}

void iisr_trailers_register(void)
{
    trailers_filter = ap_register_output_filter("IISR_TRAILERS",
                                                put_trailers, NULL,
                                                AP_FTYPE_TRANSCODE + 5);
    open_filter = ap_register_output_filter("IISR_OPEN", count_bytes, NULL,
                                            AP_FTYPE_PROTOCOL - 1);
}
