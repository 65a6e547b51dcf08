/* precondition.c: what the preCondition of a module may ask of the process.
 * Page: "IHttpServer::SatisfiesPrecondition Method".  Pure functions.
 */
#include <wchar.h>
#include "server.h"

static const struct {
    const WCHAR *name;
    BOOL answer;
} preconditions[] = {
    { L"integratedMode", TRUE },
    { L"ISAPIMode", FALSE },
    { L"managedHandler", FALSE },
    { L"bitness32", sizeof(void *) == 4 },
    { L"bitness64", sizeof(void *) == 8 }
};

/* name among the parts of a list that sep separates. */
static int in_list(const WCHAR *list, const WCHAR *end, const WCHAR *name)
{
    apr_size_t length = wcslen(name), n;

    for (; list < end; list += n + 1) {
        for (n = 0; list + n < end && list[n] != L';'; n++) {
            continue;
        }
        if (n == length && !wmemcmp(list, name, n)) {
            return 1;
        }
    }
    return 0;
}

static BOOL satisfied_by(const WCHAR *pool_name, const WCHAR *p,
                         apr_size_t n, BOOL *unknown)
{
    unsigned int i;

    for (i = 0; i < sizeof(preconditions) / sizeof(preconditions[0]); i++) {
        if (wcslen(preconditions[i].name) == n
            && !wmemcmp(preconditions[i].name, p, n)) {
            return preconditions[i].answer;
        }
    }
    if (n >= 12 && !wmemcmp(p, L"appPoolName=", 12)) {
        return in_list(p + 12, p + n, pool_name);
    }
    /* No .NET of any version runs in this process. */
    if (n < 14 || wmemcmp(p, L"runtimeVersion", 14)) {
        *unknown = TRUE;
    }
    return FALSE;
}

/* One, or several separated by commas that must all hold. */
BOOL iisr_precondition(const WCHAR *pool_name, const WCHAR *list,
                       BOOL *unknown)
{
    const WCHAR *p = list;
    BOOL satisfied = TRUE;
    apr_size_t n;

    *unknown = FALSE;
    while (p && *p) {
        n = wcscspn(p, L",");
        if (!satisfied_by(pool_name, p, n, unknown)) {
            satisfied = FALSE;
        }
        p += n;
        p += (*p == L',');
    }
    return satisfied && list;
}
