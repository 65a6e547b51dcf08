/*
 * win32/time.h - clocks, FILETIME and SYSTEMTIME, and MSVC's time functions.
 *
 * A FILETIME counts 100 ns from 1601-01-01 UTC; conversions from it are refused from the year 30828 on, as on Windows.
 * Local time is what libc's TZ says. Page: "FileTimeToSystemTime function".
 */
#ifndef IIS_WIN32_TIME_H
#define IIS_WIN32_TIME_H

#include <sys/time.h>

#include "crt.h"

#define IIS_EPOCH 116444736000000000ULL      /* 1970-01-01 as a FILETIME */

#define TIME_ZONE_ID_INVALID 0xffffffffU
#define TIME_ZONE_ID_UNKNOWN 0
#define TIME_ZONE_ID_STANDARD 1
#define TIME_ZONE_ID_DAYLIGHT 2

typedef struct _TIME_ZONE_INFORMATION {
    LONG Bias;                               /* minutes: UTC = local time + bias */
    WCHAR StandardName[32];
    SYSTEMTIME StandardDate;
    LONG StandardBias;
    WCHAR DaylightName[32];
    SYSTEMTIME DaylightDate;
    LONG DaylightBias;
} TIME_ZONE_INFORMATION, *PTIME_ZONE_INFORMATION, *LPTIME_ZONE_INFORMATION;

IIS_API unsigned long long iis_ticks(const FILETIME &time)
{
    return (unsigned long long)time.dwHighDateTime << 32 | time.dwLowDateTime;
}
IIS_API FILETIME iis_filetime(unsigned long long ticks)
{
    FILETIME time = {(DWORD)ticks, (DWORD)(ticks >> 32)};
    return time;
}
IIS_API FILETIME iis_filetime(long long seconds, long nanoseconds)
{
    return iis_filetime(IIS_EPOCH + (unsigned long long)(seconds * 10000000LL + nanoseconds / 100));
}
IIS_API struct timespec iis_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now;
}

/* ---- clocks ------------------------------------------------------------------------------------------------------ */

IIS_API ULONGLONG WINAPI GetTickCount64()
{
    struct timespec now = iis_now(CLOCK_BOOTTIME);
    return (ULONGLONG)now.tv_sec * 1000 + (ULONGLONG)now.tv_nsec / 1000000;
}
IIS_API DWORD WINAPI GetTickCount() { return (DWORD)GetTickCount64(); }
IIS_API DWORD WINAPI timeGetTime() { return GetTickCount(); }

/* In nanoseconds. */
IIS_API BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
{
    struct timespec now = iis_now(CLOCK_MONOTONIC);
    if (!lpPerformanceCount)
        return iis_failed(ERROR_NOACCESS);
    lpPerformanceCount->QuadPart = (LONGLONG)now.tv_sec * 1000000000LL + now.tv_nsec;
    return TRUE;
}
IIS_API BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
{
    if (!lpFrequency)
        return iis_failed(ERROR_NOACCESS);
    lpFrequency->QuadPart = 1000000000LL;
    return TRUE;
}

IIS_API void WINAPI GetSystemTimeAsFileTime(LPFILETIME lpTime)
{
    struct timespec now = iis_now(CLOCK_REALTIME);
    *lpTime = iis_filetime(now.tv_sec, now.tv_nsec);
}
IIS_API void WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME lpTime) { GetSystemTimeAsFileTime(lpTime); }

/* ---- conversions ------------------------------------------------------------------------------------------------- */

IIS_API SYSTEMTIME iis_systemtime(const struct tm &parts, unsigned milliseconds)
{
    SYSTEMTIME time = {(WORD)(parts.tm_year + 1900), (WORD)(parts.tm_mon + 1), (WORD)parts.tm_wday,
                       (WORD)parts.tm_mday, (WORD)parts.tm_hour, (WORD)parts.tm_min, (WORD)parts.tm_sec,
                       (WORD)milliseconds};
    return time;
}
/* dwDayOfWeek is ignored. FALSE: no such time. */
IIS_API BOOL iis_parts(const SYSTEMTIME *time, struct tm *parts)
{
    static const BYTE days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (time->wYear % 4 == 0 && time->wYear % 100 != 0) || time->wYear % 400 == 0;

    if (time->wYear < 1601 || time->wYear > 30827 || time->wMonth < 1 || time->wMonth > 12 || time->wDay < 1
        || time->wDay > days[time->wMonth - 1] + (time->wMonth == 2 && leap) || time->wHour > 23
        || time->wMinute > 59 || time->wSecond > 59 || time->wMilliseconds > 999)
        return FALSE;
    memset(parts, 0, sizeof(*parts));
    parts->tm_year = time->wYear - 1900;
    parts->tm_mon = time->wMonth - 1;
    parts->tm_mday = time->wDay;
    parts->tm_hour = time->wHour;
    parts->tm_min = time->wMinute;
    parts->tm_sec = time->wSecond;
    parts->tm_isdst = -1;
    return TRUE;
}
IIS_API BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime)
{
    struct tm parts;

    if (!lpSystemTime || !lpFileTime || !iis_parts(lpSystemTime, &parts))
        return iis_failed(ERROR_INVALID_PARAMETER);
    *lpFileTime = iis_filetime(timegm(&parts), (long)lpSystemTime->wMilliseconds * 1000000);
    return TRUE;
}
IIS_API BOOL WINAPI FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime)
{
    if (!lpFileTime || !lpSystemTime || (lpFileTime->dwHighDateTime & 0x80000000U))
        return iis_failed(ERROR_INVALID_PARAMETER);
    unsigned long long ticks = iis_ticks(*lpFileTime);
    struct tm parts;
    time_t seconds = (time_t)(ticks / 10000000) - (time_t)(IIS_EPOCH / 10000000);
    if (!gmtime_r(&seconds, &parts))
        return iis_failed(ERROR_INVALID_PARAMETER);
    *lpSystemTime = iis_systemtime(parts, (unsigned)(ticks % 10000000 / 10000));
    return TRUE;
}
IIS_API LONG WINAPI CompareFileTime(const FILETIME *left, const FILETIME *right)
{
    unsigned long long a = iis_ticks(*left), b = iis_ticks(*right);
    return a < b ? -1 : a > b;
}

IIS_API void WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    FileTimeToSystemTime(&now, lpSystemTime);
}
IIS_API void WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime)
{
    struct timespec now = iis_now(CLOCK_REALTIME);
    struct tm parts;
    localtime_r(&now.tv_sec, &parts);
    *lpSystemTime = iis_systemtime(parts, (unsigned)(now.tv_nsec / 1000000));
}

/* ---- local time: that of the process, a TIME_ZONE_INFORMATION must be its own ------------------------------------- */

IIS_API BOOL WINAPI SystemTimeToTzSpecificLocalTime(const TIME_ZONE_INFORMATION *, const SYSTEMTIME *lpUniversalTime,
                                                    LPSYSTEMTIME lpLocalTime)
{
    struct tm parts, local;

    if (!lpUniversalTime || !lpLocalTime || !iis_parts(lpUniversalTime, &parts))
        return iis_failed(ERROR_INVALID_PARAMETER);
    time_t seconds = timegm(&parts);
    if (!localtime_r(&seconds, &local))
        return iis_failed(ERROR_INVALID_PARAMETER);
    *lpLocalTime = iis_systemtime(local, lpUniversalTime->wMilliseconds);
    return TRUE;
}
IIS_API BOOL WINAPI TzSpecificLocalTimeToSystemTime(const TIME_ZONE_INFORMATION *, const SYSTEMTIME *lpLocalTime,
                                                    LPSYSTEMTIME lpUniversalTime)
{
    struct tm parts, universal;

    if (!lpLocalTime || !lpUniversalTime || !iis_parts(lpLocalTime, &parts))
        return iis_failed(ERROR_INVALID_PARAMETER);
    time_t seconds = mktime(&parts);
    if (!gmtime_r(&seconds, &universal))
        return iis_failed(ERROR_INVALID_PARAMETER);
    *lpUniversalTime = iis_systemtime(universal, lpLocalTime->wMilliseconds);
    return TRUE;
}
/* With the offset of today, whatever the time: as documented. */
IIS_API long long iis_local_offset()
{
    time_t now = time(NULL);
    struct tm parts;
    localtime_r(&now, &parts);
    return (long long)parts.tm_gmtoff * 10000000LL;
}
IIS_API BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime)
{
    if (!lpFileTime || !lpLocalFileTime || (lpFileTime->dwHighDateTime & 0x80000000U))
        return iis_failed(ERROR_INVALID_PARAMETER);
    *lpLocalFileTime = iis_filetime(iis_ticks(*lpFileTime) + (unsigned long long)iis_local_offset());
    return TRUE;
}
IIS_API BOOL WINAPI LocalFileTimeToFileTime(const FILETIME *lpLocalFileTime, LPFILETIME lpFileTime)
{
    if (!lpLocalFileTime || !lpFileTime || (lpLocalFileTime->dwHighDateTime & 0x80000000U))
        return iis_failed(ERROR_INVALID_PARAMETER);
    *lpFileTime = iis_filetime(iis_ticks(*lpLocalFileTime) - (unsigned long long)iis_local_offset());
    return TRUE;
}
IIS_API DWORD WINAPI GetTimeZoneInformation(TIME_ZONE_INFORMATION *lpZone)
{
    time_t now = time(NULL);
    struct tm parts;

    localtime_r(&now, &parts);
    memset(lpZone, 0, sizeof(*lpZone));
    lpZone->Bias = (LONG)(-parts.tm_gmtoff / 60) + (parts.tm_isdst > 0 ? 60 : 0);
    lpZone->DaylightBias = -60;
    wcsncpy(lpZone->StandardName, iis_widen(tzname[0]).c_str(), 31);
    wcsncpy(lpZone->DaylightName, iis_widen(tzname[1]).c_str(), 31);
    return parts.tm_isdst > 0 ? TIME_ZONE_ID_DAYLIGHT : TIME_ZONE_ID_STANDARD;
}

/* ---- MSVC's: the destination first ------------------------------------------------------------------------------- */

typedef long long __time64_t;
typedef int __time32_t;
struct __timeb64 { __time64_t time; unsigned short millitm; short timezone; short dstflag; };
#define _timeb __timeb64

IIS_API __time64_t _time64(__time64_t *to)
{
    __time64_t now = time(NULL);
    if (to)
        *to = now;
    return now;
}
IIS_API errno_t iis_break_time(struct tm *to, long long when, struct tm *(*call)(const time_t *, struct tm *))
{
    time_t seconds = (time_t)when;
    if (!to)
        return iis_invalid(EINVAL);
    memset(to, 0xff, sizeof(*to));
    if (when < 0 || !call(&seconds, to))
        return iis_invalid(EINVAL);
    return 0;
}
IIS_API errno_t localtime_s(struct tm *to, const time_t *when)
{
    return when ? iis_break_time(to, *when, localtime_r) : iis_invalid(EINVAL);
}
IIS_API errno_t gmtime_s(struct tm *to, const time_t *when)
{
    return when ? iis_break_time(to, *when, gmtime_r) : iis_invalid(EINVAL);
}
IIS_API errno_t _localtime64_s(struct tm *to, const __time64_t *when)
{
    return when ? iis_break_time(to, *when, localtime_r) : iis_invalid(EINVAL);
}
IIS_API errno_t _gmtime64_s(struct tm *to, const __time64_t *when)
{
    return when ? iis_break_time(to, *when, gmtime_r) : iis_invalid(EINVAL);
}
IIS_API struct tm *_localtime64(const __time64_t *when)
{
    static thread_local struct tm parts;
    return _localtime64_s(&parts, when) ? NULL : &parts;
}
IIS_API struct tm *_gmtime64(const __time64_t *when)
{
    static thread_local struct tm parts;
    return _gmtime64_s(&parts, when) ? NULL : &parts;
}
IIS_API __time64_t _mktime64(struct tm *parts) { return mktime(parts); }
IIS_API __time64_t _mkgmtime64(struct tm *parts) { return timegm(parts); }
IIS_API time_t _mkgmtime(struct tm *parts) { return timegm(parts); }
IIS_API double _difftime64(__time64_t end, __time64_t start) { return (double)(end - start); }
IIS_API void _tzset() { tzset(); }
IIS_API errno_t _ftime64_s(struct __timeb64 *to)
{
    struct timespec now = iis_now(CLOCK_REALTIME);
    if (!to)
        return iis_invalid(EINVAL);
    to->time = now.tv_sec;
    to->millitm = (unsigned short)(now.tv_nsec / 1000000);
    to->timezone = (short)(-iis_local_offset() / 600000000LL);
    to->dstflag = 0;
    return 0;
}
IIS_API errno_t _ftime_s(struct __timeb64 *to) { return _ftime64_s(to); }
IIS_API void _ftime(struct __timeb64 *to) { _ftime64_s(to); }

/* "Thu Jan  1 00:00:00 1970\n": 26 characters. */
template <typename C> errno_t iis_time_text(C *dest, size_t room, const struct tm *parts)
{
    char text[64];
    if (!dest || room < 26 || !parts || !asctime_r(parts, text)) {
        if (dest && room)
            dest[0] = 0;
        return iis_invalid(EINVAL);
    }
    for (size_t i = 0; i < 26; i++)
        dest[i] = (C)text[i];
    return 0;
}
IIS_API errno_t asctime_s(char *dest, size_t room, const struct tm *parts) { return iis_time_text(dest, room, parts); }
IIS_API errno_t _wasctime_s(wchar_t *dest, size_t room, const struct tm *parts)
{
    return iis_time_text(dest, room, parts);
}
IIS_API errno_t ctime_s(char *dest, size_t room, const time_t *when)
{
    struct tm parts;
    return when && !localtime_s(&parts, when) ? iis_time_text(dest, room, &parts) : iis_invalid(EINVAL);
}
IIS_API errno_t _wctime_s(wchar_t *dest, size_t room, const time_t *when)
{
    struct tm parts;
    return when && !localtime_s(&parts, when) ? iis_time_text(dest, room, &parts) : iis_invalid(EINVAL);
}
template <size_t N> errno_t asctime_s(char (&dest)[N], const struct tm *parts) { return asctime_s(dest, N, parts); }
template <size_t N> errno_t ctime_s(char (&dest)[N], const time_t *when) { return ctime_s(dest, N, when); }

IIS_API errno_t _ctime64_s(char *dest, size_t room, const __time64_t *when) { return ctime_s(dest, room, (const time_t *)when); }
IIS_API char *_ctime64(const __time64_t *when) { return when ? ctime((const time_t *)when) : NULL; }
/* The thread's until its next call. */
template <typename T> wchar_t *iis_time_kept(errno_t (*write)(wchar_t *, size_t, const T *), const T *when)
{
    static thread_local wchar_t text[26];
    return write(text, 26, when) ? NULL : text;
}
IIS_API wchar_t *_wasctime(const struct tm *parts) { return iis_time_kept(_wasctime_s, parts); }
IIS_API wchar_t *_wctime(const time_t *when) { return iis_time_kept(_wctime_s, when); }
IIS_API wchar_t *_wctime64(const __time64_t *when) { return _wctime((const time_t *)when); }
IIS_API errno_t _get_timezone(long *seconds)
{
    tzset();
    return seconds ? (void)(*seconds = timezone), 0 : iis_invalid(EINVAL);
}
IIS_API errno_t _get_daylight(int *hours)
{
    tzset();
    return hours ? (void)(*hours = daylight), 0 : iis_invalid(EINVAL);
}

IIS_API char *iis_time_part(char *dest, size_t room, const char *format)
{
    time_t now = time(NULL);
    struct tm parts;
    localtime_r(&now, &parts);
    return strftime(dest, room, format, &parts) ? dest : NULL;
}
IIS_API errno_t _strdate_s(char *dest, size_t room)
{
    return dest && iis_time_part(dest, room, "%D") ? 0 : iis_invalid(EINVAL);
}
IIS_API errno_t _strtime_s(char *dest, size_t room)
{
    return dest && iis_time_part(dest, room, "%T") ? 0 : iis_invalid(EINVAL);
}
template <size_t N> errno_t _strdate_s(char (&dest)[N]) { return _strdate_s(dest, N); }
template <size_t N> errno_t _strtime_s(char (&dest)[N]) { return _strtime_s(dest, N); }

#endif /* IIS_WIN32_TIME_H */
