/* A trace file's events: in time order across processors, or as fast as possible in file order. One thread a trace.
 *
 * Memory: in time order 96 KB, or a compressed buffer and its content, per processor stream plus 32 bytes for each
 * buffer of the file; in file order one window of a few buffers. */
#ifndef HR_ETL_TRACE_H
#define HR_ETL_TRACE_H

#include "core/etl/buffers.h"
#include "core/etl/record.h"

struct etl_trace;

/* What reading has met so far; final once the last event was read. */
struct etl_stats {
    uint64_t buffers;         /* damaged ones included */
    uint64_t damaged_buffers; /* bad header, bad compression, or a record in them that cannot be right */
    uint64_t packed_buffers;
    uint64_t events;
    uint64_t skipped;    /* whole records of kinds that are not read: WPP messages and obsolete ones */
    uint64_t inversions; /* events older than the one before them in their processor's stream (time order only) */
    uint64_t bytes_read; /* for progress, against etl_size */
    int64_t last_time;   /* the latest raw time */
    bool truncated;      /* the file ends early, or was not closed: no flush mark at its end, or no end time */
};

/* Fails when the file cannot be opened or holds no header record (ERR_FORMAT, ERR_TRUNCATED); damage later in the
 * file is counted instead. */
bool etl_open(const char *path, struct etl_trace **out, struct err *err);
void etl_close(struct etl_trace *t); /* NULL is fine */

const struct etl_header *etl_header(const struct etl_trace *t);
/* What the file was made of; NULL: a session wrote it, or another program. */
const struct etl_origin *etl_origin(const struct etl_trace *t);
/* Bytes of a buffer of the session, unpacked. */
uint32_t etl_buffer_size(const struct etl_trace *t);
/* The header record as it stands in the file. */
const uint8_t *etl_header_record(const struct etl_trace *t);
uint64_t etl_size(const struct etl_trace *t); /* bytes, when it was opened */
const struct etl_stats *etl_stats(const struct etl_trace *t);

/* True where a session's loss counts in the header mean something: not in a file that was not closed, nor in one
 * flushed from a ring or made of such. Final after a whole read. */
bool etl_knows_losses(const struct etl_trace *t);

/* The next event of the merged order: by time, then processor stream, then place. An event that comes late within its
 * stream is delivered when it is met. *out and what it leads to are valid until the next call. After ETL_STEP_FAILED
 * every further call fails. */
enum etl_step etl_next(struct etl_trace *t, const struct etl_record **out, struct err *err);

/* Every event in file order. `visit` returns false to end early: then etl_scan fails with what `visit` left in `err`,
 * or with ERR_CANCELLED. Do not mix with etl_next on one trace. */
bool etl_scan(struct etl_trace *t, bool (*visit)(void *ctx, const struct etl_record *r), void *ctx, struct err *err);

#endif
