/* global_provider.h: raises global notifications, each with its provider.
 *
 * A provider lives on the caller's stack for the length of the call, as long
 * as IIS promises.  No lock is held; any thread.  Where nobody registered,
 * each is one look at a mask.
 */
#ifndef IISR_IFACE_GLOBAL_PROVIDER_H
#define IISR_IFACE_GLOBAL_PROVIDER_H

#include "httptrace.h"
#include "core/context.h"

/* GL_APPLICATION_START, GL_APPLICATION_STOP, GL_THREAD_CLEANUP. */
void iisr_global_application(iisr_registry_t *reg, DWORD bit,
                             IHttpApplication2 *application);
/* GL_APPLICATION_RESOLVE_MODULES: before the registry is sealed, modules
 * may add others, which see requests of this application only. */
void iisr_global_resolve(iisr_registry_t *reg,
                         IHttpApplication2 *application);
void iisr_global_pre_begin(iisr_context_t *ctx);
void iisr_global_stop_listening(iisr_registry_t *reg, BOOL gracefully);
void iisr_global_configuration_change(iisr_registry_t *reg, PCWSTR path);
/* monitor: the one that saw it, or NULL. */
void iisr_global_file_change(iisr_registry_t *reg, PCWSTR path,
                             IHttpFileMonitor *monitor);
/* ctx NULL: an event of the process. */
void iisr_global_trace(iisr_registry_t *reg, IHttpServer3 *server,
                       HTTP_TRACE_EVENT *event, iisr_context_t *ctx);
GLOBAL_NOTIFICATION_STATUS iisr_global_custom(
    iisr_registry_t *reg, ICustomNotificationProvider *provider);
void iisr_global_health_check(iisr_registry_t *reg);
/* *record: in and out; record may be NULL.  HANDLED: a module has carried
 * the operation out. */
GLOBAL_NOTIFICATION_STATUS iisr_global_cache_operation(
    iisr_registry_t *reg, CACHE_OPERATION operation, IHttpCacheKey *key,
    IHttpCacheSpecificData **record, IHttpTraceContext *trace);

#endif
