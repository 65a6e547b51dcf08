// twin1: the same class names and inline statics as its twin; neither may disturb the other.
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>

inline int &Counter()
{
    static int count = 1 * 1000;
    return count;
}

class CMyHttpModule : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        char value[16];
        int n = snprintf(value, sizeof(value), "%d", Counter());
        pHttpContext->GetResponse()->SetHeader("X-Twin", value, (USHORT)n, FALSE);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    virtual ~CMyHttpModuleFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_BEGIN_REQUEST, 0);
}
