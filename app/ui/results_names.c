/* Asks for the names of functions in the order in which somebody may look at them, some at a time. */
#include "core/report/report_frames.h"
#include "ui/results_inside.h"
#include "ui/words.h"
#include "win/symbols.h"

#include <stdlib.h>

/* Asked and not answered: enough to keep the queue's thread at work. */
enum { IN_FLIGHT = 64 };
/* Names come by the thousand: they are shown together. */
enum { SHOW_AFTER_MS = 100 };

static void post_names(void *ctx)
{
    PostMessageW(((struct results_window *)ctx)->base.hwnd, RESULTS_NAMES, 0, 0);
}

static bool make_source(const struct results_window *w, struct symbol_source *out)
{
    const struct symbols_options options = {.files = (const char *const *)w->files, .file_count = w->file_count};
    struct symbols *symbols = NULL;
    return symbols_create(&options, out, &symbols, NULL);
}

static void add_frame(struct results_window *w, uint8_t *known, uint32_t frame)
{
    if (frame == UINT32_MAX || known[frame] || !w->set->report->frames[frame].frame.image)
        return;
    known[frame] = 1;
    w->frames[w->frame_count++] = frame;
}

/* What rows are named after, biggest first; then the stacks, the most frequent first; then the rest. */
static bool put_in_order(struct results_window *w)
{
    struct report *r = w->set->report;
    uint8_t *known = calloc(r->frame_count + (size_t)1, 1);
    w->frames = malloc((r->frame_count + (size_t)1) * sizeof *w->frames);
    bool ok = known && w->frames;
    for (uint32_t i = 0; ok && i < r->group_count; i++)
        add_frame(w, known, r->groups[i].frame);
    for (uint32_t i = 0; ok && i < r->stack_count; i++) {
        uint32_t frames[STACK_FRAMES_MAX];
        uint32_t count = 0;
        ok = report_stack_frames(r, r->stacks[i].stack, frames, &count);
        for (uint32_t k = 0; ok && k < count; k++)
            add_frame(w, known, frames[k]);
    }
    for (uint32_t i = 0; ok && i < r->frame_count; i++)
        add_frame(w, known, i);
    free(known);
    return ok;
}

/* False: nothing more is to be asked. */
static bool ask_more(struct results_window *w)
{
    const struct report *r = w->set->report;
    while (w->frames_asked < w->frame_count && w->frames_asked - w->frames_named < IN_FLIGHT) {
        uint32_t frame = w->frames[w->frames_asked];
        struct symbol_ask ask = report_frame_ask(r, &r->frames[frame].frame);
        if (!symbol_queue_ask(w->queue, w->frames_asked, &ask, NULL))
            return false;
        w->frames_asked++;
    }
    return w->frames_named < w->frame_count;
}

void results_stop_names(struct results_window *w)
{
    symbol_queue_close(w->queue);
    w->queue = NULL;
    w->frames_asked = w->frames_named; /* answers come in the order of the questions */
}

void results_forget_names(struct results_window *w)
{
    results_stop_names(w);
    free(w->frames);
    w->frames = NULL;
    w->frame_count = w->frames_asked = w->frames_named = 0;
}

/* A window without names is whole: a failure here is none. */
void results_name_frames(struct results_window *w)
{
    const struct symbol_notice notice = {w, post_names};
    struct symbol_source source;
    if (!w->set || w->queue || (!w->frames && !put_in_order(w)) || w->frames_named == w->frame_count)
        return;
    if (!make_source(w, &source) || !symbol_queue_open(&source, &notice, &w->queue, NULL)) {
        w->queue = NULL;
        return;
    }
    if (!ask_more(w))
        results_stop_names(w);
}

void results_take_names(struct results_window *w)
{
    struct text name = {0};
    uint32_t id = 0;
    bool named = false;
    if (!w->queue || !w->set)
        return;
    while (symbol_queue_take(w->queue, &id, &name)) {
        w->frames_named = id + 1;
        if (name.len && !name.failed && report_name_frame(w->set->report, w->frames[id], text_str(&name)))
            named = true;
    }
    text_free(&name);
    if (!ask_more(w))
        results_stop_names(w);
    if (named && !w->names_wait)
        w->names_wait = SetTimer(w->base.hwnd, RESULTS_NAMES_TIMER, SHOW_AFTER_MS, NULL) != 0;
}

void results_show_names(struct results_window *w)
{
    KillTimer(w->base.hwnd, RESULTS_NAMES_TIMER);
    w->names_wait = false;
    if (!w->set)
        return;
    HWND list = GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST);
    int top = ListView_GetTopIndex(list);
    ListView_RedrawItems(list, top, top + ListView_GetCountPerPage(list));
    results_show_row(w);
}

bool results_export(struct results_window *w, enum report_format format)
{
    struct symbol_source source;
    struct err err = {0};
    results_stop_names(w); /* the library serves one at a time; it goes on after the report */
    const struct result_order order = {.files = (const char *const *)w->files,
                                       .file_count = w->file_count,
                                       .save_to = w->saved_to,
                                       .format = format,
                                       .names = make_source(w, &source) ? &source : NULL};
    text_clear(&w->note);
    w->saving = results_start_job(w, &order, &err);
    if (!w->saving)
        results_fail(w, &err);
    results_show_state(w);
    return w->saving;
}
