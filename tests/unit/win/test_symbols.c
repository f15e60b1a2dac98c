/* Names of functions: this very program's, which has symbols in it, and files made for the test. Each call of the
 * system's and of dbghelp's fails once. */
#include "pe_builder.h"
#include "unit/test.h"

#include "core/base/thread.h"
#include "core/pe/pe_identity.h"
#include "core/report/symbol_queue.h"
#include "win/symbols.h"
#include "win/symbols_path.h"

#include <stdio.h>

#define NAME_ROOM 1024

int main(int argc, char **argv);
__attribute__((noinline)) int known_function(volatile int *x);

/* Long enough that an address in it is no other's. */
__attribute__((noinline)) int known_function(volatile int *x)
{
    for (int i = 0; i < 10; i++)
        *x += i;
    return *x;
}

/* This program as a trace would tell it. */
static char own_path[NAME_ROOM];
static char traced_path[NAME_ROOM];
static struct ledger_image own_image;
static uint64_t own_offset;

static void describe_self(void)
{
    WCHAR path[NAME_ROOM];
    WCHAR device[NAME_ROOM];
    char device8[NAME_ROOM];
    struct pe_identity id;
    struct err err = {0};
    assert_in_range(GetModuleFileNameW(NULL, path, NAME_ROOM), 4, NAME_ROOM - 1);
    assert_true(utf16_put_utf8(own_path, sizeof own_path, path));
    path[2] = 0;
    assert_true(QueryDosDeviceW(path, device, NAME_ROOM) > 0);
    assert_true(utf16_put_utf8(device8, sizeof device8, device));
    snprintf(traced_path, sizeof traced_path, "%s%s", device8, own_path + 2);
    assert_true(pe_identity_read(own_path, &id, &err));
    own_image = (struct ledger_image){.timestamp = id.timestamp, .size = id.size, .checksum = id.checksum};
    own_offset = (uint64_t)((uintptr_t)known_function - (uintptr_t)GetModuleHandleW(NULL));
}

/* One source, used without a queue: the test's thread is its thread. */
struct use {
    struct symbol_source source;
    struct symbols *symbols;
    char name[NAME_ROOM];
};

static struct symbols_seam seam;

static void start_with(struct use *u, const char *path, const char *recording)
{
    struct err err = {0};
    const struct symbols_options o = {.path = path, .files = &recording, .file_count = recording ? 1 : 0};
    assert_true(symbols_create_over(&o, &seam, &u->source, &u->symbols, &err));
}

static void start(struct use *u)
{
    start_with(u, "", NULL);
}

static void end(struct use *u)
{
    u->source.close(u->source.ctx);
}

/* "" when it has no name. */
static const char *ask(struct use *u, const char *path, const struct ledger_image *image, const char *pdb,
                       uint64_t offset)
{
    const struct symbol_ask a = {.path = path, .pdb = pdb, .image = image, .offset = offset};
    struct text t = {0};
    bool named = u->source.find(u->source.ctx, &a, &t);
    assert_int_equal(named, t.len > 0);
    text_put(u->name, sizeof u->name, text_str(&t));
    text_free(&t);
    return u->name;
}

static const char *ask_self(struct use *u)
{
    return ask(u, traced_path, &own_image, "", own_offset + 5);
}

static const char *name_self(void)
{
    static char name[NAME_ROOM];
    struct use u;
    start(&u);
    text_put(name, sizeof name, ask_self(&u));
    end(&u);
    return name;
}

static void names_this_program(void **state)
{
    (void)state;
    struct use u;
    start(&u);
    assert_int_equal(symbols_library_kind(u.symbols), SYMBOLS_NOT_LOADED);
    assert_string_equal(ask_self(&u), "known_function+0x5");
    assert_int_equal(symbols_library_kind(u.symbols), SYMBOLS_INBOX);
    assert_string_equal(ask(&u, traced_path, &own_image, "", own_offset + 9), "known_function+0x9");
    /* What returns to a function's first byte was called by the one before. */
    assert_null(strstr(ask(&u, traced_path, &own_image, "", own_offset), "known_function"));
    assert_string_equal(ask(&u, traced_path, &own_image, "", own_image.size), "");
    assert_string_equal(ask(&u, traced_path, &own_image, "", UINT64_MAX), "");
    end(&u);
}

/* Everything that may differ, differs once; nothing agrees. */
static void another_build_is_not_named(void **state)
{
    (void)state;
    struct use u;
    start(&u);
    for (int what = 0; what < 6; what++) {
        struct ledger_image image = own_image;
        if (what == 0)
            image.size += 0x1000;
        else if (what == 1)
            image.checksum ^= 1;
        else if (what == 2)
            image.timestamp = own_image.timestamp + 1;
        else if (what == 3)
            image.identified = true;
        else if (what == 4)
            image.ambiguous = true;
        else
            image.timestamp = image.checksum = 0;
        assert_string_equal(ask(&u, traced_path, &image, what == 3 ? "x.pdb" : "", own_offset + 5), "");
    }
    assert_string_equal(ask_self(&u), "known_function+0x5");
    end(&u);
}

static void paths(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "\\\\server\\share\\a.exe",
        "\\Device\\Mup\\server\\share\\a.exe",
        "\\??\\UNC\\server\\share\\a.exe",
        "\\Device\\LanmanRedirector\\",
        "\\\\?\\C:\\a.exe",
        "a.exe",
        "",
        "C:a.exe",
        "C:\\a\\..\\b.exe",
        "C:\\a.exe:stream",
        "C:\\a/b.exe",
        "C:\\\\server\\share",
        "Q:\\a.exe",
        "\\SystemRoot\\\\x",
        "\\Device\\HarddiskVolume99\\a.exe",
        "C:\\a\x01.exe",
        "\\??\\C:a",
        "\\SystemRoot",
    };
    struct text t = {0};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (symbols_path_local(refused[i], &t))
            fail_msg("%s is taken for %s", refused[i], text_str(&t));
    assert_int_equal(t.len, 0);
    static const struct {
        const char *traced, *local;
    } taken[] = {{"\\SystemRoot\\system32\\ntdll.dll", "C:\\windows\\system32\\ntdll.dll"},
                 {"\\Windows\\System32\\x.dll", "C:\\windows\\System32\\x.dll"},
                 {"\\??\\C:\\a b\\x.dll", "C:\\a b\\x.dll"},
                 {"c:\\x.dll", "c:\\x.dll"}};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        text_clear(&t);
        assert_true(symbols_path_local(taken[i].traced, &t));
        assert_int_equal(text_casecmp(text_str(&t), taken[i].local), 0);
    }
    text_clear(&t);
    assert_true(symbols_path_local(traced_path, &t));
    assert_string_equal(text_str(&t), own_path);
    static const char *const harmful[] = {"\\\\server\\a.pdb",
                                          "//server/a.pdb",
                                          "\\??\\UNC\\a.pdb",
                                          "\\a.pdb",
                                          "C:\\\\server\\a.pdb",
                                          "C://server/a",
                                          "http://server/a",
                                          "Q:\\a.pdb",
                                          "\\\\?\\UNC\\server\\a",
                                          "/a.pdb",
                                          "a:b:c"};
    for (size_t i = 0; i < sizeof harmful / sizeof harmful[0]; i++)
        if (symbols_path_is_harmless(harmful[i]))
            fail_msg("%s is taken for harmless", harmful[i]);
    assert_true(symbols_path_is_harmless("C:\\build\\a.pdb"));
    assert_true(symbols_path_is_harmless("a.pdb"));
    assert_true(symbols_path_is_harmless(""));
    assert_string_equal(symbols_path_name("D:\\b\\a.pdb"), "a.pdb");
    assert_string_equal(symbols_path_name("/b/a.pdb"), "a.pdb");
    assert_string_equal(symbols_path_name("b\\.."), "");
    assert_string_equal(symbols_path_name("a.pdb;srv*"), "");
    assert_string_equal(symbols_path_name("a\x01"), "");
    text_clear(&t);
    assert_true(symbols_path_folder("C:\\x.etl", &t));
    assert_string_equal(text_str(&t), "C:\\");
    text_free(&t);
}

/* The program lies beside the recording, not where the trace says. */
static void beside_the_recording(void **state)
{
    (void)state;
    struct use u;
    const char *elsewhere = "\\Device\\HarddiskVolume99\\x\\test_symbols.exe";
    start(&u);
    assert_string_equal(ask(&u, elsewhere, &own_image, "", own_offset + 5), "");
    end(&u);
    char recording[NAME_ROOM + 16];
    snprintf(recording, sizeof recording, "%s.etl", own_path);
    const char *name = strrchr(own_path, '\\') + 1;
    char traced[NAME_ROOM];
    snprintf(traced, sizeof traced, "\\Device\\HarddiskVolume99\\x\\%s", name);
    start_with(&u, "", recording);
    assert_string_equal(ask(&u, traced, &own_image, "", own_offset + 5), "known_function+0x5");
    end(&u);
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
    seam = (struct symbols_seam){.loaded = break_call};
    for (broken = 0; broken < CALL_COUNT; broken++) {
        struct use u;
        struct err why = {0};
        unloads = 0;
        start(&u);
        /* It can do without being asked whether to go on, and this program needs no search. */
        bool named = broken == CALL_REGISTER || broken == CALL_FIND;
        assert_string_equal(ask_self(&u), named ? "known_function+0x5" : "");
        assert_string_equal(ask_self(&u), named ? "known_function+0x5" : "");
        assert_int_equal(unloads, broken == CALL_INFO);
        assert_int_equal(symbols_failed(u.symbols, &why), broken == CALL_INITIALIZE);
        if (broken == CALL_INITIALIZE)
            assert_int_equal(why.os, ERROR_INVALID_HANDLE);
        end(&u);
    }
    seam = (struct symbols_seam){0};
    assert_string_equal(name_self(), "known_function+0x5");
}

/* Files with symbols: a dbghelp that takes what it is given, and a search that offers three files. */
static char loaded_file[NAME_ROOM];
static unsigned searches;
static char searched_name[NAME_ROOM];

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
    struct use u;
    struct ledger_image image = {.size = 0x10000, .identified = true, .age = 3};
    for (uint8_t i = 0; i < 16; i++)
        image.guid[i] = (uint8_t)(9 + i);
    peb_pdb(&b, 9, 4, 4); /* linked again since */
    peb_save(&b, SIZE_MAX, "test_other.pdb");
    peb_pdb(&b, 9, 3, 3);
    peb_save(&b, SIZE_MAX, "test_right.pdb");
    seam = (struct symbols_seam){.loaded = take_files};
    start_with(&u, "C:\\symbols here", NULL);
    searches = 0;
    const char *path = "\\Device\\HarddiskVolume99\\gone.exe";
    assert_string_equal(ask(&u, path, &image, "\\\\server\\share\\gone.pdb", 0x1010), "FromPdb+0x10");
    assert_string_equal(ask(&u, path, &image, "\\\\server\\share\\gone.pdb", 0x1020), "FromPdb+0x10");
    assert_string_equal(loaded_file, "test_right.pdb");
    assert_string_equal(searched_name, "gone.pdb");
    assert_int_equal(searches, 1);
    remove("test_right.pdb");
    image.checksum = 1; /* another module */
    assert_string_equal(ask(&u, path, &image, "gone.pdb", 0x1010), "");
    assert_int_equal(searches, 2);
    image.checksum = 2;
    assert_string_equal(ask(&u, path, &image, "..", 0x1010), "");
    assert_int_equal(searches, 2); /* no file has that name */
    end(&u);
    seam = (struct symbols_seam){0};
    remove("test_other.pdb");
}

/* Where the library comes from. The hooks stand before symbols_windows. */
static struct symbols_system fake;
static WCHAR kits[NAME_ROOM];
static bool trusted;
static unsigned asked_trust;
static char loads[NAME_ROOM];
static const char *no_proc;

static bool say_kits(WCHAR *out, DWORD units)
{
    assert_true(wcslen(kits) < units);
    wcscpy(out, kits);
    return kits[0] != 0;
}
static bool say_trusted(HANDLE file, const WCHAR *path)
{
    (void)path;
    assert_true(GetFileSize(file, NULL) > 0);
    asked_trust++;
    return trusted;
}
static HMODULE note_library(const WCHAR *path, DWORD flags)
{
    char utf8[NAME_ROOM];
    utf16_put_utf8(utf8, sizeof utf8, path);
    const char *name = strrchr(utf8, '\\');
    size_t n = strlen(loads);
    snprintf(loads + n, sizeof loads - n, "%s:%s ", name ? "full" : "plain", name ? name + 1 : utf8);
    assert_true(flags & LOAD_LIBRARY_SEARCH_SYSTEM32);
    assert_int_equal(!name, flags == LOAD_LIBRARY_SEARCH_SYSTEM32);
    return symbols_windows.load(L"dbghelp.dll", LOAD_LIBRARY_SEARCH_SYSTEM32);
}
static HMODULE no_library(const WCHAR *path, DWORD flags)
{
    (void)path;
    (void)flags;
    SetLastError(ERROR_MOD_NOT_FOUND);
    return NULL;
}
static win_proc some_proc(HMODULE module, const char *name)
{
    return no_proc && !strcmp(name, no_proc) ? NULL : symbols_windows.proc(module, name);
}

static bool load_library(enum symbols_kind *kind, struct err *err)
{
    struct dbghelp d;
    loads[0] = 0;
    asked_trust = 0;
    *kind = SYMBOLS_NOT_LOADED;
    return symbols_library_load(&fake, &d, kind, err);
}

static void make_tools(const WCHAR *folder)
{
    static const WCHAR *const names[] = {L"dbghelp.dll", L"symsrv.dll"};
    WCHAR self[NAME_ROOM];
    WCHAR path[NAME_ROOM];
    GetModuleFileNameW(NULL, self, NAME_ROOM);
    for (int i = 0; i < 2; i++) {
        swprintf(path, NAME_ROOM, L"%ls\\%ls", folder, names[i]);
        assert_true(CopyFileW(self, path, FALSE));
    }
}

static void the_installed_pair(void **state)
{
    (void)state;
    enum symbols_kind kind;
    struct err err = {0};
    WCHAR programs[NAME_ROOM];
    WCHAR folder[NAME_ROOM];
    fake = symbols_windows;
    fake.kits_root = say_kits;
    fake.is_signed = say_trusted;
    fake.load = note_library;
    fake.proc = some_proc;
    trusted = true;
    assert_true(symbols_windows.program_files(false, programs, NAME_ROOM));
    swprintf(kits, NAME_ROOM, L"%ls\\hr test kits\\", programs);
    CreateDirectoryW(kits, NULL);
    assert_true(load_library(&kind, &err)); /* nothing in it */
    assert_int_equal(kind, SYMBOLS_INBOX);
    assert_string_equal(loads, "plain:dbghelp.dll ");
    swprintf(folder, NAME_ROOM, L"%lsWindows Performance Toolkit", kits);
    CreateDirectoryW(folder, NULL);
    make_tools(folder);
    assert_true(load_library(&kind, &err));
    assert_int_equal(kind, SYMBOLS_TOOLS);
    assert_string_equal(loads, "full:symsrv.dll full:dbghelp.dll ");
    assert_int_equal(asked_trust, 2);
    trusted = false;
    assert_true(load_library(&kind, &err));
    assert_int_equal(kind, SYMBOLS_INBOX);
    assert_string_equal(loads, "plain:dbghelp.dll ");
    fake.is_signed = symbols_windows.is_signed; /* copies of this program are not signed */
    assert_true(load_library(&kind, &err));
    assert_int_equal(kind, SYMBOLS_INBOX);
    fake.is_signed = say_trusted;
    trusted = true;
    WCHAR file[NAME_ROOM];
    swprintf(file, NAME_ROOM, L"%ls\\symsrv.dll", folder);
    assert_true(DeleteFileW(file)); /* no pair */
    assert_true(load_library(&kind, &err));
    assert_int_equal(kind, SYMBOLS_INBOX);
    swprintf(file, NAME_ROOM, L"%ls\\dbghelp.dll", folder);
    DeleteFileW(file);
    RemoveDirectoryW(folder);
    RemoveDirectoryW(kits);
}

/* Where everyone may write. */
static void only_below_program_files(void **state)
{
    (void)state;
    enum symbols_kind kind;
    struct err err = {0};
    WCHAR folder[NAME_ROOM];
    WCHAR programs[NAME_ROOM];
    assert_true(symbols_windows.program_files(false, programs, NAME_ROOM));
    assert_in_range(GetTempPathW(NAME_ROOM, kits), 1, NAME_ROOM - 60);
    swprintf(folder, NAME_ROOM, L"%lsWindows Performance Toolkit", kits);
    CreateDirectoryW(folder, NULL);
    make_tools(folder);
    for (int way = 0; way < 2; way++) {
        if (way == 1) { /* Program Files only at first sight */
            WCHAR temp[NAME_ROOM];
            wcscpy(temp, kits + 2);
            swprintf(kits, NAME_ROOM, L"%ls\\..%ls", programs, temp);
        }
        assert_true(load_library(&kind, &err));
        assert_int_equal(kind, SYMBOLS_INBOX);
        assert_int_equal(asked_trust, 0);
    }
    WCHAR file[NAME_ROOM];
    swprintf(file, NAME_ROOM, L"%ls\\symsrv.dll", folder);
    DeleteFileW(file);
    swprintf(file, NAME_ROOM, L"%ls\\dbghelp.dll", folder);
    DeleteFileW(file);
    RemoveDirectoryW(folder);
}

static void no_library_at_all(void **state)
{
    (void)state;
    static const char *const calls[] = {"SymSetOptions",          "SymInitializeW",   "SymCleanup",
                                        "SymRegisterCallbackW64", "SymLoadModuleExW", "SymUnloadModule64",
                                        "SymGetModuleInfoW64",    "SymFromAddrW",     "SymFindFileInPathW"};
    enum symbols_kind kind;
    kits[0] = 0;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct err err = {0};
        no_proc = calls[i];
        assert_false(load_library(&kind, &err));
        assert_int_equal(err.code, ERR_UNSUPPORTED);
        assert_int_equal(kind, SYMBOLS_NOT_LOADED);
    }
    no_proc = NULL;
    fake.load = no_library;
    seam = (struct symbols_seam){.system = &fake};
    struct use u;
    struct err why = {0};
    start(&u);
    assert_false(symbols_failed(u.symbols, &why));
    assert_string_equal(ask_self(&u), "");
    assert_true(symbols_failed(u.symbols, &why));
    assert_int_equal(why.os, ERROR_MOD_NOT_FOUND);
    end(&u);
    seam = (struct symbols_seam){0};
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
    struct use first;
    struct use second;
    struct symbol_queue *q1 = NULL;
    struct symbol_queue *q2 = NULL;
    struct symbol_wait w;
    struct text name = {0};
    struct err err = {0};
    const struct symbol_ask a = {.path = traced_path, .pdb = "", .image = &own_image, .offset = own_offset + 5};
    release_hang = CreateEventW(NULL, TRUE, FALSE, NULL);
    hangs = CreateEventW(NULL, TRUE, FALSE, NULL);
    seam = (struct symbols_seam){.loaded = make_hang};
    start(&first);
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
    seam = (struct symbols_seam){0};
    start(&second);
    assert_true(symbol_queue_open(&second.source, NULL, &q2, &err));
    symbol_wait_start(&w, q2, 200);
    assert_false(s.name(s.ctx, &a, &name)); /* the first still has the library */
    assert_int_equal(w.unanswered, 1);
    symbol_queue_close(q2); /* and gives up */
    start(&second);
    assert_true(symbol_queue_open(&second.source, NULL, &q2, &err));
    symbol_wait_start(&w, q2, 60000);
    SetEvent(release_hang);
    assert_true(s.name(s.ctx, &a, &name));
    assert_string_equal(text_str(&name), "known_function+0x5");
    symbol_queue_close(q2);
    text_free(&name);
}

static bool planted_was_loaded(void)
{
    WCHAR value[8];
    return GetEnvironmentVariableW(L"HR_PLANTED", value, 8) > 0;
}

/* In a folder with planted libraries: looks a name up ("planted"), or loads as careless programs do ("careless"). */
static int child(const char *how)
{
    if (!strcmp(how, "careless"))
        return LoadLibraryW(L"dbghelp.dll") && planted_was_loaded() ? 0 : 3;
    describe_self();
    const char *name = name_self();
    printf("planted: named %s, planted library loaded: %d\n", name, planted_was_loaded());
    return !planted_was_loaded() && !strcmp(name, "known_function+0x5") ? 0 : 4;
}

static DWORD run_child(const WCHAR *folder, const WCHAR *how)
{
    WCHAR line[NAME_ROOM];
    swprintf(line, NAME_ROOM, L"\"%ls\\hr_planted.exe\" %ls", folder, how);
    STARTUPINFOW si = {.cb = sizeof si};
    PROCESS_INFORMATION pi;
    DWORD code = 99;
    assert_true(CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, folder, &si, &pi));
    assert_int_equal(WaitForSingleObject(pi.hProcess, 60000), WAIT_OBJECT_0);
    GetExitCodeProcess(pi.hProcess, &code);
    CloseHandle(pi.hThread);
    CloseHandle(pi.hProcess);
    return code;
}

/* Wine prefers its own libraries to any other file of their name; Windows knows no such thing. */
#define WINE_KEY L"Software\\Wine\\AppDefaults\\hr_planted.exe"

static void let_wine_load_files(bool on)
{
    static const WCHAR order[] = L"native,builtin";
    static const WCHAR *const names[] = {L"dbghelp", L"wintrust", L"symsrv"};
    for (int i = 0; on && i < 3; i++)
        RegSetKeyValueW(HKEY_CURRENT_USER, WINE_KEY L"\\DllOverrides", names[i], REG_SZ, order, sizeof order);
    if (!on)
        RegDeleteTreeW(HKEY_CURRENT_USER, WINE_KEY);
}

static void planted_libraries_are_left_alone(void **state)
{
    (void)state;
    static const WCHAR *const names[] = {L"hr_planted.exe", L"dbghelp.dll", L"wintrust.dll", L"symsrv.dll"};
    WCHAR self[NAME_ROOM];
    WCHAR planted[NAME_ROOM];
    WCHAR folder[NAME_ROOM];
    WCHAR path[NAME_ROOM];
    GetModuleFileNameW(NULL, self, NAME_ROOM);
    wcscpy(planted, self);
    wcscpy(wcsrchr(planted, L'\\'), L"\\planted.dll");
    assert_in_range(GetTempPathW(NAME_ROOM, folder), 1, NAME_ROOM - 60);
    wcscat(folder, L"hr planted");
    CreateDirectoryW(folder, NULL);
    for (int i = 0; i < 4; i++) {
        swprintf(path, NAME_ROOM, L"%ls\\%ls", folder, names[i]);
        assert_true(CopyFileW(i ? planted : self, path, FALSE));
    }
    let_wine_load_files(true);
    DWORD planted_code = run_child(folder, L"planted");
    DWORD careless_code = run_child(folder, L"careless");
    let_wine_load_files(false);
    assert_int_equal(planted_code, 0);
    assert_int_equal(careless_code, 0);
    for (int i = 0; i < 4; i++) {
        swprintf(path, NAME_ROOM, L"%ls\\%ls", folder, names[i]);
        DeleteFileW(path);
    }
    RemoveDirectoryW(folder);
}

static int set_up(void **state)
{
    (void)state;
    volatile int x = 0;
    known_function(&x);
    describe_self();
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return child(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_this_program),
        cmocka_unit_test(another_build_is_not_named),
        cmocka_unit_test(paths),
        cmocka_unit_test(beside_the_recording),
        cmocka_unit_test(each_call_of_dbghelp_fails),
        cmocka_unit_test(symbols_of_the_same_build),
        cmocka_unit_test(the_installed_pair),
        cmocka_unit_test(only_below_program_files),
        cmocka_unit_test(no_library_at_all),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(planted_libraries_are_left_alone),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
