/* apphost_schema.c: reading a schema file, and what its types accept; see
 * apphost_schema.h.  Page: "Schema Files" of the IIS configuration system as
 * far as modules use it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "core/apphost_schema.h"

#define TICKS_PER_SECOND APR_INT64_C(10000000)

/* --- looking up --------------------------------------------------------- */

static iisr_schema_t *find(const apr_array_header_t *list, const char *name,
                           apr_size_t n)
{
    int i;

    for (i = 0; i < list->nelts; i++) {
        iisr_schema_t *schema = APR_ARRAY_IDX(list, i, iisr_schema_t *);

        if (!strncasecmp(schema->name, name, n) && !schema->name[n]) {
            return schema;
        }
    }
    return NULL;
}

iisr_schema_t *iisr_schema_child(const iisr_schema_t *schema,
                                 const char *name, apr_size_t n)
{
    return find(schema->children, name, n);
}

iisr_schema_t *iisr_schema_add(const iisr_schema_t *schema, const char *name)
{
    return schema->collection ? find(schema->collection->adds, name,
                                     strlen(name)) : NULL;
}

const iisr_attribute_t *iisr_schema_attribute(const iisr_schema_t *schema,
                                              const char *name)
{
    int i;

    for (i = 0; i < schema->attributes->nelts; i++) {
        iisr_attribute_t *a = APR_ARRAY_IDX(schema->attributes, i,
                                            iisr_attribute_t *);

        if (!strcasecmp(a->name, name)) {
            return a;
        }
    }
    return NULL;
}

/* --- values ------------------------------------------------------------- */

static int parse_number(const char *text, apr_int64_t least,
                        apr_int64_t most, apr_int64_t *number)
{
    int hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end;

    errno = 0;
    *number = strtoll(text, &end, hex ? 16 : 10);
    return end != text && !*end && !errno && *number >= least
           && *number <= most;
}

static int parse_constant(const iisr_attribute_t *a, const char *text,
                          apr_size_t n, apr_int64_t *number)
{
    const iisr_constant_t *c = (const iisr_constant_t *)a->constants->elts;
    int i;

    for (i = 0; i < a->constants->nelts; i++, c++) {
        if ((a->case_sensitive ? !strncmp(c->name, text, n)
                               : !strncasecmp(c->name, text, n))
            && !c->name[n]) {
            *number = c->value;
            return 1;
        }
    }
    return 0;
}

/* Names between commas, or their sum as a number. */
static int parse_flags(const iisr_attribute_t *a, const char *text,
                       apr_int64_t *number)
{
    apr_int64_t one, sum = 0;
    apr_size_t n;

    if (parse_number(text, 0, 0xffffffff, number)) {
        return 1;
    }
    for (;; text += n + 1) {
        text += strspn(text, " \t");
        n = strcspn(text, ", \t");
        if (n && !parse_constant(a, text, n, &one)) {
            return 0;
        }
        sum |= n ? one : 0;
        n += strspn(text + n, " \t");
        if (!text[n]) {
            *number = sum;
            return 1;
        }
        if (text[n] != ',') {
            return 0;
        }
    }
}

/* "[days.]hours:minutes:seconds", or a number of minutes or seconds. */
static int parse_timespan(const iisr_attribute_t *a, const char *text,
                          apr_int64_t *number)
{
    apr_int64_t unit = !strcasecmp(a->timespan_format, "minutes") ? 60 : 1;
    unsigned int days = 0, hours, minutes, seconds;
    int used = 0;

    if (a->infinite && !strcasecmp(text, "Infinite")) {
        *number = -1;                   /* all bits */
        return 1;
    }
    if (strcasecmp(a->timespan_format, "string")) {
        if (!parse_number(text, 0, 0xffffffff, number)) {
            return 0;
        }
        *number *= unit * TICKS_PER_SECOND;
        return 1;
    }
    if (strchr(text, '.')
        ? sscanf(text, "%5u.%2u:%2u:%2u%n", &days, &hours, &minutes,
                 &seconds, &used) != 4
        : sscanf(text, "%2u:%2u:%2u%n", &hours, &minutes, &seconds,
                 &used) != 3) {
        return 0;
    }
    *number = (((apr_int64_t)days * 24 + hours) * 3600 + minutes * 60
               + seconds) * TICKS_PER_SECOND;
    return !text[used] && hours < 24 && minutes < 60 && seconds < 60;
}

static int parse_string(const iisr_attribute_t *a, const char *text,
                        apr_int64_t *number)
{
    (void)a;
    (void)text;
    *number = 0;
    return 1;
}

static int parse_bool(const iisr_attribute_t *a, const char *text,
                      apr_int64_t *number)
{
    (void)a;
    *number = !strcasecmp(text, "true");
    return *number || !strcasecmp(text, "false");
}

static int parse_int(const iisr_attribute_t *a, const char *text,
                     apr_int64_t *number)
{
    (void)a;
    return parse_number(text, -0x80000000LL, 0x7fffffff, number);
}

static int parse_uint(const iisr_attribute_t *a, const char *text,
                      apr_int64_t *number)
{
    if (a->infinite && !strcasecmp(text, "Infinite")) {
        *number = 0xffffffff;
        return 1;
    }
    return parse_number(text, 0, 0xffffffff, number);
}

static int parse_int64(const iisr_attribute_t *a, const char *text,
                       apr_int64_t *number)
{
    (void)a;
    return parse_number(text, INT64_MIN, INT64_MAX, number);
}

static int parse_enum(const iisr_attribute_t *a, const char *text,
                      apr_int64_t *number)
{
    return parse_constant(a, text, strlen(text), number);
}

/* By iisr_type_e. */
static const struct {
    const char *name;
    int (*parse)(const iisr_attribute_t *a, const char *text,
                 apr_int64_t *number);
} types[] = {
    { "string", parse_string }, { "bool", parse_bool }, { "int", parse_int },
    { "uint", parse_uint }, { "int64", parse_int64 }, { "enum", parse_enum },
    { "flags", parse_flags }, { "timeSpan", parse_timespan }
};

/* "least,most[,exclude]"; what is no range accepts everything. */
static int in_range(const char *range, apr_int64_t number)
{
    apr_int64_t least, most;
    char *end;

    least = strtoll(range, &end, 10);
    if (end == range || *end != ',') {
        return 1;
    }
    range = end + 1;
    most = strtoll(range, &end, 10);
    if (end == range) {
        return 1;
    }
    return (number >= least && number <= most)
           != !strcasecmp(end, ",exclude");
}

const char *iisr_attribute_check(apr_pool_t *pool,
                                 const iisr_attribute_t *a,
                                 const char *value)
{
    apr_int64_t number;

    if (!types[a->type].parse(a, value, &number)) {
        return apr_psprintf(pool, "'%s' is no value of attribute '%s', which "
                            "is of type %s", value, a->name, a->type_name);
    }
    if (!strcasecmp(a->validation, "nonEmptyString") && !*value) {
        return apr_psprintf(pool, "attribute '%s' must not be empty",
                            a->name);
    }
    if (!strcasecmp(a->validation, "integerRange")
        && !in_range(a->parameter, number)) {
        return apr_psprintf(pool, "attribute '%s': %s is not in the range %s",
                            a->name, value, a->parameter);
    }
    return NULL;
}

apr_int64_t iisr_attribute_number(const iisr_attribute_t *a,
                                  const char *value)
{
    apr_int64_t number;

    return types[a->type].parse(a, value, &number) ? number : 0;
}

/* --- reading ------------------------------------------------------------ */

typedef struct reader_t {
    apr_pool_t *pool;
    const char *error;
} reader_t;

static void read_body(reader_t *reader, iisr_schema_t *schema,
                      const iisr_xml_t *node);

static void wrong(reader_t *reader, const iisr_xml_t *node,
                  const char *reason, const char *what)
{
    if (!reader->error) {
        reader->error = iisr_xml_wrong(reader->pool, node, reason, what);
    }
}

iisr_schema_t *iisr_schema_create(apr_pool_t *pool, const char *name)
{
    iisr_schema_t *schema = apr_pcalloc(pool, sizeof(*schema));

    schema->name = apr_pstrdup(pool, name);
    schema->attributes = apr_array_make(pool, 4, sizeof(iisr_attribute_t *));
    schema->children = apr_array_make(pool, 2, sizeof(iisr_schema_t *));
    return schema;
}

/* The attribute, which must be there. */
static const char *needed(reader_t *reader, const iisr_xml_t *node,
                          const char *name)
{
    const char *value = iisr_xml_attr(node, name);

    if (!value || !*value) {
        wrong(reader, node, "%s has no name", node->name);
        return "";
    }
    return value;
}

static const char *text_or(const iisr_xml_t *node, const char *name,
                           const char *otherwise)
{
    const char *value = iisr_xml_attr(node, name);

    return value ? value : otherwise;
}

static void read_constants(reader_t *reader, iisr_attribute_t *a,
                           const iisr_xml_t *node)
{
    const iisr_xml_t *child;
    iisr_constant_t constant;

    for (child = node->children; child; child = child->next) {
        if (strcmp(child->name, "enum") && strcmp(child->name, "flag")) {
            wrong(reader, child, "'%s' has no meaning here", child->name);
            continue;
        }
        constant.name = needed(reader, child, "name");
        if (!parse_number(text_or(child, "value", ""), -0x80000000LL,
                          0xffffffff, &constant.value)) {
            wrong(reader, child, "'%s' has no number", constant.name);
        }
        APR_ARRAY_PUSH(a->constants, iisr_constant_t) = constant;
    }
}

static void read_type(reader_t *reader, iisr_attribute_t *a,
                      const iisr_xml_t *node)
{
    unsigned int i;

    a->type_name = text_or(node, "type", "string");
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (!strcmp(a->type_name, types[i].name)) {
            a->type = (iisr_type_e)i;
            return;
        }
    }
    wrong(reader, node, "'%s' is no type", a->type_name);
}

static iisr_attribute_t *read_attribute(reader_t *reader,
                                        const iisr_xml_t *node)
{
    iisr_attribute_t *a = apr_pcalloc(reader->pool, sizeof(*a));
    const char *reason;

    a->name = needed(reader, node, "name");
    read_type(reader, a, node);
    a->validation = text_or(node, "validationType", "");
    a->parameter = text_or(node, "validationParameter", "");
    a->timespan_format = text_or(node, "timeSpanFormat", "string");
    a->required = iisr_xml_flag(node, "required", 0);
    a->unique_key = iisr_xml_flag(node, "isUniqueKey", 0);
    a->combined_key = iisr_xml_flag(node, "isCombinedKey", 0);
    a->expanded = iisr_xml_flag(node, "expanded", 0);
    a->encrypted = iisr_xml_flag(node, "encrypted", 0);
    a->case_sensitive = iisr_xml_flag(node, "caseSensitive", 0);
    a->infinite = iisr_xml_flag(node, "allowInfinite", 0);
    a->constants = apr_array_make(reader->pool, 1, sizeof(iisr_constant_t));
    read_constants(reader, a, node);
    a->default_value = iisr_xml_attr(node, "defaultValue");
    /* An empty default of a number is what schemas write for none. */
    if (a->default_value && !*a->default_value && a->type) {
        a->default_value = NULL;
    }
    if (a->default_value && *a->default_value
        && (reason = iisr_attribute_check(reader->pool, a,
                                          a->default_value))) {
        wrong(reader, node, "defaultValue: %s", reason);
    }
    return a;
}

static void read_collection(reader_t *reader, iisr_schema_t *schema,
                            const iisr_xml_t *node)
{
    iisr_collection_t *c = apr_pcalloc(reader->pool, sizeof(*c));
    const char *remove = iisr_xml_attr(node, "removeElement");
    const char *clear = iisr_xml_attr(node, "clearElement");
    iisr_schema_t *entry;
    char *names, *name, *state;

    c->add_names = text_or(node, "addElement", "");
    c->adds = apr_array_make(reader->pool, 1, sizeof(iisr_schema_t *));
    c->duplicates = iisr_xml_flag(node, "allowDuplicates", 0);
    c->prepend = !iisr_xml_flag(node, "mergeAppend", 1);
    names = apr_pstrdup(reader->pool, c->add_names);
    for (name = apr_strtok(names, ", ", &state); name;
         name = apr_strtok(NULL, ", ", &state)) {
        entry = iisr_schema_create(reader->pool, name);
        entry->any_attribute = iisr_xml_flag(node,
                                             "allowUnrecognizedAttributes",
                                             0);
        read_body(reader, entry, node);
        APR_ARRAY_PUSH(c->adds, iisr_schema_t *) = entry;
    }
    if (remove && *remove) {
        c->remove = iisr_schema_create(reader->pool, remove);
        read_body(reader, c->remove, node);
    }
    if (clear && *clear) {
        c->clear = iisr_schema_create(reader->pool, clear);
    }
    schema->collection = c;
}

static void read_element(reader_t *reader, iisr_schema_t *schema,
                         const iisr_xml_t *node)
{
    iisr_schema_t *child = iisr_schema_create(reader->pool,
                                              needed(reader, node, "name"));

    child->any_attribute = iisr_xml_flag(node, "allowUnrecognizedAttributes",
                                         0);
    child->defaults = iisr_xml_flag(node, "isCollectionDefault", 0);
    read_body(reader, child, node);
    APR_ARRAY_PUSH(schema->children, iisr_schema_t *) = child;
}

static void read_body(reader_t *reader, iisr_schema_t *schema,
                      const iisr_xml_t *node)
{
    const iisr_xml_t *child;

    for (child = node->children; child && !reader->error;
         child = child->next) {
        if (!strcmp(child->name, "attribute")) {
            APR_ARRAY_PUSH(schema->attributes, iisr_attribute_t *) =
                read_attribute(reader, child);
        }
        else if (!strcmp(child->name, "element")) {
            read_element(reader, schema, child);
        }
        else if (!strcmp(child->name, "collection")) {
            read_collection(reader, schema, child);
        }
        /* Methods have no meaning without the code behind them. */
        else if (strcmp(child->name, "method")) {
            wrong(reader, child, "'%s' has no meaning here", child->name);
        }
    }
}

/* "system.webServer/myModule": the groups on the way are made. */
static void read_section(reader_t *reader, iisr_schema_t *root,
                         const iisr_xml_t *node)
{
    const char *name = needed(reader, node, "name");
    iisr_schema_t *schema = root, *child;
    apr_size_t n;

    for (; *name; name += n + (name[n] == '/')) {
        n = strcspn(name, "/");
        if (!(child = iisr_schema_child(schema, name, n))) {
            child = iisr_schema_create(reader->pool,
                                       apr_pstrndup(reader->pool, name, n));
            APR_ARRAY_PUSH(schema->children, iisr_schema_t *) = child;
        }
        child->group |= name[n] == '/';
        schema = child;
    }
    schema->any_attribute |= iisr_xml_flag(node,
                                           "allowUnrecognizedAttributes", 0);
    read_body(reader, schema, node);
}

const char *iisr_schema_read(apr_pool_t *pool, iisr_schema_t *root,
                             const char *file)
{
    reader_t reader = { .pool = pool };
    const iisr_xml_t *node = iisr_xml_read(pool, file, &reader.error), *child;

    if (!node) {
        return reader.error;
    }
    root->group = 1;
    if (strcmp(node->name, "configSchema")) {
        wrong(&reader, node, "the root is '%s', not configSchema",
              node->name);
    }
    for (child = node->children; child && !reader.error;
         child = child->next) {
        if (strcmp(child->name, "sectionSchema")) {
            wrong(&reader, child, "'%s' has no meaning here", child->name);
        }
        else {
            read_section(&reader, root, child);
        }
    }
    return reader.error;
}
