/* Which stack most handles of a row have. One thread. */
#ifndef HR_REPORT_RESULT_TOP_H
#define HR_REPORT_RESULT_TOP_H

#include "core/report/result_tree.h"

struct result_top {
    uint32_t stack; /* into result_set.stacks */
    uint64_t count; /* handles that have it: leaks, where the tree shows only these or the row has some */
    uint64_t of;
};

/* Of a row's group. False for want of memory. */
bool result_top_stack(const struct result_tree *t, uint32_t node, struct result_top *out);

#endif
