// windows: a module that talks to Windows as modules do: event log, files, .ini file, work items, waits. The query string
// says what: op=...
#include <windows.h>
#include <httpserv.h>
#include <shlwapi.h>
#include <stdio.h>
#include <string>

static HMODULE g_hModule;

BOOL APIENTRY DllMain(HMODULE hModule, DWORD, LPVOID)
{
    g_hModule = hModule;
    return TRUE;
}

class CWindows : public CHttpModule
{
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext *pHttpContext, IHttpEventProvider *)
    {
        m_pHttpContext = pHttpContext;
        PCSTR pszQuery = "";
        DWORD cch = 0;
        char op[16] = "";
        pHttpContext->GetServerVariable("QUERY_STRING", &pszQuery, &cch);
        m_nFrom = 0;
        m_nLength = HTTP_BYTE_RANGE_TO_EOF;
        sscanf_s(pszQuery, "op=%[a-z]&from=%llu&length=%llu", op, (unsigned)_countof(op), &m_nFrom, &m_nLength);
        if (!strcmp(op, "log"))
            return Logs();
        if (!strcmp(op, "file"))
            return SendsFile();
        if (!strcmp(op, "ini"))
            return ReadsIni();
        if (!strcmp(op, "names"))
            return SaysNames();
        if (!strcmp(op, "physical"))
            return OpensPhysical();
        if (!strcmp(op, "mapped"))
            return Opens(Mapped(L"/..\\..\\..\\..\\etc\\passwd"));
        return Starts(op);
    }

    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext *, DWORD, BOOL, IHttpEventProvider *,
                                                  IHttpCompletionInfo *pCompletionInfo)
    {
        char line[64];
        sprintf_s(line, "completed with %lu\n", pCompletionInfo->GetCompletionBytes());
        return Says(line);
    }

private:
    REQUEST_NOTIFICATION_STATUS Says(const std::string &text)
    {
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent;
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = (PVOID)text.data();
        chunk.FromMemory.BufferLength = (ULONG)text.size();
        m_pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }

    REQUEST_NOTIFICATION_STATUS Logs()
    {
        LPCSTR narrow[] = {"two", "strings"};
        LPCWSTR wide[] = {L"a \u20ac and\r\n[fake:error] line"};
        OutputDebugStringA("debug\none \x1b[31mred\n");
        OutputDebugStringW(L"debug wide \u00e4");
        HANDLE hLog = RegisterEventSourceW(NULL, L"Test\nSource");
        ReportEventA(hLog, EVENTLOG_INFORMATION_TYPE, 0, 0, NULL, 2, 0, narrow, NULL);
        ReportEventA(hLog, EVENTLOG_WARNING_TYPE, 0, 0x80000007, NULL, 1, 0, narrow, NULL);
        ReportEventW(hLog, EVENTLOG_ERROR_TYPE, 0, 0, NULL, 1, 0, wide, NULL);
        DeregisterEventSource(hLog);
        return Says("logged\n");
    }

    // The path of a file of the site.
    std::wstring Mapped(PCWSTR pszUrl)
    {
        WCHAR path[MAX_PATH] = L"";
        DWORD cb = sizeof(path);
        m_pHttpContext->MapPath(pszUrl, path, &cb);
        return path;
    }

    REQUEST_NOTIFICATION_STATUS SendsFile()
    {
        HANDLE hFile = CreateFileW(Mapped(L"/file.txt").c_str(), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                                   FILE_ATTRIBUTE_NORMAL | FILE_FLAG_SEQUENTIAL_SCAN, NULL);
        if (hFile == INVALID_HANDLE_VALUE)
            return Says("no file\n");
        HTTP_DATA_CHUNK chunk;
        DWORD cbSent;
        chunk.DataChunkType = HttpDataChunkFromFileHandle;
        chunk.FromFileHandle.FileHandle = hFile;
        chunk.FromFileHandle.ByteRange.StartingOffset.QuadPart = m_nFrom;
        chunk.FromFileHandle.ByteRange.Length.QuadPart = m_nLength;
        HRESULT hr = m_pHttpContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        CloseHandle(hFile);
        return SUCCEEDED(hr) ? RQ_NOTIFICATION_FINISH_REQUEST : Says("refused\n");
    }

    // What a handler of files does: opens what the request is mapped to.
    REQUEST_NOTIFICATION_STATUS Opens(const std::wstring &path)
    {
        HANDLE hFile = CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
        if (hFile == INVALID_HANDLE_VALUE)
            return Says("no file\n");
        CloseHandle(hFile);
        return Says("opened\n");
    }
    REQUEST_NOTIFICATION_STATUS OpensPhysical()
    {
        DWORD cch;
        PCWSTR pszPath = m_pHttpContext->GetPhysicalPath(&cch);
        return Opens(std::wstring(pszPath, cch));
    }

    REQUEST_NOTIFICATION_STATUS ReadsIni()
    {
        WCHAR path[MAX_PATH], value[64];
        char line[160];
        wcscpy_s(path, Mapped(L"/file.txt").c_str());
        if (!PathRemoveFileSpecW(path) || !PathAppendW(path, L"settings.ini") || !PathFileExistsW(path))
            return Says("no settings.ini\n");
        GetPrivateProfileStringW(L"Main", L"Greeting", L"none", value, _countof(value), path);
        sprintf_s(line, "%S %u %u\n", value, GetPrivateProfileIntW(L"main", L"count", 1, path),
                  GetPrivateProfileIntW(L"main", L"other", 7, path));
        return Says(line);
    }

    REQUEST_NOTIFICATION_STATUS SaysNames()
    {
        char program[MAX_PATH], module[MAX_PATH], same[MAX_PATH];
        GetModuleFileNameA(NULL, program, MAX_PATH);
        GetModuleFileNameA(g_hModule, module, MAX_PATH);
        GetModuleFileNameA(GetModuleHandleA("windows.dll"), same, MAX_PATH);
        return Says(std::string(PathFindFileNameA(program)) + " " + PathFindFileNameA(module)
                    + (PathIsRelativeA(module) || strcmp(module, same) ? " differ\n" : "\n"));
    }

    // Completes from another thread: the number says which way.
    REQUEST_NOTIFICATION_STATUS Starts(const char *op)
    {
        BOOL started = FALSE;
        if (!strcmp(op, "item"))
            started = QueueUserWorkItem(Item, this, WT_EXECUTEDEFAULT);
        else if (!strcmp(op, "work"))
        {
            PTP_WORK pWork = CreateThreadpoolWork(Work, this, NULL);
            started = pWork != NULL;
            if (pWork)
                SubmitThreadpoolWork(pWork);
        }
        else if (!strcmp(op, "wait"))
        {
            LARGE_INTEGER due;
            due.QuadPart = -10000;
            m_hTimer = CreateWaitableTimerW(NULL, TRUE, NULL);
            started = RegisterWaitForSingleObject(&m_hWait, m_hTimer, Wait, this, INFINITE, WT_EXECUTEONLYONCE)
                      && SetWaitableTimer(m_hTimer, &due, 0, NULL, NULL, FALSE);
        }
        return started ? RQ_NOTIFICATION_PENDING : Says("unknown\n");
    }
    static DWORD WINAPI Item(LPVOID pModule)
    {
        ((CWindows *)pModule)->m_pHttpContext->PostCompletion(1);
        return 0;
    }
    static VOID CALLBACK Work(PTP_CALLBACK_INSTANCE, PVOID pModule, PTP_WORK pWork)
    {
        ((CWindows *)pModule)->m_pHttpContext->PostCompletion(2);
        CloseThreadpoolWork(pWork);
    }
    static VOID CALLBACK Wait(PVOID pModule, BOOLEAN)
    {
        CWindows *p = (CWindows *)pModule;
        HANDLE hTimer = p->m_hTimer, hWait = p->m_hWait;
        p->m_pHttpContext->PostCompletion(3);
        UnregisterWait(hWait);
        CloseHandle(hTimer);
    }

    IHttpContext *m_pHttpContext;
    unsigned long long m_nFrom, m_nLength;
    HANDLE m_hTimer, m_hWait;
};

class CFactory : public IHttpModuleFactory
{
public:
    virtual ~CFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CWindows;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pInfo, IHttpServer *)
{
    return pInfo->SetRequestNotifications(new CFactory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
