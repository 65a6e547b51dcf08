/* lookout.c: an epoll descriptor inside the MPM's.  It holds the client's
 * socket with the interest of the moment and, while the request is called,
 * an eventfd that is always readable and that all lookouts of the process
 * share.  No locks: see parked.c.
 */
#include "async/lookout.h"

#if IISR_LOOKOUT_AVAILABLE
#include <errno.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int bell = -1;

apr_status_t iisr_lookout_child_init(void)
{
    bell = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    return bell < 0 ? errno : APR_SUCCESS;
}

apr_status_t iisr_lookout_open(iisr_lookout_t *lookout)
{
    lookout->events = 0;
    lookout->fd = epoll_create1(EPOLL_CLOEXEC);
    return lookout->fd < 0 ? errno : APR_SUCCESS;
}

void iisr_lookout_close(iisr_lookout_t *lookout)
{
    if (lookout->fd >= 0) {
        close(lookout->fd);
    }
}

apr_status_t iisr_lookout_watch(iisr_lookout_t *lookout, int socket,
                                int interest)
{
    struct epoll_event event = { .data.fd = socket };
    int op = lookout->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    if (interest & IISR_SEE_GONE) {
        /* It hung up already: it would be reported over and over. */
        op = EPOLL_CTL_DEL;
    }
    else {
        event.events = EPOLLHUP
                       | (interest & IISR_SEE_READ ? EPOLLIN : 0)
                       | (interest & IISR_SEE_WRITE ? EPOLLOUT : 0)
                       | (interest & IISR_SEE_HALF_CLOSED ? 0 : EPOLLRDHUP);
    }
    if (event.events == lookout->events) {
        return APR_SUCCESS;
    }
    lookout->events = event.events;
    return epoll_ctl(lookout->fd, op, socket, &event) ? errno : APR_SUCCESS;
}

int iisr_lookout_seen(const iisr_lookout_t *lookout)
{
    struct epoll_event events[2];
    int n, seen = 0;

    for (n = epoll_wait(lookout->fd, events, 2, 0); n-- > 0; ) {
        unsigned int e = events[n].events;

        if (events[n].data.fd == bell) {
            continue;
        }
        seen |= (e & EPOLLIN ? IISR_SEE_READ : 0)
                | (e & EPOLLOUT ? IISR_SEE_WRITE : 0)
                | (e & EPOLLRDHUP ? IISR_SEE_HALF_CLOSED : 0)
                | (e & (EPOLLHUP | EPOLLERR) ? IISR_SEE_GONE : 0);
    }
    return seen;
}

apr_status_t iisr_lookout_call(iisr_lookout_t *lookout)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = bell };

    return epoll_ctl(lookout->fd, EPOLL_CTL_ADD, bell, &event) ? errno
                                                               : APR_SUCCESS;
}

void iisr_lookout_dismiss(iisr_lookout_t *lookout)
{
    struct epoll_event event = { .data.fd = bell };

    epoll_ctl(lookout->fd, EPOLL_CTL_DEL, bell, &event);
}

#else

apr_status_t iisr_lookout_child_init(void)
{
    return APR_ENOTIMPL;
}

apr_status_t iisr_lookout_open(iisr_lookout_t *lookout)
{
    (void)lookout;
    return APR_ENOTIMPL;
}

void iisr_lookout_close(iisr_lookout_t *lookout)
{
    (void)lookout;
}

apr_status_t iisr_lookout_watch(iisr_lookout_t *lookout, int socket,
                                int interest)
{
    (void)lookout;
    (void)socket;
    (void)interest;
    return APR_ENOTIMPL;
}

int iisr_lookout_seen(const iisr_lookout_t *lookout)
{
    (void)lookout;
    return 0;
}

apr_status_t iisr_lookout_call(iisr_lookout_t *lookout)
{
    (void)lookout;
    return APR_ENOTIMPL;
}

void iisr_lookout_dismiss(iisr_lookout_t *lookout)
{
    (void)lookout;
}

#endif
