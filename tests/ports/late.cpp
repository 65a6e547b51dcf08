// late: hears of a request in PreExecuteRequestHandler first, and of nothing after it; sets a header for whoever answers.
#include <windows.h>
#include <httpserv.h>
#include <string.h>

class CLate : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnPreExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        pHttpContext->GetResponse()->SetHeader("X-Late", "set", 3, TRUE);
        if (strstr(pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl, "pending"))
        {
            m_pHttpContext = pHttpContext;
            return QueueUserWorkItem(Post, this, WT_EXECUTEDEFAULT) ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_CONTINUE;
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *, IHttpCompletionInfo *)
    {
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    static DWORD WINAPI Post(PVOID pvModule)
    {
        static_cast<CLate *>(pvModule)->m_pHttpContext->PostCompletion(0);
        return 0;
    }
    IHttpContext *m_pHttpContext;
};

class CLateFactory : public IHttpModuleFactory
{
public:
    virtual ~CLateFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CLate;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CLateFactory, RQ_PRE_EXECUTE_REQUEST_HANDLER, 0);
}
