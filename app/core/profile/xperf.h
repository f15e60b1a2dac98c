/* The xperf command line that records what a profile does, for those who want to compare. Pure. */
#ifndef HR_PROFILE_XPERF_H
#define HR_PROFILE_XPERF_H

#include "core/base/text.h"
#include "core/profile/profile.h"

/* Appends one line, without a line break, ready to be pasted: start only; `xperf -d out.etl` ends it. A share of memory
 * is taken of `memory_bytes` (0: unknown, then of 1 GB). */
void profile_xperf_line(const struct profile *p, uint64_t memory_bytes, struct text *out);

/* What the line cannot say, one sentence a line; nothing when it says all. */
void profile_xperf_notes(const struct profile *p, struct text *out);

#endif
