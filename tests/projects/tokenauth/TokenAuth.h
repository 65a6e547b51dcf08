#pragma once
#include "TokenCache.h"
#include "TokenUser.h"

// Authorization: Bearer name:role:expires:mac, where expires is in seconds
// since 1970 and mac the hexadecimal HMAC-SHA256 of what is in front of it.
class CTokenAuthModule : public CHttpModule
{
public:
    CTokenAuthModule(CTokenCache *pCache, HANDLE hEventLog);

    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IN IHttpContext *pHttpContext,
                                                      IN IAuthenticationProvider *pProvider);
    REQUEST_NOTIFICATION_STATUS OnAuthorizeRequest(IN IHttpContext *pHttpContext, IN IHttpEventProvider *pProvider);
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IN IHttpContext *pHttpContext,
                                                        IN IHttpEventProvider *pProvider);

private:
    HRESULT Check(const std::string &strToken, TOKEN_INFO &info);
    REQUEST_NOTIFICATION_STATUS Challenge(IHttpContext *pHttpContext, LPCSTR pszReason);
    VOID Audit(WORD wType, LPCSTR pszText);

    CTokenCache *m_pCache;
    HANDLE       m_hEventLog;
};

class CTokenAuthFactory : public IHttpModuleFactory
{
public:
    CTokenAuthFactory();
    HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator);
    void Terminate();

private:
    ~CTokenAuthFactory();

    CTokenCache m_cache;
    HANDLE      m_hEventLog;
};
