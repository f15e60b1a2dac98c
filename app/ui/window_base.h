/* What the program's own windows have in common: a dialog with a class of its own and no default button, that lays
 * itself out from dialog units of its font and follows the DPI, the theme and the colours. Thread: the window's. */
#ifndef HR_UI_WINDOW_BASE_H
#define HR_UI_WINDOW_BASE_H

#include "ui/list_common.h"

struct window_base;

/* What one kind of window does its own way. */
struct window_kind {
    const WCHAR *class_name;
    const char *doing; /* "Making the main window" */
    WORD dialog;       /* its template, which names the class */
    SIZE least;        /* pixels at 96 DPI, of the whole window; never more than the work area */
    SIZE first;        /* dialog units, of the client area; in the middle of the work area */
    /* What the template has not. The fonts are there. */
    bool (*fill)(struct window_base *b, struct err *err);
    /* Fonts, DPI or colours have changed; the fonts before live until this returns. All children have the font. */
    void (*use_look)(struct window_base *b);
    void (*lay_out)(struct window_base *b);
    /* What the base does not answer. Begins when the window is filled. */
    LRESULT (*message)(struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam);
};

/* The first member of each kind's own struct. */
struct window_base {
    const struct window_kind *kind;
    HWND hwnd; /* set before any worker starts; workers post to it */
    HINSTANCE instance;
    struct list_look look;
    SIZE unit; /* pixels of 4 by 8 dialog units */
    bool filled;
};

/* Makes the window, not shown yet. On failure too it is ended with window_base_end. */
bool window_base_create(struct window_base *b, const struct window_kind *kind, HINSTANCE instance, struct err *err);
/* Destroys the window if that has not happened yet, without a message to its kind, and frees the fonts. */
void window_base_end(struct window_base *b);
LRESULT window_base_default(const struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam);

/* Shows the window in front of the others, or what it asks. */
void window_base_show(const struct window_base *b);

#endif
