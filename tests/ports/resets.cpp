// resets: responses for clients that leave in the middle, chosen by the query string: op=<name>&n=...&size=...
// op=count says how many requests began, how many of their instances there are, how many completions were promised
// and how many came.
#include <windows.h>
#include <httpserv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <unistd.h>
#include <vector>

static volatile LONG g_begun, g_alive, g_promised, g_completed;

static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t g_poster;
static bool g_fPoster, g_fEnd;
static std::vector<IHttpContext *> g_waiting;

// A client may have gone by then, a request not.
static void *PostAll(void *)
{
    std::vector<IHttpContext *> waiting;
    for (bool fEnd = false; !fEnd;)
    {
        usleep(2000);
        waiting.clear();
        pthread_mutex_lock(&g_lock);
        waiting.swap(g_waiting);
        fEnd = g_fEnd;
        pthread_mutex_unlock(&g_lock);
        for (size_t i = 0; i < waiting.size(); i++)
        {
            InterlockedIncrement(&g_promised);
            if (FAILED(waiting[i]->PostCompletion(0)))
            {
                InterlockedDecrement(&g_promised);
            }
        }
    }
    return NULL;
}

class CResets : public CHttpModule
{
public:
    CResets() : m_pResponse(NULL), m_fBegun(false), m_fCallback(false), m_fPosted(false), m_left(0) {}
    virtual ~CResets()
    {
        if (m_fBegun)
        {
            InterlockedDecrement(&g_alive);
        }
    }

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR pszQuery = "";
        DWORD cch = 0;
        char op[16] = "";
        long size = 1;
        pContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        if (sscanf(pszQuery, "op=%15[a-z]&n=%ld&size=%ld", op, &m_left, &size) < 1)
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_pResponse = (IHttpResponse2 *)pContext->GetResponse();
        if (strcmp(op, "count") == 0)
        {
            char line[128];
            int cb = snprintf(line, sizeof(line), "begun %d alive %d promised %d completed %d\n", (int)g_begun,
                              (int)g_alive, (int)g_promised, (int)g_completed);
            m_buffer.assign(line, (size_t)cb);
            Refer();
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        m_fBegun = true;
        InterlockedIncrement(&g_begun);
        InterlockedIncrement(&g_alive);
        m_buffer.assign((size_t)size, 'r');
        if (strcmp(op, "posted") == 0)
        {
            m_fPosted = true;
            pthread_mutex_lock(&g_lock);
            if (!g_fPoster)
            {
                g_fPoster = pthread_create(&g_poster, NULL, PostAll, NULL) == 0;
            }
            g_waiting.push_back(pContext);
            pthread_mutex_unlock(&g_lock);
            return RQ_NOTIFICATION_PENDING;
        }
        if (strcmp(op, "whole") == 0)
        {
            // The last flush is the server's; it waits for the client without a module.
            Refer();
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (strcmp(op, "sync") == 0)
        {
            DWORD cb = 0;
            while (m_left-- > 0 && SUCCEEDED(Refer()) && SUCCEEDED(m_pResponse->Flush(FALSE, TRUE, &cb)))
            {
            }
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        m_fCallback = strcmp(op, "callback") == 0;
        return Step();
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        return Came(pInfo->GetCompletionStatus());
    }

private:
    static REQUEST_NOTIFICATION_STATUS WINAPI Done(IHttpContext3 *, IHttpCompletionInfo2 *pInfo, void *pv)
    {
        return ((CResets *)pv)->Came(pInfo->GetCompletionStatus());
    }
    REQUEST_NOTIFICATION_STATUS Came(HRESULT hr)
    {
        InterlockedIncrement(&g_completed);
        if (FAILED(hr))
        {
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (m_fPosted)
        {
            Refer();
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return Step();
    }
    REQUEST_NOTIFICATION_STATUS Step()
    {
        while (m_left-- > 0)
        {
            BOOL fExpected = FALSE;
            DWORD cb = 0;
            // Counted first: the completion may be there before the call has returned.
            InterlockedIncrement(&g_promised);
            HRESULT hr = Refer();
            if (SUCCEEDED(hr))
            {
                hr = m_fCallback ? m_pResponse->Flush(TRUE, TRUE, Done, this, &cb, &fExpected)
                                 : m_pResponse->Flush(TRUE, TRUE, &cb, &fExpected);
            }
            if (SUCCEEDED(hr) && fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
            InterlockedDecrement(&g_promised);
            if (FAILED(hr))
            {
                break;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    HRESULT Refer()
    {
        m_chunk.DataChunkType = HttpDataChunkFromMemory;
        m_chunk.FromMemory.pBuffer = &m_buffer[0];
        m_chunk.FromMemory.BufferLength = (ULONG)m_buffer.size();
        return m_pResponse->WriteEntityChunkByReference(&m_chunk, -1);
    }

    IHttpResponse2 *m_pResponse;
    HTTP_DATA_CHUNK m_chunk;
    bool m_fBegun, m_fCallback, m_fPosted;
    long m_left;
    std::string m_buffer;
};

class CResetsFactory : public IHttpModuleFactory
{
public:
    virtual ~CResetsFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CResets;
        return S_OK;
    }
    virtual void Terminate()
    {
        pthread_mutex_lock(&g_lock);
        g_fEnd = true;
        pthread_mutex_unlock(&g_lock);
        if (g_fPoster)
        {
            pthread_join(g_poster, NULL);
        }
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CResetsFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
