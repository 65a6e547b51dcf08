/* registration.c: IHttpModuleRegistrationInfo2, what RegisterModule is
 * given: a module says here what it wants to be told.  While RegisterModule
 * runs, one thread.
 */
#include <wchar.h>
#include "objects.h"
#include "vtable.h"

static iisr_module_t *module_of(void *iface)
{
    return iface;
}

static DWORD known_events(void)
{
    DWORD mask = 0;
    int event;

    for (event = 0; event < IISR_EVENTS; event++) {
        mask |= iisr_event_bit(event);
    }
    return mask | RQ_SEND_RESPONSE_STATUS_AND_HEADERS;
}

/* GL_TRACE_EVENT and all that is below and above it in httpserv.h. */
static DWORD known_global_events(void)
{
    return GL_STOP_LISTENING | GL_CACHE_CLEANUP | GL_CACHE_OPERATION
           | GL_HEALTH_CHECK | GL_CONFIGURATION_CHANGE | GL_FILE_CHANGE
           | GL_PRE_BEGIN_REQUEST | GL_APPLICATION_START
           | GL_APPLICATION_RESOLVE_MODULES | GL_APPLICATION_STOP
           | GL_RSCA_QUERY | GL_TRACE_EVENT | GL_CUSTOM_NOTIFICATION
           | GL_THREAD_CLEANUP | GL_APPLICATION_PRELOAD | GL_SUSPEND_PROCESS;
}

static PCWSTR registration_GetName(IHttpModuleRegistrationInfo *This)
{
    return module_of(This)->wide_name;
}

static HTTP_MODULE_ID registration_GetId(IHttpModuleRegistrationInfo *This)
{
    return (HTTP_MODULE_ID)(apr_uintptr_t)(module_of(This)->index + 1);
}

static HRESULT registration_SetRequestNotifications(
    IHttpModuleRegistrationInfo *This, IHttpModuleFactory *pModuleFactory,
    DWORD dwRequestNotifications, DWORD dwPostRequestNotifications)
{
    iisr_module_t *module = module_of(This);

    if (!pModuleFactory || ((dwRequestNotifications
                             | dwPostRequestNotifications)
                            & ~known_events())) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    if (module->factory) {
        return HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
    }
    module->factory = pModuleFactory;
    module->events = dwRequestNotifications;
    module->post_events = dwPostRequestNotifications;
    return S_OK;
}

static HRESULT registration_SetGlobalNotifications(
    IHttpModuleRegistrationInfo *This, CGlobalModule *pGlobalModule,
    DWORD dwGlobalNotifications)
{
    iisr_module_t *module = module_of(This);

    if (!pGlobalModule || (dwGlobalNotifications & ~known_global_events())) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    if (module->global) {
        return HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
    }
    module->global = pGlobalModule;
    module->global_events = dwGlobalNotifications;
    return S_OK;
}

/* --- priorities --------------------------------------------------------- */

/* In the order of iisr_priority_e. */
static const WCHAR *const aliases[IISR_PRIORITIES] = {
    PRIORITY_ALIAS_FIRST, PRIORITY_ALIAS_HIGH, PRIORITY_ALIAS_MEDIUM,
    PRIORITY_ALIAS_LOW, PRIORITY_ALIAS_LAST
};

/* IISR_PRIORITIES: unknown. */
static int priority_of(PCWSTR alias)
{
    int i;

    for (i = 0; i < IISR_PRIORITIES; i++) {
        if (alias && !wcscmp(aliases[i], alias)) {
            break;
        }
    }
    return i;
}

static HRESULT set_priority(iisr_module_t *module, int post, DWORD mask,
                            PCWSTR alias)
{
    int priority = priority_of(alias), event;

    if (priority == IISR_PRIORITIES || (mask & ~known_events())) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    for (event = 0; event < IISR_EVENTS; event++) {
        if (mask & iisr_event_bit(event)) {
            module->priority[post][event] = (unsigned char)priority;
        }
    }
    return S_OK;
}

static HRESULT registration_SetPriorityForRequestNotification(
    IHttpModuleRegistrationInfo *This, DWORD dwRequestNotification,
    PCWSTR pszPriority)
{
    return set_priority(module_of(This), 0, dwRequestNotification,
                        pszPriority);
}

static HRESULT registration_SetPriorityForPostRequestNotification(
    IHttpModuleRegistrationInfo2 *This, DWORD dwPostRequestNotification,
    PCWSTR pszPriority)
{
    return set_priority(module_of(This), 1, dwPostRequestNotification,
                        pszPriority);
}

/* Global notifications go out in the order of configuration: checked, and
 * then without effect. */
static HRESULT registration_SetPriorityForGlobalNotification(
    IHttpModuleRegistrationInfo *This, DWORD dwGlobalNotification,
    PCWSTR pszPriority)
{
    (void)This;
    if (priority_of(pszPriority) == IISR_PRIORITIES
        || (dwGlobalNotification & ~known_global_events())) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    return S_OK;
}

IISR_VTABLE(IHttpModuleRegistrationInfo2, registration_vtbl) = {
    .base = {
        .GetName = registration_GetName,
        .GetId = registration_GetId,
        .SetRequestNotifications = registration_SetRequestNotifications,
        .SetGlobalNotifications = registration_SetGlobalNotifications,
        .SetPriorityForRequestNotification =
            registration_SetPriorityForRequestNotification,
        .SetPriorityForGlobalNotification =
            registration_SetPriorityForGlobalNotification
    },
    .SetPriorityForPostRequestNotification =
        registration_SetPriorityForPostRequestNotification
} IISR_VTABLE_END;

void iisr_registration_init(iisr_module_t *module)
{
    module->info.lpVtbl = IISR_VPTR(registration_vtbl);
    memset(module->priority, IISR_PRIORITY_MEDIUM, sizeof(module->priority));
}
