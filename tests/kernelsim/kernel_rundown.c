/* Group mask changes, and the rundowns that they cause: what ran when a session began to listen, and when it ceased. */
#include "kernel_state.h"

#include <string.h>

static const uint8_t sid_system[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
static const uint8_t sid_user[] = {1,    5,    0,    0,    0,    0,    0,    5,    21,   0,    0,    0,    0x68, 0xa3,
                                   0x6e, 0xf7, 0x81, 0x27, 0xd6, 0x49, 0xcd, 0x5f, 0xd1, 0x66, 0xe9, 0x03, 0,    0};

uint64_t kernel_image_base(void)
{
    return 0xfffff802424ab000u;
}

static void payload_base_name(struct kernel_payload *p, const struct kernel_text *path)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < path->length; i++) {
        if (path->data[i] == '\\' || path->data[i] == '/')
            from = i + 1;
    }
    for (uint32_t i = from; i < path->length && i < from + 259; i++)
        payload_u8(p, path->data[i] < 0x80 ? (uint8_t)path->data[i] : (uint8_t)'?');
    payload_u8(p, 0);
}

void payload_process(struct kernel_payload *p, const struct kernel_process *process, bool defunct)
{
    bool of_system = process->pid <= 4;
    payload_u64(p, process->object->address);
    payload_u32(p, process->pid);
    payload_u32(p, process->ppid);
    payload_u32(p, of_system ? 0xFFFFFFFFu : process->session);
    payload_u32(p, process->exited ? process->exit_status : 0x103);
    payload_u64(p, 0x1ad000u + process->serial * 0x1000);
    payload_u32(p, process->flags & KSIM_HELLO_WOW64 ? 2 : 0);
    payload_u64(p, 0xffffb488fc9cdc20u); /* TOKEN_USER: a stale pointer, attributes, padding */
    payload_u64(p, 0);
    if (of_system)
        payload_bytes(p, sid_system, sizeof sid_system);
    else
        payload_bytes(p, sid_user, sizeof sid_user);
    payload_base_name(p, &process->image);
    payload_text(p, &process->command, 0x8000);
    payload_u16(p, 0);
    payload_u16(p, 0);
    if (defunct)
        payload_u64(p, process->exit_time);
}

void payload_thread(struct kernel_payload *p, uint32_t pid, const struct ksim_thread *thread)
{
    uint64_t stack = 0xfffff580f7000000u + (uint64_t)thread->tid * 0x8000;
    payload_u32(p, pid);
    payload_u32(p, thread->tid);
    payload_u64(p, stack + 0x6000);
    payload_u64(p, stack);
    payload_u64(p, pid <= 4 ? 0 : 0x120000 + (uint64_t)thread->tid * 0x100000);
    payload_u64(p, pid <= 4 ? 0 : 0x110000 + (uint64_t)thread->tid * 0x100000);
    payload_u64(p, 3);
    payload_u64(p, thread->start_address);
    payload_u64(p, thread->teb);
    payload_u32(p, 0);
    payload_u8(p, 8);
    payload_u8(p, 5);
    payload_u8(p, 2);
    payload_u8(p, 0);
    payload_u16(p, 0); /* an empty thread name */
}

void payload_image(struct kernel_payload *p, uint32_t pid, const struct kernel_module *module)
{
    payload_u64(p, module->base);
    payload_u64(p, module->size);
    payload_u32(p, pid);
    payload_u32(p, module->checksum);
    payload_u32(p, module->timestamp);
    payload_u32(p, 0);
    payload_u64(p, module->base);
    for (uint32_t i = 0; i < 4; i++)
        payload_u32(p, 0);
    payload_text(p, &module->path, 0x4000);
}

static bool alive(const struct kernel_session *s)
{
    return s->state != KERNEL_FREE && !s->failed;
}

static void put(struct kernel *k, struct kernel_session *s, uint16_t hook, uint16_t version, enum kernel_header header,
                uint32_t pid, uint32_t tid, const struct kernel_payload *p)
{
    const struct kernel_event e = {
        .hook = hook, .version = version, .header = header, .pid = pid, .tid = tid, .cpu = k->rundown_cpu};
    kernel_log(k, s, &e, 0, p, KERNEL_NO_NOTE, true);
}

static void put_marker(struct kernel *k, struct kernel_session *s, uint16_t hook, const uint32_t masks[8])
{
    struct kernel_payload p;
    p.bytes = 0;
    for (uint32_t i = 0; masks && i < 8; i++)
        payload_u32(&p, masks[i]);
    if (masks)
        payload_u32(&p, KERNEL_VERSION);
    put(k, s, hook, 2, KERNEL_PERFINFO, 0, 0, &p);
}

static void put_process(struct kernel *k, struct kernel_session *s, const struct kernel_process *process, bool end)
{
    struct kernel_payload p;
    p.bytes = 0;
    bool defunct = process->exited;
    payload_process(&p, process, defunct);
    put(k, s, defunct ? 0x0327 : (end ? 0x0304 : 0x0303), defunct ? 5 : 4, KERNEL_PERFINFO, 0, 0, &p);
}

/* Waiting for the writer lets others go on. So every step waits first, if it must, and then looks its process up again:
 * what it tells is true at the time that it tells. */
static const struct kernel_process *again(struct kernel *k, struct kernel_session *s, uint64_t serial)
{
    kernel_make_room(k, s, k->rundown_cpu);
    const struct kernel_process *p = kernel_process_after(k, serial - 1);
    return p && p->serial == serial ? p : NULL;
}

static void put_threads(struct kernel *k, struct kernel_session *s, uint64_t serial, bool end)
{
    const struct kernel_process *process = again(k, s, serial);
    for (uint32_t i = 0; process && !process->exited && i < process->thread_count; i++, process = again(k, s, serial)) {
        struct kernel_payload p;
        p.bytes = 0;
        payload_thread(&p, process->pid, &process->threads[i]);
        put(k, s, end ? 0x0504 : 0x0503, 3, KERNEL_SYSTEM, s->starter_pid, s->starter_tid, &p);
    }
}

static void put_images(struct kernel *k, struct kernel_session *s, uint64_t serial, bool end)
{
    const struct kernel_process *process = again(k, s, serial);
    for (uint32_t i = 0; process && !process->exited && i < process->module_count; i++, process = again(k, s, serial)) {
        struct kernel_payload p;
        p.bytes = 0;
        bool of_kernel = process->pid == 4;
        struct kernel_module module = process->modules[i];
        if (!end)
            module.timestamp = 0;
        payload_image(&p, of_kernel ? 0 : process->pid, &module);
        put(k, s, end ? 0x1404 : 0x1403, 3, of_kernel ? KERNEL_SYSTEM : k->set.dialect->image_header,
            of_kernel ? 4 : s->starter_pid, s->starter_tid, &p);
    }
}

static void put_handles(struct kernel *k, struct kernel_session *s, uint64_t serial)
{
    const struct kernel_process *process = again(k, s, serial);
    for (uint32_t i = 0; process && i < process->handle_room; i++, process = again(k, s, serial)) {
        const struct kernel_object *o = process->handles[i];
        if (!o || !kernel_session_filter(k, s, o->type))
            continue;
        struct kernel_payload p;
        p.bytes = 0;
        payload_u64(&p, o->address);
        payload_u32(&p, process->pid);
        payload_u32(&p, i * 4 | (process->pid == 4 ? 0x80000000u : 0));
        payload_u16(&p, k->types[o->type].index);
        payload_text(&p, &o->name, 0x2000);
        uint32_t index = 0;
        kernel_truth_row(s->report, serial, process->pid, o->type, &index)->rundown++;
        put(k, s, 0x1127, 2, KERNEL_PERFINFO, 0, 0, &p);
    }
}

static void put_types(struct kernel *k, struct kernel_session *s)
{
    for (uint32_t i = 0; i < k->type_count; i++) {
        struct kernel_payload p;
        p.bytes = 0;
        payload_u16(&p, k->types[i].index);
        payload_u16(&p, 0);
        payload_text(&p, &k->types[i].name, 0x400);
        put(k, s, 0x1125, 2, KERNEL_PERFINFO, 0, 0, &p);
    }
}

static void rundown_start(struct kernel *k, struct kernel_session *s, uint32_t bits)
{
    const struct kernel_process *process = kernel_process_after(k, 0);
    while (process && alive(s)) {
        uint64_t serial = process->serial;
        process = again(k, s, serial);
        if (process && (bits & KERNEL_MASK_PROCESS) && !process->exited)
            put_process(k, s, process, false);
        if (bits & KERNEL_MASK_THREAD)
            put_threads(k, s, serial, false);
        if (bits & KERNEL_MASK_IMAGE)
            put_images(k, s, serial, false);
        process = kernel_process_after(k, serial);
    }
}

static void rundown_end(struct kernel *k, struct kernel_session *s, uint32_t bits, uint32_t object_bits)
{
    const struct kernel_process *process = kernel_process_after(k, 0);
    while (process && alive(s)) {
        uint64_t serial = process->serial;
        if (bits & KERNEL_MASK_IMAGE)
            put_images(k, s, serial, true);
        if (object_bits & KERNEL_MASK_HANDLE)
            put_handles(k, s, serial);
        if (bits & KERNEL_MASK_THREAD)
            put_threads(k, s, serial, true);
        process = again(k, s, serial);
        if (process && (bits & KERNEL_MASK_PROCESS))
            put_process(k, s, process, true);
        process = kernel_process_after(k, serial);
    }
    if (object_bits && alive(s))
        put_types(k, s);
}

static void note_pause(const struct kernel *k, struct kernel_session *s, bool before, bool after)
{
    if (before && !after) {
        s->paused = true;
        s->paused_since = k->last_time;
    }
    if (s->paused && after) {
        uint64_t pause = (uint64_t)(k->last_time - s->paused_since) * 1000000 / k->set.frequency;
        s->paused = false;
        s->report->pauses++;
        s->report->longest_pause = pause > s->report->longest_pause ? pause : s->report->longest_pause;
    }
}

/*
 * The end rundown of removed bits comes first, under the old masks; then the new masks hold; then the start rundown
 * of added bits. A ring has neither. starting: the session's first or last masks, which are worth a record even if
 * nothing changes.
 */
void kernel_set_masks(struct kernel *k, struct kernel_session *s, const uint32_t masks[8], bool starting)
{
    uint32_t old[8];
    memcpy(old, s->masks, sizeof old);
    if (!starting && memcmp(old, masks, sizeof old) == 0)
        return;
    k->rundown_cpu = (k->rundown_cpu + 1) % k->set.processors;
    s->busy = true;
    put_marker(k, s, 0x0020, old);
    if (!s->ring)
        rundown_end(k, s, old[0] & ~masks[0], old[4] & ~masks[4] & (KERNEL_MASK_HANDLE | KERNEL_MASK_OBJECT));
    memcpy(s->masks, masks, sizeof old);
    note_pause(k, s, old[4] & KERNEL_MASK_HANDLE, masks[4] & KERNEL_MASK_HANDLE);
    put_marker(k, s, 0x0005, masks);
    if (!s->ring)
        rundown_start(k, s, masks[0] & ~old[0]);
    put_marker(k, s, 0x0008, NULL);
    s->busy = false;
    kernel_interest(k);
}
