// hello.cpp: the smallest module that answers. Compiles on Windows and here.
#include <windows.h>
#include <sal.h>
#include <httpserv.h>

class CHello : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID) "Hello from an IIS module.\n";
        chunk.FromMemory.BufferLength = 26;
        pHttpContext->GetResponse()->SetHeader(HttpHeaderContentType, "text/plain", 10, TRUE);
        pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
};

class CHelloFactory : public IHttpModuleFactory
{
public:
    virtual ~CHelloFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CHello;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CHelloFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
