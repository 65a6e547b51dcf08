// world: global notifications, each a word of the file that the environment's IISR_WORLD names.
#include <windows.h>
#include <httpserv.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void Say(const char *word)
{
    const char *file = getenv("IISR_WORLD");
    int fd = file ? open(file, O_WRONLY | O_APPEND) : -1;
    if (fd >= 0)
    {
        ssize_t n = write(fd, word, strlen(word));
        n += write(fd, " ", 1);
        UNREFERENCED_PARAMETER(n);
        close(fd);
    }
}

class CWorld : public CGlobalModule
{
public:
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationResolveModules(IHttpApplicationResolveModulesProvider *p)
    {
        Say(p->GetApplication() ? "Resolve" : "?");
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStart(IHttpApplicationStartProvider *p)
    {
        Say(p->GetApplication() ? "Start" : "?");
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalPreBeginRequest(IPreBeginRequestProvider *p)
    {
        IHttpContext *pContext = p->GetHttpContext();
        HTTP_REQUEST *pRaw = pContext->GetRequest() ? pContext->GetRequest()->GetRawHttpRequest() : NULL;
        Say(pRaw ? "PreBegin" : "?");
        if (pRaw && strstr(pRaw->pRawUrl, "prebegin=answer"))
        {
            HTTP_DATA_CHUNK chunk;
            DWORD cbSent;
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = (PVOID)"early\n";
            chunk.FromMemory.BufferLength = 6;
            pContext->GetResponse()->WriteEntityChunks(&chunk, 1, FALSE, FALSE, &cbSent);
        }
        return pRaw && strstr(pRaw->pRawUrl, "prebegin=") ? GL_NOTIFICATION_HANDLED : GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalThreadCleanup(IGlobalThreadCleanupProvider *)
    {
        Say("Thread");
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalStopListening(IGlobalStopListeningProvider *p)
    {
        Say(p->DrainRequestsGracefully() ? "Drain" : "Stop");
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStop(IHttpApplicationStopProvider *)
    {
        Say("AppStop");
        return GL_NOTIFICATION_CONTINUE;
    }
    GLOBAL_NOTIFICATION_STATUS OnGlobalCacheCleanup(VOID)
    {
        Say("Cleanup");
        return GL_NOTIFICATION_CONTINUE;
    }
    VOID Terminate(VOID)
    {
        Say("Terminate");
        delete this;
    }
};

HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *pModuleInfo, IHttpServer *)
{
    return pModuleInfo->SetGlobalNotifications(new CWorld,
        GL_APPLICATION_RESOLVE_MODULES | GL_APPLICATION_START | GL_PRE_BEGIN_REQUEST | GL_THREAD_CLEANUP
        | GL_STOP_LISTENING | GL_APPLICATION_STOP | GL_CACHE_CLEANUP | GL_RSCA_QUERY);
}
