/* Long work beside a recording that goes on: a snapshot of a ring is made one file, old segments are carried forward
 * and deleted. One thread, begun with the first job; one job after the other.
 *
 * Threads: all functions from the controller's thread; `notify` is called on the job thread after each job. */
#ifndef HR_RECORD_JOBS_H
#define HR_RECORD_JOBS_H

#include "core/base/err.h"
#include "core/record/trace_backend.h"

enum job_kind { JOB_SNAPSHOT, JOB_CARRY };

struct job {
    enum job_kind kind;
    char part[TRACE_PATH_MAX]; /* of the recording */

    /* JOB_SNAPSHOT: the raw one to make a file of, and where it goes. */
    unsigned number;
    char place[TRACE_PATH_MAX];
    bool replace;

    /* JOB_CARRY */
    unsigned present;    /* the segment that is being written, and is not touched */
    uint64_t keep_bytes; /* of closed segments */
};

struct job_result {
    enum job_kind kind;
    struct err err;             /* code ERR_NONE: done */
    struct err warning;         /* done, and something was amiss */
    char place[TRACE_PATH_MAX]; /* of the snapshot */
    unsigned deleted;           /* segments */
};

struct jobs;

struct jobs *jobs_create(void (*notify)(void *ctx), void *ctx); /* NULL: no memory */
void jobs_destroy(struct jobs *j);                              /* ends what is under way; NULL is fine */

/* ERR_BUSY: too many wait already. */
bool jobs_add(struct jobs *j, const struct job *job, struct err *err);
/* The next job that is done. */
bool jobs_take(struct jobs *j, struct job_result *out);
/* Jobs of this kind that are not done. */
unsigned jobs_open(struct jobs *j, enum job_kind kind);
/* True when nothing is left to do; waits up to `ms` for it. */
bool jobs_wait(struct jobs *j, uint32_t ms);
/* Gives up all that is not done. */
void jobs_cancel(struct jobs *j);

#endif
