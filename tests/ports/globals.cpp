// globals: what a request's query names is done, and each global notification that follows is a line of "notes" in
// the root folder of the application.
#include <windows.h>
#include <httpserv.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

static IHttpServer *g_pServer;
static HTTP_MODULE_ID g_id;
static IHttpFileMonitor *g_pMonitor;
static char g_szNotes[512];
static const GUID PROVIDER = { 0x11111111, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };

static void Note(const char *format, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    int fd = open(g_szNotes, O_WRONLY | O_APPEND);
    if (fd >= 0)
    {
        ssize_t written = write(fd, line, n);
        UNREFERENCED_PARAMETER(written);
        close(fd);
    }
}

class CMine : public ICustomNotificationProvider
{
public:
    PCWSTR QueryNotificationType(VOID) { return L"mine"; }
    VOID SetErrorStatus(HRESULT) {}
};

class CKey : public IHttpCacheKey
{
public:
    DWORD GetHash(VOID) const { return 7; }
    PCWSTR GetCacheName(VOID) const { return L"MINE"; }
    bool GetIsEqual(IHttpCacheKey *pKey) const { return pKey->GetHash() == 7; }
    bool GetIsPrefix(IHttpCacheKey *) const { return false; }
    VOID Enum(IHttpCacheSpecificData *) {}
    virtual ~CKey() {}
};

class CRecord : public IHttpCacheSpecificData
{
    mutable CKey m_key;
    LONG m_refs = 1;
    BOOL m_flushed = FALSE;
public:
    IHttpCacheKey *GetCacheKey(VOID) const { return &m_key; }
    VOID ReferenceCacheData(VOID) { InterlockedIncrement(&m_refs); }
    VOID DereferenceCacheData(VOID) { if (!InterlockedDecrement(&m_refs)) delete this; }
    VOID ResetTTL(VOID) {}
    VOID DecrementTTL(BOOL *pfExpired) { *pfExpired = FALSE; }
    VOID SetFlushed(VOID) { m_flushed = TRUE; }
    BOOL GetFlushed(VOID) const { return m_flushed; }
    virtual ~CRecord() {}
};

class CGlobals : public CGlobalModule
{
public:
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationResolveModules(IHttpApplicationResolveModulesProvider *pProvider);
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStart(IHttpApplicationStartProvider *pProvider)
    {
        snprintf(g_szNotes, sizeof(g_szNotes), "%ls/notes", pProvider->GetApplication()->GetApplicationPhysicalPath());
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalCustomNotification(ICustomNotificationProvider *pProvider)
    {
        Note("custom=%ls\n", pProvider->QueryNotificationType());
        return GL_NOTIFICATION_HANDLED;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalTraceEvent(IGlobalTraceEventProvider *pProvider)
    {
        HTTP_TRACE_EVENT *pEvent = NULL;
        IHttpContext *pContext = NULL;
        HRESULT hr = pProvider->GetCurrentHttpRequestContext(&pContext);
        if (SUCCEEDED(pProvider->GetTraceEvent(&pEvent)) && pEvent->pszEventName
            && !wcscmp(pEvent->pszEventName, L"happened"))
        {
            Note("trace=%ls subscribed=%d request=%d\n", pEvent->pszEventName, pProvider->CheckSubscription(g_id),
                 SUCCEEDED(hr) && pContext != NULL);
        }
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalFileChange(IGlobalFileChangeProvider *pProvider)
    {
        Note("file=%ls monitor=%d\n", pProvider->GetFileName(),
             g_pMonitor && pProvider->GetFileMonitor() == g_pMonitor);
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalConfigurationChange(IGlobalConfigurationChangeProvider *pProvider)
    {
        Note("configuration=%ls\n", pProvider->GetChangePath());
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalCacheOperation(ICacheProvider *pProvider)
    {
        if (!wcscmp(pProvider->GetCacheKey()->GetCacheName(), L"MINE"))
        {
            Note("cache=%d record=%d\n", pProvider->GetCacheOperation(), pProvider->GetCacheRecord() != NULL);
        }
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalHealthCheck(VOID)
    {
        Note("health\n");
        return GL_NOTIFICATION_CONTINUE;
    }
    VOID Terminate(VOID)
    {
        if (g_pMonitor)
        {
            g_pMonitor->DereferenceFileMonitor();
            g_pMonitor = NULL;
        }
        delete this;
    }
};

static void RaiseTrace(IHttpTraceContext *pTrace)
{
    HTTP_TRACE_CONFIGURATION wanted = { &PROVIDER, 0xffffffff, 5, TRUE };
    HTTP_TRACE_EVENT event;
    ZeroMemory(&event, sizeof(event));
    event.pProviderGuid = &PROVIDER;
    event.pAreaGuid = &PROVIDER;
    event.dwArea = 1;
    event.pszEventName = L"happened";
    event.dwVerbosity = 4;
    pTrace->SetTraceConfiguration(g_id, &wanted);
    pTrace->RaiseTraceEvent(&event);
    wanted.fProviderEnabled = FALSE;
    pTrace->SetTraceConfiguration(g_id, &wanted);
}

static int UseCache(void)
{
    CRecord *pRecord = new CRecord;
    IHttpCacheSpecificData *pData = pRecord, *pFound = NULL;
    CKey key;
    int hits = 0;
    hits += SUCCEEDED(g_pServer->DoCacheOperation(CACHE_OPERATION_ADD, &key, &pData, NULL));
    hits += SUCCEEDED(g_pServer->DoCacheOperation(CACHE_OPERATION_RETRIEVE, &key, &pFound, NULL)) && pFound == pRecord;
    if (pFound)
    {
        pFound->DereferenceCacheData();
    }
    hits += SUCCEEDED(g_pServer->DoCacheOperation(CACHE_OPERATION_DELETE, &key, NULL, NULL));
    pRecord->DereferenceCacheData();
    return hits;
}

static int Do(IHttpContext *pContext, const char *what)
{
    CMine mine;
    if (!strcmp(what, "custom"))
        return g_pServer->NotifyCustomNotification(&mine);
    if (!strcmp(what, "file"))
        g_pServer->NotifyFileChange(L"/srv/changed");
    if (!strcmp(what, "configuration"))
        g_pServer->NotifyConfigurationChange(L"MACHINE/WEBROOT/mine");
    if (!strcmp(what, "health"))
        g_pServer->ReportUnhealthy(L"the test says so", E_FAIL);
    if (!strcmp(what, "cache"))
        return UseCache();
    if (!strcmp(what, "trace"))
    {
        RaiseTrace(pContext->GetTraceContext());
        RaiseTrace(g_pServer->GetTraceContext());
    }
    if (!strcmp(what, "monitor"))
        return SUCCEEDED(g_pServer->RegisterFileChangeMonitor(
            pContext->GetApplication()->GetApplicationPhysicalPath(), NULL, &g_pMonitor));
    return 1;
}

class CModule : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        const char *what = strchr(pContext->GetRequest()->GetRawHttpRequest()->pRawUrl, '?');
        char body[64];
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent;
        snprintf(body, sizeof(body), "done=%d\n", what ? Do(pContext, what + 1) : 0);
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = body;
        chunk.FromMemory.BufferLength = (ULONG)strlen(body);
        pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
};

class CResolved : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pContext, IHttpEventProvider *)
    {
        pContext->GetResponse()->SetHeader("X-Resolved", "yes", 3, TRUE);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

template <class T> class CFactoryOf : public IHttpModuleFactory
{
public:
    virtual ~CFactoryOf() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *) { *ppModule = new T; return S_OK; }
    VOID Terminate(VOID) { delete this; }
};

GLOBAL_NOTIFICATION_STATUS CGlobals::OnGlobalApplicationResolveModules(
    IHttpApplicationResolveModulesProvider *pProvider)
{
    if (SUCCEEDED(pProvider->RegisterModule(g_id, new CFactoryOf<CResolved>, L"resolved", NULL, NULL,
                                            RQ_BEGIN_REQUEST, 0)))
    {
        pProvider->SetPriorityForRequestNotification(L"resolved", RQ_BEGIN_REQUEST, PRIORITY_ALIAS_LOW);
    }
    return GL_NOTIFICATION_CONTINUE;
}

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *pServer)
{
    g_pServer = pServer;
    g_id = pInfo->GetId();
    HRESULT hr = pInfo->SetGlobalNotifications(new CGlobals,
        GL_APPLICATION_RESOLVE_MODULES | GL_APPLICATION_START | GL_CUSTOM_NOTIFICATION | GL_TRACE_EVENT
        | GL_FILE_CHANGE | GL_CONFIGURATION_CHANGE | GL_CACHE_OPERATION | GL_HEALTH_CHECK);
    return FAILED(hr) ? hr : pInfo->SetRequestNotifications(new CFactoryOf<CModule>, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
