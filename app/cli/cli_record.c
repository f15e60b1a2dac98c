/* handlerec record: records until Ctrl+C or for a time, saves, and says where. Commands the controller; decides
 * nothing about sessions. */
#include "cli/cli_record.h"

#include "cli/cli.h"
#include "cli/cli_record_tell.h"
#include "cli/session_end.h"
#include "core/base/thread.h"
#include "core/record/span_job.h"
#include "win/folders.h"
#include "win/sys_win.h"
#include "win/trace_etw.h"
#include "win/win.h"

#include <inttypes.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

const char cli_record_help[] =
    "Usage: handlerec record [--profile P] [--type T]... [--stacks LIST] [--for TIME] [-o FILE]\n"
    "                        [--ring MB [--snapshot-every TIME] | --circular MB | --segment S [--keep MB]]\n"
    "                        [--stop-when R] [--stop-growth R] [--stop-at MB] [--stop-disk GB]\n"
    "       handlerec record --rescue [--one-file] [-o FILE]\n"
    "\n"
    "Records which code opens and closes handles, in all processes. Ctrl+C stops and saves. Needs administrator "
    "rights.\n"
    "\n"
    "  --profile P    what to record: the name of a profile, or a .wprp file; otherwise all types with the stacks of\n"
    "                 creating and duplicating\n"
    "  --type T       only handles of this type (as 'handlerec types' names it); up to four times\n"
    "  --stacks LIST  which events get call stacks: create, close, duplicate with commas between, or none\n"
    "  --for TIME     stop by itself: 30s, 10m, 2h\n"
    "  -o FILE        where to save; otherwise HandleRecorder_<machine>_<date>_<time>.etl in the current folder.\n"
    "                 An existing file is never replaced. Of segments it is the first; the others are named FILE.0001\n"
    "                 and so on before the ending\n"
    "  --ring MB      to a ring in memory, whose oldest part is written over; saved when it stops. A second session\n"
    "                 lists processes, modules and open handles\n"
    "  --snapshot-every TIME\n"
    "                 save what the ring holds every so often (500ms, 10s, 5m), as FILE.snapshot-1 and so on;\n"
    "                 recording goes on\n"
    "  --circular MB  to a file of this size, whose oldest part is written over\n"
    "  --segment S    a new file every so often: 10m, 200MB, or both with a comma between\n"
    "  --keep MB      of segments; older ones are deleted, but what is still open in them is carried forward\n"
    "  --one-file     segments are saved as one file\n"
    "  --stop-when R  stop when a process holds too many handles: app.exe:Event>5000, *:Event>5000\n"
    "  --stop-growth R\n"
    "                 stop when a type grows faster than so many handles a minute: Event>500/min\n"
    "  --stop-at MB   stop when so much was written\n"
    "  --stop-disk GB stop when less is free on the disk\n"
    "  --rescue       save a recording that another run left behind, running or not; records nothing new\n"
    "\n"
    "The progress is told on stderr, the saved file's path on stdout.\n";

#define LOOK_MS    100
#define MEASURE_MS 10000 /* of reading what was saved once more, to tell what the next one will cost */
#define STOP_TRIES 3     /* a second apart */

/* Written by the console's thread, and by the one that hears of the session's end. */
static atomic_uint breaks;
static atomic_bool finished;

static BOOL WINAPI on_break(DWORD event)
{
    atomic_fetch_add(&breaks, 1);
    /* The others end the program when this returns: so it does not before all is saved, or the system's patience
     * ends, in which case the raw parts wait for --rescue. */
    while (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT && !atomic_load(&finished))
        Sleep(LOOK_MS);
    return TRUE;
}

/* One break, however often it is told: a second one would give up saving. */
static void on_session_end(void)
{
    atomic_fetch_or(&breaks, 1u);
    while (!atomic_load(&finished))
        Sleep(LOOK_MS);
}

static void save(struct recording *r)
{
    if (r->o->one_file)
        controller_save_merged(r->c, r->o->path, false);
    else
        controller_save(r->c, r->o->path, false);
}

static void stop(struct recording *r)
{
    r->stopping = true;
    r->stop_tries++;
    controller_stop(r->c);
    save(r);
}

/* "FILE.snapshot-3.etl" */
static void snapshot(struct recording *r)
{
    const char *path = r->o->path;
    const char *dot = strrchr(path, '.');
    bool ending = dot && !strpbrk(dot, "/\\");
    char to[TRACE_PATH_MAX + 32];
    snprintf(to, sizeof to, "%.*s.snapshot-%u%s", (int)(ending ? (size_t)(dot - path) : strlen(path)), path,
             ++r->snapshots, ending ? dot : "");
    controller_snapshot(r->c, to, false);
}

static void snapshot_when_due(struct recording *r)
{
    const struct recorder_ring *ring = &r->v.ring;
    uint64_t every = r->o->snapshot_ms * 1000000u;
    uint64_t now = clock_ns();
    if (every && r->v.state == RECORDER_RECORDING && !r->stopping) {
        if (!r->next_snapshot)
            r->next_snapshot = now + every;
        /* One that takes longer than that is not followed by the ones that were missed. */
        if (now >= r->next_snapshot && !ring->snapshot_busy) {
            r->next_snapshot = now + every;
            snapshot(r);
        }
    }
    if (ring->snapshots > r->told_snapshots)
        tell_line(r, "Snapshot %u: %s", ring->snapshots, ring->snapshot_path);

    r->told_snapshots = ring->snapshots;
    if (ring->snapshot_error.code != ERR_NONE &&
        memcmp(&ring->snapshot_error, &r->told_snapshot_error, sizeof r->told_snapshot_error) != 0)
        tell_error(r, &ring->snapshot_error);
    r->told_snapshot_error = ring->snapshot_error;
}

/* Rules on handle counts are checked against each new count. */
static void hand_on_counts(struct recording *r)
{
    const struct snapshot *s = r->watcher ? watcher_latest(r->watcher) : NULL;
    if (s && s->number != r->counted) {
        r->counted = s->number;
        controller_census(r->c, s);
    }
    snapshot_release(s);
}

/* What Ctrl+C means now: the first ends the recording, a second one gives up saving and leaves the parts. */
static void heed_breaks(struct recording *r)
{
    unsigned n = atomic_load(&breaks);
    bool over = r->o->seconds && r->v.state == RECORDER_RECORDING && r->v.recording_ns >= r->o->seconds * 1000000000u;
    bool can_stop = r->v.state == RECORDER_RECORDING || r->v.state == RECORDER_STARTING;
    if ((n || over) && !r->stopping && r->commanded && !r->o->rescue && can_stop)
        stop(r);
    if (n > 1 && !r->cancelled && r->v.state == RECORDER_SAVING) {
        r->cancelled = true;
        controller_cancel(r->c);
    }
}

static void refuse_filter(struct recording *r)
{
    if (!r->v.filter_refused || r->refused)
        return;
    r->refused = true;
    tell_error(r, &r->v.error);
    tell_line(r, "Nothing is recorded. Without --type all types are recorded.");
    controller_choose(r->c, RECORDER_DO_NOT_RECORD);
}

/* The other files of a set, as the recorder names them. */
static void add_member(struct text *out, const char *path, unsigned i)
{
    const char *dot = strrchr(path, '.');
    size_t stem = dot && !strpbrk(dot, "/\\") ? (size_t)(dot - path) : strlen(path);
    text_addf(out, "%.*s.%04u%s\n", (int)stem, path, i, path + stem);
}

static enum exit_code saved(struct recording *r)
{
    struct text out = {0};
    if (!r->saved_damaged) /* they were counted to the end */
        tell_line(r, "%" PRIu64 " events", r->v.events);
    if (r->v.events_lost_known && r->v.events_lost)
        tell_line(r, "%" PRIu64 " events were lost: counts of open handles are approximate.", r->v.events_lost);
    if (r->v.stopped_by_rule)
        tell_rule(r);
    else if (!r->stopping && !r->o->rescue)
        r->ended_early = true;
    bool damaged = r->saved_damaged || r->ended_early;
    if (r->v.error.code != ERR_NONE)
        tell_error(r, &r->v.error);
    text_addf(&out, "%s\n", r->v.saved_path);
    for (unsigned i = 1; i < r->v.files; i++)
        add_member(&out, r->v.saved_path, i);
    enum exit_code code = cli_print(&out, damaged ? EXIT_DAMAGED : EXIT_OK);
    text_free(&out);
    return code;
}

/* A recording that ended by itself, or that reads back damaged, is saved all the same: that is what a command line is
 * for. Each once: what fails again stays where it is. */
static bool save_what_there_is(struct recording *r)
{
    enum err_code code = r->v.error.code;
    bool damaged = code == ERR_FORMAT || code == ERR_TRUNCATED || code == ERR_MISMATCH;
    bool asked = r->stopping || r->o->rescue;
    if (!r->v.parts_exist || (asked && (!damaged || r->saved_damaged)))
        return false;
    if (code != ERR_NONE)
        tell_error(r, &r->v.error);
    if (asked)
        r->saved_damaged = true;
    else
        r->ended_early = !r->v.stopped_by_rule;
    r->stopping = true;
    save(r);
    return true;
}

static enum exit_code failed(struct recording *r)
{
    if (r->v.error.code != ERR_NONE)
        tell_error(r, &r->v.error);
    if (r->v.parts_exist)
        tell_line(r, "The recording is kept in %s; 'handlerec record --rescue -o FILE' saves it.", r->v.parts_dir);

    return EXIT_FAILED;
}

/* Without rights nothing is seen of a session that runs, nor of its parts. */
static bool may_look(struct recording *r)
{
    struct sys_machine m = {.elevated = true};
    return !r->sys->ops->machine(r->sys->self, &m, NULL) || m.elevated;
}

/* What is found when the controller has looked round, before any command. True: go on. */
static bool begin(struct recording *r, enum exit_code *code)
{
    enum recorder_state s = r->v.state;
    bool left = s == RECORDER_ORPHAN || s == RECORDER_UNSAVED || (s == RECORDER_FAILED && r->v.parts_exist);
    r->commanded = true;
    if (left && r->o->rescue) {
        if (s == RECORDER_ORPHAN)
            controller_choose(r->c, RECORDER_ORPHAN_SAVE);
        save(r);
        return true;
    }
    if (left) {
        *code = tell_left_behind(r);
        return false;
    }
    if (r->o->rescue) {
        *code = s == RECORDER_OTHER ? tell_other(r) : failed(r);
        if (s == RECORDER_IDLE)
            tell_line(r, "%s",
                      may_look(r)
                          ? "No recording was left behind."
                          : "Looking for a recording that was left behind: this needs administrator rights. Run "
                            "as administrator.");
        return false;
    }
    if (s == RECORDER_OTHER) {
        *code = tell_other(r);
        return false;
    }
    /* One file is made on command only: what ends by itself is saved by this program then. */
    controller_record_to(r->c, &r->o->profile, r->o->one_file ? "" : r->o->path);
    return true;
}

/* The session could not be ended and runs on. Trying again helps where the system was only short of something; after
 * that the parts stay, and with them the way to end it. True: given up. */
static bool stop_failed(struct recording *r, enum exit_code *code)
{
    if (!r->stopping || r->v.state != RECORDER_RECORDING)
        return false;
    tell_error(r, &r->v.error);
    if (r->stop_tries < STOP_TRIES) {
        clock_sleep_ms(1000);
        stop(r);
        return false;
    }
    tell_line(r, "The recording is kept in %s; 'handlerec record --rescue -o FILE' ends and saves it.", r->v.parts_dir);
    *code = EXIT_FAILED;
    return true;
}

/* The state after the command has been carried out as far as it goes. True: it is the end. */
static bool ended(struct recording *r, enum exit_code *code)
{
    switch (r->v.state) {
    case RECORDER_SAVED:
        *code = saved(r);
        return true;
    case RECORDER_FAILED:
    case RECORDER_UNSAVED:
        if (save_what_there_is(r))
            return false;
        *code = failed(r);
        return true;
    case RECORDER_OTHER:
        *code = tell_other(r);
        return true;
    case RECORDER_ORPHAN:
        *code = tell_running(r);
        return true;
    case RECORDER_IDLE:
        *code = failed(r);
        return true;
    default:
        return false;
    }
}

static enum exit_code follow(struct recording *r)
{
    enum exit_code code = EXIT_FAILED;
    for (;;) {
        /* Idle means that the queue is empty too: the view shows where the commands have led. */
        bool idle = controller_wait_idle(r->c, LOOK_MS);
        controller_view(r->c, &r->v);
        if (!r->commanded) {
            if (idle && !begin(r, &code))
                return code;
            continue;
        }
        tell_state(r);
        refuse_filter(r);
        if (idle && (ended(r, &code) || stop_failed(r, &code)))
            return code;
        heed_breaks(r);
        hand_on_counts(r);
        snapshot_when_due(r);
        if (idle)
            clock_sleep_ms(LOOK_MS);
    }
}

/* What it cost is kept for whoever plans the next one. Ctrl+C, or a recording that takes long to read, ends that: it is
 * no part of saving. */
static void keep_rates(struct recording *r)
{
    char file[TRACE_PATH_MAX];
    struct err err = {0};
    struct span_job *job = NULL;
    struct span_rates rates;
    unsigned before = atomic_load(&breaks);
    if (r->v.state != RECORDER_SAVED || r->v.recording_ns < SPAN_LEAST_SECONDS * 1000000000ull)
        return;
    if (folders_find(FOLDER_RATES, file, sizeof file, &err) &&
        span_job_start(r->v.saved_path, &r->v, file, NULL, NULL, &job, &err)) {
        for (unsigned ms = 0; ms < MEASURE_MS && !span_job_is_done(job) && atomic_load(&breaks) == before;
             ms += LOOK_MS)
            clock_sleep_ms(LOOK_MS);
        span_job_end(job, &rates, &err);
    }
    if (err.code != ERR_NONE)
        tell_error(r, &err);
}

static enum exit_code run(const struct record_options *o, struct sys_backend *sys)
{
    struct err err = {0};
    struct trace_backend trace = {.ops = NULL};
    struct recording r = {.o = o, .sys = sys, .live = _isatty(_fileno(stderr)) != 0};
    char parts[TRACE_PATH_MAX];
    if (!folders_find(FOLDER_PARTS, parts, sizeof parts, &err) || !trace_etw_create(&trace, &err))
        return cli_fail(&err);
    struct controller_options co = {.trace = trace, .sys = *sys, .parts_dir = parts};
    enum exit_code code = EXIT_FAILED;
    if (controller_create(&co, &r.c, &err)) {
        struct session_end *session = NULL;
        SetConsoleCtrlHandler(on_break, TRUE);
        /* Without it the end of the Windows session leaves the raw part to --rescue: no reason not to record. */
        session_end_watch(on_session_end, "The recording is being stopped, so that nothing is lost.", &session, NULL);
        /* Without counts those rules never hold, which is worth knowing. */
        if (stop_rules_need_counts(&o->profile.stop) && !watcher_start(sys, NULL, NULL, &r.watcher, &err))
            tell_error(&r, &err);
        code = follow(&r);
        keep_rates(&r);
        if (r.watcher)
            watcher_stop(r.watcher);
        tell_end_line(&r);
        controller_destroy(r.c);
        if (trace_etw_lost(&trace)[0])
            tell_line(&r, "%s", trace_etw_lost(&trace));
        atomic_store(&finished, true);
        session_end_forget(session);
        SetConsoleCtrlHandler(on_break, FALSE);
    } else {
        code = cli_fail(&err);
    }
    trace_etw_destroy(&trace);
    return code;
}

enum exit_code cli_record(int argc, char **argv)
{
    struct err err = {0};
    struct sys_backend sys = {.ops = NULL};
    struct record_options o = {.seconds = 0};
    if (!sys_win_create(&sys, &err))
        return cli_fail(&err);
    enum exit_code code = record_options_read(argc, argv, &sys, &o);
    if (code == EXIT_OK)
        code = run(&o, &sys);
    sys_win_destroy(&sys);
    return code;
}
