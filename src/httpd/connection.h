/* connection.h: what we keep of a connection: the parked request, the
 * network filter's backlog, the park.
 *
 * Everything belongs to the thread that works on the connection, except
 * that `park` is used by wakers under the context's lock.
 */
#ifndef IISR_HTTPD_CONNECTION_H
#define IISR_HTTPD_CONNECTION_H

#include <httpd.h>
#include <apr_portable.h>
#include <util_filter.h>
#include "core/host.h"
#include "async/parked.h"
#include "httpserv.h"

typedef struct iisr_frames_t iisr_frames_t;

typedef struct iisr_conn_t {
    conn_rec *c;
    apr_uint64_t id;                /* c->id changes between threads */
    IHttpConnection *object;        /* made when first asked for */
    struct iisr_conn_t *next, **back;   /* of those with one; back is NULL:
                                         * it is not listed */

    unsigned int may_park : 1;      /* event MPM, no c->master */
    unsigned int inside : 1;        /* our process_connection wraps another */
    unsigned int swapped : 1;       /* c's socket has the park's descriptor */
    unsigned int gone : 1;          /* the client hung up */
    unsigned int half_closed : 1;   /* it sends no more */
    unsigned int lost : 1;          /* c->aborted, hidden from the MPM for
                                     * the time of a park */
    unsigned int async_pass : 1;    /* network filter: do not block */
    unsigned int whole : 1;         /* a stream: its client has been given
                                     * all of the response */
    unsigned int marks;             /* a stream: see streams.c */
    iisr_frames_t *frames;          /* of HTTP/2, or NULL; see frames.c */

    iisr_host_request_t *pending;   /* left by its thread, or NULL */
    iisr_park_t *park;              /* NULL until the first park */
    int socket;                     /* the client's; -1: HTTP/2 stream */

    ap_filter_t *network;
    apr_size_t threshold;           /* FlushMaxThreshold, bytes */
    ap_filter_t *top;               /* where the flush under way enters */
    apr_bucket_brigade *source;     /* of it, not yet in the filters */
    apr_bucket_brigade *slice;      /* of it, on its way through them */
    apr_bucket_brigade *kept;       /* asynchronous output core has not got */
    apr_bucket_brigade *portion;    /* of it, on its way to core */
    apr_pool_t *sent_pool;          /* its cleanup is a completion */
    apr_uint64_t serial;            /* of the completion bucket that counts */
    iisr_sent_fn sent;              /* of the flush under way, or NULL */
    void *sent_baton;
} iisr_conn_t;

/* NULL: no module is loaded. */
iisr_conn_t *iisr_conn_get(conn_rec *c);

/* Of a connection or a request; never the same twice.  Any thread. */
apr_uint64_t iisr_conn_new_id(void);

void iisr_connection_hooks(apr_pool_t *p);
void iisr_connection_child_init(apr_pool_t *pchild, server_rec *s);

/* A request ends that may be pending here. */
void iisr_conn_request_over(iisr_conn_t *conn, iisr_host_request_t *hr);
/* Whether the client is still there, looked up now.  Any thread. */
int iisr_conn_connected(iisr_conn_t *conn);
/* Whether httpd closed it under its worker: it stops at once. */
int iisr_conn_is_closed(const iisr_conn_t *conn);
/* A flush is under way: how far has it come, and until when must it come
 * further?  See parking.c. */
void iisr_conn_watch_write(iisr_host_request_t *hr);

/* Passes a brigade that on_sent shall follow; never blocks. */
apr_status_t iisr_conn_pass(iisr_conn_t *conn, ap_filter_t *top,
                            apr_bucket_brigade *bb, iisr_sent_fn sent,
                            void *baton);
/* Writes what the client takes without waiting.  APR_SUCCESS: all is out;
 * APR_EAGAIN: more later; other: the connection is lost. */
apr_status_t iisr_conn_push(iisr_conn_t *conn);
/* The same, and waits for the client.  APR_TIMEUP: it took nothing for
 * that long, the connection is lost. */
apr_status_t iisr_conn_finish(iisr_conn_t *conn, apr_interval_time_t timeout);
/* No completion for the flush under way: its context is closing. */
void iisr_conn_forget(iisr_conn_t *conn);
/* The connection's pool is about to go: completion buckets that are still
 * held somewhere find nothing to do. */
void iisr_conn_disarm(iisr_conn_t *conn);
/* Takes back the output that core has not got. */
void iisr_conn_drop(iisr_conn_t *conn);
int iisr_conn_has_output(const iisr_conn_t *conn);

#endif
