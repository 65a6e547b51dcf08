/* layout.h: the rows of a layout table, for either language. Addresses, because offsetof wants a standard layout. */
#define ABI_STRUCT(type) {"sizeof " #type, sizeof(type)},
#define ABI_FIELD(type, field) \
    {#type "." #field, (size_t)((char *)&((type *)abi_room)->field - abi_room)}, \
    {"sizeof " #type "." #field, sizeof(((type *)abi_room)->field)},
#include "structures.inc"
ABI_STRUCT(GUID) ABI_FIELD(GUID, Data2) ABI_FIELD(GUID, Data3) ABI_FIELD(GUID, Data4)
ABI_STRUCT(LARGE_INTEGER) ABI_FIELD(LARGE_INTEGER, HighPart) ABI_FIELD(LARGE_INTEGER, u.HighPart)
ABI_STRUCT(ULARGE_INTEGER) ABI_FIELD(ULARGE_INTEGER, HighPart) ABI_FIELD(ULARGE_INTEGER, QuadPart)
ABI_STRUCT(FILETIME) ABI_FIELD(FILETIME, dwHighDateTime)
ABI_STRUCT(SYSTEMTIME) ABI_FIELD(SYSTEMTIME, wMilliseconds)
ABI_STRUCT(OVERLAPPED) ABI_FIELD(OVERLAPPED, Offset) ABI_FIELD(OVERLAPPED, Pointer) ABI_FIELD(OVERLAPPED, hEvent)
ABI_STRUCT(IN_ADDR) ABI_FIELD(IN_ADDR, S_un.S_un_b.s_b4) ABI_FIELD(IN_ADDR, s_addr)
ABI_STRUCT(SOCKADDR_IN) ABI_FIELD(SOCKADDR_IN, sin_port) ABI_FIELD(SOCKADDR_IN, sin_addr)
ABI_STRUCT(SID) ABI_FIELD(SID, SubAuthority)
ABI_STRUCT(iis_services) ABI_FIELD(iis_services, log) ABI_FIELD(iis_services, reserved)
ABI_STRUCT(iis_type) ABI_FIELD(iis_type, typeinfo)
ABI_STRUCT(iis_handshake) ABI_FIELD(iis_handshake, cbWchar) ABI_FIELD(iis_handshake, pTypes) ABI_FIELD(iis_handshake, connection_context)
ABI_STRUCT(BOOL) ABI_STRUCT(LONG) ABI_STRUCT(ULONG) ABI_STRUCT(DWORD) ABI_STRUCT(WCHAR) ABI_STRUCT(HRESULT)
ABI_STRUCT(HTTP_HEADER_ID) ABI_STRUCT(REQUEST_NOTIFICATION_STATUS) ABI_STRUCT(GLOBAL_NOTIFICATION_STATUS)
ABI_STRUCT(HTTP_CONTEXT_INTERFACE_VERSION) ABI_STRUCT(HTTP_SERVER_INTERFACE_VERSION) ABI_STRUCT(CACHE_OPERATION)
#undef ABI_STRUCT
#undef ABI_FIELD
