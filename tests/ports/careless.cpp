// careless: what a module does without thinking. The query string says what: op=<name>
//   dispose, cleanup, named, url, meta, file, user   look at the request as it ends, there
//   keep      answers PENDING, is completed by a thread, and is remembered
//   later     completes all those a second time, and says how many were refused
//   deep      a custom notification from its own, for ever
//   status    answers with a number that is no status
//   thread    throws in a thread of its own
//   names     says under which names and ports it was reached
//   log       writes text= (percent-encoded) into field=ip|user|stem|query|method|host|agent|cookie|referer of the log
//   throw     throws what=std|int|nested out of at=<notification>; after=1: what has left is out already
#include <windows.h>
#include <httpserv.h>
#include <algorithm>
#include <pthread.h>
#include <stdexcept>
#include <stdio.h>
#include <string.h>
#include <string>
#include <unistd.h>
#include <vector>

static HTTP_MODULE_ID g_id;
static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static std::vector<IHttpContext *> g_kept;
static volatile LONG g_poked, g_deepest;
static HRESULT g_last;

// Everything that a look at a request may be.
static void Poke(IHttpContext *p)
{
    PCSTR psz;
    DWORD cch = 0, cb = 0;
    USHORT n;
    BOOL f;
    BYTE buffer[8];
    WCHAR path[300];
    IHttpContext *clone = NULL;
    IHttpRequest *request = p->GetRequest();
    IHttpResponse *response = p->GetResponse();
    HTTP_DATA_CHUNK chunk = {};

    request->GetHeader("Host", &n);
    request->SetHeader("X-A", "1", 1, TRUE);
    request->GetRawHttpRequest();
    request->ReadEntityBody(buffer, sizeof(buffer), FALSE, &cb, &f);
    request->GetRemoteAddress();
    p->GetServerVariable("REMOTE_ADDR", &psz, &cch);
    p->SetServerVariable("MINE", L"x");
    if (p->GetUser())
    {
        p->GetUser()->GetUserName();
    }
    response->GetStatus(&n);
    response->SetStatus(404, "Gone");
    response->GetHeader("X", &n);
    response->SetHeader("X", "1", 1, TRUE);
    chunk.DataChunkType = HttpDataChunkFromMemory;
    chunk.FromMemory.pBuffer = buffer;
    chunk.FromMemory.BufferLength = 1;
    response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb);
    response->Flush(FALSE, TRUE, &cb);
    response->Flush(TRUE, TRUE, &cb, &f);
    p->GetScriptName(&cch);
    p->GetPhysicalPath(&cch);
    cb = sizeof(path);
    p->MapPath(L"/a", path, &cb);
    p->GetUrlInfo();
    p->GetMetadata();
    p->GetFileInfo();
    p->GetScriptMap();
    p->GetTraceContext()->QuickTrace(L"x", L"y");
    p->AllocateRequestMemory(10);
    p->GetModuleContextContainer()->GetModuleContext(g_id);
    p->CloneContext(0, &clone);
    p->IndicateCompletion(RQ_NOTIFICATION_CONTINUE);
    p->PostCompletion(1);
    InterlockedIncrement(&g_poked);
}

class CStored : public IHttpStoredContext
{
public:
    CStored(IHttpContext *p) : m_p(p) {}
    virtual ~CStored() {}
    void CleanupStoredContext()
    {
        Poke(m_p);
        delete this;
    }
    IHttpContext *m_p;
};

class CUser : public IHttpUser
{
public:
    CUser(IHttpContext *p) : m_p(p), m_refs(1) {}
    virtual ~CUser() {}
    PCWSTR GetRemoteUserName() { return L"jo"; }
    PCWSTR GetUserName() { return L"jo"; }
    PCWSTR GetAuthenticationType() { return L"Basic"; }
    PCWSTR GetPassword() { return L""; }
    HANDLE GetImpersonationToken() { return NULL; }
    HANDLE GetPrimaryToken() { return NULL; }
    void ReferenceUser() { InterlockedIncrement(&m_refs); }
    void DereferenceUser()
    {
        if (!InterlockedDecrement(&m_refs))
        {
            Poke(m_p);
            delete this;
        }
    }
    BOOL SupportsIsInRole() { return FALSE; }
    HRESULT IsInRole(PCWSTR, BOOL *) { return E_NOTIMPL; }
    PVOID GetUserVariable(PCSTR) { return NULL; }
    IHttpContext *m_p;
    volatile LONG m_refs;
};

class CProvider : public ICustomNotificationProvider
{
public:
    PCWSTR QueryNotificationType() { return L"careless"; }
    void SetErrorStatus(HRESULT) {}
    virtual ~CProvider() {}
};

static void *Complete(void *p)
{
    static_cast<IHttpContext *>(p)->PostCompletion(0);
    return NULL;
}

static void *ThrowAlone(void *)
{
    throw std::runtime_error("nobody catches it");
}

struct COdd
{
    int n;
};

class CCareless : public CHttpModule
{
public:
    CCareless() : m_p(NULL), m_deep(0) {}
    ~CCareless()
    {
        if (m_op == "dispose")
        {
            Poke(m_p);
        }
    }

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *p, IHttpEventProvider *)
    {
        PCSTR query = strchr(p->GetRequest()->GetRawHttpRequest()->pRawUrl, '?');

        m_p = p;
        m_query = std::string("&") + (query ? query + 1 : "");
        m_op = Arg("op");
        Throw("begin");
        Store(p);
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext *p, IAuthenticationProvider *provider)
    {
        if (m_op == "user")
        {
            provider->SetUser(new CUser(p));
        }
        Throw("authenticate");
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *p, IHttpEventProvider *)
    {
        if (m_op.empty())
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        p->GetResponse()->SetHeader("Content-Type", "text/plain", 10, TRUE);
        if (m_op == "keep")
        {
            pthread_t thread;
            pthread_mutex_lock(&g_lock);
            g_kept.push_back(p);
            pthread_mutex_unlock(&g_lock);
            pthread_create(&thread, NULL, Complete, p);
            pthread_detach(thread);
            return RQ_NOTIFICATION_PENDING;
        }
        if (Arg("after") == "1")
        {
            Write("begun\n");
            p->GetResponse()->Flush(FALSE, TRUE, NULL);
        }
        Throw("execute");
        if (Arg("at") == "completion" || Arg("at") == "callback")
        {
            if (Arg("at") == "completion")
            {
                p->PostCompletion(0);
            }
            return Arg("at") == "completion" ? RQ_NOTIFICATION_PENDING : FlushAndThrow(p);
        }
        if (m_op == "deep")
        {
            Deep(p);
        }
        if (m_op == "thread")
        {
            pthread_t thread;
            pthread_create(&thread, NULL, ThrowAlone, NULL);
            pthread_join(thread, NULL);
        }
        Write(m_op == "later" ? Later() : m_op == "names" ? Names(p) : Said());
        return m_op == "status" ? (REQUEST_NOTIFICATION_STATUS)99 : RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *)
    {
        Throw("completion");
        Write("kept\n");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext *, ISendResponseProvider *provider)
    {
        Throw("send");
        if (m_op == "log" && provider->GetReadyToLogData())
        {
            EditLog(reinterpret_cast<HTTP_LOG_FIELDS_DATA *>(provider->GetLogData()));
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnLogRequest(IHttpContext *, IHttpEventProvider *)
    {
        Throw("log");
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnEndRequest(IHttpContext *, IHttpEventProvider *)
    {
        Throw("end");
        return RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnCustomRequestNotification(IHttpContext *p, ICustomNotificationProvider *)
    {
        Deep(p);
        return RQ_NOTIFICATION_CONTINUE;
    }
    void Dispose()
    {
        bool fThrow = Arg("at") == "dispose";

        delete this;
        if (fThrow)
        {
            throw std::runtime_error("out of Dispose");
        }
    }

private:
    std::string Arg(const char *name)
    {
        size_t at = m_query.find(std::string("&") + name + "=");

        if (at == std::string::npos)
        {
            return "";
        }
        at += strlen(name) + 2;
        return m_query.substr(at, m_query.find('&', at) - at);
    }
    void Throw(const char *at)
    {
        if (m_op != "throw" || Arg("at") != at)
        {
            return;
        }
        if (Arg("what") == "int")
        {
            throw 42;
        }
        if (Arg("what") == "odd")
        {
            throw COdd();
        }
        throw std::runtime_error("careless\nhere");
    }
    static REQUEST_NOTIFICATION_STATUS WINAPI Called(IHttpContext3 *, IHttpCompletionInfo2 *, void *)
    {
        throw std::runtime_error("out of a callback");
    }
    REQUEST_NOTIFICATION_STATUS FlushAndThrow(IHttpContext *p)
    {
        BOOL fExpected = FALSE;
        IHttpResponse2 *response = static_cast<IHttpResponse2 *>(p->GetResponse());

        Write("begun\n");
        response->Flush(TRUE, TRUE, Called, NULL, NULL, &fExpected);
        return fExpected ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_FINISH_REQUEST;
    }
    void Store(IHttpContext *p)
    {
        IHttpModuleContextContainer *in = m_op == "cleanup" ? p->GetModuleContextContainer()
                                          : m_op == "url" ? p->GetUrlInfo()->GetModuleContextContainer()
                                          : m_op == "meta" ? p->GetMetadata()->GetModuleContextContainer() : NULL;
        IHttpContext3 *p3 = NULL;

        if (m_op == "named")
        {
            p3 = static_cast<IHttpContext3 *>(p);
            p3->GetNamedContextContainer()->SetNamedContext(new CStored(p), L"careless");
        }
        if (in && !in->GetModuleContext(g_id))
        {
            in->SetModuleContext(new CStored(p), g_id);
        }
    }
    void Deep(IHttpContext *p)
    {
        CProvider provider;
        BOOL fExpected = FALSE;

        m_deep++;
        g_deepest = m_deep > g_deepest ? m_deep : (LONG)g_deepest;
        HRESULT hr = p->NotifyCustomNotification(&provider, &fExpected);
        g_last = m_deep == g_deepest ? hr : g_last;
        m_deep--;
    }
    static std::string Decoded(const std::string &from)
    {
        std::string to;

        for (size_t i = 0; i < from.size(); i++)
        {
            to += from[i] == '%' ? (char)strtol(from.substr(i + 1, 2).c_str(), NULL, 16) : from[i];
            i += from[i] == '%' ? 2 : 0;
        }
        return to;
    }
    void EditLog(HTTP_LOG_FIELDS_DATA *log)
    {
        static char text[1000];
        static WCHAR wide[1000];
        std::string field = Arg("field"), value = Decoded(Arg("text"));
        struct
        {
            const char *name;
            PCHAR *text;
            USHORT *length;
        } fields[] = {{"ip", &log->ClientIp, &log->ClientIpLength}, {"query", &log->UriQuery, &log->UriQueryLength},
                      {"method", &log->Method, &log->MethodLength}, {"host", &log->Host, &log->HostLength},
                      {"agent", &log->UserAgent, &log->UserAgentLength}, {"cookie", &log->Cookie, &log->CookieLength},
                      {"referer", &log->Referrer, &log->ReferrerLength}};

        strcpy(text, value.c_str());
        std::copy(value.begin(), value.end() + 1, wide);
        for (auto &f : fields)
        {
            if (field == f.name)
            {
                *f.text = text;
                *f.length = (USHORT)value.size();
            }
        }
        if (field == "user" || field == "stem")
        {
            *(field == "user" ? &log->UserName : &log->UriStem) = wide;
            *(field == "user" ? &log->UserNameLength : &log->UriStemLength) =
                (USHORT)(value.size() * sizeof(WCHAR));
        }
    }
    std::string Names(IHttpContext *p)
    {
        static const PCSTR names[] = {"SERVER_NAME", "SERVER_PORT", "INSTANCE_NAME", "CACHE_URL"};
        std::string text;

        for (PCSTR name : names)
        {
            PCSTR psz = "";
            DWORD cch;
            p->GetServerVariable(name, &psz, &cch);
            text += std::string(psz) + " ";
        }
        HTTP_COOKED_URL *cooked = &p->GetRequest()->GetRawHttpRequest()->CookedUrl;
        for (USHORT i = 0; i < cooked->HostLength / sizeof(WCHAR); i++)
        {
            text += (char)cooked->pHost[i];
        }
        return text + "\n";
    }
    std::string Said()
    {
        char text[100];

        snprintf(text, sizeof(text), "poked %d, deepest %d, %08X, pid %d\n", (int)g_poked, (int)g_deepest - 1,
                 (unsigned)g_last, (int)getpid());
        return text;
    }
    std::string Later()
    {
        char text[100];
        int refused = 0, n = 0;

        pthread_mutex_lock(&g_lock);
        for (IHttpContext *p : g_kept)
        {
            n++;
            p->IndicateCompletion(RQ_NOTIFICATION_FINISH_REQUEST);
            refused += p->PostCompletion(7) == HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
        }
        pthread_mutex_unlock(&g_lock);
        snprintf(text, sizeof(text), "%d of %d refused\n", refused, n);
        return text;
    }
    void Write(const std::string &text)
    {
        HTTP_DATA_CHUNK chunk = {};
        DWORD cb = 0;
        void *copy = m_p->AllocateRequestMemory((DWORD)text.size());

        memcpy(copy, text.data(), text.size());
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = copy;
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        m_p->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb);
    }

    IHttpContext *m_p;
    std::string m_query, m_op;
    int m_deep;
};

class CFactory : public IHttpModuleFactory
{
public:
    virtual ~CFactory() {}
    HRESULT GetHttpModule(CHttpModule **pp, IModuleAllocator *)
    {
        *pp = new CCareless;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *p, IHttpServer *)
{
    g_id = p->GetId();
    // Log data is for those of HIGH.
    p->SetPriorityForRequestNotification(RQ_SEND_RESPONSE, PRIORITY_ALIAS_HIGH);
    return p->SetRequestNotifications(new CFactory, RQ_BEGIN_REQUEST | RQ_AUTHENTICATE_REQUEST
                                      | RQ_EXECUTE_REQUEST_HANDLER | RQ_SEND_RESPONSE | RQ_LOG_REQUEST
                                      | RQ_END_REQUEST | RQ_CUSTOM_NOTIFICATION, 0);
}
