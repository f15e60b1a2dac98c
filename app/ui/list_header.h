/* The columns of a list: widths for every scale, the sort arrow, tooltips with the full titles.
 *
 * Thread: the window's. Only list_view.c includes this. */
#ifndef HR_UI_LIST_HEADER_H
#define HR_UI_LIST_HEADER_H

#include "ui/list_inside.h"

bool list_header_create(struct list_view *v, struct err *err);
/* New fonts or scale; `before` is the DPI that the widths are made for: what the user set keeps its share. */
void list_header_set_look(struct list_view *v, UINT before);
/* Shows or hides the columns that are not always shown. */
void list_header_show_all(struct list_view *v, bool all);
void list_header_fit(struct list_view *v); /* the column that fills takes what is left */
void list_header_show_sort(struct list_view *v);
void list_header_notify(struct list_view *v, const NMHDR *h); /* what the header tells the list */

#endif
