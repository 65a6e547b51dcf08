/*
 * win32/shlwapi_strings.h - the strings of <shlwapi.h>: StrStrI, StrCmpNI, StrTrim, StrToIntEx ..., and URLs' escapes.
 * Comparing is of code points, as lstrcmp here; an escaped byte of a URL is one of UTF-8.
 * Pages: "StrStrIA function" and its neighbours, "UrlUnescapeA function".
 */
#ifndef IIS_WIN32_SHLWAPI_STRINGS_H
#define IIS_WIN32_SHLWAPI_STRINGS_H

#include "memory.h"
#include "strings.h"

#define STIF_DEFAULT 0
#define STIF_SUPPORT_HEX 1
#define URL_ESCAPE_SPACES_ONLY 0x04000000
#define URL_DONT_ESCAPE_EXTRA_INFO 0x02000000
#define URL_DONT_UNESCAPE_EXTRA_INFO 0x02000000
#define URL_ESCAPE_PERCENT 0x00001000
#define URL_ESCAPE_SEGMENT_ONLY 0x00002000
#define URL_ESCAPE_AS_UTF8 0x00040000
#define URL_UNESCAPE_INPLACE 0x00100000
#define URL_UNESCAPE_AS_UTF8 URL_ESCAPE_AS_UTF8

/* A char is a byte: only ASCII letters have case there. */
IIS_API unsigned iis_folded(CHAR c, bool fold) { return (unsigned char)(fold ? iis_ascii_lower(c) : c); }
IIS_API unsigned iis_folded(WCHAR c, bool fold) { return (unsigned)(fold ? iis_wide_lower(c) : c); }

/* At most most characters of each. */
template <typename C> int iis_compare_text(const C *left, const C *right, size_t most, bool fold)
{
    if (!left || !right)
        return left ? 1 : right ? -1 : 0;
    for (size_t i = 0; i < most; i++) {
        unsigned a = iis_folded(left[i], fold), b = iis_folded(right[i], fold);
        if (a != b)
            return a < b ? -1 : 1;
        if (!a)
            break;
    }
    return 0;
}
template <typename C> C *iis_find_text(const C *text, const C *wanted, bool fold)
{
    size_t length = wanted ? iis_length(wanted, (size_t)-1) : 0;
    for (; text && length && *text; text++)
        if (!iis_compare_text(text, wanted, length, fold))
            return const_cast<C *>(text);
    return NULL;
}
/* The last one that begins before end. */
template <typename C> C *iis_find_last(const C *text, const C *end, const C *wanted, bool fold)
{
    C *found = NULL;
    if (!text || !wanted || !*wanted)
        return NULL;
    for (; end ? text < end : *text != 0; text++)
        if (!iis_compare_text(text, wanted, iis_length(wanted, (size_t)-1), fold))
            found = const_cast<C *>(text);
    return found;
}
template <typename C> C *iis_find_one(const C *text, C wanted, bool fold)
{
    C pattern[2] = {wanted, 0};
    return iis_find_text(text, pattern, fold);
}
template <typename C> C *iis_find_one_last(const C *text, const C *end, C wanted, bool fold)
{
    C pattern[2] = {wanted, 0};
    return iis_find_last(text, end, pattern, fold);
}
/* How many in front are of the set, or are not. */
template <typename C> int iis_span(const C *text, const C *set, bool of_set)
{
    int n = 0;
    while (text[n] && iis_is_delimiter(text[n], set) == of_set)
        n++;
    return n;
}
template <typename C> BOOL iis_trim(C *text, const C *set)
{
    size_t length = iis_length(text, (size_t)-1), from = (size_t)iis_span(text, set, true), end = length;
    while (end > from && iis_is_delimiter(text[end - 1], set))
        end--;
    memmove(text, text + from, (end - from) * sizeof(C));
    text[end - from] = 0;
    return end - from != length;
}
template <typename C> BOOL iis_to_int(const C *text, DWORD flags, long long *to)
{
    if (!text)
        return FALSE;
    while (*text == ' ' || *text == '\t' || *text == '\n')
        text++;
    bool negative = *text == '-';
    text += negative || *text == '+';
    bool hex = (flags & STIF_SUPPORT_HEX) && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    text += hex ? 2 : 0;
    unsigned long long value = 0;
    const C *first = text;
    for (int digit; (digit = *text >= '0' && *text <= '9' ? (int)(*text - '0')
                             : hex && iis_ascii_lower((int)*text) >= 'a' && iis_ascii_lower((int)*text) <= 'f'
                               ? iis_ascii_lower((int)*text) - 'a' + 10 : -1) >= 0; text++)
        value = value * (hex ? 16 : 10) + (unsigned)digit;
    *to = (long long)(negative ? 0 - value : value);
    return text != first;
}
/* From LocalAlloc. */
template <typename C> C *iis_local_copy(const C *text)
{
    size_t bytes = text ? (iis_length(text, (size_t)-1) + 1) * sizeof(C) : 0;
    C *copy = text ? (C *)LocalAlloc(LMEM_FIXED, bytes) : NULL;
    if (copy)
        memcpy(copy, text, bytes);
    return copy;
}
template <typename C> HRESULT iis_task_copy(const C *text, LPWSTR *to)
{
    std::wstring wide = iis_as(text, (WCHAR *)NULL);
    if (!(*to = (LPWSTR)CoTaskMemAlloc((wide.size() + 1) * sizeof(WCHAR))))
        return E_OUTOFMEMORY;
    wcscpy(*to, wide.c_str());
    return S_OK;
}
template <typename C> C *iis_copy_cut(C *to, const C *from, int room)
{
    if (to && from && room > 0)
        iis_copy_some(to, (size_t)room, from, _TRUNCATE);
    return to;
}
/* room: of all of to. */
template <typename C> C *iis_append_cut(C *to, const C *from, int room)
{
    if (to && from && room > 0)
        iis_append_some(to, (size_t)room, from, _TRUNCATE);
    return to;
}
/* -1 when it did not fit. */
template <typename C> int iis_print_cut(C *to, int room, const C *format, iis_args &args)
{
    if (room <= 0)
        return -1;
    long length = iis_format(to, (size_t)room - 1, format, args);
    to[length < 0 ? 0 : length < room ? length : room - 1] = 0;
    return length < 0 || length >= room ? -1 : (int)length;
}

/* ---- URLs -------------------------------------------------------------------------------------------------------- */

IIS_API int iis_hex_digit(int c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }
IIS_API std::string iis_url_unescaped(const std::string &url, DWORD flags)
{
    std::string out;
    bool extra = false;
    for (size_t i = 0; i < url.size(); i++) {
        extra = extra || ((flags & URL_DONT_UNESCAPE_EXTRA_INFO) && (url[i] == '?' || url[i] == '#'));
        int high = !extra && url[i] == '%' && i + 2 < url.size() ? iis_hex_digit(url[i + 1]) : -1;
        int low = high >= 0 ? iis_hex_digit(url[i + 2]) : -1;
        if (low >= 0) {
            out += (char)(high << 4 | low);
            i += 2;
        }
        else
            out += url[i];
    }
    return out;
}
IIS_API std::string iis_url_escaped(const std::string &url, DWORD flags)
{
    static const char digits[] = "0123456789ABCDEF";
    std::string out;
    bool extra = false;
    for (char c : url) {
        extra = extra || ((flags & URL_DONT_ESCAPE_EXTRA_INFO) && (c == '?' || c == '#'));
        bool escape = c == ' ';
        if (!(flags & URL_ESCAPE_SPACES_ONLY))
            escape = escape || (unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f || strchr("\"<>\\^`{|}", c)
                     || (c == '%' && (flags & URL_ESCAPE_PERCENT))
                     || ((flags & URL_ESCAPE_SEGMENT_ONLY) && strchr("#/?;:@&=+$,", c));
        if (escape && !extra)
            out.append(1, '%').append(1, digits[(unsigned char)c >> 4]).append(1, digits[c & 15]);
        else
            out += c;
    }
    return out;
}
/* *room: characters, with the NUL; then without it, or with it when they are too few. */
template <typename C> HRESULT iis_give_url(const std::basic_string<C> &text, C *to, DWORD *room)
{
    bool fits = to && room && text.size() < *room;
    if (!room)
        return E_INVALIDARG;
    *room = (DWORD)text.size() + !fits;
    if (!fits)
        return E_POINTER;
    memcpy(to, text.c_str(), (text.size() + 1) * sizeof(C));
    return S_OK;
}
template <typename C> HRESULT iis_url_unescape(C *url, C *to, DWORD *room, DWORD flags)
{
    if (!url)
        return E_INVALIDARG;
    std::basic_string<C> text = iis_as(iis_url_unescaped(iis_as(url, (CHAR *)NULL), flags).c_str(), (C *)NULL);
    if (!(flags & URL_UNESCAPE_INPLACE))
        return iis_give_url(text, to, room);
    memcpy(url, text.c_str(), (text.size() + 1) * sizeof(C));
    return S_OK;
}
template <typename C> HRESULT iis_url_escape(const C *url, C *to, DWORD *room, DWORD flags)
{
    if (!url)
        return E_INVALIDARG;
    return iis_give_url(iis_as(iis_url_escaped(iis_as(url, (CHAR *)NULL), flags).c_str(), (C *)NULL), to, room);
}

/* ---- the same for both widths -------------------------------------------------------------------------------------- */

#define IIS_STRINGS(C, W) \
    IIS_API C *WINAPI StrStr##W(const C *text, const C *wanted) { return iis_find_text(text, wanted, false); } \
    IIS_API C *WINAPI StrStrI##W(const C *text, const C *wanted) { return iis_find_text(text, wanted, true); } \
    IIS_API C *WINAPI StrRStrI##W(const C *text, const C *end, const C *wanted) \
    { return iis_find_last(text, end, wanted, true); } \
    IIS_API C *WINAPI StrChr##W(const C *text, C wanted) { return iis_find_one(text, wanted, false); } \
    IIS_API C *WINAPI StrChrI##W(const C *text, C wanted) { return iis_find_one(text, wanted, true); } \
    IIS_API C *WINAPI StrRChr##W(const C *text, const C *end, C wanted) \
    { return iis_find_one_last(text, end, wanted, false); } \
    IIS_API C *WINAPI StrRChrI##W(const C *text, const C *end, C wanted) \
    { return iis_find_one_last(text, end, wanted, true); } \
    IIS_API int WINAPI StrCmp##W(const C *a, const C *b) { return iis_compare_text(a, b, (size_t)-1, false); } \
    IIS_API int WINAPI StrCmpI##W(const C *a, const C *b) { return iis_compare_text(a, b, (size_t)-1, true); } \
    IIS_API int WINAPI StrCmpN##W(const C *a, const C *b, int n) { return iis_compare_text(a, b, (size_t)n, false); } \
    IIS_API int WINAPI StrCmpNI##W(const C *a, const C *b, int n) { return iis_compare_text(a, b, (size_t)n, true); } \
    IIS_API int WINAPI StrCmpC##W(const C *a, const C *b) { return StrCmp##W(a, b); } \
    IIS_API int WINAPI StrCmpIC##W(const C *a, const C *b) { return StrCmpI##W(a, b); } \
    IIS_API int WINAPI StrCmpNC##W(const C *a, const C *b, int n) { return StrCmpN##W(a, b, n); } \
    IIS_API int WINAPI StrCmpNIC##W(const C *a, const C *b, int n) { return StrCmpNI##W(a, b, n); } \
    IIS_API BOOL WINAPI ChrCmpI##W(C a, C b) { return iis_folded(a, true) != iis_folded(b, true); } \
    IIS_API int WINAPI StrSpn##W(const C *text, const C *set) { return iis_span(text, set, true); } \
    IIS_API int WINAPI StrCSpn##W(const C *text, const C *set) { return iis_span(text, set, false); } \
    IIS_API C *WINAPI StrPBrk##W(const C *text, const C *set) \
    { text += iis_span(text, set, false); return *text ? const_cast<C *>(text) : NULL; } \
    IIS_API BOOL WINAPI StrTrim##W(C *text, const C *set) { return iis_trim(text, set); } \
    IIS_API C *WINAPI StrDup##W(const C *text) { return iis_local_copy(text); } \
    IIS_API HRESULT WINAPI SHStrDup##W(const C *text, LPWSTR *to) { return iis_task_copy(text, to); } \
    IIS_API C *WINAPI StrCpyN##W(C *to, const C *from, int room) { return iis_copy_cut(to, from, room); } \
    IIS_API C *WINAPI StrCatBuff##W(C *to, const C *from, int room) { return iis_append_cut(to, from, room); } \
    IIS_API BOOL WINAPI StrToIntEx##W(const C *text, DWORD flags, int *to) \
    { long long value = 0; BOOL any = iis_to_int(text, flags, &value); *to = (int)value; return any; } \
    IIS_API BOOL WINAPI StrToInt64Ex##W(const C *text, DWORD flags, LONGLONG *to) \
    { *to = 0; return iis_to_int(text, flags, to); } \
    IIS_API int WINAPI StrToInt##W(const C *text) { int n = 0; StrToIntEx##W(text, STIF_DEFAULT, &n); return n; } \
    template <typename... A> int wnsprintf##W(C *to, int room, const C *format, A... values) \
    { \
        const iis_arg list[] = {iis_make_arg(0), iis_make_arg(values)...}; \
        iis_args args(list + 1, sizeof...(A)); \
        return iis_print_cut(to, room, format, args); \
    } \
    IIS_API int WINAPI wvnsprintf##W(C *to, int room, const C *format, va_list list) \
    { iis_args args(list); return iis_print_cut(to, room, format, args); } \
    IIS_API HRESULT WINAPI UrlUnescape##W(C *url, C *to, DWORD *room, DWORD flags) \
    { return iis_url_unescape(url, to, room, flags); } \
    IIS_API HRESULT WINAPI UrlEscape##W(const C *url, C *to, DWORD *room, DWORD flags) \
    { return iis_url_escape(url, to, room, flags); }
IIS_STRINGS(CHAR, A)
IIS_STRINGS(WCHAR, W)
#undef IIS_STRINGS
IIS_API LPWSTR WINAPI StrCpyW(LPWSTR to, LPCWSTR from) { return lstrcpyW(to, from); }
IIS_API LPWSTR WINAPI StrCatW(LPWSTR to, LPCWSTR from) { return lstrcatW(to, from); }

#define StrStr IIS_AW(StrStr)
#define StrStrI IIS_AW(StrStrI)
#define StrRStrI IIS_AW(StrRStrI)
#define StrChr IIS_AW(StrChr)
#define StrChrI IIS_AW(StrChrI)
#define StrRChr IIS_AW(StrRChr)
#define StrRChrI IIS_AW(StrRChrI)
#define StrCmp IIS_AW(StrCmp)
#define StrCmpI IIS_AW(StrCmpI)
#define StrCmpN IIS_AW(StrCmpN)
#define StrCmpNI IIS_AW(StrCmpNI)
#define StrCmpC IIS_AW(StrCmpC)
#define StrCmpIC IIS_AW(StrCmpIC)
#define ChrCmpI IIS_AW(ChrCmpI)
#define StrSpn IIS_AW(StrSpn)
#define StrCSpn IIS_AW(StrCSpn)
#define StrPBrk IIS_AW(StrPBrk)
#define StrTrim IIS_AW(StrTrim)
#define StrDup IIS_AW(StrDup)
#define SHStrDup IIS_AW(SHStrDup)
#define StrCpyN IIS_AW(StrCpyN)
#define StrCpy IIS_AW(lstrcpy)
#define StrCat IIS_AW(lstrcat)
#define StrCatBuff IIS_AW(StrCatBuff)
#define StrToInt IIS_AW(StrToInt)
#define StrToIntEx IIS_AW(StrToIntEx)
#define StrToInt64Ex IIS_AW(StrToInt64Ex)
#define wnsprintf IIS_AW(wnsprintf)
#define wvnsprintf IIS_AW(wvnsprintf)
#define UrlUnescape IIS_AW(UrlUnescape)
#define UrlEscape IIS_AW(UrlEscape)
#define UrlUnescapeInPlace(url, flags) UrlUnescape(url, NULL, NULL, (flags) | URL_UNESCAPE_INPLACE)
#define UrlEscapeSpaces(url, to, room) UrlEscape(url, to, room, URL_ESCAPE_SPACES_ONLY | URL_DONT_ESCAPE_EXTRA_INFO)

#endif /* IIS_WIN32_SHLWAPI_STRINGS_H */
