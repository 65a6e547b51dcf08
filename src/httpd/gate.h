/* gate.h: who is let in, whichever way a request takes inside httpd.
 *
 * What httpd's own authorization does (ap_process_request_internal asks
 * again wherever the configuration changes) holds for modules: those that
 * decide in AuthenticateRequest and AuthorizeRequest are asked about every
 * URL before anything of it is served or chosen.
 */
#ifndef IISR_HTTPD_GATE_H
#define IISR_HTTPD_GATE_H
#include "httpd/host.h"

/* No lock.  The request stands for r->uri now: where that, or who takes part,
 * is not what modules were asked about, those steps are due again. */
void iisr_gate_look(iisr_host_request_t *hr);
/* A request that modules do not see as such: one that httpd looks at and may
 * run (a subrequest), or its page for an error.  DECLINED, or the status with
 * which they refuse it. */
int iisr_gate_try(request_rec *r);
/* DECLINED, or the status of a request that may not be served because modules
 * in its scope cannot work: 503, or 500 without memory for it.  Logged. */
int iisr_gate_closed(request_rec *r);
/* Whether a module in scope is broken, as far as the scope is known. */
int iisr_gate_is_broken(request_rec *r);
/* The page for an error, made by a redirect inside httpd. */
int iisr_gate_is_error_page(const request_rec *r);
void iisr_gate_hooks(void);

#endif
