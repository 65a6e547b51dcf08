/* vtable.h: C vtables that C++ may look at.
 *
 * dynamic_cast and typeid read the two words in front of a vtable: offset to
 * top, and type information, which the first module's handshake brings.  The
 * linker collects the list of all tables in a section of its own, so that an
 * interface touches no file but its own.
 *
 *     IISR_VTABLE(IHttpSite, site_vtbl) = {
 *         .GetSiteId = site_GetSiteId, ...
 *     } IISR_VTABLE_END;
 *     site->iface.lpVtbl = IISR_VPTR(site_vtbl);
 */
#ifndef IISR_IFACE_VTABLE_H
#define IISR_IFACE_VTABLE_H

#include "iis_interface.h"

typedef struct iisr_vtable_t {
    const char *interface_name;
    iis_vtbl_header *header;
} iisr_vtable_t;

#define IISR_VTABLE(interface, name) \
    struct name##_t { \
        iis_vtbl_header header; \
        struct interface##Vtbl vtbl; \
    }; \
    static struct name##_t name; \
    static const iisr_vtable_t name##_row = { #interface, &name.header }; \
    static const iisr_vtable_t *const name##_listed \
        __attribute__((section("iisr_vtables"), used)) = &name##_row; \
    static struct name##_t name = { .vtbl
#define IISR_VTABLE_END }

#define IISR_VPTR(name) (&(name).vtbl)

/* Once for each type of a module's handshake, before any object of it is
 * seen by a module.  Unknown names are fine. */
void iisr_vtables_set_typeinfo(const char *interface_name,
                               const void *typeinfo);

#endif
