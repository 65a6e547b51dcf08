/* head.c: the head of a response: what is interpreted and what leaves; see
 * flush.c for the rules.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "chunked.h"
#include "context.h"
#include "head.h"
#include "headers.h"

void iisr_head_report_status(iisr_context_t *ctx)
{
    iisr_response_t *res = &ctx->response;

    if (res->refused && ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0008", "a module put "
                       "the status %d into the raw response, or a reason "
                       "with control characters: %d stands",
                       res->refused < 0 ? 0 : res->refused, res->status);
    }
    res->refused = 0;
}

static int head_has_body(iisr_context_t *ctx)
{
    int status = ctx->response.status;

    return status >= 200 && status != 204 && status != 205 && status != 304
           && !ctx->host->is_head(ctx->req);
}

static int head_says_close(const char *value)
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

static apr_int64_t head_content_length(const char *value)
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

static void head_take_trailer(void *baton, const char *name,
                              const char *value)
{
    iisr_context_t *ctx = baton;

    if (!ctx->response.trailing
        || iisr_response_set_trailer(&ctx->response, name, value,
                                     strlen(value), 0) != APR_SUCCESS) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0011", "the field %s "
                       "behind the last chunk of a module's own framing is "
                       "not sent: no trailer, or no place for one", name);
    }
}

/* "chunked", and nothing else that we could take off again. */
static void head_take_encoding(iisr_context_t *ctx, const char *value)
{
    iisr_response_t *res = &ctx->response;

    if (!strcasecmp(value, "chunked")) {
        if (!res->frames) {
            res->frames = apr_pcalloc(ctx->pool, sizeof(*res->frames));
        }
        res->frames->field = head_take_trailer;
        res->frames->baton = ctx;
    }
    else if (strcasecmp(value, "identity")) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0010",
                       "Transfer-Encoding: %s is not sent: chunked is the "
                       "only one", value);
    }
}

/* Headers that describe the connection are interpreted, not copied: no
 * module can desynchronise a connection that is kept alive. */
static void head_interpret(iisr_context_t *ctx)
{
    iisr_response_t *res = &ctx->response;
    const apr_array_header_t *fields = apr_table_elts(res->headers);
    int i;

    res->promised = -1;
    res->frames = NULL;
    for (i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *field = &APR_ARRAY_IDX(fields, i,
                                                        apr_table_entry_t);

        if (iisr_header_is(field->key, "Connection")) {
            res->disconnect |= head_says_close(field->val);
        }
        else if (iisr_header_is(field->key, "Content-Length")) {
            res->promised = head_content_length(field->val);
        }
        else if (iisr_header_is(field->key, "Transfer-Encoding")) {
            head_take_encoding(ctx, field->val);
        }
    }
    if (res->bodiless) {
        res->frames = NULL;
    }
    else if (res->frames) {
        res->promised = -1;
    }
}

static int head_may_trail(iisr_context_t *ctx)
{
    return ctx->response.promised < 0 && !ctx->response.bodiless
           && ctx->host->may_trail && ctx->host->may_trail(ctx->req);
}

/* Where something is added, a table of its own. */
static const apr_table_t *head_table(iisr_context_t *ctx)
{
    apr_table_t *headers = ctx->response.headers;

    if (ctx->response.policy && ctx->objects_table->head) {
        headers = apr_table_copy(ctx->pool, headers);
        ctx->objects_table->head(ctx, headers);
    }
    return headers;
}

/* Of a response without a body that was framed by its module, the length is
 * not known. */
static int head_was_framed(const iisr_response_t *res)
{
    const char *encoding = res->bodiless
        ? apr_table_get(res->headers, "Transfer-Encoding") : NULL;

    return encoding && !strcasecmp(encoding, "chunked");
}

/* How the body is framed: what is in the head that follows from that. */
void iisr_head_plan(iisr_context_t *ctx, apr_uint64_t entity, int more)
{
    iisr_response_t *res = &ctx->response;

    iisr_head_report_status(ctx);
    res->bodiless = !head_has_body(ctx);
    head_interpret(ctx);
    res->trailing = head_may_trail(ctx);
    if (head_was_framed(res)) {
        res->promised = -1;
    }
    else if (res->promised < 0 && !more && !res->frames
             && !(iisr_response_has_trailers(res) && res->trailing)
             && (!res->bodiless || entity)) {
        res->promised = entity;
    }
    if (res->status < 200 || res->status == 204) {
        res->promised = -1;
    }
    else if (res->status == 205) {
        res->promised = 0;
    }
    res->trailing &= res->promised < 0;
}

apr_status_t iisr_head_commit(iisr_context_t *ctx)
{
    iisr_response_t *res = &ctx->response;
    iisr_head_t head = { 0 };

    head.status = res->status;
    head.reason = res->reason;
    head.headers = head_table(ctx);
    head.content_length = res->promised;
    head.unframed = 1;
    head.close = res->disconnect;
    head.suppressed = res->suppressed;
    head.chunked = res->frames != NULL;
    head.trailers = res->trailing && iisr_response_has_trailers(res)
                    ? res->trailers : NULL;
    res->committed = 1;
    res->committed_early = ctx->pipeline.next < IISR_STEP(IISR_EV_EXECUTE);
    return ctx->host->commit(ctx->req, &head);
}

apr_status_t iisr_head_commit_content(iisr_context_t *ctx, int resized)
{
    iisr_response_t *res = &ctx->response;
    iisr_head_t head = { .status = res->status, .reason = res->reason };

    iisr_head_report_status(ctx);
    res->bodiless = !head_has_body(ctx);
    head_interpret(ctx);
    res->frames = NULL;
    if (res->status == 205) {
        res->promised = 0;
    }
    res->trailing = head_may_trail(ctx) && iisr_response_has_trailers(res);
    head.headers = head_table(ctx);
    head.content_length = res->promised;
    head.unframed = resized || res->trailing;
    head.close = res->disconnect;
    head.suppressed = res->suppressed;
    head.trailers = res->trailing ? res->trailers : NULL;
    res->committed = 1;
    return ctx->host->commit(ctx->req, &head);
}
