/* Every operation of the tracing system and of the disk fails once, everywhere: no session stays, nothing is lost, and
 * the error says what, with which number, and what to do. */
#include "unit/record/faulty_file.h"
#include "unit/record/fixture.h"

#include <stdio.h>

#define EVENT_TAG 0x6E657645u
#define KEY_TAG   0x2079654Bu

static bool was_recording;

/* The ways of recording; all is tried in each. */
enum way { WAY_FILE, WAY_RING, WAY_SEGMENTS, WAYS };
static enum way way;
static const char *const way_names[WAYS] = {"file", "ring", "segments"};

static void begin(struct fixture *f)
{
    faulty_reset();
    fixture_init(f, "faults");
    f->profile.tags[0] = EVENT_TAG;
    f->profile.tag_count = 1;
    if (way == WAY_RING)
        f->profile.storage = PROFILE_RING;
    if (way == WAY_SEGMENTS)
        f->profile.segment_mb = 1;
    if (way == WAY_FILE) {
        f->profile.stack_cache = true;
        f->profile.stack_cache_kb = 4096;
        f->profile.stack_cache_buckets = 256;
    }
    was_recording = false;
}

/* HR_FULL=1 tries everything in every way; otherwise the ways beside the plain file take a part of it. */
static bool skipped(unsigned i)
{
    return way != WAY_FILE && i % 3 != 0 && !test_is_full();
}

/* What each way does that the others do not. */
static void record_on(struct fixture *f)
{
    if (way == WAY_RING) {
        char path[400];
        snprintf(path, sizeof path, "%s/shot", f->dir);
        controller_snapshot(f->ctl, path, false);
        controller_mark(f->ctl, "mark");
        settle(f);
    }
    /* A change of files may be what fails. */
    for (unsigned i = 0; way == WAY_SEGMENTS && i < 100 && f->view.segments.written < 3; i++) {
        clock_sleep_ms(1);
        controller_view(f->ctl, &f->view);
    }
}

/* What a person would do, in the face of whatever fails. Each refusal has to be worded. */
static void use(struct fixture *f, uint32_t os)
{
    const uint32_t key = KEY_TAG;
    fixture_start(f);
    if (f->view.state == RECORDER_FAILED)
        assert_error_text(&f->view.error, os);
    record(f);
    if (f->view.filter_refused) {
        assert_error_text(&f->view.error, os);
        controller_choose(f->ctl, RECORDER_RECORD_ALL_TYPES);
        settle(f);
    }
    if (f->view.state != RECORDER_RECORDING) {
        assert_error_text(&f->view.error, os);
        return;
    }
    was_recording = true;
    controller_change(f->ctl, &key, 1, PROFILE_STACK_CREATE);
    settle(f);
    if (way != WAY_SEGMENTS) /* those may have ended by themselves, when events could not be switched on again */
        assert_state(&f->view, RECORDER_RECORDING);
    record_on(f);
    stop_and_save(f);
    if (f->view.state != RECORDER_SAVED)
        assert_error_text(&f->view.error, way == WAY_FILE ? os : 0);
}

/* Faults are over: what was recorded must be saveable now, and afterwards nothing may be left anywhere. */
static void check_nothing_lost(struct fixture *f, const char *what)
{
    fixture_bring_home(f);
    fixture_restart(f);
    fixture_bring_home(f);
    if (script_running(&f->world))
        fail_msg("%s, %s: the session was left running", way_names[way], what);
    bool lost = way == WAY_RING ? count_content(f, "saved file", "ring;") == 0
                                : count_content(f, "saved file", "raw;") < f->world.recorded_files;
    if (was_recording && (lost || f->world.rings_lost))
        fail_msg("%s, %s: the recording is lost; saved: \"%s\"", way_names[way], what, content(f->saved));
    if (count_files(f, ".recording") + count_files(f, ".fresh") + count_files(f, ".etl"))
        fail_msg("%s, %s: %u notes, %u new notes, %u parts are left", way_names[way], what,
                 count_files(f, ".recording"), count_files(f, ".fresh"), count_files(f, ".etl"));
}

struct code {
    enum err_kind kind;
    uint32_t os;
};

static const struct code codes[] = {
    {ERR_KIND_WIN32, 5},   {ERR_KIND_WIN32, 8},    {ERR_KIND_WIN32, 183},
    {ERR_KIND_WIN32, 234}, {ERR_KIND_WIN32, 1450}, {ERR_KIND_NTSTATUS, 0xC000000Du},
};

/* One trace operation's nth call fails; also "after": it is done and reported as failed. Returns whether it came so
 * far. */
static bool one_trace_fault(enum script_op op, unsigned at, const struct code *code, bool after)
{
    char what[120];
    struct fixture f;
    begin(&f);
    snprintf(what, sizeof what, "%s call %u, code %u%s", script_op_names[op], at, code->os, after ? ", done" : "");
    struct script_fault *fault = script_fail(&f.world, op, at, code->kind, code->os);
    fault->after = after;
    use(&f, after ? 0 : code->os);
    bool hit = script_calls(&f.world, op) >= at;
    check_nothing_lost(&f, what);
    fixture_free(&f);
    return hit;
}

static void test_every_trace_operation_fails_once(void **state)
{
    (void)state;
    unsigned runs = 0;
    bool hit[SCRIPT_OP_COUNT] = {false};
    for (way = WAY_FILE; way < WAYS; way++)
        for (int op = 0; op < SCRIPT_OP_COUNT; op++)
            for (size_t c = 0; c < sizeof codes / sizeof codes[0] && !skipped((unsigned)c); c++)
                for (unsigned at = 1; at <= (way == WAY_FILE ? 4u : 8u); at++, runs++) {
                    if (!one_trace_fault((enum script_op)op, at, &codes[c], false))
                        break;
                    hit[op] = true;
                }
    way = WAY_FILE;
    for (int op = 0; op < SCRIPT_OP_COUNT; op++)
        if (!hit[op])
            fail_msg("%s was never called", script_op_names[op]);
    print_message("%u runs\n", runs);
}

static void test_done_but_reported_as_failed(void **state)
{
    (void)state;
    const struct code code = {ERR_KIND_WIN32, 234};
    for (way = WAY_FILE; way < WAYS; way++)
        for (int op = 0; op < SCRIPT_OP_COUNT; op++)
            for (unsigned at = 1; at <= (way == WAY_FILE ? 2u : 5u); at++)
                one_trace_fault((enum script_op)op, at, &code, true);
    way = WAY_FILE;
}

/* The error keeps the number of the first thing that failed, wherever in the start it was. */
static void test_a_failed_start_says_why(void **state)
{
    (void)state;
    static const struct {
        enum script_op op;
        enum recorder_state state;
    } rows[] = {{SCRIPT_START, RECORDER_FAILED}, {SCRIPT_STACKS, RECORDER_FAILED}, {SCRIPT_MASKS, RECORDER_FAILED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        begin(&f);
        script_fail(&f.world, rows[i].op, 1, ERR_KIND_WIN32, 87);
        fixture_start(&f);
        record(&f);
        assert_state(&f.view, rows[i].state);
        assert_error_text(&f.view.error, 87);
        assert_false(f.view.parts_exist);
        assert_false(script_running(&f.world));
        assert_int_equal(count_files(&f, ""), 0);
        fixture_free(&f);
    }
}

static void test_no_free_session_names_those_in_use(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    script_fail(&f.world, SCRIPT_START, 1, ERR_KIND_WIN32, 1450);
    fixture_start(&f);
    record(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_error_text(&f.view.error, 1450);
    assert_int_equal(f.view.error.code, ERR_NO_SPACE);
    assert_non_null(strstr(f.view.error.remedy, "Circular Kernel Context Logger, Somebody's Trace"));
    assert_null(strstr(f.view.error.remedy, "PerfDiag")); /* takes no system-logger slot */
    fixture_free(&f);
}

static void test_a_session_that_cannot_be_undone_is_offered(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    script_fail(&f.world, SCRIPT_MASKS, 1, ERR_KIND_WIN32, 87);
    struct script_fault *stop = script_fail(&f.world, SCRIPT_STOP, 1, ERR_KIND_WIN32, 5);
    stop->for_good = true;
    fixture_start(&f);
    record(&f);
    assert_state(&f.view, RECORDER_ORPHAN);
    assert_error_text(&f.view.error, 5);
    assert_non_null(strstr(f.view.notes, "(87)"));
    assert_true(script_running(&f.world));
    fixture_restart(&f);
    assert_state(&f.view, RECORDER_ORPHAN);
    stop->at = 0;
    controller_choose(f.ctl, RECORDER_ORPHAN_DISCARD);
    settle(&f);
    assert_state(&f.view, RECORDER_IDLE);
    assert_false(script_running(&f.world));
    assert_int_equal(count_files(&f, ""), 0);
    fixture_free(&f);
}

static bool one_disk_fault(enum faulty_op op, unsigned at, bool for_good, bool after, bool across)
{
    char what[120];
    struct fixture f;
    begin(&f);
    snprintf(what, sizeof what, "disk: %s call %u%s%s%s", faulty_op_names[op], at, for_good ? " and later" : "",
             after ? ", done" : "", across ? ", another volume" : "");
    if (across)
        faulty_other_volume("saved file");
    faulty_fail(op, at, for_good, after, 28);
    use(&f, 0);
    bool hit = faulty_hits() > 0;
    faulty_reset();
    if (across)
        faulty_other_volume("saved file");
    check_nothing_lost(&f, what);
    faulty_reset();
    fixture_free(&f);
    return hit;
}

static void test_every_disk_operation_fails(void **state)
{
    (void)state;
    unsigned runs = 0;
    for (way = WAY_FILE; way < WAYS; way++)
        for (int op = 0; op < FAULTY_OP_COUNT; op++)
            for (unsigned how = 0; how < 8; how++)
                for (unsigned at = 1; at <= 12 && !skipped(how); at++, runs++)
                    if (!one_disk_fault((enum faulty_op)op, at, how & 1, how & 2, how & 4)) {
                        bool copies = op == FAULTY_OPEN || op == FAULTY_SIZE || op == FAULTY_READ;
                        if (at == 1 && way == WAY_FILE && (how == 4 || (how == 0 && !copies)))
                            fail_msg("disk: %s was never called", faulty_op_names[op]);
                        break;
                    }
    way = WAY_FILE;
    print_message("%u runs\n", runs);
}

/* The file is in place although the system reported a failure: that is what counts. */
static void test_a_move_that_was_done_counts(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    fixture_start(&f);
    record(&f);
    faulty_fail(FAULTY_RENAME, 1, false, true, 5);
    stop_and_save(&f);
    assert_int_equal(faulty_hits(), 1);
    assert_state(&f.view, RECORDER_SAVED);
    assert_string_equal(content(f.saved), "raw;rundown;");
    fixture_free(&f);
}

/* As a scanner does that looks at each new file: sharing violation, or here EBUSY. */
static void test_a_file_in_use_is_waited_for(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    fixture_start(&f);
    record(&f);
    faulty_fail(FAULTY_RENAME, 1, false, false, 16);
    stop_and_save(&f);
    assert_int_equal(faulty_hits(), 1);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.view.error.code, ERR_NONE);
    assert_string_equal(content(f.saved), "raw;rundown;");
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_trace_operation_fails_once),
        cmocka_unit_test(test_done_but_reported_as_failed),
        cmocka_unit_test(test_a_failed_start_says_why),
        cmocka_unit_test(test_no_free_session_names_those_in_use),
        cmocka_unit_test(test_a_session_that_cannot_be_undone_is_offered),
        cmocka_unit_test(test_every_disk_operation_fails),
        cmocka_unit_test(test_a_move_that_was_done_counts),
        cmocka_unit_test(test_a_file_in_use_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
