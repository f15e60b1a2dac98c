/* Real-time sessions: their buffers on the way to the one program that reads them. */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

#define MODE_REAL_TIME 0x100u
#define FIRST_ID       0x100u

struct kernel_rt_buffer {
    struct kernel_rt_buffer *next;
    uint32_t bytes;
    uint8_t data[];
};

static void drop_queue(struct kernel_rt_queue *q)
{
    while (q->first) {
        struct kernel_rt_buffer *b = q->first;
        q->first = b->next;
        free(b);
    }
    q->last = NULL;
    q->count = 0;
}

static void pop(struct kernel_rt_queue *q)
{
    struct kernel_rt_buffer *b = q->first;
    q->first = b->next;
    if (!q->first)
        q->last = NULL;
    q->count--;
    free(b);
}

static struct kernel_consumer *reader_of(struct kernel *k, const struct kernel_session *s)
{
    for (uint32_t i = 0; i < KERNEL_CONSUMERS; i++) {
        if (k->consumers[i].id && k->consumers[i].session == s)
            return &k->consumers[i];
    }
    return NULL;
}

bool kernel_realtime_put(struct kernel *k, struct kernel_session *s, const struct kernel_buffer *b)
{
    struct kernel_consumer *c = reader_of(k, s);
    struct kernel_rt_queue *q = c ? &c->queue : &s->backlog;
    uint32_t limit = k->set.rt_backlog ? k->set.rt_backlog : s->max_buffers;
    if (q->count >= limit) {
        s->realtime_lost++;
        return false;
    }
    struct kernel_rt_buffer *copy = kernel_alloc(sizeof *copy + b->offset);
    copy->bytes = b->offset;
    memcpy(copy->data, b->data, b->offset);
    if (q->last)
        q->last->next = copy;
    else
        q->first = copy;
    q->last = copy;
    q->count++;
    return true;
}

void kernel_realtime_over(struct kernel *k, struct kernel_session *s)
{
    struct kernel_consumer *c = reader_of(k, s);
    if (c) /* it may still read what it has not */
        c->session = NULL;
    drop_queue(&s->backlog);
}

static struct kernel_consumer *by_id(struct kernel *k, uint64_t id)
{
    for (uint32_t i = 0; id && i < KERNEL_CONSUMERS; i++) {
        if (k->consumers[i].id == id)
            return &k->consumers[i];
    }
    return NULL;
}

static void forget(struct kernel_consumer *c)
{
    drop_queue(&c->queue);
    memset(c, 0, sizeof *c);
}

void kernel_realtime_died(struct kernel *k, uint32_t pid)
{
    for (uint32_t i = 0; i < KERNEL_CONSUMERS; i++) {
        if (k->consumers[i].id && k->consumers[i].pid == pid)
            forget(&k->consumers[i]);
    }
}

void kernel_realtime_free(struct kernel *k)
{
    for (uint32_t i = 0; i < KERNEL_CONSUMERS; i++)
        forget(&k->consumers[i]);
}

uint32_t kernel_open_trace(struct kernel *k, struct kernel_call *c)
{
    if (!c->name || c->name_bytes == 0)
        return KE_INVALID_PARAMETER;
    if (!c->elevated)
        return KE_ACCESS_DENIED;
    struct kernel_text name = kernel_text_copy(c->name, c->name_bytes);
    struct kernel_session *s = kernel_session_by_name(k, &name);
    kernel_text_free(&name);
    if (!s || !(s->mode & MODE_REAL_TIME))
        return KE_INSTANCE_NOT_FOUND;
    uint32_t i = 0;
    while (i < KERNEL_CONSUMERS && k->consumers[i].id)
        i++;
    if (i == KERNEL_CONSUMERS || reader_of(k, s))
        return KE_NO_SYSTEM_RESOURCES;
    struct kernel_consumer *reader = &k->consumers[i];
    reader->id = FIRST_ID + ++k->next_consumer;
    reader->pid = c->message->head.pid;
    reader->session = s;
    reader->queue = s->backlog;
    memset(&s->backlog, 0, sizeof s->backlog);
    c->handle = reader->id;
    c->out_bytes = kernel_file_log_header(k, s, c->out);
    kernel_put64(c->out + c->out_bytes, (uint64_t)s->start_time);
    c->out_bytes += 8;
    return KE_OK;
}

uint32_t kernel_process_trace(struct kernel *k, struct kernel_call *c)
{
    return by_id(k, c->message->handle) ? KE_OK : KE_INVALID_HANDLE;
}

uint32_t kernel_close_trace(struct kernel *k, struct kernel_call *c)
{
    struct kernel_consumer *reader = by_id(k, c->message->handle);
    if (!reader)
        return KE_INVALID_HANDLE;
    forget(reader);
    return KE_OK;
}

/* code: how much of the oldest buffer the reader has; all of it means that it wants the next one. */
uint32_t kernel_read_trace(struct kernel *k, struct kernel_call *c)
{
    struct kernel_consumer *reader = by_id(k, c->message->handle);
    if (!reader)
        return KE_INVALID_HANDLE;
    uint32_t at = c->message->code;
    struct kernel_rt_queue *q = &reader->queue;
    if (at && q->first && at >= q->first->bytes) {
        pop(q);
        at = 0;
    }
    struct ksim_read_trace head = {.over = !q->first && !reader->session};
    if (q->first) {
        uint32_t bytes = q->first->bytes - at;
        bytes = bytes > KSIM_READ_MAX ? KSIM_READ_MAX : bytes;
        head.total = q->first->bytes;
        memcpy(c->out + sizeof head, q->first->data + at, bytes);
        c->out_bytes = bytes;
    }
    if (reader->session)
        head.events_lost = reader->session->events_lost;
    memcpy(c->out, &head, sizeof head);
    c->out_bytes += (uint32_t)sizeof head;
    return KE_OK;
}
