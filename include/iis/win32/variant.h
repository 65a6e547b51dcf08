/*
 * win32/variant.h - VariantCopy, VariantChangeType and _variant_t, for numbers, BOOL, strings and IUnknown.
 *
 * Conversions are those of the invariant locale: a point in fractions, "True" and "False" are not words but -1 and 0.
 * `int` and LONG are one type here, so both become VT_I4. Pages: "VariantChangeType function", "_variant_t class".
 */
#ifndef IIS_WIN32_VARIANT_H
#define IIS_WIN32_VARIANT_H

#include <math.h>

#include "safearray.h"

#define VARIANT_NOVALUEPROP 0x01
#define VARIANT_ALPHABOOL 0x02
#define DISP_E_PARAMNOTFOUND ((HRESULT)0x80020004U)
#define V_R4(p) ((p)->fltVal)
#define V_R8(p) ((p)->dblVal)
#define V_ERROR(p) ((p)->scode)
#define V_DISPATCH(p) ((p)->pdispVal)
#define V_ARRAY(p) ((p)->parray)
#define V_ISARRAY(p) ((p)->vt & VT_ARRAY)
#define V_ISBYREF(p) ((p)->vt & VT_BYREF)

IIS_API HRESULT WINAPI VariantCopy(VARIANT *to, const VARIANT *from)
{
    VARIANT made = *from;

    if (to == from)
        return S_OK;
    if (from->vt == VT_BSTR && from->bstrVal) {
        made.bstrVal = SysAllocStringByteLen((LPCSTR)from->bstrVal, SysStringByteLen(from->bstrVal));
        if (!made.bstrVal)
            return E_OUTOFMEMORY;
    }
    else if ((from->vt == VT_UNKNOWN || from->vt == VT_DISPATCH) && from->punkVal)
        from->punkVal->AddRef();
    else if ((from->vt & VT_ARRAY) && !(from->vt & VT_BYREF)) {
        HRESULT hr = SafeArrayCopy(from->parray, &made.parray);
        if (FAILED(hr))
            return hr;
    }
    HRESULT hr = VariantClear(to);
    if (FAILED(hr))
        return hr;
    *to = made;
    return S_OK;
}

/* What a VARIANT holds, as a number: an integer exactly, or a fraction. */
struct iis_number {
    bool whole;
    bool is_unsigned;
    long long integer;
    double fraction;
};

IIS_API HRESULT iis_number_of(const VARIANT *v, iis_number *to)
{
    to->whole = true;
    to->is_unsigned = v->vt == VT_UI8;
    switch (v->vt) {
    case VT_EMPTY: to->integer = 0; break;
    case VT_BOOL: to->integer = v->boolVal; break;
    case VT_I1: to->integer = (signed char)v->cVal; break;
    case VT_UI1: to->integer = v->bVal; break;
    case VT_I2: to->integer = v->iVal; break;
    case VT_UI2: to->integer = v->uiVal; break;
    case VT_I4: case VT_INT: case VT_ERROR: to->integer = v->lVal; break;
    case VT_UI4: case VT_UINT: to->integer = v->ulVal; break;
    case VT_I8: case VT_UI8: to->integer = v->llVal; break;
    case VT_R4: to->fraction = v->fltVal; to->whole = false; return S_OK;
    case VT_R8: case VT_DATE: to->fraction = v->dblVal; to->whole = false; return S_OK;
    case VT_BSTR: {
        wchar_t *end = NULL;
        const wchar_t *text = v->bstrVal ? v->bstrVal : L"";
        errno = 0;
        to->integer = wcstoll(text, &end, 10);
        if (*end || end == text || errno) {
            to->whole = false;
            to->fraction = wcstod(text, &end);
            if (*end || end == text)
                return DISP_E_TYPEMISMATCH;
        }
        break;
    }
    default: return DISP_E_TYPEMISMATCH;
    }
    if (to->whole)
        to->fraction = to->is_unsigned ? (double)(unsigned long long)to->integer : (double)to->integer;
    return S_OK;
}

/* Rounds halves to even, as Automation does. */
IIS_API HRESULT iis_integer_of(const iis_number &number, long long least, unsigned long long most, long long *to)
{
    if (number.whole && !number.is_unsigned) {
        *to = number.integer;
        return *to < least || (*to > 0 && (unsigned long long)*to > most) ? DISP_E_OVERFLOW : S_OK;
    }
    if (number.whole) {
        *to = number.integer;
        return (unsigned long long)number.integer > most ? DISP_E_OVERFLOW : S_OK;
    }
    double rounded = nearbyint(number.fraction);
    if (!(rounded >= (double)least && rounded <= (double)most && rounded < 18446744073709551616.0))
        return DISP_E_OVERFLOW;
    *to = rounded < 9223372036854775808.0 ? (long long)rounded : (long long)(unsigned long long)rounded;
    return S_OK;
}

IIS_API HRESULT iis_text_of(const VARIANT *v, USHORT flags, BSTR *to)
{
    char text[64];
    iis_number number;
    HRESULT hr = iis_number_of(v, &number);

    if (FAILED(hr))
        return hr;
    if (v->vt == VT_EMPTY)
        text[0] = 0;
    else if (v->vt == VT_BOOL && (flags & VARIANT_ALPHABOOL))
        strcpy(text, number.integer ? "True" : "False");
    else if (number.whole)
        snprintf(text, sizeof(text), number.is_unsigned ? "%llu" : "%lld", number.integer);
    else
        snprintf(text, sizeof(text), v->vt == VT_R4 ? "%.7G" : "%.15G", number.fraction);
    *to = SysAllocString(iis_widen(text).c_str());
    return *to ? S_OK : E_OUTOFMEMORY;
}

IIS_API HRESULT iis_bool_of(const VARIANT *v, VARIANT_BOOL *to)
{
    iis_number number;
    HRESULT hr = iis_number_of(v, &number);

    if (hr == DISP_E_TYPEMISMATCH && v->vt == VT_BSTR && v->bstrVal) {
        bool yes = !_wcsicmp(v->bstrVal, L"true") || !_wcsicmp(v->bstrVal, L"#TRUE#");
        if (yes || !_wcsicmp(v->bstrVal, L"false") || !_wcsicmp(v->bstrVal, L"#FALSE#")) {
            *to = yes ? VARIANT_TRUE : VARIANT_FALSE;
            return S_OK;
        }
    }
    if (SUCCEEDED(hr))
        *to = (number.whole ? number.integer != 0 : number.fraction != 0) ? VARIANT_TRUE : VARIANT_FALSE;
    return hr;
}

/* DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW, DISP_E_BADVARTYPE; dest stays as it was then. dest may be src. */
IIS_API HRESULT WINAPI VariantChangeType(VARIANT *dest, const VARIANT *src, USHORT flags, VARTYPE vt)
{
    VARIANT made;
    iis_number number;
    long long n = 0;
    HRESULT hr;

    VariantInit(&made);
    if (vt == src->vt)
        return VariantCopy(dest, src);
    if (vt & (VT_ARRAY | VT_BYREF))
        return DISP_E_TYPEMISMATCH;
    hr = vt == VT_BSTR ? iis_text_of(src, flags, &made.bstrVal) : vt == VT_BOOL ? iis_bool_of(src, &made.boolVal)
         : vt == VT_EMPTY || vt == VT_NULL ? DISP_E_TYPEMISMATCH : iis_number_of(src, &number);
    if (FAILED(hr))
        return hr;
    switch (vt) {
    case VT_BSTR: case VT_BOOL: break;
    case VT_I1: hr = iis_integer_of(number, -128, 127, &n); made.cVal = (CHAR)n; break;
    case VT_UI1: hr = iis_integer_of(number, 0, 255, &n); made.bVal = (BYTE)n; break;
    case VT_I2: hr = iis_integer_of(number, -32768, 32767, &n); made.iVal = (SHORT)n; break;
    case VT_UI2: hr = iis_integer_of(number, 0, 65535, &n); made.uiVal = (USHORT)n; break;
    case VT_I4: case VT_INT: hr = iis_integer_of(number, INT_MIN, INT_MAX, &n); made.lVal = (LONG)n; break;
    case VT_UI4: case VT_UINT: hr = iis_integer_of(number, 0, UINT_MAX, &n); made.ulVal = (ULONG)n; break;
    case VT_I8: hr = iis_integer_of(number, LLONG_MIN, LLONG_MAX, &n); made.llVal = n; break;
    case VT_UI8: hr = iis_integer_of(number, 0, ULLONG_MAX, &n); made.llVal = n; break;
    case VT_R4: made.fltVal = (FLOAT)number.fraction; break;
    case VT_R8: case VT_DATE: made.dblVal = number.fraction; break;
    default: return DISP_E_BADVARTYPE;
    }
    if (FAILED(hr))
        return hr;
    hr = VariantClear(dest);
    if (FAILED(hr))
        return hr;
    *dest = made;
    dest->vt = vt;
    return S_OK;
}

/* ---- _variant_t -------------------------------------------------------------------------------------------------- */

class _variant_t : public VARIANT {
public:
    _variant_t() noexcept { VariantInit(this); }
    _variant_t(const VARIANT &other) { VariantInit(this); Copy(other); }
    _variant_t(const VARIANT *other) { VariantInit(this); Copy(*other); }
    _variant_t(const _variant_t &other) : VARIANT() { VariantInit(this); Copy(other); }
    _variant_t(VARIANT &other, bool copy) { VariantInit(this); copy ? Copy(other) : Attach(other); }
    _variant_t(short value, VARTYPE type = VT_I2) { Number(type, value); }
    _variant_t(int value, VARTYPE type = VT_I4) { Number(type, value); }
    _variant_t(long value, VARTYPE type = VT_I4) { Number(value < INT_MIN || value > INT_MAX ? (VARTYPE)VT_I8 : type, value); }
    _variant_t(long long value) { Number(VT_I8, value); }
    _variant_t(char value) { Number(VT_I1, value); }
    _variant_t(BYTE value) { Number(VT_UI1, value); }
    _variant_t(unsigned short value) { Number(VT_UI2, value); }
    _variant_t(unsigned value) { Number(VT_UI4, value); }
    _variant_t(unsigned long value) { Number(value > UINT_MAX ? VT_UI8 : VT_UI4, (long long)value); }
    _variant_t(unsigned long long value) { Number(VT_UI8, (long long)value); }
    _variant_t(bool value) { Number(VT_BOOL, value ? VARIANT_TRUE : VARIANT_FALSE); }
    _variant_t(float value) { VariantInit(this); vt = VT_R4; fltVal = value; }
    _variant_t(double value, VARTYPE type = VT_R8) { VariantInit(this); vt = type; dblVal = value; }
    _variant_t(const _bstr_t &text) { Text(text.copy(false)); }
    _variant_t(const wchar_t *text) { Text(text ? iis_new_bstr(text, wcslen(text)) : NULL); }
    _variant_t(const char *text) { Text(_com_util::ConvertStringToBSTR(text)); }
    _variant_t(IUnknown *unknown, bool add = true)
    {
        VariantInit(this);
        vt = VT_UNKNOWN;
        punkVal = unknown;
        if (unknown && add)
            unknown->AddRef();
    }
    ~_variant_t() { VariantClear(this); }

    _variant_t &operator=(const _variant_t &other) { Copy(other); return *this; }
    _variant_t &operator=(const VARIANT &other) { Copy(other); return *this; }
    template <typename V> _variant_t &operator=(const V &value)
    {
        _variant_t made(value);
        Attach(made);
        return *this;
    }

    operator short() const { return As(VT_I2).iVal; }
    operator int() const { return As(VT_I4).lVal; }
    operator long() const { return As(VT_I4).lVal; }
    operator long long() const { return As(VT_I8).llVal; }
    operator BYTE() const { return As(VT_UI1).bVal; }
    operator unsigned short() const { return As(VT_UI2).uiVal; }
    operator unsigned() const { return As(VT_UI4).ulVal; }
    operator unsigned long() const { return As(VT_UI4).ulVal; }
    operator unsigned long long() const { return As(VT_UI8).ullVal; }
    operator float() const { return As(VT_R4).fltVal; }
    operator double() const { return As(VT_R8).dblVal; }
    operator bool() const { return As(VT_BOOL).boolVal != VARIANT_FALSE; }
    operator _bstr_t() const
    {
        _variant_t text = As(VT_BSTR);
        return _bstr_t(text.bstrVal, true);
    }

    bool operator==(const VARIANT &other) const
    {
        if (vt != other.vt)
            return false;
        if (vt == VT_BSTR)
            return SysStringByteLen(bstrVal) == SysStringByteLen(other.bstrVal)
                   && !memcmp(bstrVal ? bstrVal : L"", other.bstrVal ? other.bstrVal : L"", SysStringByteLen(bstrVal));
        return vt == VT_EMPTY || vt == VT_NULL || llVal == other.llVal;
    }
    bool operator!=(const VARIANT &other) const { return !(*this == other); }

    void Clear() { _com_util::CheckError(VariantClear(this)); }
    void Attach(VARIANT &other)
    {
        Clear();
        static_cast<VARIANT &>(*this) = other;
        other.vt = VT_EMPTY;
    }
    VARIANT Detach()
    {
        VARIANT given = *this;
        vt = VT_EMPTY;
        return given;
    }
    VARIANT &GetVARIANT() noexcept { return *this; }
    VARIANT *GetAddress()
    {
        Clear();
        return this;
    }
    void ChangeType(VARTYPE type, const _variant_t *source = NULL)
    {
        _com_util::CheckError(VariantChangeType(this, source ? source : this, 0, type));
    }

private:
    void Copy(const VARIANT &other) { _com_util::CheckError(VariantCopy(this, &other)); }
    void Number(VARTYPE type, long long value) { VariantInit(this); vt = type; llVal = value; }
    void Text(BSTR text) { VariantInit(this); vt = VT_BSTR; bstrVal = text; }
    _variant_t As(VARTYPE type) const
    {
        _variant_t made;
        made.ChangeType(type, this);
        return made;
    }
};

#endif /* IIS_WIN32_VARIANT_H */
