// port.cpp: half of a module of two files, compiled as far from the defaults as a port may be.
#include <httpserv.h>

class PortFactory : public IHttpModuleFactory {
    HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *)
    {
        *ppModule = NULL;
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    void Terminate() {}
};

static PortFactory factory;

HRESULT __stdcall RegisterModule(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return dwServerVersion ? pModuleInfo->SetRequestNotifications(&factory, RQ_BEGIN_REQUEST, 0) : E_FAIL;
}
