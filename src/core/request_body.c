/* request_body.c: the body of one request: what modules put in front of it,
 * what is left of it, and OnReadEntity around what is read.  See request.h.
 */
#include <string.h>
#include <apr_strings.h>
#include "context.h"

/* --- putting back ------------------------------------------------------- */

typedef struct insertion_t {
    const void *data;
    apr_size_t length;
    int taken;                          /* by the host */
} insertion_t;

/* It is read, and counted, once more. */
static void put_back_here(iisr_context_t *ctx, void *baton)
{
    insertion_t *insertion = baton;
    iisr_request_t *r = &ctx->request;
    apr_size_t n = insertion->length;

    if (!ctx->req || !ctx->host->put_back(ctx->req, insertion->data, n)) {
        return;
    }
    insertion->taken = 1;
    iisr_request_facts(ctx);
    r->body_ended = r->body_broken = 0;
    r->body_read -= n < r->body_read ? n : r->body_read;
    iisr_request_view_received(ctx);
    if (r->remaining >= 0) {
        r->remaining += n;
    }
}

void iisr_request_insert(iisr_context_t *ctx, const void *data,
                         apr_size_t len)
{
    insertion_t insertion = { .data = data, .length = len };
    iisr_inserted_t *inserted;

    if (ctx->req && ctx->host->put_back) {
        iisr_context_on_worker(ctx, put_back_here, &insertion);
    }
    if (insertion.taken) {
        return;
    }
    inserted = apr_palloc(ctx->pool, sizeof(*inserted));
    inserted->data = data;
    inserted->left = len;
    inserted->next = ctx->request.inserted;
    ctx->request.inserted = inserted;
}

static apr_size_t read_inserted(iisr_request_t *r, char *buffer,
                                apr_size_t room)
{
    apr_size_t done = 0, n;

    while (r->inserted && done < room) {
        n = r->inserted->left;
        if (n > room - done) {
            n = room - done;
        }
        memcpy(buffer + done, r->inserted->data, n);
        done += n;
        r->inserted->data += n;
        r->inserted->left -= n;
        if (!r->inserted->left) {
            r->inserted = r->inserted->next;
        }
    }
    return done;
}

/* Counts what an input filter made of the body (it may inflate it) against
 * the length that the client announced: only a hint, the end is what the
 * host says. */
static void count(iisr_context_t *ctx, apr_size_t n)
{
    iisr_request_t *r = &ctx->request;

    r->body_read += n;
    iisr_request_view_received(ctx);
    if (r->remaining > 0) {
        r->remaining -= (apr_int64_t)n < r->remaining ? (apr_int64_t)n
                                                      : r->remaining;
    }
}

apr_status_t iisr_request_read(iisr_context_t *ctx, char *buffer,
                               apr_size_t *len, int block)
{
    iisr_request_t *r = &ctx->request;
    apr_size_t room = *len;
    apr_status_t rv;

    iisr_request_facts(ctx);
    if ((*len = read_inserted(r, buffer, room))) {
        return APR_SUCCESS;
    }
    if (r->body_broken || !ctx->req) {
        return APR_ECONNABORTED;
    }
    if (r->body_ended) {
        return APR_EOF;
    }
    *len = room;
    rv = ctx->host->read(ctx->req, buffer, len, block);
    if (rv == APR_SUCCESS) {
        count(ctx, *len);
        return APR_SUCCESS;
    }
    *len = 0;
    if (APR_STATUS_IS_EAGAIN(rv)) {
        return APR_EAGAIN;
    }
    r->remaining = 0;
    if (rv == APR_EOF) {
        r->body_ended = 1;
        return APR_EOF;
    }
    r->body_broken = 1;
    return APR_ECONNABORTED;
}

/* OnReadEntity sees what was read, also that there is no body, and may
 * replace it (IReadEntityProvider::SetEntity).  What does not fit the reader's
 * buffer stays in front of the body.  The end behind a body is not shown: a
 * module that sets an entity each time would make it endless. */
static apr_status_t show_modules(iisr_context_t *ctx, char *buffer,
                                 apr_size_t room, apr_size_t *len,
                                 apr_status_t rv)
{
    iisr_request_t *r = &ctx->request;
    apr_size_t length;

    r->entity = buffer;
    r->entity_length = (DWORD)*len;
    r->entity_room = (DWORD)room;
    iisr_pipeline_raise(ctx, IISR_EV_READ_ENTITY,
                        ctx->objects_table->provider(ctx,
                                                     IISR_EV_READ_ENTITY));
    length = r->entity_length;
    if (length > room) {
        iisr_request_insert(ctx, apr_pmemdup(ctx->pool,
                                             (char *)r->entity + room,
                                             length - room), length - room);
        length = room;
    }
    if (r->entity != buffer && length) {
        memmove(buffer, r->entity, length);
    }
    r->entity = NULL;
    *len = length;
    return length ? APR_SUCCESS : rv;
}

apr_status_t iisr_request_entity(iisr_context_t *ctx, void *buffer,
                                 apr_size_t *len, int block)
{
    const iisr_place_t *place = iisr_pipeline_current(ctx);
    apr_size_t room = *len;
    apr_status_t rv = iisr_request_read(ctx, buffer, len, block);

    /* entity_room: 0 until it was raised. */
    if ((rv == APR_SUCCESS
         || (rv == APR_EOF && !ctx->request.entity_room))
        && (!place || place->event != IISR_EV_READ_ENTITY)
        && iisr_pipeline_wants(ctx, IISR_EV_READ_ENTITY)) {
        rv = show_modules(ctx, buffer, room, len, rv);
    }
    return rv;
}

static void record(iisr_context_t *ctx, apr_size_t bytes, apr_status_t rv)
{
    iisr_completion_record(ctx, IISR_OP_READ, bytes,
        rv == APR_SUCCESS ? S_OK
        : rv == APR_EOF ? HRESULT_FROM_WIN32(ERROR_HANDLE_EOF)
        : HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID));
}

static void promise(iisr_context_t *ctx, iisr_receive_t *receive)
{
    iisr_operation_t *op = iisr_completion_start(ctx, IISR_OP_READ,
                                                 receive->callback,
                                                 receive->baton);

    op->buffer = receive->buffer;
    op->room = receive->room;
    receive->pending = 1;
}

/* fAsync: the end of the body and a failure are an HRESULT, as on IIS, to a
 * caller that can be told that no completion follows; bytes that are there
 * at once complete all the same, unless IISInlineCompletion is on. */
static apr_status_t receive_async(iisr_context_t *ctx,
                                  iisr_receive_t *receive)
{
    apr_size_t len = receive->room;
    apr_status_t rv = iisr_request_entity(ctx, receive->buffer, &len, 0);
    int wait = (rv == APR_EAGAIN);

    if (wait && !ctx->host->can_park(ctx->req)) {
        len = receive->room;
        rv = iisr_request_entity(ctx, receive->buffer, &len, 1);
        wait = 0;
    }
    if (!wait && !receive->must_complete
        && (rv != APR_SUCCESS || ctx->settings.inline_completion)) {
        receive->bytes = (DWORD)len;
        return rv;
    }
    promise(ctx, receive);
    if (!wait) {
        record(ctx, len, rv);
    }
    return APR_SUCCESS;
}

typedef struct receive_job_t {
    iisr_receive_t *receive;
    apr_status_t rv;
} receive_job_t;

/* A result that was not yet delivered occupies the slot too. */
static int may_read(iisr_context_t *ctx, int async)
{
    return iisr_completion_is_free(&ctx->completion, IISR_OP_READ)
           && (!async || iisr_completion_may_start(ctx, IISR_OP_READ, 1));
}

static apr_status_t refusal(iisr_context_t *ctx, int async)
{
    return !ctx->req ? APR_ECONNABORTED
           : ctx->pipeline.no_io ? APR_ENOTIMPL
           : !may_read(ctx, async) ? APR_EBUSY : APR_SUCCESS;
}

static void receive_here(iisr_context_t *ctx, void *baton)
{
    receive_job_t *job = baton;
    iisr_receive_t *receive = job->receive;
    apr_size_t len = receive->room;

    if ((job->rv = refusal(ctx, receive->async))) {
        return;
    }
    if (receive->async) {
        job->rv = receive_async(ctx, receive);
    }
    else {
        job->rv = iisr_request_entity(ctx, receive->buffer, &len, 1);
        receive->bytes = (DWORD)len;
    }
}

apr_status_t iisr_request_receive(iisr_context_t *ctx,
                                  iisr_receive_t *receive)
{
    receive_job_t job = { receive, APR_SUCCESS };
    apr_status_t rv;

    receive->bytes = 0;
    receive->pending = 0;
    if (receive->async && ctx->waiting) {
        /* Asked for by another thread: it need not wait for the worker. */
        if ((rv = refusal(ctx, 1)) == APR_SUCCESS) {
            promise(ctx, receive);
            ctx->read_wanted = 1;
            iisr_context_wake(ctx);
        }
        return rv;
    }
    rv = iisr_context_on_worker(ctx, receive_here, &job);
    return rv == APR_SUCCESS ? job.rv : rv;
}

void iisr_request_resume_read(iisr_context_t *ctx)
{
    iisr_operation_t *op = &ctx->completion.op[IISR_OP_READ];
    apr_size_t len = op->room;
    apr_status_t rv;

    ctx->read_wanted = 0;
    if (!iisr_completion_is_outstanding(&ctx->completion, IISR_OP_READ)) {
        return;
    }
    rv = iisr_request_entity(ctx, op->buffer, &len,
                             !ctx->host->can_park(ctx->req));
    if (rv != APR_EAGAIN) {
        record(ctx, len, rv);
    }
}

DWORD iisr_request_remaining(iisr_context_t *ctx)
{
    iisr_request_t *r = &ctx->request;
    apr_uint64_t total = 0;
    iisr_inserted_t *inserted;

    iisr_request_facts(ctx);
    if (r->remaining < 0 && !r->body_ended && !r->body_broken) {
        return 0xffffffff;
    }
    if (r->remaining > 0) {
        total = (apr_uint64_t)r->remaining;
    }
    for (inserted = r->inserted; inserted; inserted = inserted->next) {
        total += inserted->left;
    }
    /* 0xffffffff is kept for "not known". */
    return total > 0xfffffffe ? 0xfffffffe : (DWORD)total;
}
