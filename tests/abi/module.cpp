// module.cpp: what a module brings to the server, called by suite.c through the tables that C has of it.
#include "abi.h"

int abi_last_method = -1;
int abi_arguments_right;
int abi_destroyed;

static uintptr_t word(const void *pointer) { return reinterpret_cast<uintptr_t>(pointer); }

class AbiModule : public CHttpModule {
public:
#define ABI_OVERRIDE(method, bit, post, provider, name) \
    REQUEST_NOTIFICATION_STATUS method(IN IHttpContext *pHttpContext, IN provider *pProvider) \
    { return seen(iis_index_##method, word(pHttpContext) == 1 && word(pProvider) == 2); }
    IIS_NOTIFICATIONS(ABI_OVERRIDE)
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IN IHttpContext *pHttpContext, IN DWORD dwNotification,
                                                  IN BOOL fPostNotification, IN IHttpEventProvider *pProvider,
                                                  IN IHttpCompletionInfo *pCompletionInfo)
    {
        return seen(iis_index_OnAsyncCompletion, word(pHttpContext) == 1 && dwNotification == RQ_MAP_PATH
                    && fPostNotification == TRUE && word(pProvider) == 4 && word(pCompletionInfo) == 5);
    }

protected:
    ~AbiModule() { abi_destroyed++; }

private:
    REQUEST_NOTIFICATION_STATUS seen(int index, bool right)
    {
        abi_last_method = index;
        abi_arguments_right = right && own == 0x1234;
        return index % 2 ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_FINISH_REQUEST;
    }
    int own = 0x1234;                        // only there if `this` is right
};

class AbiDefaultModule : public CHttpModule {};

class AbiGlobal : public CGlobalModule {
public:
    GLOBAL_NOTIFICATION_STATUS OnGlobalStopListening(IGlobalStopListeningProvider *p) { return seen(0, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalCacheCleanup(VOID) { return seen(1, this); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalCacheOperation(ICacheProvider *p) { return seen(2, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalHealthCheck(VOID) { return seen(3, this); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalConfigurationChange(IGlobalConfigurationChangeProvider *p) { return seen(4, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalFileChange(IGlobalFileChangeProvider *p) { return seen(5, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalPreBeginRequest(IPreBeginRequestProvider *p) { return seen(6, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStart(IHttpApplicationStartProvider *p) { return seen(7, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationResolveModules(IHttpApplicationResolveModulesProvider *p)
    { return seen(8, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStop(IHttpApplicationStopProvider *p) { return seen(9, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalRSCAQuery(IGlobalRSCAQueryProvider *p) { return seen(10, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalTraceEvent(IGlobalTraceEventProvider *p) { return seen(11, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalCustomNotification(ICustomNotificationProvider *p) { return seen(12, p); }
    VOID Terminate(VOID) { seen(13, this); delete this; }
    GLOBAL_NOTIFICATION_STATUS OnGlobalThreadCleanup(IGlobalThreadCleanupProvider *p) { return seen(14, p); }
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationPreload(IGlobalApplicationPreloadProvider *p) { return seen(15, p); }
    GLOBAL_NOTIFICATION_STATUS OnSuspendProcess(IGlobalSuspendProcessCallback **p) { return seen(16, p); }

private:
    ~AbiGlobal() { abi_destroyed++; }
    GLOBAL_NOTIFICATION_STATUS seen(int index, const void *provider)
    {
        abi_last_method = index;
        abi_arguments_right = own == 0x4321 && (provider == this || word(provider) == 2);
        return GL_NOTIFICATION_HANDLED;
    }
    int own = 0x4321;
};

CHttpModule *abi_module_new(void) { return new AbiModule; }
CHttpModule *abi_default_module_new(void) { return new AbiDefaultModule; }
CGlobalModule *abi_global_new(void) { return new AbiGlobal; }

const struct abi_layout *abi_layout_cpp(void)
{
    static char abi_room[16384] __attribute__((aligned(16)));
    static const struct abi_layout rows[] = {
#include "layout.h"
        {NULL, 0}
    };
    return rows;
}
