#pragma once

VOID OpenEventSource(LPCWSTR pszSource);
VOID CloseEventSource();
VOID LogEvent(WORD wType, LPCWSTR pszFormat, ...);
