/* fragments.h: named pieces of responses, kept in memory of a limit.
 *
 * IIS keeps them in the kernel and may drop them whenever it likes; here the
 * least recently used go when the limit is reached.  One cache a child, any
 * thread; a fragment that somebody holds outlives its removal, and nobody writes
 * into it.
 */
#ifndef IISR_FRAGMENTS_H
#define IISR_FRAGMENTS_H

#include <apr_pools.h>
#include <apr_thread_mutex.h>
#include "httpserv.h"
#include "holdings.h"

typedef struct iisr_fragments_t iisr_fragments_t;

/* limit: bytes of data and names.  The pool's end forgets what is there. */
iisr_fragments_t *iisr_fragments_create(apr_pool_t *pool, apr_size_t limit);
/* Copies; takes the place of one of the same name.  APR_ENOSPC: larger than
 * the limit; APR_ENOMEM. */
apr_status_t iisr_fragments_add(iisr_fragments_t *fragments,
                                const WCHAR *name, apr_size_t name_length,
                                const void *data, apr_size_t length);
/* NULL: not there.  One reference is the caller's. */
iisr_block_t *iisr_fragments_find(iisr_fragments_t *fragments,
                                     const WCHAR *name,
                                     apr_size_t name_length);
/* Zero: it was not there. */
int iisr_fragments_remove(iisr_fragments_t *fragments, const WCHAR *name,
                          apr_size_t name_length);

#endif
