/* Counts handles made, closed and duplicated by type while a recording runs, from the events of a real-time session.
 *
 * Threads: live_feed, live_publish and live_end on the thread that reads the events; live_reset, live_begin and
 * live_fail while there is none; the rest on any. */
#ifndef HR_CENSUS_LIVE_H
#define HR_CENSUS_LIVE_H

#include "core/base/thread.h"
#include "core/etl/record.h"

#define LIVE_TYPES    256 /* the kernel's table of object types has no more */
#define LIVE_NAME_MAX 64  /* bytes of UTF-8 */

struct live_type {
    char name[LIVE_NAME_MAX]; /* as the trace tells it; empty while it has not */
    uint64_t created;
    uint64_t closed;
    uint64_t duplicated; /* into any process; inherited ones too */
};

/* A value. */
struct live_counts {
    bool reading;    /* events come in; false: not begun, or ended, and `why` may say why */
    uint64_t events; /* handle events that were counted */
    uint64_t other;  /* events that were passed over: processes, images, inventories, types out of range */
    double cost;     /* share of one core that reading them takes, since it began; -1: not measured yet */
    struct err why;
    struct live_type types[LIVE_TYPES]; /* by type index */
};

struct live {
    struct live_counts work; /* the reading thread's own */
    uint64_t began_ns;
    struct mutex lock;
    struct live_counts shown; /* under lock */
};

void live_init(struct live *l);
void live_destroy(struct live *l);

/* Counts anew; before a session is opened, by whoever opens it. */
void live_reset(struct live *l);
/* Events are about to come, for the first time or again: before their thread starts. `now_ns`: clock_ns. */
void live_begin(struct live *l, uint64_t now_ns);
void live_feed(struct live *l, const struct etl_record *r);
/* Shows what was counted so far: after each buffer, whose end may be the last that comes for a while. `cpu_ns`: what
 * the reading thread has used. */
void live_publish(struct live *l, uint64_t now_ns, uint64_t cpu_ns);
/* No more events come; `why` (may be NULL) is the failure that ended them. */
void live_end(struct live *l, uint64_t now_ns, uint64_t cpu_ns, const struct err *why);

/* The session cannot be opened. */
void live_fail(struct live *l, const struct err *why);

void live_read(struct live *l, struct live_counts *out);
/* The type of this name, or NULL: the trace has not named it. */
const struct live_type *live_find(const struct live_counts *c, const char *name);

/* The seam to the system: reads a running real-time session on a thread of its own. */
struct live_source {
    /* `session` is its name; `to` says at once that it is read. Fails when the session cannot be read; `to` must live
     * until `close`. */
    bool (*open)(void *self, const char *session, struct live *to, struct err *err);
    /* Ends the reading and waits for its thread; without an open one it does nothing. */
    void (*close)(void *self);
    void *self;
};

#endif
