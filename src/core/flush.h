/* flush.h: what leaves now, and as what.  The rules are in flush.c.
 * All functions: lock held; they may leave and enter it around OnSendResponse.
 */
#ifndef IISR_FLUSH_H
#define IISR_FLUSH_H

#include <apr_buckets.h>
#include "completion.h"

struct iisr_context_t;
struct iisr_entity_t;

typedef struct iisr_flush_t {
    int async;
    int more;                       /* fMoreData */
    PFN_ASYNC_COMPLETION callback;
    void *baton;
    int must_complete;              /* the caller passed no flag: promise */
    /* results */
    apr_uint64_t bytes;             /* of the entity, that left: 0 of one
                                     * that may not (HEAD), or that failed */
    int expected;                   /* a completion will be delivered */
} iisr_flush_t;

/* APR_SUCCESS; APR_EINVAL: ended already, or the module's own framing is
 * broken (ERROR_INVALID_DATA);
 * APR_ENOTIMPL: not in this notification; APR_EBUSY: an operation is
 * outstanding; APR_ECONNABORTED: the client is gone, or the response was cut
 * by a flush before; APR_TIMEUP: called by
 * another thread, and no worker was free to do it; APR_ENOMEM. */
apr_status_t iisr_flush(struct iisr_context_t *ctx, iisr_flush_t *flush);

/* The flush that another thread asked for while the request waited. */
void iisr_flush_deferred(struct iisr_context_t *ctx);

/* The last flush, when the modules are through.  Never raises an error at
 * a module; *expected as above with the result in the completion record's
 * IISR_OP_WRITE. */
apr_status_t iisr_flush_end(struct iisr_context_t *ctx, iisr_flush_t *flush);

/* --- the host's own content, which modules look at ----------------------- */

/* OnSendResponse is raised for what the response holds, or may load. */
void iisr_flush_show(struct iisr_context_t *ctx);
/* The entity's data, to the end of bb: iisr_entity_take. */
apr_status_t iisr_flush_entity(struct iisr_context_t *ctx,
                               apr_bucket_brigade *bb,
                               struct iisr_entity_t *taken);
/* How many of these bytes may leave under the Content-Length on the wire. */
apr_uint64_t iisr_flush_allowed(struct iisr_context_t *ctx,
                                apr_uint64_t bytes);
/* The end of the content is about to leave: trailers; a body that is short
 * of its Content-Length closes the connection. */
void iisr_flush_end_content(struct iisr_context_t *ctx);

#endif
