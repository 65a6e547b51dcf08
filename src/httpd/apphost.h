/* apphost.h: the files that IISConfig and IISConfigSchema name. */
#ifndef IISR_HTTPD_APPHOST_H
#define IISR_HTTPD_APPHOST_H

#include <httpd.h>
#include <http_config.h>
#include "core/apphost.h"

/* NULL, or what is wrong with the file. */
const char *iisr_apphost_add_file(cmd_parms *cmd, const char *path);
const char *iisr_apphost_add_schema(cmd_parms *cmd, const char *path);

/* What was read, merged; NULL when no file was named.  In children. */
const iisr_apphost_t *iisr_apphost_configured(void);
/* The server's own file, or NULL. */
const char *iisr_apphost_host_file(void);

void iisr_apphost_register_hooks(apr_pool_t *p);

#endif
