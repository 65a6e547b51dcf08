/* config.c: directives, merging, and one accessor with the default each.
 *
 * IISModules is folded while it is merged: a byte for each module of the
 * server (IISModule), or NULL where nothing was said, so that a request pays
 * nothing for it.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>
#include "httpd/apphost.h"
#include "httpd/config.h"
#include "httpd/host.h"
#include "httpd/loader.h"

APLOG_USE_MODULE(iisresp);

#define UNSET (-1)
#define MODULES_MAX 256
#define SHUTDOWN_DEFAULT apr_time_from_sec(90)
#define FRAGMENTS_DEFAULT 16777216
#define PENDING_WARNING_DEFAULT apr_time_from_sec(600)

typedef enum { SAYS_NOTHING, SAYS_OFF, SAYS_ON } says_e;

typedef struct dir_config_t {
    apr_int64_t buffer_limit;           /* bytes */
    apr_interval_time_t flush_timeout;
    int inline_completion;
    apr_interval_time_t pending_warning;
    int all;                            /* says_e, for modules not named */
    unsigned char *modules;             /* says_e by name index, or NULL */
} dir_config_t;

typedef struct server_config_t {
    apr_array_header_t *applications;   /* iisr_application_conf_t, or NULL */
    const struct iisr_site_t *site;     /* NULL before child_init */
} server_config_t;

/* Names that IISModules used, which need not be loaded yet; the index is
 * their place.  Per reading of the configuration, single thread. */
typedef struct used_name_t {
    const char *name;
    const char *where;                  /* file:line */
} used_name_t;

static struct {
    apr_pool_t *pool;
    used_name_t names[MODULES_MAX];
    int n;
    apr_interval_time_t shutdown;
    apr_int64_t fragments;              /* bytes */
} reading;

static apr_status_t reading_over(void *data)
{
    (void)data;
    memset(&reading, 0, sizeof(reading));
    return APR_SUCCESS;
}

static void begin_reading(apr_pool_t *pconf)
{
    if (!reading.pool) {
        reading.pool = pconf;
        reading.shutdown = SHUTDOWN_DEFAULT;
        reading.fragments = FRAGMENTS_DEFAULT;
        apr_pool_cleanup_register(pconf, NULL, reading_over,
                                  apr_pool_cleanup_null);
    }
}

/* --- create and merge --------------------------------------------------- */

void *iisr_create_server_config(apr_pool_t *p, server_rec *s)
{
    (void)s;
    begin_reading(p);
    return apr_pcalloc(p, sizeof(server_config_t));
}

/* The applications of the main server are in every site, unless that has
 * one of the same path. */
static apr_array_header_t *merge_applications(apr_pool_t *p,
                                              apr_array_header_t *base,
                                              apr_array_header_t *add)
{
    apr_array_header_t *all;
    int i, j;

    if (!base || !add) {
        return add ? add : base;
    }
    all = apr_array_copy(p, add);
    for (i = 0; i < base->nelts; i++) {
        iisr_application_conf_t *b =
            &APR_ARRAY_IDX(base, i, iisr_application_conf_t);

        for (j = 0; j < add->nelts; j++) {
            if (!strcasecmp(b->path, APR_ARRAY_IDX(add, j,
                                     iisr_application_conf_t).path)) {
                break;
            }
        }
        if (j == add->nelts) {
            APR_ARRAY_PUSH(all, iisr_application_conf_t) = *b;
        }
    }
    return all;
}

void *iisr_merge_server_config(apr_pool_t *p, void *basev, void *overrides)
{
    server_config_t *base = basev, *add = overrides;
    server_config_t *conf = apr_pcalloc(p, sizeof(*conf));

    conf->applications = merge_applications(p, base->applications,
                                            add->applications);
    return conf;
}

void *iisr_create_dir_config(apr_pool_t *p, char *dir)
{
    dir_config_t *conf = apr_pcalloc(p, sizeof(*conf));

    (void)dir;
    conf->buffer_limit = UNSET;
    conf->flush_timeout = UNSET;
    conf->inline_completion = UNSET;
    conf->pending_warning = UNSET;
    return conf;
}

/* What the narrower section says counts, name by name; "all" and "none"
 * begin anew. */
static void merge_modules(apr_pool_t *p, dir_config_t *conf,
                          const dir_config_t *base, const dir_config_t *add)
{
    int i;

    conf->all = add->all ? add->all : base->all;
    if (add->all || !base->modules) {
        conf->modules = add->modules;
        return;
    }
    if (!add->modules) {
        conf->modules = base->modules;
        return;
    }
    conf->modules = apr_pmemdup(p, base->modules, MODULES_MAX);
    for (i = 0; i < MODULES_MAX; i++) {
        if (add->modules[i]) {
            conf->modules[i] = add->modules[i];
        }
    }
}

void *iisr_merge_dir_config(apr_pool_t *p, void *basev, void *overrides)
{
    dir_config_t *base = basev, *add = overrides;
    dir_config_t *conf = apr_pcalloc(p, sizeof(*conf));

    conf->buffer_limit = add->buffer_limit != UNSET ? add->buffer_limit
                                                    : base->buffer_limit;
    conf->flush_timeout = add->flush_timeout != UNSET ? add->flush_timeout
                                                      : base->flush_timeout;
    conf->inline_completion = add->inline_completion != UNSET
        ? add->inline_completion : base->inline_completion;
    conf->pending_warning = add->pending_warning != UNSET
        ? add->pending_warning : base->pending_warning;
    if (!add->all && !add->modules) {
        conf->all = base->all;
        conf->modules = base->modules;
    }
    else {
        merge_modules(p, conf, base, add);
    }
    return conf;
}

/* --- accessors ---------------------------------------------------------- */

static dir_config_t *dir_config(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &iisresp_module);
}

void iisr_settings_get(request_rec *r, iisr_settings_t *settings)
{
    const dir_config_t *conf = dir_config(r);

    settings->buffer_limit = conf->buffer_limit != UNSET
        ? (apr_size_t)conf->buffer_limit : IISR_BUFFER_LIMIT_DEFAULT;
    settings->flush_timeout = conf->flush_timeout != UNSET
        ? conf->flush_timeout : r->server->timeout;
    settings->inline_completion = conf->inline_completion == 1;
    settings->pending_warning = conf->pending_warning != UNSET
        ? conf->pending_warning : PENDING_WARNING_DEFAULT;
}

static int name_index(const char *name)
{
    int i;

    for (i = 0; i < reading.n; i++) {
        if (!strcasecmp(reading.names[i].name, name)) {
            return i;
        }
    }
    return -1;
}

const unsigned char *iisr_enabled_modules(request_rec *r)
{
    dir_config_t *conf = dir_config(r);
    iisr_registry_t *registry = iisr_loader_registry();
    unsigned char *enabled;
    int i;

    if (!conf->all && !conf->modules) {
        return NULL;
    }
    enabled = apr_palloc(r->pool, registry->nmodules);
    for (i = 0; i < registry->nmodules; i++) {
        int index = name_index(registry->modules[i]->name);
        int says = index >= 0 && conf->modules ? conf->modules[index]
                                               : SAYS_NOTHING;

        enabled[i] = (says ? says : conf->all) != SAYS_OFF;
    }
    return enabled;
}

int iisr_takes_part(request_rec *r)
{
    const iisr_registry_t *registry = iisr_loader_registry();
    const unsigned char *enabled = iisr_enabled_modules(r);
    int i;

    for (i = 0; i < registry->nmodules; i++) {
        if (!enabled || enabled[i]) {
            return 1;
        }
    }
    return 0;
}

const apr_array_header_t *iisr_config_applications(server_rec *s)
{
    const server_config_t *conf = ap_get_module_config(s->module_config,
                                                       &iisresp_module);

    return conf->applications;
}

/* A virtual host that says nothing of ours has shared the main server's. */
void iisr_config_set_site(server_rec *s, const struct iisr_site_t *site)
{
    server_config_t *own = apr_pmemdup(s->process->pconf,
        ap_get_module_config(s->module_config, &iisresp_module), sizeof(*own));

    own->site = site;
    ap_set_module_config(s->module_config, &iisresp_module, own);
}

const struct iisr_site_t *iisr_config_site(const server_rec *s)
{
    const server_config_t *conf = ap_get_module_config(s->module_config,
                                                       &iisresp_module);

    return conf->site;
}

apr_size_t iisr_fragment_bytes(void)
{
    return (apr_size_t)reading.fragments;
}

apr_interval_time_t iisr_shutdown_time_limit(void)
{
    return reading.shutdown;
}

const char *iisr_config_check(apr_pool_t *p)
{
    int i;

    for (i = 0; i < reading.n; i++) {
        if (!iisr_loader_has(reading.names[i].name)) {
            return apr_psprintf(p, "IISModules: no module of the name %s is "
                                "loaded (%s); load it with IISModule",
                                reading.names[i].name,
                                reading.names[i].where);
        }
    }
    return NULL;
}

/* --- directives --------------------------------------------------------- */

static const char *cmd_module(cmd_parms *cmd, void *dummy, const char *name,
                              const char *path, const char *optional)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)dummy;
    if (!error && optional && strcasecmp(optional, "optional")) {
        error = apr_psprintf(cmd->pool, "IISModule %s: '%s' is not "
                             "\"optional\"", name, optional);
    }
    return error ? error
                 : iisr_loader_load(cmd, name, path, optional != NULL);
}

static const char *note_name(cmd_parms *cmd, const char *name, int *index)
{
    if ((*index = name_index(name)) >= 0) {
        return NULL;
    }
    if (reading.n == MODULES_MAX) {
        return apr_psprintf(cmd->pool, "IISModules: more than %d names",
                            MODULES_MAX);
    }
    *index = reading.n++;
    reading.names[*index].name = apr_pstrdup(reading.pool, name);
    reading.names[*index].where = cmd->directive
        ? apr_psprintf(reading.pool, "%s:%d", cmd->directive->filename,
                       cmd->directive->line_num) : "?";
    return NULL;
}

static const char *cmd_modules(cmd_parms *cmd, void *dir, const char *arg)
{
    dir_config_t *conf = dir;
    const char *error;
    int index;

    if (!strcasecmp(arg, "all") || !strcasecmp(arg, "none")) {
        conf->all = strcasecmp(arg, "all") ? SAYS_OFF : SAYS_ON;
        conf->modules = NULL;
        return NULL;
    }
    if ((*arg != '+' && *arg != '-') || !arg[1]) {
        return apr_psprintf(cmd->pool, "IISModules: '%s' is none of +name, "
                            "-name, all, none", arg);
    }
    if ((error = note_name(cmd, arg + 1, &index))) {
        return error;
    }
    if (!conf->modules) {
        conf->modules = apr_pcalloc(cmd->pool, MODULES_MAX);
    }
    conf->modules[index] = *arg == '+' ? SAYS_ON : SAYS_OFF;
    return NULL;
}

static const char *number(cmd_parms *cmd, const char *arg, apr_int64_t max,
                          apr_int64_t *result)
{
    char *end;

    *result = apr_strtoi64(arg, &end, 10);
    if (end == arg || *end || *result < 0 || *result > max) {
        return apr_psprintf(cmd->pool, "%s: '%s' is not a number from 0 to %"
                            APR_INT64_T_FMT, cmd->cmd->name, arg, max);
    }
    return NULL;
}

static const char *cmd_buffer_limit(cmd_parms *cmd, void *dir,
                                    const char *arg)
{
    return number(cmd, arg, 0x7fffffff,
                  &((dir_config_t *)dir)->buffer_limit);
}

static const char *cmd_flush_timeout(cmd_parms *cmd, void *dir,
                                     const char *arg)
{
    apr_int64_t seconds;
    const char *error = number(cmd, arg, 86400 * 365, &seconds);

    if (!error && !seconds) {
        error = "IISFlushTimeout: must be at least 1 second";
    }
    ((dir_config_t *)dir)->flush_timeout = apr_time_from_sec(seconds);
    return error;
}

static const char *cmd_inline_completion(cmd_parms *cmd, void *dir, int on)
{
    (void)cmd;
    ((dir_config_t *)dir)->inline_completion = on;
    return NULL;
}

static const char *cmd_pending_warning(cmd_parms *cmd, void *dir,
                                       const char *arg)
{
    apr_int64_t seconds = 0;
    const char *error = number(cmd, arg, 86400 * 365, &seconds);

    ((dir_config_t *)dir)->pending_warning = apr_time_from_sec(seconds);
    return error;
}

static const char *cmd_shutdown_limit(cmd_parms *cmd, void *dummy,
                                      const char *arg)
{
    apr_int64_t seconds = 0;
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)dummy;
    if (!error) {
        error = number(cmd, arg, 86400 * 365, &seconds);
    }
    reading.shutdown = apr_time_from_sec(seconds);
    return error;
}

static const char *cmd_application(cmd_parms *cmd, void *dummy,
                                   const char *path, const char *physical)
{
    server_config_t *conf = ap_get_module_config(cmd->server->module_config,
                                                 &iisresp_module);
    apr_size_t length = strlen(path);
    iisr_application_conf_t *application;
    int i;

    (void)dummy;
    if (*path != '/' || length < 2 || path[length - 1] == '/') {
        return apr_psprintf(cmd->pool, "IISApplication: '%s' is no path of "
                            "the form /name", path);
    }
    if (!conf->applications) {
        conf->applications = apr_array_make(cmd->pool, 4,
                                            sizeof(*application));
    }
    for (i = 0; i < conf->applications->nelts; i++) {
        application = &APR_ARRAY_IDX(conf->applications, i,
                                     iisr_application_conf_t);
        if (!strcasecmp(application->path, path)) {
            return apr_psprintf(cmd->pool, "IISApplication: there is one of "
                                "the path %s already", path);
        }
    }
    application = apr_array_push(conf->applications);
    application->path = apr_pstrdup(cmd->pool, path);
    application->physical = physical
        ? ap_server_root_relative(cmd->pool, physical) : NULL;
    return NULL;
}

static const char *cmd_fragment_cache_size(cmd_parms *cmd, void *dummy,
                                           const char *arg)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)dummy;
    return error ? error : number(cmd, arg, APR_INT32_MAX,
                                  &reading.fragments);
}

static const char *cmd_config(cmd_parms *cmd, void *dummy, const char *path)
{
    (void)dummy;
    return iisr_apphost_add_file(cmd, path);
}

static const char *cmd_config_schema(cmd_parms *cmd, void *dummy,
                                     const char *path)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)dummy;
    return error ? error : iisr_apphost_add_schema(cmd, path);
}

const command_rec iisr_commands[] = {
    AP_INIT_TAKE23("IISModule", cmd_module, NULL, RSRC_CONF,
                   "a name and the path of a native IIS module's .so, and "
                   "optional where requests may do without it"),
    AP_INIT_ITERATE("IISModules", cmd_modules, NULL, RSRC_CONF | ACCESS_CONF,
                    "which modules take part here: +name, -name, all, none"),
    AP_INIT_TAKE1("IISResponseBufferLimit", cmd_buffer_limit, NULL,
                  RSRC_CONF | ACCESS_CONF,
                  "bytes of a response that are buffered before a flush"),
    AP_INIT_TAKE1("IISFlushTimeout", cmd_flush_timeout, NULL,
                  RSRC_CONF | ACCESS_CONF,
                  "seconds that a client may take nothing of a flush"),
    AP_INIT_FLAG("IISInlineCompletion", cmd_inline_completion, NULL,
                 RSRC_CONF | ACCESS_CONF,
                 "whether an asynchronous call that finished at once may say "
                 "so instead of completing later"),
    AP_INIT_TAKE1("IISPendingWarning", cmd_pending_warning, NULL,
                  RSRC_CONF | ACCESS_CONF,
                  "seconds of silence of a module that is waited for, after "
                  "which that is logged; 0: never"),
    AP_INIT_TAKE1("IISShutdownTimeLimit", cmd_shutdown_limit, NULL, RSRC_CONF,
                  "seconds that a stopping child waits for parked requests"),
    AP_INIT_TAKE12("IISApplication", cmd_application, NULL, RSRC_CONF,
                   "the path of an IIS application of this site, and its "
                   "root folder"),
    AP_INIT_TAKE1("IISFragmentCacheSize", cmd_fragment_cache_size, NULL,
                  RSRC_CONF, "bytes of a child's cache of fragments"),
    AP_INIT_TAKE1("IISConfig", cmd_config, NULL, RSRC_CONF,
                  "an applicationHost.config, or in a virtual host a "
                  "web.config, that modules read"),
    AP_INIT_ITERATE("IISConfigSchema", cmd_config_schema, NULL, RSRC_CONF,
                    "IIS schema files with the types and defaults of "
                    "sections"),
    { NULL, { NULL }, NULL, 0, 0, NULL }
};
