/* test_cookies.c: the Cookie fields of a request are one to modules, joined
 * by "; " (RFC 6265, 4.2.1); other fields by ", ".
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void shows(const char *query, const char *fields, const char *cookie,
                  const char *accept)
{
    char request[600], expected[800], *end = expected;
    reply_t reply;
    int fd = client_open(server.port), i;

    snprintf(request, sizeof(request), "GET /iis%s HTTP/1.1\r\nHost: a\r\n"
             "%s\r\n", query, fields);
    client_send(fd, request);
    for (i = 0; i < 6; i++) {
        end += sprintf(end, "%s\n", cookie);
    }
    sprintf(end, "%s\n", accept);
    ck_assert_int_eq(client_response(fd, &reply, 0), 1);
    ck_assert_msg(!strcmp(reply.body, expected), "%s%s: %s\nexpected: %s",
                  query, fields, reply.body, expected);
    client_free(&reply);
    close(fd);
}

static void shows_all(const char *query)
{
    shows(query, "Cookie: a=1\r\nCookie: b=2\r\n", "a=1; b=2", "");
    shows(query, "Cookie: a=1\r\nAccept: x/y\r\ncookie:b=2\r\n"
          "Accept: z/*\r\nCOOKIE:  c=3\r\n", "a=1; b=2; c=3", "x/y, z/*");
    shows(query, "Cookie: a=1; b=2\r\nCookie: c=3; d=4\r\n",
          "a=1; b=2; c=3; d=4", "");
    /* A comma in a value stays. */
    shows(query, "Cookie: a=1,2\r\nCookie: b=3,4\r\n", "a=1,2; b=3,4", "");
    shows(query, "Cookie: a=Mon, 01 Jan; c=3\r\nCookie: b=2\r\n",
          "a=Mon, 01 Jan; c=3; b=2", "");
    /* One field is left alone, whatever it says. */
    shows(query, "Cookie: a=1, b=2\r\n", "a=1, b=2", "");
    shows(query, "Cookie:a=1, b=2; c=3, d=4\r\n", "a=1, b=2; c=3, d=4", "");
}

START_TEST(cookies_are_joined_by_a_semicolon)
{
    server_start(&server, _i, "cookies=cookies", "", NULL);
    shows_all("");
    shows_all("?child");
    shows("?append", "Cookie: a=1\r\nCookie: b=2\r\n", "a=1; b=2; z=3", "");
    /* What a module has set is what it has set. */
    shows("?set", "Cookie: a=1\r\nCookie: b=2\r\n", "x=1, y=2", "");
    shows("?set", "Cookie: a=1\r\n", "x=1, y=2", "");
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, cookies_are_joined_by_a_semicolon);
}

int main(void)
{
    return run_tests("cookies", add, 60);
}
