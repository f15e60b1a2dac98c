/* Holds handle events back until their stacks have come. One thread. */
#ifndef HR_LEDGER_DELAY_H
#define HR_LEDGER_DELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    bool complete : 1;   /* no more stack parts to come */
    bool stack_next : 1; /* see feed.h */
    uint16_t type;
    uint16_t processor;
    int64_t time;
    uint64_t object;
    char *name; /* on the heap, or NULL */
    uint32_t process;
    uint32_t actor; /* whose thread it was */
    uint32_t handle;
    uint32_t tid;
    uint32_t stack;
    uint32_t source_process;
    uint32_t source_handle;
    uint32_t tag; /* lives_tag of process and handle */
};

/* All zero is empty. */
struct delay {
    struct delayed *ring;
    uint32_t room; /* a power of two */
    uint32_t first;
    uint32_t count;
    uint64_t inversions;
};

/* Makes room for one more where that is possible; when `full` says so the oldest must be taken first. */
bool delay_reserve(struct delay *d);
bool delay_full(const struct delay *d);
/* Puts the event in its place by time. */
void delay_put(struct delay *d, const struct delayed *e);
/* The i-th oldest; i < count. */
static inline struct delayed *delay_at(const struct delay *d, uint32_t i)
{
    return &d->ring[(d->first + i) & (d->room - 1)];
}
void delay_drop(struct delay *d); /* the oldest */
/* The event of exactly this time and thread that a stack part belongs to; NULL: none is waiting. */
struct delayed *delay_find(const struct delay *d, int64_t time, uint32_t tid, uint16_t processor);
void delay_free(struct delay *d);

#endif
