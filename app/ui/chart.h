/* The chart of the last ten minutes of one handle type. Its window text is what a screen reader says of it.
 *
 * Thread: the window's. */
#ifndef HR_UI_CHART_H
#define HR_UI_CHART_H

#include "ui/list_common.h"

struct chart;

/* Makes the chart as a child of `parent`, 0 by 0. It is no tab stop: its text says what it shows. */
bool chart_create(HWND parent, int id, const struct list_look *look, struct chart **out, struct err *err);
/* Frees everything but the window, which dies with its parent. */
void chart_destroy(struct chart *c);
HWND chart_window(const struct chart *c);
void chart_set_look(struct chart *c, const struct list_look *look);

/* Shows the type with this index (SIZE_MAX: an empty chart); takes a reference of its own. */
void chart_set_snapshot(struct chart *c, const struct snapshot *s, size_t type);

#endif
