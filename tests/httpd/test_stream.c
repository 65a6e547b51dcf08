/* test_stream.c: a flush is at the client before the next one is made,
 * whatever is between them.
 *
 * The module of these tests goes on only when a file appears, and the client
 * makes that file when it has the bytes of the flush: a layer that kept them
 * would stop both, so no clock has to judge.
 */
#include <check.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void full_url(char *url, size_t size, const char *path, int with)
{
    snprintf(url, size, "http%s://127.0.0.1:%d%s", with & WITH_TLS ? "s" : "",
             with & WITH_TLS ? server.tls_port : server.port, path);
}

static void get(reply_t *reply, const char *path, int with)
{
    char url[512];

    full_url(url, sizeof(url), path, with);
    client_get(reply, url, with, NULL);
    ck_assert_msg(reply->curl == CURLE_OK, "%s: curl %d", path, reply->curl);
}

/* --- in step -------------------------------------------------------------- */

typedef struct steps_t {
    char path[128];
    size_t size;
    int seen;
    int early;                  /* bytes that were there too soon */
} steps_t;

static void touch(const char *path, int number)
{
    char name[160];

    snprintf(name, sizeof(name), "%s.%d", path, number);
    close(open(name, O_CREAT | O_WRONLY, 0644));
}

/* When the whole of flush k is there, and nothing of k + 1, flush k + 1 may
 * be made. */
static void acknowledge(reply_t *reply, void *baton)
{
    steps_t *steps = baton;

    if (reply->length > (steps->seen + 1) * steps->size) {
        steps->early++;
    }
    if (reply->length == (steps->seen + 1) * steps->size) {
        touch(steps->path, ++steps->seen);
    }
}

static void in_step(int with, int async, size_t size)
{
    static int serial;
    char url[512], path[256];
    steps_t steps = { .size = size };
    reply_t reply;

    snprintf(steps.path, sizeof(steps.path), "%s/ack%d", server.root,
             serial++);
    snprintf(path, sizeof(path), "/iis?n=4&size=%zu&every=1&async=%d&path=%s"
             "&random=%d", size, async, steps.path, size > 100000);
    full_url(url, sizeof(url), path, with);
    client_stream(&reply, url, with, acknowledge, &steps);
    ck_assert_msg(reply.curl == CURLE_OK, "with %d: curl %d", with,
                  reply.curl);
    ck_assert_msg(steps.seen == 4 && !steps.early,
                  "with %d async %d size %zu: %d of 4 flushes in step, "
                  "%d early", with, async, size, steps.seen, steps.early);
    ck_assert_int_eq(reply.length, 4 * size);
    if (with & WITH_DEFLATE) {
        ck_assert_str_eq(reply_header(&reply, "Content-Encoding"), "gzip");
    }
    ck_assert(!(reply_header(&reply, "Content-Length")
                && reply_header(&reply, "Transfer-Encoding")));
    client_free(&reply);
}

static void in_step_both_ways(int with)
{
    in_step(with, 0, 16);
    in_step(with, 1, 16);
    in_step(with, 0, 20000);
    in_step(with, 1, 20000);
}

START_TEST(a_flush_arrives_before_the_next_one_is_made)
{
    server_start(&server, _i, "steps=steps", "", NULL);
    in_step_both_ways(0);
    in_step_both_ways(WITH_HTTP10);
    server_stop(&server);
}
END_TEST

START_TEST(a_flush_arrives_whatever_the_buffer_limit)
{
    server_start(&server, _i, "steps=steps", "",
                 "<Location /iis>\nIISResponseBufferLimit 2147483647\n"
                 "</Location>\n");
    in_step_both_ways(0);
    server_stop(&server);
}
END_TEST

START_TEST(a_flush_passes_deflate_headers_and_tls)
{
    server_start(&server, _i, "steps=steps around=around",
                 "filter deflate headers socache_shmcb ssl",
                 "SetOutputFilter DEFLATE\nHeader set X-Added yes\n");
    in_step_both_ways(WITH_DEFLATE);
    in_step_both_ways(WITH_TLS);
    in_step_both_ways(WITH_TLS | WITH_DEFLATE);
    in_step_both_ways(WITH_HTTP10 | WITH_DEFLATE);
    server_stop(&server);
}
END_TEST

/* The module waits for the client in its completion, on the thread that works
 * on the connection: what has not left by then would not leave any more. */
START_TEST(a_completion_means_that_its_flush_can_be_decoded)
{
    server_start(&server, _i, "steps=steps",
                 "filter deflate socache_shmcb ssl",
                 "SetOutputFilter DEFLATE\nSendBufferSize 4096\n");
    in_step(WITH_DEFLATE, 1, 300000);
    in_step(WITH_DEFLATE, 1, 3000000);
    in_step(WITH_TLS, 1, 3000000);
    in_step(WITH_TLS | WITH_DEFLATE, 1, 3000000);
    server_stop(&server);
}
END_TEST

/* mod_http2 does not work under prefork. */
START_TEST(a_flush_passes_http2)
{
    server_start(&server, _i, "steps=steps",
                 "filter deflate http2 socache_shmcb ssl",
                 "Protocols h2 h2c http/1.1\nSetOutputFilter DEFLATE\n");
    in_step_both_ways(WITH_HTTP2);
    in_step_both_ways(WITH_HTTP2 | WITH_TLS);
    in_step_both_ways(WITH_HTTP2 | WITH_TLS | WITH_DEFLATE);
    in_step(WITH_HTTP2 | WITH_DEFLATE, 1, 300000);
    server_stop(&server);
}
END_TEST

/* --- much, and long -------------------------------------------------------- */

typedef struct samples_t {
    char path[128];
    size_t at[2];
    long kb[2];
    int n;
} samples_t;

static void sample(reply_t *reply, void *baton)
{
    samples_t *samples = baton;
    size_t flushes = reply->length / 16;

    if (samples->n < 2 && flushes >= samples->at[samples->n]) {
        samples->kb[samples->n] = server_memory(&server);
        touch(samples->path, samples->at[samples->n++]);
    }
}

static void memory_between(int async)
{
    char url[512], path[256];
    samples_t samples = { .at = { 1000, 100000 } };
    reply_t reply;

    snprintf(samples.path, sizeof(samples.path), "%s/mem%d", server.root,
             async);
    snprintf(path, sizeof(path), "/iis?n=100000&size=16&every=99000&after=1000"
             "&async=%d&path=%s", async, samples.path);
    full_url(url, sizeof(url), path, 0);
    client_stream(&reply, url, 0, sample, &samples);
    ck_assert_int_eq(reply.length, 1600000);
    ck_assert_int_eq(samples.n, 2);
    ck_assert_msg(samples.kb[1] - samples.kb[0] < 1024,
                  "async %d: %ld KB at flush 1,000, %ld KB at flush 100,000",
                  async, samples.kb[0], samples.kb[1]);
    client_free(&reply);
}

START_TEST(flush_100000_needs_no_more_memory_than_flush_1000)
{
    server_use_plain_module();
    server_start(&server, _i, "steps=steps", "", "LogLevel iisresp:info\n");
    memory_between(0);
    memory_between(1);
    server_stop(&server);
}
END_TEST

/* A sparse file: the length counts, not the bytes. */
#define LARGE (5LL << 30)

static size_t swallow(char *data, size_t size, size_t n, void *baton)
{
    (void)data;
    *(long long *)baton += size * n;
    return size * n;
}

START_TEST(a_body_of_5_gb_arrives_whole)
{
    char url[512], path[128];
    long long got = 0;
    curl_off_t told = 0;
    CURL *curl;
    int fd;

    server_use_plain_module();
    server_start(&server, _i, "ops=ops", "", NULL);
    snprintf(path, sizeof(path), "%s/htdocs/large", server.root);
    fd = open(path, O_CREAT | O_WRONLY, 0644);
    ck_assert_int_eq(ftruncate(fd, LARGE), 0);
    close(fd);
    snprintf(url, sizeof(url), "%s/iis?op=file&path=%s", server.url, path);
    curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 512L * 1024);
    ck_assert_int_eq(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &told);
    curl_easy_cleanup(curl);
    ck_assert_msg(got == LARGE && told == LARGE, "%lld bytes of %lld, said %lld",
                  got, LARGE, (long long)told);
    server_stop(&server);
}
END_TEST

/* --- clients that leave ---------------------------------------------------- */

START_TEST(clients_that_reset_at_any_moment_cost_nothing)
{
    static const char *const requests[] = {
        "GET /iis?op=flush&n=1000&size=65536 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /iis?op=chain&n=1000&size=65536 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /iis?op=post&ms=20&write=50 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /iis?op=echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nx",
        "GET /file.txt HTTP/1.1\r\nHost: a\r\n\r\n"
    };
    reply_t reply;
    size_t i;
    int wait;

    server_start(&server, _i, "ops=ops around=around", "filter deflate",
                 "SetOutputFilter DEFLATE\n");
    for (wait = 0; wait <= 20000; wait += 2500) {
        for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
            int fd = client_open(server.port);

            client_send(fd, requests[i]);
            usleep(wait);
            if (wait % 5000) {
                close(fd);
            }
            else {
                client_reset(fd);
            }
        }
    }
    get(&reply, "/iis?op=whole&size=3", 0);
    ck_assert_str_eq(reply.body, "www");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* --- graceful restart under load ------------------------------------------- */

typedef struct load_t {
    pthread_t thread;
    int number, requests, bad;
    volatile int *stop;
} load_t;

static void *make_load(void *data)
{
    load_t *load = data;

    while (!*load->stop) {
        int kind = (load->number + load->requests++) % 3;
        char url[256];
        reply_t reply;

        snprintf(url, sizeof(url), "%s/iis?op=%s", server.url,
                 kind == 0 ? "flush&n=10&size=32&ms=2"
                 : kind == 1 ? "chain&n=10&size=32" : "whole&size=320");
        client_get(&reply, url, 0, NULL);
        load->bad += reply.curl != CURLE_OK || reply.status != 200
                     || reply.length != 320;
        client_free(&reply);
    }
    return NULL;
}

START_TEST(graceful_restarts_under_load_cut_no_response)
{
    enum { THREADS = 6 };
    load_t loads[THREADS];
    volatile int stop = 0;
    int i, requests = 0, bad = 0;

    server_start(&server, _i, "ops=ops", "", NULL);
    for (i = 0; i < THREADS; i++) {
        loads[i] = (load_t){ .number = i, .stop = &stop };
        pthread_create(&loads[i].thread, NULL, make_load, &loads[i]);
    }
    for (i = 0; i < 3; i++) {
        usleep(700000);
        server_graceful(&server);
    }
    usleep(700000);
    stop = 1;
    for (i = 0; i < THREADS; i++) {
        pthread_join(loads[i].thread, NULL);
        requests += loads[i].requests;
        bad += loads[i].bad;
    }
    ck_assert_msg(!bad, "%d of %d requests went wrong", bad, requests);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_flush_arrives_before_the_next_one_is_made);
    ON_EVERY_MPM(tc, a_flush_arrives_whatever_the_buffer_limit);
    ON_EVERY_MPM(tc, a_flush_passes_deflate_headers_and_tls);
    ON_EVERY_MPM(tc, a_completion_means_that_its_flush_can_be_decoded);
    tcase_add_loop_test(tc, a_flush_passes_http2, 0, MPM_PREFORK);
    if (!server_is_sanitized()) {
        ON_EVERY_MPM(tc, flush_100000_needs_no_more_memory_than_flush_1000);
        ON_EVERY_MPM(tc, a_body_of_5_gb_arrives_whole);
    }
    ON_EVERY_MPM(tc, clients_that_reset_at_any_moment_cost_nothing);
    ON_EVERY_MPM(tc, graceful_restarts_under_load_cut_no_response);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("stream", add, 120);
}
