/* trace_items.c: an HTTP_TRACE_EVENT as text.  Page: "HTTP_TRACE_TYPE
 * Enumeration".  Pure functions; an item whose length does not fit its type
 * is shown as bytes.
 */
#include <string.h>
#include <apr_strings.h>
#include "trace.h"
#include "core/wide.h"

typedef const char *(*show_fn)(apr_pool_t *pool, const BYTE *data,
                               apr_size_t length);

#define NUMBER(name, type, format) \
    static const char *name(apr_pool_t *pool, const BYTE *data, \
                            apr_size_t length) \
    { \
        type value; \
        if (length != sizeof(value)) { \
            return NULL; \
        } \
        memcpy(&value, data, sizeof(value)); \
        return apr_psprintf(pool, format, value); \
    }
NUMBER(show_byte, BYTE, "%u")
NUMBER(show_char, signed char, "%d")
NUMBER(show_ushort, USHORT, "%u")
NUMBER(show_short, SHORT, "%d")
NUMBER(show_ulong, DWORD, "%u")
NUMBER(show_long, LONG, "%d")
NUMBER(show_ulonglong, apr_uint64_t, "%" APR_UINT64_T_FMT)
NUMBER(show_longlong, apr_int64_t, "%" APR_INT64_T_FMT)

static const char *show_bool(apr_pool_t *pool, const BYTE *data,
                             apr_size_t length)
{
    BOOL value;

    (void)pool;
    if (length != sizeof(value)) {
        return NULL;
    }
    memcpy(&value, data, sizeof(value));
    return value ? "true" : "false";
}

static const char *show_string(apr_pool_t *pool, const BYTE *data,
                               apr_size_t length)
{
    return apr_pstrmemdup(pool, (const char *)data,
                          strnlen((const char *)data, length));
}

static const char *show_wide(apr_pool_t *pool, const BYTE *data,
                             apr_size_t length)
{
    apr_size_t n = length / sizeof(WCHAR);

    return iisr_narrow_n(pool, (const WCHAR *)(const void *)data,
                         wcsnlen((const WCHAR *)(const void *)data, n), NULL);
}

static const char *show_guid(apr_pool_t *pool, const BYTE *data,
                             apr_size_t length)
{
    GUID g;

    if (length != sizeof(g)) {
        return NULL;
    }
    memcpy(&g, data, sizeof(g));
    return apr_psprintf(pool, "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X"
                        "%02X}", g.Data1, g.Data2, g.Data3, g.Data4[0],
                        g.Data4[1], g.Data4[2], g.Data4[3], g.Data4[4],
                        g.Data4[5], g.Data4[6], g.Data4[7]);
}

static const struct {
    HTTP_TRACE_TYPE type;
    show_fn show;
} shows[] = {
    { HTTP_TRACE_TYPE_BYTE, show_byte }, { HTTP_TRACE_TYPE_CHAR, show_char },
    { HTTP_TRACE_TYPE_USHORT, show_ushort },
    { HTTP_TRACE_TYPE_SHORT, show_short },
    { HTTP_TRACE_TYPE_ULONG, show_ulong },
    { HTTP_TRACE_TYPE_LONG, show_long },
    { HTTP_TRACE_TYPE_ULONGLONG, show_ulonglong },
    { HTTP_TRACE_TYPE_LONGLONG, show_longlong },
    { HTTP_TRACE_TYPE_BOOL, show_bool },
    { HTTP_TRACE_TYPE_LPCSTR, show_string },
    { HTTP_TRACE_TYPE_LPCWSTR, show_wide },
    { HTTP_TRACE_TYPE_LPCGUID, show_guid }
};

static const char *show_item(apr_pool_t *pool,
                             const HTTP_TRACE_EVENT_ITEM *item)
{
    const char *text = NULL;
    unsigned int i;

    for (i = 0; item->pbData && i < sizeof(shows) / sizeof(shows[0]); i++) {
        if (shows[i].type == item->dwDataType) {
            text = shows[i].show(pool, item->pbData, item->cbData);
        }
    }
    return text ? text : apr_psprintf(pool, "(%u bytes)", item->cbData);
}

static const char *narrow(apr_pool_t *pool, PCWSTR text)
{
    return text ? iisr_narrow(pool, text, NULL) : "";
}

const char *iisr_trace_text(apr_pool_t *pool, const HTTP_TRACE_EVENT *event)
{
    const char *text = apr_psprintf(pool, "event %s (%u), area %u, verbosity "
                                    "%u", narrow(pool, event->pszEventName),
                                    event->dwEvent, event->dwArea,
                                    event->dwVerbosity);
    DWORD i;

    for (i = 0; event->pEventItems && i < event->cEventItems; i++) {
        const HTTP_TRACE_EVENT_ITEM *item = &event->pEventItems[i];

        text = apr_pstrcat(pool, text, ", ", narrow(pool, item->pszName), "=",
                           show_item(pool, item), NULL);
    }
    return text;
}
