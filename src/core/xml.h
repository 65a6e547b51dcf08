/* xml.h: an XML file as a tree in which everything knows its line.
 *
 * apr_xml forgets lines, and an administrator who is told that a file is
 * wrong wants to know where: this is the expat beneath apr_xml, used
 * directly.  Text between elements and comments are left out; a DOCTYPE, and
 * with it every entity of one's own, is refused.  Configuration time only.
 */
#ifndef IISR_XML_H
#define IISR_XML_H

#include <apr_pools.h>

#define IISR_XML_FILE_MAX (16 * 1024 * 1024)    /* bytes */
#define IISR_XML_DEPTH_MAX 100                  /* elements in one another */

typedef struct iisr_xml_attr_t {
    const char *name, *value;           /* UTF-8 */
} iisr_xml_attr_t;

typedef struct iisr_xml_t {
    const char *name;
    const char *file;
    int line;
    const iisr_xml_attr_t *attrs;
    int nattrs;
    struct iisr_xml_t *parent, *children, *last_child, *next;
} iisr_xml_t;

/* The root element, from pool.  NULL: *error says what is wrong, and where:
 * "file:line: reason". */
iisr_xml_t *iisr_xml_read(apr_pool_t *pool, const char *file,
                          const char **error);
/* NULL when there is no such attribute. */
const char *iisr_xml_attr(const iisr_xml_t *node, const char *name);
/* "true" in any case; what is not there is otherwise. */
int iisr_xml_flag(const iisr_xml_t *node, const char *name, int otherwise);
/* "file:line: reason", from pool. */
const char *iisr_xml_wrong(apr_pool_t *pool, const iisr_xml_t *node,
                           const char *fmt, ...)
                           __attribute__((format(printf, 3, 4)));

#endif
