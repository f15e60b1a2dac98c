/* What opens the results window, from the main window's side. */
#include "ui/main_window.h"

#include "ui/message.h"
#include "ui/trace_files.h"

/* It frees itself. */
static void on_closed(void *ctx)
{
    struct main_window *w = ctx;
    w->results = NULL;
}

void results_open(struct main_window *w, const char *const *files, unsigned count)
{
    const struct results_events events = {w, on_closed};
    struct err err = {0};
    if (!w->results && !results_window_create(w->base.instance, &events, &w->results, &err)) {
        w->modal++;
        message_error(w->base.hwnd, IDS_OPEN_FAILED, &err);
        w->modal--;
        return;
    }
    results_window_open(w->results, files, count);
}

void results_ask(struct main_window *w)
{
    char *files[FILE_DIALOG_FILES];
    unsigned count = 0;
    w->modal++;
    bool chosen = trace_files_ask(w->base.hwnd, files, &count);
    w->modal--;
    if (!chosen)
        return;
    results_open(w, (const char *const *)files, count);
    trace_files_free(files, count);
}

bool results_can_show(const struct main_window *w)
{
    return w->results || w->view.state == RECORDER_SAVED;
}

void results_saved(struct main_window *w)
{
    const char *path = w->view.saved_path;
    if (w->view.state == RECORDER_SAVED && !(w->results && results_window_has(w->results, path)))
        results_open(w, &path, 1);
    else if (w->results)
        results_window_show(w->results);
}

void results_dropped(struct main_window *w, void *drop)
{
    char *files[FILE_DIALOG_FILES];
    unsigned count = trace_files_dropped(drop, files);
    if (count)
        results_open(w, (const char *const *)files, count);
    trace_files_free(files, count);
}

bool results_received(struct main_window *w, const COPYDATASTRUCT *data)
{
    char *files[FILE_DIALOG_FILES];
    unsigned count = trace_files_received(data, files);
    if (count)
        results_open(w, (const char *const *)files, count);
    trace_files_free(files, count);
    return count != 0;
}
