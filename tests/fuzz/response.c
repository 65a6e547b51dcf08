/* response.c: a module that does anything with a response: writes, flushes,
 * edits the raw view, before and inside OnSendResponse.  What leaves is what
 * the view showed, also when it is read long after.
 *
 *     make fuzz                  with clang's libFuzzer, 60 seconds
 *     build/fuzz/response FILE   one input again
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <check.h>
#include "core/entity.h"
#include "core/flush.h"

/* There is no runner of tests here to report to. */
#undef ck_assert
#undef ck_assert_int_eq
#undef ck_assert_ptr_nonnull
#define ck_assert(what) ((what) ? (void)0 : abort())
#define ck_assert_int_eq(a, b) ck_assert((a) == (b))
#define ck_assert_ptr_nonnull(p) ck_assert((p) != NULL)
#include "../unit/small_host.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define CALL(method, ...) \
    ctx->handle->response_iface.lpVtbl->base.base.base.method( \
        (IHttpResponse *)(void *)&ctx->handle->response_iface, ##__VA_ARGS__)

/* --- the input ---------------------------------------------------------- */

static const unsigned char *input, *input_end;

static unsigned int next_byte(void)
{
    return input < input_end ? *input++ : 0;
}

/* 0..n-1 */
static unsigned int pick(unsigned int n)
{
    unsigned int value = next_byte();

    if (n > 256) {
        value = value << 8 | next_byte();
    }
    return n ? value % n : 0;
}

/* --- what is expected, and what is kept below --------------------------- */

typedef struct pass_t {
    apr_bucket_brigade *bb;
    char *want;
    apr_size_t n;
    int checked;                        /* the view could be foretold */
    int failed;                         /* what was lent may be gone */
} pass_t;

#define PASSES 64
static pass_t passes[PASSES];
static int npasses, inexact, depth, generation;
static char *want;
static apr_size_t nwant;
static iisr_sent_fn told;
static void *told_baton;

/* The module's memory, and a file of its own. */
#define ARENA 32768
static char arena[ARENA];
static int the_file;
static const char fragment[] = "the fragment of the cache, in a few words";

static void add(const void *data, apr_size_t n)
{
    if (n && !data) {
        inexact = 1;
    }
    else if (n) {
        want = realloc(want, nwant + n + 1);
        memcpy(want + nwant, data, n);
        nwant += n;
    }
}

static void add_range(const HTTP_BYTE_RANGE *range, const char *data,
                      apr_uint64_t length)
{
    apr_uint64_t start = range->StartingOffset.QuadPart;
    apr_uint64_t n = range->Length.QuadPart;

    if (start > length || (n != HTTP_BYTE_RANGE_TO_EOF && n > length - start)) {
        inexact = 1;
        return;
    }
    add(data + start, n == HTTP_BYTE_RANGE_TO_EOF ? length - start : n);
}

static char file_bytes[5000];

static void add_chunk(const HTTP_DATA_CHUNK *c)
{
    switch (c->DataChunkType) {
    case HttpDataChunkFromMemory:
        if (!inexact) {
            add(c->FromMemory.pBuffer, c->FromMemory.BufferLength);
        }
        break;
    case HttpDataChunkFromFileHandle:
        add_range(&c->FromFileHandle.ByteRange, file_bytes,
                  sizeof(file_bytes));
        break;
    case HttpDataChunkFromFragmentCacheEx:
        add_range(&c->FromFragmentCacheEx.ByteRange, fragment,
                  sizeof(fragment) - 1);
        break;
    default:
        inexact = 1;
    }
}

static HTTP_RESPONSE *raw(void)
{
    return CALL(GetRawHttpResponse);
}

static void foretell(void)
{
    HTTP_RESPONSE *view = raw();
    int i;

    nwant = 0;
    for (i = 0; i < view->EntityChunkCount && !inexact; i++) {
        add_chunk(&view->pEntityChunks[i]);
    }
}

static void check(const pass_t *pass)
{
    apr_size_t at = 0, n;
    apr_bucket *b, *next;
    const char *data;

    for (b = APR_BRIGADE_FIRST(pass->bb); b != APR_BRIGADE_SENTINEL(pass->bb);
         b = next) {
        if (!APR_BUCKET_IS_METADATA(b)) {
            if (apr_bucket_read(b, &data, &n, APR_BLOCK_READ)) {
                ck_assert(pass->failed || !pass->checked);
                return;
            }
            if (pass->checked && (n > pass->n - at
                                  || memcmp(pass->want + at, data, n))) {
                abort();
            }
            at += n;
        }
        next = APR_BUCKET_NEXT(b);
    }
    if (pass->checked && at != pass->n) {
        abort();
    }
}

static apr_status_t fuzz_pass(iisr_host_request_t *host,
                              apr_bucket_brigade *bb, iisr_pass_e how,
                              iisr_sent_fn sent, void *baton)
{
    pass_t *pass = &passes[npasses];
    apr_bucket *b;

    if (npasses == PASSES || !next_byte()) {
        apr_brigade_cleanup(bb);
        return APR_ECONNABORTED;
    }
    npasses++;
    pass->bb = apr_brigade_create(host->pool, host->alloc);
    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if (apr_bucket_setaside(b, host->pool) == APR_ENOTIMPL) {
            abort();
        }
    }
    APR_BRIGADE_CONCAT(pass->bb, bb);
    pass->checked = !inexact;
    pass->failed = 0;
    pass->n = nwant;
    pass->want = malloc(nwant + 1);
    if (nwant) {
        memcpy(pass->want, want, nwant);
    }
    if (how == IISR_PASS_ASYNC) {
        told = sent;
        told_baton = baton;
    }
    return APR_SUCCESS;
}

static void complete(void)
{
    if (told) {
        int fails = !pick(4);

        passes[npasses - 1].failed = fails;
        iisr_enter(ctx);
        told(told_baton, fails ? APR_ECONNABORTED : APR_SUCCESS);
        iisr_completion_drop(ctx);
        iisr_leave(ctx);
        told = NULL;
    }
}

/* --- chunks ------------------------------------------------------------- */

static HTTP_BYTE_RANGE any_range(unsigned int length)
{
    HTTP_BYTE_RANGE range;

    range.StartingOffset.QuadPart = pick(length + 2);
    range.Length.QuadPart = pick(8) ? pick(length)
                                    : (ULONGLONG)HTTP_BYTE_RANGE_TO_EOF;
    return range;
}

static HTTP_DATA_CHUNK any_chunk(void)
{
    HTTP_DATA_CHUNK c;
    unsigned int at;

    memset(&c, 0, sizeof(c));
    switch (pick(8)) {
    case 0:
        c.DataChunkType = HttpDataChunkFromFileHandle;
        c.FromFileHandle.FileHandle = iis_handle_from_fd(the_file);
        c.FromFileHandle.ByteRange = any_range(sizeof(file_bytes));
        break;
    case 1:
        c.DataChunkType = HttpDataChunkFromFragmentCacheEx;
        c.FromFragmentCacheEx.pFragmentName = pick(9) ? L"f" : L"none";
        c.FromFragmentCacheEx.ByteRange = any_range(sizeof(fragment) - 1);
        break;
    case 2:
        c.DataChunkType = (HTTP_DATA_CHUNK_TYPE)pick(9);
        if (c.DataChunkType != HttpDataChunkFromMemory) {
            memset((char *)&c + sizeof(c.DataChunkType), 0,
                   sizeof(c) - sizeof(c.DataChunkType));
        }
        break;
    default:
        c.DataChunkType = HttpDataChunkFromMemory;
        at = pick(ARENA);
        c.FromMemory.pBuffer = arena + at;
        c.FromMemory.BufferLength = pick(ARENA - at);
    }
    return c;
}

static int is_own(const HTTP_DATA_CHUNK *c)
{
    const char *p = c->FromMemory.pBuffer;

    return p >= arena && p < arena + ARENA;
}

/* A module may do this to what it has, and this to what is the server's. */
static void edit_chunk(HTTP_DATA_CHUNK *c)
{
    unsigned int skip;

    if (c->DataChunkType != HttpDataChunkFromMemory
        || !c->FromMemory.pBuffer) {
        *c = any_chunk();
        return;
    }
    switch (pick(5)) {
    case 0:
        /* Where it may have been lengthened, what lies behind is nobody's. */
        skip = inexact && !is_own(c) ? 0
                                     : pick(c->FromMemory.BufferLength + 1);
        c->FromMemory.pBuffer = (char *)c->FromMemory.pBuffer + skip;
        c->FromMemory.BufferLength -= skip;
        break;
    case 1:
        c->FromMemory.BufferLength = pick(c->FromMemory.BufferLength + 1);
        break;
    case 2:
        *c = any_chunk();
        break;
    case 3:
        if (!is_own(c) && !pick(3)) {
            c->FromMemory.BufferLength += 1 + pick(70000);
            inexact = 1;
        }
        break;
    default:
        if (!told || !is_own(c)) {
            unsigned int n = inexact ? 0 : c->FromMemory.BufferLength / 2;

            memset(c->FromMemory.pBuffer, (int)pick(256), n);
        }
    }
}

/* Arrays of the module's own, in turn; and one of ours that it remembers. */
#define ROOM 64
static HTTP_DATA_CHUNK arrays[2][ROOM], *remembered;
static int current, nremembered, remembered_in;

static void use_own_array(void)
{
    HTTP_RESPONSE *view = raw();
    HTTP_DATA_CHUNK *to = arrays[current ^= 1];
    int n = (int)pick(ROOM), i;

    for (i = 0; i < n; i++) {
        to[i] = view->EntityChunkCount && pick(3)
                ? view->pEntityChunks[pick(view->EntityChunkCount)]
                : any_chunk();
    }
    view->pEntityChunks = to;
    view->EntityChunkCount = (USHORT)n;
}

static void edit_array(void)
{
    HTTP_RESPONSE *view = raw();
    unsigned int n = view->EntityChunkCount;

    switch (pick(6)) {
    case 0:
        view->EntityChunkCount = (USHORT)pick(n + 1);
        break;
    case 1:
        if (n) {
            unsigned int skip = pick(n);

            view->pEntityChunks += skip;
            view->EntityChunkCount = (USHORT)(n - skip);
        }
        break;
    case 2:
        remembered = view->pEntityChunks;
        nremembered = (int)n;
        remembered_in = generation;
        break;
    case 3:
        if (remembered && remembered_in == generation) {
            view->pEntityChunks = remembered;
            view->EntityChunkCount = (USHORT)nremembered;
        }
        break;
    case 4:
        /* Only our own array has an end that is known. */
        if (view->pEntityChunks == ctx->response.chunks && n) {
            view->EntityChunkCount = (USHORT)(n + pick(65535 - n));
        }
        break;
    default:
        use_own_array();
    }
    raw();                              /* it is taken over */
}

/* --- head --------------------------------------------------------------- */

static const char *const values[] = { "", "a", "text/plain", "x\r\ny: z",
                                      "a, b", "\x01", "\xc3\xa4", NULL };

static void edit_head(void)
{
    static HTTP_UNKNOWN_HEADER own[8];
    HTTP_RESPONSE *view = raw();
    HTTP_RESPONSE_HEADERS *headers = &view->Headers;
    const char *value = values[pick(8)];
    unsigned int id = pick(30), i;

    switch (pick(4)) {
    case 0:
        /* Statuses that have a body, or nobody knows what leaves. */
        view->StatusCode = (USHORT)pick(1200);
        inexact |= view->StatusCode < 200 || view->StatusCode == 204
                   || view->StatusCode == 205 || view->StatusCode == 304;
        view->pReason = value;
        view->ReasonLength = value ? (USHORT)strlen(value) : 0;
        break;
    case 1:
        inexact |= id == HttpHeaderContentLength
                   || id == HttpHeaderTransferEncoding;
        headers->KnownHeaders[id].pRawValue = value;
        headers->KnownHeaders[id].RawValueLength =
            value ? (USHORT)pick((unsigned int)strlen(value) + 1) : 0;
        break;
    case 2:
        for (i = 0; i < 8; i++) {
            const char *name = values[pick(7)];

            own[i].pName = name;
            own[i].NameLength = (USHORT)strlen(name);
            own[i].pRawValue = values[pick(7)];
            own[i].RawValueLength = (USHORT)strlen(own[i].pRawValue);
        }
        headers->pUnknownHeaders = own;
        headers->UnknownHeaderCount = (USHORT)pick(9);
        break;
    default:
        headers->UnknownHeaderCount =
            (USHORT)pick(headers->UnknownHeaderCount + 1u);
    }
    raw();
}

/* --- calls -------------------------------------------------------------- */

static void write_chunks(void)
{
    HTTP_DATA_CHUNK chunks[4];
    unsigned int n = 1 + pick(4), i;
    DWORD sent;

    /* A response that is written into itself doubles. */
    for (i = 0; i < n && ctx->response.buffered < 4000000; i++) {
        HTTP_RESPONSE *view = raw();

        chunks[i] = view->EntityChunkCount && !pick(4)
                    ? view->pEntityChunks[pick(view->EntityChunkCount)]
                    : any_chunk();
        if (inexact && chunks[i].DataChunkType == HttpDataChunkFromMemory
            && !is_own(&chunks[i])) {
            /* It may have been lengthened: to read it is not our doing. */
            chunks[i].FromMemory.BufferLength = 0;
        }
    }
    CALL(WriteEntityChunks, chunks, i, FALSE, TRUE, &sent, NULL);
}

static void flush(void)
{
    BOOL async = pick(2), expected = FALSE;

    if (told) {
        complete();
    }
    foretell();
    generation++;
    CALL(Flush, async, pick(8) != 0, NULL, &expected);
    generation++;
    /* What could not be foretold has left, or has been cleared. */
    if (!ctx->response.nchunks && ctx->response.promised < 0
        && !ctx->response.bodiless) {
        inexact = 0;
    }
}

static void step(void)
{
    HTTP_DATA_CHUNK c;
    HTTP_RESPONSE *view;

    switch (pick(10)) {
    case 0:
    case 1:
        write_chunks();
        break;
    case 2:
        c = any_chunk();
        CALL(WriteEntityChunkByReference, &c, pick(2) ? -1 : 0);
        break;
    case 3:
    case 4:
        view = raw();
        if (view->EntityChunkCount) {
            edit_chunk(&view->pEntityChunks[pick(view->EntityChunkCount)]);
        }
        break;
    case 5:
        edit_array();
        break;
    case 6:
        edit_head();
        break;
    case 7:
        if (!told) {
            memset(arena + pick(ARENA), (int)pick(256), 1);
        }
        complete();
        break;
    case 8:
        if (!pick(8)) {
            CALL(Clear);
            generation++;
            break;
        }
        CALL(SetHeader, "X-A", values[pick(7)], 1, (BOOL)pick(2));
        break;
    default:
        flush();
    }
}

static REQUEST_NOTIFICATION_STATUS on_send(CHttpModule *This,
                                           IHttpContext *pHttpContext,
                                           ISendResponseProvider *pProvider)
{
    (void)This;
    (void)pHttpContext;
    (void)pProvider;
    if (!depth++) {
        while (pick(4)) {
            unsigned int what = pick(3);

            if (what == 0) {
                write_chunks();
            }
            else if (what == 1) {
                edit_array();
            }
            else if (raw()->EntityChunkCount) {
                edit_chunk(&raw()->pEntityChunks[
                               pick(raw()->EntityChunkCount)]);
            }
        }
        foretell();
    }
    depth--;
    return RQ_NOTIFICATION_CONTINUE;
}

/* --- one input ---------------------------------------------------------- */

static void start(void)
{
    char path[] = "/tmp/iisr-fuzz-XXXXXX";
    unsigned int i;

    for (i = 0; i < sizeof(file_bytes); i++) {
        file_bytes[i] = (char)(i * 31 % 251);
    }
    the_file = mkstemp(path);
    if (the_file < 0 || write(the_file, file_bytes, sizeof(file_bytes))
                        != (ssize_t)sizeof(file_bytes)) {
        abort();
    }
    unlink(path);
    apr_initialize();
}

static void open_request(void)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    IHttpServer *server;
    unsigned int i;

    small_setup();
    small_host.pass = fuzz_pass;
    small_alloc(&hr);
    ctx->settings.buffer_limit = 1 << 30;
    module_table.OnSendResponse = on_send;
    if (pick(2)) {
        small_take_part(IISR_EV_SEND_RESPONSE);
    }
    server = (IHttpServer *)(void *)ctx->around.server;
    chunk.FromMemory.pBuffer = (PVOID)(apr_uintptr_t)fragment;
    chunk.FromMemory.BufferLength = sizeof(fragment) - 1;
    server->lpVtbl->AddFragmentToCache(server, &chunk, L"f");
    for (i = 0; i < ARENA; i++) {
        arena[i] = (char)('a' + i * 7 % 26);
    }
    npasses = inexact = depth = 0;
    remembered = NULL;
    told = NULL;
}

static void close_request(void)
{
    int i;

    complete();
    memset(arena, '?', ARENA);
    for (i = 0; i < npasses; i++) {
        check(&passes[i]);
    }
    small_close();
    for (i = 0; i < npasses; i++) {
        apr_brigade_destroy(passes[i].bb);
        free(passes[i].want);
    }
    small_teardown();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static int started;
    int steps;

    if (!started++) {
        start();
    }
    input = data;
    input_end = data + size;
    open_request();
    for (steps = 0; steps < 300 && input < input_end; steps++) {
        step();
    }
    close_request();
    return 0;
}
