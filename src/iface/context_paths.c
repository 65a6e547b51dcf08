/* context_paths.c: IHttpContext's methods about paths.  See context.c. */
#include <string.h>
#include <apr_strings.h>
#include "context_parts.h"
#include "core/wide.h"

static PCWSTR path_of(void *iface, const char *name, DWORD *length)
{
    iisr_context_t *ctx = context_of(iface);
    const iisr_variable_t *v;
    PCWSTR path = L"";
    apr_size_t n = 0;

    iisr_enter(ctx);
    if ((v = iisr_context_variable(ctx, name, 1))) {
        path = v->wide;
        n = v->wide_length;
    }
    iisr_leave(ctx);
    if (length) {
        *length = (DWORD)n;
    }
    return path;
}

PCWSTR context_GetPhysicalPath(IHttpContext *This, DWORD *pcchPhysicalPath)
{
    return path_of(This, "PHYSICAL_PATH", pcchPhysicalPath);
}

PCWSTR context_GetScriptName(IHttpContext *This, DWORD *pcchScriptName)
{
    return path_of(This, "SCRIPT_NAME", pcchScriptName);
}

PCWSTR context_GetScriptTranslated(IHttpContext *This,
                                   DWORD *pcchScriptTranslated)
{
    return path_of(This, "SCRIPT_TRANSLATED", pcchScriptTranslated);
}

/* --- MapPath ------------------------------------------------------------ */

/* A path that climbs out of the root is no path. */
static int climbs(const char *path)
{
    const char *p = path;

    while ((p = strstr(p, ".."))) {
        if ((p == path || p[-1] == '/') && (!p[2] || p[2] == '/')) {
            return 1;
        }
        p += 2;
    }
    return 0;
}

typedef struct mapping_t {
    const char *url;
    apr_pool_t *pool;
    const char *path;
} mapping_t;

static void ask_host(iisr_context_t *ctx, void *baton)
{
    mapping_t *mapping = baton;

    if (ctx->req) {
        mapping->path = ctx->host->map_path(ctx->req, mapping->url,
                                            mapping->pool);
        if (mapping->path) {
            mapping->path = iisr_provider_map_path(ctx, mapping->url,
                                                   mapping->path);
        }
    }
}

/* Lock held, from pool.  NULL: unusable. */
static const char *map_path(iisr_context_t *ctx, apr_pool_t *pool, PCWSTR url)
{
    char *path = iisr_narrow(pool, url, NULL), *query = strchr(path, '?');
    mapping_t mapping = { NULL, pool, NULL };

    if (query) {
        *query = '\0';
    }
    if (climbs(path)) {
        return NULL;
    }
    mapping.url = *path == '/' ? path : apr_pstrcat(pool, "/", path, NULL);
    iisr_context_ask(ctx, ask_host, &mapping);
    return mapping.path;
}

static HRESULT hand_out(apr_pool_t *pool, const char *path, PWSTR buffer,
                        DWORD *bytes)
{
    DWORD room = *bytes;
    apr_size_t n;
    const WCHAR *wide = iisr_widen(pool, path, &n);

    n = (n + 1) * sizeof(WCHAR);
    *bytes = (DWORD)n;
    if (!buffer || room < n) {
        return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    }
    memcpy(buffer, wide, n);
    return S_OK;
}

/* *pcbPhysicalPath: bytes, the terminating NUL among them, in and out. */
HRESULT context_MapPath(IHttpContext *This, PCWSTR pszUrl,
                        PWSTR pszPhysicalPath, DWORD *pcbPhysicalPath)
{
    iisr_context_t *ctx = context_of(This);
    apr_pool_t *pool;
    const char *path;
    HRESULT hr;

    if (!pszUrl || !pcbPhysicalPath) {
        return BAD_PARAMETER;
    }
    /* Not the scratch pool: mapping may raise a notification. */
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    iisr_enter(ctx);
    if (!(path = map_path(ctx, pool, pszUrl))) {
        hr = iisr_context_refuse(ctx, "IISR0212", BAD_PARAMETER, "MapPath",
                                 "the URL leaves the document root, or "
                                 "stands for no file");
    }
    else {
        hr = hand_out(pool, path, pszPhysicalPath, pcbPhysicalPath);
    }
    iisr_leave(ctx);
    apr_pool_destroy(pool);
    return hr;
}
