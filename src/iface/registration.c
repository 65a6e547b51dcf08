/* registration.c: IHttpModuleRegistrationInfo2, what RegisterModule is
 * given: a module says here what it wants to be told.  While RegisterModule
 * runs, one thread.
 */
#include <wchar.h>
#include "objects.h"
#include "vtable.h"
#include "core/global.h"

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

static PCWSTR registration_GetName(IHttpModuleRegistrationInfo *This)
{
    return module_of(This)->wide_name;
}

static HTTP_MODULE_ID registration_GetId(IHttpModuleRegistrationInfo *This)
{
    return (HTTP_MODULE_ID)(apr_uintptr_t)(module_of(This)->index + 1);
}

HRESULT iisr_registration_set_events(iisr_module_t *module,
                                     IHttpModuleFactory *pModuleFactory,
                                     DWORD dwRequestNotifications,
                                     DWORD dwPostRequestNotifications)
{
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

static HRESULT registration_SetRequestNotifications(
    IHttpModuleRegistrationInfo *This, IHttpModuleFactory *pModuleFactory,
    DWORD dwRequestNotifications, DWORD dwPostRequestNotifications)
{
    return iisr_registration_set_events(module_of(This), pModuleFactory,
                                        dwRequestNotifications,
                                        dwPostRequestNotifications);
}

static HRESULT registration_SetGlobalNotifications(
    IHttpModuleRegistrationInfo *This, CGlobalModule *pGlobalModule,
    DWORD dwGlobalNotifications)
{
    iisr_module_t *module = module_of(This);

    if (!pGlobalModule || (dwGlobalNotifications & ~iisr_global_known())) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    if (module->global) {
        return HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
    }
    module->global = pGlobalModule;
    module->global_events = dwGlobalNotifications;
    module->registry->global_events |= dwGlobalNotifications;
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

HRESULT iisr_registration_set_priority(iisr_module_t *module, int post,
                                       DWORD mask, PCWSTR alias)
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
    return iisr_registration_set_priority(module_of(This), 0,
                                          dwRequestNotification, pszPriority);
}

static HRESULT registration_SetPriorityForPostRequestNotification(
    IHttpModuleRegistrationInfo2 *This, DWORD dwPostRequestNotification,
    PCWSTR pszPriority)
{
    return iisr_registration_set_priority(module_of(This), 1,
                                          dwPostRequestNotification,
                                          pszPriority);
}

static HRESULT registration_SetPriorityForGlobalNotification(
    IHttpModuleRegistrationInfo *This, DWORD dwGlobalNotification,
    PCWSTR pszPriority)
{
    int priority = priority_of(pszPriority), bit;

    if (priority == IISR_PRIORITIES
        || (dwGlobalNotification & ~iisr_global_known())) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    for (bit = 0; bit < IISR_GLOBAL_BITS; bit++) {
        if (dwGlobalNotification & (1u << bit)) {
            module_of(This)->global_priority[bit] = (unsigned char)priority;
        }
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
    memset(module->global_priority, IISR_PRIORITY_MEDIUM,
           sizeof(module->global_priority));
}
