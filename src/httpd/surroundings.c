/* surroundings.c: virtual hosts as IIS sites, each with its applications
 * (IISApplication, and the root); made once a child, before modules
 * register.
 */
#include <httpd.h>
#include <stdlib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include "httpd/config.h"
#include "httpd/counters.h"
#include "httpd/loader.h"
#include "httpd/surroundings.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

/* The connections that modules may know: some outlive the modules. */
static struct {
    apr_thread_mutex_t *lock;
    iisr_conn_t *first;
} known;

static const char *document_root(const server_rec *s)
{
    core_server_config *conf = ap_get_core_module_config(s->module_config);

    return conf->ap_document_root ? conf->ap_document_root : "/";
}

/* --- making them -------------------------------------------------------- */

static const iisr_app_t *make_app(apr_pool_t *pool, const iisr_site_t *site,
                                  const char *path, const char *physical)
{
    iisr_app_t *app = apr_pcalloc(pool, sizeof(*app));

    app->path = path;
    app->physical = physical;
    app->id = apr_psprintf(pool, "/LM/W3SVC/%d/ROOT%s", site->id, path);
    app->config_path = apr_pstrcat(pool, "MACHINE/WEBROOT/APPHOST/",
                                   site->name, path, NULL);
    app->object = iisr_application_create(pool, app->physical, app->id,
                                          app->config_path);
    return app;
}

static int longer_first(const void *a, const void *b)
{
    const iisr_app_t *x = *(const iisr_app_t *const *)a;
    const iisr_app_t *y = *(const iisr_app_t *const *)b;

    return (int)strlen(y->path) - (int)strlen(x->path);
}

static void make_apps(apr_pool_t *pool, server_rec *s, iisr_site_t *site)
{
    const apr_array_header_t *said = iisr_config_applications(s);
    const iisr_application_conf_t *conf =
        said ? (const iisr_application_conf_t *)(const void *)said->elts
             : NULL;
    int i, n = said ? said->nelts : 0;

    site->apps = apr_palloc(pool, (n + 1) * sizeof(*site->apps));
    for (i = 0; i < n; i++) {
        site->apps[i] = make_app(pool, site, conf[i].path, conf[i].physical
            ? conf[i].physical
            : apr_pstrcat(pool, document_root(s), conf[i].path, NULL));
    }
    site->apps[n] = make_app(pool, site, "", document_root(s));
    site->napps = n + 1;
    qsort(site->apps, site->napps, sizeof(*site->apps), longer_first);
}

/* The number is the place in the configuration: it stays as long as that
 * does, across children and restarts. */
static void add_site(apr_pool_t *pool, server_rec *s, int id)
{
    iisr_site_t *site = apr_pcalloc(pool, sizeof(*site));

    site->id = id;
    site->name = iisr_site_name(s);
    site->object = iisr_site_create(pool, id, site->name,
        iisr_counters_create(pool, iisr_counters_cells(id)));
    make_apps(pool, s, site);
    iisr_config_set_site(s, site);
}

void iisr_surroundings_child_init(apr_pool_t *pchild, server_rec *s)
{
    int id = 1;

    known.first = NULL;
    /* Nested: prefork exits from a signal's handler.  Not of pchild, which
     * goes before its connections do. */
    apr_thread_mutex_create(&known.lock, APR_THREAD_MUTEX_NESTED,
                            s->process->pool);
    for (; s; s = s->next) {
        add_site(pchild, s, id++);
    }
}

/* --- connections --------------------------------------------------------- */

static int is_connected(void *conn)
{
    return iisr_conn_connected(conn);
}

static void list(iisr_conn_t *conn)
{
    apr_thread_mutex_lock(known.lock);
    if ((conn->next = known.first)) {
        conn->next->back = &conn->next;
    }
    conn->back = &known.first;
    known.first = conn;
    apr_thread_mutex_unlock(known.lock);
}

static void unlist(iisr_conn_t *conn)
{
    if (conn->back) {
        if ((*conn->back = conn->next)) {
            conn->next->back = conn->back;
        }
        conn->back = NULL;
    }
}

static apr_status_t connection_goes(void *data)
{
    iisr_conn_t *conn = data;

    apr_thread_mutex_lock(known.lock);
    unlist(conn);
    apr_thread_mutex_unlock(known.lock);
    iisr_connection_disconnected(conn->object);
    iisr_connection_destroy(conn->object);
    return APR_SUCCESS;
}

static IHttpConnection *connection_of(iisr_conn_t *conn)
{
    if (!conn->object) {
        conn->object = iisr_connection_create(conn->c->pool, is_connected,
                                              conn);
        apr_pool_pre_cleanup_register(conn->c->pool, conn, connection_goes);
        list(conn);
    }
    return conn->object;
}

static iisr_conn_t *take_connection(void)
{
    iisr_conn_t *conn;

    apr_thread_mutex_lock(known.lock);
    if ((conn = known.first)) {
        unlist(conn);
    }
    apr_thread_mutex_unlock(known.lock);
    return conn;
}

void iisr_surroundings_close(void)
{
    const server_rec *s;
    iisr_conn_t *conn;
    int i;

    while ((conn = take_connection())) {
        iisr_connection_disconnected(conn->object);
        iisr_connection_destroy(conn->object);
    }
    for (s = ap_server_conf; s; s = s->next) {
        const iisr_site_t *site = iisr_site_of(s);

        for (i = 0; i < site->napps; i++) {
            iisr_application_destroy(site->apps[i]->object);
        }
        iisr_site_destroy(site->object);
    }
}

/* --- finding them ------------------------------------------------------- */

const iisr_site_t *iisr_site_of(const server_rec *s)
{
    return iisr_config_site(s);
}

const iisr_site_t *iisr_site_named(const char *name)
{
    const server_rec *s;

    for (s = ap_server_conf; s; s = s->next) {
        const iisr_site_t *site = iisr_site_of(s);

        if (site && !strcasecmp(site->name, name)) {
            return site;
        }
    }
    return NULL;
}

const iisr_app_t *iisr_app_of(const iisr_site_t *site, const char *url)
{
    int i;

    for (i = 0; i < site->napps; i++) {
        apr_size_t length = strlen(site->apps[i]->path);

        /* IIS paths do not care for case. */
        if (!length || (!strncasecmp(url, site->apps[i]->path, length)
                        && (!url[length] || url[length] == '/'))) {
            return site->apps[i];
        }
    }
    return NULL;
}

void iisr_surroundings_each(void (*see)(IHttpApplication2 *application,
                                        void *baton), void *baton)
{
    const server_rec *s;
    int i;

    for (s = ap_server_conf; s; s = s->next) {
        const iisr_site_t *site = iisr_site_of(s);

        for (i = site ? site->napps : 0; i-- > 0; ) {
            see(site->apps[i]->object, baton);
        }
    }
}

/* --- of a request ------------------------------------------------------- */

void iisr_surroundings_get(request_rec *r, iisr_conn_t *conn,
                           iisr_surroundings_t *around)
{
    const iisr_site_t *site = iisr_site_of(r->server);

    around->server = iisr_loader_server();
    around->site = site ? site->object : NULL;
    around->application = site ? iisr_app_of(site, r->uri ? r->uri : "/")
                                 ->object : NULL;
    around->connection = connection_of(conn);
}
