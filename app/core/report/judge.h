/* Verdicts for automated runs: limits, and comparison with an older report. One thread. */
#ifndef HR_REPORT_JUDGE_H
#define HR_REPORT_JUDGE_H

#include "core/report/report.h"

/* Whether all of --fail-if can be understood: "PROCESS:TYPE>N", PROCESS and TYPE being patterns. */
bool judge_check(const struct report_options *o, struct err *err);

/* Appends a line for each limit that is exceeded; *failed tells whether any was. */
bool judge_limits(const struct report *r, struct text *lines, bool *failed, struct err *err);

/* The same for each process name and type that leaks more than in the baseline, a JSON report at options->baseline. */
bool judge_baseline(const struct report *r, struct text *lines, bool *failed, struct err *err);

#endif
