/* globals.h: where in the life of a child the global notifications are. */
#ifndef IISR_HTTPD_GLOBALS_H
#define IISR_HTTPD_GLOBALS_H
#include <httpd.h>
#include "core/context.h"
#include "iface/objects.h"

void iisr_globals_hooks(apr_pool_t *p);
/* After RegisterModule of all: more modules, before the registry is
 * sealed. */
void iisr_globals_resolve(iisr_registry_t *registry);
/* Before the modules are terminated: the applications that started stop. */
void iisr_globals_stop(iisr_registry_t *registry);
/* Those that a call of a module brings about; and the one that httpd makes
 * when a module has called itself unhealthy. */
void iisr_globals_hook_server(iisr_server_hooks_t *hooks);
void iisr_globals_health_check(void);
/* No lock. */
void iisr_globals_pre_begin(iisr_context_t *ctx);
/* The request's application starts, if this is its first request.  No
 * lock. */
void iisr_globals_start(iisr_context_t *ctx);
/* The thread is through with a request of the application. */
void iisr_globals_thread_cleanup(IHttpApplication2 *application);
#endif
