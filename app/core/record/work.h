/* What the controller's thread works with, and the actions it carries out. Private to this folder; that thread only. */
#ifndef HR_RECORD_WORK_H
#define HR_RECORD_WORK_H

#include "core/census/live.h"
#include "core/profile/plan.h"
#include "core/record/jobs.h"
#include "core/record/merging.h"
#include "core/record/parts.h"
#include "core/record/pieces.h"
#include "core/record/readback.h"
#include "core/record/recorder.h"

/* Below this much free space a recording stops: the list of open handles at the end still has to fit. */
#define WORK_DISK_LOW (UINT64_C(1) << 30)

struct work {
    struct trace_backend trace;
    struct sys_backend sys;
    char parts_dir[TRACE_PATH_MAX];

    enum recorder_phase phase;
    struct profile profile; /* what INPUT_RECORD asked for */
    struct session_plan plan;
    struct trace_session session;
    struct trace_session companion;
    bool companion_runs;            /* as far as is known */
    uint64_t companion_tried_ns;    /* when it was last started again */
    struct live_source live_source; /* open NULL: this system has none */
    struct live *live;              /* the controller's */
    bool live_open;
    struct parts_note note;
    struct jobs *jobs;

    /* The snapshot that is asked for. */
    char snapshot_place[TRACE_PATH_MAX];
    bool snapshot_replace;
    unsigned snapshot_number; /* of the next one */

    /* Segments. */
    uint64_t segment_began_ns;
    uint64_t segment_ms;   /* how long the segment before took to its size; 0: there was none */
    uint64_t segment_base; /* bytes that the session had written when the segment began */
    uint64_t closed_bytes; /* of the segments before */
    uint64_t gap_began_ns;
    bool switched; /* the session writes a new file; not said yet */

    /* A rule on handle counts that holds, as the controller's owner found. */
    bool counts_fired;
    struct stop_fired counts_rule;

    /* The filter and stacks to set; view.tags, tag_count and stacks are those in force. */
    uint32_t want_tags[PROFILE_MAX_TAGS];
    unsigned want_tag_count;
    unsigned want_stacks;

    bool place_known;
    bool place_replace;
    bool place_merged; /* one file, even of segments */
    char place[TRACE_PATH_MAX];
    char source[TRACE_PATH_MAX]; /* the file that is proven and moved; empty: several, as a set */
    bool merge_told;             /* the user was told that no one file can be made, and saves the parts */
    bool copied;                 /* saved by a copy: the part is still there */
    bool damage_told;            /* the user was told that the recording is not whole, and saves it all the same */

    bool running;      /* the clock runs */
    uint64_t began_ns; /* clock_ns when it began */
    bool poll_failed;  /* view.error is a poll's: the next good one clears it */

    struct recorder_view view; /* the picture as this thread builds it */

    /* Long work asks whether to go on, and says how far it is. */
    readback_go_on_fn *go_on;
    void *go_on_ctx;
};

/* Carries out the action and says how it went. Never called with a lock held; may take long. */
enum recorder_input work_do(struct work *w, enum recorder_action action);

/* The part of it that concerns files: look, find, drop, place, verify. */
enum recorder_input work_do_parts(struct work *w, enum recorder_action action);

/* Moves what was proven into place; to another volume by a copy that is proven too. Then the rest of it goes. */
enum recorder_input work_move(struct work *w);
enum recorder_input work_settle(struct work *w);
/* One file of it. *copied: `from` is still there. */
bool work_move_file(struct work *w, const char *from, const char *to, bool replace, bool *copied, struct err *err);

/* work_finish.c: source is what is proven next. */
enum recorder_input work_merge(struct work *w);

/* work_set.c. Member i's path is made from the place. */
bool work_set_member(const struct work *w, unsigned i, char out[TRACE_PATH_MAX], struct err *err);
bool work_set_gather(struct work *w, struct err *err); /* brings back what an interrupted moving took away */
bool work_set_place_free(struct work *w, const struct pieces *all, struct err *err);
bool work_set_verify(struct work *w, struct readback *out, struct err *err);
bool work_set_move(struct work *w, struct err *err);

/* work_ring.c */
bool work_is_ring(const struct work *w);
/* The plan of a recording that another process began, as far as its note tells. */
void work_restore_plan(struct work *w);
enum recorder_input work_start_companion(struct work *w);
void work_poll_companion(struct work *w);
bool work_companion_filter(struct work *w, const uint32_t *tags, unsigned n, struct err *err);
bool work_companion_masks(struct work *w, struct err *err);
void work_stop_companion(struct work *w);
/* A companion that a recorder left running which is no more. False: it is somebody's, or cannot be ended. */
bool work_end_stray_companion(struct work *w);
enum recorder_input work_list_handles(struct work *w);
enum recorder_input work_flush(struct work *w);
enum recorder_input work_snapshot(struct work *w);

/* work_live.c: events of the companion, counted while they come. What fails there the counts say; recording goes on. */
void work_live_open(struct work *w);
void work_live_close(struct work *w);
/* The system names the types of a trace at its end; for live counts it is made to before. */
void work_live_name_types(struct work *w);

/* work_segments.c */
void work_segment_begins(struct work *w);
bool work_segment_due(const struct work *w);
uint64_t work_written(const struct work *w); /* bytes, of all files */
uint32_t work_poll_ms(const struct work *w, uint32_t usual);
enum recorder_input work_close_segment(struct work *w);
enum recorder_input work_switch_file(struct work *w);
enum recorder_input work_open_segment(struct work *w);

/* A note for a ring whose own is lost: it has to be written somewhere. */
bool work_note_stray_ring(struct work *w, struct err *err);

/* The session does not exist any more. */
bool work_is_gone(const struct err *e);
enum recorder_input work_session_gone(struct work *w, const struct err *e);

/* Sets the error to show; work_add_error only when there is none yet. */
void work_set_error(struct work *w, const struct err *e);
void work_add_error(struct work *w, const struct err *e);

/* True while a process of this number and start time (0: any) runs that is not this one; its name goes to `name` (may
 * be NULL). `err` set: not known. */
bool work_alive(struct work *w, uint32_t pid, uint64_t start, char name[SYS_PROCESS_NAME_MAX], struct err *err);

/* Which session has our name: INPUT_OURS, INPUT_OTHERS_ALIVE, INPUT_FOREIGN, INPUT_NOTHING, INPUT_FAILED; view.other,
 * session and note say more. */
enum recorder_input work_identify(struct work *w);

#endif
