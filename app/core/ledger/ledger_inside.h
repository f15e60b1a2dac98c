/* What the files of the ledger share; nobody else includes it. */
#ifndef HR_LEDGER_INSIDE_H
#define HR_LEDGER_INSIDE_H

#include "core/ledger/feed.h"
#include "core/ledger/ledger.h"
#include "core/ledger/lives.h"

/* A close that may still turn out to be part of the sweep before its process's end. */
struct held_close {
    struct life life;
    int64_t closed;
    uint32_t tid;
    uint32_t stack;
    char *name;
};

/* What is known of a process's end, and of the closes before it. Beside struct ledger_process, by the same number. */
struct process_end {
    struct held_close *run; /* ascending values, one thread, nothing in between */
    uint32_t run_count;
    uint32_t run_room;
    uint32_t last_handle;
    uint32_t tid;
    bool dying; /* it began to end, or ended */
};

/* What was closed a moment ago, for events that come in the wrong order. */
struct recent_close {
    uint64_t object;
    int64_t time;
    uint32_t process;
    uint32_t handle;
};
#define RECENT_CLOSES 64u

/* A duplicate that may have moved its source: then the source's close comes next, from the same thread. */
struct recent_duplicate {
    uint64_t object;
    uint32_t process;
    uint32_t handle;
    uint32_t tid;
};
#define RECENT_DUPLICATES 16u

/* A close without a life, until it is clear that no create of it comes. */
struct early_close {
    struct life life;
    int64_t time;
    uint32_t tid;
    uint32_t stack;
    uint16_t processor;
    char *name;
};
#define EARLY_CLOSES 64u

/* Which build the next image is. */
struct next_identity {
    int64_t time; /* of the image's event as well */
    struct ledger_image image;
    uint32_t pid;
};

#define TYPES 0x10000u

struct ledger {
    struct ledger_sink sink;
    int64_t second;
    bool lossy;
    bool ring;
    int64_t ring_since;    /* from here on nothing was overwritten */
    bool stopped;          /* the sink wants no more */
    struct names names;    /* of processes, modules and types */
    struct names objects;  /* told by inventories: those of handles that are open, and some that were */
    uint32_t objects_kept; /* bytes of them that were in use when they were tidied last */
    struct image_list images;
    struct next_identity identity;
    struct processes processes;
    struct stacks stacks;
    struct delay delay;
    struct lives lives;
    struct process_end *ends;
    uint32_t ends_room;
    struct recent_close recent[RECENT_CLOSES];
    uint32_t recent_at;
    struct recent_duplicate duplicates[RECENT_DUPLICATES];
    uint32_t duplicate_at;
    struct early_close early[EARLY_CLOSES];
    uint32_t early_count;
    uint32_t *type_names;
    uint32_t system; /* the process of pid 4; 0: not met */
    /* The inventory that is being read. */
    uint8_t *covered; /* types, a bit each */
    int64_t inventory_start;
    uint8_t inventory; /* the mark of what it lists; 0: none yet */
    bool inventory_open;
    bool inventory_ending;
    uint32_t unknown_owners;               /* lives whose process is not known */
    struct ledger_life told[LEDGER_LIVES]; /* that is to be told */
    uint32_t told_count;
    bool finishing;   /* no more events */
    struct feed feed; /* of ledger_feed */
    struct ledger_counts counts;
};

/* Processors' clocks stand no further apart. */
#define SKEW_PER_SECOND 100000

static inline int64_t ledger_after(int64_t time, int64_t ticks)
{
    return time > INT64_MAX - ticks ? INT64_MAX : time + ticks;
}

static inline bool ledger_is_near(int64_t a, int64_t b, int64_t ticks)
{
    return a <= ledger_after(b, ticks) && b <= ledger_after(a, ticks);
}

static inline bool ledger_is_known(uint32_t process)
{
    return process != PROCESS_UNKNOWN;
}

/* As of the event that is applied: processes themselves are known further ahead. */
static inline bool ledger_is_dying(const struct ledger *l, uint32_t process)
{
    return process < l->ends_room && l->ends[process].dying;
}

/* What returns bool is false for want of memory or because the sink stopped. */

/* ledger_apply.c: the oldest delayed event; it is gone, whatever is returned. */
bool ledger_apply_oldest(struct ledger *l);
/* LIFE_NONE: no memory. */
uint32_t ledger_add_life(struct ledger *l, const struct life *x);
/* Tells a life and takes it out. */
bool ledger_end_life(struct ledger *l, uint32_t id, int64_t closed, enum ledger_end end, uint32_t tid, uint32_t stack,
                     const char *name);

/* ledger_find.c */
/* The newest life in the owner's slot; *same is one of the object's, the oldest. */
uint32_t ledger_in_slot(const struct ledger *l, struct slot_place place, uint64_t object, uint32_t *same);
/* Not by owner and value: by object and value. */
bool ledger_find_elsewhere(struct ledger *l, const struct delayed *e, uint32_t *found);
/* Somebody opens a handle where one may seem open still, or one is listed there: that one waits for its close from now
 * on, or goes. */
bool ledger_free_slot(struct ledger *l, const struct delayed *e);

/* ledger_inventory.c */
bool ledger_list(struct ledger *l, const struct delayed *e);
bool ledger_end_inventory(struct ledger *l);

/* ledger_renumber.c: for between two events. */
bool ledger_tidy_stacks(struct ledger *l);

/* ledger_tell.c: tells the sink, some lives later; `name` may be NULL. */
bool ledger_tell(struct ledger *l, const struct life *x, int64_t closed, enum ledger_end end, uint32_t tid,
                 uint32_t stack, const char *name);
/* Tells what is not told yet. */
bool ledger_tell_all(struct ledger *l);
static inline bool ledger_process_end_room(struct ledger *l, uint32_t process)
{
    return grow_array(&l->ends, &l->ends_room, process + 1, sizeof *l->ends);
}
/* Keeps a close back that the end of its process may turn out to have done. */
bool ledger_hold(struct ledger *l, const struct life *x, const struct delayed *e);
/* The held closes of a process: by the program, or by its end. */
bool ledger_release_run(struct ledger *l, uint32_t process, enum ledger_end end);
bool ledger_hold_early(struct ledger *l, const struct delayed *e);
/* The early close that this handle's opening was overtaken by. */
struct early_close *ledger_early_close(struct ledger *l, const struct delayed *e);
/* Early closes that are older than `time`: handles that were there before. */
bool ledger_release_early(struct ledger *l, int64_t time);

#endif
