#pragma once

// One line of the configuration file: an address, how many of its bits count,
// and what happens to a client that it fits.
struct ADDRESS_RULE
{
    BYTE  Address[16];
    DWORD AddressLength;
    DWORD PrefixBits;
    BOOL  fAllow;
};

// The rules of one configuration file. The file is read again when its time of
// last change differs; a file that cannot be read keeps the rules before it.
class CRuleSet
{
public:
    CRuleSet();
    ~CRuleSet();

    HRESULT Initialize(HMODULE hModule, LPCTSTR pszFileName);
    VOID ReloadIfChanged();
    BOOL IsAllowed(const BYTE *pbAddress, DWORD cbAddress);
    BOOL IsTrustedProxy(const BYTE *pbAddress, DWORD cbAddress);

    static BOOL ParseAddress(PCSTR pszAddress, BYTE *pbAddress, DWORD *pcbAddress);

private:
    HRESULT Load();
    HRESULT ParseLine(PSTR pszLine, DWORD dwLine);
    static BOOL Fits(const ADDRESS_RULE &rule, const BYTE *pbAddress, DWORD cbAddress);

    TCHAR                     m_szPath[MAX_PATH];
    FILETIME                  m_ftLastWrite;
    CRITICAL_SECTION          m_csRules;
    BOOL                      m_fInitialized;
    BOOL                      m_fAllowByDefault;
    std::vector<ADDRESS_RULE> m_rules;
    std::vector<ADDRESS_RULE> m_proxies;
};
