/*
 * win32/guid.h - making GUIDs and their text. Pages: "StringFromGUID2 function", "UuidCreate function".
 */
#ifndef IIS_WIN32_GUID_H
#define IIS_WIN32_GUID_H

#include "memory.h"
#include "strings.h"

typedef LONG RPC_STATUS;
typedef unsigned char *RPC_CSTR;
typedef wchar_t *RPC_WSTR;
#define RPC_S_OK 0
#define RPC_S_INVALID_STRING_UUID 1705
#define RPC_S_UUID_LOCAL_ONLY 1824
#define RPC_S_UUID_NO_ADDRESS 1739
#define RPC_S_OUT_OF_MEMORY 14
#define RPC_ENTRY

IIS_API HRESULT WINAPI CoCreateGuid(GUID *pguid)
{
    if (!pguid)
        return E_INVALIDARG;
    if (!iis_random(pguid, sizeof(GUID)))
        return E_FAIL;
    pguid->Data3 = (UINT16)((pguid->Data3 & 0x0fff) | 0x4000);
    pguid->Data4[0] = (BYTE)((pguid->Data4[0] & 0x3f) | 0x80);
    return S_OK;
}
IIS_API RPC_STATUS WINAPI UuidCreate(UUID *Uuid) { return CoCreateGuid(Uuid) == S_OK ? RPC_S_OK : RPC_S_UUID_NO_ADDRESS; }

/* {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}, upper case; or as UuidToString, without braces, lower case. */
IIS_API void iis_guid_text(const GUID &g, char *text, bool braces)
{
    snprintf(text, 40, braces ? "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}"
                              : "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             g.Data1, g.Data2, g.Data3, g.Data4[0], g.Data4[1], g.Data4[2], g.Data4[3], g.Data4[4], g.Data4[5],
             g.Data4[6], g.Data4[7]);
}
IIS_API RPC_STATUS WINAPI UuidCreateSequential(UUID *Uuid) { return UuidCreate(Uuid); }
IIS_API RPC_STATUS WINAPI UuidCreateNil(UUID *Uuid)
{
    memset(Uuid, 0, sizeof(*Uuid));
    return RPC_S_OK;
}
/* By value, as numbers; NULL is the nil one. */
IIS_API int WINAPI UuidCompare(UUID *left, UUID *right, RPC_STATUS *status)
{
    static const UUID nil = UUID();
    const UUID &a = left ? *left : nil, &b = right ? *right : nil;
    *status = RPC_S_OK;
    if (a.Data1 != b.Data1)
        return a.Data1 < b.Data1 ? -1 : 1;
    if (a.Data2 != b.Data2)
        return a.Data2 < b.Data2 ? -1 : 1;
    if (a.Data3 != b.Data3)
        return a.Data3 < b.Data3 ? -1 : 1;
    int order = memcmp(a.Data4, b.Data4, sizeof(a.Data4));
    return order < 0 ? -1 : order > 0;
}
IIS_API int WINAPI UuidEqual(UUID *left, UUID *right, RPC_STATUS *status) { return !UuidCompare(left, right, status); }
IIS_API int WINAPI UuidIsNil(UUID *Uuid, RPC_STATUS *status) { return UuidEqual(Uuid, NULL, status); }
#define InlineIsEqualGUID(a, b) IsEqualGUID(a, b)

/* The characters with the NUL, 39; 0 when cchMax is less. */
IIS_API int WINAPI StringFromGUID2(REFGUID rguid, LPWSTR lpsz, int cchMax)
{
    char text[40];

    if (!lpsz || cchMax < 39)
        return 0;
    iis_guid_text(rguid, text, true);
    for (int i = 0; i < 39; i++)
        lpsz[i] = (WCHAR)text[i];
    return 39;
}
/* Freed with CoTaskMemFree. */
IIS_API HRESULT WINAPI StringFromCLSID(REFCLSID rclsid, LPWSTR *lplpsz)
{
    *lplpsz = (LPWSTR)CoTaskMemAlloc(39 * sizeof(WCHAR));
    return *lplpsz && StringFromGUID2(rclsid, *lplpsz, 39) ? S_OK : E_OUTOFMEMORY;
}
IIS_API HRESULT WINAPI StringFromIID(REFIID rclsid, LPWSTR *lplpsz) { return StringFromCLSID(rclsid, lplpsz); }

IIS_API bool iis_guid_parse(const char *text, GUID *to)
{
    unsigned b[8];
    unsigned d1, d2, d3;
    int used = 0;

    if (sscanf(text, "%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x%n", &d1, &d2, &d3, &b[0], &b[1], &b[2], &b[3], &b[4],
               &b[5], &b[6], &b[7], &used) != 11 || used != 36)
        return false;
    to->Data1 = d1;
    to->Data2 = (UINT16)d2;
    to->Data3 = (UINT16)d3;
    for (int i = 0; i < 8; i++)
        to->Data4[i] = (BYTE)b[i];
    return true;
}
IIS_API HRESULT WINAPI CLSIDFromString(LPCWSTR lpsz, GUID *pclsid)
{
    std::string text = iis_narrow(lpsz);

    if (!pclsid)
        return E_INVALIDARG;
    memset(pclsid, 0, sizeof(*pclsid));
    if (text.size() != 38 || text[0] != '{' || text[37] != '}' || !iis_guid_parse(text.substr(1, 36).c_str(), pclsid))
        return (HRESULT)0x800401F3U;         /* CO_E_CLASSSTRING */
    return S_OK;
}
IIS_API HRESULT WINAPI IIDFromString(LPCWSTR lpsz, IID *piid) { return CLSIDFromString(lpsz, piid); }
#define CO_E_CLASSSTRING ((HRESULT)0x800401F3U)

/* Freed with RpcStringFree. */
IIS_API RPC_STATUS WINAPI UuidToStringA(const UUID *Uuid, RPC_CSTR *StringUuid)
{
    if (!(*StringUuid = (RPC_CSTR)malloc(40)))
        return RPC_S_OUT_OF_MEMORY;
    iis_guid_text(*Uuid, (char *)*StringUuid, false);
    return RPC_S_OK;
}
IIS_API RPC_STATUS WINAPI UuidToStringW(const UUID *Uuid, RPC_WSTR *StringUuid)
{
    char text[40];
    if (!(*StringUuid = (RPC_WSTR)malloc(40 * sizeof(WCHAR))))
        return RPC_S_OUT_OF_MEMORY;
    iis_guid_text(*Uuid, text, false);
    for (int i = 0; i < 37; i++)
        (*StringUuid)[i] = (WCHAR)text[i];
    return RPC_S_OK;
}
IIS_API RPC_STATUS WINAPI RpcStringFreeA(RPC_CSTR *String) { free(*String); *String = NULL; return RPC_S_OK; }
IIS_API RPC_STATUS WINAPI RpcStringFreeW(RPC_WSTR *String) { free(*String); *String = NULL; return RPC_S_OK; }
IIS_API RPC_STATUS WINAPI UuidFromStringA(RPC_CSTR StringUuid, UUID *Uuid)
{
    if (!StringUuid) {
        memset(Uuid, 0, sizeof(*Uuid));
        return RPC_S_OK;
    }
    return strlen((const char *)StringUuid) == 36 && iis_guid_parse((const char *)StringUuid, Uuid)
           ? RPC_S_OK : RPC_S_INVALID_STRING_UUID;
}
IIS_API RPC_STATUS WINAPI UuidFromStringW(RPC_WSTR StringUuid, UUID *Uuid)
{
    std::string text = iis_narrow(StringUuid);
    return UuidFromStringA(StringUuid ? (RPC_CSTR)text.c_str() : NULL, Uuid);
}

#define UuidToString IIS_AW(UuidToString)
#define UuidFromString IIS_AW(UuidFromString)
#define RpcStringFree IIS_AW(RpcStringFree)

#endif /* IIS_WIN32_GUID_H */
