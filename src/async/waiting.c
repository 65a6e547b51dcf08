/* waiting.c: the way of waiting that works everywhere: worker, prefork,
 * HTTP/2 streams, subrequests, and every notification that httpd cannot
 * suspend.  The request's own thread sleeps on ctx->changed; other threads
 * hand it work as jobs.  A flush in this mode is a blocking pass, so the
 * only things waited for are a module's own post and a job.
 */
#include "async/waiting.h"

/* How often a sleeping request looks whether its client is still there. */
#define LOOK_AGAIN apr_time_from_sec(1)

static int wait_here(iisr_context_t *ctx, int may_leave)
{
    (void)may_leave;
    ctx->waiting = 1;
    while (!iisr_context_runnable(ctx)) {
        iisr_context_sleep(ctx, LOOK_AGAIN);
        ctx->host->look(ctx->req);
    }
    iisr_context_resume(ctx);
    iisr_context_run_jobs(ctx);
    return 1;
}

const iisr_way_t iisr_waiting = { "waiting", wait_here };
