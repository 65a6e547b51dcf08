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
 *  d) HEAD, 1xx, 204 and 304 carry no body, whatever was written.
 *  e) Never more than the Content-Length on the wire.  Less of it at the end
 *     closes the connection: nothing else tells the client.
 *  f) Trailers need a body without Content-Length; they leave with the EOS.
 *  g) What the response held is taken out of it before the brigade is
 *     passed: httpd may come back while it is, on this thread or, for a
 *     module, on another, and finds a response that is empty.  What is whose
 *     then: entity.c.
 */
#include <errno.h>
#include <string.h>
#include <apr_strings.h>
#include "context.h"
#include "entity.h"
#include "flush.h"
#include "headers.h"


/* --- the head ----------------------------------------------------------- */

static int has_body(iisr_context_t *ctx)
{
    int status = ctx->response.status;

    return status >= 200 && status != 204 && status != 304
           && !ctx->host->is_head(ctx->req);
}

static int says_close(const char *value)
{
    const char *p = value;

    while ((p = strcasestr(p, "close"))) {
        if ((p == value || p[-1] == ',' || p[-1] == ' ')
            && (!p[5] || p[5] == ',' || p[5] == ' ')) {
            return 1;
        }
        p += 5;
    }
    return 0;
}

static apr_int64_t content_length(const char *value)
{
    char *end;
    apr_int64_t length;

    if (*value < '0' || *value > '9') {
        return -1;
    }
    errno = 0;
    length = apr_strtoi64(value, &end, 10);
    return *end || errno ? -1 : length;
}

/* Headers that describe the connection are interpreted, not copied: no
 * module can desynchronise a connection that is kept alive. */
static void interpret(iisr_response_t *res)
{
    const apr_array_header_t *fields = apr_table_elts(res->headers);
    int i;

    res->promised = -1;
    for (i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *field = &APR_ARRAY_IDX(fields, i,
                                                        apr_table_entry_t);

        if (iisr_header_is(field->key, "Connection")) {
            res->disconnect |= says_close(field->val);
        }
        else if (iisr_header_is(field->key, "Content-Length")) {
            res->promised = content_length(field->val);
        }
    }
}

static int may_trail(iisr_context_t *ctx)
{
    return ctx->response.promised < 0 && !ctx->response.bodiless
           && ctx->host->may_trail && ctx->host->may_trail(ctx->req);
}

static int has_trailers(const iisr_response_t *res)
{
    return res->trailers && !apr_is_empty_table(res->trailers);
}

/* Where something is added, a table of its own. */
static const apr_table_t *head_headers(iisr_context_t *ctx)
{
    apr_table_t *headers = ctx->response.headers;

    if (ctx->response.policy && ctx->objects_table->head) {
        headers = apr_table_copy(ctx->pool, headers);
        ctx->objects_table->head(ctx, headers);
    }
    return headers;
}

static apr_status_t commit(iisr_context_t *ctx, apr_uint64_t entity, int more)
{
    iisr_response_t *res = &ctx->response;
    iisr_head_t head = { 0 };
    int trailing;

    res->bodiless = !has_body(ctx);
    interpret(res);
    trailing = may_trail(ctx);
    if (res->promised < 0 && !more && !(has_trailers(res) && trailing)
        && (!res->bodiless || entity)) {
        res->promised = entity;
    }
    if (res->status < 200 || res->status == 204) {
        res->promised = -1;
    }
    head.status = res->status;
    head.reason = res->reason;
    head.headers = head_headers(ctx);
    head.content_length = res->promised;
    head.unframed = 1;
    head.close = res->disconnect;
    head.suppressed = res->suppressed;
    res->trailing = trailing && res->promised < 0;
    head.trailers = res->trailing && has_trailers(res) ? res->trailers : NULL;
    res->committed = 1;
    res->committed_early = ctx->pipeline.next < IISR_STEP(IISR_EV_EXECUTE);
    return ctx->host->commit(ctx->req, &head);
}

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
static apr_uint64_t allowed(iisr_context_t *ctx, apr_uint64_t entity)
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

    if (res->trailing && has_trailers(res)) {
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
    }
    else {
        iisr_response_clear(res);
        iisr_response_set_status(res, 500, NULL, 0);
    }
    return rv;
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
    if (!res->committed && (rv = commit(ctx, entity, flush->more))) {
        return rv;
    }
    room = allowed(ctx, entity);
    if ((rv = iisr_entity_take(ctx, ctx->bb, room, flush->async, &taken))) {
        apr_brigade_cleanup(ctx->bb);
        iisr_entity_release(ctx, &taken);
        ctx->host->abort(ctx->req, IISR_END_CUT);
        return rv;
    }
    res->sent += room;
    res->flushes++;
    flush->bytes = entity;
    if (flush->more) {
        APR_BRIGADE_INSERT_TAIL(ctx->bb,
                        apr_bucket_flush_create(ctx->bb->bucket_alloc));
    }
    else {
        finish(ctx);
    }
    if (flush->async) {
        promise(ctx, flush, entity);
    }
    rv = pass_down(ctx, flush->async);
    iisr_entity_release(ctx, &taken);
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
    iisr_response_t *res = &ctx->response;
    int strange;

    flush->bytes = iisr_entity_length(ctx, &strange);
    iisr_response_clear_entity(res);
    if (flush->async) {
        promise(ctx, flush, flush->bytes);
        iisr_completion_record(ctx, IISR_OP_WRITE, flush->bytes, S_OK);
    }
}

/* --- the host's own content --------------------------------------------- */

apr_status_t iisr_flush_head(iisr_context_t *ctx, int resized)
{
    iisr_response_t *res = &ctx->response;
    iisr_head_t head = { .status = res->status, .reason = res->reason };

    interpret(res);
    res->bodiless = !has_body(ctx);
    res->trailing = may_trail(ctx) && has_trailers(res);
    head.headers = head_headers(ctx);
    head.content_length = res->promised;
    head.unframed = resized || res->trailing;
    head.close = res->disconnect;
    head.suppressed = res->suppressed;
    head.trailers = res->trailing ? res->trailers : NULL;
    res->committed = 1;
    return ctx->host->commit(ctx->req, &head);
}

apr_status_t iisr_flush_entity(iisr_context_t *ctx, apr_bucket_brigade *bb,
                               iisr_entity_t *taken)
{
    apr_uint64_t entity;
    apr_status_t rv = measure(ctx, &entity);

    return rv == APR_SUCCESS ? iisr_entity_take(ctx, bb, entity, 0, taken)
                             : fail(ctx, rv);
}

apr_uint64_t iisr_flush_allowed(iisr_context_t *ctx, apr_uint64_t bytes)
{
    return allowed(ctx, bytes);
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
    if (ctx->response.ended || ctx->response.is_reset) {
        return APR_SUCCESS;
    }
    flush->more = 0;
    return iisr_flush(ctx, flush);
}
