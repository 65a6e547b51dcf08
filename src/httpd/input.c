/* input.c: the input filter: what httpd's own handlers (a proxy, CGI) read
 * of the request body.
 *
 * They get what modules inserted, then what modules left of the client's
 * body, and OnReadEntity sees it on its way, as when a module reads.  It is
 * in the chain only where a module has touched the body or wants to see it.
 * Runs on the thread that works on the request; never during the discarding
 * of a body that nobody wants.
 */
#include <httpd.h>
#include <http_protocol.h>
#include <util_filter.h>
#include "httpd/input.h"

static ap_filter_rec_t *input_filter;
static ap_filter_rec_t *error_filter;

/* The discarding of a body after its request was answered is no reading. */
static int is_over(const iisr_host_request_t *hr)
{
    return hr->stage >= IISR_STAGE_REST
           || hr->ctx->pipeline.next > IISR_STEP(IISR_EV_LOG);
}

static apr_status_t input_in(ap_filter_t *f, apr_bucket_brigade *bb,
                             ap_input_mode_t mode, apr_read_type_e block,
                             apr_off_t readbytes)
{
    iisr_host_request_t *hr = f->ctx;
    apr_size_t len = readbytes > 0 && readbytes < HUGE_STRING_LEN
                     ? (apr_size_t)readbytes : HUGE_STRING_LEN;
    apr_status_t rv;
    char *buffer;

    if (mode != AP_MODE_READBYTES || !hr->ctx || is_over(hr)) {
        return ap_get_brigade(f->next, bb, mode, block, readbytes);
    }
    buffer = apr_bucket_alloc(HUGE_STRING_LEN, bb->bucket_alloc);
    iisr_enter(hr->ctx);
    rv = iisr_request_entity(hr->ctx, buffer, &len,
                             block == APR_BLOCK_READ);
    iisr_leave(hr->ctx);
    if (rv == APR_SUCCESS) {
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_heap_create(buffer, len,
                                        apr_bucket_free, bb->bucket_alloc));
        return APR_SUCCESS;
    }
    apr_bucket_free(buffer);
    if (rv == APR_EOF) {
        APR_BRIGADE_INSERT_TAIL(bb,
                                apr_bucket_eos_create(bb->bucket_alloc));
        return APR_SUCCESS;
    }
    return rv;
}

/* A module's Content-Length is the handler's too, once httpd has latched how
 * many bytes of the connection belong to this request. */
static void tell_length(iisr_host_request_t *hr)
{
    const apr_table_t *edits = hr->ctx->request.framing;
    const char *length = edits ? apr_table_get(edits, "Content-Length")
                               : NULL;

    if (length && *length && hr->body) {
        apr_table_set(hr->r->headers_in, "Content-Length", length);
        apr_table_unset(hr->r->headers_in, "Transfer-Encoding");
    }
}

void iisr_input_insert(iisr_host_request_t *hr)
{
    request_rec *r = hr->r;
    int touched = hr->body || hr->ctx->request.inserted;

    if (hr->input && hr->input->r == r) {
        return;
    }
    if (touched || (hr->body_length
                    && iisr_pipeline_wants(hr->ctx, IISR_EV_READ_ENTITY))) {
        tell_length(hr);
        hr->input = ap_add_input_filter_handle(input_filter, hr, r,
                                               r->connection);
    }
}

static ap_filter_t *source(const iisr_host_request_t *hr)
{
    return hr->input && hr->input->r == hr->r ? hr->input->next
                                              : hr->r->input_filters;
}

/* HTTP_IN answers a broken or too large body itself, with an error bucket for
 * the response's filters.  Ours would wait for the lock that its reader
 * holds, and the module is to hear of it first: the bucket ends here. */
static apr_status_t error_out(ap_filter_t *f, apr_bucket_brigade *bb)
{
    int *status = f->ctx;
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (AP_BUCKET_IS_ERROR(b)) {
            *status = ((ap_bucket_error *)b->data)->status;
        }
    }
    apr_brigade_cleanup(bb);
    return AP_FILTER_ERROR;
}

apr_status_t iisr_input_get(iisr_host_request_t *hr, apr_bucket_brigade *bb,
                            int block, int *status)
{
    request_rec *r = hr->r;
    ap_filter_t *chain = r->output_filters;
    /* Without a request: an end that stops here is not the response's. */
    ap_filter_t guard = { .frec = error_filter, .ctx = status,
                          .c = r->connection };
    apr_status_t rv;

    r->output_filters = &guard;
    rv = ap_get_brigade(source(hr), bb, AP_MODE_READBYTES,
                        block ? APR_BLOCK_READ : APR_NONBLOCK_READ, 8192);
    r->output_filters = chain;
    return rv;
}

void iisr_input_register(void)
{
    input_filter = ap_register_input_filter("IISR_INPUT", input_in, NULL,
                                            AP_FTYPE_RESOURCE);
    error_filter = ap_register_output_filter("IISR_BODY_ERROR", error_out,
                                             NULL, AP_FTYPE_RESOURCE);
}
