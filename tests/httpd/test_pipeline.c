/* test_pipeline.c: every notification, in the order of IIS, whichever way a
 * request takes through httpd.  The port `every` writes a word for each into
 * a file that the query string's request is known by.
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

#define AUTH "Begin +Begin Path Auth +Auth Authz +Authz "
#define BEFORE AUTH "Resolve +Resolve Map +Map Acquire +Acquire Pre +Pre "
#define REST "Release +Release Update +Update Log +Log End +End "
#define AFTER "+Execute " REST
#define FINISHED "Log +Log End +End Send"

static server_t server;
static char file[96];

static const char config[] =
    "Redirect /old http://127.0.0.1:1/new\n"
    "ErrorDocument 410 /page.html\nRedirect gone /gone\n"
    "<Location /private>\nAuthType Basic\nAuthName here\n"
    "AuthBasicProvider file\nAuthUserFile users\nRequire valid-user\n"
    "</Location>\n"
    "<Location /denied>\nRequire all denied\n</Location>\n"
    "<Location /echo>\nSetHandler reflector\n</Location>\n"
    "<LocationMatch ^/(file.txt|mapped.txt|missing|nowhere|private)>\n"
    "SetHandler iis\n</LocationMatch>\n"
    "ProxyPass /proxied http://127.0.0.1:${PORT}/backend\n"
    "Alias /backend ${ROOT}/htdocs\n"
    "<Location /backend>\nIISModules none\n</Location>\n"
    "LogFormat \"%u|%r|%{User-Agent}i|%{cs-username}^IR|"
    "%{sc-substatus}^IR|%{flushes}^IR|%{sc-status}^IR\" iis\n"
    "CustomLog logs/iis iis\n"
    "Protocols h2c http/1.1\n"
    "<Directory ${ROOT}/htdocs>\nAllowOverride All\n</Directory>\n";

static void put(const char *name, const char *text, int mode)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", server.root, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
    chmod(path, mode);
}

static void start(int mpm)
{
    static const char with[] = "http2 proxy proxy_http reflector rewrite "
        "auth_basic authn_core authn_file authz_user authz_host";

    /* mod_http2 does not work under prefork. */
    server_start(&server, mpm, "every=every ops=ops",
                 mpm == MPM_PREFORK ? with + 6 : with, config);
    put("users", "bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n", 0644);
    put("trace", "", 0666);
    snprintf(file, sizeof(file), "%s/trace", server.root);
}

/* What the modules were told since the last look, words apart. */
static const char *trace(void)
{
    static char text[4096];
    size_t n;
    FILE *f = fopen(file, "r+");

    ck_assert_ptr_nonnull(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = '\0';
    while (n && text[n - 1] == ' ') {
        text[--n] = '\0';
    }
    ck_assert_int_eq(ftruncate(fileno(f), 0), 0);
    fclose(f);
    return text;
}

static void get(reply_t *reply, const char *path, int with)
{
    char url[512];

    snprintf(url, sizeof(url), "%s%s%cfile=%s", server.url, path,
             strchr(path, '?') ? '&' : '?', file);
    client_get(reply, url, with, NULL);
    ck_assert_msg(reply->curl == CURLE_OK, "%s: %s", path,
                  curl_easy_strerror(reply->curl));
}

/* The request's path, its status, and what modules were told. */
static void expect(const char *path, int with, long status, const char *words)
{
    reply_t reply;
    const char *told;

    get(&reply, path, with);
    told = trace();
    ck_assert_msg(reply.status == status, "%s: status %ld, %s", path,
                  reply.status, told);
    ck_assert_msg(!strcmp(told, words), "%s\n told: %s\n want: %s", path,
                  told, words);
    client_free(&reply);
}

static void answers(const char *path, const char *body)
{
    reply_t reply;

    get(&reply, path, 0);
    ck_assert_msg(!strcmp(reply.body, body), "%s: %s", path, reply.body);
    client_free(&reply);
    trace();
}

static const char *const whole = BEFORE "Execute " AFTER "Send";

static void golden(int with)
{
    expect("/file.txt", with, 200, whole);
    expect("/iis?op=whole&size=100", with, 200, BEFORE "Execute " FINISHED);
    expect("/missing", with, 404, BEFORE "Execute " FINISHED);
    expect("/gone", with, 410, "Begin +Begin " FINISHED);
    expect("/old", with, 302, "Begin +Begin " FINISHED);
    expect("/private/a", with, 401, "Begin +Begin Path Auth " FINISHED);
    expect("/denied", with, 403, "Begin +Begin Path Auth " FINISHED);
    expect("/proxied/file.txt", with, 200,
           "Begin +Begin Auth +Auth Authz +Authz Resolve +Resolve Map +Map "
           "Acquire +Acquire Pre +Pre " REST "Send");
    /* Another handler answers: all but that one's notification. */
    expect("/page.html", with, 200, BEFORE REST "Send");
    expect("/none", with, 404, BEFORE FINISHED);
}

START_TEST(each_is_raised_once_and_in_order)
{
    start(_i);
    server_expect("AH01630");           /* Require all denied */
    golden(0);
    server_stop(&server);
}
END_TEST

START_TEST(so_it_is_over_http2)
{
    start(_i);
    server_expect("AH01630");
    golden(WITH_HTTP2);
    server_stop(&server);
}
END_TEST

START_TEST(a_post_is_read_in_its_place)
{
    char url[256];
    reply_t reply;

    start(_i);
    snprintf(url, sizeof(url), "%s/echo?file=%s", server.url, file);
    client_get(&reply, url, 0, "name=value");
    ck_assert_str_eq(reply.body, "name=value");
    client_free(&reply);
    ck_assert_ptr_nonnull(strstr(trace(), BEFORE "Read "));
    server_stop(&server);
}
END_TEST

/* What was told up to a word, and then what FINISH_REQUEST leaves. */
static void finished_at(const char *word, char *words, size_t size)
{
    const char *at;
    char spaced[32];

    snprintf(spaced, sizeof(spaced), " %s ", word);
    at = strstr(whole, spaced);
    snprintf(words, size, "%.*s%s ", at ? (int)(at + 1 - whole) : 0, whole,
             word);
    if (!strcmp(word, "End")) {
        strcat(words, "Send");
    }
    else if (!strcmp(word, "Log") || !strcmp(word, "+Log")) {
        strcat(words, "End +End Send");
    }
    else if (!strcmp(word, "+End")) {
        strcat(words, "Send");
    }
    else {
        strcat(words, FINISHED);
    }
}

static const char *const places[] = {
    "Begin", "+Begin", "Path", "Auth", "+Auth", "Authz", "+Authz", "Resolve",
    "+Resolve", "Map", "+Map", "Acquire", "+Acquire", "Pre", "+Pre",
    "Execute", "+Execute", "Release", "+Release", "Update", "+Update", "Log",
    "+Log", "End", "+End"
};
#define NPLACES (sizeof(places) / sizeof(places[0]))

START_TEST(finish_request_ends_it_from_everywhere)
{
    char path[128], words[512], request[512];
    const char *text;
    unsigned int i;
    int fd;

    start(_i);
    for (i = 0; i < NPLACES; i++) {
        finished_at(places[i], words, sizeof(words));
        snprintf(path, sizeof(path), "/file.txt?do=finish.%s;", places[i]);
        expect(path, 0, 200, words);
    }
    expect("/file.txt?do=finish.Send;", 0, 200, whole);
    /* The connection stays usable. */
    fd = client_open(server.port);
    for (i = 0; i < NPLACES; i++) {
        snprintf(request, sizeof(request), "GET /file.txt?do=finish.%s; "
                 "HTTP/1.1\r\nHost: a\r\n\r\n", places[i]);
        client_send(fd, request);
    }
    client_send(fd, "GET /page.html HTTP/1.1\r\nHost: a\r\n"
                "Connection: close\r\n\r\n");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "<p>hello"));
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(pending_is_waited_for_everywhere)
{
    char path[128], words[512], spaced[32];
    unsigned int i;

    start(_i);
    for (i = 0; i < NPLACES; i++) {
        const char *at;

        snprintf(path, sizeof(path), "/file.txt?do=pend.%s;", places[i]);
        snprintf(spaced, sizeof(spaced), "%s ", places[i]);
        for (at = strstr(whole, spaced); at != whole && at[-1] != ' '; ) {
            at = strstr(at + 1, spaced);
        }
        at += strlen(spaced);
        snprintf(words, sizeof(words), "%.*s* %s", (int)(at - whole), whole,
                 at);
        expect(path, 0, 200, words);
    }
    expect("/file.txt?do=pend.Send;", 0, 200, BEFORE "Execute " AFTER
           "Send *");
    server_stop(&server);
}
END_TEST

START_TEST(a_module_may_answer_or_refuse_ahead_of_the_handler)
{
    reply_t reply;

    start(_i);
    expect("/file.txt?do=deny.Authz;", 0, 403, "Begin +Begin Path Auth +Auth Authz " FINISHED);
    expect("/iis?op=whole&size=9&do=deny.Pre;", 0, 403, AUTH
           "Resolve +Resolve Map +Map Acquire +Acquire Pre " FINISHED);
    answers("/file.txt?do=answer.Begin;", "answered\n");
    answers("/file.txt?do=answer.Authz;", "answered\n");
    answers("/file.txt?do=answer.Resolve;", "answered\n");
    answers("/file.txt?do=answer.Execute;", "answered\n");
    answers("/iis?op=whole&size=9&do=handled.Pre;", "handled\n");
    get(&reply, "/file.txt?do=handled.Pre;", 0);
    ck_assert_str_eq(trace(), BEFORE AFTER "Send");
    client_free(&reply);
    expect("/file.txt?do=off.Pre;", 0, 200, BEFORE "Execute +Execute Release "
           "+Release Update +Update +Log End Send");
    server_stop(&server);
}
END_TEST

static void user_is(const char *path, const char *credentials, long status,
                    const char *name)
{
    char url[512];
    reply_t reply;

    snprintf(url, sizeof(url), "http://%s127.0.0.1:%d%s%cfile=%s",
             credentials, server.port, path, strchr(path, '?') ? '&' : '?',
             file);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.status, status);
    ck_assert_str_eq(reply_header(&reply, "X-User")
                     ? reply_header(&reply, "X-User") : "", name);
    client_free(&reply);
}

START_TEST(users_of_modules_and_of_httpd_are_one_matter)
{
    char folder[128];

    start(_i);
    snprintf(folder, sizeof(folder), "%s/htdocs/private", server.root);
    mkdir(folder, 0755);
    put("htdocs/private/a.txt", "secret\n", 0644);
    user_is("/private/a.txt", "", 401, "");
    user_is("/private/a.txt", "bob:password@", 200, "bob");
    ck_assert_ptr_nonnull(strstr(trace(), whole));
    user_is("/private/a.txt?user", "", 200, "alice");
    user_is("/file.txt?user", "", 200, "alice");
    server_stop(&server);
}
END_TEST

START_TEST(paths_urls_and_handlers_are_changed_by_modules)
{
    static const char content[] = "a static file, served by httpd itself\n";

    start(_i);
    answers("/mapped.txt", content);
    answers("/nowhere?moved-url", content);
    answers("/file.txt?op=whole&size=9&nobody", content);
    server_stop(&server);
}
END_TEST

START_TEST(send_response_edits_without_hearing_the_same_bytes_again)
{
    start(_i);
    answers("/file.txt?rewrite", "rewritten\n");
    answers("/missing?rewrite", "rewritten\n");
    expect("/file.txt?inside", 0, 200, whole);
    expect("/iis?op=flush&n=2&size=10", 0, 200, BEFORE "Execute Send.. "
           "Send.. " FINISHED);
    server_stop(&server);
}
END_TEST

/* A line of the access log, when it is there. */
static const char *logged(const char *part)
{
    static char line[1024];
    char path[128];
    int i;

    snprintf(path, sizeof(path), "%s/logs/iis", server.root);
    for (i = 0; i < 500; i++) {
        FILE *f = fopen(path, "r");

        while (f && fgets(line, sizeof(line), f)) {
            if (strstr(line, part)) {
                fclose(f);
                line[strcspn(line, "\n")] = '\0';
                return line;
            }
        }
        if (f) {
            fclose(f);
        }
        usleep(20000);
    }
    return "";
}

START_TEST(edited_log_data_is_in_the_access_log)
{
    char line[512];
    reply_t reply;

    start(_i);
    get(&reply, "/file.txt?log", 0);
    ck_assert_str_eq(reply_header(&reply, "X-Log"), "GET");
    client_free(&reply);
    snprintf(line, sizeof(line), "logged-user|GET /logged?log&file=%s "
             "HTTP/1.1|logged agent|logged-user|42|1|200", file);
    ck_assert_str_eq(logged("logged-user"), line);
    get(&reply, "/missing?plain", 0);
    client_free(&reply);
    ck_assert_ptr_nonnull(strstr(logged("plain"), "|-|0|1|404"));
    server_stop(&server);
}
END_TEST

START_TEST(redirects_inside_httpd_are_one_request)
{
    start(_i);
    put("htdocs/.htaccess", "RewriteEngine On\n"
        "RewriteRule ^inside$ /file.txt [PT]\n", 0644);
    /* Mapped anew, and let in anew; nothing else is raised again. */
    expect("/inside", 0, 200, AUTH "Path Auth +Auth Authz +Authz Resolve "
           "+Resolve Map +Map Acquire +Acquire Pre +Pre Execute " AFTER
           "Send");
    server_stop(&server);
}
END_TEST

/* Of one child, from its start to its end.  The page "IHttpApplicationProvider::
 * GetApplication Method" has a module that keeps the context of
 * PreBeginRequest for ApplicationStart.  Nobody asks for /unused. */
START_TEST(a_child_tells_global_modules_of_its_life)
{
    char told[] = "/tmp/iisresp-world-XXXXXX", text[256] = "", *thread;
    int fd = mkstemp(told);
    reply_t reply;

    fchmod(fd, 0666);
    setenv("IISR_WORLD", told, 1);
    server_start(&server, MPM_EVENT, "world=world", "",
                 "IISApplication /unused\n");
    client_get(&reply, server.url, 0, NULL);
    client_free(&reply);
    client_get(&reply, server.url, 0, NULL);
    client_free(&reply);
    ck_assert_ptr_nonnull(strstr(server_log(&server),
        "module world registered for the global notification RSCAQuery, "
        "which is never raised"));
    server_stop(&server);
    ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
    close(fd);
    unlink(told);
    /* The worker threads end while the child drains. */
    ck_assert_ptr_nonnull(strstr(text, "Thread "));
    while ((thread = strstr(text, "Thread "))) {
        memmove(thread, thread + 7, strlen(thread + 7) + 1);
    }
    ck_assert_str_eq(text, "Resolve Resolve PreBegin Start PreBegin Drain "
                     "AppStop Cleanup Terminate ");
}
END_TEST

/* HANDLED is about the global notifications; an answer is one all the same. */
START_TEST(an_answer_ahead_of_begin_request_is_the_answer)
{
    server_start(&server, _i, "every=every world=world", "",
                 "Protocols h2c http/1.1\n"
                 "<Location /file.txt>\nSetHandler iis\n</Location>\n");
    put("trace", "", 0666);
    put("htdocs/file.txt", "content\n", 0644);
    snprintf(file, sizeof(file), "%s/trace", server.root);
    expect("/file.txt?prebegin=answer", 0, 200, FINISHED);
    answers("/file.txt?prebegin=answer", "early\n");
    answers("/missing?prebegin=answer", "early\n");
    expect("/file.txt?prebegin=handled", 0, 200, whole);
    answers("/file.txt?prebegin=handled", "content\n");
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    int threaded = mpm_to() > MPM_PREFORK ? MPM_PREFORK : mpm_to();

    ON_EVERY_MPM(tc, each_is_raised_once_and_in_order);
    if (mpm_from() < threaded) {
        tcase_add_loop_test(tc, so_it_is_over_http2, mpm_from(), threaded);
    }
    ON_EVERY_MPM(tc, a_post_is_read_in_its_place);
    ON_EVERY_MPM(tc, finish_request_ends_it_from_everywhere);
    ON_EVERY_MPM(tc, pending_is_waited_for_everywhere);
    ON_EVERY_MPM(tc, a_module_may_answer_or_refuse_ahead_of_the_handler);
    ON_EVERY_MPM(tc, users_of_modules_and_of_httpd_are_one_matter);
    ON_EVERY_MPM(tc, paths_urls_and_handlers_are_changed_by_modules);
    ON_EVERY_MPM(tc, send_response_edits_without_hearing_the_same_bytes_again);
    ON_EVERY_MPM(tc, edited_log_data_is_in_the_access_log);
    ON_EVERY_MPM(tc, redirects_inside_httpd_are_one_request);
    ON_EVERY_MPM(tc, an_answer_ahead_of_begin_request_is_the_answer);
    tcase_add_test(tc, a_child_tells_global_modules_of_its_life);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("pipeline", add, 120);
}
