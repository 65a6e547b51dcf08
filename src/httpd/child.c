/* child.c: a child request: first a few strings that modules may change
 * (httpd maps a subrequest when it makes it), then, executed, a subrequest
 * whose output is caught at the end of its own filters.
 *
 * What is caught becomes the parent's response as it comes, head first,
 * unless the parent wants to read it (EXECUTE_FLAG_BUFFER_RESPONSE).  A flush
 * of the child is one of the parent; so is a wait of httpd's own handlers for
 * more to come.  The request's own thread; lock order: child, then parent.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <apr_portable.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>
#include "core/flush.h"
#include "core/headers.h"
#include "httpd/child.h"
#include "httpd/config.h"
#include "httpd/cookies.h"
#include "httpd/drive.h"
#include "httpd/loader.h"
#include "httpd/surroundings.h"
#include "async/waiting.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

typedef struct iisr_child_t {
    iisr_host_request_t hr;             /* must be first */
    iisr_host_request_t *parent;
    apr_pool_t *pool;
    /* until it is executed */
    const char *method, *raw_path, *path, *query;
    apr_table_t *headers;
    /* then */
    request_rec *sub;
    iisr_execution_t *execution;
    int head_taken;
    apr_bucket_brigade *kept;           /* for the parent to read */
} iisr_child_t;

/* The seam before the child is executed. */
static iisr_host_t unborn;
static ap_filter_rec_t *capture_filter;

static iisr_child_t *child_of(iisr_host_request_t *hr)
{
    return hr->child;
}

/* --- before it is executed ---------------------------------------------- */

static void unborn_facts(iisr_host_request_t *hr, iisr_request_facts_t *f)
{
    const iisr_child_t *child = child_of(hr);

    iisr_httpd_host.facts(hr, f);
    f->method = child->method;
    f->path = child->path;
    f->query = child->query;
    f->raw_url = child->query ? apr_pstrcat(child->pool, child->raw_path, "?",
                                            child->query, NULL)
                              : child->raw_path;
}

static const char *unborn_header(iisr_host_request_t *hr, const char *name)
{
    return apr_table_get(child_of(hr)->headers, name);
}

static void unborn_set_header(iisr_host_request_t *hr, const char *name,
                              const char *value)
{
    if (value) {
        apr_table_set(child_of(hr)->headers, name, value);
    }
    else {
        apr_table_unset(child_of(hr)->headers, name);
    }
}

static const apr_table_t *unborn_headers(iisr_host_request_t *hr)
{
    return child_of(hr)->headers;
}

static apr_status_t unborn_set_method(iisr_host_request_t *hr,
                                      const char *method)
{
    child_of(hr)->method = apr_pstrdup(child_of(hr)->pool, method);
    return APR_SUCCESS;
}

static apr_status_t unborn_set_url(iisr_host_request_t *hr, const char *path,
                                   const char *query)
{
    iisr_child_t *child = child_of(hr);
    char *decoded = apr_pstrdup(child->pool, path);

    if (*path != '/'
        || ap_unescape_url_ex(decoded, AP_UNESCAPE_URL_KEEP_SLASHES) != OK
        || !ap_normalize_path(decoded, AP_NORMALIZE_NOT_ABOVE_ROOT
                                       | AP_NORMALIZE_MERGE_SLASHES)) {
        return APR_EINVAL;
    }
    child->raw_path = apr_pstrdup(child->pool, path);
    child->path = decoded;
    if (query) {
        child->query = *query ? apr_pstrdup(child->pool, query) : NULL;
    }
    return APR_SUCCESS;
}

/* Nothing can be sent yet. */
static apr_status_t unborn_commit(iisr_host_request_t *hr,
                                  const iisr_head_t *head)
{
    (void)hr;
    (void)head;
    return APR_ENOTIMPL;
}

static apr_status_t unborn_pass(iisr_host_request_t *hr,
                                apr_bucket_brigade *bb, iisr_pass_e how,
                                iisr_sent_fn sent, void *baton)
{
    (void)hr;
    (void)how;
    (void)sent;
    (void)baton;
    apr_brigade_cleanup(bb);
    return APR_ENOTIMPL;
}

static void init_unborn(void)
{
    unborn = iisr_httpd_host;
    unborn.facts = unborn_facts;
    unborn.header_in = unborn_header;
    unborn.set_header_in = unborn_set_header;
    unborn.headers_in = unborn_headers;
    unborn.set_method = unborn_set_method;
    unborn.set_url = unborn_set_url;
    unborn.commit = unborn_commit;
    unborn.pass = unborn_pass;
    unborn.handler = NULL;
    unborn.file = NULL;
    unborn.clone = NULL;
}

/* --- cloning ------------------------------------------------------------ */

static void unset_all(apr_table_t *headers, const char *const *names)
{
    for (; *names; names++) {
        apr_table_unset(headers, *names);
    }
}

static void clone_headers(iisr_child_t *child, const request_rec *r,
                          unsigned int flags)
{
    static const char *const conditions[] = {
        "Range", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
        "If-Unmodified-Since", NULL
    };
    static const char *const dav[] = {
        "Depth", "Destination", "If", "Lock-Token", "Overwrite", "Timeout",
        "Translate", NULL
    };
    static const char *const entity[] = {
        "Content-Length", "Transfer-Encoding", "Content-Type", "Expect", NULL
    };
    const char *host = apr_table_get(r->headers_in, "Host");

    if (flags & CLONE_FLAG_HEADERS) {
        child->headers = apr_table_clone(child->pool,
                                         iisr_cookies_headers(r));
    }
    else {
        child->headers = apr_table_make(child->pool, 8);
        if (host) {
            apr_table_set(child->headers, "Host", host);
        }
    }
    if (flags & CLONE_FLAG_NO_PRECONDITION) {
        unset_all(child->headers, conditions);
    }
    if (flags & CLONE_FLAG_NO_DAV) {
        unset_all(child->headers, dav);
    }
    if (!(flags & CLONE_FLAG_ENTITY)) {
        unset_all(child->headers, entity);
    }
}

static void clone_url(iisr_child_t *child, const request_rec *r)
{
    child->path = r->uri;
    child->raw_path = ap_escape_uri(child->pool, r->uri);
    child->query = r->args;
}

static void clone_basics(iisr_child_t *child, const request_rec *r,
                         unsigned int flags)
{
    child->method = "GET";
    child->raw_path = child->path = "/";
    if (flags & CLONE_FLAG_BASICS) {
        child->method = r->method;
        clone_url(child, r);
    }
}

static void close_child(iisr_child_t *child)
{
    if (child->hr.ctx) {
        iisr_conn_request_over(child->hr.conn, &child->hr);
        iisr_context_close(child->hr.ctx);
        child->hr.ctx = NULL;
    }
}

/* Not released: with its parent's request.  The module may still try. */
static apr_status_t child_goes(void *data)
{
    iisr_child_t *child = data;

    if (child->hr.ctx) {
        iisr_child_abandon(child->hr.ctx);
        close_child(child);
    }
    return APR_SUCCESS;
}

apr_status_t iisr_child_clone_request(iisr_host_request_t *parent,
                                      unsigned int flags,
                                      iisr_context_t **result)
{
    request_rec *r = parent->r;
    apr_pool_t *pool;
    iisr_child_t *child;

    apr_pool_create(&pool, r->pool);
    apr_pool_tag(pool, "iisr_child");
    child = apr_pcalloc(pool, sizeof(*child));
    child->pool = pool;
    child->parent = parent;
    child->hr.child = child;
    child->hr.r = r;
    child->hr.conn = parent->conn;
    clone_basics(child, r, flags);
    clone_headers(child, r, flags);
    if (flags & CLONE_FLAG_ENTITY) {
        child->hr.body_of = parent->body_of ? parent->body_of : parent;
        child->hr.body_length = parent->body_length;
    }
    else {
        child->hr.body_ended = 1;
    }
    child->hr.ctx = iisr_context_create(&unborn, &child->hr,
        iisr_loader_registry(), &parent->ctx->settings, &parent->ctx->around,
        &iisr_iface_objects, &iisr_waiting);
    if (!child->hr.ctx) {
        apr_pool_destroy(pool);
        return APR_ENOMEM;
    }
    apr_pool_cleanup_register(pool, child, child_goes,
                              apr_pool_cleanup_null);
    *result = child->hr.ctx;
    return APR_SUCCESS;
}

void iisr_child_drop(iisr_host_request_t *hr)
{
    iisr_child_t *child = child_of(hr);
    request_rec *sub = child->sub;

    close_child(child);
    if (sub) {
        ap_destroy_sub_req(sub);
    }
    apr_pool_destroy(child->pool);
}

/* --- what it answers ---------------------------------------------------- */

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

static void take_head(iisr_child_t *child)
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

    take_head(child);
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

/* The child's own response object, for the parent to read. */
static void show_kept(iisr_child_t *child)
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

/* --- executing ---------------------------------------------------------- */

static ap_filter_t *make_capture(iisr_child_t *child)
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

/* In the middle of httpd's making of the subrequest: before it is mapped. */
static int created(request_rec *r)
{
    iisr_host_request_t *parent = r->main
        ? ap_get_module_config(r->main->request_config, &iisresp_module)
        : NULL;
    iisr_child_t *child = parent ? parent->making : NULL;

    if (!child) {
        return DECLINED;
    }
    parent->making = NULL;
    child->sub = r;
    child->hr.r = r;
    ap_set_module_config(r->request_config, &iisresp_module, &child->hr);
    r->headers_in = apr_table_copy(r->pool, child->headers);
    if (child->execution->user) {
        r->user = apr_pstrdup(r->pool, child->execution->user);
        r->ap_auth_type = apr_pstrdup(r->pool, child->execution->auth_type);
    }
    return DECLINED;
}

/* A child with a user needs no other. */
static int authenticated(request_rec *r)
{
    const iisr_host_request_t *hr =
        ap_get_module_config(r->request_config, &iisresp_module);

    return hr && hr->child && hr->child->execution
           && hr->child->execution->user && r->user ? OK : DECLINED;
}

/* Mapped: what depends on the place in the configuration. */
static void settle(iisr_child_t *child)
{
    iisr_context_t *ctx = child->hr.ctx;

    iisr_enter(ctx);
    ctx->host = &iisr_httpd_host;
    iisr_surroundings_get(child->sub, child->hr.conn, &ctx->around);
    iisr_settings_get(child->sub, &ctx->settings);
    ctx->enabled = iisr_enabled_modules(child->sub);
    iisr_request_changed(ctx);
    iisr_leave(ctx);
}

static void run(iisr_child_t *child)
{
    request_rec *sub = child->sub;
    int result = sub->status == HTTP_OK ? ap_run_sub_req(sub) : sub->status;

    if (ap_is_HTTP_ERROR(result) && sub->status == HTTP_OK) {
        sub->status = result;
    }
    if (child->execution->flags & EXECUTE_FLAG_BUFFER_RESPONSE) {
        show_kept(child);
    }
    take_head(child);
    iisr_enter(child->hr.ctx);
    if (child->hr.ctx->response.status != sub->status) {
        /* httpd's own answer. */
        iisr_response_set_status(&child->hr.ctx->response, sub->status, NULL,
                                 0);
    }
    iisr_drive_rest(&child->hr, 0);
    iisr_leave(child->hr.ctx);
}

apr_status_t iisr_child_run(iisr_host_request_t *hr,
                            iisr_execution_t *execution)
{
    iisr_child_t *child = child_of(hr);
    request_rec *r = child->parent->r, *sub;
    const char *url;

    if (execution->flags & EXECUTE_FLAG_SAME_URL) {
        clone_url(child, r);
    }
    url = child->query
        ? apr_pstrcat(child->pool, child->raw_path, "?", child->query, NULL)
        : child->raw_path;
    child->execution = execution;
    child->kept = apr_brigade_create(child->pool,
                                     r->connection->bucket_alloc);
    child->parent->making = child;
    sub = ap_sub_req_method_uri(child->method, url, r, make_capture(child));
    child->parent->making = NULL;
    if (child->sub != sub) {
        ap_destroy_sub_req(sub);
        return APR_EGENERAL;
    }
    settle(child);
    run(child);
    child->execution = NULL;
    return r->connection->aborted ? APR_ECONNABORTED : APR_SUCCESS;
}

void iisr_child_register_hooks(apr_pool_t *p)
{
    (void)p;
    init_unborn();
    capture_filter = ap_register_output_filter("IISR_CHILD", capture, NULL,
                                               AP_FTYPE_CONTENT_SET + 5);
    ap_hook_create_request(created, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_check_authn(authenticated, NULL, NULL, APR_HOOK_REALLY_FIRST,
                        AP_AUTH_INTERNAL_PER_URI);
}
