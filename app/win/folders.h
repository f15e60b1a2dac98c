/* Folders that Windows gives to each user, and where it installs programs. Any thread. */
#ifndef HR_WIN_FOLDERS_H
#define HR_WIN_FOLDERS_H

#include "core/base/err.h"

enum folder {
    FOLDER_OWN_PROFILES, /* %APPDATA%\HandleRecorder\profiles: goes with the user from machine to machine */
    FOLDER_PARTS,        /* %LOCALAPPDATA%\HandleRecorder\parts: raw recordings until they are saved */
    FOLDER_LOG,          /* %LOCALAPPDATA%\HandleRecorder\log */
    FOLDER_RATES,        /* %LOCALAPPDATA%\HandleRecorder\rates.txt, a file: what recording was measured to cost on this
                            machine (span_rates_save); the window's and the console's */
    FOLDER_PROGRAMS,     /* C:\Program Files: only administrators write there */
    FOLDER_PROGRAMS_X86, /* C:\Program Files (x86), the same */
};

/* UTF-8, without a trailing backslash; the folder need not exist. */
bool folders_find(enum folder which, char *out, size_t size, struct err *err);

#endif
