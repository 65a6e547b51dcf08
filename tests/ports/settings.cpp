// settings: a module that reads its settings the way modules do on IIS: one section for the place of the request, once
// per metadata object, kept there as a stored context. What it read is a header of every response.
#include <windows.h>
#include <ahadmin.h>
#include <httpserv.h>
#include <stdio.h>
#include <string>

static IHttpServer *g_pHttpServer = NULL;
static HTTP_MODULE_ID g_pModuleId = NULL;

#define EXIT_IF_FAILED(hr) if (FAILED(hr)) goto Finished

static HRESULT GetValue(IAppHostElement *pElement, LPCWSTR pszName, VARIANT *pValue)
{
    HRESULT hr = S_OK;
    IAppHostProperty *pProperty = NULL;
    BSTR bstrName = SysAllocString(pszName);

    if (bstrName == NULL)
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    hr = pElement->GetPropertyByName(bstrName, &pProperty);
    EXIT_IF_FAILED(hr);
    hr = pProperty->get_Value(pValue);

Finished:
    SysFreeString(bstrName);
    if (pProperty != NULL)
    {
        pProperty->Release();
        pProperty = NULL;
    }
    return hr;
}

static HRESULT GetBool(IAppHostElement *pElement, LPCWSTR pszName, bool *pfValue)
{
    VARIANT value;
    VariantInit(&value);
    HRESULT hr = GetValue(pElement, pszName, &value);
    if (SUCCEEDED(hr))
        hr = VariantChangeType(&value, &value, 0, VT_BOOL);
    if (SUCCEEDED(hr))
        *pfValue = V_BOOL(&value) == VARIANT_TRUE;
    VariantClear(&value);
    return hr;
}

static HRESULT GetDword(IAppHostElement *pElement, LPCWSTR pszName, DWORD *pdwValue)
{
    VARIANT value;
    VariantInit(&value);
    HRESULT hr = GetValue(pElement, pszName, &value);
    if (SUCCEEDED(hr))
        hr = VariantChangeType(&value, &value, 0, VT_UI4);
    if (SUCCEEDED(hr))
        *pdwValue = value.ulVal;
    VariantClear(&value);
    return hr;
}

static HRESULT GetText(IAppHostElement *pElement, LPCWSTR pszName, std::string &text)
{
    VARIANT value;
    VariantInit(&value);
    HRESULT hr = GetValue(pElement, pszName, &value);
    if (SUCCEEDED(hr) && value.vt != VT_BSTR)
        hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    for (UINT i = 0; SUCCEEDED(hr) && i < SysStringLen(value.bstrVal); i++)
        text += static_cast<char>(value.bstrVal[i]);
    VariantClear(&value);
    return hr;
}

class CSettings final : public IHttpStoredContext
{
public:
    CSettings() : m_fEnabled(false), m_dwLimit(0) {}
    virtual void CleanupStoredContext() { delete this; }

    HRESULT Initialize(IHttpContext *pHttpContext)
    {
        HRESULT hr = S_OK;
        IAppHostAdminManager *pManager = g_pHttpServer->GetAdminManager();
        IAppHostElement *pSection = NULL;
        IAppHostElement *pNested = NULL;
        PCWSTR pszConfigPath = pHttpContext->GetMetadata()->GetMetaPath();
        BSTR bstrPath = SysAllocString(pszConfigPath);
        BSTR bstrSection = SysAllocString(L"system.webServer/settings");
        BSTR bstrNested = SysAllocString(L"nested");

        if (bstrPath == NULL || bstrSection == NULL || bstrNested == NULL)
        {
            hr = HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
            goto Finished;
        }
        hr = pManager->GetAdminSection(bstrSection, bstrPath, &pSection);
        EXIT_IF_FAILED(hr);
        hr = GetBool(pSection, L"enabled", &m_fEnabled);
        EXIT_IF_FAILED(hr);
        hr = GetDword(pSection, L"limit", &m_dwLimit);
        EXIT_IF_FAILED(hr);
        hr = pSection->GetElementByName(bstrNested, &pNested);
        EXIT_IF_FAILED(hr);
        hr = GetText(pNested, L"text", m_text);
        EXIT_IF_FAILED(hr);
        hr = ReadRules(pSection);

    Finished:
        if (pNested != NULL)
            pNested->Release();
        if (pSection != NULL)
            pSection->Release();
        SysFreeString(bstrNested);
        SysFreeString(bstrSection);
        SysFreeString(bstrPath);
        return hr;
    }

    std::string ToString() const
    {
        return std::string(m_fEnabled ? "on" : "off") + " " + std::to_string(m_dwLimit) + " " + m_text + " [" + m_rules
            + "]";
    }

private:
    HRESULT ReadRules(IAppHostElement *pSection)
    {
        HRESULT hr = S_OK;
        IAppHostElementCollection *pCollection = NULL;
        IAppHostElement *pRule = NULL;
        DWORD dwCount = 0;
        VARIANT index;

        VariantInit(&index);
        index.vt = VT_I4;
        hr = pSection->get_Collection(&pCollection);
        EXIT_IF_FAILED(hr);
        hr = pCollection->get_Count(&dwCount);
        EXIT_IF_FAILED(hr);
        for (DWORD i = 0; i < dwCount; i++)
        {
            index.lVal = i;
            hr = pCollection->get_Item(index, &pRule);
            EXIT_IF_FAILED(hr);
            hr = GetText(pRule, L"name", m_rules);
            EXIT_IF_FAILED(hr);
            m_rules += ",";
            pRule->Release();
            pRule = NULL;
        }

    Finished:
        if (pRule != NULL)
            pRule->Release();
        if (pCollection != NULL)
            pCollection->Release();
        return hr;
    }

    bool m_fEnabled;
    DWORD m_dwLimit;
    std::string m_text;
    std::string m_rules;
};

// The same by class id, as tools and some modules do.
static HRESULT IsThereByClass(IHttpContext *pHttpContext)
{
    IAppHostWritableAdminManager *pManager = NULL;
    IAppHostElement *pSection = NULL;
    BSTR bstrPath = SysAllocString(pHttpContext->GetApplication()->GetAppConfigPath());
    BSTR bstrSection = SysAllocString(L"system.webServer/settings");
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);

    hr = CoCreateInstance(__uuidof(AppHostWritableAdminManager), NULL, CLSCTX_INPROC_SERVER,
                          __uuidof(IAppHostWritableAdminManager), (void **)&pManager);
    EXIT_IF_FAILED(hr);
    hr = pManager->GetAdminSection(bstrSection, bstrPath, &pSection);
    EXIT_IF_FAILED(hr);
    hr = pManager->CommitChanges() == E_NOTIMPL ? S_OK : E_UNEXPECTED;

Finished:
    if (pSection != NULL)
        pSection->Release();
    if (pManager != NULL)
        pManager->Release();
    SysFreeString(bstrSection);
    SysFreeString(bstrPath);
    CoUninitialize();
    return hr;
}

class CMyHttpModule : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext *pHttpContext, IHttpEventProvider *pProvider)
    {
        IHttpModuleContextContainer *pContainer = pHttpContext->GetMetadata()->GetModuleContextContainer();
        CSettings *pSettings = static_cast<CSettings *>(pContainer->GetModuleContext(g_pModuleId));
        HRESULT hr = S_OK;
        std::string text;

        if (pSettings == NULL)
        {
            pSettings = new CSettings;
            hr = pSettings->Initialize(pHttpContext);
            if (SUCCEEDED(hr))
                hr = pContainer->SetModuleContext(pSettings, g_pModuleId);
            if (hr == HRESULT_FROM_WIN32(ERROR_ALREADY_ASSIGNED))
            {
                pSettings->CleanupStoredContext();
                pSettings = static_cast<CSettings *>(pContainer->GetModuleContext(g_pModuleId));
                hr = S_OK;
            }
        }
        if (FAILED(hr))
        {
            char szError[32];
            snprintf(szError, sizeof(szError), "0x%08X", static_cast<unsigned>(hr));
            pSettings->CleanupStoredContext();
            pHttpContext->GetResponse()->SetHeader("X-Settings", szError, static_cast<USHORT>(strlen(szError)), TRUE);
            pProvider->SetErrorStatus(hr);
            return RQ_NOTIFICATION_CONTINUE;
        }
        text = pSettings->ToString();
        pHttpContext->GetResponse()->SetHeader("X-Settings", text.c_str(), static_cast<USHORT>(text.size()), TRUE);
        if (strstr(pHttpContext->GetRequest()->GetRawHttpRequest()->pRawUrl, "byclass"))
        {
            std::string file;
            for (PCWSTR p = static_cast<IHttpServer2 *>(g_pHttpServer)->GetAppPoolConfigFile(); *p; p++)
                file += static_cast<char>(*p);
            pHttpContext->GetResponse()->SetHeader("X-File", file.c_str(), static_cast<USHORT>(file.size()), TRUE);
            hr = IsThereByClass(pHttpContext);
            pHttpContext->GetResponse()->SetHeader("X-Class", SUCCEEDED(hr) ? "yes" : "no", SUCCEEDED(hr) ? 3 : 2, TRUE);
        }
        return RQ_NOTIFICATION_CONTINUE;
    }
};

class CMyHttpModuleFactory final : public IHttpModuleFactory
{
public:
    virtual HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CMyHttpModule;
        return S_OK;
    }
    virtual void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *pHttpServer)
{
    g_pHttpServer = pHttpServer;
    g_pModuleId = pModuleInfo->GetId();
    return pModuleInfo->SetRequestNotifications(new CMyHttpModuleFactory, RQ_BEGIN_REQUEST, 0);
}
