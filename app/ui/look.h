/* Fonts, measures and icons of a window that lays itself out for every DPI. Thread: the window's. */
#ifndef HR_UI_LOOK_H
#define HR_UI_LOOK_H

#include "win/win.h"

/* The window's font at this DPI; the caller deletes it. */
HFONT look_font(UINT dpi, LONG weight);
SIZE look_text_size(HWND window, HFONT font, const WCHAR *text);
/* Pixels of 4 by 8 dialog units of this font. */
SIZE look_base_units(HWND window, HFONT font);
/* Width of a caption without its mnemonic sign. */
int look_caption_width(HWND window, HFONT font, const WCHAR *caption);

/* Small and big; those from before are destroyed. */
void look_set_icons(HWND window, HINSTANCE instance, UINT dpi);
void look_drop_icons(HWND window); /* from WM_DESTROY */

/* From WM_INITDIALOG: the dialog manager scales nothing, the window does. */
void look_own_dpi(HWND window);

#endif
