/* child.c: a child request: first a few strings that modules may change
 * (httpd maps a subrequest when it makes it), then, executed, a subrequest
 * whose output is caught at the end of its own filters (capture.c).  The
 * request's own thread; lock order: child, then parent.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>
#include "httpd/capture.h"
#include "httpd/child.h"
#include "httpd/config.h"
#include "httpd/cookies.h"
#include "httpd/drive.h"
#include "httpd/loader.h"
#include "httpd/surroundings.h"
#include "async/waiting.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

/* The seam before the child is executed. */
static iisr_host_t unborn;

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

/* --- executing ---------------------------------------------------------- */

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
        iisr_capture_show(child);
    }
    iisr_capture_head(child);
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
    sub = ap_sub_req_method_uri(child->method, url, r, iisr_capture_make(child));
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
    iisr_capture_register();
    ap_hook_create_request(created, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_check_authn(authenticated, NULL, NULL, APR_HOOK_REALLY_FIRST,
                        AP_AUTH_INTERNAL_PER_URI);
}
