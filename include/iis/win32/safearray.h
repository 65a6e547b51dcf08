/*
 * win32/safearray.h - SAFEARRAYs of one or more dimensions, of every type that VARIANTs hold here; they are made, copied
 * and freed in iis_variant.h and iis_automation.h. Pages: "SafeArrayCreate function" and its neighbours.
 */
#ifndef IIS_WIN32_SAFEARRAY_H
#define IIS_WIN32_SAFEARRAY_H

#include "../iis_variant.h"
#include "system.h"

IIS_API SAFEARRAY *WINAPI SafeArrayCreateVector(VARTYPE vt, LONG lLbound, ULONG cElements)
{
    SAFEARRAYBOUND bound = {cElements, lLbound};
    return SafeArrayCreate(vt, 1, &bound);
}

IIS_API HRESULT WINAPI SafeArrayGetVartype(SAFEARRAY *psa, VARTYPE *pvt)
{
    if (!psa || !pvt)
        return E_INVALIDARG;
    *pvt = (VARTYPE)((iis_array_head *)(void *)psa - 1)->type;
    return S_OK;
}

IIS_API UINT WINAPI SafeArrayGetDim(SAFEARRAY *psa) { return psa ? psa->cDims : 0; }
IIS_API UINT WINAPI SafeArrayGetElemsize(SAFEARRAY *psa) { return psa ? psa->cbElements : 0; }
/* nDim counts from 1, the leftmost. */
IIS_API const SAFEARRAYBOUND *iis_array_bound(const SAFEARRAY *array, UINT dimension)
{
    return dimension < 1 || dimension > array->cDims ? NULL : &array->rgsabound[array->cDims - dimension];
}
IIS_API HRESULT WINAPI SafeArrayGetLBound(SAFEARRAY *psa, UINT nDim, LONG *plLbound)
{
    const SAFEARRAYBOUND *bound = psa && plLbound ? iis_array_bound(psa, nDim) : NULL;
    if (!bound)
        return psa && plLbound ? DISP_E_BADINDEX : E_INVALIDARG;
    *plLbound = bound->lLbound;
    return S_OK;
}
IIS_API HRESULT WINAPI SafeArrayGetUBound(SAFEARRAY *psa, UINT nDim, LONG *plUbound)
{
    const SAFEARRAYBOUND *bound = psa && plUbound ? iis_array_bound(psa, nDim) : NULL;
    if (!bound)
        return psa && plUbound ? DISP_E_BADINDEX : E_INVALIDARG;
    *plUbound = bound->lLbound + (LONG)bound->cElements - 1;
    return S_OK;
}
IIS_API HRESULT WINAPI SafeArrayLock(SAFEARRAY *psa)
{
    if (!psa)
        return E_INVALIDARG;
    __atomic_add_fetch(&psa->cLocks, 1, __ATOMIC_SEQ_CST);
    return S_OK;
}
IIS_API HRESULT WINAPI SafeArrayUnlock(SAFEARRAY *psa)
{
    if (!psa)
        return E_INVALIDARG;
    if (!psa->cLocks)
        return E_UNEXPECTED;
    __atomic_sub_fetch(&psa->cLocks, 1, __ATOMIC_SEQ_CST);
    return S_OK;
}
IIS_API HRESULT WINAPI SafeArrayAccessData(SAFEARRAY *psa, void **ppvData)
{
    if (!psa || !ppvData)
        return E_INVALIDARG;
    *ppvData = psa->pvData;
    return SafeArrayLock(psa);
}
IIS_API HRESULT WINAPI SafeArrayUnaccessData(SAFEARRAY *psa) { return SafeArrayUnlock(psa); }
/* rgIndices: the leftmost first; it varies fastest in memory. */
IIS_API HRESULT WINAPI SafeArrayPtrOfIndex(SAFEARRAY *psa, LONG *rgIndices, void **ppvData)
{
    size_t at = 0, step = 1;

    if (!psa || !rgIndices || !ppvData)
        return E_INVALIDARG;
    for (UINT i = 0; i < psa->cDims; i++) {
        const SAFEARRAYBOUND *bound = iis_array_bound(psa, i + 1);
        long long offset = (long long)rgIndices[i] - bound->lLbound;
        if (offset < 0 || offset >= (long long)bound->cElements)
            return DISP_E_BADINDEX;
        at += (size_t)offset * step;
        step *= bound->cElements;
    }
    *ppvData = (char *)psa->pvData + at * psa->cbElements;
    return S_OK;
}
/* Copies go out and in; pv of a BSTR or an interface is the pointer itself when it is put. */
IIS_API HRESULT WINAPI SafeArrayGetElement(SAFEARRAY *psa, LONG *rgIndices, void *pv)
{
    void *element;
    HRESULT hr = pv ? SafeArrayPtrOfIndex(psa, rgIndices, &element) : E_INVALIDARG;
    return FAILED(hr) ? hr : iis_element_copy(psa, pv, element);
}
IIS_API HRESULT WINAPI SafeArrayPutElement(SAFEARRAY *psa, LONG *rgIndices, void *pv)
{
    void *element;
    HRESULT hr = SafeArrayPtrOfIndex(psa, rgIndices, &element);

    if (FAILED(hr))
        return hr;
    VARIANT copy;
    memset(&copy, 0, sizeof(copy));
    bool pointer = (psa->fFeatures & (FADF_BSTR | FADF_UNKNOWN | FADF_DISPATCH)) != 0;
    if (pv || pointer)
        hr = iis_element_copy(psa, &copy, pointer ? &pv : pv);
    if (FAILED(hr))
        return hr;
    iis_element_clear(psa, element);
    memcpy(element, &copy, psa->cbElements);
    return S_OK;
}

#endif /* IIS_WIN32_SAFEARRAY_H */
