/* context.h: one request in the engine: the object behind IHttpContext.
 *
 * What it holds lives in a pool of its own (own allocator), counted by refs:
 * one for the host's request, one for every completion that a module still
 * owes us.  So a late PostCompletion, Flush or IndicateCompletion finds a
 * closed context (host request NULL) and gets an error, never freed memory.
 * The context itself is used for one request after the other; what comes
 * later still finds out by its handle (handle.h).
 *
 * The lock: held while engine code runs, never while module code runs, and
 * never while the host's filters may wait for the client.  Every interface
 * method is iisr_enter ... iisr_leave.  The lock knows its thread: the host
 * may come back to the request from below what it was called for (an error
 * page made while a brigade is passed), and then finds it taken by itself.
 * The pipeline gives the lock up, however often it was taken, before it
 * calls a module, and takes it again after (iisr_give_up, iisr_take_again).
 * While a request is pending any one thread may call any method.  What only
 * looks at the host's request is done by the caller (iisr_context_ask): nobody
 * else works on a request that waits.  What reads or writes the connection is
 * handed to the thread that works on the request, or will
 * (iisr_context_on_worker).
 */
#ifndef IISR_CONTEXT_H
#define IISR_CONTEXT_H

#include <pthread.h>
#include <apr_portable.h>
#include "httpserv.h"
#include "handle.h"
#include "host.h"
#include "response.h"
#include "request.h"
#include "registry.h"
#include "child.h"
#include "completion.h"
#include "pipeline.h"

/* Every function between a module and writev() costs a return that the
 * processor mispredicts, as the kernel clears what predicts it: 50 ns. */
#define IISR_FLAT static inline __attribute__((always_inline))

/* Settings of the request's place in the configuration. */
typedef struct iisr_settings_t {
    apr_size_t buffer_limit;            /* IISResponseBufferLimit, bytes */
    apr_interval_time_t flush_timeout;  /* IISFlushTimeout */
    int inline_completion;              /* IISInlineCompletion */
    apr_interval_time_t pending_warning; /* IISPendingWarning; 0: none */
} iisr_settings_t;

/* Objects around a request that several requests share (site, application,
 * connection, server).  Made by src/iface, owned by the host. */
typedef struct iisr_surroundings_t {
    IHttpServer3 *server;
    IHttpSite *site;
    IHttpApplication2 *application;
    IHttpConnection *connection;
} iisr_surroundings_t;

/* How a request waits: one per file of src/async. */
typedef struct iisr_way_t {
    const char *name;
    /* Lock held.  Nonzero: something is runnable, go on.  Zero: nothing
     * is, and the thread shall leave (only when may_leave). */
    int (*wait)(struct iisr_context_t *ctx, int may_leave);
} iisr_way_t;

/* What src/iface gives the engine: the objects that modules see. */
typedef struct iisr_objects_t {
    void (*init)(struct iisr_context_t *ctx);
    IModuleAllocator *(*allocator)(struct iisr_context_t *ctx);
    IHttpEventProvider *(*provider)(struct iisr_context_t *ctx,
                                    iisr_event_e event);
    IHttpCompletionInfo2 *(*completion_info)(struct iisr_context_t *ctx,
                                             const iisr_operation_t *op);
    void (*destroy)(struct iisr_context_t *ctx);
    /* The head is about to leave with these headers, and there is a cache
     * policy that may add some.  May be NULL. */
    void (*head)(struct iisr_context_t *ctx, apr_table_t *headers);
    /* Chunks that are about to leave and are neither memory nor a file, which
     * a module may have put into the view, become one of these.  APR_ENOENT:
     * a fragment that is not there.  May be NULL. */
    apr_status_t (*chunks)(struct iisr_context_t *ctx);
} iisr_objects_t;

/* Work that only the request's own thread may do, asked for by another. */
typedef struct iisr_job_t {
    struct iisr_job_t *next;
    void (*run)(struct iisr_context_t *ctx, void *baton);
    void *baton;
    int done;
} iisr_job_t;

struct iisr_context_t {
    /* As long as the process lives, whichever request it is. */
    pthread_mutex_t lock;
    const char *holder;                 /* iisr_this_thread of the thread that
                                         * has the lock, or NULL */
    unsigned int depth;                 /* how often it took it again */
    pthread_cond_t changed;             /* anything a waiter may want */
    struct iisr_context_t *spare;       /* the next one without a request */
    apr_pool_t *pool;                   /* own allocator; lock held; NULL: of
                                         * a spare one, none is kept */
    iisr_handle_t *handle;              /* what modules have of it; NULL: no
                                         * request */
    apr_uint32_t refs;                  /* without a request 1 */
    int ending;                         /* how often refs has come to zero */
    int sleepers;                       /* threads that wait for it */

    /* From here on of one request. */
    const iisr_host_t *host;
    iisr_host_request_t *req;           /* NULL: closed */
    iisr_registry_t *registry;
    const unsigned char *enabled;       /* by module index; NULL: all */
    iisr_settings_t settings;
    iisr_surroundings_t around;

    iisr_response_t response;
    iisr_request_t request;
    iisr_pipeline_t pipeline;
    iisr_completion_t completion;

    const iisr_way_t *way;
    apr_os_thread_t worker;             /* the thread that last worked on it;
                                         * means nothing while it waits */
    int down;                           /* the worker is in the host's filters
                                         * with the lock given up */
    int waiting;                        /* the worker waits or has left: host
                                         * work is handed over as a job */
    iisr_job_t *jobs;
    int flush_wanted;                   /* an asynchronous flush, or read, by
                                         * another thread waits for the worker */
    int read_wanted;
    struct iisr_lent_t *lent;           /* entity.c: memory of a module's, and
                                         * files, that an asynchronous flush
                                         * under way points at */
    apr_pool_t *files;
    apr_bucket_brigade *bb;             /* for the next flush; NULL while it
                                         * is passed down */
    struct iisr_log_t *log;             /* log_data.h; NULL: not asked for */
    const iisr_handlers_t *handlers;    /* who is asked in
                                         * ExecuteRequestHandler; NULL: all */
    int script_map_set;                 /* a module has chosen them */
    int owed;                           /* closed while a module's post was
                                         * promised: one reference is its */
    int abandoning;                     /* no module is waited for any more */

    iisr_children_t children;           /* the parent's lock */
    const iisr_objects_t *objects_table;
    void *objects;                      /* src/iface: lazily made objects */
};

/* NULL only when memory is gone.  One reference, the host's. */
iisr_context_t *iisr_context_create(const iisr_host_t *host,
                                    iisr_host_request_t *req,
                                    iisr_registry_t *registry,
                                    const iisr_settings_t *settings,
                                    const iisr_surroundings_t *around,
                                    const iisr_objects_t *objects,
                                    const iisr_way_t *way);
/* The host's request is going away: disposes of the module instances and
 * stored contexts, closes, drops the host's reference. */
void iisr_context_close(iisr_context_t *ctx);
/* The request ends without the module that is still to answer: what it has
 * outstanding is aborted, it is not called again, and its instance lives
 * until it has posted.  Lock held, on the worker. */
void iisr_context_abandon(iisr_context_t *ctx, HRESULT status);

/* Nobody refers to it any more but the caller: no lock.  Disposes of the
 * module instances and of what modules stored, which may call in as ever;
 * comes again when nobody refers to it after that. */
void iisr_context_destroy(iisr_context_t *ctx);
/* Of a request that ended: answers for all handles that wait.  Never NULL
 * once there was a request. */
int iisr_context_is_gone(const iisr_context_t *ctx);

/* Its address is the name of a thread. */
extern __thread char iisr_this_thread
    __attribute__((tls_model("initial-exec")));

/* Other threads read the holder without the lock, to compare it with
 * themselves: only a thread's own writes make it equal. */
static inline void iisr_set_holder(iisr_context_t *ctx, const char *thread)
{
    __atomic_store_n(&ctx->holder, thread, __ATOMIC_RELAXED);
}
static inline int iisr_is_holder(const iisr_context_t *ctx)
{
    return __atomic_load_n(&ctx->holder, __ATOMIC_RELAXED)
           == &iisr_this_thread;
}
static inline void iisr_enter(iisr_context_t *ctx)
{
    if (iisr_is_holder(ctx)) {
        ctx->depth++;
        return;
    }
    pthread_mutex_lock(&ctx->lock);
    iisr_set_holder(ctx, &iisr_this_thread);
}
/* The context may be gone afterwards, and with it the lock. */
static inline void iisr_leave(iisr_context_t *ctx)
{
    int last = !ctx->refs;

    if (ctx->depth) {
        ctx->depth--;
        return;
    }
    if (last) {
        /* Of the one who destroys it. */
        ctx->refs = 1;
        ctx->ending++;
    }
    iisr_set_holder(ctx, NULL);
    pthread_mutex_unlock(&ctx->lock);
    if (last) {
        iisr_context_destroy(ctx);
    }
}
/* For the time of something that must not run under the lock.  The caller
 * holds a reference; depth is for iisr_take_again. */
static inline unsigned int iisr_give_up(iisr_context_t *ctx)
{
    unsigned int depth = ctx->depth;

    ctx->depth = 0;
    iisr_set_holder(ctx, NULL);
    pthread_mutex_unlock(&ctx->lock);
    return depth;
}
static inline void iisr_take_again(iisr_context_t *ctx, unsigned int depth)
{
    iisr_enter(ctx);
    ctx->depth = depth;
}
/* The worker goes down into the host's filters, which may wait for the
 * client, and comes up again.  Other threads may use the request meanwhile,
 * but not the host's part of it (iisr_context_await_worker). */
static inline unsigned int iisr_context_go_down(iisr_context_t *ctx)
{
    ctx->down++;
    return iisr_give_up(ctx);
}
static inline void iisr_context_come_up(iisr_context_t *ctx,
                                        unsigned int depth)
{
    iisr_take_again(ctx, depth);
    if (!--ctx->down && ctx->sleepers) {
        pthread_cond_broadcast(&ctx->changed);
    }
}
/* Returns when the worker is up, at once for the worker itself. */
void iisr_context_await_up(iisr_context_t *ctx);
static inline void iisr_context_await_worker(iisr_context_t *ctx)
{
    if (ctx->down) {
        iisr_context_await_up(ctx);
    }
}

/* Runs what only looks at the host's request.  Lock held, any thread. */
void iisr_context_ask(iisr_context_t *ctx,
                      void (*run)(iisr_context_t *ctx, void *baton),
                      void *baton);
/* Runs what reads or writes the connection: at once while the worker is
 * awake (then it is inside module code, or the caller), otherwise the worker
 * is woken and the caller waits for it.  Lock held.  APR_TIMEUP: no worker
 * came within IISFlushTimeout, nothing was done: all of them may be waiting
 * for one another. */
apr_status_t iisr_context_hand_over(iisr_context_t *ctx,
                                    void (*run)(iisr_context_t *ctx,
                                                void *baton),
                                    void *baton);
/* Whether that is asked of another than the worker. */
static inline int iisr_context_is_elsewhere(const iisr_context_t *ctx)
{
    return ctx->waiting || ctx->pipeline.abandoned;
}
static inline apr_status_t iisr_context_on_worker(
    iisr_context_t *ctx, void (*run)(iisr_context_t *ctx, void *baton),
    void *baton)
{
    iisr_context_await_worker(ctx);
    if (iisr_context_is_elsewhere(ctx)) {
        return iisr_context_hand_over(ctx, run, baton);
    }
    run(ctx, baton);
    return APR_SUCCESS;
}
/* A thread comes back to a request that waits.  Lock held. */
void iisr_context_resume(iisr_context_t *ctx);
/* It carries out what others asked for. */
void iisr_context_run_jobs(iisr_context_t *ctx);
/* Something changed that a waiter or a parked request should see. */
void iisr_context_wake(iisr_context_t *ctx);
/* Sleeps until something changes; APR_TIMEUP: for so long.  Lock held, and
 * left for the time of the sleep. */
apr_status_t iisr_context_sleep(iisr_context_t *ctx, apr_interval_time_t most);
/* Whether a wait would end at once. */
int iisr_context_runnable(iisr_context_t *ctx);

#define iisr_context_from_iface(p) \
    iisr_handle_context((const iisr_handle_t *)(const void *)(p))
#define iisr_context_from_response(p) \
    iisr_handle_context((const iisr_handle_t *)(const void *) \
        ((const char *)(const void *)(p) \
         - APR_OFFSETOF(iisr_handle_t, response_iface)))
#define iisr_context_from_request(p) \
    iisr_handle_context((const iisr_handle_t *)(const void *) \
        ((const char *)(const void *)(p) \
         - APR_OFFSETOF(iisr_handle_t, request_iface)))

#endif
