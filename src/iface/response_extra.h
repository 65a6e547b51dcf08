/* response_extra.h: what response.c needs beside the response itself. */
#ifndef IISR_IFACE_RESPONSE_EXTRA_H
#define IISR_IFACE_RESPONSE_EXTRA_H
#include "core/context.h"

/* The standard phrase of a status, "" for one that has none. */
const char *iisr_status_reason(int status);
const char *iisr_html_escape(apr_pool_t *pool, const char *text);

typedef enum {
    IISR_ONCE_HEADER_CHANGES, IISR_ONCE_PUSH, IISR_ONCE_TRAILERS, IISR_ONCES
} iisr_once_e;

/* Returns hr and says why, once a process.  No lock. */
HRESULT iisr_refuse_once(iisr_context_t *ctx, iisr_once_e what, HRESULT hr);

/* cache_policy.c: the request's; lock held. */
IHttpCachePolicy *iisr_cache_policy(iisr_context_t *ctx);

#endif
