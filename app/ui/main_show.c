/* Shows what the controller and the census say: texts, enabled buttons, lists; only what changed. */
#include "ui/main_window.h"

#include "core/base/text.h"
#include "ui/words.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ANNOUNCE_EVERY_MS 5000

/* "D:"; on a network path there is no such short name. */
static void drive_of(const char *path, char out[3])
{
    text_put(out, 3, path[0] && path[1] == ':' ? path : "");
}

struct view_facts show_facts(struct main_window *w)
{
    const char *type = type_list_selected_name(w->types);
    struct view_facts f = {.profile = &w->profile,
                           .counts = w->counts,
                           .live = w->live,
                           .type = type ? type : "",
                           .counts_why = text_str(&w->counts_why),
                           .suspect = text_str(&w->suspect),
                           .drive = w->drive,
                           .rates = w->rates.seconds > 0 ? &w->rates : NULL,
                           .memory_bytes = w->services.machine.memory_bytes,
                           .elevated = w->services.machine.elevated,
                           .consent_refused = w->consent_refused,
                           .counts_restarted = w->options->restarted && w->services.machine.elevated,
                           .hotkey_taken = w->hotkey_taken,
                           .wpa = w->wpa};
    return f;
}

/* A control that is disabled or hidden while it has the focus would take the keyboard with it. */
static void enable(struct main_window *w, int id, bool on)
{
    HWND control = GetDlgItem(w->base.hwnd, id);
    if ((IsWindowEnabled(control) != 0) == on)
        return;
    if (!on && GetFocus() == control)
        SetFocus(list_view_window(w->types));
    EnableWindow(control, on);
}

static void show_if(struct main_window *w, int id, bool on)
{
    HWND control = GetDlgItem(w->base.hwnd, id);
    bool now = (GetWindowLongW(control, GWL_STYLE) & WS_VISIBLE) != 0;
    if (now == on)
        return;
    if (!on && GetFocus() == control)
        SetFocus(list_view_window(w->types));
    ShowWindow(control, on ? SW_SHOWNA : SW_HIDE);
}

static void show_buttons(struct main_window *w)
{
    const struct view_text *t = &w->shown;
    const struct {
        int id;
        bool on;
    } rows[] = {
        {IDC_RECORD, t->record},   {IDC_STOP, t->stop}, {IDC_DISCARD, t->discard},
        {IDC_PROFILE, t->profile}, {IDC_ONLY, t->only}, {IDC_EDIT, t->profile || t->change},
        {IDC_MARK, t->mark},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        enable(w, rows[i].id, rows[i].on);
    words_set(GetDlgItem(w->base.hwnd, IDC_STOP), t->stop_caption);
    SendDlgItemMessageW(w->base.hwnd, IDC_RECORD, BCM_SETSHIELD, 0, !w->services.machine.elevated);
}

static void show_progress(struct main_window *w, const struct view_text *old)
{
    const struct view_text *t = &w->shown;
    HWND bar = GetDlgItem(w->base.hwnd, IDC_PROGRESS);
    if (t->progress != old->progress) {
        bool marquee = t->progress == VIEW_PROGRESS_MARQUEE;
        LONG_PTR style = GetWindowLongPtrW(bar, GWL_STYLE);
        SetWindowLongPtrW(bar, GWL_STYLE, marquee ? style | PBS_MARQUEE : style & ~(LONG_PTR)PBS_MARQUEE);
        SendMessageW(bar, PBM_SETMARQUEE, marquee, 0);
    }
    if (t->progress == VIEW_PROGRESS_PERCENT && (t->percent != old->percent || t->progress != old->progress))
        SendMessageW(bar, PBM_SETPOS, (WPARAM)t->percent, 0);
    words_set(bar, t->step); /* screen readers: progress by step */
    show_if(w, IDC_PROGRESS, t->progress != VIEW_PROGRESS_NONE);
    show_if(w, IDC_CANCEL_SAVE, t->cancel);
}

/* What a link control would take for markup. */
static void add_plain(struct text *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '<')
            text_add(out, "\xE2\x80\xB9");
        else if (*s == '>')
            text_add(out, "\xE2\x80\xBA");
        else
            text_add_char(out, *s);
    }
}

static void announce(struct main_window *w, HWND bar)
{
    uint64_t now = GetTickCount64();
    if (w->announced_ms && now - w->announced_ms < ANNOUNCE_EVERY_MS)
        return;
    w->announced_ms = now;
    NotifyWinEvent(EVENT_OBJECT_NAMECHANGE, bar, OBJID_CLIENT, CHILDID_SELF);
}

static bool show_bar(struct main_window *w, const struct view_text *old)
{
    static const unsigned names[] = {0, IDS_NAME_INFO, IDS_NAME_WARNING, IDS_NAME_ERROR};
    const struct view_text *t = &w->shown;
    struct text markup = {0};
    add_plain(&markup, t->bar);
    for (unsigned i = 0; i < t->link_count; i++)
        text_addf(&markup, "  <a>%s</a>", words_utf8(WORD_LINK_FOLDER + (unsigned)t->links[i]));
    HWND bar = GetDlgItem(w->base.hwnd, IDC_BAR);
    /* Compared with what was set: a link control need not give back its markup. */
    bool changed = strcmp(t->bar, old->bar) != 0 || t->link_count != old->link_count ||
                   memcmp(t->links, old->links, t->link_count * sizeof t->links[0]) != 0;
    if (changed)
        words_set(bar, text_str(&markup));
    text_free(&markup);
    if (t->bar_icon != old->bar_icon) {
        SendDlgItemMessageW(w->base.hwnd, IDC_BAR_ICON, STM_SETICON, (WPARAM)w->bar_icons[t->bar_icon], 0);
        SetDlgItemTextW(w->base.hwnd, IDC_BAR_ICON, t->bar_icon ? words_wide(names[t->bar_icon]) : L"");
        changed = true;
    }
    LONG_PTR style = GetWindowLongPtrW(bar, GWL_STYLE) & ~(LONG_PTR)WS_TABSTOP;
    SetWindowLongPtrW(bar, GWL_STYLE, t->link_count ? style | WS_TABSTOP : style);
    show_if(w, IDC_BAR, t->bar_icon != VIEW_ICON_NONE);
    show_if(w, IDC_BAR_ICON, t->bar_icon != VIEW_ICON_NONE);
    if (changed && t->bar_icon)
        announce(w, bar);
    return changed;
}

static void show_panes(struct main_window *w, const struct view_text *old)
{
    HWND status = GetDlgItem(w->base.hwnd, IDC_STATUS);
    for (int i = 0; i < VIEW_PANES; i++) {
        if (strcmp(w->shown.panes[i], old->panes[i]) == 0)
            continue;
        WCHAR *wide = utf16_from_utf8(w->shown.panes[i]);
        if (wide)
            SendMessageW(status, SB_SETTEXTW, (WPARAM)i, (LPARAM)wide);
        free(wide);
    }
    if (w->shown.lost != old->lost)
        SendMessageW(status, SB_SETICON, VIEW_PANE_LOST,
                     (LPARAM)(w->shown.lost ? w->bar_icons[VIEW_ICON_WARNING] : NULL));
}

/* The Recorded column: what the session records, or would record. */
static void show_filter(struct main_window *w)
{
    bool runs = w->view.state == RECORDER_RECORDING || w->view.state == RECORDER_SAVING;
    const uint32_t *tags = runs ? w->view.tags : w->profile.tags;
    unsigned n = runs ? w->view.tag_count : w->profile.tag_count;
    type_list_set_filter(w->types, n == 0, tags, n);
}

void show_texts(struct main_window *w)
{
    struct view_text *old = malloc(sizeof *old);
    if (!old)
        return; /* the next notice tries again */
    *old = w->shown;
    drive_of(services_parts_dir(&w->services), w->drive);
    text_clear(&w->suspect);
    if (w->counts)
        rows_add_bar(&w->suspect, w->counts, NULL, list_words());
    text_clear(&w->counts_why);
    if (w->counts && !w->counts->available)
        list_add_why(&w->counts_why, &w->counts->why);
    struct view_facts facts = show_facts(w);
    view_text_make(&w->view, &facts, words_locale(), &w->shown);
    words_set(w->base.hwnd, w->shown.title);
    words_set(GetDlgItem(w->base.hwnd, IDC_SUMMARY), w->shown.summary);
    bool step = words_set(GetDlgItem(w->base.hwnd, IDC_STEP), w->shown.step);
    show_buttons(w);
    show_progress(w, old);
    bool bar = show_bar(w, old);
    show_panes(w, old);
    show_filter(w);
    if (bar || (step && w->shown.progress != VIEW_PROGRESS_NONE) || w->shown.progress != old->progress ||
        w->shown.cancel != old->cancel)
        layout_all(w);
    free(old);
}

static void log_change(struct main_window *w, const struct recorder_view *old)
{
    static const char *const states[RECORDER_STATE_COUNT] = {"idle",  "starting", "recording", "saving", "unsaved",
                                                             "saved", "failed",   "orphan",    "other"};
    const struct recorder_view *v = &w->view;
    if (v->state != old->state)
        log_line(w->log, "%s -> %s%s%s", states[old->state], states[v->state], v->state == RECORDER_SAVED ? ": " : "",
                 v->state == RECORDER_SAVED ? v->saved_path : "");
    if (v->error.code != ERR_NONE && memcmp(&v->error, &old->error, sizeof v->error) != 0) {
        char text[900];
        err_format(&v->error, text, sizeof text);
        log_line(w->log, "error: %s", text);
    }
    if (v->notes[0] && strcmp(v->notes, old->notes) != 0)
        log_line(w->log, "plan: %s", v->notes);
}

static void post_measured(void *ctx)
{
    PostMessageW(((struct main_window *)ctx)->base.hwnd, MAIN_MEASURED, 0, 0);
}

/* What was saved tells what the next recording costs: a whole one, or the latest snapshot of a ring. */
static void measure_saved(struct main_window *w, const struct recorder_view *old)
{
    const struct recorder_view *v = &w->view;
    bool saved = v->state == RECORDER_SAVED && old->state != RECORDER_SAVED;
    bool snapshot = v->ring.snapshots > old->ring.snapshots;
    if (!saved && !snapshot)
        return;
    struct err err = {0};
    span_job_end(w->measuring, &w->rates, NULL);
    w->measuring = NULL;
    if (!span_job_start(saved ? v->saved_path : v->ring.snapshot_path, v, w->rates_file, post_measured, w,
                        &w->measuring, &err))
        w->measuring = NULL; /* then it stays unknown */
}

void show_measured(struct main_window *w)
{
    if (!w->measuring || !span_job_is_done(w->measuring))
        return; /* the notice of one before it */
    struct err not_kept = {0};
    bool measured = span_job_end(w->measuring, &w->rates, &not_kept);
    w->measuring = NULL;
    if (not_kept.code != ERR_NONE)
        log_line(w->log, "error: %s", not_kept.doing); /* measured again next time */
    if (measured)
        show_texts(w);
}

/* The console program may have measured one meanwhile. A recording of our own that is still measured comes later. */
void show_kept(struct main_window *w)
{
    if (w->rates_file[0] && span_rates_load(w->rates_file, &w->rates) && w->view.number)
        show_texts(w);
}

void show_view(struct main_window *w)
{
    struct recorder_view *old = malloc(sizeof *old);
    if (!old)
        return;
    *old = w->view;
    controller_view(w->services.controller, &w->view);
    /* Failing again can be all that is seen of a new attempt: its states in between come too fast. */
    bool failed_anew = w->view.state == RECORDER_FAILED && w->view.number != old->number;
    if (w->view.state != old->state || failed_anew)
        w->asked = MAIN_ASK_NONE;
    if (w->view.state != old->state) {
        if (w->view.state == RECORDER_STARTING)
            w->disk_asked = w->consent_refused = false;
    }
    mark_key_follow(w);
    log_change(w, old);
    measure_saved(w, old);
    bool news = w->view.number != old->number || w->view.state == RECORDER_RECORDING;
    free(old);
    if (news)
        show_texts(w);
    save_view_changed(w);
    questions_view_changed(w);
    closing_view_changed(w);
}

static void set_types_label(struct main_window *w)
{
    HWND label = GetDlgItem(w->base.hwnd, IDC_TYPES_LABEL);
    if (!w->counts || !w->counts->baseline) {
        words_set_wide(label, words_wide(IDS_TYPES_LABEL));
        return;
    }
    uint64_t t = w->counts->baseline;
    FILETIME utc = {(DWORD)t, (DWORD)(t >> 32)};
    FILETIME local;
    SYSTEMTIME when;
    WCHAR clock[40] = L"";
    if (FileTimeToLocalFileTime(&utc, &local) && FileTimeToSystemTime(&local, &when))
        GetTimeFormatEx(LOCALE_NAME_USER_DEFAULT, 0, &when, NULL, clock, 40);
    char text[80];
    utf16_put_utf8(text, sizeof text, clock);
    const char *args[] = {text};
    WCHAR *full = words_fill(IDS_TYPES_LABEL_SINCE, args, 1);
    if (full)
        words_set_wide(label, full);
    free(full);
}

void show_selection(struct main_window *w)
{
    size_t type = type_list_selected(w->types);
    const char *name = type_list_selected_name(w->types);
    process_list_set_snapshot(w->procs, w->counts, type);
    chart_set_snapshot(w->chart, w->counts, type);
    HWND label = GetDlgItem(w->base.hwnd, IDC_PROCS_LABEL);
    const char *args[] = {name ? name : ""};
    WCHAR *text = words_fill(name ? IDS_PROCS_LABEL : IDS_PROCS_LABEL_NONE, args, 1);
    if (text)
        words_set_wide(label, text);
    free(text);
    show_texts(w);
}

/* Only a recording that was asked to counts; what it counted goes with it. */
static void show_live(struct main_window *w)
{
    struct live_counts *live = w->view.state == RECORDER_RECORDING ? malloc(sizeof *live) : NULL;
    if (live)
        controller_live(w->services.controller, live);
    if (live && !live->reading && !live->events && live->why.code == ERR_NONE) {
        free(live);
        live = NULL;
    }
    free(w->live);
    w->live = live;
    type_list_set_live(w->types, live);
}

void show_counts(struct main_window *w)
{
    const struct snapshot *s = watcher_latest(w->services.watcher);
    if (!s)
        return;
    snapshot_release(w->counts);
    w->counts = s;
    show_live(w);
    controller_census(w->services.controller, s);
    type_list_set_snapshot(w->types, s);
    set_types_label(w);
    show_selection(w);
}
