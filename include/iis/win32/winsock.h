/*
 * win32/winsock.h - Winsock's names on the system's sockets: a SOCKET is a descriptor, errno becomes a WSA code.
 * AF_INET6 is the system's number. Overlapped calls and events of sockets are not here.
 */
#ifndef IIS_WIN32_WINSOCK_H
#define IIS_WIN32_WINSOCK_H

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/select.h>

#include "strings.h"

typedef int SOCKET;
#define INVALID_SOCKET (-1)
#define SOCKET_ERROR (-1)
#define SD_RECEIVE 0
#define SD_SEND 1
#define SD_BOTH 2
#define WSADESCRIPTION_LEN 256
#define WSASYS_STATUS_LEN 128
typedef struct WSAData {
    WORD wVersion, wHighVersion;
    unsigned short iMaxSockets, iMaxUdpDg;
    char *lpVendorInfo;
    char szDescription[WSADESCRIPTION_LEN + 1];
    char szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *LPWSADATA;
typedef struct addrinfo ADDRINFOA, *PADDRINFOA;
typedef struct timeval TIMEVAL;
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct linger LINGER;

#define WSAEINTR 10004
#define WSAEBADF 10009
#define WSAEACCES 10013
#define WSAEFAULT 10014
#define WSAEINVAL 10022
#define WSAEMFILE 10024
#define WSAEWOULDBLOCK 10035
#define WSAEINPROGRESS 10036
#define WSAEALREADY 10037
#define WSAENOTSOCK 10038
#define WSAEDESTADDRREQ 10039
#define WSAEMSGSIZE 10040
#define WSAEPROTONOSUPPORT 10043
#define WSAEOPNOTSUPP 10045
#define WSAEAFNOSUPPORT 10047
#define WSAEADDRINUSE 10048
#define WSAEADDRNOTAVAIL 10049
#define WSAENETDOWN 10050
#define WSAENETUNREACH 10051
#define WSAECONNABORTED 10053
#define WSAECONNRESET 10054
#define WSAENOBUFS 10055
#define WSAEISCONN 10056
#define WSAENOTCONN 10057
#define WSAESHUTDOWN 10058
#define WSAETIMEDOUT 10060
#define WSAECONNREFUSED 10061
#define WSAEHOSTUNREACH 10065
#define WSANOTINITIALISED 10093
#define WSAHOST_NOT_FOUND 11001

IIS_API int WINAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
    if (!lpWSAData)
        return WSAEFAULT;
    memset(lpWSAData, 0, sizeof(*lpWSAData));
    lpWSAData->wVersion = wVersionRequested;
    lpWSAData->wHighVersion = 0x0202;
    return 0;
}
IIS_API int WINAPI WSACleanup() { return 0; }
/* Of this thread's last call: of errno, that is. */
struct iis_wsa_error {
    int number, code;
};
IIS_API const iis_wsa_error *iis_wsa_errors()
{
    static const iis_wsa_error map[] = {
        {0, 0}, {EINTR, WSAEINTR}, {EBADF, WSAENOTSOCK}, {EACCES, WSAEACCES}, {EFAULT, WSAEFAULT}, {EINVAL, WSAEINVAL},
        {EMFILE, WSAEMFILE}, {EAGAIN, WSAEWOULDBLOCK}, {EINPROGRESS, WSAEWOULDBLOCK}, {EALREADY, WSAEALREADY},
        {ENOTSOCK, WSAENOTSOCK}, {EDESTADDRREQ, WSAEDESTADDRREQ}, {EMSGSIZE, WSAEMSGSIZE},
        {EPROTONOSUPPORT, WSAEPROTONOSUPPORT}, {EOPNOTSUPP, WSAEOPNOTSUPP}, {EAFNOSUPPORT, WSAEAFNOSUPPORT},
        {EADDRINUSE, WSAEADDRINUSE}, {EADDRNOTAVAIL, WSAEADDRNOTAVAIL}, {ENETDOWN, WSAENETDOWN},
        {ENETUNREACH, WSAENETUNREACH}, {ECONNABORTED, WSAECONNABORTED}, {ECONNRESET, WSAECONNRESET},
        {EPIPE, WSAECONNRESET}, {ENOBUFS, WSAENOBUFS}, {EISCONN, WSAEISCONN}, {ENOTCONN, WSAENOTCONN},
        {ETIMEDOUT, WSAETIMEDOUT}, {ECONNREFUSED, WSAECONNREFUSED}, {EHOSTUNREACH, WSAEHOSTUNREACH}, {-1, WSAEINVAL}};
    return map;
}
IIS_API int iis_wsa_of_errno(int error)
{
    const iis_wsa_error *entry = iis_wsa_errors();
    while (entry->number >= 0 && entry->number != error)
        entry++;
    return entry->code;
}
IIS_API int WINAPI WSAGetLastError() { return iis_wsa_of_errno(errno); }
IIS_API void WINAPI WSASetLastError(int code)
{
    const iis_wsa_error *entry = iis_wsa_errors();
    while (entry->number >= 0 && entry->code != code)
        entry++;
    errno = entry->number >= 0 ? entry->number : EINVAL;
}
IIS_API int WINAPI closesocket(SOCKET s) { return iis_libc_close(s); }
/* FIONBIO alone. */
#ifndef FIONBIO
#define FIONBIO 0x5421
#endif
IIS_API int WINAPI ioctlsocket(SOCKET s, long cmd, u_long *argp)
{
    if (cmd != FIONBIO || !argp) {
        errno = EINVAL;
        return SOCKET_ERROR;
    }
    int flags = iis_libc_fcntl(s, 3 /* F_GETFL */, 0);
    return flags < 0 || iis_libc_fcntl(s, 4 /* F_SETFL */, *argp ? flags | SOCK_NONBLOCK : flags & ~SOCK_NONBLOCK) < 0
           ? SOCKET_ERROR : 0;
}
IIS_API PCSTR WINAPI InetNtopA(int family, const VOID *address, LPSTR text, size_t room)
{
    return inet_ntop(family, address, text, (socklen_t)room);
}
IIS_API int WINAPI InetPtonA(int family, LPCSTR text, PVOID address) { return inet_pton(family, text, address); }
IIS_API PCWSTR WINAPI InetNtopW(int family, const VOID *address, LPWSTR text, size_t room)
{
    char narrow[64];
    if (!inet_ntop(family, address, narrow, sizeof(narrow)) || strlen(narrow) >= room)
        return NULL;
    return wcscpy(text, iis_widen(narrow).c_str());
}
IIS_API int WINAPI InetPtonW(int family, LPCWSTR text, PVOID address)
{
    return inet_pton(family, iis_narrow(text).c_str(), address);
}
/* ---- names ------------------------------------------------------------------------------------------------------- */

typedef struct addrinfoW {
    int ai_flags, ai_family, ai_socktype, ai_protocol;
    size_t ai_addrlen;
    PWSTR ai_canonname;
    struct sockaddr *ai_addr;
    struct addrinfoW *ai_next;
} ADDRINFOW, *PADDRINFOW;

IIS_API VOID WINAPI FreeAddrInfoW(PADDRINFOW list)
{
    while (list) {
        PADDRINFOW next = list->ai_next;
        free(list->ai_canonname);
        free(list->ai_addr);
        free(list);
        list = next;
    }
}
/* As WSA codes. */
IIS_API INT iis_wsa_of_eai(int error)
{
    switch (error) {
    case 0: return 0;
    case EAI_AGAIN: return 11002;            /* WSATRY_AGAIN */
    case EAI_FAIL: return 11003;             /* WSANO_RECOVERY */
    case EAI_FAMILY: return WSAEAFNOSUPPORT;
    case EAI_MEMORY: return 8;               /* WSA_NOT_ENOUGH_MEMORY */
    case EAI_SERVICE: return 10109;          /* WSATYPE_NOT_FOUND */
    case EAI_SOCKTYPE: return 10044;         /* WSAESOCKTNOSUPPORT */
    case EAI_BADFLAGS: return WSAEINVAL;
    default: return WSAHOST_NOT_FOUND;
    }
}
IIS_API INT WINAPI GetAddrInfoW(PCWSTR node, PCWSTR service, const ADDRINFOW *hints, PADDRINFOW *result)
{
    struct addrinfo wanted, *found = NULL;
    PADDRINFOW *tail = result;

    *result = NULL;
    memset(&wanted, 0, sizeof(wanted));
    if (hints) {
        wanted.ai_flags = hints->ai_flags;
        wanted.ai_family = hints->ai_family;
        wanted.ai_socktype = hints->ai_socktype;
        wanted.ai_protocol = hints->ai_protocol;
    }
    int error = getaddrinfo(node ? iis_narrow(node).c_str() : NULL, service ? iis_narrow(service).c_str() : NULL, &wanted,
                            &found);
    for (struct addrinfo *one = error ? NULL : found; one; one = one->ai_next) {
        PADDRINFOW made = (PADDRINFOW)calloc(1, sizeof(*made));
        if (!made || !(made->ai_addr = (struct sockaddr *)malloc(one->ai_addrlen))) {
            free(made);
            FreeAddrInfoW(*result);
            *result = NULL;
            error = EAI_MEMORY;
            break;
        }
        made->ai_flags = one->ai_flags;
        made->ai_family = one->ai_family;
        made->ai_socktype = one->ai_socktype;
        made->ai_protocol = one->ai_protocol;
        made->ai_addrlen = one->ai_addrlen;
        made->ai_canonname = one->ai_canonname ? iis_duplicate(iis_widen(one->ai_canonname).c_str()) : NULL;
        memcpy(made->ai_addr, one->ai_addr, one->ai_addrlen);
        *tail = made;
        tail = &made->ai_next;
    }
    if (found)
        freeaddrinfo(found);
    return iis_wsa_of_eai(error);
}
IIS_API INT WINAPI GetNameInfoW(const SOCKADDR *address, socklen_t length, PWCHAR node, DWORD node_room, PWCHAR service,
                                DWORD service_room, INT flags)
{
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
    int error = getnameinfo(address, length, host, node ? sizeof(host) : 0, port, service ? sizeof(port) : 0, flags);

    if (!error && ((node && iis_copy(node, node_room, iis_widen(host).c_str()))
                   || (service && iis_copy(service, service_room, iis_widen(port).c_str()))))
        return WSAEFAULT;
    return iis_wsa_of_eai(error);
}
/* "1.2.3.4:80", "[::1]:80"; without a port when it is 0. *room: characters with the NUL. */
template <typename C> INT iis_address_text(LPSOCKADDR address, DWORD length, C *to, LPDWORD room)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (getnameinfo(address, length, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV)) {
        errno = EINVAL;
        return SOCKET_ERROR;
    }
    std::string text = host;
    if (strcmp(port, "0"))
        text = (address->sa_family == AF_INET6 ? "[" + text + "]:" : text + ":") + port;
    std::basic_string<C> made = iis_as(text.c_str(), (const C *)NULL);
    bool fits = made.size() < *room;
    if (fits)
        memcpy(to, made.c_str(), (made.size() + 1) * sizeof(C));
    else
        errno = EFAULT;
    *room = (DWORD)made.size() + 1;
    return fits ? 0 : SOCKET_ERROR;
}
IIS_API INT WINAPI WSAAddressToStringA(LPSOCKADDR address, DWORD length, PVOID, LPSTR to, LPDWORD room)
{
    return iis_address_text(address, length, to, room);
}
IIS_API INT WINAPI WSAAddressToStringW(LPSOCKADDR address, DWORD length, PVOID, LPWSTR to, LPDWORD room)
{
    return iis_address_text(address, length, to, room);
}
/* By a template: <unistd.h> has one with a size_t. */
template <typename N> int gethostname(char *name, N room)
{
    return iis_libc_gethostname(name, (size_t)room);
}
#define GetAddrInfo IIS_AW(GetAddrInfo)
#define GetAddrInfoA getaddrinfo
#define FreeAddrInfo IIS_AW(FreeAddrInfo)
#define FreeAddrInfoA freeaddrinfo

#include "sockets.h"
#define GetNameInfo IIS_AW(GetNameInfo)
#define GetNameInfoA getnameinfo
#define WSAAddressToString IIS_AW(WSAAddressToString)
#ifdef UNICODE
typedef ADDRINFOW ADDRINFOT, *PADDRINFOT;
#else
typedef ADDRINFOA ADDRINFOT, *PADDRINFOT;
#endif
#define InetNtop IIS_AW(InetNtop)
#define InetPton IIS_AW(InetPton)

#endif /* IIS_WIN32_WINSOCK_H */
