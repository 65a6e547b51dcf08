#include "stdafx.h"
#include "RequestLog.h"

static VOID ReportFailure(HRESULT hr)
{
    HANDLE hEventLog = RegisterEventSource(NULL, TEXT("RequestLog"));
    LPTSTR pszMessage = NULL;
    TCHAR szText[512];

    if (FormatMessage(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                      HRESULT_CODE(hr), 0, (LPTSTR)&pszMessage, 0, NULL) == 0)
    {
        pszMessage = NULL;
    }
    _sntprintf_s(szText, _countof(szText), _TRUNCATE, TEXT("No request log: 0x%08X %s"), hr,
                 pszMessage != NULL ? pszMessage : TEXT(""));
    if (pszMessage != NULL)
    {
        LocalFree(pszMessage);
    }
    if (hEventLog != NULL)
    {
        LPCTSTR rgszStrings[] = { szText };
        ReportEvent(hEventLog, EVENTLOG_ERROR_TYPE, 0, 0, NULL, 1, 0, rgszStrings, NULL);
        DeregisterEventSource(hEventLog);
    }
}

HRESULT WINAPI RegisterModule(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo,
                              IHttpServer *pGlobalInfo)
{
    UNREFERENCED_PARAMETER(dwServerVersion);
    UNREFERENCED_PARAMETER(pGlobalInfo);

    CRequestLogFactory *pFactory = new (std::nothrow) CRequestLogFactory;
    if (pFactory == NULL)
    {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = pFactory->Initialize();
    if (FAILED(hr))
    {
        ReportFailure(hr);
        pFactory->Terminate();
        return hr;
    }
    return pModuleInfo->SetRequestNotifications(pFactory, RQ_BEGIN_REQUEST | RQ_LOG_REQUEST, 0);
}
