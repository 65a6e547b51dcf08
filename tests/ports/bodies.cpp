// bodies: at the notifications that at= names (A.B.C) it does with the request's body what do= says: same, twice, some,
// changed, insert, split (a little at each, all of it put back at last=); nothing without them.  /iis: sends back what
// it reads.  read: says in X-Read how many bytes it read, over all.
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>
#include <string.h>
#include <string>

class CBodies : public CHttpModule
{
public:
    CBodies() : m_read(0) {}

#define AT_WITH(Name, Provider)                                                                                                     \
    REQUEST_NOTIFICATION_STATUS On##Name(IHttpContext *pContext, Provider *)                                           \
    {                                                                                                                  \
        return At(pContext, #Name);                                                                                    \
    }
#define AT(Name) AT_WITH(Name, IHttpEventProvider)
    AT(BeginRequest)
    AT(PostBeginRequest)
    AT_WITH(AuthenticateRequest, IAuthenticationProvider)
    AT(PostAuthenticateRequest)
    AT(AuthorizeRequest)
    AT(PostAuthorizeRequest)
    AT(ResolveRequestCache)
    AT(PostResolveRequestCache)
    AT_WITH(MapRequestHandler, IMapHandlerProvider)
    AT(PostMapRequestHandler)
    AT(AcquireRequestState)
    AT(PostAcquireRequestState)
    AT(PreExecuteRequestHandler)
    AT(PostPreExecuteRequestHandler)
    AT_WITH(MapPath, IMapPathProvider)
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        At(pContext, "ExecuteRequestHandler");
        if (strncmp(pContext->GetRequest()->GetRawHttpRequest()->pRawUrl, "/iis", 4))
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_body.clear();
        if (!ReadAll(pContext))
        {
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        HTTP_DATA_CHUNK chunk;
        DWORD cb = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)m_body.data();
        chunk.FromMemory.BufferLength = (ULONG)m_body.size();
        pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cb);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

private:
    std::string Arg(const char *name)
    {
        std::string key = std::string("&") + name + "=";
        size_t at = m_query.find(key);
        if (at == std::string::npos)
        {
            return "";
        }
        at += key.size();
        return m_query.substr(at, m_query.find('&', at) - at);
    }
    bool Read(IHttpContext *pContext, DWORD cbMost, DWORD *pcb)
    {
        char buffer[4000];
        *pcb = 0;
        HRESULT hr = pContext->GetRequest()->ReadEntityBody(buffer, cbMost < sizeof(buffer) ? cbMost : sizeof(buffer),
                                                            FALSE, pcb, NULL);
        m_body.append(buffer, *pcb);
        m_read += *pcb;
        return SUCCEEDED(hr) || hr == HRESULT_FROM_WIN32(ERROR_HANDLE_EOF);
    }
    bool ReadAll(IHttpContext *pContext)
    {
        DWORD cb;
        do
        {
            if (!Read(pContext, 4000, &cb))
            {
                return false;
            }
        } while (cb);
        return true;
    }
    void PutBack(IHttpContext *pContext, const std::string &text)
    {
        if (!text.empty())
        {
            void *pv = pContext->AllocateRequestMemory((DWORD)text.size());
            memcpy(pv, text.data(), text.size());
            pContext->GetRequest()->InsertEntityBody(pv, (DWORD)text.size());
        }
    }
    void SetLength(IHttpContext *pContext, size_t length)
    {
        char text[32];
        int n = snprintf(text, sizeof(text), "%zu", length);
        pContext->GetRequest()->SetHeader("Content-Length", text, (USHORT)n, TRUE);
    }
    void Do(IHttpContext *pContext, const char *name)
    {
        std::string what = Arg("do");
        DWORD cb;
        if (what == "same" && ReadAll(pContext))
        {
            PutBack(pContext, m_body);
        }
        else if (what == "twice" && ReadAll(pContext))
        {
            size_t half = m_body.size() / 2;
            PutBack(pContext, m_body.substr(half));
            PutBack(pContext, m_body.substr(0, half));
        }
        else if (what == "some" && Read(pContext, 7, &cb))
        {
            PutBack(pContext, m_body);
        }
        else if (what == "changed" && ReadAll(pContext))
        {
            pContext->GetRequest()->DeleteHeader("Content-Encoding");
            SetLength(pContext, 16);
            PutBack(pContext, "what it made of ");
        }
        else if (what == "insert")
        {
            SetLength(pContext, atol(Arg("length").c_str()));
            PutBack(pContext, "in front of ");
        }
        else if (what == "split" && Arg("last") == name && ReadAll(pContext))
        {
            PutBack(pContext, m_body);
        }
        else if (what == "split")
        {
            Read(pContext, 7, &cb);
            return;
        }
        m_body.clear();
    }
    REQUEST_NOTIFICATION_STATUS At(IHttpContext *pContext, const char *name)
    {
        if (m_query.empty())
        {
            PCSTR psz = strchr(pContext->GetRequest()->GetRawHttpRequest()->pRawUrl, '?');
            m_query = std::string("&") + (psz ? psz + 1 : "");
        }
        if (("." + Arg("at") + ".").find(std::string(".") + name + ".") != std::string::npos)
        {
            Do(pContext, name);
        }
        if (m_query.find("&read") != std::string::npos)
        {
            char text[32];
            int n = snprintf(text, sizeof(text), "%lu", (unsigned long)m_read);
            pContext->GetResponse()->SetHeader("X-Read", text, (USHORT)n, TRUE);
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
    std::string m_query, m_body;
    size_t m_read;
};

class CBodiesFactory : public IHttpModuleFactory
{
public:
    virtual ~CBodiesFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CBodies;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    const DWORD dwAll = RQ_BEGIN_REQUEST | RQ_AUTHENTICATE_REQUEST | RQ_AUTHORIZE_REQUEST | RQ_RESOLVE_REQUEST_CACHE |
                        RQ_MAP_REQUEST_HANDLER | RQ_ACQUIRE_REQUEST_STATE | RQ_PRE_EXECUTE_REQUEST_HANDLER;
    return pInfo->SetRequestNotifications(new CBodiesFactory, dwAll | RQ_MAP_PATH | RQ_EXECUTE_REQUEST_HANDLER, dwAll);
}
