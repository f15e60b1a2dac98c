/* Counts what the system has open: types, handles and processes, through buffers that are kept between looks. */
#include "win/sys_win.h"

#include "core/base/file.h"
#include "win/sys_machine.h"
#include "win/sys_nt.h"
#include "win/sys_probe.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM (256u << 10)
#define MOST_ROOM  (2000u << 20) /* fifty million handles: more is an error of the answer */

struct sys_win {
    NTSTATUS(NTAPI *query_system)(ULONG, void *, ULONG, ULONG *);
    NTSTATUS(NTAPI *query_object)(HANDLE, ULONG, void *, ULONG, ULONG *);
    struct nt_buffer types;
    struct nt_buffer handles;
};

static bool make_room(struct nt_buffer *b, ULONG size, const char *doing, struct err *err)
{
    if (size <= b->size)
        return true;
    if (size > MOST_ROOM)
        return err_set(err, ERR_RANGE, "%s", doing);
    /* Nothing in it is worth copying. */
    free(b->at);
    b->size = 0;
    b->at = malloc(size);
    if (!b->at)
        return err_set(err, ERR_NO_MEMORY, "%s", doing);
    b->size = size;
    return true;
}

/* One question with room that grows until the answer fits. */
static bool ask(struct sys_win *w, bool object, ULONG what, struct nt_buffer *b, const char *doing, struct err *err)
{
    if (object ? !w->query_object : !w->query_system)
        return err_set(err, ERR_UNSUPPORTED, "%s", doing);
    if (!make_room(b, FIRST_ROOM, doing, err))
        return false;
    for (;;) {
        ULONG needed = 0;
        NTSTATUS status = object ? w->query_object(NULL, what, b->at, b->size, &needed)
                                 : w->query_system(what, b->at, b->size, &needed);
        if (status >= 0) {
            b->used = needed && needed <= b->size ? needed : b->size;
            return true;
        }
        if (status != NT_LENGTH_MISMATCH)
            return err_set_os(err, ERR_KIND_NTSTATUS, (uint32_t)status, "%s", doing);
        /* More is opened between two questions: a quarter more than needed, and always more than there was. */
        ULONG base = needed > b->size && needed < MOST_ROOM ? needed : b->size;
        if (!make_room(b, base + (base >= b->size * 2 ? base / 4 : b->size), doing, err))
            return false;
    }
}

static bool get_machine(void *self, struct sys_machine *out, struct err *err)
{
    (void)self;
    return sys_machine_read(out, err);
}

static bool get_free_disk(void *self, const char *path, uint64_t *bytes, struct err *err)
{
    (void)self;
    return file_free_space(path, bytes, err);
}

/* A counted name that must lie inside its buffer; cut to fit, empty when it does not lie there. */
static void put_name(char *out, size_t size, const UNICODE_STRING *name, const struct nt_buffer *b)
{
    WCHAR wide[SYS_PROCESS_NAME_MAX];
    UINT_PTR start = (UINT_PTR)b->at;
    UINT_PTR text = (UINT_PTR)name->Buffer;
    size_t units = name->Length / sizeof(WCHAR);
    out[0] = 0;
    if (text < start || text - start > b->size || name->Length > b->size - (text - start))
        return;
    if (units >= sizeof wide / sizeof wide[0])
        units = sizeof wide / sizeof wide[0] - 1;
    memcpy(wide, name->Buffer, units * sizeof(WCHAR));
    wide[units] = 0;
    utf16_put_utf8(out, size, wide);
}

static bool list_types(void *self, void (*each)(void *ctx, const struct sys_type *t), void *ctx, struct err *err)
{
    static const char doing[] = "Counting handles by type";
    struct sys_win *w = self;
    struct nt_buffer *b = &w->types;
    if (!ask(w, true, NT_CLASS_OBJECT_TYPES, b, doing, err))
        return false;
    const unsigned char *start = b->at;
    ULONG count = 0;
    memcpy(&count, start, sizeof count);
    size_t at = sizeof(void *);
    for (ULONG i = 0; i < count; i++) {
        struct nt_object_type nt;
        if (b->size - at < sizeof nt)
            return err_set(err, ERR_FORMAT, "%s", doing);
        memcpy(&nt, start + at, sizeof nt);
        struct sys_type t = {.handles = nt.handles, .objects = nt.objects};
        /* Systems before 8.1 leave the index 0: it was the place plus two. */
        t.listed_index = nt.index ? nt.index : (uint16_t)(i + 2);
        put_name(t.name, sizeof t.name, &nt.name, b);
        if (!t.name[0])
            return err_set(err, ERR_FORMAT, "%s", doing);
        each(ctx, &t);
        size_t name = ((size_t)nt.name.MaximumLength + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
        if (b->size - at - sizeof nt < name)
            return err_set(err, ERR_FORMAT, "%s", doing);
        at += sizeof nt + name;
    }
    return true;
}

static bool list_handles(void *self, void (*each)(void *ctx, uint32_t pid, uint32_t handle, uint16_t type_number),
                         void *ctx, struct err *err)
{
    static const char doing[] = "Listing the handles of all processes";
    struct sys_win *w = self;
    struct nt_buffer *b = &w->handles;
    if (!ask(w, false, NT_CLASS_HANDLES_EX, b, doing, err))
        return false;
    const struct nt_handles *list = b->at;
    size_t room = (b->size - offsetof(struct nt_handles, entry)) / sizeof list->entry[0];
    if (list->count > room)
        return err_set(err, ERR_FORMAT, "%s", doing);
    for (ULONG_PTR i = 0; i < list->count; i++) {
        const struct nt_handle *h = &list->entry[i];
        each(ctx, (uint32_t)h->pid, (uint32_t)h->handle, h->type);
    }
    return true;
}

static bool walk_processes(const struct nt_buffer *b, void (*each)(void *ctx, const struct sys_process *p), void *ctx,
                           const char *doing, struct err *err)
{
    size_t at = 0;
    for (;;) {
        struct nt_process nt;
        if (b->size - at < sizeof nt)
            return err_set(err, ERR_FORMAT, "%s", doing);
        memcpy(&nt, (const unsigned char *)b->at + at, sizeof nt);
        struct sys_process p = {.pid = (uint32_t)(UINT_PTR)nt.pid, .start = (uint64_t)nt.create_time};
        put_name(p.name, sizeof p.name, &nt.image, b);
        each(ctx, &p);
        if (!nt.next)
            return true;
        if (nt.next > b->size - at)
            return err_set(err, ERR_FORMAT, "%s", doing);
        at += nt.next;
    }
}

/* The census and the controller ask at the same time: each call has a buffer of its own. */
static bool list_processes(void *self, void (*each)(void *ctx, const struct sys_process *p), void *ctx, struct err *err)
{
    static const char doing[] = "Listing processes";
    struct nt_buffer b = {.at = NULL};
    bool ok = ask(self, false, NT_CLASS_PROCESSES, &b, doing, err) && walk_processes(&b, each, ctx, doing, err);
    free(b.at);
    return ok;
}

static bool open_probe(void *self, const char *type_name, uint32_t *handle, struct err *err)
{
    (void)self;
    HANDLE h = NULL;
    if (!sys_probe_open(type_name, &h, err))
        return false;
    *handle = (uint32_t)(UINT_PTR)h; /* handle values fit in 32 bits on every Windows */
    return true;
}

static void close_probe(void *self, uint32_t handle)
{
    (void)self;
    CloseHandle((HANDLE)(UINT_PTR)handle);
}

static uint32_t own_pid(void *self)
{
    (void)self;
    return GetCurrentProcessId();
}

static uint64_t thread_cpu(void *self)
{
    (void)self;
    return win_thread_cpu();
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

bool sys_win_create(struct sys_backend *out, struct err *err)
{
    struct sys_win *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_NO_MEMORY, "Starting to count handles");
    w->query_system =
        (NTSTATUS(NTAPI *)(ULONG, void *, ULONG, ULONG *))win_system_proc(L"ntdll.dll", "NtQuerySystemInformation");
    w->query_object =
        (NTSTATUS(NTAPI *)(HANDLE, ULONG, void *, ULONG, ULONG *))win_system_proc(L"ntdll.dll", "NtQueryObject");
    out->ops = &ops;
    out->self = w;
    return true;
}

void sys_win_destroy(struct sys_backend *sys)
{
    if (!sys || !sys->self)
        return;
    struct sys_win *w = sys->self;
    free(w->types.at);
    free(w->handles.at);
    free(w);
    memset(sys, 0, sizeof *sys);
}
