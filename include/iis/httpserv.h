/*
 * httpserv.h - the native IIS API: every interface, one method a line, for C++ modules and for the server, which is C.
 *
 * The slots of a table are numbered in order of declaration (Itanium C++ ABI): the order of the lines is the ABI.
 * iis_interface.h says how to read them, iis_notifications.h lists the request notifications.
 *
 * Rules that hold everywhere:
 *   - HRESULT: S_OK or a failure; ERROR_* stands for HRESULT_FROM_WIN32(ERROR_*).
 *   - PCWSTR is wchar_t, 4 bytes. cch counts characters, cb counts bytes; neither counts the NUL.
 *   - What a getter returns belongs to the server unless the object is reference counted.
 *   - No C++ exception may leave a module's method: the callers are C.
 * Page titles are those of the IIS native-code API reference.
 */
#ifndef IIS_HTTPSERV_H
#define IIS_HTTPSERV_H

#ifdef __cplusplus
#include <typeinfo>
#else
#include <stdbool.h>
#endif

#include "iis_interface.h"
#include "windows.h"
#include "http.h"
#include "httptrace.h"
#include "ahadmin.h"
#include "iis_handshake.h"
#include "iis_notifications.h"

/* ---- constants -------------------------------------------------------------------------------------------------- */

/* Request notifications: the bits of both masks of SetRequestNotifications. */
#define RQ_BEGIN_REQUEST                    0x00000001
#define RQ_AUTHENTICATE_REQUEST             0x00000002
#define RQ_AUTHORIZE_REQUEST                0x00000004
#define RQ_RESOLVE_REQUEST_CACHE            0x00000008
#define RQ_MAP_REQUEST_HANDLER              0x00000010
#define RQ_ACQUIRE_REQUEST_STATE            0x00000020
#define RQ_PRE_EXECUTE_REQUEST_HANDLER      0x00000040
#define RQ_EXECUTE_REQUEST_HANDLER          0x00000080
#define RQ_RELEASE_REQUEST_STATE            0x00000100
#define RQ_UPDATE_REQUEST_CACHE             0x00000200
#define RQ_LOG_REQUEST                      0x00000400
#define RQ_END_REQUEST                      0x00000800
#define RQ_SEND_RESPONSE_STATUS_AND_HEADERS 0x08000000
#define RQ_CUSTOM_NOTIFICATION              0x10000000
#define RQ_SEND_RESPONSE                    0x20000000
#define RQ_READ_ENTITY                      0x40000000
#define RQ_MAP_PATH                         0x80000000

/* Global notifications. */
#define GL_STOP_LISTENING              0x00000002
#define GL_CACHE_CLEANUP               0x00000004
#define GL_CACHE_OPERATION             0x00000010
#define GL_HEALTH_CHECK                0x00000020
#define GL_CONFIGURATION_CHANGE        0x00000040
#define GL_FILE_CHANGE                 0x00000080
#define GL_PRE_BEGIN_REQUEST           0x00000100
#define GL_APPLICATION_START           0x00000200
#define GL_APPLICATION_RESOLVE_MODULES 0x00000400
#define GL_APPLICATION_STOP            0x00000800
#define GL_RSCA_QUERY                  0x00001000
#define GL_TRACE_EVENT                 0x00002000
#define GL_CUSTOM_NOTIFICATION         0x00004000
#define GL_THREAD_CLEANUP              0x00008000
#define GL_APPLICATION_PRELOAD         0x00010000
#define GL_SUSPEND_PROCESS             0x00020000

/* Priorities. */
#define PRIORITY_ALIAS_FIRST  L"FIRST"
#define PRIORITY_ALIAS_HIGH   L"HIGH"
#define PRIORITY_ALIAS_MEDIUM L"MEDIUM"
#define PRIORITY_ALIAS_LOW    L"LOW"
#define PRIORITY_ALIAS_LAST   L"LAST"

/* IHttpContext::CloneContext. */
#define CLONE_FLAG_BASICS             0x00000001
#define CLONE_FLAG_HEADERS            0x00000002
#define CLONE_FLAG_ENTITY             0x00000004
#define CLONE_FLAG_NO_PRECONDITION    0x00000008
#define CLONE_FLAG_NO_DAV             0x00000010
#define CLONE_FLAG_USER_CACHE_VARY_BY 0x00000020
#define CLONE_FLAG_SERVER_VARIABLE    0x00000040

/* IHttpContext::ExecuteRequest. */
#define EXECUTE_FLAG_NO_HEADERS                 0x00000001
#define EXECUTE_FLAG_IGNORE_CURRENT_INTERCEPTOR 0x00000002
#define EXECUTE_FLAG_IGNORE_APPPOOL             0x00000004
#define EXECUTE_FLAG_DISABLE_CUSTOM_ERROR       0x00000008
#define EXECUTE_FLAG_SAME_URL                   0x00000010
#define EXECUTE_FLAG_BUFFER_RESPONSE            0x00000020
#define EXECUTE_FLAG_HTTP_CACHE_ELIGIBLE        0x00000040

/* IHttpUser::GetUserVariable. */
#define HTTP_USER_VARIABLE_SID         "SID"
#define HTTP_USER_VARIABLE_CTXT_HANDLE "CtxtHandle"
#define HTTP_USER_VARIABLE_CRED_HANDLE "CredHandle"

/* The exported function. */
#define MODULE_REGISTERMODULE "RegisterModule"

/* What a request notification returns. PENDING: a completion will follow. */
typedef enum REQUEST_NOTIFICATION_STATUS {
    RQ_NOTIFICATION_CONTINUE = 0,
    RQ_NOTIFICATION_PENDING = 1,
    RQ_NOTIFICATION_FINISH_REQUEST = 2
} REQUEST_NOTIFICATION_STATUS, *PREQUEST_NOTIFICATION_STATUS;

typedef enum GLOBAL_NOTIFICATION_STATUS {
    GL_NOTIFICATION_CONTINUE = 0,
    GL_NOTIFICATION_HANDLED = 1
} GLOBAL_NOTIFICATION_STATUS, *PGLOBAL_NOTIFICATION_STATUS;

typedef enum CACHE_OPERATION {
    CACHE_OPERATION_RETRIEVE = 0,
    CACHE_OPERATION_ADD = 1,
    CACHE_OPERATION_DELETE = 2,
    CACHE_OPERATION_FLUSH_PREFIX = 3,
    CACHE_OPERATION_ENUM = 4
} CACHE_OPERATION, *PCACHE_OPERATION;

typedef enum HTTP_SERVER_INTERFACE_VERSION {
    HTTP_SERVER_INTERFACE_V2 = 0,
    HTTP_SERVER_INTERFACE_V3 = 1
} HTTP_SERVER_INTERFACE_VERSION, *PHTTP_SERVER_INTERFACE_VERSION;

/* Has no values. */
#ifdef __cplusplus
typedef enum HTTP_CONTEXT_INTERFACE_VERSION : int {} HTTP_CONTEXT_INTERFACE_VERSION;
#else
typedef int HTTP_CONTEXT_INTERFACE_VERSION;
#endif

typedef void *HTTP_MODULE_ID;

/* ---- names of everything ---------------------------------------------------------------------------------------- */

IIS_DECLARE(CGlobalModule);
IIS_DECLARE(CHttpModule);
IIS_DECLARE(IHttpEventProvider);
IIS_DECLARE(IAuthenticationProvider);
IIS_DECLARE(ICacheProvider);
IIS_DECLARE(ICustomNotificationProvider);
IIS_DECLARE(IHttpModuleContextContainer);
IIS_DECLARE(IDispensedHttpModuleContextContainer);
IIS_DECLARE(IGlobalApplicationPreloadProvider);
IIS_DECLARE(IGlobalApplicationPreloadProvider2);
IIS_DECLARE(IGlobalConfigurationChangeProvider);
IIS_DECLARE(IGlobalFileChangeProvider);
IIS_DECLARE(IGlobalRSCAQueryProvider);
IIS_DECLARE(IGlobalStopListeningProvider);
IIS_DECLARE(IGlobalSuspendProcessCallback);
IIS_DECLARE(IGlobalThreadCleanupProvider);
IIS_DECLARE(IGlobalTraceEventProvider);
IIS_DECLARE(IHttpApplication);
IIS_DECLARE(IHttpApplication2);
IIS_DECLARE(IHttpApplicationProvider);
IIS_DECLARE(IHttpApplicationResolveModulesProvider);
IIS_DECLARE(IHttpCacheKey);
IIS_DECLARE(IHttpCachePolicy);
IIS_DECLARE(IHttpCachePolicy2);
IIS_DECLARE(IHttpCacheSpecificData);
IIS_DECLARE(IHttpCompletionInfo);
IIS_DECLARE(IHttpCompletionInfo2);
IIS_DECLARE(IHttpConnection);
IIS_DECLARE(IHttpConnectionModuleContextContainer);
IIS_DECLARE(IHttpStoredContext);
IIS_DECLARE(IHttpConnectionStoredContext);
IIS_DECLARE(IHttpContext);
IIS_DECLARE(IHttpContext2);
IIS_DECLARE(IHttpContext3);
IIS_DECLARE(IHttpContext4);
IIS_DECLARE(IHttpFileInfo);
IIS_DECLARE(IHttpFileMonitor);
IIS_DECLARE(IHttpModuleFactory);
IIS_DECLARE(IHttpModuleRegistrationInfo);
IIS_DECLARE(IHttpModuleRegistrationInfo2);
IIS_DECLARE(IHttpPerfCounterInfo);
IIS_DECLARE(IHttpRequest);
IIS_DECLARE(IHttpRequest2);
IIS_DECLARE(IHttpRequest3);
IIS_DECLARE(IHttpRequest4);
IIS_DECLARE(IHttpResponse);
IIS_DECLARE(IHttpResponse2);
IIS_DECLARE(IHttpResponse3);
IIS_DECLARE(IHttpResponse4);
IIS_DECLARE(IHttpServer);
IIS_DECLARE(IHttpServer2);
IIS_DECLARE(IHttpServer3);
IIS_DECLARE(IHttpSite);
IIS_DECLARE(IHttpTokenEntry);
IIS_DECLARE(IHttpTraceContext);
IIS_DECLARE(IHttpUrlInfo);
IIS_DECLARE(IHttpUser);
IIS_DECLARE(IMapHandlerProvider);
IIS_DECLARE(IMapPathProvider);
IIS_DECLARE(IMetadataInfo);
IIS_DECLARE(IModuleAllocator);
IIS_DECLARE(INamedContextContainer);
IIS_DECLARE(IPreBeginRequestProvider);
IIS_DECLARE(IReadEntityProvider);
IIS_DECLARE(IReferencedMetadataInfo);
IIS_DECLARE(IScriptMapInfo);
IIS_DECLARE(ISendResponseProvider);
IIS_DECLARE(INativeConfigurationSystem);
/* wpframework.h has these too; before C11 a typedef stands once. */
#ifndef IIS_DECLARES_WPF
#define IIS_DECLARES_WPF
IIS_DECLARE(IWpfSettings);
IIS_DECLARE(IWorkerProcessFramework);
#endif
typedef IHttpApplicationProvider IHttpApplicationStartProvider;
typedef IHttpApplicationProvider IHttpApplicationStopProvider;

/* Runs on a server thread. Its status takes the place of the one that the pending handler would have returned. */
typedef REQUEST_NOTIFICATION_STATUS (WINAPI *PFN_ASYNC_COMPLETION)(IHttpContext3 *pHttpContext,
                                                                   IHttpCompletionInfo2 *pCompletionInfo,
                                                                   void *pvCompletionContext);

/* dwServerVersion: the server's major version. Failure rejects the module. */
typedef HRESULT (WINAPI *PFN_REGISTERMODULE)(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo,
                                             IHttpServer *pGlobalInfo);

#ifdef __cplusplus
/* Between the names of an interface that only a declaration is known of. */
template <typename To, typename From> inline To *iis_cast(From *from) { return reinterpret_cast<To *>(from); }
#endif

/* ---- interfaces ------------------------------------------------------------------------------------------------- */

/*
 * Base of everything that accompanies one notification; valid until the handler returns, or completes if it went
 * pending. SetErrorStatus: the HRESULT that the server reports for the request. Page: "IHttpEventProvider Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpEventProvider
IIS_BEGIN(IHttpEventProvider)
    IIS_METHOD(void, SetErrorStatus)(IIS_THIS_ HRESULT hrError) IIS_PURE;
IIS_END(IHttpEventProvider)

/*
 * RQ_AUTHENTICATE_REQUEST. SetUser with a user authenticates the request at once; the provider takes the caller's
 * reference over and calls DereferenceUser at the end. NULL: the next authentication module has its turn. Page:
 * "IAuthenticationProvider Interface".
 */
#undef INTERFACE
#define INTERFACE IAuthenticationProvider
IIS_BEGIN_DERIVED(IAuthenticationProvider, IHttpEventProvider)
    IIS_METHOD(void, SetUser)(IIS_THIS_ IHttpUser *pUser) IIS_PURE;
IIS_END(IAuthenticationProvider)

/*
 * GL_CACHE_OPERATION. Key and record belong to the cache; SetCacheRecord wants a referenced, non-NULL record. Page:
 * "ICacheProvider Interface".
 */
#undef INTERFACE
#define INTERFACE ICacheProvider
IIS_BEGIN_DERIVED(ICacheProvider, IHttpEventProvider)
    IIS_METHOD(CACHE_OPERATION, GetCacheOperation)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpCacheKey *, GetCacheKey)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpCacheSpecificData *, GetCacheRecord)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, SetCacheRecord)(IIS_THIS_ IHttpCacheSpecificData *pCacheRecord) IIS_PURE;
    IIS_METHOD(IHttpTraceContext *, GetTraceContext)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(ICacheProvider)

/*
 * Implemented by the module that raises a custom notification; QueryNotificationType returns its unique name. Page:
 * "ICustomNotificationProvider Interface".
 */
#undef INTERFACE
#define INTERFACE ICustomNotificationProvider
IIS_BEGIN_DERIVED(ICustomNotificationProvider, IHttpEventProvider)
    IIS_METHOD(PCWSTR, QueryNotificationType)(IIS_THIS) IIS_PURE;
IIS_END(ICustomNotificationProvider)

/*
 * Stores one object per module on a request, connection, site, application, URL or file. The container owns what is
 * set and calls its CleanupStoredContext exactly once. Setting twice for one id is ERROR_ALREADY_ASSIGNED, setting
 * NULL ERROR_INVALID_PARAMETER. Page: "IHttpModuleContextContainer Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpModuleContextContainer
IIS_BEGIN(IHttpModuleContextContainer)
    IIS_METHOD(IHttpStoredContext *, GetModuleContext)(IIS_THIS_ HTTP_MODULE_ID moduleId) IIS_PURE;
    IIS_METHOD(HRESULT, SetModuleContext)(IIS_THIS_ IHttpStoredContext *ppStoredContext,
        HTTP_MODULE_ID moduleId) IIS_PURE;
IIS_END(IHttpModuleContextContainer)

/*
 * From IHttpServer::DispenseContainer; deletes itself in ReleaseContainer. Not thread safe. Page:
 * "IDispensedHttpModuleContextContainer Interface".
 */
#undef INTERFACE
#define INTERFACE IDispensedHttpModuleContextContainer
IIS_BEGIN_DERIVED(IDispensedHttpModuleContextContainer, IHttpModuleContextContainer)
    IIS_METHOD(void, ReleaseContainer)(IIS_THIS) IIS_PURE;
IIS_END(IDispensedHttpModuleContextContainer)

/*
 * GL_APPLICATION_PRELOAD: runs a request before the first client comes. Page: "IGlobalApplicationPreloadProvider
 * Interface".
 */
#undef INTERFACE
#define INTERFACE IGlobalApplicationPreloadProvider
IIS_BEGIN_DERIVED(IGlobalApplicationPreloadProvider, IHttpEventProvider)
    IIS_METHOD(HRESULT, CreateContext)(IIS_THIS_ IHttpContext **ppHttpContext) IIS_PURE;
    IIS_METHOD(HRESULT, ExecuteRequest)(IIS_THIS_ IHttpContext *pHttpContext, IHttpUser *pHttpUser) IIS_PURE;
IIS_END(IGlobalApplicationPreloadProvider)

/* Tells a recycled process from a fresh one. Page: "IGlobalApplicationPreloadProvider2 Interface". */
#undef INTERFACE
#define INTERFACE IGlobalApplicationPreloadProvider2
IIS_BEGIN_DERIVED(IGlobalApplicationPreloadProvider2, IGlobalApplicationPreloadProvider)
    IIS_METHOD(BOOL, IsProcessRecycled)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IGlobalApplicationPreloadProvider2)

/* GL_CONFIGURATION_CHANGE: the configuration path that changed. Page: "IGlobalConfigurationChangeProvider Interface". */
#undef INTERFACE
#define INTERFACE IGlobalConfigurationChangeProvider
IIS_BEGIN_DERIVED(IGlobalConfigurationChangeProvider, IHttpEventProvider)
    IIS_METHOD(PCWSTR, GetChangePath)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IGlobalConfigurationChangeProvider)

/* GL_FILE_CHANGE: the full path that changed, and its monitor. Page: "IGlobalFileChangeProvider Interface". */
#undef INTERFACE
#define INTERFACE IGlobalFileChangeProvider
IIS_BEGIN_DERIVED(IGlobalFileChangeProvider, IHttpEventProvider)
    IIS_METHOD(PCWSTR, GetFileName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpFileMonitor *, GetFileMonitor)(IIS_THIS) IIS_PURE;
IIS_END(IGlobalFileChangeProvider)

/*
 * GL_RSCA_QUERY. Name and parameters are empty, never NULL. GetOutputBuffer: E_OUTOFMEMORY; ResizeOutputBuffer also
 * E_INVALIDARG when asked to keep more than the new size. Bytes throughout. Page: "IGlobalRSCAQueryProvider
 * Interface".
 */
#undef INTERFACE
#define INTERFACE IGlobalRSCAQueryProvider
IIS_BEGIN_DERIVED(IGlobalRSCAQueryProvider, IHttpEventProvider)
    IIS_METHOD(PCWSTR, GetFunctionName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetFunctionParameters)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, GetOutputBuffer)(IIS_THIS_ DWORD cbBuffer, BYTE **ppbBuffer) IIS_PURE;
    IIS_METHOD(HRESULT, ResizeOutputBuffer)(IIS_THIS_ DWORD cbNewBuffer, DWORD cbBytesToCopy,
        BYTE **ppbBuffer) IIS_PURE;
    IIS_METHOD(void, SetResult)(IIS_THIS_ DWORD cbData, HRESULT hr) IIS_PURE;
IIS_END(IGlobalRSCAQueryProvider)

/* GL_STOP_LISTENING. TRUE on a recycle, FALSE on a hard restart. Page: "IGlobalStopListeningProvider Interface". */
#undef INTERFACE
#define INTERFACE IGlobalStopListeningProvider
IIS_BEGIN_DERIVED(IGlobalStopListeningProvider, IHttpEventProvider)
    IIS_METHOD(BOOL, DrainRequestsGracefully)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IGlobalStopListeningProvider)

/* GL_SUSPEND_PROCESS: what the module leaves behind to be called when the process resumes. Not documented. */
#undef INTERFACE
#define INTERFACE IGlobalSuspendProcessCallback
IIS_BEGIN_DERIVED(IGlobalSuspendProcessCallback, IHttpEventProvider)
    IIS_METHOD(HRESULT, Resume)(IIS_THIS) IIS_PURE;
IIS_END(IGlobalSuspendProcessCallback)

/* GL_THREAD_CLEANUP: a thread goes back to the pool. Page: "IGlobalThreadCleanupProvider Interface". */
#undef INTERFACE
#define INTERFACE IGlobalThreadCleanupProvider
IIS_BEGIN_DERIVED(IGlobalThreadCleanupProvider, IHttpEventProvider)
    IIS_METHOD(IHttpApplication *, GetApplication)(IIS_THIS) IIS_PURE;
IIS_END(IGlobalThreadCleanupProvider)

/*
 * GL_TRACE_EVENT. The provider owns the event. GetCurrentHttpRequestContext: ERROR_NOT_SUPPORTED, and nothing written,
 * for an event that belongs to no request. Page: "IGlobalTraceEventProvider Interface".
 */
#undef INTERFACE
#define INTERFACE IGlobalTraceEventProvider
IIS_BEGIN_DERIVED(IGlobalTraceEventProvider, IHttpEventProvider)
    IIS_METHOD(HRESULT, GetTraceEvent)(IIS_THIS_ HTTP_TRACE_EVENT **ppTraceEvent) IIS_PURE;
    IIS_METHOD(BOOL, CheckSubscription)(IIS_THIS_ HTTP_MODULE_ID ModuleId) IIS_PURE;
    IIS_METHOD(HRESULT, GetCurrentHttpRequestContext)(IIS_THIS_ IHttpContext **ppHttpContext) IIS_PURE;
IIS_END(IGlobalTraceEventProvider)

/*
 * Strings live as long as the application. GetApplicationPhysicalPath is its root, not the request's file. Page:
 * "IHttpApplication Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpApplication
IIS_BEGIN(IHttpApplication)
    IIS_METHOD(PCWSTR, GetApplicationPhysicalPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetApplicationId)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetAppConfigPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
IIS_END(IHttpApplication)

/* Warm-up state. Page: "IHttpApplication2 Interface". */
#undef INTERFACE
#define INTERFACE IHttpApplication2
IIS_BEGIN_DERIVED(IHttpApplication2, IHttpApplication)
    IIS_METHOD(void, BeginApplicationWarmup)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, EndApplicationWarmup)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, QueryIsWarmingUp)(IIS_THIS) IIS_PURE;
IIS_END(IHttpApplication2)

/* GL_APPLICATION_START and GL_APPLICATION_STOP. Page: "IHttpApplicationProvider Interface". */
#undef INTERFACE
#define INTERFACE IHttpApplicationProvider
IIS_BEGIN_DERIVED(IHttpApplicationProvider, IHttpEventProvider)
    IIS_METHOD(IHttpApplication *, GetApplication)(IIS_THIS) IIS_PURE;
IIS_END(IHttpApplicationProvider)

/*
 * GL_APPLICATION_RESOLVE_MODULES: more modules than the configuration names. RegisterModule: ERROR_FILE_NOT_FOUND,
 * ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY. Page: "IHttpApplicationResolveModulesProvider Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpApplicationResolveModulesProvider
IIS_BEGIN_DERIVED(IHttpApplicationResolveModulesProvider, IHttpApplicationProvider)
    IIS_METHOD(HRESULT, RegisterModule)(IIS_THIS_ HTTP_MODULE_ID parentModuleId, IHttpModuleFactory *pModuleFactory,
        PCWSTR pszModuleName, PCWSTR pszModuleType, PCWSTR pszModulePreCondition, DWORD dwRequestNotifications,
        DWORD dwPostRequestNotifications) IIS_PURE;
    IIS_METHOD(HRESULT, SetPriorityForRequestNotification)(IIS_THIS_ PCWSTR pszModuleName, DWORD dwRequestNotification,
        PCWSTR pszPriorityAlias) IIS_PURE;
IIS_END(IHttpApplicationResolveModulesProvider)

/*
 * GetCacheName (FILE, TOKEN or URI) tells which interface of httpcach.h the key is. Comparisons want a key of the same
 * kind, never NULL. Page: "IHttpCacheKey Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpCacheKey
IIS_BEGIN(IHttpCacheKey)
    IIS_METHOD(DWORD, GetHash)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetCacheName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(bool, GetIsEqual)(IIS_THIS_ IHttpCacheKey *pCacheCompareKey) IIS_CONST IIS_PURE;
    IIS_METHOD(bool, GetIsPrefix)(IIS_THIS_ IHttpCacheKey *pCacheCompareKey) IIS_CONST IIS_PURE;
    IIS_METHOD(void, Enum)(IIS_THIS_ IHttpCacheSpecificData *pCacheData) IIS_PURE;
IIS_END(IHttpCacheKey)

/*
 * The policies may be changed through the returned pointers; they start as no-cache. Strings are copied. The Vary
 * lists are joined by commas: no comma in a value, NULL changes nothing and is S_OK. SetVaryByValue: E_INVALIDARG for
 * NULL, ERROR_ARITHMETIC_OVERFLOW when too long. Disabling and marking are one way. Page: "IHttpCachePolicy
 * Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpCachePolicy
IIS_BEGIN(IHttpCachePolicy)
    IIS_METHOD(HTTP_CACHE_POLICY *, GetKernelCachePolicy)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, SetKernelCacheInvalidatorSet)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HTTP_CACHE_POLICY *, GetUserCachePolicy)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, AppendVaryByHeader)(IIS_THIS_ PCSTR pszHeader) IIS_PURE;
    IIS_METHOD(PCSTR, GetVaryByHeaders)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, AppendVaryByQueryString)(IIS_THIS_ PCSTR pszParam) IIS_PURE;
    IIS_METHOD(PCSTR, GetVaryByQueryStrings)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, SetVaryByValue)(IIS_THIS_ PCSTR pszValue) IIS_PURE;
    IIS_METHOD(PCSTR, GetVaryByValue)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(BOOL, IsUserCacheEnabled)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, DisableUserCache)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, IsCached)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, SetIsCached)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, GetKernelCacheInvalidatorSet)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IHttpCachePolicy)

/* Asks for an update of the cache although an entry is there. Page: "IHttpCachePolicy2 Interface". */
#undef INTERFACE
#define INTERFACE IHttpCachePolicy2
IIS_BEGIN_DERIVED(IHttpCachePolicy2, IHttpCachePolicy)
    IIS_METHOD(BOOL, IsForceUpdateSet)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, SetForceUpdate)(IIS_THIS) IIS_PURE;
IIS_END(IHttpCachePolicy2)

/*
 * Reference counted from 1, thread safe, deletes itself at 0. DecrementTTL needs a non-NULL pointer. Page:
 * "IHttpCacheSpecificData Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpCacheSpecificData
IIS_BEGIN(IHttpCacheSpecificData)
    IIS_METHOD(IHttpCacheKey *, GetCacheKey)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, ReferenceCacheData)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, DereferenceCacheData)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, ResetTTL)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, DecrementTTL)(IIS_THIS_ BOOL *pfTTLExpired) IIS_PURE;
    IIS_METHOD(void, SetFlushed)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, GetFlushed)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IHttpCacheSpecificData)

/*
 * Result of an asynchronous operation; valid during the completion. Bytes, or what PostCompletion was given. Page:
 * "IHttpCompletionInfo Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpCompletionInfo
IIS_BEGIN(IHttpCompletionInfo)
    IIS_METHOD(DWORD, GetCompletionBytes)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, GetCompletionStatus)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IHttpCompletionInfo)

/*
 * Which operation completed: an id (1 is a read), although the page speaks of bytes. Page: "IHttpCompletionInfo2
 * Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpCompletionInfo2
IIS_BEGIN_DERIVED(IHttpCompletionInfo2, IHttpCompletionInfo)
    IIS_METHOD(DWORD, GetCompletedOperation)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IHttpCompletionInfo2)

/*
 * AllocateMemory: bytes, freed with the connection, NULL on failure (the page speaks of the request). The container
 * belongs to the connection. Page: "IHttpConnection Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpConnection
IIS_BEGIN(IHttpConnection)
    IIS_METHOD(BOOL, IsConnected)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void *, AllocateMemory)(IIS_THIS_ DWORD cbAllocation) IIS_PURE;
    IIS_METHOD(IHttpConnectionModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
IIS_END(IHttpConnection)

/* The same per connection; its objects also hear of the disconnect. Not documented. */
#undef INTERFACE
#define INTERFACE IHttpConnectionModuleContextContainer
IIS_BEGIN_DERIVED(IHttpConnectionModuleContextContainer, IHttpModuleContextContainer)
    IIS_METHOD(IHttpConnectionStoredContext *, GetConnectionModuleContext)(IIS_THIS_ HTTP_MODULE_ID moduleId) IIS_PURE;
    IIS_METHOD(HRESULT, SetConnectionModuleContext)(IIS_THIS_ IHttpConnectionStoredContext *ppStoredContext,
        HTTP_MODULE_ID moduleId) IIS_PURE;
IIS_END(IHttpConnectionModuleContextContainer)

/*
 * Implemented by modules, usually as `delete this`. Called once, by the owner of the container, on any thread. Page:
 * "IHttpStoredContext Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpStoredContext
IIS_BEGIN(IHttpStoredContext)
    IIS_METHOD(void, CleanupStoredContext)(IIS_THIS) IIS_PURE;
IIS_END(IHttpStoredContext)

/* NotifyDisconnect: the connection has dropped. Page: "IHttpConnectionStoredContext Interface". */
#undef INTERFACE
#define INTERFACE IHttpConnectionStoredContext
IIS_BEGIN_DERIVED(IHttpConnectionStoredContext, IHttpStoredContext)
    IIS_METHOD(void, NotifyDisconnect)(IIS_THIS) IIS_PURE;
IIS_END(IHttpConnectionStoredContext)

/*
 * One request. What the getters return is owned by the server and lives as long as the request. PostCompletion(n) may
 * come from any thread: OnAsyncCompletion follows on a server thread and GetCompletionBytes is n.
 * IndicateCompletion(status) ends a pending notification with that status and no handler runs again. ExecuteRequest
 * wants a context that CloneContext of this one made, and fAsync TRUE, otherwise ERROR_NOT_SUPPORTED; a depth beyond
 * 10 is ERROR_STACK_OVERFLOW. GetServerVariable: lengths in characters, ERROR_INVALID_INDEX for an unknown name.
 * MapPath: pcbPhysicalPath is bytes, in and out; ERROR_INSUFFICIENT_BUFFER says how many are needed.
 * AllocateRequestMemory: bytes, freed with the request, NULL on failure. Children are released in reverse order. Page:
 * "IHttpContext Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpContext
IIS_BEGIN(IHttpContext)
    IIS_METHOD(IHttpSite *, GetSite)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IHttpApplication *, GetApplication)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IHttpConnection *, GetConnection)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IHttpRequest *, GetRequest)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IHttpResponse *, GetResponse)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, GetResponseHeadersSent)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpUser *, GetUser)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, IndicateCompletion)(IIS_THIS_ REQUEST_NOTIFICATION_STATUS notificationStatus) IIS_PURE;
    IIS_METHOD(HRESULT, PostCompletion)(IIS_THIS_ DWORD cbBytes) IIS_PURE;
    IIS_METHOD(void, DisableNotifications)(IIS_THIS_ DWORD dwNotifications, DWORD dwPostNotifications) IIS_PURE;
    IIS_METHOD(BOOL, GetNextNotification)(IIS_THIS_ REQUEST_NOTIFICATION_STATUS status, DWORD *pdwNotification,
        BOOL *pfIsPostNotification, CHttpModule **ppModuleInfo, IHttpEventProvider **ppRequestOutput) IIS_PURE;
    IIS_METHOD(BOOL, GetIsLastNotification)(IIS_THIS_ REQUEST_NOTIFICATION_STATUS status) IIS_PURE;
    IIS_METHOD(HRESULT, ExecuteRequest)(IIS_THIS_ BOOL fAsync, IHttpContext *pHttpContext, DWORD dwExecuteFlags,
        IHttpUser *pHttpUser, BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(DWORD, GetExecuteFlags)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD_AS(HRESULT, GetServerVariable, GetServerVariableW)(IIS_THIS_ PCSTR pszVariableName, PCWSTR *ppszValue,
        DWORD *pcchValueLength) IIS_PURE;
    IIS_METHOD(HRESULT, GetServerVariable)(IIS_THIS_ PCSTR pszVariableName, PCSTR *ppszValue,
        DWORD *pcchValueLength) IIS_PURE;
    IIS_METHOD(HRESULT, SetServerVariable)(IIS_THIS_ PCSTR pszVariableName, PCWSTR pszVariableValue) IIS_PURE;
    IIS_METHOD(void *, AllocateRequestMemory)(IIS_THIS_ DWORD cbAllocation) IIS_PURE;
    IIS_METHOD(IHttpUrlInfo *, GetUrlInfo)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IMetadataInfo *, GetMetadata)(IIS_THIS) IIS_PURE;
    IIS_METHOD(PCWSTR, GetPhysicalPath)(IIS_THIS_ DWORD *pcchPhysicalPath IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(PCWSTR, GetScriptName)(IIS_THIS_ DWORD *pcchScriptName IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetScriptTranslated)(IIS_THIS_ DWORD *pcchScriptTranslated IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(IScriptMapInfo *, GetScriptMap)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, SetRequestHandled)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IHttpFileInfo *, GetFileInfo)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, MapPath)(IIS_THIS_ PCWSTR pszUrl, PWSTR pszPhysicalPath, DWORD *pcbPhysicalPath) IIS_PURE;
    IIS_METHOD(HRESULT, NotifyCustomNotification)(IIS_THIS_ ICustomNotificationProvider *pCustomOutput,
        BOOL *pfCompletionExpected) IIS_PURE;
    IIS_METHOD(IHttpContext *, GetParentContext)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpContext *, GetRootContext)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, CloneContext)(IIS_THIS_ DWORD dwCloneFlags, IHttpContext **ppHttpContext) IIS_PURE;
    IIS_METHOD(HRESULT, ReleaseClonedContext)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, GetCurrentExecutionStats)(IIS_THIS_ DWORD *pdwNotification,
        DWORD *pdwNotificationStartTickCount IIS_DEFAULT(NULL), PCWSTR *ppszModule IIS_DEFAULT(NULL),
        DWORD *pdwModuleStartTickCount IIS_DEFAULT(NULL), DWORD *pdwAsyncNotification IIS_DEFAULT(NULL),
        DWORD *pdwAsyncNotificationStartTickCount IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpTraceContext *, GetTraceContext)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, GetServerVarChanges)(IIS_THIS_ DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
        DWORD *pdwVariableSnapshot, PCSTR **ppVariableNameSnapshot, PCWSTR **ppVariableValueSnapshot,
        DWORD *pdwDiffedVariables, DWORD **ppDiffedVariableIndices) IIS_PURE;
    IIS_METHOD(HRESULT, CancelIo)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, MapHandler)(IIS_THIS_ DWORD dwSiteId, PCWSTR pszSiteName, PCWSTR pszUrl, PCSTR pszVerb,
        IScriptMapInfo **ppScriptMap, BOOL fIgnoreWildcardMappings IIS_DEFAULT(FALSE)) IIS_PURE;
    IIS_METHOD(HRESULT, GetExtendedInterface)(IIS_THIS_ HTTP_CONTEXT_INTERFACE_VERSION version,
        PVOID *ppInterface) IIS_PURE;
IIS_END(IHttpContext)

/* The user before any module replaced it. Page: "IHttpContext2 Interface". */
#undef INTERFACE
#define INTERFACE IHttpContext2
IIS_BEGIN_DERIVED(IHttpContext2, IHttpContext)
    IIS_METHOD(IHttpUser *, GetOriginalUser)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IHttpContext2)

/*
 * EnableFullDuplex allows a read and a write to be outstanding at once. InheritServerVariable: a missing one fails
 * only if fFailIfNotExist. PostCompletion with a routine calls that instead of OnAsyncCompletion. Page: "IHttpContext3
 * Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpContext3
IIS_BEGIN_DERIVED(IHttpContext3, IHttpContext2)
    IIS_CPP(using IHttpContext2::PostCompletion;)
    IIS_METHOD(INamedContextContainer *, GetNamedContextContainer)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, EnableFullDuplex)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, InheritServerVariable)(IIS_THIS_ PCSTR szName,
        BOOL fFailIfNotExist IIS_DEFAULT(FALSE)) IIS_PURE;
    IIS_METHOD_AS(HRESULT, PostCompletion, PostCompletionWithCallback)(IIS_THIS_ DWORD cbBytes,
        LPOVERLAPPED_COMPLETION_ROUTINE pfnCompletionRoutine, void *pvCompletionContext) IIS_PURE;
IIS_END(IHttpContext3)

/* Milliseconds: the start on the clock of GetTickCount64, and the time since. Page: "IHttpContext4 Interface". */
#undef INTERFACE
#define INTERFACE IHttpContext4
IIS_BEGIN_DERIVED(IHttpContext4, IHttpContext3)
    IIS_METHOD(ULONGLONG, GetRequestStartTime)(IIS_THIS) IIS_PURE;
    IIS_METHOD(ULONGLONG, GetRequestElapsedTime)(IIS_THIS) IIS_PURE;
IIS_END(IHttpContext4)

/*
 * A file, reference counted. GetFileBuffer is NULL unless the content is cached. GetFileHandle may be
 * INVALID_HANDLE_VALUE and must not be closed. GetLastModifiedTime: 100 ns units since 1601. AccessCheck: E_FAIL or a
 * Win32 error when the user may not open it. GetHttpCacheAllowed: the seconds count only if it is TRUE. Page:
 * "IHttpFileInfo Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpFileInfo
IIS_BEGIN_DERIVED(IHttpFileInfo, IHttpCacheSpecificData)
    IIS_METHOD(DWORD, GetAttributes)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, GetSize)(IIS_THIS_ ULARGE_INTEGER *pliSize) IIS_CONST IIS_PURE;
    IIS_METHOD(const BYTE *, GetFileBuffer)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HANDLE, GetFileHandle)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetFilePath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCSTR, GetETag)(IIS_THIS_ USHORT *pcchETag IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(void, GetLastModifiedTime)(IIS_THIS_ FILETIME *pFileTime) IIS_CONST IIS_PURE;
    IIS_METHOD(PCSTR, GetLastModifiedString)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(BOOL, GetHttpCacheAllowed)(IIS_THIS_ DWORD *pSecondsToLive) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, AccessCheck)(IIS_THIS_ HANDLE hUserToken, PSID pUserSid) IIS_PURE;
    IIS_METHOD(HANDLE, GetVrToken)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetVrPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, CheckIfFileHasChanged)(IIS_THIS_ HANDLE hUserToken) IIS_PURE;
IIS_END(IHttpFileInfo)

/* From IHttpServer::RegisterFileChangeMonitor; dereferencing stops it. Page: "IHttpFileMonitor Interface". */
#undef INTERFACE
#define INTERFACE IHttpFileMonitor
IIS_BEGIN(IHttpFileMonitor)
    IIS_METHOD(IHttpModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, DereferenceFileMonitor)(IIS_THIS) IIS_PURE;
IIS_END(IHttpFileMonitor)

/*
 * Implemented by modules. GetHttpModule runs once per request, possibly on several threads at once; memory of the
 * allocator is freed with the request. Terminate comes once, before the module is unloaded. Page: "IHttpModuleFactory
 * Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpModuleFactory
IIS_BEGIN(IHttpModuleFactory)
    IIS_METHOD(HRESULT, GetHttpModule)(IIS_THIS_ CHttpModule **ppModule, IModuleAllocator *pAllocator) IIS_PURE;
    IIS_METHOD(void, Terminate)(IIS_THIS) IIS_PURE;
IIS_END(IHttpModuleFactory)

/*
 * For use inside RegisterModule. The server takes the factory and the global module over and calls their Terminate; a
 * second registration is ERROR_ALREADY_EXISTS. Priorities are PRIORITY_ALIAS_*; their order is reversed for
 * RQ_SEND_RESPONSE. Page: "IHttpModuleRegistrationInfo Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpModuleRegistrationInfo
IIS_BEGIN(IHttpModuleRegistrationInfo)
    IIS_METHOD(PCWSTR, GetName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HTTP_MODULE_ID, GetId)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, SetRequestNotifications)(IIS_THIS_ IHttpModuleFactory *pModuleFactory,
        DWORD dwRequestNotifications, DWORD dwPostRequestNotifications) IIS_PURE;
    IIS_METHOD(HRESULT, SetGlobalNotifications)(IIS_THIS_ CGlobalModule *pGlobalModule,
        DWORD dwGlobalNotifications) IIS_PURE;
    IIS_METHOD(HRESULT, SetPriorityForRequestNotification)(IIS_THIS_ DWORD dwRequestNotification,
        PCWSTR pszPriority) IIS_PURE;
    IIS_METHOD(HRESULT, SetPriorityForGlobalNotification)(IIS_THIS_ DWORD dwGlobalNotification,
        PCWSTR pszPriority) IIS_PURE;
IIS_END(IHttpModuleRegistrationInfo)

/* The same for post-event notifications. Not documented. */
#undef INTERFACE
#define INTERFACE IHttpModuleRegistrationInfo2
IIS_BEGIN_DERIVED(IHttpModuleRegistrationInfo2, IHttpModuleRegistrationInfo)
    IIS_METHOD(HRESULT, SetPriorityForPostRequestNotification)(IIS_THIS_ DWORD dwPostRequestNotification,
        PCWSTR pszPriority) IIS_PURE;
IIS_END(IHttpModuleRegistrationInfo2)

/* For the server itself. Page: "IHttpPerfCounterInfo Interface". */
#undef INTERFACE
#define INTERFACE IHttpPerfCounterInfo
IIS_BEGIN(IHttpPerfCounterInfo)
    IIS_METHOD(void, IncrementCounter)(IIS_THIS_ DWORD dwCounterIndex, DWORD dwValue IIS_DEFAULT(1)) IIS_PURE;
    IIS_METHOD(void, DecrementCounter)(IIS_THIS_ DWORD dwCounterIndex, DWORD dwValue IIS_DEFAULT(1)) IIS_PURE;
IIS_END(IHttpPerfCounterInfo)

/*
 * Header values are copied; lengths are characters without the NUL. GetHeader: NULL and 0 when absent. SetHeader:
 * fReplace FALSE appends after a comma; ERROR_INVALID_PARAMETER for NULL, ERROR_INVALID_DATA when too long,
 * ERROR_NOT_ENOUGH_MEMORY. ReadEntityBody: up to cbBuffer bytes; ERROR_HANDLE_EOF when nothing is left,
 * ERROR_CONNECTION_INVALID when fewer bytes came than announced. With *pfCompletionPending TRUE return
 * RQ_NOTIFICATION_PENDING, and the buffer must live until the completion; otherwise the result is there already.
 * InsertEntityBody does not copy: request memory. SetUrl: characters; before the first event has passed.
 * GetClientCertificate: ERROR_NOT_FOUND without one. Page: "IHttpRequest Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpRequest
IIS_BEGIN(IHttpRequest)
    IIS_METHOD(HTTP_REQUEST *, GetRawHttpRequest)(IIS_THIS) IIS_PURE;
    IIS_METHOD_AS(const HTTP_REQUEST *, GetRawHttpRequest, GetRawHttpRequestConst)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCSTR, GetHeader)(IIS_THIS_ PCSTR pszHeaderName,
        USHORT *pcchHeaderValue IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD_AS(PCSTR, GetHeader, GetHeaderById)(IIS_THIS_ HTTP_HEADER_ID ulHeaderIndex,
        USHORT *pcchHeaderValue IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, SetHeader)(IIS_THIS_ PCSTR pszHeaderName, PCSTR pszHeaderValue, USHORT cchHeaderValue,
        BOOL fReplace) IIS_PURE;
    IIS_METHOD_AS(HRESULT, SetHeader, SetHeaderById)(IIS_THIS_ HTTP_HEADER_ID ulHeaderIndex, PCSTR pszHeaderValue,
        USHORT cchHeaderValue, BOOL fReplace) IIS_PURE;
    IIS_METHOD(HRESULT, DeleteHeader)(IIS_THIS_ PCSTR pszHeaderName) IIS_PURE;
    IIS_METHOD_AS(HRESULT, DeleteHeader, DeleteHeaderById)(IIS_THIS_ HTTP_HEADER_ID ulHeaderIndex) IIS_PURE;
    IIS_METHOD(PCSTR, GetHttpMethod)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, SetHttpMethod)(IIS_THIS_ PCSTR pszHttpMethod) IIS_PURE;
    IIS_METHOD_AS(HRESULT, SetUrl, SetUrlW)(IIS_THIS_ PCWSTR pszUrl, DWORD cchUrl, BOOL fResetQueryString) IIS_PURE;
    IIS_METHOD(HRESULT, SetUrl)(IIS_THIS_ PCSTR pszUrl, DWORD cchUrl, BOOL fResetQueryString) IIS_PURE;
    IIS_METHOD(BOOL, GetUrlChanged)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetForwardedUrl)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PSOCKADDR, GetLocalAddress)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PSOCKADDR, GetRemoteAddress)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, ReadEntityBody)(IIS_THIS_ void *pvBuffer, DWORD cbBuffer, BOOL fAsync, DWORD *pcbBytesReceived,
        BOOL *pfCompletionPending IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, InsertEntityBody)(IIS_THIS_ void *pvBuffer, DWORD cbBuffer) IIS_PURE;
    IIS_METHOD(DWORD, GetRemainingEntityBytes)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, GetHttpVersion)(IIS_THIS_ USHORT *pMajorVersion, USHORT *pMinorVersion) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, GetClientCertificate)(IIS_THIS_ HTTP_SSL_CLIENT_CERT_INFO **ppClientCertInfo,
        BOOL *pfClientCertNegotiated) IIS_PURE;
    IIS_METHOD(HRESULT, NegotiateClientCertificate)(IIS_THIS_ BOOL fAsync,
        BOOL *pfCompletionPending IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(DWORD, GetSiteId)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, GetHeaderChanges)(IIS_THIS_ DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
        PCSTR knownHeaderSnapshot[HttpHeaderRequestMaximum], DWORD *pdwUnknownHeaderSnapshot,
        PCSTR **ppUnknownHeaderNameSnapshot, PCSTR **ppUnknownHeaderValueSnapshot,
        DWORD diffedKnownHeaderIndices[HttpHeaderRequestMaximum + 1], DWORD *pdwDiffedUnknownHeaders,
        DWORD **ppDiffedUnknownHeaderIndices) IIS_PURE;
    /* The documented older name of InsertEntityBody. */
    IIS_CPP(HRESULT SetEntityBody(void *pvBuffer, DWORD cbBuffer) { return InsertEntityBody(pvBuffer, cbBuffer); })
IIS_END(IHttpRequest)

/* The token belongs to the request; its size is bytes. Page: "IHttpRequest2 Interface". */
#undef INTERFACE
#define INTERFACE IHttpRequest2
IIS_BEGIN_DERIVED(IHttpRequest2, IHttpRequest)
    IIS_METHOD(HRESULT, GetChannelBindingToken)(IIS_THIS_ PBYTE *ppToken, DWORD *pTokenSize) IIS_PURE;
IIS_END(IHttpRequest2)

/* The callback takes the place of OnAsyncCompletion. Page: "IHttpRequest3 Interface". */
#undef INTERFACE
#define INTERFACE IHttpRequest3
IIS_BEGIN_DERIVED(IHttpRequest3, IHttpRequest2)
    IIS_CPP(using IHttpRequest2::ReadEntityBody;)
    IIS_METHOD_AS(HRESULT, ReadEntityBody, ReadEntityBodyWithCallback)(IIS_THIS_ void *pvBuffer, DWORD cbBuffer,
        BOOL fAsync, PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext, DWORD *pcbBytesReceived,
        BOOL *pfCompletionPending IIS_DEFAULT(NULL)) IIS_PURE;
IIS_END(IHttpRequest3)

/* The same with flags. Not documented. */
#undef INTERFACE
#define INTERFACE IHttpRequest4
IIS_BEGIN_DERIVED(IHttpRequest4, IHttpRequest3)
    IIS_CPP(using IHttpRequest3::ReadEntityBody;)
    IIS_METHOD_AS(HRESULT, ReadEntityBody, ReadEntityBodyWithFlags)(IIS_THIS_ void *pvBuffer, DWORD cbBuffer,
        BOOL fAsync, ULONG ulFlags, DWORD *pcbBytesReceived, BOOL *pfCompletionPending IIS_DEFAULT(NULL)) IIS_PURE;
IIS_END(IHttpRequest4)

/*
 * Buffered: WriteEntityChunks copies and sends nothing until Flush, the end of the request, or the buffer limit (4 MiB
 * by default). Unbuffered, it sends at once, and with fAsync the memory must live until the completion;
 * WriteEntityChunkByReference never copies. At most 65535 chunks: ERROR_ARITHMETIC_OVERFLOW. fAsync TRUE may still
 * finish at once. *pfCompletionExpected TRUE: return RQ_NOTIFICATION_PENDING and a completion follows. FALSE: the
 * result is in *pcbSent and no completion comes. Both pointers may be NULL. Flush sends at least status and headers;
 * afterwards Clear, ClearHeaders and Redirect change nothing a client sees. Header values are copied; lengths are
 * characters without the NUL. SetHeader: fReplace FALSE appends after a comma; ERROR_INVALID_PARAMETER for NULL,
 * ERROR_INVALID_DATA when too long, ERROR_NOT_ENOUGH_MEMORY. DeleteHeader: an absent header is S_OK.
 * SetErrorDescription: characters. DisableBuffering does not count inside OnSendResponse. Page: "IHttpResponse
 * Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpResponse
IIS_BEGIN(IHttpResponse)
    IIS_METHOD(HTTP_RESPONSE *, GetRawHttpResponse)(IIS_THIS) IIS_PURE;
    IIS_METHOD_AS(const HTTP_RESPONSE *, GetRawHttpResponse, GetRawHttpResponseConst)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpCachePolicy *, GetCachePolicy)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, SetStatus)(IIS_THIS_ USHORT statusCode, PCSTR pszReason, USHORT uSubStatus IIS_DEFAULT(0),
        HRESULT hrErrorToReport IIS_DEFAULT(S_OK), IAppHostConfigException *pException IIS_DEFAULT(NULL),
        BOOL fTrySkipCustomErrors IIS_DEFAULT(FALSE)) IIS_PURE;
    IIS_METHOD(HRESULT, SetHeader)(IIS_THIS_ PCSTR pszHeaderName, PCSTR pszHeaderValue, USHORT cchHeaderValue,
        BOOL fReplace) IIS_PURE;
    IIS_METHOD_AS(HRESULT, SetHeader, SetHeaderById)(IIS_THIS_ HTTP_HEADER_ID ulHeaderIndex, PCSTR pszHeaderValue,
        USHORT cchHeaderValue, BOOL fReplace) IIS_PURE;
    IIS_METHOD(HRESULT, DeleteHeader)(IIS_THIS_ PCSTR pszHeaderName) IIS_PURE;
    IIS_METHOD_AS(HRESULT, DeleteHeader, DeleteHeaderById)(IIS_THIS_ HTTP_HEADER_ID ulHeaderIndex) IIS_PURE;
    IIS_METHOD(PCSTR, GetHeader)(IIS_THIS_ PCSTR pszHeaderName,
        USHORT *pcchHeaderValue IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD_AS(PCSTR, GetHeader, GetHeaderById)(IIS_THIS_ HTTP_HEADER_ID ulHeaderIndex,
        USHORT *pcchHeaderValue IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(void, Clear)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, ClearHeaders)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, SetNeedDisconnect)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, ResetConnection)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, DisableKernelCache)(IIS_THIS_ ULONG reason IIS_DEFAULT(9)) IIS_PURE;
    IIS_METHOD(BOOL, GetKernelCacheEnabled)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, SuppressHeaders)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, GetHeadersSuppressed)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, Flush)(IIS_THIS_ BOOL fAsync, BOOL fMoreData, DWORD *pcbSent,
        BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, Redirect)(IIS_THIS_ PCSTR pszUrl, BOOL fResetStatusCode IIS_DEFAULT(TRUE),
        BOOL fIncludeParameters IIS_DEFAULT(FALSE)) IIS_PURE;
    IIS_METHOD(HRESULT, WriteEntityChunkByReference)(IIS_THIS_ HTTP_DATA_CHUNK *pDataChunk,
        LONG lInsertPosition IIS_DEFAULT(-1)) IIS_PURE;
    IIS_METHOD(HRESULT, WriteEntityChunks)(IIS_THIS_ HTTP_DATA_CHUNK *pDataChunks, DWORD nChunks, BOOL fAsync,
        BOOL fMoreData, DWORD *pcbSent, BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(void, DisableBuffering)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, GetStatus)(IIS_THIS_ USHORT *pStatusCode, USHORT *pSubStatus IIS_DEFAULT(NULL),
        PCSTR *ppszReason IIS_DEFAULT(NULL), USHORT *pcchReason IIS_DEFAULT(NULL),
        HRESULT *phrErrorToReport IIS_DEFAULT(NULL), PCWSTR *ppszModule IIS_DEFAULT(NULL),
        DWORD *pdwNotification IIS_DEFAULT(NULL), IAppHostConfigException **ppException IIS_DEFAULT(NULL),
        BOOL *pfTrySkipCustomErrors IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, SetErrorDescription)(IIS_THIS_ PCWSTR pszDescription, DWORD cchDescription,
        BOOL fHtmlEncode IIS_DEFAULT(TRUE)) IIS_PURE;
    IIS_METHOD(PCWSTR, GetErrorDescription)(IIS_THIS_ DWORD *pcchDescription IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, GetHeaderChanges)(IIS_THIS_ DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
        PCSTR knownHeaderSnapshot[HttpHeaderResponseMaximum], DWORD *pdwUnknownHeaderSnapshot,
        PCSTR **ppUnknownHeaderNameSnapshot, PCSTR **ppUnknownHeaderValueSnapshot,
        DWORD diffedKnownHeaderIndices[HttpHeaderResponseMaximum + 1], DWORD *pdwDiffedUnknownHeaders,
        DWORD **ppDiffedUnknownHeaderIndices) IIS_PURE;
    IIS_METHOD(void, CloseConnection)(IIS_THIS) IIS_PURE;
IIS_END(IHttpResponse)

/*
 * The same, with a callback that takes the place of OnAsyncCompletion for this call. It runs on a server thread, with
 * the context it was given, and its status is what the notification ends with. Page: "IHttpResponse2 Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpResponse2
IIS_BEGIN_DERIVED(IHttpResponse2, IHttpResponse)
    IIS_CPP(using IHttpResponse::Flush;)
    IIS_CPP(using IHttpResponse::WriteEntityChunks;)
    IIS_METHOD_AS(HRESULT, WriteEntityChunks, WriteEntityChunksWithCallback)(IIS_THIS_ HTTP_DATA_CHUNK *pDataChunks,
        DWORD nChunks, BOOL fAsync, BOOL fMoreData, PFN_ASYNC_COMPLETION pfnCompletionCallback,
        void *pvCompletionContext, DWORD *pcbSent, BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD_AS(HRESULT, Flush, FlushWithCallback)(IIS_THIS_ BOOL fAsync, BOOL fMoreData,
        PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext, DWORD *pcbSent,
        BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
IIS_END(IHttpResponse2)

/* HTTP/2 push: parallel arrays of cHeaders names and values. Not documented. */
#undef INTERFACE
#define INTERFACE IHttpResponse3
IIS_BEGIN_DERIVED(IHttpResponse3, IHttpResponse2)
    IIS_METHOD(HRESULT, PushPromise)(IIS_THIS_ PCSTR pszVerb, PCWSTR pwszPath, PCWSTR pwszQuery, DWORD cHeaders,
        PCSTR *rgHeaderNames, PCSTR *rgHeaderValues) IIS_PURE;
IIS_END(IHttpResponse3)

/* Trailers by name, as SetHeader; HTTP/2 stream reset and GOAWAY. Not documented. */
#undef INTERFACE
#define INTERFACE IHttpResponse4
IIS_BEGIN_DERIVED(IHttpResponse4, IHttpResponse3)
    IIS_METHOD(HRESULT, DeleteTrailer)(IIS_THIS_ PCSTR pszHeaderName) IIS_PURE;
    IIS_METHOD(PCSTR, GetTrailer)(IIS_THIS_ PCSTR pszHeaderName,
        USHORT *pcchHeaderValue IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(void, ResetStream)(IIS_THIS_ ULONG errorCode) IIS_PURE;
    IIS_METHOD(void, SetNeedGoAway)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, SetTrailer)(IIS_THIS_ PCSTR pszHeaderName, PCSTR pszHeaderValue, USHORT cchHeaderValue,
        BOOL fReplace) IIS_PURE;
IIS_END(IHttpResponse4)

/*
 * Lives as long as the process; thread safe unless said otherwise. Not all of it works inside RegisterModule: no
 * tracing and no cache operations there. GetFileInfo: E_FAIL at shutdown; the caller dereferences the result.
 * ReadFragmentFromCache: bytes, ERROR_PATH_NOT_FOUND; RemoveFragmentFromCache: ERROR_FILE_NOT_FOUND. The thread count
 * is a hint that a thread will block. Page: "IHttpServer Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpServer
IIS_BEGIN(IHttpServer)
    IIS_METHOD(BOOL, IsCommandLineLaunch)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetAppPoolName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, AssociateWithThreadPool)(IIS_THIS_ HANDLE hHandle,
        LPOVERLAPPED_COMPLETION_ROUTINE completionRoutine) IIS_PURE;
    IIS_METHOD(void, IncrementThreadCount)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, DecrementThreadCount)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, ReportUnhealthy)(IIS_THIS_ PCWSTR pszReasonString, HRESULT hrReason) IIS_PURE;
    IIS_METHOD(void, RecycleProcess)(IIS_THIS_ PCWSTR pszReason) IIS_PURE;
    IIS_METHOD(IAppHostAdminManager *, GetAdminManager)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, GetFileInfo)(IIS_THIS_ PCWSTR pszPhysicalPath, HANDLE hUserToken, PSID pSid,
        PCWSTR pszChangeNotificationPath, HANDLE hChangeNotificationToken, BOOL fCache, IHttpFileInfo **ppFileInfo,
        IHttpTraceContext *pHttpTraceContext IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, FlushKernelCache)(IIS_THIS_ PCWSTR pszUrl) IIS_PURE;
    IIS_METHOD(HRESULT, DoCacheOperation)(IIS_THIS_ CACHE_OPERATION cacheOperation, IHttpCacheKey *pCacheKey,
        IHttpCacheSpecificData **ppCacheSpecificData, IHttpTraceContext *pHttpTraceContext IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(GLOBAL_NOTIFICATION_STATUS, NotifyCustomNotification)(IIS_THIS_
        ICustomNotificationProvider *pCustomOutput) IIS_PURE;
    IIS_METHOD(IHttpPerfCounterInfo *, GetPerfCounterInfo)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, RecycleApplication)(IIS_THIS_ PCWSTR pszAppConfigPath) IIS_PURE;
    IIS_METHOD(void, NotifyConfigurationChange)(IIS_THIS_ PCWSTR pszPath) IIS_PURE;
    IIS_METHOD(void, NotifyFileChange)(IIS_THIS_ PCWSTR pszFileName) IIS_PURE;
    IIS_METHOD(IDispensedHttpModuleContextContainer *, DispenseContainer)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, AddFragmentToCache)(IIS_THIS_ HTTP_DATA_CHUNK *pDataChunk, PCWSTR pszFragmentName) IIS_PURE;
    IIS_METHOD(HRESULT, ReadFragmentFromCache)(IIS_THIS_ PCWSTR pszFragmentName, BYTE *pvBuffer, DWORD cbSize,
        DWORD *pcbCopied) IIS_PURE;
    IIS_METHOD(HRESULT, RemoveFragmentFromCache)(IIS_THIS_ PCWSTR pszFragmentName) IIS_PURE;
    IIS_METHOD(HRESULT, GetWorkerProcessSettings)(IIS_THIS_ IWpfSettings **ppWorkerProcessSettings) IIS_PURE;
    IIS_METHOD(HRESULT, GetProtocolManagerCustomInterface)(IIS_THIS_ PCWSTR pProtocolManagerDll,
        PCWSTR pProtocolManagerDllInitFunction, DWORD dwCustomInterfaceId, PVOID *ppCustomInterface) IIS_PURE;
    IIS_METHOD(BOOL, SatisfiesPrecondition)(IIS_THIS_ PCWSTR pszPrecondition,
        BOOL *pfUnknownPrecondition IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpTraceContext *, GetTraceContext)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, RegisterFileChangeMonitor)(IIS_THIS_ PCWSTR pszPath, HANDLE hToken,
        IHttpFileMonitor **ppFileMonitor) IIS_PURE;
    IIS_METHOD(HRESULT, GetExtendedInterface)(IIS_THIS_ HTTP_SERVER_INTERFACE_VERSION version,
        PVOID *ppInterface) IIS_PURE;
    /* Documented; without a slot of their own. */
    IIS_CPP(INativeConfigurationSystem *GetConfigObject() const
            { return iis_cast<INativeConfigurationSystem>(GetAdminManager()); })
    IIS_CPP(HRESULT GetManagedType(DWORD, PCWSTR, PWSTR, DWORD *) { return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED); })
IIS_END(IHttpServer)

/*
 * GetExtendedInterface converts between versions of an interface by their ids: see HttpGetExtendedInterface.
 * GetMetadata: the caller dereferences the result. Page: "IHttpServer2 Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpServer2
IIS_BEGIN_DERIVED(IHttpServer2, IHttpServer)
    IIS_CPP(using IHttpServer::GetExtendedInterface;)
    IIS_METHOD(HRESULT, GetToken)(IIS_THIS_ PCWSTR pszUserName, PCWSTR pszPassword, DWORD dwLogonMethod,
        IHttpTokenEntry **ppTokenEntry, PCWSTR pszDefaultDomain IIS_DEFAULT(NULL),
        PSOCKADDR pSockAddr IIS_DEFAULT(NULL), IHttpTraceContext *pHttpTraceContext IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(PCWSTR, GetAppPoolConfigFile)(IIS_THIS_ DWORD *pcchConfigFilePath IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD_AS(HRESULT, GetExtendedInterface, GetExtendedInterfaceByGuid)(IIS_THIS_ REFGUID Version1, PVOID pInput,
        REFGUID Version2, PVOID *ppOutput) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ PCWSTR pszSiteName, PCWSTR pszUrl,
        IReferencedMetadataInfo **ppMetadataInfo) IIS_PURE;
    IIS_METHOD(HRESULT, GetWorkerProcessFramework)(IIS_THIS_
        IWorkerProcessFramework **ppWorkerProcessFramework) IIS_PURE;
IIS_END(IHttpServer2)

/* Properties of the connection below a request; bytes. Not documented. */
#undef INTERFACE
#define INTERFACE IHttpServer3
IIS_BEGIN_DERIVED(IHttpServer3, IHttpServer2)
    IIS_METHOD(HRESULT, QueryRequestProperty)(IIS_THIS_ HTTP_OPAQUE_ID id, HTTP_REQUEST_PROPERTY propertyId,
        PVOID pQualifier, ULONG qualifierSize, PVOID pOutput, ULONG outputBufferSize, PULONG pcbBytesReturned,
        LPOVERLAPPED pOverlapped) IIS_PURE;
IIS_END(IHttpServer3)

/* Strings live as long as the site. Page: "IHttpSite Interface". */
#undef INTERFACE
#define INTERFACE IHttpSite
IIS_BEGIN(IHttpSite)
    IIS_METHOD(DWORD, GetSiteId)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetSiteName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IHttpPerfCounterInfo *, GetPerfCounterInfo)(IIS_THIS) IIS_PURE;
IIS_END(IHttpSite)

/* Handles and SID may be NULL and belong to the entry. Page: "IHttpTokenEntry Interface". */
#undef INTERFACE
#define INTERFACE IHttpTokenEntry
IIS_BEGIN_DERIVED(IHttpTokenEntry, IHttpCacheSpecificData)
    IIS_METHOD(HANDLE, GetImpersonationToken)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HANDLE, GetPrimaryToken)(IIS_THIS) IIS_PURE;
    IIS_METHOD(PSID, GetSid)(IIS_THIS) IIS_PURE;
IIS_END(IHttpTokenEntry)

/*
 * Ask GetTraceConfiguration whether anyone listens before building an event; pProviderGuid must be set, the rest is
 * valid only if fProviderEnabled comes back TRUE. SetTraceConfiguration is not thread safe: ERROR_INVALID_PARAMETER
 * without a provider, ERROR_NOT_FOUND for one that is unknown. RaiseTraceEvent: E_FAIL, E_OUTOFMEMORY. QuickTrace
 * copies; levels 1 to 7. Page: "IHttpTraceContext Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpTraceContext
IIS_BEGIN(IHttpTraceContext)
    IIS_METHOD(HRESULT, GetTraceConfiguration)(IIS_THIS_ HTTP_TRACE_CONFIGURATION *pHttpTraceConfiguration) IIS_PURE;
    IIS_METHOD(HRESULT, SetTraceConfiguration)(IIS_THIS_ HTTP_MODULE_ID moduleId,
        HTTP_TRACE_CONFIGURATION *pHttpTraceConfiguration, DWORD cHttpTraceConfiguration IIS_DEFAULT(1)) IIS_PURE;
    IIS_METHOD(HRESULT, RaiseTraceEvent)(IIS_THIS_ HTTP_TRACE_EVENT *pTraceEvent) IIS_PURE;
    IIS_METHOD(LPCGUID, GetTraceActivityId)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, QuickTrace)(IIS_THIS_ PCWSTR pszData1, PCWSTR pszData2 IIS_DEFAULT(NULL),
        HRESULT hrLastError IIS_DEFAULT(S_OK), UCHAR Level IIS_DEFAULT(4)) IIS_PURE;
IIS_END(IHttpTraceContext)

/* Frequently hit: by default two requests within ten seconds. Page: "IHttpUrlInfo Interface". */
#undef INTERFACE
#define INTERFACE IHttpUrlInfo
IIS_BEGIN(IHttpUrlInfo)
    IIS_METHOD(IHttpModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, IsFrequentlyHit)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IHttpUrlInfo)

/*
 * Reference counted from 1, thread safe, deletes itself at 0. Strings are empty rather than NULL and belong to the
 * user. Handles may be NULL and must not be closed. IsInRole: ask SupportsIsInRole first; E_NOTIMPL, and nothing
 * written, otherwise. GetUserVariable: HTTP_USER_VARIABLE_*. Page: "IHttpUser Interface".
 */
#undef INTERFACE
#define INTERFACE IHttpUser
IIS_BEGIN(IHttpUser)
    IIS_METHOD(PCWSTR, GetRemoteUserName)(IIS_THIS) IIS_PURE;
    IIS_METHOD(PCWSTR, GetUserName)(IIS_THIS) IIS_PURE;
    IIS_METHOD(PCWSTR, GetAuthenticationType)(IIS_THIS) IIS_PURE;
    IIS_METHOD(PCWSTR, GetPassword)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HANDLE, GetImpersonationToken)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HANDLE, GetPrimaryToken)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, ReferenceUser)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, DereferenceUser)(IIS_THIS) IIS_PURE;
    IIS_METHOD(BOOL, SupportsIsInRole)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, IsInRole)(IIS_THIS_ PCWSTR pszRoleName, BOOL *pfInRole) IIS_PURE;
    IIS_METHOD(PVOID, GetUserVariable)(IIS_THIS_ PCSTR pszVariableName) IIS_PURE;
IIS_END(IHttpUser)

/*
 * RQ_MAP_REQUEST_HANDLER. SetScriptMap chooses the handler; the script map must live as long as the request. Page:
 * "IMapHandlerProvider Interface".
 */
#undef INTERFACE
#define INTERFACE IMapHandlerProvider
IIS_BEGIN_DERIVED(IMapHandlerProvider, IHttpEventProvider)
    IIS_METHOD(HRESULT, SetScriptName)(IIS_THIS_ PCWSTR pszScriptName, DWORD cchScriptName) IIS_PURE;
    IIS_METHOD(void, SetScriptMap)(IIS_THIS_ IScriptMapInfo *pScriptMap) IIS_PURE;
    IIS_METHOD(void, SetFileInfo)(IIS_THIS_ IHttpFileInfo *pFileInfo) IIS_PURE;
IIS_END(IMapHandlerProvider)

/* RQ_MAP_PATH. SetPhysicalPath: characters; ERROR_INVALID_PARAMETER. Page: "IMapPathProvider Interface". */
#undef INTERFACE
#define INTERFACE IMapPathProvider
IIS_BEGIN_DERIVED(IMapPathProvider, IHttpEventProvider)
    IIS_METHOD(PCWSTR, GetUrl)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetPhysicalPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, SetPhysicalPath)(IIS_THIS_ PCWSTR pszPhysicalPath, DWORD cchPhysicalPath) IIS_PURE;
IIS_END(IMapPathProvider)

/* Configuration of the request's URL. Page: "IMetadataInfo Interface". */
#undef INTERFACE
#define INTERFACE IMetadataInfo
IIS_BEGIN(IMetadataInfo)
    IIS_METHOD(PCWSTR, GetMetaPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetVrPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(IHttpTokenEntry *, GetVrToken)(IIS_THIS) IIS_PURE;
    IIS_METHOD(IHttpModuleContextContainer *, GetModuleContextContainer)(IIS_THIS) IIS_PURE;
IIS_END(IMetadataInfo)

/* Bytes from the request's memory, freed with it; NULL on failure. Page: "IModuleAllocator Interface". */
#undef INTERFACE
#define INTERFACE IModuleAllocator
IIS_BEGIN(IModuleAllocator)
    IIS_METHOD(void *, AllocateMemory)(IIS_THIS_ DWORD cbAllocation) IIS_PURE;
IIS_END(IModuleAllocator)

/* Objects by name, shared between modules. Page: "INamedContextContainer Interface". */
#undef INTERFACE
#define INTERFACE INamedContextContainer
IIS_BEGIN(INamedContextContainer)
    IIS_METHOD(IHttpStoredContext *, GetNamedContext)(IIS_THIS_ LPCWSTR szName) IIS_PURE;
    IIS_METHOD(HRESULT, SetNamedContext)(IIS_THIS_ IHttpStoredContext *ppStoredContext, LPCWSTR szName) IIS_PURE;
IIS_END(INamedContextContainer)

/* GL_PRE_BEGIN_REQUEST. Page: "IPreBeginRequestProvider Interface". */
#undef INTERFACE
#define INTERFACE IPreBeginRequestProvider
IIS_BEGIN_DERIVED(IPreBeginRequestProvider, IHttpEventProvider)
    IIS_METHOD(IHttpContext *, GetHttpContext)(IIS_THIS) IIS_PURE;
IIS_END(IPreBeginRequestProvider)

/*
 * RQ_READ_ENTITY, on every read, also when nothing is left. pcbData bytes are there, pcbBuffer fit. SetEntity does not
 * copy: request memory. Page: "IReadEntityProvider Interface".
 */
#undef INTERFACE
#define INTERFACE IReadEntityProvider
IIS_BEGIN_DERIVED(IReadEntityProvider, IHttpEventProvider)
    IIS_METHOD(void, GetEntity)(IIS_THIS_ PVOID *ppBuffer, DWORD *pcbData, DWORD *pcbBuffer) IIS_PURE;
    IIS_METHOD(void, SetEntity)(IIS_THIS_ PVOID pBuffer, DWORD cbData, DWORD cbBuffer) IIS_PURE;
IIS_END(IReadEntityProvider)

/* Metadata that outlives the request, reference counted. Page: "IReferencedMetadataInfo Interface". */
#undef INTERFACE
#define INTERFACE IReferencedMetadataInfo
IIS_BEGIN_DERIVED(IReferencedMetadataInfo, IMetadataInfo)
    IIS_METHOD(void, ReferenceMetadata)(IIS_THIS) IIS_PURE;
    IIS_METHOD(void, DereferenceMetadata)(IIS_THIS) IIS_PURE;
IIS_END(IReferencedMetadataInfo)

/*
 * One handler mapping; may be implemented by a module. Lengths are characters. GetRequiredAccess: 0 none, 1 read, 2
 * write, 3 script, 4 execute. GetResourceType: 0 file, 1 directory, 2 either, 3 unspecified. GetResponseBufferLimit:
 * bytes. Page: "IScriptMapInfo Interface".
 */
#undef INTERFACE
#define INTERFACE IScriptMapInfo
IIS_BEGIN(IScriptMapInfo)
    IIS_METHOD(PCWSTR, GetPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCSTR, GetAllowedVerbs)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetModules)(IIS_THIS_ DWORD *pcchModules IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetScriptProcessor)(IIS_THIS_ DWORD *pcchScriptProcessor IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetManagedType)(IIS_THIS_ DWORD *pcchManagedType IIS_DEFAULT(NULL)) IIS_CONST IIS_PURE;
    IIS_METHOD(BOOL, GetAllowPathInfoForScriptMappings)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(DWORD, GetRequiredAccess)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(DWORD, GetResourceType)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(BOOL, GetIsStarScriptMap)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(DWORD, GetResponseBufferLimit)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetName)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IScriptMapInfo)

/*
 * RQ_SEND_RESPONSE. Flags are HTTP_SEND_RESPONSE_FLAG_*. Log data is an HTTP_LOG_FIELDS_DATA, NULL unless
 * GetReadyToLogData. Page: "ISendResponseProvider Interface".
 */
#undef INTERFACE
#define INTERFACE ISendResponseProvider
IIS_BEGIN_DERIVED(ISendResponseProvider, IHttpEventProvider)
    IIS_METHOD(BOOL, GetHeadersBeingSent)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(DWORD, GetFlags)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, SetFlags)(IIS_THIS_ DWORD dwFlags) IIS_PURE;
    IIS_METHOD(HTTP_LOG_DATA *, GetLogData)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(HRESULT, SetLogData)(IIS_THIS_ HTTP_LOG_DATA *pLogData) IIS_PURE;
    IIS_METHOD(BOOL, GetReadyToLogData)(IIS_THIS) IIS_CONST IIS_PURE;
    /* As documented: an HTTP_LOG_FIELDS_DATA needs no cast. */
    IIS_CPP(HRESULT SetLogData(void *pLogData) { return SetLogData(static_cast<HTTP_LOG_DATA *>(pLogData)); })
IIS_END(ISendResponseProvider)

/* httpcach.h includes this file, and can be read from here on. */
#define IIS_HTTPSERV_INTERFACES
#include "httpcach.h"

/* ---- classes that modules derive from ---------------------------------------------------------------------------- */

#ifdef __cplusplus

/* One flag for each method that can lack a handler; one set per module. */
extern "C" {
__attribute__((weak, visibility("hidden"), used)) unsigned char iis_no_handler_said[64] = {0};
}

static inline void iis_no_handler(unsigned index, const char *source, const char *method)
{
    char text[160];
    size_t length = strlen(method);
    static const char reason[] = ": the module registered for this notification and does not override the method";

    if (!iis_module_services || __atomic_exchange_n(&iis_no_handler_said[index], 1, __ATOMIC_RELAXED))
        return;
    if (length > sizeof(text) - sizeof(reason))
        length = sizeof(text) - sizeof(reason);
    memcpy(text, method, length);
    memcpy(text + length, reason, sizeof(reason));
    iis_module_log(IIS_LOG_WARNING, source, text);
}

static inline REQUEST_NOTIFICATION_STATUS iis_no_request_handler(unsigned index, const char *method)
{
    iis_no_handler(index, "CHttpModule", method);
    return RQ_NOTIFICATION_CONTINUE;
}

static inline GLOBAL_NOTIFICATION_STATUS iis_no_global_handler(unsigned index, const char *method)
{
    iis_no_handler(index, "CGlobalModule", method);
    return GL_NOTIFICATION_CONTINUE;
}

enum iis_notification_index {
#define IIS_INDEX(method, bit, post, provider, name) iis_index_##method,
    IIS_NOTIFICATIONS(IIS_INDEX)
#undef IIS_INDEX
    iis_index_OnAsyncCompletion
};

/*
 * A module derives from it and overrides what it registers for. One instance per request, made by the factory at its
 * start; Dispose ends it. Methods run on server threads, one at a time for one request. A default
 * says once, in the server's log, that the module has no handler, and continues. Page: "CHttpModule Class".
 */
class CHttpModule {
public:
#define IIS_VIRTUAL(method, bit, post, provider, name) \
    virtual REQUEST_NOTIFICATION_STATUS method(IHttpContext *, provider *) \
    { return iis_no_request_handler(iis_index_##method, #method); }
    IIS_NOTIFICATIONS(IIS_VIRTUAL)
#undef IIS_VIRTUAL
    /* An operation of this instance has completed; the return value takes the place of RQ_NOTIFICATION_PENDING. */
    virtual REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD /* dwNotification */,
                                                          BOOL /* fPostNotification */, IHttpEventProvider *,
                                                          IHttpCompletionInfo *)
    { return iis_no_request_handler(iis_index_OnAsyncCompletion, "OnAsyncCompletion"); }
    virtual void Dispose(void) { delete this; }

protected:
    CHttpModule() {}
    virtual ~CHttpModule() {}
};

/*
 * One instance per process, given to SetGlobalNotifications. The server calls Terminate before it unloads the module;
 * it must free the object. Page: "CGlobalModule Class".
 */
class CGlobalModule {
public:
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalStopListening(IGlobalStopListeningProvider *)
    { return iis_no_global_handler(29, "OnGlobalStopListening"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalCacheCleanup(void)
    { return iis_no_global_handler(30, "OnGlobalCacheCleanup"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalCacheOperation(ICacheProvider *)
    { return iis_no_global_handler(31, "OnGlobalCacheOperation"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalHealthCheck(void)
    { return iis_no_global_handler(32, "OnGlobalHealthCheck"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalConfigurationChange(IGlobalConfigurationChangeProvider *)
    { return iis_no_global_handler(33, "OnGlobalConfigurationChange"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalFileChange(IGlobalFileChangeProvider *)
    { return iis_no_global_handler(34, "OnGlobalFileChange"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalPreBeginRequest(IPreBeginRequestProvider *)
    { return iis_no_global_handler(35, "OnGlobalPreBeginRequest"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStart(IHttpApplicationStartProvider *)
    { return iis_no_global_handler(36, "OnGlobalApplicationStart"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationResolveModules(IHttpApplicationResolveModulesProvider *)
    { return iis_no_global_handler(37, "OnGlobalApplicationResolveModules"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStop(IHttpApplicationStopProvider *)
    { return iis_no_global_handler(38, "OnGlobalApplicationStop"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalRSCAQuery(IGlobalRSCAQueryProvider *)
    { return iis_no_global_handler(39, "OnGlobalRSCAQuery"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalTraceEvent(IGlobalTraceEventProvider *)
    { return iis_no_global_handler(40, "OnGlobalTraceEvent"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalCustomNotification(ICustomNotificationProvider *)
    { return iis_no_global_handler(41, "OnGlobalCustomNotification"); }
    virtual void Terminate(void) = 0;
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalThreadCleanup(IGlobalThreadCleanupProvider *)
    { return iis_no_global_handler(42, "OnGlobalThreadCleanup"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationPreload(IGlobalApplicationPreloadProvider *)
    { return iis_no_global_handler(43, "OnGlobalApplicationPreload"); }
    virtual GLOBAL_NOTIFICATION_STATUS OnSuspendProcess(IGlobalSuspendProcessCallback **)
    { return iis_no_global_handler(44, "OnSuspendProcess"); }

protected:
    CGlobalModule() {}
    virtual ~CGlobalModule() {}
};

#else

/* destructor: the two slots that a virtual destructor takes. They follow Dispose, and C never calls them. */
struct CHttpModuleVtbl {
#define IIS_SLOT(method, bit, post, provider, name) \
    REQUEST_NOTIFICATION_STATUS (*method)(CHttpModule *This, IHttpContext *pHttpContext, provider *pProvider);
    IIS_NOTIFICATIONS(IIS_SLOT)
#undef IIS_SLOT
    REQUEST_NOTIFICATION_STATUS (*OnAsyncCompletion)(CHttpModule *This, IHttpContext *pHttpContext,
                                                     DWORD dwNotification, BOOL fPostNotification,
                                                     IHttpEventProvider *pProvider,
                                                     IHttpCompletionInfo *pCompletionInfo);
    void (*Dispose)(CHttpModule *This);
    void *destructor[2];
};
struct CHttpModule { const struct CHttpModuleVtbl *lpVtbl; };

struct CGlobalModuleVtbl {
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalStopListening)(CGlobalModule *This, IGlobalStopListeningProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalCacheCleanup)(CGlobalModule *This);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalCacheOperation)(CGlobalModule *This, ICacheProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalHealthCheck)(CGlobalModule *This);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalConfigurationChange)(CGlobalModule *This,
                                                              IGlobalConfigurationChangeProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalFileChange)(CGlobalModule *This, IGlobalFileChangeProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalPreBeginRequest)(CGlobalModule *This, IPreBeginRequestProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalApplicationStart)(CGlobalModule *This,
                                                           IHttpApplicationStartProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalApplicationResolveModules)(CGlobalModule *This,
                                                                    IHttpApplicationResolveModulesProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalApplicationStop)(CGlobalModule *This,
                                                          IHttpApplicationStopProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalRSCAQuery)(CGlobalModule *This, IGlobalRSCAQueryProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalTraceEvent)(CGlobalModule *This, IGlobalTraceEventProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalCustomNotification)(CGlobalModule *This,
                                                             ICustomNotificationProvider *pProvider);
    void (*Terminate)(CGlobalModule *This);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalThreadCleanup)(CGlobalModule *This, IGlobalThreadCleanupProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnGlobalApplicationPreload)(CGlobalModule *This,
                                                             IGlobalApplicationPreloadProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS (*OnSuspendProcess)(CGlobalModule *This, IGlobalSuspendProcessCallback **pCallback);
    void *destructor[2];
};
struct CGlobalModule { const struct CGlobalModuleVtbl *lpVtbl; };

#endif

/* ---- the entry point and the handshake --------------------------------------------------------------------------- */

#ifdef __cplusplus
extern "C" {

#if defined(__GXX_RTTI) || defined(__cpp_rtti)
static inline void *iis_connection_context(void *stored)
{
    return dynamic_cast<IHttpConnectionStoredContext *>(static_cast<IHttpStoredContext *>(stored));
}
#endif

/* Declared here so that a module's own definition, unmodified, is exported under its plain name. */
__attribute__((visibility("default")))
HRESULT __stdcall RegisterModule(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo,
                                 IHttpServer *pGlobalInfo);

/* Every file that includes this one carries a copy, and the linker keeps one: iis_handshake.h. */
__attribute__((weak, visibility("default"), used))
const iis_handshake *IisModuleHandshake(const iis_services *services)
{
#if defined(__GXX_RTTI) || defined(__cpp_rtti)
#define IIS_TYPE(name) {#name, &typeid(name)}
    static const iis_type types[] = {
        IIS_TYPE(IHttpEventProvider),
        IIS_TYPE(IAuthenticationProvider),
        IIS_TYPE(ICacheProvider),
        IIS_TYPE(ICustomNotificationProvider),
        IIS_TYPE(IHttpModuleContextContainer),
        IIS_TYPE(IDispensedHttpModuleContextContainer),
        IIS_TYPE(IGlobalApplicationPreloadProvider),
        IIS_TYPE(IGlobalApplicationPreloadProvider2),
        IIS_TYPE(IGlobalConfigurationChangeProvider),
        IIS_TYPE(IGlobalFileChangeProvider),
        IIS_TYPE(IGlobalRSCAQueryProvider),
        IIS_TYPE(IGlobalStopListeningProvider),
        IIS_TYPE(IGlobalSuspendProcessCallback),
        IIS_TYPE(IGlobalThreadCleanupProvider),
        IIS_TYPE(IGlobalTraceEventProvider),
        IIS_TYPE(IHttpApplication),
        IIS_TYPE(IHttpApplication2),
        IIS_TYPE(IHttpApplicationProvider),
        IIS_TYPE(IHttpApplicationResolveModulesProvider),
        IIS_TYPE(IHttpCacheKey),
        IIS_TYPE(IHttpCachePolicy),
        IIS_TYPE(IHttpCachePolicy2),
        IIS_TYPE(IHttpCacheSpecificData),
        IIS_TYPE(IHttpCompletionInfo),
        IIS_TYPE(IHttpCompletionInfo2),
        IIS_TYPE(IHttpConnection),
        IIS_TYPE(IHttpConnectionModuleContextContainer),
        IIS_TYPE(IHttpStoredContext),
        IIS_TYPE(IHttpConnectionStoredContext),
        IIS_TYPE(IHttpContext),
        IIS_TYPE(IHttpContext2),
        IIS_TYPE(IHttpContext3),
        IIS_TYPE(IHttpContext4),
        IIS_TYPE(IHttpFileInfo),
        IIS_TYPE(IHttpFileMonitor),
        IIS_TYPE(IHttpModuleFactory),
        IIS_TYPE(IHttpModuleRegistrationInfo),
        IIS_TYPE(IHttpModuleRegistrationInfo2),
        IIS_TYPE(IHttpPerfCounterInfo),
        IIS_TYPE(IHttpRequest),
        IIS_TYPE(IHttpRequest2),
        IIS_TYPE(IHttpRequest3),
        IIS_TYPE(IHttpRequest4),
        IIS_TYPE(IHttpResponse),
        IIS_TYPE(IHttpResponse2),
        IIS_TYPE(IHttpResponse3),
        IIS_TYPE(IHttpResponse4),
        IIS_TYPE(IHttpServer),
        IIS_TYPE(IHttpServer2),
        IIS_TYPE(IHttpServer3),
        IIS_TYPE(IHttpSite),
        IIS_TYPE(IHttpTokenEntry),
        IIS_TYPE(IHttpTraceContext),
        IIS_TYPE(IHttpUrlInfo),
        IIS_TYPE(IHttpUser),
        IIS_TYPE(IMapHandlerProvider),
        IIS_TYPE(IMapPathProvider),
        IIS_TYPE(IMetadataInfo),
        IIS_TYPE(IModuleAllocator),
        IIS_TYPE(INamedContextContainer),
        IIS_TYPE(IPreBeginRequestProvider),
        IIS_TYPE(IReadEntityProvider),
        IIS_TYPE(IReferencedMetadataInfo),
        IIS_TYPE(IScriptMapInfo),
        IIS_TYPE(ISendResponseProvider),
        IIS_TYPE(IFileKey),
        IIS_TYPE(IHttpTokenKey),
        IIS_TYPE(IUriKey),
        IIS_TYPE(IUnknown),
        IIS_TYPE(IAppHostAdminManager),
        IIS_TYPE(IAppHostChangeHandler),
        IIS_TYPE(IAppHostChildElementCollection),
        IIS_TYPE(IAppHostCollectionSchema),
        IIS_TYPE(IAppHostConfigException),
        IIS_TYPE(IAppHostConfigFile),
        IIS_TYPE(IAppHostConfigLocation),
        IIS_TYPE(IAppHostConfigLocationCollection),
        IIS_TYPE(IAppHostConfigManager),
        IIS_TYPE(IAppHostConstantValue),
        IIS_TYPE(IAppHostConstantValueCollection),
        IIS_TYPE(IAppHostElement),
        IIS_TYPE(IAppHostElementCollection),
        IIS_TYPE(IAppHostElementExtension),
        IIS_TYPE(IAppHostElementSchema),
        IIS_TYPE(IAppHostElementSchemaCollection),
        IIS_TYPE(IAppHostMappingExtension),
        IIS_TYPE(IAppHostMethod),
        IIS_TYPE(IAppHostMethodCollection),
        IIS_TYPE(IAppHostMethodExtension),
        IIS_TYPE(IAppHostMethodInstance),
        IIS_TYPE(IAppHostMethodSchema),
        IIS_TYPE(IAppHostPathMapper),
        IIS_TYPE(IAppHostPathMapper2),
        IIS_TYPE(IAppHostProperty),
        IIS_TYPE(IAppHostPropertyCollection),
        IIS_TYPE(IAppHostPropertyException),
        IIS_TYPE(IAppHostPropertyExtension),
        IIS_TYPE(IAppHostPropertySchema),
        IIS_TYPE(IAppHostPropertySchemaCollection),
        IIS_TYPE(IAppHostSectionDefinition),
        IIS_TYPE(IAppHostSectionDefinitionCollection),
        IIS_TYPE(IAppHostSectionGroup),
        IIS_TYPE(IAppHostWritableAdminManager)
    };
#undef IIS_TYPE
    static const iis_handshake answer = {sizeof(answer), IIS_HEADER_VERSION, sizeof(WCHAR),
                                         sizeof(types) / sizeof(types[0]), types, iis_connection_context,
                                         IIS_MODULE_GUARD};
#else
    static const iis_handshake answer = {sizeof(answer), IIS_HEADER_VERSION, sizeof(WCHAR), 0, NULL, NULL,
                                         IIS_MODULE_GUARD};
#endif
    return iis_module_attach(services) ? &answer : NULL;
}

}

#include "iis_uuid.h"

/* The newer interface of an object, by its type. S_OK, or E_NOINTERFACE and *ppOutput NULL. */
template <class HttpType1, class HttpType2>
inline HRESULT HttpGetExtendedInterface(IHttpServer *pHttpServer, HttpType1 *pInput, HttpType2 **ppOutput)
{
    PVOID pvServer = NULL;
    PVOID pvOutput = NULL;
    HRESULT hr = pHttpServer->GetExtendedInterface(HTTP_SERVER_INTERFACE_V2, &pvServer);

    if (SUCCEEDED(hr))
        hr = static_cast<IHttpServer2 *>(pvServer)->GetExtendedInterface(__uuidof(HttpType1), pInput,
                                                                         __uuidof(HttpType2), &pvOutput);
    *ppOutput = SUCCEEDED(hr) ? static_cast<HttpType2 *>(pvOutput) : NULL;
    return hr;
}
#endif

#endif /* IIS_HTTPSERV_H */
