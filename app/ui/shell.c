/* Asks the shell; the desktop's own shell where what starts must not inherit our rights. */
#include "ui/shell.h"

#include "core/base/text.h"

#include <shellapi.h>
#include <stdlib.h>
#include <wchar.h>

static bool explorer_path(WCHAR out[MAX_PATH])
{
    UINT n = GetSystemWindowsDirectoryW(out, MAX_PATH - 20);
    if (!n || n >= MAX_PATH - 20)
        return false;
    wcscat(out, L"\\explorer.exe");
    return true;
}

/* The new explorer process hands the work to the desktop's own, which has the user's plain rights. `words` stand before
 * the path. */
static bool through_explorer(const char *words, const char *path, const char *doing, struct err *err)
{
    WCHAR exe[MAX_PATH];
    struct text line = {0};
    text_addf(&line, "%s\"%s\"", words, path); /* a path holds no quotes */
    WCHAR *wide = line.failed ? NULL : utf16_from_utf8(text_str(&line));
    text_free(&line);
    bool ok = false;
    if (wide && explorer_path(exe)) {
        SHELLEXECUTEINFOW info = {.cbSize = sizeof info,
                                  .fMask = SEE_MASK_FLAG_NO_UI,
                                  .lpVerb = L"open",
                                  .lpFile = exe,
                                  .lpParameters = wide,
                                  .nShow = SW_SHOWNORMAL};
        ok = ShellExecuteExW(&info) || win_fail(err, doing, "");
    } else {
        err_set(err, ERR_NO_MEMORY, "%s", doing);
    }
    free(wide);
    return ok;
}

/* The explorer says nothing about a file that is not there any more, and shows another folder. */
bool shell_show_file(const char *path, struct err *err)
{
    WCHAR *wide = utf16_from_utf8(path);
    bool there = wide && GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
    if (!there)
        win_fail(err, "Showing", path);
    free(wide);
    return there && through_explorer("/select,", path, "Showing the file in its folder", err);
}

bool shell_open_folder(const char *path, struct err *err)
{
    return through_explorer("", path, "Opening the folder", err);
}

bool shell_has_wpa(void)
{
    static const WCHAR key[] = L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\App Paths\\wpa.exe";
    static const HKEY roots[] = {HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER};
    for (size_t i = 0; i < 2; i++) {
        HKEY opened;
        if (RegOpenKeyExW(roots[i], key, 0, KEY_QUERY_VALUE, &opened) == ERROR_SUCCESS) {
            RegCloseKey(opened);
            return true;
        }
    }
    static const WCHAR *const places[] = {
        L"%ProgramFiles(x86)%\\Windows Kits\\10\\Windows Performance Toolkit\\wpa.exe",
        L"%LOCALAPPDATA%\\Microsoft\\WindowsApps\\wpa.exe",
    };
    for (size_t i = 0; i < 2; i++) {
        WCHAR full[MAX_PATH * 2];
        DWORD n = ExpandEnvironmentStringsW(places[i], full, MAX_PATH * 2);
        if (n && n <= MAX_PATH * 2 && GetFileAttributesW(full) != INVALID_FILE_ATTRIBUTES)
            return true;
    }
    return false;
}

/* Where it is installed, the analyzer is what opens .etl files. */
bool shell_open_in_wpa(const char *path, struct err *err)
{
    return through_explorer("", path, "Opening the trace", err);
}

bool shell_get_wpa(struct err *err)
{
    return through_explorer("", "ms-windows-store://search/?query=Windows%20Performance%20Analyzer",
                            "Opening Microsoft Store", err);
}
