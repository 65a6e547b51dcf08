// echo.cpp: answers /echo with what a handler sees of the request, for the
// samples that change a request on its way.
#include <windows.h>
#include <httpserv.h>
#include <string>

class CEcho : public CHttpModule
{
    static std::string Header(IHttpRequest *pRequest, PCSTR pszName)
    {
        USHORT cch = 0;
        PCSTR pszValue = pRequest->GetHeader(pszName, &cch);

        return pszValue && cch ? std::string(pszValue, cch) : "(none)";
    }

    static std::string Entity(IHttpRequest *pRequest)
    {
        std::string text;
        char buffer[256];
        DWORD cb = 0;

        while (SUCCEEDED(pRequest->ReadEntityBody(buffer, sizeof(buffer), FALSE, &cb, NULL)) && cb)
            text.append(buffer, cb);
        return text;
    }

public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        IHttpRequest *pRequest = pContext->GetRequest();
        HTTP_DATA_CHUNK chunk;
        PCSTR pszName = NULL;
        DWORD cch = 0, cbSent = 0;

        if (wcscmp(pContext->GetScriptName(NULL), L"/echo") != 0)
            return RQ_NOTIFICATION_CONTINUE;
        pContext->GetServerVariable("SERVER_NAME", &pszName, &cch);
        std::string text = "method: " + std::string(pRequest->GetHttpMethod());
        text += "\nuser agent: " + Header(pRequest, "User-Agent");
        text += "\naccept language: " + Header(pRequest, "Accept-Language");
        text += "\nserver name: " + std::string(pszName ? pszName : "");
        text += "\nentity: " + Entity(pRequest) + "\n";
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text.data();
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

class CFactory : public IHttpModuleFactory
{
public:
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CEcho;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return pInfo->SetRequestNotifications(new CFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
