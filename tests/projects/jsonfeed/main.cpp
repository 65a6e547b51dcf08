#include "stdafx.h"
#include "FeedModule.h"

// How many feeds are open is said every minute while there are any.
static HANDLE g_hTimer = NULL;

static VOID CALLBACK ReportFeeds(PVOID lpParameter, BOOLEAN fTimerOrWaitFired)
{
    UNREFERENCED_PARAMETER(lpParameter);
    UNREFERENCED_PARAMETER(fTimerOrWaitFired);
    TCHAR szText[64];

    if (InterlockedCompareExchange(&g_cFeeds, 0, 0) != 0)
    {
        _stprintf_s(szText, _countof(szText), _T("JsonFeed: %d open\n"), g_cFeeds);
        OutputDebugString(szText);
    }
}

class CFeedGlobal : public CGlobalModule
{
public:
    virtual void Terminate()
    {
        if (g_hTimer != NULL)
        {
            DeleteTimerQueueTimer(NULL, g_hTimer, INVALID_HANDLE_VALUE);
            g_hTimer = NULL;
        }
        delete this;
    }

    GLOBAL_NOTIFICATION_STATUS OnGlobalStopListening(IN IGlobalStopListeningProvider *pProvider)
    {
        UNREFERENCED_PARAMETER(pProvider);
        return GL_NOTIFICATION_CONTINUE;
    }
};

HRESULT __stdcall RegisterModule(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo,
                                 IHttpServer *pGlobalInfo)
{
    UNREFERENCED_PARAMETER(dwServerVersion);
    UNREFERENCED_PARAMETER(pGlobalInfo);

    CFeedModuleFactory *pFactory = new (std::nothrow) CFeedModuleFactory;
    if (pFactory == NULL)
    {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = pModuleInfo->SetRequestNotifications(pFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
    if (FAILED(hr))
    {
        return hr;
    }
    CFeedGlobal *pGlobal = new (std::nothrow) CFeedGlobal;
    if (pGlobal == NULL)
    {
        return E_OUTOFMEMORY;
    }
    hr = pModuleInfo->SetGlobalNotifications(pGlobal, GL_STOP_LISTENING);
    if (SUCCEEDED(hr) && !CreateTimerQueueTimer(&g_hTimer, NULL, ReportFeeds, NULL, 60000, 60000, WT_EXECUTEDEFAULT))
    {
        hr = HRESULT_FROM_WIN32(GetLastError());
    }
    return hr;
}
