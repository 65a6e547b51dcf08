/* handlers.c: the handler mapping; see handlers.h.
 *
 * IIS raises RQ_EXECUTE_REQUEST_HANDLER "when it executes the appropriate
 * handler for the current request" (page: "CHttpModule::
 * OnExecuteRequestHandler Method"), and its <handlers modules="..."> says
 * which modules that are.  Here the name of httpd's handler says so.
 */
#include <httpd.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <util_cfgtree.h>
#include "core/turns.h"
#include "httpd/config.h"
#include "httpd/handlers.h"
#include "httpd/loader.h"

APLOG_USE_MODULE(iisresp);

#define PREFIX "iis"
#define PREFIX_LENGTH (sizeof(PREFIX) - 1)

/* One part of a mapping; not terminated. */
typedef struct part_t {
    const char *name;                   /* NULL: all modules */
    apr_size_t length;
    const char *verbs;                  /* NULL: all verbs */
    apr_size_t verbs_length;
} part_t;

int iisr_handlers_is_ours(const char *handler)
{
    return handler && !strncasecmp(handler, PREFIX, PREFIX_LENGTH)
           && (!handler[PREFIX_LENGTH] || strchr(":[", handler[PREFIX_LENGTH]));
}

/* --- reading ------------------------------------------------------------ */

/* "[GET,POST]", or nothing.  Where the text goes on; NULL: it is none. */
static const char *take_verbs(const char *text, part_t *part)
{
    const char *end;

    if (*text != '[') {
        return text;
    }
    end = strchr(text, ']');
    if (!end || end == text + 1) {
        return NULL;
    }
    part->verbs = text + 1;
    part->verbs_length = (apr_size_t)(end - text - 1);
    return end + 1;
}

static const char *take_name(const char *text, part_t *part)
{
    part->length = strcspn(text, ",[]");
    part->name = text;
    return part->length ? take_verbs(text + part->length, part) : NULL;
}

/* The next part of a mapping, at first the whole of it.  NULL: there is no
 * more, or *bad: it is malformed. */
static const char *take_part(const char *text, part_t *part, int *bad)
{
    *bad = 0;
    memset(part, 0, sizeof(*part));
    if (!*text) {
        return NULL;
    }
    if (*text == ',' || *text == ':') {
        text = take_name(text + 1, part);
    }
    else {
        text = take_verbs(text, part);
    }
    *bad = !text || (*text && (*text != ',' || !part->name));
    return *bad ? NULL : text;
}

static int has_verb(const part_t *part, const char *method)
{
    apr_size_t length = strlen(method), n;
    const char *at, *end = part->verbs + part->verbs_length;

    if (!part->verbs) {
        return 1;
    }
    for (at = part->verbs; at < end; at += n + 1) {
        const char *comma = memchr(at, ',', (apr_size_t)(end - at));

        n = (apr_size_t)((comma ? comma : end) - at);
        if ((n == length && !strncasecmp(at, method, n))
            || (n == 1 && *at == '*')) {
            return 1;
        }
    }
    return 0;
}

static iisr_module_t *module_of(const part_t *part)
{
    iisr_registry_t *registry = iisr_loader_registry();
    int i;

    for (i = 0; i < registry->nmodules; i++) {
        const char *name = registry->modules[i]->name;

        if (strlen(name) == part->length
            && !strncasecmp(name, part->name, part->length)) {
            return registry->modules[i];
        }
    }
    return NULL;
}

static void join(const char **list, const char *text, apr_size_t length,
                 apr_pool_t *pool)
{
    *list = apr_pstrcat(pool, *list ? *list : "", *list ? "," : "",
                        apr_pstrmemdup(pool, text, length), NULL);
}

/* In capitals: httpd makes the names of handlers small. */
static void join_verbs(const char **list, const part_t *part,
                       apr_pool_t *pool)
{
    char *verbs = apr_pstrmemdup(pool, part->verbs, part->verbs_length), *at;

    for (at = verbs; *at; at++) {
        *at = apr_toupper(*at);
    }
    join(list, verbs, part->verbs_length, pool);
}

/* --- choosing ----------------------------------------------------------- */

/* IIS's 500.21: "has a bad module in its module list". */
static int refuse(iisr_host_request_t *hr, const char *reason)
{
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, hr->r, "IISR0305: the handler "
                  "\"%s\" %s: answered with 500", hr->r->handler, reason);
    iisr_turns_map(hr->ctx, NULL, 0);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static int refuse_part(iisr_host_request_t *hr, const part_t *part,
                       const char *reason)
{
    return refuse(hr, apr_psprintf(hr->r->pool, "names %.*s, %s",
                                   (int)part->length, part->name, reason));
}

/* What is left of the mapping once the verb has been looked at. */
typedef struct choice_t {
    apr_array_header_t *modules;        /* iisr_module_t * */
    const char *allow;                  /* verbs of the parts left out */
    int all;                            /* those that take part */
    int parts;                          /* that answer the verb */
} choice_t;

static int add_part(iisr_host_request_t *hr, const part_t *part,
                    choice_t *choice)
{
    iisr_module_t *module;

    if (!has_verb(part, hr->r->method)) {
        join_verbs(&choice->allow, part, hr->r->pool);
        return 0;
    }
    choice->parts++;
    if (!part->name) {
        choice->all = 1;
        return 0;
    }
    if (!(module = module_of(part))) {
        return refuse_part(hr, part, "which no IISModule loads");
    }
    if (hr->ctx->enabled && !hr->ctx->enabled[module->index]) {
        return refuse_part(hr, part, "which takes no part here (IISModules)");
    }
    if (!module->factory) {
        return refuse_part(hr, part, "which handles no requests");
    }
    APR_ARRAY_PUSH(choice->modules, iisr_module_t *) = module;
    return 0;
}

static int read_mapping(iisr_host_request_t *hr, choice_t *choice)
{
    const char *text = hr->r->handler + PREFIX_LENGTH;
    part_t part;
    int bad, status;

    choice->modules = apr_array_make(hr->r->pool, 2, sizeof(iisr_module_t *));
    /* "iis" has one part and no text. */
    if (!*text) {
        choice->all = choice->parts = 1;
        return 0;
    }
    while ((text = take_part(text, &part, &bad))) {
        if ((status = add_part(hr, &part, choice))) {
            return status;
        }
    }
    return bad ? refuse(hr, "is malformed") : 0;
}

void iisr_handlers_foresee(iisr_host_request_t *hr)
{
    if (hr->ctx->script_map_set) {
        return;
    }
    if (iisr_handlers_is_ours(hr->r->handler)) {
        iisr_turns_map_all(hr->ctx);
    }
    else {
        iisr_turns_map(hr->ctx, NULL, 0);
    }
}

int iisr_handlers_choose(iisr_host_request_t *hr, const char **allow)
{
    iisr_context_t *ctx = hr->ctx;
    choice_t choice = { 0 };
    int status;

    *allow = NULL;
    iisr_handlers_foresee(hr);
    if (ctx->handlers) {
        return 0;
    }
    if ((status = read_mapping(hr, &choice)) || choice.all) {
        return status;
    }
    iisr_turns_map(ctx, (iisr_module_t **)choice.modules->elts,
                      choice.modules->nelts);
    /* What may be asked of a URL httpd's default handler knows. */
    if (choice.parts || !strcmp(hr->r->method, "OPTIONS")) {
        return 0;
    }
    *allow = choice.allow;
    return HTTP_METHOD_NOT_ALLOWED;
}

/* --- telling ------------------------------------------------------------ */

/* Those that may answer here, by name. */
static const char *modules_here(request_rec *r, apr_pool_t *pool)
{
    const iisr_registry_t *registry = iisr_loader_registry();
    const unsigned char *enabled = iisr_enabled_modules(r);
    const char *names = NULL;
    int i;

    for (i = 0; i < registry->norder[0][IISR_EV_EXECUTE]; i++) {
        const iisr_module_t *m = registry->order[0][IISR_EV_EXECUTE][i];

        if (!enabled || enabled[m->index]) {
            join(&names, m->name, strlen(m->name), pool);
        }
    }
    return names ? names : "";
}

void iisr_handlers_describe(request_rec *r, const char *handler,
                            const char **modules, const char **verbs,
                            apr_pool_t *pool)
{
    const char *text = handler + PREFIX_LENGTH;
    const iisr_module_t *module;
    part_t part;
    int bad, all = !*text;

    *modules = *verbs = NULL;
    while ((text = take_part(text, &part, &bad))) {
        if (!part.verbs) {
            all = 1;
        }
        else {
            join_verbs(verbs, &part, pool);
        }
        if (part.name) {
            module = module_of(&part);
            join(modules, module ? module->name : part.name, part.length,
                 pool);
        }
    }
    if (!*modules) {
        *modules = modules_here(r, pool);
    }
    if (all || !*verbs) {
        *verbs = "*";
    }
}

/* --- at configuration time ---------------------------------------------- */

static const char *check_mapping(const char *handler, apr_pool_t *p)
{
    const char *text = handler + PREFIX_LENGTH, *name;
    part_t part;
    int bad = 0;

    while ((text = take_part(text, &part, &bad))) {
        name = part.name ? apr_pstrmemdup(p, part.name, part.length) : NULL;
        if (name && !iisr_loader_has(name)) {
            return apr_psprintf(p, "names %s, which no IISModule loads",
                                name);
        }
    }
    return bad ? "is none of iis, iis:name, iis:name,name, each with [verbs] "
                 "or without" : NULL;
}

static const char *check_directive(const ap_directive_t *directive,
                                   apr_pool_t *p)
{
    const char *args = directive->args, *handler, *reason;

    if (strcasecmp(directive->directive, "SetHandler")
        && strcasecmp(directive->directive, "AddHandler")) {
        return NULL;
    }
    handler = ap_getword_conf(p, &args);
    /* What an expression comes to is known to requests. */
    if (!iisr_handlers_is_ours(handler) || strchr(handler, '%')
        || !(reason = check_mapping(handler, p))) {
        return NULL;
    }
    return apr_psprintf(p, "%s: the handler \"%s\" %s (%s:%d)",
                        directive->directive, handler, reason,
                        directive->filename, directive->line_num);
}

static const char *check_tree(const ap_directive_t *directive, apr_pool_t *p)
{
    const char *error = NULL;

    for (; directive && !error; directive = directive->next) {
        error = check_directive(directive, p);
        if (!error && directive->first_child) {
            error = check_tree(directive->first_child, p);
        }
    }
    return error;
}

const char *iisr_handlers_check(apr_pool_t *p)
{
    return check_tree(ap_conftree, p);
}
