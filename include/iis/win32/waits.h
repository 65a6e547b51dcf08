/*
 * win32/waits.h - timers that are waited for, and waits that call back: RegisterWaitForSingleObject and the waits of thread
 * pools. A timer has no thread: who waits for it wakes up when it is due. One more thread per module looks at all
 * registered waits; their callbacks are jobs of the pool, and a wait is looked at again when its callback has returned.
 * Nothing is alerted, so a timer has no completion routine. Pages: "CreateWaitableTimerW function", "SetWaitableTimer
 * function", "RegisterWaitForSingleObject function", "SetThreadpoolWait function".
 */
#ifndef IIS_WIN32_WAITS_H
#define IIS_WIN32_WAITS_H

#include "timers.h"

#define CREATE_WAITABLE_TIMER_MANUAL_RESET 0x1
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 0x2
#define TIMER_MODIFY_STATE 0x0002
#define TIMER_ALL_ACCESS 0x1F0003

/* ---- waitable timers --------------------------------------------------------------------------------------------- */

class iis_timer : public iis_object {
public:
    static constexpr kind_t KIND = TIMER;
    explicit iis_timer(bool manual) : iis_object(TIMER), m_manual(manual) {}
    bool Signaled() const { return m_set || (m_armed && iis_clock::now() >= m_due); }
    const iis_clock::time_point *Due() const { return m_armed ? &m_due : NULL; }
    DWORD Taken()
    {
        Pass();
        m_set = m_set && m_manual;
        return 0;
    }
    /* What is due has happened. */
    void Pass()
    {
        iis_clock::time_point now = iis_clock::now();
        if (!m_armed || now < m_due)
            return;
        m_set = true;
        m_armed = m_period > iis_clock::duration::zero();
        if (m_armed)
            m_due += m_period * ((now - m_due) / m_period + 1);
    }
    void Arm(iis_clock::duration after, iis_clock::duration period)
    {
        m_set = false;
        m_armed = true;
        m_due = iis_clock::now() + after;
        m_period = period;
        Changed();
    }
    void Cancel()
    {
        Pass();
        m_armed = false;
    }
private:
    bool m_manual, m_set = false, m_armed = false;
    iis_clock::time_point m_due;
    iis_clock::duration m_period = iis_clock::duration::zero();
};

IIS_API HANDLE WINAPI CreateWaitableTimerW(LPSECURITY_ATTRIBUTES, BOOL bManualReset, LPCWSTR lpName)
{
    return iis_open(new iis_timer(bManualReset != FALSE), lpName);
}
IIS_API HANDLE WINAPI CreateWaitableTimerA(LPSECURITY_ATTRIBUTES, BOOL bManualReset, LPCSTR lpName)
{
    return CreateWaitableTimerW(NULL, bManualReset, iis_widen(lpName).c_str());
}
IIS_API HANDLE WINAPI CreateWaitableTimerExW(LPSECURITY_ATTRIBUTES, LPCWSTR lpName, DWORD dwFlags, DWORD)
{
    return CreateWaitableTimerW(NULL, dwFlags & CREATE_WAITABLE_TIMER_MANUAL_RESET, lpName);
}
IIS_API HANDLE WINAPI CreateWaitableTimerExA(LPSECURITY_ATTRIBUTES, LPCSTR lpName, DWORD dwFlags, DWORD)
{
    return CreateWaitableTimerA(NULL, dwFlags & CREATE_WAITABLE_TIMER_MANUAL_RESET, lpName);
}
IIS_API HANDLE WINAPI OpenWaitableTimerW(DWORD, BOOL, LPCWSTR lpName) { return iis_open_named<iis_timer>(lpName); }
IIS_API HANDLE WINAPI OpenWaitableTimerA(DWORD, BOOL, LPCSTR lpName)
{
    return iis_open_named<iis_timer>(iis_widen(lpName).c_str());
}
typedef VOID (CALLBACK *PTIMERAPCROUTINE)(LPVOID lpArgument, DWORD dwTimerLowValue, DWORD dwTimerHighValue);
/* due: negative, from now on in 100 ns; positive, a time. period: in milliseconds. */
IIS_API BOOL WINAPI SetWaitableTimer(HANDLE hTimer, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE routine,
                                     LPVOID, BOOL)
{
    if (!due || period < 0)
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (routine)
        return iis_failed(ERROR_NOT_SUPPORTED);
    iis_guard guard(iis_handle_table().lock);
    iis_timer *timer = iis_object_as<iis_timer>(hTimer);
    if (timer)
        timer->Arm(iis_until(iis_filetime((unsigned long long)due->QuadPart)), std::chrono::milliseconds(period));
    return timer != NULL;
}
IIS_API BOOL WINAPI SetWaitableTimerEx(HANDLE hTimer, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE routine,
                                       LPVOID argument, PVOID, ULONG)
{
    return SetWaitableTimer(hTimer, due, period, routine, argument, FALSE);
}
/* Signaled or not, it stays so. */
IIS_API BOOL WINAPI CancelWaitableTimer(HANDLE hTimer)
{
    iis_guard guard(iis_handle_table().lock);
    iis_timer *timer = iis_object_as<iis_timer>(hTimer);
    if (timer)
        timer->Cancel();
    return timer != NULL;
}

/* ---- registered waits: all under the lock of the handles ----------------------------------------------------------- */

struct iis_watch {
    typedef std::function<void(PTP_CALLBACK_INSTANCE, bool timed_out)> function;
    function call;
    PTP_POOL pool;
    iis_object *object = NULL;               /* while it is active */
    bool once = true, timed = false;
    iis_clock::time_point deadline;          /* if timed */
    iis_clock::duration limit;
    unsigned pending = 0;                    /* callbacks that are queued or run */
    HANDLE completion = NULL;                /* an event for the end of the last one */
};
typedef std::shared_ptr<iis_watch> iis_watch_ptr;
struct iis_watches {
    std::map<HANDLE, iis_watch_ptr> all;
    std::vector<iis_watch_ptr> active;
    iis_waiter waiter;
    std::condition_variable returned;        /* some callback has */
    bool running = false;
    int process = iis_libc_getpid();
};
IIS_API iis_watches &iis_all_watches()
{
    static iis_watches *watches = new iis_watches;
    if (watches->process != iis_libc_getpid())
        watches = new iis_watches;
    return *watches;
}
IIS_API void iis_watches_look()
{
    iis_all_watches().waiter.look = true;
    iis_all_watches().waiter.changed.notify_one();
}
IIS_API void iis_watch_stop(const iis_watch_ptr &watch)
{
    std::vector<iis_watch_ptr> &active = iis_all_watches().active;
    if (!watch->object)
        return;
    std::vector<iis_waiter *> &waiters = watch->object->m_waiters;
    waiters.erase(std::find(waiters.begin(), waiters.end(), &iis_all_watches().waiter));
    watch->object = NULL;
    active.erase(std::find(active.begin(), active.end(), watch));
}
IIS_API void iis_watch_call(const iis_watch_ptr &watch, PTP_CALLBACK_INSTANCE instance, bool timed_out)
{
    watch->call(instance, timed_out);
    iis_guard guard(iis_handle_table().lock);
    watch->deadline = iis_clock::now() + watch->limit;
    HANDLE last = --watch->pending ? NULL : watch->completion;
    iis_all_watches().returned.notify_all();
    iis_watches_look();
    guard.unlock();
    if (last)
        SetEvent(last);
}
IIS_API void iis_watch_queue(const iis_watch_ptr &watch, bool timed_out)
{
    TP_CALLBACK_ENVIRON environment = {watch->pool, NULL};
    if (!iis_job_once(&environment, [=](PTP_CALLBACK_INSTANCE instance, iis_job *) {
            iis_watch_call(watch, instance, timed_out);
        }))
        iis_watch_call(watch, NULL, timed_out);
}
/* What is signaled or over now; *next: when to look again. */
IIS_API std::vector<std::pair<iis_watch_ptr, bool>> iis_watches_due(iis_clock::time_point *next)
{
    std::vector<std::pair<iis_watch_ptr, bool>> due;
    iis_clock::time_point now = iis_clock::now();

    *next = now + std::chrono::hours(1);
    for (const iis_watch_ptr &watch : std::vector<iis_watch_ptr>(iis_all_watches().active)) {
        if (watch->pending)
            continue;
        bool signaled = watch->object->Signaled();
        if (signaled || (watch->timed && now >= watch->deadline)) {
            if (signaled)
                watch->object->Taken();
            watch->pending++;
            due.push_back(std::make_pair(watch, !signaled));
            if (watch->once)
                iis_watch_stop(watch);
            continue;
        }
        *next = watch->timed ? std::min(*next, watch->deadline) : *next;
        *next = watch->object->Due() ? std::min(*next, *watch->object->Due()) : *next;
    }
    return due;
}
IIS_API void *iis_watches_run(void *)
{
    iis_guard guard(iis_handle_table().lock);
    for (;;) {
        iis_clock::time_point next;
        auto due = iis_watches_due(&next);
        iis_waiter &waiter = iis_all_watches().waiter;
        if (due.empty())
            waiter.changed.wait_until(guard, next, [&] { return waiter.look; });
        waiter.look = false;
        guard.unlock();
        for (auto &one : due)
            iis_watch_queue(one.first, one.second);
        due.clear();
        guard.lock();
    }
    return NULL;
}
/* FALSE and the last error. */
IIS_API BOOL iis_watch_start(const iis_watch_ptr &watch, HANDLE handle, const iis_clock::duration *limit)
{
    iis_watches &watches = iis_all_watches();
    iis_object *object = iis_object_of(handle);

    if (!object)
        return iis_failed(ERROR_INVALID_HANDLE);
    if (!watches.running) {
        iis_all_pools();                     /* from now on the module stays loaded */
        if (!(watches.running = iis_thread_detached(iis_watches_run, NULL)))
            return iis_failed(ERROR_NOT_ENOUGH_MEMORY);
    }
    watch->timed = limit != NULL;
    watch->limit = limit ? *limit : iis_clock::duration::zero();
    watch->deadline = iis_clock::now() + watch->limit;
    watch->object = object;
    object->m_waiters.push_back(&watches.waiter);
    watches.active.push_back(watch);
    iis_watches_look();
    return TRUE;
}
IIS_API iis_watch_ptr iis_watch_of(HANDLE handle)
{
    auto known = iis_all_watches().all.find(handle);
    if (known != iis_all_watches().all.end())
        return known->second;
    SetLastError(ERROR_INVALID_HANDLE);
    return iis_watch_ptr();
}
IIS_API iis_watch_ptr iis_watch_make(iis_watch::function call, PTP_POOL pool)
{
    iis_watch_ptr watch = std::make_shared<iis_watch>();
    watch->call = call;
    watch->pool = pool;
    return iis_all_watches().all[watch.get()] = watch;
}
IIS_API void iis_watch_forget(const iis_watch_ptr &watch)
{
    iis_watch_stop(watch);
    iis_all_watches().all.erase(watch.get());
}

/* ---- RegisterWaitForSingleObject ----------------------------------------------------------------------------------- */

IIS_API BOOL WINAPI RegisterWaitForSingleObject(PHANDLE phNew, HANDLE hObject, WAITORTIMERCALLBACK callback, PVOID context,
                                                ULONG dwMilliseconds, ULONG dwFlags)
{
    if (!phNew || !callback)
        return iis_failed(ERROR_INVALID_PARAMETER);
    iis_clock::duration limit = std::chrono::milliseconds(dwMilliseconds);
    iis_guard guard(iis_handle_table().lock);
    iis_watch_ptr watch = iis_watch_make([=](PTP_CALLBACK_INSTANCE, bool timed_out) { callback(context, timed_out); }, NULL);
    watch->once = (dwFlags & WT_EXECUTEONLYONCE) != 0;
    if (!iis_watch_start(watch, hObject, dwMilliseconds == INFINITE ? NULL : &limit)) {
        iis_watch_forget(watch);
        return FALSE;
    }
    *phNew = watch.get();
    return TRUE;
}
/* INVALID_HANDLE_VALUE waits for a callback that runs; with another event, or none, it is FALSE and ERROR_IO_PENDING
 * then, and the event is set when the last one has returned. */
IIS_API BOOL WINAPI UnregisterWaitEx(HANDLE hWait, HANDLE hCompletion)
{
    iis_guard guard(iis_handle_table().lock);
    iis_watch_ptr watch = iis_watch_of(hWait);

    if (!watch)
        return FALSE;
    iis_watch_forget(watch);
    if (hCompletion == INVALID_HANDLE_VALUE) {
        iis_all_watches().returned.wait(guard, [&] { return !watch->pending; });
        return TRUE;
    }
    if (watch->pending) {
        watch->completion = hCompletion;
        return iis_failed(ERROR_IO_PENDING);
    }
    guard.unlock();
    if (hCompletion)
        SetEvent(hCompletion);
    return TRUE;
}
IIS_API BOOL WINAPI UnregisterWait(HANDLE hWait) { return UnregisterWaitEx(hWait, NULL); }

/* ---- waits of thread pools: each is set anew for each callback; no member of a cleanup group ------------------------ */

typedef iis_watch TP_WAIT, *PTP_WAIT;
typedef DWORD TP_WAIT_RESULT;
typedef VOID (CALLBACK *PTP_WAIT_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WAIT Wait,
                                           TP_WAIT_RESULT WaitResult);

IIS_API PTP_WAIT WINAPI CreateThreadpoolWait(PTP_WAIT_CALLBACK callback, PVOID context, PTP_CALLBACK_ENVIRON environment)
{
    if (!callback) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    iis_guard guard(iis_handle_table().lock);
    iis_watch_ptr watch = iis_watch_make(NULL, environment ? environment->iis_pool : NULL);
    iis_watch *wait = watch.get();
    watch->call = [=](PTP_CALLBACK_INSTANCE instance, bool timed_out) {
        callback(instance, context, wait, timed_out ? WAIT_TIMEOUT : WAIT_OBJECT_0);
    };
    return wait;
}
/* A NULL handle: no longer. */
IIS_API VOID WINAPI SetThreadpoolWait(PTP_WAIT wait, HANDLE handle, PFILETIME timeout)
{
    iis_guard guard(iis_handle_table().lock);
    iis_watch_ptr watch = iis_watch_of(wait);
    iis_clock::duration limit = timeout ? iis_until(*timeout) : iis_clock::duration::zero();

    if (!watch)
        return;
    iis_watch_stop(watch);
    if (handle)
        iis_watch_start(watch, handle, timeout ? &limit : NULL);
}
/* Callbacks that are queued come, also when they are to be cancelled. */
IIS_API VOID WINAPI WaitForThreadpoolWaitCallbacks(PTP_WAIT wait, BOOL)
{
    iis_guard guard(iis_handle_table().lock);
    iis_watch_ptr watch = iis_watch_of(wait);
    if (watch)
        iis_all_watches().returned.wait(guard, [&] { return !watch->pending; });
}
IIS_API VOID WINAPI CloseThreadpoolWait(PTP_WAIT wait)
{
    iis_guard guard(iis_handle_table().lock);
    iis_watch_ptr watch = iis_watch_of(wait);
    if (watch)
        iis_watch_forget(watch);
}

/* ---- a change of memory: all who wait look again -------------------------------------------------------------------- */

struct iis_address_waiters {
    std::mutex lock;
    std::condition_variable woken;
    unsigned wakes = 0;
};
IIS_API iis_address_waiters &iis_all_address_waiters()
{
    static iis_address_waiters *waiters = new iis_address_waiters;
    return *waiters;
}
/* Returns at once when the memory is another already; may return although nothing has changed. */
IIS_API BOOL WINAPI WaitOnAddress(volatile VOID *address, PVOID compare, SIZE_T size, DWORD milliseconds)
{
    iis_address_waiters &waiters = iis_all_address_waiters();
    iis_guard guard(waiters.lock);
    unsigned seen = waiters.wakes;
    bool same = size == 1 ? __atomic_load_n((volatile BYTE *)address, __ATOMIC_SEQ_CST) == *(BYTE *)compare
                : size == 2 ? __atomic_load_n((volatile WORD *)address, __ATOMIC_SEQ_CST) == *(WORD *)compare
                : size == 4 ? __atomic_load_n((volatile DWORD *)address, __ATOMIC_SEQ_CST) == *(DWORD *)compare
                : __atomic_load_n((volatile ULONG64 *)address, __ATOMIC_SEQ_CST) == *(ULONG64 *)compare;
    if (!same)
        return TRUE;
    auto another = [&] { return waiters.wakes != seen; };
    if (milliseconds == INFINITE)
        waiters.woken.wait(guard, another);
    else if (!waiters.woken.wait_for(guard, std::chrono::milliseconds(milliseconds), another))
        return iis_failed(ERROR_TIMEOUT);
    return TRUE;
}
IIS_API VOID WINAPI WakeByAddressAll(PVOID)
{
    iis_guard guard(iis_all_address_waiters().lock);
    iis_all_address_waiters().wakes++;
    iis_all_address_waiters().woken.notify_all();
}
IIS_API VOID WINAPI WakeByAddressSingle(PVOID address) { WakeByAddressAll(address); }

#define CreateWaitableTimer IIS_AW(CreateWaitableTimer)
#define CreateWaitableTimerEx IIS_AW(CreateWaitableTimerEx)
#define OpenWaitableTimer IIS_AW(OpenWaitableTimer)

#endif /* IIS_WIN32_WAITS_H */
