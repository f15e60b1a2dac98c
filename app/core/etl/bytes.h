/* Reads little-endian numbers from bytes of any alignment. The caller has checked the length. */
#ifndef HR_ETL_BYTES_H
#define HR_ETL_BYTES_H

#include <stdint.h>

/* Shifts, not casts: compilers make one load of them, and no alignment or byte order is assumed. */
static inline uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

static inline uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t le64(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
           (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* A pointer of 4 or 8 bytes. */
static inline uint64_t le_pointer(const uint8_t *p, unsigned pointer_size)
{
    return pointer_size == 8 ? le64(p) : le32(p);
}

#endif
