/* The actions on the tracing session: start, set, poll, stop. Each reports how it went; none decides what follows. */
#include "core/record/work.h"

#include "core/base/text.h"
#include "core/base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void work_set_error(struct work *w, const struct err *e)
{
    w->view.error = *e;
    w->poll_failed = false;
}

void work_add_error(struct work *w, const struct err *e)
{
    if (w->view.error.code == ERR_NONE)
        work_set_error(w, e);
}

static enum recorder_input fail(struct work *w, const struct err *e)
{
    work_add_error(w, e);
    return INPUT_FAILED;
}

static bool measure_disk(struct work *w, const char *path, struct err *err)
{
    w->view.disk_known = w->sys.ops->free_disk(w->sys.self, path, &w->view.disk_free, err);
    return w->view.disk_known;
}

static bool disk_low(struct work *w, struct err *err)
{
    uint64_t least = w->plan.disk_least > WORK_DISK_LOW ? w->plan.disk_least : WORK_DISK_LOW;
    if (!w->view.disk_known || w->view.disk_free >= least)
        return false;
    err_set(err, ERR_NO_SPACE, "Recording with less than %.1f GB free in %s", (double)least / (double)(1u << 30),
            w->parts_dir);
    err_remedy(err, "Free some space there, then record again.");
    return true;
}

/* Only for two sessions: one tells at once when it finds no place. That the list cannot be had is no reason not to
 * try. */
static bool check_slots(struct work *w, struct err *err)
{
    size_t count = 0;
    struct trace_listing *all = w->plan.companion ? calloc(TRACE_LIST_MAX, sizeof *all) : NULL;
    bool ok = !all || !w->trace.ops->list(w->trace.self, all, TRACE_LIST_MAX, &count, NULL) ||
              plan_check_slots(&w->plan, all, count < TRACE_LIST_MAX ? count : TRACE_LIST_MAX, err);
    free(all);
    return ok;
}

static enum recorder_input do_check(struct work *w)
{
    struct err e = {0};
    struct sys_machine machine = {0};
    char inside[TRACE_PATH_MAX + 2];
    snprintf(inside, sizeof inside, "%s/x", w->parts_dir);
    /* The folder itself need not exist for the question, only the one it lies in: so it is made first. */
    if (!file_make_dir(w->parts_dir, &e) || !w->sys.ops->machine(w->sys.self, &machine, &e) ||
        !measure_disk(w, inside, &e) || !plan_make(&w->profile, &machine, w->view.disk_free, &w->plan, &e) ||
        disk_low(w, &e) || !check_slots(w, &e))
        return fail(w, &e);
    memcpy(w->want_tags, w->plan.tags, sizeof w->want_tags);
    w->want_tag_count = w->plan.tag_count;
    w->want_stacks = w->profile.stacks;
    text_put(w->view.notes, sizeof w->view.notes, w->plan.notes);
    return INPUT_OK;
}

struct own_search {
    uint32_t pid;
    uint64_t start;
    char name[SYS_PROCESS_NAME_MAX];
    bool found;
};

static void match_pid(void *ctx, const struct sys_process *p)
{
    struct own_search *s = ctx;
    if (p->pid != s->pid)
        return;
    s->found = true;
    s->start = p->start;
    text_put(s->name, sizeof s->name, p->name);
}

bool work_alive(struct work *w, uint32_t pid, uint64_t start, char name[SYS_PROCESS_NAME_MAX], struct err *err)
{
    struct own_search s = {.pid = pid};
    if (pid == 0 || pid == w->sys.ops->own_pid(w->sys.self))
        return false;
    if (!w->sys.ops->processes(w->sys.self, match_pid, &s, err) || !s.found || (start && s.start != start))
        return false;
    if (name)
        text_put(name, SYS_PROCESS_NAME_MAX, s.name);
    return true;
}

/* This process signs the note. */
static bool sign(struct work *w, struct parts_note *n, struct err *err)
{
    struct own_search me = {.pid = w->sys.ops->own_pid(w->sys.self)};
    if (!w->sys.ops->processes(w->sys.self, match_pid, &me, err))
        return false;
    n->pid = me.pid;
    n->pid_start = me.start;
    return true;
}

static void note_filter(struct parts_note *n, const uint32_t tags[PROFILE_MAX_TAGS], unsigned count)
{
    memcpy(n->tags, tags, sizeof n->tags);
    n->tag_count = count;
}

/* Notes what is let through from now on, before it is: a crash must not leave a note that promises less than is
 * recorded. */
static bool note_change(struct work *w, const uint32_t tags[PROFILE_MAX_TAGS], unsigned count, struct err *err)
{
    struct parts_note n = w->note;
    note_filter(&n, tags, count);
    n.stacks = w->view.stacks;
    parts_let_through(&n, tags, count);
    if (!parts_rewrite(&n, err))
        return false;
    w->note = n;
    return true;
}

static enum recorder_input do_note(struct work *w)
{
    struct err e = {0};
    struct parts_note n = {.guid = plan_session_guid, .started = clock_filetime(), .stacks = w->want_stacks};
    text_put(n.session, sizeof n.session, plan_session_name);
    text_put(n.profile, sizeof n.profile, w->profile.name);
    memcpy(n.masks, w->plan.masks, sizeof n.masks);
    note_filter(&n, w->want_tags, w->want_tag_count);
    memcpy(n.recorded, n.tags, sizeof n.tags);
    n.recorded_count = n.tag_count;
    n.storage = w->profile.storage;
    n.companion = w->plan.companion;
    n.live_events = w->profile.live_events;
    n.segment_minutes = w->plan.segment_minutes;
    n.segment_mb = w->plan.segment_mb;
    n.keep_mb = w->plan.keep_mb;
    n.stop = w->profile.stop;
    text_put(n.place, sizeof n.place, w->note.place);
    if (!sign(w, &n, &e) || !parts_begin(w->parts_dir, &n, &e))
        return fail(w, &e);
    w->note = n;
    w->view.storage = n.storage;
    w->view.started_filetime = n.started;
    return INPUT_OK;
}

static enum recorder_input do_start(struct work *w)
{
    struct err e = {0};
    struct trace_start want = w->plan.start;
    if (want.storage != TRACE_TO_RING)
        text_put(want.path, sizeof want.path, w->note.part);
    if (w->trace.ops->start(w->trace.self, &want, &w->session, &e)) {
        /* A new session records all types, without stacks. */
        w->view.tag_count = 0;
        w->view.stacks = 0;
        return INPUT_OK;
    }
    work_set_error(w, &e);
    if (e.code == ERR_EXISTS)
        return INPUT_EXISTS;
    return e.code == ERR_NO_SPACE && e.kind == ERR_KIND_WIN32 && e.os == 1450 ? INPUT_NO_SESSION : INPUT_FAILED;
}

static enum recorder_input query(struct work *w);

/* The number that a change is addressed to goes to somebody else's session once ours has ended: asked for before. */
static bool gone_before_change(struct work *w)
{
    bool changing = w->phase == PHASE_CHANGE_STACKS || w->phase == PHASE_CHANGE_FILTER;
    return changing && query(w) == INPUT_GONE;
}

/* A recording without the cache is a larger one, no lesser one. */
static void set_cache(struct work *w)
{
    struct err e = {0};
    if (!w->plan.stack_cache_kb || w->phase != PHASE_STACKS ||
        w->trace.ops->set_stack_cache(w->trace.self, &w->session, w->plan.stack_cache_kb, w->plan.stack_cache_buckets,
                                      &e))
        return;
    char why[ERR_DOING_MAX + ERR_REMEDY_MAX + 600];
    err_format(&e, why, sizeof why);
    size_t n = strlen(w->view.notes);
    snprintf(w->view.notes + n, sizeof w->view.notes - n, "%sStacks are recorded without a cache: %s", n ? "\n" : "",
             why);
}

static enum recorder_input do_stacks(struct work *w)
{
    set_cache(w);
    if (w->want_stacks == w->view.stacks)
        return INPUT_OK;
    if (gone_before_change(w))
        return INPUT_GONE;
    struct err e = {0};
    uint16_t hooks[PLAN_MAX_HOOKS];
    unsigned n = plan_hooks(w->want_stacks, hooks);
    if (w->trace.ops->set_stacks(w->trace.self, &w->session, hooks, n, &e)) {
        w->view.stacks = w->want_stacks;
        return INPUT_OK;
    }
    if (w->phase == PHASE_CHANGE_STACKS)
        err_remedy(&e, "The stack switches stay as they were; try again.");
    fail(w, &e);
    return e.code == ERR_NOT_FOUND ? INPUT_GONE : INPUT_FAILED;
}

static enum recorder_input do_filter(struct work *w)
{
    size_t bytes = w->want_tag_count * sizeof w->want_tags[0];
    if (w->want_tag_count == w->view.tag_count && memcmp(w->want_tags, w->view.tags, bytes) == 0)
        return INPUT_OK;
    if (gone_before_change(w))
        return INPUT_GONE;
    struct err e = {0};
    bool changing = w->phase == PHASE_CHANGE_FILTER;
    if ((!changing || note_change(w, w->want_tags, w->want_tag_count, &e)) &&
        w->trace.ops->set_filter(w->trace.self, &w->session, w->want_tags, w->want_tag_count, &e) &&
        work_companion_filter(w, w->want_tags, w->want_tag_count, &e)) {
        memcpy(w->view.tags, w->want_tags, sizeof w->view.tags);
        w->view.tag_count = w->want_tag_count;
        return INPUT_OK;
    }
    err_remedy(&e, changing ? "The filter stays as it was; try again."
                            : "Record all types; reports can still show the wanted ones only.");
    fail(w, &e);
    if (e.code == ERR_NOT_FOUND)
        return INPUT_GONE;
    return INPUT_REFUSED;
}

static void start_clock(struct work *w, uint64_t already_ns)
{
    w->began_ns = clock_ns() - already_ns;
    w->running = true;
}

static void stop_clock(struct work *w)
{
    if (w->running)
        w->view.recording_ns = clock_ns() - w->began_ns;
    w->running = false;
}

static enum recorder_input do_masks(struct work *w)
{
    struct err e = {0};
    /* The filter was refused, and all types are recorded on purpose. */
    bool unfiltered = w->view.tag_count == 0 && w->note.recorded_count != 0;
    if (unfiltered && !note_change(w, w->view.tags, 0, &e))
        return fail(w, &e);
    /* First who runs, then what they do. */
    if (!work_companion_masks(w, &e) || !w->trace.ops->set_masks(w->trace.self, &w->session, w->plan.masks, &e))
        return fail(w, &e);
    start_clock(w, 0);
    work_segment_begins(w);
    return INPUT_OK;
}

bool work_is_gone(const struct err *e)
{
    /* A file that is not there is another thing; what the backend found itself has no number. */
    return e->code == ERR_NOT_FOUND && (e->kind == ERR_KIND_NONE || e->os == 4201 || e->os == 0xC0000296u);
}

bool work_note_stray_ring(struct work *w, struct err *err)
{
    struct parts_note n = {
        .guid = plan_session_guid, .started = clock_filetime(), .storage = PROFILE_RING, .companion = true};
    text_put(n.session, sizeof n.session, plan_session_name);
    if (!sign(w, &n, err) || !parts_begin(w->parts_dir, &n, err))
        return false;
    w->note = n;
    return true;
}

enum recorder_input work_session_gone(struct work *w, const struct err *e)
{
    struct err gone = *e;
    text_put(gone.doing, sizeof gone.doing, "Recording: the session ended by itself");
    gone.remedy[0] = 0;
    err_remedy(&gone, "What it recorded until then is kept: save it, or look for the cause in the event log.");
    work_set_error(w, &gone);
    stop_clock(w);
    return INPUT_GONE;
}

static enum recorder_input query(struct work *w)
{
    struct err e = {0};
    struct trace_status status = {0};
    if (w->trace.ops->query(w->trace.self, &w->session, &status, &e)) {
        w->view.status = status;
        w->view.status_known = true;
        if (w->poll_failed) {
            w->view.error = (struct err){0};
            w->poll_failed = false;
        }
        return INPUT_OK;
    }
    if (e.code == ERR_NOT_FOUND)
        return work_session_gone(w, &e);
    w->view.status_known = false;
    if (w->view.error.code == ERR_NONE) {
        work_set_error(w, &e);
        w->poll_failed = true;
    }
    return INPUT_FAILED;
}

/* It ends by itself, and goes where that was said to. */
static void take_noted_place(struct work *w)
{
    if (!w->note.place[0] || w->place_known)
        return;
    text_put(w->place, sizeof w->place, w->note.place);
    w->place_replace = false;
    w->place_merged = false;
    w->place_known = true;
}

static bool rule_holds(struct work *w)
{
    const struct stop_facts f = {
        .recording_s = (double)(clock_ns() - w->began_ns) / 1e9,
        .written_known = w->view.status_known && !work_is_ring(w),
        .written_bytes = work_written(w),
        .disk_known = w->view.disk_known,
        .disk_free = w->view.disk_free,
    };
    bool fired = stop_rules_fire(&w->note.stop, &f, &w->view.stopped_by);
    if (!fired && w->counts_fired)
        w->view.stopped_by = w->counts_rule;
    w->view.stopped_by_rule = fired || w->counts_fired;
    return w->view.stopped_by_rule;
}

static enum recorder_input do_poll(struct work *w)
{
    enum recorder_input result = query(w);
    if (result == INPUT_GONE)
        return result;
    struct err e = {0};
    work_poll_companion(w);
    measure_disk(w, w->note.part, NULL); /* view.disk_known says that it could not be asked */
    if (disk_low(w, &e)) {
        work_set_error(w, &e);
        take_noted_place(w);
        return INPUT_LOW_DISK;
    }
    if (rule_holds(w)) {
        take_noted_place(w);
        return INPUT_RULE;
    }
    return work_segment_due(w) ? INPUT_SEGMENT : result;
}

static enum recorder_input do_stop(struct work *w)
{
    struct err e = {0};
    struct trace_status status = {0};
    bool saving = w->phase == PHASE_STOPPING || w->phase == PHASE_ORPHAN_STOPPING;
    if (w->trace.ops->stop(w->trace.self, &w->session, &status, &e)) {
        w->view.status = status;
        w->view.status_known = true;
        stop_clock(w);
        work_stop_companion(w);
        return INPUT_OK;
    }
    if (e.code == ERR_NOT_FOUND) {
        if (saving)
            work_session_gone(w, &e);
        stop_clock(w);
        work_stop_companion(w);
        return INPUT_GONE;
    }
    /* It runs on. Why it was to be ended matters less now; where it can be read it stays. */
    if (w->phase == PHASE_UNDOING && w->view.error.code != ERR_NONE) {
        char why[ERR_DOING_MAX + ERR_REMEDY_MAX + 600];
        err_format(&w->view.error, why, sizeof why);
        text_put(w->view.notes, sizeof w->view.notes, why);
    }
    e.remedy[0] = 0;
    err_remedy(&e, "The session still runs: try again.");
    work_set_error(w, &e);
    memset(&w->view.other, 0, sizeof w->view.other);
    w->view.other.session = w->session;
    w->view.other.status = w->view.status;
    w->view.other.system_logger = true;
    w->view.other_pid = w->note.pid;
    w->view.other_started = w->note.started;
    w->view.other_process[0] = 0;
    return INPUT_FAILED;
}

static enum recorder_input do_resume(struct work *w)
{
    struct err e = {0};
    struct parts_note n = w->note;
    static const uint32_t none[8];
    /* What the note does not know, a new plan of the same kind would have set. */
    bool masks_known = memcmp(n.masks, none, sizeof none) != 0;
    if (!masks_known) {
        err_set(&e, ERR_NOT_FOUND, "Continuing a recording whose note is missing");
        err_remedy(&e, "Stop and save it, then record anew.");
        return fail(w, &e);
    }
    if (!sign(w, &n, &e) || !work_companion_masks(w, &e) ||
        !w->trace.ops->set_masks(w->trace.self, &w->session, n.masks, &e) || !parts_rewrite(&n, &e)) {
        fail(w, &e);
        return work_is_gone(&e) ? INPUT_GONE : INPUT_FAILED;
    }
    w->note = n;
    w->view.storage = n.storage;
    w->view.ring.companion = n.companion;
    w->closed_bytes = 0;
    memcpy(w->view.tags, n.tags, sizeof w->view.tags);
    w->view.tag_count = n.tag_count;
    w->view.stacks = n.stacks;
    w->view.started_filetime = n.started;
    uint64_t now = clock_filetime();
    start_clock(w, n.started && now > n.started ? (now - n.started) * 100 : 0);
    work_segment_begins(w);
    return INPUT_OK;
}

/* Puts the names of the sessions in use into the remedy: closing one of them is what helps. */
static enum recorder_input do_name_sessions(struct work *w)
{
    struct trace_listing *all = calloc(TRACE_LIST_MAX, sizeof *all);
    size_t count = 0;
    bool ok = all && w->trace.ops->list(w->trace.self, all, TRACE_LIST_MAX, &count, NULL);
    plan_slots_remedy(all, !ok ? 0 : count < TRACE_LIST_MAX ? count : TRACE_LIST_MAX, &w->view.error);
    free(all);
    return ok ? INPUT_OK : INPUT_FAILED;
}

enum recorder_input work_do(struct work *w, enum recorder_action action)
{
    switch (action) {
    case ACTION_CHECK:
        return do_check(w);
    case ACTION_NOTE:
        return do_note(w);
    case ACTION_START:
        return do_start(w);
    case ACTION_START_COMPANION:
        return work_start_companion(w);
    case ACTION_SET_STACKS:
        return do_stacks(w);
    case ACTION_SET_FILTER:
        return do_filter(w);
    case ACTION_SET_MASKS:
        return do_masks(w);
    case ACTION_QUERY:
        return query(w);
    case ACTION_NAME_SESSIONS:
        return do_name_sessions(w);
    case ACTION_POLL:
        return do_poll(w);
    case ACTION_RESUME:
        return do_resume(w);
    case ACTION_LIST_HANDLES:
        return work_list_handles(w);
    case ACTION_FLUSH:
        return work_flush(w);
    case ACTION_SNAPSHOT:
        return work_snapshot(w);
    case ACTION_CLOSE_SEGMENT:
        return work_close_segment(w);
    case ACTION_SWITCH_FILE:
        return work_switch_file(w);
    case ACTION_OPEN_SEGMENT:
        return work_open_segment(w);
    case ACTION_STOP:
        return do_stop(w);
    default:
        return work_do_parts(w, action);
    }
}
