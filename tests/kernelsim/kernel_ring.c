/* Rings: full buffers stay in memory until others need their room; a FLUSH makes a file of what there is. */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

#define EMPTIES_MAX 8u /* never used buffers that a file shows, in the dialects whose files show them */

/* As many buffers as a processor may have. */
static uint32_t share(const struct kernel *k, const struct kernel_session *s)
{
    if (k->set.dialect->ring_global || (s->mode & 0x10000000u))
        return s->max_buffers;
    uint32_t each = s->max_buffers / k->set.processors;
    return each ? each : 1;
}

static void retire(struct kernel *k, struct kernel_session *s, uint32_t cpu)
{
    struct kernel_buffer *b = s->current[cpu];
    struct kernel_ring *r = &s->rings[cpu];
    s->current[cpu] = NULL;
    b->sealed = ++k->last_time;
    b->next = NULL;
    if (r->newest)
        r->newest->next = b;
    else
        r->oldest = b;
    r->newest = b;
}

static struct kernel_buffer *pop(struct kernel_ring *r)
{
    struct kernel_buffer *b = r->oldest;
    r->oldest = b->next;
    if (!r->oldest)
        r->newest = NULL;
    r->owned--;
    return b;
}

/* Whose oldest buffer goes: the processor's own, or the oldest of all. There is one: not all can be in use. */
static struct kernel_ring *oldest_ring(struct kernel_session *s, uint32_t cpu, bool global)
{
    struct kernel_ring *found = &s->rings[cpu];
    for (uint32_t i = 0; global && i < KERNEL_CPUS_MAX; i++) {
        struct kernel_ring *r = &s->rings[i];
        if (r->oldest && (!found->oldest || r->oldest->sealed < found->oldest->sealed))
            found = r;
    }
    return found;
}

struct kernel_buffer *kernel_ring_take(struct kernel *k, struct kernel_session *s, uint32_t cpu)
{
    if (s->current[cpu])
        retire(k, s, cpu);
    struct kernel_ring *own = &s->rings[cpu];
    struct kernel_buffer *b = own->owned < share(k, s) ? kernel_buffer_take(s) : NULL;
    if (!b) {
        b = pop(oldest_ring(s, cpu, k->set.dialect->ring_global || !own->oldest));
        kernel_overwritten(s, &b->notes);
        kernel_buffer_clear(s, b);
    }
    own->owned++;
    b->cpu = cpu;
    s->current[cpu] = b;
    return b;
}

/* A buffer as it goes into a file. */
struct copy {
    uint8_t *data;
    int64_t sealed;
    uint32_t cpu, index;
    uint32_t taken; /* position among all: decides where the rest is equal */
};

struct copies {
    struct copy *of;
    uint32_t count, room;
};

static void add_copy(struct kernel *k, const struct kernel_session *s, struct copies *all,
                     const struct kernel_buffer *b, bool full)
{
    all->of = kernel_grow(all->of, &all->room, all->count + 1, sizeof *all->of);
    struct copy *c = &all->of[all->count];
    *c = (struct copy){.cpu = b->cpu, .index = b->index, .taken = all->count};
    c->data = kernel_alloc(s->buffer_bytes);
    c->sealed = full ? b->sealed : ++k->last_time;
    if (b->data)
        memcpy(c->data, b->data, b->offset);
    kernel_buffer_seal(s, b, c->sealed, false, c->data);
    all->count++;
}

static void add_empties(struct kernel *k, struct kernel_session *s, struct copies *all)
{
    for (uint32_t i = 0; i < EMPTIES_MAX && all->count < s->max_buffers; i++) {
        const struct kernel_buffer none = {.offset = KERNEL_BUFFER_HEAD, .index = s->buffer_count + i};
        add_copy(k, s, all, &none, false);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct copy *x = a;
    const struct copy *y = b;
    if (x->sealed != y->sealed)
        return x->sealed < y->sealed ? -1 : 1;
    return x->taken < y->taken ? -1 : 1;
}

static int by_index(const void *a, const void *b)
{
    const struct copy *x = a;
    const struct copy *y = b;
    return x->index < y->index ? -1 : 1;
}

/* They are collected processor by processor already. */
static void order(struct kernel *k, struct copies *all)
{
    if (all->count == 0)
        return;
    if (k->set.dialect->order == KERNEL_ORDER_TIME)
        qsort(all->of, all->count, sizeof *all->of, by_time);
    if (k->set.dialect->order == KERNEL_ORDER_MEMORY)
        qsort(all->of, all->count, sizeof *all->of, by_index);
    for (uint32_t i = 0; k->set.dialect->ring_flush_times && i < all->count; i++)
        kernel_put64(all->of[i].data + 0x10, (uint64_t)++k->last_time);
    if (k->set.dialect->flush_marker)
        all->of[all->count - 1].data[0x34] |= 1;
}

static void empty_ring(struct kernel_session *s, struct kernel_ring *r)
{
    while (r->oldest) {
        struct kernel_buffer *b = pop(r);
        b->next = s->free_list;
        s->free_list = b;
        s->free_count++;
    }
}

/* All at one moment: events that come while the file is written are not in it. */
static void collect(struct kernel *k, struct kernel_session *s, struct copies *all)
{
    const struct kernel_dialect *d = k->set.dialect;
    for (uint32_t i = 0; i < KERNEL_CPUS_MAX; i++) {
        if (s->current[i] && s->current[i]->events && (d->ring_drains || d->ring_switches))
            retire(k, s, i);
        for (const struct kernel_buffer *b = s->rings[i].oldest; b; b = b->next)
            add_copy(k, s, all, b, true);
        if (s->current[i] && s->current[i]->events)
            add_copy(k, s, all, s->current[i], false);
        if (d->ring_drains)
            empty_ring(s, &s->rings[i]);
    }
    if (d->ring_empties)
        add_empties(k, s, all);
    order(k, all);
}

static uint32_t write_copies(struct kernel *k, const struct kernel_session *s, struct kernel_file *f,
                             const struct copies *all)
{
    for (uint32_t i = 0; i < all->count; i++) {
        uint32_t error = k->set.disk_full ? KE_DISK_FULL
                                          : k->host.write(k->host.context, f->handle, f->next_offset, all->of[i].data,
                                                          s->buffer_bytes);
        if (error)
            return error;
        f->next_offset += s->buffer_bytes;
        f->buffers++;
        if (k->set.disk_rate)
            k->host.sleep(k->host.context, (uint32_t)((uint64_t)s->buffer_bytes * 1000 / k->set.disk_rate));
    }
    return KE_OK;
}

/* The session goes on whatever becomes of the file. */
uint32_t kernel_ring_flush(struct kernel *k, struct kernel_session *s, const struct kernel_text *path)
{
    struct kernel_file *f = NULL;
    struct copies all = {0};
    enum kernel_open how = k->set.dialect->ring_keeps_files ? KERNEL_OPEN_NEW : KERNEL_OPEN_REPLACE;
    s->busy = true;
    uint32_t error = kernel_file_open(k, s, path, how, &f);
    if (!error) {
        collect(k, s, &all);
        error = write_copies(k, s, f, &all);
        if (error || !k->set.dialect->ring_figures)
            kernel_file_drop(k, f);
        else
            kernel_file_finish(k, s, f);
    }
    for (uint32_t i = 0; i < all.count; i++)
        free(all.of[i].data);
    free(all.of);
    s->busy = false;
    return error;
}

/* What is in memory at a session's end is overwritten as it were. */
void kernel_ring_free(struct kernel_session *s)
{
    for (uint32_t i = 0; i < KERNEL_CPUS_MAX; i++) {
        struct kernel_ring *r = &s->rings[i];
        struct kernel_buffer *b = s->current[i];
        if (b) {
            kernel_overwritten(s, &b->notes);
            kernel_buffer_free(b);
        }
        s->current[i] = NULL;
        while (r->oldest) {
            b = pop(r);
            kernel_overwritten(s, &b->notes);
            kernel_buffer_free(b);
        }
    }
}
