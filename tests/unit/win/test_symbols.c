/* Names of functions: this very program's, and of files made for the test. Each call of dbghelp's fails once. */
#include "symbols_self.h"

#include "core/base/thread.h"
#include "core/report/symbol_queue.h"
#include "pe_builder.h"

#include <stdio.h>

static void names_this_program(void **state)
{
    (void)state;
    struct self_use u;
    self_start(&u);
    assert_int_equal(symbols_library_kind(u.symbols), SYMBOLS_NOT_LOADED);
    assert_string_equal(self_ask(&u), "known_function+0x5");
    assert_int_equal(symbols_library_kind(u.symbols), SYMBOLS_INBOX);
    assert_string_equal(self_ask_for(&u, self_traced, &self_image, "", self_offset + 9), "known_function+0x9");
    /* What returns to a function's first byte was called by the one before. */
    assert_null(strstr(self_ask_for(&u, self_traced, &self_image, "", self_offset), "known_function"));
    assert_string_equal(self_ask_for(&u, self_traced, &self_image, "", self_image.size), "");
    assert_string_equal(self_ask_for(&u, self_traced, &self_image, "", UINT64_MAX), "");
    self_end(&u);
}

/* Everything that may differ, differs once; nothing agrees. */
static void another_build_is_not_named(void **state)
{
    (void)state;
    struct self_use u;
    self_start(&u);
    for (int what = 0; what < 6; what++) {
        struct ledger_image image = self_image;
        if (what == 0)
            image.size += 0x1000;
        else if (what == 1)
            image.checksum ^= 1;
        else if (what == 2)
            image.timestamp = self_image.timestamp + 1;
        else if (what == 3)
            image.identified = true;
        else if (what == 4)
            image.ambiguous = true;
        else
            image.timestamp = image.checksum = 0;
        assert_string_equal(self_ask_for(&u, self_traced, &image, what == 3 ? "x.pdb" : "", self_offset + 5), "");
    }
    assert_string_equal(self_ask(&u), "known_function+0x5");
    self_end(&u);
}

/* The program lies beside the recording, not where the trace says. */
static void beside_the_recording(void **state)
{
    (void)state;
    struct self_use u;
    const char *elsewhere = "\\Device\\HarddiskVolume99\\x\\test_symbols.exe";
    self_start(&u);
    assert_string_equal(self_ask_for(&u, elsewhere, &self_image, "", self_offset + 5), "");
    self_end(&u);
    char recording[SELF_ROOM + 16];
    snprintf(recording, sizeof recording, "%s.etl", self_path);
    const char *name = strrchr(self_path, '\\') + 1;
    char traced[SELF_ROOM];
    snprintf(traced, sizeof traced, "\\Device\\HarddiskVolume99\\x\\%s", name);
    self_start_with(&u, "", recording);
    assert_string_equal(self_ask_for(&u, traced, &self_image, "", self_offset + 5), "known_function+0x5");
    self_end(&u);
}

/* Replacements of dbghelp's calls, each failing; `broken` says which. */
enum call { CALL_INITIALIZE, CALL_REGISTER, CALL_LOAD, CALL_INFO, CALL_ADDRESS, CALL_FIND, CALL_COUNT };
static enum call broken;
static unsigned unloads;
static BOOL(WINAPI *real_unload)(HANDLE h, DWORD64 base);

static BOOL WINAPI bad_initialize(HANDLE h, PCWSTR path, BOOL invade)
{
    (void)h;
    (void)path;
    (void)invade;
    SetLastError(ERROR_INVALID_HANDLE);
    return FALSE;
}
static BOOL WINAPI bad_register(HANDLE h, PSYMBOL_REGISTERED_CALLBACK64 callback, ULONG64 ctx)
{
    (void)h;
    (void)callback;
    (void)ctx;
    return FALSE;
}
static DWORD64 WINAPI bad_load(HANDLE h, HANDLE file, PCWSTR image, PCWSTR module, DWORD64 base, DWORD size,
                               MODLOAD_DATA *data, DWORD flags)
{
    (void)h;
    (void)file;
    (void)image;
    (void)module;
    (void)base;
    (void)size;
    (void)data;
    (void)flags;
    return 0;
}
static BOOL WINAPI bad_info(HANDLE h, DWORD64 base, IMAGEHLP_MODULEW64 *info)
{
    (void)h;
    (void)base;
    (void)info;
    return FALSE;
}
static BOOL WINAPI bad_address(HANDLE h, DWORD64 address, DWORD64 *displacement, SYMBOL_INFOW *symbol)
{
    (void)h;
    (void)address;
    *displacement = 0;
    (void)symbol;
    return FALSE;
}
static BOOL WINAPI bad_find(HANDLE h, PCWSTR path, PCWSTR name, void *id, DWORD two, DWORD three, DWORD flags,
                            PWSTR found, BOOL(CALLBACK *callback)(PCWSTR, void *), void *ctx)
{
    (void)h;
    (void)path;
    (void)name;
    (void)id;
    (void)two;
    (void)three;
    (void)flags;
    found[0] = 0;
    (void)callback;
    (void)ctx;
    return FALSE;
}
static BOOL WINAPI counted_unload(HANDLE h, DWORD64 base)
{
    unloads++;
    return real_unload(h, base);
}

static void break_call(struct dbghelp *calls)
{
    real_unload = calls->unload;
    calls->unload = counted_unload;
    switch (broken) {
    case CALL_INITIALIZE:
        calls->initialize = bad_initialize;
        break;
    case CALL_REGISTER:
        calls->register_callback = bad_register;
        break;
    case CALL_LOAD:
        calls->load = bad_load;
        break;
    case CALL_INFO:
        calls->module_info = bad_info;
        break;
    case CALL_ADDRESS:
        calls->from_address = bad_address;
        break;
    default:
        calls->find_file = bad_find;
    }
}

static void each_call_of_dbghelp_fails(void **state)
{
    (void)state;
    self_seam = (struct symbols_seam){.loaded = break_call};
    for (broken = 0; broken < CALL_COUNT; broken++) {
        struct self_use u;
        struct err why = {0};
        unloads = 0;
        self_start(&u);
        /* It can do without being asked whether to go on, and this program needs no search. */
        bool named = broken == CALL_REGISTER || broken == CALL_FIND;
        assert_string_equal(self_ask(&u), named ? "known_function+0x5" : "");
        assert_string_equal(self_ask(&u), named ? "known_function+0x5" : "");
        assert_int_equal(unloads, broken == CALL_INFO);
        assert_int_equal(symbols_failed(u.symbols, &why), broken == CALL_INITIALIZE);
        if (broken == CALL_INITIALIZE)
            assert_int_equal(why.os, ERROR_INVALID_HANDLE);
        self_end(&u);
    }
    self_seam = (struct symbols_seam){0};
    assert_string_equal(self_name(), "known_function+0x5");
}

/* Files with symbols: a dbghelp that takes what it is given, and a search that offers three files. */
static char loaded_file[SELF_ROOM];
static unsigned searches;
static char searched_name[SELF_ROOM];

static BOOL WINAPI offer_files(HANDLE h, PCWSTR path, PCWSTR name, void *id, DWORD two, DWORD three, DWORD flags,
                               PWSTR found, BOOL(CALLBACK *callback)(PCWSTR, void *), void *ctx)
{
    static const WCHAR *const files[] = {L"test_other.pdb", L"test_missing.pdb", L"test_right.pdb"};
    (void)h;
    (void)three;
    assert_non_null(wcsstr(path, L"symbols here"));
    assert_int_equal(flags, SSRVOPT_GUIDPTR);
    assert_int_equal(((const uint8_t *)id)[0], 9);
    assert_int_equal(two, 3);
    utf16_put_utf8(searched_name, sizeof searched_name, name);
    searches++;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (!callback(files[i], ctx)) {
            wcscpy(found, files[i]);
            return TRUE;
        }
    return FALSE;
}
static DWORD64 WINAPI note_load(HANDLE h, HANDLE file, PCWSTR image, PCWSTR module, DWORD64 base, DWORD size,
                                MODLOAD_DATA *data, DWORD flags)
{
    (void)h;
    (void)file;
    (void)module;
    (void)size;
    (void)data;
    (void)flags;
    utf16_put_utf8(loaded_file, sizeof loaded_file, image);
    return base;
}
static BOOL WINAPI say_pdb(HANDLE h, DWORD64 base, IMAGEHLP_MODULEW64 *info)
{
    (void)h;
    (void)base;
    info->SymType = SymPdb;
    return TRUE;
}
static BOOL WINAPI say_function(HANDLE h, DWORD64 address, DWORD64 *displacement, SYMBOL_INFOW *symbol)
{
    (void)h;
    *displacement = 0xF;
    symbol->Address = address - 0xF;
    symbol->Size = 0x20;
    wcscpy(symbol->Name, L"FromPdb");
    symbol->NameLen = 7;
    return TRUE;
}

static void take_files(struct dbghelp *calls)
{
    calls->find_file = offer_files;
    calls->load = note_load;
    calls->module_info = say_pdb;
    calls->from_address = say_function;
}

static void symbols_of_the_same_build(void **state)
{
    (void)state;
    struct peb b;
    struct self_use u;
    struct ledger_image image = {.size = 0x10000, .identified = true, .age = 3};
    for (uint8_t i = 0; i < 16; i++)
        image.guid[i] = (uint8_t)(9 + i);
    peb_pdb(&b, 9, 4, 4); /* linked again since */
    peb_save(&b, SIZE_MAX, "test_other.pdb");
    peb_pdb(&b, 9, 3, 3);
    peb_save(&b, SIZE_MAX, "test_right.pdb");
    self_seam = (struct symbols_seam){.loaded = take_files};
    self_start_with(&u, "C:\\symbols here", NULL);
    searches = 0;
    const char *path = "\\Device\\HarddiskVolume99\\gone.exe";
    assert_string_equal(self_ask_for(&u, path, &image, "\\\\server\\share\\gone.pdb", 0x1010), "FromPdb+0x10");
    assert_string_equal(self_ask_for(&u, path, &image, "\\\\server\\share\\gone.pdb", 0x1020), "FromPdb+0x10");
    assert_string_equal(loaded_file, "test_right.pdb");
    assert_string_equal(searched_name, "gone.pdb");
    assert_int_equal(searches, 1);
    remove("test_right.pdb");
    image.checksum = 1; /* another module */
    assert_string_equal(self_ask_for(&u, path, &image, "gone.pdb", 0x1010), "");
    assert_int_equal(searches, 2);
    image.checksum = 2;
    assert_string_equal(self_ask_for(&u, path, &image, "..", 0x1010), "");
    assert_int_equal(searches, 2); /* no file has that name */
    self_end(&u);
    self_seam = (struct symbols_seam){0};
    remove("test_other.pdb");
}

/* A library that hangs: nobody waits for it but the next one who wants it, and that one can give up. */
static HANDLE release_hang;
static HANDLE hangs;

static BOOL WINAPI hang(HANDLE h, DWORD64 address, DWORD64 *displacement, SYMBOL_INFOW *symbol)
{
    (void)h;
    (void)address;
    *displacement = 0;
    (void)symbol;
    SetEvent(hangs);
    WaitForSingleObject(release_hang, INFINITE);
    return FALSE;
}
static void make_hang(struct dbghelp *calls)
{
    calls->from_address = hang;
}

static void one_at_a_time(void **state)
{
    (void)state;
    struct self_use first;
    struct self_use second;
    struct symbol_queue *q1 = NULL;
    struct symbol_queue *q2 = NULL;
    struct symbol_wait w;
    struct text name = {0};
    struct err err = {0};
    const struct symbol_ask a = {.path = self_traced, .pdb = "", .image = &self_image, .offset = self_offset + 5};
    release_hang = CreateEventW(NULL, TRUE, FALSE, NULL);
    hangs = CreateEventW(NULL, TRUE, FALSE, NULL);
    self_seam = (struct symbols_seam){.loaded = make_hang};
    self_start(&first);
    assert_true(symbol_queue_open(&first.source, NULL, &q1, &err));
    symbol_wait_start(&w, q1, 60000);
    assert_true(symbol_queue_ask(q1, 1, &a, &err));
    WaitForSingleObject(hangs, INFINITE);
    w.left_ns = 100000000;
    struct symbolizer s = symbol_wait_symbolizer(&w);
    uint64_t began = clock_ns();
    assert_false(s.name(s.ctx, &a, &name));
    assert_in_range(clock_ns() - began, 90000000u, 30000000000u);
    assert_int_equal(w.unanswered, 1);
    symbol_queue_close(q1);
    self_seam = (struct symbols_seam){0};
    self_start(&second);
    assert_true(symbol_queue_open(&second.source, NULL, &q2, &err));
    symbol_wait_start(&w, q2, 200);
    assert_false(s.name(s.ctx, &a, &name)); /* the first still has the library */
    assert_int_equal(w.unanswered, 1);
    symbol_queue_close(q2); /* and gives up */
    self_start(&second);
    assert_true(symbol_queue_open(&second.source, NULL, &q2, &err));
    symbol_wait_start(&w, q2, 60000);
    SetEvent(release_hang);
    assert_true(s.name(s.ctx, &a, &name));
    assert_string_equal(text_str(&name), "known_function+0x5");
    symbol_queue_close(q2);
    text_free(&name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_this_program),        cmocka_unit_test(another_build_is_not_named),
        cmocka_unit_test(beside_the_recording),      cmocka_unit_test(each_call_of_dbghelp_fails),
        cmocka_unit_test(symbols_of_the_same_build), cmocka_unit_test(one_at_a_time),
    };
    return cmocka_run_group_tests(tests, self_set_up, NULL);
}
