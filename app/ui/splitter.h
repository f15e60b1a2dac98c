/* The bar between two panes that the pointer drags. Window class HandleRecorderSplitter, made by dialog templates. */
#ifndef HR_UI_SPLITTER_H
#define HR_UI_SPLITTER_H

#include "win/win.h"

/* Sent to the parent while dragging: wParam is the control's id, lParam how far to go from here, in pixels. */
#define SPLITTER_MOVED (WM_APP + 40)

bool splitter_register(struct err *err);

#endif
