/* The event that tells what a file was made of. */
#include "core/etl/origin.h"

#include "core/etl/bytes.h"

#include <string.h>

#define HEADER    80u
#define PAYLOAD   32u
#define EVENT_ID  1u
#define VERSION   1u
#define ITS_FLAGS (ETL_ORIGIN_RING | ETL_ORIGIN_LOSSES_UNKNOWN | ETL_ORIGIN_DAMAGED | ETL_ORIGIN_CARRIED)

/* {4f1d2a86-93c7-4b60-8e5a-d2b7f06c31e9} */
static const uint8_t provider[16] = {0x86, 0x2a, 0x1d, 0x4f, 0xc7, 0x93, 0x60, 0x4b,
                                     0x8e, 0x5a, 0xd2, 0xb7, 0xf0, 0x6c, 0x31, 0xe9};

void etl_origin_add_ring(struct etl_origin *o, int64_t first, int64_t since, int64_t until)
{
    if (!(o->flags & ETL_ORIGIN_RING)) {
        o->flags |= ETL_ORIGIN_RING;
        o->ring_first = first;
        o->ring_since = since;
        o->ring_until = until;
        return;
    }
    bool later = until > o->ring_until || (until == o->ring_until && since > o->ring_since);
    int64_t late_since = later ? since : o->ring_since;
    int64_t early_since = later ? o->ring_since : since;
    int64_t early_until = later ? o->ring_until : until;
    o->ring_first = first < o->ring_first ? first : o->ring_first;
    o->ring_until = later ? until : o->ring_until;
    o->ring_since = early_until >= late_since && early_since < late_since ? early_since : late_since;
}

void etl_origin_add(struct etl_origin *o, const struct etl_origin *more)
{
    o->files += more->files <= UINT32_MAX - o->files ? more->files : UINT32_MAX - o->files;
    if (more->flags & ETL_ORIGIN_RING)
        etl_origin_add_ring(o, more->ring_first, more->ring_since, more->ring_until);
    o->flags |= more->flags;
}

static void put(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

void etl_origin_record(const struct etl_origin *o, int64_t time, uint8_t out[ETL_ORIGIN_RECORD])
{
    memset(out, 0, ETL_ORIGIN_RECORD);
    put(out, HEADER + PAYLOAD, 2);
    out[2] = ETL_EVENT64;
    out[3] = 0xC0;
    put(out + 8, ETL_UNKNOWN_ID, 4);
    put(out + 12, ETL_UNKNOWN_ID, 4);
    put(out + 16, (uint64_t)time, 8);
    memcpy(out + 24, provider, sizeof provider);
    put(out + 40, EVENT_ID, 2);
    out[42] = VERSION;
    uint8_t *p = out + HEADER;
    put(p, o->flags, 4);
    put(p + 4, o->files, 4);
    put(p + 8, (uint64_t)o->ring_first, 8);
    put(p + 16, (uint64_t)o->ring_since, 8);
    put(p + 24, (uint64_t)o->ring_until, 8);
}

bool etl_origin_read(const struct etl_record *r, struct etl_origin *out)
{
    if (r->kind != ETL_EVENT || r->id != EVENT_ID || r->payload_size < PAYLOAD ||
        memcmp(r->provider, provider, sizeof provider) != 0)
        return false;
    const uint8_t *p = r->payload;
    *out = (struct etl_origin){.flags = le32(p) & ITS_FLAGS,
                               .files = le32(p + 4),
                               .ring_first = (int64_t)le64(p + 8),
                               .ring_since = (int64_t)le64(p + 16),
                               .ring_until = (int64_t)le64(p + 24)};
    return true;
}
