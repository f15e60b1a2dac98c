/* Takes one profile out of a .wprp file: among its variants the one that Comments asks for, else to file and verbose.
 */
#include "core/base/text.h"
#include "core/profile/comments.h"
#include "core/profile/wprp_exam.h"
#include "core/profile/wprp_tree.h"
#include "core/profile/wprp_write.h"

#include <string.h>

static bool has_word(const struct wprp *w, size_t node, const char *attr, const char *word)
{
    return strcmp(wprp_find_attr(w, node, attr)->value, word) == 0;
}

static unsigned rank(const struct wprp *w, size_t profile, const char *mode)
{
    return (has_word(w, profile, "LoggingMode", mode) ? 2u : 0u) +
           (has_word(w, profile, "DetailLevel", "Verbose") ? 1u : 0u);
}

static bool is_profile(const struct wprp *w, size_t node)
{
    return strcmp(w->nodes[node].name, "Profile") == 0;
}

/* The best ranked profile that records handles. Profiles that cannot be read count only when no other can. */
static bool pick(struct wprp *w, const char *mode, size_t *out, struct wprp_reading *reading, struct err *err)
{
    struct err first = {.code = ERR_NONE};
    bool any = false;
    for (unsigned wanted = 4; wanted-- > 0;)
        for (size_t i = 0; i < w->id_count; i++) {
            size_t node = w->ids[i];
            if (!is_profile(w, node) || rank(w, node, mode) != wanted)
                continue;
            any = true;
            if (wprp_read_profile(w, node, reading, &first) && reading->flags.handle) {
                w->failed = false;
                *out = node;
                return true;
            }
        }
    w->failed = true;
    if (first.code != ERR_NONE) {
        if (err && err->code == ERR_NONE)
            *err = first;
        return false;
    }
    return wprp_refuse(w, w->nodes[0].at, err,
                       any ? "no profile in it records handles (keyword Handle)" : "it holds no <Profile>");
}

static void note_left_out(const struct wprp *w, size_t taken, const struct wprp_reading *r, const struct comments *c,
                          struct wprp_left_out *left)
{
    const char *name = wprp_find_attr(w, taken, "Name")->value;
    for (size_t i = 0; i < w->id_count; i++)
        if (is_profile(w, w->ids[i]) && !has_word(w, w->ids[i], "Name", name))
            wprp_leave_out(left, w->nodes[w->ids[i]].at, "profile", wprp_find_attr(w, w->ids[i], "Name")->value);
    for (unsigned i = 0; i < r->flags.other_count; i++)
        wprp_leave_out(left, r->flags.others[i].at, r->flags.others[i].kind, r->flags.others[i].name);
    if (r->realtime)
        wprp_leave_out(left, w->nodes[taken].at, "Realtime", NULL);
    if (c->unknown[0])
        wprp_leave_out(left, wprp_find_attr(w, 0, "Comments")->at, "Comments", c->unknown);
}

static bool take_comments(struct wprp *w, struct comments *c, struct err *err)
{
    const struct wprp_attr *a = wprp_find_attr(w, 0, "Comments");
    char why[160];
    if (!a || comments_parse(a->value, c, why, sizeof why))
        return true;
    return wprp_refuse(w, a->at, err, "%s", why);
}

/* What the schema's own elements say, where it stands in Comments otherwise. */
static void take_size(const struct wprp_reading *r, const struct comments *c, struct wprp_place at, struct profile *p,
                      struct wprp_left_out *left)
{
    if (c->said.max_file_mb)
        return;
    p->max_file_mb = r->max_file_mb;
    if (p->storage != PROFILE_CIRCULAR || !r->max_file_mb || r->max_file_mb >= PROFILE_CIRCULAR_MB_MIN)
        return;
    p->max_file_mb = PROFILE_CIRCULAR_MB_MIN;
    wprp_leave_out(left, at, "MaximumFileSize", "below 64 MB");
}

static bool take_texts(struct wprp *w, size_t node, const struct comments *c, struct wprp_left_out *left,
                       struct profile *p, struct err *err)
{
    const struct wprp_attr *name = wprp_find_attr(w, node, "Name");
    if (!text_put(p->name, sizeof p->name, c->said.name[0] ? c->said.name : name->value))
        return wprp_refuse(w, name->at, err, "the profile's name is longer than %d bytes", PROFILE_NAME_MAX - 1);
    struct text description = {0};
    text_add(&description, wprp_find_attr(w, node, "Description")->value);
    if (!description.failed && c->ours)
        wprp_strip_note(description.s);
    if (!text_put(p->description, sizeof p->description, text_str(&description)))
        wprp_leave_out(left, w->nodes[node].at, "Description", "beyond its limit");
    text_free(&description);
    if (!text_put(p->comments, sizeof p->comments, text_str(&c->other)))
        wprp_leave_out(left, w->nodes[0].at, "Comments", "beyond their limit");
    return true;
}

static bool fill(struct wprp *w, const struct comments *c, struct wprp_left_out *left, struct profile *p,
                 struct err *err)
{
    bool ring = c->has_storage && c->said.storage == PROFILE_RING;
    size_t node = 0;
    struct wprp_reading r;
    if (!pick(w, ring ? "Memory" : "File", &node, &r, err))
        return false;
    note_left_out(w, node, &r, c, left);
    *p = c->said;
    if (!take_texts(w, node, c, left, p, err))
        return false;
    p->stacks = r.flags.stacks;
    p->buffer_kb = r.buffer_kb;
    p->buffers = r.buffers;
    p->memory_percent = r.memory_percent;
    p->stack_cache = r.stack_cache;
    p->stack_cache_kb = r.cache_kb;
    p->stack_cache_buckets = r.cache_buckets;
    if (has_word(w, node, "LoggingMode", "Memory"))
        p->storage = PROFILE_RING;
    else if (c->has_storage ? c->said.storage == PROFILE_CIRCULAR : r.circular)
        p->storage = PROFILE_CIRCULAR;
    else
        p->storage = PROFILE_FILE;
    take_size(&r, c, w->nodes[node].at, p, left);
    wprp_print_left_out(left, p->left_out, sizeof p->left_out);
    p->foreign = left->count > 0;
    struct err why = {.code = ERR_NONE};
    if (profile_check(p, &why))
        return true;
    return wprp_refuse(w, w->nodes[node].at, err, "%s", why.doing);
}

bool wprp_finish_examined(struct wprp *w, struct profile *out, struct wprp_exam *exam, struct err *err)
{
    struct wprp_place end = {.line = 1, .column = 1};
    if (w->failed)
        return err_set(err, ERR_STATE, "Reading the profile %s after it was refused", w->file);
    if (!w->node_count)
        return wprp_refuse(w, end, err, "the file holds no element");
    if (w->current != WPRP_NO_NODE)
        return wprp_refuse(w, w->nodes[w->current].at, err, "<%s> does not end",
                           wprp_word(w->nodes[w->current].name).s);
    struct wprp_left_out left = {.exam = exam};
    if (!wprp_check_schema(w, &left, err))
        return false;
    struct comments c = {.ours = false};
    struct profile p = {.storage = PROFILE_FILE};
    bool ok = take_comments(w, &c, err) && fill(w, &c, &left, &p, err);
    text_free(&c.other);
    if (ok)
        *out = p;
    return ok;
}

bool wprp_finish(struct wprp *w, struct profile *out, struct err *err)
{
    return wprp_finish_examined(w, out, NULL, err);
}
