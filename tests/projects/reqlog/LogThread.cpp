#include "stdafx.h"
#include "LogThread.h"

#define MAX_LINES 10000

CLogThread::CLogThread()
    : m_hThread(NULL), m_hWakeUp(NULL), m_hStop(NULL), m_hFile(INVALID_HANDLE_VALUE), m_cDropped(0)
{
    InitializeCriticalSectionAndSpinCount(&m_csLines, 4000);
}

CLogThread::~CLogThread()
{
    Stop();
    DeleteCriticalSection(&m_csLines);
}

// One file per process: worker processes of a web garden do not share.
HRESULT CLogThread::Start(LPCWSTR pszFolder)
{
    WCHAR szFile[MAX_PATH];
    unsigned uThreadId = 0;

    if (swprintf_s(szFile, _countof(szFile), L"%s/requests-%u.log", pszFolder, GetCurrentProcessId()) < 0)
    {
        return E_INVALIDARG;
    }
    m_hFile = CreateFileW(szFile, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (m_hFile == INVALID_HANDLE_VALUE)
    {
        return HRESULT_FROM_WIN32(GetLastError());
    }
    m_hWakeUp = CreateEvent(NULL, FALSE, FALSE, NULL);
    m_hStop = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (m_hWakeUp == NULL || m_hStop == NULL)
    {
        return HRESULT_FROM_WIN32(GetLastError());
    }
    m_hThread = (HANDLE)_beginthreadex(NULL, 0, &CLogThread::ThreadProc, this, 0, &uThreadId);
    return m_hThread == NULL ? HRESULT_FROM_WIN32(GetLastError()) : S_OK;
}

VOID CLogThread::Stop()
{
    if (m_hThread != NULL)
    {
        SetEvent(m_hStop);
        WaitForSingleObject(m_hThread, 10000);
        CloseHandle(m_hThread);
        m_hThread = NULL;
    }
    if (m_hWakeUp != NULL)
    {
        CloseHandle(m_hWakeUp);
        m_hWakeUp = NULL;
    }
    if (m_hStop != NULL)
    {
        CloseHandle(m_hStop);
        m_hStop = NULL;
    }
    if (m_hFile != INVALID_HANDLE_VALUE)
    {
        CloseHandle(m_hFile);
        m_hFile = INVALID_HANDLE_VALUE;
    }
}

VOID CLogThread::Write(const std::string &strLine)
{
    EnterCriticalSection(&m_csLines);
    if (m_lines.size() >= MAX_LINES)
    {
        m_lines.pop_front();
        InterlockedIncrement(&m_cDropped);
    }
    m_lines.push_back(strLine);
    LeaveCriticalSection(&m_csLines);
    SetEvent(m_hWakeUp);
}

unsigned __stdcall CLogThread::ThreadProc(void *pArguments)
{
    static_cast<CLogThread *>(pArguments)->Run();
    return 0;
}

VOID CLogThread::Run()
{
    HANDLE rghEvents[2] = { m_hStop, m_hWakeUp };
    BOOL fStop = FALSE;

    while (!fStop)
    {
        switch (WaitForMultipleObjects(ARRAYSIZE(rghEvents), rghEvents, FALSE, 5000))
        {
        case WAIT_OBJECT_0:
        case WAIT_FAILED:
            fStop = TRUE;
            break;
        case WAIT_OBJECT_0 + 1:
        case WAIT_TIMEOUT:
            break;
        }

        std::deque<std::string> lines;
        EnterCriticalSection(&m_csLines);
        lines.swap(m_lines);
        LeaveCriticalSection(&m_csLines);
        WriteAll(lines, InterlockedExchange(&m_cDropped, 0));
    }
}

VOID CLogThread::WriteAll(std::deque<std::string> &lines, LONG cDropped)
{
    DWORD cbWritten = 0;
    CHAR szDropped[64];

    if (cDropped != 0)
    {
        _snprintf_s(szDropped, _countof(szDropped), _TRUNCATE, "# %d lines dropped\r\n", cDropped);
        WriteFile(m_hFile, szDropped, (DWORD)strlen(szDropped), &cbWritten, NULL);
    }
    for (std::deque<std::string>::iterator it = lines.begin(); it != lines.end(); ++it)
    {
        if (!WriteFile(m_hFile, it->data(), (DWORD)it->size(), &cbWritten, NULL))
        {
            OutputDebugString(TEXT("RequestLog: cannot write\n"));
        }
    }
}
