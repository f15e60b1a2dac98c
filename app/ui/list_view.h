/* What the list of types and the list of processes have in common: an owner-data list view over core's rows.
 *
 * Thread: the window's. Only type_list.c and process_list.c include this. */
#ifndef HR_UI_LIST_VIEW_H
#define HR_UI_LIST_VIEW_H

#include "ui/list_common.h"

#define LIST_MAX_COLUMNS 12

struct list_column {
    UINT title; /* its tooltip is title + LISTS_TIP */
    int width;  /* at 96 DPI; the one column that fills has its least width here */
    bool right;
    bool fills;
    bool drawn; /* by draw_cell */
};

struct list_view;

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
};

bool list_view_create(struct list_view *v, const struct list_kind *kind, HWND parent, int id,
                      const struct list_look *look, const struct list_events *events, struct err *err);
void list_view_free(struct list_view *v); /* all but the window */
void list_view_set_look(struct list_view *v, const struct list_look *look);
void list_view_set_snapshot(struct list_view *v, const struct snapshot *s, size_t type);
/* Shows or hides the columns that are not always shown. */
void list_view_show_all_columns(struct list_view *v, bool all);
void list_view_select(struct list_view *v, size_t row); /* and scroll to it */
bool list_view_notify(struct list_view *v, NMHDR *h, LRESULT *result);
void list_view_copy(const struct list_view *v, bool all, struct text *out);

#endif
