/*
 * iiswebsocket.h - the web socket of a request, a named context of it. For sources that include this file; the order of
 * the methods is ours, as the published reference does not number them. Page: "IWebSocketContext Interface".
 */
#ifndef IIS_WEBSOCKET_H
#define IIS_WEBSOCKET_H

#include "httpserv.h"

IIS_DECLARE(IWebSocketContext);

/* cbIO is bytes. Comes on a server thread. */
typedef VOID (WINAPI *PFN_WEBSOCKET_COMPLETION)(HRESULT hrError, VOID *pvCompletionContext, DWORD cbIO,
                                                BOOL fUTF8Encoded, BOOL fFinalFragment, BOOL fClose);

/* Lengths are bytes. With a completion and *pfCompletionExpected TRUE the buffer must live until it comes. */
#undef INTERFACE
#define INTERFACE IWebSocketContext
IIS_BEGIN_DERIVED(IWebSocketContext, IHttpStoredContext)
    IIS_METHOD(HRESULT, WriteFragment)(IIS_THIS_ VOID *pData, DWORD *pcbSent, BOOL fAsync, BOOL fUTF8Encoded,
        BOOL fFinalFragment, PFN_WEBSOCKET_COMPLETION pfnCompletion IIS_DEFAULT(NULL),
        VOID *pvCompletionContext IIS_DEFAULT(NULL), BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, ReadFragment)(IIS_THIS_ VOID *pData, DWORD *pcbData, BOOL fAsync, BOOL *pfUTF8Encoded,
        BOOL *pfFinalFragment, BOOL *pfConnectionClose, PFN_WEBSOCKET_COMPLETION pfnCompletion IIS_DEFAULT(NULL),
        VOID *pvCompletionContext IIS_DEFAULT(NULL), BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, SendConnectionClose)(IIS_THIS_ BOOL fAsync, USHORT *pStatusCode IIS_DEFAULT(NULL),
        LPCWSTR pszReason IIS_DEFAULT(NULL), PFN_WEBSOCKET_COMPLETION pfnCompletion IIS_DEFAULT(NULL),
        VOID *pvCompletionContext IIS_DEFAULT(NULL), BOOL *pfCompletionExpected IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(HRESULT, GetCloseStatus)(IIS_THIS_ USHORT *pStatusCode, BYTE **ppbReason IIS_DEFAULT(NULL),
        USHORT *pcbReason IIS_DEFAULT(NULL)) IIS_PURE;
    IIS_METHOD(VOID, CloseTcpConnection)(IIS_THIS) IIS_PURE;
    IIS_METHOD(VOID, CancelOutstandingIO)(IIS_THIS) IIS_PURE;
IIS_END(IWebSocketContext)

#endif /* IIS_WEBSOCKET_H */
