/* Arrays that grow, and the mixing of hashes that the tables here share. */
#ifndef HR_LEDGER_GROW_H
#define HR_LEDGER_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes room for `count` items of `size` bytes in *array, which has *room of them; doubles. False, and nothing changed,
 * when memory is short. New room is not set: the system need not give memory yet for what nobody wrote to. */
bool grow_list_more(void *array, uint32_t *room, uint32_t count, size_t size);
static inline bool grow_list(void *array, uint32_t *room, uint32_t count, size_t size)
{
    return count <= *room || grow_list_more(array, room, count, size);
}
/* The same; new room is zero. */
bool grow_array_more(void *array, uint32_t *room, uint32_t count, size_t size);
static inline bool grow_array(void *array, uint32_t *room, uint32_t count, size_t size)
{
    return count <= *room || grow_array_more(array, room, count, size);
}

static inline uint64_t hash_mix(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}

static inline uint64_t hash_two(uint64_t a, uint64_t b)
{
    return hash_mix(a * 0x9E3779B97F4A7C15u ^ b);
}

#endif
