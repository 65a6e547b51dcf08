/*
 * win32/threads.h - threads and their handles, with Windows' calls and with those of MSVC's <process.h>; sleeping.
 *
 * A thread is a pthread whose signals are left to the server. Its handle is signaled when its function is over, and who
 * waits for the handle goes on only when the pthread is gone too: a module that has waited for its threads may be
 * unloaded. Nobody can suspend, kill or open a thread that runs, and priorities are kept but mean nothing.
 * Pages: "CreateThread function", "_beginthread, _beginthreadex".
 */
#ifndef IIS_WIN32_THREADS_H
#define IIS_WIN32_THREADS_H

#include "handles.h"
#include "codepage.h"

#define CREATE_SUSPENDED 0x00000004
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000
#define STILL_ACTIVE 259
#define THREAD_PRIORITY_IDLE (-15)
#define THREAD_PRIORITY_LOWEST (-2)
#define THREAD_PRIORITY_BELOW_NORMAL (-1)
#define THREAD_PRIORITY_NORMAL 0
#define THREAD_PRIORITY_ABOVE_NORMAL 1
#define THREAD_PRIORITY_HIGHEST 2
#define THREAD_PRIORITY_TIME_CRITICAL 15
#define THREAD_PRIORITY_ERROR_RETURN 0x7fffffff
#define THREAD_MODE_BACKGROUND_BEGIN 0x00010000
#define THREAD_MODE_BACKGROUND_END 0x00020000

typedef DWORD (WINAPI *PTHREAD_START_ROUTINE)(LPVOID lpThreadParameter);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;

class iis_thread : public iis_object {
public:
    static constexpr kind_t KIND = THREAD;
    iis_thread(LPTHREAD_START_ROUTINE start, LPVOID argument, bool suspended)
        : iis_object(THREAD), m_start(start), m_argument(argument), m_suspended(suspended) {}
    bool Signaled() const { return m_ended; }
    bool Closed()
    {
        pthread_t thread;
        if (Join(&thread))
            pthread_detach(thread);
        return m_ended;
    }
    bool Join(pthread_t *thread)
    {
        bool first = m_ended && !m_joined;
        if (first) {
            m_joined = true;
            *thread = m_thread;
        }
        return first;
    }
    LPTHREAD_START_ROUTINE m_start;
    LPVOID m_argument;
    void (*m_plain)(void *) = NULL;          /* of _beginthread, instead of m_start */
    bool m_suspended, m_ended = false, m_joined = false;
    pthread_t m_thread = pthread_t();
    DWORD m_id = 0, m_code = STILL_ACTIVE;   /* id: 0 until the thread itself has said it */
    int m_priority = THREAD_PRIORITY_NORMAL;
    std::condition_variable m_changed;       /* m_id, m_suspended */
};

/* ---- beginning and ending ---------------------------------------------------------------------------------------- */

/* NULL: not a thread of this module. */
IIS_API iis_thread *iis_thread_self() { return static_cast<iis_thread *>(iis_object_here()); }

/* The calling thread has run; it has no object any more. */
IIS_API void iis_thread_over(DWORD code)
{
    iis_guard guard(iis_handle_table().lock);
    iis_thread *thread = iis_thread_self();

    if (!thread)
        return;
    iis_object_here() = NULL;
    thread->m_code = code;
    thread->m_ended = true;
    thread->Changed();
    if (!thread->m_handles && thread->Closed() && thread->m_waiters.empty())
        delete thread;
}

/* The handle that _beginthread returned is the thread's own. */
IIS_API void iis_plain_thread_over()
{
    HANDLE handle = iis_object_here();
    iis_thread_over(0);
    if (handle)
        CloseHandle(handle);
}

IIS_API void *iis_thread_run(void *object)
{
    iis_thread *thread = (iis_thread *)object;
    iis_guard guard(iis_handle_table().lock);

    iis_object_here() = thread;
    thread->m_id = GetCurrentThreadId();
    thread->m_changed.notify_all();
    thread->m_changed.wait(guard, [&] { return !thread->m_suspended; });
    guard.unlock();
    if (thread->m_plain) {
        thread->m_plain(thread->m_argument);
        iis_plain_thread_over();
    }
    else
        iis_thread_over(thread->m_start(thread->m_argument));
    return NULL;
}

/* Windows reserves 1 MiB, or what the source asks for; without a wish it is the system's default here. The signals of
 * the server are its own threads' business, those of a fault the faulting thread's. An error of errno's or 0. */
IIS_API int iis_pthread_start(pthread_t *thread, SIZE_T stack, void *(*run)(void *), void *argument)
{
    static const int faults[] = {4, 5, 6, 7, 8, 11, 31};     /* ILL TRAP ABRT BUS FPE SEGV SYS */
    unsigned long long all[16], before[16];
    pthread_attr_t attributes;

    iis_libc_sigfillset(all);
    for (int fault : faults)
        all[0] &= ~(1ULL << (fault - 1));
    pthread_attr_init(&attributes);
    if (stack)
        pthread_attr_setstacksize(&attributes, (std::max<SIZE_T>(stack, 1 << 20) + 0xffff) & ~(SIZE_T)0xffff);
    iis_libc_pthread_sigmask(2 /* SIG_SETMASK */, all, before);
    int error = pthread_create(thread, &attributes, run, argument);
    iis_libc_pthread_sigmask(2, before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

/* NULL: there is no thread more, errno says why. */
IIS_API HANDLE iis_thread_start(iis_thread *thread, SIZE_T stack, DWORD *id)
{
    iis_handles &table = iis_handle_table();
    iis_guard guard(table.lock);
    int error = iis_pthread_start(&thread->m_thread, stack, iis_thread_run, thread);

    if (error) {
        delete thread;
        errno = error;
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    table.open.insert(thread);
    thread->m_changed.wait(guard, [&] { return thread->m_id != 0; });
    if (id)
        *id = thread->m_id;
    return thread;
}

IIS_API HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES, SIZE_T dwStackSize, LPTHREAD_START_ROUTINE lpStartAddress,
                                   LPVOID lpParameter, DWORD dwCreationFlags, LPDWORD lpThreadId)
{
    if (!lpStartAddress || (dwCreationFlags & ~(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION))) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    bool suspended = (dwCreationFlags & CREATE_SUSPENDED) != 0;
    return iis_thread_start(new iis_thread(lpStartAddress, lpParameter, suspended), dwStackSize, lpThreadId);
}
/* What is on the stack is destructed, unlike on Windows. */
IIS_API __attribute__((noreturn)) VOID WINAPI ExitThread(DWORD dwExitCode)
{
    iis_thread_over(dwExitCode);
    pthread_exit(NULL);
}

/* 1: it runs now; 0: it did already. */
IIS_API DWORD WINAPI ResumeThread(HANDLE hThread)
{
    iis_guard guard(iis_handle_table().lock);
    iis_thread *thread = iis_object_as<iis_thread>(hThread);

    if (!thread)
        return (DWORD)-1;
    DWORD before = thread->m_suspended;
    thread->m_suspended = false;
    thread->m_changed.notify_all();
    return before;
}

/* ---- <process.h> ------------------------------------------------------------------------------------------------- */

typedef unsigned (__stdcall *_beginthreadex_proc_type)(void *);
typedef void (__cdecl *_beginthread_proc_type)(void *);

/* 0 and errno. */
IIS_API uintptr_t _beginthreadex(void *, unsigned stack_size, _beginthreadex_proc_type start, void *arglist,
                                 unsigned initflag, unsigned *thrdaddr)
{
    HANDLE thread = CreateThread(NULL, stack_size, start, arglist, initflag, thrdaddr);
    if (!thread && GetLastError() == ERROR_INVALID_PARAMETER)
        errno = EINVAL;
    return (uintptr_t)thread;
}
IIS_API __attribute__((noreturn)) void _endthreadex(unsigned retval) { ExitThread(retval); }

/* -1 and errno. The handle is closed when the thread ends, which may be at once. */
IIS_API uintptr_t _beginthread(_beginthread_proc_type start, unsigned stack_size, void *arglist)
{
    if (!start) {
        errno = EINVAL;
        return (uintptr_t)-1;
    }
    iis_thread *made = new iis_thread(NULL, arglist, true);
    made->m_plain = start;
    HANDLE thread = iis_thread_start(made, stack_size, NULL);
    if (!thread)
        return (uintptr_t)-1;
    ResumeThread(thread);
    return (uintptr_t)thread;
}
IIS_API __attribute__((noreturn)) void _endthread()
{
    iis_plain_thread_over();
    pthread_exit(NULL);
}

/* ---- about a thread ---------------------------------------------------------------------------------------------- */

/* STILL_ACTIVE while it runs, as of the caller itself. */
IIS_API BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode)
{
    iis_guard guard(iis_handle_table().lock);
    DWORD code = STILL_ACTIVE;

    if (hThread != GetCurrentThread()) {
        iis_thread *thread = iis_object_as<iis_thread>(hThread);
        if (!thread)
            return FALSE;
        code = thread->m_code;
    }
    if (!lpExitCode)
        return iis_failed(ERROR_NOACCESS);
    *lpExitCode = code;
    return TRUE;
}
IIS_API DWORD WINAPI GetThreadId(HANDLE hThread)
{
    iis_guard guard(iis_handle_table().lock);
    if (hThread == GetCurrentThread())
        return GetCurrentThreadId();
    iis_thread *thread = iis_object_as<iis_thread>(hThread);
    return thread ? thread->m_id : 0;
}

/* The scheduler is not told: that takes privileges which a server has given up. Of the server's own threads nothing is
 * kept. */
IIS_API BOOL WINAPI SetThreadPriority(HANDLE hThread, int nPriority)
{
    iis_guard guard(iis_handle_table().lock);
    iis_thread *thread = hThread == GetCurrentThread() ? iis_thread_self() : iis_object_as<iis_thread>(hThread);
    bool known = thread || hThread == GetCurrentThread();

    if (known && (nPriority == THREAD_MODE_BACKGROUND_BEGIN || nPriority == THREAD_MODE_BACKGROUND_END))
        return TRUE;
    if (known && (nPriority < THREAD_PRIORITY_IDLE || nPriority > THREAD_PRIORITY_TIME_CRITICAL))
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (thread)
        thread->m_priority = nPriority;
    return known;
}
IIS_API int WINAPI GetThreadPriority(HANDLE hThread)
{
    iis_guard guard(iis_handle_table().lock);
    if (hThread == GetCurrentThread())
        return iis_thread_self() ? iis_thread_self()->m_priority : THREAD_PRIORITY_NORMAL;
    iis_thread *thread = iis_object_as<iis_thread>(hThread);
    return thread ? thread->m_priority : THREAD_PRIORITY_ERROR_RETURN;
}

/* What a debugger and top show: the first 15 bytes of it. */
IIS_API HRESULT WINAPI SetThreadDescription(HANDLE hThread, PCWSTR lpThreadDescription)
{
    std::string name = iis_narrow(lpThreadDescription).substr(0, 15);
    iis_guard guard(iis_handle_table().lock);
    iis_thread *thread = NULL;

    if (hThread != GetCurrentThread() && !(thread = iis_object_as<iis_thread>(hThread)))
        return E_HANDLE;
    if (!thread)
        pthread_setname_np(pthread_self(), name.c_str());
    else if (!thread->m_ended)
        pthread_setname_np(thread->m_thread, name.c_str());
    return S_OK;
}

/* ---- sleeping ---------------------------------------------------------------------------------------------------- */

IIS_API BOOL WINAPI SwitchToThread() { return iis_libc_sched_yield() == 0; }

/* 0 yields; INFINITE is for ever. */
IIS_API VOID WINAPI Sleep(DWORD dwMilliseconds)
{
    struct timespec rest = {(time_t)(dwMilliseconds / 1000), (long)(dwMilliseconds % 1000) * 1000000};

    if (!dwMilliseconds)
        iis_libc_sched_yield();
    else
        do {
            while (nanosleep(&rest, &rest) && errno == EINTR)
                continue;
        } while (dwMilliseconds == INFINITE);
}
/* There are no alerts. */
IIS_API DWORD WINAPI SleepEx(DWORD dwMilliseconds, BOOL)
{
    Sleep(dwMilliseconds);
    return 0;
}

#endif /* IIS_WIN32_THREADS_H */
