/*
 * win32/threadpool.h - the thread pool: work items, works and timers. One pool for the module, made when it is first
 * used, in the process that uses it: after a fork it begins anew. A thread is added when all are busy, up to 512, and
 * ends after half a minute without work; one more waits for timers. Pages: "Thread Pools", "Thread Pool API".
 */
#ifndef IIS_WIN32_THREADPOOL_H
#define IIS_WIN32_THREADPOOL_H

#include <deque>
#include <functional>

#include "events.h"
#include "threads.h"
#include "time.h"

#define WT_EXECUTEDEFAULT 0x00000000
#define WT_EXECUTEINIOTHREAD 0x00000001
#define WT_EXECUTEONLYONCE 0x00000008
#define WT_EXECUTELONGFUNCTION 0x00000010
#define WT_EXECUTEINTIMERTHREAD 0x00000020
#define WT_EXECUTEINPERSISTENTTHREAD 0x00000080

typedef VOID (CALLBACK *WAITORTIMERCALLBACK)(PVOID lpParameter, BOOLEAN TimerOrWaitFired);
typedef struct _TP_CALLBACK_INSTANCE *PTP_CALLBACK_INSTANCE;
typedef struct _TP_POOL *PTP_POOL;
typedef struct iis_tp_work *PTP_WORK;
typedef struct iis_tp_timer *PTP_TIMER;
typedef struct _TP_CALLBACK_ENVIRON { PTP_POOL Pool; } TP_CALLBACK_ENVIRON, *PTP_CALLBACK_ENVIRON;
typedef VOID (CALLBACK *PTP_SIMPLE_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context);
typedef VOID (CALLBACK *PTP_WORK_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work);
typedef VOID (CALLBACK *PTP_TIMER_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_TIMER Timer);

struct iis_pool {
    std::mutex lock;
    std::condition_variable work, quiet;
    std::deque<std::function<void()> > queue;
    unsigned threads = 0, idle = 0;
    int process = iis_libc_getpid();
    /* timers: due time and what is to be done then; a key that was taken out is not run */
    std::condition_variable tick;
    std::multimap<std::chrono::steady_clock::time_point, struct iis_timer *> timers;
    bool ticking = false;
};
/* A forked child inherits no threads, so it gets a pool of its own. */
IIS_API iis_pool &iis_thread_pool()
{
    static std::mutex *lock = new std::mutex;
    static iis_pool *pool = new iis_pool;
    std::lock_guard<std::mutex> guard(*lock);
    if (pool->process != iis_libc_getpid())
        pool = new iis_pool;
    return *pool;
}

/* The pool's threads end with the process. */
IIS_API bool iis_pool_start(void *(*run)(void *), iis_pool &pool)
{
    pthread_t thread;
    return !iis_pthread_start(&thread, 0, run, &pool) && !pthread_detach(thread);
}
IIS_API void *iis_pool_thread(void *argument)
{
    iis_pool &pool = *(iis_pool *)argument;
    iis_guard guard(pool.lock);

    for (;;) {
        if (pool.queue.empty()) {
            pool.idle++;
            bool some = pool.work.wait_for(guard, std::chrono::seconds(30), [&] { return !pool.queue.empty(); });
            pool.idle--;
            if (!some)
                break;
        }
        std::function<void()> item = std::move(pool.queue.front());
        pool.queue.pop_front();
        guard.unlock();
        item();
        item = nullptr;
        guard.lock();
    }
    pool.threads--;
    return NULL;
}
/* Under the pool's lock. FALSE: there is no thread and none can be made. */
IIS_API bool iis_pool_put(iis_pool &pool, std::function<void()> item)
{
    pool.queue.push_back(std::move(item));
    if (pool.idle < pool.queue.size() && pool.threads < 512 && iis_pool_start(iis_pool_thread, pool))
        pool.threads++;
    if (!pool.threads) {
        pool.queue.pop_back();
        return false;
    }
    pool.work.notify_one();
    return true;
}
IIS_API BOOL iis_pool_run(std::function<void()> item)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);
    return iis_pool_put(pool, std::move(item)) ? TRUE : iis_failed(ERROR_NO_SYSTEM_RESOURCES);
}

IIS_API BOOL WINAPI QueueUserWorkItem(LPTHREAD_START_ROUTINE Function, PVOID Context, ULONG)
{
    return Function ? iis_pool_run([=] { Function(Context); }) : iis_failed(ERROR_INVALID_PARAMETER);
}
IIS_API BOOL WINAPI TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK pfns, PVOID pv, PTP_CALLBACK_ENVIRON)
{
    return pfns ? iis_pool_run([=] { pfns(NULL, pv); }) : iis_failed(ERROR_INVALID_PARAMETER);
}
IIS_API BOOL WINAPI CallbackMayRunLong(PTP_CALLBACK_INSTANCE) { return TRUE; }
IIS_API void WINAPI InitializeThreadpoolEnvironment(PTP_CALLBACK_ENVIRON e) { e->Pool = NULL; }
IIS_API void WINAPI DestroyThreadpoolEnvironment(PTP_CALLBACK_ENVIRON) {}

/* ---- works ------------------------------------------------------------------------------------------------------- */

/* Guarded by the pool's lock; freed when it is closed and nothing of it is queued or runs. */
struct iis_tp_work {
    PTP_WORK_CALLBACK call;
    PVOID context;
    unsigned queued, running, cancelled;
    bool closed;
};

IIS_API PTP_WORK WINAPI CreateThreadpoolWork(PTP_WORK_CALLBACK pfnwk, PVOID pv, PTP_CALLBACK_ENVIRON)
{
    if (!pfnwk) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return new iis_tp_work{pfnwk, pv, 0, 0, 0, false};
}
IIS_API void iis_work_run(iis_pool &pool, iis_tp_work *work)
{
    iis_guard guard(pool.lock);

    work->queued--;
    if (work->cancelled)
        work->cancelled--;
    else {
        work->running++;
        guard.unlock();
        work->call(NULL, work->context, work);
        guard.lock();
        work->running--;
    }
    if (work->queued || work->running)
        return;
    if (work->closed)
        delete work;
    else
        pool.quiet.notify_all();
}
IIS_API void WINAPI SubmitThreadpoolWork(PTP_WORK pwk)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);

    pwk->queued++;
    if (iis_pool_put(pool, [&pool, pwk] { iis_work_run(pool, pwk); }))
        return;
    guard.unlock();
    iis_work_run(pool, pwk);                 /* it cannot fail: the caller does it */
}
IIS_API void WINAPI WaitForThreadpoolWorkCallbacks(PTP_WORK pwk, BOOL fCancelPendingCallbacks)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);
    if (fCancelPendingCallbacks)
        pwk->cancelled = pwk->queued;
    pool.quiet.wait(guard, [&] { return !pwk->queued && !pwk->running; });
}
IIS_API void WINAPI CloseThreadpoolWork(PTP_WORK pwk)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);
    pwk->closed = true;
    if (!pwk->queued && !pwk->running)
        delete pwk;
}

/* ---- timers ------------------------------------------------------------------------------------------------------ */

struct iis_timer {
    std::function<void()> call;
    std::chrono::steady_clock::time_point due;
    DWORD period;                            /* milliseconds; 0: once */
    bool set, closed;
    unsigned running;                        /* queued or being called */
    HANDLE done;                             /* set when it is closed and quiet; NULL or an event */
    struct iis_timer_queue *queue;
};

/* Under the lock. */
IIS_API void iis_timer_unset(iis_pool &pool, iis_timer *timer)
{
    auto range = pool.timers.equal_range(timer->due);
    for (auto at = range.first; timer->set && at != range.second; ++at)
        if (at->second == timer) {
            pool.timers.erase(at);
            timer->set = false;
            break;
        }
}
IIS_API void iis_timer_free(iis_timer *timer)
{
    if (timer->done)
        SetEvent(timer->done);
    delete timer;
}
IIS_API void iis_timer_fire(iis_pool &pool, iis_timer *timer)
{
    timer->call();
    iis_guard guard(pool.lock);
    if (--timer->running)
        return;
    if (timer->closed)
        iis_timer_free(timer);
    pool.quiet.notify_all();
}
IIS_API void *iis_ticker(void *argument)
{
    iis_pool &pool = *(iis_pool *)argument;
    iis_guard guard(pool.lock);

    for (;;) {
        auto now = std::chrono::steady_clock::now();
        auto first = pool.timers.begin();
        if (first == pool.timers.end()) {
            pool.tick.wait(guard);
            continue;
        }
        if (first->first > now) {
            auto due = first->first;
            pool.tick.wait_until(guard, due);
            continue;
        }
        iis_timer *timer = first->second;
        pool.timers.erase(first);
        timer->set = timer->period != 0;
        if (timer->set) {
            timer->due = std::max(timer->due + std::chrono::milliseconds(timer->period), now);
            pool.timers.emplace(timer->due, timer);
        }
        timer->running++;
        if (!iis_pool_put(pool, [&pool, timer] { iis_timer_fire(pool, timer); }))
            timer->running--;
    }
    return NULL;
}
/* Under the lock. */
IIS_API bool iis_timer_set(iis_pool &pool, iis_timer *timer, std::chrono::nanoseconds due, DWORD period)
{
    if (!pool.ticking && !iis_pool_start(iis_ticker, pool))
        return false;
    pool.ticking = true;
    iis_timer_unset(pool, timer);
    timer->due = std::chrono::steady_clock::now() + due;
    timer->period = period;
    timer->set = true;
    pool.timers.emplace(timer->due, timer);
    pool.tick.notify_one();
    return true;
}

/* ---- CreateThreadpoolTimer --------------------------------------------------------------------------------------- */

struct iis_tp_timer : iis_timer {};

IIS_API PTP_TIMER WINAPI CreateThreadpoolTimer(PTP_TIMER_CALLBACK pfnti, PVOID pv, PTP_CALLBACK_ENVIRON)
{
    iis_tp_timer *timer = new iis_tp_timer();
    timer->call = [=] { pfnti(NULL, pv, timer); };
    return timer;
}
/* pftDueTime: relative when negative, NULL stops it. */
IIS_API void WINAPI SetThreadpoolTimer(PTP_TIMER pti, PFILETIME pftDueTime, DWORD msPeriod, DWORD)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);

    if (!pftDueTime) {
        iis_timer_unset(pool, pti);
        return;
    }
    long long due = (long long)iis_ticks(*pftDueTime);
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    due = due <= 0 ? -due : std::max(0LL, due - (long long)iis_ticks(now));
    iis_timer_set(pool, pti, std::chrono::nanoseconds(due * 100), msPeriod);
}
IIS_API BOOL WINAPI IsThreadpoolTimerSet(PTP_TIMER pti)
{
    iis_guard guard(iis_thread_pool().lock);
    return pti->set;
}
IIS_API void WINAPI WaitForThreadpoolTimerCallbacks(PTP_TIMER pti, BOOL)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);
    pool.quiet.wait(guard, [&] { return !pti->running; });
}
IIS_API void iis_timer_close(iis_pool &pool, iis_timer *timer)
{
    iis_timer_unset(pool, timer);
    timer->closed = true;
    if (!timer->running)
        iis_timer_free(timer);
}
IIS_API void WINAPI CloseThreadpoolTimer(PTP_TIMER pti)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);
    iis_timer_close(pool, pti);
}

/* ---- timer queues: a queue is the list of its timers --------------------------------------------------------------- */

struct iis_timer_queue {
    std::unordered_set<iis_timer *> timers;
};
IIS_API iis_timer_queue *iis_queue_of(HANDLE queue)
{
    static iis_timer_queue *common = new iis_timer_queue;
    return queue ? (iis_timer_queue *)queue : common;
}
IIS_API HANDLE WINAPI CreateTimerQueue() { return new iis_timer_queue; }
IIS_API BOOL WINAPI CreateTimerQueueTimer(PHANDLE phNewTimer, HANDLE TimerQueue, WAITORTIMERCALLBACK Callback,
                                          PVOID Parameter, DWORD DueTime, DWORD Period, ULONG Flags)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);

    if (!phNewTimer || !Callback)
        return iis_failed(ERROR_INVALID_PARAMETER);
    iis_timer *timer = new iis_timer();
    timer->call = [=] { Callback(Parameter, TRUE); };
    timer->queue = iis_queue_of(TimerQueue);
    timer->queue->timers.insert(timer);
    *phNewTimer = timer;
    if (!iis_timer_set(pool, timer, std::chrono::milliseconds(DueTime), Flags & WT_EXECUTEONLYONCE ? 0 : Period))
        return iis_failed(ERROR_NO_SYSTEM_RESOURCES);
    return TRUE;
}
IIS_API BOOL WINAPI ChangeTimerQueueTimer(HANDLE, HANDLE Timer, ULONG DueTime, ULONG Period)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);
    return iis_timer_set(pool, (iis_timer *)Timer, std::chrono::milliseconds(DueTime), Period);
}
/* CompletionEvent INVALID_HANDLE_VALUE: waits for calls that run. FALSE and ERROR_IO_PENDING: one runs still. */
IIS_API BOOL WINAPI DeleteTimerQueueTimer(HANDLE, HANDLE Timer, HANDLE CompletionEvent)
{
    iis_pool &pool = iis_thread_pool();
    iis_guard guard(pool.lock);
    iis_timer *timer = (iis_timer *)Timer;

    if (!timer)
        return iis_failed(ERROR_INVALID_PARAMETER);
    iis_timer_unset(pool, timer);
    timer->queue->timers.erase(timer);
    if (CompletionEvent == INVALID_HANDLE_VALUE)
        pool.quiet.wait(guard, [&] { return !timer->running; });
    else
        timer->done = CompletionEvent;
    bool runs = timer->running != 0;
    iis_timer_close(pool, timer);
    return runs ? iis_failed(ERROR_IO_PENDING) : TRUE;
}
IIS_API BOOL WINAPI DeleteTimerQueueEx(HANDLE TimerQueue, HANDLE CompletionEvent)
{
    iis_timer_queue *queue = iis_queue_of(TimerQueue);

    if (!TimerQueue)
        return iis_failed(ERROR_INVALID_HANDLE);
    while (!queue->timers.empty())
        DeleteTimerQueueTimer(TimerQueue, *queue->timers.begin(),
                              CompletionEvent ? INVALID_HANDLE_VALUE : NULL);
    delete queue;
    if (CompletionEvent && CompletionEvent != INVALID_HANDLE_VALUE)
        SetEvent(CompletionEvent);
    return TRUE;
}
IIS_API BOOL WINAPI DeleteTimerQueue(HANDLE TimerQueue) { return DeleteTimerQueueEx(TimerQueue, NULL); }

#endif /* IIS_WIN32_THREADPOOL_H */
