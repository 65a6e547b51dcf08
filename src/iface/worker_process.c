/* worker_process.c: wpframework.h's view of the process: IWpfSettings,
 * IWpfActions, IWorkerProcessFramework.  They live as long as the server
 * object, so counting references changes nothing.  Any thread.
 *
 * A child of httpd has no limits of requests, time or memory that IIS would
 * know by these names: 0, which IIS takes for "none".
 */
#include <string.h>
#include "server.h"
#include "vtable.h"
#include "hresult.h"
#include "wpframework.h"

typedef struct process_t {
    IWpfSettings settings;              /* must be first */
    IWpfActions actions;
    IWorkerProcessFramework framework;
    iisr_server_t *server;
} process_t;

static process_t *process_of_actions(void *iface)
{
    return (process_t *)(void *)((char *)iface
                                 - APR_OFFSETOF(process_t, actions));
}

static process_t *process_of_framework(void *iface)
{
    return (process_t *)(void *)((char *)iface
                                 - APR_OFFSETOF(process_t, framework));
}

static ULONG process_AddRef(IWpfReferencedObject *This)
{
    (void)This;
    return 2;
}

static ULONG process_Release(IWpfReferencedObject *This)
{
    (void)This;
    return 1;
}

/* --- IWpfSettings ------------------------------------------------------- */

static HRESULT settings_GetDwordProperty(IWpfSettings *This,
                                         WPF_SETTINGS_DWORD_ENUM SettingId,
                                         DWORD *pdwSetting)
{
    (void)This;
    if (!pdwSetting || SettingId < PERIODIC_RESTART_REQUESTS
        || SettingId > THREAD_AFFINITY_POLICY) {
        return BAD_PARAMETER;
    }
    /* MANAGED_PIPELINE_MODE: 0 is integrated. */
    *pdwSetting = 0;
    return S_OK;
}

static HRESULT settings_GetUlonglongProperty(
    IWpfSettings *This, WPF_SETTINGS_ULONGLONG_ENUM SettingId,
    ULONGLONG *pSetting)
{
    (void)This;
    if (!pSetting || SettingId < PERIODIC_RESTART_VIRTUAL_MEMORY
        || SettingId > PERIODIC_RESTART_PRIVATE_MEMORY) {
        return BAD_PARAMETER;
    }
    *pSetting = 0;
    return S_OK;
}

static HRESULT settings_GetStringProperty(IWpfSettings *This,
                                          WPF_SETTINGS_STRING_ENUM SettingId,
                                          PWSTR pszSetting,
                                          DWORD *pcchSetting)
{
    const iisr_server_t *server = ((process_t *)(void *)This)->server;
    const WCHAR *text = L"";
    DWORD need;

    if (!pcchSetting || SettingId < CLR_VERSION
        || SettingId > CLR_VERSION_PATH) {
        return BAD_PARAMETER;
    }
    if (SettingId == APP_POOL_NAME) {
        text = server->pool_name;
    }
    else if (SettingId == APP_HOST_FILE_NAME) {
        text = server->config_file;
    }
    need = (DWORD)wcslen(text) + 1;
    if (!pszSetting || *pcchSetting < need) {
        *pcchSetting = need;
        return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    }
    wmemcpy(pszSetting, text, need);
    *pcchSetting = need;
    return S_OK;
}

static HRESULT settings_GetBoolProperty(IWpfSettings *This,
                                        WPF_SETTINGS_BOOL_ENUM SettingId,
                                        BOOL *pfSetting)
{
    (void)This;
    if (!pfSetting || SettingId < ENABLED_CENTRAL_BINARY_LOGGING
        || SettingId > ENABLED_HOSTABLE_WEB_CORE) {
        return BAD_PARAMETER;
    }
    *pfSetting = FALSE;
    return S_OK;
}

/* There are no Windows tokens. */
static HRESULT settings_GetHandleProperty(IWpfSettings *This,
                                          WPF_SETTINGS_HANDLE_ENUM SettingId,
                                          HANDLE *phSetting)
{
    (void)This;
    if (!phSetting || SettingId != ANONYMOUS_USER_TOKEN) {
        return BAD_PARAMETER;
    }
    *phSetting = NULL;
    return S_OK;
}

IISR_VTABLE(IWpfSettings, settings_vtbl) = {
    .base = { .AddRef = process_AddRef, .Release = process_Release },
    .GetDwordProperty = settings_GetDwordProperty,
    .GetUlonglongProperty = settings_GetUlonglongProperty,
    .GetStringProperty = settings_GetStringProperty,
    .GetBoolProperty = settings_GetBoolProperty,
    .GetHandleProperty = settings_GetHandleProperty
} IISR_VTABLE_END;

/* --- IWpfActions -------------------------------------------------------- */

static IHttpServer *server_of(process_t *process)
{
    return (IHttpServer *)(void *)&process->server->iface;
}

static void actions_RecycleWorkerProcess(IWpfActions *This, PCWSTR pszReason)
{
    IHttpServer *server = server_of(process_of_actions(This));

    server->lpVtbl->RecycleProcess(server, pszReason);
}

/* There are no pings: at once. */
static void actions_FailWorkerProcess(IWpfActions *This, PCWSTR pszReason,
                                      HRESULT hrFailureToReport,
                                      BOOL fFailOnNextPing)
{
    IHttpServer *server = server_of(process_of_actions(This));

    (void)fFailOnNextPing;
    server->lpVtbl->ReportUnhealthy(server, pszReason, hrFailureToReport);
}

IISR_VTABLE(IWpfActions, actions_vtbl) = {
    .base = { .AddRef = process_AddRef, .Release = process_Release },
    .RecycleWorkerProcess = actions_RecycleWorkerProcess,
    .FailWorkerProcess = actions_FailWorkerProcess
} IISR_VTABLE_END;

/* --- IWorkerProcessFramework -------------------------------------------- */

static HRESULT framework_GetWpfInterface(IWorkerProcessFramework *This,
                                         WPF_INTERFACE_ID_ENUM WpfInterfaceId,
                                         PVOID *ppInterface)
{
    process_t *process = process_of_framework(This);

    if (!ppInterface) {
        return BAD_PARAMETER;
    }
    *ppInterface = WpfInterfaceId == WPF_SETTINGS_ID
        ? (PVOID)&process->settings
        : WpfInterfaceId == WPF_ACTIONS_ID ? (PVOID)&process->actions : NULL;
    return *ppInterface ? S_OK : E_NOINTERFACE;
}

static HRESULT framework_GetCustomInterface(IWorkerProcessFramework *This,
                                            DWORD InterfaceId,
                                            PVOID *ppInterface)
{
    (void)This;
    (void)InterfaceId;
    if (!ppInterface) {
        return BAD_PARAMETER;
    }
    *ppInterface = NULL;
    return E_NOINTERFACE;
}

static HRESULT framework_GetInterfaceVersion(IWorkerProcessFramework *This,
                                             PDWORD pdwMajorVersion,
                                             PDWORD pdwMinorVersion)
{
    (void)This;
    if (!pdwMajorVersion || !pdwMinorVersion) {
        return BAD_PARAMETER;
    }
    *pdwMajorVersion = 10;
    *pdwMinorVersion = 0;
    return S_OK;
}

IISR_VTABLE(IWorkerProcessFramework, framework_vtbl) = {
    .base = { .AddRef = process_AddRef, .Release = process_Release },
    .GetWpfInterface = framework_GetWpfInterface,
    .GetCustomInterface = framework_GetCustomInterface,
    .GetInterfaceVersion = framework_GetInterfaceVersion
} IISR_VTABLE_END;

void iisr_worker_process_init(apr_pool_t *pool, iisr_server_t *server)
{
    process_t *process = apr_pcalloc(pool, sizeof(*process));

    process->settings.lpVtbl = IISR_VPTR(settings_vtbl);
    process->actions.lpVtbl = IISR_VPTR(actions_vtbl);
    process->framework.lpVtbl = IISR_VPTR(framework_vtbl);
    process->server = server;
    server->settings = &process->settings;
    server->framework = &process->framework;
}
