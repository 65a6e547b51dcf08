/*
 * httptrace.h - trace configuration and trace events, for IHttpTraceContext and IGlobalTraceEventProvider.
 *
 * dwVerbosity: 0 general, 1 fatal error, 2 error, 3 warning, 4 information, 5 verbose. dwAreas: bits of the provider's
 * own; 0xffffe enables all. Pages: "Web Server Core Structures", "HTTP_TRACE_TYPE Enumeration".
 */
#ifndef IIS_HTTPTRACE_H
#define IIS_HTTPTRACE_H

#include "windows.h"

#define HTTP_TRACE_EVENT_FLAG_STATIC_DESCRIPTIVE_FIELDS 0x01
#define HTTP_TRACE_LEVEL_START 6
#define HTTP_TRACE_LEVEL_END 7

typedef enum _HTTP_TRACE_TYPE {
    HTTP_TRACE_TYPE_BYTE = 17,
    HTTP_TRACE_TYPE_USHORT = 18,
    HTTP_TRACE_TYPE_ULONG = 19,
    HTTP_TRACE_TYPE_ULONGLONG = 21,
    HTTP_TRACE_TYPE_CHAR = 16,
    HTTP_TRACE_TYPE_SHORT = 2,
    HTTP_TRACE_TYPE_LONG = 3,
    HTTP_TRACE_TYPE_LONGLONG = 20,
    HTTP_TRACE_TYPE_LPCWSTR = 31,
    HTTP_TRACE_TYPE_LPCSTR = 30,
    HTTP_TRACE_TYPE_LPCGUID = 72,
    HTTP_TRACE_TYPE_BOOL = 11
} HTTP_TRACE_TYPE, *PHTTP_TRACE_TYPE;

/* pProviderGuid must be set, for reading the configuration too; reading it always writes fProviderEnabled, and the rest
 * only if that is TRUE. */
typedef struct _HTTP_TRACE_CONFIGURATION {
    LPCGUID pProviderGuid;
    DWORD dwAreas;
    DWORD dwVerbosity;
    BOOL fProviderEnabled;
} HTTP_TRACE_CONFIGURATION, *PHTTP_TRACE_CONFIGURATION;

/* pbData points at cbData bytes of type dwDataType. pszDataDescription may be NULL. */
typedef struct _HTTP_TRACE_EVENT_ITEM {
    LPCWSTR pszName;
    HTTP_TRACE_TYPE dwDataType;
    PBYTE pbData;
    DWORD cbData;
    LPCWSTR pszDataDescription;
} HTTP_TRACE_EVENT_ITEM, *PHTTP_TRACE_EVENT_ITEM;

typedef struct _HTTP_TRACE_EVENT {
    LPCGUID pProviderGuid;
    DWORD dwArea;
    LPCGUID pAreaGuid;
    DWORD dwEvent;
    LPCWSTR pszEventName;
    DWORD dwEventVersion;
    DWORD dwVerbosity;
    LPCGUID pActivityGuid;
    LPCGUID pRelatedActivityGuid;
    DWORD dwTimeStamp;
    DWORD dwFlags;
    DWORD cEventItems;
    HTTP_TRACE_EVENT_ITEM *pEventItems;
} HTTP_TRACE_EVENT, *PHTTP_TRACE_EVENT;

DEFINE_GUID(GUID_IIS_ALL_TRACE_PROVIDERS,
            0x00000000, 0x0000, 0x0000, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00);
DEFINE_GUID(GUID_IIS_WWW_SERVER_TRACE_PROVIDER,
            0x3A2A4E84, 0x4C21, 0x4981, 0xAE, 0x10, 0x3F, 0xDA, 0x0D, 0x9B, 0x0F, 0x83);
DEFINE_GUID(GUID_IIS_WWW_SERVER_V2_TRACE_PROVIDER,
            0xDE4649C9, 0x15E8, 0x4FEA, 0x9D, 0x85, 0x1C, 0xDD, 0xA5, 0x20, 0xC3, 0x34);
DEFINE_GUID(GUID_IIS_ASPNET_TRACE_PROVIDER,
            0xAFF081FE, 0x0247, 0x4275, 0x9C, 0x4E, 0x02, 0x1F, 0x3D, 0xC1, 0xDA, 0x35);
DEFINE_GUID(GUID_IIS_ASP_TRACE_TRACE_PROVIDER,
            0x06B94D9A, 0xB15E, 0x456E, 0xA4, 0xEF, 0x37, 0xC9, 0x84, 0xA2, 0xCB, 0x4B);
DEFINE_GUID(GUID_IIS_WWW_GLOBAL_TRACE_PROVIDER,
            0xD55D3BC9, 0xCBA9, 0x44DF, 0x82, 0x7E, 0x13, 0x2D, 0x3A, 0x45, 0x96, 0xC2);
DEFINE_GUID(GUID_IIS_ISAPI_TRACE_PROVIDER,
            0xA1C2040E, 0x8840, 0x4C31, 0xBA, 0x11, 0x98, 0x71, 0x03, 0x1A, 0x19, 0xEA);

#endif /* IIS_HTTPTRACE_H */
