/*
 * win32/sync.h - the locks that are no handles: critical sections, slim reader/writer locks, condition variables, one-time
 * initialisation, TLS and FLS. Any thread; a zeroed SRWLOCK, CONDITION_VARIABLE or INIT_ONCE is a ready one.
 * Pages: "Critical Section Objects", "Slim Reader/Writer (SRW) Locks", "Condition Variables", "One-Time Initialization".
 */
#ifndef IIS_WIN32_SYNC_H
#define IIS_WIN32_SYNC_H

#include "interlocked.h"

/* ---- critical sections ------------------------------------------------------------------------------------------- */

typedef struct _RTL_CRITICAL_SECTION {
    pthread_mutex_t iis_mutex;
} CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION, RTL_CRITICAL_SECTION;

#define CRITICAL_SECTION_NO_DEBUG_INFO 0x01000000

IIS_API BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION section, DWORD, DWORD)
{
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&section->iis_mutex, &recursive);
    pthread_mutexattr_destroy(&recursive);
    return TRUE;
}
IIS_API void WINAPI InitializeCriticalSection(LPCRITICAL_SECTION section) { InitializeCriticalSectionEx(section, 0, 0); }
IIS_API BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section, DWORD)
{
    return InitializeCriticalSectionEx(section, 0, 0);
}
IIS_API DWORD WINAPI SetCriticalSectionSpinCount(LPCRITICAL_SECTION, DWORD) { return 0; }
IIS_API void WINAPI DeleteCriticalSection(LPCRITICAL_SECTION section) { pthread_mutex_destroy(&section->iis_mutex); }
IIS_API void WINAPI EnterCriticalSection(LPCRITICAL_SECTION section) { pthread_mutex_lock(&section->iis_mutex); }
IIS_API BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION section)
{
    return pthread_mutex_trylock(&section->iis_mutex) == 0;
}
IIS_API void WINAPI LeaveCriticalSection(LPCRITICAL_SECTION section) { pthread_mutex_unlock(&section->iis_mutex); }

/* ---- slim reader/writer locks ------------------------------------------------------------------------------------ */

typedef struct _RTL_SRWLOCK {
    pthread_rwlock_t iis_lock;
} SRWLOCK, *PSRWLOCK, RTL_SRWLOCK;
#define SRWLOCK_INIT {PTHREAD_RWLOCK_INITIALIZER}
#define RTL_SRWLOCK_INIT SRWLOCK_INIT

IIS_API void WINAPI InitializeSRWLock(PSRWLOCK lock) { pthread_rwlock_init(&lock->iis_lock, NULL); }
IIS_API void WINAPI AcquireSRWLockExclusive(PSRWLOCK lock) { pthread_rwlock_wrlock(&lock->iis_lock); }
IIS_API void WINAPI AcquireSRWLockShared(PSRWLOCK lock) { pthread_rwlock_rdlock(&lock->iis_lock); }
IIS_API BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK lock) { return !pthread_rwlock_trywrlock(&lock->iis_lock); }
IIS_API BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK lock) { return !pthread_rwlock_tryrdlock(&lock->iis_lock); }
IIS_API void WINAPI ReleaseSRWLockExclusive(PSRWLOCK lock) { pthread_rwlock_unlock(&lock->iis_lock); }
IIS_API void WINAPI ReleaseSRWLockShared(PSRWLOCK lock) { pthread_rwlock_unlock(&lock->iis_lock); }

/* ---- condition variables: a count of wakes, which sleepers watch -------------------------------------------------- */

typedef struct _RTL_CONDITION_VARIABLE {
    unsigned iis_wakes;
} CONDITION_VARIABLE, *PCONDITION_VARIABLE;
#define CONDITION_VARIABLE_INIT {0}
#define CONDITION_VARIABLE_LOCKMODE_SHARED 0x1

IIS_API void WINAPI InitializeConditionVariable(PCONDITION_VARIABLE condition) { condition->iis_wakes = 0; }
IIS_API void WINAPI WakeConditionVariable(PCONDITION_VARIABLE condition)
{
    __atomic_add_fetch(&condition->iis_wakes, 1, __ATOMIC_SEQ_CST);
    iis_futex_wake(&condition->iis_wakes, 1);
}
IIS_API void WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE condition)
{
    __atomic_add_fetch(&condition->iis_wakes, 1, __ATOMIC_SEQ_CST);
    iis_futex_wake(&condition->iis_wakes, INT_MAX);
}
/* FALSE and ERROR_TIMEOUT; spurious wakes happen, as on Windows. */
IIS_API BOOL WINAPI SleepConditionVariableCS(PCONDITION_VARIABLE condition, PCRITICAL_SECTION section, DWORD dwMs)
{
    unsigned seen = __atomic_load_n(&condition->iis_wakes, __ATOMIC_SEQ_CST);
    LeaveCriticalSection(section);
    BOOL woken = iis_futex_wait(&condition->iis_wakes, seen, dwMs);
    EnterCriticalSection(section);
    return woken ? TRUE : iis_failed(ERROR_TIMEOUT);
}
IIS_API BOOL WINAPI SleepConditionVariableSRW(PCONDITION_VARIABLE condition, PSRWLOCK lock, DWORD dwMs, ULONG Flags)
{
    unsigned seen = __atomic_load_n(&condition->iis_wakes, __ATOMIC_SEQ_CST);
    pthread_rwlock_unlock(&lock->iis_lock);
    BOOL woken = iis_futex_wait(&condition->iis_wakes, seen, dwMs);
    if (Flags & CONDITION_VARIABLE_LOCKMODE_SHARED)
        AcquireSRWLockShared(lock);
    else
        AcquireSRWLockExclusive(lock);
    return woken ? TRUE : iis_failed(ERROR_TIMEOUT);
}

/* ---- one-time initialisation ------------------------------------------------------------------------------------- */

typedef struct _RTL_RUN_ONCE {
    unsigned iis_state;                      /* 0 not yet, 1 somebody is at it, 2 done */
    PVOID iis_context;
} INIT_ONCE, *PINIT_ONCE, *LPINIT_ONCE;
#define INIT_ONCE_STATIC_INIT {0, NULL}
#define INIT_ONCE_CHECK_ONLY 0x1
#define INIT_ONCE_ASYNC 0x2
#define INIT_ONCE_INIT_FAILED 0x4
typedef BOOL (CALLBACK *PINIT_ONCE_FN)(PINIT_ONCE InitOnce, PVOID Parameter, PVOID *Context);

IIS_API void WINAPI InitOnceInitialize(PINIT_ONCE once)
{
    once->iis_state = 0;
    once->iis_context = NULL;
}
/* ASYNC (several may try, one wins) is refused. */
IIS_API BOOL WINAPI InitOnceBeginInitialize(LPINIT_ONCE once, DWORD flags, PBOOL pending, LPVOID *context)
{
    if (flags & INIT_ONCE_ASYNC)
        return iis_failed(ERROR_NOT_SUPPORTED);
    for (;;) {
        unsigned state = __atomic_load_n(&once->iis_state, __ATOMIC_ACQUIRE);
        if (state == 2) {
            *pending = FALSE;
            if (context)
                *context = once->iis_context;
            return TRUE;
        }
        if (flags & INIT_ONCE_CHECK_ONLY) {
            *pending = TRUE;
            return iis_failed(ERROR_GEN_FAILURE);
        }
        if (state == 0 && __atomic_compare_exchange_n(&once->iis_state, &state, 1u, false, __ATOMIC_ACQUIRE,
                                                      __ATOMIC_RELAXED)) {
            *pending = TRUE;
            return TRUE;
        }
        if (state == 1)
            iis_futex_wait(&once->iis_state, 1, INFINITE);
    }
}
IIS_API BOOL WINAPI InitOnceComplete(LPINIT_ONCE once, DWORD flags, LPVOID context)
{
    if (!(flags & INIT_ONCE_INIT_FAILED))
        once->iis_context = context;
    __atomic_store_n(&once->iis_state, flags & INIT_ONCE_INIT_FAILED ? 0u : 2u, __ATOMIC_RELEASE);
    iis_futex_wake(&once->iis_state, INT_MAX);
    return TRUE;
}
/* FALSE when the function says so; the next caller tries again then. */
IIS_API BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE once, PINIT_ONCE_FN function, PVOID parameter, LPVOID *context)
{
    BOOL pending;
    PVOID made = NULL;

    InitOnceBeginInitialize(once, 0, &pending, context);
    if (!pending)
        return TRUE;
    BOOL ok = function(once, parameter, &made);
    InitOnceComplete(once, ok ? 0 : INIT_ONCE_INIT_FAILED, made);
    if (ok && context)
        *context = made;
    return ok;
}

/* ---- TLS and FLS: a fiber is a thread ---------------------------------------------------------------------------- */

#define TLS_OUT_OF_INDEXES 0xffffffffU
#define FLS_OUT_OF_INDEXES 0xffffffffU
typedef VOID (WINAPI *PFLS_CALLBACK_FUNCTION)(PVOID lpFlsData);

/* The callback is called when a thread ends, unless its value is NULL. */
IIS_API DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION callback)
{
    pthread_key_t key;
    if (!pthread_key_create(&key, callback))
        return (DWORD)key;
    SetLastError(ERROR_NO_SYSTEM_RESOURCES);
    return FLS_OUT_OF_INDEXES;
}
IIS_API BOOL WINAPI FlsFree(DWORD index)
{
    return pthread_key_delete((pthread_key_t)index) ? iis_failed(ERROR_INVALID_PARAMETER) : TRUE;
}
IIS_API PVOID WINAPI FlsGetValue(DWORD index)
{
    SetLastError(ERROR_SUCCESS);
    return pthread_getspecific((pthread_key_t)index);
}
IIS_API BOOL WINAPI FlsSetValue(DWORD index, PVOID value)
{
    return pthread_setspecific((pthread_key_t)index, value) ? iis_failed(ERROR_INVALID_PARAMETER) : TRUE;
}
IIS_API DWORD WINAPI TlsAlloc() { return FlsAlloc(NULL); }
IIS_API BOOL WINAPI TlsFree(DWORD index) { return FlsFree(index); }
IIS_API LPVOID WINAPI TlsGetValue(DWORD index) { return FlsGetValue(index); }
IIS_API BOOL WINAPI TlsSetValue(DWORD index, LPVOID value) { return FlsSetValue(index, value); }

#endif /* IIS_WIN32_SYNC_H */
