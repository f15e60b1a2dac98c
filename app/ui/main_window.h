/* The main window: what its files share. Thread: the window's, except for the notices of the workers. */
#ifndef HR_UI_MAIN_WINDOW_H
#define HR_UI_MAIN_WINDOW_H

#include "core/base/text.h"
#include "core/census/watcher.h"
#include "core/record/controller.h"
#include "core/record/span_job.h"
#include "core/record/view_text.h"
#include "ui/chart.h"
#include "ui/log.h"
#include "ui/options.h"
#include "ui/process_list.h"
#include "ui/profiles.h"
#include "ui/results_window.h"
#include "ui/services.h"
#include "ui/type_list.h"
#include "ui/window_base.h"
#include "win/win.h"

#include <commctrl.h>

#define MAIN_WINDOW_CLASS L"HandleRecorderMain"

enum main_message {
    MAIN_VIEW = WM_APP + 1, /* the controller has news */
    MAIN_COUNTS,            /* the census has news */
    MAIN_SHOW,              /* a second start of the program: come to the front */
    MAIN_ASK,               /* a question of the present state is to be put */
    MAIN_ELEVATED,          /* the restart as administrator was tried; wParam: its Win32 code */
    MAIN_START,             /* the window is up: /record */
    MAIN_OPEN,              /* the window is up: traces on the command line */
    MAIN_MEASURED,          /* what the last recording cost is known, or will not be */
    MAIN_PICKED             /* another profile was picked; wParam: or only looked at, and Esc goes back */
};

/* Questions that a state of the recorder puts by itself; each once per entry into the state. */
enum main_ask {
    MAIN_ASK_NONE,
    MAIN_ASK_ORPHAN,
    MAIN_ASK_OTHER,
    MAIN_ASK_SESSIONS,
    MAIN_ASK_FILTER,
    MAIN_ASK_DISK,
    MAIN_ASK_UNSAVED
};

struct main_window {
    struct window_base base;
    const struct options *options;

    /* Look. */
    HWND last_focus; /* which control gets the focus back with the next activation */
    HICON bar_icons[4];
    double split;  /* share of the list area's height that the types get */
    int lists_top; /* of the types' list, and bottom of the lower one: pixels of the last layout */
    int lists_bottom;
    bool chart_wanted;
    bool on_top;

    struct list_view *types;
    struct list_view *procs;
    struct chart *chart;

    struct services services;
    struct profiles profiles;
    struct profile profile; /* what the next recording records; the lists' filter follows it */
    bool profile_changed;   /* it differs from the picked one */

    struct span_job *measuring;      /* what recording costs, from the last one that was saved */
    struct span_rates rates;         /* of the last one that could be measured; seconds 0: none yet */
    char rates_file[TRACE_PATH_MAX]; /* where they are kept; "": nowhere */

    struct results_window *results; /* NULL: not open */

    const struct snapshot *counts; /* a reference of our own */
    struct live_counts *live;      /* of the recording under way, where it counts live events; else NULL */
    struct recorder_view view;
    struct view_text shown;
    struct text suspect;    /* the sentence about what grows fastest */
    struct text counts_why; /* why there are no counts */
    char drive[3];          /* of the raw parts: "D:" */
    struct log *log;

    bool hotkey;       /* Ctrl+Shift+F9 is ours now */
    bool hotkey_taken; /* it belongs to another program */
    bool consent_refused;
    bool wpa;                      /* Windows Performance Analyzer is installed */
    bool closing;                  /* close when the recording is saved or discarded */
    int modal;                     /* depth of questions and dialogs on the screen */
    enum main_ask asked;           /* the last question of this stay in the state */
    bool disk_asked;               /* once per recording */
    void *save_dialog;             /* IFileSaveDialog while it is on the screen */
    char saved_to[TRACE_PATH_MAX]; /* the last place chosen for this recording, for Try again */
    bool saved_replace;
    uint64_t announced_ms;    /* when the bar was last announced to screen readers */
    struct thread *elevating; /* waits for the consent */
};

/* main_window.c */
bool main_window_create(HINSTANCE instance, const struct options *options, struct main_window **out, struct err *err);
void main_window_destroy(struct main_window *w);

/* main_layout.c */
void layout_all(struct main_window *w);
void layout_move_split(struct main_window *w, int by);

/* main_show.c */
void show_view(struct main_window *w);     /* takes the controller's view and shows what changed */
void show_measured(struct main_window *w); /* the same for what the last recording cost */
void show_kept(struct main_window *w);     /* the same for what is kept of that, by the console program, too */
void show_counts(struct main_window *w);   /* the same for the census */
void show_selection(struct main_window *w);
void show_texts(struct main_window *w);
struct view_facts show_facts(struct main_window *w);

/* main_commands.c */
void command_run(struct main_window *w, int id);
void command_menu_state(struct main_window *w, HMENU menu);
void command_row_menu(struct main_window *w, int x, int y);
void command_profile_picked(struct main_window *w, bool cancelled);
void command_fill_profiles(struct main_window *w);
void command_link(struct main_window *w, unsigned control, int link);
void command_toggle_type(struct main_window *w);
void command_record(struct main_window *w);

/* mark_key.c */
void mark_now(struct main_window *w);
void mark_key_follow(struct main_window *w); /* the key is ours while something is recorded */

/* profile_menu.c */
void profile_menu_new(struct main_window *w);
void profile_menu_edit(struct main_window *w);
void profile_menu_change(struct main_window *w); /* of the running recording */
void profile_menu_save_as(struct main_window *w);
void profile_menu_delete(struct main_window *w);
void profile_menu_import(struct main_window *w);
void profile_menu_xperf(struct main_window *w); /* copies the line */
void profile_menu_more(struct main_window *w);

/* show_results.c */
void results_open(struct main_window *w, const char *const *files, unsigned count);
void results_ask(struct main_window *w);   /* File > Open trace */
void results_saved(struct main_window *w); /* Show leaks: of the recording saved last, or what is shown already */
bool results_can_show(const struct main_window *w);
void results_dropped(struct main_window *w, void *drop);
bool results_received(struct main_window *w, const COPYDATASTRUCT *data);

/* save_flow.c */
bool save_stop(struct main_window *w); /* stops if need be, and asks for the place meanwhile; false: none was chosen */
bool save_choose(struct main_window *w);   /* asks for the place; false: none was chosen */
void save_snapshot(struct main_window *w); /* of the ring, while it records */
/* Where a recording goes that ends by itself: the documents folder; "" when there is none. */
void save_own_place(struct main_window *w, char out[TRACE_PATH_MAX]);
void save_again(struct main_window *w); /* to the place chosen last */
void save_view_changed(struct main_window *w);

/* closing.c */
void closing_ask(struct main_window *w);
void closing_view_changed(struct main_window *w); /* may destroy the window: call it last */
bool closing_query_end(struct main_window *w);
void closing_end(struct main_window *w, bool ending);

/* questions.c */
void questions_view_changed(struct main_window *w);
void questions_ask(struct main_window *w);
bool questions_discard(struct main_window *w); /* true: discard */
void questions_orphan(struct main_window *w, enum recorder_choice choice);

/* elevate.c */
void elevate_start(struct main_window *w); /* /record: records, or asks whether to restart for it */
void elevate_restart(struct main_window *w);
void elevate_done(struct main_window *w, DWORD code);

#endif
