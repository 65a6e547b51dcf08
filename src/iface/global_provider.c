/* global_provider.c: the providers of the global notifications; see
 * global_provider.h.  Pages: "IHttpApplicationProvider Interface" and those
 * named at each.
 */
#include <string.h>
#include <apr_strings.h>
#include "objects.h"
#include "vtable.h"
#include "core/global.h"
#include "core/wide.h"
#include "iface/global_provider.h"
#include "iface/server.h"

/* One shape for all; each interface uses its part. */
typedef struct provider_t {
    union {
        IHttpApplicationProvider application;
        IHttpApplicationResolveModulesProvider resolve;
        IGlobalThreadCleanupProvider thread;
        IPreBeginRequestProvider pre_begin;
        IGlobalStopListeningProvider stop;
        IGlobalConfigurationChangeProvider configuration;
        IGlobalFileChangeProvider file;
        IGlobalTraceEventProvider trace;
        ICacheProvider cache;
    } iface;                            /* must be first */
    iisr_registry_t *registry;
    IHttpApplication2 *application;
    IHttpContext *context;
    BOOL gracefully;
    PCWSTR path;
    IHttpFileMonitor *monitor;
    HTTP_TRACE_EVENT *event;
    iisr_trace_hub_t *hub;
    CACHE_OPERATION operation;
    IHttpCacheKey *key;
    IHttpCacheSpecificData *record;
    IHttpTraceContext *trace;
    HRESULT error;
} provider_t;

static provider_t *provider_of(void *iface)
{
    return iface;
}

/* Nothing fails because of it: kept for the length of the notification. */
static void global_SetErrorStatus(IHttpEventProvider *This, HRESULT hrError)
{
    provider_of(This)->error = hrError;
}

#define BASE { .SetErrorStatus = global_SetErrorStatus }

/* --- applications ------------------------------------------------------- */

static IHttpApplication *application_GetApplication(
    IHttpApplicationProvider *This)
{
    return (IHttpApplication *)(void *)provider_of(This)->application;
}

static IHttpApplication *thread_GetApplication(
    IGlobalThreadCleanupProvider *This)
{
    return (IHttpApplication *)(void *)provider_of(This)->application;
}

IISR_VTABLE(IHttpApplicationProvider, application_vtbl) = {
    .base = BASE, .GetApplication = application_GetApplication
} IISR_VTABLE_END;

IISR_VTABLE(IGlobalThreadCleanupProvider, thread_vtbl) = {
    .base = BASE, .GetApplication = thread_GetApplication
} IISR_VTABLE_END;

void iisr_global_application(iisr_registry_t *reg, DWORD bit,
                             IHttpApplication2 *application)
{
    provider_t provider = { .registry = reg, .application = application };

    if (!iisr_global_wanted(reg, bit)) {
        return;
    }
    if (bit == GL_THREAD_CLEANUP) {
        provider.iface.thread.lpVtbl = IISR_VPTR(thread_vtbl);
    }
    else {
        provider.iface.application.lpVtbl = IISR_VPTR(application_vtbl);
    }
    iisr_global_raise(reg, bit, &provider);
}

/* --- more modules for one application ----------------------------------- */

/* A module that this application was given under this name. */
static iisr_module_t *resolved(provider_t *provider, PCWSTR name)
{
    iisr_registry_t *reg = provider->registry;
    int i;

    for (i = 0; i < reg->nmodules; i++) {
        if (reg->modules[i]->application == provider->application
            && !wcscmp(reg->modules[i]->wide_name, name)) {
            return reg->modules[i];
        }
    }
    return NULL;
}

static const iisr_module_t *parent_of(const iisr_registry_t *reg,
                                      HTTP_MODULE_ID id)
{
    apr_uintptr_t n = (apr_uintptr_t)id;

    return n >= 1 && n <= (apr_uintptr_t)reg->nmodules
           ? reg->modules[n - 1] : NULL;
}

/* Type and precondition choose among managed modules on IIS: no meaning
 * here.  The module sees this application's requests only. */
static HRESULT resolve_RegisterModule(
    IHttpApplicationResolveModulesProvider *This,
    HTTP_MODULE_ID parentModuleId, IHttpModuleFactory *pModuleFactory,
    PCWSTR pszModuleName, PCWSTR pszModuleType, PCWSTR pszModulePreCondition,
    DWORD dwRequestNotifications, DWORD dwPostRequestNotifications)
{
    provider_t *provider = provider_of(This);
    iisr_registry_t *reg = provider->registry;
    const iisr_module_t *parent = parent_of(reg, parentModuleId);
    iisr_module_t *module;
    HRESULT hr;

    (void)pszModuleType;
    (void)pszModulePreCondition;
    if (!parent || !pModuleFactory || !pszModuleName || !*pszModuleName
        || resolved(provider, pszModuleName)) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    module = iisr_registry_add(reg, iisr_narrow(reg->pool, pszModuleName,
                                                NULL),
                               parent->path, parent->handle);
    iisr_registration_init(module);
    module->application = provider->application;
    hr = iisr_registration_set_events(module, pModuleFactory,
                                      dwRequestNotifications,
                                      dwPostRequestNotifications);
    if (FAILED(hr)) {
        reg->nmodules--;
    }
    return hr;
}

static HRESULT resolve_SetPriorityForRequestNotification(
    IHttpApplicationResolveModulesProvider *This, PCWSTR pszModuleName,
    DWORD dwRequestNotification, PCWSTR pszPriorityAlias)
{
    iisr_module_t *module = pszModuleName
        ? resolved(provider_of(This), pszModuleName) : NULL;

    return module ? iisr_registration_set_priority(module, 0,
                                                   dwRequestNotification,
                                                   pszPriorityAlias)
                  : HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
}

IISR_VTABLE(IHttpApplicationResolveModulesProvider, resolve_vtbl) = {
    .base = { .base = BASE, .GetApplication = application_GetApplication },
    .RegisterModule = resolve_RegisterModule,
    .SetPriorityForRequestNotification =
        resolve_SetPriorityForRequestNotification
} IISR_VTABLE_END;

void iisr_global_resolve(iisr_registry_t *reg,
                         IHttpApplication2 *application)
{
    provider_t provider = { .registry = reg, .application = application };

    if (iisr_global_wanted(reg, GL_APPLICATION_RESOLVE_MODULES)) {
        provider.iface.resolve.lpVtbl = IISR_VPTR(resolve_vtbl);
        iisr_global_raise(reg, GL_APPLICATION_RESOLVE_MODULES, &provider);
    }
}

/* --- requests ----------------------------------------------------------- */

static IHttpContext *pre_begin_GetHttpContext(IPreBeginRequestProvider *This)
{
    return provider_of(This)->context;
}

IISR_VTABLE(IPreBeginRequestProvider, pre_begin_vtbl) = {
    .base = BASE, .GetHttpContext = pre_begin_GetHttpContext
} IISR_VTABLE_END;

/* HANDLED ends the global notifications and says nothing of the request
 * (page "GLOBAL_NOTIFICATION_STATUS Enumeration"); a module that has also
 * answered it has kept it out of the pipeline. */
void iisr_global_pre_begin(iisr_context_t *ctx)
{
    provider_t provider = { .context = (IHttpContext *)(void *)&ctx->handle->iface };
    GLOBAL_NOTIFICATION_STATUS status;

    if (!iisr_global_wanted(ctx->registry, GL_PRE_BEGIN_REQUEST)) {
        return;
    }
    provider.iface.pre_begin.lpVtbl = IISR_VPTR(pre_begin_vtbl);
    status = iisr_global_raise(ctx->registry, GL_PRE_BEGIN_REQUEST, &provider);
    iisr_enter(ctx);
    if (status == GL_NOTIFICATION_HANDLED
        && (ctx->response.touched || ctx->response.committed)) {
        iisr_pipeline_finish(ctx);
    }
    iisr_leave(ctx);
}

/* --- the process -------------------------------------------------------- */

static BOOL stop_DrainRequestsGracefully(IGlobalStopListeningProvider *This)
{
    return provider_of(This)->gracefully;
}

IISR_VTABLE(IGlobalStopListeningProvider, stop_vtbl) = {
    .base = BASE, .DrainRequestsGracefully = stop_DrainRequestsGracefully
} IISR_VTABLE_END;

void iisr_global_stop_listening(iisr_registry_t *reg, BOOL gracefully)
{
    provider_t provider = { .gracefully = gracefully };

    if (iisr_global_wanted(reg, GL_STOP_LISTENING)) {
        provider.iface.stop.lpVtbl = IISR_VPTR(stop_vtbl);
        iisr_global_raise(reg, GL_STOP_LISTENING, &provider);
    }
}

static PCWSTR configuration_GetChangePath(
    IGlobalConfigurationChangeProvider *This)
{
    return provider_of(This)->path;
}

IISR_VTABLE(IGlobalConfigurationChangeProvider, configuration_vtbl) = {
    .base = BASE, .GetChangePath = configuration_GetChangePath
} IISR_VTABLE_END;

void iisr_global_configuration_change(iisr_registry_t *reg, PCWSTR path)
{
    provider_t provider = { .path = path };

    if (iisr_global_wanted(reg, GL_CONFIGURATION_CHANGE)) {
        provider.iface.configuration.lpVtbl = IISR_VPTR(configuration_vtbl);
        iisr_global_raise(reg, GL_CONFIGURATION_CHANGE, &provider);
    }
}

static PCWSTR file_GetFileName(IGlobalFileChangeProvider *This)
{
    return provider_of(This)->path;
}

static IHttpFileMonitor *file_GetFileMonitor(IGlobalFileChangeProvider *This)
{
    return provider_of(This)->monitor;
}

IISR_VTABLE(IGlobalFileChangeProvider, file_vtbl) = {
    .base = BASE, .GetFileName = file_GetFileName,
    .GetFileMonitor = file_GetFileMonitor
} IISR_VTABLE_END;

void iisr_global_file_change(iisr_registry_t *reg, PCWSTR path,
                             IHttpFileMonitor *monitor)
{
    provider_t provider = { .path = path, .monitor = monitor };

    if (iisr_global_wanted(reg, GL_FILE_CHANGE)) {
        provider.iface.file.lpVtbl = IISR_VPTR(file_vtbl);
        iisr_global_raise(reg, GL_FILE_CHANGE, &provider);
    }
}

void iisr_global_health_check(iisr_registry_t *reg)
{
    if (iisr_global_wanted(reg, GL_HEALTH_CHECK)) {
        iisr_global_raise(reg, GL_HEALTH_CHECK, NULL);
    }
}

/* --- traces ------------------------------------------------------------- */

static HRESULT trace_GetTraceEvent(IGlobalTraceEventProvider *This,
                                   HTTP_TRACE_EVENT **ppTraceEvent)
{
    if (!ppTraceEvent) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    *ppTraceEvent = provider_of(This)->event;
    return S_OK;
}

static BOOL trace_CheckSubscription(IGlobalTraceEventProvider *This,
                                    HTTP_MODULE_ID ModuleId)
{
    provider_t *provider = provider_of(This);

    return iisr_trace_subscribed(provider->hub, ModuleId, provider->event);
}

/* IIS: nothing is written for an event that belongs to no request. */
static HRESULT trace_GetCurrentHttpRequestContext(
    IGlobalTraceEventProvider *This, IHttpContext **ppHttpContext)
{
    if (!provider_of(This)->context) {
        return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    }
    if (!ppHttpContext) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    *ppHttpContext = provider_of(This)->context;
    return S_OK;
}

IISR_VTABLE(IGlobalTraceEventProvider, trace_vtbl) = {
    .base = BASE, .GetTraceEvent = trace_GetTraceEvent,
    .CheckSubscription = trace_CheckSubscription,
    .GetCurrentHttpRequestContext = trace_GetCurrentHttpRequestContext
} IISR_VTABLE_END;

void iisr_global_trace(iisr_registry_t *reg, IHttpServer3 *server,
                       HTTP_TRACE_EVENT *event, iisr_context_t *ctx)
{
    provider_t provider = { .event = event,
                            .hub = iisr_server_of(server)->trace_hub };

    if (!iisr_global_wanted(reg, GL_TRACE_EVENT)) {
        return;
    }
    if (ctx) {
        provider.context = (IHttpContext *)(void *)&ctx->handle->iface;
    }
    provider.iface.trace.lpVtbl = IISR_VPTR(trace_vtbl);
    iisr_global_raise(reg, GL_TRACE_EVENT, &provider);
}

/* --- custom and cache --------------------------------------------------- */

GLOBAL_NOTIFICATION_STATUS iisr_global_custom(
    iisr_registry_t *reg, ICustomNotificationProvider *provider)
{
    return iisr_global_wanted(reg, GL_CUSTOM_NOTIFICATION)
           ? iisr_global_raise(reg, GL_CUSTOM_NOTIFICATION, provider)
           : GL_NOTIFICATION_CONTINUE;
}

static CACHE_OPERATION cache_GetCacheOperation(ICacheProvider *This)
{
    return provider_of(This)->operation;
}

static IHttpCacheKey *cache_GetCacheKey(ICacheProvider *This)
{
    return provider_of(This)->key;
}

static IHttpCacheSpecificData *cache_GetCacheRecord(ICacheProvider *This)
{
    return provider_of(This)->record;
}

/* The caller referenced the new one; the old one is dropped. */
static void cache_SetCacheRecord(ICacheProvider *This,
                                 IHttpCacheSpecificData *pCacheRecord)
{
    provider_t *provider = provider_of(This);

    if (!pCacheRecord) {
        return;
    }
    if (provider->record) {
        provider->record->lpVtbl->DereferenceCacheData(provider->record);
    }
    provider->record = pCacheRecord;
}

static IHttpTraceContext *cache_GetTraceContext(ICacheProvider *This)
{
    return provider_of(This)->trace;
}

IISR_VTABLE(ICacheProvider, cache_vtbl) = {
    .base = BASE, .GetCacheOperation = cache_GetCacheOperation,
    .GetCacheKey = cache_GetCacheKey, .GetCacheRecord = cache_GetCacheRecord,
    .SetCacheRecord = cache_SetCacheRecord,
    .GetTraceContext = cache_GetTraceContext
} IISR_VTABLE_END;

GLOBAL_NOTIFICATION_STATUS iisr_global_cache_operation(
    iisr_registry_t *reg, CACHE_OPERATION operation, IHttpCacheKey *key,
    IHttpCacheSpecificData **record, IHttpTraceContext *trace)
{
    provider_t provider = { .operation = operation, .key = key,
                            .record = record ? *record : NULL,
                            .trace = trace };
    GLOBAL_NOTIFICATION_STATUS status = GL_NOTIFICATION_CONTINUE;

    if (iisr_global_wanted(reg, GL_CACHE_OPERATION)) {
        provider.iface.cache.lpVtbl = IISR_VPTR(cache_vtbl);
        status = iisr_global_raise(reg, GL_CACHE_OPERATION, &provider);
        if (record) {
            *record = provider.record;
        }
    }
    return status;
}
