/* A hash of bytes that no attacker has to withstand: equal records, and a sum over all records of a file. Any thread.
 */
#ifndef HR_ETL_DIGEST_H
#define HR_ETL_DIGEST_H

#include "core/etl/bytes.h"

#include <stddef.h>
#include <string.h>

/* Two lanes, because a multiplication must not wait for the one before it. */
static inline uint64_t etl_digest(const uint8_t *p, size_t n, uint64_t seed)
{
    uint64_t a = seed ^ n * 0x9E3779B97F4A7C15u;
    uint64_t b = ~seed * 0xC2B2AE3D27D4EB4Fu;
    for (; n >= 16; p += 16, n -= 16) {
        a = (a ^ le64(p)) * 0x9E3779B97F4A7C15u;
        b = (b ^ le64(p + 8)) * 0xD6E8FEB86659FD93u;
        a ^= a >> 29;
        b ^= b >> 31;
    }
    uint8_t rest[16] = {0};
    if (n)
        memcpy(rest, p, n);
    a = (a ^ le64(rest)) * 0x165667B19E3779F9u;
    b = (b ^ le64(rest + 8)) * 0x9E3779B97F4A7C15u;
    a ^= a >> 32 ^ b >> 27 ^ b;
    a *= 0xD6E8FEB86659FD93u;
    return a ^ a >> 32;
}

#endif
