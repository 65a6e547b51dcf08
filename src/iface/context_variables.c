/* context_variables.c: IHttpContext's methods about server variables.  See
 * context.c. */
#include <apr_strings.h>
#include "context_parts.h"

const iisr_variable_t *find_variable(iisr_context_t *ctx, PCSTR name)
{
    return name && *name ? iisr_context_variable(ctx, name, 0) : NULL;
}

HRESULT context_GetServerVariable(IHttpContext *This, PCSTR pszVariableName,
                                  PCSTR *ppszValue, DWORD *pcchValueLength)
{
    iisr_context_t *ctx = context_of(This);
    const iisr_variable_t *v;
    PCSTR value = NULL;
    apr_size_t length = 0;

    iisr_enter(ctx);
    if ((v = find_variable(ctx, pszVariableName))) {
        value = v->set ? v->set : v->value;
        length = v->set ? v->set_length : v->length;
    }
    iisr_leave(ctx);
    if (ppszValue) {
        *ppszValue = value;
    }
    if (pcchValueLength) {
        *pcchValueLength = (DWORD)length;
    }
    return !pszVariableName || !ppszValue ? BAD_PARAMETER
           : value ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_INDEX);
}

HRESULT context_GetServerVariableW(IHttpContext *This, PCSTR pszVariableName,
                                   PCWSTR *ppszValue, DWORD *pcchValueLength)
{
    iisr_context_t *ctx = context_of(This);
    const iisr_variable_t *v;
    PCWSTR value = NULL;
    apr_size_t length = 0;

    iisr_enter(ctx);
    if ((v = find_variable(ctx, pszVariableName))) {
        value = v->set ? v->set_wide : v->wide;
        length = v->set ? v->set_wide_length : v->wide_length;
    }
    iisr_leave(ctx);
    if (ppszValue) {
        *ppszValue = value;
    }
    if (pcchValueLength) {
        *pcchValueLength = (DWORD)length;
    }
    return !pszVariableName || !ppszValue ? BAD_PARAMETER
           : value ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_INDEX);
}

HRESULT context_SetServerVariable(IHttpContext *This, PCSTR pszVariableName,
                                  PCWSTR pszVariableValue)
{
    iisr_context_t *ctx = context_of(This);
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!pszVariableName || !*pszVariableName || !pszVariableValue) {
        hr = iisr_context_refuse(ctx, "IISR0214", BAD_PARAMETER,
                                 "SetServerVariable", "no name or no value");
    }
    else {
        iisr_context_set_variable(ctx, pszVariableName, pszVariableValue);
    }
    iisr_leave(ctx);
    return hr;
}

/* A child request finds what its parents have; elsewhere what is known is
 * inherited already. */
HRESULT context_InheritServerVariable(IHttpContext3 *This, PCSTR szName,
                                      BOOL fFailIfNotExist)
{
    iisr_context_t *ctx = context_of(This);
    iisr_context_t *parent = ctx->children.parent;
    PCWSTR value = NULL;
    int known;

    if (!szName) {
        return BAD_PARAMETER;
    }
    if (parent) {
        context_GetServerVariableW((IHttpContext *)(void *)&parent->handle->iface,
                                   szName, &value, NULL);
    }
    iisr_enter(ctx);
    if (value) {
        iisr_context_set_variable(ctx, szName, value);
    }
    known = value || (!parent && find_variable(ctx, szName));
    iisr_leave(ctx);
    return known || !fFailIfNotExist ? S_OK
           : HRESULT_FROM_WIN32(ERROR_INVALID_INDEX);
}

/* Server-internal on IIS: the variables that modules set, and which of them
 * have changed since the number that an earlier call gave.  The list of
 * changes ends with -1. */
HRESULT context_GetServerVarChanges(
    IHttpContext *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    DWORD *pdwVariableSnapshot, PCSTR **ppVariableNameSnapshot,
    PCWSTR **ppVariableValueSnapshot, DWORD *pdwDiffedVariables,
    DWORD **ppDiffedVariableIndices)
{
    iisr_context_t *ctx = context_of(This);
    apr_hash_t *variables;
    apr_hash_index_t *hi;
    DWORD n = 0, changed = 0, room, *indices;
    PCWSTR *values;
    PCSTR *names;

    if (!pdwNewChangeNumber || !pdwVariableSnapshot || !ppVariableNameSnapshot
        || !ppVariableValueSnapshot || !pdwDiffedVariables
        || !ppDiffedVariableIndices) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    variables = iisr_context_variables(ctx);
    room = apr_hash_count(variables) + 1;
    names = apr_palloc(ctx->pool, room * sizeof(*names));
    values = apr_palloc(ctx->pool, room * sizeof(*values));
    indices = apr_palloc(ctx->pool, room * sizeof(*indices));
    for (hi = apr_hash_first(iisr_context_scratch(ctx), variables); hi;
         hi = apr_hash_next(hi)) {
        const iisr_variable_t *v = apr_hash_this_val(hi);

        if (v->set) {
            names[n] = v->name;
            values[n] = v->set_wide;
            if (v->changed > dwOldChangeNumber) {
                indices[changed++] = n;
            }
            n++;
        }
    }
    indices[changed] = (DWORD)-1;
    *pdwNewChangeNumber = iisr_context_objects(ctx)->changes;
    iisr_leave(ctx);
    *pdwVariableSnapshot = n;
    *pdwDiffedVariables = changed;
    *ppVariableNameSnapshot = names;
    *ppVariableValueSnapshot = values;
    *ppDiffedVariableIndices = indices;
    return S_OK;
}
