/*
 * win32/interlocked.h - atomic operations, as templates: sources pass LONG *, long * and volatile of both, and `long` has
 * 64 bits here. All are full barriers. Page: "Interlocked Variable Access".
 */
#ifndef IIS_WIN32_INTERLOCKED_H
#define IIS_WIN32_INTERLOCKED_H

#include "system.h"

/* Integers, without volatile. */
template <typename T> struct iis_plain { typedef typename std::remove_cv<T>::type type; };
#define IIS_PLAIN typename iis_plain<T>::type

#define IIS_INTERLOCKED(suffix) \
    template <typename T> inline IIS_PLAIN InterlockedIncrement##suffix(T *p) \
    { return __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST); } \
    template <typename T> inline IIS_PLAIN InterlockedDecrement##suffix(T *p) \
    { return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST); } \
    template <typename T, typename V> inline IIS_PLAIN InterlockedExchange##suffix(T *p, V v) \
    { return __atomic_exchange_n(p, (IIS_PLAIN)v, __ATOMIC_SEQ_CST); } \
    template <typename T, typename V> inline IIS_PLAIN InterlockedExchangeAdd##suffix(T *p, V v) \
    { return __atomic_fetch_add(p, (IIS_PLAIN)v, __ATOMIC_SEQ_CST); } \
    template <typename T, typename V> inline IIS_PLAIN InterlockedAdd##suffix(T *p, V v) \
    { return __atomic_add_fetch(p, (IIS_PLAIN)v, __ATOMIC_SEQ_CST); } \
    template <typename T, typename V> inline IIS_PLAIN InterlockedAnd##suffix(T *p, V v) \
    { return __atomic_fetch_and(p, (IIS_PLAIN)v, __ATOMIC_SEQ_CST); } \
    template <typename T, typename V> inline IIS_PLAIN InterlockedOr##suffix(T *p, V v) \
    { return __atomic_fetch_or(p, (IIS_PLAIN)v, __ATOMIC_SEQ_CST); } \
    template <typename T, typename V> inline IIS_PLAIN InterlockedXor##suffix(T *p, V v) \
    { return __atomic_fetch_xor(p, (IIS_PLAIN)v, __ATOMIC_SEQ_CST); } \
    template <typename T, typename V, typename W> \
    inline IIS_PLAIN InterlockedCompareExchange##suffix(T *p, V v, W expected) \
    { \
        IIS_PLAIN seen = (IIS_PLAIN)expected; \
        __atomic_compare_exchange_n(p, &seen, (IIS_PLAIN)v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        return seen; \
    }
IIS_INTERLOCKED()
IIS_INTERLOCKED(64)
IIS_INTERLOCKED(16)
#undef IIS_INTERLOCKED
#undef IIS_PLAIN

#define InterlockedIncrementAcquire InterlockedIncrement
#define InterlockedIncrementRelease InterlockedIncrement
#define InterlockedDecrementAcquire InterlockedDecrement
#define InterlockedDecrementRelease InterlockedDecrement
#define InterlockedCompareExchangeAcquire InterlockedCompareExchange
#define InterlockedCompareExchangeRelease InterlockedCompareExchange
#define InterlockedExchangeAddSizeT InterlockedExchangeAdd
#define InterlockedIncrementSizeT InterlockedIncrement
#define InterlockedDecrementSizeT InterlockedDecrement
#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedExchange InterlockedExchange
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedCompareExchange InterlockedCompareExchange

/* Of any pointer: void *volatile * on Windows, where a source casts. */
template <typename T> inline PVOID InterlockedExchangePointer(T *volatile *p, PVOID v)
{
    return (PVOID)__atomic_exchange_n(p, (T *)v, __ATOMIC_SEQ_CST);
}
template <typename T> inline PVOID InterlockedCompareExchangePointer(T *volatile *p, PVOID v, PVOID expected)
{
    T *seen = (T *)expected;
    __atomic_compare_exchange_n(p, &seen, (T *)v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return (PVOID)seen;
}
IIS_API BYTE InterlockedBitTestAndSet(volatile LONG *p, LONG bit)
{
    return (BYTE)(__atomic_fetch_or(p, (LONG)(1u << (bit & 31)), __ATOMIC_SEQ_CST) >> (bit & 31) & 1);
}
IIS_API BYTE InterlockedBitTestAndReset(volatile LONG *p, LONG bit)
{
    return (BYTE)(__atomic_fetch_and(p, ~(LONG)(1u << (bit & 31)), __ATOMIC_SEQ_CST) >> (bit & 31) & 1);
}

IIS_API BYTE InterlockedBitTestAndSet64(volatile LONG64 *p, LONG64 bit)
{
    return (BYTE)(__atomic_fetch_or(p, (LONG64)(1ULL << (bit & 63)), __ATOMIC_SEQ_CST) >> (bit & 63) & 1);
}
IIS_API BYTE InterlockedBitTestAndReset64(volatile LONG64 *p, LONG64 bit)
{
    return (BYTE)(__atomic_fetch_and(p, ~(LONG64)(1ULL << (bit & 63)), __ATOMIC_SEQ_CST) >> (bit & 63) & 1);
}
IIS_API char InterlockedExchange8(volatile char *p, char v) { return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); }

/* ---- lists: a flag instead of a double-width exchange -------------------------------------------------------------- */

typedef struct _SLIST_ENTRY {
    struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;
typedef struct _SLIST_HEADER {
    SLIST_ENTRY *iis_first;
    char iis_busy;
    USHORT iis_depth;
} SLIST_HEADER, *PSLIST_HEADER;
#define MEMORY_ALLOCATION_ALIGNMENT 16

IIS_API void iis_list_enter(PSLIST_HEADER list)
{
    while (__atomic_exchange_n(&list->iis_busy, (char)1, __ATOMIC_ACQUIRE))
        iis_libc_sched_yield();
}
IIS_API void iis_list_leave(PSLIST_HEADER list) { __atomic_store_n(&list->iis_busy, (char)0, __ATOMIC_RELEASE); }
IIS_API void WINAPI InitializeSListHead(PSLIST_HEADER list) { memset(list, 0, sizeof(*list)); }
/* What was in front of it. */
IIS_API PSLIST_ENTRY WINAPI InterlockedPushEntrySList(PSLIST_HEADER list, PSLIST_ENTRY entry)
{
    iis_list_enter(list);
    PSLIST_ENTRY before = list->iis_first;
    entry->Next = before;
    list->iis_first = entry;
    list->iis_depth++;
    iis_list_leave(list);
    return before;
}
IIS_API PSLIST_ENTRY WINAPI InterlockedPopEntrySList(PSLIST_HEADER list)
{
    iis_list_enter(list);
    PSLIST_ENTRY first = list->iis_first;
    if (first) {
        list->iis_first = first->Next;
        list->iis_depth--;
    }
    iis_list_leave(list);
    return first;
}
IIS_API PSLIST_ENTRY WINAPI InterlockedFlushSList(PSLIST_HEADER list)
{
    iis_list_enter(list);
    PSLIST_ENTRY first = list->iis_first;
    list->iis_first = NULL;
    list->iis_depth = 0;
    iis_list_leave(list);
    return first;
}
IIS_API USHORT WINAPI QueryDepthSList(PSLIST_HEADER list)
{
    iis_list_enter(list);
    USHORT depth = list->iis_depth;
    iis_list_leave(list);
    return depth;
}

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define _ReadWriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _ReadBarrier() __atomic_signal_fence(__ATOMIC_ACQUIRE)
#define _WriteBarrier() __atomic_signal_fence(__ATOMIC_RELEASE)
#if defined(__x86_64__) || defined(__i386__)
#define YieldProcessor() __builtin_ia32_pause()
#else
#define YieldProcessor() _ReadWriteBarrier()
#endif

#endif /* IIS_WIN32_INTERLOCKED_H */
