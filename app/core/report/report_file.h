/* A report as a file, which is there whole or not at all. One thread. */
#ifndef HR_REPORT_REPORT_FILE_H
#define HR_REPORT_REPORT_FILE_H

#include "core/report/report.h"

/* Writes in the form that its options say, under another name until it is whole; an older file of that name is replaced
 * then. `go_on` (may be NULL) is asked now and then: ERR_CANCELLED when it says no. */
bool report_save(struct report *r, const char *path, bool (*go_on)(void *ctx), void *ctx, struct err *err);
/* ERR_EXISTS when `path` is one of the recording's files: it is not to be had again. To be asked before reading. */
bool report_may_save(const char *path, const char *const *files, unsigned count, struct err *err);

#endif
