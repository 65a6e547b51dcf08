/* apphost.c: any bytes as a configuration file, over a schema and without
 * one; what is accepted is walked from end to end.
 *
 *     make fuzz                  with clang's libFuzzer, 60 seconds
 *     build/fuzz/apphost FILE    one input again
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "core/apphost.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char schema[] =
    "<configSchema><sectionSchema name=\"system.webServer/m\">"
    "<attribute name=\"on\" type=\"bool\" defaultValue=\"true\"/>"
    "<attribute name=\"u\" type=\"uint\" defaultValue=\"7\"/>"
    "<attribute name=\"t\" type=\"timeSpan\" defaultValue=\"00:02:00\"/>"
    "<attribute name=\"f\" type=\"flags\"><flag name=\"A\" value=\"1\"/>"
    "<flag name=\"B\" value=\"2\"/></attribute>"
    "<element name=\"e\"><collection addElement=\"x,y\" mergeAppend=\"false\""
    " removeElement=\"r\" clearElement=\"c\"><attribute name=\"k\" "
    "type=\"string\" isUniqueKey=\"true\"/></collection></element>"
    "</sectionSchema></configSchema>";

static char path[2][64];

static void remove_files(void)
{
    unlink(path[0]);
    unlink(path[1]);
}

static const char *write_file(const char *name, const void *bytes, size_t n)
{
    char *to = path[*name == 's'];
    FILE *f;

    snprintf(to, sizeof(path[0]), "/tmp/iisr-fuzz-%d-%s", (int)getpid(), name);
    if (!(f = fopen(to, "wb")) || fwrite(bytes, 1, n, f) != n || fclose(f)) {
        abort();
    }
    return to;
}

static void walk(const iisr_element_t *element)
{
    int i;

    for (i = 0; i < element->settings->nelts; i++) {
        const iisr_setting_t *s = &APR_ARRAY_IDX(element->settings, i,
                                                 iisr_setting_t);

        if (!iisr_element_setting(element, s->name)
            || (s->schema && s->value
                && iisr_attribute_check(element->settings->pool, s->schema,
                                        s->value))) {
            abort();
        }
    }
    for (i = 0; i < element->children->nelts; i++) {
        walk(APR_ARRAY_IDX(element->children, i, iisr_element_t *));
    }
    for (i = 0; i < element->entries->nelts; i++) {
        walk(APR_ARRAY_IDX(element->entries, i, iisr_element_t *));
    }
}

static void look(const iisr_apphost_t *apphost, apr_pool_t *pool)
{
    char *names = apr_pstrdup(pool, iisr_apphost_available(apphost)), *state;
    static const char *const paths[] = { "", "s", "s/a", "s/a/b//c/", "/" };
    const char *name;
    unsigned int i;

    for (name = apr_strtok(names, ",", &state); name;
         name = apr_strtok(NULL, ",", &state)) {
        for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
            const iisr_element_t *element =
                iisr_apphost_section(apphost, paths[i], name);

            if (element) {
                walk(element);
            }
        }
    }
}

static void read_once(const char *file, int with_schema)
{
    apr_pool_t *pool;
    iisr_apphost_t *apphost;

    apr_pool_create(&pool, NULL);
    apphost = iisr_apphost_create(pool);
    if (with_schema && iisr_apphost_schema(apphost, write_file("schema",
                                           schema, sizeof(schema) - 1))) {
        abort();
    }
    if (!iisr_apphost_read(apphost, file, "")
        && !iisr_apphost_read(apphost, file, "s")
        && !iisr_apphost_seal(apphost)) {
        look(apphost, pool);
    }
    apr_pool_destroy(pool);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static int started;
    const char *file = write_file("file", data, size);
    apr_pool_t *pool;

    if (!started++) {
        apr_initialize();
        atexit(remove_files);
    }
    read_once(file, 0);
    read_once(file, 1);
    apr_pool_create(&pool, NULL);
    iisr_schema_read(pool, iisr_schema_create(pool, ""), file);
    apr_pool_destroy(pool);
    return 0;
}
