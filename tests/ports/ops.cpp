// ops: one module, many behaviours, chosen by the query string: op=<name>&n=...
// Written as for Windows.
#define _WINSOCKAPI_
#include <windows.h>
#include <sal.h>
#include <httpserv.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <typeinfo>
#include <unistd.h>
#include <vector>

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_nLeft(0), m_fCallback(FALSE), m_fCopy(FALSE) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext, IN IHttpEventProvider *pProvider)
    {
        UNREFERENCED_PARAMETER(pProvider);
        DWORD cch = 0;
        PCSTR pszQuery = NULL;
        if (FAILED(pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch)))
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_query = pszQuery;
        m_response = pHttpContext->GetResponse();
        m_request = pHttpContext->GetRequest();
        std::string op = Arg("op", "");
        for (size_t i = 0; i < sizeof(s_ops) / sizeof(s_ops[0]); i++)
        {
            if (op == s_ops[i].name)
            {
                return (this->*s_ops[i].run)(pHttpContext);
            }
        }
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IN IHttpContext *pHttpContext, IN DWORD, IN BOOL,
                                                  IN IHttpEventProvider *, IN IHttpCompletionInfo *pCompletionInfo)
    {
        if (FAILED(pCompletionInfo->GetCompletionStatus()))
        {
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        m_completionBytes = pCompletionInfo->GetCompletionBytes();
        return (this->*m_next)(pHttpContext);
    }

private:
    typedef REQUEST_NOTIFICATION_STATUS (CMyHttpModule::*PFN_OP)(IHttpContext *);
    struct OP { const char *name; PFN_OP run; };
    static const OP s_ops[21];

    std::string Arg(const char *name, const char *fallback)
    {
        std::string key = std::string(name) + "=";
        size_t at = ("&" + m_query).find("&" + key);
        if (at == std::string::npos)
        {
            return fallback;
        }
        size_t start = at + key.size();
        size_t end = m_query.find('&', start);
        return m_query.substr(start, end == std::string::npos ? end : end - start);
    }
    int Number(const char *name, int fallback)
    {
        std::string value = Arg(name, "");
        return value.empty() ? fallback : atoi(value.c_str());
    }

    HRESULT Write(const void *data, size_t size)
    {
        HTTP_DATA_CHUNK chunk;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)data;
        chunk.FromMemory.BufferLength = (ULONG)size;
        DWORD cbSent = 0;
        return m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
    }
    void Say(const char *what, long value)
    {
        char line[200];
        snprintf(line, sizeof(line), "%s=%08lX\n", what, value & 0xFFFFFFFFL);
        Write(line, strlen(line));
    }

    // n flushes of size bytes, ms apart; end=0 leaves the end to the server.
    REQUEST_NOTIFICATION_STATUS Flush(IHttpContext *)
    {
        int n = Number("n", 1), size = Number("size", 8), ms = Number("ms", 0);
        m_buffer.assign(size, 'x');
        m_response->SetHeader("Content-Type", "text/plain", 10, TRUE);
        for (int i = 0; i < n; i++)
        {
            m_buffer[0] = (char)('0' + i % 10);
            m_buffer[size - 1] = '\n';
            DWORD cbSent = 0;
            if (FAILED(Write(m_buffer.data(), size)) || FAILED(m_response->Flush(FALSE, TRUE, &cbSent)))
            {
                return RQ_NOTIFICATION_FINISH_REQUEST;
            }
            usleep(ms * 1000);
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // Everything in one go, ended by the server.
    REQUEST_NOTIFICATION_STATUS Whole(IHttpContext *)
    {
        m_buffer.assign(Number("size", 8), 'w');
        m_response->SetHeader("Content-Type", "text/plain", 10, TRUE);
        if (Number("status", 0))
        {
            m_response->SetStatus((USHORT)Number("status", 0), "");
        }
        Write(m_buffer.data(), m_buffer.size());
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Small(IHttpContext *)
    {
        for (int i = 0; i < Number("n", 1); i++)
        {
            if (FAILED(Write("five\n", 5)))
            {
                return RQ_NOTIFICATION_FINISH_REQUEST;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // length=... declared, size=... written.
    REQUEST_NOTIFICATION_STATUS Length(IHttpContext *)
    {
        std::string length = Arg("length", "0");
        m_response->SetHeader(HttpHeaderContentLength, length.c_str(), (USHORT)length.size(), TRUE);
        m_buffer.assign(Number("size", 8), 'l');
        Write(m_buffer.data(), m_buffer.size());
        DWORD cbSent = 0;
        m_response->Flush(FALSE, TRUE, &cbSent);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Framing(IHttpContext *)
    {
        m_response->SetHeader("Connection", "keep-alive, X-Hop", 17, TRUE);
        m_response->SetHeader("Keep-Alive", "timeout=999", 11, TRUE);
        m_response->SetHeader("Upgrade", "h2c", 3, TRUE);
        m_response->SetHeader("Trailer", "X-T", 3, TRUE);
        Write("framed\n", 7);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // Every variable of "IIS Server Variables": those that the server does not know become the page.
    REQUEST_NOTIFICATION_STATUS Variables(IHttpContext *pHttpContext)
    {
        static const PCSTR names[] = {
            "ALL_HTTP", "ALL_RAW", "APP_POOL_CONFIG", "APP_POOL_ID", "APPL_MD_PATH", "APPL_PHYSICAL_PATH",
            "AUTH_PASSWORD", "AUTH_TYPE", "AUTH_USER", "CACHE_URL", "CERT_COOKIE", "CERT_FLAGS", "CERT_ISSUER",
            "CERT_KEYSIZE", "CERT_SECRETKEYSIZE", "CERT_SERIALNUMBER", "CERT_SERVER_ISSUER", "CERT_SERVER_SUBJECT",
            "CERT_SUBJECT", "CONTENT_LENGTH", "CONTENT_TYPE", "CRYPT_CIPHER_ALG_ID", "CRYPT_HASH_ALG_ID",
            "CRYPT_KEYEXCHANGE_ALG_ID", "CRYPT_PROTOCOL", "DOCUMENT_ROOT", "FORWARDED_URL", "GATEWAY_INTERFACE",
            "HTTP_METHOD", "HTTP_URL", "HTTP_VERSION", "HTTPS", "HTTPS_KEYSIZE", "HTTPS_SECRETKEYSIZE",
            "HTTPS_SERVER_ISSUER", "HTTPS_SERVER_SUBJECT", "INSTANCE_ID", "INSTANCE_META_PATH", "INSTANCE_NAME",
            "LOCAL_ADDR", "LOGON_USER", "MANAGED_PIPELINE_MODE", "PATH_INFO", "PATH_TRANSLATED", "PHYSICAL_PATH",
            "QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_PORT", "REMOTE_USER", "REQUEST_FILENAME",
            "REQUEST_FLAGS", "REQUEST_METHOD", "REQUEST_URI", "SCRIPT_FILENAME", "SCRIPT_NAME", "SCRIPT_TRANSLATED",
            "SERVER_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PORT_SECURE", "SERVER_PROTOCOL", "SERVER_SOFTWARE",
            "SSI_EXEC_DISABLED", "UNENCODED_URL", "UNMAPPED_REMOTE_USER", "URL", "URL_PATH_INFO"
        };
        for (PCSTR name : names)
        {
            PCSTR psz = NULL;
            DWORD cch = 0;
            if (FAILED(pHttpContext->GetServerVariable(name, &psz, &cch)) || !psz || cch != strlen(psz))
            {
                Say(name, 0);
            }
        }
        Write("asked\n", 6);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // The Server field: set or deleted by name, appended to by id; Clear brings the default back.
    REQUEST_NOTIFICATION_STATUS Server(IHttpContext *)
    {
        std::string how = Arg("how", "");
        USHORT cch = 0;
        m_response->ClearHeaders();
        PCSTR psz = m_response->GetHeader(HttpHeaderServer, &cch);
        Say("default", psz && cch == strlen(psz) && strstr(psz, "Apache"));
        if (how == "set")
        {
            m_response->SetHeader("Server", "Own/1.0", 7, TRUE);
            m_response->SetHeader("Date", "Sun, 06 Nov 1994 08:49:37 GMT", 29, TRUE);
        }
        else if (how == "byid")
        {
            m_response->SetHeader(HttpHeaderServer, "Own/1.0", 7, TRUE);
        }
        else if (how == "delete")
        {
            m_response->DeleteHeader("Server");
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Redirect(IHttpContext *)
    {
        m_response->Redirect("next.html?a=1");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Status(IHttpContext *)
    {
        m_response->SetStatus((USHORT)Number("status", 404), Arg("reason", "").c_str(), (USHORT)Number("sub", 0));
        if (Number("status", 404) == 405)
        {
            m_response->SetHeader(HttpHeaderAllow, "PUT", 3, TRUE);
        }
        m_response->SetHeader(HttpHeaderContentLength, "0", 1, TRUE);
        m_response->SetHeader("Set-Cookie", "a=1", 3, FALSE);
        m_response->SetHeader("Set-Cookie", "b=2", 3, FALSE);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Close(IHttpContext *)
    {
        Write("bye\n", 4);
        m_response->SetNeedDisconnect();
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Reset(IHttpContext *)
    {
        m_response->ResetConnection();
        return Write("lost", 4) == S_OK ? RQ_NOTIFICATION_FINISH_REQUEST : RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS File(IHttpContext *)
    {
        int fd = open(Arg("path", "/dev/null").c_str(), O_RDONLY);
        HTTP_DATA_CHUNK chunk;
        chunk.DataChunkType = HttpDataChunkFromFileHandle;
        chunk.FromFileHandle.ByteRange.StartingOffset.QuadPart = Number("start", 0);
        chunk.FromFileHandle.ByteRange.Length.QuadPart = Number("length", 0) ? Number("length", 0) : HTTP_BYTE_RANGE_TO_EOF;
        chunk.FromFileHandle.FileHandle = iis_handle_from_fd(fd);
        DWORD cbSent;
        m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
        close(fd);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    // Asynchronous chain: n flushes of size bytes by reference.
    REQUEST_NOTIFICATION_STATUS Chain(IHttpContext *pHttpContext)
    {
        m_nLeft = Number("n", 4);
        m_buffer.assign(Number("size", 64), 'a');
        m_buffer[m_buffer.size() - 1] = '\n';
        m_fCallback = Number("callback", 0);
        m_fCopy = Number("copy", 0);
        m_next = &CMyHttpModule::Step;
        return Step(pHttpContext);
    }
    static REQUEST_NOTIFICATION_STATUS WINAPI Done(IHttpContext3 *pHttpContext, IHttpCompletionInfo2 *pInfo, void *pv)
    {
        CMyHttpModule *pThis = (CMyHttpModule *)pv;
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST : pThis->Step(pHttpContext);
    }
    REQUEST_NOTIFICATION_STATUS Step(IHttpContext *)
    {
        while (m_nLeft-- > 0)
        {
            m_chunk.DataChunkType = HttpDataChunkFromMemory;
            m_chunk.FromMemory.pBuffer = &m_buffer[0];
            m_chunk.FromMemory.BufferLength = (ULONG)m_buffer.size();
            BOOL fExpected = FALSE;
            DWORD cbSent = 0;
            HRESULT hr;
            if (m_fCopy)
            {
                // Each line has a number, so that one in another's place is seen.
                char szNumber[16];
                snprintf(szNumber, sizeof(szNumber), "%08ld", m_nLeft);
                memcpy(&m_buffer[0], szNumber, 8);
                hr = m_response->WriteEntityChunks(&m_chunk, 1, FALSE, TRUE, &cbSent);
            }
            else
            {
                hr = m_response->WriteEntityChunkByReference(&m_chunk, -1);
            }
            if (SUCCEEDED(hr))
            {
                hr = m_fCallback
                    ? ((IHttpResponse2 *)m_response)->Flush(TRUE, TRUE, Done, this, &cbSent, &fExpected)
                    : m_response->Flush(TRUE, TRUE, &cbSent, &fExpected);
            }
            if (FAILED(hr))
            {
                return RQ_NOTIFICATION_FINISH_REQUEST;
            }
            if (fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    // Posts from a thread of its own after ms; the thread writes and flushes first when write=1.
    static void *Poster(void *pv)
    {
        std::pair<CMyHttpModule *, IHttpContext *> *pair = (std::pair<CMyHttpModule *, IHttpContext *> *)pv;
        CMyHttpModule *pThis = pair->first;
        usleep(pThis->Number("ms", 100) * 1000);
        for (int i = 0; i < pThis->Number("write", 0); i++)
        {
            DWORD cbSent;
            pThis->Write("thread\n", 7);
            pThis->m_response->Flush(FALSE, TRUE, &cbSent);
        }
        IHttpContext *pHttpContext = pair->second;
        delete pair;
        pHttpContext->PostCompletion(77);
        return NULL;
    }
    // begin=1: says so to the client first.
    REQUEST_NOTIFICATION_STATUS Post(IHttpContext *pHttpContext)
    {
        pthread_t thread;
        DWORD cbSent;
        if (Number("begin", 0))
        {
            Write("begun\n", 6);
            m_response->Flush(FALSE, TRUE, &cbSent);
        }
        m_next = &CMyHttpModule::Posted;
        pthread_create(&thread, NULL, Poster, new std::pair<CMyHttpModule *, IHttpContext *>(this, pHttpContext));
        pthread_detach(thread);
        return RQ_NOTIFICATION_PENDING;
    }
    REQUEST_NOTIFICATION_STATUS Posted(IHttpContext *pHttpContext)
    {
        char line[80];
        snprintf(line, sizeof(line), "posted %u connected %d\n", (unsigned)m_completionBytes,
                 pHttpContext->GetConnection()->IsConnected());
        Write(line, strlen(line));
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    // Echoes the body, read asynchronously.
    REQUEST_NOTIFICATION_STATUS Echo(IHttpContext *pHttpContext)
    {
        m_next = &CMyHttpModule::EchoMore;
        m_completionBytes = 0;
        m_buffer.assign(4096, 0);
        return EchoMore(pHttpContext);
    }
    REQUEST_NOTIFICATION_STATUS EchoMore(IHttpContext *)
    {
        if (m_completionBytes)
        {
            Write(&m_buffer[0], m_completionBytes);
        }
        for (;;)
        {
            DWORD cb = 0;
            BOOL fPending = FALSE;
            HRESULT hr = m_request->ReadEntityBody(&m_buffer[0], (DWORD)m_buffer.size(), TRUE, &cb, &fPending);
            if (FAILED(hr))
            {
                return RQ_NOTIFICATION_FINISH_REQUEST;
            }
            if (fPending)
            {
                return RQ_NOTIFICATION_PENDING;
            }
            Write(&m_buffer[0], cb);
        }
    }
    REQUEST_NOTIFICATION_STATUS EchoSync(IHttpContext *)
    {
        char buffer[1000];
        DWORD cb = 0;
        while (SUCCEEDED(m_request->ReadEntityBody(buffer, sizeof(buffer), FALSE, &cb)) && cb)
        {
            Write(buffer, cb);
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    // What IIS promises a module that casts and looks.
    REQUEST_NOTIFICATION_STATUS Cast(IHttpContext *pHttpContext)
    {
        Say("context3", dynamic_cast<IHttpContext3 *>(pHttpContext) == (IHttpContext3 *)pHttpContext);
        Say("response2", dynamic_cast<IHttpResponse2 *>(m_response) == (IHttpResponse2 *)m_response);
        Say("request4", dynamic_cast<IHttpRequest4 *>(m_request) != NULL);
        Say("typeid", typeid(*m_response) == typeid(IHttpResponse4));
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Request(IHttpContext *pHttpContext)
    {
        HTTP_REQUEST *pRaw = m_request->GetRawHttpRequest();
        char line[1000];
        PCSTR pszAgent = m_request->GetHeader(HttpHeaderUserAgent);
        snprintf(line, sizeof(line), "method %s url %s host %s agent %s path %ls script %ls end\n", m_request->GetHttpMethod(),
                 pRaw->pRawUrl, m_request->GetHeader("Host"), pszAgent ? pszAgent : "-", pRaw->CookedUrl.pAbsPath,
                 pHttpContext->GetScriptName());
        Write(line, strlen(line));
        PCWSTR pwsz = NULL;
        DWORD cch = 0;
        pHttpContext->GetServerVariable("REQUEST_METHOD", &pwsz, &cch);
        Say("wide", pwsz && cch == wcslen(pwsz));
        Say("unknown", pHttpContext->GetServerVariable("NO_SUCH_THING", &pwsz, &cch));
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    // Every bad argument; the answers become the page.
    REQUEST_NOTIFICATION_STATUS Bad(IHttpContext *)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cb;
        std::vector<HTTP_DATA_CHUNK> many(65536);
        memset(&chunk, 0, sizeof(chunk));
        Say("null name", m_response->SetHeader((PCSTR)NULL, "v", 1, TRUE));
        Say("null value", m_response->SetHeader("X", NULL, 0, TRUE));
        Say("name space", m_response->SetHeader("X Y", "v", 1, TRUE));
        Say("name colon", m_response->SetHeader("X:", "v", 1, TRUE));
        Say("name crlf", m_response->SetHeader("X\r\nEvil", "v", 1, TRUE));
        Say("value crlf", m_response->SetHeader("X", "v\r\nEvil: 1", 10, TRUE));
        Say("value nul", m_response->SetHeader("X", "a\0b", 3, TRUE));
        Say("bad id", m_response->SetHeader((HTTP_HEADER_ID)99, "v", 1, TRUE));
        Say("reason crlf", m_response->SetStatus(200, "OK\r\nEvil: 1"));
        Say("status 42", m_response->SetStatus(42, "Odd"));
        Say("redirect crlf", m_response->Redirect("http://x/\r\nEvil: 1"));
        Say("redirect null", m_response->Redirect(NULL));
        Say("null chunks", m_response->WriteEntityChunks(NULL, 1, FALSE, TRUE, &cb));
        Say("many chunks", m_response->WriteEntityChunks(&many[0], 65536, FALSE, TRUE, &cb));
        Say("null reference", m_response->WriteEntityChunkByReference(NULL));
        chunk.FromMemory.BufferLength = 10;
        Say("null memory", m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb));
        chunk.DataChunkType = (HTTP_DATA_CHUNK_TYPE)77;
        Say("bad type", m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb));
        chunk.DataChunkType = HttpDataChunkFromFileHandle;
        chunk.FromFileHandle.FileHandle = INVALID_HANDLE_VALUE;
        Say("bad handle", m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb));
        chunk.DataChunkType = HttpDataChunkFromFragmentCache;
        Say("fragment", m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb));
        Say("request crlf", m_request->SetHeader("X", "v\r\nEvil: 1", 10, TRUE));
        Say("request name", m_request->SetHeader("X Y", "v", 1, TRUE));
        Say("url crlf", m_request->SetUrl("/a\r\nEvil: 1", 10, TRUE));
        Say("good", m_response->SetHeader("X-Good", "yes", 3, TRUE));
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // Flush after the end, NULL out-parameters everywhere.
    REQUEST_NOTIFICATION_STATUS Ended(IHttpContext *)
    {
        Write("only this\n", 10);
        m_response->Flush(FALSE, FALSE, NULL, NULL);
        HTTP_DATA_CHUNK chunk;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)"more";
        chunk.FromMemory.BufferLength = 4;
        return m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, NULL) == HRESULT_FROM_WIN32(ERROR_INVALID_DATA)
                   && m_response->Flush(FALSE, TRUE, NULL) == HRESULT_FROM_WIN32(ERROR_INVALID_DATA)
               ? RQ_NOTIFICATION_FINISH_REQUEST : RQ_NOTIFICATION_CONTINUE;
    }
    // Memory of one response over many flushes.
    REQUEST_NOTIFICATION_STATUS Leave(IHttpContext *)
    {
        m_request->SetHeader("Content-Length", "0", 1, TRUE);
        m_request->DeleteHeader("Transfer-Encoding");
        Write("left it\n", 8);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    std::string m_query;
    IHttpResponse *m_response;
    IHttpRequest *m_request;
    std::vector<char> m_buffer;
    HTTP_DATA_CHUNK m_chunk;
    int m_nLeft;
    BOOL m_fCallback, m_fCopy;
    DWORD m_completionBytes;
    PFN_OP m_next;
};

const CMyHttpModule::OP CMyHttpModule::s_ops[] = {
    { "flush", &CMyHttpModule::Flush }, { "whole", &CMyHttpModule::Whole }, { "small", &CMyHttpModule::Small },
    { "length", &CMyHttpModule::Length }, { "framing", &CMyHttpModule::Framing },
    { "variables", &CMyHttpModule::Variables }, { "server", &CMyHttpModule::Server },
    { "redirect", &CMyHttpModule::Redirect }, { "status", &CMyHttpModule::Status }, { "close", &CMyHttpModule::Close },
    { "reset", &CMyHttpModule::Reset }, { "file", &CMyHttpModule::File }, { "chain", &CMyHttpModule::Chain },
    { "post", &CMyHttpModule::Post }, { "echo", &CMyHttpModule::Echo }, { "echosync", &CMyHttpModule::EchoSync },
    { "cast", &CMyHttpModule::Cast }, { "request", &CMyHttpModule::Request }, { "bad", &CMyHttpModule::Bad },
    { "ended", &CMyHttpModule::Ended }, { "leave", &CMyHttpModule::Leave },
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    virtual ~CMyHttpModuleFactory() {}
    virtual HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator)
    {
        UNREFERENCED_PARAMETER(pAllocator);
        *ppModule = new CMyHttpModule;
        return *ppModule ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    virtual void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD dwServerVersion, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *pGlobalInfo)
{
    UNREFERENCED_PARAMETER(dwServerVersion);
    UNREFERENCED_PARAMETER(pGlobalInfo);
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
