/* Text for the clipboard. Thread: the window's. */
#ifndef HR_UI_CLIPBOARD_H
#define HR_UI_CLIPBOARD_H

#include "win/win.h"

/* An empty text leaves the clipboard alone. False when it could not be set: another program may hold it. */
bool clipboard_put(HWND owner, const char *utf8);

#endif
