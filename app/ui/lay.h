/* Measures and places the controls of a window, so that one rule serves every DPI and language. Thread: the window's.
 */
#ifndef HR_UI_LAY_H
#define HR_UI_LAY_H

#include "ui/window_base.h"

/* What all windows keep to, in dialog units. */
enum {
    LAY_MARGIN = 7,
    LAY_RELATED = 4,
    LAY_UNRELATED = 7,
    LAY_ROW = 14 /* a button's height */,
    LAY_LINE = 8 /* of text */
};

int lay_x(const struct window_base *b, int dlu);
int lay_y(const struct window_base *b, int dlu);

/* Widths of captions without their mnemonic sign, of buttons with what stands around it. */
int lay_caption(const struct window_base *b, int id);
int lay_button(const struct window_base *b, int id);
int lay_button_for(const struct window_base *b, const WCHAR *caption);

/* All controls move at once, at the end. */
struct lay {
    const struct window_base *b;
    HDWP dwp;
    RECT client;
    int left; /* inside the margins */
    int right;
};

struct lay lay_begin(const struct window_base *b, int controls);
void lay_put(struct lay *l, HWND child, int x, int y, int cx, int cy);
void lay_put_id(struct lay *l, int id, int x, int y, int cx, int cy);
void lay_end(struct lay *l);

#endif
