/* Recording to a memory ring: with its companion, its snapshots, its rescue. */
#include "unit/record/fixture.h"

#include "core/profile/plan.h"

#include <stdio.h>

#define EVENT_TAG 0x6E657645u
#define KEY_TAG   0x2079654Bu

/* What a saved ring's file is made of. */
#define WHOLE "ring;proc;handles;end;"

static void begin(struct fixture *f, const char *name)
{
    fixture_init(f, name);
    f->profile.storage = PROFILE_RING;
    f->profile.tags[0] = EVENT_TAG;
    f->profile.tag_count = 1;
    fixture_start(f);
    assert_state(&f->view, RECORDER_IDLE);
}

static void begin_recording(struct fixture *f, const char *name)
{
    begin(f, name);
    record(f);
    assert_state(&f->view, RECORDER_RECORDING);
}

static void assert_clean(struct fixture *f)
{
    assert_false(script_running(&f->world));
    assert_int_equal(count_files(f, ".etl"), 0);
    assert_int_equal(count_files(f, ".recording"), 0);
    assert_int_equal(count_files(f, ".marks"), 0);
}

static void save_and_check(struct fixture *f, const char *want)
{
    stop_and_save(f);
    assert_state(&f->view, RECORDER_SAVED);
    assert_string_equal(content(f->saved), want);
    assert_clean(f);
}

static void test_records_and_saves(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "ring");
    mutex_lock(&f.world.lock);
    assert_int_equal(f.world.started.storage, TRACE_TO_RING);
    assert_string_equal(f.world.started.path, "");
    assert_int_equal(f.world.started.min_buffers, f.world.started.max_buffers);
    assert_true(f.world.companion.running);
    assert_int_equal(f.world.companion.tag_count, 1);
    assert_int_equal(f.world.companion.tags[0], EVENT_TAG);
    assert_int_equal(f.world.companion.masks[0], 7);
    assert_int_equal(f.world.companion.masks[4], 0);
    mutex_unlock(&f.world.lock);
    assert_true(f.view.ring.companion);
    assert_int_equal(f.view.storage, PROFILE_RING);
    save_and_check(&f, WHOLE);
    assert_int_equal(f.view.error.code, ERR_NONE);
    assert_int_equal(f.view.files, 1);
    fixture_free(&f);
}

static void test_the_companion_keeps_the_filter(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t key = KEY_TAG;
    begin_recording(&f, "ring filter");
    controller_change(f.ctl, &key, 1, PROFILE_STACK_CREATE);
    settle(&f);
    assert_int_equal(f.world.companion.tags[0], KEY_TAG);
    save_and_check(&f, WHOLE);
    fixture_free(&f);
}

static void test_discards_both(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "ring discard");
    controller_discard(f.ctl);
    settle(&f);
    assert_state(&f.view, RECORDER_IDLE);
    assert_clean(&f);
    assert_int_equal(script_calls(&f.world, SCRIPT_FLUSH), 0);
    fixture_free(&f);
}

/* Neither session stays when the second cannot be started. */
static void test_no_second_session(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "ring second");
    script_fail(&f.world, SCRIPT_START, 2, ERR_KIND_WIN32, 1450);
    record(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_error_text(&f.view.error, 1450);
    assert_non_null(strstr(f.view.error.remedy, "Circular Kernel Context Logger"));
    assert_clean(&f);
    fixture_free(&f);
}

/* --- snapshots --- */

static void wait_snapshots(struct fixture *f, unsigned n)
{
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do {
        controller_view(f->ctl, &f->view);
        if (f->view.ring.snapshots >= n && !f->view.ring.snapshot_busy)
            return;
        clock_sleep_ms(1);
    } while (clock_ns() < until);
    fail_msg("%u snapshots of %u", f->view.ring.snapshots, n);
}

static void test_snapshots_while_it_records(void **state)
{
    (void)state;
    struct fixture f;
    char path[400];
    begin_recording(&f, "snapshots");
    for (unsigned i = 1; i <= 10; i++) {
        snprintf(path, sizeof path, "%s snapshot %u", f.saved, i);
        controller_snapshot(f.ctl, path, false);
    }
    wait_snapshots(&f, 10);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_int_equal(f.view.ring.snapshot_error.code, ERR_NONE);
    for (unsigned i = 1; i <= 10; i++) {
        snprintf(path, sizeof path, "%s snapshot %u", f.saved, i);
        assert_memory_equal(content(path), "ring;proc;handles;", 18);
    }
    assert_int_equal(script_calls(&f.world, SCRIPT_START), 2);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.world.companion.lists, 11);
    assert_clean(&f);
    fixture_free(&f);
}

/* Whatever happens to a snapshot, the recording does not feel it. */
static void test_a_snapshot_that_fails(void **state)
{
    (void)state;
    struct fixture f;
    char path[400];
    begin_recording(&f, "snapshot fails");
    snprintf(path, sizeof path, "%s snapshot", f.saved);
    FILE *there = fopen(path, "wb");
    assert_non_null(there);
    fputs("precious", there);
    fclose(there);
    controller_snapshot(f.ctl, path, false);
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_int_equal(f.view.ring.snapshot_error.code, ERR_EXISTS);
    assert_error_text(&f.view.ring.snapshot_error, 0);
    assert_string_equal(content(path), "precious");
    script_fail(&f.world, SCRIPT_FLUSH, 1, ERR_KIND_WIN32, 112);
    controller_snapshot(f.ctl, path, true);
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_error_text(&f.view.ring.snapshot_error, 112);
    atomic_store(&scripted_merge.code, ERR_NO_SPACE);
    controller_snapshot(f.ctl, path, true);
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do
        controller_view(f.ctl, &f.view);
    while ((f.view.ring.snapshot_busy || f.view.ring.snapshot_error.code != ERR_NO_SPACE) && clock_ns() < until);
    assert_int_equal(f.view.ring.snapshot_error.code, ERR_NO_SPACE);
    assert_int_equal(f.view.ring.snapshots, 0);
    assert_string_equal(content(path), "precious");
    atomic_store(&scripted_merge.code, ERR_NONE);
    controller_snapshot(f.ctl, path, true);
    wait_snapshots(&f, 1);
    assert_int_equal(f.view.ring.snapshot_error.code, ERR_NONE);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_clean(&f);
    fixture_free(&f);
}

static void test_only_a_ring_has_snapshots(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "no ring");
    fixture_start(&f);
    controller_snapshot(f.ctl, f.saved, false);
    settle(&f);
    assert_error_text(&f.view.ring.snapshot_error, 0);
    record(&f);
    controller_snapshot(f.ctl, f.saved, false);
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_int_equal(f.view.ring.snapshot_error.code, ERR_STATE);
    assert_error_text(&f.view.ring.snapshot_error, 0);
    assert_string_equal(content(f.saved), "");
    save_and_check(&f, "raw;rundown;");
    fixture_free(&f);
}

/* --- what goes wrong --- */

static void test_a_ring_that_cannot_be_written_is_not_stopped(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "flush fails");
    script_fail(&f.world, SCRIPT_FLUSH, 1, ERR_KIND_WIN32, 112);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_error_text(&f.view.error, 112);
    assert_int_equal(script_calls(&f.world, SCRIPT_STOP), 0);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.world.rings_lost, 0);
    fixture_free(&f);
}

static void test_without_its_list_it_is_saved_and_told(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "no list");
    script_fail(&f.world, SCRIPT_MASKS, 3, ERR_KIND_WIN32, 87);
    scripted_readback.found.handles_listed = 0;
    /* The place is known before the stop is over: later it would be a step of its own, with a reason of its own. */
    script_hang(&f.world, SCRIPT_FLUSH, true);
    controller_stop(f.ctl);
    assert_true(script_wait_hanging(&f.world, SCRIPT_FLUSH, WAIT_MS));
    controller_save(f.ctl, f.saved, false);
    script_hang(&f.world, SCRIPT_FLUSH, false);
    settle(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_error_text(&f.view.error, 87);
    assert_string_equal(content(f.saved), "ring;proc;end;");
    fixture_free(&f);
}

static void test_a_companion_that_dies_is_started_again(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "companion dies");
    script_vanish_companion(&f.world);
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    while (!script_calls(&f.world, SCRIPT_START) || f.world.companion.starts < 2)
        if (clock_ns() > until)
            fail_msg("%u starts of the companion", f.world.companion.starts);
    /* It records what the first did. */
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.world.companion.tags[0], EVENT_TAG);
    assert_string_equal(content(f.saved), "ring;proc;proc;handles;end;");
    assert_clean(&f);
    fixture_free(&f);
}

static void test_a_ring_that_dies_is_gone_and_told(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "ring dies");
    script_vanish(&f.world);
    wait_state(&f, RECORDER_FAILED);
    settle(&f);
    assert_false(f.view.parts_exist);
    assert_error_text(&f.view.error, 4201);
    assert_non_null(strstr(f.view.error.remedy, "in memory"));
    assert_clean(&f);
    fixture_free(&f);
}

static void test_parts_that_do_not_become_one_are_kept(void **state)
{
    (void)state;
    struct fixture f;
    char second[400];
    begin_recording(&f, "no merge");
    atomic_store(&scripted_merge.code, ERR_MISMATCH);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_true(f.view.parts_exist);
    assert_error_text(&f.view.error, 0);
    assert_string_equal(content(f.saved), "");
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.view.files, 2);
    assert_string_equal(content(f.saved), "ring;");
    snprintf(second, sizeof second, "%s.0001", f.saved);
    assert_string_equal(content(second), "proc;handles;end;");
    assert_clean(&f);
    fixture_free(&f);
}

static void test_what_a_merge_warns_of_is_told(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "merge warns");
    atomic_store(&scripted_merge.warns, true);
    save_and_check(&f, WHOLE);
    assert_int_equal(f.view.error.code, ERR_TRUNCATED);
    assert_error_text(&f.view.error, 0);
    fixture_free(&f);
}

/* --- the program's end, and its crash --- */

static void test_the_end_writes_the_ring_out(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "ring end");
    fixture_restart(&f);
    assert_false(script_running(&f.world));
    assert_int_equal(f.world.rings_lost, 0);
    assert_state(&f.view, RECORDER_UNSAVED);
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_string_equal(content(f.saved), WHOLE);
    assert_clean(&f);
    fixture_free(&f);
}

/* A ring whose program is gone; its note is found through the companion's file, or among all notes. */
static void test_a_ring_left_running(void **state)
{
    (void)state;
    for (int how = 0; how < 4; how++) {
        struct fixture f;
        begin_recording(&f, "ring left");
        f.world.kill_at = 1; /* nothing it does has an effect any more */
        fixture_end(&f);
        script_new_process(&f.world);
        bool companion = how < 2;
        if (!companion)
            script_vanish_companion(&f.world);
        fixture_start(&f);
        assert_state(&f.view, RECORDER_ORPHAN);
        assert_int_equal(f.view.other_pid, 100);
        if (how & 1) {
            controller_choose(f.ctl, RECORDER_ORPHAN_CONTINUE);
            settle(&f);
            assert_state(&f.view, RECORDER_RECORDING);
            assert_int_equal(f.view.storage, PROFILE_RING);
            controller_stop(f.ctl);
        } else {
            controller_choose(f.ctl, RECORDER_ORPHAN_SAVE);
        }
        save_settled(&f);
        assert_state(&f.view, RECORDER_SAVED);
        assert_string_equal(content(f.saved), companion ? WHOLE : "ring;proc;proc;handles;end;");
        assert_int_equal(f.world.companion.masks[0], 7);
        assert_clean(&f);
        fixture_free(&f);
    }
}

/* The note and the companion are gone: there is still the ring. */
static void test_a_ring_of_which_nothing_is_known(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "stray ring");
    f.world.kill_at = 1;
    fixture_end(&f);
    script_new_process(&f.world);
    script_vanish_companion(&f.world);
    fixture_empty(&f);
    fixture_start(&f);
    assert_state(&f.view, RECORDER_ORPHAN);
    controller_choose(f.ctl, RECORDER_ORPHAN_SAVE);
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_string_equal(content(f.saved), WHOLE);
    assert_clean(&f);
    fixture_free(&f);
}

/* Between the end of the one session and the other the program was killed. */
static void test_a_companion_left_alone_is_ended(void **state)
{
    (void)state;
    struct fixture f;
    begin_recording(&f, "companion left");
    f.world.kill_at = 1;
    fixture_end(&f);
    script_new_process(&f.world);
    script_vanish(&f.world);
    fixture_start(&f);
    assert_state(&f.view, RECORDER_IDLE);
    assert_clean(&f);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_and_saves),
        cmocka_unit_test(test_the_companion_keeps_the_filter),
        cmocka_unit_test(test_discards_both),
        cmocka_unit_test(test_no_second_session),
        cmocka_unit_test(test_snapshots_while_it_records),
        cmocka_unit_test(test_a_snapshot_that_fails),
        cmocka_unit_test(test_only_a_ring_has_snapshots),
        cmocka_unit_test(test_a_ring_that_cannot_be_written_is_not_stopped),
        cmocka_unit_test(test_without_its_list_it_is_saved_and_told),
        cmocka_unit_test(test_a_companion_that_dies_is_started_again),
        cmocka_unit_test(test_a_ring_that_dies_is_gone_and_told),
        cmocka_unit_test(test_parts_that_do_not_become_one_are_kept),
        cmocka_unit_test(test_what_a_merge_warns_of_is_told),
        cmocka_unit_test(test_the_end_writes_the_ring_out),
        cmocka_unit_test(test_a_ring_left_running),
        cmocka_unit_test(test_a_ring_of_which_nothing_is_known),
        cmocka_unit_test(test_a_companion_left_alone_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
