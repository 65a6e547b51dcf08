/* test_objects.c: the objects around a request inside httpd: places, files,
 * counters, stored contexts, trailers, caches, child requests.
 */
#define _GNU_SOURCE
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void get(reply_t *reply, const char *path, int with)
{
    char url[256];

    snprintf(url, sizeof(url), "http%s://127.0.0.1:%d%s",
             with & WITH_TLS ? "s" : "",
             with & WITH_TLS ? server.tls_port : server.port, path);
    client_get(reply, url, with, NULL);
    ck_assert_int_eq(reply->curl, CURLE_OK);
}

/* The body has this line. */
static void says(const reply_t *reply, const char *line)
{
    ck_assert_msg(strstr(reply->body, line) != NULL, "'%s' not in: %s", line,
                  reply->body);
}

#define ASK(path, ...) do { \
    const char *lines_[] = { __VA_ARGS__ }; \
    reply_t reply_; \
    size_t i_; \
    get(&reply_, path, 0); \
    for (i_ = 0; i_ < sizeof(lines_) / sizeof(lines_[0]); i_++) { \
        says(&reply_, lines_[i_]); \
    } \
    client_free(&reply_); \
} while (0)

/* Status and body; body NULL: whatever. */
static void is(const char *path, long status, const char *body)
{
    reply_t reply;

    get(&reply, path, 0);
    ck_assert_int_eq(reply.status, status);
    ck_assert_msg(!body || !strcmp(reply.body, body), "%s", reply.body);
    client_free(&reply);
}

static void says_raw(const char *request, const char *text)
{
    const char *answer = client_once(server.port, request);

    ck_assert_msg(strstr(answer, text) != NULL, "%s", answer);
}

/* --- places and files --------------------------------------------------- */

START_TEST(a_request_has_the_application_of_its_longest_path)
{
    char extra[512], line[256];

    snprintf(extra, sizeof(extra), "IISApplication /iis/shop /srv/shop\n"
             "IISApplication /iis/shop/admin\nAlias /alias /srv/other\n");
    server_start(&server, _i, "objects=objects", "", extra);
    ASK("/iis/shop/x?op=place", "site=1\n", "id=/LM/W3SVC/1/ROOT/iis/shop\n",
        "config=MACHINE/WEBROOT/APPHOST/localhost/iis/shop\n",
        "root=/srv/shop\n", "handler=iis\n", "modules=objects\n",
        "alias=/srv/other/x.txt\n", "static=StaticFile\n");
    snprintf(line, sizeof(line), "root=%s/htdocs/iis/shop/admin\n",
             server.root);
    ASK("/file.txt?op=place&early", "handler=StaticFile\n",
        "modules=StaticFileModule,");
    ASK("/missing?op=place&early", "handler=StaticFile\n");
    ASK("/iis/shop/admin?op=place", "id=/LM/W3SVC/1/ROOT/iis/shop/admin\n",
        line);
    snprintf(line, sizeof(line), "top=%s/htdocs/\n", server.root);
    ASK("/iis/shopping?op=place", "id=/LM/W3SVC/1/ROOT\n", line);
    server_stop(&server);
}
END_TEST

START_TEST(file_info_is_what_httpd_sends)
{
    reply_t reply;
    char line[128];

    server_start(&server, _i, "objects=objects", "",
                 "<LocationMatch ^/(page.html|file.txt)>\nSetHandler iis\n"
                 "</LocationMatch>\n");
    get(&reply, "/file.txt", 0);
    snprintf(line, sizeof(line), "modified=%s\n",
             reply_header(&reply, "Last-Modified"));
    client_free(&reply);
    ASK("/file.txt?op=file", "size=38\n", line, "etag=");
    ASK("/file.txt?op=file", "frequent=");
    ASK("/iis?op=file", "file=none\n");
    server_stop(&server);
}
END_TEST

static unsigned long number(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    ck_assert_msg(at != NULL, "%s: %s", name, text);
    return strtoul(at + strlen(name), NULL, 10);
}

/* In bursts that share a microsecond, over connections that are kept. */
START_TEST(no_two_requests_have_one_id)
{
    enum { CONNECTIONS = 4, EACH = 25 };
    unsigned long ids[CONNECTIONS * EACH], connection, first;
    const char *text, *at;
    int i, j, n = 0, fd;

    server_start(&server, _i, "objects=objects", "", NULL);
    for (i = 0; i < CONNECTIONS; i++) {
        fd = client_open(server.port);
        for (j = 0; j < EACH; j++) {
            client_send(fd, j + 1 < EACH
                        ? "GET /iis?op=ids HTTP/1.1\r\nHost: a\r\n\r\n"
                        : "GET /iis?op=ids HTTP/1.1\r\nHost: a\r\n"
                          "Connection: close\r\n\r\n");
        }
        text = client_read_all(fd);
        first = number(text, "connection=");
        for (at = text; (at = strstr(at, "request=")); at++) {
            ck_assert_int_lt(n, CONNECTIONS * EACH);
            ids[n++] = number(at, "request=");
            connection = number(at, "connection=");
            ck_assert_uint_eq(connection, first);
        }
        ck_assert_int_eq(n, (i + 1) * EACH);
    }
    for (i = 0; i < n; i++) {
        ck_assert_uint_ne(ids[i], 0);
        for (j = 0; j < i; j++) {
            ck_assert_uint_ne(ids[i], ids[j]);
        }
    }
    server_stop(&server);
}
END_TEST

START_TEST(variables_agree_with_the_raw_request)
{
    reply_t reply;

    /* mod_http2 does not work under prefork. */
    server_start(&server, _i, "objects=objects",
                 _i == MPM_PREFORK ? "" : "http2", "Protocols h2c http/1.1\n");
    ASK("/iis?op=ids", "flags=0\n", "REQUEST_FLAGS=0\n",
        "CONTENT_LENGTH=0\n");
    if (_i != MPM_PREFORK) {
        get(&reply, "/iis?op=ids", WITH_HTTP2);
        says(&reply, "flags=4\nREQUEST_FLAGS=4\nCONTENT_LENGTH=0\n");
        client_free(&reply);
    }
    says_raw("POST /iis?op=ids HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
             "Content-Length: 3\r\n\r\nabc", "flags=1\n"
             "REQUEST_FLAGS=1\nCONTENT_LENGTH=3\n");
    says_raw("POST /iis?op=ids HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
             "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
             "flags=1\nREQUEST_FLAGS=1\nCONTENT_LENGTH=\n");
    server_stop(&server);
}
END_TEST

/* --- what lives longer than a request ----------------------------------- */

/* Once of a connection that is kept alive, in one process; both ways of
 * storing. */
static void stores(int mpm, const char *query)
{
    char ask[128], again[160];
    const char *text;
    int fd, i;

    server_start(&server, mpm, "objects=objects", "",
                 mpm == MPM_PREFORK ? "StartServers 1\nMinSpareServers 1\n"
                 "MaxSpareServers 1\n" : NULL);
    snprintf(ask, sizeof(ask), "GET /iis?%s HTTP/1.1\r\nHost: a\r\n\r\n",
             query);
    snprintf(again, sizeof(again), "GET /iis?%s HTTP/1.1\r\nHost: a\r\n"
             "Connection: close\r\n\r\n", query);
    fd = client_open(server.port);
    client_send(fd, ask);
    text = client_read_until(fd, "disconnected=0\n");
    ck_assert_ptr_nonnull(strstr(text, "cleaned=0\n"));
    client_send(fd, ask);
    /* The first request's is gone, the connection's is not. */
    text = client_read_until(fd, "disconnected=0\n");
    close(fd);
    for (i = 0; i < 200; i++) {
        text = client_once(server.port, again);
        if (!strstr(text, "disconnected=0\n")) {
            break;
        }
        usleep(20000);
    }
    ck_assert_ptr_null(strstr(text, "disconnected=0\n"));
    ck_assert_ptr_nonnull(strstr(text, "untold=0\n"));
    server_stop(&server);
}

START_TEST(stored_contexts_end_with_what_they_are_stored_on)
{
    stores(_i, "op=store");
}
END_TEST

START_TEST(a_connection_context_in_the_plain_container_is_told_too)
{
    stores(_i, "op=store&plain=1");
}
END_TEST

START_TEST(a_module_may_ask_for_a_restart)
{
    int i;

    server_start(&server, MPM_EVENT, "objects=objects", "", NULL);
    ASK("/iis?op=count", "counted=1\n");
    ASK("/iis?op=recycle", "asked=1\n");
    for (i = 0; i < 300 && !strstr(server_log(&server),
                                   "Doing graceful restart"); i++) {
        usleep(100000);
    }
    ck_assert_ptr_nonnull(strstr(server_log(&server), "the test says so"));
    ck_assert_ptr_nonnull(strstr(server_log(&server),
                                 "Doing graceful restart"));
    server_stop(&server);
}
END_TEST

/* --- responses ---------------------------------------------------------- */

START_TEST(trailers_follow_a_chunked_body)
{
    const char *text;

    server_start(&server, _i, "objects=objects", "", NULL);
    text = client_once(server.port, "GET /iis?op=trailer HTTP/1.1\r\n"
                       "Host: a\r\nConnection: close\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(text, "Trailer: X-Sum\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\nbody\n\r\n0\r\nX-Sum: abc\r\n"
                                       "\r\n"));
    text = client_once(server.port, "GET /iis?op=trailer&flush=1 HTTP/1.1\r\n"
                       "Host: a\r\nConnection: close\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(text, "0\r\nX-Sum: abc\r\n\r\n"));
    server_expect("IISR0122");
    text = client_once(server.port, "GET /iis?op=trailer&flush=1 HTTP/1.0\r\n"
                       "\r\n");
    ck_assert_ptr_nonnull(strstr(text, "refused"));
    ck_assert_ptr_null(strstr(text, "X-Sum"));
    server_stop(&server);
}
END_TEST

START_TEST(trailers_follow_an_http2_body)
{
    reply_t reply;

    server_start(&server, _i, "objects=objects", "http2",
                 "Protocols h2c http/1.1\n");
    get(&reply, "/iis?op=trailer", WITH_HTTP2);
    ck_assert_int_eq(reply.version, CURL_HTTP_VERSION_2);
    ck_assert_str_eq(reply.body, "body\n");
    ck_assert_ptr_nonnull(strcasestr(reply.headers, "x-sum: abc"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(cache_policy_is_understood_by_mod_cache)
{
    reply_t reply;

    server_start(&server, MPM_EVENT, "objects=objects",
                 "cache cache_socache socache_shmcb",
                 "CacheEnable socache /iis\nCacheSocache shmcb\n"
                 "CacheIgnoreNoLastMod On\n");
    get(&reply, "/iis?op=cache", 0);
    ck_assert_str_eq(reply_header(&reply, "Cache-Control"), "s-maxage=60");
    says(&reply, "made=1\n");
    client_free(&reply);
    ASK("/iis?op=cache", "made=1\n");
    server_stop(&server);
}
END_TEST

START_TEST(fragments_and_versions_work_from_cpp)
{
    server_start(&server, _i, "objects=objects", "", NULL);
    ASK("/iis?op=fragment", "fragment");
    is("/iis?op=fragment&view=edit", 200, "fragment");
    is("/iis?op=fragment&view=flush", 200, "fragment flushed");
    is("/iis?op=fragment&view=gone", 500, NULL);
    ASK("/iis?op=cast", "context3=1\n", "server2=1\n", "none=1\n");
    ASK("/iis?op=certificate", "found=0\n", "token=\n", "sni=\n");
    server_stop(&server);
}
END_TEST

/* RFC 5929's tls-server-end-point, and the name of the client's hello. */
START_TEST(a_tls_connection_has_a_token_and_a_name)
{
    char url[128], command[256], line[128] = "token=tls-server-end-point:";
    size_t length = strlen(line);
    reply_t reply;
    FILE *f;

    server_start(&server, _i, "objects=objects", "socache_shmcb ssl", NULL);
    snprintf(command, sizeof(command), "openssl x509 -outform DER -in "
             "%s/cert.pem | openssl dgst -sha256 -r", server.root);
    ck_assert_ptr_nonnull(f = popen(command, "r"));
    ck_assert_int_eq(fscanf(f, "%64[0-9a-f]", line + length), 1);
    pclose(f);
    snprintf(url, sizeof(url), "https://localhost:%d/iis?op=certificate",
             server.tls_port);
    client_get(&reply, url, WITH_TLS, NULL);
    ck_assert_int_eq(reply.curl, CURLE_OK);
    says(&reply, line);
    says(&reply, "sni=localhost\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* --- child requests ----------------------------------------------------- */

START_TEST(child_answers_for_its_parent)
{
    reply_t reply;
    char port[64];

    server_start(&server, _i, "objects=objects", "", NULL);
    get(&reply, "/iis?op=child&url=/iis!op*inner&how=&flags=0", 0);
    ck_assert_int_eq(reply.status, 201);
    ck_assert_str_eq(reply_header(&reply, "X-Inner"), "seen");
    says(&reply, "child=1\nroot=1\nflags=0\nheader=yes\n");
    snprintf(port, sizeof(port), "port=%d\nprotocol=HTTP/1.1\n", server.port);
    says(&reply, port);
    client_free(&reply);
    /* httpd's own content, and what the parent wrote before it. */
    ASK("/iis?op=child&url=/file.txt&how=&flags=0", "a static file");
    ASK("/iis?op=child&url=/file.txt&how=before&flags=1",
        "parent=first\na static file");
    ASK("/iis?op=child&url=/iis!op*inner&how=forget&flags=0", "child=1");
    ASK("/iis?op=child&url=/iis!op*inner&how=twice&flags=0", "again=1");
    get(&reply, "/iis?op=child&url=/missing&how=&flags=0", 0);
    ck_assert_int_eq(reply.status, 404);
    ck_assert_ptr_nonnull(strstr(reply.body, "Not Found"));
    client_free(&reply);
    server_expect("IISR0801");
    server_stop(&server);
}
END_TEST

START_TEST(child_is_read_by_its_parent)
{
    server_start(&server, _i, "objects=objects", "", NULL);
    ASK("/iis?op=child&url=/iis!op*inner&how=read&flags=32", "status=201\n",
        "body=child=1\n");
    ASK("/iis?op=child&url=/file.txt&how=read&flags=32", "status=200\n",
        "length=38\n");
    ASK("/iis?op=child&url=/missing&how=read&flags=32", "status=404\n");
    ASK("/iis?op=child&url=/missing&how=read&flags=1", "status=404\n",
        "length=0\n");
    ASK("/iis?op=child&url=/x&how=unused&flags=0", "released=1\n");
    server_stop(&server);
}
END_TEST

/* NO_HEADERS 1, IGNORE_CURRENT_INTERCEPTOR 2, DISABLE_CUSTOM_ERROR 8,
 * SAME_URL 16. */
START_TEST(child_runs_as_its_flags_say)
{
    server_start(&server, _i, "objects=objects", "",
                 "<Location /file.txt>\nSetHandler iis\n</Location>\n");
    is("/iis?op=child&url=/missing&how=&flags=8", 404, "");
    is("/iis?op=child&url=/iis!op*inner&how=&flags=1", 200, NULL);
    is("/file.txt?op=child&url=/iis&how=&flags=18", 200,
       "a static file, served by httpd itself\n");
    is("/file.txt?op=child&url=/iis!op*inner&how=&flags=2", 404, NULL);
    server_stop(&server);
}
END_TEST

START_TEST(child_that_may_not_run_is_refused)
{
    server_start(&server, _i, "objects=objects", "", NULL);
    server_expect("IISR0801");
    ASK("/iis?op=child&url=/x&how=sync&flags=0", "refused=1\n");
    ASK("/iis?op=inner&deep=1", "execute=too deep\n");
    server_stop(&server);
}
END_TEST

START_TEST(child_reads_the_body_of_its_parent)
{
    reply_t reply;
    char url[256];

    server_start(&server, _i, "objects=objects", "", NULL);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/iis?op=child&"
             "url=/iis!op*inner;body*1&how=&flags=0", server.port);
    client_get(&reply, url, 0, "the body of the parent");
    ck_assert_str_eq(reply.body, "the body of the parent");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_request_has_the_application_of_its_longest_path);
    ON_EVERY_MPM(tc, file_info_is_what_httpd_sends);
    ON_EVERY_MPM(tc, no_two_requests_have_one_id);
    ON_EVERY_MPM(tc, variables_agree_with_the_raw_request);
    ON_EVERY_MPM(tc, stored_contexts_end_with_what_they_are_stored_on);
    ON_EVERY_MPM(tc, a_connection_context_in_the_plain_container_is_told_too);
    tcase_add_test(tc, a_module_may_ask_for_a_restart);
    ON_EVERY_MPM(tc, trailers_follow_a_chunked_body);
    tcase_add_loop_test(tc, trailers_follow_an_http2_body, 0, MPM_PREFORK);
    tcase_add_test(tc, cache_policy_is_understood_by_mod_cache);
    ON_EVERY_MPM(tc, fragments_and_versions_work_from_cpp);
    ON_EVERY_MPM(tc, a_tls_connection_has_a_token_and_a_name);
    ON_EVERY_MPM(tc, child_answers_for_its_parent);
    ON_EVERY_MPM(tc, child_is_read_by_its_parent);
    ON_EVERY_MPM(tc, child_runs_as_its_flags_say);
    ON_EVERY_MPM(tc, child_that_may_not_run_is_refused);
    ON_EVERY_MPM(tc, child_reads_the_body_of_its_parent);
}

int main(void)
{
    return run_tests("objects", add, 60);
}
