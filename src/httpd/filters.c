/* filters.c: the content filter.
 *
 * It stands behind what makes content and ahead of what transforms it
 * (mod_deflate, mod_headers).  httpd's own response (a file, a listing, a
 * proxied answer, an error page) is taken over into the engine's response:
 * status, headers, and content as memory and file-handle chunks.  Modules
 * see it in OnSendResponse, and what they make of it is passed on.  At its
 * end the notifications that follow the handler run, on a normal stack.
 */
#include <httpd.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>
#include "core/flush.h"
#include "core/headers.h"
#include "httpd/drive.h"
#include "httpd/filters.h"

APLOG_USE_MODULE(iisresp);

static ap_filter_rec_t *content_filter;

/* --- taking over httpd's response --------------------------------------- */

/* before: what modules had set, which stands, but for a cookie beside a
 * cookie; NULL: nothing.  A module may write into a value; the names are
 * httpd's, and no longer there once the context is closed. */
static void adopt_fields(iisr_response_t *res, const apr_table_t *httpds,
                         const apr_table_t *before)
{
    const apr_array_header_t *fields = apr_table_elts(httpds);
    int i;

    for (i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *field = &APR_ARRAY_IDX(fields, i,
                                                        apr_table_entry_t);

        if ((!before || iisr_header_stands_alone(field->key)
             || !apr_table_get(before, field->key))
            && !iisr_header_is(field->key, "Content-Length")) {
            apr_table_addn(res->headers, field->key,
                           apr_pstrdup(res->pool, field->val));
        }
    }
}

static void adopt_headers(iisr_host_request_t *hr)
{
    request_rec *r = hr->r;
    iisr_response_t *res = &hr->ctx->response;
    const apr_table_t *before = NULL;

    if (!iisr_response_headers_default(res)
        || apr_table_get(r->headers_out, "Server")
        || apr_table_get(r->err_headers_out, "Server")) {
        if (apr_table_get(r->headers_out, "Server")
            && apr_table_get(res->headers, "Server") == res->banner) {
            /* The origin's, behind a proxy. */
            apr_table_unset(res->headers, "Server");
        }
        before = apr_table_copy(res->pool, res->headers);
    }
    adopt_fields(res, r->headers_out, before);
    adopt_fields(res, r->err_headers_out, before);
    if (r->content_type
        && (!before || !apr_table_get(before, "Content-Type"))) {
        apr_table_set(res->headers, "Content-Type",
                      ap_make_content_type(r, r->content_type));
    }
    iisr_response_headers_changed(res);
}

static void adopt_head(iisr_host_request_t *hr)
{
    request_rec *r = hr->r;
    iisr_response_t *res = &hr->ctx->response;

    hr->adopted = 1;
    adopt_headers(hr);
    if (!res->status_set && res->status != r->status) {
        iisr_response_set_status(res, r->status, NULL, 0);
        res->status_set = 0;
    }
    if (r->status >= 400) {
        iisr_response_clear_entity(res);
    }
    res->touched = 0;
}

/* Set aside: it may have to wait for the next brigade. */
static apr_status_t adopt_file(iisr_host_request_t *hr, apr_bucket *b)
{
    apr_status_t rv = apr_bucket_setaside(b, hr->r->pool);

    return rv == APR_SUCCESS
           ? iisr_response_append_bucket(&hr->ctx->response, b) : rv;
}

static apr_status_t adopt_memory(iisr_response_t *res, apr_bucket *b)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    const char *data;
    apr_size_t len;
    apr_uint64_t bytes;
    apr_status_t rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    chunk.FromMemory.pBuffer = (PVOID)data;
    chunk.FromMemory.BufferLength = len;
    rv = iisr_response_append(res, &chunk, 1, &bytes);
    apr_bucket_delete(b);
    return rv;
}

/* One bucket out of the brigade, into the response.  *send: what was gathered
 * leaves now. */
static apr_status_t adopt_bucket(iisr_host_request_t *hr, apr_bucket *b,
                                 int *send, int *last)
{
    iisr_response_t *res = &hr->ctx->response;
    apr_status_t rv = APR_SUCCESS;

    if (APR_BUCKET_IS_METADATA(b)) {
        *last = APR_BUCKET_IS_EOS(b);
        *send = *last || APR_BUCKET_IS_FLUSH(b);
        apr_bucket_delete(b);
        return APR_SUCCESS;
    }
    rv = APR_BUCKET_IS_FILE(b) ? adopt_file(hr, b) : APR_ENOTIMPL;
    if (rv == APR_ENOTIMPL) {
        rv = adopt_memory(res, b);
    }
    *send = res->buffered > hr->ctx->settings.buffer_limit;
    return rv;
}

static apr_status_t send_adopted(iisr_host_request_t *hr, int last)
{
    iisr_flush_t flush = { .more = !last };

    if (last) {
        iisr_drive_rest(hr, 0);
    }
    if (hr->ctx->response.ended) {
        return APR_SUCCESS;
    }
    return iisr_flush(hr->ctx, &flush);
}

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

static apr_status_t content_out(ap_filter_t *f, apr_bucket_brigade *bb)
{
    iisr_host_request_t *hr = f->ctx;
    apr_status_t rv = APR_SUCCESS;
    int last = 0;

    if (hr->answered || is_error_bucket(bb)) {
        ap_remove_output_filter(f);
        return ap_pass_brigade(f->next, bb);
    }
    hr->content = f;
    iisr_enter(hr->ctx);
    if (!hr->adopted) {
        adopt_head(hr);
    }
    while (rv == APR_SUCCESS && !last && !APR_BRIGADE_EMPTY(bb)) {
        int send = 0;

        rv = adopt_bucket(hr, APR_BRIGADE_FIRST(bb), &send, &last);
        if (rv == APR_SUCCESS && send) {
            rv = send_adopted(hr, last);
        }
    }
    iisr_leave(hr->ctx);
    if (last) {
        ap_remove_output_filter(f);
        hr->content = NULL;
    }
    apr_brigade_cleanup(bb);
    return rv;
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

void iisr_filters_insert_early(iisr_host_request_t *hr)
{
    if (!hr->filters_inserted) {
        hr->filters_inserted = 1;
        hr->answered = 1;
        ap_run_insert_filter(hr->r);
    }
}

void iisr_filters_register(void)
{
    content_filter = ap_register_output_filter("IISR_CONTENT", content_out,
                                               NULL, AP_FTYPE_CONTENT_SET - 1);
}
