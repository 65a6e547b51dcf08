/* apphost.h: the configuration that modules read, merged: files in the syntax
 * of applicationHost.config and web.config, a tree for each path that one of
 * them says something about.
 *
 *   create -> schema... -> read... -> seal      configuration time, one thread
 *   section, level, file_at                     any thread, nothing changes
 *
 * A path of the configuration is "MACHINE/WEBROOT/APPHOST/site/folder/..."; in
 * here the part behind APPHOST, and names and paths are equal in any case.
 * What a deeper path does not mention it shares with the one above.
 *
 * Without a schema an element is an entry of a collection when it is called
 * "add", when several of its name stand in one place, or when its parent's
 * name is its plural (sites, site); else it is a child of its own.
 */
#ifndef IISR_APPHOST_H
#define IISR_APPHOST_H

#include "core/apphost_names.h"
#include "core/apphost_schema.h"

#define IISR_APPHOST_ROOT "MACHINE/WEBROOT/APPHOST"

typedef struct iisr_apphost_t iisr_apphost_t;

/* An attribute, from a file or from the schema. */
typedef struct iisr_setting_t {
    const char *name;
    const char *value;                  /* NULL: the schema has no default */
    const iisr_attribute_t *schema;     /* NULL: a string */
    int line;                           /* 0: the default */
} iisr_setting_t;

typedef struct iisr_lock_t iisr_lock_t;

typedef struct iisr_element_t {
    const char *name;
    const char *path;                   /* of a section, else NULL */
    const iisr_schema_t *schema;        /* or NULL */
    apr_array_header_t *settings;       /* iisr_setting_t */
    apr_array_header_t *children;       /* iisr_element_t *, one a name */
    apr_array_header_t *entries;        /* iisr_element_t *, the collection */
    const char *file;                   /* that said something, or NULL */
    int line;
    const iisr_lock_t *locks;           /* for the files of sites */
    const iisr_xml_t *mode_by;          /* a section's last overrideMode */
    int denied;                         /* ... was Deny */
    iisr_names_t setting_names, child_names;
} iisr_element_t;

/* What configSections say. */
typedef struct iisr_section_t {
    const char *name, *path;            /* "asp", "system.webServer/asp" */
    const char *type, *override_mode, *allow_definition, *allow_location;
    int require_permission;
    const iisr_xml_t *node;             /* that declares it */
} iisr_section_t;

typedef struct iisr_section_group_t {
    const char *name, *type;            /* "" at the root */
    apr_array_header_t *groups;         /* iisr_section_group_t * */
    apr_array_header_t *sections;       /* iisr_section_t * */
    iisr_names_t group_names, section_names;
} iisr_section_group_t;

/* A <location>, or what a file says outside of any. */
typedef struct iisr_location_t {
    const char *path;                   /* as the file has it; "" outside */
    const iisr_xml_t *node;
    apr_array_header_t *sections;       /* iisr_element_t *, not merged */
} iisr_location_t;

typedef struct iisr_config_file_t {
    const char *name;                   /* of the file */
    const char *at;                     /* "" or a site */
    apr_array_header_t *locations;      /* iisr_location_t * */
} iisr_config_file_t;

iisr_apphost_t *iisr_apphost_create(apr_pool_t *pool);
/* NULL, or what is wrong: "file:line: reason". */
const char *iisr_apphost_schema(iisr_apphost_t *apphost, const char *file);
/* at: "" for the server's own file, or the site that the file is for. */
const char *iisr_apphost_read(iisr_apphost_t *apphost, const char *file,
                              const char *at);
const char *iisr_apphost_seal(iisr_apphost_t *apphost);

/* The part of a configuration path behind APPHOST.  NULL: it is none, or is
 * above. */
const char *iisr_apphost_below(const char *config_path);
/* NULL: there is no such section.  path: behind APPHOST. */
const iisr_element_t *iisr_apphost_section(const iisr_apphost_t *apphost,
                                           const char *path,
                                           const char *section);
/* iisr_config_file_t *. */
const apr_array_header_t *iisr_apphost_files(const iisr_apphost_t *apphost);
const iisr_section_group_t *iisr_apphost_groups(
    const iisr_apphost_t *apphost);
/* Names of the sections that are there at the root, separated by commas. */
const char *iisr_apphost_available(const iisr_apphost_t *apphost);

const iisr_setting_t *iisr_element_setting(const iisr_element_t *element,
                                           const char *name);
/* A child, or else the first entry of that name.  n: bytes of name. */
const iisr_element_t *iisr_element_child(const iisr_element_t *element,
                                         const char *name, apr_size_t n);

#endif
