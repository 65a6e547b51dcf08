/* chunked.c: see chunked.h.  Strict, as clients are: CRLF ends a line, and
 * nothing else does; a size is hexadecimal and fits into 63 bits; an
 * extension begins with a semicolon.  A line has 1,023 bytes at most.
 */
#include <string.h>
#include "chunked.h"
#include "headers.h"

static void chunked_fail(iisr_chunked_t *c, const char *fault)
{
    c->state = IISR_CHUNKED_BROKEN;
    c->fault = fault;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* --- the line of a size -------------------------------------------------- */

static void chunked_size_byte(iisr_chunked_t *c, char byte)
{
    int value = hex_value(byte);

    if (value >= 0) {
        if (c->left > (APR_INT64_MAX >> 4)) {
            chunked_fail(c, "a chunk size is too large");
            return;
        }
        c->left = c->left << 4 | (unsigned int)value;
        c->state = IISR_CHUNKED_DIGITS;
    }
    else if (c->state == IISR_CHUNKED_SIZE) {
        chunked_fail(c, "a chunk begins with no size");
    }
    else if (byte == '\r') {
        c->state = IISR_CHUNKED_SIZE_LF;
    }
    else if (byte == ' ' || byte == '\t') {
        c->state = IISR_CHUNKED_BLANK;
    }
    else if (byte == ';') {
        c->state = IISR_CHUNKED_EXTENSION;
    }
    else {
        chunked_fail(c, "a chunk size has a byte that is no digit");
    }
}

static void chunked_extension_byte(iisr_chunked_t *c, char byte)
{
    if (byte == '\r') {
        c->state = IISR_CHUNKED_SIZE_LF;
    }
    else if (!iisr_value_valid(&byte, 1)) {
        chunked_fail(c, "a control character in a chunk extension");
    }
    else if (c->state == IISR_CHUNKED_BLANK && byte == ';') {
        c->state = IISR_CHUNKED_EXTENSION;
    }
    else if (c->state == IISR_CHUNKED_BLANK && byte != ' ' && byte != '\t') {
        chunked_fail(c, "a chunk size is followed by neither an extension "
                        "nor the end of the line");
    }
}

static void chunked_line_end(iisr_chunked_t *c, char byte)
{
    static const iisr_chunked_e next[] = {
        [IISR_CHUNKED_DATA_LF] = IISR_CHUNKED_SIZE,
        [IISR_CHUNKED_FIELD_LF] = IISR_CHUNKED_TRAILER,
        [IISR_CHUNKED_LAST_LF] = IISR_CHUNKED_DONE
    };

    if (byte != '\n') {
        chunked_fail(c, "a CR without its LF");
    }
    else if (c->state == IISR_CHUNKED_SIZE_LF) {
        c->state = c->left ? IISR_CHUNKED_DATA : IISR_CHUNKED_TRAILER;
    }
    else {
        c->state = next[c->state];
    }
    c->line = 0;
}

/* --- fields behind the last chunk ---------------------------------------- */

static void chunked_field_end(iisr_chunked_t *c)
{
    char *colon, *value, *end = c->text + c->line;

    *end = '\0';
    colon = strchr(c->text, ':');
    if (!colon || !iisr_token_valid(c->text, colon - c->text)) {
        chunked_fail(c, "what follows the last chunk is no field");
        return;
    }
    *colon = '\0';
    for (value = colon + 1; *value == ' ' || *value == '\t'; value++) {
        continue;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        *--end = '\0';
    }
    if (!iisr_value_valid(value, end - value)) {
        chunked_fail(c, "a control character in a trailer field");
        return;
    }
    if (c->field) {
        c->field(c->baton, c->text, value);
    }
    c->state = IISR_CHUNKED_FIELD_LF;
}

static void chunked_field_byte(iisr_chunked_t *c, char byte)
{
    if (byte == '\r' && c->state == IISR_CHUNKED_TRAILER) {
        c->state = IISR_CHUNKED_LAST_LF;
    }
    else if (byte == '\r') {
        chunked_field_end(c);
    }
    else if (!iisr_value_valid(&byte, 1)) {
        chunked_fail(c, "a control character in a trailer field");
    }
    else {
        c->text[c->line] = byte;
        c->state = IISR_CHUNKED_FIELD;
    }
}

/* --- reading -------------------------------------------------------------- */

static void chunked_byte(iisr_chunked_t *c, char byte)
{
    switch (c->state) {
    case IISR_CHUNKED_SIZE:
    case IISR_CHUNKED_DIGITS:
        chunked_size_byte(c, byte);
        break;
    case IISR_CHUNKED_BLANK:
    case IISR_CHUNKED_EXTENSION:
        chunked_extension_byte(c, byte);
        break;
    case IISR_CHUNKED_DATA_CR:
        if (byte == '\r') {
            c->state = IISR_CHUNKED_DATA_LF;
        }
        else {
            chunked_fail(c, "a chunk is longer than its size");
        }
        break;
    case IISR_CHUNKED_TRAILER:
    case IISR_CHUNKED_FIELD:
        chunked_field_byte(c, byte);
        break;
    case IISR_CHUNKED_DONE:
        chunked_fail(c, "bytes follow the last chunk");
        break;
    default:
        chunked_line_end(c, byte);
    }
}

apr_size_t iisr_chunked_read(iisr_chunked_t *c, const char *text,
                             apr_size_t len)
{
    apr_size_t n = 0;

    while (n < len && c->state != IISR_CHUNKED_DATA
           && c->state != IISR_CHUNKED_BROKEN) {
        iisr_chunked_e before = c->state;

        chunked_byte(c, text[n++]);
        if (before <= IISR_CHUNKED_EXTENSION || before == IISR_CHUNKED_TRAILER
            || before == IISR_CHUNKED_FIELD) {
            c->line++;
        }
        if (c->line == sizeof(c->text) && c->state != IISR_CHUNKED_BROKEN) {
            chunked_fail(c, "a line of the framing is too long");
        }
    }
    return n;
}

void iisr_chunked_pass(iisr_chunked_t *c, apr_uint64_t n)
{
    c->left -= n;
    if (!c->left) {
        c->state = IISR_CHUNKED_DATA_CR;
    }
}

/* --- a brigade ------------------------------------------------------------ */

/* The framing at the front of a bucket goes; *next: what is to be looked at
 * then.  A file's bucket becomes memory in front of the rest of the file. */
static apr_status_t chunked_strip_bucket(iisr_chunked_t *c, apr_bucket *b,
                                         apr_bucket **next)
{
    const char *text;
    apr_size_t len, n;
    apr_status_t rv = apr_bucket_read(b, &text, &len, APR_BLOCK_READ);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    n = iisr_chunked_read(c, text, len);
    if (c->state == IISR_CHUNKED_BROKEN) {
        return APR_EINVAL;
    }
    if (n && n < len && (rv = apr_bucket_split(b, n))) {
        return rv;
    }
    *next = b;
    if (n || !len) {
        *next = APR_BUCKET_NEXT(b);
        apr_bucket_delete(b);
    }
    return APR_SUCCESS;
}

apr_status_t iisr_chunked_strip(iisr_chunked_t *c, apr_bucket_brigade *bb)
{
    apr_bucket *b = APR_BRIGADE_FIRST(bb);
    apr_status_t rv = APR_SUCCESS;

    while (b != APR_BRIGADE_SENTINEL(bb) && rv == APR_SUCCESS) {
        if (APR_BUCKET_IS_METADATA(b)) {
            b = APR_BUCKET_NEXT(b);
        }
        else if (c->state != IISR_CHUNKED_DATA) {
            rv = chunked_strip_bucket(c, b, &b);
        }
        else {
            if (b->length > c->left) {
                rv = apr_bucket_split(b, (apr_size_t)c->left);
            }
            if (rv == APR_SUCCESS) {
                iisr_chunked_pass(c, b->length);
                b = APR_BUCKET_NEXT(b);
            }
        }
    }
    return rv;
}
