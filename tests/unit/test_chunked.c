/* test_chunked.c: the chunked transfer coding, read byte by byte, in pieces
 * of every size, from memory and from files.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include "chunked.h"

static apr_pool_t *pool;
static apr_bucket_alloc_t *list;
static char fields[256];

static void note(void *baton, const char *name, const char *value)
{
    ck_assert_ptr_eq(baton, fields);
    strcat(strcat(strcat(strcat(fields, name), "="), value), ";");
}

static void setup(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    list = apr_bucket_alloc_create(pool);
    *fields = '\0';
}

static void teardown(void)
{
    apr_bucket_alloc_destroy(list);
    apr_pool_destroy(pool);
    apr_terminate();
}

/* The body of text, read in pieces of so many bytes; NULL: a fault. */
static const char *body_of(iisr_chunked_t *c, const char *text, apr_size_t n,
                           apr_size_t piece)
{
    char *body = apr_pcalloc(pool, n + 1);
    apr_size_t have = 0, at = 0;

    memset(c, 0, sizeof(*c));
    c->field = note;
    c->baton = fields;
    while (at < n) {
        apr_size_t end = at + piece < n ? at + piece : n, some;

        while (at < end) {
            at += iisr_chunked_read(c, text + at, end - at);
            if (c->state == IISR_CHUNKED_BROKEN) {
                ck_assert_ptr_nonnull(c->fault);
                return NULL;
            }
            some = c->state != IISR_CHUNKED_DATA ? 0
                   : c->left < end - at ? c->left : end - at;
            if (some) {
                memcpy(body + have, text + at, some);
                iisr_chunked_pass(c, some);
            }
            have += some;
            at += some;
        }
    }
    return body;
}

static const struct {
    const char *text, *body, *fields;
} good[] = {
    { "0\r\n\r\n", "", "" },
    { "5\r\nhello\r\n0\r\n\r\n", "hello", "" },
    { "1\r\nh\r\n004\r\nello\r\n000\r\n\r\n", "hello", "" },
    { "A\r\n0123456789\r\nb\r\n\r\n0\r\n\r\n0\r\n\r\r\n0\r\n\r\n",
      "0123456789\r\n0\r\n\r\n0\r\n\r", "" },
    { "2;a\r\nhi\r\n0;b=\"c;d\"\r\n\r\n", "hi", "" },
    { "2 \t\r\nhi\r\n0 ; x = y\r\n\r\n", "hi", "" },
    { "2\r\nhi\r\n0\r\nA: b\r\nC:\t d e \t\r\nF:\r\n\r\n", "hi",
      "A=b;C=d e;F=;" },
    { "0000000000000002\r\nhi\r\n00000000000000000000\r\n\r\n", "hi", "" },
};
#define GOOD ((int)(sizeof(good) / sizeof(good[0])))

START_TEST(a_body_is_read_however_it_is_split)
{
    iisr_chunked_t c;
    apr_size_t piece, n = strlen(good[_i].text);

    for (piece = 1; piece <= n; piece++) {
        *fields = '\0';
        ck_assert_str_eq(body_of(&c, good[_i].text, n, piece), good[_i].body);
        ck_assert_int_eq(c.state, IISR_CHUNKED_DONE);
        ck_assert_str_eq(fields, good[_i].fields);
    }
}
END_TEST

START_TEST(a_body_is_over_with_its_last_byte_and_not_before)
{
    iisr_chunked_t c;
    apr_size_t n;

    for (n = 0; n < strlen(good[_i].text); n++) {
        ck_assert_ptr_nonnull(body_of(&c, good[_i].text, n, n + 1));
        ck_assert_int_ne(c.state, IISR_CHUNKED_DONE);
    }
    ck_assert_ptr_null(body_of(&c, apr_pstrcat(pool, good[_i].text, "0",
                                               NULL), n + 1, 1));
}
END_TEST

static const char *const bad[] = {
    "hello", "\r\n", "\n", " 5\r\n", ";\r\n", "-1\r\n", "+1\r\n", "0x5\r\n",
    "5\nhello", "5\rhello", "5\r\r\n", "5 6\r\n", "5,\r\n", "g\r\n",
    "5\r\nhello0\r\n", "5\r\nhello\n", "5\r\nhello\r0", "5\r\nhell\r\n0",
    "5;\1\r\n", "5;a\nb\r\n", "5;\x7f\r\n",
    "8000000000000000\r\n", "10000000000000000\r\n",
    "ffffffffffffffffffff\r\n",
    "0\r\nno field\r\n", "0\r\n: none\r\n", "0\r\na b: c\r\n",
    "0\r\n a: b\r\n", "0\r\na: b\1\r\n", "0\r\na: b\n", "0\r\n\r\r",
    "0\r\n\r\n\r\n", "0\r\n\r\n5\r\n"
};
#define BAD ((int)(sizeof(bad) / sizeof(bad[0])))

START_TEST(what_is_broken_is_a_fault)
{
    iisr_chunked_t c;
    apr_size_t piece, n = strlen(bad[_i]);

    for (piece = 1; piece <= n; piece++) {
        ck_assert_msg(!body_of(&c, bad[_i], n, piece), "%s", bad[_i]);
    }
    /* And stays one. */
    ck_assert_uint_eq(iisr_chunked_read(&c, "0", 1), 0);
}
END_TEST

START_TEST(the_largest_size_is_one_and_lines_have_an_end)
{
    iisr_chunked_t c = { 0 };
    char *line = apr_pcalloc(pool, 4096);

    ck_assert_uint_eq(iisr_chunked_read(&c, "7fffffffffffffff\r\nabc", 21),
                      18);
    ck_assert_uint_eq(c.left, APR_INT64_MAX);
    memset(line, '0', 1023);
    strcpy(line + 1023, "\r\n\r\n");
    ck_assert_ptr_null(body_of(&c, line, 1027, 4096));
    strcpy(line + 1022, "\r\n\r\n");
    ck_assert_ptr_nonnull(body_of(&c, line, 1026, 4096));
    ck_assert_int_eq(c.state, IISR_CHUNKED_DONE);
    memset(line, 'a', 2000);
    memcpy(line, "0\r\na:", 5);
    ck_assert_ptr_null(body_of(&c, line, 2000, 100));
    memcpy(line, "1;", 2);
    ck_assert_ptr_null(body_of(&c, line, 2000, 100));
}
END_TEST

/* --- brigades ------------------------------------------------------------- */

static void add_memory(apr_bucket_brigade *bb, const char *text,
                       apr_size_t n)
{
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_transient_create(text, n, list));
}

static void add_file(apr_bucket_brigade *bb, const char *text, apr_size_t n)
{
    apr_file_t *file;
    FILE *f = tmpfile();
    int fd = fileno(f);

    ck_assert_uint_eq(fwrite(text, 1, n, f), n);
    fflush(f);
    apr_os_file_put(&file, &fd, APR_FOPEN_READ, pool);
    apr_file_dup(&file, file, pool);
    fclose(f);
    apr_bucket_file_enable_mmap(apr_brigade_insert_file(bb, file, 0, n, pool),
                                0);
}

/* The text in buckets of so many bytes; a FLUSH behind each. */
static apr_bucket_brigade *brigade(const char *text, apr_size_t n,
                                   apr_size_t piece, int files)
{
    apr_bucket_brigade *bb = apr_brigade_create(pool, list);
    apr_size_t at;

    for (at = 0; at < n; at += piece) {
        (files ? add_file : add_memory)(bb, text + at, at + piece < n ? piece
                                                                      : n - at);
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_flush_create(list));
    }
    return bb;
}

static int flushes(apr_bucket_brigade *bb)
{
    apr_bucket *b;
    int n = 0;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        n += APR_BUCKET_IS_FLUSH(b);
    }
    return n;
}

START_TEST(a_brigade_keeps_its_body_and_nothing_else)
{
    const char *text = good[_i].text;
    apr_size_t piece, n = strlen(text), length;
    char *left;
    int files;

    for (files = 0; files < 2; files++) {
        for (piece = 1; piece <= n; piece++) {
            iisr_chunked_t c = { 0 };
            apr_bucket_brigade *bb = brigade(text, n, piece, files);

            ck_assert_int_eq(iisr_chunked_strip(&c, bb), APR_SUCCESS);
            ck_assert_int_eq(c.state, IISR_CHUNKED_DONE);
            ck_assert_int_eq(flushes(bb), (n + piece - 1) / piece);
            apr_brigade_pflatten(bb, &left, &length, pool);
            ck_assert_uint_eq(length, strlen(good[_i].body));
            ck_assert(!memcmp(left, good[_i].body, length));
            apr_brigade_destroy(bb);
        }
    }
}
END_TEST

/* Of a long chunk of a file only its beginning is read. */
START_TEST(a_file_stays_a_file)
{
    apr_size_t n = 1 << 20;
    char *text = apr_palloc(pool, n + 32), *left;
    iisr_chunked_t c = { 0 };
    apr_bucket_brigade *bb;
    apr_bucket *b;
    apr_size_t inside = 0, length;

    memcpy(text, "100000\r\n", 8);
    memset(text + 8, 'x', n);
    memcpy(text + 8 + n, "\r\n0\r\n\r\n", 7);
    bb = brigade(text, n + 15, n + 15, 1);
    ck_assert_int_eq(iisr_chunked_strip(&c, bb), APR_SUCCESS);
    ck_assert_int_eq(c.state, IISR_CHUNKED_DONE);
    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        inside += APR_BUCKET_IS_FILE(b) ? b->length : 0;
    }
    ck_assert_uint_gt(inside, n - 10000);
    apr_brigade_pflatten(bb, &left, &length, pool);
    ck_assert_uint_eq(length, n);
    ck_assert_uint_eq(strspn(apr_pstrmemdup(pool, left, n), "x"), n);
}
END_TEST

START_TEST(a_broken_brigade_is_a_fault)
{
    iisr_chunked_t c = { 0 };

    ck_assert_int_eq(iisr_chunked_strip(&c, brigade(bad[_i], strlen(bad[_i]),
                                                    2, 0)), APR_EINVAL);
    ck_assert_ptr_nonnull(c.fault);
}
END_TEST

/* What is shorter than it said it was cannot be read. */
START_TEST(a_file_that_ends_early_is_an_error)
{
    iisr_chunked_t c = { 0 };
    apr_bucket_brigade *bb = brigade("5\r\nhel", 6, 6, 1);

    APR_BRIGADE_FIRST(bb)->length = 20;
    APR_BRIGADE_FIRST(bb)->start = 10;
    ck_assert_int_eq(iisr_chunked_strip(&c, bb), APR_EOF);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chunked");
    TCase *tc = tcase_create("chunked");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_body_is_read_however_it_is_split, 0, GOOD);
    tcase_add_loop_test(tc, a_body_is_over_with_its_last_byte_and_not_before,
                        0, GOOD);
    tcase_add_loop_test(tc, what_is_broken_is_a_fault, 0, BAD);
    tcase_add_test(tc, the_largest_size_is_one_and_lines_have_an_end);
    tcase_add_loop_test(tc, a_brigade_keeps_its_body_and_nothing_else, 0,
                        GOOD);
    tcase_add_test(tc, a_file_stays_a_file);
    tcase_add_loop_test(tc, a_broken_brigade_is_a_fault, 0, BAD);
    tcase_add_test(tc, a_file_that_ends_early_is_an_error);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
