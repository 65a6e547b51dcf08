/* parked.h: the thread leaves; the MPM's listener watches for the request.
 *
 * WAITIO senses one descriptor, for read or write.  So for the time of the
 * park the descriptor that the MPM polls is the park's lookout.  It is made
 * at a connection's first park and reused.  No httpd type here:
 * src/httpd/parking.c does the swapping.
 *
 * Who wakes a park only asks: parks are called in turn, while the process
 * has threads to spare.  A listener that finds thousands of connections
 * ready, and no idle thread, accepts nothing until it has handed out the last
 * of them, and closes every idle keep-alive connection.
 */
#ifndef IISR_PARKED_H
#define IISR_PARKED_H

#include <apr_pools.h>
#include "async/lookout.h"
#include "core/context.h"

/* Leaves when the caller may and the host can park, else waits. */
extern const iisr_way_t iisr_parked;

typedef struct iisr_park_t iisr_park_t;

/* A park for the socket; closed with the pool.  owner is for
 * iisr_watchdog_drain. */
apr_status_t iisr_park_create(iisr_park_t **park, int socket, void *owner,
                              apr_pool_t *pool);
int iisr_park_descriptor(const iisr_park_t *park);      /* to be polled */
/* Somebody has closed it: the park is of no use any more. */
void iisr_park_lost(iisr_park_t *park);
/* Sets the interest (IISR_SEE_*) and lists the park, which is woken at the
 * latest after `renew`. */
apr_status_t iisr_park_arm(iisr_park_t *park, int interest,
                           apr_interval_time_t renew);
/* A thread has come: takes it off the list; what was seen since arming. */
int iisr_park_disarm(iisr_park_t *park);
/* That thread goes: it has ended the request, or armed the park again. */
void iisr_park_leave(iisr_park_t *park);
/* Any thread.  Nothing happens when the park is not armed: whoever arms it
 * looks first for what it would be woken for. */
void iisr_park_wake(iisr_park_t *park);

/* One thread a child process, which wakes parks whose time has come; tick
 * runs on it four times a second.  idle: how many threads do nothing; any
 * thread. */
apr_status_t iisr_watchdog_start(void (*tick)(void), int (*idle)(void));
void iisr_watchdog_stop(void);
/* When no worker runs any more: every park's owner is told that it fails. */
void iisr_watchdog_drain(void (*fail)(void *owner));
/* Wakes every park: something that concerns all of them has changed. */
void iisr_watchdog_wake_all(void);

#endif
