/* certificate.h: the client's certificate; see certificate.c. */
#ifndef IISR_HTTPD_CERTIFICATE_H
#define IISR_HTTPD_CERTIFICATE_H
#include "httpd/host.h"

int iisr_client_certificate(iisr_host_request_t *hr,
                            iisr_certificate_t *certificate,
                            apr_pool_t *pool);
#endif
