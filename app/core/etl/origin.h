/* What a file that this program wrote was made of, where the header record has no room for it: an event of this
 * program's own in buffer 0. Other programs skip it as one of a provider they do not know. Any thread. */
#ifndef HR_ETL_ORIGIN_H
#define HR_ETL_ORIGIN_H

#include "core/etl/record.h"

enum etl_origin_flag {
    ETL_ORIGIN_RING = 1,           /* a ring's content is in it: what that overwrote is gone and was not counted */
    ETL_ORIGIN_LOSSES_UNKNOWN = 2, /* the header's loss counts are not all */
    ETL_ORIGIN_DAMAGED = 4,        /* something it was made of was damaged or ended early */
    ETL_ORIGIN_CARRIED = 8,        /* of some segments only what opened handles that were open at their end */
};

/* Raw times; those of the ring mean something with ETL_ORIGIN_RING only. */
struct etl_origin {
    uint32_t flags;     /* enum etl_origin_flag */
    uint32_t files;     /* that a session wrote */
    int64_t ring_first; /* the earliest event that the ring still held */
    int64_t ring_since; /* from here on it held everything, on every processor */
    int64_t ring_until; /* its latest event */
};

/* Adds a ring's content to what is known: of two that have a gap between them the later one tells since when nothing
 * is missing. */
void etl_origin_add_ring(struct etl_origin *o, int64_t first, int64_t since, int64_t until);
/* The same for all of `more`. */
void etl_origin_add(struct etl_origin *o, const struct etl_origin *more);

bool etl_origin_read(const struct etl_record *r, struct etl_origin *out);

#define ETL_ORIGIN_RECORD 112u /* bytes, a multiple of 8 */
void etl_origin_record(const struct etl_origin *o, int64_t time, uint8_t out[ETL_ORIGIN_RECORD]);

#endif
