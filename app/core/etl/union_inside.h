/* A union as its own two files see it. One thread a union. */
#ifndef HR_ETL_UNION_INSIDE_H
#define HR_ETL_UNION_INSIDE_H

#include "core/etl/twins.h"
#include "core/etl/union.h"

/* Events that two files hold lie near each other in the merged order. A power of two. */
#define ETL_UNION_SEEN 65536u
#define ETL_NO_FILE    UINT32_MAX

struct etl_seen {
    uint64_t hash;
    uint32_t file; /* + 1; 0: empty */
};

/* What a ring file's events tell of the time that it covers. */
struct etl_ring {
    uint8_t *met; /* processors, a bit each; NULL: the file is no ring's */
    bool any;
    int64_t first;
    int64_t since;
    int64_t until;
};

struct etl_source {
    struct etl_trace *trace;
    const struct etl_record *next; /* NULL: at its end */
    struct etl_ring ring;
    enum twins_side side;
    /* Of a file made of a ring and its companion: what it holds of the ring; else NULL. */
    const struct etl_origin *whole;
};

struct etl_union {
    struct etl_source sources[ETL_UNION_FILES_MAX];
    unsigned count;
    unsigned current;   /* the file whose event was delivered; ETL_NO_FILE: none yet */
    unsigned runner_up; /* whose event comes next if not another one's of the current file; ETL_NO_FILE: none */
    bool started;
    const struct etl_record *met; /* an event of the plain file that is still to be decided about; NULL: none is */
    struct etl_trace *plain;      /* the only file, which is no ring's: nothing has to be looked for in it; else NULL */
    struct etl_seen *seen;        /* with several files only */
    struct twins *twins;          /* with a ring and a companion only */
    unsigned wholes;              /* files with such an origin */
    struct etl_origin told;       /* by files that were merged */
    struct etl_union_facts facts;
};

/* etl_union_next, whatever the files are. */
enum etl_step etl_union_sift(struct etl_union *u, const struct etl_record **out, struct err *err);

#endif
