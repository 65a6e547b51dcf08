/* test_response.c: what reaches the client, under every MPM. */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static const char *url(const char *query)
{
    static char text[512];

    snprintf(text, sizeof(text), "%s/iis?%s", server.url, query);
    return text;
}

static void start(int mpm)
{
    server_start(&server, mpm, "ops=ops", "", NULL);
}

static void get(reply_t *reply, const char *query)
{
    client_get(reply, url(query), 0, NULL);
    ck_assert_int_eq(reply->curl, CURLE_OK);
}

static const char *raw(const char *query, const char *version)
{
    char request[512];

    snprintf(request, sizeof(request), "GET /iis?%s HTTP/%s\r\nHost: a\r\n"
             "Connection: close\r\n\r\n", query, version);
    return client_once(server.port, request);
}

START_TEST(chunks_arrive_one_by_one)
{
    int fd, i;
    char wanted[16], not_yet[16];
    const char *text;

    start(_i);
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=flush&n=4&ms=250 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (i = 0; i < 4; i++) {
        snprintf(wanted, sizeof(wanted), "%dxxxxxx", i);
        snprintf(not_yet, sizeof(not_yet), "%dxxxxxx", i + 1);
        text = client_read_until(fd, wanted);
        ck_assert_msg(strstr(text, wanted) != NULL, "%s", text);
        ck_assert_ptr_null(strstr(text, not_yet));
    }
    client_read_until(fd, "\r\n0\r\n\r\n");
    close(fd);
    server_stop(&server);
}
END_TEST

/* The response in raw is right by the letter, and its bytes are logged. */
static void expect_flushes(int fd, const char *op, int size, const char *more)
{
    char request[256], line[128];
    reply_t reply;
    int i;

    snprintf(line, sizeof(line), "GET /iis?op=%s&n=3&size=%d HTTP/1.1", op,
             size);
    snprintf(request, sizeof(request), "%s\r\nHost: a\r\n%s\r\n", line, more);
    client_send(fd, request);
    ck_assert_int_eq(client_response(fd, &reply, 0), 1);
    ck_assert_msg(!*reply.wrong, "%s: %s", line, reply.wrong);
    ck_assert_int_eq(reply.length, 3 * size);
    ck_assert_str_eq(reply_header(&reply, "Transfer-Encoding"), "chunked");
    client_free(&reply);
    snprintf(request, sizeof(request), "200 %d %s %s\n", 3 * size,
             *more ? "-" : "+", line);
    for (i = 0; i < 200 && !strstr(server_access_log(&server), request); i++) {
        usleep(20000);
    }
    ck_assert_msg(i < 200, "%s", server_access_log(&server));
}

START_TEST(flushes_of_any_size_become_chunks_and_are_counted)
{
    static const char *const ops[] = { "flush", "chain", "chain&callback=1",
                                       "chain&copy=1" };
    static const int sizes[] = { 2, 15, 16, 255, 4096, 65536, 300001 };
    size_t i, k;

    start(_i);
    for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        int fd = client_open(server.port);

        for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
            expect_flushes(fd, ops[i], sizes[k], "");
        }
        expect_flushes(fd, ops[i], 1000, "Connection: close\r\n");
        close(fd);
    }
    server_stop(&server);
}
END_TEST

START_TEST(complete_in_its_first_flush_means_content_length)
{
    reply_t reply;

    start(_i);
    get(&reply, "op=whole&size=1000");
    ck_assert_int_eq(reply.length, 1000);
    ck_assert_str_eq(reply_header(&reply, "Content-Length"), "1000");
    ck_assert_ptr_null(reply_header(&reply, "Transfer-Encoding"));
    client_free(&reply);
    get(&reply, "op=flush&n=3");
    ck_assert_int_eq(reply.length, 24);
    ck_assert_ptr_null(reply_header(&reply, "Content-Length"));
    ck_assert_str_eq(reply_header(&reply, "Transfer-Encoding"), "chunked");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(http_1_0_ends_by_closing)
{
    const char *text;

    start(_i);
    text = raw("op=flush&n=2", "1.0");
    ck_assert_ptr_null(strstr(text, "chunked"));
    ck_assert_ptr_nonnull(strstr(text, "0xxxxxx\n1xxxxxx\n"));
    server_stop(&server);
}
END_TEST

START_TEST(head_204_and_304_have_no_body)
{
    reply_t reply;

    start(_i);
    client_get(&reply, url("op=whole&size=99"), WITH_HEAD, NULL);
    ck_assert_int_eq(reply.length, 0);
    ck_assert_str_eq(reply_header(&reply, "Content-Length"), "99");
    client_free(&reply);
    get(&reply, "op=whole&status=204");
    ck_assert_int_eq(reply.status, 204);
    ck_assert_int_eq(reply.length, 0);
    ck_assert_ptr_null(reply_header(&reply, "Content-Length"));
    client_free(&reply);
    get(&reply, "op=whole&status=304");
    ck_assert_int_eq(reply.length, 0);
    client_free(&reply);
    get(&reply, "op=whole&size=5");
    ck_assert_int_eq(reply.length, 5);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(keep_alive_and_pipelining_stay_in_step)
{
    int fd;
    const char *text;

    start(_i);
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=flush&n=2 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /iis?op=chain&n=3&size=4 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /iis?op=whole&size=5 HTTP/1.1\r\nHost: a\r\n"
                "Connection: close\r\n\r\n");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "0xxxxxx"));
    ck_assert_ptr_nonnull(strstr(text, "aaa\n"));
    ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nwwwww"));
    ck_assert_ptr_nonnull(strstr(strstr(strstr(text, "HTTP/1.1 200") + 1,
                                        "HTTP/1.1 200") + 1, "HTTP/1.1 200"));
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(a_content_length_is_honoured_and_never_exceeded)
{
    const char *text;
    reply_t reply;

    start(_i);
    server_expect("IISR0004");
    server_expect("IISR0005");
    get(&reply, "op=length&length=8&size=8");
    ck_assert_str_eq(reply_header(&reply, "Content-Length"), "8");
    ck_assert_int_eq(reply.length, 8);
    client_free(&reply);
    text = raw("op=length&length=4&size=8", "1.1");
    ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nllll"));
    ck_assert_ptr_null(strstr(text, "lllll"));
    client_get(&reply, url("op=length&length=20&size=8"), 0, NULL);
    ck_assert_int_eq(reply.curl, CURLE_PARTIAL_FILE);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(connection_headers_of_a_module_never_reach_the_wire)
{
    const char *text;

    start(_i);
    text = raw("op=framing", "1.1");
    ck_assert_ptr_null(strstr(text, "chunked"));
    ck_assert_ptr_null(strstr(text, "timeout=999"));
    ck_assert_ptr_null(strstr(text, "h2c"));
    ck_assert_ptr_null(strstr(text, "X-T\r"));
    ck_assert_ptr_nonnull(strstr(text, "Content-Length: 7\r\n"));
    server_stop(&server);
}
END_TEST

START_TEST(bad_input_is_refused_and_nothing_of_it_sent)
{
    static const char *const answers[] = {
        "null name=80070057", "null value=80070057", "name space=80070057",
        "name colon=80070057", "name crlf=80070057", "value crlf=8007000D",
        "value nul=8007000D", "bad id=80070057", "reason crlf=8007000D",
        "status 42=8007000D", "redirect crlf=80070057",
        "redirect null=80070057", "null chunks=80070057",
        "many chunks=80070216", "null reference=80070057",
        "null memory=80070057", "bad type=80070057", "bad handle=80070006",
        "fragment=80070003", "good=00000000"
    };
    reply_t reply;
    size_t i;

    start(_i);
    server_expect("IISR01");
    server_expect("IISR02");
    get(&reply, "op=bad");
    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        ck_assert_msg(strstr(reply.body, answers[i]) != NULL, "%s not in\n%s",
                      answers[i], reply.body);
    }
    ck_assert_ptr_null(strstr(reply.headers, "Evil"));
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply_header(&reply, "X-Good"), "yes");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_request_consumes_its_own_body_whatever_a_module_edits)
{
    int fd;
    const char *text;

    start(_i);
    fd = client_open(server.port);
    client_send(fd, "POST /iis?op=leave HTTP/1.1\r\nHost: a\r\n"
                "Content-Length: 36\r\n\r\n"
                "GET /smuggled HTTP/1.1\r\nHost: evil\r\n"
                "GET /iis?op=whole&size=3 HTTP/1.1\r\nHost: a\r\n"
                "Connection: close\r\n\r\n");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "left it"));
    ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nwww"));
    ck_assert_ptr_null(strstr(text, "404"));
    close(fd);
    server_stop(&server);
}
END_TEST

static void server_field(const char *how, int with, const char *expected)
{
    char query[64];
    reply_t reply;
    const char *field;

    snprintf(query, sizeof(query), "op=server&how=%s", how);
    client_get(&reply, url(query), with, NULL);
    ck_assert_int_eq(reply.curl, CURLE_OK);
    ck_assert_str_eq(reply.body, "default=00000001\n");
    field = reply_header(&reply, "Server");
    if (!expected) {
        ck_assert_msg(!field || (with && !*field), "%s", field);
    }
    else {
        ck_assert_ptr_nonnull(field);
        ck_assert_msg(strstr(field, expected) != NULL, "%s", field);
    }
    if (!strcmp(how, "set")) {
        ck_assert_str_eq(reply_header(&reply, "Date"),
                         "Sun, 06 Nov 1994 08:49:37 GMT");
    }
    client_free(&reply);
}

START_TEST(the_server_field_is_as_the_module_left_it)
{
    static const int with[] = { 0, WITH_HTTP2 };
    int i;

    server_start(&server, _i, "ops=ops", _i == MPM_PREFORK ? "" : "http2",
                 _i == MPM_PREFORK ? NULL : "Protocols h2c http/1.1\n");
    for (i = 0; i < (_i == MPM_PREFORK ? 1 : 2); i++) {
        server_field("", with[i], "Apache");
        server_field("set", with[i], "Own/1.0");
        server_field("byid", with[i], ", Own/1.0");
        server_field("delete", with[i], NULL);
    }
    server_stop(&server);
}
END_TEST

START_TEST(every_documented_server_variable_is_known)
{
    reply_t reply;

    start(_i);
    get(&reply, "op=variables");
    ck_assert_str_eq(reply.body, "asked\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(redirects_become_absolute)
{
    reply_t reply;
    char wanted[128];

    start(_i);
    get(&reply, "op=redirect");
    snprintf(wanted, sizeof(wanted), "%s/next.html?a=1", server.url);
    ck_assert_int_eq(reply.status, 302);
    ck_assert_str_eq(reply_header(&reply, "Location"), wanted);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* Every module passes a reason: "IHttpResponse::SetStatus Method" wants one. */
START_TEST(a_status_without_a_body_gets_the_servers_error_page)
{
    const char *text;
    reply_t reply;
    int around;

    for (around = 0; around < 2; around++) {
        server_start(&server, _i, around ? "ops=ops around=around"
                     : "ops=ops", "",
                     "CustomLog logs/access \"sub=%{sc-substatus}^IR\"\n"
                     "ErrorDocument 410 /file.txt\n");
        text = client_once(server.port, "GET /iis/x?op=status&status=410"
                           "&reason=Gone-Fishing HTTP/1.0\r\n\r\n");
        ck_assert_msg(strstr(text, " 410 Gone-Fishing\r\n")
                      && strstr(text, "a static file"), "%s", text);
        get(&reply, "op=status&status=403");
        ck_assert_int_eq(reply.status, 403);
        ck_assert_ptr_nonnull(strstr(reply.body, "Forbidden"));
        client_free(&reply);
        text = client_once(server.port, "GET /iis/x?op=status&status=404&sub=7"
                           "&reason=Gone-Away HTTP/1.1\r\nHost: a\r\n"
                           "Connection: close\r\n\r\n");
        ck_assert_msg(!strncmp(text, "HTTP/1.1 404 Gone-Away\r\n", 24), "%s",
                      text);
        ck_assert_ptr_nonnull(strstr(text, "Gone-Away</h1>"));
        ck_assert_msg(strstr(text, "et-Cookie: a=1\r\n")
                      && strstr(text, "et-Cookie: b=2\r\n")
                      && !strstr(text, "Content-Length: 0"), "%s", text);
        text = client_once(server.port, "GET /iis/x?op=status&status=405"
                           "&reason=No HTTP/1.1\r\nHost: a\r\n"
                           "Connection: close\r\n\r\n");
        ck_assert_msg(strstr(text, "Allow: PUT\r\n") && strstr(text, "</h1>")
                      && !strstr(text, "TRACE"), "%s", text);
        text = client_once(server.port, "GET /iis/x?op=status&status=404"
                           "&reason=<b> HTTP/1.1\r\nHost: a\r\n"
                           "Connection: close\r\n\r\n");
        ck_assert_ptr_nonnull(strstr(text, "HTTP/1.1 404 "));
        ck_assert_ptr_null(strstr(text, "<b></h1>"));
        ck_assert_ptr_nonnull(strstr(server_access_log(&server), "sub=7\n"));
        server_stop(&server);
    }
}
END_TEST

START_TEST(each_way_of_closing_has_its_own_effect)
{
    reply_t reply;

    start(_i);
    get(&reply, "op=close");
    ck_assert_str_eq(reply_header(&reply, "Connection"), "close");
    ck_assert_str_eq(reply.body, "bye\n");
    client_free(&reply);
    client_get(&reply, url("op=reset"), 0, NULL);
    ck_assert(reply.curl == CURLE_RECV_ERROR
              || reply.curl == CURLE_GOT_NOTHING);
    client_free(&reply);
    get(&reply, "op=whole");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_file_handle_is_sent_by_range)
{
    reply_t reply;
    char query[256];

    start(_i);
    snprintf(query, sizeof(query), "op=file&path=%s/htdocs/file.txt",
             server.root);
    get(&reply, query);
    ck_assert_str_eq(reply.body, "a static file, served by httpd itself\n");
    client_free(&reply);
    strcat(query, "&start=2&length=6");
    get(&reply, query);
    ck_assert_str_eq(reply.body, "static");
    ck_assert_str_eq(reply_header(&reply, "Content-Length"), "6");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(after_the_end_writes_fail_and_null_out_parameters_are_fine)
{
    reply_t reply;

    start(_i);
    get(&reply, "op=ended");
    ck_assert_str_eq(reply.body, "only this\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(any_number_of_small_writes_makes_one_response)
{
    reply_t reply;

    start(_i);
    get(&reply, "op=small&n=200000");
    ck_assert_int_eq(reply.length, 1000000);
    ck_assert_str_eq(reply_header(&reply, "Content-Length"), "1000000");
    client_free(&reply);
    get(&reply, "op=small&n=1000000");      /* past the buffer limit */
    ck_assert_int_eq(reply.length, 5000000);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(casts_and_the_request_are_as_on_iis)
{
    char longer[128];
    reply_t reply;

    start(_i);
    get(&reply, "op=cast");
    ck_assert_str_eq(reply.body, "context3=00000001\nresponse2=00000001\n"
                     "request4=00000001\ntypeid=00000001\n");
    client_free(&reply);
    get(&reply, "op=request");
    ck_assert_ptr_nonnull(strstr(reply.body, "method GET url "
                                 "/iis?op=request host 127.0.0.1:"));
    ck_assert_ptr_nonnull(strstr(reply.body, "path /iis"));
    ck_assert_ptr_nonnull(strstr(reply.body, "wide=00000001"));
    ck_assert_ptr_nonnull(strstr(reply.body, "unknown=80070585"));
    client_free(&reply);
    /* No file of that name: all of it is the script. */
    snprintf(longer, sizeof(longer), "%s/iis/not/there?op=request",
             server.url);
    client_get(&reply, longer, 0, NULL);
    ck_assert_ptr_nonnull(strstr(reply.body, "script /iis/not/there end"));
    client_free(&reply);
    client_get(&reply, url("op=echosync"), 0, "a body to read");
    ck_assert_str_eq(reply.body, "a body to read");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_client_that_leaves_in_mid_flush_costs_nothing)
{
    reply_t reply;
    int i, fd;

    start(_i);
    for (i = 0; i < 10; i++) {
        fd = client_open(server.port);
        client_send(fd, "GET /iis?op=flush&n=1000&size=65536 HTTP/1.1\r\n"
                    "Host: a\r\n\r\n");
        client_read_until(fd, "xxxx");
        close(fd);
    }
    get(&reply, "op=whole&size=3");
    ck_assert_str_eq(reply.body, "www");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("response");
    TCase *tc = tcase_create("wire");
    SRunner *runner;
    int failed;

    curl_global_init(CURL_GLOBAL_ALL);
    tcase_set_timeout(tc, 120);
    suite_add_tcase(suite, tc);
#define EVERY_MPM(test) tcase_add_loop_test(tc, test, 0, MPMS)
    EVERY_MPM(chunks_arrive_one_by_one);
    EVERY_MPM(flushes_of_any_size_become_chunks_and_are_counted);
    EVERY_MPM(complete_in_its_first_flush_means_content_length);
    EVERY_MPM(http_1_0_ends_by_closing);
    EVERY_MPM(head_204_and_304_have_no_body);
    EVERY_MPM(keep_alive_and_pipelining_stay_in_step);
    EVERY_MPM(a_content_length_is_honoured_and_never_exceeded);
    EVERY_MPM(connection_headers_of_a_module_never_reach_the_wire);
    EVERY_MPM(bad_input_is_refused_and_nothing_of_it_sent);
    EVERY_MPM(a_request_consumes_its_own_body_whatever_a_module_edits);
    EVERY_MPM(the_server_field_is_as_the_module_left_it);
    tcase_add_loop_test(tc, every_documented_server_variable_is_known, 0, 1);
    EVERY_MPM(redirects_become_absolute);
    EVERY_MPM(a_status_without_a_body_gets_the_servers_error_page);
    EVERY_MPM(each_way_of_closing_has_its_own_effect);
    EVERY_MPM(a_file_handle_is_sent_by_range);
    EVERY_MPM(after_the_end_writes_fail_and_null_out_parameters_are_fine);
    EVERY_MPM(any_number_of_small_writes_makes_one_response);
    EVERY_MPM(casts_and_the_request_are_as_on_iis);
    EVERY_MPM(a_client_that_leaves_in_mid_flush_costs_nothing);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
