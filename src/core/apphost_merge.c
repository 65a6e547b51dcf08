/* apphost_merge.c: the rules of inheritance; see apphost_merge.h.
 *
 * (a) An attribute takes the place of the inherited one of its name.
 * (b) A child is laid over the inherited child of its name.
 * (c) add appends an entry, or puts it in front with mergeAppend="false";
 *     a second one of the same key is an error where the schema has keys.
 * (d) remove takes away the entries that have all of its attributes.
 * (e) clear takes away all entries so far.
 * (f) What only the schema knows is there with its defaults.
 * (g) Locks: apphost_lock.h.
 *
 * Page: "IAppHostElementCollection Interface", and the configuration
 * reference's pages on collections.
 */
#include <string.h>
#include <strings.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include "core/apphost_entries.h"
#include "core/apphost_lock.h"

typedef enum { IS_CHILD, IS_ADD, IS_REMOVE, IS_CLEAR, IS_UNKNOWN } kind_e;

/* One merge of one element. */
typedef struct level_t {
    iisr_merge_t *merge;
    iisr_element_t *element;            /* the result */
    const iisr_element_t *base;
    const iisr_xml_t *own;
    const char *path;
    apr_hash_t *names;                  /* of own's children: how many */
    apr_hash_t *base_entries;           /* names of base's, when asked for */
    iisr_entries_t *entries;            /* NULL: none touched */
} level_t;

/* Locks and namespaces are about the file, not settings. */
static const char *const not_settings[] = {
    "lockAttributes", "lockAllAttributesExcept", "lockElements",
    "lockAllElementsExcept", "lockItem", "xmlns"
};

static void wrong(iisr_merge_t *merge, const iisr_xml_t *node,
                  const char *reason, const char *what)
{
    if (!merge->error) {
        merge->error = iisr_xml_wrong(merge->pool, node, reason, what);
    }
}

/* --- groups and sections ------------------------------------------------ */

/* The groups of IIS itself, for files without configSections. */
static const char *const known_groups[] = {
    "system.applicationHost", "system.ftpServer", "system.ftpServer/security",
    "system.net", "system.runtime", "system.serviceModel", "system.web",
    "system.web/caching", "system.web.extensions", "system.webServer",
    "system.webServer/rewrite", "system.webServer/security",
    "system.webServer/security/authentication", "system.webServer/tracing",
    "system.webServer/webdav"
};

static const iisr_section_group_t *find_group(
    const iisr_section_group_t *group, const char *name, apr_size_t n)
{
    int i = iisr_names_find(&group->group_names, group->groups,
                            IISR_LIST_OF_POINTERS, name, n);

    return i < 0 ? NULL
           : APR_ARRAY_IDX(group->groups, i, iisr_section_group_t *);
}

int iisr_is_group(const iisr_section_group_t *groups,
                  const iisr_schema_t *schema, const char *path)
{
    const char *rest;
    unsigned int i;
    apr_size_t n;

    if (schema) {
        return schema->group;
    }
    for (rest = path; groups && *rest; rest += n + (rest[n] == '/')) {
        n = strcspn(rest, "/");
        groups = find_group(groups, rest, n);
    }
    if (groups) {
        return 1;
    }
    for (i = 0; i < sizeof(known_groups) / sizeof(known_groups[0]); i++) {
        if (!strcasecmp(known_groups[i], path)) {
            return 1;
        }
    }
    return 0;
}

/* --- attributes --------------------------------------------------------- */

int iisr_is_setting(const char *name)
{
    unsigned int i;

    for (i = 0; i < sizeof(not_settings) / sizeof(not_settings[0]); i++) {
        if (!strcmp(not_settings[i], name)) {
            return 0;
        }
    }
    return strncmp(name, "xmlns:", 6) != 0;
}

static iisr_setting_t *find_setting(const iisr_element_t *element,
                                    const char *name)
{
    int i = iisr_names_find(&element->setting_names, element->settings,
                            IISR_LIST_OF_STRUCTURES, name, strlen(name));

    return i < 0 ? NULL
           : &APR_ARRAY_IDX(element->settings, i, iisr_setting_t);
}

const iisr_setting_t *iisr_element_setting(const iisr_element_t *element,
                                           const char *name)
{
    return find_setting(element, name);
}

static void add_defaults(iisr_element_t *element)
{
    const apr_array_header_t *attributes = element->schema->attributes;
    int i;

    for (i = 0; i < attributes->nelts; i++) {
        const iisr_attribute_t *a = APR_ARRAY_IDX(attributes, i,
                                                  iisr_attribute_t *);
        iisr_setting_t *s = apr_array_push(element->settings);

        s->name = a->name;
        s->value = a->default_value;
        s->schema = a;
        s->line = 0;
    }
}

static void check_setting(iisr_merge_t *merge, const iisr_element_t *element,
                          const iisr_xml_t *own, const iisr_xml_attr_t *attr)
{
    const iisr_attribute_t *a;
    const char *reason;

    if (!element->schema) {
        return;
    }
    a = iisr_schema_attribute(element->schema, attr->name);
    if (!a && !element->schema->any_attribute) {
        wrong(merge, own, "unrecognized attribute '%s'", attr->name);
    }
    else if (a && (reason = iisr_attribute_check(merge->pool, a,
                                                 attr->value))) {
        wrong(merge, own, "%s", reason);
    }
}

static void merge_settings(iisr_merge_t *merge, iisr_element_t *element,
                           const iisr_xml_t *own)
{
    int i;

    for (i = 0; i < own->nattrs; i++) {
        const iisr_xml_attr_t *attr = &own->attrs[i];
        iisr_setting_t *s;

        if (!iisr_is_setting(attr->name)) {
            continue;
        }
        check_setting(merge, element, own, attr);
        iisr_names_update(&element->setting_names, element->settings,
                          IISR_LIST_OF_STRUCTURES);
        if (!(s = find_setting(element, attr->name))) {
            s = apr_array_push(element->settings);
            s->name = attr->name;
            s->schema = NULL;
        }
        s->value = attr->value;
        s->line = own->line;
    }
}

static void check_required(iisr_merge_t *merge, const iisr_element_t *entry,
                           const iisr_xml_t *own)
{
    const iisr_setting_t *s = (iisr_setting_t *)entry->settings->elts;
    int i;

    for (i = 0; i < entry->settings->nelts; i++) {
        if (s[i].schema && s[i].schema->required && !s[i].value) {
            wrong(merge, own, "attribute '%s' is required", s[i].name);
        }
    }
}

/* --- collections -------------------------------------------------------- */

static iisr_entries_t *entries_of(level_t *level)
{
    if (!level->entries) {
        level->entries = iisr_entries_open(level->merge,
                                           level->element->entries);
    }
    return level->entries;
}

static void check_duplicate(level_t *level, const iisr_element_t *entry,
                            const iisr_xml_t *node)
{
    const iisr_schema_t *schema = level->element->schema;

    if (schema && schema->collection && !schema->collection->duplicates
        && iisr_entries_have(entries_of(level), entry)) {
        wrong(level->merge, node, "'%s': an entry of this key is already "
              "there", node->name);
    }
}

static void add_entry(level_t *level, const iisr_xml_t *node)
{
    const iisr_schema_t *schema = level->element->schema;
    iisr_element_t *entry = iisr_merge_element(
        level->merge, NULL, node,
        schema ? iisr_schema_add(schema, node->name) : NULL, NULL);

    check_required(level->merge, entry, node);
    check_duplicate(level, entry, node);
    iisr_entries_add(entries_of(level), entry, schema && schema->collection
                                               && schema->collection->prepend);
}

/* --- children ----------------------------------------------------------- */

/* "sites" and "site", "policies" and "policy". */
static int is_plural(const char *many, const char *one)
{
    apr_size_t n = strlen(one);

    if (!strncasecmp(many, one, n) && !strcasecmp(many + n, "s")) {
        return 1;
    }
    return n > 1 && !strcasecmp(one + n - 1, "y")
           && !strncasecmp(many, one, n - 1)
           && !strcasecmp(many + n - 1, "ies");
}

static int is_repeated(level_t *level, const char *name)
{
    const iisr_xml_t *child;
    static const char once[] = "once", often[] = "often";

    if (!level->names) {
        level->names = apr_hash_make(level->merge->pool);
        for (child = level->own->children; child; child = child->next) {
            apr_hash_set(level->names, child->name, APR_HASH_KEY_STRING,
                         apr_hash_get(level->names, child->name,
                                      APR_HASH_KEY_STRING) ? often : once);
        }
    }
    return apr_hash_get(level->names, name, APR_HASH_KEY_STRING) == often;
}

static int has_entry(level_t *level, const char *name)
{
    const iisr_element_t *base = level->base;
    apr_pool_t *pool = level->merge->pool;
    int i;

    if (!base || !base->entries->nelts) {
        return 0;
    }
    if (!level->base_entries) {
        level->base_entries = apr_hash_make(pool);
        for (i = 0; i < base->entries->nelts; i++) {
            const char *entry = APR_ARRAY_IDX(base->entries, i,
                                              iisr_element_t *)->name;

            apr_hash_set(level->base_entries,
                         iisr_names_fold(pool, entry, strlen(entry)),
                         APR_HASH_KEY_STRING, entry);
        }
    }
    return apr_hash_get(level->base_entries,
                        iisr_names_fold(pool, name, strlen(name)),
                        APR_HASH_KEY_STRING) != NULL;
}

static kind_e kind_by_schema(const iisr_schema_t *schema, const char *name)
{
    const iisr_collection_t *c = schema->collection;

    if (iisr_schema_child(schema, name, strlen(name))) {
        return IS_CHILD;
    }
    if (!c) {
        return schema->group ? IS_CHILD : IS_UNKNOWN;
    }
    return iisr_schema_add(schema, name) ? IS_ADD
        : c->remove && !strcasecmp(c->remove->name, name) ? IS_REMOVE
        : c->clear && !strcasecmp(c->clear->name, name) ? IS_CLEAR
        : IS_UNKNOWN;
}

static kind_e kind_of(level_t *level, const iisr_xml_t *node)
{
    const char *name = node->name;

    if (level->path) {
        return IS_CHILD;
    }
    if (level->element->schema) {
        return kind_by_schema(level->element->schema, name);
    }
    return !strcasecmp(name, "add") ? IS_ADD
        : !strcasecmp(name, "remove") ? IS_REMOVE
        : !strcasecmp(name, "clear") && !node->nattrs ? IS_CLEAR
        : is_plural(level->element->name, name) || is_repeated(level, name)
          || has_entry(level, name) ? IS_ADD : IS_CHILD;
}

static iisr_element_t **find_child(const iisr_element_t *element,
                                   const char *name, apr_size_t n)
{
    int i = iisr_names_find(&element->child_names, element->children,
                            IISR_LIST_OF_POINTERS, name, n);

    return i < 0 ? NULL
           : &APR_ARRAY_IDX(element->children, i, iisr_element_t *);
}

const iisr_element_t *iisr_merge_child(iisr_element_t *element,
                                       const char *name, apr_size_t n)
{
    iisr_names_update(&element->child_names, element->children,
                      IISR_LIST_OF_POINTERS);
    return iisr_element_child(element, name, n);
}

const iisr_element_t *iisr_element_child(const iisr_element_t *element,
                                         const char *name, apr_size_t n)
{
    iisr_element_t **child = find_child(element, name, n);
    int i;

    for (i = 0; !child && i < element->entries->nelts; i++) {
        const iisr_element_t *entry = APR_ARRAY_IDX(element->entries, i,
                                                    iisr_element_t *);

        if (!strncasecmp(entry->name, name, n) && !entry->name[n]) {
            return entry;
        }
    }
    return child ? *child : NULL;
}

/* What stands outside of sections at the root, and is none. */
static int is_about_sections(const level_t *level, const char *name)
{
    return level->path && !*level->path
           && (!strcmp(name, "configSections") || !strcmp(name, "location")
               || !strcmp(name, "configProtectedData"));
}

static void merge_child(level_t *level, const iisr_xml_t *node)
{
    iisr_element_t *element = level->element;
    iisr_element_t **place, *child;
    const iisr_schema_t *schema = element->schema
        ? iisr_schema_child(element->schema, node->name, strlen(node->name))
        : NULL;
    const char *path = level->path, *group = NULL;

    iisr_names_update(&element->child_names, element->children,
                      IISR_LIST_OF_POINTERS);
    place = find_child(element, node->name, strlen(node->name));
    if (path) {
        path = apr_pstrcat(level->merge->pool, path, *path ? "/" : "",
                           node->name, NULL);
        group = iisr_is_group(level->merge->groups, schema, path) ? path
                                                                  : NULL;
    }
    child = iisr_merge_element(level->merge, place ? *place : NULL, node,
                               schema, group);
    child->path = group ? NULL : path;
    if (child->path) {
        iisr_lock_section(level->merge, place ? *place : NULL, child, node,
                          path);
    }
    if (child->path && iisr_xml_attr(node, "configSource")) {
        wrong(level->merge, node, "%s: configSource is not supported", path);
    }
    if (place) {
        *place = child;
    }
    else {
        APR_ARRAY_PUSH(element->children, iisr_element_t *) = child;
    }
}

static void merge_node(level_t *level, const iisr_xml_t *node)
{
    if (is_about_sections(level, node->name)) {
        return;
    }
    switch (kind_of(level, node)) {
    case IS_CHILD:
        merge_child(level, node);
        break;
    case IS_ADD:
        add_entry(level, node);
        break;
    case IS_REMOVE:
        iisr_entries_remove(entries_of(level), node);
        break;
    case IS_CLEAR:
        iisr_entries_clear(entries_of(level), node);
        break;
    case IS_UNKNOWN:
        wrong(level->merge, node, "unrecognized element '%s'", node->name);
        break;
    }
}

/* The children that only the schema knows. */
static void add_missing(iisr_merge_t *merge, iisr_element_t *element,
                        const char *path)
{
    const apr_array_header_t *list = element->schema->children;
    int i;

    for (i = 0; i < list->nelts; i++) {
        const iisr_schema_t *schema = APR_ARRAY_IDX(list, i, iisr_schema_t *);
        const char *below = NULL;
        iisr_element_t *child;

        if (find_child(element, schema->name, strlen(schema->name))) {
            continue;
        }
        if (path) {
            below = apr_pstrcat(merge->pool, path, *path ? "/" : "",
                                schema->name, NULL);
        }
        child = iisr_merge_element(merge, NULL, NULL, schema,
                                   schema->group ? below : NULL);
        child->path = schema->group ? NULL : below;
        APR_ARRAY_PUSH(element->children, iisr_element_t *) = child;
    }
}

static iisr_element_t *make_element(iisr_merge_t *merge,
                                    const iisr_element_t *base,
                                    const char *name,
                                    const iisr_schema_t *schema)
{
    iisr_element_t *element = apr_pcalloc(merge->pool, sizeof(*element));
    apr_pool_t *pool = merge->pool;

    if (base) {
        *element = *base;
        element->settings = apr_array_copy(pool, base->settings);
        element->children = apr_array_copy(pool, base->children);
        element->entries = apr_array_copy(pool, base->entries);
        /* Of the lists that grow from here on. */
        memset(&element->setting_names, 0, sizeof(element->setting_names));
        memset(&element->child_names, 0, sizeof(element->child_names));
        return element;
    }
    element->name = name;
    element->schema = schema;
    element->settings = apr_array_make(pool, 4, sizeof(iisr_setting_t));
    element->children = apr_array_make(pool, 2, sizeof(iisr_element_t *));
    element->entries = apr_array_make(pool, 2, sizeof(iisr_element_t *));
    if (schema) {
        add_defaults(element);
    }
    return element;
}

iisr_element_t *iisr_merge_element(iisr_merge_t *merge,
                                   const iisr_element_t *base,
                                   const iisr_xml_t *own,
                                   const iisr_schema_t *schema,
                                   const char *path)
{
    level_t level = {
        .merge = merge, .base = base, .own = own, .path = path,
        .element = make_element(merge, base, own ? own->name : schema->name,
                                schema)
    };
    const iisr_xml_t *node;

    if (own) {
        level.element->file = own->file;
        level.element->line = own->line;
        if (!path) {
            if (base) {
                iisr_lock_check(merge, base, own);
            }
            iisr_lock_keep(merge, level.element, own);
            merge_settings(merge, level.element, own);
        }
        for (node = own->children; node && !merge->error;
             node = node->next) {
            merge_node(&level, node);
        }
    }
    if (schema && !base) {
        add_missing(merge, level.element, path);
    }
    if (level.entries) {
        level.element->entries = iisr_entries_close(level.entries);
    }
    iisr_names_update(&level.element->setting_names, level.element->settings,
                      IISR_LIST_OF_STRUCTURES);
    iisr_names_update(&level.element->child_names, level.element->children,
                      IISR_LIST_OF_POINTERS);
    return level.element;
}
