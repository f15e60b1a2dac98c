/* Reads a trace's events: a scan in file order, and a merge of the processors' streams. */
#include "core/etl/trace_inside.h"

#include <stdlib.h>

/* Large enough that system calls do not count, small enough for the processor's cache. */
#define SCAN_WINDOW 0x100000u

bool etl_open(const char *path, struct etl_trace **out, struct err *err)
{
    struct etl_trace *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(err, ERR_NO_MEMORY, "Reading the trace %s", path);
    if (!etl_file_open(path, &t->file, err)) {
        free(t);
        return false;
    }
    t->stats.last_time = t->file.header.first_time;
    etl_cursor_clear(&t->idle);
    t->used = &t->idle;
    *out = t;
    return true;
}

void etl_close(struct etl_trace *t)
{
    if (!t)
        return;
    etl_streams_close(&t->streams);
    order_free(&t->order);
    etl_file_close(&t->file);
    free(t);
}

const struct etl_header *etl_header(const struct etl_trace *t)
{
    return &t->file.header;
}

const struct etl_origin *etl_origin(const struct etl_trace *t)
{
    return t->file.has_origin ? &t->file.origin : NULL;
}

uint32_t etl_buffer_size(const struct etl_trace *t)
{
    return t->file.session;
}

const uint8_t *etl_header_record(const struct etl_trace *t)
{
    return t->file.first + ETL_BUFFER_HEADER;
}

uint64_t etl_size(const struct etl_trace *t)
{
    return t->file.size;
}

const struct etl_stats *etl_stats(const struct etl_trace *t)
{
    return &t->stats;
}

bool etl_knows_losses(const struct etl_trace *t)
{
    const struct etl_header *h = &t->file.header;
    bool unknown = t->file.has_origin && t->file.origin.flags & ETL_ORIGIN_LOSSES_UNKNOWN;
    return !unknown && !t->stats.truncated && !(h->mode & ETL_MODE_BUFFERING);
}

/* What the walk over all buffers tells about the file as a whole. */
static void note_walk(struct etl_trace *t, const struct etl_walk_facts *facts)
{
    const struct etl_header *h = &t->file.header;
    t->stats.buffers = facts->buffers;
    t->stats.damaged_buffers += facts->damaged;
    t->stats.packed_buffers = facts->packed;
    /* A ring flushed to a file was never closed; whether it has the mark and a count is not known. */
    bool ring = h->mode & ETL_MODE_BUFFERING;
    /* A circular file that went round has written more buffers than it holds. */
    bool missing = !t->file.reorder && h->buffers_written > facts->buffers;
    bool closed = ring || (facts->flush_marker && h->end_time != 0);
    t->stats.truncated = facts->cut || missing || !closed;
}

/* Reads the records of one buffer in place; false when the visitor wants to end. */
static bool visit_records(struct etl_trace *t, const struct etl_records *records, uint16_t processor,
                          bool (*visit)(void *ctx, const struct etl_record *r), void *ctx)
{
    const uint8_t *p = records->bytes;
    size_t left = records->size;
    bool damaged = records->damaged;
    struct etl_record r = {.processor = processor};
    while (left) {
        size_t step = 0;
        enum etl_read read = ETL_READ_OK;
        if (r.kind != ETL_KERNEL || !etl_record_read_kernel(p, left, INT64_MIN, &r, &step))
            read = etl_record_read(p, left, &r, &step);
        if (read == ETL_READ_BAD) {
            damaged = damaged || !records->cut;
            break;
        }
        if (read == ETL_READ_OK) {
            damaged = damaged || r.malformed;
            t->stats.events++;
            if (r.time > t->stats.last_time)
                t->stats.last_time = r.time;
            if (!visit(ctx, &r))
                return false;
        } else {
            t->stats.skipped++;
        }
        if (step >= left)
            break;
        p += step;
        left -= step;
    }
    t->stats.damaged_buffers += damaged ? 1 : 0;
    return true;
}

bool etl_scan(struct etl_trace *t, bool (*visit)(void *ctx, const struct etl_record *r), void *ctx, struct err *err)
{
    struct etl_walk walk;
    size_t window = t->file.size < SCAN_WINDOW ? (size_t)t->file.size : SCAN_WINDOW;
    if (!etl_walk_start(&walk, &t->file, window, err))
        return false;
    t->stats = (struct etl_stats){.last_time = t->file.header.first_time};
    struct etl_room unpacked = {0};
    struct etl_buffer b;
    enum etl_step step = ETL_STEP_OK;
    bool ok = true;
    while (ok && (step = etl_walk_next(&walk, &b, err)) == ETL_STEP_OK) {
        const uint8_t *bytes = NULL;
        struct etl_records records;
        ok = etl_walk_bytes(&walk, &b, &bytes, err) && etl_records_of(&b, bytes, &unpacked, &records, err);
        if (ok && !visit_records(t, &records, b.processor, visit, ctx))
            ok = err_set(err, ERR_CANCELLED, "Reading the trace");
        t->stats.bytes_read = b.pos + b.disk_size;
    }
    ok = ok && step == ETL_STEP_END;
    if (ok) {
        note_walk(t, &walk.facts);
        t->stats.bytes_read = t->file.size;
    }
    etl_room_free(&unpacked);
    etl_walk_end(&walk);
    return ok;
}

static bool start_merge(struct etl_trace *t, struct err *err)
{
    struct etl_places places;
    struct etl_walk_facts facts;
    t->indexed = true;
    if (!etl_places_list(&t->file, &places, &facts, err)) {
        etl_places_free(&places);
        return false;
    }
    note_walk(t, &facts);
    struct etl_streams *s = &t->streams;
    if (!etl_streams_open(s, &t->file, &places, &t->stats, err))
        return false;
    if (!order_start(&t->order, (uint32_t)s->count, t->file.header.first_time))
        return err_set(err, ERR_NO_MEMORY, "Reading %llu streams of a trace", (unsigned long long)s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        enum etl_step step = etl_streams_next(s, &s->cursors[i], err);
        if (step == ETL_STEP_FAILED)
            return false;
        if (step == ETL_STEP_OK)
            order_enter(&t->order, i, s->cursors[i].record.time);
    }
    order_ready(&t->order);
    return true;
}

enum etl_step etl_trace_next(struct etl_trace *t, const struct etl_record **out, struct err *err)
{
    struct etl_cursor *used = t->used == &t->idle ? NULL : t->used;
    t->used = &t->idle;
    if (t->failed)
        return ETL_STEP_FAILED;
    enum etl_step step = ETL_STEP_OK;
    if (used)
        step = etl_streams_next(&t->streams, used, err);
    else if (!t->indexed)
        step = start_merge(t, err) ? ETL_STEP_OK : ETL_STEP_FAILED;
    t->failed = step == ETL_STEP_FAILED;
    if (t->failed)
        return ETL_STEP_FAILED;
    if (used && step == ETL_STEP_OK)
        order_move(&t->order, used->record.time);
    if (used && step == ETL_STEP_END)
        order_leave(&t->order);
    if (order_is_over(&t->order))
        return ETL_STEP_END;
    *out = etl_trace_take(t);
    return ETL_STEP_OK;
}

enum etl_step etl_next(struct etl_trace *t, const struct etl_record **out, struct err *err)
{
    const struct etl_record *r = etl_trace_step(t);
    if (!r)
        return etl_trace_next(t, out, err);
    *out = r;
    return ETL_STEP_OK;
}
