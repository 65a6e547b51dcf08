/*
 * win32/messages.h - the words for Win32 codes and HRESULTs, FormatMessage, and insertion of arguments.
 * Page: "FormatMessage function".
 */
#ifndef IIS_WIN32_MESSAGES_H
#define IIS_WIN32_MESSAGES_H

#include "memory.h"
#include "strings.h"

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200
#define FORMAT_MESSAGE_FROM_STRING 0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000ff

/* NULL: none is known. */
IIS_API const char *iis_message_of(DWORD code)
{
    static const struct { DWORD code; const char *text; } table[] = {
        {ERROR_SUCCESS, "The operation completed successfully."},
        {ERROR_INVALID_FUNCTION, "Incorrect function."},
        {ERROR_FILE_NOT_FOUND, "The system cannot find the file specified."},
        {ERROR_PATH_NOT_FOUND, "The system cannot find the path specified."},
        {ERROR_TOO_MANY_OPEN_FILES, "The system cannot open the file."},
        {ERROR_ACCESS_DENIED, "Access is denied."},
        {ERROR_INVALID_HANDLE, "The handle is invalid."},
        {ERROR_NOT_ENOUGH_MEMORY, "Not enough memory resources are available to process this command."},
        {ERROR_INVALID_DATA, "The data is invalid."},
        {ERROR_OUTOFMEMORY, "Not enough memory resources are available to complete this operation."},
        {ERROR_NO_MORE_FILES, "There are no more files."},
        {ERROR_NOT_READY, "The device is not ready."},
        {ERROR_SHARING_VIOLATION,
         "The process cannot access the file because it is being used by another process."},
        {ERROR_HANDLE_EOF, "Reached the end of the file."},
        {ERROR_NOT_SUPPORTED, "The request is not supported."},
        {ERROR_NETNAME_DELETED, "The specified network name is no longer available."},
        {ERROR_FILE_EXISTS, "The file exists."},
        {ERROR_INVALID_PARAMETER, "The parameter is incorrect."},
        {ERROR_BROKEN_PIPE, "The pipe has been ended."},
        {ERROR_DISK_FULL, "There is not enough space on the disk."},
        {ERROR_CALL_NOT_IMPLEMENTED, "This function is not supported on this system."},
        {ERROR_INSUFFICIENT_BUFFER, "The data area passed to a system call is too small."},
        {ERROR_INVALID_NAME, "The filename, directory name, or volume label syntax is incorrect."},
        {ERROR_MOD_NOT_FOUND, "The specified module could not be found."},
        {ERROR_PROC_NOT_FOUND, "The specified procedure could not be found."},
        {ERROR_DIR_NOT_EMPTY, "The directory is not empty."},
        {ERROR_BUSY, "The requested resource is in use."},
        {ERROR_ALREADY_EXISTS, "Cannot create a file when that file already exists."},
        {ERROR_ENVVAR_NOT_FOUND, "The system could not find the environment option that was entered."},
        {ERROR_MORE_DATA, "More data is available."},
        {WAIT_TIMEOUT, "The wait operation timed out."},
        {ERROR_NO_MORE_ITEMS, "No more data is available."},
        {ERROR_ARITHMETIC_OVERFLOW, "Arithmetic result exceeded 32 bits."},
        {ERROR_OPERATION_ABORTED,
         "The I/O operation has been aborted because of either a thread exit or an application request."},
        {ERROR_IO_PENDING, "Overlapped I/O operation is in progress."},
        {ERROR_NOACCESS, "Invalid access to memory location."},
        {ERROR_NO_UNICODE_TRANSLATION,
         "No mapping for the Unicode character exists in the target multi-byte code page."},
        {ERROR_NOT_FOUND, "Element not found."},
        {ERROR_CANCELLED, "The operation was canceled by the user."},
        {ERROR_CONNECTION_ABORTED, "The network connection was aborted by the local system."},
        {ERROR_LOGON_FAILURE, "The user name or password is incorrect."},
        {ERROR_TIMEOUT, "This operation returned because the timeout period expired."},
        {(DWORD)E_NOTIMPL, "Not implemented"},
        {(DWORD)E_NOINTERFACE, "No such interface supported"},
        {(DWORD)E_POINTER, "Invalid pointer"},
        {(DWORD)E_ABORT, "Operation aborted"},
        {(DWORD)E_FAIL, "Unspecified error"},
        {(DWORD)E_UNEXPECTED, "Catastrophic failure"},
        {(DWORD)REGDB_E_CLASSNOTREG, "Class not registered"}
    };
    if ((code & 0xffff0000U) == 0x80070000U)
        code &= 0xffff;
    for (const auto &entry : table)
        if (entry.code == code)
            return entry.text;
    return NULL;
}

/* %1 to %99, %n, %%; %1!format! with a printf format. What follows % otherwise stands for itself. */
template <typename C> std::basic_string<C> iis_insert(const C *text, bool inserts, const DWORD_PTR *values,
                                                      va_list *list)
{
    std::basic_string<C> out;
    DWORD_PTR taken[99];
    int known = 0;

    for (const C *at = text; *at; at++) {
        if (*at != '%' || !inserts || !at[1]) {
            out += *at;
            continue;
        }
        at++;
        if (*at == '0')
            break;
        if (*at < '1' || *at > '9') {
            out += *at == 'n' ? (C)'\n' : *at == 'r' ? (C)'\r' : *at == 't' ? (C)'\t' : *at == 'b' ? (C)' ' : *at;
            continue;
        }
        int number = *at - '0';
        if (at[1] >= '0' && at[1] <= '9')
            number = number * 10 + (*++at - '0');
        std::basic_string<C> format(1, (C)'%');
        if (at[1] == '!') {
            for (at += 2; *at && *at != '!'; at++)
                format += *at;
            if (!*at)
                at--;
        }
        else
            format += (C)'s';
        if (!values && !list)
            continue;
        for (; list && known < number; known++)
            taken[known] = va_arg(*list, DWORD_PTR);
        DWORD_PTR value = values ? values[number - 1] : taken[number - 1];
        bool is_text = format.back() == 's' || format.back() == 'S';
        iis_arg arg = is_text ? iis_make_pointer(iis_arg::POINTER, (const void *)value) : iis_make_arg(value);
        C buffer[1024];
        iis_args args(&arg, 1);
        long length = iis_format(buffer, 1024, format.c_str(), args);
        out.append(buffer, length < 0 ? 0 : length > 1024 ? 1024 : (size_t)length);
    }
    return out;
}

/* The characters without the NUL; 0 and the last error when there are none. */
template <typename C> DWORD iis_format_message(DWORD flags, const void *source, DWORD code, C *buffer, DWORD room,
                                               va_list *arguments)
{
    std::basic_string<C> text;

    if (flags & FORMAT_MESSAGE_FROM_STRING)
        text = (const C *)source;
    else if (flags & FORMAT_MESSAGE_FROM_SYSTEM) {
        const char *known = iis_message_of(code);
        if (!known)
            return (DWORD)iis_failed(317);   /* ERROR_MR_MID_NOT_FOUND */
        text = iis_as(known, buffer);
        text += (C)((flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) == FORMAT_MESSAGE_MAX_WIDTH_MASK ? ' ' : '\r');
        if (text[text.size() - 1] == '\r')
            text += (C)'\n';
    }
    else
        return (DWORD)iis_failed(flags & FORMAT_MESSAGE_FROM_HMODULE ? 317 : ERROR_INVALID_PARAMETER);
    text = iis_insert(text.c_str(), !(flags & FORMAT_MESSAGE_IGNORE_INSERTS),
                      flags & FORMAT_MESSAGE_ARGUMENT_ARRAY ? (const DWORD_PTR *)arguments : NULL,
                      flags & FORMAT_MESSAGE_ARGUMENT_ARRAY ? NULL : arguments);
    if (!buffer)
        return (DWORD)iis_failed(ERROR_INVALID_PARAMETER);
    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
        size_t least = text.size() + 1 > room ? text.size() + 1 : room;
        C *made = (C *)LocalAlloc(LMEM_ZEROINIT, least * sizeof(C));
        if (!made)
            return (DWORD)iis_failed(ERROR_NOT_ENOUGH_MEMORY);
        memcpy(made, text.c_str(), text.size() * sizeof(C));
        memcpy((void *)buffer, &made, sizeof(made));
    }
    else {
        if (text.size() >= room)
            return (DWORD)iis_failed(ERROR_INSUFFICIENT_BUFFER);
        memcpy(buffer, text.c_str(), (text.size() + 1) * sizeof(C));
    }
    return (DWORD)text.size();
}
IIS_API DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD /* dwLanguageId */,
                                    LPSTR lpBuffer, DWORD nSize, va_list *Arguments)
{
    return iis_format_message(dwFlags, lpSource, dwMessageId, lpBuffer, nSize, Arguments);
}
IIS_API DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD /* dwLanguageId */,
                                    LPWSTR lpBuffer, DWORD nSize, va_list *Arguments)
{
    return iis_format_message(dwFlags, lpSource, dwMessageId, lpBuffer, nSize, Arguments);
}
#define FormatMessage IIS_AW(FormatMessage)

#endif /* IIS_WIN32_MESSAGES_H */
