/*
 * win32/crt_strings.h - MSVC's strings: the secure copies with their forms for arrays, comparison without case, and the
 * names with an underscore. What one function does for char another does for wchar_t: both come from one template.
 * Pages: "strcpy_s, wcscpy_s, _mbscpy_s" and their neighbours.
 */
#ifndef IIS_WIN32_CRT_STRINGS_H
#define IIS_WIN32_CRT_STRINGS_H

#include "crt.h"

template <typename C> size_t iis_length(const C *text, size_t most)
{
    size_t n = 0;
    while (n < most && text[n])
        n++;
    return n;
}

template <typename C> errno_t iis_refuse(C *dest, errno_t error)
{
    dest[0] = 0;
    return iis_invalid(error);
}

template <typename C> errno_t iis_copy(C *dest, size_t room, const C *source)
{
    if (!dest || !room)
        return iis_invalid(EINVAL);
    if (!source)
        return iis_refuse(dest, EINVAL);
    size_t length = iis_length(source, room);
    if (length == room)
        return iis_refuse(dest, ERANGE);
    memmove(dest, source, (length + 1) * sizeof(C));
    return 0;
}

/* count _TRUNCATE: what fits, and STRUNCATE without the handler when that is not all. */
template <typename C> errno_t iis_copy_some(C *dest, size_t room, const C *source, size_t count)
{
    if (!dest && !room && !count)
        return 0;
    if (!dest || !room)
        return iis_invalid(EINVAL);
    if (!count) {
        dest[0] = 0;
        return 0;
    }
    if (!source)
        return iis_refuse(dest, EINVAL);
    size_t length = iis_length(source, count < room ? count : room);
    if (length == room && count != _TRUNCATE)
        return iis_refuse(dest, ERANGE);
    bool cut = length == room;
    length -= cut;
    memmove(dest, source, length * sizeof(C));
    dest[length] = 0;
    return cut ? STRUNCATE : 0;
}

template <typename C> errno_t iis_append_some(C *dest, size_t room, const C *source, size_t count)
{
    if (!dest && !room && !count)
        return 0;
    if (!dest || !room)
        return iis_invalid(EINVAL);
    size_t at = iis_length(dest, room);
    if (at == room || (!source && count))
        return iis_refuse(dest, EINVAL);
    if (!count)
        return 0;
    errno_t error = iis_copy_some(dest + at, room - at, source, count);
    if (error == ERANGE)
        dest[0] = 0;
    return error;
}

template <typename C> errno_t iis_append(C *dest, size_t room, const C *source)
{
    if (!dest || !room)
        return iis_invalid(EINVAL);
    size_t at = iis_length(dest, room);
    if (at == room || !source)
        return iis_refuse(dest, EINVAL);
    size_t length = iis_length(source, room - at);
    if (length == room - at)
        return iis_refuse(dest, ERANGE);
    memmove(dest + at, source, (length + 1) * sizeof(C));
    return 0;
}

template <typename C> errno_t iis_set_some(C *dest, size_t room, C c, size_t count)
{
    if (!dest || iis_length(dest, room) == room)
        return iis_invalid(EINVAL);
    for (size_t i = 0; i < count && dest[i]; i++)
        dest[i] = c;
    return 0;
}

template <typename C> int iis_compare_folded(const C *left, const C *right, size_t count)
{
    if (!left || !right) {
        iis_invalid(EINVAL);
        return INT_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        int a = iis_ascii_lower((int)left[i]), b = iis_ascii_lower((int)right[i]);
        if (sizeof(C) == 1)
            a &= 0xff, b &= 0xff;
        if (a != b)
            return a < b ? -1 : 1;
        if (!a)
            break;
    }
    return 0;
}

template <typename C> C *iis_fold_in_place(C *text, int (*fold)(int))
{
    for (C *at = text; at && *at; at++)
        *at = (C)fold((int)*at);
    return text;
}
template <typename C> errno_t iis_fold_bounded(C *text, size_t room, int (*fold)(int))
{
    if (!text)
        return iis_invalid(EINVAL);
    if (iis_length(text, room) == room) {
        if (room)
            text[0] = 0;
        return iis_invalid(EINVAL);
    }
    iis_fold_in_place(text, fold);
    return 0;
}

template <typename C> C *iis_reverse(C *text)
{
    size_t length = iis_length(text, (size_t)-1);
    for (size_t i = 0; i < length / 2; i++)
        std::swap(text[i], text[length - 1 - i]);
    return text;
}

template <typename C> C *iis_duplicate(const C *text)
{
    size_t bytes = text ? (iis_length(text, (size_t)-1) + 1) * sizeof(C) : 0;
    C *copy = text ? (C *)malloc(bytes) : NULL;
    if (copy)
        memcpy(copy, text, bytes);
    return copy;
}

template <typename C> bool iis_is_delimiter(C c, const C *delimiters)
{
    for (; *delimiters; delimiters++)
        if (*delimiters == c)
            return true;
    return false;
}
template <typename C> C *iis_token(C *text, const C *delimiters, C **context)
{
    C *at = text ? text : context ? *context : NULL;

    if (!at || !delimiters || !context) {
        iis_invalid(EINVAL);
        return NULL;
    }
    while (*at && iis_is_delimiter(*at, delimiters))
        at++;
    C *start = at;
    while (*at && !iis_is_delimiter(*at, delimiters))
        at++;
    if (*at)
        *at++ = 0;
    *context = at;
    return *start ? start : NULL;
}

/* name for pointers, and for an array, whose size is known. */
#define IIS_COPIES(C, copy, copy_some, append, append_some, set, set_some, lower, upper) \
    IIS_API errno_t copy(C *dest, size_t room, const C *source) { return iis_copy(dest, room, source); } \
    template <size_t N> errno_t copy(C (&dest)[N], const C *source) { return iis_copy(dest, N, source); } \
    IIS_API errno_t copy_some(C *dest, size_t room, const C *source, size_t count) \
    { return iis_copy_some(dest, room, source, count); } \
    template <size_t N> errno_t copy_some(C (&dest)[N], const C *source, size_t count) \
    { return iis_copy_some(dest, N, source, count); } \
    IIS_API errno_t append(C *dest, size_t room, const C *source) { return iis_append(dest, room, source); } \
    template <size_t N> errno_t append(C (&dest)[N], const C *source) { return iis_append(dest, N, source); } \
    IIS_API errno_t append_some(C *dest, size_t room, const C *source, size_t count) \
    { return iis_append_some(dest, room, source, count); } \
    template <size_t N> errno_t append_some(C (&dest)[N], const C *source, size_t count) \
    { return iis_append_some(dest, N, source, count); } \
    IIS_API errno_t set(C *dest, size_t room, C c) { return iis_set_some(dest, room, c, room); } \
    IIS_API errno_t set_some(C *dest, size_t room, C c, size_t count) { return iis_set_some(dest, room, c, count); } \
    IIS_API errno_t lower(C *text, size_t room) { return iis_fold_bounded(text, room, iis_ascii_lower); } \
    template <size_t N> errno_t lower(C (&text)[N]) { return iis_fold_bounded(text, N, iis_ascii_lower); } \
    IIS_API errno_t upper(C *text, size_t room) { return iis_fold_bounded(text, room, iis_ascii_upper); } \
    template <size_t N> errno_t upper(C (&text)[N]) { return iis_fold_bounded(text, N, iis_ascii_upper); }

IIS_COPIES(char, strcpy_s, strncpy_s, strcat_s, strncat_s, _strset_s, _strnset_s, _strlwr_s, _strupr_s)
IIS_COPIES(wchar_t, wcscpy_s, wcsncpy_s, wcscat_s, wcsncat_s, _wcsset_s, _wcsnset_s, _wcslwr_s, _wcsupr_s)
#undef IIS_COPIES

IIS_API size_t strnlen_s(const char *text, size_t room) { return text ? iis_length(text, room) : 0; }
IIS_API size_t wcsnlen_s(const wchar_t *text, size_t room) { return text ? iis_length(text, room) : 0; }

IIS_API int _stricmp(const char *left, const char *right) { return iis_compare_folded(left, right, (size_t)-1); }
IIS_API int _strcmpi(const char *left, const char *right) { return iis_compare_folded(left, right, (size_t)-1); }
IIS_API int _strnicmp(const char *left, const char *right, size_t n) { return iis_compare_folded(left, right, n); }
IIS_API int _wcsicmp(const wchar_t *left, const wchar_t *right) { return iis_compare_folded(left, right, (size_t)-1); }
IIS_API int _wcsnicmp(const wchar_t *left, const wchar_t *right, size_t n)
{
    return iis_compare_folded(left, right, n);
}
IIS_API int _strncoll(const char *left, const char *right, size_t n) { return strncmp(left, right, n); }
IIS_API int _wcsncoll(const wchar_t *left, const wchar_t *right, size_t n) { return wcsncmp(left, right, n); }
IIS_API int _strnicoll(const char *left, const char *right, size_t n) { return _strnicmp(left, right, n); }
IIS_API int _wcsnicoll(const wchar_t *left, const wchar_t *right, size_t n) { return _wcsnicmp(left, right, n); }
IIS_API int _stricoll(const char *left, const char *right) { return _stricmp(left, right); }
IIS_API int _wcsicoll(const wchar_t *left, const wchar_t *right) { return _wcsicmp(left, right); }
/* The names before MSVC put an underscore in front; strcasecmp is in <string.h>. */
IIS_API int stricmp(const char *left, const char *right) { return _stricmp(left, right); }
IIS_API int strcmpi(const char *left, const char *right) { return _stricmp(left, right); }
IIS_API int strnicmp(const char *left, const char *right, size_t n) { return _strnicmp(left, right, n); }
IIS_API int wcsicmp(const wchar_t *left, const wchar_t *right) { return _wcsicmp(left, right); }
IIS_API int wcsnicmp(const wchar_t *left, const wchar_t *right, size_t n) { return _wcsnicmp(left, right, n); }

IIS_API char *_strlwr(char *text) { return iis_fold_in_place(text, iis_ascii_lower); }
IIS_API char *_strupr(char *text) { return iis_fold_in_place(text, iis_ascii_upper); }
IIS_API wchar_t *_wcslwr(wchar_t *text) { return iis_fold_in_place(text, iis_ascii_lower); }
IIS_API wchar_t *_wcsupr(wchar_t *text) { return iis_fold_in_place(text, iis_ascii_upper); }
IIS_API char *strlwr(char *text) { return _strlwr(text); }
IIS_API char *strupr(char *text) { return _strupr(text); }
IIS_API wchar_t *wcslwr(wchar_t *text) { return _wcslwr(text); }
IIS_API wchar_t *wcsupr(wchar_t *text) { return _wcsupr(text); }
template <typename C> C *iis_fill_text(C *text, C with, size_t count)
{
    for (size_t i = 0; i < count && text[i]; i++)
        text[i] = with;
    return text;
}
IIS_API char *_strset(char *text, int c) { return iis_fill_text(text, (char)c, (size_t)-1); }
IIS_API char *_strnset(char *text, int c, size_t count) { return iis_fill_text(text, (char)c, count); }
IIS_API wchar_t *_wcsset(wchar_t *text, wchar_t c) { return iis_fill_text(text, c, (size_t)-1); }
IIS_API wchar_t *_wcsnset(wchar_t *text, wchar_t c, size_t count) { return iis_fill_text(text, c, count); }
IIS_API char *_strrev(char *text) { return iis_reverse(text); }
IIS_API wchar_t *_wcsrev(wchar_t *text) { return iis_reverse(text); }
IIS_API char *_strdup(const char *text) { return iis_duplicate(text); }
IIS_API wchar_t *_wcsdup(const wchar_t *text) { return iis_duplicate(text); }

IIS_API char *strtok_s(char *text, const char *delimiters, char **context)
{
    return iis_token(text, delimiters, context);
}
IIS_API wchar_t *wcstok_s(wchar_t *text, const wchar_t *delimiters, wchar_t **context)
{
    return iis_token(text, delimiters, context);
}

/* As it was before ISO C gave it a context. */
IIS_API wchar_t *wcstok(wchar_t *text, const wchar_t *delimiters)
{
    static thread_local wchar_t *context;
    return text || context ? iis_token(text, delimiters, &context) : NULL;
}

IIS_API errno_t strerror_s(char *buffer, size_t room, int number)
{
    char text[128] = "Unknown error";
    const char *said = strerror_r(number, text, sizeof(text));
    if (!buffer || !room)
        return iis_invalid(EINVAL);
    iis_copy_some(buffer, room, said, _TRUNCATE);
    return 0;
}
template <size_t N> errno_t strerror_s(char (&buffer)[N], int number) { return strerror_s(buffer, N, number); }

IIS_API int __iscsym(int c) { return (unsigned)c < 0x80 && (iis_ascii_lower(c) != iis_ascii_upper(c)
                                     || (c >= '0' && c <= '9') || c == '_'); }

#endif /* IIS_WIN32_CRT_STRINGS_H */
