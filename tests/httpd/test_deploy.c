/* test_deploy.c: a module's file is written over while the server runs, and
 * what a restart makes of what lies there then.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;
static char source[256];                /* of the module, in a folder of its
                                         * own */

static void run(const char *format, const char *a, const char *b)
{
    char command[1024];

    snprintf(command, sizeof(command), format, a, b);
    ck_assert_msg(!system(command), "%s", command);
}

/* As cp and a linker do it: the same file, written anew. */
static void put(const char *name)
{
    run("cp \"%s\" \"%s\"", port_path(name), source);
}

static void begin(const char *folder)
{
    static int n;

    snprintf(source, sizeof(source), "/tmp/iisresp-deploy-%d-%d%s/own.so",
             (int)getpid(), n++, folder);
    run("mkdir -p \"$(dirname \"%s\")\"%s", source, "");
}

static void end(void)
{
    server_stop(&server);
    run("rm -rf \"$(dirname \"%s\")\"%s", source, "");
}

static void start(int mpm, const char *extra)
{
    char all[1024];

    snprintf(all, sizeof(all), "IISModule own \"%s\"\n%s", source,
             extra ? extra : "");
    server_start(&server, mpm, "", "", all);
}

/* What X-Twin says, 0 without it. */
static int twin(void)
{
    char url[128];
    reply_t reply;
    const char *value;
    int n;

    snprintf(url, sizeof(url), "%s/file.txt", server.url);
    client_get(&reply, url, 0, NULL);
    value = reply_header(&reply, "X-Twin");
    n = reply.status == 200 && value ? atoi(value) : 0;
    client_free(&reply);
    return n;
}

static void await_twin(int n)
{
    int turn, is;

    for (turn = 0; (is = twin()) != n && turn < 200; turn++) {
        usleep(50000);
    }
    ck_assert_int_eq(is, n);
}

static void await_log(const char *text, int times)
{
    int turn;

    for (turn = 0; server_count(server_log(&server), text) < times
                   && turn < 200; turn++) {
        usleep(50000);
    }
    ck_assert_msg(server_count(server_log(&server), text) >= times,
                  "%d times: %s", times, text);
}

/* Neither the children nor the parent, which closes the old one. */
START_TEST(a_file_may_be_written_over)
{
    char said[400];
    int turn;

    begin("");
    put("twin1");
    start(_i, NULL);
    snprintf(said, sizeof(said), "module own: %s, build ", source);
    await_log(said, 1);
    for (turn = 0; turn < 10; turn++) {
        ck_assert_int_eq(twin(), 1000);
        put(turn & 1 ? "twin1" : "twin2");
        run("truncate -s %2$s '%1$s'", source, turn == 5 ? "0" : "9000");
    }
    put("twin2");
    server_graceful(&server);
    await_twin(2000);
    await_log(said, 2);
    ck_assert_int_eq(kill(server.pid, 0), 0);
    ck_assert_msg(!strstr(server_log(&server), "IISR0304"), "in place");
    /* Nothing is left beside it. */
    run("test \"$(ls -A \"$(dirname '%s')\")\" = own.so%s", source, "");
    end();
}
END_TEST

/* What httpd does with a module of its own: it says so and ends. */
static void broken(int mpm, const char *how, const char *words)
{
    char reason[400];

    begin("");
    put("twin1");
    start(mpm, NULL);
    ck_assert_int_eq(twin(), 1000);
    run(how, source, port_path("careless"));
    server_graceful(&server);
    snprintf(reason, sizeof(reason), "IISModule own: %s: ", source);
    await_log(reason, 1);
    ck_assert_msg(strstr(server_log(&server), words) != NULL, "%s: %s", words,
                  strstr(server_log(&server), reason));
    server_expect("");
    end();
}

START_TEST(what_cannot_be_loaded_is_named)
{
    broken(_i, "truncate -s 9000 '%s' # %s", "is cut off after 9000 bytes");
    broken(_i, ": >'%s' # %s", "an empty file");
    broken(_i, "echo nothing >'%s' # %s", "no ELF shared object (8 bytes)");
    /* Its dynamic section is gone. */
    broken(_i, "dd if=/dev/zero of='%s' bs=4096 seek=1 count=8 conv=notrunc "
               "status=none # %s", "own.so");
    broken(_i, "rm '%s' # %s", "No such file");
}
END_TEST

/* A constructor that dies. */
START_TEST(what_ends_a_process_is_named)
{
    broken(_i, "echo 'static int n = *(volatile int *)8;' | c++ -fPIC -shared "
               "-x c++ -o '%s' - # %s",
           server_is_sanitized() ? "exit code 1" : "signal 11");
    broken(_i, "printf '#include <stdlib.h>\\nstatic int n = (exit(3), 1);' "
               "| c++ -fPIC -shared -x c++ -o '%s' - # %s", "exit code 3");
}
END_TEST

START_TEST(blanks_and_quotes_are_part_of_a_path)
{
    begin(" a b/c's (1)");
    put("twin1");
    start(_i, "<Location /file.txt>\n    IISModules none \"+Own\"\n"
              "</Location>\n");
    ck_assert_int_eq(twin(), 1000);
    end();
}
END_TEST

/* Its libraries are beside it, and its own name is the one it was built as. */
START_TEST(a_copy_knows_where_it_comes_from)
{
    static const char text[] =
        "#include <windows.h>\n#include <httpserv.h>\n#include <stdlib.h>\n"
        "extern \"C\" int beside(void);\n"
        "class M : public CHttpModule { REQUEST_NOTIFICATION_STATUS "
        "OnBeginRequest(IHttpContext *p, IHttpEventProvider *) { "
        "char path[MAX_PATH]; HMODULE self = GetModuleHandleA(\"own.dll\"); "
        "GetModuleFileNameA(self, path, MAX_PATH); "
        "p->GetResponse()->SetHeader(\"X-Twin\", beside() == 7 "
        "&& !strcmp(path, getenv(\"IISR_TEST_PATH\")) ? \"7\" : \"8\", 1, "
        "TRUE); return RQ_NOTIFICATION_CONTINUE; } };\n"
        "class F : public IHttpModuleFactory { public: virtual ~F() {} "
        "HRESULT GetHttpModule(CHttpModule **m, IModuleAllocator *) "
        "{ *m = new M; return S_OK; } void Terminate() { delete this; } };\n"
        "HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo "
        "*i, IHttpServer *) { return i->SetRequestNotifications(new F, "
        "RQ_BEGIN_REQUEST, 0); }\n";
    char name[300];
    FILE *f;

    begin("");
    snprintf(name, sizeof(name), "%s.cpp", source);
    ck_assert_ptr_nonnull((f = fopen(name, "w")));
    fputs(text, f);
    fclose(f);
    run("d=$(dirname %s); echo 'extern \"C\" int beside(void) { return 7; }' "
        "| c++ -fPIC -shared -x c++ -o $d/libbeside.so -%s", source, "");
    run("d=$(dirname %1$s); c++ -std=c++17 -fPIC -shared -fno-gnu-unique "
        "-Iinclude/iis -o %1$s %1$s.cpp -L$d -lbeside "
        "-Wl,-rpath,'$ORIGIN'%2$s", source, "");
    setenv("IISR_TEST_PATH", source, 1);
    start(_i, NULL);
    ck_assert_int_eq(twin(), 7);
    end();
}
END_TEST

START_TEST(a_name_is_taken_in_any_case)
{
    char line[1024];
    const char *text;
    int ok;

    snprintf(line, sizeof(line), "IISModule shop %s\n",
             port_path("twin1"));
    snprintf(line + strlen(line), sizeof(line) - strlen(line),
             "IISModule Shop %s\n", port_path("twin2"));
    text = server_configtest(line, &ok);
    ck_assert(!ok);
    ck_assert_msg(strstr(text, "a module of this name is already loaded")
                  != NULL, "%s", text);
}
END_TEST

/* Where no file can be made beside it, as its name would be too long, it is
 * copied into memory. */
START_TEST(a_copy_needs_no_folder)
{
    char extra[1024], name[251];

    begin("");
    put("twin1");
    memset(name, 'n', 250);
    name[250] = '\0';
    run("mv %1$s \"$(dirname %1$s)/%2$s\"", source, name);
    snprintf(strrchr(source, '/'), 2, "/");
    snprintf(extra, sizeof(extra), "IISModule own \"%s%s\"\n", source, name);
    server_start(&server, _i, "", "", extra);
    ck_assert_int_eq(twin(), 1000);
    run("truncate -s 0 \"%s%s\"", source, name);
    ck_assert_int_eq(twin(), 1000);
    ck_assert_msg(!strstr(server_log(&server), "IISR0304"), "in place");
    server_stop(&server);
    run("rm -rf \"%s\"%s", source, "");
}
END_TEST

START_TEST(one_file_is_one_library)
{
    char extra[1024];

    begin("");
    put("twin1");
    snprintf(extra, sizeof(extra), "IISModule again \"%s\"\n", source);
    start(_i, extra);
    /* Both registered, by one function and its statics. */
    ck_assert_int_eq(twin(), 1000);
    await_log("module again: ", 1);
    end();
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_file_may_be_written_over);
    ON_EVERY_MPM(tc, what_cannot_be_loaded_is_named);
    ON_EVERY_MPM(tc, what_ends_a_process_is_named);
    ON_EVERY_MPM(tc, blanks_and_quotes_are_part_of_a_path);
    ON_EVERY_MPM(tc, a_copy_needs_no_folder);
    ON_EVERY_MPM(tc, one_file_is_one_library);
    tcase_add_loop_test(tc, a_copy_knows_where_it_comes_from, mpm_from(),
                        mpm_from() + 1);
    tcase_add_test(tc, a_name_is_taken_in_any_case);
}

int main(void)
{
    return run_tests("deploy", add, 90);
}
