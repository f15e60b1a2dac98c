/* What a user does with profiles: makes, edits, saves, deletes and imports them; and the filter of the running
 * recording. */
#include "ui/main_window.h"

#include "core/base/text.h"
#include "core/profile/xperf.h"
#include "ui/clipboard.h"
#include "ui/editor.h"
#include "ui/file_dialog.h"
#include "ui/message.h"
#include "ui/words.h"

#include <stdlib.h>
#include <string.h>

struct edited {
    struct main_window *w;
    const char *path; /* the file that is edited: its own name is free to it; NULL: none */
    char saved[PROFILE_STORE_PATH];
};

static bool name_taken(void *ctx, const char *name)
{
    const struct edited *e = ctx;
    const struct profiles *p = &e->w->profiles;
    for (size_t i = 0; i < p->count; i++)
        if (!(e->path && i == p->picked) && text_casecmp(profiles_name(p, i), name) == 0)
            return true;
    return false;
}

static bool run(struct main_window *w, struct editor_wish *wish, struct edited *e)
{
    struct sys_backend *sys = &w->services.sys;
    struct editor_facts *f = &wish->facts;
    *f = (struct editor_facts){.counts = w->counts,
                               .memory_bytes = w->services.machine.memory_bytes,
                               .drive = w->drive,
                               .rates = w->rates.seconds > 0 ? &w->rates : NULL,
                               .name_taken = name_taken,
                               .ctx = e};
    f->disk_known = sys->ops->free_disk(sys->self, services_parts_dir(&w->services), &f->disk_free, NULL);
    /* Its rows are of these counts, whatever comes while it is open. */
    const struct snapshot *counts = w->counts ? snapshot_retain(w->counts) : NULL;
    w->modal++;
    bool ok = editor_run(w->base.instance, w->base.hwnd, wish);
    w->modal--;
    snapshot_release(counts);
    return ok;
}

/* The list as it is on the disk now, with the profile of that file picked. */
static void pick_file(struct main_window *w, const char *path)
{
    struct err err = {0};
    if (!profiles_reload(&w->profiles, path, &err)) {
        message_error(w->base.hwnd, IDS_PROFILE_PROBLEM, &err);
        return;
    }
    profiles_pick(&w->profiles, w->profiles.picked, &w->profile);
    w->profile_changed = false;
    command_fill_profiles(w);
    show_texts(w);
}

static bool save_new(void *ctx, const struct profile *p, struct err *err)
{
    struct edited *e = ctx;
    return profile_store_save_new(p, e->saved, err);
}

static bool save_over(void *ctx, const struct profile *p, struct err *err)
{
    struct edited *e = ctx;
    return profile_store_save(e->path, p, err) && text_put(e->saved, sizeof e->saved, e->path);
}

static bool change(void *ctx, const struct profile *p, struct err *err)
{
    struct edited *e = ctx;
    (void)err;
    /* The recording may have ended while the editor was open. */
    if (e->w->view.state == RECORDER_RECORDING)
        controller_change(e->w->services.controller, p->tags, p->tag_count, p->stacks);
    return true;
}

void profile_menu_change(struct main_window *w)
{
    if (!w->shown.change)
        return;
    struct profile p = w->profile;
    view_running_profile(&w->view, &p);
    struct edited e = {.w = w};
    struct editor_wish wish = {.mode = EDITOR_RUNNING,
                               .profile = &p,
                               .file = profiles_file(&w->profiles),
                               .page = EDITOR_PAGE_TYPES,
                               .save = change,
                               .ctx = &e};
    run(w, &wish, &e);
}

static void edit_as(struct main_window *w, enum editor_mode mode, const struct profile *p, const char *path)
{
    struct edited e = {.w = w, .path = mode == EDITOR_OWN ? path : NULL};
    struct editor_wish wish = {.mode = mode,
                               .profile = p,
                               .unsaved = mode != EDITOR_NEW && w->profile_changed,
                               .file = path,
                               .page = mode == EDITOR_NEW ? EDITOR_PAGE_GENERAL : EDITOR_PAGE_TYPES,
                               .save = mode == EDITOR_OWN ? save_over : save_new,
                               .ctx = &e};
    if (run(w, &wish, &e))
        pick_file(w, e.saved);
}

void profile_menu_new(struct main_window *w)
{
    struct profile p;
    if (!w->shown.profile)
        return;
    profile_default(&p);
    p.name[0] = 0;
    p.description[0] = 0;
    edit_as(w, EDITOR_NEW, &p, NULL);
}

void profile_menu_edit(struct main_window *w)
{
    if (w->shown.change) {
        profile_menu_change(w);
        return;
    }
    if (!w->shown.profile)
        return;
    const char *file = profiles_file(&w->profiles);
    bool ships = !file || profiles_picked(&w->profiles)->shipped;
    struct profile p = w->profile;
    char path[PROFILE_STORE_PATH];
    text_put(path, sizeof path, file ? file : "");
    edit_as(w, p.foreign ? EDITOR_FOREIGN : ships ? EDITOR_SHIPPED : EDITOR_OWN, &p, file ? path : NULL);
}

static const struct file_dialog_type wprp_type = {IDS_PROFILE_FILES, L"*.wprp", L"wprp"};

/* The profile is named after its file, as it is in a list beside others. */
static void name_after(struct profile *p, const char *path)
{
    const char *name = strrchr(path, '\\');
    name = name ? name + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t n = dot ? (size_t)(dot - name) : strlen(name);
    if (n && n < sizeof p->name) {
        memcpy(p->name, name, n);
        p->name[n] = 0;
    }
}

void profile_menu_save_as(struct main_window *w)
{
    if (!w->shown.profile)
        return;
    struct profile p = w->profile;
    char proposed[PROFILE_NAME_MAX + 8];
    char path[PROFILE_STORE_PATH];
    struct err err = {0};
    profile_store_file_name(p.name, proposed);
    WCHAR *name = utf16_from_utf8(proposed);
    struct file_dialog d = {.title = IDS_PROFILE_SAVE_AS, .types = {wprp_type}, .type_count = 1, .name = name};
    w->modal++;
    bool chosen = file_dialog_save(w->base.hwnd, &d, path, sizeof path);
    w->modal--;
    free(name);
    if (!chosen)
        return;
    name_after(&p, path);
    if (profile_store_save(path, &p, &err))
        pick_file(w, path);
    else
        message_error(w->base.hwnd, IDS_ED_SAVE_FAILED, &err);
}

void profile_menu_import(struct main_window *w)
{
    if (!w->shown.profile)
        return;
    char *files[FILE_DIALOG_FILES];
    unsigned n = 0;
    struct file_dialog d = {.title = IDS_PROFILE_IMPORT, .types = {wprp_type}, .type_count = 1};
    char path[PROFILE_STORE_PATH] = "";
    w->modal++;
    file_dialog_open(w->base.hwnd, &d, files, &n);
    for (unsigned i = 0; i < n; i++) {
        struct profile p;
        struct err err = {0};
        if (!profile_store_import(files[i], &p, path, &err))
            message_error(w->base.hwnd, IDS_PROFILE_PROBLEM, &err);
        free(files[i]);
    }
    w->modal--;
    if (path[0])
        pick_file(w, path);
}

void profile_menu_delete(struct main_window *w)
{
    if (!w->shown.profile || !profiles_own(&w->profiles))
        return;
    char path[PROFILE_STORE_PATH];
    struct err err = {0};
    text_put(path, sizeof path, profiles_file(&w->profiles));
    struct message m = {.title = IDS_PROFILE_DELETE_TITLE,
                        .title_arg = profiles_picked(&w->profiles)->name,
                        .content = words_utf8(IDS_DISCARD_TEXT),
                        .icon = TD_WARNING_ICON,
                        .buttons = {{IDYES, IDS_PROFILE_DELETE_YES}, {IDCANCEL, IDS_DISCARD_NO}},
                        .count = 2,
                        .preferred = IDCANCEL};
    w->modal++;
    int answer = message_ask(w->base.hwnd, &m);
    w->modal--;
    if (answer != IDYES || !w->shown.profile)
        return;
    if (profile_store_delete(path, &err))
        pick_file(w, NULL);
    else
        message_error(w->base.hwnd, IDS_PROFILE_DELETE_FAILED, &err);
}

/* What the line cannot say is told, as the recording made with it will differ in that. */
void profile_menu_xperf(struct main_window *w)
{
    struct text line = {0};
    struct text notes = {0};
    struct err err = {0};
    profile_xperf_line(&w->profile, w->services.machine.memory_bytes, &line);
    profile_xperf_notes(&w->profile, &notes);
    struct message m = {.title = IDS_PROFILE_XPERF_TITLE, .content = text_str(&notes), .icon = TD_INFORMATION_ICON};
    bool copied = clipboard_put(w->base.hwnd, text_str(&line));
    w->modal++;
    if (!copied) {
        err_set(&err, ERR_BUSY, "Another program holds the clipboard");
        message_error(w->base.hwnd, IDS_PROFILE_XPERF_FAILED, &err);
    } else if (notes.len) {
        message_ask(w->base.hwnd, &m);
    }
    w->modal--;
    text_free(&line);
    text_free(&notes);
}

/* The menu in `menu`, or below it, that has the command. */
static HMENU menu_with(HMENU menu, UINT command)
{
    int n = GetMenuItemCount(menu);
    HMENU found = NULL;
    for (int i = 0; i < n && !found; i++) {
        HMENU below = GetSubMenu(menu, i);
        if (below)
            found = menu_with(below, command);
        else if (GetMenuItemID(menu, i) == command)
            found = menu;
    }
    return found;
}

/* The submenu Profile of the menu bar, below the button. */
void profile_menu_more(struct main_window *w)
{
    TPMPARAMS clear = {.cbSize = sizeof clear};
    HMENU menu = menu_with(GetMenu(w->base.hwnd), IDM_PROFILE_NEW);
    if (!menu || !GetWindowRect(GetDlgItem(w->base.hwnd, IDC_MORE), &clear.rcExclude))
        return;
    bool right = GetSystemMetrics(SM_MENUDROPALIGNMENT) != 0;
    UINT flags = TPM_RETURNCMD | TPM_LEFTBUTTON | TPM_VERTICAL | (right ? TPM_RIGHTALIGN : 0u);
    int x = right ? clear.rcExclude.right : clear.rcExclude.left;
    command_menu_state(w, menu);
    command_run(w, TrackPopupMenuEx(menu, flags, x, clear.rcExclude.bottom, w->base.hwnd, &clear));
}
