/* Measures a saved recording in a thread of its own, and keeps what that gave for the next start. */
#ifndef HR_RECORD_SPAN_JOB_H
#define HR_RECORD_SPAN_JOB_H

#include "core/record/controller.h"
#include "core/record/span.h"

struct span_job;

/* `path`: what was saved; `v`: the filter and the stacks that were in force. What was measured is kept in the file
 * `keep` (span_rates_save); "" : nowhere. All are copied. `done` (may be NULL) is called once, on the job's thread,
 * when it has ended. */
bool span_job_start(const char *path, const struct recorder_view *v, const char *keep, void (*done)(void *ctx),
                    void *ctx, struct span_job **out, struct err *err);

/* It has ended: span_job_end will not wait. */
bool span_job_is_done(const struct span_job *j);

/* Cuts short what is still read, waits for the end, frees. True: it was measured, and *out says what; *not_kept (may be
 * NULL) says why it could not be kept. NULL: false. Any one thread but the job's. */
bool span_job_end(struct span_job *j, struct span_rates *out, struct err *not_kept);

#endif
