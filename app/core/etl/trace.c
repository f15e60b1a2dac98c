/* Reads a trace's events: a scan in file order, and a merge of the processors' streams through a heap. */
#include "core/etl/trace.h"

#include <stdlib.h>
#include <string.h>

/* Large enough that system calls do not count, small enough for the processor's cache. */
#define SCAN_WINDOW 0x100000u
/* All streams' buffers together. No session that Windows grants comes near; a crafted file might. */
#define MERGE_MEMORY_MAX ((uint64_t)1 << 30)
/* As much of a stream as its next record takes, mostly. */
#define FETCH_AHEAD 320u
#if defined(__GNUC__)
#define PREFETCH(p) __builtin_prefetch(p)
#else
#define PREFETCH(p) ((void)(p))
#endif
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
    size_t next_place; /* index of the stream's next buffer */
    size_t end_place;
    int64_t last; /* time of the event before; meaningless until `started` */
    bool started;
    bool cut;
    bool damaged; /* its present buffer is counted already */
    uint16_t processor;
    struct etl_record record;
    struct etl_room disk;
    struct etl_room unpacked;
};

/* Ties go to the lower cursor: they are in stream order. */
struct heap_item {
    int64_t time;
    uint32_t cursor;
};

struct etl_trace {
    struct etl_file file;
    struct etl_stats stats;
    struct place *places;
    struct cursor *cursors;
    size_t cursor_count;
    struct heap_item *heap;
    size_t heap_count;
    uint64_t merge_memory;
    bool indexed;
    bool failed;
    bool top_used; /* the event at the top of the heap was delivered */
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
    free(t->heap);
    etl_file_close(&t->file);
    free(t);
}

const struct etl_header *etl_header(const struct etl_trace *t)
{
    return &t->file.header;
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
    return !t->stats.truncated && !(h->mode & ETL_MODE_BUFFERING);
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

/* For files written in place. */
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

static bool make_cursors(struct etl_trace *t, size_t count, struct err *err)
{
    size_t streams = 0;
    for (size_t i = 0; i < count; i++)
        streams += i == 0 || t->places[i].stream != t->places[i - 1].stream;
    t->cursors = calloc(streams ? streams : 1, sizeof *t->cursors);
    t->heap = calloc(streams ? streams : 1, sizeof *t->heap);
    if (!t->cursors || !t->heap)
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

/* Gets the stream's next buffer. A buffer that changed since it was listed counts as damaged. */
static bool load(struct etl_trace *t, struct cursor *c, struct err *err)
{
    const struct place *place = &t->places[c->next_place++];
    struct etl_buffer b;
    size_t got = 0;
    c->left = 0;
    c->damaged = false;
    if (!room_for(t, &c->disk, place->disk_size, err) ||
        !file_read_at(t->file.file, place->pos, c->disk.bytes, place->disk_size, &got, err))
        return false;
    t->stats.bytes_read += got;
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

/* Moves to the stream's next event. */
static enum etl_step advance(struct etl_trace *t, struct cursor *c, struct err *err)
{
    for (;;) {
        if (!c->left) {
            if (c->next_place == c->end_place)
                return ETL_STEP_END;
            if (!load(t, c, err))
                return ETL_STEP_FAILED;
            continue;
        }
        size_t step = 0;
        enum etl_read read = etl_record_read(c->at, c->left, &c->record, &step);
        if (read == ETL_READ_BAD) {
            if (!c->cut)
                note_damage(t, c);
            c->left = 0;
            continue;
        }
        c->at += step < c->left ? step : c->left;
        c->left -= step < c->left ? step : c->left;
        /* The other streams' records come before this one's next: time to bring it near. */
        if (c->left > FETCH_AHEAD)
            for (size_t line = 0; line < FETCH_AHEAD; line += 64)
                PREFETCH(c->at + line);
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

static bool earlier(const struct heap_item *a, const struct heap_item *b)
{
    return a->time < b->time || (a->time == b->time && a->cursor < b->cursor);
}

static void sift_down(struct heap_item *heap, size_t count, size_t at)
{
    struct heap_item item = heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && earlier(&heap[child + 1], &heap[child]))
            child++;
        if (!earlier(&heap[child], &item))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = item;
}

static bool start_merge(struct etl_trace *t, struct err *err)
{
    size_t count = 0;
    t->indexed = true;
    if (!list_places(t, &count, err))
        return false;
    if (count)
        qsort(t->places, count, sizeof *t->places, t->file.reorder ? by_stream_and_time : by_stream);
    if (!make_cursors(t, count, err))
        return false;
    for (size_t i = 0; i < t->cursor_count; i++) {
        enum etl_step step = advance(t, &t->cursors[i], err);
        if (step == ETL_STEP_FAILED)
            return false;
        if (step == ETL_STEP_OK)
            t->heap[t->heap_count++] = (struct heap_item){t->cursors[i].record.time, (uint32_t)i};
    }
    for (size_t i = t->heap_count / 2; i-- > 0;)
        sift_down(t->heap, t->heap_count, i);
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
    if (t->top_used) {
        enum etl_step step = advance(t, &t->cursors[t->heap[0].cursor], err);
        if (step == ETL_STEP_FAILED) {
            t->failed = true;
            return ETL_STEP_FAILED;
        }
        if (step == ETL_STEP_OK)
            t->heap[0].time = t->cursors[t->heap[0].cursor].record.time;
        else
            t->heap[0] = t->heap[--t->heap_count];
        sift_down(t->heap, t->heap_count, 0);
        t->top_used = false;
    }
    if (!t->heap_count)
        return ETL_STEP_END;
    const struct etl_record *r = &t->cursors[t->heap[0].cursor].record;
    t->stats.events++;
    if (r->time > t->stats.last_time)
        t->stats.last_time = r->time;
    t->top_used = true;
    *out = r;
    return ETL_STEP_OK;
}
