// port_more.cpp: the other half. Old annotations first, the library's headers that use those names after them.
#include <windows.h>
#include <sal.h>
#include <httpcach.h>
#include <httpserv.h>
#include <intrin.h>
#include <algorithm>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <thread>

/* What winnt.h defines and old modules spell out. */
C_ASSERT(sizeof(DWORD) == 4);
C_ASSERT(UInt32x32To64(MAXULONG, 2) == 0x1FFFFFFFEull && Int32x32To64(MINLONG, 2) == -0x100000000ll);
C_ASSERT(RTL_FIELD_SIZE(HTTP_BYTE_RANGE, Length) == 8);
interface IListed { LIST_ENTRY link; };
C_ASSERT(FIELD_OFFSET(IListed, link.Blink) == sizeof(PLIST_ENTRY));
#ifndef __clang__
C_ASSERT(0x123456789ABCi64 == 0x123456789ABCll && 0xFFFFFFFFFFFFFFFFui64 == ~0ull);
#endif
EXTERN_C_START
FORCEINLINE DWORD Swapped(const UNALIGNED DWORD *pdw) { return _byteswap_ulong(*pdw); }
DECLSPEC_NOINLINE static DWORD Highest(DWORD dwMask)
{
    unsigned long ulBit = 0;
    DWORD dwBit = 0;
    return _BitScanReverse(&ulBit, dwMask) && _BitScanForward(&dwBit, dwMask) ? (DWORD)ulBit + __popcnt(dwMask) : 0;
}
EXTERN_C_END

class PortModule : public CHttpModule {
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(__in IHttpContext *pHttpContext, __in IHttpEventProvider *)
    {
        IHttpResponse2 *response = static_cast<IHttpResponse2 *>(pHttpContext->GetResponse());
        IHttpContext3 *context = NULL;
        DWORD sent = 0;
        BOOL pending = FALSE;

        HttpGetExtendedInterface(server, pHttpContext, &context);
        response->Flush(FALSE, TRUE, &sent);
        sent = Highest(Swapped(&sent));
        response->Flush(TRUE, TRUE, Completed, this, &sent, &pending);
        response->SetHeader(HttpHeaderContentType, "text/plain", 10, TRUE);
        response->SetHeader("X-Port", "1", 1, TRUE);
        pHttpContext->GetRequest()->SetEntityBody(&sent, sizeof(sent));
        server->GetConfigObject();
        return server->GetManagedType(1, L"/", NULL, &sent) == E_NOTIMPL || __uuidof(context) == __uuidof(IHttpContext)
            ? RQ_NOTIFICATION_FINISH_REQUEST : RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnSendResponse(__in IHttpContext *, __in ISendResponseProvider *pProvider)
    {
        HTTP_LOG_FIELDS_DATA *fields = (HTTP_LOG_FIELDS_DATA *)pProvider->GetLogData();
        VOID *data = pProvider->GetLogData();

        pProvider->SetLogData(fields);
        pProvider->SetLogData(data);
        pProvider->SetLogData(&fields->Base);
        return RQ_NOTIFICATION_CONTINUE;
    }

    static REQUEST_NOTIFICATION_STATUS WINAPI Completed(IHttpContext3 *pHttpContext, IHttpCompletionInfo2 *, VOID *)
    {
        return FAILED(pHttpContext->PostCompletion(0)) ? RQ_NOTIFICATION_FINISH_REQUEST : RQ_NOTIFICATION_PENDING;
    }

    static IHttpServer *server;
};

IHttpServer *PortModule::server;
__declspec(dllexport) CHttpModule *NewPortModule(IHttpServer *pServer);
CHttpModule *NewPortModule(IHttpServer *pServer)
{
    PortModule::server = pServer;
    return new PortModule;
}
