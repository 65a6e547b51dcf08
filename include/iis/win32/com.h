/*
 * win32/com.h - COM's start and end, which do nothing here, and _com_ptr_t for interfaces of the server and of the
 * module. There are no COM servers, so CoCreateInstance is not declared. Page: "_com_ptr_t class".
 */
#ifndef IIS_WIN32_COM_H
#define IIS_WIN32_COM_H

#include "bstr.h"
#include "guid.h"

#define COINIT_APARTMENTTHREADED 0x2
#define COINIT_MULTITHREADED 0x0
#define COINIT_DISABLE_OLE1DDE 0x4
#define COINIT_SPEED_OVER_MEMORY 0x8
#define RPC_E_CHANGED_MODE ((HRESULT)0x80010106U)
#define CLSCTX_INPROC_SERVER 0x1
#define CLSCTX_INPROC_HANDLER 0x2
#define CLSCTX_LOCAL_SERVER 0x4
#define CLSCTX_REMOTE_SERVER 0x10
#define CLSCTX_INPROC (CLSCTX_INPROC_SERVER | CLSCTX_INPROC_HANDLER)
#define CLSCTX_SERVER (CLSCTX_INPROC_SERVER | CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER)
#define CLSCTX_ALL (CLSCTX_INPROC_HANDLER | CLSCTX_SERVER)

#ifndef interface
#define interface struct
#endif
#define STDMETHODIMP HRESULT STDMETHODCALLTYPE
#define STDMETHODIMP_(type) type STDMETHODCALLTYPE
#define STDMETHOD(method) virtual HRESULT STDMETHODCALLTYPE method
#define STDMETHOD_(type, method) virtual type STDMETHODCALLTYPE method
#define IFACEMETHODIMP STDMETHODIMP
#define IFACEMETHODIMP_(type) STDMETHODIMP_(type)
#define IFACEMETHOD(method) STDMETHOD(method)
#define IFACEMETHOD_(type, method) STDMETHOD_(type, method)
#define STDAPI EXTERN_C HRESULT STDAPICALLTYPE
#define STDAPI_(type) EXTERN_C type STDAPICALLTYPE
#ifndef PURE
#define PURE = 0
#endif
#define THIS_
#define THIS void
#define DECLARE_INTERFACE(name) struct DECLSPEC_NOVTABLE name
#define DECLARE_INTERFACE_(name, base) struct DECLSPEC_NOVTABLE name : public base

/* S_OK for the first call of a thread, S_FALSE for those that follow. */
IIS_API LONG &iis_com_depth()
{
    static thread_local LONG depth;
    return depth;
}
IIS_API HRESULT WINAPI CoInitializeEx(LPVOID, DWORD) { return iis_com_depth()++ ? S_FALSE : S_OK; }
IIS_API HRESULT WINAPI CoInitialize(LPVOID) { return CoInitializeEx(NULL, COINIT_APARTMENTTHREADED); }
IIS_API void WINAPI CoUninitialize()
{
    if (iis_com_depth() > 0)
        iis_com_depth()--;
}
IIS_API HRESULT WINAPI OleInitialize(LPVOID) { return CoInitializeEx(NULL, 0); }
IIS_API void WINAPI OleUninitialize() { CoUninitialize(); }

template <typename T> struct _com_IIID { /* not I, a macro of <complex.h> */
    typedef T Interface;
    static const GUID &GetIID() { return iis_uuid<T>::get(); }
};

/* Owns one reference. Using a NULL one throws a _com_error, E_POINTER. */
template <typename T> class _com_ptr_t {
public:
    typedef typename T::Interface Interface;
    _com_ptr_t() noexcept : m_p(NULL) {}
    _com_ptr_t(std::nullptr_t) noexcept : m_p(NULL) {}
    _com_ptr_t(Interface *p) : m_p(p) { if (p) p->AddRef(); }
    _com_ptr_t(Interface *p, bool add) : m_p(p) { if (p && add) p->AddRef(); }
    _com_ptr_t(const _com_ptr_t &other) : m_p(other.m_p) { if (m_p) m_p->AddRef(); }
    template <typename O> _com_ptr_t(const _com_ptr_t<O> &other) : m_p(NULL) { Query(other.GetInterfacePtr()); }
    ~_com_ptr_t() { Release_(); }
    _com_ptr_t &operator=(const _com_ptr_t &other) { return *this = other.m_p; }
    _com_ptr_t &operator=(Interface *p)
    {
        if (p)
            p->AddRef();
        Release_();
        m_p = p;
        return *this;
    }
    _com_ptr_t &operator=(std::nullptr_t) { Release_(); return *this; }
    template <typename O> _com_ptr_t &operator=(const _com_ptr_t<O> &other)
    {
        Query(other.GetInterfacePtr());
        return *this;
    }

    operator Interface *() const noexcept { return m_p; }
    Interface *operator->() const
    {
        if (!m_p)
            iis_throw_com_error(E_POINTER);
        return m_p;
    }
    Interface &operator*() const { return *operator->(); }
    /* For out-parameters: what it had is released. */
    Interface **operator&()
    {
        Release_();
        return &m_p;
    }
    operator bool() const noexcept { return m_p != NULL; }
    bool operator!() const noexcept { return !m_p; }
    Interface *GetInterfacePtr() const noexcept { return m_p; }
    Interface *&GetInterfacePtr() noexcept { return m_p; }
    void Attach(Interface *p) { Release_(); m_p = p; }
    void Attach(Interface *p, bool add) { if (p && add) p->AddRef(); Attach(p); }
    Interface *Detach() noexcept { Interface *p = m_p; m_p = NULL; return p; }
    void AddRef() { operator->()->AddRef(); }
    void Release() { operator->(); Release_(); }
    template <typename Q> HRESULT QueryInterface(const IID &iid, Q **pp)
    {
        return m_p ? m_p->QueryInterface(iid, reinterpret_cast<void **>(pp)) : E_POINTER;
    }

private:
    void Release_()
    {
        Interface *p = m_p;
        m_p = NULL;
        if (p)
            p->Release();
    }
    void Query(IUnknown *p)
    {
        void *found = NULL;
        if (p && FAILED(p->QueryInterface(T::GetIID(), &found)))
            found = NULL;
        Attach(static_cast<Interface *>(found));
    }
    Interface *m_p;
};
#define _COM_SMARTPTR _com_ptr_t
#define _COM_SMARTPTR_TYPEDEF(Interface, aIID) typedef _com_ptr_t<_com_IIID<Interface> > Interface##Ptr

#endif /* IIS_WIN32_COM_H */
