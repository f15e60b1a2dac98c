/* The tree of losers at its start and end. */
#include "core/etl/order.h"

#include <stdlib.h>
#include <string.h>

#define BASE_MAX ((int64_t)1 << 62)

bool order_start(struct order *m, uint32_t count, int64_t start)
{
    *m = (struct order){.count = count ? count : 1, .shift = 2};
    while ((uint64_t)1 << m->shift < m->count)
        m->shift++;
    m->mask = ((uint64_t)1 << m->shift) - 1;
    m->range = UINT64_MAX >> m->shift;
    /* Some events may be older than the trace. */
    int64_t margin = (int64_t)(m->range / 4);
    m->base = start < margin ? 0 : start - margin;
    m->base = m->base < BASE_MAX ? m->base : BASE_MAX;
    m->tree = calloc((size_t)m->count * 2, sizeof *m->tree);
    if (!m->tree)
        return false;
    for (uint32_t i = 0; i < m->count; i++)
        m->tree[m->count + i] = m->range << m->shift | i;
    return true;
}

void order_enter(struct order *m, uint32_t stream, int64_t time)
{
    m->live++;
    m->tree[m->count + stream] = order_key(m, stream, time);
}

void order_ready(struct order *m)
{
    /* From the leaves up, first the winners; then each node trades its winner for the loser. */
    uint64_t *tree = m->tree;
    for (uint32_t n = m->count; n-- > 1;) {
        const uint64_t *pair = &tree[(size_t)2 * n];
        tree[n] = pair[1] < pair[0] ? pair[1] : pair[0];
    }
    uint64_t best = tree[1];
    m->first = (uint32_t)(best & m->mask);
    for (uint32_t n = 1; n < m->count; n++) {
        const uint64_t *pair = &tree[(size_t)2 * n];
        tree[n] = pair[1] < pair[0] ? pair[0] : pair[1];
    }
    /* It wins once more, and what is second becomes known. */
    order_replay(m, best);
}

void order_free(struct order *m)
{
    free(m->tree);
    memset(m, 0, sizeof *m);
}
