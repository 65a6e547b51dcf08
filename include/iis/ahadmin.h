/*
 * ahadmin.h - configuration as IIS modules read it: IHttpServer::GetAdminManager gives an IAppHostAdminManager.
 *
 * COM objects: what a method gives out carries a reference that the caller releases; BSTRs are freed with SysFreeString,
 * VARIANTs with VariantClear. Every object may be used by any thread. Here all of it is read-only: what writes answers
 * E_NOTIMPL. Page titles are "<interface> Interface" of the application host administration API reference.
 */
#ifndef IIS_AHADMIN_H
#define IIS_AHADMIN_H

#include "windows.h"
#include "iis_automation.h"
#include "iis_handshake.h"
/* As ole2.h does on Windows. */
#ifdef __cplusplus
#if __has_include("ole2.h")
#include "ole2.h"
#else
#include "iis_variant.h"
#endif
#endif

IIS_DECLARE(IAppHostAdminManager);
IIS_DECLARE(IAppHostChangeHandler);
IIS_DECLARE(IAppHostChildElementCollection);
IIS_DECLARE(IAppHostCollectionSchema);
IIS_DECLARE(IAppHostConfigException);
IIS_DECLARE(IAppHostConfigFile);
IIS_DECLARE(IAppHostConfigLocation);
IIS_DECLARE(IAppHostConfigLocationCollection);
IIS_DECLARE(IAppHostConfigManager);
IIS_DECLARE(IAppHostConstantValue);
IIS_DECLARE(IAppHostConstantValueCollection);
IIS_DECLARE(IAppHostElement);
IIS_DECLARE(IAppHostElementCollection);
IIS_DECLARE(IAppHostElementExtension);
IIS_DECLARE(IAppHostElementSchema);
IIS_DECLARE(IAppHostElementSchemaCollection);
IIS_DECLARE(IAppHostMappingExtension);
IIS_DECLARE(IAppHostMethod);
IIS_DECLARE(IAppHostMethodCollection);
IIS_DECLARE(IAppHostMethodExtension);
IIS_DECLARE(IAppHostMethodInstance);
IIS_DECLARE(IAppHostMethodSchema);
IIS_DECLARE(IAppHostPathMapper);
IIS_DECLARE(IAppHostPathMapper2);
IIS_DECLARE(IAppHostProperty);
IIS_DECLARE(IAppHostPropertyCollection);
IIS_DECLARE(IAppHostPropertyException);
IIS_DECLARE(IAppHostPropertyExtension);
IIS_DECLARE(IAppHostPropertySchema);
IIS_DECLARE(IAppHostPropertySchemaCollection);
IIS_DECLARE(IAppHostSectionDefinition);
IIS_DECLARE(IAppHostSectionDefinitionCollection);
IIS_DECLARE(IAppHostSectionGroup);
IIS_DECLARE(IAppHostWritableAdminManager);

/* What CoCreateInstance is asked for, by __uuidof or CLSID_. */
IIS_DECLARE(AppHostAdminManager);
IIS_DECLARE(AppHostWritableAdminManager);
DEFINE_GUID(CLSID_AppHostAdminManager,
            0x228FB8F7, 0xFB53, 0x4FD5, 0x8C, 0x7B, 0xFF, 0x59, 0xDE, 0x60, 0x6C, 0x5B);
DEFINE_GUID(CLSID_AppHostWritableAdminManager,
            0x2B72133B, 0x3F5B, 0x4602, 0x89, 0x52, 0x80, 0x35, 0x46, 0xCE, 0x33, 0x44);

/* The configuration of the server. bstrPath: a configuration path, "MACHINE/WEBROOT/APPHOST/Site/app", as
 * IMetadataInfo::GetMetaPath gives it. GetAdminSection: ERROR_FILE_NOT_FOUND, ERROR_INVALID_PARAMETER. */
#undef INTERFACE
#define INTERFACE IAppHostAdminManager
IIS_BEGIN_DERIVED(IAppHostAdminManager, IUnknown)
    IIS_METHOD(HRESULT, GetAdminSection)(IIS_THIS_ BSTR bstrSectionName, BSTR bstrPath,
        IAppHostElement **ppAdminSection) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, SetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT value) IIS_PURE;
    IIS_METHOD(HRESULT, get_ConfigManager)(IIS_THIS_ IAppHostConfigManager **ppConfigManager) IIS_PURE;
IIS_END(IAppHostAdminManager)

/* Implemented by who wants to hear of changes. */
#undef INTERFACE
#define INTERFACE IAppHostChangeHandler
IIS_BEGIN_DERIVED(IAppHostChangeHandler, IUnknown)
    IIS_METHOD(HRESULT, OnSectionChanges)(IIS_THIS_ BSTR bstrSectionName, BSTR bstrConfigPath) IIS_PURE;
IIS_END(IAppHostChangeHandler)

/* Elements of which there is one each. cIndex: a number, or a name (VT_BSTR); ERROR_INVALID_INDEX. */
#undef INTERFACE
#define INTERFACE IAppHostChildElementCollection
IIS_BEGIN_DERIVED(IAppHostChildElementCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostElement **ppElement) IIS_PURE;
IIS_END(IAppHostChildElementCollection)

/* What a collection may hold. get_AddElementNames: separated by commas. */
#undef INTERFACE
#define INTERFACE IAppHostCollectionSchema
IIS_BEGIN_DERIVED(IAppHostCollectionSchema, IUnknown)
    IIS_METHOD(HRESULT, get_AddElementNames)(IIS_THIS_ BSTR *pbstrElementName) IIS_PURE;
    IIS_METHOD(HRESULT, GetAddElementSchema)(IIS_THIS_ BSTR bstrElementName,
        IAppHostElementSchema **ppSchema) IIS_PURE;
    IIS_METHOD(HRESULT, get_RemoveElementSchema)(IIS_THIS_ IAppHostElementSchema **ppSchema) IIS_PURE;
    IIS_METHOD(HRESULT, get_ClearElementSchema)(IIS_THIS_ IAppHostElementSchema **ppSchema) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsMergeAppend)(IIS_THIS_ VARIANT_BOOL *pfIsMergeAppend) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, get_DoesAllowDuplicates)(IIS_THIS_ VARIANT_BOOL *pfAllowDuplicates) IIS_PURE;
IIS_END(IAppHostCollectionSchema)

/* Where in which file something is wrong. */
#undef INTERFACE
#define INTERFACE IAppHostConfigException
IIS_BEGIN_DERIVED(IAppHostConfigException, IUnknown)
    IIS_METHOD(HRESULT, get_LineNumber)(IIS_THIS_ ULONG *pcLineNumber) IIS_PURE;
    IIS_METHOD(HRESULT, get_FileName)(IIS_THIS_ BSTR *pbstrFileName) IIS_PURE;
    IIS_METHOD(HRESULT, get_ConfigPath)(IIS_THIS_ BSTR *pbstrConfigPath) IIS_PURE;
    IIS_METHOD(HRESULT, get_ErrorLine)(IIS_THIS_ BSTR *pbstrErrorLine) IIS_PURE;
    IIS_METHOD(HRESULT, get_PreErrorLine)(IIS_THIS_ BSTR *pbstrPreErrorLine) IIS_PURE;
    IIS_METHOD(HRESULT, get_PostErrorLine)(IIS_THIS_ BSTR *pbstrPostErrorLine) IIS_PURE;
    IIS_METHOD(HRESULT, get_ErrorString)(IIS_THIS_ BSTR *pbstrErrorString) IIS_PURE;
IIS_END(IAppHostConfigException)

/* One configuration file. */
#undef INTERFACE
#define INTERFACE IAppHostConfigFile
IIS_BEGIN_DERIVED(IAppHostConfigFile, IUnknown)
    IIS_METHOD(HRESULT, get_ConfigPath)(IIS_THIS_ BSTR *pbstrConfigPath) IIS_PURE;
    IIS_METHOD(HRESULT, get_FilePath)(IIS_THIS_ BSTR *pbstrFilePath) IIS_PURE;
    IIS_METHOD(HRESULT, get_Locations)(IIS_THIS_ IAppHostConfigLocationCollection **ppLocations) IIS_PURE;
    IIS_METHOD(HRESULT, GetAdminSection)(IIS_THIS_ BSTR bstrSectionName, BSTR bstrPath,
        IAppHostElement **ppAdminSection) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, SetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT value) IIS_PURE;
    IIS_METHOD(HRESULT, ClearInvalidSections)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, get_RootSectionGroup)(IIS_THIS_ IAppHostSectionGroup **ppSectionGroups) IIS_PURE;
IIS_END(IAppHostConfigFile)

/* A <location> of a file: the sections in it. */
#undef INTERFACE
#define INTERFACE IAppHostConfigLocation
IIS_BEGIN_DERIVED(IAppHostConfigLocation, IUnknown)
    IIS_METHOD(HRESULT, get_Path)(IIS_THIS_ BSTR *pbstrLocationPath) IIS_PURE;
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostElement **ppSection) IIS_PURE;
    IIS_METHOD(HRESULT, AddConfigSection)(IIS_THIS_ BSTR bstrSectionName, IAppHostElement **ppAdminElement) IIS_PURE;
    IIS_METHOD(HRESULT, DeleteConfigSection)(IIS_THIS_ VARIANT cIndex) IIS_PURE;
IIS_END(IAppHostConfigLocation)

/* The <location> elements of a file. */
#undef INTERFACE
#define INTERFACE IAppHostConfigLocationCollection
IIS_BEGIN_DERIVED(IAppHostConfigLocationCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT varIndex, IAppHostConfigLocation **ppLocation) IIS_PURE;
    IIS_METHOD(HRESULT, AddLocation)(IIS_THIS_ BSTR bstrLocationPath,
        IAppHostConfigLocation **ppNewLocation) IIS_PURE;
    IIS_METHOD(HRESULT, DeleteLocation)(IIS_THIS_ VARIANT cIndex) IIS_PURE;
    IIS_METHOD(HRESULT, RenameLocation)(IIS_THIS_ VARIANT varIndex, BSTR bstrLocationPath) IIS_PURE;
IIS_END(IAppHostConfigLocationCollection)

/* From configuration paths to files. */
#undef INTERFACE
#define INTERFACE IAppHostConfigManager
IIS_BEGIN_DERIVED(IAppHostConfigManager, IUnknown)
    IIS_METHOD(HRESULT, GetConfigFile)(IIS_THIS_ BSTR bstrConfigPath, IAppHostConfigFile **ppConfigFile) IIS_PURE;
    IIS_METHOD(HRESULT, GetUniqueConfigPath)(IIS_THIS_ BSTR bstrConfigPath, BSTR *pbstrUniquePath) IIS_PURE;
IIS_END(IAppHostConfigManager)

/* A name and a number, of a property that is an enumeration or flags. */
#undef INTERFACE
#define INTERFACE IAppHostConstantValue
IIS_BEGIN_DERIVED(IAppHostConstantValue, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_Value)(IIS_THIS_ DWORD *pdwValue) IIS_PURE;
IIS_END(IAppHostConstantValue)

/* The values of an enumeration. */
#undef INTERFACE
#define INTERFACE IAppHostConstantValueCollection
IIS_BEGIN_DERIVED(IAppHostConstantValueCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostConstantValue **ppConstantValue) IIS_PURE;
IIS_END(IAppHostConstantValueCollection)

/* A section, an element in it, or an entry of a collection. What a getter returns is the caller's reference.
 * GetPropertyByName: ERROR_INVALID_INDEX when there is no such property. */
#undef INTERFACE
#define INTERFACE IAppHostElement
IIS_BEGIN_DERIVED(IAppHostElement, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_Collection)(IIS_THIS_ IAppHostElementCollection **ppCollection) IIS_PURE;
    IIS_METHOD(HRESULT, get_Properties)(IIS_THIS_ IAppHostPropertyCollection **ppProperties) IIS_PURE;
    IIS_METHOD(HRESULT, get_ChildElements)(IIS_THIS_ IAppHostChildElementCollection **ppElements) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, SetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT value) IIS_PURE;
    IIS_METHOD(HRESULT, get_Schema)(IIS_THIS_ IAppHostElementSchema **ppSchema) IIS_PURE;
    IIS_METHOD(HRESULT, GetElementByName)(IIS_THIS_ BSTR bstrSubName, IAppHostElement **ppElement) IIS_PURE;
    IIS_METHOD(HRESULT, GetPropertyByName)(IIS_THIS_ BSTR bstrSubName, IAppHostProperty **ppProperty) IIS_PURE;
    IIS_METHOD(HRESULT, Clear)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, get_Methods)(IIS_THIS_ IAppHostMethodCollection **ppMethods) IIS_PURE;
IIS_END(IAppHostElement)

/* The entries that add, remove and clear made, inherited ones first. */
#undef INTERFACE
#define INTERFACE IAppHostElementCollection
IIS_BEGIN_DERIVED(IAppHostElementCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcElementCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostElement **ppElement) IIS_PURE;
    IIS_METHOD(HRESULT, AddElement)(IIS_THIS_ IAppHostElement *pElement, INT cPosition) IIS_PURE;
    IIS_METHOD(HRESULT, DeleteElement)(IIS_THIS_ VARIANT cIndex) IIS_PURE;
    IIS_METHOD(HRESULT, Clear)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, CreateNewElement)(IIS_THIS_ BSTR bstrElementName, IAppHostElement **ppElement) IIS_PURE;
    IIS_METHOD(HRESULT, get_Schema)(IIS_THIS_ IAppHostCollectionSchema **ppSchema) IIS_PURE;
IIS_END(IAppHostElementCollection)

/* Implemented by schema extensions. */
#undef INTERFACE
#define INTERFACE IAppHostElementExtension
IIS_BEGIN_DERIVED(IAppHostElementExtension, IUnknown)
    IIS_METHOD(HRESULT, ProvideElement)(IIS_THIS_ IAppHostElement *pNewElement) IIS_PURE;
IIS_END(IAppHostElementExtension)

/* What an element may have. */
#undef INTERFACE
#define INTERFACE IAppHostElementSchema
IIS_BEGIN_DERIVED(IAppHostElementSchema, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_DoesAllowUnschematizedProperties)(IIS_THIS_ VARIANT_BOOL *pfAllowUnschematized) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, get_CollectionSchema)(IIS_THIS_ IAppHostCollectionSchema **ppCollectionSchema) IIS_PURE;
    IIS_METHOD(HRESULT, get_ChildElementSchemas)(IIS_THIS_ IAppHostElementSchemaCollection **ppChildSchemas) IIS_PURE;
    IIS_METHOD(HRESULT, get_PropertySchemas)(IIS_THIS_ IAppHostPropertySchemaCollection **ppPropertySchemas) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsCollectionDefault)(IIS_THIS_ VARIANT_BOOL *pfIsCollectionDefault) IIS_PURE;
IIS_END(IAppHostElementSchema)

/* The schemas of the elements below one. */
#undef INTERFACE
#define INTERFACE IAppHostElementSchemaCollection
IIS_BEGIN_DERIVED(IAppHostElementSchemaCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostElementSchema **ppElementSchema) IIS_PURE;
IIS_END(IAppHostElementSchemaCollection)

/* Sites by id and name. */
#undef INTERFACE
#define INTERFACE IAppHostMappingExtension
IIS_BEGIN_DERIVED(IAppHostMappingExtension, IUnknown)
    IIS_METHOD(HRESULT, GetSiteNameFromSiteId)(IIS_THIS_ DWORD dwSiteId, BSTR *pbstrSiteName) IIS_PURE;
    IIS_METHOD(HRESULT, GetSiteIdFromSiteName)(IIS_THIS_ BSTR bstrSiteName, DWORD *pdwSiteId) IIS_PURE;
    IIS_METHOD(HRESULT, GetSiteElementFromSiteId)(IIS_THIS_ DWORD dwSiteId, IAppHostElement **ppSiteElement) IIS_PURE;
    IIS_METHOD(HRESULT, MapPath)(IIS_THIS_ BSTR bstrSiteName, BSTR bstrVirtualPath,
        BSTR *pbstrPhysicalPath, IAppHostElement **ppVirtualDirectoryElement,
        IAppHostElement **ppApplicationElement) IIS_PURE;
IIS_END(IAppHostMappingExtension)

/* A method of an element. */
#undef INTERFACE
#define INTERFACE IAppHostMethod
IIS_BEGIN_DERIVED(IAppHostMethod, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_Schema)(IIS_THIS_ IAppHostMethodSchema **ppMethodSchema) IIS_PURE;
    IIS_METHOD(HRESULT, CreateInstance)(IIS_THIS_ IAppHostMethodInstance **ppMethodInstance) IIS_PURE;
IIS_END(IAppHostMethod)

/* The methods of an element. */
#undef INTERFACE
#define INTERFACE IAppHostMethodCollection
IIS_BEGIN_DERIVED(IAppHostMethodCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostMethod **ppMethod) IIS_PURE;
IIS_END(IAppHostMethodCollection)

/* Implemented by schema extensions. */
#undef INTERFACE
#define INTERFACE IAppHostMethodExtension
IIS_BEGIN_DERIVED(IAppHostMethodExtension, IUnknown)
    IIS_METHOD(HRESULT, ProvideMethod)(IIS_THIS_ IAppHostMethod *pMethod,
        IAppHostMethodInstance *pMethodInstance, IAppHostElement *pElement) IIS_PURE;
IIS_END(IAppHostMethodExtension)

/* One call of a method. */
#undef INTERFACE
#define INTERFACE IAppHostMethodInstance
IIS_BEGIN_DERIVED(IAppHostMethodInstance, IUnknown)
    IIS_METHOD(HRESULT, get_Input)(IIS_THIS_ IAppHostElement **ppInputElement) IIS_PURE;
    IIS_METHOD(HRESULT, get_Output)(IIS_THIS_ IAppHostElement **ppOutputElement) IIS_PURE;
    IIS_METHOD(HRESULT, Execute)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, SetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT value) IIS_PURE;
IIS_END(IAppHostMethodInstance)

/* What a method takes and gives. */
#undef INTERFACE
#define INTERFACE IAppHostMethodSchema
IIS_BEGIN_DERIVED(IAppHostMethodSchema, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_InputSchema)(IIS_THIS_ IAppHostElementSchema **ppInputSchema) IIS_PURE;
    IIS_METHOD(HRESULT, get_OutputSchema)(IIS_THIS_ IAppHostElementSchema **ppOutputSchema) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
IIS_END(IAppHostMethodSchema)

/* Implemented by who maps configuration paths to files. */
#undef INTERFACE
#define INTERFACE IAppHostPathMapper
IIS_BEGIN_DERIVED(IAppHostPathMapper, IUnknown)
    IIS_METHOD(HRESULT, MapPath)(IIS_THIS_ BSTR bstrConfigPath, BSTR bstrMappedPhysicalPath,
        BSTR *pbstrNewPhysicalPath) IIS_PURE;
IIS_END(IAppHostPathMapper)

/* The same, with a token. */
#undef INTERFACE
#define INTERFACE IAppHostPathMapper2
IIS_BEGIN_DERIVED(IAppHostPathMapper2, IUnknown)
    IIS_METHOD(HRESULT, MapPath)(IIS_THIS_ BSTR bstrConfigPath, BSTR bstrMappedPhysicalPath,
        BSTR *pbstrNewPhysicalPath, HANDLE *phImpersonationToken) IIS_PURE;
IIS_END(IAppHostPathMapper2)

/* An attribute. get_Value: of the type that the schema says, else VT_BSTR; the caller clears it. */
#undef INTERFACE
#define INTERFACE IAppHostProperty
IIS_BEGIN_DERIVED(IAppHostProperty, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_Value)(IIS_THIS_ VARIANT *pVariant) IIS_PURE;
    IIS_METHOD(HRESULT, put_Value)(IIS_THIS_ VARIANT value) IIS_PURE;
    IIS_METHOD(HRESULT, Clear)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, get_StringValue)(IIS_THIS_ BSTR *pbstrValue) IIS_PURE;
    IIS_METHOD(HRESULT, get_Exception)(IIS_THIS_ IAppHostPropertyException **ppException) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, SetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT value) IIS_PURE;
    IIS_METHOD(HRESULT, get_Schema)(IIS_THIS_ IAppHostPropertySchema **ppSchema) IIS_PURE;
IIS_END(IAppHostProperty)

/* The attributes of an element. cIndex: a number, or a name (VT_BSTR); ERROR_INVALID_INDEX. */
#undef INTERFACE
#define INTERFACE IAppHostPropertyCollection
IIS_BEGIN_DERIVED(IAppHostPropertyCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostProperty **ppProperty) IIS_PURE;
IIS_END(IAppHostPropertyCollection)

/* Implemented by schema extensions. */
#undef INTERFACE
#define INTERFACE IAppHostPropertyExtension
IIS_BEGIN_DERIVED(IAppHostPropertyExtension, IUnknown)
    IIS_METHOD(HRESULT, ProvideGetProperty)(IIS_THIS_ IAppHostElement *pElement,
        IAppHostProperty *pProperty) IIS_PURE;
IIS_END(IAppHostPropertyExtension)

/* What an attribute may be. get_Type: "string", "bool", "int", "uint", "int64", "enum", "flags", "timeSpan". */
#undef INTERFACE
#define INTERFACE IAppHostPropertySchema
IIS_BEGIN_DERIVED(IAppHostPropertySchema, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_Type)(IIS_THIS_ BSTR *pbstrType) IIS_PURE;
    IIS_METHOD(HRESULT, get_DefaultValue)(IIS_THIS_ VARIANT *pDefaultValue) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsRequired)(IIS_THIS_ VARIANT_BOOL *pfIsRequired) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsUniqueKey)(IIS_THIS_ VARIANT_BOOL *pfIsUniqueKey) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsCombinedKey)(IIS_THIS_ VARIANT_BOOL *pfIsCombinedKey) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsExpanded)(IIS_THIS_ VARIANT_BOOL *pfIsExpanded) IIS_PURE;
    IIS_METHOD(HRESULT, get_ValidationType)(IIS_THIS_ BSTR *pbstrValidationType) IIS_PURE;
    IIS_METHOD(HRESULT, get_ValidationParameter)(IIS_THIS_ BSTR *pbstrValidationParameter) IIS_PURE;
    IIS_METHOD(HRESULT, GetMetadata)(IIS_THIS_ BSTR bstrMetadataType, VARIANT *pValue) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsCaseSensitive)(IIS_THIS_ VARIANT_BOOL *pfIsCaseSensitive) IIS_PURE;
    IIS_METHOD(HRESULT, get_PossibleValues)(IIS_THIS_ IAppHostConstantValueCollection **ppValues) IIS_PURE;
    IIS_METHOD(HRESULT, get_DoesAllowInfinite)(IIS_THIS_ VARIANT_BOOL *pfAllowInfinite) IIS_PURE;
    IIS_METHOD(HRESULT, get_IsEncrypted)(IIS_THIS_ VARIANT_BOOL *pfIsEncrypted) IIS_PURE;
    IIS_METHOD(HRESULT, get_TimeSpanFormat)(IIS_THIS_ BSTR *pbstrTimeSpanFormat) IIS_PURE;
IIS_END(IAppHostPropertySchema)

/* The schemas of the attributes of an element. */
#undef INTERFACE
#define INTERFACE IAppHostPropertySchemaCollection
IIS_BEGIN_DERIVED(IAppHostPropertySchemaCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ DWORD *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT cIndex, IAppHostPropertySchema **ppPropertySchema) IIS_PURE;
IIS_END(IAppHostPropertySchemaCollection)

/* A <section> of configSections. */
#undef INTERFACE
#define INTERFACE IAppHostSectionDefinition
IIS_BEGIN_DERIVED(IAppHostSectionDefinition, IUnknown)
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_Type)(IIS_THIS_ BSTR *pbstrType) IIS_PURE;
    IIS_METHOD(HRESULT, put_Type)(IIS_THIS_ BSTR bstrType) IIS_PURE;
    IIS_METHOD(HRESULT, get_OverrideModeDefault)(IIS_THIS_ BSTR *pbstrOverrideModeDefault) IIS_PURE;
    IIS_METHOD(HRESULT, put_OverrideModeDefault)(IIS_THIS_ BSTR bstrOverrideModeDefault) IIS_PURE;
    IIS_METHOD(HRESULT, get_AllowDefinition)(IIS_THIS_ BSTR *pbstrAllowDefinition) IIS_PURE;
    IIS_METHOD(HRESULT, put_AllowDefinition)(IIS_THIS_ BSTR bstrAllowDefinition) IIS_PURE;
    IIS_METHOD(HRESULT, get_AllowLocation)(IIS_THIS_ BSTR *pbstrAllowLocation) IIS_PURE;
    IIS_METHOD(HRESULT, put_AllowLocation)(IIS_THIS_ BSTR bstrAllowLocation) IIS_PURE;
    IIS_METHOD(HRESULT, get_RequirePermission)(IIS_THIS_ VARIANT_BOOL *pfRequirePermission) IIS_PURE;
    IIS_METHOD(HRESULT, put_RequirePermission)(IIS_THIS_ VARIANT_BOOL pfRequirePermission) IIS_PURE;
IIS_END(IAppHostSectionDefinition)

/* The sections of a group. */
#undef INTERFACE
#define INTERFACE IAppHostSectionDefinitionCollection
IIS_BEGIN_DERIVED(IAppHostSectionDefinitionCollection, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ ULONG *pcCount) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT varIndex, IAppHostSectionDefinition **ppConfigSection) IIS_PURE;
    IIS_METHOD(HRESULT, AddSection)(IIS_THIS_ BSTR bstrSectionName,
        IAppHostSectionDefinition **ppConfigSection) IIS_PURE;
    IIS_METHOD(HRESULT, DeleteSection)(IIS_THIS_ VARIANT varIndex) IIS_PURE;
IIS_END(IAppHostSectionDefinitionCollection)

/* A <sectionGroup> of configSections, or their root. */
#undef INTERFACE
#define INTERFACE IAppHostSectionGroup
IIS_BEGIN_DERIVED(IAppHostSectionGroup, IUnknown)
    IIS_METHOD(HRESULT, get_Count)(IIS_THIS_ ULONG *pcSectionGroup) IIS_PURE;
    IIS_METHOD(HRESULT, get_Item)(IIS_THIS_ VARIANT varIndex, IAppHostSectionGroup **ppSectionGroup) IIS_PURE;
    IIS_METHOD(HRESULT, get_Sections)(IIS_THIS_ IAppHostSectionDefinitionCollection **ppSections) IIS_PURE;
    IIS_METHOD(HRESULT, AddSectionGroup)(IIS_THIS_ BSTR bstrSectionGroupName,
        IAppHostSectionGroup **ppSectionGroup) IIS_PURE;
    IIS_METHOD(HRESULT, DeleteSectionGroup)(IIS_THIS_ VARIANT varIndex) IIS_PURE;
    IIS_METHOD(HRESULT, get_Name)(IIS_THIS_ BSTR *pbstrName) IIS_PURE;
    IIS_METHOD(HRESULT, get_Type)(IIS_THIS_ BSTR *pbstrType) IIS_PURE;
    IIS_METHOD(HRESULT, put_Type)(IIS_THIS_ BSTR bstrType) IIS_PURE;
IIS_END(IAppHostSectionGroup)

/* What is wrong with a value. */
#undef INTERFACE
#define INTERFACE IAppHostPropertyException
IIS_BEGIN_DERIVED(IAppHostPropertyException, IAppHostConfigException)
    IIS_METHOD(HRESULT, get_InvalidValue)(IIS_THIS_ BSTR *pbstrValue) IIS_PURE;
    IIS_METHOD(HRESULT, get_ValidationFailureReason)(IIS_THIS_ BSTR *pbstrValidationReason) IIS_PURE;
    IIS_METHOD(HRESULT, get_ValidationFailureParameters)(IIS_THIS_ SAFEARRAY **pParameterArray) IIS_PURE;
IIS_END(IAppHostPropertyException)

/* The manager that writes. */
#undef INTERFACE
#define INTERFACE IAppHostWritableAdminManager
IIS_BEGIN_DERIVED(IAppHostWritableAdminManager, IAppHostAdminManager)
    IIS_METHOD(HRESULT, CommitChanges)(IIS_THIS) IIS_PURE;
    IIS_METHOD(HRESULT, get_CommitPath)(IIS_THIS_ BSTR *pbstrCommitPath) IIS_PURE;
    IIS_METHOD(HRESULT, put_CommitPath)(IIS_THIS_ BSTR bstrCommitPath) IIS_PURE;
IIS_END(IAppHostWritableAdminManager)

/* Ids, as the application host COM protocol assigns them; the extensions have none there. */
IIS_DEFINE_UUID(IAppHostAdminManager,
                0x9BE77978, 0x73ED, 0x4A9A, 0x87, 0xFD, 0x13, 0xF0, 0x9F, 0xEC, 0x1B, 0x13);
IIS_DEFINE_UUID(IAppHostChangeHandler,
                0x09829352, 0x87C2, 0x418D, 0x8D, 0x79, 0x41, 0x33, 0x96, 0x9A, 0x48, 0x9D);
IIS_DEFINE_UUID(IAppHostChildElementCollection,
                0x08A90F5F, 0x0702, 0x48D6, 0xB4, 0x5F, 0x02, 0xA9, 0x88, 0x5A, 0x97, 0x68);
IIS_DEFINE_UUID(IAppHostCollectionSchema,
                0xDE095DB1, 0x5368, 0x4D11, 0x81, 0xF6, 0xEF, 0xEF, 0x61, 0x9B, 0x7B, 0xCF);
IIS_DEFINE_UUID(IAppHostConfigException,
                0x4DFA1DF3, 0x8900, 0x4BC7, 0xBB, 0xB5, 0xD1, 0xA4, 0x58, 0xC5, 0x24, 0x10);
IIS_DEFINE_UUID(IAppHostConfigFile,
                0xADA4E6FB, 0xE025, 0x401E, 0xA5, 0xD0, 0xC3, 0x13, 0x4A, 0x28, 0x1F, 0x07);
IIS_DEFINE_UUID(IAppHostConfigLocation,
                0x370AF178, 0x7758, 0x4DAD, 0x81, 0x46, 0x73, 0x91, 0xF6, 0xE1, 0x85, 0x85);
IIS_DEFINE_UUID(IAppHostConfigLocationCollection,
                0x832A32F7, 0xB3EA, 0x4B8C, 0xB2, 0x60, 0x9A, 0x29, 0x23, 0x00, 0x11, 0x84);
IIS_DEFINE_UUID(IAppHostConfigManager,
                0x8F6D760F, 0xF0CB, 0x4D69, 0xB5, 0xF6, 0x84, 0x8B, 0x33, 0xE9, 0xBD, 0xC6);
IIS_DEFINE_UUID(IAppHostConstantValue,
                0x0716CAF8, 0x7D05, 0x4A46, 0x80, 0x99, 0x77, 0x59, 0x4B, 0xE9, 0x13, 0x94);
IIS_DEFINE_UUID(IAppHostConstantValueCollection,
                0x5B5A68E6, 0x8B9F, 0x45E1, 0x81, 0x99, 0xA9, 0x5F, 0xFC, 0xCD, 0xFF, 0xFF);
IIS_DEFINE_UUID(IAppHostElement,
                0x64FF8CCC, 0xB287, 0x4DAE, 0xB0, 0x8A, 0xA7, 0x2C, 0xBF, 0x45, 0xF4, 0x53);
IIS_DEFINE_UUID(IAppHostElementCollection,
                0xC8550BFF, 0x5281, 0x4B1E, 0xAC, 0x34, 0x99, 0xB6, 0xFA, 0x38, 0x46, 0x4D);
IIS_DEFINE_UUID(IAppHostElementSchema,
                0xEF13D885, 0x642C, 0x4709, 0x99, 0xEC, 0xB8, 0x95, 0x61, 0xC6, 0xBC, 0x69);
IIS_DEFINE_UUID(IAppHostElementSchemaCollection,
                0x0344CDDA, 0x151E, 0x4CBF, 0x82, 0xDA, 0x66, 0xAE, 0x61, 0xE9, 0x77, 0x54);
IIS_DEFINE_UUID(IAppHostMappingExtension,
                0x31A83EA0, 0xC0E4, 0x4A2C, 0x8A, 0x01, 0x35, 0x3C, 0xC2, 0xA4, 0xC6, 0x0A);
IIS_DEFINE_UUID(IAppHostMethod,
                0x7883CA1C, 0x1112, 0x4447, 0x84, 0xC3, 0x52, 0xFB, 0xEB, 0x38, 0x06, 0x9D);
IIS_DEFINE_UUID(IAppHostMethodCollection,
                0xD6C7CD8F, 0xBB8D, 0x4F96, 0xB5, 0x91, 0xD3, 0xA5, 0xF1, 0x32, 0x02, 0x69);
IIS_DEFINE_UUID(IAppHostMethodInstance,
                0xB80F3C42, 0x60E0, 0x4AE0, 0x90, 0x07, 0xF5, 0x28, 0x52, 0xD3, 0xDB, 0xED);
IIS_DEFINE_UUID(IAppHostMethodSchema,
                0x2D9915FB, 0x9D42, 0x4328, 0xB7, 0x82, 0x1B, 0x46, 0x81, 0x9F, 0xAB, 0x9E);
IIS_DEFINE_UUID(IAppHostPathMapper,
                0xE7927575, 0x5CC3, 0x403B, 0x82, 0x2E, 0x32, 0x8A, 0x6B, 0x90, 0x4B, 0xEE);
IIS_DEFINE_UUID(IAppHostPathMapper2,
                0x0F80E901, 0x8F4C, 0x449A, 0xBF, 0x90, 0x13, 0xD5, 0xD0, 0x82, 0xF1, 0x87);
IIS_DEFINE_UUID(IAppHostProperty,
                0xED35F7A1, 0x5024, 0x4E7B, 0xA4, 0x4D, 0x07, 0xDD, 0xAF, 0x4B, 0x52, 0x4D);
IIS_DEFINE_UUID(IAppHostPropertyCollection,
                0x0191775E, 0xBCFF, 0x445A, 0xB4, 0xF4, 0x3B, 0xDD, 0xA5, 0x4E, 0x28, 0x16);
IIS_DEFINE_UUID(IAppHostPropertyException,
                0xEAFE4895, 0xA929, 0x41EA, 0xB1, 0x4D, 0x61, 0x3E, 0x23, 0xF6, 0x2B, 0x71);
IIS_DEFINE_UUID(IAppHostPropertySchema,
                0x450386DB, 0x7409, 0x4667, 0x93, 0x5E, 0x38, 0x4D, 0xBB, 0xEE, 0x2A, 0x9E);
IIS_DEFINE_UUID(IAppHostPropertySchemaCollection,
                0x8BED2C68, 0xA5FB, 0x4B28, 0x85, 0x81, 0xA0, 0xDC, 0x52, 0x67, 0x41, 0x9F);
IIS_DEFINE_UUID(IAppHostSectionDefinition,
                0xC5C04795, 0x321C, 0x4014, 0x8F, 0xD6, 0xD4, 0x46, 0x58, 0x79, 0x93, 0x93);
IIS_DEFINE_UUID(IAppHostSectionDefinitionCollection,
                0xB7D381EE, 0x8860, 0x47A1, 0x8A, 0xF4, 0x1F, 0x33, 0xB2, 0xB1, 0xF3, 0x25);
IIS_DEFINE_UUID(IAppHostSectionGroup,
                0x0DD8A158, 0xEBE6, 0x4008, 0xA1, 0xD9, 0xB7, 0xEC, 0xC8, 0xF1, 0x10, 0x4B);
IIS_DEFINE_UUID(IAppHostWritableAdminManager,
                0xFA7660F6, 0x7B3F, 0x4237, 0xA8, 0xBF, 0xED, 0x0A, 0xD0, 0xDC, 0xBB, 0xD9);
#ifdef __cplusplus
template <> struct iis_uuid<AppHostAdminManager> { static const GUID &get() { return CLSID_AppHostAdminManager; } };
template <> struct iis_uuid<AppHostWritableAdminManager> {
    static const GUID &get() { return CLSID_AppHostWritableAdminManager; }
};

/* ---- objects by class: the managers, which are the server's own ---------------------------------------------------- */

#if !__has_include("win32/com.h")
enum { CLSCTX_INPROC_SERVER = 1, CLSCTX_INPROC_HANDLER = 2, CLSCTX_LOCAL_SERVER = 4, CLSCTX_ALL = 23 };
enum { COINIT_MULTITHREADED = 0, COINIT_APARTMENTTHREADED = 2, COINIT_DISABLE_OLE1DDE = 4 };

/* There are no apartments: every object may be used by any thread. */
static inline HRESULT CoInitializeEx(LPVOID reserved, DWORD dwCoInit)
{
    UNREFERENCED_PARAMETER(reserved);
    UNREFERENCED_PARAMETER(dwCoInit);
    return S_OK;
}
static inline HRESULT CoInitialize(LPVOID reserved) { return CoInitializeEx(reserved, COINIT_APARTMENTTHREADED); }
static inline void CoUninitialize() {}
#endif

static inline HRESULT CoCreateInstance(REFCLSID rclsid, LPUNKNOWN pUnkOuter, DWORD dwClsContext, REFIID riid,
                                       LPVOID *ppv)
{
    const iis_services *services = iis_module_services;

    UNREFERENCED_PARAMETER(dwClsContext);
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (pUnkOuter)
        return CLASS_E_NOAGGREGATION;
    if (!services || services->cbSize < offsetof(iis_services, reserved) || !services->create_instance)
        return REGDB_E_CLASSNOTREG;
    return services->create_instance(&rclsid, &riid, ppv);
}
#endif

#endif /* IIS_AHADMIN_H */
