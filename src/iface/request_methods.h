/* request_methods.h: IHttpRequest to IHttpRequest4, method by method;
 * request.c has the table.  Any thread while the request is pending; every
 * method takes the context's lock.
 */
#ifndef IISR_IFACE_REQUEST_METHODS_H
#define IISR_IFACE_REQUEST_METHODS_H

#include "hresult.h"
#include "iface.h"
#include "objects.h"

/* The longest header, method or URL, in bytes. */
#define LENGTH_MAX 0xffff

/* A line for every refusal; hr is passed through.  Lock held. */
HRESULT iisr_request_refuse(iisr_context_t *ctx, const char *id, HRESULT hr,
                            const char *method, const char *why);

/* request_headers.c */
HRESULT request_SetHeaderById(IHttpRequest *This,
                              HTTP_HEADER_ID ulHeaderIndex,
                              PCSTR pszHeaderValue,
                              USHORT cchHeaderValue, BOOL fReplace);
HRESULT request_SetHeader(IHttpRequest *This, PCSTR pszHeaderName,
                          PCSTR pszHeaderValue, USHORT cchHeaderValue,
                          BOOL fReplace);
HRESULT request_DeleteHeaderById(IHttpRequest *This,
                                 HTTP_HEADER_ID ulHeaderIndex);
HRESULT request_DeleteHeader(IHttpRequest *This, PCSTR pszHeaderName);
PCSTR request_GetHeaderById(IHttpRequest *This,
                            HTTP_HEADER_ID ulHeaderIndex,
                            USHORT *pcchHeaderValue);
PCSTR request_GetHeader(IHttpRequest *This, PCSTR pszHeaderName,
                        USHORT *pcchHeaderValue);

/* request_body.c */
HRESULT request_ReadEntityBody(IHttpRequest *This, void *pvBuffer,
                               DWORD cbBuffer, BOOL fAsync,
                               DWORD *pcbBytesReceived,
                               BOOL *pfCompletionPending);
HRESULT request_ReadEntityBodyWithCallback(
    IHttpRequest3 *This, void *pvBuffer, DWORD cbBuffer, BOOL fAsync,
    PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext,
    DWORD *pcbBytesReceived, BOOL *pfCompletionPending);
HRESULT request_ReadEntityBodyWithFlags(
    IHttpRequest4 *This, void *pvBuffer, DWORD cbBuffer, BOOL fAsync,
    ULONG ulFlags, DWORD *pcbBytesReceived, BOOL *pfCompletionPending);
HRESULT request_InsertEntityBody(IHttpRequest *This, void *pvBuffer,
                                 DWORD cbBuffer);
DWORD request_GetRemainingEntityBytes(IHttpRequest *This);

/* request_tls.c */
HRESULT request_GetClientCertificate(
    IHttpRequest *This, HTTP_SSL_CLIENT_CERT_INFO **ppClientCertInfo,
    BOOL *pfClientCertNegotiated);
HRESULT request_NegotiateClientCertificate(IHttpRequest *This, BOOL fAsync,
                                           BOOL *pfCompletionPending);
HRESULT request_GetChannelBindingToken(IHttpRequest2 *This, PBYTE *ppToken,
                                       DWORD *pTokenSize);

/* changes.c */
HRESULT request_GetHeaderChanges(
    IHttpRequest *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    PCSTR knownHeaderSnapshot[HttpHeaderRequestMaximum],
    DWORD *pdwUnknownHeaderSnapshot, PCSTR **ppUnknownHeaderNameSnapshot,
    PCSTR **ppUnknownHeaderValueSnapshot,
    DWORD diffedKnownHeaderIndices[HttpHeaderRequestMaximum + 1],
    DWORD *pdwDiffedUnknownHeaders, DWORD **ppDiffedUnknownHeaderIndices);

#endif
