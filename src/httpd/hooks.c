/* hooks.c: httpd's hooks, each of which raises what stages.h gives to it
 * and what was to be raised before.
 *
 * What a hook costs where nobody registered for its notifications is one
 * look at `wanted`.  Subrequests are seen at their handler stage only; a
 * request that httpd redirects inside itself is one request to the modules;
 * below an ErrorDocument it is over but for LogRequest and EndRequest.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include "core/global.h"
#include "httpd/banner.h"
#include "httpd/apphost.h"
#include "httpd/child.h"
#include "httpd/config.h"
#include "httpd/counters.h"
#include "httpd/drive.h"
#include "httpd/filters.h"
#include "httpd/gate.h"
#include "httpd/globals.h"
#include "httpd/handlers.h"
#include "httpd/hooks.h"
#include "httpd/host.h"
#include "httpd/input.h"
#include "httpd/loader.h"
#include "httpd/log.h"
#include "httpd/stages.h"
#include "httpd/surroundings.h"
#include "httpd/trailers.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

/* Of this child, from its start: the last step of each hook, and whether
 * anybody registered for what a hook may have to raise. */
static int last_step[IISR_HOOKS];
static unsigned char wanted[IISR_HOOKS];
/* ... and for more than ExecuteRequestHandler. */
static int wanted_unmapped;

static const struct {
    iisr_event_e event;
    int post;
    iisr_hook_e hook;
} stages[] = {
#define STAGE(event, post, hook, writes, pending, url) \
    { IISR_EV_##event, post, IISR_HOOK_##hook },
    IISR_STAGES(STAGE)
#undef STAGE
};

static void look_up_stages(const iisr_registry_t *registry)
{
    unsigned int i;

    for (i = 0; i < IISR_HOOKS; i++) {
        last_step[i] = -1;
    }
    for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        if (stages[i].event < IISR_EV_ORDERED) {
            last_step[stages[i].hook] = stages[i].event * 2 + stages[i].post;
        }
    }
    for (i = 0; i < IISR_HOOKS; i++) {
        wanted[i] = registry->due[0] <= last_step[i];
    }
    wanted_unmapped = registry->due[0] < IISR_STEP(IISR_EV_EXECUTE)
        || registry->due[IISR_POST_STEP(IISR_EV_EXECUTE) + 1] < IISR_STEPS;
    wanted[IISR_HOOK_map_to_storage] =
        registry->norder[0][IISR_EV_MAP_PATH] > 0;
    /* Here a request begins to be seen, also by those who look on only. */
    wanted[IISR_HOOK_translate_name] |=
        iisr_global_wanted(registry, GL_PRE_BEGIN_REQUEST
                                     | GL_APPLICATION_START
                                     | GL_APPLICATION_STOP) != 0
        || registry->norder[0][IISR_EV_SEND_RESPONSE]
        || registry->norder[0][IISR_EV_READ_ENTITY]
        || registry->due[IISR_POST_STEP(IISR_EV_EXECUTE)] < IISR_STEPS;
}

/* The request at one of the hooks ahead of the handler, where modules have
 * something to hear there. */
static iisr_host_request_t *request_at(request_rec *r, iisr_hook_e hook)
{
    iisr_host_request_t *hr;

    if (!wanted[hook] || r->main || iisr_gate_is_error_page(r)
        || !(hr = iisr_host_request(r, 1)) || hr->answered) {
        return NULL;
    }
    return hr;
}

/* Nobody registered for what is left to raise up to there, and the request
 * was not finished elsewhere meanwhile. */
static int nothing_due(const iisr_context_t *ctx, int step)
{
    return ctx->registry->due[ctx->pipeline.next] > step
           && !ctx->pipeline.finishing && !ctx->response.ended;
}

static int raise_up_to(iisr_host_request_t *hr, int step)
{
    int result = DECLINED, over;

    if (!hr) {
        return DECLINED;
    }
    iisr_gate_look(hr);
    if (hr->ctx->pipeline.next > step || nothing_due(hr->ctx, step)) {
        return DECLINED;
    }
    iisr_enter(hr->ctx);
    over = iisr_drive_to(hr, step, &result);
    iisr_leave(hr->ctx);
    return over ? result : DECLINED;
}

/* To httpd "\" is a character of a name, to the calls by which modules open
 * files a separator: what follows it would leave the folder that httpd has
 * looked at.  httpd on Windows says 404 as well.  Asked again where folders
 * have had their say. */
static int climbs(request_rec *r)
{
    return strchr(r->uri, '\\') && iisr_takes_part(r);
}

static int translate_name(request_rec *r)
{
    iisr_host_request_t *hr;
    int result = DECLINED;

    if (climbs(r)) {
        return HTTP_NOT_FOUND;
    }
    /* What they would answer is not to be had without the one that cannot;
     * folders may yet take that one out. */
    if (iisr_gate_is_broken(r)) {
        return DECLINED;
    }
    hr = request_at(r, IISR_HOOK_translate_name);
    if (!hr || hr->stage != IISR_STAGE_NEW) {
        return DECLINED;
    }
    iisr_globals_pre_begin(hr->ctx);
    iisr_globals_start(hr->ctx);
    iisr_enter(hr->ctx);
    iisr_drive_to(hr, last_step[IISR_HOOK_translate_name], &result);
    iisr_leave(hr->ctx);
    if (hr->stage == IISR_STAGE_NEW) {
        hr->stage = IISR_STAGE_BEGUN;
    }
    return result;
}

/* What httpd has mapped; a proxied request has no path. */
static int map_to_storage(request_rec *r)
{
    iisr_host_request_t *hr;
    const char *path;
    int result = DECLINED;

    if (!r->filename || *r->filename != '/' || r->proxyreq
        || iisr_gate_is_broken(r)
        || !(hr = request_at(r, IISR_HOOK_map_to_storage))) {
        return DECLINED;
    }
    iisr_enter(hr->ctx);
    path = iisr_provider_map_path(hr->ctx, r->uri, r->filename);
    if (path != r->filename) {
        r->filename = r->canonical_filename = apr_pstrdup(r->pool, path);
    }
    /* A module may have finished the request there. */
    iisr_drive_to(hr, -1, &result);
    iisr_leave(hr->ctx);
    return result;
}

static int header_parser(request_rec *r)
{
    int closed;

    if (climbs(r) && !iisr_gate_is_error_page(r)) {
        return HTTP_NOT_FOUND;
    }
    if ((closed = iisr_gate_closed(r)) != DECLINED) {
        return closed;
    }
    return raise_up_to(request_at(r, IISR_HOOK_header_parser),
                       last_step[IISR_HOOK_header_parser]);
}

static int auth_checker(request_rec *r)
{
    return raise_up_to(request_at(r, IISR_HOOK_auth_checker),
                       last_step[IISR_HOOK_auth_checker]);
}

/* auth_checker runs only where somebody must log in, and mod_negotiation
 * chooses another URL here. */
static int type_checker(request_rec *r)
{
    return r->main || iisr_gate_is_error_page(r) ? iisr_gate_try(r)
                                                 : auth_checker(r);
}

/* A redirect keeps the status and not the words for it. */
static void keep_reason(request_rec *r)
{
    const iisr_host_request_t *hr = iisr_host_request(r->prev, 0);

    if (hr && hr->ctx->response.reason && !r->status_line
        && hr->ctx->response.status == r->status) {
        r->status_line = r->prev->status_line;
    }
}

static int fixups(request_rec *r)
{
    if (iisr_gate_is_error_page(r)) {
        keep_reason(r);
        return DECLINED;
    }
    return raise_up_to(request_at(r, IISR_HOOK_fixups),
                       last_step[IISR_HOOK_fixups]);
}

/* Where the handler is none of ours, no module is asked, and what httpd
 * answers need not be held. */
static void foresee(request_rec *r)
{
    iisr_host_request_t *hr = iisr_host_request(r, 0);

    if (hr && !hr->answered) {
        iisr_enter(hr->ctx);
        iisr_handlers_foresee(hr);
        iisr_leave(hr->ctx);
    }
}

/* Every part of httpd has had its say: mod_dir and mod_negotiation may have
 * made another URL of it. */
static int fixups_last(request_rec *r)
{
    int result = iisr_gate_closed(r);

    if (result != DECLINED) {
        return result;
    }
    if (r->main || iisr_gate_is_error_page(r)) {
        return iisr_gate_try(r);
    }
    result = raise_up_to(request_at(r, IISR_HOOK_fixups),
                         last_step[IISR_HOOK_fixups]);
    if (result == DECLINED) {
        foresee(r);
    }
    return result;
}

/* --- the handler -------------------------------------------------------- */

/* Whether httpd can be left at this request's handler stage: below a
 * redirect or a subrequest SUSPENDED reaches ap_die. */
static int may_leave(const request_rec *r, const iisr_conn_t *conn)
{
    return conn->may_park && !r->main && !r->prev
           && !r->connection->clogging_input_filters;
}

static int run_handler(iisr_host_request_t *hr)
{
    request_rec *r = hr->r;
    int result;

    hr->stage = IISR_STAGE_BEFORE;
    hr->handled = r;
    hr->lookup = 0;
    hr->may_leave = may_leave(r, hr->conn);
    iisr_gate_look(hr);
    /* A subrequest, or SetUrl, may have come to another one. */
    iisr_globals_start(hr->ctx);
    iisr_enter(hr->ctx);
    iisr_settings_get(r, &hr->ctx->settings);
    result = iisr_drive(hr);
    if (result == SUSPENDED) {
        hr->conn->pending = hr;
        hr->handler = r->handler;
    }
    else {
        hr->may_leave = 0;
    }
    iisr_leave(hr->ctx);
    return result;
}

/* The handler of a per-directory RewriteRule: the request comes back as
 * another, and that one is handled. */
static int is_redirect(const request_rec *r)
{
    return r->handler && !strcmp(r->handler, "redirect-handler");
}

/* A handler of httpd's had it, and has made another URL of it (Action, CGI's
 * Location): what is mapped there. */
static int come_again(iisr_host_request_t *hr)
{
    if (hr->stage != IISR_STAGE_HAND_ON || hr->handled == hr->r
        || hr->answered) {
        return DECLINED;
    }
    iisr_enter(hr->ctx);
    iisr_pipeline_execute_again(hr->ctx);
    iisr_leave(hr->ctx);
    return run_handler(hr);
}

static int handler_wanted(const request_rec *r)
{
    return wanted[IISR_HOOK_handler]
           && (wanted_unmapped || iisr_handlers_is_ours(r->handler));
}

static int handler(request_rec *r)
{
    iisr_host_request_t *hr;

    if (r->main && climbs(r)) {
        return HTTP_NOT_FOUND;
    }
    if (!r->main && (hr = iisr_host_request(r, 0))) {
        iisr_filters_restore(hr);
    }
    if (iisr_gate_is_error_page(r)
        || !(hr = iisr_host_request(r, handler_wanted(r)))) {
        return iisr_host_failed(r) ? HTTP_INTERNAL_SERVER_ERROR : DECLINED;
    }
    if (is_redirect(r)) {
        return DECLINED;
    }
    if (hr->stage < IISR_STAGE_BEFORE) {
        return run_handler(hr);
    }
    return come_again(hr);
}

/* --- around the response ------------------------------------------------ */

/* Only for requests that began: what httpd refuses as malformed, or answers
 * from mod_cache's quick handler, modules do not see. */
static void insert_filter(request_rec *r)
{
    iisr_host_request_t *hr = r->main ? NULL : iisr_host_request(r, 0);

    if (hr) {
        iisr_filters_inserted(hr);
        if (!hr->inserts_early) {
            iisr_input_insert(hr);
        }
        iisr_filters_insert(hr);
    }
}

static void before_insert_filter(request_rec *r)
{
    iisr_host_request_t *hr = r->main ? NULL : iisr_host_request(r, 0);

    if (hr) {
        iisr_filters_remember(hr);
    }
}

/* The response that was under way is replaced: what stood in its chain went
 * with it, and modules have no part in what comes but to look on. */
static void insert_error_filter(request_rec *r)
{
    iisr_host_request_t *hr = iisr_host_request(r, 0);

    if (hr) {
        iisr_host_fails(hr);
    }
    insert_filter(r);
}

static int log_transaction(request_rec *r)
{
    iisr_host_request_t *hr;
    request_rec *last = r;

    while (last->next) {
        last = last->next;
    }
    if ((hr = iisr_host_request(last, 0))
        && (!iisr_pipeline_over(hr->ctx) || hr->ctx->log
            || hr->ctx->response.is_reset)) {
        iisr_enter(hr->ctx);
        iisr_drive_rest(hr, 1);
        iisr_log_apply(hr->ctx, r);
        iisr_leave(hr->ctx);
    }
    return DECLINED;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    iisr_surroundings_child_init(pchild, s);
    iisr_loader_child_init(pchild, s);
    look_up_stages(iisr_loader_registry());
    /* After the loader: its pre-cleanup then runs before modules end. */
    iisr_connection_child_init(pchild, s);
}

void iisr_register_hooks(apr_pool_t *p)
{
    iisr_loader_register_hooks(p);
    iisr_apphost_register_hooks(p);
    iisr_connection_hooks(p);
    iisr_globals_hooks(p);
    iisr_log_hooks(p);
    iisr_filters_register();
    iisr_trailers_register();
    iisr_child_register_hooks(p);
    iisr_counters_register_hooks(p);
    iisr_input_register();
    iisr_banner_register();
    iisr_gate_hooks();
    iisr_host_register(p);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(translate_name, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_map_to_storage(map_to_storage, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_header_parser(header_parser, NULL, NULL, APR_HOOK_LAST);
    ap_hook_auth_checker(auth_checker, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_type_checker(type_checker, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_fixups(fixups_last, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_insert_filter(before_insert_filter, NULL, NULL,
                          APR_HOOK_REALLY_FIRST);
    ap_hook_insert_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_error_filter(insert_error_filter, NULL, NULL,
                                APR_HOOK_LAST);
    ap_hook_log_transaction(log_transaction, NULL, NULL,
                            APR_HOOK_REALLY_FIRST);
}
