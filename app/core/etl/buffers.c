/* Walks the buffers of a trace file: strides, damage and resynchronisation, ends of files that were not closed. */
#include "core/etl/buffers.h"

#include "core/etl/bytes.h"
#include "core/etl/xpress.h"

#include <stdlib.h>
#include <string.h>

/* A compressed buffer that did not shrink may be a little larger than its content. */
#define PACKED_MAX (ETL_BUFFER_MAX + 0x10000u)
/* Buffer 0 begins with the header record, which fits into this. */
#define FIRST_READ       0x10000u
#define BUFFER_TYPE_MAX  7
#define BUFFER_STATE_MAX 6

bool etl_room_grow(struct etl_room *r, size_t size, struct err *err)
{
    if (size <= r->size)
        return true;
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return err_set(err, ERR_NO_MEMORY, "Reading a trace buffer of %llu bytes", (unsigned long long)size);
    free(r->bytes);
    r->bytes = bytes;
    r->size = size;
    return true;
}

void etl_room_free(struct etl_room *r)
{
    free(r->bytes);
    memset(r, 0, sizeof *r);
}

static bool is_session_size(uint32_t size)
{
    return size >= ETL_BUFFER_MIN && size <= ETL_BUFFER_MAX;
}

/* Whether a buffer of just this size stands at this place. */
static bool has_buffer_of(const struct etl_file *f, uint32_t size)
{
    uint8_t head[ETL_BUFFER_HEADER];
    size_t got = 0;
    return file_read_at(f->file, size, head, sizeof head, &got, NULL) && got == sizeof head && le32(head) == size;
}

/* The header record says how large buffers are; when it and buffer 0 disagree one of them is damaged, and the second
 * buffer tells which. */
static uint32_t session_size(const struct etl_file *f, uint32_t first_size)
{
    uint32_t stated = f->header.buffer_size;
    if (!is_session_size(stated))
        return is_session_size(first_size) ? first_size : ETL_BUFFER_MAX;
    if (f->packed || stated == first_size || !is_session_size(first_size))
        return stated;
    return !has_buffer_of(f, stated) && has_buffer_of(f, first_size) ? first_size : stated;
}

/* Stands in buffer 0, where the header record does. */
static void find_origin(struct etl_file *f, size_t got)
{
    size_t end = le32(f->first + 0x30);
    end = end < f->first_size ? end : f->first_size;
    end = end < got ? end : got;
    for (size_t at = ETL_BUFFER_HEADER, step = 0; at < end && !f->has_origin; at += step) {
        struct etl_record r;
        enum etl_read read = etl_record_read(f->first + at, end - at, &r, &step);
        if (read == ETL_READ_BAD)
            return;
        f->has_origin = read == ETL_READ_OK && etl_origin_read(&r, &f->origin);
    }
}

static bool read_first(struct etl_file *f, const char *path, struct err *err)
{
    f->first = malloc(FIRST_READ);
    if (!f->first)
        return err_set(err, ERR_NO_MEMORY, "Reading the trace %s", path);
    size_t got = 0;
    if (!file_read_at(f->file, 0, f->first, FIRST_READ, &got, err))
        return false;
    /* The record is looked for before its buffer's sizes are believed: it alone makes the file readable. */
    if (got < ETL_BUFFER_HEADER ||
        !etl_header_read(f->first + ETL_BUFFER_HEADER, got - ETL_BUFFER_HEADER, &f->header)) {
        err_set(err, got < 0x200 ? ERR_TRUNCATED : ERR_FORMAT, "Reading %s as a trace (.etl)", path);
        return err_remedy(err, "Choose a complete file that an event trace session wrote.");
    }
    f->packed = f->header.mode & ETL_MODE_COMPRESSED;
    f->reorder = f->header.mode & (ETL_MODE_CIRCULAR | ETL_MODE_BUFFERING);
    uint32_t first_size = le32(f->first);
    f->session = session_size(f, first_size);
    bool own_size = f->packed && first_size >= ETL_BUFFER_HEADER && first_size <= ETL_BUFFER_MAX;
    f->first_size = own_size ? first_size : f->session;
    find_origin(f, got);
    return true;
}

bool etl_file_open(const char *path, struct etl_file *out, struct err *err)
{
    struct etl_file f = {0};
    if (!file_open(path, FILE_TO_READ, &f.file, err))
        return false;
    if (!file_size(f.file, &f.size, err) || !read_first(&f, path, err)) {
        etl_file_close(&f);
        return false;
    }
    *out = f;
    return true;
}

void etl_file_close(struct etl_file *f)
{
    file_close(f->file);
    free(f->first);
    memset(f, 0, sizeof *f);
}

bool etl_buffer_read(const struct etl_file *f, uint64_t pos, const uint8_t *head, struct etl_buffer *out)
{
    uint32_t size = le32(head);
    uint32_t end = le32(head + 0x30);
    uint16_t flags = le16(head + 0x34);
    bool packed = flags & ETL_FLAG_COMPRESSED;
    if (pos == 0)
        size = f->first_size;
    if (size < ETL_BUFFER_HEADER || size > PACKED_MAX || end < ETL_BUFFER_HEADER)
        return false;
    if (le16(head + 0x36) > BUFFER_TYPE_MAX || le32(head + 0x2C) > BUFFER_STATE_MAX)
        return false;
    /* Where buffers have one size, another size is damage: believing it would lose the buffers behind it. */
    if (!f->packed && (packed || size != f->session))
        return false;
    if (packed ? end > f->session : end > size)
        return false;
    uint64_t left = f->size - pos;
    out->pos = pos;
    out->time = (int64_t)le64(head + 0x10);
    out->sequence = le64(head + 0x18);
    out->disk_size = left < size ? (uint32_t)left : size;
    out->data_end = end;
    out->flags = flags;
    /* Before Windows 8 the second byte is an alignment, not part of the number. */
    out->processor = flags & ETL_FLAG_PROC_INDEX ? le16(head + 0x28) : head[0x28];
    out->cut = left < size;
    return true;
}

bool etl_walk_start(struct etl_walk *w, const struct etl_file *f, size_t window, struct err *err)
{
    memset(w, 0, sizeof *w);
    w->file = f;
    w->window = malloc(window);
    if (!w->window)
        return err_set(err, ERR_NO_MEMORY, "Reading a trace");
    w->window_room = window;
    return true;
}

void etl_walk_end(struct etl_walk *w)
{
    free(w->window);
    w->window = NULL;
}

/* Brings `n` bytes at `pos` into the window; the file is known to have them. */
static bool window_has(struct etl_walk *w, uint64_t pos, size_t n, struct err *err)
{
    if (pos >= w->window_pos && n <= w->window_size && pos - w->window_pos <= w->window_size - n)
        return true;
    if (n > w->window_room) {
        uint8_t *window = malloc(n);
        if (!window)
            return err_set(err, ERR_NO_MEMORY, "Reading a trace");
        free(w->window);
        w->window = window;
        w->window_room = n;
    }
    w->window_size = 0;
    size_t got = 0;
    if (!file_read_at(w->file->file, pos, w->window, w->window_room, &got, err))
        return false;
    w->window_pos = pos;
    w->window_size = got;
    if (got < n)
        return err_set(err, ERR_TRUNCATED, "Reading a trace that was shortened meanwhile");
    return true;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static void note_buffer(struct etl_walk *w, const struct etl_buffer *b)
{
    struct etl_walk_facts *facts = &w->facts;
    bool marker = b->flags & ETL_FLAG_FLUSH_MARKER;
    facts->buffers += 1 + w->unused;
    facts->damaged += w->unused;
    w->unused = 0;
    facts->packed += b->flags & ETL_FLAG_COMPRESSED ? 1 : 0;
    facts->cut = facts->cut || b->cut;
    /* Buffer 0 has the mark always; what counts is the data buffers', where there are any. */
    facts->flush_marker = w->file->reorder && b->pos && facts->buffers > 2 ? facts->flush_marker || marker : marker;
}

enum etl_step etl_walk_next(struct etl_walk *w, struct etl_buffer *b, struct err *err)
{
    const struct etl_file *f = w->file;
    while (w->pos < f->size) {
        uint64_t left = f->size - w->pos;
        size_t n = left < ETL_BUFFER_HEADER ? (size_t)left : ETL_BUFFER_HEADER;
        if (!window_has(w, w->pos, n, err))
            return ETL_STEP_FAILED;
        const uint8_t *head = w->window + (w->pos - w->window_pos);
        bool empty = is_zero(head, n);
        if (n == ETL_BUFFER_HEADER && etl_buffer_read(f, w->pos, head, b)) {
            note_buffer(w, b);
            w->pos += b->pos == 0 ? f->first_size : le32(head);
            return ETL_STEP_OK;
        }
        if (empty) {
            w->unused++;
        } else {
            w->facts.buffers += 1 + w->unused;
            w->facts.damaged += w->unused + (n == ETL_BUFFER_HEADER ? 1 : 0);
            w->facts.cut = w->facts.cut || left < f->session;
            w->facts.flush_marker = false;
            w->unused = 0;
        }
        /* Packed buffers have no common size: what follows a damaged one cannot be found. */
        if (f->packed)
            break;
        w->pos += w->pos == 0 ? f->first_size : f->session;
    }
    w->pos = f->size;
    return ETL_STEP_END;
}

bool etl_walk_bytes(struct etl_walk *w, const struct etl_buffer *b, const uint8_t **bytes, struct err *err)
{
    if (!window_has(w, b->pos, b->disk_size, err))
        return false;
    *bytes = w->window + (b->pos - w->window_pos);
    return true;
}

bool etl_records_of(const struct etl_buffer *b, const uint8_t *disk, struct etl_room *room, struct etl_records *out,
                    struct err *err)
{
    *out = (struct etl_records){.bytes = disk + ETL_BUFFER_HEADER, .cut = b->cut};
    size_t data = b->data_end - ETL_BUFFER_HEADER;
    size_t have = b->disk_size - ETL_BUFFER_HEADER;
    if (!(b->flags & ETL_FLAG_COMPRESSED)) {
        out->size = data < have ? data : have;
        return true;
    }
    if (!etl_room_grow(room, data ? data : 1, err))
        return false;
    size_t made = 0;
    enum xpress_result result = xpress_unpack(disk + ETL_BUFFER_HEADER, have, room->bytes, data, &made);
    out->bytes = room->bytes;
    /* A blob that ends early is good up to there; in a corrupt one nobody knows where the damage began. */
    out->size = result == XPRESS_CORRUPT ? 0 : made;
    out->damaged = result == XPRESS_CORRUPT || (result == XPRESS_SHORT && !b->cut);
    out->cut = b->cut || result == XPRESS_SHORT;
    return true;
}
