/*
 * win32/paths.h - the text of paths: the full one, the current folder, MSVC's _fullpath, _splitpath and _makepath. Both
 * slashes separate; what is made here has /. Pages: "GetFullPathNameA function", "_fullpath, _wfullpath",
 * "_splitpath_s, _wsplitpath_s", "_makepath_s, _wmakepath_s".
 */
#ifndef IIS_WIN32_PATHS_H
#define IIS_WIN32_PATHS_H

#include "named_files.h"
#include "process.h"

IIS_API std::string iis_current_folder()
{
    char path[4096];
    return iis_libc_getcwd(path, sizeof(path)) ? path : "/";
}
/* Without . and .. and doubled slashes; a slash at the end stays. */
IIS_API std::string iis_full_path(const std::string &path)
{
    std::string whole = path[0] == '/' ? path : iis_current_folder() + "/" + path, out;

    for (size_t at = 0; at < whole.size();) {
        size_t end = std::min(whole.find('/', at), whole.size());
        std::string part = whole.substr(at, end - at);
        if (part == "..")
            out.erase(std::min(out.rfind('/'), out.size()));
        else if (!part.empty() && part != ".")
            out += "/" + part;
        at = end + 1;
    }
    return out.empty() || whole[whole.size() - 1] == '/' ? out + "/" : out;
}

/* The length; what is needed with the NUL when the room is too small. *name: the last part, NULL when there is none. */
template <typename C> DWORD iis_give_path(const std::basic_string<C> &path, C *to, DWORD room, C **name)
{
    DWORD n = iis_give(path, to, room);
    if (name)
        *name = n < room && path[path.size() - 1] != '/' ? to + path.rfind((C)'/') + 1 : NULL;
    return n;
}
IIS_API DWORD WINAPI GetFullPathNameA(LPCSTR path, DWORD room, LPSTR to, LPSTR *name)
{
    if (!path || !*path)
        return (DWORD)iis_failed(ERROR_INVALID_NAME);
    return iis_give_path(iis_full_path(iis_path(path)), to, room, name);
}
IIS_API DWORD WINAPI GetFullPathNameW(LPCWSTR path, DWORD room, LPWSTR to, LPWSTR *name)
{
    if (!path || !*path)
        return (DWORD)iis_failed(ERROR_INVALID_NAME);
    return iis_give_path(iis_widen(iis_full_path(iis_path(path)).c_str()), to, room, name);
}
/* No file has two names: the same path, if there is such a file. */
IIS_API DWORD WINAPI GetLongPathNameA(LPCSTR path, LPSTR to, DWORD room)
{
    return GetFileAttributesA(path) == INVALID_FILE_ATTRIBUTES ? 0 : iis_give(std::string(path), to, room);
}
IIS_API DWORD WINAPI GetLongPathNameW(LPCWSTR path, LPWSTR to, DWORD room)
{
    return GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES ? 0 : iis_give(std::wstring(path), to, room);
}
IIS_API DWORD WINAPI GetShortPathNameA(LPCSTR path, LPSTR to, DWORD room) { return GetLongPathNameA(path, to, room); }
IIS_API DWORD WINAPI GetShortPathNameW(LPCWSTR path, LPWSTR to, DWORD room) { return GetLongPathNameW(path, to, room); }

/* Of the open file, without links. */
IIS_API std::string iis_path_of(HANDLE file)
{
    char link[64], path[4096];
    int fd = iis_fd_of(file);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = fd < 0 ? -1 : iis_libc_readlink(link, path, sizeof(path));
    if (n <= 0)
        iis_failed(ERROR_INVALID_HANDLE);
    return n > 0 ? std::string(path, (size_t)n) : std::string();
}
IIS_API DWORD WINAPI GetFinalPathNameByHandleA(HANDLE file, LPSTR to, DWORD room, DWORD)
{
    std::string path = iis_path_of(file);
    return path.empty() ? 0 : iis_give(path, to, room);
}
IIS_API DWORD WINAPI GetFinalPathNameByHandleW(HANDLE file, LPWSTR to, DWORD room, DWORD)
{
    std::wstring path = iis_widen(iis_path_of(file).c_str());
    return path.empty() ? 0 : iis_give(path, to, room);
}

/* ---- the current folder: the process's, and so the server's --------------------------------------------------------- */

IIS_API DWORD WINAPI GetCurrentDirectoryA(DWORD room, LPSTR to) { return iis_give(iis_current_folder(), to, room); }
IIS_API DWORD WINAPI GetCurrentDirectoryW(DWORD room, LPWSTR to)
{
    return iis_give(iis_widen(iis_current_folder().c_str()), to, room);
}
IIS_API BOOL WINAPI SetCurrentDirectoryA(LPCSTR path)
{
    return iis_libc_chdir(iis_path(path).c_str()) ? iis_failed_path(iis_path(path)) : TRUE;
}
IIS_API BOOL WINAPI SetCurrentDirectoryW(LPCWSTR path) { return SetCurrentDirectoryA(iis_narrow(path).c_str()); }

/* ---- MSVC's ------------------------------------------------------------------------------------------------------ */

/* to NULL: from malloc. NULL and errno. */
template <typename C> C *iis_fullpath(C *to, const std::basic_string<C> &path, size_t room)
{
    if (!to)
        return iis_duplicate(path.c_str());
    if (path.size() >= room) {
        errno = ERANGE;
        return NULL;
    }
    memcpy(to, path.c_str(), (path.size() + 1) * sizeof(C));
    return to;
}
IIS_API char *_fullpath(char *to, const char *path, size_t room)
{
    return iis_fullpath(to, path && *path ? iis_full_path(iis_path(path)) : iis_current_folder(), room);
}
IIS_API wchar_t *_wfullpath(wchar_t *to, const wchar_t *path, size_t room)
{
    std::string full = path && *path ? iis_full_path(iis_path(path)) : iis_current_folder();
    return iis_fullpath(to, iis_widen(full.c_str()), room);
}

template <typename C> const C *iis_last_separator(const C *path, const C *end)
{
    for (; end > path; end--)
        if (end[-1] == '/' || end[-1] == '\\')
            return end;
    return path;
}
template <typename C> errno_t iis_part(C *dest, size_t room, const C *from, const C *end)
{
    if (!dest)
        return 0;
    return iis_copy_some(dest, room, from, (size_t)(end - from));
}
/* drive is always empty. */
template <typename C> errno_t iis_split_path(const C *path, C *drive, size_t drive_room, C *dir, size_t dir_room,
                                             C *name, size_t name_room, C *ext, size_t ext_room)
{
    if (!path)
        return iis_invalid(EINVAL);
    const C *end = path + iis_length(path, (size_t)-1);
    const C *base = iis_last_separator(path, end), *dot = end;
    for (const C *at = base; at < end; at++)
        if (*at == '.')
            dot = at;
    errno_t error = iis_part(drive, drive_room, path, path);
    if (!error)
        error = iis_part(dir, dir_room, path, base);
    if (!error)
        error = iis_part(name, name_room, base, dot);
    return error ? error : iis_part(ext, ext_room, dot, end);
}
IIS_API errno_t _splitpath_s(const char *path, char *drive, size_t drive_room, char *dir, size_t dir_room, char *name,
                             size_t name_room, char *ext, size_t ext_room)
{
    return iis_split_path(path, drive, drive_room, dir, dir_room, name, name_room, ext, ext_room);
}
IIS_API errno_t _wsplitpath_s(const wchar_t *path, wchar_t *drive, size_t drive_room, wchar_t *dir, size_t dir_room,
                              wchar_t *name, size_t name_room, wchar_t *ext, size_t ext_room)
{
    return iis_split_path(path, drive, drive_room, dir, dir_room, name, name_room, ext, ext_room);
}
IIS_API void _splitpath(const char *path, char *drive, char *dir, char *name, char *ext)
{
    iis_split_path(path, drive, 3, dir, 256, name, 256, ext, 256);
}
IIS_API void _wsplitpath(const wchar_t *path, wchar_t *drive, wchar_t *dir, wchar_t *name, wchar_t *ext)
{
    iis_split_path(path, drive, 3, dir, 256, name, 256, ext, 256);
}
template <size_t D, size_t F, size_t N, size_t E>
errno_t _splitpath_s(const char *path, char (&drive)[D], char (&dir)[F], char (&name)[N], char (&ext)[E])
{
    return iis_split_path(path, drive, D, dir, F, name, N, ext, E);
}
template <size_t D, size_t F, size_t N, size_t E>
errno_t _wsplitpath_s(const wchar_t *path, wchar_t (&drive)[D], wchar_t (&dir)[F], wchar_t (&name)[N], wchar_t (&ext)[E])
{
    return iis_split_path(path, drive, D, dir, F, name, N, ext, E);
}

template <typename C> errno_t iis_make_path(C *to, size_t room, const C *drive, const C *dir, const C *name, const C *ext)
{
    std::basic_string<C> path;

    if (!to || !room)
        return iis_invalid(EINVAL);
    if (drive && *drive)
        path.append(1, *drive).append(1, (C)':');
    if (dir && *dir) {
        path += dir;
        if (path[path.size() - 1] != '/' && path[path.size() - 1] != '\\')
            path += (C)'/';
    }
    if (name)
        path += name;
    if (ext && *ext)
        path.append(*ext == '.' ? 0 : 1, (C)'.').append(ext);
    return iis_copy(to, room, path.c_str());
}
IIS_API errno_t _makepath_s(char *to, size_t room, const char *drive, const char *dir, const char *name, const char *ext)
{
    return iis_make_path(to, room, drive, dir, name, ext);
}
IIS_API errno_t _wmakepath_s(wchar_t *to, size_t room, const wchar_t *drive, const wchar_t *dir, const wchar_t *name,
                             const wchar_t *ext)
{
    return iis_make_path(to, room, drive, dir, name, ext);
}
template <size_t N>
errno_t _makepath_s(char (&to)[N], const char *drive, const char *dir, const char *name, const char *ext)
{
    return iis_make_path(to, N, drive, dir, name, ext);
}
template <size_t N>
errno_t _wmakepath_s(wchar_t (&to)[N], const wchar_t *drive, const wchar_t *dir, const wchar_t *name, const wchar_t *ext)
{
    return iis_make_path(to, N, drive, dir, name, ext);
}
/* _MAX_PATH characters of room. */
IIS_API void _makepath(char *to, const char *drive, const char *dir, const char *name, const char *ext)
{
    iis_make_path(to, _MAX_PATH, drive, dir, name, ext);
}
IIS_API void _wmakepath(wchar_t *to, const wchar_t *drive, const wchar_t *dir, const wchar_t *name, const wchar_t *ext)
{
    iis_make_path(to, _MAX_PATH, drive, dir, name, ext);
}

#define GetFullPathName IIS_AW(GetFullPathName)
#define GetLongPathName IIS_AW(GetLongPathName)
#define GetShortPathName IIS_AW(GetShortPathName)
#define GetFinalPathNameByHandle IIS_AW(GetFinalPathNameByHandle)
#define GetCurrentDirectory IIS_AW(GetCurrentDirectory)
#define SetCurrentDirectory IIS_AW(SetCurrentDirectory)

#endif /* IIS_WIN32_PATHS_H */
