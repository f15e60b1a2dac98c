/* Texts from the resources, numbers as the user's settings write them, and texts in controls. Thread: the window's. */
#ifndef HR_UI_WORDS_H
#define HR_UI_WORDS_H

#include "core/record/view_text.h"
#include "resource.h"
#include "win/win.h"

/* Never NULL; valid until words_free. An unknown number is an empty text. */
const WCHAR *words_wide(unsigned id);
const char *words_utf8(unsigned id);
void words_free(void);

const struct view_locale *words_locale(void);

/* A text with %1..%9 filled in, on the heap (free); NULL when memory is short. */
WCHAR *words_fill(unsigned id, const char *const *args, unsigned n);

/* Sets a window's text when it differs: an equal text would flicker and make screen readers talk. True when set. */
bool words_set(HWND window, const char *utf8);
bool words_set_wide(HWND window, const WCHAR *text);

#endif
