#pragma once
#include "RuleSet.h"

class CIpFilterModule : public CHttpModule
{
public:
    CIpFilterModule(CRuleSet *pRules) : m_pRules(pRules)
    {
    }

    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IN IHttpContext *pHttpContext, IN IHttpEventProvider *pProvider);

private:
    HRESULT GetClientAddress(IHttpRequest *pRequest, BYTE *pbAddress, DWORD *pcbAddress);
    HRESULT Refuse(IHttpContext *pHttpContext);

    CRuleSet *m_pRules;
};

class CIpFilterModuleFactory : public IHttpModuleFactory
{
public:
    HRESULT Initialize(HMODULE hModule)
    {
        return m_rules.Initialize(hModule, _T("IpFilter.conf"));
    }

    virtual HRESULT GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator);
    virtual void Terminate();

private:
    CRuleSet m_rules;
};
