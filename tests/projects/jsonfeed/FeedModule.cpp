#include "stdafx.h"
#include "FeedModule.h"

volatile LONG g_cFeeds = 0;
volatile LONG g_cItems = 0;

HRESULT CFeedModuleFactory::GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator)
{
    UNREFERENCED_PARAMETER(pAllocator);

    *ppModule = new (std::nothrow) CFeedModule;
    return *ppModule == NULL ? E_OUTOFMEMORY : S_OK;
}

void CFeedModuleFactory::Terminate()
{
    delete this;
}

CFeedModule::CFeedModule()
    : m_pHttpContext(NULL), m_state(STATE_IDLE), m_cItems(0), m_cSent(0), m_dwDelay(0)
{
}

CFeedModule::~CFeedModule()
{
    if (m_pHttpContext != NULL)
    {
        InterlockedDecrement(&g_cFeeds);
    }
}

// n of ?n=10; a default where it is missing or no number.
DWORD CFeedModule::QueryNumber(PCSTR pszName, DWORD dwDefault, DWORD dwMost)
{
    PCSTR pszQuery = NULL;
    DWORD cchQuery = 0;
    CHAR szKey[32];

    if (FAILED(m_pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cchQuery)) || cchQuery == 0)
    {
        return dwDefault;
    }
    StringCchPrintfA(szKey, ARRAYSIZE(szKey), "%s=", pszName);
    std::string strQuery(pszQuery, cchQuery);
    size_t at = strQuery.find(szKey);
    if (at == std::string::npos || (at != 0 && strQuery[at - 1] != '&'))
    {
        return dwDefault;
    }
    DWORD dwValue = strtoul(strQuery.c_str() + at + strlen(szKey), NULL, 10);
    return min(dwValue, dwMost);
}

REQUEST_NOTIFICATION_STATUS CFeedModule::OnExecuteRequestHandler(IN IHttpContext *pHttpContext,
                                                                 IN IHttpEventProvider *pProvider)
{
    UNREFERENCED_PARAMETER(pProvider);
    IHttpResponse *pResponse = pHttpContext->GetResponse();
    PCWSTR pwszScript = NULL;
    DWORD cchScript = 0;

    // GetScriptName is a wide string; only /feed and what is below it is ours.
    pwszScript = pHttpContext->GetScriptName(&cchScript);
    if (pwszScript == NULL || _wcsnicmp(pwszScript, L"/feed", 5) != 0)
    {
        return RQ_NOTIFICATION_CONTINUE;
    }
    if (_stricmp(pHttpContext->GetRequest()->GetHttpMethod(), "GET") != 0)
    {
        pResponse->SetStatus(405, "Method Not Allowed");
        pResponse->SetHeader(HttpHeaderAllow, "GET", 3, TRUE);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    m_pHttpContext = pHttpContext;
    InterlockedIncrement(&g_cFeeds);
    m_cItems = QueryNumber("n", 10, 10000);
    m_dwDelay = QueryNumber("ms", 0, 60000);

    pResponse->Clear();
    pResponse->SetHeader(HttpHeaderContentType, "application/x-ndjson", 20, TRUE);
    pResponse->SetHeader(HttpHeaderCacheControl, "no-cache", 8, TRUE);
    pResponse->DisableKernelCache();
    if (m_cItems == 0)
    {
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    return QueueNext();
}

REQUEST_NOTIFICATION_STATUS CFeedModule::Fail(HRESULT hr)
{
    CHAR szMessage[128];

    StringCchPrintfA(szMessage, ARRAYSIZE(szMessage), "JsonFeed: 0x%08x after %u of %u items\n", hr, m_cSent, m_cItems);
    OutputDebugStringA(szMessage);
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

REQUEST_NOTIFICATION_STATUS CFeedModule::QueueNext()
{
    m_state = STATE_WAITING;
    if (!QueueUserWorkItem(ProduceItem, this, WT_EXECUTELONGFUNCTION))
    {
        return Fail(HRESULT_FROM_WIN32(GetLastError()));
    }
    return RQ_NOTIFICATION_PENDING;
}

// On a thread of the process thread pool.
DWORD WINAPI CFeedModule::ProduceItem(LPVOID lpParameter)
{
    CFeedModule *pThis = (CFeedModule *)lpParameter;
    JsonWriter writer;
    SYSTEMTIME now;
    CHAR szTime[32];

    if (pThis->m_dwDelay != 0)
    {
        Sleep(pThis->m_dwDelay);
    }
    GetSystemTime(&now);
    sprintf_s(szTime, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", now.wYear, now.wMonth, now.wDay, now.wHour, now.wMinute,
              now.wSecond, now.wMilliseconds);
    writer.Add("seq", pThis->m_cSent + 1);
    writer.Add("of", pThis->m_cItems);
    writer.Add("time", szTime);
    writer.Add("total", (ULONGLONG)InterlockedIncrement(&g_cItems));
    writer.Add("note", "a \"quoted\" \\ tab\there");
    pThis->m_strItem = writer.Close();

    // From here on the object may be in use elsewhere.
    pThis->m_pHttpContext->PostCompletion((DWORD)pThis->m_strItem.size());
    return 0;
}

REQUEST_NOTIFICATION_STATUS CFeedModule::SendItem()
{
    IHttpResponse *pResponse = m_pHttpContext->GetResponse();
    HTTP_DATA_CHUNK chunk;
    DWORD cbSent = 0;
    BOOL fCompletionExpected = FALSE;
    BOOL fMore = ++m_cSent < m_cItems;

    chunk.DataChunkType = HttpDataChunkFromMemory;
    chunk.FromMemory.pBuffer = (PVOID)m_strItem.c_str();
    chunk.FromMemory.BufferLength = (ULONG)m_strItem.size();
    HRESULT hr = pResponse->WriteEntityChunks(&chunk, 1, FALSE, fMore, &cbSent);
    if (SUCCEEDED(hr))
    {
        m_state = STATE_FLUSHING;
        hr = pResponse->Flush(TRUE, fMore, &cbSent, &fCompletionExpected);
    }
    if (FAILED(hr))
    {
        return Fail(hr);
    }
    if (fCompletionExpected)
    {
        return RQ_NOTIFICATION_PENDING;
    }
    return fMore ? QueueNext() : RQ_NOTIFICATION_FINISH_REQUEST;
}

REQUEST_NOTIFICATION_STATUS CFeedModule::OnAsyncCompletion(IN IHttpContext *pHttpContext, IN DWORD dwNotification,
                                                           IN BOOL fPostNotification,
                                                           IN OUT IHttpEventProvider *pProvider,
                                                           IN IHttpCompletionInfo *pCompletionInfo)
{
    UNREFERENCED_PARAMETER(pHttpContext);
    UNREFERENCED_PARAMETER(dwNotification);
    UNREFERENCED_PARAMETER(fPostNotification);
    UNREFERENCED_PARAMETER(pProvider);
    HRESULT hr = pCompletionInfo->GetCompletionStatus();

    // A client that went away.
    if (FAILED(hr))
    {
        return Fail(hr);
    }
    if (m_state == STATE_WAITING)
    {
        if (pCompletionInfo->GetCompletionBytes() != m_strItem.size())
        {
            return Fail(E_UNEXPECTED);
        }
        return SendItem();
    }
    return m_cSent < m_cItems ? QueueNext() : RQ_NOTIFICATION_FINISH_REQUEST;
}
