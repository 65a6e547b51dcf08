/* context.c: birth, lock, references and end of a request in the engine.
 * See context.h for who may touch what.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <apr_allocator.h>
#include <apr_atomic.h>
#include "context.h"
#include "entity.h"
#include "flush.h"

__thread char iisr_this_thread;

/* What a pool that is kept for the next request may hold on to. */
#define SPARE_BYTES 65536

/* --- memory ------------------------------------------------------------- */

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address))
#endif

/* What is of one request. */
#define BEFORE_REQUEST APR_OFFSETOF(iisr_context_t, host)

/* An allocator of its own: other threads may write to the response and what
 * a module holds may outlive the host's request. */
static apr_pool_t *pool_make(void)
{
    apr_pool_t *pool;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_context");
    apr_allocator_max_free_set(apr_pool_allocator_get(pool), SPARE_BYTES);
    return pool;
}

/* A thread that comes as a request ends may still want the lock, so that it
 * is never destroyed. */
static iisr_context_t *context_make(void)
{
    iisr_context_t *ctx = calloc(1, sizeof(*ctx));

    if (ctx) {
        pthread_mutex_init(&ctx->lock, NULL);
        pthread_cond_init(&ctx->changed, NULL);
        ctx->refs = 1;
    }
    return ctx;
}

static void put_back(iisr_spares_t *spares, iisr_context_t *ctx,
                     iisr_handle_t *handle)
{
    iisr_context_t **list = ctx->pool ? &spares->first : &spares->bare;

    if (handle) {
        iisr_handle_give(&spares->handles, handle, spares->closed);
    }
    ctx->spare = *list;
    *list = ctx;
    spares->n += ctx->pool != NULL;
}

/* Contexts and their pools are kept for later requests: a new pool costs two
 * mmap and two munmap.  NULL: no memory. */
static iisr_context_t *context_take(iisr_spares_t *spares)
{
    iisr_context_t *ctx;
    iisr_handle_t *handle;

    pthread_mutex_lock(&spares->lock);
    if ((ctx = spares->first)) {
        spares->first = ctx->spare;
        spares->n--;
    }
    else if ((ctx = spares->bare)) {
        spares->bare = ctx->spare;
    }
    handle = iisr_handle_take(&spares->handles);
    pthread_mutex_unlock(&spares->lock);
    if (ctx || (ctx = context_make())) {
        ASAN_UNPOISON_MEMORY_REGION(ctx, sizeof(*ctx));
        if (!ctx->pool) {
            ctx->pool = pool_make();
        }
        if (ctx->pool && handle) {
            ctx->handle = handle;
            memset(&ctx->host, 0, sizeof(*ctx) - BEFORE_REQUEST);
            return ctx;
        }
        pthread_mutex_lock(&spares->lock);
        put_back(spares, ctx, handle);
        pthread_mutex_unlock(&spares->lock);
    }
    return NULL;
}

/* Whoever has the handle finds the closed context from now on; who has found
 * this one already finds another handle in it. */
static void context_give(iisr_spares_t *spares, iisr_context_t *ctx)
{
    iisr_handle_t *handle = ctx->handle;
    int kept;

    pthread_mutex_lock(&ctx->lock);
    ctx->handle = NULL;
    pthread_mutex_unlock(&ctx->lock);
    pthread_mutex_lock(&spares->lock);
    kept = spares->n < spares->most;
    pthread_mutex_unlock(&spares->lock);
    if (kept) {
        apr_pool_clear(ctx->pool);
    }
    else {
        apr_pool_destroy(ctx->pool);
        ctx->pool = NULL;
    }
    ASAN_POISON_MEMORY_REGION(&ctx->host, sizeof(*ctx) - BEFORE_REQUEST);
    pthread_mutex_lock(&spares->lock);
    put_back(spares, ctx, handle);
    pthread_mutex_unlock(&spares->lock);
}

/* --- birth and end ------------------------------------------------------ */

static iisr_context_t *context_open(const iisr_host_t *host,
                                    iisr_host_request_t *req,
                                    iisr_registry_t *registry,
                                    const iisr_settings_t *settings,
                                    const iisr_surroundings_t *around,
                                    const iisr_objects_t *objects,
                                    const iisr_way_t *way)
{
    iisr_context_t *ctx = context_take(&registry->spares);

    if (!ctx) {
        return NULL;
    }
    ctx->ending = 0;
    ctx->host = host;
    ctx->req = req;
    ctx->registry = registry;
    ctx->settings = *settings;
    ctx->around = *around;
    ctx->objects_table = objects;
    ctx->way = way;
    ctx->worker = apr_os_thread_current();
    iisr_response_init(&ctx->response, host->banner(), ctx->pool);
    objects->init(ctx);
    __atomic_store_n(&ctx->handle->ctx, ctx, __ATOMIC_RELEASE);
    return ctx;
}

/* Of this context what lies around a request as long as the process. */
static int make_closed(const iisr_context_t *like)
{
    iisr_spares_t *spares = &like->registry->spares;
    iisr_surroundings_t around = { .server = like->around.server };
    iisr_context_t *closed = context_open(like->host, NULL, like->registry,
                                          &like->settings, &around,
                                          like->objects_table, like->way);

    if (!closed) {
        return 0;
    }
    pthread_mutex_lock(&spares->lock);
    if (!spares->closed) {
        __atomic_store_n(&spares->closed, closed, __ATOMIC_RELEASE);
        closed = NULL;
    }
    pthread_mutex_unlock(&spares->lock);
    if (closed) {
        /* Another thread was first. */
        iisr_context_close(closed);
    }
    return 1;
}

static int has_closed(iisr_spares_t *spares)
{
    return __atomic_load_n(&spares->closed, __ATOMIC_ACQUIRE) != NULL;
}

int iisr_context_is_gone(const iisr_context_t *ctx)
{
    return ctx == __atomic_load_n(&ctx->registry->spares.closed,
                                  __ATOMIC_ACQUIRE);
}

iisr_context_t *iisr_context_create(const iisr_host_t *host,
                                    iisr_host_request_t *req,
                                    iisr_registry_t *registry,
                                    const iisr_settings_t *settings,
                                    const iisr_surroundings_t *around,
                                    const iisr_objects_t *objects,
                                    const iisr_way_t *way)
{
    iisr_context_t *ctx = context_open(host, req, registry, settings, around,
                                       objects, way);

    if (ctx && !has_closed(&registry->spares) && !make_closed(ctx)) {
        return NULL;
    }
    return ctx;
}

/* Lock held, here and where somebody goes to sleep. */
static void announce(iisr_context_t *ctx)
{
    if (ctx->sleepers) {
        pthread_cond_broadcast(&ctx->changed);
    }
}

void iisr_context_destroy(iisr_context_t *ctx)
{
    if (apr_atomic_read32(&ctx->registry->terminated)) {
        /* Its module is gone, and the process goes. */
        return;
    }
    if (ctx->ending == 1) {
        iisr_pipeline_dispose(ctx);
        ctx->objects_table->destroy(ctx);
        iisr_children_forget(ctx);
        iisr_enter(ctx);
        ctx->refs--;
        iisr_leave(ctx);
        return;
    }
    /* What modules asked for meanwhile. */
    ctx->objects_table->destroy(ctx);
    iisr_response_destroy(&ctx->response);
    context_give(&ctx->registry->spares, ctx);
}

/* A module that is still to post keeps its instance and this object until
 * it has done so. */
static int is_owed(const iisr_context_t *ctx)
{
    return (ctx->pipeline.abandoned
            || (ctx->pipeline.started && ctx->pipeline.place.pending))
           && iisr_completion_is_free(&ctx->completion, IISR_OP_POST)
           && !ctx->completion.indicated;
}

void iisr_context_close(iisr_context_t *ctx)
{
    iisr_enter(ctx);
    ctx->req = NULL;
    ctx->waiting = 0;
    iisr_response_drop_buckets(&ctx->response);
    if (ctx->bb) {
        apr_brigade_cleanup(ctx->bb);
        ctx->bb = NULL;
    }
    iisr_entity_close(ctx);
    ctx->flush_wanted = ctx->read_wanted = 0;
    iisr_context_run_jobs(ctx);
    announce(ctx);
    ctx->owed = is_owed(ctx);
    ctx->refs -= !ctx->owed;
    if (ctx->refs) {
        /* Some of their names are the host's. */
        iisr_response_clear_headers(&ctx->response);
    }
    iisr_leave(ctx);
}

void iisr_context_abandon(iisr_context_t *ctx, HRESULT status)
{
    iisr_completion_abort(ctx, status);
    ctx->abandoning = 1;
    announce(ctx);
}

void iisr_context_wake(iisr_context_t *ctx)
{
    announce(ctx);
    if (ctx->req && ctx->waiting) {
        ctx->host->wake(ctx->req);
    }
}

/* NULL: until something changes.  However often the thread took the lock, it
 * is given up while the thread sleeps. */
static int sleep_until(iisr_context_t *ctx, const struct timespec *at)
{
    unsigned int depth = ctx->depth;
    int rv;

    ctx->sleepers++;
    ctx->depth = 0;
    iisr_set_holder(ctx, NULL);
    rv = at ? pthread_cond_timedwait(&ctx->changed, &ctx->lock, at)
            : pthread_cond_wait(&ctx->changed, &ctx->lock);
    iisr_set_holder(ctx, &iisr_this_thread);
    ctx->depth = depth;
    ctx->sleepers--;
    return rv;
}

apr_status_t iisr_context_sleep(iisr_context_t *ctx, apr_interval_time_t most)
{
    apr_time_t until = apr_time_now() + most;
    struct timespec at = { apr_time_sec(until), apr_time_usec(until) * 1000 };

    return sleep_until(ctx, &at) == ETIMEDOUT ? APR_TIMEUP : APR_SUCCESS;
}

static int is_worker(const iisr_context_t *ctx)
{
    return apr_os_thread_equal(ctx->worker, apr_os_thread_current());
}

void iisr_context_await_up(iisr_context_t *ctx)
{
    ctx->refs++;
    while (ctx->req && ctx->down && !is_worker(ctx)) {
        sleep_until(ctx, NULL);
    }
    ctx->refs--;
}

/* The thread that ends an abandoned request is alone with it; another finds
 * it closed. */
static void await_close(iisr_context_t *ctx)
{
    ctx->refs++;
    while (ctx->req && ctx->pipeline.abandoned && !is_worker(ctx)) {
        sleep_until(ctx, NULL);
    }
    ctx->refs--;
}

void iisr_context_ask(iisr_context_t *ctx,
                      void (*run)(iisr_context_t *ctx, void *baton),
                      void *baton)
{
    iisr_context_await_worker(ctx);
    if (ctx->pipeline.abandoned) {
        await_close(ctx);
    }
    run(ctx, baton);
}

/* Takes back a job that nobody has begun.  Zero: somebody has. */
static int withdraw(iisr_context_t *ctx, iisr_job_t *job)
{
    iisr_job_t **at = &ctx->jobs;

    while (*at && *at != job) {
        at = &(*at)->next;
    }
    if (!*at) {
        return 0;
    }
    *at = job->next;
    return 1;
}

static apr_interval_time_t patience(const iisr_context_t *ctx)
{
    return ctx->settings.flush_timeout ? ctx->settings.flush_timeout
                                       : apr_time_from_sec(60);
}

apr_status_t iisr_context_hand_over(iisr_context_t *ctx,
                                    void (*run)(iisr_context_t *ctx,
                                                void *baton),
                                    void *baton)
{
    iisr_job_t job = { .run = run, .baton = baton }, **last = &ctx->jobs;
    apr_status_t rv = APR_SUCCESS;

    if (!ctx->waiting) {
        iisr_context_ask(ctx, run, baton);
        return APR_SUCCESS;
    }
    while (*last) {
        last = &(*last)->next;
    }
    *last = &job;
    ctx->refs++;
    iisr_context_wake(ctx);
    while (!job.done) {
        rv = iisr_context_sleep(ctx, patience(ctx));
        if (APR_STATUS_IS_TIMEUP(rv) && !job.done && withdraw(ctx, &job)) {
            break;
        }
        rv = APR_SUCCESS;
    }
    ctx->refs--;
    return rv;
}

void iisr_context_run_jobs(iisr_context_t *ctx)
{
    iisr_job_t *job;

    if (!ctx->jobs && !ctx->flush_wanted && !ctx->read_wanted) {
        return;
    }
    while ((job = ctx->jobs)) {
        ctx->jobs = job->next;
        job->run(ctx, job->baton);
        job->done = 1;
        announce(ctx);
    }
    if (ctx->flush_wanted) {
        iisr_flush_deferred(ctx);
    }
    if (ctx->read_wanted) {
        iisr_request_resume_read(ctx);
    }
    ctx->completion.since = 0;
}

void iisr_context_resume(iisr_context_t *ctx)
{
    ctx->worker = apr_os_thread_current();
    ctx->waiting = 0;
}

int iisr_context_runnable(iisr_context_t *ctx)
{
    return ctx->jobs || ctx->flush_wanted || ctx->read_wanted || ctx->abandoning
           || ctx->completion.indicated
           || iisr_completion_ready(&ctx->completion);
}
