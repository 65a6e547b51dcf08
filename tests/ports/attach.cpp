// attach.cpp: a module with a DllMain, which counts its calls. IISR_REFUSE in the environment makes it refuse to be
// loaded.
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>
#include <stdlib.h>

static int g_attached, g_other;
static HMODULE g_hModule;

BOOL APIENTRY DllMain(HMODULE hModule, DWORD reason, LPVOID)
{
    reason == DLL_PROCESS_ATTACH ? g_attached++ : g_other++;
    g_hModule = hModule;
    return getenv("IISR_REFUSE") == NULL;
}

class CAttach : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pContext, IHttpEventProvider *)
    {
        char text[64];
        int n = snprintf(text, sizeof(text), "%d %d %s", g_attached, g_other, g_hModule ? "handle" : "none");
        pContext->GetResponse()->SetHeader("X-Attach", text, (USHORT)n, TRUE);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

class CFactory : public IHttpModuleFactory
{
public:
    virtual ~CFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CAttach;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return g_attached == 1 ? pInfo->SetRequestNotifications(new CFactory, RQ_BEGIN_REQUEST, 0) : E_UNEXPECTED;
}
