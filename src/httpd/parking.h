/* parking.h: how a request leaves its thread and comes back; parking.c. */
#ifndef IISR_HTTPD_PARKING_H
#define IISR_HTTPD_PARKING_H

#include "httpd/connection.h"

void iisr_parking_hooks(void);
/* The connection's own descriptor is back in its socket.  Lock held when a
 * request is pending.  What was seen while it was not (IISR_SEE_*). */
int iisr_parking_restore(iisr_conn_t *conn);
/* Ends the request that is parked there (an iisr_conn_t): no worker runs. */
void iisr_parking_fail(void *conn);

#endif
