/* Lets go of stacks that were known by a key: gives those that stay new numbers, wherever a number is kept. */
#include "core/ledger/ledger_inside.h"

#include <stdlib.h>

static void renumber(const uint32_t *numbers, uint32_t *stack)
{
    *stack = stacks_renumbered(numbers, *stack);
}

static void renumber_own(struct ledger *l, const uint32_t *numbers)
{
    for (uint32_t i = 1; i < l->lives.count; i++)
        if (lives_at(&l->lives, i)->flags & LIFE_USED)
            renumber(numbers, &lives_at(&l->lives, i)->stack);
    for (uint32_t i = 0; i < l->delay.count; i++)
        renumber(numbers, &delay_at(&l->delay, i)->stack);
    for (uint32_t i = 0; i < l->ends_room; i++)
        for (uint32_t k = 0; k < l->ends[i].run_count; k++) {
            renumber(numbers, &l->ends[i].run[k].life.stack);
            renumber(numbers, &l->ends[i].run[k].stack);
        }
    for (uint32_t i = 0; i < l->early_count; i++) {
        renumber(numbers, &l->early[i].life.stack);
        renumber(numbers, &l->early[i].stack);
    }
    for (uint32_t i = 0; i < l->told_count; i++) {
        renumber(numbers, &l->told[i].stack);
        renumber(numbers, &l->told[i].close_stack);
    }
}

/* So many lives are looked at for each node that is let go of, at most. */
#define LIVES_PER_NODE 16u

bool ledger_tidy_stacks(struct ledger *l)
{
    uint32_t *numbers = NULL;
    uint32_t count = 0;
    if (!l->sink.renumber || !stacks_tidy_due(&l->stacks, l->lives.count / LIVES_PER_NODE))
        return true;
    if (!stacks_tidy(&l->stacks, &numbers, &count))
        return false;
    renumber_own(l, numbers);
    l->stopped = !l->sink.renumber(l->sink.ctx, numbers, count);
    free(numbers);
    return !l->stopped;
}
