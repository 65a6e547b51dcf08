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
typedef fd_set FD_SET;

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
IIS_API int WINAPI WSAGetLastError()
{
    static const struct { int number, code; } map[] = {
        {0, 0}, {EINTR, WSAEINTR}, {EBADF, WSAENOTSOCK}, {EACCES, WSAEACCES}, {EFAULT, WSAEFAULT}, {EINVAL, WSAEINVAL},
        {EMFILE, WSAEMFILE}, {EAGAIN, WSAEWOULDBLOCK}, {EINPROGRESS, WSAEWOULDBLOCK}, {EALREADY, WSAEALREADY},
        {ENOTSOCK, WSAENOTSOCK}, {EDESTADDRREQ, WSAEDESTADDRREQ}, {EMSGSIZE, WSAEMSGSIZE},
        {EPROTONOSUPPORT, WSAEPROTONOSUPPORT}, {EOPNOTSUPP, WSAEOPNOTSUPP}, {EAFNOSUPPORT, WSAEAFNOSUPPORT},
        {EADDRINUSE, WSAEADDRINUSE}, {EADDRNOTAVAIL, WSAEADDRNOTAVAIL}, {ENETDOWN, WSAENETDOWN},
        {ENETUNREACH, WSAENETUNREACH}, {ECONNABORTED, WSAECONNABORTED}, {ECONNRESET, WSAECONNRESET},
        {EPIPE, WSAECONNRESET}, {ENOBUFS, WSAENOBUFS}, {EISCONN, WSAEISCONN}, {ENOTCONN, WSAENOTCONN},
        {ETIMEDOUT, WSAETIMEDOUT}, {ECONNREFUSED, WSAECONNREFUSED}, {EHOSTUNREACH, WSAEHOSTUNREACH}};
    for (const auto &entry : map)
        if (entry.number == errno)
            return entry.code;
    return WSAEINVAL;
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
#define InetNtop IIS_AW(InetNtop)
#define InetPton IIS_AW(InetPton)

#endif /* IIS_WIN32_WINSOCK_H */
