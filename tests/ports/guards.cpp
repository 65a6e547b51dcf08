// guards: what decides who is let in. What it is goes by its name in IISModule:
//   guard   refuses everything where it takes part, with 403 in AuthorizeRequest
//   early   the same in AuthenticateRequest
//   urls    refuses URLs of /closed
//   quiet   lets everything in
//   users   authenticates whoever sends X-User
//   mover   SetUrl to what follows "moveto=" in the query string
//   noregister, noinstance: RegisterModule fails; GetHttpModule does
// Those that authorize hear BeginRequest and EndRequest too, quiet the post-events.
#include <windows.h>
#include <httpserv.h>
#include <string.h>
#include <string>

static std::string Narrow(PCWSTR pszText)
{
    std::string text;
    while (*pszText)
    {
        text += (char)*pszText++;
    }
    return text;
}

class CUser : public IHttpUser
{
public:
    explicit CUser(const std::string &name) : m_refs(1), m_name(name.begin(), name.end()) {}
    virtual PCWSTR GetRemoteUserName(VOID) { return m_name.c_str(); }
    virtual PCWSTR GetUserName(VOID) { return m_name.c_str(); }
    virtual PCWSTR GetAuthenticationType(VOID) { return L"Token"; }
    virtual PCWSTR GetPassword(VOID) { return L""; }
    virtual HANDLE GetImpersonationToken(VOID) { return NULL; }
    virtual HANDLE GetPrimaryToken(VOID) { return NULL; }
    virtual VOID ReferenceUser(VOID) { InterlockedIncrement(&m_refs); }
    virtual VOID DereferenceUser(VOID)
    {
        if (InterlockedDecrement(&m_refs) == 0)
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

class CGuards : public CHttpModule
{
public:
    explicit CGuards(const std::string &name) : m_name(name) {}

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR pszQuery = NULL;
        DWORD cch = 0;
        if (m_name == "mover" && SUCCEEDED(pContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch))
            && strstr(pszQuery, "moveto="))
        {
            std::string url = strstr(pszQuery, "moveto=") + 7;
            pContext->GetRequest()->SetUrl(url.c_str(), (DWORD)url.size(), TRUE);
        }
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext *pContext, IAuthenticationProvider *pProvider)
    {
        USHORT cch = 0;
        PCSTR pszUser = pContext->GetRequest()->GetHeader("X-User", &cch);
        if (m_name == "users" && pszUser != NULL && cch)
        {
            pProvider->SetUser(new CUser(pszUser));
        }
        return m_name == "early" ? Refuse(pContext) : RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnPostAuthenticateRequest(IHttpContext *, IHttpEventProvider *)
    {
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnAuthorizeRequest(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR pszUrl = NULL;
        DWORD cch = 0;
        pContext->GetServerVariable("URL", &pszUrl, &cch);
        if (m_name == "urls")
        {
            // It may ask where the URL leads, also while it is asked.
            pContext->MapPath(L"/closed/page.txt", NULL, &cch);
        }
        return m_name == "quiet" || (m_name == "urls" && !(pszUrl && strstr(pszUrl, "/closed")))
                   ? RQ_NOTIFICATION_CONTINUE : Refuse(pContext);
    }

    REQUEST_NOTIFICATION_STATUS OnPostAuthorizeRequest(IHttpContext *, IHttpEventProvider *)
    {
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnEndRequest(IHttpContext *, IHttpEventProvider *) { return RQ_NOTIFICATION_CONTINUE; }

private:
    REQUEST_NOTIFICATION_STATUS Refuse(IHttpContext *pContext)
    {
        pContext->GetResponse()->Clear();
        pContext->GetResponse()->SetStatus(403, "Guarded");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    std::string m_name;
};


class CGuardsFactory : public IHttpModuleFactory
{
public:
    explicit CGuardsFactory(const std::string &name) : m_name(name) {}
    virtual ~CGuardsFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        if (m_name == "noinstance")
        {
            return E_OUTOFMEMORY;
        }
        *ppModule = new CGuards(m_name);
        return S_OK;
    }
    virtual void Terminate() { delete this; }

private:
    std::string m_name;
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    std::string name = Narrow(pInfo->GetName());
    DWORD events = RQ_BEGIN_REQUEST | RQ_AUTHORIZE_REQUEST | RQ_END_REQUEST;
    if (name == "noregister")
    {
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    }
    if (name == "mover")
    {
        events = RQ_BEGIN_REQUEST;
    }
    else if (name == "users")
    {
        events = RQ_AUTHENTICATE_REQUEST;
    }
    else if (name == "early")
    {
        events = RQ_AUTHENTICATE_REQUEST;
    }
    else if (name == "quiet")
    {
        events |= RQ_AUTHENTICATE_REQUEST;
    }
    return pInfo->SetRequestNotifications(new CGuardsFactory(name), events,
                                          name == "quiet" ? RQ_AUTHENTICATE_REQUEST | RQ_AUTHORIZE_REQUEST : 0);
}
