/* global.h: notifications of the process, CGlobalModule's.
 *
 * One table: method, GL_ bit, name, and why it is never raised here (NULL:
 * it is).  Whoever sees the event happen calls iisr_global_raise; docs/
 * notifications.md says where that is.  No lock is held while modules run;
 * several threads may be in one module at once, as on IIS.
 */
#ifndef IISR_GLOBAL_H
#define IISR_GLOBAL_H

#include "httpserv.h"
#include "registry.h"

/*  method                             bit
 *  provider, or none                  name                    why not raised */
#define IISR_GLOBALS(ROW, BARE) \
    ROW(OnGlobalStopListening, GL_STOP_LISTENING, \
        IGlobalStopListeningProvider, "StopListening", NULL) \
    BARE(OnGlobalCacheCleanup, GL_CACHE_CLEANUP, "CacheCleanup", NULL) \
    ROW(OnGlobalCacheOperation, GL_CACHE_OPERATION, \
        ICacheProvider, "CacheOperation", NULL) \
    BARE(OnGlobalHealthCheck, GL_HEALTH_CHECK, "HealthCheck", NULL) \
    ROW(OnGlobalConfigurationChange, GL_CONFIGURATION_CHANGE, \
        IGlobalConfigurationChangeProvider, "ConfigurationChange", NULL) \
    ROW(OnGlobalFileChange, GL_FILE_CHANGE, \
        IGlobalFileChangeProvider, "FileChange", NULL) \
    ROW(OnGlobalPreBeginRequest, GL_PRE_BEGIN_REQUEST, \
        IPreBeginRequestProvider, "PreBeginRequest", NULL) \
    ROW(OnGlobalApplicationStart, GL_APPLICATION_START, \
        IHttpApplicationStartProvider, "ApplicationStart", NULL) \
    ROW(OnGlobalApplicationResolveModules, GL_APPLICATION_RESOLVE_MODULES, \
        IHttpApplicationResolveModulesProvider, \
        "ApplicationResolveModules", NULL) \
    ROW(OnGlobalApplicationStop, GL_APPLICATION_STOP, \
        IHttpApplicationStopProvider, "ApplicationStop", NULL) \
    ROW(OnGlobalRSCAQuery, GL_RSCA_QUERY, \
        IGlobalRSCAQueryProvider, "RSCAQuery", \
        "httpd has no run-time status and control interface") \
    ROW(OnGlobalTraceEvent, GL_TRACE_EVENT, \
        IGlobalTraceEventProvider, "TraceEvent", NULL) \
    ROW(OnGlobalCustomNotification, GL_CUSTOM_NOTIFICATION, \
        ICustomNotificationProvider, "CustomNotification", NULL) \
    ROW(OnGlobalThreadCleanup, GL_THREAD_CLEANUP, \
        IGlobalThreadCleanupProvider, "ThreadCleanup", NULL) \
    ROW(OnGlobalApplicationPreload, GL_APPLICATION_PRELOAD, \
        IGlobalApplicationPreloadProvider, "ApplicationPreload", \
        "httpd makes no request without a connection") \
    ROW(OnSuspendProcess, GL_SUSPEND_PROCESS, \
        IGlobalSuspendProcessCallback *, "SuspendProcess", \
        "httpd suspends no process")

/* Every module that registered for the bit, by priority, then in the order
 * of configuration; one that answers HANDLED is the last.  The provider is
 * of the type that the bit has, and NULL for one that has none. */
GLOBAL_NOTIFICATION_STATUS iisr_global_raise(const iisr_registry_t *reg,
                                             DWORD bit, void *provider);
/* Whether anybody listens: one look at a mask. */
#define iisr_global_wanted(reg, bit) ((reg) && ((reg)->global_events & (bit)))

/* Of the first bit of a mask that is known: its name, or why it is never
 * raised (NULL: it is). */
const char *iisr_global_name(DWORD bit);
const char *iisr_global_reason(DWORD bit);
/* The bits that there are. */
DWORD iisr_global_known(void);

#endif
