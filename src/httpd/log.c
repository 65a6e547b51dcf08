/* log.c: the access log of mod_log_config.
 *
 * %{token}^IR shows a field by its W3C name (sc-substatus, cs-username ...)
 * or the number of flushes.  sc-status is what %>s says.  A field that a module edited in OnSendResponse
 * is shown by httpd's own formats too: just before the log is written, in
 * log_transaction, what those read is set: %u, %r, %m, %U, %q, %a, %h, %s
 * and %{Host}i, %{User-Agent}i, %{Cookie}i, %{Referer}i.  No edit makes a
 * line of its own: httpd escapes what it writes of these, but for %a.
 */
#include <httpd.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_config.h>
#include <mod_log_config.h>
#include "core/log_data.h"
#include "httpd/host.h"
#include "httpd/log.h"

/* --- edits -------------------------------------------------------------- */

typedef struct edit_t {
    request_rec *r;
    const char *value;
} edit_t;

static void edit_user(edit_t *e)
{
    e->r->user = (char *)e->value;
}

static void edit_stem(edit_t *e)
{
    e->r->uri = (char *)e->value;
}

static void edit_query(edit_t *e)
{
    e->r->args = *e->value ? (char *)e->value : NULL;
}

static void edit_method(edit_t *e)
{
    e->r->method = e->value;
}

/* Of all that it reads only this goes into httpd's log as it is.  %h shows
 * the connection's unless the request has an address of its own. */
static void edit_client(edit_t *e)
{
    request_rec *r = e->r;

    r->useragent_ip = ap_escape_logitem(r->pool, e->value);
    r->useragent_host = r->useragent_ip;
    r->useragent_addr = apr_pmemdup(r->pool, r->useragent_addr,
                                    sizeof(*r->useragent_addr));
}

#define EDIT_HEADER(member, header) \
    static void edit_##member(edit_t *e) \
    { \
        apr_table_setn(e->r->headers_in, header, e->value); \
    }
EDIT_HEADER(Host, "Host")
EDIT_HEADER(UserAgent, "User-Agent")
EDIT_HEADER(Cookie, "Cookie")
EDIT_HEADER(Referrer, "Referer")

/* The names of server and site are httpd's own: ^IR only. */
static void (*const edits[IISR_LOG_TEXT_COUNT])(edit_t *) = {
    [IISR_LOG_UserName] = edit_user, [IISR_LOG_UriStem] = edit_stem,
    [IISR_LOG_UriQuery] = edit_query, [IISR_LOG_Method] = edit_method,
    [IISR_LOG_ClientIp] = edit_client, [IISR_LOG_Host] = edit_Host,
    [IISR_LOG_UserAgent] = edit_UserAgent, [IISR_LOG_Cookie] = edit_Cookie,
    [IISR_LOG_Referrer] = edit_Referrer
};

#define REQUEST_LINE (1u << IISR_LOG_Method | 1u << IISR_LOG_UriStem \
                      | 1u << IISR_LOG_UriQuery)

static void apply(iisr_context_t *ctx, request_rec *r)
{
    const iisr_log_t *log = ctx->log;
    int i;

    for (i = 0; i < IISR_LOG_TEXT_COUNT; i++) {
        if ((log->edited & (1u << i)) && edits[i]) {
            edit_t edit = { r, apr_pstrdup(r->pool, log->texts[i]) };

            edits[i](&edit);
        }
    }
    if (log->edited & REQUEST_LINE) {
        r->the_request = apr_pstrcat(r->pool, r->method, " ", r->uri,
                                     r->args ? "?" : "",
                                     r->args ? r->args : "", " ",
                                     r->protocol, NULL);
    }
    if (log->status_edited) {
        r->status = log->fields.ProtocolStatus;
    }
}

/* Of a connection that was reset ahead of the head nothing else tells httpd
 * what a module had decided. */
static void apply_reset(const iisr_response_t *res, request_rec *r)
{
    if (res->is_reset && res->status_set && !res->committed && !r->next) {
        r->status = res->status;
    }
}

void iisr_log_apply(iisr_context_t *ctx, request_rec *r)
{
    for (; r; r = r->next) {
        apply_reset(&ctx->response, r);
        if (ctx->log) {
            apply(ctx, r);
        }
    }
}

/* --- %{...}^IR ---------------------------------------------------------- */

static const char *log_token(request_rec *r, char *token)
{
    iisr_host_request_t *hr = iisr_host_request(r, 0);
    const char *value = NULL;

    if (hr && token) {
        iisr_enter(hr->ctx);
        value = iisr_log_value(hr->ctx, token, r->status);
        value = value && *value ? apr_pstrdup(r->pool, value) : NULL;
        iisr_leave(hr->ctx);
    }
    return value ? ap_escape_logitem(r->pool, value) : "-";
}

static int pre_config(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp)
{
    APR_OPTIONAL_FN_TYPE(ap_register_log_handler) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_register_log_handler);

    (void)plog;
    (void)ptemp;
    if (add) {
        add(p, "^IR", log_token, 0);
    }
    return OK;
}

void iisr_log_hooks(apr_pool_t *p)
{
    static const char *const after[] = { "mod_log_config.c", NULL };

    (void)p;
    ap_hook_pre_config(pre_config, after, NULL, APR_HOOK_MIDDLE);
}
