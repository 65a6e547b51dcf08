/* context.c: birth, lock, references and end of a request in the engine.
 * See context.h for who may touch what.
 */
#include <stdlib.h>
#include <apr_allocator.h>
#include "context.h"

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
    ctx->completion.last_post = &ctx->completion.posts;
    objects->init(ctx);
    return ctx;
}

void iisr_enter(iisr_context_t *ctx)
{
    apr_thread_mutex_lock(ctx->lock);
}

void iisr_leave(iisr_context_t *ctx)
{
    if (ctx->last_leave) {
        ctx->last_leave = 0;
        iisr_context_release(ctx);
        return;
    }
    apr_thread_mutex_unlock(ctx->lock);
}

void iisr_context_retain(iisr_context_t *ctx)
{
    ctx->refs++;
}

/* Lock held; the context may be gone afterwards, and with it the lock. */
void iisr_context_release(iisr_context_t *ctx)
{
    if (--ctx->refs) {
        iisr_leave(ctx);
        return;
    }
    iisr_leave(ctx);
    iisr_pipeline_dispose(ctx);
    ctx->objects_table->destroy(ctx);
    iisr_response_destroy(&ctx->response);
    apr_pool_destroy(ctx->pool);
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
    iisr_context_run_jobs(ctx);
    /* A module that is still to post keeps its instance and this object
     * until it has done so. */
    if (ctx->pipeline.started && ctx->pipeline.place.pending) {
        ctx->owed = 1;
        ctx->refs++;
    }
    iisr_context_release(ctx);
}

void iisr_context_wake(iisr_context_t *ctx)
{
    apr_thread_cond_broadcast(ctx->changed);
    if (ctx->req && ctx->waiting) {
        ctx->host->wake(ctx->req);
    }
}

void iisr_context_on_worker(iisr_context_t *ctx,
                            void (*run)(iisr_context_t *ctx, void *baton),
                            void *baton)
{
    iisr_job_t job = { NULL, run, baton, 0 }, **last = &ctx->jobs;

    if (!ctx->waiting
        || apr_os_thread_equal(ctx->worker, apr_os_thread_current())) {
        run(ctx, baton);
        return;
    }
    while (*last) {
        last = &(*last)->next;
    }
    *last = &job;
    iisr_context_retain(ctx);
    iisr_context_wake(ctx);
    while (!job.done) {
        apr_thread_cond_wait(ctx->changed, ctx->lock);
    }
    /* Never the last reference: the caller's module is still at work. */
    ctx->refs--;
}

void iisr_context_run_jobs(iisr_context_t *ctx)
{
    iisr_job_t *job;

    while ((job = ctx->jobs)) {
        ctx->jobs = job->next;
        job->run(ctx, job->baton);
        job->done = 1;
        apr_thread_cond_broadcast(ctx->changed);
    }
}

int iisr_context_runnable(iisr_context_t *ctx)
{
    return ctx->jobs || ctx->completion.indicated
           || iisr_completion_ready(ctx);
}
