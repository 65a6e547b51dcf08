#include "stdafx.h"
#include "EventLog.h"

static HANDLE g_hEventLog = NULL;

VOID OpenEventSource(LPCWSTR pszSource)
{
    g_hEventLog = RegisterEventSourceW(NULL, pszSource);
}

VOID CloseEventSource()
{
    if (g_hEventLog != NULL)
    {
        DeregisterEventSource(g_hEventLog);
        g_hEventLog = NULL;
    }
}

VOID LogEvent(WORD wType, LPCWSTR pszFormat, ...)
{
    WCHAR szMessage[1024];
    LPCWSTR rgpszStrings[1] = { szMessage };
    va_list args;

    va_start(args, pszFormat);
    HRESULT hr = StringCchVPrintfW(szMessage, ARRAYSIZE(szMessage), pszFormat, args);
    va_end(args);
    if (FAILED(hr) && hr != STRSAFE_E_INSUFFICIENT_BUFFER)
    {
        return;
    }
    if (g_hEventLog != NULL)
    {
        ReportEventW(g_hEventLog, wType, 0, 1, NULL, 1, 0, rgpszStrings, NULL);
    }
    OutputDebugStringW(szMessage);
}
