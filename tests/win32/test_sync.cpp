/* Locks, events, semaphores, mutexes and waiting, as their pages say: "Critical Section Objects", "Slim Reader/Writer
 * (SRW) Locks", "Condition Variables", "One-Time Initialization", "WaitForMultipleObjects function". */
#include <windows.h>
#include <check.h>

static const DWORD LONG_ENOUGH = 30000;

/* Runs a function on another thread and says what it returned. */
static DWORD elsewhere(LPTHREAD_START_ROUTINE what, LPVOID argument)
{
    DWORD code = 0;
    HANDLE thread = CreateThread(NULL, 0, what, argument, 0, NULL);
    ck_assert_uint_eq(WaitForSingleObject(thread, LONG_ENOUGH), WAIT_OBJECT_0);
    ck_assert(GetExitCodeThread(thread, &code));
    CloseHandle(thread);
    return code;
}

static DWORD WINAPI tries_section(LPVOID section)
{
    BOOL entered = TryEnterCriticalSection((LPCRITICAL_SECTION)section);
    if (entered)
        LeaveCriticalSection((LPCRITICAL_SECTION)section);
    return entered;
}

START_TEST(a_section_is_its_owners_again_and_again)
{
    CRITICAL_SECTION section;

    ck_assert(InitializeCriticalSectionAndSpinCount(&section, 4000));
    EnterCriticalSection(&section);
    ck_assert(TryEnterCriticalSection(&section));
    ck_assert_uint_eq(elsewhere(tries_section, &section), FALSE);
    LeaveCriticalSection(&section);
    ck_assert_uint_eq(elsewhere(tries_section, &section), FALSE);
    LeaveCriticalSection(&section);
    ck_assert_uint_eq(elsewhere(tries_section, &section), TRUE);
    DeleteCriticalSection(&section);
}
END_TEST

static SRWLOCK slim = SRWLOCK_INIT;
/* 1: could have read, 2: could have written. */
static DWORD WINAPI tries_slim(LPVOID)
{
    DWORD could = 0;
    if (TryAcquireSRWLockShared(&slim)) {
        ReleaseSRWLockShared(&slim);
        could |= 1;
    }
    if (TryAcquireSRWLockExclusive(&slim)) {
        ReleaseSRWLockExclusive(&slim);
        could |= 2;
    }
    return could;
}

START_TEST(readers_share_and_a_writer_does_not)
{
    ck_assert_uint_eq(elsewhere(tries_slim, NULL), 3);
    AcquireSRWLockShared(&slim);
    ck_assert_uint_eq(elsewhere(tries_slim, NULL), 1);
    ReleaseSRWLockShared(&slim);
    AcquireSRWLockExclusive(&slim);
    ck_assert_uint_eq(elsewhere(tries_slim, NULL), 0);
    ReleaseSRWLockExclusive(&slim);
}
END_TEST

static CRITICAL_SECTION baton_section;
static CONDITION_VARIABLE baton_changed = CONDITION_VARIABLE_INIT, slim_changed;
static int baton;
static DWORD WINAPI takes_batons(LPVOID)
{
    EnterCriticalSection(&baton_section);
    for (int i = 0; i < 100; i++) {
        while (!baton)
            if (!SleepConditionVariableCS(&baton_changed, &baton_section, LONG_ENOUGH))
                return 1;
        baton = 0;
        WakeAllConditionVariable(&baton_changed);
    }
    LeaveCriticalSection(&baton_section);
    return 0;
}

START_TEST(a_condition_is_slept_on_and_times_out)
{
    InitializeCriticalSection(&baton_section);
    HANDLE taker = CreateThread(NULL, 0, takes_batons, NULL, 0, NULL);

    EnterCriticalSection(&baton_section);
    for (int i = 0; i < 100; i++) {
        while (baton)
            ck_assert(SleepConditionVariableCS(&baton_changed, &baton_section, LONG_ENOUGH));
        baton = 1;
        WakeConditionVariable(&baton_changed);
    }
    LeaveCriticalSection(&baton_section);
    ck_assert_uint_eq(WaitForSingleObject(taker, LONG_ENOUGH), WAIT_OBJECT_0);
    CloseHandle(taker);

    EnterCriticalSection(&baton_section);
    ck_assert(!SleepConditionVariableCS(&baton_changed, &baton_section, 2));
    ck_assert_uint_eq(GetLastError(), ERROR_TIMEOUT);
    LeaveCriticalSection(&baton_section);
    AcquireSRWLockShared(&slim);
    ck_assert(!SleepConditionVariableSRW(&slim_changed, &slim, 2, CONDITION_VARIABLE_LOCKMODE_SHARED));
    ck_assert_uint_eq(GetLastError(), ERROR_TIMEOUT);
    ck_assert_uint_eq(elsewhere(tries_slim, NULL), 1);
    ReleaseSRWLockShared(&slim);
}
END_TEST

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static LONG tries;
static BOOL CALLBACK second_time(PINIT_ONCE, PVOID parameter, PVOID *context)
{
    *context = parameter;
    return InterlockedIncrement(&tries) > 1;
}

START_TEST(once_means_until_it_succeeds)
{
    PVOID context = NULL;
    int first, second;

    ck_assert(!InitOnceExecuteOnce(&once, second_time, &first, &context));
    ck_assert(InitOnceExecuteOnce(&once, second_time, &first, &context));
    ck_assert(InitOnceExecuteOnce(&once, second_time, &second, &context));
    ck_assert_ptr_eq(context, &first);
    ck_assert_int_eq(tries, 2);
}
END_TEST

static PVOID freed;
static VOID WINAPI frees(PVOID value) { freed = value; }
static DWORD WINAPI sets_both(LPVOID slots)
{
    DWORD *slot = (DWORD *)slots;
    bool empty = !TlsGetValue(slot[0]) && !FlsGetValue(slot[1]);
    return empty && TlsSetValue(slot[0], slots) && FlsSetValue(slot[1], slots) && TlsGetValue(slot[0]) == slots;
}

START_TEST(slots_are_the_threads_own)
{
    DWORD slots[2] = {TlsAlloc(), FlsAlloc(frees)};

    ck_assert_uint_ne(slots[0], TLS_OUT_OF_INDEXES);
    ck_assert(TlsSetValue(slots[0], &freed));
    HANDLE thread = CreateThread(NULL, 0, sets_both, slots, CREATE_SUSPENDED, NULL);
    ResumeThread(thread);
    ck_assert_uint_eq(WaitForSingleObject(thread, LONG_ENOUGH), WAIT_OBJECT_0);
    CloseHandle(thread);
    ck_assert_ptr_eq(freed, slots);
    ck_assert_ptr_eq(TlsGetValue(slots[0]), &freed);
    ck_assert(TlsFree(slots[0]) && FlsFree(slots[1]));
}
END_TEST

/* ---- handles ----------------------------------------------------------------------------------------------------- */

START_TEST(events_reset_themselves_or_do_not)
{
    HANDLE manual = CreateEvent(NULL, TRUE, TRUE, NULL), single = CreateEvent(NULL, FALSE, TRUE, NULL);

    ck_assert_uint_eq(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    ck_assert(ResetEvent(manual));
    ck_assert_uint_eq(WaitForSingleObject(manual, 0), WAIT_TIMEOUT);
    ck_assert_uint_eq(WaitForSingleObject(single, 0), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForSingleObject(single, 2), WAIT_TIMEOUT);
    ck_assert(CloseHandle(manual) && CloseHandle(single));
    ck_assert(!SetEvent(manual));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
}
END_TEST

START_TEST(names_are_found_again)
{
    HANDLE first = CreateEventW(NULL, TRUE, FALSE, L"Local\\a name");
    ck_assert_uint_eq(GetLastError(), ERROR_SUCCESS);
    HANDLE second = CreateEventA(NULL, TRUE, FALSE, "Local\\a name");
    ck_assert_uint_eq(GetLastError(), ERROR_ALREADY_EXISTS);
    ck_assert_ptr_null(CreateMutexW(NULL, FALSE, L"Local\\a name"));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
    SetEvent(second);
    ck_assert_uint_eq(WaitForSingleObject(first, 0), WAIT_OBJECT_0);
    ck_assert(CloseHandle(first) && CloseHandle(second));
    ck_assert_ptr_null(OpenEventW(EVENT_ALL_ACCESS, FALSE, L"Local\\a name"));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
}
END_TEST

START_TEST(a_semaphore_counts_to_its_maximum)
{
    LONG before = -1;
    HANDLE semaphore = CreateSemaphoreW(NULL, 1, 3, NULL);

    ck_assert_uint_eq(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    ck_assert(ReleaseSemaphore(semaphore, 2, &before));
    ck_assert_int_eq(before, 0);
    ck_assert(!ReleaseSemaphore(semaphore, 2, &before));
    ck_assert_uint_eq(GetLastError(), ERROR_TOO_MANY_POSTS);
    ck_assert_uint_eq(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    ck_assert_ptr_null(CreateSemaphoreW(NULL, 4, 3, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    CloseHandle(semaphore);
}
END_TEST

static DWORD WINAPI tries_mutex(LPVOID mutex)
{
    DWORD answer = WaitForSingleObject(mutex, 0);
    if (answer == WAIT_OBJECT_0)
        ReleaseMutex(mutex);
    return answer;
}

START_TEST(a_mutex_is_released_as_often_as_taken)
{
    HANDLE mutex = CreateMutexW(NULL, TRUE, NULL);

    ck_assert_uint_eq(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    ck_assert(ReleaseMutex(mutex));
    ck_assert_uint_eq(elsewhere(tries_mutex, mutex), WAIT_TIMEOUT);
    ck_assert(ReleaseMutex(mutex));
    ck_assert_uint_eq(elsewhere(tries_mutex, mutex), WAIT_OBJECT_0);
    CloseHandle(mutex);
}
END_TEST

START_TEST(waiting_for_all_takes_all_or_nothing)
{
    HANDLE both[2] = {CreateEvent(NULL, FALSE, TRUE, NULL), CreateEvent(NULL, FALSE, FALSE, NULL)};

    ck_assert_uint_eq(WaitForMultipleObjects(2, both, TRUE, 2), WAIT_TIMEOUT);
    ck_assert_uint_eq(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_OBJECT_0);
    SetEvent(both[1]);
    ck_assert_uint_eq(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_OBJECT_0 + 1);
    SetEvent(both[0]);
    SetEvent(both[1]);
    ck_assert_uint_eq(WaitForMultipleObjects(2, both, TRUE, 0), WAIT_OBJECT_0);
    ck_assert_uint_eq(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_TIMEOUT);
    ck_assert_uint_eq(WaitForMultipleObjects(0, both, FALSE, 0), WAIT_FAILED);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    CloseHandle(both[1]);
    ck_assert_uint_eq(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_FAILED);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_HANDLE);
    CloseHandle(both[0]);
}
END_TEST

static HANDLE single_ticket;
static LONG tickets;
static DWORD WINAPI takes_a_ticket(LPVOID)
{
    DWORD answer = WaitForSingleObject(single_ticket, LONG_ENOUGH);
    InterlockedIncrement(&tickets);
    return answer;
}

START_TEST(an_auto_reset_event_lets_one_go)
{
    HANDLE threads[4];

    single_ticket = CreateEvent(NULL, FALSE, FALSE, NULL);
    for (HANDLE &thread : threads)
        thread = CreateThread(NULL, 0, takes_a_ticket, NULL, 0, NULL);
    SetEvent(single_ticket);
    ck_assert_uint_lt(WaitForMultipleObjects(4, threads, FALSE, LONG_ENOUGH), 4);
    ck_assert_uint_eq(WaitForMultipleObjects(4, threads, TRUE, 10), WAIT_TIMEOUT);
    ck_assert_int_eq(InterlockedExchangeAdd(&tickets, 0), 1);
    for (LONG more = 2; more <= 4; more++) {
        SetEvent(single_ticket);
        while (InterlockedExchangeAdd(&tickets, 0) < more)
            Sleep(1);
    }
    ck_assert_uint_eq(WaitForMultipleObjects(4, threads, TRUE, LONG_ENOUGH), WAIT_OBJECT_0);
    for (HANDLE thread : threads)
        CloseHandle(thread);
    CloseHandle(single_ticket);
}
END_TEST

int main()
{
    Suite *suite = suite_create("sync");
    TCase *locks = tcase_create("locks"), *handles = tcase_create("handles");

    tcase_add_test(locks, a_section_is_its_owners_again_and_again);
    tcase_add_test(locks, readers_share_and_a_writer_does_not);
    tcase_add_test(locks, a_condition_is_slept_on_and_times_out);
    tcase_add_test(locks, once_means_until_it_succeeds);
    tcase_add_test(locks, slots_are_the_threads_own);
    tcase_add_test(handles, events_reset_themselves_or_do_not);
    tcase_add_test(handles, names_are_found_again);
    tcase_add_test(handles, a_semaphore_counts_to_its_maximum);
    tcase_add_test(handles, a_mutex_is_released_as_often_as_taken);
    tcase_add_test(handles, waiting_for_all_takes_all_or_nothing);
    tcase_add_test(handles, an_auto_reset_event_lets_one_go);
    for (TCase *tcase : {locks, handles}) {
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
