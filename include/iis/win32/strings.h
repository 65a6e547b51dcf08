/*
 * win32/strings.h - the strings of kernel32 and user32: lstrcpy and its kin, CharLower, wsprintf, CompareStringOrdinal;
 * and the macros that stand for the A or the W form.
 *
 * lstrcmp compares code points, not words of a language as Windows does: the order of "a" and "B" differs from there.
 */
#ifndef IIS_WIN32_STRINGS_H
#define IIS_WIN32_STRINGS_H

#include "crt_stdio.h"

#ifdef UNICODE
#define IIS_AW(name) name##W
#else
#define IIS_AW(name) name##A
#endif

#define CSTR_LESS_THAN 1
#define CSTR_EQUAL 2
#define CSTR_GREATER_THAN 3
#define LOCALE_USER_DEFAULT 0x0400
#define LOCALE_SYSTEM_DEFAULT 0x0800
#define LOCALE_INVARIANT 0x007f
#define LOCALE_NEUTRAL 0
#define NORM_IGNORECASE 0x00000001
#define SORT_STRINGSORT 0x00001000
#define LANG_NEUTRAL 0x00
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_ENGLISH_US 0x01
#define MAKELANGID(p, s) ((((WORD)(s)) << 10) | (WORD)(p))
#define MAKELCID(l, s) ((DWORD)((((DWORD)((WORD)(s))) << 16) | ((DWORD)((WORD)(l)))))
#define SORT_DEFAULT 0

template <typename C> int iis_order(const C *left, size_t left_length, const C *right, size_t right_length, bool fold)
{
    for (size_t i = 0;; i++) {
        if (i == left_length || i == right_length)
            return left_length == right_length ? 0 : i == left_length ? -1 : 1;
        WCHAR a = (WCHAR)left[i], b = (WCHAR)right[i];
        if (fold) {
            a = iis_wide_upper(a);
            b = iis_wide_upper(b);
        }
        if (a != b)
            return a < b ? -1 : 1;
    }
}
/* NULL is less than any string. */
IIS_API int iis_lstrcmp(LPCWSTR left, LPCWSTR right, bool fold)
{
    if (!left || !right)
        return left ? 1 : right ? -1 : 0;
    return iis_order(left, wcslen(left), right, wcslen(right), fold);
}
IIS_API int iis_lstrcmp(LPCSTR left, LPCSTR right, bool fold)
{
    if (!left || !right)
        return left ? 1 : right ? -1 : 0;
    return iis_lstrcmp(iis_widen(left).c_str(), iis_widen(right).c_str(), fold);
}

IIS_API int WINAPI lstrlenA(LPCSTR s) { return s ? (int)strlen(s) : 0; }
IIS_API int WINAPI lstrlenW(LPCWSTR s) { return s ? (int)wcslen(s) : 0; }
IIS_API LPSTR WINAPI lstrcpyA(LPSTR to, LPCSTR from) { return to && from ? strcpy(to, from) : NULL; }
IIS_API LPWSTR WINAPI lstrcpyW(LPWSTR to, LPCWSTR from) { return to && from ? wcscpy(to, from) : NULL; }
IIS_API LPSTR WINAPI lstrcatA(LPSTR to, LPCSTR from) { return to && from ? strcat(to, from) : NULL; }
IIS_API LPWSTR WINAPI lstrcatW(LPWSTR to, LPCWSTR from) { return to && from ? wcscat(to, from) : NULL; }
IIS_API int WINAPI lstrcmpA(LPCSTR a, LPCSTR b) { return iis_lstrcmp(a, b, false); }
IIS_API int WINAPI lstrcmpW(LPCWSTR a, LPCWSTR b) { return iis_lstrcmp(a, b, false); }
IIS_API int WINAPI lstrcmpiA(LPCSTR a, LPCSTR b) { return iis_lstrcmp(a, b, true); }
IIS_API int WINAPI lstrcmpiW(LPCWSTR a, LPCWSTR b) { return iis_lstrcmp(a, b, true); }

/* room counts the NUL. */
template <typename C> C *iis_lstrcpyn(C *to, const C *from, int room)
{
    if (!to || !from || room <= 0)
        return NULL;
    size_t length = iis_length(from, (size_t)room - 1);
    memmove(to, from, length * sizeof(C));
    to[length] = 0;
    return to;
}
IIS_API LPSTR WINAPI lstrcpynA(LPSTR to, LPCSTR from, int room) { return iis_lstrcpyn(to, from, room); }
IIS_API LPWSTR WINAPI lstrcpynW(LPWSTR to, LPCWSTR from, int room) { return iis_lstrcpyn(to, from, room); }

/* 1,024 characters with the NUL are written at most. Page: "wsprintfA function". */
template <typename C> int iis_wsprintf(C *to, long length)
{
    size_t n = length < 0 ? 0 : length < 1024 ? (size_t)length : 1023;
    to[n] = 0;
    return (int)n;
}
template <typename... A> int wsprintfA(LPSTR to, LPCSTR format, A... values)
{
    return iis_wsprintf(to, iis_format_all(to, 1023, format, values...));
}
template <typename... A> int wsprintfW(LPWSTR to, LPCWSTR format, A... values)
{
    return iis_wsprintf(to, iis_format_all(to, 1023, format, values...));
}
IIS_API int WINAPI wvsprintfA(LPSTR to, LPCSTR format, va_list list)
{
    return iis_wsprintf(to, iis_format_list(to, 1023, format, list));
}
IIS_API int WINAPI wvsprintfW(LPWSTR to, LPCWSTR format, va_list list)
{
    return iis_wsprintf(to, iis_format_list(to, 1023, format, list));
}

/* ---- case -------------------------------------------------------------------------------------------------------- */

IIS_API void iis_fold_wide(LPWSTR text, size_t length, WCHAR (*fold)(WCHAR))
{
    for (size_t i = 0; i < length; i++)
        text[i] = fold(text[i]);
}
/* ASCII in place: a letter beyond it may need another number of bytes. */
IIS_API void iis_fold_narrow(LPSTR text, size_t length, int (*fold)(int))
{
    for (size_t i = 0; i < length; i++)
        text[i] = (char)fold(text[i]);
}
/* A pointer below 64 K is a single character. */
IIS_API LPWSTR WINAPI CharLowerW(LPWSTR text)
{
    if ((ULONG_PTR)text < 0x10000)
        return (LPWSTR)(ULONG_PTR)iis_wide_lower((WCHAR)(ULONG_PTR)text);
    iis_fold_wide(text, wcslen(text), iis_wide_lower);
    return text;
}
IIS_API LPWSTR WINAPI CharUpperW(LPWSTR text)
{
    if ((ULONG_PTR)text < 0x10000)
        return (LPWSTR)(ULONG_PTR)iis_wide_upper((WCHAR)(ULONG_PTR)text);
    iis_fold_wide(text, wcslen(text), iis_wide_upper);
    return text;
}
IIS_API LPSTR WINAPI CharLowerA(LPSTR text)
{
    if ((ULONG_PTR)text < 0x10000)
        return (LPSTR)(ULONG_PTR)(unsigned char)iis_ascii_lower((int)(ULONG_PTR)text);
    iis_fold_narrow(text, strlen(text), iis_ascii_lower);
    return text;
}
IIS_API LPSTR WINAPI CharUpperA(LPSTR text)
{
    if ((ULONG_PTR)text < 0x10000)
        return (LPSTR)(ULONG_PTR)(unsigned char)iis_ascii_upper((int)(ULONG_PTR)text);
    iis_fold_narrow(text, strlen(text), iis_ascii_upper);
    return text;
}
IIS_API DWORD WINAPI CharLowerBuffW(LPWSTR text, DWORD n) { iis_fold_wide(text, n, iis_wide_lower); return n; }
IIS_API DWORD WINAPI CharUpperBuffW(LPWSTR text, DWORD n) { iis_fold_wide(text, n, iis_wide_upper); return n; }
IIS_API DWORD WINAPI CharLowerBuffA(LPSTR text, DWORD n) { iis_fold_narrow(text, n, iis_ascii_lower); return n; }
IIS_API DWORD WINAPI CharUpperBuffA(LPSTR text, DWORD n) { iis_fold_narrow(text, n, iis_ascii_upper); return n; }
IIS_API LPWSTR WINAPI CharNextW(LPCWSTR s) { return (LPWSTR)(*s ? s + 1 : s); }
IIS_API LPWSTR WINAPI CharPrevW(LPCWSTR start, LPCWSTR s) { return (LPWSTR)(s > start ? s - 1 : start); }
IIS_API LPSTR WINAPI CharNextA(LPCSTR s)
{
    long wide;
    return (LPSTR)(*s ? s + iis_utf8_decode((const unsigned char *)s, strlen(s), &wide) : s);
}
IIS_API LPSTR WINAPI CharPrevA(LPCSTR start, LPCSTR s)
{
    if (s > start)
        do
            s--;
        while (s > start && (*s & 0xc0) == 0x80);
    return (LPSTR)s;
}
IIS_API BOOL WINAPI IsCharAlphaW(WCHAR c) { return iswalpha_l((wint_t)c, iis_case_locale()) != 0; }
IIS_API BOOL WINAPI IsCharAlphaNumericW(WCHAR c) { return iswalnum_l((wint_t)c, iis_case_locale()) != 0; }
IIS_API BOOL WINAPI IsCharAlphaA(CHAR c) { return iis_ascii_lower(c) != iis_ascii_upper(c); }
IIS_API BOOL WINAPI IsCharAlphaNumericA(CHAR c) { return IsCharAlphaA(c) || (c >= '0' && c <= '9'); }

/* 0 and ERROR_INVALID_PARAMETER, or CSTR_*. A length of -1: up to the NUL. */
IIS_API int WINAPI CompareStringOrdinal(LPCWSTR left, int left_length, LPCWSTR right, int right_length, BOOL ignore)
{
    if (!left || !right || left_length < -1 || right_length < -1)
        return iis_failed(ERROR_INVALID_PARAMETER);
    return 2 + iis_order(left, left_length < 0 ? wcslen(left) : (size_t)left_length,
                         right, right_length < 0 ? wcslen(right) : (size_t)right_length, ignore != FALSE);
}
IIS_API int WINAPI CompareStringW(LCID, DWORD flags, LPCWSTR left, int left_length, LPCWSTR right, int right_length)
{
    return CompareStringOrdinal(left, left_length, right, right_length, (flags & NORM_IGNORECASE) != 0);
}
IIS_API int WINAPI CompareStringA(LCID, DWORD flags, LPCSTR left, int left_length, LPCSTR right, int right_length)
{
    if (!left || !right || left_length < -1 || right_length < -1)
        return iis_failed(ERROR_INVALID_PARAMETER);
    std::wstring a = iis_widen(left, left_length < 0 ? strlen(left) : (size_t)left_length);
    std::wstring b = iis_widen(right, right_length < 0 ? strlen(right) : (size_t)right_length);
    return 2 + iis_order(a.data(), a.size(), b.data(), b.size(), (flags & NORM_IGNORECASE) != 0);
}

#define lstrlen IIS_AW(lstrlen)
#define lstrcpy IIS_AW(lstrcpy)
#define lstrcpyn IIS_AW(lstrcpyn)
#define lstrcat IIS_AW(lstrcat)
#define lstrcmp IIS_AW(lstrcmp)
#define lstrcmpi IIS_AW(lstrcmpi)
#define wsprintf IIS_AW(wsprintf)
#define wvsprintf IIS_AW(wvsprintf)
#define CharLower IIS_AW(CharLower)
#define CharUpper IIS_AW(CharUpper)
#define CharLowerBuff IIS_AW(CharLowerBuff)
#define CharUpperBuff IIS_AW(CharUpperBuff)
#define CharNext IIS_AW(CharNext)
#define CharPrev IIS_AW(CharPrev)
#define IsCharAlpha IIS_AW(IsCharAlpha)
#define IsCharAlphaNumeric IIS_AW(IsCharAlphaNumeric)
#define CompareString IIS_AW(CompareString)

#endif /* IIS_WIN32_STRINGS_H */
