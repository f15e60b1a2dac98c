/* Finds the dbghelp.dll that names functions best, and loads no other than one that only administrators can write. */
#include "win/symbols_library.h"

#include "core/base/text.h"
#include "win/folders.h"

#include <softpub.h>
#include <wintrust.h>

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PATH_MAX_UNITS 1024

#if defined(_M_ARM64) || defined(__aarch64__)
#define TOOLS_FOLDER L"Debuggers\\arm64"
#else
#define TOOLS_FOLDER L"Debuggers\\x64"
#endif

static bool kits_root(WCHAR *out, DWORD units)
{
    static const WCHAR key[] = L"SOFTWARE\\Microsoft\\Windows Kits\\Installed Roots";
    /* Installers of either width write it. */
    static const DWORD views[] = {RRF_SUBKEY_WOW6464KEY, RRF_SUBKEY_WOW6432KEY};
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        DWORD bytes = units * (DWORD)sizeof *out;
        if (RegGetValueW(HKEY_LOCAL_MACHINE, key, L"KitsRoot10", RRF_RT_REG_SZ | views[i], NULL, out, &bytes) ==
            ERROR_SUCCESS)
            return true;
    }
    return false;
}

static bool program_files(bool x86, WCHAR *out, DWORD units)
{
    char path[PATH_MAX_UNITS];
    if (!folders_find(x86 ? FOLDER_PROGRAMS_X86 : FOLDER_PROGRAMS, path, sizeof path, NULL))
        return false;
    WCHAR *wide = utf16_from_utf8(path);
    bool fits = wide && wcslen(wide) < units;
    if (fits)
        memcpy(out, wide, (wcslen(wide) + 1) * sizeof *out);
    free(wide);
    return fits;
}

static bool is_signed(HANDLE file, const WCHAR *path)
{
    typedef LONG(WINAPI * verify_fn)(HWND, GUID *, void *);
    verify_fn verify = (verify_fn)win_system_proc(L"wintrust.dll", "WinVerifyTrust");
    GUID action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
    WINTRUST_FILE_INFO info = {.cbStruct = sizeof info, .pcwszFilePath = path, .hFile = file};
    WINTRUST_DATA data = {.cbStruct = sizeof data,
                          .dwUIChoice = WTD_UI_NONE,
                          .fdwRevocationChecks = WTD_REVOKE_NONE,
                          .dwUnionChoice = WTD_CHOICE_FILE,
                          .dwStateAction = WTD_STATEACTION_VERIFY,
                          .dwProvFlags = WTD_CACHE_ONLY_URL_RETRIEVAL | WTD_REVOCATION_CHECK_NONE};
    data.pFile = &info;
    if (!verify)
        return false;
    HWND nobody = (HWND)INVALID_HANDLE_VALUE; /* asks the user nothing */
    bool trusted = verify(nobody, &action, &data) == ERROR_SUCCESS;
    data.dwStateAction = WTD_STATEACTION_CLOSE;
    verify(nobody, &action, &data);
    return trusted;
}

static HMODULE load(const WCHAR *path, DWORD flags)
{
    return LoadLibraryExW(path, NULL, flags);
}

static win_proc proc(HMODULE module, const char *name)
{
    return (win_proc)GetProcAddress(module, name);
}

const struct symbols_system symbols_windows = {kits_root, program_files, is_signed, load, proc};

/* Whether the full path begins with the folder. */
static bool lies_below(const WCHAR *path, const WCHAR *folder)
{
    size_t n = wcslen(folder);
    while (n && folder[n - 1] == L'\\')
        n--;
    return n && wcslen(path) > n && path[n] == L'\\' &&
           CompareStringOrdinal(path, (int)n, folder, (int)n, TRUE) == CSTR_EQUAL;
}

static bool below_program_files(const struct symbols_system *s, const WCHAR *path)
{
    WCHAR folder[PATH_MAX_UNITS];
    for (int x86 = 0; x86 < 2; x86++)
        if (s->program_files(x86, folder, PATH_MAX_UNITS) && lies_below(path, folder))
            return true;
    return false;
}

/* Checks the signature and loads while nobody can exchange the file. A required one that is missing: NULL. */
static HMODULE load_signed(const struct symbols_system *s, const WCHAR *folder, const WCHAR *name)
{
    WCHAR path[PATH_MAX_UNITS];
    if (wcslen(folder) + wcslen(name) + 2 > PATH_MAX_UNITS)
        return NULL;
    wcscpy(path, folder);
    wcscat(path, L"\\");
    wcscat(path, name);
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    HMODULE module = NULL;
    if (s->is_signed(file, path))
        module = s->load(path, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
    CloseHandle(file);
    return module;
}

/* symsrv.dll first: dbghelp.dll then finds it loaded, and never searches for it. */
static HMODULE load_tools(const struct symbols_system *s, const WCHAR *root, const WCHAR *below)
{
    WCHAR joined[PATH_MAX_UNITS];
    WCHAR folder[PATH_MAX_UNITS];
    if (wcslen(root) + wcslen(below) + 2 > PATH_MAX_UNITS)
        return NULL;
    wcscpy(joined, root);
    wcscat(joined, L"\\");
    wcscat(joined, below);
    DWORD n = GetFullPathNameW(joined, PATH_MAX_UNITS, folder, NULL);
    if (!n || n >= PATH_MAX_UNITS || !below_program_files(s, folder))
        return NULL;
    return load_signed(s, folder, L"symsrv.dll") ? load_signed(s, folder, L"dbghelp.dll") : NULL;
}

static bool take_calls(const struct symbols_system *s, HMODULE module, struct dbghelp *out)
{
    static const struct {
        const char *name;
        size_t at;
    } calls[] = {
        {"SymSetOptions", offsetof(struct dbghelp, set_options)},
        {"SymInitializeW", offsetof(struct dbghelp, initialize)},
        {"SymCleanup", offsetof(struct dbghelp, cleanup)},
        {"SymRegisterCallbackW64", offsetof(struct dbghelp, register_callback)},
        {"SymLoadModuleExW", offsetof(struct dbghelp, load)},
        {"SymUnloadModule64", offsetof(struct dbghelp, unload)},
        {"SymGetModuleInfoW64", offsetof(struct dbghelp, module_info)},
        {"SymFromAddrW", offsetof(struct dbghelp, from_address)},
        {"SymFindFileInPathW", offsetof(struct dbghelp, find_file)},
    };
    struct dbghelp d;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        win_proc call = s->proc(module, calls[i].name);
        if (!call)
            return false;
        memcpy((char *)&d + calls[i].at, &call, sizeof call);
    }
    *out = d;
    return true;
}

bool symbols_library_load(const struct symbols_system *system, struct dbghelp *out, enum symbols_kind *kind,
                          struct err *err)
{
    static const WCHAR *const folders[] = {TOOLS_FOLDER, L"Windows Performance Toolkit"};
    WCHAR root[PATH_MAX_UNITS];
    bool kits = system->kits_root(root, PATH_MAX_UNITS);
    for (size_t i = 0; kits && i < sizeof folders / sizeof folders[0]; i++) {
        HMODULE tools = load_tools(system, root, folders[i]);
        if (tools && take_calls(system, tools, out)) {
            *kind = SYMBOLS_TOOLS;
            return true;
        }
    }
    HMODULE inbox = system->load(L"dbghelp.dll", LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (!inbox)
        return win_fail(err, "Loading", "dbghelp.dll");
    if (!take_calls(system, inbox, out))
        return err_set(err, ERR_UNSUPPORTED, "Using this system's dbghelp.dll");
    *kind = SYMBOLS_INBOX;
    return true;
}
