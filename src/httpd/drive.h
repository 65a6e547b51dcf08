/* drive.h: a request from its beginning to its end, stage by stage. */
#ifndef IISR_HTTPD_DRIVE_H
#define IISR_HTTPD_DRIVE_H
#include "httpd/host.h"

/* Lock held.  As far as the request goes without waiting: SUSPENDED, or
 * what the handler hook shall answer. */
int iisr_drive(iisr_host_request_t *hr);
/* No lock.  What httpd does after its handler hook, for a request that did
 * not return to it: result is what that hook would have answered. */
void iisr_drive_end(iisr_host_request_t *hr, int result);
/* Lock held.  The client is gone: what is outstanding fails. */
void iisr_drive_client_gone(iisr_host_request_t *hr);

/* Lock held.  Ahead of the handler stage: raises what is due up to this
 * step; nonzero: the request is answered already, with *result for httpd. */
int iisr_drive_to(iisr_host_request_t *hr, int step, int *result);
/* Lock held.  What follows the handler, where it has not been raised. */
void iisr_drive_rest(iisr_host_request_t *hr, int no_io);
#endif
