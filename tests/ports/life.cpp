// life: requests that wait while their server's process ends, chosen by the query string: op=<name>&ms=...&path=...
// Completions, posts and Terminate are lines of the file of path=, in the order in which they come. keep=1: and the end
// of the connection, slow=1: Terminate takes a while.
#include <windows.h>
#include <httpserv.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

static volatile LONG g_terminated, g_alive, g_posters, g_slow;
static char g_path[256];
static HTTP_MODULE_ID g_id;
static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static std::vector<IHttpContext *> g_waiting;

static void Note(const char *what, unsigned long value)
{
    FILE *f = *g_path ? fopen(g_path, "a") : NULL;
    if (f)
    {
        fprintf(f, "%s %08lX%s\n", what, value & 0xFFFFFFFF, g_terminated ? " after Terminate" : "");
        fclose(f);
    }
}

// What ends with the process ends slowly enough for a thread to post into it.
struct CLinger
{
    ~CLinger()
    {
        if (g_posters)
        {
            usleep(300000);
        }
    }
};
static CLinger g_linger;

// Of a connection: tells when it ends.
class CKept : public IHttpConnectionStoredContext
{
public:
    virtual ~CKept() {}
    virtual void CleanupStoredContext()
    {
        Note("cleaned", 0);
        delete this;
    }
    virtual void NotifyDisconnect()
    {
        Note("gone", 0);
    }
};

class CLife : public CHttpModule
{
public:
    CLife() : m_pContext(NULL), m_left(0), m_request(0)
    {
        InterlockedIncrement(&g_alive);
    }
    virtual ~CLife()
    {
        InterlockedDecrement(&g_alive);
    }

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR psz = "";
        DWORD cch = 0;
        pContext->GetServerVariable("QUERY_STRING", &psz, &cch);
        m_query = std::string("&") + psz;
        m_op = Arg("op");
        m_pContext = pContext;
        if (m_op.empty())
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        if (!Arg("path").empty())
        {
            snprintf(g_path, sizeof(g_path), "%s", Arg("path").c_str());
        }
        g_slow |= Number("slow");
        if (Number("keep"))
        {
            pContext->GetConnection()->GetModuleContextContainer()->SetModuleContext(new CKept, g_id);
        }
        if (m_op == "pid")
        {
            return Answer("pid", getpid());
        }
        if (m_op == "limit")
        {
            return Answer("descriptors", LeaveDescriptors(Number("n")));
        }
        Note("begins", 0);
        if (m_op == "read")
        {
            m_buffer.assign(4096, 0);
            return Waits(Read());
        }
        if (m_op == "chain")
        {
            m_left = Number("n");
            m_buffer.assign(Number("size"), 'a');
            return Waits(Step());
        }
        if (m_op == "stop")
        {
            pthread_mutex_lock(&g_lock);
            g_waiting.push_back(pContext);
            pthread_mutex_unlock(&g_lock);
            return Waits(RQ_NOTIFICATION_PENDING);
        }
        // park: posts after ms.  after: posts when Terminate has been called.
        pthread_t thread;
        g_posters += m_op == "after";
        pthread_create(&thread, NULL, m_op == "after" ? After : Poster, new CPost(pContext, Number("ms")));
        pthread_detach(thread);
        return Waits(RQ_NOTIFICATION_PENDING);
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        HRESULT hr = pInfo->GetCompletionStatus();
        if (m_op == "park" || m_op == "after" || m_op == "stop")
        {
            Note("posted", (unsigned long)hr);
            return Answer("posted", getpid());
        }
        if (FAILED(hr))
        {
            Note(m_op.c_str(), (unsigned long)hr);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (m_op == "chain")
        {
            return Step();
        }
        m_request += pInfo->GetCompletionBytes();
        return Read();
    }

private:
    // Only so many more than are open now.
    static long LeaveDescriptors(long n)
    {
        struct rlimit limit;
        int fd = 0;
        for (; n > 0; fd++)
        {
            n -= fcntl(fd, F_GETFD) < 0;
        }
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = fd;
        return setrlimit(RLIMIT_NOFILE, &limit) ? -1 : fd;
    }
    static REQUEST_NOTIFICATION_STATUS Waits(REQUEST_NOTIFICATION_STATUS status)
    {
        if (status == RQ_NOTIFICATION_PENDING)
        {
            Note("waits", 0);
        }
        return status;
    }
    struct CPost
    {
        CPost(IHttpContext *pContext, long ms) : m_pContext(pContext), m_ms(ms) {}
        IHttpContext *m_pContext;
        long m_ms;
    };
    static void *Poster(void *pv)
    {
        CPost post = *(CPost *)pv;
        delete (CPost *)pv;
        usleep(post.m_ms * 1000);
        post.m_pContext->PostCompletion(1);
        return NULL;
    }
    // As late as can be: first when modules have ended, then while the process goes.
    static void *After(void *pv)
    {
        CPost post = *(CPost *)pv;
        delete (CPost *)pv;
        while (!g_terminated)
        {
            usleep(1000);
        }
        usleep(post.m_ms * 1000);
        Note("post", (unsigned long)post.m_pContext->PostCompletion(1));
        return NULL;
    }

    REQUEST_NOTIFICATION_STATUS Step()
    {
        while (m_left-- > 0)
        {
            HTTP_DATA_CHUNK chunk;
            BOOL fExpected = FALSE;
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = &m_buffer[0];
            chunk.FromMemory.BufferLength = (ULONG)m_buffer.size();
            IHttpResponse *pResponse = m_pContext->GetResponse();
            HRESULT hr = pResponse->WriteEntityChunkByReference(&chunk, -1);
            if (FAILED(hr) || FAILED(hr = pResponse->Flush(TRUE, TRUE, NULL, &fExpected)))
            {
                Note("refused", (unsigned long)hr);
                return RQ_NOTIFICATION_FINISH_REQUEST;
            }
            if (fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Read()
    {
        for (;;)
        {
            DWORD cb = 0;
            BOOL fPending = FALSE;
            HRESULT hr = m_pContext->GetRequest()->ReadEntityBody(&m_buffer[0], (DWORD)m_buffer.size(), TRUE, &cb,
                                                                  &fPending);
            if (SUCCEEDED(hr) && fPending)
            {
                return RQ_NOTIFICATION_PENDING;
            }
            m_request += cb;
            if (FAILED(hr))
            {
                if (hr != HRESULT_FROM_WIN32(ERROR_HANDLE_EOF))
                {
                    Note("refused", (unsigned long)hr);
                }
                return Answer("read", m_request);
            }
        }
    }
    REQUEST_NOTIFICATION_STATUS Answer(const char *what, long value)
    {
        char line[100];
        HTTP_DATA_CHUNK chunk;
        DWORD cb = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = line;
        chunk.FromMemory.BufferLength = (ULONG)snprintf(line, sizeof(line), "%s %ld\n", what, value);
        m_pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cb);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    std::string Arg(const std::string &name)
    {
        size_t at = m_query.find("&" + name + "=");
        if (at == std::string::npos)
        {
            return "";
        }
        at += name.size() + 2;
        return m_query.substr(at, m_query.find('&', at) - at);
    }
    long Number(const std::string &name)
    {
        return atol(Arg(name).c_str());
    }

    IHttpContext *m_pContext;
    std::string m_query, m_op, m_buffer;
    long m_left, m_request;
};

class CLifeFactory : public IHttpModuleFactory
{
public:
    virtual ~CLifeFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CLife;
        return S_OK;
    }
    // Those who are still to post are alive.
    virtual void Terminate()
    {
        Note("Terminate, alive:", (unsigned long)g_alive);
        usleep(g_slow * 1500000);
        Note("ended", 0);
        InterlockedIncrement(&g_terminated);
        delete this;
    }
};

// Posts what op=stop waits for.
class CLifeGlobal : public CGlobalModule
{
public:
    virtual ~CLifeGlobal() {}
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalStopListening(IGlobalStopListeningProvider *)
    {
        std::vector<IHttpContext *> waiting;
        pthread_mutex_lock(&g_lock);
        waiting.swap(g_waiting);
        pthread_mutex_unlock(&g_lock);
        for (size_t i = 0; i < waiting.size(); i++)
        {
            Note("post", (unsigned long)waiting[i]->PostCompletion(1));
        }
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    g_id = pModuleInfo->GetId();
    HRESULT hr = pModuleInfo->SetGlobalNotifications(new CLifeGlobal, GL_STOP_LISTENING);
    return FAILED(hr) ? hr : pModuleInfo->SetRequestNotifications(new CLifeFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
