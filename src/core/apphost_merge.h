/* apphost_merge.h: one element of a file, laid over what is inherited. */
#ifndef IISR_APPHOST_MERGE_H
#define IISR_APPHOST_MERGE_H

#include "core/apphost.h"

typedef struct iisr_merge_t {
    apr_pool_t *pool;
    const iisr_section_group_t *groups; /* that were declared */
    const char *server_file;            /* that no lock binds, or NULL */
    int unlocked;                       /* locks do not count */
    const char *error;                  /* the first */
    apr_hash_t *sections;               /* iisr_section_t, by path in lower
                                         * case; NULL: not asked for */
} iisr_merge_t;

/* base: inherited, or NULL; own: what the file says, or NULL; never both
 * NULL without a schema.  path: of a group, "" at the root; NULL inside of
 * sections. The result shares what own does not touch. */
iisr_element_t *iisr_merge_element(iisr_merge_t *merge,
                                   const iisr_element_t *base,
                                   const iisr_xml_t *own,
                                   const iisr_schema_t *schema,
                                   const char *path);
/* As iisr_element_child, of an element that still grows. */
const iisr_element_t *iisr_merge_child(iisr_element_t *element,
                                       const char *name, apr_size_t n);
/* Whether an attribute is a setting: locks and namespaces are none. */
int iisr_is_setting(const char *name);
/* Is what stands at this path a group of sections? */
int iisr_is_group(const iisr_section_group_t *groups,
                  const iisr_schema_t *schema, const char *path);

#endif
