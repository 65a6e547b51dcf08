/* server.c: IHttpServer3, the process as modules see it.  Constant after
 * creation but for the marks of what was refused; any thread.
 */
#include <string.h>
#include <wchar.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)
#define BAD_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)

/* What is refused, each logged once a process. */
typedef enum {
    REFUSED_THREAD_POOL, REFUSED_FILE_INFO,
    REFUSED_KERNEL_CACHE, REFUSED_CACHE, REFUSED_CUSTOM, REFUSED_COUNTERS,
    REFUSED_CHANGES, REFUSED_FRAGMENTS, REFUSED_SETTINGS, REFUSED_PROTOCOL,
    REFUSED_MONITOR, REFUSED_TOKEN, REFUSED_METADATA, REFUSED_PROPERTY,
    REFUSED_CAST, REFUSALS
} refusal_e;

static const char *const refused_methods[REFUSALS] = {
    "AssociateWithThreadPool", "GetFileInfo",
    "FlushKernelCache", "DoCacheOperation", "NotifyCustomNotification",
    "GetPerfCounterInfo", "NotifyConfigurationChange and NotifyFileChange",
    "AddFragmentToCache", "GetWorkerProcessSettings",
    "GetProtocolManagerCustomInterface", "RegisterFileChangeMonitor",
    "GetToken", "GetMetadata", "QueryRequestProperty",
    "GetExtendedInterface by GUID"
};

typedef struct server_t {
    IHttpServer3 iface;                 /* must be first */
    const WCHAR *pool_name, *config_file;
    DWORD config_file_length;
    iisr_server_hooks_t hooks;
    IHttpTraceContext *trace;
    volatile apr_uint32_t said[REFUSALS];
} server_t;

static server_t *server_of(void *iface)
{
    return iface;
}

static HRESULT refuse(void *iface, refusal_e what)
{
    server_t *server = server_of(iface);
    char line[128];

    if (!apr_atomic_xchg32(&server->said[what], 1)) {
        apr_snprintf(line, sizeof(line), "IHttpServer::%s is not supported "
                     "here (said once)", refused_methods[what]);
        server->hooks.log(server->hooks.baton, IISR_LOG_WARNING, "IISR0220",
                          line);
    }
    return NOT_SUPPORTED;
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
    return server_of(This)->pool_name;
}

static PCWSTR server_GetAppPoolConfigFile(IHttpServer2 *This,
                                          DWORD *pcchConfigFilePath)
{
    if (pcchConfigFilePath) {
        *pcchConfigFilePath = server_of(This)->config_file_length;
    }
    return server_of(This)->config_file;
}

static IHttpTraceContext *server_GetTraceContext(IHttpServer *This)
{
    return server_of(This)->trace;
}

/* It stays the server's own: the caller releases nothing. */
static IAppHostAdminManager *server_GetAdminManager(IHttpServer *This)
{
    return server_of(This)->hooks.admin;
}

/* --- preconditions ------------------------------------------------------ */

static const struct {
    const WCHAR *name;
    BOOL answer;
} preconditions[] = {
    { L"integratedMode", TRUE },
    { L"ISAPIMode", FALSE },
    { L"managedHandler", FALSE },
    { L"bitness32", sizeof(void *) == 4 },
    { L"bitness64", sizeof(void *) == 8 }
};

/* name among the parts of a list that sep separates. */
static int in_list(const WCHAR *list, const WCHAR *end, const WCHAR *name)
{
    apr_size_t length = wcslen(name), n;

    for (; list < end; list += n + 1) {
        for (n = 0; list + n < end && list[n] != L';'; n++) {
            continue;
        }
        if (n == length && !wmemcmp(list, name, n)) {
            return 1;
        }
    }
    return 0;
}

static BOOL one_precondition(const server_t *server, const WCHAR *p,
                             apr_size_t n, BOOL *unknown)
{
    unsigned int i;

    for (i = 0; i < sizeof(preconditions) / sizeof(preconditions[0]); i++) {
        if (wcslen(preconditions[i].name) == n
            && !wmemcmp(preconditions[i].name, p, n)) {
            return preconditions[i].answer;
        }
    }
    if (n >= 12 && !wmemcmp(p, L"appPoolName=", 12)) {
        return in_list(p + 12, p + n, server->pool_name);
    }
    /* No .NET of any version runs in this process. */
    if (n < 14 || wmemcmp(p, L"runtimeVersion", 14)) {
        *unknown = TRUE;
    }
    return FALSE;
}

/* One, or several separated by commas that must all hold. */
static BOOL server_SatisfiesPrecondition(IHttpServer *This,
                                         PCWSTR pszPrecondition,
                                         BOOL *pfUnknownPrecondition)
{
    const WCHAR *p = pszPrecondition;
    BOOL unknown = FALSE, satisfied = TRUE;
    apr_size_t n;

    while (p && *p) {
        n = wcscspn(p, L",");
        if (!one_precondition(server_of(This), p, n, &unknown)) {
            satisfied = FALSE;
        }
        p += n;
        p += (*p == L',');
    }
    if (pfUnknownPrecondition) {
        *pfUnknownPrecondition = unknown;
    }
    return satisfied && pszPrecondition;
}

/* --- the process -------------------------------------------------------- */

/* httpd sizes its pool by directive: nothing to count. */
static void server_count_thread(IHttpServer *This)
{
    (void)This;
}

static void tell(server_t *server, PCWSTR reason, HRESULT hr, int recycle)
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
    tell(server_of(This), pszReasonString, hrReason, 0);
}

static void server_RecycleProcess(IHttpServer *This, PCWSTR pszReason)
{
    tell(server_of(This), pszReason, S_OK, 1);
}

/* An application is no process of its own here: the process it is. */
static void server_RecycleApplication(IHttpServer *This,
                                      PCWSTR pszAppConfigPath)
{
    tell(server_of(This), pszAppConfigPath, S_OK, 1);
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

/* Every object is the highest version of itself, so a version of the same
 * interface is the same pointer; what the GUIDs name is a later matter. */
static HRESULT server_GetExtendedInterfaceByGuid(IHttpServer2 *This,
                                                 REFGUID Version1,
                                                 PVOID pInput,
                                                 REFGUID Version2,
                                                 PVOID *ppOutput)
{
    if (!ppOutput || !pInput || !Version1 || !Version2) {
        return BAD_PARAMETER;
    }
    *ppOutput = NULL;
    if (!IsEqualGUID(Version1, Version2)) {
        return refuse(This, REFUSED_CAST);
    }
    *ppOutput = pInput;
    return S_OK;
}

/* --- refusals ----------------------------------------------------------- */

static HRESULT server_AssociateWithThreadPool(
    IHttpServer *This, HANDLE hHandle,
    LPOVERLAPPED_COMPLETION_ROUTINE completionRoutine)
{
    (void)hHandle;
    (void)completionRoutine;
    return refuse(This, REFUSED_THREAD_POOL);
}

static HRESULT server_GetFileInfo(IHttpServer *This, PCWSTR pszPhysicalPath,
                                  HANDLE hUserToken, PSID pSid,
                                  PCWSTR pszChangeNotificationPath,
                                  HANDLE hChangeNotificationToken,
                                  BOOL fCache, IHttpFileInfo **ppFileInfo,
                                  IHttpTraceContext *pHttpTraceContext)
{
    (void)hUserToken;
    (void)pSid;
    (void)pszChangeNotificationPath;
    (void)hChangeNotificationToken;
    (void)fCache;
    (void)pHttpTraceContext;
    if (!pszPhysicalPath || !ppFileInfo) {
        return BAD_PARAMETER;
    }
    *ppFileInfo = NULL;
    return refuse(This, REFUSED_FILE_INFO);
}

static HRESULT server_FlushKernelCache(IHttpServer *This, PCWSTR pszUrl)
{
    return pszUrl ? refuse(This, REFUSED_KERNEL_CACHE) : BAD_PARAMETER;
}

static HRESULT server_DoCacheOperation(
    IHttpServer *This, CACHE_OPERATION cacheOperation,
    IHttpCacheKey *pCacheKey, IHttpCacheSpecificData **ppCacheSpecificData,
    IHttpTraceContext *pHttpTraceContext)
{
    (void)cacheOperation;
    (void)pCacheKey;
    (void)pHttpTraceContext;
    if (ppCacheSpecificData) {
        *ppCacheSpecificData = NULL;
    }
    return refuse(This, REFUSED_CACHE);
}

static GLOBAL_NOTIFICATION_STATUS server_NotifyCustomNotification(
    IHttpServer *This, ICustomNotificationProvider *pCustomOutput)
{
    (void)pCustomOutput;
    refuse(This, REFUSED_CUSTOM);
    return GL_NOTIFICATION_CONTINUE;
}

static IHttpPerfCounterInfo *server_GetPerfCounterInfo(IHttpServer *This)
{
    refuse(This, REFUSED_COUNTERS);
    return NULL;
}

static void server_notify_change(IHttpServer *This, PCWSTR path)
{
    (void)path;
    refuse(This, REFUSED_CHANGES);
}

static HRESULT server_AddFragmentToCache(IHttpServer *This,
                                         HTTP_DATA_CHUNK *pDataChunk,
                                         PCWSTR pszFragmentName)
{
    if (!pDataChunk || !pszFragmentName) {
        return E_INVALIDARG;
    }
    return refuse(This, REFUSED_FRAGMENTS);
}

/* IIS drops fragments when it likes; here it has dropped them all. */
static HRESULT server_ReadFragmentFromCache(IHttpServer *This,
                                            PCWSTR pszFragmentName,
                                            BYTE *pvBuffer, DWORD cbSize,
                                            DWORD *pcbCopied)
{
    (void)This;
    (void)pvBuffer;
    (void)cbSize;
    if (pcbCopied) {
        *pcbCopied = 0;
    }
    return pszFragmentName ? HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND)
                           : BAD_PARAMETER;
}

static HRESULT server_RemoveFragmentFromCache(IHttpServer *This,
                                              PCWSTR pszFragmentName)
{
    (void)This;
    return pszFragmentName ? HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)
                           : BAD_PARAMETER;
}

static HRESULT server_GetWorkerProcessSettings(
    IHttpServer *This, IWpfSettings **ppWorkerProcessSettings)
{
    if (!ppWorkerProcessSettings) {
        return BAD_PARAMETER;
    }
    *ppWorkerProcessSettings = NULL;
    return refuse(This, REFUSED_SETTINGS);
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
    refuse(This, REFUSED_PROTOCOL);
    /* The one that IIS documents for a DLL that is not there. */
    return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static HRESULT server_RegisterFileChangeMonitor(
    IHttpServer *This, PCWSTR pszPath, HANDLE hToken,
    IHttpFileMonitor **ppFileMonitor)
{
    (void)hToken;
    if (!pszPath || !ppFileMonitor) {
        return BAD_PARAMETER;
    }
    *ppFileMonitor = NULL;
    return refuse(This, REFUSED_MONITOR);
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
    return refuse(This, REFUSED_TOKEN);
}

static HRESULT server_GetMetadata(IHttpServer2 *This, PCWSTR pszSiteName,
                                  PCWSTR pszUrl,
                                  IReferencedMetadataInfo **ppMetadataInfo)
{
    (void)pszSiteName;
    (void)pszUrl;
    if (!ppMetadataInfo) {
        return BAD_PARAMETER;
    }
    *ppMetadataInfo = NULL;
    return refuse(This, REFUSED_METADATA);
}

static HRESULT server_GetWorkerProcessFramework(
    IHttpServer2 *This, IWorkerProcessFramework **ppWorkerProcessFramework)
{
    if (!ppWorkerProcessFramework) {
        return BAD_PARAMETER;
    }
    *ppWorkerProcessFramework = NULL;
    return refuse(This, REFUSED_SETTINGS);
}

static HRESULT server_QueryRequestProperty(
    IHttpServer3 *This, HTTP_OPAQUE_ID id, HTTP_REQUEST_PROPERTY propertyId,
    PVOID pQualifier, ULONG qualifierSize, PVOID pOutput,
    ULONG outputBufferSize, PULONG pcbBytesReturned, LPOVERLAPPED pOverlapped)
{
    (void)id;
    (void)propertyId;
    (void)pQualifier;
    (void)qualifierSize;
    (void)pOutput;
    (void)outputBufferSize;
    (void)pOverlapped;
    if (pcbBytesReturned) {
        *pcbBytesReturned = 0;
    }
    return refuse(This, REFUSED_PROPERTY);
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
        .NotifyConfigurationChange = server_notify_change,
        .NotifyFileChange = server_notify_change,
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
    server_t *server = baton;

    server->hooks.log(server->hooks.baton, IISR_LOG_TRACE, NULL, line);
}

IHttpServer3 *iisr_server_create(apr_pool_t *pool, const char *pool_name,
                                 const char *config_file,
                                 const iisr_server_hooks_t *hooks)
{
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    apr_size_t length;

    server->iface.lpVtbl = IISR_VPTR(server_vtbl);
    server->pool_name = iisr_widen(pool, pool_name ? pool_name : "", NULL);
    server->config_file = iisr_widen(pool, config_file ? config_file : "",
                                     &length);
    server->config_file_length = (DWORD)length;
    server->hooks = *hooks;
    server->trace = iisr_trace_create(pool, trace_line, server);
    return &server->iface;
}
