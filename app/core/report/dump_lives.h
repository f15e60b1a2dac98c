/* Which events belong to handles that a filter lets through by how long they were open, or how they ended. One thread.
 * Memory: 32 bytes for each such handle. */
#ifndef HR_REPORT_DUMP_LIVES_H
#define HR_REPORT_DUMP_LIVES_H

#include "core/ledger/ledger.h"

struct dump_life {
    int64_t opened;
    int64_t closed;
    uint32_t process;
    uint32_t handle;
};

/* All zero is empty. */
struct dump_lives {
    bool asked; /* the owner's: whether any filter needs this */
    struct dump_life *list;
    uint32_t count;
    uint32_t room;
};

bool dump_lives_put(struct dump_lives *l, const struct ledger_life *life); /* false for want of memory */
void dump_lives_sort(struct dump_lives *l);
/* After the sort: whether a handle of these was open at `time`, its opening and its close included. */
bool dump_lives_has(const struct dump_lives *l, uint32_t process, uint32_t handle, int64_t time);
void dump_lives_free(struct dump_lives *l);

#endif
