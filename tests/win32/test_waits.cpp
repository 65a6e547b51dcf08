/* Waitable timers and registered waits, as their pages say: "SetWaitableTimer function", "RegisterWaitForSingleObject
 * function", "UnregisterWaitEx function", "SetThreadpoolWait function", "WaitOnAddress function". */
#include <windows.h>
#include <check.h>

static const DWORD LONG_ENOUGH = 30000;
static LARGE_INTEGER in(LONG milliseconds)
{
    LARGE_INTEGER due;
    due.QuadPart = -10000LL * milliseconds;
    return due;
}
static void until(volatile LONG *count, LONG wanted)
{
    for (DWORD waited = 0; InterlockedExchangeAdd(count, 0) < wanted && waited < LONG_ENOUGH; waited++)
        Sleep(1);
    ck_assert_int_ge(InterlockedExchangeAdd(count, 0), wanted);
}

/* ---- timers ------------------------------------------------------------------------------------------------------ */

START_TEST(a_timer_is_signaled_when_it_is_due)
{
    LARGE_INTEGER soon = in(5), never = in(3600000), past;
    HANDLE single = CreateWaitableTimerW(NULL, FALSE, NULL), manual = CreateWaitableTimerA(NULL, TRUE, NULL);

    ck_assert_uint_eq(WaitForSingleObject(single, 0), WAIT_TIMEOUT);
    ck_assert(SetWaitableTimer(single, &soon, 0, NULL, NULL, FALSE));
    ck_assert_uint_eq(WaitForSingleObject(single, INFINITE), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForSingleObject(single, 10), WAIT_TIMEOUT);
    ck_assert(SetWaitableTimer(manual, &soon, 0, NULL, NULL, FALSE));
    ck_assert_uint_eq(WaitForSingleObject(manual, LONG_ENOUGH), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    ck_assert(CancelWaitableTimer(manual));
    ck_assert_uint_eq(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    ck_assert(SetWaitableTimer(manual, &never, 0, NULL, NULL, FALSE));
    ck_assert_uint_eq(WaitForSingleObject(manual, 5), WAIT_TIMEOUT);
    GetSystemTimeAsFileTime((FILETIME *)&past);
    ck_assert(SetWaitableTimer(manual, &past, 0, NULL, NULL, FALSE));
    HANDLE both[2] = {single, manual};
    ck_assert_uint_eq(WaitForMultipleObjects(2, both, FALSE, LONG_ENOUGH), WAIT_OBJECT_0 + 1);
    ck_assert(CloseHandle(single) && CloseHandle(manual));
    ck_assert(!SetWaitableTimer(single, &soon, 0, NULL, NULL, FALSE));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
}
END_TEST

START_TEST(a_timer_comes_again)
{
    LARGE_INTEGER soon = in(1);
    HANDLE timer = CreateWaitableTimerExW(NULL, NULL, 0, TIMER_ALL_ACCESS);

    ck_assert(SetWaitableTimer(timer, &soon, 2, NULL, NULL, FALSE));
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(WaitForSingleObject(timer, LONG_ENOUGH), WAIT_OBJECT_0);
    ck_assert(CancelWaitableTimer(timer));
    WaitForSingleObject(timer, 0);
    ck_assert_uint_eq(WaitForSingleObject(timer, 10), WAIT_TIMEOUT);
    ck_assert(!SetWaitableTimer(timer, &soon, -1, NULL, NULL, FALSE));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    CloseHandle(timer);
}
END_TEST

static HANDLE late;
static DWORD WINAPI waits_for_it(LPVOID) { return WaitForSingleObject(late, INFINITE); }
START_TEST(who_waits_is_told_of_an_earlier_time)
{
    LARGE_INTEGER never = in(3600000), soon = in(1);

    late = CreateWaitableTimerW(NULL, TRUE, L"late");
    ck_assert(SetWaitableTimer(late, &never, 0, NULL, NULL, FALSE));
    HANDLE thread = CreateThread(NULL, 0, waits_for_it, NULL, 0, NULL);
    ck_assert_uint_eq(WaitForSingleObject(thread, 5), WAIT_TIMEOUT);
    HANDLE again = OpenWaitableTimerW(TIMER_ALL_ACCESS, FALSE, L"late");
    ck_assert(SetWaitableTimer(again, &soon, 0, NULL, NULL, FALSE));
    ck_assert_uint_eq(WaitForSingleObject(thread, LONG_ENOUGH), WAIT_OBJECT_0);
    CloseHandle(thread);
    ck_assert(CloseHandle(again) && CloseHandle(late));
}
END_TEST

/* ---- registered waits -------------------------------------------------------------------------------------------- */

static volatile LONG fired, timed_out;
static VOID CALLBACK counts(PVOID, BOOLEAN timer) { InterlockedIncrement(timer ? &timed_out : &fired); }

START_TEST(a_wait_calls_back_each_time)
{
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL), wait;

    fired = timed_out = 0;
    ck_assert(RegisterWaitForSingleObject(&wait, event, counts, NULL, INFINITE, WT_EXECUTEDEFAULT));
    for (LONG i = 1; i <= 3; i++) {
        SetEvent(event);
        until(&fired, i);
    }
    ck_assert(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    SetEvent(event);
    ck_assert_uint_eq(WaitForSingleObject(event, 10), WAIT_OBJECT_0);
    ck_assert(fired == 3 && !timed_out);
    ck_assert(!UnregisterWait(wait));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
    CloseHandle(event);
    ck_assert(!RegisterWaitForSingleObject(&wait, event, counts, NULL, 1, 0));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
}
END_TEST

START_TEST(a_wait_is_over_after_a_time)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL), wait, once, gone = CreateEvent(NULL, TRUE, FALSE, NULL);

    fired = timed_out = 0;
    ck_assert(RegisterWaitForSingleObject(&wait, event, counts, NULL, 2, WT_EXECUTEDEFAULT));
    until(&timed_out, 2);
    ck_assert(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    timed_out = 0;
    SetEvent(event);
    ck_assert(RegisterWaitForSingleObject(&once, event, counts, NULL, INFINITE, WT_EXECUTEONLYONCE));
    until(&fired, 1);
    Sleep(5);
    ck_assert(fired == 1 && !timed_out);
    if (!UnregisterWaitEx(once, gone))
        ck_assert_uint_eq(GetLastError(), ERROR_IO_PENDING);
    ck_assert_uint_eq(WaitForSingleObject(gone, LONG_ENOUGH), WAIT_OBJECT_0);
    CloseHandle(event);
    CloseHandle(gone);
}
END_TEST

static HANDLE entered, leave;
static VOID CALLBACK lingers(PVOID, BOOLEAN)
{
    SetEvent(entered);
    WaitForSingleObject(leave, LONG_ENOUGH);
    InterlockedIncrement(&fired);
}
START_TEST(the_end_of_a_callback_is_told)
{
    HANDLE timer = CreateWaitableTimerW(NULL, FALSE, NULL), wait, gone = CreateEvent(NULL, TRUE, FALSE, NULL);
    LARGE_INTEGER soon = in(1);

    fired = 0;
    entered = CreateEvent(NULL, TRUE, FALSE, NULL);
    leave = CreateEvent(NULL, TRUE, FALSE, NULL);
    ck_assert(RegisterWaitForSingleObject(&wait, timer, lingers, NULL, INFINITE, WT_EXECUTELONGFUNCTION));
    ck_assert(SetWaitableTimer(timer, &soon, 0, NULL, NULL, FALSE));
    ck_assert_uint_eq(WaitForSingleObject(entered, LONG_ENOUGH), WAIT_OBJECT_0);
    ck_assert(!UnregisterWaitEx(wait, gone));
    ck_assert_uint_eq(GetLastError(), ERROR_IO_PENDING);
    ck_assert_uint_eq(WaitForSingleObject(gone, 2), WAIT_TIMEOUT);
    SetEvent(leave);
    ck_assert_uint_eq(WaitForSingleObject(gone, LONG_ENOUGH), WAIT_OBJECT_0);
    ck_assert_int_eq(fired, 1);
    for (HANDLE handle : {timer, gone, entered, leave})
        CloseHandle(handle);
}
END_TEST

static HANDLE pulse;
static VOID CALLBACK rearms(PTP_CALLBACK_INSTANCE, PVOID, PTP_WAIT wait, TP_WAIT_RESULT result)
{
    InterlockedIncrement(result == WAIT_OBJECT_0 ? &fired : &timed_out);
    if (result == WAIT_OBJECT_0)
        SetThreadpoolWait(wait, pulse, NULL);
}
START_TEST(a_pools_wait_is_set_for_each_callback)
{
    PTP_WAIT wait = CreateThreadpoolWait(rearms, NULL, NULL);
    FILETIME soon = {(DWORD)-10000, 0xffffffff};

    fired = timed_out = 0;
    pulse = CreateEvent(NULL, FALSE, FALSE, NULL);
    SetThreadpoolWait(wait, pulse, NULL);
    SetEvent(pulse);
    until(&fired, 1);
    SetEvent(pulse);
    until(&fired, 2);
    WaitForThreadpoolWaitCallbacks(wait, FALSE);
    SetThreadpoolWait(wait, pulse, &soon);
    until(&timed_out, 1);
    SetThreadpoolWait(wait, NULL, NULL);
    WaitForThreadpoolWaitCallbacks(wait, TRUE);
    CloseThreadpoolWait(wait);
    CloseHandle(pulse);
    ck_assert(fired == 2 && timed_out == 1);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static LONG word;
static DWORD WINAPI waits_for_a_change(LPVOID)
{
    LONG zero = 0;
    while (InterlockedExchangeAdd(&word, 0) == zero)
        WaitOnAddress(&word, &zero, sizeof(word), INFINITE);
    return (DWORD)word;
}
START_TEST(a_change_of_memory_is_waited_for)
{
    LONG zero = 0;
    SLIST_HEADER list;
    SLIST_ENTRY one, two;

    HANDLE thread = CreateThread(NULL, 0, waits_for_a_change, NULL, 0, NULL);
    ck_assert(!WaitOnAddress(&word, &zero, sizeof(word), 2));
    ck_assert_uint_eq(GetLastError(), ERROR_TIMEOUT);
    InterlockedExchange(&word, 1);
    WakeByAddressAll(&word);
    ck_assert_uint_eq(WaitForSingleObject(thread, LONG_ENOUGH), WAIT_OBJECT_0);
    ck_assert(WaitOnAddress(&word, &zero, sizeof(word), INFINITE));
    CloseHandle(thread);

    InitializeSListHead(&list);
    ck_assert_ptr_null(InterlockedPushEntrySList(&list, &one));
    ck_assert_ptr_eq(InterlockedPushEntrySList(&list, &two), &one);
    ck_assert_uint_eq(QueryDepthSList(&list), 2);
    ck_assert_ptr_eq(InterlockedPopEntrySList(&list), &two);
    ck_assert_ptr_eq(InterlockedFlushSList(&list), &one);
    ck_assert_ptr_null(InterlockedPopEntrySList(&list));
}
END_TEST

int main()
{
    Suite *suite = suite_create("waits");
    TCase *timers = tcase_create("timers"), *waits = tcase_create("waits");

    tcase_add_test(timers, a_timer_is_signaled_when_it_is_due);
    tcase_add_test(timers, a_timer_comes_again);
    tcase_add_test(timers, who_waits_is_told_of_an_earlier_time);
    tcase_add_test(waits, a_wait_calls_back_each_time);
    tcase_add_test(waits, a_wait_is_over_after_a_time);
    tcase_add_test(waits, the_end_of_a_callback_is_told);
    tcase_add_test(waits, a_pools_wait_is_set_for_each_callback);
    tcase_add_test(waits, a_change_of_memory_is_waited_for);
    for (TCase *tcase : {timers, waits}) {
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
