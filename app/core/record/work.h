/* What the controller's thread works with, and the actions it carries out. Private to this folder; that thread only. */
#ifndef HR_RECORD_WORK_H
#define HR_RECORD_WORK_H

#include "core/profile/plan.h"
#include "core/record/parts.h"
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
    struct parts_note note;

    /* The filter and stacks to set; view.tags, tag_count and stacks are those in force. */
    uint32_t want_tags[PROFILE_MAX_TAGS];
    unsigned want_tag_count;
    unsigned want_stacks;

    bool place_known;
    bool place_replace;
    char place[TRACE_PATH_MAX];
    bool copied;      /* saved by a copy: the part is still there */
    bool damage_told; /* the user was told that the recording is not whole, and saves it all the same */

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

/* Moves the proven part into place; to another volume by a copy that is proven too. Then the rest of it goes. */
enum recorder_input work_move(struct work *w);
enum recorder_input work_settle(struct work *w);

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
