// large.cpp: large bodies, each complete in one response. /memory?104857600 lends memory by reference, /file?PATH
// sends a file by its handle; /memory-async and /file-async do it with an asynchronous flush.
#include <windows.h>
#include <httpserv.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t g_cbMemory = 100 << 20;
static char *g_pMemory;

class CLarge : public CHttpModule
{
public:
    CLarge() : m_hFile(INVALID_HANDLE_VALUE) {}
    ~CLarge()
    {
        if (m_hFile != INVALID_HANDLE_VALUE)
        {
            close(iis_fd_from_handle(m_hFile));
        }
    }
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        PCSTR pszUrl = pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        const char *pQuery = strchr(pszUrl, '?');
        IHttpResponse *pResponse = pHttpContext->GetResponse();

        if (!pQuery || (strncmp(pszUrl, "/memory", 7) != 0 && strncmp(pszUrl, "/file", 5) != 0))
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        if (pszUrl[1] == 'm')
        {
            m_chunk.DataChunkType = HttpDataChunkFromMemory;
            m_chunk.FromMemory.pBuffer = g_pMemory;
            m_chunk.FromMemory.BufferLength = (ULONG)atoi(pQuery + 1);
        }
        else
        {
            m_hFile = iis_handle_from_fd(open(pQuery + 1, O_RDONLY | O_CLOEXEC));
            m_chunk.DataChunkType = HttpDataChunkFromFileHandle;
            m_chunk.FromFileHandle.ByteRange.StartingOffset.QuadPart = 0;
            m_chunk.FromFileHandle.ByteRange.Length.QuadPart = HTTP_BYTE_RANGE_TO_EOF;
            m_chunk.FromFileHandle.FileHandle = m_hFile;
        }
        pResponse->WriteEntityChunkByReference(&m_chunk, -1);
        if (strstr(pszUrl, "-async?"))
        {
            DWORD cbSent;
            BOOL fExpected = FALSE;
            if (SUCCEEDED(pResponse->Flush(TRUE, FALSE, &cbSent, &fExpected)) && fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *)
    {
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

private:
    HTTP_DATA_CHUNK m_chunk;
    HANDLE m_hFile;
};

class CFactory : public IHttpModuleFactory
{
public:
    virtual ~CFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CLarge;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    g_pMemory = (char *)mmap(NULL, g_cbMemory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pModuleInfo->SetRequestNotifications(new CFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
