/* Asks the shell's dialogs for paths. */
#define COBJMACROS
#include "ui/file_dialog.h"

#include "core/base/text.h"
#include "ui/message.h"
#include "ui/words.h"

#include <objbase.h>
#include <shobjidl.h>
#include <stdlib.h>

static bool make(HWND owner, const CLSID *class_id, unsigned title, IFileDialog **out)
{
    HRESULT hr = CoCreateInstance(class_id, NULL, CLSCTX_INPROC_SERVER, &IID_IFileDialog, (void **)out);
    if (SUCCEEDED(hr))
        return true;
    struct err err = {0};
    err_set_os(&err, ERR_KIND_HRESULT, (uint32_t)hr, "Opening the dialog");
    message_error(owner, title, &err);
    return false;
}

static void set_up(IFileDialog *dialog, const struct file_dialog *d, FILEOPENDIALOGOPTIONS more)
{
    COMDLG_FILTERSPEC specs[FILE_DIALOG_TYPES];
    FILEOPENDIALOGOPTIONS options = 0;
    for (unsigned i = 0; i < d->type_count; i++)
        specs[i] = (COMDLG_FILTERSPEC){words_wide(d->types[i].name), d->types[i].pattern};
    IFileDialog_SetTitle(dialog, words_wide(d->title));
    IFileDialog_SetFileTypes(dialog, d->type_count, specs);
    IFileDialog_SetFileTypeIndex(dialog, d->type + 1);
    if (d->types[d->type].extension)
        IFileDialog_SetDefaultExtension(dialog, d->types[d->type].extension);
    if (d->name)
        IFileDialog_SetFileName(dialog, d->name);
    IFileDialog_GetOptions(dialog, &options);
    IFileDialog_SetOptions(dialog, options | more | FOS_FORCEFILESYSTEM | FOS_PATHMUSTEXIST | FOS_DONTADDTORECENT);
}

/* On the heap; NULL when it has no path or memory is short. */
static char *path_of(IShellItem *item)
{
    PWSTR path = NULL;
    char *out = SUCCEEDED(IShellItem_GetDisplayName(item, SIGDN_FILESYSPATH, &path)) ? utf16_to_utf8(path) : NULL;
    CoTaskMemFree(path);
    return out;
}

static void tell_too_long(HWND owner, unsigned title, size_t size)
{
    struct err err = {0};
    err_set(&err, ERR_RANGE, "Using a place whose name is longer than %u bytes", (unsigned)size - 1);
    err_remedy(&err, "Choose a place with a shorter name.");
    message_error(owner, title, &err);
}

bool file_dialog_save(HWND owner, struct file_dialog *d, char *out, size_t size)
{
    IFileDialog *dialog = NULL;
    IShellItem *item = NULL;
    if (!make(owner, &CLSID_FileSaveDialog, d->title, &dialog))
        return false;
    set_up(dialog, d, FOS_OVERWRITEPROMPT | FOS_NOREADONLYRETURN);
    bool chosen = SUCCEEDED(IFileDialog_Show(dialog, owner)) && SUCCEEDED(IFileDialog_GetResult(dialog, &item));
    bool ok = false;
    if (chosen) {
        UINT type = 0;
        char *path = path_of(item);
        ok = path && text_put(out, size, path);
        if (SUCCEEDED(IFileDialog_GetFileTypeIndex(dialog, &type)) && type >= 1 && type <= d->type_count)
            d->type = type - 1;
        free(path);
        IShellItem_Release(item);
    }
    IFileDialog_Release(dialog);
    if (chosen && !ok)
        tell_too_long(owner, d->title, size);
    return ok;
}

static unsigned take_all(IFileOpenDialog *dialog, char *out[FILE_DIALOG_FILES])
{
    IShellItemArray *items = NULL;
    DWORD all = 0;
    unsigned n = 0;
    if (FAILED(IFileOpenDialog_GetResults(dialog, &items)))
        return 0;
    IShellItemArray_GetCount(items, &all);
    for (DWORD i = 0; i < all && n < FILE_DIALOG_FILES; i++) {
        IShellItem *item = NULL;
        if (FAILED(IShellItemArray_GetItemAt(items, i, &item)))
            continue;
        out[n] = path_of(item);
        n += out[n] != NULL;
        IShellItem_Release(item);
    }
    IShellItemArray_Release(items);
    return n;
}

bool file_dialog_open(HWND owner, const struct file_dialog *d, char *out[FILE_DIALOG_FILES], unsigned *count)
{
    IFileDialog *dialog = NULL;
    IFileOpenDialog *open = NULL;
    *count = 0;
    if (!make(owner, &CLSID_FileOpenDialog, d->title, &dialog))
        return false;
    set_up(dialog, d, FOS_FILEMUSTEXIST | FOS_ALLOWMULTISELECT);
    if (SUCCEEDED(IFileDialog_Show(dialog, owner)) &&
        SUCCEEDED(IFileDialog_QueryInterface(dialog, &IID_IFileOpenDialog, (void **)&open))) {
        *count = take_all(open, out);
        IFileOpenDialog_Release(open);
    }
    IFileDialog_Release(dialog);
    return *count != 0;
}
