/* A trace as those see it who read it record by record. One thread a trace. */
#ifndef HR_ETL_TRACE_INSIDE_H
#define HR_ETL_TRACE_INSIDE_H

#include "core/etl/order.h"
#include "core/etl/streams.h"

struct etl_trace {
    struct etl_file file;
    struct etl_stats stats;
    struct etl_streams streams;
    struct order order;      /* of the streams, by the time of their present event */
    struct etl_cursor *used; /* its event was delivered last; `idle`: none was, or there are no more */
    struct etl_cursor idle;
    bool indexed;
    bool failed;
};

/* etl_next, whatever comes: the start, a window's end, rare records, the end. */
enum etl_step etl_trace_next(struct etl_trace *t, const struct etl_record **out, struct err *err);

/* Delivers the earliest of the streams' events. */
static inline const struct etl_record *etl_trace_take(struct etl_trace *t)
{
    t->used = &t->streams.cursors[t->order.first];
    t->stats.events++;
    return &t->used->record;
}

/* etl_next where what comes is plain, as nearly always; NULL: it is not, call etl_trace_next. */
static inline const struct etl_record *etl_trace_step(struct etl_trace *t)
{
    struct etl_cursor *used = t->used;
    if (!etl_cursor_step(used))
        return NULL;
    if (!order_stays(&t->order, used->record.time)) {
        order_move(&t->order, used->record.time);
        return etl_trace_take(t);
    }
    t->stats.events++;
    return &used->record;
}

#endif
