/* completion.c: records results and hands them out, once each.  What is
 * delivered where is the pipeline's business; see completion.h.
 */
#include "context.h"

/* EnableFullDuplex allows a read beside a write; nothing allows two of the
 * same direction. */
int iisr_completion_may_start(iisr_context_t *ctx, iisr_op_e op, int async)
{
    const iisr_completion_t *c = &ctx->completion;
    const iisr_operation_t *other =
        op == IISR_OP_READ ? &c->op[IISR_OP_WRITE] : &c->op[IISR_OP_READ];

    return c->op[op].state != IISR_SLOT_OUTSTANDING
           && !(async && c->op[op].state == IISR_SLOT_READY)
           && (other->state != IISR_SLOT_OUTSTANDING || c->full_duplex);
}

iisr_operation_t *iisr_completion_start(iisr_context_t *ctx, iisr_op_e op,
                                        PFN_ASYNC_COMPLETION callback,
                                        void *baton)
{
    iisr_operation_t *operation = &ctx->completion.op[op];

    memset(operation, 0, sizeof(*operation));
    operation->state = IISR_SLOT_OUTSTANDING;
    operation->callback = callback;
    operation->baton = baton;
    return operation;
}

void iisr_completion_record(iisr_context_t *ctx, iisr_op_e op,
                            apr_uint64_t bytes, HRESULT status)
{
    iisr_operation_t *operation = &ctx->completion.op[op];

    if (operation->state != IISR_SLOT_OUTSTANDING) {
        return;
    }
    operation->state = IISR_SLOT_READY;
    operation->bytes = bytes;
    operation->status = status;
    iisr_context_wake(ctx);
}

static int is_in(const iisr_completion_t *c, int i, iisr_slot_e state)
{
    return c->op[i].state == state && !(c->hidden & (1u << i));
}

int iisr_completion_ready(iisr_context_t *ctx)
{
    int i;

    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        if (is_in(&ctx->completion, i, IISR_SLOT_READY)) {
            return 1;
        }
    }
    return 0;
}

int iisr_completion_outstanding(iisr_context_t *ctx)
{
    int i;

    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        if (is_in(&ctx->completion, i, IISR_SLOT_OUTSTANDING)) {
            return 1;
        }
    }
    return 0;
}

int iisr_completion_take(iisr_context_t *ctx, iisr_operation_t *result)
{
    iisr_completion_t *c = &ctx->completion;
    int i;

    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        if (is_in(c, i, IISR_SLOT_READY)) {
            *result = c->op[i];
            result->kind = i;
            c->op[i].state = IISR_SLOT_FREE;
            return 1;
        }
    }
    return 0;
}

void iisr_completion_drop(iisr_context_t *ctx)
{
    iisr_completion_t *c = &ctx->completion;
    int i;

    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        if (is_in(c, i, IISR_SLOT_READY)) {
            c->op[i].state = IISR_SLOT_FREE;
        }
    }
    if (!c->nested) {
        c->indicated = 0;
    }
}

void iisr_completion_nest(iisr_context_t *ctx, iisr_nest_t *nest)
{
    iisr_completion_t *c = &ctx->completion;
    int i;

    nest->hidden = c->hidden;
    nest->post = c->op[IISR_OP_POST];
    c->op[IISR_OP_POST].state = IISR_SLOT_FREE;
    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        c->hidden |= (c->op[i].state != IISR_SLOT_FREE) << i;
    }
    c->nested++;
}

/* A post that came meanwhile and was not the inner notification's is for
 * the outer one. */
void iisr_completion_unnest(iisr_context_t *ctx, const iisr_nest_t *nest)
{
    iisr_completion_t *c = &ctx->completion;

    c->hidden = nest->hidden;
    c->nested--;
    if (nest->post.state == IISR_SLOT_READY) {
        c->op[IISR_OP_POST] = nest->post;
    }
}

void iisr_completion_abort(iisr_context_t *ctx, HRESULT status)
{
    int i;

    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        iisr_completion_record(ctx, i, 0, status);
    }
}

void iisr_completion_watch(iisr_context_t *ctx, apr_interval_time_t limit)
{
    iisr_completion_t *c = &ctx->completion;
    const iisr_place_t *place = c->waited;

    if (limit && place && c->since && !c->overdue
        && !iisr_completion_outstanding(ctx)
        && c->since + limit < apr_time_now()) {
        c->overdue = 1;
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0404",
                       "module %s answered %s with PENDING and has given no "
                       "sign of life for %d seconds: has a completion been "
                       "forgotten?", place->module->name,
                       iisr_event_name(place->event),
                       (int)apr_time_sec(apr_time_now() - c->since));
    }
}

/* What a closed request was kept for; the caller's iisr_leave lets it go. */
static apr_status_t settle_debt(iisr_context_t *ctx)
{
    if (ctx->owed) {
        ctx->owed = 0;
        ctx->refs--;
    }
    ctx->pipeline.abandoned = 0;
    return APR_ECONNABORTED;
}

apr_status_t iisr_completion_post(iisr_context_t *ctx, DWORD bytes,
                                  LPOVERLAPPED_COMPLETION_ROUTINE routine,
                                  void *baton)
{
    iisr_operation_t *post = &ctx->completion.op[IISR_OP_POST];

    if (!ctx->req || ctx->pipeline.abandoned) {
        return settle_debt(ctx);
    }
    if (post->state != IISR_SLOT_FREE) {
        return APR_EBUSY;
    }
    memset(post, 0, sizeof(*post));
    post->state = IISR_SLOT_READY;
    post->bytes = bytes;
    post->routine = routine;
    post->baton = baton;
    iisr_context_wake(ctx);
    return APR_SUCCESS;
}

apr_status_t iisr_completion_indicate(iisr_context_t *ctx,
                                      REQUEST_NOTIFICATION_STATUS status)
{
    if (!ctx->req || ctx->pipeline.abandoned) {
        return settle_debt(ctx);
    }
    if (status != RQ_NOTIFICATION_PENDING) {
        ctx->completion.indicated = 1;
        ctx->completion.verdict = status;
        iisr_context_wake(ctx);
    }
    return APR_SUCCESS;
}

static void cancel(iisr_context_t *ctx, void *baton)
{
    (void)baton;
    if (!ctx->req) {
        return;
    }
    if (ctx->completion.op[IISR_OP_WRITE].state == IISR_SLOT_OUTSTANDING) {
        ctx->host->abort(ctx->req, 1);
    }
    iisr_completion_abort(ctx, HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED));
}

apr_status_t iisr_completion_cancel(iisr_context_t *ctx)
{
    if (!ctx->req || !iisr_completion_outstanding(ctx)) {
        return APR_EBADF;
    }
    return iisr_context_on_worker(ctx, cancel, NULL);
}
