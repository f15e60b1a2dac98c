/* Tells on stderr how a recording goes, and why it does not. */
#include "cli/cli_record_tell.h"

#include <inttypes.h>
#include <stdio.h>

/* In one piece: a console shows each part as it comes. */
static void put(const char *s, size_t n)
{
    fwrite(s, 1, n, stderr);
    fflush(stderr);
}

void tell_end_line(struct recording *r)
{
    if (r->line_open)
        put("\n", 1);
    r->line_open = false;
}

void tell_line(struct recording *r, const char *format, ...)
{
    char line[TRACE_PATH_MAX + 1024];
    va_list args;
    tell_end_line(r);
    va_start(args, format);
    int n = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    size_t used = n < (int)sizeof line - 1 ? (size_t)n : sizeof line - 2;
    line[used] = '\n';
    put(line, used + 1);
}

void tell_error(struct recording *r, const struct err *e)
{
    char text[ERR_DOING_MAX + ERR_REMEDY_MAX + 600];
    err_format(e, text, sizeof text);
    tell_line(r, "%s", text);
}

static const char *step_text(enum recorder_step step)
{
    static const char *const texts[RECORDER_STEP_COUNT] = {
        [RECORDER_STEP_STARTING_SESSION] = "Starting the session",
        [RECORDER_STEP_FLUSHING] = "Stopping; writing the buffers and the list of open handles",
        [RECORDER_STEP_READING_BACK] = "Reading the recording back",
        [RECORDER_STEP_MOVING] = "Moving the recording into place",
        [RECORDER_STEP_DISCARDING] = "Removing what was begun",
        [RECORDER_STEP_LISTING] = "Stopping; listing the open handles",
        [RECORDER_STEP_MERGING] = "Making one file of the parts",
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
    char more[96] = "";
    if (v->status_known && v->storage == PROFILE_RING)
        snprintf(state, sizeof state, ", ring of %u MB, %u events lost",
                 (unsigned)((uint64_t)v->status.buffers * v->status.buffer_kb / 1024), v->status.events_lost);
    else if (v->status_known)
        snprintf(state, sizeof state, ", %" PRIu64 " MB, %u events lost",
                 (uint64_t)v->status.buffers_written * v->status.buffer_kb / 1024, v->status.events_lost);
    if (v->segments.written > 1)
        snprintf(more, sizeof more, ", %u files, gap %" PRIu64 " ms", v->segments.written,
                 v->segments.longest_gap_ns / 1000000u);
    char line[256];
    int n = snprintf(line, sizeof line, "\rRecording %" PRIu64 ":%02u%s%s ", second / 60, (unsigned)(second % 60),
                     state, more);
    put(line, (size_t)n);
    r->told_second = second;
    r->line_open = true;
}

void tell_state(struct recording *r)
{
    const struct recorder_view *v = &r->v;
    if (v->state == RECORDER_RECORDING && !r->notes_told) {
        r->notes_told = true;
        if (v->notes[0])
            tell_line(r, "%s", v->notes);
        tell_line(r, r->o->seconds ? "Recording. Ctrl+C stops sooner." : "Recording. Ctrl+C stops.");
    }
    if (v->state == RECORDER_RECORDING)
        tell_count(r);
    if (v->state != RECORDER_RECORDING && v->step != r->told_step && step_text(v->step))
        tell_line(r, "%s", step_text(v->step));
    r->told_step = v->step;
    r->told_state = v->state;
}

void tell_rule(struct recording *r)
{
    const struct stop_fired *f = &r->v.stopped_by;
    const char *type = f->type[0] ? f->type : "all";
    switch (f->rule) {
    case PROFILE_RULE_AFTER:
        tell_line(r, "Stopped: %" PRIu64 " seconds have passed.", f->limit);
        break;
    case PROFILE_RULE_AT:
        tell_line(r, "Stopped: %" PRIu64 " MB are written.", f->limit >> 20);
        break;
    case PROFILE_RULE_DISK:
        tell_line(r, "Stopped: less than %" PRIu64 " MB are free on the disk.", f->limit >> 20);
        break;
    case PROFILE_RULE_HOLD:
        tell_line(r, "Stopped: %s (%u) holds %" PRIu64 " handles (%s), more than %" PRIu64 ".", f->process, f->pid,
                  f->value, type, f->limit);
        break;
    case PROFILE_RULE_GROW:
        tell_line(r, "Stopped: %s grows by %" PRIu64 " handles a minute, faster than %" PRIu64 ".", type, f->value,
                  f->limit);
        break;
    }
}

enum exit_code tell_left_behind(struct recording *r)
{
    tell_line(r, "A recording %s. Save it first with 'handlerec record --rescue -o FILE'.",
              r->v.state == RECORDER_ORPHAN ? "that no program watches is running" : "was left unsaved");
    return EXIT_FAILED;
}

/* Another recorder that runs, or another program that has the session's name: neither is ended from here. */
enum exit_code tell_other(struct recording *r)
{
    const struct recorder_view *v = &r->v;
    if (v->error.code != ERR_NONE) {
        tell_error(r, &v->error);
        return EXIT_FAILED;
    }
    if (v->other_process[0])
        tell_line(r, "Another Handle Recorder is recording: %s, process %u. Stop it there first.", v->other_process,
                  v->other_pid);
    else
        tell_line(r,
                  "Another program has a session named %s, which one recording at a time can use. End it there first.",
                  v->other.session.name);
    return EXIT_FAILED;
}

/* The session could not be ended: after a start that failed, whose reason the notes tell, or by a rescue. */
enum exit_code tell_running(struct recording *r)
{
    if (!r->o->rescue && r->v.notes[0])
        tell_line(r, "%s", r->v.notes);
    if (r->v.error.code != ERR_NONE)
        tell_error(r, &r->v.error);
    tell_line(r, "'handlerec record --rescue -o FILE' ends the session and saves what it holds.");
    return EXIT_FAILED;
}
