/* Folds lives into groups through an open hash table. */
#include "core/report/counts.h"

#include "core/base/memory.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

void life_counts_add(struct life_counts *sum, const struct life_counts *more)
{
    sum->preexisting += more->preexisting;
    sum->created += more->created;
    sum->duplicated += more->duplicated;
    sum->inherited += more->inherited;
    sum->closed += more->closed;
    sum->open += more->open;
    sum->leaked += more->leaked;
    sum->leaked_at_exit += more->leaked_at_exit;
    sum->uncertain += more->uncertain;
    sum->seconds += more->seconds;
}

int life_counts_order(const struct life_counts *a, const struct life_counts *b)
{
    const uint64_t keys[][2] = {{a->leaked, b->leaked},
                                {a->leaked_at_exit, b->leaked_at_exit},
                                {a->open, b->open},
                                {a->created + a->duplicated, b->created + b->duplicated}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] > keys[i][1] ? -1 : 1;
    return 0;
}

static bool rehash(struct life_groups *g)
{
    uint32_t count = g->slot_count ? g->slot_count * 2 : 256;
    uint32_t *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t i = 0; i < g->count; i++) {
        uint32_t at = life_groups_hash(g->list[i].process, g->list[i].type, g->list[i].stack) & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = i + 1;
    }
    free(g->slots);
    g->slots = slots;
    g->slot_count = count;
    return true;
}

struct life_group *life_groups_add(struct life_groups *g, uint32_t hash, uint32_t process, uint16_t type,
                                   uint32_t stack)
{
    if ((uint64_t)g->count * 2 >= g->slot_count && !rehash(g))
        return NULL;
    uint32_t at = hash & (g->slot_count - 1);
    while (g->slots[at])
        at = (at + 1) & (g->slot_count - 1);
    if (!grow_list(&g->list, &g->room, g->count + 1, sizeof *g->list))
        return NULL;
    g->list[g->count] =
        (struct life_group){.process = process, .type = type, .stack = stack, .first = INT64_MAX, .last = INT64_MIN};
    g->slots[at] = ++g->count;
    return &g->list[g->count - 1];
}

struct life_group *life_groups_at(struct life_groups *g, uint32_t process, uint16_t type, uint32_t stack)
{
    uint32_t hash = life_groups_hash(process, type, stack);
    struct life_group *x = life_groups_find(g, hash, process, type, stack);
    return x ? x : life_groups_add(g, hash, process, type, stack);
}

void life_groups_expect_slot(const struct life_groups *g, uint32_t hash)
{
    if (g->slot_count)
        MEMORY_PREFETCH(&g->slots[hash & (g->slot_count - 1)]);
}

void life_groups_expect(const struct life_groups *g, uint32_t hash)
{
    uint32_t group = g->slot_count ? g->slots[hash & (g->slot_count - 1)] : 0;
    if (!group)
        return;
    MEMORY_PREFETCH(&g->list[group - 1]);
    MEMORY_PREFETCH((const char *)&g->list[group - 1] + 64);
}

bool life_groups_expect_count(struct life_groups *g, uint32_t count)
{
    return grow_list(&g->list, &g->room, count, sizeof *g->list);
}

bool life_groups_restack(struct life_groups *g, life_groups_stack *stack_of, void *ctx)
{
    uint32_t count = g->count;
    if (!count)
        return true; /* no slots either */
    g->count = 0;
    memset(g->slots, 0, g->slot_count * sizeof *g->slots);
    for (uint32_t i = 0; i < count; i++) {
        /* No more groups than have been looked at: those that follow are where they were. */
        const struct life_group from = g->list[i];
        uint32_t stack = STACK_NONE;
        bool stays = false;
        if (!stack_of(ctx, &from, &stack, &stays))
            return false;
        if (!stays)
            continue;
        struct life_group *to = life_groups_at(g, from.process, from.type, stack);
        if (!to)
            return false;
        life_counts_add(&to->counts, &from.counts);
        to->first = from.first < to->first ? from.first : to->first;
        to->last = from.last > to->last ? from.last : to->last;
    }
    return true;
}

void life_groups_free(struct life_groups *g)
{
    free(g->list);
    free(g->slots);
    memset(g, 0, sizeof *g);
}
