/* The program is killed before each of its steps in turn: the next start finds what there is, and nothing is lost. */
#include "unit/record/faulty_file.h"
#include "unit/record/fixture.h"

#include <stdio.h>

#define KEY_TAG 0x2079654Bu

/* What the next program does with a session that it finds. */
enum then { THEN_SAVE, THEN_CONTINUE, THEN_DISCARD };

/* The ways of recording. */
enum way { WAY_FILE, WAY_RING, WAY_SEGMENTS, WAYS };
static enum way way;

static void use(struct fixture *f)
{
    const uint32_t key = KEY_TAG;
    fixture_start(f);
    record(f);
    controller_change(f->ctl, &key, 1, PROFILE_STACK_CREATE);
    settle(f);
    if (way == WAY_RING) {
        char path[400];
        snprintf(path, sizeof path, "%s/shot", f->dir);
        controller_snapshot(f->ctl, path, false);
        controller_mark(f->ctl, "mark");
        settle(f);
    }
    for (unsigned i = 0; way == WAY_SEGMENTS && i < 50 && f->view.segments.written < 3; i++) {
        clock_sleep_ms(1);
        controller_view(f->ctl, &f->view);
    }
    stop_and_save(f);
}

/* All that was recorded is in files that were saved. */
static bool all_saved(struct fixture *f)
{
    if (way == WAY_RING)
        return f->world.rings_lost == 0 && count_content(f, "saved file", "ring;") > 0;
    return count_content(f, "saved file", "raw;") >= f->world.recorded_files;
}

static bool discard_what_is_left(struct fixture *f, const char *what)
{
    for (unsigned i = 0; i < 3 && (f->view.state == RECORDER_ORPHAN || f->view.state == RECORDER_UNSAVED); i++) {
        controller_discard(f->ctl);
        settle(f);
    }
    if (f->view.state != RECORDER_IDLE)
        fail_msg("%s: discarding did not end idle, but in state %d", what, f->view.state);
    return true;
}

static void check(struct fixture *f, enum then then, bool recorded, const char *what)
{
    bool running = f->world.running;
    fixture_start(f);
    /* A companion that was left alone is ended, not offered. */
    if (running != (f->view.state == RECORDER_ORPHAN))
        fail_msg("%s: a session %s, state %d", what, running ? "runs" : "does not run", f->view.state);
    bool saved_before = content(f->saved)[0] != 0;
    if (recorded && !running && !saved_before && f->view.state != RECORDER_UNSAVED)
        fail_msg("%s: parts are not offered, state %d", what, f->view.state);
    bool discarded = then == THEN_DISCARD && discard_what_is_left(f, what);
    if (then == THEN_CONTINUE && f->view.state == RECORDER_ORPHAN) {
        controller_choose(f->ctl, RECORDER_ORPHAN_CONTINUE);
        settle(f);
        assert_state(&f->view, RECORDER_RECORDING);
    }
    fixture_bring_home(f);
    fixture_restart(f);
    if (f->view.state != RECORDER_IDLE)
        fail_msg("%s: after all state %d", what, f->view.state);
    if (script_running(&f->world))
        fail_msg("%s: the session was left running", what);
    if (recorded && !discarded && !all_saved(f))
        fail_msg("%s: the recording is lost", what);
    unsigned notes = count_files(f, ".recording") + count_files(f, ".fresh");
    unsigned parts = count_files(f, ".etl") + count_files(f, ".incomplete");
    if (notes + parts)
        fail_msg("%s: %u notes, %u parts are left", what, notes, parts);
}

/* Returns false when the program came to its end before. */
static bool killed_before(unsigned step, enum then then, bool across)
{
    char what[80];
    struct fixture f;
    snprintf(what, sizeof what, "way %d: killed before step %u%s, then %d", way, step, across ? ", another volume" : "",
             then);
    faulty_reset();
    fixture_init(&f, "crash");
    if (across)
        faulty_other_volume("saved file");
    f.world.kill_at = step;
    f.world.steps = 0;
    faulty_set_dead(script_step, &f.world);
    /* Polls come when they come: a killed step is the same one in each run only without them. */
    f.poll_ms = way == WAY_SEGMENTS ? 2 : 60000;
    if (way == WAY_RING)
        f.profile.storage = PROFILE_RING;
    if (way == WAY_SEGMENTS)
        f.profile.segment_mb = 1;
    use(&f);
    bool killed = f.world.steps >= step;
    fixture_end(&f);
    faulty_set_dead(NULL, NULL);
    script_new_process(&f.world);
    check(&f, then, f.world.recorded, what);
    faulty_reset();
    fixture_free(&f);
    return killed;
}

static void kill_everywhere(enum then then)
{
    unsigned steps = 0;
    for (unsigned across = 0; across < 2; across++)
        for (unsigned step = 1; killed_before(step, then, across); step++)
            steps++;
    print_message("killed %u times\n", steps);
    assert_in_range(steps, 40, 400);
}

/* With polls, and jobs beside, a step is not the same one in each run: so many are tried. */
static void kill_here_and_there(enum way w)
{
    unsigned stride = test_is_full() ? 1 : 3;
    unsigned killed = 0;
    way = w;
    for (unsigned across = 0; across < 2; across++)
        for (unsigned step = 1 + across; step < 260; step += stride)
            killed += killed_before(step, (enum then)(step / stride % 3), across);
    way = WAY_FILE;
    print_message("killed %u times\n", killed);
    assert_in_range(killed, 30, 600);
}

static void test_a_ring_is_killed(void **state)
{
    (void)state;
    kill_here_and_there(WAY_RING);
}

static void test_segments_are_killed(void **state)
{
    (void)state;
    kill_here_and_there(WAY_SEGMENTS);
}

static void test_killed_then_saved(void **state)
{
    (void)state;
    kill_everywhere(THEN_SAVE);
}

static void test_killed_then_continued(void **state)
{
    (void)state;
    kill_everywhere(THEN_CONTINUE);
}

static void test_killed_then_discarded(void **state)
{
    (void)state;
    kill_everywhere(THEN_DISCARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_then_saved),     cmocka_unit_test(test_killed_then_continued),
        cmocka_unit_test(test_killed_then_discarded), cmocka_unit_test(test_a_ring_is_killed),
        cmocka_unit_test(test_segments_are_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
