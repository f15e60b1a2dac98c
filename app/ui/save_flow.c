/* Asks where a recording goes, while it is being stopped, and hands the place to the controller. */
#define COBJMACROS
#include "ui/main_window.h"

#include "core/base/file.h"
#include "core/base/thread.h"
#include "ui/message.h"
#include "ui/words.h"

#include <objbase.h>
#include <shlobj.h>
#include <shobjidl.h>
#include <stdio.h>
#include <stdlib.h>

static void name_of(const struct main_window *w, uint64_t when, char out[160])
{
    char stamp[20];
    clock_file_stamp(when ? when : clock_filetime(), stamp);
    snprintf(out, 160, "HandleRecorder_%s_%s.etl", w->services.machine.name, stamp);
}

void save_own_place(struct main_window *w, char out[TRACE_PATH_MAX])
{
    PWSTR folder = NULL;
    char name[160];
    char dir[TRACE_PATH_MAX];
    out[0] = 0;
    if (SUCCEEDED(SHGetKnownFolderPath(&FOLDERID_Documents, 0, NULL, &folder)) &&
        utf16_put_utf8(dir, sizeof dir, folder)) {
        name_of(w, 0, name);
        int n = snprintf(out, TRACE_PATH_MAX, "%s\\%s", dir, name);
        if (n < 0 || n >= TRACE_PATH_MAX)
            out[0] = 0;
    }
    CoTaskMemFree(folder);
}

static void set_first_folder(IFileSaveDialog *d)
{
    IShellItem *folder = NULL;
    if (FAILED(SHGetKnownFolderItem(&FOLDERID_Documents, KF_FLAG_DEFAULT, NULL, &IID_IShellItem, (void **)&folder)))
        return;
    /* Only until the dialog has a place of its own that it remembers. */
    IFileSaveDialog_SetDefaultFolder(d, folder);
    IShellItem_Release(folder);
}

static void set_up(IFileSaveDialog *d, const WCHAR *name)
{
    const COMDLG_FILTERSPEC filter = {words_wide(IDS_SAVE_FILTER), L"*.etl"};
    IFileSaveDialog_SetFileTypes(d, 1, &filter);
    IFileSaveDialog_SetDefaultExtension(d, L"etl");
    IFileSaveDialog_SetFileName(d, name);
    FILEOPENDIALOGOPTIONS options = 0;
    IFileSaveDialog_GetOptions(d, &options);
    IFileSaveDialog_SetOptions(d, options | FOS_OVERWRITEPROMPT | FOS_FORCEFILESYSTEM | FOS_PATHMUSTEXIST |
                                      FOS_NOREADONLYRETURN | FOS_DONTADDTORECENT);
    set_first_folder(d);
}

static bool result_of(IFileSaveDialog *d, char *out, size_t size)
{
    IShellItem *item = NULL;
    PWSTR path = NULL;
    bool ok = false;
    if (SUCCEEDED(IFileSaveDialog_GetResult(d, &item))) {
        if (SUCCEEDED(IShellItem_GetDisplayName(item, SIGDN_FILESYSPATH, &path)))
            ok = utf16_put_utf8(out, size, path);
        CoTaskMemFree(path);
        IShellItem_Release(item);
    }
    return ok;
}

/* False: no place was chosen. */
static bool ask_place(struct main_window *w, unsigned title, uint64_t when, char *out, size_t size)
{
    char proposed[160];
    IFileSaveDialog *d = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_FileSaveDialog, NULL, CLSCTX_INPROC_SERVER, &IID_IFileSaveDialog, (void **)&d);
    if (FAILED(hr)) {
        struct err err = {0};
        err_set_os(&err, ERR_KIND_HRESULT, (uint32_t)hr, "Opening the save dialog");
        message_error(w->base.hwnd, IDS_SAVE_TITLE, &err);
        return false;
    }
    name_of(w, when, proposed);
    WCHAR *name = utf16_from_utf8(proposed);
    set_up(d, name ? name : L"HandleRecorder.etl");
    IFileSaveDialog_SetTitle(d, words_wide(title));
    free(name);
    w->modal++;
    w->save_dialog = d;
    hr = IFileSaveDialog_Show(d, w->base.hwnd);
    w->save_dialog = NULL;
    bool ok = SUCCEEDED(hr) && result_of(d, out, size);
    IFileSaveDialog_Release(d);
    if (SUCCEEDED(hr) && !ok) {
        struct err err = {0};
        err_set(&err, ERR_RANGE, "Saving to a place whose name is longer than %u bytes", (unsigned)size - 1);
        err_remedy(&err, "Choose a place with a shorter name.");
        message_error(w->base.hwnd, IDS_SAVE_TITLE, &err);
    }
    w->modal--;
    return ok;
}

/* True while there is something that a place can be chosen for. */
static bool savable(const struct main_window *w)
{
    switch (w->view.state) {
    case RECORDER_RECORDING: /* the stop was asked for and has not begun */
    case RECORDER_ORPHAN:    /* the same */
    case RECORDER_OTHER:
    case RECORDER_SAVING:
    case RECORDER_UNSAVED:
        return true;
    case RECORDER_FAILED:
        return w->view.parts_exist;
    default:
        return false;
    }
}

bool save_choose(struct main_window *w)
{
    char path[TRACE_PATH_MAX];
    if (w->save_dialog || !ask_place(w, IDS_SAVE_TITLE, w->view.started_filetime, path, sizeof path) || !savable(w))
        return false;
    /* The dialog asked before it let an existing file be chosen. */
    w->saved_replace = file_exists(path);
    snprintf(w->saved_to, sizeof w->saved_to, "%s", path);
    controller_save(w->services.controller, path, w->saved_replace);
    return true;
}

void save_snapshot(struct main_window *w)
{
    char path[TRACE_PATH_MAX];
    if (w->save_dialog || !ask_place(w, IDS_SNAPSHOT_TITLE, 0, path, sizeof path))
        return;
    /* The dialog asked before it let an existing file be chosen. */
    if (w->view.state == RECORDER_RECORDING)
        controller_snapshot(w->services.controller, path, file_exists(path));
}

bool save_stop(struct main_window *w)
{
    if (w->view.state == RECORDER_RECORDING)
        controller_stop(w->services.controller);
    return save_choose(w);
}

void save_again(struct main_window *w)
{
    if (w->saved_to[0])
        controller_save(w->services.controller, w->saved_to, w->saved_replace);
}

/* The recording failed or is gone: there is nothing to choose a place for any more. */
void save_view_changed(struct main_window *w)
{
    if (w->save_dialog && !savable(w))
        IFileSaveDialog_Close((IFileSaveDialog *)w->save_dialog, HRESULT_FROM_WIN32(ERROR_CANCELLED));
}
