/* Asks the shell; the desktop's own shell where what starts must not inherit our rights. */
#include "ui/shell.h"

#include <objbase.h>
#include <shellapi.h>
#include <shlobj.h>
#include <stdlib.h>
#include <wchar.h>

static bool fail(struct err *err, HRESULT hr, const char *doing)
{
    return err_set_os(err, ERR_KIND_HRESULT, (uint32_t)hr, "%s", doing);
}

static bool explorer_path(WCHAR out[MAX_PATH])
{
    UINT n = GetWindowsDirectoryW(out, MAX_PATH - 20);
    if (!n || n >= MAX_PATH - 20)
        return false;
    wcscat(out, L"\\explorer.exe");
    return true;
}

bool shell_show_file(const char *path, struct err *err)
{
    WCHAR *wide = utf16_from_utf8(path);
    if (!wide)
        return err_set(err, ERR_NO_MEMORY, "Showing %s", path);
    PIDLIST_ABSOLUTE id = NULL;
    HRESULT hr = SHParseDisplayName(wide, NULL, &id, 0, NULL);
    free(wide);
    if (SUCCEEDED(hr))
        hr = SHOpenFolderAndSelectItems(id, 0, NULL, 0);
    CoTaskMemFree(id);
    return SUCCEEDED(hr) || fail(err, hr, "Showing the file in its folder");
}

/* The new explorer process hands the work to the desktop's own, which has the user's plain rights. */
static bool through_explorer(const char *path, const char *doing, struct err *err)
{
    WCHAR exe[MAX_PATH];
    WCHAR *wide = utf16_from_utf8(path);
    WCHAR *quoted = wide ? malloc((wcslen(wide) + 3) * sizeof *quoted) : NULL;
    bool ok = false;
    if (quoted && explorer_path(exe)) {
        wcscpy(quoted, L"\"");
        wcscat(quoted, wide);
        wcscat(quoted, L"\"");
        SHELLEXECUTEINFOW info = {.cbSize = sizeof info,
                                  .fMask = SEE_MASK_FLAG_NO_UI,
                                  .lpVerb = L"open",
                                  .lpFile = exe,
                                  .lpParameters = quoted,
                                  .nShow = SW_SHOWNORMAL};
        ok = ShellExecuteExW(&info) || win_fail(err, doing, "");
    } else {
        err_set(err, ERR_NO_MEMORY, "%s", doing);
    }
    free(quoted);
    free(wide);
    return ok;
}

bool shell_open_folder(const char *path, struct err *err)
{
    return through_explorer(path, "Opening the folder", err);
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
    return through_explorer(path, "Opening the trace", err);
}
