/* server.c: IHttpServer3, the process as modules see it: names, process,
 * versions, and what is refused.  Files and caches are in server_files.c and
 * server_cache.c.  Constant after creation but for what locks for itself;
 * any thread.
 */
#include <string.h>
#include <wchar.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include "server.h"
#include "vtable.h"
#include "hresult.h"
#include "core/wide.h"

static const struct {
    const char *method, *reason;
} refusals[IISR_REFUSALS] = {
    [IISR_REFUSED_THREAD_POOL] = { "AssociateWithThreadPool",
        "httpd has no pool of threads that waits for a handle" },
    [IISR_REFUSED_KERNEL_CACHE] = { "FlushKernelCache",
        "the kernel caches no responses" },
    [IISR_REFUSED_PROTOCOL] = { "GetProtocolManagerCustomInterface",
        "protocol managers are DLLs of Windows" },
    [IISR_REFUSED_TOKEN] = { "GetToken", "there are no Windows tokens" },
    [IISR_REFUSED_PROPERTY] = { "QueryRequestProperty",
        "httpd does not know this property" }
};

HRESULT iisr_server_refuse(void *iface, iisr_refusal_e what)
{
    iisr_server_t *server = iisr_server_of(iface);
    char line[160];

    if (!apr_atomic_xchg32(&server->said[what], 1)) {
        apr_snprintf(line, sizeof(line), "IHttpServer::%s is refused: %s "
                     "(said once)", refusals[what].method,
                     refusals[what].reason);
        server->hooks.log(server->hooks.baton, IISR_LOG_WARNING, "IISR0220",
                          line);
    }
    return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
}

/* --- names -------------------------------------------------------------- */

/* Its name, not its page, which has TRUE for the ordinary worker process. */
static BOOL server_IsCommandLineLaunch(IHttpServer *This)
{
    (void)This;
    return FALSE;
}

static PCWSTR server_GetAppPoolName(IHttpServer *This)
{
    return iisr_server_of(This)->pool_name;
}

static PCWSTR server_GetAppPoolConfigFile(IHttpServer2 *This,
                                          DWORD *pcchConfigFilePath)
{
    if (pcchConfigFilePath) {
        *pcchConfigFilePath = iisr_server_of(This)->config_file_length;
    }
    return iisr_server_of(This)->config_file;
}

static IHttpTraceContext *server_GetTraceContext(IHttpServer *This)
{
    return iisr_server_of(This)->trace;
}

/* It stays the server's own: the caller releases nothing. */
static IAppHostAdminManager *server_GetAdminManager(IHttpServer *This)
{
    return iisr_server_of(This)->hooks.admin;
}

static BOOL server_SatisfiesPrecondition(IHttpServer *This,
                                         PCWSTR pszPrecondition,
                                         BOOL *pfUnknownPrecondition)
{
    BOOL unknown, satisfied;

    satisfied = iisr_precondition(iisr_server_of(This)->pool_name,
                                  pszPrecondition, &unknown);
    if (pfUnknownPrecondition) {
        *pfUnknownPrecondition = unknown;
    }
    return satisfied;
}

/* --- the process -------------------------------------------------------- */

/* httpd sizes its pool by directive: nothing to count. */
static void server_count_thread(IHttpServer *This)
{
    (void)This;
}

static void tell(iisr_server_t *server, PCWSTR reason, HRESULT hr, int recycle)
{
    apr_pool_t *pool;
    const char *text;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return;
    }
    text = reason ? iisr_narrow(pool, reason, NULL) : "";
    if (recycle && server->hooks.recycle) {
        server->hooks.recycle(server->hooks.baton, text);
    }
    else if (!recycle && server->hooks.unhealthy) {
        server->hooks.unhealthy(server->hooks.baton, text, hr);
    }
    apr_pool_destroy(pool);
}

static void server_ReportUnhealthy(IHttpServer *This, PCWSTR pszReasonString,
                                   HRESULT hrReason)
{
    tell(iisr_server_of(This), pszReasonString, hrReason, 0);
}

static void server_RecycleProcess(IHttpServer *This, PCWSTR pszReason)
{
    tell(iisr_server_of(This), pszReason, S_OK, 1);
}

/* An application is no process of its own here: the process it is. */
static void server_RecycleApplication(IHttpServer *This,
                                      PCWSTR pszAppConfigPath)
{
    tell(iisr_server_of(This), pszAppConfigPath, S_OK, 1);
}

static IDispensedHttpModuleContextContainer *server_DispenseContainer(
    IHttpServer *This)
{
    (void)This;
    return iisr_container_dispense();
}

/* --- versions ----------------------------------------------------------- */

static HRESULT server_GetExtendedInterface(
    IHttpServer *This, HTTP_SERVER_INTERFACE_VERSION version,
    PVOID *ppInterface)
{
    if (!ppInterface) {
        return BAD_PARAMETER;
    }
    *ppInterface = NULL;
    if (version != HTTP_SERVER_INTERFACE_V2
        && version != HTTP_SERVER_INTERFACE_V3) {
        return BAD_PARAMETER;
    }
    *ppInterface = This;
    return S_OK;
}

static HRESULT server_GetExtendedInterfaceByGuid(IHttpServer2 *This,
                                                 REFGUID Version1,
                                                 PVOID pInput,
                                                 REFGUID Version2,
                                                 PVOID *ppOutput)
{
    HRESULT hr;

    (void)This;
    if (!ppOutput || !pInput || !Version1 || !Version2) {
        return BAD_PARAMETER;
    }
    *ppOutput = NULL;
    hr = iisr_extended(Version1, Version2);
    if (SUCCEEDED(hr)) {
        *ppOutput = pInput;
    }
    return hr;
}

/* --- asked of the host -------------------------------------------------- */

static GLOBAL_NOTIFICATION_STATUS server_NotifyCustomNotification(
    IHttpServer *This, ICustomNotificationProvider *pCustomOutput)
{
    const iisr_server_hooks_t *hooks = &iisr_server_of(This)->hooks;

    return pCustomOutput && hooks->custom
           ? hooks->custom(hooks->baton, pCustomOutput)
           : GL_NOTIFICATION_CONTINUE;
}

static void server_NotifyConfigurationChange(IHttpServer *This,
                                             PCWSTR pszPath)
{
    const iisr_server_hooks_t *hooks = &iisr_server_of(This)->hooks;

    if (pszPath && hooks->configuration_changed) {
        hooks->configuration_changed(hooks->baton, pszPath);
    }
}

static IHttpPerfCounterInfo *server_GetPerfCounterInfo(IHttpServer *This)
{
    return iisr_server_of(This)->counters;
}

static HRESULT server_GetWorkerProcessSettings(
    IHttpServer *This, IWpfSettings **ppWorkerProcessSettings)
{
    if (!ppWorkerProcessSettings) {
        return BAD_PARAMETER;
    }
    *ppWorkerProcessSettings = iisr_server_of(This)->settings;
    return S_OK;
}

static HRESULT server_GetWorkerProcessFramework(
    IHttpServer2 *This, IWorkerProcessFramework **ppWorkerProcessFramework)
{
    if (!ppWorkerProcessFramework) {
        return BAD_PARAMETER;
    }
    *ppWorkerProcessFramework = iisr_server_of(This)->framework;
    return S_OK;
}

/* --- refusals ----------------------------------------------------------- */

static HRESULT server_AssociateWithThreadPool(
    IHttpServer *This, HANDLE hHandle,
    LPOVERLAPPED_COMPLETION_ROUTINE completionRoutine)
{
    (void)hHandle;
    (void)completionRoutine;
    return iisr_server_refuse(This, IISR_REFUSED_THREAD_POOL);
}

static HRESULT server_GetProtocolManagerCustomInterface(
    IHttpServer *This, PCWSTR pProtocolManagerDll,
    PCWSTR pProtocolManagerDllInitFunction, DWORD dwCustomInterfaceId,
    PVOID *ppCustomInterface)
{
    (void)pProtocolManagerDll;
    (void)pProtocolManagerDllInitFunction;
    (void)dwCustomInterfaceId;
    if (!ppCustomInterface) {
        return BAD_PARAMETER;
    }
    *ppCustomInterface = NULL;
    iisr_server_refuse(This, IISR_REFUSED_PROTOCOL);
    /* The one that IIS documents for a DLL that is not there. */
    return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static HRESULT server_GetToken(IHttpServer2 *This, PCWSTR pszUserName,
                               PCWSTR pszPassword, DWORD dwLogonMethod,
                               IHttpTokenEntry **ppTokenEntry,
                               PCWSTR pszDefaultDomain, PSOCKADDR pSockAddr,
                               IHttpTraceContext *pHttpTraceContext)
{
    (void)pszUserName;
    (void)pszPassword;
    (void)dwLogonMethod;
    (void)pszDefaultDomain;
    (void)pSockAddr;
    (void)pHttpTraceContext;
    if (!ppTokenEntry) {
        return BAD_PARAMETER;
    }
    *ppTokenEntry = NULL;
    return iisr_server_refuse(This, IISR_REFUSED_TOKEN);
}

/* Of the request whose module is calling, on this thread: there is no list
 * of all requests.  Never asynchronous. */
static HRESULT server_QueryRequestProperty(
    IHttpServer3 *This, HTTP_OPAQUE_ID id, HTTP_REQUEST_PROPERTY propertyId,
    PVOID pQualifier, ULONG qualifierSize, PVOID pOutput,
    ULONG outputBufferSize, PULONG pcbBytesReturned, LPOVERLAPPED pOverlapped)
{
    iisr_context_t *ctx = iisr_pipeline_context();
    ULONG needed = sizeof(HTTP_REQUEST_PROPERTY_SNI);

    (void)pQualifier;
    (void)qualifierSize;
    (void)pOverlapped;
    if (pcbBytesReturned) {
        *pcbBytesReturned = 0;
    }
    if (propertyId != HttpRequestPropertySni) {
        return iisr_server_refuse(This, IISR_REFUSED_PROPERTY);
    }
    if (pcbBytesReturned) {
        *pcbBytesReturned = needed;
    }
    if (!pOutput || outputBufferSize < needed) {
        return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    }
    return ctx ? iisr_request_server_name(ctx, id, pOutput)
               : HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
}

IISR_VTABLE(IHttpServer3, server_vtbl) = {
    .base.base = {
        .IsCommandLineLaunch = server_IsCommandLineLaunch,
        .GetAppPoolName = server_GetAppPoolName,
        .AssociateWithThreadPool = server_AssociateWithThreadPool,
        .IncrementThreadCount = server_count_thread,
        .DecrementThreadCount = server_count_thread,
        .ReportUnhealthy = server_ReportUnhealthy,
        .RecycleProcess = server_RecycleProcess,
        .GetAdminManager = server_GetAdminManager,
        .GetFileInfo = server_GetFileInfo,
        .FlushKernelCache = server_FlushKernelCache,
        .DoCacheOperation = server_DoCacheOperation,
        .NotifyCustomNotification = server_NotifyCustomNotification,
        .GetPerfCounterInfo = server_GetPerfCounterInfo,
        .RecycleApplication = server_RecycleApplication,
        .NotifyConfigurationChange = server_NotifyConfigurationChange,
        .NotifyFileChange = server_NotifyFileChange,
        .DispenseContainer = server_DispenseContainer,
        .AddFragmentToCache = server_AddFragmentToCache,
        .ReadFragmentFromCache = server_ReadFragmentFromCache,
        .RemoveFragmentFromCache = server_RemoveFragmentFromCache,
        .GetWorkerProcessSettings = server_GetWorkerProcessSettings,
        .GetProtocolManagerCustomInterface =
            server_GetProtocolManagerCustomInterface,
        .SatisfiesPrecondition = server_SatisfiesPrecondition,
        .GetTraceContext = server_GetTraceContext,
        .RegisterFileChangeMonitor = server_RegisterFileChangeMonitor,
        .GetExtendedInterface = server_GetExtendedInterface
    },
    .base.GetToken = server_GetToken,
    .base.GetAppPoolConfigFile = server_GetAppPoolConfigFile,
    .base.GetExtendedInterfaceByGuid = server_GetExtendedInterfaceByGuid,
    .base.GetMetadata = server_GetMetadata,
    .base.GetWorkerProcessFramework = server_GetWorkerProcessFramework,
    .QueryRequestProperty = server_QueryRequestProperty
} IISR_VTABLE_END;

static void trace_line(void *baton, const char *line)
{
    iisr_server_t *server = baton;

    server->hooks.log(server->hooks.baton, IISR_LOG_TRACE, NULL, line);
}

/* The cached file is another one now, whoever else hears of it. */
static void file_changed(void *baton, IHttpFileMonitor *monitor,
                         const WCHAR *path)
{
    iisr_server_t *server = baton;

    iisr_files_drop(server->files, path);
    if (server->hooks.file_changed) {
        server->hooks.file_changed(server->hooks.baton, monitor, path);
    }
}

IHttpServer3 *iisr_server_create(apr_pool_t *pool, const char *pool_name,
                                 const char *config_file,
                                 const iisr_server_hooks_t *hooks)
{
    iisr_server_t *server = apr_pcalloc(pool, sizeof(*server));
    apr_size_t length;

    server->iface.lpVtbl = IISR_VPTR(server_vtbl);
    server->pool_name = iisr_widen(pool, pool_name ? pool_name : "", NULL);
    server->config_file = iisr_widen(pool, config_file ? config_file : "",
                                     &length);
    server->config_file_length = (DWORD)length;
    server->hooks = *hooks;
    server->trace_hub = iisr_trace_hub_create(pool, &hooks->trace);
    server->trace = iisr_trace_create(pool, server->trace_hub, NULL,
                                      trace_line, server);
    server->fragments = iisr_fragments_create(pool, hooks->fragment_bytes);
    server->files = iisr_files_create(pool);
    server->monitors = iisr_monitors_create(pool, file_changed, server);
    server->urls = iisr_urls_create(pool);
    server->metadata = iisr_metadata_create(pool);
    server->objects = iisr_object_cache_create(pool);
    server->counters = iisr_counters_create(pool, hooks->counters);
    iisr_worker_process_init(pool, server);
    return &server->iface;
}

void iisr_server_close(IHttpServer3 *iface)
{
    iisr_server_t *server = iisr_server_of(iface);

    apr_atomic_set32(&server->closing, 1);
    iisr_monitors_close(server->monitors);
    iisr_shelf_close(server->urls);
    iisr_shelf_close(server->metadata);
    iisr_files_close(server->files);
    iisr_object_cache_close(server->objects);
}
