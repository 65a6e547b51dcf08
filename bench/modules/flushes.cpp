// flushes.cpp: what handler.c does, through IHttpResponse. The path says
// how, the query how often and how much: /sync?100, /async?100,
// /callback?100, /sync?16,65536.
#include <windows.h>
#include <httpserv.h>
#include <stdlib.h>
#include <string.h>

static char g_text[1 << 20];

class CFlushes : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        PCSTR pszUrl = pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        const char *pQuery = strchr(pszUrl, '?');
        const char *pComma = pQuery ? strchr(pQuery, ',') : NULL;

        m_pHttpContext = pHttpContext;
        m_nLeft = pQuery ? atoi(pQuery + 1) : 1;
        m_cbChunk = pComma ? atoi(pComma + 1) : 64;
        m_fCallback = strncmp(pszUrl, "/callback", 9) == 0;
        m_fAsync = m_fCallback || strncmp(pszUrl, "/async", 6) == 0;
        if ((!m_fAsync && strncmp(pszUrl, "/sync", 5) != 0) || m_cbChunk > sizeof(g_text))
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        pHttpContext->GetResponse()->SetHeader(HttpHeaderContentType, "text/plain", 10, TRUE);
        if (m_nLeft == 1)
        {
            Write();
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return Step();
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST : Step();
    }

private:
    // As ap_rwrite: small writes are copied, large ones lent.
    void Write()
    {
        IHttpResponse *pResponse = m_pHttpContext->GetResponse();
        DWORD cbSent;
        m_chunk.DataChunkType = HttpDataChunkFromMemory;
        m_chunk.FromMemory.pBuffer = g_text;
        m_chunk.FromMemory.BufferLength = m_cbChunk;
        if (m_cbChunk > 4096)
        {
            pResponse->WriteEntityChunkByReference(&m_chunk, -1);
        }
        else
        {
            pResponse->WriteEntityChunks(&m_chunk, 1, FALSE, TRUE, &cbSent);
        }
    }
    static REQUEST_NOTIFICATION_STATUS Done(IHttpContext3 *, IHttpCompletionInfo2 *pInfo, void *pvContext)
    {
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST
                                                    : static_cast<CFlushes *>(pvContext)->Step();
    }
    HRESULT Flush(BOOL *pfExpected)
    {
        IHttpResponse2 *pResponse = static_cast<IHttpResponse2 *>(m_pHttpContext->GetResponse());
        DWORD cbSent;
        return m_fCallback ? pResponse->Flush(TRUE, TRUE, &Done, this, &cbSent, pfExpected)
                           : m_pHttpContext->GetResponse()->Flush(m_fAsync, TRUE, &cbSent, pfExpected);
    }
    REQUEST_NOTIFICATION_STATUS Step()
    {
        while (m_nLeft-- > 0)
        {
            BOOL fExpected = FALSE;
            Write();
            if (FAILED(Flush(&fExpected)))
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
    IHttpContext *m_pHttpContext;
    HTTP_DATA_CHUNK m_chunk;
    int m_nLeft;
    DWORD m_cbChunk;
    BOOL m_fAsync, m_fCallback;
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
    memset(g_text, 'x', sizeof(g_text));
    return pModuleInfo->SetRequestNotifications(new CFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
