/* context.c: birth, lock, references and end of a request in the engine.
 * See context.h for who may touch what.
 */
#include <errno.h>
#include <stdlib.h>
#include <apr_allocator.h>
#include <apr_atomic.h>
#include "context.h"
#include "entity.h"
#include "flush.h"

__thread char iisr_this_thread;

/* What a pool that is kept for the next request may hold on to. */
#define SPARE_BYTES 65536

/* --- pools -------------------------------------------------------------- */

/* Lies in the pool that it is about. */
typedef struct iisr_spare_t {
    struct iisr_spare_t *next;
    apr_pool_t *pool;
} iisr_spare_t;

/* An allocator of its own: other threads may write to the response and what
 * a module holds may outlive the host's request.  Pools are kept for later
 * requests: a new one costs two mmap and two munmap. */
static apr_pool_t *take_pool(iisr_spares_t *spares)
{
    iisr_spare_t *spare;
    apr_pool_t *pool;

    pthread_mutex_lock(&spares->lock);
    if ((spare = spares->first)) {
        spares->first = spare->next;
        spares->n--;
    }
    pthread_mutex_unlock(&spares->lock);
    if (spare) {
        return spare->pool;
    }
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_context");
    apr_allocator_max_free_set(apr_pool_allocator_get(pool), SPARE_BYTES);
    return pool;
}

static void give_pool(iisr_spares_t *spares, apr_pool_t *pool)
{
    iisr_spare_t *spare;
    int kept;

    apr_pool_clear(pool);
    spare = apr_palloc(pool, sizeof(*spare));
    spare->pool = pool;
    pthread_mutex_lock(&spares->lock);
    if ((kept = spares->n < spares->most)) {
        spare->next = spares->first;
        spares->first = spare;
        spares->n++;
    }
    pthread_mutex_unlock(&spares->lock);
    if (!kept) {
        apr_pool_destroy(pool);
    }
}

/* --- birth and end ------------------------------------------------------ */

iisr_context_t *iisr_context_create(const iisr_host_t *host,
                                    iisr_host_request_t *req,
                                    iisr_registry_t *registry,
                                    const iisr_settings_t *settings,
                                    const iisr_surroundings_t *around,
                                    const iisr_objects_t *objects,
                                    const iisr_way_t *way)
{
    apr_pool_t *pool = take_pool(&registry->spares);
    iisr_context_t *ctx;

    if (!pool) {
        return NULL;
    }
    ctx = apr_pcalloc(pool, sizeof(*ctx));
    ctx->pool = pool;
    ctx->refs = 1;
    ctx->host = host;
    ctx->req = req;
    ctx->registry = registry;
    ctx->settings = *settings;
    ctx->around = *around;
    ctx->objects_table = objects;
    ctx->way = way;
    ctx->worker = apr_os_thread_current();
    pthread_mutex_init(&ctx->lock, NULL);
    pthread_cond_init(&ctx->changed, NULL);
    iisr_response_init(&ctx->response, host->banner(), pool);
    objects->init(ctx);
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
    iisr_pipeline_dispose(ctx);
    ctx->objects_table->destroy(ctx);
    iisr_children_forget(ctx);
    iisr_response_destroy(&ctx->response);
    pthread_cond_destroy(&ctx->changed);
    pthread_mutex_destroy(&ctx->lock);
    give_pool(&ctx->registry->spares, ctx->pool);
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
