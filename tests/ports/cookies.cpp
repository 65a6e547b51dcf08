// cookies: answers with the Cookie field, in every way of asking for it, one a line.  set: of what it has set itself;
// append: of what it has appended; child: of a child request with the same fields.
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>
#include <string.h>
#include <string>

class CCookies : public CHttpModule
{
public:
    CCookies() : m_child(NULL) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        IHttpRequest *pRequest = pContext->GetRequest();
        PCSTR pszUrl = pRequest->GetRawHttpRequest()->pRawUrl;
        if (strstr(pszUrl, "set"))
        {
            pRequest->SetHeader("Cookie", "x=1, y=2", 8, TRUE);
        }
        if (strstr(pszUrl, "append"))
        {
            pRequest->SetHeader("Cookie", "z=3", 3, FALSE);
        }
        if (strstr(pszUrl, "child") && !pContext->GetParentContext())
        {
            BOOL fPending = FALSE;
            if (SUCCEEDED(pContext->CloneContext(CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS, &m_child)) &&
                SUCCEEDED(pContext->ExecuteRequest(TRUE, m_child, 0, NULL, &fPending)))
            {
                return fPending ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_FINISH_REQUEST;
            }
        }
        Answer(pContext);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *)
    {
        m_child->ReleaseClonedContext();
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

private:
    void Answer(IHttpContext *pContext)
    {
        IHttpRequest *pRequest = pContext->GetRequest();
        HTTP_REQUEST *pRaw = pRequest->GetRawHttpRequest();
        HTTP_KNOWN_HEADER *pKnown = &pRaw->Headers.KnownHeaders[HttpHeaderCookie];
        PCSTR pszVariable = NULL, pszAll = NULL, pszEnd = NULL;
        DWORD cch = 0;
        USHORT cchValue = 0;
        m_text = std::string(pRequest->GetHeader("Cookie", &cchValue)) + "\n";
        m_text += std::string(pRequest->GetHeader(HttpHeaderCookie)) + "\n";
        m_text += std::string(pKnown->pRawValue, pKnown->RawValueLength) + "\n";
        pContext->GetServerVariable("HTTP_COOKIE", &pszVariable, &cch);
        m_text += std::string(pszVariable) + "\n";
        pContext->GetServerVariable("HEADER_Cookie", &pszVariable, &cch);
        m_text += std::string(pszVariable) + "\n";
        pContext->GetServerVariable("ALL_RAW", &pszAll, &cch);
        pszAll = strstr(pszAll, "Cookie: ") + 8;
        pszEnd = strchr(pszAll, '\r');
        m_text += std::string(pszAll, pszEnd - pszAll) + "\n";
        PCSTR pszAccept = pRequest->GetHeader("Accept");
        m_text += std::string(pszAccept ? pszAccept : "") + "\n";
        HTTP_DATA_CHUNK chunk;
        DWORD cb = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)m_text.data();
        chunk.FromMemory.BufferLength = (ULONG)m_text.size();
        pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb);
    }
    IHttpContext *m_child;
    std::string m_text;
};

class CCookiesFactory : public IHttpModuleFactory
{
public:
    virtual ~CCookiesFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CCookies;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return pInfo->SetRequestNotifications(new CCookiesFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
