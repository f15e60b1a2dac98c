// ControlTrace, QueryAllTraces and EnableTraceEx2.
#include "sim.h"
#include "walk.h"

#define FILE_A "C:\\t\\a.etl"
#define FILE_B "C:\\t\\b.etl"

enum { QUERY, STOP, UPDATE, FLUSH, INCREMENT };
enum { AT_GUID = 24, AT_MAX = 56, AT_MODE = 64, AT_ENABLE = 72, AT_WRITTEN = 92, AT_FILE = 112, AT_NAME = 116 };

static void read_masks(struct sim *s, uint64_t handle, uint32_t word0, uint32_t word4)
{
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 4, handle, NULL, NULL, 32, 32), 0);
    assert_int_equal(s->out_bytes, 32);
    assert_int_equal(sim_get32(s->out), word0);
    assert_int_equal(sim_get32(s->out + 16), word4);
}

static void test_nothing_there(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("mine", NULL);
    assert_int_equal(sim_control_trace(s, QUERY, 0, "mine", &p), 4201);
    assert_int_equal(sim_control_trace(s, STOP, 30, NULL, &p), 4201);
    assert_int_equal(sim_control_trace(s, QUERY, 0, NULL, &p), 87);
    assert_int_equal(sim_call(s, KSIM_CONTROL_TRACE, QUERY, 30, NULL, NULL, 0, 0), 87);
    p.block[0] = 64;
    p.block[1] = 0;
    assert_int_equal(sim_call(s, KSIM_CONTROL_TRACE, QUERY, 30, NULL, p.block, 64, 64), 24);
}

static void test_addressing(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    struct sim_props p = sim_props("recording", NULL);
    sim_put32(&p, AT_FILE, 1024);
    assert_int_equal(sim_control_trace(s, QUERY, 0, "RECORDING", &p), 0);
    assert_int_equal(sim_get32(s->out + 8), handle);
    assert_int_equal(s->out[AT_FILE] + 256 * s->out[AT_FILE + 1], 1024);
    assert_int_equal(s->out[1024], 'C'); // the file's name came back
    assert_int_equal(s->out[1024 + 2 * 5], 'a');
    assert_int_equal(sim_control_trace(s, QUERY, handle | 0x123450000u, NULL, &p), 0); // the low 16 bits count
    // The NT Kernel Logger's GUID addresses that one, whatever handle is passed.
    const uint32_t guid[4] = {0x9e814aad, 0x11d23204, 0x6000829a, 0x3969a808};
    memcpy(p.block + AT_GUID, guid, sizeof guid);
    assert_int_equal(sim_control_trace(s, STOP, handle, "recording", &p), 4201);
    s->elevated = 0;
    p = sim_props("recording", NULL);
    assert_int_equal(sim_control_trace(s, STOP, handle, NULL, &p), 5);
    s->elevated = KSIM_CALLER_ELEVATED;
    assert_int_equal(sim_control_trace(s, INCREMENT, handle, NULL, &p), 87);
    assert_int_equal(sim_stop(s, handle), 0);
    assert_int_equal(sim_stop(s, handle), 4201);
}

static void test_names_that_do_not_fit(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    struct sim_props p = sim_props("recording", NULL);
    sim_put32(&p, AT_NAME, SIM_PROPS - 4);
    assert_int_equal(sim_control_trace(s, QUERY, handle, NULL, &p), 234);
    assert_int_equal(sim_control_trace(s, STOP, handle, NULL, &p), 234);
    assert_true(sim_get32(s->out + AT_WRITTEN) > 0);                       // the figures came back
    assert_int_equal(sim_control_trace(s, QUERY, handle, NULL, &p), 4201); // and it is stopped
    struct walk w;
    struct sim_file *f = sim_file(s, FILE_A);
    walk_file(&w, f->data, f->size, true);
    walk_free(&w);
}

static void test_update_replaces_the_masks(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    read_masks(s, handle, 7, 0x40);
    struct sim_props p = sim_props("recording", NULL);
    sim_put32(&p, AT_ENABLE, 3);
    sim_put32(&p, AT_MAX, 64);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 0);
    read_masks(s, handle, 3, 0);
    assert_int_equal(sim_get32(s->out), 3);
    assert_int_equal(s->interest & KSIM_INTEREST_HANDLES, 0);
    sim_put32(&p, AT_MAX, 20);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 0);
    assert_int_equal(sim_get32(s->out + AT_MAX), 64); // only grows
    sim_put32(&p, AT_ENABLE, 0x80FF0000);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &p), 87);
    assert_int_equal(sim_stop(s, handle), 0);
    struct walk w;
    struct sim_file *f = sim_file(s, FILE_A);
    walk_file(&w, f->data, f->size, true);
    assert_true(walk_count(&w, 0x1127) > 0); // turning handle events off is a rundown
    walk_free(&w);
}

static void test_update_changes_the_file(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    struct sim_props same = sim_props("recording", "c:\\T\\a.etl");
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &same), 161);
    read_masks(s, handle, 7, 0x40);
    struct sim_props other = sim_props("recording", FILE_B);
    s->open_error = 3;
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &other), 3);
    s->open_error = 0;
    read_masks(s, handle, 7, 0x40); // a failed update changed nothing
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &other), 0);
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 8, NULL, 0), KSIM_OK);
    assert_int_equal(sim_stop(s, handle), 0);
    struct walk a;
    struct walk b;
    struct sim_file *f = sim_file(s, FILE_A);
    walk_file(&a, f->data, f->size, true);
    f = sim_file(s, FILE_B);
    walk_file(&b, f->data, f->size, true);
    assert_int_equal(walk_count(&a, 0x1120), 1);
    assert_int_equal(walk_count(&b, 0x1120), 1);
    assert_int_equal(walk_count(&b, 0x1820), 2); // the stack list stayed
    walk_free(&a);
    walk_free(&b);
}

static void test_flush_writes_everything(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    struct sim_file *f = sim_file(s, FILE_A);
    size_t before = f->size;
    struct sim_props p = sim_props("recording", NULL);
    assert_int_equal(sim_control_trace(s, FLUSH, handle, NULL, &p), 0);
    assert_true(f->size > before);
    struct walk w;
    walk_file(&w, f->data, f->size, false);
    assert_int_equal(walk_count(&w, 0x1120), 1);
    walk_free(&w);
    assert_int_equal(sim_stop(s, handle), 0);
}

static void test_query_all(void **state)
{
    struct sim *s = *state;
    struct {
        struct ksim_query_all head;
        uint8_t blocks[2][SIM_PROPS];
    } all = {.head = {2, 0}};
    struct sim_props blank = sim_props("x", NULL);
    sim_put32(&blank, AT_FILE, 1024);
    memcpy(all.blocks[0], blank.block, SIM_PROPS);
    memcpy(all.blocks[1], blank.block, SIM_PROPS);
    assert_int_equal(sim_call(s, KSIM_QUERY_ALL_TRACES, 0, 0, NULL, &all, sizeof all, sizeof all), 0);
    assert_int_equal(sim_get32(s->out), 0);
    const char *const names[] = {"one", "two", "three"};
    const char *const files[] = {"C:\\1.etl", "C:\\2.etl", "C:\\3.etl"};
    for (uint32_t i = 0; i < 3; i++) {
        struct sim_props p = sim_props(names[i], files[i]);
        assert_int_equal(sim_start(s, &p), 0);
        uint32_t expected = i < 2 ? 0 : 234;
        assert_int_equal(sim_call(s, KSIM_QUERY_ALL_TRACES, 0, 0, NULL, &all, sizeof all, sizeof all), expected);
        assert_int_equal(sim_get32(s->out), i + 1);
    }
    assert_int_equal(s->out[8 + 120], 'o');
    assert_int_equal(s->out[8 + SIM_PROPS + 120], 't');
    memset(all.blocks[0] + AT_FILE, 0xF0, 8); // offsets that lead nowhere
    assert_int_equal(sim_call(s, KSIM_QUERY_ALL_TRACES, 0, 0, NULL, &all, sizeof all, sizeof all), 234);
    all.head.count = 65;
    assert_int_equal(sim_call(s, KSIM_QUERY_ALL_TRACES, 0, 0, NULL, &all, sizeof all, sizeof all), 87);
    s->elevated = 0;
    all.head.count = 2;
    assert_int_equal(sim_call(s, KSIM_QUERY_ALL_TRACES, 0, 0, NULL, &all, sizeof all, sizeof all), 0);
    assert_int_equal(sim_get32(s->out), 0); // others' sessions are not his to see
}

static void test_providers_are_refused(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    struct ksim_enable e = {.level = 255};
    assert_int_equal(sim_call(s, KSIM_ENABLE_TRACE_EX2, 1, handle, NULL, &e, sizeof e, 0), 87);
    assert_int_equal(sim_call(s, KSIM_ENABLE_TRACE_EX2, 1, 0, NULL, &e, sizeof e, 0), 87);
    assert_int_equal(sim_call(s, KSIM_ENABLE_TRACE_EX2, 1, handle, NULL, NULL, 0, 0), 87);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_there, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_addressing, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_names_that_do_not_fit, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_update_replaces_the_masks, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_update_changes_the_file, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_flush_writes_everything, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_query_all, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_providers_are_refused, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
