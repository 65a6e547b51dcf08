// echo.cpp: answers /echo with what a handler sees of the request, for the
// samples that change a request on its way; and makes the server's events
// happen that other modules cause, for the samples that listen to them.
#include <windows.h>
#include <httpserv.h>
#include <httpcach.h>
#include <httptrace.h>
#include <string>

// What the keys of IIS's caches have in common; a cache is known by its name.
template <class Key> class CKey : public Key
{
public:
    explicit CKey(PCWSTR pszCache) : m_pszCache(pszCache) {}
    DWORD GetHash() const { return 7; }
    PCWSTR GetCacheName() const { return m_pszCache; }
    bool GetIsEqual(IHttpCacheKey *pKey) const { return pKey == this; }
    bool GetIsPrefix(IHttpCacheKey *pKey) const { return pKey == this; }
    void Enum(IHttpCacheSpecificData *) {}

private:
    PCWSTR m_pszCache;
};

class CFileKey : public CKey<IFileKey>
{
public:
    CFileKey() : CKey<IFileKey>(FILE_CACHE_NAME) {}
    PCWSTR GetPath() const { return L"/srv/echo.htm"; }
};

class CUriKey : public CKey<IUriKey>
{
public:
    CUriKey() : CKey<IUriKey>(URI_CACHE_NAME) {}
    PCWSTR GetUrl() const { return L"/echo"; }
    DWORD GetSiteId() const { return 1; }
    PCWSTR GetSiteName() const { return L"Echo Site"; }
    PCWSTR GetConfigPath() const { return L"MACHINE/WEBROOT/APPHOST/Echo Site"; }
    void UpdateFrequentlyHitTickCount(DWORD) {}
};

class CTokenKey : public CKey<IHttpTokenKey>
{
public:
    CTokenKey() : CKey<IHttpTokenKey>(TOKEN_CACHE_NAME) {}
    PCWSTR GetUserName() const { return L"echo user"; }
    PCWSTR GetPasswordHash() const { return L"echo hash"; }
    DWORD GetLogonMethod() const { return 3; }
};

// A record of a cache. IHttpTokenEntry's only: there are no tokens in it.
class CRecord : public IHttpTokenEntry
{
public:
    explicit CRecord(IHttpCacheKey *pKey) : m_pKey(pKey) {}
    IHttpCacheKey *GetCacheKey() const { return m_pKey; }
    void ReferenceCacheData() {}
    void DereferenceCacheData() {}
    void ResetTTL() {}
    void DecrementTTL(BOOL *pfExpired) { *pfExpired = FALSE; }
    void SetFlushed() {}
    BOOL GetFlushed() const { return FALSE; }
    HANDLE GetImpersonationToken() { return NULL; }
    HANDLE GetPrimaryToken() { return NULL; }
    PSID GetSid() { return NULL; }

private:
    IHttpCacheKey *m_pKey;
};

static IHttpServer *g_pServer;
static CFileKey g_fileKey;
static CUriKey g_uriKey;
static CTokenKey g_tokenKey;
static CRecord g_file(&g_fileKey), g_uri(&g_uriKey), g_token(&g_tokenKey);

static void Cache(IHttpCacheKey *pKey, IHttpCacheSpecificData *pRecord, IHttpContext *pContext)
{
    g_pServer->DoCacheOperation(CACHE_OPERATION_ADD, pKey, &pRecord, pContext->GetTraceContext());
    g_pServer->DoCacheOperation(CACHE_OPERATION_DELETE, pKey, NULL, pContext->GetTraceContext());
}

static void Trace(IHttpContext *pContext)
{
    int nAnswer = 42;
    HTTP_TRACE_EVENT_ITEM item = {L"Answer", HTTP_TRACE_TYPE_LONG, (PBYTE)&nAnswer, sizeof(nAnswer), NULL};
    HTTP_TRACE_EVENT event = {};

    event.pProviderGuid = event.pAreaGuid = &GUID_IIS_WWW_SERVER_TRACE_PROVIDER;
    event.dwArea = 2;
    event.dwEvent = 1;
    event.pszEventName = L"Echo Event";
    event.dwEventVersion = 1;
    event.dwVerbosity = 4;
    event.cEventItems = 1;
    event.pEventItems = &item;
    pContext->GetTraceContext()->RaiseTraceEvent(&event);
}

static void CauseEvents(IHttpContext *pContext)
{
    Trace(pContext);
    Cache(&g_fileKey, &g_file, pContext);
    Cache(&g_uriKey, &g_uri, pContext);
    Cache(&g_tokenKey, &g_token, pContext);
    g_pServer->NotifyFileChange(L"/srv/echo.htm");
    if (strstr(pContext->GetRequest()->GetRawHttpRequest()->pRawUrl, "unhealthy"))
        g_pServer->ReportUnhealthy(L"echo was told so", E_FAIL);
}

class CEcho : public CHttpModule
{
    static std::string Header(IHttpRequest *pRequest, PCSTR pszName)
    {
        USHORT cch = 0;
        PCSTR pszValue = pRequest->GetHeader(pszName, &cch);

        return pszValue && cch ? std::string(pszValue, cch) : "(none)";
    }

    static std::string Entity(IHttpRequest *pRequest)
    {
        std::string text;
        char buffer[256];
        DWORD cb = 0;

        while (SUCCEEDED(pRequest->ReadEntityBody(buffer, sizeof(buffer), FALSE, &cb, NULL)) && cb)
            text.append(buffer, cb);
        return text;
    }

public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        IHttpRequest *pRequest = pContext->GetRequest();
        HTTP_DATA_CHUNK chunk;
        PCSTR pszName = NULL;
        DWORD cch = 0, cbSent = 0;

        if (wcscmp(pContext->GetScriptName(NULL), L"/echo") != 0)
            return RQ_NOTIFICATION_CONTINUE;
        CauseEvents(pContext);
        pContext->GetServerVariable("SERVER_NAME", &pszName, &cch);
        std::string text = "method: " + std::string(pRequest->GetHttpMethod());
        text += "\nuser agent: " + Header(pRequest, "User-Agent");
        text += "\naccept language: " + Header(pRequest, "Accept-Language");
        text += "\nserver name: " + std::string(pszName ? pszName : "");
        text += "\nentity: " + Entity(pRequest) + "\n";
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text.data();
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

class CFactory : public IHttpModuleFactory
{
public:
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CEcho;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *pServer)
{
    g_pServer = pServer;
    return pInfo->SetRequestNotifications(new CFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
