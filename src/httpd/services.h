/* services.h: what the server object of a child, and its modules, ask of
 * httpd.
 */
#ifndef IISR_HTTPD_SERVICES_H
#define IISR_HTTPD_SERVICES_H

#include <httpd.h>
#include "iis_handshake.h"
#include "iface/objects.h"

/* Fills in the hooks of the child's server object.  Before any module is
 * registered. */
void iisr_services_child_init(apr_pool_t *pchild, server_rec *s,
                              iisr_server_hooks_t *hooks);
/* For the handshake with a module; any thread of the child may call them. */
const iis_services *iisr_services(void);
/* How many objects of the settings modules have not released. */
apr_uint32_t iisr_services_held(void);

#endif
