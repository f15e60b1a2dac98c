/* From a profile and the machine's facts to a session plan: exact masks, hooks, tags and buffers, and what had to be
 * changed, in words. Pure. */
#ifndef HR_PROFILE_PLAN_H
#define HR_PROFILE_PLAN_H

#include "core/census/sys_backend.h"
#include "core/profile/profile.h"
#include "core/record/trace_backend.h"

#define PLAN_MAX_HOOKS 3
#define PLAN_NOTES_MAX 1024

struct session_plan {
    struct trace_start start; /* all but `path`, which the recorder fills in */

    /* A second session beside the first: of a ring, whose processes and modules it writes down and whose open handles
     * it lists in the end; and of live counts, which it tells to a consumer. */
    bool companion;
    struct trace_start companion_start;
    uint32_t companion_masks[8];

    /* 0: stacks are not cached. */
    uint32_t stack_cache_kb;
    uint32_t stack_cache_buckets;

    /* A new file every so often; both 0: one file. */
    uint32_t segment_minutes;
    uint32_t segment_mb;
    uint32_t keep_mb; /* of closed segments; 0: all */

    uint64_t disk_least; /* bytes: with less free space recording stops, so that the end still fits */
    uint32_t masks[8];
    uint16_t hooks[PLAN_MAX_HOOKS];
    unsigned hook_count;
    uint32_t tags[TRACE_MAX_TAGS];
    unsigned tag_count;
    char notes[PLAN_NOTES_MAX]; /* one sentence a line; empty when nothing was changed */
};

/* Our sessions' constant identities: one recorder a machine. */
extern const char plan_session_name[];
extern const struct trace_guid plan_session_guid;
extern const char plan_companion_name[];
extern const struct trace_guid plan_companion_guid;

/* The system has eight slots for system sessions, two of which are kept for its own. */
#define PLAN_SYSTEM_SLOTS 6

/* Fails (with the remedy) when this machine or these rights cannot record, or the profile asks for what is not
 * supported. */
bool plan_make(const struct profile *p, const struct sys_machine *m, uint64_t disk_free, struct session_plan *out,
               struct err *err);

/* Hook ids for PROFILE_STACK_* bits; returns how many. */
unsigned plan_hooks(unsigned stacks, uint16_t out[PLAN_MAX_HOOKS]);

/* True when a session with these masks records handles. */
bool plan_records_handles(const uint32_t masks[8]);
/* What every recording's first session records. */
void plan_masks(uint32_t out[8]);
/* The same masks with or without handles. */
void plan_set_handles(uint32_t masks[8], bool on);
void plan_set_objects(uint32_t masks[8], bool on);

/* Fills the companion's part of the plan for a recording with these `masks` and this storage; a recording that somebody
 * else began has no other plan. */
void plan_companion(const struct sys_machine *m, enum profile_storage storage, bool live_events,
                    struct session_plan *plan);

/* Whether the sessions of the plan find free slots beside those that run; `all`: the system's list. Fails as starting
 * them would, with Win32 1450, and names those in use. */
bool plan_check_slots(const struct session_plan *plan, const struct trace_listing *all, size_t count, struct err *err);
/* The remedy for 1450: "Close one of these and try again: A, B" */
void plan_slots_remedy(const struct trace_listing *all, size_t count, struct err *err);

/* The plan as text, one fact a line: tests compare it, the log keeps it. */
struct text;
void plan_print(const struct session_plan *plan, struct text *out);

#endif
