/* drive.c: the stages of a request, from BeginRequest to its last byte.
 *
 * Each stage is a function that says whether the next one may start.  A
 * stage that would wait answers LEAVE when the thread may leave (handler
 * stage on a connection that can be parked): iisr_drive is then called
 * again, on any thread, and goes on with the same stage.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include "core/flush.h"
#include "core/headers.h"
#include "core/wide.h"
#include "httpd/drive.h"
#include "httpd/filters.h"
#include "httpd/handlers.h"
#include "httpd/input.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

typedef enum { STEP_NEXT, STEP_AGAIN, STEP_LEAVE, STEP_STOP } step_e;

static int answered(iisr_host_request_t *hr)
{
    const iisr_response_t *res = &hr->ctx->response;
    const iisr_pipeline_t *p = &hr->ctx->pipeline;

    return res->touched || (res->committed && !res->committed_early)
           || p->handled || p->finishing;
}

/* --- an answer without a body ------------------------------------------- */

static int to_err_headers(void *data, const char *name, const char *value)
{
    request_rec *r = data;

    /* Those of the page are its own; Server stays in the response. */
    if (strcasecmp(name, "Content-Length") && strcasecmp(name, "Content-Type")
        && strcasecmp(name, "Transfer-Encoding")
        && strcasecmp(name, "Server")) {
        apr_table_addn(r->err_headers_out, apr_pstrdup(r->pool, name),
                       apr_pstrdup(r->pool, value));
    }
    return 1;
}

/* httpd's page shows the reason as it is. */
static int may_be_shown(iisr_host_request_t *hr, const char *reason)
{
    return !reason || !strcmp(reason, ap_escape_html(hr->r->pool, reason));
}

/* SetStatus(404) and nothing more: IIS sends its error page, httpd its. */
static int wants_error_page(iisr_host_request_t *hr)
{
    const iisr_response_t *res = &hr->ctx->response;

    return res->status >= 400 && !res->nchunks && !res->committed
           && !res->skip_custom_errors && !res->suppressed && !res->is_reset
           && !hr->r->main && may_be_shown(hr, res->reason)
           && ap_index_of_response(res->status)
              != ap_index_of_response(HTTP_INTERNAL_SERVER_ERROR)
              + (res->status == HTTP_INTERNAL_SERVER_ERROR);
}

static void hand_to_error_page(iisr_host_request_t *hr)
{
    iisr_response_t *res = &hr->ctx->response;
    request_rec *r = hr->r;
    const char *allow = apr_table_get(res->headers, "Allow");
    const char *server = apr_table_get(res->headers, "Server");

    apr_table_do(to_err_headers, r, res->headers, NULL);
    if (res->reason) {
        r->status_line = apr_psprintf(r->pool, "%d %s", res->status,
                                      res->reason);
    }
    if (res->description) {
        apr_table_setn(r->notes, "error-notes",
                       iisr_narrow(r->pool, res->description, NULL));
        apr_table_setn(r->notes, "verbose-error-to", "*");
    }
    hr->result = res->status;
    if (res->disconnect) {
        r->connection->keepalive = AP_CONN_CLOSE;
    }
    /* Status, sub-status and reason stay, for the page and for the log. */
    iisr_response_clear_entity(res);
    iisr_response_clear_headers(res);
    /* httpd would write its own; what a module set, or deleted, before the
     * content is there stands. */
    if (allow) {
        apr_table_setn(res->headers, "Allow", allow);
    }
    if (!server) {
        apr_table_unset(res->headers, "Server");
    }
    else if (server != res->banner) {
        apr_table_setn(res->headers, "Server", server);
    }
    iisr_response_headers_changed(res);
    res->status_set = 0;
    hr->answered = 0;
    hr->stage = IISR_STAGE_DONE;
}

/* --- stages ------------------------------------------------------------- */

/* Modules have the answer: what makes httpd's content steps aside. */
static void take_over(iisr_host_request_t *hr)
{
    hr->answered = 1;
    hr->stage = IISR_STAGE_REST;
    iisr_filters_step_aside(hr);
}

/* ResolveRequestCache to PreExecuteRequestHandler, and what was missed. */
static step_e before(iisr_host_request_t *hr)
{
    iisr_context_t *ctx = hr->ctx;

    if (iisr_pipeline_run_to(ctx, IISR_POST_STEP(IISR_EV_PRE_EXECUTE),
                             hr->may_leave) == IISR_RUN_PENDING) {
        return STEP_LEAVE;
    }
    if (ctx->pipeline.finishing || ctx->response.ended) {
        iisr_pipeline_finish(ctx);
        take_over(hr);
        return STEP_AGAIN;
    }
    /* What was set so far is for whoever answers. */
    ctx->response.touched = 0;
    return STEP_NEXT;
}

/* A mapping that does not answer: another verb than its, or modules that are
 * not there. */
static void answer_mapping(iisr_host_request_t *hr, int status,
                           const char *allow)
{
    iisr_response_t *res = &hr->ctx->response;

    if (allow) {
        iisr_header_put(res->headers, "Allow", allow, strlen(allow), 1);
        iisr_response_headers_changed(res);
    }
    iisr_response_set_status(res, status, NULL, 0);
}

/* Who is asked, before the first is. */
static step_e map(iisr_host_request_t *hr)
{
    const char *allow;
    int status = iisr_handlers_choose(hr, &allow);

    if (!status) {
        return STEP_NEXT;
    }
    answer_mapping(hr, status, allow);
    take_over(hr);
    return STEP_AGAIN;
}

static step_e execute(iisr_host_request_t *hr)
{
    iisr_response_t *res = &hr->ctx->response;

    if (iisr_pipeline_run_to(hr->ctx, IISR_STEP(IISR_EV_EXECUTE),
                             hr->may_leave) == IISR_RUN_PENDING) {
        return STEP_LEAVE;
    }
    /* What was written before the handler stage precedes httpd's own
     * content, where there is any. */
    if (!answered(hr)
        && !((res->nchunks || res->committed)
             && hr->r->finfo.filetype == APR_NOFILE)) {
        /* Not there yet when this is the first that a module hears of the
         * request. */
        if (!hr->r->main) {
            iisr_filters_insert(hr);
        }
        iisr_input_hand_on(hr);
        hr->stage = IISR_STAGE_HAND_ON;
        hr->result = DECLINED;
        return STEP_STOP;
    }
    take_over(hr);
    return STEP_AGAIN;
}

/* What follows the handler. */
static step_e rest(iisr_host_request_t *hr)
{
    return iisr_pipeline_run_to(hr->ctx, IISR_STEPS - 1, hr->may_leave)
           == IISR_RUN_PENDING ? STEP_LEAVE : STEP_NEXT;
}

/* Without a FLUSH core keeps this much for the MPM to write: no park. */
#define SMALL 32768

static int is_small(const iisr_response_t *res)
{
    return res->buffered <= SMALL && !res->references
           && (!res->nchunks || (res->nchunks == 1
               && res->chunks[0].DataChunkType == HttpDataChunkFromMemory));
}

/* A module said what failed and gave no answer; httpd's status for a body
 * that was refused or ended early.  Page: "IHttpEventProvider::SetErrorStatus
 * Method". */
static void answer_failure(iisr_host_request_t *hr)
{
    iisr_response_t *res = &hr->ctx->response;
    int status = hr->body_error ? hr->body_error
        : hr->body_broken ? ap_map_http_request_error(hr->body_broken,
                                                      HTTP_BAD_REQUEST)
        : HTTP_INTERNAL_SERVER_ERROR;

    if (FAILED(res->error) && !res->status_set && !res->nchunks
        && !res->committed) {
        iisr_response_set_status(res, status, NULL, 0);
    }
}

static step_e last_flush(iisr_host_request_t *hr)
{
    iisr_context_t *ctx = hr->ctx;
    iisr_flush_t flush = { 0 };
    apr_status_t rv;

    answer_failure(hr);
    if (wants_error_page(hr)) {
        hand_to_error_page(hr);
        return STEP_STOP;
    }
    if (ctx->response.failed_late && !ctx->response.ended
        && !ctx->response.is_reset) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, hr->r, "IISR0007: a "
                      "module reported 0x%08X after the head had left: the "
                      "response breaks off", (unsigned int)ctx->response.error);
        ctx->host->abort(hr, IISR_END_CUT);
    }
    flush.must_complete = 1;
    flush.async = hr->may_leave && (!is_small(&ctx->response)
                                    || iisr_conn_has_output(hr->conn));
    rv = iisr_flush_end(ctx, &flush);
    if (rv != APR_SUCCESS && wants_error_page(hr)) {
        hand_to_error_page(hr);
        return STEP_STOP;
    }
    if (rv != APR_SUCCESS && !ctx->response.ended) {
        /* It is a 500 now, or cut. */
        rv = iisr_flush_end(ctx, &flush);
    }
    if (rv == APR_SUCCESS && !flush.async) {
        hr->stage = IISR_STAGE_DRAIN;
    }
    return STEP_NEXT;
}

static step_e drain(iisr_host_request_t *hr)
{
    iisr_context_t *ctx = hr->ctx;

    while (iisr_completion_outstanding(&ctx->completion)) {
        iisr_completion_drop(ctx);
        if (!ctx->way->wait(ctx, hr->may_leave)) {
            return STEP_LEAVE;
        }
    }
    iisr_completion_drop(ctx);
    return STEP_NEXT;
}

/* A request body that nobody read must not hold a thread either. */
static step_e discard(iisr_host_request_t *hr)
{
    conn_rec *c = hr->r->connection;
    char buffer[8192];

    while (hr->may_leave && hr->body_length && !hr->body_ended && !c->aborted
           && c->keepalive != AP_CONN_CLOSE
           && !ap_status_drops_connection(hr->r->status)) {
        apr_size_t len = sizeof(buffer);
        apr_status_t rv = hr->ctx->host->read(hr, buffer, &len, 0);

        if (APR_STATUS_IS_EAGAIN(rv)) {
            if (hr->conn->half_closed) {
                break;
            }
            hr->ctx->waiting = 1;
            return STEP_LEAVE;
        }
        if (rv != APR_SUCCESS) {
            break;
        }
    }
    hr->result = OK;
    return STEP_NEXT;
}

static step_e done(iisr_host_request_t *hr)
{
    (void)hr;
    return STEP_STOP;
}

static step_e (*const stages[])(iisr_host_request_t *) = {
    [IISR_STAGE_NEW] = done, [IISR_STAGE_BEGUN] = done,
    [IISR_STAGE_BEFORE] = before, [IISR_STAGE_MAP] = map,
    [IISR_STAGE_EXECUTE] = execute,
    [IISR_STAGE_HAND_ON] = done, [IISR_STAGE_REST] = rest,
    [IISR_STAGE_LAST_FLUSH] = last_flush, [IISR_STAGE_DRAIN] = drain,
    [IISR_STAGE_DISCARD] = discard, [IISR_STAGE_DONE] = done
};

int iisr_drive(iisr_host_request_t *hr)
{
    for (;;) {
        switch (stages[hr->stage](hr)) {
        case STEP_LEAVE:
            return SUSPENDED;
        case STEP_STOP:
            return hr->result;
        case STEP_NEXT:
            hr->stage++;
            break;
        case STEP_AGAIN:
            break;
        }
    }
}

/* --- before and after --------------------------------------------------- */

int iisr_drive_to(iisr_host_request_t *hr, int step, int *result)
{
    iisr_context_t *ctx = hr->ctx;

    iisr_pipeline_run_to(ctx, step, 0);
    if (!ctx->pipeline.finishing && !ctx->response.ended) {
        return 0;
    }
    iisr_pipeline_finish(ctx);
    iisr_filters_insert_now(hr);
    take_over(hr);
    *result = iisr_drive(hr);
    if (*result == OK) {
        *result = DONE;
    }
    return 1;
}

void iisr_drive_rest(iisr_host_request_t *hr, int no_io)
{
    iisr_pipeline_t *p = &hr->ctx->pipeline;
    int may_leave = hr->may_leave;

    /* A module that is still to answer an earlier notification is not called
     * in another. */
    if (iisr_pipeline_over(hr->ctx) || (p->started && p->place.pending)) {
        return;
    }
    /* An error of httpd's is what FINISH_REQUEST is to a module. */
    if (hr->failed || hr->stage < IISR_STAGE_HAND_ON) {
        iisr_pipeline_finish(hr->ctx);
    }
    hr->may_leave = 0;
    p->no_io = no_io;
    rest(hr);
    p->no_io = 0;
    hr->may_leave = may_leave;
}

void iisr_drive_client_gone(iisr_host_request_t *hr)
{
    iisr_context_t *ctx = hr->ctx;
    IHttpConnection *object = hr->conn->object;

    /* httpd would wait for the rest of the body. */
    hr->r->connection->keepalive = AP_CONN_CLOSE;
    /* Forgotten first: what is dropped was not sent. */
    iisr_conn_forget(hr->conn);
    iisr_conn_drop(hr->conn);
    iisr_completion_abort(ctx, HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
    if (object && !hr->told_gone) {
        /* Modules post from there. */
        unsigned int depth = iisr_give_up(ctx);

        iisr_connection_disconnected(object);
        iisr_take_again(ctx, depth);
    }
    hr->told_gone = 1;
}

void iisr_drive_end(iisr_host_request_t *hr, int result)
{
    request_rec *r = hr->r;

    if (result == DECLINED) {
        /* None of the modules answered: httpd's next handler does.  Not
         * ap_invoke_handler, which would insert the filters again; what it
         * had filled in for r->handler it took away as the thread left. */
        r->handler = hr->handler;
        result = ap_run_handler(r);
        if (result == SUSPENDED) {
            /* That handler has its own way of coming back. */
            r->connection->cs->state = CONN_STATE_SUSPENDED;
            return;
        }
        if (result == DECLINED) {
            result = HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    ap_die(result, r);
    ap_process_request_after_handler(r);
}
