/* response_extra.h: what response.c needs beside the response itself. */
#ifndef IISR_IFACE_RESPONSE_EXTRA_H
#define IISR_IFACE_RESPONSE_EXTRA_H
#include "core/context.h"

/* The standard phrase of a status, "" for one that has none. */
const char *iisr_status_reason(int status);
const char *iisr_html_escape(apr_pool_t *pool, const char *text);

typedef enum {
    IISR_ONCE_PUSH, IISR_ONCE_TRAILERS, IISR_ONCE_SUPPRESS,
    IISR_ONCE_DISCONNECT, IISR_ONCES
} iisr_once_e;

/* Returns hr and says why, once a process.  No lock. */
HRESULT iisr_refuse_once(iisr_context_t *ctx, iisr_once_e what, HRESULT hr);

/* response_chunks.c: as iisr_response_append and iisr_response_insert, with
 * fragments and trailers.  APR_ENOENT: there is no such fragment;
 * APR_EINPROGRESS: too late for trailers. */
apr_status_t iisr_append_chunks(iisr_context_t *ctx,
                                const HTTP_DATA_CHUNK *chunks, DWORD n,
                                apr_uint64_t *bytes);
apr_status_t iisr_insert_chunk(iisr_context_t *ctx,
                               const HTTP_DATA_CHUNK *chunk, LONG position);

/* The view's fragments become memory, its trailers the response's. */
apr_status_t iisr_plain_chunks(iisr_context_t *ctx);

/* The head is about to leave: what the cache policy adds to it. */
void iisr_cache_policy_head(iisr_context_t *ctx, apr_table_t *headers);

/* cache_policy.c: the request's; lock held. */
IHttpCachePolicy *iisr_cache_policy(iisr_context_t *ctx);
/* The child's varies by what its parent's varies by.  No lock. */
void iisr_cache_policy_inherit(iisr_context_t *parent, iisr_context_t *child);

#endif
