/* url_info.c: IHttpUrlInfo, one a URL and child, on a shelf: what modules
 * store with it outlives the request.
 */
#include <apr_time.h>
#include "shelf.h"
#include "vtable.h"

/* IIS's defaults of serverRuntime: frequentHitThreshold and
 * frequentHitTimePeriod.  Page: "IHttpUrlInfo::IsFrequentlyHit Method". */
#define FREQUENT_HITS 2
#define FREQUENT_PERIOD apr_time_from_sec(10)

typedef struct url_info_t {
    iisr_shelved_t shelved;             /* must be first: the interface */
    apr_time_t period;                  /* when the counting began */
    int hits;
} url_info_t;

static url_info_t *url_info_of(void *iface)
{
    return iface;
}

static IHttpModuleContextContainer *url_info_GetModuleContextContainer(
    IHttpUrlInfo *This)
{
    return &url_info_of(This)->shelved.container.iface.plain;
}

static BOOL url_info_IsFrequentlyHit(IHttpUrlInfo *This)
{
    url_info_t *info = url_info_of(This);
    apr_thread_mutex_t *lock = info->shelved.shelf->lock;
    BOOL frequent;

    apr_thread_mutex_lock(lock);
    frequent = info->hits >= FREQUENT_HITS
               && apr_time_now() - info->period < FREQUENT_PERIOD;
    apr_thread_mutex_unlock(lock);
    return frequent;
}

IISR_VTABLE(IHttpUrlInfo, url_info_vtbl) = {
    .GetModuleContextContainer = url_info_GetModuleContextContainer,
    .IsFrequentlyHit = url_info_IsFrequentlyHit
} IISR_VTABLE_END;

static void found(iisr_shelved_t *item, int fresh, const void *baton)
{
    url_info_t *info = url_info_of(item);
    apr_time_t now = apr_time_now();

    (void)baton;
    if (fresh) {
        item->iface.url_info.lpVtbl = IISR_VPTR(url_info_vtbl);
    }
    if (now - info->period >= FREQUENT_PERIOD) {
        info->period = now;
        info->hits = 0;
    }
    info->hits++;
}

iisr_shelf_t *iisr_urls_create(apr_pool_t *pool)
{
    return iisr_shelf_create(pool, sizeof(url_info_t), found);
}

IHttpUrlInfo *iisr_urls_get(iisr_shelf_t *urls, const char *key)
{
    return iisr_shelf_get(urls, key, NULL);
}
