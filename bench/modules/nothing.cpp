// nothing.cpp: a module that is loaded and registers for no notification.
#include <windows.h>
#include <httpserv.h>

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *, IHttpServer *)
{
    return S_OK;
}
