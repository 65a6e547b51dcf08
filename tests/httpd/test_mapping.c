/* test_mapping.c: the handler mapping: who is asked in ExecuteRequestHandler,
 * where, in which order and for which verbs.  The port `mapped` answers
 * wherever it is asked.
 */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "client.h"
#include "server.h"

#define STATIC "a static file, served by httpd itself\n"

static server_t server;

static void put(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/htdocs/%s", server.root, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
}

static const char *ask(const char *method, const char *path)
{
    char request[512];

    snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: localhost\r\n"
             "Content-Length: 0\r\nConnection: close\r\n\r\n", method, path);
    return client_once(server.port, request);
}

/* A line of the head, without its end and its blanks, or "". */
static const char *field(const char *answer, const char *name)
{
    static char line[256];
    const char *at = strstr(answer, name);
    size_t n = 0;

    for (at = at ? at + strlen(name) : ""; *at && *at != '\r'; at++) {
        if (*at != ' ' && n + 1 < sizeof(line)) {
            line[n++] = *at;
        }
    }
    line[n] = '\0';
    return line;
}

/* Status, body ("": whatever) and what the modules heard (NULL: the same). */
static void is(const char *method, const char *path, int status,
               const char *body, const char *heard)
{
    const char *answer = ask(method, path);
    const char *at = strstr(answer, "\r\n\r\n");

    ck_assert_msg(atoi(answer + 9) == status, "%s %s: %s", method, path,
                  answer);
    ck_assert_ptr_nonnull(at);
    ck_assert_msg(!*body || !strcmp(at + 4, body), "%s %s: %s", method, path,
                  answer);
    if (heard) {
        ck_assert_msg(!strcmp(field(answer, "\r\nX-Heard: "), heard),
                      "%s %s: %s\nwant: %s", method, path, answer, heard);
    }
}

/* README.md, letter by letter but for the path. */
START_TEST(the_readmes_module_answers_its_location_and_nothing_else)
{
    server_start(&server, _i, "filter=mapped", "status",
                 "<Location \"/feed\">\n    SetHandler iis\n</Location>\n"
                 "<Location \"/server-status\">\n    SetHandler "
                 "server-status\n</Location>\n");
    is("GET", "/feed", 200, "filter of filter for *\n",
       "b:filter,e:filter,p:filter");
    is("GET", "/feed/a", 200, "filter of filter for *\n", NULL);
    is("PUT", "/feed", 200, "filter of filter for *\n", NULL);
    is("GET", "/file.txt", 200, STATIC, "b:filter");
    is("GET", "/feeds", 404, "", NULL);
    is("GET", "/", 404, "", NULL);
    is("PUT", "/file.txt", 405, "", NULL);
    is("GET", "/server-status?auto", 200, "", "b:filter");
    ck_assert_ptr_nonnull(strstr(ask("GET", "/server-status?auto"),
                                 "Total Accesses"));
    server_stop(&server);
}
END_TEST

static const char several[] =
    "<Location /one>\nSetHandler iis:one\n</Location>\n"
    "<Location /turned>\nSetHandler iis:Three,one\n</Location>\n"
    "<Location /all>\nSetHandler iis\n</Location>\n"
    "AddHandler iis:two .two\nAddHandler iis:Three .three\n"
    "<Location /file.txt>\nSetHandler iis:one\n</Location>\n"
    "<Location /status>\nSetHandler server-status\n</Location>\n"
    "ProxyPass /proxied http://127.0.0.1:${PORT}/backend\n"
    "Alias /backend ${ROOT}/htdocs\n"
    "<Location /backend>\nIISModules none\n</Location>\n";

START_TEST(a_mapping_names_who_is_asked_and_in_which_order)
{
    server_start(&server, _i, "one=mapped two=mapped Three=mapped",
                 "status proxy proxy_http", several);
    put("a.two", "two's file\n");
    put("a.three", "three's file\n");
    is("GET", "/one", 200, "one of one for *\n",
       "b:one,b:two,b:Three,e:one,p:one");
    is("GET", "/turned", 200, "Three of Three,one for *\n",
       "b:one,b:two,b:Three,e:Three,p:Three,p:one");
    is("GET", "/turned?pass=Three", 200, "one of Three,one for *\n",
       "b:one,b:two,b:Three,e:Three,e:one,p:Three,p:one");
    is("GET", "/all?pass=one", 200, "two of one,two,Three for *\n",
       "b:one,b:two,b:Three,e:one,e:two,p:one,p:two,p:Three");
    is("GET", "/a.two", 200, "two of two for *\n",
       "b:one,b:two,b:Three,e:two,p:two");
    /* AddHandler makes its names small. */
    is("GET", "/a.three", 200, "Three of Three for *\n", NULL);
    is("GET", "/missing.two", 200, "two of two for *\n", NULL);
    is("GET", "/missing.txt", 404, "", "b:one,b:two,b:Three");
    /* Nobody answers: httpd's next handler. */
    is("GET", "/file.txt?pass=one", 200, STATIC,
       "b:one,b:two,b:Three,e:one,p:one");
    /* Others are mapped. */
    is("GET", "/page.html", 200, "", "b:one,b:two,b:Three");
    is("GET", "/status", 200, "", "b:one,b:two,b:Three");
    is("GET", "/proxied/file.txt", 200, STATIC, "b:one,b:two,b:Three");
    server_stop(&server);
}
END_TEST

static const char with_verbs[] =
    "<Location /some>\nSetHandler iis:one[GET,POST]\n</Location>\n"
    "<Location /each>\nSetHandler iis:one[GET],two[PUT,DELETE]\n</Location>\n"
    "<Location /both>\nSetHandler iis:one[GET],two\n</Location>\n"
    "<Location /any>\nSetHandler \"iis[get,Post]\"\n</Location>\n"
    "<Location /file.txt>\nSetHandler iis:one[POST]\n</Location>\n"
    "AddHandler iis:one[PUT] .one\n";

static void not_allowed(const char *method, const char *path,
                        const char *allow)
{
    const char *answer = ask(method, path);

    ck_assert_msg(atoi(answer + 9) == 405, "%s %s: %s", method, path, answer);
    ck_assert_msg(!strcmp(field(answer, "\r\nAllow: "), allow), "%s", answer);
    ck_assert_ptr_null(strstr(answer, "e:one"));
    ck_assert_ptr_null(strstr(answer, "e:two"));
    ck_assert_ptr_null(strstr(answer, "a static file"));
}

START_TEST(a_mapping_answers_its_verbs_and_no_other)
{
    server_start(&server, _i, "one=mapped two=mapped", "", with_verbs);
    put("a.one", "one's file\n");
    is("GET", "/some", 200, "one of one for GET,POST\n",
       "b:one,b:two,e:one,p:one");
    is("POST", "/some", 200, "one of one for GET,POST\n", NULL);
    not_allowed("PUT", "/some", "GET,POST");
    not_allowed("HEAD", "/some", "GET,POST");
    not_allowed("GETS", "/some", "GET,POST");
    is("GET", "/each", 200, "one of one,two for GET,PUT,DELETE\n",
       "b:one,b:two,e:one,p:one");
    is("DELETE", "/each", 200, "two of one,two for GET,PUT,DELETE\n",
       "b:one,b:two,e:two,p:two");
    not_allowed("POST", "/each", "GET,PUT,DELETE");
    is("GET", "/both", 200, "one of one,two for *\n",
       "b:one,b:two,e:one,p:one,p:two");
    is("PUT", "/both", 200, "two of one,two for *\n",
       "b:one,b:two,e:two,p:two");
    is("POST", "/any?pass=one", 200, "two of one,two for GET,POST\n", NULL);
    not_allowed("PUT", "/any", "GET,POST");
    not_allowed("GET", "/file.txt", "POST");
    not_allowed("GET", "/a.one", "PUT");
    is("PUT", "/a.one", 200, "one of one for PUT\n", NULL);
    /* httpd's own answer. */
    is("OPTIONS", "/some", 200, "", NULL);
    server_stop(&server);
}
END_TEST

/* CGI's Location: the new URL's handler, and what was raised is not again. */
START_TEST(a_redirect_comes_to_the_handler_of_its_new_url)
{
    char path[128];

    server_start(&server, _i, "one=mapped two=mapped", "cgi actions",
                 "<Location /one>\nSetHandler iis:one\n</Location>\n"
                 "<Location /two>\nSetHandler iis:two\n</Location>\n"
                 "<Directory ${ROOT}/htdocs>\nOptions +ExecCGI\n"
                 "</Directory>\nAddHandler cgi-script .cgi\n"
                 "AddHandler acted .act\nAction acted /two\n");
    put("a.cgi", "#!/bin/sh\necho Location: /one\necho\n");
    put("b.act", "acted on\n");
    snprintf(path, sizeof(path), "%s/htdocs/a.cgi", server.root);
    chmod(path, 0755);
    is("GET", "/a.cgi", 200, "one of one for *\n",
       "b:one,b:two,e:one,p:one");
    is("GET", "/b.act", 200, "two of two for *\n",
       "b:one,b:two,e:two,p:two");
    server_stop(&server);
}
END_TEST

START_TEST(a_mapping_that_cannot_be_is_told_of)
{
    server_start(&server, _i, "one=mapped two=mapped", "",
                 "<Directory ${ROOT}/htdocs>\nAllowOverride All\n"
                 "</Directory>\n<Location /off>\nSetHandler iis:two\n"
                 "IISModules -two\n</Location>\n"
                 "<Location /off/all>\nSetHandler iis\n</Location>\n");
    server_expect("IISR0305: the handler \"iis:nosuch\" names nosuch, which "
                  "no IISModule loads: answered with 500");
    server_expect("IISR0305: the handler \"iis:two\" names two, which takes "
                  "no part here (IISModules): answered with 500");
    server_expect("IISR0305: the handler \"iis:one[\" is malformed");
    put(".htaccess", "SetHandler iis:nosuch\n");
    is("GET", "/file.txt", 500, "", "b:one,b:two");
    ck_assert_int_eq(server_count(server_log(&server), "names nosuch"), 1);
    put(".htaccess", "SetHandler iis:one[\n");
    is("GET", "/file.txt", 500, "", NULL);
    put(".htaccess", "SetHandler iis:one\n");
    is("GET", "/file.txt", 200, "one of one for *\n", NULL);
    is("GET", "/off", 500, "", "b:one");
    is("GET", "/off/all", 200, "one of one for *\n", "b:one,e:one,p:one");
    server_stop(&server);
}
END_TEST

static const struct {
    const char *line, *error;
} wrong[] = {
    { "<Location /a>\nSetHandler iis:nosuch\n</Location>\n",
      "IISR0303: SetHandler: the handler \"iis:nosuch\" names nosuch, which "
      "no IISModule loads (" },
    { "<Location /a>\nSetHandler iis:one,\"no such\"\n</Location>\n", NULL },
    { "<Location /a>\nSetHandler \"iis:one,no such\"\n</Location>\n",
      "names no such, which" },
    { "AddHandler iis:nosuch[GET] .a .b\n", "AddHandler: the handler" },
    { "<VirtualHost *>\n<Directory />\n<If true>\nSetHandler iis:\n</If>\n"
      "</Directory>\n</VirtualHost>\n", "is none of iis, iis:name" },
    { "SetHandler iis:one[GET\n", "is none of iis, iis:name" },
    { "SetHandler iis[GET]:one\n", "is none of iis, iis:name" },
    { "SetHandler iis:one[]\n", "is none of iis, iis:name" },
    { "SetHandler iis:ONE[GET],one\nAddHandler iisother .a\n", "" }
};
#define NWRONG ((int)(sizeof(wrong) / sizeof(wrong[0])))

START_TEST(a_wrong_mapping_is_an_error_of_the_configuration)
{
    char text[1024];
    const char *said;
    int ok;

    snprintf(text, sizeof(text), "IISModule one %s\n%s", port_path("mapped"),
             wrong[_i].line);
    said = server_configtest(text, &ok);
    ck_assert_msg(ok == (wrong[_i].error && !*wrong[_i].error), "%s", said);
    ck_assert_msg(!wrong[_i].error || strstr(said, wrong[_i].error), "%s",
                  said);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, the_readmes_module_answers_its_location_and_nothing_else);
    ON_EVERY_MPM(tc, a_mapping_names_who_is_asked_and_in_which_order);
    ON_EVERY_MPM(tc, a_mapping_answers_its_verbs_and_no_other);
    ON_EVERY_MPM(tc, a_redirect_comes_to_the_handler_of_its_new_url);
    ON_EVERY_MPM(tc, a_mapping_that_cannot_be_is_told_of);
    tcase_add_loop_test(tc, a_wrong_mapping_is_an_error_of_the_configuration,
                        0, NWRONG);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("mapping", add, 60);
}
