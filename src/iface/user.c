/* user.c: IHttpUser, who the request comes from.
 *
 * One malloc'ed block, counted: modules may keep a user beyond its request.
 * Constant but for the count; any thread.  There are no Windows tokens here:
 * GetPrimaryToken and GetImpersonationToken are NULL, which IIS allows.
 */
#include <stdlib.h>
#include <wchar.h>
#include <apr_atomic.h>
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

enum { USER_NAME, USER_TYPE, USER_PASSWORD, USER_STRINGS };

typedef struct user_t {
    IHttpUser iface;                    /* must be first */
    volatile apr_uint32_t refs;
    const WCHAR *strings[USER_STRINGS];
    WCHAR text[1];
} user_t;

static user_t *user_of(IHttpUser *iface)
{
    return (user_t *)(void *)iface;
}

static PCWSTR user_GetRemoteUserName(IHttpUser *This)
{
    return user_of(This)->strings[USER_NAME];
}

static PCWSTR user_GetUserName(IHttpUser *This)
{
    return user_of(This)->strings[USER_NAME];
}

static PCWSTR user_GetAuthenticationType(IHttpUser *This)
{
    return user_of(This)->strings[USER_TYPE];
}

static PCWSTR user_GetPassword(IHttpUser *This)
{
    return user_of(This)->strings[USER_PASSWORD];
}

static HANDLE user_GetToken(IHttpUser *This)
{
    (void)This;
    return NULL;
}

static void user_ReferenceUser(IHttpUser *This)
{
    apr_atomic_inc32(&user_of(This)->refs);
}

static void user_DereferenceUser(IHttpUser *This)
{
    if (!apr_atomic_dec32(&user_of(This)->refs)) {
        free(user_of(This));
    }
}

static BOOL user_SupportsIsInRole(IHttpUser *This)
{
    return !*user_of(This)->strings[USER_NAME];
}

/* IIS: an anonymous user is in the empty role only; users of Basic and the
 * like do not know. */
static HRESULT user_IsInRole(IHttpUser *This, PCWSTR pszRoleName,
                             BOOL *pfInRole)
{
    if (!user_SupportsIsInRole(This)) {
        return E_NOTIMPL;
    }
    if (!pfInRole) {
        return E_INVALIDARG;
    }
    *pfInRole = !pszRoleName || !*pszRoleName;
    return S_OK;
}

static PVOID user_GetUserVariable(IHttpUser *This, PCSTR pszVariableName)
{
    (void)This;
    (void)pszVariableName;
    return NULL;
}

IISR_VTABLE(IHttpUser, user_vtbl) = {
    .GetRemoteUserName = user_GetRemoteUserName,
    .GetUserName = user_GetUserName,
    .GetAuthenticationType = user_GetAuthenticationType,
    .GetPassword = user_GetPassword,
    .GetImpersonationToken = user_GetToken,
    .GetPrimaryToken = user_GetToken,
    .ReferenceUser = user_ReferenceUser,
    .DereferenceUser = user_DereferenceUser,
    .SupportsIsInRole = user_SupportsIsInRole,
    .IsInRole = user_IsInRole,
    .GetUserVariable = user_GetUserVariable
} IISR_VTABLE_END;

IHttpUser *iisr_user_create(apr_pool_t *scratch, const char *name,
                            const char *type, const char *password)
{
    const char *strings[USER_STRINGS] = { name, type, password };
    WCHAR *wide[USER_STRINGS], *end;
    apr_size_t lengths[USER_STRINGS] = { 0 }, total = 0;
    user_t *user;
    int i;

    for (i = 0; i < USER_STRINGS; i++) {
        wide[i] = iisr_widen(scratch, strings[i] ? strings[i] : "",
                             &lengths[i]);
        total += lengths[i] + 1;
    }
    user = calloc(1, sizeof(*user) + total * sizeof(WCHAR));
    if (!user) {
        return NULL;
    }
    user->iface.lpVtbl = IISR_VPTR(user_vtbl);
    user->refs = 1;
    for (end = user->text, i = 0; i < USER_STRINGS; i++) {
        user->strings[i] = end;
        wmemcpy(end, wide[i], lengths[i]);
        end += lengths[i] + 1;
    }
    return &user->iface;
}
