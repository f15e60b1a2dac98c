// Real-time sessions: their reader, what a slow one misses, and how UPDATE turns them on and off.
#include "sim.h"
#include "walk.h"

#include <stdio.h>

#define FILE_A "C:\\t\\a.etl"

enum { QUERY = 0, UPDATE = 2, FLUSH = 3 };
enum {
    AT_SIZE = 48,
    AT_MIN = 52,
    AT_MAX = 56,
    AT_MODE = 64,
    AT_TIMER = 68,
    AT_LOST = 88,
    AT_WRITTEN = 92,
    AT_RT = 100
};
enum { REAL_TIME = 0x02000100, BOTH = 0x02000101 };

static struct sim_props props(uint32_t mode, const char *file)
{
    struct sim_props p = sim_props("live", file);
    sim_put32(&p, AT_SIZE, 4);
    sim_put32(&p, AT_MIN, 8);
    sim_put32(&p, AT_MAX, 8);
    sim_put32(&p, AT_MODE, mode);
    return p;
}

static uint64_t start(struct sim *s, uint32_t mode, const char *file)
{
    struct sim_props p = props(mode, file);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 0, 0x40), 0);
    return handle;
}

static uint32_t open_trace(struct sim *s, const char *name)
{
    return sim_call(s, KSIM_OPEN_TRACE, 0, 0, name, NULL, 0, sizeof(struct ksim_open_trace));
}

static uint64_t reader(struct sim *s)
{
    assert_int_equal(open_trace(s, "live"), 0);
    uint64_t id = s->handle;
    assert_int_not_equal(id, 0);
    assert_int_equal(sim_call(s, KSIM_PROCESS_TRACE, 0, id, NULL, NULL, 0, 0), 0);
    return id;
}

static void create(struct sim *s, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", first + 4 * i, NULL, 0), KSIM_OK);
    }
}

// How many events of this hook the reader gets until there is nothing more for now.
static uint32_t drain(struct sim *s, uint64_t id, uint16_t hook, bool *over)
{
    uint32_t n = 0;
    uint32_t at = 0;
    for (;;) {
        assert_int_equal(sim_call(s, KSIM_READ_TRACE, at, id, NULL, NULL, 0, 0x20000), 0);
        struct ksim_read_trace head;
        assert_true(s->out_bytes >= sizeof head);
        memcpy(&head, s->out, sizeof head);
        *over = head.over;
        if (head.total == 0) {
            return n;
        }
        assert_int_equal(s->out_bytes, sizeof head + head.total); // these are small
        const uint8_t *b = s->out + sizeof head;
        assert_int_equal(sim_get32(b + 0x30), head.total);
        for (uint32_t r = 0x48; r < head.total; r += ((sim_get32(b + r + 4) & 0xFFFF) + 7u) & ~7u) {
            n += sim_get32(b + r + 4) >> 16 == hook ? 1 : 0;
        }
        at = head.total;
    }
}

static uint32_t figure(struct sim *s, uint64_t handle, uint32_t at)
{
    struct sim_props p = sim_props("live", NULL);
    assert_int_equal(sim_control_trace(s, QUERY, handle, NULL, &p), 0);
    return sim_get32(s->out + at);
}

static void test_refusals(void **state)
{
    struct sim *s = *state;
    assert_int_equal(open_trace(s, "live"), 4201);
    assert_int_equal(open_trace(s, NULL), 87);
    uint64_t file = sim_record(s, FILE_A);
    assert_int_equal(open_trace(s, "recording"), 4201); // not in real time
    assert_int_equal(sim_stop(s, file), 0);
    uint64_t handle = start(s, REAL_TIME, NULL);
    s->elevated = 0;
    assert_int_equal(open_trace(s, "live"), 5);
    s->elevated = KSIM_CALLER_ELEVATED;
    uint64_t id = reader(s);
    struct ksim_open_trace opened;
    assert_int_equal(open_trace(s, "live"), 1450); // one reader
    assert_int_equal(sim_call(s, KSIM_CLOSE_TRACE, 0, id, NULL, NULL, 0, 0), 0);
    assert_int_equal(sim_call(s, KSIM_CLOSE_TRACE, 0, id, NULL, NULL, 0, 0), 6);
    assert_int_equal(sim_call(s, KSIM_PROCESS_TRACE, 0, id, NULL, NULL, 0, 0), 6);
    assert_int_equal(sim_call(s, KSIM_READ_TRACE, 0, id, NULL, NULL, 0, 0), 6);
    assert_int_equal(open_trace(s, "LIVE"), 0);
    assert_int_equal(s->out_bytes, sizeof opened);
    memcpy(&opened, s->out, sizeof opened);
    assert_int_equal(sim_get32(opened.header), 4096);
    assert_int_equal(sim_get32(opened.header + 12), 4);
    assert_int_equal(sim_get32(opened.header + 0x100), 10000000);
    assert_true(opened.start > 0);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_int_equal(s->file_count, 1);
}

static void test_reading(void **state)
{
    struct sim *s = *state;
    bool over = true;
    uint64_t handle = start(s, REAL_TIME, NULL);
    assert_int_equal(figure(s, handle, AT_TIMER), 1);
    create(s, 0x1000, 5);
    uint64_t id = reader(s);
    assert_int_equal(drain(s, id, 0x1120, &over), 0); // nothing was flushed yet
    assert_false(over);
    kernel_tick(s->k); // once a second
    assert_int_equal(drain(s, id, 0x1120, &over), 5);
    create(s, 0x2000, 200);
    assert_true(drain(s, id, 0x1120, &over) >= 100); // full buffers come at once
    create(s, 0x3000, 3);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_int_equal(sim_get32(s->out + AT_LOST), 0);
    assert_int_equal(sim_get32(s->out + AT_RT), 0);
    // What was on the way at the stop still arrives, the end rundown too; then it is over.
    assert_true(drain(s, id, 0x1120, &over) >= 3);
    assert_true(over);
    assert_int_equal(sim_call(s, KSIM_CLOSE_TRACE, 0, id, NULL, NULL, 0, 0), 0);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), 208);
    assert_int_equal(s->file_count, 0);
}

static void test_slow_reader(void **state)
{
    struct sim *s = *state;
    bool over = false;
    uint64_t handle = start(s, REAL_TIME, NULL);
    assert_int_equal(sim_control(s, "set rt-backlog 3"), 0);
    uint64_t id = reader(s);
    create(s, 0x1000, 1000);
    uint32_t lost = figure(s, handle, AT_RT);
    assert_in_range(lost, 5, 20);
    assert_int_equal(figure(s, handle, AT_LOST), 0);
    uint32_t got = drain(s, id, 0x1120, &over);
    assert_int_equal(sim_control_trace(s, FLUSH, handle, NULL, &(struct sim_props){0}), 87);
    struct sim_props p = sim_props("live", NULL);
    assert_int_equal(sim_control_trace(s, FLUSH, handle, NULL, &p), 0);
    got += drain(s, id, 0x1120, &over);
    assert_in_range(got, 100, 600);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), got);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 1000 - got);
    assert_int_equal(figure(s, handle, AT_RT), lost);
    assert_false(over);
}

// The file has everything, whatever a reader does.
static void test_with_file(void **state)
{
    struct sim *s = *state;
    bool over = false;
    uint64_t handle = start(s, BOTH, FILE_A);
    assert_int_equal(sim_control(s, "set rt-backlog 2"), 0);
    create(s, 0x1000, 1000); // nobody reads
    assert_true(figure(s, handle, AT_RT) > 0);
    uint64_t id = reader(s);
    assert_true(drain(s, id, 0x1120, &over) > 50); // what was kept for one
    kernel_tick(s->k);
    assert_int_equal(sim_exit(s, SIM_PARENT, 101), KSIM_OK); // the reader is gone with its process
    assert_int_equal(sim_call(s, KSIM_READ_TRACE, 0, id, NULL, NULL, 0, 0), 6);
    assert_int_equal(sim_stop(s, handle), 0);
    const struct sim_file *f = sim_file(s, FILE_A);
    struct walk w;
    walk_file(&w, f->data, f->size, true);
    assert_int_equal(w.mode, 0x02000001); // real time does not show in the file
    assert_int_equal(walk_count(&w, 0x1120), 1000);
    walk_free(&w);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 0);
}

static void test_update(void **state)
{
    struct sim *s = *state;
    bool over = false;
    uint64_t handle = sim_record(s, FILE_A);
    struct sim_props p = sim_props("recording", NULL);
    sim_put32(&p, AT_MODE, 0x100);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 0);
    assert_int_equal(sim_get32(s->out + AT_MODE), 0x02000101);
    assert_int_equal(sim_get32(s->out + AT_TIMER), 1);
    assert_int_equal(open_trace(s, "recording"), 0);
    uint64_t id = s->handle;
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 0); // it goes on
    drain(s, id, 0x1120, &over);
    assert_false(over);
    sim_put32(&p, AT_MODE, 0); // not asked for again: it ends
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 0);
    assert_int_equal(sim_get32(s->out + AT_MODE), 0x02000001);
    drain(s, id, 0x1120, &over);
    assert_true(over);
    assert_int_equal(sim_stop(s, handle), 0);
    handle = start(s, REAL_TIME, NULL);
    struct sim_props live = sim_props("live", NULL);
    sim_put32(&live, AT_MODE, 0);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &live), 87); // nothing would be left of it
    struct sim_props named = sim_props("live", "C:\\t\\b.etl");
    sim_put32(&named, AT_MODE, 0x100);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &named), 87);
    assert_int_equal(sim_stop(s, handle), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, sim_setup, sim_teardown)
    const struct CMUnitTest tests[] = {TEST(test_refusals), TEST(test_reading), TEST(test_slow_reader),
                                       TEST(test_with_file), TEST(test_update)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
