/* What owner and thread share belongs to whoever of them leaves last. */
#include "core/report/result_job.h"

#include "core/base/thread.h"
#include "core/report/report_file.h"

#include <stdlib.h>

struct result_job {
    struct mutex lock;
    struct thread *thread; /* the owner's */
    atomic_bool cancelled; /* owner sets */
    /* Under the lock. */
    bool left; /* the owner is gone */
    bool ended;
    struct result_job_view view;
    struct result_set *set;
    /* Constant. */
    char **files;
    unsigned file_count;
    char *save_to;
    enum report_format format;
    struct symbol_source names; /* find is NULL: none, or the queue's by now */
    void (*notice)(void *ctx);
    void *ctx;
};

static void free_job(struct result_job *j)
{
    for (unsigned i = 0; j->files && i < j->file_count; i++)
        free(j->files[i]);
    if (j->names.find && j->names.close)
        j->names.close(j->names.ctx);
    free(j->files);
    free(j->save_to);
    result_set_free(j->set);
    mutex_destroy(&j->lock);
    free(j);
}

static bool goes_on(void *ctx)
{
    struct result_job *j = ctx;
    return !atomic_load(&j->cancelled);
}

static bool has_read(void *ctx, uint64_t done, uint64_t total)
{
    struct result_job *j = ctx;
    mutex_lock(&j->lock);
    j->view.done = done;
    j->view.total = total;
    mutex_unlock(&j->lock);
    return goes_on(j);
}

static bool save(struct result_job *j, const struct report_source *source, bool *damaged, struct err *err)
{
    struct report_options options = {.format = j->format};
    struct report *r = NULL;
    bool ok =
        report_may_save(j->save_to, source->files, source->file_count, err) && report_read(source, &options, &r, err);
    if (ok) {
        *damaged = r->facts.damaged;
        ok = report_save(r, j->save_to, goes_on, j, err);
    }
    report_free(r);
    return ok;
}

/* The report without names is better than none. */
static bool save_with_names(struct result_job *j, struct report_source *source, bool *damaged, struct err *err)
{
    struct symbol_queue *queue = NULL;
    struct symbol_wait wait;
    struct symbolizer symbolizer;
    struct symbol_source names = j->names;
    j->names.find = NULL;
    if (names.find && symbol_queue_open(&names, NULL, &queue, NULL)) {
        symbol_wait_start(&wait, queue, RESULT_NAMES_MS);
        symbolizer = symbol_wait_symbolizer(&wait);
        source->symbolizer = &symbolizer;
    }
    bool ok = save(j, source, damaged, err);
    source->symbolizer = NULL;
    symbol_queue_close(queue);
    return ok;
}

static void work(void *ctx)
{
    struct result_job *j = ctx;
    struct report_source source = {
        .files = (const char *const *)j->files, .file_count = j->file_count, .go_on = has_read, .go_on_ctx = j};
    struct result_set *set = NULL;
    struct err err = {0};
    bool damaged = false;
    bool ok = j->save_to ? save_with_names(j, &source, &damaged, &err) : result_set_read(&source, &set, &err);
    if (set)
        damaged = set->report->facts.damaged;
    mutex_lock(&j->lock);
    j->set = set;
    j->view.state = ok ? RESULT_JOB_DONE : RESULT_JOB_FAILED;
    j->view.err = err;
    j->view.damaged = damaged;
    j->ended = true;
    bool left = j->left;
    if (!left)
        j->notice(j->ctx);
    mutex_unlock(&j->lock);
    if (left)
        free_job(j);
}

static struct result_job *make(const struct result_order *o)
{
    struct result_job *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    mutex_init(&j->lock);
    j->format = o->format;
    j->notice = o->notice;
    j->ctx = o->ctx;
    j->file_count = o->file_count;
    j->files = calloc(o->file_count + (size_t)1, sizeof *j->files);
    j->save_to = o->save_to ? text_copy(o->save_to) : NULL;
    bool ok = j->files && (j->save_to || !o->save_to);
    for (unsigned i = 0; ok && i < o->file_count; i++)
        ok = (j->files[i] = text_copy(o->files[i])) != NULL;
    if (ok)
        return j;
    free_job(j);
    return NULL;
}

bool result_job_start(const struct result_order *order, struct result_job **out, struct err *err)
{
    struct result_job *j = make(order);
    if (!j && order->names && order->names->close)
        order->names->close(order->names->ctx);
    if (!j)
        return err_set(err, ERR_NO_MEMORY, "Reading the recording");
    if (order->names)
        j->names = *order->names;
    if (!thread_start("results", work, j, &j->thread, err)) {
        free_job(j);
        return false;
    }
    *out = j;
    return true;
}

void result_job_look(struct result_job *j, struct result_job_view *out)
{
    mutex_lock(&j->lock);
    *out = j->view;
    mutex_unlock(&j->lock);
}

struct result_set *result_job_take(struct result_job *j)
{
    mutex_lock(&j->lock);
    struct result_set *set = j->set;
    j->set = NULL;
    mutex_unlock(&j->lock);
    return set;
}

void result_job_cancel(struct result_job *j)
{
    atomic_store(&j->cancelled, true);
}

void result_job_close(struct result_job *j)
{
    if (!j)
        return;
    atomic_store(&j->cancelled, true);
    mutex_lock(&j->lock);
    struct thread *thread = j->thread;
    bool wait = j->ended || j->save_to;
    j->left = !wait;
    mutex_unlock(&j->lock);
    if (!wait) {
        thread_leave(thread); /* the job is its thread's now */
        return;
    }
    thread_join(thread);
    free_job(j);
}
