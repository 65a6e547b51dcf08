/* application.c: IHttpApplication2, a part of a site with a root folder of
 * its own.  Any thread. */
#include <apr_atomic.h>
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct application_t {
    IHttpApplication2 iface;            /* must be first */
    const WCHAR *physical, *id, *config_path;
    iisr_container_t container;
    volatile apr_uint32_t warming, started;
    pthread_mutex_t starting;
} application_t;

static application_t *application_of(void *iface)
{
    return iface;
}

static PCWSTR application_GetApplicationPhysicalPath(IHttpApplication *This)
{
    return application_of(This)->physical;
}

static PCWSTR application_GetApplicationId(IHttpApplication *This)
{
    return application_of(This)->id;
}

static PCWSTR application_GetAppConfigPath(IHttpApplication *This)
{
    return application_of(This)->config_path;
}

static IHttpModuleContextContainer *application_GetModuleContextContainer(
    IHttpApplication *This)
{
    return &application_of(This)->container.iface.plain;
}

/* httpd has no warm-up phase: the three are true to each other, no more. */
static void application_BeginApplicationWarmup(IHttpApplication2 *This)
{
    apr_atomic_set32(&application_of(This)->warming, 1);
}

static void application_EndApplicationWarmup(IHttpApplication2 *This)
{
    apr_atomic_set32(&application_of(This)->warming, 0);
}

static BOOL application_QueryIsWarmingUp(IHttpApplication2 *This)
{
    return apr_atomic_read32(&application_of(This)->warming) != 0;
}

IISR_VTABLE(IHttpApplication2, application_vtbl) = {
    .base = {
        .GetApplicationPhysicalPath = application_GetApplicationPhysicalPath,
        .GetApplicationId = application_GetApplicationId,
        .GetAppConfigPath = application_GetAppConfigPath,
        .GetModuleContextContainer = application_GetModuleContextContainer
    },
    .BeginApplicationWarmup = application_BeginApplicationWarmup,
    .EndApplicationWarmup = application_EndApplicationWarmup,
    .QueryIsWarmingUp = application_QueryIsWarmingUp
} IISR_VTABLE_END;

IHttpApplication2 *iisr_application_create(apr_pool_t *pool,
                                           const char *physical,
                                           const char *id,
                                           const char *config_path)
{
    application_t *application = apr_pcalloc(pool, sizeof(*application));

    application->iface.lpVtbl = IISR_VPTR(application_vtbl);
    application->physical = iisr_widen(pool, physical ? physical : "", NULL);
    application->id = iisr_widen(pool, id ? id : "", NULL);
    application->config_path = iisr_widen(pool, config_path ? config_path
                                                            : "", NULL);
    iisr_container_init(&application->container, IISR_CONTAINER_PLAIN);
    pthread_mutex_init(&application->starting, NULL);
    return &application->iface;
}

void iisr_application_start(IHttpApplication2 *iface,
                            void (*start)(IHttpApplication2 *application,
                                          void *baton), void *baton)
{
    application_t *application = application_of(iface);

    if (iisr_application_started(iface)) {
        return;
    }
    pthread_mutex_lock(&application->starting);
    if (!iisr_application_started(iface)) {
        start(iface, baton);
        apr_atomic_set32(&application->started, 1);
    }
    pthread_mutex_unlock(&application->starting);
}

int iisr_application_started(IHttpApplication2 *application)
{
    return apr_atomic_read32(&application_of(application)->started) != 0;
}

void iisr_application_destroy(IHttpApplication2 *application)
{
    iisr_container_clear(&application_of(application)->container);
}
