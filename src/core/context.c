/* context.c: birth, lock, references and end of a request in the engine.
 * See context.h for who may touch what.
 */
#include <stdlib.h>
#include <apr_allocator.h>
#include <apr_atomic.h>
#include "context.h"
#include "flush.h"

iisr_context_t *iisr_context_create(const iisr_host_t *host,
                                    iisr_host_request_t *req,
                                    iisr_registry_t *registry,
                                    const iisr_settings_t *settings,
                                    const iisr_surroundings_t *around,
                                    const iisr_objects_t *objects,
                                    const iisr_way_t *way)
{
    apr_pool_t *pool;
    iisr_context_t *ctx;

    /* An allocator of its own: other threads may write to the response and
     * what a module holds may outlive the host's request. */
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_context");
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
    if (apr_thread_mutex_create(&ctx->lock, APR_THREAD_MUTEX_DEFAULT, pool)
        || apr_thread_cond_create(&ctx->changed, pool)) {
        apr_pool_destroy(pool);
        return NULL;
    }
    iisr_response_init(&ctx->response, host->banner(), pool);
    objects->init(ctx);
    return ctx;
}

void iisr_enter(iisr_context_t *ctx)
{
    apr_thread_mutex_lock(ctx->lock);
}

/* Nobody refers to it any more: no lock. */
static void destroy(iisr_context_t *ctx)
{
    if (apr_atomic_read32(&ctx->registry->terminated)) {
        /* Its module is gone, and the process goes. */
        return;
    }
    iisr_pipeline_dispose(ctx);
    ctx->objects_table->destroy(ctx);
    iisr_children_forget(ctx);
    iisr_response_destroy(&ctx->response);
    apr_pool_destroy(ctx->pool);
}

void iisr_leave(iisr_context_t *ctx)
{
    int last = !ctx->refs;

    apr_thread_mutex_unlock(ctx->lock);
    if (last) {
        destroy(ctx);
    }
}

/* A module that is still to post keeps its instance and this object until
 * it has done so. */
static int is_owed(const iisr_context_t *ctx)
{
    return (ctx->pipeline.abandoned
            || (ctx->pipeline.started && ctx->pipeline.place.pending))
           && ctx->completion.op[IISR_OP_POST].state == IISR_SLOT_FREE
           && !ctx->completion.indicated;
}

void iisr_context_close(iisr_context_t *ctx)
{
    iisr_enter(ctx);
    ctx->req = NULL;
    ctx->waiting = 0;
    if (ctx->bb) {
        apr_brigade_destroy(ctx->bb);
        ctx->bb = NULL;
    }
    if (ctx->file_pool) {
        apr_pool_destroy(ctx->file_pool);
        ctx->file_pool = NULL;
    }
    ctx->flush_wanted = ctx->read_wanted = 0;
    iisr_context_run_jobs(ctx);
    apr_thread_cond_broadcast(ctx->changed);
    ctx->owed = is_owed(ctx);
    ctx->refs -= !ctx->owed;
    iisr_leave(ctx);
}

void iisr_context_abandon(iisr_context_t *ctx, HRESULT status)
{
    iisr_completion_abort(ctx, status);
    ctx->abandoning = 1;
    apr_thread_cond_broadcast(ctx->changed);
}

void iisr_context_wake(iisr_context_t *ctx)
{
    apr_thread_cond_broadcast(ctx->changed);
    if (ctx->req && ctx->waiting) {
        ctx->host->wake(ctx->req);
    }
}

/* The thread that ends an abandoned request is alone with it; another finds
 * it closed. */
static void await_close(iisr_context_t *ctx)
{
    ctx->refs++;
    while (ctx->req && ctx->pipeline.abandoned
           && !apr_os_thread_equal(ctx->worker, apr_os_thread_current())) {
        apr_thread_cond_wait(ctx->changed, ctx->lock);
    }
    ctx->refs--;
}

void iisr_context_ask(iisr_context_t *ctx,
                      void (*run)(iisr_context_t *ctx, void *baton),
                      void *baton)
{
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

apr_status_t iisr_context_on_worker(iisr_context_t *ctx,
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
        rv = apr_thread_cond_timedwait(ctx->changed, ctx->lock,
                                       patience(ctx));
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
        apr_thread_cond_broadcast(ctx->changed);
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
           || ctx->completion.indicated || iisr_completion_ready(ctx);
}
