/*
 * httpcach.h - the keys of the server's caches. IHttpCacheKey::GetCacheName says which one a key is; cast to it then.
 *
 * httpserv.h includes this file; it may also be included alone, before or after. The order of these methods is ours:
 * the published reference does not number them. Pages: "IFileKey Interface", "IHttpTokenKey Interface",
 * "IUriKey Interface".
 */
#include "httpserv.h"
#if defined(IIS_HTTPSERV_INTERFACES) && !defined(IIS_HTTPCACH_H)
#define IIS_HTTPCACH_H

#define FILE_CACHE_NAME L"FILE"
#define TOKEN_CACHE_NAME L"TOKEN"
#define URI_CACHE_NAME L"URI"

IIS_DECLARE(IFileKey);
IIS_DECLARE(IHttpTokenKey);
IIS_DECLARE(IUriKey);

/* GetCacheName is FILE; the physical path decides equality. */
#undef INTERFACE
#define INTERFACE IFileKey
IIS_BEGIN_DERIVED(IFileKey, IHttpCacheKey)
    IIS_METHOD(PCWSTR, GetPath)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IFileKey)

/* GetCacheName is TOKEN. GetLogonMethod: LOGON32_LOGON_*; the password is there as a one-way hash only. */
#undef INTERFACE
#define INTERFACE IHttpTokenKey
IIS_BEGIN_DERIVED(IHttpTokenKey, IHttpCacheKey)
    IIS_METHOD(PCWSTR, GetUserName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetPasswordHash)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(DWORD, GetLogonMethod)(IIS_THIS) IIS_CONST IIS_PURE;
IIS_END(IHttpTokenKey)

/* GetCacheName is URI; the URL decides equality. */
#undef INTERFACE
#define INTERFACE IUriKey
IIS_BEGIN_DERIVED(IUriKey, IHttpCacheKey)
    IIS_METHOD(PCWSTR, GetUrl)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(DWORD, GetSiteId)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetSiteName)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(PCWSTR, GetConfigPath)(IIS_THIS) IIS_CONST IIS_PURE;
    IIS_METHOD(void, UpdateFrequentlyHitTickCount)(IIS_THIS_ DWORD dwTicks) IIS_PURE;
IIS_END(IUriKey)

#endif /* IIS_HTTPCACH_H */
