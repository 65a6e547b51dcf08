/* test_response.c: IHttpResponse before anything is sent: chunks, the view
 * that modules edit, headers, status.
 */
#include <check.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "small_host.h"

#define OVERFLOW HRESULT_FROM_WIN32(ERROR_ARITHMETIC_OVERFLOW)
#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)

static IHttpResponse *response(void)
{
    return (IHttpResponse *)(void *)&ctx->handle->response_iface;
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

START_TEST(known_headers_of_the_view_may_be_edited)
{
    HTTP_KNOWN_HEADER *known;
    USHORT length;

    CALL(SetHeader, "Content-Type", "text/plain", 10, TRUE);
    CALL(SetHeader, "ETag", "\"a\"", 3, TRUE);
    CALL(SetHeader, "Location", "/", 1, TRUE);
    known = CALL(GetRawHttpResponse)->Headers.KnownHeaders;
    known[HttpHeaderContentType].pRawValue = "text/raw, and more";
    known[HttpHeaderContentType].RawValueLength = 8;
    known[HttpHeaderEtag].RawValueLength = 0;
    known[HttpHeaderAge].pRawValue = "a\r\nb: c";
    known[HttpHeaderAge].RawValueLength = 7;
    iisr_enter(ctx);
    iisr_response_take_back(&ctx->response);
    iisr_leave(ctx);
    ck_assert_str_eq(CALL(GetHeader, "Content-Type", &length), "text/raw");
    ck_assert_ptr_null(CALL(GetHeader, "ETag", &length));
    ck_assert_ptr_null(CALL(GetHeader, "Age", &length));
    ck_assert_str_eq(CALL(GetHeader, "Location", &length), "/");
    known = CALL(GetRawHttpResponse)->Headers.KnownHeaders;
    ck_assert_int_eq(known[HttpHeaderContentType].RawValueLength, 8);
    ck_assert_ptr_null(known[HttpHeaderAge].pRawValue);
}
END_TEST

static int is_header(const HTTP_UNKNOWN_HEADER *h, const char *name,
                     const char *value)
{
    return h->NameLength == strlen(name) && !memcmp(h->pName, name, h->NameLength)
           && h->RawValueLength == strlen(value)
           && !memcmp(h->pRawValue, value, h->RawValueLength);
}

START_TEST(unknown_headers_of_the_view_may_be_edited)
{
    HTTP_RESPONSE_HEADERS *headers;
    HTTP_UNKNOWN_HEADER own[4];
    USHORT length;

    CALL(SetHeader, "X-First", "1", 1, TRUE);
    CALL(SetHeader, "X-Second", "2", 1, TRUE);
    CALL(SetHeader, "Set-Cookie", "a=1", 3, FALSE);
    CALL(SetHeader, "Set-Cookie", "b=2", 3, FALSE);
    headers = &CALL(GetRawHttpResponse)->Headers;
    ck_assert_int_eq(headers->UnknownHeaderCount, 3);
    headers->pUnknownHeaders[0].pRawValue = "one, and more";
    headers->pUnknownHeaders[0].RawValueLength = 3;
    ck_assert_str_eq(CALL(GetHeader, "X-First", &length), "one");

    memcpy(own, headers->pUnknownHeaders, 3 * sizeof(*own));
    own[1] = own[2];
    own[2] = (HTTP_UNKNOWN_HEADER) { 4, 1, "X-New", "n..." };
    own[3] = (HTTP_UNKNOWN_HEADER) { 5, 6, "X-Bad", "a\r\nb:c" };
    headers->pUnknownHeaders = own;
    headers->UnknownHeaderCount = 4;
    ck_assert_ptr_null(CALL(GetHeader, "X-Second", &length));
    ck_assert_ptr_null(CALL(GetHeader, "X-Bad", &length));
    ck_assert_str_eq(CALL(GetHeader, "X-Ne", &length), "n");
    ck_assert_str_eq(CALL(GetHeader, "X-First", &length), "one");
    ck_assert_str_eq(headers->KnownHeaders[HttpHeaderSetCookie].pRawValue,
                     "a=1");
    ck_assert_int_eq(headers->UnknownHeaderCount, 3);
    ck_assert(is_header(&headers->pUnknownHeaders[1], "Set-Cookie", "b=2"));
    headers->UnknownHeaderCount--;
    ck_assert_ptr_null(CALL(GetHeader, "X-Ne", &length));
}
END_TEST

/* What a module holds is the response itself. */
START_TEST(the_view_shows_what_methods_do)
{
    HTTP_RESPONSE_HEADERS *headers = &CALL(GetRawHttpResponse)->Headers;
    USHORT length;
    int i;

    for (i = 0; i < 26; i++) {
        char name[8] = { 'X', '-', 'A' + i };

        CALL(SetHeader, name, "v", 1, TRUE);
    }
    CALL(SetHeader, "ETag", "e", 1, TRUE);
    ck_assert_int_eq(headers->UnknownHeaderCount, 26);
    ck_assert_str_eq(headers->KnownHeaders[HttpHeaderEtag].pRawValue, "e");
    headers->KnownHeaders[HttpHeaderAge].pRawValue = "7";
    headers->KnownHeaders[HttpHeaderAge].RawValueLength = 1;
    CALL(SetHeader, "X-A", "w", 1, TRUE);
    ck_assert_str_eq(CALL(GetHeader, "Age", &length), "7");
    for (i = 0; headers->UnknownHeaderCount && i < 99; i++) {
        CALL(DeleteHeader, headers->pUnknownHeaders[0].pName);
    }
    ck_assert_int_eq(i, 26);
    CALL(Redirect, "/x", TRUE, FALSE);
    ck_assert_str_eq(headers->KnownHeaders[HttpHeaderContentType].pRawValue,
                     "text/html");
    CALL(ClearHeaders);
    ck_assert_ptr_null(headers->KnownHeaders[HttpHeaderEtag].pRawValue);
}
END_TEST

START_TEST(what_is_written_follows_an_edited_view)
{
    HTTP_DATA_CHUNK a = memory("a"), own = memory("own ");
    HTTP_RESPONSE *raw;
    USHORT status;

    write_text("gone");
    raw = CALL(GetRawHttpResponse);
    raw->EntityChunkCount = 0;
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &a, -1), S_OK);
    ck_assert_str_eq(entity(), "a");
    raw->EntityChunkCount = 0;
    write_text("b");
    ck_assert_str_eq(entity(), "b");
    raw->pEntityChunks = &own;
    write_text("c");
    ck_assert_str_eq(entity(), "own c");
    raw->StatusCode = 418;
    CALL(GetStatus, &status, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    ck_assert_int_eq(status, 418);
}
END_TEST

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

/* --- what leaves -------------------------------------------------------- */

#define CALL4(method, ...) \
    ctx->handle->response_iface.lpVtbl->method(&ctx->handle->response_iface, ##__VA_ARGS__)

START_TEST(views_for_reading_and_for_writing_are_one)
{
    ck_assert_ptr_eq(CALL(GetRawHttpResponseConst), CALL(GetRawHttpResponse));
}
END_TEST

START_TEST(a_flush_sends_head_and_body_and_tells_how_much)
{
    DWORD sent = 99;
    BOOL expected = 99;

    write_text("one");
    ck_assert_ptr_null(hr.sent);
    ck_assert_int_eq(CALL(Flush, FALSE, TRUE, &sent, &expected), S_OK);
    ck_assert_uint_eq(sent, 3);
    ck_assert(!expected);
    ck_assert_int_eq(hr.status, 200);
    ck_assert_int_eq(hr.ends, 0);
    CALL(Clear);                        /* changes nothing that has left */
    CALL(ClearHeaders);
    write_text("two");
    ck_assert_int_eq(CALL(Flush, FALSE, FALSE, NULL, NULL), S_OK);
    ck_assert_str_eq(hr.sent, "onetwo");
    ck_assert_int_eq(hr.ends, 1);
    sent = expected = 99;
    ck_assert_int_eq(CALL(Flush, FALSE, FALSE, &sent, &expected),
                     HRESULT_FROM_WIN32(ERROR_INVALID_DATA));
    ck_assert_uint_eq(sent, 0);
    ck_assert(!expected);
}
END_TEST

static apr_bucket *hosts;

/* A file bucket of the host's: "0123456789", from its third byte on. */
static void adopt_file(FILE *f)
{
    int fd = fileno(f);
    apr_file_t *file;

    ck_assert_int_ge(fputs("0123456789", f), 0);
    ck_assert_int_eq(fflush(f), 0);
    apr_os_file_put(&file, &fd, APR_FOPEN_READ, hr.pool);
    hosts = apr_bucket_file_create(file, 2, 8, hr.pool, small_alloc(&hr));
    ck_assert_int_eq(iisr_response_show_bucket(&ctx->response, hosts),
                     APR_SUCCESS);
}

START_TEST(a_file_of_the_host_leaves_as_its_bucket_whatever_its_range)
{
    FILE *f = tmpfile();
    HTTP_RESPONSE *raw = CALL(GetRawHttpResponse);
    HTTP_DATA_CHUNK *chunk;

    adopt_file(f);
    ck_assert_int_eq(raw->EntityChunkCount, 1);
    chunk = raw->pEntityChunks;
    ck_assert_int_eq(chunk->DataChunkType, HttpDataChunkFromFileHandle);
    ck_assert_int_eq(iis_fd_from_handle(chunk->FromFileHandle.FileHandle),
                     fileno(f));
    chunk->FromFileHandle.ByteRange.Length.QuadPart -= 3 * _i;
    ck_assert_int_eq(CALL(Flush, FALSE, FALSE, NULL, NULL), S_OK);
    ck_assert_str_eq(hr.sent, _i ? "23456" : "23456789");
    ck_assert_int_eq(hr.descriptor, fileno(f));
    fclose(f);
}
END_TEST

START_TEST(files_of_the_host_go_with_its_request)
{
    FILE *f = tmpfile();
    HTTP_RESPONSE *raw = CALL(GetRawHttpResponse);

    adopt_file(f);
    ctx->refs++;
    iisr_context_close(ctx);
    apr_bucket_alloc_destroy(hr.alloc);
    ck_assert_int_eq(iisr_chunk_length(raw->pEntityChunks), 0);
    iisr_enter(ctx);
    ctx->refs--;
    iisr_leave(ctx);
    small_open();
    fclose(f);
}
END_TEST

START_TEST(unbuffered_writes_leave_at_once)
{
    CALL(DisableBuffering);
    write_text("one");
    ck_assert_str_eq(hr.sent, "one");
    write_text("two");
    ck_assert_str_eq(hr.sent, "onetwo");
    ck_assert_int_eq(hr.status, 200);
}
END_TEST

START_TEST(a_redirect_takes_the_place_of_the_body)
{
    write_text("gone");
    hr.query = "q=1";
    ck_assert_int_eq(CALL(Redirect, NULL, TRUE, FALSE), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(Redirect, "/b\r\nX: y", TRUE, FALSE),
                     INVALID_PARAMETER);
    ck_assert_str_eq(entity(), "gone");
    ck_assert_int_eq(CALL(Redirect, "/b", TRUE, TRUE), S_OK);
    ck_assert_str_eq(CALL(GetHeader, "Location", NULL),
                     "http://localhost:8080/b?q=1");
    ck_assert_int_eq(ctx->response.status, 302);
    ck_assert_ptr_null(strstr(entity(), "gone"));
    ck_assert_int_eq(CALL(SetStatus, 307, "Keep", 0, S_OK, NULL, FALSE),
                     S_OK);
    ck_assert_int_eq(CALL(Redirect, "http://else/where", FALSE, FALSE), S_OK);
    ck_assert_str_eq(CALL(GetHeader, "Location", NULL), "http://else/where");
    ck_assert_int_eq(ctx->response.status, 307);
}
END_TEST

static const char *redirected(const char *url, BOOL with_query)
{
    ck_assert_int_eq(CALL(Redirect, url, TRUE, with_query), S_OK);
    return CALL(GetHeader, "Location", NULL);
}

/* RFC 9110, 10.2.2: Location is a URI. */
START_TEST(a_redirect_is_encoded_once)
{
    hr.path = "/a b%/c";
    hr.query = "q=%20 x";
    ck_assert_str_eq(redirected("/a b?c d", FALSE),
                     "http://localhost:8080/a%20b?c%20d");
    ck_assert_str_eq(redirected("/%41%2f%zz+&;=", FALSE),
                     "http://localhost:8080/%41%2f%zz+&;=");
    ck_assert_str_eq(redirected("/caf\xc3\xa9/<\"{|}^`\\>#f g", FALSE),
                     "http://localhost:8080/caf%C3%A9/%3C%22%7B%7C%7D%5E%60"
                     "%5C%3E#f%20g");
    ck_assert_str_eq(redirected("http://[::1]:8/x y", FALSE),
                     "http://[::1]:8/x%20y");
    ck_assert_str_eq(redirected("d e", FALSE),
                     "http://localhost:8080/a%20b%25/d%20e");
    ck_assert_str_eq(redirected("/d#e", TRUE),
                     "http://localhost:8080/d?q=%20%20x#e");
    ck_assert_str_eq(redirected("/d?e#f?", TRUE),
                     "http://localhost:8080/d?e&q=%20%20x#f?");
    ck_assert_str_eq(redirected("/d#e?f", TRUE),
                     "http://localhost:8080/d?q=%20%20x#e?f");
}
END_TEST

START_TEST(suppressed_headers_stay_readable)
{
    DWORD sent;

    ck_assert(!CALL(GetHeadersSuppressed));
    CALL(SetHeader, "X-A", "1", 1, TRUE);
    CALL(SuppressHeaders);
    ck_assert(CALL(GetHeadersSuppressed));
    ck_assert_str_eq(CALL(GetHeader, "X-A", NULL), "1");
    ck_assert_int_eq(CALL(Flush, FALSE, TRUE, &sent, NULL), S_OK);
    ck_assert_int_eq(hr.suppressed, 1);
}
END_TEST

/* A stream has a head, and its connection is not its own. */
START_TEST(what_http_2_has_nothing_for_is_refused)
{
    hr.major = 2;
    CALL(SuppressHeaders);
    ck_assert(!CALL(GetHeadersSuppressed));
    CALL(SetNeedDisconnect);
    CALL4(SetNeedGoAway);
    CALL(Flush, FALSE, TRUE, NULL, NULL);
    ck_assert_int_eq(hr.suppressed, 0);
    ck_assert_int_eq(hr.closes, 0);
    CALL(SetNeedDisconnect);
    ck_assert_int_eq(hr.aborts, 0);
}
END_TEST

START_TEST(kernel_cache_is_only_switched_off)
{
    ck_assert(CALL(GetKernelCacheEnabled));
    CALL(DisableKernelCache, 9);
    ck_assert(!CALL(GetKernelCacheEnabled));
}
END_TEST

START_TEST(a_description_of_the_error_is_encoded_and_kept)
{
    DWORD length = 99;

    ck_assert_ptr_null(CALL(GetErrorDescription, &length));
    ck_assert_uint_eq(length, 0);
    ck_assert_int_eq(CALL(SetErrorDescription, NULL, 1, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetErrorDescription, L"<b> & more", 5, TRUE), S_OK);
    ck_assert(!wcscmp(CALL(GetErrorDescription, &length),
                      L"&lt;b&gt; &amp;"));
    ck_assert_uint_eq(length, 15);
    ck_assert_int_eq(CALL(SetErrorDescription, L"<b>", 3, FALSE), S_OK);
    ck_assert(!wcscmp(CALL(GetErrorDescription, NULL), L"<b>"));
}
END_TEST

/* --- ends of the connection --------------------------------------------- */

START_TEST(a_connection_is_closed_after_the_response)
{
    CALL(SetNeedDisconnect);
    ck_assert_int_eq(hr.aborts, 0);
    CALL(Flush, FALSE, TRUE, NULL, NULL);
    ck_assert_int_eq(hr.closes, 1);
    CALL4(SetNeedGoAway);               /* the head has left already */
    ck_assert_int_eq(hr.aborts, 1);
    ck_assert_int_eq(hr.resets, 0);
}
END_TEST

static void reset(void)
{
    CALL(ResetConnection);
}

static void close_now(void)
{
    CALL(CloseConnection);
}

static void reset_stream(void)
{
    CALL4(ResetStream, 8);
}

static void (*const ends[])(void) = { reset, close_now, reset_stream };

/* Later writes succeed, and nothing reaches the client. */
START_TEST(a_reset_connection_takes_no_more)
{
    HTTP_DATA_CHUNK more = memory("more");

    write_text("gone");
    ends[_i]();
    ck_assert_int_eq(hr.resets, ends[_i] != close_now);
    ck_assert_int_eq(hr.cuts, ends[_i] == close_now);
    ck_assert_uint_eq(ctx->response.reset_code, 8);
    ck_assert_int_eq(write_text("more"), S_OK);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &more, -1), S_OK);
    ck_assert_int_eq(CALL(Flush, FALSE, FALSE, NULL, NULL), S_OK);
    ck_assert_ptr_null(hr.sent);
    ck_assert_int_eq(hr.status, 0);
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
    tcase_add_test(tc, known_headers_of_the_view_may_be_edited);
    tcase_add_test(tc, unknown_headers_of_the_view_may_be_edited);
    tcase_add_test(tc, the_view_shows_what_methods_do);
    tcase_add_test(tc, what_is_written_follows_an_edited_view);
    tcase_add_test(tc, buffered_writes_coalesce_into_one_chunk);
    tcase_add_test(tc, references_go_to_the_front_or_the_end);
    tcase_add_test(tc, chunk_65536_is_refused_and_the_others_stay);
    tcase_add_test(tc, an_edited_view_is_taken_over);
    tcase_add_test(tc, headers_have_defaults_and_are_joined_or_stand_alone);
    tcase_add_test(tc, status_is_checked_and_told);
    tcase_add_test(tc, views_for_reading_and_for_writing_are_one);
    tcase_add_test(tc, a_flush_sends_head_and_body_and_tells_how_much);
    tcase_add_loop_test(tc,
        a_file_of_the_host_leaves_as_its_bucket_whatever_its_range, 0, 2);
    tcase_add_test(tc, files_of_the_host_go_with_its_request);
    tcase_add_test(tc, unbuffered_writes_leave_at_once);
    tcase_add_test(tc, a_redirect_takes_the_place_of_the_body);
    tcase_add_test(tc, a_redirect_is_encoded_once);
    tcase_add_test(tc, suppressed_headers_stay_readable);
    tcase_add_test(tc, what_http_2_has_nothing_for_is_refused);
    tcase_add_test(tc, kernel_cache_is_only_switched_off);
    tcase_add_test(tc, a_description_of_the_error_is_encoded_and_kept);
    tcase_add_test(tc, a_connection_is_closed_after_the_response);
    tcase_add_loop_test(tc, a_reset_connection_takes_no_more, 0, 3);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
