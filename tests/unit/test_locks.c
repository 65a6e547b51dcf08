/* test_locks.c: what the server's configuration file locks, a site's file may
 * not say.  The rows are those of IIS's articles about locking.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "core/apphost.h"

static apr_pool_t *pool;
static iisr_apphost_t *apphost;
static char folder[] = "/tmp/iisresp-locks-XXXXXX";

static void setup(void)
{
    strcpy(folder, "/tmp/iisresp-locks-XXXXXX");
    apr_initialize();
    apr_pool_create(&pool, NULL);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    apphost = iisr_apphost_create(pool);
}

static void teardown(void)
{
    unlink(apr_pstrcat(pool, folder, "/host.config", NULL));
    unlink(apr_pstrcat(pool, folder, "/web.config", NULL));
    rmdir(folder);
    apr_pool_destroy(pool);
    apr_terminate();
}

static const char *read_file(const char *name, const char *text,
                             const char *at)
{
    const char *path = apr_pstrcat(pool, folder, "/", name, NULL);
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return iisr_apphost_read(apphost, path, at);
}

#define WEB(text) "<system.webServer>" text "</system.webServer>"
#define SECTIONS(how) "<configSections><sectionGroup name=" \
    "\"system.webServer\"><section name=\"m\" " how "/></sectionGroup>" \
    "</configSections>\n"

/* server: what the server's file says, its second line on; site: the third
 * line on of the site's.  wrong: NULL, or what the message has. */
static const struct {
    const char *server, *site, *wrong;
} rows[] = {
    /* sections */
    { SECTIONS("overrideModeDefault=\"Deny\""), WEB("<m/>"),
      "web.config:3: lock violation (0x80070021): section "
      "'system.webServer/m' is locked by " },
    { SECTIONS("overrideModeDefault=\"Deny\""),
      "<location path=\"deep/er\">" WEB("<m a=\"1\"/>") "</location>",
      "section 'system.webServer/m'" },
    { SECTIONS("overrideModeDefault=\"Allow\""), WEB("<m/>"), NULL },
    { SECTIONS(""), WEB("<m/>"), NULL },
    { SECTIONS("overrideModeDefault=\"Deny\"")
      WEB("<m a=\"1\"/>") "<location path=\"Site\">" WEB("<m a=\"2\"/>")
      "</location>", WEB("<n/>"), NULL },
    { SECTIONS("allowDefinition=\"AppHostOnly\""), WEB("<m/>"),
      "section 'system.webServer/m'" },
    { SECTIONS("allowDefinition=\"MachineToApplication\""), WEB("<m/>"),
      NULL },
    { SECTIONS("allowLocation=\"false\"") WEB("<m a=\"1\"/>")
      "<location path=\".\">" WEB("<m a=\"2\"/>") "</location>",
      WEB("<m/>"), NULL },
    { SECTIONS("allowLocation=\"false\""),
      "<location path=\"a\">" WEB("<m/>") "</location>",
      "section 'system.webServer/m' may not stand in a location" },
    { SECTIONS("allowLocation=\"false\"")
      "<location path=\"Site/a\">" WEB("<m a=\"1\"/>") "</location>",
      WEB("<m/>"), "section 'system.webServer/m' may not stand" },
    /* locations */
    { SECTIONS("overrideModeDefault=\"Deny\"")
      "<location overrideMode=\"Allow\">" WEB("<m a=\"1\"/>")
      "</location>", WEB("<m a=\"2\"/>"), NULL },
    { SECTIONS("overrideModeDefault=\"Deny\"")
      "<location path=\"Site\" overrideMode=\"Allow\">" WEB("<m/>")
      "</location>", WEB("<m a=\"2\"/>"), NULL },
    { SECTIONS("overrideModeDefault=\"Deny\"")
      "<location path=\"Other\" overrideMode=\"Allow\">" WEB("<m/>")
      "</location>", WEB("<m a=\"2\"/>"), "section 'system.webServer/m'" },
    { "\n<location path=\".\" overrideMode=\"Deny\">" WEB("<m/>")
      "</location>", WEB("<m a=\"2\"/>"), "host.config:3" },
    { "<location path=\"Site\" overrideMode=\"Deny\">" WEB("<m/>")
      "</location>", WEB("<m a=\"2\"/>"), "section 'system.webServer/m'" },
    { "<location path=\"Site\" allowOverride=\"false\">" WEB("<m/>")
      "</location>", WEB("<m a=\"2\"/>"), "section 'system.webServer/m'" },
    { "<location path=\"Site\" overrideMode=\"Inherit\">" WEB("<m/>")
      "</location>", WEB("<m a=\"2\"/>"), NULL },
    { "<location path=\"Site\" overrideMode=\"Deny\">" WEB("<m/>")
      "</location>", WEB("<n/>"), NULL },
    { WEB("<m lockItem=\"true\"/>"), WEB("<m/>"),
      "element 'm' is locked" },
    /* attributes: the value does not matter */
    { WEB("<m a=\"1\" lockAttributes=\"a\"/>"), WEB("<m a=\"1\"/>"),
      "attribute 'a' is locked by " },
    { WEB("<m a=\"1\" lockAttributes=\"a\"/>"), WEB("<m b=\"1\"/>"),
      NULL },
    { WEB("<m lockAttributes=\"x, a ,y\"/>"), WEB("<m a=\"1\"/>"),
      "attribute 'a'" },
    { WEB("<m lockAttributes=\"aa\"/>"), WEB("<m a=\"1\"/>"), NULL },
    { WEB("<m lockAttributes=\"*\"/>"), WEB("<m b=\"1\"/>"),
      "attribute 'b'" },
    { WEB("<m lockAttributes=\"*\"/>"), WEB("<m><c b=\"1\"/></m>"), NULL },
    { WEB("<m lockAllAttributesExcept=\"a\"/>"), WEB("<m b=\"1\"/>"),
      "attribute 'b'" },
    { WEB("<m lockAllAttributesExcept=\"a\"/>"), WEB("<m a=\"1\"/>"),
      NULL },
    /* elements */
    { WEB("<m lockElements=\"c\"><c a=\"1\"/></m>"),
      WEB("<m b=\"1\">\n<c/></m>"),
      "web.config:4: lock violation (0x80070021): element 'c' is locked" },
    { WEB("<m lockElements=\"c\"/>"), WEB("<m b=\"1\"><d/></m>"), NULL },
    { WEB("<m lockAllElementsExcept=\"d\"/>"), WEB("<m><d/></m>"), NULL },
    { WEB("<m lockAllElementsExcept=\"d\"/>"), WEB("<m><c/></m>"),
      "element 'c'" },
    { WEB("<m><c a=\"1\" lockAttributes=\"a\"/></m>"),
      WEB("<m><c a=\"2\"/></m>"), "attribute 'a'" },
    /* collections */
    { WEB("<m><p lockElements=\"remove,clear\"><add v=\"1\"/></p></m>"),
      WEB("<m><p><add v=\"2\"/></p></m>"), NULL },
    { WEB("<m><p lockElements=\"remove,clear\"><add v=\"1\"/></p></m>"),
      WEB("<m><p><remove v=\"1\"/></p></m>"), "element 'remove'" },
    { WEB("<m><p><add v=\"1\"/><add v=\"2\" lockItem=\"true\"/></p></m>"),
      WEB("<m><p><remove v=\"2\"/></p></m>"), "entry 'add' is locked" },
    { WEB("<m><p><add v=\"1\"/><add v=\"2\" lockItem=\"true\"/></p></m>"),
      WEB("<m><p><clear/></p></m>"), "entry 'add' is locked" },
    { WEB("<m><p><add v=\"1\"/><add v=\"2\" lockItem=\"true\"/></p></m>"),
      WEB("<m><p><remove v=\"1\"/><add v=\"3\"/></p></m>"), NULL }
};

START_TEST(a_site_is_bound_by_the_locks_of_the_server)
{
    const char *error;

    ck_assert_ptr_null(read_file("host.config", apr_pstrcat(pool,
        "<configuration>\n", rows[_i].server, "</configuration>", NULL),
        ""));
    ck_assert_ptr_null(read_file("web.config", apr_pstrcat(pool,
        "<configuration>\n\n", rows[_i].site, "</configuration>", NULL),
        "Site"));
    error = iisr_apphost_seal(apphost);
    if (rows[_i].wrong) {
        ck_assert_msg(error && strstr(error, rows[_i].wrong), "%d: %s", _i,
                      error ? error : "no error");
    }
    else {
        ck_assert_msg(!error, "%d: %s", _i, error);
    }
}
END_TEST

/* No file is bound by itself, and the server's by none. */
START_TEST(a_file_may_say_what_it_locks)
{
    ck_assert_ptr_null(read_file("host.config", "<configuration>"
        WEB("<m a=\"1\" lockAttributes=\"a\"><p lockElements=\"add\"/></m>")
        "<location path=\"Site/below\">"
        WEB("<m a=\"2\" b=\"1\"><p><add v=\"1\"/></p></m>") "</location>"
        "</configuration>", ""));
    ck_assert_ptr_null(read_file("web.config", "<configuration>"
        WEB("<m b=\"3\" lockAttributes=\"b\"/>")
        "<location path=\"other\">" WEB("<m b=\"4\"/>") "</location>"
        "</configuration>", "Site"));
    ck_assert_ptr_null(iisr_apphost_seal(apphost));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("locks");
    TCase *tc = tcase_create("locks");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_site_is_bound_by_the_locks_of_the_server, 0,
                        sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tc, a_file_may_say_what_it_locks);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
