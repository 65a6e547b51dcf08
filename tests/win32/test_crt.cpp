/* MSVC's files by descriptor, its scanf, and the rest of its runtime, as their pages say: "Low-level I/O", "sscanf_s ...",
 * "_stat, _stat32, _stat64 ...", "_dupenv_s, _wdupenv_s". */
#include <windows.h>
#include <direct.h>
#include <io.h>
#include <tchar.h>
#include <math.h>
#include <check.h>

static std::string folder;
static void set_up()
{
    char made[] = "/tmp/iisresp-crt.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(made));
    folder = made;
    ck_assert_int_eq(_chdir(made), 0);
}
static void tear_down()
{
    ck_assert_int_eq(_wchdir(L"/"), 0);
    ck_assert_int_eq(system(("rm -rf " + folder).c_str()), 0);
}
static void is(const std::string &text, const std::string &expected)
{
    ck_assert_str_eq(text.c_str(), expected.c_str());
}

/* ---- scanning ---------------------------------------------------------------------------------------------------- */

START_TEST(integers_are_stored_as_wide_as_they_are)
{
    struct { DWORD value, guard; } word = {0, 0xabababab};
    struct { WORD value, guard; } half = {0, 0xabab};
    struct { BYTE value, guard; } byte = {0, 0xab};
    long long big = 0;
    int number = 0, hex = 0;
    unsigned octal = 0;

    ck_assert_int_eq(sscanf_s("4294967295 -7", "%lu %d", &word.value, &number), 2);
    ck_assert_uint_eq(word.value, 4294967295U);
    ck_assert_uint_eq(word.guard, 0xabababab);
    ck_assert_int_eq(number, -7);
    ck_assert_int_eq(sscanf("65535,255", "%hu,%hhu", &half.value, &byte.value), 2);
    ck_assert(half.value == 65535 && half.guard == 0xabab && byte.value == 255 && byte.guard == 0xab);
    ck_assert_int_eq(sscanf_s("-9223372036854775808", "%I64d", &big), 1);
    ck_assert_int_eq(big, LLONG_MIN);
    ck_assert_int_eq(swscanf_s(L"0x1F 017 ff", L"%i %i %x", &number, &octal, &hex), 3);
    ck_assert(number == 31 && octal == 15 && hex == 255);
    ck_assert_int_eq(sscanf_s("1234567", "%3d%2d", &number, &hex), 2);
    ck_assert(number == 123 && hex == 45);
}
END_TEST

START_TEST(strings_are_given_their_room)
{
    char word[8], rest[16], c[2];
    wchar_t wide[8];

    ck_assert_int_eq(sscanf_s("  key = some value", "%s = %[^\n]", word, 8u, rest, (unsigned)_countof(rest)), 2);
    is(word, "key");
    is(rest, "some value");
    ck_assert_int_eq(sscanf_s("12345678", "%s", word, (unsigned)_countof(word)), 0);
    is(word, "");
    ck_assert_int_eq(sscanf_s("1234567", "%s", word, (unsigned)_countof(word)), 1);
    ck_assert_int_eq(sscanf_s("ab-cd", "%2c-%ls", c, 2u, wide, 8u), 2);
    ck_assert(c[0] == 'a' && c[1] == 'b' && !wcscmp(wide, L"cd"));
    ck_assert_int_eq(swscanf_s(L"\u00e4\u20ac x", L"%s %hs", wide, 8u, word, 8u), 2);
    ck_assert(!wcscmp(wide, L"\u00e4\u20ac"));
    is(word, "x");
    ck_assert_int_eq(swscanf_s(L"[a-z]9", L"[%[a-z-]", wide, 8u), 1);
    ck_assert(!wcscmp(wide, L"a-z"));
    ck_assert_int_eq(sscanf("a 1", "%*s %7s", word), 1);
    is(word, "1");
}
END_TEST

START_TEST(scanning_counts_fields)
{
    int a = 0, b = 0, at = 0;
    double real = 0;
    float single = 0;

    ck_assert_int_eq(sscanf_s("", "%d", &a), -1);
    ck_assert_int_eq(sscanf_s("   ", "%d", &a), -1);
    ck_assert_int_eq(sscanf_s("x", "%d", &a), 0);
    ck_assert_int_eq(sscanf_s("5", "%d.%d", &a, &b), 1);
    ck_assert_int_eq(sscanf_s("5.6%rest", "%d.%d%%%n", &a, &b, &at), 2);
    ck_assert(a == 5 && b == 6 && at == 4);
    ck_assert_int_eq(sscanf_s("1.5e3 -.25x", "%lf %f", &real, &single), 2);
    ck_assert(real == 1500 && single == -0.25f);
    ck_assert_int_eq(sscanf_s(NULL, "%d", &a), -1);
    ck_assert_int_eq(errno, EINVAL);
    FILE *file;
    ck_assert_int_eq(tmpfile_s(&file), 0);
    fputs("12 34 x", file);
    rewind(file);
    ck_assert_int_eq(fscanf_s(file, "%d%d", &a, &b), 2);
    ck_assert(a == 12 && b == 34 && fgetc(file) == ' ');
    fclose(file);
}
END_TEST

/* ---- files ------------------------------------------------------------------------------------------------------- */

START_TEST(descriptors_read_and_write)
{
    char text[16] = "";
    int fd = -1;

    ck_assert_int_eq(_sopen_s(&fd, ".\\file", _O_RDWR | _O_CREAT | _O_EXCL | _O_BINARY, _SH_DENYNO, _S_IREAD | _S_IWRITE), 0);
    ck_assert_int_eq(_write(fd, "0123456789", 10), 10);
    ck_assert_int_eq(_lseeki64(fd, -4, SEEK_END), 6);
    ck_assert_int_eq(_read(fd, text, 15), 4);
    is(text, "6789");
    ck_assert(_eof(fd) == 1 && _telli64(fd) == 10 && _filelengthi64(fd) == 10);
    ck_assert_int_eq(_chsize_s(fd, 3), 0);
    HANDLE handle = (HANDLE)_get_osfhandle(fd);
    ck_assert_uint_eq(GetFileSize(handle, NULL), 3);
    ck_assert_int_eq(_open_osfhandle((intptr_t)handle, 0), fd);
    ck_assert_int_eq(_close(fd), 0);
    ck_assert_int_eq(_wsopen_s(&fd, L"file", _O_RDWR | _O_CREAT | _O_EXCL, 0, _S_IREAD), EEXIST);
    ck_assert_int_eq(fd, -1);
    fd = _wopen(L"file", _O_RDONLY);
    FILE *stream = _fdopen(fd, "rt");
    ck_assert_ptr_nonnull(fgets(text, 16, stream));
    is(text, "012");
    fclose(stream);
    fd = _open("file", _O_RDONLY | _O_TEMPORARY);
    ck_assert(fd >= 0 && _access("file", 0) == -1);
    _close(fd);
}
END_TEST

START_TEST(names_are_asked_and_changed)
{
    struct _stat st;
    struct _stat64 wide;

    ck_assert_int_eq(_mkdir("sub"), 0);
    ck_assert_int_eq(_stat("sub", &st), 0);
    ck_assert((st.st_mode & _S_IFMT) == _S_IFDIR);
    FILE *file;
    ck_assert_int_eq(fopen_s(&file, "sub\\one", "wb"), 0);
    fputs("12345", file);
    fclose(file);
    ck_assert_int_eq(_wstat64(L"sub\\one", &wide), 0);
    ck_assert((wide.st_mode & _S_IFREG) && wide.st_size == 5);
    ck_assert(wide.st_mtime <= time(NULL) && wide.st_mtime > time(NULL) - 3600);
    ck_assert_int_eq(_stat("gone", &st), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(_access_s("sub/one", 6), 0);
    ck_assert_int_eq(_waccess_s(L"sub/two", 0), ENOENT);
    ck_assert_int_eq(_chmod("sub/one", _S_IREAD), 0);
    ck_assert_int_eq(_unlink("sub/one"), -1);
    ck_assert_int_eq(errno, EACCES);
    ck_assert_int_eq(_chmod("sub/one", _S_IREAD | _S_IWRITE), 0);
    ck_assert_int_eq(_wrename(L"sub\\one", L"sub"), -1);
    ck_assert_int_eq(errno, EEXIST);
    ck_assert_int_eq(_wrename(L"sub\\one", L"sub\\two"), 0);
    ck_assert_int_eq(_rmdir("sub"), -1);
    ck_assert_int_eq(_wunlink(L"sub\\two"), 0);
    ck_assert_int_eq(_wrmdir(L"sub"), 0);
    ck_assert_int_eq(mkdir("sub"), 0);
    char here[MAX_PATH], *made = _getcwd(NULL, 0);
    ck_assert_ptr_eq(_getcwd(here, MAX_PATH), here);
    is(here, folder);
    is(made, folder);
    free(made);
}
END_TEST

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

START_TEST(the_environment_is_copied)
{
    char *copy, text[8];
    wchar_t *wide;
    size_t length;

    ck_assert_int_eq(_putenv("IISR_ONE=one"), 0);
    ck_assert_int_eq(_dupenv_s(&copy, &length, "IISR_ONE"), 0);
    is(copy, "one");
    ck_assert_uint_eq(length, 4);
    free(copy);
    ck_assert_int_eq(_wdupenv_s(&wide, NULL, L"IISR_ONE"), 0);
    ck_assert(!wcscmp(wide, L"one"));
    free(wide);
    wide = _wgetenv(L"IISR_ONE");
    ck_assert_int_eq(_wputenv_s(L"IISR_ONE", L"other"), 0);
    ck_assert(!wcscmp(wide, L"one") && !wcscmp(_wgetenv(L"IISR_ONE"), L"other"));
    ck_assert_int_eq(getenv_s(&length, text, "IISR_ONE"), 0);
    is(text, "other");
    ck_assert_int_eq(getenv_s(&length, text, 3, "IISR_ONE"), ERANGE);
    ck_assert_int_eq(_putenv("IISR_ONE="), 0);
    ck_assert_int_eq(_dupenv_s(&copy, &length, "IISR_ONE"), 0);
    ck_assert(!copy && !length && !_wgetenv(L"IISR_ONE"));
}
END_TEST

START_TEST(times_are_broken_down_and_written)
{
    __time64_t zero = 0, negative = -1;
    struct tm parts;
    char text[32];

    ck_assert_int_eq(_gmtime64_s(&parts, &zero), 0);
    ck_assert_int_eq(parts.tm_year, 70);
    ck_assert_int_eq(asctime_s(text, &parts), 0);
    is(text, "Thu Jan  1 00:00:00 1970\n");
    ck_assert_int_eq(asctime_s(text, 25, &parts), EINVAL);
    ck_assert(!wcscmp(_wasctime(&parts), L"Thu Jan  1 00:00:00 1970\n"));
    ck_assert_int_eq(_gmtime64_s(&parts, &negative), EINVAL);
    ck_assert_int_eq(parts.tm_mday, -1);
    ck_assert_int_eq(_mkgmtime64(&(parts = *_gmtime64(&zero), parts)), 0);
    ck_assert(_time64(NULL) - time(NULL) < 60);
}
END_TEST

static int by_context(void *context, const void *left, const void *right)
{
    ++*(int *)context;
    return *(const int *)left - *(const int *)right;
}
START_TEST(odds_and_ends)
{
    int numbers[] = {3, 1, 2}, calls = 0;
    unsigned first = 0, second = 0;
    char bytes[4];
    int n;

    qsort_s(numbers, 3, sizeof(int), by_context, &calls);
    ck_assert(numbers[0] == 1 && numbers[2] == 3 && calls > 1);
    ck_assert(!rand_s(&first) && !rand_s(&second) && (first != second || (!rand_s(&second) && first != second)));
    ck_assert_int_eq(wctomb_s(&n, bytes, 4, L'\u20ac'), 0);
    ck_assert_int_eq(n, 3);
    ck_assert_int_eq(wctomb_s(&n, bytes, 2, L'\u20ac'), ERANGE);
    ck_assert(_isnan(NAN) && !_finite(1 / 0.0 * numbers[0]) && _abs64(-5) == 5);
    TCHAR text[8];
    ck_assert_int_eq(_stscanf_s(_T("abc"), _T("%s"), text, 8u), 1);
    ck_assert_int_eq(_tcscmp(text, _T("abc")), 0);
}
END_TEST

int main()
{
    Suite *suite = suite_create("crt");
    TCase *scan = tcase_create("scan"), *files = tcase_create("files"), *rest = tcase_create("rest");

    tcase_add_test(scan, integers_are_stored_as_wide_as_they_are);
    tcase_add_test(scan, strings_are_given_their_room);
    tcase_add_test(scan, scanning_counts_fields);
    tcase_add_test(files, descriptors_read_and_write);
    tcase_add_test(files, names_are_asked_and_changed);
    tcase_add_test(rest, the_environment_is_copied);
    tcase_add_test(rest, times_are_broken_down_and_written);
    tcase_add_test(rest, odds_and_ends);
    tcase_add_checked_fixture(files, set_up, tear_down);
    for (TCase *tcase : {scan, files, rest}) {
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
