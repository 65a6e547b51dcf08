/* Files, folders and paths, as their pages say: "CopyFile function", "MoveFileExA function", "FindFirstFileA function",
 * "LockFileEx function", "GetTempFileNameA function", "GetFullPathNameA function". */
#include <windows.h>
#include <io.h>
#include <check.h>
#include <stdlib.h>

/* A folder of its own for each test, and the current one. */
static std::string folder;
static void set_up()
{
    char made[] = "/tmp/iisresp-files.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(made));
    folder = made;
    ck_assert(SetCurrentDirectoryA(made));
}
static void tear_down()
{
    ck_assert(SetCurrentDirectoryW(L"/"));
    ck_assert_int_eq(system(("rm -rf " + folder).c_str()), 0);
}

static void put(const char *path, const char *text)
{
    DWORD n;
    HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    ck_assert_ptr_ne(file, INVALID_HANDLE_VALUE);
    ck_assert(WriteFile(file, text, (DWORD)strlen(text), &n, NULL));
    ck_assert(CloseHandle(file));
}
static std::string get(const char *path)
{
    char text[256];
    DWORD n = 0;
    HANDLE file = CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return "(none)";
    ck_assert(ReadFile(file, text, sizeof(text), &n, NULL));
    CloseHandle(file);
    return std::string(text, n);
}
static bool is_there(const char *path) { return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES; }
static void is(const std::string &text, const std::string &expected)
{
    ck_assert_str_eq(text.c_str(), expected.c_str());
}
#define fails(call, error) do { \
        SetLastError(0); \
        ck_assert(!(call)); \
        ck_assert_uint_eq(GetLastError(), error); \
    } while (0)

/* ---- by name ----------------------------------------------------------------------------------------------------- */

START_TEST(a_copy_has_content_time_and_attributes)
{
    WIN32_FILE_ATTRIBUTE_DATA from, to;

    put("one", "text");
    HANDLE file = CreateFileA("one", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    FILETIME old = {0x12345678, 0x01d00000}, read;
    ck_assert(SetFileTime(file, NULL, NULL, &old));
    ck_assert(GetFileTime(file, NULL, NULL, &read));
    CloseHandle(file);
    ck_assert_int_eq(CompareFileTime(&old, &read), 0);
    ck_assert(SetFileAttributesA("one", FILE_ATTRIBUTE_READONLY));
    ck_assert(CopyFileA("one", ".\\two", TRUE));
    is(get("two"), "text");
    ck_assert(GetFileAttributesExA("one", GetFileExInfoStandard, &from));
    ck_assert(GetFileAttributesExW(L"two", GetFileExInfoStandard, &to));
    ck_assert_int_eq(CompareFileTime(&from.ftLastWriteTime, &to.ftLastWriteTime), 0);
    ck_assert_uint_eq(to.dwFileAttributes, FILE_ATTRIBUTE_READONLY);
}
END_TEST

START_TEST(a_copy_overwrites_only_what_it_may)
{
    put("one", "new");
    put("two", "older and longer");
    fails(CopyFileW(L"one", L"two", TRUE), ERROR_FILE_EXISTS);
    ck_assert(CopyFileW(L"one", L"two", FALSE));
    is(get("two"), "new");
    fails(CopyFileA("one", "./one", FALSE), ERROR_SHARING_VIOLATION);
    is(get("one"), "new");
    ck_assert(SetFileAttributesA("two", FILE_ATTRIBUTE_READONLY));
    fails(CopyFileA("one", "two", FALSE), ERROR_ACCESS_DENIED);
    fails(DeleteFileA("two"), ERROR_ACCESS_DENIED);
    ck_assert(SetFileAttributesA("two", FILE_ATTRIBUTE_NORMAL));
    ck_assert(DeleteFileA("two"));
    fails(CopyFileA("gone", "two", FALSE), ERROR_FILE_NOT_FOUND);
    fails(CopyFileA("no/one", "two", FALSE), ERROR_PATH_NOT_FOUND);
    fails(CopyFileA("one", "no/two", FALSE), ERROR_PATH_NOT_FOUND);
    ck_assert(!is_there("two"));
}
END_TEST

START_TEST(a_move_replaces_when_it_is_told_to)
{
    put("one", "1");
    put("two", "2");
    fails(MoveFileA("one", "two"), ERROR_ALREADY_EXISTS);
    ck_assert(MoveFileExW(L"one", L"two", MOVEFILE_REPLACE_EXISTING));
    is(get("two"), "1");
    fails(MoveFileA("one", "three"), ERROR_FILE_NOT_FOUND);
    ck_assert(CreateDirectoryA("sub", NULL));
    fails(CreateDirectoryW(L"sub", NULL), ERROR_ALREADY_EXISTS);
    ck_assert(MoveFileW(L"two", L"sub\\two"));
    fails(RemoveDirectoryA("sub"), ERROR_DIR_NOT_EMPTY);
    fails(DeleteFileA("sub"), ERROR_ACCESS_DENIED);
    ck_assert(DeleteFileA(("\\\\?\\" + folder + "\\sub\\two").c_str()));
    ck_assert(RemoveDirectoryW(L"sub"));
}
END_TEST

START_TEST(passing_files_have_names_of_their_own)
{
    char path[MAX_PATH], one[MAX_PATH], two[MAX_PATH];
    WCHAR wide[MAX_PATH];

    ck_assert_uint_eq(GetTempPathA(1, path), strlen("/tmp/") + 1);
    UINT first = GetTempFileNameA(folder.c_str(), "prefix", 0, one);
    UINT second = GetTempFileNameA(folder.c_str(), "prefix", 0, two);
    ck_assert(first && second && first != second);
    ck_assert_str_ne(one, two);
    is(std::string(one).substr(0, folder.size() + 4), folder + "/pre");
    ck_assert(is_there(one) && is_there(two));
    ck_assert_uint_eq(GetTempFileNameW(L".", L"x", 0xabc, wide), 0xabc);
    ck_assert(!wcscmp(wide, L"./xabc.TMP") && !is_there("xabc.TMP"));
    fails(GetTempFileNameA("nowhere", "x", 0, one), ERROR_DIRECTORY);
}
END_TEST

/* ---- listing ----------------------------------------------------------------------------------------------------- */

static std::string list(const char *pattern)
{
    WIN32_FIND_DATAA data;
    std::string names;
    HANDLE find = FindFirstFileA(pattern, &data);

    if (find == INVALID_HANDLE_VALUE)
        return "(none)";
    do
        names += std::string(data.cFileName) + (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? "/ " : " ");
    while (FindNextFileA(find, &data));
    ck_assert_uint_eq(GetLastError(), ERROR_NO_MORE_FILES);
    ck_assert(FindClose(find));
    return names;
}

START_TEST(a_folder_is_listed_in_order)
{
    WIN32_FIND_DATAW data;

    put("b.TXT", "12345");
    put("a.txt", "");
    put("C", "");
    ck_assert(CreateDirectoryA("d.d", NULL));
    put("d.d/inside.txt", "x");
    is(list("*"), "./ ../ a.txt b.TXT C d.d/ ");
    is(list("*.*"), list("*"));
    is(list("*.txt"), "a.txt b.TXT ");
    is(list("?.t*t"), "a.txt b.TXT ");
    is(list("c.*"), "C ");
    is(list("d.d\\*.TXT"), "inside.txt ");
    is(list("a.txt"), "a.txt ");
    is(list("A.txt"), "(none)");
    is(list("x*"), "(none)");
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    is(list("nowhere\\*"), "(none)");
    ck_assert_uint_eq(GetLastError(), ERROR_PATH_NOT_FOUND);

    HANDLE find = FindFirstFileExW(L"b.*", FindExInfoBasic, &data, FindExSearchNameMatch, NULL, 0);
    ck_assert_ptr_ne(find, INVALID_HANDLE_VALUE);
    ck_assert(!wcscmp(data.cFileName, L"b.TXT") && data.nFileSizeLow == 5 && !data.nFileSizeHigh);
    ck_assert(!*data.cAlternateFileName && data.dwFileAttributes == FILE_ATTRIBUTE_NORMAL);
    fails(FindNextFileW(find, &data), ERROR_NO_MORE_FILES);
    ck_assert(FindClose(find));
    fails(FindClose(INVALID_HANDLE_VALUE), ERROR_INVALID_HANDLE);
}
END_TEST

START_TEST(crts_search_finds_the_same)
{
    struct _finddata_t found;
    struct _wfinddata_t wide;

    put("one.log", "123");
    put("two.log", "");
    intptr_t find = _findfirst("*.log", &found);
    ck_assert_int_ne(find, -1);
    ck_assert_str_eq(found.name, "one.log");
    ck_assert_int_eq(found.size, 3);
    ck_assert_uint_eq(found.attrib, _A_NORMAL);
    ck_assert_int_eq(_findnext(find, &found), 0);
    ck_assert_str_eq(found.name, "two.log");
    ck_assert_int_eq(_findnext(find, &found), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(_findclose(find), 0);
    ck_assert_int_eq(_wfindfirst(L"*.txt", &wide), -1);
}
END_TEST

/* ---- open files -------------------------------------------------------------------------------------------------- */

START_TEST(a_region_is_locked_by_one_handle)
{
    OVERLAPPED at = OVERLAPPED();

    put("one", "0123456789");
    HANDLE mine = CreateFileA("one", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE other = CreateFileA("one", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE reader = CreateFileA("one", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    ck_assert(LockFile(mine, 0, 0, 5, 0));
    fails(LockFile(other, 4, 0, 1, 0), ERROR_LOCK_VIOLATION);
    ck_assert(LockFile(other, 5, 0, MAXDWORD, MAXDWORD));
    ck_assert(UnlockFile(mine, 0, 0, 5, 0));
    ck_assert(LockFileEx(mine, LOCKFILE_FAIL_IMMEDIATELY, 0, 2, 0, &at));
    ck_assert(LockFileEx(reader, LOCKFILE_FAIL_IMMEDIATELY, 0, 2, 0, &at));
    fails(LockFileEx(other, LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK, 0, 2, 0, &at), ERROR_LOCK_VIOLATION);
    ck_assert(UnlockFileEx(mine, 0, 2, 0, &at));
    CloseHandle(reader);
    ck_assert(LockFileEx(other, LOCKFILE_EXCLUSIVE_LOCK, 0, 2, 0, &at));
    CloseHandle(mine);
    CloseHandle(other);
    fails(LockFile(NULL, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
}
END_TEST

START_TEST(a_file_is_cut_and_extended_where_the_pointer_is)
{
    LARGE_INTEGER size;

    put("one", "0123456789");
    HANDLE file = CreateFileA("one", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ck_assert_uint_eq(SetFilePointer(file, -3, NULL, FILE_END), 7);
    ck_assert(SetEndOfFile(file) && FlushFileBuffers(file));
    ck_assert(GetFileSizeEx(file, &size));
    ck_assert_int_eq(size.QuadPart, 7);
    LONG high = 1;
    ck_assert_uint_eq(SetFilePointer(file, 5, &high, FILE_BEGIN), 5);
    ck_assert_int_eq(high, 1);
    fails(SetFilePointer(file, -100, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER, ERROR_NEGATIVE_SEEK);
    char path[MAX_PATH];
    ck_assert_uint_eq(GetFinalPathNameByHandleA(file, path, MAX_PATH, 0), folder.size() + 4);
    is(path, folder + "/one");
    CloseHandle(file);
    ck_assert_ptr_ne(GetStdHandle(STD_ERROR_HANDLE), INVALID_HANDLE_VALUE);
    ck_assert_uint_ne(GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)), FILE_TYPE_UNKNOWN);
    ck_assert_ptr_eq(GetStdHandle(5), INVALID_HANDLE_VALUE);
}
END_TEST

/* ---- paths ------------------------------------------------------------------------------------------------------- */

START_TEST(full_paths_have_no_dots)
{
    char path[MAX_PATH], *name;
    WCHAR wide[MAX_PATH], *wide_name;

    ck_assert_uint_eq(GetFullPathNameA("\\a\\.\\b\\..\\..\\..\\c//d.txt", MAX_PATH, path, &name), 8);
    ck_assert_str_eq(path, "/c/d.txt");
    ck_assert_str_eq(name, "d.txt");
    ck_assert(GetFullPathNameW(L"x/", MAX_PATH, wide, &wide_name));
    ck_assert(iis_narrow(wide) == folder + "/x/" && !wide_name);
    ck_assert_uint_eq(GetFullPathNameA("/abc", 4, path, NULL), 5);
    ck_assert_uint_eq(GetFullPathNameA("/", MAX_PATH, path, &name), 1);
    ck_assert_ptr_null(name);
    fails(GetFullPathNameA("", MAX_PATH, path, NULL), ERROR_INVALID_NAME);
    ck_assert_uint_eq(GetCurrentDirectoryA(MAX_PATH, path), folder.size());
    ck_assert_str_eq(path, folder.c_str());
    fails(SetCurrentDirectoryA("nowhere"), ERROR_FILE_NOT_FOUND);

    ck_assert_ptr_eq(_fullpath(path, "a\\..\\b", MAX_PATH), path);
    is(path, folder + "/b");
    char *made = _fullpath(NULL, "", 0);
    ck_assert_str_eq(made, folder.c_str());
    free(made);
    ck_assert_ptr_null(_wfullpath(wide, L"/abc", 4));
    ck_assert_int_eq(errno, ERANGE);
}
END_TEST

START_TEST(paths_are_split_and_made)
{
    char drive[_MAX_DRIVE], dir[_MAX_DIR], name[_MAX_FNAME], ext[_MAX_EXT], path[_MAX_PATH], small[4];

    ck_assert_int_eq(_splitpath_s("/a.b\\c/d.e.f", drive, dir, name, ext), 0);
    ck_assert(!*drive && !strcmp(dir, "/a.b\\c/") && !strcmp(name, "d.e") && !strcmp(ext, ".f"));
    ck_assert_int_eq(_makepath_s(path, drive, dir, name, ext), 0);
    ck_assert_str_eq(path, "/a.b\\c/d.e.f");
    ck_assert_int_eq(_makepath_s(path, NULL, "x", "y", "z"), 0);
    ck_assert_str_eq(path, "x/y.z");
    ck_assert_int_eq(_makepath_s(small, NULL, "x", "y", "z"), ERANGE);
    ck_assert_str_eq(small, "");
    wchar_t wide[_MAX_PATH];
    _wmakepath(wide, NULL, NULL, L"y", L".z");
    ck_assert(!wcscmp(wide, L"y.z"));
}
END_TEST

int main()
{
    Suite *suite = suite_create("files");
    TCase *named = tcase_create("named"), *listed = tcase_create("listed"), *open = tcase_create("open"),
          *paths = tcase_create("paths");

    tcase_add_test(named, a_copy_has_content_time_and_attributes);
    tcase_add_test(named, a_copy_overwrites_only_what_it_may);
    tcase_add_test(named, a_move_replaces_when_it_is_told_to);
    tcase_add_test(named, passing_files_have_names_of_their_own);
    tcase_add_test(listed, a_folder_is_listed_in_order);
    tcase_add_test(listed, crts_search_finds_the_same);
    tcase_add_test(open, a_region_is_locked_by_one_handle);
    tcase_add_test(open, a_file_is_cut_and_extended_where_the_pointer_is);
    tcase_add_test(paths, full_paths_have_no_dots);
    tcase_add_test(paths, paths_are_split_and_made);
    for (TCase *tcase : {named, listed, open, paths}) {
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
