/* Handle events one by one, in order of time. One thread. Reads the recording twice: names and stacks are told late. */
#ifndef HR_REPORT_DUMP_H
#define HR_REPORT_DUMP_H

#include "core/report/report.h"
#include "core/report/report_out.h"

/* *damaged: the output covers what could be read only. */
bool dump_write(const struct report_source *source, const struct report_options *options, struct report_out *o,
                bool *damaged, struct err *err);

#endif
