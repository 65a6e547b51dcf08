/* apphost_names.h: finding by name, in any letter case, in lists that grow at
 * their end: as fast in one of 100,000 as in one of ten.
 */
#ifndef IISR_APPHOST_NAMES_H
#define IISR_APPHOST_NAMES_H

#include <apr_hash.h>
#include <apr_tables.h>

/* Of one list; all zeros at first.  A list is one of structures, or of
 * pointers to structures, whose first member is the name. */
typedef struct iisr_names_t {
    apr_hash_t *by_name;
    int n;                              /* so many of the list are in it */
} iisr_names_t;

typedef enum { IISR_LIST_OF_STRUCTURES, IISR_LIST_OF_POINTERS } iisr_list_e;

/* Takes in what the list has more by now.  Configuration time. */
void iisr_names_update(iisr_names_t *names, const apr_array_header_t *list,
                       iisr_list_e kind);
/* The first of this name, or -1.  n: bytes of name.  What was not taken in is
 * looked through; nothing changes. */
int iisr_names_find(const iisr_names_t *names, const apr_array_header_t *list,
                    iisr_list_e kind, const char *name, apr_size_t n);
/* Lower case, from pool. */
char *iisr_names_fold(apr_pool_t *pool, const char *name, apr_size_t n);

#endif
