/* Builds handle traces and gathers lives. */
#include "maker.h"

#include "unit/test.h"

#include <stdio.h>

static uint16_t type = 17;

void maker_use_type(uint16_t t)
{
    type = t;
}

void maker_begin_with(struct maker *m, unsigned form, const char *path, const struct etlb_options *o)
{
    memset(m, 0, sizeof *m);
    m->header = (enum maker_header)(form / 2);
    m->ps = form % 2 ? 8 : 4;
    m->time = 2000000;
    m->tid = 71;
    m->stamp = 0x12345678;
    snprintf(m->path, sizeof m->path, "%s", path);
    type = 17;
    etlb_begin(&m->b, o);
    etlb_buffer(&m->b, 0);
}

void maker_begin(struct maker *m, unsigned form, const char *path)
{
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x10000;
    maker_begin_with(m, form, path, &o);
}

void maker_processor(struct maker *m, unsigned processor)
{
    etlb_buffer(&m->b, processor);
}

static void step(struct maker *m)
{
    m->last = m->time;
    m->time += 1000;
}

static void put_object(struct maker *m, struct etlb_payload *p, uint64_t object)
{
    etlb_put(p, m->ps == 8 ? object | 0xFFFFA00000000000u : object, m->ps);
}

static void emit(struct maker *m, uint16_t hook, uint8_t version, uint32_t pid, const struct etlb_payload *p)
{
    struct etlb_ids ids = {m->actor ? m->actor : pid, m->tid};
    if (m->header == MAKER_SYSTEM)
        etlb_system(&m->b, m->ps, hook, version, ids, m->time, p->bytes, p->size);
    else if (m->header == MAKER_COMPACT)
        etlb_compact(&m->b, m->ps, hook, version, ids, m->time, p->bytes, p->size);
    else
        etlb_perfinfo(&m->b, m->ps, hook, version, m->time, p->bytes, p->size);
    step(m);
    if (m->header == MAKER_PERFINFO && !m->no_stacks) {
        uint64_t kernel = m->ps == 8 ? 0xFFFFF80000001000u : 0x81001000u;
        const uint64_t frames[] = {kernel, m->user ? 0x401000 : 0, 0};
        maker_stack(m, m->last, ids.pid, ids.tid, frames);
    } else if (m->user) {
        const uint64_t frames[] = {0x401000, 0};
        maker_stack(m, m->last, ids.pid, ids.tid, frames);
    }
}

void maker_create(struct maker *m, uint32_t pid, uint32_t handle, uint64_t object)
{
    struct etlb_payload p = {.size = 0};
    put_object(m, &p, object);
    etlb_put(&p, handle, 4);
    etlb_put(&p, type, 2);
    etlb_put(&p, 0, 2);
    emit(m, 0x1120, 2, pid, &p);
}

void maker_close(struct maker *m, uint32_t pid, uint32_t handle, uint64_t object, const char *name)
{
    struct etlb_payload p = {.size = 0};
    put_object(m, &p, object);
    etlb_put(&p, handle, 4);
    etlb_put(&p, type, 2);
    etlb_put_utf16(&p, name);
    emit(m, 0x1121, 2, pid, &p);
}

void maker_duplicate(struct maker *m, uint32_t from, uint32_t source, uint32_t to, uint32_t handle, uint64_t object)
{
    struct etlb_payload p = {.size = 0};
    put_object(m, &p, object);
    etlb_put(&p, source, 4);
    etlb_put(&p, handle, 4);
    etlb_put(&p, to, 4);
    etlb_put(&p, type, 2);
    etlb_put(&p, from, 4);
    emit(m, 0x1122, 3, from, &p);
}

void maker_list(struct maker *m, uint32_t pid, uint32_t handle, uint64_t object, const char *name)
{
    struct etlb_payload p = {.size = 0};
    put_object(m, &p, object);
    etlb_put(&p, pid, 4);
    etlb_put(&p, handle, 4);
    etlb_put(&p, type, 2);
    etlb_put_utf16(&p, name);
    etlb_perfinfo(&m->b, m->ps, 0x1127, 2, m->time, p.bytes, p.size);
    step(m);
}

void maker_type(struct maker *m, uint16_t t, const char *name)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, t, 2);
    etlb_put(&p, 0, 2);
    etlb_put_utf16(&p, name);
    etlb_perfinfo(&m->b, m->ps, 0x1125, 2, m->time, p.bytes, p.size);
    step(m);
}

void maker_process(struct maker *m, uint16_t hook, uint32_t pid, uint32_t parent, uint64_t key, const char *name)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, key, m->ps);
    etlb_put(&p, pid, 4);
    etlb_put(&p, parent, 4);
    etlb_put(&p, 1, 4);
    etlb_put(&p, 0, 4);
    etlb_put(&p, 0, m->ps);
    etlb_put(&p, 0, 4);
    etlb_put(&p, 0, 4);
    etlb_put_ascii(&p, name);
    etlb_put_utf16(&p, "command");
    etlb_put_utf16(&p, "");
    etlb_put_utf16(&p, "");
    etlb_system(&m->b, m->ps, hook, 4, (struct etlb_ids){parent, 5}, m->time, p.bytes, p.size);
    step(m);
}

void maker_mark(struct maker *m, const char *text)
{
    etlb_perfinfo(&m->b, m->ps, 0x0F22, 2, m->time, text, strlen(text) + 1);
    step(m);
}

void maker_terminate(struct maker *m, uint32_t pid)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, pid, 4);
    etlb_system(&m->b, m->ps, 0x030B, 2, (struct etlb_ids){pid, m->tid}, m->time, p.bytes, p.size);
    step(m);
}

void maker_image(struct maker *m, uint16_t hook, uint32_t pid, uint64_t base, uint64_t size, const char *name)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, base, m->ps);
    etlb_put(&p, size, m->ps);
    etlb_put(&p, pid, 4);
    etlb_put(&p, 0, 4);
    etlb_put(&p, m->stamp, 4);
    etlb_put(&p, 0, 4);
    etlb_put(&p, base, m->ps);
    for (int i = 0; i < 4; i++)
        etlb_put(&p, 0, 4);
    etlb_put_utf16(&p, name);
    etlb_system(&m->b, m->ps, hook, 3, (struct etlb_ids){pid, m->tid}, m->time, p.bytes, p.size);
    step(m);
}

void maker_stack(struct maker *m, int64_t of, uint32_t pid, uint32_t tid, const uint64_t *frames)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, (uint64_t)of, 8);
    etlb_put(&p, pid, 4);
    etlb_put(&p, tid, 4);
    for (; *frames; frames++)
        etlb_put(&p, *frames, m->ps);
    int64_t last = m->last;
    etlb_perfinfo(&m->b, m->ps, 0x1820, 2, m->time, p.bytes, p.size);
    step(m);
    m->last = last;
}

void maker_key(struct maker *m, bool user, int64_t of, uint32_t pid, uint32_t tid, uint64_t key)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, (uint64_t)of, 8);
    etlb_put(&p, pid, 4);
    etlb_put(&p, tid, 4);
    etlb_put(&p, key, m->ps);
    int64_t last = m->last;
    etlb_perfinfo(&m->b, m->ps, user ? 0x1826 : 0x1825, 2, m->time, p.bytes, p.size);
    step(m);
    m->last = last;
}

void maker_define(struct maker *m, uint16_t hook, uint64_t key, const uint64_t *frames)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, key, m->ps);
    for (; *frames; frames++)
        etlb_put(&p, *frames, m->ps);
    etlb_perfinfo(&m->b, m->ps, hook, 2, m->time, p.bytes, p.size);
    step(m);
}

static void gather_one(struct gather *g, const struct ledger_life *life)
{
    assert_in_range(g->count, 0, GATHERED_MAX - 1);
    struct gathered *x = &g->lives[g->count++];
    x->life = *life;
    snprintf(x->name, sizeof x->name, "%s", life->name);
    x->life.name = x->name;
}

static bool gather_all(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        gather_one(ctx, &lives[i]);
    return true;
}

/* Lives are the same where nobody asks for frames; of their stacks is known whether there is one. */
struct again {
    const struct gather *first;
    size_t count;
};

static void same_life(const struct ledger_life *a, const struct ledger_life *b)
{
    assert_int_equal(a->object, b->object);
    assert_int_equal(a->opened, b->opened);
    assert_int_equal(a->process, b->process);
    assert_int_equal(a->handle, b->handle);
    assert_int_equal(a->tid, b->tid);
    assert_int_equal(a->closed, b->closed);
    assert_int_equal(a->actor, b->actor);
    assert_int_equal(a->close_tid, b->close_tid);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->how, b->how);
    assert_int_equal(a->end, b->end);
    assert_int_equal(a->uncertain, b->uncertain);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->stack != STACK_NONE, b->stack != STACK_NONE);
    assert_int_equal(a->stack & STACK_USER, b->stack & STACK_USER);
    assert_int_equal(a->close_stack != STACK_NONE, b->close_stack != STACK_NONE);
    assert_int_equal(a->close_stack & STACK_USER, b->close_stack & STACK_USER);
}

static bool compare_all(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    struct again *a = ctx;
    for (uint32_t i = 0; i < count; i++) {
        assert_in_range(a->count + 1, 1, a->first->count);
        same_life(&lives[i], &a->first->lives[a->count++].life);
    }
    return true;
}

static void read_without_frames(const char *const *files, unsigned count, const struct gather *g)
{
    struct again a = {.first = g};
    struct timeline_options o = {.files = files,
                                 .file_count = count,
                                 .sink = {.ctx = &a, .lives = compare_all, .names = true, .no_frames = true}};
    struct timeline_facts facts;
    struct ledger *l = NULL;
    assert_true(timeline_read(&o, &l, &facts, NULL));
    assert_int_equal(a.count, g->count);
    uint32_t frames = 1;
    assert_null(ledger_stack(l, STACK_OUTLINE | STACK_USER, &frames));
    assert_int_equal(frames, 0);
    ledger_close(l);
}

void gather_files(const char *const *files, unsigned count, struct gather *g)
{
    memset(g, 0, sizeof *g);
    struct timeline_options o = {
        .files = files, .file_count = count, .sink = {.ctx = g, .lives = gather_all, .names = true}};
    struct err err = {0};
    if (!timeline_read(&o, &g->ledger, &g->facts, &err))
        print_error("%s\n", err.doing);
    assert_int_equal(err.code, ERR_NONE);
    read_without_frames(files, count, g);
}

void maker_save(struct maker *m)
{
    etlb_finish(&m->b);
    etlb_save(&m->b, m->path, SIZE_MAX);
    etlb_free(&m->b);
}

void maker_read(struct maker *m, struct gather *g)
{
    const char *path = m->path;
    maker_save(m);
    gather_files(&path, 1, g);
    remove(m->path);
}

void assert_life(const struct ledger_life *x, enum ledger_how how, enum ledger_end end, bool uncertain)
{
    assert_int_equal(x->how, how);
    assert_int_equal(x->end, end);
    assert_int_equal(x->uncertain, uncertain);
}

void gather_free(struct gather *g)
{
    ledger_close(g->ledger);
    g->ledger = NULL;
}

static bool is_it(const struct gather *g, const struct ledger_life *x, uint32_t pid, uint32_t handle)
{
    return ledger_process(g->ledger, x->process)->pid == pid && x->handle == handle;
}

size_t gather_count(const struct gather *g, uint32_t pid, uint32_t handle)
{
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++)
        n += is_it(g, &g->lives[i].life, pid, handle);
    return n;
}

const struct ledger_life *gather_life(const struct gather *g, uint32_t pid, uint32_t handle, unsigned n)
{
    unsigned seen = 0;
    for (size_t i = 0; i < g->count; i++)
        if (is_it(g, &g->lives[i].life, pid, handle) && seen++ == n)
            return &g->lives[i].life;
    fail_msg("pid %u has %u lives of handle 0x%X, number %u is wanted", pid, seen, handle, n);
    return NULL;
}

const char *gather_stack(const struct gather *g, uint32_t stack)
{
    static char text[1024];
    uint32_t count = 0;
    const struct ledger_frame *f = ledger_stack(g->ledger, stack, &count);
    text[0] = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *name = ledger_name(g->ledger, ledger_image(g->ledger, f[i].image)->name);
        const char *slash = strrchr(name, '\\');
        size_t n = strlen(text);
        name = slash ? slash + 1 : name;
        snprintf(text + n, sizeof text - n, "%s%s%s0x%llx", i ? " " : "", name, f[i].image ? "+" : "",
                 (unsigned long long)f[i].offset);
    }
    return text;
}
