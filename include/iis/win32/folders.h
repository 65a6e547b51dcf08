/*
 * win32/folders.h - what is in a folder: FindFirstFile and MSVC's _findfirst.
 *
 * The names are read at once, sorted as NTFS does, "." and ".." first. A pattern stands for the last part of a path: *
 * and ?, whatever the case of the letters; a name without them must be exact. No file has a short name of its own.
 * Pages: "FindFirstFileA function", "_findfirst, _findfirst32 ...".
 */
#ifndef IIS_WIN32_FOLDERS_H
#define IIS_WIN32_FOLDERS_H

#include "named_files.h"

/* "*.*" is any name, "x.*" also "x". */
template <typename C> bool iis_matches(const C *pattern, const C *name)
{
    const C *star = NULL, *mark = NULL;

    while (*name)
        if (*pattern == '*') {
            star = ++pattern;
            mark = name;
        }
        else if (*pattern && (*pattern == '?' || iis_wide_lower((WCHAR)*pattern) == iis_wide_lower((WCHAR)*name))) {
            pattern++;
            name++;
        }
        else if (star) {
            pattern = star;
            name = ++mark;
        }
        else
            return false;
    if (*pattern == '.' && pattern[1] == '*')
        pattern++;
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

/* ---- a search ---------------------------------------------------------------------------------------------------- */

struct iis_search {
    std::string folder;                      /* with a slash at its end, or empty */
    std::vector<std::string> names;
    size_t next;
};

/* Of a folder that can be read: all names in it. */
IIS_API bool iis_list(const std::string &folder, std::vector<std::string> &names)
{
    struct entry {                           /* the kernel's linux_dirent64 */
        unsigned long long inode;
        long long offset;
        unsigned short length;
        unsigned char type;
        char name[1];
    };
    int fd = iis_libc_open(folder.c_str(), 0200000 | IIS_O_CLOEXEC /* O_DIRECTORY */);
    std::vector<unsigned long long> buffer(4096);
    long n = 0;

    if (fd < 0)
        return false;
    while ((n = iis_libc_syscall(SYS_getdents64, fd, buffer.data(), buffer.size() * sizeof(buffer[0]))) > 0)
        for (long at = 0; at < n;) {
            const char *here = (const char *)buffer.data() + at;
            names.push_back(here + offsetof(entry, name));
            at += ((const entry *)(const void *)here)->length;
        }
    iis_libc_close(fd);
    return !n;
}
IIS_API bool iis_name_before(const std::string &left, const std::string &right)
{
    int order = iis_lstrcmp(left.c_str(), right.c_str(), true);
    return order ? order < 0 : left < right;
}
/* NULL and the last error. */
IIS_API iis_search *iis_search_for(const std::string &path)
{
    size_t slash = path.rfind('/');
    std::string pattern = slash == std::string::npos ? path : path.substr(slash + 1);
    iis_search found = {slash == std::string::npos ? "" : path.substr(0, slash + 1), {}, 0};
    iis_statx st;

    if (pattern.empty()) {
        iis_failed(path.empty() ? ERROR_PATH_NOT_FOUND : ERROR_FILE_NOT_FOUND);
        return NULL;
    }
    if (pattern.find_first_of("*?") == std::string::npos) {
        if (!iis_stat(-1, path.c_str(), &st)) {
            iis_failed_path(path);
            return NULL;
        }
        found.names.push_back(pattern);
    }
    else {
        std::vector<std::string> all;
        if (!iis_list(found.folder.empty() ? "." : found.folder, all)) {
            iis_failed(errno == ENOENT || errno == ENOTDIR ? ERROR_PATH_NOT_FOUND : iis_error_from_errno(errno));
            return NULL;
        }
        std::wstring wide = iis_widen(pattern.c_str());
        for (const std::string &name : all)
            if (iis_matches(wide.c_str(), iis_widen(name.c_str()).c_str()))
                found.names.push_back(name);
        std::sort(found.names.begin(), found.names.end(), iis_name_before);
    }
    return new iis_search(found);
}
/* The next one that is still there; NULL: no more. */
IIS_API const std::string *iis_search_next(iis_search *search, iis_statx *st)
{
    while (search->next < search->names.size()) {
        const std::string &name = search->names[search->next++];
        if (iis_stat(-1, (search->folder + name).c_str(), st))
            return &name;
    }
    return NULL;
}

/* ---- FindFirstFile ----------------------------------------------------------------------------------------------- */

typedef struct _WIN32_FIND_DATAA {
    DWORD dwFileAttributes;
    FILETIME ftCreationTime, ftLastAccessTime, ftLastWriteTime;
    DWORD nFileSizeHigh, nFileSizeLow, dwReserved0, dwReserved1;
    CHAR cFileName[MAX_PATH], cAlternateFileName[14];
} WIN32_FIND_DATAA, *PWIN32_FIND_DATAA, *LPWIN32_FIND_DATAA;
typedef struct _WIN32_FIND_DATAW {
    DWORD dwFileAttributes;
    FILETIME ftCreationTime, ftLastAccessTime, ftLastWriteTime;
    DWORD nFileSizeHigh, nFileSizeLow, dwReserved0, dwReserved1;
    WCHAR cFileName[MAX_PATH], cAlternateFileName[14];
} WIN32_FIND_DATAW, *PWIN32_FIND_DATAW, *LPWIN32_FIND_DATAW;
#ifdef UNICODE
typedef WIN32_FIND_DATAW WIN32_FIND_DATA, *PWIN32_FIND_DATA, *LPWIN32_FIND_DATA;
#else
typedef WIN32_FIND_DATAA WIN32_FIND_DATA, *PWIN32_FIND_DATA, *LPWIN32_FIND_DATA;
#endif
typedef enum _FINDEX_INFO_LEVELS { FindExInfoStandard, FindExInfoBasic } FINDEX_INFO_LEVELS;
typedef enum _FINDEX_SEARCH_OPS { FindExSearchNameMatch, FindExSearchLimitToDirectories } FINDEX_SEARCH_OPS;
#define FIND_FIRST_EX_CASE_SENSITIVE 0x1
#define FIND_FIRST_EX_LARGE_FETCH 0x2

IIS_API void iis_put_name(char *to, const std::string &name) { iis_copy_some(to, MAX_PATH, name.c_str(), _TRUNCATE); }
IIS_API void iis_put_name(WCHAR *to, const std::string &name)
{
    iis_copy_some(to, MAX_PATH, iis_widen(name.c_str()).c_str(), _TRUNCATE);
}
template <typename D> BOOL iis_find_next(iis_search *search, D *data)
{
    iis_statx st;
    const std::string *name = iis_search_next(search, &st);

    if (!name)
        return iis_failed(ERROR_NO_MORE_FILES);
    iis_fill(data, st, *name);
    iis_put_name(data->cFileName, *name);
    return TRUE;
}
template <typename D> HANDLE iis_find_first(const std::string &path, D *data)
{
    iis_search *search = iis_search_for(path);

    if (search && iis_find_next(search, data))
        return search;
    if (search)
        SetLastError(ERROR_FILE_NOT_FOUND);
    delete search;
    return INVALID_HANDLE_VALUE;
}
IIS_API HANDLE WINAPI FindFirstFileA(LPCSTR path, LPWIN32_FIND_DATAA data) { return iis_find_first(iis_path(path), data); }
IIS_API HANDLE WINAPI FindFirstFileW(LPCWSTR path, LPWIN32_FIND_DATAW data) { return iis_find_first(iis_path(path), data); }
IIS_API HANDLE WINAPI FindFirstFileExA(LPCSTR path, FINDEX_INFO_LEVELS, LPVOID data, FINDEX_SEARCH_OPS, LPVOID, DWORD)
{
    return FindFirstFileA(path, (LPWIN32_FIND_DATAA)data);
}
IIS_API HANDLE WINAPI FindFirstFileExW(LPCWSTR path, FINDEX_INFO_LEVELS, LPVOID data, FINDEX_SEARCH_OPS, LPVOID, DWORD)
{
    return FindFirstFileW(path, (LPWIN32_FIND_DATAW)data);
}
IIS_API BOOL iis_is_search(HANDLE find) { return (find && find != INVALID_HANDLE_VALUE) || iis_failed(ERROR_INVALID_HANDLE); }
IIS_API BOOL WINAPI FindNextFileA(HANDLE find, LPWIN32_FIND_DATAA data)
{
    return iis_is_search(find) && iis_find_next((iis_search *)find, data);
}
IIS_API BOOL WINAPI FindNextFileW(HANDLE find, LPWIN32_FIND_DATAW data)
{
    return iis_is_search(find) && iis_find_next((iis_search *)find, data);
}
IIS_API BOOL WINAPI FindClose(HANDLE find)
{
    if (!iis_is_search(find))
        return FALSE;
    delete (iis_search *)find;
    return TRUE;
}

/* ---- _findfirst: -1 and errno, 0 when there is one ---------------------------------------------------------------- */

template <typename C> struct iis_found {
    unsigned attrib;
    long long time_create, time_access, time_write, size;
    C name[MAX_PATH];
};
#define _finddata_t iis_found<char>
#define _finddata64_t iis_found<char>
#define _finddata64i32_t iis_found<char>
#define _finddatai64_t iis_found<char>
#define __finddata64_t iis_found<char>
#define _wfinddata_t iis_found<wchar_t>
#define _wfinddata64_t iis_found<wchar_t>
#define _wfinddata64i32_t iis_found<wchar_t>
#define _wfinddatai64_t iis_found<wchar_t>

template <typename C> int iis_found_next(iis_search *search, iis_found<C> *to)
{
    iis_statx st;
    const std::string *name = search && to ? iis_search_next(search, &st) : NULL;

    if (!name) {
        errno = search && to ? ENOENT : EINVAL;
        return -1;
    }
    DWORD attributes = iis_attributes(st, *name);
    to->attrib = attributes & FILE_ATTRIBUTE_NORMAL ? _A_NORMAL : attributes;
    to->time_create = st.mask & 0x800 ? st.created.seconds : st.changed.seconds;
    to->time_access = st.accessed.seconds;
    to->time_write = st.modified.seconds;
    to->size = (long long)st.size;
    iis_put_name(to->name, *name);
    return 0;
}
template <typename C> intptr_t iis_found_first(const std::string &path, iis_found<C> *to)
{
    iis_search *search = iis_search_for(path);
    if (!search || iis_found_next(search, to)) {
        delete search;
        errno = ENOENT;
        return -1;
    }
    return (intptr_t)search;
}
IIS_API intptr_t _findfirst(const char *path, iis_found<char> *to) { return iis_found_first(iis_path(path), to); }
IIS_API intptr_t _wfindfirst(const wchar_t *path, iis_found<wchar_t> *to) { return iis_found_first(iis_path(path), to); }
IIS_API int _findnext(intptr_t find, iis_found<char> *to) { return iis_found_next((iis_search *)find, to); }
IIS_API int _wfindnext(intptr_t find, iis_found<wchar_t> *to) { return iis_found_next((iis_search *)find, to); }
IIS_API int _findclose(intptr_t find)
{
    if (find == -1) {
        errno = ENOENT;
        return -1;
    }
    delete (iis_search *)find;
    return 0;
}
#define _findfirst64 _findfirst
#define _findnext64 _findnext
#define _findfirsti64 _findfirst
#define _findnexti64 _findnext
#define _wfindfirst64 _wfindfirst
#define _wfindnext64 _wfindnext

#define FindFirstFile IIS_AW(FindFirstFile)
#define FindFirstFileEx IIS_AW(FindFirstFileEx)
#define FindNextFile IIS_AW(FindNextFile)

#endif /* IIS_WIN32_FOLDERS_H */
