/* Carries forward what is still open at the end of old segments, so that they may be deleted: a small trace file with
 * the events that opened those handles, their stacks, the processes, modules and types that name them, and marks. Any
 * thread; takes as long as reading the segments twice, three times where stacks are cached.
 *
 * Reading the carried file together with the segments that stay tells the same leaks, opened by the same code at the
 * same times, as reading all segments. A handle that a later segment closes is no leak. Handles that were there before
 * the first segment are not carried: nobody knows who opened them, and the inventories of later segments list them.
 *
 * Size and memory follow the open handles (and the modules and processes of the system), not the length of the
 * segments, however often what was carried is carried on. */
#ifndef HR_FINISH_CARRY_H
#define HR_FINISH_CARRY_H

#include "core/etl/merge.h"

struct carry_options {
    /* The segments to be deleted and, when there is one, the file that was carried last: in any order. */
    const struct merge_input *inputs;
    unsigned input_count; /* 1 to MERGE_FILES_MAX */
    const char *output;
    bool replace; /* as in merge_options: the previous carried file may be input and output */
    etl_go_on_fn *go_on;
    void *ctx;
};

struct carry_result {
    unsigned warnings; /* enum merge_warning, of the inputs */
    unsigned first_warned;
    uint64_t handles; /* opened in the segments and open at their end */
    uint64_t stacks;  /* stack parts of those */
    uint64_t bytes;   /* of the output */
};

/* Fails as merge_files does, and leaves as little behind. The output is proven by reading it back before it gets its
 * name. With nothing open it is a file without such events, good for the same use. */
bool carry_forward(const struct carry_options *options, struct carry_result *out, struct err *err);

#endif
