/* vtable.c: type information for the vtables; see vtable.h. */
#include <string.h>
#include "vtable.h"

extern const iisr_vtable_t *const __start_iisr_vtables[]
    __attribute__((visibility("hidden")));
extern const iisr_vtable_t *const __stop_iisr_vtables[]
    __attribute__((visibility("hidden")));

void iisr_vtables_set_typeinfo(const char *interface_name,
                               const void *typeinfo)
{
    const iisr_vtable_t *const *row;

    for (row = __start_iisr_vtables; row < __stop_iisr_vtables; row++) {
        if (!strcmp((*row)->interface_name, interface_name)) {
            (*row)->header->typeinfo = typeinfo;
        }
    }
}
