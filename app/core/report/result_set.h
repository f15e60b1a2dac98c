/* A recording as the results window holds it: every life folded by all that its rows can be grouped by, and a bounded
 * number of single handles. One thread at a time.
 *
 * Memory follows distinct groups. Beyond RESULT_GROUPS_MAX of them names and closing stacks are no longer told apart.
 */
#ifndef HR_REPORT_RESULT_SET_H
#define HR_REPORT_RESULT_SET_H

#include "core/report/report.h"

#define RESULT_GROUPS_MAX 262144u
/* Single handles that are kept: of one group, and in all. Leaked ones, and the others. */
#define RESULT_LEAKS_OF_GROUP  1000u
#define RESULT_OTHERS_OF_GROUP 20u
#define RESULT_LEAKS_MAX       200000u
#define RESULT_OTHERS_MAX      100000u

/* What rows can be grouped by. */
enum result_column {
    RESULT_PROCESS,
    RESULT_CREATOR, /* the process whose thread opened it: another one's for duplicates */
    RESULT_TYPE,
    RESULT_NAME,
    RESULT_LIFETIME,
    RESULT_CLOSE_STACK,
    RESULT_CREATE_STACK,
    RESULT_COLUMN_COUNT
};

/* Longer than a microsecond up to a day, by tens; then those that have no end of their own. */
enum result_lifetime {
    RESULT_UNDER_1_MS,
    RESULT_UNDER_10_MS,
    RESULT_UNDER_100_MS,
    RESULT_UNDER_1_S,
    RESULT_UNDER_10_S,
    RESULT_UNDER_1_MIN,
    RESULT_UNDER_10_MIN,
    RESULT_LONGER,
    RESULT_STILL_OPEN,
    RESULT_UNTIL_EXIT,
    RESULT_CLOSE_LOST,
    RESULT_LIFETIME_COUNT
};

/* In `names`: the empty name is 0. */
#define RESULT_OTHER_NAMES UINT32_MAX

struct result_group {
    uint32_t process;
    uint32_t actor;
    uint32_t name;        /* of result_set.names, or RESULT_OTHER_NAMES */
    uint32_t stack;       /* final; into result_set.stacks */
    uint32_t close_stack; /* the same */
    uint16_t type;
    uint8_t lifetime;
    struct life_counts counts;
    uint32_t first_life; /* its single handles in result_set.lives, by time of opening */
    uint32_t life_count;
};

struct result_life {
    uint64_t object;
    int64_t opened; /* raw */
    int64_t closed;
    uint32_t handle;
    uint32_t tid;
    uint32_t close_tid;
    uint32_t group;
    uint8_t how; /* enum ledger_how */
    uint8_t end; /* enum ledger_end */
    bool uncertain;
};

struct result_stack {
    uint32_t stack; /* of the ledger, final */
    uint32_t frame; /* its leading frame in report.frames; UINT32_MAX: none */
};

struct result_set {
    struct report *report; /* all its frames are known: none is added later */
    struct names names;
    struct result_group *groups;
    uint32_t group_count;
    struct result_life *lives;
    uint32_t life_count;
    struct result_stack *stacks; /* [0] has no frames */
    uint32_t stack_count;
    bool merged; /* there were more groups than are told apart */
    /* Inside. */
    uint32_t *slots;
    uint32_t slot_count;
    uint32_t group_room, life_room, stack_room, leaks_kept, others_kept;
    struct report_options options;
    const struct timeline_facts *facts; /* while it is read */
    uint32_t groups_max;
};

/* Reads the files; no filter is applied. The source's `life` is not used. */
bool result_set_read(const struct report_source *source, struct result_set **out, struct err *err);
void result_set_free(struct result_set *s); /* NULL is fine */

/* Whether it counts as leaked: open at the end or closed only by its process's exit, and opened in the recording. */
bool result_life_leaked(const struct result_life *life);
double result_life_seconds(const struct result_set *s, const struct result_life *life); /* < 0: it has no end */

/* For tests: as result_set_read, with another limit on groups. */
bool result_set_read_within(const struct report_source *source, uint32_t groups_max, struct result_set **out,
                            struct err *err);

#endif
