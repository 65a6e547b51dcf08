// attack: does what its URL says, "op=value&op=value...", in order. "at=begin", "at=send" ... say in which
// notification what follows is done; the first ones are of the handler. Values are percent-encoded.
//
//   put=WAY,KIND,SIZE   WAY copy, ref, file; KIND a letter, pattern, page (SIZE: its part, 0 to 2)
//   flush=HOW           sync, async, last (no more data), lastasync
//   status=CODE,REASON  set=N:V  add=N:V  del=N  redirect=URL  error=HEX  describe=  clear=  clearheaders=  suppress=
//   reset=  close=  disconnect=  handled=  read=N|all  insert=TEXT  method=M  sleep=MS  post=MS (PENDING until then)
//   ret=WHAT            continue, finish, or a number
//   edit=HOW            of the chunks in OnSendResponse: see Edit
//   seed=N              where in the pattern the body begins, in 4096
#include <windows.h>
#include <httpserv.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <vector>
#include <unistd.h>

static std::string g_pattern, g_pages[3];

// Each byte says where it is.
static BYTE PatternAt(size_t at)
{
    ULONG word = (ULONG)(at / 4 + 1) * 2654435761u;
    return (BYTE)(word >> (8 * (at % 4)));
}

static void MakePages()
{
    g_pattern.resize(9 << 20);
    for (size_t i = 0; i < g_pattern.size(); i++)
    {
        g_pattern[i] = (char)PatternAt(i);
    }
    for (int i = 0; i < 3; i++)
    {
        std::string number(1, (char)('1' + i));
        g_pages[i] = (i ? "" : "<html><body>\n") + std::string("<p>part ") + number + ": tick <!--#set var=\"v\" "
            "value=\"set" + number + "\"--><!--#echo var=\"v\"-->, <a href=\"http://inner.test/x\">there</a>.</p>\n";
        for (int k = 0; k < 20; k++)
        {
            g_pages[i] += "<p>A line of many that are the same, and good to compress.</p>\n";
        }
        g_pages[i] += i == 2 ? "</body></html>\n" : "";
    }
}

static std::string Decoded(const std::string &text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); i++)
    {
        if (text[i] == '%' && i + 2 < text.size())
        {
            out += (char)strtol(text.substr(i + 1, 2).c_str(), NULL, 16);
            i += 2;
        }
        else
        {
            out += text[i];
        }
    }
    return out;
}

struct OP { std::string name, value; };

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_parsed(false), m_pos(0), m_next(0), m_fd(-1), m_provider(NULL) {}
    virtual void Dispose()
    {
        if (m_fd >= 0)
        {
            close(m_fd);
        }
        delete this;
    }

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *p, IHttpEventProvider *pProvider)
    {
        return Begin(p, pProvider, "begin", RQ_NOTIFICATION_CONTINUE);
    }
    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext *p, IAuthenticationProvider *pProvider)
    {
        return Begin(p, pProvider, "auth", RQ_NOTIFICATION_CONTINUE);
    }
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *p, IHttpEventProvider *pProvider)
    {
        return Begin(p, pProvider, "execute", RQ_NOTIFICATION_FINISH_REQUEST);
    }
    REQUEST_NOTIFICATION_STATUS OnLogRequest(IHttpContext *p, IHttpEventProvider *pProvider)
    {
        return Begin(p, pProvider, "log", RQ_NOTIFICATION_CONTINUE);
    }
    REQUEST_NOTIFICATION_STATUS OnEndRequest(IHttpContext *p, IHttpEventProvider *pProvider)
    {
        return Begin(p, pProvider, "end", RQ_NOTIFICATION_CONTINUE);
    }
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext *p, ISendResponseProvider *)
    {
        Parse(p);
        if (m_stages.count("send"))
        {
            std::vector<OP> ops;
            ops.swap(m_stages["send"]);
            for (const OP &op : ops)
            {
                Do(p, op);
            }
        }
        Edit(p);
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *p, DWORD, BOOL, IHttpEventProvider *pProvider,
                                                  IHttpCompletionInfo *pInfo)
    {
        m_provider = pProvider;
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST : Run(p);
    }

private:
    void Parse(IHttpContext *p)
    {
        if (m_parsed)
        {
            return;
        }
        m_parsed = true;
        PCSTR url = p->GetRequest()->GetRawHttpRequest()->pRawUrl, query = strchr(url, '?');
        std::string text = query ? query + 1 : "", stage = "execute";
        for (size_t at = 0, end; at < text.size(); at = end + 1)
        {
            end = text.find('&', at);
            end = end == std::string::npos ? text.size() : end;
            std::string item = text.substr(at, end - at);
            size_t equals = item.find('=');
            OP op = { item.substr(0, equals), equals == std::string::npos ? "" : Decoded(item.substr(equals + 1)) };
            if (op.name == "at")
            {
                stage = op.value;
            }
            else if (op.name == "edit")
            {
                m_edit = op.value;
            }
            else if (op.name == "seed")
            {
                m_pos = (size_t)atoi(op.value.c_str()) * 4096;
            }
            else
            {
                m_stages[stage].push_back(op);
            }
        }
    }

    REQUEST_NOTIFICATION_STATUS Begin(IHttpContext *p, IHttpEventProvider *pProvider, const char *stage,
                                      REQUEST_NOTIFICATION_STATUS after)
    {
        Parse(p);
        if (!m_stages.count(stage))
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_provider = pProvider;
        m_ops.swap(m_stages[stage]);
        m_stages.erase(stage);
        m_next = 0;
        m_after = after;
        return Run(p);
    }

    REQUEST_NOTIFICATION_STATUS Run(IHttpContext *p)
    {
        while (m_next < m_ops.size())
        {
            const OP &op = m_ops[m_next++];
            if (op.name == "ret")
            {
                m_next = m_ops.size();
                return op.value == "continue" ? RQ_NOTIFICATION_CONTINUE
                     : op.value == "finish" ? RQ_NOTIFICATION_FINISH_REQUEST
                     : (REQUEST_NOTIFICATION_STATUS)atoi(op.value.c_str());
            }
            if (Do(p, op))
            {
                return RQ_NOTIFICATION_PENDING;
            }
        }
        return m_after;
    }

    // TRUE: a completion is to come.
    BOOL Do(IHttpContext *p, const OP &op)
    {
        IHttpResponse *pResponse = p->GetResponse();
        const std::string &v = op.value;
        size_t comma = v.find_first_of(op.name == "status" ? "," : ":");
        std::string first = v.substr(0, comma), rest = comma == std::string::npos ? "" : v.substr(comma + 1);
        if (op.name == "put") { Put(p, v); }
        else if (op.name == "flush") { return Flush(pResponse, v); }
        else if (op.name == "status") { pResponse->SetStatus((USHORT)atoi(first.c_str()), rest.c_str()); }
        else if (op.name == "set") { pResponse->SetHeader(first.c_str(), rest.data(), (USHORT)rest.size(), TRUE); }
        else if (op.name == "add") { pResponse->SetHeader(first.c_str(), rest.data(), (USHORT)rest.size(), FALSE); }
        else if (op.name == "del") { pResponse->DeleteHeader(v.c_str()); }
        else if (op.name == "redirect") { pResponse->Redirect(v.c_str()); }
        else if (op.name == "error") { m_provider->SetErrorStatus((HRESULT)strtoul(v.c_str(), NULL, 16)); }
        else if (op.name == "describe") { pResponse->SetErrorDescription(L"described", 9, TRUE); }
        else if (op.name == "clear") { pResponse->Clear(); }
        else if (op.name == "clearheaders") { pResponse->ClearHeaders(); }
        else if (op.name == "suppress") { pResponse->SuppressHeaders(); }
        else if (op.name == "reset") { pResponse->ResetConnection(); }
        else if (op.name == "close") { pResponse->CloseConnection(); }
        else if (op.name == "disconnect") { pResponse->SetNeedDisconnect(); }
        else if (op.name == "handled") { p->SetRequestHandled(); }
        else if (op.name == "method") { p->GetRequest()->SetHttpMethod(v.c_str()); }
        else if (op.name == "read") { Read(p, v); }
        else if (op.name == "insert") { Insert(p, v); }
        else if (op.name == "sleep") { usleep(atoi(v.c_str()) * 1000); }
        else if (op.name == "post") { return Post(p, atoi(v.c_str())); }
        return FALSE;
    }

    BOOL Post(IHttpContext *p, int ms)
    {
        std::thread([p, ms] { usleep(ms * 1000); p->PostCompletion(0); }).detach();
        return TRUE;
    }
    void Read(IHttpContext *p, const std::string &v)
    {
        char bytes[4096];
        DWORD cb = 0;
        DWORD most = v == "all" ? sizeof(bytes) : (DWORD)atoi(v.c_str());
        while (most && SUCCEEDED(p->GetRequest()->ReadEntityBody(bytes, most, FALSE, &cb)) && cb && v == "all")
        {
        }
    }
    void Insert(IHttpContext *p, const std::string &v)
    {
        void *pv = p->AllocateRequestMemory((DWORD)v.size());
        memcpy(pv, v.data(), v.size());
        p->GetRequest()->InsertEntityBody(pv, (DWORD)v.size());
    }

    BOOL Flush(IHttpResponse *pResponse, const std::string &how)
    {
        BOOL fAsync = how == "async" || how == "lastasync", fExpected = FALSE;
        DWORD cbSent = 0;
        HRESULT hr = pResponse->Flush(fAsync, how != "last" && how != "lastasync", &cbSent, &fExpected);
        return SUCCEEDED(hr) && fAsync && fExpected;
    }

    void Put(IHttpContext *p, const std::string &v)
    {
        size_t one = v.find(','), two = v.find(',', one + 1);
        std::string way = v.substr(0, one), kind = v.substr(one + 1, two - one - 1);
        size_t size = two == std::string::npos ? 0 : strtoul(v.c_str() + two + 1, NULL, 10), from = m_pos;
        HTTP_DATA_CHUNK chunk;
        memset(&chunk, 0, sizeof(chunk));
        m_kept.emplace_back(kind == "page" ? g_pages[size % 3]
            : kind == "pattern" ? g_pattern.substr(from % (5 << 20), size) : std::string(size, kind[0]));
        std::string &text = m_kept.back();
        m_pos += text.size();
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = &text[0];
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        if (way == "file")
        {
            ToFile(&chunk, text);
        }
        DWORD cbSent = 0;
        if (way == "ref")
        {
            p->GetResponse()->WriteEntityChunkByReference((HTTP_DATA_CHUNK *)memcpy(
                p->AllocateRequestMemory(sizeof(chunk)), &chunk, sizeof(chunk)), -1);
            return;
        }
        p->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
        std::fill(text.begin(), text.end(), '!');   // It was copied.
    }

    // The bytes become a piece in the middle of a file that has no name.
    void ToFile(HTTP_DATA_CHUNK *pChunk, const std::string &text)
    {
        char name[] = "/tmp/iisresp-attack-XXXXXX";
        if (m_fd < 0)
        {
            m_fd = mkstemp(name);
            unlink(name);
        }
        off_t at = lseek(m_fd, 0, SEEK_END);
        std::string all = "<before>" + text + "<after>";
        if (write(m_fd, all.data(), all.size()) != (ssize_t)all.size())
        {
            abort();
        }
        pChunk->DataChunkType = HttpDataChunkFromFileHandle;
        pChunk->FromFileHandle.ByteRange.StartingOffset.QuadPart = at + 8;
        pChunk->FromFileHandle.ByteRange.Length.QuadPart = text.size();
        pChunk->FromFileHandle.FileHandle = iis_handle_from_fd(m_fd);
    }

    // --- edits: what comes out does not depend on how the chunks are cut ---

    static ULONGLONG Size(const HTTP_DATA_CHUNK &c)
    {
        return c.DataChunkType == HttpDataChunkFromMemory ? c.FromMemory.BufferLength
             : c.DataChunkType == HttpDataChunkFromFileHandle ? c.FromFileHandle.ByteRange.Length.QuadPart : 0;
    }
    // The bytes from..from+n of a chunk.
    static HTTP_DATA_CHUNK Part(const HTTP_DATA_CHUNK &c, ULONGLONG from, ULONGLONG n)
    {
        HTTP_DATA_CHUNK part = c;
        if (c.DataChunkType == HttpDataChunkFromMemory)
        {
            part.FromMemory.pBuffer = (BYTE *)c.FromMemory.pBuffer + from;
            part.FromMemory.BufferLength = (ULONG)n;
        }
        else
        {
            part.FromFileHandle.ByteRange.StartingOffset.QuadPart += from;
            part.FromFileHandle.ByteRange.Length.QuadPart = n;
        }
        return part;
    }
    static HTTP_DATA_CHUNK Text(PCSTR psz)
    {
        HTTP_DATA_CHUNK c;
        memset(&c, 0, sizeof(c));
        c.DataChunkType = HttpDataChunkFromMemory;
        c.FromMemory.pBuffer = (PVOID)psz;
        c.FromMemory.BufferLength = (ULONG)strlen(psz);
        return c;
    }
    // Of the list the bytes from..to.
    static std::vector<HTTP_DATA_CHUNK> Cut(const std::vector<HTTP_DATA_CHUNK> &list, ULONGLONG from, ULONGLONG to)
    {
        std::vector<HTTP_DATA_CHUNK> cut;
        ULONGLONG at = 0;
        for (const HTTP_DATA_CHUNK &c : list)
        {
            ULONGLONG size = Size(c), begin = from > at ? from - at : 0, end = to - at < size ? to - at : size;
            if (to > at && begin < end)
            {
                cut.push_back(Part(c, begin, end - begin));
            }
            at += size;
        }
        return cut;
    }

    // The first bytes, each a chunk of its own.
    static std::vector<HTTP_DATA_CHUNK> Single(const std::vector<HTTP_DATA_CHUNK> &list, int many)
    {
        std::vector<HTTP_DATA_CHUNK> bytes, one;
        for (int i = 0; i < many && !(one = Cut(list, i, i + 1)).empty(); i++)
        {
            bytes.push_back(one[0]);
        }
        return bytes;
    }

    void Edit(IHttpContext *p)
    {
        HTTP_RESPONSE *pRaw = p->GetResponse()->GetRawHttpResponse();
        if (m_edit.empty() || !pRaw->EntityChunkCount)
        {
            return;
        }
        std::vector<HTTP_DATA_CHUNK> list(pRaw->pEntityChunks, pRaw->pEntityChunks + pRaw->EntityChunkCount), more;
        ULONGLONG size = 0;
        for (const HTTP_DATA_CHUNK &c : list)
        {
            size += Size(c);
        }
        if (!size || InView(pRaw))
        {
            return;
        }
        if (m_edit == "cut") { list = Cut(list, 1, size); }
        else if (m_edit == "split") { more = Cut(list, size / 2, size); list = Cut(list, 0, size / 2); }
        else if (m_edit == "dup") { more = list; }
        else if (m_edit == "turn") { more = Cut(list, 0, size / 2); list = Cut(list, size / 2, size); }
        else if (m_edit == "prefix") { list.insert(list.begin(), Text("<<")); }
        else if (m_edit == "suffix") { list.push_back(Text(">>")); }
        else if (m_edit == "bytes") { more = Cut(list, size < 50 ? size : 50, size); list = Single(list, 50); }
        list.insert(list.end(), more.begin(), more.end());
        pRaw->pEntityChunks = (HTTP_DATA_CHUNK *)p->AllocateRequestMemory((DWORD)((list.size() + 1) * sizeof(list[0])));
        memcpy(pRaw->pEntityChunks, list.data(), list.size() * sizeof(list[0]));
        pRaw->EntityChunkCount = (USHORT)list.size();
    }
    // Those that leave the server's own array where it is.
    bool InView(HTTP_RESPONSE *pRaw)
    {
        HTTP_DATA_CHUNK *first = pRaw->pEntityChunks, *last = first + pRaw->EntityChunkCount - 1;
        if (m_edit == "skip")
        {
            *first = Part(*first, 1, Size(*first) - 1);
        }
        else if (m_edit == "shorten")
        {
            *last = Part(*last, 0, Size(*last) - 1);
        }
        else if (m_edit == "inplace")
        {
            for (HTTP_DATA_CHUNK *c = first; c <= last; c++)
            {
                for (ULONG i = 0; c->DataChunkType == HttpDataChunkFromMemory && i < c->FromMemory.BufferLength; i++)
                {
                    ((BYTE *)c->FromMemory.pBuffer)[i] ^= 0x55;
                }
            }
        }
        else
        {
            return false;
        }
        return true;
    }

    bool m_parsed;
    size_t m_pos, m_next;
    int m_fd;
    IHttpEventProvider *m_provider;
    std::string m_edit;
    std::map<std::string, std::vector<OP>> m_stages;
    std::vector<OP> m_ops;
    std::deque<std::string> m_kept;
    REQUEST_NOTIFICATION_STATUS m_after;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    virtual ~CMyHttpModuleFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule;
        return S_OK;
    }
    virtual void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    MakePages();
    pModuleInfo->SetPriorityForRequestNotification(RQ_SEND_RESPONSE, PRIORITY_ALIAS_FIRST);
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_BEGIN_REQUEST | RQ_AUTHENTICATE_REQUEST
        | RQ_EXECUTE_REQUEST_HANDLER | RQ_LOG_REQUEST | RQ_END_REQUEST | RQ_SEND_RESPONSE, 0);
}
