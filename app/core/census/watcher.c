/* Runs the census in a thread and hands out its snapshots. */
#include "core/census/watcher.h"

#include "core/base/thread.h"
#include "core/census/census.h"

#include <stdlib.h>

struct watcher {
    struct census *census; /* the thread's own */
    struct thread *thread;
    void (*notify)(void *ctx);
    void *ctx;
    atomic_bool noticed; /* a notice is under way: set by the thread, cleared by watcher_latest */

    struct mutex lock;
    struct cond wake;
    bool stop;                     /* under lock; written by watcher_stop */
    bool reset;                    /* under lock; written by watcher_reset_baseline, cleared by the thread */
    const struct snapshot *newest; /* under lock; written by the thread */
};

/* Waits until `due`. False: stop. */
static bool wait_until(struct watcher *w, uint64_t due)
{
    mutex_lock(&w->lock);
    for (;;) {
        uint64_t now = clock_ns();
        if (w->stop || w->reset || now >= due)
            break;
        uint64_t ms = (due - now + 999999) / 1000000;
        cond_wait_ms(&w->wake, &w->lock, ms > 60000 ? 60000 : (uint32_t)ms);
    }
    bool go_on = !w->stop;
    bool reset = w->reset;
    w->reset = false;
    mutex_unlock(&w->lock);
    if (reset)
        census_reset_baseline(w->census);
    return go_on;
}

static void publish(struct watcher *w, const struct snapshot *s)
{
    mutex_lock(&w->lock);
    const struct snapshot *old = w->newest;
    w->newest = s;
    mutex_unlock(&w->lock);
    snapshot_release(old);
    if (w->notify && !atomic_exchange(&w->noticed, true))
        w->notify(w->ctx);
}

static void run(void *ctx)
{
    struct watcher *w = ctx;
    uint64_t due = clock_ns();
    while (wait_until(w, due)) {
        const struct snapshot *s = census_take(w->census, clock_ns(), clock_filetime());
        due = census_due(w->census);
        if (s)
            publish(w, s);
    }
}

static void destroy(struct watcher *w)
{
    snapshot_release(w->newest);
    census_destroy(w->census);
    cond_destroy(&w->wake);
    mutex_destroy(&w->lock);
    free(w);
}

bool watcher_start(const struct sys_backend *sys, void (*notify)(void *ctx), void *ctx, struct watcher **out,
                   struct err *err)
{
    struct watcher *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_NO_MEMORY, "Starting to count handles");
    mutex_init(&w->lock);
    cond_init(&w->wake);
    atomic_init(&w->noticed, false);
    w->notify = notify;
    w->ctx = ctx;
    if (!census_create(sys, &w->census, err) || !thread_start("census", run, w, &w->thread, err)) {
        destroy(w);
        return false;
    }
    *out = w;
    return true;
}

void watcher_stop(struct watcher *w)
{
    if (!w)
        return;
    mutex_lock(&w->lock);
    w->stop = true;
    cond_signal(&w->wake);
    mutex_unlock(&w->lock);
    thread_join(w->thread);
    destroy(w);
}

const struct snapshot *watcher_latest(struct watcher *w)
{
    /* Before the look: a snapshot that comes after it gives a notice of its own. */
    atomic_store(&w->noticed, false);
    mutex_lock(&w->lock);
    const struct snapshot *s = w->newest ? snapshot_retain(w->newest) : NULL;
    mutex_unlock(&w->lock);
    return s;
}

void watcher_reset_baseline(struct watcher *w)
{
    mutex_lock(&w->lock);
    w->reset = true;
    cond_signal(&w->wake);
    mutex_unlock(&w->lock);
}
