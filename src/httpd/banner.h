/* banner.h: the Server field of a response; see banner.c. */
#ifndef IISR_HTTPD_BANNER_H
#define IISR_HTTPD_BANNER_H
#include <httpd.h>

void iisr_banner_register(void);
/* When the head is committed.  server NULL: the response has no such field. */
void iisr_banner_apply(request_rec *r, const char *server);
#endif
