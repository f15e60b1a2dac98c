/* Reads a trace's events: a scan in file order, and a merge of the processors' streams. */
#include "core/etl/trace.h"

#include "core/etl/order.h"

#include <stdlib.h>
#include <string.h>

/* Large enough that system calls do not count, small enough for the processor's cache. */
#define SCAN_WINDOW 0x100000u
/* How much of a stream is read at a time: the windows of all of them are to fit into a core's own cache. A record may
 * begin in one window and end in the next; it is not longer than its 16-bit size says. */
#define STREAM_READ 0x8000u
#define RECORD_MAX  0x10000u
/* Enough for the first record of a buffer, mostly. */
#define FIRST_LOOK 0x400u
/* All streams' memory together. No session that Windows grants comes near; a crafted file might. */
#define MERGE_MEMORY_MAX ((uint64_t)1 << 30)
/* Buffer 0 is a stream of its own: it is written first and completed last. */
#define FIRST_STREAM 0u

struct place {
    uint64_t pos;
    uint64_t sequence;
    int64_t time;
    uint32_t stream; /* FIRST_STREAM or processor + 1 */
    uint32_t disk_size;
};

struct cursor {
    const uint8_t *at;
    size_t left;
    uint64_t rest_pos; /* what of the buffer's records is not in memory yet */
    size_t rest;
    size_t next_place; /* index of the stream's next buffer */
    size_t end_place;
    int64_t last; /* time of the event before; meaningless until `started` */
    bool started;
    bool cut;
    bool damaged; /* its present buffer is counted already */
    uint16_t processor;
    struct etl_record record;
    struct etl_room disk; /* the whole buffer where it is packed, else the window */
    struct etl_room unpacked;
};

struct etl_trace {
    struct etl_file file;
    struct etl_stats stats;
    struct place *places;
    struct cursor *cursors;
    size_t cursor_count;
    struct order order; /* of the cursors, by the time of their present event */
    uint64_t merge_memory;
    bool indexed;
    bool failed;
    bool first_used; /* the earliest cursor's event was delivered */
};

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
    *out = t;
    return true;
}

void etl_close(struct etl_trace *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->cursor_count; i++) {
        etl_room_free(&t->cursors[i].disk);
        etl_room_free(&t->cursors[i].unpacked);
    }
    free(t->cursors);
    free(t->places);
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
    struct etl_record r;
    r.processor = processor;
    while (left) {
        size_t step = 0;
        enum etl_read read = etl_record_read(p, left, &r, &step);
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

static int by_position(const struct place *a, const struct place *b)
{
    return a->pos < b->pos ? -1 : a->pos > b->pos;
}

static int by_stream(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->stream != b->stream)
        return a->stream < b->stream ? -1 : 1;
    return by_position(a, b);
}

/* For files written in place and for rings: a buffer's time is that of its first event. */
static int by_stream_and_time(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->stream != b->stream)
        return a->stream < b->stream ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    return by_position(a, b);
}

static bool list_places(struct etl_trace *t, size_t *count, struct err *err)
{
    struct etl_walk walk;
    if (!etl_walk_start(&walk, &t->file, ETL_BUFFER_HEADER, err))
        return false;
    size_t room = 0;
    size_t n = 0;
    struct etl_buffer b;
    enum etl_step step = ETL_STEP_OK;
    while ((step = etl_walk_next(&walk, &b, err)) == ETL_STEP_OK) {
        if (n == room) {
            room = room ? room * 2 : 256;
            struct place *places = realloc(t->places, room * sizeof *places);
            if (!places) {
                err_set(err, ERR_NO_MEMORY, "Listing the buffers of a trace");
                step = ETL_STEP_FAILED;
                break;
            }
            t->places = places;
        }
        t->places[n++] = (struct place){.pos = b.pos,
                                        .sequence = b.sequence,
                                        .time = b.time,
                                        .stream = b.pos ? b.processor + 1u : FIRST_STREAM,
                                        .disk_size = b.disk_size};
    }
    if (step == ETL_STEP_END)
        note_walk(t, &walk.facts);
    etl_walk_end(&walk);
    *count = n;
    return step == ETL_STEP_END;
}

/* Of the first event that can be read; INT64_MIN when there is none. */
static int64_t first_event(const struct etl_trace *t, const struct place *place, const uint8_t *bytes, size_t have)
{
    struct etl_buffer b;
    struct etl_record r;
    if (have < ETL_BUFFER_HEADER || !etl_buffer_read(&t->file, place->pos, bytes, &b))
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
static bool time_places(struct etl_trace *t, size_t count, struct err *err)
{
    uint8_t *bytes = malloc(RECORD_MAX);
    bool ok = bytes || err_set(err, ERR_NO_MEMORY, "Listing the buffers of a trace");
    for (size_t i = 0; ok && i < count; i++) {
        struct place *p = &t->places[i];
        const size_t rooms[] = {FIRST_LOOK, RECORD_MAX};
        p->time = INT64_MIN;
        for (size_t n = 0; ok && p->time == INT64_MIN && n < 2; n++) {
            size_t got = 0;
            ok =
                file_read_at(t->file.file, p->pos, bytes, rooms[n] < p->disk_size ? rooms[n] : p->disk_size, &got, err);
            p->time = ok ? first_event(t, p, bytes, got) : INT64_MIN;
            if (p->disk_size <= rooms[n])
                break;
        }
    }
    free(bytes);
    return ok;
}

static bool make_cursors(struct etl_trace *t, size_t count, struct err *err)
{
    size_t streams = 0;
    for (size_t i = 0; i < count; i++)
        streams += i == 0 || t->places[i].stream != t->places[i - 1].stream;
    t->cursors = calloc(streams ? streams : 1, sizeof *t->cursors);
    if (!t->cursors)
        return err_set(err, ERR_NO_MEMORY, "Reading %llu streams of a trace", (unsigned long long)streams);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || t->places[i].stream != t->places[i - 1].stream)
            t->cursors[t->cursor_count++].next_place = i;
        t->cursors[t->cursor_count - 1].end_place = i + 1;
    }
    return true;
}

static bool room_for(struct etl_trace *t, struct etl_room *room, size_t size, struct err *err)
{
    if (size <= room->size)
        return true;
    size_t more = size - room->size;
    if (more > MERGE_MEMORY_MAX - t->merge_memory) {
        err_set(err, ERR_RANGE, "Reading %llu streams of a trace at once", (unsigned long long)t->cursor_count);
        return err_remedy(err, "The file is damaged or made to harm; use another copy.");
    }
    if (!etl_room_grow(room, size, err))
        return false;
    t->merge_memory += more;
    return true;
}

static void note_damage(struct etl_trace *t, struct cursor *c)
{
    t->stats.damaged_buffers += c->damaged ? 0 : 1;
    c->damaged = true;
}

/* Where buffers are packed: all of it. */
static bool load_packed(struct etl_trace *t, struct cursor *c, const struct place *place, struct err *err)
{
    struct etl_buffer b;
    size_t got = 0;
    if (!room_for(t, &c->disk, place->disk_size, err) ||
        !file_read_at(t->file.file, place->pos, c->disk.bytes, place->disk_size, &got, err))
        return false;
    if (got < place->disk_size || !etl_buffer_read(&t->file, place->pos, c->disk.bytes, &b) ||
        b.disk_size != place->disk_size) {
        note_damage(t, c);
        return true;
    }
    struct etl_records records;
    size_t data = b.flags & ETL_FLAG_COMPRESSED ? b.data_end - ETL_BUFFER_HEADER : 0;
    if (!room_for(t, &c->unpacked, data, err) || !etl_records_of(&b, c->disk.bytes, &c->unpacked, &records, err))
        return false;
    c->at = records.bytes;
    c->left = records.size;
    c->cut = records.cut;
    c->record.processor = b.processor;
    if (records.damaged)
        note_damage(t, c);
    return true;
}

/* Brings more of the buffer behind what is left of the window. */
static bool fill(struct etl_trace *t, struct cursor *c, struct err *err)
{
    size_t more = c->rest < STREAM_READ ? c->rest : STREAM_READ;
    size_t got = 0;
    if (c->left)
        memmove(c->disk.bytes, c->at, c->left);
    c->at = c->disk.bytes;
    if (!file_read_at(t->file.file, c->rest_pos, c->disk.bytes + c->left, more, &got, err))
        return false;
    c->rest_pos += got;
    c->rest -= got;
    c->left += got;
    if (got == more)
        return true;
    note_damage(t, c); /* it was listed when the file was longer */
    c->rest = 0;
    return true;
}

/* Where they are not: its beginning; the rest follows window by window. */
static bool load_plain(struct etl_trace *t, struct cursor *c, const struct place *place, struct err *err)
{
    struct etl_buffer b;
    size_t room = place->disk_size < RECORD_MAX + STREAM_READ ? place->disk_size : RECORD_MAX + STREAM_READ;
    c->rest_pos = place->pos;
    c->rest = place->disk_size;
    if (!room_for(t, &c->disk, room, err) || !fill(t, c, err))
        return false;
    if (c->damaged || !etl_buffer_read(&t->file, place->pos, c->disk.bytes, &b) || b.disk_size != place->disk_size) {
        note_damage(t, c);
        c->left = 0;
        c->rest = 0;
        return true;
    }
    size_t data = b.data_end < b.disk_size ? b.data_end : b.disk_size;
    size_t have = c->left < data ? c->left : data;
    c->at += ETL_BUFFER_HEADER;
    c->left = have - ETL_BUFFER_HEADER;
    c->rest = data - have;
    c->cut = b.cut;
    c->record.processor = b.processor;
    return true;
}

/* Gets the stream's next buffer. A buffer that changed since it was listed counts as damaged. */
static bool load(struct etl_trace *t, struct cursor *c, struct err *err)
{
    const struct place *place = &t->places[c->next_place++];
    c->left = 0;
    c->rest = 0;
    c->damaged = false;
    t->stats.bytes_read += place->disk_size;
    return t->file.packed ? load_packed(t, c, place, err) : load_plain(t, c, place, err);
}

/* Leaves a record behind; its padding may lie beyond the window, or beyond the buffer. */
static void step_over(struct cursor *c, size_t step)
{
    size_t here = step < c->left ? step : c->left;
    size_t there = step - here < c->rest ? step - here : c->rest;
    c->at += here;
    c->left -= here;
    c->rest_pos += there;
    c->rest -= there;
}

/* Moves to the stream's next event. */
static enum etl_step advance(struct etl_trace *t, struct cursor *c, struct err *err)
{
    for (;;) {
        if (!c->left && !c->rest) {
            if (c->next_place == c->end_place)
                return ETL_STEP_END;
            if (!load(t, c, err))
                return ETL_STEP_FAILED;
            continue;
        }
        size_t step = 0;
        enum etl_read read = etl_record_read(c->at, c->left, &c->record, &step);
        if (read == ETL_READ_BAD) {
            if (c->rest && c->left < RECORD_MAX) {
                if (!fill(t, c, err))
                    return ETL_STEP_FAILED;
                continue;
            }
            if (!c->cut)
                note_damage(t, c);
            c->left = 0;
            c->rest = 0;
            continue;
        }
        step_over(c, step);
        if (read == ETL_READ_OK)
            break;
        t->stats.skipped++;
    }
    if (c->record.malformed)
        note_damage(t, c);
    t->stats.inversions += c->started && c->record.time < c->last;
    c->started = true;
    c->last = c->record.time;
    return ETL_STEP_OK;
}

static bool start_merge(struct etl_trace *t, struct err *err)
{
    size_t count = 0;
    t->indexed = true;
    if (!list_places(t, &count, err))
        return false;
    if (t->file.reorder && !t->file.packed && !time_places(t, count, err))
        return false;
    if (count)
        qsort(t->places, count, sizeof *t->places, t->file.reorder ? by_stream_and_time : by_stream);
    if (!make_cursors(t, count, err))
        return false;
    if (!order_start(&t->order, (uint32_t)t->cursor_count))
        return err_set(err, ERR_NO_MEMORY, "Reading %llu streams of a trace", (unsigned long long)t->cursor_count);
    for (uint32_t i = 0; i < t->cursor_count; i++) {
        enum etl_step step = advance(t, &t->cursors[i], err);
        if (step == ETL_STEP_FAILED)
            return false;
        order_enter(&t->order, i, t->cursors[i].record.time, step == ETL_STEP_OK);
    }
    order_ready(&t->order);
    return true;
}

enum etl_step etl_next(struct etl_trace *t, const struct etl_record **out, struct err *err)
{
    if (t->failed)
        return ETL_STEP_FAILED;
    if (!t->indexed && !start_merge(t, err)) {
        t->failed = true;
        return ETL_STEP_FAILED;
    }
    struct order *m = &t->order;
    if (t->first_used) {
        struct cursor *used = &t->cursors[m->first];
        enum etl_step step = advance(t, used, err);
        if (step == ETL_STEP_FAILED) {
            t->failed = true;
            return ETL_STEP_FAILED;
        }
        order_move(m, used->record.time, step == ETL_STEP_OK);
        t->first_used = false;
    }
    if (order_is_over(m))
        return ETL_STEP_END;
    const struct etl_record *r = &t->cursors[m->first].record;
    t->stats.events++;
    if (r->time > t->stats.last_time)
        t->stats.last_time = r->time;
    t->first_used = true;
    *out = r;
    return ETL_STEP_OK;
}
