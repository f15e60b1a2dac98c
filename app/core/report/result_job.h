/* Reading a recording for the results window, or writing a report of it, on a thread of its own. Used from one thread,
 * its owner's, which never waits for it. */
#ifndef HR_REPORT_RESULT_JOB_H
#define HR_REPORT_RESULT_JOB_H

#include "core/report/result_set.h"
#include "core/report/symbol_queue.h"

struct result_job;

struct result_order {
    const char *const *files;
    unsigned file_count;
    /* NULL: read for the window. Else the file to write a report to, in this form. */
    const char *save_to;
    enum report_format format;
    const struct symbol_source *names; /* of functions, for the report; the job's from here on. NULL: none */
    /* Called once, on the job's thread, when it has ended; never after result_job_close has returned. It must be quick
     * and must not use the job. */
    void (*notice)(void *ctx);
    void *ctx;
};

enum result_job_state { RESULT_JOB_RUNS, RESULT_JOB_DONE, RESULT_JOB_FAILED };

struct result_job_view {
    enum result_job_state state;
    uint64_t done; /* bytes read, of how many */
    uint64_t total;
    struct err err; /* FAILED: why; ERR_CANCELLED after result_job_cancel */
    bool damaged;   /* DONE: the file is damaged or ends early */
};

/* Looking up names for a report may take so long in sum. */
#define RESULT_NAMES_MS 10000u

/* Copies the order. */
bool result_job_start(const struct result_order *order, struct result_job **out, struct err *err);
void result_job_look(struct result_job *j, struct result_job_view *out);
/* What was read; NULL before it is done, after it was taken, and when a report was written. The caller frees it. */
struct result_set *result_job_take(struct result_job *j);
void result_job_cancel(struct result_job *j); /* returns at once */
/* Cancels what still runs. Reading ends by itself; a file that is being written is gone or whole when this returns.
 * NULL is fine. */
void result_job_close(struct result_job *j);

#endif
