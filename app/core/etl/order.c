/* The tree of losers: node n is played by the winners of nodes 2n and 2n+1 and keeps who lost. */
#include "core/etl/order.h"

#include <stdlib.h>
#include <string.h>

static struct order_item nobody(const struct order *m, uint32_t stream)
{
    return (struct order_item){INT64_MAX, stream + m->count};
}

bool order_start(struct order *m, uint32_t count)
{
    *m = (struct order){.count = count, .leaves = 1};
    while (m->leaves < count)
        m->leaves *= 2;
    m->tree = calloc((size_t)m->leaves * 2, sizeof *m->tree);
    if (!m->tree)
        return false;
    for (uint32_t i = 0; i < m->leaves; i++)
        m->tree[m->leaves + i] = nobody(m, i);
    return true;
}

void order_enter(struct order *m, uint32_t stream, int64_t time, bool there)
{
    if (there)
        m->tree[m->leaves + stream] = (struct order_item){time, stream};
}

static void settle(struct order *m)
{
    m->first = m->best.stream >= m->count ? m->best.stream - m->count : m->best.stream;
}

/* The second best lost against the best, somewhere on its way. */
static void find_next(struct order *m)
{
    struct order_item next = nobody(m, m->leaves);
    for (uint32_t n = (m->leaves + m->first) / 2; n; n /= 2)
        next = order_earlier(m->tree[n], next) ? m->tree[n] : next;
    m->next = next;
}

void order_ready(struct order *m)
{
    /* From the leaves up, first the winners; then each node trades its winner for the loser. */
    for (uint32_t n = m->leaves; n-- > 1;) {
        const struct order_item *pair = &m->tree[(size_t)2 * n];
        m->tree[n] = order_earlier(pair[1], pair[0]) ? pair[1] : pair[0];
    }
    m->best = m->tree[1];
    for (uint32_t n = 1; n < m->leaves; n++) {
        const struct order_item *pair = &m->tree[(size_t)2 * n];
        m->tree[n] = order_earlier(pair[1], pair[0]) ? pair[0] : pair[1];
    }
    settle(m);
    find_next(m);
}

void order_replay(struct order *m)
{
    struct order_item item = m->best;
    for (uint32_t n = (m->leaves + m->first) / 2; n; n /= 2) {
        struct order_item other = m->tree[n];
        bool lost = order_earlier(other, item);
        m->tree[n].time = lost ? item.time : other.time;
        m->tree[n].stream = lost ? item.stream : other.stream;
        item.time = lost ? other.time : item.time;
        item.stream = lost ? other.stream : item.stream;
    }
    m->best = item;
    settle(m);
    find_next(m);
}

void order_free(struct order *m)
{
    free(m->tree);
    memset(m, 0, sizeof *m);
}
