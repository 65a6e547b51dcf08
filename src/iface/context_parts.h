/* context_parts.h: the methods of IHttpContext that are in files of their
 * own; context.c has the table. */
#ifndef IISR_IFACE_CONTEXT_PARTS_H
#define IISR_IFACE_CONTEXT_PARTS_H

#include "objects.h"

#define BAD_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)

static inline iisr_context_t *context_of(void *iface)
{
    return iisr_context_from_iface(iface);
}

/* A line for every refusal; hr is passed through.  Lock held. */
HRESULT iisr_context_refuse(iisr_context_t *ctx, const char *id, HRESULT hr,
                            const char *method, const char *why);

/* context_objects.c */
IHttpUrlInfo *context_GetUrlInfo(IHttpContext *This);
IMetadataInfo *context_GetMetadata(IHttpContext *This);
IHttpTraceContext *context_GetTraceContext(IHttpContext *This);
IHttpFileInfo *context_GetFileInfo(IHttpContext *This);
IScriptMapInfo *context_GetScriptMap(IHttpContext *This);
HRESULT context_MapHandler(IHttpContext *This, DWORD dwSiteId,
                           PCWSTR pszSiteName, PCWSTR pszUrl, PCSTR pszVerb,
                           IScriptMapInfo **ppScriptMap,
                           BOOL fIgnoreWildcardMappings);

/* context_variables.c */
HRESULT context_GetServerVariable(IHttpContext *This, PCSTR pszVariableName,
                                  PCSTR *ppszValue, DWORD *pcchValueLength);
HRESULT context_GetServerVariableW(IHttpContext *This, PCSTR pszVariableName,
                                   PCWSTR *ppszValue, DWORD *pcchValueLength);
HRESULT context_SetServerVariable(IHttpContext *This, PCSTR pszVariableName,
                                  PCWSTR pszVariableValue);
HRESULT context_InheritServerVariable(IHttpContext3 *This, PCSTR szName,
                                      BOOL fFailIfNotExist);
HRESULT context_GetServerVarChanges(
    IHttpContext *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    DWORD *pdwVariableSnapshot, PCSTR **ppVariableNameSnapshot,
    PCWSTR **ppVariableValueSnapshot, DWORD *pdwDiffedVariables,
    DWORD **ppDiffedVariableIndices);

/* context_paths.c */
PCWSTR context_GetPhysicalPath(IHttpContext *This, DWORD *pcchPhysicalPath);
PCWSTR context_GetScriptName(IHttpContext *This, DWORD *pcchScriptName);
PCWSTR context_GetScriptTranslated(IHttpContext *This,
                                   DWORD *pcchScriptTranslated);
HRESULT context_MapPath(IHttpContext *This, PCWSTR pszUrl,
                        PWSTR pszPhysicalPath, DWORD *pcbPhysicalPath);

/* context_child.c */
HRESULT context_ExecuteRequest(IHttpContext *This, BOOL fAsync,
                               IHttpContext *pHttpContext,
                               DWORD dwExecuteFlags, IHttpUser *pHttpUser,
                               BOOL *pfCompletionExpected);
HRESULT context_CloneContext(IHttpContext *This, DWORD dwCloneFlags,
                             IHttpContext **ppHttpContext);
HRESULT context_ReleaseClonedContext(IHttpContext *This);
DWORD context_GetExecuteFlags(IHttpContext *This);
IHttpContext *context_GetParentContext(IHttpContext *This);
IHttpContext *context_GetRootContext(IHttpContext *This);

#endif
