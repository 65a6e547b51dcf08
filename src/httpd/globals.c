/* globals.c: the global notifications that follow from the life of a child:
 * each of its applications starts with its first request, and stops after
 * the child's last; it stops listening when the parent tells it to.  Those that a call brings
 * about are raised in src/iface.
 */
#include <httpd.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_log.h>
#include <mpm_common.h>
#include <scoreboard.h>
#include "core/global.h"
#include "httpd/globals.h"
#include "httpd/loader.h"
#include "httpd/surroundings.h"
#include "iface/global_provider.h"

APLOG_USE_MODULE(iisresp);

/* Of the configuration that this child was started with. */
static int generation;

static void resolve_one(IHttpApplication2 *application, void *registry)
{
    iisr_global_resolve(registry, application);
}

static void start_one(IHttpApplication2 *application, void *registry)
{
    iisr_global_application(registry, GL_APPLICATION_START, application);
}

static void stop_one(IHttpApplication2 *application, void *registry)
{
    if (iisr_application_started(application)) {
        iisr_global_application(registry, GL_APPLICATION_STOP, application);
    }
}

void iisr_globals_resolve(iisr_registry_t *registry)
{
    if (ap_mpm_query(AP_MPMQ_GENERATION, &generation) != APR_SUCCESS) {
        generation = 0;
    }
    iisr_surroundings_each(resolve_one, registry);
}

void iisr_globals_stop(iisr_registry_t *registry)
{
    iisr_surroundings_each(stop_one, registry);
    if (iisr_global_wanted(registry, GL_CACHE_CLEANUP)) {
        iisr_global_raise(registry, GL_CACHE_CLEANUP, NULL);
    }
}

/* --- what modules bring about ------------------------------------------- */

static void file_changed(void *baton, IHttpFileMonitor *monitor,
                         const WCHAR *path)
{
    (void)baton;
    iisr_global_file_change(iisr_loader_registry(), path, monitor);
}

static void configuration_told(void *baton, const WCHAR *path)
{
    (void)baton;
    iisr_global_configuration_change(iisr_loader_registry(), path);
}

static GLOBAL_NOTIFICATION_STATUS custom(void *baton,
                                         ICustomNotificationProvider *provider)
{
    (void)baton;
    return iisr_global_custom(iisr_loader_registry(), provider);
}

static GLOBAL_NOTIFICATION_STATUS cache_operation(
    void *baton, CACHE_OPERATION operation, IHttpCacheKey *key,
    IHttpCacheSpecificData **record, IHttpTraceContext *trace)
{
    (void)baton;
    return iisr_global_cache_operation(iisr_loader_registry(), operation, key,
                                       record, trace);
}

static void traced(void *baton, HTTP_TRACE_EVENT *event, iisr_context_t *ctx)
{
    (void)baton;
    iisr_global_trace(iisr_loader_registry(), iisr_loader_server(), event,
                      ctx);
}

void iisr_globals_hook_server(iisr_server_hooks_t *hooks)
{
    hooks->file_changed = file_changed;
    hooks->configuration_changed = configuration_told;
    hooks->custom = custom;
    hooks->cache_operation = cache_operation;
    hooks->trace.event = traced;
}

void iisr_globals_health_check(void)
{
    iisr_global_health_check(iisr_loader_registry());
}

/* --- requests ----------------------------------------------------------- */

void iisr_globals_pre_begin(iisr_context_t *ctx)
{
    iisr_global_pre_begin(ctx);
}

void iisr_globals_start(iisr_context_t *ctx)
{
    if (ctx->around.application
        && iisr_global_wanted(ctx->registry, GL_APPLICATION_START
                                             | GL_APPLICATION_STOP)) {
        iisr_application_start(ctx->around.application, start_one,
                               (void *)ctx->registry);
    }
}

void iisr_globals_thread_cleanup(IHttpApplication2 *application)
{
    iisr_registry_t *registry = iisr_loader_registry();

    if (iisr_global_wanted(registry, GL_THREAD_CLEANUP)) {
        iisr_global_application(registry, GL_THREAD_CLEANUP, application);
    }
}

/* --- the end of listening ----------------------------------------------- */

#if AP_MODULE_MAGIC_AT_LEAST(20120211, 110)
/* The parent has read its configuration anew: to the modules that still run
 * here it has changed. */
static int configuration_changed(void)
{
    return ap_scoreboard_image
           && ap_scoreboard_image->global->running_generation != generation;
}

/* The MPMs run the hook when they are told to stop, and again, or only then
 * (prefork, whose process serves one connection), when the process exits. */
static void child_stopping(apr_pool_t *pchild, int graceful)
{
    static int told;
    iisr_registry_t *registry = iisr_loader_registry();
    int changed = configuration_changed();

    (void)pchild;
    if (told) {
        return;
    }
    told = 1;
    if (changed) {
        iisr_global_configuration_change(registry,
                                         L"MACHINE/WEBROOT/APPHOST");
    }
    iisr_global_stop_listening(registry, graceful || changed);
}
#endif

void iisr_globals_hooks(apr_pool_t *p)
{
    (void)p;
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 110)
    ap_hook_child_stopping(child_stopping, NULL, NULL, APR_HOOK_MIDDLE);
#endif
}
