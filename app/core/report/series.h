/* How many handles were open over time, per process and type, in a fixed number of steps however long the recording.
 * One thread. */
#ifndef HR_REPORT_SERIES_H
#define HR_REPORT_SERIES_H

#include "core/ledger/ledger.h"

#define SERIES_STEPS 256u

struct series_row {
    uint32_t process;
    uint16_t type;
    int32_t change[SERIES_STEPS]; /* more or fewer open at the end of the step */
    int64_t before;               /* open when it began */
};

struct series {
    struct series_row *rows;
    uint32_t count;
    uint32_t room;
    uint32_t last;  /* the row used last */
    int64_t start;  /* raw time */
    uint64_t width; /* ticks of a step; doubles when the recording is longer */
};

void series_start(struct series *s, int64_t start, int64_t second);
/* False for want of memory. */
bool series_take(struct series *s, const struct ledger_life *life);
void series_free(struct series *s);

#endif
