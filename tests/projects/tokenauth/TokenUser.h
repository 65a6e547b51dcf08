#pragma once

// Who a valid token names. The server holds references to it for as long as
// the request lives.
class CTokenUser : public IHttpUser
{
public:
    CTokenUser(LPCWSTR pszName, LPCWSTR pszRole);

    virtual PCWSTR GetRemoteUserName(VOID);
    virtual PCWSTR GetUserName(VOID);
    virtual PCWSTR GetAuthenticationType(VOID);
    virtual PCWSTR GetPassword(VOID);
    virtual HANDLE GetImpersonationToken(VOID);
    virtual HANDLE GetPrimaryToken(VOID);
    virtual VOID ReferenceUser(VOID);
    virtual VOID DereferenceUser(VOID);
    virtual BOOL SupportsIsInRole(VOID);
    virtual HRESULT IsInRole(IN PCWSTR pszRoleName, OUT BOOL *pfInRole);
    virtual PVOID GetUserVariable(IN PCSTR pszVariableName);

private:
    virtual ~CTokenUser();

    LONG  m_cReferences;
    WCHAR m_szName[128];
    WCHAR m_szRole[64];
};
