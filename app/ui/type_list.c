/* The list of handle types: its columns, the small history in each row, and why it is empty. */
#include "ui/type_list.h"

#include "list_strings.h"
#include "ui/list_inside.h"

#include <stdlib.h>
#include <string.h>

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
                      struct list_view **out, struct err *err)
{
    return list_view_create(&kind, parent, id, look, events, out, err);
}

void type_list_set_snapshot(struct list_view *v, const struct snapshot *s)
{
    list_view_set_snapshot(v, s, SIZE_MAX);
}

void type_list_set_filter(struct list_view *v, bool all, const uint32_t *tags, size_t tag_count)
{
    uint32_t *copy = calloc(tag_count ? tag_count : 1, sizeof *copy);
    if (!copy)
        return; /* the column shows the filter before; the next change mends it */
    if (tag_count)
        memcpy(copy, tags, tag_count * sizeof *copy);
    free(v->tags);
    v->tags = copy;
    v->rows.filter = (struct rows_filter){.all = all, .tag_count = tag_count, .tags = copy};
    InvalidateRect(v->window, NULL, FALSE);
}

void type_list_set_live(struct list_view *v, const struct live_counts *live)
{
    if (live && !v->live)
        v->live = malloc(sizeof *v->live);
    if (live && v->live)
        *v->live = *live;
    /* Short of memory the columns stay away; the next second tries again. */
    v->rows.live = live ? v->live : NULL;
    list_view_show_all_columns(v, v->rows.live != NULL);
}

size_t type_list_selected(const struct list_view *v)
{
    size_t row = rows_selected(&v->rows);
    return row == SIZE_MAX ? SIZE_MAX : v->rows.row[row].index;
}

const char *type_list_selected_name(const struct list_view *v)
{
    const struct snapshot_type *t = rows_type_at(&v->rows, rows_selected(&v->rows));
    return t ? t->name : NULL;
}
