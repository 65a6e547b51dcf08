/* suite.c: C and C++ agree on every slot, every structure, the classes of a module and the handshake. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <check.h>
#include "abi.h"

const GUID abi_guid = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};

static char abi_room[16384] __attribute__((aligned(16)));
const struct abi_layout abi_layout_c[] = {
#include "layout.h"
    {NULL, 0}
};

/* ---- interfaces ---- */

static const void *expected_object, *hit_object;
static const char *expected_interface, *expected_method;
static int expected_slot, hits, calls;

void abi_expect(const void *object, const char *interface_name, const char *method, int slot)
{
    expected_object = object;
    expected_interface = interface_name;
    expected_method = method;
    expected_slot = slot;
    hits = 0;
}

void abi_hit(const void *object, const char *interface_name, int slot, int arguments_right)
{
    hits++;
    hit_object = object;
    ck_assert_msg(strcmp(interface_name, expected_interface) == 0 && slot == expected_slot,
                  "%s::%s (slot %d) ran %s slot %d", expected_interface, expected_method, expected_slot,
                  interface_name, slot);
    ck_assert_msg(arguments_right, "%s::%s: arguments", expected_interface, expected_method);
}

void abi_done(int answer_right)
{
    calls++;
    ck_assert_msg(hits == 1 && hit_object == expected_object, "%s::%s: %d probes ran", expected_interface,
                  expected_method, hits);
    ck_assert_msg(answer_right, "%s::%s: return value", expected_interface, expected_method);
}

START_TEST(every_slot)
{
    const struct abi_object *o = &abi_objects[_i];
    void *const *words = *(void *const *const *)o->object;
    int i, k;

    ck_assert_str_eq(o->name, abi_calls[_i].name);
    ck_assert_uint_eq(o->words, (size_t)o->slots);
    ck_assert_ptr_eq((const void *)words, (const void *)(o->header + 1));
    for (i = 0; i < o->slots; i++) {
        ck_assert_msg(words[i] != NULL, "%s: slot %d is empty", o->name, i);
        for (k = 0; k < i; k++)
            ck_assert_msg(words[i] != words[k], "%s: slots %d and %d", o->name, k, i);
    }
    calls = 0;
    abi_calls[_i].call(o->object);
    ck_assert_int_eq(calls, o->slots);
}
END_TEST

START_TEST(every_type)
{
    const iis_handshake *hello = IisModuleHandshake(NULL);
    struct abi_object *o = &abi_objects[_i];
    DWORD i;

    for (i = 0; i < hello->nTypes; i++)
        if (strcmp(hello->pTypes[i].name, o->name) == 0) {
            ck_assert_ptr_nonnull(hello->pTypes[i].typeinfo);
            o->header->typeinfo = hello->pTypes[i].typeinfo;
            ck_assert_msg(abi_calls[_i].cast(o->object), "%s: typeid or dynamic_cast", o->name);
            return;
        }
    ck_assert_msg(strcmp(o->name, "IWebSocketContext") == 0, "%s: not in the handshake", o->name);
}
END_TEST

/* What the tables of the reference add up to: a line lost from the header would otherwise go unnoticed. */
START_TEST(counts)
{
    static const struct { const char *name; int slots; } known[] = {
        {"IHttpContext4", 46}, {"IHttpRequest4", 27}, {"IHttpResponse4", 36}, {"IHttpServer3", 32},
        {"IHttpFileInfo", 21}, {"IHttpUser", 11}, {"IScriptMapInfo", 11}, {"ISendResponseProvider", 7},
        {"IHttpCachePolicy2", 16}, {"IHttpModuleRegistrationInfo2", 7}, {"IHttpResponse2", 30},
        {"IAppHostElement", 14}, {"IAppHostPropertySchema", 18}, {"IAppHostWritableAdminManager", 10},
        {"IAppHostPropertyException", 13}, {"IAppHostSectionDefinition", 14}
    };
    size_t i;
    int k;

    ck_assert_int_eq(abi_object_count, 104);
    for (i = 0; i < ARRAYSIZE(known); i++) {
        for (k = 0; k < abi_object_count && strcmp(abi_objects[k].name, known[i].name); k++)
            ;
        ck_assert_int_lt(k, abi_object_count);
        ck_assert_int_eq(abi_objects[k].slots, known[i].slots);
    }
}
END_TEST

/* ---- structures ---- */

START_TEST(layouts)
{
    const struct abi_layout *c = abi_layout_c, *cpp = abi_layout_cpp();

    for (; c->name && cpp->name; c++, cpp++) {
        ck_assert_str_eq(c->name, cpp->name);
        ck_assert_msg(c->value == cpp->value, "%s: C %zu, C++ %zu", c->name, c->value, cpp->value);
    }
    ck_assert(!c->name && !cpp->name);
    ck_assert_int_gt(c - abi_layout_c, 250);
}
END_TEST

START_TEST(widths)
{
    ck_assert_uint_eq(sizeof(DWORD), 4);
    ck_assert_uint_eq(sizeof(LONG), 4);
    ck_assert_uint_eq(sizeof(ULONG), 4);
    ck_assert_uint_eq(sizeof(BOOL), 4);
    ck_assert_uint_eq(sizeof(HRESULT), 4);
    ck_assert_uint_eq(sizeof(ULONGLONG), 8);
    ck_assert_uint_eq(sizeof(WCHAR), sizeof(wchar_t));
    ck_assert_uint_eq(sizeof(HANDLE), sizeof(void *));
    ck_assert_uint_eq(sizeof(GUID), 16);
    ck_assert_uint_eq(sizeof(VARIANT), 24);
    ck_assert_uint_eq(sizeof(DECIMAL), 16);
    ck_assert_uint_eq(sizeof(SAFEARRAY), 32);
    ck_assert_uint_eq(sizeof(SOCKADDR_IN), sizeof(struct sockaddr_in));
    ck_assert_uint_eq(offsetof(SOCKADDR_IN, sin_addr), offsetof(struct sockaddr_in, sin_addr));
}
END_TEST

START_TEST(handles)
{
    int fd;

    for (fd = 0; fd < 5000; fd += 7) {
        HANDLE h = iis_handle_from_fd(fd);
        ck_assert(h != NULL && h != INVALID_HANDLE_VALUE);
        ck_assert_int_eq(iis_fd_from_handle(h), fd);
    }
    ck_assert(iis_handle_from_fd(-1) == INVALID_HANDLE_VALUE);
    ck_assert_int_eq(iis_fd_from_handle(NULL), -1);
    ck_assert_int_eq(iis_fd_from_handle(INVALID_HANDLE_VALUE), -1);
    ck_assert_int_eq(iis_fd_from_handle((HANDLE)&fd), -1);
}
END_TEST

START_TEST(hresults)
{
    DWORD codes[2] = {ERROR_INVALID_PARAMETER, ERROR_SUCCESS}, *next = codes;

    ck_assert_int_eq(HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER), E_INVALIDARG);
    ck_assert_int_eq(HRESULT_FROM_WIN32(*next++), E_INVALIDARG);
    ck_assert_ptr_eq(next, codes + 1);
    ck_assert_int_eq(HRESULT_FROM_WIN32(*next), S_OK);
    ck_assert_int_eq(HRESULT_FROM_WIN32(E_FAIL), E_FAIL);
    ck_assert(FAILED(E_FAIL) && SUCCEEDED(S_FALSE) && HRESULT_CODE(E_OUTOFMEMORY) == ERROR_OUTOFMEMORY);
}
END_TEST

/* ---- the classes of a module ---- */

typedef REQUEST_NOTIFICATION_STATUS (*abi_method)(CHttpModule *, IHttpContext *, void *);

static const struct { const char *name; size_t offset; DWORD bit; BOOL post; } notifications[] = {
#define ROW(method, bit, post, provider, name) {name, offsetof(struct CHttpModuleVtbl, method), bit, post},
    IIS_NOTIFICATIONS(ROW)
#undef ROW
};

static abi_method slot_of(CHttpModule *module, size_t offset)
{
    abi_method fn;
    memcpy(&fn, (const char *)module->lpVtbl + offset, sizeof(fn));
    return fn;
}

START_TEST(notification)
{
    CHttpModule *module = abi_module_new();
    REQUEST_NOTIFICATION_STATUS status;

    ck_assert_uint_eq(notifications[_i].offset, (size_t)_i * sizeof(void *));
    ck_assert(notifications[_i].post == (strncmp(notifications[_i].name, "Post", 4) == 0));
    status = slot_of(module, notifications[_i].offset)(module, (IHttpContext *)1, (void *)2);
    ck_assert_int_eq(abi_last_method, _i);
    ck_assert(abi_arguments_right);
    ck_assert_int_eq(status, _i % 2 ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_FINISH_REQUEST);
    module->lpVtbl->Dispose(module);
    ck_assert_int_eq(abi_destroyed, 1);
}
END_TEST

START_TEST(completion_and_dispose)
{
    CHttpModule *module = abi_module_new();

    ck_assert_uint_eq(ARRAYSIZE(notifications), IIS_NOTIFICATION_COUNT);
    ck_assert_uint_eq(offsetof(struct CHttpModuleVtbl, OnAsyncCompletion), 28 * sizeof(void *));
    ck_assert_uint_eq(offsetof(struct CHttpModuleVtbl, Dispose), 29 * sizeof(void *));
    ck_assert_uint_eq(offsetof(struct CHttpModuleVtbl, destructor), 30 * sizeof(void *));
    ck_assert_uint_eq(sizeof(struct CHttpModuleVtbl), 32 * sizeof(void *));
    module->lpVtbl->OnAsyncCompletion(module, (IHttpContext *)1, RQ_MAP_PATH, TRUE, (IHttpEventProvider *)4,
                                      (IHttpCompletionInfo *)5);
    ck_assert_int_eq(abi_last_method, 28);
    ck_assert(abi_arguments_right);
    module->lpVtbl->Dispose(module);
    ck_assert_int_eq(abi_destroyed, 1);
}
END_TEST

/* The first of the two destroys and leaves the memory, the second frees it as well. */
START_TEST(destructor_slots)
{
    CHttpModule *module = abi_module_new();
    void (*destroy)(CHttpModule *), (*destroy_and_free)(CHttpModule *);

    memcpy(&destroy, &module->lpVtbl->destructor[0], sizeof(destroy));
    memcpy(&destroy_and_free, &module->lpVtbl->destructor[1], sizeof(destroy_and_free));
    ck_assert(destroy && destroy_and_free && destroy != destroy_and_free);
    destroy_and_free(module);
    ck_assert_int_eq(abi_destroyed, 1);
    ck_assert_int_eq(abi_last_method, -1);
}
END_TEST

START_TEST(global_slot)
{
    CGlobalModule *module = abi_global_new();
    GLOBAL_NOTIFICATION_STATUS (*fn)(CGlobalModule *, void *);
    void (*terminate)(CGlobalModule *) = module->lpVtbl->Terminate;

    ck_assert_uint_eq(offsetof(struct CGlobalModuleVtbl, Terminate), 13 * sizeof(void *));
    ck_assert_uint_eq(sizeof(struct CGlobalModuleVtbl), 19 * sizeof(void *));
    memcpy(&fn, (const char *)module->lpVtbl + (size_t)_i * sizeof(void *), sizeof(fn));
    if (_i != 13) {
        ck_assert_int_eq(fn(module, (void *)2), GL_NOTIFICATION_HANDLED);
        ck_assert_int_eq(abi_last_method, _i);
        ck_assert(abi_arguments_right);
        ck_assert_int_eq(abi_destroyed, 0);
    }
    terminate(module);
    ck_assert_int_eq(abi_last_method, 13);
    ck_assert_int_eq(abi_destroyed, 1);
}
END_TEST

/* ---- the handshake ---- */

static int logged;
static char last_source[64], last_text[200];

static void take_log(int level, const char *source, const char *text)
{
    logged++;
    ck_assert_int_eq(level, IIS_LOG_WARNING);
    snprintf(last_source, sizeof(last_source), "%s", source);
    snprintf(last_text, sizeof(last_text), "%s", text);
}

START_TEST(missing_handler_is_said_once)
{
    iis_services services = {sizeof(services), take_log, NULL, {NULL}};
    CHttpModule *module = abi_default_module_new();
    size_t i, offset;

    offset = notifications[3].offset;
    ck_assert_int_eq(slot_of(module, offset)(module, NULL, NULL), RQ_NOTIFICATION_CONTINUE);
    ck_assert_int_eq(logged, 0);             /* nobody to tell yet */
    IisModuleHandshake(&services);
    for (i = 0; i < 3; i++)
        ck_assert_int_eq(slot_of(module, offset)(module, NULL, NULL), RQ_NOTIFICATION_CONTINUE);
    ck_assert_int_eq(logged, 1);
    ck_assert_str_eq(last_source, "CHttpModule");
    ck_assert_ptr_nonnull(strstr(last_text, "OnPostAuthenticateRequest"));
    for (i = 0; i < ARRAYSIZE(notifications); i++)
        slot_of(module, notifications[i].offset)(module, NULL, NULL);
    ck_assert_int_eq(logged, IIS_NOTIFICATION_COUNT);
    module->lpVtbl->Dispose(module);
}
END_TEST

START_TEST(handshake)
{
    const iis_handshake *hello = IisModuleHandshake(NULL);

    ck_assert_uint_eq(hello->cbSize, sizeof(*hello));
    ck_assert_uint_eq(hello->dwHeaderVersion, IIS_HEADER_VERSION);
    ck_assert_uint_eq(hello->cbWchar, sizeof(WCHAR));
    ck_assert_uint_ge(hello->nTypes, 65);
}
END_TEST

/* Two files, -fvisibility=hidden, -fno-rtti: it links, it exports its two names, and it has no types to offer. */
START_TEST(port)
{
    void *so = dlopen(getenv("ABI_PORT"), RTLD_NOW | RTLD_LOCAL);
    PFN_REGISTERMODULE entry;
    PFN_IIS_HANDSHAKE hello;

    ck_assert_msg(so != NULL, "%s", so ? "" : dlerror());
    *(void **)&entry = dlsym(so, MODULE_REGISTERMODULE);
    *(void **)&hello = dlsym(so, IIS_HANDSHAKE_SYMBOL);
    ck_assert(entry != NULL && hello != NULL);
    ck_assert(hello != IisModuleHandshake);
    ck_assert_uint_eq(hello(NULL)->nTypes, 0);
    ck_assert_uint_eq(hello(NULL)->cbWchar, sizeof(WCHAR));
    ck_assert_int_eq(entry(0, NULL, NULL), E_FAIL);
    ck_assert_ptr_null(dlsym(so, "iis_module_services"));
    dlclose(so);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("abi");
    TCase *interfaces = tcase_create("interfaces");
    TCase *structures = tcase_create("structures");
    TCase *module = tcase_create("module");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(interfaces, every_slot, 0, abi_object_count);
    tcase_add_loop_test(interfaces, every_type, 0, abi_object_count);
    tcase_add_test(interfaces, counts);
    tcase_add_test(structures, layouts);
    tcase_add_test(structures, widths);
    tcase_add_test(structures, handles);
    tcase_add_test(structures, hresults);
    tcase_add_loop_test(module, notification, 0, IIS_NOTIFICATION_COUNT);
    tcase_add_test(module, completion_and_dispose);
    tcase_add_test(module, destructor_slots);
    tcase_add_loop_test(module, global_slot, 0, 17);
    tcase_add_test(module, missing_handler_is_said_once);
    tcase_add_test(module, handshake);
    tcase_add_test(module, port);
    suite_add_tcase(suite, interfaces);
    suite_add_tcase(suite, structures);
    suite_add_tcase(suite, module);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
