// merge: goes on with GetNextNotification as long as it may, in AuthenticateRequest and AcquireRequestState; the
// response says which notifications it was called for, and with which it went on.
#include <windows.h>
#include <httpserv.h>
#include <string>

class CMerge : public CHttpModule
{
    std::string m_text;
    IHttpContext *m_pContext = NULL;

    REQUEST_NOTIFICATION_STATUS Called(IHttpContext *pContext, const char *name)
    {
        m_pContext = pContext;
        m_text += std::string(name) + " ";
        return RQ_NOTIFICATION_CONTINUE;
    }
    void GoOn()
    {
        DWORD dwNotification = 0;
        BOOL fPost = FALSE;
        CHttpModule *pModule = NULL;
        IHttpEventProvider *pProvider = NULL;
        while (m_pContext->GetNextNotification(RQ_NOTIFICATION_CONTINUE, &dwNotification, &fPost, &pModule,
                                               &pProvider))
        {
            char word[32];
            snprintf(word, sizeof(word), "(%s%x%s) ", fPost ? "+" : "", (unsigned)dwNotification,
                     pModule == this && pProvider ? "" : "?");
            m_text += word;
        }
    }
public:
    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext *p, IAuthenticationProvider *)
    {
        Called(p, "Authenticate");
        GoOn();
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnPostAuthenticateRequest(IHttpContext *p, IHttpEventProvider *)
    { return Called(p, "+Authenticate"); }
    REQUEST_NOTIFICATION_STATUS OnAuthorizeRequest(IHttpContext *p, IHttpEventProvider *)
    { return Called(p, "Authorize"); }
    REQUEST_NOTIFICATION_STATUS OnAcquireRequestState(IHttpContext *p, IHttpEventProvider *)
    {
        Called(p, "Acquire");
        GoOn();
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnPostAcquireRequestState(IHttpContext *p, IHttpEventProvider *)
    { return Called(p, "+Acquire"); }
    REQUEST_NOTIFICATION_STATUS OnPreExecuteRequestHandler(IHttpContext *p, IHttpEventProvider *)
    { return Called(p, "Pre"); }
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *p, IHttpEventProvider *)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent;
        Called(p, "Execute");
        GoOn();
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)m_text.data();
        chunk.FromMemory.BufferLength = (ULONG)m_text.size();
        p->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

class CFactory : public IHttpModuleFactory
{
public:
    virtual ~CFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *) { *ppModule = new CMerge; return S_OK; }
    VOID Terminate(VOID) { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return pInfo->SetRequestNotifications(new CFactory,
        RQ_AUTHENTICATE_REQUEST | RQ_AUTHORIZE_REQUEST | RQ_ACQUIRE_REQUEST_STATE | RQ_PRE_EXECUTE_REQUEST_HANDLER
        | RQ_EXECUTE_REQUEST_HANDLER, RQ_AUTHENTICATE_REQUEST | RQ_ACQUIRE_REQUEST_STATE);
}
