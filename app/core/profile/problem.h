/* What is wrong with a profile, and in which field: the rules that every profile keeps, and those that need to know the
 * machine or what a person does in the editor. Pure, any thread. */
#ifndef HR_PROFILE_PROBLEM_H
#define HR_PROFILE_PROBLEM_H

#include "core/profile/profile.h"

/* In the editor's order; a problem belongs to one of them. */
enum profile_field {
    PROFILE_FIELD_NAME,
    PROFILE_FIELD_DESCRIPTION,
    PROFILE_FIELD_TYPES,
    PROFILE_FIELD_STACKS,
    PROFILE_FIELD_STORAGE,
    PROFILE_FIELD_BUFFER_KB,
    PROFILE_FIELD_MEMORY, /* buffers x buffer_kb, or memory_percent */
    PROFILE_FIELD_FILE_MB,
    PROFILE_FIELD_SEGMENT_MINUTES,
    PROFILE_FIELD_SEGMENT_MB,
    PROFILE_FIELD_KEEP_MB,
    PROFILE_FIELD_STACK_CACHE,
    PROFILE_FIELD_STOP_AFTER,
    PROFILE_FIELD_STOP_AT,
    PROFILE_FIELD_STOP_DISK,
    PROFILE_FIELD_HOLD_PROCESS,
    PROFILE_FIELD_HOLD_TYPE,
    PROFILE_FIELD_HOLD_COUNT,
    PROFILE_FIELD_GROW_TYPE,
    PROFILE_FIELD_GROW_COUNT,
    PROFILE_FIELD_COUNT
};

/* What can be wrong. WORD_PROBLEM + this is its text below the field (core/record/profile_text.h). */
enum profile_problem_code {
    PROFILE_NAME_EMPTY,
    PROFILE_NAME_TAKEN,
    PROFILE_NAME_CHARACTERS,
    PROFILE_DESCRIPTION_CHARACTERS,
    PROFILE_TYPES_NONE,
    PROFILE_TYPES_FULL,
    PROFILE_TYPES_TAG,
    PROFILE_TYPES_TWICE,
    PROFILE_STACKS_UNKNOWN,
    PROFILE_STACKS_NO_CREATE, /* warning */
    PROFILE_STORAGE_UNKNOWN,
    PROFILE_BUFFER_RANGE,
    PROFILE_MEMORY_NOWHERE,
    PROFILE_MEMORY_TWICE,
    PROFILE_BUFFERS_RANGE,
    PROFILE_PERCENT_RANGE,
    PROFILE_MEMORY_RANGE,
    PROFILE_CIRCULAR_SMALL,
    PROFILE_DRIVE_FULL, /* warning */
    PROFILE_SEGMENTS_NO_FILE,
    PROFILE_SEGMENT_MINUTES_RANGE,
    PROFILE_SEGMENT_MB_RANGE,
    PROFILE_KEEP_NO_SEGMENTS,
    PROFILE_KEEP_SMALL,
    PROFILE_CACHE_INCOMPLETE,
    PROFILE_AFTER_RANGE,
    PROFILE_AT_NO_FILE,
    PROFILE_AT_RANGE,
    PROFILE_DISK_RANGE,
    PROFILE_HOLD_NO_PROCESS,
    PROFILE_HOLD_NO_TYPE,
    PROFILE_HOLD_RANGE,
    PROFILE_GROW_NO_TYPE,
    PROFILE_GROW_RANGE,
    PROFILE_PROBLEM_CODES
};

enum profile_severity { PROFILE_ERROR, PROFILE_WARNING };

struct profile_problem {
    enum profile_problem_code code;
    enum profile_field field;
    enum profile_severity severity;
    uint64_t number[3]; /* %1 to %3 of the text: limits, or what there is */
    char word[64];      /* its %4: a drive, a tag; may be empty */
};

/* The stop rules, as bits. */
enum profile_rule {
    PROFILE_RULE_AFTER = 1,
    PROFILE_RULE_AT = 2,
    PROFILE_RULE_DISK = 4,
    PROFILE_RULE_HOLD = 8,
    PROFILE_RULE_GROW = 16
};

/* What is known besides the profile; all zero: nothing. */
struct profile_limits {
    uint64_t memory_bytes; /* of the machine; 0: the ring's memory has no limit but the profile's own */
    bool disk_known;
    uint64_t disk_free; /* bytes, where a recording's parts go */
    char drive[32];     /* that place in messages: "D:" */

    /* The editor's state, as far as a profile cannot say it. */
    bool editing;    /* a person edits: rules for input hold too (16 MB of ring, a process name) */
    bool name_taken; /* another profile has this name */
    bool only_types; /* "Only these types" is chosen, so one must be ticked */
    bool segments;   /* segments are ticked, whatever their fields hold */
    unsigned ticked; /* PROFILE_RULE_* that are ticked, whatever their fields hold */
};

/* All problems, by field in the order above and, within one, errors before warnings. Returns how many there are and
 * fills up to `cap`; `limits` may be NULL. */
unsigned profile_problems(const struct profile *p, const struct profile_limits *limits, struct profile_problem *out,
                          unsigned cap);

/* The first problem of one field. False: it has none. */
bool profile_problem_of(const struct profile *p, const struct profile_limits *limits, enum profile_field field,
                        struct profile_problem *out);

/* How much memory a ring may take on this machine, in MB; 0 when the memory is not known. */
uint32_t profile_memory_mb_max(uint64_t memory_bytes);

#endif
