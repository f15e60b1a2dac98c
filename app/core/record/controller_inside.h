/* What the controller's files share: its state, its queue of commands, its thread. Private to this folder. */
#ifndef HR_RECORD_CONTROLLER_INSIDE_H
#define HR_RECORD_CONTROLLER_INSIDE_H

#include "core/base/thread.h"
#include "core/record/controller.h"
#include "core/record/work.h"

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

/* controller_queue.c; with the lock held, but queue_post, which takes it. */
#define QUEUE_BIT(i) (1u << INPUT_##i)
uint32_t queue_kinds(const struct controller *c); /* bits of the commands that wait */
void queue_changed(struct controller *c);
void queue_remove(struct controller *c, uint32_t kinds);
void queue_post(struct controller *c, const struct command *cmd);
void queue_post_plain(struct controller *c, enum recorder_input input);

/* controller_thread.c */
void controller_run(void *ctx); /* the thread, from its start to its end */
void controller_fill_view(struct work *w);
void controller_on_job(void *ctx); /* the job thread's notice */
bool controller_go_on(void *ctx, int percent);

#endif
