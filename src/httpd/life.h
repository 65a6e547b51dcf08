/* life.h: the end of a child process, for requests that wait.  See life.c. */
#ifndef IISR_HTTPD_LIFE_H
#define IISR_HTTPD_LIFE_H

#include <httpd.h>

/* Starts the watchdog where requests can be parked.  Zero: they cannot. */
int iisr_life_child_init(apr_pool_t *pchild, server_rec *s, int can_park);
/* No request is waited for any longer: the child stops at once, or its
 * IISShutdownTimeLimit is over.  Any thread. */
int iisr_life_is_over(void);
/* The child takes no new requests.  Any thread. */
int iisr_life_is_ending(void);
/* Lets the time limit begin and end, where no watchdog does.  Any thread. */
void iisr_life_tick(void);

#endif
