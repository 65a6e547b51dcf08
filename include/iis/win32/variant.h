/*
 * win32/variant.h - _variant_t, on iis_variant.h. `int` and LONG are one type here, so both become VT_I4.
 * Page: "_variant_t class".
 */
#ifndef IIS_WIN32_VARIANT_H
#define IIS_WIN32_VARIANT_H

#include "../iis_variant.h"
#include "bstr.h"
#include "safearray.h"

#define DISP_E_PARAMNOTFOUND ((HRESULT)0x80020004U)
#define V_R4(p) ((p)->fltVal)
#define V_R8(p) ((p)->dblVal)
#define V_ERROR(p) ((p)->scode)
#define V_DISPATCH(p) ((p)->pdispVal)
#define V_ARRAY(p) ((p)->parray)
#define V_ISARRAY(p) ((p)->vt & VT_ARRAY)
#define V_ISBYREF(p) ((p)->vt & VT_BYREF)

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
