/* unique.c: g++ without -fno-gnu-unique makes the statics of inline
 * functions unique in the process, whatever dlopen's flags: two modules with
 * the same helper header would share them.
 */
#include <elf.h>
#include <apr_file_io.h>
#include <apr_mmap.h>
#include <apr_strings.h>
#include "httpd/unique.h"

#ifndef STB_GNU_UNIQUE
#define STB_GNU_UNIQUE 10
#endif

static int within(apr_size_t size, Elf64_Off offset, Elf64_Xword length)
{
    return offset <= size && length <= size - offset;
}

static const char *find_unique(const char *file, apr_size_t size,
                               const Elf64_Shdr *symbols,
                               const Elf64_Shdr *names)
{
    const Elf64_Sym *sym = (const void *)(file + symbols->sh_offset);
    apr_size_t n = symbols->sh_size / sizeof(*sym), i;

    if (!within(size, symbols->sh_offset, symbols->sh_size)
        || !within(size, names->sh_offset, names->sh_size)) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        /* An undefined one is the C++ library's. */
        if (ELF64_ST_BIND(sym[i].st_info) == STB_GNU_UNIQUE
            && sym[i].st_shndx != SHN_UNDEF
            && sym[i].st_name < names->sh_size) {
            return file + names->sh_offset + sym[i].st_name;
        }
    }
    return NULL;
}

static const char *scan(const char *file, apr_size_t size)
{
    const Elf64_Ehdr *head = (const void *)file;
    const Elf64_Shdr *sections;
    int i;

    if (size < sizeof(*head) || head->e_ident[EI_CLASS] != ELFCLASS64
        || !within(size, head->e_shoff,
                   (Elf64_Xword)head->e_shnum * sizeof(*sections))) {
        return NULL;
    }
    sections = (const void *)(file + head->e_shoff);
    for (i = 0; i < head->e_shnum; i++) {
        if (sections[i].sh_type == SHT_DYNSYM
            && sections[i].sh_link < head->e_shnum) {
            return find_unique(file, size, &sections[i],
                               &sections[sections[i].sh_link]);
        }
    }
    return NULL;
}

const char *iisr_unique_symbol(apr_pool_t *pool, const char *path)
{
    apr_pool_t *scratch;
    apr_file_t *file;
    apr_finfo_t info;
    apr_mmap_t *map;
    const char *name = NULL;

    apr_pool_create(&scratch, pool);
    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, scratch) == APR_SUCCESS
        && apr_file_info_get(&info, APR_FINFO_SIZE, file) == APR_SUCCESS
        && info.size > 0
        && apr_mmap_create(&map, file, 0, info.size, APR_MMAP_READ, scratch)
           == APR_SUCCESS) {
        name = scan(map->mm, info.size);
        name = name ? apr_pstrdup(pool, name) : NULL;
    }
    apr_pool_destroy(scratch);
    return name;
}
