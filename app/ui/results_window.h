/* The results window: which code leaked which handles, from one recording. Thread: the window's. */
#ifndef HR_UI_RESULTS_WINDOW_H
#define HR_UI_RESULTS_WINDOW_H

#include "win/win.h"

struct results_window;

/* What the window tells the one that made it. */
struct results_events {
    void *ctx;
    void (*closed)(void *ctx); /* the user closed it: it is freed when this returns */
};

/* Makes it, hidden. It is freed after `closed`, or by results_window_destroy. */
bool results_window_create(HINSTANCE instance, const struct results_events *events, struct results_window **out,
                           struct err *err);
void results_window_destroy(struct results_window *w); /* without a word to `closed`; NULL is fine */

/* Reads the files as one recording and shows the window at once; what it showed or read before is gone. */
void results_window_open(struct results_window *w, const char *const *files, unsigned count);
/* Whether it shows or reads just this file. */
bool results_window_has(const struct results_window *w, const char *file);
void results_window_show(struct results_window *w); /* to the front */

/* The message loop asks this first: true when the message is this window's and dealt with. */
bool results_window_translate(struct results_window *w, MSG *message);

#endif
