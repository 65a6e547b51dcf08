/* lookout.h: the one descriptor that stands for a parked request: readable
 * when its client's socket is as wanted, or when the request is called.
 */
#ifndef IISR_LOOKOUT_H
#define IISR_LOOKOUT_H

#include <apr_errno.h>

/* Whether this system has what that takes.  -DIISR_NO_EPOLL: as if not. */
#if defined(__linux__) && !defined(IISR_NO_EPOLL)
#define IISR_LOOKOUT_AVAILABLE 1
#else
#define IISR_LOOKOUT_AVAILABLE 0
#endif

/* What to look for, and what was seen. */
enum {
    IISR_SEE_READ = 1,          /* request body arrives */
    IISR_SEE_WRITE = 2,         /* the client takes more */
    IISR_SEE_HALF_CLOSED = 4,   /* the client sends no more */
    IISR_SEE_GONE = 8           /* hang-up or error */
};

/* How many lookouts may be called at a time: the kernel follows every path
 * from the descriptor that calls them, and refuses the 501st. */
#define IISR_COMING_MOST 400

typedef struct iisr_lookout_t {
    int fd;                     /* to be polled for reading */
    unsigned int events;        /* the socket's; 0: it is not looked at */
} iisr_lookout_t;

/* Once a child process, before the first lookout. */
apr_status_t iisr_lookout_child_init(void);

apr_status_t iisr_lookout_open(iisr_lookout_t *lookout);
void iisr_lookout_close(iisr_lookout_t *lookout);
/* IISR_SEE_HALF_CLOSED and IISR_SEE_GONE in interest: known, do not look
 * for it. */
apr_status_t iisr_lookout_watch(iisr_lookout_t *lookout, int socket,
                                int interest);
int iisr_lookout_seen(const iisr_lookout_t *lookout);
/* Makes it readable, until it is dismissed. */
apr_status_t iisr_lookout_call(iisr_lookout_t *lookout);
void iisr_lookout_dismiss(iisr_lookout_t *lookout);

#endif
