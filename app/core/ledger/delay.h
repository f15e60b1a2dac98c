/* Holds handle events back until their stacks have come. One thread. */
#ifndef HR_LEDGER_DELAY_H
#define HR_LEDGER_DELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* So many later events may come before an event's last stack part. A power of two. */
#define DELAY_MAX 65536u

enum delayed_kind {
    DELAYED_CREATE,
    DELAYED_CLOSE,
    DELAYED_DUPLICATE,
    DELAYED_LISTED,
    DELAYED_INVENTORY_END,
    DELAYED_DYING, /* the process begins to end */
    DELAYED_ENDED,
};

/* A line of the processor's cache. */
struct delayed {
    uint8_t kind;
    bool ids_unknown : 1;     /* until a stack tells them */
    bool actor_in_header : 1; /* the pid may be who acted, not whose handle it is */
    bool source_unknown : 1;
    uint16_t type;
    uint16_t processor;
    bool complete;   /* no more stack parts to come */
    bool stack_next; /* see feed.h */
    uint64_t object;
    int64_t time;
    char *name; /* on the heap, or NULL */
    uint32_t process;
    uint32_t actor; /* whose thread it was */
    uint32_t handle;
    uint32_t tid;
    uint32_t stack;
    uint32_t source_process;
    uint32_t source_handle;
    uint32_t tag; /* slots_tag of process and handle */
};

/* All zero is empty. */
struct delay {
    struct delayed *ring;
    uint32_t room; /* a power of two */
    uint32_t first;
    uint32_t count;
    int64_t newest; /* of the waiting events' times; count > 0 */
    uint64_t inversions;
};

/* Where an event is to be put there must be room: it grows, until it is full; then the oldest must be taken first. */
static inline bool delay_has_room(const struct delay *d)
{
    return d->count < d->room;
}
static inline bool delay_is_full(const struct delay *d)
{
    return d->count == DELAY_MAX;
}
bool delay_grow(struct delay *d); /* false for want of memory */
/* The i-th oldest; i < count, or i == count where there is room: the place to write the next event to. */
static inline struct delayed *delay_at(const struct delay *d, uint32_t i)
{
    return &d->ring[(d->first + i) & (d->room - 1)];
}
/* `e`, which was written behind the newest event, is one now: it comes to its place by time. */
void delay_sort_newest(struct delay *d);
static inline void delay_put_written(struct delay *d, const struct delayed *e)
{
    int64_t time = e->time;
    if (d->count++ && d->newest > time)
        delay_sort_newest(d);
    else
        d->newest = time;
}
/* `e`, the oldest, goes. */
static inline void delay_drop(struct delay *d, const struct delayed *e)
{
    if (e->name) /* mostly there is none */
        free(e->name);
    d->first = (d->first + 1) & (d->room - 1);
    d->count--;
}
/* The event of exactly this time and thread that a stack part belongs to; NULL: none is waiting. */
struct delayed *delay_find(const struct delay *d, int64_t time, uint32_t tid, uint16_t processor);
void delay_free(struct delay *d);

#endif
