/* server.h: a real httpd process for a test, on 127.0.0.1, in a ServerRoot
 * of its own; its error log is audited when it stops. */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H
#include <check.h>
#include <sys/types.h>

typedef struct server_t {
    pid_t pid;
    int port, tls_port;
    char root[64];
    char url[64];               /* "http://127.0.0.1:port" */
} server_t;

enum { MPM_EVENT, MPM_WORKER, MPM_PREFORK, MPMS };
extern const char *const mpm_names[];
/* IISR_MPM=worker in the environment: under that MPM only. */
int mpm_from(void);
int mpm_to(void);
#define ON_EVERY_MPM(tc, test) \
    tcase_add_loop_test(tc, test, mpm_from(), mpm_to())
/* Runs what a program is made of; the program's exit status. */
int run_tests(const char *name, void (*add)(TCase *tc), double timeout);

/* modules: "name=port.so name=port.so", or NULL: httpd as it is, without
 * the module that is tested; extra: more configuration, or NULL;
 * with: names of httpd modules to load beside the usual ones, or "". */
void server_start(server_t *server, int mpm, const char *modules,
                  const char *with, const char *extra);
/* Whether httpd has a module of that name that can be loaded. */
int server_has(const char *name);
/* An error-log line at warning or above that contains this is expected. */
void server_expect(const char *text);
/* Before server_start: the module without sanitizers, for what measures. */
void server_use_plain_module(void);
/* Whether this run is about the module with sanitizers: what measures need
 * not run a second time then. */
int server_is_sanitized(void);
void server_graceful(server_t *server);
/* Stops and audits; the test fails when the log says what it should not. */
void server_stop(server_t *server);
void server_stop_now(server_t *server);     /* without waiting for requests */
/* The parts of a stop: a signal, and whether httpd has ended ms later; then
 * what it left behind goes, and a crash fails the test. */
int server_ends(server_t *server, int sign, int ms);
void server_remove(server_t *server);
/* The whole error log so far; static buffer. */
const char *server_log(server_t *server);
/* Runs httpd -t with one line of configuration; what it prints.  *ok. */
const char *server_configtest(const char *line, int *ok);
/* Before server_start: preloaded into httpd, "shortwrite", "closing" or
 * "starve". */
void server_preload(const char *name);
/* Full numbers instead of quick ones: make check-long, but not under
 * ThreadSanitizer. */
int server_is_long(void);
/* Open descriptors of the children; waits until there are at most that
 * many, or 10 s are over. */
long server_descriptors(server_t *server, long at_most);
/* The access log so far; static buffer. */
const char *server_access_log(server_t *server);
/* What modules have written to ROOT/htdocs/notes, once it contains `what` that
 * often, or 30 s are over; static buffer. */
const char *server_notes(server_t *server, const char *what, int at_least);
int server_count(const char *text, const char *what);
/* Of its processes so many at most; how many there are of these. */
int server_children(server_t *server, int *pids, int most);
/* A child, the only one when the configuration says so. */
pid_t server_child(server_t *server);
/* Before server_start: more for ASAN_OPTIONS, ":name=value". */
void server_sanitize_with(const char *options);
/* Sum of the children's resident memory in KB. */
long server_memory(server_t *server);
const char *port_path(const char *name);
#endif
