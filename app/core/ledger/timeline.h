/* One or several files of a recording as one time line, followed by a ledger. One thread.
 *
 * Several: a ring and its companion, snapshots of a ring that overlap, segments. An event that two of them hold counts
 * once. They must be of one boot and one clock. */
#ifndef HR_LEDGER_TIMELINE_H
#define HR_LEDGER_TIMELINE_H

#include "core/etl/union.h"
#include "core/ledger/ledger.h"

#define TIMELINE_FILES_MAX ETL_UNION_FILES_MAX

struct timeline_facts {
    uint64_t bytes;
    uint64_t events; /* of all kinds */
    uint64_t repeated;
    uint64_t events_lost;     /* buffers lost count too, as one each: nobody knows how many events were in them */
    bool losses_known;        /* in all files */
    bool damaged;             /* some file is damaged or ends early */
    bool ring;                /* a ring is in it: what that overwrote is gone, and was not counted as lost */
    int64_t ring_first;       /* raw: the earliest event that the ring still held */
    int64_t ring_since;       /* raw: from here on it held everything */
    int64_t first;            /* raw: when the earliest file begins */
    int64_t last;             /* of the latest event */
    struct etl_header header; /* of the earliest file: what its times mean; names lead nowhere */
};

struct timeline_options {
    const char *const *files;
    unsigned file_count;
    struct ledger_sink sink;
    /* Told of each mark, in order of time, but ahead of the ledger's events; false ends the reading. May be NULL. */
    bool (*mark)(void *ctx, int64_t time, const char *text);
    void *mark_ctx;
    /* Asked now and then whether to go on; may be NULL. */
    bool (*go_on)(void *ctx, uint64_t done, uint64_t total);
    void *go_on_ctx;
};

/* Reads everything and finishes the ledger; the caller closes it. ERR_CANCELLED when go_on or the sink says so. While
 * it runs *facts says what times mean, for the sink; the rest of it is complete at the end. */
bool timeline_read(const struct timeline_options *options, struct ledger **out, struct timeline_facts *facts,
                   struct err *err);

/* Seconds since the recording's start, and the moment as FILETIME. */
double timeline_seconds(const struct timeline_facts *f, int64_t time);
uint64_t timeline_filetime(const struct timeline_facts *f, int64_t time);

#endif
