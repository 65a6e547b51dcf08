/* apphost_schema.h: what sections of the configuration may hold: the part of
 * IIS's schema syntax that a module's own schema file uses.
 *
 *     <configSchema>
 *       <sectionSchema name="system.webServer/myModule">
 *         <attribute name="enabled" type="bool" defaultValue="true"/>
 *         <element name="limits"> attribute, element, collection </element>
 *         <collection addElement="add" removeElement="remove"
 *                     clearElement="clear"> attribute, element </collection>
 *
 * Without a schema every value is a string and nothing has a default.  Read
 * at configuration time, never changed afterwards; any thread.
 */
#ifndef IISR_APPHOST_SCHEMA_H
#define IISR_APPHOST_SCHEMA_H

#include <apr_tables.h>
#include "core/xml.h"

typedef enum {
    IISR_TYPE_STRING, IISR_TYPE_BOOL, IISR_TYPE_INT, IISR_TYPE_UINT,
    IISR_TYPE_INT64, IISR_TYPE_ENUM, IISR_TYPE_FLAGS, IISR_TYPE_TIMESPAN
} iisr_type_e;

typedef struct iisr_constant_t {
    const char *name;
    apr_int64_t value;
} iisr_constant_t;

typedef struct iisr_attribute_t {
    const char *name;
    iisr_type_e type;
    const char *type_name;              /* "uint" */
    const char *default_value;          /* NULL: none */
    const char *validation, *parameter; /* "integerRange", "1,10"; or "" */
    const char *timespan_format;        /* "string", "minutes", "seconds" */
    apr_array_header_t *constants;      /* iisr_constant_t */
    unsigned int required : 1;
    unsigned int unique_key : 1;
    unsigned int combined_key : 1;
    unsigned int expanded : 1;
    unsigned int encrypted : 1;
    unsigned int case_sensitive : 1;
    unsigned int infinite : 1;
} iisr_attribute_t;

typedef struct iisr_schema_t iisr_schema_t;

typedef struct iisr_collection_t {
    const char *add_names;              /* "add", or "allow,deny" */
    apr_array_header_t *adds;           /* iisr_schema_t *, one a name */
    iisr_schema_t *remove, *clear;      /* NULL: there is none */
    unsigned int duplicates : 1;        /* two of one key are allowed */
    unsigned int prepend : 1;           /* mergeAppend="false" */
} iisr_collection_t;

/* A section, an element, an entry of a collection, or a group of sections. */
struct iisr_schema_t {
    const char *name;
    apr_array_header_t *attributes;     /* iisr_attribute_t * */
    apr_array_header_t *children;       /* iisr_schema_t * */
    iisr_collection_t *collection;      /* or NULL */
    unsigned int group : 1;
    unsigned int any_attribute : 1;
    unsigned int defaults : 1;          /* isCollectionDefault */
};

iisr_schema_t *iisr_schema_create(apr_pool_t *pool, const char *name);
/* Adds what the file says.  NULL, or "file:line: reason". */
const char *iisr_schema_read(apr_pool_t *pool, iisr_schema_t *root,
                             const char *file);

/* By name, in any case; NULL: none.  n: bytes of name. */
iisr_schema_t *iisr_schema_child(const iisr_schema_t *schema,
                                 const char *name, apr_size_t n);
iisr_schema_t *iisr_schema_add(const iisr_schema_t *schema,
                               const char *name);
const iisr_attribute_t *iisr_schema_attribute(const iisr_schema_t *schema,
                                              const char *name);

/* NULL, or why the value is none of this attribute. */
const char *iisr_attribute_check(apr_pool_t *pool,
                                 const iisr_attribute_t *attribute,
                                 const char *value);
/* The number that a checked value stands for: 0 and 1 of a bool, 100 ns
 * units of a time span.  0 of a string. */
apr_int64_t iisr_attribute_number(const iisr_attribute_t *attribute,
                                  const char *value);

#endif
