/* Lists the readable profiles; there is always one to pick. */
#include "ui/profiles.h"

#include "core/base/text.h"
#include "win/xml_win.h"

#include <stdlib.h>
#include <string.h>

static const struct profile_entry *entry(const struct profiles *p, size_t which)
{
    return p->extra && which == p->count - 1 ? p->extra : &p->found[p->shown[which]];
}

static bool list_readable(struct profiles *p, struct err *err)
{
    size_t n = 0;
    if (!profile_store_list(&p->found, &n, err))
        return false;
    p->shown = calloc(n + 1, sizeof *p->shown);
    if (!p->shown)
        return err_set(err, ERR_NO_MEMORY, "Listing the profiles");
    for (size_t i = 0; i < n; i++)
        if (p->found[i].readable)
            p->shown[p->count++] = i;
    return true;
}

static bool add_extra(struct profiles *p, struct err *err)
{
    p->extra = calloc(1, sizeof *p->extra);
    if (!p->extra)
        return err_set(err, ERR_NO_MEMORY, "Listing the profiles");
    p->picked = p->count++;
    return true;
}

static bool add_built_in(struct profiles *p, struct err *err)
{
    if (!add_extra(p, err))
        return false;
    profile_default(&p->extra->profile);
    text_put(p->extra->name, sizeof p->extra->name, p->extra->profile.name);
    return true;
}

static bool pick_file(struct profiles *p, const char *file, struct err *err)
{
    for (size_t i = 0; i < p->count; i++) {
        if (text_casecmp(entry(p, i)->path, file) == 0) {
            p->picked = i;
            return true;
        }
    }
    struct profile profile;
    if (!wprp_load(file, &profile, err) || !add_extra(p, err))
        return false;
    p->extra->profile = profile;
    text_put(p->extra->path, sizeof p->extra->path, file);
    text_put(p->extra->name, sizeof p->extra->name, profile.name);
    return true;
}

static bool same_recording(const struct profile *a, const struct profile *b)
{
    return a->stacks == b->stacks && a->tag_count == b->tag_count &&
           memcmp(a->tags, b->tags, a->tag_count * sizeof a->tags[0]) == 0;
}

bool profiles_load(struct profiles *p, const struct options *o, struct profile *out, bool *changed, struct err *err)
{
    if (!list_readable(p, err))
        return false;
    if (o->profile[0] && !pick_file(p, o->profile, err))
        return false;
    if (!p->count && !add_built_in(p, err))
        return false;
    const struct profile *picked = &entry(p, p->picked)->profile;
    struct profile profile = *picked;
    if (o->has_filter) {
        memcpy(profile.tags, o->tags, sizeof profile.tags);
        profile.tag_count = o->tag_count;
    }
    if (o->has_stacks)
        profile.stacks = o->stacks;
    *changed = !same_recording(&profile, picked);
    *out = profile;
    return true;
}

void profiles_free(struct profiles *p)
{
    profile_store_free(p->found);
    free(p->extra);
    free(p->shown);
    memset(p, 0, sizeof *p);
}

const char *profiles_name(const struct profiles *p, size_t which)
{
    return entry(p, which)->name;
}

static size_t find_path(const struct profiles *p, const char *path)
{
    size_t i = 0;
    while (i < p->count && text_casecmp(entry(p, i)->path, path) != 0)
        i++;
    return i;
}

/* The one from the command line is listed still, unless it was saved where the others are. */
static void keep_extra(struct profiles *p, struct profile_entry *extra)
{
    struct profile_entry again = *extra;
    struct err err = {0};
    bool listed = extra->path[0] ? find_path(p, extra->path) < p->count : p->count > 0;
    bool gone = extra->path[0] && !wprp_load(extra->path, &again.profile, &err);
    if (listed || gone) {
        free(extra);
        return;
    }
    text_put(again.name, sizeof again.name, again.profile.name);
    *extra = again;
    p->extra = extra;
    p->count++;
}

bool profiles_reload(struct profiles *p, const char *path, struct err *err)
{
    char before[PROFILE_STORE_PATH];
    struct profiles now = {0};
    text_put(before, sizeof before, profiles_picked(p)->path);
    if (!list_readable(&now, err)) {
        profiles_free(&now);
        return false;
    }
    if (p->extra)
        keep_extra(&now, p->extra);
    p->extra = NULL;
    if (!now.count && !add_built_in(&now, err)) {
        profiles_free(&now);
        return false;
    }
    now.picked = find_path(&now, path ? path : before);
    if (now.picked == now.count)
        now.picked = find_path(&now, before);
    if (now.picked == now.count)
        now.picked = 0;
    profiles_free(p);
    *p = now;
    return true;
}

const struct profile_entry *profiles_picked(const struct profiles *p)
{
    return entry(p, p->picked);
}

bool profiles_own(const struct profiles *p)
{
    const struct profile_entry *e = profiles_picked(p);
    return e != p->extra && !e->shipped;
}

void profiles_pick(struct profiles *p, size_t which, struct profile *out)
{
    p->picked = which;
    *out = entry(p, which)->profile;
}

const char *profiles_file(const struct profiles *p)
{
    const char *path = entry(p, p->picked)->path;
    return path[0] ? path : NULL;
}
