/* shelf.c: objects of a key; see shelf.h. */
#include <apr_strings.h>
#include "shelf.h"

#define ITEMS_MAX 2048

static iisr_shelved_t *item_of(void *iface)
{
    return iface;
}

iisr_shelf_t *iisr_shelf_create(apr_pool_t *pool, apr_size_t size,
                                iisr_shelf_found_fn found)
{
    iisr_shelf_t *shelf = apr_pcalloc(pool, sizeof(*shelf));

    shelf->by_key = apr_hash_make(pool);
    shelf->size = size;
    shelf->found = found;
    APR_RING_INIT(&shelf->used, iisr_shelved_t, link);
    apr_thread_mutex_create(&shelf->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    return shelf;
}

static iisr_shelved_t *make(iisr_shelf_t *shelf, const char *key)
{
    apr_pool_t *pool;
    iisr_shelved_t *item;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_shelved");
    item = apr_pcalloc(pool, shelf->size);
    item->shelf = shelf;
    item->pool = pool;
    item->key = apr_pstrdup(pool, key);
    iisr_container_init(&item->container, IISR_CONTAINER_PLAIN);
    return item;
}

/* Lock held.  What nobody needs any more, or NULL: then the caller's alone. */
static iisr_shelved_t *drop_reference(iisr_shelved_t *item)
{
    if (--item->refs) {
        return NULL;
    }
    item->refs = 1;
    item->ending++;
    return item;
}

/* No lock: runs CleanupStoredContext, which may refer to the object once
 * more. */
static void destroy(iisr_shelved_t *item)
{
    iisr_shelf_t *shelf = item ? item->shelf : NULL;

    if (item && item->ending == 1) {
        iisr_container_clear(&item->container);
        apr_thread_mutex_lock(shelf->lock);
        item = drop_reference(item);
        apr_thread_mutex_unlock(shelf->lock);
    }
    if (item) {
        apr_pool_destroy(item->pool);
    }
}

/* Lock held. */
static iisr_shelved_t *take_off(iisr_shelved_t *item)
{
    apr_hash_set(item->shelf->by_key, item->key, APR_HASH_KEY_STRING, NULL);
    APR_RING_REMOVE(item, link);
    return drop_reference(item);
}

void *iisr_shelf_get(iisr_shelf_t *shelf, const char *key, const void *baton)
{
    iisr_shelved_t *item, *out = NULL;
    int fresh;

    apr_thread_mutex_lock(shelf->lock);
    item = apr_hash_get(shelf->by_key, key, APR_HASH_KEY_STRING);
    fresh = !item;
    if (item) {
        APR_RING_REMOVE(item, link);
    }
    else if ((item = make(shelf, key))) {
        apr_hash_set(shelf->by_key, item->key, APR_HASH_KEY_STRING, item);
        item->refs = 1;
        if (apr_hash_count(shelf->by_key) > ITEMS_MAX) {
            out = take_off(APR_RING_LAST(&shelf->used));
        }
    }
    if (item) {
        APR_RING_INSERT_HEAD(&shelf->used, item, iisr_shelved_t, link);
        item->refs++;
        shelf->found(item, fresh, baton);
        if (shelf->closed) {
            take_off(item);
        }
    }
    apr_thread_mutex_unlock(shelf->lock);
    destroy(out);
    return item;
}

void iisr_shelf_reference(void *iface)
{
    iisr_shelved_t *item = item_of(iface);

    apr_thread_mutex_lock(item->shelf->lock);
    item->refs++;
    apr_thread_mutex_unlock(item->shelf->lock);
}

void iisr_shelf_release(void *iface)
{
    iisr_shelved_t *item = item_of(iface), *out;
    iisr_shelf_t *shelf = item->shelf;

    apr_thread_mutex_lock(shelf->lock);
    out = drop_reference(item);
    apr_thread_mutex_unlock(shelf->lock);
    destroy(out);
}

void iisr_shelf_close(iisr_shelf_t *shelf)
{
    iisr_shelved_t *out;
    int more;

    do {
        out = NULL;
        apr_thread_mutex_lock(shelf->lock);
        shelf->closed = 1;
        if ((more = !APR_RING_EMPTY(&shelf->used, iisr_shelved_t, link))) {
            out = take_off(APR_RING_FIRST(&shelf->used));
        }
        apr_thread_mutex_unlock(shelf->lock);
        destroy(out);
    } while (more);
}
