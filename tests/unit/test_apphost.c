/* test_apphost.c: configuration as modules read it, from files that each test
 * writes: what is found, what is inherited, what is refused and where.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include "core/wide.h"
#include "iface/apphost.h"

static apr_pool_t *pool;
static char folder[64];
static iisr_admin_t *admin;
static IAppHostAdminManager *manager;
static iisr_apphost_t *apphost;
static int warnings;
static char last_id[16];

static void setup(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    strcpy(folder, "/tmp/iisr-apphost-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    apphost = iisr_apphost_create(pool);
    admin = NULL;
    warnings = 0;
}

/* Also that nothing was leaked: every object of a test was released. */
static void teardown(void)
{
    char command[128];

    if (admin) {
        ck_assert_uint_eq(iisr_admin_objects(admin), 0);
    }
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
    apr_pool_destroy(pool);
    apr_terminate();
}

static void log_line(void *baton, iisr_log_level_e level, const char *id,
                     const char *line)
{
    (void)baton;
    ck_assert_int_eq(level, IISR_LOG_WARNING);
    ck_assert_ptr_nonnull(line);
    warnings++;
    snprintf(last_id, sizeof(last_id), "%s", id);
}

static const char *write_bytes(const char *name, const void *bytes, size_t n)
{
    const char *path = apr_pstrcat(pool, folder, "/", name, NULL);
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
    return path;
}

static const char *write_file(const char *name, const char *text)
{
    return write_bytes(name, text, strlen(text));
}

/* What reading says; also when merging says it. */
static const char *read_at(const char *text, const char *at)
{
    const char *path = write_file(*at ? "web.config" : "host.config", text);
    const char *error = iisr_apphost_read(apphost, path, at);

    return error ? error : iisr_apphost_seal(apphost);
}

static void start(const char *text)
{
    ck_assert_ptr_eq(read_at(text, ""), NULL);
    admin = iisr_admin_create(pool, apphost, log_line, NULL);
    manager = iisr_admin_manager(admin);
}

static void with_schema(const char *text)
{
    ck_assert_ptr_eq(iisr_apphost_schema(apphost,
                                         write_file("schema.xml", text)),
                     NULL);
}

/* --- as a module does it ------------------------------------------------ */

static HRESULT section_at(const WCHAR *name, const WCHAR *path,
                          IAppHostElement **element)
{
    BSTR section = SysAllocString(name), where = SysAllocString(path);
    HRESULT hr = manager->lpVtbl->GetAdminSection(manager, section, where,
                                                  element);

    SysFreeString(section);
    SysFreeString(where);
    return hr;
}

static IAppHostElement *section(const WCHAR *name, const WCHAR *path)
{
    IAppHostElement *element = NULL;

    ck_assert_int_eq(section_at(name, path, &element), S_OK);
    ck_assert_ptr_nonnull(element);
    return element;
}

static void release(void *object)
{
    IUnknown *unknown = object;

    unknown->lpVtbl->Release(unknown);
}

static HRESULT value_of(IAppHostElement *element, const WCHAR *name,
                        VARIANT *value)
{
    BSTR bstr = SysAllocString(name);
    IAppHostProperty *property;
    HRESULT hr = element->lpVtbl->GetPropertyByName(element, bstr, &property);

    SysFreeString(bstr);
    if (SUCCEEDED(hr)) {
        hr = property->lpVtbl->get_Value(property, value);
        release(property);
    }
    return hr;
}

static void expect_text(IAppHostElement *element, const WCHAR *name,
                        const WCHAR *text)
{
    VARIANT value;

    ck_assert_int_eq(value_of(element, name, &value), S_OK);
    ck_assert_int_eq(value.vt, VT_BSTR);
    ck_assert_msg(!wcscmp(value.bstrVal, text), "%ls: %ls, not %ls", name,
                  value.bstrVal, text);
    ck_assert_uint_eq(SysStringLen(value.bstrVal), wcslen(text));
    VariantClear(&value);
}

static void expect_number(IAppHostElement *element, const WCHAR *name,
                          VARTYPE type, LONGLONG number)
{
    VARIANT value;

    ck_assert_int_eq(value_of(element, name, &value), S_OK);
    ck_assert_int_eq(value.vt, type);
    ck_assert_int_eq(type == VT_BOOL ? value.boolVal
                     : type == VT_I4 ? value.lVal
                     : type == VT_UI4 ? (LONGLONG)value.ulVal : value.llVal,
                     number);
}

static IAppHostElement *child(IAppHostElement *element, const WCHAR *name)
{
    BSTR bstr = SysAllocString(name);
    IAppHostElement *found = NULL;

    ck_assert_int_eq(element->lpVtbl->GetElementByName(element, bstr,
                                                       &found), S_OK);
    SysFreeString(bstr);
    return found;
}

/* Names of the entries' attribute, one after the other. */
static const char *entries(IAppHostElement *element, const WCHAR *name)
{
    IAppHostElementCollection *collection;
    IAppHostElement *entry;
    VARIANT index, value;
    DWORD count;
    const char *all = "";

    ck_assert_int_eq(element->lpVtbl->get_Collection(element, &collection),
                     S_OK);
    ck_assert_int_eq(collection->lpVtbl->get_Count(collection, &count), S_OK);
    VariantInit(&index);
    index.vt = VT_UI4;
    for (index.ulVal = 0; index.ulVal < count; index.ulVal++) {
        ck_assert_int_eq(collection->lpVtbl->get_Item(collection, index,
                                                      &entry), S_OK);
        ck_assert_int_eq(value_of(entry, name, &value), S_OK);
        all = apr_pstrcat(pool, all, iisr_narrow(pool, value.bstrVal, NULL),
                          " ", NULL);
        VariantClear(&value);
        release(entry);
    }
    ck_assert_int_eq(collection->lpVtbl->get_Item(collection, index, &entry),
                     HRESULT_FROM_WIN32(ERROR_INVALID_INDEX));
    ck_assert_ptr_eq(entry, NULL);
    release(collection);
    return all;
}

#define ROOT L"MACHINE/WEBROOT/APPHOST"

/* --- finding ------------------------------------------------------------ */

START_TEST(a_section_has_properties_children_and_a_collection)
{
    IAppHostElement *mine, *limits;

    start("<?xml version=\"1.0\"?>\n<configuration>\n<!-- one -->\n"
          "<system.webServer><myModule enabled=\"true\" text=\"a &amp; b\">"
          "<limits max=\"10\"/><add name=\"x\"/><add name=\"y\"/>"
          "</myModule></system.webServer></configuration>");
    mine = section(L"system.webServer/myModule", ROOT L"/site/a/b.html");
    expect_text(mine, L"enabled", L"true");
    expect_text(mine, L"TEXT", L"a & b");
    ck_assert_str_eq(entries(mine, L"name"), "x y ");
    limits = child(mine, L"limits");
    expect_text(limits, L"max", L"10");
    ck_assert_str_eq(entries(limits, L"name"), "");
    release(limits);
    release(mine);
}
END_TEST

START_TEST(what_is_not_there_has_its_documented_error)
{
    IAppHostElement *mine, *none = (void *)1;
    IAppHostProperty *property = (void *)1;
    BSTR name = SysAllocString(L"nothing");

    start("<configuration><system.webServer><a b=\"c\"/></system.webServer>"
          "</configuration>");
    ck_assert_int_eq(section_at(L"system.webServer/b", ROOT, &none),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_ptr_eq(none, NULL);
    ck_assert_int_eq(section_at(L"system.webServer", ROOT, &none),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(section_at(L"system.webServer/a", L"MACHINE/WEBROOT",
                                &none),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(section_at(L"system.webServer/a", ROOT L"x", &none),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(section_at(L"", ROOT, &none),
                     HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER));
    ck_assert_int_eq(manager->lpVtbl->GetAdminSection(manager, NULL, NULL,
                                                      &none),
                     HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER));
    ck_assert_int_eq(manager->lpVtbl->GetAdminSection(manager, name, NULL,
                                                      NULL),
                     HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER));
    mine = section(L"system.webServer/a", L"");
    ck_assert_int_eq(mine->lpVtbl->GetPropertyByName(mine, name, &property),
                     HRESULT_FROM_WIN32(ERROR_INVALID_INDEX));
    ck_assert_ptr_eq(property, NULL);
    ck_assert_int_eq(mine->lpVtbl->GetPropertyByName(mine, NULL, &property),
                     HRESULT_FROM_WIN32(ERROR_INVALID_INDEX));
    ck_assert_int_eq(mine->lpVtbl->GetElementByName(mine, name, &none),
                     HRESULT_FROM_WIN32(ERROR_INVALID_INDEX));
    ck_assert_int_eq(warnings, 0);
    release(mine);
    SysFreeString(name);
}
END_TEST

START_TEST(without_a_file_nothing_is_found_and_the_log_says_so_once)
{
    IAppHostElement *none;

    admin = iisr_admin_create(pool, NULL, log_line, NULL);
    manager = iisr_admin_manager(admin);
    ck_assert_int_eq(section_at(L"system.webServer/a", ROOT, &none),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    section_at(L"system.webServer/a", ROOT, &none);
    ck_assert_int_eq(warnings, 1);
    ck_assert_str_eq(last_id, "IISR0702");
}
END_TEST

START_TEST(a_declared_section_that_no_file_uses_is_empty)
{
    IAppHostElement *mine;
    IAppHostPropertyCollection *properties;
    DWORD count = 7;

    start("<configuration><configSections>"
          "<sectionGroup name=\"acme\"><sectionGroup name=\"deep\">"
          "<section name=\"one\"/></sectionGroup></sectionGroup>"
          "<section name=\"two\"/></configSections></configuration>");
    release(section(L"two", ROOT));
    mine = section(L"acme/deep/one", ROOT L"/any");
    ck_assert_int_eq(mine->lpVtbl->get_Properties(mine, &properties), S_OK);
    ck_assert_int_eq(properties->lpVtbl->get_Count(properties, &count), S_OK);
    ck_assert_uint_eq(count, 0);
    release(properties);
    release(mine);
}
END_TEST

START_TEST(entries_are_recognized_without_a_schema)
{
    IAppHostElement *sites, *element, *mine;
    IAppHostChildElementCollection *children;
    VARIANT index;
    DWORD count;

    start("<configuration><system.applicationHost><sites>"
          "<site name=\"one\"><bindings><binding p=\"http\"/></bindings>"
          "</site><siteDefaults/></sites></system.applicationHost>"
          "<system.webServer><m><rule n=\"1\"/><rule n=\"2\"/><o/></m>"
          "</system.webServer></configuration>");
    sites = section(L"system.applicationHost/sites", ROOT);
    ck_assert_str_eq(entries(sites, L"name"), "one ");
    ck_assert_int_eq(sites->lpVtbl->get_ChildElements(sites, &children),
                     S_OK);
    ck_assert_int_eq(children->lpVtbl->get_Count(children, &count), S_OK);
    ck_assert_uint_eq(count, 1);
    VariantInit(&index);
    index.vt = VT_BSTR;
    index.bstrVal = SysAllocString(L"siteDefaults");
    ck_assert_int_eq(children->lpVtbl->get_Item(children, index, &element),
                     S_OK);
    VariantClear(&index);
    release(element);
    release(children);
    release(sites);
    mine = section(L"system.webServer/m", ROOT);
    ck_assert_str_eq(entries(mine, L"n"), "1 2 ");
    release(mine);
}
END_TEST

START_TEST(an_index_may_be_of_any_integer_type_or_a_name)
{
    static const VARTYPE types[] = { VT_I2, VT_I4, VT_UI4, VT_INT, VT_UINT,
                                     VT_I8, VT_UI8, VT_UI1, VT_UI2, VT_I1 };
    IAppHostElement *mine, *entry;
    IAppHostElementCollection *collection;
    VARIANT index;
    size_t i;

    start("<configuration><m><add name=\"x\" v=\"1\"/>"
          "<add name=\"y\" v=\"2\"/></m></configuration>");
    mine = section(L"m", ROOT);
    mine->lpVtbl->get_Collection(mine, &collection);
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        VariantInit(&index);
        index.vt = types[i];
        index.llVal = 1;
        ck_assert_int_eq(collection->lpVtbl->get_Item(collection, index,
                                                      &entry), S_OK);
        expect_text(entry, L"v", L"2");
        release(entry);
    }
    index.vt = VT_I4;
    index.lVal = -1;
    ck_assert_int_eq(collection->lpVtbl->get_Item(collection, index, &entry),
                     HRESULT_FROM_WIN32(ERROR_INVALID_INDEX));
    index.vt = VT_R8;
    ck_assert_int_eq(collection->lpVtbl->get_Item(collection, index, &entry),
                     HRESULT_FROM_WIN32(ERROR_INVALID_INDEX));
    index.vt = VT_BSTR;
    index.bstrVal = SysAllocString(L"y");
    ck_assert_int_eq(collection->lpVtbl->get_Item(collection, index, &entry),
                     S_OK);
    expect_text(entry, L"v", L"2");
    release(entry);
    VariantClear(&index);
    release(collection);
    release(mine);
}
END_TEST

/* --- inheriting --------------------------------------------------------- */

static const char inheriting[] =
    "<configuration><system.webServer><m a=\"1\" b=\"1\"><c x=\"1\"/>"
    "<add name=\"one\"/><add name=\"two\"/></m></system.webServer>"
    "<location path=\"Site\"><system.webServer><m b=\"2\"><c y=\"2\"/>"
    "<remove name=\"ONE\"/><add name=\"three\"/></m></system.webServer>"
    "</location>"
    "<location path=\"Site/app\"><system.webServer><m a=\"3\"><clear/>"
    "<add name=\"four\"/></m></system.webServer></location>"
    "</configuration>";

START_TEST(a_deeper_path_inherits_and_overrides)
{
    static const struct {
        const WCHAR *path, *a, *b;
        const char *names;
    } rows[] = {
        { ROOT, L"1", L"1", "one two " },
        { ROOT L"/", L"1", L"1", "one two " },
        { ROOT L"/Other", L"1", L"1", "one two " },
        { ROOT L"/Site", L"1", L"2", "two three " },
        { ROOT L"/SITE/", L"1", L"2", "two three " },
        { ROOT L"/Site/application", L"1", L"2", "two three " },
        { ROOT L"/Site/app", L"3", L"2", "four " },
        { ROOT L"/Site/app/deep//er/file.html", L"3", L"2", "four " },
        { L"machine/webroot/apphost/site/APP", L"3", L"2", "four " }
    };
    IAppHostElement *mine, *c;
    size_t i;

    start(inheriting);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mine = section(L"system.webServer/m", rows[i].path);
        expect_text(mine, L"a", rows[i].a);
        expect_text(mine, L"b", rows[i].b);
        ck_assert_str_eq(entries(mine, L"name"), rows[i].names);
        release(mine);
    }
    mine = section(L"system.webServer/m", ROOT L"/Site/app");
    c = child(mine, L"c");
    expect_text(c, L"x", L"1");
    expect_text(c, L"y", L"2");
    release(c);
    release(mine);
}
END_TEST

START_TEST(a_site_file_is_laid_over_the_servers)
{
    IAppHostElement *mine;

    ck_assert_ptr_eq(iisr_apphost_read(apphost, write_file("host.config",
                                       inheriting), ""), NULL);
    ck_assert_ptr_eq(read_at("<configuration><system.webServer><m b=\"9\">"
                             "<add name=\"five\"/></m></system.webServer>"
                             "<location path=\".\"><system.webServer>"
                             "<m c=\"9\"/></system.webServer></location>"
                             "<location path=\"app\"><system.webServer>"
                             "<m b=\"8\"/></system.webServer></location>"
                             "</configuration>", "Site"), NULL);
    admin = iisr_admin_create(pool, apphost, log_line, NULL);
    manager = iisr_admin_manager(admin);
    mine = section(L"system.webServer/m", ROOT L"/Site/x");
    expect_text(mine, L"b", L"9");
    expect_text(mine, L"c", L"9");
    ck_assert_str_eq(entries(mine, L"name"), "two three five ");
    release(mine);
    mine = section(L"system.webServer/m", ROOT L"/Site/app/x");
    expect_text(mine, L"b", L"8");
    ck_assert_str_eq(entries(mine, L"name"), "four ");
    release(mine);
    mine = section(L"system.webServer/m", ROOT L"/Another");
    expect_text(mine, L"b", L"1");
    release(mine);
}
END_TEST

/* --- schema ------------------------------------------------------------- */

static const char schema[] =
    "<configSchema><sectionSchema name=\"system.webServer/m\">"
    "<attribute name=\"on\" type=\"bool\" defaultValue=\"true\"/>"
    "<attribute name=\"n\" type=\"int\" defaultValue=\"-5\"/>"
    "<attribute name=\"u\" type=\"uint\" defaultValue=\"7\" "
    "validationType=\"integerRange\" validationParameter=\"1,100\"/>"
    "<attribute name=\"big\" type=\"int64\" defaultValue=\"5000000000\"/>"
    "<attribute name=\"t\" type=\"timeSpan\" defaultValue=\"00:02:00\"/>"
    "<attribute name=\"s\" type=\"string\" defaultValue=\"\"/>"
    "<attribute name=\"none\" type=\"uint\"/>"
    "<attribute name=\"mode\" type=\"enum\" defaultValue=\"Slow\">"
    "<enum name=\"Slow\" value=\"0\"/><enum name=\"Fast\" value=\"3\"/>"
    "</attribute>"
    "<attribute name=\"f\" type=\"flags\" defaultValue=\"A, C\">"
    "<flag name=\"A\" value=\"1\"/><flag name=\"B\" value=\"2\"/>"
    "<flag name=\"C\" value=\"4\"/></attribute>"
    "<attribute name=\"dir\" type=\"string\" expanded=\"true\" "
    "defaultValue=\"%IISR_TEST%\\x%none%\"/>"
    "<element name=\"limits\"><attribute name=\"max\" type=\"uint\" "
    "defaultValue=\"10\"/></element>"
    "<collection addElement=\"add\" removeElement=\"remove\" "
    "clearElement=\"clear\">"
    "<attribute name=\"key\" type=\"string\" isUniqueKey=\"true\" "
    "required=\"true\"/><attribute name=\"w\" type=\"uint\" "
    "defaultValue=\"1\"/></collection></sectionSchema></configSchema>";

START_TEST(a_schema_gives_types_and_defaults)
{
    IAppHostElement *mine, *limits;
    VARIANT value;

    setenv("IISR_TEST", "/here", 1);
    with_schema(schema);
    start("<configuration/>");
    mine = section(L"system.webServer/m", ROOT L"/a");
    expect_number(mine, L"on", VT_BOOL, VARIANT_TRUE);
    expect_number(mine, L"n", VT_I4, -5);
    expect_number(mine, L"u", VT_UI4, 7);
    expect_number(mine, L"big", VT_I8, 5000000000LL);
    expect_number(mine, L"t", VT_UI8, 1200000000LL);
    expect_number(mine, L"mode", VT_I4, 0);
    expect_number(mine, L"f", VT_I4, 5);
    expect_text(mine, L"s", L"");
    expect_text(mine, L"dir", L"/here\\x%none%");
    ck_assert_int_eq(value_of(mine, L"none", &value), S_OK);
    ck_assert_int_eq(value.vt, VT_EMPTY);
    limits = child(mine, L"limits");
    expect_number(limits, L"max", VT_UI4, 10);
    release(limits);
    release(mine);
}
END_TEST

START_TEST(a_schema_types_what_the_file_says)
{
    IAppHostElement *mine, *limits;

    with_schema(schema);
    start("<configuration><system.webServer><m on=\"FALSE\" n=\"0x10\" "
          "u=\"100\" t=\"1.02:03:04\" mode=\"fast\" f=\"6\" xmlns=\"u\" "
          "lockItem=\"true\">"
          "<limits max=\"11\"/><add key=\"a\"/><add key=\"b\" w=\"2\"/>"
          "<remove key=\"a\"/><add key=\"A\"/></m></system.webServer>"
          "</configuration>");
    mine = section(L"system.webServer/m", ROOT L"/a");
    expect_number(mine, L"on", VT_BOOL, VARIANT_FALSE);
    expect_number(mine, L"n", VT_I4, 16);
    expect_number(mine, L"u", VT_UI4, 100);
    expect_number(mine, L"t", VT_UI8, 937840000000LL);
    expect_number(mine, L"mode", VT_I4, 3);
    expect_number(mine, L"f", VT_I4, 6);
    ck_assert_str_eq(entries(mine, L"key"), "b A ");
    limits = child(mine, L"limits");
    expect_number(limits, L"max", VT_UI4, 11);
    release(limits);
    release(mine);
}
END_TEST

START_TEST(what_the_schema_forbids_is_refused_with_its_line)
{
    static const struct {
        const char *body, *reason;
    } rows[] = {
        { "<m on=\"yes\"/>", "3: 'yes' is no value of attribute 'on', which "
                             "is of type bool" },
        { "<m u=\"-1\"/>", "3: '-1' is no value of attribute 'u'" },
        { "<m u=\"101\"/>", "3: attribute 'u': 101 is not in the range" },
        { "<m mode=\"Quick\"/>", "3: 'Quick' is no value of" },
        { "<m f=\"A,D\"/>", "3: 'A,D' is no value of" },
        { "<m t=\"25:00:00\"/>", "3: '25:00:00' is no value of" },
        { "<m\nother=\"1\"/>", "3: unrecognized attribute 'other'" },
        { "<m>\n<other/></m>", "4: unrecognized element 'other'" },
        { "<m>\n\n<add w=\"1\"/></m>", "5: attribute 'key' is required" },
        { "<m><add key=\"a\"/>\n<add key=\"A\"/></m>",
          "4: 'add': an entry of this key is already there" },
        { "<m configSource=\"x\"/>", "configSource" }
    };
    const char *error;

    with_schema(schema);
    error = read_at(apr_psprintf(pool, "<configuration>\n<system.webServer>\n"
                                 "%s</system.webServer></configuration>",
                                 rows[_i].body), "");
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strstr(error, rows[_i].reason)
                  && strstr(error, "host.config:"), "%s", error);
}
END_TEST

START_TEST(a_schema_may_be_wrong_itself)
{
    static const char *const rows[][2] = {
        { "<x/>", "1: the root is 'x', not configSchema" },
        { "<configSchema>\n<y/></configSchema>", "2: 'y' has no meaning" },
        { "<configSchema><sectionSchema/></configSchema>", "1: sectionSchema "
          "has no name" },
        { "<configSchema><sectionSchema name=\"a\"><attribute name=\"b\" "
          "type=\"float\"/></sectionSchema></configSchema>",
          "1: 'float' is no type" },
        { "<configSchema><sectionSchema name=\"a\"><attribute name=\"b\" "
          "type=\"uint\" defaultValue=\"x\"/></sectionSchema></configSchema>",
          "1: defaultValue: 'x' is no value" }
    };
    const char *error = iisr_apphost_schema(apphost,
                                            write_file("s.xml", rows[_i][0]));

    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strstr(error, rows[_i][1]) != NULL, "%s", error);
}
END_TEST

START_TEST(the_schema_can_be_looked_at)
{
    IAppHostElement *mine = NULL;
    IAppHostElementSchema *all;
    IAppHostPropertySchemaCollection *properties;
    IAppHostPropertySchema *mode;
    IAppHostConstantValueCollection *values;
    IAppHostConstantValue *fast;
    IAppHostCollectionSchema *collection;
    VARIANT index;
    BSTR text;
    DWORD number;
    VARIANT_BOOL yes;

    with_schema(schema);
    start("<configuration/>");
    mine = section(L"system.webServer/m", ROOT);
    ck_assert_int_eq(mine->lpVtbl->get_Schema(mine, &all), S_OK);
    ck_assert_int_eq(all->lpVtbl->get_PropertySchemas(all, &properties),
                     S_OK);
    VariantInit(&index);
    index.vt = VT_BSTR;
    index.bstrVal = SysAllocString(L"mode");
    ck_assert_int_eq(properties->lpVtbl->get_Item(properties, index, &mode),
                     S_OK);
    VariantClear(&index);
    ck_assert_int_eq(mode->lpVtbl->get_Type(mode, &text), S_OK);
    ck_assert(!wcscmp(text, L"enum"));
    SysFreeString(text);
    ck_assert_int_eq(mode->lpVtbl->get_IsRequired(mode, &yes), S_OK);
    ck_assert_int_eq(yes, VARIANT_FALSE);
    ck_assert_int_eq(mode->lpVtbl->get_PossibleValues(mode, &values), S_OK);
    index.vt = VT_I4;
    index.lVal = 1;
    ck_assert_int_eq(values->lpVtbl->get_Item(values, index, &fast), S_OK);
    ck_assert_int_eq(fast->lpVtbl->get_Value(fast, &number), S_OK);
    ck_assert_uint_eq(number, 3);
    ck_assert_int_eq(all->lpVtbl->get_CollectionSchema(all, &collection),
                     S_OK);
    ck_assert_int_eq(collection->lpVtbl->get_AddElementNames(collection,
                                                             &text), S_OK);
    ck_assert(!wcscmp(text, L"add"));
    SysFreeString(text);
    ck_assert_int_eq(collection->lpVtbl->get_IsMergeAppend(collection, &yes),
                     S_OK);
    ck_assert_int_eq(yes, VARIANT_TRUE);
    release(collection);
    release(fast);
    release(values);
    release(mode);
    release(properties);
    release(all);
    release(mine);
}
END_TEST

/* --- files that are wrong ----------------------------------------------- */

START_TEST(a_malformed_file_is_refused_with_its_line)
{
    static const char *const rows[][2] = {
        { "", ":1: no element found" },
        { "<configuration>\n<a>\n</b></configuration>", ":3: mismatched tag" },
        { "<configuration>\n", ":2: no element found" },
        { "<configuration a=\"1\" a=\"2\"/>", ":1: duplicate attribute" },
        { "<configuration/>\n<configuration/>", ":2: junk after document" },
        { "<other/>", ":1: the root is 'other', not configuration" },
        { "<configuration>&nbsp;</configuration>", ":1: undefined entity" },
        { "<configuration a=\"\xff\"/>", ":1: not well-formed" },
        { "<!DOCTYPE c [<!ENTITY a \"b\">]>\n<configuration/>",
          ":1: a DOCTYPE is not allowed" },
        { "<!DOCTYPE c SYSTEM \"file:///etc/passwd\"><configuration/>",
          ":1: a DOCTYPE is not allowed" },
        { "<?xml version=\"1.0\" encoding=\"windows-1252\"?>"
          "<configuration/>", ":1: unknown encoding" },
        { "<configuration>\n<configSections>\n<section/></configSections>"
          "</configuration>", ":3: section has no name" }
    };
    const char *error = read_at(rows[_i][0], "");

    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strstr(error, rows[_i][1]) != NULL, "%s", error);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    const char *error = iisr_apphost_read(apphost, "/nonexistent/x", "");

    ck_assert_ptr_nonnull(strstr(error, "/nonexistent/x: No such file"));
    error = iisr_apphost_read(apphost, folder, "");
    ck_assert_ptr_nonnull(strstr(error, "not a regular file"));
}
END_TEST

START_TEST(an_entity_bomb_does_not_go_off)
{
    const char *error = read_at("<!DOCTYPE c [<!ENTITY a \"aaaaaaaaaa\">"
        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
        "<configuration a=\"&c;\">&c;</configuration>", "");

    ck_assert_ptr_nonnull(strstr(error, "DOCTYPE"));
}
END_TEST

START_TEST(nesting_has_an_end)
{
    char *text = apr_palloc(pool, 5000 * 3 + 64);
    int i;

    strcpy(text, "<configuration>");
    for (i = 0; i < 5000; i++) {
        strcpy(text + 15 + i * 3, "<a>");
    }
    ck_assert_ptr_nonnull(strstr(read_at(text, ""), "nested too deeply"));
}
END_TEST

START_TEST(a_file_has_a_size)
{
    size_t n = 17 * 1024 * 1024;
    char *text = malloc(n);
    const char *error;

    memset(text, ' ', n);
    memcpy(text, "<configuration>", 15);
    error = iisr_apphost_read(apphost, write_bytes("big", text, n), "");
    free(text);
    ck_assert_ptr_nonnull(strstr(error, "larger than 16 MB"));
}
END_TEST

START_TEST(many_entries_are_all_there)
{
    enum { MANY = 20000 };
    char *text = malloc(MANY * 32 + 100), *p = text;
    IAppHostElement *mine;
    IAppHostElementCollection *collection;
    DWORD count;
    int i;

    p += sprintf(p, "<configuration><m>");
    for (i = 0; i < MANY; i++) {
        p += sprintf(p, "<add key=\"%d\"/>", i);
    }
    sprintf(p, "</m></configuration>");
    start(text);
    free(text);
    mine = section(L"m", ROOT);
    mine->lpVtbl->get_Collection(mine, &collection);
    collection->lpVtbl->get_Count(collection, &count);
    ck_assert_uint_eq(count, MANY);
    release(collection);
    release(mine);
}
END_TEST

START_TEST(every_usual_encoding_is_read)
{
    static const char utf8[] = "\xef\xbb\xbf<configuration><m a=\"\xc3\xa4"
        "\xf0\x9f\x98\x80\"/></configuration>";
    static const char latin[] = "<?xml version=\"1.0\" "
        "encoding=\"iso-8859-1\"?><configuration><m a=\"\xe4\"/>"
        "</configuration>";
    static const char ascii[] = "<configuration><m a=\"\xe4\"/>"
        "</configuration>";
    unsigned char utf16[256] = { 0xff, 0xfe };
    IAppHostElement *mine;
    const char *path;
    size_t i;

    for (i = 0; i < sizeof(ascii); i++) {
        utf16[2 + 2 * i] = (unsigned char)ascii[i];
    }
    path = _i == 0 ? write_bytes("c", utf8, sizeof(utf8) - 1)
        : _i == 1 ? write_bytes("c", latin, sizeof(latin) - 1)
        : write_bytes("c", utf16, 2 * sizeof(ascii));
    ck_assert_ptr_eq(iisr_apphost_read(apphost, path, ""), NULL);
    ck_assert_ptr_eq(iisr_apphost_seal(apphost), NULL);
    admin = iisr_admin_create(pool, apphost, log_line, NULL);
    manager = iisr_admin_manager(admin);
    mine = section(L"m", ROOT);
    expect_text(mine, L"a", _i == 0 ? L"\u00e4\U0001F600" : L"\u00e4");
    release(mine);
}
END_TEST

/* --- as COM ------------------------------------------------------------- */

START_TEST(objects_count_references_and_know_their_interfaces)
{
    IAppHostElement *mine;
    IUnknown *unknown = NULL;
    void *other = NULL;

    start("<configuration><m/></configuration>");
    mine = section(L"m", ROOT);
    ck_assert_int_eq(mine->lpVtbl->base.QueryInterface((IUnknown *)mine,
                     &IID_IUnknown, (void **)&unknown), S_OK);
    ck_assert_ptr_eq(unknown, (IUnknown *)mine);
    ck_assert_int_eq(mine->lpVtbl->base.QueryInterface((IUnknown *)mine,
                     &IID_IAppHostElement, &other), S_OK);
    ck_assert_int_eq(mine->lpVtbl->base.QueryInterface((IUnknown *)mine,
                     &IID_IAppHostProperty, &other), E_NOINTERFACE);
    ck_assert_ptr_eq(other, NULL);
    ck_assert_int_eq(mine->lpVtbl->base.QueryInterface((IUnknown *)mine,
                     &IID_IUnknown, NULL), E_POINTER);
    ck_assert_uint_eq(unknown->lpVtbl->AddRef(unknown), 4);
    ck_assert_uint_eq(unknown->lpVtbl->Release(unknown), 3);
    release(mine);
    release(mine);
    ck_assert_uint_eq(iisr_admin_objects(admin), 1);
    ck_assert_uint_eq(unknown->lpVtbl->Release(unknown), 0);
    ck_assert_int_eq(manager->lpVtbl->base.QueryInterface((IUnknown *)manager,
                     &IID_IAppHostWritableAdminManager, &other), S_OK);
    ck_assert_ptr_eq(other, manager);
    /* One Release too many of the manager frees nothing. */
    release(manager);
    release(manager);
    release(manager);
    release(section(L"m", ROOT));
}
END_TEST

START_TEST(writing_is_refused_and_said_once)
{
    IAppHostWritableAdminManager *writable;
    IAppHostElement *mine, *made = (void *)1;
    IAppHostElementCollection *collection;
    IAppHostProperty *property;
    BSTR name = SysAllocString(L"a");
    VARIANT value;

    start("<configuration><m a=\"1\"/></configuration>");
    writable = (IAppHostWritableAdminManager *)manager;
    VariantInit(&value);
    mine = section(L"m", ROOT);
    mine->lpVtbl->get_Collection(mine, &collection);
    mine->lpVtbl->GetPropertyByName(mine, name, &property);
    ck_assert_int_eq(writable->lpVtbl->CommitChanges(writable), E_NOTIMPL);
    ck_assert_int_eq(writable->lpVtbl->put_CommitPath(writable, name),
                     E_NOTIMPL);
    ck_assert_int_eq(property->lpVtbl->put_Value(property, value), E_NOTIMPL);
    ck_assert_int_eq(property->lpVtbl->Clear(property), E_NOTIMPL);
    ck_assert_int_eq(mine->lpVtbl->Clear(mine), E_NOTIMPL);
    ck_assert_int_eq(mine->lpVtbl->SetMetadata(mine, name, value), E_NOTIMPL);
    ck_assert_int_eq(collection->lpVtbl->CreateNewElement(collection, name,
                                                          &made), E_NOTIMPL);
    ck_assert_ptr_eq(made, NULL);
    ck_assert_int_eq(collection->lpVtbl->AddElement(collection, mine, -1),
                     E_NOTIMPL);
    ck_assert_int_eq(collection->lpVtbl->DeleteElement(collection, value),
                     E_NOTIMPL);
    ck_assert_int_eq(collection->lpVtbl->Clear(collection), E_NOTIMPL);
    ck_assert_int_eq(warnings, 1);
    ck_assert_str_eq(last_id, "IISR0701");
    expect_text(mine, L"a", L"1");
    release(property);
    release(collection);
    release(mine);
    SysFreeString(name);
}
END_TEST

START_TEST(a_property_says_what_it_is)
{
    IAppHostElement *mine;
    IAppHostPropertyCollection *properties;
    IAppHostProperty *property;
    IAppHostPropertyException *exception = (void *)1;
    IAppHostPropertySchema *none = (void *)1;
    VARIANT index;
    BSTR text;

    start("<configuration><m a=\"1\" b=\"two\"/></configuration>");
    mine = section(L"m", ROOT);
    mine->lpVtbl->get_Properties(mine, &properties);
    VariantInit(&index);
    index.vt = VT_I4;
    index.lVal = 1;
    ck_assert_int_eq(properties->lpVtbl->get_Item(properties, index,
                                                  &property), S_OK);
    ck_assert_int_eq(property->lpVtbl->get_Name(property, &text), S_OK);
    ck_assert(!wcscmp(text, L"b"));
    SysFreeString(text);
    ck_assert_int_eq(property->lpVtbl->get_StringValue(property, &text),
                     S_OK);
    ck_assert(!wcscmp(text, L"two"));
    SysFreeString(text);
    ck_assert_int_eq(property->lpVtbl->get_StringValue(property, NULL),
                     HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER));
    ck_assert_int_eq(property->lpVtbl->get_Exception(property, &exception),
                     S_OK);
    ck_assert_ptr_eq(exception, NULL);
    ck_assert_int_eq(property->lpVtbl->get_Schema(property, &none),
                     HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    ck_assert_ptr_eq(none, NULL);
    release(property);
    index.lVal = 2;
    ck_assert_int_eq(properties->lpVtbl->get_Item(properties, index,
                                                  &property),
                     HRESULT_FROM_WIN32(ERROR_INVALID_INDEX));
    release(properties);
    release(mine);
}
END_TEST

START_TEST(files_locations_and_definitions_can_be_walked)
{
    IAppHostConfigManager *configs;
    IAppHostConfigFile *file;
    IAppHostConfigLocationCollection *locations;
    IAppHostConfigLocation *location;
    IAppHostElement *element;
    IAppHostSectionGroup *groups, *web;
    IAppHostSectionDefinitionCollection *sections;
    IAppHostSectionDefinition *definition;
    BSTR path = SysAllocString(ROOT), deep = SysAllocString(ROOT L"/x/y");
    BSTR text;
    VARIANT index;
    DWORD count;

    start("<configuration><configSections><sectionGroup name="
          "\"system.webServer\"><section name=\"m\" overrideModeDefault="
          "\"Deny\"/></sectionGroup></configSections>"
          "<location path=\"Site\"><system.webServer><m a=\"1\"/>"
          "</system.webServer></location></configuration>");
    ck_assert_int_eq(manager->lpVtbl->get_ConfigManager(manager, &configs),
                     S_OK);
    ck_assert_int_eq(configs->lpVtbl->GetUniqueConfigPath(configs, deep,
                                                          &text), S_OK);
    ck_assert(!wcscmp(text, ROOT));
    SysFreeString(text);
    ck_assert_int_eq(configs->lpVtbl->GetConfigFile(configs, deep, &file),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(configs->lpVtbl->GetConfigFile(configs, path, &file),
                     S_OK);
    file->lpVtbl->get_FilePath(file, &text);
    ck_assert_ptr_nonnull(wcsstr(text, L"/host.config"));
    SysFreeString(text);
    file->lpVtbl->get_Locations(file, &locations);
    VariantInit(&index);
    index.vt = VT_BSTR;
    index.bstrVal = SysAllocString(L"Site");
    ck_assert_int_eq(locations->lpVtbl->get_Item(locations, index, &location),
                     S_OK);
    VariantClear(&index);
    location->lpVtbl->get_Count(location, &count);
    ck_assert_uint_eq(count, 1);
    index.vt = VT_I4;
    ck_assert_int_eq(location->lpVtbl->get_Item(location, index, &element),
                     S_OK);
    element->lpVtbl->get_Name(element, &text);
    ck_assert(!wcscmp(text, L"system.webServer/m"));
    SysFreeString(text);
    file->lpVtbl->get_RootSectionGroup(file, &groups);
    ck_assert_int_eq(groups->lpVtbl->get_Item(groups, index, &web), S_OK);
    web->lpVtbl->get_Sections(web, &sections);
    ck_assert_int_eq(sections->lpVtbl->get_Item(sections, index, &definition),
                     S_OK);
    definition->lpVtbl->get_OverrideModeDefault(definition, &text);
    ck_assert(!wcscmp(text, L"Deny"));
    SysFreeString(text);
    release(definition);
    release(sections);
    release(web);
    release(groups);
    release(element);
    release(location);
    release(locations);
    release(file);
    release(configs);
    SysFreeString(path);
    SysFreeString(deep);
}
END_TEST

START_TEST(the_manager_lists_its_sections)
{
    BSTR name = SysAllocString(L"availableSections");
    VARIANT value;

    start("<configuration><system.webServer><b/><security><c/></security>"
          "</system.webServer><a/></configuration>");
    ck_assert_int_eq(manager->lpVtbl->GetMetadata(manager, name, &value),
                     S_OK);
    ck_assert_int_eq(value.vt, VT_BSTR);
    ck_assert(!wcscmp(value.bstrVal, L"system.webServer/b,"
                      L"system.webServer/security/c,a"));
    VariantClear(&value);
    SysFreeString(name);
    name = SysAllocString(L"somethingElse");
    ck_assert_int_eq(manager->lpVtbl->GetMetadata(manager, name, &value),
                     HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    ck_assert_int_eq(value.vt, VT_EMPTY);
    SysFreeString(name);
}
END_TEST

START_TEST(a_change_handler_is_taken_and_never_called)
{
    BSTR handler = SysAllocString(L"changeHandler");
    BSTR mapper = SysAllocString(L"pathMapper");
    VARIANT value;

    start("<configuration/>");
    VariantInit(&value);
    value.vt = VT_UNKNOWN;
    ck_assert_int_eq(manager->lpVtbl->SetMetadata(manager, handler, value),
                     S_OK);
    ck_assert_int_eq(warnings, 0);
    ck_assert_int_eq(manager->lpVtbl->SetMetadata(manager, mapper, value),
                     E_NOTIMPL);
    SysFreeString(handler);
    SysFreeString(mapper);
}
END_TEST

static void *APR_THREAD_FUNC reads(apr_thread_t *thread, void *data)
{
    int i;

    (void)thread;
    (void)data;
    for (i = 0; i < 300; i++) {
        IAppHostElement *mine = section(L"system.webServer/m",
                                        ROOT L"/Site/app/x");

        expect_text(mine, L"b", L"2");
        release(mine);
    }
    return NULL;
}

START_TEST(any_thread_may_read)
{
    apr_thread_t *threads[8];
    apr_status_t rv;
    int i;

    start(inheriting);
    for (i = 0; i < 8; i++) {
        ck_assert_int_eq(apr_thread_create(&threads[i], NULL, reads, NULL,
                                           pool), APR_SUCCESS);
    }
    for (i = 0; i < 8; i++) {
        apr_thread_join(&rv, threads[i]);
    }
}
END_TEST

#define OF(object, method, ...) (object)->lpVtbl->method(object, ##__VA_ARGS__)

/* A getter of a text. */
#define TEXT_IS(object, method, text) do { \
    BSTR text_ = NULL; \
    ck_assert_int_eq(OF(object, method, &text_), S_OK); \
    ck_assert_msg(!wcscmp(text_, text), #method ": %ls", text_); \
    SysFreeString(text_); \
    ck_assert(FAILED(OF(object, method, NULL))); \
} while (0)

#define MARK_IS(object, method, mark) do { \
    VARIANT_BOOL mark_ = 42; \
    ck_assert_int_eq(OF(object, method, &mark_), S_OK); \
    ck_assert_int_eq(mark_, (mark) ? VARIANT_TRUE : VARIANT_FALSE); \
} while (0)

#define COUNT_IS(object, count) do { \
    DWORD count_ = 42; \
    ck_assert_int_eq(OF(object, get_Count, &count_), S_OK); \
    ck_assert_uint_eq(count_, count); \
} while (0)

/* What has no metadata, and takes none. */
#define NO_METADATA(object) do { \
    VARIANT value_; \
    ck_assert_int_eq(OF(object, GetMetadata, name, &value_), \
                     HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)); \
    ck_assert_int_eq(value_.vt, VT_EMPTY); \
} while (0)

START_TEST(every_definition_is_read_and_none_is_written)
{
    IAppHostConfigManager *configs;
    IAppHostConfigFile *file;
    IAppHostConfigLocationCollection *locations;
    IAppHostConfigLocation *location, *fresh = (void *)&configs;
    IAppHostSectionGroup *groups, *web, *group = (void *)&configs;
    IAppHostSectionDefinitionCollection *sections;
    IAppHostSectionDefinition *definition, *more = (void *)&configs;
    IAppHostWritableAdminManager *writable;
    IAppHostElement *element;
    BSTR path = SysAllocString(ROOT), name = SysAllocString(L"x");
    BSTR where = SysAllocString(L"Site"), text = NULL;
    BSTR m = SysAllocString(L"system.webServer/m");
    VARIANT index = { { { .vt = VT_I4 } } };

    start("<configuration><configSections><sectionGroup name="
          "\"system.webServer\" type=\"G\"><section name=\"m\" type=\"T\" "
          "overrideModeDefault=\"Deny\" allowDefinition=\"AppHostOnly\" "
          "allowLocation=\"true\" requirePermission=\"false\"/>"
          "</sectionGroup></configSections>"
          "<location path=\"Site\"><system.webServer><m a=\"1\"/>"
          "</system.webServer></location></configuration>");
    ck_assert_int_eq(manager->lpVtbl->base.QueryInterface(
        (IUnknown *)(void *)manager, &IID_IAppHostWritableAdminManager,
        (void **)&writable), S_OK);
    TEXT_IS(writable, get_CommitPath, ROOT);
    release(writable);
    OF(manager, get_ConfigManager, &configs);
    OF(configs, GetConfigFile, path, &file);
    TEXT_IS(file, get_ConfigPath, ROOT);
    NO_METADATA(file);
    ck_assert_int_eq(OF(file, SetMetadata, name, index), E_NOTIMPL);
    ck_assert_int_eq(OF(file, ClearInvalidSections), E_NOTIMPL);
    ck_assert_int_eq(OF(file, GetAdminSection, m, where, &element), S_OK);
    expect_text(element, L"a", L"1");
    ck_assert_int_eq(OF(element, SetMetadata, name, index), E_NOTIMPL);
    NO_METADATA(element);
    release(element);
    OF(file, get_Locations, &locations);
    COUNT_IS(locations, 2);             /* what is outside of any, first */
    ck_assert_int_eq(OF(locations, AddLocation, name, &fresh), E_NOTIMPL);
    ck_assert_ptr_null(fresh);
    ck_assert_int_eq(OF(locations, DeleteLocation, index), E_NOTIMPL);
    ck_assert_int_eq(OF(locations, RenameLocation, index, name), E_NOTIMPL);
    OF(locations, get_Item, index, &location);
    TEXT_IS(location, get_Path, L"");
    release(location);
    index.lVal = 1;
    OF(locations, get_Item, index, &location);
    TEXT_IS(location, get_Path, L"Site");
    index.lVal = 0;
    element = (void *)&configs;
    ck_assert_int_eq(OF(location, AddConfigSection, name, &element),
                     E_NOTIMPL);
    ck_assert_ptr_null(element);
    ck_assert_int_eq(OF(location, DeleteConfigSection, index), E_NOTIMPL);
    OF(file, get_RootSectionGroup, &groups);
    COUNT_IS(groups, 1);
    OF(groups, get_Item, index, &web);
    TEXT_IS(web, get_Name, L"system.webServer");
    TEXT_IS(web, get_Type, L"G");
    ck_assert_int_eq(OF(web, put_Type, name), E_NOTIMPL);
    ck_assert_int_eq(OF(web, AddSectionGroup, name, &group), E_NOTIMPL);
    ck_assert_ptr_null(group);
    ck_assert_int_eq(OF(web, DeleteSectionGroup, index), E_NOTIMPL);
    OF(web, get_Sections, &sections);
    COUNT_IS(sections, 1);
    ck_assert_int_eq(OF(sections, AddSection, name, &more), E_NOTIMPL);
    ck_assert_ptr_null(more);
    ck_assert_int_eq(OF(sections, DeleteSection, index), E_NOTIMPL);
    OF(sections, get_Item, index, &definition);
    TEXT_IS(definition, get_Name, L"m");
    TEXT_IS(definition, get_Type, L"T");
    TEXT_IS(definition, get_AllowDefinition, L"AppHostOnly");
    TEXT_IS(definition, get_AllowLocation, L"true");
    MARK_IS(definition, get_RequirePermission, 0);
    ck_assert_int_eq(OF(definition, put_Type, name), E_NOTIMPL);
    ck_assert_int_eq(OF(definition, put_OverrideModeDefault, name),
                     E_NOTIMPL);
    ck_assert_int_eq(OF(definition, put_AllowDefinition, name), E_NOTIMPL);
    ck_assert_int_eq(OF(definition, put_AllowLocation, name), E_NOTIMPL);
    ck_assert_int_eq(OF(definition, put_RequirePermission, VARIANT_TRUE),
                     E_NOTIMPL);
    release(definition);
    release(sections);
    release(web);
    release(groups);
    release(location);
    release(locations);
    release(file);
    release(configs);
    SysFreeString(path);
    SysFreeString(name);
    SysFreeString(where);
    SysFreeString(text);
    SysFreeString(m);
}
END_TEST

static IAppHostPropertySchema *attribute(IAppHostElementSchema *of,
                                         const WCHAR *name)
{
    IAppHostPropertySchemaCollection *all;
    IAppHostPropertySchema *found = NULL;
    VARIANT index = { { { .vt = VT_BSTR } } };

    index.bstrVal = SysAllocString(name);
    OF(of, get_PropertySchemas, &all);
    ck_assert_int_eq(OF(all, get_Item, index, &found), S_OK);
    release(all);
    VariantClear(&index);
    return found;
}

START_TEST(every_word_of_the_schema_is_there)
{
    IAppHostElement *mine;
    IAppHostElementCollection *entries_of;
    IAppHostElementSchema *all, *limits, *add, *other;
    IAppHostElementSchemaCollection *children;
    IAppHostPropertySchemaCollection *attributes;
    IAppHostPropertySchema *p;
    IAppHostConstantValueCollection *values;
    IAppHostConstantValue *slow;
    IAppHostCollectionSchema *collection;
    IAppHostMethodCollection *methods;
    IAppHostMethod *method = (void *)&mine;
    IAppHostProperty *property;
    BSTR name = SysAllocString(L"add");
    VARIANT index = { { { .vt = VT_I4 } } }, value;

    with_schema(schema);
    start("<configuration/>");
    mine = section(L"system.webServer/m", ROOT);
    OF(mine, get_Schema, &all);
    TEXT_IS(all, get_Name, L"m");
    MARK_IS(all, get_DoesAllowUnschematizedProperties, 0);
    MARK_IS(all, get_IsCollectionDefault, 0);
    NO_METADATA(all);
    OF(all, get_PropertySchemas, &attributes);
    COUNT_IS(attributes, 10);
    release(attributes);
    OF(all, get_ChildElementSchemas, &children);
    COUNT_IS(children, 1);
    ck_assert_int_eq(OF(children, get_Item, index, &limits), S_OK);
    TEXT_IS(limits, get_Name, L"limits");
    ck_assert(FAILED(OF(limits, get_CollectionSchema, &collection)));
    p = attribute(all, L"u");
    TEXT_IS(p, get_Name, L"u");
    TEXT_IS(p, get_ValidationType, L"integerRange");
    TEXT_IS(p, get_ValidationParameter, L"1,100");
    ck_assert_int_eq(OF(p, get_DefaultValue, &value), S_OK);
    ck_assert_int_eq(value.vt, VT_UI4);
    ck_assert_uint_eq(value.ulVal, 7);
    MARK_IS(p, get_IsUniqueKey, 0);
    MARK_IS(p, get_IsCombinedKey, 0);
    MARK_IS(p, get_IsExpanded, 0);
    MARK_IS(p, get_IsCaseSensitive, 0);
    MARK_IS(p, get_DoesAllowInfinite, 0);
    MARK_IS(p, get_IsEncrypted, 0);
    TEXT_IS(p, get_TimeSpanFormat, L"string");
    NO_METADATA(p);
    release(p);
    p = attribute(all, L"dir");
    MARK_IS(p, get_IsExpanded, 1);
    release(p);
    p = attribute(all, L"mode");
    OF(p, get_PossibleValues, &values);
    COUNT_IS(values, 2);
    OF(values, get_Item, index, &slow);
    TEXT_IS(slow, get_Name, L"Slow");
    release(slow);
    release(values);
    release(p);
    OF(mine, get_Collection, &entries_of);
    ck_assert_int_eq(OF(entries_of, get_Schema, &collection), S_OK);
    ck_assert_int_eq(OF(collection, GetAddElementSchema, name, &add), S_OK);
    p = attribute(add, L"key");
    MARK_IS(p, get_IsUniqueKey, 1);
    release(p);
    ck_assert_int_eq(OF(collection, get_RemoveElementSchema, &other), S_OK);
    release(other);
    ck_assert_int_eq(OF(collection, get_ClearElementSchema, &other), S_OK);
    release(other);
    MARK_IS(collection, get_DoesAllowDuplicates, 0);
    NO_METADATA(collection);
    ck_assert_int_eq(OF(mine, get_Methods, &methods), S_OK);
    COUNT_IS(methods, 0);
    ck_assert(FAILED(OF(methods, get_Item, index, &method)));
    ck_assert_ptr_null(method);
    SysFreeString(name);
    name = SysAllocString(L"u");
    ck_assert_int_eq(OF(mine, GetPropertyByName, name, &property), S_OK);
    NO_METADATA(property);
    ck_assert_int_eq(OF(property, SetMetadata, name, index), E_NOTIMPL);
    release(property);
    release(methods);
    release(add);
    release(collection);
    release(entries_of);
    release(limits);
    release(children);
    release(all);
    release(mine);
    SysFreeString(name);
}
END_TEST

/* --- much of it --------------------------------------------------------- */

/* A row, many times: its number is in it twice at most.  What takes a time by
 * the square of that does not end within the test's. */
#define MANY 100000

static const char keyed[] =
    "<configSchema><sectionSchema name=\"system.webServer/m\">"
    "<collection addElement=\"add\" removeElement=\"remove\" "
    "clearElement=\"clear\" mergeAppend=\"false\">"
    "<attribute name=\"k\" type=\"string\" isUniqueKey=\"true\"/>"
    "<attribute name=\"v\" type=\"string\"/></collection></sectionSchema>"
    "</configSchema>";

static const struct {
    const char *schema, *head, *row, *tail;
} shapes[] = {
    { NULL, "", "<location path=\"a%d\"><system.webServer><m x=\"%d\"/>"
      "</system.webServer></location>", "" },
    { NULL, "", "<location path=\"a/b%d/c%d/d\"/>", "" },
    { NULL, "<system.webServer><m ", "a%d=\"%d\" ",
      "/></system.webServer>" },
    { NULL, "<system.webServer><m><add k=\"1\"/>", "<remove k=\"%d\"/>",
      "</m></system.webServer>" },
    { NULL, "<system.webServer><m>", "<add k=\"%d\"/><remove k=\"%d\"/>",
      "</m></system.webServer>" },
    { NULL, "<system.webServer><m>", "<add k=\"1\"/>",
      "<remove k=\"1\"/></m></system.webServer>" },
    { NULL, "<system.webServer><m>", "<add k=\"1\"/><remove/>",
      "</m></system.webServer>" },
    { NULL, "<system.webServer><m>", "<c%d/>", "</m></system.webServer>" },
    { NULL, "<system.webServer>", "<c%d/>", "</system.webServer>" },
    { NULL, "<configSections>", "<section name=\"s%d\"/>",
      "</configSections>" },
    { NULL, "<configSections>", "<sectionGroup name=\"g%d\"><section "
      "name=\"s\"/></sectionGroup>", "</configSections>" },
    { keyed, "<system.webServer><m>", "<add k=\"%d\" v=\"1\"/>",
      "</m></system.webServer>" },
    { keyed, "<system.webServer><m>", "<add k=\"%d\"/><remove k=\"%d\"/>",
      "</m></system.webServer>" }
};

static char *many_rows(int shape, int n)
{
    apr_size_t room = strlen(shapes[shape].row) + 16;
    char *text = apr_palloc(pool, n * room + 1024), *end = text;
    int i;

    end += sprintf(end, "<configuration>%s", shapes[shape].head);
    for (i = 0; i < n; i++) {
        end += sprintf(end, shapes[shape].row, i, i);
    }
    sprintf(end, "%s</configuration>", shapes[shape].tail);
    return text;
}

START_TEST(much_of_it_is_read_in_time)
{
    if (shapes[_i].schema) {
        with_schema(shapes[_i].schema);
    }
    ck_assert_ptr_eq(read_at(many_rows(_i, MANY), ""), NULL);
}
END_TEST

/* And every row is found again, in short lists and in long ones. */
START_TEST(what_is_found_does_not_depend_on_how_much_there_is)
{
    char path[32], name[16];
    const iisr_element_t *m;
    int i;

    ck_assert_ptr_eq(read_at(many_rows(0, _i), ""), NULL);
    for (i = 0; i < _i; i++) {
        snprintf(path, sizeof(path), "A%d/below", i);
        snprintf(name, sizeof(name), "%d", i);
        m = iisr_apphost_section(apphost, path, "system.webServer/m");
        ck_assert_ptr_nonnull(m);
        ck_assert_str_eq(iisr_element_setting(m, "X")->value, name);
    }
    ck_assert_ptr_null(iisr_apphost_section(apphost, "b",
                                            "system.webServer/m"));
}
END_TEST

START_TEST(what_is_left_of_a_collection_is_in_order)
{
    const iisr_element_t *m;
    char text[4096] = "<configuration><system.webServer><m>", name[8];
    int i;

    for (i = 0; i < 40; i++) {
        sprintf(text + strlen(text), "<add k=\"%d\" v=\"%d\"/>", i, i % 2);
    }
    strcat(text, "<remove v=\"1\"/><add k=\"1\" v=\"1\"/></m>"
           "</system.webServer></configuration>");
    if (_i) {
        with_schema(keyed);
    }
    ck_assert_ptr_eq(read_at(text, ""), NULL);
    m = iisr_apphost_section(apphost, "", "system.webServer/m");
    ck_assert_int_eq(m->entries->nelts, 21);
    for (i = 0; i < 21; i++) {
        snprintf(name, sizeof(name), "%d", i < 20 ? 2 * i : 1);
        ck_assert_str_eq(iisr_element_setting(
            APR_ARRAY_IDX(m->entries, i, iisr_element_t *), "k")->value,
            name);
    }
}
END_TEST

/* The nearest above, whatever sorts between. */
START_TEST(a_path_inherits_from_the_one_above)
{
    static const char *const paths[] = { "a", "a b", "a/b", "a-b", "a/b/c",
                                         "A/b c", "a/b/c/d/e", "b" };
    static const struct { const char *path, *x; } asked[] = {
        { "a", "a" }, { "a/x", "a" }, { "a b/x", "a b" }, { "a/b/x", "a/b" },
        { "a-b", "a-b" }, { "a/b/c/d", "a/b/c" }, { "a/b c/d", "A/b c" },
        { "A/B/C/D/E/f", "a/b/c/d/e" }, { "b/a", "b" }
    };
    char text[4096] = "<configuration>";
    unsigned int i;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        sprintf(text + strlen(text), "<location path=\"%s\">"
                "<system.webServer><m x=\"%s\" y%u=\"1\"/>"
                "</system.webServer></location>", paths[i], paths[i], i);
    }
    strcat(text, "</configuration>");
    ck_assert_ptr_eq(read_at(text, ""), NULL);
    for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        const iisr_element_t *m = iisr_apphost_section(
            apphost, asked[i].path, "system.webServer/m");

        ck_assert_str_eq(iisr_element_setting(m, "x")->value, asked[i].x);
    }
    /* What a/b/c/d/e has of those above it. */
    {
        const iisr_element_t *m = iisr_apphost_section(
            apphost, "a/b/c/d/e", "system.webServer/m");

        ck_assert_ptr_nonnull(iisr_element_setting(m, "y0"));
        ck_assert_ptr_nonnull(iisr_element_setting(m, "y2"));
        ck_assert_ptr_nonnull(iisr_element_setting(m, "y4"));
        ck_assert_ptr_null(iisr_element_setting(m, "y1"));
        ck_assert_ptr_null(iisr_element_setting(m, "y3"));
        ck_assert_ptr_null(iisr_element_setting(m, "y5"));
    }
}
END_TEST

START_TEST(only_a_file_is_a_file)
{
    const char *path = apr_pstrcat(pool, folder, "/fifo", NULL), *error;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    error = iisr_apphost_read(apphost, path, "");
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "not a regular file"));
    error = iisr_apphost_schema(apphost, path);
    ck_assert_ptr_nonnull(strstr(error, "not a regular file"));
    error = iisr_apphost_read(apphost, "/dev/zero", "");
    ck_assert_ptr_nonnull(strstr(error, "not a regular file"));
    error = iisr_apphost_read(apphost, folder, "");
    ck_assert_ptr_nonnull(error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("apphost");
    TCase *tc = tcase_create("apphost");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_section_has_properties_children_and_a_collection);
    tcase_add_test(tc, what_is_not_there_has_its_documented_error);
    tcase_add_test(tc,
                   without_a_file_nothing_is_found_and_the_log_says_so_once);
    tcase_add_test(tc, a_declared_section_that_no_file_uses_is_empty);
    tcase_add_test(tc, entries_are_recognized_without_a_schema);
    tcase_add_test(tc, an_index_may_be_of_any_integer_type_or_a_name);
    tcase_add_test(tc, a_deeper_path_inherits_and_overrides);
    tcase_add_test(tc, a_site_file_is_laid_over_the_servers);
    tcase_add_test(tc, a_schema_gives_types_and_defaults);
    tcase_add_test(tc, a_schema_types_what_the_file_says);
    tcase_add_loop_test(tc, what_the_schema_forbids_is_refused_with_its_line,
                        0, 11);
    tcase_add_loop_test(tc, a_schema_may_be_wrong_itself, 0, 5);
    tcase_add_test(tc, the_schema_can_be_looked_at);
    tcase_add_loop_test(tc, a_malformed_file_is_refused_with_its_line, 0, 12);
    tcase_add_test(tc, what_is_no_file_is_refused);
    tcase_add_test(tc, an_entity_bomb_does_not_go_off);
    tcase_add_test(tc, nesting_has_an_end);
    tcase_add_test(tc, a_file_has_a_size);
    tcase_add_test(tc, many_entries_are_all_there);
    tcase_add_loop_test(tc, every_usual_encoding_is_read, 0, 3);
    tcase_add_test(tc, objects_count_references_and_know_their_interfaces);
    tcase_add_test(tc, writing_is_refused_and_said_once);
    tcase_add_test(tc, a_property_says_what_it_is);
    tcase_add_test(tc, files_locations_and_definitions_can_be_walked);
    tcase_add_test(tc, every_definition_is_read_and_none_is_written);
    tcase_add_test(tc, every_word_of_the_schema_is_there);
    tcase_add_test(tc, the_manager_lists_its_sections);
    tcase_add_test(tc, a_change_handler_is_taken_and_never_called);
    tcase_add_test(tc, any_thread_may_read);
    tcase_add_loop_test(tc, much_of_it_is_read_in_time, 0,
                        sizeof(shapes) / sizeof(shapes[0]));
    tcase_add_loop_test(tc,
                        what_is_found_does_not_depend_on_how_much_there_is,
                        1, 40);
    tcase_add_loop_test(tc, what_is_left_of_a_collection_is_in_order, 0, 2);
    tcase_add_test(tc, a_path_inherits_from_the_one_above);
    tcase_add_test(tc, only_a_file_is_a_file);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
