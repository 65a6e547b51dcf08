// parks: requests that wait for the module's one thread: op=park&i=... answers nothing until op=post, which has the
// thread post them all a little later; op=count tells how many wait, op=now answers at once.
#include <windows.h>
#include <httpserv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <unistd.h>
#include <vector>

static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_changed = PTHREAD_COND_INITIALIZER;
static pthread_t g_thread;
static bool g_fThread, g_fPost, g_fEnd;
static std::vector<IHttpContext *> g_parked;

static void *PostAll(void *)
{
    pthread_mutex_lock(&g_lock);
    while (!g_fEnd)
    {
        if (!g_fPost)
        {
            pthread_cond_wait(&g_changed, &g_lock);
            continue;
        }
        std::vector<IHttpContext *> parked;
        parked.swap(g_parked);
        g_fPost = false;
        pthread_mutex_unlock(&g_lock);
        usleep(300000);
        for (size_t i = 0; i < parked.size(); i++)
        {
            parked[i]->PostCompletion((DWORD)i + 1);
        }
        pthread_mutex_lock(&g_lock);
    }
    pthread_mutex_unlock(&g_lock);
    return NULL;
}

class CMyHttpModule : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext, IN IHttpEventProvider *)
    {
        PCSTR pszQuery = "";
        DWORD cch = 0;
        pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        if (strncmp(pszQuery, "op=", 3) != 0)
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        PCSTR pszNumber = strstr(pszQuery, "i=");
        m_number = pszNumber == NULL ? 0 : atol(pszNumber + 2);
        if (strncmp(pszQuery, "op=park", 7) == 0)
        {
            pthread_mutex_lock(&g_lock);
            if (!g_fThread)
            {
                g_fThread = pthread_create(&g_thread, NULL, PostAll, NULL) == 0;
            }
            g_parked.push_back(pHttpContext);
            pthread_mutex_unlock(&g_lock);
            return RQ_NOTIFICATION_PENDING;
        }
        if (strncmp(pszQuery, "op=now", 6) == 0)
        {
            return Answer(pHttpContext, "now");
        }
        pthread_mutex_lock(&g_lock);
        if (strncmp(pszQuery, "op=post", 7) == 0)
        {
            g_fPost = true;
            pthread_cond_signal(&g_changed);
        }
        m_number = (long)g_parked.size();
        pthread_mutex_unlock(&g_lock);
        return Answer(pHttpContext, "parked");
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IN IHttpContext *pHttpContext, IN DWORD, IN BOOL,
                                                  IN IHttpEventProvider *, IN IHttpCompletionInfo *pInfo)
    {
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST : Answer(pHttpContext, "woken");
    }

private:
    // One line; a woken one is followed by a hundred bytes that tell it from the others.
    REQUEST_NOTIFICATION_STATUS Answer(IHttpContext *pHttpContext, const char *what)
    {
        char line[64];
        snprintf(line, sizeof(line), "%s %ld\n", what, m_number);
        m_text = line;
        if (strcmp(what, "woken") == 0)
        {
            m_text.append(100, (char)('a' + m_number % 26));
        }
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = &m_text[0];
        chunk.FromMemory.BufferLength = (ULONG)m_text.size();
        pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    long m_number;
    std::string m_text;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    virtual ~CMyHttpModuleFactory() {}
    virtual HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule;
        return S_OK;
    }
    virtual void Terminate()
    {
        pthread_mutex_lock(&g_lock);
        g_fEnd = true;
        pthread_cond_signal(&g_changed);
        pthread_mutex_unlock(&g_lock);
        if (g_fThread)
        {
            pthread_join(g_thread, NULL);
        }
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
