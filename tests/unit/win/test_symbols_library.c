/* Where names of functions come from: which files and which dbghelp are taken, and which are left alone. Each call of
 * the system's fails once. */
#include "symbols_self.h"

#include "win/symbols_path.h"

#include <stdio.h>

int main(int argc, char **argv);

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
    assert_true(symbols_path_local(self_traced, &t));
    assert_string_equal(text_str(&t), self_path);
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

/* Where the library comes from. The hooks stand before symbols_windows. */
static struct symbols_system fake;
static WCHAR kits[SELF_ROOM];
static bool trusted;
static unsigned asked_trust;
static char loads[SELF_ROOM];
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
    char utf8[SELF_ROOM];
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
    WCHAR self[SELF_ROOM];
    WCHAR path[SELF_ROOM];
    GetModuleFileNameW(NULL, self, SELF_ROOM);
    for (int i = 0; i < 2; i++) {
        swprintf(path, SELF_ROOM, L"%ls\\%ls", folder, names[i]);
        assert_true(CopyFileW(self, path, FALSE));
    }
}

static void delete_file(const WCHAR *folder, const WCHAR *name)
{
    WCHAR path[SELF_ROOM];
    swprintf(path, SELF_ROOM, L"%ls\\%ls", folder, name);
    DeleteFileW(path);
}

static void the_installed_pair(void **state)
{
    (void)state;
    enum symbols_kind kind;
    struct err err = {0};
    WCHAR programs[SELF_ROOM];
    WCHAR folder[SELF_ROOM];
    fake = symbols_windows;
    fake.kits_root = say_kits;
    fake.is_signed = say_trusted;
    fake.load = note_library;
    fake.proc = some_proc;
    trusted = true;
    assert_true(symbols_windows.program_files(false, programs, SELF_ROOM));
    swprintf(kits, SELF_ROOM, L"%ls\\hr test kits\\", programs);
    CreateDirectoryW(kits, NULL);
    assert_true(load_library(&kind, &err)); /* nothing in it */
    assert_int_equal(kind, SYMBOLS_INBOX);
    assert_string_equal(loads, "plain:dbghelp.dll ");
    swprintf(folder, SELF_ROOM, L"%lsWindows Performance Toolkit", kits);
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
    delete_file(folder, L"symsrv.dll"); /* no pair */
    assert_true(load_library(&kind, &err));
    assert_int_equal(kind, SYMBOLS_INBOX);
    delete_file(folder, L"dbghelp.dll");
    RemoveDirectoryW(folder);
    RemoveDirectoryW(kits);
}

/* Where everyone may write. */
static void only_below_program_files(void **state)
{
    (void)state;
    enum symbols_kind kind;
    struct err err = {0};
    WCHAR folder[SELF_ROOM];
    WCHAR programs[SELF_ROOM];
    assert_true(symbols_windows.program_files(false, programs, SELF_ROOM));
    assert_in_range(GetTempPathW(SELF_ROOM, kits), 1, SELF_ROOM - 60);
    swprintf(folder, SELF_ROOM, L"%lsWindows Performance Toolkit", kits);
    CreateDirectoryW(folder, NULL);
    make_tools(folder);
    for (int way = 0; way < 2; way++) {
        if (way == 1) { /* Program Files only at first sight */
            WCHAR temp[SELF_ROOM];
            wcscpy(temp, kits + 2);
            swprintf(kits, SELF_ROOM, L"%ls\\..%ls", programs, temp);
        }
        assert_true(load_library(&kind, &err));
        assert_int_equal(kind, SYMBOLS_INBOX);
        assert_int_equal(asked_trust, 0);
    }
    delete_file(folder, L"symsrv.dll");
    delete_file(folder, L"dbghelp.dll");
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
    self_seam = (struct symbols_seam){.system = &fake};
    struct self_use u;
    struct err why = {0};
    self_start(&u);
    assert_false(symbols_failed(u.symbols, &why));
    assert_string_equal(self_ask(&u), "");
    assert_true(symbols_failed(u.symbols, &why));
    assert_int_equal(why.os, ERROR_MOD_NOT_FOUND);
    self_end(&u);
    self_seam = (struct symbols_seam){0};
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
    self_describe();
    const char *name = self_name();
    printf("planted: named %s, planted library loaded: %d\n", name, planted_was_loaded());
    return !planted_was_loaded() && !strcmp(name, "known_function+0x5") ? 0 : 4;
}

static DWORD run_child(const WCHAR *folder, const WCHAR *how)
{
    WCHAR line[SELF_ROOM];
    swprintf(line, SELF_ROOM, L"\"%ls\\hr_planted.exe\" %ls", folder, how);
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
    WCHAR self[SELF_ROOM];
    WCHAR planted[SELF_ROOM];
    WCHAR folder[SELF_ROOM];
    WCHAR path[SELF_ROOM];
    GetModuleFileNameW(NULL, self, SELF_ROOM);
    wcscpy(planted, self);
    wcscpy(wcsrchr(planted, L'\\'), L"\\planted.dll");
    assert_in_range(GetTempPathW(SELF_ROOM, folder), 1, SELF_ROOM - 60);
    wcscat(folder, L"hr planted");
    CreateDirectoryW(folder, NULL);
    for (int i = 0; i < 4; i++) {
        swprintf(path, SELF_ROOM, L"%ls\\%ls", folder, names[i]);
        assert_true(CopyFileW(i ? planted : self, path, FALSE));
    }
    let_wine_load_files(true);
    DWORD planted_code = run_child(folder, L"planted");
    DWORD careless_code = run_child(folder, L"careless");
    let_wine_load_files(false);
    assert_int_equal(planted_code, 0);
    assert_int_equal(careless_code, 0);
    for (int i = 0; i < 4; i++)
        delete_file(folder, names[i]);
    RemoveDirectoryW(folder);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return child(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(the_installed_pair),
        cmocka_unit_test(only_below_program_files),
        cmocka_unit_test(no_library_at_all),
        cmocka_unit_test(planted_libraries_are_left_alone),
    };
    return cmocka_run_group_tests(tests, self_set_up, NULL);
}
