/* surroundings.h: the objects around requests: server, site, application,
 * connection.  Sites and applications live as long as the child. */
#ifndef IISR_HTTPD_SURROUNDINGS_H
#define IISR_HTTPD_SURROUNDINGS_H
#include "httpd/host.h"

/* What IIS calls the site that a (virtual) server is. */
static inline const char *iisr_site_name(const server_rec *s)
{
    return s->server_hostname ? s->server_hostname : "Default Web Site";
}

/* One application of a site; strings and object live as long as the child. */
typedef struct iisr_app_t {
    const char *path;               /* "" for the root, else "/shop" */
    const char *physical;           /* its root folder */
    const char *id;                 /* "/LM/W3SVC/1/ROOT/shop" */
    const char *config_path;        /* "MACHINE/WEBROOT/APPHOST/<site>/shop" */
    IHttpApplication2 *object;
} iisr_app_t;

typedef struct iisr_site_t {
    int id;                         /* 1 is the main server */
    const char *name;
    IHttpSite *object;
    const iisr_app_t **apps;        /* longest path first, the root last */
    int napps;
} iisr_site_t;

void iisr_surroundings_child_init(apr_pool_t *pchild, server_rec *s);
/* Before the modules end: cleans up what they stored. */
void iisr_surroundings_close(void);
void iisr_surroundings_get(request_rec *r, iisr_conn_t *conn,
                           iisr_surroundings_t *around);

/* NULL before child_init. */
const iisr_site_t *iisr_site_of(const server_rec *s);
/* By name, or NULL. */
const iisr_site_t *iisr_site_named(const char *name);
/* The application whose path is the longest prefix of the URL-path. */
const iisr_app_t *iisr_app_of(const iisr_site_t *site, const char *url);
/* Every application, in the order of the sites. */
void iisr_surroundings_each(void (*see)(IHttpApplication2 *application,
                                        void *baton), void *baton);
#endif
