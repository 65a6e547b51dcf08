/*
 * win32/events.h - events, mutexes and semaphores. Pages: "CreateEventA function", "CreateMutexA function",
 * "CreateSemaphoreA function".
 */
#ifndef IIS_WIN32_EVENTS_H
#define IIS_WIN32_EVENTS_H

#include "handles.h"
#include "strings.h"

#define EVENT_MODIFY_STATE 0x0002
#define EVENT_ALL_ACCESS 0x1F0003
#define MUTEX_MODIFY_STATE 0x0001
#define MUTEX_ALL_ACCESS 0x1F0001
#define SEMAPHORE_MODIFY_STATE 0x0002
#define SEMAPHORE_ALL_ACCESS 0x1F0003
#define CREATE_EVENT_MANUAL_RESET 0x1
#define CREATE_EVENT_INITIAL_SET 0x2
#define CREATE_MUTEX_INITIAL_OWNER 0x1
#define ERROR_NOT_OWNER 288
#define ERROR_TOO_MANY_POSTS 298

class iis_event : public iis_object {
public:
    static constexpr kind_t KIND = EVENT;
    iis_event(bool manual, bool set) : iis_object(EVENT), m_manual(manual), m_set(set) {}
    bool Signaled() const { return m_set; }
    DWORD Taken()
    {
        m_set = m_set && m_manual;
        return 0;
    }
    bool m_manual, m_set;
};

class iis_semaphore : public iis_object {
public:
    static constexpr kind_t KIND = SEMAPHORE;
    iis_semaphore(LONG count, LONG most) : iis_object(SEMAPHORE), m_count(count), m_most(most) {}
    bool Signaled() const { return m_count > 0; }
    DWORD Taken()
    {
        m_count--;
        return 0;
    }
    LONG m_count, m_most;
};

/* The mutexes that a thread owns; it leaves them abandoned when it ends. The address stands for the thread. */
class iis_mutex;
struct iis_owned {
    std::vector<iis_mutex *> mutexes;
    ~iis_owned();
};
IIS_API iis_owned &iis_owned_here()
{
    static thread_local iis_owned owned;
    return owned;
}
class iis_mutex : public iis_object {
public:
    static constexpr kind_t KIND = MUTEX;
    explicit iis_mutex(bool owned) : iis_object(MUTEX), m_owner(NULL), m_depth(0), m_abandoned(false)
    {
        if (owned)
            Taken();
    }
    ~iis_mutex()
    {
        if (m_owner)
            Forget();
    }
    bool Signaled() const { return !m_owner || m_owner == &iis_owned_here(); }
    DWORD Taken()
    {
        DWORD abandoned = m_abandoned ? WAIT_ABANDONED : 0;
        m_abandoned = false;
        if (!m_depth++) {
            m_owner = &iis_owned_here();
            m_owner->mutexes.push_back(this);
        }
        return abandoned;
    }
    bool Release()
    {
        if (m_owner != &iis_owned_here())
            return false;
        if (!--m_depth) {
            Forget();
            Changed();
        }
        return true;
    }
    void Abandon()
    {
        m_owner = NULL;
        m_depth = 0;
        m_abandoned = true;
        Changed();
    }
private:
    void Forget()
    {
        auto &list = m_owner->mutexes;
        list.erase(std::find(list.begin(), list.end(), this));
        m_owner = NULL;
    }
    iis_owned *m_owner;
    LONG m_depth;
    bool m_abandoned;
};
inline __attribute__((visibility("hidden"))) iis_owned::~iis_owned()
{
    iis_guard guard(iis_handle_table().lock);
    for (iis_mutex *mutex : mutexes)
        mutex->Abandon();
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

IIS_API HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES, BOOL bManualReset, BOOL bInitialState, LPCWSTR lpName)
{
    return iis_open(new iis_event(bManualReset != FALSE, bInitialState != FALSE), lpName);
}
IIS_API HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES, BOOL bManualReset, BOOL bInitialState, LPCSTR lpName)
{
    return CreateEventW(NULL, bManualReset, bInitialState, iis_widen(lpName).c_str());
}
IIS_API HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES, LPCWSTR lpName, DWORD dwFlags, DWORD)
{
    return CreateEventW(NULL, dwFlags & CREATE_EVENT_MANUAL_RESET, (dwFlags & CREATE_EVENT_INITIAL_SET) != 0, lpName);
}
IIS_API HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES, LPCSTR lpName, DWORD dwFlags, DWORD dwAccess)
{
    return CreateEventExW(NULL, iis_widen(lpName).c_str(), dwFlags, dwAccess);
}
IIS_API HANDLE WINAPI OpenEventW(DWORD, BOOL, LPCWSTR lpName) { return iis_open_named<iis_event>(lpName); }
IIS_API HANDLE WINAPI OpenEventA(DWORD, BOOL, LPCSTR lpName)
{
    return iis_open_named<iis_event>(iis_widen(lpName).c_str());
}
IIS_API BOOL iis_change_event(HANDLE hEvent, bool set)
{
    iis_guard guard(iis_handle_table().lock);
    iis_event *event = iis_object_as<iis_event>(hEvent);

    if (!event)
        return FALSE;
    event->m_set = set;
    if (set)
        event->Changed();
    return TRUE;
}
IIS_API BOOL WINAPI SetEvent(HANDLE hEvent) { return iis_change_event(hEvent, true); }
IIS_API BOOL WINAPI ResetEvent(HANDLE hEvent) { return iis_change_event(hEvent, false); }

/* ---- mutexes ----------------------------------------------------------------------------------------------------- */

/* A named one that exists is not owned by the caller, whatever bInitialOwner says. */
IIS_API HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES, BOOL bInitialOwner, LPCWSTR lpName)
{
    return iis_open(new iis_mutex(bInitialOwner != FALSE), lpName);
}
IIS_API HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES, BOOL bInitialOwner, LPCSTR lpName)
{
    return CreateMutexW(NULL, bInitialOwner, iis_widen(lpName).c_str());
}
IIS_API HANDLE WINAPI OpenMutexW(DWORD, BOOL, LPCWSTR lpName) { return iis_open_named<iis_mutex>(lpName); }
IIS_API HANDLE WINAPI OpenMutexA(DWORD, BOOL, LPCSTR lpName)
{
    return iis_open_named<iis_mutex>(iis_widen(lpName).c_str());
}
IIS_API BOOL WINAPI ReleaseMutex(HANDLE hMutex)
{
    iis_guard guard(iis_handle_table().lock);
    iis_mutex *mutex = iis_object_as<iis_mutex>(hMutex);
    return mutex && (mutex->Release() || iis_failed(ERROR_NOT_OWNER));
}

/* ---- semaphores -------------------------------------------------------------------------------------------------- */

IIS_API HANDLE WINAPI CreateSemaphoreW(LPSECURITY_ATTRIBUTES, LONG lInitialCount, LONG lMaximumCount, LPCWSTR lpName)
{
    if (lInitialCount < 0 || lMaximumCount <= 0 || lInitialCount > lMaximumCount) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return iis_open(new iis_semaphore(lInitialCount, lMaximumCount), lpName);
}
IIS_API HANDLE WINAPI CreateSemaphoreA(LPSECURITY_ATTRIBUTES, LONG lInitialCount, LONG lMaximumCount, LPCSTR lpName)
{
    return CreateSemaphoreW(NULL, lInitialCount, lMaximumCount, iis_widen(lpName).c_str());
}
/* All of it or nothing: ERROR_TOO_MANY_POSTS. */
IIS_API BOOL WINAPI ReleaseSemaphore(HANDLE hSemaphore, LONG lReleaseCount, LPLONG lpPreviousCount)
{
    iis_guard guard(iis_handle_table().lock);
    iis_semaphore *semaphore = iis_object_as<iis_semaphore>(hSemaphore);

    if (!semaphore)
        return FALSE;
    if (lReleaseCount <= 0)
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (lReleaseCount > semaphore->m_most - semaphore->m_count)
        return iis_failed(ERROR_TOO_MANY_POSTS);
    if (lpPreviousCount)
        *lpPreviousCount = semaphore->m_count;
    semaphore->m_count += lReleaseCount;
    semaphore->Changed();
    return TRUE;
}

IIS_API HANDLE WINAPI CreateMutexExW(LPSECURITY_ATTRIBUTES, LPCWSTR lpName, DWORD dwFlags, DWORD)
{
    return CreateMutexW(NULL, (dwFlags & CREATE_MUTEX_INITIAL_OWNER) != 0, lpName);
}
IIS_API HANDLE WINAPI CreateSemaphoreExW(LPSECURITY_ATTRIBUTES, LONG lInitial, LONG lMaximum, LPCWSTR lpName, DWORD, DWORD)
{
    return CreateSemaphoreW(NULL, lInitial, lMaximum, lpName);
}
/* One after the other: somebody may see the signal before this one waits. */
IIS_API DWORD WINAPI SignalObjectAndWait(HANDLE hSignal, HANDLE hWait, DWORD dwMilliseconds, BOOL)
{
    iis_guard guard(iis_handle_table().lock);
    iis_object *object = iis_object_of(hSignal);
    iis_object::kind_t kind = object ? object->m_kind : iis_object::THREAD;
    guard.unlock();
    BOOL done = kind == iis_object::EVENT ? SetEvent(hSignal) : kind == iis_object::MUTEX ? ReleaseMutex(hSignal)
                : kind == iis_object::SEMAPHORE ? ReleaseSemaphore(hSignal, 1, NULL) : iis_failed(ERROR_INVALID_HANDLE);
    return done ? WaitForSingleObject(hWait, dwMilliseconds) : WAIT_FAILED;
}

#define CreateEvent IIS_AW(CreateEvent)
#define CreateEventEx IIS_AW(CreateEventEx)
#define OpenEvent IIS_AW(OpenEvent)
#define CreateMutex IIS_AW(CreateMutex)
#define OpenMutex IIS_AW(OpenMutex)
#define CreateSemaphore IIS_AW(CreateSemaphore)

#endif /* IIS_WIN32_EVENTS_H */
