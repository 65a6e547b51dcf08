/*
 * win32/sockets.h - calls of sockets that take other types on Windows, or mean something else by the same ones: lengths
 * are ints, time limits milliseconds, errors WSA codes, and a set of select() is a list, whatever the numbers in it are.
 * Pages: "select function (winsock2.h)", "SOL_SOCKET Socket Options", "accept function (winsock2.h)" and the others.
 */
#ifndef IIS_WIN32_SOCKETS_H
#define IIS_WIN32_SOCKETS_H

#include "winsock.h"

/* ---- lengths ----------------------------------------------------------------------------------------------------- */

/* Overloads beside the system's, which have a socklen_t *. */
IIS_API SOCKET accept(SOCKET s, struct sockaddr *address, int *length) { return accept(s, address, (socklen_t *)length); }
IIS_API int getsockname(SOCKET s, struct sockaddr *name, int *length) { return getsockname(s, name, (socklen_t *)length); }
IIS_API int getpeername(SOCKET s, struct sockaddr *name, int *length) { return getpeername(s, name, (socklen_t *)length); }
IIS_API int recvfrom(SOCKET s, char *to, int room, int flags, struct sockaddr *from, int *length)
{
    return (int)recvfrom(s, to, (size_t)room, flags, from, (socklen_t *)length);
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

IIS_API bool iis_is_time_limit(int level, int name)
{
    return level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO);
}
IIS_API int setsockopt(SOCKET s, int level, int name, const char *value, int length)
{
    if (iis_is_time_limit(level, name) && length == sizeof(DWORD)) {
        DWORD ms;
        memcpy(&ms, value, sizeof(ms));
        struct timeval limit = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000) * 1000};
        return setsockopt(s, level, name, (const void *)&limit, (socklen_t)sizeof(limit));
    }
    return setsockopt(s, level, name, (const void *)value, (socklen_t)length);
}
IIS_API int getsockopt(SOCKET s, int level, int name, char *value, int *length)
{
    struct timeval limit;
    socklen_t size = sizeof(limit);

    if (iis_is_time_limit(level, name) && *length == sizeof(DWORD)) {
        int rc = getsockopt(s, level, name, (void *)&limit, &size);
        DWORD ms = rc ? 0 : (DWORD)(limit.tv_sec * 1000 + limit.tv_usec / 1000);
        memcpy(value, &ms, sizeof(ms));
        return rc;
    }
    int rc = getsockopt(s, level, name, (void *)value, (socklen_t *)length);
    if (!rc && level == SOL_SOCKET && name == SO_ERROR && *length == sizeof(int)) {
        int error;
        memcpy(&error, value, sizeof(error));
        error = iis_wsa_of_errno(error);
        memcpy(value, &error, sizeof(error));
    }
    return rc;
}

/* ---- select ------------------------------------------------------------------------------------------------------ */

#undef FD_SETSIZE
#undef FD_SET
#undef FD_CLR
#undef FD_ISSET
#undef FD_ZERO
#define FD_SETSIZE 64
typedef struct iis_fd_set {
    u_int fd_count;
    SOCKET fd_array[FD_SETSIZE];
} FD_SET, *PFD_SET, *LPFD_SET;
#define fd_set iis_fd_set
#define FD_ZERO(set) ((void)((set)->fd_count = 0))
#define FD_SET(s, set) iis_fd_add((s), (set))
#define FD_CLR(s, set) iis_fd_remove((s), (set))
#define FD_ISSET(s, set) iis_fd_is_in((s), (set))

IIS_API int iis_fd_is_in(SOCKET s, const iis_fd_set *set)
{
    for (u_int i = 0; set && i < set->fd_count; i++)
        if (set->fd_array[i] == s)
            return 1;
    return 0;
}
IIS_API void iis_fd_add(SOCKET s, iis_fd_set *set)
{
    if (set->fd_count < FD_SETSIZE && !iis_fd_is_in(s, set))
        set->fd_array[set->fd_count++] = s;
}
IIS_API void iis_fd_remove(SOCKET s, iis_fd_set *set)
{
    u_int kept = 0;

    for (u_int i = 0; i < set->fd_count; i++)
        if (set->fd_array[i] != s)
            set->fd_array[kept++] = set->fd_array[i];
    set->fd_count = kept;
}

enum { IIS_POLLIN = 1, IIS_POLLPRI = 2, IIS_POLLOUT = 4, IIS_POLLERR = 8, IIS_POLLHUP = 16, IIS_POLLNVAL = 32 };
struct iis_pollfd {
    int fd;
    short events, revents;
};
extern "C" int iis_libc_poll(iis_pollfd *, unsigned long, int) __asm__("poll");

/* What is left in the set is ready: *polled is of its first entry, and then of what follows the set. */
IIS_API int iis_fd_ready(iis_fd_set *set, const iis_pollfd *&polled, int wanted)
{
    u_int kept = 0, asked = set ? set->fd_count : 0;

    for (u_int i = 0; i < asked; i++, polled++)
        if (polled->revents & wanted)
            set->fd_array[kept++] = polled->fd;
    if (set)
        set->fd_count = kept;
    return (int)kept;
}
/* A connect that failed is in the third set, if there is one. */
IIS_API int select(int, iis_fd_set *readable, iis_fd_set *writable, iis_fd_set *failed, const struct timeval *limit)
{
    iis_pollfd all[3 * FD_SETSIZE];
    iis_fd_set *const sets[] = {readable, writable, failed};
    static const short events[] = {IIS_POLLIN, IIS_POLLOUT, IIS_POLLPRI};
    unsigned long n = 0;

    for (int set = 0; set < 3; set++)
        for (u_int i = 0; sets[set] && i < sets[set]->fd_count; i++, n++)
            all[n] = {sets[set]->fd_array[i], events[set], 0};
    if (!n) {
        errno = EINVAL;
        return SOCKET_ERROR;
    }
    if (iis_libc_poll(all, n, limit ? (int)(limit->tv_sec * 1000 + limit->tv_usec / 1000) : -1) < 0)
        return SOCKET_ERROR;
    for (unsigned long i = 0; i < n; i++) {
        if (all[i].revents & IIS_POLLNVAL) {
            errno = ENOTSOCK;
            return SOCKET_ERROR;
        }
        if (all[i].events == IIS_POLLOUT && all[i].revents & IIS_POLLERR && iis_fd_is_in(all[i].fd, failed))
            all[i].revents = 0;
    }
    const iis_pollfd *polled = all;
    int ready = iis_fd_ready(readable, polled, IIS_POLLIN | IIS_POLLHUP | IIS_POLLERR);
    ready += iis_fd_ready(writable, polled, IIS_POLLOUT | IIS_POLLERR);
    return ready + iis_fd_ready(failed, polled, IIS_POLLPRI | IIS_POLLERR);
}

#endif
