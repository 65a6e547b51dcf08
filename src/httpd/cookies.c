/* cookies.c: the Cookie fields of a request as one.
 *
 * httpd joins fields of one name by ", ", which in a Cookie is part of a
 * value: "; " stands between cookies (RFC 6265, 4.2.1; mod_http2 does it).
 * Its own handlers get what httpd made; modules get the cookies.
 */
#include <string.h>
#include <apr_strings.h>
#include "core/headers.h"
#include "httpd/cookies.h"

/* A field that came alone: httpd cuts a line into name and value where it
 * lies, and what it joins it writes elsewhere. */
static int is_one_line(const apr_table_t *headers, const char *value)
{
    const apr_array_header_t *fields = apr_table_elts(headers);
    int i;

    for (i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *field = &APR_ARRAY_IDX(fields, i,
                                                        apr_table_entry_t);

        if (field->val == value) {
            apr_size_t gap = (apr_uintptr_t)value
                             - (apr_uintptr_t)field->key;

            return gap == sizeof("Cookie") || gap == sizeof("Cookie") + 1;
        }
    }
    return 0;
}

/* Whether a cookie begins there: a name, and "=". */
static int begins_cookie(const char *text)
{
    const char *end = strpbrk(text, "=;, \t");

    return end && end > text && *end == '=';
}

/* The only comma is httpd's; of several those ahead of a cookie are. */
static const char *join_cookies(apr_pool_t *pool, const char *value,
                                const char *comma)
{
    char *copy = apr_pstrdup(pool, value), *at = copy + (comma - value);
    int only = !strstr(at + 2, ", ");

    for (; at; at = strstr(at + 2, ", ")) {
        if (only || begins_cookie(at + 2)) {
            *at = ';';
        }
    }
    return copy;
}

const char *iisr_cookies_value(const request_rec *r, const char *name,
                               const char *value)
{
    const char *comma;

    if (!value || !iisr_header_is(name, "Cookie")
        || r->proto_num >= HTTP_VERSION(2, 0)
        || !(comma = strstr(value, ", "))
        || is_one_line(r->headers_in, value)) {
        return value;
    }
    return join_cookies(r->pool, value, comma);
}

const apr_table_t *iisr_cookies_headers(const request_rec *r)
{
    const char *value = apr_table_get(r->headers_in, "Cookie");
    const char *joined = iisr_cookies_value(r, "Cookie", value);
    apr_table_t *copy;

    if (joined == value) {
        return r->headers_in;
    }
    copy = apr_table_copy(r->pool, r->headers_in);
    apr_table_setn(copy, "Cookie", joined);
    return copy;
}

void iisr_cookies_set(request_rec *r, const char *value)
{
    apr_size_t length = strlen(value) + 1;
    char *line = apr_palloc(r->pool, sizeof("Cookie") + length);

    memcpy(line, "Cookie", sizeof("Cookie"));
    memcpy(line + sizeof("Cookie"), value, length);
    apr_table_unset(r->headers_in, line);
    apr_table_addn(r->headers_in, line, line + sizeof("Cookie"));
}
