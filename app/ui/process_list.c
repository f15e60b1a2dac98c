/* The list of processes that hold a type: its columns and why it is empty. */
#include "ui/process_list.h"

#include "list_strings.h"
#include "ui/list_view.h"

#include <stdlib.h>

struct process_list {
    struct list_view view;
};

static const struct list_column columns[PROCESS_COLUMN_COUNT] = {
    [PROCESS_COLUMN_NAME] = {.title = LISTS_PROCESS, .width = 84, .fills = true},
    [PROCESS_COLUMN_PID] = {.title = LISTS_PID, .width = 60, .right = true},
    [PROCESS_COLUMN_OPEN] = {.title = LISTS_OPEN, .width = 72, .right = true},
    [PROCESS_COLUMN_CHANGE] = {.title = LISTS_CHANGE, .width = 78, .right = true},
    [PROCESS_COLUMN_RATE] = {.title = LISTS_RATE, .width = 76, .right = true},
};

static void why_empty(const struct list_view *v, struct text *out)
{
    const struct snapshot *s = v->rows.snap;
    size_t type = v->rows.type;
    UINT id = LISTS_NOBODY;
    struct text why = {0};
    if (!s || !s->available || type >= s->type_count) {
        id = LISTS_SELECT;
    } else if (!s->holders_available) {
        id = LISTS_HOLDERS_FAIL;
        list_add_why(&why, &s->holders_why);
    } else if (!s->types[type].holders_known) {
        id = LISTS_NO_NUMBER;
    }
    char *text = list_string(id);
    const char *args[] = {text_str(&why)};
    rows_add_pattern(out, text ? text : "", args, 1);
    text_free(&why);
    free(text);
}

static const struct list_kind kind = {.columns = columns,
                                      .count = PROCESS_COLUMN_COUNT,
                                      .always = PROCESS_COLUMN_COUNT,
                                      .processes = true,
                                      .why_empty = why_empty};

bool process_list_create(HWND parent, int id, const struct list_look *look, const struct list_events *events,
                         struct process_list **out, struct err *err)
{
    struct process_list *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, ERR_NO_MEMORY, "Making a list");
    if (!list_view_create(&l->view, &kind, parent, id, look, events, err)) {
        free(l);
        return false;
    }
    *out = l;
    return true;
}

void process_list_destroy(struct process_list *l)
{
    if (!l)
        return;
    list_view_free(&l->view);
    free(l);
}

HWND process_list_window(const struct process_list *l)
{
    return l->view.window;
}

void process_list_set_look(struct process_list *l, const struct list_look *look)
{
    list_view_set_look(&l->view, look);
}

void process_list_set_snapshot(struct process_list *l, const struct snapshot *s, size_t type)
{
    list_view_set_snapshot(&l->view, s, type);
}

bool process_list_selected(const struct process_list *l, uint32_t *pid, uint64_t *start)
{
    const struct snapshot_holding *h = rows_holding_at(&l->view.rows, rows_selected(&l->view.rows));
    if (!h)
        return false;
    *pid = h->pid;
    *start = h->start;
    return true;
}

void process_list_hold(struct process_list *l, bool held)
{
    l->view.held = held;
}

bool process_list_notify(struct process_list *l, NMHDR *h, LRESULT *result)
{
    return l && list_view_notify(&l->view, h, result);
}

void process_list_copy(const struct process_list *l, bool all, struct text *out)
{
    list_view_copy(&l->view, all, out);
}
