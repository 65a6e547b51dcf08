/* response_parts.h: the methods of IHttpResponse and IHttpRequest that are in
 * files of their own; response.c and request.c have the tables. */
#ifndef IISR_IFACE_RESPONSE_PARTS_H
#define IISR_IFACE_RESPONSE_PARTS_H

#include "objects.h"

/* response_trailers.c */
HRESULT response_PushPromise(IHttpResponse3 *This, PCSTR pszVerb,
                             PCWSTR pwszPath, PCWSTR pwszQuery,
                             DWORD cHeaders, PCSTR *rgHeaderNames,
                             PCSTR *rgHeaderValues);
HRESULT response_DeleteTrailer(IHttpResponse4 *This, PCSTR pszHeaderName);
PCSTR response_GetTrailer(IHttpResponse4 *This, PCSTR pszHeaderName,
                          USHORT *pcchHeaderValue);
HRESULT response_SetTrailer(IHttpResponse4 *This, PCSTR pszHeaderName,
                            PCSTR pszHeaderValue, USHORT cchHeaderValue,
                            BOOL fReplace);

/* request_tls.c */
HRESULT request_GetClientCertificate(
    IHttpRequest *This, HTTP_SSL_CLIENT_CERT_INFO **ppClientCertInfo,
    BOOL *pfClientCertNegotiated);
HRESULT request_NegotiateClientCertificate(IHttpRequest *This, BOOL fAsync,
                                           BOOL *pfCompletionPending);

/* changes.c */
HRESULT response_GetHeaderChanges(
    IHttpResponse *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    PCSTR knownHeaderSnapshot[HttpHeaderResponseMaximum],
    DWORD *pdwUnknownHeaderSnapshot, PCSTR **ppUnknownHeaderNameSnapshot,
    PCSTR **ppUnknownHeaderValueSnapshot,
    DWORD diffedKnownHeaderIndices[HttpHeaderResponseMaximum + 1],
    DWORD *pdwDiffedUnknownHeaders, DWORD **ppDiffedUnknownHeaderIndices);
HRESULT request_GetHeaderChanges(
    IHttpRequest *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    PCSTR knownHeaderSnapshot[HttpHeaderRequestMaximum],
    DWORD *pdwUnknownHeaderSnapshot, PCSTR **ppUnknownHeaderNameSnapshot,
    PCSTR **ppUnknownHeaderValueSnapshot,
    DWORD diffedKnownHeaderIndices[HttpHeaderRequestMaximum + 1],
    DWORD *pdwDiffedUnknownHeaders, DWORD **ppDiffedUnknownHeaderIndices);

#endif
