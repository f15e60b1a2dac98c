/* Takes paths from where they come and makes UTF-8 of them. */
#include "ui/trace_files.h"

#include "core/base/text.h"
#include "ui/words.h"

#include <shellapi.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define MESSAGE_MARK 0x48525431u /* "HRT1" */
#define MESSAGE_MAX  0x40000u

bool trace_files_ask(HWND owner, char *out[FILE_DIALOG_FILES], unsigned *count)
{
    const struct file_dialog d = {.title = IDS_OPEN_TITLE,
                                  .types = {{IDS_SAVE_FILTER, L"*.etl", L"etl"}, {IDS_OPEN_ALL_FILES, L"*.*", L"etl"}},
                                  .type_count = 2};
    return file_dialog_open(owner, &d, out, count);
}

/* On the heap; NULL: it cannot be had, or it is a folder. */
static char *dropped(HDROP drop, UINT which)
{
    UINT n = DragQueryFileW(drop, which, NULL, 0);
    WCHAR *wide = malloc(((size_t)n + 1) * sizeof *wide);
    char *path = NULL;
    if (wide && DragQueryFileW(drop, which, wide, n + 1)) {
        DWORD kind = GetFileAttributesW(wide);
        if (kind == INVALID_FILE_ATTRIBUTES || !(kind & FILE_ATTRIBUTE_DIRECTORY))
            path = utf16_to_utf8(wide);
    }
    free(wide);
    return path;
}

unsigned trace_files_dropped(void *drop, char *out[FILE_DIALOG_FILES])
{
    UINT all = DragQueryFileW(drop, 0xFFFFFFFF, NULL, 0);
    unsigned n = 0;
    for (UINT i = 0; i < all && n < FILE_DIALOG_FILES; i++)
        if ((out[n] = dropped(drop, i)) != NULL)
            n++;
    DragFinish(drop);
    return n;
}

void trace_files_free(char **files, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(files[i]);
}

/* Paths, each with its NUL, one after the other. */
bool trace_files_send(HWND other, const char *const *files, unsigned count)
{
    struct text all = {0};
    DWORD_PTR taken = 0;
    for (unsigned i = 0; i < count; i++)
        text_add_n(&all, files[i], strlen(files[i]) + 1);
    COPYDATASTRUCT data = {MESSAGE_MARK, (DWORD)all.len, all.s};
    bool ok = !all.failed && all.len && all.len <= MESSAGE_MAX &&
              SendMessageTimeoutW(other, WM_COPYDATA, 0, (LPARAM)&data, SMTO_ABORTIFHUNG, 5000, &taken) && taken;
    text_free(&all);
    return ok;
}

unsigned trace_files_received(const COPYDATASTRUCT *data, char *out[FILE_DIALOG_FILES])
{
    const char *bytes = data->lpData;
    unsigned n = 0;
    if (data->dwData != MESSAGE_MARK || !bytes || !data->cbData || data->cbData > MESSAGE_MAX ||
        bytes[data->cbData - 1])
        return 0;
    for (size_t at = 0; at < data->cbData && n < FILE_DIALOG_FILES; at += strlen(bytes + at) + 1)
        if (bytes[at] && (out[n] = text_copy(bytes + at)) != NULL)
            n++;
    return n;
}
