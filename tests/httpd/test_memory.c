/* test_memory.c: a module that takes part in every notification, and requests
 * of every kind, over and over: the child's memory does not grow.
 *
 * Measured after a tenth of them, when pools, caches and the allocator's own
 * reserves are what they will be, and at the end.
 */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static const char config[] =
    "ServerLimit 1\nMaxRequestWorkers 8\nMaxSpareThreads 8\n"
    "MaxKeepAliveRequests 0\nProtocols h2c http/1.1\n"
    "Redirect /old http://127.0.0.1:1/new\n"
    "ErrorDocument 410 /page.html\nRedirect gone /gone\n"
    "<Location /private>\nAuthType Basic\nAuthName here\n"
    "AuthBasicProvider file\nAuthUserFile users\nRequire valid-user\n"
    "</Location>\n"
    "<Location /echo>\nSetHandler reflector\n</Location>\n"
    "ProxyPass /proxied http://127.0.0.1:${PORT}/backend\n"
    "Alias /backend ${ROOT}/htdocs\n"
    "<Location /backend>\nIISModules none\n</Location>\n"
    "LogLevel warn\n";

#define REQUEST(method, path, more) \
    method " " path " HTTP/1.1\r\nHost: a\r\n" more

static const struct {
    const char *request;
    long status;
} kinds[] = {
    { REQUEST("GET", "/file.txt", "\r\n"), 200 },
    { REQUEST("GET", "/iis?op=whole&size=5000", "\r\n"), 200 },
    { REQUEST("GET", "/private/a", "\r\n"), 401 },
    { REQUEST("GET", "/old", "\r\n"), 302 },
    { REQUEST("GET", "/missing", "\r\n"), 404 },
    { REQUEST("GET", "/gone", "\r\n"), 410 },
    { REQUEST("POST", "/echo", "Content-Length: 10\r\n\r\nname=value"),
      200 },
    { REQUEST("POST", "/iis?op=echo", "Content-Length: 10\r\n\r\n"
              "name=value"), 200 },
    { REQUEST("GET", "/file.txt?inside", "\r\n"), 200 },
    { REQUEST("GET", "/file.txt?rewrite&log", "\r\n"), 200 }
};
#define KINDS (int)(sizeof(kinds) / sizeof(kinds[0]))

/* One connection: so many of each kind, and then what curl does. */
static int rounds(int n)
{
    int fd = client_open(server.port), i, k;
    reply_t reply;
    char url[128];

    for (i = 0; i < n; i++) {
        for (k = 0; k < KINDS; k++) {
            client_send(fd, kinds[k].request);
            ck_assert_int_eq(client_response(fd, &reply, 0), 1);
            ck_assert_msg(!*reply.wrong, "%s", reply.wrong);
            ck_assert_msg(reply.status == kinds[k].status
                          || atol(reply.headers + 9) == kinds[k].status,
                          "%s: %s", kinds[k].request, reply.headers);
            client_free(&reply);
        }
    }
    close(fd);
    snprintf(url, sizeof(url), "%s/proxied/file.txt", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.status, 200);
    client_free(&reply);
    snprintf(url, sizeof(url), "%s/file.txt", server.url);
    client_get(&reply, url, WITH_HTTP2, NULL);
    ck_assert_int_eq(reply.status, 200);
    client_free(&reply);
    return n * KINDS + 2;
}

static long resident(void)
{
    char name[64];
    long pages = 0, kb;
    pid_t child = server_child(&server);
    FILE *f;

    snprintf(name, sizeof(name), "/proc/%d/statm", (int)child);
    ck_assert_ptr_nonnull((f = fopen(name, "r")));
    ck_assert_int_eq(fscanf(f, "%*d %ld", &pages), 1);
    fclose(f);
    kb = pages * (sysconf(_SC_PAGESIZE) / 1024);
    return kb;
}

static void measure(int mpm, int total, long at_most)
{
    long before, after;
    pid_t child;
    int done = 0;

    /* What is freed is not kept for a while. */
    server_sanitize_with(":quarantine_size_mb=1:"
                         "thread_local_quarantine_size_kb=16");
    server_start(&server, mpm, "every=every ops=ops",
                 "http2 proxy proxy_http reflector auth_basic authn_core "
                 "authn_file authz_user authz_host", config);
    child = server_child(&server);
    while (done < total / 10) {
        done += rounds(10);
    }
    before = resident();
    while (done < total) {
        done += rounds(10);
    }
    after = resident();
    ck_assert_int_eq(server_child(&server), child);
    if (server_is_long()) {
        printf("%s: %d requests: %ld KB after a tenth, %ld KB at the end\n",
               mpm_names[mpm], done, before, after);
    }
    ck_assert_msg(after <= before + at_most, "%d requests: %ld KB after a "
                  "tenth, %ld KB at the end", done, before, after);
    server_stop(&server);
}

/* The sanitizer's own memory is not ours. */
START_TEST(memory_is_flat_over_many_requests)
{
    measure(_i, server_is_long() ? 100000
                : server_is_sanitized() ? 3000 : 6000,
            server_is_sanitized() ? 16384 : 1024);
}
END_TEST

static void add(TCase *tc)
{
    int threaded = mpm_to() > MPM_PREFORK ? MPM_PREFORK : mpm_to();

    if (mpm_from() < threaded) {
        tcase_add_loop_test(tc, memory_is_flat_over_many_requests, mpm_from(),
                            server_is_long() ? threaded : mpm_from() + 1);
    }
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("memory", add, server_is_long() ? 3600 : 240);
}
