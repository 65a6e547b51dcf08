#pragma once
#include "JsonWriter.h"

// Answers /feed?n=10&ms=20 with n JSON objects, one flush each. A work item of
// the process thread pool waits for the next object, puts it together and
// posts a completion; the module then writes it and flushes asynchronously, and
// when the flush completes queues the next work item. No server thread waits.
class CFeedModule : public CHttpModule
{
public:
    CFeedModule();
    virtual ~CFeedModule();

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext,
                                                        IN IHttpEventProvider *pProvider);
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IN IHttpContext *pHttpContext, IN DWORD dwNotification,
                                                  IN BOOL fPostNotification, IN OUT IHttpEventProvider *pProvider,
                                                  IN IHttpCompletionInfo *pCompletionInfo);

private:
    enum STATE { STATE_IDLE, STATE_WAITING, STATE_FLUSHING };

    static DWORD WINAPI ProduceItem(LPVOID lpParameter);
    DWORD QueryNumber(PCSTR pszName, DWORD dwDefault, DWORD dwMost);
    REQUEST_NOTIFICATION_STATUS QueueNext();
    REQUEST_NOTIFICATION_STATUS SendItem();
    REQUEST_NOTIFICATION_STATUS Fail(HRESULT hr);

    IHttpContext *m_pHttpContext;
    STATE         m_state;
    DWORD         m_cItems;
    DWORD         m_cSent;
    DWORD         m_dwDelay;
    std::string   m_strItem;
};

class CFeedModuleFactory : public IHttpModuleFactory
{
public:
    HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator);
    void Terminate();
};

extern volatile LONG g_cFeeds;      // how many are open
extern volatile LONG g_cItems;      // how many were made in all
