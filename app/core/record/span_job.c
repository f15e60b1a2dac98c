/* Reads the file record by record until the end, or until nobody wants to know any more. */
#include "core/record/span_job.h"

#include "core/base/text.h"
#include "core/base/thread.h"
#include "core/etl/trace.h"

#include <stdlib.h>
#include <string.h>

struct span_job {
    struct thread *thread;
    atomic_bool unwanted; /* written by span_job_end */
    atomic_bool ended;    /* written by the job's thread */
    char *path;
    char *keep;
    struct profile recorded; /* its filter and stacks */
    void (*done)(void *ctx);
    void *ctx;
    struct span_counter *counter; /* the job's thread's */
    struct span_rates rates;      /* written by the job's thread, read after it was joined */
    bool measured;
    struct err not_kept; /* as rates */
};

static bool feed(void *ctx, const struct etl_record *r)
{
    struct span_job *j = ctx;
    span_counter_feed(j->counter, r);
    return !atomic_load_explicit(&j->unwanted, memory_order_relaxed);
}

/* A recording that cannot be measured (too short, or gone again) is no failure of anything: nothing becomes known. */
static bool measure(struct span_job *j)
{
    struct etl_trace *t = NULL;
    struct err err = {.code = ERR_NONE};
    if (!etl_open(j->path, &t, &err))
        return false;
    bool ok = span_counter_create(&j->counter, &err) && etl_scan(t, feed, j, &err) &&
              span_counter_finish(j->counter, (double)etl_ticks_per_second(etl_header(t)), &j->recorded, &j->rates);
    span_counter_free(j->counter);
    etl_close(t);
    return ok;
}

static void run(void *ctx)
{
    struct span_job *j = ctx;
    j->measured = measure(j);
    if (j->measured && j->keep[0])
        span_rates_save(&j->rates, j->keep, &j->not_kept);
    atomic_store(&j->ended, true);
    if (j->done)
        j->done(j->ctx);
}

static void free_job(struct span_job *j)
{
    free(j->path);
    free(j->keep);
    free(j);
}

bool span_job_start(const char *path, const struct recorder_view *v, const char *keep, void (*done)(void *ctx),
                    void *ctx, struct span_job **out, struct err *err)
{
    struct span_job *j = calloc(1, sizeof *j);
    if (!j)
        return err_set(err, ERR_NO_MEMORY, "Measuring the recording");
    atomic_init(&j->unwanted, false);
    atomic_init(&j->ended, false);
    j->path = text_copy(path);
    j->keep = text_copy(keep);
    memcpy(j->recorded.tags, v->tags, sizeof j->recorded.tags);
    j->recorded.tag_count = v->tag_count;
    j->recorded.stacks = v->stacks;
    j->done = done;
    j->ctx = ctx;
    bool ok = (j->path && j->keep) || err_set(err, ERR_NO_MEMORY, "Measuring the recording");
    if (!ok || !thread_start("measure", run, j, &j->thread, err)) {
        free_job(j);
        return false;
    }
    *out = j;
    return true;
}

bool span_job_is_done(const struct span_job *j)
{
    return atomic_load(&j->ended);
}

bool span_job_end(struct span_job *j, struct span_rates *out, struct err *not_kept)
{
    if (!j)
        return false;
    atomic_store_explicit(&j->unwanted, true, memory_order_relaxed);
    thread_join(j->thread);
    bool measured = j->measured;
    if (measured)
        *out = j->rates;
    if (not_kept && j->not_kept.code != ERR_NONE)
        *not_kept = j->not_kept;
    free_job(j);
    return measured;
}
