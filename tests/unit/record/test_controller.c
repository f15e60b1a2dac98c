/* The controller over the scripted world: what a person does, in the order it is done. */
#include "unit/record/fixture.h"

#include "core/profile/plan.h"

#include <stdio.h>

#define EVENT_TAG 0x6E657645u
#define KEY_TAG   0x2079654Bu

static void test_records_and_saves(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "happy");
    fixture_start(&f);
    assert_state(&f.view, RECORDER_IDLE);
    f.profile.tags[0] = EVENT_TAG;
    f.profile.tag_count = 1;
    record(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    mutex_lock(&f.world.lock);
    static const char first_calls[] = "adopt adopt start stacks filter masks query";
    char begin[64];
    text_put(begin, sizeof begin, text_str(&f.world.log));
    bool burst = f.world.burst;
    uint32_t word4 = f.world.masks[4];
    unsigned tags = f.world.tag_count;
    unsigned hooks = f.world.hook_count;
    mutex_unlock(&f.world.lock);
    begin[strlen(first_calls)] = 0;
    assert_string_equal(begin, first_calls);
    assert_false(burst);
    assert_int_equal(word4 & 0x40u, 0x40u);
    assert_int_equal(tags, 1);
    assert_int_equal(hooks, 2);
    assert_int_equal(f.view.tag_count, 1);
    assert_int_equal(f.view.stacks, f.profile.stacks);
    assert_true(f.view.status_known);
    assert_int_equal(count_files(&f, ".etl"), 1);
    assert_int_equal(count_files(&f, ".recording"), 1);

    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_false(script_running(&f.world));
    assert_string_equal(f.view.saved_path, f.saved);
    assert_int_equal(f.view.events, 42);
    assert_string_equal(content(f.saved), "raw;rundown;");
    assert_int_equal(count_files(&f, ".etl"), 0);
    assert_int_equal(count_files(&f, ".recording"), 0);
    fixture_free(&f);
}

static void save_and_check(struct fixture *f)
{
    stop_and_save(f);
    assert_state(&f->view, RECORDER_SAVED);
    assert_false(script_running(&f->world));
    assert_string_equal(content(f->saved), "raw;rundown;");
    assert_int_equal(count_files(f, ".etl"), 0);
}

static void assert_nothing_left(struct fixture *f)
{
    assert_state(&f->view, RECORDER_IDLE);
    assert_false(script_running(&f->world));
    assert_int_equal(count_files(f, ""), 0);
}

static void begin(struct fixture *f, const char *name)
{
    fixture_init(f, name);
    f->profile.tags[0] = EVENT_TAG;
    f->profile.tag_count = 1;
    fixture_start(f);
    assert_state(&f->view, RECORDER_IDLE);
}

/* --- while it records --- */

static void test_changes_stacks_and_filter_live(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t tags[2] = {KEY_TAG, EVENT_TAG};
    begin(&f, "change");
    record(&f);
    controller_change(f.ctl, tags, 2, PROFILE_STACK_CLOSE);
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_int_equal(f.view.error.code, ERR_NONE);
    assert_int_equal(f.view.tag_count, 2);
    assert_int_equal(f.view.stacks, PROFILE_STACK_CLOSE);
    mutex_lock(&f.world.lock);
    assert_int_equal(f.world.tag_count, 2);
    assert_int_equal(f.world.tags[0], KEY_TAG);
    assert_int_equal(f.world.hook_count, 1);
    assert_int_equal(f.world.hooks[0], 0x1121);
    assert_int_equal(f.world.calls[SCRIPT_MASKS], 1); /* the masks are left alone: setting them writes rundowns */
    mutex_unlock(&f.world.lock);
    controller_change(f.ctl, tags, 0, PROFILE_STACK_CLOSE);
    settle(&f);
    assert_int_equal(f.view.tag_count, 0);
    assert_int_equal(script_calls(&f.world, SCRIPT_STACKS), 2); /* not again for what did not change */
    save_and_check(&f);
    fixture_free(&f);
}

static void test_a_refused_change_keeps_recording(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t tag = KEY_TAG;
    begin(&f, "refused-change");
    record(&f);
    script_fail(&f.world, SCRIPT_FILTER, 2, ERR_KIND_NTSTATUS, 0xC000000Du);
    controller_change(f.ctl, &tag, 1, f.profile.stacks);
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_error_text(&f.view.error, 0xC000000Du);
    assert_int_equal(f.view.tags[0], EVENT_TAG);
    save_and_check(&f);
    fixture_free(&f);
}

/* Its number may be another session's by then. */
static void test_no_change_of_a_session_that_is_gone(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t tag = KEY_TAG;
    begin(&f, "gone-change");
    record(&f);
    unsigned stacks = script_calls(&f.world, SCRIPT_STACKS);
    unsigned filters = script_calls(&f.world, SCRIPT_FILTER);
    script_vanish(&f.world);
    controller_change(f.ctl, &tag, 1, PROFILE_STACK_CLOSE);
    wait_state(&f, RECORDER_FAILED);
    assert_int_equal(script_calls(&f.world, SCRIPT_STACKS), stacks);
    assert_int_equal(script_calls(&f.world, SCRIPT_FILTER), filters);
    assert_true(f.view.parts_exist);
    fixture_free(&f);
}

static void test_lost_events_show(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "lost");
    record(&f);
    mutex_lock(&f.world.lock);
    f.world.lost = 1204;
    mutex_unlock(&f.world.lock);
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do {
        controller_view(f.ctl, &f.view);
        clock_sleep_ms(1);
    } while (f.view.status.events_lost != 1204 && clock_ns() < until);
    assert_int_equal(f.view.status.events_lost, 1204);
    save_and_check(&f);
    fixture_free(&f);
}

static void test_low_disk_stops_and_keeps(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "low-disk");
    record(&f);
    script_set_disk(&f.world, (UINT64_C(1) << 30) - 1);
    wait_state(&f, RECORDER_UNSAVED);
    assert_int_equal(f.view.error.code, ERR_NO_SPACE);
    assert_error_text(&f.view.error, 0);
    assert_false(script_running(&f.world));
    assert_int_equal(count_files(&f, ".etl"), 1);
    /* Nor does it start below that limit. */
    save_and_check(&f);
    record(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_int_equal(f.view.error.code, ERR_NO_SPACE);
    fixture_free(&f);
}

static void test_a_session_that_dies_leaves_its_parts(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "died");
    record(&f);
    script_vanish(&f.world);
    wait_state(&f, RECORDER_FAILED);
    assert_true(f.view.parts_exist);
    assert_error_text(&f.view.error, 4201);
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_string_equal(content(f.saved), "raw;");
    fixture_free(&f);
}

/* --- the filter is refused --- */

static void test_refused_filter_asks(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        struct fixture f;
        begin(&f, "refused");
        script_fail(&f.world, SCRIPT_FILTER, 1, ERR_KIND_NTSTATUS, 0xC000000Du);
        record(&f);
        assert_state(&f.view, RECORDER_STARTING);
        assert_true(f.view.filter_refused);
        assert_error_text(&f.view.error, 0xC000000Du);
        assert_int_equal(f.world.masks[4], 0); /* nothing is recorded until it is decided */
        controller_choose(f.ctl, all ? RECORDER_RECORD_ALL_TYPES : RECORDER_DO_NOT_RECORD);
        settle(&f);
        assert_false(f.view.filter_refused);
        if (all) {
            assert_state(&f.view, RECORDER_RECORDING);
            assert_int_equal(f.view.tag_count, 0);
            save_and_check(&f);
        } else {
            assert_nothing_left(&f);
        }
        fixture_free(&f);
    }
}

/* --- somebody else's session --- */

static void test_a_foreign_session_is_left_alone(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "foreign");
    f.world.foreign = true;
    fixture_start(&f);
    assert_state(&f.view, RECORDER_OTHER);
    assert_string_equal(f.view.other.session.name, plan_session_name);
    record(&f);
    assert_state(&f.view, RECORDER_OTHER);
    assert_error_text(&f.view.error, 183);
    controller_choose(f.ctl, RECORDER_ORPHAN_SAVE);
    controller_discard(f.ctl);
    controller_stop(f.ctl);
    settle(&f);
    assert_int_equal(script_calls(&f.world, SCRIPT_STOP), 0);
    assert_int_equal(count_files(&f, ""), 0);
    fixture_free(&f);
}

static void test_another_recorder_that_lives(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "alive");
    record(&f);
    /* A second program over the same folder, while the first still records. */
    struct controller *first = f.ctl;
    mutex_lock(&f.world.lock);
    f.world.processes[2] = (struct sys_process){.pid = 200, .start = 2000, .name = "HandleRecorder.exe"};
    f.world.process_count = 3;
    f.world.own_pid = 200;
    mutex_unlock(&f.world.lock);
    fixture_start(&f);
    assert_state(&f.view, RECORDER_OTHER);
    assert_int_equal(f.view.other_pid, 100);
    assert_string_equal(f.view.other_process, "HandleRecorder.exe");
    record(&f);
    assert_state(&f.view, RECORDER_OTHER);
    assert_error_text(&f.view.error, 183);
    assert_int_equal(script_calls(&f.world, SCRIPT_STOP), 0);
    fixture_end(&f);
    f.ctl = first;
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    save_and_check(&f);
    fixture_free(&f);
}

/* --- saving --- */

static void test_never_overwrites_unasked(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "overwrite");
    FILE *there = fopen(f.saved, "wb");
    assert_non_null(there);
    fputs("precious", there);
    fclose(there);
    record(&f);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_true(f.view.parts_exist);
    assert_int_equal(f.view.error.code, ERR_EXISTS);
    assert_error_text(&f.view.error, 0);
    assert_string_equal(content(f.saved), "precious");
    assert_int_equal(atomic_load(&scripted_readback.calls), 0); /* told at once, not after reading gigabytes */
    /* Nor is another recording begun over it. */
    record(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_int_equal(script_calls(&f.world, SCRIPT_START), 1);
    controller_save(f.ctl, f.saved, true);
    settle(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_string_equal(content(f.saved), "raw;rundown;");
    fixture_free(&f);
}

static void test_cancel_while_reading_back(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "cancel");
    record(&f);
    atomic_store(&scripted_readback.stuck, true);
    controller_stop(f.ctl);
    controller_save(f.ctl, f.saved, false);
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do
        controller_view(f.ctl, &f.view);
    while ((f.view.step != RECORDER_STEP_READING_BACK || f.view.percent < 5) && clock_ns() < until);
    assert_int_equal(f.view.step, RECORDER_STEP_READING_BACK);
    assert_in_range(f.view.percent, 5, 99);
    controller_cancel(f.ctl);
    settle(&f);
    assert_state(&f.view, RECORDER_UNSAVED);
    assert_int_equal(f.view.error.code, ERR_NONE);
    assert_int_equal(count_files(&f, ".etl"), 1);
    atomic_store(&scripted_readback.stuck, false);
    save_and_check(&f);
    fixture_free(&f);
}

static void test_what_is_not_whole_is_saved_only_on_purpose(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "damaged");
    record(&f);
    atomic_store(&scripted_readback.code, ERR_TRUNCATED);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_true(f.view.parts_exist);
    assert_error_text(&f.view.error, 0);
    assert_string_equal(content(f.saved), "");
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.view.error.code, ERR_TRUNCATED);
    assert_false(f.view.events_lost_known);
    assert_string_equal(content(f.saved), "raw;rundown;");
    fixture_free(&f);
}

/* --- the end --- */

static void test_the_end_of_the_program_keeps_the_parts(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "end");
    record(&f);
    fixture_restart(&f);
    assert_false(script_running(&f.world));
    assert_state(&f.view, RECORDER_UNSAVED);
    assert_true(f.view.started_filetime > 0);
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_string_equal(content(f.saved), "raw;rundown;");
    fixture_free(&f);
}

/* The recorder's number was given to another process since: its recording is nobody's. */
static void test_a_reused_pid_is_not_the_recorder(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "reused");
    record(&f);
    fixture_end(&f);
    mutex_lock(&f.world.lock);
    f.world.processes[0].start += 5;
    f.world.own_pid = 300;
    mutex_unlock(&f.world.lock);
    fixture_start(&f);
    assert_state(&f.view, RECORDER_UNSAVED);
    mutex_lock(&f.world.lock);
    f.world.processes[0].start -= 5;
    mutex_unlock(&f.world.lock);
    fixture_end(&f);
    fixture_start(&f); /* the same process, still there: left to it */
    assert_state(&f.view, RECORDER_IDLE);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_and_saves),
        cmocka_unit_test(test_changes_stacks_and_filter_live),
        cmocka_unit_test(test_a_refused_change_keeps_recording),
        cmocka_unit_test(test_no_change_of_a_session_that_is_gone),
        cmocka_unit_test(test_lost_events_show),
        cmocka_unit_test(test_low_disk_stops_and_keeps),
        cmocka_unit_test(test_a_session_that_dies_leaves_its_parts),
        cmocka_unit_test(test_refused_filter_asks),
        cmocka_unit_test(test_a_foreign_session_is_left_alone),
        cmocka_unit_test(test_another_recorder_that_lives),
        cmocka_unit_test(test_never_overwrites_unasked),
        cmocka_unit_test(test_cancel_while_reading_back),
        cmocka_unit_test(test_what_is_not_whole_is_saved_only_on_purpose),
        cmocka_unit_test(test_the_end_of_the_program_keeps_the_parts),
        cmocka_unit_test(test_a_reused_pid_is_not_the_recorder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
