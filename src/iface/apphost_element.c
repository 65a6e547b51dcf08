/* apphost_element.c: IAppHostElement and what is in it: properties, children,
 * the collection.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "iface/apphost.h"

static const iisr_com_class_t property_class, properties_class, children_class,
                          entries_class, methods_class;

static const iisr_element_t *element_of(const void *object)
{
    return iisr_com_subject(object);
}

static const iisr_setting_t *setting_of(const void *object)
{
    return iisr_com_subject(object);
}

/* --- IAppHostElement ---------------------------------------------------- */

/* A section is called by its path, as in a location's list of sections. */
static HRESULT element_get_Name(IAppHostElement *This, BSTR *pbstrName)
{
    const iisr_element_t *element = element_of(This);

    return iisr_give_bstr(element->path ? element->path : element->name,
                          pbstrName);
}

/* Also of an element without one: it is empty then. */
static HRESULT element_get_Collection(IAppHostElement *This,
                                      IAppHostElementCollection **ppCollection)
{
    return iisr_com_give(This, &entries_class, element_of(This),
                            ppCollection);
}

static HRESULT element_get_Properties(
    IAppHostElement *This, IAppHostPropertyCollection **ppProperties)
{
    return iisr_com_give(This, &properties_class, element_of(This),
                            ppProperties);
}

static HRESULT element_get_ChildElements(
    IAppHostElement *This, IAppHostChildElementCollection **ppElements)
{
    return iisr_com_give(This, &children_class, element_of(This),
                            ppElements);
}

static HRESULT element_GetMetadata(IAppHostElement *This,
                                   BSTR bstrMetadataType, VARIANT *pValue)
{
    const iisr_element_t *element = element_of(This);

    if (!pValue || !bstrMetadataType) {
        return IISR_BAD_PARAMETER;
    }
    VariantInit(pValue);
    if (!wcscasecmp(bstrMetadataType, L"isPresent")) {
        pValue->vt = VT_BOOL;
        return iisr_give_bool(element->file != NULL, &pValue->boolVal);
    }
    if (!wcscasecmp(bstrMetadataType, L"configSource")) {
        return iisr_give_value(NULL, "", pValue);
    }
    return iisr_no_metadata(pValue);
}

static HRESULT element_SetMetadata(IAppHostElement *This,
                                   BSTR bstrMetadataType, VARIANT value)
{
    (void)bstrMetadataType;
    (void)value;
    return iisr_refuse_write(This);
}

static HRESULT element_get_Schema(IAppHostElement *This,
                                  IAppHostElementSchema **ppSchema)
{
    HRESULT hr = iisr_com_give(This, &iisr_element_schema_class,
                                  element_of(This)->schema, ppSchema);

    return hr == IISR_BAD_INDEX ? HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)
                                : hr;
}

static HRESULT element_GetElementByName(IAppHostElement *This,
                                        BSTR bstrSubName,
                                        IAppHostElement **ppElement)
{
    const iisr_element_t *child;
    iisr_text_t name;

    if (!iisr_text_open(&name, bstrSubName)) {
        return E_OUTOFMEMORY;
    }
    child = iisr_element_child(element_of(This), name.text,
                               strlen(name.text));
    iisr_text_close(&name);
    return iisr_com_give(This, &iisr_element_class, child, ppElement);
}

static HRESULT element_GetPropertyByName(IAppHostElement *This,
                                         BSTR bstrSubName,
                                         IAppHostProperty **ppProperty)
{
    const iisr_setting_t *setting;
    iisr_text_t name;

    if (!iisr_text_open(&name, bstrSubName)) {
        return E_OUTOFMEMORY;
    }
    setting = iisr_element_setting(element_of(This), name.text);
    iisr_text_close(&name);
    return iisr_com_give(This, &property_class, setting, ppProperty);
}

static HRESULT element_Clear(IAppHostElement *This)
{
    return iisr_refuse_write(This);
}

static HRESULT element_get_Methods(IAppHostElement *This,
                                   IAppHostMethodCollection **ppMethods)
{
    return iisr_com_give(This, &methods_class, element_of(This),
                            ppMethods);
}

IISR_VTABLE(IAppHostElement, element_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Name = element_get_Name,
    .get_Collection = element_get_Collection,
    .get_Properties = element_get_Properties,
    .get_ChildElements = element_get_ChildElements,
    .GetMetadata = element_GetMetadata,
    .SetMetadata = element_SetMetadata,
    .get_Schema = element_get_Schema,
    .GetElementByName = element_GetElementByName,
    .GetPropertyByName = element_GetPropertyByName,
    .Clear = element_Clear,
    .get_Methods = element_get_Methods
} IISR_VTABLE_END;

const iisr_com_class_t iisr_element_class = {
    IISR_VPTR(element_vtbl), &IID_IAppHostElement, NULL
};

/* --- IAppHostProperty --------------------------------------------------- */

static HRESULT property_get_Name(IAppHostProperty *This, BSTR *pbstrName)
{
    return iisr_give_bstr(setting_of(This)->name, pbstrName);
}

/* expanded="true": %NAME% is what the environment has. */
static char *expand(const char *value)
{
    apr_size_t room = strlen(value) + 1, used = 0;
    char *out = malloc(room), name[64];
    const char *end, *with;

    while (out && *value) {
        with = NULL;
        if (*value == '%' && (end = strchr(value + 1, '%'))
            && end > value + 1 && end - value < (int)sizeof(name)) {
            memcpy(name, value + 1, end - value - 1);
            name[end - value - 1] = '\0';
            with = getenv(name);
        }
        if (with) {
            char *more = realloc(out, room += strlen(with));

            if (!more) {
                free(out);
                return NULL;
            }
            out = more;
            memcpy(out + used, with, strlen(with));
            used += strlen(with);
            value = end + 1;
        }
        else {
            out[used++] = *value++;
        }
    }
    if (out) {
        out[used] = '\0';
    }
    return out;
}

static HRESULT property_get_Value(IAppHostProperty *This, VARIANT *pVariant)
{
    const iisr_setting_t *setting = setting_of(This);
    char *expanded;
    HRESULT hr;

    if (!setting->value || !setting->schema || !setting->schema->expanded) {
        return iisr_give_value(setting->schema, setting->value, pVariant);
    }
    if (!(expanded = expand(setting->value))) {
        return E_OUTOFMEMORY;
    }
    hr = iisr_give_value(setting->schema, expanded, pVariant);
    free(expanded);
    return hr;
}

static HRESULT property_put_Value(IAppHostProperty *This, VARIANT value)
{
    (void)value;
    return iisr_refuse_write(This);
}

static HRESULT property_Clear(IAppHostProperty *This)
{
    return iisr_refuse_write(This);
}

static HRESULT property_get_StringValue(IAppHostProperty *This,
                                        BSTR *pbstrValue)
{
    return iisr_give_bstr(setting_of(This)->value, pbstrValue);
}

/* "NULL if the property value is valid": what is not was refused when the
 * configuration was read. */
static HRESULT property_get_Exception(IAppHostProperty *This,
                                      IAppHostPropertyException **ppException)
{
    (void)This;
    if (!ppException) {
        return IISR_BAD_PARAMETER;
    }
    *ppException = NULL;
    return S_OK;
}

static HRESULT property_GetMetadata(IAppHostProperty *This,
                                    BSTR bstrMetadataType, VARIANT *pValue)
{
    if (!pValue || !bstrMetadataType) {
        return IISR_BAD_PARAMETER;
    }
    VariantInit(pValue);
    if (!wcscasecmp(bstrMetadataType, L"isInheritedFromDefaultValue")
        || !wcscasecmp(bstrMetadataType, L"isDefaultValue")) {
        pValue->vt = VT_BOOL;
        return iisr_give_bool(!setting_of(This)->line, &pValue->boolVal);
    }
    return iisr_no_metadata(pValue);
}

static HRESULT property_SetMetadata(IAppHostProperty *This,
                                    BSTR bstrMetadataType, VARIANT value)
{
    (void)bstrMetadataType;
    (void)value;
    return iisr_refuse_write(This);
}

static HRESULT property_get_Schema(IAppHostProperty *This,
                                   IAppHostPropertySchema **ppSchema)
{
    HRESULT hr = iisr_com_give(This, &iisr_property_schema_class,
                                  setting_of(This)->schema, ppSchema);

    return hr == IISR_BAD_INDEX ? HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)
                                : hr;
}

IISR_VTABLE(IAppHostProperty, property_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Name = property_get_Name,
    .get_Value = property_get_Value,
    .put_Value = property_put_Value,
    .Clear = property_Clear,
    .get_StringValue = property_get_StringValue,
    .get_Exception = property_get_Exception,
    .GetMetadata = property_GetMetadata,
    .SetMetadata = property_SetMetadata,
    .get_Schema = property_get_Schema
} IISR_VTABLE_END;

static const iisr_com_class_t property_class = {
    IISR_VPTR(property_vtbl), &IID_IAppHostProperty, NULL
};

/* --- IAppHostPropertyCollection ----------------------------------------- */

static HRESULT properties_get_Count(IAppHostPropertyCollection *This,
                                    DWORD *pcCount)
{
    return iisr_give_count(element_of(This)->settings->nelts, pcCount);
}

static HRESULT properties_get_Item(IAppHostPropertyCollection *This,
                                   VARIANT cIndex,
                                   IAppHostProperty **ppProperty)
{
    const apr_array_header_t *settings = element_of(This)->settings;
    apr_int64_t number = iisr_variant_number(&cIndex);
    const iisr_setting_t *setting = NULL;
    iisr_text_t name;

    if (number >= 0 && number < settings->nelts) {
        setting = &APR_ARRAY_IDX(settings, (int)number, iisr_setting_t);
    }
    else if (cIndex.vt == VT_BSTR && iisr_text_open(&name, cIndex.bstrVal)) {
        setting = iisr_element_setting(element_of(This), name.text);
        iisr_text_close(&name);
    }
    return iisr_com_give(This, &property_class, setting, ppProperty);
}

IISR_VTABLE(IAppHostPropertyCollection, properties_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = properties_get_Count,
    .get_Item = properties_get_Item
} IISR_VTABLE_END;

static const iisr_com_class_t properties_class = {
    IISR_VPTR(properties_vtbl), &IID_IAppHostPropertyCollection, NULL
};

/* --- IAppHostChildElementCollection ------------------------------------- */

int iisr_element_matches(const void *member, const char *name)
{
    const iisr_element_t *element = member;

    return !strcasecmp(element->name, name)
           || (element->path && !strcasecmp(element->path, name));
}

static HRESULT children_get_Count(IAppHostChildElementCollection *This,
                                  DWORD *pcCount)
{
    return iisr_give_count(element_of(This)->children->nelts, pcCount);
}

static HRESULT children_get_Item(IAppHostChildElementCollection *This,
                                 VARIANT cIndex, IAppHostElement **ppElement)
{
    return iisr_com_give(This, &iisr_element_class,
                            iisr_list_item(element_of(This)->children,
                                           &cIndex, iisr_element_matches),
                            ppElement);
}

IISR_VTABLE(IAppHostChildElementCollection, children_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = children_get_Count,
    .get_Item = children_get_Item
} IISR_VTABLE_END;

static const iisr_com_class_t children_class = {
    IISR_VPTR(children_vtbl), &IID_IAppHostChildElementCollection, NULL
};

/* --- IAppHostElementCollection ------------------------------------------ */

/* An entry is named by its key, or else by its first attribute. */
static int entry_matches(const void *member, const char *name)
{
    const iisr_element_t *entry = member;
    const iisr_setting_t *s = (iisr_setting_t *)entry->settings->elts;
    const iisr_setting_t *key = entry->settings->nelts ? s : NULL;
    int i;

    for (i = 0; i < entry->settings->nelts; i++) {
        if (s[i].schema && s[i].schema->unique_key) {
            key = &s[i];
        }
    }
    return key && key->value && !strcasecmp(key->value, name);
}

static HRESULT entries_get_Count(IAppHostElementCollection *This,
                                 DWORD *pcElementCount)
{
    return iisr_give_count(element_of(This)->entries->nelts, pcElementCount);
}

static HRESULT entries_get_Item(IAppHostElementCollection *This,
                                VARIANT cIndex, IAppHostElement **ppElement)
{
    return iisr_com_give(This, &iisr_element_class,
                            iisr_list_item(element_of(This)->entries,
                                           &cIndex, entry_matches),
                            ppElement);
}

static HRESULT entries_AddElement(IAppHostElementCollection *This,
                                  IAppHostElement *pElement, INT cPosition)
{
    (void)pElement;
    (void)cPosition;
    return iisr_refuse_write(This);
}

static HRESULT entries_DeleteElement(IAppHostElementCollection *This,
                                     VARIANT cIndex)
{
    (void)cIndex;
    return iisr_refuse_write(This);
}

static HRESULT entries_Clear(IAppHostElementCollection *This)
{
    return iisr_refuse_write(This);
}

static HRESULT entries_CreateNewElement(IAppHostElementCollection *This,
                                        BSTR bstrElementName,
                                        IAppHostElement **ppElement)
{
    (void)bstrElementName;
    if (ppElement) {
        *ppElement = NULL;
    }
    return iisr_refuse_write(This);
}

static HRESULT entries_get_Schema(IAppHostElementCollection *This,
                                  IAppHostCollectionSchema **ppSchema)
{
    const iisr_schema_t *schema = element_of(This)->schema;
    HRESULT hr = iisr_com_give(This, &iisr_collection_schema_class,
                                  schema ? schema->collection : NULL,
                                  ppSchema);

    return hr == IISR_BAD_INDEX ? E_FAIL : hr;
}

IISR_VTABLE(IAppHostElementCollection, entries_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = entries_get_Count,
    .get_Item = entries_get_Item,
    .AddElement = entries_AddElement,
    .DeleteElement = entries_DeleteElement,
    .Clear = entries_Clear,
    .CreateNewElement = entries_CreateNewElement,
    .get_Schema = entries_get_Schema
} IISR_VTABLE_END;

static const iisr_com_class_t entries_class = {
    IISR_VPTR(entries_vtbl), &IID_IAppHostElementCollection, NULL
};

/* --- IAppHostMethodCollection: there are none --------------------------- */

static HRESULT methods_get_Count(IAppHostMethodCollection *This,
                                 DWORD *pcCount)
{
    (void)This;
    return iisr_give_count(0, pcCount);
}

static HRESULT methods_get_Item(IAppHostMethodCollection *This,
                                VARIANT cIndex, IAppHostMethod **ppMethod)
{
    (void)This;
    (void)cIndex;
    if (!ppMethod) {
        return IISR_BAD_PARAMETER;
    }
    *ppMethod = NULL;
    return IISR_BAD_INDEX;
}

IISR_VTABLE(IAppHostMethodCollection, methods_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = methods_get_Count,
    .get_Item = methods_get_Item
} IISR_VTABLE_END;

static const iisr_com_class_t methods_class = {
    IISR_VPTR(methods_vtbl), &IID_IAppHostMethodCollection, NULL
};
