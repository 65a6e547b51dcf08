/* services.c: what the server object of a child, and its modules, ask of
 * httpd: log lines, a restart, where an application lies, the settings.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include "httpd/apphost.h"
#include "httpd/config.h"
#include "httpd/counters.h"
#include "httpd/globals.h"
#include "httpd/services.h"
#include "httpd/surroundings.h"
#include "iface/apphost.h"

APLOG_USE_MODULE(iisresp);

/* Of this child. */
static iisr_admin_t *admin;
static server_rec *main_server;

/* --- logging ------------------------------------------------------------- */

static void log_service(int level, const char *source, const char *text)
{
    static const int levels[] = { APLOG_ERR, APLOG_WARNING, APLOG_INFO,
                                  APLOG_DEBUG };

    /* httpd escapes control characters; one message is one line. */
    ap_log_error(APLOG_MARK, levels[level & 3], 0, main_server, "[%s] %s",
                 source ? source : "module", text ? text : "");
}

static void log_server(void *baton, iisr_log_level_e level, const char *id,
                       const char *line)
{
    (void)baton;
    ap_log_error(APLOG_MARK, level == IISR_LOG_ERROR ? APLOG_ERR
                 : level == IISR_LOG_WARNING ? APLOG_WARNING
                 : level == IISR_LOG_TRACE ? APLOG_TRACE2 : APLOG_INFO, 0,
                 main_server, "%s%s%s", id ? id : "", id ? ": " : "", line);
}

/* --- what the server object asks ---------------------------------------- */

static void recycle(void *baton, const char *reason)
{
    int told = iisr_counters_ask_restart();

    (void)baton;
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, main_server, "a module asks to "
                 "recycle the process (%s): %s", reason, told
                 ? "the server restarts gracefully within ten seconds"
                 : "there is no shared memory to ask for it");
}

/* IIS fails the worker process and starts another. */
static void unhealthy(void *baton, const char *reason, HRESULT hr)
{
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, main_server, "IISR0601: a module "
                 "reports that the process is unhealthy: %s (0x%08X)", reason,
                 (unsigned int)hr);
    iisr_globals_health_check();
    recycle(baton, "unhealthy");
}

static int place(void *baton, apr_pool_t *pool, const char *site_name,
                 const char *url, const char **config_path,
                 const char **physical)
{
    const iisr_site_t *site = iisr_site_named(site_name);
    const iisr_app_t *app = site ? iisr_app_of(site, url) : NULL;

    (void)baton;
    if (!app) {
        return 0;
    }
    *config_path = apr_pstrcat(pool, "MACHINE/WEBROOT/APPHOST/", site->name,
                               url, NULL);
    *physical = app->physical;
    return 1;
}

static int listening(void *baton)
{
    (void)baton;
    return APLOG_IS_LEVEL(main_server, APLOG_TRACE2);
}

/* Both classes are the one manager; it refuses to write by itself. */
static HRESULT create_instance(const GUID *clsid, const GUID *iid,
                               void **object)
{
    IUnknown *manager = (IUnknown *)(void *)iisr_admin_manager(admin);

    if (!IsEqualCLSID(clsid, &CLSID_AppHostAdminManager)
        && !IsEqualCLSID(clsid, &CLSID_AppHostWritableAdminManager)) {
        return REGDB_E_CLASSNOTREG;
    }
    return manager->lpVtbl->QueryInterface(manager, iid, object);
}

static const iis_services services = { .cbSize = sizeof(services),
                                       .log = log_service,
                                       .create_instance = create_instance };

const iis_services *iisr_services(void)
{
    return &services;
}

/* --- in a child --------------------------------------------------------- */

void iisr_services_child_init(apr_pool_t *pchild, server_rec *s,
                              iisr_server_hooks_t *hooks)
{
    const iisr_server_hooks_t ours = {
        .log = log_server, .recycle = recycle, .unhealthy = unhealthy,
        .place = place, .trace = { .listening = listening },
        .fragment_bytes = iisr_fragment_bytes(),
        .counters = iisr_counters_cells(0)
    };

    main_server = s;
    *hooks = ours;
    admin = iisr_admin_create(pchild, iisr_apphost_configured(), log_server,
                              NULL);
    hooks->admin = iisr_admin_manager(admin);
    iisr_globals_hook_server(hooks);
}

apr_uint32_t iisr_services_held(void)
{
    return iisr_admin_objects(admin);
}
