#include "stdafx.h"
#include "RuleSet.h"
#include "EventLog.h"

CRuleSet::CRuleSet() : m_fInitialized(FALSE), m_fAllowByDefault(TRUE)
{
    ZeroMemory(m_szPath, sizeof(m_szPath));
    ZeroMemory(&m_ftLastWrite, sizeof(m_ftLastWrite));
    InitializeCriticalSection(&m_csRules);
}

CRuleSet::~CRuleSet()
{
    DeleteCriticalSection(&m_csRules);
}

// The configuration file is in the folder of the DLL.
HRESULT CRuleSet::Initialize(HMODULE hModule, LPCTSTR pszFileName)
{
    if (GetModuleFileName(hModule, m_szPath, ARRAYSIZE(m_szPath)) == 0)
    {
        return HRESULT_FROM_WIN32(GetLastError());
    }

    TCHAR *pszSlash = _tcsrchr(m_szPath, _T('\\'));
    TCHAR *pszForward = _tcsrchr(m_szPath, _T('/'));
    if (pszForward != NULL && (pszSlash == NULL || pszForward > pszSlash))
    {
        pszSlash = pszForward;
    }
    if (pszSlash == NULL)
    {
        return E_UNEXPECTED;
    }
    pszSlash[1] = _T('\0');

    HRESULT hr = StringCchCat(m_szPath, ARRAYSIZE(m_szPath), pszFileName);
    if (FAILED(hr))
    {
        return hr;
    }
    hr = Load();
    m_fInitialized = SUCCEEDED(hr);
    return hr;
}

VOID CRuleSet::ReloadIfChanged()
{
    WIN32_FILE_ATTRIBUTE_DATA data;

    if (!m_fInitialized || !GetFileAttributesEx(m_szPath, GetFileExInfoStandard, &data))
    {
        return;
    }
    EnterCriticalSection(&m_csRules);
    BOOL fChanged = CompareFileTime(&data.ftLastWriteTime, &m_ftLastWrite) != 0;
    LeaveCriticalSection(&m_csRules);
    if (fChanged && FAILED(Load()))
    {
        LogEvent(EVENTLOG_ERROR_TYPE, L"The rules of %s cannot be read, the old ones stay", m_szPath);
    }
}

HRESULT CRuleSet::Load()
{
    HRESULT hr = S_OK;
    HANDLE hFile = CreateFile(m_szPath, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                              FILE_ATTRIBUTE_NORMAL | FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    LARGE_INTEGER liSize;
    PSTR pszText = NULL;
    DWORD cbRead = 0;

    if (hFile == INVALID_HANDLE_VALUE)
    {
        return HRESULT_FROM_WIN32(GetLastError());
    }
    if (!GetFileSizeEx(hFile, &liSize))
    {
        hr = HRESULT_FROM_WIN32(GetLastError());
        goto Finished;
    }
    if (liSize.HighPart != 0 || liSize.LowPart > 1024 * 1024)
    {
        hr = HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE);
        goto Finished;
    }
    pszText = (PSTR)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, liSize.LowPart + 1);
    if (pszText == NULL)
    {
        hr = E_OUTOFMEMORY;
        goto Finished;
    }
    if (!ReadFile(hFile, pszText, liSize.LowPart, &cbRead, NULL))
    {
        hr = HRESULT_FROM_WIN32(GetLastError());
        goto Finished;
    }
    pszText[cbRead] = '\0';

    EnterCriticalSection(&m_csRules);
    {
        CHAR *pszContext = NULL;
        DWORD dwLine = 0;

        m_rules.clear();
        m_proxies.clear();
        m_fAllowByDefault = TRUE;
        GetFileTime(hFile, NULL, NULL, &m_ftLastWrite);
        for (PSTR pszLine = strtok_s(pszText, "\r\n", &pszContext); pszLine != NULL;
             pszLine = strtok_s(NULL, "\r\n", &pszContext))
        {
            HRESULT hrLine = ParseLine(pszLine, ++dwLine);
            if (FAILED(hrLine))
            {
                hr = hrLine;
            }
        }
    }
    LeaveCriticalSection(&m_csRules);
    LogEvent(EVENTLOG_INFORMATION_TYPE, L"%u rules read from %s", (DWORD)m_rules.size(), m_szPath);

Finished:
    if (pszText != NULL)
    {
        HeapFree(GetProcessHeap(), 0, pszText);
    }
    CloseHandle(hFile);
    return hr;
}

// "allow 10.0.0.0/8", "deny ::1", "default deny", "proxy 127.0.0.1"
HRESULT CRuleSet::ParseLine(PSTR pszLine, DWORD dwLine)
{
    CHAR *pszContext = NULL;
    PSTR pszVerb = strtok_s(pszLine, " \t", &pszContext);
    PSTR pszValue = pszVerb == NULL ? NULL : strtok_s(NULL, " \t", &pszContext);
    ADDRESS_RULE rule = { 0 };

    if (pszVerb == NULL || pszVerb[0] == '#' || pszVerb[0] == ';')
    {
        return S_OK;
    }
    if (pszValue == NULL)
    {
        LogEvent(EVENTLOG_WARNING_TYPE, L"Line %u has no value", dwLine);
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    }
    if (_stricmp(pszVerb, "default") == 0)
    {
        m_fAllowByDefault = _stricmp(pszValue, "deny") != 0;
        return S_OK;
    }

    PSTR pszSlash = strchr(pszValue, '/');
    if (pszSlash != NULL)
    {
        *pszSlash++ = '\0';
    }
    if (!ParseAddress(pszValue, rule.Address, &rule.AddressLength))
    {
        LogEvent(EVENTLOG_WARNING_TYPE, L"Line %u has no address", dwLine);
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    }
    rule.PrefixBits = pszSlash != NULL ? (DWORD)atoi(pszSlash) : rule.AddressLength * 8;
    if (rule.PrefixBits > rule.AddressLength * 8)
    {
        LogEvent(EVENTLOG_WARNING_TYPE, L"Line %u has too long a prefix", dwLine);
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    }
    rule.fAllow = _stricmp(pszVerb, "allow") == 0;
    if (_stricmp(pszVerb, "proxy") == 0)
    {
        m_proxies.push_back(rule);
    }
    else
    {
        m_rules.push_back(rule);
    }
    return S_OK;
}

BOOL CRuleSet::ParseAddress(PCSTR pszAddress, BYTE *pbAddress, DWORD *pcbAddress)
{
    if (inet_pton(AF_INET, pszAddress, pbAddress) == 1)
    {
        *pcbAddress = 4;
        return TRUE;
    }
    if (inet_pton(AF_INET6, pszAddress, pbAddress) == 1)
    {
        *pcbAddress = 16;
        return TRUE;
    }
    return FALSE;
}

BOOL CRuleSet::Fits(const ADDRESS_RULE &rule, const BYTE *pbAddress, DWORD cbAddress)
{
    DWORD cbWhole = rule.PrefixBits / 8;
    DWORD cRest = rule.PrefixBits % 8;

    if (rule.AddressLength != cbAddress || memcmp(rule.Address, pbAddress, cbWhole) != 0)
    {
        return FALSE;
    }
    return cRest == 0 || ((rule.Address[cbWhole] ^ pbAddress[cbWhole]) >> (8 - cRest)) == 0;
}

// The last rule that fits wins.
BOOL CRuleSet::IsAllowed(const BYTE *pbAddress, DWORD cbAddress)
{
    EnterCriticalSection(&m_csRules);
    BOOL fAllowed = m_fAllowByDefault;
    for (size_t i = 0; i < m_rules.size(); i++)
    {
        if (Fits(m_rules[i], pbAddress, cbAddress))
        {
            fAllowed = m_rules[i].fAllow;
        }
    }
    LeaveCriticalSection(&m_csRules);
    return fAllowed;
}

BOOL CRuleSet::IsTrustedProxy(const BYTE *pbAddress, DWORD cbAddress)
{
    BOOL fTrusted = FALSE;

    EnterCriticalSection(&m_csRules);
    for (size_t i = 0; i < m_proxies.size() && !fTrusted; i++)
    {
        fTrusted = Fits(m_proxies[i], pbAddress, cbAddress);
    }
    LeaveCriticalSection(&m_csRules);
    return fTrusted;
}
