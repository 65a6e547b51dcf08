// listens: takes part in what its name says, and changes nothing. "all" is every notification; "look" is every one
// too, and asks for whatever can be asked without an edit.
#include <windows.h>
#include <httpserv.h>
#include <string.h>

static const struct { PCSTR name; DWORD pre, post; } s_names[] = {
    { "begin", RQ_BEGIN_REQUEST, 0 }, { "authn", RQ_AUTHENTICATE_REQUEST, 0 }, { "authz", RQ_AUTHORIZE_REQUEST, 0 },
    { "resolve", RQ_RESOLVE_REQUEST_CACHE, 0 }, { "map", RQ_MAP_REQUEST_HANDLER, 0 },
    { "acquire", RQ_ACQUIRE_REQUEST_STATE, 0 }, { "pre", RQ_PRE_EXECUTE_REQUEST_HANDLER, 0 },
    { "execute", RQ_EXECUTE_REQUEST_HANDLER, 0 }, { "release", RQ_RELEASE_REQUEST_STATE, 0 },
    { "update", RQ_UPDATE_REQUEST_CACHE, 0 }, { "log", RQ_LOG_REQUEST, 0 }, { "end", RQ_END_REQUEST, 0 },
    { "custom", RQ_CUSTOM_NOTIFICATION, 0 }, { "send", RQ_SEND_RESPONSE, 0 }, { "read", RQ_READ_ENTITY, 0 },
    { "mappath", RQ_MAP_PATH, 0 }, { "pbegin", 0, RQ_BEGIN_REQUEST }, { "pauthn", 0, RQ_AUTHENTICATE_REQUEST },
    { "pauthz", 0, RQ_AUTHORIZE_REQUEST }, { "presolve", 0, RQ_RESOLVE_REQUEST_CACHE },
    { "pmap", 0, RQ_MAP_REQUEST_HANDLER }, { "pacquire", 0, RQ_ACQUIRE_REQUEST_STATE },
    { "ppre", 0, RQ_PRE_EXECUTE_REQUEST_HANDLER }, { "pexecute", 0, RQ_EXECUTE_REQUEST_HANDLER },
    { "prelease", 0, RQ_RELEASE_REQUEST_STATE }, { "pupdate", 0, RQ_UPDATE_REQUEST_CACHE },
    { "plog", 0, RQ_LOG_REQUEST }, { "pend", 0, RQ_END_REQUEST },
};
static const DWORD EVERY_POST = RQ_BEGIN_REQUEST | RQ_AUTHENTICATE_REQUEST | RQ_AUTHORIZE_REQUEST
    | RQ_RESOLVE_REQUEST_CACHE | RQ_MAP_REQUEST_HANDLER | RQ_ACQUIRE_REQUEST_STATE | RQ_PRE_EXECUTE_REQUEST_HANDLER
    | RQ_EXECUTE_REQUEST_HANDLER | RQ_RELEASE_REQUEST_STATE | RQ_UPDATE_REQUEST_CACHE | RQ_LOG_REQUEST
    | RQ_END_REQUEST;
static const DWORD EVERY = EVERY_POST | RQ_CUSTOM_NOTIFICATION | RQ_SEND_RESPONSE | RQ_READ_ENTITY | RQ_MAP_PATH;

class CMyHttpModule : public CHttpModule
{
public:
    explicit CMyHttpModule(bool fLooks) : m_fLooks(fLooks), m_sum(0) {}

#define HEARD(method, provider) \
    REQUEST_NOTIFICATION_STATUS On##method(IHttpContext *p, provider *) { return Look(p); }
    HEARD(BeginRequest, IHttpEventProvider)
    HEARD(PostBeginRequest, IHttpEventProvider)
    HEARD(AuthenticateRequest, IAuthenticationProvider)
    HEARD(PostAuthenticateRequest, IHttpEventProvider)
    HEARD(AuthorizeRequest, IHttpEventProvider)
    HEARD(PostAuthorizeRequest, IHttpEventProvider)
    HEARD(ResolveRequestCache, IHttpEventProvider)
    HEARD(PostResolveRequestCache, IHttpEventProvider)
    HEARD(MapRequestHandler, IMapHandlerProvider)
    HEARD(PostMapRequestHandler, IHttpEventProvider)
    HEARD(AcquireRequestState, IHttpEventProvider)
    HEARD(PostAcquireRequestState, IHttpEventProvider)
    HEARD(PreExecuteRequestHandler, IHttpEventProvider)
    HEARD(PostPreExecuteRequestHandler, IHttpEventProvider)
    HEARD(ExecuteRequestHandler, IHttpEventProvider)
    HEARD(PostExecuteRequestHandler, IHttpEventProvider)
    HEARD(ReleaseRequestState, IHttpEventProvider)
    HEARD(PostReleaseRequestState, IHttpEventProvider)
    HEARD(UpdateRequestCache, IHttpEventProvider)
    HEARD(PostUpdateRequestCache, IHttpEventProvider)
    HEARD(LogRequest, IHttpEventProvider)
    HEARD(PostLogRequest, IHttpEventProvider)
    HEARD(EndRequest, IHttpEventProvider)
    HEARD(PostEndRequest, IHttpEventProvider)
    HEARD(CustomRequestNotification, ICustomNotificationProvider)
    HEARD(SendResponse, ISendResponseProvider)
    HEARD(ReadEntity, IReadEntityProvider)
    HEARD(MapPath, IMapPathProvider)

private:
    // Every byte of the response that is in memory, its status and its fields.
    REQUEST_NOTIFICATION_STATUS Look(IHttpContext *pHttpContext)
    {
        if (!m_fLooks)
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        IHttpResponse *pResponse = pHttpContext->GetResponse();
        HTTP_RESPONSE *pRaw = pResponse->GetRawHttpResponse();
        USHORT status = 0, cch = 0;
        pResponse->GetStatus(&status);
        PCSTR pszType = pResponse->GetHeader(HttpHeaderContentType, &cch);
        m_sum += status + (pszType ? pszType[0] : 0);
        for (USHORT i = 0; i < pRaw->EntityChunkCount; i++)
        {
            const HTTP_DATA_CHUNK &chunk = pRaw->pEntityChunks[i];
            if (chunk.DataChunkType == HttpDataChunkFromMemory && chunk.FromMemory.BufferLength)
            {
                m_sum += ((const BYTE *)chunk.FromMemory.pBuffer)[chunk.FromMemory.BufferLength - 1];
            }
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    bool m_fLooks;
    volatile ULONG m_sum;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    explicit CMyHttpModuleFactory(bool fLooks) : m_fLooks(fLooks) {}
    virtual ~CMyHttpModuleFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule(m_fLooks);
        return S_OK;
    }
    virtual void Terminate() { delete this; }

private:
    bool m_fLooks;
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    PCWSTR pszName = pModuleInfo->GetName();
    DWORD pre = EVERY, post = EVERY_POST;
    bool fLooks = !wcscmp(pszName, L"look");
    for (const auto &one : s_names)
    {
        size_t i = 0;
        while (one.name[i] && (WCHAR)one.name[i] == pszName[i])
        {
            i++;
        }
        if (!one.name[i] && !pszName[i])
        {
            pre = one.pre;
            post = one.post;
        }
    }
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory(fLooks), pre, post);
}
