/* loader.c: finds everything that is wrong with a module at configuration
 * time, registers the modules in each child, ends them with it.
 */
#include <httpd.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <mpm_common.h>
#include "iis_handshake.h"
#include "httpd/apphost.h"
#include "httpd/config.h"
#include "httpd/counters.h"
#include "httpd/globals.h"
#include "httpd/handlers.h"
#include "httpd/host.h"
#include "httpd/image.h"
#include "httpd/loader.h"
#include "httpd/services.h"
#include "httpd/surroundings.h"
#include "core/global.h"
#include "core/wide.h"
#include "iface/apphost.h"
#include "iface/objects.h"
#include "iface/vtable.h"

APLOG_USE_MODULE(iisresp);

/* What IIS 10 passes to RegisterModule. */
#define IIS_VERSION 10

typedef struct loaded_t {
    const char *name;
    const char *path;
    const char *real;               /* the same without links */
    iisr_image_t image;
    PFN_REGISTERMODULE register_module;
    PFN_IIS_HANDSHAKE handshake;
    pid_t pid;                      /* who loaded it, and may close it */
    int optional;
    int missing;                    /* it is optional, and not there */
} loaded_t;

/* Of the configuration that was read last. */
static apr_array_header_t *loaded;

/* Of this child. */
static iisr_registry_t *registry;
static IHttpServer3 *server_object;

/* --- at configuration time ---------------------------------------------- */

static const char *complain(cmd_parms *cmd, const char *name,
                            const char *path, const char *reason)
{
    return apr_psprintf(cmd->pool, "IISModule %s: %s: %s", name, path,
                        reason);
}

static apr_status_t forget_all(void *data)
{
    (void)data;
    loaded = NULL;
    return APR_SUCCESS;
}

static apr_status_t close_one(void *data)
{
    loaded_t *l = data;

    if (l->pid == getpid() && !l->missing) {
        dlclose(l->image.handle);
    }
    return APR_SUCCESS;
}

static loaded_t *find_loaded(const char *name)
{
    loaded_t *l = loaded ? (loaded_t *)loaded->elts : NULL;
    int i;

    for (i = 0; loaded && i < loaded->nelts; i++) {
        /* As IIS compares names of modules. */
        if (!strcasecmp(l[i].name, name)) {
            return &l[i];
        }
    }
    return NULL;
}

int iisr_loader_has(const char *name)
{
    return find_loaded(name) != NULL;
}

int iisr_loader_has_any(void)
{
    return loaded != NULL;
}

static const char *check_file(cmd_parms *cmd, const char *path)
{
    apr_finfo_t info;
    apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE, cmd->temp_pool);
    char text[120];

    if (rv != APR_SUCCESS) {
        return apr_pstrdup(cmd->pool, apr_strerror(rv, text, sizeof(text)));
    }
    return info.filetype == APR_REG ? NULL : "not a regular file";
}

static const char *check_handshake(cmd_parms *cmd, const loaded_t *l)
{
    const iis_handshake *answer;

    if (!l->register_module) {
        return "does not export RegisterModule";
    }
    if (!l->handshake) {
        return "was not built against this module's include/iis/httpserv.h "
               "(it does not export " IIS_HANDSHAKE_SYMBOL ")";
    }
    answer = l->handshake(NULL);
    /* What was added since an elder port may lack. */
    if (answer->cbSize < offsetof(iis_handshake, connection_context)
        || answer->dwHeaderVersion != IIS_HEADER_VERSION) {
        return apr_psprintf(cmd->pool, "was built against version %u of the "
                            "headers, this is version %d: compile it again",
                            answer->dwHeaderVersion, IIS_HEADER_VERSION);
    }
    if (answer->cbWchar != sizeof(WCHAR)) {
        return "was built with another size of wchar_t (-fshort-wchar?)";
    }
    return NULL;
}

/* One file is one library, however often it is named: its modules share what
 * is static in it, as on Windows. */
static int share_module(loaded_t *l)
{
    const loaded_t *other = loaded ? (loaded_t *)loaded->elts : NULL;
    int i;

    for (i = 0; loaded && i < loaded->nelts; i++) {
        if (!strcmp(other[i].real, l->real)) {
            l->image = other[i].image;
            l->image.handle = dlopen(other[i].path, RTLD_NOW | RTLD_NOLOAD);
            return l->image.handle != NULL;
        }
    }
    return 0;
}

static const char *open_module(cmd_parms *cmd, loaded_t *l)
{
    const char *reason;

    if (!share_module(l)
        && (reason = iisr_image_open(cmd->pool, l->path, &l->image))) {
        return reason;
    }
    *(void **)&l->register_module = dlsym(l->image.handle, "RegisterModule");
    *(void **)&l->handshake = dlsym(l->image.handle, IIS_HANDSHAKE_SYMBOL);
    if ((reason = check_handshake(cmd, l))) {
        dlclose(l->image.handle);
        return reason;
    }
    if (l->image.unique) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, cmd->server, "IISR0301: "
                     "IISModule %s: %s was built without -fno-gnu-unique: "
                     "statics of inline functions (%s) are shared with other "
                     "modules", l->name, l->path, l->image.unique);
    }
    return NULL;
}

static const char *real_path(apr_pool_t *pool, const char *path)
{
    char *real = realpath(path, NULL), *copy;

    if (!real) {
        return path;
    }
    copy = apr_pstrdup(pool, real);
    free(real);
    return copy;
}

/* What optional modules lack is told, and is no error. */
static const char *forgive(cmd_parms *cmd, loaded_t *l, const char *reason)
{
    if (!reason || !l->optional) {
        return reason;
    }
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, cmd->server, "IISR0307: "
                 "IISModule %s: %s: %s; it is optional, requests do without "
                 "it", l->name, l->path, reason);
    l->missing = 1;
    return NULL;
}

const char *iisr_loader_load(cmd_parms *cmd, const char *name,
                             const char *path, int optional)
{
    apr_pool_t *pconf = cmd->pool;
    const char *full = ap_server_root_relative(pconf, path);
    const char *reason;
    loaded_t l = { 0 };

    if (!full) {
        return complain(cmd, name, path, "not a usable path");
    }
    if (find_loaded(name)) {
        return complain(cmd, name, full, apr_psprintf(pconf,
                        "a module of this name is already loaded, from %s",
                        find_loaded(name)->path));
    }
    l.name = apr_pstrdup(pconf, name);
    l.path = full;
    l.real = real_path(pconf, full);
    l.pid = getpid();
    l.optional = optional;
    if (!(reason = check_file(cmd, full))) {
        reason = open_module(cmd, &l);
    }
    if ((reason = forgive(cmd, &l, reason))) {
        return complain(cmd, name, full, reason);
    }
    if (!loaded) {
        loaded = apr_array_make(pconf, 4, sizeof(loaded_t));
        apr_pool_cleanup_register(pconf, NULL, forget_all,
                                  apr_pool_cleanup_null);
    }
    APR_ARRAY_PUSH(loaded, loaded_t) = l;
    apr_pool_cleanup_register(pconf, apr_pmemdup(pconf, &l, sizeof(l)),
                              close_one, apr_pool_cleanup_null);
    return NULL;
}

/* --- in a child --------------------------------------------------------- */

/* Whether the module wants to be loaded: its DllMain may refuse. */
static int introduce(const loaded_t *l, iisr_module_t *m)
{
    const iis_handshake *answer = l->handshake(iisr_services());
    DWORD i;

    for (i = 0; answer && i < answer->nTypes; i++) {
        iisr_vtables_set_typeinfo(answer->pTypes[i].name,
                                  answer->pTypes[i].typeinfo);
    }
    if (answer && answer->cbSize > offsetof(iis_handshake,
                                            connection_context)) {
        iisr_container_set_cast(answer->connection_context);
    }
    if (answer && answer->cbSize > offsetof(iis_handshake, guard)) {
        m->guard = answer->guard;
    }
    return answer != NULL;
}

/* What a module waits for in vain is said, never swallowed. */
static void report_idle(server_rec *s, const iisr_module_t *m)
{
    DWORD bit;

    if ((m->events | m->post_events) & RQ_SEND_RESPONSE_STATUS_AND_HEADERS) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, s, "module %s registered for "
                     "RQ_SEND_RESPONSE_STATUS_AND_HEADERS, which is never "
                     "raised: IIS does not document it", m->name);
    }
    for (bit = 1; bit && bit <= m->global_events; bit <<= 1) {
        if ((m->global_events & bit) && iisr_global_reason(bit)) {
            ap_log_error(APLOG_MARK, APLOG_INFO, 0, s, "module %s registered "
                         "for the global notification %s, which is never "
                         "raised: %s", m->name, iisr_global_name(bit),
                         iisr_global_reason(bit));
        }
    }
}

static void report(server_rec *s, const iisr_module_t *m)
{
    ap_log_error(APLOG_MARK, APLOG_DEBUG, 0, s, "module %s registered for "
                 "0x%08X, post 0x%08X, global 0x%08X (%s)", m->name,
                 m->events, m->post_events, m->global_events, m->path);
    report_idle(s, m);
}

static void give_up(server_rec *s, iisr_module_t *m, const char *id,
                    const char *reason)
{
    m->factory = NULL;
    m->global = NULL;
    m->events = m->post_events = m->global_events = 0;
    m->broken = !m->optional;
    registry->nbroken += m->broken;
    if (m->broken) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "%s: module %s: %s (%s): "
                     "requests in its scope are answered with 503 by this "
                     "process; mend it, take it out with IISModules -%s, or "
                     "say IISModule %s %s optional", id, m->name, reason,
                     m->path, m->name, m->name, m->path);
    }
    else {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "%s: module %s: %s (%s): it "
                     "is optional, requests do without it", id, m->name,
                     reason, m->path);
    }
}

typedef struct registering_t {
    const loaded_t *l;
    iisr_module_t *m;
    HRESULT hr;
} registering_t;

static void register_here(void *baton)
{
    registering_t *r = baton;

    r->hr = r->l->register_module(IIS_VERSION,
                (IHttpModuleRegistrationInfo *)(void *)&r->m->info,
                (IHttpServer *)(void *)server_object);
}

static HRESULT call_register(server_rec *s, const loaded_t *l,
                             iisr_module_t *m)
{
    registering_t r = { l, m, E_FAIL };
    char what[256];

    if (!iisr_module_call(m, register_here, &r, what, sizeof(what))) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "IISR0012: module %s: an "
                     "exception left RegisterModule: %s", l->name, what);
        return E_UNEXPECTED;
    }
    return r.hr;
}

static void register_one(apr_pool_t *pchild, server_rec *s,
                         const loaded_t *l)
{
    iisr_module_t *m = iisr_registry_add(registry, l->name, l->path,
                                         l->image.handle);
    HRESULT hr;

    m->optional = l->optional;
    if (l->missing) {
        return;
    }
    if (!introduce(l, m)) {
        give_up(s, m, "IISR0901", "DllMain returned FALSE");
        return;
    }
    iisr_registration_init(m);
    hr = call_register(s, l, m);
    if (FAILED(hr)) {
        give_up(s, m, "IISR0302", apr_psprintf(pchild, "RegisterModule failed "
                                               "with 0x%08X", hr));
        return;
    }
    report(s, m);
}

static apr_status_t end_modules(void *data)
{
    apr_uint32_t held;

    (void)data;
    iisr_globals_stop(registry);
    iisr_surroundings_close();
    iisr_server_close(server_object);
    iisr_registry_terminate(registry);
    if ((held = iisr_services_held())) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, ap_server_conf, "modules "
                     "did not release %u configuration objects", held);
    }
    return APR_SUCCESS;
}

/* For what a module's thread may come upon while the process exits, when
 * pchild is gone.  Never destroyed. */
static apr_pool_t *lasting_pool(void)
{
    apr_pool_t *pool;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL)) {
        abort();                /* as httpd does without memory */
    }
    return pool;
}

/* A module's thread may call in until the process is gone, and httpd unloads
 * us before that.  With -X a restart needs the library anew. */
static void stay_loaded(void)
{
    Dl_info self;

    if (!ap_exists_config_define("ONE_PROCESS") && dladdr(&registry, &self)) {
        dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    }
}

void iisr_loader_child_init(apr_pool_t *pchild, server_rec *s)
{
    iisr_server_hooks_t hooks;
    const loaded_t *l = loaded ? (loaded_t *)loaded->elts : NULL;
    int i;

    stay_loaded();
    registry = iisr_registry_create(lasting_pool());
    if (IISR_SPARE_POOLS
        && ap_max_mem_free == APR_ALLOCATOR_MAX_FREE_UNLIMITED) {
        /* As many as httpd keeps of its own: all. */
        registry->spares.most = UINT_MAX;
    }
    iisr_services_child_init(pchild, s, &hooks);
    server_object = iisr_server_create(pchild, "DefaultAppPool",
                                       iisr_apphost_host_file(), &hooks);
    for (i = 0; loaded && i < loaded->nelts; i++) {
        register_one(pchild, s, &l[i]);
    }
    iisr_globals_resolve(registry);
    iisr_registry_seal(registry);
    apr_pool_pre_cleanup_register(pchild, NULL, end_modules);
}

iisr_registry_t *iisr_loader_registry(void)
{
    return registry;
}

IHttpServer3 *iisr_loader_server(void)
{
    return server_object;
}

/* --- hooks -------------------------------------------------------------- */

static int check_config(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *s)
{
    const char *error = iisr_config_check(ptemp);

    (void)p;
    (void)plog;
    if (!error) {
        error = iisr_handlers_check(ptemp);
    }
    if (error) {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, s,
                     "IISR0303: %s", error);
        return !OK;
    }
    return OK;
}

/* What is loaded now, at each start and restart. */
static int report_images(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                         server_rec *s)
{
    const loaded_t *l = loaded ? (loaded_t *)loaded->elts : NULL;
    int i;

    (void)p;
    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    for (i = 0; loaded && i < loaded->nelts; i++) {
        const iisr_image_t *image = &l[i].image;

        if (l[i].missing) {
            continue;
        }
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, s, "module %s: %s, build %s, "
                     "%" APR_OFF_T_FMT " bytes", l[i].name, l[i].path,
                     image->build_id, image->size);
        if (image->in_place) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, "IISR0304: module "
                         "%s is loaded in place (%s): do not write over %s "
                         "while the server runs", l[i].name, image->in_place,
                         l[i].path);
        }
    }
    return OK;
}

/* -t -D DUMP_IIS_MODULES.  Which notifications a module registers for is
 * known only to a child: RegisterModule is not run here. */
static void dump_modules(apr_pool_t *p, server_rec *s)
{
    const loaded_t *l = loaded ? (loaded_t *)loaded->elts : NULL;
    apr_file_t *out = NULL;
    int i;

    (void)s;
    if (!ap_exists_config_define("DUMP_IIS_MODULES")) {
        return;
    }
    apr_file_open_stdout(&out, p);
    apr_file_printf(out, "mod_iisresp " IISR_VERSION "\n"
                    "IIS modules, in configuration order:\n");
    for (i = 0; loaded && i < loaded->nelts; i++) {
        apr_file_printf(out, "  %s (%s)%s\n", l[i].name, l[i].path,
                        l[i].missing ? ": optional, not loaded" : "");
    }
}

void iisr_loader_register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(report_images, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(dump_modules, NULL, NULL, APR_HOOK_MIDDLE);
}
