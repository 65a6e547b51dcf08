#pragma once
#include "LogThread.h"

class CRequestLogModule : public CHttpModule
{
public:
    explicit CRequestLogModule(CLogThread &thread);

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IN IHttpContext *pHttpContext, IN IHttpEventProvider *pProvider);
    REQUEST_NOTIFICATION_STATUS OnLogRequest(IN IHttpContext *pHttpContext, IN IHttpEventProvider *pProvider);

private:
    static void AppendQuoted(std::string &strLine, LPCSTR pszText);
    static std::string Narrow(LPCWSTR pszText, DWORD cchText);

    CLogThread &  m_thread;
    LARGE_INTEGER m_liBegin;
};

class CRequestLogFactory : public IHttpModuleFactory
{
public:
    HRESULT Initialize();
    HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator);
    void Terminate();

private:
    CLogThread m_thread;
};
