/* The ledger: replays a trace's events and tells the life of every handle. One thread. Portable; trusts no input.
 *
 * The rules, each with a test of the same name in tests/unit/ledger:
 *
 * - owner: a handle is (process, value); a process is (pid, start): a pid in use again is another process
 * - reused_slot: a create where a handle still seems open is believed: that one's close is late or lost
 * - late_close: a close closes the handle whose object it names, also after its value is in use again
 * - close_before_create: clocks of processors differ: a close up to 10 us before its create, on another one, is its
 *   close
 * - kernel_handles: values with bit 31 belong to System whatever process the code ran in
 * - close_by_other: headers may name who closed, not whose handle it was: then the object and the value decide
 * - no_ids: events without ids take them from their stack; a close is else matched by its object and value
 * - duplicate: the target's process owns it; the source existed, even if nobody saw its create
 * - inherited: a duplicate of the same value from the parent
 * - preexisting: closed, listed or duplicated without a create: was there before
 * - inventory: what it lists is open; of the types it covers, an older handle that it lacks lost its close
 * - at_exit: closed after its process began to end, or in the sweep right before: leaked at exit
 * - exit_unseen: still open when its process has ended: leaked at exit
 * - ring: what it overwrote is gone: of any type only what the inventory lists is open; without an inventory what was
 *   opened before the ring held everything is uncertain; of processes that ended such handles lost their close
 * - uncertain: a close or a create must have been lost, or events were and this may be one of them
 * - stack_parts: parts of a stack are joined by time and thread, however late (DELAY_MAX events)
 * - stack_keys: keys mean the frames that are told after their use, and something else after that
 * - names: from closes and inventories; types from the trace
 * - inversions: an event older than the one before it is put in its place
 *
 * Memory: open handles, processes, distinct stacks and modules; not the length of the trace. (For a sink that cannot
 * renumber also every use of a key that is the first since the key was told.) */
#ifndef HR_LEDGER_LEDGER_H
#define HR_LEDGER_LEDGER_H

#include "core/ledger/stacks.h"

enum ledger_how { LEDGER_CREATED, LEDGER_DUPLICATED, LEDGER_INHERITED, LEDGER_PREEXISTING };

enum ledger_end {
    LEDGER_OPEN,
    LEDGER_CLOSED,
    LEDGER_AT_EXIT,    /* closed only because its process ended */
    LEDGER_LOST_CLOSE, /* is not open, but nobody saw its close */
};

/* A handle from its opening to its end. Times are raw; numbers of processes, stacks and names are the ledger's. It
 * begins like struct life, from which it is copied. */
struct ledger_life {
    uint64_t object;
    int64_t opened; /* PREEXISTING: when it was first met */
    uint32_t process;
    uint32_t actor; /* the process whose thread opened it: another one's for duplicates */
    uint32_t handle;
    uint32_t tid; /* ETL_UNKNOWN_ID: not known */
    uint32_t stack;
    uint32_t close_tid;
    int64_t closed; /* OPEN: INT64_MAX */
    uint32_t close_stack;
    uint16_t type; /* index: ledger_type */
    uint8_t how;   /* enum ledger_how */
    uint8_t end;   /* enum ledger_end */
    bool uncertain;
    const char *name; /* never NULL; valid during the call */
};

/* One handle event, with what was learned of it later: ids and stack. */
struct ledger_event {
    int64_t time;
    uint64_t object;
    enum etl_handle_action action;
    uint32_t process;
    uint32_t tid;
    uint32_t handle;
    uint32_t source_process; /* DUPLICATE only */
    uint32_t source_handle;
    uint32_t stack;
    uint16_t type;
    const char *name;
};

/* Lives are told this many at a time, mostly. */
#define LEDGER_LIVES 64u

/* Each may be NULL. They return false to end early: then what is being done fails with ERR_CANCELLED. */
struct ledger_sink {
    void *ctx;
    /* In the order in which they end, the open ones in ledger_finish; `count` is 1 to LEDGER_LIVES. */
    bool (*lives)(void *ctx, const struct ledger_life *lives, uint32_t count);
    bool (*event)(void *ctx, const struct ledger_event *event); /* in time order */
    /* Every stack that was told has another number from now on: stacks_renumbered; there were `count`. Without this
     * none ever has. */
    bool (*renumber)(void *ctx, const uint32_t *numbers, uint32_t count);
    bool names; /* also those that closes tell */
    /* Nobody asks for frames: numbers of stacks only say whether there is one (not STACK_NONE) and whether it ends in
     * user code (STACK_USER). Everything else is as it is with them, and comes sooner. */
    bool no_frames;
};

struct ledger_options {
    struct ledger_sink sink;
    int64_t second; /* ticks of the trace's clock */
    bool lossy;     /* events were lost */
    bool ring;      /* a ring's events are among them */
};

struct ledger_counts {
    uint64_t events;        /* handle events applied */
    uint64_t inversions;    /* that came late */
    uint64_t stacks_joined; /* parts that found their event */
    uint64_t stacks_alone;  /* parts without one: other events' */
    uint32_t inventories;
};

struct ledger;

bool ledger_open(const struct ledger_options *options, struct ledger **out, struct err *err);
/* Each event once: see etl/union.h. */
bool ledger_feed(struct ledger *l, const struct etl_record *r, struct err *err);
/* The same for a block of a feed that wants the names and frames that the sink wants. Takes its items' names. */
struct feed_block;
bool ledger_feed_block(struct ledger *l, struct feed_block *b, struct err *err);
/* Before ledger_finish: a ring's events are among them, and from `since` on nothing of it was overwritten. */
void ledger_set_ring(struct ledger *l, int64_t since);
/* Tells the lives of handles that are open still; stacks are final afterwards. */
bool ledger_finish(struct ledger *l, struct err *err);
void ledger_close(struct ledger *l); /* NULL is fine */

const struct ledger_counts *ledger_counts(const struct ledger *l);
uint32_t ledger_process_count(const struct ledger *l);
const struct ledger_process *ledger_process(const struct ledger *l, uint32_t process);
const char *ledger_name(const struct ledger *l, uint32_t name);
const char *ledger_type(const struct ledger *l, uint16_t type); /* "" when the trace does not say */
const struct ledger_image *ledger_image(const struct ledger *l, uint32_t image);
/* After ledger_finish: innermost first. Equal stacks have equal final numbers. */
uint32_t ledger_stack_final(const struct ledger *l, uint32_t stack);
const struct ledger_frame *ledger_stack(const struct ledger *l, uint32_t stack, uint32_t *count);

#endif
