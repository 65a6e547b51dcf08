// ends.cpp: the ends that a response can have, and what modules are told of them.
//   how=last      the last flush; count of those that failed in how=report
//   how=reset, close, stream (code=), goaway, disconnect   methods of IHttpResponse
//   how=file      a file chunk that reaches past the end of its file (path=)
//   how=whole     a file chunk of a whole file (path=)
//   how=shrinks   a file that is cut in half once its chunk is there (path=)
//   how=missing   a fragment that is in no cache
//   how=short     a body that falls short of its Content-Length (more= flushes ahead of the end)
//   how=failed    SetErrorStatus
//   how=wait      PENDING for ever
//   how=endless   flushes of size= bytes until one fails
// begin=1: a flush ahead of it; async=1: flushes are asynchronous.
#define _WINSOCKAPI_
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <atomic>
#include <fcntl.h>
#include <unistd.h>

static std::atomic<long> g_flushes, g_failed, g_completions, g_badCompletions, g_gone;
static std::atomic<unsigned> g_last, g_told;

class CMyHttpModule : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *pProvider)
    {
        m_response = pContext->GetResponse();
        PCSTR query = pContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        query = strchr(query, '?');
        m_query = std::string("&") + (query ? query + 1 : "");
        m_how = Arg("how");
        if (m_how == "report")
        {
            return Report();
        }
        if (Number("status"))
        {
            m_response->SetStatus((USHORT)Number("status"), "Of its own");
        }
        if (Number("length"))
        {
            std::string length = Arg("length");
            m_response->SetHeader(HttpHeaderContentLength, length.c_str(), (USHORT)length.size(), TRUE);
        }
        if (m_how == "suppress")
        {
            m_response->SuppressHeaders();
            Write("HTTP/1.1 299 Own\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (!Number("begin"))
        {
            return End(pProvider);
        }
        Write("the first of it\n");
        m_step = 1;
        return Flush(TRUE) ? RQ_NOTIFICATION_PENDING : End(pProvider);
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *pProvider,
                                                  IHttpCompletionInfo *pInfo)
    {
        g_completions++;
        Told(pInfo->GetCompletionStatus());
        return m_step == 1 ? End(pProvider) : RQ_NOTIFICATION_FINISH_REQUEST;
    }

    REQUEST_NOTIFICATION_STATUS OnEndRequest(IHttpContext *pContext, IHttpEventProvider *)
    {
        g_gone += m_how != "report" && !pContext->GetConnection()->IsConnected();
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    std::string Arg(const char *name)
    {
        size_t i = m_query.find(std::string("&") + name + "=");
        if (i == std::string::npos)
        {
            return "";
        }
        i += strlen(name) + 2;
        return m_query.substr(i, m_query.find('&', i) - i);
    }
    long Number(const char *name) { return atol(Arg(name).c_str()); }

    HRESULT Write(const std::string &text)
    {
        DWORD sent;
        m_text = text;
        HTTP_DATA_CHUNK chunk;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = &m_text[0];
        chunk.FromMemory.BufferLength = (ULONG)m_text.size();
        return m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &sent);
    }
    // Whether a completion follows.
    bool Flush(BOOL fMore)
    {
        DWORD sent = 0;
        BOOL fExpected = FALSE;
        HRESULT hr = m_response->Flush(Number("async") != 0, fMore, &sent, &fExpected);
        g_flushes++;
        if (FAILED(hr))
        {
            g_failed++;
            g_last = hr;
        }
        return SUCCEEDED(hr) && fExpected;
    }
    void Told(HRESULT hr)
    {
        if (FAILED(hr))
        {
            g_badCompletions++;
            g_told = hr;
        }
    }
    REQUEST_NOTIFICATION_STATUS Report()
    {
        char text[256];
        snprintf(text, sizeof(text), "flushes %ld failed %ld %08X completions %ld failed %ld %08X gone %ld\n",
                 g_flushes.exchange(0), g_failed.exchange(0), g_last.exchange(0), g_completions.exchange(0),
                 g_badCompletions.exchange(0), g_told.exchange(0), g_gone.exchange(0));
        Write(text);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Last(BOOL fMore)
    {
        m_step = 2;
        return Flush(fMore) ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS File()
    {
        BOOL fShrinks = m_how == "shrinks";
        std::string path = Arg("path");
        int fd = open(path.c_str(), O_RDWR);
        off_t length = lseek(fd, 0, SEEK_END);
        HTTP_DATA_CHUNK chunk;
        DWORD sent;
        chunk.DataChunkType = HttpDataChunkFromFileHandle;
        chunk.FromFileHandle.ByteRange.StartingOffset.QuadPart = 0;
        chunk.FromFileHandle.ByteRange.Length.QuadPart = length + (m_how == "file" ? 1000 : 0);
        chunk.FromFileHandle.FileHandle = iis_handle_from_fd(fd);
        HRESULT hr = m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &sent);
        if (FAILED(hr))
        {
            g_last = hr;
        }
        if (fShrinks && ftruncate(fd, length / 2))
        {
            g_last = E_FAIL;
        }
        close(fd);
        return Last(Number("more") != 0);
    }
    REQUEST_NOTIFICATION_STATUS Missing()
    {
        memset(&m_chunk, 0, sizeof(m_chunk));
        m_chunk.DataChunkType = HttpDataChunkFromFragmentCache;
        m_chunk.FromFragmentCache.pFragmentName = L"no/such/fragment";
        m_chunk.FromFragmentCache.FragmentNameLength = sizeof(L"no/such/fragment") - sizeof(WCHAR);
        HTTP_RESPONSE *raw = m_response->GetRawHttpResponse();
        raw->EntityChunkCount = 1;
        raw->pEntityChunks = &m_chunk;
        return Last(Number("more") != 0);
    }
    REQUEST_NOTIFICATION_STATUS End(IHttpEventProvider *pProvider)
    {
        IHttpResponse4 *response4 = (IHttpResponse4 *)m_response;

        if (m_how == "last")
        {
            Write(std::string(Number("size") ? Number("size") : 9, 'a'));
            return Last(FALSE);
        }
        if (m_how == "endless")
        {
            for (long failed = g_failed; g_failed == failed;)
            {
                Write(std::string(Number("size"), 'a'));
                Flush(TRUE);
            }
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (m_how == "reset")
        {
            m_response->ResetConnection();
        }
        else if (m_how == "close")
        {
            m_response->CloseConnection();
        }
        else if (m_how == "stream")
        {
            response4->ResetStream((ULONG)Number("code"));
        }
        else if (m_how == "disconnect")
        {
            m_response->SetNeedDisconnect();
        }
        else if (m_how == "goaway")
        {
            response4->SetNeedGoAway();
        }
        else if (m_how == "failed")
        {
            pProvider->SetErrorStatus(E_FAIL);
        }
        else if (m_how == "short")
        {
            Write("not all\n");
        }
        else if (m_how == "wait")
        {
            return RQ_NOTIFICATION_PENDING;
        }
        else if (!Arg("path").empty())
        {
            return File();
        }
        else if (m_how == "missing")
        {
            return Missing();
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    IHttpResponse *m_response;
    std::string m_query, m_how, m_text;
    HTTP_DATA_CHUNK m_chunk;
    int m_step;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule();
        return S_OK;
    }
    void Terminate() { delete this; }
    virtual ~CMyHttpModuleFactory() {}
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_EXECUTE_REQUEST_HANDLER | RQ_END_REQUEST, 0);
}
