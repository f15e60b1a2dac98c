/* handlerec record: records until Ctrl+C or for a time, saves, and says where. Commands the controller; decides
 * nothing about sessions. */
#include "cli/cli_record.h"

#include "cli/cli.h"
#include "cli/session_end.h"
#include "core/base/thread.h"
#include "core/record/controller.h"
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
    "       handlerec record --rescue [-o FILE]\n"
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
    "                 An existing file is never replaced\n"
    "  --rescue       save a recording that another run left behind, running or not; records nothing new\n"
    "\n"
    "The progress is told on stderr, the saved file's path on stdout.\n";

#define LOOK_MS    100
#define STOP_TRIES 3 /* a second apart */

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

/* One run of the command. */
struct recording {
    const struct record_options *o;
    struct sys_backend *sys;
    struct controller *c;
    struct recorder_view v;
    enum recorder_state told_state;
    enum recorder_step told_step;
    bool notes_told;
    uint64_t told_second;
    bool live; /* stderr is a console: the counting line is rewritten in place */
    bool line_open;
    bool commanded; /* record or rescue was asked for */
    bool stopping;
    unsigned stop_tries;
    bool cancelled;
    bool refused;       /* the filter was refused, and answered */
    bool ended_early;   /* by itself, and is saved all the same */
    bool saved_damaged; /* does not read back whole, and is saved as it is */
};

/* In one piece: a console shows each part as it comes. */
static void say_part(const char *format, ...) ERR_PRINTF(1, 2);

static void say_part(const char *format, ...)
{
    char line[TRACE_PATH_MAX + 1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fwrite(line, 1, n < (int)sizeof line ? (size_t)n : sizeof line - 1, stderr);
    fflush(stderr);
}

static void end_line(struct recording *r)
{
    if (r->line_open)
        say_part("\n");
    r->line_open = false;
}

static void say(struct recording *r, const char *s)
{
    end_line(r);
    say_part("%s\n", s);
}

static void tell_error(struct recording *r, const struct err *e)
{
    char text[ERR_DOING_MAX + ERR_REMEDY_MAX + 600];
    err_format(e, text, sizeof text);
    say(r, text);
}

static const char *step_text(enum recorder_step step)
{
    static const char *const texts[RECORDER_STEP_COUNT] = {
        [RECORDER_STEP_STARTING_SESSION] = "Starting the session",
        [RECORDER_STEP_FLUSHING] = "Stopping; writing the buffers and the list of open handles",
        [RECORDER_STEP_READING_BACK] = "Reading the recording back",
        [RECORDER_STEP_MOVING] = "Moving the recording into place",
        [RECORDER_STEP_DISCARDING] = "Removing what was begun",
    };
    return texts[step];
}

static void tell_count(struct recording *r)
{
    const struct recorder_view *v = &r->v;
    uint64_t second = v->recording_ns / 1000000000u;
    if (!r->live || (r->line_open && second == r->told_second))
        return;
    char state[64] = "";
    if (v->status_known)
        snprintf(state, sizeof state, ", %" PRIu64 " MB, %u events lost",
                 (uint64_t)v->status.buffers_written * v->status.buffer_kb / 1024, v->status.events_lost);
    say_part("\rRecording %" PRIu64 ":%02u%s ", second / 60, (unsigned)(second % 60), state);
    r->told_second = second;
    r->line_open = true;
}

static void tell_state(struct recording *r)
{
    const struct recorder_view *v = &r->v;
    if (v->state == RECORDER_RECORDING && !r->notes_told) {
        r->notes_told = true;
        if (v->notes[0])
            say(r, v->notes);
        say(r, r->o->seconds ? "Recording. Ctrl+C stops sooner." : "Recording. Ctrl+C stops.");
    }
    if (v->state == RECORDER_RECORDING)
        tell_count(r);
    if (v->step != r->told_step && step_text(v->step))
        say(r, step_text(v->step));
    r->told_step = v->step;
    r->told_state = v->state;
}

static void stop(struct recording *r)
{
    r->stopping = true;
    r->stop_tries++;
    controller_stop(r->c);
    controller_save(r->c, r->o->path, false);
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
    say(r, "Nothing is recorded. Without --type all types are recorded.");
    controller_choose(r->c, RECORDER_DO_NOT_RECORD);
}

static enum exit_code saved(struct recording *r)
{
    struct text out = {0};
    char line[160];
    snprintf(line, sizeof line, "%" PRIu64 " events", r->v.events);
    if (!r->saved_damaged) /* they were counted to the end */
        say(r, line);
    if (r->v.events_lost_known && r->v.events_lost) {
        snprintf(line, sizeof line, "%" PRIu64 " events were lost: counts of open handles are approximate.",
                 r->v.events_lost);
        say(r, line);
    }
    bool damaged = r->saved_damaged || r->ended_early;
    if (r->v.error.code != ERR_NONE)
        tell_error(r, &r->v.error);
    text_addf(&out, "%s\n", r->v.saved_path);
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
        r->ended_early = true;
    r->stopping = true;
    controller_save(r->c, r->o->path, false);
    return true;
}

static enum exit_code failed(struct recording *r)
{
    if (r->v.error.code != ERR_NONE)
        tell_error(r, &r->v.error);
    if (r->v.parts_exist) {
        end_line(r);
        say_part("The recording is kept in %s; 'handlerec record --rescue -o FILE' saves it.\n", r->v.parts_dir);
    }
    return EXIT_FAILED;
}

/* Without rights nothing is seen of a session that runs, nor of its parts. */
static bool may_look(struct recording *r)
{
    struct sys_machine m = {.elevated = true};
    return !r->sys->ops->machine(r->sys->self, &m, NULL) || m.elevated;
}

static enum exit_code tell_left_behind(struct recording *r)
{
    char line[TRACE_PATH_MAX + 160];
    snprintf(line, sizeof line, "A recording %s. Save it first with 'handlerec record --rescue -o FILE'.",
             r->v.state == RECORDER_ORPHAN ? "that no program watches is running" : "was left unsaved");
    say(r, line);
    return EXIT_FAILED;
}

/* Another recorder that runs, or another program that has the session's name: neither is ended from here. */
static enum exit_code tell_other(struct recording *r)
{
    const struct recorder_view *v = &r->v;
    if (v->error.code != ERR_NONE) {
        tell_error(r, &v->error);
        return EXIT_FAILED;
    }
    end_line(r);
    if (v->other_process[0])
        say_part("Another Handle Recorder is recording: %s, process %u. Stop it there first.\n", v->other_process,
                 v->other_pid);
    else
        say_part("Another program has a session named %s, which one recording at a time can use. End it there first.\n",
                 v->other.session.name);
    return EXIT_FAILED;
}

/* The session could not be ended: after a start that failed, whose reason the notes tell, or by a rescue. */
static enum exit_code tell_running(struct recording *r)
{
    if (!r->o->rescue && r->v.notes[0])
        say(r, r->v.notes);
    if (r->v.error.code != ERR_NONE)
        tell_error(r, &r->v.error);
    say(r, "'handlerec record --rescue -o FILE' ends the session and saves what it holds.");
    return EXIT_FAILED;
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
        controller_save(r->c, r->o->path, false);
        return true;
    }
    if (left) {
        *code = tell_left_behind(r);
        return false;
    }
    if (r->o->rescue) {
        *code = s == RECORDER_OTHER ? tell_other(r) : failed(r);
        if (s == RECORDER_IDLE)
            say(r, may_look(r) ? "No recording was left behind."
                               : "Looking for a recording that was left behind: this needs administrator rights. Run "
                                 "as administrator.");
        return false;
    }
    if (s == RECORDER_OTHER) {
        *code = tell_other(r);
        return false;
    }
    controller_record(r->c, &r->o->profile);
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
    end_line(r);
    say_part("The recording is kept in %s; 'handlerec record --rescue -o FILE' ends and saves it.\n", r->v.parts_dir);
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
        if (idle)
            clock_sleep_ms(LOOK_MS);
    }
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
        code = follow(&r);
        end_line(&r);
        controller_destroy(r.c);
        if (trace_etw_lost(&trace)[0])
            say(&r, trace_etw_lost(&trace));
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
