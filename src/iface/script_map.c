/* script_map.c: IScriptMapInfo, the handler of a request in IIS's words.
 * Constant after creation; any thread.
 */
#include <apr_strings.h>
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct text_t {
    const WCHAR *text;
    apr_size_t length;
} text_t;

typedef struct script_map_t {
    IScriptMapInfo iface;               /* must be first */
    text_t name, path, modules, processor, type;
    const char *verbs;
    iisr_handler_t handler;             /* its numbers */
    DWORD buffer_limit;
} script_map_t;

static const script_map_t *map_of(IScriptMapInfo *iface)
{
    return (const script_map_t *)(const void *)iface;
}

static PCWSTR hand_out(const text_t *text, DWORD *length)
{
    if (length) {
        *length = (DWORD)text->length;
    }
    return text->text;
}

static PCWSTR map_GetPath(IScriptMapInfo *This)
{
    return map_of(This)->path.text;
}

static PCSTR map_GetAllowedVerbs(IScriptMapInfo *This)
{
    return map_of(This)->verbs;
}

static PCWSTR map_GetModules(IScriptMapInfo *This, DWORD *pcchModules)
{
    return hand_out(&map_of(This)->modules, pcchModules);
}

static PCWSTR map_GetScriptProcessor(IScriptMapInfo *This,
                                     DWORD *pcchScriptProcessor)
{
    return hand_out(&map_of(This)->processor, pcchScriptProcessor);
}

/* No managed code runs here. */
static PCWSTR map_GetManagedType(IScriptMapInfo *This, DWORD *pcchManagedType)
{
    return hand_out(&map_of(This)->type, pcchManagedType);
}

static BOOL map_GetAllowPathInfoForScriptMappings(IScriptMapInfo *This)
{
    return map_of(This)->handler.path_info;
}

static DWORD map_GetRequiredAccess(IScriptMapInfo *This)
{
    return map_of(This)->handler.access;
}

/* IIS's table, not its prose, which has them one higher. */
static DWORD map_GetResourceType(IScriptMapInfo *This)
{
    return map_of(This)->handler.resource;
}

static BOOL map_GetIsStarScriptMap(IScriptMapInfo *This)
{
    return map_of(This)->handler.wildcard;
}

static DWORD map_GetResponseBufferLimit(IScriptMapInfo *This)
{
    return map_of(This)->buffer_limit;
}

static PCWSTR map_GetName(IScriptMapInfo *This)
{
    return map_of(This)->name.text;
}

IISR_VTABLE(IScriptMapInfo, map_vtbl) = {
    .GetPath = map_GetPath,
    .GetAllowedVerbs = map_GetAllowedVerbs,
    .GetModules = map_GetModules,
    .GetScriptProcessor = map_GetScriptProcessor,
    .GetManagedType = map_GetManagedType,
    .GetAllowPathInfoForScriptMappings =
        map_GetAllowPathInfoForScriptMappings,
    .GetRequiredAccess = map_GetRequiredAccess,
    .GetResourceType = map_GetResourceType,
    .GetIsStarScriptMap = map_GetIsStarScriptMap,
    .GetResponseBufferLimit = map_GetResponseBufferLimit,
    .GetName = map_GetName
} IISR_VTABLE_END;

static text_t widen(apr_pool_t *pool, const char *text)
{
    text_t wide;

    wide.text = iisr_widen(pool, text ? text : "", &wide.length);
    return wide;
}

IScriptMapInfo *iisr_script_map_create(apr_pool_t *pool,
                                       const iisr_handler_t *handler,
                                       apr_size_t buffer_limit)
{
    script_map_t *map = apr_pcalloc(pool, sizeof(*map));

    map->iface.lpVtbl = IISR_VPTR(map_vtbl);
    map->handler = *handler;
    map->name = widen(pool, handler->name);
    map->path = widen(pool, handler->path);
    map->modules = widen(pool, handler->modules);
    map->processor = widen(pool, handler->processor);
    map->type = widen(pool, NULL);
    map->verbs = apr_pstrdup(pool, handler->verbs ? handler->verbs : "*");
    map->buffer_limit = (DWORD)buffer_limit;
    return &map->iface;
}
