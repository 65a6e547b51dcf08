// mapped: answers wherever it is asked to execute the handler, with its name and the script map. X-Heard of the response
// has what it was told, by the name of IISModule: b: BeginRequest, e: ExecuteRequestHandler, p: its post-event. "pass=NAME"
// in the query string: NAME does not answer.
#include <windows.h>
#include <httpserv.h>
#include <string.h>
#include <string>

static std::string Narrow(PCWSTR pszText)
{
    std::string text;
    while (*pszText)
    {
        text += (char)*pszText++;
    }
    return text;
}

class CMapped : public CHttpModule
{
public:
    explicit CMapped(const std::string &name) : m_name(name) {}

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pContext, IHttpEventProvider *)
    {
        return Heard(pContext, "b:");
    }

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        PCSTR pszQuery = NULL;
        DWORD cch = 0, cbSent;
        Heard(pContext, "e:");
        pContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        if (pszQuery && strstr(pszQuery, ("pass=" + m_name).c_str()))
        {
            pContext->GetResponse()->SetHeader("X-Passed", m_name.c_str(), (USHORT)m_name.size(), TRUE);
            return RQ_NOTIFICATION_CONTINUE;
        }
        IScriptMapInfo *pMap = pContext->GetScriptMap();
        std::string text = m_name + " of " + Narrow(pMap->GetModules()) + " for " + pMap->GetAllowedVerbs() + "\n";
        HTTP_DATA_CHUNK chunk;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text.data();
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        pContext->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnPostExecuteRequestHandler(IHttpContext *pContext, IHttpEventProvider *)
    {
        return Heard(pContext, "p:");
    }

private:
    REQUEST_NOTIFICATION_STATUS Heard(IHttpContext *pContext, const char *pszWhat)
    {
        std::string word = pszWhat + m_name;
        pContext->GetResponse()->SetHeader("X-Heard", word.c_str(), (USHORT)word.size(), FALSE);
        return RQ_NOTIFICATION_CONTINUE;
    }

    std::string m_name;
};

class CMappedFactory : public IHttpModuleFactory
{
public:
    explicit CMappedFactory(PCWSTR pszName) : m_name(Narrow(pszName)) {}
    virtual ~CMappedFactory() {}
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMapped(m_name);
        return S_OK;
    }
    virtual void Terminate() { delete this; }

private:
    std::string m_name;
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return pInfo->SetRequestNotifications(new CMappedFactory(pInfo->GetName()),
                                          RQ_BEGIN_REQUEST | RQ_EXECUTE_REQUEST_HANDLER, RQ_EXECUTE_REQUEST_HANDLER);
}
