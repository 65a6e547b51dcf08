#pragma once

#define MAX_REWRITE_BYTES   (8 * 1024 * 1024)

// Reads what a response consists of when it is about to be sent, memory and
// file chunks alike, applies the rules and puts one chunk in their place.
class CRewriter : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IN IHttpContext *pHttpContext, IN ISendResponseProvider *pProvider);

private:
    BOOL IsRewritable(IHttpResponse *pResponse);
    HRESULT CollectBody(IHttpResponse *pResponse, std::string &strBody);
    HRESULT AppendFile(const HTTP_DATA_CHUNK *pChunk, std::string &strBody);
    HRESULT ReplaceBody(IHttpContext *pHttpContext, const std::string &strBody, DWORD cReplaced);
    static DWORD Mask(PSTR pszText, size_t cbText);
    HRESULT MaskBody(IHttpContext *pHttpContext);
};

class CRewriterFactory : public IHttpModuleFactory
{
public:
    virtual HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator)
    {
        // Memory of the request: nothing to free, only a destructor to run.
        PVOID pvMemory = pAllocator->AllocateMemory(sizeof(CRewriter));
        if (pvMemory == NULL)
        {
            return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
        }
        *ppModule = new (pvMemory) CRewriterOnRequest;
        return S_OK;
    }

    virtual void Terminate()
    {
        delete this;
    }

private:
    class CRewriterOnRequest : public CRewriter
    {
    public:
        virtual void Dispose()
        {
            this->~CRewriterOnRequest();
        }
    };
};
