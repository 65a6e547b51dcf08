/*
 * win32/safearray.h - SAFEARRAYs of one or more dimensions, of every type that VARIANTs hold here. The memory comes from
 * malloc, as that of BSTRs. Pages: "SafeArrayCreate function" and its neighbours.
 */
#ifndef IIS_WIN32_SAFEARRAY_H
#define IIS_WIN32_SAFEARRAY_H

#include "../iis_variant.h"
#include "bstr.h"

#define FADF_AUTO 0x0001
#define FADF_STATIC 0x0002
#define FADF_FIXEDSIZE 0x0010
#define FADF_HAVEVARTYPE 0x0080
#define FADF_BSTR 0x0100
#define FADF_UNKNOWN 0x0200
#define FADF_DISPATCH 0x0400
#define FADF_VARIANT 0x0800
#define DISP_E_ARRAYISLOCKED ((HRESULT)0x8002000DU)

/* The type and more stand in front of a descriptor, as on Windows. */
struct iis_array_head {
    ULONG reserved[3];
    ULONG type;
};

IIS_API ULONG iis_element_size(VARTYPE vt)
{
    switch (vt) {
    case VT_I1: case VT_UI1: return 1;
    case VT_I2: case VT_UI2: case VT_BOOL: return 2;
    case VT_I4: case VT_UI4: case VT_INT: case VT_UINT: case VT_R4: case VT_ERROR: return 4;
    case VT_I8: case VT_UI8: case VT_R8: case VT_DATE: case VT_CY: return 8;
    case VT_BSTR: case VT_UNKNOWN: case VT_DISPATCH: return sizeof(void *);
    case VT_VARIANT: return sizeof(VARIANT);
    default: return 0;
    }
}
IIS_API size_t iis_array_count(const SAFEARRAY *array)
{
    size_t count = 1;
    for (USHORT i = 0; i < array->cDims; i++)
        count *= array->rgsabound[i].cElements;
    return array->cDims ? count : 0;
}

/* NULL: no such type, or no memory. rgsabound: the leftmost dimension first. */
IIS_API SAFEARRAY *WINAPI SafeArrayCreate(VARTYPE vt, UINT cDims, SAFEARRAYBOUND *rgsabound)
{
    ULONG size = iis_element_size(vt);
    size_t bytes = size;

    if (!size || !cDims || cDims > 60 || !rgsabound)
        return NULL;
    for (UINT i = 0; i < cDims; i++)
        if (__builtin_mul_overflow(bytes, (size_t)rgsabound[i].cElements, &bytes))
            return NULL;
    iis_array_head *head = (iis_array_head *)calloc(1, sizeof(*head) + sizeof(SAFEARRAY)
                                                       + (cDims - 1) * sizeof(SAFEARRAYBOUND));
    SAFEARRAY *array = head ? (SAFEARRAY *)(head + 1) : NULL;
    if (!array || !(array->pvData = calloc(1, bytes ? bytes : 1))) {
        free(head);
        return NULL;
    }
    head->type = vt;
    array->cDims = (USHORT)cDims;
    array->cbElements = size;
    array->fFeatures = (USHORT)(FADF_HAVEVARTYPE | (vt == VT_BSTR ? FADF_BSTR : vt == VT_VARIANT ? FADF_VARIANT
                                : vt == VT_UNKNOWN ? FADF_UNKNOWN : vt == VT_DISPATCH ? FADF_DISPATCH : 0));
    for (UINT i = 0; i < cDims; i++)
        array->rgsabound[cDims - 1 - i] = rgsabound[i];
    return array;
}
IIS_API SAFEARRAY *WINAPI SafeArrayCreateVector(VARTYPE vt, LONG lLbound, ULONG cElements)
{
    SAFEARRAYBOUND bound = {cElements, lLbound};
    return SafeArrayCreate(vt, 1, &bound);
}

IIS_API void iis_element_clear(const SAFEARRAY *array, void *element)
{
    if (array->fFeatures & FADF_BSTR)
        SysFreeString(*(BSTR *)element);
    else if (array->fFeatures & FADF_VARIANT)
        VariantClear((VARIANT *)element);
    else if ((array->fFeatures & (FADF_UNKNOWN | FADF_DISPATCH)) && *(IUnknown **)element)
        (*(IUnknown **)element)->Release();
    memset(element, 0, array->cbElements);
}
IIS_API HRESULT iis_element_copy(const SAFEARRAY *array, void *to, const void *from)
{
    if (array->fFeatures & FADF_VARIANT) {
        VariantInit((VARIANT *)to);
        return VariantCopy((VARIANT *)to, (const VARIANT *)from);
    }
    memcpy(to, from, array->cbElements);
    if (array->fFeatures & FADF_BSTR) {
        BSTR text = *(const BSTR *)from;
        if (text && !(*(BSTR *)to = SysAllocStringByteLen((LPCSTR)text, SysStringByteLen(text))))
            return E_OUTOFMEMORY;
    }
    else if ((array->fFeatures & (FADF_UNKNOWN | FADF_DISPATCH)) && *(IUnknown **)to)
        (*(IUnknown **)to)->AddRef();
    return S_OK;
}

IIS_API HRESULT WINAPI SafeArrayDestroy(SAFEARRAY *psa)
{
    if (!psa)
        return S_OK;
    if (psa->cLocks)
        return DISP_E_ARRAYISLOCKED;
    for (size_t i = 0, n = iis_array_count(psa); i < n; i++)
        iis_element_clear(psa, (char *)psa->pvData + i * psa->cbElements);
    free(psa->pvData);
    free((iis_array_head *)(void *)psa - 1);
    return S_OK;
}
IIS_API HRESULT WINAPI SafeArrayGetVartype(SAFEARRAY *psa, VARTYPE *pvt)
{
    if (!psa || !pvt)
        return E_INVALIDARG;
    *pvt = (VARTYPE)((iis_array_head *)(void *)psa - 1)->type;
    return S_OK;
}
IIS_API HRESULT WINAPI SafeArrayCopy(SAFEARRAY *psa, SAFEARRAY **ppsaOut)
{
    VARTYPE vt = VT_EMPTY;
    HRESULT hr = S_OK;

    if (!ppsaOut)
        return E_INVALIDARG;
    *ppsaOut = NULL;
    if (!psa)
        return S_OK;
    SafeArrayGetVartype(psa, &vt);
    SAFEARRAYBOUND bounds[60];
    for (UINT i = 0; i < psa->cDims; i++)
        bounds[i] = psa->rgsabound[psa->cDims - 1 - i];
    SAFEARRAY *made = SafeArrayCreate(vt, psa->cDims, bounds);
    if (!made)
        return E_OUTOFMEMORY;
    for (size_t i = 0, n = iis_array_count(psa); i < n && SUCCEEDED(hr); i++)
        hr = iis_element_copy(psa, (char *)made->pvData + i * psa->cbElements,
                              (const char *)psa->pvData + i * psa->cbElements);
    if (FAILED(hr)) {
        SafeArrayDestroy(made);
        return hr;
    }
    *ppsaOut = made;
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
