/* apphost_entries.c: a collection that changes; see apphost_entries.h. */
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "core/apphost_entries.h"
#include "core/apphost_lock.h"

/* An entry in its list; NULL: it was removed. */
typedef struct place_t {
    iisr_element_t *entry;
    int indexed;
} place_t;

struct iisr_entries_t {
    iisr_merge_t *merge;
    apr_array_header_t *front, *back;   /* place_t * */
    int live;
    apr_hash_t *by_value;               /* "name=value": places, an array;
                                         * NULL: nobody has looked so far */
};

static void entries_push(iisr_entries_t *entries, apr_array_header_t *list,
                         iisr_element_t *entry)
{
    place_t *place = apr_pcalloc(entries->merge->pool, sizeof(*place));

    place->entry = entry;
    APR_ARRAY_PUSH(list, place_t *) = place;
    entries->live++;
}

iisr_entries_t *iisr_entries_open(iisr_merge_t *merge,
                                  const apr_array_header_t *inherited)
{
    iisr_entries_t *entries = apr_pcalloc(merge->pool, sizeof(*entries));
    int i;

    entries->merge = merge;
    entries->front = apr_array_make(merge->pool, 2, sizeof(place_t *));
    entries->back = apr_array_make(merge->pool, inherited->nelts + 2,
                                   sizeof(place_t *));
    for (i = 0; i < inherited->nelts; i++) {
        entries_push(entries, entries->back,
                     APR_ARRAY_IDX(inherited, i, iisr_element_t *));
    }
    return entries;
}

/* --- the index ---------------------------------------------------------- */

static const char *value_key(iisr_entries_t *entries, const char *name,
                             const char *value)
{
    char *key = apr_pstrcat(entries->merge->pool, name, "=", value, NULL);

    return iisr_names_fold(entries->merge->pool, key, strlen(key));
}

static void index_place(iisr_entries_t *entries, place_t *place)
{
    const apr_array_header_t *settings = place->entry->settings;
    const iisr_setting_t *s = (iisr_setting_t *)settings->elts;
    int i;

    place->indexed = 1;
    for (i = 0; i < settings->nelts; i++) {
        apr_array_header_t *places;
        const char *key;

        if (!s[i].value) {
            continue;
        }
        key = value_key(entries, s[i].name, s[i].value);
        places = apr_hash_get(entries->by_value, key, APR_HASH_KEY_STRING);
        if (!places) {
            places = apr_array_make(entries->merge->pool, 1,
                                    sizeof(place_t *));
            apr_hash_set(entries->by_value, key, APR_HASH_KEY_STRING, places);
        }
        APR_ARRAY_PUSH(places, place_t *) = place;
    }
}

/* Backwards as far as it goes: what was added since. */
static void index_list(iisr_entries_t *entries, apr_array_header_t *list)
{
    int i = list->nelts;

    while (i > 0 && !APR_ARRAY_IDX(list, i - 1, place_t *)->indexed) {
        i--;
    }
    for (; i < list->nelts; i++) {
        place_t *place = APR_ARRAY_IDX(list, i, place_t *);

        if (place->entry) {
            index_place(entries, place);
        }
    }
}

static void index_all(iisr_entries_t *entries)
{
    if (!entries->by_value) {
        entries->by_value = apr_hash_make(entries->merge->pool);
    }
    index_list(entries, entries->front);
    index_list(entries, entries->back);
}

static apr_array_header_t *with_value(iisr_entries_t *entries,
                                      const char *name, const char *value)
{
    static apr_array_header_t none = { .elt_size = sizeof(place_t *) };
    apr_array_header_t *places =
        apr_hash_get(entries->by_value, value_key(entries, name, value),
                     APR_HASH_KEY_STRING);

    return places ? places : &none;
}

static void fewer(apr_array_header_t **fewest, apr_array_header_t *places)
{
    if (!*fewest || places->nelts < (*fewest)->nelts) {
        *fewest = places;
    }
}

/* --- keys --------------------------------------------------------------- */

static int same_setting(const iisr_element_t *entry, const char *name,
                        const char *value, const iisr_attribute_t *a)
{
    const iisr_setting_t *s = iisr_element_setting(entry, name);

    return s && s->value && !(a && a->case_sensitive
                              ? strcmp(s->value, value)
                              : strcasecmp(s->value, value));
}

static int is_key(const iisr_setting_t *s)
{
    return s->schema && s->value
           && (s->schema->unique_key || s->schema->combined_key);
}

static int same_keys(const iisr_element_t *a, const iisr_element_t *b)
{
    const iisr_setting_t *s = (iisr_setting_t *)a->settings->elts;
    int i;

    for (i = 0; i < a->settings->nelts; i++) {
        if (is_key(&s[i])
            && !same_setting(b, s[i].name, s[i].value, s[i].schema)) {
            return 0;
        }
    }
    return 1;
}

int iisr_entries_have(iisr_entries_t *entries, const iisr_element_t *entry)
{
    const iisr_setting_t *s = (iisr_setting_t *)entry->settings->elts;
    apr_array_header_t *places = NULL;
    int i;

    index_all(entries);
    for (i = 0; i < entry->settings->nelts; i++) {
        if (is_key(&s[i])) {
            fewer(&places, with_value(entries, s[i].name, s[i].value));
        }
    }
    for (i = 0; places && i < places->nelts; i++) {
        const place_t *place = APR_ARRAY_IDX(places, i, place_t *);

        if (place->entry && same_keys(entry, place->entry)) {
            return 1;
        }
    }
    return 0;
}

/* --- adding and removing ------------------------------------------------ */

void iisr_entries_add(iisr_entries_t *entries, iisr_element_t *entry,
                      int in_front)
{
    entries_push(entries, in_front ? entries->front : entries->back, entry);
}

static int has_all(const iisr_element_t *entry, const iisr_xml_t *own)
{
    int i;

    for (i = 0; i < own->nattrs; i++) {
        if (iisr_is_setting(own->attrs[i].name)
            && !same_setting(entry, own->attrs[i].name, own->attrs[i].value,
                             NULL)) {
            return 0;
        }
    }
    return 1;
}

/* Those that are gone are not come upon again. */
static void remove_places(iisr_entries_t *entries,
                          apr_array_header_t *places, const iisr_xml_t *own)
{
    place_t **list = (place_t **)places->elts;
    int i, kept = 0;

    for (i = 0; i < places->nelts; i++) {
        if (list[i]->entry && has_all(list[i]->entry, own)) {
            iisr_lock_entry(entries->merge, list[i]->entry, own);
            list[i]->entry = NULL;
            entries->live--;
        }
        if (list[i]->entry) {
            list[kept++] = list[i];
        }
    }
    if (places->nelts) {
        places->nelts = kept;
    }
}

/* What does not name anything names all. */
static void remove_all(iisr_entries_t *entries, const iisr_xml_t *own)
{
    apr_array_header_t *lists[] = { entries->front, entries->back };
    int i, k;

    for (k = 0; k < 2; k++) {
        for (i = 0; i < lists[k]->nelts; i++) {
            place_t *place = APR_ARRAY_IDX(lists[k], i, place_t *);

            if (place->entry) {
                iisr_lock_entry(entries->merge, place->entry, own);
            }
        }
        lists[k]->nelts = 0;
    }
    entries->by_value = NULL;
    entries->live = 0;
}

void iisr_entries_remove(iisr_entries_t *entries, const iisr_xml_t *own)
{
    apr_array_header_t *places = NULL;
    int i;

    if (!entries->live) {
        return;
    }
    index_all(entries);
    for (i = 0; i < own->nattrs; i++) {
        if (iisr_is_setting(own->attrs[i].name)) {
            fewer(&places, with_value(entries, own->attrs[i].name,
                                      own->attrs[i].value));
        }
    }
    if (places) {
        remove_places(entries, places, own);
    }
    else {
        remove_all(entries, own);
    }
}

void iisr_entries_clear(iisr_entries_t *entries, const iisr_xml_t *own)
{
    remove_all(entries, own);
}

apr_array_header_t *iisr_entries_close(iisr_entries_t *entries)
{
    apr_array_header_t *lists[] = { entries->front, entries->back };
    apr_array_header_t *left = apr_array_make(entries->merge->pool,
                                              entries->live + 1,
                                              sizeof(iisr_element_t *));
    int i, k;

    for (k = 0; k < 2; k++) {
        for (i = 0; i < lists[k]->nelts; i++) {
            iisr_element_t *entry = APR_ARRAY_IDX(lists[k], i,
                                                  place_t *)->entry;

            if (entry) {
                APR_ARRAY_PUSH(left, iisr_element_t *) = entry;
            }
        }
    }
    return left;
}
