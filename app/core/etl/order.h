/* Merges sorted streams: which of them has the earliest item now. A tree of losers: each stream that moves on is
 * compared with one other at each level, without a jump that a processor would have to guess. One thread. */
#ifndef HR_ETL_ORDER_H
#define HR_ETL_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct order_item {
    int64_t time;
    uint32_t stream; /* numbers at or above the count: a stream that is at its end, behind every other */
};

struct order {
    uint32_t first; /* the stream of the earliest item; of equal times the lower number */
    struct order_item best;
    struct order_item next;  /* the second */
    struct order_item *tree; /* [1]: the final's loser; the streams themselves from `leaves` on until order_ready */
    uint32_t count;
    uint32_t leaves; /* a power of two */
};

bool order_start(struct order *m, uint32_t count);
/* Every stream once, with the time of its first item; not `there`: it has none. */
void order_enter(struct order *m, uint32_t stream, int64_t time, bool there);
void order_ready(struct order *m);
/* The first stream has gone on to an item of this time; not `there`: it is at its end. */
void order_replay(struct order *m);
void order_free(struct order *m);

static inline bool order_earlier(struct order_item a, struct order_item b)
{
    return (a.time < b.time) | ((a.time == b.time) & (a.stream < b.stream));
}

static inline void order_move(struct order *m, int64_t time, bool there)
{
    m->best = there ? (struct order_item){time, m->first} : (struct order_item){INT64_MAX, m->first + m->count};
    /* Most streams have several items in a row that come before the others'. */
    if (!order_earlier(m->best, m->next))
        order_replay(m);
}

static inline bool order_is_over(const struct order *m)
{
    return m->best.stream >= m->count;
}

#endif
