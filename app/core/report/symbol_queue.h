/* Names of functions from a thread of its own: a slow or dead symbol server keeps nobody waiting. Used from one thread,
 * its owner's; the source is used on the queue's. */
#ifndef HR_REPORT_SYMBOL_QUEUE_H
#define HR_REPORT_SYMBOL_QUEUE_H

#include "core/report/symbolizer.h"

struct symbol_queue;

/* Called on the queue's thread when there are answers to take and there were none before; never after
 * symbol_queue_close has returned. It must be quick and must not use the queue. */
struct symbol_notice {
    void *ctx;
    void (*call)(void *ctx); /* may be NULL */
};

/* The queue owns the source from here on, also when this fails. */
bool symbol_queue_open(const struct symbol_source *source, const struct symbol_notice *notice,
                       struct symbol_queue **out, struct err *err);

/* Looks it up after what was asked before; copies everything. `id` comes back with the answer. */
bool symbol_queue_ask(struct symbol_queue *q, uint32_t id, const struct symbol_ask *ask, struct err *err);

/* The next answer; false: none has come yet. `name` is replaced: "Function+0x12", or empty when it has no name. */
bool symbol_queue_take(struct symbol_queue *q, uint32_t *id, struct text *name);
/* The same, but waits for an answer up to `ms`. */
bool symbol_queue_wait(struct symbol_queue *q, uint32_t ms, uint32_t *id, struct text *name);
/* Asked and not answered yet. */
uint32_t symbol_queue_waiting(struct symbol_queue *q);

/* Forgets what was asked and returns at once; what is being looked up ends by itself. NULL is fine. */
void symbol_queue_close(struct symbol_queue *q);

/* A symbolizer that waits for the queue, `limit_ms` in sum over all its answers; then it names nothing more. */
struct symbol_wait {
    struct symbol_queue *queue; /* the caller's; used by nobody else meanwhile */
    uint64_t left_ns;
    uint64_t unanswered; /* frames that have no name for want of time */
    uint64_t unnamed;    /* frames without a name, these included */
    uint32_t next;
};
void symbol_wait_start(struct symbol_wait *w, struct symbol_queue *q, uint64_t limit_ms);
struct symbolizer symbol_wait_symbolizer(struct symbol_wait *w);

#endif
