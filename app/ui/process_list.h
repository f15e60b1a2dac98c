/* The list of the processes that hold the selected handle type.
 *
 * Thread: the window's. The list view is a child of `parent`, which forwards its WM_NOTIFY here. */
#ifndef HR_UI_PROCESS_LIST_H
#define HR_UI_PROCESS_LIST_H

#include "ui/list_common.h"

struct process_list;

/* As in type_list.h. */
bool process_list_create(HWND parent, int id, const struct list_look *look, const struct list_events *events,
                         struct process_list **out, struct err *err);
void process_list_destroy(struct process_list *l);
HWND process_list_window(const struct process_list *l);
void process_list_set_look(struct process_list *l, const struct list_look *look);

/* Shows who holds type `type` (its index in the snapshots; SIZE_MAX: "Select a type to see its holders."). */
void process_list_set_snapshot(struct process_list *l, const struct snapshot *s, size_t type);

/* The selected process; false when none is. */
bool process_list_selected(const struct process_list *l, uint32_t *pid, uint64_t *start);

void process_list_hold(struct process_list *l, bool held);
bool process_list_notify(struct process_list *l, NMHDR *h, LRESULT *result);
void process_list_copy(const struct process_list *l, bool all, struct text *out);

#endif
