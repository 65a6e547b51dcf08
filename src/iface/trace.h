/* trace.h: who listens to which provider of trace events, and the ring in
 * which a request keeps the last of them for whoever looks at it later.
 */
#ifndef IISR_IFACE_TRACE_H
#define IISR_IFACE_TRACE_H

#include <apr_pools.h>
#include <apr_time.h>
#include "httpserv.h"
#include "core/host.h"

/* One a process, made by the server object. */
typedef struct iisr_trace_hub_t iisr_trace_hub_t;

/* Any thread, no lock of ours held.  listening: somebody reads the log.
 * event: of each, whoever subscribed or not; ctx is NULL for an event of no
 * request.  Each may be NULL. */
typedef struct iisr_trace_hooks_t {
    int (*listening)(void *baton);
    void (*event)(void *baton, HTTP_TRACE_EVENT *event, iisr_context_t *ctx);
    void *baton;
} iisr_trace_hooks_t;

iisr_trace_hub_t *iisr_trace_hub_create(apr_pool_t *pool,
                                        const iisr_trace_hooks_t *hooks);
/* IGlobalTraceEventProvider::CheckSubscription. */
BOOL iisr_trace_subscribed(iisr_trace_hub_t *hub, HTTP_MODULE_ID module,
                           const HTTP_TRACE_EVENT *event);

#define IISR_RING 64
#define IISR_RING_TEXT 232

typedef struct iisr_trace_line_t {
    apr_time_t when;
    int level;                          /* verbosity, 0 to 7 */
    char text[IISR_RING_TEXT];          /* UTF-8, cut off */
} iisr_trace_line_t;

/* log: one line, any thread.  hub and ctx may be NULL.  With a ctx there is
 * a ring. */
IHttpTraceContext *iisr_trace_create(apr_pool_t *pool, iisr_trace_hub_t *hub,
                                     iisr_context_t *ctx,
                                     void (*log)(void *baton,
                                                 const char *line),
                                     void *baton);
/* Frees the ring. */
void iisr_trace_destroy(IHttpTraceContext *trace);
/* The lines that are still there, oldest first; how many. */
int iisr_trace_each(IHttpTraceContext *trace,
                    void (*see)(void *baton, const iisr_trace_line_t *line),
                    void *baton);

/* trace_items.c: an event as one line of text. */
const char *iisr_trace_text(apr_pool_t *pool, const HTTP_TRACE_EVENT *event);

#endif
