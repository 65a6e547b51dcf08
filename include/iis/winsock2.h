/*
 * winsock2.h - Winsock's names for what <sys/socket.h> has: a module that looks an address up, or asks another server,
 * compiles. A SOCKET is a descriptor, and WSAGetLastError is errno; overlapped sockets and event objects are not here.
 */
#ifndef IIS_WINSOCK2_H
#define IIS_WINSOCK2_H

#include "windows.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

typedef int SOCKET;
#define INVALID_SOCKET (-1)
#define SOCKET_ERROR (-1)
#define SD_RECEIVE SHUT_RD
#define SD_SEND SHUT_WR
#define SD_BOTH SHUT_RDWR

typedef struct addrinfo ADDRINFOA, ADDRINFO, *PADDRINFOA, *LPADDRINFOA;
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;
typedef fd_set FD_SET, *PFD_SET, *LPFD_SET;

/* Sockets need no start here: it succeeds. */
typedef struct WSAData {
    WORD wVersion;
    WORD wHighVersion;
    CHAR szDescription[257];
    CHAR szSystemStatus[129];
} WSADATA, *LPWSADATA;

static inline int WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
    memset(lpWSAData, 0, sizeof(*lpWSAData));
    lpWSAData->wVersion = lpWSAData->wHighVersion = wVersionRequested;
    return 0;
}
static inline int WSACleanup(void) { return 0; }
static inline int WSAGetLastError(void) { return errno; }
static inline void WSASetLastError(int iError) { errno = iError; }
static inline int closesocket(SOCKET s) { return close(s); }

/* FIONBIO, FIONREAD: Windows' argument is as wide as an int. */
static inline int ioctlsocket(SOCKET s, long cmd, ULONG *argp) { return ioctl(s, (unsigned long)cmd, argp); }

#define WSAEINTR EINTR
#define WSAEACCES EACCES
#define WSAEFAULT EFAULT
#define WSAEINVAL EINVAL
#define WSAEMFILE EMFILE
#define WSAEWOULDBLOCK EWOULDBLOCK
#define WSAEINPROGRESS EINPROGRESS
#define WSAEALREADY EALREADY
#define WSAENOTSOCK ENOTSOCK
#define WSAEMSGSIZE EMSGSIZE
#define WSAEAFNOSUPPORT EAFNOSUPPORT
#define WSAEADDRINUSE EADDRINUSE
#define WSAEADDRNOTAVAIL EADDRNOTAVAIL
#define WSAENETDOWN ENETDOWN
#define WSAENETUNREACH ENETUNREACH
#define WSAECONNABORTED ECONNABORTED
#define WSAECONNRESET ECONNRESET
#define WSAENOBUFS ENOBUFS
#define WSAEISCONN EISCONN
#define WSAENOTCONN ENOTCONN
#define WSAESHUTDOWN ESHUTDOWN
#define WSAETIMEDOUT ETIMEDOUT
#define WSAECONNREFUSED ECONNREFUSED
#define WSAEHOSTUNREACH EHOSTUNREACH

#endif /* IIS_WINSOCK2_H */
