/* elder.cpp: a port as the first version of the headers compiled it, with a shorter handshake. */
#define IisModuleHandshake HandshakeOfToday
#include <httpserv.h>
#undef IisModuleHandshake

extern "C" __attribute__((visibility("default"))) const iis_handshake *IisModuleHandshake(const iis_services *services)
{
    static iis_handshake elder;
    const iis_handshake *today = HandshakeOfToday(services);
    if (!today)
    {
        return NULL;
    }
    elder = *today;
    elder.cbSize = offsetof(iis_handshake, connection_context);
    return &elder;
}

class CElder : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        pHttpContext->GetResponse()->SetHeader("X-Elder", "here", 4, TRUE);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

class CElderFactory : public IHttpModuleFactory
{
public:
    virtual ~CElderFactory()
    {
    }
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CElder;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CElderFactory, RQ_BEGIN_REQUEST, 0);
}
