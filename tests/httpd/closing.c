/* closing.c: preloaded into httpd: it takes a while until a descriptor is
 * watched, so that a stop comes in between, and closing one that is not open
 * is told on stderr.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
    static int (*real)(int, int, int, struct epoll_event *);

    if (!real) {
        real = (int (*)(int, int, int, struct epoll_event *))
               dlsym(RTLD_NEXT, "epoll_ctl");
    }
    if (op == EPOLL_CTL_ADD) {
        usleep(10000);
    }
    return real(epoll, op, fd, event);
}

int close(int fd)
{
    static int (*real)(int);
    char text[64];
    int rv;

    if (!real) {
        real = (int (*)(int))dlsym(RTLD_NEXT, "close");
    }
    rv = real(fd);
    if (rv < 0 && errno == EBADF) {
        int n = snprintf(text, sizeof(text), "closed twice: %d\n", fd);

        rv = (int)write(2, text, n);
        errno = EBADF;
        return -1;
    }
    return rv;
}
