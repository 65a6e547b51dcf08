#include "stdafx.h"
#include "TokenUser.h"

CTokenUser::CTokenUser(LPCWSTR pszName, LPCWSTR pszRole) : m_cReferences(1)
{
    wcscpy_s(m_szName, _countof(m_szName), pszName);
    wcscpy_s(m_szRole, _countof(m_szRole), pszRole);
}

CTokenUser::~CTokenUser()
{
}

PCWSTR CTokenUser::GetRemoteUserName(VOID)
{
    return m_szName;
}

PCWSTR CTokenUser::GetUserName(VOID)
{
    return m_szName;
}

PCWSTR CTokenUser::GetAuthenticationType(VOID)
{
    return L"Bearer";
}

PCWSTR CTokenUser::GetPassword(VOID)
{
    return L"";
}

HANDLE CTokenUser::GetImpersonationToken(VOID)
{
    return NULL;
}

HANDLE CTokenUser::GetPrimaryToken(VOID)
{
    return NULL;
}

VOID CTokenUser::ReferenceUser(VOID)
{
    InterlockedIncrement(&m_cReferences);
}

VOID CTokenUser::DereferenceUser(VOID)
{
    if (InterlockedDecrement(&m_cReferences) == 0)
    {
        delete this;
    }
}

BOOL CTokenUser::SupportsIsInRole(VOID)
{
    return TRUE;
}

HRESULT CTokenUser::IsInRole(IN PCWSTR pszRoleName, OUT BOOL *pfInRole)
{
    if (pszRoleName == NULL || pfInRole == NULL)
    {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    *pfInRole = _wcsicmp(pszRoleName, m_szRole) == 0;
    return S_OK;
}

PVOID CTokenUser::GetUserVariable(IN PCSTR pszVariableName)
{
    UNREFERENCED_PARAMETER(pszVariableName);
    return NULL;
}
