/* The list of the processes that hold the selected handle type. Thread: the window's. */
#ifndef HR_UI_PROCESS_LIST_H
#define HR_UI_PROCESS_LIST_H

#include "ui/list_view.h"

/* As in type_list.h. */
bool process_list_create(HWND parent, int id, const struct list_look *look, const struct list_events *events,
                         struct list_view **out, struct err *err);

/* Shows who holds type `type` (its index in the snapshots; SIZE_MAX: "Select a type to see its holders."). */
void process_list_set_snapshot(struct list_view *v, const struct snapshot *s, size_t type);

#endif
