/* context_objects.c: the objects that a request shares with others of the
 * same URL, file or handler, as IHttpContext hands them out.  See context.c.
 */
#include <string.h>
#include <apr_strings.h>
#include "context_parts.h"
#include "server.h"
#include "core/wide.h"

static iisr_server_t *server_of(iisr_context_t *ctx)
{
    return iisr_server_of(ctx->around.server);
}

/* --- the URL ------------------------------------------------------------ */

/* Of the URL as it is now: SetUrl makes it another. */
IHttpUrlInfo *context_GetUrlInfo(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    IHttpSite *site = ctx->around.site;
    iisr_context_objects_t *objects;
    IHttpUrlInfo *old = NULL;
    const char *path;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    path = iisr_request_facts(ctx)->path;
    if (!objects->url_info || strcmp(objects->url_info_path, path)) {
        old = objects->url_info;
        objects->url_info_path = apr_pstrdup(ctx->pool, path);
        objects->url_info = iisr_urls_get(server_of(ctx)->urls,
            apr_psprintf(iisr_context_scratch(ctx), "%u%s",
                         site ? site->lpVtbl->GetSiteId(site) : 0, path));
    }
    iisr_leave(ctx);
    if (old) {
        iisr_shelf_release(old);
    }
    return objects->url_info;
}

static const char *own_variable(iisr_context_t *ctx, const char *name)
{
    const iisr_variable_t *variable = iisr_context_variable(ctx, name, 1);

    return variable ? variable->value : "";
}

/* MACHINE/WEBROOT/APPHOST/<site>/<path>. */
static const char *config_path(iisr_context_t *ctx, const char *path,
                               apr_pool_t *pool)
{
    IHttpSite *site = ctx->around.site;

    return apr_pstrcat(pool, "MACHINE/WEBROOT/APPHOST", site ? "/" : "",
                       site ? iisr_narrow(pool,
                                          site->lpVtbl->GetSiteName(site),
                                          NULL) : "", path, NULL);
}

/* Of the URL as it is now, like GetUrlInfo. */
IMetadataInfo *context_GetMetadata(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;
    IReferencedMetadataInfo *old = NULL;
    const char *path;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    path = iisr_request_facts(ctx)->path;
    if (!objects->metadata || strcmp(objects->metadata_path, path)) {
        const char *root = own_variable(ctx, "DOCUMENT_ROOT");
        apr_pool_t *scratch = iisr_context_scratch(ctx);

        old = objects->metadata;
        objects->metadata_path = apr_pstrdup(ctx->pool, path);
        objects->metadata = iisr_metadata_get(server_of(ctx)->metadata,
                                              scratch,
                                              config_path(ctx, path, scratch),
                                              root);
    }
    iisr_leave(ctx);
    if (old) {
        iisr_shelf_release(old);
    }
    return (IMetadataInfo *)(void *)objects->metadata;
}

static void trace_line(void *baton, const char *line)
{
    iisr_context_t *ctx = baton;

    iisr_enter(ctx);
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_TRACE, NULL, "trace: %s", line);
    }
    iisr_leave(ctx);
}

IHttpTraceContext *context_GetTraceContext(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    if (!objects->trace) {
        objects->trace = iisr_trace_create(ctx->pool,
                                           server_of(ctx)->trace_hub, ctx,
                                           trace_line, ctx);
    }
    iisr_leave(ctx);
    return objects->trace;
}

/* --- the file ----------------------------------------------------------- */

typedef struct file_question_t {
    apr_pool_t *pool;
    iisr_file_facts_t facts;
    int known;
} file_question_t;

static void ask_file(iisr_context_t *ctx, void *baton)
{
    file_question_t *question = baton;
    const char *path = NULL, *etag = NULL;

    if (ctx->req && ctx->host->file
        && ctx->host->file(ctx->req, &path, &etag, question->pool)
        && iisr_file_look(&question->facts, path) == APR_SUCCESS) {
        question->facts.etag = etag;
        question->known = 1;
    }
}

/* Lock held.  The newest is kept while it is true. */
static IHttpFileInfo *current_file(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);
    file_question_t question = { iisr_context_scratch(ctx), { 0 }, 0 };
    iisr_file_of_t *newest = objects->files;

    iisr_context_ask(ctx, ask_file, &question);
    if (!question.known) {
        /* Once closed, the host does not know any more. */
        return !ctx->req && newest ? newest->file : NULL;
    }
    if (newest && iisr_file_info_is(newest->file, &question.facts)) {
        return newest->file;
    }
    newest = apr_palloc(ctx->pool, sizeof(*newest));
    newest->file = iisr_files_get(server_of(ctx)->files, &question.facts);
    if (!newest->file) {
        return NULL;
    }
    newest->next = objects->files;
    objects->files = newest;
    return newest->file;
}

/* NULL before the request is mapped, and for what is no file.  The request
 * keeps it. */
IHttpFileInfo *context_GetFileInfo(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    IHttpFileInfo *file;

    iisr_enter(ctx);
    file = current_file(ctx);
    iisr_leave(ctx);
    return file;
}

/* --- the handler -------------------------------------------------------- */

typedef struct handler_question_t {
    const char *verb, *url;             /* NULL: of this request */
    apr_pool_t *pool;
    iisr_handler_t handler;
    int known;
} handler_question_t;

static void ask_handler(iisr_context_t *ctx, void *baton)
{
    handler_question_t *question = baton;

    if (ctx->req && ctx->host->handler) {
        question->known = ctx->host->handler(ctx->req, question->verb,
                                             question->url,
                                             &question->handler,
                                             question->pool);
    }
}

/* What MapRequestHandler chose counts; otherwise what httpd maps to. */
IScriptMapInfo *context_GetScriptMap(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;
    IScriptMapInfo *map;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    if (!objects->script_map_chosen) {
        handler_question_t question = { .pool = iisr_context_scratch(ctx) };

        iisr_context_ask(ctx, ask_handler, &question);
        if (question.known && (!objects->script_map
            || strcmp(objects->script_map_handler, question.handler.name))) {
            objects->script_map_handler = apr_pstrdup(ctx->pool,
                                                      question.handler.name);
            objects->script_map = iisr_script_map_create(ctx->pool,
                &question.handler, ctx->settings.buffer_limit);
        }
    }
    map = objects->script_map;
    iisr_leave(ctx);
    return map;
}

void iisr_context_choose_script_map(iisr_context_t *ctx, IScriptMapInfo *map)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);

    objects->script_map = map;
    objects->script_map_chosen = map != NULL;
}

/* Zero or no name: the site of the request. */
static int is_here(iisr_context_t *ctx, DWORD id, PCWSTR name)
{
    IHttpSite *site = ctx->around.site;

    return (!id || (site && site->lpVtbl->GetSiteId(site) == id))
           && (!name || !*name
               || (site && !wcscmp(site->lpVtbl->GetSiteName(site), name)));
}

/* The handler of another URL of this site.  A wildcard mapping that the
 * caller does not want: S_OK and NULL. */
HRESULT context_MapHandler(IHttpContext *This, DWORD dwSiteId,
                           PCWSTR pszSiteName, PCWSTR pszUrl, PCSTR pszVerb,
                           IScriptMapInfo **ppScriptMap,
                           BOOL fIgnoreWildcardMappings)
{
    iisr_context_t *ctx = context_of(This);
    handler_question_t question = { 0 };
    HRESULT hr = S_OK;

    if (!ppScriptMap) {
        return BAD_PARAMETER;
    }
    *ppScriptMap = NULL;
    if (!pszUrl || *pszUrl != '/' || !pszVerb || !*pszVerb) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    question.pool = ctx->pool;
    question.verb = pszVerb;
    question.url = iisr_narrow(ctx->pool, pszUrl, NULL);
    if (is_here(ctx, dwSiteId, pszSiteName)) {
        iisr_context_ask(ctx, ask_handler, &question);
    }
    if (!question.known) {
        hr = iisr_context_refuse(ctx, "IISR0211",
                                 HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND),
                                 "MapHandler", "another site, or a URL that "
                                 "is mapped to nothing");
    }
    else if (!fIgnoreWildcardMappings || !question.handler.wildcard) {
        *ppScriptMap = iisr_script_map_create(ctx->pool, &question.handler,
                                              ctx->settings.buffer_limit);
    }
    iisr_leave(ctx);
    return hr;
}
