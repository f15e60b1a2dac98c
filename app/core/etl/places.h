/* Lists the buffers of a trace file, each processor's together and in the order of their events. One thread. */
#ifndef HR_ETL_PLACES_H
#define HR_ETL_PLACES_H

#include "core/etl/buffers.h"

/* Buffer 0 is a stream of its own: it is written first and completed last. */
#define ETL_FIRST_STREAM 0u

struct etl_place {
    uint64_t pos;
    uint64_t sequence;
    int64_t time;
    uint32_t stream; /* ETL_FIRST_STREAM or processor + 1 */
    uint32_t disk_size;
};

/* All zero is empty. */
struct etl_places {
    struct etl_place *list; /* by stream, then by time */
    size_t count;
};

/* *facts is what the walk over all buffers met; good only if this succeeds. The caller frees, after failure too. */
bool etl_places_list(const struct etl_file *f, struct etl_places *out, struct etl_walk_facts *facts, struct err *err);
void etl_places_free(struct etl_places *p);

#endif
