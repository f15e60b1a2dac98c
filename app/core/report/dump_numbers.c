/* A map for each time between two tidyings, all to the same numbers. */
#include "core/report/dump_numbers.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

bool dump_numbers_put(struct dump_numbers *n, const uint32_t *numbers, uint32_t count)
{
    if (!grow_array(&n->maps, &n->room, n->count + 1, sizeof *n->maps))
        return false;
    uint32_t *to = malloc(count * sizeof *to);
    if (!to)
        return false;
    memcpy(to, numbers, count * sizeof *to);
    n->maps[n->count++] = (struct dump_map){to, count};
    return true;
}

void dump_numbers_settle(struct dump_numbers *n)
{
    for (uint32_t at = n->count; at-- > 1;) {
        const struct dump_map *next = &n->maps[at];
        const struct dump_map *m = &n->maps[at - 1];
        for (uint32_t i = 0; i < m->count; i++)
            m->to[i] = next->to[m->to[i]];
    }
}

void dump_numbers_pass(struct dump_numbers *n)
{
    n->passed++;
}

/* A file that somebody writes to may be another one in the second pass. */
uint32_t dump_numbers_final(const struct dump_numbers *n, uint32_t stack)
{
    stack &= ~STACK_USER;
    if (n->passed >= n->count)
        return stack;
    const struct dump_map *m = &n->maps[n->passed];
    return stack < m->count ? m->to[stack] : STACK_NONE;
}

void dump_numbers_free(struct dump_numbers *n)
{
    for (uint32_t i = 0; i < n->count; i++)
        free(n->maps[i].to);
    free(n->maps);
    *n = (struct dump_numbers){0};
}
