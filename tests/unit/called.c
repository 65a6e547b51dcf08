/* called.c: notes which methods of the headers are called while tests run.
 *
 * Every slot of every table of the engine is replaced by a generated function
 * (wrappers) that notes the call and passes it on.  It counts when it comes
 * from a test: the linker keeps the order of the command line, so that tests
 * lie before this file and the engine behind it.  Methods that a test
 * implements (called_wrap) count when the engine calls them, or a module to
 * which the engine gave the object.
 *
 * IISR_CALLED names a folder; each program leaves a file there with a line
 * for each method, "+ interface::name" or "- interface::name".  It is mapped,
 * as each test runs in a process of its own.  Without IISR_CALLED nothing is
 * replaced.  tests/guards/methods.sh reads the files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "iface/vtable.h"
#include "httpserv.h"
#include "httpcach.h"
#include "called.h"

typedef void (*method_t)(void);

typedef struct interface_t {
    const char *name, *parent;
    const method_t *wraps;              /* its own methods, no parent's */
    int own;
} interface_t;

static const void *called(const void *table, int method, const void *from);

#include "called.inc"

#define NMETHODS (int)(sizeof(method_names) / sizeof(method_names[0]))
#define NINTERFACES (int)(sizeof(interfaces) / sizeof(interfaces[0]))
#define MAX_TABLES 256
#define MAX_SLOTS 128

typedef struct table_t {
    const void *seen, *real;
    int tests;                          /* implemented by a test */
} table_t;

static table_t tables[MAX_TABLES];
static int ntables;
static char *lines;
static size_t at[NMETHODS];

extern const iisr_vtable_t *const __start_iisr_vtables[]
    __attribute__((visibility("hidden")));
extern const iisr_vtable_t *const __stop_iisr_vtables[]
    __attribute__((visibility("hidden")));
int main(void);

static void give_up(const char *why)
{
    fprintf(stderr, "called.c: %s\n", why);
    abort();
}

static const void *called(const void *table, int method, const void *from)
{
    int i, from_test = (const char *)from < (const char *)give_up;

    for (i = 0; i < ntables; i++) {
        if (tables[i].seen == table) {
            if (from_test || tables[i].tests) {
                lines[at[method]] = '+';
            }
            return tables[i].real;
        }
    }
    give_up("a table that nobody has wrapped");
    return NULL;
}

static const interface_t *find(const char *name)
{
    int i;

    for (i = 0; i < NINTERFACES; i++) {
        if (!strcmp(interfaces[i].name, name)) {
            return &interfaces[i];
        }
    }
    return NULL;
}

static int slots_of(const interface_t *interface)
{
    return interface ? slots_of(find(interface->parent)) + interface->own : 0;
}

/* Puts the wrappers into slots, those of the parents first. */
static void fill(method_t *slots, const interface_t *interface)
{
    if (interface) {
        const interface_t *parent = find(interface->parent);

        fill(slots, parent);
        memcpy(slots + slots_of(parent), interface->wraps,
               sizeof(*slots) * (size_t)interface->own);
    }
}

static void remember(const void *seen, const void *real, int tests)
{
    if (ntables == MAX_TABLES) {
        give_up("too many tables");
    }
    tables[ntables].seen = seen;
    tables[ntables].real = real;
    tables[ntables++].tests = tests;
}

static void wrap_engine(void)
{
    const iisr_vtable_t *const *row;

    for (row = __start_iisr_vtables; row < __stop_iisr_vtables; row++) {
        const interface_t *interface = find((*row)->interface_name);
        method_t *slots = (method_t *)((*row)->header + 1);
        size_t size = sizeof(*slots) * (size_t)slots_of(interface);
        void *real;

        if (!interface) {
            continue;
        }
        real = malloc(size);
        if (!real) {
            give_up("no memory");
        }
        memcpy(real, slots, size);
        fill(slots, interface);
        remember(slots, real, 0);
    }
}

const void *called_wrap(const char *interface_name, const void *table)
{
    const interface_t *interface = find(interface_name);
    method_t *slots;
    int i;

    if (!lines) {
        return table;
    }
    for (i = 0; i < ntables; i++) {
        if (tables[i].real == table) {
            return tables[i].seen;
        }
    }
    slots = interface ? calloc(MAX_SLOTS, sizeof(*slots)) : NULL;
    if (!slots) {
        give_up("called_wrap");
    }
    fill(slots, interface);
    remember(slots, table, 1);
    return slots;
}

static void map_lines(const char *folder)
{
    char path[4096];
    size_t length = 0;
    FILE *f;
    int i, fd;

    snprintf(path, sizeof(path), "%s/%s.%d", folder,
             program_invocation_short_name, (int)getpid());
    f = fopen(path, "w");
    if (!f) {
        give_up(path);
    }
    for (i = 0; i < NMETHODS; i++) {
        at[i] = length;
        length += (size_t)fprintf(f, "- %s\n", method_names[i]);
    }
    fclose(f);
    fd = open(path, O_RDWR | O_CLOEXEC);
    lines = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (lines == MAP_FAILED) {
        give_up(path);
    }
}

__attribute__((constructor)) static void start(void)
{
    const char *folder = getenv("IISR_CALLED");

    if (!folder || !*folder) {
        return;
    }
    if ((char *)main > (char *)give_up
        || (char *)iisr_vtables_set_typeinfo < (char *)give_up) {
        give_up("tests and engine are not in the order of the command line");
    }
    map_lines(folder);
    wrap_engine();
}
