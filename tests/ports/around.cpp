// around: a module around other people's content. BeginRequest, SendResponse, LogRequest and EndRequest, with what
// the query string asks for; a trace of the notifications goes to OutputDebugString's place, the response's header.
#include <windows.h>
#include <httpserv.h>
#include <string>
#include <string.h>
#include <ctype.h>

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_fEdited(FALSE) {}

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        IHttpResponse *pResponse = pHttpContext->GetResponse();
        PCSTR pszUrl = pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        m_trace += "B";
        pResponse->SetHeader("X-Begin", "seen", 4, TRUE);
        if (strstr(pszUrl, "cookies"))
        {
            pResponse->SetHeader("Set-Cookie", "one=1", 5, FALSE);
            pResponse->SetHeader(HttpHeaderSetCookie, "two=2", 5, FALSE);
        }
        if (strstr(pszUrl, "block"))
        {
            DWORD cbSent;
            pResponse->SetStatus(451, "Blocked");
            pResponse->Flush(FALSE, TRUE, &cbSent);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (strstr(pszUrl, "forbid"))
        {
            bool fOdd = strstr(pszUrl, "odd") != NULL;
            pResponse->SetStatus(403, fOdd ? "<b>Odd</b>" : "Not For You", 6, E_ACCESSDENIED);
            pResponse->SetErrorDescription(L"Members & friends only.", 23, TRUE);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (strstr(pszUrl, "disconnect"))
        {
            pResponse->SetNeedDisconnect();
            pResponse->DeleteHeader("X-Begin");
        }
        if (strstr(pszUrl, "early"))
        {
            HTTP_DATA_CHUNK chunk;
            DWORD cbSent;
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = (PVOID)"early, ";
            chunk.FromMemory.BufferLength = 7;
            pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
            pResponse->Flush(FALSE, TRUE, &cbSent);
        }
        if (strstr(pszUrl, "climb"))
        {
            BOOL fRefused = FAILED(pHttpContext->GetRequest()->SetUrl("/..%5C..%5Cfile.txt", 19, TRUE));
            pResponse->SetHeader("X-Climb", fRefused ? "refused" : "done", fRefused ? 7 : 4, TRUE);
        }
        if (strstr(pszUrl, "rewrite"))
        {
            pHttpContext->GetRequest()->SetUrl("/file.txt", 9, TRUE);
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnPostBeginRequest(IHttpContext *, IHttpEventProvider *)
    {
        m_trace += "b";
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext *pHttpContext, ISendResponseProvider *)
    {
        IHttpResponse *pResponse = pHttpContext->GetResponse();
        HTTP_RESPONSE *pRaw = pResponse->GetRawHttpResponse();
        PCSTR pszUrl = pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        char status[16];
        m_trace += "S";
        int n = snprintf(status, sizeof(status), "%u", pRaw->StatusCode);
        pResponse->SetHeader("X-Status", status, (USHORT)n, TRUE);
        pResponse->SetHeader("X-Trace", m_trace.c_str(), (USHORT)m_trace.size(), TRUE);
        if (strstr(pszUrl, "replace") && !m_fEdited)
        {
            static const char text[] = "replaced\n";
            HTTP_DATA_CHUNK chunk;
            m_fEdited = TRUE;
            pResponse->Clear();
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = (PVOID)text;
            chunk.FromMemory.BufferLength = sizeof(text) - 1;
            DWORD cbSent;
            pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
            return RQ_NOTIFICATION_CONTINUE;
        }
        if (strstr(pszUrl, "upper"))
        {
            for (USHORT i = 0; i < pRaw->EntityChunkCount; i++)
            {
                HTTP_DATA_CHUNK *pChunk = &pRaw->pEntityChunks[i];
                if (pChunk->DataChunkType != HttpDataChunkFromMemory)
                {
                    continue;
                }
                for (ULONG j = 0; j < pChunk->FromMemory.BufferLength; j++)
                {
                    char *p = (char *)pChunk->FromMemory.pBuffer + j;
                    *p = (char)toupper(*p);
                }
            }
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnLogRequest(IHttpContext *, IHttpEventProvider *)
    {
        m_trace += "L";
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnEndRequest(IHttpContext *, IHttpEventProvider *)
    {
        m_trace += "E";
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    std::string m_trace;
    BOOL m_fEdited;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    virtual ~CMyHttpModuleFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory,
        RQ_BEGIN_REQUEST | RQ_SEND_RESPONSE | RQ_LOG_REQUEST | RQ_END_REQUEST, RQ_BEGIN_REQUEST);
}
