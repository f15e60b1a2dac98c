/* The questions that a state of the recorder puts: once each, and gone when the state has passed. */
#include "ui/main_window.h"

#include "ui/message.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

#define ID_FIRST  101
#define ID_SECOND 102
#define ID_THIRD  103

/* Below DISK_WARN bytes the user is asked; the controller itself stops and saves at DISK_STOP. */
#define DISK_WARN (3ull << 30)
#define DISK_STOP (1ull << 30)

struct stay {
    struct main_window *w;
    enum recorder_state state;
    bool refused;
};

static bool still(void *ctx)
{
    const struct stay *s = ctx;
    return s->w->view.state == s->state && s->w->view.filter_refused == s->refused;
}

static int ask(struct main_window *w, const struct message *m)
{
    struct stay stay = {w, w->view.state, w->view.filter_refused};
    struct message asked = *m;
    asked.valid = still;
    asked.ctx = &stay;
    w->modal++;
    int chosen = message_ask(w->base.hwnd, &asked);
    w->modal--;
    /* An answer to a question that is no longer put is no answer. */
    return still(&stay) ? chosen : IDCANCEL;
}

bool questions_discard(struct main_window *w)
{
    struct message m = {.title = IDS_DISCARD_TITLE,
                        .content = words_utf8(IDS_DISCARD_TEXT),
                        .icon = TD_WARNING_ICON,
                        .buttons = {{ID_FIRST, IDS_DISCARD_YES}, {IDCANCEL, IDS_DISCARD_NO}},
                        .count = 2,
                        .preferred = IDCANCEL};
    return ask(w, &m) == ID_FIRST;
}

void questions_orphan(struct main_window *w, enum recorder_choice choice)
{
    if (w->view.state != RECORDER_ORPHAN)
        return;
    if (choice == RECORDER_ORPHAN_DISCARD && !questions_discard(w))
        return;
    controller_choose(w->services.controller, choice);
    if (choice == RECORDER_ORPHAN_SAVE)
        save_choose(w);
}

static void since(uint64_t filetime, char *out, size_t size)
{
    FILETIME utc = {(DWORD)filetime, (DWORD)(filetime >> 32)};
    FILETIME local;
    SYSTEMTIME when;
    WCHAR text[40];
    if (filetime && FileTimeToLocalFileTime(&utc, &local) && FileTimeToSystemTime(&local, &when) &&
        GetTimeFormatEx(LOCALE_NAME_USER_DEFAULT, TIME_NOSECONDS, &when, NULL, text, 40))
        utf16_put_utf8(out, size, text);
    else
        snprintf(out, size, "%s", words_utf8(WORD_DASH));
}

static void ask_orphan(struct main_window *w)
{
    const struct recorder_view *v = &w->view;
    char start[60];
    char written[60];
    char text[1400];
    const struct view_locale *l = words_locale();
    since(v->other_started, start, sizeof start);
    l->bytes(l->self, (uint64_t)v->other.status.buffers_written * v->other.status.buffer_kb * 1024, written,
             sizeof written);
    const char *args[] = {start, written, v->other.status.path};
    view_fill(text, sizeof text, words_utf8(IDS_ORPHAN_TEXT), args, 3);
    struct message m = {
        .title = IDS_ORPHAN_TITLE,
        .content = text,
        .icon = TD_WARNING_ICON,
        .links = true,
        .buttons = {{ID_FIRST, IDS_ORPHAN_SAVE}, {ID_SECOND, IDS_ORPHAN_CONTINUE}, {ID_THIRD, IDS_ORPHAN_DISCARD}},
        .count = 3,
        .preferred = ID_FIRST};
    switch (ask(w, &m)) {
    case ID_FIRST:
        questions_orphan(w, RECORDER_ORPHAN_SAVE);
        break;
    case ID_SECOND:
        questions_orphan(w, RECORDER_ORPHAN_CONTINUE);
        break;
    case ID_THIRD:
        questions_orphan(w, RECORDER_ORPHAN_DISCARD);
        break;
    default:
        break;
    }
}

static void ask_alive(struct main_window *w)
{
    const struct recorder_view *v = &w->view;
    char start[60];
    char pid[16];
    char text[600];
    since(v->other_started, start, sizeof start);
    snprintf(pid, sizeof pid, "%u", v->other_pid);
    const char *args[] = {v->other_process, pid, start};
    view_fill(text, sizeof text, words_utf8(IDS_ALIVE_TEXT), args, 3);
    struct message m = {.title = IDS_ALIVE_TITLE,
                        .content = text,
                        .icon = TD_WARNING_ICON,
                        .links = true,
                        .buttons = {{IDCANCEL, IDS_ALIVE_LEAVE}, {ID_SECOND, IDS_ALIVE_SAVE}},
                        .count = 2,
                        .preferred = IDCANCEL};
    if (ask(w, &m) != ID_SECOND)
        return;
    controller_choose(w->services.controller, RECORDER_ORPHAN_SAVE);
    save_choose(w);
}

static void ask_other(struct main_window *w)
{
    if (view_other_is_ours(&w->view)) {
        ask_alive(w);
        return;
    }
    struct message m = {.title = IDS_OTHER_TITLE,
                        .content = words_utf8(IDS_OTHER_TEXT),
                        .icon = TD_WARNING_ICON,
                        .links = true,
                        .buttons = {{ID_FIRST, IDS_OTHER_RETRY}, {IDCANCEL, IDS_OTHER_CANCEL}},
                        .count = 2,
                        .preferred = IDCANCEL};
    if (ask(w, &m) == ID_FIRST)
        command_record(w);
}

static void ask_sessions(struct main_window *w)
{
    char text[900];
    err_format(&w->view.error, text, sizeof text);
    struct message m = {.title = IDS_SESSIONS_TITLE,
                        .content = text,
                        .icon = TD_WARNING_ICON,
                        .links = true,
                        .buttons = {{ID_FIRST, IDS_SESSIONS_RETRY}, {IDCANCEL, IDS_SESSIONS_CANCEL}},
                        .count = 2,
                        .preferred = ID_FIRST};
    if (ask(w, &m) == ID_FIRST)
        command_record(w);
}

static void ask_filter(struct main_window *w)
{
    char text[900];
    err_format(&w->view.error, text, sizeof text);
    struct message m = {.title = IDS_FILTER_TITLE,
                        .content = text,
                        .icon = TD_WARNING_ICON,
                        .links = true,
                        .buttons = {{ID_FIRST, IDS_FILTER_ALL}, {IDCANCEL, IDS_FILTER_NONE}},
                        .count = 2,
                        .preferred = IDCANCEL};
    int chosen = ask(w, &m);
    if (w->view.filter_refused)
        controller_choose(w->services.controller,
                          chosen == ID_FIRST ? RECORDER_RECORD_ALL_TYPES : RECORDER_DO_NOT_RECORD);
}

static void ask_disk(struct main_window *w)
{
    const struct recorder_view *v = &w->view;
    const struct view_locale *l = words_locale();
    char left[48];
    char limit[48];
    char minutes[48];
    char text[400];
    l->bytes(l->self, v->disk_free, left, sizeof left);
    l->bytes(l->self, DISK_STOP, limit, sizeof limit);
    double written = (double)v->status.buffers_written * v->status.buffer_kb * 1024;
    double seconds = (double)v->recording_ns / 1e9;
    bool known = v->status_known && written > 0 && seconds >= 10 && v->disk_free > DISK_STOP;
    double to_go = known ? (double)(v->disk_free - DISK_STOP) / (written / seconds) / 60 : 0;
    l->number(l->self, (uint64_t)to_go, minutes, sizeof minutes);
    const char *args[] = {left, limit, minutes};
    view_fill(text, sizeof text, words_utf8(known ? IDS_DISK_TEXT_TIME : IDS_DISK_TEXT), args, 3);
    struct message m = {.title = IDS_DISK_TITLE,
                        .title_arg = w->drive,
                        .content = text,
                        .icon = TD_WARNING_ICON,
                        .links = true,
                        .buttons = {{ID_FIRST, IDS_DISK_STOP}, {IDCANCEL, IDS_DISK_KEEP}},
                        .count = 2,
                        .preferred = ID_FIRST};
    if (ask(w, &m) == ID_FIRST)
        save_stop(w);
}

static void ask_unsaved(struct main_window *w)
{
    char what[900];
    char text[2000];
    err_format(&w->view.error, what, sizeof what);
    const char *args[] = {what, w->view.parts_dir};
    view_fill(text, sizeof text, words_utf8(IDS_UNSAVED_TEXT), args, 2);
    struct message m = {
        .title = IDS_UNSAVED_TITLE,
        .content = text,
        .icon = TD_ERROR_ICON,
        .links = true,
        .buttons = {{ID_FIRST, IDS_UNSAVED_ELSE}, {ID_SECOND, IDS_UNSAVED_AGAIN}, {IDCANCEL, IDS_UNSAVED_LATER}},
        .count = 3,
        .preferred = ID_FIRST};
    switch (ask(w, &m)) {
    case ID_FIRST:
        save_choose(w);
        break;
    case ID_SECOND:
        save_again(w);
        break;
    default:
        break;
    }
}

/* Which question the present state puts. */
static enum main_ask due(const struct main_window *w)
{
    const struct recorder_view *v = &w->view;
    if (v->filter_refused)
        return MAIN_ASK_FILTER;
    switch (v->state) {
    case RECORDER_ORPHAN:
        return MAIN_ASK_ORPHAN;
    case RECORDER_OTHER:
        return MAIN_ASK_OTHER;
    case RECORDER_FAILED:
        if (v->parts_exist)
            return w->saved_to[0] ? MAIN_ASK_UNSAVED : MAIN_ASK_NONE;
        return v->error.kind == ERR_KIND_WIN32 && v->error.os == ERROR_NO_SYSTEM_RESOURCES ? MAIN_ASK_SESSIONS
                                                                                           : MAIN_ASK_NONE;
    case RECORDER_RECORDING:
        return v->disk_known && v->disk_free < DISK_WARN && !w->disk_asked ? MAIN_ASK_DISK : MAIN_ASK_NONE;
    default:
        return MAIN_ASK_NONE;
    }
}

/* Questions are put from the message loop, never from inside the drawing of a view. */
void questions_view_changed(struct main_window *w)
{
    enum main_ask now = due(w);
    if (now == MAIN_ASK_NONE || now == w->asked || w->modal)
        return;
    PostMessageW(w->base.hwnd, MAIN_ASK, 0, 0);
}

void questions_ask(struct main_window *w)
{
    static void (*const put[])(struct main_window *) = {
        [MAIN_ASK_ORPHAN] = ask_orphan, [MAIN_ASK_OTHER] = ask_other, [MAIN_ASK_SESSIONS] = ask_sessions,
        [MAIN_ASK_FILTER] = ask_filter, [MAIN_ASK_DISK] = ask_disk,   [MAIN_ASK_UNSAVED] = ask_unsaved,
    };
    enum main_ask now = due(w);
    if (now == MAIN_ASK_NONE || now == w->asked || w->modal)
        return;
    w->asked = now;
    if (now == MAIN_ASK_DISK)
        w->disk_asked = true;
    put[now](w);
}
