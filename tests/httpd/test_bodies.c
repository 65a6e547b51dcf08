/* test_bodies.c: bodies that modules read and put back pass the input filters
 * of their place once, whenever they were read: what httpd's own handlers
 * get is what they get of a server without modules.
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
    "ScriptAlias /cgi ${ROOT}/cgi/echo\nScriptAlias /back ${ROOT}/cgi/echo\n"
    "<Directory ${ROOT}/cgi>\n    Require all granted\n</Directory>\n"
    "<Directory ${ROOT}/htdocs>\n    RewriteEngine On\n"
    "    RewriteRule ^moved$ /cgi [PT]\n</Directory>\n"
    "ProxyPass /proxy http://127.0.0.1:${PORT}/back\n"
    "<Location /cgi>\n    SetInputFilter DEFLATE\n</Location>\n"
    "<Location /proxy>\n    SetInputFilter DEFLATE\n</Location>\n"
    "<Location /iis>\n    SetInputFilter DEFLATE\n</Location>\n";

static void make_script(const char *name, const char *text)
{
    char path[160];
    FILE *f;

    snprintf(path, sizeof(path), "%s/cgi", server.root);
    mkdir(path, 0755);
    chmod(path, 0755);
    snprintf(path, sizeof(path), "%s/cgi/%s", server.root, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fprintf(f, "#!/bin/sh\n%s", text);
    fclose(f);
    chmod(path, 0755);
}

static void start(int mpm, const char *modules, const char *extra)
{
    const char *with = mpm == MPM_PREFORK
        ? "cgi deflate proxy proxy_http rewrite unique_id security2"
        : "cgi deflate proxy proxy_http rewrite unique_id security2 http2";
    char all[4000];

    snprintf(all, sizeof(all), "%s%s%s", config, *modules
             ? "<Location /back>\n    IISModules none\n</Location>\n" : "",
             extra);
    server_start(&server, mpm, modules,
                 with, all);
    make_script("echo", "body=$(mktemp)\ncat >$body\n"
                "printf 'Content-Type: text/plain\\r\\n\\r\\n'\n"
                "echo \"length $CONTENT_LENGTH encoding "
                "$HTTP_CONTENT_ENCODING coding $HTTP_TRANSFER_ENCODING\"\n"
                "cat $body\nrm $body\n");
}

/* --- bodies --------------------------------------------------------------- */

typedef struct body_t {
    char *data;
    size_t length, sent;
    const char *encoding;           /* NULL: plain */
} body_t;

enum { SMALL, LARGE, SMALL_GZIP, LARGE_GZIP, BODIES };
static body_t bodies[BODIES];

static void squeeze(body_t *to, const body_t *from)
{
    char command[128], name[] = "/tmp/iisresp-body-XXXXXX";
    int fd = mkstemp(name);
    FILE *f;

    ck_assert_int_eq(write(fd, from->data, from->length),
                     (ssize_t)from->length);
    close(fd);
    snprintf(command, sizeof(command), "gzip -nc %s", name);
    ck_assert_ptr_nonnull((f = popen(command, "r")));
    to->data = malloc(from->length + 1000);
    to->length = fread(to->data, 1, from->length + 1000, f);
    to->encoding = "gzip";
    pclose(f);
    unlink(name);
}

static void make_bodies(void)
{
    static const size_t lengths[] = { 60, 150000 };
    size_t i, j;

    for (i = 0; i < 2; i++) {
        bodies[i].data = malloc(lengths[i]);
        bodies[i].length = lengths[i];
        for (j = 0; j < lengths[i]; j++) {
            bodies[i].data[j] = 'a' + (j * 7 + j / 26 * j % 11) % 26;
        }
        squeeze(&bodies[i + 2], &bodies[i]);
    }
}

typedef struct answer_t {
    long status;
    char headers[4096];
    char *data;
    size_t length;
} answer_t;

static size_t next_piece(char *to, size_t size, size_t n, void *baton)
{
    body_t *body = baton;
    size_t left = body->length - body->sent;

    n = size * n < left ? size * n : left;
    memcpy(to, body->data + body->sent, n);
    body->sent += n;
    return n;
}

static size_t keep_data(char *data, size_t size, size_t n, void *baton)
{
    answer_t *a = baton;

    a->data = realloc(a->data, a->length + size * n + 1);
    memcpy(a->data + a->length, data, size * n);
    a->length += size * n;
    a->data[a->length] = '\0';
    return size * n;
}

static size_t keep_header(char *data, size_t size, size_t n, void *baton)
{
    answer_t *a = baton;
    size_t length = strlen(a->headers);

    /* How the answer is framed is another matter. */
    if (strncasecmp(data, "Date:", 5)
        && strncasecmp(data, "Content-Length:", 15)
        && strncasecmp(data, "Transfer-Encoding:", 18)
        && length + size * n < sizeof(a->headers)) {
        memcpy(a->headers + length, data, size * n);
        a->headers[length + size * n] = '\0';
    }
    return size * n;
}

enum { CHUNKED = 1, EXPECT = 2, HTTP2 = 4 };

static struct curl_slist *request_headers(const body_t *body, int how)
{
    struct curl_slist *list = curl_slist_append(NULL,
                           how & EXPECT ? "Expect: 100-continue" : "Expect:");
    char line[64];

    list = curl_slist_append(list, "Content-Type: application/x-any");
    if ((how & CHUNKED) && !(how & HTTP2)) {
        list = curl_slist_append(list, "Transfer-Encoding: chunked");
    }
    if (body->encoding) {
        snprintf(line, sizeof(line), "Content-Encoding: %s", body->encoding);
        list = curl_slist_append(list, line);
    }
    return list;
}

static answer_t ask(const char *path, body_t body, int how)
{
    struct curl_slist *list = request_headers(&body, how);
    answer_t answer = { 0 };
    CURL *curl = curl_easy_init();
    char url[512];
    CURLcode code;

    snprintf(url, sizeof(url), "%s%s", server.url, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, next_piece);
    curl_easy_setopt(curl, CURLOPT_READDATA, &body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)(how & HTTP2
        ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_1_1));
    if (!(how & CHUNKED)) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.length);
    }
    code = curl_easy_perform(curl);
    ck_assert_msg(code == CURLE_OK, "%s: curl %d\n%s", path, code,
                  server_log(&server));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    return answer;
}

/* --- the oracle ----------------------------------------------------------- */

/* The last of them is redirected inside httpd. */
static const char *const handlers[] = { "/cgi", "/proxy", "/moved" };
#define HANDLERS 3
#define HOWS 4
static answer_t plain[HANDLERS][BODIES][HOWS];

static void ask_plain(int mpm)
{
    int h, b, how;

    start(mpm, "", "");
    for (h = 0; h < HANDLERS; h++) {
        for (b = 0; b < BODIES; b++) {
            for (how = 0; how < HOWS; how++) {
                plain[h][b][how] = ask(handlers[h], bodies[b], how);
                ck_assert_int_eq(plain[h][b][how].status, 200);
            }
        }
    }
    server_stop(&server);
}

/* What a CGI script is told of the headers, unless the input filters have
 * changed them before it was started. */
static size_t first_line(const char *data)
{
    const char *end = data ? strchr(data, '\n') : NULL;

    return end ? end + 1 - data : 0;
}

static void is_as_plain(const char *what, int with_headers,
                        const answer_t *is, const answer_t *as)
{
    size_t skip = with_headers ? 0 : first_line(is->data);
    size_t skip_as = with_headers ? 0 : first_line(as->data);

    ck_assert_msg(is->status == as->status, "%s: %ld, plain: %ld\n%s", what,
                  is->status, as->status, server_log(&server));
    ck_assert_msg(!strcmp(is->headers, as->headers), "%s:\n%splain:\n%s",
                  what, is->headers, as->headers);
    ck_assert_msg(is->length - skip == as->length - skip_as
                  && !memcmp(is->data + skip, as->data + skip_as,
                             is->length - skip),
                  "%s: %zu bytes: %.150s\nplain: %zu bytes: %.150s", what,
                  is->length, is->data ? is->data : "", as->length, as->data);
}

/* --- read and put back ---------------------------------------------------- */

static const char *const notifications[] = {
    "BeginRequest", "PostBeginRequest", "MapPath", "AuthenticateRequest",
    "PostAuthenticateRequest", "AuthorizeRequest", "PostAuthorizeRequest",
    "ResolveRequestCache", "PostResolveRequestCache", "MapRequestHandler",
    "PostMapRequestHandler", "AcquireRequestState",
    "PostAcquireRequestState", "PreExecuteRequestHandler",
    "PostPreExecuteRequestHandler"
};
#define NOTIFICATIONS (sizeof(notifications) / sizeof(notifications[0]))

/* Ahead of the handler stage, where httpd inserts input filters. */
static int is_early(const char *query)
{
    return strstr(query, "Begin") || strstr(query, "Auth")
           || strstr(query, "MapPath");
}

/* One handler, all bodies and framings. */
static void same_as_plain(int h, const char *query)
{
    char path[256], what[300];
    int b, how;

    snprintf(path, sizeof(path), "%s?%s", handlers[h], query);
    for (b = 0; b < BODIES; b++) {
        for (how = 0; how < HOWS; how++) {
            answer_t answer;

            if (how & EXPECT && b != LARGE_GZIP) {
                continue;
            }
            answer = ask(path, bodies[b], how);
            snprintf(what, sizeof(what), "%s, body %d, framing %d", path, b,
                     how);
            is_as_plain(what, !bodies[b].encoding || is_early(query),
                        &answer, &plain[h][b][how]);
            free(answer.data);
        }
    }
}

static void every_notification(int mpm, const char *modules,
                               const char *what)
{
    char query[128];
    size_t i;
    int h;

    make_bodies();
    ask_plain(mpm);
    start(mpm, modules, "");
    for (h = 0; h < HANDLERS; h++) {
        same_as_plain(h, "do=nothing");
        for (i = 0; i < NOTIFICATIONS; i++) {
            /* What is proxied has no path. */
            if (h != 1 || strcmp(notifications[i], "MapPath")) {
                snprintf(query, sizeof(query), "do=%s&at=%s", what,
                         notifications[i]);
                same_as_plain(h, query);
            }
        }
    }
    server_stop(&server);
}

START_TEST(what_is_put_back_passes_the_input_filters_once)
{
    every_notification(_i, "bodies=bodies", "same");
}
END_TEST

START_TEST(so_does_a_part_of_it)
{
    every_notification(_i, "bodies=bodies", "some");
}
END_TEST

START_TEST(so_does_what_another_module_looks_at)
{
    every_notification(_i, "bodies=bodies entity=entity", "twice");
}
END_TEST

/* A little at each notification, and all of it at the last.  What was read
 * ahead of the input filters is not read through them: plain bodies. */
START_TEST(a_body_is_read_over_several_notifications)
{
    static const char *const queries[] = {
        "do=split&at=BeginRequest.AuthorizeRequest&last=AuthorizeRequest",
        "do=split&at=PreExecuteRequestHandler.PostPreExecuteRequestHandler"
        "&last=PostPreExecuteRequestHandler",
        "do=split&at=ResolveRequestCache.PostMapRequestHandler"
        "&last=PostMapRequestHandler",
        "do=split&at=BeginRequest.MapRequestHandler&last=MapRequestHandler"
    };
    char path[300];
    size_t i;
    int h;

    make_bodies();
    ask_plain(_i);
    start(_i, "bodies=bodies", "");
    for (h = 0; h < 2; h++) {
        for (i = 0; i < 3; i++) {
            same_as_plain(h, queries[i]);
        }
        snprintf(path, sizeof(path), "%s?%s", handlers[h], queries[3]);
        for (i = 0; i < HOWS; i++) {
            answer_t answer = ask(path, bodies[LARGE], i);

            is_as_plain(path, 1, &answer, &plain[h][LARGE][i]);
            free(answer.data);
        }
    }
    server_stop(&server);
}
END_TEST

/* --- changed -------------------------------------------------------------- */

static void is_body(const char *path, int b, int how, const char *expected)
{
    answer_t answer = ask(path, bodies[b], how);

    ck_assert_msg(answer.status == 200 && answer.data
                  && !strcmp(answer.data, expected),
                  "%s, body %d, framing %d: %ld %s\nexpected: %s\n%s", path, b,
                  how, answer.status, answer.data, expected,
                  server_log(&server));
    free(answer.data);
}

START_TEST(what_a_module_made_of_it_reaches_the_handler)
{
    char path[256];
    size_t i;
    int h, b, how;

    make_bodies();
    start(_i, "bodies=bodies", "");
    for (i = 0; i < NOTIFICATIONS; i++) {
        for (h = 0; h < 2; h++) {
            if (h == 1 && !strcmp(notifications[i], "MapPath")) {
                continue;
            }
            for (b = 0; b < BODIES; b++) {
                for (how = 0; how < HOWS; how++) {
                    snprintf(path, sizeof(path), "%s?do=changed&at=%s",
                             handlers[h], notifications[i]);
                    is_body(path, b, how, "length 16 encoding  coding \n"
                            "what it made of ");
                }
            }
        }
    }
    server_stop(&server);
}
END_TEST

/* Nothing was read: httpd has not yet seen where the body ends when the
 * module sets another length. */
START_TEST(what_is_inserted_ahead_of_an_unread_body_is_in_front_of_it)
{
    char path[256], expected[256];
    size_t i;
    int h, how;

    make_bodies();
    snprintf(expected, sizeof(expected), "length %zu encoding  coding \n"
             "in front of %.*s", bodies[SMALL].length + 12,
             (int)bodies[SMALL].length, bodies[SMALL].data);
    start(_i, "bodies=bodies", "");
    for (i = 0; i < NOTIFICATIONS; i++) {
        for (h = 0; h < 2; h++) {
            if (h == 1 && !strcmp(notifications[i], "MapPath")) {
                continue;
            }
            for (how = 0; how < HOWS; how++) {
                snprintf(path, sizeof(path), "%s?do=insert&length=%zu&at=%s",
                         handlers[h], bodies[SMALL].length + 12,
                         notifications[i]);
                is_body(path, SMALL, how, expected);
            }
        }
    }
    server_stop(&server);
}
END_TEST

/* --- a module reads what another put back --------------------------------- */

static void is_read(const char *query, int b, size_t read)
{
    char path[256], line[64];
    int how;

    snprintf(path, sizeof(path), "/iis?%s&read", query);
    snprintf(line, sizeof(line), "\nX-Read: %zu\r", read);
    for (how = 0; how < HOWS; how++) {
        answer_t answer = ask(path, bodies[b], how);

        ck_assert_msg(answer.status == 200
                      && answer.length == bodies[b % 2].length
                      && !memcmp(answer.data, bodies[b % 2].data,
                                 answer.length),
                      "%s, body %d, framing %d: %ld, %zu bytes\n%s", path, b,
                      how, answer.status, answer.length,
                      server_log(&server));
        ck_assert_msg(strstr(answer.headers, line) != NULL, "%s, body %d: no "
                      "%s in\n%s", path, b, line + 1, answer.headers);
        free(answer.data);
    }
}

/* Early: as the client sent it; late: as the input filters made it. */
START_TEST(a_module_reads_it_as_far_as_it_has_come)
{
    char query[128];
    size_t i;
    int b;

    make_bodies();
    start(_i, "bodies=bodies", "");
    for (i = 0; i < NOTIFICATIONS; i++) {
        int early = is_early(notifications[i]);

        for (b = 0; b < BODIES; b++) {
            snprintf(query, sizeof(query), "do=same&at=%s",
                     notifications[i]);
            is_read(query, b, early ? bodies[b].length
                                    : bodies[b % 2].length);
        }
    }
    server_stop(&server);
}
END_TEST

/* --- who else reads it ---------------------------------------------------- */

static const char firewall[] =
    "SecRuleEngine On\nSecRequestBodyAccess On\n"
    "SecAction id:2,phase:1,nolog,pass,ctl:forceRequestBodyVariable=On\n"
    "SecRule REQUEST_BODY \"@contains mucksax\" "
    "\"id:1,phase:2,deny,status:403\"\n";

/* It reads the body ahead of the handler stage, and gives it on in an input
 * filter of its own. */
START_TEST(a_firewall_sees_what_is_put_back)
{
    static const char *const at[] = {
        "BeginRequest", "AuthorizeRequest", "PreExecuteRequestHandler"
    };
    body_t harmless = { .data = strdup("name=value"), .length = 10 };
    answer_t answer;
    char path[128];
    int i, how;

    make_bodies();
    start(_i, "bodies=bodies", firewall);
    server_expect("ModSecurity");
    for (i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "/cgi?do=same&at=%s", at[i]);
        for (how = 0; how < 2; how++) {
            answer = ask(path, bodies[SMALL], how);
            ck_assert_msg(answer.status == 403, "%s: %ld", path,
                          answer.status);
            answer = ask(path, harmless, how);
            ck_assert_msg(answer.status == 200
                          && strstr(answer.data, "\nname=value"), "%s: %ld %s",
                          path, answer.status, answer.data);
        }
    }
    server_stop(&server);
}
END_TEST

START_TEST(so_it_is_over_http2)
{
    char path[128];
    answer_t answer;
    size_t i;
    int b, how;

    make_bodies();
    start(_i, "bodies=bodies entity=entity", "Protocols h2c http/1.1\n");
    for (i = 0; i < NOTIFICATIONS; i += 3) {
        for (b = 0; b < BODIES; b++) {
            for (how = 0; how < 2; how++) {
                size_t skip;

                snprintf(path, sizeof(path), "/cgi?do=same&at=%s",
                         notifications[i]);
                answer = ask(path, bodies[b], how | HTTP2);
                skip = first_line(answer.data);
                ck_assert_msg(answer.status == 200
                              && answer.length - skip == bodies[b % 2].length
                              && !memcmp(answer.data + skip,
                                         bodies[b % 2].data,
                                         answer.length - skip),
                              "%s, body %d, framing %d: %ld, %zu bytes: %.100s",
                              path, b, how, answer.status, answer.length,
                              answer.data);
                free(answer.data);
            }
        }
    }
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, what_is_put_back_passes_the_input_filters_once);
    tcase_add_test(tc, so_does_a_part_of_it);
    tcase_add_test(tc, so_does_what_another_module_looks_at);
    tcase_add_test(tc, a_body_is_read_over_several_notifications);
    tcase_add_test(tc, what_a_module_made_of_it_reaches_the_handler);
    tcase_add_test(tc,
        what_is_inserted_ahead_of_an_unread_body_is_in_front_of_it);
    tcase_add_test(tc, a_module_reads_it_as_far_as_it_has_come);
    tcase_add_test(tc, a_firewall_sees_what_is_put_back);
    tcase_add_loop_test(tc, so_it_is_over_http2, MPM_EVENT, MPM_PREFORK);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("bodies", add, 90);
}
