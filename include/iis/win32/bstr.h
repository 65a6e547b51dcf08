/*
 * win32/bstr.h - _bstr_t, _com_error and what raises one: comutil.h and comdef.h.
 *
 * A _bstr_t is a std::wstring and a std::string as well, so that `std::wstring s = bstr;` and `std::wstring s(bstr);`,
 * both usual with MSVC, are no ambiguity. What is written through GetAddress or GetBSTR is taken over at the end of that statement.
 * The char form is UTF-8. Pages: "_bstr_t class", "_com_error class".
 */
#ifndef IIS_WIN32_BSTR_H
#define IIS_WIN32_BSTR_H

#include "../iis_automation.h"
#include "log.h"
#include "messages.h"

class _com_error;
[[noreturn]] IIS_API void iis_throw_com_error(HRESULT hr);

/* The allocation of MSVC's: a BSTR and its length, or NULL. */
IIS_API BSTR iis_new_bstr(const wchar_t *text, size_t length)
{
    BSTR made = SysAllocStringLen(text, (UINT)length);
    if (!made)
        iis_throw_com_error(E_OUTOFMEMORY);
    return made;
}

namespace _com_util {
IIS_API BSTR ConvertStringToBSTR(const char *text)
{
    if (!text)
        return NULL;
    std::wstring wide = iis_widen(text);
    return iis_new_bstr(wide.data(), wide.size());
}
/* Freed with delete[]. */
IIS_API char *ConvertBSTRToString(BSTR text)
{
    if (!text)
        return NULL;
    std::string narrow = iis_narrow(text, SysStringLen(text));
    char *made = new char[narrow.size() + 1];
    memcpy(made, narrow.c_str(), narrow.size() + 1);
    return made;
}
}

class _bstr_t : public std::wstring, public std::string {
public:
    /* Lives until the end of the statement, and takes over what was written meanwhile. */
    class Address {
    public:
        explicit Address(_bstr_t &of) : m_of(of) {}
        ~Address() { m_of.Read(); }
        operator BSTR *() const { return &m_of.m_bstr; }
        operator BSTR &() const { return m_of.m_bstr; }
        BSTR *operator&() const { return &m_of.m_bstr; }
        Address &operator=(BSTR text) { m_of.m_bstr = text; return *this; }
    private:
        _bstr_t &m_of;
    };

    _bstr_t() noexcept : m_bstr(NULL) {}
    _bstr_t(const _bstr_t &other) : std::wstring(), std::string(), m_bstr(NULL) { Copy(other.m_bstr); }
    _bstr_t(const char *text) : m_bstr(_com_util::ConvertStringToBSTR(text)) { Read(); }
    _bstr_t(const wchar_t *text) : m_bstr(text ? iis_new_bstr(text, wcslen(text)) : NULL) { Read(); }
    _bstr_t(BSTR text, bool copy) : m_bstr(NULL) { copy ? Copy(text) : Attach(text); }
    ~_bstr_t() { SysFreeString(m_bstr); }

    _bstr_t &operator=(const _bstr_t &other) { if (this != &other) Copy(other.m_bstr); return *this; }
    _bstr_t &operator=(const char *text) { Attach(_com_util::ConvertStringToBSTR(text)); return *this; }
    _bstr_t &operator=(const wchar_t *text)
    {
        Attach(text ? iis_new_bstr(text, wcslen(text)) : NULL);
        return *this;
    }

    operator const wchar_t *() const noexcept { return m_bstr; }
    operator wchar_t *() const noexcept { return m_bstr; }
    operator const char *() const noexcept { return Narrow(); }
    operator char *() const noexcept { return const_cast<char *>(Narrow()); }
    bool operator!() const noexcept { return !m_bstr; }

    _bstr_t &operator+=(const _bstr_t &more) { return Join(more.m_bstr, more.length()); }
    _bstr_t &operator+=(const wchar_t *more) { return Join(more, more ? wcslen(more) : 0); }
    _bstr_t &operator+=(const char *more) { return *this += _bstr_t(more); }
    _bstr_t operator+(const _bstr_t &more) const { _bstr_t sum(*this); return sum += more; }
    _bstr_t operator+(const wchar_t *more) const { _bstr_t sum(*this); return sum += more; }
    _bstr_t operator+(const char *more) const { _bstr_t sum(*this); return sum += more; }
    friend _bstr_t operator+(const wchar_t *left, const _bstr_t &right) { return _bstr_t(left) + right; }
    friend _bstr_t operator+(const char *left, const _bstr_t &right) { return _bstr_t(left) + right; }

    /* An empty one and NULL are equal, as for VarBstrCmp. */
    bool operator==(const _bstr_t &other) const { return Compare(other) == 0; }
    bool operator!=(const _bstr_t &other) const { return Compare(other) != 0; }
    bool operator<(const _bstr_t &other) const { return Compare(other) < 0; }
    bool operator>(const _bstr_t &other) const { return Compare(other) > 0; }
    bool operator<=(const _bstr_t &other) const { return Compare(other) <= 0; }
    bool operator>=(const _bstr_t &other) const { return Compare(other) >= 0; }
    bool operator==(const wchar_t *other) const { return std::wstring::compare(other ? other : L"") == 0; }
    bool operator!=(const wchar_t *other) const { return !(*this == other); }
    bool operator==(const char *other) const { return *this == _bstr_t(other); }
    bool operator!=(const char *other) const { return !(*this == other); }

    unsigned length() const noexcept { return SysStringLen(m_bstr); }
    BSTR copy(bool always = true) const { return m_bstr || always ? iis_new_bstr(m_bstr ? m_bstr : L"", length()) : NULL; }
    BSTR Detach()
    {
        if (!m_bstr)
            iis_throw_com_error(E_POINTER);
        BSTR given = m_bstr;
        m_bstr = NULL;
        Read();
        return given;
    }
    void Attach(BSTR text)
    {
        SysFreeString(m_bstr);
        m_bstr = text;
        Read();
    }
    void Assign(BSTR text) { Copy(text); }
    Address GetBSTR() { return Address(*this); }
    Address GetAddress()
    {
        Attach(NULL);
        return Address(*this);
    }

private:
    int Compare(const _bstr_t &other) const { return std::wstring::compare(other); }
    void Copy(BSTR text)
    {
        BSTR made = text ? iis_new_bstr(text, SysStringLen(text)) : NULL;
        Attach(made);
    }
    void Read()
    {
        std::wstring::assign(m_bstr ? m_bstr : L"", SysStringLen(m_bstr));
        std::string::operator=(iis_narrow(m_bstr ? m_bstr : L"", SysStringLen(m_bstr)));
    }
    const char *Narrow() const noexcept { return m_bstr ? std::string::c_str() : NULL; }
    _bstr_t &Join(const wchar_t *more, size_t count)
    {
        if (count) {
            std::wstring sum(m_bstr ? m_bstr : L"", length());
            sum.append(more, count);
            Attach(iis_new_bstr(sum.data(), sum.size()));
        }
        return *this;
    }

    BSTR m_bstr;
};

/* ---- _com_error -------------------------------------------------------------------------------------------------- */

IIS_DECLARE(IErrorInfo);

class _com_error {
public:
    _com_error(HRESULT hr, IErrorInfo * = NULL, bool = false) : m_hr(hr) {}
    virtual ~_com_error() {}

    HRESULT Error() const noexcept { return m_hr; }
    /* 0 unless it came from WCodeToHRESULT. */
    WORD WCode() const noexcept
    {
        return m_hr >= (HRESULT)0x80040200U && m_hr <= (HRESULT)0x8004FFFFU ? (WORD)(m_hr - (HRESULT)0x80040200U) : 0;
    }
    const TCHAR *ErrorMessage() const
    {
        if (m_message.empty()) {
            const char *known = iis_message_of((DWORD)m_hr);
            char text[40];
            snprintf(text, sizeof(text), "Unknown error 0x%08X", (unsigned)m_hr);
            m_message = iis_as(known ? known : text, (const TCHAR *)NULL);
        }
        return m_message.c_str();
    }
    IErrorInfo *ErrorInfo() const noexcept { return NULL; }
    /* There is no IErrorInfo here: empty. */
    _bstr_t Description() const { return _bstr_t(); }
    _bstr_t Source() const { return _bstr_t(); }
    _bstr_t HelpFile() const { return _bstr_t(); }
    DWORD HelpContext() const noexcept { return 0; }
    GUID GUID_() const noexcept { return GUID(); }

    static HRESULT WCodeToHRESULT(WORD code) noexcept
    {
        return code >= 0xfe00 ? (HRESULT)0x8004FFFFU : (HRESULT)(0x80040200U + code);
    }
    static WORD HRESULTToWCode(HRESULT hr) noexcept { return _com_error(hr).WCode(); }

private:
    HRESULT m_hr;
    mutable std::basic_string<TCHAR> m_message;
};

/* A module that is compiled without exceptions ends here, and says why. */
[[noreturn]] IIS_API void iis_throw_com_error(HRESULT hr)
{
#ifdef __EXCEPTIONS
    throw _com_error(hr);
#else
    char text[80];
    snprintf(text, sizeof(text), "_com_error 0x%08X, and no exceptions: the process ends", (unsigned)hr);
    iis_log(IIS_LOG_ERROR, iis_module_name(), text);
    abort();
#endif
}
[[noreturn]] IIS_API void _com_issue_error(HRESULT hr) { iis_throw_com_error(hr); }
[[noreturn]] IIS_API void _com_raise_error(HRESULT hr, IErrorInfo * = NULL) { iis_throw_com_error(hr); }
namespace _com_util {
IIS_API void CheckError(HRESULT hr)
{
    if (FAILED(hr))
        iis_throw_com_error(hr);
}
}

#endif /* IIS_WIN32_BSTR_H */
