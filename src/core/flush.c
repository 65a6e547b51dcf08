/* flush.c: from a flush to a brigade.
 *
 * pResponse->Flush(...) -> iface checks the arguments -> here: a second
 * outstanding operation is refused, modules see OnSendResponse, then the
 * rules below say what leaves; the host passes the brigade once and empties
 * it; bytes and status come back, as a return value or, with fAsync, as a
 * completion recorded by a pool cleanup in the host and delivered by the
 * pipeline from a normal stack.
 *
 *  a) Everything buffered leaves, in order.  At least status and headers do.
 *  b) The first brigade commits the head.  A body that is complete in it has
 *     a Content-Length; a Content-Length set by a module is honoured; with
 *     neither the host frames the body (chunked, or by closing).
 *  c) More data to come: the brigade ends with FLUSH, so that filters let go
 *     of what they hold.  No more: it ends with EOS.
 *  d) HEAD, 204, 205 and 304 carry no body, whatever was written; 204 has no
 *     Content-Length, 205 one of 0, the others that of the body that GET has.
 *  e) Never more than the Content-Length on the wire.  Less of it at the end
 *     closes the connection: nothing else tells the client.
 *  f) Trailers need a body without Content-Length; they leave with the EOS.
 *  g) What the response held is taken out of it before the brigade is
 *     passed: httpd may come back while it is, on this thread or, for a
 *     module, on another, and finds a response that is empty.  What is whose
 *     then: entity.c.
 *  h) A module that sets Transfer-Encoding: chunked frames its body itself.
 *     The framing is checked and taken off, and the host frames the body as
 *     its protocol wants it: once, in chunks with HTTP/1.1, and filters see
 *     content.  A Content-Length beside it counts for nothing.
 *  i) What makes a flush fail ahead of the head becomes a 500; after it, the
 *     response is cut: no later byte leaves, and it does not look whole.
 */
#include "chunked.h"
#include "context.h"
#include "entity.h"
#include "flush.h"
#include "head.h"

/* --- one flush ---------------------------------------------------------- */

static void sent(void *baton, apr_status_t status)
{
    iisr_context_t *ctx = baton;
    iisr_operation_t *op = &ctx->completion.op[IISR_OP_WRITE];

    iisr_completion_record(ctx, IISR_OP_WRITE,
                           status == APR_SUCCESS ? op->promised : 0,
                           status == APR_SUCCESS ? S_OK
                           : HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
}

/* The bytes of the entity, with fragments and the like in place. */
static apr_status_t measure(iisr_context_t *ctx, apr_uint64_t *entity)
{
    apr_status_t rv = APR_SUCCESS;
    int strange;

    *entity = iisr_entity_length(ctx, &strange);
    if (!strange) {
        return APR_SUCCESS;
    }
    if (ctx->objects_table->chunks) {
        rv = ctx->objects_table->chunks(ctx);
        *entity = iisr_entity_length(ctx, &strange);
    }
    return rv == APR_SUCCESS && strange ? APR_EBADF : rv;
}

/* What may leave under the Content-Length on the wire (rules d, e). */
apr_uint64_t iisr_flush_allowed(iisr_context_t *ctx, apr_uint64_t entity)
{
    iisr_response_t *res = &ctx->response;
    apr_uint64_t left;

    if (res->bodiless) {
        return 0;
    }
    if (res->promised < 0) {
        return entity;
    }
    left = res->promised > (apr_int64_t)res->sent ? res->promised - res->sent
                                                  : 0;
    if (entity > left) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0004",
                       "body exceeds its Content-Length of %" APR_INT64_T_FMT
                       ": %" APR_UINT64_T_FMT " bytes dropped",
                       res->promised, entity - left);
        return left;
    }
    return entity;
}

static void check_length(iisr_context_t *ctx)
{
    iisr_response_t *res = &ctx->response;

    if (!res->bodiless && res->promised > (apr_int64_t)res->sent) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0005",
                       "body falls short of its Content-Length by %"
                       APR_INT64_T_FMT " bytes: closing the connection",
                       res->promised - (apr_int64_t)res->sent);
        ctx->host->abort(ctx->req, IISR_END_SHORT);
    }
}

static void send_trailers(iisr_context_t *ctx)
{
    iisr_response_t *res = &ctx->response;

    if (res->trailing && iisr_response_has_trailers(res)) {
        ctx->host->trailers(ctx->req, res->trailers);
    }
}

static void finish(iisr_context_t *ctx)
{
    iisr_response_t *res = &ctx->response;
    apr_bucket_alloc_t *list = ctx->bb->bucket_alloc;

    res->ended = 1;
    send_trailers(ctx);
    APR_BRIGADE_INSERT_TAIL(ctx->bb, apr_bucket_eos_create(list));
    check_length(ctx);
}

static void promise(iisr_context_t *ctx, const iisr_flush_t *flush,
                    apr_uint64_t bytes)
{
    iisr_completion_start(ctx, IISR_OP_WRITE, flush->callback,
                          flush->baton)->promised = bytes;
}

/* http.sys sends nothing of a response with a fragment that it has not. */
static apr_status_t fail(iisr_context_t *ctx, apr_status_t rv)
{
    iisr_response_t *res = &ctx->response;

    if (res->committed) {
        ctx->host->abort(ctx->req, IISR_END_CUT);
        iisr_response_clear_entity(res);
        res->cut = 1;
    }
    else {
        iisr_response_clear(res);
        iisr_response_set_status(res, 500, NULL, 0);
        res->trailers = NULL;
        res->disconnect |= res->frames != NULL;
    }
    return rv;
}

/* Rule h. */
static apr_status_t unframe(iisr_context_t *ctx, int more)
{
    iisr_chunked_t *frames = ctx->response.frames;
    apr_status_t rv = iisr_chunked_strip(frames, ctx->bb);

    if (rv == APR_SUCCESS && !more && frames->state != IISR_CHUNKED_DONE) {
        frames->fault = "it ends ahead of its last chunk";
        rv = APR_EINVAL;
    }
    if (rv == APR_EINVAL) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0009", "a module set "
                       "Transfer-Encoding: chunked, and its framing of the "
                       "body is broken: %s; closing the connection",
                       frames->fault);
    }
    return rv;
}

/* What may leave of the entity becomes buckets in ctx->bb, and the head goes
 * to the host once they are there. */
static apr_status_t fill(iisr_context_t *ctx, iisr_flush_t *flush,
                         apr_uint64_t room, iisr_entity_t *taken)
{
    apr_status_t rv = iisr_entity_take(ctx, ctx->bb, room, flush->async,
                                       taken);

    if (rv == APR_SUCCESS && ctx->response.frames) {
        rv = unframe(ctx, flush->more);
    }
    if (rv != APR_SUCCESS) {
        apr_brigade_cleanup(ctx->bb);
        iisr_entity_release(ctx, taken);
        return fail(ctx, rv);
    }
    return ctx->response.committed ? APR_SUCCESS : iisr_head_commit(ctx);
}

/* Not apr_brigade_create: it is emptied when the host's request goes, no
 * cleanup of the pool need see to that. */
static apr_bucket_brigade *make_brigade(iisr_context_t *ctx)
{
    apr_bucket_brigade *bb = apr_palloc(ctx->pool, sizeof(*bb));

    bb->p = ctx->pool;
    bb->bucket_alloc = ctx->host->bucket_alloc(ctx->req);
    APR_RING_INIT(&bb->list, apr_bucket, link);
    return bb;
}

/* A flush inside of this one makes a brigade of its own. */
IISR_FLAT apr_status_t pass_down(iisr_context_t *ctx, int async)
{
    apr_bucket_brigade *bb = ctx->bb;
    apr_status_t rv;

    ctx->bb = NULL;
    rv = ctx->host->pass(ctx->req, bb, async ? IISR_PASS_ASYNC
                                             : IISR_PASS_BLOCK, sent, ctx);
    if (ctx->req) {
        ctx->bb = bb;
    }
    if (rv != APR_SUCCESS) {
        iisr_entity_over(ctx, rv);
    }
    return rv;
}

IISR_FLAT apr_status_t send_out(iisr_context_t *ctx, iisr_flush_t *flush)
{
    iisr_response_t *res = &ctx->response;
    apr_uint64_t entity, room;
    apr_status_t rv;
    iisr_entity_t taken;

    if ((rv = measure(ctx, &entity))) {
        return fail(ctx, rv);
    }
    if (!ctx->bb) {
        ctx->bb = make_brigade(ctx);
    }
    if (!res->committed) {
        iisr_head_plan(ctx, entity, flush->more);
    }
    room = iisr_flush_allowed(ctx, entity);
    if ((rv = fill(ctx, flush, room, &taken))) {
        return rv;
    }
    res->sent += room;
    res->flushes++;
    flush->bytes = room;
    if (flush->more) {
        APR_BRIGADE_INSERT_TAIL(ctx->bb,
                        apr_bucket_flush_create(ctx->bb->bucket_alloc));
    }
    else {
        finish(ctx);
    }
    if (flush->async) {
        promise(ctx, flush, room);
    }
    rv = pass_down(ctx, flush->async);
    iisr_entity_release(ctx, &taken);
    if (rv != APR_SUCCESS) {
        flush->bytes = 0;
    }
    return rv;
}

/* fAsync: what is already known to be sent need not be promised, when the
 * caller can be told so. */
static void settle_async(iisr_context_t *ctx, iisr_flush_t *flush,
                         apr_status_t rv)
{
    iisr_completion_t *c = &ctx->completion;

    if (rv != APR_SUCCESS) {
        iisr_completion_free(c, IISR_OP_WRITE);
        return;
    }
    flush->expected = 1;
    if (iisr_completion_is_ready(c, IISR_OP_WRITE)
        && ctx->settings.inline_completion && !flush->must_complete) {
        iisr_completion_free(c, IISR_OP_WRITE);
        flush->expected = 0;
    }
}

/* Nothing of it will leave, and it is finished. */
static void complete_at_once(iisr_context_t *ctx, iisr_flush_t *flush)
{
    iisr_response_clear_entity(&ctx->response);
    if (flush->async) {
        promise(ctx, flush, 0);
        iisr_completion_record(ctx, IISR_OP_WRITE, 0, S_OK);
    }
}

/* --- the host's own content --------------------------------------------- */

apr_status_t iisr_flush_entity(iisr_context_t *ctx, apr_bucket_brigade *bb,
                               iisr_entity_t *taken)
{
    apr_uint64_t entity;
    apr_status_t rv = measure(ctx, &entity);

    return rv == APR_SUCCESS ? iisr_entity_take(ctx, bb, entity, 0, taken)
                             : fail(ctx, rv);
}

void iisr_flush_end_content(iisr_context_t *ctx)
{
    send_trailers(ctx);
    check_length(ctx);
}

/* --- before and after --------------------------------------------------- */

/* OnSendResponse sees what is about to leave, unless it is what calls. */
void iisr_flush_show(iisr_context_t *ctx)
{
    if (ctx->registry->norder[0][IISR_EV_SEND_RESPONSE]
        && !(ctx->pipeline.raising & (1u << IISR_EV_SEND_RESPONSE))
        && iisr_pipeline_wants(ctx, IISR_EV_SEND_RESPONSE)) {
        iisr_response_chunks_changed(&ctx->response);
        iisr_pipeline_raise(ctx, IISR_EV_SEND_RESPONSE,
            ctx->objects_table->provider(ctx, IISR_EV_SEND_RESPONSE));
    }
}

IISR_FLAT apr_status_t flush_here(iisr_context_t *ctx, iisr_flush_t *flush)
{
    iisr_response_t *res = &ctx->response;
    apr_status_t rv = APR_SUCCESS;

    res->more = flush->more != 0;
    /* The caller may have edited the view just now. */
    iisr_response_take_back(res);
    iisr_flush_show(ctx);
    if (res->ended) {
        /* A module ended it from inside OnSendResponse. */
        complete_at_once(ctx, flush);
    }
    else {
        rv = send_out(ctx, flush);
    }
    if (flush->async) {
        settle_async(ctx, flush, rv);
    }
    return rv;
}

typedef struct job_t {
    iisr_flush_t *flush;
    apr_status_t rv;
} job_t;

static void flush_for_another(iisr_context_t *ctx, void *baton)
{
    job_t *job = baton;

    job->rv = ctx->req ? flush_here(ctx, job->flush) : APR_ECONNABORTED;
}

/* ResetConnection: later writes succeed and nothing reaches the client. */
static apr_status_t swallow(iisr_context_t *ctx, iisr_flush_t *flush)
{
    ctx->response.ended = !flush->more;
    complete_at_once(ctx, flush);
    if (flush->async) {
        settle_async(ctx, flush, APR_SUCCESS);
    }
    return APR_SUCCESS;
}

/* Asked for by another thread while the request waits: it need not wait for
 * the worker, a completion is promised anyway. */
static apr_status_t defer(iisr_context_t *ctx, iisr_flush_t *flush)
{
    promise(ctx, flush, flush->more);
    flush->expected = 1;
    ctx->flush_wanted = 1;
    iisr_context_wake(ctx);
    return APR_SUCCESS;
}

void iisr_flush_deferred(iisr_context_t *ctx)
{
    iisr_operation_t *op = &ctx->completion.op[IISR_OP_WRITE];
    iisr_flush_t flush = { .async = 1, .more = (int)op->promised,
                           .callback = op->callback, .baton = op->baton,
                           .must_complete = 1 };
    job_t job = { &flush, APR_SUCCESS };

    ctx->flush_wanted = 0;
    if (!iisr_completion_is_outstanding(&ctx->completion, IISR_OP_WRITE)) {
        return;                     /* it was cancelled, or the client left */
    }
    /* Modules in OnSendResponse do not find it outstanding. */
    iisr_completion_free(&ctx->completion, IISR_OP_WRITE);
    flush_for_another(ctx, &job);
    if (job.rv != APR_SUCCESS) {
        promise(ctx, &flush, 0);
        sent(ctx, job.rv);
    }
}

apr_status_t iisr_flush(iisr_context_t *ctx, iisr_flush_t *flush)
{
    iisr_response_t *res = &ctx->response;
    job_t job = { flush, APR_SUCCESS };
    apr_status_t rv;

    flush->bytes = 0;
    flush->expected = 0;
    iisr_context_await_worker(ctx);
    if (!ctx->req) {
        return APR_ECONNABORTED;
    }
    if (res->ended) {
        return APR_EINVAL;
    }
    if (ctx->pipeline.no_io) {
        return APR_ENOTIMPL;
    }
    if (!iisr_completion_may_start(ctx, IISR_OP_WRITE, flush->async)) {
        return APR_EBUSY;
    }
    iisr_response_load(res, 0);
    res->touched = 1;
    if (res->is_reset) {
        return swallow(ctx, flush);
    }
    if (res->cut) {
        iisr_response_clear_entity(res);
        return APR_ECONNABORTED;
    }
    if (flush->async && ctx->waiting) {
        return defer(ctx, flush);
    }
    if (iisr_context_is_elsewhere(ctx)) {
        rv = iisr_context_hand_over(ctx, flush_for_another, &job);
        return rv == APR_SUCCESS ? job.rv : rv;
    }
    return flush_here(ctx, flush);
}

apr_status_t iisr_flush_end(iisr_context_t *ctx, iisr_flush_t *flush)
{
    if (ctx->response.ended || ctx->response.is_reset
        || ctx->response.cut) {
        return APR_SUCCESS;
    }
    flush->more = 0;
    return iisr_flush(ctx, flush);
}
