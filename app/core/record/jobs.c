/* The job thread: its queue, and what a job does. */
#include "core/record/jobs.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/base/thread.h"
#include "core/finish/carry.h"
#include "core/record/mark_file.h"
#include "core/record/merging.h"
#include "core/record/pieces.h"

#include <stdlib.h>

#define JOBS_MAX 64

struct jobs {
    void (*notify)(void *ctx);
    void *ctx;
    struct thread *thread; /* NULL: not begun; the controller's */

    struct mutex lock; /* guards what follows */
    struct cond changed;
    struct job waiting[JOBS_MAX];
    unsigned count; /* the first of them is under way while `busy` */
    bool busy;
    bool end;
    struct job_result done[JOBS_MAX];
    unsigned done_count;

    atomic_bool give_up; /* set under the lock: what is under way is not wanted any more */
};

/* --- the jobs --- */

static bool go_on(void *ctx, uint64_t done, uint64_t total)
{
    struct jobs *j = ctx;
    (void)done;
    (void)total;
    return !atomic_load(&j->give_up);
}

static void warn(const struct merge_options *o, const struct merge_result *r, struct err *warning)
{
    struct text t = {0};
    if (!r->warnings)
        return;
    merge_warning_text(o, r, &t);
    err_set(warning, ERR_TRUNCATED, "Making the snapshot one file: %s", text_str(&t));
    text_free(&t);
}

static bool snapshot(struct jobs *j, const struct job *job, struct job_result *out, struct err *err)
{
    struct merging m = {0};
    char raw[TRACE_PATH_MAX];
    struct merge_result r = {0};
    text_put(out->place, sizeof out->place, job->place);
    bool ok = piece_path(job->part, PIECE_SNAPSHOT, job->number, raw, err) && merging_add(&m, raw, false, err) &&
              merging_add_kind(&m, job->part, PIECE_COMPANION, true, err) && merging_add_marks(&m, job->part, err);
    struct merge_options o = merging_options(&m, job->place, job->replace, go_on, j);
    ok = ok && merge_files(&o, &r, err);
    if (ok)
        warn(&o, &r, &out->warning);
    merging_free(&m);
    /* Its content is in the ring, too; only when the program ends it may be all there is. */
    if (!atomic_load(&j->give_up))
        file_delete(raw, NULL);
    return ok;
}

/* The oldest segment and what was carried before become what is carried now; then the segment goes. */
static bool carry_one(struct jobs *j, const char *part, const struct piece *oldest, struct err *err)
{
    struct merging m = {0};
    struct carry_result r = {0};
    char carried[TRACE_PATH_MAX];
    char segment[TRACE_PATH_MAX];
    bool ok = piece_path(part, PIECE_CARRIED, 0, carried, err) && piece_path_of(part, oldest, segment, err) &&
              merging_add(&m, segment, false, err) && (!file_exists(carried) || merging_add(&m, carried, false, err));
    struct carry_options o = {
        .inputs = m.inputs, .input_count = m.input_count, .output = carried, .replace = true, .go_on = go_on, .ctx = j};
    ok = ok && carry_forward(&o, &r, err) && file_delete(segment, err);
    merging_free(&m);
    return ok;
}

static uint64_t closed_bytes(const struct pieces *all, unsigned present)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < all->n; i++)
        if ((all->v[i].kind == PIECE_MAIN || all->v[i].kind == PIECE_SEGMENT) && all->v[i].number != present)
            sum += all->v[i].size;
    return sum;
}

static bool carry(struct jobs *j, const struct job *job, struct job_result *out, struct err *err)
{
    struct pieces all = {0};
    if (!pieces_find(job->part, &all, err))
        return false;
    uint64_t closed = closed_bytes(&all, job->present);
    bool ok = true;
    for (size_t i = 0; ok && closed > job->keep_bytes && i < all.n; i++) {
        const struct piece *p = &all.v[i];
        if ((p->kind != PIECE_MAIN && p->kind != PIECE_SEGMENT) || p->number == job->present)
            continue;
        ok = carry_one(j, job->part, p, err);
        closed -= p->size;
        out->deleted += ok;
    }
    pieces_free(&all);
    return ok;
}

static void perform(struct jobs *j, const struct job *job, struct job_result *out)
{
    *out = (struct job_result){.kind = job->kind};
    if (job->kind == JOB_SNAPSHOT)
        snapshot(j, job, out, &out->err);
    else
        carry(j, job, out, &out->err);
}

/* --- the thread --- */

static void remove_first(struct jobs *j)
{
    j->count--;
    for (unsigned i = 0; i < j->count; i++)
        j->waiting[i] = j->waiting[i + 1];
}

static void keep_result(struct jobs *j, const struct job_result *r)
{
    if (j->done_count == JOBS_MAX) {
        /* Nobody looked for long: the oldest is the least news. */
        for (unsigned i = 1; i < JOBS_MAX; i++)
            j->done[i - 1] = j->done[i];
        j->done_count--;
    }
    j->done[j->done_count++] = *r;
}

static void run(void *ctx)
{
    struct jobs *j = ctx;
    struct job *job = malloc(sizeof *job);
    struct job_result *result = malloc(sizeof *result);
    mutex_lock(&j->lock);
    while (job && result) {
        while (!j->end && !j->count)
            cond_wait(&j->changed, &j->lock);
        if (j->end)
            break;
        *job = j->waiting[0];
        j->busy = true;
        mutex_unlock(&j->lock);
        perform(j, job, result);
        mutex_lock(&j->lock);
        j->busy = false;
        remove_first(j);
        keep_result(j, result);
        if (!j->count)
            atomic_store(&j->give_up, false);
        cond_broadcast(&j->changed);
        mutex_unlock(&j->lock);
        j->notify(j->ctx);
        mutex_lock(&j->lock);
    }
    j->end = true;
    j->count = 0;
    cond_broadcast(&j->changed);
    mutex_unlock(&j->lock);
    free(job);
    free(result);
}

/* --- the controller's side --- */

struct jobs *jobs_create(void (*notify)(void *ctx), void *ctx)
{
    struct jobs *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->notify = notify;
    j->ctx = ctx;
    mutex_init(&j->lock);
    cond_init(&j->changed);
    atomic_init(&j->give_up, false);
    return j;
}

void jobs_destroy(struct jobs *j)
{
    if (!j)
        return;
    mutex_lock(&j->lock);
    j->end = true;
    atomic_store(&j->give_up, true);
    cond_broadcast(&j->changed);
    mutex_unlock(&j->lock);
    thread_join(j->thread);
    cond_destroy(&j->changed);
    mutex_destroy(&j->lock);
    free(j);
}

bool jobs_add(struct jobs *j, const struct job *job, struct err *err)
{
    if (!j->thread && !thread_start("jobs", run, j, &j->thread, err))
        return false;
    mutex_lock(&j->lock);
    bool room = j->count < JOBS_MAX && !j->end;
    if (room)
        j->waiting[j->count++] = *job;
    cond_broadcast(&j->changed);
    mutex_unlock(&j->lock);
    return room || err_set(err, ERR_BUSY, "Beginning another job beside the recording; %d wait already", JOBS_MAX);
}

bool jobs_take(struct jobs *j, struct job_result *out)
{
    mutex_lock(&j->lock);
    bool got = j->done_count > 0;
    if (got) {
        *out = j->done[0];
        j->done_count--;
        for (unsigned i = 0; i < j->done_count; i++)
            j->done[i] = j->done[i + 1];
    }
    mutex_unlock(&j->lock);
    return got;
}

unsigned jobs_open(struct jobs *j, enum job_kind kind)
{
    mutex_lock(&j->lock);
    unsigned n = 0;
    for (unsigned i = 0; i < j->count; i++)
        n += j->waiting[i].kind == kind;
    mutex_unlock(&j->lock);
    return n;
}

bool jobs_wait(struct jobs *j, uint32_t ms)
{
    mutex_lock(&j->lock);
    if (j->count && ms)
        cond_wait_ms(&j->changed, &j->lock, ms);
    bool idle = j->count == 0;
    mutex_unlock(&j->lock);
    return idle;
}

void jobs_cancel(struct jobs *j)
{
    mutex_lock(&j->lock);
    j->count = j->busy ? 1 : 0;
    if (j->busy)
        atomic_store(&j->give_up, true);
    mutex_unlock(&j->lock);
}
