/*
 * iis_variant.h - copying VARIANTs and the arrays in them, and converting, as far as the settings of modules go: strings,
 * booleans, integers, doubles. Other types are DISP_E_TYPEMISMATCH or DISP_E_BADVARTYPE; numbers that do not fit are
 * DISP_E_OVERFLOW. Strings are read and written as in the C locale.
 */
#ifndef IIS_VARIANT_H
#define IIS_VARIANT_H

#include <wctype.h>

#include "iis_automation.h"

#define VARIANT_NOVALUEPROP 0x0001
#define VARIANT_ALPHABOOL 0x0002             /* a boolean's string is "True" or "False", not "-1" or "0" */

/* ---- copies ------------------------------------------------------------------------------------------------------ */

/* 0: no array has such elements. */
static inline ULONG iis_element_size(VARTYPE vt)
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

/* NULL: no such type, or no memory. bounds: the leftmost dimension first. */
static inline SAFEARRAY *SafeArrayCreate(VARTYPE vt, UINT dimensions, SAFEARRAYBOUND *bounds)
{
    ULONG size = iis_element_size(vt);
    size_t bytes = size;
    iis_array_head *head;
    SAFEARRAY *array;
    UINT i;

    if (!size || !dimensions || dimensions > 60 || !bounds)
        return NULL;
    for (i = 0; i < dimensions; i++)
        if (__builtin_mul_overflow(bytes, (size_t)bounds[i].cElements, &bytes))
            return NULL;
    head = (iis_array_head *)calloc(1, sizeof(*head) + sizeof(SAFEARRAY) + (dimensions - 1) * sizeof(SAFEARRAYBOUND));
    array = head ? (SAFEARRAY *)(void *)(head + 1) : NULL;
    if (!array || !(array->pvData = calloc(1, bytes ? bytes : 1))) {
        free(head);
        return NULL;
    }
    head->type = vt;
    array->cDims = (USHORT)dimensions;
    array->cbElements = size;
    array->fFeatures = (USHORT)(FADF_HAVEVARTYPE | (vt == VT_BSTR ? FADF_BSTR : vt == VT_VARIANT ? FADF_VARIANT
                                : vt == VT_UNKNOWN ? FADF_UNKNOWN : vt == VT_DISPATCH ? FADF_DISPATCH : 0));
    for (i = 0; i < dimensions; i++)
        array->rgsabound[dimensions - 1 - i] = bounds[i];
    return array;
}

static inline HRESULT VariantCopy(VARIANT *to, const VARIANT *from);

static inline HRESULT iis_element_copy(const SAFEARRAY *array, void *to, const void *from)
{
    BSTR text;

    if (array->fFeatures & FADF_VARIANT) {
        VariantInit((VARIANT *)to);
        return VariantCopy((VARIANT *)to, (const VARIANT *)from);
    }
    memcpy(to, from, array->cbElements);
    if (array->fFeatures & FADF_BSTR) {
        text = *(const BSTR *)from;
        if (text && !(*(BSTR *)to = SysAllocStringByteLen((LPCSTR)text, SysStringByteLen(text))))
            return E_OUTOFMEMORY;
    }
    else if ((array->fFeatures & (FADF_UNKNOWN | FADF_DISPATCH)) && *(IUnknown **)to)
        iis_unknown_add_ref(*(IUnknown **)to);
    return S_OK;
}

static inline HRESULT SafeArrayCopy(SAFEARRAY *array, SAFEARRAY **copy)
{
    SAFEARRAYBOUND bounds[60];
    SAFEARRAY *made;
    HRESULT hr = S_OK;
    size_t i, count;

    if (!copy)
        return E_INVALIDARG;
    *copy = NULL;
    if (!array)
        return S_OK;
    for (i = 0; i < array->cDims; i++)
        bounds[i] = array->rgsabound[array->cDims - 1 - i];
    made = SafeArrayCreate((VARTYPE)((iis_array_head *)(void *)array - 1)->type, array->cDims, bounds);
    if (!made)
        return E_OUTOFMEMORY;
    count = iis_array_count(array);
    for (i = 0; i < count && SUCCEEDED(hr); i++)
        hr = iis_element_copy(array, (char *)made->pvData + i * array->cbElements,
                              (const char *)array->pvData + i * array->cbElements);
    if (FAILED(hr))
        SafeArrayDestroy(made);
    else
        *copy = made;
    return hr;
}

/* On failure *to is as it was. */
static inline HRESULT VariantCopy(VARIANT *to, const VARIANT *from)
{
    VARIANT copy = *from;
    HRESULT hr = S_OK;

    if (to == from)
        return S_OK;
    if (!(from->vt & VT_BYREF) && (from->vt & VT_ARRAY))
        hr = SafeArrayCopy(from->parray, &copy.parray);
    else if (from->vt == VT_BSTR) {
        copy.bstrVal = SysAllocStringByteLen((LPCSTR)from->bstrVal, SysStringByteLen(from->bstrVal));
        hr = copy.bstrVal ? S_OK : E_OUTOFMEMORY;
    }
    else if ((from->vt == VT_UNKNOWN || from->vt == VT_DISPATCH) && from->punkVal)
        iis_unknown_add_ref(from->punkVal);
    if (FAILED(hr))
        return hr;
    hr = VariantClear(to);
    if (FAILED(hr))
        VariantClear(&copy);
    else
        *to = copy;
    return hr;
}

/* ---- conversions ------------------------------------------------------------------------------------------------- */

/* An integer, as wide as there is; positive: it stands for an unsigned one, whatever the sign of *number. */
typedef struct iis_integer {
    long long number;
    int positive;
} iis_integer;

static inline int iis_words_equal(const WCHAR *text, const WCHAR *word)
{
    for (; *text && *word; text++, word++)
        if (towlower((wint_t)*text) != towlower((wint_t)*word))
            return 0;
    return *text == *word;
}

/* Of a string; half a unit rounds as Windows does, to the even neighbour. */
static inline HRESULT iis_integer_of_text(const WCHAR *text, iis_integer *result)
{
    WCHAR *end;
    double real;

    if (!text)
        return DISP_E_TYPEMISMATCH;
    result->number = wcstoll(text, &end, 10);
    while (iswspace((wint_t)*end))
        end++;
    if (*end || end == text) {
        real = wcstod(text, &end);
        while (iswspace((wint_t)*end))
            end++;
        if (*end || end == text)
            return DISP_E_TYPEMISMATCH;
        if (!(real > -9.2e18 && real < 9.2e18))
            return DISP_E_OVERFLOW;
        result->number = (long long)__builtin_rint(real);
    }
    else if (result->number == 0x7fffffffffffffffLL) {
        result->number = (long long)wcstoull(text, NULL, 10);
        result->positive = 1;
    }
    return S_OK;
}

static inline HRESULT iis_integer_of(const VARIANT *v, iis_integer *result)
{
    result->number = 0;
    result->positive = 0;
    switch (v->vt) {
    case VT_EMPTY: return S_OK;
    case VT_BOOL: result->number = v->boolVal ? -1 : 0; return S_OK;
    case VT_I1: result->number = (signed char)v->cVal; return S_OK;
    case VT_UI1: result->number = v->bVal; return S_OK;
    case VT_I2: result->number = v->iVal; return S_OK;
    case VT_UI2: result->number = v->uiVal; return S_OK;
    case VT_I4: case VT_INT: case VT_ERROR: result->number = v->lVal; return S_OK;
    case VT_UI4: case VT_UINT: result->number = v->ulVal; return S_OK;
    case VT_UI8: result->positive = 1; result->number = v->llVal; return S_OK;
    case VT_I8: result->number = v->llVal; return S_OK;
    case VT_R8:
        if (!(v->dblVal > -9.2e18 && v->dblVal < 9.2e18))
            return DISP_E_OVERFLOW;
        result->number = (long long)__builtin_rint(v->dblVal);
        return S_OK;
    case VT_BSTR: return iis_integer_of_text(v->bstrVal, result);
    default: return DISP_E_TYPEMISMATCH;
    }
}

/* A boolean becomes all bits of an unsigned type, as on Windows. */
static inline HRESULT iis_variant_to_integer(VARIANT *to, const VARIANT *from, VARTYPE vt)
{
    static const struct { VARTYPE vt; long long least; long long most; } ranges[] = {
        {VT_I1, -128, 127}, {VT_UI1, 0, 255}, {VT_I2, -32768, 32767}, {VT_UI2, 0, 65535},
        {VT_I4, -0x7fffffffLL - 1, 0x7fffffffLL}, {VT_INT, -0x7fffffffLL - 1, 0x7fffffffLL},
        {VT_UI4, 0, 0xffffffffLL}, {VT_UINT, 0, 0xffffffffLL},
        {VT_I8, -0x7fffffffffffffffLL - 1, 0x7fffffffffffffffLL}, {VT_UI8, 0, 0x7fffffffffffffffLL}
    };
    iis_integer integer;
    HRESULT hr = iis_integer_of(from, &integer);
    size_t i;

    if (FAILED(hr))
        return hr;
    for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && ranges[i].vt != vt; i++)
        ;
    if (i == sizeof(ranges) / sizeof(ranges[0]))
        return DISP_E_BADVARTYPE;
    if (from->vt != VT_BOOL && !(vt == VT_UI8 && integer.positive)
        && (integer.number < ranges[i].least || integer.number > ranges[i].most
            || (integer.positive && integer.number < 0)))
        return DISP_E_OVERFLOW;
    to->llVal = integer.number;
    to->vt = vt;
    return S_OK;
}

static inline HRESULT iis_variant_to_bool(VARIANT *to, const VARIANT *from)
{
    const WCHAR *text = from->vt == VT_BSTR ? from->bstrVal : NULL;
    iis_integer integer = {0, 0};
    HRESULT hr = S_OK;

    if (text && (iis_words_equal(text, L"true") || iis_words_equal(text, L"#TRUE#")))
        integer.number = 1;
    else if (!text || !(iis_words_equal(text, L"false") || iis_words_equal(text, L"#FALSE#")))
        hr = iis_integer_of(from, &integer);
    to->boolVal = integer.number ? VARIANT_TRUE : VARIANT_FALSE;
    to->vt = VT_BOOL;
    return hr;
}

static inline HRESULT iis_variant_to_double(VARIANT *to, const VARIANT *from)
{
    iis_integer integer;
    HRESULT hr;
    WCHAR *end;

    to->vt = VT_R8;
    if (from->vt == VT_BSTR && from->bstrVal) {
        to->dblVal = wcstod(from->bstrVal, &end);
        return *end || end == from->bstrVal ? DISP_E_TYPEMISMATCH : S_OK;
    }
    hr = iis_integer_of(from, &integer);
    if (SUCCEEDED(hr))
        to->dblVal = integer.positive ? (double)(unsigned long long)integer.number : (double)integer.number;
    return hr;
}

static inline HRESULT iis_variant_to_text(VARIANT *to, const VARIANT *from, USHORT flags)
{
    WCHAR text[64] = {0};
    iis_integer integer;
    HRESULT hr = S_OK;

    if (from->vt == VT_BOOL && (flags & VARIANT_ALPHABOOL))
        wcscpy(text, from->boolVal ? L"True" : L"False");
    else if (from->vt == VT_R8)
        swprintf(text, 64, L"%.15g", from->dblVal);
    else if (from->vt != VT_EMPTY) {
        hr = iis_integer_of(from, &integer);
        if (SUCCEEDED(hr))
            swprintf(text, 64, integer.positive ? L"%llu" : L"%lld", integer.number);
    }
    if (FAILED(hr))
        return hr;
    to->bstrVal = SysAllocString(text);
    to->vt = VT_BSTR;
    return to->bstrVal ? S_OK : E_OUTOFMEMORY;
}

/* to and from may be the same. On failure *to is as it was. */
static inline HRESULT VariantChangeType(VARIANT *to, const VARIANT *from, USHORT flags, VARTYPE vt)
{
    VARIANT made;
    HRESULT hr;

    if (from->vt == vt)
        return VariantCopy(to, from);
    VariantInit(&made);
    hr = vt == VT_BSTR ? iis_variant_to_text(&made, from, flags)
        : vt == VT_BOOL ? iis_variant_to_bool(&made, from)
        : vt == VT_R8 ? iis_variant_to_double(&made, from)
        : vt == VT_EMPTY ? S_OK
        : iis_variant_to_integer(&made, from, vt);
    if (SUCCEEDED(hr)) {
        VariantClear(to);
        *to = made;
    }
    return hr;
}

static inline HRESULT VariantChangeTypeEx(VARIANT *to, const VARIANT *from, LCID locale, USHORT flags, VARTYPE vt)
{
    UNREFERENCED_PARAMETER(locale);
    return VariantChangeType(to, from, flags, vt);
}

#endif /* IIS_VARIANT_H */
