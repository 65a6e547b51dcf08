// steps: flushes that wait for the client. After the flushes that the query string names a file must appear before the
// module goes on, so that the client decides when the next flush is made: order is proved without a clock.
//   n=4 size=16 every=1 after=0 path=/tmp/x/ack async=1
// random=1: nothing of a line can be compressed.
#include <windows.h>
#include <httpserv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <unistd.h>

class CMyHttpModule : public CHttpModule
{
public:
    CMyHttpModule() : m_i(0), m_n(0), m_every(0), m_after(0), m_fAsync(FALSE), m_fRandom(FALSE), m_seed(1), m_response(NULL) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext, IN IHttpEventProvider *)
    {
        PCSTR pszQuery = "";
        DWORD cch = 0;
        pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        m_query = std::string("&") + pszQuery;
        if (Arg("path").empty())
        {
            return RQ_NOTIFICATION_CONTINUE;
        }
        m_response = pHttpContext->GetResponse();
        m_n = atol(Arg("n").c_str());
        m_every = atol(Arg("every").c_str());
        m_after = atol(Arg("after").c_str());
        m_fAsync = Arg("async") == "1";
        m_fRandom = Arg("random") == "1";
        m_path = Arg("path");
        m_line.assign(atol(Arg("size").c_str()), '.');
        m_response->SetHeader("Content-Type", "text/plain", 10, TRUE);
        return Go();
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pCompletionInfo)
    {
        if (FAILED(pCompletionInfo->GetCompletionStatus()))
        {
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        Wait();
        return Go();
    }

private:
    std::string Arg(const std::string &name)
    {
        size_t at = m_query.find("&" + name + "=");
        if (at == std::string::npos)
        {
            return "";
        }
        at += name.size() + 2;
        return m_query.substr(at, m_query.find('&', at) - at);
    }

    // The line number m_i has been flushed.
    void Wait()
    {
        if (!m_every || m_i % m_every != m_after)
        {
            return;
        }
        std::string file = m_path + "." + std::to_string(m_i);
        for (int i = 0; i < 2000; i++)
        {
            if (access(file.c_str(), F_OK) == 0)
            {
                return;
            }
            usleep(5000);
        }
        // It did not arrive: nothing else shall.
        m_n = m_i;
    }

    REQUEST_NOTIFICATION_STATUS Go()
    {
        while (m_i < m_n)
        {
            HTTP_DATA_CHUNK chunk;
            DWORD cbSent = 0;
            BOOL fExpected = FALSE;
            std::string number = std::to_string(++m_i);

            for (size_t i = 0; m_fRandom && i < m_line.size(); i++)
            {
                m_seed = m_seed * 1103515245 + 12345;
                m_line[i] = (char)(m_seed >> 16);
            }
            m_line.replace(0, number.size(), number);
            m_line[m_line.size() - 1] = '\n';
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = &m_line[0];
            chunk.FromMemory.BufferLength = (ULONG)m_line.size();
            if (FAILED(m_response->WriteEntityChunks(&chunk, 1, FALSE, TRUE, &cbSent))
                || FAILED(m_response->Flush(m_fAsync, TRUE, &cbSent, &fExpected)))
            {
                return RQ_NOTIFICATION_FINISH_REQUEST;
            }
            if (fExpected)
            {
                return RQ_NOTIFICATION_PENDING;
            }
            Wait();
        }
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    std::string m_query, m_path, m_line;
    long m_i, m_n, m_every, m_after;
    BOOL m_fAsync, m_fRandom;
    unsigned m_seed;
    IHttpResponse *m_response;
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
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
