/* Fills the bar: the one thing that is most worth saying, and the links to what can be done about it. */
#include "core/record/view_bar.h"

#include "core/base/text.h"
#include "core/profile/plan.h"
#include "core/record/profile_text.h"

#include <string.h>

static void bar(struct view_text *out, enum view_icon icon, const char *text)
{
    out->bar_icon = icon;
    text_put(out->bar, sizeof out->bar, text);
}

static void bar_link(struct view_text *out, enum view_link link)
{
    out->links[out->link_count++] = link;
}

/* "app.exe holds more than 5,000 Event handles. " before what is said else. */
static void add_rule(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                     struct view_text *out)
{
    char rule[300];
    char rest[sizeof out->bar];
    if (!v->stopped_by_rule)
        return;
    text_put(rest, sizeof rest, out->bar);
    stop_fired_text(&v->stopped_by, f->drive, l, rule, sizeof rule);
    view_fill(out->bar, sizeof out->bar, "%1 %2", (const char *const[]){rule, rest}, 2);
}

static void bar_saved(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                      struct view_text *out)
{
    char events[48];
    char lost[48];
    l->number(l->self, v->events, events, sizeof events);
    l->number(l->self, v->events_lost, lost, sizeof lost);
    char more[48];
    l->number(l->self, v->files > 1 ? v->files - 1 : 0, more, sizeof more);
    const char *args[] = {v->saved_path, events, v->events_lost_known ? lost : view_word(l, WORD_DASH), more};
    out->bar_icon = v->events_lost_known && v->events_lost ? VIEW_ICON_WARNING : VIEW_ICON_INFO;
    view_fill(out->bar, sizeof out->bar, view_word(l, v->files > 1 ? WORD_BAR_SAVED_FILES : WORD_BAR_SAVED), args, 4);
    add_rule(v, f, l, out);
    if (v->error.code != ERR_NONE) {
        char why[ERR_DOING_MAX + ERR_REMEDY_MAX + 600];
        char saved[sizeof out->bar];
        text_put(saved, sizeof saved, out->bar);
        err_format(&v->error, why, sizeof why);
        view_fill(out->bar, sizeof out->bar, "%1 %2", (const char *const[]){saved, why}, 2);
        out->bar_icon = VIEW_ICON_WARNING;
    }
    bar_link(out, VIEW_LINK_LEAKS);
    bar_link(out, VIEW_LINK_FOLDER);
    if (f->wpa)
        bar_link(out, VIEW_LINK_WPA);
}

static void bar_failed(const struct recorder_view *v, const struct view_locale *l, struct view_text *out)
{
    char what[900];
    err_format(&v->error, what, sizeof what);
    if (v->parts_exist)
        view_fill(out->bar, sizeof out->bar, view_word(l, WORD_BAR_FAILED_PARTS),
                  (const char *const[]){what, v->parts_dir}, 2);
    else
        text_put(out->bar, sizeof out->bar, what);
    out->bar_icon = VIEW_ICON_ERROR;
}

/* It may have stopped by itself: then why, first. */
static void bar_unsaved(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                        struct view_text *out)
{
    char why[900] = "";
    if (v->error.code != ERR_NONE)
        err_format(&v->error, why, sizeof why);
    struct text t = {0};
    text_add(&t, why);
    text_add(&t, why[0] ? " " : "");
    text_add(&t, view_word(l, WORD_BAR_UNSAVED));
    bar(out, VIEW_ICON_WARNING, text_str(&t));
    text_free(&t);
    add_rule(v, f, l, out);
}

/* A snapshot never harms the recording: what became of it is news, no more. */
static bool bar_snapshot(const struct recorder_view *v, const struct view_locale *l, struct view_text *out)
{
    const struct recorder_ring *r = &v->ring;
    char why[900];
    if (r->snapshot_busy) {
        bar(out, VIEW_ICON_INFO, view_word(l, WORD_BAR_SNAPPING));
    } else if (r->snapshot_error.code != ERR_NONE) {
        err_format(&r->snapshot_error, why, sizeof why);
        bar(out, VIEW_ICON_WARNING, why);
    } else if (r->snapshots) {
        view_say(out->bar, sizeof out->bar, l, WORD_BAR_SNAPSHOT, r->snapshot_path, NULL);
        out->bar_icon = VIEW_ICON_INFO;
    }
    return out->bar_icon != VIEW_ICON_NONE;
}

/* The plan's notes: the first line is what matters most. */
static void bar_note(const struct recorder_view *v, struct view_text *out)
{
    size_t n = strcspn(v->notes, "\n");
    struct text t = {0};
    text_add_n(&t, v->notes, n);
    bar(out, VIEW_ICON_INFO, text_str(&t));
    text_free(&t);
}

static void bar_idle(const struct view_facts *f, const struct view_locale *l, struct view_text *out)
{
    if (f->consent_refused) {
        bar(out, VIEW_ICON_WARNING, view_word(l, WORD_BAR_CONSENT));
        return;
    }
    if (f->counts && !f->counts->available) {
        view_say(out->bar, sizeof out->bar, l, WORD_BAR_UNAVAILABLE, f->counts_why, NULL);
        out->bar_icon = VIEW_ICON_WARNING;
        return;
    }
    if (f->suspect[0])
        bar(out, VIEW_ICON_WARNING, f->suspect);
    else if (f->counts_restarted)
        bar(out, VIEW_ICON_INFO, view_word(l, WORD_BAR_RESTARTED));
}

bool view_other_is_ours(const struct recorder_view *v)
{
    return memcmp(&v->other.session.guid, &plan_session_guid, sizeof plan_session_guid) == 0;
}

void view_bar_make(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                   struct view_text *out)
{
    switch (v->state) {
    case RECORDER_FAILED:
        bar_failed(v, l, out);
        break;
    case RECORDER_UNSAVED:
        bar_unsaved(v, f, l, out);
        break;
    case RECORDER_SAVED:
        bar_saved(v, f, l, out);
        break;
    case RECORDER_ORPHAN:
        bar(out, VIEW_ICON_WARNING, view_word(l, WORD_BAR_ORPHAN));
        bar_link(out, VIEW_LINK_ORPHAN_SAVE);
        bar_link(out, VIEW_LINK_ORPHAN_CONTINUE);
        bar_link(out, VIEW_LINK_ORPHAN_DISCARD);
        break;
    case RECORDER_OTHER:
        bar(out, VIEW_ICON_WARNING, view_word(l, view_other_is_ours(v) ? WORD_BAR_OTHER_OURS : WORD_BAR_OTHER));
        bar_link(out, VIEW_LINK_DETAILS);
        break;
    case RECORDER_RECORDING:
        if (v->error.code != ERR_NONE) {
            bar_failed(v, l, out);
            out->bar_icon = VIEW_ICON_WARNING;
        } else if (bar_snapshot(v, l, out)) {
            break;
        } else if (f->hotkey_taken) {
            bar(out, VIEW_ICON_INFO, view_word(l, WORD_BAR_HOTKEY));
        } else if (v->notes[0]) {
            bar_note(v, out);
        } else if (f->suspect[0]) {
            bar(out, VIEW_ICON_WARNING, f->suspect);
        }
        break;
    case RECORDER_IDLE:
        bar_idle(f, l, out);
        break;
    default:
        break;
    }
}
