/* Sets a mark in the recording that runs, from any process that may see its session and its folder: what guards them
 * guards the marks. */
#ifndef HR_RECORD_MARK_RUNNING_H
#define HR_RECORD_MARK_RUNNING_H

#include "core/record/trace_backend.h"

struct mark_moment {
    uint64_t clock_ns;
    uint64_t filetime;
};

/* `parts_dir`: where this user's recordings lie, for a ring whose companion has gone. ERR_NOT_FOUND: nothing is being
 * recorded. */
bool mark_running(const struct trace_backend *trace, const char *parts_dir, const struct mark_moment *now,
                  const char *text, struct err *err);

#endif
