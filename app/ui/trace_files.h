/* Traces that the user opens: from the dialog, dropped on a window, from a second start of the program. Thread: the
 * window's. */
#ifndef HR_UI_TRACE_FILES_H
#define HR_UI_TRACE_FILES_H

#include "ui/file_dialog.h"

/* Each file is on the heap: trace_files_free. */
bool trace_files_ask(HWND owner, char *out[FILE_DIALOG_FILES], unsigned *count);
/* Of WM_DROPFILES, whose handle is released. Folders are left out. */
unsigned trace_files_dropped(void *drop, char *out[FILE_DIALOG_FILES]);
void trace_files_free(char **files, unsigned count);

/* Hands paths to the copy of the program whose main window this is; false when it did not take them. */
bool trace_files_send(HWND other, const char *const *files, unsigned count);
/* Of WM_COPYDATA. Trusts nothing of it: another program may have sent it. */
unsigned trace_files_received(const COPYDATASTRUCT *data, char *out[FILE_DIALOG_FILES]);

#endif
