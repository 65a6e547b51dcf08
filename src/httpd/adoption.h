/* adoption.h: the head of httpd's own response, shown to modules.
 *
 * httpd's status and headers stay where they are, in the request_rec, until
 * a module changes something; then what it changed is written back, and
 * nothing else.  All functions: the request's thread, lock held.
 */
#ifndef IISR_HTTPD_ADOPTION_H
#define IISR_HTTPD_ADOPTION_H

#include "httpd/host.h"

/* httpd's head becomes the response's: once for each response that httpd
 * begins.  A status that httpd decided on stands, also over one that a
 * module set earlier; of the headers those of the modules stand. */
void iisr_adoption_take(iisr_host_request_t *hr);
/* httpd begins another response in place of the one that was taken over: the
 * modules' own headers are what they were before it. */
void iisr_adoption_undo(iisr_host_request_t *hr);
/* Whether the head is no longer what httpd would send by itself. */
int iisr_adoption_is_edited(iisr_host_request_t *hr);
/* The head that modules left, back into the request_rec. */
void iisr_adoption_write_back(iisr_host_request_t *hr,
                              const iisr_head_t *head);

#endif
