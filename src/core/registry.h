/* registry.h: the modules that are loaded and what each registered for.
 *
 * Built while RegisterModule runs in a child (single thread), sealed, then
 * only read, the spare pools excepted.  Knows notification order and priorities, nothing of requests.
 */
#ifndef IISR_REGISTRY_H
#define IISR_REGISTRY_H

#include <pthread.h>
#include <apr_pools.h>
#include "httpserv.h"
#include "handle.h"

/* The deterministic events in pipeline order, then those without a fixed
 * place.  The value is an index, IISR_EVENT_BIT gives the RQ_ flag. */
typedef enum {
    IISR_EV_BEGIN, IISR_EV_AUTHENTICATE, IISR_EV_AUTHORIZE,
    IISR_EV_RESOLVE_CACHE, IISR_EV_MAP_HANDLER, IISR_EV_ACQUIRE_STATE,
    IISR_EV_PRE_EXECUTE, IISR_EV_EXECUTE, IISR_EV_RELEASE_STATE,
    IISR_EV_UPDATE_CACHE, IISR_EV_LOG, IISR_EV_END,
    IISR_EV_SEND_RESPONSE, IISR_EV_READ_ENTITY, IISR_EV_MAP_PATH,
    IISR_EV_CUSTOM,
    IISR_EVENTS,
    IISR_EV_ORDERED = IISR_EV_SEND_RESPONSE
} iisr_event_e;

DWORD iisr_event_bit(iisr_event_e event);          /* RQ_... */
const char *iisr_event_name(iisr_event_e event);   /* "BeginRequest" */

/* The ordered events, each followed by its post-event, numbered. */
#define IISR_STEP(event) ((event) * 2)
#define IISR_POST_STEP(event) ((event) * 2 + 1)
#define IISR_STEPS IISR_STEP(IISR_EV_ORDERED)

#define IISR_GLOBAL_BITS 18         /* of GL_..., highest and all below */

typedef enum {
    IISR_PRIORITY_FIRST, IISR_PRIORITY_HIGH, IISR_PRIORITY_MEDIUM,
    IISR_PRIORITY_LOW, IISR_PRIORITY_LAST, IISR_PRIORITIES
} iisr_priority_e;

/* iis_handshake's guard. */
typedef BOOL (*iisr_guard_fn)(void (*call)(void *baton), void *baton,
                              char *what, size_t size);

typedef struct iisr_module_t {
    IHttpModuleRegistrationInfo2 info;  /* must be first: what it is given */
    struct iisr_registry_t *registry;
    int index;                          /* also its HTTP_MODULE_ID - 1 */
    const char *name;
    const char *path;                   /* absolute */
    const WCHAR *wide_name;
    void *handle;                       /* dlopen */
    IHttpModuleFactory *factory;        /* NULL: no request notifications */
    CGlobalModule *global;              /* NULL: no global notifications */
    DWORD events, post_events, global_events;
    unsigned char priority[2][IISR_EVENTS];  /* [is_post][event] */
    unsigned char global_priority[IISR_GLOBAL_BITS];    /* by bit of GL_... */
    iisr_guard_fn guard;                /* NULL: it catches nothing */
    const void *application;            /* the only one whose requests it
                                         * sees (resolved for it), or NULL */
    unsigned int broken : 1;            /* it could not be registered: requests
                                         * in its scope are refused */
    unsigned int optional : 1;          /* ... or do without it */
} iisr_module_t;

/* How many pools are kept unless the host says more. */
#ifdef __SANITIZE_ADDRESS__
/* A pool used again would hide what is used after its end. */
#define IISR_SPARE_POOLS 0
#else
#define IISR_SPARE_POOLS 32
#endif

/* Contexts of requests that ended, for the next ones: those whose pools are
 * kept, so many at most, and the bare ones.  Any thread. */
typedef struct iisr_spares_t {
    pthread_mutex_t lock;
    struct iisr_context_t *first, *bare;
    unsigned int n, most;
    iisr_handles_t handles;
    struct iisr_context_t *closed;      /* answers for handles that wait */
} iisr_spares_t;

typedef struct iisr_registry_t {
    apr_pool_t *pool;
    iisr_module_t **modules;
    int nmodules;
    int nbroken;
    /* [is_post][event]: modules in calling order, after sealing */
    iisr_module_t **order[2][IISR_EVENTS];
    int norder[2][IISR_EVENTS];
    /* [step]: the first from there on that anybody registered for;
     * IISR_STEPS: there is none */
    unsigned char due[IISR_STEPS + 1];
    DWORD events, post_events, global_events;   /* of all modules */
    volatile apr_uint32_t terminated;   /* no module may be called again */
    iisr_spares_t spares;
} iisr_registry_t;

/* Calls module code.  Zero: an exception left it, which what tells of. */
static inline int iisr_module_call(const iisr_module_t *module,
                                   void (*call)(void *baton), void *baton,
                                   char *what, size_t size)
{
    if (module->guard) {
        return module->guard(call, baton, what, size);
    }
    call(baton);
    return 1;
}

iisr_registry_t *iisr_registry_create(apr_pool_t *pool);
iisr_module_t *iisr_registry_add(iisr_registry_t *reg, const char *name,
                                 const char *path, void *handle);
iisr_module_t *iisr_registry_find(iisr_registry_t *reg, const char *name);
/* Sorts by priority, then configuration order; RQ_SEND_RESPONSE reversed. */
void iisr_registry_seal(iisr_registry_t *reg);
/* Terminate of factories and global modules, in reverse order. */
void iisr_registry_terminate(iisr_registry_t *reg);

#endif
