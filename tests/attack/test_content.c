/* test_content.c: every byte of every response follows from its URL, and
 * clients that are slow, fast, over TLS and over HTTP/2 at once compare all
 * that they get, while a module edits its chunks in every way.  A byte that
 * is shifted, repeated, lost, or another client's, shows. */
#include <check.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server.h"

#define CLIENTS 8
#define SECOND 1000             /* bytes of the second piece */

static const char *const edits[] = {
    "none", "cut", "split", "own", "dup", "turn", "prefix", "suffix", "bytes",
    "skip", "shorten", "inplace"
};
static const struct { const char *way, *flush, *end; } ways[] = {
    { "copy", "", "" }, { "copy", "&flush=sync", "" },
    { "copy", "&flush=async", "&flush=async" },
    { "ref", "&flush=async", "&flush=async" }, { "file", "", "" },
    { "file", "&flush=sync", "" }, { "file", "&flush=async", "" },
};
static const size_t sizes[] = {
    2, 4095, 4096, 4097, 65535, 65536, 65537, 262143, 262144, 262145, 4194304
};
#define EDITS (sizeof(edits) / sizeof(edits[0]))
#define WAYS (sizeof(ways) / sizeof(ways[0]))
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
#define JOBS (EDITS * WAYS * SIZES)

enum { FAST, SLOW, TLS, HTTP2, KINDS };
static const char *const kinds[] = { "fast", "slow", "TLS", "HTTP/2" };

static server_t server;
static int mpm;

/* --- what must come ------------------------------------------------------- */

/* As the port has it: each byte says where it is. */
static unsigned char pattern_at(size_t at)
{
    uint32_t word = (uint32_t)(at / 4 + 1) * 2654435761u;

    return (unsigned char)(word >> (8 * (at % 4)));
}

typedef struct text_t {
    unsigned char *bytes;
    size_t length;
} text_t;

static void text_add(text_t *text, size_t from, size_t to)
{
    for (; from < to; from++) {
        text->bytes[text->length++] = pattern_at(from);
    }
}

static void text_say(text_t *text, const char *what)
{
    memcpy(text->bytes + text->length, what, 2);
    text->length += 2;
}

/* One flush of the bytes from..to as it leaves the edit. */
static void text_add_edited(text_t *text, const char *edit, size_t from,
                            size_t to, int in_memory)
{
    size_t middle = from + (to - from) / 2, begin = text->length;

    if (!strcmp(edit, "prefix")) {
        text_say(text, "<<");
    }
    if (!strcmp(edit, "turn")) {
        text_add(text, middle, to);
        text_add(text, from, middle);
    }
    else {
        text_add(text, from + (!strcmp(edit, "cut") || !strcmp(edit, "skip")),
                 to - !strcmp(edit, "shorten"));
    }
    if (!strcmp(edit, "dup")) {
        text_add(text, from, to);
    }
    if (!strcmp(edit, "suffix")) {
        text_say(text, ">>");
    }
    for (; !strcmp(edit, "inplace") && in_memory && begin < text->length;
         begin++) {
        text->bytes[begin] ^= 0x55;
    }
}

typedef struct job_t {
    size_t number, size;
    const char *edit;
    int way, kind, seed;
} job_t;

static void job_expect(const job_t *job, text_t *text)
{
    size_t from = (size_t)job->seed * 4096, middle = from + job->size;
    size_t to = middle + SECOND;
    int in_memory = strcmp(ways[job->way].way, "file") != 0;

    text->bytes = malloc(2 * (job->size + SECOND) + 16);
    text->length = 0;
    if (*ways[job->way].flush) {
        text_add_edited(text, job->edit, from, middle, in_memory);
        text_add_edited(text, job->edit, middle, to, in_memory);
    }
    else {
        text_add_edited(text, job->edit, from, to, in_memory);
    }
}

/* --- clients -------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t next_job, done;
static int failures;
static char report[3000];

static void job_fails(const job_t *job, const char *what, size_t at)
{
    size_t n;

    pthread_mutex_lock(&lock);
    n = strlen(report);
    snprintf(report + n, sizeof(report) - n, "%s of %lu, %s%s, %s: %s (%lu)\n",
             job->edit, (unsigned long)job->size, ways[job->way].way,
             ways[job->way].flush, kinds[job->kind], what, (unsigned long)at);
    printf("%s: %s of %lu, %s%s, %s: %s (%lu)\n", mpm_names[mpm], job->edit,
           (unsigned long)job->size, ways[job->way].way,
           ways[job->way].flush, kinds[job->kind], what, (unsigned long)at);
    failures++;
    pthread_mutex_unlock(&lock);
}

typedef struct reader_t {
    const job_t *job;
    text_t should;
    size_t have, wrong_at;
    int wrong;
} reader_t;

static size_t reader_take(char *data, size_t size, size_t n, void *baton)
{
    reader_t *r = baton;
    size_t i;

    if (r->job->kind == SLOW && r->have < 32768) {
        usleep(r->have ? 5000 : 100000);
    }
    for (i = 0; i < size * n && !r->wrong; i++) {
        if (r->have + i >= r->should.length
            || (unsigned char)data[i] != r->should.bytes[r->have + i]) {
            r->wrong = 1;
            r->wrong_at = r->have + i;
        }
    }
    r->have += size * n;
    return size * n;
}

static int socket_make_small(void *baton, curl_socket_t fd,
                             curlsocktype purpose)
{
    int room = 4096;

    (void)baton;
    (void)purpose;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    return CURL_SOCKOPT_OK;
}

static CURLcode job_perform(const job_t *job, reader_t *r)
{
    const char *way = ways[job->way].way;
    CURL *curl = curl_easy_init();
    CURLcode code;
    char url[512];

    snprintf(url, sizeof(url), "http%s://127.0.0.1:%d/iis?seed=%d&put=%s,"
             "pattern,%lu%s&put=%s,pattern,%d%s&edit=%s",
             job->kind == TLS ? "s" : "",
             job->kind == TLS ? server.tls_port : server.port, job->seed, way,
             (unsigned long)job->size, ways[job->way].flush, way, SECOND,
             ways[job->way].end, job->edit);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, reader_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)(job->kind == HTTP2
        ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_1_1));
    if (job->kind == SLOW) {
        curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 4096L);
        curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, socket_make_small);
    }
    code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    return code;
}

static void job_run(const job_t *job)
{
    reader_t r = { .job = job };
    CURLcode code;

    job_expect(job, &r.should);
    code = job_perform(job, &r);
    if (r.wrong) {
        job_fails(job, "a wrong byte", r.wrong_at);
    }
    else if (code) {
        job_fails(job, curl_easy_strerror(code), r.have);
    }
    else if (r.have != r.should.length) {
        job_fails(job, "short", r.have);
    }
    free(r.should.bytes);
}

/* Jobs that are neighbours differ in all, and run at once. */
static int job_take(job_t *job)
{
    pthread_mutex_lock(&lock);
    job->number = next_job++;
    pthread_mutex_unlock(&lock);
    if (job->number >= JOBS || failures > 40) {
        return 0;
    }
    job->edit = edits[job->number % EDITS];
    job->way = job->number / EDITS % WAYS;
    job->size = sizes[job->number / EDITS / WAYS];
    job->kind = (job->number + job->number / KINDS) % KINDS;
    if (job->kind == HTTP2 && mpm == MPM_PREFORK) {
        job->kind = FAST;
    }
    /* Four megabytes by a small window would take a minute. */
    if (job->kind == SLOW && job->size > 300000 && job->number % 7) {
        job->kind = TLS;
    }
    job->seed = job->number % 200;
    return 1;
}

static void *client_work(void *baton)
{
    job_t job;

    while (job_take(&job)) {
        job_run(&job);
        pthread_mutex_lock(&lock);
        done++;
        pthread_mutex_unlock(&lock);
    }
    return baton;
}

START_TEST(every_byte_is_where_its_url_says)
{
    pthread_t clients[CLIENTS];
    int i;

    mpm = _i;
    server_start(&server, mpm, "attack=attack", mpm == MPM_PREFORK
                 ? "ssl socache_shmcb" : "ssl socache_shmcb http2",
                 mpm == MPM_PREFORK ? "IISResponseBufferLimit 16777216\n"
                 : "IISResponseBufferLimit 16777216\n"
                   "Protocols h2c http/1.1\n");
    for (i = 0; i < CLIENTS; i++) {
        pthread_create(&clients[i], NULL, client_work, NULL);
    }
    for (i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i], NULL);
    }
    server_stop(&server);
    ck_assert_msg(!failures, "%d of %lu:\n%s", failures, (unsigned long)done,
                  report);
    ck_assert_uint_eq(done, JOBS);
}
END_TEST

static void add_tests(TCase *tc)
{
    ON_EVERY_MPM(tc, every_byte_is_where_its_url_says);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("content", add_tests, 240);
}
