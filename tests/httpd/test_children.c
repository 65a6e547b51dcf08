/* test_children.c: what a child request flushes leaves for the client at
 * once: the child goes on only when the client has seen it.
 */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "client.h"
#include "server.h"

static server_t server;

static const char config[] =
    "ServerLimit 1\nMaxRequestWorkers 8\n"
    "ScriptAlias /cgi ${ROOT}/cgi\n"
    "<Directory ${ROOT}/cgi>\n    Require all granted\n</Directory>\n"
    "ProxyPass /proxy http://127.0.0.1:${PORT}/iis flushpackets=on\n"
    "AddOutputFilter INCLUDES .html\n"
    "<Directory ${ROOT}/htdocs>\n    Options +Includes\n</Directory>\n";

static void make_file(const char *folder, const char *name, const char *text)
{
    char path[160];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", server.root, folder);
    mkdir(path, 0755);
    chmod(path, 0755);
    snprintf(path, sizeof(path), "%s/%s/%s", server.root, folder, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
    chmod(path, 0755);
}

/* One process: what waits and what wakes it meet there. */
static void start(int mpm)
{
    char script[400], extra[800];

    snprintf(extra, sizeof(extra), "%s%s", config,
             mpm == MPM_PREFORK ? "" : "Protocols h2c http/1.1\n");
    server_start(&server, mpm, "parts=parts", mpm == MPM_PREFORK
                 ? "cgi proxy proxy_http include"
                 : "cgi proxy proxy_http include http2", extra);
    snprintf(script, sizeof(script), "#!/bin/sh\n"
             "printf 'Content-Type: text/plain\\r\\n\\r\\n[one]'\n"
             "for i in $(seq 200); do [ -e %s/htdocs/go ] && break; "
             "sleep 0.05; done\n"
             "[ -e %s/htdocs/go ] && printf '[two]' || printf '[late]'\n",
             server.root, server.root);
    make_file("cgi", "slow", script);
    make_file("htdocs", "page.html",
              "[<!--#echo var=\"QUERY_STRING\" -->]"
              "<!--#include virtual=\"/iis?part\" -->");
}

/* The client has the first part: on with it. */
static void saw(reply_t *reply, void *baton)
{
    int *asked = baton;
    char url[128];
    reply_t gone;

    if (!*asked && strstr(reply->body, "[one]")) {
        *asked = 1;
        make_file("htdocs", "go", "");
        snprintf(url, sizeof(url), "%s/iis?go", server.url);
        client_get(&gone, url, 0, NULL);
        ck_assert_str_eq(gone.body, "gone");
        client_free(&gone);
    }
}

static void streams(const char *path, int with, const char *expected)
{
    char url[256], go[128];
    reply_t reply;
    int asked = 0;

    snprintf(go, sizeof(go), "%s/htdocs/go", server.root);
    remove(go);
    snprintf(url, sizeof(url), "%s%s", server.url, path);
    client_stream(&reply, url, with, saw, &asked);
    ck_assert_msg(reply.status == 200 && !strcmp(reply.body, expected),
                  "%s, with %d: %ld %s\n%s", path, with, reply.status,
                  reply.body, server_log(&server));
    client_free(&reply);
}

static void every_child(int with)
{
    streams("/iis?part", with, "[one][two]");
    streams("/iis?url=/iis?part", with, "[one][two][end]");
    streams("/iis?url=/iis?url=/iis?part", with, "[one][two][end][end]");
    streams("/iis?url=/cgi/slow", with, "[one][two][end]");
    streams("/iis?url=/iis?url=/cgi/slow", with, "[one][two][end][end]");
    streams("/iis?url=/proxy?part", with, "[one][two][end]");
    streams("/iis?url=/page.html?a", with, "[a][one][two][end]");
}

START_TEST(what_a_child_flushes_leaves_at_once)
{
    start(_i);
    every_child(0);
    every_child(WITH_HTTP10);
    server_stop(&server);
}
END_TEST

START_TEST(so_it_does_over_http2)
{
    start(_i);
    every_child(WITH_HTTP2);
    server_stop(&server);
}
END_TEST

/* EXECUTE_FLAG_BUFFER_RESPONSE is 32: the client sees nothing, so that nobody
 * asks the child to go on. */
START_TEST(what_the_parent_reads_does_not_leave)
{
    start(_i);
    streams("/iis?flags=32&url=/iis?wait=1000&part", 0, "[kept][end]");
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, what_a_child_flushes_leaves_at_once, MPM_EVENT,
                        MPM_PREFORK);
    tcase_add_loop_test(tc, so_it_does_over_http2, MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, what_the_parent_reads_does_not_leave, MPM_EVENT,
                        MPM_PREFORK);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("children", add, 60);
}
