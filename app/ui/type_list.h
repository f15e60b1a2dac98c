/* The list of handle types: live counts, sorted so that what grows stands on top. Thread: the window's. */
#ifndef HR_UI_TYPE_LIST_H
#define HR_UI_TYPE_LIST_H

#include "ui/list_view.h"

/* Makes the list view, empty and 0 by 0: the window lays it out. `look` and `events` are copied. */
bool type_list_create(HWND parent, int id, const struct list_look *look, const struct list_events *events,
                      struct list_view **out, struct err *err);

/* Shows a snapshot; takes a reference of its own. NULL: "Counting handles...". The first one selects the top row. */
void type_list_set_snapshot(struct list_view *v, const struct snapshot *s);

/* For the column Recorded: tags, or all when `all`. Copied. */
void type_list_set_filter(struct list_view *v, bool all, const uint32_t *tags, size_t tag_count);

/* What the trace tells while it records: shows the columns for it, with what they hold now. NULL: no longer. Copied. */
void type_list_set_live(struct list_view *v, const struct live_counts *live);

/* Index of the selected type in the snapshots, SIZE_MAX for none; and its name or NULL, valid until the next
 * set_snapshot. */
size_t type_list_selected(const struct list_view *v);
const char *type_list_selected_name(const struct list_view *v);

#endif
