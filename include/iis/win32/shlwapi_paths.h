/*
 * win32/shlwapi_paths.h - the text of paths as <shlwapi.h> and <pathcch.h> take it apart and put it together. Both slashes
 * separate and what is added is /; "C:" is a root, although no file is there. Buffers have MAX_PATH characters where no
 * size is given. Pages: "PathCombineA function" and its neighbours, "PathCchCombine function".
 */
#ifndef IIS_WIN32_SHLWAPI_PATHS_H
#define IIS_WIN32_SHLWAPI_PATHS_H

#include "folders.h"

template <typename C> bool iis_is_slash(C c) { return c == '/' || c == '\\'; }
template <typename C> bool iis_has_drive(const C *path)
{
    return iis_ascii_lower((int)path[0]) >= 'a' && iis_ascii_lower((int)path[0]) <= 'z' && path[1] == ':';
}
/* The characters of "/", "C:", "C:/" or "\\server\share\"; 0: relative. */
template <typename C> size_t iis_root(const C *path)
{
    if (path[0] == '\\' && path[1] == '\\') {
        size_t n = 2;
        for (int part = 0; part < 2; part++) {
            while (path[n] && !iis_is_slash(path[n]))
                n++;
            n += path[n] != 0;
        }
        return n;
    }
    if (iis_has_drive(path))
        return iis_is_slash(path[2]) ? 3 : 2;
    return iis_is_slash(path[0]);
}
template <typename C> C *iis_end(C *text)
{
    while (*text)
        text++;
    return text;
}
/* The last part, a slash behind it included. */
template <typename C> C *iis_find_name(C *path)
{
    C *name = path;
    for (; *path; path++)
        if ((iis_is_slash(path[0]) || path[0] == ':') && path[1] && !iis_is_slash(path[1]))
            name = path + 1;
    return name;
}
/* The dot, or the end. */
template <typename C> C *iis_find_extension(C *path)
{
    C *dot = NULL;
    for (; *path; path++)
        if (*path == '.')
            dot = path;
        else if (iis_is_slash(*path) || *path == ' ')
            dot = NULL;
    return dot ? dot : path;
}
template <typename C> bool iis_remove_name(C *path)
{
    C *root = path + iis_root(path), *end = iis_end(path), *cut = end;
    while (cut > root && !iis_is_slash(cut[-1]))
        cut--;
    while (cut > root && iis_is_slash(cut[-1]))
        cut--;
    *cut = 0;
    return cut != end;
}
template <typename C> C *iis_add_slash(C *path, size_t room)
{
    C *end = iis_end(path);
    if (end > path && !iis_is_slash(end[-1])) {
        if ((size_t)(end - path) + 2 > room)
            return NULL;
        *end++ = '/';
        *end = 0;
    }
    return end;
}
template <typename C> C *iis_remove_slash(C *path)
{
    C *end = iis_end(path);
    if ((size_t)(end - path) > iis_root(path) && iis_is_slash(end[-1]))
        *--end = 0;
    return end;
}
template <typename C> bool iis_add_extension(C *path, const C *extension, size_t room)
{
    return *iis_find_extension(path) == 0 && !iis_copy_some(iis_end(path), room - (size_t)(iis_end(path) - path), extension,
                                                            _TRUNCATE);
}
template <typename C> bool iis_set_extension(C *path, const C *extension, size_t room)
{
    C *dot = iis_find_extension(path);
    if ((size_t)(dot - path) + iis_length(extension, room) >= room)
        return false;
    return !iis_copy(dot, room - (size_t)(dot - path), extension);
}
/* Without . and ..; an empty one is the root. */
template <typename C> std::basic_string<C> iis_canonical(const C *path)
{
    size_t root = iis_root(path);
    std::basic_string<C> out(path, root);

    for (const C *at = path + root; *at;) {
        const C *end = at;
        while (*end && !iis_is_slash(*end))
            end++;
        size_t length = (size_t)(end - at);
        if (length == 2 && at[0] == '.' && at[1] == '.') {
            while (out.size() > root && iis_is_slash(out[out.size() - 1]))
                out.erase(out.size() - 1);
            while (out.size() > root && !iis_is_slash(out[out.size() - 1]))
                out.erase(out.size() - 1);
        }
        else if (length != 1 || at[0] != '.')
            out.append(at, length + (*end != 0));
        at = end + (*end != 0);
    }
    /* What stood in front of the dots at the end. */
    const C *tail = iis_find_name(path);
    if (out.size() > root && iis_is_slash(out[out.size() - 1]) && *tail == '.'
        && (!tail[1] || (tail[1] == '.' && !tail[2])))
        out.erase(out.size() - 1);
    return out.empty() && *path ? std::basic_string<C>(1, (C)'/') : out;
}
/* file as it is seen from folder. */
template <typename C> std::basic_string<C> iis_combined(const C *folder, const C *file)
{
    std::basic_string<C> out;

    if (!file || !*file)
        return iis_canonical(folder ? folder : file);
    if (!folder || !*folder || iis_has_drive(file) || (file[0] == '\\' && file[1] == '\\'))
        return iis_canonical(file);
    if (iis_is_slash(file[0]))
        out.assign(folder, iis_has_drive(folder) ? 2 : 0);
    else {
        out = folder;
        if (!iis_is_slash(out[out.size() - 1]))
            out += (C)'/';
    }
    return iis_canonical((out + file).c_str());
}
template <typename C> C *iis_combine(C *to, const C *folder, const C *file, size_t room)
{
    if (!to)
        return NULL;
    std::basic_string<C> path;
    if (folder || file)
        path = iis_combined(folder, file);
    bool fits = (folder || file) && path.size() < room;
    iis_copy(to, room, fits ? path.c_str() : std::basic_string<C>().c_str());
    return fits ? to : NULL;
}
/* more is below path, whatever slash it begins with. */
template <typename C> bool iis_append_path(C *path, const C *more, size_t room)
{
    while (iis_is_slash(*more) && !(more[0] == '\\' && more[1] == '\\'))
        more++;
    std::basic_string<C> folder = path, joined = iis_combined(folder.c_str(), more);
    return joined.size() < room && !iis_copy(path, room, joined.c_str());
}
template <typename C> bool iis_matches_one_of(const C *name, const C *patterns)
{
    while (true) {
        while (*patterns == ' ')
            patterns++;
        const C *end = patterns;
        while (*end && *end != ';')
            end++;
        if (iis_matches(std::basic_string<C>(patterns, (size_t)(end - patterns)).c_str(), name))
            return true;
        if (!*end)
            return false;
        patterns = end + 1;
    }
}
template <typename C> bool iis_is_url(const C *path)
{
    const C *at = path;
    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '+' || *at == '.')
        at++;
    return *at == ':' && at - path > 1;
}

/* ---- <shlwapi.h>: the same for both widths ------------------------------------------------------------------------- */

#define IIS_PATHS(C, W) \
    IIS_API C *WINAPI PathFindFileName##W(const C *path) { return const_cast<C *>(iis_find_name(path)); } \
    IIS_API C *WINAPI PathFindExtension##W(const C *path) { return const_cast<C *>(iis_find_extension(path)); } \
    IIS_API C *WINAPI PathSkipRoot##W(const C *path) \
    { return path && iis_root(path) ? const_cast<C *>(path + iis_root(path)) : NULL; } \
    IIS_API BOOL WINAPI PathRemoveFileSpec##W(C *path) { return path && iis_remove_name(path); } \
    IIS_API void WINAPI PathStripPath##W(C *path) \
    { C *name = iis_find_name(path); memmove(path, name, (size_t)(iis_end(name) - name + 1) * sizeof(C)); } \
    IIS_API BOOL WINAPI PathStripToRoot##W(C *path) { path[iis_root(path)] = 0; return *path != 0; } \
    IIS_API void WINAPI PathRemoveExtension##W(C *path) { *iis_find_extension(path) = 0; } \
    IIS_API BOOL WINAPI PathAddExtension##W(C *path, const C *extension) \
    { return iis_add_extension(path, extension, MAX_PATH); } \
    IIS_API BOOL WINAPI PathRenameExtension##W(C *path, const C *extension) \
    { return iis_set_extension(path, extension, MAX_PATH); } \
    IIS_API C *WINAPI PathAddBackslash##W(C *path) { return iis_add_slash(path, MAX_PATH); } \
    IIS_API C *WINAPI PathRemoveBackslash##W(C *path) { return iis_remove_slash(path); } \
    IIS_API BOOL WINAPI PathCanonicalize##W(C *to, const C *path) \
    { return iis_combine(to, (const C *)NULL, path, MAX_PATH) != NULL; } \
    IIS_API C *WINAPI PathCombine##W(C *to, const C *folder, const C *file) \
    { return iis_combine(to, folder, file, MAX_PATH); } \
    IIS_API BOOL WINAPI PathAppend##W(C *path, const C *more) { return iis_append_path(path, more, MAX_PATH); } \
    IIS_API BOOL WINAPI PathIsRelative##W(const C *path) { return !path || !iis_root(path); } \
    IIS_API BOOL WINAPI PathIsRoot##W(const C *path) { return *path && !path[iis_root(path)]; } \
    IIS_API BOOL WINAPI PathIsUNC##W(const C *path) { return path[0] == '\\' && path[1] == '\\'; } \
    IIS_API BOOL WINAPI PathIsURL##W(const C *path) { return iis_is_url(path); } \
    IIS_API BOOL WINAPI PathIsFileSpec##W(const C *path) \
    { \
        while (*path && !iis_is_slash(*path) && *path != ':') \
            path++; \
        return !*path; \
    } \
    IIS_API int WINAPI PathGetDriveNumber##W(const C *path) \
    { return iis_has_drive(path) ? iis_ascii_lower((int)path[0]) - 'a' : -1; } \
    IIS_API BOOL WINAPI PathMatchSpec##W(const C *name, const C *patterns) { return iis_matches_one_of(name, patterns); } \
    IIS_API BOOL WINAPI PathFileExists##W(const C *path) \
    { return GetFileAttributes##W(path) != INVALID_FILE_ATTRIBUTES; } \
    IIS_API BOOL WINAPI PathIsDirectory##W(const C *path) \
    { return PathFileExists##W(path) ? (BOOL)(GetFileAttributes##W(path) & FILE_ATTRIBUTE_DIRECTORY) : FALSE; } \
    IIS_API BOOL WINAPI PathQuoteSpaces##W(C *path) \
    { \
        std::basic_string<C> quoted = (C)'"' + std::basic_string<C>(path) + (C)'"'; \
        return quoted.find((C)' ') != std::basic_string<C>::npos && !iis_copy(path, MAX_PATH, quoted.c_str()); \
    } \
    IIS_API BOOL WINAPI PathUnquoteSpaces##W(C *path) \
    { \
        std::basic_string<C> text = path; \
        bool quoted = text.size() > 1 && text[0] == '"' && text[text.size() - 1] == '"'; \
        if (quoted) \
            iis_copy(path, text.size(), text.substr(1, text.size() - 2).c_str()); \
        return quoted; \
    }
IIS_PATHS(CHAR, A)
IIS_PATHS(WCHAR, W)
#undef IIS_PATHS

#define PathFindFileName IIS_AW(PathFindFileName)
#define PathFindExtension IIS_AW(PathFindExtension)
#define PathSkipRoot IIS_AW(PathSkipRoot)
#define PathRemoveFileSpec IIS_AW(PathRemoveFileSpec)
#define PathStripPath IIS_AW(PathStripPath)
#define PathStripToRoot IIS_AW(PathStripToRoot)
#define PathRemoveExtension IIS_AW(PathRemoveExtension)
#define PathAddExtension IIS_AW(PathAddExtension)
#define PathRenameExtension IIS_AW(PathRenameExtension)
#define PathAddBackslash IIS_AW(PathAddBackslash)
#define PathRemoveBackslash IIS_AW(PathRemoveBackslash)
#define PathCanonicalize IIS_AW(PathCanonicalize)
#define PathCombine IIS_AW(PathCombine)
#define PathAppend IIS_AW(PathAppend)
#define PathIsRelative IIS_AW(PathIsRelative)
#define PathIsRoot IIS_AW(PathIsRoot)
#define PathIsUNC IIS_AW(PathIsUNC)
#define PathIsURL IIS_AW(PathIsURL)
#define PathIsFileSpec IIS_AW(PathIsFileSpec)
#define PathGetDriveNumber IIS_AW(PathGetDriveNumber)
#define PathMatchSpec IIS_AW(PathMatchSpec)
#define PathFileExists IIS_AW(PathFileExists)
#define PathIsDirectory IIS_AW(PathIsDirectory)
#define PathQuoteSpaces IIS_AW(PathQuoteSpaces)
#define PathUnquoteSpaces IIS_AW(PathUnquoteSpaces)

/* ---- <pathcch.h> ------------------------------------------------------------------------------------------------- */

#define PATHCCH_MAX_CCH 0x8000
#define PATHCCH_E_FILENAME_TOO_LONG ((HRESULT)0x800700CEU)

IIS_API HRESULT iis_path_fits(bool fits) { return fits ? S_OK : PATHCCH_E_FILENAME_TOO_LONG; }
IIS_API HRESULT WINAPI PathCchCombine(PWSTR to, size_t room, PCWSTR folder, PCWSTR file)
{
    return !to || !room ? E_INVALIDARG : iis_path_fits(iis_combine(to, folder, file, room) != NULL);
}
IIS_API HRESULT WINAPI PathCchAppend(PWSTR path, size_t room, PCWSTR more)
{
    return !path || !more ? E_INVALIDARG : iis_path_fits(iis_append_path(path, more, room));
}
IIS_API HRESULT WINAPI PathCchCanonicalize(PWSTR to, size_t room, PCWSTR path)
{
    return PathCchCombine(to, room, NULL, path);
}
IIS_API HRESULT WINAPI PathCchRemoveFileSpec(PWSTR path, size_t) { return iis_remove_name(path) ? S_OK : S_FALSE; }
IIS_API HRESULT WINAPI PathCchAddBackslash(PWSTR path, size_t room)
{
    PWSTR before = iis_end(path), after = iis_add_slash(path, room);
    return !after ? E_NOT_SUFFICIENT_BUFFER : before == after ? S_FALSE : S_OK;
}
IIS_API HRESULT WINAPI PathCchRemoveBackslash(PWSTR path, size_t)
{
    PWSTR before = iis_end(path);
    return iis_remove_slash(path) == before ? S_FALSE : S_OK;
}
IIS_API HRESULT WINAPI PathCchRenameExtension(PWSTR path, size_t room, PCWSTR extension)
{
    return iis_path_fits(iis_set_extension(path, extension, room));
}
IIS_API HRESULT WINAPI PathCchRemoveExtension(PWSTR path, size_t)
{
    PWSTR dot = iis_find_extension(path);
    bool had = *dot != 0;
    *dot = 0;
    return had ? S_OK : S_FALSE;
}
IIS_API HRESULT WINAPI PathCchFindExtension(PCWSTR path, size_t, PCWSTR *extension)
{
    *extension = iis_find_extension(path);
    return S_OK;
}

#endif /* IIS_WIN32_SHLWAPI_PATHS_H */
