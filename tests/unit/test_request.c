/* test_request.c: IHttpRequest against a host that has headers and a body. */
#include "small_host.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define INVALID_DATA HRESULT_FROM_WIN32(ERROR_INVALID_DATA)
#define HANDLE_EOF HRESULT_FROM_WIN32(ERROR_HANDLE_EOF)

#define REQUEST2 ((IHttpRequest2 *)(void *)&ctx->handle->request_iface)
/* Calls a method of IHttpRequest. */
#define REQUEST ((IHttpRequest *)(void *)&ctx->handle->request_iface)
#define CALL(method, ...) \
    ctx->handle->request_iface.lpVtbl->base.base.base.method(REQUEST, ##__VA_ARGS__)

static HTTP_REQUEST_V1 *view(void)
{
    return (HTTP_REQUEST_V1 *)(void *)CALL(GetRawHttpRequest);
}

/* --- view --------------------------------------------------------------- */

START_TEST(view_has_verb_headers_and_ids)
{
    HTTP_REQUEST_V1 *v;

    hr.method = "PROPFIND";
    apr_table_set(hr.headers, "User-Agent", "check");
    apr_table_set(hr.headers, "X-One", "1");
    v = view();
    ck_assert_int_eq(v->Verb, HttpVerbPROPFIND);
    ck_assert_uint_eq(v->ConnectionId, 7);
    ck_assert_uint_eq(v->RequestId, 9);
    ck_assert_uint_eq(v->Version.MinorVersion, 1);
    ck_assert_ptr_null(v->pSslInfo);
    ck_assert_str_eq(v->Headers.KnownHeaders[HttpHeaderUserAgent].pRawValue,
                     "check");
    ck_assert_uint_eq(v->Headers.KnownHeaders[HttpHeaderUserAgent]
                      .RawValueLength, 5);
    ck_assert_ptr_null(v->Headers.KnownHeaders[HttpHeaderCookie].pRawValue);
    ck_assert_uint_eq(v->Headers.UnknownHeaderCount, 1);
    ck_assert_str_eq(v->Headers.pUnknownHeaders[0].pName, "X-One");
}
END_TEST

/* HTTP_REQUEST_V1: total bytes read from the network for this request. */
START_TEST(view_counts_the_bytes_of_the_request)
{
    const char *head = "GET /a?b HTTP/1.1\r\nHost: x\r\nX-One: 12\r\n\r\n";
    HTTP_REQUEST_V1 *v;
    char buffer[8];
    DWORD n;

    hr.query = "b";
    apr_table_set(hr.headers, "Host", "x");
    apr_table_set(hr.headers, "X-One", "12");
    hr.body = "0123456789";
    hr.body_length = 10;
    v = view();
    ck_assert_uint_eq(v->BytesReceived, strlen(head));
    ck_assert_int_eq(CALL(SetHeader, "X-Two", "n", 1, TRUE), S_OK);
    ck_assert_uint_eq(v->BytesReceived, strlen(head));
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL), S_OK);
    ck_assert_uint_eq(v->BytesReceived, strlen(head) + 8);
    ck_assert_int_eq(CALL(InsertEntityBody, buffer, 8), S_OK);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL), S_OK);
    ck_assert_uint_eq(v->BytesReceived, strlen(head) + 8);
}
END_TEST

START_TEST(view_has_flags)
{
    ck_assert_uint_eq(view()->Flags, 0);
    ck_assert_uint_eq(iisr_request_flags(0, 2), HTTP_REQUEST_FLAG_HTTP2);
    ck_assert_uint_eq(iisr_request_flags(-1, 1),
                      HTTP_REQUEST_FLAG_MORE_ENTITY_BODY_EXISTS);
}
END_TEST

START_TEST(view_has_a_zeroed_element_past_the_end)
{
    HTTP_REQUEST_V1 *v;
    HTTP_UNKNOWN_HEADER *end;
    int i;

    for (i = 0; i < 40; i++) {
        apr_table_set(hr.headers, apr_psprintf(pool, "X-%d", i), "v");
    }
    v = view();
    end = &v->Headers.pUnknownHeaders[v->Headers.UnknownHeaderCount];
    ck_assert_uint_eq(v->Headers.UnknownHeaderCount, 40);
    ck_assert_ptr_null(end->pName);
    ck_assert_ptr_null(end->pRawValue);
    ck_assert_uint_eq(end->NameLength, 0);
}
END_TEST

START_TEST(view_keeps_a_verb_that_it_does_not_know)
{
    hr.method = "BREW";
    ck_assert_int_eq(view()->Verb, HttpVerbUnknown);
    ck_assert_str_eq(view()->pUnknownVerb, "BREW");
    ck_assert_uint_eq(view()->UnknownVerbLength, 4);
}
END_TEST

START_TEST(cooked_url_counts_bytes_of_wchar)
{
    HTTP_COOKED_URL *u;

    hr.path = "/caf\xc3\xa9";
    hr.query = "q=1";
    u = &view()->CookedUrl;
    ck_assert(!wcscmp(u->pFullUrl, L"http://localhost:8080/caf\u00e9?q=1"));
    ck_assert_uint_eq(u->AbsPathLength, 5 * sizeof(WCHAR));
    ck_assert_uint_eq(u->HostLength, 14 * sizeof(WCHAR));
    ck_assert_uint_eq(u->QueryStringLength, 4 * sizeof(WCHAR));
    ck_assert_uint_eq(u->FullUrlLength,
                      wcslen(u->pFullUrl) * sizeof(WCHAR));
    ck_assert(*u->pQueryString == L'?');
}
END_TEST

START_TEST(view_stays_where_it_is_and_true)
{
    HTTP_REQUEST_V1 *v = view();

    ck_assert_ptr_null(v->CookedUrl.pQueryString);
    ck_assert_int_eq(CALL(SetHeader, "X-New", "n", 1, TRUE), S_OK);
    ck_assert_int_eq(CALL(SetHttpMethod, "PUT"), S_OK);
    ck_assert_int_eq(CALL(SetUrl, "/b?c", 4, TRUE), S_OK);
    ck_assert_ptr_eq(view(), v);
    ck_assert_uint_eq(v->Headers.UnknownHeaderCount, 1);
    ck_assert_int_eq(v->Verb, HttpVerbPUT);
    ck_assert(!wcscmp(v->CookedUrl.pAbsPath, L"/b?c"));
    ck_assert_str_eq(v->pRawUrl, "/b?c");
}
END_TEST

START_TEST(request_knows_version_addresses_and_site)
{
    USHORT major = 0, minor = 0;
    PSOCKADDR address = CALL(GetRemoteAddress);

    ck_assert_ptr_eq(CALL(GetRawHttpRequestConst), CALL(GetRawHttpRequest));
    CALL(GetHttpVersion, &major, &minor);
    ck_assert_uint_eq(major, 1);
    ck_assert_uint_eq(minor, 1);
    CALL(GetHttpVersion, NULL, NULL);
    ck_assert_int_eq(address->sa_family, AF_INET);
    ck_assert_int_eq(CALL(GetLocalAddress)->sa_family, AF_INET);
    ck_assert_ptr_eq(CALL(GetRemoteAddress), address);
    ck_assert_uint_eq(CALL(GetSiteId), 0);
    ctx->around.site = iisr_site_create(pool, 4, "four", NULL);
    ck_assert_uint_eq(CALL(GetSiteId), 4);
    iisr_site_destroy(ctx->around.site);
}
END_TEST

/* --- headers ------------------------------------------------------------ */

START_TEST(header_copy_belongs_to_the_module)
{
    USHORT length = 99;
    char *value;

    apr_table_set(hr.headers, "Cookie", "a=b; c=d");
    value = (char *)CALL(GetHeaderById, HttpHeaderCookie, &length);
    ck_assert_uint_eq(length, 8);
    value[3] = '\0';
    ck_assert_ptr_eq(CALL(GetHeader, "cookie", NULL), value);
    ck_assert_str_eq(value, "a=b");
    ck_assert_str_eq(apr_table_get(hr.headers, "Cookie"), "a=b; c=d");
    ck_assert_int_eq(CALL(SetHeader, "Cookie", "e=f", 3, TRUE), S_OK);
    ck_assert_str_eq(CALL(GetHeader, "Cookie", NULL), "e=f");
    ck_assert_int_eq(CALL(SetHeader, "Cookie", "a=b; c=d", 8, TRUE), S_OK);
    ck_assert_str_eq(CALL(GetHeader, "Cookie", NULL), "a=b; c=d");
}
END_TEST

START_TEST(header_that_is_absent_is_null_and_zero)
{
    USHORT length = 99;

    ck_assert_ptr_null(CALL(GetHeader, "X-None", &length));
    ck_assert_uint_eq(length, 0);
    ck_assert_ptr_null(CALL(GetHeader, NULL, NULL));
    ck_assert_ptr_null(CALL(GetHeaderById, (HTTP_HEADER_ID)9999, NULL));
}
END_TEST

START_TEST(header_appends_and_deletes)
{
    CALL(SetHeader, "X-A", "1", 1, FALSE);
    CALL(SetHeader, "X-A", "22", 1, FALSE);
    ck_assert_str_eq(CALL(GetHeader, "x-a", NULL), "1, 2");
    CALL(SetHeader, "Cookie", "a=1", 3, FALSE);
    CALL(SetHeader, "Cookie", "b=2", 3, FALSE);
    ck_assert_str_eq(apr_table_get(hr.headers, "Cookie"), "a=1; b=2");
    ck_assert_int_eq(CALL(DeleteHeader, "X-A"), S_OK);
    ck_assert_ptr_null(CALL(GetHeader, "X-A", NULL));
    ck_assert_int_eq(CALL(DeleteHeader, "X-A"), S_OK);
}
END_TEST

START_TEST(header_edits_that_split_requests_are_refused)
{
    static const char *const values[] = { "a\r\nX: 1", "a\nb", "a\rb",
                                          "\x01", "a\x7f" };
    static const char *const names[] = { "", "X A", "X:A", "X\r\nA", "\xc3" };
    char *big = memset(apr_pcalloc(pool, 65536), 'a', 65535);
    unsigned int i;

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        ck_assert_int_eq(CALL(SetHeader, "X-A", values[i],
                              (USHORT)strlen(values[i]), TRUE),
                         INVALID_PARAMETER);
        ck_assert_int_eq(CALL(SetHeader, names[i], "v", 1, TRUE),
                         INVALID_PARAMETER);
        ck_assert_int_eq(CALL(DeleteHeader, names[i]), INVALID_PARAMETER);
    }
    ck_assert_int_eq(CALL(SetHeader, "X-A", "a\0b", 3, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetHeader, NULL, "v", 1, TRUE), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetHeader, "X", NULL, 1, TRUE), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetHeaderById, (HTTP_HEADER_ID)41, "v", 1, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(DeleteHeaderById, (HTTP_HEADER_ID)-1),
                     INVALID_PARAMETER);
    ck_assert_int_eq(hr.edits, 0);
    ck_assert_int_eq(hr.warnings, 5 * 3 + 5);
    ck_assert_int_eq(CALL(SetHeader, "X-A", big, 65535, TRUE), S_OK);
    ck_assert_int_eq(CALL(SetHeader, "X-A", "b", 1, FALSE), INVALID_DATA);
}
END_TEST

START_TEST(framing_headers_change_in_the_view_only)
{
    HTTP_KNOWN_HEADER *known;

    apr_table_set(hr.headers, "Content-Length", "3");
    known = view()->Headers.KnownHeaders;
    ck_assert_int_eq(CALL(SetHeaderById, HttpHeaderContentLength, "999", 3,
                          TRUE), S_OK);
    ck_assert_int_eq(CALL(SetHeader, "Transfer-Encoding", "chunked", 7,
                          TRUE), S_OK);
    ck_assert_str_eq(CALL(GetHeader, "Content-Length", NULL), "999");
    ck_assert_str_eq(known[HttpHeaderContentLength].pRawValue, "999");
    ck_assert_str_eq(known[HttpHeaderTransferEncoding].pRawValue, "chunked");
    ck_assert_int_eq(CALL(DeleteHeader, "content-length"), S_OK);
    ck_assert_ptr_null(CALL(GetHeader, "Content-Length", NULL));
    ck_assert_ptr_null(known[HttpHeaderContentLength].pRawValue);
    ck_assert_int_eq(hr.edits, 0);
    ck_assert_str_eq(apr_table_get(hr.headers, "Content-Length"), "3");
}
END_TEST

/* --- method and URL ----------------------------------------------------- */

START_TEST(method_must_be_a_token)
{
    ck_assert_str_eq(CALL(GetHttpMethod), "GET");
    ck_assert_int_eq(CALL(SetHttpMethod, NULL), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetHttpMethod, ""), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetHttpMethod, "A B"), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetHttpMethod, "A\r\nB: c"), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetHttpMethod, "BREW"), S_OK);
    ck_assert_str_eq(CALL(GetHttpMethod), "BREW");
}
END_TEST

START_TEST(url_and_its_query)
{
    hr.query = "old=1";
    ck_assert(!CALL(GetUrlChanged));
    ck_assert_int_eq(CALL(SetUrl, "/b-and-more", 2, FALSE), S_OK);
    ck_assert(CALL(GetUrlChanged));
    ck_assert_str_eq(hr.path, "/b");
    ck_assert_str_eq(hr.query, "old=1");
    ck_assert_int_eq(CALL(SetUrl, "/c?new", 6, FALSE), S_OK);
    ck_assert_str_eq(hr.query, "new");
    ck_assert_int_eq(CALL(SetUrl, "/d", 2, TRUE), S_OK);
    ck_assert_ptr_null(hr.query);
    ck_assert_int_eq(CALL(SetUrlW, L"/\u00e9 x", 4, TRUE), S_OK);
    ck_assert_str_eq(hr.path, "/%C3%A9%20x");
}
END_TEST

START_TEST(url_that_splits_or_is_no_url_is_refused)
{
    static const char *const urls[] = { "/a\r\nb", "/a\tb", "\x7f", "",
                                        "relative", "ftp://x/", "*" };
    unsigned int i;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        ck_assert_int_eq(CALL(SetUrl, urls[i], (DWORD)strlen(urls[i]), TRUE),
                         INVALID_PARAMETER);
    }
    ck_assert_int_eq(CALL(SetUrl, NULL, 3, TRUE), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetUrlW, NULL, 3, TRUE), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetUrl, "/a\0b", 4, TRUE), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetUrlW, L"/a\nb", 4, TRUE), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetUrl, "/a", 0x7fffffff, TRUE), INVALID_PARAMETER);
    ck_assert_str_eq(hr.path, "/a");
}
END_TEST

START_TEST(url_elsewhere_is_kept_as_forwarded)
{
    ck_assert_ptr_null(CALL(GetForwardedUrl));
    ck_assert_int_eq(CALL(SetUrl, "http://example.com/", 19, TRUE), S_OK);
    ck_assert(!wcscmp(CALL(GetForwardedUrl), L"http://example.com/"));
    ck_assert_str_eq(hr.path, "/a");
    ck_assert_int_eq(CALL(SetUrl, "/b", 2, TRUE), S_OK);
    ck_assert_ptr_null(CALL(GetForwardedUrl));
}
END_TEST

/* --- body --------------------------------------------------------------- */

START_TEST(body_is_read_inserted_memory_first)
{
    char buffer[8] = "";
    DWORD n = 99;

    hr.body = "world";
    hr.body_length = 5;
    ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 5);
    ck_assert_int_eq(CALL(InsertEntityBody, (void *)"hello ", 6), S_OK);
    ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 11);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 4, FALSE, &n, NULL), S_OK);
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL), S_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL), S_OK);
    ck_assert(n == 5 && !memcmp(buffer, "world", 5));
    ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 0);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL),
                     HANDLE_EOF);
    ck_assert_uint_eq(n, 0);
}
END_TEST

/* A body that was read to its end is read again, also one that broke. */
START_TEST(body_put_back_with_the_host_is_read_from_it)
{
    char buffer[16];
    DWORD n;
    int i;

    hr.body = "world";
    hr.body_length = 5;
    hr.takes = 1;
    for (i = 0; i < 2; i++) {
        CALL(ReadEntityBody, buffer, 16, FALSE, &n, NULL);
        ck_assert_int_eq(CALL(ReadEntityBody, buffer, 16, FALSE, &n, NULL),
                         i ? HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID)
                           : HANDLE_EOF);
        ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 0);
        ck_assert_int_eq(CALL(InsertEntityBody, (void *)"hello", 5), S_OK);
        ck_assert_ptr_null(ctx->request.inserted);
        ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 5);
        hr.broken = APR_ECONNRESET;
    }
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 16, FALSE, &n, NULL), S_OK);
    ck_assert(n == 5 && !memcmp(buffer, "hello", 5));
    ck_assert_uint_eq(ctx->request.body_read, 5);
}
END_TEST

START_TEST(body_of_unknown_length_remains_until_its_end)
{
    char buffer[8];
    DWORD n;

    hr.body = "x";
    hr.body_length = -1;
    ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 0xffffffff);
    CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL);
    ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 0xffffffff);
    CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL);
    ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 0);
}
END_TEST

START_TEST(body_over_four_gigabytes_is_counted)
{
    char buffer[8];
    DWORD n;

    hr.body = "x";
    hr.body_length = APR_INT64_C(0x200000000);
    ck_assert_uint_eq(CALL(GetRemainingEntityBytes), 0xfffffffe);
    CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL);
    ck_assert_int_eq(ctx->request.remaining, APR_INT64_C(0x1ffffffff));
}
END_TEST

START_TEST(body_that_breaks_stays_broken)
{
    char buffer[8];
    DWORD n;
    BOOL pending = TRUE;

    hr.broken = APR_ECONNRESET;
    hr.body_length = 5;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, &pending),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID));
    ck_assert(!pending);
    hr.broken = 0;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID));
}
END_TEST

START_TEST(body_needs_a_buffer)
{
    char buffer[8];
    DWORD n = 99;

    ck_assert_int_eq(CALL(ReadEntityBody, NULL, 8, FALSE, &n, NULL),
                     INVALID_PARAMETER);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 0, FALSE, NULL, NULL),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(InsertEntityBody, NULL, 3), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(InsertEntityBody, buffer, 0), S_OK);
}
END_TEST

START_TEST(flag_fills_the_buffer)
{
    char buffer[8];
    DWORD n;

    hr.body = "abc";
    CALL(InsertEntityBody, (void *)"12", 2);
    ck_assert_int_eq(ctx->handle->request_iface.lpVtbl->ReadEntityBodyWithFlags(
        &ctx->handle->request_iface, buffer, 8, FALSE, 1, &n, NULL), S_OK);
    ck_assert(n == 5 && !memcmp(buffer, "12abc", 5));
}
END_TEST

/* --- asynchronous reads ------------------------------------------------- */

static iisr_operation_t *read_op(void)
{
    return &ctx->completion.op[IISR_OP_READ];
}

START_TEST(async_read_promises_a_completion)
{
    char buffer[8];
    DWORD n = 99;
    BOOL pending = 42;

    hr.body = "abc";
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, &n, &pending),
                     S_OK);
    ck_assert(pending);
    ck_assert_uint_eq(n, 0);
    ck_assert(iisr_completion_is_ready(&ctx->completion, IISR_OP_READ));
    ck_assert_uint_eq(read_op()->bytes, 3);
    ck_assert_int_eq(read_op()->status, S_OK);
}
END_TEST

START_TEST(async_read_tells_at_once_where_that_is_wanted)
{
    char buffer[8];
    DWORD n = 99;
    BOOL pending = 42;

    hr.body = "abc";
    ctx->settings.inline_completion = 1;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, &n, &pending),
                     S_OK);
    ck_assert(!pending);
    ck_assert_uint_eq(n, 3);
    ck_assert(iisr_completion_is_free(&ctx->completion, IISR_OP_READ));
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, &n, &pending),
                     HANDLE_EOF);
    ck_assert(!pending);
    /* Nobody can hear FALSE: the completion it is. */
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, &n, NULL), S_OK);
    ck_assert(iisr_completion_is_ready(&ctx->completion, IISR_OP_READ));
    ck_assert_int_eq(read_op()->status, HANDLE_EOF);
}
END_TEST

/* The end of the body is an HRESULT: modules loop until it comes. */
START_TEST(async_read_at_the_end_promises_nothing)
{
    char buffer[8];
    BOOL pending = 42;
    DWORD n = 99;

    hr.body = "";
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, &n, &pending),
                     HANDLE_EOF);
    ck_assert(!pending);
    ck_assert_uint_eq(n, 0);
    ck_assert(iisr_completion_is_free(&ctx->completion, IISR_OP_READ));
}
END_TEST

START_TEST(async_read_waits_without_a_thread)
{
    char buffer[8];
    BOOL pending = 42;
    DWORD n;

    hr.more = hr.parks = 1;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, NULL, &pending),
                     S_OK);
    ck_assert(pending);
    ck_assert(iisr_completion_is_outstanding(&ctx->completion,
                                             IISR_OP_READ));
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, NULL, &pending),
                     INVALID_PARAMETER);
    ck_assert(!pending);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, &n, NULL),
                     INVALID_PARAMETER);
    iisr_enter(ctx);
    iisr_request_resume_read(ctx);
    ck_assert(iisr_completion_is_outstanding(&ctx->completion,
                                             IISR_OP_READ));
    hr.body = "now";
    iisr_request_resume_read(ctx);
    iisr_leave(ctx);
    ck_assert(iisr_completion_is_ready(&ctx->completion, IISR_OP_READ));
    ck_assert_uint_eq(read_op()->bytes, 3);
    ck_assert(!memcmp(buffer, "now", 3));
}
END_TEST

START_TEST(async_read_waits_here_where_it_must)
{
    char buffer[8];
    BOOL pending = 42;

    hr.more = 1;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, TRUE, NULL, &pending),
                     S_OK);
    ck_assert(pending);
    ck_assert(iisr_completion_is_ready(&ctx->completion, IISR_OP_READ));
    ck_assert_uint_eq(read_op()->bytes, 4);
}
END_TEST

START_TEST(log_time_is_no_time_to_read)
{
    char buffer[8];

    hr.body = "abc";
    ctx->pipeline.no_io = 1;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 8, FALSE, NULL, NULL),
                     HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
}
END_TEST

/* --- OnReadEntity ------------------------------------------------------- */

static int entities;
static REQUEST_NOTIFICATION_STATUS on_read_entity(
    CHttpModule *This, IHttpContext *context, IReadEntityProvider *provider)
{
    DWORD length, room;
    PVOID buffer;

    (void)This;
    (void)context;
    provider->lpVtbl->GetEntity(provider, &buffer, &length, &room);
    ck_assert_uint_eq(room, 4);
    if (length) {
        ck_assert(!memcmp(buffer, "abc", 3));
        provider->lpVtbl->SetEntity(provider, (void *)"longer", 6, 6);
        provider->lpVtbl->SetEntity(provider, NULL, 6, 6);
        provider->lpVtbl->SetEntity(provider, (void *)"x", 6, 1);
    }
    entities++;
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(module_replaces_what_is_read)
{
    char buffer[4];
    DWORD n;

    entities = 0;
    small_take_part(IISR_EV_READ_ENTITY);
    module_table.OnReadEntity = on_read_entity;
    hr.body = "abc";
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 4, FALSE, &n, NULL), S_OK);
    ck_assert(n == 4 && !memcmp(buffer, "long", 4));
    ck_assert_int_eq(hr.warnings, 2);
    module_table.OnReadEntity = NULL;
    registry.norder[0][IISR_EV_READ_ENTITY] = 0;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 4, FALSE, &n, NULL), S_OK);
    ck_assert(n == 2 && !memcmp(buffer, "er", 2));
    module_table.OnReadEntity = on_read_entity;
    registry.norder[0][IISR_EV_READ_ENTITY] = 1;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 4, FALSE, &n, NULL),
                     HANDLE_EOF);
    ck_assert_int_eq(entities, 1);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS set_entity(
    CHttpModule *This, IHttpContext *context, IReadEntityProvider *provider)
{
    (void)This;
    (void)context;
    provider->lpVtbl->SetEntity(provider, (void *)"a=b", 3, 3);
    return RQ_NOTIFICATION_CONTINUE;
}

/* _i: whether the client sent a body. */
START_TEST(an_entity_set_each_time_is_read_once)
{
    char buffer[4];
    DWORD n;

    small_take_part(IISR_EV_READ_ENTITY);
    module_table.OnReadEntity = set_entity;
    hr.body = _i ? "xyz" : NULL;
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 4, FALSE, &n, NULL), S_OK);
    ck_assert(n == 3 && !memcmp(buffer, "a=b", 3));
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 4, FALSE, &n, NULL),
                     HANDLE_EOF);
}
END_TEST

/* --- afterwards --------------------------------------------------------- */

START_TEST(closed_request_answers_and_refuses)
{
    HTTP_REQUEST_V1 *v;
    char buffer[4];

    apr_table_set(hr.headers, "X-A", "1");
    v = view();
    iisr_enter(ctx);
    ctx->refs++;
    iisr_leave(ctx);
    iisr_context_close(ctx);
    ck_assert_str_eq(CALL(GetHttpMethod), "GET");
    ck_assert_ptr_eq(view(), v);
    ck_assert_str_eq(v->Headers.pUnknownHeaders[0].pRawValue, "1");
    ck_assert_ptr_null(CALL(GetHeader, "X-A", NULL));
    ck_assert_int_ne(CALL(SetHeader, "X-A", "2", 1, TRUE), S_OK);
    ck_assert_int_eq(CALL(SetHttpMethod, "PUT"), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(ReadEntityBody, buffer, 4, FALSE, NULL, NULL),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID));
    iisr_enter(ctx);
    ctx->refs--;
    iisr_leave(ctx);
    ctx = NULL;
}
END_TEST

static const struct {
    const char *signature;
    DWORD length;                       /* 0: no token */
    const char *hash;                   /* of "abc", by FIPS 180-4 */
} signatures[] = {
    { "sha256WithRSAEncryption", 32, "\xba\x78\x16\xbf" },
    { "ecdsa-with-SHA384", 48, "\xcb\x00\x75\x3f" },
    { "ecdsa-with-SHA512", 64, "\xdd\xaf\x35\xa1" },
    { "sha1WithRSAEncryption", 32, "\xba\x78\x16\xbf" },
    { "rsassaPss", 0, NULL }, { "ED25519", 0, NULL }, { "", 0, NULL }
};

START_TEST(token_is_the_hash_of_the_certificate)
{
    static const char prefix[] = "tls-server-end-point:";
    const struct IHttpRequest2Vtbl *v =
        &ctx->handle->request_iface.lpVtbl->base.base;
    DWORD numbers[8], size = 0, i, length = signatures[_i].length;
    PBYTE token = NULL, again;

    hr.tls.der = (const unsigned char *)"abc";
    hr.tls.length = 3;
    hr.tls.signature = signatures[_i].signature;
    hr.tls.server_name = "";
    ck_assert_int_eq(v->GetChannelBindingToken(REQUEST2, &token, &size),
                     length ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    if (!length) {
        ck_assert_ptr_null(token);
        return;
    }
    ck_assert_uint_eq(size, 32 + 21 + length);
    memcpy(numbers, token, 32);
    for (i = 0; i < 6; i++) {
        ck_assert_uint_eq(numbers[i], 0);
    }
    ck_assert_uint_eq(numbers[6], size - 32);
    ck_assert_uint_eq(numbers[7], 32);
    ck_assert(!memcmp(token + 32, prefix, 21));
    ck_assert(!memcmp(token + 53, signatures[_i].hash, 4));
    ck_assert_int_eq(v->GetChannelBindingToken(REQUEST2, &again, &size),
                     S_OK);
    ck_assert_ptr_eq(again, token);
}
END_TEST

START_TEST(no_certificate_and_no_token)
{
    HTTP_SSL_CLIENT_CERT_INFO some, *info = &some;
    const struct IHttpRequest2Vtbl *v =
        &ctx->handle->request_iface.lpVtbl->base.base;
    BOOL negotiated = TRUE;
    PBYTE token = (PBYTE)&some;
    DWORD size = 99;

    ck_assert_int_eq(CALL(GetClientCertificate, &info, &negotiated),
                     HRESULT_FROM_WIN32(ERROR_NOT_FOUND));
    ck_assert_ptr_null(info);
    ck_assert(!negotiated);
    ck_assert_int_eq(CALL(GetClientCertificate, NULL, &negotiated),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->GetChannelBindingToken(REQUEST2, &token, &size),
                     HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    ck_assert_ptr_null(token);
    ck_assert_uint_eq(size, 0);
    ck_assert_int_eq(v->GetChannelBindingToken(REQUEST2, NULL, &size),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->GetChannelBindingToken(REQUEST2, &token, NULL),
                     INVALID_PARAMETER);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request");
    TCase *tc = tcase_create("request");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, small_setup, small_teardown);
    tcase_add_test(tc, view_has_verb_headers_and_ids);
    tcase_add_test(tc, view_counts_the_bytes_of_the_request);
    tcase_add_test(tc, view_has_flags);
    tcase_add_test(tc, view_has_a_zeroed_element_past_the_end);
    tcase_add_test(tc, view_keeps_a_verb_that_it_does_not_know);
    tcase_add_test(tc, cooked_url_counts_bytes_of_wchar);
    tcase_add_test(tc, view_stays_where_it_is_and_true);
    tcase_add_test(tc, request_knows_version_addresses_and_site);
    tcase_add_test(tc, header_copy_belongs_to_the_module);
    tcase_add_test(tc, header_that_is_absent_is_null_and_zero);
    tcase_add_test(tc, header_appends_and_deletes);
    tcase_add_test(tc, header_edits_that_split_requests_are_refused);
    tcase_add_test(tc, framing_headers_change_in_the_view_only);
    tcase_add_test(tc, method_must_be_a_token);
    tcase_add_test(tc, url_and_its_query);
    tcase_add_test(tc, url_that_splits_or_is_no_url_is_refused);
    tcase_add_test(tc, url_elsewhere_is_kept_as_forwarded);
    tcase_add_test(tc, body_is_read_inserted_memory_first);
    tcase_add_test(tc, body_put_back_with_the_host_is_read_from_it);
    tcase_add_test(tc, body_of_unknown_length_remains_until_its_end);
    tcase_add_test(tc, body_over_four_gigabytes_is_counted);
    tcase_add_test(tc, body_that_breaks_stays_broken);
    tcase_add_test(tc, body_needs_a_buffer);
    tcase_add_test(tc, flag_fills_the_buffer);
    tcase_add_test(tc, async_read_promises_a_completion);
    tcase_add_test(tc, async_read_tells_at_once_where_that_is_wanted);
    tcase_add_test(tc, async_read_at_the_end_promises_nothing);
    tcase_add_test(tc, async_read_waits_without_a_thread);
    tcase_add_test(tc, async_read_waits_here_where_it_must);
    tcase_add_test(tc, log_time_is_no_time_to_read);
    tcase_add_test(tc, module_replaces_what_is_read);
    tcase_add_loop_test(tc, an_entity_set_each_time_is_read_once, 0, 2);
    tcase_add_test(tc, closed_request_answers_and_refuses);
    tcase_add_test(tc, no_certificate_and_no_token);
    tcase_add_loop_test(tc, token_is_the_hash_of_the_certificate, 0,
                        (int)(sizeof(signatures) / sizeof(signatures[0])));
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
