/* test_closed.c: a module that is configured and cannot work lets nobody in:
 * nothing in its scope is served, and what is not in it is.  The ports
 * `guards` and `attach` fail by name and by environment.
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

static void put(const char *name, const char *text)
{
    char path[160];
    FILE *f;

    snprintf(path, sizeof(path), "%s/htdocs/%s", server.root, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
}

static void folder(const char *name)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/htdocs/%s", server.root, name);
    ck_assert_int_eq(mkdir(path, 0755), 0);
}

static void fill(void)
{
    folder("closed");
    folder("open");
    folder("open/dir");
    put("closed/page.txt", SECRET "\n");
    put("open/page.txt", "open\n");
    put("open/.htaccess", "RewriteEngine On\nRewriteRule ^rewritten "
        "/closed/page.txt [PT]\nErrorDocument 404 /closed/page.txt\n");
    put("open/dir/.htaccess", "DirectoryIndex /closed/page.txt\n");
    put("open/inc.shtml", "<!--#include virtual=\"/closed/page.txt\" -->\n");
}

/* Its status, 1000 more when the secret is out. */
static int get(const char *path)
{
    char request[256];
    const char *text;

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost"
             "\r\nConnection: close\r\n\r\n", path);
    text = client_once(server.port, request);
    return atoi(text + 9) + (strstr(text, SECRET) ? 1000 : 0);
}

static const char extra[] =
    "<Directory ${ROOT}/htdocs>\nAllowOverride All\nOptions +Includes\n"
    "</Directory>\nAddType text/html .shtml\n"
    "AddOutputFilter INCLUDES .shtml\n";

static const struct {
    const char *module;         /* name=port */
    int status;
    const char *id;             /* of the request's line */
    const char *start;          /* of the process's line, or NULL */
} kinds[] = {
    { "noregister=guards", 503, "IISR0306", "IISR0302: module noregister: "
      "RegisterModule failed with 0x80070002 (" },
    { "noinstance=guards", 500, "IISR0001: module noinstance: GetHttpModule "
      "failed with 0x8007000E, the request is answered with 500", NULL },
    { "attach=attach", 503, "IISR0306", "IISR0901: module attach: DllMain "
      "returned FALSE (" }
};
#define NKINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

static const char *name_of(int kind)
{
    static char name[32];

    snprintf(name, sizeof(name), "%.*s",
             (int)strcspn(kinds[kind].module, "="), kinds[kind].module);
    return name;
}

static void start(int mpm, int kind, const char *config)
{
    char text[2048];

    setenv("IISR_REFUSE", "1", 1);
    snprintf(text, sizeof(text), "%s%s", extra, config);
    server_start(&server, mpm, kinds[kind].module, "include rewrite status",
                 text);
    fill();
    server_expect(kinds[kind].id);
    server_expect("unable to include");
    if (kinds[kind].start) {
        server_expect(kinds[kind].start);
    }
}

/* _i: MPM and kind. */
START_TEST(what_cannot_work_lets_nobody_in)
{
    int kind = _i / MPMS, status = kinds[kind].status;

    start(_i % MPMS, kind, "<Location /status>\nSetHandler server-status\n"
          "</Location>\n");
    ck_assert_int_eq(get("/closed/page.txt"), status);
    ck_assert_int_eq(get("/open/page.txt"), status);
    ck_assert_int_eq(get("/open/rewritten"), status);
    ck_assert_int_eq(get("/open/dir/"), status);
    ck_assert_int_eq(get("/open/missing"), status);
    ck_assert_int_eq(get("/status"), status);
    if (kinds[kind].start) {
        const char *line = strstr(server_log(&server), kinds[kind].start);

        ck_assert_ptr_nonnull(line);
        ck_assert_ptr_nonnull(strstr(line, " optional"));
    }
    ck_assert_ptr_nonnull(strstr(server_log(&server), kinds[kind].id));
    server_stop(&server);
}
END_TEST

static const struct {
    const char *open, *close;
} sections[] = {
    { "<Directory ${ROOT}/htdocs/closed>", "</Directory>" },
    { "<Location /closed>", "</Location>" },
    { "<Directory ${ROOT}/htdocs/closed>\n<Files page.txt>",
      "</Files>\n</Directory>" },
    { "<If \"%{REQUEST_URI} =~ m#^/closed#\">", "</If>" }
};

static void only_in(int mpm, int kind, int section)
{
    int status = kinds[kind].status;
    char config[512];

    snprintf(config, sizeof(config), "IISModules none\n%s\nIISModules +%s\n"
             "%s\n", sections[section].open, name_of(kind),
             sections[section].close);
    start(mpm, kind, config);
    /* As an error page is logged that brought it into scope. */
    server_expect("IISR0001: module noinstance: ");
    ck_assert_int_eq(get("/open/page.txt"), 200);
    ck_assert_int_eq(get("/closed/page.txt"), status);
    ck_assert_int_eq(get("/open/rewritten"), status);
    ck_assert_int_ge(get("/open/dir/"), 400);
    ck_assert_int_le(get("/open/dir/"), 599);
    ck_assert_int_eq(get("/open/missing"), 404);
    ck_assert_int_eq(get("/open/inc.shtml"), 200);
    server_stop(&server);
}

START_TEST(nor_in_its_scope_whichever_way)
{
    size_t i;

    for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        only_in(_i % MPMS, _i / MPMS, (int)i);
    }
}
END_TEST

START_TEST(where_it_was_taken_out_requests_are_served)
{
    char config[256];
    int kind = _i / MPMS;

    snprintf(config, sizeof(config), "<Directory ${ROOT}/htdocs/closed>\n"
             "IISModules -%s\n</Directory>\n", name_of(kind));
    start(_i % MPMS, kind, config);
    ck_assert_int_eq(get("/closed/page.txt"),
                     kind == 1 ? kinds[kind].status : 1200);
    ck_assert_int_eq(get("/open/page.txt"), kinds[kind].status);
    server_stop(&server);
}
END_TEST

START_TEST(what_is_optional_may_be_missing)
{
    char config[1024];
    size_t n;

    setenv("IISR_REFUSE", "1", 1);
    n = (size_t)snprintf(config, sizeof(config), "%sDefine PORT_FILE %s\n",
                         extra, port_path("guards"));
    snprintf(config + n, sizeof(config) - n,
             "IISModule noregister ${PORT_FILE} optional\n"
             "IISModule noinstance ${PORT_FILE} optional\n"
             "IISModule attach %s Optional\n"
             "IISModule gone ${ROOT}/no/such.so optional\n"
             "IISModule broken ${ROOT}/httpd.conf optional\n"
             "IISModule quiet ${PORT_FILE} optional\nIISModules +gone\n"
             "<Location /gone>\nSetHandler iis:gone\n</Location>\n",
             port_path("attach"));
    server_start(&server, _i, "", "include rewrite", config);
    fill();
    server_expect("IISR0302: module noregister: RegisterModule failed with "
                  "0x80070002 (");
    server_expect("IISR0901");
    server_expect("IISR0307: IISModule gone: ");
    server_expect("IISR0307: IISModule broken: ");
    server_expect("it takes no part in this request");
    server_expect("IISR0305: the handler \"iis:gone\" names gone, which "
                  "handles no requests");
    ck_assert_int_eq(get("/closed/page.txt"), 1200);
    ck_assert_int_eq(get("/open/rewritten"), 1200);
    ck_assert_int_eq(get("/open/missing"), 1404);
    ck_assert_int_eq(get("/gone"), 500);
    ck_assert_ptr_nonnull(strstr(server_log(&server),
                                 " AuthorizeRequest: quiet"));
    ck_assert_ptr_nonnull(strstr(server_log(&server), "it is optional, "
                                 "requests do without it"));
    server_stop(&server);
}
END_TEST

/* The first requests of a process: later ones have memory of those that
 * ended. */
START_TEST(without_memory_a_request_is_not_served)
{
    char file[64];

    snprintf(file, sizeof(file), "/tmp/iisresp-starve-%d", (int)getpid());
    setenv("IISR_STARVE", file, 1);
    server_preload("starve");
    server_start(&server, MPM_EVENT, "quiet=guards", "include rewrite", extra);
    fill();
    /* No request to modules, and its process is there. */
    ck_assert_ptr_nonnull(strstr(client_once(server.port, "bad\r\n\r\n"),
                                 "400"));
    fclose(fopen(file, "w"));
    chmod(file, 0644);
    server_expect("IISR0403: no memory for a request: it is answered with "
                  "500");
    server_expect("unable to include");
    ck_assert_int_eq(get("/closed/page.txt"), 500);
    ck_assert_int_eq(get("/open/rewritten"), 500);
    ck_assert_int_eq(get("/open/missing"), 500);
    ck_assert_int_eq(get("/open/inc.shtml"), 500);
    unlink(file);
    ck_assert_int_eq(get("/closed/page.txt"), 1200);
    ck_assert_int_eq(get("/open/rewritten"), 1200);
    ck_assert_ptr_nonnull(strstr(server_log(&server), "IISR0403"));
    server_stop(&server);
}
END_TEST

START_TEST(what_is_not_optional_is_found_by_configtest)
{
    static const char *const lines[] = {
        "IISModule gone /no/such.so", "IISModule gone /no/such.so maybe",
        "IISModule gone /no/such.so optional"
    };
    const char *said;
    int ok;

    said = server_configtest(lines[_i], &ok);
    ck_assert_msg(ok == (_i == 2), "%s", said);
    ck_assert_ptr_nonnull(strstr(said, _i == 1 ? "'maybe' is not \"optional\""
                                 : "/no/such.so: No such file"));
}
END_TEST

static void add(TCase *tc)
{
    int kind, mpm;

    for (kind = 0; kind < NKINDS; kind++) {
        for (mpm = mpm_from(); mpm < mpm_to(); mpm++) {
            int i = kind * MPMS + mpm;

            tcase_add_loop_test(tc, what_cannot_work_lets_nobody_in, i,
                                i + 1);
            tcase_add_loop_test(tc, nor_in_its_scope_whichever_way, i, i + 1);
            tcase_add_loop_test(tc, where_it_was_taken_out_requests_are_served,
                                i, i + 1);
        }
    }
    ON_EVERY_MPM(tc, what_is_optional_may_be_missing);
    /* One process. */
    if (mpm_from() == MPM_EVENT) {
        tcase_add_test(tc, without_memory_a_request_is_not_served);
    }
    tcase_add_loop_test(tc, what_is_not_optional_is_found_by_configtest, 0,
                        3);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("closed", add, 120);
}
