/*
 * win32/log.h - where Windows talks to people: OutputDebugString and the event log, here httpd's error log.
 *
 * One line for each call: the source in front, the level from the event's type; httpd escapes control characters and what
 * is not ASCII. Before the server has introduced itself to the module (static constructors) lines go to stderr. Any thread.
 * Page: "ReportEventA function".
 */
#ifndef IIS_WIN32_LOG_H
#define IIS_WIN32_LOG_H

#include <dlfcn.h>

#include "strings.h"

#define EVENTLOG_SUCCESS 0x0000
#define EVENTLOG_ERROR_TYPE 0x0001
#define EVENTLOG_WARNING_TYPE 0x0002
#define EVENTLOG_INFORMATION_TYPE 0x0004
#define EVENTLOG_AUDIT_SUCCESS 0x0008
#define EVENTLOG_AUDIT_FAILURE 0x0010

/* The name of the module's file without folder and suffix. */
IIS_API std::string iis_module_path()
{
    static const char anchor = 0;            /* of this module, as everything here */
    Dl_info info;
    return dladdr(&anchor, &info) && info.dli_fname ? info.dli_fname : "";
}
IIS_API const char *iis_module_name()
{
    static const std::string *name = [] {
        std::string path = iis_module_path();
        size_t slash = path.rfind('/');
        std::string base = slash == std::string::npos ? path : path.substr(slash + 1);
        return new std::string(base.substr(0, base.rfind(".so") == std::string::npos ? base.size() : base.rfind(".so")));
    }();
    return name->c_str();
}

/* One line: what would break it or a terminal is escaped. */
IIS_API std::string iis_one_line(const std::string &text)
{
    static const char hex[] = "0123456789abcdef";
    std::string line;

    for (char c : text) {
        unsigned char byte = (unsigned char)c;
        if (byte >= 0x20 && byte != 0x7f)
            line += c;
        else if (c == '\n' || c == '\r' || c == '\t')
            line += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
        else {
            line += "\\x";
            line += hex[byte >> 4];
            line += hex[byte & 15];
        }
    }
    return line;
}

IIS_API void iis_log(int level, const char *source, const std::string &text)
{
    std::string line = text.substr(0, text.find_last_not_of("\r\n ") + 1);

    if (iis_module_services)
        iis_module_log(level, source, line.c_str());
    else
        fprintf(stderr, "[%s] %s\n", iis_one_line(source).c_str(), iis_one_line(line).c_str());
}

IIS_API void WINAPI OutputDebugStringA(LPCSTR lpOutputString)
{
    if (lpOutputString)
        iis_log(IIS_LOG_DEBUG, iis_module_name(), lpOutputString);
}
IIS_API void WINAPI OutputDebugStringW(LPCWSTR lpOutputString)
{
    if (lpOutputString)
        iis_log(IIS_LOG_DEBUG, iis_module_name(), iis_narrow(lpOutputString));
}

IIS_API BOOL WINAPI IsDebuggerPresent() { return FALSE; }
#define DebugBreak() __builtin_trap()
#define __debugbreak() __builtin_trap()

/* ---- the event log ----------------------------------------------------------------------------------------------- */

/* What RegisterEventSource gives out. */
struct iis_event_source {
    std::string name;
};

IIS_API HANDLE WINAPI RegisterEventSourceA(LPCSTR /* lpUNCServerName */, LPCSTR lpSourceName)
{
    if (!lpSourceName || !*lpSourceName) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return new iis_event_source{lpSourceName};
}
IIS_API HANDLE WINAPI RegisterEventSourceW(LPCWSTR /* lpUNCServerName */, LPCWSTR lpSourceName)
{
    return RegisterEventSourceA(NULL, lpSourceName ? iis_narrow(lpSourceName).c_str() : NULL);
}
IIS_API BOOL WINAPI DeregisterEventSource(HANDLE hEventLog)
{
    if (!hEventLog || hEventLog == INVALID_HANDLE_VALUE)
        return iis_failed(ERROR_INVALID_HANDLE);
    delete (iis_event_source *)hEventLog;
    return TRUE;
}

IIS_API int iis_level_of_event(WORD type)
{
    return type == EVENTLOG_ERROR_TYPE ? IIS_LOG_ERROR
           : type == EVENTLOG_WARNING_TYPE || type == EVENTLOG_AUDIT_FAILURE ? IIS_LOG_WARNING : IIS_LOG_INFO;
}
/* There are no message files: the strings are the message, and a number stands in front of none. */
IIS_API BOOL iis_report_event(HANDLE log, WORD type, DWORD id, const std::string &text)
{
    char number[32] = "";

    if (!log || log == INVALID_HANDLE_VALUE)
        return iis_failed(ERROR_INVALID_HANDLE);
    if (text.empty() || (id & 0xffff))
        snprintf(number, sizeof(number), "event %u%s", (unsigned)(id & 0xffff), text.empty() ? "" : ": ");
    iis_log(iis_level_of_event(type), ((iis_event_source *)log)->name.c_str(), number + text);
    return TRUE;
}
IIS_API BOOL WINAPI ReportEventA(HANDLE hEventLog, WORD wType, WORD /* wCategory */, DWORD dwEventID, PSID,
                                 WORD wNumStrings, DWORD /* dwDataSize */, LPCSTR *lpStrings, LPVOID /* lpRawData */)
{
    std::string text;

    if (wNumStrings && !lpStrings)
        return iis_failed(ERROR_INVALID_PARAMETER);
    for (WORD i = 0; i < wNumStrings; i++)
        text += std::string(i ? " " : "") + (lpStrings[i] ? lpStrings[i] : "");
    return iis_report_event(hEventLog, wType, dwEventID, text);
}
IIS_API BOOL WINAPI ReportEventW(HANDLE hEventLog, WORD wType, WORD /* wCategory */, DWORD dwEventID, PSID,
                                 WORD wNumStrings, DWORD /* dwDataSize */, LPCWSTR *lpStrings, LPVOID /* lpRawData */)
{
    std::string text;

    if (wNumStrings && !lpStrings)
        return iis_failed(ERROR_INVALID_PARAMETER);
    for (WORD i = 0; i < wNumStrings; i++)
        text += std::string(i ? " " : "") + iis_narrow(lpStrings[i]);
    return iis_report_event(hEventLog, wType, dwEventID, text);
}

#define OutputDebugString IIS_AW(OutputDebugString)
#define RegisterEventSource IIS_AW(RegisterEventSource)
#define ReportEvent IIS_AW(ReportEvent)

#endif /* IIS_WIN32_LOG_H */
