/* test_variant.c: BSTRs, and VARIANTs that change their type, as modules use
 * them on what they read from the configuration. */
#include <check.h>
#include <string.h>
#include <wchar.h>
#include "windows.h"
#include "iis_variant.h"

#define MISMATCH DISP_E_TYPEMISMATCH
#define TOO_MUCH DISP_E_OVERFLOW

/* Out of a string. */
static const struct {
    const WCHAR *text;
    VARTYPE vt;
    HRESULT hr;
    long long number;
} rows[] = {
    { L"true", VT_BOOL, S_OK, VARIANT_TRUE },
    { L"FALSE", VT_BOOL, S_OK, VARIANT_FALSE },
    { L"1", VT_BOOL, S_OK, VARIANT_TRUE },
    { L"0", VT_BOOL, S_OK, VARIANT_FALSE },
    { L"yes", VT_BOOL, MISMATCH, 0 },
    { L"", VT_BOOL, MISMATCH, 0 },
    { L"42", VT_I4, S_OK, 42 },
    { L" -42 ", VT_I4, S_OK, -42 },
    { L"2.5", VT_I4, S_OK, 2 },
    { L"3.5", VT_I4, S_OK, 4 },
    { L"1e3", VT_I4, S_OK, 1000 },
    { L"", VT_I4, MISMATCH, 0 },
    { L"4x", VT_I4, MISMATCH, 0 },
    { L"2147483648", VT_I4, TOO_MUCH, 0 },
    { L"4294967295", VT_UI4, S_OK, 4294967295LL },
    { L"-1", VT_UI4, TOO_MUCH, 0 },
    { L"70000", VT_I2, TOO_MUCH, 0 },
    { L"255", VT_UI1, S_OK, 255 },
    { L"9000000000", VT_I8, S_OK, 9000000000LL },
    { L"18446744073709551615", VT_UI8, S_OK, -1 },
    { L"18446744073709551615", VT_I8, TOO_MUCH, 0 },
    { L"12", VT_CY, DISP_E_BADVARTYPE, 0 }
};

static long long number_of(const VARIANT *v)
{
    return v->vt == VT_BOOL ? v->boolVal : v->vt == VT_I4 ? v->lVal
        : v->vt == VT_UI4 ? v->ulVal : v->vt == VT_UI1 ? v->bVal : v->llVal;
}

START_TEST(a_string_changes_in_place)
{
    VARIANT v;
    HRESULT hr;

    VariantInit(&v);
    v.vt = VT_BSTR;
    v.bstrVal = SysAllocString(rows[_i].text);
    hr = VariantChangeType(&v, &v, 0, rows[_i].vt);
    ck_assert_int_eq(hr, rows[_i].hr);
    if (FAILED(hr)) {
        ck_assert_int_eq(v.vt, VT_BSTR);
        ck_assert(!wcscmp(v.bstrVal, rows[_i].text));
    }
    else {
        ck_assert_int_eq(v.vt, rows[_i].vt);
        ck_assert_int_eq(number_of(&v), rows[_i].number);
    }
    VariantClear(&v);
}
END_TEST

static void expect_text(VARIANT from, USHORT flags, const WCHAR *text)
{
    VARIANT to;

    VariantInit(&to);
    ck_assert_int_eq(VariantChangeType(&to, &from, flags, VT_BSTR), S_OK);
    ck_assert_msg(!wcscmp(to.bstrVal, text), "%ls, not %ls", to.bstrVal,
                  text);
    VariantClear(&to);
}

START_TEST(numbers_become_strings_and_one_another)
{
    VARIANT v, to;

    VariantInit(&v);
    VariantInit(&to);
    expect_text(v, 0, L"");
    v.vt = VT_UI8;
    v.ullVal = 18446744073709551615ULL;
    expect_text(v, 0, L"18446744073709551615");
    ck_assert_int_eq(VariantChangeType(&to, &v, 0, VT_I8), TOO_MUCH);
    v.vt = VT_I4;
    v.lVal = -7;
    expect_text(v, 0, L"-7");
    ck_assert_int_eq(VariantChangeType(&to, &v, 0, VT_BOOL), S_OK);
    ck_assert_int_eq(to.boolVal, VARIANT_TRUE);
    v.vt = VT_BOOL;
    v.boolVal = VARIANT_TRUE;
    expect_text(v, 0, L"-1");
    expect_text(v, VARIANT_ALPHABOOL, L"True");
    ck_assert_int_eq(VariantChangeType(&to, &v, 0, VT_UI4), S_OK);
    ck_assert_uint_eq(to.ulVal, 0xffffffff);
    v.vt = VT_R8;
    v.dblVal = 0.5;
    expect_text(v, 0, L"0.5");
    v.vt = VT_DATE;
    ck_assert_int_eq(VariantChangeType(&to, &v, 0, VT_I4), MISMATCH);
}
END_TEST

START_TEST(a_copy_is_its_own)
{
    VARIANT from, to;

    VariantInit(&from);
    VariantInit(&to);
    from.vt = VT_BSTR;
    from.bstrVal = SysAllocStringLen(L"a\0b", 3);
    ck_assert_int_eq(VariantCopy(&to, &from), S_OK);
    VariantClear(&from);
    ck_assert_int_eq(from.vt, VT_EMPTY);
    ck_assert_uint_eq(SysStringLen(to.bstrVal), 3);
    ck_assert(!wmemcmp(to.bstrVal, L"a\0b", 4));
    ck_assert_int_eq(VariantCopy(&to, &to), S_OK);
    VariantClear(&to);
}
END_TEST

START_TEST(an_array_is_copied_and_freed)
{
    SAFEARRAYBOUND bound = { 2, 5 };
    VARIANT from, to, *inner;

    VariantInit(&from);
    VariantInit(&to);
    from.vt = VT_ARRAY | VT_VARIANT;
    from.parray = SafeArrayCreate(VT_VARIANT, 1, &bound);
    ck_assert_ptr_nonnull(from.parray);
    inner = from.parray->pvData;
    inner[1].vt = VT_BSTR;
    inner[1].bstrVal = SysAllocString(L"inside");
    inner[0].vt = VT_ARRAY | VT_BSTR;
    inner[0].parray = SafeArrayCreate(VT_BSTR, 1, &bound);
    ((BSTR *)inner[0].parray->pvData)[1] = SysAllocString(L"deep");
    ck_assert_int_eq(VariantCopy(&to, &from), S_OK);
    from.parray->cLocks = 1;
    ck_assert_int_eq(VariantClear(&from), DISP_E_ARRAYISLOCKED);
    ck_assert_int_eq(from.vt, VT_ARRAY | VT_VARIANT);
    from.parray->cLocks = 0;
    ck_assert_int_eq(VariantClear(&from), S_OK);
    ck_assert_int_eq(from.vt, VT_EMPTY);
    ck_assert_int_eq(to.parray->rgsabound[0].lLbound, 5);
    inner = to.parray->pvData;
    ck_assert(!wcscmp(inner[1].bstrVal, L"inside"));
    ck_assert(!wcscmp(((BSTR *)inner[0].parray->pvData)[1], L"deep"));
    ck_assert_int_eq(VariantClear(&to), S_OK);
}
END_TEST

START_TEST(a_bstr_knows_its_length)
{
    BSTR text = SysAllocStringLen(NULL, 3);

    ck_assert_uint_eq(SysStringByteLen(text), 3 * sizeof(WCHAR));
    ck_assert(!text[0] && !text[3]);
    ck_assert(SysReAllocString(&text, L"longer text"));
    ck_assert_uint_eq(SysStringLen(text), 11);
    SysFreeString(text);
    SysFreeString(NULL);
    ck_assert_uint_eq(SysStringLen(NULL), 0);
    ck_assert_ptr_eq(SysAllocString(NULL), NULL);
    ck_assert_ptr_eq(SysAllocStringLen(NULL, 0xffffffff), NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("variant");
    TCase *tc = tcase_create("variant");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, a_string_changes_in_place, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_test(tc, numbers_become_strings_and_one_another);
    tcase_add_test(tc, a_copy_is_its_own);
    tcase_add_test(tc, an_array_is_copied_and_freed);
    tcase_add_test(tc, a_bstr_knows_its_length);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
