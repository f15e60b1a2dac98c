/* Goes through the records of each processor of a trace: a cursor a stream, buffer after buffer. One thread. */
#ifndef HR_ETL_STREAMS_H
#define HR_ETL_STREAMS_H

#include "core/base/memory.h"
#include "core/etl/places.h"
#include "core/etl/record_kernel.h"
#include "core/etl/trace.h"

struct etl_cursor {
    const uint8_t *at;  /* behind the present record; never NULL */
    const uint8_t *end; /* of what is in memory */
    const uint8_t
        *brief_end; /* how far etl_cursor_step may go: `end` if the present record is a kernel one, else `at` */
    struct etl_record record; /* the present one; its time is INT64_MIN until there is one */
    uint64_t rest_pos;        /* what of the buffer's records is not in memory yet */
    size_t rest;
    size_t next_place; /* index of the stream's next buffer */
    size_t end_place;
    bool cut;
    bool damaged;         /* its present buffer is counted already */
    struct etl_room disk; /* the whole buffer where it is packed, else the window */
    struct etl_room unpacked;
};

/* All zero is empty. */
struct etl_streams {
    const struct etl_file *file;
    struct etl_stats
        *stats; /* gets what the cursors meet: what is skipped, inversions, damage, bytes read, the latest time */
    struct etl_places places;
    struct etl_cursor *cursors;
    size_t count;
    uint64_t memory;
};

/* Makes a cursor one that stands nowhere and goes nowhere. */
void etl_cursor_clear(struct etl_cursor *c);

/* Takes over `places`, whatever happens. The cursors stand before their first records. */
bool etl_streams_open(struct etl_streams *s, const struct etl_file *f, struct etl_places *places,
                      struct etl_stats *stats, struct err *err);
void etl_streams_close(struct etl_streams *s);

/* Moves a cursor to its stream's next event. Counts in the time of the event that it leaves. */
enum etl_step etl_streams_next(struct etl_streams *s, struct etl_cursor *c, struct err *err);

#define ETL_CURSOR_SOON 256 /* bytes: a stack's record and what follows */

/* The same where nothing is special: a kernel record, not older than the one before, which is whole in memory. False:
 * it is not so, and the cursor is where it was. */
static inline bool etl_cursor_step(struct etl_cursor *c)
{
    size_t step = 0;
    if (!etl_record_read_kernel(c->at, (size_t)(c->brief_end - c->at), c->record.time, &c->record, &step))
        return false;
    c->at += step;
    if (c->end - c->at >= ETL_CURSOR_SOON) {
        /* The next one's turn comes when other streams have had theirs. */
        MEMORY_PREFETCH(c->at);
        MEMORY_PREFETCH(c->at + 64);
        MEMORY_PREFETCH(c->at + 128);
        MEMORY_PREFETCH(c->at + 192);
    }
    return true;
}

#endif
