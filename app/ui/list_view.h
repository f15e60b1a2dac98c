/* What the list of types and the list of processes have in common: an owner-data list view over core's rows.
 *
 * Thread: the window's. The list view is a child of a window that lays it out and forwards its WM_NOTIFY here. */
#ifndef HR_UI_LIST_VIEW_H
#define HR_UI_LIST_VIEW_H

#include "ui/list_common.h"

struct list_view;

/* Frees everything but the window, which dies with its parent. */
void list_view_destroy(struct list_view *v); /* NULL is fine */
HWND list_view_window(const struct list_view *v);

/* Other DPI, fonts or colours (WM_DPICHANGED, WM_SETTINGCHANGE, WM_SYSCOLORCHANGE, WM_THEMECHANGED). */
void list_view_set_look(struct list_view *v, const struct list_look *look);

/* While true the order stays (a menu for a row is open). */
void list_view_hold(struct list_view *v, bool held);

/* The parent's WM_NOTIFY for this list: true when handled, then return *result. */
bool list_view_notify(struct list_view *v, NMHDR *h, LRESULT *result);

/* The selected row, or all rows with their headers, as text with tabs, in the order shown. */
void list_view_copy(const struct list_view *v, bool all, struct text *out);

#endif
