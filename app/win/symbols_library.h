/* Which dbghelp.dll is used, and its entry points. Any thread; the entry points on one thread at a time.
 *
 * An installed pair of dbghelp.dll and symsrv.dll (Debugging Tools, Windows Performance Toolkit) lies below Program
 * Files, is signed, and reads symbol servers. Otherwise the one in System32 is used, which has no symbol server. */
#ifndef HR_WIN_SYMBOLS_LIBRARY_H
#define HR_WIN_SYMBOLS_LIBRARY_H

#include "win/win.h"

#include <dbghelp.h>

enum symbols_kind {
    SYMBOLS_NOT_LOADED, /* not yet, or it cannot be */
    SYMBOLS_INBOX,      /* from System32: no symbol server */
    SYMBOLS_TOOLS,      /* an installed pair */
};

/* Declared here because headers differ in the types of single parameters. */
struct dbghelp {
    DWORD(WINAPI *set_options)(DWORD options);
    BOOL(WINAPI *initialize)(HANDLE h, PCWSTR path, BOOL invade);
    BOOL(WINAPI *cleanup)(HANDLE h);
    BOOL(WINAPI *register_callback)(HANDLE h, PSYMBOL_REGISTERED_CALLBACK64 callback, ULONG64 ctx);
    DWORD64(WINAPI *load)
    (HANDLE h, HANDLE file, PCWSTR image, PCWSTR module, DWORD64 base, DWORD size, MODLOAD_DATA *data, DWORD flags);
    BOOL(WINAPI *unload)(HANDLE h, DWORD64 base);
    BOOL(WINAPI *module_info)(HANDLE h, DWORD64 base, IMAGEHLP_MODULEW64 *info);
    BOOL(WINAPI *from_address)(HANDLE h, DWORD64 address, DWORD64 *displacement, SYMBOL_INFOW *symbol);
    BOOL(WINAPI *find_file)
    (HANDLE h, PCWSTR path, PCWSTR name, void *id, DWORD two, DWORD three, DWORD flags, PWSTR found,
     BOOL(CALLBACK *callback)(PCWSTR name, void *ctx), void *ctx);
};

/* What finding the library asks of the system; tests replace single calls. */
struct symbols_system {
    /* KitsRoot10 of the installed Windows Kits as the registry has it; false: none. */
    bool (*kits_root)(WCHAR *out, DWORD units);
    /* C:\Program Files, or (x86). */
    bool (*program_files)(bool x86, WCHAR *out, DWORD units);
    /* Whether the open file has a signature that this machine trusts; asks no network. */
    bool (*is_signed)(HANDLE file, const WCHAR *path);
    HMODULE (*load)(const WCHAR *path, DWORD flags);
    win_proc (*proc)(HMODULE module, const char *name);
};
extern const struct symbols_system symbols_windows;

/* The DLLs stay loaded for the life of the process. */
bool symbols_library_load(const struct symbols_system *system, struct dbghelp *out, enum symbols_kind *kind,
                          struct err *err);

#endif
