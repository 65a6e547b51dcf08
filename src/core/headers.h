/* headers.h: HTTP header names, ids and field checks, IIS's rules for
 * setting and appending.  Pure functions over apr_table_t; any thread that
 * owns the table.
 */
#ifndef IISR_HEADERS_H
#define IISR_HEADERS_H

#include <strings.h>
#include <apr_tables.h>

#define IISR_REQUEST_HEADERS 41
#define IISR_RESPONSE_HEADERS 30

/* The name of a header id, or NULL when the id is unknown. */
const char *iisr_request_header_name(unsigned int id);
const char *iisr_response_header_name(unsigned int id);
/* The id of a name (case-insensitive), or -1: an unknown header. */
int iisr_request_header_id(const char *name);
int iisr_response_header_id(const char *name);

/* Whether a name is that of a known header.  The first letters, without
 * their case: few get further. */
static inline int iisr_header_is(const char *name, const char *known)
{
    return !((known[0] ^ name[0]) & 0xDF) && !strcasecmp(known, name);
}

/* RFC 7230 token / field value without CR, LF, NUL or other controls. */
int iisr_token_valid(const char *name, apr_size_t len);
int iisr_value_valid(const char *value, apr_size_t len);

/* Joining it by a comma would change what it says: Set-Cookie and the like. */
int iisr_header_stands_alone(const char *name);

/* Sets (replace) or appends; headers that stand alone become separate
 * fields, the rest are joined by ", ".  Copies the value into the table's
 * pool, the name lives as long. */
void iisr_header_put(apr_table_t *table, const char *name, const char *value,
                     apr_size_t len, int replace);

/* Headers that describe the connection and not the response: interpreted,
 * never copied to the wire. */
int iisr_header_hop_by_hop(const char *name);

#endif
