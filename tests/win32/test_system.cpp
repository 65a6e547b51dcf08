/* .ini files, libraries, the computer and GUIDs, as their pages say: "GetPrivateProfileStringA function", "LoadLibraryA
 * function", "GetComputerNameExA function", "GetVersionExA function", "UuidCreate function". */
#include <windows.h>
#include <bcrypt.h>
#include <rpc.h>
#include <versionhelpers.h>
#include <check.h>

static void is(const std::string &text, const std::string &expected)
{
    ck_assert_str_eq(text.c_str(), expected.c_str());
}

/* ---- .ini files -------------------------------------------------------------------------------------------------- */

static const char file[] = "/tmp/iisresp-test.ini";
static void put(const char *text, size_t length)
{
    FILE *to = fopen(file, "w");
    fwrite(text, 1, length, to);
    fclose(to);
}
static std::string value(const char *section, const char *key)
{
    char text[64];
    DWORD n = GetPrivateProfileStringA(section, key, "none  ", text, sizeof(text), "\\tmp\\iisresp-test.ini");
    std::string copy(text, n);
    for (char &c : copy)
        c = c ? c : '|';
    return copy;
}
static const char example[] = "outside=1\r\n; [Comment]\r\n[Main]\r\n Name = some value \r\n;Name=other\r\nquoted=' in '\r\n"
                              "number=-12x\r\nhex=0x1F\r\nname=again\r\n\r\n[ Second ]\nempty=\nname=\xc3\xa4=b\n";

START_TEST(values_are_found)
{
    char text[5];
    WCHAR wide[64];

    put(example, sizeof(example) - 1);
    is(value("main", "NAME"), "some value");
    is(value("Main", "quoted"), " in ");
    is(value("second", "name"), "\xc3\xa4=b");
    is(value("Second", "empty"), "");
    is(value("main", "outside"), "none");
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    is(value("Comment", "Name"), "none");
    is(value("main", NULL), "Name|quoted|number|hex|name|");
    is(value(NULL, NULL), "Main|Second|");
    ck_assert_uint_eq(GetPrivateProfileStringA("main", "name", "", text, sizeof(text), file), 4);
    is(text, "some");
    ck_assert_uint_eq(GetPrivateProfileStringA("main", NULL, "", text, sizeof(text), file), 3);
    ck_assert(!memcmp(text, "Nam\0", 5));
    ck_assert_uint_eq(GetPrivateProfileStringW(L"second", L"name", NULL, wide, 64, L"/tmp/iisresp-test.ini"), 3);
    ck_assert(!wcscmp(wide, L"\u00e4=b"));
    ck_assert_int_eq((INT)GetPrivateProfileIntA("main", "number", 5, file), -12);
    ck_assert_uint_eq(GetPrivateProfileIntW(L"main", L"hex", 5, L"/tmp/iisresp-test.ini"), 31);
    ck_assert_uint_eq(GetPrivateProfileIntA("main", "name", 5, file), 0);
    ck_assert_uint_eq(GetPrivateProfileIntA("main", "gone", 5, file), 5);
    ck_assert_uint_eq(GetPrivateProfileIntA("main", "number", 5, "/tmp/no such file.ini"), 5);
    ck_assert_uint_eq(GetPrivateProfileSectionW(L"second", wide, 64, L"/tmp/iisresp-test.ini"), 16);
    ck_assert(!wmemcmp(wide, L"empty=\0name=\u00e4=b\0", 17));
    put("\xff\xfe[\0m\0]\0\n\0k\0=\0\xe4\0", 16);
    is(value("m", "k"), "\xc3\xa4");
}
END_TEST

START_TEST(values_are_written)
{
    put(example, sizeof(example) - 1);
    ck_assert(WritePrivateProfileStringA("MAIN", "name", "new", file));
    is(value("main", "name"), "new");
    ck_assert(WritePrivateProfileStringW(L"main", L"added", L"\u00e4", L"/tmp/iisresp-test.ini"));
    is(value("main", "added"), "\xc3\xa4");
    is(value("second", "name"), "\xc3\xa4=b");
    ck_assert(WritePrivateProfileStringA("third", "one", "1", file));
    is(value("third", NULL), "one|");
    ck_assert(WritePrivateProfileStringA("main", "quoted", NULL, file));
    is(value("main", "quoted"), "none");
    ck_assert(WritePrivateProfileStringA("second", NULL, NULL, file));
    is(value(NULL, NULL), "Main|third|");
    ck_assert(!WritePrivateProfileStringA("a", "b", "c", "/no such folder/x.ini"));
    ck_assert_int_eq(remove(file), 0);
    ck_assert(WritePrivateProfileStringA("a", "b", "c", file));
    is(value("a", "b"), "c");
    remove(file);
}
END_TEST

/* ---- libraries --------------------------------------------------------------------------------------------------- */

START_TEST(libraries_are_loaded_and_asked)
{
    char path[MAX_PATH];

    ck_assert_ptr_null(LoadLibraryA("no such library.dll"));
    ck_assert_uint_eq(GetLastError(), ERROR_MOD_NOT_FOUND);
    HMODULE math = LoadLibraryW(L"libm.so.6");
    ck_assert_ptr_nonnull(math);
    FARPROC cosine = GetProcAddress(math, "cos");
    ck_assert_ptr_nonnull((void *)cosine);
    ck_assert(((double (*)(double))(void *)cosine)(0) == 1);
    ck_assert(!GetProcAddress(math, "no_such_function") && !GetProcAddress(math, (LPCSTR)1));
    ck_assert_uint_eq(GetLastError(), ERROR_PROC_NOT_FOUND);
    ck_assert(GetModuleFileNameA(math, path, MAX_PATH));
    ck_assert_ptr_nonnull(strstr(path, "libm.so.6"));
    ck_assert(FreeLibrary(math) && !FreeLibrary(math));
    ck_assert(!GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "GetTickCount64"));
    ck_assert(!GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "open"));
}
END_TEST

/* ---- the computer ------------------------------------------------------------------------------------------------ */

START_TEST(the_computer_has_a_name_and_a_version)
{
    char name[256], small[1];
    WCHAR wide[256];
    DWORD room = 256, wide_room = 256;

    ck_assert(GetComputerNameA(name, &room));
    ck_assert(room == strlen(name) && room && room <= MAX_COMPUTERNAME_LENGTH && !strchr(name, '.'));
    ck_assert(GetComputerNameExW(ComputerNamePhysicalDnsHostname, wide, &wide_room));
    ck_assert(!strncmp(iis_narrow(wide).c_str(), name, room));
    room = 1;
    ck_assert(!GetComputerNameExA(ComputerNameDnsHostname, small, &room));
    ck_assert(GetLastError() == ERROR_MORE_DATA && room == wcslen(wide) + 1);
    room = 256;
    ck_assert(GetUserNameA(name, &room) && room == strlen(name) + 1);
    room = 1;
    ck_assert(!GetUserNameA(small, &room) && GetLastError() == ERROR_INSUFFICIENT_BUFFER);

    OSVERSIONINFOEXW version;
    version.dwOSVersionInfoSize = sizeof(version);
    ck_assert(GetVersionExW(&version));
    ck_assert(version.dwMajorVersion == 10 && version.wProductType == VER_NT_SERVER && LOBYTE(LOWORD(GetVersion())) == 10);
    version.dwOSVersionInfoSize = 1;
    ck_assert(!GetVersionExW(&version));
    ck_assert(IsWindows8OrGreater() && IsWindowsVersionOrGreater(10, 0, 0) && !IsWindowsVersionOrGreater(11, 0, 0));

    MEMORYSTATUSEX memory;
    memory.dwLength = sizeof(memory);
    ck_assert(GlobalMemoryStatusEx(&memory) && memory.ullTotalPhys > memory.ullAvailPhys && memory.dwMemoryLoad <= 100);
    ULARGE_INTEGER mine = {}, total = {}, all = {};
    ck_assert(GetDiskFreeSpaceExA("/tmp", &mine, &total, &all) && mine.QuadPart <= all.QuadPart && all.QuadPart <= total.QuadPart);
    SYSTEM_INFO info;
    GetNativeSystemInfo(&info);
    ck_assert(info.dwNumberOfProcessors >= 1 && info.dwPageSize >= 4096);
    ck_assert(MulDiv(5, 3, 2) == 8 && MulDiv(-5, 3, 2) == -8 && MulDiv(1, 1, 0) == -1 && MulDiv(INT_MAX, 2, 1) == -1);
}
END_TEST

START_TEST(guids_are_made_and_written)
{
    GUID one, two, read;
    LPWSTR text;
    WCHAR small[38];
    RPC_STATUS status;

    ck_assert_int_eq(CoCreateGuid(&one), S_OK);
    ck_assert_int_eq(UuidCreate(&two), RPC_S_OK);
    ck_assert(one != two && !UuidEqual(&one, &two, &status) && !UuidIsNil(&one, &status));
    ck_assert_int_eq(UuidCompare(&one, &two, &status), -UuidCompare(&two, &one, &status));
    ck_assert_int_eq(StringFromCLSID(one, &text), S_OK);
    ck_assert_uint_eq(wcslen(text), 38);
    ck_assert_int_eq(CLSIDFromString(text, &read), S_OK);
    ck_assert(read == one);
    ck_assert_int_eq(StringFromGUID2(one, small, 38), 0);
    CoTaskMemFree(text);
    UuidCreateNil(&two);
    ck_assert(UuidIsNil(&two, &status));
}
END_TEST

/* ---- COM without ATL --------------------------------------------------------------------------------------------- */

extern "C" IMAGE_DOS_HEADER __ImageBase;
static CHAR base_name[MAX_PATH];
DECLARE_INTERFACE_(IAnswer, IUnknown)
{
    STDMETHOD(Answer)(THIS_ int question) PURE;
    STDMETHOD_(int, Count)(THIS) PURE;
};
IIS_DEFINE_UUID(IAnswer, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
class CAnswer : public IAnswer {
public:
    CAnswer() : m_refs(1), m_count(0) {}
    virtual ~CAnswer() {}
    IFACEMETHODIMP QueryInterface(REFIID riid, void **ppv)
    {
        *ppv = riid == __uuidof(IAnswer) || riid == IID_IUnknown ? this : NULL;
        return *ppv ? AddRef(), S_OK : E_NOINTERFACE;
    }
    IFACEMETHODIMP_(ULONG) AddRef() { return ++m_refs; }
    IFACEMETHODIMP_(ULONG) Release() { return --m_refs; }
    IFACEMETHOD(Answer)(int question) { return m_count++, question == 42 ? S_OK : HRESULT_FROM_NT(STATUS_INVALID_PARAMETER); }
    IFACEMETHOD_(int, Count)() { return m_count; }
private:
    ULONG m_refs;
    int m_count;
};

START_TEST(a_class_may_be_written_as_sdk_headers_write_it)
{
    CAnswer object;
    IAnswer *answer = NULL;

    ck_assert_int_eq(object.QueryInterface(IID_PPV_ARGS(&answer)), S_OK);
    ck_assert_int_eq(answer->Answer(42), S_OK);
    ck_assert_uint_eq((DWORD)answer->Answer(1), 0xD000000DU);
    ck_assert_int_eq(answer->Count(), 2);
    ck_assert_uint_eq(answer->Release(), 1);
    ck_assert_uint_ne(GetModuleFileNameA((HINSTANCE)&__ImageBase, base_name, MAX_PATH), 0);
    ck_assert_ptr_nonnull(strstr(base_name, "system"));
}
END_TEST

/* Of those that modules return, in no particular order. */
START_TEST(codes_have_their_numbers)
{
    ck_assert(ERROR_NOT_ENOUGH_QUOTA == 1816 && ERROR_RETRY == 1237 && ERROR_BAD_EXE_FORMAT == 193);
    ck_assert(ERROR_INVALID_PASSWORD == 86 && ERROR_NONE_MAPPED == 1332 && ERROR_GRACEFUL_DISCONNECT == 1226);
    ck_assert(ERROR_REQUEST_ABORTED == 1235 && ERROR_FUNCTION_FAILED == 1627 && ERROR_INVALID_OPERATION == 4317);
    ck_assert_uint_eq((DWORD)RPC_E_CHANGED_MODE, 0x80010106U);
}
END_TEST

int main()
{
    Suite *suite = suite_create("system");
    TCase *tcase = tcase_create("system");

    tcase_add_test(tcase, values_are_found);
    tcase_add_test(tcase, values_are_written);
    tcase_add_test(tcase, libraries_are_loaded_and_asked);
    tcase_add_test(tcase, the_computer_has_a_name_and_a_version);
    tcase_add_test(tcase, guids_are_made_and_written);
    tcase_add_test(tcase, a_class_may_be_written_as_sdk_headers_write_it);
    tcase_add_test(tcase, codes_have_their_numbers);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
