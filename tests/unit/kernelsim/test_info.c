// TraceSetInformation, TraceQueryInformation and system information class 31: masks, stacks, the type filter.
#include "sim.h"
#include "walk.h"

#include <stdio.h>

#define FILE_A "C:\\t\\a.etl"

static void test_masks_are_replaced_whole(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    const uint32_t two[2] = {1, 0};
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 4, handle, NULL, two, 8, 0), 0);
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 4, handle, NULL, NULL, 32, 32), 0);
    assert_int_equal(s->return_length, 32);
    assert_int_equal(sim_get32(s->out), 1);
    assert_int_equal(sim_get32(s->out + 16), 0); // words not passed are zero
    assert_int_equal(sim_masks(s, handle, 7, 0x80000040), 0);
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 4, handle, NULL, NULL, 32, 32), 0);
    assert_int_equal(sim_get32(s->out + 16), 0x80000040); // comes back as it was spelt
    assert_int_equal(s->interest & KSIM_INTEREST_HANDLES, KSIM_INTEREST_HANDLES);
}

static void test_mask_refusals(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    const uint32_t masks[9] = {7};
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 4, handle, NULL, masks, 36, 0), 87);
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 4, handle, NULL, masks, 6, 0), 87);
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 4, handle, NULL, NULL, 0, 0), 87);
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 24, handle, NULL, masks, 12, 0), 50);
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 4, handle + 1, NULL, masks, 32, 0), 4201);
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 4, handle, NULL, NULL, 16, 16), 24);
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 5, handle, NULL, NULL, 32, 32), 50);
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 4, handle + 1, NULL, NULL, 32, 32), 4201);
    s->elevated = 0;
    assert_int_equal(sim_masks(s, handle, 0, 0), 5);
}

static void test_stack_list(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(s->interest & 15, 15);
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 3, handle, NULL, NULL, 72, 72), 0);
    assert_int_equal(s->return_length, 72);
    assert_int_equal(s->out[16], 0x20);
    assert_int_equal(sim_call(s, KSIM_TRACE_QUERY_INFORMATION, 3, handle, NULL, NULL, 48, 48), 122);
    static uint8_t many[257 * 24];
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 3, handle, NULL, many, 257 * 24, 0), 87);
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 3, handle, NULL, many, 25, 0), 87);
    assert_int_equal(s->interest & 15, 15);
    // Unknown GUIDs are passed over, and the list replaces the one before.
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 3, handle, NULL, many, 48, 0), 0);
    assert_int_equal(s->interest, KSIM_INTEREST_HANDLES);
    assert_int_equal(sim_stacks(s, handle), 0);
    assert_int_equal(sim_call(s, KSIM_TRACE_SET_INFORMATION, 3, handle, NULL, NULL, 0, 0), 0);
    assert_int_equal(s->interest, KSIM_INTEREST_HANDLES);
}

static uint32_t nt_set(struct sim *s, uint32_t class, uint64_t handle, const uint32_t *words, uint32_t length)
{
    uint32_t block[16] = {class, 0, (uint32_t)handle, (uint32_t)(handle >> 32)};
    for (uint32_t i = 0; words && i < 8; i++) {
        block[4 + i] = words[i];
    }
    return sim_call(s, KSIM_NT_SET_SYSTEM_INFORMATION, 31, 0, NULL, block, length, 0);
}

static void test_nt_refusals(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    const uint32_t words[8] = {0x1120, 0x1122};
    assert_int_equal(nt_set(s, 17, handle, words, 12), 0xC0000004);
    assert_int_equal(nt_set(s, 17, handle, words, 18), 0xC000000D);
    assert_int_equal(nt_set(s, 17, handle, words, 16 + 5 * 4), 0xC000000D);
    assert_int_equal(nt_set(s, 17, handle + 1, words, 20), 0xC0000296);
    assert_int_equal(nt_set(s, 99, handle, words, 20), 0xC0000002);
    assert_int_equal(nt_set(s, 16, handle, words, 28), 0xC0000004);
    const uint32_t off[8] = {0};
    assert_int_equal(nt_set(s, 16, handle, off, 32), 0xC00000BB);
    assert_int_equal(nt_set(s, 1, handle, words, 40), 0xC0000004);
    assert_int_equal(nt_set(s, 6, handle, words, 24), 0);
    assert_int_equal(s->interest & 15, 1 | 2 | 8);
    const uint32_t masks[8] = {5};
    assert_int_equal(nt_set(s, 1, handle, masks, 48), 0);
    uint32_t query[12] = {1, 0, (uint32_t)handle};
    assert_int_equal(sim_call(s, KSIM_NT_QUERY_SYSTEM_INFORMATION, 31, 0, NULL, query, 48, 48), 0);
    assert_int_equal(sim_get32(s->out + 16), 5);
    query[0] = 17;
    assert_int_equal(sim_call(s, KSIM_NT_QUERY_SYSTEM_INFORMATION, 31, 0, NULL, query, 48, 48), 0xC0000002);
    s->elevated = 0;
    assert_int_equal(nt_set(s, 17, handle, words, 20), 0xC0000022);
}

// Creates one of each, closes half, and says which of the types got through.
struct filter_case {
    const char *tags[4];
    uint32_t count;
    uint32_t event, file, iocompletion, reserve, key;
};

static void test_filter(void **state)
{
    static const struct filter_case cases[] = {
        {{0}, 0, 1, 1, 1, 1, 1},
        {{"Even"}, 1, 1, 0, 0, 0, 0},
        {{"even"}, 1, 0, 0, 0, 0, 0},
        {{"IoCo", "Key "}, 2, 0, 0, 1, 1, 1},
        {{"F?le"}, 1, 0, 1, 0, 0, 0},
        {{"Fi*x"}, 1, 0, 1, 0, 0, 0},
        {{"\0\0\0\0"}, 1, 0, 0, 0, 0, 0},
        {{"Even", "*   "}, 2, 1, 1, 1, 1, 1},
        {{"Even", "????"}, 2, 1, 1, 1, 1, 1},
        {{"*\0\0\0"}, 1, 1, 1, 1, 1, 1},
    };
    static const char *const types[] = {"Event", "File", "IoCompletion", "IoCompletionReserve", "Key"};
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    uint32_t at = 4;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct filter_case *c = &cases[i];
        const uint32_t expected[] = {c->event, c->file, c->iocompletion, c->reserve, c->key};
        assert_int_equal(sim_tags(s, handle, c->tags, c->count), 0);
        for (uint32_t t = 0; t < 5; t++, at += 4) {
            uint32_t before = sim_truth(s, SIM_PARENT, types[t], "creates");
            assert_int_equal(sim_create(s, SIM_PARENT, 101, types[t], at, NULL, 0), KSIM_OK);
            uint32_t after = sim_truth(s, SIM_PARENT, types[t], "creates");
            uint32_t got = after == UINT32_MAX ? 0 : after - (before == UINT32_MAX ? 0 : before);
            if (got != expected[t]) {
                fail_msg("case %u, %s: %u", (unsigned)i, types[t], got);
            }
        }
    }
}

static void test_filter_is_per_session_and_reset(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    const char *const even[] = {"Even"};
    assert_int_equal(sim_tags(s, handle, even, 1), 0);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "File", 8, NULL, 0), KSIM_OK);
    assert_int_equal(sim_stop(s, handle), 0);
    struct walk w;
    struct sim_file *f = sim_file(s, FILE_A);
    walk_file(&w, f->data, f->size, true);
    assert_int_equal(walk_count(&w, 0x1120), 1);
    assert_int_equal(walk_count(&w, 0x1127), 3); // the event, and two of the kernel's own
    assert_true(walk_count(&w, 0x1125) > 40);    // types are not filtered
    walk_free(&w);
    handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "File", 12, NULL, 0), KSIM_OK);
    assert_int_equal(sim_stop(s, handle), 0);
    walk_file(&w, f->data, f->size, true);
    assert_int_equal(walk_count(&w, 0x1120), 1);
    walk_free(&w);
}

static void test_a_filter_can_have_no_effect(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    const char *const even[] = {"Even"};
    assert_int_equal(sim_control(s, "set filter-ignored 1"), 0);
    assert_int_equal(sim_tags(s, handle, even, 1), 0);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "File", 8, NULL, 0), KSIM_OK);
    assert_int_equal(sim_truth(s, SIM_PARENT, "File", "creates"), 1);
    assert_int_equal(sim_control(s, "set filter-ignored 0"), 0);
    assert_int_equal(sim_tags(s, handle, even, 1), 0);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "File", 12, NULL, 0), KSIM_OK);
    assert_int_equal(sim_truth(s, SIM_PARENT, "File", "creates"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_masks_are_replaced_whole, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_mask_refusals, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_stack_list, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_nt_refusals, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_filter, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_filter_is_per_session_and_reset, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_a_filter_can_have_no_effect, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
