/* A ring of waiting events in order of time, searched from its newest end. */
#include "core/ledger/delay.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* An event that is late by more than so many others is left where it is. */
#define SORT_STEPS 256

bool delay_grow(struct delay *d)
{
    uint32_t room = d->room ? d->room * 2 : 1024;
    struct delayed *ring = memory_take(room * sizeof *ring);
    if (!ring)
        return false;
    for (uint32_t i = 0; i < d->count; i++)
        ring[i] = *delay_at(d, i);
    memory_give(d->ring, d->room * sizeof *d->ring);
    d->ring = ring;
    d->room = room;
    d->first = 0;
    return true;
}

void delay_sort_newest(struct delay *d)
{
    uint32_t at = d->count - 1;
    const struct delayed e = *delay_at(d, at);
    d->inversions++;
    for (int steps = 0; at && steps < SORT_STEPS && delay_at(d, at - 1)->time > e.time; steps++, at--)
        *delay_at(d, at) = *delay_at(d, at - 1);
    *delay_at(d, at) = e;
}

/* The number of events that are older than `time`. */
static uint32_t older_than(const struct delay *d, int64_t time)
{
    uint32_t high = d->count;
    uint32_t step = 1;
    uint32_t low = high;
    while (low && delay_at(d, low - 1)->time >= time) {
        high = low - 1;
        low = low > step ? low - step : 0;
        step *= 2;
    }
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (delay_at(d, mid)->time < time)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Whether a part of its stack may come still. */
static bool is_open(const struct delayed *e)
{
    return e->kind <= DELAYED_DUPLICATE && !e->complete;
}

struct delayed *delay_find(const struct delay *d, int64_t time, uint32_t tid, uint16_t processor)
{
    struct delayed *best = NULL;
    struct delayed *newest = d->count > 1 ? delay_at(d, d->count - 1) : NULL;
    /* Mostly a stack comes right behind its event. */
    if (newest && newest->time == time && newest->tid == tid && is_open(newest) && !newest->ids_unknown &&
        delay_at(d, d->count - 2)->time != time)
        return newest;
    for (uint32_t i = older_than(d, time); i < d->count; i++) {
        struct delayed *e = delay_at(d, i);
        if (e->time != time)
            break;
        if (!is_open(e))
            continue;
        if (!e->ids_unknown && e->tid == tid)
            return e;
        /* Without ids the processor decides between events of one time. */
        if (e->ids_unknown && (!best || (e->processor == processor && best->processor != processor)))
            best = e;
    }
    return best;
}

void delay_free(struct delay *d)
{
    while (d->count)
        delay_drop(d, delay_at(d, 0));
    memory_give(d->ring, d->room * sizeof *d->ring);
    memset(d, 0, sizeof *d);
}
