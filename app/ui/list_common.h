/* What the lists and the chart share: fonts and scale, words from the resources, and the suspect's sign.
 *
 * Thread: the window's. Fonts belong to the window and must outlive their use here. */
#ifndef HR_UI_LIST_COMMON_H
#define HR_UI_LIST_COMMON_H

#include "core/census/rows.h"
#include "win/win.h"

#include <commctrl.h>

struct list_look {
    UINT dpi; /* of the window's monitor: 96, 120, 144... */
    HFONT font;
    HFONT bold; /* the same, bold: suspects */
};

/* What a list tells the window. Each may be NULL. Called on the window's thread, from within *_notify or set_snapshot.
 */
struct list_events {
    void *ctx;
    void (*selected)(void *ctx);                         /* another row is selected, or none any more */
    void (*enter)(void *ctx);                            /* Enter on the selected row */
    void (*space)(void *ctx);                            /* the space bar on the selected row */
    void (*menu)(void *ctx, int screen_x, int screen_y); /* context menu for the selected row (mouse or key); call
                                                          *_hold around TrackPopupMenu */
};

/* Words in the language of the program's resources and numbers as the user's settings write them. Loaded once. */
const struct rows_words *list_words(void);

/* For the lists and the chart. */
char *list_string(UINT id); /* UTF-8, on the heap (free), empty when there is none; NULL: no memory */
void list_string_wide(UINT id, WCHAR *out, int size);
/* "Access is denied (0xC0000022)." for the sentence in an empty list: the reason alone. */
void list_add_why(struct text *out, const struct err *err);
int list_scale(const struct list_look *look, int at96); /* pixels at 96 DPI to pixels here */
bool list_high_contrast(void);
WCHAR *list_wide(const struct text *t);                   /* on the heap (free); NULL: no memory */
void list_put_text(struct text *t, WCHAR *out, int size); /* cut where it does not fit; frees the text */
/* Instead of rows: why there are none. */
void list_draw_sentence(HWND list, const struct list_look *look, HDC dc, const struct text *t);
/* The next of `count` rows whose first cell begins with what is typed; -1: none. */
int list_find(const NMLVFINDITEMW *n, size_t count, void (*cell)(const void *list, size_t row, struct text *out),
              const void *list);

#endif
