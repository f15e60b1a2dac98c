// Handle tables: identity, inheritance, duplicates across processes, values in use again, death of a process.
#include "sim.h"
#include "walk.h"

#define FILE_A "C:\\t\\a.etl"

static void finish(struct sim *s, uint64_t handle, struct walk *w)
{
    assert_int_equal(sim_stop(s, handle), 0);
    struct sim_file *f = sim_file(s, FILE_A);
    walk_file(w, f->data, f->size, true);
    walk_sort(w);
}

static void test_unknown(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 0x10), KSIM_UNKNOWN_HANDLE);
    assert_int_equal(sim_close(s, 999, 101, 0x10), KSIM_UNKNOWN_PROCESS);
    assert_int_equal(sim_create(s, 999, 101, "Event", 0x10, NULL, 0), KSIM_UNKNOWN_PROCESS);
    assert_int_equal(sim_duplicate(s, SIM_PARENT, SIM_PARENT, 0x10, SIM_PARENT, 0x20, false), KSIM_UNKNOWN_HANDLE);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "", 0x10, NULL, 0), KSIM_BAD_MESSAGE);
    struct walk w;
    finish(s, handle, &w);
    assert_int_equal(walk_count(&w, 0x1120) + walk_count(&w, 0x1121) + walk_count(&w, 0x1122), 0);
    walk_free(&w);
}

static void test_identity(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, "\\x", 9), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 8, "\\x", 9), KSIM_OK);   // the same object
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Mutant", 12, "\\x", 9), KSIM_OK); // same key, another type
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 16, NULL, 0), KSIM_OK);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 16), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 16, NULL, 0), KSIM_OK); // the address is used again
    struct walk w;
    finish(s, handle, &w);
    uint64_t a[5];
    for (uint32_t i = 0; i < 5; i++) {
        a[i] = walk64(walk_find(&w, 0x1120, i), 0);
        assert_int_equal(a[i] >> 48, 0xFFFF);
    }
    assert_true(a[0] == a[1] && a[0] != a[2] && a[0] != a[3] && a[3] == a[4]);
    walk_free(&w);
}

static void test_child_inherits(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x30, NULL, 0), KSIM_OK);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
    assert_int_equal(sim_table(s, SIM_CHILD, "Event", 0x30), KSIM_OK);
    assert_int_equal(sim_table(s, SIM_CHILD, "Event", 0x30), KSIM_OK); // told twice: known by now
    assert_int_equal(sim_table(s, SIM_CHILD, "File", 0x34), KSIM_OK);
    struct walk w;
    finish(s, handle, &w);
    assert_int_equal(walk_count(&w, 0x1122), 1);
    const struct walk_event *copy = walk_find(&w, 0x1122, 0);
    assert_int_equal(walk32(copy, 8), walk32(copy, 12));
    assert_int_equal(walk32(copy, 16), SIM_CHILD);
    assert_int_equal(walk32(copy, 22), SIM_PARENT);
    assert_int_equal(copy->pid, SIM_PARENT);
    assert_true(walk64(copy, 0) == walk64(walk_find(&w, 0x1120, 0), 0));
    assert_int_equal(walk_find(&w, 0x1120, 1)->pid, SIM_CHILD);
    walk_free(&w);
}

static void test_duplicate_closes_the_source(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 0x30, NULL, 0), KSIM_OK);
    assert_int_equal(sim_duplicate(s, SIM_PARENT, SIM_CHILD, 0x30, SIM_PARENT, 0x50, true), KSIM_OK);
    assert_int_equal(sim_close(s, SIM_CHILD, 201, 0x30), KSIM_UNKNOWN_HANDLE);
    assert_int_equal(sim_duplicate(s, SIM_PARENT, SIM_PARENT, 0x50, 0, 0, true), KSIM_OK); // closes only
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 0x50), KSIM_UNKNOWN_HANDLE);
    assert_int_equal(sim_truth(s, 0, "Event", "duplicates"), UINT32_MAX);
    struct walk w;
    finish(s, handle, &w);
    assert_int_equal(walk_count(&w, 0x1122), 1);
    assert_int_equal(walk_count(&w, 0x1121), 2);
    assert_int_equal(walk_find(&w, 0x1121, 0)->pid, SIM_CHILD); // the owner, although the parent did it
    assert_int_equal(walk_find(&w, 0x1121, 0)->tid, SIM_PARENT + 1);
    assert_true(walk_find(&w, 0x1121, 0)->time > walk_find(&w, 0x1122, 0)->time);
    walk_free(&w);
}

// Another thread is given the source's value before the message about the duplicate arrives.
static void test_moved_value_in_use_again(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x30, NULL, 0), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 102, "Mutant", 0x30, NULL, 0), KSIM_OK);
    assert_int_equal(sim_duplicate(s, SIM_PARENT, SIM_PARENT, 0x30, SIM_PARENT, 0x34, true), KSIM_OK);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 0x30), KSIM_OK); // the mutant
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 0x34), KSIM_OK); // the event
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "closes"), 2);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Mutant", "closes"), 1);
    assert_non_null(strstr(sim_control_text(s, "truth"), "\"unheard_closes\":0"));
    struct walk w;
    finish(s, handle, &w);
    assert_true(walk64(walk_find(&w, 0x1121, 0), 0) == walk64(walk_find(&w, 0x1120, 0), 0));
    walk_free(&w);
}

static void test_death(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 4, "\\x", 0), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_CHILD, 201, "File", 8, NULL, 0), KSIM_OK);
    kernel_process_died(s->k, SIM_CHILD, 9);
    kernel_process_died(s->k, SIM_CHILD, 9); // once is enough
    assert_int_equal(sim_create(s, SIM_CHILD, 201, "File", 12, NULL, 0), KSIM_UNKNOWN_PROCESS);
    assert_int_equal(sim_truth(s, SIM_CHILD, "Event", "swept"), 1);
    struct walk w;
    finish(s, handle, &w);
    assert_int_equal(walk_count(&w, 0x0302), 1);
    assert_int_equal(walk32(walk_find(&w, 0x0302, 0), 20), 9);
    assert_int_equal(walk_count(&w, 0x0502), 2);
    assert_int_equal(walk_count(&w, 0x1402), 1);
    assert_int_equal(walk_count(&w, 0x1121), 2);
    walk_text(walk_find(&w, 0x1121, 0), 14, "\\x");
    // The sweep's stacks are the kernel's alone.
    int64_t when = walk_find(&w, 0x1121, 0)->time;
    uint32_t stacks = 0;
    for (uint32_t i = 0; i < w.count; i++) {
        const struct walk_event *e = &w.events[i];
        if (e->hook != 0x1820 || (int64_t)walk64(e, 0) != when) {
            continue;
        }
        stacks++;
        for (uint32_t at = 16; at < e->bytes; at += 8) {
            assert_int_equal(walk64(e, at) >> 47, 0x1FFFF);
        }
    }
    assert_int_equal(stacks, 1);
    walk_free(&w);
}

static void test_pid_in_use_again(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Process", 4, NULL, SIM_CHILD), KSIM_OK);
    assert_int_equal(sim_exit(s, SIM_CHILD, 201), KSIM_OK);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Process", 8, NULL, SIM_CHILD), KSIM_OK);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 4), KSIM_OK);
    struct walk w;
    finish(s, handle, &w);
    assert_true(walk64(walk_find(&w, 0x1120, 0), 0) != walk64(walk_find(&w, 0x1120, 1), 0));
    assert_true(walk64(walk_find(&w, 0x0301, 0), 0) == walk64(walk_find(&w, 0x1120, 0), 0));
    assert_int_equal(walk_count(&w, 0x0327), 0); // the first one's last handle is closed
    walk_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unknown, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_identity, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_child_inherits, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_duplicate_closes_the_source, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_moved_value_in_use_again, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_death, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_pid_in_use_again, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
