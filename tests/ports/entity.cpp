// entity: a listener for OnReadEntity alone, which looks at the bytes and changes none.
#include <windows.h>
#include <httpserv.h>

class CEntity : public CHttpModule
{
public:
    CEntity() : m_sum(0) {}
    REQUEST_NOTIFICATION_STATUS OnReadEntity(IHttpContext *, IReadEntityProvider *pProvider)
    {
        PVOID pv = NULL;
        DWORD cbData = 0, cbBuffer = 0;
        pProvider->GetEntity(&pv, &cbData, &cbBuffer);
        for (DWORD i = 0; i < cbData; i++)
        {
            m_sum += ((unsigned char *)pv)[i];
        }
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    DWORD m_sum;
};

class CEntityFactory : public IHttpModuleFactory
{
public:
    virtual ~CEntityFactory() {}
    HRESULT GetHttpModule(CHttpModule **ppModule, IModuleAllocator *)
    {
        *ppModule = new CEntity;
        return S_OK;
    }
    void Terminate() { delete this; }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetRequestNotifications(new CEntityFactory, RQ_READ_ENTITY, 0);
}
