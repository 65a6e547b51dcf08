/* trace.c: IHttpTraceContext, of the server and of each request.  What
 * modules trace becomes a line of the host's log, a line of the request's
 * ring, and a GL_TRACE_EVENT, which tells whether a module subscribed.  Any
 * thread; no lock is held while module code or the host's runs.
 */
#include <stdlib.h>
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <apr_thread_mutex.h>
#include "trace.h"
#include "vtable.h"
#include "hresult.h"
#include "core/wide.h"

#define ALL_AREAS 0xffffe
#define VERBOSE 5

typedef struct subscription_t {
    HTTP_MODULE_ID module;
    GUID provider;                      /* zeros: all */
    DWORD areas, verbosity;
} subscription_t;

struct iisr_trace_hub_t {
    apr_thread_mutex_t *lock;
    apr_array_header_t *subscriptions;
    iisr_trace_hooks_t hooks;
};

typedef struct ring_t {
    iisr_trace_line_t lines[IISR_RING];
    unsigned int written;
} ring_t;

typedef struct trace_t {
    IHttpTraceContext iface;            /* must be first */
    iisr_trace_hub_t *hub;
    iisr_context_t *ctx;
    void (*log)(void *baton, const char *line);
    void *baton;
    apr_thread_mutex_t *lock;           /* of the ring */
    ring_t *ring;                       /* malloc'ed with its first line */
    GUID activity;
} trace_t;

static trace_t *trace_of(IHttpTraceContext *iface)
{
    return (trace_t *)(void *)iface;
}

/* --- subscriptions ------------------------------------------------------ */

iisr_trace_hub_t *iisr_trace_hub_create(apr_pool_t *pool,
                                        const iisr_trace_hooks_t *hooks)
{
    iisr_trace_hub_t *hub = apr_pcalloc(pool, sizeof(*hub));

    hub->subscriptions = apr_array_make(pool, 4, sizeof(subscription_t));
    if (hooks) {
        hub->hooks = *hooks;
    }
    apr_thread_mutex_create(&hub->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    return hub;
}

static int covers(const subscription_t *s, LPCGUID provider)
{
    static const GUID all;

    return !memcmp(&s->provider, &all, sizeof(all))
           || (provider && IsEqualGUID(&s->provider, provider));
}

/* Lock held. */
static subscription_t *find(iisr_trace_hub_t *hub, HTTP_MODULE_ID module,
                            LPCGUID provider)
{
    subscription_t *s = (subscription_t *)(void *)hub->subscriptions->elts;
    int i;

    for (i = 0; i < hub->subscriptions->nelts; i++) {
        if (s[i].module == module && IsEqualGUID(&s[i].provider, provider)) {
            return &s[i];
        }
    }
    return NULL;
}

static int wants(const subscription_t *s, const HTTP_TRACE_EVENT *event)
{
    return covers(s, event->pProviderGuid)
           && event->dwVerbosity <= s->verbosity
           && (!event->dwArea || (event->dwArea & s->areas));
}

BOOL iisr_trace_subscribed(iisr_trace_hub_t *hub, HTTP_MODULE_ID module,
                           const HTTP_TRACE_EVENT *event)
{
    const subscription_t *s;
    int i, found = 0;

    if (!module || !event) {
        return FALSE;
    }
    apr_thread_mutex_lock(hub->lock);
    s = (const subscription_t *)(const void *)hub->subscriptions->elts;
    for (i = 0; !found && i < hub->subscriptions->nelts; i++) {
        found = s[i].module == module && wants(&s[i], event);
    }
    apr_thread_mutex_unlock(hub->lock);
    return found;
}

/* All that somebody wants of a provider. */
static HRESULT trace_GetTraceConfiguration(IHttpTraceContext *This,
                                           HTTP_TRACE_CONFIGURATION *pConfig)
{
    iisr_trace_hub_t *hub = trace_of(This)->hub;
    const subscription_t *s;
    int i;

    if (!pConfig) {
        return BAD_PARAMETER;
    }
    pConfig->dwAreas = pConfig->dwVerbosity = 0;
    pConfig->fProviderEnabled = FALSE;
    if (!hub) {
        return S_OK;
    }
    if (hub->hooks.listening && hub->hooks.listening(hub->hooks.baton)) {
        pConfig->dwAreas = ALL_AREAS;
        pConfig->dwVerbosity = VERBOSE;
        pConfig->fProviderEnabled = TRUE;
    }
    apr_thread_mutex_lock(hub->lock);
    s = (const subscription_t *)(const void *)hub->subscriptions->elts;
    for (i = 0; i < hub->subscriptions->nelts; i++) {
        if (covers(&s[i], pConfig->pProviderGuid)) {
            pConfig->dwAreas |= s[i].areas;
            if (s[i].verbosity > pConfig->dwVerbosity) {
                pConfig->dwVerbosity = s[i].verbosity;
            }
            pConfig->fProviderEnabled = TRUE;
        }
    }
    apr_thread_mutex_unlock(hub->lock);
    return S_OK;
}

/* Lock held. */
static HRESULT configure(iisr_trace_hub_t *hub, HTTP_MODULE_ID module,
                         const HTTP_TRACE_CONFIGURATION *config)
{
    subscription_t *s = find(hub, module, config->pProviderGuid);

    if (!config->fProviderEnabled) {
        if (!s) {
            return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
        }
        *s = *(subscription_t *)apr_array_pop(hub->subscriptions);
        return S_OK;
    }
    if (!s) {
        s = apr_array_push(hub->subscriptions);
        s->module = module;
        s->provider = *config->pProviderGuid;
    }
    s->areas = config->dwAreas;
    s->verbosity = config->dwVerbosity;
    return S_OK;
}

static HRESULT trace_SetTraceConfiguration(IHttpTraceContext *This,
                                           HTTP_MODULE_ID moduleId,
                                           HTTP_TRACE_CONFIGURATION *pConfig,
                                           DWORD cConfig)
{
    iisr_trace_hub_t *hub = trace_of(This)->hub;
    HRESULT hr = S_OK;
    DWORD i;

    if (!moduleId || !pConfig) {
        return BAD_PARAMETER;
    }
    for (i = 0; i < cConfig; i++) {
        if (!pConfig[i].pProviderGuid) {
            return BAD_PARAMETER;
        }
    }
    if (!hub) {
        return E_FAIL;
    }
    apr_thread_mutex_lock(hub->lock);
    for (i = 0; i < cConfig && SUCCEEDED(hr); i++) {
        hr = configure(hub, moduleId, &pConfig[i]);
    }
    apr_thread_mutex_unlock(hub->lock);
    return hr;
}

/* --- lines -------------------------------------------------------------- */

static void keep(trace_t *trace, int level, const char *text)
{
    iisr_trace_line_t *line;

    if (!trace->ctx) {
        return;
    }
    apr_thread_mutex_lock(trace->lock);
    if (!trace->ring) {
        trace->ring = calloc(1, sizeof(*trace->ring));
    }
    if (trace->ring) {
        line = &trace->ring->lines[trace->ring->written++ % IISR_RING];
        line->when = apr_time_now();
        line->level = level;
        apr_cpystrn(line->text, text, sizeof(line->text));
    }
    apr_thread_mutex_unlock(trace->lock);
}

int iisr_trace_each(IHttpTraceContext *iface,
                    void (*see)(void *baton, const iisr_trace_line_t *line),
                    void *baton)
{
    trace_t *trace = trace_of(iface);
    const ring_t *ring;
    unsigned int i = 0, n = 0;

    apr_thread_mutex_lock(trace->lock);
    if ((ring = trace->ring)) {
        n = ring->written < IISR_RING ? ring->written : IISR_RING;
        for (i = ring->written - n; i < ring->written; i++) {
            see(baton, &ring->lines[i % IISR_RING]);
        }
    }
    apr_thread_mutex_unlock(trace->lock);
    return (int)n;
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

/* --- events ------------------------------------------------------------- */

static HRESULT trace_RaiseTraceEvent(IHttpTraceContext *This,
                                     HTTP_TRACE_EVENT *pTraceEvent)
{
    trace_t *trace = trace_of(This);
    iisr_trace_hub_t *hub = trace->hub;
    apr_pool_t *pool;
    const char *text;

    if (!pTraceEvent) {
        return E_FAIL;
    }
    if (!(pool = line_pool())) {
        return E_OUTOFMEMORY;
    }
    text = iisr_trace_text(pool, pTraceEvent);
    trace->log(trace->baton, text);
    keep(trace, (int)pTraceEvent->dwVerbosity, text);
    apr_pool_destroy(pool);
    if (hub && hub->hooks.event) {
        hub->hooks.event(hub->hooks.baton, pTraceEvent, trace->ctx);
    }
    return S_OK;
}

static LPCGUID trace_GetTraceActivityId(IHttpTraceContext *This)
{
    return &trace_of(This)->activity;
}

static HRESULT trace_QuickTrace(IHttpTraceContext *This, PCWSTR pszData1,
                                PCWSTR pszData2, HRESULT hrLastError,
                                UCHAR Level)
{
    trace_t *trace = trace_of(This);
    apr_pool_t *pool = line_pool();
    const char *text;

    if (!pool) {
        return E_OUTOFMEMORY;
    }
    text = apr_psprintf(pool, "%s%s%s, 0x%08X, level %d",
                        narrow(pool, pszData1), pszData2 ? ", " : "",
                        narrow(pool, pszData2), (unsigned int)hrLastError,
                        Level);
    trace->log(trace->baton, text);
    keep(trace, Level, text);
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

IHttpTraceContext *iisr_trace_create(apr_pool_t *pool, iisr_trace_hub_t *hub,
                                     iisr_context_t *ctx,
                                     void (*log)(void *baton,
                                                 const char *line),
                                     void *baton)
{
    trace_t *trace = apr_pcalloc(pool, sizeof(*trace));

    trace->iface.lpVtbl = IISR_VPTR(trace_vtbl);
    trace->hub = hub;
    trace->ctx = ctx;
    trace->log = log;
    trace->baton = baton;
    apr_thread_mutex_create(&trace->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    apr_generate_random_bytes((unsigned char *)&trace->activity,
                              sizeof(trace->activity));
    return &trace->iface;
}

void iisr_trace_destroy(IHttpTraceContext *trace)
{
    free(trace_of(trace)->ring);
    trace_of(trace)->ring = NULL;
}
