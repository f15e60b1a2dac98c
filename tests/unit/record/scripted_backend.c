/* The scripted world: sessions, faults, hangs, disk and processes. */
#include "unit/record/scripted_backend.h"

#include "core/profile/plan.h"

#include <stdio.h>
#include <string.h>

const char *const script_op_names[SCRIPT_OP_COUNT] = {
    [SCRIPT_START] = "start", [SCRIPT_MASKS] = "masks",   [SCRIPT_FILTER] = "filter", [SCRIPT_STACKS] = "stacks",
    [SCRIPT_QUERY] = "query", [SCRIPT_STOP] = "stop",     [SCRIPT_LIST] = "list",     [SCRIPT_ADOPT] = "adopt",
    [SCRIPT_FLUSH] = "flush", [SCRIPT_ROTATE] = "rotate", [SCRIPT_CACHE] = "cache",
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

/* Handles of companions, so that one is never taken for the other. */
#define COMPANION_HANDLE UINT64_C(0x10000)

static bool is_second(const struct trace_session *s)
{
    return strcmp(s->name, plan_companion_name) == 0;
}

static bool is_running(const struct script_world *w, const struct trace_session *s)
{
    if (is_second(s))
        return w->companion.running && s->handle == w->companion.handle;
    return w->running && s->handle == w->handle;
}

static bool is_ring(const struct script_world *w)
{
    return w->started.storage == TRACE_TO_RING;
}

static void write_part(const char *path, const char *text, const char *mode)
{
    FILE *f = fopen(path, mode);
    if (!f)
        return;
    fputs(text, f);
    fclose(f);
}

static void fill_status(const struct script_world *w, bool second, struct trace_status *out)
{
    const struct trace_start *start = second ? &w->companion.started : &w->started;
    *out = (struct trace_status){.buffer_kb = start->buffer_kb,
                                 .buffers = start->min_buffers,
                                 .buffers_free = start->min_buffers / 2,
                                 .buffers_written = is_ring(w) && !second ? 0 : w->calls[SCRIPT_QUERY],
                                 .events_lost = w->lost,
                                 .mode = is_ring(w) && !second ? TRACE_MODE_RING : 1};
    text_put(out->path, sizeof out->path, start->path);
}

static void begin_main(struct script_world *w, const struct trace_start *want)
{
    w->running = true;
    w->started = *want;
    w->handle++;
    w->starts++;
    memset(w->masks, 0, sizeof w->masks);
    w->recorded = false;
    w->masks_off = false;
    w->unwritten_ring = false;
    w->tag_count = 0;
    w->hook_count = 0;
    w->cache_kb = 0;
    if (want->path[0])
        write_part(want->path, "raw;", "wb");
}

static void begin_companion(struct script_world *w, const struct trace_start *want)
{
    struct script_companion *c = &w->companion;
    unsigned starts = c->starts + 1;
    unsigned lists = c->lists;
    *c = (struct script_companion){
        .running = true, .started = *want, .handle = COMPANION_HANDLE + starts, .starts = starts, .lists = lists};
    if (want->path[0])
        write_part(want->path, "proc;", "wb");
}

static bool op_start(void *self, const struct trace_start *want, struct trace_session *out, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_START);
    bool second = strcmp(want->name, plan_companion_name) == 0;
    if (!f && (second ? w->companion.running : w->running || w->foreign))
        return leave_os(w, SCRIPT_START, ERR_KIND_WIN32, 183, err);
    if (does(f) && second)
        begin_companion(w, want);
    else if (does(f))
        begin_main(w, want);
    if (!f) {
        out->handle = second ? w->companion.handle : w->handle;
        text_put(out->name, sizeof out->name, want->name);
        out->guid = want->guid;
    }
    return leave(w, f, SCRIPT_START, err);
}

static void masks_of_main(struct script_world *w, const uint32_t masks[8])
{
    static const uint32_t none[8];
    bool clears = memcmp(masks, none, sizeof none) == 0;
    bool were_on = memcmp(w->masks, none, sizeof none) != 0;
    if (clears && were_on && !is_ring(w))
        write_part(w->started.path, "rundown;", "ab");
    w->masks_off = clears && (were_on || w->masks_off);
    memcpy(w->masks, masks, sizeof w->masks);
    w->unwritten_ring = w->unwritten_ring || (is_ring(w) && !clears);
}

static void masks_of_companion(struct script_world *w, const uint32_t masks[8])
{
    struct script_companion *c = &w->companion;
    if ((c->masks[4] & 0x40u) && !(masks[4] & 0x40u)) {
        c->lists++;
        if (c->started.path[0])
            write_part(c->started.path, "handles;", "ab");
    }
    memcpy(c->masks, masks, sizeof c->masks);
}

static bool op_masks(void *self, const struct trace_session *s, const uint32_t masks[8], struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_MASKS);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_MASKS, ERR_KIND_WIN32, 4201, err);
    if (does(f) && is_second(s))
        masks_of_companion(w, masks);
    else if (does(f))
        masks_of_main(w, masks);
    if (!is_second(s)) {
        w->recordings += !f && !w->recorded;
        w->recorded_files += !f && !w->recorded && !is_ring(w);
        w->recorded_rings += !f && !w->recorded && is_ring(w);
        w->recorded = w->recorded || !f;
    }
    return leave(w, f, SCRIPT_MASKS, err);
}

static bool op_filter(void *self, const struct trace_session *s, const uint32_t *tags, unsigned n, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_FILTER);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_FILTER, ERR_KIND_NTSTATUS, 0xC0000296u, err);
    if (does(f) && n <= TRACE_MAX_TAGS) {
        w->burst = w->burst || (!is_second(s) && w->masks[4] != 0 && w->tag_count == 0 && !w->recorded);
        *(is_second(s) ? &w->companion.tag_count : &w->tag_count) = n;
        if (n)
            memcpy(is_second(s) ? w->companion.tags : w->tags, tags, n * sizeof *tags);
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

static bool op_cache(void *self, const struct trace_session *s, uint32_t size_kb, uint32_t buckets, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_CACHE);
    (void)buckets;
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_CACHE, ERR_KIND_NTSTATUS, 0xC0000296u, err);
    if (does(f))
        w->cache_kb = size_kb;
    return leave(w, f, SCRIPT_CACHE, err);
}

static bool op_query(void *self, const struct trace_session *s, struct trace_status *out, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_QUERY);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_QUERY, ERR_KIND_WIN32, 4201, err);
    if (!f)
        fill_status(w, is_second(s), out);
    return leave(w, f, SCRIPT_QUERY, err);
}

static bool there(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f)
        fclose(f);
    return f != NULL;
}

static bool op_flush(void *self, const struct trace_session *s, const char *path, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_FLUSH);
    bool ring = is_ring(w) && !is_second(s);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_FLUSH, ERR_KIND_WIN32, 4201, err);
    if (!f && ring != (path != NULL))
        return leave_os(w, SCRIPT_FLUSH, ERR_KIND_WIN32, path ? 87 : 2, err);
    if (!f && ring && there(path))
        return leave_os(w, SCRIPT_FLUSH, ERR_KIND_WIN32, 32, err);
    if (does(f) && ring && path) {
        write_part(path, "ring;", "wb");
        /* Reported as failed, it is a file of unknown worth. */
        w->unwritten_ring = w->unwritten_ring && (f || strstr(path, ".snapshot"));
    }
    return leave(w, f, SCRIPT_FLUSH, err);
}

/* Zeros, which end the text. */
static void pad(const char *path, uint32_t bytes)
{
    FILE *f = bytes ? fopen(path, "r+b") : NULL;
    if (!f)
        return;
    fseek(f, (long)bytes, SEEK_END);
    fputc(0, f);
    fclose(f);
}

static bool op_rotate(void *self, const struct trace_session *s, const char *path, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_ROTATE);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_ROTATE, ERR_KIND_WIN32, 4201, err);
    if (!f && (is_ring(w) || strcmp(path, w->started.path) == 0))
        return leave_os(w, SCRIPT_ROTATE, ERR_KIND_WIN32, 87, err);
    if (does(f)) {
        text_put(w->started.path, sizeof w->started.path, path);
        write_part(path, "raw;", "wb");
        pad(path, w->padding);
        memset(w->masks, 0, sizeof w->masks);
        w->files++;
        w->recorded_files += w->recorded;
    }
    return leave(w, f, SCRIPT_ROTATE, err);
}

static void stop_main(struct script_world *w)
{
    w->running = false;
    w->rings_lost += w->unwritten_ring;
    w->unwritten_ring = false;
    if (!is_ring(w) && !w->masks_off)
        write_part(w->started.path, "rundown;", "ab");
}

static bool op_stop(void *self, const struct trace_session *s, struct trace_status *out, struct err *err)
{
    struct script_world *w = self;
    const struct script_fault *f = enter(w, SCRIPT_STOP);
    bool second = is_second(s);
    if (!f && !is_running(w, s))
        return leave_os(w, SCRIPT_STOP, ERR_KIND_WIN32, 4201, err);
    if (does(f)) {
        if (!second)
            stop_main(w);
        else if (w->companion.started.path[0])
            write_part(w->companion.started.path, "end;", "ab");
        if (second)
            w->companion.running = false;
        if (out)
            fill_status(w, second, out);
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
    bool second = strcmp(name, plan_companion_name) == 0;
    bool running = second ? w->companion.running : w->running && strcmp(w->started.name, name) == 0;
    if (!f && !second && w->foreign)
        return leave_os(w, SCRIPT_ADOPT, ERR_KIND_WIN32, 183, err);
    if (!f && !running)
        return leave_os(w, SCRIPT_ADOPT, ERR_KIND_WIN32, 4201, err);
    if (!f) {
        out->handle = second ? w->companion.handle : w->handle;
        text_put(out->name, sizeof out->name, name);
        out->guid = *guid;
        fill_status(w, second, status);
    }
    return leave(w, f, SCRIPT_ADOPT, err);
}

static const struct trace_ops trace_ops = {
    .start = op_start,
    .set_masks = op_masks,
    .set_filter = op_filter,
    .set_stacks = op_stacks,
    .query = op_query,
    .set_stack_cache = op_cache,
    .flush = op_flush,
    .rotate = op_rotate,
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
    w->rings_died += w->unwritten_ring;
    w->unwritten_ring = false;
    mutex_unlock(&w->lock);
}

void script_vanish_companion(struct script_world *w)
{
    mutex_lock(&w->lock);
    w->companion.running = false;
    mutex_unlock(&w->lock);
}

bool script_running(struct script_world *w)
{
    mutex_lock(&w->lock);
    bool running = w->running || w->companion.running;
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
