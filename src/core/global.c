/* global.c: calls the global modules; see global.h.  Any thread. */
#include "global.h"

#define NAMES(method, bit, type, name, reason) { bit, name, reason },
#define BARE_NAMES(method, bit, name, reason) { bit, name, reason },
static const struct {
    DWORD bit;
    const char *name, *reason;
} globals[] = { IISR_GLOBALS(NAMES, BARE_NAMES) };

#define NGLOBALS (sizeof(globals) / sizeof(globals[0]))

const char *iisr_global_name(DWORD bit)
{
    unsigned int i;

    for (i = 0; i < NGLOBALS; i++) {
        if (globals[i].bit & bit) {
            return globals[i].name;
        }
    }
    return "?";
}

const char *iisr_global_reason(DWORD bit)
{
    unsigned int i;

    for (i = 0; i < NGLOBALS; i++) {
        if (globals[i].bit & bit) {
            return globals[i].reason;
        }
    }
    return NULL;
}

DWORD iisr_global_known(void)
{
    DWORD known = 0;
    unsigned int i;

    for (i = 0; i < NGLOBALS; i++) {
        known |= globals[i].bit;
    }
    return known;
}

static GLOBAL_NOTIFICATION_STATUS call(CGlobalModule *module, DWORD bit,
                                       void *provider)
{
#define CALL(method, its_bit, type, name, reason) \
    case its_bit: \
        return module->lpVtbl->method(module, (type *)provider);
#define BARE_CALL(method, its_bit, name, reason) \
    case its_bit: \
        return module->lpVtbl->method(module);
    switch (bit) {
    IISR_GLOBALS(CALL, BARE_CALL)
    default:
        return GL_NOTIFICATION_CONTINUE;
    }
}

static int bit_number(DWORD bit)
{
    int n = 0;

    while (bit >>= 1) {
        n++;
    }
    return n;
}

GLOBAL_NOTIFICATION_STATUS iisr_global_raise(const iisr_registry_t *reg,
                                             DWORD bit, void *provider)
{
    int n = bit_number(bit), priority, i;

    for (priority = 0; priority < IISR_PRIORITIES; priority++) {
        for (i = 0; i < reg->nmodules; i++) {
            const iisr_module_t *m = reg->modules[i];

            if (m->global && (m->global_events & bit)
                && m->global_priority[n] == priority
                && call(m->global, bit, provider) == GL_NOTIFICATION_HANDLED) {
                return GL_NOTIFICATION_HANDLED;
            }
        }
    }
    return GL_NOTIFICATION_CONTINUE;
}
