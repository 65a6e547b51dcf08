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

/* Where a name stands, by its first letter and its length: few share a
 * place, and those are a chain. */
#define PLACES 64

typedef struct places_t {
    signed char first[PLACES];          /* an id, -1: none */
    signed char next[IISR_REQUEST_HEADERS];
} places_t;

static places_t request_places, response_places;

static unsigned int place_of(const char *name)
{
    return ((name[0] & 0x1F) * 5 + strlen(name)) % PLACES;
}

static void fill(places_t *places, const char *const *names, int n)
{
    memset(places->first, -1, sizeof(places->first));
    while (n-- > 0) {
        signed char *first = &places->first[place_of(names[n])];

        places->next[n] = *first;
        *first = n;
    }
}

__attribute__((constructor)) static void fill_places(void)
{
    fill(&request_places, request_names, IISR_REQUEST_HEADERS);
    fill(&response_places, response_names, IISR_RESPONSE_HEADERS);
}

static int id_of(const places_t *places, const char *const *names,
                 const char *name)
{
    int id = places->first[place_of(name)];

    while (id >= 0 && strcasecmp(names[id], name)) {
        id = places->next[id];
    }
    return id;
}

/* Of a set of names: their first letters, which most others do not have. */
#define LETTER(c) (1u << ((c) & 0x1F))

static int is_among(const char *const *names, int n, unsigned int letters,
                    const char *name)
{
    int i = letters & LETTER(name[0]) ? 0 : n;

    while (i < n && !iisr_header_is(name, names[i])) {
        i++;
    }
    return i < n;
}

int iisr_request_header_id(const char *name)
{
    return id_of(&request_places, request_names, name);
}

int iisr_response_header_id(const char *name)
{
    return id_of(&response_places, response_names, name);
}

int iisr_token_valid(const char *name, apr_size_t len)
{
    static const char valid[256] = {
        ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['0' ... '9'] = 1,
        ['!'] = 1, ['#' ... '\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1,
        ['.'] = 1, ['^' ... '`'] = 1, ['|'] = 1, ['~'] = 1
    };
    apr_size_t i;

    for (i = 0; i < len; i++) {
        if (!valid[(unsigned char)name[i]]) {
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

    return is_among(alone, sizeof(alone) / sizeof(alone[0]),
                    LETTER('S') | LETTER('W') | LETTER('P') | LETTER('L'),
                    name);
}

void iisr_header_put(apr_table_t *table, const char *name, const char *value,
                     apr_size_t len, int replace)
{
    apr_pool_t *pool = apr_table_elts(table)->pool;
    char *copy = apr_pstrmemdup(pool, value, len);

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

    return is_among(hops, sizeof(hops) / sizeof(hops[0]),
                    LETTER('C') | LETTER('K') | LETTER('P') | LETTER('T')
                    | LETTER('U'), name);
}
