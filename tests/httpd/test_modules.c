/* test_modules.c: loading, scope, modules around httpd's own content, and
 * other people's filters.
 */
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

START_TEST(a_static_file_is_seen_before_it_leaves)
{
    reply_t reply;

    server_start(&server, _i, "around=around", "", NULL);
    get(&reply, "/file.txt", 0);
    ck_assert_str_eq(reply.body, "a static file, served by httpd itself\n");
    ck_assert_str_eq(reply_header(&reply, "X-Begin"), "seen");
    ck_assert_str_eq(reply_header(&reply, "X-Status"), "200");
    ck_assert_str_eq(reply_header(&reply, "X-Trace"), "BbLES");
    ck_assert_str_eq(reply_header(&reply, "Content-Length"), "38");
    ck_assert_ptr_nonnull(reply_header(&reply, "ETag"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* A cookie in a line with another one is lost on every browser. */
START_TEST(cookies_of_modules_and_of_content_are_lines_of_their_own)
{
    static const char *const lines[] = {
        "et-Cookie: one=1\r\n", "et-Cookie: two=2\r\n",
        "et-Cookie: three=3\r\n", "et-Cookie: four=4\r\n"
    };
    char file[160];
    const char *text;
    int i;
    FILE *f;

    server_start(&server, _i, "around=around", "asis",
                 "AddHandler send-as-is asis\n");
    snprintf(file, sizeof(file), "%s/htdocs/four.asis", server.root);
    ck_assert_ptr_nonnull((f = fopen(file, "w")));
    fputs("Content-Type: text/plain\nSet-Cookie: three=3\n"
          "Set-Cookie: four=4\n\nfour\n", f);
    fclose(f);
    text = client_once(server.port, "GET /four.asis?cookies HTTP/1.1\r\n"
                       "Host: a\r\nConnection: close\r\n\r\n");
    for (i = 0; i < 4; i++) {
        ck_assert_msg(strstr(text, lines[i]) != NULL, "%s: %s", lines[i],
                      text);
    }
    text = client_once(server.port, "GET /file.txt?cookies HTTP/1.1\r\n"
                       "Host: a\r\nConnection: close\r\n\r\n");
    ck_assert_msg(strstr(text, lines[0]) && strstr(text, lines[1]), "%s",
                  text);
    server_stop(&server);
}
END_TEST

START_TEST(a_header_of_the_handler_stage_is_there_for_httpds_content)
{
    static const char *const paths[] = {
        "/file.txt", "/file.txt?pending", "/iis/file.txt", "/iis/x?pending"
    };
    reply_t reply;
    int i;

    server_start(&server, _i, "late=late", "",
                 "Alias /iis/file.txt ${ROOT}/htdocs/file.txt\n");
    for (i = 0; i < 4; i++) {
        get(&reply, paths[i], 0);
        ck_assert_int_eq(reply.status, i < 3 ? 200 : 404);
        if (i < 3) {
            ck_assert_ptr_nonnull(reply_header(&reply, "X-Late"));
            ck_assert_str_eq(reply.body,
                             "a static file, served by httpd itself\n");
        }
        client_free(&reply);
    }
    server_stop(&server);
}
END_TEST

START_TEST(error_pages_are_seen_with_their_status)
{
    reply_t reply;

    server_start(&server, _i, "around=around", "", NULL);
    get(&reply, "/missing", 0);
    ck_assert_int_eq(reply.status, 404);
    ck_assert_str_eq(reply_header(&reply, "X-Status"), "404");
    ck_assert_ptr_nonnull(strstr(reply.body, "Not Found"));
    client_free(&reply);
    get(&reply, "/missing?upper", 0);
    ck_assert_ptr_nonnull(strstr(reply.body, "NOT FOUND"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* SetStatus(403, "Forbidden") is how most modules refuse: a person gets a
 * page, with the module's words. */
START_TEST(a_refusal_with_a_reason_gets_an_error_page)
{
    const char *text;

    server_start(&server, _i, "around=around", "", NULL);
    text = client_once(server.port, "GET /file.txt?forbid HTTP/1.0\r\n\r\n");
    ck_assert_msg(strstr(text, " 403 Not For You\r\n") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "<h1>Not For You</h1>") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "Members &amp; friends only.") != NULL, "%s",
                  text);
    ck_assert_msg(strstr(text, "X-Begin: seen\r\n") != NULL, "%s", text);
    /* httpd's page would show these words as they are. */
    text = client_once(server.port,
                       "GET /file.txt?forbid=odd HTTP/1.0\r\n\r\n");
    ck_assert_msg(strstr(text, " 403 <b>Odd</b>\r\n") != NULL, "%s", text);
    ck_assert_str_eq(strstr(text, "\r\n\r\n"), "\r\n\r\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_refusal_with_a_reason_gets_the_error_document)
{
    const char *text;

    server_start(&server, _i, "around=around", "",
                 "ErrorDocument 403 /file.txt");
    text = client_once(server.port, "GET /other?forbid HTTP/1.0\r\n\r\n");
    ck_assert_msg(strstr(text, " 403 Not For You\r\n")
                  && !strstr(text, "<h1>") && strstr(text, "X-Begin"), "%s",
                  text);
    server_stop(&server);
}
END_TEST

START_TEST(content_may_be_replaced_and_edited_in_place)
{
    reply_t reply;

    server_start(&server, _i, "around=around", "", NULL);
    get(&reply, "/file.txt?replace", 0);
    ck_assert_str_eq(reply.body, "replaced\n");
    ck_assert_str_eq(reply_header(&reply, "Content-Length"), "9");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(begin_request_may_answer_and_the_connection_stays_usable)
{
    const char *text;
    int fd;

    server_start(&server, _i, "around=around", "", NULL);
    fd = client_open(server.port);
    client_send(fd, "GET /block HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /file.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                "\r\n");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "451 Blocked"));
    ck_assert_ptr_nonnull(strstr(text, "a static file"));
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(content_follows_what_left_in_begin_request)
{
    reply_t reply;

    server_start(&server, _i, "around=around", "filter deflate",
                 "SetOutputFilter DEFLATE\n");
    get(&reply, "/file.txt?early", WITH_DEFLATE);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply.body, "early, a static file, served by httpd "
                     "itself\n");
    ck_assert_str_eq(reply_header(&reply, "Transfer-Encoding"), "chunked");
    ck_assert_str_eq(reply_header(&reply, "Content-Encoding"), "gzip");
    client_free(&reply);
    get(&reply, "/missing?early", 0);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply.body, "early, ");
    client_free(&reply);
    get(&reply, "/file.txt?early", WITH_HEAD);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_int_eq(reply.length, 0);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_disconnect_asked_for_in_begin_request_follows_the_content)
{
    const char *text;
    int fd;

    server_start(&server, _i, "around=around", "", NULL);
    fd = client_open(server.port);
    client_send(fd, "GET /file.txt?disconnect HTTP/1.1\r\nHost: a\r\n\r\n");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "Connection: close\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "a static file"));
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(set_url_in_begin_request_changes_what_is_served)
{
    reply_t reply;

    server_start(&server, _i, "around=around", "", NULL);
    get(&reply, "/rewrite-me", 0);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply.body, "a static file, served by httpd itself\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* httpd authenticates after AuthenticateRequest, and looks for an answer
 * ahead of ExecuteRequestHandler: nobody goes on past that.  A twin that
 * takes part in the same comes first. */
START_TEST(a_module_goes_on_to_its_next_notification)
{
    reply_t reply;

    server_start(&server, _i, "merge=merge", "", NULL);
    get(&reply, "/iis", 0);
    ck_assert_str_eq(reply.body, "Authenticate +Authenticate Authorize "
                                 "Acquire (+20) (40) Execute ");
    client_free(&reply);
    server_stop(&server);
    server_start(&server, _i, "merge=merge twin=merge", "", NULL);
    get(&reply, "/iis", 0);
    ck_assert_ptr_null(strchr(reply.body, '('));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(twins_with_equal_class_names_do_not_disturb_each_other)
{
    reply_t reply;

    server_start(&server, _i, "one=twin1 two=twin2", "", NULL);
    get(&reply, "/file.txt", 0);
    ck_assert_str_eq(reply_header(&reply, "X-Twin"), "1000, 2000");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(iis_modules_scopes_by_location)
{
    reply_t reply;

    server_start(&server, _i, "one=twin1 two=twin2", "",
                 "<Location /file.txt>\nIISModules -one\n</Location>\n"
                 "<Location /page.html>\nIISModules none +one\n</Location>\n"
                 "<Location /quiet>\nIISModules none\n</Location>\n");
    get(&reply, "/file.txt", 0);
    ck_assert_str_eq(reply_header(&reply, "X-Twin"), "2000");
    client_free(&reply);
    get(&reply, "/page.html", 0);
    ck_assert_str_eq(reply_header(&reply, "X-Twin"), "1000");
    client_free(&reply);
    get(&reply, "/quiet", 0);
    ck_assert_ptr_null(reply_header(&reply, "X-Twin"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(where_no_module_answers_httpd_does)
{
    reply_t reply;

    server_start(&server, _i, "ops=ops", "",
                 "<Location /file.txt>\nSetHandler iis\n</Location>\n");
    get(&reply, "/file.txt", 0);
    ck_assert_str_eq(reply.body, "a static file, served by httpd itself\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(deflate_lets_every_flush_through_and_keeps_every_byte)
{
    reply_t reply;

    server_start(&server, _i, "ops=ops around=around", "filter deflate",
                 "SetOutputFilter DEFLATE\n");
    get(&reply, "/iis?op=flush&n=50&size=1000", WITH_DEFLATE);
    ck_assert_str_eq(reply_header(&reply, "Content-Encoding"), "gzip");
    ck_assert_int_eq(reply.length, 50000);
    client_free(&reply);
    get(&reply, "/iis?op=chain&n=50&size=10000", WITH_DEFLATE);
    ck_assert_int_eq(reply.length, 500000);
    client_free(&reply);
    get(&reply, "/iis?op=whole&size=100000", WITH_DEFLATE);
    ck_assert_int_eq(reply.length, 100000);
    ck_assert(!(reply_header(&reply, "Content-Length")
                && reply_header(&reply, "Transfer-Encoding")));
    client_free(&reply);
    get(&reply, "/page.html?upper", WITH_DEFLATE);
    ck_assert_str_eq(reply_header(&reply, "Content-Encoding"), "gzip");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(tls_carries_the_same_bytes)
{
    reply_t reply;

    server_start(&server, _i, "ops=ops around=around",
                 "socache_shmcb ssl", NULL);
    get(&reply, "/iis?op=flush&n=100&size=1000", WITH_TLS);
    ck_assert_int_eq(reply.length, 100000);
    client_free(&reply);
    get(&reply, "/iis?op=chain&n=100&size=100000", WITH_TLS);
    ck_assert_int_eq(reply.length, 10000000);
    client_free(&reply);
    get(&reply, "/iis?op=whole&size=3000000", WITH_TLS);
    ck_assert_int_eq(reply.length, 3000000);
    client_free(&reply);
    get(&reply, "/iis?op=post&ms=100", WITH_TLS);
    ck_assert_ptr_nonnull(strstr(reply.body, "posted 77"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* mod_http2 does not work under prefork. */
START_TEST(http2_carries_the_same_bytes)
{
    reply_t reply;

    server_start(&server, _i, "ops=ops around=around", "http2",
                 "Protocols h2c http/1.1\n");
    get(&reply, "/iis?op=flush&n=100&size=1000", WITH_HTTP2);
    ck_assert_int_eq(reply.version, CURL_HTTP_VERSION_2);
    ck_assert_int_eq(reply.length, 100000);
    client_free(&reply);
    get(&reply, "/iis?op=chain&n=100&size=10000", WITH_HTTP2);
    ck_assert_int_eq(reply.length, 1000000);
    client_free(&reply);
    get(&reply, "/iis?op=post&ms=100&write=10", WITH_HTTP2);
    ck_assert_ptr_nonnull(strstr(reply.body, "posted 77"));
    client_free(&reply);
    get(&reply, "/file.txt", WITH_HTTP2);
    ck_assert_str_eq(reply_header(&reply, "x-status"), "200");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(graceful_restarts_under_load_lose_no_request)
{
    reply_t reply;
    int i;

    server_start(&server, _i, "ops=ops", "", NULL);
    for (i = 0; i < 60; i++) {
        if (i % 20 == 10) {
            server_graceful(&server);
        }
        get(&reply, i % 2 ? "/iis?op=chain&n=20" : "/iis?op=flush&n=20&ms=2",
            0);
        ck_assert_int_eq(reply.length, i % 2 ? 20 * 64 : 20 * 8);
        client_free(&reply);
    }
    server_stop(&server);
}
END_TEST

START_TEST(a_dllmain_runs_once_ahead_of_register_module)
{
    reply_t reply;

    server_start(&server, _i, "attach=attach", "", NULL);
    get(&reply, "/file.txt", 0);
    ck_assert_str_eq(reply_header(&reply, "X-Attach"), "1 0 handle");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_dllmain_may_refuse)
{
    reply_t reply;

    setenv("IISR_REFUSE", "1", 1);
    server_start(&server, _i, "attach=attach", "", NULL);
    server_expect("IISR0901");
    server_expect("IISR0306");
    get(&reply, "/file.txt", 0);
    ck_assert_int_eq(reply.status, 503);
    ck_assert_ptr_null(reply_header(&reply, "X-Attach"));
    client_free(&reply);
    ck_assert_ptr_nonnull(strstr(server_log(&server), "IISR0901: module "
                                 "attach: DllMain returned FALSE"));
    server_stop(&server);
}
END_TEST

START_TEST(a_port_of_earlier_headers_still_loads)
{
    reply_t reply;

    server_start(&server, MPM_EVENT, "elder=elder", "", NULL);
    get(&reply, "/file.txt", 0);
    ck_assert_str_eq(reply_header(&reply, "X-Elder"), "here");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* What is wrong, and what the message must name. */
static const struct {
    const char *line;
    const char *says[4];
} wrong[] = {
    { "IISModule gone /no/such/file.so",
      { "IISModule gone", "/no/such/file.so", "No such file" } },
    { "IISModule dir /tmp", { "IISModule dir", "not a regular file" } },
    { "IISModule text /etc/passwd",
      { "IISModule text", "/etc/passwd", "ELF" } },
    { "IISModule nothing PORT:nothing",
      { "IISModule nothing", "nothing.so", "RegisterModule" } },
    { "IISModule a PORT:ops\nIISModule a PORT:around",
      { "IISModule a", "around.so", "already loaded", "ops.so" } },
    { "IISModules +nobody", { "IISModules", "nobody", "httpd.conf:" } },
    { "IISModules sideways", { "IISModules", "sideways" } },
    { "IISFlushTimeout 0", { "IISFlushTimeout", "at least 1" } },
    { "IISResponseBufferLimit lots", { "IISResponseBufferLimit", "lots" } }
};
#define NWRONG ((int)(sizeof(wrong) / sizeof(wrong[0])))

START_TEST(a_wrong_configuration_is_named_exactly)
{
    char line[1024] = "";
    const char *text, *rest = wrong[_i].line, *at;
    int ok, i;

    while ((at = strstr(rest, "PORT:"))) {
        char name[32];

        sscanf(at + 5, "%31[a-z0-9]", name);
        strncat(line, rest, at - rest);
        strcat(line, port_path(name));
        rest = at + 5 + strlen(name);
    }
    strcat(line, rest);
    text = server_configtest(line, &ok);
    ck_assert_msg(!ok, "accepted: %s", line);
    for (i = 0; i < 4 && wrong[_i].says[i]; i++) {
        ck_assert_msg(strstr(text, wrong[_i].says[i]) != NULL,
                      "'%s' not in: %s", wrong[_i].says[i], text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("modules");
    TCase *tc = tcase_create("around");
    SRunner *runner;
    int failed;

    curl_global_init(CURL_GLOBAL_ALL);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
#define EVERY_MPM(test) tcase_add_loop_test(tc, test, 0, MPMS)
    EVERY_MPM(a_static_file_is_seen_before_it_leaves);
    EVERY_MPM(cookies_of_modules_and_of_content_are_lines_of_their_own);
    EVERY_MPM(a_header_of_the_handler_stage_is_there_for_httpds_content);
    EVERY_MPM(error_pages_are_seen_with_their_status);
    EVERY_MPM(a_refusal_with_a_reason_gets_an_error_page);
    tcase_add_test(tc, a_refusal_with_a_reason_gets_the_error_document);
    EVERY_MPM(content_may_be_replaced_and_edited_in_place);
    EVERY_MPM(begin_request_may_answer_and_the_connection_stays_usable);
    EVERY_MPM(content_follows_what_left_in_begin_request);
    EVERY_MPM(a_disconnect_asked_for_in_begin_request_follows_the_content);
    EVERY_MPM(set_url_in_begin_request_changes_what_is_served);
    EVERY_MPM(a_module_goes_on_to_its_next_notification);
    EVERY_MPM(twins_with_equal_class_names_do_not_disturb_each_other);
    EVERY_MPM(iis_modules_scopes_by_location);
    EVERY_MPM(where_no_module_answers_httpd_does);
    EVERY_MPM(deflate_lets_every_flush_through_and_keeps_every_byte);
    EVERY_MPM(tls_carries_the_same_bytes);
    tcase_add_loop_test(tc, http2_carries_the_same_bytes, 0, MPM_PREFORK);
    EVERY_MPM(graceful_restarts_under_load_lose_no_request);
    EVERY_MPM(a_dllmain_runs_once_ahead_of_register_module);
    EVERY_MPM(a_dllmain_may_refuse);
    tcase_add_test(tc, a_port_of_earlier_headers_still_loads);
    tcase_add_loop_test(tc, a_wrong_configuration_is_named_exactly, 0,
                        NWRONG);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
