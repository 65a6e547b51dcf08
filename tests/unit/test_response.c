/* test_response.c: IHttpResponse before anything is sent: chunks, the view
 * that modules edit, headers, status.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "small_host.h"

#define OVERFLOW HRESULT_FROM_WIN32(ERROR_ARITHMETIC_OVERFLOW)
#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)

static IHttpResponse *response(void)
{
    return (IHttpResponse *)(void *)&ctx->response_iface;
}
#define CALL(method, ...) \
    response()->lpVtbl->method(response(), ##__VA_ARGS__)

static HTTP_DATA_CHUNK memory(const char *text)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };

    chunk.FromMemory.pBuffer = (PVOID)text;
    chunk.FromMemory.BufferLength = (ULONG)strlen(text);
    return chunk;
}

static HRESULT write_text(const char *text)
{
    HTTP_DATA_CHUNK chunk = memory(text);
    DWORD sent = 77;
    HRESULT hr = CALL(WriteEntityChunks, &chunk, 1, FALSE, TRUE, &sent,
                      NULL);

    ck_assert(FAILED(hr) || sent == strlen(text));
    return hr;
}

/* The entity as the view shows it; static. */
static const char *entity(void)
{
    static char text[256];
    HTTP_RESPONSE *raw = CALL(GetRawHttpResponse);
    int i;

    *text = '\0';
    for (i = 0; i < raw->EntityChunkCount; i++) {
        strncat(text, raw->pEntityChunks[i].FromMemory.pBuffer,
                raw->pEntityChunks[i].FromMemory.BufferLength);
    }
    return text;
}

START_TEST(buffered_writes_coalesce_into_one_chunk)
{
    int i;

    for (i = 0; i < 100; i++) {
        ck_assert_int_eq(write_text("five."), S_OK);
    }
    ck_assert_int_eq(CALL(GetRawHttpResponse)->EntityChunkCount, 1);
    ck_assert_int_eq(CALL(GetRawHttpResponse)->pEntityChunks[0]
                     .FromMemory.BufferLength, 500);
}
END_TEST

START_TEST(references_go_to_the_front_or_the_end)
{
    HTTP_DATA_CHUNK a = memory("a"), b = memory("b"), c = memory("c");

    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &a, -1), S_OK);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &b, 0), S_OK);
    ck_assert_int_eq(write_text("-"), S_OK);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &c, -1), S_OK);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &c, 1),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, NULL, -1),
                     INVALID_PARAMETER);
    ck_assert_str_eq(entity(), "ba-c");
    CALL(Clear);
    ck_assert_str_eq(entity(), "");
}
END_TEST

/* EntityChunkCount is a USHORT: one more would make it 0. */
START_TEST(chunk_65536_is_refused_and_the_others_stay)
{
    HTTP_DATA_CHUNK a = memory("a");
    int i;

    for (i = 0; i < 65535; i++) {
        ck_assert_int_eq(CALL(WriteEntityChunkByReference, &a, -1), S_OK);
    }
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &a, -1), OVERFLOW);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &a, 0), OVERFLOW);
    ck_assert_int_eq(CALL(GetRawHttpResponse)->EntityChunkCount, 65535);
}
END_TEST

START_TEST(an_edited_view_is_taken_over)
{
    HTTP_RESPONSE *raw;
    HTTP_DATA_CHUNK own[2] = { memory("own "), memory("chunks") };

    write_text("gone");
    raw = CALL(GetRawHttpResponse);
    raw->pEntityChunks = own;
    raw->EntityChunkCount = 2;
    raw->StatusCode = 418;
    iisr_enter(ctx);
    iisr_response_take_back(&ctx->response);
    iisr_leave(ctx);
    ck_assert_str_eq(entity(), "own chunks");
    ck_assert_int_eq(ctx->response.status, 418);
}
END_TEST

START_TEST(headers_have_defaults_and_are_joined_or_stand_alone)
{
    USHORT length = 9;

    ck_assert_str_eq(CALL(GetHeader, "server", &length), "small/1.0");
    ck_assert_int_eq(length, 9);
    CALL(SetHeader, "X-A", "1", 1, TRUE);
    CALL(SetHeader, "x-a", "2", 1, FALSE);
    ck_assert_str_eq(CALL(GetHeader, "X-A", &length), "1, 2");
    CALL(SetHeaderById, HttpHeaderServer, "more", 4, TRUE);
    ck_assert_str_eq(CALL(GetHeaderById, HttpHeaderServer, NULL),
                     "small/1.0, more");
    CALL(SetHeader, "Set-Cookie", "a=1", 3, FALSE);
    CALL(SetHeader, "Set-Cookie", "b=2", 3, FALSE);
    ck_assert_int_eq(apr_table_elts(ctx->response.headers)->nelts, 4);
    ck_assert_int_eq(CALL(DeleteHeader, "not there"), S_OK);
    CALL(DeleteHeader, "Server");
    ck_assert_ptr_null(CALL(GetHeader, "Server", &length));
    ck_assert_int_eq(length, 0);
    CALL(ClearHeaders);
    ck_assert_str_eq(CALL(GetHeader, "Server", NULL), "small/1.0");
    ck_assert_ptr_null(CALL(GetHeader, "X-A", NULL));
}
END_TEST

START_TEST(status_is_checked_and_told)
{
    USHORT status = 0, substatus = 0, length = 0;
    PCSTR reason = NULL;
    HRESULT error = S_OK;

    ck_assert_int_eq(CALL(SetStatus, 404, "Nothing here", 7, E_FAIL, NULL,
                          TRUE), S_OK);
    CALL(GetStatus, &status, &substatus, &reason, &length, &error, NULL,
         NULL, NULL, NULL);
    ck_assert_int_eq(status, 404);
    ck_assert_int_eq(substatus, 7);
    ck_assert_str_eq(reason, "Nothing here");
    ck_assert_int_eq(length, 12);
    ck_assert_int_eq(error, E_FAIL);
    ck_assert_int_eq(CALL(SetStatus, 99, "Low", 0, S_OK, NULL, FALSE),
                     HRESULT_FROM_WIN32(ERROR_INVALID_DATA));
    ck_assert_int_eq(CALL(GetRawHttpResponse)->StatusCode, 404);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("response");
    TCase *tc = tcase_create("response");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, small_setup, small_teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, buffered_writes_coalesce_into_one_chunk);
    tcase_add_test(tc, references_go_to_the_front_or_the_end);
    tcase_add_test(tc, chunk_65536_is_refused_and_the_others_stay);
    tcase_add_test(tc, an_edited_view_is_taken_over);
    tcase_add_test(tc, headers_have_defaults_and_are_joined_or_stand_alone);
    tcase_add_test(tc, status_is_checked_and_told);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
