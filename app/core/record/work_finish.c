/* Makes one file of what lies in several: a ring with its companion, marks with what they stand in, segments when one
 * file is wanted. What lies in one file already is left as it is. */
#include "core/record/work.h"

#include "core/base/text.h"

#include <string.h>

struct watch {
    struct work *w;
    unsigned round, rounds;
};

static bool go_on(void *ctx, uint64_t done, uint64_t total)
{
    const struct watch *x = ctx;
    if (!total)
        return x->w->go_on(x->w->go_on_ctx, -1);
    double part = (double)done / (double)total;
    double all = ((double)x->round + (part > 1.0 ? 1.0 : part)) / (double)x->rounds;
    return x->w->go_on(x->w->go_on_ctx, (int)(all * 100.0));
}

/* Damaged inputs are in the result as far as they can be read, which a person should know. */
static bool merge(struct work *w, const struct merging *m, const char *output, struct watch *x, struct err *err)
{
    struct merge_options o = merging_options(m, output, true, go_on, x);
    struct merge_result r = {0};
    struct err e = {0};
    if (!merge_files(&o, &r, err))
        return false;
    if (!r.warnings)
        return true;
    struct text t = {0};
    merge_warning_text(&o, &r, &t);
    err_set(&e, ERR_TRUNCATED, "Putting the parts together: %s", text_str(&t));
    err_remedy(&e, "What could be read is there.");
    work_add_error(w, &e);
    text_free(&t);
    return true;
}

/* --- one file --- */

/* The main part, the companion's, and snapshots that no job has finished any more. */
static bool merge_ring(struct work *w, struct err *err)
{
    /* The ring as it was written out last; what did not get its name counts only without it. */
    const enum piece_kind kinds[] = {file_exists(w->note.part) ? PIECE_MAIN : PIECE_FLUSH, PIECE_SNAPSHOT,
                                     PIECE_COMPANION};
    struct merging m = {0};
    struct watch x = {w, 0, 1};
    bool ok = piece_path(w->note.part, PIECE_WHOLE, 0, w->source, err);
    for (size_t i = 0; ok && i < sizeof kinds / sizeof kinds[0]; i++)
        ok = merging_add_kind(&m, w->note.part, kinds[i], kinds[i] == PIECE_COMPANION && w->companion_runs, err);
    ok = ok && merging_add_marks(&m, w->note.part, err) && merge(w, &m, w->source, &x, err);
    merging_free(&m);
    return ok;
}

/* One round: what the rounds before made, and as many segments as fit. *at goes on. */
static bool merge_round(struct work *w, const struct pieces *all, size_t *at, struct watch *x, struct err *err)
{
    struct merging m = {0};
    char before[TRACE_PATH_MAX];
    char segment[TRACE_PATH_MAX];
    char next[TRACE_PATH_MAX];
    text_put(before, sizeof before, w->source);
    bool ok = piece_path(w->note.part, PIECE_WHOLE, x->round, next, err) &&
              (!x->round || merging_add(&m, before, false, err));
    for (; ok && *at < all->n && m.input_count < MERGE_FILES_MAX; ++*at)
        if (all->v[*at].kind <= PIECE_SEGMENT)
            ok = piece_path_of(w->note.part, &all->v[*at], segment, err) && merging_add(&m, segment, false, err);
    bool last = *at == all->n || all->v[*at].kind > PIECE_SEGMENT;
    ok = ok && (!last || merging_add_marks(&m, w->note.part, err)) && merge(w, &m, next, x, err);
    merging_free(&m);
    if (!ok)
        return false;
    if (x->round)
        file_delete(before, NULL); /* dropped with the rest if it stays */
    text_put(w->source, sizeof w->source, next);
    x->round++;
    return true;
}

static bool merge_segments(struct work *w, const struct pieces *all, struct err *err)
{
    size_t n = 0;
    while (n < all->n && all->v[n].kind <= PIECE_SEGMENT)
        n++;
    struct watch x = {w, 0, (unsigned)((n + MERGE_FILES_MAX - 3) / (MERGE_FILES_MAX - 1))};
    x.rounds = x.rounds ? x.rounds : 1;
    bool ok = true;
    for (size_t at = 0; ok && at < n;)
        ok = merge_round(w, all, &at, &x, err);
    return ok;
}

/* --- a set --- */

/* A segment that has marks is written anew with them, in its own place. */
static bool mark_segment(struct work *w, const struct piece *p, bool first, struct watch *x, struct err *err)
{
    struct merging m = {0};
    char path[TRACE_PATH_MAX];
    char fresh[TRACE_PATH_MAX];
    /* What was carried is older than the segments that are left, as are the marks of those that are not. */
    bool ok = piece_path_of(w->note.part, p, path, err) && piece_path(w->note.part, PIECE_WHOLE, 0, fresh, err) &&
              merging_add_marks_of(&m, w->note.part, p->number, first, err);
    if (ok && m.mark_count)
        ok = merging_add(&m, path, false, err) && merge(w, &m, fresh, x, err) && file_rename(fresh, path, true, err) &&
             mark_file_add_done(w->note.part, p->number, err);
    merging_free(&m);
    return ok;
}

static bool mark_segments(struct work *w, const struct pieces *all, struct err *err)
{
    bool ok = true;
    bool first = true;
    struct watch x = {w, 0, (unsigned)all->n};
    for (size_t i = 0; ok && i < all->n; i++) {
        x.round = (unsigned)i;
        if (all->v[i].kind != PIECE_MAIN && all->v[i].kind != PIECE_SEGMENT)
            continue;
        ok = mark_segment(w, &all->v[i], first, &x, err);
        first = false;
    }
    return ok;
}

/* --- which --- */

static bool any_marks(const struct work *w, struct err *err, bool *any)
{
    struct mark_list l = {0};
    if (!mark_file_read(w->note.part, &l, err))
        return false;
    *any = l.marks > 0;
    mark_list_free(&l);
    return true;
}

static bool is_one_file(const struct pieces *all)
{
    return pieces_first(all, PIECE_MAIN) && !pieces_first(all, PIECE_SEGMENT) && !pieces_first(all, PIECE_CARRIED);
}

/* As they are, after a merge that failed and was told. */
static void as_it_is(struct work *w, const struct pieces *all)
{
    bool parts =
        pieces_first(all, PIECE_COMPANION) || pieces_first(all, PIECE_SNAPSHOT) || pieces_first(all, PIECE_FLUSH);
    if (is_one_file(all) && !parts)
        text_put(w->source, sizeof w->source, w->note.part);
}

static bool make(struct work *w, const struct pieces *all, struct err *err)
{
    bool marks = false;
    bool ring =
        pieces_first(all, PIECE_COMPANION) || pieces_first(all, PIECE_SNAPSHOT) || pieces_first(all, PIECE_FLUSH);
    w->source[0] = 0;
    if (!any_marks(w, err, &marks))
        return false;
    if (w->merge_told) {
        as_it_is(w, all);
        return true;
    }
    if (ring || (is_one_file(all) && marks))
        return merge_ring(w, err);
    if (is_one_file(all)) {
        text_put(w->source, sizeof w->source, w->note.part);
        return true;
    }
    if (w->place_merged)
        return merge_segments(w, all, err);
    return !marks || mark_segments(w, all, err);
}

enum recorder_input work_merge(struct work *w)
{
    struct err e = {0};
    struct pieces all = {0};
    bool ok = work_set_gather(w, &e) && pieces_find(w->note.part, &all, &e) && make(w, &all, &e);
    pieces_free(&all);
    if (ok)
        return INPUT_OK;
    w->source[0] = 0;
    if (e.code == ERR_CANCELLED)
        return INPUT_CANCELLED;
    e.remedy[0] = 0;
    err_remedy(&e, w->merge_told ? "The recording is kept: try again." : "Save again to keep its parts as they are.");
    work_add_error(w, &e);
    w->merge_told = true;
    return INPUT_FAILED;
}
