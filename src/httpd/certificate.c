/* certificate.c: certificates and keys, as mod_ssl has them, in the form in
 * which IIS hands them out.
 */
#include <httpd.h>
#include <string.h>
#include <apr_base64.h>
#include <apr_optional.h>
#include <apr_sha1.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include "httpd/certificate.h"

APR_DECLARE_OPTIONAL_FN(char *, ssl_var_lookup,
                        (apr_pool_t *, server_rec *, conn_rec *,
                         request_rec *, char *));

static int is_secure(const request_rec *r)
{
    return !strcmp(ap_http_scheme(r), "https");
}

const char *iisr_ssl_variable(request_rec *r, const char *name,
                              apr_pool_t *pool)
{
    APR_OPTIONAL_FN_TYPE(ssl_var_lookup) *lookup =
        APR_RETRIEVE_OPTIONAL_FN(ssl_var_lookup);
    const char *value = lookup && is_secure(r)
        ? lookup(pool, r->server, r->connection, r, (char *)name) : NULL;

    return value ? value : "";
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

/* --- the size of a key -------------------------------------------------- */

typedef struct der_t {
    const unsigned char *at, *end;
} der_t;

/* Steps over one value of DER, and into it.  Zero: it is another. */
static int enter(der_t *der, int tag, der_t *inside)
{
    const unsigned char *p = der->at;
    apr_size_t length, n;

    if (der->end - p < 2 || p[0] != tag) {
        return 0;
    }
    length = p[1];
    p += 2;
    if (length & 0x80) {
        n = length & 0x7f;
        if (n > 3 || (apr_size_t)(der->end - p) < n) {
            return 0;
        }
        for (length = 0; n; n--) {
            length = length << 8 | *p++;
        }
    }
    if ((apr_size_t)(der->end - p) < length) {
        return 0;
    }
    inside->at = p;
    inside->end = der->at = p + length;
    return 1;
}

/* A modulus of RSA, or else a point of an elliptic curve; 521 is no multiple
 * of 8. */
static int key_bits(der_t key)
{
    der_t numbers, modulus;
    int bits;

    if (key.at == key.end) {
        return 0;
    }
    key.at++;                           /* unused bits: none */
    if (!enter(&key, 0x30, &numbers)) {
        bits = (int)(key.end - key.at - 1) / 2 * 8;
        return bits == 528 ? 521 : bits;
    }
    if (!enter(&numbers, 0x02, &modulus)) {
        return 0;
    }
    while (modulus.at < modulus.end && !*modulus.at) {
        modulus.at++;
    }
    bits = (int)(modulus.end - modulus.at) * 8;
    while (bits && !(*modulus.at >> ((bits - 1) % 8) & 1)) {
        bits--;
    }
    return bits;
}

/* RFC 5280, 4.1: serial number, algorithm, issuer, validity and subject come
 * before the key. */
static int certificate_bits(const unsigned char *data, apr_size_t length)
{
    static const int before[] = { 0x02, 0x30, 0x30, 0x30, 0x30 };
    der_t all = { data, data + length }, certificate, body, part, key;
    unsigned int i;

    if (!enter(&all, 0x30, &certificate)
        || !enter(&certificate, 0x30, &body)) {
        return 0;
    }
    enter(&body, 0xa0, &part);          /* the version, when it is not 1 */
    for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        if (!enter(&body, before[i], &part)) {
            return 0;
        }
    }
    return enter(&body, 0x30, &key) && enter(&key, 0x30, &part)
           && enter(&key, 0x03, &part) ? key_bits(part) : 0;
}

static unsigned char *server_certificate(request_rec *r, apr_size_t *length,
                                         apr_pool_t *pool)
{
    return decode_pem(pool, iisr_ssl_variable(r, "SSL_SERVER_CERT", pool),
                      length);
}

/* --- the host's answers ------------------------------------------------- */

static int find_certificate(request_rec *r, iisr_certificate_t *certificate,
                            apr_pool_t *pool)
{
    const char *verified = iisr_ssl_variable(r, "SSL_CLIENT_VERIFY", pool);

    memset(certificate, 0, sizeof(*certificate));
    if (!*verified || !strcmp(verified, "NONE")) {
        return 0;
    }
    certificate->der = decode_pem(pool, iisr_ssl_variable(
                                  r, "SSL_CLIENT_CERT", pool),
                                  &certificate->length);
    certificate->trusted = !strcmp(verified, "SUCCESS");
    return certificate->der != NULL;
}

int iisr_client_certificate(iisr_host_request_t *hr,
                            iisr_certificate_t *certificate, apr_pool_t *pool)
{
    return find_certificate(hr->r, certificate, pool);
}

int iisr_tls(iisr_host_request_t *hr, iisr_tls_t *tls, apr_pool_t *pool)
{
    request_rec *r = hr->r;

    if (!is_secure(r)) {
        return 0;
    }
    tls->der = server_certificate(r, &tls->length, pool);
    tls->server_bits = tls->der ? certificate_bits(tls->der, tls->length) : 0;
    tls->signature = iisr_ssl_variable(r, "SSL_SERVER_A_SIG", pool);
    tls->server_name = iisr_ssl_variable(r, "SSL_TLS_SNI", pool);
    tls->connection_bits = atoi(iisr_ssl_variable(r, "SSL_CIPHER_USEKEYSIZE",
                                                  pool));
    tls->issuer = iisr_ssl_variable(r, "SSL_SERVER_I_DN", pool);
    tls->subject = iisr_ssl_variable(r, "SSL_SERVER_S_DN", pool);
    return 1;
}

/* --- variables ---------------------------------------------------------- */

/* "A signature for the whole client certificate." */
const char *iisr_certificate_cookie(request_rec *r, apr_pool_t *pool)
{
    iisr_certificate_t certificate;
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t sha1;
    char *text, *p;
    int i;

    if (!find_certificate(r, &certificate, pool)) {
        return "";
    }
    apr_sha1_init(&sha1);
    apr_sha1_update_binary(&sha1, certificate.der,
                           (unsigned int)certificate.length);
    apr_sha1_final(digest, &sha1);
    p = text = apr_palloc(pool, 2 * sizeof(digest) + 1);
    for (i = 0; i < APR_SHA1_DIGESTSIZE; i++) {
        p += apr_snprintf(p, 3, "%02x", digest[i]);
    }
    return text;
}

/* Bit 0: there is one; bit 1: of no known authority. */
const char *iisr_certificate_flags(request_rec *r, apr_pool_t *pool)
{
    iisr_certificate_t certificate;

    return !find_certificate(r, &certificate, pool) ? ""
           : certificate.trusted ? "1" : "3";
}

/* "04-67-F3-02", as Request.ClientCertificate("SerialNumber") has it. */
const char *iisr_certificate_serial(request_rec *r, apr_pool_t *pool)
{
    const char *digits = iisr_ssl_variable(r, "SSL_CLIENT_M_SERIAL", pool);
    apr_size_t n = strlen(digits), i;
    char *text = apr_palloc(pool, 2 * n + 2), *p = text;

    if (n % 2) {
        *p++ = '0';
    }
    for (i = 0; i < n; i++) {
        if (p > text && (n - i) % 2 == 0) {
            *p++ = '-';
        }
        *p++ = digits[i];
    }
    *p = '\0';
    return text;
}

const char *iisr_server_key_bits(request_rec *r, apr_pool_t *pool)
{
    apr_size_t length = 0;
    unsigned char *der = server_certificate(r, &length, pool);

    return !is_secure(r) ? ""
           : apr_itoa(pool, der ? certificate_bits(der, length) : 0);
}
