/* The program's log: one line a happening, a new file when it has grown, the last one kept. Thread: the window's. */
#ifndef HR_UI_LOG_H
#define HR_UI_LOG_H

#include "core/base/err.h"

struct log;

/* Appends to HandleRecorder.log in `dir`, which is made when missing. */
bool log_open(const char *dir, struct log **out, struct err *err);
void log_close(struct log *l); /* NULL is fine */

/* "2026-01-31 10:42:07 text". A log that cannot be written never stops the program; NULL is fine. */
void log_line(struct log *l, const char *format, ...) ERR_PRINTF(2, 3);

#endif
