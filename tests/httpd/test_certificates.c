/* test_certificates.c: client certificates as mod_ssl asks for them, by TLS
 * 1.2 and 1.3: IHttpRequest's methods, the raw request, and the variables.
 * openssl makes an authority and its client, and a client of nobody's.
 */
#include <check.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;
static char folder[] = "/tmp/iisresp-certificates-XXXXXX";

/* --- certificates ------------------------------------------------------- */

static void run(const char *fmt, const char *name, const char *more)
{
    char command[1024];
    int n = snprintf(command, sizeof(command), "cd %s && ", folder);

    n += snprintf(command + n, sizeof(command) - n, fmt, name, name, more);
    snprintf(command + n, sizeof(command) - n, " >/dev/null 2>&1");
    ck_assert_msg(!system(command), "%s", command);
}

static const char *in_folder(const char *name)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, 128, "%s/%s", folder, name);
    return path;
}

static void make_certificates(void)
{
    strcpy(folder, "/tmp/iisresp-certificates-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    chmod(folder, 0755);
    run("openssl req -x509 -newkey rsa:2048 -nodes -keyout %s.key "
        "-out %s.pem -days 2 -subj '%s'", "authority",
        "/O=Tests/CN=the authority");
    run("openssl req -newkey rsa:2048 -nodes -keyout %s.key -out %s.csr "
        "-subj '%s'", "client", "/O=Tests/CN=the client");
    run("openssl x509 -req -in %s.csr -out %s.pem -CA authority.pem "
        "-CAkey authority.key -set_serial %s -days 2", "client",
        "0x0467F302");
    run("openssl req -x509 -newkey rsa:2048 -nodes -keyout %s.key "
        "-out %s.pem -days 2 -subj '%s'", "stranger", "/CN=a stranger");
    run("openssl x509 -in %s.pem -outform DER -out %s.der%s", "client", "");
}

/* "der=" and the bytes of the client's certificate, in hex. */
static const char *der_line(void)
{
    static char line[8192];
    unsigned char bytes[4000];
    FILE *f = fopen(in_folder("client.der"), "rb");
    size_t n, i;
    char *p = line + sprintf(line, "der=");

    ck_assert_ptr_nonnull(f);
    n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    ck_assert_uint_gt(n, 300);
    for (i = 0; i < n; i++) {
        p += sprintf(p, "%02x", bytes[i]);
    }
    strcpy(p, "\n");
    return line;
}

/* --- asking ------------------------------------------------------------- */

/* How: SSLVerifyClient and the like. */
static void start(const char *how)
{
    char extra[512];

    make_certificates();
    snprintf(extra, sizeof(extra), "SSLCACertificateFile %s\nSSLVerifyDepth 3\n"
             "%s\n", in_folder("authority.pem"), how);
    server_start(&server, MPM_EVENT, "objects=objects", "ssl socache_shmcb",
                 extra);
}

static void stop(void)
{
    char command[128];

    client_show(NULL, NULL);
    client_tls_version(0);
    server_stop(&server);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* By both versions. */
static const long versions[] = { CURL_SSLVERSION_MAX_TLSv1_2,
                                 CURL_SSLVERSION_MAX_TLSv1_3 };
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

static void show(const char *name)
{
    static char pem[128], key[128];

    if (name) {
        snprintf(pem, sizeof(pem), "%s/%s.pem", folder, name);
        snprintf(key, sizeof(key), "%s/%s.key", folder, name);
    }
    client_show(name ? pem : NULL, name ? key : NULL);
}

static void ask(reply_t *reply, const char *path)
{
    char url[128];

    snprintf(url, sizeof(url), "https://127.0.0.1:%d%s", server.tls_port,
             path);
    client_get(reply, url, WITH_TLS, NULL);
}

static void says(const reply_t *reply, const char *line)
{
    ck_assert_int_eq(reply->curl, CURLE_OK);
    ck_assert_msg(strstr(reply->body, line) != NULL, "'%s' not in: %s", line,
                  reply->body);
}

static const char path[] = "/iis?op=certificate";

/* What the server's own certificate and cipher make of the variables. */
static void says_tls(const reply_t *reply)
{
    says(reply, "tls=1\nserverkey=256\nsubject=CN=localhost\nsame=1\n");
    says(reply, "HTTPS=on\n");
    ck_assert(strstr(reply->body, "\nHTTPS_KEYSIZE=256\n")
              || strstr(reply->body, "\nHTTPS_KEYSIZE=128\n"));
    says(reply, "\nHTTPS_SECRETKEYSIZE=2048\nHTTPS_SERVER_ISSUER=CN=localhost"
         "\nHTTPS_SERVER_SUBJECT=CN=localhost\nSERVER_PORT_SECURE=1\n");
    says(reply, "\nCERT_SERVER_ISSUER=CN=localhost\n"
         "CERT_SERVER_SUBJECT=CN=localhost\n");
    says(reply, "\nCERT_SECRETKEYSIZE=2048\n");
}

static void says_client(const reply_t *reply)
{
    const char *cookie = strstr(reply->body, "\nCERT_COOKIE=");
    size_t n;

    says(reply, "found=1\nnotfound=0\nnegotiated=1\ncertflags=0\n");
    says(reply, der_line());
    says(reply, "\nCERT_FLAGS=1\nCERT_ISSUER=CN=the authority,O=Tests\n");
    says(reply, "\nCERT_SERIALNUMBER=04-67-F3-02\n");
    says(reply, "\nCERT_SUBJECT=CN=the client,O=Tests\n");
    ck_assert_ptr_nonnull(cookie);
    for (n = 0, cookie += 13; isxdigit((unsigned char)cookie[n]); n++) {
        continue;
    }
    ck_assert_uint_eq(n, 40);
    says_tls(reply);
}

static void says_none(const reply_t *reply)
{
    says(reply, "found=0\nnotfound=1\nnegotiated=0\n");
    says(reply, "CERT_COOKIE=\nCERT_FLAGS=\nCERT_ISSUER=\n");
    says(reply, "\nCERT_SERIALNUMBER=\n");
    says(reply, "\nCERT_SUBJECT=\n");
}

/* --- tests -------------------------------------------------------------- */

START_TEST(a_client_that_may_show_one)
{
    reply_t reply;
    unsigned int i;

    start("SSLVerifyClient optional");
    server_expect("IISR0602");
    for (i = 0; i < VERSIONS; i++) {
        client_tls_version(versions[i]);
        show("client");
        ask(&reply, "/iis?op=certificate&negotiate=1");
        says_client(&reply);
        says(&reply, "negotiate=ok\npending=0\n");
        client_free(&reply);
        show(NULL);
        ask(&reply, "/iis?op=certificate&negotiate=1");
        says_none(&reply);
        says(&reply, "negotiate=fail\npending=0\n");
        says_tls(&reply);
        client_free(&reply);
    }
    stop();
}
END_TEST

START_TEST(a_client_that_must_show_one)
{
    reply_t reply;
    unsigned int i;

    start("SSLVerifyClient require");
    for (i = 0; i < VERSIONS; i++) {
        client_tls_version(versions[i]);
        show("client");
        ask(&reply, path);
        says_client(&reply);
        client_free(&reply);
        show(NULL);
        ask(&reply, path);
        ck_assert_int_ne(reply.curl, CURLE_OK);
        client_free(&reply);
    }
    stop();
}
END_TEST

START_TEST(a_location_that_asks_for_one)
{
    reply_t reply;
    unsigned int i;

    start("<Location /iis>\nSSLVerifyClient require\n</Location>");
    for (i = 0; i < VERSIONS; i++) {
        client_tls_version(versions[i]);
        show("client");
        ask(&reply, path);
        says_client(&reply);
        client_free(&reply);
    }
    stop();
}
END_TEST

START_TEST(a_certificate_that_nobody_vouches_for)
{
    reply_t reply;
    unsigned int i;

    start("SSLVerifyClient optional_no_ca");
    for (i = 0; i < VERSIONS; i++) {
        client_tls_version(versions[i]);
        show("stranger");
        ask(&reply, path);
        /* CERT_E_UNTRUSTEDROOT */
        says(&reply, "found=1\nnotfound=0\nnegotiated=1\n"
             "certflags=2148204809\n");
        says(&reply, "\nCERT_FLAGS=3\nCERT_ISSUER=CN=a stranger\n");
        client_free(&reply);
    }
    stop();
}
END_TEST

START_TEST(without_tls_there_is_nothing)
{
    reply_t reply;
    char url[128];

    start("SSLVerifyClient optional");
    snprintf(url, sizeof(url), "%s%s", server.url, path);
    client_get(&reply, url, 0, NULL);
    says_none(&reply);
    says(&reply, "tls=0\n");
    says(&reply, "HTTPS=off\nHTTPS_KEYSIZE=\nHTTPS_SECRETKEYSIZE=\n"
         "HTTPS_SERVER_ISSUER=\nHTTPS_SERVER_SUBJECT=\n"
         "SERVER_PORT_SECURE=0\n");
    client_free(&reply);
    stop();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_client_that_may_show_one);
    tcase_add_test(tc, a_client_that_must_show_one);
    tcase_add_test(tc, a_location_that_asks_for_one);
    tcase_add_test(tc, a_certificate_that_nobody_vouches_for);
    tcase_add_test(tc, without_tls_there_is_nothing);
}

int main(void)
{
    return run_tests("certificates", add, 120);
}
