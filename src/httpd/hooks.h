/* hooks.h: registration of everything; see hooks.c. */
#ifndef IISR_HTTPD_HOOKS_H
#define IISR_HTTPD_HOOKS_H
#include <httpd.h>
void iisr_register_hooks(apr_pool_t *p);
#endif
