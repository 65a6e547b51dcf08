#include "stdafx.h"
#include "TokenCache.h"

#define MAX_TOKENS 1000

CTokenCache::CTokenCache()
{
    InitializeSRWLock(&m_lock);
}

BOOL CTokenCache::Find(const std::string &strToken, TOKEN_INFO &info)
{
    BOOL fFound = FALSE;

    AcquireSRWLockShared(&m_lock);
    std::map<std::string, TOKEN_INFO>::const_iterator it = m_tokens.find(strToken);
    if (it != m_tokens.end() && it->second.ullGoodUntil > GetTickCount64())
    {
        info = it->second;
        fFound = TRUE;
    }
    ReleaseSRWLockShared(&m_lock);
    return fFound;
}

VOID CTokenCache::Add(const std::string &strToken, const TOKEN_INFO &info)
{
    AcquireSRWLockExclusive(&m_lock);
    if (m_tokens.size() >= MAX_TOKENS)
    {
        m_tokens.clear();
    }
    m_tokens[strToken] = info;
    m_tokens[strToken].ullGoodUntil = GetTickCount64() + 60000;
    ReleaseSRWLockExclusive(&m_lock);
}
