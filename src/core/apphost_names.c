/* apphost_names.c: an index of names; see apphost_names.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include "core/apphost_names.h"

/* A list of so many is looked through faster. */
#define SHORT_LIST 16

static const char *name_at(const apr_array_header_t *list, iisr_list_e kind,
                           int i)
{
    const char *item = list->elts + (apr_size_t)i * list->elt_size;

    return kind == IISR_LIST_OF_POINTERS
           ? **(const char *const *const *)(const void *)item
           : *(const char *const *)(const void *)item;
}

char *iisr_names_fold(apr_pool_t *pool, const char *name, apr_size_t n)
{
    char *folded = apr_pstrmemdup(pool, name, n), *p;

    for (p = folded; *p; p++) {
        *p = (char)apr_tolower(*p);
    }
    return folded;
}

void iisr_names_update(iisr_names_t *names, const apr_array_header_t *list,
                       iisr_list_e kind)
{
    apr_pool_t *pool = list->pool;

    if (list->nelts <= SHORT_LIST) {
        return;
    }
    if (!names->by_name) {
        names->by_name = apr_hash_make(pool);
    }
    for (; names->n < list->nelts; names->n++) {
        const char *name = name_at(list, kind, names->n), *key;
        int *place;

        key = iisr_names_fold(pool, name, strlen(name));
        if (!apr_hash_get(names->by_name, key, APR_HASH_KEY_STRING)) {
            place = apr_palloc(pool, sizeof(*place));
            *place = names->n;
            apr_hash_set(names->by_name, key, APR_HASH_KEY_STRING, place);
        }
    }
}

static int find_indexed(const iisr_names_t *names, const char *name,
                        apr_size_t n)
{
    char room[256] = "", *key = n < sizeof(room) ? room : malloc(n);
    const int *place;
    apr_size_t i;

    if (!key) {
        abort();                /* as httpd does without memory */
    }
    for (i = 0; i < n; i++) {
        key[i] = (char)apr_tolower(name[i]);
    }
    place = apr_hash_get(names->by_name, key, n);
    if (key != room) {
        free(key);
    }
    return place ? *place : -1;
}

int iisr_names_find(const iisr_names_t *names, const apr_array_header_t *list,
                    iisr_list_e kind, const char *name, apr_size_t n)
{
    int i = names->by_name ? find_indexed(names, name, n) : -1;

    if (i >= 0) {
        return i;
    }
    for (i = names->n; i < list->nelts; i++) {
        const char *other = name_at(list, kind, i);

        if (!strncasecmp(other, name, n) && !other[n]) {
            return i;
        }
    }
    return -1;
}
