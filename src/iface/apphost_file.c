/* apphost_file.c: a configuration file as it stands: its locations and the
 * sections that it declares.  What is merged is in apphost_element.c.
 */
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include "iface/apphost.h"

static const iisr_com_class_t location_class, locations_class, group_class,
                          section_class, sections_class;

/* --- IAppHostConfigFile ------------------------------------------------- */

static const iisr_config_file_t *file_of(const void *object)
{
    return iisr_com_subject(object);
}

static HRESULT file_get_ConfigPath(IAppHostConfigFile *This,
                                   BSTR *pbstrConfigPath)
{
    const char *at = file_of(This)->at;
    char path[1024];

    apr_snprintf(path, sizeof(path), "%s%s%s", IISR_APPHOST_ROOT,
                 *at ? "/" : "", at);
    return iisr_give_bstr(path, pbstrConfigPath);
}

static HRESULT file_get_FilePath(IAppHostConfigFile *This,
                                 BSTR *pbstrFilePath)
{
    return iisr_give_bstr(file_of(This)->name, pbstrFilePath);
}

static HRESULT file_get_Locations(
    IAppHostConfigFile *This, IAppHostConfigLocationCollection **ppLocations)
{
    return iisr_com_give(This, &locations_class, file_of(This),
                            ppLocations);
}

/* bstrPath is relative to the file; what is above the file counts too. */
static HRESULT file_GetAdminSection(IAppHostConfigFile *This,
                                    BSTR bstrSectionName, BSTR bstrPath,
                                    IAppHostElement **ppAdminSection)
{
    const char *at = file_of(This)->at;
    iisr_text_t below;
    HRESULT hr;
    BSTR whole;
    char path[2048];

    if (!iisr_text_open(&below, bstrPath)) {
        return E_OUTOFMEMORY;
    }
    if (iisr_apphost_below(below.text)) {
        iisr_text_close(&below);
        return iisr_give_section(This, bstrSectionName, bstrPath,
                                 ppAdminSection);
    }
    apr_snprintf(path, sizeof(path), "%s%s%s/%s", IISR_APPHOST_ROOT,
                 *at ? "/" : "", at, below.text);
    iisr_text_close(&below);
    if ((hr = iisr_give_bstr(path, &whole)) == S_OK) {
        hr = iisr_give_section(This, bstrSectionName, whole, ppAdminSection);
        SysFreeString(whole);
    }
    return hr;
}

static HRESULT file_GetMetadata(IAppHostConfigFile *This,
                                BSTR bstrMetadataType, VARIANT *pValue)
{
    (void)This;
    (void)bstrMetadataType;
    return iisr_no_metadata(pValue);
}

static HRESULT file_SetMetadata(IAppHostConfigFile *This,
                                BSTR bstrMetadataType, VARIANT value)
{
    (void)bstrMetadataType;
    (void)value;
    return iisr_refuse_write(This);
}

/* "This method is not implemented by the IIS configuration system." */
static HRESULT file_ClearInvalidSections(IAppHostConfigFile *This)
{
    return iisr_refuse_write(This);
}

static HRESULT file_get_RootSectionGroup(IAppHostConfigFile *This,
                                         IAppHostSectionGroup **ppGroups)
{
    return iisr_com_give(This, &group_class, iisr_apphost_groups(
                            iisr_admin_apphost(iisr_com_admin(This))),
                            ppGroups);
}

IISR_VTABLE(IAppHostConfigFile, file_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_ConfigPath = file_get_ConfigPath,
    .get_FilePath = file_get_FilePath,
    .get_Locations = file_get_Locations,
    .GetAdminSection = file_GetAdminSection,
    .GetMetadata = file_GetMetadata,
    .SetMetadata = file_SetMetadata,
    .ClearInvalidSections = file_ClearInvalidSections,
    .get_RootSectionGroup = file_get_RootSectionGroup
} IISR_VTABLE_END;

const iisr_com_class_t iisr_config_file_class = {
    IISR_VPTR(file_vtbl), &IID_IAppHostConfigFile, NULL
};

/* --- IAppHostConfigLocationCollection ----------------------------------- */

static int location_matches(const void *member, const char *name)
{
    return !strcasecmp(((const iisr_location_t *)member)->path, name);
}

static HRESULT locations_get_Count(IAppHostConfigLocationCollection *This,
                                   DWORD *pcCount)
{
    return iisr_give_count(file_of(This)->locations->nelts, pcCount);
}

static HRESULT locations_get_Item(IAppHostConfigLocationCollection *This,
                                  VARIANT varIndex,
                                  IAppHostConfigLocation **ppLocation)
{
    return iisr_com_give(This, &location_class,
                            iisr_list_item(file_of(This)->locations,
                                           &varIndex, location_matches),
                            ppLocation);
}

static HRESULT locations_AddLocation(IAppHostConfigLocationCollection *This,
                                     BSTR bstrLocationPath,
                                     IAppHostConfigLocation **ppNewLocation)
{
    (void)bstrLocationPath;
    if (ppNewLocation) {
        *ppNewLocation = NULL;
    }
    return iisr_refuse_write(This);
}

static HRESULT locations_DeleteLocation(
    IAppHostConfigLocationCollection *This, VARIANT cIndex)
{
    (void)cIndex;
    return iisr_refuse_write(This);
}

static HRESULT locations_RenameLocation(
    IAppHostConfigLocationCollection *This, VARIANT varIndex,
    BSTR bstrLocationPath)
{
    (void)varIndex;
    (void)bstrLocationPath;
    return iisr_refuse_write(This);
}

IISR_VTABLE(IAppHostConfigLocationCollection, locations_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = locations_get_Count,
    .get_Item = locations_get_Item,
    .AddLocation = locations_AddLocation,
    .DeleteLocation = locations_DeleteLocation,
    .RenameLocation = locations_RenameLocation
} IISR_VTABLE_END;

static const iisr_com_class_t locations_class = {
    IISR_VPTR(locations_vtbl), &IID_IAppHostConfigLocationCollection, NULL
};

/* --- IAppHostConfigLocation --------------------------------------------- */

static const iisr_location_t *location_of(const void *object)
{
    return iisr_com_subject(object);
}

static HRESULT location_get_Path(IAppHostConfigLocation *This,
                                 BSTR *pbstrLocationPath)
{
    return iisr_give_bstr(location_of(This)->path, pbstrLocationPath);
}

static HRESULT location_get_Count(IAppHostConfigLocation *This,
                                  DWORD *pcCount)
{
    return iisr_give_count(location_of(This)->sections->nelts, pcCount);
}

static HRESULT location_get_Item(IAppHostConfigLocation *This,
                                 VARIANT cIndex, IAppHostElement **ppSection)
{
    return iisr_com_give(This, &iisr_element_class,
                            iisr_list_item(location_of(This)->sections,
                                           &cIndex, iisr_element_matches),
                            ppSection);
}

static HRESULT location_AddConfigSection(IAppHostConfigLocation *This,
                                         BSTR bstrSectionName,
                                         IAppHostElement **ppAdminElement)
{
    (void)bstrSectionName;
    if (ppAdminElement) {
        *ppAdminElement = NULL;
    }
    return iisr_refuse_write(This);
}

static HRESULT location_DeleteConfigSection(IAppHostConfigLocation *This,
                                            VARIANT cIndex)
{
    (void)cIndex;
    return iisr_refuse_write(This);
}

IISR_VTABLE(IAppHostConfigLocation, location_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Path = location_get_Path,
    .get_Count = location_get_Count,
    .get_Item = location_get_Item,
    .AddConfigSection = location_AddConfigSection,
    .DeleteConfigSection = location_DeleteConfigSection
} IISR_VTABLE_END;

static const iisr_com_class_t location_class = {
    IISR_VPTR(location_vtbl), &IID_IAppHostConfigLocation, NULL
};

/* --- IAppHostSectionGroup ----------------------------------------------- */

static const iisr_section_group_t *group_of(const void *object)
{
    return iisr_com_subject(object);
}

static int group_matches(const void *member, const char *name)
{
    return !strcasecmp(((const iisr_section_group_t *)member)->name, name);
}

static HRESULT group_get_Count(IAppHostSectionGroup *This,
                               ULONG *pcSectionGroup)
{
    return iisr_give_count(group_of(This)->groups->nelts, pcSectionGroup);
}

static HRESULT group_get_Item(IAppHostSectionGroup *This, VARIANT varIndex,
                              IAppHostSectionGroup **ppSectionGroup)
{
    return iisr_com_give(This, &group_class,
                            iisr_list_item(group_of(This)->groups, &varIndex,
                                           group_matches), ppSectionGroup);
}

static HRESULT group_get_Sections(
    IAppHostSectionGroup *This, IAppHostSectionDefinitionCollection **ppSections)
{
    return iisr_com_give(This, &sections_class, group_of(This),
                            ppSections);
}

static HRESULT group_AddSectionGroup(IAppHostSectionGroup *This,
                                     BSTR bstrSectionGroupName,
                                     IAppHostSectionGroup **ppSectionGroup)
{
    (void)bstrSectionGroupName;
    if (ppSectionGroup) {
        *ppSectionGroup = NULL;
    }
    return iisr_refuse_write(This);
}

static HRESULT group_DeleteSectionGroup(IAppHostSectionGroup *This,
                                        VARIANT varIndex)
{
    (void)varIndex;
    return iisr_refuse_write(This);
}

static HRESULT group_get_Name(IAppHostSectionGroup *This, BSTR *pbstrName)
{
    return iisr_give_bstr(group_of(This)->name, pbstrName);
}

static HRESULT group_get_Type(IAppHostSectionGroup *This, BSTR *pbstrType)
{
    return iisr_give_bstr(group_of(This)->type, pbstrType);
}

static HRESULT group_put_Type(IAppHostSectionGroup *This, BSTR bstrType)
{
    (void)bstrType;
    return iisr_refuse_write(This);
}

IISR_VTABLE(IAppHostSectionGroup, group_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = group_get_Count,
    .get_Item = group_get_Item,
    .get_Sections = group_get_Sections,
    .AddSectionGroup = group_AddSectionGroup,
    .DeleteSectionGroup = group_DeleteSectionGroup,
    .get_Name = group_get_Name,
    .get_Type = group_get_Type,
    .put_Type = group_put_Type
} IISR_VTABLE_END;

static const iisr_com_class_t group_class = {
    IISR_VPTR(group_vtbl), &IID_IAppHostSectionGroup, NULL
};

/* --- IAppHostSectionDefinitionCollection -------------------------------- */

static int section_matches(const void *member, const char *name)
{
    return !strcasecmp(((const iisr_section_t *)member)->name, name);
}

static HRESULT sections_get_Count(IAppHostSectionDefinitionCollection *This,
                                  ULONG *pcCount)
{
    return iisr_give_count(group_of(This)->sections->nelts, pcCount);
}

static HRESULT sections_get_Item(IAppHostSectionDefinitionCollection *This,
                                 VARIANT varIndex,
                                 IAppHostSectionDefinition **ppConfigSection)
{
    return iisr_com_give(This, &section_class,
                            iisr_list_item(group_of(This)->sections,
                                           &varIndex, section_matches),
                            ppConfigSection);
}

static HRESULT sections_AddSection(IAppHostSectionDefinitionCollection *This,
                                   BSTR bstrSectionName,
                                   IAppHostSectionDefinition **ppSection)
{
    (void)bstrSectionName;
    if (ppSection) {
        *ppSection = NULL;
    }
    return iisr_refuse_write(This);
}

static HRESULT sections_DeleteSection(
    IAppHostSectionDefinitionCollection *This, VARIANT varIndex)
{
    (void)varIndex;
    return iisr_refuse_write(This);
}

IISR_VTABLE(IAppHostSectionDefinitionCollection, sections_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Count = sections_get_Count,
    .get_Item = sections_get_Item,
    .AddSection = sections_AddSection,
    .DeleteSection = sections_DeleteSection
} IISR_VTABLE_END;

static const iisr_com_class_t sections_class = {
    IISR_VPTR(sections_vtbl), &IID_IAppHostSectionDefinitionCollection, NULL
};

/* --- IAppHostSectionDefinition ------------------------------------------ */

static const iisr_section_t *section_of(const void *object)
{
    return iisr_com_subject(object);
}

#define GIVES_TEXT(method, member) \
    static HRESULT section_get_##method(IAppHostSectionDefinition *This, \
                                        BSTR *pbstr) \
    { \
        return iisr_give_bstr(section_of(This)->member, pbstr); \
    }
#define REFUSES_TEXT(method) \
    static HRESULT section_put_##method(IAppHostSectionDefinition *This, \
                                        BSTR bstr) \
    { \
        (void)bstr; \
        return iisr_refuse_write(This); \
    }

GIVES_TEXT(Name, name)
GIVES_TEXT(Type, type)
REFUSES_TEXT(Type)
GIVES_TEXT(OverrideModeDefault, override_mode)
REFUSES_TEXT(OverrideModeDefault)
GIVES_TEXT(AllowDefinition, allow_definition)
REFUSES_TEXT(AllowDefinition)
GIVES_TEXT(AllowLocation, allow_location)
REFUSES_TEXT(AllowLocation)

static HRESULT section_get_RequirePermission(IAppHostSectionDefinition *This,
                                             VARIANT_BOOL *pfRequired)
{
    return iisr_give_bool(section_of(This)->require_permission, pfRequired);
}

static HRESULT section_put_RequirePermission(IAppHostSectionDefinition *This,
                                             VARIANT_BOOL pfRequirePermission)
{
    (void)pfRequirePermission;
    return iisr_refuse_write(This);
}

IISR_VTABLE(IAppHostSectionDefinition, section_vtbl) = {
    .base = IISR_UNKNOWN,
    .get_Name = section_get_Name,
    .get_Type = section_get_Type,
    .put_Type = section_put_Type,
    .get_OverrideModeDefault = section_get_OverrideModeDefault,
    .put_OverrideModeDefault = section_put_OverrideModeDefault,
    .get_AllowDefinition = section_get_AllowDefinition,
    .put_AllowDefinition = section_put_AllowDefinition,
    .get_AllowLocation = section_get_AllowLocation,
    .put_AllowLocation = section_put_AllowLocation,
    .get_RequirePermission = section_get_RequirePermission,
    .put_RequirePermission = section_put_RequirePermission
} IISR_VTABLE_END;

static const iisr_com_class_t section_class = {
    IISR_VPTR(section_vtbl), &IID_IAppHostSectionDefinition, NULL
};
