/* Lists buffers by a walk over the whole file; where flush times do not tell the order, asks the first events. */
#include "core/etl/places.h"

#include "core/etl/record.h"

#include <stdlib.h>
#include <string.h>

/* Enough for the first record of a buffer, mostly. */
#define FIRST_LOOK 0x400u
/* A record is not longer than its 16-bit size says. */
#define RECORD_MAX 0x10000u

static int by_position(const struct etl_place *a, const struct etl_place *b)
{
    return a->pos < b->pos ? -1 : a->pos > b->pos;
}

static int by_stream(const void *left, const void *right)
{
    const struct etl_place *a = left;
    const struct etl_place *b = right;
    if (a->stream != b->stream)
        return a->stream < b->stream ? -1 : 1;
    return by_position(a, b);
}

/* For files written in place and for rings: a buffer's time is that of its first event. */
static int by_stream_and_time(const void *left, const void *right)
{
    const struct etl_place *a = left;
    const struct etl_place *b = right;
    if (a->stream != b->stream)
        return a->stream < b->stream ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    return by_position(a, b);
}

static bool walk_all(const struct etl_file *f, struct etl_places *p, struct etl_walk_facts *facts, struct err *err)
{
    struct etl_walk walk;
    if (!etl_walk_start(&walk, f, ETL_BUFFER_HEADER, err))
        return false;
    size_t room = 0;
    struct etl_buffer b;
    enum etl_step step = ETL_STEP_OK;
    while ((step = etl_walk_next(&walk, &b, err)) == ETL_STEP_OK) {
        if (p->count == room) {
            room = room ? room * 2 : 256;
            struct etl_place *list = realloc(p->list, room * sizeof *list);
            if (!list) {
                err_set(err, ERR_NO_MEMORY, "Listing the buffers of a trace");
                step = ETL_STEP_FAILED;
                break;
            }
            p->list = list;
        }
        p->list[p->count++] = (struct etl_place){.pos = b.pos,
                                                 .sequence = b.sequence,
                                                 .time = b.time,
                                                 .stream = b.pos ? b.processor + 1u : ETL_FIRST_STREAM,
                                                 .disk_size = b.disk_size};
    }
    *facts = walk.facts;
    etl_walk_end(&walk);
    return step == ETL_STEP_END;
}

/* Of the first event that can be read; INT64_MIN when there is none. */
static int64_t first_event(const struct etl_file *f, const struct etl_place *place, const uint8_t *bytes, size_t have)
{
    struct etl_buffer b;
    struct etl_record r;
    if (have < ETL_BUFFER_HEADER || !etl_buffer_read(f, place->pos, bytes, &b))
        return INT64_MIN;
    size_t end = b.data_end < have ? b.data_end : have;
    enum etl_read read = ETL_READ_SKIP;
    size_t step = 0;
    for (size_t at = ETL_BUFFER_HEADER; read == ETL_READ_SKIP && at < end; at += step)
        read = etl_record_read(bytes + at, end - at, &r, &step);
    return read == ETL_READ_OK ? r.time : INT64_MIN;
}

/* Flush times tell the order only of buffers that were written when they were full: those of a ring may all bear the
 * time when the ring was written out. So the events themselves are asked. */
static bool ask_events(const struct etl_file *f, struct etl_places *places, struct err *err)
{
    uint8_t *bytes = malloc(RECORD_MAX);
    bool ok = bytes || err_set(err, ERR_NO_MEMORY, "Listing the buffers of a trace");
    for (size_t i = 0; ok && i < places->count; i++) {
        struct etl_place *p = &places->list[i];
        const size_t rooms[] = {FIRST_LOOK, RECORD_MAX};
        p->time = INT64_MIN;
        for (size_t n = 0; ok && p->time == INT64_MIN && n < 2; n++) {
            size_t got = 0;
            ok = file_read_at(f->file, p->pos, bytes, rooms[n] < p->disk_size ? rooms[n] : p->disk_size, &got, err);
            p->time = ok ? first_event(f, p, bytes, got) : INT64_MIN;
            if (p->disk_size <= rooms[n])
                break;
        }
    }
    free(bytes);
    return ok;
}

bool etl_places_list(const struct etl_file *f, struct etl_places *out, struct etl_walk_facts *facts, struct err *err)
{
    memset(out, 0, sizeof *out);
    if (!walk_all(f, out, facts, err))
        return false;
    if (f->reorder && !f->packed && !ask_events(f, out, err))
        return false;
    if (out->count)
        qsort(out->list, out->count, sizeof *out->list, f->reorder ? by_stream_and_time : by_stream);
    return true;
}

void etl_places_free(struct etl_places *p)
{
    free(p->list);
    memset(p, 0, sizeof *p);
}
