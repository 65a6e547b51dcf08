/* test_entity.c: what leaves is what the chunks showed when they left,
 * however a module has edited them, however long somebody below keeps the
 * buckets, and whatever is written meanwhile.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "core/flush.h"
#include "core/entity.h"
#include "small_host.h"

static IHttpResponse *response(void)
{
    return (IHttpResponse *)(void *)&ctx->handle->response_iface;
}
#define CALL(method, ...) \
    response()->lpVtbl->method(response(), ##__VA_ARGS__)

/* --- what is wanted, and what is kept below ----------------------------- */

typedef struct bytes_t {
    char *data;
    apr_size_t n;
} bytes_t;

static void add(bytes_t *bytes, const void *data, apr_size_t n)
{
    bytes->data = realloc(bytes->data, bytes->n + n + 1);
    memcpy(bytes->data + bytes->n, data, n);
    bytes->n += n;
}

static void forget(bytes_t *bytes)
{
    free(bytes->data);
    memset(bytes, 0, sizeof(*bytes));
}

/* A filter that keeps what it is given, each pass in a brigade of its own. */
#define PASSES 4
static apr_bucket_brigade *below[PASSES];
static int npasses;
static iisr_sent_fn told;
static void *told_baton;
static void (*meanwhile)(void);         /* runs inside the next pass */

/* As the network filter keeps them: files of an asynchronous flush stay the
 * sender's. */
static void keep(apr_bucket_brigade *bb, iisr_pass_e how)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t n;

        if ((how == IISR_PASS_BLOCK || !APR_BUCKET_IS_FILE(b))
            && apr_bucket_setaside(b, hr.pool) == APR_ENOTIMPL) {
            apr_bucket_read(b, &data, &n, APR_BLOCK_READ);
        }
    }
}

static apr_status_t keeping_pass(iisr_host_request_t *host,
                                 apr_bucket_brigade *bb, iisr_pass_e how,
                                 iisr_sent_fn sent, void *baton)
{
    apr_bucket_brigade *mine = apr_brigade_create(host->pool, host->alloc);
    void (*inside)(void) = meanwhile;

    ck_assert_int_lt(npasses, PASSES);
    below[npasses++] = mine;
    meanwhile = NULL;
    if (inside) {
        inside();
    }
    keep(bb, how);
    APR_BRIGADE_CONCAT(mine, bb);
    if (how == IISR_PASS_ASYNC) {
        told = sent;
        told_baton = baton;
    }
    return APR_SUCCESS;
}

/* What is kept is read piece by piece, as a copy of each. */
static void check_kept(int pass, const bytes_t *want)
{
    bytes_t got = { NULL, 0 };
    apr_bucket *b, *copy;

    for (b = APR_BRIGADE_FIRST(below[pass]);
         b != APR_BRIGADE_SENTINEL(below[pass]); b = APR_BUCKET_NEXT(b)) {
        apr_bucket_brigade *bb;
        char *data;
        apr_size_t n;

        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        ck_assert_int_eq(apr_bucket_copy(b, &copy), APR_SUCCESS);
        bb = apr_brigade_create(hr.pool, hr.alloc);
        APR_BRIGADE_INSERT_TAIL(bb, copy);
        ck_assert_int_eq(apr_brigade_pflatten(bb, &data, &n, hr.pool),
                         APR_SUCCESS);
        add(&got, data, n);
        apr_brigade_destroy(bb);
    }
    ck_assert_uint_eq(got.n, want->n);
    ck_assert(!got.n || !memcmp(got.data, want->data, got.n));
    forget(&got);
}

static void complete(apr_status_t status)
{
    if (told) {
        iisr_enter(ctx);
        told(told_baton, status);
        iisr_completion_drop(ctx);
        iisr_leave(ctx);
    }
    told = NULL;
}

static void setup(void)
{
    small_setup();
    small_host.pass = keeping_pass;
    ctx->settings.buffer_limit = 1 << 30;
    small_alloc(&hr);
    npasses = 0;
    told = NULL;
    meanwhile = NULL;
}

static void teardown(void)
{
    complete(APR_SUCCESS);
    while (npasses) {
        apr_brigade_destroy(below[--npasses]);
    }
    small_teardown();
    small_host.pass = small_pass;
}

/* --- what is written ---------------------------------------------------- */

static HTTP_DATA_CHUNK memory(const void *data, apr_size_t n)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };

    chunk.FromMemory.pBuffer = (PVOID)(apr_uintptr_t)data;
    chunk.FromMemory.BufferLength = (ULONG)n;
    return chunk;
}

static HTTP_DATA_CHUNK file(int fd, apr_uint64_t start, apr_uint64_t n)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromFileHandle };

    chunk.FromFileHandle.FileHandle = iis_handle_from_fd(fd);
    chunk.FromFileHandle.ByteRange.StartingOffset.QuadPart = start;
    chunk.FromFileHandle.ByteRange.Length.QuadPart = n;
    return chunk;
}

static char byte_at(apr_size_t i, int salt)
{
    return (char)('!' + (i * 31 + i / 89 + (apr_size_t)salt * 7) % 90);
}

static char *text(apr_size_t n, int salt)
{
    char *data = malloc(n + 1);
    apr_size_t i;

    for (i = 0; i < n; i++) {
        data[i] = byte_at(i, salt);
    }
    return data;
}

static void write_chunk(HTTP_DATA_CHUNK chunk)
{
    DWORD sent;

    ck_assert_int_eq(CALL(WriteEntityChunks, &chunk, 1, FALSE, TRUE, &sent,
                          NULL), S_OK);
}

static void write_text(apr_size_t n, int salt)
{
    char *data = text(n, salt);

    write_chunk(memory(data, n));
    memset(data, '?', n);           /* it was copied */
    free(data);
}

/* The module's memory, which it may use again when nothing is lent. */
#define OWN 8192
static char *own;

static void fill_own(void)
{
    apr_size_t i;

    own = own ? own : malloc(OWN);
    for (i = 0; i < OWN; i++) {
        own[i] = (char)('a' + i % 26);
    }
}

static int a_file(void)
{
    FILE *f = tmpfile();
    apr_size_t i;
    int fd;

    for (i = 0; i < 100000; i++) {
        putc(byte_at(i, 3), f);
    }
    fflush(f);
    fd = dup(fileno(f));
    fclose(f);
    return fd;
}

/* --- edits -------------------------------------------------------------- */

static HTTP_DATA_CHUNK array[64];

static HTTP_RESPONSE *raw(void)
{
    return CALL(GetRawHttpResponse);
}

static void use_array(int n)
{
    HTTP_RESPONSE *view = raw();

    view->pEntityChunks = array;
    view->EntityChunkCount = (USHORT)n;
}

static HTTP_DATA_CHUNK part(const HTTP_DATA_CHUNK *chunk, apr_size_t from,
                            apr_size_t most)
{
    apr_size_t n = chunk->FromMemory.BufferLength;

    from = from < n ? from : n;
    return memory((char *)chunk->FromMemory.pBuffer + from,
                  most < n - from ? most : n - from);
}

static void edit_nothing(HTTP_DATA_CHUNK *c)
{
    (void)c;
}

static void edit_skip(HTTP_DATA_CHUNK *c)
{
    *c = part(c, 1, ~(apr_size_t)0);
}

static void edit_shorten(HTTP_DATA_CHUNK *c)
{
    c->FromMemory.BufferLength -= c->FromMemory.BufferLength / 3;
}

static void edit_both_ends(HTTP_DATA_CHUNK *c)
{
    *c = part(c, c->FromMemory.BufferLength / 5,
              c->FromMemory.BufferLength / 2);
}

static void edit_bytes(HTTP_DATA_CHUNK *c)
{
    memset(c->FromMemory.pBuffer, '#', (c->FromMemory.BufferLength + 1) / 2);
}

static void edit_split(HTTP_DATA_CHUNK *c)
{
    apr_size_t half = c->FromMemory.BufferLength / 2;

    array[0] = part(c, 0, half);
    array[1] = part(c, half, ~(apr_size_t)0);
    use_array(2);
}

static void edit_dup(HTTP_DATA_CHUNK *c)
{
    array[0] = *c;
    use_array(1);
}

static void edit_around(HTTP_DATA_CHUNK *c)
{
    array[0] = memory(own, 7);
    array[1] = *c;
    array[2] = memory(own + 100, 5000);
    use_array(3);
}

static void edit_reversed(HTTP_DATA_CHUNK *c)
{
    apr_size_t n = c->FromMemory.BufferLength, piece = n / 13 + 1;
    int i, count = 0;

    for (i = 13; i >= 0; i--) {
        array[count++] = part(c, i * piece, piece);
    }
    use_array(count);
}

static void edit_twice(HTTP_DATA_CHUNK *c)
{
    array[0] = *c;
    array[1] = part(c, 1, 10);
    array[2] = *c;
    use_array(3);
}

static void edit_mixed(HTTP_DATA_CHUNK *c)
{
    int i;

    for (i = 0; i < 20; i += 2) {
        array[i] = part(c, i * 3, 4097);
        array[i + 1] = memory(own + i * 100, 90 + i * 200);
    }
    use_array(20);
}

static void edit_emptied(HTTP_DATA_CHUNK *c)
{
    c->FromMemory.BufferLength = 0;
}

static void edit_removed(HTTP_DATA_CHUNK *c)
{
    (void)c;
    raw()->EntityChunkCount = 0;
}

/* In front of it, and behind it, by reference; then the array is copied. */
static void edit_references(HTTP_DATA_CHUNK *c)
{
    HTTP_DATA_CHUNK chunk = memory(own + 3, 6000);

    (void)c;
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunk, 0), S_OK);
    chunk = memory(own, 3);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunk, -1), S_OK);
    memcpy(array, raw()->pEntityChunks, 3 * sizeof(*array));
    use_array(3);
}

/* What is ours, as a reference of the module's. */
static void edit_refers_to_ours(HTTP_DATA_CHUNK *c)
{
    HTTP_DATA_CHUNK chunk = part(c, 2, 5000);

    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunk, 0), S_OK);
}

/* Written to itself: the source is where it would grow. */
static void edit_writes_ours(HTTP_DATA_CHUNK *c)
{
    write_chunk(*c);
    write_chunk(part(&raw()->pEntityChunks[0], 0, 70000));
}

/* The array as it was before more was written. */
static void edit_puts_back_an_old_array(HTTP_DATA_CHUNK *c)
{
    HTTP_DATA_CHUNK *before = c;
    HTTP_DATA_CHUNK chunk = memory(own, 9);
    int i;

    for (i = 0; i < 40; i++) {
        ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunk, -1), S_OK);
        write_chunk(memory("x", 1));
    }
    raw()->pEntityChunks = before;
    raw()->EntityChunkCount = 1;
}

/* The copy of a chunk that has outgrown its memory since. */
static void edit_puts_back_an_old_chunk(HTTP_DATA_CHUNK *c)
{
    array[0] = *c;
    write_text(3 * c->FromMemory.BufferLength + 5000, 9);
    array[1] = raw()->pEntityChunks[0];
    use_array(2);
}

static void edit_is_written_behind(HTTP_DATA_CHUNK *c)
{
    *c = part(c, 1, c->FromMemory.BufferLength - 2);
    write_text(5000, 4);
    write_text(1, 5);
}

static void edit_skips_and_is_written_behind(HTTP_DATA_CHUNK *c)
{
    edit_skip(c);
    write_text(5000, 4);
    write_text(100, 5);
}

static void edit_files(HTTP_DATA_CHUNK *c)
{
    int fd = a_file(), ours, i;

    write_chunk(file(fd, 10, 5000));
    c = raw()->pEntityChunks;
    ours = iis_fd_from_handle(c[1].FromFileHandle.FileHandle);
    array[0] = file(ours, 99000, 100);
    array[1] = c[0];
    for (i = 2; i < 12; i++) {
        array[i] = file(i % 2 ? ours : fd, (apr_uint64_t)i * 1000, 3000);
    }
    array[12] = file(ours, 90000, HTTP_BYTE_RANGE_TO_EOF);
    use_array(13);
    /* Closed when it is flushed: see flush(). */
}

/* A file and a pipe of the host's. */
static void edit_hosts(HTTP_DATA_CHUNK *c)
{
    apr_bucket_brigade *bb = apr_brigade_create(hr.pool, hr.alloc);
    int fd = a_file();
    apr_file_t *f;
    apr_bucket *b;

    apr_os_file_put(&f, &fd, APR_FOPEN_READ, hr.pool);
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_file_create(f, 5, 6000, hr.pool,
                                                       hr.alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_immortal_create("host's", 6,
                                                           hr.alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_file_create(f, 50000, 6000, hr.pool,
                                                       hr.alloc));
    iisr_enter(ctx);
    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        ck_assert_int_eq(iisr_response_show_bucket(&ctx->response, b),
                         APR_SUCCESS);
    }
    iisr_leave(ctx);
    c = raw()->pEntityChunks;
    ck_assert_int_eq(raw()->EntityChunkCount, 4);
    memset(c[2].FromMemory.pBuffer, 'H', 1);
    memcpy(array, c, 4 * sizeof(*array));
    array[4] = file(fd, 3, 9000);
    array[5] = c[1];
    array[6] = c[3];
    use_array(7);
}

typedef void (*edit_fn)(HTTP_DATA_CHUNK *first);
static const edit_fn edits[] = {
    edit_nothing, edit_skip, edit_shorten, edit_both_ends, edit_bytes,
    edit_split, edit_dup, edit_around, edit_reversed, edit_twice, edit_mixed,
    edit_emptied, edit_removed, edit_references, edit_refers_to_ours,
    edit_writes_ours, edit_puts_back_an_old_array,
    edit_puts_back_an_old_chunk, edit_is_written_behind,
    edit_skips_and_is_written_behind, edit_files, edit_hosts
};
#define EDITS (int)(sizeof(edits) / sizeof(edits[0]))

/* --- the matrix --------------------------------------------------------- */

/* The view, read by the test's own hand. */
static void read_view(bytes_t *want)
{
    HTTP_RESPONSE *view = raw();
    int i;

    for (i = 0; i < view->EntityChunkCount; i++) {
        const HTTP_DATA_CHUNK *c = &view->pEntityChunks[i];
        const HTTP_BYTE_RANGE *range = &c->FromFileHandle.ByteRange;
        char *data;
        ssize_t n;

        if (c->DataChunkType == HttpDataChunkFromMemory) {
            add(want, c->FromMemory.pBuffer, c->FromMemory.BufferLength);
            continue;
        }
        ck_assert_int_eq(c->DataChunkType, HttpDataChunkFromFileHandle);
        data = malloc(100000);
        n = pread(iis_fd_from_handle(c->FromFileHandle.FileHandle), data,
                  range->Length.QuadPart == HTTP_BYTE_RANGE_TO_EOF ? 100000
                  : range->Length.QuadPart, range->StartingOffset.QuadPart);
        ck_assert_int_ge(n, 0);
        add(want, data, n);
        free(data);
    }
}

static void flush(BOOL async, BOOL more)
{
    BOOL expected = FALSE;

    ck_assert_int_eq(CALL(Flush, async, more, NULL, &expected), S_OK);
    ck_assert_int_eq(expected, async);
}

static const apr_size_t sizes[] = { 1, 100, 4096, 4097, 600000, 3900000 };

/* edit x size x way: the first is still below while the second is written,
 * and is read again when all of it is over. */
static void edited(edit_fn edit, apr_size_t size, BOOL async)
{
    bytes_t first = { NULL, 0 }, second = { NULL, 0 };

    fill_own();
    write_text(size, 1);
    edit(raw()->pEntityChunks);
    read_view(&first);
    flush(async, TRUE);
    ck_assert_int_eq(raw()->EntityChunkCount, 0);
    if (async) {
        check_kept(0, &first);
        complete(APR_SUCCESS);
    }
    /* The module's memory is its own again. */
    memset(own, '!', OWN);
    write_text(size, 2);
    fill_own();
    edit(raw()->pEntityChunks);
    read_view(&second);
    /* Asynchronously, the files of the first were its until now. */
    if (!async || edit != edit_files) {
        check_kept(0, &first);
    }
    flush(async, TRUE);
    check_kept(1, &second);
    complete(APR_SUCCESS);
    memset(own, '?', OWN);
    write_text(size, 6);
    if (!async || edit != edit_files) {
        check_kept(0, &first);
        check_kept(1, &second);
    }
    forget(&first);
    forget(&second);
}

START_TEST(what_leaves_is_what_was_shown)
{
    unsigned int i;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (i) {
            setup();
        }
        edited(edits[_i / 2], sizes[i], _i % 2);
        if (i + 1 < sizeof(sizes) / sizeof(sizes[0])) {
            teardown();
        }
    }
}
END_TEST

/* --- beyond the end ----------------------------------------------------- */

START_TEST(what_lies_beyond_a_holding_is_not_sent)
{
    bytes_t want = { NULL, 0 };
    HTTP_DATA_CHUNK *c;

    write_text(100 + 5000 * (_i / 2), 1);
    c = raw()->pEntityChunks;
    add(&want, c->FromMemory.pBuffer, c->FromMemory.BufferLength);
    c->FromMemory.BufferLength += 100000;
    array[0] = *c;
    array[1] = part(c, 50, 100000);
    add(&want, (char *)c->FromMemory.pBuffer + 50, want.n - 50);
    use_array(2);
    flush(_i % 2, TRUE);
    check_kept(0, &want);
    ck_assert_int_eq(hr.warnings, 1);
    forget(&want);
}
END_TEST

START_TEST(an_array_is_not_read_beyond_its_end)
{
    bytes_t want = { NULL, 0 };
    HTTP_RESPONSE *view = raw();

    write_text(50, 1);
    view->EntityChunkCount = 60000;
    ck_assert_int_eq(raw()->EntityChunkCount, 1);
    array[0] = memory("abc", 3);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, array, -1), S_OK);
    /* From its second on. */
    view->pEntityChunks++;
    view->EntityChunkCount = 60000;
    flush(FALSE, TRUE);
    add(&want, "abc", 3);
    check_kept(0, &want);
    /* An array that has been flushed shows nothing. */
    view->pEntityChunks = ctx->response.chunks;
    view->EntityChunkCount = 2;
    ck_assert_int_eq(raw()->EntityChunkCount, 0);
    forget(&want);
}
END_TEST

/* --- fragments ---------------------------------------------------------- */

static void cache_fragment(const WCHAR *name, char *data, apr_size_t n)
{
    HTTP_DATA_CHUNK chunk = memory(data, n);
    IHttpServer *server = (IHttpServer *)(void *)ctx->around.server;

    ck_assert_int_eq(server->lpVtbl->AddFragmentToCache(server, &chunk, name),
                     S_OK);
}

START_TEST(a_fragment_outlives_its_removal)
{
    bytes_t want = { NULL, 0 };
    char *data = text(20000, 1);
    int i;

    cache_fragment(L"f", data, 20000);
    for (i = 0; i < 3; i++) {
        memset(&array[i], 0, sizeof(array[i]));
        array[i].DataChunkType = HttpDataChunkFromFragmentCacheEx;
        array[i].FromFragmentCacheEx.pFragmentName = L"f";
        array[i].FromFragmentCacheEx.ByteRange.StartingOffset.QuadPart =
            i * 100;
        array[i].FromFragmentCacheEx.ByteRange.Length.QuadPart = 5 + i * 9000;
        add(&want, data + i * 100, 5 + i * 9000);
    }
    use_array(3);
    flush(_i, TRUE);
    cache_fragment(L"f", data + 1, 3);
    memset(data, '?', 20000);
    check_kept(0, &want);
    complete(APR_SUCCESS);
    write_text(600000, 2);
    check_kept(0, &want);
    free(data);
    forget(&want);
}
END_TEST

/* In front of everything: a copy that may be written into. */
START_TEST(an_inserted_fragment_is_a_copy)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType =
                              HttpDataChunkFromFragmentCacheEx };
    bytes_t want = { NULL, 0 };
    char *data = text(9000, 1);

    cache_fragment(L"f", data, 9000);
    chunk.FromFragmentCacheEx.pFragmentName = L"f";
    chunk.FromFragmentCacheEx.ByteRange.Length.QuadPart =
        HTTP_BYTE_RANGE_TO_EOF;
    write_text(10, 2);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, &chunk, 0), S_OK);
    *(char *)raw()->pEntityChunks[0].FromMemory.pBuffer = '~';
    read_view(&want);
    flush(_i, TRUE);
    check_kept(0, &want);
    complete(APR_SUCCESS);
    array[0] = chunk;
    use_array(1);
    flush(FALSE, TRUE);
    want.n = 0;
    add(&want, data, 9000);
    check_kept(1, &want);
    free(data);
    forget(&want);
}
END_TEST

/* --- lent, and recalled ------------------------------------------------- */

/* A filter keeps a part of it, split and copied, past the completion. */
START_TEST(lent_memory_is_not_read_after_its_completion)
{
    bytes_t want = { NULL, 0 };
    apr_bucket *b;

    fill_own();
    array[0] = memory(own, OWN);
    ck_assert_int_eq(CALL(WriteEntityChunkByReference, array, -1), S_OK);
    flush(TRUE, TRUE);
    b = APR_BRIGADE_FIRST(below[0]);
    ck_assert_int_eq(apr_bucket_split(b, 1000), APR_SUCCESS);
    apr_bucket_delete(b);
    add(&want, own + 1000, OWN - 1000);
    check_kept(0, &want);
    complete(_i ? APR_ECONNABORTED : APR_SUCCESS);
    memset(own, '?', OWN);
    if (_i) {
        const char *data;
        apr_size_t n;

        ck_assert_int_eq(apr_bucket_read(APR_BRIGADE_FIRST(below[0]), &data,
                                         &n, APR_BLOCK_READ),
                         APR_ECONNABORTED);
        ck_assert_uint_eq(n, 0);
    }
    else {
        check_kept(0, &want);
    }
    ck_assert_ptr_null(ctx->lent);
    forget(&want);
}
END_TEST

static apr_status_t failing_pass(iisr_host_request_t *host,
                                 apr_bucket_brigade *bb, iisr_pass_e how,
                                 iisr_sent_fn sent, void *baton)
{
    keeping_pass(host, bb, how, sent, baton);
    told = NULL;
    return APR_ECONNABORTED;
}

START_TEST(a_flush_that_fails_gives_back_what_was_lent)
{
    fill_own();
    array[0] = memory(own, OWN);
    use_array(1);
    small_host.pass = failing_pass;
    ck_assert(FAILED(CALL(Flush, TRUE, TRUE, NULL, NULL)));
    ck_assert_ptr_null(ctx->lent);
    free(own);
    own = NULL;
}
END_TEST

/* The request goes while somebody keeps what it lent. */
START_TEST(what_is_below_outlives_the_request)
{
    bytes_t want = { NULL, 0 };

    fill_own();
    write_text(50000, 1);
    array[0] = raw()->pEntityChunks[0];
    array[1] = memory(own, OWN);
    use_array(2);
    read_view(&want);
    flush(TRUE, TRUE);
    told = NULL;
    small_close();
    memset(own, '?', OWN);
    check_kept(0, &want);
    small_open();
    forget(&want);
}
END_TEST

/* --- httpd comes back ---------------------------------------------------- */

static bytes_t inner_want;

/* As an error page that is made below: lock held, the same thread. */
static void write_inside(void)
{
    iisr_flush_t inner = { .more = 1 };
    HTTP_DATA_CHUNK chunk;
    apr_uint64_t bytes;
    char *data = text(9000, 8);

    ck_assert_int_eq(ctx->response.nchunks, 0);
    ck_assert_ptr_null(ctx->bb);
    chunk = memory(data, 9000);
    ck_assert_int_eq(iisr_response_append(&ctx->response, &chunk, 1, &bytes),
                     APR_SUCCESS);
    chunk = file(a_file(), 100, 900);
    ck_assert_int_eq(iisr_response_append(&ctx->response, &chunk, 1, &bytes),
                     APR_SUCCESS);
    add(&inner_want, data, 9000);
    free(data);
    data = text(1000, 3);
    add(&inner_want, data + 100, 900);
    free(data);
    ck_assert_int_eq(iisr_flush(ctx, &inner), APR_SUCCESS);
}

START_TEST(a_flush_inside_a_flush_touches_nothing_of_it)
{
    bytes_t want = { NULL, 0 };
    apr_size_t size = sizes[_i];

    write_text(size, 1);
    write_chunk(file(a_file(), 7, 7000));
    read_view(&want);
    meanwhile = write_inside;
    flush(FALSE, TRUE);
    ck_assert_int_eq(npasses, 2);
    check_kept(0, &want);
    check_kept(1, &inner_want);
    write_text(size, 2);
    flush(FALSE, FALSE);
    check_kept(0, &want);
    check_kept(1, &inner_want);
    forget(&want);
    forget(&inner_want);
}
END_TEST

/* --- many --------------------------------------------------------------- */

/* Each of the host's files and each piece of memory is a holding; a module
 * turns them round. */
START_TEST(many_holdings_are_found_in_any_order)
{
    int fd = a_file(), i, n;
    HTTP_DATA_CHUNK *mine;
    bytes_t want = { NULL, 0 };
    apr_file_t *f;
    apr_bucket *b;

    apr_os_file_put(&f, &fd, APR_FOPEN_READ, hr.pool);
    iisr_enter(ctx);
    for (i = 0; i < 20000; i++) {
        char byte[2] = { byte_at(i, 1), byte_at(i, 2) };

        b = apr_bucket_file_create(f, i, 1, hr.pool, hr.alloc);
        ck_assert_int_eq(iisr_response_show_bucket(&ctx->response, b),
                         APR_SUCCESS);
        apr_bucket_destroy(b);
        b = apr_bucket_transient_create(byte, 2, hr.alloc);
        ck_assert_int_eq(iisr_response_show_bucket(&ctx->response, b),
                         APR_SUCCESS);
        apr_bucket_destroy(b);
    }
    iisr_leave(ctx);
    n = raw()->EntityChunkCount;
    ck_assert_int_eq(n, 40000);
    mine = malloc(n * sizeof(*mine));
    for (i = 0; i < n; i++) {
        mine[i] = raw()->pEntityChunks[(i * 7919LL) % n];
        /* The buckets are gone: only memory is looked at. */
        if (mine[i].DataChunkType != HttpDataChunkFromMemory) {
            mine[i] = memory("-", 1);
        }
    }
    raw()->pEntityChunks = mine;
    raw()->EntityChunkCount = (USHORT)n;
    read_view(&want);
    flush(TRUE, TRUE);
    check_kept(0, &want);
    complete(APR_SUCCESS);
    free(mine);
    forget(&want);
}
END_TEST

/* One duplicate a flush, however many ranges. */
START_TEST(ranges_of_a_file_share_a_descriptor)
{
    struct rlimit limit, before;
    int fd = a_file(), i;
    HTTP_DATA_CHUNK *mine = malloc(5000 * sizeof(*mine));
    bytes_t want = { NULL, 0 };

    for (i = 0; i < 5000; i++) {
        mine[i] = file(fd, i, 3);
    }
    raw()->pEntityChunks = mine;
    raw()->EntityChunkCount = 5000;
    read_view(&want);
    getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    limit.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &limit);
    flush(TRUE, TRUE);
    setrlimit(RLIMIT_NOFILE, &before);
    close(fd);
    check_kept(0, &want);
    complete(APR_SUCCESS);
    free(mine);
    forget(&want);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("entity");
    TCase *tc = tcase_create("entity");
    SRunner *sr;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, what_leaves_is_what_was_shown, 0, 2 * EDITS);
    tcase_add_loop_test(tc, what_lies_beyond_a_holding_is_not_sent, 0, 4);
    tcase_add_test(tc, an_array_is_not_read_beyond_its_end);
    tcase_add_loop_test(tc, a_fragment_outlives_its_removal, 0, 2);
    tcase_add_loop_test(tc, an_inserted_fragment_is_a_copy, 0, 2);
    tcase_add_loop_test(tc, lent_memory_is_not_read_after_its_completion, 0,
                        2);
    tcase_add_test(tc, a_flush_that_fails_gives_back_what_was_lent);
    tcase_add_test(tc, what_is_below_outlives_the_request);
    tcase_add_loop_test(tc, a_flush_inside_a_flush_touches_nothing_of_it, 0,
                        6);
    tcase_add_test(tc, many_holdings_are_found_in_any_order);
    tcase_add_test(tc, ranges_of_a_file_share_a_descriptor);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
