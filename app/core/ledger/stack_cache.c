/* Finds a stack by its raw addresses without comparing them. */
#include "core/ledger/stacks.h"

#include "core/base/memory.h"
#include "core/etl/bytes.h"
#include "core/ledger/grow.h"

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
        if (c->rows[i].stack) {
            const uint64_t hash[2] = {c->rows[i].hash, c->rows[i].check};
            *stack_cache_row(&more, hash) = c->rows[i];
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
    struct cache_row *row = stack_cache_row(c, hash);
    c->used += row->stack == 0;
    *row = (struct cache_row){hash[0], (uint32_t)hash[1], stack + 1};
    return true;
}

void stack_cache_free(struct stack_cache *c)
{
    memory_give(c->rows, c->room * sizeof *c->rows);
    memset(c, 0, sizeof *c);
}

static uint64_t add_word(uint64_t lane, uint64_t word, uint64_t odd)
{
    lane += word;
    return (lane << 29 | lane >> 35) * odd;
}

/* Four lanes, because a multiplication must not wait for the one before it. */
void stack_cache_hash(const uint8_t *bytes, size_t size, uint64_t hash[2])
{
    static const uint64_t odd[4] = {0x9E3779B97F4A7C15u, 0xC2B2AE3D27D4EB4Fu, 0x165667B19E3779F9u, 0xD6E8FEB86659FD93u};
    uint64_t a = size;
    uint64_t b = odd[1];
    uint64_t c = odd[2];
    uint64_t d = odd[3];
    size_t i = 0;
    for (; i + 32 <= size; i += 32) {
        a = add_word(a, le64(bytes + i), odd[0]);
        b = add_word(b, le64(bytes + i + 8), odd[1]);
        c = add_word(c, le64(bytes + i + 16), odd[2]);
        d = add_word(d, le64(bytes + i + 24), odd[3]);
    }
    for (; i + 4 <= size; i += 4) {
        uint64_t next = add_word(a, le32(bytes + i), odd[0]);
        a = b;
        b = c;
        c = d;
        d = next;
    }
    hash[0] = hash_mix(a ^ hash_mix(b + odd[3] * c) ^ d * odd[0]);
    hash[1] = hash_mix(d + hash_mix(c ^ odd[0] * b) + a * odd[2]);
}
