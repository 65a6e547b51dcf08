/*
 * iis_automation.h - the types that COM and Automation put into signatures: IUnknown, BSTR, VARIANT, SAFEARRAY; for the
 * server, which is C, and for modules. The conveniences (_bstr_t, CComPtr, VariantChangeType) are built on these.
 *
 * A BSTR is a pointer to its first character; in front of that stands its length in bytes, behind it a NUL. Server and
 * module share one allocator, malloc, so that either frees what the other one made.
 */
#ifndef IIS_AUTOMATION_H
#define IIS_AUTOMATION_H

#include <stdlib.h>

#include "iis_basetypes.h"
#include "iis_interface.h"
#include "iis_winerror.h"

typedef WCHAR OLECHAR;
typedef OLECHAR *LPOLESTR;
typedef const OLECHAR *LPCOLESTR;
typedef OLECHAR *BSTR;
typedef BSTR *LPBSTR;
typedef short VARIANT_BOOL;
typedef unsigned short VARTYPE;
typedef double DATE;
typedef LONG SCODE;
typedef LONG DISPID;
#ifndef OLESTR
#define OLESTR(s) L##s
#endif

#define VARIANT_TRUE ((VARIANT_BOOL)-1)
#define VARIANT_FALSE ((VARIANT_BOOL)0)

/* ---- interfaces -------------------------------------------------------------------------------------------------- */

IIS_DECLARE(IUnknown);
IIS_DECLARE(IDispatch);
IIS_DECLARE(IRecordInfo);
typedef IUnknown *LPUNKNOWN;
typedef IDispatch *LPDISPATCH;

/* QueryInterface gives a reference of its own, or E_NOINTERFACE and NULL. */
#undef INTERFACE
#define INTERFACE IUnknown
IIS_BEGIN(IUnknown)
    IIS_METHOD(HRESULT, QueryInterface)(IIS_THIS_ REFIID riid, void **ppvObject) IIS_PURE;
    IIS_METHOD(ULONG, AddRef)(IIS_THIS) IIS_PURE;
    IIS_METHOD(ULONG, Release)(IIS_THIS) IIS_PURE;
    IIS_CPP(template <class Q> HRESULT QueryInterface(Q **pp)
            { return QueryInterface(__uuidof(Q), reinterpret_cast<void **>(pp)); })
IIS_END(IUnknown)

DEFINE_GUID(GUID_NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
DEFINE_GUID(IID_NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
IIS_DEFINE_UUID(IUnknown, 0x00000000, 0x0000, 0x0000, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46);
IIS_DEFINE_UUID(IDispatch, 0x00020400, 0x0000, 0x0000, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46);

/* ---- VARIANT ----------------------------------------------------------------------------------------------------- */

enum VARENUM {
    VT_EMPTY = 0,
    VT_NULL = 1,
    VT_I2 = 2,
    VT_I4 = 3,
    VT_R4 = 4,
    VT_R8 = 5,
    VT_CY = 6,
    VT_DATE = 7,
    VT_BSTR = 8,
    VT_DISPATCH = 9,
    VT_ERROR = 10,
    VT_BOOL = 11,
    VT_VARIANT = 12,
    VT_UNKNOWN = 13,
    VT_DECIMAL = 14,
    VT_I1 = 16,
    VT_UI1 = 17,
    VT_UI2 = 18,
    VT_UI4 = 19,
    VT_I8 = 20,
    VT_UI8 = 21,
    VT_INT = 22,
    VT_UINT = 23,
    VT_VOID = 24,
    VT_HRESULT = 25,
    VT_PTR = 26,
    VT_SAFEARRAY = 27,
    VT_LPSTR = 30,
    VT_LPWSTR = 31,
    VT_RECORD = 36,
    VT_VECTOR = 0x1000,
    VT_ARRAY = 0x2000,
    VT_BYREF = 0x4000,
    VT_TYPEMASK = 0x0fff
};

typedef union tagCY {
    __extension__ struct { ULONG Lo; LONG Hi; };
    LONGLONG int64;
} CY, CURRENCY;

typedef struct tagDEC {
    USHORT wReserved;
    BYTE scale;
    BYTE sign;
    ULONG Hi32;
    __extension__ union {
        __extension__ struct { ULONG Lo32; ULONG Mid32; };
        ULONGLONG Lo64;
    };
} DECIMAL;

typedef struct tagSAFEARRAYBOUND {
    ULONG cElements;
    LONG lLbound;
} SAFEARRAYBOUND, *LPSAFEARRAYBOUND;

typedef struct tagSAFEARRAY {
    USHORT cDims;
    USHORT fFeatures;
    ULONG cbElements;
    ULONG cLocks;
    PVOID pvData;
    SAFEARRAYBOUND rgsabound[1];
} SAFEARRAY, *LPSAFEARRAY;

/* As on Windows: 24 bytes, the type first; passed by value in memory, alike in C and in C++. */
typedef struct tagVARIANT VARIANT, VARIANTARG, *LPVARIANT, *LPVARIANTARG;
typedef const VARIANT *LPCVARIANT;
struct tagVARIANT {
    __extension__ union {
        __extension__ struct {
            VARTYPE vt;
            WORD wReserved1;
            WORD wReserved2;
            WORD wReserved3;
            __extension__ union {
                LONGLONG llVal;
                LONG lVal;
                BYTE bVal;
                SHORT iVal;
                FLOAT fltVal;
                DOUBLE dblVal;
                VARIANT_BOOL boolVal;
                SCODE scode;
                CY cyVal;
                DATE date;
                BSTR bstrVal;
                IUnknown *punkVal;
                IDispatch *pdispVal;
                SAFEARRAY *parray;
                BYTE *pbVal;
                SHORT *piVal;
                LONG *plVal;
                LONGLONG *pllVal;
                FLOAT *pfltVal;
                DOUBLE *pdblVal;
                VARIANT_BOOL *pboolVal;
                SCODE *pscode;
                CY *pcyVal;
                DATE *pdate;
                BSTR *pbstrVal;
                IUnknown **ppunkVal;
                IDispatch **ppdispVal;
                SAFEARRAY **pparray;
                VARIANT *pvarVal;
                PVOID byref;
                CHAR cVal;
                USHORT uiVal;
                ULONG ulVal;
                ULONGLONG ullVal;
                INT intVal;
                UINT uintVal;
                DECIMAL *pdecVal;
                CHAR *pcVal;
                USHORT *puiVal;
                ULONG *pulVal;
                ULONGLONG *pullVal;
                INT *pintVal;
                UINT *puintVal;
                __extension__ struct { PVOID pvRecord; IRecordInfo *pRecInfo; };
            };
        };
        DECIMAL decVal;
    };
};

#define V_VT(p) ((p)->vt)
#define V_BSTR(p) ((p)->bstrVal)
#define V_BOOL(p) ((p)->boolVal)
#define V_I2(p) ((p)->iVal)
#define V_I4(p) ((p)->lVal)
#define V_I8(p) ((p)->llVal)
#define V_INT(p) ((p)->intVal)
#define V_UI1(p) ((p)->bVal)
#define V_UI2(p) ((p)->uiVal)
#define V_UI4(p) ((p)->ulVal)
#define V_UI8(p) ((p)->ullVal)
#define V_UINT(p) ((p)->uintVal)
#define V_UNKNOWN(p) ((p)->punkVal)

/* ---- BSTR -------------------------------------------------------------------------------------------------------- */

typedef struct iis_bstr {
    UINT reserved;
    UINT bytes;                              /* of data, without the NUL */
} iis_bstr;

/* data may be NULL: the characters are then zeroes. NULL when there is no memory. */
static inline BSTR SysAllocStringByteLen(LPCSTR data, UINT bytes)
{
    iis_bstr *head = bytes > 0x7fffffffU ? NULL : (iis_bstr *)calloc(1, sizeof(*head) + bytes + sizeof(OLECHAR));

    if (!head)
        return NULL;
    head->bytes = bytes;
    if (data)
        memcpy(head + 1, data, bytes);
    return (BSTR)(head + 1);
}

static inline BSTR SysAllocStringLen(const OLECHAR *text, UINT characters)
{
    if (characters > 0x7fffffffU / sizeof(OLECHAR))
        return NULL;
    return SysAllocStringByteLen((LPCSTR)text, characters * (UINT)sizeof(OLECHAR));
}

static inline BSTR SysAllocString(const OLECHAR *text)
{
    size_t length = text ? wcslen(text) : 0;

    return text && length <= 0x7fffffffU ? SysAllocStringLen(text, (UINT)length) : NULL;
}

static inline void SysFreeString(BSTR text)
{
    if (text)
        free((iis_bstr *)(void *)text - 1);
}

/* A NULL BSTR is an empty one. */
static inline UINT SysStringByteLen(BSTR text)
{
    return text ? ((const iis_bstr *)(const void *)text - 1)->bytes : 0;
}

static inline UINT SysStringLen(BSTR text)
{
    return SysStringByteLen(text) / (UINT)sizeof(OLECHAR);
}

static inline INT SysReAllocStringLen(BSTR *text, const OLECHAR *with, UINT characters)
{
    BSTR made = SysAllocStringLen(with, characters);

    if (!made)
        return FALSE;
    SysFreeString(*text);
    *text = made;
    return TRUE;
}

static inline INT SysReAllocString(BSTR *text, const OLECHAR *with)
{
    BSTR made = SysAllocString(with);

    if (!made)
        return FALSE;
    SysFreeString(*text);
    *text = made;
    return TRUE;
}

/* ---- the memory of VARIANTs and arrays --------------------------------------------------------------------------- */

#define FADF_AUTO 0x0001
#define FADF_STATIC 0x0002
#define FADF_FIXEDSIZE 0x0010
#define FADF_HAVEVARTYPE 0x0080
#define FADF_BSTR 0x0100
#define FADF_UNKNOWN 0x0200
#define FADF_DISPATCH 0x0400
#define FADF_VARIANT 0x0800
#define DISP_E_ARRAYISLOCKED ((HRESULT)0x8002000DU)

/* Stands in front of a SAFEARRAY that SafeArrayCreate made (iis_variant.h); its memory comes from malloc. */
typedef struct iis_array_head {
    ULONG reserved[3];
    ULONG type;
} iis_array_head;

static inline HRESULT VariantClear(VARIANT *variant);

static inline void VariantInit(VARIANT *variant)
{
    memset(variant, 0, sizeof(*variant));
}

static inline void iis_unknown_add_ref(IUnknown *unknown)
{
#ifdef __cplusplus
    unknown->AddRef();
#else
    unknown->lpVtbl->AddRef(unknown);
#endif
}

static inline void iis_unknown_release(IUnknown *unknown)
{
#ifdef __cplusplus
    unknown->Release();
#else
    unknown->lpVtbl->Release(unknown);
#endif
}

static inline size_t iis_array_count(const SAFEARRAY *array)
{
    size_t count = 1;
    USHORT i;

    for (i = 0; i < array->cDims; i++)
        count *= array->rgsabound[i].cElements;
    return array->cDims ? count : 0;
}

static inline void iis_element_clear(const SAFEARRAY *array, void *element)
{
    if (array->fFeatures & FADF_BSTR)
        SysFreeString(*(BSTR *)element);
    else if (array->fFeatures & FADF_VARIANT)
        VariantClear((VARIANT *)element);
    else if ((array->fFeatures & (FADF_UNKNOWN | FADF_DISPATCH)) && *(IUnknown **)element)
        iis_unknown_release(*(IUnknown **)element);
    memset(element, 0, array->cbElements);
}

/* DISP_E_ARRAYISLOCKED while somebody uses its data. */
static inline HRESULT SafeArrayDestroy(SAFEARRAY *array)
{
    size_t i, count;

    if (!array)
        return S_OK;
    if (array->cLocks)
        return DISP_E_ARRAYISLOCKED;
    count = iis_array_count(array);
    for (i = 0; i < count; i++)
        iis_element_clear(array, (char *)array->pvData + i * array->cbElements);
    free(array->pvData);
    free((iis_array_head *)(void *)array - 1);
    return S_OK;
}

/* Frees what the value owns. A failure leaves it as it is. */
static inline HRESULT VariantClear(VARIANT *variant)
{
    HRESULT hr = S_OK;

    if (variant->vt & VT_BYREF)
        hr = S_OK;
    else if (variant->vt & VT_ARRAY)
        hr = SafeArrayDestroy(variant->parray);
    else if (variant->vt == VT_BSTR)
        SysFreeString(variant->bstrVal);
    else if ((variant->vt == VT_UNKNOWN || variant->vt == VT_DISPATCH) && variant->punkVal)
        iis_unknown_release(variant->punkVal);
    if (SUCCEEDED(hr))
        VariantInit(variant);
    return hr;
}

#endif /* IIS_AUTOMATION_H */
