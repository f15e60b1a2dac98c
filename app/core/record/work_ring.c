/* The actions on a memory ring and its companion: the second session, the list of open handles, writing the ring out.
 *
 * A ring gets no list of anything from the system, not at its start, when it is written out, or at its end. Its
 * companion writes processes and modules all along, and the open handles when asked: before the ring is written, so
 * that whatever happens to a handle after the list is in the ring. */
#include "core/record/work.h"

#include "core/base/text.h"
#include "core/base/thread.h"

#include <stdio.h>
#include <string.h>

#define RESTART_NS   (UINT64_C(60) * 1000000000u)
#define STOP_TRIES   3
#define STOP_WAIT_MS 100

bool work_is_ring(const struct work *w)
{
    return w->note.storage == PROFILE_RING;
}

void work_restore_plan(struct work *w)
{
    static const uint32_t none[8];
    struct sys_machine machine = {.processors = 1};
    w->plan = (struct session_plan){0};
    plan_masks(w->plan.masks);
    if (memcmp(w->note.masks, none, sizeof none) != 0)
        memcpy(w->plan.masks, w->note.masks, sizeof w->plan.masks);
    /* Of an unknown machine, a small companion. */
    w->sys.ops->machine(w->sys.self, &machine, NULL);
    plan_companion(&machine, w->note.storage, w->note.live_events, &w->plan);
}

/* --- the companion --- */

static bool start_once(struct work *w, struct err *err)
{
    struct trace_start want = w->plan.companion_start;
    if (want.storage == TRACE_TO_FILE) {
        struct pieces all = {0};
        if (!pieces_find(w->note.part, &all, err))
            return false;
        unsigned number = pieces_next(&all, PIECE_COMPANION);
        pieces_free(&all);
        if (!piece_path(w->note.part, PIECE_COMPANION, number, want.path, err))
            return false;
    }
    return w->trace.ops->start(w->trace.self, &want, &w->companion, err);
}

static bool start_companion(struct work *w, struct err *err)
{
    struct err e = {0};
    bool ok = start_once(w, &e);
    if (!ok && e.code == ERR_EXISTS && work_end_stray_companion(w)) {
        e = (struct err){0};
        ok = start_once(w, &e);
    }
    if (ok) {
        w->companion_runs = true;
        w->view.ring.companion = true;
        w->view.ring.companion_failed = false;
        w->view.ring.companion_known = false;
        return true;
    }
    /* Reported as failed, and yet started: it must not stay. */
    if (e.code != ERR_EXISTS)
        work_end_stray_companion(w);
    if (err->code == ERR_NONE)
        *err = e;
    return false;
}

enum recorder_input work_start_companion(struct work *w)
{
    struct err e = {0};
    if (!w->plan.companion || start_companion(w, &e))
        return INPUT_OK;
    bool no_session = e.code == ERR_NO_SPACE && e.kind == ERR_KIND_WIN32 && e.os == 1450;
    if (e.code == ERR_EXISTS)
        err_remedy(&e, "End the session Handle Recorder Companion in the program that started it, then try again.");
    work_set_error(w, &e);
    return no_session ? INPUT_NO_SESSION : INPUT_FAILED;
}

/* From nothing to recording, while the recording is under way. */
static bool restart_companion(struct work *w, struct err *err)
{
    const struct trace_ops *ops = w->trace.ops;
    if (!w->plan.companion)
        return err_set(err, ERR_STATE, "Starting the companion session again");
    w->companion_tried_ns = clock_ns();
    return start_companion(w, err) &&
           ops->set_filter(w->trace.self, &w->companion, w->view.tags, w->view.tag_count, err) &&
           work_companion_masks(w, err);
}

void work_poll_companion(struct work *w)
{
    struct err e = {0};
    struct trace_status status = {0};
    if (!w->note.companion)
        return;
    if (w->companion_runs && w->trace.ops->query(w->trace.self, &w->companion, &status, &e)) {
        w->view.ring.companion_status = status;
        w->view.ring.companion_known = true;
        return;
    }
    w->view.ring.companion_known = false;
    if (w->companion_runs && e.code != ERR_NOT_FOUND)
        return;
    bool just_now = w->companion_runs;
    w->companion_runs = false;
    work_live_close(w);
    if (!just_now && clock_ns() - w->companion_tried_ns < RESTART_NS)
        return;
    e = (struct err){0};
    if (restart_companion(w, &e))
        return;
    w->view.ring.companion_failed = true;
    e.remedy[0] = 0;
    err_remedy(&e, "Recording goes on; programs that started since may lack their names.");
    work_add_error(w, &e);
}

bool work_companion_filter(struct work *w, const uint32_t *tags, unsigned n, struct err *err)
{
    return !w->companion_runs || w->trace.ops->set_filter(w->trace.self, &w->companion, tags, n, err);
}

bool work_companion_masks(struct work *w, struct err *err)
{
    if (!w->companion_runs)
        return true;
    work_live_open(w);
    work_live_name_types(w);
    return w->trace.ops->set_masks(w->trace.self, &w->companion, w->plan.companion_masks, err);
}

/* Whether it went matters to the next start only: there it is in the way, and ended. */
void work_stop_companion(struct work *w)
{
    struct err e = {0};
    bool stopped = !w->companion_runs;
    for (int i = 0; i < STOP_TRIES && !stopped; i++) {
        if (i)
            clock_sleep_ms(STOP_WAIT_MS);
        e = (struct err){0};
        stopped = w->trace.ops->stop(w->trace.self, &w->companion, NULL, &e) || e.code == ERR_NOT_FOUND;
    }
    /* What it told until its end is counted. */
    work_live_close(w);
    if (stopped) {
        w->companion_runs = false;
        w->view.ring.companion_known = false;
        return;
    }
    e.remedy[0] = 0;
    err_remedy(&e, "The companion session still runs; the next recording ends it.");
    work_add_error(w, &e);
}

bool work_end_stray_companion(struct work *w)
{
    struct trace_session s = {0};
    struct trace_status status = {0};
    struct parts_note n = {0};
    char part[TRACE_PATH_MAX];
    struct err e = {0};
    if (!w->trace.ops->adopt(w->trace.self, plan_companion_name, &plan_companion_guid, &s, &status, &e))
        return e.code == ERR_NOT_FOUND;
    if (status.path[0]) {
        piece_part_of(status.path, part);
        parts_read(part, &n, NULL); /* without a note nobody has it */
    }
    struct err unknown = {0};
    if (work_alive(w, n.pid, n.pid_start, NULL, &unknown) || unknown.code != ERR_NONE)
        return false;
    return w->trace.ops->stop(w->trace.self, &s, NULL, NULL);
}

/* --- the list of open handles --- */

/* The system writes it when handles are taken out of what a session records. */
static bool list_handles(struct work *w, struct err *err)
{
    uint32_t first[8];
    uint32_t then[8];
    memcpy(first, w->plan.companion_masks, sizeof first);
    memcpy(then, w->plan.companion_masks, sizeof then);
    /* With live counts they are in it all along. */
    plan_set_handles(first, !w->note.live_events);
    plan_set_handles(then, w->note.live_events);
    const struct trace_ops *ops = w->trace.ops;
    return ops->set_masks(w->trace.self, &w->companion, first, err) &&
           ops->set_masks(w->trace.self, &w->companion, then, err);
}

static bool snapshot_refused(struct work *w)
{
    struct err *e = &w->view.ring.snapshot_error;
    *e = (struct err){0};
    if (!work_is_ring(w)) {
        err_set(e, ERR_STATE, "Saving a snapshot of a recording to a file");
        err_remedy(e, "Only a memory ring has snapshots: stop and save the recording.");
    } else if (!w->snapshot_place[0]) {
        err_set(e, ERR_RANGE, "Saving a snapshot under a name of more than %d bytes", TRACE_PATH_MAX - 1);
        err_remedy(e, "Choose a shorter name.");
    } else if (!w->snapshot_replace && file_exists(w->snapshot_place)) {
        err_set(e, ERR_EXISTS, "Saving the snapshot to %s", w->snapshot_place);
        err_remedy(e, "Choose another name. Recording goes on.");
    }
    return e->code != ERR_NONE;
}

enum recorder_input work_list_handles(struct work *w)
{
    struct err e = {0};
    if (w->phase == PHASE_SNAPSHOT_LISTING && snapshot_refused(w))
        return INPUT_REFUSED;
    if (!work_is_ring(w))
        return INPUT_OK;
    bool noted = w->note.part[0] || work_note_stray_ring(w, &e);
    if (noted && (w->companion_runs || restart_companion(w, &e)) && list_handles(w, &e))
        return INPUT_OK;
    e.remedy[0] = 0;
    err_remedy(&e, "The recording lacks the list of open handles.");
    if (w->phase == PHASE_SNAPSHOT_LISTING)
        w->view.ring.snapshot_error = e;
    else
        work_add_error(w, &e);
    return INPUT_FAILED;
}

/* --- writing the ring out --- */

static void delete_older(struct work *w, const struct pieces *all)
{
    char path[TRACE_PATH_MAX];
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].kind == PIECE_FLUSH && piece_path_of(w->note.part, &all->v[i], path, NULL))
            file_delete(path, NULL); /* goes with the rest if it does not go now */
}

/* Always a new file; only when it is whole it takes the place of an older one. One that did not get so far may yet be
 * all that is left of the ring, so it stays until then. */
static bool flush_to_part(struct work *w, struct err *err)
{
    char fresh[TRACE_PATH_MAX];
    struct pieces all = {0};
    if (!pieces_find(w->note.part, &all, err))
        return false;
    bool ok = piece_path(w->note.part, PIECE_FLUSH, pieces_next(&all, PIECE_FLUSH), fresh, err) &&
              w->trace.ops->flush(w->trace.self, &w->session, fresh, err) &&
              file_rename(fresh, w->note.part, true, err);
    if (ok)
        delete_older(w, &all);
    pieces_free(&all);
    return ok;
}

enum recorder_input work_flush(struct work *w)
{
    struct err e = {0};
    if (!work_is_ring(w))
        return INPUT_OK;
    if (!w->note.part[0] && !work_note_stray_ring(w, &e)) {
        work_set_error(w, &e);
        return INPUT_FAILED;
    }
    if (flush_to_part(w, &e))
        return INPUT_OK;
    if (work_is_gone(&e))
        return work_session_gone(w, &e);
    e.remedy[0] = 0;
    err_remedy(&e, "The ring is still in memory: free disk space if that is short, and try again.");
    work_set_error(w, &e);
    return INPUT_FAILED;
}

static bool hand_over(struct work *w, struct err *err)
{
    struct pieces all = {0};
    struct job job = {.kind = JOB_SNAPSHOT, .replace = w->snapshot_replace};
    char raw[TRACE_PATH_MAX];
    if (!pieces_find(w->note.part, &all, err))
        return false;
    unsigned next = pieces_next(&all, PIECE_SNAPSHOT);
    pieces_free(&all);
    /* The number of one that a job has just deleted would do, but tells less. */
    if (w->snapshot_number < next)
        w->snapshot_number = next;
    if (!w->snapshot_number)
        w->snapshot_number = 1;
    job.number = w->snapshot_number++;
    text_put(job.part, sizeof job.part, w->note.part);
    text_put(job.place, sizeof job.place, w->snapshot_place);
    if (!piece_path(w->note.part, PIECE_SNAPSHOT, job.number, raw, err) ||
        !w->trace.ops->flush(w->trace.self, &w->session, raw, err))
        return false;
    /* What it has not written yet it will have written by the end; here it would only be missing. */
    if (w->companion_runs)
        w->trace.ops->flush(w->trace.self, &w->companion, NULL, &w->view.ring.snapshot_error);
    if (jobs_add(w->jobs, &job, err))
        return true;
    file_delete(raw, NULL);
    return false;
}

enum recorder_input work_snapshot(struct work *w)
{
    struct err e = {0};
    if (hand_over(w, &e)) {
        w->view.ring.snapshot_busy = true;
        return INPUT_OK;
    }
    if (work_is_gone(&e))
        return INPUT_GONE;
    err_remedy(&e, "Recording goes on; try again.");
    w->view.ring.snapshot_error = e;
    return INPUT_FAILED;
}
