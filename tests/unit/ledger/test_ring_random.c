/* Random activity under a ring whose processors overwrite at different speed, with a companion and several snapshots:
 * what is told to be open is open, and of what is open everything whose opening the ring still holds is told. */
#include "maker.h"
#include "unit/test.h"

#include "core/etl/merge.h"
#include "core/ledger/grow.h"

#include <stdio.h>

#define STEPS      1200u
#define PROCESSES  3u
#define SLOTS      60u
#define PROCESSORS 4u
#define SNAPSHOTS  2u
#define TICK       5000 /* between events: room for an event's stack */

enum act { ACT_CREATE, ACT_CLOSE, ACT_DUPLICATE, ACT_START, ACT_TERMINATE, ACT_END };

struct act_row {
    enum act act;
    int64_t time;
    unsigned processor;
    unsigned who, from; /* processes by number */
    uint32_t handle, source;
    uint64_t object;
    uint16_t type;
    uint64_t key;
    bool sweep; /* done by the system at the end of a process: no user code on the stack */
};

/* What is true of one handle. */
struct truth {
    int64_t opened;
    unsigned who;
    uint32_t handle;
    uint64_t object;
    unsigned processor;
    bool open;
    bool at_exit;
};

struct world {
    uint64_t random;
    struct act_row rows[2 * STEPS + SLOTS * 40];
    unsigned count;
    struct truth truths[2 * STEPS];
    unsigned truth_count;
    unsigned slots[PROCESSES][SLOTS]; /* truth + 1 */
    uint64_t keys[PROCESSES];
    uint16_t types[2 * STEPS];
    int64_t time;
    uint64_t next_object;
    /* As of each snapshot. */
    unsigned listed[SNAPSHOTS][PROCESSES * SLOTS];
    unsigned listed_count[SNAPSHOTS];
    int64_t inventory[SNAPSHOTS];
    int64_t flushed[SNAPSHOTS];
    int64_t begins[SNAPSHOTS][PROCESSORS];
};

static const char *const paths[] = {"test_ring_random_c.etl", "test_ring_random_0.etl", "test_ring_random_1.etl"};

static unsigned rnd(struct world *w, unsigned below)
{
    w->random = hash_mix(w->random + 0x9E3779B97F4A7C15u);
    return (unsigned)(w->random >> 33) % below;
}

static struct act_row *row(struct world *w, enum act act, unsigned who)
{
    struct act_row *r = &w->rows[w->count++];
    w->time += TICK;
    /* The last processor is nearly idle. */
    unsigned processor = rnd(w, 40) ? rnd(w, PROCESSORS - 1) : PROCESSORS - 1;
    *r = (struct act_row){.act = act, .time = w->time, .processor = processor, .who = who, .key = w->keys[who]};
    return r;
}

static void open_slot(struct world *w, struct act_row *r, unsigned slot)
{
    r->handle = 4 * (slot + 1);
    w->truths[w->truth_count] = (struct truth){r->time, r->who, r->handle, r->object, r->processor, true, false};
    w->types[w->truth_count] = r->type;
    w->slots[r->who][slot] = ++w->truth_count;
}

static void close_slot(struct world *w, unsigned who, unsigned slot, bool at_exit)
{
    unsigned t = w->slots[who][slot] - 1;
    struct act_row *r = row(w, ACT_CLOSE, who);
    r->handle = w->truths[t].handle;
    r->object = w->truths[t].object;
    r->type = w->types[t];
    r->sweep = at_exit;
    w->truths[t].open = false;
    w->truths[t].at_exit = at_exit;
    w->slots[who][slot] = 0;
}

static unsigned slot_that(struct world *w, unsigned who, bool open)
{
    for (unsigned i = 0, at = rnd(w, SLOTS); i < SLOTS; i++)
        if ((w->slots[who][(at + i) % SLOTS] != 0) == open)
            return (at + i) % SLOTS;
    return SLOTS;
}

static void end_process(struct world *w, unsigned who)
{
    row(w, ACT_TERMINATE, who);
    for (unsigned i = 0; i < SLOTS; i++)
        if (w->slots[who][i])
            close_slot(w, who, i, true);
    row(w, ACT_END, who);
    w->time += 30000000; /* pids are not used again at once */
    w->keys[who] += 0x100;
    row(w, ACT_START, who);
}

static void act(struct world *w)
{
    unsigned who = rnd(w, PROCESSES);
    unsigned what = rnd(w, 100);
    unsigned slot = slot_that(w, who, what >= 52 && what < 99);
    if (what == 99 && !rnd(w, 4)) {
        end_process(w, who);
    } else if (slot == SLOTS) {
        return;
    } else if (what < 45) {
        struct act_row *r = row(w, ACT_CREATE, who);
        r->object = ++w->next_object;
        r->type = (uint16_t)(rnd(w, 50) ? 17 + rnd(w, 2) : 19);
        open_slot(w, r, slot);
    } else if (what < 52) {
        unsigned from = rnd(w, PROCESSES);
        unsigned source = slot_that(w, from, true);
        if (source == SLOTS)
            return;
        unsigned t = w->slots[from][source] - 1;
        struct act_row *r = row(w, ACT_DUPLICATE, who);
        r->from = from;
        r->source = w->truths[t].handle;
        r->object = w->truths[t].object;
        r->type = w->types[t];
        open_slot(w, r, slot);
    } else if (what < 99) {
        close_slot(w, who, slot, false);
    }
}

static void snapshot(struct world *w, unsigned n)
{
    w->time += TICK;
    w->inventory[n] = w->time;
    for (unsigned p = 0; p < PROCESSES; p++)
        for (unsigned i = 0; i < SLOTS; i++)
            if (w->slots[p][i])
                w->listed[n][w->listed_count[n]++] = w->slots[p][i] - 1;
    w->time += (int64_t)TICK * (w->listed_count[n] + 10);
    for (unsigned i = 0; i < 10; i++)
        act(w);
    w->flushed[n] = w->time;
    /* Busy processors have overwritten all but their last part, each as much as it likes. */
    int64_t from = n ? w->flushed[n - 1] : 2000000;
    for (unsigned p = 0; p < PROCESSORS; p++)
        w->begins[n][p] = p == PROCESSORS - 1 ? 0
                                              : from + (w->inventory[n] - from) / 100 *
                                                           (n ? (int)rnd(w, 60) - 20 : 30 + (int)rnd(w, 60));
}

static void make_world(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->random = seed;
    w->time = 2000000;
    for (unsigned p = 0; p < PROCESSES; p++)
        w->keys[p] = (uint64_t)0x1000 * (p + 1);
    for (unsigned n = 0; n < SNAPSHOTS; n++) {
        for (unsigned i = 0; i < STEPS / SNAPSHOTS; i++)
            act(w);
        snapshot(w, n);
    }
}

static uint32_t pid_of(unsigned who)
{
    return 100 * (who + 1);
}

static void write_handle(struct maker *m, const struct act_row *r)
{
    m->time = r->time;
    m->user = !r->sweep;
    maker_use_type(r->type);
    if (r->act == ACT_CREATE)
        maker_create(m, pid_of(r->who), r->handle, r->object);
    else if (r->act == ACT_CLOSE)
        maker_close(m, pid_of(r->who), r->handle, r->object, "");
    else if (r->act == ACT_DUPLICATE)
        maker_duplicate(m, pid_of(r->from), r->source, pid_of(r->who), r->handle, r->object);
}

static void write_ring(const struct world *w, unsigned n, unsigned form)
{
    struct maker m;
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x10000;
    o.mode = 0x400;
    o.end_time = 0;
    maker_begin_with(&m, form, paths[1 + n], &o);
    for (unsigned p = 0; p < PROCESSORS; p++) {
        unsigned in_buffer = 0;
        maker_processor(&m, p);
        for (unsigned i = 0; i < w->count; i++) {
            const struct act_row *r = &w->rows[i];
            if (r->act > ACT_DUPLICATE || r->processor != p || r->time < w->begins[n][p] || r->time > w->flushed[n])
                continue;
            if (++in_buffer % 200 == 0)
                maker_processor(&m, p);
            write_handle(&m, r);
        }
    }
    maker_save(&m);
}

static void list_all(struct maker *m, const struct world *w, unsigned n)
{
    m->time = w->inventory[n];
    for (unsigned i = 0; i < w->listed_count[n]; i++) {
        const struct truth *t = &w->truths[w->listed[n][i]];
        maker_use_type(w->types[w->listed[n][i]]);
        maker_list(m, pid_of(t->who), t->handle, t->object, "");
    }
    maker_type(m, 17, "Event");
    maker_type(m, 18, "File");
    maker_type(m, 19, "Semaphore");
}

static void write_companion(const struct world *w, unsigned form)
{
    struct maker m;
    unsigned next = 0;
    maker_begin(&m, form, paths[0]);
    for (unsigned p = 0; p < PROCESSES; p++)
        maker_process(&m, 0x0303, pid_of(p), 4, (uint64_t)0x1000 * (p + 1), "app.exe");
    for (unsigned i = 0; i < w->count; i++) {
        const struct act_row *r = &w->rows[i];
        for (; next < SNAPSHOTS && r->time > w->inventory[next]; next++)
            list_all(&m, w, next);
        m.time = r->time;
        if (r->act == ACT_TERMINATE)
            maker_terminate(&m, pid_of(r->who));
        else if (r->act == ACT_START || r->act == ACT_END)
            maker_process(&m, r->act == ACT_START ? 0x0301 : 0x0302, pid_of(r->who), 4, r->key, "app.exe");
    }
    for (; next < SNAPSHOTS; next++)
        list_all(&m, w, next);
    maker_save(&m);
}

struct verdict {
    const struct world *world;
    bool told_open[2 * STEPS];
    unsigned false_leaks;
    unsigned false_exits;
    unsigned unknown;
    uint64_t sum; /* of all lives, in any order */
};

static void judge(struct verdict *v, const struct ledger_life *x)
{
    uint64_t what = (uint64_t)x->how << 16 | (uint64_t)x->end << 8 | x->uncertain;
    v->sum += hash_two(hash_two((uint64_t)x->opened, (uint64_t)x->closed), hash_two(x->object, what)) + x->handle;
    if (x->how == LEDGER_PREEXISTING)
        return;
    for (unsigned i = 0; i < v->world->truth_count; i++) {
        const struct truth *t = &v->world->truths[i];
        if (t->opened != x->opened)
            continue;
        v->told_open[i] = x->end == LEDGER_OPEN;
        v->false_leaks += x->end == LEDGER_OPEN && !t->open;
        v->false_exits += x->end == LEDGER_AT_EXIT && !t->at_exit;
        return;
    }
    v->unknown++;
}

static bool take(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        judge(ctx, &lives[i]);
    return true;
}

static bool is_held(const struct world *w, const struct truth *t)
{
    for (unsigned n = 0; n < SNAPSHOTS; n++)
        if (t->opened >= w->begins[n][t->processor] && t->opened <= w->flushed[n])
            return true;
    return false;
}

static void read_files(const char *const *files, unsigned count, const struct world *w, struct verdict *v)
{
    struct timeline_options o = {.files = files, .file_count = count, .sink = {.ctx = v, .lives = take}};
    struct timeline_facts facts;
    struct ledger *l = NULL;
    struct err err = {0};
    *v = (struct verdict){.world = w};
    assert_true(timeline_read(&o, &l, &facts, &err));
    assert_true(facts.ring);
    ledger_close(l);
}

/* The merged file tells what its parts told. */
static void merge_and_compare(const struct world *w, const struct verdict *expected)
{
    static struct verdict v;
    static const char *const merged[] = {"test_ring_random_m.etl"};
    static const struct merge_input inputs[] = {
        {"test_ring_random_c.etl", false}, {"test_ring_random_0.etl", false}, {"test_ring_random_1.etl", false}};
    struct merge_options o = {.inputs = inputs, .input_count = 1 + SNAPSHOTS, .output = merged[0], .replace = true};
    struct merge_result r;
    struct err err = {0};
    assert_true(merge_files(&o, &r, &err));
    assert_int_equal(r.warnings, 0);
    read_files(merged, 1, w, &v);
    assert_int_equal(v.sum, expected->sum);
    remove(merged[0]);
}

static void no_false_leaks(void **state)
{
    (void)state;
    static struct world w;
    static struct verdict v;
    unsigned told = 0;
    const char *asked = getenv("HR_RING_SEEDS");
    uint64_t seeds = asked ? strtoull(asked, NULL, 10) : 24;
    for (uint64_t seed = 1; seed <= seeds; seed++)
        for (unsigned form = 0; form < MAKER_FORMS; form++) {
            make_world(&w, seed);
            write_companion(&w, form);
            for (unsigned n = 0; n < SNAPSHOTS; n++)
                write_ring(&w, n, form);
            read_files(paths, 1 + SNAPSHOTS, &w, &v);
            assert_int_equal(v.unknown, 0);
            assert_int_equal(v.false_leaks, 0);
            assert_int_equal(v.false_exits, 0);
            for (unsigned i = 0; i < w.truth_count; i++)
                if (is_held(&w, &w.truths[i])) {
                    assert_int_equal(v.told_open[i], w.truths[i].open);
                    told += w.truths[i].open;
                }
            merge_and_compare(&w, &v);
        }
    assert_true(told > 1000);
    for (size_t i = 0; i < 3; i++)
        remove(paths[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_false_leaks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
