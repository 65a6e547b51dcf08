/* test_globals.c: global notifications inside httpd, each by what raises it.
 * Those of a child's start and end are in test_pipeline.c.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void does(const char *what, const char *answer)
{
    char url[128];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/iis?%s", server.url, what);
    client_get(&reply, url, 0, NULL);
    ck_assert_msg(!strcmp(reply.body, answer), "%s: %s", what, reply.body);
    client_free(&reply);
}

static void noted(const char *line)
{
    const char *notes = server_notes(&server, line, 1);

    ck_assert_msg(strstr(notes, line) != NULL, "no '%s' in: %s", line, notes);
}

START_TEST(what_a_module_calls_is_told_to_all)
{
    server_start(&server, _i, "globals=globals", "", NULL);
    does("custom", "done=1\n");
    noted("custom=mine\n");
    does("file", "done=1\n");
    noted("file=/srv/changed monitor=0\n");
    does("configuration", "done=1\n");
    noted("configuration=MACHINE/WEBROOT/mine\n");
    does("cache", "done=3\n");
    noted("cache=1 record=1\ncache=0 record=0\ncache=2 record=0\n");
    does("trace", "done=1\n");
    noted("trace=happened subscribed=1 request=1\n"
          "trace=happened subscribed=1 request=0\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_file_that_changes_is_told_with_its_monitor)
{
    char path[128], line[160];
    FILE *f;

    server_start(&server, _i, "globals=globals", "", NULL);
    does("monitor", "done=1\n");
    snprintf(path, sizeof(path), "%s/htdocs/fresh", server.root);
    ck_assert_ptr_nonnull(f = fopen(path, "w"));
    fputs("x", f);
    fclose(f);
    snprintf(line, sizeof(line), "file=%s monitor=1\n", path);
    noted(line);
    unlink(path);
    server_stop(&server);
}
END_TEST

START_TEST(a_graceful_restart_is_a_change_of_the_configuration)
{
    server_start(&server, _i, "globals=globals", "", NULL);
    does("custom", "done=1\n");
    server_graceful(&server);
    noted("configuration=MACHINE/WEBROOT/APPHOST\n");
    does("custom", "done=1\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_sick_process_is_checked_and_replaced)
{
    int i;

    server_start(&server, MPM_EVENT, "globals=globals", "", NULL);
    server_expect("IISR0601");
    does("health", "done=1\n");
    noted("health\n");
    for (i = 0; i < 300 && !strstr(server_log(&server),
                                   "Doing graceful restart"); i++) {
        usleep(100000);
    }
    noted("configuration=MACHINE/WEBROOT/APPHOST\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_resolved_module_takes_part)
{
    reply_t reply;
    char url[128];

    server_start(&server, _i, "globals=globals", "", NULL);
    snprintf(url, sizeof(url), "%s/iis?custom", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_ptr_nonnull(reply_header(&reply, "X-Resolved"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, what_a_module_calls_is_told_to_all);
    ON_EVERY_MPM(tc, a_file_that_changes_is_told_with_its_monitor);
    ON_EVERY_MPM(tc, a_graceful_restart_is_a_change_of_the_configuration);
    tcase_add_test(tc, a_sick_process_is_checked_and_replaced);
    ON_EVERY_MPM(tc, a_resolved_module_takes_part);
}

int main(void)
{
    return run_tests("globals", add, 120);
}
