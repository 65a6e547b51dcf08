#include "stdafx.h"
#include "IpFilterModule.h"
#include "EventLog.h"

HRESULT CIpFilterModuleFactory::GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator)
{
    UNREFERENCED_PARAMETER(pAllocator);

    if (ppModule == NULL)
    {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    CIpFilterModule *pModule = new (std::nothrow) CIpFilterModule(&m_rules);
    if (pModule == NULL)
    {
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    *ppModule = pModule;
    return S_OK;
}

void CIpFilterModuleFactory::Terminate()
{
    CloseEventSource();
    delete this;
}

// The address of the connection, or what a trusted proxy says of its client.
HRESULT CIpFilterModule::GetClientAddress(IHttpRequest *pRequest, BYTE *pbAddress, DWORD *pcbAddress)
{
    PSOCKADDR pAddress = pRequest->GetRemoteAddress();

    if (pAddress == NULL)
    {
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    }
    switch (pAddress->sa_family)
    {
    case AF_INET:
        *pcbAddress = 4;
        CopyMemory(pbAddress, &((SOCKADDR_IN *)pAddress)->sin_addr, 4);
        break;
    case AF_INET6:
        *pcbAddress = 16;
        CopyMemory(pbAddress, &((SOCKADDR_IN6 *)pAddress)->sin6_addr, 16);
        break;
    default:
        return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    }
    if (!m_pRules->IsTrustedProxy(pbAddress, *pcbAddress))
    {
        return S_OK;
    }

    USHORT cchForwarded = 0;
    PCSTR pszForwarded = pRequest->GetHeader("X-Forwarded-For", &cchForwarded);
    CHAR szAddress[64];
    if (pszForwarded == NULL || cchForwarded == 0)
    {
        return S_OK;
    }
    // Only the last entry was written by the proxy that is trusted.
    PCSTR pszLast = strrchr(pszForwarded, ',');
    pszLast = pszLast == NULL ? pszForwarded : pszLast + 1;
    while (*pszLast == ' ')
    {
        pszLast++;
    }
    if (strncpy_s(szAddress, _countof(szAddress), pszLast, _TRUNCATE) != 0
        || !CRuleSet::ParseAddress(szAddress, pbAddress, pcbAddress))
    {
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    }
    return S_OK;
}

HRESULT CIpFilterModule::Refuse(IHttpContext *pHttpContext)
{
    static const CHAR szBody[] = "<html><body><h1>403.6</h1>Your address is rejected.</body></html>";
    IHttpResponse *pResponse = pHttpContext->GetResponse();
    HTTP_DATA_CHUNK chunk;
    DWORD cbSent = 0;

    pResponse->Clear();
    HRESULT hr = pResponse->SetStatus(403, "Forbidden", 6, HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    if (SUCCEEDED(hr))
    {
        hr = pResponse->SetHeader(HttpHeaderContentType, "text/html", (USHORT)strlen("text/html"), TRUE);
    }
    if (SUCCEEDED(hr))
    {
        hr = pResponse->SetHeader("X-Refused-By", "IpFilter", 8, TRUE);
    }
    if (SUCCEEDED(hr))
    {
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)szBody;
        chunk.FromMemory.BufferLength = sizeof(szBody) - sizeof(CHAR);
        hr = pResponse->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
    }
    return hr;
}

REQUEST_NOTIFICATION_STATUS CIpFilterModule::OnBeginRequest(IN IHttpContext *pHttpContext,
                                                            IN IHttpEventProvider *pProvider)
{
    BYTE rgbAddress[16] = { 0 };
    DWORD cbAddress = 0;
    HRESULT hr;

    m_pRules->ReloadIfChanged();
    hr = GetClientAddress(pHttpContext->GetRequest(), rgbAddress, &cbAddress);
    if (SUCCEEDED(hr) && m_pRules->IsAllowed(rgbAddress, cbAddress))
    {
        return RQ_NOTIFICATION_CONTINUE;
    }

    WCHAR szUrl[256] = L"?";
    DWORD cchUrl = 0;
    PCWSTR pszUrl = NULL;
    if (SUCCEEDED(pHttpContext->GetServerVariable("URL", &pszUrl, &cchUrl)))
    {
        StringCchCopyNW(szUrl, ARRAYSIZE(szUrl), pszUrl, cchUrl);
    }
    WCHAR szAddress[INET6_ADDRSTRLEN] = L"?";
    InetNtopW(cbAddress == 16 ? AF_INET6 : AF_INET, rgbAddress, szAddress, ARRAYSIZE(szAddress));
    LogEvent(EVENTLOG_WARNING_TYPE, L"Refused %ls: %ls", szAddress, szUrl);
    hr = Refuse(pHttpContext);
    if (FAILED(hr))
    {
        pProvider->SetErrorStatus(hr);
    }
    return RQ_NOTIFICATION_FINISH_REQUEST;
}
