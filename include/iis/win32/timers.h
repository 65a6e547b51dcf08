/*
 * win32/timers.h - callbacks at a time: timers of thread pools, and timer queues. Both are jobs of the pool
 * (threadpool.h); the HANDLE of a timer or of its queue is no object that could be waited for or closed.
 * Pages: "SetThreadpoolTimer function", "Timer Queues".
 */
#ifndef IIS_WIN32_TIMERS_H
#define IIS_WIN32_TIMERS_H

#include "threadpool.h"
#include "time.h"

/* ---- of thread pools --------------------------------------------------------------------------------------------- */

IIS_API PTP_TIMER WINAPI CreateThreadpoolTimer(PTP_TIMER_CALLBACK callback, PVOID context,
                                               PTP_CALLBACK_ENVIRON environment)
{
    return CreateThreadpoolWork(callback, context, environment);
}
/* Negative: from now on; positive: at that time; at most ten years away. */
IIS_API iis_clock::duration iis_until(const FILETIME &due)
{
    long long ticks = (long long)iis_ticks(due);
    const long long most = 3153600000000000LL;

    if (ticks < 0)
        ticks = ticks < -most ? most : -ticks;
    else {
        struct timespec now = iis_now(CLOCK_REALTIME);
        ticks -= (long long)iis_ticks(iis_filetime(now.tv_sec, now.tv_nsec));
    }
    return std::chrono::nanoseconds(std::min(std::max(ticks, 0LL), most) * 100);
}
/* NULL: no more callbacks; those that are queued come. FALSE: it was not set before. */
IIS_API BOOL WINAPI SetThreadpoolTimerEx(PTP_TIMER timer, PFILETIME pftDueTime, DWORD msPeriod, DWORD)
{
    iis_guard guard(iis_all_pools().lock);
    BOOL was_set = timer->armed;

    if (pftDueTime)
        iis_job_arm(timer, iis_until(*pftDueTime), msPeriod);
    else
        iis_job_disarm(timer);
    return was_set;
}
IIS_API VOID WINAPI SetThreadpoolTimer(PTP_TIMER timer, PFILETIME pftDueTime, DWORD msPeriod, DWORD msWindowLength)
{
    SetThreadpoolTimerEx(timer, pftDueTime, msPeriod, msWindowLength);
}
IIS_API BOOL WINAPI IsThreadpoolTimerSet(PTP_TIMER timer)
{
    iis_guard guard(iis_all_pools().lock);
    return timer->armed;
}
IIS_API VOID WINAPI WaitForThreadpoolTimerCallbacks(PTP_TIMER timer, BOOL fCancelPendingCallbacks)
{
    WaitForThreadpoolWorkCallbacks(timer, fCancelPendingCallbacks);
}
IIS_API VOID WINAPI CloseThreadpoolTimer(PTP_TIMER timer) { CloseThreadpoolWork(timer); }

/* ---- timer queues ------------------------------------------------------------------------------------------------ */

typedef VOID (CALLBACK *WAITORTIMERCALLBACK)(PVOID lpParameter, BOOLEAN TimerOrWaitFired);

/* Sets the event when the last job that has it is freed. */
IIS_API std::shared_ptr<void> iis_completion(HANDLE event)
{
    if (!event || event == INVALID_HANDLE_VALUE)
        return std::shared_ptr<void>();
    return std::shared_ptr<void>(event, [](void *last) { SetEvent(last); });
}
/* A queue is the set of its timers. */
IIS_API HANDLE WINAPI CreateTimerQueue() { return new std::set<iis_job *>; }
IIS_API std::set<iis_job *> *iis_timer_queue(HANDLE queue)
{
    static std::set<iis_job *> *usual = new std::set<iis_job *>;
    return queue ? (std::set<iis_job *> *)queue : usual;
}
IIS_API BOOL WINAPI CreateTimerQueueTimer(PHANDLE phNewTimer, HANDLE TimerQueue, WAITORTIMERCALLBACK Callback,
                                          PVOID Parameter, DWORD DueTime, DWORD Period, ULONG Flags)
{
    if (!phNewTimer || !Callback)
        return iis_failed(ERROR_INVALID_PARAMETER);
    TP_CALLBACK_ENVIRON environment = {NULL, iis_timer_queue(TimerQueue)};
    iis_job *timer = iis_job_make(&environment, [=](PTP_CALLBACK_INSTANCE, iis_job *) { Callback(Parameter, TRUE); });
    *phNewTimer = timer;
    iis_guard guard(iis_all_pools().lock);
    if (DueTime == INFINITE
        || iis_job_arm(timer, std::chrono::milliseconds(DueTime), Flags & WT_EXECUTEONLYONCE ? 0 : Period))
        return TRUE;
    iis_job_close(timer);
    *phNewTimer = NULL;
    return iis_failed(ERROR_NOT_ENOUGH_MEMORY);
}
IIS_API BOOL WINAPI ChangeTimerQueueTimer(HANDLE, HANDLE Timer, ULONG DueTime, ULONG Period)
{
    iis_guard guard(iis_all_pools().lock);
    if (!Timer)
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (DueTime != INFINITE)
        return iis_job_arm((iis_job *)Timer, std::chrono::milliseconds(DueTime), (DWORD)Period)
               || iis_failed(ERROR_NOT_ENOUGH_MEMORY);
    iis_job_disarm((iis_job *)Timer);
    return TRUE;
}
/* INVALID_HANDLE_VALUE waits for a callback that runs; with another event, or none, it is FALSE and ERROR_IO_PENDING
 * then, and the event is set when the timer is gone. */
IIS_API BOOL WINAPI DeleteTimerQueueTimer(HANDLE, HANDLE Timer, HANDLE CompletionEvent)
{
    iis_guard guard(iis_all_pools().lock);
    iis_job *timer = (iis_job *)Timer;

    if (!timer)
        return iis_failed(ERROR_INVALID_PARAMETER);
    iis_job_disarm(timer);
    iis_job_cancel(timer);
    if (CompletionEvent == INVALID_HANDLE_VALUE)
        iis_job_wait(timer, true, guard);
    timer->gone = iis_completion(CompletionEvent);
    bool pending = timer->running != 0;
    iis_job_close(timer);
    return pending ? iis_failed(ERROR_IO_PENDING) : TRUE;
}
/* All of its timers too. With an event: it is set when the last of them is gone. */
IIS_API BOOL WINAPI DeleteTimerQueueEx(HANDLE TimerQueue, HANDLE CompletionEvent)
{
    std::set<iis_job *> *queue = (std::set<iis_job *> *)TimerQueue;
    bool pending = false;

    if (!queue)
        return iis_failed(ERROR_INVALID_HANDLE);
    iis_guard guard(iis_all_pools().lock);
    std::shared_ptr<void> gone = iis_completion(CompletionEvent);
    if (CompletionEvent == INVALID_HANDLE_VALUE)
        iis_group_close(queue, true, guard);
    while (!queue->empty()) {
        iis_job *timer = *queue->begin();
        iis_job_disarm(timer);
        iis_job_cancel(timer);
        pending = pending || timer->running;
        timer->gone = gone;
        iis_job_close(timer);
    }
    delete queue;
    return pending ? iis_failed(ERROR_IO_PENDING) : TRUE;
}
IIS_API BOOL WINAPI DeleteTimerQueue(HANDLE TimerQueue) { return DeleteTimerQueueEx(TimerQueue, NULL); }

#endif /* IIS_WIN32_TIMERS_H */
