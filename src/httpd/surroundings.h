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

void iisr_surroundings_child_init(apr_pool_t *pchild, server_rec *s);
void iisr_surroundings_get(request_rec *r, iisr_conn_t *conn,
                           iisr_surroundings_t *around);
#endif
