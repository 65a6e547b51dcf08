// edits: writes n pieces of size bytes, with asynchronous flushes (or, with sync=1, synchronous ones; the last is the
// server's), and edits the chunks of each in OnSendResponse as filters do: m=skip, shorten, split, copy, dup, reversed,
// twice, around, mixed. What a client gets follows from its URL alone: test_edits.c.
#include <windows.h>
#include <httpserv.h>
#include <stdlib.h>
#include <string.h>
#include <string>

static std::string Arg(IHttpContext *pHttpContext, const char *name)
{
    PCSTR pszUrl = pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
    const char *pQuery = strchr(pszUrl, '?');
    std::string query = std::string("&") + (pQuery ? pQuery + 1 : ""), key = std::string("&") + name + "=";
    size_t at = query.find(key);
    return at == std::string::npos ? "" : query.substr(at + key.size(), query.find('&', at + 1) - at - key.size());
}

static HTTP_DATA_CHUNK Memory(const void *p, size_t n)
{
    HTTP_DATA_CHUNK chunk;
    memset(&chunk, 0, sizeof(chunk));
    chunk.DataChunkType = HttpDataChunkFromMemory;
    chunk.FromMemory.pBuffer = const_cast<void *>(p);
    chunk.FromMemory.BufferLength = (ULONG)n;
    return chunk;
}

static HTTP_DATA_CHUNK Part(const HTTP_DATA_CHUNK &chunk, size_t from, size_t n)
{
    return Memory(static_cast<char *>(chunk.FromMemory.pBuffer) + from, n);
}

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_piece(0), m_n(0), m_size(0), m_letter('A'), m_async(TRUE) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext, IN IHttpEventProvider *)
    {
        m_n = atoi(Arg(pHttpContext, "n").c_str());
        if (!m_n)
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_size = strtoul(Arg(pHttpContext, "size").c_str(), NULL, 10);
        m_letter = Arg(pHttpContext, "l")[0];
        m_async = Arg(pHttpContext, "sync").empty();
        pHttpContext->GetResponse()->SetHeader(HttpHeaderContentType, "text/plain", 10, TRUE);
        return Next(pHttpContext);
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IN IHttpContext *pHttpContext, IN DWORD, IN BOOL,
                                                  IN IHttpEventProvider *, IN IHttpCompletionInfo *pInfo)
    {
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST : Next(pHttpContext);
    }
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IN IHttpContext *pHttpContext, IN ISendResponseProvider *)
    {
        HTTP_RESPONSE *pRaw = pHttpContext->GetResponse()->GetRawHttpResponse();
        if (m_n && pRaw->EntityChunkCount == 1)
        {
            Edit(pHttpContext, pRaw, Arg(pHttpContext, "m"));
        }
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    void Write(IHttpContext *pHttpContext)
    {
        std::string piece(m_size, '\0');
        for (size_t i = 0; i < m_size; i++)
        {
            piece[i] = (char)('a' + (i * 7 + i / 101 + m_piece * 3 + (m_letter - 'A') * 5) % 26);
        }
        HTTP_DATA_CHUNK chunk = Memory(piece.data(), piece.size());
        DWORD cbSent;
        pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
        m_piece++;
    }
    REQUEST_NOTIFICATION_STATUS Next(IHttpContext *pHttpContext)
    {
        DWORD cbSent;
        BOOL fExpected = FALSE;
        while (m_piece < m_n)
        {
            Write(pHttpContext);
            if (m_piece == m_n && !m_async)
            {
                break;
            }
            if (FAILED(pHttpContext->GetResponse()->Flush(m_async, TRUE, &cbSent, &fExpected)))
            {
                break;
            }
            if (fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // Memory of this module's own, for the array and for what is put between.
    static char *Own(IHttpContext *pHttpContext, char c)
    {
        char *p = static_cast<char *>(pHttpContext->AllocateRequestMemory(5000));
        memset(p, c, 5000);
        return p;
    }
    static void Edit(IHttpContext *pHttpContext, HTTP_RESPONSE *pRaw, const std::string &m)
    {
        HTTP_DATA_CHUNK &c = pRaw->pEntityChunks[0];
        size_t n = c.FromMemory.BufferLength, half = n / 2;
        HTTP_DATA_CHUNK *a = static_cast<HTTP_DATA_CHUNK *>(pHttpContext->AllocateRequestMemory(4 * sizeof(*a)));
        USHORT count = 0;
        if (m == "skip")
        {
            c = Part(c, 1, n - 1);
        }
        else if (m == "shorten")
        {
            c.FromMemory.BufferLength -= (ULONG)(n / 3);
        }
        else if (m == "split" || m == "reversed")
        {
            a[m == "reversed"] = Part(c, 0, half);
            a[m == "split"] = Part(c, half, n - half);
            count = 2;
        }
        else if (m == "copy")
        {
            a[count++] = Memory("*", 1);
            a[count++] = c;
        }
        else if (m == "dup")
        {
            a[count++] = c;
        }
        else if (m == "twice")
        {
            a[count++] = c;
            a[count++] = c;
        }
        else if (m == "around")
        {
            a[count++] = Memory(Own(pHttpContext, '<'), 5000);
            a[count++] = c;
            a[count++] = Memory(Own(pHttpContext, '>'), 5000);
        }
        else if (m == "mixed")
        {
            a[count++] = Part(c, 0, half);
            a[count++] = Memory(Own(pHttpContext, '-'), 5000);
            a[count++] = Part(c, half, n - half);
            a[count++] = Memory("*", 1);
        }
        if (count)
        {
            pRaw->pEntityChunks = a;
            pRaw->EntityChunkCount = count;
        }
    }
    size_t m_piece, m_n, m_size;
    char m_letter;
    BOOL m_async;
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
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory,
                                                RQ_EXECUTE_REQUEST_HANDLER | RQ_SEND_RESPONSE, 0);
}
