/*
 * win32/strsafe.h - strsafe.h: strings whose length is always known. What does not fit is cut, ended, and reported.
 * cch counts characters, cb bytes, both with the NUL. Page: "Strsafe.h header".
 */
#ifndef IIS_WIN32_STRSAFE_H
#define IIS_WIN32_STRSAFE_H

#include "strings.h"

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_MAX_LENGTH (STRSAFE_MAX_CCH - 1)
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007AU)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057U)
#define STRSAFE_E_END_OF_FILE ((HRESULT)0x80070026U)
#define STRSAFE_IGNORE_NULLS 0x00000100
#define STRSAFE_FILL_BEHIND_NULL 0x00000200
#define STRSAFE_FILL_ON_FAILURE 0x00000400
#define STRSAFE_NULL_ON_FAILURE 0x00000800
#define STRSAFE_NO_TRUNCATION 0x00001000

/* What is left of the buffer, for the Ex forms; either may be NULL. */
template <typename C> void iis_left(C *dest, size_t room, size_t length, C **end, size_t *left)
{
    if (end)
        *end = dest + length;
    if (left)
        *left = room - length;
}

template <typename C> HRESULT iis_cch_copy(C *dest, size_t room, const C *source, size_t most, DWORD flags = 0,
                                           C **end = NULL, size_t *left = NULL)
{
    if (!dest || !room || room > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    static const C empty = 0;
    if (!source) {
        if (!(flags & STRSAFE_IGNORE_NULLS)) {
            dest[0] = 0;
            return STRSAFE_E_INVALID_PARAMETER;
        }
        source = &empty;
    }
    size_t length = iis_length(source, most < room ? most : room);
    bool cut = length == room;
    if (cut)
        length = flags & (STRSAFE_NO_TRUNCATION | STRSAFE_NULL_ON_FAILURE) ? 0 : room - 1;
    memmove(dest, source, length * sizeof(C));
    dest[length] = 0;
    iis_left(dest, room, length, end, left);
    return cut ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
}
template <typename C> HRESULT iis_cch_cat(C *dest, size_t room, const C *source, size_t most, DWORD flags = 0,
                                          C **end = NULL, size_t *left = NULL)
{
    if (!dest || !room || room > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    size_t at = iis_length(dest, room);
    if (at == room)
        return STRSAFE_E_INVALID_PARAMETER;
    if (!source && !(flags & STRSAFE_IGNORE_NULLS))
        return STRSAFE_E_INVALID_PARAMETER;
    return iis_cch_copy(dest + at, room - at, source, most, flags, end, left);
}
template <typename C> HRESULT iis_cch_print(C *dest, size_t room, C **end, size_t *left, const C *format,
                                           iis_args &args)
{
    if (!dest || !room || room > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    long length = format ? iis_format(dest, room - 1, format, args) : -1;
    if (length < 0) {
        dest[0] = 0;
        return STRSAFE_E_INVALID_PARAMETER;
    }
    bool cut = (size_t)length >= room;
    dest[cut ? room - 1 : (size_t)length] = 0;
    iis_left(dest, room, cut ? room - 1 : (size_t)length, end, left);
    return cut ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
}
template <typename C> HRESULT iis_cch_length(const C *text, size_t most, size_t *length)
{
    size_t n = text ? iis_length(text, most) : 0;
    bool bad = !text || most > STRSAFE_MAX_CCH || n == most;
    if (length)
        *length = bad ? 0 : n;
    return bad ? STRSAFE_E_INVALID_PARAMETER : S_OK;
}

/* In units of the caller's. */
IIS_API HRESULT iis_in_units(HRESULT hr, size_t *count, size_t unit)
{
    if (count)
        *count *= unit;
    return hr;
}

#define IIS_SAFE_LIST const iis_arg list[] = {iis_make_arg(0), iis_make_arg(values)...}; \
    iis_args args(list + 1, sizeof...(A))

/* unit: what the size counts in; Name: StringCch or StringCb; X: A or W. */
#define IIS_STRSAFE(C, Name, X, unit) \
    IIS_API HRESULT Name##Copy##X(C *d, size_t n, const C *s) { return iis_cch_copy(d, n / unit, s, (size_t)-1); } \
    IIS_API HRESULT Name##CopyN##X(C *d, size_t n, const C *s, size_t m) \
    { return iis_cch_copy(d, n / unit, s, m / unit); } \
    IIS_API HRESULT Name##CopyEx##X(C *d, size_t n, const C *s, C **end, size_t *left, DWORD flags) \
    { return iis_in_units(iis_cch_copy(d, n / unit, s, (size_t)-1, flags, end, left), left, unit); } \
    IIS_API HRESULT Name##Cat##X(C *d, size_t n, const C *s) { return iis_cch_cat(d, n / unit, s, (size_t)-1); } \
    IIS_API HRESULT Name##CatN##X(C *d, size_t n, const C *s, size_t m) \
    { return iis_cch_cat(d, n / unit, s, m / unit); } \
    IIS_API HRESULT Name##CatEx##X(C *d, size_t n, const C *s, C **end, size_t *left, DWORD flags) \
    { return iis_in_units(iis_cch_cat(d, n / unit, s, (size_t)-1, flags, end, left), left, unit); } \
    IIS_API HRESULT Name##Length##X(const C *s, size_t n, size_t *length) \
    { return iis_in_units(iis_cch_length(s, n / unit, length), length, unit); } \
    template <typename... A> HRESULT Name##Printf##X(C *d, size_t n, const C *format, A... values) \
    { IIS_SAFE_LIST; return iis_cch_print(d, n / unit, (C **)NULL, NULL, format, args); } \
    template <typename... A> HRESULT Name##PrintfEx##X(C *d, size_t n, C **end, size_t *left, DWORD, const C *format, \
                                                       A... values) \
    { IIS_SAFE_LIST; return iis_in_units(iis_cch_print(d, n / unit, end, left, format, args), left, unit); } \
    IIS_API HRESULT Name##VPrintf##X(C *d, size_t n, const C *format, va_list values) \
    { iis_args args(values); return iis_cch_print(d, n / unit, (C **)NULL, NULL, format, args); }

IIS_STRSAFE(char, StringCch, A, 1)
IIS_STRSAFE(WCHAR, StringCch, W, 1)
IIS_STRSAFE(char, StringCb, A, 1)
IIS_STRSAFE(WCHAR, StringCb, W, sizeof(WCHAR))
#undef IIS_STRSAFE
#undef IIS_SAFE_LIST

#define StringCchCopy IIS_AW(StringCchCopy)
#define StringCchCopyN IIS_AW(StringCchCopyN)
#define StringCchCopyEx IIS_AW(StringCchCopyEx)
#define StringCchCat IIS_AW(StringCchCat)
#define StringCchCatN IIS_AW(StringCchCatN)
#define StringCchCatEx IIS_AW(StringCchCatEx)
#define StringCchLength IIS_AW(StringCchLength)
#define StringCchPrintf IIS_AW(StringCchPrintf)
#define StringCchPrintfEx IIS_AW(StringCchPrintfEx)
#define StringCchVPrintf IIS_AW(StringCchVPrintf)
#define StringCbCopy IIS_AW(StringCbCopy)
#define StringCbCopyN IIS_AW(StringCbCopyN)
#define StringCbCopyEx IIS_AW(StringCbCopyEx)
#define StringCbCat IIS_AW(StringCbCat)
#define StringCbCatN IIS_AW(StringCbCatN)
#define StringCbCatEx IIS_AW(StringCbCatEx)
#define StringCbLength IIS_AW(StringCbLength)
#define StringCbPrintf IIS_AW(StringCbPrintf)
#define StringCbPrintfEx IIS_AW(StringCbPrintfEx)
#define StringCbVPrintf IIS_AW(StringCbVPrintf)

#endif /* IIS_WIN32_STRSAFE_H */
