/* Processes, threads and images: what the kernel knows of them, and the events of their beginning and end. */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

#define KERNEL_FRAMES(name, ...) static const uint64_t name[] = {__VA_ARGS__}
#define NT(offset)               (0xfffff802424ab000u + (offset))

const uint64_t kernel_frames_load[3] = {NT(0x6a11f0), NT(0x5f2c44), NT(0x1d5b15)};
KERNEL_FRAMES(frames_thread, NT(0x60ab31), NT(0x5e8d02), NT(0x1d5b15));
KERNEL_FRAMES(frames_exit, NT(0x5e1c0f), NT(0x5dfe2a), NT(0x1d5b15));

struct kernel_process *kernel_process_find(struct kernel *k, uint32_t pid)
{
    for (uint32_t i = k->process_count; i-- > 0;) {
        if (k->processes[i]->pid == pid && !k->processes[i]->exited)
            return k->processes[i];
    }
    return NULL;
}

struct kernel_process *kernel_process_after(struct kernel *k, uint64_t serial)
{
    for (uint32_t i = 0; i < k->process_count; i++) {
        if (k->processes[i]->serial > serial)
            return k->processes[i];
    }
    return NULL;
}

static struct kernel_process *add_process(struct kernel *k, uint32_t pid)
{
    struct kernel_text type = kernel_text_ascii("Process");
    struct kernel_text none = {NULL, 0};
    for (uint32_t i = 0; i < k->process_count; i++) { /* a pid in use again names another object from now on */
        if (k->processes[i]->pid == pid)
            kernel_object_hide(k, k->processes[i]->object);
    }
    struct kernel_process *p = kernel_alloc(sizeof *p);
    p->pid = pid;
    p->serial = ++k->next_serial;
    p->object = kernel_object_open(k, kernel_type(k, &type), pid, &none);
    kernel_text_free(&type);
    k->processes = kernel_grow(k->processes, &k->process_room, k->process_count + 1, sizeof(struct kernel_process *));
    k->processes[k->process_count++] = p;
    return p;
}

static void free_process(struct kernel_process *p)
{
    for (uint32_t i = 0; i < p->module_count; i++)
        kernel_text_free(&p->modules[i].path);
    kernel_text_free(&p->image);
    kernel_text_free(&p->command);
    free(p->modules);
    free(p->threads);
    free(p->handles);
    free(p->closing);
    free(p);
}

/* Drops ended processes whose object nobody refers to any more. */
void kernel_bury(struct kernel *k)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < k->process_count; i++) {
        struct kernel_process *p = k->processes[i];
        if (p->exited && p->object->references == 1) {
            kernel_object_release(k, p->object);
            free_process(p);
        } else {
            k->processes[kept++] = p;
        }
    }
    k->process_count = kept;
}

void kernel_processes_free(struct kernel *k)
{
    for (uint32_t i = 0; i < k->process_count; i++)
        free_process(k->processes[i]);
    free(k->processes);
}

static void add_module(struct kernel_process *p, const struct kernel_module *module)
{
    p->modules = kernel_grow(p->modules, &p->module_room, p->module_count + 1, sizeof *p->modules);
    p->modules[p->module_count++] = *module;
}

static void add_thread(struct kernel_process *p, const struct ksim_thread *thread)
{
    p->threads = kernel_grow(p->threads, &p->thread_room, p->thread_count + 1, sizeof *p->threads);
    p->threads[p->thread_count++] = *thread;
}

/* Idle and System, the kernel's own images and a few handles of the kernel's. */
void kernel_boot(struct kernel *k)
{
    static const struct {
        const char *path;
        uint64_t base, size;
    } images[] = {{"\\SystemRoot\\system32\\ntoskrnl.exe", 0xfffff802424ab000u, 0xab6000},
                  {"\\SystemRoot\\system32\\hal.dll", 0xfffff80242408000u, 0xa3000},
                  {"\\SystemRoot\\System32\\drivers\\FLTMGR.SYS", 0xfffff80246a10000u, 0x71000},
                  {"\\SystemRoot\\System32\\Drivers\\Ntfs.sys", 0xfffff80247000000u, 0x2d7000},
                  {"\\SystemRoot\\System32\\win32kfull.sys", 0xffff9cd2ed000000u, 0x3b4000}};
    static const struct {
        const char *type, *name;
    } handles[] = {{"Process", ""},
                   {"Event", "\\KernelObjects\\LowMemoryCondition"},
                   {"Key", "\\REGISTRY\\MACHINE\\SYSTEM"},
                   {"File", "\\Device\\HarddiskVolume3\\pagefile.sys"},
                   {"Event", ""}};
    struct kernel_process *idle = add_process(k, 0);
    idle->image = kernel_text_ascii("Idle");
    idle->command = kernel_text_ascii("");
    struct kernel_process *system = add_process(k, 4);
    system->image = kernel_text_ascii("System");
    system->command = kernel_text_ascii("");
    idle->start_time = system->start_time = k->boot_time;
    add_thread(idle, &(struct ksim_thread){.start_address = NT(0x1c9cfa)});
    for (uint32_t i = 0; i < 3; i++)
        add_thread(system, &(struct ksim_thread){.tid = 8 + 4 * i, .start_address = NT(0x1bc000 + 0x40 * i)});
    for (uint32_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        struct kernel_module m = {.base = images[i].base,
                                  .size = images[i].size,
                                  .timestamp = 0x69a79000u + i,
                                  .checksum = 0x980591u + i,
                                  .path = kernel_text_ascii(images[i].path)};
        add_module(system, &m);
    }
    for (uint32_t i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        struct kernel_text type = kernel_text_ascii(handles[i].type);
        struct kernel_text name = kernel_text_ascii(handles[i].name);
        uint16_t t = kernel_type(k, &type);
        kernel_handle_enter(k, system, 4 + 4 * i, kernel_object_open(k, t, i == 0 ? 4 : 0, &name));
        kernel_text_free(&type);
        kernel_text_free(&name);
    }
}

/* C:\x becomes \Device\HarddiskVolume3\x; other drives get other volumes. */
static struct kernel_text device_path(const uint8_t *utf16, uint32_t bytes)
{
    struct kernel_text path = kernel_text_copy(utf16, bytes);
    if (path.length < 3 || path.data[1] != ':' || path.data[2] != '\\')
        return path;
    struct kernel_text device = kernel_text_ascii("\\Device\\HarddiskVolume3");
    uint16_t letter = (uint16_t)(path.data[0] & ~0x20);
    device.data[device.length - 1] = (uint16_t)(letter == 'C' ? '3' : '4' + (letter & 3));
    struct kernel_text whole = {.length = device.length + path.length - 2};
    whole.data = kernel_alloc((whole.length + 1) * sizeof(uint16_t));
    memcpy(whole.data, device.data, device.length * sizeof(uint16_t));
    memcpy(whole.data + device.length, path.data + 2, (path.length - 2) * sizeof(uint16_t));
    kernel_text_free(&device);
    kernel_text_free(&path);
    return whole;
}

static void emit_image(struct kernel *k, const struct kernel_process *p, const struct ksim_head *head, uint16_t hook,
                       const struct kernel_module *module, const uint64_t *frames, uint32_t count)
{
    struct kernel_payload payload;
    payload.bytes = 0;
    payload_image(&payload, p->pid, module);
    const struct kernel_event e = {.hook = hook,
                                   .version = 3,
                                   .header = k->set.dialect->image_header,
                                   .pid = p->pid,
                                   .tid = head->tid,
                                   .actor_pid = p->pid,
                                   .cpu = kernel_cpu(k, head),
                                   .kernel_frames = kernel_frames_load,
                                   .kernel_count = 3,
                                   .user_frames = frames,
                                   .user_count = count};
    kernel_emit(k, &e, &payload);
}

static void emit_thread(struct kernel *k, const struct kernel_process *p, uint32_t actor, uint32_t tid, uint32_t cpu,
                        uint16_t hook, const struct ksim_thread *thread, const uint64_t *frames, uint32_t count)
{
    struct kernel_payload payload;
    payload.bytes = 0;
    payload_thread(&payload, p->pid, thread);
    const struct kernel_event e = {.hook = hook,
                                   .version = 3,
                                   .header = KERNEL_SYSTEM,
                                   .pid = actor,
                                   .tid = tid,
                                   .actor_pid = actor,
                                   .cpu = cpu,
                                   .kernel_frames = frames_thread,
                                   .kernel_count = 3,
                                   .user_frames = frames,
                                   .user_count = count};
    kernel_emit(k, &e, &payload);
}

static void emit_process(struct kernel *k, const struct kernel_process *p, uint32_t actor, uint32_t tid, uint32_t cpu,
                         uint16_t hook)
{
    struct kernel_payload payload;
    payload.bytes = 0;
    if (hook == 0x030B)
        payload_u32(&payload, p->pid);
    else
        payload_process(&payload, p, false);
    const struct kernel_event e = {.hook = hook,
                                   .version = hook == 0x030B ? 2 : 4,
                                   .header = KERNEL_SYSTEM,
                                   .pid = actor,
                                   .tid = tid,
                                   .actor_pid = actor,
                                   .cpu = cpu,
                                   .kernel_frames = frames_exit,
                                   .kernel_count = 3};
    kernel_emit(k, &e, &payload);
}

static void hello_start_events(struct kernel *k, const struct kernel_process *p, const struct ksim_hello *m)
{
    uint32_t cpu = kernel_cpu(k, &m->head);
    emit_process(k, p, m->ppid, m->creator_tid, cpu, 0x0301);
    for (uint32_t i = 0; i < p->thread_count; i++)
        emit_thread(k, p, i ? p->pid : m->ppid, i ? p->threads[0].tid : m->creator_tid, cpu, 0x0501, &p->threads[i],
                    NULL, 0);
    for (uint32_t i = 0; i < p->module_count; i++)
        emit_image(k, p, &m->head, 0x030A, &p->modules[i], NULL, 0);
}

uint32_t kernel_hello(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_hello m;
    if (!kernel_fixed(message, bytes, &m, sizeof m))
        return KSIM_BAD_MESSAGE;
    bool ok = true;
    const uint8_t *image = kernel_span(message, bytes, m.image, 1, &ok);
    const uint8_t *command = kernel_span(message, bytes, m.command, 1, &ok);
    const uint8_t *modules = kernel_span(message, bytes, m.modules, 8, &ok);
    const uint8_t *threads = kernel_span(message, bytes, m.threads, 8, &ok);
    uint32_t module_count = m.modules.bytes / (uint32_t)sizeof(struct ksim_module);
    for (uint32_t i = 0; ok && i < module_count; i++) {
        struct ksim_module module;
        memcpy(&module, modules + i * sizeof module, sizeof module);
        kernel_span(message, bytes, module.path, 1, &ok);
    }
    if (!ok || m.head.pid <= 4)
        return KSIM_BAD_MESSAGE;
    struct kernel_process *old = kernel_process_find(k, m.head.pid);
    if (old) /* its end went unnoticed: the pid is in use again */
        kernel_process_end(k, old, 0, 0, 1);
    struct kernel_process *p = add_process(k, m.head.pid);
    p->ppid = m.ppid;
    p->creator_tid = m.creator_tid;
    p->session = m.session;
    p->flags = m.flags;
    p->start_time = m.start_time;
    p->image = device_path(image, m.image.bytes);
    p->command = kernel_text_copy(command, m.command.bytes);
    for (uint32_t i = 0; i < module_count; i++) {
        struct ksim_module from;
        memcpy(&from, modules + i * sizeof from, sizeof from);
        struct kernel_module module = {
            .base = from.base, .size = from.size, .timestamp = from.timestamp, .checksum = from.checksum};
        module.path = device_path(kernel_span(message, bytes, from.path, 1, &ok), from.path.bytes);
        add_module(p, &module);
    }
    for (uint32_t i = 0; i < m.threads.bytes / (uint32_t)sizeof(struct ksim_thread); i++) {
        struct ksim_thread thread;
        memcpy(&thread, threads + i * sizeof thread, sizeof thread);
        add_thread(p, &thread);
    }
    if (m.flags & KSIM_HELLO_STARTED)
        hello_start_events(k, p, &m);
    return KSIM_OK;
}

uint32_t kernel_image_event(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_image m;
    const uint64_t *frames = NULL;
    uint32_t count = 0;
    if (!kernel_fixed(message, bytes, &m, sizeof m) || !kernel_frames(message, bytes, m.frames, &frames, &count))
        return KSIM_BAD_MESSAGE;
    bool ok = true;
    const uint8_t *path = kernel_span(message, bytes, m.module.path, 1, &ok);
    if (!ok)
        return KSIM_BAD_MESSAGE;
    struct kernel_process *p = kernel_process_find(k, m.head.pid);
    if (!p)
        return KSIM_UNKNOWN_PROCESS;
    if (m.head.kind == KSIM_IMAGE_LOAD) {
        struct kernel_module module = {.base = m.module.base,
                                       .size = m.module.size,
                                       .timestamp = m.module.timestamp,
                                       .checksum = m.module.checksum};
        module.path = device_path(path, m.module.path.bytes);
        add_module(p, &module);
        emit_image(k, p, &m.head, 0x030A, &module, frames, count);
        return KSIM_OK;
    }
    for (uint32_t i = p->module_count; i-- > 0;) {
        if (p->modules[i].base != m.module.base)
            continue;
        emit_image(k, p, &m.head, 0x1402, &p->modules[i], frames, count);
        kernel_text_free(&p->modules[i].path);
        memmove(p->modules + i, p->modules + i + 1, (p->module_count - i - 1) * sizeof *p->modules);
        p->module_count--;
        break;
    }
    return KSIM_OK;
}

uint32_t kernel_thread_change(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_thread_event m;
    const uint64_t *frames = NULL;
    uint32_t count = 0;
    if (!kernel_fixed(message, bytes, &m, sizeof m) || !kernel_frames(message, bytes, m.frames, &frames, &count))
        return KSIM_BAD_MESSAGE;
    struct kernel_process *p = kernel_process_find(k, m.head.pid);
    if (!p)
        return KSIM_UNKNOWN_PROCESS;
    uint32_t cpu = kernel_cpu(k, &m.head);
    if (m.head.kind == KSIM_THREAD_START) {
        add_thread(p, &m.thread);
        emit_thread(k, p, p->pid, m.head.tid, cpu, 0x0501, &m.thread, frames, count);
        return KSIM_OK;
    }
    uint32_t tid = m.thread.tid ? m.thread.tid : m.head.tid;
    for (uint32_t i = 0; i < p->thread_count; i++) {
        if (p->threads[i].tid != tid)
            continue;
        emit_thread(k, p, p->pid, m.head.tid, cpu, 0x0502, &p->threads[i], frames, count);
        memmove(p->threads + i, p->threads + i + 1, (p->thread_count - i - 1) * sizeof *p->threads);
        p->thread_count--;
        break;
    }
    return KSIM_OK;
}

/* tid 0: nobody in the process did it; its last thread's id is used, as the exit runs in it. */
void kernel_process_end(struct kernel *k, struct kernel_process *p, uint32_t tid, uint32_t cpu, uint32_t exit_status)
{
    const struct kernel_dialect *d = k->set.dialect;
    struct ksim_head head = {.pid = p->pid, .tid = tid, .processor = cpu};
    if (tid == 0 && p->thread_count)
        head.tid = p->threads[p->thread_count - 1].tid;
    p->exit_status = exit_status;
    for (uint32_t i = 1; i < p->thread_count; i++) { /* the thread that ends the process ends last */
        if (p->threads[i].tid == head.tid) {
            struct ksim_thread last = p->threads[i];
            p->threads[i] = p->threads[0];
            p->threads[0] = last;
        }
    }
    for (; p->thread_count > 1; p->thread_count--) {
        const struct ksim_thread *t = &p->threads[p->thread_count - 1];
        emit_thread(k, p, p->pid, t->tid, cpu, 0x0502, t, NULL, 0);
    }
    if (!d->terminate_after_sweep)
        emit_process(k, p, p->pid, head.tid, cpu, 0x030B);
    if (!d->sweep_after_end)
        kernel_handle_sweep(k, p, head.tid, cpu);
    if (d->terminate_after_sweep && !d->sweep_after_end)
        emit_process(k, p, p->pid, head.tid, cpu, 0x030B);
    if (p->thread_count)
        emit_thread(k, p, p->pid, head.tid, cpu, 0x0502, &p->threads[0], NULL, 0);
    p->thread_count = 0;
    for (uint32_t i = 0; i < p->module_count; i++) {
        emit_image(k, p, &head, 0x1402, &p->modules[i], NULL, 0);
        kernel_text_free(&p->modules[i].path);
    }
    p->module_count = 0;
    kernel_realtime_died(k, p->pid);
    p->exited = true;
    p->exit_time = k->host.filetime(k->host.context);
    emit_process(k, p, p->pid, head.tid, cpu, 0x0302);
    if (d->sweep_after_end)
        kernel_handle_sweep(k, p, head.tid, cpu);
    if (d->terminate_after_sweep && d->sweep_after_end)
        emit_process(k, p, p->pid, head.tid, cpu, 0x030B);
    kernel_bury(k);
}

void kernel_process_died(struct kernel *k, uint32_t pid, uint32_t exit_status)
{
    struct kernel_process *p = kernel_process_find(k, pid);
    if (p && pid > 4)
        kernel_process_end(k, p, 0, 0, exit_status);
}
