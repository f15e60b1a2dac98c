/* A hash of a stack's addresses that stands for them: 64 and 32 bits. No attacker has to be withstood. Any thread.
 *
 * Address i is part of sum i % 4, all of them by powers of one number: four sums, because a multiplication must not
 * wait for the one before it. Nothing mixes the highest bits further, but addresses differ in their lower 48. */
#ifndef HR_LEDGER_STACK_HASH_H
#define HR_LEDGER_STACK_HASH_H

#include "core/etl/bytes.h"

#include <stddef.h>
#include <string.h>

/* Odd numbers without a pattern, none a power of the other. */
#define STACK_HASH_POWER 0x9E3779B97F4A7C15u
#define STACK_HASH_LAST  0xC2B2AE3D27D4EB4Fu

struct stack_sums {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
};

static inline uint64_t stack_hash_turn(uint64_t x)
{
    return x << 32 | x >> 32;
}

static inline void stack_sums_end(struct stack_sums s, uint64_t hash[2])
{
    uint64_t u = s.a ^ stack_hash_turn(s.b);
    uint64_t v = s.c ^ stack_hash_turn(s.d);
    uint64_t x = u * STACK_HASH_LAST + v;
    uint64_t y = u + v;
    hash[0] = (x ^ x >> 32) * STACK_HASH_POWER;
    hash[1] = y ^ y >> 32;
}

static inline uint64_t stack_sums_copy(uint64_t sum, const uint8_t *from, uint8_t *to)
{
    memcpy(to, from, 8);
    return (sum + le64(from)) * STACK_HASH_POWER;
}

static inline void stack_sums_copy4(struct stack_sums *s, const uint8_t *from, uint8_t *to)
{
    memcpy(to, from, 32);
    s->a = (s->a + le64(from)) * STACK_HASH_POWER;
    s->b = (s->b + le64(from + 8)) * STACK_HASH_POWER;
    s->c = (s->c + le64(from + 16)) * STACK_HASH_POWER;
    s->d = (s->d + le64(from + 24)) * STACK_HASH_POWER;
}

/* Copies `size` bytes of addresses of 8 bytes, and gives the same hash as stack_cache_hash. */
static inline void stack_hash_copy(const uint8_t *from, size_t size, uint8_t *to, uint64_t hash[2])
{
    struct stack_sums s = {.a = size};
    for (const uint8_t *end = from + (size & ~(size_t)63); from != end; from += 64, to += 64) {
        stack_sums_copy4(&s, from, to);
        stack_sums_copy4(&s, from + 32, to + 32);
    }
    if (size & 32) {
        stack_sums_copy4(&s, from, to);
        from += 32;
        to += 32;
    }
    size &= 24;
    if (size)
        s.a = stack_sums_copy(s.a, from, to);
    if (size > 8)
        s.b = stack_sums_copy(s.b, from + 8, to + 8);
    if (size > 16)
        s.c = stack_sums_copy(s.c, from + 16, to + 16);
    stack_sums_end(s, hash);
}

#endif
