/* host.c: the engine's seam, filled in with httpd's functions. */
#include <httpd.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <http_protocol.h>
#include <http_request.h>
#include "core/headers.h"
#include "httpd/adoption.h"
#include "httpd/banner.h"
#include "httpd/body.h"
#include "httpd/certificate.h"
#include "httpd/child.h"
#include "httpd/config.h"
#include "httpd/cookies.h"
#include "httpd/drive.h"
#include "httpd/filters.h"
#include "httpd/frames.h"
#include "httpd/globals.h"
#include "httpd/host.h"
#include "httpd/input.h"
#include "httpd/life.h"
#include "httpd/loader.h"
#include "httpd/mapping.h"
#include "httpd/passing.h"
#include "httpd/surroundings.h"
#include "httpd/trailers.h"
#include "httpd/variables.h"
#include "async/waiting.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

/* --- the request -------------------------------------------------------- */

static void facts(iisr_host_request_t *hr, iisr_request_facts_t *f)
{
    request_rec *r = hr->r;
    conn_rec *c = r->connection;

    f->method = r->method;
    f->raw_url = r->unparsed_uri;
    f->path = r->uri ? r->uri : "/";
    f->query = r->args;
    f->scheme = ap_http_scheme(r);
    f->hostname = r->hostname ? r->hostname : ap_get_server_name(r);
    f->port = iisr_server_port(r);
    f->major = HTTP_VERSION_MAJOR(r->proto_num);
    f->minor = HTTP_VERSION_MINOR(r->proto_num);
    f->remote = (const struct sockaddr *)&r->useragent_addr->sa;
    f->local = (const struct sockaddr *)&c->local_addr->sa;
    f->connection_id = hr->conn->id;
    f->request_id = hr->id;
    f->body_length = hr->body_length;
    f->start = r->request_time;
}

static const char *banner(void)
{
    return ap_get_server_banner();
}

static const char *header_in(iisr_host_request_t *hr, const char *name)
{
    return iisr_cookies_value(hr->r, name,
                              apr_table_get(hr->r->headers_in, name));
}

static void set_header_in(iisr_host_request_t *hr, const char *name,
                          const char *value)
{
    if (value && iisr_header_is(name, "Cookie")) {
        iisr_cookies_set(hr->r, value);
    }
    else if (value) {
        apr_table_set(hr->r->headers_in, name, value);
    }
    else {
        apr_table_unset(hr->r->headers_in, name);
    }
}

static const apr_table_t *headers_in(iisr_host_request_t *hr)
{
    return iisr_cookies_headers(hr->r);
}

/* What a module's unknown methods are to httpd: one that its handlers do not
 * allow (405), as IIS says, and not one that no server implements (501). */
static int other_method = M_INVALID;

void iisr_host_register(apr_pool_t *p)
{
    other_method = ap_method_register(p, "IIS-OTHER");
}

static apr_status_t set_method(iisr_host_request_t *hr, const char *method)
{
    request_rec *r = hr->r;

    r->method = apr_pstrdup(r->pool, method);
    r->method_number = ap_method_number_of(r->method);
    if (r->method_number == M_INVALID) {
        r->method_number = other_method;
    }
    /* header_only stays: it is about what the client expects. */
    return APR_SUCCESS;
}

static void set_user(iisr_host_request_t *hr, const char *user,
                     const char *type)
{
    request_rec *r = hr->r;

    hr->user = r->user = user ? apr_pstrdup(r->pool, user) : NULL;
    hr->auth_type = r->ap_auth_type = type ? apr_pstrdup(r->pool, type)
                                           : NULL;
}

static void set_handler(iisr_host_request_t *hr, const char *name)
{
    hr->r->handler = hr->handler = apr_pstrdup(hr->r->pool, name);
}

static apr_status_t set_url(iisr_host_request_t *hr, const char *path,
                            const char *query)
{
    request_rec *r = hr->r;
    const char *args = query ? (*query ? query : NULL) : r->args;
    char *decoded;

    if (hr->stage != IISR_STAGE_NEW) {
        return APR_ENOTIMPL;
    }
    if (*path != '/') {
        return APR_EINVAL;
    }
    decoded = apr_pstrdup(r->pool, path);
    if (ap_unescape_url_ex(decoded, AP_UNESCAPE_URL_KEEP_SLASHES) != OK
        || !ap_normalize_path(decoded, AP_NORMALIZE_NOT_ABOVE_ROOT
                                       | AP_NORMALIZE_MERGE_SLASHES)
        || strchr(decoded, '\\')) {
        return APR_EINVAL;
    }
    r->uri = decoded;
    r->parsed_uri.path = decoded;
    r->args = args ? apr_pstrdup(r->pool, args) : NULL;
    r->parsed_uri.query = r->args;
    r->unparsed_uri = args ? apr_pstrcat(r->pool, path, "?", args, NULL)
                           : apr_pstrdup(r->pool, path);
    iisr_surroundings_get(r, hr->conn, &hr->ctx->around);
    return APR_SUCCESS;
}

static const char *variable(iisr_host_request_t *hr, const char *name,
                            apr_pool_t *pool)
{
    return iisr_variable(hr->r, name, pool);
}

/* --- the response ------------------------------------------------------- */

/* Not copied: the context is closed by r's pool. */
static void take_headers(request_rec *r, const apr_table_t *headers)
{
    const apr_array_header_t *fields = apr_table_elts(headers);
    const char *server = NULL;
    int i;

    for (i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *field = &APR_ARRAY_IDX(fields, i,
                                                        apr_table_entry_t);

        if (iisr_header_is(field->key, "Content-Type")) {
            ap_set_content_type(r, field->val);
        }
        else if (iisr_header_is(field->key, "Server")) {
            server = server ? server : field->val;
        }
        else if (!iisr_header_hop_by_hop(field->key)) {
            apr_table_addn(r->headers_out, field->key, field->val);
        }
    }
    iisr_banner_apply(r, server);
}

static int announce(void *data, const char *name, const char *value)
{
    request_rec *r = data;

    (void)value;
    apr_table_mergen(r->headers_out, "Trailer", name);
    return 1;
}

static int may_be_chunked(const request_rec *r)
{
    return !r->connection->master && r->proto_num >= HTTP_VERSION(1, 1);
}

static apr_status_t finish_head(request_rec *r, const iisr_head_t *head)
{
    if (head->content_length >= 0) {
        ap_set_content_length(r, head->content_length);
    }
    else if (head->unframed) {
        apr_table_unset(r->headers_out, "Content-Length");
        r->clength = 0;
    }
    if (head->trailers) {
        apr_table_do(announce, r, head->trailers, NULL);
        iisr_trailers_keep_open(r);
    }
    else if (head->chunked && may_be_chunked(r)) {
        iisr_trailers_keep_open(r);
    }
    if (head->close) {
        r->connection->keepalive = AP_CONN_CLOSE;
    }
    if (head->suppressed) {
        r->assbackwards = 1;
        r->connection->keepalive = AP_CONN_CLOSE;
    }
    return APR_SUCCESS;
}

/* What httpd has no words for it would send as a 500. */
static int has_phrase(int status)
{
    return status == HTTP_INTERNAL_SERVER_ERROR
           || ap_index_of_response(status)
              != ap_index_of_response(HTTP_INTERNAL_SERVER_ERROR);
}

void iisr_host_set_status(request_rec *r, const iisr_head_t *head)
{
    r->status = head->status;
    r->status_line = head->reason || !has_phrase(head->status)
        ? apr_psprintf(r->pool, "%d %s", head->status,
                       head->reason ? head->reason : "") : NULL;
}

static apr_status_t commit(iisr_host_request_t *hr, const iisr_head_t *head)
{
    request_rec *r = hr->r;

    if (hr->trial) {
        return APR_SUCCESS;
    }
    if (hr->adopted) {
        iisr_adoption_write_back(hr, head);
        return finish_head(r, head);
    }
    hr->own_head = 1;
    /* Not the server's: the module's head is the whole truth. */
    apr_table_clear(r->headers_out);
    r->content_type = NULL;
    take_headers(r, head->headers);
    if (r->content_type == NULL) {
        ap_set_content_type(r, NULL);
    }
    iisr_host_set_status(r, head);
    return finish_head(r, head);
}

static int is_head(iisr_host_request_t *hr)
{
    return !strcmp(hr->r->method, "HEAD");
}

static int may_trail(iisr_host_request_t *hr)
{
    return hr->r->proto_num > HTTP_VERSION(1, 0);
}

static apr_bucket_alloc_t *bucket_alloc(iisr_host_request_t *hr)
{
    return hr->r->connection->bucket_alloc;
}

static int may_sendfile(iisr_host_request_t *hr)
{
    core_dir_config *d = ap_get_core_module_config(hr->r->per_dir_config);

    return d->enable_sendfile == ENABLE_SENDFILE_ON;
}

static int connected(iisr_host_request_t *hr)
{
    return iisr_conn_connected(hr->conn);
}

/* --- waiting ------------------------------------------------------------ */

static int can_park(iisr_host_request_t *hr)
{
    return hr->may_leave;
}

/* Once a second, of a request that waits on its own thread. */
static void look(iisr_host_request_t *hr)
{
    iisr_life_tick();
    if (!hr->told_gone && !iisr_conn_connected(hr->conn)) {
        iisr_drive_client_gone(hr);
    }
    iisr_completion_watch(hr->ctx, hr->ctx->settings.pending_warning);
    if (iisr_life_is_over()
        || (iisr_conn_is_closed(hr->conn) && iisr_life_is_ending())) {
        iisr_pass_break_off(hr, IISR_H2_INTERNAL_ERROR);
        iisr_context_abandon(hr->ctx,
                             HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED));
    }
}

static void wake(iisr_host_request_t *hr)
{
    if (hr->conn->park) {
        iisr_park_wake(hr->conn->park);
    }
}

static void log_message(iisr_host_request_t *hr, iisr_log_level_e level,
                        const char *id, const char *fmt, ...)
{
    static const int levels[] = {
        [IISR_LOG_ERROR] = APLOG_ERR, [IISR_LOG_WARNING] = APLOG_WARNING,
        [IISR_LOG_INFO] = APLOG_INFO, [IISR_LOG_DEBUG] = APLOG_DEBUG,
        [IISR_LOG_TRACE] = APLOG_TRACE2
    };
    char text[1024];
    va_list ap;

    if (hr ? !APLOG_R_IS_LEVEL(hr->r, levels[level])
           : !APLOG_IS_LEVEL(ap_server_conf, levels[level])) {
        return;
    }
    va_start(ap, fmt);
    apr_vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (hr) {
        ap_log_rerror(APLOG_MARK, levels[level], 0, hr->r, "%s%s%s",
                      id ? id : "", id ? ": " : "", text);
    }
    else {
        ap_log_error(APLOG_MARK, levels[level], 0, ap_server_conf, "%s%s%s",
                     id ? id : "", id ? ": " : "", text);
    }
}

const iisr_host_t iisr_httpd_host = {
    .name = "httpd", .banner = banner,
    .facts = facts, .header_in = header_in, .set_header_in = set_header_in,
    .headers_in = headers_in, .set_method = set_method, .set_url = set_url,
    .set_user = set_user, .set_handler = set_handler,
    .read = iisr_body_read, .put_back = iisr_input_put_back,
    .variable = variable,
    .map_path = iisr_map_path, .handler = iisr_map_handler,
    .file = iisr_map_file, .certificate = iisr_client_certificate,
    .tls = iisr_tls,
    .commit = commit, .is_head = is_head, .may_trail = may_trail,
    .trailers = iisr_trailers_set,
    .bucket_alloc = bucket_alloc, .pass = iisr_pass,
    .may_sendfile = may_sendfile, .connected = connected,
    .abort = iisr_pass_abort,
    .clone = iisr_child_clone_request, .execute = iisr_child_run,
    .drop = iisr_child_drop,
    .can_park = can_park, .look = look, .wake = wake, .log = log_message
};

/* --- finding and making ------------------------------------------------- */

static apr_status_t request_goes(void *data)
{
    iisr_host_request_t *hr = data;
    IHttpApplication2 *application = hr->ctx->around.application;

    if (hr->r->main) {
        /* No log_transaction comes for a subrequest. */
        iisr_enter(hr->ctx);
        if (hr->lookup) {
            iisr_pipeline_end(hr->ctx);
        }
        iisr_drive_rest(hr, 1);
        iisr_leave(hr->ctx);
    }
    iisr_conn_request_over(hr->conn, hr);
    iisr_context_close(hr->ctx);
    hr->ctx = NULL;
    iisr_globals_thread_cleanup(application);
    return APR_SUCCESS;
}

static iisr_host_request_t *make(request_rec *r, iisr_conn_t *conn)
{
    iisr_host_request_t *hr = apr_pcalloc(r->pool, sizeof(*hr));
    iisr_registry_t *registry = iisr_loader_registry();
    iisr_settings_t settings;
    iisr_surroundings_t around;

    hr->r = r;
    hr->conn = conn;
    hr->id = iisr_conn_new_id();
    hr->body_length = iisr_body_length(r);
    iisr_settings_get(r, &settings);
    iisr_surroundings_get(r, conn, &around);
    hr->ctx = iisr_context_create(&iisr_httpd_host, hr, registry, &settings,
                                  &around, &iisr_iface_objects,
                                  conn->may_park && !r->main ? &iisr_parked
                                                             : &iisr_waiting);
    if (!hr->ctx) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, APR_ENOMEM, r, "IISR0403: no "
                      "memory for a request: it is answered with 500");
        return NULL;
    }
    apr_pool_cleanup_register(r->pool, hr, request_goes,
                              apr_pool_cleanup_null);
    return hr;
}

/* From below a brigade of the modules', that was their last: the client gets
 * what httpd makes. */
static void begin_again(iisr_host_request_t *hr, int is_error)
{
    hr->begun++;
    hr->content = NULL;
    if (hr->own_pass) {
        hr->ctx->response.ended = 1;
    }
    else if (is_error && hr->top && !hr->ctx->response.ended) {
        iisr_filters_end_early(hr);
    }
    else {
        iisr_adoption_undo(hr);
    }
}

void iisr_host_fails(iisr_host_request_t *hr)
{
    iisr_enter(hr->ctx);
    hr->failed = 1;
    hr->chain = NULL;
    begin_again(hr, 1);
    iisr_leave(hr->ctx);
}

/* Redirected inside httpd: one request to the modules.  The new one has
 * output filters of its own. */
static void follow(iisr_host_request_t *hr, request_rec *r)
{
    request_rec *from = hr->r;

    iisr_enter(hr->ctx);
    begin_again(hr, ap_is_HTTP_ERROR(r->prev->status));
    hr->r = r;
    if (hr->top) {
        iisr_filters_move(hr, from);
    }
    else {
        hr->filters_inserted = 0;
    }
    /* It was for the other URL. */
    hr->ctx->script_map_set = 0;
    iisr_input_follow(hr);
    iisr_request_changed(hr->ctx);
    iisr_leave(hr->ctx);
}

/* Which modules take part depends on the place, which httpd finds out step
 * by step; while it maps it goes back to the server's defaults for a moment,
 * which are not the place of the request. */
static void look_at_scope(iisr_host_request_t *hr)
{
    const request_rec *r = hr->r;

    if (hr->scope != r->per_dir_config
        && !(hr->scope && r->per_dir_config == r->server->lookup_defaults)) {
        hr->scope = r->per_dir_config;
        hr->ctx->enabled = iisr_enabled_modules(hr->r);
    }
}

iisr_host_request_t *iisr_host_trial(request_rec *r)
{
    iisr_conn_t *conn = iisr_conn_get(r->connection);
    iisr_host_request_t *hr = conn ? make(r, conn) : NULL;

    if (hr) {
        look_at_scope(hr);
        hr->body_length = 0;
        hr->body_ended = 1;
    }
    return hr;
}

void iisr_host_trial_over(iisr_host_request_t *hr)
{
    apr_pool_cleanup_run(hr->r->pool, hr, request_goes);
}

/* In the place of one that could not be made. */
static iisr_host_request_t none;

int iisr_host_failed(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &iisresp_module) == &none;
}

iisr_host_request_t *iisr_host_request(request_rec *r, int create)
{
    iisr_host_request_t *hr = ap_get_module_config(r->request_config,
                                                   &iisresp_module);
    iisr_conn_t *conn;

    if (!hr) {
        if (r->prev && (hr = iisr_host_request(r->prev, 0))) {
            follow(hr, r);
        }
        else if (create && (conn = iisr_conn_get(r->connection))) {
            hr = make(r, conn);
            hr = hr ? hr : &none;
        }
        if (!hr) {
            return NULL;
        }
        ap_set_module_config(r->request_config, &iisresp_module, hr);
    }
    if (hr == &none) {
        return NULL;
    }
    look_at_scope(hr);
    return hr;
}
