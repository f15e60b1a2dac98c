/* The controller: carries out in a thread of its own what the recorder's state machine decides.
 *
 * Threads: every function may be called from any thread and returns at once (controller_destroy waits); commands are
 * queued in order. `notify` is called on the controller's thread, coalesced: once until the next controller_view. */
#ifndef HR_RECORD_CONTROLLER_H
#define HR_RECORD_CONTROLLER_H

#include "core/census/live.h"
#include "core/census/sys_backend.h"
#include "core/profile/profile.h"
#include "core/record/stop_rules.h"
#include "core/record/trace_backend.h"

enum recorder_state {
    RECORDER_IDLE,
    RECORDER_STARTING,
    RECORDER_RECORDING,
    RECORDER_SAVING,  /* from Stop until the file is in place, or unsaved */
    RECORDER_UNSAVED, /* stopped, raw parts on disk, no place chosen yet */
    RECORDER_SAVED,
    RECORDER_FAILED, /* parts_exist says whether Save... is possible */
    RECORDER_ORPHAN, /* our own session runs without a recorder: stop and save, continue, or discard */
    RECORDER_OTHER,  /* another recorder's session holds our name; left alone */
    RECORDER_STATE_COUNT
};

/* What is under way, for the step text; the window has the words. */
enum recorder_step {
    RECORDER_STEP_NONE,
    RECORDER_STEP_CHECKING,
    RECORDER_STEP_STARTING_SESSION,
    RECORDER_STEP_SETTING_STACKS,
    RECORDER_STEP_SETTING_FILTER,
    RECORDER_STEP_ENABLING_EVENTS,
    RECORDER_STEP_FLUSHING, /* stopping: buffers and the list of open handles are written */
    RECORDER_STEP_READING_BACK,
    RECORDER_STEP_MOVING,
    RECORDER_STEP_DISCARDING,
    RECORDER_STEP_LISTING, /* the open handles, of a ring: before it is written out */
    RECORDER_STEP_MERGING, /* the parts become one file */
    RECORDER_STEP_NEW_SEGMENT,
    RECORDER_STEP_COUNT
};

/* What belongs to one way of storing. */
struct recorder_ring {
    bool companion;        /* a second session runs beside the first */
    bool companion_known;  /* `companion_status` is its last answer */
    bool companion_failed; /* it ended by itself: processes and images that came since are missing */
    struct trace_status companion_status;

    /* Snapshots: the ring as it was, saved while recording goes on. */
    unsigned snapshots;                 /* that are in place */
    bool snapshot_busy;                 /* one is being made */
    char snapshot_path[TRACE_PATH_MAX]; /* the last one that is in place */
    struct err snapshot_error;          /* why the last one failed; it never harms the recording */
};

struct recorder_segments {
    unsigned written; /* the present one included; 0: this recording has none */
    unsigned deleted; /* beyond what was to be kept; what they left open was carried forward */
    uint64_t gap_ns;  /* the last time that nothing was recorded, between two segments */
    uint64_t longest_gap_ns;
};

/* One consistent picture; a value. */
struct recorder_view {
    uint64_t number; /* grows with every change */
    enum recorder_state state;
    enum recorder_step step;
    uint32_t step_number; /* 1..step_total while something is under way, else 0 */
    uint32_t step_total;
    int percent; /* of the step, -1 when not measurable */

    uint64_t recording_ns;     /* how long the present or last recording ran */
    uint64_t started_filetime; /* UTC */
    bool status_known;         /* `status` holds the last answer of the session */
    struct trace_status status;
    bool disk_known;
    uint64_t disk_free; /* bytes, where the parts are written */

    /* What the session records now (the filter may have been changed, or refused). */
    uint32_t tags[PROFILE_MAX_TAGS];
    unsigned tag_count; /* 0: all types */
    unsigned stacks;
    bool filter_refused; /* the system refused the filter and the user has to choose (controller_choose) */

    /* RECORDER_FAILED: why. Other states: what went wrong on the way (a refused change or a poll that failed while
     * recording, why it stopped by itself, a session that could not be ended, a saved recording
     * that holds other than what it was set to record); code ERR_NONE: nothing. */
    struct err error;
    bool parts_exist;
    char parts_dir[TRACE_PATH_MAX];

    char saved_path[TRACE_PATH_MAX]; /* RECORDER_SAVED: where it lies */
    uint64_t events;                 /* read back */
    uint64_t events_lost;
    bool events_lost_known;

    enum profile_storage storage; /* of the present or last recording */
    struct recorder_ring ring;
    struct recorder_segments segments;
    unsigned marks; /* set so far */
    unsigned files; /* RECORDER_SAVED: how many lie there, saved_path the first; more than one: saved_path's name with
                       .0001 and so on before the ending */

    bool stopped_by_rule; /* the recording ended by itself, and why: */
    struct stop_fired stopped_by;

    char notes[1024]; /* what the plan had to change, in words, one a line */
    /* RECORDER_ORPHAN, RECORDER_OTHER: which session, and whose. Another program's when its GUID is not
     * plan_session_guid: then it is left untouched and RECORDER_ORPHAN_SAVE is not possible. */
    struct trace_listing other;
    uint32_t other_pid;                       /* of the recorder that has it or had it, 0 when unknown */
    uint64_t other_started;                   /* FILETIME of the recording's start, 0 when unknown */
    char other_process[SYS_PROCESS_NAME_MAX]; /* empty when it does not run any more */
};

enum recorder_choice {
    RECORDER_RECORD_ALL_TYPES, /* the filter was refused: go on unfiltered */
    RECORDER_DO_NOT_RECORD,    /* the filter was refused: stop and remove */
    RECORDER_ORPHAN_SAVE,
    RECORDER_ORPHAN_CONTINUE,
    RECORDER_ORPHAN_DISCARD,
};

struct controller;

struct controller_options {
    struct trace_backend trace;
    struct sys_backend sys;
    struct live_source live; /* for profiles with live_events; open NULL: there is none */
    const char *parts_dir;   /* where raw parts are written; made when missing; copied */
    uint32_t poll_ms;        /* how often the running session is asked; 0: once a second */
    void (*notify)(void *ctx);
    void *ctx;
};

/* Starts the thread, which first looks for an orphan session and for raw parts left by a crash. */
bool controller_create(const struct controller_options *o, struct controller **out, struct err *err);

/* Stops the thread after what is under way; a running recording is stopped and its raw parts stay on disk. */
void controller_destroy(struct controller *c);

void controller_record(struct controller *c, const struct profile *p);
/* The same; `place` is where it is saved when it ends by itself (a stop rule, a full disk): never over another file. */
void controller_record_to(struct controller *c, const struct profile *p, const char *place);
/* Applies another filter and other stack switches to the running recording. */
void controller_change(struct controller *c, const uint32_t *tags, unsigned tag_count, unsigned stacks);
void controller_stop(struct controller *c);
/* Where the recording goes; may be called from Stop on, before the stop has finished. An existing file is replaced only
 * when `replace`. */
void controller_save(struct controller *c, const char *path, bool replace);
/* The same, and several segments become one file. */
void controller_save_merged(struct controller *c, const char *path, bool replace);
/* Saves what the ring holds now; recording goes on. */
void controller_snapshot(struct controller *c, const char *path, bool replace);
/* Notes this moment, with a text (may be empty; UTF-8), while recording; it is in the file that is saved. */
void controller_mark(struct controller *c, const char *text);
/* The newest counts, which stop rules are checked against. Borrowed for the call. */
void controller_census(struct controller *c, const struct snapshot *counts);
void controller_cancel(struct controller *c); /* ends saving; the parts stay */
void controller_discard(struct controller *c);
void controller_choose(struct controller *c, enum recorder_choice choice);

void controller_view(struct controller *c, struct recorder_view *out);
/* What the events of the present or last recording come to so far, where its profile asks for live events. */
void controller_live(struct controller *c, struct live_counts *out);

/* For the end of the Windows session and for tests: waits until no command is pending or under way, at most `ms`. */
bool controller_wait_idle(struct controller *c, uint32_t ms);

#endif
