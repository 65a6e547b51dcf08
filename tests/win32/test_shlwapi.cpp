/* shlwapi.h and pathcch.h, as their pages say: "PathCombineA function", "PathMatchSpecA function", "StrStrIA function",
 * "StrToIntExA function", "UrlUnescapeA function" and their neighbours. */
#include <windows.h>
#include <pathcch.h>
#include <shlwapi.h>
#include <check.h>

static void is(const std::string &text, const std::string &expected)
{
    ck_assert_str_eq(text.c_str(), expected.c_str());
}
static std::string combined(const char *folder, const char *file)
{
    char path[MAX_PATH];
    return PathCombineA(path, folder, file) ? path : "(none)";
}
static std::string with(BOOL (*change)(char *), const char *path)
{
    char text[MAX_PATH];
    strcpy_s(text, path);
    BOOL done = change(text);
    return std::string(done ? "" : "! ") + text;
}

START_TEST(paths_are_combined)
{
    is(combined("/a/b", "c.txt"), "/a/b/c.txt");
    is(combined("/a/b/", "..\\c"), "/a/c");
    is(combined("C:\\a", "b\\.\\c"), "C:\\a/b\\c");
    is(combined("/a", "/b"), "/b");
    is(combined("C:\\a", "\\b"), "C:\\b");
    is(combined("/a", "C:\\b"), "C:\\b");
    is(combined("/a/..", NULL), "/");
    is(combined(NULL, "x/../../y"), "y");
    is(combined(NULL, NULL), "(none)");
    is(combined(std::string(259, 'x').c_str(), "y"), "(none)");

    char path[MAX_PATH] = "/a/b";
    ck_assert(PathAppendA(path, "\\c"));
    is(path, "/a/b/c");
    ck_assert(!PathAppendA(path, std::string(260, 'x').c_str()));
    WCHAR wide[8];
    ck_assert_int_eq(PathCchCombine(wide, 8, L"/a", L"b"), S_OK);
    ck_assert(!wcscmp(wide, L"/a/b"));
    ck_assert_int_eq(PathCchAppend(wide, 8, L"cdef"), PATHCCH_E_FILENAME_TOO_LONG);
    ck_assert_int_eq(PathCchRemoveFileSpec(wide, 8), S_OK);
    ck_assert_int_eq(PathCchAddBackslash(wide, 8), S_OK);
    ck_assert_int_eq(PathCchAddBackslash(wide, 8), S_FALSE);
    ck_assert(!wcscmp(wide, L"/a/"));
}
END_TEST

START_TEST(paths_are_taken_apart)
{
    is(PathFindFileNameA("/a\\b.c"), "b.c");
    is(PathFindFileNameA("/a/b/"), "b/");
    is(PathFindFileNameA("b"), "b");
    is(PathFindExtensionA("/a.d/b.c.txt"), ".txt");
    is(PathFindExtensionA("/a.d/b"), "");
    is(with(PathRemoveFileSpecA, "/a/b.c"), "/a");
    is(with(PathRemoveFileSpecA, "C:\\b.c"), "C:\\");
    is(with(PathRemoveFileSpecA, "/a"), "/");
    is(with(PathRemoveFileSpecA, "/"), "! /");
    is(with(PathRemoveFileSpecA, "a"), "");
    is(with(PathStripToRootA, "/a/b"), "/");
    is(with(PathStripToRootA, "a/b"), "! ");
    is(with(PathUnquoteSpacesA, "\"a b\""), "a b");
    is(with(PathQuoteSpacesA, "a b"), "\"a b\"");

    char path[MAX_PATH] = "/a/b.c";
    ck_assert(PathRenameExtensionA(path, ".txt"));
    is(path, "/a/b.txt");
    ck_assert(!PathAddExtensionA(path, ".x"));
    PathRemoveExtensionA(path);
    PathStripPathA(path);
    is(path, "b");
    ck_assert(PathAddExtensionA(path, ".x"));
    is(path, "b.x");
    WCHAR wide[MAX_PATH] = L"/a";
    ck_assert_ptr_eq(PathAddBackslashW(wide), wide + 3);
    ck_assert_ptr_eq(PathRemoveBackslashW(wide), wide + 2);
    ck_assert(PathCanonicalizeW(wide, L"C:\\a\\.\\b\\..\\c") && !wcscmp(wide, L"C:\\a\\c"));
}
END_TEST

START_TEST(paths_are_told_apart)
{
    ck_assert(PathIsRelativeA("a\\b") && !PathIsRelativeA("\\a") && !PathIsRelativeW(L"/a") && !PathIsRelativeA("c:\\a"));
    ck_assert(PathIsRootA("/") && PathIsRootA("C:\\") && !PathIsRootA("/a"));
    ck_assert(PathIsUNCA("\\\\server\\share") && !PathIsUNCA("/a") && PathIsFileSpecA("a.b") && !PathIsFileSpecA("a/"));
    ck_assert(PathIsURLA("http://a") && !PathIsURLA("c:\\a") && PathGetDriveNumberW(L"d:x") == 3);
    ck_assert(PathMatchSpecA("A.TXT", "*.doc; *.txt") && !PathMatchSpecW(L"a.txt", L"*.doc;b*"));
    ck_assert(PathFileExistsA("/tmp") && !PathFileExistsW(L"\\tmp\\no such file at all"));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    ck_assert(PathIsDirectoryA("\\tmp") && !PathIsDirectoryA("/proc/self/exe"));
}
END_TEST

START_TEST(strings_are_searched_and_compared)
{
    const char *text = "One two ONE";
    int number;
    LONGLONG big;

    ck_assert_ptr_eq(StrStrIA(text, "ONE"), text);
    ck_assert_ptr_eq(StrStrA(text, "ONE"), text + 8);
    ck_assert_ptr_null(StrStrIW(L"abc", L""));
    ck_assert_ptr_eq(StrRStrIA(text, NULL, "one"), text + 8);
    ck_assert_ptr_eq(StrRStrIA(text, text + 8, "one"), text);
    ck_assert_ptr_eq(StrChrIA(text, 'T'), text + 4);
    ck_assert_ptr_eq(StrRChrA(text, NULL, ' '), text + 7);
    ck_assert(StrCmpIW(L"\u00c4b", L"\u00e4B") == 0 && StrCmpNIA("abX", "ABy", 2) == 0 && StrCmpA("a", "b") < 0);
    ck_assert(StrCSpnA(text, " ") == 3 && StrSpnW(L"  x", L" ") == 2);
    ck_assert(StrToIntA(" -12x") == -12 && StrToIntExW(L"0xfF", STIF_SUPPORT_HEX, &number) && number == 255);
    ck_assert(!StrToIntExA("x", 0, &number) && StrToInt64ExA("9000000000", 0, &big) && big == 9000000000LL);
    char spaced[] = " \ta b ", small[4];
    ck_assert(StrTrimA(spaced, " \t"));
    is(spaced, "a b");
    ck_assert(!StrTrimA(spaced, " \t"));
    is(StrCpyNA(small, "abcdef", 4), "abc");
    ck_assert_int_eq(wnsprintfA(small, 4, "%s", "abcd"), -1);
    is(small, "abc");
    LPSTR copy = StrDupA(text);
    is(copy, text);
    LocalFree(copy);
}
END_TEST

START_TEST(urls_are_unescaped)
{
    char text[16], in_place[] = "a%2Fb?c%20d";
    WCHAR wide[] = L"%e2%82%ac%zz%4";
    DWORD room = sizeof(text);

    ck_assert_int_eq(UrlUnescapeA((LPSTR)"a%20b%", text, &room, 0), S_OK);
    is(text, "a b%");
    ck_assert_uint_eq(room, 4);
    room = 4;
    ck_assert_int_eq(UrlUnescapeA((LPSTR)"a%20b%", text, &room, 0), E_POINTER);
    ck_assert_uint_eq(room, 5);
    ck_assert_int_eq(UrlUnescapeA(in_place, NULL, NULL, URL_UNESCAPE_INPLACE | URL_DONT_UNESCAPE_EXTRA_INFO), S_OK);
    is(in_place, "a/b?c%20d");
    ck_assert_int_eq(UrlUnescapeW(wide, NULL, NULL, URL_UNESCAPE_INPLACE), S_OK);
    ck_assert(!wcscmp(wide, L"\u20ac%zz%4"));
    room = sizeof(text);
    ck_assert_int_eq(UrlEscapeA("a b\xc3\xa4%?", text, &room, URL_ESCAPE_PERCENT), S_OK);
    is(text, "a%20b%C3%A4%25?");
}
END_TEST

int main()
{
    Suite *suite = suite_create("shlwapi");
    TCase *tcase = tcase_create("shlwapi");

    tcase_add_test(tcase, paths_are_combined);
    tcase_add_test(tcase, paths_are_taken_apart);
    tcase_add_test(tcase, paths_are_told_apart);
    tcase_add_test(tcase, strings_are_searched_and_compared);
    tcase_add_test(tcase, urls_are_unescaped);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
