/*
 * win32/threadpool.h - work for other threads, now or at some time: QueueUserWorkItem, thread pools, their timers.
 *
 * Each module has a default pool; it starts threads when there is more work than idle threads, up to 64, and they go
 * when they had nothing to do for a while. One more thread per module keeps the time of all timers. Nothing is started
 * before it is used, and a forked child begins anew; a module that has used a pool stays loaded. One lock guards it all
 * and is never held while a callback runs. Pages: "Thread Pool API", "QueueUserWorkItem function".
 */
#ifndef IIS_WIN32_THREADPOOL_H
#define IIS_WIN32_THREADPOOL_H

#include <deque>
#include <functional>
#include <memory>
#include <set>

#include "events.h"
#include "threads.h"

#define WT_EXECUTEDEFAULT 0x00000000
#define WT_EXECUTEINIOTHREAD 0x00000001
#define WT_EXECUTEINWAITTHREAD 0x00000004
#define WT_EXECUTEONLYONCE 0x00000008
#define WT_EXECUTELONGFUNCTION 0x00000010
#define WT_EXECUTEINTIMERTHREAD 0x00000020
#define WT_EXECUTEINPERSISTENTTHREAD 0x00000080
#define WT_TRANSFER_IMPERSONATION 0x00000100

extern "C" {
int iis_libc_dladdr(const void *, void *) __asm__("dladdr");
void *iis_libc_dlopen(const char *, int) __asm__("dlopen");
}

struct iis_job;

/* What a callback asked for when it returns. */
typedef struct _TP_CALLBACK_INSTANCE {
    HANDLE iis_event, iis_mutex, iis_semaphore;
    LONG iis_count;
    PCRITICAL_SECTION iis_section;
} TP_CALLBACK_INSTANCE, *PTP_CALLBACK_INSTANCE;

/* A pool that is closed is not freed: work may still name it. */
typedef struct _TP_POOL {
    std::deque<iis_job *> jobs;
    std::condition_variable work;
    DWORD threads = 0, idle = 0, most = 64;
    bool closed = false;
} TP_POOL, *PTP_POOL;

/* A work item, a timer or both. It is freed when it is closed and neither queued nor running. */
struct iis_job {
    typedef std::function<void(PTP_CALLBACK_INSTANCE, iis_job *)> function;
    iis_job(PTP_POOL in, function what) : pool(in), run(what) {}
    PTP_POOL pool;                           /* NULL: the default one */
    function run;
    unsigned queued = 0, running = 0;
    bool closed = false, armed = false;
    iis_clock::time_point due;               /* of the next time, if armed */
    DWORD period = 0;                        /* milliseconds, 0: once */
    std::shared_ptr<void> gone;              /* its deleter is called when the job is freed */
    std::set<iis_job *> *group = NULL;       /* has it as a member */
};
typedef iis_job TP_WORK, *PTP_WORK, TP_TIMER, *PTP_TIMER;

struct iis_pools {
    std::mutex lock;
    std::condition_variable done;            /* some job has run */
    std::condition_variable clock;           /* the first timer is another one */
    std::set<std::pair<iis_clock::time_point, iis_job *>> timers;
    bool ticking = false;
    TP_POOL usual;
    int process = iis_libc_getpid();
};
/* Threads of a pool sit in this module's code: it must not be unloaded under them. */
IIS_API iis_pools *iis_pools_make()
{
    struct { const char *file; void *base; const char *symbol; void *address; } here;
    if (iis_libc_dladdr((const void *)iis_pools_make, &here))
        iis_libc_dlopen(here.file, 0x1005 /* RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE */);
    return new iis_pools;
}
IIS_API iis_pools &iis_all_pools()
{
    static std::mutex *lock = new std::mutex;
    static iis_pools *pools = iis_pools_make();
    std::lock_guard<std::mutex> guard(*lock);
    if (pools->process != iis_libc_getpid())
        pools = new iis_pools;               /* a child has none of its parent's threads */
    return *pools;
}

/* ---- jobs: all of these under the lock ---------------------------------------------------------------------------- */

IIS_API PTP_POOL iis_pool_of(iis_job *job) { return job->pool ? job->pool : &iis_all_pools().usual; }
IIS_API void iis_job_forget(iis_job *job)
{
    if (!job->closed || job->queued || job->running)
        return;
    if (job->group)
        job->group->erase(job);
    delete job;
}
IIS_API void iis_job_disarm(iis_job *job)
{
    if (job->armed)
        iis_all_pools().timers.erase(std::make_pair(job->due, job));
    job->armed = false;
}
/* No more of what is queued; what runs goes on. */
IIS_API void iis_job_cancel(iis_job *job)
{
    std::deque<iis_job *> &jobs = iis_pool_of(job)->jobs;
    jobs.erase(std::remove(jobs.begin(), jobs.end(), job), jobs.end());
    job->queued = 0;
    iis_all_pools().done.notify_all();
}
IIS_API void iis_job_wait(iis_job *job, bool cancel, iis_guard &guard)
{
    if (cancel)
        iis_job_cancel(job);
    iis_all_pools().done.wait(guard, [&] { return !job->queued && !job->running; });
}
IIS_API void iis_job_close(iis_job *job)
{
    iis_job_disarm(job);
    if (job->group)
        job->group->erase(job);
    job->group = NULL;
    job->closed = true;
    iis_job_forget(job);
}
/* Waits for all of them and closes them; those that run once may go by themselves meanwhile. */
IIS_API void iis_group_close(std::set<iis_job *> *group, bool cancel, iis_guard &guard)
{
    while (!group->empty()) {
        iis_job *job = *group->begin();
        iis_job_disarm(job);
        if (cancel)
            iis_job_cancel(job);
        iis_all_pools().done.wait(guard, [&] { return !group->count(job) || (!job->queued && !job->running); });
        if (group->count(job))
            iis_job_close(job);
    }
}

/* A job of its own: without the lock. */
IIS_API void iis_job_call(iis_job *job)
{
    TP_CALLBACK_INSTANCE instance = {NULL, NULL, NULL, 0, NULL};

    job->run(&instance, job);
    if (instance.iis_section)
        LeaveCriticalSection(instance.iis_section);
    if (instance.iis_mutex)
        ReleaseMutex(instance.iis_mutex);
    if (instance.iis_semaphore)
        ReleaseSemaphore(instance.iis_semaphore, instance.iis_count, NULL);
    if (instance.iis_event)
        SetEvent(instance.iis_event);
}

IIS_API bool iis_pool_idle(PTP_POOL pool, iis_guard &guard)
{
    pool->idle++;
    bool more = pool->work.wait_for(guard, std::chrono::seconds(pool->closed ? 0 : 20),
                                    [&] { return !pool->jobs.empty() || pool->closed; });
    pool->idle--;
    return more && !pool->jobs.empty();
}
IIS_API void *iis_pool_run(void *argument)
{
    PTP_POOL pool = (PTP_POOL)argument;
    iis_pools &pools = iis_all_pools();
    iis_guard guard(pools.lock);

    while (!pool->jobs.empty() || iis_pool_idle(pool, guard)) {
        iis_job *job = pool->jobs.front();
        pool->jobs.pop_front();
        job->queued--;
        job->running++;
        guard.unlock();
        iis_job_call(job);
        guard.lock();
        job->running--;
        iis_job_forget(job);
        pools.done.notify_all();
    }
    pool->threads--;
    return NULL;
}
IIS_API bool iis_thread_detached(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (iis_pthread_start(&thread, 0, run, argument))
        return false;
    pthread_detach(thread);
    return true;
}
/* false: there is no thread that would ever run it. */
IIS_API bool iis_job_queue(iis_job *job)
{
    PTP_POOL pool = iis_pool_of(job);

    if (pool->jobs.size() >= pool->idle && pool->threads < pool->most) {
        if (iis_thread_detached(iis_pool_run, pool))
            pool->threads++;
        else if (!pool->threads)
            return false;
    }
    pool->jobs.push_back(job);
    job->queued++;
    pool->work.notify_one();
    return true;
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

/* A time that is still to run when the next one is due is not queued twice. */
IIS_API void *iis_clock_run(void *)
{
    iis_pools &pools = iis_all_pools();
    iis_guard guard(pools.lock);

    for (;;) {
        if (pools.timers.empty()) {
            pools.clock.wait(guard);
            continue;
        }
        iis_clock::time_point due = pools.timers.begin()->first, now = iis_clock::now();
        if (due > now) {
            pools.clock.wait_until(guard, due);
            continue;
        }
        iis_job *job = pools.timers.begin()->second;
        iis_job_disarm(job);
        if (job->period) {
            job->due = std::max(due + std::chrono::milliseconds(job->period), now);
            job->armed = pools.timers.insert(std::make_pair(job->due, job)).second;
        }
        if (!job->queued)
            iis_job_queue(job);
    }
    return NULL;
}
IIS_API bool iis_job_arm(iis_job *job, iis_clock::duration after, DWORD period)
{
    iis_pools &pools = iis_all_pools();

    iis_job_disarm(job);
    if (!pools.ticking && !(pools.ticking = iis_thread_detached(iis_clock_run, NULL)))
        return false;
    job->due = iis_clock::now() + after;
    job->period = period;
    job->armed = pools.timers.insert(std::make_pair(job->due, job)).second;
    pools.clock.notify_one();
    return true;
}

/* ---- environments, groups, pools --------------------------------------------------------------------------------- */

typedef VOID (CALLBACK *PTP_CLEANUP_GROUP_CANCEL_CALLBACK)(PVOID ObjectContext, PVOID CleanupContext);
typedef std::set<iis_job *> TP_CLEANUP_GROUP, *PTP_CLEANUP_GROUP;
typedef enum _TP_CALLBACK_PRIORITY {
    TP_CALLBACK_PRIORITY_HIGH, TP_CALLBACK_PRIORITY_NORMAL, TP_CALLBACK_PRIORITY_LOW
} TP_CALLBACK_PRIORITY;
typedef struct _TP_CALLBACK_ENVIRON {
    PTP_POOL iis_pool;
    PTP_CLEANUP_GROUP iis_group;
} TP_CALLBACK_ENVIRON, *PTP_CALLBACK_ENVIRON;

IIS_API VOID InitializeThreadpoolEnvironment(PTP_CALLBACK_ENVIRON environment)
{
    environment->iis_pool = NULL;
    environment->iis_group = NULL;
}
IIS_API VOID DestroyThreadpoolEnvironment(PTP_CALLBACK_ENVIRON) {}
IIS_API VOID SetThreadpoolCallbackPool(PTP_CALLBACK_ENVIRON environment, PTP_POOL pool) { environment->iis_pool = pool; }
IIS_API VOID SetThreadpoolCallbackRunsLong(PTP_CALLBACK_ENVIRON) {}
IIS_API VOID SetThreadpoolCallbackLibrary(PTP_CALLBACK_ENVIRON, PVOID) {}
IIS_API VOID SetThreadpoolCallbackPriority(PTP_CALLBACK_ENVIRON, TP_CALLBACK_PRIORITY) {}

IIS_API PTP_POOL WINAPI CreateThreadpool(PVOID) { return new TP_POOL; }
/* The least is none: threads are started when there is work. */
IIS_API BOOL WINAPI SetThreadpoolThreadMinimum(PTP_POOL, DWORD) { return TRUE; }
IIS_API VOID WINAPI SetThreadpoolThreadMaximum(PTP_POOL pool, DWORD most)
{
    iis_guard guard(iis_all_pools().lock);
    pool->most = most ? most : 1;
}
/* Its threads go when they have run what is queued. */
IIS_API VOID WINAPI CloseThreadpool(PTP_POOL pool)
{
    iis_guard guard(iis_all_pools().lock);
    pool->closed = true;
    pool->work.notify_all();
}

IIS_API iis_job *iis_job_make(PTP_CALLBACK_ENVIRON environment, iis_job::function run)
{
    iis_guard guard(iis_all_pools().lock);
    iis_job *job = new iis_job(environment ? environment->iis_pool : NULL, run);

    if (environment && environment->iis_group) {
        job->group = environment->iis_group;
        job->group->insert(job);
    }
    return job;
}
IIS_API BOOL iis_job_once(PTP_CALLBACK_ENVIRON environment, iis_job::function run)
{
    iis_job *job = iis_job_make(environment, run);
    iis_guard guard(iis_all_pools().lock);

    BOOL queued = iis_job_queue(job) || iis_failed(ERROR_NOT_ENOUGH_MEMORY);
    job->closed = true;                      /* and a member of its group until it has run */
    iis_job_forget(job);
    return queued;
}

IIS_API PTP_CLEANUP_GROUP WINAPI CreateThreadpoolCleanupGroup() { return new TP_CLEANUP_GROUP; }
IIS_API VOID SetThreadpoolCallbackCleanupGroup(PTP_CALLBACK_ENVIRON environment, PTP_CLEANUP_GROUP group,
                                               PTP_CLEANUP_GROUP_CANCEL_CALLBACK)
{
    environment->iis_group = group;
}
/* Waits for the callbacks of all members and closes them. */
IIS_API VOID WINAPI CloseThreadpoolCleanupGroupMembers(PTP_CLEANUP_GROUP group, BOOL cancel, PVOID)
{
    iis_guard guard(iis_all_pools().lock);
    iis_group_close(group, cancel != FALSE, guard);
}
IIS_API VOID WINAPI CloseThreadpoolCleanupGroup(PTP_CLEANUP_GROUP group) { delete group; }

/* ---- work -------------------------------------------------------------------------------------------------------- */

typedef VOID (CALLBACK *PTP_SIMPLE_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context);
typedef VOID (CALLBACK *PTP_WORK_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work);
typedef VOID (CALLBACK *PTP_TIMER_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_TIMER Timer);

IIS_API BOOL WINAPI QueueUserWorkItem(LPTHREAD_START_ROUTINE Function, PVOID Context, ULONG)
{
    if (!Function)
        return iis_failed(ERROR_INVALID_PARAMETER);
    return iis_job_once(NULL, [=](PTP_CALLBACK_INSTANCE, iis_job *) { Function(Context); });
}
IIS_API BOOL WINAPI TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK callback, PVOID context,
                                                PTP_CALLBACK_ENVIRON environment)
{
    if (!callback)
        return iis_failed(ERROR_INVALID_PARAMETER);
    return iis_job_once(environment, [=](PTP_CALLBACK_INSTANCE instance, iis_job *) { callback(instance, context); });
}

IIS_API PTP_WORK WINAPI CreateThreadpoolWork(PTP_WORK_CALLBACK callback, PVOID context, PTP_CALLBACK_ENVIRON environment)
{
    if (callback)
        return iis_job_make(environment, [=](PTP_CALLBACK_INSTANCE instance, iis_job *job) {
            callback(instance, context, job);
        });
    SetLastError(ERROR_INVALID_PARAMETER);
    return NULL;
}
/* Once for each call. It cannot fail: if there is no thread to be had, the caller does it. */
IIS_API VOID WINAPI SubmitThreadpoolWork(PTP_WORK work)
{
    iis_guard guard(iis_all_pools().lock);
    if (iis_job_queue(work))
        return;
    guard.unlock();
    iis_job_call(work);
}
IIS_API VOID WINAPI WaitForThreadpoolWorkCallbacks(PTP_WORK work, BOOL fCancelPendingCallbacks)
{
    iis_guard guard(iis_all_pools().lock);
    iis_job_wait(work, fCancelPendingCallbacks != FALSE, guard);
}
IIS_API VOID WINAPI CloseThreadpoolWork(PTP_WORK work)
{
    iis_guard guard(iis_all_pools().lock);
    iis_job_close(work);
}

/* ---- what a callback may ask for --------------------------------------------------------------------------------- */

IIS_API BOOL WINAPI CallbackMayRunLong(PTP_CALLBACK_INSTANCE) { return TRUE; }
IIS_API VOID WINAPI SetEventWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE event)
{
    instance->iis_event = event;
}
IIS_API VOID WINAPI ReleaseMutexWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE mutex)
{
    instance->iis_mutex = mutex;
}
IIS_API VOID WINAPI ReleaseSemaphoreWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE semaphore, DWORD count)
{
    instance->iis_semaphore = semaphore;
    instance->iis_count = (LONG)count;
}
IIS_API VOID WINAPI LeaveCriticalSectionWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, PCRITICAL_SECTION section)
{
    instance->iis_section = section;
}

#endif /* IIS_WIN32_THREADPOOL_H */
