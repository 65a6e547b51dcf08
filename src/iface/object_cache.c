/* object_cache.c: what modules put into the server's cache with
 * IHttpServer::DoCacheOperation, by keys and records of their own making.
 * Any thread; the least recently used go when there are too many.  Keys and
 * records are asked under the lock: they must not call back.
 */
#include <string.h>
#include "objects.h"

#define RECORDS_MAX 1024

struct iisr_object_cache_t {
    apr_thread_mutex_t *lock;
    IHttpCacheSpecificData *records[RECORDS_MAX];   /* newest use first */
    int nrecords, closed;
};

iisr_object_cache_t *iisr_object_cache_create(apr_pool_t *pool)
{
    iisr_object_cache_t *cache = apr_pcalloc(pool, sizeof(*cache));

    apr_thread_mutex_create(&cache->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    return cache;
}

static int matches(IHttpCacheKey *key, IHttpCacheSpecificData *record,
                   int prefix)
{
    IHttpCacheKey *other = record->lpVtbl->GetCacheKey(record);

    if (!other || wcscmp(key->lpVtbl->GetCacheName(key),
                         other->lpVtbl->GetCacheName(other))) {
        return 0;
    }
    if (prefix) {
        return key->lpVtbl->GetIsPrefix(key, other);
    }
    return key->lpVtbl->GetHash(key) == other->lpVtbl->GetHash(other)
           && key->lpVtbl->GetIsEqual(key, other);
}

/* Lock held. */
static int find(iisr_object_cache_t *cache, IHttpCacheKey *key, int prefix)
{
    int i;

    for (i = 0; i < cache->nrecords; i++) {
        if (matches(key, cache->records[i], prefix)) {
            return i;
        }
    }
    return -1;
}

/* Lock held. */
static IHttpCacheSpecificData *take(iisr_object_cache_t *cache, int at)
{
    IHttpCacheSpecificData *record = cache->records[at];

    memmove(&cache->records[at], &cache->records[at + 1],
            (--cache->nrecords - at) * sizeof(record));
    return record;
}

/* Lock held. */
static void put_first(iisr_object_cache_t *cache,
                      IHttpCacheSpecificData *record)
{
    memmove(&cache->records[1], &cache->records[0],
            cache->nrecords++ * sizeof(record));
    cache->records[0] = record;
}

static void release(IHttpCacheSpecificData *record)
{
    if (record) {
        record->lpVtbl->DereferenceCacheData(record);
    }
}

void iisr_object_cache_add(iisr_object_cache_t *cache,
                           IHttpCacheSpecificData *record)
{
    IHttpCacheSpecificData *out = NULL;
    int at;

    record->lpVtbl->ReferenceCacheData(record);
    apr_thread_mutex_lock(cache->lock);
    at = find(cache, record->lpVtbl->GetCacheKey(record), 0);
    if (cache->closed) {
        out = record;
    }
    else {
        if (at >= 0) {
            out = take(cache, at);
        }
        else if (cache->nrecords == RECORDS_MAX) {
            out = take(cache, RECORDS_MAX - 1);
        }
        put_first(cache, record);
    }
    apr_thread_mutex_unlock(cache->lock);
    release(out);
}

IHttpCacheSpecificData *iisr_object_cache_find(iisr_object_cache_t *cache,
                                               IHttpCacheKey *key)
{
    IHttpCacheSpecificData *record = NULL;
    int at;

    apr_thread_mutex_lock(cache->lock);
    if ((at = find(cache, key, 0)) >= 0) {
        record = take(cache, at);
        put_first(cache, record);
        record->lpVtbl->ReferenceCacheData(record);
    }
    apr_thread_mutex_unlock(cache->lock);
    return record;
}

int iisr_object_cache_remove(iisr_object_cache_t *cache, IHttpCacheKey *key,
                             int prefix)
{
    IHttpCacheSpecificData *out;
    int at, removed = 0;

    do {
        out = NULL;
        apr_thread_mutex_lock(cache->lock);
        if ((at = key ? find(cache, key, prefix) : cache->nrecords - 1) >= 0) {
            out = take(cache, at);
            out->lpVtbl->SetFlushed(out);
            removed++;
        }
        apr_thread_mutex_unlock(cache->lock);
        release(out);
    } while (out && (prefix || !key));
    return removed;
}

void iisr_object_cache_close(iisr_object_cache_t *cache)
{
    apr_thread_mutex_lock(cache->lock);
    cache->closed = 1;
    apr_thread_mutex_unlock(cache->lock);
    iisr_object_cache_remove(cache, NULL, 0);
}
