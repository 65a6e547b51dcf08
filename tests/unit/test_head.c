/* test_head.c: what the head says and what stands once it has left: statuses,
 * lengths, framing, and what a flush tells its caller.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "small_host.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define INVALID_DATA HRESULT_FROM_WIN32(ERROR_INVALID_DATA)

static IHttpResponse *response(void)
{
    return (IHttpResponse *)(void *)&ctx->handle->response_iface;
}
#define CALL(method, ...) \
    response()->lpVtbl->method(response(), ##__VA_ARGS__)
#define SET(name, value) CALL(SetHeader, name, value, strlen(value), TRUE)

static void write_text(const char *text)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };

    chunk.FromMemory.pBuffer = (PVOID)text;
    chunk.FromMemory.BufferLength = (ULONG)strlen(text);
    ck_assert_int_eq(CALL(WriteEntityChunks, &chunk, 1, FALSE, TRUE, NULL,
                          NULL), S_OK);
}

static HRESULT flush(int more, DWORD *sent)
{
    *sent = 99;
    return CALL(Flush, FALSE, more, sent, NULL);
}

static int status(void)
{
    USHORT code = 0;

    CALL(GetStatus, &code, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    return code;
}

static HRESULT set_status(int code)
{
    return CALL(SetStatus, (USHORT)code, "Own", 3, E_FAIL, NULL, FALSE);
}

/* --- statuses ------------------------------------------------------------- */

/* RFC 9110, 15.2: an interim response is none. */
START_TEST(an_interim_status_is_refused)
{
    int code;

    set_status(404);
    for (code = 100; code < 200; code++) {
        ck_assert_int_eq(set_status(code), INVALID_PARAMETER);
        CALL(GetRawHttpResponse)->StatusCode = code;
        ck_assert_int_eq(status(), 404);
        ck_assert_int_eq(CALL(GetRawHttpResponse)->StatusCode, 404);
    }
    ck_assert_int_eq(set_status(99), INVALID_DATA);
    ck_assert_int_eq(set_status(1000), INVALID_DATA);
    ck_assert_int_eq(set_status(200), S_OK);
    ck_assert_int_eq(set_status(999), S_OK);
}
END_TEST

/* Of the view's, the last is logged when the head leaves. */
START_TEST(a_status_that_is_refused_is_logged_once)
{
    DWORD sent;

    CALL(GetRawHttpResponse)->StatusCode = _i;
    flush(1, &sent);
    ck_assert_int_eq(hr.warnings, 1);
    ck_assert_int_eq(hr.status, 200);
    flush(0, &sent);
    ck_assert_int_eq(hr.warnings, 1);
}
END_TEST

START_TEST(nothing_changes_a_head_that_has_left)
{
    DWORD sent;

    set_status(202);
    SET("X-A", "1");
    write_text("sent ");
    flush(1, &sent);
    write_text("unsent ");
    ck_assert_int_eq(set_status(503), S_OK);
    ck_assert_int_eq(set_status(103), INVALID_PARAMETER);
    CALL(GetRawHttpResponse)->StatusCode = 418;
    ck_assert_int_eq(status(), 202);
    ck_assert_int_eq(CALL(GetRawHttpResponse)->StatusCode, 202);
    ck_assert_int_eq(CALL(Redirect, "/x", TRUE, FALSE), S_OK);
    ck_assert_int_eq(CALL(Redirect, NULL, TRUE, FALSE), INVALID_PARAMETER);
    CALL(Clear);
    CALL(ClearHeaders);
    ck_assert_str_eq(CALL(GetHeader, "X-A", NULL), "1");
    ck_assert_ptr_null(CALL(GetHeader, "Location", NULL));
    ck_assert_int_eq(status(), 202);
    flush(0, &sent);
    ck_assert_str_eq(hr.sent, "sent unsent ");
    ck_assert_int_eq(hr.status, 202);
}
END_TEST

/* --- lengths -------------------------------------------------------------- */

static const struct {
    int status;
    const char *method, *length;        /* the module's */
    const char *body;                   /* what leaves */
    DWORD sent;
    apr_int64_t whole, more;            /* Content-Length, with fMoreData */
} lengths[] = {
    { 200, "GET", NULL, "0123456789", 10, 10, -1 },
    { 200, "GET", "4", "0123", 4, 4, 4 },
    { 200, "GET", "0", "", 0, 0, 0 },
    { 200, "GET", "20", "0123456789", 10, 20, 20 },
    { 200, "GET", "4, 5", "0123456789", 10, 10, -1 },
    { 200, "HEAD", NULL, "", 0, 10, -1 },
    { 200, "HEAD", "77", "", 0, 77, 77 },
    { 404, "HEAD", NULL, "", 0, 10, -1 },
    { 204, "GET", NULL, "", 0, -1, -1 },
    { 204, "GET", "10", "", 0, -1, -1 },
    { 204, "HEAD", "10", "", 0, -1, -1 },
    { 205, "GET", NULL, "", 0, 0, 0 },
    { 205, "GET", "10", "", 0, 0, 0 },
    { 205, "HEAD", "10", "", 0, 0, 0 },
    { 304, "GET", NULL, "", 0, 10, -1 },
    { 304, "GET", "77", "", 0, 77, 77 },
};
#define LENGTHS ((int)(sizeof(lengths) / sizeof(lengths[0])))

static void send_length(int i, int more)
{
    DWORD sent;

    hr.method = lengths[i].method;
    set_status(lengths[i].status);
    if (lengths[i].length) {
        SET("Content-Length", lengths[i].length);
    }
    write_text("0123456789");
    ck_assert_int_eq(flush(more, &sent), S_OK);
    ck_assert_uint_eq(sent, lengths[i].sent);
    ck_assert_str_eq(hr.sent, lengths[i].body);
    ck_assert_int_eq(hr.status, lengths[i].status);
}

START_TEST(a_length_is_what_leaves_or_would)
{
    send_length(_i, 0);
    ck_assert_int_eq(hr.length, lengths[_i].whole);
    ck_assert_int_eq(hr.ends, 1);
}
END_TEST

START_TEST(a_length_is_known_while_more_comes_or_not_there)
{
    DWORD sent;

    send_length(_i, 1);
    ck_assert_int_eq(hr.length, lengths[_i].more);
    write_text("9");
    flush(0, &sent);
    ck_assert_uint_le(sent, 1);
    ck_assert_uint_le(strlen(hr.sent), strlen(lengths[_i].body) + 1);
    if (!lengths[_i].sent) {
        ck_assert_str_eq(hr.sent, "");
    }
}
END_TEST

/* --- a body that its module frames ---------------------------------------- */

START_TEST(framing_of_a_module_is_taken_off)
{
    DWORD sent;

    SET("Transfer-Encoding", "Chunked");
    SET("Content-Length", "10");
    write_text("5\r\nhel");
    ck_assert_int_eq(flush(1, &sent), S_OK);
    ck_assert_uint_eq(sent, 6);
    ck_assert_int_eq(hr.chunked, 1);
    ck_assert_int_eq(hr.length, -1);
    write_text("lo\r\n0\r\nX-T: 1\r\n\r\n");
    ck_assert_int_eq(flush(0, &sent), S_OK);
    ck_assert_str_eq(hr.sent, "hello");
    ck_assert_int_eq(hr.ends, 1);
    ck_assert_int_eq(hr.warnings, 0);
    ck_assert_str_eq(apr_table_get(hr.trailers, "X-T"), "1");
}
END_TEST

START_TEST(trailers_in_the_first_flush_are_announced)
{
    DWORD sent;

    hr.major = _i ? 10 : 1;
    SET("Transfer-Encoding", "chunked");
    write_text("1\r\na\r\n0\r\nX-T: 1\r\nTE: 1\r\n\r\n");
    ck_assert_int_eq(flush(0, &sent), S_OK);
    ck_assert_str_eq(hr.sent, "a");
    ck_assert_int_eq(hr.trailers != NULL, !_i);
    ck_assert_int_eq(hr.warnings, _i ? 2 : 1);
}
END_TEST

START_TEST(broken_framing_ahead_of_the_head_is_a_500)
{
    DWORD sent;

    SET("Transfer-Encoding", "chunked");
    write_text(_i ? "5\r\nhello\r\n" : "hello");
    ck_assert_int_eq(flush(0, &sent), INVALID_DATA);
    ck_assert_uint_eq(sent, 0);
    ck_assert_int_eq(hr.status, 0);
    ck_assert_int_eq(hr.warnings, 1);
    ck_assert_int_eq(status(), 500);
    ck_assert_int_eq(flush(0, &sent), S_OK);
    ck_assert_int_eq(hr.status, 500);
    ck_assert_int_eq(hr.closes, 1);
    ck_assert_int_eq(hr.chunked, 0);
    ck_assert_str_eq(hr.sent, "");
}
END_TEST

START_TEST(broken_framing_after_the_head_cuts_the_response)
{
    DWORD sent;

    SET("Transfer-Encoding", "chunked");
    write_text("1\r\na\r\n");
    ck_assert_int_eq(flush(1, &sent), S_OK);
    write_text("x");
    ck_assert_int_eq(flush(1, &sent), INVALID_DATA);
    ck_assert_int_eq(hr.cuts, 1);
    write_text("0\r\n\r\n");
    ck_assert_int_eq(flush(1, &sent),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
    ck_assert_uint_eq(sent, 0);
    write_text("0\r\n\r\n");
    ck_assert_int_eq(flush(0, &sent),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
    ck_assert_uint_eq(sent, 0);
    ck_assert_str_eq(hr.sent, "a");
    ck_assert_int_eq(hr.ends, 0);
    ck_assert_int_eq(hr.warnings, 1);
    ck_assert_int_eq(status(), 200);
}
END_TEST

START_TEST(without_a_body_framing_is_not_looked_at)
{
    DWORD sent;

    hr.method = _i ? "GET" : "HEAD";
    set_status(_i ? _i : 200);
    SET("Transfer-Encoding", "chunked");
    write_text("hello");
    ck_assert_int_eq(flush(0, &sent), S_OK);
    ck_assert_str_eq(hr.sent, "");
    ck_assert_int_eq(hr.length, _i == 205 ? 0 : -1);
    ck_assert_int_eq(hr.warnings, 0);
}
END_TEST

START_TEST(another_coding_is_logged_and_not_sent)
{
    DWORD sent;

    SET("Transfer-Encoding", _i ? "identity" : "gzip, chunked");
    write_text("hello");
    ck_assert_int_eq(flush(0, &sent), S_OK);
    ck_assert_str_eq(hr.sent, "hello");
    ck_assert_int_eq(hr.length, 5);
    ck_assert_int_eq(hr.chunked, 0);
    ck_assert_int_eq(hr.warnings, !_i);
}
END_TEST

/* --- flushes that fail ---------------------------------------------------- */

/* By reference, and closed meanwhile. */
static void write_closed_file(void)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromFileHandle };
    char name[] = "/tmp/head-XXXXXX";
    int fd = mkstemp(name);

    unlink(name);
    chunk.FromFileHandle.FileHandle = iis_handle_from_fd(fd);
    chunk.FromFileHandle.ByteRange.Length.QuadPart = 10;
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunk, -1), S_OK);
    close(fd);
}

START_TEST(a_first_flush_that_fails_leaves_a_500)
{
    DWORD sent;

    SET("X-A", "1");
    write_text("body");
    write_closed_file();
    ck_assert_int_eq(flush(_i, &sent),
                     HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    ck_assert_uint_eq(sent, 0);
    ck_assert_int_eq(hr.status, 0);
    ck_assert_ptr_null(hr.sent);
    ck_assert_int_eq(status(), 500);
    ck_assert_ptr_null(CALL(GetHeader, "X-A", NULL));
    ck_assert_int_eq(CALL(GetRawHttpResponse)->EntityChunkCount, 0);
}
END_TEST

START_TEST(a_later_flush_that_fails_cuts_the_response)
{
    DWORD sent;

    write_text("begun");
    ck_assert_int_eq(flush(1, &sent), S_OK);
    write_closed_file();
    ck_assert_int_eq(flush(_i, &sent),
                     HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    ck_assert_uint_eq(sent, 0);
    ck_assert_int_eq(hr.cuts, 1);
    write_text("more");
    ck_assert_int_eq(flush(0, &sent),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
    ck_assert_str_eq(hr.sent, "begun");
    ck_assert_int_eq(hr.ends, 0);
    ck_assert_int_eq(status(), 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("head");
    TCase *tc = tcase_create("head");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, small_setup, small_teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, an_interim_status_is_refused);
    tcase_add_loop_test(tc, a_status_that_is_refused_is_logged_once, 99, 110);
    tcase_add_test(tc, nothing_changes_a_head_that_has_left);
    tcase_add_loop_test(tc, a_length_is_what_leaves_or_would, 0, LENGTHS);
    tcase_add_loop_test(tc, a_length_is_known_while_more_comes_or_not_there,
                        0, LENGTHS);
    tcase_add_test(tc, framing_of_a_module_is_taken_off);
    tcase_add_loop_test(tc, trailers_in_the_first_flush_are_announced, 0, 2);
    tcase_add_loop_test(tc, broken_framing_ahead_of_the_head_is_a_500, 0, 2);
    tcase_add_test(tc, broken_framing_after_the_head_cuts_the_response);
    tcase_add_loop_test(tc, without_a_body_framing_is_not_looked_at, 0, 1);
    tcase_add_loop_test(tc, without_a_body_framing_is_not_looked_at, 204, 206);
    tcase_add_loop_test(tc, without_a_body_framing_is_not_looked_at, 304, 305);
    tcase_add_loop_test(tc, another_coding_is_logged_and_not_sent, 0, 2);
    tcase_add_loop_test(tc, a_first_flush_that_fails_leaves_a_500, 0, 2);
    tcase_add_loop_test(tc, a_later_flush_that_fails_cuts_the_response, 0, 2);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
