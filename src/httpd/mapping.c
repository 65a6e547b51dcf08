/* mapping.c: where a URL leads: the seam's questions about files, handlers
 * and paths.  What httpd has not mapped yet is found out with a subrequest
 * that is looked up and never run.  The request's own thread.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include "httpd/handlers.h"
#include "httpd/mapping.h"

/* --- paths -------------------------------------------------------------- */

/* A name that no folder has: with it at the end, mod_dir finds no index. */
#define NO_NAME "iisr~"

const char *iisr_map_path(iisr_host_request_t *hr, const char *url,
                          apr_pool_t *pool)
{
    apr_size_t length = strlen(url);
    int folder = length && url[length - 1] == '/';
    const char *path = NULL;
    request_rec *rr;

    /* "\": see climbs() in hooks.c; it may stand where no module takes
     * part. */
    if (hr->ctx->pipeline.no_io || strchr(url, '\\')) {
        return NULL;
    }
    url = ap_escape_uri(pool, folder ? apr_pstrcat(pool, url, NO_NAME, NULL)
                                     : url);
    hr->looking = 1;
    rr = ap_sub_req_lookup_uri(url, hr->r, NULL);
    hr->looking = 0;
    if (rr->filename && strncmp(rr->filename, "proxy:", 6)) {
        path = apr_pstrcat(pool, rr->filename, rr->path_info, NULL);
        length = strlen(path);
        if (folder && length > sizeof(NO_NAME) - 1) {
            path = apr_pstrmemdup(pool, path,
                                  length - (sizeof(NO_NAME) - 1));
        }
    }
    ap_destroy_sub_req(rr);
    return path;
}

int iisr_map_file(iisr_host_request_t *hr, const char **path,
                  const char **etag, apr_pool_t *pool)
{
    request_rec *r = hr->r;

    if (!r->filename || (r->finfo.filetype != APR_REG
                         && r->finfo.filetype != APR_DIR)) {
        return 0;
    }
    *path = apr_pstrdup(pool, r->filename);
    *etag = apr_pstrdup(pool, ap_make_etag(r, 0));
    return 1;
}

/* --- handlers ----------------------------------------------------------- */

/* What modules compare with: the names in IIS's own configuration. */
static const struct {
    const char *httpd, *name, *modules;
    unsigned int access, resource;
} handlers[] = {
    { "default-handler", "StaticFile",
      "StaticFileModule,DefaultDocumentModule,DirectoryListingModule", 1, 2 },
    { DIR_MAGIC_TYPE, "StaticFile",
      "StaticFileModule,DefaultDocumentModule,DirectoryListingModule", 1, 2 },
    { "cgi-script", "CGI-exe", "CgiModule", 4, 0 },
    { "fcgid-script", "FastCGI", "FastCgiModule", 3, 0 }
};

static const char *processor_of(const request_rec *r, const char *handler,
                                apr_pool_t *pool)
{
    if (!strncmp(handler, "proxy:", 6)) {
        return apr_pstrdup(pool, handler + 6);
    }
    if (r->filename && !strncmp(r->filename, "proxy:", 6)) {
        return apr_pstrdup(pool, r->filename + 6);
    }
    return "";
}

/* Without a handler of its own, ap_invoke_handler makes the content type one;
 * some are handlers by that name. */
static const char *handler_of(const request_rec *r)
{
    const char *name = r->handler;
    apr_size_t length = name ? strlen(name) : 0;

    if (!length || (r->content_type
                    && strncmp(name, "application/x-httpd-", 20)
                    && !strncmp(r->content_type, name, length)
                    && strchr("; ", r->content_type[length]))) {
        return "default-handler";
    }
    return name;
}

static void describe(request_rec *r, iisr_handler_t *handler,
                     apr_pool_t *pool)
{
    const char *name = handler_of(r);
    unsigned int i;

    memset(handler, 0, sizeof(*handler));
    handler->name = handler->modules = apr_pstrdup(pool, name);
    handler->verbs = "*";
    if (iisr_handlers_is_ours(name)) {
        iisr_handlers_describe(r, name, &handler->modules, &handler->verbs,
                               pool);
    }
    handler->access = 3;
    handler->resource = 3;
    for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (!strcmp(handlers[i].httpd, name)) {
            handler->name = handlers[i].name;
            handler->modules = handlers[i].modules;
            handler->access = handlers[i].access;
            handler->resource = handlers[i].resource;
        }
    }
    handler->path = "*";
    handler->wildcard = 1;
    handler->processor = processor_of(r, name, pool);
    handler->path_info = r->used_path_info != AP_REQ_REJECT_PATH_INFO;
}

int iisr_map_handler(iisr_host_request_t *hr, const char *verb,
                     const char *url, iisr_handler_t *handler,
                     apr_pool_t *pool)
{
    request_rec *rr;
    int known;

    if (!url) {
        /* Also before anything is mapped: "IMapHandlerProvider::SetScriptMap
         * Method" looks at it in OnBeginRequest.  The default stands then. */
        describe(hr->r, handler, pool);
        return 1;
    }
    if (hr->ctx->pipeline.no_io) {
        return 0;
    }
    hr->looking = 1;
    rr = ap_sub_req_method_uri(verb, ap_escape_uri(pool, url), hr->r, NULL);
    hr->looking = 0;
    known = rr->filename != NULL || rr->handler != NULL;
    if (known) {
        describe(rr, handler, pool);
    }
    ap_destroy_sub_req(rr);
    return known;
}
