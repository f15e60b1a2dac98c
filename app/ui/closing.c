/* Closing the window, and the end of the Windows session: a recording is never lost by either. */
#include "ui/main_window.h"

#include "ui/message.h"
#include "ui/words.h"

#define ID_SAVE    101
#define ID_DISCARD 102

#define END_SLICE_MS 200

static bool still_asking(void *ctx)
{
    const struct main_window *w = ctx;
    return w->shown.stop || w->shown.discard;
}

static int ask(struct main_window *w)
{
    char clock[24];
    char text[80];
    bool unsaved = w->shown.saves;
    view_clock(w->view.recording_ns, clock);
    const char *args[] = {clock};
    view_fill(text, sizeof text, words_utf8(IDS_CLOSE_TEXT), args, 1);
    struct message m = {.title = IDS_CLOSE_TITLE,
                        .content = text,
                        .icon = TD_WARNING_ICON,
                        .links = true,
                        .buttons = {{ID_SAVE, IDS_CLOSE_SAVE},
                                    {IDCANCEL, unsaved ? IDS_CLOSE_KEEP_OPEN : IDS_CLOSE_KEEP},
                                    {ID_DISCARD, IDS_CLOSE_DISCARD}},
                        .count = 3,
                        .preferred = ID_SAVE,
                        .valid = still_asking,
                        .ctx = w};
    w->modal++;
    int chosen = message_ask(w->base.hwnd, &m);
    w->modal--;
    return chosen;
}

void closing_ask(struct main_window *w)
{
    if (w->modal) /* another question is open */
        return;
    if (w->view.state == RECORDER_SAVING) {
        w->closing = true; /* as soon as it is in place */
        return;
    }
    if (w->view.state == RECORDER_STARTING) { /* nothing is recorded yet that could be saved */
        w->closing = true;
        controller_stop(w->services.controller);
        return;
    }
    if (!w->shown.stop && !w->shown.discard) {
        DestroyWindow(w->base.hwnd);
        return;
    }
    switch (ask(w)) {
    case ID_SAVE:
        w->closing = true;
        if (!save_stop(w))
            w->closing = false;
        break;
    case ID_DISCARD:
        w->closing = true;
        controller_discard(w->services.controller);
        break;
    default:
        break;
    }
}

/* Called with every view: has what closing waits for come to pass? */
void closing_view_changed(struct main_window *w)
{
    if (!w->closing || w->modal)
        return;
    switch (w->view.state) {
    case RECORDER_IDLE:
    case RECORDER_SAVED:
        DestroyWindow(w->base.hwnd);
        break;
    case RECORDER_UNSAVED: /* the place may still be on its way to the controller */
        if (w->saved_to[0])
            break;
        w->closing = false;
        break;
    case RECORDER_FAILED:
    case RECORDER_OTHER:
        w->closing = false;
        break;
    default:
        break;
    }
}

static bool parts_at_risk(const struct recorder_view *v)
{
    return v->state == RECORDER_STARTING || v->state == RECORDER_RECORDING || v->state == RECORDER_SAVING;
}

/* The one place where the window waits: Windows ends, and shows our reason until the raw parts are on disk. Where they
 * go is asked at the next start. */
bool closing_query_end(struct main_window *w)
{
    show_view(w);
    if (!parts_at_risk(&w->view))
        return true;
    ShutdownBlockReasonCreate(w->base.hwnd, words_wide(IDS_BLOCK_REASON));
    log_line(w->log, "Windows ends its session: stopping");
    w->closing = false; /* Windows may change its mind: then what became of the recording has to be seen */
    controller_stop(w->services.controller);
    /* Reading back and copying can take minutes, and can wait: the parts stay. */
    controller_cancel(w->services.controller);
    while (!controller_wait_idle(w->services.controller, END_SLICE_MS))
        show_view(w);
    show_view(w);
    log_line(w->log, "the raw parts are on disk");
    ShutdownBlockReasonDestroy(w->base.hwnd);
    return true;
}

void closing_end(struct main_window *w, bool ending)
{
    if (!ending)
        return;
    log_line(w->log, "Windows ended its session");
    /* An installer that needs our files ends programs in this way too, and waits for them to be gone. */
    DestroyWindow(w->base.hwnd);
}
