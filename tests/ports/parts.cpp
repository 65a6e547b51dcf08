// parts: requests in parts that wait for others.  part: "[one]", a flush, and "[two]" when somebody has asked for go, or
// "[late]" after wait= ms (10,000).  url=: runs that as a child request, with the execution flags in flags=, and then
// says "[end]"; ahead of it whether the child's response was kept for it to read.
#include <windows.h>
#include <httpserv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <time.h>

static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_changed = PTHREAD_COND_INITIALIZER;
static int g_go;

static bool WaitForGo(long ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    pthread_mutex_lock(&g_lock);
    int rv = 0;
    while (!g_go && !rv)
    {
        rv = pthread_cond_timedwait(&g_changed, &g_lock, &until);
    }
    bool fGone = g_go != 0;
    g_go = 0;
    pthread_mutex_unlock(&g_lock);
    return fGone;
}

static void Go()
{
    pthread_mutex_lock(&g_lock);
    g_go = 1;
    pthread_cond_broadcast(&g_changed);
    pthread_mutex_unlock(&g_lock);
}

class CParts : public CHttpModule
{
public:
    CParts() : m_child(NULL) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR psz = "";
        DWORD cch = 0;
        pContext->GetServerVariable("QUERY_STRING", &psz, &cch);
        std::string query = std::string("&") + psz;
        if (query.find("&url=") != std::string::npos)
        {
            return RunChild(pContext, query);
        }
        if (query.find("&part") != std::string::npos)
        {
            DWORD cb = 0;
            BOOL fPending = FALSE;
            Write(pContext, "[one]");
            pContext->GetResponse()->Flush(FALSE, TRUE, &cb, &fPending);
            Write(pContext, WaitForGo(Number(query, "&wait=", 10000)) ? "[two]" : "[late]");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (query.find("&go") != std::string::npos)
        {
            Go();
            Write(pContext, "gone");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *pContext, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *)
    {
        return End(pContext);
    }

private:
    static long Number(const std::string &query, const char *name, long otherwise)
    {
        size_t at = query.find(name);
        return at == std::string::npos ? otherwise : atol(query.c_str() + at + strlen(name));
    }
    static void Write(IHttpContext *pContext, PCSTR pszText)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cb = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)pszText;
        chunk.FromMemory.BufferLength = (ULONG)strlen(pszText);
        pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb);
    }
    REQUEST_NOTIFICATION_STATUS RunChild(IHttpContext *pContext, const std::string &query)
    {
        long flags = Number(query, "&flags=", 0);
        std::string url = query.substr(query.find("&url=") + 5);
        BOOL fPending = FALSE;
        if (FAILED(pContext->CloneContext(CLONE_FLAG_BASICS, &m_child)) ||
            FAILED(m_child->GetRequest()->SetUrl(url.c_str(), (DWORD)url.size(), TRUE)) ||
            FAILED(pContext->ExecuteRequest(TRUE, m_child, (DWORD)flags, NULL, &fPending)))
        {
            Write(pContext, "[failed]");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return fPending ? RQ_NOTIFICATION_PENDING : End(pContext);
    }
    REQUEST_NOTIFICATION_STATUS End(IHttpContext *pContext)
    {
        USHORT cChunks = m_child->GetResponse()->GetRawHttpResponse()->EntityChunkCount;
        if (m_child->GetExecuteFlags() & EXECUTE_FLAG_BUFFER_RESPONSE)
        {
            Write(pContext, cChunks ? "[kept]" : "[nothing]");
        }
        m_child->ReleaseClonedContext();
        m_child = NULL;
        Write(pContext, "[end]");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    IHttpContext *m_child;
};

class CPartsFactory : public IHttpModuleFactory
{
public:
    virtual ~CPartsFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CParts;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return pInfo->SetRequestNotifications(new CPartsFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
