/* completion.c: records results and hands them out, once each.  What is
 * delivered where is the pipeline's business; see completion.h.
 */
#include "context.h"
#include "entity.h"

/* EnableFullDuplex allows a read beside a write; nothing allows two of the
 * same direction. */
int iisr_completion_may_start(iisr_context_t *ctx, iisr_op_e op, int async)
{
    const iisr_completion_t *c = &ctx->completion;
    unsigned int other = op == IISR_OP_READ ? IISR_OP_BIT(IISR_OP_WRITE)
                                            : IISR_OP_BIT(IISR_OP_READ);
    unsigned int busy = c->full_duplex ? IISR_OP_BIT(op)
                                       : IISR_OP_BIT(op) | other;

    return !(c->outstanding & busy)
           && !(async && iisr_completion_is_ready(c, op));
}

iisr_operation_t *iisr_completion_start(iisr_context_t *ctx, iisr_op_e op,
                                        PFN_ASYNC_COMPLETION callback,
                                        void *baton)
{
    iisr_operation_t *operation = &ctx->completion.op[op];

    memset(operation, 0, sizeof(*operation));
    operation->kind = op;
    operation->callback = callback;
    operation->baton = baton;
    iisr_completion_free(&ctx->completion, op);
    ctx->completion.outstanding |= IISR_OP_BIT(op);
    return operation;
}

void iisr_completion_record(iisr_context_t *ctx, iisr_op_e op,
                            apr_uint64_t bytes, HRESULT status)
{
    iisr_completion_t *c = &ctx->completion;

    if (!iisr_completion_is_outstanding(c, op)) {
        return;
    }
    if (op == IISR_OP_WRITE) {
        iisr_entity_over(ctx, status == S_OK ? APR_SUCCESS
                                             : APR_ECONNABORTED);
    }
    c->outstanding &= ~IISR_OP_BIT(op);
    c->ready |= IISR_OP_BIT(op);
    c->op[op].bytes = bytes;
    c->op[op].status = status;
    iisr_context_wake(ctx);
}

int iisr_completion_take(iisr_context_t *ctx, iisr_operation_t *result)
{
    iisr_completion_t *c = &ctx->completion;
    int i;

    if (!iisr_completion_ready(c)) {
        return 0;
    }
    i = __builtin_ctz(c->ready & ~c->hidden);
    *result = c->op[i];
    c->ready &= ~IISR_OP_BIT(i);
    return 1;
}

void iisr_completion_drop(iisr_context_t *ctx)
{
    iisr_completion_t *c = &ctx->completion;

    c->ready &= c->hidden;
    if (!c->nested) {
        c->indicated = 0;
    }
}

void iisr_completion_nest(iisr_context_t *ctx, iisr_nest_t *nest)
{
    iisr_completion_t *c = &ctx->completion;

    nest->hidden = c->hidden;
    nest->posted = iisr_completion_is_ready(c, IISR_OP_POST);
    nest->post = c->op[IISR_OP_POST];
    iisr_completion_free(c, IISR_OP_POST);
    c->hidden |= c->outstanding | c->ready;
    c->nested++;
}

/* A post that came meanwhile and was not the inner notification's is for
 * the outer one. */
void iisr_completion_unnest(iisr_context_t *ctx, const iisr_nest_t *nest)
{
    iisr_completion_t *c = &ctx->completion;

    c->hidden = nest->hidden;
    c->nested--;
    if (nest->posted) {
        c->op[IISR_OP_POST] = nest->post;
        c->ready |= IISR_OP_BIT(IISR_OP_POST);
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
        && !iisr_completion_outstanding(c)
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
    iisr_completion_t *c = &ctx->completion;
    iisr_operation_t *post = &c->op[IISR_OP_POST];

    if (!ctx->req || ctx->pipeline.abandoned) {
        return settle_debt(ctx);
    }
    if (!iisr_completion_is_free(c, IISR_OP_POST)) {
        return APR_EBUSY;
    }
    memset(post, 0, sizeof(*post));
    post->kind = IISR_OP_POST;
    post->bytes = bytes;
    post->routine = routine;
    post->baton = baton;
    c->ready |= IISR_OP_BIT(IISR_OP_POST);
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
    if (iisr_completion_is_outstanding(&ctx->completion, IISR_OP_WRITE)) {
        ctx->host->abort(ctx->req, IISR_END_RESET);
    }
    iisr_completion_abort(ctx, HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED));
}

apr_status_t iisr_completion_cancel(iisr_context_t *ctx)
{
    if (!ctx->req || !iisr_completion_outstanding(&ctx->completion)) {
        return APR_EBADF;
    }
    return iisr_context_on_worker(ctx, cancel, NULL);
}
