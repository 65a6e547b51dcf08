/* apphost_lock.c: locks of the configuration; see apphost_lock.h. */
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "core/apphost_lock.h"

struct iisr_lock_t {
    const struct iisr_lock_t *next;
    const iisr_xml_t *by;               /* the element that has the lock */
};

/* Whether what one file locks binds this element of another. */
static int binds(const iisr_merge_t *merge, const iisr_xml_t *by,
                 const iisr_xml_t *own)
{
    return !merge->unlocked && strcmp(by->file, own->file)
           && !(merge->server_file && !strcmp(own->file,
                                              merge->server_file));
}

static void violation(iisr_merge_t *merge, const iisr_xml_t *own,
                      const char *what, const char *name,
                      const iisr_xml_t *by)
{
    if (!merge->error) {
        merge->error = iisr_xml_wrong(merge->pool, own, "lock violation "
            "(0x80070021): %s '%s' is locked by %s:%d", what, name, by->file,
            by->line);
    }
}

/* Comma-separated, spaces around. */
static int is_listed(const char *list, const char *name)
{
    apr_size_t n;

    for (; *list; list += n + (list[n] == ',')) {
        list += strspn(list, " ");
        n = strcspn(list, ",");
        if ((n == 1 && *list == '*')
            || (!strncasecmp(list, name, strlen(name))
                && strspn(list + strlen(name), " ") + strlen(name) == n)) {
            return 1;
        }
    }
    return 0;
}

/* By a list of what is locked, or one of what is not. */
static int is_locked(const iisr_xml_t *by, const char *these,
                     const char *all_except, const char *name)
{
    const char *list = iisr_xml_attr(by, these);
    const char *except = iisr_xml_attr(by, all_except);

    return (list && is_listed(list, name))
           || (except && !is_listed(except, name));
}

static void check_one(iisr_merge_t *merge, const iisr_xml_t *by,
                      const iisr_xml_t *own)
{
    const iisr_xml_t *child;
    int i;

    if (iisr_xml_flag(by, "lockItem", 0)) {
        violation(merge, own, "element", own->name, by);
    }
    for (i = 0; i < own->nattrs; i++) {
        const char *name = own->attrs[i].name;

        if (iisr_is_setting(name)
            && is_locked(by, "lockAttributes", "lockAllAttributesExcept",
                         name)) {
            violation(merge, own, "attribute", name, by);
        }
    }
    for (child = own->children; child; child = child->next) {
        if (is_locked(by, "lockElements", "lockAllElementsExcept",
                      child->name)) {
            violation(merge, child, "element", child->name, by);
        }
    }
}

void iisr_lock_check(iisr_merge_t *merge, const iisr_element_t *base,
                     const iisr_xml_t *own)
{
    const iisr_lock_t *lock;

    for (lock = base->locks; lock; lock = lock->next) {
        if (binds(merge, lock->by, own)) {
            check_one(merge, lock->by, own);
        }
    }
}

void iisr_lock_keep(iisr_merge_t *merge, iisr_element_t *element,
                    const iisr_xml_t *own)
{
    iisr_lock_t *lock;
    int i;

    for (i = 0; i < own->nattrs; i++) {
        if (!strncmp(own->attrs[i].name, "lock", 4)
            && !iisr_is_setting(own->attrs[i].name)) {
            lock = apr_palloc(merge->pool, sizeof(*lock));
            lock->by = own;
            lock->next = element->locks;
            element->locks = lock;
            return;
        }
    }
}

void iisr_lock_entry(iisr_merge_t *merge, const iisr_element_t *entry,
                     const iisr_xml_t *own)
{
    const iisr_lock_t *lock;

    for (lock = entry->locks; lock; lock = lock->next) {
        if (iisr_xml_flag(lock->by, "lockItem", 0)
            && binds(merge, lock->by, own)) {
            violation(merge, own, "entry", entry->name, lock->by);
        }
    }
}

/* --- sections ----------------------------------------------------------- */

/* Of two the one that the outer group has. */
static void index_sections(iisr_merge_t *merge,
                           const iisr_section_group_t *group)
{
    int i;

    for (i = 0; i < group->sections->nelts; i++) {
        const iisr_section_t *section =
            APR_ARRAY_IDX(group->sections, i, iisr_section_t *);
        const char *key = iisr_names_fold(merge->pool, section->path,
                                          strlen(section->path));

        if (!apr_hash_get(merge->sections, key, APR_HASH_KEY_STRING)) {
            apr_hash_set(merge->sections, key, APR_HASH_KEY_STRING, section);
        }
    }
    for (i = 0; i < group->groups->nelts; i++) {
        index_sections(merge, APR_ARRAY_IDX(group->groups, i,
                                            iisr_section_group_t *));
    }
}

static const iisr_section_t *find_section(iisr_merge_t *merge,
                                          const char *path)
{
    if (!merge->sections) {
        merge->sections = apr_hash_make(merge->pool);
        index_sections(merge, merge->groups);
    }
    return apr_hash_get(merge->sections,
                        iisr_names_fold(merge->pool, path, strlen(path)),
                        APR_HASH_KEY_STRING);
}

/* What a location says of the sections in it: 'A', 'D', or 0. */
static char mode_of(const iisr_xml_t *location)
{
    const char *mode = iisr_xml_attr(location, "overrideMode");
    const char *allow = iisr_xml_attr(location, "allowOverride");

    if (mode) {
        return !strcasecmp(mode, "Allow") ? 'A'
               : !strcasecmp(mode, "Deny") ? 'D' : 0;
    }
    return !allow ? 0 : !strcasecmp(allow, "false") ? 'D' : 'A';
}

static const iisr_xml_t *location_of(const iisr_xml_t *node)
{
    while (node->parent && node->parent->parent) {
        node = node->parent;
    }
    return strcmp(node->name, "location") ? NULL : node;
}

/* Sections for the server's file alone. */
static int is_for_server(const iisr_section_t *section)
{
    const char *where = section->allow_definition;

    return !strcasecmp(where, "MachineOnly")
           || !strcasecmp(where, "MachineToRootWeb")
           || !strcasecmp(where, "AppHostOnly");
}

static void check_section(iisr_merge_t *merge, const iisr_element_t *base,
                          const iisr_xml_t *own, const char *path)
{
    const iisr_section_t *section = find_section(merge, path);

    if (base && base->mode_by) {
        if (base->denied && binds(merge, base->mode_by, own)) {
            violation(merge, own, "section", path, base->mode_by);
        }
    }
    else if (section && binds(merge, section->node, own)
             && (is_for_server(section)
                 || !strcasecmp(section->override_mode, "Deny"))) {
        violation(merge, own, "section", path, section->node);
    }
}

/* In whatever file: "ConfigurationSection.GetAllowLocation Method".  Without
 * a path a location is the file itself. */
static void check_location(iisr_merge_t *merge, const iisr_xml_t *location,
                           const iisr_xml_t *own, const char *path)
{
    const iisr_section_t *section = find_section(merge, path);
    const char *where = iisr_xml_attr(location, "path");

    if (!merge->error && section && where && *where && strcmp(where, ".")
        && !strcasecmp(section->allow_location, "false")) {
        merge->error = iisr_xml_wrong(merge->pool, own, "section '%s' may not "
            "stand in a location (allowLocation, %s:%d)", path,
            section->node->file, section->node->line);
    }
}

void iisr_lock_section(iisr_merge_t *merge, const iisr_element_t *base,
                       iisr_element_t *merged, const iisr_xml_t *own,
                       const char *path)
{
    const iisr_xml_t *location = location_of(own);
    char mode = location ? mode_of(location) : 0;

    check_section(merge, base, own, path);
    if (location) {
        check_location(merge, location, own, path);
    }
    if (mode) {
        merged->mode_by = location;
        merged->denied = mode == 'D';
    }
}
