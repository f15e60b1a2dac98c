/* Signs in lists, drawn at any size so that no scale blurs them: the triangle that marks suspects, and what folds rows.
 *
 * Thread: any. */
#ifndef HR_UI_LIST_SIGN_H
#define HR_UI_LIST_SIGN_H

#include "win/win.h"

/* An icon `cx` by `cy` pixels with the triangle, `size` pixels wide, in its middle; size 0: an empty icon. NULL when
 * the system has no room. The caller destroys it. */
HICON list_sign_icon(int cx, int cy, int size);
/* The same with the sign that folds a row (open: it is unfolded), in the colour `ink`. */
HICON list_sign_expander(int cx, int cy, int size, bool open, COLORREF ink);

#endif
