/* apphost_com.c: what all configuration objects have in common: counting
 * references, giving out strings and values, and understanding an index.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <apr_atomic.h>
#include "iface/apphost.h"
#include "iface/apphost_admin.h"
#include "core/wide.h"

/* --- IUnknown ----------------------------------------------------------- */

static iisr_com_t *object_of(const void *iface)
{
    return (iisr_com_t *)iface;
}

HRESULT iisr_com_QueryInterface(IUnknown *This, REFIID riid,
                                   void **ppvObject)
{
    const iisr_com_class_t *class = object_of(This)->class;

    if (!ppvObject) {
        return E_POINTER;
    }
    if (riid && (IsEqualIID(riid, &IID_IUnknown)
                 || IsEqualIID(riid, class->id)
                 || (class->base && IsEqualIID(riid, class->base)))) {
        iisr_com_AddRef(This);
        *ppvObject = This;
        return S_OK;
    }
    *ppvObject = NULL;
    return E_NOINTERFACE;
}

ULONG iisr_com_AddRef(IUnknown *This)
{
    return apr_atomic_inc32(&object_of(This)->references) + 1;
}

/* The manager is part of its pool: its references are only counted. */
ULONG iisr_com_Release(IUnknown *This)
{
    iisr_com_t *object = object_of(This);
    ULONG left = apr_atomic_add32(&object->references, (apr_uint32_t)-1) - 1;

    if (!left && object != &object->admin->manager) {
        apr_atomic_dec32(&object->admin->objects);
        free(object);
    }
    return left;
}

HRESULT iisr_com_give(void *parent, const iisr_com_class_t *class,
                         const void *subject, void *out)
{
    iisr_com_t *object;

    if (!out) {
        return IISR_BAD_PARAMETER;
    }
    *(void **)out = NULL;
    if (!subject) {
        return IISR_BAD_INDEX;
    }
    if (!(object = malloc(sizeof(*object)))) {
        return E_OUTOFMEMORY;
    }
    object->lpVtbl = class->vptr;
    object->class = class;
    object->admin = object_of(parent)->admin;
    object->subject = subject;
    object->references = 1;
    apr_atomic_inc32(&object->admin->objects);
    *(void **)out = object;
    return S_OK;
}

const void *iisr_com_subject(const void *object)
{
    return object_of(object)->subject;
}

iisr_admin_t *iisr_com_admin(const void *object)
{
    return object_of(object)->admin;
}

HRESULT iisr_refuse_write(const void *object)
{
    iisr_admin_t *admin = object_of(object)->admin;

    if (!apr_atomic_xchg32(&admin->said_write, 1)) {
        admin->log(admin->baton, IISR_LOG_WARNING, "IISR0701",
                   "a module wants to change the configuration, which is "
                   "read-only here (said once)");
    }
    return E_NOTIMPL;
}

/* --- strings and values ------------------------------------------------- */

static BSTR make_bstr(const char *utf8)
{
    BSTR text = SysAllocStringLen(NULL, (UINT)strlen(utf8));

    if (text) {
        /* All zeroes so far: what it grows shorter by ends it. */
        ((iis_bstr *)(void *)text - 1)->bytes =
            (UINT)(iisr_widen_into(utf8, text) * sizeof(*text));
    }
    return text;
}

HRESULT iisr_give_bstr(const char *utf8, BSTR *out)
{
    if (!out) {
        return IISR_BAD_PARAMETER;
    }
    *out = make_bstr(utf8 ? utf8 : "");
    return *out ? S_OK : E_OUTOFMEMORY;
}

HRESULT iisr_give_bool(int value, VARIANT_BOOL *out)
{
    if (!out) {
        return IISR_BAD_PARAMETER;
    }
    *out = value ? VARIANT_TRUE : VARIANT_FALSE;
    return S_OK;
}

HRESULT iisr_give_count(int count, DWORD *out)
{
    if (!out) {
        return IISR_BAD_PARAMETER;
    }
    *out = (DWORD)count;
    return S_OK;
}

HRESULT iisr_no_metadata(VARIANT *out)
{
    if (!out) {
        return IISR_BAD_PARAMETER;
    }
    VariantInit(out);
    return IISR_NO_METADATA;
}

/* By iisr_type_e.  A time span is in units of 100 ns. */
static const VARTYPE variant_types[] = {
    VT_BSTR, VT_BOOL, VT_I4, VT_UI4, VT_I8, VT_I4, VT_I4, VT_UI8
};

HRESULT iisr_give_value(const iisr_attribute_t *attribute, const char *value,
                        VARIANT *out)
{
    iisr_type_e type = attribute ? attribute->type : IISR_TYPE_STRING;
    apr_int64_t number;

    if (!out) {
        return IISR_BAD_PARAMETER;
    }
    VariantInit(out);
    if (!value) {
        return S_OK;
    }
    if (type == IISR_TYPE_STRING) {
        out->bstrVal = make_bstr(value);
        out->vt = out->bstrVal ? VT_BSTR : VT_EMPTY;
        return out->bstrVal ? S_OK : E_OUTOFMEMORY;
    }
    number = iisr_attribute_number(attribute, value);
    out->vt = variant_types[type];
    /* Narrower types are the low end of it. */
    out->llVal = type != IISR_TYPE_BOOL ? number
                 : number ? VARIANT_TRUE : VARIANT_FALSE;
    return S_OK;
}

const char *iisr_text_open(iisr_text_t *text, const WCHAR *wide)
{
    apr_size_t n = wide ? wcslen(wide) : 0;

    text->text = n * 4 < sizeof(text->room) ? text->room
                                            : malloc(n * 4 + 1);
    if (text->text) {
        text->text[iisr_narrow_into(wide, n, text->text)] = '\0';
    }
    return text->text;
}

void iisr_text_close(iisr_text_t *text)
{
    if (text->text != text->room) {
        free(text->text);
    }
}

/* --- an index ----------------------------------------------------------- */

static apr_int64_t signed_number(const VARIANT *v)
{
    switch (v->vt) {
    case VT_I1:
        return v->cVal;
    case VT_I2:
        return v->iVal;
    case VT_I4:
    case VT_INT:
        return v->lVal;
    case VT_UI1:
        return v->bVal;
    case VT_UI2:
        return v->uiVal;
    case VT_UI4:
    case VT_UINT:
        return v->ulVal;
    case VT_I8:
    case VT_UI8:
        return v->llVal;
    default:
        return -1;
    }
}

apr_int64_t iisr_variant_number(const VARIANT *variant)
{
    apr_int64_t number = signed_number(variant);

    return number < 0 ? -1 : number;
}

const void *iisr_list_item(const apr_array_header_t *list,
                           const VARIANT *index, iisr_matches_fn matches)
{
    apr_int64_t number = iisr_variant_number(index);
    const void *found = NULL;
    iisr_text_t name;
    int i;

    if (number >= 0) {
        return number < list->nelts ? APR_ARRAY_IDX(list, (int)number, void *)
                                    : NULL;
    }
    if (index->vt != VT_BSTR || !iisr_text_open(&name, index->bstrVal)) {
        return NULL;
    }
    for (i = 0; i < list->nelts && !found; i++) {
        if (matches(APR_ARRAY_IDX(list, i, void *), name.text)) {
            found = APR_ARRAY_IDX(list, i, void *);
        }
    }
    iisr_text_close(&name);
    return found;
}
