/* holdings.h: what a response owns of its entity: blocks of memory,
 * descriptors, files of the host's.  The rule is in holdings.c.
 *
 * A block is counted and any thread may let go of it; a list of holdings
 * belongs to whoever holds the context's lock, or to the one thread that has
 * taken it out of the response (entity.h).
 */
#ifndef IISR_HOLDINGS_H
#define IISR_HOLDINGS_H

#include <apr_buckets.h>
#include <apr_portable.h>

/* Memory that is counted.  Only what is used of it is ever recognised. */
typedef struct iisr_block_t {
    apr_uint32_t refs;
    apr_size_t room, used;          /* bytes */
    char data[] __attribute__((aligned(16)));
} iisr_block_t;

/* One reference, nothing used.  NULL: no memory. */
iisr_block_t *iisr_block_create(apr_size_t room);
/* The caller's only reference to a block that nobody else points into; it
 * moves.  NULL: no memory, the block is as it was. */
iisr_block_t *iisr_block_grow(iisr_block_t *block, apr_size_t room);
void iisr_block_free(iisr_block_t *block);

static inline void iisr_block_hold(iisr_block_t *block)
{
    __atomic_add_fetch(&block->refs, 1, __ATOMIC_RELAXED);
}
/* Whether the caller's is the only reference. */
static inline int iisr_block_is_last(const iisr_block_t *block)
{
    return __atomic_load_n(&block->refs, __ATOMIC_ACQUIRE) == 1;
}
static inline void iisr_block_release(iisr_block_t *block)
{
    if (iisr_block_is_last(block)
        || !__atomic_sub_fetch(&block->refs, 1, __ATOMIC_ACQ_REL)) {
        iisr_block_free(block);
    }
}
static inline int iisr_block_has(const iisr_block_t *block, const void *data)
{
    return (apr_size_t)((const char *)data - block->data) < block->used;
}
/* A bucket of a part of it, which has a reference of its own. */
apr_bucket *iisr_block_bucket(iisr_block_t *block, const char *data,
                              apr_size_t length, apr_bucket_alloc_t *list);

typedef struct iisr_holding_t {
    iisr_block_t *block;            /* NULL: a file, and only then: */
    apr_bucket *bucket;             /* the host's, which lasts; NULL: the
                                     * descriptor is a duplicate of ours */
    apr_os_file_t fd;               /* -1: none */
} iisr_holding_t;

/* Zeroed: empty. */
typedef struct iisr_holdings_t {
    iisr_holding_t *items;          /* NULL: first */
    int n, room;                    /* room: of items */
    int *order, ordered;            /* by address; of so many of them */
    iisr_holding_t first[1];        /* mostly enough */
} iisr_holdings_t;

static inline iisr_holding_t *iisr_holdings_items(iisr_holdings_t *h)
{
    return h->items ? h->items : h->first;
}

/* One more, to be filled in; NULL: no memory. */
iisr_holding_t *iisr_holdings_add_slowly(iisr_holdings_t *h);
static inline iisr_holding_t *iisr_holdings_add(iisr_holdings_t *h)
{
    if (!h->items && !h->n) {
        h->n = 1;
        return h->first;
    }
    return iisr_holdings_add_slowly(h);
}
/* Lets go of all.  *spare: NULL, or a block; where it is NULL a block of at
 * most room bytes that nobody else refers to is put there instead. */
void iisr_holdings_release_slowly(iisr_holdings_t *h, iisr_block_t **spare,
                                  apr_size_t room);
static inline void iisr_holdings_release(iisr_holdings_t *h,
                                         iisr_block_t **spare,
                                         apr_size_t room)
{
    iisr_block_t *block = h->first[0].block;

    if (h->n == 1 && !h->items && block && !*spare && block->room <= room
        && iisr_block_is_last(block)) {
        block->used = 0;
        *spare = block;
        h->n = 0;
    }
    else if (h->n) {
        iisr_holdings_release_slowly(h, spare, room);
    }
}

/* The slow way of the two below. */
iisr_holding_t *iisr_holdings_search(iisr_holdings_t *h, const void *data,
                                     apr_os_file_t fd, int *hint);

/* The block that data lies in; NULL: none, it is the module's.  *hint: zero
 * at first: the look-up is cheap in the order in which they were added. */
static inline iisr_block_t *iisr_holdings_block(iisr_holdings_t *h,
                                                const void *data, int *hint)
{
    iisr_holding_t *at = iisr_holdings_items(h) + *hint;

    if (*hint < h->n && at->block && iisr_block_has(at->block, data)) {
        return at->block;
    }
    at = h->n ? iisr_holdings_search(h, data, -1, hint) : NULL;
    return at ? at->block : NULL;
}
/* A file of the host's that has this descriptor. */
static inline iisr_holding_t *iisr_holdings_file(iisr_holdings_t *h,
                                                 apr_os_file_t fd, int *hint)
{
    return h->n ? iisr_holdings_search(h, NULL, fd, hint) : NULL;
}

#endif
