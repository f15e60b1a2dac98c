/* Recording to a new file every so often: the gap, what is kept and carried, the set that is saved. And what all
 * recordings can have: marks, and rules that end them. */
#include "unit/record/fixture.h"

#include "core/record/mark_file.h"
#include "core/record/pieces.h"

#include <stdio.h>

#define SEGMENT "raw;rundown;"

static void begin(struct fixture *f, const char *name)
{
    fixture_init(f, name);
    /* The scripted session has written a buffer of 1 MB with each question: a segment is some polls long. */
    f->profile.segment_mb = 2;
    fixture_start(f);
    assert_state(&f->view, RECORDER_IDLE);
}

static void wait_segments(struct fixture *f, unsigned n)
{
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do {
        controller_view(f->ctl, &f->view);
        if (f->view.segments.written >= n)
            return;
        clock_sleep_ms(1);
    } while (clock_ns() < until);
    char why[1024];
    err_format(&f->view.error, why, sizeof why);
    fail_msg("%u segments of %u, state %d: %s", f->view.segments.written, n, (int)f->view.state, why);
}

/* The view, once the jobs beside the recording are done. */
static void wait_deleted(struct fixture *f, unsigned n)
{
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do {
        controller_view(f->ctl, &f->view);
        if (f->view.segments.deleted >= n)
            return;
        clock_sleep_ms(1);
    } while (clock_ns() < until);
    fail_msg("%u segments deleted of %u", f->view.segments.deleted, n);
}

static const char *member(const struct fixture *f, unsigned i)
{
    static char path[400];
    if (i)
        snprintf(path, sizeof path, "%s.%04u", f->saved, i);
    else
        snprintf(path, sizeof path, "%s", f->saved);
    return path;
}

static void assert_clean(struct fixture *f)
{
    assert_false(script_running(&f->world));
    assert_int_equal(count_files(f, ".etl"), 0);
    assert_int_equal(count_files(f, ".recording"), 0);
    assert_int_equal(count_files(f, ".marks"), 0);
    assert_int_equal(count_files(f, ".set"), 0);
}

static void test_a_set_is_saved(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "set");
    record(&f);
    wait_segments(&f, 4);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.view.error.code, ERR_NONE);
    assert_in_range(f.view.files, 4, 10000);
    assert_int_equal(f.view.files, f.world.files + 1);
    assert_string_equal(f.view.saved_path, f.saved);
    for (unsigned i = 0; i < f.view.files; i++)
        assert_string_equal(content(member(&f, i)), SEGMENT);
    assert_string_equal(content(member(&f, f.view.files)), "");
    assert_int_equal(f.view.events, 42 * f.view.files);
    assert_in_range(f.view.segments.longest_gap_ns, f.view.segments.gap_ns, WAIT_MS * UINT64_C(1000000));
    assert_in_range(f.view.segments.gap_ns, 1, WAIT_MS * UINT64_C(1000000));
    assert_clean(&f);
    fixture_free(&f);
}

static void test_one_file_when_asked_for(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "one");
    record(&f);
    wait_segments(&f, 3);
    controller_stop(f.ctl);
    controller_save_merged(f.ctl, f.saved, false);
    settle(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.view.files, 1);
    assert_memory_equal(content(f.saved), SEGMENT SEGMENT SEGMENT, 36);
    assert_string_equal(content(member(&f, 1)), "");
    assert_clean(&f);
    fixture_free(&f);
}

/* More segments than one merge takes. */
static void test_many_become_one(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "many");
    f.profile.segment_mb = 1;
    record(&f);
    wait_segments(&f, 150);
    controller_mark(f.ctl, "here");
    controller_stop(f.ctl);
    controller_save_merged(f.ctl, f.saved, false);
    settle(&f);
    assert_state(&f.view, RECORDER_SAVED);
    unsigned segments = f.world.files + 1;
    struct text want = {0};
    for (unsigned i = 0; i < segments; i++)
        text_add(&want, SEGMENT);
    text_add(&want, "mark:here;");
    assert_string_equal(content(f.saved), text_str(&want));
    text_free(&want);
    assert_clean(&f);
    fixture_free(&f);
}

static void test_old_ones_are_carried_forward(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "carried");
    f.profile.keep_mb = 4;
    record(&f);
    wait_segments(&f, 3);
    assert_int_equal(f.view.segments.deleted, 0); /* the files of this world are tiny: all are kept */
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    fixture_free(&f);

    begin(&f, "carried");
    f.profile.keep_mb = 4;
    f.world.padding = 3u << 20;
    record(&f);
    wait_deleted(&f, 5);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_int_equal(f.view.error.code, ERR_NONE);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    unsigned all = f.world.files + 1;
    unsigned deleted = f.view.segments.deleted;
    assert_int_equal(f.view.files, all - deleted + 1);
    for (unsigned i = 0; i < deleted; i++)
        assert_memory_equal(content(f.saved) + (size_t)i * 8, "carried;", 8);
    assert_int_equal(strlen(content(f.saved)), (size_t)deleted * 8);
    assert_memory_equal(content(member(&f, 1)), "raw;", 4);
    assert_clean(&f);
    fixture_free(&f);
}

/* What cannot be carried forward is not deleted. */
static void test_nothing_goes_that_is_not_carried(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "not carried");
    f.profile.keep_mb = 4;
    f.world.padding = 3u << 20;
    atomic_store(&scripted_merge.code, ERR_FORMAT);
    record(&f);
    wait_segments(&f, 6);
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do
        controller_view(f.ctl, &f.view);
    while (f.view.error.code == ERR_NONE && clock_ns() < until);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_error_text(&f.view.error, 0);
    assert_int_equal(f.view.segments.deleted, 0);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.view.files, f.world.files + 1);
    fixture_free(&f);
}

static void test_a_change_of_files_that_fails(void **state)
{
    (void)state;
    static const struct {
        enum script_op op;
        unsigned at;
        bool ends; /* the recording, which would go on without events */
    } rows[] = {{SCRIPT_MASKS, 2, false}, {SCRIPT_ROTATE, 1, false}, {SCRIPT_MASKS, 3, false}, {SCRIPT_MASKS, 3, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        begin(&f, "change fails");
        struct script_fault *fault = script_fail(&f.world, rows[i].op, rows[i].at, ERR_KIND_WIN32, 5);
        fault->for_good = rows[i].ends;
        record(&f);
        if (rows[i].ends) {
            wait_state(&f, RECORDER_UNSAVED);
            assert_error_text(&f.view.error, 5);
            save_settled(&f);
        } else {
            wait_segments(&f, 3);
            mutex_lock(&f.world.lock);
            /* Events flow again, whatever went wrong. */
            assert_int_equal(f.world.masks[4] & 0x40u, f.world.masks_off ? 0 : 0x40u);
            mutex_unlock(&f.world.lock);
            stop_and_save(&f);
        }
        assert_state(&f.view, RECORDER_SAVED);
        assert_int_equal(f.view.files, f.world.files + 1);
        assert_clean(&f);
        fixture_free(&f);
    }
}

static void test_a_place_for_all_of_the_set(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "set place");
    record(&f);
    wait_segments(&f, 3);
    FILE *there = fopen(member(&f, 1), "wb");
    assert_non_null(there);
    fputs("precious", there);
    fclose(there);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_FAILED);
    assert_int_equal(f.view.error.code, ERR_EXISTS);
    assert_error_text(&f.view.error, 0);
    assert_string_equal(content(member(&f, 0)), "");
    assert_string_equal(content(member(&f, 1)), "precious");
    remove(member(&f, 1));
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_clean(&f);
    fixture_free(&f);
}

/* A thousand, while old ones are deleted. */
static void test_a_thousand(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "thousand");
    f.profile.segment_mb = 1;
    f.profile.keep_mb = 2;
    f.poll_ms = 1;
    fixture_restart(&f);
    f.world.padding = 200u << 10;
    record(&f);
    unsigned wanted = test_is_full() ? 1000 : 100;
    wait_segments(&f, wanted);
    assert_int_equal(f.view.error.code, ERR_NONE);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_int_equal(f.view.files, f.world.files + 1 - f.view.segments.deleted + (f.view.segments.deleted > 0));
    print_message("%u segments, %u deleted, longest gap %llu us\n", f.world.files + 1, f.view.segments.deleted,
                  (unsigned long long)(f.view.segments.longest_gap_ns / 1000));
    assert_clean(&f);
    fixture_free(&f);
}

/* Asked once a second, a session that fills a file in a moment would write far more than a file was to hold. */
static void test_fast_ones_are_not_overshot(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "fast");
    f.profile.segment_mb = 1;
    f.poll_ms = 1000;
    fixture_restart(&f);
    f.world.padding = 400u << 10; /* at each question */
    record(&f);
    wait_segments(&f, 2);
    uint64_t began = clock_ns();
    wait_segments(&f, 10);
    uint64_t ms = (clock_ns() - began) / 1000000u;
    assert_in_range(ms, 0, 4000);
    assert_int_equal(f.view.error.code, ERR_NONE);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    fixture_free(&f);
}

/* --- marks --- */

static void test_marks_are_in_the_file(void **state)
{
    (void)state;
    for (int ring = 0; ring < 2; ring++) {
        struct fixture f;
        fixture_init(&f, "marks");
        f.profile.storage = ring ? PROFILE_RING : PROFILE_FILE;
        fixture_start(&f);
        controller_mark(f.ctl, "too early");
        settle(&f);
        assert_error_text(&f.view.error, 0);
        record(&f);
        controller_mark(f.ctl, "it happened");
        controller_mark(f.ctl, "two\nlines");
        settle(&f);
        assert_int_equal(f.view.marks, 2);
        assert_int_equal(count_files(&f, ".marks"), 1);
        stop_and_save(&f);
        assert_state(&f.view, RECORDER_SAVED);
        assert_string_equal(content(f.saved), ring ? "ring;proc;handles;end;mark:it happened;mark:two lines;"
                                                   : "raw;rundown;mark:it happened;mark:two lines;");
        assert_int_equal(f.view.marks, 2);
        assert_clean(&f);
        record(&f);
        assert_int_equal(f.view.marks, 0);
        fixture_free(&f);
    }
}

/* They are on the disk at once, and outlive the program. */
static void test_marks_outlive_a_crash(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "marks crash");
    fixture_start(&f);
    record(&f);
    controller_mark(f.ctl, "before");
    settle(&f);
    f.world.kill_at = 1;
    fixture_end(&f);
    script_new_process(&f.world);
    fixture_start(&f);
    fixture_bring_home(&f);
    assert_string_equal(content(f.saved), "raw;rundown;mark:before;");
    fixture_free(&f);
}

/* In a set each mark is in the file of its time. */
static void test_marks_in_a_set(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "marks set");
    f.profile.segment_mb = 50;
    record(&f);
    controller_mark(f.ctl, "first");
    wait_segments(&f, 2);
    controller_mark(f.ctl, "second");
    settle(&f);
    wait_segments(&f, 3);
    stop_and_save(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_string_equal(content(member(&f, 0)), SEGMENT "mark:first;");
    assert_string_equal(content(member(&f, 1)), SEGMENT "mark:second;");
    assert_string_equal(content(member(&f, 2)), SEGMENT);
    assert_clean(&f);
    fixture_free(&f);
}

/* Another program sets one beside the part. */
static void test_marks_of_others_count(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "marks others");
    fixture_start(&f);
    record(&f);
    mutex_lock(&f.world.lock);
    char part[TRACE_PATH_MAX];
    text_put(part, sizeof part, f.world.started.path);
    mutex_unlock(&f.world.lock);
    assert_true(mark_file_add(part, 1, 2, "from outside", NULL));
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do
        controller_view(f.ctl, &f.view);
    while (f.view.marks != 1 && clock_ns() < until);
    assert_int_equal(f.view.marks, 1);
    fixture_free(&f);
}

/* --- rules --- */

static void one_hold(struct snapshot *s, struct snapshot_type *t, struct snapshot_holding *h, uint64_t open)
{
    memset(t, 0, sizeof *t);
    memset(h, 0, sizeof *h);
    text_put(t->name, sizeof t->name, "Event");
    t->open = open;
    t->holders_known = true;
    h->pid = 4711;
    h->open = open;
    text_put(h->process, sizeof h->process, "app.exe");
    *s = (struct snapshot){.number = 1,
                           .available = true,
                           .type_count = 1,
                           .types = t,
                           .holders_filetime = 1,
                           .holders_available = true,
                           .holding_count = 1,
                           .holdings = h};
}

static void test_rules_end_and_save(void **state)
{
    (void)state;
    for (int rule = 0; rule < 4; rule++) {
        struct fixture f;
        fixture_init(&f, "rules");
        struct profile_stop *r = &f.profile.stop;
        if (rule == 0)
            r->after_s = 1;
        if (rule == 1)
            r->at_mb = 3;
        if (rule == 2)
            r->disk_below_mb = 200 * 1024;
        if (rule == 3) {
            text_put(r->hold_process, sizeof r->hold_process, "app.exe");
            text_put(r->hold_type, sizeof r->hold_type, "Event");
            r->hold_count = 5000;
        }
        fixture_start(&f);
        controller_record_to(f.ctl, &f.profile, f.saved);
        if (rule == 3) {
            struct snapshot s;
            struct snapshot_type t;
            struct snapshot_holding h;
            wait_state(&f, RECORDER_RECORDING);
            settle(&f);
            one_hold(&s, &t, &h, 5000);
            controller_census(f.ctl, &s);
            clock_sleep_ms(20);
            controller_view(f.ctl, &f.view);
            assert_state(&f.view, RECORDER_RECORDING);
            one_hold(&s, &t, &h, 5001);
            controller_census(f.ctl, &s);
        }
        wait_state(&f, RECORDER_SAVED);
        assert_true(f.view.stopped_by_rule);
        assert_int_equal(f.view.stopped_by.rule, 1 << rule);
        assert_string_equal(content(f.saved), "raw;rundown;");
        assert_int_equal(f.view.error.code, ERR_NONE);
        if (rule == 3) {
            assert_string_equal(f.view.stopped_by.process, "app.exe");
            assert_int_equal(f.view.stopped_by.value, 5001);
        }
        if (rule == 0)
            assert_in_range(f.view.recording_ns, UINT64_C(900000000), WAIT_MS * UINT64_C(1000000));
        assert_clean(&f);
        fixture_free(&f);
    }
}

/* Without a place it is stopped all the same, and waits for one. */
static void test_a_rule_without_a_place(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "rule no place");
    f.profile.stop.at_mb = 2;
    fixture_start(&f);
    record(&f);
    wait_state(&f, RECORDER_UNSAVED);
    assert_true(f.view.stopped_by_rule);
    save_settled(&f);
    assert_state(&f.view, RECORDER_SAVED);
    record(&f);
    assert_false(f.view.stopped_by_rule);
    fixture_free(&f);
}

/* Which rules hold, a recording that was taken up again knows from its note. */
static void test_rules_outlive_a_crash(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "rules crash");
    f.profile.stop.after_s = 2;
    fixture_start(&f);
    controller_record_to(f.ctl, &f.profile, f.saved);
    settle(&f);
    f.world.kill_at = 1;
    fixture_end(&f);
    script_new_process(&f.world);
    fixture_start(&f);
    assert_state(&f.view, RECORDER_ORPHAN);
    controller_choose(f.ctl, RECORDER_ORPHAN_CONTINUE);
    wait_state(&f, RECORDER_SAVED);
    assert_int_equal(f.view.stopped_by.rule, PROFILE_RULE_AFTER);
    assert_string_equal(content(f.saved), "raw;rundown;");
    fixture_free(&f);
}

/* --- names --- */

static void test_names_of_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *part;
    } rows[] = {
        {"/p/HandleRecorder-x.etl", "/p/HandleRecorder-x.etl"},
        {"/p/HandleRecorder-x.0012.etl", "/p/HandleRecorder-x.etl"},
        {"/p/HandleRecorder-x.12345.etl", "/p/HandleRecorder-x.etl"},
        {"/p/HandleRecorder-x.companion.etl", "/p/HandleRecorder-x.etl"},
        {"/p/HandleRecorder-x.companion.0003.etl", "/p/HandleRecorder-x.etl"},
        {"/p/HandleRecorder-2026-11-23_05-00-00-812.etl", "/p/HandleRecorder-2026-11-23_05-00-00-812.etl"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char part[TRACE_PATH_MAX];
        piece_part_of(rows[i].path, part);
        assert_string_equal(part, rows[i].part);
    }
    assert_true(piece_named_like("/p/Abc.etl", "/q/abc.0001.etl"));
    assert_true(piece_named_like("/p/Abc.etl", "ABC.etl"));
    assert_false(piece_named_like("/p/Abc.etl", "/q/abcd.etl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_set_is_saved),
        cmocka_unit_test(test_one_file_when_asked_for),
        cmocka_unit_test(test_many_become_one),
        cmocka_unit_test(test_old_ones_are_carried_forward),
        cmocka_unit_test(test_nothing_goes_that_is_not_carried),
        cmocka_unit_test(test_a_change_of_files_that_fails),
        cmocka_unit_test(test_a_place_for_all_of_the_set),
        cmocka_unit_test(test_a_thousand),
        cmocka_unit_test(test_fast_ones_are_not_overshot),
        cmocka_unit_test(test_marks_are_in_the_file),
        cmocka_unit_test(test_marks_outlive_a_crash),
        cmocka_unit_test(test_marks_in_a_set),
        cmocka_unit_test(test_marks_of_others_count),
        cmocka_unit_test(test_rules_end_and_save),
        cmocka_unit_test(test_a_rule_without_a_place),
        cmocka_unit_test(test_rules_outlive_a_crash),
        cmocka_unit_test(test_names_of_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
