/* provider.c: IHttpEventProvider and its kin, what a notification gets
 * beside the context.  Part of the request; every method takes its lock.
 */
#include <string.h>
#include <apr_strings.h>
#include "objects.h"
#include "vtable.h"
#include "core/log_data.h"
#include "core/turns.h"
#include "core/wide.h"

static iisr_provider_t *provider_of(void *iface)
{
    return iface;
}

/* IIS: records why, does not change the flow of the request.  What the
 * module has not ended by then is not whole. */
static void set_error(iisr_context_t *ctx, HRESULT hrError)
{
    iisr_response_t *res = &ctx->response;

    iisr_enter(ctx);
    res->error = hrError;
    res->failed_late = FAILED(hrError) && res->committed && !res->ended;
    iisr_leave(ctx);
}

static void provider_SetErrorStatus(IHttpEventProvider *This, HRESULT hrError)
{
    set_error(provider_of(This)->ctx, hrError);
}

/* --- ISendResponseProvider ---------------------------------------------- */

static BOOL send_GetHeadersBeingSent(ISendResponseProvider *This)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    BOOL sent;

    iisr_enter(ctx);
    sent = !ctx->response.committed && !ctx->response.suppressed;
    iisr_leave(ctx);
    return sent;
}

static DWORD send_GetFlags(ISendResponseProvider *This)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    DWORD flags;

    iisr_enter(ctx);
    /* How much more there is shows when it is looked at. */
    iisr_response_load(&ctx->response, 0);
    flags = provider_of(This)->flags;
    if (ctx->response.more) {
        flags |= HTTP_SEND_RESPONSE_FLAG_MORE_DATA;
    }
    if (ctx->response.disconnect) {
        flags |= HTTP_SEND_RESPONSE_FLAG_DISCONNECT;
    }
    iisr_leave(ctx);
    return flags;
}

/* Only DISCONNECT has a meaning here; the others are kept, so that modules
 * read back what they wrote. */
static void send_SetFlags(ISendResponseProvider *This, DWORD dwFlags)
{
    iisr_context_t *ctx = provider_of(This)->ctx;

    iisr_enter(ctx);
    provider_of(This)->flags = dwFlags;
    if (dwFlags & HTTP_SEND_RESPONSE_FLAG_DISCONNECT) {
        ctx->response.disconnect = 1;
    }
    iisr_leave(ctx);
}

/* --- log data ----------------------------------------------------------- */

/* With the last bytes, as on IIS: what follows changes nothing in the log. */
static BOOL send_GetReadyToLogData(ISendResponseProvider *This)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    BOOL ready;

    iisr_enter(ctx);
    ready = ctx->req && !ctx->response.more;
    iisr_leave(ctx);
    return ready;
}

/* IIS: NULL when it is not ready, and for modules of a priority other than
 * PRIORITY_ALIAS_FIRST and PRIORITY_ALIAS_HIGH. */
static int may_log(iisr_context_t *ctx)
{
    const iisr_place_t *place = iisr_pipeline_current(ctx);
    const iisr_module_t *module = place ? place->module : NULL;

    return ctx->req && !ctx->response.more && module
           && module->priority[0][IISR_EV_SEND_RESPONSE]
              <= IISR_PRIORITY_HIGH;
}

static HTTP_LOG_DATA *send_GetLogData(ISendResponseProvider *This)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    HTTP_LOG_DATA *data = NULL;

    iisr_enter(ctx);
    if (may_log(ctx)) {
        data = &iisr_log_data(ctx)->fields.Base;
    }
    iisr_leave(ctx);
    return data;
}

/* Read when the notification returns: it may still be edited until then. */
static HRESULT send_SetLogData(ISendResponseProvider *This,
                               HTTP_LOG_DATA *pLogData)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    HRESULT hr = S_OK;

    if (!pLogData || pLogData->Type != HttpLogDataTypeFields) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    iisr_enter(ctx);
    if (!may_log(ctx)) {
        hr = HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    }
    else if (pLogData != &iisr_log_data(ctx)->fields.Base) {
        ctx->log->submitted = (HTTP_LOG_FIELDS_DATA *)(void *)pLogData;
    }
    iisr_leave(ctx);
    return hr;
}

/* --- IAuthenticationProvider -------------------------------------------- */

typedef struct identity_t {
    const char *name, *type;
} identity_t;

static void tell_host(iisr_context_t *ctx, void *baton)
{
    const identity_t *identity = baton;

    if (ctx->req) {
        ctx->host->set_user(ctx->req,
                            *identity->name ? identity->name : NULL,
                            identity->type);
    }
}

/* The request takes the caller's reference over; NULL: whoever comes next
 * authenticates.  Page: "IAuthenticationProvider::SetUser Method". */
static void auth_SetUser(IAuthenticationProvider *This, IHttpUser *pUser)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    PCWSTR name, type;
    identity_t identity;

    if (!pUser) {
        return;
    }
    name = pUser->lpVtbl->GetRemoteUserName(pUser);
    name = name && *name ? name : pUser->lpVtbl->GetUserName(pUser);
    type = pUser->lpVtbl->GetAuthenticationType(pUser);
    iisr_enter(ctx);
    identity.name = iisr_narrow(ctx->pool, name ? name : L"", NULL);
    identity.type = iisr_narrow(ctx->pool, type ? type : L"", NULL);
    iisr_context_on_worker(ctx, tell_host, &identity);
    iisr_context_keep_user(ctx, pUser, identity.name, identity.type);
    iisr_leave(ctx);
}

/* --- IMapHandlerProvider ------------------------------------------------ */

/* IIS: "This method is not supported". */
static HRESULT map_SetScriptName(IMapHandlerProvider *This,
                                 PCWSTR pszScriptName, DWORD cchScriptName)
{
    (void)This;
    (void)pszScriptName;
    (void)cchScriptName;
    return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
}

/* IIS: "This method is not supported". */
static void map_SetFileInfo(IMapHandlerProvider *This,
                            IHttpFileInfo *pFileInfo)
{
    (void)This;
    (void)pFileInfo;
}

/* Names of IIS for what httpd's default handler does. */
static int is_static_file(const char *name)
{
    return !strcmp(name, "StaticFileModule")
           || !strcmp(name, "DefaultDocumentModule")
           || !strcmp(name, "DirectoryListingModule");
}

static iisr_module_t *choose(iisr_context_t *ctx, const char *name)
{
    iisr_module_t *module = iisr_registry_find(ctx->registry, name);

    if (!module && ctx->req) {
        ctx->host->set_handler(ctx->req, is_static_file(name)
                                         ? "default-handler" : name);
    }
    return module;
}

/* The modules that a script map names are the handlers: of ours only they
 * are asked in ExecuteRequestHandler; a name that is none of ours is a
 * handler of the host. */
static void choose_all(iisr_context_t *ctx, void *baton)
{
    char *state = NULL, *name = apr_strtok(baton, ",; ", &state);
    apr_array_header_t *modules;
    iisr_module_t *module;

    iisr_turns_map_all(ctx);
    ctx->script_map_set = name && strcmp(name, "*");
    if (!ctx->script_map_set) {
        return;
    }
    modules = apr_array_make(ctx->pool, 4, sizeof(module));
    for (; name; name = apr_strtok(NULL, ",; ", &state)) {
        if ((module = choose(ctx, name))) {
            APR_ARRAY_PUSH(modules, iisr_module_t *) = module;
        }
    }
    iisr_turns_map(ctx, (iisr_module_t **)modules->elts, modules->nelts);
}

static void map_SetScriptMap(IMapHandlerProvider *This,
                             IScriptMapInfo *pScriptMap)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    PCWSTR names = NULL;

    if (pScriptMap) {
        names = pScriptMap->lpVtbl->GetModules(pScriptMap, NULL);
    }
    iisr_enter(ctx);
    iisr_context_choose_script_map(ctx, pScriptMap);
    iisr_context_on_worker(ctx, choose_all,
                           iisr_narrow(ctx->pool, names ? names : L"",
                                       NULL));
    iisr_leave(ctx);
}

/* --- IMapPathProvider --------------------------------------------------- */

typedef struct map_path_t {
    IMapPathProvider iface;             /* must be first */
    iisr_context_t *ctx;
    const WCHAR *url, *path;
    const char *changed;
} map_path_t;

static map_path_t *map_path_of(void *iface)
{
    return iface;
}

static void path_SetErrorStatus(IHttpEventProvider *This, HRESULT hrError)
{
    set_error(map_path_of(This)->ctx, hrError);
}

static PCWSTR path_GetUrl(IMapPathProvider *This)
{
    return map_path_of(This)->url;
}

static PCWSTR path_GetPhysicalPath(IMapPathProvider *This)
{
    return map_path_of(This)->path;
}

static HRESULT path_SetPhysicalPath(IMapPathProvider *This,
                                    PCWSTR pszPhysicalPath,
                                    DWORD cchPhysicalPath)
{
    map_path_t *map = map_path_of(This);
    char *at;

    if (!pszPhysicalPath || !cchPhysicalPath || cchPhysicalPath > 65535
        || (*pszPhysicalPath != L'/' && *pszPhysicalPath != L'\\')) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    iisr_enter(map->ctx);
    map->changed = at = iisr_narrow_n(map->ctx->pool, pszPhysicalPath,
                                      cchPhysicalPath, NULL);
    while ((at = strchr(at, '\\'))) {
        *at = '/';
    }
    map->path = iisr_widen(map->ctx->pool, map->changed, NULL);
    iisr_leave(map->ctx);
    return S_OK;
}

IISR_VTABLE(IMapPathProvider, path_vtbl) = {
    .base = { .SetErrorStatus = path_SetErrorStatus },
    .GetUrl = path_GetUrl,
    .GetPhysicalPath = path_GetPhysicalPath,
    .SetPhysicalPath = path_SetPhysicalPath
} IISR_VTABLE_END;

const char *iisr_provider_map_path(iisr_context_t *ctx, const char *url,
                                   const char *path)
{
    map_path_t map = { .ctx = ctx };

    if (!iisr_pipeline_wants(ctx, IISR_EV_MAP_PATH)) {
        return path;
    }
    map.iface.lpVtbl = IISR_VPTR(path_vtbl);
    map.url = iisr_widen(ctx->pool, url, NULL);
    map.path = iisr_widen(ctx->pool, path, NULL);
    iisr_pipeline_raise(ctx, IISR_EV_MAP_PATH,
                        (IHttpEventProvider *)(void *)&map);
    return map.changed ? map.changed : path;
}

/* --- IReadEntityProvider ------------------------------------------------ */

static void read_GetEntity(IReadEntityProvider *This, PVOID *ppBuffer,
                           DWORD *pcbData, DWORD *pcbBuffer)
{
    iisr_context_t *ctx = provider_of(This)->ctx;

    iisr_enter(ctx);
    if (ppBuffer) {
        *ppBuffer = ctx->request.entity;
    }
    if (pcbData) {
        *pcbData = ctx->request.entity_length;
    }
    if (pcbBuffer) {
        *pcbBuffer = ctx->request.entity_room;
    }
    iisr_leave(ctx);
}

/* Outside OnReadEntity there is no entity to replace. */
static void read_SetEntity(IReadEntityProvider *This, PVOID pBuffer,
                           DWORD cbData, DWORD cbBuffer)
{
    iisr_context_t *ctx = provider_of(This)->ctx;

    iisr_enter(ctx);
    if (!ctx->request.entity || (!pBuffer && cbData) || cbData > cbBuffer) {
        if (ctx->req) {
            ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0230",
                           "SetEntity refused: %u bytes in a buffer of %u at "
                           "%p", cbData, cbBuffer, pBuffer);
        }
    }
    else {
        ctx->request.entity = pBuffer ? pBuffer : ctx->request.entity;
        ctx->request.entity_length = cbData;
        ctx->request.entity_room = cbBuffer;
    }
    iisr_leave(ctx);
}

IISR_VTABLE(IHttpEventProvider, base_vtbl) = {
    .SetErrorStatus = provider_SetErrorStatus
} IISR_VTABLE_END;

IISR_VTABLE(ISendResponseProvider, send_vtbl) = {
    .base = { .SetErrorStatus = provider_SetErrorStatus },
    .GetHeadersBeingSent = send_GetHeadersBeingSent,
    .GetFlags = send_GetFlags,
    .SetFlags = send_SetFlags,
    .GetLogData = send_GetLogData,
    .SetLogData = send_SetLogData,
    .GetReadyToLogData = send_GetReadyToLogData
} IISR_VTABLE_END;

IISR_VTABLE(IReadEntityProvider, read_vtbl) = {
    .base = { .SetErrorStatus = provider_SetErrorStatus },
    .GetEntity = read_GetEntity,
    .SetEntity = read_SetEntity
} IISR_VTABLE_END;

IISR_VTABLE(IAuthenticationProvider, auth_vtbl) = {
    .base = { .SetErrorStatus = provider_SetErrorStatus },
    .SetUser = auth_SetUser
} IISR_VTABLE_END;

IISR_VTABLE(IMapHandlerProvider, map_vtbl) = {
    .base = { .SetErrorStatus = provider_SetErrorStatus },
    .SetScriptName = map_SetScriptName,
    .SetScriptMap = map_SetScriptMap,
    .SetFileInfo = map_SetFileInfo
} IISR_VTABLE_END;

/* Those with a fixed place share one object: one of them at a time. */
static iisr_provider_t *provider_in(iisr_context_t *ctx, iisr_event_e event)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);

    switch (event) {
    case IISR_EV_SEND_RESPONSE:
        objects->send_provider.iface.send.lpVtbl = IISR_VPTR(send_vtbl);
        objects->send_provider.flags =
            ctx->response.more ? HTTP_SEND_RESPONSE_FLAG_MORE_DATA : 0;
        return &objects->send_provider;
    case IISR_EV_READ_ENTITY:
        objects->read_provider.iface.read.lpVtbl = IISR_VPTR(read_vtbl);
        return &objects->read_provider;
    case IISR_EV_AUTHENTICATE:
        objects->provider.iface.auth.lpVtbl = IISR_VPTR(auth_vtbl);
        return &objects->provider;
    case IISR_EV_MAP_HANDLER:
        objects->provider.iface.map.lpVtbl = IISR_VPTR(map_vtbl);
        return &objects->provider;
    default:
        objects->provider.iface.base.lpVtbl = IISR_VPTR(base_vtbl);
        return &objects->provider;
    }
}

IHttpEventProvider *iisr_provider_for(iisr_context_t *ctx, iisr_event_e event)
{
    iisr_provider_t *provider = provider_in(ctx, event);

    provider->ctx = ctx;
    return &provider->iface.base;
}
