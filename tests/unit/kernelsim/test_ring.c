// Rings: what StartTrace, FLUSH and UPDATE allow, what is overwritten, and what their files look like in each dialect.
#include "sim.h"
#include "walk.h"

#include <stdio.h>

#define FILE_A "C:\\t\\a.etl"
#define FILE_B "C:\\t\\b.etl"

enum { QUERY = 0, STOP = 1, UPDATE = 2, FLUSH = 3 };
enum {
    AT_SIZE = 48,
    AT_MIN = 52,
    AT_MAX = 56,
    AT_FILE_MB = 60,
    AT_MODE = 64,
    AT_TIMER = 68,
    AT_ENABLE = 72,
    AT_NUMBER = 80,
    AT_LOST = 88,
    AT_WRITTEN = 92
};

static struct sim_props ring_props(const char *file)
{
    struct sim_props p = sim_props("ring", file);
    sim_put32(&p, AT_SIZE, 4);
    sim_put32(&p, AT_MIN, 8);
    sim_put32(&p, AT_MAX, 900);
    sim_put32(&p, AT_MODE, 0x02000400);
    return p;
}

static uint64_t ring(struct sim *s)
{
    struct sim_props p = ring_props(NULL);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    return handle;
}

static uint32_t flush(struct sim *s, uint64_t handle, const char *file)
{
    struct sim_props p = sim_props("ring", file);
    return sim_control_trace(s, FLUSH, handle, NULL, &p);
}

static uint32_t figure(struct sim *s, uint64_t handle, uint32_t at)
{
    struct sim_props p = sim_props("ring", NULL);
    assert_int_equal(sim_control_trace(s, QUERY, handle, NULL, &p), 0);
    return sim_get32(s->out + at);
}

static void read_ring(struct sim *s, const char *file, struct walk *w)
{
    const struct sim_file *f = sim_file(s, file);
    assert_non_null(f);
    assert_false(f->open);
    walk_ring(w, f->data, f->size);
}

// Handles first, first + 4, ...; on this processor.
static void create(struct sim *s, uint32_t cpu, uint32_t first, uint32_t count)
{
    s->cpu = cpu;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", first + 4 * i, NULL, 0), KSIM_OK);
    }
}

static uint32_t created(const struct walk *w, uint32_t handle)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        n += w->events[i].hook == 0x1120 && walk32(&w->events[i], 8) == handle ? 1 : 0;
    }
    return n;
}

static void refused(struct sim *s, uint32_t at, uint32_t value, uint32_t status)
{
    struct sim_props p = ring_props(NULL);
    sim_put32(&p, at, value);
    assert_int_equal(sim_start(s, &p), status);
}

static void test_what_start_refuses(void **state)
{
    struct sim *s = *state;
    struct sim_props named = ring_props(FILE_A);
    assert_int_equal(sim_start(s, &named), 87);
    struct sim_props empty_name = ring_props("");
    assert_int_equal(sim_start(s, &empty_name), 87); // the offset is what counts
    refused(s, AT_MODE, 0x02000401, 87);
    refused(s, AT_MODE, 0x02000402, 87);
    refused(s, AT_MODE, 0x02000404, 87);
    refused(s, AT_MODE, 0x02000408, 87);
    refused(s, AT_MODE, 0x02000420, 87);
    refused(s, AT_MODE, 0x02000440, 87);
    refused(s, AT_MODE, 0x06000400, 50);
    assert_string_equal(sim_control_text(s, "sessions"), "[]\n");
}

static void test_figures(void **state)
{
    struct sim *s = *state;
    assert_int_equal(sim_control(s, "set ram-mb 1024"), 0);
    struct sim_props p = ring_props(NULL);
    sim_put32(&p, AT_SIZE, 1024);
    sim_put32(&p, AT_MIN, 512);
    sim_put32(&p, AT_MODE, 0x02000500);
    sim_put32(&p, AT_TIMER, 5);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_get32(s->out + AT_MIN), 102); // a tenth of the memory
    assert_int_equal(sim_get32(s->out + AT_MAX), 102);
    assert_int_equal(sim_get32(s->out + AT_NUMBER), 102);
    assert_int_equal(sim_get32(s->out + AT_MODE), 0x02000400); // real time is dropped, and not told
    struct sim_props more = sim_props("ring", NULL);
    sim_put32(&more, AT_MAX, 2000);
    sim_put32(&more, AT_MODE, 0);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &more), 0);
    assert_int_equal(figure(s, handle, AT_MAX), 102);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_int_equal(sim_control(s, "set buffers-max 9"), 0);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_equal(sim_get32(s->out + AT_MAX), 9);
    assert_int_equal(s->file_count, 0); // nothing was written
}

static void test_flush_and_update(void **state)
{
    struct sim *s = *state;
    uint64_t handle = ring(s);
    create(s, 0, 0x40, 3);
    assert_int_equal(flush(s, handle, NULL), 2);
    assert_int_equal(flush(s, handle, ""), 2);
    assert_int_equal(flush(s, handle, "a.etl"), 161);
    struct sim_props p = sim_props("ring", FILE_A);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 87);
    assert_int_equal(sim_control(s, "set disk-full 1"), 0);
    assert_int_equal(flush(s, handle, FILE_A), 112);
    assert_int_equal(sim_control(s, "set disk-full 0"), 0);
    s->open_error = 3;
    assert_int_equal(flush(s, handle, FILE_A), 3);
    s->open_error = 0;
    assert_int_equal(flush(s, handle, FILE_A), 0); // after all that it still runs
    struct walk w;
    read_ring(s, FILE_A, &w);
    assert_int_equal(walk_count(&w, 0x1120), 3);
    walk_free(&w);
    assert_int_equal(figure(s, handle, AT_WRITTEN), 0);
    assert_int_equal(figure(s, handle, AT_LOST), 0);
    create(s, 0, 0x80, 1);
    assert_int_equal(sim_stop(s, handle), 0); // what came after the flush is nowhere
    assert_int_equal(s->file_count, 1);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), 0);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "overwritten_creates"), 4);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 0);
}

static void test_faults(void **state)
{
    struct sim *s = *state;
    uint64_t handle = ring(s);
    assert_int_equal(sim_control(s, "set fail ControlTrace:FLUSH 1 5"), 0);
    assert_int_equal(flush(s, handle, FILE_A), 5);
    assert_null(sim_file(s, FILE_A));
    assert_int_equal(sim_control(s, "set fail ControlTrace:FLUSH 1 5 after"), 0);
    assert_int_equal(flush(s, handle, FILE_A), 5);
    assert_non_null(sim_file(s, FILE_A)); // it was done, and said not to be
    assert_int_equal(sim_control(s, "set hang ControlTrace:FLUSH 1"), 0);
    assert_int_equal(sim_control(s, "set hang ControlTrace:UPDATE 1"), 0);
    assert_int_equal(flush(s, handle, FILE_B), 0);
    assert_int_equal(s->waits, 1);
    struct sim_props p = sim_props("ring", NULL);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 0);
    assert_int_equal(s->waits, 2);
    assert_int_equal(sim_control(s, "set die ControlTrace:FLUSH 1 after"), 0);
    flush(s, handle, "C:\\t\\c.etl");
    assert_int_equal(s->killed, SIM_PARENT);
    assert_non_null(sim_file(s, "C:\\t\\c.etl"));
}

enum order { TIME, PROCESSOR, MEMORY };

static const struct expected {
    const char *name;
    bool drains, switches, flush_times, empties, header_late, figures, no_masks, keeps_files;
    // empties: also of a ring that is used up on the busy processor only
    uint32_t markers; // with buffer 0's
    enum order order;
} dialects[] = {
    {"default", 0, 0, 0, 0, 0, 0, 0, 0, 1, TIME},
    {"joined", 1, 0, 1, 0, 0, 1, 0, 0, 1, TIME},
    {"system-header", 0, 1, 0, 0, 1, 0, 0, 0, 1, PROCESSOR},
    {"no-ids", 0, 0, 0, 0, 0, 0, 0, 0, 2, MEMORY},
    {"late-stacks", 0, 1, 1, 0, 1, 0, 0, 0, 1, MEMORY},
    {"sweep-after-end", 0, 1, 0, 0, 0, 0, 0, 1, 1, PROCESSOR},
    {"terminate-late", 1, 0, 0, 0, 0, 0, 0, 0, 1, PROCESSOR},
    {"late-close", 0, 0, 1, 0, 1, 1, 0, 0, 1, TIME},
    {"worst", 0, 1, 1, 1, 1, 0, 1, 1, 2, MEMORY},
};

static uint64_t flush_time(const struct sim_file *f, uint32_t buffer)
{
    uint64_t t;
    memcpy(&t, f->data + (size_t)buffer * 4096 + 0x10, sizeof t);
    return t;
}

static void check_times(const struct sim_file *f, const struct walk *w, const struct expected *d)
{
    int64_t latest = 0;
    uint32_t backward = 0;
    uint32_t cpu_falls = 0;
    uint32_t cpu = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->events[i].buffer == 0) {
            continue;
        }
        latest = w->events[i].time > latest ? w->events[i].time : latest;
        cpu_falls += w->events[i].cpu < cpu ? 1 : 0;
        cpu = w->events[i].cpu;
        // The header's time is the session's start or the flush.
        assert_int_equal(w->events[i].time < w->events[0].time, d->header_late);
    }
    for (uint32_t i = 2; i + w->empties < w->buffers; i++) {
        backward += flush_time(f, i) < flush_time(f, i - 1) ? 1 : 0;
    }
    // With the time of the flush in all buffers they cannot be told apart by it.
    uint32_t late = 0;
    for (uint32_t i = 1; i < w->buffers; i++) {
        late += flush_time(f, i) > (uint64_t)latest ? 1 : 0;
    }
    assert_int_equal(late == w->buffers - 1, d->flush_times);
    if (d->order == TIME || d->flush_times) {
        assert_int_equal(backward, 0);
    }
    if (d->order == PROCESSOR) {
        assert_int_equal(cpu_falls, 0);
    }
    assert_int_equal(w->backward > 0, d->order == MEMORY);
}

static void check_file(struct sim *s, const struct walk *w, const struct expected *d)
{
    assert_int_equal(w->mode, 0x02000400);
    assert_int_equal(w->lost, 0);
    assert_int_equal(w->processors, 2);
    assert_int_equal(w->markers, d->markers);
    assert_int_equal(w->end_time != 0, d->figures);
    assert_int_equal(w->written, d->figures ? w->buffers : 0);
    assert_int_equal(w->events[1].hook == 0x0005, !d->no_masks);
    assert_int_equal(w->empties > 0, d->empties);
    static const uint16_t rundowns[] = {0x0303, 0x0304, 0x0503, 0x1403, 0x1404, 0x1125, 0x1127, 0x0327};
    for (uint32_t i = 0; i < sizeof rundowns / sizeof *rundowns; i++) {
        assert_int_equal(walk_count(w, rundowns[i]), 0);
    }
    // What was early on the busy processor is gone, and not lost; what was early on the idle one is there.
    assert_int_equal(created(w, 0x1000), 1);
    assert_int_equal(created(w, 0x2000), 0);
    assert_int_equal(created(w, 0x2000 + 4 * 1999), 1);
    uint32_t kept = walk_count(w, 0x1120);
    assert_in_range(kept, 200, 1000);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), kept);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "overwritten_creates"), 2010 - kept);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 0);
}

static void check_second_file(struct sim *s, uint64_t handle, const struct expected *d)
{
    create(s, 0, 0x8000, 5);
    assert_int_equal(flush(s, handle, FILE_A), d->keeps_files ? 183 : 0);
    assert_int_equal(flush(s, handle, FILE_B), 0);
    struct walk w;
    read_ring(s, FILE_B, &w);
    // Once in the file; with a ring that is drained they are already in the first one.
    assert_int_equal(created(&w, 0x8000), d->drains ? 0 : 1);
    assert_int_equal(created(&w, 0x1000), d->drains ? 0 : 1);
    walk_free(&w);
    create(s, 0, 0x9000, 5);
    assert_int_equal(flush(s, handle, "C:\\t\\c.etl"), 0);
    read_ring(s, "C:\\t\\c.etl", &w);
    assert_int_equal(created(&w, 0x9000), 1);
    assert_int_equal(created(&w, 0x8000), d->drains ? 0 : 1);
    walk_free(&w);
}

static void check_dialect(struct sim *s, const struct expected *d)
{
    char words[64];
    snprintf(words, sizeof words, "set dialect %s", d->name);
    assert_int_equal(sim_control(s, words), 0);
    assert_int_equal(sim_control(s, "set processors 2"), 0);
    uint64_t handle = ring(s);
    create(s, 1, 0x1000, 10);
    create(s, 0, 0x2000, 2000);
    assert_int_equal(flush(s, handle, FILE_A), 0);
    struct walk w;
    read_ring(s, FILE_A, &w);
    check_file(s, &w, d);
    check_times(sim_file(s, FILE_A), &w, d);
    walk_free(&w);
    check_second_file(s, handle, d);
    assert_int_equal(figure(s, handle, AT_LOST), 0);
    assert_int_equal(figure(s, handle, AT_WRITTEN), 0);
    assert_int_equal(sim_stop(s, handle), 0);
}

static void test_dialects(void **state)
{
    for (uint32_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        sim_teardown(state);
        sim_setup(state);
        check_dialect(*state, &dialects[i]);
    }
}

// A processor of a ring has its share: a busy one does not take from the others, unless the ring is one for all.
static void test_shares(void **state)
{
    static const struct {
        const char *dialect;
        uint32_t kept; // buffers of the busy processor
    } cases[] = {{"default", 4}, {"no-ids", 7}};
    for (uint32_t i = 0; i < 2; i++) {
        sim_teardown(state);
        sim_setup(state);
        struct sim *s = *state;
        char words[64];
        snprintf(words, sizeof words, "set dialect %s", cases[i].dialect);
        assert_int_equal(sim_control(s, words), 0);
        assert_int_equal(sim_control(s, "set processors 2"), 0);
        uint64_t handle = ring(s);
        create(s, 1, 0x1000, 400); // five buffers, so some are full
        create(s, 0, 0x4000, 2000);
        assert_int_equal(flush(s, handle, FILE_A), 0);
        struct walk w;
        read_ring(s, FILE_A, &w);
        uint32_t busy = 0;
        uint32_t last = 0;
        for (uint32_t e = 0; e < w.count; e++) {
            busy += w.events[e].buffer && w.events[e].cpu == 0 && w.events[e].buffer != last ? 1 : 0;
            last = w.events[e].buffer;
        }
        assert_int_equal(busy, cases[i].kept);
        assert_int_equal(created(&w, 0x1000 + 4 * 399), 1);
        walk_free(&w);
        assert_int_equal(sim_stop(s, handle), 0);
    }
}

static void test_spread(void **state)
{
    struct sim *s = *state;
    assert_int_equal(sim_control(s, "set spread 7"), 0);
    uint64_t handle = sim_record(s, FILE_A);
    create(s, 2, 0x1000, 4000);
    assert_int_equal(sim_stop(s, handle), 0);
    const struct sim_file *f = sim_file(s, FILE_A);
    struct walk w;
    walk_file(&w, f->data, f->size, true);
    uint32_t on[4] = {0};
    for (uint32_t i = 0; i < w.count; i++) {
        if (w.events[i].hook == 0x1120) {
            on[w.events[i].cpu]++;
        }
    }
    assert_in_range(on[0], 1500, 2500);
    assert_in_range(on[1], 700, 1300);
    assert_in_range(on[2], 300, 700);
    assert_in_range(on[3], 300, 700);
    walk_free(&w);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, sim_setup, sim_teardown)
    const struct CMUnitTest tests[] = {TEST(test_what_start_refuses),
                                       TEST(test_figures),
                                       TEST(test_flush_and_update),
                                       TEST(test_faults),
                                       TEST(test_dialects),
                                       TEST(test_shares),
                                       TEST(test_spread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
