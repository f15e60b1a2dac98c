/* The actions on what is on disk: whose session and parts are there, proving a part, moving it into place, dropping
 * it. */
#include "core/record/work.h"

#include "core/base/text.h"
#include "core/record/expected.h"

#include <stdlib.h>
#include <string.h>

#define JOBS_LOOK_MS 20

static enum recorder_input fail(struct work *w, const struct err *e)
{
    work_add_error(w, e);
    return INPUT_FAILED;
}

/* The companion that belongs to a ring; it knows where the note lies, which a ring does not. */
static void adopt_companion(struct work *w, char path[TRACE_PATH_MAX])
{
    struct trace_status status = {0};
    path[0] = 0;
    w->companion_runs =
        w->trace.ops->adopt(w->trace.self, plan_companion_name, &plan_companion_guid, &w->companion, &status, NULL);
    if (!w->companion_runs)
        return;
    text_put(path, TRACE_PATH_MAX, status.path);
    w->view.ring.companion_status = status;
    w->view.ring.companion_known = true;
}

/* The owner's own folder may be another one than ours: the note lies beside the part, wherever that is. */
static void note_of_session(struct work *w, const struct trace_status *status)
{
    struct parts_note n = {0};
    char path[TRACE_PATH_MAX];
    char part[TRACE_PATH_MAX] = "";
    bool ring = (status->mode & TRACE_MODE_RING) != 0;
    bool found = false;
    adopt_companion(w, path);
    if (!ring)
        text_put(path, sizeof path, status->path);
    if (path[0]) {
        piece_part_of(path, part);
        found = parts_read(part, &n, NULL);
    }
    if (!found && ring)
        found = parts_find_ring(w->parts_dir, &n);
    if (!found) {
        n = (struct parts_note){.guid = w->session.guid, .storage = ring ? PROFILE_RING : PROFILE_FILE};
        text_put(n.part, sizeof n.part, ring ? part : path);
        text_put(n.session, sizeof n.session, w->session.name);
    }
    n.companion = n.companion || ring;
    w->note = n;
    work_restore_plan(w);
}

static void find_listing(struct work *w, const char *name)
{
    memset(&w->view.other, 0, sizeof w->view.other);
    text_put(w->view.other.session.name, sizeof w->view.other.session.name, name);
    struct trace_listing *all = calloc(TRACE_LIST_MAX, sizeof *all);
    size_t count = 0;
    /* More than the name is a courtesy: without it the name alone is shown. */
    if (all && w->trace.ops->list(w->trace.self, all, TRACE_LIST_MAX, &count, NULL))
        for (size_t i = 0; i < count && i < TRACE_LIST_MAX; i++)
            if (text_casecmp(all[i].session.name, name) == 0)
                w->view.other = all[i];
    free(all);
}

enum recorder_input work_identify(struct work *w)
{
    struct err e = {0};
    struct trace_session session = {0};
    struct trace_status status = {0};
    w->view.other_pid = 0;
    w->view.other_started = 0;
    w->view.other_process[0] = 0;
    if (!w->trace.ops->adopt(w->trace.self, plan_session_name, &plan_session_guid, &session, &status, &e)) {
        if (e.code == ERR_NOT_FOUND) {
            /* Its companion may have been left, between the end of the one and the other. */
            work_end_stray_companion(w);
            return INPUT_NOTHING;
        }
        if (e.code != ERR_EXISTS)
            return fail(w, &e);
        find_listing(w, plan_session_name);
        err_remedy(&w->view.error, "Another program uses the session's name: end it there, then try again.");
        return INPUT_FOREIGN;
    }
    w->session = session;
    w->view.status = status;
    w->view.status_known = true;
    w->view.other = (struct trace_listing){.session = session, .status = status, .system_logger = true};
    note_of_session(w, &status);
    w->view.other_pid = w->note.pid;
    w->view.other_started = w->note.started;
    bool alive = work_alive(w, w->note.pid, w->note.pid_start, w->view.other_process, &e);
    if (e.code != ERR_NONE)
        return fail(w, &e);
    err_remedy(&w->view.error, alive ? "Another Handle Recorder is recording: stop it there first."
                                     : "A recording was left running: save, continue or discard it first.");
    return alive ? INPUT_OTHERS_ALIVE : INPUT_OURS;
}

struct liveness {
    struct work *w;
    struct err err; /* the first time that it could not be told */
};

static bool owner_alive(void *ctx, uint32_t pid, uint64_t start)
{
    struct liveness *l = ctx;
    struct err e = {0};
    bool alive = work_alive(l->w, pid, start, NULL, &e);
    if (e.code == ERR_NONE)
        return alive;
    if (l->err.code == ERR_NONE)
        l->err = e;
    return true; /* not known: leave it alone */
}

static enum recorder_input do_find(struct work *w)
{
    struct liveness l = {.w = w};
    struct err e = {0};
    bool found = false;
    struct parts_note n = {0};
    if (!parts_find(w->parts_dir, owner_alive, &l, &found, &n, &e))
        return fail(w, &e);
    if (!found)
        return l.err.code == ERR_NONE ? INPUT_NOTHING : fail(w, &l.err);
    w->note = n;
    w->damage_told = false;
    w->merge_told = false;
    w->companion_runs = false;
    w->view.storage = n.storage;
    w->view.started_filetime = n.started;
    w->view.recording_ns = 0;
    w->view.status_known = false;
    return INPUT_LEFTOVER;
}

static enum recorder_input do_look(struct work *w)
{
    enum recorder_input result = work_identify(w);
    if (result == INPUT_FAILED && w->view.error.code == ERR_ACCESS) {
        /* Without rights nothing can be recorded or taken up, which Record will say; counting goes on. Whether parts
         * are still being written cannot be told, so they are not touched. */
        w->view.error = (struct err){0};
        return INPUT_NOTHING;
    }
    return result == INPUT_NOTHING ? do_find(w) : result;
}

static enum recorder_input do_drop(struct work *w)
{
    struct err e = {0};
    jobs_cancel(w->jobs);
    while (!jobs_wait(w->jobs, JOBS_LOOK_MS))
        continue;
    if (w->note.part[0] && (!work_set_gather(w, &e) || !parts_drop(&w->note, &e)))
        return fail(w, &e);
    memset(&w->note, 0, sizeof w->note);
    return INPUT_OK;
}

/* Something that tells of handles. */
static bool has_parts(struct work *w, const struct pieces *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].kind <= PIECE_SNAPSHOT)
            return true;
    return w->note.part[0] && file_exists(w->note.part);
}

/* A snapshot that is being made still reads the parts, and carrying forward deletes some. */
static bool wait_for_jobs(struct work *w)
{
    while (!jobs_wait(w->jobs, JOBS_LOOK_MS))
        if (!w->go_on(w->go_on_ctx, -1))
            return false;
    return true;
}

static bool place_free(struct work *w, const struct pieces *all, struct err *err)
{
    bool many = all->n > 1;
    if (many && piece_named_like(w->note.part, w->place)) {
        err_set(err, ERR_EXISTS, "Saving under the name of the raw parts, %s", w->place);
        err_remedy(err, "Choose another name. The recording is kept.");
        return false;
    }
    bool set = !w->place_merged && (pieces_first(all, PIECE_SEGMENT) || pieces_first(all, PIECE_CARRIED));
    bool taken = !set && !w->place_replace && file_exists(w->place);
    if (taken)
        err_set(err, ERR_EXISTS, "Saving to %s", w->place);
    if (taken || (set && !work_set_place_free(w, all, err))) {
        err_remedy(err, "Choose another name. The recording is kept.");
        return false;
    }
    return true;
}

static enum recorder_input do_place(struct work *w)
{
    struct err e = {0};
    struct pieces all = {0};
    if (!w->place_known)
        return INPUT_NOTHING;
    if (!wait_for_jobs(w))
        return INPUT_NOTHING; /* what it was interrupted for is looked at next */
    w->place_known = false;   /* each attempt is asked for anew */
    if (!w->note.part[0] || !work_set_gather(w, &e) || !pieces_find(w->note.part, &all, &e)) {
        if (e.code == ERR_NONE)
            err_set(&e, ERR_NOT_FOUND, "Saving the recording: its raw file");
        err_remedy(&e, "The recording is kept: try again.");
        return fail(w, &e);
    }
    bool there = has_parts(w, &all);
    bool free_place = there && place_free(w, &all, &e);
    pieces_free(&all);
    if (there)
        return free_place ? INPUT_OK : fail(w, &e);
    err_set(&e, ERR_NOT_FOUND, "Saving the recording: its raw file %s", w->note.part);
    err_remedy(&e, "Put the file back and start the program again, or record anew.");
    fail(w, &e);
    return INPUT_GONE;
}

/* The session ended by itself. Of a ring nothing is left but what was written out before. */
static enum recorder_input do_examine(struct work *w)
{
    struct pieces all = {0};
    work_stop_companion(w);
    while (!jobs_wait(w->jobs, JOBS_LOOK_MS))
        if (!w->go_on(w->go_on_ctx, -1))
            break;
    if (!w->note.part[0])
        return INPUT_NOTHING;
    if (!pieces_find(w->note.part, &all, NULL))
        return INPUT_OK;
    bool there = has_parts(w, &all);
    pieces_free(&all);
    if (!there && work_is_ring(w)) {
        w->view.error.remedy[0] = 0;
        err_remedy(&w->view.error, "A ring is in memory, and gone with its session: record to a file, or save "
                                   "snapshots.");
    }
    return there ? INPUT_OK : INPUT_NOTHING;
}

static bool is_damage(enum err_code code)
{
    return code == ERR_FORMAT || code == ERR_TRUNCATED || code == ERR_MISMATCH;
}

/* The self-test of the ring's list of open handles, which the system could as well not have written. */
static bool listed(const struct work *w, const struct readback *r, struct err *err)
{
    if (!work_is_ring(w) || r->handles_listed)
        return true;
    err_set(err, ERR_NOT_FOUND, "Looking in the recording for the list of open handles");
    return err_remedy(err, "What is open at its end is only known from what the ring still held.");
}

static enum recorder_input do_verify(struct work *w)
{
    struct err e = {0};
    struct readback r = {0};
    bool read = w->source[0] ? readback_check(w->source, w->go_on, w->go_on_ctx, &r, &e) : work_set_verify(w, &r, &e);
    if (!read) {
        if (e.code == ERR_CANCELLED)
            return INPUT_CANCELLED;
        if (!is_damage(e.code))
            return fail(w, &e);
        /* What is left of a recording that was cut off is worth having: but only on purpose. */
        e.remedy[0] = 0;
        err_remedy(&e, "Save again to keep it as it is.");
        work_set_error(w, &e);
        if (!w->damage_told) {
            w->damage_told = true;
            return INPUT_FAILED;
        }
        w->view.error.remedy[0] = 0;
        err_remedy(&w->view.error, "It was saved as it is; what can be read of it is there.");
    } else if (!listed(w, &r, &e) || !expected_check(&r, &w->note, &e)) {
        work_add_error(w, &e); /* a warning: the recording is whole */
    }
    w->view.events = r.events;
    w->view.events_lost = r.events_lost;
    w->view.events_lost_known = r.events_lost_known;
    return INPUT_OK;
}

enum recorder_input work_do_parts(struct work *w, enum recorder_action action)
{
    switch (action) {
    case ACTION_LOOK:
        return do_look(w);
    case ACTION_IDENTIFY:
        return work_identify(w);
    case ACTION_FIND_PARTS:
        return do_find(w);
    case ACTION_EXAMINE:
        return do_examine(w);
    case ACTION_DROP:
        return do_drop(w);
    case ACTION_PLACE:
        return do_place(w);
    case ACTION_MERGE:
        return work_merge(w);
    case ACTION_VERIFY:
        return do_verify(w);
    case ACTION_MOVE:
        return work_move(w);
    case ACTION_SETTLE:
        return work_settle(w);
    default:
        return INPUT_FAILED;
    }
}
