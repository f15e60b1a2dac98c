/* The scripted world: sessions, faults, hangs, disk and processes. */
#include "unit/record/scripted_backend.h"

#include <stdio.h>
#include <string.h>

const char *const script_op_names[SCRIPT_OP_COUNT] = {
    [SCRIPT_START] = "start", [SCRIPT_MASKS] = "masks", [SCRIPT_FILTER] = "filter", [SCRIPT_STACKS] = "stacks",
    [SCRIPT_QUERY] = "query", [SCRIPT_STOP] = "stop",   [SCRIPT_LIST] = "list",     [SCRIPT_ADOPT] = "adopt",
};

/* What every call of a program that is gone comes to. */
static const struct script_fault gone = {.at = 1, .kind = ERR_KIND_WIN32, .os = 31};

#define OTHERS 3 /* sessions of other programs that list tells of */

static bool hit(const struct script_fault *f, enum script_op op, unsigned call)
{
    return f->at && f->op == op && (call == f->at || (f->for_good && call > f->at));
}

/* Every operation begins here and goes on with the lock taken: logs, hangs, finds the fault that applies (or NULL). */
static const struct script_fault *enter(struct script_world *w, enum script_op op)
{
    mutex_lock(&w->lock);
    text_addf(&w->log, "%s ", script_op_names[op]);
    unsigned call = ++w->calls[op];
    while (w->hang[op]) {
        w->hanging = (int)op;
        cond_broadcast(&w->changed);
        cond_wait(&w->changed, &w->lock);
    }
    w->hanging = -1;
    uint32_t delay = w->delay_ms;
    mutex_unlock(&w->lock);
    if (delay)
        clock_sleep_ms(delay);
    bool dead = script_step(w);
    mutex_lock(&w->lock);
    if (dead)
        return &gone;
    for (unsigned i = 0; i < SCRIPT_FAULTS; i++)
        if (hit(&w->faults[i], op, call))
            return &w->faults[i];
    return NULL;
}

/* True: the operation does what it is for (possibly reporting failure). */
static bool does(const struct script_fault *f)
{
    return !f || f->after;
}

static bool leave_os(struct script_world *w, enum script_op op, enum err_kind kind, uint32_t os, struct err *err)
{
    mutex_unlock(&w->lock);
    return err_set_os(err, kind, os, "The scripted %s", script_op_names[op]);
}

static bool leave(struct script_world *w, const struct script_fault *f, enum script_op op, struct err *err)
{
    if (f)
        return leave_os(w, op, f->kind, f->os, err);
    mutex_unlock(&w->lock);
    return true;
}

static bool is_running(const struct script_world *w, const struct trace_session *s)
{
    return w->running && s->handle == w->handle;
}

static void write_part(const char *path, const char *text, const char *mode)
{
    FILE *f = fopen(path, mode);
    if (!f)
        return;
    fputs(text, f);
    fclose(f);
}

static void fill_status(const struct script_world *w, struct trace_status *out)
{
    *out = (struct trace_status){.buffer_kb = w->started.buffer_kb,
                                 .buffers = w->started.min_buffers,
                                 .buffers_free = w->started.min_buffers / 2,
                                 .buffers_written = w->calls[SCRIPT_QUERY],
                                 .events_lost = w->lost,
                                 .mode = 1};
    text_put(out->path, sizeof out->path, w->started.path);
}

static bool op_start(void *self, const struct trace_start *want, struct trace_session *out, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_START);
    if (!f && (w->running || w->foreign))
        return leave_os(w, SCRIPT_START, ERR_KIND_WIN32, 183, err);
    if (does(f)) {
        w->running = true;
        w->started = *want;
        w->handle++;
        w->starts++;
        memset(w->masks, 0, sizeof w->masks);
        w->recorded = false;
        w->tag_count = 0;
        w->hook_count = 0;
        write_part(want->path, "raw;", "wb");
    }
    if (!f) {
        out->handle = w->handle;
        text_put(out->name, sizeof out->name, want->name);
        out->guid = want->guid;
    }
    return leave(w, f, SCRIPT_START, err);
}

static bool op_masks(void *self, const struct trace_session *s, const uint32_t masks[8], struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_MASKS);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_MASKS, ERR_KIND_WIN32, 4201, err);
    if (does(f))
        memcpy(w->masks, masks, sizeof w->masks);
    w->recordings += !f && !w->recorded;
    w->recorded = w->recorded || !f;
    return leave(w, f, SCRIPT_MASKS, err);
}

static bool op_filter(void *self, const struct trace_session *s, const uint32_t *tags, unsigned n, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_FILTER);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_FILTER, ERR_KIND_NTSTATUS, 0xC0000296u, err);
    if (does(f) && n <= TRACE_MAX_TAGS) {
        w->burst = w->burst || (w->masks[4] != 0 && w->calls[SCRIPT_FILTER] == w->starts);
        w->tag_count = n;
        if (n)
            memcpy(w->tags, tags, n * sizeof *tags);
    }
    return leave(w, f, SCRIPT_FILTER, err);
}

static bool op_stacks(void *self, const struct trace_session *s, const uint16_t *hooks, unsigned n, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_STACKS);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_STACKS, ERR_KIND_WIN32, 4201, err);
    if (does(f) && n <= 8) {
        w->hook_count = n;
        if (n)
            memcpy(w->hooks, hooks, n * sizeof *hooks);
    }
    return leave(w, f, SCRIPT_STACKS, err);
}

static bool op_query(void *self, const struct trace_session *s, struct trace_status *out, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_QUERY);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_QUERY, ERR_KIND_WIN32, 4201, err);
    if (!f)
        fill_status(w, out);
    return leave(w, f, SCRIPT_QUERY, err);
}

/* A recording to one file is never flushed or rotated: being called would be the error. */
static bool op_path(void *self, const struct trace_session *s, const char *path, struct err *err)
{
    (void)self;
    (void)s;
    return err_set(err, ERR_UNSUPPORTED, "The scripted world writing %s", path ? path : "the session's file");
}

static bool op_stop(void *self, const struct trace_session *s, struct trace_status *out, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_STOP);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_STOP, ERR_KIND_WIN32, 4201, err);
    if (does(f)) {
        w->running = false;
        write_part(w->started.path, "rundown;", "ab");
        if (out)
            fill_status(w, out);
    }
    return leave(w, f, SCRIPT_STOP, err);
}

static bool op_list(void *self, struct trace_listing *out, size_t cap, size_t *count, struct err *err)
{
    static const char *const names[OTHERS] = {"Circular Kernel Context Logger", "PerfDiag", "Somebody's Trace"};
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_LIST);
    if (f)
        return leave(w, f, SCRIPT_LIST, err);
    for (size_t i = 0; i < OTHERS && i < cap; i++) {
        memset(&out[i], 0, sizeof out[i]);
        text_put(out[i].session.name, sizeof out[i].session.name, names[i]);
        out[i].system_logger = i != 1;
    }
    *count = OTHERS;
    return leave(w, NULL, SCRIPT_LIST, err);
}

static bool op_adopt(void *self, const char *name, const struct trace_guid *guid, struct trace_session *out,
                     struct trace_status *status, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_ADOPT);
    if (!f && w->foreign)
        return leave_os(w, SCRIPT_ADOPT, ERR_KIND_WIN32, 183, err);
    if (!f && (!w->running || strcmp(w->started.name, name) != 0))
        return leave_os(w, SCRIPT_ADOPT, ERR_KIND_WIN32, 4201, err);
    if (!f) {
        out->handle = w->handle;
        text_put(out->name, sizeof out->name, name);
        out->guid = *guid;
        fill_status(w, status);
    }
    return leave(w, f, SCRIPT_ADOPT, err);
}

static const struct trace_ops trace_ops = {
    .start = op_start,
    .set_masks = op_masks,
    .set_filter = op_filter,
    .set_stacks = op_stacks,
    .query = op_query,
    .flush = op_path,
    .rotate = op_path,
    .stop = op_stop,
    .list = op_list,
    .adopt = op_adopt,
};

static bool sys_machine(void *self, struct sys_machine *out, struct err *err)
{
    struct script_world *w = self;
    (void)err;
    mutex_lock(&w->lock);
    *out = (struct sys_machine){.memory_bytes = UINT64_C(8) << 30,
                                .processors = 4,
                                .windows_build = 19045,
                                .elevated = w->elevated,
                                .name = "SCRIPT"};
    mutex_unlock(&w->lock);
    return true;
}

static bool sys_free_disk(void *self, const char *path, uint64_t *bytes, struct err *err)
{
    struct script_world *w = self;
    mutex_lock(&w->lock);
    bool ok = !w->disk_fails;
    if (ok)
        *bytes = w->disk_free;
    mutex_unlock(&w->lock);
    return ok || err_set_os(err, ERR_KIND_WIN32, 21, "Asking for the free space of %s", path);
}

static bool sys_processes(void *self, void (*each)(void *ctx, const struct sys_process *p), void *ctx, struct err *err)
{
    struct script_world *w = self;
    mutex_lock(&w->lock);
    bool ok = !w->processes_fail;
    for (unsigned i = 0; ok && i < w->process_count; i++)
        each(ctx, &w->processes[i]);
    mutex_unlock(&w->lock);
    return ok || err_set_os(err, ERR_KIND_NTSTATUS, 0xC0000001u, "Listing the processes");
}

static uint32_t sys_own_pid(void *self)
{
    struct script_world *w = self;
    mutex_lock(&w->lock);
    uint32_t pid = w->own_pid;
    mutex_unlock(&w->lock);
    return pid;
}

/* The controller takes no census: those operations are not there. */
static const struct sys_ops sys_ops = {
    .machine = sys_machine,
    .free_disk = sys_free_disk,
    .processes = sys_processes,
    .own_pid = sys_own_pid,
};

void script_init(struct script_world *w)
{
    memset(w, 0, sizeof *w);
    mutex_init(&w->lock);
    cond_init(&w->changed);
    w->hanging = -1;
    w->disk_free = UINT64_C(100) << 30;
    w->elevated = true;
    w->own_pid = 100;
    w->process_count = 2;
    w->processes[0] = (struct sys_process){.pid = 100, .start = 1000, .name = "HandleRecorder.exe"};
    w->processes[1] = (struct sys_process){.pid = 812, .start = 8120, .name = "handlerec.exe"};
}

void script_free(struct script_world *w)
{
    text_free(&w->log);
    cond_destroy(&w->changed);
    mutex_destroy(&w->lock);
}

struct trace_backend script_trace(struct script_world *w)
{
    return (struct trace_backend){&trace_ops, w};
}

struct sys_backend script_sys(struct script_world *w)
{
    return (struct sys_backend){&sys_ops, w};
}

struct script_fault *script_fail(struct script_world *w, enum script_op op, unsigned at, enum err_kind kind,
                                 uint32_t os)
{
    struct script_fault *f = NULL;
    mutex_lock(&w->lock);
    for (unsigned i = 0; i < SCRIPT_FAULTS && !f; i++)
        if (w->faults[i].at == 0)
            f = &w->faults[i];
    if (f)
        *f = (struct script_fault){.op = op, .at = at, .kind = kind, .os = os};
    mutex_unlock(&w->lock);
    return f;
}

void script_hang(struct script_world *w, enum script_op op, bool on)
{
    mutex_lock(&w->lock);
    w->hang[op] = on;
    cond_broadcast(&w->changed);
    mutex_unlock(&w->lock);
}

bool script_wait_hanging(struct script_world *w, enum script_op op, uint32_t ms)
{
    uint64_t until = clock_ns() + (uint64_t)ms * 1000000u;
    mutex_lock(&w->lock);
    while (w->hanging != (int)op && clock_ns() < until)
        cond_wait_ms(&w->changed, &w->lock, 10);
    bool hangs = w->hanging == (int)op;
    mutex_unlock(&w->lock);
    return hangs;
}

void script_vanish(struct script_world *w)
{
    mutex_lock(&w->lock);
    w->running = false;
    mutex_unlock(&w->lock);
}

bool script_running(struct script_world *w)
{
    mutex_lock(&w->lock);
    bool running = w->running;
    mutex_unlock(&w->lock);
    return running;
}

unsigned script_calls(struct script_world *w, enum script_op op)
{
    mutex_lock(&w->lock);
    unsigned n = w->calls[op];
    mutex_unlock(&w->lock);
    return n;
}

bool script_step(void *world)
{
    struct script_world *w = world;
    mutex_lock(&w->lock);
    w->steps++;
    bool dead = w->kill_at && w->steps >= w->kill_at;
    mutex_unlock(&w->lock);
    return dead;
}

void script_new_process(struct script_world *w)
{
    mutex_lock(&w->lock);
    w->kill_at = 0;
    w->own_pid++;
    w->processes[0].pid = w->own_pid;
    w->processes[0].start += 1000;
    mutex_unlock(&w->lock);
}

void script_set_disk(struct script_world *w, uint64_t bytes)
{
    mutex_lock(&w->lock);
    w->disk_free = bytes;
    mutex_unlock(&w->lock);
}
