/* file_watches.c: a tree of inotify's watches; see file_watches.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include "file_watches.h"

#define CHANGES (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM \
                 | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
#define DEEP 64

static iisr_watch_t **place_of(const iisr_watches_t *watches, int number)
{
    iisr_watch_t *const *p;

    for (p = &watches->first; *p && (*p)->number != number;
         p = &(*p)->next) {
        continue;
    }
    return (iisr_watch_t **)p;
}

static iisr_watch_t *unlink_at(iisr_watch_t **place)
{
    iisr_watch_t *watch = *place;

    if (watch) {
        *place = watch->next;
    }
    return watch;
}

const iisr_watch_t *iisr_watches_find(const iisr_watches_t *watches,
                                      int number)
{
    return *place_of(watches, number);
}

iisr_watch_t *iisr_watches_take(iisr_watches_t *watches, int number)
{
    return unlink_at(place_of(watches, number));
}

iisr_watch_t *iisr_watches_take_below(iisr_watches_t *watches,
                                      const char *path)
{
    size_t n = strlen(path);
    iisr_watch_t **p;

    for (p = &watches->first; *p; p = &(*p)->next) {
        if (!strncmp((*p)->path, path, n)
            && ((*p)->path[n] == '/' || !(*p)->path[n])) {
            break;
        }
    }
    return unlink_at(p);
}

/* inotify has one number for a folder: one that was moved has it still. */
static apr_status_t watch_one(iisr_watches_t *watches, const char *path,
                              int below)
{
    int number = inotify_add_watch(watches->notify, path, CHANGES
                                   | (below ? IN_ONLYDIR | IN_DONT_FOLLOW
                                            : 0));
    iisr_watch_t *watch;

    if (number < 0) {
        return errno;
    }
    free(iisr_watches_take(watches, number));
    if (!(watch = malloc(sizeof(*watch) + strlen(path) + 1))) {
        return APR_ENOMEM;
    }
    strcpy(watch->path, path);
    watch->number = number;
    watch->below = below;
    watch->next = watches->first;
    watches->first = watch;
    return APR_SUCCESS;
}

static int is_folder(DIR *dir, const struct dirent *entry)
{
    struct stat st;

    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) {
        return 0;
    }
    if (entry->d_type != DT_UNKNOWN) {
        return entry->d_type == DT_DIR;
    }
    return !fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW)
           && S_ISDIR(st.st_mode);
}

/* path: of PATH_MAX bytes, and as it was afterwards. */
static void watch_below(iisr_watches_t *watches, char *path, int depth)
{
    DIR *dir = depth < DEEP ? opendir(path) : NULL;
    size_t n = strlen(path), room = PATH_MAX - n;
    const struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        if (is_folder(dir, entry)
            && (size_t)snprintf(path + n, room, "/%s", entry->d_name) < room
            && watch_one(watches, path, 1) == APR_SUCCESS) {
            watch_below(watches, path, depth + 1);
        }
        path[n] = '\0';
    }
    if (dir) {
        closedir(dir);
    }
}

static apr_status_t watch_tree(iisr_watches_t *watches, const char *path,
                               int below)
{
    char folder[PATH_MAX];
    apr_status_t rv = watch_one(watches, path, below);

    if (rv == APR_SUCCESS && strlen(path) < sizeof(folder)) {
        watch_below(watches, strcpy(folder, path), 0);
    }
    return rv;
}

apr_status_t iisr_watches_open(iisr_watches_t *watches, int notify,
                               const char *path)
{
    watches->notify = notify;
    return watch_tree(watches, path, 0);
}

void iisr_watches_add(iisr_watches_t *watches, const char *path)
{
    watch_tree(watches, path, 1);
}
