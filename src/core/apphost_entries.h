/* apphost_entries.h: the entries of a collection while a file is laid over
 * them: added at either end, looked for by their values, removed.
 *
 * Every operation takes time by what it finds, not by how many there are.
 */
#ifndef IISR_APPHOST_ENTRIES_H
#define IISR_APPHOST_ENTRIES_H

#include "core/apphost_merge.h"

typedef struct iisr_entries_t iisr_entries_t;

/* inherited: iisr_element_t *; it is not changed. */
iisr_entries_t *iisr_entries_open(iisr_merge_t *merge,
                                  const apr_array_header_t *inherited);
/* In front of what was inherited, behind those added there before; or at the
 * end. */
void iisr_entries_add(iisr_entries_t *entries, iisr_element_t *entry,
                      int in_front);
/* Whether one has all keys of this one, which has at least one. */
int iisr_entries_have(iisr_entries_t *entries, const iisr_element_t *entry);
/* Those that have all attributes of own; unless they are locked. */
void iisr_entries_remove(iisr_entries_t *entries, const iisr_xml_t *own);
void iisr_entries_clear(iisr_entries_t *entries, const iisr_xml_t *own);
/* What is left, in order. */
apr_array_header_t *iisr_entries_close(iisr_entries_t *entries);

#endif
