// objects: what the objects around a request are inside httpd, chosen by the query string: op=<name>. Answers are
// lines of name=value.
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <unistd.h>

static IHttpServer *g_pServer;
static HTTP_MODULE_ID g_id;
static LONG g_cleaned, g_disconnected, g_untold;

class CStored : public IHttpConnectionStoredContext
{
public:
    CStored(LONG *pUntold = NULL) : m_pUntold(pUntold), m_fTold(FALSE) {}
    virtual ~CStored() {}
    void CleanupStoredContext()
    {
        __sync_add_and_fetch(&g_cleaned, 1);
        if (m_pUntold && !m_fTold)
        {
            __sync_add_and_fetch(m_pUntold, 1);
        }
        delete this;
    }
    void NotifyDisconnect()
    {
        m_fTold = TRUE;
        __sync_add_and_fetch(&g_disconnected, 1);
    }

private:
    LONG *m_pUntold;
    BOOL m_fTold;
};

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_pChild(NULL), m_fReleaseLate(FALSE) {}
    ~CMyHttpModule()
    {
        // Too late: its parent is gone.
        if (m_fReleaseLate)
        {
            m_pChild->ReleaseClonedContext();
        }
    }

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        return Answer(pHttpContext);
    }

    // "early": where another handler is mapped.
    REQUEST_NOTIFICATION_STATUS OnPreExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        PCSTR pszQuery = NULL;
        DWORD cch;
        pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        return pszQuery && strstr(pszQuery, "&early") ? Answer(pHttpContext) : RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS Answer(IHttpContext *pHttpContext)
    {
        PCSTR pszQuery = NULL;
        DWORD cch;
        pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        m_query = pszQuery ? pszQuery : "";
        m_pContext = pHttpContext;
        m_pResponse = pHttpContext->GetResponse();
        std::string op = Arg("op");
        return op == "place" ? Place() : op == "file" ? File() : op == "count" ? Count() : op == "store" ? Store()
               : op == "trailer" ? Trailer() : op == "cache" ? Cache() : op == "fragment" ? Fragment()
               : op == "recycle" ? Recycle() : op == "child" ? Child() : op == "inner" ? Inner()
               : op == "cast" ? Cast() : op == "ids" ? Ids() : op == "certificate" ? Certificate() : RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pInfo)
    {
        return FAILED(pInfo->GetCompletionStatus()) ? RQ_NOTIFICATION_FINISH_REQUEST : ChildDone();
    }

private:
    std::string Arg(const char *name)
    {
        size_t at = m_query.find(std::string(name) + "=");
        return at == std::string::npos ? "" : m_query.substr(at + strlen(name) + 1, m_query.find('&', at)
                                                                                 - at - strlen(name) - 1);
    }
    void Write(const char *data, size_t size)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cb;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)data;
        chunk.FromMemory.BufferLength = (ULONG)size;
        m_pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb);
    }
    void Say(const char *name, const char *value)
    {
        std::string line = std::string(name) + "=" + value + "\n";
        Write(line.data(), line.size());
    }
    void Say(const char *name, PCWSTR value)
    {
        char text[512];
        snprintf(text, sizeof(text), "%ls", value);
        Say(name, text);
    }
    void Say(const char *name, unsigned long value)
    {
        char text[32];
        snprintf(text, sizeof(text), "%lu", value);
        Say(name, text);
    }

    REQUEST_NOTIFICATION_STATUS Place()
    {
        IHttpApplication *pApplication = m_pContext->GetApplication();
        IScriptMapInfo *pMap = NULL;
        WCHAR path[256];
        DWORD cb = sizeof(path);
        Say("site", m_pContext->GetSite()->GetSiteId());
        Say("id", pApplication->GetApplicationId());
        Say("config", pApplication->GetAppConfigPath());
        Say("root", pApplication->GetApplicationPhysicalPath());
        Say("handler", m_pContext->GetScriptMap()->GetName());
        Say("modules", m_pContext->GetScriptMap()->GetModules());
        if (SUCCEEDED(m_pContext->MapPath(L"/alias/x.txt", path, &cb)))
        {
            Say("alias", path);
        }
        cb = sizeof(path);
        if (SUCCEEDED(m_pContext->MapPath(L"/", path, &cb)))
        {
            Say("top", path);
        }
        if (SUCCEEDED(m_pContext->MapHandler(0, NULL, L"/file.txt", "GET", &pMap)))
        {
            Say("static", pMap->GetName());
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS File()
    {
        IHttpFileInfo *pFile = m_pContext->GetFileInfo();
        ULARGE_INTEGER size;
        if (!pFile)
        {
            Say("file", "none");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        pFile->GetSize(&size);
        Say("size", (unsigned long)size.QuadPart);
        Say("etag", pFile->GetETag());
        Say("modified", pFile->GetLastModifiedString());
        Say("frequent", m_pContext->GetUrlInfo()->IsFrequentlyHit());
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Count()
    {
        g_pServer->GetPerfCounterInfo()->IncrementCounter(5);
        Say("counted", 1);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Store()
    {
        IHttpConnectionModuleContextContainer *pContainer = m_pContext->GetConnection()->GetModuleContextContainer();
        if (Arg("plain") == "1")
        {
            IHttpModuleContextContainer *pPlain = pContainer;
            if (!pPlain->GetModuleContext(g_id))
            {
                pPlain->SetModuleContext(new CStored(&g_untold), g_id);
            }
        }
        else if (!pContainer->GetConnectionModuleContext(g_id))
        {
            pContainer->SetConnectionModuleContext(new CStored(&g_untold), g_id);
        }
        m_pContext->GetModuleContextContainer()->SetModuleContext(new CStored, g_id);
        Say("cleaned", g_cleaned);
        Say("untold", g_untold);
        Say("disconnected", g_disconnected);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Trailer()
    {
        IHttpResponse4 *pResponse = (IHttpResponse4 *)m_pResponse;
        DWORD cb;
        Write("body\n", 5);
        if (Arg("flush") == "1")
        {
            m_pResponse->Flush(FALSE, TRUE, &cb);
        }
        if (FAILED(pResponse->SetTrailer("X-Sum", "abc", 3, TRUE)))
        {
            Write("refused\n", 8);
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Cache()
    {
        static LONG n;
        HTTP_CACHE_POLICY *pPolicy = m_pResponse->GetCachePolicy()->GetUserCachePolicy();
        pPolicy->Policy = HttpCachePolicyTimeToLive;
        pPolicy->SecondsToLive = 60;
        Say("made", __sync_add_and_fetch(&n, 1));
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Fragment()
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cb;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)"fragment";
        chunk.FromMemory.BufferLength = 8;
        g_pServer->AddFragmentToCache(&chunk, L"f");
        if (!Arg("view").empty())
        {
            // The chunk of what was written becomes the fragment; view=gone: none that there is.
            Write("to be replaced", 14);
            HTTP_DATA_CHUNK *pChunk = m_pResponse->GetRawHttpResponse()->pEntityChunks;
            pChunk->DataChunkType = HttpDataChunkFromFragmentCache;
            pChunk->FromFragmentCache.pFragmentName = Arg("view") == "gone" ? L"gone" : L"f";
            pChunk->FromFragmentCache.FragmentNameLength =
                (USHORT)(wcslen(pChunk->FromFragmentCache.pFragmentName) * sizeof(WCHAR));
            if (Arg("view") == "flush")
            {
                m_pResponse->Flush(FALSE, TRUE, &cb);
                Write(" flushed", 8);
            }
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        chunk.DataChunkType = HttpDataChunkFromFragmentCache;
        chunk.FromFragmentCache.pFragmentName = L"f";
        chunk.FromFragmentCache.FragmentNameLength = sizeof(WCHAR);
        m_pResponse->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cb);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Recycle()
    {
        g_pServer->RecycleProcess(L"the test says so");
        Say("asked", 1);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Cast()
    {
        IHttpContext3 *pContext3 = NULL;
        IHttpServer2 *pServer2 = NULL;
        IHttpResponse *pNone = m_pResponse;
        Say("context3", SUCCEEDED(HttpGetExtendedInterface(g_pServer, m_pContext, &pContext3))
                        && pContext3 == (IHttpContext3 *)m_pContext);
        Say("server2", SUCCEEDED(HttpGetExtendedInterface(g_pServer, g_pServer, &pServer2)) && pServer2);
        Say("none", HttpGetExtendedInterface(g_pServer, m_pContext, &pNone) == E_NOINTERFACE && !pNone);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    void SayVariable(const char *name)
    {
        PCSTR pszValue = NULL;
        DWORD cch = 0;
        Say(name, SUCCEEDED(m_pContext->GetServerVariable(name, &pszValue, &cch)) ? pszValue : "unknown");
    }
    REQUEST_NOTIFICATION_STATUS Ids()
    {
        HTTP_REQUEST *pRaw = m_pContext->GetRequest()->GetRawHttpRequest();
        Say("request", (unsigned long)pRaw->RequestId);
        Say("connection", (unsigned long)pRaw->ConnectionId);
        Say("flags", pRaw->Flags);
        SayVariable("REQUEST_FLAGS");
        SayVariable("CONTENT_LENGTH");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS Certificate()
    {
        static const PCSTR names[] = {
            "CERT_COOKIE", "CERT_FLAGS", "CERT_ISSUER", "CERT_KEYSIZE", "CERT_SECRETKEYSIZE", "CERT_SERIALNUMBER",
            "CERT_SERVER_ISSUER", "CERT_SERVER_SUBJECT", "CERT_SUBJECT", "HTTPS", "HTTPS_KEYSIZE",
            "HTTPS_SECRETKEYSIZE", "HTTPS_SERVER_ISSUER", "HTTPS_SERVER_SUBJECT", "SERVER_PORT_SECURE"
        };
        HTTP_SSL_CLIENT_CERT_INFO *pInfo = NULL;
        HTTP_SSL_INFO *pSslInfo = m_pContext->GetRequest()->GetRawHttpRequest()->pSslInfo;
        BOOL fNegotiated = FALSE;
        HRESULT hr = m_pContext->GetRequest()->GetClientCertificate(&pInfo, &fNegotiated);
        Say("found", SUCCEEDED(hr) && pInfo);
        Say("notfound", hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND));
        Say("negotiated", fNegotiated);
        if (pInfo)
        {
            std::string hex;
            char pair[4];
            for (ULONG i = 0; i < pInfo->CertEncodedSize; i++)
            {
                snprintf(pair, sizeof(pair), "%02x", pInfo->pCertEncoded[i]);
                hex += pair;
            }
            Say("certflags", pInfo->CertFlags);
            Say("der", hex.c_str());
        }
        if (Arg("negotiate") == "1")
        {
            BOOL fPending = TRUE;
            hr = m_pContext->GetRequest()->NegotiateClientCertificate(FALSE, &fPending);
            Say("negotiate", hr == S_OK ? "ok" : hr == E_FAIL ? "fail" : "?");
            Say("pending", fPending);
        }
        Say("tls", pSslInfo != NULL);
        if (pSslInfo)
        {
            Say("serverkey", pSslInfo->ServerCertKeySize);
            Say("subject", pSslInfo->pServerCertSubject);
            Say("same", pSslInfo->pClientCertInfo == pInfo && !!pSslInfo->SslClientCertNegotiated == fNegotiated);
        }
        for (PCSTR name : names)
        {
            SayVariable(name);
        }
        Tls();
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    // What the connection is bound to, and the name that the client asked for.
    void Tls()
    {
        IHttpRequest2 *pRequest2 = NULL;
        IHttpServer3 *pServer3 = NULL;
        HTTP_REQUEST_PROPERTY_SNI sni;
        PBYTE pToken = NULL;
        DWORD cbToken = 0;
        std::string hex;
        HttpGetExtendedInterface(g_pServer, m_pContext->GetRequest(), &pRequest2);
        HttpGetExtendedInterface(g_pServer, g_pServer, &pServer3);
        if (pRequest2 && SUCCEEDED(pRequest2->GetChannelBindingToken(&pToken, &cbToken)))
        {
            for (DWORD i = 32; i < cbToken; i++)
            {
                char digits[3];
                snprintf(digits, sizeof(digits), "%02x", pToken[i]);
                hex += i < 53 ? std::string(1, (char)pToken[i]) : digits;
            }
        }
        Say("token", hex.c_str());
        if (pServer3 && SUCCEEDED(pServer3->QueryRequestProperty(
                m_pContext->GetRequest()->GetRawHttpRequest()->RequestId, HttpRequestPropertySni, NULL, 0, &sni,
                sizeof(sni), NULL, NULL)))
        {
            Say("sni", sni.Hostname);
        }
    }

    // op=child&url=/x&flags=n&how=...
    REQUEST_NOTIFICATION_STATUS Child()
    {
        std::string url = Arg("url"), how = Arg("how");
        DWORD flags = (DWORD)atoi(Arg("flags").c_str());
        BOOL fExpected = FALSE;
        for (size_t i = 0; i < url.size(); i++)
        {
            url[i] = url[i] == '!' ? '?' : url[i] == '*' ? '=' : url[i] == ';' ? '&' : url[i];
        }
        if (FAILED(m_pContext->CloneContext(CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS | CLONE_FLAG_NO_PRECONDITION
                                            | CLONE_FLAG_ENTITY, &m_pChild)))
        {
            Say("clone", "failed");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        m_pChild->GetRequest()->SetUrl(url.c_str(), (DWORD)url.size(), TRUE);
        m_pChild->GetRequest()->SetHeader("X-Child", "yes", 3, TRUE);
        if (how == "unused")
        {
            Say("released", m_pChild->ReleaseClonedContext() == S_OK);
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (how == "sync")
        {
            Say("refused", m_pContext->ExecuteRequest(FALSE, m_pChild, flags, NULL)
                           == HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
            m_fReleaseLate = TRUE;
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        if (how == "before")
        {
            Say("parent", "first");
        }
        HRESULT hr = m_pContext->ExecuteRequest(TRUE, m_pChild, flags, NULL, &fExpected);
        if (FAILED(hr))
        {
            Say("execute", hr == HRESULT_FROM_WIN32(ERROR_STACK_OVERFLOW) ? "too deep" : "failed");
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        return fExpected ? RQ_NOTIFICATION_PENDING : ChildDone();
    }
    REQUEST_NOTIFICATION_STATUS ChildDone()
    {
        std::string how = Arg("how");
        if (how == "read")
        {
            HTTP_RESPONSE *pRaw = m_pChild->GetResponse()->GetRawHttpResponse();
            std::string body;
            for (USHORT i = 0; i < pRaw->EntityChunkCount; i++)
            {
                HTTP_DATA_CHUNK *pChunk = &pRaw->pEntityChunks[i];
                if (pChunk->DataChunkType == HttpDataChunkFromMemory)
                {
                    body.append((char *)pChunk->FromMemory.pBuffer, pChunk->FromMemory.BufferLength);
                }
                else if (pChunk->DataChunkType == HttpDataChunkFromFileHandle)
                {
                    std::string part((size_t)pChunk->FromFileHandle.ByteRange.Length.QuadPart, '\0');
                    ssize_t n = pread(iis_fd_from_handle(pChunk->FromFileHandle.FileHandle), &part[0], part.size(),
                                      (off_t)pChunk->FromFileHandle.ByteRange.StartingOffset.QuadPart);
                    body.append(part.data(), n > 0 ? n : 0);
                }
            }
            Say("status", pRaw->StatusCode);
            Say("length", body.size());
            Say("body", body.c_str());
        }
        if (how == "twice")
        {
            Say("again", m_pContext->ExecuteRequest(TRUE, m_pChild, 0, NULL)
                         == HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
        }
        if (how != "forget")
        {
            m_pChild->ReleaseClonedContext();
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    // What a child sees; deep=1 goes on for ever.
    REQUEST_NOTIFICATION_STATUS Inner()
    {
        IHttpContext *pParent = m_pContext->GetParentContext();
        PCSTR pszChild = m_pContext->GetRequest()->GetHeader("X-Child");
        if (Arg("deep") == "1")
        {
            m_query = "url=/iis!op*inner;deep*1&how=&flags=0";
            return Child();
        }
        if (Arg("body") == "1")
        {
            char buffer[64];
            DWORD cb = 0;
            while (SUCCEEDED(m_pContext->GetRequest()->ReadEntityBody(buffer, sizeof(buffer), FALSE, &cb)) && cb)
            {
                Write(buffer, cb);
            }
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        m_pResponse->SetStatus(201, "Made");
        m_pResponse->SetHeader("X-Inner", "seen", 4, TRUE);
        Say("child", pParent != NULL);
        Say("root", m_pContext->GetRootContext() == pParent);
        Say("flags", m_pContext->GetExecuteFlags());
        Say("header", pszChild ? pszChild : "none");
        PCSTR pszValue = "";
        DWORD cch;
        m_pContext->GetServerVariable("SERVER_PORT", &pszValue, &cch);
        Say("port", pszValue);
        m_pContext->GetServerVariable("SERVER_PROTOCOL", &pszValue, &cch);
        Say("protocol", pszValue);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    std::string m_query;
    IHttpContext *m_pContext, *m_pChild;
    IHttpResponse *m_pResponse;
    BOOL m_fReleaseLate;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    virtual ~CMyHttpModuleFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule;
        return S_OK;
    }
    void Terminate()
    {
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *pGlobalInfo)
{
    g_pServer = pGlobalInfo;
    g_id = pModuleInfo->GetId();
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_PRE_EXECUTE_REQUEST_HANDLER | RQ_EXECUTE_REQUEST_HANDLER, 0);
}
