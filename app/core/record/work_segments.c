/* The actions that begin a new file, and what is done beside the recording with the old ones.
 *
 * Between the clearing of the masks (the system writes its lists into the old file) and their setting (it begins the
 * new one) nothing is recorded: that gap is measured and shown. */
#include "core/record/work.h"

#include "core/base/text.h"
#include "core/base/thread.h"

#include <string.h>

#define MB            (UINT64_C(1) << 20)
#define NS_PER_MINUTE (UINT64_C(60) * 1000000000u)
#define OPEN_TRIES    5
#define OPEN_WAIT_MS  50

static bool has_segments(const struct work *w)
{
    return w->note.storage == PROFILE_FILE && (w->note.segment_minutes || w->note.segment_mb);
}

static uint64_t bytes_of(const struct trace_status *s)
{
    return (uint64_t)s->buffers_written * s->buffer_kb * 1024;
}

/* Of the present file. Whether the system goes on counting over a change of files, nobody says. */
static uint64_t segment_bytes(const struct work *w)
{
    uint64_t all = bytes_of(&w->view.status);
    return all >= w->segment_base ? all - w->segment_base : all;
}

uint64_t work_written(const struct work *w)
{
    return has_segments(w) ? w->closed_bytes + segment_bytes(w) : bytes_of(&w->view.status);
}

void work_segment_begins(struct work *w)
{
    w->segment_began_ns = clock_ns();
    w->segment_base = w->view.status_known ? bytes_of(&w->view.status) : 0;
    if (has_segments(w)) {
        w->view.segments.written = w->note.segment + 1;
        mark_file_add_segment(w->note.part, w->segment_began_ns, clock_filetime(), w->note.segment, NULL);
    }
}

bool work_segment_due(const struct work *w)
{
    if (!has_segments(w))
        return false;
    uint64_t old = clock_ns() - w->segment_began_ns;
    return (w->note.segment_minutes && old >= w->note.segment_minutes * NS_PER_MINUTE) ||
           (w->note.segment_mb && w->view.status_known && segment_bytes(w) >= w->note.segment_mb * MB);
}

static uint64_t segment_age_ms(const struct work *w)
{
    return (clock_ns() - w->segment_began_ns) / 1000000u;
}

/* When it fills fast, looking once a second would overshoot: as long until the next look as it takes to half of what
 * is left; while nothing of it is written yet, as the one before was filled. */
uint32_t work_poll_ms(const struct work *w, uint32_t usual)
{
    if (!has_segments(w) || !w->note.segment_mb || !w->view.status_known)
        return usual;
    uint64_t old_ms = segment_age_ms(w);
    uint64_t now = segment_bytes(w);
    if (!now && (!w->segment_ms || old_ms > w->segment_ms))
        return usual;
    uint64_t most = w->note.segment_mb * MB;
    uint64_t left_ms = now ? (most - now) * (old_ms + 1) / now / 2 : w->segment_ms / 2;
    if (now >= most)
        left_ms = 0;
    uint64_t ms = left_ms < 10 ? 10 : left_ms;
    return ms < usual ? (uint32_t)ms : usual;
}

static enum recorder_input failed(struct work *w, struct err *e, const char *remedy)
{
    if (work_is_gone(e))
        return work_session_gone(w, e);
    e->remedy[0] = 0;
    err_remedy(e, remedy);
    work_add_error(w, e);
    return INPUT_FAILED;
}

enum recorder_input work_close_segment(struct work *w)
{
    static const uint32_t none[8];
    struct err e = {0};
    struct trace_status status = {0};
    /* The masks are addressed to a number that another session has once ours has ended. */
    if (!w->trace.ops->query(w->trace.self, &w->session, &status, &e))
        return failed(w, &e, "Recording goes on in the same file; a new one is tried again.");
    w->gap_began_ns = clock_ns();
    if (w->trace.ops->set_masks(w->trace.self, &w->session, none, &e))
        return INPUT_OK;
    return failed(w, &e, "Recording goes on in the same file; a new one is tried again.");
}

enum recorder_input work_switch_file(struct work *w)
{
    struct err e = {0};
    struct pieces all = {0};
    struct parts_note n = w->note;
    char path[TRACE_PATH_MAX];
    bool ok = pieces_find(n.part, &all, &e);
    unsigned next = ok ? pieces_next(&all, PIECE_SEGMENT) : 0;
    pieces_free(&all);
    n.segment = next > n.segment ? next : n.segment + 1;
    if (!ok || !piece_path(n.part, PIECE_SEGMENT, n.segment, path, &e) || !parts_rewrite(&n, &e))
        return failed(w, &e, "Recording goes on in the same file; a new one is tried again.");
    w->note = n;
    if (!w->trace.ops->rotate(w->trace.self, &w->session, path, &e))
        return failed(w, &e, "Recording goes on in the same file; a new one is tried again.");
    uint64_t bytes = segment_bytes(w);
    w->segment_ms = w->note.segment_mb && bytes ? segment_age_ms(w) * w->note.segment_mb * MB / bytes : 0;
    w->closed_bytes += bytes;
    w->switched = true;
    return INPUT_OK;
}

static void carry_old(struct work *w)
{
    struct err e = {0};
    struct job job = {.kind = JOB_CARRY, .present = w->note.segment, .keep_bytes = (uint64_t)w->note.keep_mb << 20};
    /* One at a time sees to all of them. */
    if (!w->note.keep_mb || jobs_open(w->jobs, JOB_CARRY) > 1)
        return;
    text_put(job.part, sizeof job.part, w->note.part);
    if (!jobs_add(w->jobs, &job, &e)) {
        err_remedy(&e, "Old files stay until the next one begins.");
        work_add_error(w, &e);
    }
}

enum recorder_input work_open_segment(struct work *w)
{
    struct err e = {0};
    bool on = false;
    for (int i = 0; i < OPEN_TRIES && !on && e.code != ERR_NOT_FOUND; i++) {
        if (i)
            clock_sleep_ms(OPEN_WAIT_MS);
        e = (struct err){0};
        on = w->trace.ops->set_masks(w->trace.self, &w->session, w->note.masks, &e);
    }
    if (!on) {
        w->switched = false;
        return failed(w, &e, "Nothing more was recorded: the recording was ended.");
    }
    uint64_t gap = clock_ns() - w->gap_began_ns;
    struct trace_status status = {0};
    if (w->trace.ops->query(w->trace.self, &w->session, &status, NULL))
        w->view.status = status;
    w->view.segments.gap_ns = gap;
    if (gap > w->view.segments.longest_gap_ns)
        w->view.segments.longest_gap_ns = gap;
    if (w->switched) {
        work_segment_begins(w);
        carry_old(w);
    } else {
        /* Not at once again, but after as much as makes a segment. */
        w->closed_bytes += segment_bytes(w);
        w->segment_base = bytes_of(&w->view.status);
        w->segment_began_ns = clock_ns();
    }
    w->switched = false;
    return INPUT_OK;
}
