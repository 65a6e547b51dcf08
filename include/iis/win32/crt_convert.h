/*
 * win32/crt_convert.h - MSVC's numbers and text, and char and wchar_t, as UTF-8 whatever the locale of the process is.
 * Pages: "_itoa_s, _ltoa_s ... functions", "wcstombs_s, _wcstombs_s_l", "mbstowcs_s, _mbstowcs_s_l".
 */
#ifndef IIS_WIN32_CRT_CONVERT_H
#define IIS_WIN32_CRT_CONVERT_H

#include "crt_strings.h"

/* ---- integers to text -------------------------------------------------------------------------------------------- */

/* The digits, ended; room 0: dest is large enough. A minus sign stands in radix 10 only. */
template <typename C> errno_t iis_integer_text(unsigned long long value, bool negative, C *dest, size_t room, int radix)
{
    C digits[66];
    size_t n = 0;

    if (!dest)
        return iis_invalid(EINVAL);
    if (radix < 2 || radix > 36)
        return iis_refuse(dest, EINVAL);
    do
        digits[n++] = (C)"0123456789abcdefghijklmnopqrstuvwxyz"[value % (unsigned)radix];
    while (value /= (unsigned)radix);
    if (negative)
        digits[n++] = '-';
    if (n >= room)
        return iis_refuse(dest, ERANGE);
    while (n)
        *dest++ = digits[--n];
    *dest = 0;
    return 0;
}

template <typename C, typename V> errno_t iis_signed_text(V value, C *dest, size_t room, int radix)
{
    typedef typename std::make_unsigned<V>::type U;
    bool negative = radix == 10 && value < 0;
    U plain = (U)value;
    return iis_integer_text<C>(negative ? (U)(0 - plain) : plain, negative, dest, room, radix);
}

/* `long` is 64 bits here and 32 on Windows: a value that fits there gets the digits that it has there. */
template <typename C> errno_t iis_long_text(long value, C *dest, size_t room, int radix)
{
    return value >= INT_MIN && value <= INT_MAX ? iis_signed_text((int)value, dest, room, radix)
                                                : iis_signed_text(value, dest, room, radix);
}

#define IIS_TEXT_OF(C, name, V, call) \
    IIS_API errno_t name##_s(V value, C *dest, size_t room, int radix) \
    { return dest && !room ? iis_invalid(EINVAL) : call; } \
    template <size_t N> errno_t name##_s(V value, C (&dest)[N], int radix) { return name##_s(value, dest, N, radix); } \
    IIS_API C *name(V value, C *dest, int radix) { const size_t room = 66; call; return dest; }

IIS_TEXT_OF(char, _itoa, int, iis_signed_text(value, dest, room, radix))
IIS_TEXT_OF(char, _ltoa, long, iis_long_text(value, dest, room, radix))
IIS_TEXT_OF(char, _i64toa, long long, iis_signed_text(value, dest, room, radix))
IIS_TEXT_OF(char, _ultoa, unsigned long, iis_integer_text<char>(value, false, dest, room, radix))
IIS_TEXT_OF(char, _ui64toa, unsigned long long, iis_integer_text<char>(value, false, dest, room, radix))
IIS_TEXT_OF(wchar_t, _itow, int, iis_signed_text(value, dest, room, radix))
IIS_TEXT_OF(wchar_t, _ltow, long, iis_long_text(value, dest, room, radix))
IIS_TEXT_OF(wchar_t, _i64tow, long long, iis_signed_text(value, dest, room, radix))
IIS_TEXT_OF(wchar_t, _ultow, unsigned long, iis_integer_text<wchar_t>(value, false, dest, room, radix))
IIS_TEXT_OF(wchar_t, _ui64tow, unsigned long long, iis_integer_text<wchar_t>(value, false, dest, room, radix))
#undef IIS_TEXT_OF
IIS_API char *itoa(int value, char *dest, int radix) { return _itoa(value, dest, radix); }
IIS_API char *ltoa(long value, char *dest, int radix) { return _ltoa(value, dest, radix); }
IIS_API char *ultoa(unsigned long value, char *dest, int radix) { return _ultoa(value, dest, radix); }

/* ---- text to integers -------------------------------------------------------------------------------------------- */

IIS_API int iis_clamp(long long value)
{
    return value > INT_MAX ? INT_MAX : value < INT_MIN ? INT_MIN : (int)value;
}
IIS_API long long _atoi64(const char *text) { return text ? strtoll(text, NULL, 10) : 0; }
IIS_API long long _wtoi64(const wchar_t *text) { return text ? wcstoll(text, NULL, 10) : 0; }
IIS_API int _wtoi(const wchar_t *text) { return iis_clamp(_wtoi64(text)); }
IIS_API long _wtol(const wchar_t *text) { return _wtoi(text); }
IIS_API long long _wtoll(const wchar_t *text) { return _wtoi64(text); }
IIS_API double _wtof(const wchar_t *text) { return text ? wcstod(text, NULL) : 0; }
IIS_API long long _strtoi64(const char *text, char **end, int radix) { return strtoll(text, end, radix); }
IIS_API unsigned long long _strtoui64(const char *text, char **end, int radix) { return strtoull(text, end, radix); }
IIS_API long long _wcstoi64(const wchar_t *text, wchar_t **end, int radix) { return wcstoll(text, end, radix); }
IIS_API unsigned long long _wcstoui64(const wchar_t *text, wchar_t **end, int radix)
{
    return wcstoull(text, end, radix);
}

/* ---- char and wchar_t -------------------------------------------------------------------------------------------- */

/* The characters that need room for them and the NUL; done: counts what was stored, with the NUL. */
IIS_API errno_t mbstowcs_s(size_t *done, wchar_t *dest, size_t room, const char *source, size_t count)
{
    if (done)
        *done = 0;
    if ((dest && !room) || (!dest && room))
        return iis_invalid(EINVAL);
    if (!source)
        return dest ? iis_refuse(dest, EINVAL) : iis_invalid(EINVAL);
    size_t length = 0, at = 0, bytes = strlen(source), most = count == _TRUNCATE ? room ? room - 1 : bytes : count;
    while (at < bytes && (length < most || !dest)) {
        long wide;
        at += iis_utf8_decode((const unsigned char *)source + at, bytes - at, &wide);
        if (wide < 0) {
            if (dest)
                dest[0] = 0;
            errno = EILSEQ;
            return EILSEQ;
        }
        if (dest && length + 1 >= room)
            return iis_refuse(dest, ERANGE);
        if (dest)
            dest[length] = (wchar_t)wide;
        length++;
    }
    if (dest)
        dest[length] = 0;
    if (done)
        *done = length + 1;
    return dest && at < bytes && count == _TRUNCATE ? STRUNCATE : 0;
}
template <size_t N> errno_t mbstowcs_s(size_t *done, wchar_t (&dest)[N], const char *source, size_t count)
{
    return mbstowcs_s(done, dest, N, source, count);
}

/* A character whose bytes do not all fit in is left out, when that is no error. */
IIS_API errno_t wcstombs_s(size_t *done, char *dest, size_t room, const wchar_t *source, size_t count)
{
    if (done)
        *done = 0;
    if ((dest && !room) || (!dest && room))
        return iis_invalid(EINVAL);
    if (!source)
        return dest ? iis_refuse(dest, EINVAL) : iis_invalid(EINVAL);
    size_t length = 0, at = 0, characters = wcslen(source), before = 0;
    while (at < characters) {
        char bytes[4];
        before = at;
        long wide = iis_wide_next(source, characters, &at);
        if (wide < 0) {
            if (dest)
                dest[0] = 0;
            errno = EILSEQ;
            return EILSEQ;
        }
        size_t n = iis_utf8_encode((unsigned long)wide, bytes);
        if (dest && ((count == _TRUNCATE && length + n >= room) || (count != _TRUNCATE && length + n > count))) {
            at = before;
            break;
        }
        if (dest && length + n >= room)
            return iis_refuse(dest, ERANGE);
        if (dest)
            memcpy(dest + length, bytes, n);
        length += n;
    }
    if (dest)
        dest[length] = 0;
    if (done)
        *done = length + 1;
    return dest && at < characters && count == _TRUNCATE ? STRUNCATE : 0;
}
template <size_t N> errno_t wcstombs_s(size_t *done, char (&dest)[N], const wchar_t *source, size_t count)
{
    return wcstombs_s(done, dest, N, source, count);
}

IIS_API errno_t wctomb_s(int *done, char *dest, size_t room, wchar_t wide)
{
    char bytes[4];
    size_t at = 0;
    long value = iis_wide_next(&wide, 1, &at);
    size_t n = value < 0 ? 0 : iis_utf8_encode((unsigned long)value, bytes);

    if (done)
        *done = !dest ? 0 : n ? (int)n : -1;
    if (!dest)
        return room ? iis_invalid(EINVAL) : 0;
    if (!n || n > room)
        return n ? iis_invalid(ERANGE) : EILSEQ;
    memcpy(dest, bytes, n);
    return 0;
}

#endif /* IIS_WIN32_CRT_CONVERT_H */
