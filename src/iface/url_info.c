/* url_info.c: IHttpUrlInfo, one a URL and child, found again by the next
 * request of the same URL; what modules store with it outlives the request.
 * Counted: by the child's list and by each request that asked.  Any thread;
 * the least recently used of too many go.
 */
#include <string.h>
#include <apr_hash.h>
#include <apr_ring.h>
#include <apr_strings.h>
#include <apr_time.h>
#include "objects.h"
#include "vtable.h"

#define URLS_MAX 2048
/* IIS's defaults of serverRuntime: frequentHitThreshold and
 * frequentHitTimePeriod.  Page: "IHttpUrlInfo::IsFrequentlyHit Method". */
#define FREQUENT_HITS 2
#define FREQUENT_PERIOD apr_time_from_sec(10)

typedef struct url_info_t {
    IHttpUrlInfo iface;                 /* must be first */
    APR_RING_ENTRY(url_info_t) link;    /* lock of urls, like all below */
    iisr_urls_t *urls;
    apr_pool_t *pool;
    const char *key;
    int refs, listed;
    apr_time_t period;                  /* when the counting began */
    int hits;
    iisr_container_t container;
} url_info_t;

APR_RING_HEAD(url_ring_t, url_info_t);

struct iisr_urls_t {
    apr_thread_mutex_t *lock;
    apr_hash_t *by_key;
    struct url_ring_t used;             /* the newest use is at the head */
    int closed;
};

static url_info_t *url_info_of(IHttpUrlInfo *iface)
{
    return (url_info_t *)(void *)iface;
}

static IHttpModuleContextContainer *url_info_GetModuleContextContainer(
    IHttpUrlInfo *This)
{
    return &url_info_of(This)->container.iface.plain;
}

static BOOL url_info_IsFrequentlyHit(IHttpUrlInfo *This)
{
    url_info_t *info = url_info_of(This);
    BOOL frequent;

    apr_thread_mutex_lock(info->urls->lock);
    frequent = info->hits >= FREQUENT_HITS
               && apr_time_now() - info->period < FREQUENT_PERIOD;
    apr_thread_mutex_unlock(info->urls->lock);
    return frequent;
}

IISR_VTABLE(IHttpUrlInfo, url_info_vtbl) = {
    .GetModuleContextContainer = url_info_GetModuleContextContainer,
    .IsFrequentlyHit = url_info_IsFrequentlyHit
} IISR_VTABLE_END;

iisr_urls_t *iisr_urls_create(apr_pool_t *pool)
{
    iisr_urls_t *urls = apr_pcalloc(pool, sizeof(*urls));

    urls->by_key = apr_hash_make(pool);
    APR_RING_INIT(&urls->used, url_info_t, link);
    apr_thread_mutex_create(&urls->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    return urls;
}

static url_info_t *make(iisr_urls_t *urls, const char *key)
{
    apr_pool_t *pool;
    url_info_t *info;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_url_info");
    info = apr_pcalloc(pool, sizeof(*info));
    info->iface.lpVtbl = IISR_VPTR(url_info_vtbl);
    info->urls = urls;
    info->pool = pool;
    info->key = apr_pstrdup(pool, key);
    iisr_container_init(&info->container, IISR_CONTAINER_PLAIN);
    return info;
}

/* No lock: runs CleanupStoredContext. */
static void destroy(url_info_t *info)
{
    if (info) {
        iisr_container_clear(&info->container);
        apr_pool_destroy(info->pool);
    }
}

/* Lock held.  What nobody needs any more, or NULL. */
static url_info_t *drop_reference(url_info_t *info)
{
    return --info->refs ? NULL : info;
}

/* Lock held. */
static url_info_t *unlist(url_info_t *info)
{
    apr_hash_set(info->urls->by_key, info->key, APR_HASH_KEY_STRING, NULL);
    APR_RING_REMOVE(info, link);
    info->listed = 0;
    return drop_reference(info);
}

static void count_hit(url_info_t *info)
{
    apr_time_t now = apr_time_now();

    if (now - info->period >= FREQUENT_PERIOD) {
        info->period = now;
        info->hits = 0;
    }
    info->hits++;
}

IHttpUrlInfo *iisr_urls_get(iisr_urls_t *urls, const char *key)
{
    url_info_t *info, *out = NULL;

    apr_thread_mutex_lock(urls->lock);
    info = apr_hash_get(urls->by_key, key, APR_HASH_KEY_STRING);
    if (info) {
        APR_RING_REMOVE(info, link);
    }
    else if ((info = make(urls, key))) {
        apr_hash_set(urls->by_key, info->key, APR_HASH_KEY_STRING, info);
        info->refs = info->listed = 1;
        if (apr_hash_count(urls->by_key) > URLS_MAX) {
            out = unlist(APR_RING_LAST(&urls->used));
        }
    }
    if (info) {
        APR_RING_INSERT_HEAD(&urls->used, info, url_info_t, link);
        info->refs++;
        count_hit(info);
        if (urls->closed) {
            unlist(info);
        }
    }
    apr_thread_mutex_unlock(urls->lock);
    destroy(out);
    return info ? &info->iface : NULL;
}

void iisr_url_info_release(IHttpUrlInfo *iface)
{
    url_info_t *info = url_info_of(iface), *out;
    iisr_urls_t *urls = info->urls;

    apr_thread_mutex_lock(urls->lock);
    out = drop_reference(info);
    apr_thread_mutex_unlock(urls->lock);
    destroy(out);
}

void iisr_urls_close(iisr_urls_t *urls)
{
    url_info_t *out;
    int more;

    do {
        out = NULL;
        apr_thread_mutex_lock(urls->lock);
        urls->closed = 1;
        if ((more = !APR_RING_EMPTY(&urls->used, url_info_t, link))) {
            out = unlist(APR_RING_FIRST(&urls->used));
        }
        apr_thread_mutex_unlock(urls->lock);
        destroy(out);
    } while (more);
}
