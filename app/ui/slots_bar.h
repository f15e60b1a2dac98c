/* The bar of the kernel's type slots: four boxes, some filled. Its text is its name for screen readers. Thread: the
 * window's. */
#ifndef HR_UI_SLOTS_BAR_H
#define HR_UI_SLOTS_BAR_H

#include "win/win.h"

bool slots_bar_register(struct err *err);
void slots_bar_set(HWND bar, unsigned used, unsigned of);

#endif
