/* capture.c: what a child request answers, caught at the end of its own
 * filters.
 *
 * It becomes the parent's response as it comes, head first, unless the parent
 * wants to read it (EXECUTE_FLAG_BUFFER_RESPONSE).  A flush of the child is
 * one of the parent; so is a wait of httpd's own handlers for more to come.
 * The request's own thread; lock order: child, then parent.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <apr_portable.h>
#include "core/flush.h"
#include "core/headers.h"
#include "httpd/capture.h"

static ap_filter_rec_t *capture_filter;

/* --- the head and the body ---------------------------------------------- */

static int copy_header(void *data, const char *name, const char *value)
{
    iisr_response_t *res = data;

    if (!iisr_header_hop_by_hop(name)) {
        iisr_header_put(res->headers, apr_pstrdup(res->pool, name), value,
                        strlen(value), strcasecmp(name, "Set-Cookie"));
    }
    return 1;
}

/* Lock of the response's context held. */
static void copy_head(iisr_response_t *res, request_rec *sub)
{
    iisr_response_set_status(res, sub->status, NULL, 0);
    apr_table_do(copy_header, res, sub->headers_out, NULL);
    apr_table_do(copy_header, res, sub->err_headers_out, NULL);
    if (sub->content_type) {
        copy_header(res, "Content-Type", sub->content_type);
    }
    iisr_response_headers_changed(res);
    res->touched = 1;
}

void iisr_capture_head(iisr_child_t *child)
{
    iisr_context_t *ctx = child->parent->ctx;
    DWORD flags = child->execution->flags;

    if (child->head_taken || (flags & EXECUTE_FLAG_BUFFER_RESPONSE)) {
        return;
    }
    child->head_taken = 1;
    iisr_enter(ctx);
    if (!(flags & EXECUTE_FLAG_NO_HEADERS) && !ctx->response.committed) {
        copy_head(&ctx->response, child->sub);
        if (flags & EXECUTE_FLAG_DISABLE_CUSTOM_ERROR) {
            ctx->response.skip_custom_errors = 1;
        }
    }
    iisr_leave(ctx);
}

/* What the parent has so far leaves, its head at least.  Where it cannot now
 * (an asynchronous flush of its own is under way, it has ended) it stays for
 * later. */
static apr_status_t flush_parent(iisr_child_t *child)
{
    iisr_context_t *ctx = child->parent->ctx;
    iisr_response_t *res = &ctx->response;
    iisr_flush_t flush = { .more = 1 };
    apr_status_t rv = APR_SUCCESS;

    iisr_enter(ctx);
    if (!res->ended && (res->nchunks || !res->committed)) {
        rv = iisr_flush(ctx, &flush);
    }
    iisr_leave(ctx);
    return rv == APR_EBUSY || rv == APR_EINVAL || rv == APR_ENOTIMPL
           ? APR_SUCCESS : rv;
}

/* A script's output comes when it comes: nothing waits for it here. */
static apr_status_t read_next(iisr_child_t *child, apr_bucket *b, int buffer)
{
    const char *data;
    apr_size_t length;
    apr_status_t rv;

    if (b->length != (apr_size_t)-1 || buffer) {
        return APR_SUCCESS;
    }
    rv = apr_bucket_read(b, &data, &length, APR_NONBLOCK_READ);
    if (APR_STATUS_IS_EAGAIN(rv)) {
        rv = flush_parent(child);
    }
    return rv;
}

/* A file stays a file. */
static apr_status_t chunk_of(apr_bucket *b, HTTP_DATA_CHUNK *chunk)
{
    const char *data;
    apr_size_t length;
    apr_status_t rv;
    apr_os_file_t fd;

    memset(chunk, 0, sizeof(*chunk));
    if (APR_BUCKET_IS_FILE(b)
        && apr_os_file_get(&fd, ((apr_bucket_file *)b->data)->fd)
           == APR_SUCCESS) {
        chunk->DataChunkType = HttpDataChunkFromFileHandle;
        chunk->FromFileHandle.FileHandle = iis_handle_from_fd(fd);
        chunk->FromFileHandle.ByteRange.StartingOffset.QuadPart =
            (ULONGLONG)b->start;
        chunk->FromFileHandle.ByteRange.Length.QuadPart = b->length;
        return APR_SUCCESS;
    }
    if ((rv = apr_bucket_read(b, &data, &length, APR_BLOCK_READ))) {
        return rv;
    }
    chunk->DataChunkType = HttpDataChunkFromMemory;
    chunk->FromMemory.pBuffer = (void *)(apr_uintptr_t)data;
    chunk->FromMemory.BufferLength = (ULONG)length;
    return APR_SUCCESS;
}

/* Into a response; past its limit the parent's leaves at once. */
static apr_status_t append(iisr_child_t *child, iisr_context_t *ctx,
                           apr_bucket *b, int may_flush)
{
    iisr_flush_t flush = { .more = 1 };
    HTTP_DATA_CHUNK chunk;
    apr_uint64_t bytes = 0;
    apr_status_t rv = chunk_of(b, &chunk);

    if (rv == APR_SUCCESS) {
        rv = iisr_response_append(&ctx->response, &chunk, 1, &bytes);
    }
    child->execution->bytes += bytes;
    if (rv == APR_SUCCESS && may_flush
        && ctx->response.buffered > ctx->settings.buffer_limit) {
        rv = iisr_flush(ctx, &flush);
    }
    return rv;
}

static apr_status_t keep(iisr_child_t *child, apr_bucket *b)
{
    apr_status_t rv = apr_bucket_setaside(b, child->pool);

    APR_BUCKET_REMOVE(b);
    APR_BRIGADE_INSERT_TAIL(child->kept, b);
    return rv == APR_ENOTIMPL ? APR_SUCCESS : rv;
}

/* Right ahead of the end a flush says nothing. */
static int is_flush(const apr_bucket_brigade *bb, const apr_bucket *b)
{
    const apr_bucket *next = APR_BUCKET_NEXT(b);

    return APR_BUCKET_IS_FLUSH(b)
           && !(next != APR_BRIGADE_SENTINEL(bb) && APR_BUCKET_IS_EOS(next));
}

static apr_status_t give_parent(iisr_child_t *child, apr_bucket *b)
{
    iisr_context_t *ctx = child->parent->ctx;
    apr_status_t rv;

    iisr_enter(ctx);
    ctx->response.touched = 1;
    rv = append(child, ctx, b, 1);
    iisr_leave(ctx);
    apr_bucket_delete(b);
    return rv;
}

static apr_status_t capture(ap_filter_t *f, apr_bucket_brigade *bb)
{
    iisr_child_t *child = f->ctx;
    int buffer = (child->execution->flags & EXECUTE_FLAG_BUFFER_RESPONSE) != 0;
    apr_status_t rv = APR_SUCCESS;
    apr_bucket *b;

    iisr_capture_head(child);
    while (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(bb)) {
        b = APR_BRIGADE_FIRST(bb);
        if (APR_BUCKET_IS_METADATA(b)) {
            rv = !buffer && is_flush(bb, b) ? flush_parent(child) : rv;
            apr_bucket_delete(b);
        }
        else if ((rv = read_next(child, b, buffer)) == APR_SUCCESS) {
            rv = buffer ? keep(child, b) : give_parent(child, b);
        }
    }
    apr_brigade_cleanup(bb);
    return rv;
}

void iisr_capture_show(iisr_child_t *child)
{
    iisr_context_t *ctx = child->hr.ctx;
    apr_bucket *b;

    iisr_enter(ctx);
    iisr_response_clear_entity(&ctx->response);
    copy_head(&ctx->response, child->sub);
    for (b = APR_BRIGADE_FIRST(child->kept);
         b != APR_BRIGADE_SENTINEL(child->kept)
         && append(child, ctx, b, 0) == APR_SUCCESS;
         b = APR_BUCKET_NEXT(b)) {
        continue;
    }
    iisr_leave(ctx);
    apr_brigade_cleanup(child->kept);
}

ap_filter_t *iisr_capture_make(iisr_child_t *child)
{
    request_rec *r = child->parent->r;
    ap_filter_t *f = apr_pcalloc(child->pool, sizeof(*f));

    f->frec = capture_filter;
    f->ctx = child;
    f->r = r;
    f->c = r->connection;
    f->next = r->proto_output_filters;
    return f;
}

void iisr_capture_register(void)
{
    capture_filter = ap_register_output_filter("IISR_CHILD", capture, NULL,
                                               AP_FTYPE_CONTENT_SET + 5);
}
