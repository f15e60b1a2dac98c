// Faults on demand: failures before and after the fact, delays, hangs, death, dying sessions, a full disk.
#include "sim.h"
#include "walk.h"

#include <stdlib.h>

#define FILE_A "C:\\t\\a.etl"

static void test_nth_call_fails(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    struct sim_props p = sim_props("recording", NULL);
    assert_int_equal(sim_control(s, "set fail ControlTrace:QUERY 2 1450"), 0);
    assert_int_equal(sim_control_trace(s, 0, handle, NULL, &p), 0);
    assert_int_equal(sim_control_trace(s, 0, handle, NULL, &p), 1450);
    assert_int_equal(s->out_bytes, 0);
    assert_int_equal(sim_control_trace(s, 0, handle, NULL, &p), 0);
    assert_int_equal(sim_control(s, "set fail ControlTrace:QUERY 0 5"), 0); // every one
    assert_int_equal(sim_control_trace(s, 0, handle, NULL, &p), 5);
    assert_int_equal(sim_control_trace(s, 0, handle, NULL, &p), 5);
    assert_int_equal(sim_stop(s, handle), 0); // nothing else is touched
    const char *calls = sim_control_text(s, "calls");
    assert_non_null(strstr(calls, "\"ControlTrace:QUERY\":{\"calls\":5,\"refused\":3}"));
    assert_non_null(strstr(calls, "\"TraceSetInformation:4\":{\"calls\":1,\"refused\":0}"));
    assert_non_null(strstr(calls, "\"StartTrace\":{\"calls\":1,\"refused\":0}"));
}

static void test_fails_without_or_after_doing_it(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    assert_int_equal(sim_control(s, "set fail StartTrace 1 8"), 0);
    assert_int_equal(sim_start(s, &p), 8);
    assert_string_equal(sim_control_text(s, "sessions"), "[]\n");
    assert_int_equal(sim_control(s, "set fail StartTrace 1 8 after"), 0);
    assert_int_equal(sim_start(s, &p), 8);
    assert_int_equal(s->handle, 0);
    assert_non_null(strstr(sim_control_text(s, "sessions"), "\"name\":\"recording\""));
    struct sim_props q = sim_props("recording", NULL);
    assert_int_equal(sim_control(s, "set fail ControlTrace:STOP 1 1450 after"), 0);
    assert_int_equal(sim_control_trace(s, 1, 0, "recording", &q), 1450);
    assert_string_equal(sim_control_text(s, "sessions"), "[]\n");
}

static void test_delay_hang_die(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    assert_int_equal(sim_control(s, "set delay StartTrace 1 300"), 0);
    assert_int_equal(sim_control(s, "set hang StartTrace 1"), 0);
    assert_int_equal(sim_control(s, "set die StartTrace 1 after"), 0);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_equal(s->slept, 300);
    assert_int_equal(s->waits, 1);
    assert_int_equal(s->killed, SIM_PARENT);
    s->killed = 0;
    assert_int_equal(sim_stop(s, s->handle), 0);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_equal(s->slept, 300);
    assert_int_equal(s->killed, 0);
}

static void test_session_dies(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_control(s, "end-session nobody"), 1);
    assert_int_equal(sim_control(s, "end-session recording"), 0);
    assert_int_equal(sim_stop(s, handle), 4201);
    struct sim_file *f = sim_file(s, FILE_A);
    assert_false(f->open);
    struct walk w;
    walk_file(&w, f->data, f->size, false); // as a file that was never closed
    walk_free(&w);
    assert_int_equal(s->interest, 0);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
}

static void test_disk_fills_up(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_control(s, "set disk-full 1"), 0);
    for (uint32_t i = 0; i < 2000; i++) {
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4 + 4 * i, NULL, 0), KSIM_OK);
    }
    struct sim_props p = sim_props("recording", NULL);
    assert_int_equal(sim_control_trace(s, 0, handle, NULL, &p), 4201); // the session has ended
    uint32_t lost = sim_truth(s, SIM_PARENT, "Event", "lost_creates");
    assert_int_not_equal(lost, 0);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), 0); // nothing of it reached the file
}

static void test_disk_full_at_stop(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    assert_int_equal(sim_control(s, "set disk-full 1"), 0);
    sim_stop(s, handle);
    assert_string_equal(sim_control_text(s, "sessions"), "[]\n");
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "lost_creates"), 1);
}

static void test_disk_full_at_flush_and_rotate(void **state)
{
    struct sim *s = *state;
    for (uint32_t code = 2; code <= 3; code++) {
        uint64_t handle = sim_record(s, FILE_A);
        s->no_writer = true;
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4 * code, NULL, 0), KSIM_OK);
        assert_int_equal(sim_control(s, "set disk-full 1"), 0);
        struct sim_props p = sim_props("recording", NULL);
        assert_int_equal(sim_control_trace(s, code, handle, NULL, &p), code == 3 ? 112 : 0);
        s->no_writer = false;
        sim_stop(s, handle);
        assert_string_equal(sim_control_text(s, "sessions"), "[]\n");
        assert_int_equal(sim_control(s, "set disk-full 0"), 0);
    }
}

static void test_slow_disk(void **state)
{
    struct sim *s = *state;
    assert_int_equal(sim_control(s, "set disk-rate 65536"), 0);
    uint64_t handle = sim_record(s, FILE_A);
    struct sim_props p = sim_props("recording", NULL);
    assert_int_equal(sim_control_trace(s, 3, handle, NULL, &p), 0);
    assert_int_equal(s->slept, 2000); // two buffers of 64 KiB: the mask change was on another processor
}

static void test_settings(void **state)
{
    static const char *const wrong[] = {"set",
                                        "set processors",
                                        "set processors 0",
                                        "set processors 65",
                                        "set processors x",
                                        "set colour 1",
                                        "set elevated maybe",
                                        "set fail StartTrace 1",
                                        "set fail StartTrace 1 5 before",
                                        "set fail StartTrace one 5",
                                        "truth --pid",
                                        "nonsense"};
    struct sim *s = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(sim_control(s, wrong[i]), 1);
        assert_true(s->out_bytes > 0);
    }
    assert_int_equal(sim_control(s, "set processors 2"), 0);
    assert_int_equal(sim_control(s, "set perf-freq 3000000"), 0);
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_control(s, "set processors 8"), 1);
    assert_int_equal(sim_control(s, "set dialect joined"), 1);
    assert_int_equal(sim_stop(s, handle), 0);
    struct walk w;
    struct sim_file *f = sim_file(s, FILE_A);
    walk_file(&w, f->data, f->size, true);
    assert_int_equal(w.processors, 2);
    assert_int_equal(w.frequency, 3000000);
    walk_free(&w);
}

static void test_reset_and_quit(void **state)
{
    struct sim *s = *state;
    sim_record(s, FILE_A);
    assert_int_equal(sim_control(s, "set fail StartTrace 0 5"), 0);
    assert_int_equal(sim_control(s, "reset"), 0);
    assert_string_equal(sim_control_text(s, "sessions"), "[]\n");
    assert_string_equal(sim_control_text(s, "calls"), "{}\n");
    assert_string_equal(sim_control_text(s, "truth"), "{\"unheard_closes\":0,\"sessions\":[]}\n");
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_false(kernel_quitting(s->k));
    assert_int_equal(sim_control(s, "quit"), 0);
    assert_true(kernel_quitting(s->k));
}

static void test_truth_of_one_process(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 4, NULL, 0), KSIM_OK);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 8, NULL, 0), KSIM_OK); // nobody records
    const char *text = sim_control_text(s, "truth --pid 200");
    assert_non_null(strstr(text, "\"pid\":200,"));
    assert_null(strstr(text, "\"pid\":100,"));
    assert_int_equal(sim_truth(s, SIM_CHILD, "Event", "creates"), 1);
    assert_int_equal(sim_truth(s, SIM_CHILD, "Event", "open_at_rundown"), 1);
}

static void test_flush_timer(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("recording", FILE_A);
    sim_put32(&p, 68, 2);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_equal(sim_masks(s, s->handle, 1, 0), 0);
    struct sim_file *f = sim_file(s, FILE_A);
    kernel_tick(s->k);
    assert_false(kernel_writer_step(s->k));
    kernel_tick(s->k);
    assert_true(kernel_writer_step(s->k));
    assert_int_equal(f->size, 2 * 65536);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nth_call_fails, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_fails_without_or_after_doing_it, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_delay_hang_die, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_session_dies, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_disk_fills_up, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_disk_full_at_stop, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_disk_full_at_flush_and_rotate, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_slow_disk, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_settings, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_reset_and_quit, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_truth_of_one_process, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_flush_timer, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
