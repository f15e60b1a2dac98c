/* Classes of the program's own windows and controls. Thread: the window's. */
#ifndef HR_UI_WINDOW_CLASS_H
#define HR_UI_WINDOW_CLASS_H

#include "win/win.h"

/* Registers what `wanted` says of a class (name, procedure, extra bytes, background...) for this program, with the
 * arrow where it names no cursor. True too when the class is there already. */
bool window_class_register(const WNDCLASSEXW *wanted, struct err *err);

#endif
