/* log.h: the access log: %{...}^IR, and what modules made of the log data. */
#ifndef IISR_HTTPD_LOG_H
#define IISR_HTTPD_LOG_H
#include <httpd.h>
#include "core/context.h"

void iisr_log_hooks(apr_pool_t *p);
/* Lock held.  What a module changed of HTTP_LOG_FIELDS_DATA is what httpd's
 * own formats show of r and of what it was redirected to. */
void iisr_log_apply(iisr_context_t *ctx, request_rec *r);
#endif
