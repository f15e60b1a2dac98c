/* Names, writes, finds and removes raw parts and their notes. */
#include "core/record/parts.h"

#include "core/base/text.h"
#include "core/base/thread.h"
#include "core/record/note_text.h"
#include "core/record/pieces.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_MAX     8192 /* bytes; a longer file is not ours */
#define PART_SUFFIX  ".etl"
#define NOTE_SUFFIX  ".recording"
#define FRESH_SUFFIX ".fresh" /* a note before it is whole */
#define NAME_PREFIX  "HandleRecorder-"
#define STAMP_LENGTH 20 /* yyyy-mm-dd_hh-mm-ss and the dash after it */
#define NAME_TRIES   100

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s);
    size_t m = strlen(suffix);
    return n >= m && strcmp(s + n - m, suffix) == 0;
}

static bool join(const char *dir, const char *name, char out[TRACE_PATH_MAX], struct err *err)
{
    const char *mark = strchr(dir, '\\') ? "\\" : "/";
    size_t n = strlen(dir);
    if (n && (dir[n - 1] == '/' || dir[n - 1] == '\\'))
        mark = "";
    int len = snprintf(out, TRACE_PATH_MAX, "%s%s%s", dir, mark, name);
    if (len < 0 || len >= TRACE_PATH_MAX) {
        err_set(err, ERR_RANGE, "Naming a file in %s", dir);
        return err_remedy(err, "Choose a folder with a shorter name.");
    }
    return true;
}

static bool write_fresh(const char *path, const struct parts_note *note, struct err *err)
{
    struct text t = {0};
    note_print(note, &t);
    struct file *f = NULL;
    bool ok = t.failed ? err_set(err, ERR_NO_MEMORY, "Writing %s", path) : file_open(path, FILE_TO_CREATE, &f, err);
    bool made = ok;
    ok = ok && file_write_at(f, 0, t.s, t.len, err) && file_sync(f, err);
    file_close(f);
    if (made && !ok)
        file_delete(path, NULL);
    text_free(&t);
    return ok;
}

/* Writes beside, then moves over: a note is there whole or not at all. */
static bool write_note(const struct parts_note *note, bool replace, struct err *err)
{
    char path[TRACE_PATH_MAX];
    char fresh[TRACE_PATH_MAX];
    if (!piece_sibling(note->part, NOTE_SUFFIX, path, err) || !piece_sibling(note->part, FRESH_SUFFIX, fresh, err))
        return false;
    file_delete(fresh, NULL); /* of an attempt that failed; that it is not there is the rule */
    if (!write_fresh(fresh, note, err))
        return false;
    if (file_rename(fresh, path, replace, err))
        return true;
    file_delete(fresh, NULL);
    return false;
}

bool parts_begin(const char *dir, struct parts_note *note, struct err *err)
{
    if (!file_make_dir(dir, err))
        return false;
    char stamp[20];
    clock_file_stamp(note->started, stamp);
    struct parts_note n = *note;
    for (int i = 1; i <= NAME_TRIES; i++) {
        char name[96];
        char again[16] = "";
        if (i > 1)
            snprintf(again, sizeof again, "-%d", i);
        snprintf(name, sizeof name, NAME_PREFIX "%s-%" PRIu32 "%s" PART_SUFFIX, stamp, n.pid, again);
        if (!join(dir, name, n.part, err))
            return false;
        if (file_exists(n.part))
            continue;
        struct err e = {0};
        if (write_note(&n, false, &e)) {
            *note = n;
            return true;
        }
        if (e.code != ERR_EXISTS) {
            if (err && err->code == ERR_NONE)
                *err = e;
            return false;
        }
    }
    return err_set(err, ERR_EXISTS, "Choosing a name for the raw part in %s", dir);
}

static bool has_tag(const struct parts_note *note, uint32_t tag)
{
    for (unsigned i = 0; i < note->recorded_count; i++)
        if (note->recorded[i] == tag)
            return true;
    return false;
}

void parts_let_through(struct parts_note *note, const uint32_t *tags, unsigned n)
{
    unsigned more = 0;
    for (unsigned i = 0; i < n; i++)
        more += !has_tag(note, tags[i]);
    /* No room for a tag (nobody filters that often): then it is as if all types had been let through. */
    if (n == 0 || note->recorded_count == 0 || note->recorded_count + more > PARTS_MAX_RECORDED) {
        note->recorded_count = 0;
        return;
    }
    for (unsigned i = 0; i < n; i++)
        if (!has_tag(note, tags[i]))
            note->recorded[note->recorded_count++] = tags[i];
}

bool parts_rewrite(const struct parts_note *note, struct err *err)
{
    return write_note(note, true, err);
}

bool parts_read(const char *part, struct parts_note *out, struct err *err)
{
    char path[TRACE_PATH_MAX];
    char room[NOTE_MAX + 1];
    struct file *f = NULL;
    size_t got = 0;
    if (!piece_sibling(part, NOTE_SUFFIX, path, err) || !file_open(path, FILE_TO_READ, &f, err))
        return false;
    bool ok = file_read_at(f, 0, room, NOTE_MAX, &got, err);
    file_close(f);
    if (!ok)
        return false;
    room[got] = 0;
    struct parts_note n = {0};
    if (got == NOTE_MAX || !note_parse(room, &n))
        return err_set(err, ERR_FORMAT, "Reading the note %s", path);
    text_put(n.part, sizeof n.part, part);
    *out = n;
    return true;
}

static bool delete_if_there(const char *path, struct err *err)
{
    struct err e = {0};
    if (file_delete(path, &e) || e.code == ERR_NOT_FOUND)
        return true;
    if (err && err->code == ERR_NONE)
        *err = e;
    return err_remedy(err, "Close what has the file open, then discard again.");
}

static bool delete_pieces(const char *part, bool main_too, struct err *err)
{
    struct pieces all = {0};
    if (!pieces_find(part, &all, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < all.n; i++) {
        char path[TRACE_PATH_MAX];
        if (all.v[i].kind == PIECE_MAIN && !main_too)
            continue;
        ok = piece_path_of(part, &all.v[i], path, err) && delete_if_there(path, err) && ok;
    }
    pieces_free(&all);
    return ok;
}

static bool drop(const struct parts_note *note, bool main_too, struct err *err)
{
    char path[TRACE_PATH_MAX];
    /* Only what has the name of a copy: a note is a file that others can write, too. */
    if (has_suffix(note->copy, PARTS_COPY_SUFFIX) && !delete_if_there(note->copy, err))
        return false;
    return delete_pieces(note->part, main_too, err) && piece_sibling(note->part, NOTE_SUFFIX, path, err) &&
           delete_if_there(path, err);
}

bool parts_settle(const struct parts_note *note, struct err *err)
{
    return drop(note, false, err);
}

bool parts_drop(const struct parts_note *note, struct err *err)
{
    return drop(note, true, err);
}

/* Names of notes, each with its zero, and the sizes of parts are asked for later: the folder is small. */
static bool collect(void *ctx, const char *name, uint64_t size)
{
    struct text *names = ctx;
    (void)size;
    bool ours = strncmp(name, NAME_PREFIX, strlen(NAME_PREFIX)) == 0;
    if (ours && (has_suffix(name, NOTE_SUFFIX) || has_suffix(name, FRESH_SUFFIX)))
        text_add_n(names, name, strlen(name) + 1);
    return !names->failed;
}

static bool file_is_empty(const char *path)
{
    struct file *f = NULL;
    struct err e = {0};
    if (!file_open(path, FILE_TO_READ, &f, &e))
        return e.code == ERR_NOT_FOUND;
    uint64_t size = 1;
    bool known = file_size(f, &size, NULL);
    file_close(f);
    return known && size == 0;
}

/* What tells of handles: a companion alone tells only who ran. Where it cannot be told, it is not empty. */
static bool part_is_empty(const char *part)
{
    struct pieces all = {0};
    if (!pieces_find(part, &all, NULL))
        return false;
    bool empty = true;
    for (size_t i = 0; empty && i < all.n; i++) {
        char path[TRACE_PATH_MAX];
        enum piece_kind k = all.v[i].kind;
        /* What was merged from parts that are not there any more has been saved. */
        bool tells = k <= PIECE_SNAPSHOT || k == PIECE_SET;
        if (tells && piece_path_of(part, &all.v[i], path, NULL))
            empty = file_is_empty(path);
    }
    pieces_free(&all);
    return empty;
}

/* A note that never became whole: no session was started on it. Its own name says whose it was. */
static void sweep_fresh(const char *dir, const char *name, parts_alive_fn *alive, void *ctx)
{
    char path[TRACE_PATH_MAX];
    size_t stamp = strlen(NAME_PREFIX) + STAMP_LENGTH;
    uint32_t pid = strlen(name) > stamp ? (uint32_t)strtoul(name + stamp, NULL, 10) : 0;
    if (!alive(ctx, pid, 0) && join(dir, name, path, NULL))
        file_delete(path, NULL); /* tried again at the next start */
}

/* One note of the folder. Returns true when it is a recording to offer. */
static bool consider(const char *dir, const char *name, parts_alive_fn *alive, void *ctx, struct parts_note *out)
{
    char part_name[256];
    struct parts_note n = {0};
    size_t stem = strlen(name) - strlen(NOTE_SUFFIX);
    if (stem + sizeof PART_SUFFIX > sizeof part_name)
        return false;
    snprintf(part_name, sizeof part_name, "%.*s" PART_SUFFIX, (int)stem, name);
    if (!join(dir, part_name, n.part, NULL))
        return false;
    char part[TRACE_PATH_MAX];
    text_put(part, sizeof part, n.part);
    struct err e = {0};
    if (!parts_read(part, &n, &e) && e.code != ERR_FORMAT)
        return false;
    /* A damaged note still names its part by its own name. */
    if (e.code == ERR_NONE && alive(ctx, n.pid, n.pid_start))
        return false;
    if (part_is_empty(part)) {
        parts_drop(&n, NULL); /* found again next time if it did not go */
        return false;
    }
    *out = n;
    return true;
}

bool parts_find(const char *dir, parts_alive_fn *alive, void *ctx, bool *found, struct parts_note *out, struct err *err)
{
    struct text names = {0};
    struct err e = {0};
    if (!file_list(dir, collect, &names, &e) || names.failed) {
        text_free(&names);
        *found = false;
        if (e.code == ERR_NOT_FOUND)
            return true;
        if (err && err->code == ERR_NONE)
            *err = e;
        return e.code == ERR_NONE ? err_set(err, ERR_NO_MEMORY, "Listing %s", dir) : false;
    }
    bool any = false;
    struct parts_note oldest = {0};
    for (size_t at = 0; at < names.len; at += strlen(names.s + at) + 1) {
        struct parts_note n = {0};
        if (has_suffix(names.s + at, FRESH_SUFFIX)) {
            sweep_fresh(dir, names.s + at, alive, ctx);
            continue;
        }
        if (!consider(dir, names.s + at, alive, ctx, &n))
            continue;
        if (!any || n.started < oldest.started)
            oldest = n;
        any = true;
    }
    text_free(&names);
    if (any)
        *out = oldest;
    *found = any;
    return true;
}

bool parts_find_ring(const char *dir, struct parts_note *out)
{
    struct text names = {0};
    bool found = false;
    bool listed = file_list(dir, collect, &names, NULL) && !names.failed;
    for (size_t at = 0; listed && at < names.len; at += strlen(names.s + at) + 1) {
        struct parts_note n = {0};
        char path[TRACE_PATH_MAX];
        char part[TRACE_PATH_MAX];
        if (!has_suffix(names.s + at, NOTE_SUFFIX) || !join(dir, names.s + at, path, NULL))
            continue;
        path[strlen(path) - strlen(NOTE_SUFFIX)] = 0;
        int len = snprintf(part, sizeof part, "%s" PART_SUFFIX, path);
        if (len < 0 || (size_t)len >= sizeof part || !parts_read(part, &n, NULL) || n.storage != PROFILE_RING)
            continue;
        if (!found || n.started > out->started)
            *out = n;
        found = true;
    }
    text_free(&names);
    return found;
}
