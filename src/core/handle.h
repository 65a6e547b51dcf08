/* handle.h: what modules hold of a request: its three interfaces, apart from
 * the context that answers.
 *
 * A context's memory is used again by the next request; its handle is not,
 * until many thousand requests later: it is the request's generation.  A
 * module that calls after the end of its request finds a context that is
 * closed for ever, and never another request.  No handle's memory is given
 * back: a call that comes while the request ends reads valid memory.
 */
#ifndef IISR_HANDLE_H
#define IISR_HANDLE_H

#include <pthread.h>
#include "httpserv.h"

struct iisr_context_t;

typedef struct iisr_handle_t {
    IHttpContext4 iface;                /* must be first */
    IHttpResponse4 response_iface;
    IHttpRequest4 request_iface;
    struct iisr_context_t *ctx;         /* who answers; any thread */
    struct iisr_handle_t *next;         /* of those that wait */
} iisr_handle_t;

/* How many requests end before a handle is used again: 640 KB a process. */
#define IISR_HANDLES_WAIT 16384

/* Handles of requests that ended, the eldest first. */
typedef struct iisr_handles_t {
    iisr_handle_t *first, *last;
    unsigned int n;
    iisr_handle_t *fresh;               /* never used, and how many */
    unsigned int nfresh;
} iisr_handles_t;

/* Under a lock of the caller's.  NULL: no memory. */
iisr_handle_t *iisr_handle_take(iisr_handles_t *handles);
/* From now on the handle is answered by this context. */
void iisr_handle_give(iisr_handles_t *handles, iisr_handle_t *handle,
                      struct iisr_context_t *closed);

static inline struct iisr_context_t *iisr_handle_context(
    const iisr_handle_t *handle)
{
    return __atomic_load_n(&handle->ctx, __ATOMIC_ACQUIRE);
}

#endif
