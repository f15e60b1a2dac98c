/* The list of processes that hold a type: its columns and why it is empty. */
#include "ui/process_list.h"

#include "list_strings.h"
#include "ui/list_inside.h"

#include <stdlib.h>

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
                         struct list_view **out, struct err *err)
{
    return list_view_create(&kind, parent, id, look, events, out, err);
}

void process_list_set_snapshot(struct list_view *v, const struct snapshot *s, size_t type)
{
    list_view_set_snapshot(v, s, type);
}
