/* image.c: copies a module's file, looks at it, opens the copy; see image.h.
 * In the parent, while it reads its configuration.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_strings.h>
#include "httpd/image.h"
#include "httpd/unique.h"

/* --- copying ------------------------------------------------------------ */

typedef struct copy_t {
    const char *path;                   /* for dlopen */
    int fd;
    int has_name;                       /* a file to be removed */
} copy_t;

static const char *error_text(apr_pool_t *pool, int error)
{
    char text[120];

    return apr_pstrdup(pool, apr_strerror(error, text, sizeof(text)));
}

static int copy_bytes(int from, int to)
{
    char buffer[65536];
    ssize_t n, written, done;

    while ((n = read(from, buffer, sizeof(buffer))) != 0) {
        if (n < 0) {
            return errno;
        }
        for (done = 0; done < n; done += written) {
            if ((written = write(to, buffer + done, n - done)) < 0) {
                return errno;
            }
        }
    }
    return 0;
}

/* Beside the original, by a name that no build and no glob makes. */
static int copy_beside(apr_pool_t *pool, const char *path, copy_t *copy)
{
    const char *name = strrchr(path, '/');
    char *temporary = apr_psprintf(pool, "%.*s.%s.XXXXXX",
                                   (int)(name ? name + 1 - path : 0), path,
                                   name ? name + 1 : path);

    copy->path = temporary;
    copy->fd = mkostemp(temporary, O_CLOEXEC);
    copy->has_name = copy->fd >= 0;
    return copy->fd >= 0;
}

static int copy_in_memory(apr_pool_t *pool, const char *path, copy_t *copy)
{
    const char *name = strrchr(path, '/');

    /* 249 bytes at most; seen in /proc/<pid>/maps. */
    copy->fd = memfd_create(apr_pstrndup(pool, name ? name + 1 : path, 200),
                            MFD_CLOEXEC);
    copy->path = apr_psprintf(pool, "/proc/self/fd/%d", copy->fd);
    copy->has_name = 0;
    return copy->fd >= 0;
}

static void copy_drop(copy_t *copy)
{
    if (copy->has_name) {
        unlink(copy->path);
    }
    if (copy->fd >= 0) {
        close(copy->fd);
    }
    copy->fd = -1;
    copy->has_name = 0;
}

static int is_same(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec
           && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* NULL, or why there is none; *gives_up: nor is the original of use. */
static const char *copy_fill(apr_pool_t *pool, int from, copy_t *copy,
                             apr_off_t *size, int *gives_up)
{
    struct stat before, after;
    int error;

    if (fstat(from, &before)) {
        return error_text(pool, errno);
    }
    if ((error = copy_bytes(from, copy->fd))) {
        return error_text(pool, error);
    }
    if (fstat(from, &after) || !is_same(&before, &after)) {
        *gives_up = 1;
        return "it is being written at this moment";
    }
    *size = before.st_size;
    return NULL;
}

static const char *copy_make(apr_pool_t *pool, const char *path, copy_t *copy,
                             apr_off_t *size, int *gives_up)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    const char *reason;

    if (from < 0) {
        *gives_up = 1;
        return error_text(pool, errno);
    }
    if (copy_beside(pool, path, copy) || copy_in_memory(pool, path, copy)) {
        reason = copy_fill(pool, from, copy, size, gives_up);
        if (reason) {
            copy_drop(copy);
        }
    }
    else {
        reason = error_text(pool, errno);
    }
    close(from);
    return reason;
}

/* --- looking at it ------------------------------------------------------ */

/* The loader maps what the headers say, and what is beyond the end of the
 * file ends the process. */
static const char *check_segments(apr_pool_t *pool, const char *file,
                                  apr_size_t size)
{
    const ElfW(Ehdr) *head = (const void *)file;
    const ElfW(Phdr) *segments;
    int i;

    if (size < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG)) {
        return apr_psprintf(pool, "no ELF shared object (%lu bytes)",
                            (unsigned long)size);
    }
    if (head->e_phentsize != sizeof(*segments) || head->e_phoff > size
        || head->e_phnum * sizeof(*segments) > size - head->e_phoff) {
        return "a shared object that is cut off, or broken";
    }
    segments = (const void *)(file + head->e_phoff);
    for (i = 0; i < head->e_phnum; i++) {
        if (segments[i].p_type == PT_LOAD
            && (segments[i].p_offset > size
                || segments[i].p_filesz > size - segments[i].p_offset)) {
            return apr_psprintf(pool, "a shared object that is cut off after "
                                "%lu bytes", (unsigned long)size);
        }
    }
    return NULL;
}

static const char *check_copy(apr_pool_t *pool, const copy_t *copy,
                              apr_off_t size)
{
    const char *reason;
    void *file;

    if (!size) {
        return "an empty file";
    }
    file = mmap(NULL, size, PROT_READ, MAP_PRIVATE, copy->fd, 0);
    if (file == MAP_FAILED) {
        return error_text(pool, errno);
    }
    reason = check_segments(pool, file, size);
    munmap(file, size);
    return reason;
}

/* What ends a process as it is loaded ends this one.  That it cannot be
 * loaded is said by who tries next. */
static const char *try_elsewhere(apr_pool_t *pool, const char *path)
{
    int status = 0;
    pid_t pid = fork();

    if (!pid) {
        dlopen(path, RTLD_NOW | RTLD_LOCAL);
        _exit(0);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        return apr_psprintf(pool, "ends the process that loads it: signal %d "
                            "(%s)", WTERMSIG(status),
                            strsignal(WTERMSIG(status)));
    }
    return !status ? NULL
           : apr_psprintf(pool, "ends the process that loads it: exit code "
                          "%d", WEXITSTATUS(status));
}

/* --- what was loaded ---------------------------------------------------- */

static const char *hex(apr_pool_t *pool, const unsigned char *bytes,
                       unsigned int n)
{
    char *text = apr_palloc(pool, 2 * n + 1), *end = text;

    for (; n; n--) {
        end += sprintf(end, "%02x", *bytes++);
    }
    *end = '\0';
    return text;
}

static const char *find_build_id(apr_pool_t *pool, const char *notes,
                                 apr_size_t size)
{
    while (size >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const void *)notes;
        apr_size_t name = (note->n_namesz + 3) & ~(apr_size_t)3;
        apr_size_t whole = sizeof(*note) + name
                           + ((note->n_descsz + 3) & ~(apr_size_t)3);

        if (whole > size) {
            break;
        }
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4
            && !memcmp(notes + sizeof(*note), "GNU", 4)) {
            return hex(pool, (const unsigned char *)notes + sizeof(*note)
                             + name, note->n_descsz);
        }
        notes += whole;
        size -= whole;
    }
    return NULL;
}

typedef struct search_t {
    apr_pool_t *pool;
    ElfW(Addr) base;
    const char *build_id;
} search_t;

static int look_at_object(struct dl_phdr_info *info, size_t size, void *baton)
{
    search_t *search = baton;
    int i;

    (void)size;
    for (i = 0; info->dlpi_addr == search->base && i < info->dlpi_phnum
                && !search->build_id; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

        if (segment->p_type == PT_NOTE) {
            search->build_id = find_build_id(search->pool,
                (const char *)(info->dlpi_addr + segment->p_vaddr),
                segment->p_memsz);
        }
    }
    return search->build_id != NULL;
}

/* What dladdr, GetModuleFileName and debuggers say is the original: the copy
 * has no name any more.  The loader frees the string. */
static void image_name(apr_pool_t *pool, const char *path,
                       iisr_image_t *image)
{
    struct link_map *map = NULL;
    search_t search = { pool, 0, NULL };
    char *name;

    if (!dlinfo(image->handle, RTLD_DI_LINKMAP, &map) && map) {
        search.base = map->l_addr;
        dl_iterate_phdr(look_at_object, &search);
        if (!image->in_place && (name = strdup(path))) {
            map->l_name = name;
        }
    }
    image->build_id = search.build_id ? search.build_id : "none";
}

/* The loader's words, of the file that the administrator knows. */
static const char *own_words(apr_pool_t *pool, const char *words,
                             const char *copy, const char *path)
{
    const char *at = words && copy ? strstr(words, copy) : NULL;

    return at ? apr_psprintf(pool, "%.*s%s%s", (int)(at - words), words, path,
                             at + strlen(copy))
              : apr_pstrdup(pool, words ? words : "cannot be loaded");
}

static const char *image_load(apr_pool_t *pool, const char *path,
                              const char *copy, iisr_image_t *image)
{
    const char *reason = try_elsewhere(pool, copy);

    if (reason) {
        return reason;
    }
    image->unique = iisr_unique_symbol(pool, copy);
    image->handle = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
    return image->handle ? NULL : own_words(pool, dlerror(), copy, path);
}

const char *iisr_image_open(apr_pool_t *pool, const char *path,
                            iisr_image_t *image)
{
    copy_t copy = { NULL, -1, 0 };
    int gives_up = 0;
    const char *reason = copy_make(pool, path, &copy, &image->size,
                                   &gives_up);

    if (reason && gives_up) {
        return reason;
    }
    image->in_place = reason;
    if (!reason && (reason = check_copy(pool, &copy, image->size))) {
        copy_drop(&copy);
        return reason;
    }
    reason = image_load(pool, path, image->in_place ? path : copy.path,
                        image);
    if (reason && !image->in_place && !copy.has_name) {
        /* Away from its folder $ORIGIN is another one. */
        image->in_place = "a copy in memory does not find its libraries";
        reason = image_load(pool, path, path, image);
    }
    if (!reason) {
        image_name(pool, path, image);
    }
    copy_drop(&copy);
    return reason;
}
