/* Asks the shell for the user's folders; it is loaded only then. */
#include "win/folders.h"

#include "core/base/text.h"
#include "win/win.h"

#include <shlobj.h>

#include <stdlib.h>

/* Not every import library has these constants. */
static const GUID roaming_app_data = {0x3EB685DB, 0x65F9, 0x4CF6, {0xA0, 0x3A, 0xE3, 0xEF, 0x65, 0x72, 0x9F, 0x3D}};
static const GUID local_app_data = {0xF1B32785, 0x6FBA, 0x4FCF, {0x9D, 0x55, 0x7B, 0x8E, 0x7F, 0x15, 0x70, 0x91}};

static const GUID program_files = {0x905E63B6, 0xC1BF, 0x494E, {0xB2, 0x9C, 0x65, 0xB7, 0x32, 0xD3, 0xD2, 0x1A}};
static const GUID program_files_x86 = {0x7C5A40EF, 0xA0FB, 0x4BFC, {0x87, 0x4A, 0xC0, 0xF2, 0xE0, 0xB9, 0xFA, 0x8E}};

typedef HRESULT(WINAPI *known_folder_fn)(const GUID *, DWORD, HANDLE, PWSTR *);
typedef void(WINAPI *free_fn)(void *);

static bool ask_shell(const GUID *id, struct text *out, const char *doing, struct err *err)
{
    known_folder_fn folder = (known_folder_fn)win_system_proc(L"shell32.dll", "SHGetKnownFolderPath");
    free_fn release = (free_fn)win_system_proc(L"ole32.dll", "CoTaskMemFree");
    if (!folder || !release)
        return err_set(err, ERR_UNSUPPORTED, "%s", doing);
    PWSTR wide = NULL;
    HRESULT hr = folder(id, 0, NULL, &wide);
    char *dir = SUCCEEDED(hr) ? utf16_to_utf8(wide) : NULL;
    release(wide);
    if (FAILED(hr))
        return err_set_os(err, ERR_KIND_HRESULT, (uint32_t)hr, "%s", doing);
    text_add(out, dir ? dir : "");
    out->failed = out->failed || !dir;
    free(dir);
    return true;
}

bool folders_find(enum folder which, char *out, size_t size, struct err *err)
{
    static const struct {
        const GUID *id;
        const char *below;
        const char *doing;
    } folders[] = {
        [FOLDER_OWN_PROFILES] = {&roaming_app_data, "\\HandleRecorder\\profiles",
                                 "Finding the folder of your own profiles"},
        [FOLDER_PARTS] = {&local_app_data, "\\HandleRecorder\\parts", "Finding the folder for recordings"},
        [FOLDER_LOG] = {&local_app_data, "\\HandleRecorder\\log", "Finding the folder of the log"},
        [FOLDER_RATES] = {&local_app_data, "\\HandleRecorder\\rates.txt",
                          "Finding what recording was measured to cost"},
        [FOLDER_PROGRAMS] = {&program_files, "", "Finding the folder of programs"},
        [FOLDER_PROGRAMS_X86] = {&program_files_x86, "", "Finding the folder of 32-bit programs"},
    };
    struct text path = {0};
    bool ok = ask_shell(folders[which].id, &path, folders[which].doing, err);
    text_add(&path, folders[which].below);
    if (ok && path.failed)
        ok = err_set(err, ERR_NO_MEMORY, "%s", folders[which].doing);
    if (ok && path.len >= size)
        ok = err_set(err, ERR_RANGE, "%s", folders[which].doing);
    if (ok)
        text_put(out, size, text_str(&path));
    text_free(&path);
    return ok;
}
