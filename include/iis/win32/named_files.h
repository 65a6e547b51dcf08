/*
 * win32/named_files.h - files and folders by their names: attributes, deleting, moving, copying, making, and names for
 * passing files. Paths as in files.h. A read-only file is one without write permission; what else SetFileAttributes says
 * is not kept. Pages: "MoveFileExA function", "CopyFile function", "GetTempFileNameA function".
 */
#ifndef IIS_WIN32_NAMED_FILES_H
#define IIS_WIN32_NAMED_FILES_H

#include "files.h"

/* ---- each has an A and a W form ----------------------------------------------------------------------------------- */

IIS_API DWORD iis_attributes_of(const std::string &path)
{
    iis_statx st;
    if (iis_stat(-1, path.empty() ? "/nowhere/at all" : path.c_str(), &st))
        return iis_attributes(st, path);
    iis_failed_path(path);
    return INVALID_FILE_ATTRIBUTES;
}
IIS_API BOOL iis_attributes_ex(const std::string &path, LPVOID to)
{
    iis_statx st;
    if (path.empty() || !iis_stat(-1, path.c_str(), &st))
        return path.empty() ? iis_failed(ERROR_PATH_NOT_FOUND) : iis_failed_path(path);
    iis_fill((WIN32_FILE_ATTRIBUTE_DATA *)to, st, path);
    return TRUE;
}
IIS_API BOOL iis_delete_file(const std::string &path)
{
    DWORD attributes = iis_attributes_of(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return FALSE;
    if (attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY))
        return iis_failed(ERROR_ACCESS_DENIED);
    return iis_libc_unlink(path.c_str()) ? iis_failed_path(path) : TRUE;
}
IIS_API BOOL iis_set_attributes(const std::string &path, DWORD attributes)
{
    iis_statx st;
    if (path.empty() || !iis_stat(-1, path.c_str(), &st))
        return path.empty() ? iis_failed(ERROR_PATH_NOT_FOUND) : iis_failed_path(path);
    if (iis_is_folder(st))
        return TRUE;                         /* read-only says nothing of a folder */
    unsigned mode = attributes & FILE_ATTRIBUTE_READONLY ? st.mode & 07555 : (st.mode & 07777) | 0200;
    return mode != (st.mode & 07777u) && iis_libc_chmod(path.c_str(), mode) ? iis_failed_path(path) : TRUE;
}
IIS_API BOOL iis_make_folder(const std::string &path)
{
    return iis_libc_mkdir(path.c_str(), 0777) ? iis_failed_path(path) : TRUE;
}
IIS_API BOOL iis_remove_folder(const std::string &path)
{
    return iis_libc_rmdir(path.c_str()) ? errno == ENOTDIR ? iis_failed(ERROR_DIRECTORY) : iis_failed_path(path) : TRUE;
}
IIS_API DWORD WINAPI GetFileAttributesA(LPCSTR path) { return iis_attributes_of(iis_path(path)); }
IIS_API DWORD WINAPI GetFileAttributesW(LPCWSTR path) { return iis_attributes_of(iis_path(path)); }
IIS_API BOOL WINAPI GetFileAttributesExA(LPCSTR path, GET_FILEEX_INFO_LEVELS, LPVOID to)
{
    return iis_attributes_ex(iis_path(path), to);
}
IIS_API BOOL WINAPI GetFileAttributesExW(LPCWSTR path, GET_FILEEX_INFO_LEVELS, LPVOID to)
{
    return iis_attributes_ex(iis_path(path), to);
}
IIS_API BOOL WINAPI SetFileAttributesA(LPCSTR path, DWORD to) { return iis_set_attributes(iis_path(path), to); }
IIS_API BOOL WINAPI SetFileAttributesW(LPCWSTR path, DWORD to) { return iis_set_attributes(iis_path(path), to); }
IIS_API BOOL WINAPI DeleteFileA(LPCSTR path) { return iis_delete_file(iis_path(path)); }
IIS_API BOOL WINAPI DeleteFileW(LPCWSTR path) { return iis_delete_file(iis_path(path)); }
IIS_API BOOL WINAPI CreateDirectoryA(LPCSTR path, LPSECURITY_ATTRIBUTES) { return iis_make_folder(iis_path(path)); }
IIS_API BOOL WINAPI CreateDirectoryW(LPCWSTR path, LPSECURITY_ATTRIBUTES) { return iis_make_folder(iis_path(path)); }
IIS_API BOOL WINAPI RemoveDirectoryA(LPCSTR path) { return iis_remove_folder(iis_path(path)); }
IIS_API BOOL WINAPI RemoveDirectoryW(LPCWSTR path) { return iis_remove_folder(iis_path(path)); }
IIS_API BOOL iis_hard_link(const std::string &made, const std::string &to)
{
    return iis_libc_link(to.c_str(), made.c_str()) ? iis_failed_path(made) : TRUE;
}
IIS_API BOOL WINAPI CreateHardLinkA(LPCSTR made, LPCSTR to, LPSECURITY_ATTRIBUTES)
{
    return iis_hard_link(iis_path(made), iis_path(to));
}
IIS_API BOOL WINAPI CreateHardLinkW(LPCWSTR made, LPCWSTR to, LPSECURITY_ATTRIBUTES)
{
    return iis_hard_link(iis_path(made), iis_path(to));
}

/* ---- copying and moving ------------------------------------------------------------------------------------------- */

IIS_API bool iis_copy_bytes(int from, int to)
{
    std::vector<char> buffer(65536);
    ssize_t n;

    while ((n = iis_libc_read(from, buffer.data(), buffer.size())) != 0) {
        for (ssize_t done = 0, more; done < n; done += more)
            if ((more = iis_libc_write(to, buffer.data() + done, (size_t)(n - done))) < 0) {
                if (errno != EINTR)
                    return false;
                more = 0;
            }
        if (n < 0 && errno != EINTR)
            return false;
    }
    return true;
}
/* To a file that is not the source itself; its mode and its times go along. */
IIS_API BOOL iis_copy_into(int in, const iis_statx &st, const std::string &to, bool fresh)
{
    int out = iis_libc_open(to.c_str(), IIS_O_WRONLY | IIS_O_CLOEXEC | (fresh ? IIS_O_CREAT | IIS_O_EXCL : IIS_O_TRUNC),
                            st.mode & 0777);
    if (out < 0)
        return errno == EEXIST ? iis_failed(ERROR_FILE_EXISTS) : iis_failed_path(to);
    struct timespec times[2] = {{(time_t)st.accessed.seconds, (long)st.accessed.nanoseconds},
                                {(time_t)st.modified.seconds, (long)st.modified.nanoseconds}};
    bool copied = iis_copy_bytes(in, out);
    int error = errno;
    if (copied)
        iis_libc_futimens(out, times);
    iis_libc_close(out);
    if (copied)
        return TRUE;
    if (fresh)
        iis_libc_unlink(to.c_str());
    return iis_failed(iis_error_from_errno(error));
}
IIS_API BOOL iis_copy_file(const std::string &from, const std::string &to, bool fresh_only)
{
    iis_statx source, target;
    bool there = !to.empty() && iis_stat(-1, to.c_str(), &target);

    if (from.empty() || to.empty())
        return iis_failed(ERROR_PATH_NOT_FOUND);
    int in = iis_libc_open(from.c_str(), IIS_O_CLOEXEC);
    if (in < 0)
        return iis_failed_path(from);
    BOOL copied;
    if (!iis_stat(in, "", &source) || iis_is_folder(source))
        copied = iis_failed(ERROR_ACCESS_DENIED);
    else if (there && fresh_only)
        copied = iis_failed(ERROR_FILE_EXISTS);
    else if (there && (iis_is_folder(target) || !(target.mode & 0200)))
        copied = iis_failed(ERROR_ACCESS_DENIED);
    else if (there && target.inode == source.inode && target.dev_major == source.dev_major
             && target.dev_minor == source.dev_minor)
        copied = iis_failed(ERROR_SHARING_VIOLATION);
    else
        copied = iis_copy_into(in, source, to, !there);
    iis_libc_close(in);
    return copied;
}
IIS_API BOOL WINAPI CopyFileA(LPCSTR from, LPCSTR to, BOOL fail_if_exists)
{
    return iis_copy_file(iis_path(from), iis_path(to), fail_if_exists != FALSE);
}
IIS_API BOOL WINAPI CopyFileW(LPCWSTR from, LPCWSTR to, BOOL fail_if_exists)
{
    return iis_copy_file(iis_path(from), iis_path(to), fail_if_exists != FALSE);
}

/* To another file system a file is copied and deleted, if that is allowed. */
IIS_API BOOL iis_move_file(const std::string &from, const std::string &to, DWORD flags)
{
    if (from.empty() || to.empty())
        return iis_failed(ERROR_PATH_NOT_FOUND);
    if (!(flags & MOVEFILE_REPLACE_EXISTING) && !iis_libc_access(to.c_str(), 0) && iis_libc_access(from.c_str(), 0) == 0)
        return iis_failed(ERROR_ALREADY_EXISTS);
    if (!iis_libc_rename(from.c_str(), to.c_str()))
        return TRUE;
    if (errno != EXDEV || !(flags & MOVEFILE_COPY_ALLOWED))
        return iis_failed_path(iis_libc_access(from.c_str(), 0) ? from : to);
    return iis_copy_file(from, to, false) && iis_delete_file(from);
}
IIS_API BOOL WINAPI MoveFileExA(LPCSTR from, LPCSTR to, DWORD flags)
{
    return iis_move_file(iis_path(from), iis_path(to), flags);
}
IIS_API BOOL WINAPI MoveFileExW(LPCWSTR from, LPCWSTR to, DWORD flags)
{
    return iis_move_file(iis_path(from), iis_path(to), flags);
}
IIS_API BOOL WINAPI MoveFileA(LPCSTR from, LPCSTR to) { return MoveFileExA(from, to, MOVEFILE_COPY_ALLOWED); }
IIS_API BOOL WINAPI MoveFileW(LPCWSTR from, LPCWSTR to) { return MoveFileExW(from, to, MOVEFILE_COPY_ALLOWED); }

/* ---- the folder for passing files: with a slash at its end ---------------------------------------------------------- */

IIS_API std::string iis_temp_folder()
{
    const char *folder = getenv("TMPDIR");
    std::string path = folder && *folder ? folder : "/tmp";
    return path[path.size() - 1] == '/' ? path : path + "/";
}
/* The length; what is needed with the NUL when the room is too small. */
IIS_API DWORD WINAPI GetTempPathA(DWORD nBufferLength, LPSTR lpBuffer)
{
    std::string path = iis_temp_folder();
    if (path.size() + 1 > nBufferLength)
        return (DWORD)path.size() + 1;
    strcpy(lpBuffer, path.c_str());
    return (DWORD)path.size();
}
IIS_API DWORD WINAPI GetTempPathW(DWORD nBufferLength, LPWSTR lpBuffer)
{
    std::wstring path = iis_widen(iis_temp_folder().c_str());
    if (path.size() + 1 > nBufferLength)
        return (DWORD)path.size() + 1;
    wcscpy(lpBuffer, path.c_str());
    return (DWORD)path.size();
}

/* The file is made when unique is 0; 0 and the last error. Of a folder that is not there: ERROR_DIRECTORY. */
IIS_API UINT iis_temp_file(std::string &path, const std::string &prefix, UINT unique)
{
    iis_statx st;
    char name[32];
    DWORD seed = (DWORD)iis_libc_getpid() * 31 + (DWORD)iis_now(CLOCK_MONOTONIC).tv_nsec;

    if (path.empty() || !iis_stat(-1, path.c_str(), &st) || !iis_is_folder(st)) {
        iis_failed(ERROR_DIRECTORY);
        return 0;
    }
    if (path[path.size() - 1] != '/')
        path += '/';
    for (UINT i = 0; i < 0xffff; i++) {
        UINT number = (unique ? unique : seed + i) & 0xffff;
        if (!number && !unique)
            continue;
        snprintf(name, sizeof(name), "%x.TMP", number);
        std::string file = path + prefix.substr(0, 3) + name;
        int fd = unique ? -1 : iis_libc_open(file.c_str(), IIS_O_RDWR | IIS_O_CREAT | IIS_O_EXCL | IIS_O_CLOEXEC, 0600);
        if (unique || fd >= 0) {
            if (fd >= 0)
                iis_libc_close(fd);
            path = file;
            return unique ? unique : number;
        }
        if (errno != EEXIST) {
            iis_failed_path(file);
            return 0;
        }
    }
    iis_failed(ERROR_FILE_EXISTS);
    return 0;
}
/* MAX_PATH characters of room; prefix: its first three. */
IIS_API UINT WINAPI GetTempFileNameA(LPCSTR path, LPCSTR prefix, UINT unique, LPSTR to)
{
    std::string made = iis_path(path);
    if (made.size() > MAX_PATH - 14)
        return (UINT)iis_failed(ERROR_BUFFER_OVERFLOW);
    UINT number = iis_temp_file(made, prefix ? prefix : "", unique);
    if (number)
        strcpy(to, made.c_str());
    return number;
}
IIS_API UINT WINAPI GetTempFileNameW(LPCWSTR path, LPCWSTR prefix, UINT unique, LPWSTR to)
{
    std::string made = iis_path(path);
    if (made.size() > MAX_PATH - 14)
        return (UINT)iis_failed(ERROR_BUFFER_OVERFLOW);
    UINT number = iis_temp_file(made, iis_narrow(prefix).substr(0, 3), unique);
    if (number)
        wcscpy(to, iis_widen(made.c_str()).c_str());
    return number;
}

#define GetFileAttributes IIS_AW(GetFileAttributes)
#define GetFileAttributesEx IIS_AW(GetFileAttributesEx)
#define SetFileAttributes IIS_AW(SetFileAttributes)
#define DeleteFile IIS_AW(DeleteFile)
#define MoveFile IIS_AW(MoveFile)
#define MoveFileEx IIS_AW(MoveFileEx)
#define CopyFile IIS_AW(CopyFile)
#define CreateDirectory IIS_AW(CreateDirectory)
#define RemoveDirectory IIS_AW(RemoveDirectory)
#define CreateHardLink IIS_AW(CreateHardLink)
#define GetTempPath IIS_AW(GetTempPath)
#define GetTempFileName IIS_AW(GetTempFileName)

#endif /* IIS_WIN32_NAMED_FILES_H */
