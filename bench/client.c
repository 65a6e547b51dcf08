/* client.c: what wrk and h2load do not do.  HTTP/1.1 over loopback, one
 * thread, epoll.
 *
 *  client get PORT PATH COUNT [PAUSE]
 *      COUNT requests one after the other on one connection, PAUSE
 *      milliseconds after each.
 *  client slow PORT PATH OTHER CONNECTIONS BYTES_PER_SECOND SECONDS PID
 *      Readers that take so many bytes a second; small receive buffers.
 *  client park PORT PATH OTHER CONNECTIONS WAKE_PATH WAKES PID
 *      CONNECTIONS pending requests; WAKES of them are woken one by one,
 *      then all at once.
 *
 * OTHER is a small request that is made meanwhile, again and again; PID is
 * the server whose memory is looked at.
 *
 * Results are lines of "name value", times in microseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

static int port;

static void die(const char *what)
{
    fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* --- numbers ------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_percentiles(const char *name, double *values, int n)
{
    if (n) {
        qsort(values, n, sizeof(*values), by_value);
        printf("%s_p50 %.0f\n%s_p99 %.0f\n%s_max %.0f\n",
               name, values[n / 2], name, values[(int)(n * 0.99)],
               name, values[n - 1]);
    }
}

/* Resident KiB of a process and its children. */
static long resident(int pid)
{
    char path[64], line[256], children[65536] = "";
    long total = 0, kib;
    char *child, *more = NULL;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    if ((f = fopen(path, "r"))) {
        while (fgets(line, sizeof(line), f)) {
            if (sscanf(line, "RssAnon: %ld", &kib) == 1) {
                total += kib;
            }
        }
        fclose(f);
    }
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
    if ((f = fopen(path, "r"))) {
        if (!fgets(children, sizeof(children), f)) {
            *children = '\0';
        }
        fclose(f);
    }
    for (child = strtok_r(children, " \n", &more); child;
         child = strtok_r(NULL, " \n", &more)) {
        total += resident(atoi(child));
    }
    return total;
}

/* --- connections -------------------------------------------------------- */

/* More connections than one address has ports: 127.0.0.1, 127.0.0.2, ... */
static int dial(int i, int receive_buffer)
{
    struct sockaddr_in to = { .sin_family = AF_INET }, from = to;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (s < 0) {
        die("socket");
    }
    if (receive_buffer) {
        setsockopt(s, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                   sizeof(receive_buffer));
    }
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i / 20000);
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(s, (struct sockaddr *)&from, sizeof(from))
        || connect(s, (struct sockaddr *)&to, sizeof(to))) {
        die("connect");
    }
    return s;
}

static void ask(int s, const char *path)
{
    char request[1024];
    int n = snprintf(request, sizeof(request),
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);

    if (write(s, request, n) != n) {
        die("write");
    }
}

/* Reads one response to its end, by Content-Length or the last chunk. */
static void read_response(int s)
{
    static char buffer[1 << 20];
    long head = 0, length = -1, got = 0;
    int chunked = 0;
    char *p, *end;

    for (;;) {
        ssize_t n = read(s, buffer + got, sizeof(buffer) - 1 - got);

        if (n <= 0) {
            die("read");
        }
        got += n;
        buffer[got] = '\0';
        if (!head && (end = strstr(buffer, "\r\n\r\n"))) {
            head = end + 4 - buffer;
            p = strcasestr(buffer, "\r\nContent-Length:");
            length = p && p < end ? atol(p + 17) : -1;
            p = strcasestr(buffer, "\r\nTransfer-Encoding:");
            chunked = p && p < end;
        }
        if (head && !chunked && got - head >= length) {
            return;
        }
        if (head && chunked && got - head >= 5
            && !memcmp(buffer + got - 5, "0\r\n\r\n", 5)) {
            return;
        }
        if (head && got > (long)sizeof(buffer) / 2) {
            /* Only its end is of interest. */
            length -= got - head - 8;
            memmove(buffer + head, buffer + got - 8, 8);
            got = head + 8;
        }
    }
}

static int get(const char *path, int count, int pause_ms)
{
    int s = dial(0, 0), i;
    double start = now();

    for (i = 0; i < count; i++) {
        ask(s, path);
        read_response(s);
        usleep(pause_ms * 1000);
    }
    printf("per_request %.1f\n", (now() - start) / count);
    return 0;
}

/* How the server answers others meanwhile. */
static void try_others(const char *path)
{
    static double times[200];
    int i, n = sizeof(times) / sizeof(times[0]);

    if (!*path) {
        return;
    }
    for (i = 0; i < n; i++) {
        double start = now();
        int s = dial(0, 0);

        ask(s, path);
        read_response(s);
        close(s);
        times[i] = now() - start;
    }
    print_percentiles("other", times, n);
}

/* --- slow readers ------------------------------------------------------- */

typedef struct reader_t {
    int s;
    double asked, first;
} reader_t;

typedef struct results_t {
    int answered, lost;
    long long total;
    double *firsts;
} results_t;

/* One turn of every reader, ten a second. */
static void read_some(reader_t *readers, int n, long rate, results_t *results)
{
    static char buffer[65536];
    long slice = rate / 10 < (long)sizeof(buffer) ? rate / 10
                                                  : (long)sizeof(buffer);
    double turn = now();
    int i;

    for (i = 0; i < n; i++) {
        ssize_t got = readers[i].s < 0 ? 0
                      : recv(readers[i].s, buffer, slice, MSG_DONTWAIT);

        if (got > 0) {
            results->total += got;
            if (!readers[i].first) {
                readers[i].first = now();
                results->firsts[results->answered++] = readers[i].first
                                                       - readers[i].asked;
            }
        }
        else if (readers[i].s >= 0 && (got == 0 || errno != EAGAIN)) {
            results->lost++;
            close(readers[i].s);
            readers[i].s = -1;
        }
    }
    if ((turn += 1e5 - now()) > 0) {
        usleep((useconds_t)turn);
    }
}

static int slow(const char *path, const char *other, int n, long rate,
                int seconds, int pid)
{
    reader_t *readers = calloc(n, sizeof(*readers));
    results_t results = { .firsts = calloc(n, sizeof(double)) };
    long before = resident(pid);
    double start, end;
    int i;

    for (i = 0; i < n; i++) {
        readers[i].s = dial(i, 4096);
        readers[i].asked = now();
        ask(readers[i].s, path);
    }
    for (start = now(), end = start + seconds * 1e6; now() < end; ) {
        read_some(readers, n, rate, &results);
    }
    printf("answered %d\nlost %d\nbytes_per_second %.0f\n"
           "kib_per_request %.2f\n", results.answered, results.lost,
           results.total * 1e6 / (now() - start),
           (double)(resident(pid) - before) / n);
    print_percentiles("first_byte", results.firsts, results.answered);
    try_others(other);
    return 0;
}

/* --- parked requests ---------------------------------------------------- */

static int wait_for_one(int epoll)
{
    struct epoll_event event;

    if (epoll_wait(epoll, &event, 1, 10000) < 1) {
        errno = ETIMEDOUT;
        die("no parked request was woken");
    }
    return event.data.fd;
}

/* Over a new connection each time: a busy httpd closes idle ones. */
static void wake_one_by_one(int epoll, const char *wake_path, int wakes)
{
    double *times = calloc(wakes + 1, sizeof(*times));
    int i;

    for (i = 0; i < wakes; i++) {
        int control = dial(0, 0), s;
        double start = now();

        ask(control, wake_path);
        s = wait_for_one(epoll);
        times[i] = now() - start;
        read_response(control);
        close(control);
        read_response(s);
        close(s);
    }
    print_percentiles("wake", times, wakes);
}

static void wake_all(int epoll, const char *wake_path, int left)
{
    double *times = calloc(left + 1, sizeof(*times)), start;
    int control = dial(0, 0), i;
    char all[1024];

    snprintf(all, sizeof(all), "%s?all", wake_path);
    start = now();
    ask(control, all);
    for (i = 0; i < left; i++) {
        int s = wait_for_one(epoll);

        times[i] = now() - start;
        epoll_ctl(epoll, EPOLL_CTL_DEL, s, NULL);
    }
    print_percentiles("wake_all", times, left);
}

static int park(const char *path, const char *other, int n,
                const char *wake_path, int wakes, int pid)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC), control, i;
    long before, settled;
    struct epoll_event event = { .events = EPOLLIN };

    if (*wake_path) {
        /* Warm, and nothing is woken yet. */
        control = dial(0, 0);
        ask(control, wake_path);
        read_response(control);
        close(control);
    }
    before = resident(pid);
    for (i = 0; i < n; i++) {
        int s = dial(i, 0);

        ask(s, path);
        event.data.fd = s;
        epoll_ctl(epoll, EPOLL_CTL_ADD, s, &event);
    }
    /* Until the server has taken them all in. */
    for (settled = -1; settled != resident(pid); sleep(1)) {
        settled = resident(pid);
    }
    printf("kib_per_request %.2f\n", (double)(resident(pid) - before) / n);
    try_others(other);
    if (*wake_path) {
        wake_one_by_one(epoll, wake_path, wakes < n ? wakes : n);
        wake_all(epoll, wake_path, wakes < n ? n - wakes : 0);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct rlimit files;

    if (argc < 5) {
        fprintf(stderr, "usage: client get|slow|park PORT PATH ...\n");
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    port = atoi(argv[2]);
    if (!strcmp(argv[1], "get")) {
        return get(argv[3], atoi(argv[4]), argc > 5 ? atoi(argv[5]) : 0);
    }
    if (!strcmp(argv[1], "slow") && argc == 9) {
        return slow(argv[3], argv[4], atoi(argv[5]), atol(argv[6]),
                    atoi(argv[7]), atoi(argv[8]));
    }
    if (!strcmp(argv[1], "park") && argc == 9) {
        return park(argv[3], argv[4], atoi(argv[5]), argv[6], atoi(argv[7]),
                    atoi(argv[8]));
    }
    return 2;
}
