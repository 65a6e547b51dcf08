// order: writes the name of each notification into a file that the request's X-Trace-File names. One .so serves under
// several names; a name such as "first" or "low" is also its priority.
#include <windows.h>
#include <httpserv.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <string>
#include <unistd.h>

class CMyHttpModule : public CHttpModule
{
public:
    explicit CMyHttpModule(const std::string &name) : m_name(name) {}

    void Dispose()
    {
        Trace("Dispose");
        delete this;
    }

#define TRACED(event) \
    REQUEST_NOTIFICATION_STATUS On##event(IHttpContext *pHttpContext, IHttpEventProvider *) \
    { \
        return Step(pHttpContext, #event); \
    }
    TRACED(BeginRequest)
    TRACED(PostBeginRequest)
    TRACED(ExecuteRequestHandler)
    TRACED(PostExecuteRequestHandler)
    TRACED(LogRequest)
    TRACED(PostLogRequest)
    TRACED(EndRequest)
    TRACED(PostEndRequest)
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext *pHttpContext, ISendResponseProvider *)
    {
        return Step(pHttpContext, "SendResponse");
    }

private:
    // X-Finish: <name>.<event> makes that notification finish the request; X-Write writes and flushes there.
    REQUEST_NOTIFICATION_STATUS Step(IHttpContext *pHttpContext, const char *event)
    {
        IHttpRequest *pRequest = pHttpContext->GetRequest();
        PCSTR pszFile = pRequest->GetHeader("X-Trace-File");
        PCSTR pszFinish = pRequest->GetHeader("X-Finish"), pszWrite = pRequest->GetHeader("X-Write");
        std::string here = m_name + "." + event;

        m_file = pszFile ? pszFile : "";
        Trace(event);
        if (pszWrite && here == pszWrite)
        {
            HTTP_DATA_CHUNK chunk;
            DWORD cbSent = 0;
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = (PVOID)"written\n";
            chunk.FromMemory.BufferLength = 8;
            pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent);
            pHttpContext->GetResponse()->Flush(FALSE, TRUE, &cbSent);
        }
        return pszFinish && here == pszFinish ? RQ_NOTIFICATION_FINISH_REQUEST : RQ_NOTIFICATION_CONTINUE;
    }
    void Trace(const char *event)
    {
        std::string line = m_name + "." + event + " ";
        int fd = m_file.empty() ? -1 : open(m_file.c_str(), O_WRONLY | O_APPEND);
        if (fd >= 0)
        {
            ssize_t written = write(fd, line.data(), line.size());
            UNREFERENCED_PARAMETER(written);
            close(fd);
        }
    }

    std::string m_name, m_file;
};

class CMyHttpModuleFactory : public IHttpModuleFactory
{
public:
    explicit CMyHttpModuleFactory(PCWSTR pwszName)
    {
        for (; *pwszName; pwszName++)
        {
            m_name += (char)*pwszName;
        }
    }
    virtual ~CMyHttpModuleFactory() {}
    virtual HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule(m_name);
        return S_OK;
    }
    virtual void Terminate()
    {
        delete this;
    }

private:
    std::string m_name;
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    static const struct
    {
        PCWSTR name;
        PCWSTR priority;
    } priorities[] = {
        { L"first", PRIORITY_ALIAS_FIRST }, { L"high", PRIORITY_ALIAS_HIGH }, { L"medium", PRIORITY_ALIAS_MEDIUM },
        { L"low", PRIORITY_ALIAS_LOW }, { L"last", PRIORITY_ALIAS_LAST }
    };
    const DWORD events = RQ_BEGIN_REQUEST | RQ_EXECUTE_REQUEST_HANDLER | RQ_LOG_REQUEST | RQ_END_REQUEST;
    PCWSTR pwszName = pModuleInfo->GetName();

    for (size_t i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++)
    {
        if (!wcscmp(pwszName, priorities[i].name))
        {
            HRESULT hr = pModuleInfo->SetPriorityForRequestNotification(events | RQ_SEND_RESPONSE,
                                                                        priorities[i].priority);
            if (FAILED(hr))
            {
                return hr;
            }
        }
    }
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory(pwszName), events | RQ_SEND_RESPONSE, events);
}
