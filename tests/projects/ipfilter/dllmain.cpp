// dllmain.cpp : Defines the entry point for the DLL application.
#include "stdafx.h"
#include "IpFilterModule.h"
#include "EventLog.h"

static HMODULE g_hModule = NULL;

BOOL APIENTRY DllMain(HMODULE hModule, DWORD ul_reason_for_call, LPVOID lpReserved)
{
    UNREFERENCED_PARAMETER(lpReserved);

    switch (ul_reason_for_call)
    {
    case DLL_PROCESS_ATTACH:
        g_hModule = hModule;
        DisableThreadLibraryCalls(hModule);
        break;
    case DLL_THREAD_ATTACH:
    case DLL_THREAD_DETACH:
    case DLL_PROCESS_DETACH:
        break;
    }
    return TRUE;
}

HRESULT __stdcall RegisterModule(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo,
                                 IHttpServer *pHttpServer)
{
    UNREFERENCED_PARAMETER(dwServerVersion);
    UNREFERENCED_PARAMETER(pHttpServer);

    OpenEventSource(L"IpFilter");
    CIpFilterModuleFactory *pFactory = new (std::nothrow) CIpFilterModuleFactory();
    if (pFactory == NULL)
    {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = pFactory->Initialize(g_hModule);
    if (FAILED(hr))
    {
        LogEvent(EVENTLOG_ERROR_TYPE, L"No rules: 0x%08x", hr);
        pFactory->Terminate();
        return hr;
    }
    hr = pModuleInfo->SetRequestNotifications(pFactory, RQ_BEGIN_REQUEST, 0);
    if (SUCCEEDED(hr))
    {
        hr = pModuleInfo->SetPriorityForRequestNotification(RQ_BEGIN_REQUEST, PRIORITY_ALIAS_FIRST);
    }
    return hr;
}
