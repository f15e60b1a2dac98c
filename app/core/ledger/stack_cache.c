/* Finds a stack by its raw addresses without comparing them. */
#include "core/ledger/stacks.h"

#include "core/base/memory.h"
#include "core/ledger/grow.h"
#include "core/ledger/stack_hash.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 0x200000u

static bool grow(struct stack_cache *c)
{
    if (c->room == ROWS_MAX) {
        memset(c->rows, 0, c->room * sizeof *c->rows);
        c->used = 0;
        return true;
    }
    struct stack_cache more = {.room = c->room ? c->room * 2 : 1024};
    more.rows = memory_take(more.room * sizeof *more.rows);
    if (!more.rows)
        return false;
    for (uint32_t i = 0; i < c->room; i++)
        if (c->rows[i].stack)
            *stack_cache_row(&more, c->rows[i].hash) = c->rows[i];
    more.used = c->used;
    memory_give(c->rows, c->room * sizeof *c->rows);
    *c = more;
    return true;
}

bool stack_cache_put(struct stack_cache *c, const uint64_t hash[2], uint32_t stack)
{
    if (c->used * 2 >= c->room && !grow(c))
        return false;
    struct cache_row *row = stack_cache_row(c, hash[0]);
    c->used += row->stack == 0;
    *row = (struct cache_row){hash[0], (uint32_t)hash[1], stack + 1};
    return true;
}

void stack_cache_free(struct stack_cache *c)
{
    memory_give(c->rows, c->room * sizeof *c->rows);
    memset(c, 0, sizeof *c);
}

void stack_cache_hash(const uint8_t *frames, size_t count, uint8_t pointer_size, uint64_t hash[2])
{
    uint64_t sums[4] = {count * pointer_size};
    for (size_t i = 0; i < count; i++)
        sums[i & 3] = (sums[i & 3] + etl_frame(frames, pointer_size, i)) * STACK_HASH_POWER;
    stack_sums_end((struct stack_sums){sums[0], sums[1], sums[2], sums[3]}, hash);
}
