/* entity.h: from the response's chunks to buckets.
 *
 * All functions: lock held, on the thread that works on the request.
 */
#ifndef IISR_ENTITY_H
#define IISR_ENTITY_H

#include "context.h"

/* What an entity that has been taken out of a response keeps while it is
 * passed down: on the stack of who passes it. */
typedef struct iisr_entity_t {
    iisr_holdings_t holdings;
    apr_pool_t *files;              /* NULL: no file of ours among them */
} iisr_entity_t;

/* Bytes that would leave.  *strange: how many chunks are neither memory nor
 * a file. */
apr_uint64_t iisr_entity_measure(iisr_context_t *ctx, int *strange);
static inline apr_uint64_t iisr_entity_length(iisr_context_t *ctx,
                                              int *strange)
{
    const iisr_response_t *res = &ctx->response;

    if (res->nchunks == 1 && !res->view
        && res->chunks[0].DataChunkType == HttpDataChunkFromMemory) {
        *strange = 0;
        return res->chunks[0].FromMemory.BufferLength;
    }
    return iisr_entity_measure(ctx, strange);
}

/* Moves the entity, as it stands in the chunks, to the end of bb as data
 * buckets, at most room bytes of it; the response is empty afterwards,
 * whatever is returned.  async: what is the module's may be read until
 * IISR_OP_WRITE is complete (or iisr_entity_recall), otherwise, as APR's
 * transient buckets, until the pass returns.  APR_EBADF: a broken chunk. */
apr_status_t iisr_entity_take(iisr_context_t *ctx, apr_bucket_brigade *bb,
                              apr_uint64_t room, int async,
                              iisr_entity_t *entity);
/* The pass has returned. */
void iisr_entity_release(iisr_context_t *ctx, iisr_entity_t *entity);

/* The asynchronous flush is over: the module may do with its memory what it
 * likes.  What still points at it gets a copy, or, of a flush that failed,
 * an error. */
void iisr_entity_recall(iisr_context_t *ctx, apr_status_t status);
static inline void iisr_entity_over(iisr_context_t *ctx, apr_status_t status)
{
    if (ctx->lent || ctx->files) {
        iisr_entity_recall(ctx, status);
    }
}
/* The host's request goes. */
void iisr_entity_close(iisr_context_t *ctx);

#endif
