/* The list of handle types: its columns, the small history in each row, and why it is empty. */
#include "ui/type_list.h"

#include "list_strings.h"
#include "ui/list_view.h"

#include <stdlib.h>
#include <string.h>

struct type_list {
    struct list_view view;
    uint32_t *tags;           /* the filter's; rows.filter points here */
    struct live_counts *live; /* rows.live points here */
};

static const struct list_column columns[TYPE_COLUMN_COUNT] = {
    [TYPE_COLUMN_NAME] = {.title = LISTS_TYPE, .width = 156},
    [TYPE_COLUMN_OPEN] = {.title = LISTS_OPEN, .width = 72, .right = true},
    [TYPE_COLUMN_CHANGE] = {.title = LISTS_CHANGE, .width = 78, .right = true},
    [TYPE_COLUMN_PEAK] = {.title = LISTS_PEAK, .width = 76, .right = true},
    [TYPE_COLUMN_RATE] = {.title = LISTS_RATE, .width = 76, .right = true},
    [TYPE_COLUMN_RECORDED] = {.title = LISTS_RECORDED, .width = 68},
    [TYPE_COLUMN_HISTORY] = {.title = LISTS_HISTORY, .width = 72, .drawn = true},
    [TYPE_COLUMN_TOP] = {.title = LISTS_TOP, .width = 76, .fills = true},
    [TYPE_COLUMN_CREATED] = {.title = LISTS_CREATED, .width = 76, .right = true},
    [TYPE_COLUMN_CLOSED] = {.title = LISTS_CLOSED, .width = 76, .right = true},
    [TYPE_COLUMN_DUPLICATED] = {.title = LISTS_DUPLICATED, .width = 76, .right = true},
};

/* A line over what is known of the last ten minutes, at least one minute wide. It has the height of the cell only when
 * the count moves by more than noise: eight handles, or a fiftieth of them. */
static void draw_history(const struct list_view *v, HDC dc, const RECT *cell, size_t row, COLORREF ink)
{
    const struct snapshot_type *t = rows_type_at(&v->rows, row);
    RECT r = *cell;
    InflateRect(&r, -list_scale(&v->look, 6), -list_scale(&v->look, 4));
    if (!t || t->history_count < 2 || r.right <= r.left || r.bottom <= r.top)
        return;
    uint32_t low = t->history[0];
    uint32_t high = low;
    for (size_t i = 1; i < t->history_count; i++) {
        low = t->history[i] < low ? t->history[i] : low;
        high = t->history[i] > high ? t->history[i] : high;
    }
    uint32_t least = high / 50 > 8 ? high / 50 : 8;
    double range = high - low > least ? high - low : least;
    size_t span = t->history_count > 60 ? t->history_count : 60;
    POINT points[SNAPSHOT_HISTORY];
    int count = 0;
    for (size_t i = 0; i < t->history_count && count < SNAPSHOT_HISTORY; i++) {
        double age = (double)(t->history_count - 1 - i) / (double)(span - 1);
        points[count].x = r.right - (LONG)(age * (r.right - r.left));
        points[count].y = r.bottom - (LONG)((t->history[i] - low) / range * (r.bottom - r.top));
        count++;
    }
    int width = list_scale(&v->look, 1);
    /* Rows that stand still recede behind those that move. */
    bool selected = ink != GetSysColor(COLOR_WINDOWTEXT);
    COLORREF colour = high == low && !selected && v->tint != CLR_NONE ? GetSysColor(COLOR_BTNSHADOW) : ink;
    HPEN pen = CreatePen(PS_SOLID, width > 1 ? width : 1, colour);
    HGDIOBJ before = SelectObject(dc, pen ? (HGDIOBJ)pen : GetStockObject(BLACK_PEN));
    Polyline(dc, points, count);
    SelectObject(dc, before);
    if (pen)
        DeleteObject(pen);
}

static void why_empty(const struct list_view *v, struct text *out)
{
    const struct snapshot *s = v->rows.snap;
    bool failed = s && !s->available;
    char *text = list_string(failed ? LISTS_UNAVAILABLE : LISTS_COUNTING);
    struct text why = {0};
    if (failed)
        list_add_why(&why, &s->why);
    const char *args[] = {text_str(&why)};
    rows_add_pattern(out, text ? text : "", args, 1);
    text_free(&why);
    free(text);
}

static const struct list_kind kind = {.columns = columns,
                                      .count = TYPE_COLUMN_COUNT,
                                      .always = TYPE_COLUMN_ALWAYS,
                                      .draw_cell = draw_history,
                                      .why_empty = why_empty};

bool type_list_create(HWND parent, int id, const struct list_look *look, const struct list_events *events,
                      struct type_list **out, struct err *err)
{
    struct type_list *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, ERR_NO_MEMORY, "Making a list");
    if (!list_view_create(&l->view, &kind, parent, id, look, events, err)) {
        free(l);
        return false;
    }
    *out = l;
    return true;
}

void type_list_destroy(struct type_list *l)
{
    if (!l)
        return;
    list_view_free(&l->view);
    free(l->tags);
    free(l->live);
    free(l);
}

HWND type_list_window(const struct type_list *l)
{
    return l->view.window;
}

void type_list_set_look(struct type_list *l, const struct list_look *look)
{
    list_view_set_look(&l->view, look);
}

void type_list_set_snapshot(struct type_list *l, const struct snapshot *s)
{
    list_view_set_snapshot(&l->view, s, SIZE_MAX);
}

void type_list_set_filter(struct type_list *l, bool all, const uint32_t *tags, size_t tag_count)
{
    uint32_t *copy = calloc(tag_count ? tag_count : 1, sizeof *copy);
    if (!copy)
        return; /* the column shows the filter before; the next change mends it */
    if (tag_count)
        memcpy(copy, tags, tag_count * sizeof *copy);
    free(l->tags);
    l->tags = copy;
    l->view.rows.filter = (struct rows_filter){.all = all, .tag_count = tag_count, .tags = copy};
    InvalidateRect(l->view.window, NULL, FALSE);
}

void type_list_set_live(struct type_list *l, const struct live_counts *live)
{
    if (live && !l->live)
        l->live = malloc(sizeof *l->live);
    if (live && l->live)
        *l->live = *live;
    /* Short of memory the columns stay away; the next second tries again. */
    l->view.rows.live = live ? l->live : NULL;
    list_view_show_all_columns(&l->view, l->view.rows.live != NULL);
}

size_t type_list_selected(const struct type_list *l)
{
    size_t row = rows_selected(&l->view.rows);
    return row == SIZE_MAX ? SIZE_MAX : l->view.rows.row[row].index;
}

const char *type_list_selected_name(const struct type_list *l)
{
    const struct snapshot_type *t = rows_type_at(&l->view.rows, rows_selected(&l->view.rows));
    return t ? t->name : NULL;
}

void type_list_select(struct type_list *l, const char *name)
{
    for (size_t i = 0; i < l->view.rows.count; i++) {
        if (strcmp(rows_type_at(&l->view.rows, i)->name, name) != 0)
            continue;
        list_view_select(&l->view, i);
        return;
    }
}

void type_list_hold(struct type_list *l, bool held)
{
    l->view.held = held;
}

bool type_list_notify(struct type_list *l, NMHDR *h, LRESULT *result)
{
    return l && list_view_notify(&l->view, h, result);
}

void type_list_copy(const struct type_list *l, bool all, struct text *out)
{
    list_view_copy(&l->view, all, out);
}
