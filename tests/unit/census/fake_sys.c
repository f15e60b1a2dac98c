// Answers the census from the test's tables.
#include "fake_sys.h"

#include "core/base/text.h"

#include <string.h>

enum { FIRST_PROBE = 0x1000 };

size_t fake_add_type(struct fake_sys *f, const char *name, int offset, bool has_probe)
{
    struct fake_type *t = &f->type[f->type_count];
    memset(t, 0, sizeof *t);
    text_put(t->name, sizeof t->name, name);
    t->listed_index = (uint16_t)(f->type_count + 2);
    t->number = (uint16_t)(t->listed_index + offset);
    t->has_probe = has_probe;
    return f->type_count++;
}

struct fake_process *fake_add_process(struct fake_sys *f, uint32_t pid, uint64_t start, const char *name)
{
    struct fake_process *p = &f->process[f->process_count++];
    memset(p, 0, sizeof *p);
    p->pid = pid;
    p->start = start;
    text_put(p->name, sizeof p->name, name);
    return p;
}

void fake_remove_process(struct fake_sys *f, uint32_t pid)
{
    for (size_t i = 0; i < f->process_count; i++)
        if (f->process[i].pid == pid)
            f->process[i] = f->process[--f->process_count];
}

static bool get_machine(void *self, struct sys_machine *out, struct err *err)
{
    (void)self;
    (void)err;
    memset(out, 0, sizeof *out);
    return true;
}

static bool get_free_disk(void *self, const char *path, uint64_t *bytes, struct err *err)
{
    (void)self;
    (void)path;
    (void)err;
    *bytes = 0;
    return true;
}

static bool list_types(void *self, void (*each)(void *ctx, const struct sys_type *t), void *ctx, struct err *err)
{
    struct fake_sys *f = self;
    f->cpu += f->types_cost;
    if (f->types_fail)
        return err_set_os(err, ERR_KIND_NTSTATUS, 0xC0000022u, "Counting handles by type");
    for (size_t i = 0; i < f->type_count; i++) {
        struct sys_type t = {.listed_index = f->type[i].listed_index};
        text_put(t.name, sizeof t.name, f->type[i].name);
        t.handles = f->type[i].extra + f->type[i].probe_is_open;
        for (size_t k = 0; k < f->process_count; k++)
            t.handles += f->process[k].held[i];
        t.objects = t.handles / 2;
        each(ctx, &t);
    }
    return true;
}

static bool list_handles(void *self, void (*each)(void *ctx, uint32_t pid, uint32_t handle, uint16_t type_number),
                         void *ctx, struct err *err)
{
    struct fake_sys *f = self;
    f->cpu += f->handles_cost;
    f->walks++;
    if (f->handles_fail)
        return err_set_os(err, ERR_KIND_NTSTATUS, 0xC0000017u, "Listing handles");
    for (size_t k = 0; k < f->process_count; k++) {
        uint32_t handle = 4;
        for (size_t i = 0; i < f->type_count; i++)
            for (uint32_t n = 0; n < f->process[k].held[i] && !f->type[i].unlisted; n++, handle += 4)
                each(ctx, f->process[k].pid, handle, f->type[i].number);
    }
    for (size_t i = 0; i < f->type_count; i++)
        if (f->type[i].probe_is_open)
            each(ctx, FAKE_OWN_PID, (uint32_t)(FIRST_PROBE + i * 4), f->type[i].number);
    return true;
}

static bool list_processes(void *self, void (*each)(void *ctx, const struct sys_process *p), void *ctx, struct err *err)
{
    struct fake_sys *f = self;
    if (f->processes_fail)
        return err_set_os(err, ERR_KIND_NTSTATUS, 0xC0000022u, "Listing processes");
    for (size_t k = 0; k < f->process_count; k++) {
        struct sys_process p = {.pid = f->process[k].pid, .start = f->process[k].start};
        text_put(p.name, sizeof p.name, f->process[k].name);
        each(ctx, &p);
    }
    return true;
}

static bool open_probe(void *self, const char *type_name, uint32_t *handle, struct err *err)
{
    struct fake_sys *f = self;
    for (size_t i = 0; i < f->type_count; i++) {
        if (!f->type[i].has_probe || strcmp(f->type[i].name, type_name) != 0)
            continue;
        f->type[i].probe_is_open = true;
        f->probes_open++;
        f->probes_opened++;
        *handle = (uint32_t)(FIRST_PROBE + i * 4);
        return true;
    }
    return err_set(err, ERR_UNSUPPORTED, "Opening an object of type %s", type_name);
}

static void close_probe(void *self, uint32_t handle)
{
    struct fake_sys *f = self;
    f->type[(handle - FIRST_PROBE) / 4].probe_is_open = false;
    f->probes_open--;
}

static uint32_t own_pid(void *self)
{
    (void)self;
    return FAKE_OWN_PID;
}

static uint64_t thread_cpu(void *self)
{
    struct fake_sys *f = self;
    return f->cpu + 1;
}

static const struct sys_ops ops = {
    .machine = get_machine,
    .free_disk = get_free_disk,
    .types = list_types,
    .handles = list_handles,
    .processes = list_processes,
    .open_probe = open_probe,
    .close_probe = close_probe,
    .own_pid = own_pid,
    .thread_cpu = thread_cpu,
};

struct sys_backend fake_backend(struct fake_sys *f)
{
    return (struct sys_backend){&ops, f};
}
