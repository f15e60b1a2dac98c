/* While an operation of the tracing system hangs nobody waits for it, and what is asked for meanwhile is done right
 * after it. */
#include "unit/record/fixture.h"

#include <stdio.h>

#define EVENT_TAG 0x6E657645u
#define PROMPT_NS UINT64_C(1000000000) /* a loaded machine's worst; the real figure is printed */

static void begin(struct fixture *f, const char *name)
{
    fixture_init(f, name);
    f->profile.tags[0] = EVENT_TAG;
    f->profile.tag_count = 1;
    fixture_start(f);
}

/* Brings the controller into the hanging operation. */
static bool hang_in(struct fixture *f, enum script_op op)
{
    if (op == SCRIPT_LIST)
        script_fail(&f->world, SCRIPT_START, 1, ERR_KIND_WIN32, 1450);
    if (op == SCRIPT_STOP) {
        record(f);
        script_hang(&f->world, op, true);
        controller_stop(f->ctl);
    } else {
        script_hang(&f->world, op, true);
        controller_record(f->ctl, &f->profile);
    }
    return script_wait_hanging(&f->world, op, WAIT_MS);
}

static const enum script_op recording_ops[] = {SCRIPT_START, SCRIPT_STACKS, SCRIPT_FILTER, SCRIPT_MASKS,
                                               SCRIPT_QUERY, SCRIPT_STOP,   SCRIPT_LIST};

static void test_nobody_waits(void **state)
{
    (void)state;
    uint64_t worst = 0;
    for (size_t i = 0; i < sizeof recording_ops / sizeof recording_ops[0]; i++) {
        struct fixture f;
        begin(&f, "hang");
        assert_true(hang_in(&f, recording_ops[i]));
        uint64_t before = clock_ns();
        controller_view(f.ctl, &f.view);
        controller_change(f.ctl, NULL, 0, 0);
        controller_cancel(f.ctl);
        controller_discard(f.ctl);
        assert_false(controller_wait_idle(f.ctl, 0));
        uint64_t took = clock_ns() - before;
        worst = took > worst ? took : worst;
        script_hang(&f.world, recording_ops[i], false);
        settle(&f);
        fixture_free(&f);
    }
    print_message("worst latency of the calls while an operation hangs: %llu us\n", (unsigned long long)(worst / 1000));
    assert_in_range(worst, 0, PROMPT_NS);
}

/* Discarded in whatever operation: after it nothing is there. */
static void test_discard_during_every_operation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recording_ops / sizeof recording_ops[0]; i++) {
        enum script_op op = recording_ops[i];
        struct fixture f;
        begin(&f, "hang");
        assert_true(hang_in(&f, op));
        const uint32_t key = 0x2079654Bu;
        controller_change(f.ctl, &key, 1, 0); /* would have to wait until it records: discarding does not */
        controller_discard(f.ctl);
        script_hang(&f.world, op, false);
        settle(&f);
        bool before_masks = op == SCRIPT_START || op == SCRIPT_STACKS || op == SCRIPT_FILTER || op == SCRIPT_LIST;
        assert_int_equal(script_calls(&f.world, SCRIPT_MASKS), before_masks ? 0 : 1);
        /* The stop that hung had succeeded: discarding takes the part all the same. */
        enum recorder_state want = op == SCRIPT_LIST ? RECORDER_FAILED : RECORDER_IDLE; /* the start had failed */
        if (f.view.state != want)
            fail_msg("discarded during %s: state %d", script_op_names[op], f.view.state);
        assert_false(script_running(&f.world));
        assert_int_equal(count_files(&f, ""), 0);
        /* The next recording starts as if nothing had been. */
        f.world.faults[0].at = 0;
        record(&f);
        assert_state(&f.view, RECORDER_RECORDING);
        fixture_free(&f);
    }
}

static void test_stop_during_every_operation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recording_ops / sizeof recording_ops[0]; i++) {
        enum script_op op = recording_ops[i];
        struct fixture f;
        begin(&f, "hang");
        assert_true(hang_in(&f, op));
        controller_stop(f.ctl);
        controller_save(f.ctl, f.saved, false);
        script_hang(&f.world, op, false);
        settle(&f);
        assert_false(script_running(&f.world));
        /* Once events flowed there is something to save; before, there is not. */
        bool recorded = op == SCRIPT_QUERY || op == SCRIPT_STOP || op == SCRIPT_MASKS;
        if (recorded && f.view.state != RECORDER_SAVED)
            fail_msg("stopped during %s: state %d", script_op_names[op], f.view.state);
        if (!recorded && op != SCRIPT_LIST && f.view.state != RECORDER_IDLE)
            fail_msg("stopped during %s: state %d", script_op_names[op], f.view.state);
        fixture_free(&f);
    }
}

/* The program ends while an operation hangs: when it returns, no session stays. */
static void end_later(void *ctx)
{
    struct fixture *f = ctx;
    clock_sleep_ms(20);
    for (int op = 0; op < SCRIPT_OP_COUNT; op++)
        script_hang(&f->world, (enum script_op)op, false);
}

static void test_end_during_every_operation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recording_ops / sizeof recording_ops[0]; i++) {
        struct fixture f;
        begin(&f, "hang");
        assert_true(hang_in(&f, recording_ops[i]));
        struct thread *later = NULL;
        assert_true(thread_start("later", end_later, &f, &later, NULL));
        fixture_end(&f);
        thread_join(later);
        assert_false(script_running(&f.world));
        fixture_free(&f);
    }
}

static void test_looking_around_may_hang(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "hang");
    f.world.hang[SCRIPT_ADOPT] = true;
    struct controller_options o = {.trace = script_trace(&f.world), .sys = script_sys(&f.world), .parts_dir = f.dir};
    assert_true(controller_create(&o, &f.ctl, NULL));
    assert_true(script_wait_hanging(&f.world, SCRIPT_ADOPT, WAIT_MS));
    controller_record(f.ctl, &f.profile);
    controller_view(f.ctl, &f.view);
    assert_state(&f.view, RECORDER_IDLE);
    script_hang(&f.world, SCRIPT_ADOPT, false);
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    fixture_free(&f);
}

/* A program that does not look is told once, not once for each change. */
static void test_notices_are_coalesced(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "notices");
    atomic_store(&f.notices, 0u);
    record(&f); /* settles, and then looks */
    assert_int_equal(atomic_load(&f.notices), 1);
    controller_stop(f.ctl);
    settle(&f);
    assert_in_range(atomic_load(&f.notices), 2, 3); /* a poll may have come between */
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_waits),
        cmocka_unit_test(test_discard_during_every_operation),
        cmocka_unit_test(test_stop_during_every_operation),
        cmocka_unit_test(test_end_during_every_operation),
        cmocka_unit_test(test_looking_around_may_hang),
        cmocka_unit_test(test_notices_are_coalesced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
