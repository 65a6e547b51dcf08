/* context.c: IHttpContext to IHttpContext4.  Checks arguments, then one call
 * into the engine.  Any thread while the request is pending; every method
 * takes the context's lock.  Server variables, paths, objects and child
 * requests are in context_*.c.
 */
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <apr_strings.h>
#include "context_parts.h"
#include "hresult.h"
#include "iface.h"
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

HRESULT iisr_context_refuse(iisr_context_t *ctx, const char *id, HRESULT hr,
                            const char *method, const char *why)
{
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, id,
                       "IHttpContext::%s refused: %s", method, why);
    }
    return hr;
}

/* --- what belongs to the request ---------------------------------------- */

static iisr_handle_t *handle_of(void *iface)
{
    return iface;
}

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
    return (IHttpRequest *)(void *)&handle_of(This)->request_iface;
}

static IHttpResponse *context_GetResponse(IHttpContext *This)
{
    return (IHttpResponse *)(void *)&handle_of(This)->response_iface;
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
    iisr_container_init(&objects->container, IISR_CONTAINER_PLAIN);
    if (iisr_context_is_gone(ctx)) {
        iisr_container_clear(&objects->container);
    }
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
    iisr_container_init(&objects->named, IISR_CONTAINER_NAMED);
    if (iisr_context_is_gone(ctx)) {
        iisr_container_clear(&objects->named);
    }
    iisr_leave(ctx);
    return &objects->named.iface.named;
}

static void *context_AllocateRequestMemory(IHttpContext *This,
                                           DWORD cbAllocation)
{
    iisr_context_t *ctx = context_of(This);
    void *memory = NULL;

    iisr_enter(ctx);
    if (cbAllocation > 0x7fffffff) {
        iisr_context_refuse(ctx, "IISR0213", 0, "AllocateRequestMemory", "over 2 GB");
    }
    else if (!iisr_context_is_gone(ctx)) {
        memory = apr_pcalloc(ctx->pool, cbAllocation ? cbAllocation : 1);
    }
    iisr_leave(ctx);
    return memory;
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

/* A module host is the module itself here.  Page:
 * "IHttpContext::GetNextNotification Method". */
static BOOL context_GetNextNotification(IHttpContext *This,
                                        REQUEST_NOTIFICATION_STATUS status,
                                        DWORD *pdwNotification,
                                        BOOL *pfIsPostNotification,
                                        CHttpModule **ppModuleInfo,
                                        IHttpEventProvider **ppRequestOutput)
{
    iisr_context_t *ctx = context_of(This);
    const iisr_place_t *place;

    iisr_enter(ctx);
    place = ctx->req ? iisr_pipeline_advance(ctx, status) : NULL;
    if (pdwNotification) {
        *pdwNotification = place ? iisr_event_bit(place->event) : 0;
    }
    if (pfIsPostNotification) {
        *pfIsPostNotification = place && place->post;
    }
    if (ppModuleInfo) {
        *ppModuleInfo = place
            ? ctx->pipeline.instances[place->module->index].module : NULL;
    }
    if (ppRequestOutput) {
        *ppRequestOutput = place ? place->provider : NULL;
    }
    iisr_leave(ctx);
    return place != NULL;
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

typedef struct custom_t {
    IHttpEventProvider *provider;
    apr_status_t rv;
} custom_t;

static void raise_custom(iisr_context_t *ctx, void *baton)
{
    custom_t *custom = baton;

    if (ctx->req && iisr_pipeline_wants(ctx, IISR_EV_CUSTOM)) {
        custom->rv = iisr_pipeline_raise_custom(ctx, custom->provider);
    }
}

/* A module that answers PENDING is waited for: nothing is ever expected. */
static HRESULT context_NotifyCustomNotification(
    IHttpContext *This, ICustomNotificationProvider *pCustomOutput,
    BOOL *pfCompletionExpected)
{
    iisr_context_t *ctx = context_of(This);
    custom_t custom = { (IHttpEventProvider *)(void *)pCustomOutput,
                        APR_SUCCESS };
    apr_status_t rv;
    HRESULT hr;

    if (pfCompletionExpected) {
        *pfCompletionExpected = FALSE;
    }
    if (!pCustomOutput) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    rv = iisr_context_on_worker(ctx, raise_custom, &custom);
    hr = iisr_hresult(rv == APR_SUCCESS ? custom.rv : rv);
    if (custom.rv == APR_EGENERAL) {
        hr = iisr_context_refuse(ctx, "IISR0802",
                                 HRESULT_FROM_WIN32(ERROR_STACK_OVERFLOW),
                                 "NotifyCustomNotification", "more than 10 "
                                 "of them inside one another");
    }
    iisr_leave(ctx);
    return hr;
}

/* --- completion --------------------------------------------------------- */

/* A thread may complete what ended long ago, while it ends, or after
 * another request has come to its place.  Zero: it has ended; no lock. */
static int enter_own(iisr_context_t *ctx, void *iface)
{
    iisr_enter(ctx);
    if (ctx->handle == handle_of(iface)) {
        return 1;
    }
    iisr_leave(ctx);
    return 0;
}

static void context_IndicateCompletion(IHttpContext *This,
                                       REQUEST_NOTIFICATION_STATUS status)
{
    iisr_context_t *ctx = context_of(This);

    if (enter_own(ctx, This)) {
        iisr_completion_indicate(ctx, status);
        iisr_leave(ctx);
    }
}

static HRESULT post(void *iface, DWORD bytes,
                    LPOVERLAPPED_COMPLETION_ROUTINE routine, void *baton)
{
    iisr_context_t *ctx = context_of(iface);
    apr_status_t rv = APR_ECONNABORTED;

    if (enter_own(ctx, iface)) {
        rv = iisr_completion_post(ctx, bytes, routine, baton);
        iisr_leave(ctx);
    }
    return rv == APR_SUCCESS ? S_OK
           : rv == APR_EBUSY ? iisr_hresult(rv)
           : HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
}

static HRESULT context_PostCompletion(IHttpContext *This, DWORD cbBytes)
{
    return post(This, cbBytes, NULL, NULL);
}

static HRESULT context_PostCompletionWithCallback(
    IHttpContext3 *This, DWORD cbBytes,
    LPOVERLAPPED_COMPLETION_ROUTINE pfnCompletionRoutine,
    void *pvCompletionContext)
{
    return post(This, cbBytes, pfnCompletionRoutine, pvCompletionContext);
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
