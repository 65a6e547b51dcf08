#pragma once

typedef struct _TOKEN_INFO
{
    std::wstring strName;
    std::wstring strRole;
    ULONGLONG    ullGoodUntil;      // GetTickCount64
} TOKEN_INFO;

// Tokens whose signature was found right, for a minute.
class CTokenCache
{
public:
    CTokenCache();

    BOOL Find(const std::string &strToken, TOKEN_INFO &info);
    VOID Add(const std::string &strToken, const TOKEN_INFO &info);

private:
    SRWLOCK                           m_lock;
    std::map<std::string, TOKEN_INFO> m_tokens;
};
