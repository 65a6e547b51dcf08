/* surroundings.c: virtual hosts as IIS sites, each with its root
 * application; made once a child, before modules register.
 */
#include <httpd.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include "httpd/loader.h"
#include "httpd/surroundings.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

typedef struct iisr_vhost_t {
    IHttpSite *site;
    IHttpApplication2 *application;
} iisr_vhost_t;

/* Filled in child_init, then only read. */
static apr_hash_t *vhosts;

static const char *document_root(server_rec *s)
{
    core_server_config *conf = ap_get_core_module_config(s->module_config);

    return conf->ap_document_root ? conf->ap_document_root : "/";
}

static void add_vhost(apr_pool_t *pool, server_rec *s, int id)
{
    iisr_vhost_t *vhost = apr_pcalloc(pool, sizeof(*vhost));
    const char *name = iisr_site_name(s);
    server_rec *key = s;

    vhost->site = iisr_site_create(pool, id, name);
    vhost->application = iisr_application_create(pool, document_root(s),
        apr_psprintf(pool, "/LM/W3SVC/%d/ROOT", id),
        apr_pstrcat(pool, "MACHINE/WEBROOT/APPHOST/", name, NULL));
    apr_hash_set(vhosts, apr_pmemdup(pool, &key, sizeof(key)), sizeof(key),
                 vhost);
}

static apr_status_t vhosts_go(void *data)
{
    apr_hash_index_t *hi;

    for (hi = apr_hash_first(data, vhosts); hi; hi = apr_hash_next(hi)) {
        iisr_vhost_t *vhost = apr_hash_this_val(hi);

        iisr_site_destroy(vhost->site);
        iisr_application_destroy(vhost->application);
    }
    return APR_SUCCESS;
}

void iisr_surroundings_child_init(apr_pool_t *pchild, server_rec *s)
{
    int id = 1;

    vhosts = apr_hash_make(pchild);
    for (; s; s = s->next) {
        add_vhost(pchild, s, id++);
    }
    apr_pool_pre_cleanup_register(pchild, pchild, vhosts_go);
}

static int is_connected(void *conn)
{
    return iisr_conn_connected(conn);
}

static apr_status_t connection_goes(void *data)
{
    iisr_connection_disconnected(data);
    iisr_connection_destroy(data);
    return APR_SUCCESS;
}

static IHttpConnection *connection_of(iisr_conn_t *conn)
{
    if (!conn->object) {
        conn->object = iisr_connection_create(conn->c->pool, is_connected,
                                              conn);
        apr_pool_pre_cleanup_register(conn->c->pool, conn->object,
                                      connection_goes);
    }
    return conn->object;
}

void iisr_surroundings_get(request_rec *r, iisr_conn_t *conn,
                           iisr_surroundings_t *around)
{
    iisr_vhost_t *vhost = apr_hash_get(vhosts, &r->server, sizeof(r->server));

    around->server = iisr_loader_server();
    around->site = vhost ? vhost->site : NULL;
    around->application = vhost ? vhost->application : NULL;
    around->connection = connection_of(conn);
}
