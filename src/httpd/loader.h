/* loader.h: the ported modules of this server, from IISModule to Terminate.
 *
 * Loaded while the configuration is read (which runs their constructors, in
 * the root parent and at configtest too), registered in each child.  The
 * parent closes them with its configuration; a child never does.
 */
#ifndef IISR_HTTPD_LOADER_H
#define IISR_HTTPD_LOADER_H

#include <httpd.h>
#include <http_config.h>
#include "core/registry.h"

/* The same in bin/kit/parts.sh, conf/mod_iisresp.pc.in and debian/changelog. */
#define IISR_VERSION "0.1.0"

/* NULL, or an error that names directive, module, path and reason; with
 * `optional` that is a warning, and the module is known and does nothing. */
const char *iisr_loader_load(cmd_parms *cmd, const char *name,
                             const char *path, int optional);
int iisr_loader_has(const char *name);
int iisr_loader_has_any(void);

/* RegisterModule of each; then the registry does not change any more. */
void iisr_loader_child_init(apr_pool_t *pchild, server_rec *s);
/* NULL before child_init. */
iisr_registry_t *iisr_loader_registry(void);
IHttpServer3 *iisr_loader_server(void);

void iisr_loader_register_hooks(apr_pool_t *p);

#endif
