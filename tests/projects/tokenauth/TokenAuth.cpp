#include "stdafx.h"
#include "TokenAuth.h"
#include "Sha256.h"
#include <time.h>

static const CHAR g_szKey[] = "not a secret, a test";

CTokenAuthFactory::CTokenAuthFactory() : m_hEventLog(RegisterEventSource(NULL, _T("TokenAuth")))
{
}

CTokenAuthFactory::~CTokenAuthFactory()
{
    if (m_hEventLog != NULL)
    {
        DeregisterEventSource(m_hEventLog);
    }
}

HRESULT CTokenAuthFactory::GetHttpModule(OUT CHttpModule **ppModule, IN IModuleAllocator *pAllocator)
{
    UNREFERENCED_PARAMETER(pAllocator);

    *ppModule = new (std::nothrow) CTokenAuthModule(&m_cache, m_hEventLog);
    return *ppModule == NULL ? HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY) : S_OK;
}

void CTokenAuthFactory::Terminate()
{
    delete this;
}

CTokenAuthModule::CTokenAuthModule(CTokenCache *pCache, HANDLE hEventLog) : m_pCache(pCache), m_hEventLog(hEventLog)
{
}

VOID CTokenAuthModule::Audit(WORD wType, LPCSTR pszText)
{
    if (m_hEventLog != NULL)
    {
        ReportEventA(m_hEventLog, wType, 0, 4, NULL, 1, 0, &pszText, NULL);
    }
}

static std::wstring Widen(const std::string &strText)
{
    WCHAR szWide[128] = { 0 };

    MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, strText.c_str(), -1, szWide, _countof(szWide));
    return szWide;
}

HRESULT CTokenAuthModule::Check(const std::string &strToken, TOKEN_INFO &info)
{
    size_t rgAt[3] = { 0 };
    size_t at = 0;
    BYTE rgbMac[SHA256_BYTES];
    CHAR szMac[2 * SHA256_BYTES + 1];

    for (int i = 0; i < 3; i++)
    {
        at = strToken.find(':', i == 0 ? 0 : at + 1);
        if (at == std::string::npos)
        {
            return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        }
        rgAt[i] = at;
    }
    HmacSha256((const BYTE *)g_szKey, sizeof(g_szKey) - 1, (const BYTE *)strToken.data(), rgAt[2], rgbMac);
    for (int i = 0; i < SHA256_BYTES; i++)
    {
        sprintf_s(szMac + 2 * i, sizeof(szMac) - 2 * i, "%02x", rgbMac[i]);
    }

    // All of it is compared, whatever the first difference is.
    std::string strMac = strToken.substr(rgAt[2] + 1);
    int nDifferent = strMac.size() != strlen(szMac);
    for (size_t i = 0; i < strMac.size() && i < strlen(szMac); i++)
    {
        nDifferent |= strMac[i] ^ szMac[i];
    }
    if (nDifferent != 0)
    {
        return HRESULT_FROM_WIN32(ERROR_LOGON_FAILURE);
    }
    if (_atoi64(strToken.substr(rgAt[1] + 1, rgAt[2] - rgAt[1] - 1).c_str()) < _time64(NULL))
    {
        return HRESULT_FROM_WIN32(ERROR_PASSWORD_EXPIRED);
    }
    info.strName = Widen(strToken.substr(0, rgAt[0]));
    info.strRole = Widen(strToken.substr(rgAt[0] + 1, rgAt[1] - rgAt[0] - 1));
    return info.strName.empty() ? HRESULT_FROM_WIN32(ERROR_NO_SUCH_USER) : S_OK;
}

REQUEST_NOTIFICATION_STATUS CTokenAuthModule::Challenge(IHttpContext *pHttpContext, LPCSTR pszReason)
{
    IHttpResponse *pResponse = pHttpContext->GetResponse();
    CHAR szChallenge[128];

    pResponse->Clear();
    pResponse->SetStatus(401, "Unauthorized", 1, S_OK);
    _snprintf_s(szChallenge, _countof(szChallenge), _TRUNCATE, "Bearer realm=\"test\", error=\"%s\"", pszReason);
    pResponse->SetHeader(HttpHeaderWwwAuthenticate, szChallenge, (USHORT)strlen(szChallenge), TRUE);
    pHttpContext->SetRequestHandled();
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

REQUEST_NOTIFICATION_STATUS CTokenAuthModule::OnAuthenticateRequest(IN IHttpContext *pHttpContext,
                                                                    IN IAuthenticationProvider *pProvider)
{
    USHORT cchValue = 0;
    PCSTR pszValue = pHttpContext->GetRequest()->GetHeader(HttpHeaderAuthorization, &cchValue);
    TOKEN_INFO info;

    // No token: somebody else may know the user, or nobody needs to.
    if (pszValue == NULL || cchValue < 7 || _strnicmp(pszValue, "Bearer ", 7) != 0)
    {
        return RQ_NOTIFICATION_CONTINUE;
    }
    std::string strToken(pszValue + 7, cchValue - 7);
    if (!m_pCache->Find(strToken, info))
    {
        HRESULT hr = Check(strToken, info);
        if (FAILED(hr))
        {
            CHAR szText[128];
            sprintf_s(szText, _countof(szText), "Token refused: 0x%08lx", (ULONG)hr);
            Audit(EVENTLOG_AUDIT_FAILURE, szText);
            return Challenge(pHttpContext, HRESULT_CODE(hr) == ERROR_PASSWORD_EXPIRED ? "expired" : "invalid_token");
        }
        m_pCache->Add(strToken, info);
    }

    CTokenUser *pUser = new (std::nothrow) CTokenUser(info.strName.c_str(), info.strRole.c_str());
    if (pUser == NULL)
    {
        pProvider->SetErrorStatus(E_OUTOFMEMORY);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    pProvider->SetUser(pUser);
    return RQ_NOTIFICATION_CONTINUE;
}

// /admin is for administrators, everything else that begins with /private
// for whoever has a name.
REQUEST_NOTIFICATION_STATUS CTokenAuthModule::OnAuthorizeRequest(IN IHttpContext *pHttpContext,
                                                                 IN IHttpEventProvider *pProvider)
{
    UNREFERENCED_PARAMETER(pProvider);
    DWORD cchScript = 0;
    PCWSTR pwszScript = pHttpContext->GetScriptName(&cchScript);
    IHttpUser *pUser = pHttpContext->GetUser();
    BOOL fNamed = pUser != NULL && pUser->GetUserName() != NULL && pUser->GetUserName()[0] != L'\0';
    BOOL fInRole = FALSE;

    if (_wcsnicmp(pwszScript, L"/admin", 6) == 0)
    {
        if (!fNamed)
        {
            return Challenge(pHttpContext, "token_required");
        }
        if (!pUser->SupportsIsInRole() || FAILED(pUser->IsInRole(L"administrators", &fInRole)) || !fInRole)
        {
            pHttpContext->GetResponse()->SetStatus(403, "Forbidden", 1, HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
            pHttpContext->SetRequestHandled();
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
    }
    else if (_wcsnicmp(pwszScript, L"/private", 8) == 0 && !fNamed)
    {
        return Challenge(pHttpContext, "token_required");
    }
    return RQ_NOTIFICATION_CONTINUE;
}

// /whoami, and whatever is below the two folders, answers with the user.
REQUEST_NOTIFICATION_STATUS CTokenAuthModule::OnExecuteRequestHandler(IN IHttpContext *pHttpContext,
                                                                      IN IHttpEventProvider *pProvider)
{
    UNREFERENCED_PARAMETER(pProvider);
    DWORD cchScript = 0, cbSent = 0, cchType = 0;
    PCWSTR pwszScript = pHttpContext->GetScriptName(&cchScript);
    IHttpUser *pUser = pHttpContext->GetUser();
    PCSTR pszType = NULL;
    HTTP_DATA_CHUNK chunk;
    CHAR szName[512] = "nobody";

    if (_wcsnicmp(pwszScript, L"/whoami", 7) != 0 && _wcsnicmp(pwszScript, L"/admin", 6) != 0
        && _wcsnicmp(pwszScript, L"/private", 8) != 0)
    {
        return RQ_NOTIFICATION_CONTINUE;
    }
    if (pUser != NULL && pUser->GetUserName()[0] != L'\0')
    {
        WideCharToMultiByte(CP_UTF8, 0, pUser->GetUserName(), -1, szName, sizeof(szName), NULL, NULL);
    }
    if (SUCCEEDED(pHttpContext->GetServerVariable("AUTH_TYPE", &pszType, &cchType)) && cchType != 0)
    {
        strcat_s(szName, _countof(szName), " by ");
        strncat_s(szName, _countof(szName), pszType, cchType);
    }
    strcat_s(szName, _countof(szName), "\n");
    pHttpContext->GetResponse()->SetHeader(HttpHeaderContentType, "text/plain; charset=utf-8", 25, TRUE);
    chunk.DataChunkType = HttpDataChunkFromMemory;
    chunk.FromMemory.pBuffer = szName;
    chunk.FromMemory.BufferLength = (ULONG)strlen(szName);
    pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
    return RQ_NOTIFICATION_FINISH_REQUEST;
}
