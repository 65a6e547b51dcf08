/* small_host.h: one request of a host that answers questions, with the real
 * objects around it and one module that takes part in what a test names.
 * What leaves is kept as text.  Included by the test that owns the request.
 */
#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <apr_general.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include "async/waiting.h"
#include "called.h"
#include "iface/objects.h"

struct iisr_host_request_t {
    apr_pool_t *pool;
    apr_table_t *headers;
    const char *method, *path, *query, *user;
    const char *body;               /* what is there to be read */
    int takes;                      /* what is put back */
    int more;                       /* after it: would block, else EOF */
    apr_status_t broken;
    apr_int64_t body_length;
    int parks;
    int edits;                      /* set_header_in calls */
    int warnings;
    const char *handler;            /* NULL: not mapped yet */
    int major;                      /* of HTTP; 0 is 1 */
    const char *certificate;        /* the client's, or NULL */
    iisr_tls_t tls;                 /* no certificate: no TLS */
    const char *file;               /* what it is mapped to, or NULL */
    apr_bucket_alloc_t *alloc;
    int status;                     /* of the head that left; 0: none */
    int closes, suppressed, chunked;        /* what that head said */
    apr_int64_t length;
    const apr_table_t *trailers;    /* announced, or before the end */
    int descriptor;                 /* of the last file at the front */
    const char *sent;               /* entity bytes that left, or NULL */
    int ends;                       /* EOS buckets */
    int aborts, resets, cuts;
    const char *auth_type, *set_handler;
};

static void small_facts(iisr_host_request_t *hr, iisr_request_facts_t *f)
{
    static const struct sockaddr_in address = { .sin_family = AF_INET,
                                                .sin_port = 0x5000 };

    f->method = hr->method;
    f->raw_url = hr->query ? apr_pstrcat(hr->pool, hr->path, "?", hr->query,
                                         NULL) : hr->path;
    f->path = hr->path;
    f->query = hr->query;
    f->scheme = "http";
    f->hostname = "localhost";
    f->port = 8080;
    f->major = hr->major ? hr->major : 1;
    f->minor = 1;
    f->remote = f->local = (const struct sockaddr *)&address;
    f->connection_id = 7;
    f->request_id = 9;
    f->body_length = hr->body_length;
    f->start = apr_time_now();
}

static int small_is_head(iisr_host_request_t *hr)
{
    return !strcmp(hr->method, "HEAD");
}

static const char *small_header(iisr_host_request_t *hr, const char *name)
{
    return apr_table_get(hr->headers, name);
}

static void small_set_header(iisr_host_request_t *hr, const char *name,
                             const char *value)
{
    hr->edits++;
    if (value) {
        apr_table_set(hr->headers, name, value);
    }
    else {
        apr_table_unset(hr->headers, name);
    }
}

static const char *small_banner(void)
{
    return "small/1.0";
}

static const apr_table_t *small_headers(iisr_host_request_t *hr)
{
    return hr->headers;
}

static apr_status_t small_set_method(iisr_host_request_t *hr,
                                     const char *method)
{
    hr->method = apr_pstrdup(hr->pool, method);
    return APR_SUCCESS;
}

static apr_status_t small_set_url(iisr_host_request_t *hr, const char *path,
                                  const char *query)
{
    hr->path = apr_pstrdup(hr->pool, path);
    if (query) {
        hr->query = *query ? apr_pstrdup(hr->pool, query) : NULL;
    }
    return APR_SUCCESS;
}

static apr_status_t small_read(iisr_host_request_t *hr, char *buffer,
                               apr_size_t *len, int block)
{
    apr_size_t room = *len, n = hr->body ? strlen(hr->body) : 0;

    *len = n < room ? n : room;
    if (*len) {
        memcpy(buffer, hr->body, *len);
        hr->body += *len;
        return APR_SUCCESS;
    }
    if (hr->broken) {
        return hr->broken;
    }
    if (hr->more && !block) {
        return APR_EAGAIN;
    }
    if (hr->more) {
        hr->more = 0;
        memcpy(buffer, "late", *len = 4);
        return APR_SUCCESS;
    }
    return APR_EOF;
}

static int small_put_back(iisr_host_request_t *hr, const void *data,
                          apr_size_t length)
{
    if (hr->takes) {
        hr->body = apr_pstrcat(hr->pool, apr_pstrmemdup(hr->pool, data,
                                                        length),
                               hr->body, NULL);
    }
    return hr->takes;
}

static const char *small_variable(iisr_host_request_t *hr, const char *name,
                                  apr_pool_t *pool)
{
    static const char *const values[][2] = {
        { "SERVER_SOFTWARE", "small" }, { "DOCUMENT_ROOT", "/var/www/" },
        { "PHYSICAL_PATH", "/var/www/a" }, { "EMPTY", "" }
    };
    unsigned int i;

    if (!strcmp(name, "REMOTE_USER")) {
        return hr->user;
    }
    if (!strcmp(name, "AUTH_TYPE")) {
        return hr->auth_type;
    }
    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (!strcmp(values[i][0], name)) {
            return apr_pstrdup(pool, values[i][1]);
        }
    }
    return NULL;
}

static const char *small_map_path(iisr_host_request_t *hr, const char *url,
                                  apr_pool_t *pool)
{
    (void)hr;
    return apr_pstrcat(pool, "/var/www", url, NULL);
}

static int small_handler(iisr_host_request_t *hr, const char *verb,
                         const char *url, iisr_handler_t *handler,
                         apr_pool_t *pool)
{
    memset(handler, 0, sizeof(*handler));
    handler->name = hr->handler;
    if (url) {
        handler->name = strstr(url, ".asp") ? "asp" : NULL;
        handler->verbs = apr_pstrdup(pool, verb);
    }
    handler->path = "*";
    handler->modules = "one,two";
    handler->wildcard = 1;
    handler->access = 3;
    handler->resource = 2;
    handler->path_info = 1;
    return handler->name != NULL;
}

static int small_file(iisr_host_request_t *hr, const char **path,
                      const char **etag, apr_pool_t *pool)
{
    *path = hr->file;
    *etag = apr_pstrdup(pool, "\"small\"");
    return hr->file != NULL;
}

static int small_certificate(iisr_host_request_t *hr,
                             iisr_certificate_t *certificate,
                             apr_pool_t *pool)
{
    if (hr->certificate) {
        certificate->length = strlen(hr->certificate);
        certificate->der = apr_pmemdup(pool, hr->certificate,
                                       certificate->length);
        certificate->trusted = 1;
    }
    return hr->certificate != NULL;
}

static int small_tls(iisr_host_request_t *hr, iisr_tls_t *tls,
                     apr_pool_t *pool)
{
    (void)pool;
    *tls = hr->tls;
    tls->issuer = tls->subject = "";
    return hr->tls.der != NULL;
}

static apr_status_t small_commit(iisr_host_request_t *hr,
                                 const iisr_head_t *head)
{
    ck_assert_int_eq(hr->status, 0);
    hr->status = head->status;
    hr->closes = head->close;
    hr->suppressed = head->suppressed;
    hr->chunked = head->chunked;
    hr->length = head->content_length;
    hr->trailers = head->trailers;
    return APR_SUCCESS;
}

static void small_trailers(iisr_host_request_t *hr,
                           const apr_table_t *trailers)
{
    hr->trailers = trailers;
}

static int small_may_trail(iisr_host_request_t *hr)
{
    return hr->major != 10;             /* stands for 1.0 */
}

static apr_bucket_alloc_t *small_alloc(iisr_host_request_t *hr)
{
    if (!hr->alloc) {
        hr->alloc = apr_bucket_alloc_create(hr->pool);
    }
    return hr->alloc;
}

static apr_status_t small_pass(iisr_host_request_t *hr,
                               apr_bucket_brigade *bb, iisr_pass_e how,
                               iisr_sent_fn sent, void *baton)
{
    apr_bucket *b = APR_BRIGADE_FIRST(bb);
    char *text;
    apr_size_t length;

    if (!APR_BRIGADE_EMPTY(bb) && APR_BUCKET_IS_FILE(b)) {
        apr_os_file_get(&hr->descriptor, ((apr_bucket_file *)b->data)->fd);
    }
    apr_brigade_pflatten(bb, &text, &length, hr->pool);
    text = apr_pstrmemdup(hr->pool, text, length);
    hr->sent = hr->sent ? apr_pstrcat(hr->pool, hr->sent, text, NULL) : text;
    hr->ends += !APR_BRIGADE_EMPTY(bb)
                && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb));
    apr_brigade_cleanup(bb);
    if (how == IISR_PASS_ASYNC) {
        sent(baton, APR_SUCCESS);
    }
    return APR_SUCCESS;
}

static void small_abort(iisr_host_request_t *hr, iisr_end_e how)
{
    hr->aborts++;
    hr->resets += how == IISR_END_RESET;
    hr->cuts += how == IISR_END_CUT;
}

static void small_set_user(iisr_host_request_t *hr, const char *user,
                           const char *type)
{
    hr->user = apr_pstrdup(hr->pool, user);
    hr->auth_type = apr_pstrdup(hr->pool, type);
}

static void small_choose_handler(iisr_host_request_t *hr, const char *name)
{
    hr->set_handler = apr_pstrdup(hr->pool, name);
}

static int small_can_park(iisr_host_request_t *hr)
{
    return hr->parks;
}

static int small_connected(iisr_host_request_t *hr)
{
    return hr != NULL;
}

static void small_nothing(iisr_host_request_t *hr)
{
    (void)hr;
}

static void small_log(iisr_host_request_t *hr, iisr_log_level_e level,
                      const char *id, const char *fmt, ...)
{
    (void)fmt;
    if (hr && level <= IISR_LOG_WARNING) {
        ck_assert_ptr_nonnull(id);
        hr->warnings++;
    }
}

static iisr_host_t small_host = {
    .name = "small", .facts = small_facts, .header_in = small_header,
    .banner = small_banner,
    .set_header_in = small_set_header, .headers_in = small_headers,
    .set_method = small_set_method, .set_url = small_set_url,
    .read = small_read, .put_back = small_put_back,
    .variable = small_variable,
    .map_path = small_map_path, .handler = small_handler, .file = small_file,
    .certificate = small_certificate, .tls = small_tls,
    .commit = small_commit, .is_head = small_is_head,
    .may_trail = small_may_trail, .trailers = small_trailers,
    .bucket_alloc = small_alloc, .pass = small_pass, .abort = small_abort,
    .may_sendfile = small_can_park, .set_user = small_set_user,
    .set_handler = small_choose_handler,
    .connected = small_connected, .can_park = small_can_park,
    .look = small_nothing, .wake = small_nothing, .log = small_log
};

/* --- the request and its module ----------------------------------------- */

static apr_pool_t *pool;
static iisr_host_request_t hr;
static iisr_context_t *ctx;
static iisr_registry_t registry;
static iisr_module_t module;
static iisr_module_t *modules[1] = { &module };
static struct CHttpModuleVtbl module_table;
static CHttpModule the_module;

static HRESULT small_get_module(IHttpModuleFactory *This,
                                CHttpModule **ppModule,
                                IModuleAllocator *pAllocator)
{
    (void)This;
    (void)pAllocator;
    *ppModule = &the_module;
    return S_OK;
}

static int small_disposed, small_terminated;
static void small_dispose(CHttpModule *This)
{
    (void)This;
    small_disposed++;
}

static void small_terminate(IHttpModuleFactory *This)
{
    (void)This;
    small_terminated++;
}

static const struct IHttpModuleFactoryVtbl small_factory_table = {
    .GetHttpModule = small_get_module, .Terminate = small_terminate
};
static IHttpModuleFactory small_factory;

/* The module takes part in this event, beside those it took part in. */
static inline void small_take_part(iisr_event_e event)
{
    module.events |= iisr_event_bit(event);
    iisr_registry_seal(&registry);
}

static inline void small_take_part_after(iisr_event_e event)
{
    module.post_events |= iisr_event_bit(event);
    iisr_registry_seal(&registry);
}

/* Up to and with the post-event of this one. */
static inline iisr_run_e small_run(iisr_event_e event)
{
    iisr_run_e result;

    iisr_enter(ctx);
    result = iisr_pipeline_run(ctx, event, 0);
    iisr_leave(ctx);
    return result;
}

static IHttpServer3 *small_server;
static int small_lines;             /* of the server object */
static void small_server_log(void *baton, iisr_log_level_e level,
                             const char *id, const char *line)
{
    (void)baton;
    (void)line;
    ck_assert(level > IISR_LOG_WARNING || id);
    small_lines += level <= IISR_LOG_WARNING;
}

/* A request like the one before. */
static void small_open(void)
{
    iisr_settings_t settings = { .buffer_limit = 1 << 22 };
    iisr_surroundings_t around = { .server = small_server };

    ctx = iisr_context_create(&small_host, &hr, &registry, &settings, &around,
                              &iisr_iface_objects, &iisr_waiting);
    ck_assert_ptr_nonnull(ctx);
}

static void small_setup(void)
{
    static const iisr_server_hooks_t hooks = { .log = small_server_log,
                                               .fragment_bytes = 65536 };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    memset(&hr, 0, sizeof(hr));
    memset(&registry, 0, sizeof(registry));
    memset(&module, 0, sizeof(module));
    memset(&module_table, 0, sizeof(module_table));
    module_table.Dispose = small_dispose;
    the_module.lpVtbl = called_wrap("CHttpModule", &module_table);
    small_factory.lpVtbl = called_wrap("IHttpModuleFactory",
                                       &small_factory_table);
    small_disposed = small_terminated = 0;
    module.name = "small";
    module.wide_name = L"small";
    module.factory = &small_factory;
    registry.pool = pool;
    registry.modules = modules;
    registry.nmodules = 1;
    iisr_registry_seal(&registry);
    hr.pool = pool;
    hr.headers = apr_table_make(pool, 8);
    hr.method = "GET";
    hr.path = "/a";
    small_server = iisr_server_create(pool, "pool", "/etc/pool.config",
                                      &hooks);
    small_lines = 0;
    small_open();
}

/* The request ends; the server object stays until teardown. */
static void small_close(void)
{
    iisr_context_close(ctx);
    ctx = NULL;
}

static void small_teardown(void)
{
    if (ctx) {
        small_close();
    }
    iisr_server_close(small_server);
    apr_pool_destroy(pool);
    apr_terminate();
}
