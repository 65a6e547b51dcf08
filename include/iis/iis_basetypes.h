/*
 * iis_basetypes.h - the Windows names of the basic types, for C and C++ on Linux.
 *
 * Windows is LLP64 and Linux is LP64: LONG, ULONG and DWORD stay 32 bits wide, whatever `long` is. WCHAR is wchar_t,
 * 4 bytes here, so that L"" literals and the wcs* functions keep working; lengths that IIS counts in bytes are still
 * counted in bytes, that is characters times sizeof(WCHAR).
 */
#ifndef IIS_BASETYPES_H
#define IIS_BASETYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

/* ---- calling conventions and storage ---------------------------------------------------------------------------- */

#define __stdcall
#define __cdecl
#define __fastcall
#define __thiscall
#define __vectorcall
#define WINAPI
#define WINAPIV
#define APIENTRY
#define CALLBACK
#define PASCAL
#define NTAPI
#define STDAPICALLTYPE
#define STDMETHODCALLTYPE
#define FAR
#define NEAR
#define CONST const
#define __forceinline inline __attribute__((always_inline))
#define FORCEINLINE __forceinline
#define __unaligned
#define UNALIGNED
#define UNALIGNED64
#ifndef __w64
#define __w64
#endif
#ifndef __ptr64
#define __ptr64
#endif

/* An unknown __declspec is a compile error that names it: better than one silently dropped. */
#ifdef __declspec
#undef __declspec
#endif
#define __declspec(...) IIS_DECLSPEC_(__VA_ARGS__)
#define IIS_DECLSPEC_(...) IIS_DECLSPEC_##__VA_ARGS__
#define IIS_DECLSPEC_dllexport __attribute__((visibility("default")))
#define IIS_DECLSPEC_dllimport
#define IIS_DECLSPEC_novtable
#define IIS_DECLSPEC_selectany __attribute__((weak))
#define IIS_DECLSPEC_noinline __attribute__((noinline))
#define IIS_DECLSPEC_noreturn __attribute__((noreturn))
#define IIS_DECLSPEC_nothrow __attribute__((nothrow))
#define IIS_DECLSPEC_deprecated __attribute__((deprecated))
#define IIS_DECLSPEC_restrict
#define IIS_DECLSPEC_noalias
#define IIS_DECLSPEC_align(n) __attribute__((aligned(n)))
#define IIS_DECLSPEC_allocate(s)
#define IIS_DECLSPEC_uuid(s)
#ifdef __cplusplus
#define IIS_DECLSPEC_thread thread_local
#else
#define IIS_DECLSPEC_thread __thread
#endif
#define DECLSPEC_ALIGN(n) __attribute__((aligned(n)))
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_NOINLINE __attribute__((noinline))
#define DECLSPEC_NOVTABLE
#define DECLSPEC_UUID(s)
#ifdef __cplusplus
#define EXTERN_C extern "C"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END }
#else
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#endif

#define VOID void
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
#ifndef MAX_PATH
#define MAX_PATH 260
#endif

/* ---- integers ---------------------------------------------------------------------------------------------------- */

#ifndef __int8
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#endif

typedef int BOOL, *PBOOL, *LPBOOL;
typedef unsigned char BYTE, *PBYTE, *LPBYTE;
typedef unsigned char UCHAR, *PUCHAR;
typedef unsigned char BOOLEAN, *PBOOLEAN;
typedef char CHAR, *PCHAR;
typedef short SHORT, *PSHORT;
typedef unsigned short USHORT, *PUSHORT;
typedef unsigned short WORD, *PWORD, *LPWORD;
typedef int INT, *PINT, *LPINT;
typedef unsigned int UINT, *PUINT;
typedef int LONG, *PLONG, *LPLONG;
typedef unsigned int ULONG, *PULONG;
typedef unsigned int DWORD, *PDWORD, *LPDWORD;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef unsigned long long DWORDLONG, *PDWORDLONG;
typedef unsigned long long QWORD;
typedef signed char INT8;
typedef unsigned char UINT8;
typedef short INT16;
typedef unsigned short UINT16;
typedef int INT32;
typedef unsigned int UINT32;
typedef long long INT64;
typedef unsigned long long UINT64;
typedef int LONG32;
typedef unsigned int ULONG32;
typedef unsigned int DWORD32;
typedef long long LONG64;
typedef unsigned long long ULONG64;
typedef unsigned long long DWORD64;
typedef float FLOAT;
typedef double DOUBLE;

typedef intptr_t INT_PTR;
typedef uintptr_t UINT_PTR;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR, *PULONG_PTR;
typedef uintptr_t DWORD_PTR, *PDWORD_PTR;
typedef size_t SIZE_T, *PSIZE_T;
typedef ssize_t SSIZE_T;
typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;

typedef LONG HRESULT;
typedef LONG NTSTATUS;
typedef LONG SECURITY_STATUS;
typedef DWORD ACCESS_MASK;
typedef DWORD LCID;

/* ---- pointers, strings, handles ---------------------------------------------------------------------------------- */

typedef void *PVOID, *LPVOID;
typedef const void *LPCVOID;
typedef PVOID PSID;
typedef PVOID PSECURITY_DESCRIPTOR;

typedef wchar_t WCHAR, *PWCHAR, *LPWCH, *PWCH;
typedef CHAR *PSTR, *LPSTR, *PCH, *LPCH;
typedef const CHAR *PCSTR, *LPCSTR, *PCCH, *LPCCH;
typedef WCHAR *PWSTR, *LPWSTR, *NWPSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR, *PCWCH, *LPCWCH;

/* Windows' headers look at one, MSVC's runtime at the other; projects define both. */
#if defined(_UNICODE) && !defined(UNICODE)
#define UNICODE
#endif
#ifdef UNICODE
#ifndef _UNICODE
#define _UNICODE
#endif
typedef WCHAR TCHAR;
#ifndef __TEXT
#define __TEXT(s) L##s
#endif
#else
typedef char TCHAR;
#ifndef __TEXT
#define __TEXT(s) s
#endif
#endif
#ifndef TEXT
#define TEXT(s) __TEXT(s)
#endif
typedef TCHAR *PTSTR, *LPTSTR;
typedef const TCHAR *PCTSTR, *LPCTSTR;

typedef void *HANDLE, **PHANDLE, **LPHANDLE;
typedef HANDLE HMODULE, HINSTANCE, HLOCAL, HGLOBAL, HKEY, *PHKEY, HWND;
typedef INT_PTR (*FARPROC)(void);

#define DECLARE_HANDLE(name) typedef struct name##__ { int unused; } *name
#define INVALID_HANDLE_VALUE ((HANDLE)(intptr_t)-1)

/*
 * A HANDLE is opaque. A file handle carries a descriptor as fd + 1, so that neither NULL nor INVALID_HANDLE_VALUE is
 * ever a descriptor; a HANDLE of any other kind is a pointer to its object, and no object lives below 1 MiB.
 */
#define IIS_HANDLE_FD_LIMIT ((intptr_t)1 << 20)

static inline HANDLE iis_handle_from_fd(int fd)
{
    return fd < 0 || fd >= IIS_HANDLE_FD_LIMIT - 1 ? INVALID_HANDLE_VALUE : (HANDLE)((intptr_t)fd + 1);
}

/* -1 if the handle does not carry a descriptor. */
static inline int iis_fd_from_handle(HANDLE hHandle)
{
    intptr_t value = (intptr_t)hHandle;
    return value > 0 && value < IIS_HANDLE_FD_LIMIT ? (int)(value - 1) : -1;
}

/* ---- structures -------------------------------------------------------------------------------------------------- */

typedef struct _GUID {
    UINT32 Data1;
    UINT16 Data2;
    UINT16 Data3;
    BYTE   Data4[8];
} GUID, *PGUID, *LPGUID, IID, *LPIID, CLSID, *LPCLSID, UUID;
typedef const GUID *LPCGUID, *LPCIID;

#ifdef __cplusplus
static inline bool IsEqualGUID(const GUID &rguid1, const GUID &rguid2)
{
    return memcmp(&rguid1, &rguid2, sizeof(GUID)) == 0;
}
inline bool operator==(const GUID &left, const GUID &right) { return IsEqualGUID(left, right); }
inline bool operator!=(const GUID &left, const GUID &right) { return !IsEqualGUID(left, right); }
typedef const GUID &REFGUID, &REFIID, &REFCLSID;
#else
static inline BOOL IsEqualGUID(const GUID *rguid1, const GUID *rguid2)
{
    return memcmp(rguid1, rguid2, sizeof(GUID)) == 0;
}
typedef const GUID *REFGUID, *REFIID, *REFCLSID;
#endif
#define IsEqualIID(a, b) IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)

/* Each file gets its own constant: no link-time owner, nothing that two modules could share by accident. */
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
    static const GUID name __attribute__((unused)) = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}

typedef union _LARGE_INTEGER {
    __extension__ struct { DWORD LowPart; LONG HighPart; };
    struct { DWORD LowPart; LONG HighPart; } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct { DWORD LowPart; DWORD HighPart; };
    struct { DWORD LowPart; DWORD HighPart; } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _FILETIME {                   /* 100 ns units since 1601-01-01 UTC */
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth;                             /* 1 = January */
    WORD wDayOfWeek;                         /* 0 = Sunday */
    WORD wDay;
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

typedef struct _OVERLAPPED {
    ULONG_PTR Internal;
    ULONG_PTR InternalHigh;
    __extension__ union {
        __extension__ struct { DWORD Offset; DWORD OffsetHigh; };
        PVOID Pointer;
    };
    HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;

typedef VOID (WINAPI *LPOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwErrorCode, DWORD dwNumberOfBytesTransfered,
                                                       LPOVERLAPPED lpOverlapped);

typedef struct _SECURITY_ATTRIBUTES {
    DWORD nLength;
    LPVOID lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

typedef struct _SID_IDENTIFIER_AUTHORITY {
    BYTE Value[6];
} SID_IDENTIFIER_AUTHORITY, *PSID_IDENTIFIER_AUTHORITY;

typedef struct _SID {
    BYTE Revision;
    BYTE SubAuthorityCount;
    SID_IDENTIFIER_AUTHORITY IdentifierAuthority;
    DWORD SubAuthority[1];
} SID, *PISID;

/* ---- socket addresses --------------------------------------------------------------------------------------------
 * The system's own structures, except that IN_ADDR also offers Winsock's S_un members. SOCKADDR_IN has the layout of
 * struct sockaddr_in. AF_INET6 is the system's number (10; Windows: 23): compare with the constant. */

typedef unsigned short ADDRESS_FAMILY;
typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in6 SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;
typedef struct sockaddr_storage SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;
typedef struct in6_addr IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;

typedef struct iis_in_addr {
    __extension__ union {
        union {
            struct { UCHAR s_b1, s_b2, s_b3, s_b4; } S_un_b;
            struct { USHORT s_w1, s_w2; } S_un_w;
            ULONG S_addr;
        } S_un;
        ULONG s_addr;
    };
#ifdef __cplusplus
    operator struct in_addr() const { struct in_addr native; native.s_addr = s_addr; return native; }
#endif
} __attribute__((may_alias)) IN_ADDR, *PIN_ADDR, *LPIN_ADDR;

typedef struct iis_sockaddr_in {
    ADDRESS_FAMILY sin_family;
    USHORT sin_port;
    IN_ADDR sin_addr;
    CHAR sin_zero[8];
} __attribute__((may_alias)) SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;

/* The links of a list; the functions that walk it are the module's. */
typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

/* clang knows 1i64 itself, under -fms-extensions. */
#if defined(__cplusplus) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wliteral-suffix"
extern "C++" {
constexpr long long operator""i64(unsigned long long value) { return (long long)value; }
constexpr unsigned long long operator""ui64(unsigned long long value) { return value; }
}
#pragma GCC diagnostic pop
#endif

/* ---- small macros ------------------------------------------------------------------------------------------------ */

#define UNREFERENCED_PARAMETER(P) ((void)(P))
#define DBG_UNREFERENCED_PARAMETER(P) ((void)(P))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(V) ((void)(V))

#define RtlZeroMemory(Destination, Length) memset((Destination), 0, (Length))
#define RtlFillMemory(Destination, Length, Fill) memset((Destination), (Fill), (Length))
#define RtlCopyMemory(Destination, Source, Length) memcpy((Destination), (Source), (Length))
#define RtlMoveMemory(Destination, Source, Length) memmove((Destination), (Source), (Length))
#define ZeroMemory RtlZeroMemory
#define FillMemory RtlFillMemory
#define CopyMemory RtlCopyMemory
#define MoveMemory RtlMoveMemory

#ifdef __cplusplus
template <typename T, size_t N> char (&iis_array_size(T (&)[N]))[N];
#define ARRAYSIZE(a) (sizeof(iis_array_size(a)))
#else
#define ARRAYSIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#define RTL_NUMBER_OF(a) ARRAYSIZE(a)
#ifndef _countof
#define _countof(a) ARRAYSIZE(a)
#endif
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define C_ASSERT(e) typedef char __C_ASSERT__[(e) ? 1 : -1] __attribute__((unused))
#define CONTAINING_RECORD(address, type, field) ((type *)((char *)(address)-offsetof(type, field)))

#define MAKEWORD(a, b) ((WORD)(((BYTE)((a) & 0xff)) | ((WORD)((BYTE)((b) & 0xff))) << 8))
#define MAKELONG(a, b) ((LONG)(((WORD)((a) & 0xffff)) | ((DWORD)((WORD)((b) & 0xffff))) << 16))
#define LOWORD(l) ((WORD)((l) & 0xffff))
#define HIWORD(l) ((WORD)(((l) >> 16) & 0xffff))
#define LOBYTE(w) ((BYTE)((w) & 0xff))
#define HIBYTE(w) ((BYTE)(((w) >> 8) & 0xff))
#define Int32x32To64(a, b) ((LONGLONG)(LONG)(a) * (LONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(DWORD)(a) * (DWORD)(b))

#define MAXWORD 0xffff
#define MAXDWORD 0xffffffffU
#define MAXLONG 0x7fffffff
#define MINLONG ((LONG)0x80000000U)
#define MAXULONG 0xffffffffU
#define MAXUSHORT 0xffff
#define INFINITE 0xffffffffU

/*
 * min and max as Windows' macros behave: two arithmetic types, compared in their common one. They are functions, so that
 * libstdc++'s headers may follow; the macros only answer #ifdef and #undef. Not there with NOMINMAX.
 */
#if defined(__cplusplus) && !defined(NOMINMAX)
extern "C++" {
template <typename A, typename B> constexpr decltype(true ? A() : B()) min(const A &a, const B &b)
{
    return (decltype(true ? A() : B()))a < (decltype(true ? A() : B()))b ? a : b;
}
template <typename A, typename B> constexpr decltype(true ? A() : B()) max(const A &a, const B &b)
{
    return (decltype(true ? A() : B()))a > (decltype(true ? A() : B()))b ? a : b;
}
}
#define min min
#define max max
#endif

/* Attributes as IHttpFileInfo::GetAttributes reports them. */
#define FILE_ATTRIBUTE_READONLY 0x00000001
#define FILE_ATTRIBUTE_HIDDEN 0x00000002
#define FILE_ATTRIBUTE_SYSTEM 0x00000004
#define FILE_ATTRIBUTE_DIRECTORY 0x00000010
#define FILE_ATTRIBUTE_ARCHIVE 0x00000020
#define FILE_ATTRIBUTE_DEVICE 0x00000040
#define FILE_ATTRIBUTE_NORMAL 0x00000080
#define FILE_ATTRIBUTE_TEMPORARY 0x00000100
#define FILE_ATTRIBUTE_SPARSE_FILE 0x00000200
#define FILE_ATTRIBUTE_REPARSE_POINT 0x00000400
#define FILE_ATTRIBUTE_COMPRESSED 0x00000800
#define FILE_ATTRIBUTE_OFFLINE 0x00001000
#define FILE_ATTRIBUTE_NOT_CONTENT_INDEXED 0x00002000
#define FILE_ATTRIBUTE_ENCRYPTED 0x00004000

#define LOGON32_LOGON_INTERACTIVE 2
#define LOGON32_LOGON_NETWORK 3
#define LOGON32_LOGON_BATCH 4
#define LOGON32_LOGON_SERVICE 5
#define LOGON32_LOGON_UNLOCK 7
#define LOGON32_LOGON_NETWORK_CLEARTEXT 8
#define LOGON32_LOGON_NEW_CREDENTIALS 9

#endif /* IIS_BASETYPES_H */
