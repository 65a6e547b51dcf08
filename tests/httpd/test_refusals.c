/* test_refusals.c: bodies that httpd refuses, that end early or do not come,
 * on their way to httpd's own handlers: a module that looks at what is read
 * (OnReadEntity) changes nothing of what the client and the log are told.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static const char config[] =
    "ScriptAlias /cgi ${ROOT}/cgi/echo\nScriptAlias /back ${ROOT}/cgi/echo\n"
    "ScriptAlias /text ${ROOT}/cgi/echo\nScriptAlias /page ${ROOT}/cgi/echo\n"
    "ScriptAlias /script ${ROOT}/cgi/echo\n"
    "<Directory ${ROOT}/cgi>\n    Require all granted\n</Directory>\n"
    "ProxyPass /proxy http://127.0.0.1:${PORT}/back\n"
    "DavLockDB ${ROOT}/htdocs/lock\nAlias /dav ${ROOT}/htdocs\n"
    "<Location /dav>\n    Dav On\n</Location>\n"
    "<Location /echo>\n    SetHandler reflector\n</Location>\n"
    "<LocationMatch ^/(cgi|dav|echo|file|text|page|script)>\n"
    "    LimitRequestBody 6\n</LocationMatch>\n"
    "<Location /text>\n    ErrorDocument 413 \"too much\"\n"
    "    ErrorDocument 400 \"too odd\"\n</Location>\n"
    "<Location /page>\n    ErrorDocument 413 /page.html\n"
    "    ErrorDocument 400 /page.html\n</Location>\n"
    "<Location /script>\n    ErrorDocument 413 /back\n"
    "    ErrorDocument 400 /back\n</Location>\n"
    "RequestReadTimeout header=20 body=1\n";

static void make_script(void)
{
    char path[160];
    FILE *f;

    snprintf(path, sizeof(path), "%s/cgi", server.root);
    mkdir(path, 0755);
    chmod(path, 0755);
    snprintf(path, sizeof(path), "%s/cgi/echo", server.root);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs("#!/bin/sh\nbody=$(cat)\n"
          "printf 'Content-Type: text/plain\\r\\n\\r\\n'\n"
          "echo \"script $REDIRECT_STATUS $body\"\n", f);
    fclose(f);
    chmod(path, 0755);
    snprintf(path, sizeof(path), "%s/htdocs", server.root);
    chmod(path, 0777);
}

static void start(int mpm, const char *modules)
{
    server_start(&server, mpm, modules, "cgi dav dav_fs proxy proxy_http "
                 "reflector reqtimeout", config);
    make_script();
    server_expect("[cgi:error]");
    server_expect("[proxy_http:error]");
    server_expect("[proxy:error]");
    server_expect("[dav:error]");
    server_expect("[core:error]");
    server_expect("[http:error]");
}

/* --- requests ------------------------------------------------------------- */

static const char *const methods[][2] = {
    { "POST", "/cgi" }, { "POST", "/proxy" }, { "PUT", "/dav/new.txt" },
    { "GET", "/file.txt" }, { "POST", "/echo" }, { "POST", "/text" },
    { "POST", "/page" }, { "POST", "/script" }
};
#define PATHS (sizeof(methods) / sizeof(methods[0]))

static const struct {
    const char *text;
    int cut;                        /* 1: the client stops; 2: it waits */
} bodies[] = {
    { "Content-Length: 11\r\n\r\nfoo and bar", 0 },
    { "Transfer-Encoding: chunked\r\n\r\nb\r\nfoo and bar\r\n0\r\n\r\n", 0 },
    { "Transfer-Encoding: chunked\r\n\r\n"
      "4\r\nfoo \r\n7\r\nand bar\r\n0\r\n\r\n", 0 },
    { "Transfer-Encoding: chunked\r\n\r\nZZ\r\nfoo\r\n", 0 },
    { "Transfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\nZZ\r\n", 0 },
    { "Content-Length: 5\r\n\r\nfoo", 1 },
    { "Transfer-Encoding: chunked\r\n\r\n5\r\nfoo", 1 },
    { "Transfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n", 1 },
    { "Content-Length: 5\r\n\r\n", 1 },
    { "Content-Length: 5\r\n\r\nfoo", 2 },
    { "Content-Length: 3\r\n\r\nfoo", 0 },
    { "Transfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n0\r\n\r\n", 0 }
};
#define BODIES (sizeof(bodies) / sizeof(bodies[0]))

static int is_told(const char *line)
{
    return strncasecmp(line, "Date:", 5) && strncasecmp(line, "ETag:", 5)
           && strncasecmp(line, "Last-Modified:", 14)
           && strncasecmp(line, "Content-Length:", 15)
           && strncasecmp(line, "Transfer-Encoding:", 18);
}

/* Without what differs from one server, or one run of a script, to the
 * next. */
static char *answer_of(const reply_t *reply)
{
    char *text = malloc(strlen(reply->headers) + reply->length + 100);
    const char *line = reply->headers, *end;
    size_t length = sprintf(text, "%ld\n", reply->status);

    for (; (end = strchr(line, '\n')); line = end + 1) {
        if (is_told(line)) {
            length += sprintf(text + length, "%.*s", (int)(end + 1 - line),
                              line);
        }
    }
    sprintf(text + length, "%s%s", reply->wrong, reply->body);
    return text;
}

/* What the log says of the client's request, beginning at an offset. */
static char *log_lines(size_t *from)
{
    const char *log = server_log(&server), *line = log + *from, *end;
    char *text = calloc(1, strlen(line) + 1);

    for (; *line && (end = strchr(line, '\n')); line = end + 1) {
        const char *pid = strstr(line, "] [pid "), *client, *after;

        if (!pid || pid > end || !(pid = strstr(pid + 2, "] "))
            || !(client = strstr(pid, "[client ")) || client > end
            || !(after = strchr(client, ']'))
            || (strstr(line, "[iisresp:") && strstr(line, "[iisresp:") < end)) {
            continue;
        }
        strncat(text, pid + 2, client - pid - 2);
        strncat(text, after, end - after + 1);
    }
    *from = line - log;
    return text;
}

typedef struct told_t {
    char *answer, *log;
} told_t;

/* What modules shall do, of the bodies port. */
static const char *query = "";

static told_t tell(size_t path, size_t body, size_t *log)
{
    char request[400];
    reply_t reply;
    told_t told;
    int fd = client_open(server.port);

    snprintf(request, sizeof(request), "%s %s%s HTTP/1.1\r\nHost: a\r\n%s",
             methods[path][0], methods[path][1], query, bodies[body].text);
    client_send(fd, request);
    if (bodies[body].cut == 1) {
        shutdown(fd, SHUT_WR);
    }
    if (client_response(fd, &reply, 0)) {
        told.answer = answer_of(&reply);
        client_free(&reply);
    }
    else {
        told.answer = strdup("nothing");
    }
    /* The handler may say something after its answer: until it is over. */
    shutdown(fd, SHUT_WR);
    client_read_all(fd);
    close(fd);
    told.log = log_lines(log);
    return told;
}

static told_t plain[PATHS][BODIES];

/* A whole run against the server that runs. */
static void tell_all(void (*see)(size_t path, size_t body, told_t told))
{
    size_t path, body, log = 0;

    for (path = 0; path < PATHS; path++) {
        for (body = 0; body < BODIES; body++) {
            char name[128];

            snprintf(name, sizeof(name), "%s/htdocs/new.txt", server.root);
            remove(name);
            if (bodies[body].cut != 2 || path < 2) {
                see(path, body, tell(path, body, &log));
            }
        }
    }
}

static void keep_plain(size_t path, size_t body, told_t told)
{
    plain[path][body] = told;
}

/* The folder and the ports of one server are not those of another. */
static char *without_names(const char *text)
{
    char *copy = strdup(text), *at, *end;

    while ((at = strstr(copy, "/tmp/iisresp-"))) {
        end = strchr(at + 13, '/');
        memmove(at, end ? end : "", end ? strlen(end) + 1 : 1);
    }
    while ((at = strstr(copy, "127.0.0.1:"))) {
        end = at + 10 + strspn(at + 10, "0123456789");
        memmove(at, end, strlen(end) + 1);
    }
    return copy;
}

static void is_as_plain(size_t path, size_t body, told_t told)
{
    char *log = without_names(told.log);
    char *plain_log = without_names(plain[path][body].log);

    ck_assert_msg(!strcmp(told.answer, plain[path][body].answer),
                  "%s, body %zu: %.600s\nplain: %.600s", methods[path][1],
                  body, told.answer, plain[path][body].answer);
    ck_assert_msg(!strcmp(log, plain_log), "%s, body %zu: log %.600s\n"
                  "plain: %.600s", methods[path][1], body, log, plain_log);
    free(log);
    free(plain_log);
}

START_TEST(a_listener_changes_nothing_of_a_refusal)
{
    start(_i, "");
    tell_all(keep_plain);
    server_stop(&server);
    start(_i, "entity=entity");
    tell_all(is_as_plain);
    server_stop(&server);
}
END_TEST

/* A module that is told first, and says nothing of it. */
static void has_the_plain_status(size_t path, size_t body, told_t told)
{
    const char *page = strstr(told.answer, "\r\n\r\n");
    const char *plain_page = strstr(plain[path][body].answer, "\r\n\r\n");

    if (!strncmp(plain[path][body].answer, "200", 3) && body < 10) {
        /* It had begun to answer. */
        return;
    }
    ck_assert_msg(!strncmp(told.answer, plain[path][body].answer, 4)
                  && !strcmp(page ? page : "", plain_page ? plain_page : ""),
                  "%s%s, body %zu: %.600s\nplain: %.600s", methods[path][1],
                  query, body, told.answer, plain[path][body].answer);
}

START_TEST(a_module_that_reads_first_leaves_the_refusal_to_the_handler)
{
    static const char *const queries[] = {
        "?do=same&at=BeginRequest", "?do=some&at=AuthorizeRequest",
        "?do=same&at=PreExecuteRequestHandler",
        "?do=some&at=ResolveRequestCache.PreExecuteRequestHandler"
    };
    size_t i;

    start(_i, "");
    tell_all(keep_plain);
    server_stop(&server);
    start(_i, "bodies=bodies");
    for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        query = queries[i];
        tell_all(has_the_plain_status);
    }
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc,
        a_module_that_reads_first_leaves_the_refusal_to_the_handler);
    ON_EVERY_MPM(tc, a_listener_changes_nothing_of_a_refusal);
}

int main(void)
{
    return run_tests("refusals", add, 90);
}
