/* What the files of the results window share. Thread: the window's. */
#ifndef HR_UI_RESULTS_INSIDE_H
#define HR_UI_RESULTS_INSIDE_H

#include "core/report/result_job.h"
#include "core/report/result_text.h"
#include "ui/file_dialog.h"
#include "ui/results_window.h"
#include "ui/window_base.h"

enum results_timer { RESULTS_FILTER_TIMER = 1, RESULTS_PROGRESS_TIMER, RESULTS_NAMES_TIMER };

enum results_message {
    RESULTS_ENDED = WM_APP + 60, /* a job has ended; wParam: its number */
    RESULTS_PICKED,              /* another grouping was picked */
    RESULTS_SELECTED,            /* look which row is selected */
    RESULTS_NAMES                /* names of functions have come */
};

struct results_window {
    struct window_base base;
    struct results_events events;
    HACCEL keys;

    /* Look. */
    HIMAGELIST images;
    double split; /* share of the panes' height that the list gets */
    int panes_top, panes_bottom;

    /* What is read or written. */
    char *files[FILE_DIALOG_FILES];
    unsigned file_count;
    struct result_job *job; /* reading, or saving a report */
    unsigned job_number;
    bool saving;
    bool cancelling;
    char saved_to[TRACE_PATH_MAX];
    struct text message; /* instead of rows: why there are none */
    struct text note;    /* instead of the summary, until something else is done */

    /* Names of functions. */
    struct symbol_queue *queue; /* NULL: nothing is asked */
    uint32_t *frames;           /* in the order in which they are asked */
    uint32_t frame_count, frames_asked, frames_named;
    bool names_wait; /* some came and are shown soon */

    /* What is shown. */
    struct result_set *set; /* NULL: nothing was read */
    struct result_tree tree;
    unsigned grouping; /* place in the list of groupings */
    struct result_view custom;
    bool has_custom;
    bool only_leaks;
    struct text filter;
    uint64_t selected; /* id of the row; 0: none */
    bool arranging;    /* the list changes by our own hand */
    bool checking;
};

/* results_layout.c */
void results_layout(struct results_window *w);
void results_move_split(struct results_window *w, int by);

/* results_list.c */
bool results_list_create(struct results_window *w, struct err *err);
void results_list_use_look(struct results_window *w);
bool results_list_notify(struct results_window *w, NMHDR *h, LRESULT *result);
/* The rows changed: by `row` when it is one, else as before, else the heaviest is selected. */
void results_list_refill(struct results_window *w, uint32_t row);
void results_list_unfold_all(struct results_window *w);
uint32_t results_list_selected(const struct results_window *w); /* UINT32_MAX: none */
void results_list_check(struct results_window *w);

/* results_show.c */
void results_rebuild(struct results_window *w);    /* grouping, filter or only leaks changed */
void results_show_row(struct results_window *w);   /* the panes below the list */
void results_show_state(struct results_window *w); /* texts, progress, buttons */
void results_fill_groupings(struct results_window *w);
void results_pick_grouping(struct results_window *w);

/* results_commands.c */
void results_command(struct results_window *w, int id);
void results_menu(struct results_window *w, int x, int y);
void results_drop(struct results_window *w, void *drop);

/* results_names.c: functions are named after the rows are shown; their texts change in place. */
void results_name_frames(struct results_window *w); /* begins, or goes on after results_stop_names */
void results_stop_names(struct results_window *w);
void results_forget_names(struct results_window *w); /* another recording */
void results_take_names(struct results_window *w);
void results_show_names(struct results_window *w);                        /* on RESULTS_NAMES_TIMER */
bool results_export(struct results_window *w, enum report_format format); /* to saved_to */

/* results_columns.c: asks for an order of columns. False: cancelled. */
bool results_ask_columns(struct results_window *w, struct result_view *view);

/* results_window.c */
bool results_start_job(struct results_window *w, const struct result_order *order, struct err *err);
void results_fail(struct results_window *w, const struct err *err);

#endif
