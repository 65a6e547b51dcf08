/*
 * win32/crt.h - what MSVC's runtime has beside its functions: errno_t, the invalid parameter handler, small macros.
 *
 * Where MSVC's secure functions call the invalid parameter handler, whose default ends the process, the handler of the
 * module is called if it has set one, and the function returns its documented error.
 * Page: "Parameter validation".
 */
#ifndef IIS_WIN32_CRT_H
#define IIS_WIN32_CRT_H

#include "format.h"

typedef int errno_t;
typedef size_t rsize_t;
#define _TRUNCATE ((size_t)-1)
#define STRUNCATE 80
#define _MAX_PATH 260
#define _MAX_DRIVE 3
#define _MAX_DIR 256
#define _MAX_FNAME 256
#define _MAX_EXT 256
#define _CVTBUFSIZE 349

typedef void (*_invalid_parameter_handler)(const wchar_t *, const wchar_t *, const wchar_t *, unsigned, uintptr_t);

IIS_API _invalid_parameter_handler &iis_parameter_handler()
{
    static _invalid_parameter_handler handler;
    return handler;
}
IIS_API _invalid_parameter_handler _set_invalid_parameter_handler(_invalid_parameter_handler handler)
{
    _invalid_parameter_handler before = iis_parameter_handler();
    iis_parameter_handler() = handler;
    return before;
}
IIS_API _invalid_parameter_handler _get_invalid_parameter_handler() { return iis_parameter_handler(); }

/* For `return iis_invalid(EINVAL)`. */
IIS_API errno_t iis_invalid(errno_t error)
{
    if (iis_parameter_handler())
        iis_parameter_handler()(NULL, NULL, NULL, 0, 0);
    errno = error;
    return error;
}

IIS_API errno_t _set_errno(int value) { errno = value; return 0; }
IIS_API errno_t _get_errno(int *value)
{
    if (!value)
        return iis_invalid(EINVAL);
    *value = errno;
    return 0;
}
#define _doserrno iis_last_error()

/* ---- rotations and byte order: whatever the count, as MSVC's ----------------------------------------------------- */

/* By another name: with -fms-extensions clang knows these itself and lets nobody define them. */
#define _rotl iis_rotl
#define _rotr iis_rotr
#define _rotl64 iis_rotl64
#define _rotr64 iis_rotr64
IIS_API unsigned int _rotl(unsigned int value, int count)
{
    return value << (count & 31) | value >> (-count & 31);
}
IIS_API unsigned int _rotr(unsigned int value, int count) { return _rotl(value, -count); }
IIS_API unsigned long long _rotl64(unsigned long long value, int count)
{
    return value << (count & 63) | value >> (-count & 63);
}
IIS_API unsigned long long _rotr64(unsigned long long value, int count) { return _rotl64(value, -count); }
IIS_API unsigned short _byteswap_ushort(unsigned short value) { return __builtin_bswap16(value); }
IIS_API unsigned int _byteswap_ulong(unsigned int value) { return __builtin_bswap32(value); }
IIS_API unsigned long long _byteswap_uint64(unsigned long long value) { return __builtin_bswap64(value); }

/* The bit's number goes to a DWORD or an unsigned long: two types here, one on Windows. */
#define _BitScanForward iis_bit_scan_forward
#define _BitScanReverse iis_bit_scan_reverse
#define __popcnt(value) ((unsigned int)__builtin_popcount(value))
extern "C++" {
template <typename Number> inline BYTE _BitScanForward(Number *number, DWORD mask)
{
    if (mask)
        *number = __builtin_ctz(mask);
    return mask != 0;
}
template <typename Number> inline BYTE _BitScanReverse(Number *number, DWORD mask)
{
    if (mask)
        *number = 31 - __builtin_clz(mask);
    return mask != 0;
}
}

/* ---- numbers, chance and order ----------------------------------------------------------------------------------- */

#define __max(a, b) ((a) > (b) ? (a) : (b))
#define __min(a, b) ((a) < (b) ? (a) : (b))
#define _lrotl _rotl
#define _lrotr _rotr
IIS_API long long _abs64(long long value) { return value < 0 ? -value : value; }
IIS_API int _isnan(double value) { return __builtin_isnan(value); }
IIS_API int _finite(double value) { return __builtin_isfinite(value); }
IIS_API double _copysign(double value, double sign) { return __builtin_copysign(value, sign); }

IIS_API bool iis_random(void *to, size_t count)
{
    for (size_t got = 0; got < count;) {
        long n = iis_libc_syscall(SYS_getrandom, (char *)to + got, count - got, 0);
        if (n < 0 && errno != EINTR)
            return false;
        got += n < 0 ? 0 : (size_t)n;
    }
    return true;
}
IIS_API errno_t rand_s(unsigned *value) { return !value ? iis_invalid(EINVAL) : iis_random(value, sizeof(*value)) ? 0 : errno; }

typedef int (*iis_compare_fn)(void *context, const void *left, const void *right);
struct iis_order_call {
    iis_compare_fn compare;
    void *context;
};
IIS_API int iis_compare_call(const void *left, const void *right, void *call)
{
    return ((iis_order_call *)call)->compare(((iis_order_call *)call)->context, left, right);
}
IIS_API void qsort_s(void *base, size_t count, size_t size, iis_compare_fn compare, void *context)
{
    iis_order_call call = {compare, context};
    if ((!base && count) || !size || !compare)
        iis_invalid(EINVAL);
    else
        qsort_r(base, count, size, iis_compare_call, &call);
}

/* ---- debug helpers: a release build's ---------------------------------------------------------------------------- */

#define _CrtSetDbgFlag(flags) 0
#define _CrtDumpMemoryLeaks() 0
#define _CrtCheckMemory() 1
#define _CrtSetReportMode(type, mode) 0
#define _CrtSetReportFile(type, file) 0
#define _CrtSetBreakAlloc(n) 0
#define _CRTDBG_ALLOC_MEM_DF 0x01
#define _CRTDBG_LEAK_CHECK_DF 0x20
#define _CRTDBG_REPORT_FLAG (-1)
#define _CRTDBG_MODE_DEBUG 2
#define _CRT_WARN 0
#define _CRT_ERROR 1
#define _CRT_ASSERT 2
#ifndef _ASSERT
#define _ASSERT(expression) ((void)0)
#define _ASSERTE(expression) ((void)0)
#define _ASSERT_EXPR(expression, message) ((void)0)
#endif
#define _RPT0(type, format) ((void)0)
#define _RPT1(type, format, a) ((void)0)
#define _RPT2(type, format, a, b) ((void)0)

/* ---- memory ------------------------------------------------------------------------------------------------------ */

IIS_API void *_aligned_malloc(size_t size, size_t alignment)
{
    void *memory = NULL;

    if (!alignment || (alignment & (alignment - 1))) {
        iis_invalid(EINVAL);
        return NULL;
    }
    if (posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, size ? size : 1))
        errno = ENOMEM;
    return memory;
}
IIS_API void _aligned_free(void *memory) { free(memory); }

/* dest is cleared when the copy is refused. */
IIS_API errno_t memcpy_s(void *dest, size_t room, const void *source, size_t count)
{
    if (!count)
        return 0;
    if (!dest)
        return iis_invalid(EINVAL);
    if (!source || room < count) {
        memset(dest, 0, room);
        return iis_invalid(!source ? EINVAL : ERANGE);
    }
    memcpy(dest, source, count);
    return 0;
}
IIS_API errno_t memmove_s(void *dest, size_t room, const void *source, size_t count)
{
    if (!count)
        return 0;
    if (!dest || !source)
        return iis_invalid(EINVAL);
    if (room < count)
        return iis_invalid(ERANGE);
    memmove(dest, source, count);
    return 0;
}
IIS_API errno_t wmemcpy_s(wchar_t *dest, size_t room, const wchar_t *source, size_t count)
{
    return memcpy_s(dest, room * sizeof(wchar_t), source, count * sizeof(wchar_t));
}
IIS_API errno_t wmemmove_s(wchar_t *dest, size_t room, const wchar_t *source, size_t count)
{
    return memmove_s(dest, room * sizeof(wchar_t), source, count * sizeof(wchar_t));
}
IIS_API int _memicmp(const void *left, const void *right, size_t count)
{
    const unsigned char *a = (const unsigned char *)left, *b = (const unsigned char *)right;
    for (size_t i = 0; i < count; i++)
        if (iis_ascii_lower(a[i]) != iis_ascii_lower(b[i]))
            return iis_ascii_lower(a[i]) - iis_ascii_lower(b[i]);
    return 0;
}

#endif /* IIS_WIN32_CRT_H */
