/* The list of handle types: live counts, sorted so that what grows stands on top.
 *
 * Thread: the window's. The list view is a child of `parent`, which forwards its WM_NOTIFY here. */
#ifndef HR_UI_TYPE_LIST_H
#define HR_UI_TYPE_LIST_H

#include "ui/list_common.h"

struct type_list;

/* Makes the list view, empty and 0 by 0: the window lays it out. `look` and `events` are copied. */
bool type_list_create(HWND parent, int id, const struct list_look *look, const struct list_events *events,
                      struct type_list **out, struct err *err);
/* Frees everything but the window, which dies with its parent. Call from the parent's WM_NCDESTROY. */
void type_list_destroy(struct type_list *l);
HWND type_list_window(const struct type_list *l);

/* Other DPI, fonts or colours (WM_DPICHANGED, WM_SETTINGCHANGE, WM_SYSCOLORCHANGE, WM_THEMECHANGED). */
void type_list_set_look(struct type_list *l, const struct list_look *look);

/* Shows a snapshot; takes a reference of its own. NULL: "Counting handles...". The first one selects the top row. */
void type_list_set_snapshot(struct type_list *l, const struct snapshot *s);

/* For the column Recorded: tags, or all when `all`. Copied. */
void type_list_set_filter(struct type_list *l, bool all, const uint32_t *tags, size_t tag_count);

/* What the trace tells while it records: shows the columns for it, with what they hold now. NULL: no longer. Copied. */
void type_list_set_live(struct type_list *l, const struct live_counts *live);

/* Index of the selected type in the snapshots, SIZE_MAX for none; and its name or NULL, valid until the next
 * set_snapshot. */
size_t type_list_selected(const struct type_list *l);
const char *type_list_selected_name(const struct type_list *l);
void type_list_select(struct type_list *l, const char *name);

/* While true the order stays (a menu for a row is open). */
void type_list_hold(struct type_list *l, bool held);

/* The parent's WM_NOTIFY for this list: true when handled, then return *result. */
bool type_list_notify(struct type_list *l, NMHDR *h, LRESULT *result);

/* The selected row, or all rows with their headers, as text with tabs, in the order shown. */
void type_list_copy(const struct type_list *l, bool all, struct text *out);

#endif
