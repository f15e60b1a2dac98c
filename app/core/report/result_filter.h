/* Which groups of a read recording have a text in them. One thread. */
#ifndef HR_REPORT_RESULT_FILTER_H
#define HR_REPORT_RESULT_FILTER_H

#include "core/report/result_set.h"

/* A byte for each group, not 0 where it passes; on the heap (free). NULL for want of memory. `text` stands anywhere in
 * the name of a process ("app.exe (4711)"), type or object, or in a frame of a stack; letter case does not matter; *
 * and ? are patterns. "" lets all pass. */
uint8_t *result_filter(struct result_set *s, const char *text);

#endif
