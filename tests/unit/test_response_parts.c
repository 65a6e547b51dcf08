/* test_response_parts.c: what surrounds a response and a request: cache
 * policy, trailers, pushes, fragments, changes of headers, certificates.
 */
#include "small_host.h"
#include "iface/response_extra.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

#define RESPONSE ((IHttpResponse *)(void *)&ctx->handle->response_iface)
#define CALL(method, ...) \
    ctx->handle->response_iface.lpVtbl->base.base.base.method(RESPONSE, ##__VA_ARGS__)
#define CALL4(method, ...) \
    ctx->handle->response_iface.lpVtbl->method(&ctx->handle->response_iface, ##__VA_ARGS__)
#define REQUEST ((IHttpRequest *)(void *)&ctx->handle->request_iface)
#define REQUEST_CALL(method, ...) \
    ctx->handle->request_iface.lpVtbl->base.base.base.method(REQUEST, ##__VA_ARGS__)

/* --- cache policy ------------------------------------------------------- */

#define POLICY(method, ...) policy->lpVtbl->method(policy, ##__VA_ARGS__)

static apr_table_t *head(void)
{
    apr_table_t *headers = apr_table_make(pool, 4);

    iisr_iface_objects.head(ctx, headers);
    return headers;
}

START_TEST(policy_keeps_what_is_set)
{
    IHttpCachePolicy *policy = CALL(GetCachePolicy);
    IHttpCachePolicy2 *policy2 = (IHttpCachePolicy2 *)(void *)policy;
    char *big = apr_pcalloc(pool, 70000);

    memset(big, 'x', 69999);
    ck_assert_ptr_eq(CALL(GetCachePolicy), policy);
    ck_assert_int_eq(POLICY(GetKernelCachePolicy)->Policy,
                     HttpCachePolicyNocache);
    ck_assert_int_eq(POLICY(GetUserCachePolicy)->Policy,
                     HttpCachePolicyNocache);
    ck_assert_str_eq(POLICY(GetVaryByHeaders), "");
    ck_assert_str_eq(POLICY(GetVaryByQueryStrings), "");
    ck_assert_str_eq(POLICY(GetVaryByValue), "");
    ck_assert_int_eq(POLICY(AppendVaryByHeader, "Accept"), S_OK);
    ck_assert_int_eq(POLICY(AppendVaryByHeader, NULL), S_OK);
    ck_assert_int_eq(POLICY(AppendVaryByHeader, "a,b"), E_FAIL);
    ck_assert_int_eq(POLICY(AppendVaryByHeader, "Cookie"), S_OK);
    ck_assert_str_eq(POLICY(GetVaryByHeaders), "Accept,Cookie");
    ck_assert_int_eq(POLICY(AppendVaryByQueryString, "q"), S_OK);
    ck_assert_str_eq(POLICY(GetVaryByQueryStrings), "q");
    ck_assert_int_eq(POLICY(SetVaryByValue, NULL), E_INVALIDARG);
    ck_assert_int_eq(POLICY(SetVaryByValue, big),
                     HRESULT_FROM_WIN32(ERROR_ARITHMETIC_OVERFLOW));
    ck_assert_int_eq(POLICY(SetVaryByValue, "v"), S_OK);
    ck_assert_str_eq(POLICY(GetVaryByValue), "v");
    ck_assert(POLICY(IsUserCacheEnabled));
    POLICY(DisableUserCache);
    ck_assert(!POLICY(IsUserCacheEnabled));
    ck_assert(!POLICY(IsCached));
    POLICY(SetIsCached);
    ck_assert(POLICY(IsCached));
    ck_assert(!POLICY(GetKernelCacheInvalidatorSet));
    POLICY(SetKernelCacheInvalidatorSet);
    ck_assert(POLICY(GetKernelCacheInvalidatorSet));
    ck_assert(!policy2->lpVtbl->IsForceUpdateSet(policy2));
    policy2->lpVtbl->SetForceUpdate(policy2);
    ck_assert(policy2->lpVtbl->IsForceUpdateSet(policy2));
}
END_TEST

START_TEST(policy_becomes_headers_for_shared_caches)
{
    IHttpCachePolicy *policy = CALL(GetCachePolicy);
    apr_table_t *headers;

    ck_assert(apr_is_empty_table(head()));
    POLICY(GetUserCachePolicy)->Policy = HttpCachePolicyTimeToLive;
    POLICY(GetUserCachePolicy)->SecondsToLive = 60;
    POLICY(AppendVaryByHeader, "Accept");
    headers = head();
    ck_assert_str_eq(apr_table_get(headers, "Cache-Control"), "s-maxage=60");
    ck_assert_str_eq(apr_table_get(headers, "Vary"), "Accept");
    headers = apr_table_make(pool, 4);
    apr_table_setn(headers, "Cache-Control", "private");
    iisr_iface_objects.head(ctx, headers);
    ck_assert_str_eq(apr_table_get(headers, "Cache-Control"), "private");
    POLICY(SetVaryByValue, "mine");
    ck_assert(apr_is_empty_table(head()));
}
END_TEST

/* --- trailers and pushes ------------------------------------------------ */

START_TEST(trailers_follow_the_rules_of_headers)
{
    USHORT length = 99;

    ck_assert_ptr_null(CALL4(GetTrailer, "X-Sum", &length));
    ck_assert_uint_eq(length, 0);
    ck_assert_int_eq(CALL4(SetTrailer, "X-Sum", "abc", 3, TRUE), S_OK);
    ck_assert_int_eq(CALL4(SetTrailer, "x-sum", "d", 1, FALSE), S_OK);
    ck_assert_str_eq(CALL4(GetTrailer, "X-SUM", &length), "abc, d");
    ck_assert_uint_eq(length, 6);
    ck_assert_int_eq(CALL4(SetTrailer, "X Sum", "a", 1, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL4(SetTrailer, "X", "a\r\n", 3, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL4(SetTrailer, "Content-Length", "1", 1, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL4(SetTrailer, NULL, "a", 1, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL4(DeleteTrailer, "X-Sum"), S_OK);
    ck_assert_ptr_null(CALL4(GetTrailer, "X-Sum", NULL));
    ck_assert_int_eq(CALL4(DeleteTrailer, NULL), INVALID_PARAMETER);
    ctx->response.committed = 1;
    ck_assert_int_eq(CALL4(SetTrailer, "X-Sum", "a", 1, TRUE), NOT_SUPPORTED);
    ctx->response.trailing = 1;
    ck_assert_int_eq(CALL4(SetTrailer, "X-Sum", "a", 1, TRUE), S_OK);
}
END_TEST

START_TEST(push_is_a_link_where_the_protocol_has_it)
{
    IHttpResponse3 *r3 = (IHttpResponse3 *)(void *)&ctx->handle->response_iface;
    const struct IHttpResponse3Vtbl *v = &ctx->handle->response_iface.lpVtbl->base;

    ck_assert_int_eq(v->PushPromise(r3, "GET", L"/a.css", NULL, 0, NULL,
                                    NULL), NOT_SUPPORTED);
    hr.major = 2;
    ctx->request.facts = NULL;
    ck_assert_int_eq(v->PushPromise(r3, "GET", L"/a.css", L"v=1", 0, NULL,
                                    NULL), S_OK);
    ck_assert_str_eq(apr_table_get(ctx->response.headers, "Link"),
                     "</a.css?v=1>; rel=preload");
    ck_assert_int_eq(v->PushPromise(r3, "POST", L"/a", NULL, 0, NULL, NULL),
                     NOT_SUPPORTED);
    ck_assert_int_eq(v->PushPromise(r3, "GET", L"a> b", NULL, 0, NULL, NULL),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->PushPromise(r3, NULL, L"/a", NULL, 0, NULL, NULL),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->PushPromise(r3, "GET", L"/a", NULL, 1, NULL, NULL),
                     INVALID_PARAMETER);
}
END_TEST

/* --- fragments and trailer chunks --------------------------------------- */

static void keep_fragment(const WCHAR *name, const char *text)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    IHttpServer *server = (IHttpServer *)(void *)ctx->around.server;

    chunk.FromMemory.pBuffer = (void *)(apr_uintptr_t)text;
    chunk.FromMemory.BufferLength = (ULONG)strlen(text);
    ck_assert_int_eq(server->lpVtbl->AddFragmentToCache(server, &chunk, name),
                     S_OK);
}

static const char *body(void)
{
    char *text = apr_pstrdup(pool, "");
    int i;

    for (i = 0; i < ctx->response.nchunks; i++) {
        HTTP_DATA_CHUNK *chunk = &ctx->response.chunks[i];

        text = apr_pstrcat(pool, text, apr_pstrmemdup(pool,
            chunk->FromMemory.pBuffer, chunk->FromMemory.BufferLength), NULL);
    }
    return text;
}

START_TEST(fragments_are_written_like_memory)
{
    HTTP_DATA_CHUNK chunks[3];
    DWORD sent = 99;

    keep_fragment(L"name", "0123456789");
    memset(chunks, 0, sizeof(chunks));
    chunks[0].DataChunkType = HttpDataChunkFromFragmentCache;
    chunks[0].FromFragmentCache.pFragmentName = L"name and more";
    chunks[0].FromFragmentCache.FragmentNameLength = 4 * sizeof(WCHAR);
    chunks[1].DataChunkType = HttpDataChunkFromMemory;
    chunks[1].FromMemory.pBuffer = (void *)"-";
    chunks[1].FromMemory.BufferLength = 1;
    chunks[2].DataChunkType = HttpDataChunkFromFragmentCacheEx;
    chunks[2].FromFragmentCacheEx.pFragmentName = L"name";
    chunks[2].FromFragmentCacheEx.ByteRange.StartingOffset.QuadPart = 3;
    chunks[2].FromFragmentCacheEx.ByteRange.Length.QuadPart = 4;
    ck_assert_int_eq(CALL(WriteEntityChunks, chunks, 3, FALSE, TRUE, &sent,
                          NULL), S_OK);
    ck_assert_uint_eq(sent, 15);
    ck_assert_str_eq(body(), "0123456789-3456");
    chunks[2].FromFragmentCacheEx.ByteRange.Length.QuadPart =
        HTTP_BYTE_RANGE_TO_EOF;
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunks[2], 0), S_OK);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunks[0], -1), S_OK);
    ck_assert_str_eq(body(), "34567890123456789-34560123456789");
}
END_TEST

START_TEST(fragment_that_is_gone_writes_nothing)
{
    HTTP_DATA_CHUNK chunks[2];

    keep_fragment(L"name", "0123456789");
    memset(chunks, 0, sizeof(chunks));
    chunks[0].DataChunkType = HttpDataChunkFromMemory;
    chunks[0].FromMemory.pBuffer = (void *)"x";
    chunks[0].FromMemory.BufferLength = 1;
    chunks[1].DataChunkType = HttpDataChunkFromFragmentCacheEx;
    chunks[1].FromFragmentCacheEx.pFragmentName = L"other";
    chunks[1].FromFragmentCacheEx.ByteRange.Length.QuadPart = 11;
    ck_assert_int_eq(CALL(WriteEntityChunks, chunks, 2, FALSE, TRUE, NULL,
                          NULL), HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    chunks[1].FromFragmentCacheEx.pFragmentName = L"name";
    ck_assert_int_eq(CALL(WriteEntityChunks, chunks, 2, FALSE, TRUE, NULL,
                          NULL), INVALID_PARAMETER);
    chunks[1].FromFragmentCacheEx.pFragmentName = NULL;
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunks[1], 0),
                     INVALID_PARAMETER);
    ck_assert_str_eq(body(), "");
}
END_TEST

/* Edited in place, or an array of the module's own. */
START_TEST(fragment_in_the_view_is_looked_up_when_it_leaves)
{
    HTTP_RESPONSE *raw = CALL(GetRawHttpResponse);
    HTTP_DATA_CHUNK chunks[3];
    DWORD sent;

    keep_fragment(L"name", "0123456789");
    memset(chunks, 0, sizeof(chunks));
    chunks[0].DataChunkType = HttpDataChunkFromMemory;
    chunks[0].FromMemory.pBuffer = (void *)"xyz";
    chunks[0].FromMemory.BufferLength = 3;
    ck_assert_int_eq(CALL(WriteEntityChunks, chunks, 1, FALSE, TRUE, &sent,
                          NULL), S_OK);
    raw->pEntityChunks[0].DataChunkType = HttpDataChunkFromFragmentCacheEx;
    raw->pEntityChunks[0].FromFragmentCacheEx.pFragmentName = L"name";
    raw->pEntityChunks[0].FromFragmentCacheEx.ByteRange.StartingOffset
        .QuadPart = 2;
    raw->pEntityChunks[0].FromFragmentCacheEx.ByteRange.Length.QuadPart = 3;
    iisr_response_take_back(&ctx->response);
    ck_assert_int_eq(iisr_iface_objects.chunks(ctx), APR_SUCCESS);
    ck_assert_str_eq(body(), "234");
    /* What stood in the first chunk is now the second. */
    chunks[1] = raw->pEntityChunks[0];
    chunks[0].DataChunkType = HttpDataChunkFromFragmentCache;
    chunks[0].FromFragmentCache.pFragmentName = L"name";
    chunks[0].FromFragmentCache.FragmentNameLength = 4 * sizeof(WCHAR);
    chunks[2].DataChunkType = HttpDataChunkFromMemory;
    chunks[2].FromMemory.pBuffer = (void *)"-";
    chunks[2].FromMemory.BufferLength = 1;
    raw->pEntityChunks = chunks;
    raw->EntityChunkCount = 3;
    iisr_response_take_back(&ctx->response);
    ck_assert_int_eq(iisr_iface_objects.chunks(ctx), APR_SUCCESS);
    ck_assert_str_eq(body(), "0123456789234-");
    raw->pEntityChunks[1].DataChunkType = HttpDataChunkFromFragmentCacheEx;
    raw->pEntityChunks[1].FromFragmentCacheEx.pFragmentName = L"other";
    ck_assert_int_eq(iisr_iface_objects.chunks(ctx), APR_ENOENT);
}
END_TEST

START_TEST(trailer_chunk_sets_trailers)
{
    HTTP_UNKNOWN_HEADER field = { 5, 3, "X-Sum", "abc" };
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkTrailers };

    chunk.Trailers.TrailerCount = 1;
    chunk.Trailers.pTrailers = &field;
    ck_assert_int_eq(CALL(WriteEntityChunks, &chunk, 1, FALSE, TRUE, NULL,
                          NULL), S_OK);
    ck_assert_str_eq(CALL4(GetTrailer, "X-Sum", NULL), "abc");
    ck_assert_str_eq(body(), "");
}
END_TEST

/* --- changes ------------------------------------------------------------ */

START_TEST(changes_of_response_headers_are_told_once)
{
    PCSTR known[HttpHeaderResponseMaximum], *names, *values;
    DWORD diff[HttpHeaderResponseMaximum + 1], *unknown_diff;
    DWORD number = 0, n, changed;

    CALL(SetHeaderById, HttpHeaderEtag, "\"1\"", 3, TRUE);
    CALL(SetHeader, "X-A", "1", 1, TRUE);
    CALL(SetHeader, "X-B", "1", 1, TRUE);
    ck_assert_int_eq(CALL(GetHeaderChanges, number, &number, known, &n,
                          &names, &values, diff, &changed, &unknown_diff),
                     S_OK);
    ck_assert_str_eq(known[HttpHeaderEtag], "\"1\"");
    ck_assert_uint_eq(diff[0], HttpHeaderEtag);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(changed, 2);
    CALL(SetHeader, "X-B", "2", 1, TRUE);
    CALL(DeleteHeaderById, HttpHeaderEtag);
    ck_assert_int_eq(CALL(GetHeaderChanges, number, &number, known, &n,
                          &names, &values, diff, &changed, &unknown_diff),
                     S_OK);
    ck_assert_ptr_null(known[HttpHeaderEtag]);
    ck_assert_uint_eq(diff[0], HttpHeaderEtag);
    ck_assert_uint_eq(diff[1], (DWORD)-1);
    ck_assert_uint_eq(changed, 1);
    ck_assert_str_eq(names[unknown_diff[0]], "X-B");
    ck_assert_str_eq(values[unknown_diff[0]], "2");
    ck_assert_uint_eq(unknown_diff[1], (DWORD)-1);
    ck_assert_int_eq(CALL(GetHeaderChanges, number, &number, NULL, &n, &names,
                          &values, NULL, &changed, &unknown_diff), S_OK);
    ck_assert_uint_eq(changed, 0);
    ck_assert_int_eq(CALL(GetHeaderChanges, 0, NULL, NULL, &n, &names,
                          &values, NULL, &changed, &unknown_diff),
                     INVALID_PARAMETER);
}
END_TEST

START_TEST(changes_of_request_headers_are_told_once)
{
    PCSTR known[HttpHeaderRequestMaximum], *names, *values;
    DWORD diff[HttpHeaderRequestMaximum + 1], *unknown_diff;
    DWORD number = 0, n, changed;

    apr_table_setn(hr.headers, "Host", "a");
    apr_table_setn(hr.headers, "X-A", "1");
    ck_assert_int_eq(REQUEST_CALL(GetHeaderChanges, number, &number, known,
                     &n, &names, &values, diff, &changed, &unknown_diff),
                     S_OK);
    ck_assert_str_eq(known[HttpHeaderHost], "a");
    ck_assert_uint_eq(diff[0], HttpHeaderHost);
    ck_assert_uint_eq(changed, 1);
    REQUEST_CALL(SetHeader, "X-B", "2", 1, TRUE);
    ck_assert_int_eq(REQUEST_CALL(GetHeaderChanges, number, &number, known,
                     &n, &names, &values, diff, &changed, &unknown_diff),
                     S_OK);
    ck_assert_uint_eq(diff[0], (DWORD)-1);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(changed, 1);
    ck_assert_str_eq(names[unknown_diff[0]], "X-B");
}
END_TEST

/* --- certificates ------------------------------------------------------- */

START_TEST(client_certificate_is_there_when_one_was_shown)
{
    HTTP_SSL_CLIENT_CERT_INFO *info = (void *)ctx;
    BOOL negotiated = TRUE, pending = TRUE;

    ck_assert_int_eq(REQUEST_CALL(GetClientCertificate, &info, &negotiated),
                     HRESULT_FROM_WIN32(ERROR_NOT_FOUND));
    ck_assert_ptr_null(info);
    ck_assert(!negotiated);
    ck_assert_int_eq(REQUEST_CALL(NegotiateClientCertificate, TRUE, &pending),
                     E_FAIL);
    ck_assert(!pending);
    ck_assert_int_eq(hr.warnings, 1);
    hr.certificate = "DER";
    ck_assert_int_eq(REQUEST_CALL(GetClientCertificate, &info, &negotiated),
                     S_OK);
    ck_assert(negotiated);
    ck_assert_uint_eq(info->CertEncodedSize, 3);
    ck_assert_mem_eq(info->pCertEncoded, "DER", 3);
    ck_assert_uint_eq(info->CertFlags, 0);
    ck_assert_int_eq(REQUEST_CALL(NegotiateClientCertificate, TRUE, &pending),
                     S_OK);
    ck_assert(!pending);
    ck_assert(!iisr_completion_ready(&ctx->completion));
    ck_assert_int_eq(REQUEST_CALL(NegotiateClientCertificate, TRUE, NULL),
                     S_OK);
    ck_assert(iisr_completion_ready(&ctx->completion));
    ck_assert_int_eq(REQUEST_CALL(GetClientCertificate, NULL, &negotiated),
                     INVALID_PARAMETER);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("response_parts");
    TCase *tc = tcase_create("response_parts");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, small_setup, small_teardown);
    tcase_add_test(tc, policy_keeps_what_is_set);
    tcase_add_test(tc, policy_becomes_headers_for_shared_caches);
    tcase_add_test(tc, trailers_follow_the_rules_of_headers);
    tcase_add_test(tc, push_is_a_link_where_the_protocol_has_it);
    tcase_add_test(tc, fragments_are_written_like_memory);
    tcase_add_test(tc, fragment_that_is_gone_writes_nothing);
    tcase_add_test(tc, fragment_in_the_view_is_looked_up_when_it_leaves);
    tcase_add_test(tc, trailer_chunk_sets_trailers);
    tcase_add_test(tc, changes_of_response_headers_are_told_once);
    tcase_add_test(tc, changes_of_request_headers_are_told_once);
    tcase_add_test(tc, client_certificate_is_there_when_one_was_shown);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
