/* parked.h: the thread leaves; the MPM's listener watches for the request.
 *
 * WAITIO senses one descriptor, for read or write.  So for the time of the
 * park the descriptor that the MPM polls is an epoll descriptor that holds
 * an eventfd, which posters write, and the client's socket with the interest
 * of the moment.  The pair is made at a connection's first park and reused.
 * No httpd type here: src/httpd/connection.c does the swapping.
 */
#ifndef IISR_PARKED_H
#define IISR_PARKED_H

#include <apr_pools.h>
#include "core/context.h"

/* Leaves when the caller may and the host can park, else waits. */
extern const iisr_way_t iisr_parked;

/* Whether this system has what parking needs. */
#define IISR_PARK_AVAILABLE 1

typedef struct iisr_park_t iisr_park_t;

/* What to be woken for, besides a poster; IISR_SEE_* is also what was seen. */
enum {
    IISR_SEE_READ = 1,          /* request body arrives */
    IISR_SEE_WRITE = 2,         /* the client takes more */
    IISR_SEE_HALF_CLOSED = 4,   /* the client sends no more */
    IISR_SEE_GONE = 8,          /* hang-up or error */
    IISR_SEE_WAKE = 16          /* a poster */
};

/* The pair of descriptors for the socket; closed with the pool.  owner is
 * for iisr_watchdog_drain. */
apr_status_t iisr_park_create(iisr_park_t **park, int socket, void *owner,
                              apr_pool_t *pool);
int iisr_park_descriptor(const iisr_park_t *park);      /* to be polled */
/* Sets the interest and lists the park with the watchdog, which wakes it
 * at the latest after `renew`. */
apr_status_t iisr_park_arm(iisr_park_t *park, int interest,
                           apr_interval_time_t renew);
/* Takes it off the list; what was seen since arming. */
int iisr_park_disarm(iisr_park_t *park);
/* Any thread. */
void iisr_park_wake(iisr_park_t *park);

/* One thread a child process, which wakes parks whose time has come; tick
 * runs on it once a second. */
apr_status_t iisr_watchdog_start(void (*tick)(void));
void iisr_watchdog_stop(void);
/* When no worker runs any more: every park's owner is told that it fails. */
void iisr_watchdog_drain(void (*fail)(void *owner));
/* Wakes every park: something that concerns all of them has changed. */
void iisr_watchdog_wake_all(void);

#endif
