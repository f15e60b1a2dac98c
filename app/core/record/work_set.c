/* Moves a recording of several files into place as a set: the first gets the name that was asked for, the others that
 * name with .0001 and so on before its ending, in order of time.
 *
 * Which file goes where is written down first, beside the part: whatever interrupts the moving, the next attempt brings
 * back what has gone, and a set is never saved in two halves. */
#include "core/record/work.h"

#include "core/base/text.h"
#include "core/base/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX (4u << 20) /* bytes */

static bool is_member(const struct piece *p)
{
    return p->kind <= PIECE_COMPANION;
}

bool work_set_member(const struct work *w, unsigned i, char out[TRACE_PATH_MAX], struct err *err)
{
    size_t stem = strlen(w->place);
    const char *ending = "";
    for (size_t k = stem; k && w->place[k - 1] != '/' && w->place[k - 1] != '\\'; k--)
        if (w->place[k - 1] == '.') {
            stem = k - 1;
            ending = w->place + stem;
            break;
        }
    char number[16] = "";
    if (i)
        snprintf(number, sizeof number, ".%04u", i);
    int n = snprintf(out, TRACE_PATH_MAX, "%.*s%s%s", (int)stem, w->place, number, ending);
    return (n > 0 && n < TRACE_PATH_MAX) ||
           err_set(err, ERR_RANGE, "Naming the files of the recording after %s", w->place);
}

/* --- bringing back --- */

/* A line: what follows the stem, a tab, where it went. */
static bool bring_back(struct work *w, const char *suffix, const char *to, struct err *err)
{
    char from[TRACE_PATH_MAX];
    if (!piece_sibling(w->note.part, suffix, from, err))
        return false;
    if (file_exists(from) || !file_exists(to))
        return true;
    return file_rename(to, from, false, err);
}

static bool bring_all_back(struct work *w, char *list, struct err *err)
{
    bool ok = true;
    for (char *s = list; ok && *s;) {
        char *line = s;
        s += strcspn(s, "\n");
        if (!*s)
            break; /* cut: then nothing was moved yet */
        *s++ = 0;
        char *tab = strchr(line, '\t');
        if (!tab)
            continue;
        *tab = 0;
        ok = bring_back(w, line, tab + 1, err);
    }
    return ok;
}

bool work_set_gather(struct work *w, struct err *err)
{
    char path[TRACE_PATH_MAX];
    struct file *f = NULL;
    struct err e = {0};
    size_t got = 0;
    if (!piece_path(w->note.part, PIECE_SET, 0, path, err))
        return false;
    if (!file_open(path, FILE_TO_READ, &f, &e)) {
        if (e.code == ERR_NOT_FOUND)
            return true;
        *err = e;
        return false;
    }
    char *list = malloc(LIST_MAX + 1);
    bool ok = list ? file_read_at(f, 0, list, LIST_MAX, &got, err)
                   : err_set(err, ERR_NO_MEMORY, "Bringing back files of the recording");
    file_close(f);
    if (ok && list) {
        list[got] = 0;
        ok = bring_all_back(w, list, err) && file_delete(path, err);
    }
    free(list);
    return ok;
}

/* --- moving --- */

static bool write_list(struct work *w, const struct pieces *all, struct err *err)
{
    char path[TRACE_PATH_MAX];
    char to[TRACE_PATH_MAX];
    struct text t = {0};
    struct file *f = NULL;
    unsigned at = 0;
    bool ok = piece_path(w->note.part, PIECE_SET, 0, path, err);
    for (size_t i = 0; ok && i < all->n; i++) {
        if (!is_member(&all->v[i]))
            continue;
        ok = work_set_member(w, at++, to, err);
        text_addf(&t, "%s\t%s\n", all->v[i].suffix, to);
    }
    ok = ok && !t.failed && t.len <= LIST_MAX;
    bool made = ok && file_open(path, FILE_TO_CREATE, &f, err);
    ok = made && file_write_at(f, 0, t.s, t.len, err) && file_sync(f, err);
    file_close(f);
    if (made && !ok)
        file_delete(path, NULL);
    text_free(&t);
    return ok || err_set(err, ERR_NO_MEMORY, "Writing down where the files of the recording go");
}

/* Copies that were made of a set that did not become whole. */
static void take_copies_away(struct work *w, unsigned count)
{
    char to[TRACE_PATH_MAX];
    for (unsigned i = 0; i < count; i++)
        if (work_set_member(w, i, to, NULL))
            file_delete(to, NULL);
}

static bool move_member(struct work *w, const struct piece *p, unsigned at, bool *copied, struct err *err)
{
    char from[TRACE_PATH_MAX];
    char to[TRACE_PATH_MAX];
    bool replace = at == 0 && w->place_replace;
    return piece_path_of(w->note.part, p, from, err) && work_set_member(w, at, to, err) &&
           work_move_file(w, from, to, replace, copied, err);
}

static bool move_all(struct work *w, const struct pieces *all, struct err *err)
{
    unsigned at = 0;
    bool any_copied = false;
    for (size_t i = 0; i < all->n; i++) {
        bool copied = false;
        if (!is_member(&all->v[i]))
            continue;
        if (!move_member(w, &all->v[i], at, &copied, err)) {
            if (any_copied)
                take_copies_away(w, at);
            else
                work_set_gather(w, err);
            return false;
        }
        any_copied = any_copied || copied;
        at++;
    }
    w->copied = any_copied;
    w->view.files = at;
    return true;
}

bool work_set_move(struct work *w, struct err *err)
{
    struct pieces all = {0};
    bool ok = pieces_find(w->note.part, &all, err) && write_list(w, &all, err) && move_all(w, &all, err);
    pieces_free(&all);
    return ok;
}

/* --- the place, and the proof --- */

bool work_set_place_free(struct work *w, const struct pieces *all, struct err *err)
{
    char to[TRACE_PATH_MAX];
    unsigned at = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (!is_member(&all->v[i]))
            continue;
        if (!work_set_member(w, at, to, err))
            return false;
        if (file_exists(to) && !(at == 0 && w->place_replace))
            return err_set(err, ERR_EXISTS, "Saving to %s", to);
        at++;
    }
    return true;
}

static void add_type(struct readback *sum, const struct readback_type *t)
{
    for (unsigned i = 0; i < sum->type_count; i++)
        if (strcmp(sum->types[i].name, t->name) == 0) {
            sum->types[i].events += t->events;
            return;
        }
    if (sum->type_count < READBACK_TYPES)
        sum->types[sum->type_count++] = *t;
}

static void add_readback(struct readback *sum, const struct readback *r)
{
    sum->events += r->events;
    sum->events_lost += r->events_lost;
    sum->events_lost_known = sum->events_lost_known && r->events_lost_known;
    sum->handle_events += r->handle_events;
    sum->handles_listed += r->handles_listed;
    sum->types_named = sum->types_named || r->types_named;
    for (unsigned i = 0; i < r->type_count; i++)
        add_type(sum, &r->types[i]);
}

bool work_set_verify(struct work *w, struct readback *out, struct err *err)
{
    struct pieces all = {0};
    struct readback *one = calloc(2, sizeof *one);
    if (!one)
        return err_set(err, ERR_NO_MEMORY, "Reading the recording back");
    struct readback *sum = one + 1;
    sum->events_lost_known = true;
    bool ok = pieces_find(w->note.part, &all, err);
    for (size_t i = 0; ok && i < all.n; i++) {
        char path[TRACE_PATH_MAX];
        if (!is_member(&all.v[i]))
            continue;
        memset(one, 0, sizeof *one);
        ok =
            piece_path_of(w->note.part, &all.v[i], path, err) && readback_check(path, w->go_on, w->go_on_ctx, one, err);
        add_readback(sum, one);
    }
    pieces_free(&all);
    if (ok)
        *out = *sum;
    free(one);
    return ok;
}
