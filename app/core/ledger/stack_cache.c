/* Finds a stack by its raw addresses without comparing them. */
#include "core/ledger/stacks.h"

#include "core/base/memory.h"
#include "core/etl/bytes.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 0x200000u

/* Four in a line of the processor's cache. The place in the table is part of the comparison. */
struct cache_row {
    uint64_t hash;
    uint32_t check;
    uint32_t stack; /* + 1; 0: empty */
};

static struct cache_row *row_of(struct stack_cache *c, const uint64_t hash[2])
{
    uint32_t at = (uint32_t)hash[0] & (c->room - 1);
    while (c->rows[at].stack && (c->rows[at].hash != hash[0] || c->rows[at].check != (uint32_t)hash[1]))
        at = (at + 1) & (c->room - 1);
    return &c->rows[at];
}

void stack_cache_expect(const struct stack_cache *c, const uint64_t hash[2])
{
    if (c->room)
        HASH_PREFETCH(&c->rows[(uint32_t)hash[0] & (c->room - 1)]);
}

bool stack_cache_find(struct stack_cache *c, const uint64_t hash[2], uint32_t *stack)
{
    if (!c->room)
        return false;
    const struct cache_row *row = row_of(c, hash);
    if (row->stack)
        *stack = row->stack - 1;
    return row->stack;
}

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
        if (c->rows[i].stack) {
            const uint64_t hash[2] = {c->rows[i].hash, c->rows[i].check};
            *row_of(&more, hash) = c->rows[i];
        }
    more.used = c->used;
    memory_give(c->rows, c->room * sizeof *c->rows);
    *c = more;
    return true;
}

bool stack_cache_put(struct stack_cache *c, const uint64_t hash[2], uint32_t stack)
{
    if (c->used * 2 >= c->room && !grow(c))
        return false;
    struct cache_row *row = row_of(c, hash);
    c->used += row->stack == 0;
    *row = (struct cache_row){hash[0], (uint32_t)hash[1], stack + 1};
    return true;
}

void stack_cache_free(struct stack_cache *c)
{
    memory_give(c->rows, c->room * sizeof *c->rows);
    memset(c, 0, sizeof *c);
}

/* Four lanes, because a multiplication must not wait for the one before it. */
void stack_cache_hash(const uint8_t *bytes, size_t size, uint64_t seed, uint64_t hash[2])
{
    static const uint64_t odd[4] = {0x9E3779B97F4A7C15u, 0xC2B2AE3D27D4EB4Fu, 0x165667B19E3779F9u, 0xD6E8FEB86659FD93u};
    uint64_t lane[4] = {seed, seed ^ odd[1], size ^ odd[2], seed + size};
    size_t i = 0;
    for (; i + 32 <= size; i += 32)
        for (unsigned k = 0; k < 4; k++) {
            lane[k] = (lane[k] ^ le64(bytes + i + 8 * (size_t)k)) * odd[k];
            lane[k] ^= lane[k] >> 29;
        }
    for (unsigned k = 0; i + 4 <= size; i += 4, k++) {
        lane[k & 3] = (lane[k & 3] ^ le32(bytes + i) ^ (uint64_t)k << 40) * odd[k & 3];
        lane[k & 3] ^= lane[k & 3] >> 29;
    }
    hash[0] = hash_mix(lane[0] ^ hash_mix(lane[1] + odd[3] * lane[2]) ^ lane[3] * odd[0]);
    hash[1] = hash_mix(lane[3] + hash_mix(lane[2] ^ odd[0] * lane[1]) + lane[0] * odd[2]);
}
