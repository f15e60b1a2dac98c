/* The system's dialogs for files. Thread: the window's. */
#ifndef HR_UI_FILE_DIALOG_H
#define HR_UI_FILE_DIALOG_H

#include "win/win.h"

#define FILE_DIALOG_TYPES 5
#define FILE_DIALOG_FILES 64

struct file_dialog_type {
    unsigned name;          /* a text of the resources */
    const WCHAR *pattern;   /* "*.csv" */
    const WCHAR *extension; /* "csv", put to a name without one; NULL: a name stays as it was typed */
};

struct file_dialog {
    unsigned title;
    struct file_dialog_type types[FILE_DIALOG_TYPES];
    unsigned type_count;
    unsigned type;     /* the one to begin with; then the chosen one */
    const WCHAR *name; /* proposed; NULL: none */
};

/* False: none was chosen, or it failed and the user was told. */
bool file_dialog_save(HWND owner, struct file_dialog *d, char *out, size_t size);
/* One or several files; each on the heap (free). */
bool file_dialog_open(HWND owner, const struct file_dialog *d, char *out[FILE_DIALOG_FILES], unsigned *count);

#endif
