/*
 * win32/handles.h - the objects behind HANDLEs that are no files, closing, duplicating, and waiting.
 *
 * A file's handle carries its descriptor (iis_basetypes.h); the handle of an event, mutex, semaphore or thread is the
 * address of its object, known to this module only: one module's handles mean nothing to another. One lock per module
 * guards all of them; a waiter sleeps on a condition of its own and looks again whenever one of its objects changes. A
 * handle that is no longer open is refused, not followed. Page: "WaitForMultipleObjects function".
 */
#ifndef IIS_WIN32_HANDLES_H
#define IIS_WIN32_HANDLES_H

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "sync.h"

#define WAIT_OBJECT_0 0
#define WAIT_ABANDONED 0x00000080
#define WAIT_ABANDONED_0 0x00000080
#define WAIT_IO_COMPLETION 0x000000C0
#define WAIT_FAILED 0xffffffffU
#define MAXIMUM_WAIT_OBJECTS 64
#define STATUS_WAIT_0 0
#define DUPLICATE_CLOSE_SOURCE 0x1
#define DUPLICATE_SAME_ACCESS 0x2
#define HANDLE_FLAG_INHERIT 0x1
#define SYNCHRONIZE 0x00100000

typedef std::chrono::steady_clock iis_clock;

struct iis_waiter {
    std::condition_variable changed;
    bool look = false;
};

/* All members under the lock of iis_handles. */
class iis_object {
public:
    enum kind_t { EVENT, MUTEX, SEMAPHORE, THREAD, TIMER };
    explicit iis_object(kind_t kind) : m_kind(kind) {}
    virtual ~iis_object() {}
    /* For the calling thread. */
    virtual bool Signaled() const = 0;
    /* When it will be signaled by itself; NULL: never. */
    virtual const iis_clock::time_point *Due() const { return NULL; }
    /* A wait is over: what that does to the object. WAIT_ABANDONED or 0. */
    virtual DWORD Taken() { return 0; }
    /* The last handle is closed. FALSE: something else still needs the object and frees it. */
    virtual bool Closed() { return true; }
    /* TRUE: *thread is to be joined by the caller, who has waited for it. */
    virtual bool Join(pthread_t * /* thread */) { return false; }
    void Changed()
    {
        for (iis_waiter *waiter : m_waiters) {
            waiter->look = true;
            waiter->changed.notify_one();
        }
    }
    const kind_t m_kind;
    int m_handles = 1;
    std::wstring m_name;                     /* empty: none */
    std::vector<iis_waiter *> m_waiters;     /* none of them outlives its wait */
};

struct iis_handles {
    std::mutex lock;
    std::unordered_set<iis_object *> open;
    std::map<std::wstring, iis_object *> named;
};
IIS_API iis_handles &iis_handle_table()
{
    static iis_handles *table = new iis_handles;
    return *table;
}
typedef std::unique_lock<std::mutex> iis_guard;

IIS_API HANDLE WINAPI GetCurrentProcess() { return INVALID_HANDLE_VALUE; }
IIS_API HANDLE WINAPI GetCurrentThread() { return (HANDLE)(intptr_t)-2; }

/* The object of the calling thread; NULL unless this module has started it. */
IIS_API iis_object *&iis_object_here()
{
    static thread_local iis_object *thread;
    return thread;
}

/* Under the lock. NULL: not an open handle of this module. */
IIS_API iis_object *iis_object_of(HANDLE handle)
{
    iis_object *object = (iis_object *)handle;
    return iis_handle_table().open.count(object) ? object : NULL;
}
template <typename T> T *iis_object_as(HANDLE handle)
{
    iis_object *object = iis_object_of(handle);
    if (object && object->m_kind == T::KIND)
        return static_cast<T *>(object);
    SetLastError(ERROR_INVALID_HANDLE);
    return NULL;
}

/* A named object that there is already is opened once more, with ERROR_ALREADY_EXISTS; of another kind:
 * ERROR_INVALID_HANDLE and NULL. Names are the module's own. made is deleted when it is not needed. */
template <typename T> HANDLE iis_open(T *made, const WCHAR *name)
{
    iis_handles &table = iis_handle_table();
    iis_guard guard(table.lock);

    SetLastError(ERROR_SUCCESS);
    if (name && *name) {
        auto known = table.named.find(name);
        if (known != table.named.end()) {
            delete made;
            bool same = known->second->m_kind == T::KIND;
            SetLastError(same ? ERROR_ALREADY_EXISTS : ERROR_INVALID_HANDLE);
            if (!same)
                return NULL;
            known->second->m_handles++;
            return known->second;
        }
        made->m_name = name;
        table.named[name] = made;
    }
    table.open.insert(made);
    return made;
}
/* NULL and ERROR_FILE_NOT_FOUND. */
template <typename T> HANDLE iis_open_named(const WCHAR *name)
{
    iis_handles &table = iis_handle_table();
    iis_guard guard(table.lock);
    auto known = table.named.find(name ? name : L"");

    if (known == table.named.end() || known->second->m_kind != T::KIND) {
        SetLastError(known == table.named.end() ? ERROR_FILE_NOT_FOUND : ERROR_INVALID_HANDLE);
        return NULL;
    }
    known->second->m_handles++;
    return known->second;
}

IIS_API BOOL WINAPI CloseHandle(HANDLE hObject)
{
    int fd = iis_fd_from_handle(hObject);

    if (fd >= 0)
        return iis_libc_close(fd) ? iis_failed_errno() : TRUE;
    if (hObject == GetCurrentThread() || hObject == GetCurrentProcess())
        return hObject == INVALID_HANDLE_VALUE ? iis_failed(ERROR_INVALID_HANDLE) : TRUE;
    iis_handles &table = iis_handle_table();
    iis_guard guard(table.lock);
    iis_object *object = iis_object_of(hObject);
    if (!object)
        return iis_failed(ERROR_INVALID_HANDLE);
    if (--object->m_handles)
        return TRUE;
    table.open.erase(object);
    if (!object->m_name.empty())
        table.named.erase(object->m_name);
    /* Closing what somebody waits for is a mistake; the object stays then. */
    if (object->Closed() && object->m_waiters.empty())
        delete object;
    return TRUE;
}

/* Of the same process: files by dup, other objects by one more reference to the same handle, also of the caller's
 * thread, if this module has started it. */
IIS_API BOOL WINAPI DuplicateHandle(HANDLE, HANDLE hSource, HANDLE, LPHANDLE lpTarget, DWORD, BOOL, DWORD dwOptions)
{
    int fd = iis_fd_from_handle(hSource);

    if (!lpTarget)
        return iis_failed(ERROR_INVALID_PARAMETER);
    if (fd >= 0) {
        int copy = iis_libc_fcntl(fd, 1030 /* F_DUPFD_CLOEXEC */, 0);
        if (copy < 0)
            return iis_failed_errno();
        *lpTarget = iis_handle_from_fd(copy);
    }
    else {
        iis_guard guard(iis_handle_table().lock);
        iis_object *object = hSource == GetCurrentThread() ? iis_object_here() : iis_object_of(hSource);
        if (!object)
            return iis_failed(ERROR_INVALID_HANDLE);
        if (!object->m_handles++)
            iis_handle_table().open.insert(object);
        *lpTarget = object;
    }
    return dwOptions & DUPLICATE_CLOSE_SOURCE ? CloseHandle(hSource) : TRUE;
}
IIS_API BOOL WINAPI GetHandleInformation(HANDLE hObject, LPDWORD lpdwFlags)
{
    iis_guard guard(iis_handle_table().lock);
    if (iis_fd_from_handle(hObject) < 0 && !iis_object_of(hObject))
        return iis_failed(ERROR_INVALID_HANDLE);
    *lpdwFlags = 0;
    return TRUE;
}
IIS_API BOOL WINAPI SetHandleInformation(HANDLE, DWORD, DWORD) { return TRUE; }

/* ---- waiting ----------------------------------------------------------------------------------------------------- */

/* Under the lock: the answer, or WAIT_TIMEOUT when nothing is signaled yet. A NULL object is a file, always ready. */
IIS_API DWORD iis_try_wait(iis_object *const *objects, DWORD count, bool all)
{
    DWORD answer = WAIT_OBJECT_0;

    if (!all) {
        for (DWORD i = 0; i < count; i++)
            if (!objects[i] || objects[i]->Signaled())
                return (objects[i] ? objects[i]->Taken() : 0) + i;
        return WAIT_TIMEOUT;
    }
    for (DWORD i = 0; i < count; i++)
        if (objects[i] && !objects[i]->Signaled())
            return WAIT_TIMEOUT;
    for (DWORD i = 0; i < count; i++)
        if (objects[i] && objects[i]->Taken())
            answer = WAIT_ABANDONED;
    return answer;
}

/* The earliest time at which one of them, or the deadline, is due; NULL: none is. */
IIS_API const iis_clock::time_point *iis_first_due(iis_object *const *objects, DWORD count,
                                                   const iis_clock::time_point *deadline)
{
    const iis_clock::time_point *first = deadline;
    for (DWORD i = 0; i < count; i++) {
        const iis_clock::time_point *due = objects[i] && !objects[i]->Signaled() ? objects[i]->Due() : NULL;
        if (due && (!first || *due < *first))
            first = due;
    }
    return first;
}

IIS_API DWORD iis_wait(iis_object *const *objects, DWORD count, bool all, DWORD milliseconds, iis_guard &guard)
{
    iis_clock::time_point deadline = iis_clock::now() + std::chrono::milliseconds(milliseconds);
    DWORD answer = iis_try_wait(objects, count, all);
    iis_waiter waiter;

    if (answer != WAIT_TIMEOUT || !milliseconds)
        return answer;
    for (DWORD i = 0; i < count; i++)
        if (objects[i])
            objects[i]->m_waiters.push_back(&waiter);
    bool over = false;
    while (answer == WAIT_TIMEOUT && !over) {
        const iis_clock::time_point *due = iis_first_due(objects, count, milliseconds == INFINITE ? NULL : &deadline);
        if (!due)
            waiter.changed.wait(guard, [&] { return waiter.look; });
        else {
            iis_clock::time_point until = *due;
            waiter.changed.wait_until(guard, until, [&] { return waiter.look; });
        }
        waiter.look = false;
        answer = iis_try_wait(objects, count, all);
        over = milliseconds != INFINITE && iis_clock::now() >= deadline;
    }
    for (DWORD i = 0; i < count; i++)
        if (objects[i]) {
            auto &waiters = objects[i]->m_waiters;
            waiters.erase(std::find(waiters.begin(), waiters.end(), &waiter));
        }
    return answer;
}

IIS_API DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll, DWORD dwMilliseconds)
{
    iis_object *objects[MAXIMUM_WAIT_OBJECTS];

    if (!nCount || nCount > MAXIMUM_WAIT_OBJECTS || !lpHandles) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    iis_guard guard(iis_handle_table().lock);
    for (DWORD i = 0; i < nCount; i++) {
        objects[i] = iis_object_of(lpHandles[i]);
        if (!objects[i] && iis_fd_from_handle(lpHandles[i]) < 0) {
            SetLastError(ERROR_INVALID_HANDLE);
            return WAIT_FAILED;
        }
    }
    DWORD answer = iis_wait(objects, nCount, bWaitAll != FALSE, dwMilliseconds, guard);
    pthread_t ended[MAXIMUM_WAIT_OBJECTS];
    DWORD count = 0;
    for (DWORD i = 0; i < nCount; i++)
        count += objects[i] && objects[i]->Join(&ended[count]);
    guard.unlock();
    while (count)
        pthread_join(ended[--count], NULL);
    return answer;
}
IIS_API DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds)
{
    return WaitForMultipleObjects(1, &hHandle, FALSE, dwMilliseconds);
}
/* There are no alerts. */
IIS_API DWORD WINAPI WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds, BOOL)
{
    return WaitForSingleObject(hHandle, dwMilliseconds);
}
IIS_API DWORD WINAPI WaitForMultipleObjectsEx(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll,
                                              DWORD dwMilliseconds, BOOL)
{
    return WaitForMultipleObjects(nCount, lpHandles, bWaitAll, dwMilliseconds);
}

#endif /* IIS_WIN32_HANDLES_H */
