/* test_hidden.c: what IIS never serves, with the configuration that is
 * shipped and the one that iisresp-express writes.
 */
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void make(const char *name, const char *text)
{
    char path[256], *p;
    FILE *f;

    snprintf(path, sizeof(path), "%s/htdocs/%s", server.root, name);
    for (p = path + strlen(server.root) + 8; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
    chmod(path, 0644);
}

static void answered(const char *path, const char *status)
{
    char request[512];
    const char *text;

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n"
             "Connection: close\r\n\r\n", path);
    text = client_once(server.port, request);
    ck_assert_msg(strstr(text, status) == text, "%s: %.40s", path, text);
}

static const char *const files[] = { "conf/iisresp.conf",
                                     "bin/kit/hidden.conf" };

static const char *const hidden[] = {
    "web.config", "sub/web.config", "sub/other.config", "bin/shop.dll",
    "sub/bin/shop.dll", "App_Code/a.cs", "App_Data/shop.mdf",
    "App_GlobalResources/a.resx", "App_LocalResources/a.resx",
    "App_WebReferences/a.wsdl", "App_Browsers/a.browser"
};

static const char *const shown[] = {
    "file.txt", "sub/page.html", "binary/a.txt", "cabin/a.txt",
    "App_Codes/a.txt", "configuration.txt", "web.config.txt", "bins"
};

#define N(list) ((int)(sizeof(list) / sizeof(list[0])))

/* What it says at its start is said. */
static void await_start(int times)
{
    int turn;

    for (turn = 0; turn < 400
                   && server_count(server_log(&server), "resuming normal "
                                   "operations") < times; turn++) {
        usleep(50000);
    }
}

static void start(int i, const char *more)
{
    char extra[2 * PATH_MAX];
    char path[PATH_MAX];
    int k;

    ck_assert_ptr_nonnull(realpath(files[i], path));
    snprintf(extra, sizeof(extra), "Include \"%s\"\n%s", path, more);
    server_start(&server, mpm_from(), "twin=twin1", "", extra);
    await_start(1);
    for (k = 0; k < N(hidden); k++) {
        make(hidden[k], "secret");
    }
    for (k = 0; k < N(shown); k++) {
        make(shown[k], "shown");
    }
}

START_TEST(what_iis_hides_is_hidden)
{
    static const char *const ways[] = {
        "/%s", "//%s", "/./%s", "/sub/../%s", "/%s?a", "/%s/more"
    };
    char path[256], coded[256], *p;
    int i, k;

    start(_i, "");
    for (i = 0; i < N(hidden); i++) {
        for (k = 0; k < N(ways); k++) {
            snprintf(path, sizeof(path), ways[k], hidden[i]);
            answered(path, "HTTP/1.1 404 ");
        }
        /* In capitals, and each byte encoded. */
        coded[0] = '/';
        for (p = coded + 1, k = 0; hidden[i][k]; k++) {
            path[k] = hidden[i][k] & (hidden[i][k] >= 'a' ? ~0x20 : ~0);
            p += hidden[i][k] == '/' ? sprintf(p, "/")
                                     : sprintf(p, "%%%02x", hidden[i][k]);
        }
        path[k] = '\0';
        answered(coded, "HTTP/1.1 404 ");
        memmove(path + 1, path, strlen(path) + 1);
        path[0] = '/';
        answered(path, "HTTP/1.1 404 ");
    }
    for (i = 0; i < N(shown); i++) {
        snprintf(path, sizeof(path), "/%s", shown[i]);
        answered(path, "HTTP/1.1 200 ");
    }
    server_stop(&server);
}
END_TEST

/* And of a virtual host that has redirects of its own. */
START_TEST(virtual_hosts_hide_it_too)
{
    start(_i, "<VirtualHost *>\nServerName a\nRedirectMatch 410 /gone\n"
          "DocumentRoot ${ROOT}/htdocs\n</VirtualHost>\n");
    answered("/sub/bin/shop.dll", "HTTP/1.1 404 ");
    answered("/web.config", "HTTP/1.1 404 ");
    answered("/gone", "HTTP/1.1 410 ");
    answered("/file.txt", "HTTP/1.1 200 ");
    server_stop(&server);
}
END_TEST

/* --- a web.config that nobody reads ------------------------------------- */

static int told(const char *path)
{
    char line[512];

    snprintf(line, sizeof(line), "IISR0704: %s%s is not read", server.root,
             path);
    return server_count(server_log(&server), line);
}

static void restart_and_wait(void)
{
    server_graceful(&server);
    await_start(2);
}

START_TEST(a_web_config_that_is_not_read_is_told_of)
{
    start(0, "IISApplication /app ${ROOT}/htdocs/sub\n"
          "<VirtualHost *>\nServerName b\nDocumentRoot ${ROOT}/htdocs\n"
          "</VirtualHost>\n");
    ck_assert_int_eq(told(""), 0);
    restart_and_wait();
    ck_assert_int_eq(told("/htdocs/web.config"), 1);
    ck_assert_int_eq(told("/htdocs/sub/web.config"), 1);
    server_expect("IISR0704");
    server_stop(&server);
}
END_TEST

START_TEST(one_that_is_read_is_not)
{
    char command[256];

    start(0, "");
    make("web.config", "<configuration/>");
    snprintf(command, sizeof(command), "echo 'IISConfig %s/htdocs/web.config'"
             " >>%s/httpd.conf", server.root, server.root);
    ck_assert_int_eq(system(command), 0);
    restart_and_wait();
    ck_assert_int_eq(told("/htdocs/web.config"), 0);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, what_iis_hides_is_hidden, 0, N(files));
    tcase_add_loop_test(tc, virtual_hosts_hide_it_too, 0, N(files));
    tcase_add_test(tc, a_web_config_that_is_not_read_is_told_of);
    tcase_add_test(tc, one_that_is_read_is_not);
}

int main(void)
{
    return run_tests("hidden", add, 60);
}
