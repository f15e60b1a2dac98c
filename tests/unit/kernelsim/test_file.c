// The file's bytes, buffers and their loss, rundowns at mask changes.
#include "sim.h"
#include "walk.h"

#define FILE_A "C:\\t\\a.etl"

enum { AT_SIZE = 48, AT_MIN = 52, AT_MAX = 56, AT_FILE_MB = 60, AT_MODE = 64, AT_ENABLE = 72, AT_LOST = 88 };

static void finish(struct sim *s, uint64_t handle, struct walk *w)
{
    assert_int_equal(sim_stop(s, handle), 0);
    struct sim_file *f = sim_file(s, FILE_A);
    assert_false(f->open);
    walk_file(w, f->data, f->size, true);
}

static void test_header_and_first_buffer(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    struct sim_file *f = sim_file(s, FILE_A);
    struct walk w;
    walk_file(&w, f->data, f->size, false); // while it is being written, figures are zero
    walk_free(&w);
    finish(s, handle, &w);
    assert_int_equal(w.buffer_bytes, 0x10000);
    assert_int_equal(w.processors, 4);
    assert_int_equal(w.mode, 0x02000001);
    assert_int_equal(w.frequency, 10000000);
    assert_int_equal(w.lost, 0);
    assert_int_equal(w.markers, 2);
    walk_text(&w.events[0], 0x118, "recording");
    walk_text(&w.events[0], 0x118 + 20, FILE_A);
    assert_int_equal(w.events[0].pid, SIM_PARENT);
    assert_int_equal(w.events[1].hook, 0x0005); // group masks are in buffer 0, still all zero
    assert_int_equal(w.events[1].buffer, 0);
    assert_int_equal(w.events[1].bytes, 36);
    assert_int_equal(walk32(&w.events[1], 0), 0);
    assert_int_equal(w.events[2].hook, 0x0050);
    assert_int_equal(w.events[3].buffer, 1);
    walk_free(&w);
}

static void test_rundowns(void **state)
{
    struct sim *s = *state;
    assert_int_equal(sim_table(s, SIM_PARENT, "Semaphore", 0x40), KSIM_OK);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, false), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Process", 0x44, NULL, SIM_CHILD), KSIM_OK);
    assert_int_equal(sim_exit(s, SIM_CHILD, 201), KSIM_OK); // a zombie: its parent keeps a handle to it
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_masks(s, handle, 7, 0), 0);
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    struct walk w;
    finish(s, handle, &w);
    walk_sort(&w);
    assert_int_equal(walk_count(&w, 0x0303), 3); // Idle, System, the parent; once, as their bits were added once
    assert_int_equal(walk_count(&w, 0x0304), 3);
    assert_int_equal(walk_count(&w, 0x0327), 1);
    assert_int_equal(walk_count(&w, 0x0503), 6);
    assert_int_equal(walk_count(&w, 0x1403), 6);
    assert_int_equal(walk_count(&w, 0x1404), 6);
    assert_int_equal(walk_count(&w, 0x1127), 2 * 7); // when the bit went, and at the stop
    assert_int_equal(walk_count(&w, 0x1124) + walk_count(&w, 0x1126), 0);
    // Each mask change: the old masks, the end rundown, the new masks, the start rundown, done.
    // Start, on, without handles, with them, stop; and the one in buffer 0.
    assert_int_equal(walk_count(&w, 0x0020), 5);
    assert_int_equal(walk_count(&w, 0x0005), 6);
    assert_int_equal(walk_count(&w, 0x0008), 5);
    assert_int_equal(walk32(walk_find(&w, 0x0020, 2), 16), 0x40);
    assert_int_equal(walk32(walk_find(&w, 0x0020, 3), 16), 0);
    assert_int_equal(walk32(walk_find(&w, 0x0005, 4), 16), 0x40);
    uint32_t end = walk_position(&w, walk_find(&w, 0x0020, 4));
    assert_true(walk_position(&w, walk_find(&w, 0x1404, 0)) > end);
    assert_true(walk_position(&w, walk_find(&w, 0x0005, 3)) > walk_position(&w, walk_find(&w, 0x1125, 0)));
    // What was open before anybody watched is in the rundown.
    const struct walk_event *open = walk_find(&w, 0x1127, 5);
    assert_int_equal(walk32(open, 8), SIM_PARENT);
    assert_int_equal(walk32(open, 12), 0x40);
    assert_int_equal(walk32(walk_find(&w, 0x1127, 0), 12), 0x80000004); // the kernel's own
    assert_int_equal(walk32(walk_find(&w, 0x0327, 0), 8), SIM_CHILD);
    assert_int_equal(walk_find(&w, 0x0327, 0)->version, 5);
    walk_free(&w);
}

static void test_masks_at_start(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    sim_put32(&p, AT_ENABLE, 3);
    assert_int_equal(sim_start(s, &p), 0);
    struct walk w;
    finish(s, s->handle, &w);
    assert_int_equal(walk_count(&w, 0x0303), 3);
    assert_int_equal(walk_count(&w, 0x1403), 0);
    assert_int_equal(walk_count(&w, 0x1125), 0); // no types without the handle bit
    walk_free(&w);
}

static void test_payloads(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 0x10, "\\BaseNamedObjects\\x", 7), KSIM_OK);
    assert_int_equal(sim_duplicate(s, SIM_PARENT, SIM_CHILD, 0x10, SIM_PARENT, 0x20, false), KSIM_OK);
    assert_int_equal(sim_close(s, SIM_CHILD, 202, 0x10), KSIM_OK);
    struct walk w;
    finish(s, handle, &w);
    const struct walk_event *create = walk_find(&w, 0x1120, 0);
    const struct walk_event *close = walk_find(&w, 0x1121, 0);
    const struct walk_event *copy = walk_find(&w, 0x1122, 0);
    assert_int_equal(create->bytes, 16);
    assert_int_equal(create->version, 2);
    assert_int_equal(create->pid, SIM_CHILD);
    assert_int_equal(create->tid, 201);
    assert_int_equal(walk32(create, 8), 0x10);
    assert_int_equal(walk16(create, 14), 0); // no name
    assert_int_equal(close->tid, 202);
    walk_text(close, 14, "\\BaseNamedObjects\\x");
    assert_int_equal(copy->bytes, 26);
    assert_int_equal(copy->version, 3);
    assert_int_equal(walk32(copy, 8), 0x10);
    assert_int_equal(walk32(copy, 12), 0x20);
    assert_int_equal(walk32(copy, 16), SIM_PARENT);
    assert_int_equal(walk32(copy, 22), SIM_CHILD);
    assert_true(walk64(create, 0) == walk64(close, 0) && walk64(create, 0) == walk64(copy, 0));
    assert_int_equal(walk16(create, 12), walk16(close, 12));
    assert_int_equal(walk16(create, 12), walk16(copy, 20));
    // The type's index is named in the same file.
    bool named = false;
    for (uint32_t i = 0; i < w.count; i++) {
        if (w.events[i].hook == 0x1125 && walk16(&w.events[i], 0) == walk16(create, 12)) {
            walk_text(&w.events[i], 4, "Event");
            named = true;
        }
    }
    assert_true(named);
    const struct walk_event *started = walk_find(&w, 0x0301, 0);
    assert_int_equal(started->pid, SIM_PARENT); // the header names the creator
    assert_int_equal(walk32(started, 8), SIM_CHILD);
    assert_int_equal(walk32(started, 12), SIM_PARENT);
    assert_int_equal(walk_find(&w, 0x0501, 0)->pid, SIM_PARENT);
    assert_int_equal(walk32(walk_find(&w, 0x0501, 0), 0), SIM_CHILD);
    const struct walk_event *image = walk_find(&w, 0x030A, 0);
    assert_int_equal(walk32(image, 16), SIM_CHILD);
    walk_text(image, 56, "\\Device\\HarddiskVolume3\\x\\prog.exe");
    walk_free(&w);
}

static void test_type_numbers_follow_the_seed(void **state)
{
    struct sim *s = *state;
    uint32_t first = 0;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(sim_control(s, i ? "set type-seed 77" : "set type-seed 5"), 0);
        uint64_t handle = sim_record(s, FILE_A);
        assert_int_equal(sim_control(s, "set type-seed 6"), 1); // not while somebody records
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 8 + 4 * i, NULL, 0), KSIM_OK);
        struct walk w;
        finish(s, handle, &w);
        uint32_t index = walk16(walk_find(&w, 0x1120, 0), 12);
        assert_int_not_equal(index, first);
        first = index;
        walk_free(&w);
    }
}

static void create_many(struct sim *s, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        s->cpu = i % 8; // more processors than there are: taken modulo
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x100 + 4 * i, NULL, 0), KSIM_OK);
    }
    s->cpu = 0;
}

static void test_many_buffers_in_order(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    sim_put32(&p, AT_SIZE, 4);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    create_many(s, 2000);
    struct walk w;
    finish(s, handle, &w);
    assert_int_equal(walk_count(&w, 0x1120), 2000);
    assert_true(w.buffers > 20);
    assert_int_equal(w.lost, 0);
    uint32_t cpus = 0;
    for (uint32_t i = 0; i < w.count; i++) {
        cpus |= 1u << w.events[i].cpu;
    }
    assert_int_equal(cpus, 0xF);
    walk_free(&w);
}

static void test_no_free_buffer_loses_events(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    sim_put32(&p, AT_SIZE, 4);
    sim_put32(&p, AT_MIN, 8);
    sim_put32(&p, AT_MAX, 8);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    assert_int_equal(sim_control(s, "set stall-writer 1"), 0);
    create_many(s, 2000);
    uint32_t lost = sim_truth(s, SIM_PARENT, "Event", "lost_creates");
    uint32_t logged = sim_truth(s, SIM_PARENT, "Event", "creates");
    assert_true(lost > 100);
    assert_true(logged > 100);
    assert_int_equal(logged + lost, 2000);
    struct sim_props q = sim_props("recording", NULL);
    assert_int_equal(sim_control_trace(s, 0, handle, NULL, &q), 0);
    assert_int_equal(sim_get32(s->out + AT_LOST), lost);
    assert_int_equal(sim_control(s, "set stall-writer 0"), 0);
    struct walk w;
    finish(s, handle, &w);
    assert_int_equal(w.lost, lost);
    assert_int_equal(walk_count(&w, 0x1120), logged);
    assert_int_equal(walk_count(&w, 0x1127), 6 + 2000 - 1); // the rundown waits for the writer and loses nothing
    walk_free(&w);
}

static void test_size_limit(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    sim_put32(&p, AT_SIZE, 4);
    sim_put32(&p, AT_FILE_MB, 40); // kilobytes, with this mode
    sim_put32(&p, AT_MODE, 0x02002001);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    create_many(s, 2000);
    assert_int_equal(sim_stop(s, handle), 0);
    struct sim_file *f = sim_file(s, FILE_A);
    assert_int_equal(f->size, 10 * 4096);
    uint32_t logged = sim_truth(s, SIM_PARENT, "Event", "creates");
    assert_int_equal(logged + sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 2000);
    assert_true(sim_get32(f->data + 0x98) > 1000); // the header's lost events
    assert_int_equal(sim_get32(f->data + 0x8C), 10);
}

static void test_no_per_processor_buffers(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    sim_put32(&p, AT_MODE, 0x12000001);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    create_many(s, 20);
    struct walk w;
    finish(s, handle, &w);
    assert_int_equal(w.processors, 1);
    for (uint32_t i = 0; i < w.count; i++) {
        assert_int_equal(w.events[i].cpu, 0);
    }
    walk_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_header_and_first_buffer, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_rundowns, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_masks_at_start, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_payloads, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_type_numbers_follow_the_seed, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_many_buffers_in_order, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_no_free_buffer_loses_events, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_size_limit, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_no_per_processor_buffers, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
