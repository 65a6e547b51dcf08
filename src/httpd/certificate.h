/* certificate.h: what mod_ssl knows of a connection; see certificate.c. */
#ifndef IISR_HTTPD_CERTIFICATE_H
#define IISR_HTTPD_CERTIFICATE_H
#include "httpd/host.h"

/* The host's certificate and tls (core/host.h). */
int iisr_client_certificate(iisr_host_request_t *hr,
                            iisr_certificate_t *certificate,
                            apr_pool_t *pool);
int iisr_tls(iisr_host_request_t *hr, iisr_tls_t *tls, apr_pool_t *pool);

/* A variable of mod_ssl; "" where there is no TLS. */
const char *iisr_ssl_variable(request_rec *r, const char *name,
                              apr_pool_t *pool);
/* IIS's variables: CERT_COOKIE, CERT_FLAGS, CERT_SERIALNUMBER, and the
 * server's key in bits; "" where there is none. */
const char *iisr_certificate_cookie(request_rec *r, apr_pool_t *pool);
const char *iisr_certificate_flags(request_rec *r, apr_pool_t *pool);
const char *iisr_certificate_serial(request_rec *r, apr_pool_t *pool);
const char *iisr_server_key_bits(request_rec *r, apr_pool_t *pool);
#endif
