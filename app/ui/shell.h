/* What the shell does for us: shows files and folders, opens traces in other programs. Thread: the window's. */
#ifndef HR_UI_SHELL_H
#define HR_UI_SHELL_H

#include "core/base/err.h"
#include "win/win.h"

/* Opens the folder of `path` with the file selected. */
bool shell_show_file(const char *path, struct err *err);
bool shell_open_folder(const char *path, struct err *err);

/* Windows Performance Analyzer. Through the desktop's own shell, so that it runs without administrator rights. */
bool shell_has_wpa(void);
/* Its page in Microsoft Store. */
bool shell_get_wpa(struct err *err);
bool shell_open_in_wpa(const char *path, struct err *err);

#endif
