/*
 * win32/crt_stdio.h - MSVC's printf family on format.h, and opening of files. sprintf, swprintf, printf and their kin of
 * ISO C get overloads that see the types of their arguments; without arguments, and as std::, they are libc's own.
 * Pages: "sprintf_s ...", "_snprintf_s ...", "snprintf, _snprintf, _snwprintf ...".
 */
#ifndef IIS_WIN32_CRT_STDIO_H
#define IIS_WIN32_CRT_STDIO_H

#include "crt_convert.h"

/* Ends what fits; the form of sprintf_s: all of it, or nothing. */
template <typename C> int iis_print_secure(C *dest, size_t room, const C *format, iis_args &args)
{
    if (!dest || !room || !format) {
        iis_invalid(EINVAL);
        return -1;
    }
    long length = iis_format(dest, room, format, args);
    if (length < 0 || (size_t)length >= room) {
        iis_refuse(dest, length < 0 ? EINVAL : ERANGE);
        return -1;
    }
    dest[length] = 0;
    return (int)length;
}

template <typename C> int iis_print_some(C *dest, size_t room, size_t count, const C *format, iis_args &args)
{
    if (!dest && !room && !count)
        return 0;
    if (!dest || !room || !format) {
        iis_invalid(EINVAL);
        return -1;
    }
    size_t most = count < room - 1 ? count : room - 1;
    long length = iis_format(dest, most, format, args);
    if (length < 0 || ((size_t)length > most && count >= room && count != _TRUNCATE)) {
        iis_refuse(dest, length < 0 ? EINVAL : ERANGE);
        return -1;
    }
    dest[(size_t)length < most ? (size_t)length : most] = 0;
    return (size_t)length > most ? -1 : (int)length;
}

/* As before ISO C's: no NUL when the text fills the buffer, -1 when it is longer. */
template <typename C> int iis_print_unended(C *dest, size_t count, const C *format, iis_args &args)
{
    if (!format || (!dest && count)) {
        iis_invalid(EINVAL);
        return -1;
    }
    long length = iis_format(dest, count, format, args);
    if (length < 0 || (dest && (size_t)length > count))
        return -1;
    if (dest && (size_t)length < count)
        dest[length] = 0;
    return (int)length;
}

/* ISO C's snprintf: always ended, the whole length. */
template <typename C> int iis_print_iso(C *dest, size_t room, const C *format, iis_args &args)
{
    long length = iis_format(dest, room ? room - 1 : 0, format, args);
    if (length >= 0 && room)
        dest[(size_t)length < room ? (size_t)length : room - 1] = 0;
    return (int)length;
}
/* ISO C's swprintf: -1 when it does not fit. */
IIS_API int iis_print_wide(wchar_t *dest, size_t room, const wchar_t *format, iis_args &args)
{
    int length = iis_print_iso(dest, room, format, args);
    return length >= 0 && (size_t)length >= room ? -1 : length;
}

template <typename C> int iis_print_count(const C *format, iis_args &args)
{
    return (int)iis_format((C *)NULL, 0, format, args);
}

/* Wide text is written as UTF-8, so that the stream stays one of bytes. */
IIS_API bool iis_write_text(FILE *to, const char *text, size_t length) { return fwrite(text, 1, length, to) == length; }
IIS_API bool iis_write_text(FILE *to, const wchar_t *text, size_t length)
{
    std::string narrow = iis_narrow(text, length);
    return fwrite(narrow.data(), 1, narrow.size(), to) == narrow.size();
}
template <typename C> int iis_print_stored(FILE *to, const C *text, long length)
{
    return iis_write_text(to, text, (size_t)length) ? (int)length : -1;
}

#define IIS_ARGS iis_arg iis_list[] = {iis_make_arg(0), iis_make_arg(values)...}; \
    iis_args args(iis_list + 1, sizeof...(A))
#define IIS_VA va_list iis_va; va_start(iis_va, format); iis_args args(iis_va); va_end(iis_va)

/* The functions of one width. */
#define IIS_PRINTERS(C, secure, vsecure, some, vsome, old, vold, count, vcount) \
    template <typename... A> int secure(C *dest, size_t room, const C *format, A... values) \
    { IIS_ARGS; return iis_print_secure(dest, room, format, args); } \
    template <size_t N, typename... A> int secure(C (&dest)[N], const C *format, A... values) \
    { IIS_ARGS; return iis_print_secure(dest, N, format, args); } \
    IIS_API int vsecure(C *dest, size_t room, const C *format, va_list list) \
    { iis_args args(list); return iis_print_secure(dest, room, format, args); } \
    template <size_t N> int vsecure(C (&dest)[N], const C *format, va_list list) \
    { return vsecure(dest, N, format, list); } \
    template <typename... A> int some(C *dest, size_t room, size_t count, const C *format, A... values) \
    { IIS_ARGS; return iis_print_some(dest, room, count, format, args); } \
    template <size_t N, typename... A> int some(C (&dest)[N], size_t count, const C *format, A... values) \
    { IIS_ARGS; return iis_print_some(dest, N, count, format, args); } \
    IIS_API int vsome(C *dest, size_t room, size_t count, const C *format, va_list list) \
    { iis_args args(list); return iis_print_some(dest, room, count, format, args); } \
    template <size_t N> int vsome(C (&dest)[N], size_t count, const C *format, va_list list) \
    { return vsome(dest, N, count, format, list); } \
    template <typename... A> int old(C *dest, size_t count, const C *format, A... values) \
    { IIS_ARGS; return iis_print_unended(dest, count, format, args); } \
    IIS_API int vold(C *dest, size_t count, const C *format, va_list list) \
    { iis_args args(list); return iis_print_unended(dest, count, format, args); } \
    template <typename... A> int count(const C *format, A... values) \
    { IIS_ARGS; return iis_print_count(format, args); } \
    IIS_API int vcount(const C *format, va_list list) \
    { iis_args args(list); return iis_print_count(format, args); }

IIS_PRINTERS(char, sprintf_s, vsprintf_s, _snprintf_s, _vsnprintf_s, _snprintf, _vsnprintf, _scprintf, _vscprintf)
IIS_PRINTERS(wchar_t, swprintf_s, vswprintf_s, _snwprintf_s, _vsnwprintf_s, _snwprintf, _vsnwprintf, _scwprintf,
             _vscwprintf)
#undef IIS_PRINTERS

IIS_API int vsnprintf_s(char *dest, size_t room, size_t count, const char *format, va_list list)
{
    return _vsnprintf_s(dest, room, count, format, list);
}

/* ---- to streams -------------------------------------------------------------------------------------------------- */

template <typename C> int iis_print_to(FILE *to, const C *format, iis_args &args, iis_args &again)
{
    C small[512];
    long length = to && format ? iis_format(small, 512, format, args) : -1;

    if (length < 0) {
        iis_invalid(EINVAL);
        return -1;
    }
    if (length <= 512)
        return iis_print_stored(to, small, length);
    std::basic_string<C> text((size_t)length, (C)0);
    iis_format(&text[0], text.size(), format, again);
    return iis_print_stored(to, text.data(), length);
}
template <typename C> int iis_vprint_to(FILE *to, const C *format, va_list list)
{
    iis_args args(list), again(list);
    return iis_print_to(to, format, args, again);
}
template <typename C, typename... A> int iis_print_all(FILE *to, const C *format, A... values)
{
    IIS_ARGS;
    iis_args again(iis_list + 1, sizeof...(A));
    return iis_print_to(to, format, args, again);
}

template <typename... A> int fprintf_s(FILE *to, const char *format, A... v) { return iis_print_all(to, format, v...); }
template <typename... A> int fwprintf_s(FILE *to, const wchar_t *format, A... v)
{
    return iis_print_all(to, format, v...);
}
template <typename... A> int printf_s(const char *format, A... v) { return iis_print_all(stdout, format, v...); }
template <typename... A> int wprintf_s(const wchar_t *format, A... v) { return iis_print_all(stdout, format, v...); }
IIS_API int vfprintf_s(FILE *to, const char *format, va_list list) { return iis_vprint_to(to, format, list); }
IIS_API int vfwprintf_s(FILE *to, const wchar_t *format, va_list list) { return iis_vprint_to(to, format, list); }
IIS_API int vprintf_s(const char *format, va_list list) { return iis_vprint_to(stdout, format, list); }
IIS_API int vwprintf_s(const wchar_t *format, va_list list) { return iis_vprint_to(stdout, format, list); }

/* ---- overloads of ISO C's names: at least one argument after the format ------------------------------------------ */

template <typename T, typename... A> int sprintf(char *dest, const char *format, T value, A... more)
{
    const iis_arg list[] = {iis_make_arg(value), iis_make_arg(more)...};
    iis_args args(list, 1 + sizeof...(A));
    return iis_print_iso(dest, INT_MAX, format, args);
}
template <typename T, typename... A> int snprintf(char *dest, size_t room, const char *format, T value, A... more)
{
    const iis_arg list[] = {iis_make_arg(value), iis_make_arg(more)...};
    iis_args args(list, 1 + sizeof...(A));
    return iis_print_iso(dest, room, format, args);
}
template <typename T, typename... A> int swprintf(wchar_t *dest, size_t room, const wchar_t *format, T value, A... more)
{
    const iis_arg list[] = {iis_make_arg(value), iis_make_arg(more)...};
    iis_args args(list, 1 + sizeof...(A));
    return iis_print_wide(dest, room, format, args);
}
/* Without a size, as it was before ISO C. */
template <typename T, typename... A> int swprintf(wchar_t *dest, const wchar_t *format, T value, A... more)
{
    const iis_arg list[] = {iis_make_arg(value), iis_make_arg(more)...};
    iis_args args(list, 1 + sizeof...(A));
    return iis_print_iso(dest, INT_MAX, format, args);
}
template <typename... A> int _swprintf(wchar_t *dest, const wchar_t *format, A... values)
{
    IIS_ARGS;
    return iis_print_iso(dest, INT_MAX, format, args);
}
template <typename T, typename... A> int printf(const char *format, T value, A... more)
{
    return iis_print_all(stdout, format, value, more...);
}
template <typename T, typename... A> int wprintf(const wchar_t *format, T value, A... more)
{
    return iis_print_all(stdout, format, value, more...);
}
template <typename T, typename... A> int fprintf(FILE *to, const char *format, T value, A... more)
{
    return iis_print_all(to, format, value, more...);
}
template <typename T, typename... A> int fwprintf(FILE *to, const wchar_t *format, T value, A... more)
{
    return iis_print_all(to, format, value, more...);
}
#undef IIS_ARGS
#undef IIS_VA

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* MSVC's modes: b, t, ccs=... say nothing here; N and the rest are left out. Paths: see files.h. */
IIS_API std::string iis_open_mode(const char *mode)
{
    std::string plain;
    for (; *mode && *mode != ','; mode++)
        if (strchr("rwa+x", *mode))
            plain += *mode;
    return plain + "e";
}
IIS_API std::string iis_path(const char *path)
{
    std::string made = path ? path : "";
    for (char &c : made)
        if (c == '\\')
            c = '/';
    if (!made.compare(0, 4, "//?/"))         /* "as it stands", for long paths */
        made.erase(0, 4);
    return made;
}
IIS_API std::string iis_path(const WCHAR *path) { return iis_path(iis_narrow(path).c_str()); }

template <typename C> errno_t iis_open_stream(FILE **to, const C *path, const char *mode)
{
    if (!to)
        return iis_invalid(EINVAL);
    *to = NULL;
    if (!path || !mode)
        return iis_invalid(EINVAL);
    *to = fopen(iis_path(path).c_str(), iis_open_mode(mode).c_str());
    return *to ? 0 : errno;
}
IIS_API errno_t fopen_s(FILE **to, const char *path, const char *mode) { return iis_open_stream(to, path, mode); }
IIS_API errno_t _wfopen_s(FILE **to, const wchar_t *path, const wchar_t *mode)
{
    return iis_open_stream(to, path, mode ? iis_narrow(mode).c_str() : NULL);
}
/* share: advice on Windows, nothing here. */
#define _SH_COMPAT 0x00
#define _SH_DENYRW 0x10
#define _SH_DENYWR 0x20
#define _SH_DENYRD 0x30
#define _SH_DENYNO 0x40
IIS_API FILE *_fsopen(const char *path, const char *mode, int)
{
    FILE *file;
    fopen_s(&file, path, mode);
    return file;
}
IIS_API FILE *_wfsopen(const wchar_t *path, const wchar_t *mode, int)
{
    FILE *file;
    _wfopen_s(&file, path, mode);
    return file;
}
IIS_API FILE *_wfopen(const wchar_t *path, const wchar_t *mode) { return _wfsopen(path, mode, 0); }
IIS_API errno_t freopen_s(FILE **to, const char *path, const char *mode, FILE *stream)
{
    if (!to || !path || !mode || !stream)
        return iis_invalid(EINVAL);
    *to = freopen(iis_path(path).c_str(), iis_open_mode(mode).c_str(), stream);
    return *to ? 0 : errno;
}
IIS_API FILE *_wfreopen(const wchar_t *path, const wchar_t *mode, FILE *stream)
{
    return freopen(iis_path(path).c_str(), iis_open_mode(iis_narrow(mode).c_str()).c_str(), stream);
}
IIS_API int _flushall() { return fflush(NULL); }
IIS_API int _fileno(FILE *file) { return fileno(file); }
IIS_API int _fseeki64(FILE *file, long long offset, int origin) { return fseek(file, (long)offset, origin); }
IIS_API long long _ftelli64(FILE *file) { return ftell(file); }

#endif /* IIS_WIN32_CRT_STDIO_H */
