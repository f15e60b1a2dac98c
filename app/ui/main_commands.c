/* What buttons, menus, keys and links do. */
#include "ui/main_window.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "ui/clipboard.h"
#include "ui/message.h"
#include "ui/shell.h"
#include "ui/words.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The profile list: the picked one is marked when its filter or stacks were changed for the next recording. */
void command_fill_profiles(struct main_window *w)
{
    HWND combo = GetDlgItem(w->base.hwnd, IDC_PROFILE);
    SendMessageW(combo, CB_RESETCONTENT, 0, 0);
    for (size_t i = 0; i < w->profiles.count; i++) {
        const char *args[] = {profiles_name(&w->profiles, i)};
        bool changed = w->profile_changed && i == w->profiles.picked;
        WCHAR *text = changed ? words_fill(IDS_CHANGED_PROFILE, args, 1) : utf16_from_utf8(args[0]);
        if (text)
            SendMessageW(combo, CB_ADDSTRING, 0, (LPARAM)text);
        free(text);
    }
    SendMessageW(combo, CB_SETCURSEL, w->profiles.picked, 0);
}

void command_profile_picked(struct main_window *w, bool cancelled)
{
    HWND combo = GetDlgItem(w->base.hwnd, IDC_PROFILE);
    if (SendMessageW(combo, CB_GETDROPPEDSTATE, 0, 0)) /* on the way through the open list */
        return;
    if (cancelled) {
        SendMessageW(combo, CB_SETCURSEL, w->profiles.picked, 0);
        return;
    }
    LRESULT picked = SendMessageW(combo, CB_GETCURSEL, 0, 0);
    if (picked < 0 || (size_t)picked >= w->profiles.count)
        return;
    profiles_pick(&w->profiles, (size_t)picked, &w->profile);
    w->profile_changed = false;
    command_fill_profiles(w);
    show_texts(w);
}

static void profile_was_changed(struct main_window *w)
{
    w->profile_changed = true;
    command_fill_profiles(w);
    show_texts(w);
}

static void set_filter(struct main_window *w, const uint32_t *tags, unsigned n)
{
    memcpy(w->profile.tags, tags, n * sizeof *tags);
    w->profile.tag_count = n;
    profile_was_changed(w);
}

static void only_this_type(struct main_window *w)
{
    const char *name = type_list_selected_name(w->types);
    if (!w->shown.only || !name)
        return;
    uint32_t tag = profile_tag(name);
    set_filter(w, &tag, 1);
}

static size_t filter_place(const struct profile *p, uint32_t tag)
{
    size_t i = 0;
    while (i < p->tag_count && p->tags[i] != tag)
        i++;
    return i;
}

/* All types recorded counts as no filter: the first type added begins one. */
static void add_type(struct main_window *w)
{
    const char *name = type_list_selected_name(w->types);
    if (!w->shown.only || !name)
        return;
    uint32_t tags[PROFILE_MAX_TAGS];
    uint32_t tag = profile_tag(name);
    unsigned n = w->profile.tag_count;
    if (n && filter_place(&w->profile, tag) < n)
        return;
    if (n == PROFILE_MAX_TAGS) {
        message_note(w->base.hwnd, IDS_SLOTS_FULL);
        return;
    }
    memcpy(tags, w->profile.tags, sizeof tags);
    tags[n] = tag;
    set_filter(w, tags, n + 1);
}

/* Space on a type. Taking the last one away would mean "all types": the opposite of what was meant. */
void command_toggle_type(struct main_window *w)
{
    const char *name = type_list_selected_name(w->types);
    if (!w->shown.only || !name)
        return;
    size_t at = filter_place(&w->profile, profile_tag(name));
    if (at == w->profile.tag_count) {
        add_type(w);
        return;
    }
    if (w->profile.tag_count == 1) {
        message_note(w->base.hwnd, IDS_NEED_TYPE);
        return;
    }
    uint32_t tags[PROFILE_MAX_TAGS];
    unsigned n = 0;
    for (unsigned i = 0; i < w->profile.tag_count; i++)
        if (i != at)
            tags[n++] = w->profile.tags[i];
    set_filter(w, tags, n);
}

void command_record(struct main_window *w)
{
    if (!w->shown.record)
        return;
    if (!w->services.machine.elevated) {
        elevate_restart(w);
        return;
    }
    w->saved_to[0] = 0;
    char place[TRACE_PATH_MAX] = "";
    if (stop_rules_any(&w->profile.stop))
        save_own_place(w, place);
    controller_record_to(w->services.controller, &w->profile, place);
}

static void stop(struct main_window *w)
{
    if (w->shown.stop)
        save_stop(w);
}

static void save(struct main_window *w)
{
    if (w->shown.snapshot)
        save_snapshot(w);
    else if (w->shown.saves)
        save_stop(w);
}

static void snapshot(struct main_window *w)
{
    if (w->shown.snapshot)
        save_snapshot(w);
}

static void discard(struct main_window *w)
{
    if (w->shown.discard && questions_discard(w))
        controller_discard(w->services.controller);
}

static void copy(struct main_window *w, bool all)
{
    struct text t = {0};
    list_view_copy(GetFocus() == list_view_window(w->procs) ? w->procs : w->types, all, &t);
    clipboard_put(w->base.hwnd, text_str(&t));
    text_free(&t);
}

static void copy_row(struct main_window *w)
{
    copy(w, false);
}

static void copy_all(struct main_window *w)
{
    copy(w, true);
}

static void reset(struct main_window *w)
{
    watcher_reset_baseline(w->services.watcher);
}

static void toggle_chart(struct main_window *w)
{
    w->chart_wanted = !w->chart_wanted;
    layout_all(w);
}

static void toggle_on_top(struct main_window *w)
{
    w->on_top = !w->on_top;
    SetWindowPos(w->base.hwnd, w->on_top ? HWND_TOPMOST : HWND_NOTOPMOST, 0, 0, 0, 0, SWP_NOMOVE | SWP_NOSIZE);
}

static void open_log(struct main_window *w)
{
    struct err err = {0};
    /* It is not there before something was written. */
    if (!file_make_dir(services_log_dir(&w->services), &err) ||
        !shell_open_folder(services_log_dir(&w->services), &err))
        message_error(w->base.hwnd, IDS_OPEN_FAILED, &err);
}

static void about(struct main_window *w)
{
    w->modal++;
    message_about(w->base.hwnd);
    w->modal--;
}

static void leave(struct main_window *w)
{
    PostMessageW(w->base.hwnd, WM_CLOSE, 0, 0);
}

/* F6: types, processes, the controls above; and back. */
static void next_pane(struct main_window *w, int step)
{
    HWND panes[] = {GetDlgItem(w->base.hwnd, w->shown.profile ? IDC_PROFILE : IDC_EDIT), list_view_window(w->types),
                    list_view_window(w->procs)};
    HWND focus = GetFocus();
    int now = 0;
    for (int i = 1; i < 3; i++)
        if (focus == panes[i])
            now = i;
    HWND to = panes[(now + step + 3) % 3];
    SetFocus(IsWindowEnabled(to) ? to : panes[1]);
}

static void pane_after(struct main_window *w)
{
    next_pane(w, 1);
}

static void pane_before(struct main_window *w)
{
    next_pane(w, -1);
}

static const struct {
    int id;
    void (*run)(struct main_window *w);
} commands[] = {
    {IDC_RECORD, command_record},
    {IDM_RECORD, command_record},
    {IDC_STOP, stop},
    {IDM_STOP, stop},
    {IDM_SAVE, save},
    {IDM_SNAPSHOT, snapshot},
    {IDC_MARK, mark_now},
    {IDM_MARK, mark_now},
    {IDM_OPEN, results_ask},
    {IDM_LEAKS, results_saved},
    {IDC_DISCARD, discard},
    {IDM_DISCARD, discard},
    {IDC_ONLY, only_this_type},
    {IDM_ONLY, only_this_type},
    {IDM_ADD, add_type},
    {IDC_EDIT, profile_menu_edit},
    {IDM_EDIT, profile_menu_edit},
    {IDM_CHANGE, profile_menu_change},
    {IDC_MORE, profile_menu_more},
    {IDM_PROFILE_NEW, profile_menu_new},
    {IDM_PROFILE_SAVE_AS, profile_menu_save_as},
    {IDM_PROFILE_DELETE, profile_menu_delete},
    {IDM_PROFILE_IMPORT, profile_menu_import},
    {IDM_PROFILE_XPERF, profile_menu_xperf},
    {IDM_COPY, copy_row},
    {IDM_COPY_ALL, copy_all},
    {IDM_RESET, reset},
    {IDM_CHART, toggle_chart},
    {IDM_ON_TOP, toggle_on_top},
    {IDM_LOG_FOLDER, open_log},
    {IDM_ABOUT, about},
    {IDM_EXIT, leave},
    {IDM_NEXT_PANE, pane_after},
    {IDM_PREV_PANE, pane_before},
};

/* Esc and Enter arrive as IDCANCEL and IDOK, because no button is the default: Esc is no command, and Enter is one on a
 * type only. */
void command_run(struct main_window *w, int id)
{
    if (id == IDOK && GetFocus() == list_view_window(w->types))
        id = IDM_ONLY;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].id == id)
            commands[i].run(w);
}

void command_menu_state(struct main_window *w, HMENU menu)
{
    const struct view_text *t = &w->shown;
    const struct {
        UINT id;
        bool on;
    } rows[] = {
        {IDM_RECORD, t->record},
        {IDM_STOP, t->stop},
        {IDM_SAVE, t->saves || t->snapshot},
        {IDM_SNAPSHOT, t->snapshot},
        {IDM_MARK, t->mark},
        {IDM_DISCARD, t->discard},
        {IDM_ONLY, t->only},
        {IDM_ADD, t->only},
        {IDM_EDIT, t->profile || t->change},
        {IDM_CHANGE, t->change},
        {IDM_PROFILE_NEW, t->profile},
        {IDM_PROFILE_SAVE_AS, t->profile},
        {IDM_PROFILE_IMPORT, t->profile},
        {IDM_PROFILE_DELETE, t->profile && profiles_own(&w->profiles)},
        {IDM_LEAKS, results_can_show(w)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        EnableMenuItem(menu, rows[i].id, (UINT)(MF_BYCOMMAND | (rows[i].on ? MF_ENABLED : MF_GRAYED)));
    CheckMenuItem(menu, IDM_CHART, (UINT)(MF_BYCOMMAND | (w->chart_wanted ? MF_CHECKED : MF_UNCHECKED)));
    CheckMenuItem(menu, IDM_ON_TOP, (UINT)(MF_BYCOMMAND | (w->on_top ? MF_CHECKED : MF_UNCHECKED)));
}

void command_row_menu(struct main_window *w, int x, int y)
{
    HMENU all = LoadMenuW(w->base.instance, MAKEINTRESOURCEW(IDR_ROW));
    HMENU menu = all ? GetSubMenu(all, 0) : NULL;
    if (menu) {
        command_menu_state(w, menu);
        list_view_hold(w->types, true);
        UINT flags = TPM_RETURNCMD | TPM_RIGHTBUTTON | (GetSystemMetrics(SM_MENUDROPALIGNMENT) ? TPM_RIGHTALIGN : 0);
        int id = TrackPopupMenu(menu, flags, x, y, 0, w->base.hwnd, NULL);
        list_view_hold(w->types, false);
        command_run(w, id);
    }
    if (all)
        DestroyMenu(all);
}

static void show_saved(struct main_window *w, bool in_wpa)
{
    struct err err = {0};
    bool ok = in_wpa ? shell_open_in_wpa(w->view.saved_path, &err) : shell_show_file(w->view.saved_path, &err);
    if (!ok)
        message_error(w->base.hwnd, IDS_OPEN_FAILED, &err);
}

void command_link(struct main_window *w, unsigned control, int link)
{
    if (control == IDC_CANCEL_SAVE) {
        w->closing = false;
        controller_cancel(w->services.controller);
        return;
    }
    if (link < 0 || (unsigned)link >= w->shown.link_count)
        return;
    switch (w->shown.links[link]) {
    case VIEW_LINK_LEAKS:
        results_saved(w);
        break;
    case VIEW_LINK_FOLDER:
    case VIEW_LINK_WPA:
        show_saved(w, w->shown.links[link] == VIEW_LINK_WPA);
        break;
    case VIEW_LINK_ORPHAN_SAVE:
        questions_orphan(w, RECORDER_ORPHAN_SAVE);
        break;
    case VIEW_LINK_ORPHAN_CONTINUE:
        questions_orphan(w, RECORDER_ORPHAN_CONTINUE);
        break;
    case VIEW_LINK_ORPHAN_DISCARD:
        questions_orphan(w, RECORDER_ORPHAN_DISCARD);
        break;
    case VIEW_LINK_DETAILS:
        w->asked = MAIN_ASK_NONE;
        questions_view_changed(w);
        break;
    case VIEW_LINK_COUNT:
        break;
    }
}
