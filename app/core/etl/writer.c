/* Fills a buffer for each processor and writes it when the next record does not fit. */
#include "core/etl/writer.h"

#include "core/base/text.h"
#include "core/etl/buffers.h"
#include "core/etl/bytes.h"
#include "core/etl/digest.h"

#include <stdlib.h>
#include <string.h>

#define PROCESSORS    0x10000u
#define MODE          0x00010001u /* one sequence, logged again */
#define WINDOWS_8     9200u
#define NAMES_MAX     64u
#define SYSTEM_HEADER 32u
#define HEADER_MAX    (SYSTEM_HEADER + 0x118u + NAMES_MAX)
#define LARGE         0x100000u /* buffers above this have another layout version */
#define STATE_FLUSHED 3u

struct stream {
    uint8_t *buffer; /* NULL: not begun */
    size_t used;
    int64_t last; /* time of its last event */
    uint16_t processor;
};

struct etl_writer {
    struct file *file;
    char *path;
    uint32_t buffer_size;
    uint64_t pos;
    uint64_t buffers; /* written, buffer 0 included */
    uint64_t sequence;
    uint64_t flushed; /* FILETIME of the last buffer: they never go back */
    int64_t last;
    struct etl_header facts;
    uint8_t header[HEADER_MAX];
    size_t header_size;
    uint8_t pointer_size;
    struct stream *streams;
    uint32_t stream_count;
    uint32_t stream_room;
    uint32_t begun;         /* streams with a buffer */
    uint32_t next_out;      /* whose buffer is taken when memory is short */
    uint32_t *by_processor; /* stream + 1 */
    struct etl_written written;
};

uint64_t etl_record_digest(uint16_t processor, const uint8_t *bytes, size_t size)
{
    return etl_digest(bytes, size, (uint64_t)processor + 1);
}

static void put(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_NO_MEMORY, "Writing a trace");
}

static size_t put_utf16(uint8_t *p, const char *ascii)
{
    size_t n = 0;
    for (const char *s = ascii;; s++) {
        put(p + n, (unsigned char)*s, 2);
        n += 2;
        if (!*s)
            return n;
    }
}

/* The record is known to be one: a reader opened its file. */
static bool take_header(struct etl_writer *w, const uint8_t *record, struct err *err)
{
    struct etl_record r;
    size_t step = 0;
    size_t size = le16(record + 4);
    if (etl_record_read(record, size, &r, &step) != ETL_READ_OK || !etl_header_read(record, size, &w->facts))
        return err_set(err, ERR_FORMAT, "Taking over the header of a trace");
    size_t fixed = (size_t)(w->facts.names - r.payload);
    bool is_system = r.header_type == ETL_SYSTEM32 || r.header_type == ETL_SYSTEM64;
    put(w->header, r.version, 2);
    w->header[2] = r.pointer_size == 8 ? ETL_SYSTEM64 : ETL_SYSTEM32;
    w->header[3] = 0xC0;
    put(w->header + 8, r.tid, 4);
    put(w->header + 12, r.pid, 4);
    put(w->header + 16, (uint64_t)r.time, 8);
    if (is_system)
        memcpy(w->header + 24, record + 24, 8);
    memcpy(w->header + SYSTEM_HEADER, r.payload, fixed);
    w->facts.names = NULL;
    w->facts.names_size = 0;
    w->pointer_size = r.pointer_size;
    w->header_size = SYSTEM_HEADER + fixed;
    w->header_size += put_utf16(w->header + w->header_size, "Relogger");
    w->header_size += put_utf16(w->header + w->header_size, "[multiple files]");
    put(w->header + 4, w->header_size, 2);
    return true;
}

/* Before Windows 8 a buffer's processor is one byte, with an alignment beside it. */
static bool is_old(const struct etl_writer *w, uint16_t processor)
{
    return w->facts.os_build < WINDOWS_8 && processor <= 0xFF;
}

static void put_buffer_header(const struct etl_writer *w, uint8_t *b, size_t used, uint16_t processor, bool first,
                              bool last)
{
    bool old = is_old(w, processor);
    memset(b, 0, ETL_BUFFER_HEADER);
    put(b, w->buffer_size, 4);
    put(b + 0x04, used, 4);
    put(b + 0x08, used, 4);
    put(b + 0x10, first ? 0 : w->flushed, 8);
    put(b + 0x18, first ? 0 : w->sequence, 8);
    put(b + 0x28, old ? processor | 0x800u : processor, 2);
    put(b + 0x2A, old ? 0x8001u : 0, 2);
    put(b + 0x2C, STATE_FLUSHED, 4);
    put(b + 0x30, used, 4);
    put(b + 0x34, (first || last ? ETL_FLAG_FLUSH_MARKER : 0u) | (old ? 0u : ETL_FLAG_PROC_INDEX), 2);
    put(b + 0x36, first ? 4 : 0, 2);
    memset(b + used, 0xFF, w->buffer_size - used);
}

bool etl_writer_open(const struct etl_writer_options *options, struct etl_writer **out, struct err *err)
{
    struct etl_writer *w = calloc(1, sizeof *w);
    if (!w)
        return no_memory(err);
    w->buffer_size = options->buffer_size > ETL_WRITER_BUFFER_MIN ? options->buffer_size : ETL_WRITER_BUFFER_MIN;
    w->by_processor = calloc(PROCESSORS, sizeof *w->by_processor);
    w->path = text_copy(options->path);
    bool ok = (w->by_processor && w->path) || no_memory(err);
    ok = ok && take_header(w, options->header, err);
    ok = ok && file_open(options->path, FILE_TO_CREATE, &w->file, err);
    if (!ok) {
        free(w->by_processor);
        free(w->path);
        free(w);
        return false;
    }
    w->last = w->facts.first_time;
    /* Buffer 0 is written at the end, when its counts are known. */
    w->pos = w->buffer_size;
    w->buffers = 1;
    w->sequence = 1;
    *out = w;
    return true;
}

static bool flush(struct etl_writer *w, struct stream *s, bool last, struct err *err)
{
    uint64_t time = etl_filetime(&w->facts, s->last);
    w->flushed = time > w->flushed ? time : w->flushed;
    put_buffer_header(w, s->buffer, s->used, s->processor, false, last);
    if (!file_write_at(w->file, w->pos, s->buffer, w->buffer_size, err))
        return false;
    w->pos += w->buffer_size;
    w->buffers++;
    w->sequence++;
    s->used = ETL_BUFFER_HEADER;
    return true;
}

/* Memory for one more buffer, somebody else's when there is enough in use. */
static bool take_buffer(struct etl_writer *w, struct stream *s, struct err *err)
{
    if ((uint64_t)(w->begun + 1) * w->buffer_size <= ETL_WRITER_MEMORY || !w->begun) {
        s->buffer = malloc(w->buffer_size);
        w->begun += s->buffer != NULL;
        return s->buffer || no_memory(err);
    }
    struct stream *from = NULL;
    while (!from || !from->buffer)
        from = &w->streams[w->next_out++ % w->stream_count];
    if (from->used > ETL_BUFFER_HEADER && !flush(w, from, false, err))
        return false;
    s->buffer = from->buffer;
    from->buffer = NULL;
    return true;
}

/* NULL for want of memory. */
static struct stream *stream_of(struct etl_writer *w, uint16_t processor, struct err *err)
{
    uint32_t at = w->by_processor[processor];
    if (!at) {
        if (w->stream_count == w->stream_room) {
            uint32_t room = w->stream_room ? w->stream_room * 2 : 16;
            struct stream *streams = realloc(w->streams, room * sizeof *streams);
            if (!streams) {
                no_memory(err);
                return NULL;
            }
            w->streams = streams;
            w->stream_room = room;
        }
        w->streams[w->stream_count++] = (struct stream){.processor = processor};
        at = w->by_processor[processor] = w->stream_count;
    }
    struct stream *s = &w->streams[at - 1];
    if (!s->buffer) {
        if (!take_buffer(w, s, err))
            return NULL;
        s->used = ETL_BUFFER_HEADER;
        s->last = INT64_MIN;
    }
    return s;
}

bool etl_writer_put(struct etl_writer *w, uint16_t processor, int64_t time, const uint8_t *bytes, size_t size,
                    struct err *err)
{
    size_t padded = (size + 7) & ~(size_t)7;
    if (padded > w->buffer_size - ETL_BUFFER_HEADER)
        return err_set(err, ERR_RANGE, "Writing an event of %llu bytes", (unsigned long long)size);
    struct stream *s = stream_of(w, processor, err);
    if (!s)
        return false;
    if (padded > w->buffer_size - s->used && !flush(w, s, false, err))
        return false;
    memcpy(s->buffer + s->used, bytes, size);
    memset(s->buffer + s->used + size, 0, padded - size);
    s->used += padded;
    s->last = time > s->last ? time : s->last;
    w->last = time > w->last ? time : w->last;
    w->written.events++;
    w->written.digest += etl_record_digest(processor, bytes, size);
    return true;
}

static bool flush_all(struct etl_writer *w, struct err *err)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < w->stream_count; i++)
        left += w->streams[i].buffer && w->streams[i].used > ETL_BUFFER_HEADER;
    for (uint32_t i = 0; i < w->stream_count; i++) {
        struct stream *s = &w->streams[i];
        if (s->buffer && s->used > ETL_BUFFER_HEADER && !flush(w, s, --left == 0, err))
            return false;
    }
    return true;
}

static void fill_header(struct etl_writer *w, const struct etl_writer_end *end)
{
    uint8_t *h = w->header + SYSTEM_HEADER;
    uint64_t last = etl_filetime(&w->facts, w->last);
    uint64_t end_time = end->end_time > last ? end->end_time : last;
    put(h, w->buffer_size, 4);
    if (w->buffer_size <= LARGE && end->processors <= 256 && h[6] >= 2) {
        /* It was compressed: this is not. */
        h[6] = 1;
        h[7] = 5;
    }
    put(h + 0x0C, end->processors, 4);
    put(h + 0x10, end_time ? end_time : 1, 8);
    put(h + 0x1C, 0, 4);
    put(h + 0x20, MODE, 4);
    put(h + 0x24, w->buffers, 4);
    put(h + 0x28, 1, 4);
    put(h + 0x30, end->events_lost, 4);
    put(h + (w->pointer_size == 8 ? 0x114 : 0x10C), end->buffers_lost, 4);
}

static bool write_first(struct etl_writer *w, const struct etl_writer_end *end, struct err *err)
{
    uint8_t *b = malloc(w->buffer_size);
    if (!b)
        return no_memory(err);
    size_t used = ETL_BUFFER_HEADER + ((w->header_size + 7) & ~(size_t)7);
    memset(b, 0, used);
    fill_header(w, end);
    memcpy(b + ETL_BUFFER_HEADER, w->header, w->header_size);
    etl_origin_record(&end->origin, w->facts.first_time, b + used);
    used += ETL_ORIGIN_RECORD;
    put_buffer_header(w, b, used, 0, true, false);
    bool ok = file_write_at(w->file, 0, b, w->buffer_size, err);
    free(b);
    return ok;
}

static void end_writer(struct etl_writer *w, bool keep)
{
    file_close(w->file);
    if (!keep)
        file_delete(w->path, NULL);
    for (uint32_t i = 0; i < w->stream_count; i++)
        free(w->streams[i].buffer);
    free(w->streams);
    free(w->by_processor);
    free(w->path);
    free(w);
}

bool etl_writer_close(struct etl_writer *w, const struct etl_writer_end *end, struct etl_written *out, struct err *err)
{
    bool ok = flush_all(w, err) && write_first(w, end, err) && file_sync(w->file, err);
    if (ok)
        *out = w->written;
    end_writer(w, ok);
    return ok;
}

void etl_writer_abandon(struct etl_writer *w)
{
    if (w)
        end_writer(w, false);
}
