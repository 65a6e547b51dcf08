/* extended.c: which interface ids mean the same object.  Every object here
 * is the highest version of its interface and inherits from the lower ones,
 * one after the other, so that all of them are one pointer.  Page:
 * "IHttpServer2::GetExtendedInterface Method".
 */
#include <stddef.h>
#include "iis_uuid.h"
#include "server.h"

#define FAMILY 4

static const GUID *const families[][FAMILY] = {
    { &IID_IHttpContext, &IID_IHttpContext2, &IID_IHttpContext3,
      &IID_IHttpContext4 },
    { &IID_IHttpRequest, &IID_IHttpRequest2, &IID_IHttpRequest3,
      &IID_IHttpRequest4 },
    { &IID_IHttpResponse, &IID_IHttpResponse2, &IID_IHttpResponse3,
      &IID_IHttpResponse4 },
    { &IID_IHttpServer, &IID_IHttpServer2, &IID_IHttpServer3 },
    { &IID_IHttpApplication, &IID_IHttpApplication2 },
    { &IID_IHttpCachePolicy, &IID_IHttpCachePolicy2 },
    { &IID_IHttpCompletionInfo, &IID_IHttpCompletionInfo2 },
    { &IID_IHttpModuleRegistrationInfo, &IID_IHttpModuleRegistrationInfo2 },
    { &IID_IHttpModuleContextContainer,
      &IID_IHttpConnectionModuleContextContainer },
    { &IID_IMetadataInfo, &IID_IReferencedMetadataInfo },
    { &IID_IGlobalApplicationPreloadProvider,
      &IID_IGlobalApplicationPreloadProvider2 }
};

static int is_in(const GUID *const *family, REFGUID id)
{
    int i;

    for (i = 0; i < FAMILY && family[i]; i++) {
        if (IsEqualGUID(family[i], id)) {
            return 1;
        }
    }
    return 0;
}

HRESULT iisr_extended(REFGUID from, REFGUID to)
{
    unsigned int i;

    if (IsEqualGUID(from, to)) {
        return S_OK;
    }
    for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (is_in(families[i], from)) {
            return is_in(families[i], to) ? S_OK : E_NOINTERFACE;
        }
    }
    return E_NOINTERFACE;
}
