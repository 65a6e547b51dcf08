/*
 * iis_notifications.h - the 28 request notifications, in the order of CHttpModule's virtuals.
 *
 * One row each: method, its bit (of the post mask if post is TRUE), post, the type of its provider, its short name.
 * Readers: CHttpModule and its C table in httpserv.h, and whatever needs bits, names or order on the server's side.
 * A row's place is its slot in the table; "Request Notification Constants" and "CHttpModule Class" have the events.
 */
#ifndef IIS_NOTIFICATIONS_H
#define IIS_NOTIFICATIONS_H

#define IIS_NOTIFICATION_COUNT 28

/*      method                          bit                             post   provider                     name */
#define IIS_NOTIFICATIONS(ROW) \
    ROW(OnBeginRequest,                 RQ_BEGIN_REQUEST,               FALSE, IHttpEventProvider,          "BeginRequest") \
    ROW(OnPostBeginRequest,             RQ_BEGIN_REQUEST,               TRUE,  IHttpEventProvider,          "PostBeginRequest") \
    ROW(OnAuthenticateRequest,          RQ_AUTHENTICATE_REQUEST,        FALSE, IAuthenticationProvider,     "AuthenticateRequest") \
    ROW(OnPostAuthenticateRequest,      RQ_AUTHENTICATE_REQUEST,        TRUE,  IHttpEventProvider,          "PostAuthenticateRequest") \
    ROW(OnAuthorizeRequest,             RQ_AUTHORIZE_REQUEST,           FALSE, IHttpEventProvider,          "AuthorizeRequest") \
    ROW(OnPostAuthorizeRequest,         RQ_AUTHORIZE_REQUEST,           TRUE,  IHttpEventProvider,          "PostAuthorizeRequest") \
    ROW(OnResolveRequestCache,          RQ_RESOLVE_REQUEST_CACHE,       FALSE, IHttpEventProvider,          "ResolveRequestCache") \
    ROW(OnPostResolveRequestCache,      RQ_RESOLVE_REQUEST_CACHE,       TRUE,  IHttpEventProvider,          "PostResolveRequestCache") \
    ROW(OnMapRequestHandler,            RQ_MAP_REQUEST_HANDLER,         FALSE, IMapHandlerProvider,         "MapRequestHandler") \
    ROW(OnPostMapRequestHandler,        RQ_MAP_REQUEST_HANDLER,         TRUE,  IHttpEventProvider,          "PostMapRequestHandler") \
    ROW(OnAcquireRequestState,          RQ_ACQUIRE_REQUEST_STATE,       FALSE, IHttpEventProvider,          "AcquireRequestState") \
    ROW(OnPostAcquireRequestState,      RQ_ACQUIRE_REQUEST_STATE,       TRUE,  IHttpEventProvider,          "PostAcquireRequestState") \
    ROW(OnPreExecuteRequestHandler,     RQ_PRE_EXECUTE_REQUEST_HANDLER, FALSE, IHttpEventProvider,          "PreExecuteRequestHandler") \
    ROW(OnPostPreExecuteRequestHandler, RQ_PRE_EXECUTE_REQUEST_HANDLER, TRUE,  IHttpEventProvider,          "PostPreExecuteRequestHandler") \
    ROW(OnExecuteRequestHandler,        RQ_EXECUTE_REQUEST_HANDLER,     FALSE, IHttpEventProvider,          "ExecuteRequestHandler") \
    ROW(OnPostExecuteRequestHandler,    RQ_EXECUTE_REQUEST_HANDLER,     TRUE,  IHttpEventProvider,          "PostExecuteRequestHandler") \
    ROW(OnReleaseRequestState,          RQ_RELEASE_REQUEST_STATE,       FALSE, IHttpEventProvider,          "ReleaseRequestState") \
    ROW(OnPostReleaseRequestState,      RQ_RELEASE_REQUEST_STATE,       TRUE,  IHttpEventProvider,          "PostReleaseRequestState") \
    ROW(OnUpdateRequestCache,           RQ_UPDATE_REQUEST_CACHE,        FALSE, IHttpEventProvider,          "UpdateRequestCache") \
    ROW(OnPostUpdateRequestCache,       RQ_UPDATE_REQUEST_CACHE,        TRUE,  IHttpEventProvider,          "PostUpdateRequestCache") \
    ROW(OnLogRequest,                   RQ_LOG_REQUEST,                 FALSE, IHttpEventProvider,          "LogRequest") \
    ROW(OnPostLogRequest,               RQ_LOG_REQUEST,                 TRUE,  IHttpEventProvider,          "PostLogRequest") \
    ROW(OnEndRequest,                   RQ_END_REQUEST,                 FALSE, IHttpEventProvider,          "EndRequest") \
    ROW(OnPostEndRequest,               RQ_END_REQUEST,                 TRUE,  IHttpEventProvider,          "PostEndRequest") \
    ROW(OnSendResponse,                 RQ_SEND_RESPONSE,               FALSE, ISendResponseProvider,       "SendResponse") \
    ROW(OnMapPath,                      RQ_MAP_PATH,                    FALSE, IMapPathProvider,            "MapPath") \
    ROW(OnReadEntity,                   RQ_READ_ENTITY,                 FALSE, IReadEntityProvider,         "ReadEntity") \
    ROW(OnCustomRequestNotification,    RQ_CUSTOM_NOTIFICATION,         FALSE, ICustomNotificationProvider, "CustomRequestNotification")

#endif /* IIS_NOTIFICATIONS_H */
