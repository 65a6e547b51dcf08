/* handlers.h: httpd's handler name as the handler mapping of IIS: which
 * modules answer where, in which order, and for which verbs.
 *
 *   iis                      all that take part
 *   iis[GET,POST]            the same, for these verbs
 *   iis:shop                 one of them
 *   iis:shop[GET],other      several, asked in this order, each with verbs of
 *                            its own
 *
 * Names and verbs are equal in any letter case: httpd makes them small.
 * Any other name is a handler of httpd's.
 */
#ifndef IISR_HTTPD_HANDLERS_H
#define IISR_HTTPD_HANDLERS_H
#include "httpd/host.h"

/* Whether the name is a mapping to modules; NULL is none. */
int iisr_handlers_is_ours(const char *handler);
/* Lock held, on the worker: nobody is asked where r->handler is none of
 * these; otherwise it is iisr_handlers_choose that says. */
void iisr_handlers_foresee(iisr_host_request_t *hr);
/* Lock held, on the worker: who is asked in ExecuteRequestHandler is who
 * r->handler names for the request's method.  Zero, or the status of a
 * mapping that does not answer: 405, with *allow for that header, or 500,
 * which is logged. */
int iisr_handlers_choose(iisr_host_request_t *hr, const char **allow);
/* Comma lists of a mapping's modules, as IISModule calls them, and of its
 * verbs ("*": all).  Memory of pool. */
void iisr_handlers_describe(request_rec *r, const char *handler,
                            const char **modules, const char **verbs,
                            apr_pool_t *pool);
/* After the configuration was read: every SetHandler and AddHandler.  NULL,
 * or what is wrong and where. */
const char *iisr_handlers_check(apr_pool_t *p);

#endif
