/* wide.c: UTF-8 <-> WCHAR.
 *
 * By hand and not by apr_xlate: opening a converter for each string costs a
 * table look-up in glibc and 4 KB of pool, a shared one needs a lock, and it
 * stops at the first invalid byte, of which requests are full.
 */
#include <string.h>
#include "wide.h"

#define REPLACEMENT 0xFFFD

/* One character; *used of the bytes (at least 1).  The NUL at the end
 * continues no character. */
static unsigned int decode(const unsigned char *s, apr_size_t *used)
{
    static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned int c = *s;
    apr_size_t length = c >= 0xF8 ? 0 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3
                        : c >= 0xC0 ? 2 : 0, i;

    *used = 1;
    if (!length) {
        return REPLACEMENT;
    }
    c &= 0x7F >> length;
    for (i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return REPLACEMENT;
        }
        c = c << 6 | (s[i] & 0x3F);
    }
    if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        return REPLACEMENT;
    }
    *used = length;
    return c;
}

apr_size_t iisr_widen_into(const char *utf8, WCHAR *wide)
{
    const unsigned char *s = (const unsigned char *)utf8;
    apr_size_t out = 0, used;

    for (;;) {
        while (*s && *s < 0x80) {
            wide[out++] = *s++;
        }
        if (!*s) {
            return out;
        }
        wide[out++] = decode(s, &used);
        s += used;
    }
}

WCHAR *iisr_widen(apr_pool_t *pool, const char *utf8, apr_size_t *length)
{
    WCHAR *wide = apr_palloc(pool, (strlen(utf8) + 1) * sizeof(*wide));
    apr_size_t out = iisr_widen_into(utf8, wide);

    wide[out] = 0;
    if (length) {
        *length = out;
    }
    return wide;
}

static apr_size_t encode(unsigned int c, char *out)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        c = REPLACEMENT;
    }
    if (c < 0x80) {
        out[0] = c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = 0xC0 | c >> 6;
        out[1] = 0x80 | (c & 0x3F);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = 0xE0 | c >> 12;
        out[1] = 0x80 | (c >> 6 & 0x3F);
        out[2] = 0x80 | (c & 0x3F);
        return 3;
    }
    out[0] = 0xF0 | c >> 18;
    out[1] = 0x80 | (c >> 12 & 0x3F);
    out[2] = 0x80 | (c >> 6 & 0x3F);
    out[3] = 0x80 | (c & 0x3F);
    return 4;
}

apr_size_t iisr_narrow_into(const WCHAR *wide, apr_size_t n, char *utf8)
{
    apr_size_t i, out = 0;

    for (i = 0; i < n; i++) {
        out += encode((unsigned int)wide[i], utf8 + out);
    }
    return out;
}

char *iisr_narrow_n(apr_pool_t *pool, const WCHAR *wide, apr_size_t n,
                    apr_size_t *length)
{
    char *utf8 = apr_palloc(pool, n * 4 + 1);
    apr_size_t out = iisr_narrow_into(wide, n, utf8);

    utf8[out] = '\0';
    if (length) {
        *length = out;
    }
    return utf8;
}

char *iisr_narrow(apr_pool_t *pool, const WCHAR *wide, apr_size_t *length)
{
    return iisr_narrow_n(pool, wide, wcslen(wide), length);
}
