// reader: reads the request body ahead of whoever handles the request and puts it back, as body-inspecting modules do.
// ?upper: OnReadEntity turns what is read into capitals; ?longer: more is put back than was read.
#define _WINSOCKAPI_
#include <windows.h>
#include <sal.h>
#include <httpserv.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <string>

class CReader : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pHttpContext, IHttpEventProvider *pProvider)
    {
        IHttpRequest *pRequest = pHttpContext->GetRequest();
        if (!pHttpContext->GetScriptMap()->GetName())
        {
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (Asked(pHttpContext, "seterror"))
        {
            HTTP_DATA_CHUNK chunk;
            DWORD cbSent;
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = (PVOID)"all the same";
            chunk.FromMemory.BufferLength = 12;
            if (Asked(pHttpContext, "answer"))
            {
                pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
            }
            if (Asked(pHttpContext, "status"))
            {
                pHttpContext->GetResponse()->SetStatus(202, "Accepted");
            }
            pProvider->SetErrorStatus(E_FAIL);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (Asked(pHttpContext, "untouched"))
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        while (pRequest->GetRemainingEntityBytes() != 0)
        {
            DWORD cbRead = 0;
            char buffer[1000];
            HRESULT hr = pRequest->ReadEntityBody(buffer, sizeof(buffer), FALSE, &cbRead, NULL);
            if (hr == HRESULT_FROM_WIN32(ERROR_HANDLE_EOF))
            {
                break;
            }
            if (FAILED(hr))
            {
                pProvider->SetErrorStatus(hr);
                return RQ_NOTIFICATION_FINISH_REQUEST;
            }
            m_body.append(buffer, cbRead);
            if (Asked(pHttpContext, "some"))
            {
                break;
            }
        }
        if (Asked(pHttpContext, "longer"))
        {
            char length[32];
            m_body.append(", and more");
            int n = snprintf(length, sizeof(length), "%u", (unsigned)m_body.size());
            pRequest->SetHeader("Content-Length", length, (USHORT)n, TRUE);
        }
        if (!m_body.empty())
        {
            pRequest->InsertEntityBody((PVOID)m_body.data(), (DWORD)m_body.size());
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnReadEntity(IHttpContext *pHttpContext, IReadEntityProvider *pProvider)
    {
        PVOID pBuffer;
        DWORD cbData, cbBuffer;
        pProvider->GetEntity(&pBuffer, &cbData, &cbBuffer);
        for (DWORD i = 0; Asked(pHttpContext, "upper") && i < cbData; i++)
        {
            ((char *)pBuffer)[i] = (char)toupper((unsigned char)((char *)pBuffer)[i]);
        }
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    static BOOL Asked(IHttpContext *pHttpContext, PCSTR pszWhat)
    {
        return strstr(pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl, pszWhat) != NULL;
    }
    std::string m_body;
};

class CReaderFactory : public IHttpModuleFactory
{
public:
    virtual ~CReaderFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CReader;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CReaderFactory, RQ_BEGIN_REQUEST | RQ_READ_ENTITY, 0);
}
