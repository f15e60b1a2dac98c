// The independent reader of .etl files.
#include "walk.h"

#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 0x48, CPUS = 64 };

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static uint32_t header_bytes(uint8_t type)
{
    switch (type) {
    case 2:
        return 32;
    case 4:
        return 24;
    case 0x11:
        return 16;
    default:
        fail_msg("header type %#x", type);
        return 0;
    }
}

static void add(struct walk *w, const struct walk_event *e)
{
    if (w->count % 1024 == 0) {
        w->events = realloc(w->events, (w->count + 1024) * sizeof *w->events);
        assert_non_null(w->events);
    }
    w->events[w->count++] = *e;
}

static struct walk_event read_record(const uint8_t *r, uint32_t room, uint32_t *size)
{
    struct walk_event e = {.version = get16(r), .header = r[2], .pid = 0xFFFFFFFF, .tid = 0xFFFFFFFF};
    assert_int_equal(r[3], 0xC0);
    uint32_t head = header_bytes(e.header);
    *size = get16(r + 4);
    assert_in_range(*size, head, room);
    e.hook = (uint16_t)(r[7] << 8 | r[6]);
    e.time = (int64_t)get64(r + (e.header == 0x11 ? 8 : 16));
    if (e.header != 0x11) {
        e.tid = get32(r + 8);
        e.pid = get32(r + 12);
    }
    e.payload = r + head;
    e.bytes = *size - head;
    return e;
}

static void read_log_header(struct walk *w, const struct walk_event *e)
{
    assert_int_equal(e->hook, 0);
    assert_in_range(e->bytes, 0x118 + 4, 0x1000);
    w->buffer_bytes = walk32(e, 0);
    assert_int_equal(e->payload[4], 10); // Windows 10, layout 1.5
    assert_int_equal(e->payload[6], 1);
    assert_int_equal(e->payload[7], 5);
    w->processors = walk32(e, 0xC);
    w->end_time = walk64(e, 0x10);
    w->mode = walk32(e, 0x20);
    w->written = walk32(e, 0x24);
    assert_int_equal(walk32(e, 0x28), 1);
    assert_int_equal(walk32(e, 0x2C), 8);
    w->lost = walk32(e, 0x30);
    w->frequency = walk64(e, 0x100);
    assert_int_equal(walk32(e, 0x110), 1);
}

// ring: buffers of a processor may come in any order.
static void read_buffer(struct walk *w, const uint8_t *b, uint32_t bytes, int64_t *latest, bool ring)
{
    uint32_t offset = get32(b + 0x30);
    uint32_t cpu = get16(b + 0x28);
    uint32_t at = HEAD;
    assert_in_range(offset, HEAD, bytes);
    assert_in_range(cpu, 0, CPUS - 1);
    assert_int_equal(get32(b + 4), offset);
    assert_int_equal(get32(b + 0xC), 0);
    assert_int_equal(get32(b + 0x2C), 3);
    assert_int_equal(get16(b + 0x34) & ~1, 0x20);
    assert_int_equal(get16(b + 0x36), w->buffers == 0 ? 4 : 0);
    int64_t before = latest[cpu];
    if (ring) {
        latest[cpu] = 0;
    }
    w->empties += at == offset ? 1 : 0;
    while (at < offset) {
        uint32_t size = 0;
        struct walk_event e = read_record(b + at, offset - at, &size);
        e.cpu = cpu;
        e.buffer = w->buffers;
        assert_true(e.time >= latest[cpu]);
        latest[cpu] = e.time;
        if (w->count == 0) {
            read_log_header(w, &e);
        } else if (w->buffers) {
            assert_true(e.time <= (int64_t)get64(b + 0x10)); // nothing after the flush
        }
        add(w, &e);
        at = (at + size + 7u) & ~7u;
    }
    assert_int_equal(at, offset);
    if (ring && (w->buffers == 0 || latest[cpu] < before)) { // buffer 0 may be younger than all others
        w->backward += w->buffers && offset > HEAD ? 1 : 0;
        latest[cpu] = before;
    }
    for (uint32_t i = offset; i < bytes; i++) {
        assert_int_equal(b[i], 0xFF);
    }
}

void walk_ring(struct walk *w, const uint8_t *data, size_t size)
{
    int64_t latest[CPUS] = {0};
    memset(w, 0, sizeof *w);
    for (size_t pos = 0; pos < size; pos += w->buffer_bytes) {
        assert_true(size - pos >= HEAD);
        read_buffer(w, data + pos, get32(data + pos), latest, true);
        assert_int_equal(get32(data + pos), w->buffer_bytes);
        w->markers += get16(data + pos + 0x34) & 1;
        w->buffers++;
    }
}

void walk_file(struct walk *w, const uint8_t *data, size_t size, bool finished)
{
    int64_t latest[CPUS] = {0};
    uint64_t flushed = 0;
    memset(w, 0, sizeof *w);
    for (size_t pos = 0; pos < size;) {
        assert_true(size - pos >= HEAD);
        uint32_t bytes = get32(data + pos);
        assert_in_range(bytes, 0x1000, size - pos);
        read_buffer(w, data + pos, bytes, latest, false);
        assert_int_equal(bytes, w->buffer_bytes);
        assert_true(get64(data + pos + 0x10) >= flushed);
        flushed = get64(data + pos + 0x10);
        bool last = pos + bytes == size;
        bool marked = get16(data + pos + 0x34) & 1;
        w->markers += marked ? 1 : 0;
        if (w->buffers == 0 || (last && finished)) {
            assert_true(marked);
        }
        w->buffers++;
        pos += bytes;
    }
    assert_int_equal(w->written, finished ? w->buffers : 0);
    assert_int_equal(w->end_time != 0, finished);
}

void walk_free(struct walk *w)
{
    free(w->events);
    w->events = NULL;
}

static int by_time(const void *a, const void *b)
{
    const struct walk_event *x = a;
    const struct walk_event *y = b;
    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }
    return x->payload < y->payload ? -1 : 1;
}

void walk_sort(struct walk *w)
{
    qsort(w->events, w->count, sizeof *w->events, by_time);
}

uint32_t walk_count(const struct walk *w, uint16_t hook)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        n += w->events[i].hook == hook ? 1 : 0;
    }
    return n;
}

const struct walk_event *walk_find(const struct walk *w, uint16_t hook, uint32_t nth)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->events[i].hook == hook && nth-- == 0) {
            return &w->events[i];
        }
    }
    fail_msg("no such event: %04x", hook);
    return NULL;
}

uint32_t walk_position(const struct walk *w, const struct walk_event *e)
{
    return (uint32_t)(e - w->events);
}

static const uint8_t *inside(const struct walk_event *e, uint32_t at, uint32_t bytes)
{
    assert_true(at + bytes <= e->bytes);
    return e->payload + at;
}

uint16_t walk16(const struct walk_event *e, uint32_t at)
{
    return get16(inside(e, at, 2));
}

uint32_t walk32(const struct walk_event *e, uint32_t at)
{
    return get32(inside(e, at, 4));
}

uint64_t walk64(const struct walk_event *e, uint32_t at)
{
    return get64(inside(e, at, 8));
}

void walk_text(const struct walk_event *e, uint32_t at, const char *text)
{
    for (uint32_t i = 0;; i++) {
        assert_int_equal(walk16(e, at + 2 * i), (uint8_t)text[i]);
        if (!text[i]) {
            return;
        }
    }
}
