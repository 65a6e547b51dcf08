/* test_scope.c: who is let in, whichever way a request takes inside httpd:
 * each way to a guarded file, from a place that is not guarded, by each kind
 * of section that brings a module into scope.  What httpd's own `Require`
 * does there is the oracle.  The port `guards` is what its name says.
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

#define SECRET "for few eyes only"

static server_t server;

static void put(const char *name, const char *text, int mode)
{
    char path[160];
    FILE *f;

    snprintf(path, sizeof(path), "%s/htdocs/%s", server.root, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
    chmod(path, mode);
}

static void folder(const char *name)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/htdocs/%s", server.root, name);
    ck_assert_int_eq(mkdir(path, 0755), 0);
}

static void fill(void)
{
    static const char *const folders[] = {
        "closed", "open", "open/dir", "open/first", "open/none", "open/multi",
        "open/error", "open/list", "open/page-of-folder"
    };
    size_t i;

    for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        folder(folders[i]);
    }
    put("closed/page.txt", SECRET "\n", 0644);
    put("closed/.htaccess", "Options +MultiViews\n", 0644);
    put("open/page.txt", "open\n", 0644);
    put("open/.htaccess", "RewriteEngine On\n"
        "RewriteRule ^rewritten /closed/page.txt [PT]\n"
        "RewriteRule ^twice /open/rewritten [PT]\n", 0644);
    put("open/dir/.htaccess", "DirectoryIndex /closed/page.txt\n", 0644);
    put("open/first/.htaccess",
        "DirectoryIndex none /closed/page.txt /open/page.txt\n", 0644);
    put("open/none/.htaccess", "FallbackResource /closed/page.txt\n", 0644);
    put("open/error/.htaccess", "ErrorDocument 404 /closed/page.txt\n"
        "Redirect gone /open/error/gone\n"
        "ErrorDocument 410 /open/rewritten\n", 0644);
    put("open/inc.shtml", "<!--#include virtual=\"/closed/page.txt\" -->\n",
        0644);
    put("open/twice.shtml", "<!--#include virtual=\"/open/rewritten\" -->\n",
        0644);
    put("open/deep.shtml", "<!--#include virtual=\"/open/inc.shtml\" -->\n",
        0644);
    put("open/size.shtml", "<!--#fsize virtual=\"/closed/page.txt\" -->\n",
        0644);
    put("open/cgi.shtml", "<!--#include virtual=\"/open/script.cgi\" -->\n",
        0644);
    put("open/dir.shtml", "<!--#include virtual=\"/open/dir/\" -->\n", 0644);
    put("open/exec.shtml", "<!--#exec cgi=\"/open/script.cgi\" -->\n", 0644);
    put("open/list/.htaccess", "Options +Indexes\n"
        "HeaderName /closed/page.txt\n", 0644);
    put("open/page-of-folder/.htaccess", "ErrorDocument 404 /open/dir/\n",
        0644);
    put("open/moved.asis", "Location: /closed/page.txt\n\n", 0644);
    put("open/script.cgi", "#!/bin/sh\necho 'Location: /closed/page.txt'\n"
        "echo\n", 0755);
    put("open/text.act", "acted on\n", 0644);
}

static const char ways_config[] =
    "<Directory ${ROOT}/htdocs>\nAllowOverride All\nOptions +Includes +ExecCGI"
    "\nAcceptPathInfo On\n</Directory>\n"
    "AddType text/html .shtml\nAddOutputFilter INCLUDES .shtml\n"
    "AddHandler send-as-is .asis\nAddHandler cgi-script .cgi\n"
    "AddHandler acted .act\nAction acted /closed/page.txt\n"
    "RewriteEngine On\nRewriteRule ^/early /closed/page.txt [PT]\n"
    "Alias /alias ${ROOT}/htdocs/closed\n";

#define WITH "include negotiation rewrite asis cgi actions autoindex"

static const struct {
    const char *path;
    int asked;                  /* how often, about which URLs */
} ways[] = {
    { "/closed/page.txt", 1 },
    { "/closed/page", 3 },              /* the lookup, and what it finds */
    { "/alias/page.txt", 1 },
    { "/early", 1 },
    { "/open/rewritten", 2 },
    { "/open/twice", 3 },
    { "/open/dir/", 3 },
    { "/open/first/", 4 },
    { "/open/none/any", 3 },
    { "/open/error/any", 2 },
    { "/open/error/gone", 3 },
    { "/open/inc.shtml", 2 },
    { "/open/twice.shtml", 3 },
    { "/open/deep.shtml", 3 },
    { "/open/moved.asis", 2 },
    { "/open/script.cgi", 2 },
    { "/open/text.act", 2 },
    { "/open/cgi.shtml", 3 },
    { "/open/dir.shtml", 4 },
    { "/open/exec.shtml", 3 },
    { "/open/list/", 4 },
    { "/open/page-of-folder/any", 4 },
    { "/closed/page.txt/more", 1 },
    { "/open/twice?a=b", 3 }
};
#define NWAYS ((int)(sizeof(ways) / sizeof(ways[0])))

static const struct {
    const char *open, *close;
} sections[] = {
    { "<Directory ${ROOT}/htdocs/closed>", "</Directory>" },
    { "<Location /closed>", "</Location>" },
    { "<LocationMatch page.txt$>", "</LocationMatch>" },
    { "<Files page.txt>", "</Files>" },
    { "<If \"%{REQUEST_URI} =~ m#^/closed#\">", "</If>" },
    { "<Directory ${ROOT}/htdocs>\n<FilesMatch ^page>",
      "</FilesMatch>\n</Directory>" }
};
#define NSECTIONS ((int)(sizeof(sections) / sizeof(sections[0])))

typedef struct answer_t {
    int status;
    int secret;
} answer_t;

static answer_t get(const char *path, const char *headers)
{
    char request[512];
    const char *text;
    answer_t answer;

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost"
             "\r\n%sConnection: close\r\n\r\n", path, headers);
    text = client_once(server.port, request);
    answer.status = atoi(text + 9);
    answer.secret = strstr(text, SECRET) != NULL;
    return answer;
}

/* What httpd says of a file that may not be read. */
static void expect_refusals(void)
{
    server_expect("unable to include");
    server_expect("AH00687");           /* no variant */
}

/* What httpd's own authorization says in this section. */
static void ask_oracle(int mpm, int section, answer_t *answers)
{
    char config[2048];
    int i;

    snprintf(config, sizeof(config), "%s%s\nRequire all denied\n%s\n",
             ways_config, sections[section].open, sections[section].close);
    server_start(&server, mpm, "", WITH, config);
    fill();
    server_expect("AH01630");
    expect_refusals();
    for (i = 0; i < NWAYS; i++) {
        answers[i] = get(ways[i].path, "");
    }
    server_stop(&server);
}

static void guarded(int mpm, const char *module, int section)
{
    answer_t wanted[NWAYS], got;
    char config[2048];
    int i;

    ask_oracle(mpm, section, wanted);
    snprintf(config, sizeof(config), "%sIISModules none\n%s\nIISModules "
             "+%.*s\n%s\n", ways_config, sections[section].open,
             (int)strcspn(module, "="), module, sections[section].close);
    server_start(&server, mpm, module, WITH, config);
    fill();
    expect_refusals();
    for (i = 0; i < NWAYS; i++) {
        got = get(ways[i].path, "");
        ck_assert_msg(got.secret == wanted[i].secret
                      && got.status == wanted[i].status,
                      "%s in %s: %d%s, with Require %d%s", ways[i].path,
                      sections[section].open, got.status,
                      got.secret ? ", served" : "", wanted[i].status,
                      wanted[i].secret ? ", served" : "");
    }
    server_stop(&server);
}

/* The folder is closed, the file that mod_dir makes of it is not. */
START_TEST(what_a_request_was_is_asked_about_too)
{
    static const char *const paths[] = {
        "/shut/", "/open/shut.shtml", "/open/shut",
        "/iis?op=child&url=/shut/&how=&flags=0"
    };
    static const char *const names[] = { "quiet", "guard" };
    char config[1024];
    size_t i;
    int guard;

    for (guard = 0; guard < 2; guard++) {
        snprintf(config, sizeof(config), "<Directory ${ROOT}/htdocs>\n"
                 "AllowOverride All\nOptions +Includes\n</Directory>\n"
                 "AddType text/html .shtml\nAddOutputFilter INCLUDES .shtml"
                 "\nErrorDocument 404 /shut/\nIISModules -%s\n"
                 "<Location /shut>\nIISModules +%s\n</Location>\n",
                 names[guard], names[guard]);
        server_start(&server, _i, guard ? "guard=guards objects=objects"
                     : "quiet=guards objects=objects", WITH, config);
        fill();
        folder("shut");
        put("shut/.htaccess", "DirectoryIndex /closed/page.txt\n", 0644);
        put("open/shut.shtml", "<!--#include virtual=\"/shut/\" -->\n", 0644);
        expect_refusals();
        for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
            ck_assert_msg(get(paths[i], "").secret == !guard, "%s: %d",
                          paths[i], guard);
        }
        server_stop(&server);
    }
}
END_TEST

/* _i: MPM and section. */
START_TEST(what_comes_into_scope_inside_httpd_is_asked)
{
    guarded(_i % MPMS, "guard=guards", _i / MPMS);
}
END_TEST

START_TEST(so_is_who_refuses_as_he_authenticates)
{
    guarded(_i, "early=guards", 0);
}
END_TEST

START_TEST(a_module_that_decides_by_url_is_asked_about_each)
{
    answer_t wanted[NWAYS], got;
    int i;

    ask_oracle(_i, 1, wanted);
    server_start(&server, _i, "urls=guards", WITH, ways_config);
    fill();
    expect_refusals();
    for (i = 0; i < NWAYS; i++) {
        got = get(ways[i].path, "");
        ck_assert_msg(got.secret == wanted[i].secret
                      && got.status == wanted[i].status,
                      "%s: %d%s, with Require %d%s", ways[i].path, got.status,
                      got.secret ? ", served" : "", wanted[i].status,
                      wanted[i].secret ? ", served" : "");
    }
    server_stop(&server);
}
END_TEST

/* Each of the ways leads there, where nobody minds; a module is asked once
 * for each URL of a request. */
START_TEST(nobody_is_asked_twice_about_a_url)
{
    int i, before = 0, asked;
    answer_t got;

    server_start(&server, _i, "quiet=guards", WITH, ways_config);
    fill();
    for (i = 0; i < NWAYS; i++) {
        got = get(ways[i].path, "");
        ck_assert_msg(got.secret, "%s: %d, not served", ways[i].path,
                      got.status);
        asked = server_count(server_log(&server), " AuthorizeRequest: quiet");
        ck_assert_msg(asked - before == ways[i].asked, "%s: asked %d times",
                      ways[i].path, asked - before);
        /* mod_negotiation comes between the two. */
        ck_assert_int_eq(server_count(server_log(&server),
                                      " PostAuthorizeRequest: quiet"),
                         asked - (i > 0));
        ck_assert_int_eq(server_count(server_log(&server),
                                      " AuthenticateRequest: quiet"), asked);
        before = asked;
    }
    /* Whatever began has an end, what was only looked at too. */
    for (i = 0; i < 200 && server_count(server_log(&server),
                                        " EndRequest: quiet")
                           < server_count(server_log(&server),
                                          " BeginRequest: quiet"); i++) {
        usleep(50000);
    }
    ck_assert_int_eq(server_count(server_log(&server), " EndRequest: quiet"),
                     server_count(server_log(&server),
                                  " BeginRequest: quiet"));
    server_stop(&server);
}
END_TEST

/* A file that may not be read is not chosen, and nothing is told of it. */
START_TEST(what_is_refused_is_not_chosen)
{
    char request[] = "GET /open/size.shtml HTTP/1.1\r\nHost: localhost\r\n"
                     "Connection: close\r\n\r\n";

    server_start(&server, _i, "guard=guards", WITH,
                 "IISModules none\n<Location /closed>\nIISModules +guard\n"
                 "</Location>\n<Files hidden.txt>\nIISModules +guard\n</Files>"
                 "\n<Directory ${ROOT}/htdocs>\nAllowOverride All\n"
                 "Options +Includes +Indexes\n</Directory>\n"
                 "AddType text/html .shtml\n"
                 "AddOutputFilter INCLUDES .shtml\n");
    fill();
    put("open/error/hidden.txt", SECRET "\n", 0644);
    put("open/error/shown.txt", "seen\n", 0644);
    expect_refusals();
    server_expect("AH01339");           /* about its size */
    ck_assert_int_eq(get("/open/first/", "").status, 200);
    ck_assert_ptr_null(strstr(client_once(server.port, request), "18"));
    ck_assert_ptr_nonnull(strstr(client_once(server.port, "GET /open/error/ "
        "HTTP/1.0\r\n\r\n"), "shown.txt"));
    ck_assert_ptr_null(strstr(client_once(server.port, "GET /open/error/ "
        "HTTP/1.0\r\n\r\n"), "hidden.txt"));
    server_stop(&server);
}
END_TEST

START_TEST(modules_own_ways_are_guarded_too)
{
    int i;

    for (i = 0; i < NSECTIONS; i++) {
        char config[1024];

        snprintf(config, sizeof(config), "<Directory ${ROOT}/htdocs>\nAllowOverride "
                 "All\n</Directory>\nIISModules -guard\n%s\nIISModules "
                 "+guard\n%s\n", sections[i].open, sections[i].close);
        server_start(&server, _i, "guard=guards mover=guards objects=objects",
                     "", config);
        fill();
        ck_assert_int_eq(get("/open/page.txt?moveto=/closed/page.txt",
                             "").status, 403);
        ck_assert(!get("/open/page.txt?moveto=/closed/page.txt", "").secret);
        ck_assert(!get("/iis?op=child&url=/closed/page.txt&how=&flags=0",
                       "").secret);
        server_stop(&server);
    }
    server_start(&server, _i, "quiet=guards mover=guards objects=objects", "",
                 "<Directory ${ROOT}/htdocs>\nAllowOverride All\n"
                 "</Directory>\n");
    fill();
    ck_assert(get("/open/page.txt?moveto=/closed/page.txt", "").secret);
    ck_assert(get("/iis?op=child&url=/closed/page.txt&how=&flags=0",
                  "").secret);
    server_stop(&server);
}
END_TEST

/* In an included page and behind a redirect, as Basic's. */
START_TEST(a_user_of_a_modules_stays)
{
    char config[2048];
    int i;

    snprintf(config, sizeof(config), "%s<Location /closed>\nAuthType Basic\n"
             "AuthName a\nAuthBasicProvider file\nAuthUserFile none\n"
             "Require user bob\n</Location>\n<Location /open>\n"
             "Require user bob\n</Location>\n", ways_config);
    server_start(&server, _i, "users=guards", WITH
                 " auth_basic authn_core authn_file authz_user", config);
    fill();
    for (i = 4; i < NWAYS; i++) {
        answer_t got = get(ways[i].path, "X-User: bob\r\n");

        ck_assert_msg(got.secret, "%s: %d", ways[i].path, got.status);
    }
    server_expect("AH01617");
    server_expect("AH01618");
    server_expect("AH01630");
    ck_assert(!get("/closed/page.txt", "").secret);
    ck_assert(!get("/closed/page.txt", "X-User: eve\r\n").secret);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    int mpm, section;

    for (section = 0; section < NSECTIONS; section++) {
        for (mpm = mpm_from(); mpm < mpm_to(); mpm++) {
            tcase_add_loop_test(tc,
                                what_comes_into_scope_inside_httpd_is_asked,
                                section * MPMS + mpm,
                                section * MPMS + mpm + 1);
        }
    }
    ON_EVERY_MPM(tc, what_a_request_was_is_asked_about_too);
    ON_EVERY_MPM(tc, so_is_who_refuses_as_he_authenticates);
    ON_EVERY_MPM(tc, a_module_that_decides_by_url_is_asked_about_each);
    ON_EVERY_MPM(tc, nobody_is_asked_twice_about_a_url);
    ON_EVERY_MPM(tc, what_is_refused_is_not_chosen);
    ON_EVERY_MPM(tc, modules_own_ways_are_guarded_too);
    ON_EVERY_MPM(tc, a_user_of_a_modules_stays);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("scope", add, 120);
}
