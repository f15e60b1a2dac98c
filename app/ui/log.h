/* The program's log: one line a happening, a new file when it has grown, the last one kept. Thread: the window's. */
#ifndef HR_UI_LOG_H
#define HR_UI_LOG_H

#include "core/base/err.h"

struct log;

/* Will append to HandleRecorder.log in `dir`. File and folder are made by the first line, so that a program that was
 * only looked at leaves nothing behind; `heading` then stands before it. */
bool log_open(const char *dir, const char *heading, struct log **out, struct err *err);
void log_close(struct log *l); /* says that it ended, if anything was said; NULL is fine */

/* "2026-01-31 10:42:07 text". A log that cannot be written never stops the program; NULL is fine. */
void log_line(struct log *l, const char *format, ...) ERR_PRINTF(2, 3);

#endif
