/* Brings the buffers of each stream into memory, window by window, and steps over their records. */
#include "core/etl/streams.h"

#include <stdlib.h>
#include <string.h>

/* How much of a stream is read at a time: the windows of all of them are to fit into a core's own cache. A record may
 * begin in one window and end in the next; it is not longer than its 16-bit size says. */
#define STREAM_READ 0x8000u
#define RECORD_MAX  0x10000u
/* All streams' memory together. No session that Windows grants comes near; a crafted file might. */
#define MEMORY_MAX ((uint64_t)1 << 30)

void etl_cursor_clear(struct etl_cursor *c)
{
    static const uint8_t nowhere[1];
    *c = (struct etl_cursor){.at = nowhere, .end = nowhere, .brief_end = nowhere, .record = {.time = INT64_MIN}};
}

static size_t left_of(const struct etl_cursor *c)
{
    return (size_t)(c->end - c->at);
}

bool etl_streams_open(struct etl_streams *s, const struct etl_file *f, struct etl_places *places,
                      struct etl_stats *stats, struct err *err)
{
    *s = (struct etl_streams){.file = f, .stats = stats, .places = *places};
    *places = (struct etl_places){0};
    const struct etl_place *list = s->places.list;
    size_t streams = 0;
    for (size_t i = 0; i < s->places.count; i++)
        streams += i == 0 || list[i].stream != list[i - 1].stream;
    s->cursors = calloc(streams ? streams : 1, sizeof *s->cursors);
    if (!s->cursors)
        return err_set(err, ERR_NO_MEMORY, "Reading %llu streams of a trace", (unsigned long long)streams);
    for (size_t i = 0; i < s->places.count; i++) {
        if (i == 0 || list[i].stream != list[i - 1].stream) {
            etl_cursor_clear(&s->cursors[s->count]);
            s->cursors[s->count++].next_place = i;
        }
        s->cursors[s->count - 1].end_place = i + 1;
    }
    return true;
}

void etl_streams_close(struct etl_streams *s)
{
    for (size_t i = 0; i < s->count; i++) {
        etl_room_free(&s->cursors[i].disk);
        etl_room_free(&s->cursors[i].unpacked);
    }
    free(s->cursors);
    etl_places_free(&s->places);
    memset(s, 0, sizeof *s);
}

static bool room_for(struct etl_streams *s, struct etl_room *room, size_t size, struct err *err)
{
    if (size <= room->size)
        return true;
    size_t more = size - room->size;
    if (more > MEMORY_MAX - s->memory) {
        err_set(err, ERR_RANGE, "Reading %llu streams of a trace at once", (unsigned long long)s->count);
        return err_remedy(err, "The file is damaged or made to harm; use another copy.");
    }
    if (!etl_room_grow(room, size, err))
        return false;
    s->memory += more;
    return true;
}

static void note_damage(struct etl_streams *s, struct etl_cursor *c)
{
    s->stats->damaged_buffers += c->damaged ? 0 : 1;
    c->damaged = true;
}

/* Where buffers are packed: all of it. */
static bool load_packed(struct etl_streams *s, struct etl_cursor *c, const struct etl_place *place, struct err *err)
{
    struct etl_buffer b;
    size_t got = 0;
    if (!room_for(s, &c->disk, place->disk_size, err) ||
        !file_read_at(s->file->file, place->pos, c->disk.bytes, place->disk_size, &got, err))
        return false;
    if (got < place->disk_size || !etl_buffer_read(s->file, place->pos, c->disk.bytes, &b) ||
        b.disk_size != place->disk_size) {
        note_damage(s, c);
        return true;
    }
    struct etl_records records;
    size_t data = b.flags & ETL_FLAG_COMPRESSED ? b.data_end - ETL_BUFFER_HEADER : 0;
    if (!room_for(s, &c->unpacked, data, err) || !etl_records_of(&b, c->disk.bytes, &c->unpacked, &records, err))
        return false;
    c->at = records.bytes;
    c->end = records.bytes + records.size;
    c->cut = records.cut;
    c->record.processor = b.processor;
    if (records.damaged)
        note_damage(s, c);
    return true;
}

/* Brings more of the buffer behind what is left of the window. */
static bool fill(struct etl_streams *s, struct etl_cursor *c, struct err *err)
{
    size_t more = c->rest < STREAM_READ ? c->rest : STREAM_READ;
    size_t got = 0;
    size_t left = left_of(c);
    memmove(c->disk.bytes, c->at, left);
    c->at = c->disk.bytes;
    c->end = c->at + left;
    if (!file_read_at(s->file->file, c->rest_pos, c->disk.bytes + left, more, &got, err))
        return false;
    c->rest_pos += got;
    c->rest -= got;
    c->end += got;
    if (got == more)
        return true;
    note_damage(s, c); /* it was listed when the file was longer */
    c->rest = 0;
    return true;
}

/* Where they are not: its beginning; the rest follows window by window. */
static bool load_plain(struct etl_streams *s, struct etl_cursor *c, const struct etl_place *place, struct err *err)
{
    struct etl_buffer b;
    size_t room = place->disk_size < RECORD_MAX + STREAM_READ ? place->disk_size : RECORD_MAX + STREAM_READ;
    c->rest_pos = place->pos;
    c->rest = place->disk_size;
    if (!room_for(s, &c->disk, room, err) || !fill(s, c, err))
        return false;
    if (c->damaged || !etl_buffer_read(s->file, place->pos, c->disk.bytes, &b) || b.disk_size != place->disk_size) {
        note_damage(s, c);
        c->end = c->at;
        c->rest = 0;
        return true;
    }
    size_t data = b.data_end < b.disk_size ? b.data_end : b.disk_size;
    size_t have = left_of(c) < data ? left_of(c) : data;
    c->end = c->at + have;
    c->at += ETL_BUFFER_HEADER;
    c->rest = data - have;
    c->cut = b.cut;
    c->record.processor = b.processor;
    return true;
}

/* Gets the stream's next buffer. A buffer that changed since it was listed counts as damaged. */
static bool load(struct etl_streams *s, struct etl_cursor *c, struct err *err)
{
    const struct etl_place *place = &s->places.list[c->next_place++];
    c->end = c->at;
    c->rest = 0;
    c->damaged = false;
    s->stats->bytes_read += place->disk_size;
    return s->file->packed ? load_packed(s, c, place, err) : load_plain(s, c, place, err);
}

/* Leaves a record behind; its padding may lie beyond the window, or beyond the buffer. */
static void step_over(struct etl_cursor *c, size_t step)
{
    size_t left = left_of(c);
    size_t here = step < left ? step : left;
    size_t there = step - here < c->rest ? step - here : c->rest;
    c->at += here;
    c->rest_pos += there;
    c->rest -= there;
}

enum etl_step etl_streams_next(struct etl_streams *s, struct etl_cursor *c, struct err *err)
{
    int64_t last = c->record.time;
    if (last > s->stats->last_time)
        s->stats->last_time = last;
    for (;;) {
        if (c->at == c->end && !c->rest) {
            c->brief_end = c->at;
            if (c->next_place == c->end_place)
                return ETL_STEP_END;
            if (!load(s, c, err))
                return ETL_STEP_FAILED;
            continue;
        }
        size_t step = 0;
        enum etl_read read = etl_record_read(c->at, left_of(c), &c->record, &step);
        if (read == ETL_READ_BAD) {
            if (c->rest && left_of(c) < RECORD_MAX) {
                if (!fill(s, c, err))
                    return ETL_STEP_FAILED;
                continue;
            }
            if (!c->cut)
                note_damage(s, c);
            c->end = c->at;
            c->rest = 0;
            continue;
        }
        step_over(c, step);
        if (read == ETL_READ_OK)
            break;
        s->stats->skipped++;
    }
    if (c->record.malformed)
        note_damage(s, c);
    s->stats->inversions += c->record.time < last;
    c->brief_end = c->record.kind == ETL_KERNEL ? c->end : c->at;
    return ETL_STEP_OK;
}
