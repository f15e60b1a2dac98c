/* Proves a finished recording by reading it back. Any thread; takes as long as reading the file. */
#ifndef HR_ETL_VERIFY_H
#define HR_ETL_VERIFY_H

#include "core/etl/trace.h"

#define ETL_VERIFY_TYPES    256 /* the kernel's table of object types has no more */
#define ETL_VERIFY_NAME_MAX 48  /* bytes of UTF-8; the longest known name has 25 */

/* One object type of the file. */
struct etl_verify_type {
    uint64_t events;                /* handles made, closed, duplicated and listed */
    char name[ETL_VERIFY_NAME_MAX]; /* as TypeDCEnd tells it; empty when it does not */
};

/* What the file holds. Handle events are counted whatever their header type. */
struct etl_verify_result {
    uint64_t bytes;
    uint64_t buffers;
    uint64_t events;
    uint64_t creates;
    uint64_t closes;
    uint64_t duplicates;
    uint64_t handles_listed; /* HandleDCEnd: the inventory */
    uint64_t types_listed;   /* TypeDCEnd */
    uint64_t stacks;         /* StackWalk/Stack and stack keys used */
    uint64_t marks;
    /* All events but the header record and this program's own: what its writer put. */
    uint64_t written_events;
    uint64_t written_digest;
    uint32_t events_lost;
    uint32_t buffers_lost;
    bool losses_known;
    struct etl_verify_type types[ETL_VERIFY_TYPES]; /* by type index; what is higher is not counted */
};

/* True for a complete file. Fails with
 *   what file_open says   when it cannot be opened,
 *   ERR_FORMAT            when it is no trace, or a buffer of it is damaged,
 *   ERR_TRUNCATED         when it ends early, lacks the mark of a last buffer, or has no end time (not closed),
 *   ERR_MISMATCH          when its header counts other buffers than it holds (not asked of circular files, which
 *                         overwrite, nor of a ring's).
 * Lost events are no failure: they are told. A ring flushed to a file passes without mark, end time and count. */
bool etl_verify(const char *path, struct etl_verify_result *out, struct err *err);

/* The same, asking every few thousand events whether to go on; ERR_CANCELLED when not. `done` of `total` bytes are
 * read. */
typedef bool etl_go_on_fn(void *ctx, uint64_t done, uint64_t total);
bool etl_verify_watched(const char *path, etl_go_on_fn *go_on, void *ctx, struct etl_verify_result *out,
                        struct err *err);

#endif
