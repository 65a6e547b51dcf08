/* shelf.h: objects of a key, shared by all requests of a child: each found
 * again by the next that asks for the same key, with what modules stored
 * there.  Counted: by the shelf and by whoever asked.  Any thread; the least
 * recently used of too many go.
 */
#ifndef IISR_IFACE_SHELF_H
#define IISR_IFACE_SHELF_H

#include <apr_hash.h>
#include <apr_ring.h>
#include <apr_thread_mutex.h>
#include "objects.h"

typedef struct iisr_shelved_t {
    union {
        IHttpUrlInfo url_info;
        IReferencedMetadataInfo metadata;
    } iface;                            /* must be first */
    APR_RING_ENTRY(iisr_shelved_t) link;    /* lock of the shelf, like all
                                             * below */
    iisr_shelf_t *shelf;
    apr_pool_t *pool;                   /* its own */
    const char *key;
    int refs;
    int ending;                         /* how often refs has come to zero */
    iisr_container_t container;
} iisr_shelved_t;

APR_RING_HEAD(iisr_shelf_ring_t, iisr_shelved_t);

/* Called for each that is asked for, lock held.  fresh: it was made for
 * this, and its vtable is to be set. */
typedef void (*iisr_shelf_found_fn)(iisr_shelved_t *item, int fresh,
                                    const void *baton);

struct iisr_shelf_t {
    apr_thread_mutex_t *lock;
    apr_hash_t *by_key;
    struct iisr_shelf_ring_t used;      /* the newest use is at the head */
    apr_size_t size;                    /* of an item */
    iisr_shelf_found_fn found;
    int closed;
};

iisr_shelf_t *iisr_shelf_create(apr_pool_t *pool, apr_size_t size,
                                iisr_shelf_found_fn found);
/* The caller releases it.  NULL: no memory. */
void *iisr_shelf_get(iisr_shelf_t *shelf, const char *key, const void *baton);
void iisr_shelf_reference(void *item);

#endif
