/* apphost.c: files of configuration, the levels they make, and finding a
 * section; see apphost.h.  Written at configuration time by one thread, then
 * only read.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include "core/apphost.h"
#include "core/apphost_merge.h"

/* A path that a file says something about. */
typedef struct level_t {
    const char *path;                   /* "", "site", "site/folder"; the
                                         * first member: a list by name */
    apr_size_t length;
    apr_array_header_t *nodes;          /* const iisr_xml_t *, in order */
    const iisr_element_t *root;         /* after seal */
} level_t;

struct iisr_apphost_t {
    apr_pool_t *pool;
    iisr_schema_t *schema;              /* NULL: there is none */
    iisr_section_group_t *groups;
    apr_array_header_t *files;          /* iisr_config_file_t * */
    apr_array_header_t *levels;         /* level_t *; by path after seal */
    iisr_names_t level_names;           /* until then */
    const char *available;
};

static iisr_section_group_t *make_group(apr_pool_t *pool, const char *name,
                                        const char *type)
{
    iisr_section_group_t *group = apr_pcalloc(pool, sizeof(*group));

    group->name = name;
    group->type = type ? type : "";
    group->groups = apr_array_make(pool, 4, sizeof(iisr_section_group_t *));
    group->sections = apr_array_make(pool, 4, sizeof(iisr_section_t *));
    return group;
}

iisr_apphost_t *iisr_apphost_create(apr_pool_t *pool)
{
    iisr_apphost_t *apphost = apr_pcalloc(pool, sizeof(*apphost));

    apphost->pool = pool;
    apphost->groups = make_group(pool, "", NULL);
    apphost->files = apr_array_make(pool, 2, sizeof(iisr_config_file_t *));
    apphost->levels = apr_array_make(pool, 8, sizeof(level_t *));
    apphost->available = "";
    return apphost;
}

const char *iisr_apphost_schema(iisr_apphost_t *apphost, const char *file)
{
    if (!apphost->schema) {
        apphost->schema = iisr_schema_create(apphost->pool, "configuration");
    }
    return iisr_schema_read(apphost->pool, apphost->schema, file);
}

/* --- configSections ----------------------------------------------------- */

static const char *text_or(const iisr_xml_t *node, const char *name,
                           const char *otherwise)
{
    const char *value = iisr_xml_attr(node, name);

    return value ? value : otherwise;
}

static const char *join(apr_pool_t *pool, const char *path, const char *name)
{
    return *path ? apr_pstrcat(pool, path, "/", name, NULL) : name;
}

static void add_section(iisr_apphost_t *apphost, iisr_section_group_t *group,
                        const char *path, const iisr_xml_t *node)
{
    const char *name = text_or(node, "name", "");
    iisr_section_t *section;

    iisr_names_update(&group->section_names, group->sections,
                      IISR_LIST_OF_POINTERS);
    if (iisr_names_find(&group->section_names, group->sections,
                        IISR_LIST_OF_POINTERS, name, strlen(name)) >= 0) {
        return;
    }
    section = apr_pcalloc(apphost->pool, sizeof(*section));
    section->name = name;
    section->path = join(apphost->pool, path, name);
    section->type = text_or(node, "type", "");
    section->override_mode = text_or(node, "overrideModeDefault", "Allow");
    section->allow_definition = text_or(node, "allowDefinition",
                                        "Everywhere");
    section->allow_location = text_or(node, "allowLocation", "true");
    section->node = node;
    section->require_permission = iisr_xml_flag(node, "requirePermission", 1);
    APR_ARRAY_PUSH(group->sections, iisr_section_t *) = section;
}

static iisr_section_group_t *enter_group(iisr_apphost_t *apphost,
                                         iisr_section_group_t *group,
                                         const iisr_xml_t *node)
{
    const char *name = text_or(node, "name", "");
    iisr_section_group_t *below;
    int i;

    iisr_names_update(&group->group_names, group->groups,
                      IISR_LIST_OF_POINTERS);
    i = iisr_names_find(&group->group_names, group->groups,
                        IISR_LIST_OF_POINTERS, name, strlen(name));
    if (i >= 0) {
        return APR_ARRAY_IDX(group->groups, i, iisr_section_group_t *);
    }
    below = make_group(apphost->pool, name, iisr_xml_attr(node, "type"));
    APR_ARRAY_PUSH(group->groups, iisr_section_group_t *) = below;
    return below;
}

static const char *read_sections(iisr_apphost_t *apphost,
                                 iisr_section_group_t *group,
                                 const char *path, const iisr_xml_t *node)
{
    const iisr_xml_t *child;
    const char *error = NULL;

    for (child = node->children; child && !error; child = child->next) {
        int is_group = !strcmp(child->name, "sectionGroup");

        if (!is_group && strcmp(child->name, "section")) {
            continue;                   /* .NET's remove and clear */
        }
        if (!*text_or(child, "name", "")) {
            return iisr_xml_wrong(apphost->pool, child, "%s has no name",
                                  child->name);
        }
        if (is_group) {
            error = read_sections(apphost,
                                  enter_group(apphost, group, child),
                                  join(apphost->pool, path,
                                       iisr_xml_attr(child, "name")), child);
        }
        else {
            add_section(apphost, group, path, child);
        }
    }
    return error;
}

/* --- reading a file ----------------------------------------------------- */

/* Without slashes around and without "."; "\" is a slash. */
static const char *clean_path(apr_pool_t *pool, const char *path)
{
    char *copy = apr_pstrdup(pool, path), *p;
    apr_size_t n;

    for (p = copy; *p; p++) {
        *p = *p == '\\' ? '/' : *p;
    }
    copy += strspn(copy, "/");
    for (n = strlen(copy); n && copy[n - 1] == '/'; n--) {
        copy[n - 1] = '\0';
    }
    return strcmp(copy, ".") ? copy : "";
}

static level_t *level_at(iisr_apphost_t *apphost, const char *path)
{
    level_t *level;
    int i;

    iisr_names_update(&apphost->level_names, apphost->levels,
                      IISR_LIST_OF_POINTERS);
    i = iisr_names_find(&apphost->level_names, apphost->levels,
                        IISR_LIST_OF_POINTERS, path, strlen(path));
    if (i >= 0) {
        return APR_ARRAY_IDX(apphost->levels, i, level_t *);
    }
    level = apr_pcalloc(apphost->pool, sizeof(*level));
    level->path = path;
    level->length = strlen(path);
    level->nodes = apr_array_make(apphost->pool, 1, sizeof(iisr_xml_t *));
    APR_ARRAY_PUSH(apphost->levels, level_t *) = level;
    return level;
}

static void add_location(iisr_apphost_t *apphost, iisr_config_file_t *file,
                         const char *path, const iisr_xml_t *node)
{
    iisr_location_t *location = apr_pcalloc(apphost->pool,
                                            sizeof(*location));
    const char *below = clean_path(apphost->pool, path);

    location->path = apr_pstrdup(apphost->pool, path);
    location->node = node;
    location->sections = apr_array_make(apphost->pool, 4,
                                        sizeof(iisr_element_t *));
    APR_ARRAY_PUSH(file->locations, iisr_location_t *) = location;
    below = *below ? join(apphost->pool, file->at, below) : file->at;
    APR_ARRAY_PUSH(level_at(apphost, below)->nodes, const iisr_xml_t *) = node;
}

static const char *read_locations(iisr_apphost_t *apphost,
                                  iisr_config_file_t *file,
                                  const iisr_xml_t *root)
{
    const iisr_xml_t *child;
    const char *error = NULL;

    add_location(apphost, file, "", root);
    for (child = root->children; child && !error; child = child->next) {
        if (!strcmp(child->name, "location")) {
            add_location(apphost, file, text_or(child, "path", ""), child);
        }
        else if (!strcmp(child->name, "configSections")) {
            error = read_sections(apphost, apphost->groups, "", child);
        }
    }
    return error;
}

const char *iisr_apphost_read(iisr_apphost_t *apphost, const char *name,
                              const char *at)
{
    const char *error;
    const iisr_xml_t *root = iisr_xml_read(apphost->pool, name, &error);
    iisr_config_file_t *file;

    if (!root) {
        return error;
    }
    if (strcmp(root->name, "configuration")) {
        return iisr_xml_wrong(apphost->pool, root, "the root is '%s', not "
                              "configuration", root->name);
    }
    file = apr_pcalloc(apphost->pool, sizeof(*file));
    file->name = apr_pstrdup(apphost->pool, name);
    file->at = apr_pstrdup(apphost->pool, at);
    file->locations = apr_array_make(apphost->pool, 4,
                                     sizeof(iisr_location_t *));
    APR_ARRAY_PUSH(apphost->files, iisr_config_file_t *) = file;
    return read_locations(apphost, file, root);
}

/* --- sealing ------------------------------------------------------------ */

/* What is below a path comes right behind it: "a" < "a/b" < "a b". */
static int order_of(char c)
{
    return c == '/' ? 0 : 1 + (unsigned char)apr_tolower(c);
}

static int compare_paths(const char *a, apr_size_t na, const char *b,
                         apr_size_t nb)
{
    apr_size_t i;

    for (i = 0; i < na && i < nb; i++) {
        int order = order_of(a[i]) - order_of(b[i]);

        if (order) {
            return order;
        }
    }
    return na < nb ? -1 : na > nb;
}

static int by_path(const void *a, const void *b)
{
    const level_t *x = *(level_t *const *)a, *y = *(level_t *const *)b;

    return compare_paths(x->path, x->length, y->path, y->length);
}

static const level_t *find_level(const iisr_apphost_t *apphost,
                                 const char *path, apr_size_t n)
{
    int low = 0, high = apphost->levels->nelts - 1;

    while (low <= high) {
        int middle = (low + high) / 2;
        const level_t *level = APR_ARRAY_IDX(apphost->levels, middle,
                                             level_t *);
        int order = compare_paths(path, n, level->path,
                                  level->length);

        if (!order) {
            return level;
        }
        if (order < 0) {
            high = middle - 1;
        }
        else {
            low = middle + 1;
        }
    }
    return NULL;
}

static apr_size_t one_up(const char *path, apr_size_t n)
{
    while (n && path[n - 1] != '/') {
        n--;
    }
    return n ? n - 1 : 0;
}

/* The deepest level at or above; "" is always there after seal. */
static const level_t *nearest(const iisr_apphost_t *apphost,
                              const char *path, apr_size_t n)
{
    const level_t *level;

    while (n && path[n - 1] == '/') {
        n--;
    }
    while (!(level = find_level(apphost, path, n)) && n) {
        n = one_up(path, n);
    }
    return level;
}

/* A declared section that no file uses is an empty element. */
static void declare(iisr_merge_t *merge, iisr_element_t *root,
                    const iisr_section_group_t *group, const char *path)
{
    iisr_xml_t node = { .name = NULL };
    int i;

    for (i = 0; i < group->groups->nelts; i++) {
        const iisr_section_group_t *below =
            APR_ARRAY_IDX(group->groups, i, iisr_section_group_t *);
        iisr_element_t *child = (iisr_element_t *)
            iisr_merge_child(root, below->name, strlen(below->name));

        node.name = below->name;
        if (!child) {
            child = iisr_merge_element(merge, NULL, &node, NULL, NULL);
            child->file = NULL;
            APR_ARRAY_PUSH(root->children, iisr_element_t *) = child;
        }
        declare(merge, child, below, join(merge->pool, path, below->name));
    }
    for (i = 0; i < group->sections->nelts; i++) {
        const iisr_section_t *section =
            APR_ARRAY_IDX(group->sections, i, iisr_section_t *);
        iisr_element_t *child;

        if (iisr_merge_child(root, section->name, strlen(section->name))) {
            continue;
        }
        node.name = section->name;
        child = iisr_merge_element(merge, NULL, &node, NULL, NULL);
        child->file = NULL;
        child->path = section->path;
        APR_ARRAY_PUSH(root->children, iisr_element_t *) = child;
    }
}

static int is_above(const level_t *above, const level_t *level)
{
    return !above->length
           || (above->length < level->length
               && level->path[above->length] == '/'
               && !strncasecmp(above->path, level->path, above->length));
}

/* Of the levels in order, those on the way to this one, which joins them. */
static const level_t *step_down(apr_array_header_t *way, level_t *level)
{
    const level_t *above = NULL;

    while (way->nelts && !above) {
        above = APR_ARRAY_IDX(way, way->nelts - 1, level_t *);
        if (!is_above(above, level)) {
            above = NULL;
            way->nelts--;
        }
    }
    APR_ARRAY_PUSH(way, level_t *) = level;
    return above;
}

static void merge_level(iisr_apphost_t *apphost, iisr_merge_t *merge,
                        const level_t *above, level_t *level)
{
    const iisr_element_t *base = above ? above->root : NULL;
    iisr_xml_t nothing = { .name = "configuration" };
    int i;

    if (!base) {
        base = iisr_merge_element(merge, NULL, &nothing, apphost->schema, "");
        declare(merge, (iisr_element_t *)base, apphost->groups, "");
    }
    for (i = 0; i < level->nodes->nelts && !merge->error; i++) {
        base = iisr_merge_element(merge, base,
                                  APR_ARRAY_IDX(level->nodes, i,
                                                const iisr_xml_t *),
                                  apphost->schema, "");
    }
    level->root = base;
}

/* What lies between element and list: the sections below it. */
static void collect_sections(const iisr_element_t *element, int only_said,
                             apr_array_header_t *list)
{
    int i;

    for (i = 0; i < element->children->nelts; i++) {
        iisr_element_t *child = APR_ARRAY_IDX(element->children, i,
                                              iisr_element_t *);

        if (!child->path) {
            collect_sections(child, only_said, list);
        }
        else if (!only_said || child->file) {
            APR_ARRAY_PUSH(list, iisr_element_t *) = child;
        }
    }
}

static void fill_locations(iisr_apphost_t *apphost, iisr_merge_t *merge)
{
    int i, k;

    for (i = 0; i < apphost->files->nelts; i++) {
        iisr_config_file_t *file = APR_ARRAY_IDX(apphost->files, i,
                                                 iisr_config_file_t *);

        for (k = 0; k < file->locations->nelts && !merge->error; k++) {
            iisr_location_t *location = APR_ARRAY_IDX(file->locations, k,
                                                      iisr_location_t *);

            collect_sections(iisr_merge_element(merge, NULL, location->node,
                                                apphost->schema, ""), 1,
                             location->sections);
        }
    }
}

static void list_available(iisr_apphost_t *apphost,
                           const iisr_element_t *root)
{
    apr_array_header_t *sections = apr_array_make(apphost->pool, 8,
                                                  sizeof(iisr_element_t *));
    apr_array_header_t *names = apr_array_make(apphost->pool, 8,
                                               sizeof(char *));
    int i;

    collect_sections(root, 0, sections);
    for (i = 0; i < sections->nelts; i++) {
        APR_ARRAY_PUSH(names, const char *) =
            APR_ARRAY_IDX(sections, i, iisr_element_t *)->path;
    }
    apphost->available = apr_array_pstrcat(apphost->pool, names, ',');
}

const char *iisr_apphost_seal(iisr_apphost_t *apphost)
{
    iisr_merge_t merge = { .pool = apphost->pool,
                           .groups = apphost->groups };
    apr_array_header_t *way = apr_array_make(apphost->pool, 8,
                                             sizeof(level_t *));
    level_t **list;
    int i;

    for (i = 0; i < apphost->files->nelts; i++) {
        const iisr_config_file_t *file = APR_ARRAY_IDX(apphost->files, i,
                                                       iisr_config_file_t *);

        merge.server_file = *file->at ? merge.server_file : file->name;
    }
    level_at(apphost, "");
    list = (level_t **)apphost->levels->elts;
    qsort(list, apphost->levels->nelts, sizeof(*list), by_path);
    /* A path sorts behind what it begins with: what is above comes first. */
    for (i = 0; i < apphost->levels->nelts && !merge.error; i++) {
        merge_level(apphost, &merge, step_down(way, list[i]), list[i]);
    }
    if (!merge.error) {
        merge.unlocked = 1;             /* these inherit no Allow */
        fill_locations(apphost, &merge);
        list_available(apphost, list[0]->root);
    }
    return merge.error;
}

/* --- looking up --------------------------------------------------------- */

const char *iisr_apphost_below(const char *path)
{
    static const char root[] = IISR_APPHOST_ROOT;
    apr_size_t n = sizeof(root) - 1;

    path += strspn(path, "/");
    if (strncasecmp(path, root, n) || (path[n] && path[n] != '/')) {
        return NULL;
    }
    path += n;
    return path + strspn(path, "/");
}

const iisr_element_t *iisr_apphost_section(const iisr_apphost_t *apphost,
                                           const char *path,
                                           const char *section)
{
    const iisr_element_t *element = nearest(apphost, path,
                                            strlen(path))->root;
    int found = 0;                      /* not only groups on the way */
    apr_size_t n;

    for (section += strspn(section, "/"); *section && element;
         section += n + (section[n] == '/')) {
        n = strcspn(section, "/");
        element = iisr_element_child(element, section, n);
        found |= element && element->path;
    }
    return found ? element : NULL;
}

const apr_array_header_t *iisr_apphost_files(const iisr_apphost_t *apphost)
{
    return apphost->files;
}

const iisr_section_group_t *iisr_apphost_groups(
    const iisr_apphost_t *apphost)
{
    return apphost->groups;
}

const char *iisr_apphost_available(const iisr_apphost_t *apphost)
{
    return apphost->available;
}
