/* test_input.c: a body that modules read, insert or change on its way to
 * httpd's own handlers: mod_reflector, which sends back what it reads.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void start(int mpm)
{
    server_start(&server, mpm, "reader=reader ops=ops", "reflector",
                 "LimitRequestBody 400000\n"
                 "<Location \"/echo\">\n    SetHandler reflector\n"
                 "</Location>\n");
}

static void echoes(const char *query, const char *body, const char *expected)
{
    char url[256];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/echo?%s", server.url, query);
    client_get(&reply, url, 0, body);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply.body, expected);
    client_free(&reply);
}

START_TEST(what_a_module_read_and_put_back_reaches_the_handler)
{
    char *large = malloc(300001);

    start(_i);
    echoes("", "name=value", "name=value");
    echoes("some", "name=value", "name=value");
    echoes("untouched", "name=value", "name=value");
    memset(large, 'x', 300000);
    large[300000] = '\0';
    echoes("", large, large);
    echoes("some", large, large);
    free(large);
    server_stop(&server);
}
END_TEST

START_TEST(on_read_entity_sees_what_a_handler_reads)
{
    start(_i);
    echoes("upper&untouched", "name=value", "NAME=VALUE");
    echoes("upper", "name=value", "NAME=VALUE");
    server_stop(&server);
}
END_TEST

START_TEST(a_longer_body_reaches_the_handler_and_no_byte_of_the_next_request)
{
    const char *text;
    int fd;

    start(_i);
    echoes("longer", "name=value", "name=value, and more");
    fd = client_open(server.port);
    client_send(fd, "POST /echo?longer HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: 4\r\n\r\nbody"
                    "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n"
                    "5\r\nchunk\r\n2\r\ned\r\n0\r\n\r\n");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "body, and more"));
    ck_assert_ptr_nonnull(strstr(text, "chunked"));
    server_stop(&server);
}
END_TEST

/* What httpd refuses of a body is an error to the module that reads it, and
 * httpd's status to the client when the module says nothing else. */
static void refuses(const char *path, const char *framing, const char *status)
{
    char request[512];
    const char *text;
    int fd = client_open(server.port);

    snprintf(request, sizeof(request),
             "POST %s HTTP/1.1\r\nHost: a\r\n%s", path, framing);
    client_send(fd, request);
    text = client_read_all(fd);
    ck_assert_msg(!strncmp(text, "HTTP/1.1 ", 9)
                  && !strncmp(text + 9, status, strlen(status)),
                  "%s: %s", path, text);
    ck_assert_msg(!strstr(text + 9, "HTTP/1.1 "), "%s: %s", path, text);
    close(fd);
}

START_TEST(a_body_that_httpd_refuses_ends_the_request)
{
    static const char *const paths[] = {
        "/echo", "/iis?untouched&op=echo", "/iis?untouched&op=echosync"
    };
    unsigned int i;

    start(_i);
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        refuses(paths[i], "Transfer-Encoding: chunked\r\n\r\n"
                "ZZ\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "400");
        refuses(paths[i], "Content-Length: 400001\r\n\r\nabc", "413");
    }
    echoes("", "name=value", "name=value");
    server_stop(&server);
}
END_TEST

/* The client stops sending and still listens. */
static void cut_short(const char *path, const char *framing,
                      const char *status)
{
    char request[512];
    const char *text;
    int fd = client_open(server.port);

    snprintf(request, sizeof(request),
             "POST %s HTTP/1.1\r\nHost: a\r\n%s", path, framing);
    client_send(fd, request);
    shutdown(fd, SHUT_WR);
    text = client_read_all(fd);
    ck_assert_msg(!strncmp(text, "HTTP/1.1 ", 9)
                  && !strncmp(text + 9, status, strlen(status)),
                  "%s: %s", path, text);
    close(fd);
}

/* SetErrorStatus and FINISH_REQUEST, and nothing of an answer. */
START_TEST(an_error_status_without_an_answer_is_an_error)
{
    start(_i);
    cut_short("/echo", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
              "400");
    cut_short("/echo", "Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "400");
    cut_short("/echo", "Content-Length: 5\r\n\r\nabc", "400");
    cut_short("/iis?seterror", "\r\n", "500");
    cut_short("/iis?seterror&answer", "\r\n", "200");
    cut_short("/iis?seterror&status", "\r\n", "202");
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, what_a_module_read_and_put_back_reaches_the_handler);
    ON_EVERY_MPM(tc, on_read_entity_sees_what_a_handler_reads);
    ON_EVERY_MPM(tc,
        a_longer_body_reaches_the_handler_and_no_byte_of_the_next_request);
    ON_EVERY_MPM(tc, a_body_that_httpd_refuses_ends_the_request);
    ON_EVERY_MPM(tc, an_error_status_without_an_answer_is_an_error);
}

int main(void)
{
    return run_tests("input", add, 60);
}
