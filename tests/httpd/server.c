/* server.c: starting, stopping and auditing httpd; see server.h. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "server.h"

const char *const mpm_names[] = { "event", "worker", "prefork" };

static char expected[32][128];
static int nexpected;
static pid_t runner;            /* the program; each test is a child of it */

/* --- where things are --------------------------------------------------- */

static const char *env(const char *name, const char *fallback)
{
    const char *value = getenv(name);

    return value && *value ? value : fallback;
}

static const char *modules_dir(void)
{
    return env("IISR_LIBEXECDIR", "/usr/lib/apache2/modules");
}

static const char *absolute(const char *path)
{
    static char buffers[4][PATH_MAX];
    static int next;
    char *buffer = buffers[next++ & 3];

    return realpath(path, buffer) ? buffer : path;
}

static int module_is_in(const char *folder)
{
    return strstr(env("IISR_MODULE", "build/asan/mod_iisresp.so"), folder)
           != NULL;
}

const char *port_path(const char *name)
{
    static char path[PATH_MAX];
    const char *build = env("IISR_BUILD", "build");
    char relative[256];

    snprintf(relative, sizeof(relative), "%s/tsan/ports/%s.so", build, name);
    if (!module_is_in("tsan/") || access(relative, R_OK)) {
        snprintf(relative, sizeof(relative), "%s/ports/%s.so", build, name);
    }
    snprintf(path, sizeof(path), "%s", absolute(relative));
    return path;
}

int server_is_sanitized(void)
{
    return module_is_in("asan/") || module_is_in("tsan/");
}

void server_use_plain_module(void)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/mod_iisresp.so",
             env("IISR_BUILD", "build"));
    setenv("IISR_MODULE", path, 1);
}

int server_has(const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/mod_%s.so", modules_dir(), name);
    return access(path, R_OK) == 0;
}

static int free_port(void)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    socklen_t len = sizeof(sin);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, (struct sockaddr *)&sin, len);
    getsockname(fd, (struct sockaddr *)&sin, &len);
    close(fd);
    return ntohs(sin.sin_port);
}

/* --- configuration ------------------------------------------------------ */

static void load(FILE *f, const char *names)
{
    char copy[1024], *name, *state = NULL;

    snprintf(copy, sizeof(copy), "%s", names);
    for (name = strtok_r(copy, " ", &state); name;
         name = strtok_r(NULL, " ", &state)) {
        char path[PATH_MAX];

        /* What is not there is built in. */
        snprintf(path, sizeof(path), "%s/mod_%s.so", modules_dir(), name);
        if (access(path, R_OK) == 0) {
            fprintf(f, "LoadModule %s_module %s\n", name, path);
        }
    }
}

static void load_ports(FILE *f, const char *modules)
{
    char copy[2048], *item, *state = NULL;

    snprintf(copy, sizeof(copy), "%s", modules);
    for (item = strtok_r(copy, " ", &state); item;
         item = strtok_r(NULL, " ", &state)) {
        char *equals = strchr(item, '=');

        *equals = '\0';
        fprintf(f, "IISModule %s %s\n", item, port_path(equals + 1));
    }
}

static void make_certificate(server_t *s)
{
    char command[512];

    snprintf(command, sizeof(command), "openssl req -x509 -newkey rsa:2048 "
             "-nodes -keyout %s/key.pem -out %s/cert.pem -days 2 "
             "-subj /CN=localhost -addext "
             "basicConstraints=critical,CA:FALSE >/dev/null 2>&1",
             s->root, s->root);
    ck_assert_int_eq(system(command), 0);
}

static void write_config(server_t *s, int mpm, const char *modules,
                         const char *with, const char *extra)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/httpd.conf", s->root);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    /* For what a test adds. */
    fprintf(f, "Define PORT %d\nDefine ROOT %s\n", s->port, s->root);
    fprintf(f, "ServerRoot %s\nListen 127.0.0.1:%d\nPidFile pid\n"
            "ServerName localhost\nDocumentRoot %s/htdocs\n"
            "ErrorLog logs/error\nLogLevel info\n"
            "Mutex pthread\nGracefulShutdownTimeout 3\nTimeout 20\nKeepAliveTimeout 15\n",
            s->root, s->port, s->root);
    fprintf(f, "LoadModule mpm_%s_module %s/mod_mpm_%s.so\n", mpm_names[mpm],
            modules_dir(), mpm_names[mpm]);
    fprintf(f, mpm == MPM_PREFORK
            ? "StartServers 6\nMinSpareServers 1\nMaxSpareServers 16\n"
            "MaxRequestWorkers 16\n"
            : "StartServers 1\nServerLimit 4\nThreadsPerChild 8\n"
              "ThreadLimit 8\nMinSpareThreads 1\nMaxSpareThreads 24\n"
              "MaxRequestWorkers 16\n");
    if (mpm == MPM_EVENT) {
        fprintf(f, "AsyncRequestWorkerFactor 20\n");
    }
    load(f, "authz_core mime dir alias log_config");
    load(f, with);
    fprintf(f, "TypesConfig /dev/null\nAddType text/plain .txt\n"
            "AddType text/html .html\n");
    if (modules) {
        fprintf(f, "LoadModule iisresp_module %s\nLogLevel iisresp:debug\n",
                absolute(env("IISR_MODULE", "build/asan/mod_iisresp.so")));
    }
    fprintf(f, "CustomLog logs/access \"%%s %%B %%X %%r\"\n");
    if (getuid() == 0) {
        fprintf(f, "User %s\nGroup %s\n",
                getpwnam("www-data") ? "www-data" : "nobody",
                getpwnam("www-data") ? "www-data" : "nogroup");
    }
    if (modules) {
        load_ports(f, modules);
    }
    fprintf(f, "<Location \"/iis\">\n    SetHandler iis\n</Location>\n");
    if (strstr(with, "ssl")) {
        s->tls_port = free_port();
        make_certificate(s);
        fprintf(f, "SSLSessionCache shmcb:logs/scache(512000)\nListen 127.0.0.1:%d\n<VirtualHost 127.0.0.1:%d>\n"
                "SSLEngine on\nSSLCertificateFile %s/cert.pem\n"
                "SSLCertificateKeyFile %s/key.pem\n</VirtualHost>\n",
                s->tls_port, s->tls_port, s->root, s->root);
    }
    fprintf(f, "%s\n", extra ? extra : "");
    fclose(f);
}

static void make_file(server_t *s, const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/htdocs/%s", s->root, name);
    ck_assert_ptr_nonnull((f = fopen(path, "w")));
    fputs(text, f);
    fclose(f);
}

static void make_root(server_t *s)
{
    char path[128];

    memset(s, 0, sizeof(*s));
    snprintf(s->root, sizeof(s->root), "/tmp/iisresp-%d-XXXXXX",
             (int)runner);
    ck_assert_ptr_nonnull(mkdtemp(s->root));
    chmod(s->root, 0755);
    snprintf(path, sizeof(path), "%s/logs", s->root);
    mkdir(path, 0755);
    snprintf(path, sizeof(path), "%s/htdocs", s->root);
    mkdir(path, 0755);
    make_file(s, "notes", "");
    snprintf(path, sizeof(path), "%s/htdocs/notes", s->root);
    chmod(path, 0666);
    make_file(s, "canary.txt", "the canary is well\n");
    make_file(s, "file.txt", "a static file, served by httpd itself\n");
    make_file(s, "page.html", "<p>hello <b>world</b>, long enough for "
              "mod_deflate to think that compressing it is worth while: "
              "hello hello hello hello hello hello hello hello</p>\n");
}

/* --- processes ---------------------------------------------------------- */

static const char *preloaded = "";
static const char *sanitize_with = "";

static const char *preload_path(const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/httpd/%s.so",
             env("IISR_BUILD", "build"), name);
    return absolute(path);
}

void server_preload(const char *name)
{
    preloaded = strdup(preload_path(name));
}

void server_sanitize_with(const char *options)
{
    sanitize_with = options;
}

/* A sanitizer's runtime is loaded ahead of all else. */
static void preload(void)
{
    char options[512], list[4 * PATH_MAX] = "";

    if (module_is_in("asan/")) {
        /* It looks for what throws when it starts, and httpd is in C. */
        snprintf(list, sizeof(list), "%s libstdc++.so.6 ",
                 env("IISR_ASAN", "libasan.so.8"));
        snprintf(options, sizeof(options), "detect_leaks=0:"
                 "verify_asan_link_order=0:detect_odr_violation=0:"
                 "allow_user_segv_handler=0%s", sanitize_with);
        setenv("ASAN_OPTIONS", options, 1);
    }
    else if (module_is_in("tsan/")) {
        snprintf(list, sizeof(list), "%s %s ",
                 env("IISR_TSAN", "libtsan.so.2"), preload_path("ordered"));
    }
    strcat(list, preloaded);
    if (*list) {
        setenv("LD_PRELOAD", list, 1);
    }
}

static void exec_httpd(server_t *s, const char *more)
{
    char conf[128];

    snprintf(conf, sizeof(conf), "%s/httpd.conf", s->root);
    /* A test that dies takes its server along. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    preload();
    execl(env("IISR_HTTPD", "/usr/sbin/apache2"), "httpd", "-f", conf,
          "-DFOREGROUND", more, (char *)NULL);
    _exit(127);
}

static int answers(int port)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0), rc;

    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    rc = connect(fd, (struct sockaddr *)&sin, sizeof(sin));
    close(fd);
    return rc == 0;
}

/* Whether it answers; not, when another process was faster to take the
 * port. */
static int launch(server_t *s)
{
    char log[128];
    int i;

    snprintf(log, sizeof(log), "%s/logs/error", s->root);
    if ((s->pid = fork()) == 0) {
        setpgid(0, 0);
        ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
        ck_assert_ptr_nonnull(freopen(log, "a", stderr));
        exec_httpd(s, NULL);
    }
    for (i = 0; i < 600; i++) {
        if (waitpid(s->pid, NULL, WNOHANG) != 0) {
            ck_assert_msg(strstr(server_log(s), "could not bind") != NULL,
                          "httpd did not start:\n%s", server_log(s));
            unlink(log);
            return 0;
        }
        if (answers(s->port)) {
            return 1;
        }
        usleep(20000);
    }
    ck_abort_msg("httpd does not answer:\n%s", server_log(s));
    return 0;
}

void server_start(server_t *s, int mpm, const char *modules,
                  const char *with, const char *extra)
{
    int tries = 5;

    nexpected = 0;
    make_root(s);
    do {
        s->port = free_port();
        snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", s->port);
        write_config(s, mpm, modules, with, extra);
    } while (!launch(s) && --tries);
    ck_assert_msg(tries, "no free port");
}

void server_graceful(server_t *s)
{
    kill(s->pid, SIGUSR1);
}

void server_expect(const char *text)
{
    snprintf(expected[nexpected++], sizeof(expected[0]), "%s", text);
}

#define LOG_MAX (4 << 20)

static const char *read_log(const server_t *s, const char *name, char *text)
{
    char path[128];
    size_t n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/logs/%s", s->root, name);
    if ((f = fopen(path, "r"))) {
        n = fread(text, 1, LOG_MAX - 1, f);
        fclose(f);
    }
    text[n] = '\0';
    return text;
}

const char *server_log(server_t *s)
{
    static char text[LOG_MAX];

    return read_log(s, "error", text);
}

const char *server_access_log(server_t *s)
{
    static char text[LOG_MAX];

    return read_log(s, "access", text);
}

int server_count(const char *text, const char *what)
{
    int n = 0;

    while ((text = strstr(text, what))) {
        text += strlen(what);
        n++;
    }
    return n;
}

const char *server_notes(server_t *s, const char *what, int at_least)
{
    static char text[LOG_MAX];
    int i;

    for (i = 0; i < 600; i++) {
        if (server_count(read_log(s, "../htdocs/notes", text), what)
            >= at_least) {
            break;
        }
        usleep(50000);
    }
    return text;
}

int server_is_long(void)
{
    return getenv("IISR_LONG") != NULL && !module_is_in("tsan/");
}

static int is_expected(const char *line)
{
    int i;

    /* mod_ssl and libssl3 of two dates on one machine, and all threads busy
     * when the parent looked: not ours to say. */
    if (strstr(line, "AH01882") || strstr(line, "AH00484")
        || strstr(line, "AH00286")) {
        return 1;
    }
    for (i = 0; i < nexpected; i++) {
        if (strstr(line, expected[i])) {
            return 1;
        }
    }
    return 0;
}

/* From fatal on: while httpd stops it closes sockets under its workers and
 * says so; only crashes count then. */
static int is_bad(const char *line, size_t from)
{
    static const char *const marks[] = {
        ":warn]", ":error]", ":crit]", ":alert]", ":emerg]",
        "AddressSanitizer", "ThreadSanitizer", "runtime error:",
        "exit signal"
    };
    size_t i;

    for (i = from; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (strstr(line, marks[i])) {
            return 1;
        }
    }
    return 0;
}

#define EVERYTHING 0
#define CRASHES 5

static void audit(server_t *s, size_t from)
{
    char *copy = strdup(server_log(s)), *line, *state = NULL;
    char bad[1024] = "";

    for (line = strtok_r(copy, "\n", &state); line;
         line = strtok_r(NULL, "\n", &state)) {
        if (is_bad(line, from) && !is_expected(line) && !*bad) {
            snprintf(bad, sizeof(bad), "%s", line);
        }
    }
    free(copy);
    /* Check takes no message above 8 KB. */
    ck_assert_msg(!*bad, "unexpected in the error log: %.6000s",
                  strstr(bad, "Sanitizer") ? strstr(server_log(s), bad) : bad);
}

int server_ends(server_t *s, int sign, int ms)
{
    int status;

    kill(s->pid, sign);
    for (; ms > 0; ms -= 20) {
        if (waitpid(s->pid, &status, WNOHANG) != 0) {
            return 1;
        }
        usleep(20000);
    }
    return 0;
}

void server_remove(server_t *s)
{
    char command[128];

    killpg(s->pid, SIGKILL);
    audit(s, CRASHES);
    snprintf(command, sizeof(command), "rm -rf %s", s->root);
    ck_assert_int_eq(system(command), 0);
}

void server_stop(server_t *s)
{
    audit(s, EVERYTHING);
    /* An ungraceful stop races with httpd's own workers: see
     * close_worker_sockets in event.c. */
    if (!server_ends(s, SIGWINCH, 5000)) {
        server_ends(s, SIGTERM, 5000);
    }
    server_remove(s);
}

/* When the program ends: the servers of tests that failed, whose folders
 * are still there.  Their logs are shown, and nothing of them stays. */
static void show_log(const char *root)
{
    char command[256];

    printf("--- the error log of a test that failed (%s):\n", root);
    fflush(stdout);
    snprintf(command, sizeof(command), "grep -E '^(LoadModule mpm|IIS)' "
             "%s/httpd.conf; grep -v ':debug\\]' %s/logs/error | tail -n 40",
             root, root);
    if (system(command)) {
        printf("(none)\n");
    }
}

static void sweep(void)
{
    char text[128];
    glob_t found;
    size_t i;

    if (getpid() != runner) {
        return;
    }
    snprintf(text, sizeof(text), "/tmp/iisresp-%d-*", (int)runner);
    if (glob(text, 0, NULL, &found)) {
        return;
    }
    for (i = 0; i < found.gl_pathc; i++) {
        int pid = 0;
        FILE *f;

        show_log(found.gl_pathv[i]);
        snprintf(text, sizeof(text), "%s/pid", found.gl_pathv[i]);
        if ((f = fopen(text, "r"))) {
            if (fscanf(f, "%d", &pid) == 1 && pid > 1) {
                killpg(pid, SIGKILL);
            }
            fclose(f);
        }
        snprintf(text, sizeof(text), "rm -rf %s", found.gl_pathv[i]);
        if (system(text)) {
            printf("cannot remove %s\n", found.gl_pathv[i]);
        }
    }
    globfree(&found);
}

__attribute__((constructor))
static void begin(void)
{
    runner = getpid();
    atexit(sweep);
}

int mpm_from(void)
{
    const char *only = getenv("IISR_MPM");
    int i;

    for (i = 0; only && i < MPMS; i++) {
        if (!strcmp(only, mpm_names[i])) {
            return i;
        }
    }
    return 0;
}

int mpm_to(void)
{
    return getenv("IISR_MPM") ? mpm_from() + 1 : MPMS;
}

int run_tests(const char *name, void (*add)(TCase *tc), double timeout)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);
    SRunner *srunner;
    int failed;

    tcase_set_timeout(tc, timeout);
    add(tc);
    suite_add_tcase(suite, tc);
    srunner = srunner_create(suite);
    srunner_run_all(srunner, CK_NORMAL);
    failed = srunner_ntests_failed(srunner);
    srunner_free(srunner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void server_stop_now(server_t *s)
{
    audit(s, EVERYTHING);
    ck_assert(server_ends(s, SIGTERM, 10000));
    server_remove(s);
}

const char *server_configtest(const char *line, int *ok)
{
    static char text[8192];
    server_t s;
    char log[128];
    int status;
    size_t n = 0;
    FILE *f;

    make_root(&s);
    s.port = free_port();
    write_config(&s, MPM_EVENT, "", "", line);
    snprintf(log, sizeof(log), "%s/out", s.root);
    if ((s.pid = fork()) == 0) {
        ck_assert_ptr_nonnull(freopen(log, "w", stderr));
        exec_httpd(&s, "-t");
    }
    waitpid(s.pid, &status, 0);
    *ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if ((f = fopen(log, "r"))) {
        n = fread(text, 1, sizeof(text) - 1, f);
        fclose(f);
    }
    text[n] = '\0';
    snprintf(log, sizeof(log), "rm -rf %s", s.root);
    ck_assert_int_eq(system(log), 0);
    return text;
}

int server_children(server_t *s, int *pids, int most)
{
    char command[64];
    int n = 0;
    FILE *f;

    snprintf(command, sizeof(command), "ps -o pid= --ppid %d", (int)s->pid);
    ck_assert_ptr_nonnull((f = popen(command, "r")));
    while (n < most && fscanf(f, "%d", &pids[n]) == 1) {
        n++;
    }
    pclose(f);
    return n;
}

/* A server takes connections before it has forked. */
pid_t server_child(server_t *s)
{
    int pid, i;

    for (i = 0; i < 500; i++) {
        if (server_children(s, &pid, 1)) {
            return pid;
        }
        usleep(20000);
    }
    ck_abort_msg("httpd has no child:\n%s", server_log(s));
    return 0;
}

long server_memory(server_t *s)
{
    char command[160];
    long kb = 0;
    FILE *f;

    snprintf(command, sizeof(command), "ps -o rss= --ppid %d | "
             "awk '{n += $1} END {print n + 0}'", (int)s->pid);
    ck_assert_ptr_nonnull((f = popen(command, "r")));
    ck_assert_int_eq(fscanf(f, "%ld", &kb), 1);
    pclose(f);
    return kb;
}

static long count_descriptors(server_t *s)
{
    char command[160];
    long n = 0;
    FILE *f;

    snprintf(command, sizeof(command), "for p in $(ps -o pid= --ppid %d); do "
             "ls /proc/$p/fd; done 2>/dev/null | wc -l", (int)s->pid);
    ck_assert_ptr_nonnull((f = popen(command, "r")));
    ck_assert_int_eq(fscanf(f, "%ld", &n), 1);
    pclose(f);
    return n;
}

long server_descriptors(server_t *s, long at_most)
{
    long n = count_descriptors(s);
    int i;

    for (i = 0; n > at_most && i < 100; i++) {
        usleep(100000);
        n = count_descriptors(s);
    }
    return n;
}
