/* registry.c: modules, events, and who is called when. */
#include <string.h>
#include <strings.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include "registry.h"
#include "wide.h"

static const struct {
    DWORD bit;
    const char *name;
} events[IISR_EVENTS] = {
    [IISR_EV_BEGIN] = { RQ_BEGIN_REQUEST, "BeginRequest" },
    [IISR_EV_AUTHENTICATE] = { RQ_AUTHENTICATE_REQUEST,
                               "AuthenticateRequest" },
    [IISR_EV_AUTHORIZE] = { RQ_AUTHORIZE_REQUEST, "AuthorizeRequest" },
    [IISR_EV_RESOLVE_CACHE] = { RQ_RESOLVE_REQUEST_CACHE,
                                "ResolveRequestCache" },
    [IISR_EV_MAP_HANDLER] = { RQ_MAP_REQUEST_HANDLER, "MapRequestHandler" },
    [IISR_EV_ACQUIRE_STATE] = { RQ_ACQUIRE_REQUEST_STATE,
                                "AcquireRequestState" },
    [IISR_EV_PRE_EXECUTE] = { RQ_PRE_EXECUTE_REQUEST_HANDLER,
                              "PreExecuteRequestHandler" },
    [IISR_EV_EXECUTE] = { RQ_EXECUTE_REQUEST_HANDLER,
                          "ExecuteRequestHandler" },
    [IISR_EV_RELEASE_STATE] = { RQ_RELEASE_REQUEST_STATE,
                                "ReleaseRequestState" },
    [IISR_EV_UPDATE_CACHE] = { RQ_UPDATE_REQUEST_CACHE,
                               "UpdateRequestCache" },
    [IISR_EV_LOG] = { RQ_LOG_REQUEST, "LogRequest" },
    [IISR_EV_END] = { RQ_END_REQUEST, "EndRequest" },
    [IISR_EV_SEND_RESPONSE] = { RQ_SEND_RESPONSE, "SendResponse" },
    [IISR_EV_READ_ENTITY] = { RQ_READ_ENTITY, "ReadEntity" },
    [IISR_EV_MAP_PATH] = { RQ_MAP_PATH, "MapPath" },
    [IISR_EV_CUSTOM] = { RQ_CUSTOM_NOTIFICATION,
                         "CustomRequestNotification" }
};

DWORD iisr_event_bit(iisr_event_e event)
{
    return events[event].bit;
}

const char *iisr_event_name(iisr_event_e event)
{
    return events[event].name;
}

iisr_registry_t *iisr_registry_create(apr_pool_t *pool)
{
    iisr_registry_t *reg = apr_pcalloc(pool, sizeof(*reg));

    reg->pool = pool;
    pthread_mutex_init(&reg->spares.lock, NULL);
    reg->spares.most = IISR_SPARE_POOLS;
    return reg;
}

iisr_module_t *iisr_registry_add(iisr_registry_t *reg, const char *name,
                                 const char *path, void *handle)
{
    iisr_module_t *module = apr_pcalloc(reg->pool, sizeof(*module));
    iisr_module_t **modules = apr_palloc(reg->pool, (reg->nmodules + 1)
                                                    * sizeof(*modules));

    if (reg->nmodules) {
        memcpy(modules, reg->modules, reg->nmodules * sizeof(*modules));
    }
    reg->modules = modules;
    module->registry = reg;
    module->index = reg->nmodules;
    module->name = apr_pstrdup(reg->pool, name);
    module->path = apr_pstrdup(reg->pool, path);
    module->wide_name = iisr_widen(reg->pool, name, NULL);
    module->handle = handle;
    memset(module->priority, IISR_PRIORITY_MEDIUM, sizeof(module->priority));
    memset(module->global_priority, IISR_PRIORITY_MEDIUM,
           sizeof(module->global_priority));
    modules[reg->nmodules++] = module;
    return module;
}

iisr_module_t *iisr_registry_find(iisr_registry_t *reg, const char *name)
{
    int i;

    for (i = 0; i < reg->nmodules; i++) {
        if (!strcasecmp(reg->modules[i]->name, name)) {
            return reg->modules[i];
        }
    }
    return NULL;
}

/* Modules of one priority stay in configuration order, except that
 * SendResponse turns everything round: HIGH runs after LOW there. */
static void order_event(iisr_registry_t *reg, int post, iisr_event_e event)
{
    iisr_module_t **order = apr_palloc(reg->pool, (reg->nmodules + 1)
                                                  * sizeof(*order));
    int priority, i, n = 0;

    for (priority = 0; priority < IISR_PRIORITIES; priority++) {
        for (i = 0; i < reg->nmodules; i++) {
            iisr_module_t *m = reg->modules[i];
            DWORD mask = post ? m->post_events : m->events;

            if (m->factory && (mask & events[event].bit)
                && m->priority[post][event] == priority) {
                order[n++] = m;
            }
        }
    }
    for (i = 0; event == IISR_EV_SEND_RESPONSE && i < n / 2; i++) {
        iisr_module_t *swap = order[i];

        order[i] = order[n - 1 - i];
        order[n - 1 - i] = swap;
    }
    reg->order[post][event] = order;
    reg->norder[post][event] = n;
}

void iisr_registry_seal(iisr_registry_t *reg)
{
    int event, step, i;

    for (i = 0; i < reg->nmodules; i++) {
        reg->events |= reg->modules[i]->events;
        reg->post_events |= reg->modules[i]->post_events;
        reg->global_events |= reg->modules[i]->global_events;
    }
    for (event = 0; event < IISR_EVENTS; event++) {
        order_event(reg, 0, event);
        order_event(reg, 1, event);
    }
    reg->due[IISR_STEPS] = IISR_STEPS;
    for (step = IISR_STEPS; step-- > 0; ) {
        reg->due[step] = reg->norder[step & 1][step / 2] ? step
                                                         : reg->due[step + 1];
    }
}

void iisr_registry_terminate(iisr_registry_t *reg)
{
    int i;

    /* What a module still owes us finds this when it comes. */
    apr_atomic_set32(&reg->terminated, 1);
    for (i = reg->nmodules; i-- > 0; ) {
        iisr_module_t *m = reg->modules[i];
        IHttpModuleFactory *factory = m->factory;
        CGlobalModule *global = m->global;

        m->factory = NULL;
        m->global = NULL;
        if (factory) {
            factory->lpVtbl->Terminate(factory);
        }
        if (global) {
            global->lpVtbl->Terminate(global);
        }
    }
}
