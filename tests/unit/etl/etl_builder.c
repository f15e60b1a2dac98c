/* Builds trace files in memory. */
#include "etl_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 0x48

static void die(const char *what)
{
    fprintf(stderr, "etl_builder: %s\n", what);
    abort();
}

static void *must(void *p)
{
    if (!p)
        die("no memory");
    return p;
}

static void put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

struct etlb_options etlb_defaults(void)
{
    return (struct etlb_options){.pointer_size = 8,
                                 .buffer_size = 0x1000,
                                 .mode = 1,
                                 .processors = 4,
                                 .end_time = 130000000100000000u,
                                 .clock = 1,
                                 .cpu_mhz = 3000,
                                 .frequency = 10000000,
                                 .start_time = 130000000000000000u,
                                 .first_time = 1000000,
                                 .buffers_written = UINT32_MAX};
}

static void add_buffer(struct etlb *b, unsigned processor)
{
    if (b->count == ETLB_MAX_BUFFERS)
        die("too many buffers");
    uint8_t *data = must(malloc(b->o.buffer_size));
    memset(data, 0xFF, b->o.buffer_size);
    memset(data, 0, HEAD);
    b->data[b->count] = data;
    b->used[b->count] = HEAD;
    b->processor[b->count] = processor;
    b->flushed[b->count] = b->o.first_time;
    b->count++;
}

void etlb_begin(struct etlb *b, const struct etlb_options *o)
{
    memset(b, 0, sizeof *b);
    b->o = *o;
    add_buffer(b, 0);
    unsigned shift = o->pointer_size == 8 ? 8 : 0;
    uint8_t h[0x118 + 64];
    memset(h, 0, sizeof h);
    put(h, o->buffer_size, 4);
    put(h + 4, 0x0501000A, 4);
    put(h + 8, 19045, 4);
    put(h + 0x0C, o->processors, 4);
    put(h + 0x10, o->end_time, 8);
    put(h + 0x18, 156250, 4);
    put(h + 0x20, o->mode, 4);
    put(h + 0x28, 1, 4);
    put(h + 0x2C, o->pointer_size, 4);
    put(h + 0x30, o->events_lost, 4);
    put(h + 0x34, o->cpu_mhz, 4);
    put(h + 0xF0 + shift, o->start_time - 36000000000u, 8);
    put(h + 0xF8 + shift, o->frequency, 8);
    put(h + 0x100 + shift, o->start_time, 8);
    put(h + 0x108 + shift, o->clock, 4);
    put(h + 0x10C + shift, o->buffers_lost, 4);
    struct etlb_payload names = {.size = 0};
    etlb_put_utf16(&names, "built");
    etlb_put_utf16(&names, "a.etl");
    memcpy(h + 0x110 + shift, names.bytes, names.size);
    etlb_system(b, o->pointer_size, 0x0000, 2, (struct etlb_ids){4, 8}, o->first_time, h, 0x110 + shift + names.size);
}

void etlb_buffer(struct etlb *b, unsigned processor)
{
    add_buffer(b, processor);
}

size_t etlb_raw(struct etlb *b, const void *record, size_t size)
{
    size_t i = b->count - 1;
    size_t at = b->used[i];
    size_t padded = (size + 7) & ~(size_t)7;
    if (at + padded > b->o.buffer_size)
        die("the buffer is full");
    memset(b->data[i] + at, 0xA5, padded);
    if (size)
        memcpy(b->data[i] + at, record, size);
    b->used[i] += padded;
    return at;
}

static size_t add(struct etlb *b, const uint8_t *head, size_t head_size, int64_t time, const void *payload,
                  size_t payload_size)
{
    uint8_t *record = must(malloc(head_size + payload_size));
    memcpy(record, head, head_size);
    if (payload_size)
        memcpy(record + head_size, payload, payload_size);
    size_t at = etlb_raw(b, record, head_size + payload_size);
    free(record);
    b->flushed[b->count - 1] = time;
    return at;
}

static void kernel_head(uint8_t *h, uint16_t version, uint8_t type, size_t size, uint16_t hook)
{
    put(h, version, 2);
    h[2] = type;
    h[3] = 0xC0;
    put(h + 4, size, 2);
    put(h + 6, hook, 2);
}

size_t etlb_system(struct etlb *b, unsigned pointer_size, uint16_t hook, uint8_t version, struct etlb_ids ids,
                   int64_t time, const void *payload, size_t size)
{
    uint8_t h[32] = {0};
    kernel_head(h, version, pointer_size == 8 ? 2 : 1, sizeof h + size, hook);
    put(h + 8, ids.tid, 4);
    put(h + 12, ids.pid, 4);
    put(h + 16, (uint64_t)time, 8);
    return add(b, h, sizeof h, time, payload, size);
}

size_t etlb_compact(struct etlb *b, unsigned pointer_size, uint16_t hook, uint8_t version, struct etlb_ids ids,
                    int64_t time, const void *payload, size_t size)
{
    uint8_t h[24] = {0};
    kernel_head(h, version, pointer_size == 8 ? 4 : 3, sizeof h + size, hook);
    put(h + 8, ids.tid, 4);
    put(h + 12, ids.pid, 4);
    put(h + 16, (uint64_t)time, 8);
    return add(b, h, sizeof h, time, payload, size);
}

size_t etlb_perfinfo(struct etlb *b, unsigned pointer_size, uint16_t hook, uint16_t version, int64_t time,
                     const void *payload, size_t size)
{
    uint8_t h[16 + 8 * 8];
    memset(h, 0xEE, sizeof h);
    size_t head = 16u + (version & 0x8000u ? 8u : 0u) + 8u * (version >> 8 & 7u);
    kernel_head(h, version, pointer_size == 8 ? 0x11 : 0x10, head + size, hook);
    put(h + 8, (uint64_t)time, 8);
    return add(b, h, head, time, payload, size);
}

static void trace_head(uint8_t *h, uint8_t type, size_t size, struct etlb_ids ids, int64_t time, const uint8_t guid[16])
{
    put(h, size, 2);
    h[2] = type;
    h[3] = 0xC0;
    put(h + 8, ids.tid, 4);
    put(h + 12, ids.pid, 4);
    put(h + 16, (uint64_t)time, 8);
    memcpy(h + 24, guid, 16);
}

size_t etlb_full(struct etlb *b, unsigned pointer_size, const uint8_t guid[16], uint8_t opcode, uint16_t version,
                 struct etlb_ids ids, int64_t time, const void *payload, size_t size)
{
    uint8_t h[48] = {0};
    trace_head(h, pointer_size == 8 ? 0x14 : 0x0A, sizeof h + size, ids, time, guid);
    h[4] = opcode;
    put(h + 6, version, 2);
    return add(b, h, sizeof h, time, payload, size);
}

size_t etlb_instance(struct etlb *b, unsigned pointer_size, const uint8_t guid[16], uint8_t opcode, uint16_t version,
                     struct etlb_ids ids, int64_t time, const void *payload, size_t size)
{
    uint8_t h[72] = {0};
    trace_head(h, pointer_size == 8 ? 0x15 : 0x0B, sizeof h + size, ids, time, guid);
    h[4] = opcode;
    put(h + 6, version, 2);
    return add(b, h, sizeof h, time, payload, size);
}

size_t etlb_event(struct etlb *b, unsigned pointer_size, const uint8_t guid[16], uint16_t id, uint8_t opcode,
                  struct etlb_ids ids, int64_t time, const void *extended, size_t extended_size, const void *payload,
                  size_t size)
{
    uint8_t h[80 + 1024] = {0};
    if (extended_size > 1024)
        die("extended data too long");
    trace_head(h, pointer_size == 8 ? 0x13 : 0x12, 80 + extended_size + size, ids, time, guid);
    put(h + 4, extended ? 1 : 0, 2);
    put(h + 40, id, 2);
    h[42] = 3;
    h[45] = opcode;
    if (extended)
        memcpy(h + 80, extended, extended_size);
    return add(b, h, 80 + extended_size, time, payload, size);
}

size_t etlb_message(struct etlb *b, uint16_t number, const void *payload, size_t size)
{
    uint8_t h[8] = {0};
    put(h, sizeof h + size, 2);
    h[3] = 0x90;
    put(h + 4, number, 2);
    return add(b, h, sizeof h, b->flushed[b->count - 1], payload, size);
}

static void buffer_head(const struct etlb *b, size_t i, uint8_t *h, size_t disk_size, bool packed)
{
    bool marked = i == 0 || (i == b->count - 1 && !b->o.no_flush_marker);
    put(h, disk_size, 4);
    put(h + 4, b->used[i], 4);
    put(h + 8, 0x10048, 4);
    put(h + 0x10, (uint64_t)b->flushed[i], 8);
    put(h + 0x18, i * 3 % b->count, 8);
    put(h + 0x20, 0xFFFFF80012345678u, 8);
    if (b->o.old_flags)
        put(h + 0x28, b->processor[i] | 0x800, 2);
    else
        put(h + 0x28, b->processor[i], 2);
    put(h + 0x2A, 7, 2);
    put(h + 0x2C, 3, 4);
    put(h + 0x30, b->used[i], 4);
    put(h + 0x34, (marked ? 1u : 0u) | (b->o.old_flags ? 0u : 0x20u) | (packed ? 0x40u : 0u), 2);
    put(h + 0x36, i == 0 ? 4 : 0, 2);
    put(h + 0x38, 0xFFFFF80087654321u, 8);
}

static void append(struct etlb *b, const uint8_t *bytes, size_t n)
{
    if (b->size + n > b->room) {
        b->room = (b->size + n) * 2;
        b->file = must(realloc(b->file, b->room));
    }
    memcpy(b->file + b->size, bytes, n);
    b->size += n;
}

void etlb_finish(struct etlb *b)
{
    uint32_t written = b->o.buffers_written == UINT32_MAX ? (uint32_t)b->count : b->o.buffers_written;
    put(b->data[0] + HEAD + 32 + 0x24, written, 4);
    uint8_t *packed = must(malloc(b->o.buffer_size * 2 + 64));
    for (size_t i = 0; i < b->count; i++) {
        size_t disk_size = b->o.buffer_size;
        bool pack = b->o.compress && i > 0;
        b->pos[i] = b->size;
        if (pack) {
            disk_size = HEAD + etlb_xpress(b->data[i] + HEAD, b->used[i] - HEAD, packed);
        } else if (b->o.compress) {
            /* In compressed files buffer 0 is short. */
            disk_size = (b->used[0] + 0x1FF) & ~(size_t)0x1FF;
        }
        buffer_head(b, i, b->data[i], disk_size, pack);
        b->disk_size[i] = disk_size;
        append(b, b->data[i], pack ? HEAD : disk_size);
        if (pack)
            append(b, packed, disk_size - HEAD);
    }
    free(packed);
    b->finished = true;
}

void etlb_save(const struct etlb *b, const char *path, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (size > b->size)
        size = b->size;
    if (!f || fwrite(b->file, 1, size, f) != size || fclose(f) != 0)
        die("cannot write the file");
}

void etlb_free(struct etlb *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->data[i]);
    free(b->file);
    memset(b, 0, sizeof *b);
}

void etlb_put(struct etlb_payload *p, uint64_t value, size_t size)
{
    if (p->size + size > sizeof p->bytes)
        die("payload too long");
    put(p->bytes + p->size, value, size);
    p->size += size;
}

void etlb_put_utf16(struct etlb_payload *p, const char *ascii)
{
    for (size_t i = 0; i <= strlen(ascii); i++)
        etlb_put(p, (unsigned char)ascii[i], 2);
}

void etlb_put_ascii(struct etlb_payload *p, const char *s)
{
    for (size_t i = 0; i <= strlen(s); i++)
        etlb_put(p, (unsigned char)s[i], 1);
}
