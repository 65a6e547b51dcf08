// flushes.cpp: the same as handler.c does, through IHttpResponse. /sync?N and /async?N.
#include <windows.h>
#include <httpserv.h>
#include <stdlib.h>
#include <string.h>

static char g_text[] = "the same sixty-four bytes, again and again and again and again.\n";

class CFlushes : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        PCSTR pszUrl = pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        const char *pQuery = strchr(pszUrl, '?');
        m_nLeft = pQuery ? atoi(pQuery + 1) : 1;
        m_fAsync = strncmp(pszUrl, "/async", 6) == 0;
        if (!m_fAsync && strncmp(pszUrl, "/sync", 5) != 0)
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        pHttpContext->GetResponse()->SetHeader(HttpHeaderContentType, "text/plain", 10, TRUE);
        if (m_nLeft == 1)
        {
            Write(pHttpContext->GetResponse());
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return Step(pHttpContext);
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *pHttpContext, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST : Step(pHttpContext);
    }

private:
    void Write(IHttpResponse *pResponse)
    {
        DWORD cbSent;
        m_chunk.DataChunkType = HttpDataChunkFromMemory;
        m_chunk.FromMemory.pBuffer = g_text;
        m_chunk.FromMemory.BufferLength = 64;
        pResponse->WriteEntityChunks(&m_chunk, 1, FALSE, TRUE, &cbSent);
    }
    REQUEST_NOTIFICATION_STATUS Step(IHttpContext *pHttpContext)
    {
        IHttpResponse *pResponse = pHttpContext->GetResponse();
        while (m_nLeft-- > 0)
        {
            DWORD cbSent;
            BOOL fExpected = FALSE;
            Write(pResponse);
            if (FAILED(pResponse->Flush(m_fAsync, TRUE, &cbSent, &fExpected)))
            {
                break;
            }
            if (fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    HTTP_DATA_CHUNK m_chunk;
    int m_nLeft;
    BOOL m_fAsync;
};

class CFactory : public IHttpModuleFactory
{
public:
    virtual ~CFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CFlushes;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
