#include "stdafx.h"
#include "RequestLog.h"

HRESULT CRequestLogFactory::Initialize()
{
    WCHAR szFolder[MAX_PATH];
    DWORD cchFolder = GetEnvironmentVariableW(L"REQUESTLOG_FOLDER", szFolder, _countof(szFolder));

    if (cchFolder == 0)
    {
        if (GetLastError() != ERROR_ENVVAR_NOT_FOUND || GetTempPathW(_countof(szFolder), szFolder) == 0)
        {
            return HRESULT_FROM_WIN32(GetLastError());
        }
    }
    else if (cchFolder >= _countof(szFolder))
    {
        return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    }
    return m_thread.Start(szFolder);
}

HRESULT CRequestLogFactory::GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator)
{
    UNREFERENCED_PARAMETER(pAllocator);

    *ppModule = new (std::nothrow) CRequestLogModule(m_thread);
    return *ppModule != NULL ? S_OK : E_OUTOFMEMORY;
}

void CRequestLogFactory::Terminate()
{
    m_thread.Stop();
    delete this;
}

CRequestLogModule::CRequestLogModule(CLogThread &thread) : m_thread(thread)
{
    m_liBegin.QuadPart = 0;
}

void CRequestLogModule::AppendQuoted(std::string &strLine, LPCSTR pszText)
{
    strLine += '"';
    for (; pszText != NULL && *pszText != '\0'; pszText++)
    {
        strLine += *pszText == '"' || iscntrl((unsigned char)*pszText) ? '?' : *pszText;
    }
    strLine += '"';
}

std::string CRequestLogModule::Narrow(LPCWSTR pszText, DWORD cchText)
{
    int cb = WideCharToMultiByte(CP_UTF8, 0, pszText, (int)cchText, NULL, 0, NULL, NULL);
    std::string strNarrow;

    if (cb > 0)
    {
        strNarrow.resize(cb);
        WideCharToMultiByte(CP_UTF8, 0, pszText, (int)cchText, &strNarrow[0], cb, NULL, NULL);
    }
    return strNarrow;
}

REQUEST_NOTIFICATION_STATUS CRequestLogModule::OnBeginRequest(IN IHttpContext *pHttpContext,
                                                              IN IHttpEventProvider *pProvider)
{
    UNREFERENCED_PARAMETER(pHttpContext);
    UNREFERENCED_PARAMETER(pProvider);

    QueryPerformanceCounter(&m_liBegin);
    return RQ_NOTIFICATION_CONTINUE;
}

// 2024-05-01 12:00:00 GET "/path" 200 0 1.234 "user agent" "host"
REQUEST_NOTIFICATION_STATUS CRequestLogModule::OnLogRequest(IN IHttpContext *pHttpContext,
                                                            IN IHttpEventProvider *pProvider)
{
    UNREFERENCED_PARAMETER(pProvider);
    IHttpRequest *pRequest = pHttpContext->GetRequest();
    SYSTEMTIME st;
    FILETIME ft, ftLocal;
    LARGE_INTEGER liNow, liFrequency;
    USHORT uStatus = 0, uSubStatus = 0, cchAgent = 0;
    CHAR szPart[128];
    std::string strLine;
    PCWSTR pwszHost = NULL;
    DWORD cchHost = 0;

    GetSystemTimeAsFileTime(&ft);
    if (!FileTimeToLocalFileTime(&ft, &ftLocal) || !FileTimeToSystemTime(&ftLocal, &st))
    {
        GetLocalTime(&st);
    }
    sprintf_s(szPart, "%04u-%02u-%02u %02u:%02u:%02u ", st.wYear, st.wMonth, st.wDay, st.wHour, st.wMinute, st.wSecond);
    strLine = szPart;

    strLine += pRequest->GetHttpMethod();
    strLine += ' ';
    HTTP_REQUEST *pRaw = pRequest->GetRawHttpRequest();
    AppendQuoted(strLine, Narrow(pRaw->CookedUrl.pAbsPath, pRaw->CookedUrl.AbsPathLength / sizeof(WCHAR)).c_str());

    pHttpContext->GetResponse()->GetStatus(&uStatus, &uSubStatus);
    QueryPerformanceCounter(&liNow);
    QueryPerformanceFrequency(&liFrequency);
    double dMilliseconds = (double)(liNow.QuadPart - m_liBegin.QuadPart) * 1000.0 / (double)liFrequency.QuadPart;
    sprintf_s(szPart, " %hu %hu %.3f ", uStatus, uSubStatus, dMilliseconds);
    strLine += szPart;

    AppendQuoted(strLine, pRequest->GetHeader(HttpHeaderUserAgent, &cchAgent));
    strLine += ' ';
    if (SUCCEEDED(pHttpContext->GetServerVariable("SERVER_NAME", &pwszHost, &cchHost)))
    {
        AppendQuoted(strLine, Narrow(pwszHost, cchHost).c_str());
    }
    strLine += "\r\n";
    m_thread.Write(strLine);
    return RQ_NOTIFICATION_CONTINUE;
}
