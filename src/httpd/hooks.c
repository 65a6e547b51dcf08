/* hooks.c: which notification is raised in which of httpd's hooks.
 *
 *  BeginRequest            translate_name, after the first location walk
 *  ExecuteRequestHandler   handler, before all others
 *  SendResponse            the content filter, or a flush of a module's own
 *  LogRequest, EndRequest  where the response's end passes, or else in
 *                          log_transaction
 */
#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include "httpd/banner.h"
#include "httpd/apphost.h"
#include "httpd/config.h"
#include "httpd/counters.h"
#include "httpd/drive.h"
#include "httpd/filters.h"
#include "httpd/hooks.h"
#include "httpd/host.h"
#include "httpd/input.h"
#include "httpd/loader.h"
#include "httpd/surroundings.h"
#include "httpd/trailers.h"

APLOG_USE_MODULE(iisresp);

static int some_module_registered_for(iisr_event_e event)
{
    const iisr_registry_t *registry = iisr_loader_registry();

    return registry && (registry->norder[0][event]
                        || registry->norder[1][event]);
}

static int translate_name(request_rec *r)
{
    iisr_host_request_t *hr;
    int result, over;

    if (r->main || r->prev || !some_module_registered_for(IISR_EV_BEGIN)
        || !(hr = iisr_host_request(r, 1)) || hr->stage != IISR_STAGE_NEW) {
        return DECLINED;
    }
    iisr_enter(hr->ctx);
    over = iisr_drive_begin(hr, &result);
    iisr_leave(hr->ctx);
    return over ? result : DECLINED;
}

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

    hr->stage = IISR_STAGE_EXECUTE;
    hr->may_leave = may_leave(r, hr->conn);
    iisr_enter(hr->ctx);
    hr->ctx->enabled = iisr_enabled_modules(r);
    iisr_settings_get(r, &hr->ctx->settings);
    result = iisr_drive(hr);
    if (result == SUSPENDED) {
        hr->conn->pending = hr;
    }
    else {
        hr->may_leave = 0;
    }
    iisr_leave(hr->ctx);
    return result;
}

static int handler(request_rec *r)
{
    iisr_host_request_t *hr;
    int result;

    if (!some_module_registered_for(IISR_EV_EXECUTE)) {
        hr = iisr_host_request(r, 0);
    }
    else {
        hr = iisr_host_request(r, 1);
    }
    if (!hr || hr->stage >= IISR_STAGE_EXECUTE) {
        return DECLINED;
    }
    if (hr->stage == IISR_STAGE_NEW && r->main) {
        /* A subrequest: its handler stage is the first that we see. */
        iisr_enter(hr->ctx);
        iisr_drive_begin(hr, &result);
        iisr_leave(hr->ctx);
        if (hr->stage != IISR_STAGE_BEGUN) {
            return result;
        }
    }
    return run_handler(hr);
}

static void insert_filter(request_rec *r)
{
    const iisr_registry_t *registry = iisr_loader_registry();
    iisr_host_request_t *hr = r->main ? NULL : iisr_host_request(r,
                        some_module_registered_for(IISR_EV_READ_ENTITY));

    if (hr && hr->ctx) {
        iisr_input_insert(hr);
    }

    if (registry && registry->nmodules && !r->main
        && (some_module_registered_for(IISR_EV_SEND_RESPONSE)
            || some_module_registered_for(IISR_EV_LOG)
            || some_module_registered_for(IISR_EV_END)
            || iisr_host_request(r, 0))) {
        iisr_filters_insert(r);
    }
}

/* The response that was under way is replaced: what stood in its chain went
 * with it. */
static void insert_error_filter(request_rec *r)
{
    iisr_host_request_t *hr = iisr_host_request(r, 0);

    if (hr) {
        hr->content = NULL;
    }
    insert_filter(r);
}

static int log_transaction(request_rec *r)
{
    iisr_host_request_t *hr;

    while (r->next) {
        r = r->next;
    }
    if ((hr = iisr_host_request(r, 0))) {
        iisr_enter(hr->ctx);
        iisr_drive_log_and_end(hr, 1);
        iisr_leave(hr->ctx);
    }
    return DECLINED;
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    iisr_surroundings_child_init(pchild, s);
    iisr_loader_child_init(pchild, s);
    /* After the loader: its pre-cleanup then runs before modules end. */
    iisr_connection_child_init(pchild, s);
}

void iisr_register_hooks(apr_pool_t *p)
{
    iisr_loader_register_hooks(p);
    iisr_apphost_register_hooks(p);
    iisr_connection_hooks(p);
    iisr_filters_register();
    iisr_trailers_register();
    iisr_counters_register_hooks(p);
    iisr_input_register();
    iisr_banner_register();
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(translate_name, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_insert_filter(insert_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_error_filter(insert_error_filter, NULL, NULL,
                                APR_HOOK_LAST);
    ap_hook_log_transaction(log_transaction, NULL, NULL,
                            APR_HOOK_REALLY_FIRST);
}
