/* variables.h: IIS's server variables, for IHttpContext::GetServerVariable. */
#ifndef IISR_HTTPD_VARIABLES_H
#define IISR_HTTPD_VARIABLES_H
#include <httpd.h>
/* UTF-8, from pool or longer-lived.  NULL: unknown. */
const char *iisr_variable(request_rec *r, const char *name, apr_pool_t *pool);
/* Of SERVER_PORT and CookedUrl. */
int iisr_server_port(request_rec *r);
#endif
