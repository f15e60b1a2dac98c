/* The controller's thread, its queue of commands, and the picture it publishes. What to do is the recorder's decision,
 * how is work's. */
#include "core/record/controller.h"

#include "core/base/text.h"
#include "core/base/thread.h"
#include "core/record/mark_file.h"
#include "core/record/work.h"

#include <stdlib.h>
#include <string.h>

#define POLL_MS 1000u

/* Snapshots and marks are asked for several at a time; more than these at once nobody can mean. */
#define SNAPSHOTS_MAX 32
#define MARKS_MAX     256

struct snapshot_wish {
    char path[TRACE_PATH_MAX];
    bool replace;
};

struct mark_wish {
    uint64_t clock_ns;
    uint64_t filetime;
    char *text;
};

struct command {
    enum recorder_input input;
    union {
        struct {
            struct profile profile;
            char place[TRACE_PATH_MAX];
        } record;
        struct {
            uint32_t tags[PROFILE_MAX_TAGS];
            unsigned tag_count, stacks;
        } change;
        struct {
            char path[TRACE_PATH_MAX];
            bool replace;
            bool merged;
        } save;
    } u;
};

struct controller {
    struct thread *thread;
    void (*notify)(void *ctx);
    void *ctx;
    uint32_t poll_ms;

    struct mutex lock; /* guards what follows, and nothing slow happens under it */
    struct cond wake;
    struct cond idle;
    struct command queue[INPUT_COMMAND_COUNT + 1]; /* each kind at most once, so it cannot overflow */
    unsigned queued;
    struct snapshot_wish snapshots[SNAPSHOTS_MAX]; /* INPUT_SNAPSHOT is queued while there are any */
    unsigned snapshot_count;
    struct mark_wish marks[MARKS_MAX];
    unsigned mark_count;
    bool job_done;             /* written by the job thread */
    struct profile_stop rules; /* written by the thread: those of the running recording; none: all zero */
    bool counts_fired;
    struct stop_fired counts_rule;
    bool busy;      /* written by the thread: it is not waiting */
    uint64_t idles; /* written by the thread: how often it began to wait */
    bool ended;     /* written by the thread */
    bool told;      /* notify was called, and nobody has looked since */
    struct recorder_view view;
    bool running; /* written by the thread: view.recording_ns goes on from began_ns */
    uint64_t began_ns;

    struct live live; /* written by the thread that reads live events */

    atomic_bool interrupt; /* a command waits that long work should end for; written under the lock */

    struct work work; /* the thread's own */
};

/* A command takes those with it that it makes pointless; then each kind is queued once. A repeated command with
 * something to carry goes to the end, one without keeps its place. */
#define BIT(i) (1u << INPUT_##i)
static const struct {
    uint32_t removes;
    bool carries;
} kinds[INPUT_COMMAND_COUNT] = {
    [INPUT_RECORD] = {BIT(RECORD), true},
    [INPUT_CHANGE] = {BIT(CHANGE), true},
    [INPUT_STOP] = {BIT(RECORD) | BIT(CHANGE), false},
    [INPUT_SNAPSHOT] = {0, false},
    [INPUT_SAVE] = {BIT(SAVE), true},
    [INPUT_CANCEL] = {BIT(SAVE), false},
    [INPUT_DISCARD] = {BIT(RECORD) | BIT(CHANGE) | BIT(SAVE) | BIT(SNAPSHOT), false},
    [INPUT_END] = {~0u, false},
    [INPUT_ALL_TYPES] = {BIT(DO_NOT_RECORD), false},
    [INPUT_DO_NOT_RECORD] = {BIT(ALL_TYPES), false},
    [INPUT_ORPHAN_SAVE] = {BIT(ORPHAN_CONTINUE) | BIT(ORPHAN_DISCARD), false},
    [INPUT_ORPHAN_CONTINUE] = {BIT(ORPHAN_SAVE) | BIT(ORPHAN_DISCARD), false},
    [INPUT_ORPHAN_DISCARD] = {BIT(ORPHAN_SAVE) | BIT(ORPHAN_CONTINUE), false},
};

/* What long work (reading back, moving) ends for. */
#define INTERRUPTING (BIT(CANCEL) | BIT(DISCARD) | BIT(END))

static uint32_t queued_kinds(const struct controller *c)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < c->queued; i++)
        bits |= 1u << c->queue[i].input;
    return bits;
}

static void queue_changed(struct controller *c)
{
    atomic_store(&c->interrupt, (queued_kinds(c) & INTERRUPTING) != 0);
}

static void remove_kinds(struct controller *c, uint32_t kinds_gone)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < c->queued; i++)
        if (!(kinds_gone & (1u << c->queue[i].input))) {
            if (kept != i)
                c->queue[kept] = c->queue[i];
            kept++;
        }
    c->queued = kept;
}

static void post(struct controller *c, const struct command *cmd)
{
    mutex_lock(&c->lock);
    remove_kinds(c, kinds[cmd->input].removes);
    if (!(queued_kinds(c) & (1u << cmd->input)))
        c->queue[c->queued++] = *cmd;
    queue_changed(c);
    cond_signal(&c->wake);
    mutex_unlock(&c->lock);
}

static void post_plain(struct controller *c, enum recorder_input input)
{
    struct command cmd = {.input = input};
    post(c, &cmd);
}

/* --- the thread --- */

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

static void fill_view(struct work *w)
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
    fill_view(&c->work);
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

static bool go_on(void *ctx, int percent)
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
    if (c->snapshot_count && !(queued_kinds(c) & BIT(SNAPSHOT)))
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
        remove_kinds(c, 1u << cmd->input);
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

static void on_job(void *ctx)
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

static void run(void *ctx)
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

/* --- any thread --- */

static void release(struct controller *c)
{
    jobs_destroy(c->work.jobs);
    live_destroy(&c->live);
    for (unsigned i = 0; i < c->mark_count; i++)
        free(c->marks[i].text);
    cond_destroy(&c->idle);
    cond_destroy(&c->wake);
    mutex_destroy(&c->lock);
    free(c);
}

bool controller_create(const struct controller_options *o, struct controller **out, struct err *err)
{
    if (strlen(o->parts_dir) >= TRACE_PATH_MAX)
        return err_set(err, ERR_RANGE, "Using the folder %s for recordings", o->parts_dir);
    struct controller *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_NO_MEMORY, "Starting the controller");
    c->notify = o->notify;
    c->ctx = o->ctx;
    c->poll_ms = o->poll_ms ? o->poll_ms : POLL_MS;
    c->busy = true;
    c->work.trace = o->trace;
    c->work.sys = o->sys;
    c->work.live_source = o->live;
    c->work.live = &c->live;
    c->work.go_on = go_on;
    c->work.go_on_ctx = c;
    text_put(c->work.parts_dir, sizeof c->work.parts_dir, o->parts_dir);
    live_init(&c->live);
    mutex_init(&c->lock);
    cond_init(&c->wake);
    cond_init(&c->idle);
    atomic_init(&c->interrupt, false);
    c->work.jobs = jobs_create(on_job, c);
    if (!c->work.jobs) {
        release(c);
        return err_set(err, ERR_NO_MEMORY, "Starting the controller");
    }
    /* Before the thread runs nobody else sees it. */
    fill_view(&c->work);
    c->view = c->work.view;
    if (!thread_start("controller", run, c, &c->thread, err)) {
        release(c);
        return false;
    }
    *out = c;
    return true;
}

void controller_destroy(struct controller *c)
{
    if (!c)
        return;
    post_plain(c, INPUT_END);
    thread_join(c->thread);
    release(c);
}

void controller_record(struct controller *c, const struct profile *p)
{
    controller_record_to(c, p, "");
}

void controller_record_to(struct controller *c, const struct profile *p, const char *place)
{
    struct command cmd = {.input = INPUT_RECORD, .u.record.profile = *p};
    /* One that is too long is none: then it stays unsaved, which is told. */
    if (strlen(place) < sizeof cmd.u.record.place)
        text_put(cmd.u.record.place, sizeof cmd.u.record.place, place);
    post(c, &cmd);
}

void controller_change(struct controller *c, const uint32_t *tags, unsigned tag_count, unsigned stacks)
{
    struct command cmd = {.input = INPUT_CHANGE};
    cmd.u.change.tag_count = tag_count < PROFILE_MAX_TAGS ? tag_count : PROFILE_MAX_TAGS;
    for (unsigned i = 0; i < cmd.u.change.tag_count; i++)
        cmd.u.change.tags[i] = tags[i];
    cmd.u.change.stacks = stacks;
    post(c, &cmd);
}

void controller_stop(struct controller *c)
{
    post_plain(c, INPUT_STOP);
}

static void save(struct controller *c, const char *path, bool replace, bool merged)
{
    struct command cmd = {.input = INPUT_SAVE};
    /* A path that is too long is left empty: saving there fails and says so. */
    if (strlen(path) < sizeof cmd.u.save.path)
        text_put(cmd.u.save.path, sizeof cmd.u.save.path, path);
    cmd.u.save.replace = replace;
    cmd.u.save.merged = merged;
    post(c, &cmd);
}

void controller_save(struct controller *c, const char *path, bool replace)
{
    save(c, path, replace, false);
}

void controller_save_merged(struct controller *c, const char *path, bool replace)
{
    save(c, path, replace, true);
}

void controller_snapshot(struct controller *c, const char *path, bool replace)
{
    mutex_lock(&c->lock);
    /* The last one gives way when there are too many: the newest is wanted most. */
    unsigned at = c->snapshot_count < SNAPSHOTS_MAX ? c->snapshot_count++ : SNAPSHOTS_MAX - 1;
    struct snapshot_wish *s = &c->snapshots[at];
    s->replace = replace;
    s->path[0] = 0; /* a path that is too long stays empty: the snapshot fails and says so */
    if (strlen(path) < sizeof s->path)
        text_put(s->path, sizeof s->path, path);
    mutex_unlock(&c->lock);
    post_plain(c, INPUT_SNAPSHOT);
}

void controller_mark(struct controller *c, const char *text)
{
    struct mark_wish m = {.clock_ns = clock_ns(), .filetime = clock_filetime()};
    size_t n = strlen(text) + 1;
    m.text = malloc(n);
    if (m.text)
        memcpy(m.text, text, n); /* a mark without its words is better than none */
    mutex_lock(&c->lock);
    bool room = c->mark_count < MARKS_MAX;
    if (room)
        c->marks[c->mark_count++] = m;
    cond_signal(&c->wake);
    mutex_unlock(&c->lock);
    if (!room)
        free(m.text);
}

void controller_census(struct controller *c, const struct snapshot *counts)
{
    struct stop_fired fired;
    mutex_lock(&c->lock);
    struct profile_stop rules = c->rules;
    mutex_unlock(&c->lock);
    const struct stop_facts f = {.counts = counts};
    if (!stop_rules_fire(&rules, &f, &fired))
        return;
    mutex_lock(&c->lock);
    /* Another recording may have begun meanwhile, with other rules. */
    if (memcmp(&rules, &c->rules, sizeof rules) == 0) {
        c->counts_fired = true;
        c->counts_rule = fired;
    }
    mutex_unlock(&c->lock);
}

void controller_cancel(struct controller *c)
{
    post_plain(c, INPUT_CANCEL);
}

void controller_discard(struct controller *c)
{
    post_plain(c, INPUT_DISCARD);
}

void controller_choose(struct controller *c, enum recorder_choice choice)
{
    static const enum recorder_input inputs[] = {
        [RECORDER_RECORD_ALL_TYPES] = INPUT_ALL_TYPES,    [RECORDER_DO_NOT_RECORD] = INPUT_DO_NOT_RECORD,
        [RECORDER_ORPHAN_SAVE] = INPUT_ORPHAN_SAVE,       [RECORDER_ORPHAN_CONTINUE] = INPUT_ORPHAN_CONTINUE,
        [RECORDER_ORPHAN_DISCARD] = INPUT_ORPHAN_DISCARD,
    };
    post_plain(c, inputs[choice]);
}

void controller_live(struct controller *c, struct live_counts *out)
{
    live_read(&c->live, out);
}

void controller_view(struct controller *c, struct recorder_view *out)
{
    mutex_lock(&c->lock);
    *out = c->view;
    if (c->running)
        out->recording_ns = clock_ns() - c->began_ns;
    c->told = false;
    mutex_unlock(&c->lock);
}

bool controller_wait_idle(struct controller *c, uint32_t ms)
{
    uint64_t until = clock_ns() + (uint64_t)ms * 1000000u;
    mutex_lock(&c->lock);
    bool idle = false;
    /* An idle moment may be over before it is seen. */
    uint64_t idles = c->idles;
    for (;;) {
        idle = c->idles != idles || c->ended || (!c->busy && c->queued == 0 && c->mark_count == 0);
        uint64_t now = clock_ns();
        if (idle || now >= until)
            break;
        cond_wait_ms(&c->idle, &c->lock, (uint32_t)((until - now) / 1000000u) + 1);
    }
    mutex_unlock(&c->lock);
    return idle;
}
