/* Handle tables and the events of handles: created, duplicated, closed, swept when their process dies. */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

#define NT(offset) (0xfffff802424ab000u + (offset))

static const uint64_t frames_create[] = {NT(0x61d0a4), NT(0x5f0c11), NT(0x5f33be), NT(0x1d5b15)};
static const uint64_t frames_close[] = {NT(0x60f3c9), NT(0x60e4d7), NT(0x60e0b0), NT(0x1d5b15)};
static const uint64_t frames_duplicate[] = {NT(0x61d2f0), NT(0x6120a8), NT(0x611e6c), NT(0x1d5b15)};
static const uint64_t frames_inherit[] = {NT(0x61d2f0), NT(0x6a0f71), NT(0x69e412), NT(0x68b7ce), NT(0x1d5b15)};
static const uint64_t frames_sweep[] = {NT(0x60f3c9), NT(0x6b1e82), NT(0x6b1c37), NT(0x5e20a9), NT(0x5e1c0f)};
#define FRAMES(f) .kernel_frames = (f), .kernel_count = sizeof(f) / sizeof *(f)

static struct kernel_object **slot(struct kernel_process *p, uint32_t handle)
{
    uint32_t i = (handle & 0x7FFFFFFFu) / 4;
    if (i >= 0x1000000u) /* as many as the system allows in one process */
        return NULL;
    if (i >= p->handle_room)
        p->handles = kernel_grow(p->handles, &p->handle_room, i + 1, sizeof(struct kernel_object *));
    return &p->handles[i];
}

static void closing_add(struct kernel_process *p, uint32_t handle, uint32_t tid, struct kernel_object *object)
{
    p->closing = kernel_grow(p->closing, &p->closing_room, p->closing_count + 1, sizeof *p->closing);
    p->closing[p->closing_count++] = (struct kernel_closing){.handle = handle, .tid = tid, .object = object};
}

/* tid 0 asks for a handle whose value was given out again before anything was heard of its close. */
static struct kernel_object *closing_take(struct kernel_process *p, uint32_t handle, uint32_t tid)
{
    for (uint32_t i = 0; i < p->closing_count; i++) {
        struct kernel_closing c = p->closing[i];
        if (c.handle != handle || c.tid != tid)
            continue;
        memmove(p->closing + i, p->closing + i + 1, (p->closing_count - i - 1) * sizeof *p->closing);
        p->closing_count--;
        return c.object;
    }
    return NULL;
}

/* The object's reference passes to the table. */
void kernel_handle_enter(struct kernel *k, struct kernel_process *p, uint32_t handle, struct kernel_object *object)
{
    struct kernel_object **at = slot(p, handle);
    if (!at) {
        kernel_object_release(k, object);
        return;
    }
    if (*at) {
        k->unheard_closes++;
        closing_add(p, handle, 0, *at);
    }
    *at = object;
}

static uint32_t header_pid(const struct kernel *k, uint32_t owner, uint32_t actor)
{
    return k->set.dialect->close_source_actor ? actor : owner;
}

struct handle_fact { /* what an event needs once the table has moved on */
    uint64_t serial, address;
    uint32_t owner, handle;
    uint16_t type;
};

static struct handle_fact fact_of(const struct kernel_process *p, uint32_t handle, const struct kernel_object *o)
{
    return (struct handle_fact){
        .serial = p->serial, .address = o->address, .owner = p->pid, .handle = handle, .type = o->type};
}

static void payload_handle(struct kernel *k, struct kernel_payload *p, const struct handle_fact *f)
{
    payload_u64(p, f->address);
    payload_u32(p, f->handle);
    payload_u16(p, k->types[f->type].index);
}

static void emit_create(struct kernel *k, const struct handle_fact *f, const struct ksim_head *head,
                        const uint64_t *frames, uint32_t count)
{
    struct kernel_payload p;
    p.bytes = 0;
    payload_handle(k, &p, f);
    payload_u16(&p, 0);
    const struct kernel_event e = {.hook = 0x1120,
                                   .version = 2,
                                   .header = k->set.dialect->handle_header,
                                   .pid = header_pid(k, f->owner, head->pid),
                                   .tid = head->tid,
                                   .actor_pid = head->pid,
                                   .cpu = kernel_cpu(k, head),
                                   FRAMES(frames_create),
                                   .user_frames = frames,
                                   .user_count = count};
    kernel_emit_handle(k, &e, &p, f->serial, f->owner, f->type, KERNEL_CREATE, false);
}

/* Gives the object's reference back as well. */
static void emit_close(struct kernel *k, const struct handle_fact *f, struct kernel_object *o,
                       const struct ksim_head *head, const uint64_t *frames, uint32_t count, bool sweep)
{
    struct kernel_payload p;
    p.bytes = 0;
    payload_handle(k, &p, f);
    payload_text(&p, &o->name, 0x2000);
    kernel_object_release(k, o);
    struct kernel_event e = {.hook = 0x1121,
                             .version = 2,
                             .header = k->set.dialect->handle_header,
                             .pid = header_pid(k, f->owner, head->pid),
                             .tid = head->tid,
                             .actor_pid = head->pid,
                             .cpu = kernel_cpu(k, head),
                             FRAMES(frames_close),
                             .user_frames = frames,
                             .user_count = count};
    if (sweep) {
        e.kernel_frames = frames_sweep;
        e.kernel_count = sizeof frames_sweep / sizeof *frames_sweep;
    }
    kernel_emit_handle(k, &e, &p, f->serial, f->owner, f->type, KERNEL_CLOSE, sweep);
}

struct duplicate {
    uint32_t source_pid, source_handle;
    bool inherited;
};

static void emit_duplicate(struct kernel *k, const struct handle_fact *f, const struct duplicate *d,
                           const struct ksim_head *head, const uint64_t *frames, uint32_t count)
{
    struct kernel_payload p;
    p.bytes = 0;
    payload_u64(&p, f->address);
    payload_u32(&p, d->source_handle);
    payload_u32(&p, f->handle);
    payload_u32(&p, f->owner);
    payload_u16(&p, k->types[f->type].index);
    payload_u32(&p, d->source_pid);
    struct kernel_event e = {.hook = 0x1122,
                             .version = 3,
                             .header = k->set.dialect->handle_header,
                             .pid = head->pid,
                             .tid = head->tid,
                             .actor_pid = head->pid,
                             .cpu = kernel_cpu(k, head),
                             FRAMES(frames_duplicate),
                             .user_frames = frames,
                             .user_count = count};
    if (d->inherited) {
        e.kernel_frames = frames_inherit;
        e.kernel_count = sizeof frames_inherit / sizeof *frames_inherit;
    }
    kernel_emit_handle(k, &e, &p, f->serial, f->owner, f->type, KERNEL_DUPLICATE, false);
}

/* Everything that is still open closes; no user frames, as the process's user part is gone. */
void kernel_handle_sweep(struct kernel *k, struct kernel_process *p, uint32_t tid, uint32_t cpu)
{
    const struct ksim_head head = {.pid = p->pid, .tid = tid, .processor = cpu};
    while (p->closing_count) {
        struct kernel_closing c = p->closing[--p->closing_count];
        struct handle_fact f = fact_of(p, c.handle, c.object);
        if (c.tid) /* its thread died between closing and saying so */
            emit_close(k, &f, c.object, &head, NULL, 0, false);
        else
            kernel_object_release(k, c.object);
    }
    for (uint32_t i = 0; i < p->handle_room; i++) {
        struct kernel_object *o = p->handles[i];
        if (!o)
            continue;
        p->handles[i] = NULL;
        struct handle_fact f = fact_of(p, i * 4, o);
        emit_close(k, &f, o, &head, NULL, 0, true);
    }
}

static struct kernel_object *entry_object(struct kernel *k, const uint8_t *message, size_t bytes,
                                          const struct ksim_handle_entry *entry, bool *ok)
{
    const uint8_t *type = kernel_span(message, bytes, entry->type, 1, ok);
    const uint8_t *name = kernel_span(message, bytes, entry->name, 1, ok);
    if (!*ok || entry->type.bytes < 2) {
        *ok = false;
        return NULL;
    }
    struct kernel_text t = kernel_text_copy(type, entry->type.bytes);
    struct kernel_text n = kernel_text_copy(name, entry->name.bytes);
    struct kernel_object *o = kernel_object_open(k, kernel_type(k, &t), entry->key, &n);
    kernel_text_free(&t);
    kernel_text_free(&n);
    return o;
}

static struct kernel_object *inherited_from(struct kernel *k, const struct kernel_process *p, uint32_t handle,
                                            uint16_t type)
{
    struct kernel_process *parent = kernel_process_find(k, p->ppid);
    uint32_t i = handle / 4;
    if (!parent || i >= parent->handle_room || !parent->handles[i] || parent->handles[i]->type != type)
        return NULL;
    return parent->handles[i];
}

/* One handle of a process that begins: inherited, or made before anybody watched. */
static void table_event(struct kernel *k, struct kernel_process *p, const struct ksim_handle_entry *entry,
                        struct kernel_object *o, const struct ksim_head *sender)
{
    struct kernel_object *parents = inherited_from(k, p, entry->handle, o->type);
    if (parents) {
        kernel_object_release(k, o);
        o = parents;
        o->references++;
    }
    kernel_handle_enter(k, p, entry->handle, o);
    struct handle_fact f = fact_of(p, entry->handle, o);
    struct ksim_head head = *sender;
    if (!parents) {
        emit_create(k, &f, &head, NULL, 0);
        return;
    }
    head.pid = p->ppid;
    head.tid = p->creator_tid;
    struct duplicate d = {.source_pid = p->ppid, .source_handle = entry->handle, .inherited = true};
    emit_duplicate(k, &f, &d, &head, NULL, 0);
}

uint32_t kernel_handle_table(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_handles m;
    if (!kernel_fixed(message, bytes, &m, sizeof m))
        return KSIM_BAD_MESSAGE;
    bool ok = true;
    const uint8_t *entries = kernel_span(message, bytes, m.entries, 8, &ok);
    for (uint32_t i = 0; ok && i < m.entries.bytes / (uint32_t)sizeof(struct ksim_handle_entry); i++) {
        struct kernel_process *p = kernel_process_find(k, m.head.pid);
        if (!p)
            return KSIM_UNKNOWN_PROCESS;
        struct ksim_handle_entry entry;
        memcpy(&entry, entries + i * sizeof entry, sizeof entry);
        struct kernel_object *o = entry_object(k, message, bytes, &entry, &ok);
        if (!ok)
            break;
        struct kernel_object **at = slot(p, entry.handle);
        if (!at || *at) /* known from an event that came before the table */
            kernel_object_release(k, o);
        else if (p->flags & KSIM_HELLO_STARTED)
            table_event(k, p, &entry, o, &m.head);
        else
            kernel_handle_enter(k, p, entry.handle, o);
    }
    return ok ? KSIM_OK : KSIM_BAD_MESSAGE;
}

uint32_t kernel_handle_create(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_handle_create m;
    const uint64_t *frames = NULL;
    uint32_t count = 0;
    if (!kernel_fixed(message, bytes, &m, sizeof m) || !kernel_frames(message, bytes, m.frames, &frames, &count))
        return KSIM_BAD_MESSAGE;
    struct kernel_process *p = kernel_process_find(k, m.owner_pid);
    if (!p)
        return KSIM_UNKNOWN_PROCESS;
    bool ok = true;
    struct kernel_object *o = entry_object(k, message, bytes, &m.entry, &ok);
    if (!ok)
        return KSIM_BAD_MESSAGE;
    struct handle_fact f = fact_of(p, m.entry.handle, o);
    kernel_handle_enter(k, p, m.entry.handle, o);
    emit_create(k, &f, &m.head, frames, count);
    return KSIM_OK;
}

uint32_t kernel_handle_close(struct kernel *k, const uint8_t *message, size_t bytes, uint32_t *flags)
{
    struct ksim_handle_close m;
    const uint64_t *frames = NULL;
    uint32_t count = 0;
    if (!kernel_fixed(message, bytes, &m, sizeof m) || !kernel_frames(message, bytes, m.frames, &frames, &count))
        return KSIM_BAD_MESSAGE;
    struct kernel_process *p = kernel_process_find(k, m.owner_pid);
    if (!p)
        return KSIM_UNKNOWN_PROCESS;
    struct kernel_object **at = slot(p, m.handle);
    if (!at || !*at)
        return KSIM_UNKNOWN_HANDLE;
    struct kernel_object *o = *at;
    *at = NULL;
    if (k->set.dialect->late_close && m.head.tid) {
        closing_add(p, m.handle, m.head.tid, o);
        *flags |= KSIM_REPLY_SEND_CLOSED;
        return KSIM_OK;
    }
    struct handle_fact f = fact_of(p, m.handle, o);
    emit_close(k, &f, o, &m.head, frames, count, false);
    kernel_bury(k);
    return KSIM_OK;
}

uint32_t kernel_handle_closed(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_handle_close m;
    const uint64_t *frames = NULL;
    uint32_t count = 0;
    if (!kernel_fixed(message, bytes, &m, sizeof m) || !kernel_frames(message, bytes, m.frames, &frames, &count))
        return KSIM_BAD_MESSAGE;
    struct kernel_process *p = kernel_process_find(k, m.owner_pid);
    if (!p)
        return KSIM_UNKNOWN_PROCESS;
    struct kernel_object *o = closing_take(p, m.handle, m.head.tid);
    if (!o)
        return KSIM_UNKNOWN_HANDLE;
    if (m.status) { /* NtClose failed: the handle stays */
        kernel_handle_enter(k, p, m.handle, o);
        return KSIM_OK;
    }
    struct handle_fact f = fact_of(p, m.handle, o);
    emit_close(k, &f, o, &m.head, frames, count, false);
    kernel_bury(k);
    return KSIM_OK;
}

/* The source's object with a reference of its own; NULL when the message names none either. */
static struct kernel_object *duplicate_source(struct kernel *k, const uint8_t *message, size_t bytes,
                                              const struct ksim_handle_duplicate *m, bool *ok)
{
    bool pseudo = m->source_handle >= 0xFFFFFFF0u;
    struct kernel_process *p = pseudo ? NULL : kernel_process_find(k, m->source_pid);
    struct kernel_object **at = p ? slot(p, m->source_handle) : NULL;
    if (at && *at) {
        (*at)->references++;
        return *at;
    }
    return m->entry.type.bytes ? entry_object(k, message, bytes, &m->entry, ok) : NULL;
}

uint32_t kernel_handle_duplicate(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_handle_duplicate m;
    const uint64_t *frames = NULL;
    uint32_t count = 0;
    if (!kernel_fixed(message, bytes, &m, sizeof m) || !kernel_frames(message, bytes, m.frames, &frames, &count))
        return KSIM_BAD_MESSAGE;
    bool ok = true;
    struct kernel_process *target = m.target_pid ? kernel_process_find(k, m.target_pid) : NULL;
    if (m.target_pid && !target)
        return KSIM_UNKNOWN_PROCESS;
    /* A closed source's value may be in use again by now: then the handle meant is the one pushed aside. */
    struct kernel_process *source = kernel_process_find(k, m.source_pid);
    struct kernel_object *closed = NULL;
    struct handle_fact closed_fact = {0};
    struct kernel_object *o = NULL;
    if ((m.options & KSIM_DUPLICATE_CLOSE_SOURCE) && source && m.source_handle < 0xFFFFFFF0u) {
        closed = closing_take(source, m.source_handle, 0);
        struct kernel_object **at = slot(source, m.source_handle);
        if (closed) {
            k->unheard_closes--;
        } else if (at) {
            closed = *at;
            *at = NULL;
        }
    }
    if (closed) {
        closed_fact = fact_of(source, m.source_handle, closed);
        o = closed;
        if (target)
            o->references++;
    } else if (target) {
        o = duplicate_source(k, message, bytes, &m, &ok);
    }
    if (!ok)
        return KSIM_BAD_MESSAGE;
    if (!o)
        return KSIM_UNKNOWN_HANDLE;
    if (target) {
        struct handle_fact f = fact_of(target, m.entry.handle, o);
        struct duplicate d = {.source_pid = m.source_pid, .source_handle = m.source_handle};
        kernel_handle_enter(k, target, m.entry.handle, o);
        emit_duplicate(k, &f, &d, &m.head, frames, count);
    }
    if (closed)
        emit_close(k, &closed_fact, closed, &m.head, frames, count, false);
    kernel_bury(k);
    return KSIM_OK;
}
