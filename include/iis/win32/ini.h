/*
 * win32/ini.h - .ini files: GetPrivateProfileString and its kin.
 *
 * A name without a folder is a file beside the module; other paths as in files.h. The text is UTF-8, or UTF-16 with its
 * mark. Names of sections and keys are the same whatever their case; of two that are alike the first counts. The file is
 * read for each call, and written by replacing it as a whole. Pages: "GetPrivateProfileStringA function" and its
 * neighbours.
 */
#ifndef IIS_WIN32_INI_H
#define IIS_WIN32_INI_H

#include "paths.h"

IIS_API std::string iis_ini_path(const std::string &name)
{
    if (name.find('/') != std::string::npos)
        return name;
    std::string module = iis_module_path();
    return module.substr(0, module.rfind('/') + 1) + name;
}
/* Of UTF-16, the little end first, behind its mark. */
IIS_API std::string iis_from_utf16(const std::string &bytes)
{
    std::wstring wide;
    for (size_t i = 2; i + 1 < bytes.size(); i += 2)
        wide += (WCHAR)((unsigned char)bytes[i] | (unsigned char)bytes[i + 1] << 8);
    return iis_narrow(wide.data(), wide.size());
}
IIS_API std::string iis_trimmed(const std::string &text)
{
    size_t first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}
/* NULL and the last error when it cannot be read. */
IIS_API bool iis_ini_read(const std::string &path, std::vector<std::string> &lines)
{
    FILE *file = fopen(path.c_str(), "re");
    std::string text;
    char buffer[4096];

    if (!file)
        return iis_failed_path(path) != FALSE;
    for (size_t n; (n = fread(buffer, 1, sizeof(buffer), file)) > 0;)
        text.append(buffer, n);
    fclose(file);
    if (!text.compare(0, 2, "\xff\xfe"))
        text = iis_from_utf16(text);
    else if (!text.compare(0, 3, "\xef\xbb\xbf"))
        text.erase(0, 3);
    for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(iis_trimmed(text.substr(at, end - at)));
        at = end + 1;
    }
    return true;
}
/* The name in [name]; false: no such line. */
IIS_API bool iis_ini_section(const std::string &line, std::string *name)
{
    size_t end = line.find(']');
    if (line.empty() || line[0] != '[' || end == std::string::npos)
        return false;
    *name = iis_trimmed(line.substr(1, end - 1));
    return true;
}
/* key = value; the value without quotes around it. */
IIS_API bool iis_ini_entry(const std::string &line, std::string *key, std::string *value)
{
    size_t equals = line.find('=');
    if (line.empty() || line[0] == ';' || line[0] == '[' || equals == std::string::npos)
        return false;
    *key = iis_trimmed(line.substr(0, equals));
    *value = iis_trimmed(line.substr(equals + 1));
    if (value->size() > 1 && ((*value)[0] == '"' || (*value)[0] == '\'') && (*value)[0] == value->back())
        *value = value->substr(1, value->size() - 2);
    return true;
}
IIS_API bool iis_ini_same(const std::string &left, const std::string &right)
{
    return !iis_lstrcmp(left.c_str(), right.c_str(), true);
}

/* The value; without a key the names of the keys, without a section those of the sections, each with a NUL; whole: the
 * lines of a section. false: there is none. */
IIS_API bool iis_ini_find(const std::string &path, const std::string *section, const std::string *key, bool whole,
                          std::string *found)
{
    std::vector<std::string> lines;
    std::string name, value;
    bool inside = false, known = !section;

    if (!iis_ini_read(path, lines))
        return false;
    for (const std::string &line : lines) {
        if (iis_ini_section(line, &name)) {
            if (inside)
                break;
            inside = section && iis_ini_same(name, *section);
            known = known || inside;
            if (!section)
                found->append(name).append(1, '\0');
        }
        else if (inside && iis_ini_entry(line, &name, &value)) {
            if (!key)
                found->append(whole ? line : name).append(1, '\0');
            else if (iis_ini_same(name, *key)) {
                *found = value;
                return true;
            }
        }
    }
    return known && !key;
}

/* The characters without the NUL; one less than the room when it was too small, two less for a list of names. */
template <typename C> DWORD iis_ini_give(const std::basic_string<C> &text, C *to, DWORD room, bool list)
{
    if (!to || !room)
        return 0;
    DWORD end = list ? 2 : 1, n = (DWORD)std::min(text.size(), (size_t)(room > end ? room - end : 0));
    memcpy(to, text.data(), n * sizeof(C));
    to[n] = 0;
    if (list && n + 1 < room)
        to[n + 1] = 0;
    return n;
}
template <typename C> DWORD iis_ini_string(const C *section, const C *key, const C *otherwise, C *to, DWORD room,
                                           const C *file)
{
    std::string wanted = section ? iis_as(section, "") : "", name = key ? iis_as(key, "") : "", found;
    bool list = !section || !key;

    SetLastError(ERROR_SUCCESS);
    if (!iis_ini_find(iis_ini_path(iis_path(file)), section ? &wanted : NULL, key ? &name : NULL, false, &found)) {
        found = otherwise ? iis_as(otherwise, "") : "";
        found.erase(found.find_last_not_of(' ') + 1);
        SetLastError(ERROR_FILE_NOT_FOUND);
    }
    const C *width = NULL;
    std::basic_string<C> text;
    for (size_t at = 0; at < found.size();) {
        std::basic_string<C> part = iis_as(found.c_str() + at, width);
        text += part;
        at += strlen(found.c_str() + at);
        if (at < found.size()) {
            text += (C)0;
            at++;
        }
    }
    return iis_ini_give(text, to, room, list);
}
IIS_API DWORD WINAPI GetPrivateProfileStringA(LPCSTR section, LPCSTR key, LPCSTR otherwise, LPSTR to, DWORD room, LPCSTR file)
{
    return iis_ini_string(section, key, otherwise, to, room, file);
}
IIS_API DWORD WINAPI GetPrivateProfileStringW(LPCWSTR section, LPCWSTR key, LPCWSTR otherwise, LPWSTR to, DWORD room,
                                              LPCWSTR file)
{
    return iis_ini_string(section, key, otherwise, to, room, file);
}
IIS_API DWORD WINAPI GetPrivateProfileSectionNamesA(LPSTR to, DWORD room, LPCSTR file)
{
    return iis_ini_string<CHAR>(NULL, NULL, NULL, to, room, file);
}
IIS_API DWORD WINAPI GetPrivateProfileSectionNamesW(LPWSTR to, DWORD room, LPCWSTR file)
{
    return iis_ini_string<WCHAR>(NULL, NULL, NULL, to, room, file);
}
template <typename C> DWORD iis_ini_lines(const C *section, C *to, DWORD room, const C *file)
{
    std::string wanted = iis_as(section, ""), found;
    std::basic_string<C> text;

    iis_ini_find(iis_ini_path(iis_path(file)), &wanted, NULL, true, &found);
    for (size_t at = 0; at < found.size(); at += strlen(found.c_str() + at) + 1)
        text += iis_as(found.c_str() + at, (const C *)NULL) + (C)0;
    return iis_ini_give(text, to, room, true);
}
IIS_API DWORD WINAPI GetPrivateProfileSectionA(LPCSTR section, LPSTR to, DWORD room, LPCSTR file)
{
    return iis_ini_lines(section, to, room, file);
}
IIS_API DWORD WINAPI GetPrivateProfileSectionW(LPCWSTR section, LPWSTR to, DWORD room, LPCWSTR file)
{
    return iis_ini_lines(section, to, room, file);
}
/* What is in front of the first character that is no digit; 0x... too. */
IIS_API UINT iis_ini_int(const std::string &section, const std::string &key, INT otherwise, const std::string &file)
{
    std::string found;
    if (!iis_ini_find(iis_ini_path(file), &section, &key, false, &found))
        return (UINT)otherwise;
    bool hex = found.size() > 2 && found[0] == '0' && (found[1] == 'x' || found[1] == 'X');
    return hex ? (UINT)strtoull(found.c_str(), NULL, 16) : (UINT)strtoll(found.c_str(), NULL, 10);
}
IIS_API UINT WINAPI GetPrivateProfileIntA(LPCSTR section, LPCSTR key, INT otherwise, LPCSTR file)
{
    return iis_ini_int(section ? section : "", key ? key : "", otherwise, iis_path(file));
}
IIS_API UINT WINAPI GetPrivateProfileIntW(LPCWSTR section, LPCWSTR key, INT otherwise, LPCWSTR file)
{
    return iis_ini_int(iis_narrow(section), iis_narrow(key), otherwise, iis_path(file));
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

IIS_API BOOL iis_ini_replace(const std::string &path, const std::vector<std::string> &lines)
{
    std::string made = path + ".new", text;
    for (const std::string &line : lines)
        text += line + "\r\n";
    FILE *file = fopen(made.c_str(), "we");
    if (!file)
        return iis_failed_path(made);
    bool written = fwrite(text.data(), 1, text.size(), file) == text.size();
    if (fclose(file) || !written || iis_libc_rename(made.c_str(), path.c_str())) {
        BOOL failed = iis_failed_errno();
        iis_libc_unlink(made.c_str());
        return failed;
    }
    return TRUE;
}
/* Without a value the key goes, without a key the section. */
IIS_API BOOL iis_ini_write(const std::string &path, const std::string &section, const std::string *key,
                           const std::string *value)
{
    std::vector<std::string> lines, out;
    std::string name, old;
    bool inside = false, done = false;

    iis_ini_read(path, lines);
    for (const std::string &line : lines) {
        bool heads = iis_ini_section(line, &name);
        if (heads && inside && !done && key && value) {
            out.push_back(*key + "=" + *value);
            done = true;
        }
        inside = heads ? iis_ini_same(name, section) && !done : inside;
        bool its_own = inside && !heads && key && iis_ini_entry(line, &name, &old) && iis_ini_same(name, *key);
        if (its_own && value && !done)
            out.push_back(*key + "=" + *value);
        else if (!its_own && (key || !inside))
            out.push_back(line);
        done = done || its_own;
    }
    if (!done && key && value) {
        if (!inside)
            out.push_back("[" + section + "]");
        out.push_back(*key + "=" + *value);
    }
    return iis_ini_replace(path, out);
}
IIS_API BOOL WINAPI WritePrivateProfileStringA(LPCSTR section, LPCSTR key, LPCSTR value, LPCSTR file)
{
    std::string name = key ? key : "", text = value ? value : "";
    if (!section || !file)
        return iis_failed(ERROR_INVALID_PARAMETER);
    return iis_ini_write(iis_ini_path(iis_path(file)), section, key ? &name : NULL, value ? &text : NULL);
}
IIS_API BOOL WINAPI WritePrivateProfileStringW(LPCWSTR section, LPCWSTR key, LPCWSTR value, LPCWSTR file)
{
    return WritePrivateProfileStringA(section ? iis_narrow(section).c_str() : NULL, key ? iis_narrow(key).c_str() : NULL,
                                      value ? iis_narrow(value).c_str() : NULL, file ? iis_narrow(file).c_str() : NULL);
}

#define GetPrivateProfileString IIS_AW(GetPrivateProfileString)
#define GetPrivateProfileInt IIS_AW(GetPrivateProfileInt)
#define GetPrivateProfileSection IIS_AW(GetPrivateProfileSection)
#define GetPrivateProfileSectionNames IIS_AW(GetPrivateProfileSectionNames)
#define WritePrivateProfileString IIS_AW(WritePrivateProfileString)

#endif /* IIS_WIN32_INI_H */
