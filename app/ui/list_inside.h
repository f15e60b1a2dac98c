/* What the files of the lists share. Thread: the window's. */
#ifndef HR_UI_LIST_INSIDE_H
#define HR_UI_LIST_INSIDE_H

#include "ui/list_view.h"

#define LIST_MAX_COLUMNS 12

struct list_column {
    UINT title; /* its tooltip is title + LISTS_TIP */
    int width;  /* at 96 DPI; the one column that fills has its least width here */
    bool right;
    bool fills;
    bool drawn; /* by draw_cell */
};

/* What one kind of list does its own way. */
struct list_kind {
    const struct list_column *columns;
    int count;  /* with those that are not always shown */
    int always; /* the columns before this one are */
    bool processes;
    /* Draws a cell of a `drawn` column; background and selection are there already. May be NULL. */
    void (*draw_cell)(const struct list_view *v, HDC dc, const RECT *cell, size_t row, COLORREF ink);
    /* Why there are no rows; appends a sentence. */
    void (*why_empty)(const struct list_view *v, struct text *out);
};

struct list_view {
    const struct list_kind *kind;
    HWND window;
    int columns; /* shown: kind->always or kind->count */
    HWND tips;   /* of the header */
    struct list_look look;
    struct list_events events;
    struct rows rows;
    HIMAGELIST images;
    COLORREF tint; /* CLR_NONE: none (high contrast) */
    bool held;
    bool first_done; /* the first sample has selected its row */
    bool arranging;  /* selection and widths change by our own hand */
    bool checking;   /* a check of the selection is on its way */
    uint64_t key_ms; /* last key in the list */
    bool had_key;
    uint32_t *tags;           /* the filter's of a list of types; rows.filter points here */
    struct live_counts *live; /* rows.live of a list of types points here */
};

/* Makes the list view, empty and 0 by 0. `look` and `events` are copied. */
bool list_view_create(const struct list_kind *kind, HWND parent, int id, const struct list_look *look,
                      const struct list_events *events, struct list_view **out, struct err *err);
void list_view_set_snapshot(struct list_view *v, const struct snapshot *s, size_t type);
/* Shows or hides the columns that are not always shown. */
void list_view_show_all_columns(struct list_view *v, bool all);

#endif
