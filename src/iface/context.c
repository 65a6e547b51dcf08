/* context.c: IHttpContext to IHttpContext4.  Checks arguments, then one call
 * into the engine.  Any thread while the request is pending; every method
 * takes the context's lock.
 */
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include "iface.h"
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

#define BAD_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

static iisr_context_t *context_of(void *iface)
{
    return iisr_context_from_iface(iface);
}

static HRESULT refuse(iisr_context_t *ctx, const char *id, HRESULT hr,
                      const char *method, const char *why)
{
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, id,
                       "IHttpContext::%s refused: %s", method, why);
    }
    return hr;
}

/* What a module asks for again and again is worth one line a process. */
static HRESULT not_supported(iisr_context_t *ctx, const char *id,
                             volatile apr_uint32_t *said, const char *method)
{
    iisr_enter(ctx);
    if (!apr_atomic_xchg32(said, 1)) {
        refuse(ctx, id, NOT_SUPPORTED, method,
               "not supported (ERROR_NOT_SUPPORTED; said once)");
    }
    iisr_leave(ctx);
    return NOT_SUPPORTED;
}

/* --- what belongs to the request ---------------------------------------- */

static IHttpSite *context_GetSite(IHttpContext *This)
{
    return context_of(This)->around.site;
}

static IHttpApplication *context_GetApplication(IHttpContext *This)
{
    return (IHttpApplication *)(void *)context_of(This)->around.application;
}

static IHttpConnection *context_GetConnection(IHttpContext *This)
{
    return context_of(This)->around.connection;
}

static IHttpRequest *context_GetRequest(IHttpContext *This)
{
    return (IHttpRequest *)(void *)&context_of(This)->request_iface;
}

static IHttpResponse *context_GetResponse(IHttpContext *This)
{
    return (IHttpResponse *)(void *)&context_of(This)->response_iface;
}

static BOOL context_GetResponseHeadersSent(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    BOOL sent;

    iisr_enter(ctx);
    sent = ctx->response.committed;
    iisr_leave(ctx);
    return sent;
}

/* NULL before anybody could authenticate, as on IIS: modules ask for that to
 * know that they are the first. */
static int before_authentication(iisr_context_t *ctx)
{
    const iisr_place_t *place = iisr_pipeline_current(ctx);

    return place && (place->event == IISR_EV_BEGIN
                     || (place->event == IISR_EV_AUTHENTICATE
                         && !place->post));
}

static IHttpUser *context_GetUser(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    IHttpUser *user;

    iisr_enter(ctx);
    user = iisr_context_user(ctx);
    if (user && before_authentication(ctx)
        && !*user->lpVtbl->GetUserName(user)) {
        user = NULL;
    }
    iisr_leave(ctx);
    return user;
}

static IHttpModuleContextContainer *context_GetModuleContextContainer(
    IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    iisr_leave(ctx);
    return &objects->container.iface.plain;
}

static INamedContextContainer *context_GetNamedContextContainer(
    IHttpContext3 *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    iisr_leave(ctx);
    return &objects->named.iface.named;
}

static IHttpUrlInfo *context_GetUrlInfo(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    if (!objects->url_info) {
        objects->url_info = iisr_url_info_create(ctx->pool);
    }
    iisr_leave(ctx);
    return objects->url_info;
}

static const char *own_variable(iisr_context_t *ctx, const char *name)
{
    const iisr_variable_t *variable = iisr_context_variable(ctx, name, 1);

    return variable ? variable->value : "";
}

/* MACHINE/WEBROOT/APPHOST/<site>/<path>. */
static IMetadataInfo *make_metadata(iisr_context_t *ctx)
{
    IHttpApplication2 *application = ctx->around.application;
    const char *root = "MACHINE/WEBROOT/APPHOST", *path;

    path = iisr_request_facts(ctx)->path;
    if (application) {
        root = iisr_narrow(ctx->pool, application->lpVtbl->base
                           .GetAppConfigPath((void *)application), NULL);
    }
    return iisr_metadata_create(ctx->pool,
                                apr_pstrcat(ctx->pool, root, path, NULL),
                                own_variable(ctx, "DOCUMENT_ROOT"));
}

static IMetadataInfo *context_GetMetadata(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    if (!objects->metadata) {
        objects->metadata = make_metadata(ctx);
    }
    iisr_leave(ctx);
    return objects->metadata;
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

static IHttpTraceContext *context_GetTraceContext(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_objects_t *objects;

    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    if (!objects->trace) {
        objects->trace = iisr_trace_create(ctx->pool, trace_line, ctx);
    }
    iisr_leave(ctx);
    return objects->trace;
}

/* No file information yet: NULL, which IIS also answers before the request
 * is mapped. */
static IHttpFileInfo *context_GetFileInfo(IHttpContext *This)
{
    (void)This;
    return NULL;
}

static IScriptMapInfo *context_GetScriptMap(IHttpContext *This)
{
    (void)This;
    return NULL;
}

static void *context_AllocateRequestMemory(IHttpContext *This,
                                           DWORD cbAllocation)
{
    iisr_context_t *ctx = context_of(This);
    void *memory = NULL;

    iisr_enter(ctx);
    if (cbAllocation > 0x7fffffff) {
        refuse(ctx, "IISR0213", 0, "AllocateRequestMemory", "over 2 GB");
    }
    else {
        memory = apr_pcalloc(ctx->pool, cbAllocation ? cbAllocation : 1);
    }
    iisr_leave(ctx);
    return memory;
}

/* --- server variables --------------------------------------------------- */

static const iisr_variable_t *find_variable(iisr_context_t *ctx, PCSTR name)
{
    return name && *name ? iisr_context_variable(ctx, name, 0) : NULL;
}

static HRESULT context_GetServerVariable(IHttpContext *This,
                                         PCSTR pszVariableName,
                                         PCSTR *ppszValue,
                                         DWORD *pcchValueLength)
{
    iisr_context_t *ctx = context_of(This);
    const iisr_variable_t *v;
    PCSTR value = NULL;
    apr_size_t length = 0;

    iisr_enter(ctx);
    if ((v = find_variable(ctx, pszVariableName))) {
        value = v->set ? v->set : v->value;
        length = v->set ? v->set_length : v->length;
    }
    iisr_leave(ctx);
    if (ppszValue) {
        *ppszValue = value;
    }
    if (pcchValueLength) {
        *pcchValueLength = (DWORD)length;
    }
    return !pszVariableName || !ppszValue ? BAD_PARAMETER
           : value ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_INDEX);
}

static HRESULT context_GetServerVariableW(IHttpContext *This,
                                          PCSTR pszVariableName,
                                          PCWSTR *ppszValue,
                                          DWORD *pcchValueLength)
{
    iisr_context_t *ctx = context_of(This);
    const iisr_variable_t *v;
    PCWSTR value = NULL;
    apr_size_t length = 0;

    iisr_enter(ctx);
    if ((v = find_variable(ctx, pszVariableName))) {
        value = v->set ? v->set_wide : v->wide;
        length = v->set ? v->set_wide_length : v->wide_length;
    }
    iisr_leave(ctx);
    if (ppszValue) {
        *ppszValue = value;
    }
    if (pcchValueLength) {
        *pcchValueLength = (DWORD)length;
    }
    return !pszVariableName || !ppszValue ? BAD_PARAMETER
           : value ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_INDEX);
}

static HRESULT context_SetServerVariable(IHttpContext *This,
                                         PCSTR pszVariableName,
                                         PCWSTR pszVariableValue)
{
    iisr_context_t *ctx = context_of(This);
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!pszVariableName || !*pszVariableName || !pszVariableValue) {
        hr = refuse(ctx, "IISR0214", BAD_PARAMETER, "SetServerVariable",
                    "no name or no value");
    }
    else {
        iisr_context_set_variable(ctx, pszVariableName, pszVariableValue);
    }
    iisr_leave(ctx);
    return hr;
}

/* There is no parent to inherit from yet: what is known is inherited. */
static HRESULT context_InheritServerVariable(IHttpContext3 *This,
                                             PCSTR szName,
                                             BOOL fFailIfNotExist)
{
    iisr_context_t *ctx = context_of(This);
    int known;

    if (!szName) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    known = find_variable(ctx, szName) != NULL;
    iisr_leave(ctx);
    return known || !fFailIfNotExist ? S_OK
           : HRESULT_FROM_WIN32(ERROR_INVALID_INDEX);
}

/* Server-internal on IIS: the variables that modules set.  No history is
 * kept, so all of them differ. */
static HRESULT context_GetServerVarChanges(
    IHttpContext *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    DWORD *pdwVariableSnapshot, PCSTR **ppVariableNameSnapshot,
    PCWSTR **ppVariableValueSnapshot, DWORD *pdwDiffedVariables,
    DWORD **ppDiffedVariableIndices)
{
    iisr_context_t *ctx = context_of(This);
    apr_hash_t *variables;
    apr_hash_index_t *hi;
    DWORD n = 0;

    if (!pdwNewChangeNumber || !pdwVariableSnapshot || !ppVariableNameSnapshot
        || !ppVariableValueSnapshot || !pdwDiffedVariables
        || !ppDiffedVariableIndices) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    variables = iisr_context_objects(ctx)->variables;
    *ppVariableNameSnapshot = apr_palloc(ctx->pool, sizeof(PCSTR)
                                         * (apr_hash_count(variables) + 1));
    *ppVariableValueSnapshot = apr_palloc(ctx->pool, sizeof(PCWSTR)
                                          * (apr_hash_count(variables) + 1));
    *ppDiffedVariableIndices = apr_palloc(ctx->pool, sizeof(DWORD)
                                          * (apr_hash_count(variables) + 1));
    for (hi = apr_hash_first(iisr_context_scratch(ctx), variables); hi;
         hi = apr_hash_next(hi)) {
        const iisr_variable_t *v = apr_hash_this_val(hi);

        if (v->set) {
            (*ppVariableNameSnapshot)[n] = v->name;
            (*ppVariableValueSnapshot)[n] = v->set_wide;
            (*ppDiffedVariableIndices)[n] = n;
            n++;
        }
    }
    iisr_leave(ctx);
    *pdwVariableSnapshot = *pdwDiffedVariables = n;
    *pdwNewChangeNumber = dwOldChangeNumber + 1;
    return S_OK;
}

/* --- paths -------------------------------------------------------------- */

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

static PCWSTR context_GetPhysicalPath(IHttpContext *This,
                                      DWORD *pcchPhysicalPath)
{
    return path_of(This, "PHYSICAL_PATH", pcchPhysicalPath);
}

static PCWSTR context_GetScriptName(IHttpContext *This,
                                    DWORD *pcchScriptName)
{
    return path_of(This, "SCRIPT_NAME", pcchScriptName);
}

static PCWSTR context_GetScriptTranslated(IHttpContext *This,
                                          DWORD *pcchScriptTranslated)
{
    return path_of(This, "SCRIPT_TRANSLATED", pcchScriptTranslated);
}

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

/* NULL: unusable. */
static const char *map_path(iisr_context_t *ctx, PCWSTR url)
{
    const char *root = own_variable(ctx, "DOCUMENT_ROOT");
    apr_pool_t *pool = iisr_context_scratch(ctx);
    char *path = iisr_narrow(pool, url, NULL), *query = strchr(path, '?');
    apr_size_t length = strlen(root);

    if (query) {
        *query = '\0';
    }
    if (climbs(path)) {
        return NULL;
    }
    while (length && root[length - 1] == '/') {
        length--;
    }
    return apr_pstrcat(pool, apr_pstrmemdup(pool, root, length),
                       *path == '/' ? "" : "/", path, NULL);
}

/* *pcbPhysicalPath: bytes, the terminating NUL among them, in and out. */
static HRESULT context_MapPath(IHttpContext *This, PCWSTR pszUrl,
                               PWSTR pszPhysicalPath, DWORD *pcbPhysicalPath)
{
    iisr_context_t *ctx = context_of(This);
    const char *path;
    const WCHAR *wide;
    apr_size_t n;
    HRESULT hr = S_OK;

    if (!pszUrl || !pcbPhysicalPath) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    if (!(path = map_path(ctx, pszUrl))) {
        hr = refuse(ctx, "IISR0212", BAD_PARAMETER, "MapPath",
                    "the URL leaves the document root");
    }
    else {
        wide = iisr_widen(iisr_context_objects(ctx)->scratch, path, &n);
        n = (n + 1) * sizeof(WCHAR);
        if (pszPhysicalPath && *pcbPhysicalPath >= n) {
            memcpy(pszPhysicalPath, wide, n);
        }
        else {
            hr = HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
        }
        *pcbPhysicalPath = (DWORD)n;
    }
    iisr_leave(ctx);
    return hr;
}

/* --- notifications ------------------------------------------------------ */

/* The notification whose module is at work, also when it works from a
 * thread of its own after it answered PENDING. */
static const iisr_place_t *place_of(iisr_context_t *ctx)
{
    const iisr_place_t *place = iisr_pipeline_current(ctx);

    if (!place && ctx->pipeline.started && ctx->pipeline.place.module) {
        place = &ctx->pipeline.place;
    }
    return place && place->module ? place : NULL;
}

/* The events with a fixed place. */
static DWORD ordered_events(void)
{
    DWORD mask = 0;
    int event;

    for (event = 0; event < IISR_EV_ORDERED; event++) {
        mask |= iisr_event_bit(event);
    }
    return mask;
}

static void context_DisableNotifications(IHttpContext *This,
                                         DWORD dwNotifications,
                                         DWORD dwPostNotifications)
{
    iisr_context_t *ctx = context_of(This);
    const iisr_place_t *place;

    iisr_enter(ctx);
    if ((place = place_of(ctx)) && ctx->pipeline.instances) {
        iisr_instance_t *instance =
            &ctx->pipeline.instances[place->module->index];

        instance->disabled[0] |= dwNotifications & ordered_events();
        instance->disabled[1] |= dwPostNotifications & ordered_events();
    }
    iisr_leave(ctx);
}

/* IIS may always answer FALSE: the module returns, and the pipeline calls
 * it for the next notification. */
static BOOL context_GetNextNotification(IHttpContext *This,
                                        REQUEST_NOTIFICATION_STATUS status,
                                        DWORD *pdwNotification,
                                        BOOL *pfIsPostNotification,
                                        CHttpModule **ppModuleInfo,
                                        IHttpEventProvider **ppRequestOutput)
{
    (void)This;
    (void)status;
    if (pdwNotification) {
        *pdwNotification = 0;
    }
    if (pfIsPostNotification) {
        *pfIsPostNotification = FALSE;
    }
    if (ppModuleInfo) {
        *ppModuleInfo = NULL;
    }
    if (ppRequestOutput) {
        *ppRequestOutput = NULL;
    }
    return FALSE;
}

/* Whether the module hears more of the request after this notification. */
static int hears_more(iisr_context_t *ctx, const iisr_place_t *place,
                      REQUEST_NOTIFICATION_STATUS status)
{
    const iisr_instance_t *instance =
        &ctx->pipeline.instances[place->module->index];
    DWORD now = iisr_event_bit(place->event), bit;
    int event, finish = (status == RQ_NOTIFICATION_FINISH_REQUEST);

    if (!finish && !place->post
        && (place->module->post_events & now & ~instance->disabled[1])) {
        return 1;
    }
    for (event = place->event + 1; event < IISR_EV_ORDERED; event++) {
        bit = iisr_event_bit(event);
        if ((!finish || event >= IISR_EV_LOG)
            && ((place->module->events & bit & ~instance->disabled[0])
                || (place->module->post_events & bit
                    & ~instance->disabled[1]))) {
            return 1;
        }
    }
    return 0;
}

/* As its name says; the page of IIS says the opposite. */
static BOOL context_GetIsLastNotification(IHttpContext *This,
                                          REQUEST_NOTIFICATION_STATUS status)
{
    iisr_context_t *ctx = context_of(This);
    const iisr_place_t *place;
    BOOL last = TRUE;

    iisr_enter(ctx);
    if ((place = place_of(ctx)) && ctx->pipeline.instances) {
        last = !hears_more(ctx, place, status);
    }
    iisr_leave(ctx);
    return last;
}

static void context_SetRequestHandled(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);

    iisr_enter(ctx);
    ctx->pipeline.handled = 1;
    iisr_leave(ctx);
}

static void raise_custom(iisr_context_t *ctx, void *baton)
{
    if (ctx->req && iisr_pipeline_wants(ctx, IISR_EV_CUSTOM)) {
        iisr_pipeline_raise(ctx, IISR_EV_CUSTOM, baton);
    }
}

/* A module that answers PENDING is waited for: nothing is ever expected. */
static HRESULT context_NotifyCustomNotification(
    IHttpContext *This, ICustomNotificationProvider *pCustomOutput,
    BOOL *pfCompletionExpected)
{
    iisr_context_t *ctx = context_of(This);

    if (pfCompletionExpected) {
        *pfCompletionExpected = FALSE;
    }
    if (!pCustomOutput) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    iisr_context_on_worker(ctx, raise_custom, pCustomOutput);
    iisr_leave(ctx);
    return S_OK;
}

/* --- completion --------------------------------------------------------- */

static void context_IndicateCompletion(IHttpContext *This,
                                       REQUEST_NOTIFICATION_STATUS status)
{
    iisr_context_t *ctx = context_of(This);

    iisr_enter(ctx);
    iisr_completion_indicate(ctx, status);
    iisr_leave(ctx);
}

static HRESULT post(iisr_context_t *ctx, DWORD bytes,
                    LPOVERLAPPED_COMPLETION_ROUTINE routine, void *baton)
{
    apr_status_t rv;

    iisr_enter(ctx);
    rv = iisr_completion_post(ctx, bytes, routine, baton);
    iisr_leave(ctx);
    return rv == APR_SUCCESS ? S_OK
           : HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
}

static HRESULT context_PostCompletion(IHttpContext *This, DWORD cbBytes)
{
    return post(context_of(This), cbBytes, NULL, NULL);
}

static HRESULT context_PostCompletionWithCallback(
    IHttpContext3 *This, DWORD cbBytes,
    LPOVERLAPPED_COMPLETION_ROUTINE pfnCompletionRoutine,
    void *pvCompletionContext)
{
    return post(context_of(This), cbBytes, pfnCompletionRoutine,
                pvCompletionContext);
}

/* IIS: ERROR_INVALID_HANDLE when there is nothing to cancel. */
static HRESULT context_CancelIo(IHttpContext *This)
{
    iisr_context_t *ctx = context_of(This);
    apr_status_t rv;

    iisr_enter(ctx);
    rv = iisr_completion_cancel(ctx);
    iisr_leave(ctx);
    return rv == APR_SUCCESS ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE);
}

static void context_EnableFullDuplex(IHttpContext3 *This)
{
    iisr_context_t *ctx = context_of(This);

    iisr_enter(ctx);
    ctx->completion.full_duplex = 1;
    iisr_leave(ctx);
}

/* --- child requests ----------------------------------------------------- */

static HRESULT context_ExecuteRequest(IHttpContext *This, BOOL fAsync,
                                      IHttpContext *pHttpContext,
                                      DWORD dwExecuteFlags,
                                      IHttpUser *pHttpUser,
                                      BOOL *pfCompletionExpected)
{
    static volatile apr_uint32_t said;

    (void)fAsync;
    (void)pHttpContext;
    (void)dwExecuteFlags;
    (void)pHttpUser;
    if (pfCompletionExpected) {
        *pfCompletionExpected = FALSE;
    }
    return not_supported(context_of(This), "IISR0210", &said,
                         "ExecuteRequest");
}

static HRESULT context_CloneContext(IHttpContext *This, DWORD dwCloneFlags,
                                    IHttpContext **ppHttpContext)
{
    static volatile apr_uint32_t said;

    (void)dwCloneFlags;
    if (!ppHttpContext) {
        return BAD_PARAMETER;
    }
    *ppHttpContext = NULL;
    return not_supported(context_of(This), "IISR0210", &said,
                         "CloneContext");
}

/* IIS: called on a child; there are none. */
static HRESULT context_ReleaseClonedContext(IHttpContext *This)
{
    (void)This;
    return BAD_PARAMETER;
}

static HRESULT context_MapHandler(IHttpContext *This, DWORD dwSiteId,
                                  PCWSTR pszSiteName, PCWSTR pszUrl,
                                  PCSTR pszVerb, IScriptMapInfo **ppScriptMap,
                                  BOOL fIgnoreWildcardMappings)
{
    static volatile apr_uint32_t said;

    (void)dwSiteId;
    (void)pszSiteName;
    (void)pszUrl;
    (void)pszVerb;
    (void)fIgnoreWildcardMappings;
    if (!ppScriptMap) {
        return BAD_PARAMETER;
    }
    *ppScriptMap = NULL;
    return not_supported(context_of(This), "IISR0211", &said, "MapHandler");
}

static DWORD context_GetExecuteFlags(IHttpContext *This)
{
    (void)This;
    return 0;
}

static IHttpContext *context_GetParentContext(IHttpContext *This)
{
    (void)This;
    return NULL;
}

/* IIS: NULL when the context is the root itself. */
static IHttpContext *context_GetRootContext(IHttpContext *This)
{
    (void)This;
    return NULL;
}

/* --- time --------------------------------------------------------------- */

/* GetTickCount64's clock. */
static ULONGLONG ticks(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (ULONGLONG)now.tv_sec * 1000 + (ULONGLONG)now.tv_nsec / 1000000;
}

static ULONGLONG context_GetRequestElapsedTime(IHttpContext4 *This)
{
    iisr_context_t *ctx = context_of(This);
    apr_time_t elapsed;

    iisr_enter(ctx);
    elapsed = apr_time_now() - iisr_request_facts(ctx)->start;
    iisr_leave(ctx);
    return elapsed > 0 ? (ULONGLONG)apr_time_as_msec(elapsed) : 0;
}

static ULONGLONG context_GetRequestStartTime(IHttpContext4 *This)
{
    return ticks() - context_GetRequestElapsedTime(This);
}

/* When each notification began is not kept: the tick counts are those of the
 * request. */
static HRESULT context_GetCurrentExecutionStats(
    IHttpContext *This, DWORD *pdwNotification,
    DWORD *pdwNotificationStartTickCount, PCWSTR *ppszModule,
    DWORD *pdwModuleStartTickCount, DWORD *pdwAsyncNotification,
    DWORD *pdwAsyncNotificationStartTickCount)
{
    iisr_context_t *ctx = context_of(This);
    DWORD start = (DWORD)context_GetRequestStartTime((void *)This);
    const iisr_place_t *place;
    DWORD *const starts[] = { pdwNotificationStartTickCount,
                              pdwModuleStartTickCount,
                              pdwAsyncNotificationStartTickCount };
    unsigned int i;

    if (!pdwNotification) {
        return E_INVALIDARG;
    }
    iisr_enter(ctx);
    place = place_of(ctx);
    *pdwNotification = place ? iisr_event_bit(place->event) : 0;
    if (ppszModule) {
        *ppszModule = place ? place->module->wide_name : L"";
    }
    if (pdwAsyncNotification) {
        *pdwAsyncNotification = place && place->pending ? *pdwNotification
                                                        : 0;
    }
    iisr_leave(ctx);
    for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (starts[i]) {
            *starts[i] = start;
        }
    }
    return S_OK;
}

/* Deprecated on IIS.  The object is the highest version of itself. */
static HRESULT context_GetExtendedInterface(
    IHttpContext *This, HTTP_CONTEXT_INTERFACE_VERSION version,
    PVOID *ppInterface)
{
    (void)version;
    if (!ppInterface) {
        return BAD_PARAMETER;
    }
    *ppInterface = This;
    return S_OK;
}

static IHttpUser *context_GetOriginalUser(IHttpContext2 *This)
{
    return context_GetUser((IHttpContext *)(void *)This);
}

IISR_VTABLE(IHttpContext4, context_vtbl) = {
    .base.base.base = {
        .GetSite = context_GetSite,
        .GetApplication = context_GetApplication,
        .GetConnection = context_GetConnection,
        .GetRequest = context_GetRequest,
        .GetResponse = context_GetResponse,
        .GetResponseHeadersSent = context_GetResponseHeadersSent,
        .GetUser = context_GetUser,
        .GetModuleContextContainer = context_GetModuleContextContainer,
        .IndicateCompletion = context_IndicateCompletion,
        .PostCompletion = context_PostCompletion,
        .DisableNotifications = context_DisableNotifications,
        .GetNextNotification = context_GetNextNotification,
        .GetIsLastNotification = context_GetIsLastNotification,
        .ExecuteRequest = context_ExecuteRequest,
        .GetExecuteFlags = context_GetExecuteFlags,
        .GetServerVariable = context_GetServerVariable,
        .GetServerVariableW = context_GetServerVariableW,
        .SetServerVariable = context_SetServerVariable,
        .AllocateRequestMemory = context_AllocateRequestMemory,
        .GetUrlInfo = context_GetUrlInfo,
        .GetMetadata = context_GetMetadata,
        .GetPhysicalPath = context_GetPhysicalPath,
        .GetScriptName = context_GetScriptName,
        .GetScriptTranslated = context_GetScriptTranslated,
        .GetScriptMap = context_GetScriptMap,
        .SetRequestHandled = context_SetRequestHandled,
        .GetFileInfo = context_GetFileInfo,
        .MapPath = context_MapPath,
        .NotifyCustomNotification = context_NotifyCustomNotification,
        .GetParentContext = context_GetParentContext,
        .GetRootContext = context_GetRootContext,
        .CloneContext = context_CloneContext,
        .ReleaseClonedContext = context_ReleaseClonedContext,
        .GetCurrentExecutionStats = context_GetCurrentExecutionStats,
        .GetTraceContext = context_GetTraceContext,
        .GetServerVarChanges = context_GetServerVarChanges,
        .CancelIo = context_CancelIo,
        .MapHandler = context_MapHandler,
        .GetExtendedInterface = context_GetExtendedInterface
    },
    .base.base.GetOriginalUser = context_GetOriginalUser,
    .base.GetNamedContextContainer = context_GetNamedContextContainer,
    .base.EnableFullDuplex = context_EnableFullDuplex,
    .base.InheritServerVariable = context_InheritServerVariable,
    .base.PostCompletionWithCallback = context_PostCompletionWithCallback,
    .GetRequestStartTime = context_GetRequestStartTime,
    .GetRequestElapsedTime = context_GetRequestElapsedTime
} IISR_VTABLE_END;

void iisr_context_iface_init(IHttpContext4 *iface)
{
    iface->lpVtbl = IISR_VPTR(context_vtbl);
}
