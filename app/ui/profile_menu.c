/* What a user does with profiles: New, Edit, and the filter of the running recording. */
#include "ui/main_window.h"

#include "core/base/text.h"
#include "ui/editor.h"
#include "ui/words.h"

#include <string.h>

struct edited {
    struct main_window *w;
    size_t except; /* of the profiles: its own name is free to it; SIZE_MAX: none */
};

static bool name_taken(void *ctx, const char *name)
{
    const struct edited *e = ctx;
    for (size_t i = 0; i < e->w->profiles.count; i++)
        if (i != e->except && text_casecmp(profiles_name(&e->w->profiles, i), name) == 0)
            return true;
    return false;
}

static struct editor_facts facts_of(struct main_window *w, struct edited *e)
{
    struct editor_facts f = {.counts = w->counts,
                             .memory_bytes = w->services.machine.memory_bytes,
                             .drive = w->drive,
                             .name_taken = name_taken,
                             .ctx = e};
    struct sys_backend *sys = &w->services.sys;
    f.disk_known = sys->ops->free_disk(sys->self, services_parts_dir(&w->services), &f.disk_free, NULL);
    return f;
}

static bool run(struct main_window *w, struct editor_wish *wish, struct edited *e)
{
    wish->facts = facts_of(w, e);
    /* Its rows are of these counts, whatever comes while it is open. */
    const struct snapshot *counts = w->counts ? snapshot_retain(w->counts) : NULL;
    w->modal++;
    bool ok = editor_run(w->instance, w->hwnd, wish);
    w->modal--;
    snapshot_release(counts);
    return ok;
}

static bool keep(void *ctx, const struct profile *p, struct err *err)
{
    struct edited *e = ctx;
    (void)err;
    e->w->profile = *p;
    e->w->profile_changed = true;
    return true;
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
    memcpy(p.tags, w->view.tags, sizeof p.tags);
    p.tag_count = w->view.tag_count;
    p.stacks = w->view.stacks;
    struct edited e = {w, w->profiles.picked};
    struct editor_wish wish = {
        .mode = EDITOR_RUNNING, .profile = &p, .page = EDITOR_PAGE_TYPES, .save = change, .ctx = &e};
    wish.file = profiles_file(&w->profiles);
    run(w, &wish, &e);
}

void profile_menu_edit(struct main_window *w)
{
    if (w->shown.change) {
        profile_menu_change(w);
        return;
    }
    if (!w->shown.profile)
        return;
    struct edited e = {w, w->profiles.picked};
    struct editor_wish wish = {
        .mode = EDITOR_OWN, .profile = &w->profile, .page = EDITOR_PAGE_TYPES, .save = keep, .ctx = &e};
    wish.file = profiles_file(&w->profiles);
    if (run(w, &wish, &e)) {
        command_fill_profiles(w);
        show_texts(w);
    }
}
