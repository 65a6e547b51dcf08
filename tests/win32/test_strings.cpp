/* MSVC's secure strings, its printf, numbers and text, and kernel32's strings, as their pages say: "strcpy_s ...",
 * "strncpy_s ...", "sprintf_s ...", "_snprintf_s ...", "_itoa_s ...", "strtok_s ...", "StringCchCopyA function". */
#include <windows.h>
#include <strsafe.h>
#include <check.h>

static void is(const std::string &text, const std::string &expected)
{
    ck_assert_str_eq(text.c_str(), expected.c_str());
}
static void is(const std::wstring &text, const std::wstring &expected)
{
    ck_assert_msg(text == expected, "%s is not %s", iis_narrow(text.c_str()).c_str(), iis_narrow(expected.c_str()).c_str());
}

START_TEST(copies_fit_or_are_refused)
{
    char text[4] = "xyz";
    wchar_t wide[4];

    ck_assert_int_eq(strcpy_s(text, "abc"), 0);
    ck_assert_int_eq(strcpy_s(text, "abcd"), ERANGE);
    is(text, "");
    ck_assert_int_eq(strcpy_s(text, 4, NULL), EINVAL);
    ck_assert_int_eq(wcscpy_s(wide, 4, L"abc"), 0);
    ck_assert_int_eq(wcscat_s(wide, L"d"), ERANGE);
    is(wide, L"");
    ck_assert_int_eq(strncpy_s(text, "abcdef", 3), 0);
    is(text, "abc");
    ck_assert_int_eq(strncpy_s(text, "abcdef", _TRUNCATE), STRUNCATE);
    is(text, "abc");
    ck_assert_int_eq(strncpy_s(text, "abcdef", 4), ERANGE);
    ck_assert_int_eq(strncat_s(text, "abcdef", _TRUNCATE), STRUNCATE);
    is(text, "abc");
    ck_assert_int_eq(strcat_s(text, sizeof(text), ""), 0);
}
END_TEST

static int handled;
static void handler(const wchar_t *, const wchar_t *, const wchar_t *, unsigned, uintptr_t) { handled++; }
START_TEST(an_invalid_parameter_is_told_to_the_handler)
{
    char text[4];

    _invalid_parameter_handler before = _set_invalid_parameter_handler(handler);
    ck_assert_int_eq(strcpy_s(text, "abcd"), ERANGE);
    ck_assert_int_eq(handled, 1);
    ck_assert_int_eq(strncpy_s(text, "abcd", _TRUNCATE), STRUNCATE);
    ck_assert_int_eq(handled, 1);
    ck_assert(_set_invalid_parameter_handler(before) == handler);
}
END_TEST

START_TEST(case_is_ignored_and_changed)
{
    char text[] = "aBc-\xc3\xa4";
    wchar_t wide[] = L"aBc";

    ck_assert_int_eq(_stricmp("ABC", "abc"), 0);
    ck_assert_int_lt(_strnicmp("ABx", "aby", 3), 0);
    ck_assert_int_eq(_wcsnicmp(L"ABx", L"aby", 2), 0);
    ck_assert_int_eq(_strupr_s(text), 0);
    is(text, "ABC-\xc3\xa4");
    ck_assert_int_eq(_wcslwr_s(wide, 4), 0);
    is(wide, L"abc");
    ck_assert_int_eq(lstrcmpiW(L"\u00c4", L"\u00e4"), 0);
    ck_assert_int_eq(CompareStringOrdinal(L"ab", 2, L"AC", 2, TRUE), CSTR_LESS_THAN);
    is(_strset(text, '*'), "******");
    is(_wcsrev(wide), L"cba");
}
END_TEST

START_TEST(tokens_are_cut)
{
    char text[] = ";;a;b";
    wchar_t wide[] = L"x y", *wide_next;
    char *next;

    is(strtok_s(text, ";", &next), "a");
    is(strtok_s(NULL, ";", &next), "b");
    ck_assert_ptr_null(strtok_s(NULL, ";", &next));
    is(wcstok_s(wide, L" ", &wide_next), L"x");
    is(wcstok_s(NULL, L" ", &wide_next), L"y");
}
END_TEST

START_TEST(numbers_are_written_and_read)
{
    char text[12], tiny[3];
    wchar_t wide[24];

    ck_assert_int_eq(_itoa_s(-255, text, 10), 0);
    is(text, "-255");
    ck_assert_int_eq(_itoa_s(-1, text, 16), 0);
    is(text, "ffffffff");
    ck_assert_int_eq(_itoa_s(123, tiny, 10), ERANGE);
    is(tiny, "");
    ck_assert_int_eq(_i64tow_s(LLONG_MIN, wide, 24, 10), 0);
    is(wide, L"-9223372036854775808");
    ck_assert_int_eq(_ui64toa_s(5, text, sizeof(text), 2), 0);
    is(text, "101");
    ck_assert_int_eq(_wtoi(L" 42x"), 42);
    ck_assert_int_eq(_wtoi64(L"-9000000000"), -9000000000LL);
    ck_assert_uint_eq(_strtoui64("18446744073709551615", NULL, 10), ULLONG_MAX);
    ck_assert_int_eq(_wtoi(L"99999999999"), INT_MAX);
}
END_TEST

static int through_list(wchar_t *to, size_t room, const wchar_t *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = _vsnwprintf_s(to, room, _TRUNCATE, format, list);
    va_end(list);
    return n;
}
START_TEST(formats_are_msvcs)
{
    char text[40], tiny[4];
    wchar_t wide[32];
    DWORD word = 4000000000U;

    ck_assert_int_eq(sprintf_s(text, "%lu %s %S", word, "narrow", L"wide"), 22);
    is(text, "4000000000 narrow wide");
    ck_assert_int_eq(swprintf_s(wide, L"%s %hs %I64d", L"wide", "narrow", -5LL), 14);
    is(wide, L"wide narrow -5");
    ck_assert_int_eq(sprintf_s(tiny, "%d", 1234), -1);
    is(tiny, "");
    ck_assert_int_eq(_snprintf_s(tiny, _TRUNCATE, "%d", 1234), -1);
    is(tiny, "123");
    ck_assert_int_eq(_snprintf_s(tiny, 2, "%d", 1234), -1);
    is(tiny, "12");
    ck_assert_int_eq(_snprintf(tiny, 4, "%d", 1234), 4);
    ck_assert_int_eq(tiny[3], '4');
    ck_assert_int_eq(through_list(wide, 32, L"%s/%lu/%hs", L"a", word, "b"), 14);
    is(wide, L"a/4000000000/b");
    ck_assert_int_eq(_scprintf("%5d", 1), 5);
    /* l is 32 bits: of an HRESULT that was cast to unsigned long too. */
    ck_assert_int_eq(sprintf_s(text, "%08lx %lu", (unsigned long)E_FAIL, (unsigned long)(int)word), 19);
    is(text, "80004005 4000000000");
    ck_assert_int_eq(sprintf_s(text, "%llx %I64x", (long long)E_FAIL, (long long)E_FAIL), 33);
    ck_assert_int_eq(sprintf_s(text, "%lu", (size_t)5000000000), 10);
    ck_assert_int_eq(wsprintfW(wide, L"%08X", 0xabc), 8);
    is(wide, L"00000ABC");
}
END_TEST

START_TEST(strsafe_cuts_and_says_so)
{
    wchar_t text[4];
    size_t length;

    ck_assert_int_eq(StringCchCopyW(text, 4, L"abcdef"), STRSAFE_E_INSUFFICIENT_BUFFER);
    is(text, L"abc");
    ck_assert_int_eq(StringCbCopyW(text, sizeof(text), L"ab"), S_OK);
    ck_assert_int_eq(StringCchCatW(text, 4, L"cd"), STRSAFE_E_INSUFFICIENT_BUFFER);
    ck_assert_int_eq(StringCchPrintfW(text, 4, L"%d", 12), S_OK);
    ck_assert_int_eq(StringCchLengthW(text, 4, &length), S_OK);
    ck_assert_uint_eq(length, 2);
}
END_TEST

START_TEST(text_is_utf8_whatever_the_locale)
{
    wchar_t wide[8];
    char text[8];
    size_t n;

    ck_assert_int_eq(MultiByteToWideChar(CP_ACP, 0, "\xe2\x82\xac", -1, wide, 8), 2);
    is(wide, L"\u20ac");
    ck_assert_int_eq(WideCharToMultiByte(CP_UTF8, 0, L"\u20ac", 1, text, 8, NULL, NULL), 3);
    ck_assert_int_eq(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "\xff", 1, wide, 8), 0);
    ck_assert_uint_eq(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    ck_assert_int_eq(wcstombs_s(&n, text, L"\u20acuro", _TRUNCATE), 0);
    ck_assert_uint_eq(n, 7);
    ck_assert_int_eq(mbstowcs_s(&n, wide, text, _TRUNCATE), 0);
    is(wide, L"\u20acuro");
}
END_TEST

int main()
{
    Suite *suite = suite_create("strings");
    TCase *tcase = tcase_create("strings");

    tcase_add_test(tcase, copies_fit_or_are_refused);
    tcase_add_test(tcase, an_invalid_parameter_is_told_to_the_handler);
    tcase_add_test(tcase, case_is_ignored_and_changed);
    tcase_add_test(tcase, tokens_are_cut);
    tcase_add_test(tcase, numbers_are_written_and_read);
    tcase_add_test(tcase, formats_are_msvcs);
    tcase_add_test(tcase, strsafe_cuts_and_says_so);
    tcase_add_test(tcase, text_is_utf8_whatever_the_locale);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
