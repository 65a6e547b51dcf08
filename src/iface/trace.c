/* trace.c: IHttpTraceContext.  What modules trace becomes lines of the
 * host's log; nobody subscribes to anything.  Any thread.
 */
#include <apr_strings.h>
#include "httptrace.h"
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct trace_t {
    IHttpTraceContext iface;            /* must be first */
    void (*log)(void *baton, const char *line);
    void *baton;
} trace_t;

static trace_t *trace_of(IHttpTraceContext *iface)
{
    return (trace_t *)(void *)iface;
}

/* Everything is enabled: a module that asks first shall trace. */
static HRESULT trace_GetTraceConfiguration(IHttpTraceContext *This,
                                           HTTP_TRACE_CONFIGURATION *pConfig)
{
    (void)This;
    if (!pConfig) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    pConfig->dwAreas = 0xffffe;
    pConfig->dwVerbosity = 5;
    pConfig->fProviderEnabled = TRUE;
    return S_OK;
}

static HRESULT trace_SetTraceConfiguration(IHttpTraceContext *This,
                                           HTTP_MODULE_ID moduleId,
                                           HTTP_TRACE_CONFIGURATION *pConfig,
                                           DWORD cConfig)
{
    DWORD i;

    (void)This;
    if (!moduleId || !pConfig) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    for (i = 0; i < cConfig; i++) {
        if (!pConfig[i].pProviderGuid) {
            return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
        }
    }
    return S_OK;
}

/* A pool of its own: the caller may be any thread. */
static apr_pool_t *line_pool(void)
{
    apr_pool_t *pool = NULL;

    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    return pool;
}

static const char *narrow(apr_pool_t *pool, PCWSTR text)
{
    return text ? iisr_narrow(pool, text, NULL) : "";
}

static HRESULT trace_RaiseTraceEvent(IHttpTraceContext *This,
                                     HTTP_TRACE_EVENT *pTraceEvent)
{
    apr_pool_t *pool;

    if (!pTraceEvent) {
        return E_FAIL;
    }
    if (!(pool = line_pool())) {
        return E_OUTOFMEMORY;
    }
    trace_of(This)->log(trace_of(This)->baton,
        apr_psprintf(pool, "event %s (%u), area %u, verbosity %u, %u items",
                     narrow(pool, pTraceEvent->pszEventName),
                     pTraceEvent->dwEvent, pTraceEvent->dwArea,
                     pTraceEvent->dwVerbosity, pTraceEvent->cEventItems));
    apr_pool_destroy(pool);
    return S_OK;
}

static LPCGUID trace_GetTraceActivityId(IHttpTraceContext *This)
{
    (void)This;
    return NULL;
}

static HRESULT trace_QuickTrace(IHttpTraceContext *This, PCWSTR pszData1,
                                PCWSTR pszData2, HRESULT hrLastError,
                                UCHAR Level)
{
    apr_pool_t *pool = line_pool();

    if (!pool) {
        return E_OUTOFMEMORY;
    }
    trace_of(This)->log(trace_of(This)->baton,
        apr_psprintf(pool, "%s%s%s, 0x%08X, level %d",
                     narrow(pool, pszData1), pszData2 ? ", " : "",
                     narrow(pool, pszData2), (unsigned int)hrLastError,
                     Level));
    apr_pool_destroy(pool);
    return S_OK;
}

IISR_VTABLE(IHttpTraceContext, trace_vtbl) = {
    .GetTraceConfiguration = trace_GetTraceConfiguration,
    .SetTraceConfiguration = trace_SetTraceConfiguration,
    .RaiseTraceEvent = trace_RaiseTraceEvent,
    .GetTraceActivityId = trace_GetTraceActivityId,
    .QuickTrace = trace_QuickTrace
} IISR_VTABLE_END;

IHttpTraceContext *iisr_trace_create(apr_pool_t *pool,
                                     void (*log)(void *baton,
                                                 const char *line),
                                     void *baton)
{
    trace_t *trace = apr_pcalloc(pool, sizeof(*trace));

    trace->iface.lpVtbl = IISR_VPTR(trace_vtbl);
    trace->log = log;
    trace->baton = baton;
    return &trace->iface;
}
