/* Threads, pools and timers, as their pages say: "CreateThread function", "_beginthread, _beginthreadex",
 * "Thread Pool API", "Timer Queues". */
#include <windows.h>
#include <process.h>
#include <check.h>

static const DWORD LONG_ENOUGH = 30000;

static DWORD WINAPI returns_it(LPVOID what) { return (DWORD)(ULONG_PTR)what; }
static DWORD WINAPI waits_for(LPVOID event) { return WaitForSingleObject(event, LONG_ENOUGH); }

static HANDLE manual_event() { return CreateEventW(NULL, TRUE, FALSE, NULL); }
static void ends(HANDLE thread) { ck_assert_uint_eq(WaitForSingleObject(thread, LONG_ENOUGH), WAIT_OBJECT_0); }

START_TEST(a_thread_says_how_it_ended)
{
    DWORD id = 0, code = 0;
    HANDLE go = manual_event(), thread = CreateThread(NULL, 0, waits_for, go, 0, &id);

    ck_assert_ptr_nonnull(thread);
    ck_assert_uint_ne(id, 0);
    ck_assert_uint_eq(GetThreadId(thread), id);
    ck_assert(GetExitCodeThread(thread, &code));
    ck_assert_uint_eq(code, STILL_ACTIVE);
    ck_assert_uint_eq(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    ck_assert_uint_eq(WaitForSingleObject(thread, 1), WAIT_TIMEOUT);
    SetEvent(go);
    ends(thread);
    ends(thread);
    ck_assert(GetExitCodeThread(thread, &code));
    ck_assert_uint_eq(code, WAIT_OBJECT_0);
    ck_assert(CloseHandle(thread));
    ck_assert(!CloseHandle(thread));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
    CloseHandle(go);
}
END_TEST

static unsigned __stdcall counts(void *number)
{
    InterlockedIncrement((LONG *)number);
    return 42;
}

START_TEST(suspended_it_does_nothing)
{
    LONG number = 0;
    unsigned id;
    DWORD code;
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 65536, counts, &number, CREATE_SUSPENDED, &id);

    ck_assert_uint_eq(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    ck_assert_int_eq(InterlockedExchangeAdd(&number, 0), 0);
    ck_assert_uint_eq(ResumeThread(thread), 1);
    ends(thread);
    ck_assert_int_eq(number, 1);
    ck_assert(GetExitCodeThread(thread, &code));
    ck_assert_uint_eq(code, 42);
    CloseHandle(thread);
    errno = 0;
    ck_assert_uint_eq(_beginthreadex(NULL, 0, NULL, NULL, 0, NULL), 0);
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_uint_eq(_beginthread(NULL, 0, NULL), (uintptr_t)-1);
}
END_TEST

static thread_local LONG *at_the_end;
struct last_word {
    ~last_word()
    {
        Sleep(5);
        if (at_the_end)
            *at_the_end = 7;
    }
};
static thread_local last_word word;
static DWORD WINAPI exits(LPVOID number)
{
    last_word *mine = &word;
    at_the_end = (LONG *)number;
    ExitThread(mine ? 9 : 0);
}

START_TEST(who_waited_finds_all_of_it_gone)
{
    LONG number = 0;
    DWORD code;
    HANDLE thread = CreateThread(NULL, 0, exits, &number, 0, NULL);

    ends(thread);
    ck_assert_int_eq(number, 7);
    ck_assert(GetExitCodeThread(thread, &code));
    ck_assert_uint_eq(code, 9);
    CloseHandle(thread);
}
END_TEST

static void __cdecl sets_and_ends(void *event)
{
    SetEvent(event);
    _endthread();
}

START_TEST(beginthread_closes_its_handle)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);

    for (int i = 0; i < 50; i++) {
        HANDLE thread = (HANDLE)_beginthread(sets_and_ends, 0, event);
        ck_assert_ptr_ne(thread, INVALID_HANDLE_VALUE);
        ends(event);
        DWORD code;
        while (GetExitCodeThread(thread, &code))
            SwitchToThread();
        ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
    }
    CloseHandle(event);
}
END_TEST

struct shared {
    HANDLE event, thread;
};
static DWORD WINAPI hands_itself_out(LPVOID argument)
{
    shared *to = (shared *)argument;
    HANDLE us = GetCurrentProcess();

    if (!DuplicateHandle(us, GetCurrentThread(), us, &to->thread, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return 1;
    SetEvent(to->event);
    return 2;
}

START_TEST(a_thread_may_hand_out_its_handle)
{
    shared with = {manual_event(), NULL};
    DWORD code = 0;

    CloseHandle(CreateThread(NULL, 0, hands_itself_out, &with, 0, NULL));
    ends(with.event);
    ends(with.thread);
    ck_assert(GetExitCodeThread(with.thread, &code));
    ck_assert_uint_eq(code, 2);
    CloseHandle(with.thread);
    CloseHandle(with.event);
}
END_TEST

START_TEST(all_or_any_of_many_threads)
{
    HANDLE threads[8], go = manual_event();

    for (DWORD i = 0; i < 7; i++)
        threads[i] = CreateThread(NULL, 0, waits_for, go, 0, NULL);
    threads[7] = CreateThread(NULL, 0, returns_it, NULL, 0, NULL);
    ck_assert_uint_eq(WaitForMultipleObjects(8, threads, FALSE, LONG_ENOUGH), WAIT_OBJECT_0 + 7);
    ck_assert_uint_eq(WaitForMultipleObjects(8, threads, TRUE, 10), WAIT_TIMEOUT);
    SetEvent(go);
    ck_assert_uint_eq(WaitForMultipleObjects(8, threads, TRUE, LONG_ENOUGH), WAIT_OBJECT_0);
    for (HANDLE thread : threads)
        ck_assert(CloseHandle(thread));
    CloseHandle(go);
}
END_TEST

static DWORD WINAPI abandons(LPVOID mutex) { return WaitForSingleObject(mutex, LONG_ENOUGH); }

START_TEST(an_ended_owner_abandons_its_mutex)
{
    HANDLE mutex = CreateMutexW(NULL, FALSE, NULL), thread = CreateThread(NULL, 0, abandons, mutex, 0, NULL);

    ends(thread);
    ck_assert_uint_eq(WaitForSingleObject(mutex, LONG_ENOUGH), WAIT_ABANDONED);
    ck_assert(ReleaseMutex(mutex));
    ck_assert(!ReleaseMutex(mutex));
    ck_assert_uint_eq(GetLastError(), ERROR_NOT_OWNER);
    CloseHandle(thread);
    CloseHandle(mutex);
}
END_TEST

START_TEST(priorities_are_kept_and_checked)
{
    HANDLE go = manual_event(), thread = CreateThread(NULL, 0, waits_for, go, 0, NULL);

    ck_assert_int_eq(GetThreadPriority(thread), THREAD_PRIORITY_NORMAL);
    ck_assert(SetThreadPriority(thread, THREAD_PRIORITY_HIGHEST));
    ck_assert_int_eq(GetThreadPriority(thread), THREAD_PRIORITY_HIGHEST);
    ck_assert(!SetThreadPriority(thread, 99));
    ck_assert(!SetThreadPriority(go, THREAD_PRIORITY_HIGHEST));
    ck_assert_int_eq(GetThreadPriority(go), THREAD_PRIORITY_ERROR_RETURN);
    ck_assert_int_eq(SetThreadDescription(thread, L"a name longer than Linux has"), S_OK);
    ck_assert_int_eq(SetThreadDescription(GetCurrentThread(), L"self"), S_OK);
    ck_assert_int_eq(SetThreadDescription(go, L"no"), E_HANDLE);
    SetEvent(go);
    ends(thread);
    CloseHandle(thread);
    CloseHandle(go);
}
END_TEST

/* ---- pools ------------------------------------------------------------------------------------------------------- */

struct crowd {
    LONG arrived, expected;
    HANDLE full, all_gone;
};
/* Each waits until all are there: as many threads as callbacks, or nobody gets on. */
static void meets(crowd *with)
{
    if (InterlockedIncrement(&with->arrived) == with->expected)
        SetEvent(with->full);
    WaitForSingleObject(with->full, LONG_ENOUGH);
    if (!InterlockedDecrement(&with->expected))
        SetEvent(with->all_gone);
}
static DWORD WINAPI meets_as_item(LPVOID with)
{
    meets((crowd *)with);
    return 0;
}
static VOID CALLBACK meets_simply(PTP_CALLBACK_INSTANCE instance, PVOID with)
{
    CallbackMayRunLong(instance);
    meets((crowd *)with);
}
static VOID CALLBACK meets_as_work(PTP_CALLBACK_INSTANCE, PVOID with, PTP_WORK) { meets((crowd *)with); }

START_TEST(callbacks_that_block_get_a_thread_each)
{
    crowd with = {0, 30, manual_event(), manual_event()};
    PTP_WORK work = CreateThreadpoolWork(meets_as_work, &with, NULL);

    for (int i = 0; i < 10; i++) {
        ck_assert(QueueUserWorkItem(meets_as_item, &with, WT_EXECUTELONGFUNCTION));
        ck_assert(TrySubmitThreadpoolCallback(meets_simply, &with, NULL));
        SubmitThreadpoolWork(work);
    }
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    ends(with.all_gone);
    ck_assert_int_eq(with.arrived, 30);
    CloseThreadpoolWork(work);
    CloseHandle(with.full);
    CloseHandle(with.all_gone);
}
END_TEST

struct gate {
    HANDLE entered, open;
    LONG calls;
};
static VOID CALLBACK goes_through(PTP_CALLBACK_INSTANCE, PVOID context, PTP_WORK)
{
    gate *at = (gate *)context;
    InterlockedIncrement(&at->calls);
    SetEvent(at->entered);
    WaitForSingleObject(at->open, LONG_ENOUGH);
}

START_TEST(a_pool_of_one_thread_and_cancelling)
{
    gate at = {manual_event(), manual_event(), 0};
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = CreateThreadpool(NULL);

    SetThreadpoolThreadMaximum(pool, 1);
    ck_assert(SetThreadpoolThreadMinimum(pool, 1));
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackPool(&environment, pool);
    PTP_WORK work = CreateThreadpoolWork(goes_through, &at, &environment);
    for (int i = 0; i < 5; i++)
        SubmitThreadpoolWork(work);
    ends(at.entered);
    ck_assert_int_eq(InterlockedExchangeAdd(&at.calls, 0), 1);
    PTP_WORK other = CreateThreadpoolWork(goes_through, &at, &environment);
    SubmitThreadpoolWork(other);
    WaitForThreadpoolWorkCallbacks(other, TRUE);
    SetEvent(at.open);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    ck_assert_int_eq(at.calls, 5);
    CloseThreadpoolWork(work);
    CloseThreadpoolWork(other);
    CloseThreadpool(pool);
    DestroyThreadpoolEnvironment(&environment);
}
END_TEST

START_TEST(a_group_waits_for_its_members)
{
    LONG expected = 20;
    crowd with = {0, expected, manual_event(), manual_event()};
    TP_CALLBACK_ENVIRON environment;
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();

    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackCleanupGroup(&environment, group, NULL);
    PTP_WORK work = CreateThreadpoolWork(meets_as_work, &with, &environment);
    for (int i = 0; i < 10; i++) {
        SubmitThreadpoolWork(work);
        ck_assert(TrySubmitThreadpoolCallback(meets_simply, &with, &environment));
    }
    CloseThreadpoolCleanupGroupMembers(group, FALSE, NULL);
    ck_assert_int_eq(with.arrived, 20);
    ck_assert_int_eq(with.expected, 0);
    CloseThreadpoolCleanupGroup(group);
}
END_TEST

static VOID CALLBACK asks_for_an_event(PTP_CALLBACK_INSTANCE instance, PVOID event)
{
    SetEventWhenCallbackReturns(instance, event);
}

START_TEST(an_event_is_set_after_the_callback)
{
    HANDLE event = manual_event();
    ck_assert(TrySubmitThreadpoolCallback(asks_for_an_event, event, NULL));
    ends(event);
    ck_assert(!QueueUserWorkItem(NULL, NULL, 0));
    ck_assert_ptr_null(CreateThreadpoolWork(NULL, NULL, NULL));
}
END_TEST

/* ---- timers ------------------------------------------------------------------------------------------------------ */

struct ticks {
    LONG seen, wanted;
    HANDLE enough;
};
static void tick(ticks *with)
{
    if (InterlockedIncrement(&with->seen) == with->wanted)
        SetEvent(with->enough);
}
static VOID CALLBACK pool_tick(PTP_CALLBACK_INSTANCE, PVOID with, PTP_TIMER) { tick((ticks *)with); }
static VOID CALLBACK queue_tick(PVOID with, BOOLEAN fired)
{
    if (fired)
        tick((ticks *)with);
}
static FILETIME from_now(long long milliseconds) { return iis_filetime((unsigned long long)(-milliseconds * 10000)); }

START_TEST(a_pool_timer_once_and_again)
{
    ticks once = {0, 1, manual_event()}, again = {0, 5, manual_event()}, never = {0, 1, manual_event()};
    PTP_TIMER first = CreateThreadpoolTimer(pool_tick, &once, NULL);
    PTP_TIMER second = CreateThreadpoolTimer(pool_tick, &again, NULL);
    PTP_TIMER third = CreateThreadpoolTimer(pool_tick, &never, NULL);
    FILETIME soon = from_now(2), late = from_now(3600 * 1000), past;

    ck_assert(!IsThreadpoolTimerSet(third));
    SetThreadpoolTimer(third, &late, 0, 0);
    ck_assert(IsThreadpoolTimerSet(third));
    SetThreadpoolTimer(first, &soon, 0, 0);
    SetThreadpoolTimer(second, &soon, 1, 0);
    ends(once.enough);
    ends(again.enough);
    SetThreadpoolTimer(second, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(second, TRUE);
    LONG seen = again.seen;
    ck_assert(!IsThreadpoolTimerSet(first));
    ResetEvent(once.enough);
    once.wanted = 2;
    GetSystemTimeAsFileTime(&past);
    SetThreadpoolTimer(first, &past, 0, 0);
    ends(once.enough);
    ck_assert_int_eq(again.seen, seen);
    ck_assert_int_eq(never.seen, 0);
    WaitForThreadpoolTimerCallbacks(first, FALSE);
    CloseThreadpoolTimer(first);
    CloseThreadpoolTimer(second);
    CloseThreadpoolTimer(third);
}
END_TEST

START_TEST(timers_of_a_queue)
{
    ticks once = {0, 1, manual_event()}, again = {0, 3, manual_event()}, never = {0, 1, manual_event()};
    HANDLE queue = CreateTimerQueue(), first, second, third;

    ck_assert(CreateTimerQueueTimer(&first, queue, queue_tick, &once, 1, 0, WT_EXECUTEONLYONCE));
    ck_assert(CreateTimerQueueTimer(&second, queue, queue_tick, &again, 1, 1, WT_EXECUTEDEFAULT));
    ck_assert(CreateTimerQueueTimer(&third, NULL, queue_tick, &never, 3600 * 1000, 0, WT_EXECUTEINTIMERTHREAD));
    ck_assert(!CreateTimerQueueTimer(&third, queue, NULL, NULL, 0, 0, 0));
    ends(once.enough);
    ends(again.enough);
    ck_assert(DeleteTimerQueueTimer(queue, second, INVALID_HANDLE_VALUE));
    LONG seen = again.seen;
    ck_assert(ChangeTimerQueueTimer(NULL, third, 0, 0));
    ends(never.enough);
    ck_assert(DeleteTimerQueueTimer(NULL, third, INVALID_HANDLE_VALUE));
    ck_assert(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));
    ck_assert_int_eq(again.seen, seen);
    ck_assert_int_eq(once.seen, 1);
    ck_assert(!DeleteTimerQueueEx(NULL, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
}
END_TEST

static VOID CALLBACK blocks(PVOID context, BOOLEAN)
{
    gate *at = (gate *)context;
    SetEvent(at->entered);
    WaitForSingleObject(at->open, LONG_ENOUGH);
    InterlockedIncrement(&at->calls);
}

START_TEST(deleting_a_timer_that_runs_is_pending)
{
    gate at = {manual_event(), manual_event(), 0};
    HANDLE timer, gone = manual_event(), queue = CreateTimerQueue();

    ck_assert(CreateTimerQueueTimer(&timer, NULL, blocks, &at, 0, 0, WT_EXECUTEONLYONCE));
    ends(at.entered);
    ck_assert(!DeleteTimerQueueTimer(NULL, timer, gone));
    ck_assert_uint_eq(GetLastError(), ERROR_IO_PENDING);
    ck_assert_uint_eq(WaitForSingleObject(gone, 5), WAIT_TIMEOUT);
    SetEvent(at.open);
    ends(gone);
    ck_assert_int_eq(at.calls, 1);
    ResetEvent(gone);
    ck_assert(CreateTimerQueueTimer(&timer, queue, blocks, &at, 0, 1, WT_EXECUTEDEFAULT));
    ck_assert(CreateTimerQueueTimer(&timer, queue, blocks, &at, 0, 1, WT_EXECUTEDEFAULT));
    DeleteTimerQueueEx(queue, gone);
    ends(gone);
}
END_TEST

int main()
{
    Suite *suite = suite_create("threads");
    TCase *threads = tcase_create("threads"), *pools = tcase_create("pools"), *timers = tcase_create("timers");

    tcase_add_test(threads, a_thread_says_how_it_ended);
    tcase_add_test(threads, suspended_it_does_nothing);
    tcase_add_test(threads, who_waited_finds_all_of_it_gone);
    tcase_add_test(threads, beginthread_closes_its_handle);
    tcase_add_test(threads, a_thread_may_hand_out_its_handle);
    tcase_add_test(threads, all_or_any_of_many_threads);
    tcase_add_test(threads, an_ended_owner_abandons_its_mutex);
    tcase_add_test(threads, priorities_are_kept_and_checked);
    tcase_add_test(pools, callbacks_that_block_get_a_thread_each);
    tcase_add_test(pools, a_pool_of_one_thread_and_cancelling);
    tcase_add_test(pools, a_group_waits_for_its_members);
    tcase_add_test(pools, an_event_is_set_after_the_callback);
    tcase_add_test(timers, a_pool_timer_once_and_again);
    tcase_add_test(timers, timers_of_a_queue);
    tcase_add_test(timers, deleting_a_timer_that_runs_is_pending);
    for (TCase *tcase : {threads, pools, timers}) {
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
