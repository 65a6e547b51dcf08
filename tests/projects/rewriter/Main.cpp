#include "StdAfx.h"
#include "Rewriter.h"

HRESULT
__stdcall
RegisterModule(
    DWORD                           dwServerVersion,
    IHttpModuleRegistrationInfo *   pModuleInfo,
    IHttpServer *                   pHttpServer
)
{
    UNREFERENCED_PARAMETER( dwServerVersion );
    UNREFERENCED_PARAMETER( pHttpServer );

    CRewriterFactory *pFactory = new (std::nothrow) CRewriterFactory;
    if ( pFactory == NULL )
    {
        return HRESULT_FROM_WIN32( ERROR_NOT_ENOUGH_MEMORY );
    }
    HRESULT hr = pModuleInfo->SetRequestNotifications( pFactory, RQ_SEND_RESPONSE, 0 );
    if ( FAILED( hr ) )
    {
        delete pFactory;
        return hr;
    }
    return pModuleInfo->SetPriorityForRequestNotification( RQ_SEND_RESPONSE, PRIORITY_ALIAS_LOW );
}
