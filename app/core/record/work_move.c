/* Moves a proven recording into place. What it replaces or leaves behind is never the only copy. */
#include "core/record/work.h"

#include "core/base/text.h"
#include "core/base/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_BYTES (1u << 20)

/* A scanner or an indexer has a look at a file that was just closed. */
#define BUSY_TRIES   20
#define BUSY_WAIT_MS 100

static bool copy_contents(struct work *w, struct file *in, struct file *out, struct err *err)
{
    uint64_t size = 0;
    if (!file_size(in, &size, err))
        return false;
    char *room = malloc(COPY_BYTES);
    if (!room)
        return err_set(err, ERR_NO_MEMORY, "Copying the recording");
    bool ok = true;
    for (uint64_t pos = 0; ok && pos < size;) {
        size_t got = 0;
        /* The copy is the first half of the step, reading it back the second. */
        if (!w->go_on(w->go_on_ctx, (int)((double)pos / (double)size * 50.0)))
            ok = err_set(err, ERR_CANCELLED, "Copying the recording");
        ok = ok && file_read_at(in, pos, room, COPY_BYTES, &got, err) && file_write_at(out, pos, room, got, err);
        if (ok && got == 0)
            ok = err_set(err, ERR_TRUNCATED, "Copying the recording, which became shorter");
        pos += got;
    }
    free(room);
    return ok && file_sync(out, err);
}

static bool copy_file(struct work *w, const char *from, const char *to, struct err *err)
{
    struct file *in = NULL;
    struct file *out = NULL;
    bool ok = file_open(from, FILE_TO_READ, &in, err) && file_open(to, FILE_TO_CREATE, &out, err) &&
              copy_contents(w, in, out, err);
    file_close(in);
    file_close(out);
    return ok;
}

static bool second_half(void *ctx, int percent)
{
    struct work *w = ctx;
    return w->go_on(w->go_on_ctx, percent < 0 ? percent : 50 + percent / 2);
}

/* The same that was found in the part; a part that was damaged, and is saved all the same, is only the same length. */
static bool prove_copy(struct work *w, const char *copy, struct err *err)
{
    struct readback r = {0};
    if (w->damage_told)
        return true;
    if (!readback_check(copy, second_half, w, &r, err))
        return false;
    /* Of a set only the sum is known. */
    if (w->source[0] && r.events != w->view.events)
        return err_set(err, ERR_MISMATCH, "Reading back the copy %s", copy);
    return true;
}

/* Gives the file the name that was asked for; a file in use is waited for a little. */
static bool give_name(struct work *w, const char *from, const char *to, bool replace, struct err *err)
{
    struct err e = {0};
    bool done = file_rename(from, to, replace, &e);
    for (int i = 0; i < BUSY_TRIES && !done && e.code == ERR_BUSY; i++) {
        if (!w->go_on(w->go_on_ctx, w->view.percent))
            return err_set(err, ERR_CANCELLED, "Moving the recording");
        clock_sleep_ms(BUSY_WAIT_MS);
        e = (struct err){0};
        done = file_rename(from, to, replace, &e);
    }
    /* Reported as failed, and yet done: it can have gone nowhere else. */
    done = done || (!file_exists(from) && file_exists(to));
    if (!done && err->code == ERR_NONE)
        *err = e;
    return done;
}

/* Another volume: a copy under a name of its own, proven, and only then with the name that was asked for. */
static bool move_across(struct work *w, const char *from, const char *to, bool replace, struct err *err)
{
    struct parts_note noted = w->note;
    /* The recording's start time makes it a name that nobody else's file has. */
    int n = snprintf(noted.copy, sizeof noted.copy, "%s.%" PRIx64 PARTS_COPY_SUFFIX, to, w->note.started);
    if (n < 0 || (size_t)n >= sizeof noted.copy)
        return err_set(err, ERR_RANGE, "Copying the recording to %s", to);
    const char *copy = noted.copy;
    /* Of attempts that were cut off; that they are not there is the rule. */
    if (w->note.copy[0])
        file_delete(w->note.copy, NULL);
    file_delete(copy, NULL);
    /* Known before it is there: a crash would leave it lying about otherwise. */
    if (!parts_rewrite(&noted, err))
        return false;
    w->note = noted;
    if (copy_file(w, from, copy, err) && prove_copy(w, copy, err) && give_name(w, copy, to, replace, err))
        return true;
    file_delete(copy, NULL);
    return false;
}

bool work_move_file(struct work *w, const char *from, const char *to, bool replace, bool *copied, struct err *err)
{
    struct err e = {0};
    *copied = false;
    if (give_name(w, from, to, replace, &e))
        return true;
    if (e.code == ERR_UNSUPPORTED) {
        *copied = move_across(w, from, to, replace, err);
        return *copied;
    }
    if (err->code == ERR_NONE)
        *err = e;
    return false;
}

static bool move(struct work *w, struct err *err)
{
    w->view.files = 1;
    return w->source[0] ? work_move_file(w, w->source, w->place, w->place_replace, &w->copied, err)
                        : work_set_move(w, err);
}

enum recorder_input work_move(struct work *w)
{
    struct err e = {0};
    w->copied = false;
    if (!move(w, &e)) {
        if (e.code == ERR_CANCELLED)
            return INPUT_CANCELLED;
        err_remedy(&e, "The recording is kept: save it elsewhere, or try again.");
        /* That it was saved damaged, as is told until now, is not so. */
        if (w->damage_told)
            work_set_error(w, &e);
        else
            work_add_error(w, &e);
        return INPUT_FAILED;
    }
    if (!file_exists(w->place)) {
        err_set(&e, ERR_NOT_FOUND, "Moving the recording to %s", w->place);
        err_remedy(&e, "Look for it there; the raw part is listed at the next start if it was not moved.");
        work_add_error(w, &e);
        return INPUT_FAILED;
    }
    text_put(w->view.saved_path, sizeof w->view.saved_path, w->place);
    return INPUT_OK;
}

enum recorder_input work_settle(struct work *w)
{
    struct err e = {0};
    /* Only a copy leaves a part behind. (Saved under the part's own name, it is the recording.) What cannot be deleted
     * is offered again, or swept away, at the next start. */
    bool is_part = !w->copied && strcmp(w->source, w->note.part) == 0;
    bool ok = is_part ? parts_settle(&w->note, &e) : parts_drop(&w->note, &e);
    if (!ok) {
        e.remedy[0] = 0;
        err_remedy(&e, "The recording is saved; delete the raw file by hand.");
        work_add_error(w, &e);
    }
    memset(&w->note, 0, sizeof w->note);
    return ok ? INPUT_OK : INPUT_FAILED;
}
