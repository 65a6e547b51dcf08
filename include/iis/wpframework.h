/*
 * wpframework.h - what IHttpServer::GetWorkerProcessSettings and IHttpServer2::GetWorkerProcessFramework give: settings of
 * the worker process, and its recycling.
 *
 * Pages: "IWpfSettings Interface", "IWorkerProcessFramework Interface", "IWpfActions Interface" and the pages of the
 * enumerations. Reference counted; what the server gave out it keeps alive itself.
 */
#ifndef IIS_WPFRAMEWORK_H
#define IIS_WPFRAMEWORK_H

#include "iis_interface.h"
#include "windows.h"

typedef enum WPF_INTERFACE_ID_ENUM {
    WPF_CONFIG_API_ID = 1,
    WPF_APPLICATION_INFO_UTIL_ID,
    WPF_SETTINGS_ID,
    WPF_ACTIONS_ID,
    WPF_EXPOSE_PROTOCOL_MANAGER_CUSTOM_INTERFACE_ID,
    WPF_APPLICATION_PRELOAD_INFO_UTIL_ID
} WPF_INTERFACE_ID_ENUM;

typedef enum WPF_SETTINGS_DWORD_ENUM {
    PERIODIC_RESTART_REQUESTS = 1,
    PERIODIC_RESTART_TIME,
    IDLE_TIMEOUT,
    MANAGED_PIPELINE_MODE,
    THREAD_AFFINITY_POLICY
} WPF_SETTINGS_DWORD_ENUM;

typedef enum WPF_SETTINGS_ULONGLONG_ENUM {
    PERIODIC_RESTART_VIRTUAL_MEMORY = 1,
    PERIODIC_RESTART_PRIVATE_MEMORY
} WPF_SETTINGS_ULONGLONG_ENUM;

typedef enum WPF_SETTINGS_STRING_ENUM {
    CLR_VERSION = 1,
    APP_POOL_NAME,
    APP_HOST_FILE_NAME,
    ROOT_WEB_CONFIG_FILE_NAME,
    CLR_CONFIG_FILE_NAME,
    CLR_VERSION_PATH
} WPF_SETTINGS_STRING_ENUM;

typedef enum WPF_SETTINGS_BOOL_ENUM {
    ENABLED_CENTRAL_BINARY_LOGGING = 1,
    ENABLED_HOSTABLE_WEB_CORE
} WPF_SETTINGS_BOOL_ENUM;

typedef enum WPF_SETTINGS_HANDLE_ENUM {
    ANONYMOUS_USER_TOKEN = 1
} WPF_SETTINGS_HANDLE_ENUM;

IIS_DECLARE(IWpfReferencedObject);
IIS_DECLARE(IWpfActions);
#ifndef IIS_DECLARES_WPF
#define IIS_DECLARES_WPF
IIS_DECLARE(IWpfSettings);
IIS_DECLARE(IWorkerProcessFramework);
#endif

#undef INTERFACE
#define INTERFACE IWpfReferencedObject
IIS_BEGIN(IWpfReferencedObject)
    IIS_METHOD(ULONG, AddRef)(IIS_THIS) IIS_PURE;
    IIS_METHOD(ULONG, Release)(IIS_THIS) IIS_PURE;
IIS_END(IWpfReferencedObject)

/* GetStringProperty: characters, the NUL among them, in and out. */
#undef INTERFACE
#define INTERFACE IWpfSettings
IIS_BEGIN_DERIVED(IWpfSettings, IWpfReferencedObject)
    IIS_METHOD(HRESULT, GetDwordProperty)(IIS_THIS_ WPF_SETTINGS_DWORD_ENUM SettingId, DWORD *pdwSetting) IIS_PURE;
    IIS_METHOD(HRESULT, GetUlonglongProperty)(IIS_THIS_ WPF_SETTINGS_ULONGLONG_ENUM SettingId,
        ULONGLONG *pSetting) IIS_PURE;
    IIS_METHOD(HRESULT, GetStringProperty)(IIS_THIS_ WPF_SETTINGS_STRING_ENUM SettingId, PWSTR pszSetting,
        DWORD *pcchSetting) IIS_PURE;
    IIS_METHOD(HRESULT, GetBoolProperty)(IIS_THIS_ WPF_SETTINGS_BOOL_ENUM SettingId, BOOL *pfSetting) IIS_PURE;
    IIS_METHOD(HRESULT, GetHandleProperty)(IIS_THIS_ WPF_SETTINGS_HANDLE_ENUM SettingId, HANDLE *phSetting) IIS_PURE;
IIS_END(IWpfSettings)

#undef INTERFACE
#define INTERFACE IWpfActions
IIS_BEGIN_DERIVED(IWpfActions, IWpfReferencedObject)
    IIS_METHOD(void, RecycleWorkerProcess)(IIS_THIS_ PCWSTR pszReason) IIS_PURE;
    IIS_METHOD(void, FailWorkerProcess)(IIS_THIS_ PCWSTR pszReason, HRESULT hrFailureToReport,
        BOOL fFailOnNextPing) IIS_PURE;
IIS_END(IWpfActions)

#undef INTERFACE
#define INTERFACE IWorkerProcessFramework
IIS_BEGIN_DERIVED(IWorkerProcessFramework, IWpfReferencedObject)
    IIS_METHOD(HRESULT, GetWpfInterface)(IIS_THIS_ WPF_INTERFACE_ID_ENUM WpfInterfaceId, PVOID *ppInterface) IIS_PURE;
    IIS_METHOD(HRESULT, GetCustomInterface)(IIS_THIS_ DWORD InterfaceId, PVOID *ppInterface) IIS_PURE;
    IIS_METHOD(HRESULT, GetInterfaceVersion)(IIS_THIS_ PDWORD pdwMajorVersion, PDWORD pdwMinorVersion) IIS_PURE;
IIS_END(IWorkerProcessFramework)

#endif /* IIS_WPFRAMEWORK_H */
