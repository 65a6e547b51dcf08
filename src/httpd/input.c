/* input.c: the request body among the input filters.
 *
 * A body is raw, as HTTP_IN took it from the connection, until it has come
 * through the input filters of its place (SetInputFilter DEFLATE,
 * mod_security), and cooked from then on; it comes through them once.  What
 * a module reads ahead of the handler stage, before they are in place, is
 * raw; what it leaves or puts back of that is kept (hr->raw) for the filter
 * IISR_BODY, between them and HTTP_IN.  What is read later is cooked: it is
 * kept in the engine and in hr->body for the filter IISR_INPUT, ahead of all
 * others, where OnReadEntity sees what httpd's own handlers (CGI, a proxy)
 * read.  Raw bytes that are put back late are raw still, as long as nothing
 * cooked was read after them.
 *
 * Either filter is in the chain only where it has something to do.  What a
 * handler reads past it comes as from HTTP_IN: bytes, brigades and errors.
 * Runs on the thread that works on the request; no lock is held while other
 * filters run for a handler.
 */
#include <httpd.h>
#include <http_protocol.h>
#include <util_filter.h>
#include "httpd/input.h"

static ap_filter_rec_t *input_filter;
static ap_filter_rec_t *raw_filter;
static ap_filter_rec_t *error_filter;

/* --- where the body stands ---------------------------------------------- */

/* The discarding of a body after its request was answered is no reading. */
static int is_over(const iisr_host_request_t *hr)
{
    return hr->stage >= IISR_STAGE_REST || hr->failed
           || hr->ctx->pipeline.next > IISR_STEP(IISR_EV_LOG);
}

static int reads_raw(const iisr_host_request_t *hr)
{
    return !hr->cooked && hr->filtered != hr->r && !hr->r->main;
}

static int brigade_has(const apr_bucket_brigade *bb)
{
    return bb && !APR_BRIGADE_EMPTY(bb);
}

/* After a redirect, where reading has begun: no filter sees a byte twice. */
static request_rec *chain_of(const iisr_host_request_t *hr)
{
    return hr->cooked ? hr->cooked : hr->r;
}

/* What stands behind IISR_INPUT. */
static ap_filter_t *source(const iisr_host_request_t *hr)
{
    ap_filter_t *f = chain_of(hr)->input_filters;

    return f && f->frec == input_filter && f->ctx == hr ? f->next : f;
}

static void ensure_filter(iisr_host_request_t *hr, ap_filter_rec_t *filter,
                          request_rec *r)
{
    ap_filter_t *f = r->input_filters;

    while (f && !(f->frec == filter && f->ctx == hr)) {
        f = f->next;
    }
    if (!f) {
        ap_add_input_filter_handle(filter, hr, r, r->connection);
    }
}

static void ensure_raw(iisr_host_request_t *hr)
{
    ensure_filter(hr, raw_filter, chain_of(hr));
}

static apr_bucket_brigade *raw_brigade(iisr_host_request_t *hr)
{
    if (!hr->raw) {
        hr->raw = apr_brigade_create(hr->r->pool,
                                     hr->r->connection->bucket_alloc);
    }
    ensure_raw(hr);
    return hr->raw;
}

void iisr_input_return(iisr_host_request_t *hr)
{
    if (!brigade_has(hr->body)) {
        return;
    }
    if (reads_raw(hr)) {
        APR_BRIGADE_PREPEND(raw_brigade(hr), hr->body);
    }
    else {
        ensure_filter(hr, input_filter, hr->r);
    }
}

int iisr_input_put_back(iisr_host_request_t *hr, const void *data,
                        apr_size_t length)
{
    apr_bucket_alloc_t *list = hr->r->connection->bucket_alloc;

    hr->body_touched = 1;
    if (hr->child || hr->r->main || is_over(hr)) {
        return 0;
    }
    if (!reads_raw(hr) && !(hr->raw_read && !hr->cooked)) {
        ensure_filter(hr, input_filter, hr->r);
        return 0;
    }
    APR_BRIGADE_INSERT_HEAD(raw_brigade(hr),
                            apr_bucket_immortal_create(data, length, list));
    hr->body_ended = 0;
    hr->raw_read = 0;
    return 1;
}

/* A module's Content-Length is the handler's too.  Where httpd has not yet
 * latched how many bytes of the connection belong to this request, it finds
 * the client's words when it does (get_from_client). */
static void tell_length(iisr_host_request_t *hr)
{
    apr_table_t *headers = hr->r->headers_in;
    const apr_table_t *edits = hr->ctx->request.framing;
    const char *length = edits ? apr_table_get(edits, "Content-Length")
                               : NULL;

    if (!length || !*length || !hr->body_touched) {
        return;
    }
    if (!hr->body_latched && !hr->framed_by_module) {
        hr->framed_by_module = 1;
        hr->client_length = apr_table_get(headers, "Content-Length");
        hr->client_coding = apr_table_get(headers, "Transfer-Encoding");
        ensure_raw(hr);
    }
    apr_table_set(headers, "Content-Length", length);
    apr_table_unset(headers, "Transfer-Encoding");
}

/* A redirect inside httpd has its own filters. */
void iisr_input_follow(iisr_host_request_t *hr)
{
    if (!hr->r->main && (brigade_has(hr->raw) || hr->body_error
                         || hr->framed_by_module)) {
        ensure_raw(hr);
    }
}

void iisr_input_insert(iisr_host_request_t *hr)
{
    request_rec *r = hr->r;
    int moved = hr->cooked && hr->cooked != r;

    hr->filtered = r;
    if (hr->failed) {
        return;
    }
    tell_length(hr);
    iisr_input_follow(hr);
    if (moved || brigade_has(hr->body) || hr->ctx->request.inserted
        || (hr->body_length
            && iisr_pipeline_wants(hr->ctx, IISR_EV_READ_ENTITY))) {
        ensure_filter(hr, input_filter, r);
    }
}

void iisr_input_hand_on(iisr_host_request_t *hr)
{
    if (hr->body_touched && !hr->r->main) {
        tell_length(hr);
    }
}

/* --- IISR_BODY: ahead of HTTP_IN ---------------------------------------- */

/* At most length bytes, and what says that it was the end. */
static apr_status_t move_some(apr_bucket_brigade *to,
                              apr_bucket_brigade *from, apr_off_t length)
{
    apr_bucket *end, *b;
    apr_status_t rv = apr_brigade_partition(from, length, &end);

    if (rv != APR_SUCCESS && rv != APR_INCOMPLETE) {
        return rv;
    }
    while ((b = APR_BRIGADE_FIRST(from)) != APR_BRIGADE_SENTINEL(from)
           && (b != end || APR_BUCKET_IS_METADATA(b))) {
        if (b == end) {
            end = APR_BUCKET_NEXT(b);
        }
        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(to, b);
    }
    return APR_SUCCESS;
}

static void set_or_unset(apr_table_t *table, const char *name,
                         const char *value)
{
    if (value) {
        apr_table_setn(table, name, value);
    }
    else {
        apr_table_unset(table, name);
    }
}

static apr_status_t get_from_client(iisr_host_request_t *hr, ap_filter_t *f,
                                    apr_bucket_brigade *bb,
                                    ap_input_mode_t mode,
                                    apr_read_type_e block,
                                    apr_off_t readbytes)
{
    apr_table_t *headers = hr->r->headers_in;
    const char *length = apr_table_get(headers, "Content-Length");
    int restore = hr->framed_by_module && !hr->body_latched;
    apr_status_t rv;

    hr->body_latched = 1;
    if (restore) {
        set_or_unset(headers, "Content-Length", hr->client_length);
        set_or_unset(headers, "Transfer-Encoding", hr->client_coding);
    }
    rv = ap_get_brigade(f->next, bb, mode, block, readbytes);
    if (restore) {
        set_or_unset(headers, "Content-Length", length);
        apr_table_unset(headers, "Transfer-Encoding");
    }
    return rv;
}

/* HTTP_IN says once that it refuses a body, and a module was told: what reads
 * next hears it as HTTP_IN would have said it. */
static apr_status_t refuse_again(iisr_host_request_t *hr, ap_filter_t *f,
                                 apr_bucket_brigade *bb)
{
    request_rec *r = hr->r;

    apr_brigade_cleanup(bb);
    APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(hr->body_error, NULL,
                                        r->pool, f->c->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(f->c->bucket_alloc));
    if (r->output_filters->frec != error_filter) {
        hr->refusal_passed = 1;
    }
    return ap_pass_brigade(r->output_filters, bb);
}

static apr_status_t raw_in(ap_filter_t *f, apr_bucket_brigade *bb,
                           ap_input_mode_t mode, apr_read_type_e block,
                           apr_off_t readbytes)
{
    iisr_host_request_t *hr = f->ctx;

    if (mode != AP_MODE_READBYTES || !hr->ctx) {
        return ap_get_brigade(f->next, bb, mode, block, readbytes);
    }
    if (is_over(hr)) {
        if (hr->raw) {
            apr_brigade_cleanup(hr->raw);
        }
    }
    else if (brigade_has(hr->raw)) {
        return move_some(bb, hr->raw, readbytes);
    }
    else if (hr->body_error && !hr->refusal_passed) {
        return refuse_again(hr, f, bb);
    }
    return get_from_client(hr, f, bb, mode, block, readbytes);
}

/* --- IISR_INPUT: ahead of all others ------------------------------------ */

/* What a handler is refused is broken for modules, too. */
static apr_status_t get_cooked(iisr_host_request_t *hr, ap_filter_t *f,
                               apr_bucket_brigade *bb, apr_read_type_e block,
                               apr_off_t readbytes)
{
    ap_filter_t *from = hr->cooked && hr->cooked != f->r ? source(hr)
                                                         : f->next;
    apr_status_t rv;

    if (!hr->cooked) {
        hr->cooked = f->r;
    }
    rv = ap_get_brigade(from, bb, AP_MODE_READBYTES, block, readbytes);
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EAGAIN(rv)) {
        hr->body_broken = rv;
    }
    return rv;
}

/* Whether the engine has something to read without asking a filter: bytes, or
 * the end. */
static int is_at_hand(iisr_host_request_t *hr)
{
    apr_bucket *b;

    if (hr->ctx->request.inserted || hr->body_ended) {
        return 1;
    }
    while (brigade_has(hr->body)) {
        b = APR_BRIGADE_FIRST(hr->body);
        if (APR_BUCKET_IS_EOS(b)
            || (!APR_BUCKET_IS_METADATA(b) && b->length)) {
            return 1;
        }
        apr_bucket_delete(b);
    }
    return 0;
}

/* Bytes that modules put back, or have changed in OnReadEntity. */
static apr_status_t read_engine(iisr_host_request_t *hr,
                                apr_bucket_brigade *bb, apr_off_t readbytes)
{
    apr_size_t len = readbytes > 0 && readbytes < HUGE_STRING_LEN
                     ? (apr_size_t)readbytes : HUGE_STRING_LEN;
    char *buffer = apr_bucket_alloc(HUGE_STRING_LEN, bb->bucket_alloc);
    apr_status_t rv;

    iisr_enter(hr->ctx);
    rv = iisr_request_entity(hr->ctx, buffer, &len, 0);
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

static apr_status_t input_in(ap_filter_t *f, apr_bucket_brigade *bb,
                             ap_input_mode_t mode, apr_read_type_e block,
                             apr_off_t readbytes)
{
    iisr_host_request_t *hr = f->ctx;
    apr_status_t rv;

    if (mode != AP_MODE_READBYTES || !hr->ctx || is_over(hr)) {
        return ap_get_brigade(f->next, bb, mode, block, readbytes);
    }
    if (!iisr_pipeline_wants(hr->ctx, IISR_EV_READ_ENTITY)) {
        return hr->ctx->request.inserted || (hr->cooked && hr->body_ended)
               ? read_engine(hr, bb, readbytes)
               : brigade_has(hr->body) ? move_some(bb, hr->body, readbytes)
               : get_cooked(hr, f, bb, block, readbytes);
    }
    if (!is_at_hand(hr)) {
        if ((rv = get_cooked(hr, f, bb, block, readbytes))) {
            return rv;
        }
        if (!hr->body) {
            hr->body = apr_brigade_create(hr->r->pool, bb->bucket_alloc);
        }
        APR_BRIGADE_CONCAT(hr->body, bb);
    }
    return is_at_hand(hr) ? read_engine(hr, bb, readbytes) : APR_SUCCESS;
}

/* --- a module reads ----------------------------------------------------- */

/* HTTP_IN answers a broken or too large body itself, with an error bucket for
 * the response's filters.  Where a module reads it is to hear of it first,
 * and to say what the client hears: the bucket ends here. */
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
    int latches = !brigade_has(hr->raw);
    apr_status_t rv;

    iisr_input_follow(hr);
    hr->body_touched = 1;
    if (reads_raw(hr)) {
        hr->raw_read = 1;
    }
    else if (!hr->cooked) {
        hr->cooked = r;
    }
    r->output_filters = &guard;
    rv = ap_get_brigade(source(hr), bb, AP_MODE_READBYTES,
                        block ? APR_BLOCK_READ : APR_NONBLOCK_READ, 8192);
    r->output_filters = chain;
    hr->body_latched |= latches;
    if (*status && !r->main) {
        ensure_raw(hr);
    }
    return rv;
}

void iisr_input_register(void)
{
    input_filter = ap_register_input_filter("IISR_INPUT", input_in, NULL,
                                            AP_FTYPE_RESOURCE - 5);
    raw_filter = ap_register_input_filter("IISR_BODY", raw_in, NULL,
                                          AP_FTYPE_PROTOCOL - 1);
    error_filter = ap_register_output_filter("IISR_BODY_ERROR", error_out,
                                             NULL, AP_FTYPE_RESOURCE);
}
