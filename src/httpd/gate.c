/* gate.c: who is let in; see gate.h. */
#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_request.h>
#include "core/turns.h"
#include "httpd/config.h"
#include "httpd/gate.h"
#include "httpd/globals.h"
#include "httpd/loader.h"

APLOG_USE_MODULE(iisresp);

int iisr_gate_is_error_page(const request_rec *r)
{
    return r->prev && ap_is_HTTP_ERROR(r->prev->status);
}

/* --- modules that cannot work ------------------------------------------- */

static const iisr_module_t *broken_module(request_rec *r)
{
    const iisr_registry_t *registry = iisr_loader_registry();
    const unsigned char *enabled;
    int i;

    if (!registry->nbroken) {
        return NULL;
    }
    enabled = iisr_enabled_modules(r);
    for (i = 0; i < registry->nmodules; i++) {
        if (registry->modules[i]->broken && (!enabled || enabled[i])) {
            return registry->modules[i];
        }
    }
    return NULL;
}

int iisr_gate_is_broken(request_rec *r)
{
    return broken_module(r) != NULL;
}

int iisr_gate_closed(request_rec *r)
{
    const iisr_module_t *module = broken_module(r);

    if (module) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "IISR0306: module %s, in "
                      "whose scope this is, could not be registered: answered "
                      "with 503 (see the log of this process's start)",
                      module->name);
        return HTTP_SERVICE_UNAVAILABLE;
    }
    return iisr_host_failed(r) ? HTTP_INTERNAL_SERVER_ERROR : DECLINED;
}

/* --- another URL, another place ----------------------------------------- */

static int is_other(const char *before, const char *now)
{
    return before != now && (!before || !now || strcmp(before, now));
}

void iisr_gate_look(iisr_host_request_t *hr)
{
    const request_rec *r = hr->r;
    int other = is_other(hr->asked_uri, r->uri)
                || is_other(hr->asked_args, r->args);

    if (hr->asked_uri && (other || hr->asked_scope != r->per_dir_config)) {
        iisr_enter(hr->ctx);
        iisr_pipeline_ask_again(hr->ctx, other);
        iisr_leave(hr->ctx);
    }
    hr->asked_uri = r->uri;
    hr->asked_args = r->args;
    hr->asked_scope = r->per_dir_config;
}

/* --- what is only looked at --------------------------------------------- */

/* With another status than an error's the module has an answer of its own,
 * which is for nobody to see. */
static int refusal(const iisr_context_t *ctx)
{
    int status = ctx->response.status;

    return ap_is_HTTP_ERROR(status) ? status : HTTP_FORBIDDEN;
}

static int ask(iisr_host_request_t *hr)
{
    iisr_context_t *ctx = hr->ctx;
    int refused;

    hr->stage = IISR_STAGE_BEGUN;
    hr->trial = 1;
    iisr_gate_look(hr);
    iisr_globals_start(ctx);
    iisr_enter(ctx);
    iisr_pipeline_run_to(ctx, IISR_GATE_LAST, 0);
    refused = ctx->pipeline.finishing || ctx->response.ended
              || ctx->response.committed;
    iisr_leave(ctx);
    hr->trial = 0;
    if (refused) {
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, hr->r, "modules refuse %s "
                      "with %d", hr->r->uri, refusal(ctx));
    }
    return refused ? refusal(ctx) : DECLINED;
}

/* What we look up for a module is not asked about: it may ask for that while
 * it is asked. */
static int is_ours(const request_rec *r)
{
    const iisr_host_request_t *hr;

    for (; r->main; r = r->main) {
        hr = iisr_host_request(r->main, 0);
        if (hr && hr->looking) {
            return 1;
        }
    }
    return 0;
}

/* Of a request that ends with that. */
static int ask_apart(request_rec *r)
{
    iisr_host_request_t *hr = iisr_host_trial(r);
    int result;

    if (!hr) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    result = ask(hr);
    iisr_enter(hr->ctx);
    iisr_pipeline_end(hr->ctx);
    hr->ctx->pipeline.no_io = 1;
    iisr_pipeline_run_to(hr->ctx, IISR_STEPS - 1, 0);
    iisr_leave(hr->ctx);
    iisr_host_trial_over(hr);
    return result;
}

static int try_lookup(request_rec *r)
{
    iisr_host_request_t *hr = iisr_host_request(r, 1);
    int result;

    if (!hr) {
        return iisr_gate_closed(r);
    }
    if (hr->child) {
        /* It is asked as it runs; of a folder mod_dir makes a file. */
        return r->finfo.filetype == APR_DIR ? ask_apart(r) : DECLINED;
    }
    if (hr->stage > IISR_STAGE_BEGUN) {
        return DECLINED;
    }
    hr->lookup = 1;
    if ((result = ask(hr)) != DECLINED) {
        hr->answered = 1;
        hr->stage = IISR_STAGE_DONE;
    }
    return result;
}

/* The request's own modules are through: others are asked, once about each
 * URL. */
#define ASKED "iisr-asked"

static int try_error_page(request_rec *r)
{
    const char *asked = apr_table_get(r->notes, ASKED);

    if (asked && !strcmp(asked, r->uri)) {
        return DECLINED;
    }
    apr_table_set(r->notes, ASKED, r->uri);
    return ask_apart(r);
}

int iisr_gate_try(request_rec *r)
{
    if (!iisr_pipeline_has_gate(iisr_loader_registry()) || is_ours(r)) {
        return DECLINED;
    }
    return r->main ? try_lookup(r) : try_error_page(r);
}

/* --- the user ----------------------------------------------------------- */

/* Whom a module has set is the user of what the request becomes, and of what
 * is included in it, as the client's own credentials are. */
static int keep_user(request_rec *r)
{
    const iisr_host_request_t *hr = NULL;
    request_rec *from = r;

    while (!r->user && !(hr && hr->user)
           && (from = from->prev ? from->prev : from->main)) {
        hr = iisr_host_request(from, 0);
    }
    if (!r->user && hr && hr->user) {
        r->user = (char *)hr->user;
        r->ap_auth_type = (char *)hr->auth_type;
    }
    return DECLINED;
}

void iisr_gate_hooks(void)
{
    ap_hook_post_perdir_config(keep_user, NULL, NULL, APR_HOOK_FIRST);
}
