/*
 * win32/system.h - what every file beside it needs: how its functions are declared, and libc's calls under private names.
 *
 * All of the Win32 layer is inline functions of hidden visibility: each module has its own copy and its own state, no
 * library is linked, and it works in static constructors, before the server's handshake. The headers of libc whose
 * names a Windows source may use for its own (open, read, stat ...) are not included: the calls are declared here under
 * names that begin with iis_libc_. State that outlives static destructors is made with new and never freed.
 */
#ifndef IIS_WIN32_SYSTEM_H
#define IIS_WIN32_SYSTEM_H

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <wchar.h>
#include <string>
#include <type_traits>
#include <utility>

#include "../iis_basetypes.h"
#include "../iis_winerror.h"
#include "../iis_handshake.h"

#define IIS_API inline __attribute__((visibility("hidden")))

extern "C" {
int iis_libc_open(const char *, int, ...) __asm__("open");
int iis_libc_close(int) __asm__("close");
ssize_t iis_libc_read(int, void *, size_t) __asm__("read");
ssize_t iis_libc_write(int, const void *, size_t) __asm__("write");
ssize_t iis_libc_pread(int, void *, size_t, long) __asm__("pread");
ssize_t iis_libc_pwrite(int, const void *, size_t, long) __asm__("pwrite");
long iis_libc_lseek(int, long, int) __asm__("lseek");
int iis_libc_ftruncate(int, long) __asm__("ftruncate");
int iis_libc_fsync(int) __asm__("fsync");
int iis_libc_flock(int, int) __asm__("flock");
int iis_libc_fcntl(int, int, ...) __asm__("fcntl");
int iis_libc_dup(int) __asm__("dup");
int iis_libc_unlink(const char *) __asm__("unlink");
int iis_libc_rmdir(const char *) __asm__("rmdir");
int iis_libc_mkdir(const char *, unsigned) __asm__("mkdir");
int iis_libc_chmod(const char *, unsigned) __asm__("chmod");
int iis_libc_link(const char *, const char *) __asm__("link");
int iis_libc_rename(const char *, const char *) __asm__("rename");
int iis_libc_access(const char *, int) __asm__("access");
int iis_libc_chdir(const char *) __asm__("chdir");
char *iis_libc_getcwd(char *, size_t) __asm__("getcwd");
ssize_t iis_libc_readlink(const char *, char *, size_t) __asm__("readlink");
int iis_libc_futimens(int, const struct timespec *) __asm__("futimens");
int iis_libc_getpid(void) __asm__("getpid");
long iis_libc_syscall(long, ...) __asm__("syscall");
long iis_libc_sysconf(int) __asm__("sysconf");
int iis_libc_gethostname(char *, size_t) __asm__("gethostname");
int iis_libc_sched_yield(void) __asm__("sched_yield");
int iis_libc_pthread_sigmask(int, const void *, void *) __asm__("pthread_sigmask");
int iis_libc_sigfillset(void *) __asm__("sigfillset");
void *iis_libc_mmap(void *, size_t, int, int, int, long) __asm__("mmap");
int iis_libc_munmap(void *, size_t) __asm__("munmap");
int iis_libc_mprotect(void *, size_t, int) __asm__("mprotect");
}

/* ---- the last error ---------------------------------------------------------------------------------------------- */

IIS_API DWORD &iis_last_error()
{
    static thread_local DWORD error;
    return error;
}

IIS_API DWORD WINAPI GetLastError() { return iis_last_error(); }
IIS_API void WINAPI SetLastError(DWORD dwErrCode) { iis_last_error() = dwErrCode; }

/* errno's number as Windows would have said it. */
IIS_API DWORD iis_error_from_errno(int number)
{
    static const struct { int number; DWORD error; } map[] = {
        {0, ERROR_SUCCESS}, {ENOENT, ERROR_FILE_NOT_FOUND}, {ENOTDIR, ERROR_PATH_NOT_FOUND},
        {EACCES, ERROR_ACCESS_DENIED}, {EPERM, ERROR_ACCESS_DENIED}, {EROFS, ERROR_WRITE_PROTECT},
        {EISDIR, ERROR_ACCESS_DENIED}, {EEXIST, ERROR_ALREADY_EXISTS}, {EBADF, ERROR_INVALID_HANDLE},
        {ENOMEM, ERROR_NOT_ENOUGH_MEMORY}, {EMFILE, ERROR_TOO_MANY_OPEN_FILES}, {ENFILE, ERROR_TOO_MANY_OPEN_FILES},
        {ENOSPC, ERROR_DISK_FULL}, {EDQUOT, ERROR_DISK_FULL}, {EFBIG, ERROR_DISK_FULL},
        {EINVAL, ERROR_INVALID_PARAMETER}, {ENAMETOOLONG, ERROR_FILENAME_EXCED_RANGE},
        {ENOTEMPTY, ERROR_DIR_NOT_EMPTY}, {EXDEV, ERROR_NOT_SAME_DEVICE}, {EBUSY, ERROR_BUSY},
        {EPIPE, ERROR_BROKEN_PIPE}, {EAGAIN, ERROR_NOT_READY}, {ETXTBSY, ERROR_SHARING_VIOLATION},
        {EFAULT, ERROR_NOACCESS}, {ENOSYS, ERROR_NOT_SUPPORTED}, {ENOTSUP, ERROR_NOT_SUPPORTED},
        {ETIMEDOUT, ERROR_SEM_TIMEOUT}, {ECANCELED, ERROR_OPERATION_ABORTED}, {EIO, ERROR_IO_DEVICE},
        {ELOOP, ERROR_BAD_PATHNAME}, {EILSEQ, ERROR_NO_UNICODE_TRANSLATION}, {ERANGE, ERROR_INSUFFICIENT_BUFFER},
        {EDEADLK, ERROR_POSSIBLE_DEADLOCK}, {ECONNREFUSED, ERROR_CONNECTION_REFUSED},
        {ECONNABORTED, ERROR_CONNECTION_ABORTED}, {ECONNRESET, ERROR_NETNAME_DELETED}
    };
    for (const auto &entry : map)
        if (entry.number == number)
            return entry.error;
    return ERROR_GEN_FAILURE;
}

/* For `return iis_failed(...)`: sets the last error, is FALSE. */
IIS_API BOOL iis_failed(DWORD error)
{
    SetLastError(error);
    return FALSE;
}
IIS_API BOOL iis_failed_errno() { return iis_failed(iis_error_from_errno(errno)); }

IIS_API DWORD WINAPI GetCurrentThreadId() { return (DWORD)iis_libc_syscall(SYS_gettid); }
IIS_API DWORD WINAPI GetCurrentProcessId() { return (DWORD)iis_libc_getpid(); }

/* FUTEX_WAIT_PRIVATE and FUTEX_WAKE_PRIVATE. FALSE: the time is over. */
IIS_API BOOL iis_futex_wait(const unsigned *word, unsigned value, DWORD milliseconds)
{
    struct timespec timeout = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};
    long rc = iis_libc_syscall(SYS_futex, word, 128, value, milliseconds == INFINITE ? NULL : &timeout, NULL, 0);
    return rc == 0 || errno != ETIMEDOUT;
}
IIS_API void iis_futex_wake(const unsigned *word, int waiters)
{
    iis_libc_syscall(SYS_futex, word, 129, waiters, NULL, NULL, 0);
}

#endif /* IIS_WIN32_SYSTEM_H */
