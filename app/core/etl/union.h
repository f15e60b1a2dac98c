/* Several files of one recording as one sequence of events in which each happens once. One thread a union.
 *
 * Order: by time, then processor, then file; a late event comes when it is met. Left out: what another file holds too
 * (overlapping snapshots), the events of handles that a ring and its companion both told, each at its own time a little
 * apart (the earlier one stays; stacks of the other are made to belong to it), and the header records.
 *
 * Memory: as of etl_next for each file, and tables of fixed size. */
#ifndef HR_ETL_UNION_H
#define HR_ETL_UNION_H

#include "core/etl/origin.h"
#include "core/etl/trace.h"

#define ETL_UNION_FILES_MAX 64u

struct etl_union;

struct etl_union_facts {
    uint64_t bytes;      /* of all files */
    uint64_t bytes_read; /* for progress */
    uint64_t events;     /* delivered */
    uint64_t repeated;   /* left out because they came already */
    uint64_t skipped;    /* records of kinds that are not read */
    uint64_t damaged_buffers;
    uint64_t events_lost;
    uint64_t buffers_lost;
    bool losses_known; /* in all files; final at the end */
    bool damaged;      /* some file is damaged, ends early or was made of such; final at the end */
    int64_t last;      /* of the latest event; final at the end */
    uint64_t end_time; /* FILETIME: the latest that a header tells; 0: none does */
    unsigned first;    /* the file that begins earliest */
    /* Of that file: what times mean. Its names lead into the file while the union is open. */
    struct etl_header header;
    /* The ring is known to be one from the start; its times are final at the end. */
    struct etl_origin origin;
};

/* Fails when a file cannot be opened or is no trace, with ERR_ARGUMENT when there are none, too many, or they are not
 * of one start of Windows and one clock. */
bool etl_union_open(const char *const *files, unsigned count, struct etl_union **out, struct err *err);
void etl_union_close(struct etl_union *u); /* NULL is fine */

/* The next event where there is nothing to decide about it, as nearly always with one file; NULL: call etl_union_next.
 * Valid until the next call of either. */
const struct etl_record *etl_union_step(struct etl_union *u);
/* *out is valid until the next call. */
enum etl_step etl_union_next(struct etl_union *u, const struct etl_record **out, struct err *err);

/* Complete after ETL_STEP_END. */
const struct etl_union_facts *etl_union_facts(struct etl_union *u);
/* Of one file, by its place in `files`. */
const struct etl_trace *etl_union_trace(const struct etl_union *u, unsigned file);

#endif
