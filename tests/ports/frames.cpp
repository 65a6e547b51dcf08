// frames: answers of every status and framing, chosen by the query string: op=<name>&status=...&how=...&size=...
// how: buffered, flushed (half, Flush, the rest) or async.  What calls said is in "X-..." fields where the head has
// not left, in "notes" of the folder where it has.
#define _CRT_SECURE_NO_WARNINGS
#include <windows.h>
#include <httpserv.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <unistd.h>
#include <vector>

class CFrames : public CHttpModule
{
public:
    CFrames() : m_pResponse(NULL), m_part(0) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR pszQuery = "";
        DWORD cch = 0;
        pContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        m_query = std::string("&") + pszQuery;
        m_pResponse = pContext->GetResponse();
        m_how = Arg("how", "buffered");
        std::string op = Arg("op", "");
        return op == "answer" ? Answer(pContext)
            : op == "framed" ? Framed(pContext)
            : op == "late" ? Late()
            : op == "gone" ? Gone()
            : op == "error" ? Error()
            : op == "sent" ? Sent(pContext)
            : op == "broken" ? Broken() : RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR pszUrl = pContext->GetRequest()->GetRawHttpRequest()->pRawUrl;
        PCSTR psz = pszUrl ? strstr(pszUrl, "method=") : NULL;
        if (psz)
        {
            pContext->GetRequest()->SetHttpMethod(psz + 7);
        }
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *pContext, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        Note("completed %08lX %lu\n", (long)pInfo->GetCompletionStatus(), (long)pInfo->GetCompletionBytes());
        return SUCCEEDED(pInfo->GetCompletionStatus()) ? Go(pContext) : RQ_NOTIFICATION_FINISH_REQUEST;
    }

private:
    std::string Arg(const char *name, const char *fallback)
    {
        std::string key = std::string("&") + name + "=";
        size_t at = m_query.find(key);
        if (at == std::string::npos)
        {
            return fallback;
        }
        size_t start = at + key.size(), end = m_query.find('&', start);
        std::string value = m_query.substr(start, end == std::string::npos ? end : end - start), out;
        for (size_t i = 0; i < value.size(); i++)
        {
            if (value[i] == '%' && i + 2 < value.size())
            {
                out += (char)strtol(value.substr(i + 1, 2).c_str(), NULL, 16);
                i += 2;
            }
            else
            {
                out += value[i];
            }
        }
        return out;
    }
    int Number(const char *name, int fallback)
    {
        std::string value = Arg(name, "");
        return value.empty() ? fallback : atoi(value.c_str());
    }
    void Note(const char *format, long first, long second)
    {
        char szLine[100];
        snprintf(szLine, sizeof(szLine), format, first & 0xFFFFFFFFL, second);
        int fd = open(Arg("notes", "/dev/null").c_str(), O_WRONLY | O_APPEND);
        if (fd >= 0)
        {
            if (write(fd, szLine, strlen(szLine)) < 0)
            {
                abort();
            }
            close(fd);
        }
    }
    void Tell(const char *pszName, HRESULT hr)
    {
        char szValue[16];
        snprintf(szValue, sizeof(szValue), "%08X", (unsigned)hr);
        m_pResponse->SetHeader(pszName, szValue, 8, TRUE);
    }
    HRESULT Write(const std::string &text)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text.data();
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        return m_pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
    }
    // A file that is open only for this call.
    HRESULT WriteFileChunk(const std::string &text)
    {
        char szName[] = "/tmp/frames-XXXXXX";
        int fd = mkstemp(szName);
        unlink(szName);
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 0;
        chunk.DataChunkType = HttpDataChunkFromFileHandle;
        chunk.FromFileHandle.FileHandle = iis_handle_from_fd(fd);
        chunk.FromFileHandle.ByteRange.StartingOffset.QuadPart = 0;
        chunk.FromFileHandle.ByteRange.Length.QuadPart = text.size();
        HRESULT hr = write(fd, text.data(), text.size()) == (ssize_t)text.size()
            ? m_pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent) : E_FAIL;
        close(fd);
        return hr;
    }
    REQUEST_NOTIFICATION_STATUS Fail(HRESULT hr)
    {
        Note("failed %08lX\n", (long)hr, 0);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // The parts, one a flush where it is not buffered.
    REQUEST_NOTIFICATION_STATUS Go(IHttpContext *)
    {
        while (m_part < m_parts.size())
        {
            const std::string &part = m_parts[m_part++];
            BOOL fAsync = m_how == "async", fExpected = FALSE;
            DWORD cbSent = 0;
            HRESULT hr = Arg("kind", "memory") == "file" ? WriteFileChunk(part) : Write(part);
            if (SUCCEEDED(hr) && m_how != "buffered")
            {
                hr = m_pResponse->Flush(fAsync, m_part < m_parts.size(), &cbSent, &fExpected);
            }
            if (FAILED(hr))
            {
                return Fail(hr);
            }
            if (fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // status, raw=1 through the raw response; size bytes of body; length= declares another.
    REQUEST_NOTIFICATION_STATUS Answer(IHttpContext *pContext)
    {
        int size = Number("size", 0), status = Number("status", 200);
        m_pResponse->SetHeader("Content-Type", "text/plain", 10, TRUE);
        if (Number("raw", 0))
        {
            m_pResponse->SetStatus(203, "Before");
            m_pResponse->GetRawHttpResponse()->StatusCode = (USHORT)status;
        }
        else if (status)
        {
            Tell("X-SetStatus", m_pResponse->SetStatus((USHORT)status, ""));
        }
        if (!Arg("length", "").empty())
        {
            std::string length = Arg("length", "");
            m_pResponse->SetHeader("Content-Length", length.c_str(), (USHORT)length.size(), TRUE);
        }
        m_parts.push_back(std::string(size / 2, 'b'));
        m_parts.push_back(std::string(size - size / 2, 'b'));
        return Go(pContext);
    }
    // Frames its body itself: parts=5%0d%0ahello%0d%0a|...
    REQUEST_NOTIFICATION_STATUS Framed(IHttpContext *pContext)
    {
        std::string parts = Arg("parts", ""), encoding = Arg("te", "chunked"), length = Arg("length", "");
        m_pResponse->SetHeader("Transfer-Encoding", encoding.c_str(), (USHORT)encoding.size(), TRUE);
        if (!length.empty())
        {
            m_pResponse->SetHeader("Content-Length", length.c_str(), (USHORT)length.size(), TRUE);
        }
        for (size_t at = 0, end = 0; end != std::string::npos; at = end + 1)
        {
            end = parts.find('|', at);
            m_parts.push_back(parts.substr(at, end == std::string::npos ? end : end - at));
        }
        for (int big = Number("big", 0); big > 0; big--)
        {
            m_parts.insert(m_parts.begin(), "10000;ext=1\r\n" + std::string(65536, 'B') + "\r\n");
        }
        return Go(pContext);
    }
    // What no longer changes anything.
    REQUEST_NOTIFICATION_STATUS Late()
    {
        std::string what = Arg("what", "");
        USHORT status = 0;
        DWORD cbSent;
        if (Number("status", 0))
        {
            m_pResponse->SetStatus((USHORT)Number("status", 0), "Early");
        }
        Write("sent ");
        m_pResponse->Flush(FALSE, TRUE, &cbSent);
        Write("unsent ");
        HRESULT hr = S_OK;
        if (what == "redirect")
        {
            hr = m_pResponse->Redirect("/x");
        }
        else if (what == "clear")
        {
            m_pResponse->Clear();
        }
        else if (what == "clearheaders")
        {
            m_pResponse->ClearHeaders();
        }
        else if (what == "raw")
        {
            m_pResponse->GetRawHttpResponse()->StatusCode = 418;
        }
        else
        {
            hr = m_pResponse->SetStatus(503, "Late");
        }
        m_pResponse->GetStatus(&status);
        char szLine[40];
        snprintf(szLine, sizeof(szLine), "%08X %d", (unsigned)hr, status);
        Write(szLine);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // A status and an end of the connection, in either order.
    REQUEST_NOTIFICATION_STATUS Gone()
    {
        std::string order = Arg("order", "sr");
        DWORD cbSent;
        for (size_t i = 0; i < order.size(); i++)
        {
            switch (order[i])
            {
            case 's':
                m_pResponse->SetStatus(403, "Refused", 7);
                break;
            case 'r':
                m_pResponse->ResetConnection();
                break;
            case 'c':
                m_pResponse->CloseConnection();
                break;
            case 'f':
                m_pResponse->Flush(FALSE, TRUE, &cbSent);
                break;
            default:
                Write("body");
            }
        }
        USHORT status = 0;
        m_pResponse->GetStatus(&status);
        Note("status %ld\n", status, 0);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Error()
    {
        if (Arg("server", "") == "own")
        {
            m_pResponse->SetHeader("Server", "Own/1", 5, TRUE);
        }
        else
        {
            m_pResponse->DeleteHeader("Server");
        }
        m_pResponse->SetStatus((USHORT)Number("status", 404), "");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // What Flush says that it sent; of an asynchronous one the completion tells.
    REQUEST_NOTIFICATION_STATUS Sent(IHttpContext *)
    {
        std::string length = Arg("length", "");
        DWORD cbSent = 99;
        BOOL fExpected = FALSE;
        if (!length.empty())
        {
            m_pResponse->SetHeader("Content-Length", length.c_str(), (USHORT)length.size(), TRUE);
        }
        Write("0123456789");
        HRESULT hr = m_pResponse->Flush(m_how == "async", TRUE, &cbSent, &fExpected);
        if (fExpected)
        {
            return RQ_NOTIFICATION_PENDING;
        }
        Note("flushed %08lX %lu\n", (long)hr, (long)cbSent);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // A flush that fails: the file is closed meanwhile.  after=1: when the head has left.
    REQUEST_NOTIFICATION_STATUS Broken()
    {
        char szName[] = "/tmp/frames-XXXXXX";
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 99;
        int fd = mkstemp(szName);
        unlink(szName);
        m_pResponse->SetHeader("X-Own", "1", 1, TRUE);
        if (Number("after", 0))
        {
            Write("begun");
            m_pResponse->Flush(FALSE, TRUE, &cbSent);
        }
        chunk.DataChunkType = HttpDataChunkFromFileHandle;
        chunk.FromFileHandle.FileHandle = iis_handle_from_fd(fd);
        chunk.FromFileHandle.ByteRange.StartingOffset.QuadPart = 0;
        chunk.FromFileHandle.ByteRange.Length.QuadPart = 10;
        m_pResponse->WriteEntityChunkByReference(&chunk, -1);
        close(fd);
        if (m_how != "buffered")
        {
            BOOL fExpected = FALSE;
            HRESULT hr = m_pResponse->Flush(m_how == "async", TRUE, &cbSent, &fExpected);
            Note("flushed %08lX %lu\n", (long)hr, (long)cbSent);
            return fExpected ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    IHttpResponse *m_pResponse;
    std::string m_query, m_how;
    std::vector<std::string> m_parts;
    size_t m_part;
};

class CFramesFactory : public IHttpModuleFactory
{
public:
    virtual ~CFramesFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CFrames;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return pInfo->SetRequestNotifications(new CFramesFactory, RQ_BEGIN_REQUEST | RQ_EXECUTE_REQUEST_HANDLER, 0);
}
