/* apphost_schema.c: the schema interfaces: what an element may have, for
 * modules that show or check their settings.
 */
#include <string.h>
#include <strings.h>
#include "iface/apphost.h"

static const iisr_com_class_t element_schemas_class, property_schemas_class,
                          constant_class, constants_class;

static const iisr_schema_t *schema_of(const void *object)
{
    return iisr_com_subject(object);
}

static const iisr_attribute_t *attribute_of(const void *object)
{
    return iisr_com_subject(object);
}

static const iisr_collection_t *collection_of(const void *object)
{
    return iisr_com_subject(object);
}

/* Where there is none: S_OK and NULL would crash the next call. */
static HRESULT none_as(HRESULT hr, HRESULT otherwise)
{
    return hr == IISR_BAD_INDEX ? otherwise : hr;
}

/* --- IAppHostElementSchema ---------------------------------------------- */

static HRESULT schema_get_Name(IAppHostElementSchema *This, BSTR *pbstrName)
{
    return iisr_give_bstr(schema_of(This)->name, pbstrName);
}

static HRESULT schema_get_DoesAllowUnschematizedProperties(
    IAppHostElementSchema *This, VARIANT_BOOL *pfAllowUnschematized)
{
    return iisr_give_bool(schema_of(This)->any_attribute,
                          pfAllowUnschematized);
}

static HRESULT schema_GetMetadata(IAppHostElementSchema *This,
                                  BSTR bstrMetadataType, VARIANT *pValue)
{
    (void)This;
    (void)bstrMetadataType;
    return iisr_no_metadata(pValue);
}

static HRESULT schema_get_CollectionSchema(
    IAppHostElementSchema *This, IAppHostCollectionSchema **ppSchema)
{
    return none_as(iisr_com_give(This, &iisr_collection_schema_class,
                                    schema_of(This)->collection, ppSchema),
                   E_FAIL);
}

static HRESULT schema_get_ChildElementSchemas(
    IAppHostElementSchema *This, IAppHostElementSchemaCollection **ppSchemas)
{
    return iisr_com_give(This, &element_schemas_class, schema_of(This),
                            ppSchemas);
}

static HRESULT schema_get_PropertySchemas(
    IAppHostElementSchema *This, IAppHostPropertySchemaCollection **ppSchemas)
{
    return iisr_com_give(This, &property_schemas_class, schema_of(This),
                            ppSchemas);
}

static HRESULT schema_get_IsCollectionDefault(
    IAppHostElementSchema *This, VARIANT_BOOL *pfIsCollectionDefault)
{
    return iisr_give_bool(schema_of(This)->defaults, pfIsCollectionDefault);
}

IISR_VTABLE(IAppHostElementSchema, schema_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Name = schema_get_Name,
    .get_DoesAllowUnschematizedProperties =
        schema_get_DoesAllowUnschematizedProperties,
    .GetMetadata = schema_GetMetadata,
    .get_CollectionSchema = schema_get_CollectionSchema,
    .get_ChildElementSchemas = schema_get_ChildElementSchemas,
    .get_PropertySchemas = schema_get_PropertySchemas,
    .get_IsCollectionDefault = schema_get_IsCollectionDefault
} IISR_VTABLE_END;

const iisr_com_class_t iisr_element_schema_class = {
    IISR_VPTR(schema_vtbl), &IID_IAppHostElementSchema, NULL
};

/* --- IAppHostElementSchemaCollection ------------------------------------ */

static int schema_matches(const void *member, const char *name)
{
    return !strcasecmp(((const iisr_schema_t *)member)->name, name);
}

static HRESULT schemas_get_Count(IAppHostElementSchemaCollection *This,
                                 DWORD *pcCount)
{
    return iisr_give_count(schema_of(This)->children->nelts, pcCount);
}

static HRESULT schemas_get_Item(IAppHostElementSchemaCollection *This,
                                VARIANT cIndex,
                                IAppHostElementSchema **ppElementSchema)
{
    return iisr_com_give(This, &iisr_element_schema_class,
                            iisr_list_item(schema_of(This)->children,
                                           &cIndex, schema_matches),
                            ppElementSchema);
}

IISR_VTABLE(IAppHostElementSchemaCollection, element_schemas_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = schemas_get_Count,
    .get_Item = schemas_get_Item
} IISR_VTABLE_END;

static const iisr_com_class_t element_schemas_class = {
    IISR_VPTR(element_schemas_vtbl), &IID_IAppHostElementSchemaCollection,
    NULL
};

/* --- IAppHostPropertySchemaCollection ----------------------------------- */

static int attribute_matches(const void *member, const char *name)
{
    return !strcasecmp(((const iisr_attribute_t *)member)->name, name);
}

static HRESULT attributes_get_Count(IAppHostPropertySchemaCollection *This,
                                    DWORD *pcCount)
{
    return iisr_give_count(schema_of(This)->attributes->nelts, pcCount);
}

static HRESULT attributes_get_Item(IAppHostPropertySchemaCollection *This,
                                   VARIANT cIndex,
                                   IAppHostPropertySchema **ppPropertySchema)
{
    return iisr_com_give(This, &iisr_property_schema_class,
                            iisr_list_item(schema_of(This)->attributes,
                                           &cIndex, attribute_matches),
                            ppPropertySchema);
}

IISR_VTABLE(IAppHostPropertySchemaCollection, property_schemas_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = attributes_get_Count,
    .get_Item = attributes_get_Item
} IISR_VTABLE_END;

static const iisr_com_class_t property_schemas_class = {
    IISR_VPTR(property_schemas_vtbl), &IID_IAppHostPropertySchemaCollection,
    NULL
};

/* --- IAppHostPropertySchema --------------------------------------------- */

/* Methods that give a word of the attribute, and those that give a mark. */
#define GIVES_TEXT(method, member) \
    static HRESULT attribute_##method(IAppHostPropertySchema *This, \
                                      BSTR *pbstr) \
    { \
        return iisr_give_bstr(attribute_of(This)->member, pbstr); \
    }
#define GIVES_MARK(method, member) \
    static HRESULT attribute_##method(IAppHostPropertySchema *This, \
                                      VARIANT_BOOL *pf) \
    { \
        return iisr_give_bool(attribute_of(This)->member, pf); \
    }

GIVES_TEXT(get_Name, name)
GIVES_TEXT(get_Type, type_name)
GIVES_TEXT(get_ValidationType, validation)
GIVES_TEXT(get_ValidationParameter, parameter)
GIVES_TEXT(get_TimeSpanFormat, timespan_format)
GIVES_MARK(get_IsRequired, required)
GIVES_MARK(get_IsUniqueKey, unique_key)
GIVES_MARK(get_IsCombinedKey, combined_key)
GIVES_MARK(get_IsExpanded, expanded)
GIVES_MARK(get_IsCaseSensitive, case_sensitive)
GIVES_MARK(get_DoesAllowInfinite, infinite)
GIVES_MARK(get_IsEncrypted, encrypted)

static HRESULT attribute_get_DefaultValue(IAppHostPropertySchema *This,
                                          VARIANT *pDefaultValue)
{
    return iisr_give_value(attribute_of(This),
                           attribute_of(This)->default_value, pDefaultValue);
}

static HRESULT attribute_GetMetadata(IAppHostPropertySchema *This,
                                     BSTR bstrMetadataType, VARIANT *pValue)
{
    (void)This;
    (void)bstrMetadataType;
    return iisr_no_metadata(pValue);
}

static HRESULT attribute_get_PossibleValues(
    IAppHostPropertySchema *This, IAppHostConstantValueCollection **ppValues)
{
    return iisr_com_give(This, &constants_class, attribute_of(This),
                            ppValues);
}

IISR_VTABLE(IAppHostPropertySchema, attribute_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Name = attribute_get_Name,
    .get_Type = attribute_get_Type,
    .get_DefaultValue = attribute_get_DefaultValue,
    .get_IsRequired = attribute_get_IsRequired,
    .get_IsUniqueKey = attribute_get_IsUniqueKey,
    .get_IsCombinedKey = attribute_get_IsCombinedKey,
    .get_IsExpanded = attribute_get_IsExpanded,
    .get_ValidationType = attribute_get_ValidationType,
    .get_ValidationParameter = attribute_get_ValidationParameter,
    .GetMetadata = attribute_GetMetadata,
    .get_IsCaseSensitive = attribute_get_IsCaseSensitive,
    .get_PossibleValues = attribute_get_PossibleValues,
    .get_DoesAllowInfinite = attribute_get_DoesAllowInfinite,
    .get_IsEncrypted = attribute_get_IsEncrypted,
    .get_TimeSpanFormat = attribute_get_TimeSpanFormat
} IISR_VTABLE_END;

const iisr_com_class_t iisr_property_schema_class = {
    IISR_VPTR(attribute_vtbl), &IID_IAppHostPropertySchema, NULL
};

/* --- IAppHostConstantValue(Collection) ---------------------------------- */

static const iisr_constant_t *constant_of(const void *object)
{
    return iisr_com_subject(object);
}

static HRESULT constant_get_Name(IAppHostConstantValue *This, BSTR *pbstrName)
{
    return iisr_give_bstr(constant_of(This)->name, pbstrName);
}

static HRESULT constant_get_Value(IAppHostConstantValue *This,
                                  DWORD *pdwValue)
{
    return iisr_give_count((int)constant_of(This)->value, pdwValue);
}

IISR_VTABLE(IAppHostConstantValue, constant_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Name = constant_get_Name,
    .get_Value = constant_get_Value
} IISR_VTABLE_END;

static const iisr_com_class_t constant_class = {
    IISR_VPTR(constant_vtbl), &IID_IAppHostConstantValue, NULL
};

static HRESULT constants_get_Count(IAppHostConstantValueCollection *This,
                                   DWORD *pcCount)
{
    return iisr_give_count(attribute_of(This)->constants->nelts, pcCount);
}

static HRESULT constants_get_Item(IAppHostConstantValueCollection *This,
                                  VARIANT cIndex,
                                  IAppHostConstantValue **ppConstantValue)
{
    const apr_array_header_t *list = attribute_of(This)->constants;
    const iisr_constant_t *c = (const iisr_constant_t *)list->elts;
    apr_int64_t number = iisr_variant_number(&cIndex);
    iisr_text_t name;

    if (number < 0 && cIndex.vt == VT_BSTR
        && iisr_text_open(&name, cIndex.bstrVal)) {
        for (number = 0; number < list->nelts
                         && strcasecmp(c[number].name, name.text);) {
            number++;
        }
        iisr_text_close(&name);
    }
    return iisr_com_give(This, &constant_class,
                            number >= 0 && number < list->nelts ? &c[number]
                                                                : NULL,
                            ppConstantValue);
}

IISR_VTABLE(IAppHostConstantValueCollection, constants_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = constants_get_Count,
    .get_Item = constants_get_Item
} IISR_VTABLE_END;

static const iisr_com_class_t constants_class = {
    IISR_VPTR(constants_vtbl), &IID_IAppHostConstantValueCollection, NULL
};

/* --- IAppHostCollectionSchema ------------------------------------------- */

static HRESULT collection_get_AddElementNames(IAppHostCollectionSchema *This,
                                              BSTR *pbstrElementName)
{
    return iisr_give_bstr(collection_of(This)->add_names, pbstrElementName);
}

static HRESULT collection_GetAddElementSchema(
    IAppHostCollectionSchema *This, BSTR bstrElementName,
    IAppHostElementSchema **ppSchema)
{
    VARIANT name = { { { .vt = VT_BSTR, .bstrVal = bstrElementName } } };

    return iisr_com_give(This, &iisr_element_schema_class,
                            iisr_list_item(collection_of(This)->adds, &name,
                                           schema_matches), ppSchema);
}

static HRESULT collection_get_RemoveElementSchema(
    IAppHostCollectionSchema *This, IAppHostElementSchema **ppSchema)
{
    return none_as(iisr_com_give(This, &iisr_element_schema_class,
                                    collection_of(This)->remove, ppSchema),
                   E_FAIL);
}

static HRESULT collection_get_ClearElementSchema(
    IAppHostCollectionSchema *This, IAppHostElementSchema **ppSchema)
{
    return none_as(iisr_com_give(This, &iisr_element_schema_class,
                                    collection_of(This)->clear, ppSchema),
                   E_FAIL);
}

static HRESULT collection_get_IsMergeAppend(IAppHostCollectionSchema *This,
                                            VARIANT_BOOL *pfIsMergeAppend)
{
    return iisr_give_bool(!collection_of(This)->prepend, pfIsMergeAppend);
}

/* "This method is not implemented by the IIS configuration system." */
static HRESULT collection_GetMetadata(IAppHostCollectionSchema *This,
                                      BSTR bstrMetadataType, VARIANT *pValue)
{
    (void)This;
    (void)bstrMetadataType;
    return iisr_no_metadata(pValue);
}

static HRESULT collection_get_DoesAllowDuplicates(
    IAppHostCollectionSchema *This, VARIANT_BOOL *pfAllowDuplicates)
{
    return iisr_give_bool(collection_of(This)->duplicates,
                          pfAllowDuplicates);
}

IISR_VTABLE(IAppHostCollectionSchema, collection_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_AddElementNames = collection_get_AddElementNames,
    .GetAddElementSchema = collection_GetAddElementSchema,
    .get_RemoveElementSchema = collection_get_RemoveElementSchema,
    .get_ClearElementSchema = collection_get_ClearElementSchema,
    .get_IsMergeAppend = collection_get_IsMergeAppend,
    .GetMetadata = collection_GetMetadata,
    .get_DoesAllowDuplicates = collection_get_DoesAllowDuplicates
} IISR_VTABLE_END;

const iisr_com_class_t iisr_collection_schema_class = {
    IISR_VPTR(collection_vtbl), &IID_IAppHostCollectionSchema, NULL
};
