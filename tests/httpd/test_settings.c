/* test_settings.c: modules that read their settings under httpd: by path, by
 * site, again after a restart; and files that keep httpd from starting.
 */
#include <check.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;
static char folder[64];

static void setup(void)
{
    strcpy(folder, "/tmp/iisr-settings-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    chmod(folder, 0755);
}

static void teardown(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
}

/* Each %s is the folder. */
static const char *with_folder(const char *text)
{
    static char line[1024];

    snprintf(line, sizeof(line), text, folder, folder, folder);
    return line;
}

static const char host_config[] =
    "<configuration>\n"
    "<system.webServer><settings enabled=\"true\" limit=\"10\">"
    "<nested text=\"root\"/><add name=\"a\"/><add name=\"b\"/></settings>"
    "</system.webServer>\n"
    "<location path=\"localhost/sub\"><system.webServer>"
    "<settings enabled=\"false\"><remove name=\"a\"/><add name=\"c\"/>"
    "</settings></system.webServer></location>\n"
    "</configuration>\n";

static void expect(const char *path, const char *host, const char *settings)
{
    char request[512];
    const char *text;

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s\r\n"
             "Connection: close\r\n\r\n", path, host);
    text = client_once(server.port, request);
    snprintf(request, sizeof(request), "X-Settings: %s\r\n", settings);
    ck_assert_msg(strstr(text, request) != NULL, "%s%s: not %s but\n%s", host,
                  path, settings, text);
}

START_TEST(settings_are_those_of_the_path)
{
    write_file("host.config", host_config);
    server_start(&server, _i, "settings=settings", "",
                 with_folder("IISConfig %s/host.config\n"));
    expect("/file.txt", "localhost", "on 10 root [a,b,]");
    expect("/sub/x", "localhost", "off 10 root [b,c,]");
    expect("/SUB", "localhost", "off 10 root [b,c,]");
    expect("/subway", "localhost", "on 10 root [a,b,]");
    server_stop(&server);
}
END_TEST

START_TEST(a_site_has_a_file_of_its_own)
{
    write_file("host.config", host_config);
    write_file("web.config", "<configuration><system.webServer>"
               "<settings limit=\"20\"><nested text=\"site\"/><clear/>"
               "</settings></system.webServer><location path=\"deep\">"
               "<system.webServer><settings><add name=\"d\"/></settings>"
               "</system.webServer></location></configuration>");
    server_start(&server, _i, "settings=settings", "",
                 with_folder("IISConfig %s/host.config\n"
                             "<VirtualHost *>\nServerName localhost\n"
                             "</VirtualHost>\n"
                             "<VirtualHost *>\nServerName one.example\n"
                             "IISConfig %s/web.config\n</VirtualHost>\n"));
    expect("/file.txt", "localhost", "on 10 root [a,b,]");
    expect("/file.txt", "one.example", "on 20 site []");
    expect("/deep/file", "one.example", "on 20 site [d,]");
    server_stop(&server);
}
END_TEST

START_TEST(a_schema_gives_what_the_file_leaves_out)
{
    write_file("schema.xml", "<configSchema><sectionSchema "
               "name=\"system.webServer/settings\"><attribute name=\"enabled\""
               " type=\"bool\" defaultValue=\"true\"/><attribute "
               "name=\"limit\" type=\"uint\" defaultValue=\"7\"/><element "
               "name=\"nested\"><attribute name=\"text\" type=\"string\" "
               "defaultValue=\"default\"/></element><collection "
               "addElement=\"rule\"><attribute name=\"name\" type=\"string\" "
               "isUniqueKey=\"true\"/></collection></sectionSchema>"
               "</configSchema>");
    write_file("host.config", "<configuration><location path=\"localhost/x\">"
               "<system.webServer><settings limit=\"8\"><rule name=\"r\"/>"
               "</settings></system.webServer></location></configuration>");
    server_start(&server, _i, "settings=settings", "",
                 with_folder("IISConfigSchema %s/schema.xml\n"
                             "IISConfig %s/host.config\n"));
    expect("/file.txt", "localhost", "on 7 default []");
    expect("/x", "localhost", "on 8 default [r,]");
    server_stop(&server);
}
END_TEST

START_TEST(the_manager_can_be_created_by_its_class)
{
    reply_t reply;
    char url[128];

    write_file("host.config", host_config);
    server_start(&server, _i, "settings=settings", "",
                 with_folder("IISConfig %s/host.config\n"));
    server_expect("IISR0701");
    snprintf(url, sizeof(url), "%s/file.txt?byclass", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_str_eq(reply_header(&reply, "X-Class"), "yes");
    ck_assert_str_eq(reply_header(&reply, "X-File"),
                     with_folder("%s/host.config"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(without_a_file_a_section_is_not_found)
{
    server_start(&server, _i, "settings=settings", "", NULL);
    server_expect("IISR0702");
    expect("/file.txt", "localhost", "0x80070002");
    server_stop(&server);
}
END_TEST

static void *many(void *data)
{
    int i;

    for (i = 0; i < 100; i++) {
        reply_t reply;
        char url[128];

        snprintf(url, sizeof(url), "%s%s", server.url,
                 i % 2 ? "/sub/file" : "/file.txt");
        client_get(&reply, url, 0, NULL);
        /* Not reply_header, whose answer is static. */
        if (reply.curl == CURLE_OK && strstr(reply.headers, i % 2
                ? "X-Settings: off 10 root [b,c,]\r\n"
                : "X-Settings: on 10 root [a,b,]\r\n")) {
            __atomic_fetch_add((int *)data, 1, __ATOMIC_RELAXED);
        }
        client_free(&reply);
    }
    return NULL;
}

START_TEST(many_threads_read_and_nothing_is_held)
{
    pthread_t threads[4];
    int right = 0, i;

    write_file("host.config", host_config);
    server_start(&server, _i, "settings=settings", "",
                 with_folder("IISConfig %s/host.config\n"));
    for (i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, many, &right);
    }
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_int_eq(right, 400);
    /* Ends when the workers are done with the others' connections. */
    expect("/file.txt", "localhost", "on 10 root [a,b,]");
    ck_assert_ptr_null(strstr(server_log(&server), "did not release"));
    server_stop(&server);
}
END_TEST

static const struct {
    const char *config, *file, *says[2];
} wrong[] = {
    { "IISConfig %s/x", "<configuration>\n<a>\n</configuration>",
      { "IISConfig: ", "/x:3: mismatched tag" } },
    { "IISConfig %s/x", "<web/>",
      { "IISR0703: ", "/x:1: the root is 'web', not configuration" } },
    { "IISConfig %s/missing", "", { "IISConfig: ", "/missing: No such" } },
    { "IISConfigSchema %s/x", "<configSchema>\n<a/></configSchema>",
      { "IISConfigSchema: ", "/x:2: 'a' has no meaning here" } },
    { "IISConfig %s/x\nIISConfig %s/x", "<configuration/>",
      { "IISConfig: there is one already, ", "/x" } },
    { "<VirtualHost *>\nServerName a\nIISConfig %s/x\n</VirtualHost>\n"
      "<VirtualHost *>\nServerName A\nIISConfig %s/y\n</VirtualHost>",
      "<configuration/>", { "IISR0703: IISConfig: the site A has two files, ",
                            "/y" } },
    { "IISConfig %s/x\n"
      "<VirtualHost *>\nServerName a\nIISConfig %s/y\n</VirtualHost>",
      "<configuration><system.webServer>\n<settings limit=\"1\" "
      "lockAttributes=\"limit\"/></system.webServer></configuration>",
      { "/y:2: lock violation (0x80070021): attribute 'limit' is locked by ",
        "/x:2" } },
    { "<Location /a>\nIISConfig %s/x\n</Location>", "<configuration/>",
      { "IISConfig not allowed", "" } }
};

START_TEST(what_is_wrong_is_named_exactly)
{
    const char *text;
    int ok, i;

    write_file("x", wrong[_i].file);
    write_file("y", wrong[_i].file);
    text = server_configtest(with_folder(wrong[_i].config), &ok);
    ck_assert_msg(!ok, "accepted: %s", wrong[_i].config);
    for (i = 0; i < 2; i++) {
        ck_assert_msg(strstr(text, wrong[_i].says[i]) != NULL,
                      "'%s' not in: %s", wrong[_i].says[i], text);
    }
}
END_TEST

START_TEST(a_restart_reads_the_file_again)
{
    int tries;

    write_file("host.config", host_config);
    server_start(&server, _i, "settings=settings", "",
                 with_folder("IISConfig %s/host.config\n"));
    expect("/file.txt", "localhost", "on 10 root [a,b,]");
    write_file("host.config", "<configuration><system.webServer>"
               "<settings enabled=\"false\" limit=\"11\">"
               "<nested text=\"new\"/></settings></system.webServer>"
               "</configuration>");
    expect("/file.txt", "localhost", "on 10 root [a,b,]");
    server_graceful(&server);
    for (tries = 0; tries < 200; tries++) {
        if (strstr(client_once(server.port, "GET / HTTP/1.0\r\n\r\n"),
                   "X-Settings: off 11 new []")) {
            break;
        }
        usleep(100000);
    }
    ck_assert_int_lt(tries, 200);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    ON_EVERY_MPM(tc, settings_are_those_of_the_path);
    ON_EVERY_MPM(tc, a_site_has_a_file_of_its_own);
    tcase_add_loop_test(tc, a_schema_gives_what_the_file_leaves_out, 0, 1);
    tcase_add_loop_test(tc, the_manager_can_be_created_by_its_class, 0, 1);
    tcase_add_loop_test(tc, without_a_file_a_section_is_not_found, 0, 1);
    ON_EVERY_MPM(tc, many_threads_read_and_nothing_is_held);
    tcase_add_loop_test(tc, what_is_wrong_is_named_exactly, 0,
                        (int)(sizeof(wrong) / sizeof(wrong[0])));
    tcase_add_loop_test(tc, a_restart_reads_the_file_again, 0, 1);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("settings", add, 60);
}
