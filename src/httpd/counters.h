/* counters.h: the performance counters of server and sites, in memory that
 * all children share, and what they ask of the parent there. */
#ifndef IISR_HTTPD_COUNTERS_H
#define IISR_HTTPD_COUNTERS_H
#include <httpd.h>

void iisr_counters_register_hooks(apr_pool_t *p);
/* site 0: the server's; then those of the sites.  NULL: there is no shared
 * memory. */
volatile apr_uint32_t *iisr_counters_cells(int site);
/* Any child, any thread.  The parent restarts gracefully when it looks next.
 * Zero: it cannot be told. */
int iisr_counters_ask_restart(void);
#endif
