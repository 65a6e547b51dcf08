/* headers.c: names by id and back, what is a valid field, and how IIS sets
 * and appends.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "headers.h"

/* The ids 0 to 19 mean the same in requests and responses. */
#define GENERAL \
    "Cache-Control", "Connection", "Date", "Keep-Alive", "Pragma", \
    "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning", "Allow", \
    "Content-Length", "Content-Type", "Content-Encoding", \
    "Content-Language", "Content-Location", "Content-MD5", \
    "Content-Range", "Expires", "Last-Modified"

static const char *const request_names[IISR_REQUEST_HEADERS] = {
    GENERAL,
    "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language",
    "Authorization", "Cookie", "Expect", "From", "Host", "If-Match",
    "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
    "Max-Forwards", "Proxy-Authorization", "Referer", "Range", "TE",
    "Translate", "User-Agent"
};

static const char *const response_names[IISR_RESPONSE_HEADERS] = {
    GENERAL,
    "Accept-Ranges", "Age", "ETag", "Location", "Proxy-Authenticate",
    "Retry-After", "Server", "Set-Cookie", "Vary", "WWW-Authenticate"
};

const char *iisr_request_header_name(unsigned int id)
{
    return id < IISR_REQUEST_HEADERS ? request_names[id] : NULL;
}

const char *iisr_response_header_name(unsigned int id)
{
    return id < IISR_RESPONSE_HEADERS ? response_names[id] : NULL;
}

static int find(const char *const *names, int n, const char *name)
{
    int i;

    for (i = 0; i < n; i++) {
        if (iisr_header_is(name, names[i])) {
            return i;
        }
    }
    return -1;
}

int iisr_request_header_id(const char *name)
{
    return find(request_names, IISR_REQUEST_HEADERS, name);
}

int iisr_response_header_id(const char *name)
{
    return find(response_names, IISR_RESPONSE_HEADERS, name);
}

int iisr_token_valid(const char *name, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++) {
        unsigned char c = name[i], letter = c | 0x20;

        if ((letter >= 'a' && letter <= 'z') || c == '-') {
            continue;
        }
        if (c <= ' ' || c >= 0x7F || strchr("()<>@,;:\\\"/[]?={}", c)) {
            return 0;
        }
    }
    return len > 0;
}

int iisr_value_valid(const char *value, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++) {
        unsigned char c = value[i];

        if ((c < ' ' && c != '\t') || c == 0x7F) {
            return 0;
        }
    }
    return 1;
}

int iisr_header_stands_alone(const char *name)
{
    static const char *const alone[] = {
        "Set-Cookie", "WWW-Authenticate", "Proxy-Authenticate", "Warning",
        "Link"
    };

    return find(alone, sizeof(alone) / sizeof(alone[0]), name) >= 0;
}

void iisr_header_put(apr_table_t *table, const char *name, const char *value,
                     apr_size_t len, int replace)
{
    apr_pool_t *pool = apr_table_elts(table)->pool;
    char *copy = apr_pstrmemdup(pool, value, len);

    name = apr_pstrdup(pool, name);
    if (replace) {
        apr_table_setn(table, name, copy);
    }
    else if (iisr_header_stands_alone(name)) {
        apr_table_addn(table, name, copy);
    }
    else {
        apr_table_mergen(table, name, copy);
    }
}

int iisr_header_hop_by_hop(const char *name)
{
    static const char *const hops[] = {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "Content-Length"
    };

    return find(hops, sizeof(hops) / sizeof(hops[0]), name) >= 0;
}
