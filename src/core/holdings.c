/* holdings.c: who owns what a response shows, and for how long.
 *
 * THE RULE
 *
 *  a) Memory, files and fragments that a response owns are holdings of its.
 *     A holding is recognised by where it is: memory by its address range,
 *     a file by its descriptor.  Not by the chunk that shows it: a module may
 *     shorten, split, repeat and move chunks, and copy them into an array of
 *     its own, and what they point at is still ours.
 *  b) Memory is counted.  Whatever points at it below, a bucket in a filter
 *     or in core, has a reference of its own; the block is freed, used anew
 *     or grown only where the response's is the last.
 *  c) What a module may have seen stays until the flush, also when the
 *     response has outgrown it: a block is replaced, not moved, once there
 *     is a view; so is the array of chunks.
 *  d) A flush takes the holdings out of the response before anything is
 *     passed down (entity.c).  Whoever writes meanwhile, on whatever thread,
 *     writes into a response that is empty.
 *  e) Of a chunk that begins in a holding only what lies in it is sent: what
 *     follows it in memory is nobody's.
 *  f) Everything else is the module's.  Synchronously it is read until the
 *     flush returns; asynchronously it is lent until its completion and
 *     never longer: what still points at it then gets a copy, or, where the
 *     flush has failed, an error.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "holdings.h"

/* --- blocks ------------------------------------------------------------- */

iisr_block_t *iisr_block_create(apr_size_t room)
{
    iisr_block_t *block = malloc(sizeof(*block) + room);

    if (block) {
        block->refs = 1;
        block->room = room;
        block->used = 0;
    }
    return block;
}

iisr_block_t *iisr_block_grow(iisr_block_t *block, apr_size_t room)
{
    iisr_block_t *larger = realloc(block, sizeof(*block) + room);

    if (larger) {
        larger->room = room;
    }
    return larger;
}

void iisr_block_free(iisr_block_t *block)
{
    free(block);
}

/* What APR calls with the base of a heap bucket that goes. */
static void release_base(void *base)
{
    iisr_block_release((iisr_block_t *)(void *)
                       ((char *)base - APR_OFFSETOF(iisr_block_t, data)));
}

apr_bucket *iisr_block_bucket(iisr_block_t *block, const char *data,
                              apr_size_t length, apr_bucket_alloc_t *list)
{
    apr_bucket *b = apr_bucket_heap_create(block->data, block->used,
                                           release_base, list);

    iisr_block_hold(block);
    b->start = data - block->data;
    b->length = length;
    return b;
}

/* --- the list ----------------------------------------------------------- */

iisr_holding_t *iisr_holdings_add_slowly(iisr_holdings_t *h)
{
    int first = sizeof(h->first) / sizeof(h->first[0]);
    iisr_holding_t *items;

    if (h->n >= (h->items ? h->room : first)) {
        int room = h->items ? h->room * 2 : 16;

        if (!(items = realloc(h->items, room * sizeof(*items)))) {
            return NULL;
        }
        if (!h->items) {
            memcpy(items, h->first, sizeof(h->first));
        }
        h->items = items;
        h->room = room;
    }
    return iisr_holdings_items(h) + h->n++;
}

static void release_file(iisr_holding_t *holding)
{
    if (!holding->bucket && holding->fd >= 0) {
        close(holding->fd);
    }
}

void iisr_holdings_release_slowly(iisr_holdings_t *h, iisr_block_t **spare,
                                  apr_size_t room)
{
    iisr_holding_t *items = iisr_holdings_items(h);
    int i;

    for (i = 0; i < h->n; i++) {
        iisr_block_t *block = items[i].block;

        if (!block) {
            release_file(&items[i]);
        }
        else if (!*spare && block->room <= room
                 && iisr_block_is_last(block)) {
            block->used = 0;
            *spare = block;
        }
        else {
            iisr_block_release(block);
        }
    }
    h->n = 0;
    if (h->items) {
        free(h->items);
        free(h->order);
        h->items = NULL;
        h->order = NULL;
        h->ordered = 0;
    }
}

/* --- recognising -------------------------------------------------------- */

/* Files first, by descriptor; then memory, by address. */
static int compare(const iisr_holding_t *a, const iisr_holding_t *b)
{
    if (!a->block || !b->block) {
        return a->block || b->block ? (a->block ? 1 : -1)
                                    : (a->fd > b->fd) - (a->fd < b->fd);
    }
    return (a->block > b->block) - (a->block < b->block);
}

static int by_place(const void *a, const void *b, void *items)
{
    return compare((iisr_holding_t *)items + *(const int *)a,
                   (iisr_holding_t *)items + *(const int *)b);
}

/* Zero: no memory for it. */
static int put_in_order(iisr_holdings_t *h)
{
    int *order, i;

    if (h->ordered == h->n) {
        return 1;
    }
    if (!(order = realloc(h->order, h->n * sizeof(*order)))) {
        return 0;
    }
    for (i = 0; i < h->n; i++) {
        order[i] = i;
    }
    qsort_r(order, h->n, sizeof(*order), by_place, iisr_holdings_items(h));
    h->order = order;
    h->ordered = h->n;
    return 1;
}

static int is_it(const iisr_holding_t *holding, const void *data,
                 apr_os_file_t fd)
{
    if (fd >= 0) {
        return !holding->block && holding->bucket && holding->fd == fd;
    }
    return holding->block && iisr_block_has(holding->block, data);
}

/* Whether it stands after the one looked for. */
static int is_after(const iisr_holding_t *holding, const void *data,
                    apr_os_file_t fd)
{
    if (fd >= 0) {
        return holding->block || holding->fd > fd;
    }
    return holding->block && (const char *)data < holding->block->data;
}

/* The last that does not stand after it. */
static int halve(const iisr_holdings_t *h, const iisr_holding_t *items,
                 const void *data, apr_os_file_t fd)
{
    int low = 0, high = h->n;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (is_after(&items[h->order[middle]], data, fd)) {
            high = middle;
        }
        else {
            low = middle + 1;
        }
    }
    return low ? h->order[low - 1] : 0;
}

/* So few are looked at one by one. */
#define FEW 8

iisr_holding_t *iisr_holdings_search(iisr_holdings_t *h, const void *data,
                                     apr_os_file_t fd, int *hint)
{
    iisr_holding_t *items = iisr_holdings_items(h);
    int i, last = h->n;

    for (i = *hint; i < h->n && i < *hint + 2; i++) {
        if (is_it(&items[i], data, fd)) {
            *hint = i;
            return &items[i];
        }
    }
    i = 0;
    if (h->n > FEW && put_in_order(h)) {
        i = halve(h, items, data, fd);
        last = i + 1;
    }
    for (; i < last; i++) {
        if (is_it(&items[i], data, fd)) {
            *hint = i;
            return &items[i];
        }
    }
    return NULL;
}
