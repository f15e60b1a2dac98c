/* Merges sorted streams: which of them has the earliest item now. A tree of losers: each stream that moves on is
 * compared with one other at each level, without a jump that a processor would have to guess. One thread.
 *
 * A key holds an item's time and, below it, its stream, so that one comparison tells the order. What is left for the
 * time are 64 bits less those of the stream: at ten million ticks a second and with 1000 streams decades, counted from
 * about the start of the trace. Times beyond either end count as equal to the first or last that can be told. */
#ifndef HR_ETL_ORDER_H
#define HR_ETL_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order {
    uint32_t first; /* the stream of the earliest item; of equal times the lower number */
    uint32_t count; /* of streams, but 1 where there is none */
    int64_t next;   /* the second earliest time: before it no other stream's turn comes */
    int64_t base;   /* the earliest time that can be told */
    uint64_t range; /* that many times can be told; this one is of streams that are at their end */
    uint64_t mask;  /* the bits of a key that are the stream */
    unsigned shift; /* how many those are */
    uint32_t live;  /* streams that are not at their end */
    uint64_t *tree; /* [1]: the final's loser; node n is played by the winners of nodes 2n and 2n+1 */
};

/* `start`: about where times begin. All streams are at their end until they enter. */
bool order_start(struct order *m, uint32_t count, int64_t start);
/* A stream's first item. */
void order_enter(struct order *m, uint32_t stream, int64_t time);
void order_ready(struct order *m);
void order_free(struct order *m);

static inline bool order_is_over(const struct order *m)
{
    return !m->live;
}

static inline uint64_t order_key(const struct order *m, uint32_t stream, int64_t time)
{
    /* Neither base nor range is above 2^62: what lies before base looks as far away as what lies behind the range. */
    uint64_t since = (uint64_t)time - (uint64_t)m->base;
    if (since >= m->range)
        since = time < m->base ? 0 : m->range - 1;
    return since << m->shift | stream;
}

/* The first stream plays its way up again. */
static inline void order_replay(struct order *m, uint64_t key)
{
    uint64_t *tree = m->tree;
    for (size_t n = ((size_t)m->first + m->count) / 2; n; n /= 2) {
        uint64_t other = tree[n];
        uint64_t loser = other < key ? key : other;
        key = other < key ? other : key;
        tree[n] = loser;
    }
    m->first = (uint32_t)(key & m->mask);
    /* The second best lost against the best, somewhere on its way. */
    uint64_t next = UINT64_MAX;
    for (size_t n = ((size_t)m->first + m->count) / 2; n; n /= 2)
        next = tree[n] < next ? tree[n] : next;
    m->next = (int64_t)(next >> m->shift) + m->base;
}

/* Most streams have several items in a row that come before the others'. */
static inline bool order_stays(const struct order *m, int64_t time)
{
    return time < m->next;
}

/* The first stream has gone on to an item of this time. */
static inline void order_move(struct order *m, int64_t time)
{
    if (!order_stays(m, time))
        order_replay(m, order_key(m, m->first, time));
}

/* The first stream is at its end. */
static inline void order_leave(struct order *m)
{
    m->live--;
    order_replay(m, m->range << m->shift | m->first);
}

#endif
