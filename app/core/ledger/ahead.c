/* A ring of blocks between two threads. */
#include "core/ledger/ahead.h"

#include <stdlib.h>

#define BLOCKS 8u
/* Who waits is woken when so many are there for it: waking a thread costs more than a block does. */
#define WORTH_WAKING (BLOCKS / 2)

struct ahead {
    void (*fill)(void *ctx, struct feed_block *b);
    void *ctx;
    struct thread *thread; /* NULL: no other thread */
    uint64_t used;         /* blocks handed out; the user's */
    bool over;             /* the last one was among them; the user's */
    /* Under the lock. */
    struct mutex lock;
    struct cond changed;
    uint64_t filled; /* blocks so far; block n is blocks[n % BLOCKS] */
    uint64_t freed;
    bool filler_waits;
    bool user_waits;
    bool stop;
    struct feed_block blocks[BLOCKS]; /* [freed, filled) are the user's, the others the filler's */
};

/* False: no more are wanted. */
static bool wait_for_room(struct ahead *a)
{
    mutex_lock(&a->lock);
    while (!a->stop && a->filled - a->freed == BLOCKS) {
        a->filler_waits = true;
        cond_wait(&a->changed, &a->lock);
    }
    a->filler_waits = false;
    bool go_on = !a->stop;
    mutex_unlock(&a->lock);
    return go_on;
}

static void hand_over(struct ahead *a, bool last)
{
    mutex_lock(&a->lock);
    a->filled++;
    bool wake = a->user_waits && (last || a->filled - a->freed >= WORTH_WAKING);
    mutex_unlock(&a->lock);
    if (wake)
        cond_signal(&a->changed);
}

/* The user gives back what it has had, and waits for more. */
static void wait_for_block(struct ahead *a)
{
    mutex_lock(&a->lock);
    a->freed = a->used;
    bool wake = a->filler_waits && a->filled - a->freed <= BLOCKS - WORTH_WAKING;
    mutex_unlock(&a->lock);
    if (wake)
        cond_signal(&a->changed);
    mutex_lock(&a->lock);
    while (a->filled == a->used) {
        a->user_waits = true;
        cond_wait(&a->changed, &a->lock);
    }
    a->user_waits = false;
    mutex_unlock(&a->lock);
}

static void run(void *ctx)
{
    struct ahead *a = ctx;
    bool last = false;
    for (uint64_t n = 0; !last && wait_for_room(a); n++) {
        struct feed_block *b = &a->blocks[n % BLOCKS];
        feed_block_clear(b);
        a->fill(a->ctx, b);
        last = b->last;
        hand_over(a, last);
    }
}

bool ahead_begin(void (*fill)(void *ctx, struct feed_block *b), void *ctx, bool thread, struct ahead **out,
                 struct err *err)
{
    struct ahead *a = calloc(1, sizeof *a);
    if (!a)
        return err_set(err, ERR_NO_MEMORY, "Reading ahead");
    a->fill = fill;
    a->ctx = ctx;
    mutex_init(&a->lock);
    cond_init(&a->changed);
    /* Without the thread everything works, slower. */
    struct err ignored = {0};
    if (thread && !thread_start("reader", run, a, &a->thread, &ignored))
        a->thread = NULL;
    *out = a;
    return true;
}

struct feed_block *ahead_next(struct ahead *a)
{
    if (a->over)
        return NULL;
    struct feed_block *b = &a->blocks[0];
    if (!a->thread) {
        feed_block_clear(b);
        a->fill(a->ctx, b);
        a->over = b->last;
        return b;
    }
    wait_for_block(a);
    b = &a->blocks[a->used++ % BLOCKS];
    a->over = b->last;
    return b;
}

void ahead_end(struct ahead *a)
{
    if (!a)
        return;
    mutex_lock(&a->lock);
    a->stop = true;
    mutex_unlock(&a->lock);
    cond_signal(&a->changed);
    thread_join(a->thread);
    for (unsigned i = 0; i < BLOCKS; i++)
        feed_block_clear(&a->blocks[i]);
    cond_destroy(&a->changed);
    mutex_destroy(&a->lock);
    free(a);
}
