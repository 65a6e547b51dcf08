/* test_projects.c: modules as they are written for Windows, several files and
 * a Visual Studio project each (tests/projects), built with iisresp-port: what
 * their authors meant them to do, they do.
 */
#include <check.h>
#include <curl/curl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;
static char folder[64];         /* of this test, for files of the module */

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void write_page(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/htdocs/%s", server.root, name);
    write_file(path, text);
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/iisresp-project-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    chmod(folder, 0777);
}

static void remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* One GET with more header lines, on a connection of its own. */
static const char *get(const char *path, const char *headers)
{
    char request[1024];

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\n"
             "User-Agent: a test\r\nConnection: close\r\n%s\r\n", path,
             headers);
    return client_once(server.port, request);
}

static void has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%.2000s", part,
                  text);
}

static void lacks(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%.2000s", part, text);
}

static void log_gets(const char *text)
{
    int i;

    for (i = 0; i < 500 && !strstr(server_log(&server), text); i++) {
        usleep(20000);
    }
    has(server_log(&server), text);
}

/* --- an IP filter with a configuration file of its own ------------------- */

/* The file is where the module is, so that each test has a copy of both. */
static void start_ip_filter(int mpm, const char *rules)
{
    char text[512];

    make_folder();
    snprintf(text, sizeof(text), "cp %s %s/IpFilter.so",
             port_path("ipfilter"), folder);
    ck_assert_int_eq(system(text), 0);
    snprintf(text, sizeof(text), "%s/IpFilter.conf", folder);
    write_file(text, rules);
    snprintf(text, sizeof(text), "IISModule ipfilter %s/IpFilter.so", folder);
    server_start(&server, mpm, "", "", text);
    server_expect("[IpFilter]");
}

START_TEST(an_ip_filter_refuses_by_its_own_file)
{
    static const struct {
        const char *forwarded;
        const char *status;
    } cases[] = {
        { "", " 200 " },
        { "X-Forwarded-For: 192.0.2.1\r\n", " 403 " },
        { "X-Forwarded-For: 192.0.2.7\r\n", " 200 " },
        { "X-Forwarded-For: 192.0.3.1\r\n", " 200 " },
        { "X-Forwarded-For: 192.0.2.7, 192.0.2.9\r\n", " 403 " },
        { "X-Forwarded-For: 192.0.2.9, 192.0.2.7\r\n", " 200 " },
        { "X-Forwarded-For: 2001:db8::1\r\n", " 403 " },
        { "X-Forwarded-For: 2001:db9::1\r\n", " 200 " },
        { "X-Forwarded-For: 198.51.100.129\r\n", " 403 " },
        { "X-Forwarded-For: 198.51.100.127\r\n", " 200 " },
        { "X-Forwarded-For: not an address\r\n", " 403 " }
    };
    const char *text;
    size_t i;

    start_ip_filter(_i, "# who may not\r\ndefault allow\r\n"
                    "proxy 127.0.0.0/8\r\n\r\ndeny 192.0.2.0/24\r\n"
                    "ALLOW 192.0.2.7\r\ndeny 2001:db8::/32\r\n"
                    "deny\t198.51.100.128/25\r\n");
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        text = get("/file.txt", cases[i].forwarded);
        ck_assert_msg(strstr(text, cases[i].status) != NULL, "%s%.2000s",
                      cases[i].forwarded, text);
    }
    text = get("/file.txt", "X-Forwarded-For: 192.0.2.1\r\n");
    has(text, "HTTP/1.1 403 Forbidden\r\n");
    has(text, "X-Refused-By: IpFilter\r\n");
    has(text, "Content-Type: text/html\r\n");
    has(text, "<h1>403.6</h1>Your address is rejected.");
    log_gets(":warn");
    log_gets("[IpFilter] event 1: Refused 192.0.2.1: /file.txt");
    log_gets("[IpFilter] event 1: Refused 2001:db8::1: /file.txt");
    log_gets("[IpFilter] event 1: 4 rules read from ");
    server_stop(&server);
    remove_folder();
}
END_TEST

START_TEST(an_ip_filter_reads_its_file_again)
{
    char path[128];

    start_ip_filter(_i, "default allow\n");
    has(get("/file.txt", ""), " 200 ");
    snprintf(path, sizeof(path), "%s/IpFilter.conf", folder);
    write_file(path, "default deny\nallow 127.0.0.1\n");
    has(get("/file.txt", ""), " 200 ");
    write_file(path, "default deny\n");
    has(get("/file.txt", ""), " 403 ");
    server_stop(&server);
    remove_folder();
}
END_TEST

START_TEST(an_ip_filter_without_its_file_lets_nobody_in)
{
    char text[512];

    make_folder();
    snprintf(text, sizeof(text), "cp %s %s/IpFilter.so",
             port_path("ipfilter"), folder);
    ck_assert_int_eq(system(text), 0);
    snprintf(text, sizeof(text), "IISModule ipfilter %s/IpFilter.so", folder);
    server_start(&server, _i, "", "", text);
    server_expect("[IpFilter]");
    server_expect("IISR0302");
    server_expect("IISR0306");
    has(get("/file.txt", ""), " 503 ");
    /* HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) */
    log_gets("[IpFilter] No rules: 0x80070002");
    server_stop(&server);
    remove_folder();
}
END_TEST

/* --- a streaming feed ----------------------------------------------------- */

#define FEED "<Location /feed>\nSetHandler iis\n</Location>\n"

static void start_feed(int mpm)
{
    server_start(&server, mpm, "feed=jsonfeed", "",
                 FEED);
}

static int count(const char *text, const char *part)
{
    int n = 0;

    while ((text = strstr(text, part))) {
        n++;
        text += strlen(part);
    }
    return n;
}

START_TEST(a_feed_streams_its_items)
{
    reply_t reply;
    char url[128], item[64];
    int i;

    start_feed(_i);
    snprintf(url, sizeof(url), "%s/feed?n=50&ms=1", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.curl, CURLE_OK);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply_header(&reply, "Content-Type"),
                     "application/x-ndjson");
    ck_assert_int_eq(count(reply.body, "\r\n"), 50);
    for (i = 1; i <= 50; i++) {
        snprintf(item, sizeof(item), "{\"seq\":%d,\"of\":50,\"time\":\"20", i);
        has(reply.body, item);
    }
    has(reply.body, "\"note\":\"a \\\"quoted\\\" \\\\ tab\\u0009here\"}\r\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(an_item_of_a_feed_arrives_before_the_next_is_made)
{
    const char *text;
    int fd;

    start_feed(_i);
    fd = client_open(server.port);
    client_send(fd, "GET /feed?n=2&ms=1500 HTTP/1.1\r\nHost: a\r\n"
                "Connection: close\r\n\r\n");
    text = client_read_until(fd, "\"seq\":1,");
    has(text, "\"seq\":1,");
    lacks(text, "\"seq\":2,");
    has(client_read_all(fd), "\"seq\":2,");
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(many_feeds_stream_side_by_side)
{
    int fds[12], i;

    start_feed(_i);
    for (i = 0; i < 12; i++) {
        fds[i] = client_open(server.port);
        client_send(fds[i], "GET /feed?n=5&ms=20 HTTP/1.1\r\nHost: a\r\n"
                    "Connection: close\r\n\r\n");
    }
    for (i = 0; i < 12; i++) {
        reply_t reply;

        ck_assert_int_eq(client_response(fds[i], &reply, 0), 1);
        ck_assert_str_eq(reply.wrong, "");
        ck_assert_int_eq(count(reply.body, "\"seq\":"), 5);
        has(reply.body, "\"seq\":5,");
        client_free(&reply);
        close(fds[i]);
    }
    server_stop(&server);
}
END_TEST

START_TEST(a_feed_survives_a_client_that_goes_away)
{
    int fd;

    start_feed(_i);
    fd = client_open(server.port);
    client_send(fd, "GET /feed?n=10000&ms=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    client_read_until(fd, "\"seq\":3,");
    client_reset(fd);
    log_gets("JsonFeed: 0x");
    has(get("/feed?n=1", ""), "\"seq\":1,\"of\":1,");
    has(client_once(server.port, "POST /feed HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: 0\r\nConnection: close\r\n\r\n"),
        "Allow: GET\r\n");
    server_stop(&server);
}
END_TEST

/* --- a response rewriter --------------------------------------------------- */

static void start_rewriter(int mpm, const char *with, const char *extra)
{
    server_start(&server, mpm, "rewriter=rewriter",
                 with, extra);
    write_page("doc.html", "<html><body>See http://intranet.example/a, it is "
               "secret.<!--#banner--></body></html>\n");
    write_page("card.txt", "card 1234567812345678, call 5551234\n");
}

static const char rewritten[] =
    "<html><body>See https://www.example.com/a, it is ******."
    "<div class=\"banner\">Staging</div><hr>rewritten</body></html>\n";

START_TEST(a_rewriter_edits_pages_of_httpd)
{
    const char *text;
    char length[64];

    start_rewriter(_i, "", NULL);
    text = get("/doc.html", "");
    has(text, rewritten);
    has(text, "X-Rewritten: 4\r\n");
    snprintf(length, sizeof(length), "Content-Length: %d\r\n",
             (int)strlen(rewritten));
    has(text, length);
    text = get("/page.html", "");
    has(text, "<p>hello <b>world</b>");
    lacks(text, "X-Rewritten");
    has(get("/missing", ""), "<hr>rewritten</body>");
    has(get("/card.txt", ""), "card xxxxxxxxxxxx5678, call 5551234\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_rewriter_edits_large_pages)
{
    char *page = malloc(600001), url[128];
    reply_t reply;
    int i;

    for (i = 0; i < 20000; i++) {
        memcpy(page + 30 * i, "line of text and one secret..\n", 30);
    }
    page[600000] = '\0';
    start_rewriter(_i, "", NULL);
    write_page("large.html", page);
    snprintf(url, sizeof(url), "%s/large.html", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_str_eq(reply_header(&reply, "X-Rewritten"), "20000");
    ck_assert_int_eq(reply.length, 600000);
    ck_assert_int_eq(count(reply.body, "one ******..\n"), 20000);
    client_free(&reply);
    free(page);
    server_stop(&server);
}
END_TEST

START_TEST(a_rewriter_works_ahead_of_compression)
{
    char url[128];
    reply_t reply;

    start_rewriter(_i, "filter deflate", "SetOutputFilter DEFLATE");
    snprintf(url, sizeof(url), "%s/doc.html", server.url);
    client_get(&reply, url, WITH_DEFLATE, NULL);
    ck_assert_str_eq(reply_header(&reply, "Content-Encoding"), "gzip");
    ck_assert_str_eq(reply.body, rewritten);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* --- a token authenticator -------------------------------------------------- */

/* "Authorization: Bearer ..." for this user; static. */
static const char *token(const char *user, const char *role, long expires)
{
    static char line[512];
    char text[160], command[320], mac[80] = "";
    FILE *f;

    snprintf(text, sizeof(text), "%s:%s:%ld", user, role, expires);
    snprintf(command, sizeof(command), "printf %%s '%s' | openssl dgst "
             "-sha256 -hmac 'not a secret, a test' | sed 's/.* //'", text);
    ck_assert_ptr_nonnull((f = popen(command, "r")));
    ck_assert_int_eq(fscanf(f, "%64[0-9a-f]", mac), 1);
    pclose(f);
    snprintf(line, sizeof(line), "Authorization: Bearer %s:%s\r\n", text, mac);
    return line;
}

START_TEST(a_token_names_the_user)
{
    long later = time(NULL) + 3600;
    char path[128], wrong[512];
    FILE *f;
    size_t n;

    server_start(&server, _i, "auth=tokenauth", "",
                 "CustomLog logs/users \"%u %s\"\n"
                 "<LocationMatch ^/(whoami|private|admin)>\n"
                 "SetHandler iis\n</LocationMatch>\n");
    server_expect("[TokenAuth]");
    has(get("/whoami", ""), "\r\n\r\nnobody\n");
    has(get("/whoami", token("anna", "users", later)), "anna by Bearer\n");
    has(get("/whoami", token("anna", "users", later)), "anna by Bearer\n");
    has(get("/whoami", token("\303\204nne", "users", later)),
        "\303\204nne by Bearer\n");
    has(get("/file.txt", token("anna", "users", later)), "a static file");

    has(get("/private/a", ""), " 401 ");
    has(get("/private/a", ""), "WWW-Authenticate: Bearer realm=\"test\", "
        "error=\"token_required\"\r\n");
    has(get("/private/a", token("anna", "users", later)), "anna by Bearer\n");
    has(get("/private/a", token("anna", "users", 1000)),
        "error=\"expired\"\r\n");
    snprintf(wrong, sizeof(wrong), "%s", token("anna", "users", later));
    memcpy(strstr(wrong, "anna"), "berta", 4);
    has(get("/private/a", wrong), "error=\"invalid_token\"\r\n");
    has(get("/file.txt", "Authorization: Bearer x\r\n"), " 401 ");

    has(get("/admin", token("anna", "users", later)), " 403 ");
    has(get("/admin", token("carl", "Administrators", later)),
        "carl by Bearer\n");
    log_gets("[TokenAuth] event 4: Token refused: 0x8007052e");
    snprintf(path, sizeof(path), "%s/logs/users", server.root);
    ck_assert_ptr_nonnull((f = fopen(path, "r")));
    n = fread(wrong, 1, sizeof(wrong) - 1, f);
    wrong[n] = '\0';
    fclose(f);
    has(wrong, "anna 200\n");
    has(wrong, "- 401\n");
    server_stop(&server);
}
END_TEST

/* What a module answers is in memory: the rewriter edits it in place. */
START_TEST(a_rewriter_edits_what_another_module_answers)
{
    server_start(&server, _i, "auth=tokenauth rewriter=rewriter", "",
                 "<Location /whoami>\nSetHandler iis\n</Location>\n");
    has(get("/whoami", token("1234567812345678", "users",
                             time(NULL) + 3600)),
        "\r\n\r\nxxxxxxxxxxxx5678 by Bearer\n");
    server_stop(&server);
}
END_TEST

/* --- a request logger with a thread of its own -------------------------------- */

/* All that its threads wrote, static. */
static const char *request_log(void)
{
    static char text[65536];
    char pattern[128];
    glob_t found;
    size_t i, n = 0;

    snprintf(pattern, sizeof(pattern), "%s/requests-*.log", folder);
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (i = 0; i < found.gl_pathc; i++) {
        FILE *f = fopen(found.gl_pathv[i], "r");

        ck_assert_ptr_nonnull(f);
        n += fread(text + n, 1, sizeof(text) - 1 - n, f);
        fclose(f);
    }
    globfree(&found);
    text[n] = '\0';
    return text;
}

START_TEST(a_logger_writes_every_request)
{
    const char *text;
    int i;

    make_folder();
    setenv("REQUESTLOG_FOLDER", folder, 1);
    server_start(&server, _i, "log=reqlog", "", NULL);
    for (i = 0; i < 20; i++) {
        get("/file.txt", "");
    }
    get("/missing?a=b", "");
    get("/page.html", "User-Agent: quote \"this\"\r\n");
    get("/caf%C3%A9", "");
    /* What is in the queue is written before the thread ends. */
    server_stop(&server);
    text = request_log();
    ck_assert_int_eq(count(text, " GET \"/file.txt\" 200 0 "), 20);
    ck_assert_int_eq(count(text, " GET \"/missing\" 404 0 "), 1);
    ck_assert_int_eq(count(text, "\"/caf\303\251\" 404 "), 1);
    ck_assert_int_eq(count(text, "\"quote ?this?\" \"localhost\"\r\n")
                     + count(text, "\"a test, quote ?this?\" "), 1);
    ck_assert_int_eq(count(text, "\r\n"), 23);
    ck_assert_int_eq(count(text, "\r\n20"), 22);
    remove_folder();
}
END_TEST

START_TEST(a_logger_says_why_it_cannot)
{
    setenv("REQUESTLOG_FOLDER", "/no/such/folder", 1);
    server_start(&server, _i, "log=reqlog", "", NULL);
    server_expect("[RequestLog] No request log: 0x80070003");
    server_expect("IISR0302");
    server_expect("IISR0306");
    has(get("/file.txt", ""), " 503 ");
    log_gets("[RequestLog] No request log: 0x80070003");
    server_stop(&server);
}
END_TEST

/* --- what iisresp-port new writes ----------------------------------------------- */

START_TEST(a_new_module_builds_and_answers)
{
    char command[512];

    make_folder();
    snprintf(command, sizeof(command), "top=$PWD && cd %s && "
             "$top/bin/iisresp-port new greet >/dev/null && "
             "$top/bin/iisresp-port build greet/greet.cpp -o greet/greet.so",
             folder);
    ck_assert_int_eq(system(command), 0);
    snprintf(command, sizeof(command), "Include %s/greet/greet.conf", folder);
    server_start(&server, _i, "", "", command);
    has(get("/greet", ""), "\r\n\r\nHello from greet.\n");
    server_stop(&server);
    remove_folder();
}
END_TEST

static void add(TCase *tc)
{
    curl_global_init(CURL_GLOBAL_ALL);
    ON_EVERY_MPM(tc, an_ip_filter_refuses_by_its_own_file);
    ON_EVERY_MPM(tc, an_ip_filter_reads_its_file_again);
    ON_EVERY_MPM(tc, an_ip_filter_without_its_file_lets_nobody_in);
    ON_EVERY_MPM(tc, a_feed_streams_its_items);
    ON_EVERY_MPM(tc, an_item_of_a_feed_arrives_before_the_next_is_made);
    ON_EVERY_MPM(tc, many_feeds_stream_side_by_side);
    ON_EVERY_MPM(tc, a_feed_survives_a_client_that_goes_away);
    ON_EVERY_MPM(tc, a_rewriter_edits_pages_of_httpd);
    ON_EVERY_MPM(tc, a_rewriter_edits_large_pages);
    ON_EVERY_MPM(tc, a_rewriter_works_ahead_of_compression);
    ON_EVERY_MPM(tc, a_token_names_the_user);
    ON_EVERY_MPM(tc, a_rewriter_edits_what_another_module_answers);
    ON_EVERY_MPM(tc, a_logger_writes_every_request);
    ON_EVERY_MPM(tc, a_logger_says_why_it_cannot);
    tcase_add_loop_test(tc, a_new_module_builds_and_answers, 0, 1);
}

int main(void)
{
    return run_tests("projects", add, 240);
}
