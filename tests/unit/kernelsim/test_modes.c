// Files that are limited, written in a circle, appended to or reserved beforehand.
#include "sim.h"
#include "walk.h"

#define FILE_A "C:\\t\\a.etl"
#define FILE_B "C:\\t\\b.etl"

enum { QUERY = 0, UPDATE = 2 };
enum { AT_SIZE = 48, AT_FILE_KB = 60, AT_MODE = 64, AT_LOST = 88, AT_WRITTEN = 92, AT_LOG_LOST = 96 };
enum { KBYTES = 0x2000, SEQUENTIAL = 1, CIRCULAR = 2, APPEND = 4, PREALLOCATE = 0x20, SYSTEM = 0x02000000 };
enum { BUFFER = 4096 };

static struct sim_props props(uint32_t mode, uint32_t kilobytes)
{
    struct sim_props p = sim_props("limited", FILE_A);
    sim_put32(&p, AT_SIZE, 4);
    sim_put32(&p, AT_FILE_KB, kilobytes);
    sim_put32(&p, AT_MODE, SYSTEM | KBYTES | mode);
    return p;
}

static uint64_t start(struct sim *s, uint32_t mode, uint32_t kilobytes)
{
    struct sim_props p = props(mode, kilobytes);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    return handle;
}

static void create(struct sim *s, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        s->cpu++; // on all processors, so that none keeps what is early
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", first + 4 * i, NULL, 0), KSIM_OK);
    }
}

static void churn(struct sim *s, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        create(s, first + 4 * i, 1);
        assert_int_equal(sim_close(s, SIM_PARENT, 101, first + 4 * i), KSIM_OK);
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

static void test_circular(void **state)
{
    struct sim *s = *state;
    struct sim_props unlimited = props(CIRCULAR, 0);
    assert_int_equal(sim_start(s, &unlimited), 87);
    struct sim_props no_room = props(CIRCULAR, 7);
    assert_int_equal(sim_start(s, &no_room), 87);
    uint64_t handle = start(s, CIRCULAR, 83); // twenty buffers, the first of which is the header's
    churn(s, 0x1000, 3000);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_int_equal(sim_get32(s->out + AT_LOST), 0);
    uint32_t all = sim_get32(s->out + AT_WRITTEN) + 1;
    const struct sim_file *f = sim_file(s, FILE_A);
    assert_int_equal(f->size, 20 * BUFFER);
    struct walk w;
    walk_ring(&w, f->data, f->size);
    assert_int_equal(w.buffers, 20);
    assert_int_equal(w.written, all); // more than there are
    assert_true(all > 30);
    assert_int_not_equal(w.end_time, 0);
    assert_int_equal(w.mode, SYSTEM | KBYTES | CIRCULAR);
    assert_int_equal(w.markers, 2); // buffer 0's, and the last one's, wherever that lies
    assert_true(w.backward > 0);
    assert_int_equal(walk_count(&w, 0x0303), 0); // the start rundown is overwritten, the end rundown is there
    assert_int_equal(walk_count(&w, 0x0304), 3);
    assert_true(walk_count(&w, 0x1125) > 10);
    assert_int_equal(created(&w, 0x1000), 0);
    uint32_t kept = walk_count(&w, 0x1120);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), kept);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "overwritten_creates"), 3000 - kept);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 0);
    walk_free(&w);
}

static void test_circular_keeps_its_file(void **state)
{
    struct sim *s = *state;
    uint64_t handle = start(s, CIRCULAR, 40);
    struct sim_props other = sim_props("limited", FILE_B);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &other), 87);
    assert_int_equal(sim_stop(s, handle), 0);
    // A circle that was not gone round once is an ordinary file.
    const struct sim_file *f = sim_file(s, FILE_A);
    struct walk w;
    walk_file(&w, f->data, f->size, true);
    assert_true(walk_count(&w, 0x0303) > 0);
    walk_free(&w);
}

static void test_limit(void **state)
{
    struct sim *s = *state;
    uint64_t handle = start(s, SEQUENTIAL, 43);
    create(s, 0x1000, 3000);
    struct sim_props p = sim_props("limited", NULL);
    assert_int_equal(sim_control_trace(s, QUERY, handle, NULL, &p), 0); // it still runs
    assert_true(sim_get32(s->out + AT_LOST) > 1000);
    assert_true(sim_get32(s->out + AT_LOG_LOST) > 0);
    assert_int_equal(sim_get32(s->out + AT_WRITTEN), 9);
    assert_int_equal(sim_stop(s, handle), 0);
    uint32_t lost = sim_get32(s->out + AT_LOST);
    const struct sim_file *f = sim_file(s, FILE_A);
    assert_int_equal(f->size, 10 * BUFFER);
    struct walk w;
    walk_ring(&w, f->data, f->size); // the last mark is in what was lost
    assert_int_equal(w.lost, lost);
    assert_int_equal(w.written, 10);
    assert_int_equal(created(&w, 0x1000), 1);
    assert_int_equal(walk_count(&w, 0x1125), 0);
    uint32_t kept = walk_count(&w, 0x1120);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), kept);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 3000 - kept);
    walk_free(&w);
}

static void test_append(void **state)
{
    struct sim *s = *state;
    uint64_t handle = start(s, SEQUENTIAL | APPEND, 0); // there is none yet
    create(s, 0x1000, 3);
    assert_int_equal(sim_stop(s, handle), 0);
    struct sim_props p = props(SEQUENTIAL | APPEND, 0);
    sim_put32(&p, AT_SIZE, 8);
    assert_int_equal(sim_start(s, &p), 87); // not with buffers of another size
    handle = start(s, SEQUENTIAL | APPEND, 0);
    create(s, 0x2000, 5);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_int_equal(sim_control(s, "set processors 2"), 0);
    p = props(SEQUENTIAL | APPEND, 0);
    assert_int_equal(sim_start(s, &p), 87);
    const struct sim_file *f = sim_file(s, FILE_A);
    assert_false(f->open);
    struct walk w;
    walk_file(&w, f->data, f->size, true);
    assert_int_equal(walk_count(&w, 0x1120), 8);
    assert_int_equal(walk_count(&w, 0x0000), 1);
    assert_int_equal(w.markers, 3); // the one that was last still has its mark
    walk_free(&w);
}

static void test_preallocated(void **state)
{
    struct sim *s = *state;
    struct sim_props p = props(SEQUENTIAL | PREALLOCATE, 0);
    assert_int_equal(sim_start(s, &p), 87);
    uint64_t handle = start(s, SEQUENTIAL | PREALLOCATE, 400);
    const struct sim_file *f = sim_file(s, FILE_A);
    assert_int_equal(f->size, 400 * 1024);
    create(s, 0x1000, 100);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_in_range(f->size, 3 * BUFFER, 40 * BUFFER);
    struct walk w;
    walk_file(&w, f->data, f->size, true);
    assert_int_equal(walk_count(&w, 0x1120), 100);
    walk_free(&w);
    // A session that dies leaves the whole of it, with zeroes behind what it wrote.
    start(s, CIRCULAR | PREALLOCATE, 400);
    create(s, 0x4000, 100);
    assert_int_equal(sim_control(s, "end-session limited"), 0);
    assert_int_equal(f->size, 400 * 1024);
    assert_int_equal(sim_get32(f->data), BUFFER);
    assert_int_equal(sim_get32(f->data + f->size - BUFFER), 0);
    assert_false(f->open);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, sim_setup, sim_teardown)
    const struct CMUnitTest tests[] = {TEST(test_circular), TEST(test_circular_keeps_its_file), TEST(test_limit),
                                       TEST(test_append), TEST(test_preallocated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
