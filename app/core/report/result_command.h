/* The command lines of another analyzer for what is shown here. One thread. */
#ifndef HR_REPORT_RESULT_COMMAND_H
#define HR_REPORT_RESULT_COMMAND_H

#include "core/report/result_tree.h"

/* Two lines for ETWAnalyzer: one that extracts what it needs from `path`, one that lists the leaks with their stacks;
 * of the row's process where it has one (`row` UINT32_MAX: of all). Appends. */
void result_add_etwanalyzer(const struct result_tree *t, uint32_t row, const char *path, struct text *out);

#endif
