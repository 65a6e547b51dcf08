/* apphost_lock.h: what the server's file forbids the files of sites.
 *
 * (a) A section: overrideModeDefault, overrideMode and allowOverride of a
 *     location (the deepest counts), allowDefinition, lockItem.
 * (b) lockAttributes, lockAllAttributesExcept: naming one, whatever value.
 * (c) lockElements, lockAllElementsExcept: children and add, remove, clear.
 * (d) lockItem of an entry: removing it, and clearing.
 *
 * No file is bound by itself.  Articles: "How to Use Locking in IIS
 * Configuration", "Understanding IIS Configuration Delegation"; IIS's code
 * for a violation is 0x80070021 (ERROR_LOCK_VIOLATION).
 */
#ifndef IISR_APPHOST_LOCK_H
#define IISR_APPHOST_LOCK_H

#include "core/apphost_merge.h"

/* Whether an element's own file may say this on top of base.  All of these:
 * merge->error says why not. */
void iisr_lock_check(iisr_merge_t *merge, const iisr_element_t *base,
                     const iisr_xml_t *own);
/* The locks that own sets hold from here on. */
void iisr_lock_keep(iisr_merge_t *merge, iisr_element_t *element,
                    const iisr_xml_t *own);
/* A section of this path: base is inherited, or NULL; merged is both. */
void iisr_lock_section(iisr_merge_t *merge, const iisr_element_t *base,
                       iisr_element_t *merged, const iisr_xml_t *own,
                       const char *path);
/* An entry that own takes away. */
void iisr_lock_entry(iisr_merge_t *merge, const iisr_element_t *entry,
                     const iisr_xml_t *own);

#endif
