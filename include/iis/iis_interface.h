/*
 * iis_interface.h - one text for two languages.
 *
 * COM's idiom: in C++ an interface is a class of pure virtuals, in C a pointer to a table of functions. Both read the
 * same lines of httpserv.h, and both agree because the Itanium C++ ABI numbers virtuals in order of declaration:
 *
 *     #undef INTERFACE
 *     #define INTERFACE IHttpResponse2
 *     IIS_BEGIN_DERIVED(IHttpResponse2, IHttpResponse)
 *         IIS_METHOD_AS(HRESULT, Flush, FlushWithCallback)(IIS_THIS_ BOOL fAsync, ..., BOOL *pf IIS_DEFAULT(NULL)) IIS_PURE;
 *     IIS_END(IHttpResponse2)
 *
 * In C that is struct IHttpResponse2Vtbl { struct IHttpResponseVtbl base; HRESULT (*FlushWithCallback)(...); } and an
 * IHttpResponse2 whose only member is lpVtbl. `This` has the type of the interface that introduces the method.
 *
 *   IIS_METHOD(ret, name)             a method
 *   IIS_METHOD_AS(ret, name, c_name)  an overload: C needs a name of its own
 *   IIS_THIS_ / IIS_THIS              the implied first parameter, with and without others after it
 *   IIS_DEFAULT(v), IIS_CONST         exist in C++ only
 *   IIS_CPP(text)                     a line that exists in C++ only: never a virtual
 *
 * C++ looks at the two words in front of a table for dynamic_cast and typeid: offset to top, and type information. An
 * object made in C must have them; IIS_VTBL_HEADER is their type, and the type information comes with the handshake.
 */
#ifndef IIS_INTERFACE_H
#define IIS_INTERFACE_H

#include <stddef.h>

#include "iis_basetypes.h"

#ifdef __cplusplus

#define IIS_DECLARE(name) class name
#define IIS_BEGIN(name) class name { public:
#define IIS_BEGIN_DERIVED(name, parent) class name : public parent { public:
#define IIS_METHOD(ret, name) virtual ret name
#define IIS_METHOD_AS(ret, name, c_name) virtual ret name
#define IIS_THIS
#define IIS_THIS_
#define IIS_CONST const
#define IIS_PURE = 0
#define IIS_DEFAULT(value) = value
#define IIS_CPP(...) __VA_ARGS__
#define IIS_END(name) };

#else

#define IIS_DECLARE(name) typedef struct name name
#define IIS_BEGIN(name) struct name##Vtbl {
#define IIS_BEGIN_DERIVED(name, parent) struct name##Vtbl { struct parent##Vtbl base;
#define IIS_METHOD(ret, name) ret (*name)
#define IIS_METHOD_AS(ret, name, c_name) ret (*c_name)
#define IIS_THIS INTERFACE *This
#define IIS_THIS_ INTERFACE *This,
#define IIS_CONST
#define IIS_PURE
#define IIS_DEFAULT(value)
#define IIS_CPP(...)
#define IIS_END(name) }; struct name { const struct name##Vtbl *lpVtbl; };

#endif

typedef struct iis_vtbl_header {
    ptrdiff_t offset_to_top;
    const void *typeinfo;
} iis_vtbl_header;
#define IIS_VTBL_HEADER iis_vtbl_header

/*
 * __uuidof(Type), __uuidof(object) and __uuidof(pointer) give a const GUID &, for compilers that have none. A type of
 * one's own joins in with IIS_DEFINE_UUID(Type, ...), after its declaration, where Windows has __declspec(uuid("...")).
 */
#ifdef __cplusplus

template <typename T> struct iis_uuid;
template <typename T> struct iis_uuid<T *> : iis_uuid<T> {};
template <typename T> struct iis_uuid<T &> : iis_uuid<T> {};
template <typename T> struct iis_uuid<const T> : iis_uuid<T> {};

#ifdef __uuidof
#undef __uuidof
#endif
#define __uuidof(x) (iis_uuid<__typeof__(x)>::get())

#define IID_PPV_ARGS(pp) __uuidof(**(pp)), reinterpret_cast<void **>(pp)

/* A function, and a constant of each file: no static member that two modules could come to share. */
#define IIS_DEFINE_UUID(type, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
    DEFINE_GUID(IID_##type, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8); \
    template <> struct iis_uuid<type> { static const GUID &get() { return IID_##type; } }

#else

#define IIS_DEFINE_UUID(type, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
    DEFINE_GUID(IID_##type, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)

#endif

#endif /* IIS_INTERFACE_H */
