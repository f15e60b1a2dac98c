/* The leak report: what a recording's handles came to, grouped by the code that opened them. One thread. */
#ifndef HR_REPORT_REPORT_H
#define HR_REPORT_REPORT_H

#include "core/report/counts.h"
#include "core/report/filter.h"
#include "core/report/marks.h"
#include "core/report/series.h"
#include "core/report/symbolizer.h"

struct report_row {
    uint32_t process; /* of the ledger; PROCESS_UNKNOWN where rows add up types */
    uint16_t type;
    struct life_counts counts;
};

/* Handles of one process and type that one place in the code opened. */
struct report_group {
    uint32_t process;
    uint16_t type;
    uint32_t stack; /* the one with most leaks */
    uint32_t frame; /* the first outside the system's modules, in `frames`; UINT32_MAX: no stack */
    uint32_t stack_count;
    struct life_counts counts;
    int64_t first; /* opened: raw times of the leaked ones; INT64_MAX: none leaked */
    int64_t last;
};

struct report_leak {
    struct ledger_life life; /* its name is empty: see name */
    char *name;              /* NULL: none */
};

struct report_stack {
    uint32_t stack; /* final number */
    uint64_t count; /* leaks that have it, also at exit */
};

/* A distinct frame. Its symbol and text are made when it is to be shown. */
struct report_frame {
    struct ledger_frame frame;
    char *symbol;      /* NULL: none is known */
    char *text;        /* "app.exe!Function+0x12", "app.exe+0x1234" or "generated code 0x1234"; or NULL */
    uint32_t function; /* the frame that stands for its function; itself where no name is known */
    bool system;       /* in a module that opens handles for others */
};

struct report {
    struct ledger *ledger;
    struct timeline_facts facts;
    const struct report_options *options;
    struct life_counts sum;
    struct report_row *totals; /* biggest first */
    uint32_t total_count;
    struct report_group *groups; /* most leaked first; none where the form shows none */
    uint32_t group_count;
    struct report_leak *leaks; /* open ones, in order of opening; only with --leaks and in JSON */
    uint32_t leak_count;
    struct report_leak *exits; /* leaked at exit; not more than REPORT_EXITS_MAX */
    uint32_t exit_count;
    uint64_t exits_left_out;
    struct report_stack *stacks; /* of leaks, most frequent first; JSON only, as nothing else lists them */
    uint32_t stack_count;
    struct report_frame *frames;
    uint32_t frame_count;
    struct series series;
    struct report_marks marks;
    /* Inside. */
    struct life_groups folded; /* by stack only where somebody asks for stacks */
    bool filters_lives;
    bool has_groups;   /* groups are wanted */
    bool folds_stacks; /* those, or filters by stack, ask for them */
    bool only_counts;  /* nobody wants single lives */
    uint32_t leak_room, exit_room, frame_room, stack_room, total_room, group_room;
    struct names functions;
    uint32_t *function_frames; /* by name */
    uint32_t function_room;
    uint32_t *frame_slots;
    uint32_t frame_slot_count;
    uint8_t *image_kinds; /* what is_system_module said of each */
    uint32_t image_kinds_room;
    const struct symbolizer *symbolizer;
    const struct report_source *source; /* while it is read */
    bool no_memory;
};

/* Single handles that are kept of those closed at exit: there may be any number of them. */
#define REPORT_EXITS_MAX 65536u

struct report_source {
    const char *const *files;
    unsigned file_count;
    bool (*go_on)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
    void *go_on_ctx;
    const struct symbolizer *symbolizer; /* may be NULL */
    /* Told each life that passes the filter, with its name, as it ends: final numbers of stacks come later. False: for
     * want of memory. May be NULL. */
    bool (*life)(void *ctx, const struct timeline_facts *facts, const struct ledger_life *life);
    /* Stacks that were told have other numbers: stacks_renumbered. Wanted where `life` keeps them. */
    bool (*renumber)(void *ctx, const uint32_t *numbers, uint32_t count);
    void *life_ctx; /* of both */
};

/* Reads and adds up. `options` must outlive the report. */
bool report_read(const struct report_source *source, const struct report_options *options, struct report **out,
                 struct err *err);
void report_free(struct report *r); /* NULL is fine */

/* The name of a process's image, "" when it is not known; the unknown process is "". */
const char *report_process_name(const struct report *r, uint32_t process);
/* Numbers of the frames (into r->frames) of a stack; up to STACK_FRAMES_MAX. Made when they are new: false for want of
 * memory. */
bool report_stack_frames(struct report *r, uint32_t stack, uint32_t *frames, uint32_t *count);
/* One line: the frame that a group is named after. NULL for want of memory. */
const char *report_group_title(struct report *r, const struct report_group *g);
/* How many of `count` rows --top lets through, `by_default` where it was not given. */
uint32_t report_top(const struct report *r, uint32_t count, uint32_t by_default);

/* Leaked handles of processes that match `process`, of types that match `type`. */
uint64_t report_leaked(const struct report *r, const char *process, const char *type);

#endif
