/* filters.c: the content filter, in and out of a request's chain.
 *
 * It stands behind what makes content and ahead of what transforms it
 * (mod_deflate, mod_headers).  There modules see httpd's own response: a
 * file, a listing, a proxied answer, an error page (adoption.h, content.h).
 * What modules write themselves passes it: OnSendResponse has seen that
 * before it entered the chain.
 */
#include <httpd.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>
#include "httpd/adoption.h"
#include "httpd/content.h"
#include "httpd/filters.h"

APLOG_USE_MODULE(iisresp);

static ap_filter_rec_t *content_filter, *top_filter;

static int is_error_bucket(apr_bucket_brigade *bb)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (AP_BUCKET_IS_ERROR(b)) {
            return 1;
        }
    }
    return 0;
}

/* Whether a brigade is of the modules' own: while they run in our handler
 * httpd makes none. */
static int is_theirs(const iisr_host_request_t *hr)
{
    return hr->answered || hr->own_pass
           || (!hr->failed && (hr->stage == IISR_STAGE_BEFORE
                               || hr->stage == IISR_STAGE_EXECUTE));
}

static int ends_response(const apr_bucket_brigade *bb)
{
    return APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb));
}

static apr_status_t content_out(ap_filter_t *f, apr_bucket_brigade *bb)
{
    iisr_host_request_t *hr = f->ctx;
    int begun = hr->begun, last;
    apr_status_t rv = APR_SUCCESS;

    if (APR_BRIGADE_EMPTY(bb) || is_theirs(hr) || is_error_bucket(bb)) {
        return ap_pass_brigade(f->next, bb);
    }
    last = ends_response(bb);
    iisr_enter(hr->ctx);
    if (hr->ctx->response.ended) {
        /* By a module, ahead of what httpd still sends. */
        apr_brigade_cleanup(bb);
    }
    else {
        if (!hr->adopted) {
            iisr_adoption_take(hr);
        }
        rv = iisr_content_pass(hr, f, bb);
    }
    if (last && begun == hr->begun) {
        ap_remove_output_filter(f);
        hr->content = NULL;
    }
    iisr_leave(hr->ctx);
    return rv;
}

/* --- a chain as it was --------------------------------------------------- */

typedef struct link_t {
    ap_filter_t *f;
    void *ctx;
} link_t;

static apr_array_header_t *chain_note(request_rec *r, ap_filter_t *first)
{
    apr_array_header_t *links = apr_array_make(r->pool, 8, sizeof(link_t));
    ap_filter_t *f;

    for (f = first; f; f = f->next) {
        link_t *link = apr_array_push(links);

        link->f = f;
        link->ctx = f->ctx;
    }
    return links;
}

static int chain_has(const apr_array_header_t *links, const ap_filter_t *f)
{
    int i;

    for (i = 0; i < links->nelts; i++) {
        if (APR_ARRAY_IDX(links, i, link_t).f == f) {
            return 1;
        }
    }
    return 0;
}

/* What has been added since goes again. */
static void chain_strip(ap_filter_t *first, const apr_array_header_t *links,
                        void (*remove_filter)(ap_filter_t *f))
{
    ap_filter_t *f, *next;

    for (f = first; f; f = next) {
        next = f->next;
        if (!chain_has(links, f)) {
            remove_filter(f);
        }
    }
}

/* --- in and out of the chain -------------------------------------------- */

static int wants_response(iisr_context_t *ctx)
{
    return iisr_pipeline_wants(ctx, IISR_EV_SEND_RESPONSE)
           || iisr_pipeline_expects(ctx, IISR_STEPS - 1)
           || ctx->response.nchunks || ctx->response.status_set
           || ctx->response.committed || ctx->response.disconnect
           || !iisr_response_headers_default(&ctx->response);
}

void iisr_filters_insert(iisr_host_request_t *hr)
{
    if (!hr->answered && !hr->content && wants_response(hr->ctx)) {
        hr->content = ap_add_output_filter_handle(content_filter, hr, hr->r,
                                                  hr->r->connection);
    }
}

void iisr_filters_step_aside(iisr_host_request_t *hr)
{
    if (hr->content) {
        ap_remove_output_filter(hr->content);
        hr->content = NULL;
    }
}

/* Input filters come when httpd inserts them for the handler. */
static void insert_output_only(iisr_host_request_t *hr)
{
    request_rec *r = hr->r;
    apr_array_header_t *before = chain_note(r, r->input_filters);

    hr->inserts_early = 1;
    ap_run_insert_filter(r);
    hr->inserts_early = 0;
    chain_strip(r->input_filters, before, ap_remove_input_filter);
}

/* As ap_invoke_handler does, to which their errors are errors of the
 * request: one that cannot begin is left out. */
void iisr_filters_insert_now(iisr_host_request_t *hr)
{
    ap_filter_t *f, *next;

    if (hr->filters_inserted) {
        return;
    }
    insert_output_only(hr);
    for (f = hr->r->output_filters; f; f = next) {
        next = f->next;
        if (f->r == hr->r && f->frec->filter_init_func
            && f->frec->filter_init_func(f) != OK) {
            ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, hr->r, "IISR0407: the "
                          "output filter %s cannot begin: the response goes "
                          "without it", f->frec->name);
            ap_remove_output_filter(f);
        }
    }
}

/* --- a head that leaves early ------------------------------------------- */

/* Filters that are in the chain when a module's head leaves ahead of the
 * handler stage have seen it; those that httpd inserts for the handler then
 * have not, and could no longer say in it what they do (Content-Encoding).
 * So the chain stays as it is, wherever httpd takes the request.  The filter
 * on its top does nothing but to be found. */
static apr_status_t top_out(ap_filter_t *f, apr_bucket_brigade *bb)
{
    return ap_pass_brigade(f->next, bb);
}

void iisr_filters_hold(iisr_host_request_t *hr)
{
    if (hr->stage > IISR_STAGE_BEFORE || hr->r->main || hr->top) {
        return;
    }
    if (hr->stage < IISR_STAGE_BEFORE) {
        iisr_filters_insert_now(hr);
    }
    hr->top = ap_add_output_filter_handle(top_filter, NULL, hr->r,
                                          hr->r->connection);
}

void iisr_filters_move(iisr_host_request_t *hr, request_rec *from)
{
    ap_filter_t *f;

    for (f = hr->top; f; f = f->next) {
        if (f->r == from) {
            f->r = hr->r;
        }
    }
    hr->r->output_filters = hr->top;
}

void iisr_filters_end_early(iisr_host_request_t *hr)
{
    request_rec *r = hr->r;
    apr_bucket_brigade *bb = apr_brigade_create(r->pool,
                                                r->connection->bucket_alloc);

    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(bb->bucket_alloc));
    hr->own_pass = 1;
    ap_pass_brigade(hr->top->next, bb);
    hr->own_pass = 0;
    hr->top = NULL;
    hr->ctx->response.ended = 1;
}

void iisr_filters_remember(iisr_host_request_t *hr)
{
    hr->chain = hr->top && hr->filters_inserted
                ? chain_note(hr->r, hr->r->output_filters) : NULL;
}

/* httpd lets them begin once more, after it has inserted its own. */
void iisr_filters_restore(iisr_host_request_t *hr)
{
    int i;

    for (i = 0; hr->chain && i < hr->chain->nelts; i++) {
        const link_t *link = &APR_ARRAY_IDX(hr->chain, i, link_t);

        link->f->ctx = link->ctx;
    }
    hr->chain = NULL;
}

void iisr_filters_inserted(iisr_host_request_t *hr)
{
    hr->filters_inserted = 1;
    if (hr->chain) {
        chain_strip(hr->r->output_filters, hr->chain, ap_remove_output_filter);
    }
}

void iisr_filters_register(void)
{
    content_filter = ap_register_output_filter("IISR_CONTENT", content_out,
                                               NULL, AP_FTYPE_CONTENT_SET - 1);
    top_filter = ap_register_output_filter("IISR_TOP", top_out, NULL,
                                           AP_FTYPE_RESOURCE - 9);
}
