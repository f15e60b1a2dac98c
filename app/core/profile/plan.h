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
    uint32_t masks[8];
    uint16_t hooks[PLAN_MAX_HOOKS];
    unsigned hook_count;
    uint32_t tags[TRACE_MAX_TAGS];
    unsigned tag_count;
    char notes[PLAN_NOTES_MAX]; /* one sentence a line; empty when nothing was changed */
};

/* Our session's constant identity: one recorder a machine. */
extern const char plan_session_name[];
extern const struct trace_guid plan_session_guid;

/* Fails (with the remedy) when this machine or these rights cannot record, or the profile asks for what is not
 * supported. */
bool plan_make(const struct profile *p, const struct sys_machine *m, uint64_t disk_free, struct session_plan *out,
               struct err *err);

/* Hook ids for PROFILE_STACK_* bits; returns how many. */
unsigned plan_hooks(unsigned stacks, uint16_t out[PLAN_MAX_HOOKS]);

/* True when a session with these masks records handles. */
bool plan_records_handles(const uint32_t masks[8]);

/* The plan as text, one fact a line: tests compare it, the log keeps it. */
struct text;
void plan_print(const struct session_plan *plan, struct text *out);

#endif
