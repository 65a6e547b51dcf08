#pragma once

// One thread that writes lines to a file of its own: requests only put a line
// into the queue. When the queue is full the oldest lines are dropped, and the
// file says how many.
class CLogThread
{
public:
    CLogThread();
    ~CLogThread();

    HRESULT Start(LPCWSTR pszFolder);
    VOID Stop();
    VOID Write(const std::string &strLine);

private:
    static unsigned __stdcall ThreadProc(void *pArguments);
    VOID Run();
    VOID WriteAll(std::deque<std::string> &lines, LONG cDropped);

    HANDLE                  m_hThread;
    HANDLE                  m_hWakeUp;      // auto reset: there are lines
    HANDLE                  m_hStop;        // manual reset
    HANDLE                  m_hFile;
    CRITICAL_SECTION        m_csLines;
    std::deque<std::string> m_lines;
    LONG                    m_cDropped;
};
