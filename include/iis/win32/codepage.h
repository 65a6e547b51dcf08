/*
 * win32/codepage.h - between char and WCHAR, and upper and lower case, independent of the process's locale.
 *
 * The ANSI code page of a port is UTF-8: CP_ACP, CP_OEMCP, CP_THREAD_ACP and CP_UTF8 are the same. Beside it there are
 * 20127 (US-ASCII), 28591 (Latin-1) and 1252. A WCHAR holds a whole code point; pairs of surrogates, as they come from
 * UTF-16 data, are put together on the way to UTF-8. Pages: "MultiByteToWideChar function", "WideCharToMultiByte
 * function".
 */
#ifndef IIS_WIN32_CODEPAGE_H
#define IIS_WIN32_CODEPAGE_H

#include <locale.h>
#include <wctype.h>

#include "system.h"

#define CP_ACP 0
#define CP_OEMCP 1
#define CP_MACCP 2
#define CP_THREAD_ACP 3
#define CP_UTF7 65000
#define CP_UTF8 65001
#define MB_PRECOMPOSED 0x00000001
#define MB_COMPOSITE 0x00000002
#define MB_USEGLYPHCHARS 0x00000004
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_COMPOSITECHECK 0x00000200
#define WC_DISCARDNS 0x00000010
#define WC_SEPCHARS 0x00000020
#define WC_DEFAULTCHAR 0x00000040
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_NO_BEST_FIT_CHARS 0x00000400

enum iis_charset { IIS_UTF8, IIS_ASCII, IIS_LATIN1, IIS_CP1252, IIS_NO_CHARSET };

IIS_API iis_charset iis_charset_of(UINT CodePage)
{
    switch (CodePage) {
    case CP_ACP: case CP_OEMCP: case CP_THREAD_ACP: case CP_UTF8: return IIS_UTF8;
    case 20127: return IIS_ASCII;
    case 28591: return IIS_LATIN1;
    case 1252: return IIS_CP1252;
    default: return IIS_NO_CHARSET;
    }
}

/* Of 1252, 0x80 to 0x9f; 0: not assigned, and stands for itself. */
IIS_API const unsigned short *iis_cp1252()
{
    static const unsigned short map[32] = {
        0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d,
        0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,
        0x017e, 0x0178};
    return map;
}

/* One character of UTF-8 at text; the bytes that it takes. *wide is -1 when it is none, and the bytes to skip. */
IIS_API size_t iis_utf8_decode(const unsigned char *text, size_t length, long *wide)
{
    unsigned char first = text[0];
    size_t need = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : (first & 0xf0) == 0xe0 ? 3
                  : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    long value = need == 1 ? first : first & (0x7f >> need);
    size_t i = 1;

    *wide = -1;
    for (; i < need && i < length && (text[i] & 0xc0) == 0x80; i++) {
        /* Overlong forms, surrogates and what lies beyond U+10FFFF end here. */
        if (i == 1 && ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f)
                       || (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f)))
            return 1;
        value = value << 6 | (text[i] & 0x3f);
    }
    if (need && i == need)
        *wide = value;
    return i;
}

/* The bytes of a code point, up to 4. */
IIS_API size_t iis_utf8_encode(unsigned long wide, char *bytes)
{
    if (wide < 0x80) {
        bytes[0] = (char)wide;
        return 1;
    }
    size_t length = wide < 0x800 ? 2 : wide < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, wide >>= 6)
        bytes[i] = (char)(0x80 | (wide & 0x3f));
    bytes[0] = (char)((0xf00 >> length) | wide);
    return length;
}

/* The code point at text[*at], with *at moved behind it; -1: no character. */
IIS_API long iis_wide_next(const WCHAR *text, size_t length, size_t *at)
{
    unsigned long wide = (unsigned long)(unsigned)text[(*at)++];

    if (wide >= 0xd800 && wide < 0xdc00 && *at < length) {
        unsigned long low = (unsigned long)(unsigned)text[*at];
        if (low >= 0xdc00 && low < 0xe000) {
            ++*at;
            return (long)(0x10000 + ((wide - 0xd800) << 10) + (low - 0xdc00));
        }
    }
    return wide > 0x10ffff || (wide >= 0xd800 && wide < 0xe000) ? -1 : (long)wide;
}

/* A code point in a page of single bytes; -1: it has none. */
IIS_API int iis_narrow_byte(iis_charset charset, long wide)
{
    if (charset == IIS_CP1252)
        for (int i = 0; i < 32; i++)
            if (iis_cp1252()[i] && iis_cp1252()[i] == wide)
                return 0x80 + i;
    if (wide < 0 || wide > (charset == IIS_ASCII ? 0x7f : 0xff))
        return -1;
    if (charset == IIS_CP1252 && wide >= 0x80 && wide < 0xa0 && iis_cp1252()[wide - 0x80])
        return -1;
    return (int)wide;
}

/* Counts what it needs when room is 0. -1: an invalid character, when strict; -2: the room is too small. */
IIS_API long iis_to_wide(iis_charset charset, const char *text, size_t length, WCHAR *out, size_t room, bool strict)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t n = 0;

    for (size_t at = 0; at < length; n++) {
        long wide = bytes[at];
        if (charset == IIS_UTF8)
            at += iis_utf8_decode(bytes + at, length - at, &wide);
        else {
            at++;
            if (charset == IIS_ASCII && wide >= 0x80)
                wide = -1;
            else if (charset == IIS_CP1252 && wide >= 0x80 && wide < 0xa0 && iis_cp1252()[wide - 0x80])
                wide = iis_cp1252()[wide - 0x80];
        }
        if (wide < 0 && strict)
            return -1;
        if (room && n >= room)
            return -2;
        if (room)
            out[n] = wide < 0 ? (WCHAR)0xfffd : (WCHAR)wide;
    }
    return (long)n;
}

IIS_API long iis_to_narrow(iis_charset charset, const WCHAR *text, size_t length, char *out, size_t room, bool strict,
                           const char *instead, bool *used)
{
    size_t n = 0;

    for (size_t at = 0; at < length;) {
        char bytes[4];
        size_t count = 1;
        long wide = iis_wide_next(text, length, &at);
        if (charset == IIS_UTF8) {
            if (wide < 0 && strict)
                return -1;
            count = iis_utf8_encode(wide < 0 ? 0xfffd : (unsigned long)wide, bytes);
        }
        else {
            int byte = iis_narrow_byte(charset, wide);
            if (byte < 0 && strict)
                return -1;
            if (byte < 0 && used)
                *used = true;
            bytes[0] = byte < 0 ? *instead : (char)byte;
        }
        if (room && n + count > room)
            return -2;
        if (room)
            memcpy(out + n, bytes, count);
        n += count;
    }
    return (long)n;
}

IIS_API std::string iis_narrow(const WCHAR *text, size_t length)
{
    std::string out;
    char bytes[4];

    for (size_t at = 0; at < length;) {
        long wide = iis_wide_next(text, length, &at);
        out.append(bytes, iis_utf8_encode(wide < 0 ? 0xfffd : (unsigned long)wide, bytes));
    }
    return out;
}
IIS_API std::string iis_narrow(const WCHAR *text) { return text ? iis_narrow(text, wcslen(text)) : std::string(); }

IIS_API std::wstring iis_widen(const char *text, size_t length)
{
    std::wstring out;

    for (size_t at = 0; at < length;) {
        long wide;
        at += iis_utf8_decode((const unsigned char *)text + at, length - at, &wide);
        out += wide < 0 ? (WCHAR)0xfffd : (WCHAR)wide;
    }
    return out;
}
IIS_API std::wstring iis_widen(const char *text) { return text ? iis_widen(text, strlen(text)) : std::wstring(); }

/* In the width of the second one. */
IIS_API std::string iis_as(const char *text, const char *) { return text; }
IIS_API std::wstring iis_as(const char *text, const WCHAR *) { return iis_widen(text); }
IIS_API std::string iis_as(const WCHAR *text, const char *) { return iis_narrow(text); }
IIS_API std::wstring iis_as(const WCHAR *text, const WCHAR *) { return text; }

/* ---- the Win32 calls --------------------------------------------------------------------------------------------- */

/* A length of -1 takes the NUL along. 0 and the last error: ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER,
 * ERROR_NO_UNICODE_TRANSLATION. */
IIS_API int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr, int cbMultiByte,
                                       LPWSTR lpWideCharStr, int cchWideChar)
{
    iis_charset charset = iis_charset_of(CodePage);

    if (!lpMultiByteStr || cbMultiByte == 0 || cbMultiByte < -1 || cchWideChar < 0 || charset == IIS_NO_CHARSET
        || (cchWideChar && (!lpWideCharStr || (const void *)lpMultiByteStr == (const void *)lpWideCharStr)))
        return iis_failed(ERROR_INVALID_PARAMETER);
    size_t length = cbMultiByte < 0 ? strlen(lpMultiByteStr) + 1 : (size_t)cbMultiByte;
    long n = iis_to_wide(charset, lpMultiByteStr, length, lpWideCharStr, (size_t)cchWideChar,
                         (dwFlags & MB_ERR_INVALID_CHARS) != 0);
    return n < 0 ? iis_failed(n == -1 ? ERROR_NO_UNICODE_TRANSLATION : ERROR_INSUFFICIENT_BUFFER) : (int)n;
}

/* For UTF-8 lpDefaultChar and lpUsedDefaultChar must be NULL; for CP_ACP they are accepted and never needed. */
IIS_API int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr, int cchWideChar,
                                       LPSTR lpMultiByteStr, int cbMultiByte, LPCSTR lpDefaultChar,
                                       BOOL *lpUsedDefaultChar)
{
    iis_charset charset = iis_charset_of(CodePage);
    bool used = false;

    if (!lpWideCharStr || cchWideChar == 0 || cchWideChar < -1 || cbMultiByte < 0 || charset == IIS_NO_CHARSET
        || (cbMultiByte && (!lpMultiByteStr || (const void *)lpWideCharStr == (const void *)lpMultiByteStr))
        || (CodePage == CP_UTF8 && (lpDefaultChar || lpUsedDefaultChar)))
        return iis_failed(ERROR_INVALID_PARAMETER);
    size_t length = cchWideChar < 0 ? wcslen(lpWideCharStr) + 1 : (size_t)cchWideChar;
    long n = iis_to_narrow(charset, lpWideCharStr, length, lpMultiByteStr, (size_t)cbMultiByte,
                           (dwFlags & WC_ERR_INVALID_CHARS) != 0, lpDefaultChar ? lpDefaultChar : "?", &used);
    if (lpUsedDefaultChar)
        *lpUsedDefaultChar = used;
    return n < 0 ? iis_failed(n == -1 ? ERROR_NO_UNICODE_TRANSLATION : ERROR_INSUFFICIENT_BUFFER) : (int)n;
}

IIS_API UINT WINAPI GetACP() { return CP_UTF8; }
IIS_API UINT WINAPI GetOEMCP() { return CP_UTF8; }
IIS_API BOOL WINAPI IsValidCodePage(UINT CodePage)
{
    return CodePage > CP_THREAD_ACP && iis_charset_of(CodePage) != IIS_NO_CHARSET;
}
IIS_API BOOL WINAPI IsDBCSLeadByte(BYTE) { return FALSE; }
IIS_API BOOL WINAPI IsDBCSLeadByteEx(UINT, BYTE) { return FALSE; }

/* ---- case -------------------------------------------------------------------------------------------------------- */

/* Unicode's, where the system has its tables; else ASCII's. */
IIS_API locale_t iis_case_locale()
{
    static locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    return locale;
}
IIS_API WCHAR iis_wide_lower(WCHAR c)
{
    if ((unsigned)c < 0x80)
        return c >= L'A' && c <= L'Z' ? c + 32 : c;
    locale_t locale = iis_case_locale();
    return locale ? (WCHAR)towlower_l((wint_t)c, locale) : c;
}
IIS_API WCHAR iis_wide_upper(WCHAR c)
{
    if ((unsigned)c < 0x80)
        return c >= L'a' && c <= L'z' ? c - 32 : c;
    locale_t locale = iis_case_locale();
    return locale ? (WCHAR)towupper_l((wint_t)c, locale) : c;
}

/* The C locale's, as MSVC's runtime starts. */
IIS_API int iis_ascii_lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
IIS_API int iis_ascii_upper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }

#endif /* IIS_WIN32_CODEPAGE_H */
