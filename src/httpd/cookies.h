/* cookies.h: the Cookie fields of a request as one; see cookies.c.  Any thread
 * that may look at the request. */
#ifndef IISR_HTTPD_COOKIES_H
#define IISR_HTTPD_COOKIES_H
#include <httpd.h>

/* A field of r->headers_in as modules see it: value, or, of several Cookie
 * fields, what they say.  NULL stays NULL.  From r's pool. */
const char *iisr_cookies_value(const request_rec *r, const char *name,
                               const char *value);
/* All of them: r->headers_in, or a copy in r's pool. */
const apr_table_t *iisr_cookies_headers(const request_rec *r);
/* Sets the field to what a module wrote, which is not looked into. */
void iisr_cookies_set(request_rec *r, const char *value);
#endif
