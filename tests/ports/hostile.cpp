// hostile: does to a request and its response what a bad, or a tricked, module might do. The query string says what, each
// value percent-encoded, so that a test can send any byte through any method:
//   at=begin|execute|send do=<action> name= value= id=
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_fDone(FALSE) {}

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IN IHttpContext *pHttpContext, IN IHttpEventProvider *)
    {
        PCSTR pszQuery = strchr(pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl, '?');
        m_query = std::string("&") + (pszQuery ? pszQuery + 1 : "");
        return At(pHttpContext, "begin") && Arg("finish") == "1" ? RQ_NOTIFICATION_FINISH_REQUEST
                                                                : RQ_NOTIFICATION_CONTINUE;
    }
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext, IN IHttpEventProvider *)
    {
        At(pHttpContext, "execute");
        if (Arg("file") == "1" || Arg("do").empty())
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        if (Arg("read") == "1")
        {
            char buffer[64];
            DWORD cb = 0;
            while (SUCCEEDED(pHttpContext->GetRequest()->ReadEntityBody(buffer, sizeof(buffer), FALSE, &cb)) && cb)
            {
                Write(pHttpContext, std::string(buffer, cb));
            }
        }
        Write(pHttpContext, "probe\n");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IN IHttpContext *pHttpContext, IN ISendResponseProvider *)
    {
        At(pHttpContext, "send");
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    std::string Arg(const std::string &name)
    {
        std::string value;
        size_t at = m_query.find("&" + name + "=");
        if (at == std::string::npos)
        {
            return value;
        }
        for (at += name.size() + 2; at < m_query.size() && m_query[at] != '&'; at++)
        {
            if (m_query[at] == '%' && at + 2 < m_query.size())
            {
                value += (char)strtol(m_query.substr(at + 1, 2).c_str(), NULL, 16);
                at += 2;
            }
            else
            {
                value += m_query[at];
            }
        }
        return value;
    }
    void Write(IHttpContext *pHttpContext, const std::string &text)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent = 0;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text.data();
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
    }
    BOOL At(IHttpContext *pHttpContext, const char *where)
    {
        if (m_fDone || Arg("at") != where)
        {
            return FALSE;
        }
        m_fDone = TRUE;
        Act(pHttpContext);
        return TRUE;
    }

    // A module that keeps what GetHeader or the raw structure gave it, and writes there.
    static void Scribble(PCSTR pszBuffer, USHORT cch, const std::string &value)
    {
        if (pszBuffer)
        {
            memcpy((char *)pszBuffer, value.data(), value.size() < cch ? value.size() : cch);
        }
    }
    void Act(IHttpContext *pHttpContext)
    {
        IHttpResponse *pResponse = pHttpContext->GetResponse();
        IHttpRequest *pRequest = pHttpContext->GetRequest();
        std::string action = Arg("do"), name = Arg("name");
        m_value = Arg("value");
        PCSTR pszValue = m_value.c_str();
        USHORT cch = (USHORT)m_value.size();
        int id = atoi(Arg("id").c_str());

        if (action == "set")
        {
            pResponse->SetHeader(name.c_str(), pszValue, cch, Arg("append") != "1");
        }
        else if (action == "settwice")
        {
            pResponse->SetHeader(name.c_str(), pszValue, cch, FALSE);
            pResponse->SetHeader(name.c_str(), "7", 1, FALSE);
        }
        else if (action == "setid")
        {
            pResponse->SetHeader((HTTP_HEADER_ID)id, pszValue, cch, TRUE);
        }
        else if (action == "scribble")
        {
            USHORT cchOld = 0;
            std::string filler(cch, 'f');
            pResponse->SetHeader("X-Scribble", filler.c_str(), cch, TRUE);
            PCSTR pszOld = pResponse->GetHeader("X-Scribble", &cchOld);
            Scribble(pszOld, cchOld, m_value);
        }
        else if (action == "rawunknown")
        {
            std::string filler(cch, 'f');
            pResponse->SetHeader("X-Raw", filler.c_str(), cch, TRUE);
            HTTP_RESPONSE *pRaw = pResponse->GetRawHttpResponse();
            for (USHORT i = 0; i < pRaw->Headers.UnknownHeaderCount; i++)
            {
                HTTP_UNKNOWN_HEADER *pHeader = &pRaw->Headers.pUnknownHeaders[i];
                if (pHeader->NameLength == 5 && !memcmp(pHeader->pName, "X-Raw", 5))
                {
                    pHeader->pRawValue = pszValue;
                    pHeader->RawValueLength = cch;
                }
            }
        }
        else if (action == "rawknown")
        {
            HTTP_RESPONSE *pRaw = pResponse->GetRawHttpResponse();
            pRaw->Headers.KnownHeaders[id].pRawValue = pszValue;
            pRaw->Headers.KnownHeaders[id].RawValueLength = cch;
        }
        else if (action == "rawreason")
        {
            HTTP_RESPONSE *pRaw = pResponse->GetRawHttpResponse();
            pRaw->pReason = pszValue;
            pRaw->ReasonLength = cch;
        }
        else if (action == "reason")
        {
            pResponse->SetStatus(200, pszValue);
        }
        else if (action == "redirect")
        {
            pResponse->Redirect(pszValue, TRUE, Arg("query") == "1");
        }
        else if (action == "description")
        {
            std::wstring wide(m_value.begin(), m_value.end());
            pResponse->SetStatus(500, "Broken");
            pResponse->SetErrorDescription(wide.c_str(), (DWORD)wide.size(), Arg("html") == "1");
        }
        else if (action == "seturl")
        {
            pRequest->SetUrl(pszValue, cch, TRUE);
        }
        else if (action == "setwideurl")
        {
            std::wstring wide(m_value.begin(), m_value.end());
            pRequest->SetUrl(wide.c_str(), (DWORD)wide.size(), TRUE);
        }
        else if (action == "method")
        {
            pRequest->SetHttpMethod(pszValue);
        }
        else if (action == "request")
        {
            pRequest->SetHeader(name.c_str(), pszValue, cch, TRUE);
        }
        else if (action == "requestid")
        {
            pRequest->SetHeader((HTTP_HEADER_ID)id, pszValue, cch, TRUE);
        }
        else if (action == "requestdelete")
        {
            pRequest->DeleteHeader(name.c_str());
        }
        else if (action == "hostredirect")
        {
            pRequest->SetHeader("Host", pszValue, cch, TRUE);
            pResponse->Redirect("/next");
        }
        else if (action == "insert")
        {
            static char body[] = "inserted";
            pRequest->InsertEntityBody(body, 8);
        }
        else if (action == "variable")
        {
            std::wstring wide(m_value.begin(), m_value.end());
            pHttpContext->SetServerVariable(name.c_str(), wide.c_str());
        }
    }

    std::string m_query, m_value;
    BOOL m_fDone;
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
        RQ_BEGIN_REQUEST | RQ_EXECUTE_REQUEST_HANDLER | RQ_SEND_RESPONSE, 0);
}
