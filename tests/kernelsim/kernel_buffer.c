/* Session buffers: one in use per processor, a limited pool, a queue to the writer; no free buffer means a lost event.
 */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

#define MODE_REAL_TIME 0x100u
#define RUNDOWN_RECORD 0x2100u /* the largest: an object's name */
#define PAD_BYTE       0x5A    /* what lies between records is garbage in real files too */

/* Per processor never goes back; the processors' clocks may stand apart. */
int64_t kernel_now(struct kernel *k, uint32_t cpu)
{
    int64_t now = k->host.clock(k->host.context, k->set.frequency);
    if (now <= k->last_time)
        now = k->last_time + 1;
    k->last_time = now;
    if (k->set.dialect->clocks_apart && (cpu & 1))
        now -= (int64_t)(k->set.frequency / 400000); /* 2.5 microseconds */
    if (now < k->cpu_time[cpu])
        now = k->cpu_time[cpu];
    k->cpu_time[cpu] = now;
    return now;
}

void kernel_buffer_clear(struct kernel_session *s, struct kernel_buffer *b)
{
    b->next = NULL;
    b->offset = KERNEL_BUFFER_HEAD;
    b->events = 0;
    b->notes.count = 0;
    b->sequence = ++s->sequence;
}

struct kernel_buffer *kernel_buffer_take(struct kernel_session *s)
{
    struct kernel_buffer *b = s->free_list;
    if (b) {
        s->free_list = b->next;
        s->free_count--;
    } else if (s->buffer_count < s->max_buffers) {
        b = kernel_alloc(sizeof *b);
        b->data = kernel_alloc(s->buffer_bytes);
        b->index = s->buffer_count++;
    } else {
        return NULL;
    }
    kernel_buffer_clear(s, b);
    return b;
}

static void give_back(struct kernel_session *s, struct kernel_buffer *b)
{
    b->next = s->free_list;
    s->free_list = b;
    s->free_count++;
}

void kernel_overwritten(struct kernel_session *s, struct kernel_notes *notes)
{
    for (uint32_t i = 0; i < notes->count; i++) {
        struct kernel_truth *row = &s->report->rows[notes->of[i] >> 2];
        row->logged[notes->of[i] & 3]--;
        row->overwritten[notes->of[i] & 3]++;
    }
    notes->count = 0;
}

static void lose_notes(struct kernel_session *s, struct kernel_buffer *b)
{
    for (uint32_t i = 0; i < b->notes.count; i++) {
        struct kernel_truth *row = &s->report->rows[b->notes.of[i] >> 2];
        row->logged[b->notes.of[i] & 3]--;
        row->lost[b->notes.of[i] & 3]++;
    }
    b->notes.count = 0;
}

/* Its events will never be in the file. */
static void drop_buffer(struct kernel_session *s, struct kernel_buffer *b)
{
    lose_notes(s, b);
    s->events_lost += b->events;
    s->log_buffers_lost++;
    give_back(s, b);
}

/* Fills in the header and what is not used, in data: the buffer's own or a copy of it. */
void kernel_buffer_seal(const struct kernel_session *s, const struct kernel_buffer *b, int64_t time, bool marker,
                        uint8_t *data)
{
    uint8_t *h = data;
    memset(h, 0, KERNEL_BUFFER_HEAD);
    kernel_put32(h, s->buffer_bytes);
    kernel_put32(h + 4, b->offset);
    kernel_put32(h + 8, b->offset + 0x40); /* a reservation pointer that ran on: readers must not use it */
    kernel_put64(h + 0x10, (uint64_t)time);
    kernel_put64(h + 0x18, b->sequence);
    kernel_put64(h + 0x20, 0xffffca868ac50000u + b->sequence * 0x20);
    kernel_put16(h + 0x28, (uint16_t)b->cpu);
    kernel_put16(h + 0x2a, s->id);
    kernel_put32(h + 0x2c, 3);
    kernel_put32(h + 0x30, b->offset);
    kernel_put16(h + 0x34, (uint16_t)(0x20 | (marker ? 1 : 0)));
    kernel_put64(h + 0x38, 0xffffca868ac51000u);
    memset(h + b->offset, 0xFF, s->buffer_bytes - b->offset);
}

/* False: the file has reached its limit. Buffer 0 of a circular file is never overwritten. */
static bool find_place(const struct kernel_session *s, struct kernel_file *f, struct kernel_buffer *b)
{
    if (f->circle) {
        b->place = (uint64_t)s->buffer_bytes * (1 + (f->buffers - 1) % f->circle);
        if (b->place == f->next_offset)
            f->next_offset += s->buffer_bytes;
        return true;
    }
    if (s->max_file && f->next_offset + s->buffer_bytes > kernel_file_limit(s))
        return false;
    b->place = f->next_offset;
    f->next_offset += s->buffer_bytes;
    return true;
}

static void queue_buffer(struct kernel *k, struct kernel_session *s, struct kernel_buffer *b, bool marker)
{
    struct kernel_file *f = s->file;
    k->last_time = k->last_time + 1; /* flush times rise strictly, and lie after the buffer's events */
    kernel_buffer_seal(s, b, k->last_time, marker, b->data);
    bool told = (s->mode & MODE_REAL_TIME) && kernel_realtime_put(k, s, b);
    if (!f && told) {
        s->buffers_written++;
        give_back(s, b);
        return;
    }
    if (!f && (s->mode & MODE_REAL_TIME)) {
        lose_notes(s, b);
        give_back(s, b);
        return;
    }
    if (!f || s->failed || !find_place(s, f, b)) {
        drop_buffer(s, b);
        return;
    }
    b->file = f;
    f->buffers++;
    f->outstanding++;
    b->next = NULL;
    if (!s->queue)
        s->queue_end = &s->queue;
    *s->queue_end = b;
    s->queue_end = &b->next;
    s->queued++;
    k->host.writer_wake(k->host.context);
}

static uint32_t header_bytes(enum kernel_header type)
{
    if (type == KERNEL_SYSTEM)
        return 32;
    return type == KERNEL_COMPACT ? 24 : 16;
}

static void write_record(struct kernel_buffer *b, const struct kernel_event *e, int64_t time,
                         const struct kernel_payload *p)
{
    uint32_t head = header_bytes(e->header);
    uint32_t size = head + p->bytes;
    uint8_t *r = b->data + b->offset;
    kernel_put16(r, e->version);
    r[2] = (uint8_t)e->header;
    r[3] = 0xC0;
    kernel_put16(r + 4, (uint16_t)size);
    r[6] = (uint8_t)e->hook;
    r[7] = (uint8_t)(e->hook >> 8);
    if (e->header == KERNEL_PERFINFO) {
        kernel_put64(r + 8, (uint64_t)time);
    } else {
        kernel_put32(r + 8, e->tid);
        kernel_put32(r + 12, e->pid);
        kernel_put64(r + 16, (uint64_t)time);
    }
    if (e->header == KERNEL_SYSTEM) {
        kernel_put32(r + 24, 3); /* kernel and user time, in clock ticks */
        kernel_put32(r + 28, 1);
    }
    memcpy(r + head, p->data, p->bytes);
    uint32_t whole = (size + 7u) & ~7u;
    memset(r + size, PAD_BYTE, whole - size);
    b->offset += whole;
    b->events++;
}

/* A rundown waits for the writer rather than losing events, unless the writer is held back on purpose. */
static bool wait_for_room(struct kernel *k, struct kernel_session *s)
{
    bool held = k->set.stall_writer && !s->draining;
    if (held || k->set.disk_rate || s->failed || (!s->queue && !s->writing))
        return false;
    k->host.wait_writer(k->host.context);
    return true;
}

static struct kernel_buffer *buffer_for(struct kernel *k, struct kernel_session *s, uint32_t cpu, uint32_t bytes,
                                        bool patient)
{
    if (bytes > s->buffer_bytes - KERNEL_BUFFER_HEAD)
        return NULL;
    for (;;) {
        struct kernel_buffer *b = s->current[cpu];
        if (b && b->offset + bytes <= s->buffer_bytes)
            return b;
        if (s->ring)
            return kernel_ring_take(k, s, cpu);
        if (b) {
            s->current[cpu] = NULL;
            queue_buffer(k, s, b, false);
        }
        b = kernel_buffer_take(s);
        if (b) {
            b->cpu = cpu;
            s->current[cpu] = b;
            return b;
        }
        if (!patient || !wait_for_room(k, s))
            return NULL;
    }
}

void kernel_make_room(struct kernel *k, struct kernel_session *s, uint32_t cpu)
{
    const struct kernel_buffer *b = s->current[s->mode & 0x10000000u ? 0 : cpu];
    if (s->ring || (b && b->offset + RUNDOWN_RECORD <= s->buffer_bytes))
        return;
    while (!s->free_list && s->buffer_count >= s->max_buffers && wait_for_room(k, s))
        continue;
}

/* note: truth row << 2 | kernel_count, so that the event can be counted as lost later on, or KERNEL_NO_NOTE. */
bool kernel_log(struct kernel *k, struct kernel_session *s, const struct kernel_event *e, int64_t time,
                const struct kernel_payload *p, uint32_t note, bool patient)
{
    uint32_t bytes = (header_bytes(e->header) + p->bytes + 7u) & ~7u;
    uint32_t cpu = s->mode & 0x10000000u ? 0 : e->cpu;
    struct kernel_buffer *b = bytes <= 0xFFF8u ? buffer_for(k, s, cpu, bytes, patient) : NULL;
    if (!b) {
        s->events_lost++;
        return false;
    }
    /* While a rundown waited for a buffer others may have logged: its own time would then go back. */
    if (patient)
        time = kernel_now(k, e->cpu);
    write_record(b, e, time, p);
    s->report->bytes += bytes;
    if (note != KERNEL_NO_NOTE) {
        struct kernel_notes *n = &b->notes;
        n->of = kernel_grow(n->of, &n->room, n->count + 1, sizeof *n->of);
        n->of[n->count++] = note;
    }
    return true;
}

static void queue_current(struct kernel *k, struct kernel_session *s, bool marker)
{
    uint32_t last = KERNEL_CPUS_MAX;
    for (uint32_t i = 0; i < KERNEL_CPUS_MAX; i++) {
        if (s->current[i] && s->current[i]->events)
            last = i;
    }
    for (uint32_t i = 0; i < KERNEL_CPUS_MAX; i++) {
        struct kernel_buffer *b = s->current[i];
        if (!b || !b->events)
            continue;
        s->current[i] = NULL;
        queue_buffer(k, s, b, marker && i == last);
    }
}

/*
 * The new file takes over at once, between two events; then the old one's buffers are waited for.
 */
void kernel_rotate(struct kernel *k, struct kernel_session *s, struct kernel_file *next)
{
    struct kernel_file *old = s->file;
    s->busy = true;
    queue_current(k, s, true);
    s->file = next;
    s->draining = true;
    k->host.writer_wake(k->host.context);
    while (old->outstanding > 0)
        k->host.wait_writer(k->host.context);
    s->draining = false;
    s->busy = false;
    kernel_file_finish(k, s, old);
}

void kernel_flush(struct kernel *k, struct kernel_session *s, bool marker)
{
    bool was_busy = s->busy;
    s->busy = true; /* so that a failed write leaves the session's end to us */
    struct kernel_file *file = s->file;
    queue_current(k, s, marker);
    s->draining = true;
    k->host.writer_wake(k->host.context);
    while (file && file->outstanding > 0)
        k->host.wait_writer(k->host.context);
    s->draining = false;
    s->busy = was_busy;
}

void kernel_buffer_free(struct kernel_buffer *b)
{
    free(b->notes.of);
    free(b->data);
    free(b);
}

void kernel_session_free_buffers(struct kernel_session *s)
{
    if (s->ring)
        kernel_ring_free(s);
    for (uint32_t i = 0; i < KERNEL_CPUS_MAX; i++) {
        if (s->current[i])
            drop_buffer(s, s->current[i]);
        s->current[i] = NULL;
    }
    while (s->queue) {
        struct kernel_buffer *b = s->queue;
        s->queue = b->next;
        b->file->outstanding--;
        drop_buffer(s, b);
    }
    s->queued = 0;
    while (s->free_list) {
        struct kernel_buffer *b = s->free_list;
        s->free_list = b->next;
        kernel_buffer_free(b);
    }
    s->free_count = s->buffer_count = 0;
}

/* What a circular file holds is not overwritten until its place is. */
static void keep_notes(struct kernel_session *s, struct kernel_buffer *b)
{
    struct kernel_notes *place = &b->file->places[b->place / s->buffer_bytes - 1];
    kernel_overwritten(s, place);
    struct kernel_notes empty = *place;
    *place = b->notes;
    b->notes = empty;
}

/* One buffer of one session; the host lets go of the lock while it writes. */
static void write_one(struct kernel *k, struct kernel_session *s)
{
    struct kernel_buffer *b = s->queue;
    s->queue = b->next;
    s->queued--;
    s->writing = true;
    uint32_t error = KE_DISK_FULL;
    if (!k->set.disk_full && !s->failed)
        error = k->host.write(k->host.context, b->file->handle, b->place, b->data, s->buffer_bytes);
    if (!error && k->set.disk_rate)
        k->host.sleep(k->host.context, (uint32_t)((uint64_t)s->buffer_bytes * 1000 / k->set.disk_rate));
    s->writing = false;
    b->file->outstanding--;
    if (error) {
        s->failed = true;
        drop_buffer(s, b);
        while (s->queue) {
            struct kernel_buffer *waiting = s->queue;
            s->queue = waiting->next;
            s->queued--;
            waiting->file->outstanding--;
            drop_buffer(s, waiting);
        }
        /* A write error ends a session that runs; one that is being stopped ends in any case. */
        kernel_session_check(k, s);
        return;
    }
    s->buffers_written++;
    if (b->file->circle)
        keep_notes(s, b);
    give_back(s, b);
}

bool kernel_writer_step(struct kernel *k)
{
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        struct kernel_session *s = &k->sessions[i];
        if (!s->queue || s->writing || (k->set.stall_writer && !s->draining))
            continue;
        write_one(k, s);
        return true;
    }
    return false;
}

void kernel_tick(struct kernel *k)
{
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        struct kernel_session *s = &k->sessions[i];
        if (s->state != KERNEL_RUNNING || s->busy || s->ring || s->flush_timer == 0 || ++s->seconds < s->flush_timer)
            continue;
        s->seconds = 0;
        queue_current(k, s, false);
    }
}
