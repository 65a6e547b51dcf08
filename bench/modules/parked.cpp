// parked.cpp: requests that wait. /park answers nothing until /wake, which wakes the one that has waited longest, or
// /wake?all, all of them.
#include <windows.h>
#include <httpserv.h>
#include <deque>
#include <mutex>
#include <string.h>

static std::mutex g_lock;
static std::deque<IHttpContext *> g_parked;

static void Wake(BOOL fAll)
{
    std::unique_lock<std::mutex> guard(g_lock);
    while (!g_parked.empty())
    {
        IHttpContext *pHttpContext = g_parked.front();
        g_parked.pop_front();
        guard.unlock();
        pHttpContext->PostCompletion(0);
        guard.lock();
        if (!fAll)
        {
            break;
        }
    }
}

class CParked : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        PCSTR pszUrl = pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        if (strncmp(pszUrl, "/park", 5) == 0)
        {
            std::lock_guard<std::mutex> guard(g_lock);
            g_parked.push_back(pHttpContext);
            return RQ_NOTIFICATION_PENDING;
        }
        if (strncmp(pszUrl, "/wake", 5) != 0)
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        Wake(strstr(pszUrl, "?all") != NULL);
        return Answer(pHttpContext);
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *pHttpContext, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *)
    {
        return Answer(pHttpContext);
    }

private:
    static REQUEST_NOTIFICATION_STATUS Answer(IHttpContext *pHttpContext)
    {
        static char text[] = "woken\n";
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = text;
        chunk.FromMemory.BufferLength = 6;
        pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
};

class CFactory : public IHttpModuleFactory
{
public:
    virtual ~CFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CParked;
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
