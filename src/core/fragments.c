/* fragments.c: the fragment cache; see fragments.h.  What is in it is
 * malloc'ed: a pool would only grow.
 */
#include <stdlib.h>
#include <string.h>
#include <apr_errno.h>
#include <apr_hash.h>
#include <apr_ring.h>
#include "fragments.h"

typedef struct entry_t {
    APR_RING_ENTRY(entry_t) link;
    iisr_block_t *fragment;
    apr_size_t name_bytes;
    WCHAR name[];
} entry_t;

/* The newest use is at the head. */
APR_RING_HEAD(used_t, entry_t);

struct iisr_fragments_t {
    apr_thread_mutex_t *lock;
    apr_hash_t *entries;
    struct used_t used;
    apr_size_t bytes, limit;
};

static apr_size_t weight(const entry_t *entry)
{
    return entry->fragment->used + entry->name_bytes;
}

static void drop(iisr_fragments_t *fragments, entry_t *entry)
{
    apr_hash_set(fragments->entries, entry->name, entry->name_bytes, NULL);
    APR_RING_REMOVE(entry, link);
    fragments->bytes -= weight(entry);
    iisr_block_release(entry->fragment);
    free(entry);
}

static apr_status_t forget(void *data)
{
    iisr_fragments_t *fragments = data;

    while (!APR_RING_EMPTY(&fragments->used, entry_t, link)) {
        drop(fragments, APR_RING_FIRST(&fragments->used));
    }
    return APR_SUCCESS;
}

iisr_fragments_t *iisr_fragments_create(apr_pool_t *pool, apr_size_t limit)
{
    iisr_fragments_t *fragments = apr_pcalloc(pool, sizeof(*fragments));

    apr_thread_mutex_create(&fragments->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    fragments->entries = apr_hash_make(pool);
    fragments->limit = limit;
    APR_RING_INIT(&fragments->used, entry_t, link);
    apr_pool_pre_cleanup_register(pool, fragments, forget);
    return fragments;
}

/* NULL: no memory. */
static entry_t *make(const WCHAR *name, apr_size_t name_bytes,
                     const void *data, apr_size_t length)
{
    entry_t *entry = malloc(sizeof(*entry) + name_bytes);
    iisr_block_t *fragment = iisr_block_create(length);

    if (!entry || !fragment) {
        free(entry);
        iisr_block_free(fragment);
        return NULL;
    }
    fragment->used = length;
    memcpy(fragment->data, data, length);
    entry->fragment = fragment;
    entry->name_bytes = name_bytes;
    memcpy(entry->name, name, name_bytes);
    return entry;
}

apr_status_t iisr_fragments_add(iisr_fragments_t *fragments,
                                const WCHAR *name, apr_size_t name_length,
                                const void *data, apr_size_t length)
{
    apr_size_t name_bytes = name_length * sizeof(WCHAR);
    entry_t *entry, *old;

    if (length > fragments->limit
        || name_bytes > fragments->limit - length) {
        return APR_ENOSPC;
    }
    if (!(entry = make(name, name_bytes, data, length))) {
        return APR_ENOMEM;
    }
    apr_thread_mutex_lock(fragments->lock);
    if ((old = apr_hash_get(fragments->entries, name, name_bytes))) {
        drop(fragments, old);
    }
    while (fragments->bytes + weight(entry) > fragments->limit) {
        drop(fragments, APR_RING_LAST(&fragments->used));
    }
    fragments->bytes += weight(entry);
    apr_hash_set(fragments->entries, entry->name, name_bytes, entry);
    APR_RING_INSERT_HEAD(&fragments->used, entry, entry_t, link);
    apr_thread_mutex_unlock(fragments->lock);
    return APR_SUCCESS;
}

iisr_block_t *iisr_fragments_find(iisr_fragments_t *fragments,
                                     const WCHAR *name,
                                     apr_size_t name_length)
{
    iisr_block_t *fragment = NULL;
    entry_t *entry;

    apr_thread_mutex_lock(fragments->lock);
    entry = apr_hash_get(fragments->entries, name,
                         name_length * sizeof(WCHAR));
    if (entry) {
        APR_RING_REMOVE(entry, link);
        APR_RING_INSERT_HEAD(&fragments->used, entry, entry_t, link);
        fragment = entry->fragment;
        iisr_block_hold(fragment);
    }
    apr_thread_mutex_unlock(fragments->lock);
    return fragment;
}

int iisr_fragments_remove(iisr_fragments_t *fragments, const WCHAR *name,
                          apr_size_t name_length)
{
    entry_t *entry;

    apr_thread_mutex_lock(fragments->lock);
    entry = apr_hash_get(fragments->entries, name,
                         name_length * sizeof(WCHAR));
    if (entry) {
        drop(fragments, entry);
    }
    apr_thread_mutex_unlock(fragments->lock);
    return entry != NULL;
}
