/* A session's .etl file: opening, buffer 0 with the log file header, and the figures that are filled in at the end. */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

#define MODE_CIRCULAR      0x2u
#define MODE_PREALLOCATE   0x20u
#define HEADER_BYTES       0x118u
#define AT_END_TIME        0x10u
#define AT_BUFFERS_WRITTEN 0x24u
#define AT_EVENTS_LOST     0x30u
#define AT_BUFFERS_LOST    0x114u

static bool letter(uint16_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Only full paths: the server does not know the caller's current directory. */
bool kernel_path_ok(const struct kernel_text *path)
{
    const uint16_t *d = path->data;
    if (path->length >= 4 && letter(d[0]) && d[1] == ':' && d[2] == '\\')
        return true;
    return path->length >= 4 && d[0] == '\\' && d[1] == '\\';
}

uint64_t kernel_file_limit(const struct kernel_session *s)
{
    return (uint64_t)s->max_file * (s->mode & 0x2000 ? 1024u : 1024u * 1024u);
}

static void put_time_zone(uint8_t *at)
{
    static const char standard[] = "@tzres.dll,-322";
    static const char daylight[] = "@tzres.dll,-321";
    memset(at, 0, 172);
    kernel_put32(at, (uint32_t)-60);
    for (uint32_t i = 0; standard[i]; i++)
        kernel_put16(at + 4 + (size_t)2 * i, (uint8_t)standard[i]);
    for (uint32_t i = 0; daylight[i]; i++)
        kernel_put16(at + 88 + (size_t)2 * i, (uint8_t)daylight[i]);
    kernel_put16(at + 70, 10); /* last Sunday of October, 3 o'clock */
    kernel_put16(at + 74, 5);
    kernel_put16(at + 76, 3);
    kernel_put16(at + 154, 3);
    kernel_put16(at + 158, 5);
    kernel_put16(at + 160, 2);
    kernel_put32(at + 168, (uint32_t)-60);
}

static void record_head(const struct kernel_session *s, uint8_t *at, uint16_t hook, uint32_t bytes, int64_t time)
{
    kernel_put16(at, 2);
    at[2] = KERNEL_SYSTEM;
    at[3] = 0xC0;
    kernel_put16(at + 4, (uint16_t)bytes);
    at[6] = (uint8_t)hook;
    at[7] = (uint8_t)(hook >> 8);
    kernel_put32(at + 8, s->starter_tid);
    kernel_put32(at + 12, s->starter_pid);
    kernel_put64(at + 16, (uint64_t)time);
    kernel_put32(at + 24, 0);
    kernel_put32(at + 28, 6);
}

static uint32_t put_text(uint8_t *at, const struct kernel_text *t)
{
    for (uint32_t i = 0; i < t->length; i++)
        kernel_put16(at + (size_t)2 * i, t->data[i]);
    kernel_put16(at + (size_t)2 * t->length, 0);
    return 2 * (t->length + 1);
}

static void put_log_header(const struct kernel *k, const struct kernel_session *s, uint64_t filetime, uint8_t *h)
{
    memset(h, 0, HEADER_BYTES);
    kernel_put32(h, s->buffer_bytes);
    kernel_put32(h + 4, 0x0501000Au); /* 10.0, layout 1.5 */
    kernel_put32(h + 8, 19041);
    kernel_put32(h + 12, s->mode & 0x10000000u ? 1 : k->set.processors);
    kernel_put32(h + 0x18, 156250);
    kernel_put32(h + 0x1c, s->max_file);
    kernel_put32(h + 0x20, s->mode & ~(0x100u | 0x400000u | 0x800000u));
    kernel_put32(h + 0x28, 1);
    kernel_put32(h + 0x2c, 8);
    kernel_put32(h + 0x34, 2400);
    kernel_put64(h + 0x38, 5); /* stale pointers */
    kernel_put64(h + 0x40, 7);
    put_time_zone(h + 0x48);
    kernel_put64(h + 0xf8, k->boot_time);
    kernel_put64(h + 0x100, k->set.frequency);
    kernel_put64(h + 0x108, filetime);
    kernel_put32(h + 0x110, 1);
}

/* As a program that reads in real time is told it. */
uint32_t kernel_file_log_header(struct kernel *k, const struct kernel_session *s, uint8_t *out)
{
    put_log_header(k, s, s->start_filetime, out);
    return HEADER_BYTES;
}

/* Buffer 0; returns its used bytes. */
static uint32_t put_first_buffer(struct kernel *k, const struct kernel_session *s, const struct kernel_text *path,
                                 uint8_t *b)
{
    int64_t now = kernel_now(k, 0);
    uint64_t filetime = k->host.filetime(k->host.context);
    if (s->ring && !k->set.dialect->ring_header_late) {
        now = s->start_time;
        filetime = s->start_filetime;
    }
    memset(b, 0, KERNEL_BUFFER_HEAD);
    uint32_t at = KERNEL_BUFFER_HEAD;
    uint32_t body = at + 32 + HEADER_BYTES;
    put_log_header(k, s, filetime, b + at + 32);
    body += put_text(b + body, &s->name);
    body += put_text(b + body, path);
    record_head(s, b + at, 0, body - at, now);
    at = (body + 7u) & ~7u;
    if (s->system && !(s->ring && k->set.dialect->ring_no_masks)) {
        record_head(s, b + at, 0x0005, 32 + 36, now);
        for (uint32_t i = 0; i < 8; i++)
            kernel_put32(b + at + 32 + (size_t)4 * i, s->masks[i]);
        kernel_put32(b + at + 64, KERNEL_VERSION);
        at = (at + 68 + 7u) & ~7u;
    }
    record_head(s, b + at, 0x0050, 32 + 48, now);
    memset(b + at + 32, 0, 48);
    at += 80;
    kernel_put32(b, s->buffer_bytes);
    kernel_put32(b + 4, at);
    kernel_put32(b + 8, at);
    kernel_put16(b + 0x2a, s->id);
    kernel_put32(b + 0x2c, 3);
    kernel_put32(b + 0x30, at);
    kernel_put16(b + 0x34, 0x21);
    kernel_put16(b + 0x36, 4);
    memset(b + at, 0xFF, s->buffer_bytes - at);
    return at;
}

/* A file that was there keeps its buffer 0; what differs from it may not be appended. */
static uint32_t append_to(struct kernel *k, const struct kernel_session *s, struct kernel_file *f, uint64_t size)
{
    if (size % s->buffer_bytes)
        return KE_INVALID_PARAMETER;
    uint32_t error = k->host.read(k->host.context, f->handle, 0, f->first, s->buffer_bytes);
    if (error)
        return error;
    const uint8_t *h = f->first + f->header_at;
    uint32_t processors = s->mode & 0x10000000u ? 1 : k->set.processors;
    if (kernel_get32(h) != s->buffer_bytes || kernel_get32(h + 12) != processors || kernel_get32(h + 0x110) != 1)
        return KE_INVALID_PARAMETER;
    f->next_offset = size;
    f->buffers = (uint32_t)(size / s->buffer_bytes);
    return KE_OK;
}

static uint32_t begin_file(struct kernel *k, const struct kernel_session *s, const struct kernel_text *path,
                           struct kernel_file *f)
{
    put_first_buffer(k, s, path, f->first);
    uint32_t error = k->host.write(k->host.context, f->handle, 0, f->first, s->buffer_bytes);
    if (!error && (s->mode & MODE_PREALLOCATE)) {
        f->preallocated = true;
        error = k->host.resize(k->host.context, f->handle, kernel_file_limit(s));
    }
    f->buffers = 1;
    f->next_offset = s->buffer_bytes;
    return error;
}

uint32_t kernel_file_open(struct kernel *k, struct kernel_session *s, const struct kernel_text *path,
                          enum kernel_open how, struct kernel_file **file)
{
    /* The smallest buffer is 4 KiB: the names must leave room for the other records of buffer 0. */
    if (!kernel_path_ok(path) || (s->name.length + path->length) * 2 > 0xC00)
        return KE_BAD_PATHNAME;
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        const struct kernel_session *other = &k->sessions[i];
        if (other->state != KERNEL_FREE && other->file && kernel_text_same(&other->path, path))
            return KE_BAD_PATHNAME;
    }
    void *handle = NULL;
    uint32_t error = k->set.disk_full ? KE_DISK_FULL : k->host.open(k->host.context, path->data, how, &handle);
    if (error)
        return error;
    struct kernel_file *f = kernel_alloc(sizeof *f);
    f->handle = handle;
    f->first = kernel_alloc(s->buffer_bytes);
    f->header_at = KERNEL_BUFFER_HEAD + 32;
    uint64_t size = 0;
    if (how == KERNEL_OPEN_APPEND)
        error = k->host.size(k->host.context, handle, &size);
    if (!error)
        error = size ? append_to(k, s, f, size) : begin_file(k, s, path, f);
    if (error) {
        kernel_file_drop(k, f);
        return error;
    }
    if (s->mode & MODE_CIRCULAR) {
        f->circle = (uint32_t)(kernel_file_limit(s) / s->buffer_bytes) - 1;
        f->places = kernel_alloc(f->circle * sizeof *f->places);
    }
    *file = f;
    return KE_OK;
}

void kernel_file_finish(struct kernel *k, struct kernel_session *s, struct kernel_file *file)
{
    uint8_t *h = file->first + file->header_at;
    kernel_put64(h + AT_END_TIME, k->host.filetime(k->host.context));
    kernel_put32(h + AT_BUFFERS_WRITTEN, file->buffers);
    kernel_put32(h + AT_EVENTS_LOST, s->events_lost);
    kernel_put32(h + AT_BUFFERS_LOST, s->log_buffers_lost);
    uint32_t used = kernel_get32(file->first + 0x30);
    if (file->preallocated) /* what was not needed is given back */
        k->host.resize(k->host.context, file->handle, file->next_offset);
    /* Nobody is left to tell when this fails: the file then looks like one that was never closed. */
    if (!k->set.disk_full)
        k->host.write(k->host.context, file->handle, 0, file->first, used);
    kernel_file_drop(k, file);
}

void kernel_file_drop(struct kernel *k, struct kernel_file *file)
{
    k->host.close(k->host.context, file->handle);
    for (uint32_t i = 0; file->places && i < file->circle; i++)
        free(file->places[i].of);
    free(file->places);
    free(file->first);
    free(file);
}
