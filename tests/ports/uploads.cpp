// uploads: reads the request's body in every way there is, how=async|callback|flags|blind|sync, into a buffer of size=
// bytes, and answers with what it saw.  wait=ms: begins to read later; most=n: stops after so many bytes; quiet=1: leaves
// the answer to the server when reading fails; path=: a file for what happens when nobody listens.
#include <windows.h>
#include <httpserv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <unistd.h>

class CUploads : public CHttpModule
{
public:
    CUploads() : m_context(NULL), m_bytes(0), m_sum(0), m_reads(0), m_seen(0), m_most(0), m_end(S_OK), m_wrong(FALSE) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR psz = "";
        DWORD cch = 0;
        pContext->GetServerVariable("QUERY_STRING", &psz, &cch);
        m_query = std::string("&") + psz;
        m_how = Arg("how");
        if (m_how.empty())
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_context = pContext;
        m_most = Number("most");
        m_buffer.assign(Number("size") ? Number("size") : 4096, 0);
        if (m_how == "ignore")
        {
            return Answer();
        }
        if (Number("wait"))
        {
            pthread_t thread;
            pthread_create(&thread, NULL, Later, this);
            pthread_detach(thread);
            return RQ_NOTIFICATION_PENDING;
        }
        return Read();
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        if (Number("wait") && !m_reads)
        {
            return Read();
        }
        m_wrong |= m_how == "callback";
        return Completed((IHttpCompletionInfo2 *)pInfo);
    }

    REQUEST_NOTIFICATION_STATUS OnReadEntity(IHttpContext *, IReadEntityProvider *pProvider)
    {
        PVOID pv = NULL;
        DWORD cbData = 0, cbBuffer = 0;
        pProvider->GetEntity(&pv, &cbData, &cbBuffer);
        m_seen += cbData;
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    static void *Later(void *pv)
    {
        CUploads *pThis = (CUploads *)pv;
        usleep(pThis->Number("wait") * 1000);
        pThis->m_context->PostCompletion(0);
        return NULL;
    }
    static REQUEST_NOTIFICATION_STATUS WINAPI Called(IHttpContext3 *pContext, IHttpCompletionInfo2 *pInfo, void *pv)
    {
        CUploads *pThis = (CUploads *)pv;
        pThis->m_wrong |= pThis->m_how != "callback" || (IHttpContext *)pContext != pThis->m_context;
        return pThis->Completed(pInfo);
    }
    REQUEST_NOTIFICATION_STATUS Completed(IHttpCompletionInfo2 *pInfo)
    {
        m_wrong |= pInfo->GetCompletedOperation() != 1;
        Take(pInfo->GetCompletionBytes());
        if (FAILED(pInfo->GetCompletionStatus()))
        {
            return End(pInfo->GetCompletionStatus());
        }
        return Read();
    }
    void Take(DWORD cb)
    {
        m_wrong |= cb > m_buffer.size();
        for (DWORD i = 0; i < cb && !m_wrong; i++)
        {
            m_sum = m_sum * 31 + (unsigned char)m_buffer[i];
        }
        m_bytes += cb;
    }
    HRESULT One(DWORD *pcb, BOOL *pfPending)
    {
        IHttpRequest *pRequest = m_context->GetRequest();
        void *pv = &m_buffer[0];
        DWORD cb = (DWORD)m_buffer.size();
        if (m_how == "callback")
        {
            return ((IHttpRequest3 *)pRequest)->ReadEntityBody(pv, cb, TRUE, Called, this, pcb, pfPending);
        }
        if (m_how == "flags")
        {
            return ((IHttpRequest4 *)pRequest)->ReadEntityBody(pv, cb, TRUE, (ULONG)0, pcb, pfPending);
        }
        if (m_how == "blind")
        {
            HRESULT hr = pRequest->ReadEntityBody(pv, cb, TRUE, pcb);
            *pfPending = SUCCEEDED(hr);
            return hr;
        }
        return pRequest->ReadEntityBody(pv, cb, m_how != "sync", pcb, pfPending);
    }
    REQUEST_NOTIFICATION_STATUS Read()
    {
        for (;;)
        {
            DWORD cb = 0;
            BOOL fPending = FALSE;
            if (m_most && m_bytes >= m_most)
            {
                return Answer();
            }
            m_reads++;
            HRESULT hr = One(&cb, &fPending);
            if (FAILED(hr))
            {
                return End(hr);
            }
            if (fPending)
            {
                return RQ_NOTIFICATION_PENDING;
            }
            Take(cb);
        }
    }
    REQUEST_NOTIFICATION_STATUS End(HRESULT hr)
    {
        m_end = hr;
        FILE *f = Arg("path").empty() ? NULL : fopen(Arg("path").c_str(), "a");
        if (f)
        {
            fprintf(f, "end %08X connected %d bytes %ld\n", (unsigned)hr, m_context->GetConnection()->IsConnected(),
                    m_bytes);
            fclose(f);
        }
        return Number("quiet") && hr != HRESULT_FROM_WIN32(ERROR_HANDLE_EOF) ? RQ_NOTIFICATION_FINISH_REQUEST : Answer();
    }
    REQUEST_NOTIFICATION_STATUS Answer()
    {
        char line[200];
        HTTP_DATA_CHUNK chunk;
        DWORD cb = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = line;
        chunk.FromMemory.BufferLength = (ULONG)snprintf(line, sizeof(line), "bytes %ld sum %08X end %08X seen %ld wrong %d\n",
                                                        m_bytes, m_sum, (unsigned)m_end, m_seen, m_wrong);
        m_context->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cb);
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

    IHttpContext *m_context;
    std::string m_query, m_how, m_buffer;
    long m_bytes;
    unsigned m_sum;
    long m_reads, m_seen, m_most;
    HRESULT m_end;
    BOOL m_wrong;
};

class CUploadsFactory : public IHttpModuleFactory
{
public:
    virtual ~CUploadsFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CUploads;
        return S_OK;
    }
    virtual void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CUploadsFactory, RQ_EXECUTE_REQUEST_HANDLER | RQ_READ_ENTITY, 0);
}
