/* completion.c: records results and hands them out, once each.  What is
 * delivered where is the pipeline's business; see completion.h.
 */
#include "context.h"

/* EnableFullDuplex allows a read beside a write; nothing allows two of the
 * same direction. */
int iisr_completion_may_start(iisr_context_t *ctx, iisr_op_e op)
{
    iisr_completion_t *c = &ctx->completion;
    iisr_op_e other = (op == IISR_OP_READ) ? IISR_OP_WRITE : IISR_OP_READ;

    return c->op[op].state != IISR_SLOT_OUTSTANDING
           && (c->full_duplex || c->op[other].state != IISR_SLOT_OUTSTANDING);
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
    return ctx->completion.posts != NULL;
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

static iisr_post_t *take_post(iisr_completion_t *c)
{
    iisr_post_t *post = c->posts;

    if (post) {
        c->posts = post->next;
        if (!c->posts) {
            c->last_post = &c->posts;
        }
        post->next = c->spare_posts;
        c->spare_posts = post;
    }
    return post;
}

int iisr_completion_take(iisr_context_t *ctx, iisr_operation_t *result)
{
    iisr_completion_t *c = &ctx->completion;
    iisr_post_t *post;
    int i;

    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        if (is_in(c, i, IISR_SLOT_READY)) {
            *result = c->op[i];
            result->kind = i;
            c->op[i].state = IISR_SLOT_FREE;
            return 1;
        }
    }
    if (!(post = take_post(c))) {
        return 0;
    }
    memset(result, 0, sizeof(*result));
    result->kind = IISR_OP_POST;
    result->bytes = post->bytes;
    result->routine = post->routine;
    result->baton = post->baton;
    return 1;
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
        while (take_post(c)) {
            continue;
        }
        c->indicated = 0;
    }
}

void iisr_completion_nest(iisr_context_t *ctx, iisr_nest_t *nest)
{
    iisr_completion_t *c = &ctx->completion;
    int i;

    nest->hidden = c->hidden;
    nest->posts = c->posts;
    nest->last_post = c->last_post;
    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        c->hidden |= (c->op[i].state != IISR_SLOT_FREE) << i;
    }
    c->posts = NULL;
    c->last_post = &c->posts;
    c->nested++;
}

/* Posts that came meanwhile and were not the inner notification's queue up
 * behind those that were there. */
void iisr_completion_unnest(iisr_context_t *ctx, const iisr_nest_t *nest)
{
    iisr_completion_t *c = &ctx->completion;

    c->hidden = nest->hidden;
    c->nested--;
    if (nest->posts) {
        *nest->last_post = c->posts;
        if (!c->posts) {
            c->last_post = nest->last_post;
        }
        c->posts = nest->posts;
    }
}

void iisr_completion_abort(iisr_context_t *ctx, HRESULT status)
{
    int i;

    for (i = IISR_OP_READ; i < IISR_OPS; i++) {
        iisr_completion_record(ctx, i, 0, status);
    }
}

/* The post that a closed request was kept for: the last thing that holds
 * the context.  Returns with the lock still held only when it did not. */
static apr_status_t settle_debt(iisr_context_t *ctx)
{
    if (ctx->owed) {
        ctx->owed = 0;
        /* The caller's iisr_leave needs the lock for one moment more: the
         * reference goes with it. */
        ctx->last_leave = 1;
    }
    return APR_ECONNABORTED;
}

apr_status_t iisr_completion_post(iisr_context_t *ctx, DWORD bytes,
                                  LPOVERLAPPED_COMPLETION_ROUTINE routine,
                                  void *baton)
{
    iisr_completion_t *c = &ctx->completion;
    iisr_post_t *post = c->spare_posts;

    if (!ctx->req) {
        return settle_debt(ctx);
    }
    if (post) {
        c->spare_posts = post->next;
    }
    else {
        post = apr_palloc(ctx->pool, sizeof(*post));
    }
    post->next = NULL;
    post->bytes = bytes;
    post->routine = routine;
    post->baton = baton;
    *c->last_post = post;
    c->last_post = &post->next;
    iisr_context_wake(ctx);
    return APR_SUCCESS;
}

apr_status_t iisr_completion_indicate(iisr_context_t *ctx,
                                      REQUEST_NOTIFICATION_STATUS status)
{
    if (!ctx->req) {
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
    iisr_context_on_worker(ctx, cancel, NULL);
    return APR_SUCCESS;
}
