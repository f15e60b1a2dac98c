/* The controller's thread: takes commands, has actions carried out, and publishes the picture. */
#include "core/record/controller_inside.h"

#include "core/base/text.h"
#include "core/record/mark_file.h"

#include <stdlib.h>
#include <string.h>

/* Saving takes as many steps as there are things to do: of a ring more than of a file. */
static void number_saving_step(const struct work *w, struct recorder_view *v)
{
    bool ring = w->note.storage == PROFILE_RING;
    bool merges = ring || v->marks || w->place_merged;
    const struct {
        enum recorder_step step;
        bool there;
    } steps[] = {{RECORDER_STEP_LISTING, ring},
                 {RECORDER_STEP_FLUSHING, true},
                 {RECORDER_STEP_MERGING, merges},
                 {RECORDER_STEP_READING_BACK, true},
                 {RECORDER_STEP_MOVING, true}};
    uint32_t at = 0;
    uint32_t total = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        total += steps[i].there;
        if (steps[i].step == v->step)
            at = total ? total : 1;
    }
    if (at) {
        v->step_number = at;
        v->step_total = total;
    }
}

void controller_fill_view(struct work *w)
{
    const struct recorder_step_row *row = recorder_row(w->phase);
    struct recorder_view *v = &w->view;
    v->number++;
    v->state = row->state;
    v->step = row->step;
    v->step_number = row->number;
    v->step_total = row->total;
    if (row->state == RECORDER_SAVING && row->total > 1)
        number_saving_step(w, v);
    v->filter_refused = w->phase == PHASE_REFUSED;
    v->parts_exist = row->state == RECORDER_UNSAVED || w->phase == PHASE_UNSAVED_FAILED ||
                     (row->state == RECORDER_SAVING && row->step != RECORDER_STEP_DISCARDING);
    text_put(v->parts_dir, sizeof v->parts_dir, w->parts_dir);
}

static void publish(struct controller *c)
{
    controller_fill_view(&c->work);
    mutex_lock(&c->lock);
    c->view = c->work.view;
    c->running = c->work.running;
    c->began_ns = c->work.began_ns;
    c->rules = c->work.running ? c->work.note.stop : (struct profile_stop){0};
    if (!c->work.running)
        c->counts_fired = false;
    bool tell = !c->told;
    c->told = true;
    mutex_unlock(&c->lock);
    if (tell && c->notify)
        c->notify(c->ctx);
}

static void go_to(struct controller *c, enum recorder_phase next)
{
    c->work.phase = next;
    c->work.view.percent = -1;
    publish(c);
}

bool controller_go_on(void *ctx, int percent)
{
    struct controller *c = ctx;
    if (percent != c->work.view.percent) {
        c->work.view.percent = percent;
        publish(c);
    }
    return !atomic_load(&c->interrupt);
}

/* What a command that was accepted carries. */
static void take(struct work *w, const struct command *cmd)
{
    switch (cmd->input) {
    case INPUT_RECORD:
        w->profile = cmd->u.record.profile;
        memset(&w->note, 0, sizeof w->note);
        /* Kept there until the note is made. */
        text_put(w->note.place, sizeof w->note.place, cmd->u.record.place);
        w->place_known = false;
        w->place_merged = false;
        w->merge_told = false;
        w->companion_runs = false;
        work_live_close(w); /* of a session that could not be ended */
        live_reset(w->live);
        w->snapshot_number = 0;
        w->closed_bytes = 0;
        w->segment_ms = 0;
        w->switched = false;
        w->damage_told = false;
        w->running = false;
        w->view.recording_ns = 0;
        w->view.started_filetime = 0;
        w->view.status_known = false;
        w->view.events = 0;
        w->view.events_lost = 0;
        w->view.events_lost_known = false;
        w->view.saved_path[0] = 0;
        w->view.files = 0;
        w->view.storage = w->profile.storage;
        w->view.ring = (struct recorder_ring){0};
        w->view.segments = (struct recorder_segments){0};
        w->view.marks = 0;
        w->view.stopped_by_rule = false;
        w->view.notes[0] = 0;
        break;
    case INPUT_CHANGE:
        memcpy(w->want_tags, cmd->u.change.tags, sizeof w->want_tags);
        w->want_tag_count = cmd->u.change.tag_count;
        w->want_stacks = cmd->u.change.stacks;
        break;
    case INPUT_SAVE:
        text_put(w->place, sizeof w->place, cmd->u.save.path);
        w->place_replace = cmd->u.save.replace;
        w->place_merged = cmd->u.save.merged;
        w->place_known = true;
        break;
    case INPUT_CANCEL:
        w->place_known = false;
        break;
    case INPUT_ALL_TYPES:
        w->want_tag_count = 0;
        break;
    default:
        break;
    }
}

static void refuse(struct work *w, enum recorder_input input)
{
    struct err e = {0};
    bool unsaved = w->phase == PHASE_UNSAVED || w->phase == PHASE_UNSAVED_FAILED;
    switch (input) {
    case INPUT_RECORD:
        err_set(&e, ERR_STATE, "Starting a recording");
        if (unsaved)
            err_remedy(&e, "Save or discard the last recording first.");
        break;
    case INPUT_CHANGE:
        err_set(&e, ERR_STATE, "Changing what is recorded");
        err_remedy(&e, "Start a recording first.");
        break;
    default:
        err_set(&e, ERR_STATE, "Saving");
        err_remedy(&e, "Stop a recording first.");
        break;
    }
    work_add_error(w, &e);
}

static void refuse_snapshots(struct controller *c)
{
    struct err *e = &c->work.view.ring.snapshot_error;
    mutex_lock(&c->lock);
    c->snapshot_count = 0;
    mutex_unlock(&c->lock);
    *e = (struct err){0};
    err_set(e, ERR_STATE, "Saving a snapshot while nothing is recorded");
    err_remedy(e, "Start a recording to a memory ring first.");
    publish(c);
}

/* The oldest wish; while there are others the command comes again. */
static void take_snapshot(struct controller *c)
{
    mutex_lock(&c->lock);
    text_put(c->work.snapshot_place, sizeof c->work.snapshot_place, c->snapshots[0].path);
    c->work.snapshot_replace = c->snapshots[0].replace;
    if (c->snapshot_count)
        c->snapshot_count--;
    for (unsigned i = 0; i < c->snapshot_count; i++)
        c->snapshots[i] = c->snapshots[i + 1];
    if (c->snapshot_count && !(queue_kinds(c) & QUEUE_BIT(SNAPSHOT)))
        c->queue[c->queued++] = (struct command){.input = INPUT_SNAPSHOT};
    mutex_unlock(&c->lock);
}

static void obey(struct controller *c, const struct command *cmd, enum recorder_verdict verdict,
                 enum recorder_phase next)
{
    switch (verdict) {
    case VERDICT_GO:
        if (cmd->input != INPUT_TICK && cmd->input != INPUT_SNAPSHOT)
            c->work.view.error = (struct err){0};
        take(&c->work, cmd);
        if (cmd->input == INPUT_SNAPSHOT)
            take_snapshot(c);
        go_to(c, next);
        break;
    case VERDICT_TAKE:
        take(&c->work, cmd);
        break;
    case VERDICT_REFUSE:
        refuse(&c->work, cmd->input);
        publish(c);
        break;
    default:
        if (cmd->input == INPUT_SNAPSHOT)
            refuse_snapshots(c);
        break;
    }
}

/* Takes the first command unless it has to wait for the action under way. */
static bool next_command(struct controller *c, struct command *cmd, enum recorder_verdict *verdict,
                         enum recorder_phase *next)
{
    mutex_lock(&c->lock);
    bool got = false;
    if (c->queued) {
        *verdict = recorder_next(c->work.phase, c->queue[0].input, next);
        got = *verdict != VERDICT_WAIT;
    }
    if (got) {
        *cmd = c->queue[0];
        queue_remove(c, 1u << cmd->input);
        queue_changed(c);
    }
    mutex_unlock(&c->lock);
    return got;
}

/* --- what comes beside the commands --- */

static void write_mark(struct work *w, const struct mark_wish *m)
{
    struct err e = {0};
    enum recorder_state state = recorder_row(w->phase)->state;
    bool recording = state == RECORDER_RECORDING || state == RECORDER_SAVING;
    if (!recording || !w->note.part[0]) {
        err_set(&e, ERR_STATE, "Setting a mark while nothing is recorded");
        err_remedy(&e, "Start a recording first.");
    } else if (mark_file_add(w->note.part, m->clock_ns, m->filetime, m->text ? m->text : "", &e)) {
        w->view.marks++;
        return;
    }
    err_remedy(&e, "Recording goes on; set it again.");
    work_add_error(w, &e);
}

static void write_marks(struct controller *c)
{
    mutex_lock(&c->lock);
    struct mark_wish *marks = c->mark_count ? malloc(c->mark_count * sizeof *marks) : NULL;
    unsigned n = marks ? c->mark_count : 0;
    for (unsigned i = 0; i < n; i++)
        marks[i] = c->marks[i];
    c->mark_count -= n;
    mutex_unlock(&c->lock);
    for (unsigned i = 0; i < n; i++) {
        write_mark(&c->work, &marks[i]);
        free(marks[i].text);
    }
    free(marks);
    if (n)
        publish(c);
}

static void take_job(struct work *w, const struct job_result *r)
{
    if (r->kind == JOB_CARRY) {
        struct err e = r->err;
        w->view.segments.deleted += r->deleted;
        if (e.code == ERR_NONE || e.code == ERR_CANCELLED)
            return;
        err_remedy(&e, "Old files stay until the next one begins.");
        work_add_error(w, &e);
        return;
    }
    w->view.ring.snapshot_busy = jobs_open(w->jobs, JOB_SNAPSHOT) > 0;
    w->view.ring.snapshot_error = r->err.code == ERR_NONE ? r->warning : r->err;
    if (r->err.code != ERR_NONE) {
        err_remedy(&w->view.ring.snapshot_error, "The recording is not touched by that: try again.");
        return;
    }
    w->view.ring.snapshots++;
    text_put(w->view.ring.snapshot_path, sizeof w->view.ring.snapshot_path, r->place);
}

static void take_jobs(struct controller *c)
{
    struct job_result r;
    mutex_lock(&c->lock);
    bool done = c->job_done;
    c->job_done = false;
    mutex_unlock(&c->lock);
    if (!done)
        return;
    while (jobs_take(c->work.jobs, &r))
        take_job(&c->work, &r);
    publish(c);
}

void controller_on_job(void *ctx)
{
    struct controller *c = ctx;
    mutex_lock(&c->lock);
    c->job_done = true;
    cond_signal(&c->wake);
    mutex_unlock(&c->lock);
}

/* Marks that others set lie in the same file. */
static void count_marks(struct work *w)
{
    struct mark_list l = {0};
    if (!mark_file_read(w->note.part, &l, NULL))
        return;
    w->view.marks = (unsigned)l.marks;
    mark_list_free(&l);
}

static void before_poll(struct controller *c)
{
    mutex_lock(&c->lock);
    c->work.counts_fired = c->counts_fired;
    c->work.counts_rule = c->counts_rule;
    mutex_unlock(&c->lock);
    count_marks(&c->work);
}

/* Waits for a command; while recording at most until the next poll is due. True: it is due. */
static bool wait_for_command(struct controller *c, uint64_t next_poll)
{
    bool due = false;
    mutex_lock(&c->lock);
    bool more = c->queued || c->job_done || c->mark_count;
    c->busy = more;
    if (!c->busy) {
        c->idles++;
        cond_broadcast(&c->idle);
    }
    while (!c->queued && !c->job_done && !c->mark_count && !due) {
        if (c->work.phase != PHASE_RECORDING) {
            cond_wait(&c->wake, &c->lock);
            continue;
        }
        uint64_t now = clock_ns();
        due = now >= next_poll;
        if (!due)
            cond_wait_ms(&c->wake, &c->lock, (uint32_t)((next_poll - now) / 1000000u) + 1);
    }
    c->busy = true;
    mutex_unlock(&c->lock);
    return due;
}

void controller_run(void *ctx)
{
    struct controller *c = ctx;
    struct work *w = &c->work;
    uint64_t next_poll = 0;
    struct command cmd;
    enum recorder_verdict verdict = VERDICT_IGNORE;
    enum recorder_phase next = PHASE_LOOKING;
    go_to(c, PHASE_LOOKING);
    for (;;) {
        write_marks(c);
        take_jobs(c);
        while (next_command(c, &cmd, &verdict, &next))
            obey(c, &cmd, verdict, next);
        enum recorder_action action = recorder_row(w->phase)->action;
        if (action == ACTION_QUIT)
            break;
        if (action == ACTION_NONE) {
            if (wait_for_command(c, next_poll)) {
                recorder_next(w->phase, INPUT_TICK, &next);
                go_to(c, next);
            }
            continue;
        }
        if (action == ACTION_POLL)
            before_poll(c);
        enum recorder_input result = work_do(w, action);
        if (action == ACTION_POLL || action == ACTION_QUERY || action == ACTION_OPEN_SEGMENT)
            next_poll = clock_ns() + (uint64_t)work_poll_ms(w, c->poll_ms) * 1000000u;
        recorder_next(w->phase, result, &next);
        go_to(c, next);
    }
    work_live_close(w);
    jobs_destroy(w->jobs);
    w->jobs = NULL;
    mutex_lock(&c->lock);
    c->ended = true;
    c->busy = false;
    cond_broadcast(&c->idle);
    mutex_unlock(&c->lock);
}
