/* abi.h: what the probes in C, the calls in C++ and the suite share. */
#ifndef ABI_H
#define ABI_H

#include "httpserv.h"
#include "httpcach.h"
#include "iiswebsocket.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An interface whose every slot is a probe of its own. */
struct abi_object {
    const char *name;
    void *object;
    iis_vtbl_header *header;
    size_t words;                            /* of its table in C */
    int slots;
};
extern struct abi_object abi_objects[];
extern const int abi_object_count, abi_slot_count;

struct abi_calls {
    const char *name;
    void (*call)(void *object);              /* every method once, through C++ */
    int (*cast)(void *object);               /* typeid and dynamic_cast are right */
};
extern const struct abi_calls abi_calls[];

extern const GUID abi_guid;

/* What is passed by value must arrive whole: both ends of it are looked at. */
static inline VARIANT abi_variant(int k)
{
    VARIANT variant;

    VariantInit(&variant);
    variant.vt = (VARTYPE)k;
    variant.wReserved3 = (WORD)(k + 1);
    variant.pvRecord = (PVOID)(uintptr_t)(k + 2);
    variant.pRecInfo = (IRecordInfo *)(uintptr_t)(k + 3);
    return variant;
}

static inline int abi_variant_is(VARIANT variant, int k)
{
    VARIANT same = abi_variant(k);

    return memcmp(&variant, &same, sizeof(same)) == 0;
}

/* Caller: this slot of this object is next. Probe: I ran. Caller: the answer was right. */
void abi_expect(const void *object, const char *interface_name, const char *method, int slot);
void abi_hit(const void *object, const char *interface_name, int slot, int arguments_right);
void abi_done(int answer_right);

/* Sizes and offsets, a row each; the last row has no name. */
struct abi_layout {
    const char *name;
    size_t value;
};
extern const struct abi_layout abi_layout_c[];
const struct abi_layout *abi_layout_cpp(void);

/* A module's classes, as the server gets them. */
CHttpModule *abi_module_new(void);           /* overrides everything */
CHttpModule *abi_default_module_new(void);   /* overrides nothing */
CGlobalModule *abi_global_new(void);
extern int abi_last_method;                  /* index of the notification that ran last, -1 none */
extern int abi_arguments_right;
extern int abi_destroyed;
const iis_handshake *IisModuleHandshake(const iis_services *services);

#ifdef __cplusplus
}
/* No object here is one. */
class abi_unrelated {
public:
    virtual ~abi_unrelated() {}
};
#endif

#endif
