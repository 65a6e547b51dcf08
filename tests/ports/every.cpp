// every: registered for all notifications. Each is a word of the file that file= of the query names, "Begin +Begin
// Auth ..." ('+' is the post-event). The query string asks for more, "do=<what>.<where>": what is finish (the
// request there), pend (and post from a thread of its own), deny (403), answer (write and finish), handled.
#include <windows.h>
#include <httpserv.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <string>
#include <thread>
#include <unistd.h>

static void Append(const std::string &file, const std::string &word)
{
    int fd = file.empty() ? -1 : open(file.c_str(), O_WRONLY | O_APPEND);
    if (fd >= 0)
    {
        std::string text = word + " ";
        ssize_t written = write(fd, text.data(), text.size());
        UNREFERENCED_PARAMETER(written);
        close(fd);
    }
}

class CUser : public IHttpUser
{
public:
    explicit CUser(PCWSTR pszName) : m_refs(1), m_name(pszName) {}
    virtual PCWSTR GetRemoteUserName(VOID) { return m_name.c_str(); }
    virtual PCWSTR GetUserName(VOID) { return m_name.c_str(); }
    virtual PCWSTR GetAuthenticationType(VOID) { return L"Custom"; }
    virtual PCWSTR GetPassword(VOID) { return L""; }
    virtual HANDLE GetImpersonationToken(VOID) { return NULL; }
    virtual HANDLE GetPrimaryToken(VOID) { return NULL; }
    virtual VOID ReferenceUser(VOID) { m_refs++; }
    virtual VOID DereferenceUser(VOID)
    {
        if (--m_refs == 0)
        {
            delete this;
        }
    }
    virtual BOOL SupportsIsInRole(VOID) { return FALSE; }
    virtual HRESULT IsInRole(PCWSTR, BOOL *) { return E_NOTIMPL; }
    virtual PVOID GetUserVariable(PCSTR) { return NULL; }

private:
    virtual ~CUser() {}
    LONG m_refs;
    std::wstring m_name;
};

class CScriptMap : public IScriptMapInfo
{
public:
    explicit CScriptMap(PCWSTR pszModules) : m_modules(pszModules) {}
    virtual PCWSTR GetPath(VOID) const { return L"*"; }
    virtual PCSTR GetAllowedVerbs(VOID) const { return "*"; }
    virtual PCWSTR GetModules(DWORD *pcchModules = NULL) const
    {
        if (pcchModules)
        {
            *pcchModules = (DWORD)m_modules.size();
        }
        return m_modules.c_str();
    }
    virtual PCWSTR GetScriptProcessor(DWORD * = NULL) const { return L""; }
    virtual PCWSTR GetManagedType(DWORD * = NULL) const { return L""; }
    virtual BOOL GetAllowPathInfoForScriptMappings(VOID) const { return FALSE; }
    virtual DWORD GetRequiredAccess(VOID) const { return 0; }
    virtual DWORD GetResourceType(VOID) const { return 0; }
    virtual BOOL GetIsStarScriptMap(VOID) const { return TRUE; }
    virtual DWORD GetResponseBufferLimit(VOID) const { return 0; }
    virtual PCWSTR GetName(VOID) const { return L"Chosen"; }

private:
    std::wstring m_modules;
};

class CMyHttpModule : public CHttpModule
{
public:
    explicit CMyHttpModule(const std::string &name) : m_name(name), m_map(L"") {}

#define TRACED(method, word) \
    REQUEST_NOTIFICATION_STATUS On##method(IHttpContext *p, IHttpEventProvider *) { return Step(p, word); }
    TRACED(BeginRequest, "Begin")
    TRACED(PostBeginRequest, "+Begin")
    TRACED(PostAuthenticateRequest, "+Auth")
    TRACED(AuthorizeRequest, "Authz")
    TRACED(PostAuthorizeRequest, "+Authz")
    TRACED(ResolveRequestCache, "Resolve")
    TRACED(PostResolveRequestCache, "+Resolve")
    TRACED(PostMapRequestHandler, "+Map")
    TRACED(AcquireRequestState, "Acquire")
    TRACED(PostAcquireRequestState, "+Acquire")
    TRACED(PreExecuteRequestHandler, "Pre")
    TRACED(PostPreExecuteRequestHandler, "+Pre")
    TRACED(ExecuteRequestHandler, "Execute")
    TRACED(PostExecuteRequestHandler, "+Execute")
    TRACED(ReleaseRequestState, "Release")
    TRACED(PostReleaseRequestState, "+Release")
    TRACED(UpdateRequestCache, "Update")
    TRACED(PostUpdateRequestCache, "+Update")
    TRACED(LogRequest, "Log")
    TRACED(PostLogRequest, "+Log")
    TRACED(EndRequest, "End")
    TRACED(PostEndRequest, "+End")

    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext *p, IAuthenticationProvider *pProvider)
    {
        if (Asked(p, "user"))
        {
            pProvider->SetUser(new CUser(L"alice"));
        }
        return Step(p, "Auth");
    }
    REQUEST_NOTIFICATION_STATUS OnMapRequestHandler(IHttpContext *p, IMapHandlerProvider *pProvider)
    {
        if (Asked(p, "nobody"))
        {
            m_map = CScriptMap(L"StaticFileModule");
            pProvider->SetScriptMap(&m_map);
        }
        return Step(p, "Map");
    }
    REQUEST_NOTIFICATION_STATUS OnMapPath(IHttpContext *p, IMapPathProvider *pProvider)
    {
        std::wstring path = pProvider->GetPhysicalPath();
        size_t at = path.find(L"mapped.txt");
        if (at != std::wstring::npos)
        {
            path.replace(at, 10, L"file.txt");
            pProvider->SetPhysicalPath(path.c_str(), (DWORD)path.size());
        }
        return Step(p, "Path");
    }
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext *p, ISendResponseProvider *pProvider)
    {
        IHttpResponse *pResponse = p->GetResponse();
        REQUEST_NOTIFICATION_STATUS status = Step(p, pProvider->GetFlags() & HTTP_SEND_RESPONSE_FLAG_MORE_DATA
                                                     ? "Send.." : "Send");
        if (pProvider->GetHeadersBeingSent())
        {
            ShowUser(p);
        }
        if (Asked(p, "log") && pProvider->GetReadyToLogData())
        {
            Edit(pResponse, pProvider);
        }
        if (Asked(p, "inside"))
        {
            DWORD cbSent;
            pResponse->DisableBuffering();
            Write(pResponse, "inside\n");
            pResponse->Flush(FALSE, TRUE, &cbSent);
        }
        if (Asked(p, "rewrite"))
        {
            pResponse->Clear();
            Write(pResponse, "rewritten\n");
        }
        return status;
    }
    REQUEST_NOTIFICATION_STATUS OnReadEntity(IHttpContext *p, IReadEntityProvider *) { return Step(p, "Read"); }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *)
    {
        Append(m_file, "*");
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    static PCSTR Query(IHttpContext *p)
    {
        PCSTR psz = NULL;
        DWORD cch = 0;
        p->GetServerVariable("QUERY_STRING", &psz, &cch);
        return psz ? psz : "";
    }
    bool Asked(IHttpContext *p, const char *what)
    {
        return m_query.find(what) != std::string::npos || strstr(Query(p), what) != NULL;
    }
    bool AskedHere(const char *what, const char *word)
    {
        std::string asked = std::string("do=") + what + "." + word + ";";
        return m_query.find(asked) != std::string::npos;
    }
    static void Write(IHttpResponse *pResponse, const char *text)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text;
        chunk.FromMemory.BufferLength = (ULONG)strlen(text);
        pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
    }
    static void ShowUser(IHttpContext *p)
    {
        IHttpUser *pUser = p->GetUser();
        std::string name;
        for (PCWSTR psz = pUser ? pUser->GetUserName() : L""; *psz; psz++)
        {
            name += (char)*psz;
        }
        p->GetResponse()->SetHeader("X-User", name.c_str(), (USHORT)name.size(), TRUE);
    }
    void Edit(IHttpResponse *pResponse, ISendResponseProvider *pProvider)
    {
        static WCHAR user[] = L"logged-user", stem[] = L"/logged";
        static char agent[] = "logged agent";
        HTTP_LOG_FIELDS_DATA *pData = (HTTP_LOG_FIELDS_DATA *)pProvider->GetLogData();
        if (!pData)
        {
            return;
        }
        pResponse->SetHeader("X-Log", pData->Method, pData->MethodLength, TRUE);
        pData->UserName = user;
        pData->UserNameLength = sizeof(user) - sizeof(WCHAR);
        pData->UriStem = stem;
        pData->UriStemLength = sizeof(stem) - sizeof(WCHAR);
        pData->UserAgent = agent;
        pData->UserAgentLength = sizeof(agent) - 1;
        pData->SubStatus = 42;
        pProvider->SetLogData(pData);
    }

    REQUEST_NOTIFICATION_STATUS Step(IHttpContext *p, const char *word)
    {
        IHttpResponse *pResponse = p->GetResponse();
        if (m_query.empty())
        {
            m_query = std::string("?") + Query(p) + ";";
            size_t at = m_query.find("file=");
            if (at != std::string::npos)
            {
                m_file = m_query.substr(at + 5, m_query.find_first_of("&;", at) - at - 5);
            }
            if (strstr(Query(p), "moved-url"))
            {
                p->GetRequest()->SetUrl("/file.txt", 9, TRUE);
            }
        }
        Append(m_file, word);
        if (AskedHere("deny", word))
        {
            pResponse->SetStatus(403, NULL);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (AskedHere("answer", word))
        {
            pResponse->SetStatus(202, "Mine");
            Write(pResponse, "answered\n");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (AskedHere("handled", word))
        {
            Write(pResponse, "handled\n");
            p->SetRequestHandled();
        }
        if (AskedHere("off", word))
        {
            p->DisableNotifications(RQ_LOG_REQUEST | RQ_SEND_RESPONSE, RQ_END_REQUEST);
        }
        if (AskedHere("pend", word))
        {
            std::thread([p] { p->PostCompletion(0); }).detach();
            return RQ_NOTIFICATION_PENDING;
        }
        return AskedHere("finish", word) ? RQ_NOTIFICATION_FINISH_REQUEST : RQ_NOTIFICATION_CONTINUE;
    }

    std::string m_name, m_file, m_query;
    CScriptMap m_map;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    virtual ~CMyHttpModuleFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule("every");
        return S_OK;
    }
    virtual void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    const DWORD ordered = RQ_BEGIN_REQUEST | RQ_AUTHENTICATE_REQUEST | RQ_AUTHORIZE_REQUEST | RQ_RESOLVE_REQUEST_CACHE
                          | RQ_MAP_REQUEST_HANDLER | RQ_ACQUIRE_REQUEST_STATE | RQ_PRE_EXECUTE_REQUEST_HANDLER
                          | RQ_EXECUTE_REQUEST_HANDLER | RQ_RELEASE_REQUEST_STATE | RQ_UPDATE_REQUEST_CACHE
                          | RQ_LOG_REQUEST | RQ_END_REQUEST;
    HRESULT hr = pModuleInfo->SetPriorityForRequestNotification(RQ_SEND_RESPONSE, PRIORITY_ALIAS_HIGH);
    if (FAILED(hr))
    {
        return hr;
    }
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory,
                                                ordered | RQ_SEND_RESPONSE | RQ_READ_ENTITY | RQ_MAP_PATH, ordered);
}
