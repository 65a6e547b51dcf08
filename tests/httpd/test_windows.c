/* test_windows.c: what a module asks of Windows, inside a server: the event
 * log, handles of files in chunks, .ini files, work items and waits.
 */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "client.h"
#include "server.h"

static server_t server;

static void start(int mpm)
{
    server_start(&server, mpm, "windows=windows", "", NULL);
}

static void expect(const char *query, const char *body)
{
    char url[256];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/iis?%s", server.url, query);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.curl, CURLE_OK);
    ck_assert_str_eq(reply.body, body);
    client_free(&reply);
}

/* The one line of the log that has all three. */
static void logs_once(const char *level, const char *source, const char *text)
{
    char *copy = strdup(server_log(&server)), *line, *state = NULL;
    int found = 0;

    for (line = strtok_r(copy, "\n", &state); line;
         line = strtok_r(NULL, "\n", &state)) {
        const char *at = strstr(line, source);
        if (at && strstr(at, text) && strstr(line, level)) {
            found++;
        }
    }
    free(copy);
    ck_assert_msg(found == 1, "%d lines %s %s %s in\n%s", found, level,
                  source, text, server_log(&server));
}

START_TEST(events_and_debug_output_are_lines_of_the_log)
{
    start(_i);
    server_expect("[Test\\nSource] ");
    expect("op=log", "logged\n");
    logs_once("iisresp:debug]", "[windows] ", "debug\\none \\x1b[31mred");
    logs_once("iisresp:debug]", "[windows] ", "debug wide \\xc3\\xa4");
    logs_once("iisresp:info]", "[Test\\nSource] ", "two strings");
    logs_once("iisresp:warn]", "[Test\\nSource] ", "event 7: two");
    logs_once("iisresp:error]", "[Test\\nSource] ",
              "a \\xe2\\x82\\xac and\\r\\n[fake:error] line");
    ck_assert_ptr_null(strstr(server_log(&server), "\x1b"));
    ck_assert_ptr_null(strstr(server_log(&server), "\n[fake"));
    server_stop(&server);
}
END_TEST

START_TEST(a_file_is_sent_from_its_handle)
{
    start(_i);
    expect("op=file", "a static file, served by httpd itself\n");
    expect("op=file&from=9", "file, served by httpd itself\n");
    expect("op=file&from=2&length=6", "static");
    expect("op=file&from=37&length=1", "\n");
    server_stop(&server);
}
END_TEST

START_TEST(settings_are_read_from_an_ini_file)
{
    char path[128];
    FILE *f;

    start(_i);
    expect("op=ini", "no settings.ini\n");
    snprintf(path, sizeof(path), "%s/htdocs/settings.ini", server.root);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs("[main]\r\ngreeting = \"Gr\xc3\xbc\xc3\x9f\"\r\ncount=0x10\r\n", f);
    fclose(f);
    expect("op=ini", "Gr\xc3\xbc\xc3\x9f 16 7\n");
    server_stop(&server);
}
END_TEST

START_TEST(work_items_and_waits_complete_requests)
{
    start(_i);
    expect("op=item", "completed with 1\n");
    expect("op=work", "completed with 2\n");
    expect("op=wait", "completed with 3\n");
    server_stop(&server);
}
END_TEST

START_TEST(module_and_program_have_their_names)
{
    const char *httpd = getenv("IISR_HTTPD");
    char names[128];

    httpd = httpd ? strrchr(httpd, '/') + 1 : "apache2";
    snprintf(names, sizeof(names), "%s windows.so\n", httpd);
    start(_i);
    expect("op=names", names);
    server_stop(&server);
}
END_TEST

static void answers(const char *path, int status, const char *body)
{
    char url[256];
    reply_t reply;

    snprintf(url, sizeof(url), "%s%s", server.url, path);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.status, status);
    ck_assert_msg(!body || !strcmp(reply.body, body), "%s: %s", path,
                  reply.body);
    client_free(&reply);
}

/* It is a separator to a module and an ordinary character to httpd. */
START_TEST(a_backslash_in_a_url_leads_to_no_file)
{
    static const char up[] = "..%5C..%5C..%5C..%5C..%5C";
    char path[192];
    reply_t reply;
    FILE *f;

    server_start(&server, _i, "windows=windows around=around", "",
                 "<Location /plain>\nIISModules none\n</Location>\n");
    server_expect("IISR0203");
    server_expect("IISR0212");
    snprintf(path, sizeof(path), "/iis/%setc/passwd?op=physical", up);
    answers(path, 404, NULL);
    snprintf(path, sizeof(path), "/%setc/passwd", up);
    answers(path, 404, NULL);
    answers("/iis/a%5cb?op=physical", 404, NULL);
    answers("/iis/a?op=mapped", 200, "no file\n");
    snprintf(path, sizeof(path), "%s/file.txt?climb", server.url);
    client_get(&reply, path, 0, NULL);
    ck_assert_str_eq(reply_header(&reply, "X-Climb"), "refused");
    client_free(&reply);
    /* Without modules it is httpd's. */
    snprintf(path, sizeof(path), "%s/htdocs/plain\\x", server.root);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs("here\n", f);
    fclose(f);
    answers("/plain%5Cx", 404, NULL);
    snprintf(path, sizeof(path), "%s/htdocs/plain", server.root);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    snprintf(path, sizeof(path), "%s/htdocs/plain/y\\x", server.root);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs("here\n", f);
    fclose(f);
    answers("/plain/y%5Cx", 200, "here\n");
    server_stop(&server);
    /* Modules that a folder lets take part, which httpd looks at later. */
    server_start(&server, _i, "windows=windows", "", "IISModules none\n"
                 "<DirectoryMatch htdocs>\nIISModules all\n"
                 "</DirectoryMatch>\n");
    answers("/iis/x?op=physical", 200, "no file\n");
    snprintf(path, sizeof(path), "/iis/%setc/passwd?op=physical", up);
    answers(path, 404, NULL);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_backslash_in_a_url_leads_to_no_file);
    ON_EVERY_MPM(tc, events_and_debug_output_are_lines_of_the_log);
    ON_EVERY_MPM(tc, a_file_is_sent_from_its_handle);
    ON_EVERY_MPM(tc, settings_are_read_from_an_ini_file);
    ON_EVERY_MPM(tc, work_items_and_waits_complete_requests);
    ON_EVERY_MPM(tc, module_and_program_have_their_names);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("windows", add, 120);
}
