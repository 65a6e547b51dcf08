/* certificate.c: the client's certificate, as mod_ssl has it, in the form in
 * which IIS hands it out.
 */
#include <httpd.h>
#include <string.h>
#include <apr_base64.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include "httpd/certificate.h"

APR_DECLARE_OPTIONAL_FN(char *, ssl_var_lookup,
                        (apr_pool_t *, server_rec *, conn_rec *,
                         request_rec *, char *));

static const char *look_up(request_rec *r, const char *name)
{
    APR_OPTIONAL_FN_TYPE(ssl_var_lookup) *lookup =
        APR_RETRIEVE_OPTIONAL_FN(ssl_var_lookup);

    return lookup ? lookup(r->pool, r->server, r->connection, r,
                           (char *)name) : NULL;
}

/* The base64 between the lines of a PEM text, decoded.  NULL: none. */
static unsigned char *decode_pem(apr_pool_t *pool, const char *pem,
                                 apr_size_t *length)
{
    const char *start = strstr(pem, "-----BEGIN CERTIFICATE-----");
    const char *end = strstr(pem, "-----END CERTIFICATE-----");
    char *text, *out;
    unsigned char *der;

    if (!start || !end || end < start) {
        return NULL;
    }
    start += sizeof("-----BEGIN CERTIFICATE-----") - 1;
    text = out = apr_palloc(pool, end - start + 1);
    for (; start < end; start++) {
        if (*start != '\n' && *start != '\r') {
            *out++ = *start;
        }
    }
    *out = '\0';
    der = apr_palloc(pool, apr_base64_decode_len(text));
    *length = apr_base64_decode_binary(der, text);
    return der;
}

int iisr_client_certificate(iisr_host_request_t *hr,
                            iisr_certificate_t *certificate, apr_pool_t *pool)
{
    const char *pem, *verified;

    memset(certificate, 0, sizeof(*certificate));
    if (strcmp(ap_http_scheme(hr->r), "https")) {
        return 0;
    }
    verified = look_up(hr->r, "SSL_CLIENT_VERIFY");
    pem = look_up(hr->r, "SSL_CLIENT_CERT");
    if (!pem || !*pem || !verified || !strcmp(verified, "NONE")) {
        return 0;
    }
    certificate->der = decode_pem(pool, pem, &certificate->length);
    certificate->trusted = !strcmp(verified, "SUCCESS");
    return certificate->der != NULL;
}
