// waits: a module that waits in every way there is, chosen by the query string: op=<name>&ms=...&path=...
// What happens when no client listens any more is written to the file of path=, a line each.
#include <windows.h>
#include <httpserv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <unistd.h>

class CMyHttpModule;

// Posts when the client goes away.
class CWatcher : public IHttpConnectionStoredContext
{
public:
    CWatcher(IHttpContext *pHttpContext, const std::string &path) : m_pHttpContext(pHttpContext), m_path(path) {}
    virtual ~CWatcher() {}
    virtual void CleanupStoredContext()
    {
        delete this;
    }
    virtual void NotifyDisconnect();

private:
    IHttpContext *m_pHttpContext;
    std::string m_path;
};

static HTTP_MODULE_ID g_id;

static void Note(const std::string &path, const char *what, unsigned long value)
{
    FILE *f = path.empty() ? NULL : fopen(path.c_str(), "a");
    if (f)
    {
        fprintf(f, "%s %08lX\n", what, value);
        fclose(f);
    }
}

void CWatcher::NotifyDisconnect()
{
    Note(m_path, "disconnected", (unsigned long)m_pHttpContext->PostCompletion(1));
}

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_pHttpContext(NULL), m_pResponse(NULL), m_n(0), m_reading(FALSE), m_writing(FALSE), m_end(S_OK) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext, IN IHttpEventProvider *)
    {
        PCSTR pszQuery = "";
        DWORD cch = 0;
        pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        m_query = std::string("&") + pszQuery;
        m_op = Arg("op");
        if (m_op.empty())
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_path = Arg("path");
        m_pHttpContext = pHttpContext;
        m_pResponse = (IHttpResponse2 *)pHttpContext->GetResponse();
        m_n = atol(Arg("n").c_str());
        if (m_op == "postpost")
        {
            Say("first", pHttpContext->PostCompletion(1));
            Say("second", pHttpContext->PostCompletion(2));
            return RQ_NOTIFICATION_PENDING;
        }
        if (m_op == "stuck")
        {
            m_buffer.assign(atol(Arg("size").c_str()), 's');
            Flush();
            return RQ_NOTIFICATION_PENDING;
        }
        if (m_op == "notify")
        {
            // As the documentation has it: its page returns the plain interface.
            IHttpModuleContextContainer *pContainer = pHttpContext->GetConnection()->GetModuleContextContainer();
            Note(m_path, "watched", (unsigned long)pContainer->SetModuleContext(new CWatcher(pHttpContext, m_path), g_id));
            return RQ_NOTIFICATION_PENDING;
        }
        if (m_op == "read" || m_op == "cancel" || m_op == "duplex")
        {
            ((IHttpContext3 *)pHttpContext)->EnableFullDuplex();
            m_buffer.assign(4096, 0);
            Read();
            if (m_op == "duplex")
            {
                m_out.assign(atol(Arg("size").c_str()), 'd');
                m_writing = TRUE;
                FlushOut();
            }
            if (m_op != "cancel")
            {
                return m_reading || m_writing ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_FINISH_REQUEST;
            }
        }
        pthread_t thread;
        pthread_create(&thread, NULL, Thread, this);
        pthread_detach(thread);
        return RQ_NOTIFICATION_PENDING;
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        HRESULT hr = pInfo->GetCompletionStatus();
        DWORD cb = pInfo->GetCompletionBytes();
        DWORD operation = ((IHttpCompletionInfo2 *)pInfo)->GetCompletedOperation();
        Note(m_path, "completion", (unsigned long)(unsigned)hr);
        if (m_op == "postpost")
        {
            Say("bytes", cb);
        }
        else if (m_op == "cancel")
        {
            Say("status", hr);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        else if (m_op == "read" || m_op == "duplex")
        {
            if (operation == 1)
            {
                m_reading = FALSE;
                if (SUCCEEDED(hr))
                {
                    m_read += std::string(&m_buffer[0], cb);
                    Read();
                }
                else
                {
                    m_end = hr;
                }
            }
            else
            {
                m_writing = FALSE;
            }
            if (m_reading || m_writing)
            {
                return RQ_NOTIFICATION_PENDING;
            }
            Write("\nbody ");
            Write(m_read);
            Say("\nend", m_end);
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

private:
    static REQUEST_NOTIFICATION_STATUS WINAPI Flushed(IHttpContext3 *, IHttpCompletionInfo2 *pInfo, void *pv)
    {
        CMyHttpModule *pThis = (CMyHttpModule *)pv;
        Note(pThis->m_path, "callback", (unsigned long)(unsigned)pInfo->GetCompletionStatus());
        return pThis->m_op == "foreign" && --pThis->m_n > 0 && SUCCEEDED(pInfo->GetCompletionStatus())
            ? (pThis->Start(), RQ_NOTIFICATION_PENDING) : RQ_NOTIFICATION_FINISH_REQUEST;
    }
    void Start()
    {
        pthread_t thread;
        pthread_create(&thread, NULL, Thread, this);
        pthread_detach(thread);
    }
    static void *Thread(void *pv)
    {
        CMyHttpModule *pThis = (CMyHttpModule *)pv;
        usleep(atol(pThis->Arg("ms").c_str()) * 1000);
        pThis->Work();
        return NULL;
    }
    void Work()
    {
        // The request may end with the last call here, and this object with it.
        IHttpContext *pHttpContext = m_pHttpContext;
        if (m_op == "indicate")
        {
            Write("indicated\n");
            pHttpContext->IndicateCompletion(RQ_NOTIFICATION_FINISH_REQUEST);
        }
        else if (m_op == "cancel")
        {
            pHttpContext->CancelIo();
        }
        else if (m_op == "foreign")
        {
            Write("foreign\n");
            m_pResponse->Flush(TRUE, TRUE, Flushed, this, NULL, NULL);
        }
        else if (m_op == "late")
        {
            DWORD cb = 0;
            std::string path = m_path;
            HRESULT hr = Write("late\n");
            Note(path, "write", (unsigned long)(unsigned)hr);
            hr = m_pResponse->Flush(FALSE, TRUE, &cb, NULL);
            Note(path, "flush", (unsigned long)(unsigned)hr);
            hr = pHttpContext->PostCompletion(3);
            Note(path, "post", (unsigned long)(unsigned)hr);
        }
        else
        {
            pHttpContext->PostCompletion(0);
        }
    }

    HRESULT Write(const std::string &text)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cb = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text.data();
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        return m_pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb, NULL);
    }
    void Say(const char *what, long value)
    {
        char line[100];
        snprintf(line, sizeof(line), "%s=%08lX\n", what, value & 0xFFFFFFFFL);
        Write(line);
    }
    void FlushReference(std::string &data)
    {
        m_chunk.DataChunkType = HttpDataChunkFromMemory;
        m_chunk.FromMemory.pBuffer = &data[0];
        m_chunk.FromMemory.BufferLength = (ULONG)data.size();
        m_pResponse->WriteEntityChunkByReference(&m_chunk, -1);
    }
    void Flush()
    {
        FlushReference(m_buffer);
        m_pResponse->Flush(TRUE, TRUE, Flushed, this, NULL, NULL);
    }
    void FlushOut()
    {
        FlushReference(m_out);
        ((IHttpResponse *)m_pResponse)->Flush(TRUE, TRUE, NULL, NULL);
    }
    void Read()
    {
        DWORD cb = 0;
        BOOL fPending = FALSE;
        HRESULT hr = m_pHttpContext->GetRequest()->ReadEntityBody(&m_buffer[0], (DWORD)m_buffer.size(), TRUE, &cb,
                                                                  &fPending);
        m_reading = SUCCEEDED(hr) && fPending;
        if (FAILED(hr))
        {
            m_end = hr;
        }
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

    IHttpContext *m_pHttpContext;
    IHttpResponse2 *m_pResponse;
    std::string m_query, m_op, m_path, m_buffer, m_out, m_read;
    HTTP_DATA_CHUNK m_chunk;
    long m_n;
    BOOL m_reading, m_writing;
    HRESULT m_end;
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
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    g_id = pModuleInfo->GetId();
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
