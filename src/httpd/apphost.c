/* apphost.c: the configuration that modules read, from httpd's own.
 *
 * A file is looked at where it is named, so that httpd's error has a line,
 * and merged when all of the configuration is there: only then is it known
 * what a virtual host is called, that is, which site its file is for.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <apr_hash.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include "httpd/apphost.h"
#include "httpd/config.h"
#include "httpd/host.h"
#include "httpd/loader.h"
#include "httpd/surroundings.h"

APLOG_USE_MODULE(iisresp);

typedef struct named_t {
    const char *path;
    const server_rec *server;
} named_t;

/* Per reading of the configuration, single thread; children only read. */
static struct {
    apr_array_header_t *files, *schemas;        /* named_t; NULL: none */
    iisr_apphost_t *apphost;
} reading;

static apr_status_t reading_over(void *data)
{
    (void)data;
    memset(&reading, 0, sizeof(reading));
    return APR_SUCCESS;
}

static const char *full_path(cmd_parms *cmd, const char *path,
                             const char **full)
{
    *full = ap_server_root_relative(cmd->pool, path);
    return *full ? NULL : apr_psprintf(cmd->pool, "%s: %s is not a usable "
                                       "path", cmd->cmd->name, path);
}

static const char *add(cmd_parms *cmd, apr_array_header_t **list,
                       const char *path, const char *reason)
{
    named_t named = { path, cmd->server };

    if (reason) {
        return apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, reason);
    }
    if (!reading.files && !reading.schemas) {
        apr_pool_cleanup_register(cmd->pool, NULL, reading_over,
                                  apr_pool_cleanup_null);
    }
    if (!*list) {
        *list = apr_array_make(cmd->pool, 2, sizeof(named_t));
    }
    APR_ARRAY_PUSH(*list, named_t) = named;
    return NULL;
}

/* A server has one file. */
static const char *check_only(cmd_parms *cmd)
{
    const named_t *n = reading.files ? (named_t *)reading.files->elts : NULL;
    int i;

    for (i = 0; n && i < reading.files->nelts; i++) {
        if (n[i].server == cmd->server) {
            return apr_psprintf(cmd->pool, "%s: there is one already, %s",
                                cmd->cmd->name, n[i].path);
        }
    }
    return NULL;
}

const char *iisr_apphost_add_file(cmd_parms *cmd, const char *path)
{
    const char *full, *reason = full_path(cmd, path, &full);

    if (reason || (reason = check_only(cmd))) {
        return reason;
    }
    iisr_xml_read(cmd->temp_pool, full, &reason);
    return add(cmd, &reading.files, full, reason);
}

const char *iisr_apphost_add_schema(cmd_parms *cmd, const char *path)
{
    const char *full, *reason = full_path(cmd, path, &full);

    if (reason) {
        return reason;
    }
    reason = iisr_schema_read(cmd->temp_pool,
                              iisr_schema_create(cmd->temp_pool, ""), full);
    return add(cmd, &reading.schemas, full, reason);
}

const iisr_apphost_t *iisr_apphost_configured(void)
{
    return reading.apphost;
}

const char *iisr_apphost_host_file(void)
{
    const named_t *n = reading.files ? (named_t *)reading.files->elts : NULL;
    int i;

    for (i = 0; n && i < reading.files->nelts; i++) {
        if (!n[i].server->is_virtual) {
            return n[i].path;
        }
    }
    return NULL;
}

/* --- merging ------------------------------------------------------------ */

/* Virtual hosts of one name are one site: their files must be one, too. */
static const char *check_site(apr_pool_t *p, const named_t *n, int before,
                              int *again)
{
    const named_t *list = (named_t *)reading.files->elts;
    const char *name = iisr_site_name(n->server);
    int i;

    *again = 0;
    for (i = 0; i < before; i++) {
        if (!list[i].server->is_virtual
            || strcasecmp(iisr_site_name(list[i].server), name)) {
            continue;
        }
        if (strcmp(list[i].path, n->path)) {
            return apr_psprintf(p, "IISConfig: the site %s has two files, %s "
                                "and %s", name, list[i].path, n->path);
        }
        *again = 1;
    }
    return NULL;
}

static const char *read_one(apr_pool_t *p, int i)
{
    const named_t *n = &APR_ARRAY_IDX(reading.files, i, named_t);
    const char *error;
    int again;

    if (!n->server->is_virtual) {
        return iisr_apphost_read(reading.apphost, n->path, "");
    }
    error = check_site(p, n, i, &again);
    return error || again ? error
        : iisr_apphost_read(reading.apphost, n->path,
                            iisr_site_name(n->server));
}

/* The server's own file first: sites inherit from it. */
static const char *read_all(apr_pool_t *p)
{
    const char *error = NULL;
    int i, virtual;

    for (i = 0; reading.schemas && i < reading.schemas->nelts && !error;
         i++) {
        error = iisr_apphost_schema(reading.apphost,
            APR_ARRAY_IDX(reading.schemas, i, named_t).path);
    }
    for (virtual = 0; virtual < 2; virtual++) {
        for (i = 0; i < reading.files->nelts && !error; i++) {
            if (APR_ARRAY_IDX(reading.files, i, named_t).server->is_virtual
                == virtual) {
                error = read_one(p, i);
            }
        }
    }
    return error ? error : iisr_apphost_seal(reading.apphost);
}

static int check_config(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *s)
{
    const char *error;

    (void)plog;
    (void)ptemp;
    if (!reading.files) {
        return OK;
    }
    reading.apphost = iisr_apphost_create(p);
    if ((error = read_all(p))) {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, s,
                     "IISR0703: %s", error);
        return !OK;
    }
    return OK;
}

/* --- what is not read --------------------------------------------------- */

static int is_named(const char *path)
{
    const named_t *n = reading.files ? (named_t *)reading.files->elts : NULL;
    int i;

    for (i = 0; n && i < reading.files->nelts; i++) {
        if (!strcmp(n[i].path, path)) {
            return 1;
        }
    }
    return 0;
}

/* A folder that is served, of this host or of an application of it. */
static void look_into(apr_pool_t *p, server_rec *s, apr_hash_t *told,
                      const char *folder)
{
    const char *path = folder ? ap_make_full_path(p, folder, "web.config")
                              : NULL;
    apr_finfo_t info;

    if (!path || apr_hash_get(told, path, APR_HASH_KEY_STRING)
        || is_named(path)
        || apr_stat(&info, path, APR_FINFO_TYPE, p) != APR_SUCCESS) {
        return;
    }
    apr_hash_set(told, path, APR_HASH_KEY_STRING, path);
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s, "IISR0704: %s is not read: "
                 "IISConfig names the file that modules see of %s; "
                 "iisresp-port convert makes directives of its modules, "
                 "handlers and requestFiltering", path, iisr_site_name(s));
}

static void look_at_host(apr_pool_t *p, server_rec *s, apr_hash_t *told)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    const apr_array_header_t *said = iisr_config_applications(s);
    int i;

    look_into(p, s, told, core->ap_document_root);
    for (i = 0; said && i < said->nelts; i++) {
        look_into(p, s, told, APR_ARRAY_IDX(said, i,
                                            iisr_application_conf_t).physical);
    }
}

static int tell_of_others(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                          server_rec *s)
{
    apr_hash_t *told = apr_hash_make(ptemp);

    (void)p;
    (void)plog;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG
        || !iisr_loader_has_any()) {
        return OK;
    }
    for (; s; s = s->next) {
        look_at_host(ptemp, s, told);
    }
    return OK;
}

void iisr_apphost_register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_post_config(tell_of_others, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
}
