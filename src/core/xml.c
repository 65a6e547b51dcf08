/* xml.c: reading an XML file; see xml.h. */
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <expat.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include "core/xml.h"

typedef struct reader_t {
    apr_pool_t *pool;
    const char *file;
    XML_Parser expat;
    iisr_xml_t *root, *open;
    int depth;
    const char *reason;                 /* ours; NULL: expat's */
} reader_t;

static void stop(reader_t *reader, const char *reason)
{
    if (!reader->reason) {
        reader->reason = reason;
        XML_StopParser(reader->expat, XML_FALSE);
    }
}

static void copy_attributes(reader_t *reader, iisr_xml_t *node,
                            const XML_Char **attrs)
{
    iisr_xml_attr_t *to;

    while (attrs[node->nattrs * 2]) {
        node->nattrs++;
    }
    node->attrs = to = apr_palloc(reader->pool,
                                  node->nattrs * sizeof(*to) + 1);
    for (; *attrs; attrs += 2, to++) {
        to->name = apr_pstrdup(reader->pool, attrs[0]);
        to->value = apr_pstrdup(reader->pool, attrs[1]);
    }
}

/* Expat 2.9 deprecates the call that all older ones have. */
static unsigned long parser_line(XML_Parser parser)
{
#if XML_MAJOR_VERSION * 100 + XML_MINOR_VERSION >= 209
    return (unsigned long)XML_GetCurrentLineNumber64(parser);
#else
    return (unsigned long)XML_GetCurrentLineNumber(parser);
#endif
}

static void XMLCALL element_starts(void *data, const XML_Char *name,
                                   const XML_Char **attrs)
{
    reader_t *reader = data;
    iisr_xml_t *node = apr_pcalloc(reader->pool, sizeof(*node)), *parent;

    if (++reader->depth > IISR_XML_DEPTH_MAX) {
        stop(reader, "elements are nested too deeply");
        return;
    }
    node->name = apr_pstrdup(reader->pool, name);
    node->file = reader->file;
    node->line = (int)parser_line(reader->expat);
    copy_attributes(reader, node, attrs);
    node->parent = parent = reader->open;
    if (!parent) {
        reader->root = node;
    }
    else if (parent->last_child) {
        parent->last_child->next = node;
        parent->last_child = node;
    }
    else {
        parent->children = parent->last_child = node;
    }
    reader->open = node;
}

static void XMLCALL element_ends(void *data, const XML_Char *name)
{
    reader_t *reader = data;

    (void)name;
    reader->depth--;
    reader->open = reader->open ? reader->open->parent : NULL;
}

static void XMLCALL doctype(void *data, const XML_Char *name,
                            const XML_Char *system, const XML_Char *public,
                            int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(data, "a DOCTYPE is not allowed");
}

static const char *where(reader_t *reader, const char *reason)
{
    return apr_psprintf(reader->pool, "%s:%lu: %s", reader->file,
                        parser_line(reader->expat), reason);
}

/* NULL, or what is wrong.  In one piece: expat would begin a long tag anew
 * with every piece of it. */
static const char *feed(reader_t *reader, apr_file_t *file, apr_size_t size)
{
    apr_size_t n;
    apr_status_t rv;
    void *room;

    if (!(room = XML_GetBuffer(reader->expat, (int)size + 1))) {
        return where(reader, "out of memory");
    }
    rv = apr_file_read_full(file, room, size, &n);
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EOF(rv)) {
        char text[120];

        return where(reader, apr_strerror(rv, text, sizeof(text)));
    }
    if (XML_ParseBuffer(reader->expat, (int)n, 1) != XML_STATUS_OK) {
        return where(reader, reader->reason ? reader->reason
                     : XML_ErrorString(XML_GetErrorCode(reader->expat)));
    }
    return NULL;
}

/* Who opens a FIFO, or a device, may wait for ever. */
static const char *open_file(apr_pool_t *pool, const char *name,
                             apr_file_t **file, apr_size_t *size)
{
    apr_status_t rv = apr_file_open(file, name, APR_FOPEN_READ
                                    | APR_FOPEN_BINARY | APR_FOPEN_NONBLOCK,
                                    0, pool);
    apr_finfo_t info = { 0 };
    char text[120];

    if (rv == APR_SUCCESS) {
        rv = apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_SIZE, *file);
    }
    if (rv != APR_SUCCESS) {
        return apr_psprintf(pool, "%s: %s", name,
                            apr_strerror(rv, text, sizeof(text)));
    }
    if (info.filetype != APR_REG) {
        return apr_psprintf(pool, "%s: not a regular file", name);
    }
    *size = (apr_size_t)info.size;
    return info.size <= IISR_XML_FILE_MAX ? NULL
        : apr_psprintf(pool, "%s:1: the file is larger than 16 MB", name);
}

iisr_xml_t *iisr_xml_read(apr_pool_t *pool, const char *name,
                          const char **error)
{
    reader_t reader = { .pool = pool, .file = apr_pstrdup(pool, name) };
    apr_pool_t *scratch;
    apr_file_t *file;
    apr_size_t size = 0;

    apr_pool_create(&scratch, pool);
    if ((*error = open_file(scratch, name, &file, &size))) {
        *error = apr_pstrdup(pool, *error);
    }
    else if (!(reader.expat = XML_ParserCreate(NULL))) {
        *error = "out of memory";
    }
    else {
        XML_SetUserData(reader.expat, &reader);
        XML_SetElementHandler(reader.expat, element_starts, element_ends);
        XML_SetStartDoctypeDeclHandler(reader.expat, doctype);
        *error = feed(&reader, file, size);
        XML_ParserFree(reader.expat);
    }
    apr_pool_destroy(scratch);
    return *error ? NULL : reader.root;
}

const char *iisr_xml_attr(const iisr_xml_t *node, const char *name)
{
    int i;

    for (i = 0; i < node->nattrs; i++) {
        if (!strcmp(node->attrs[i].name, name)) {
            return node->attrs[i].value;
        }
    }
    return NULL;
}

int iisr_xml_flag(const iisr_xml_t *node, const char *name, int otherwise)
{
    const char *value = iisr_xml_attr(node, name);

    return value ? !strcasecmp(value, "true") : otherwise;
}

const char *iisr_xml_wrong(apr_pool_t *pool, const iisr_xml_t *node,
                           const char *fmt, ...)
{
    va_list ap;
    char *reason;

    va_start(ap, fmt);
    reason = apr_pvsprintf(pool, fmt, ap);
    va_end(ap);
    return apr_psprintf(pool, "%s:%d: %s", node->file, node->line, reason);
}
