/* The type filter over a recording's life: what reading it back is compared with, and what is said about it. */
#include "unit/record/fixture.h"

#define EVENT_TAG 0x6E657645u
#define FILE_TAG  0x656C6946u
#define KEY_TAG   0x2079654Bu

static void found(const char *type, uint64_t events)
{
    struct readback *r = &scripted_readback.found;
    text_put(r->types[r->type_count].name, READBACK_NAME_MAX, type);
    r->types[r->type_count++].events = events;
}

static void begin(struct fixture *f, const char *name)
{
    fixture_init(f, name);
    f->profile.tags[0] = EVENT_TAG;
    f->profile.tag_count = 1;
    fixture_start(f);
    record(f);
}

static void save(struct fixture *f)
{
    stop_and_save(f);
    assert_state(&f->view, RECORDER_SAVED);
    assert_string_equal(content(f->saved), "raw;rundown;");
}

static void assert_warned(struct fixture *f, const char *says)
{
    assert_int_equal(f->view.error.code, ERR_MISMATCH);
    assert_error_text(&f->view.error, 0);
    if (!strstr(f->view.error.doing, says))
        fail_msg("no \"%s\" in: %s", says, f->view.error.doing);
}

static void test_a_filter_without_effect_is_told(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "no effect");
    found("Event", 5);
    found("File", 3);
    save(&f);
    assert_warned(&f, "3 events of other types, most of File");
    scripted_readback.found.type_count = 1;
    record(&f); /* the next one begins without it */
    assert_int_equal(f.view.error.code, ERR_NONE);
    fixture_free(&f);
}

static void test_a_change_widens_what_is_expected(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t file = FILE_TAG;
    begin(&f, "widened");
    controller_change(f.ctl, &file, 1, 0);
    settle(&f);
    found("Event", 5);
    found("File", 3);
    save(&f);
    assert_int_equal(f.view.error.code, ERR_NONE);
    fixture_free(&f);

    begin(&f, "still told");
    controller_change(f.ctl, &file, 1, 0);
    settle(&f);
    found("Key", 2);
    save(&f);
    assert_warned(&f, "2 events of other types, most of Key");
    fixture_free(&f);
}

/* The change may have been made before it was reported as failed. */
static void test_a_refused_change_accuses_nobody(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t file = FILE_TAG;
    begin(&f, "refused change");
    script_fail(&f.world, SCRIPT_FILTER, 2, ERR_KIND_NTSTATUS, 0xC000000Du)->after = true;
    controller_change(f.ctl, &file, 1, f.view.stacks);
    settle(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_error_text(&f.view.error, 0xC000000Du);
    assert_int_equal(f.view.tags[0], EVENT_TAG);
    found("File", 3);
    save(&f);
    assert_int_equal(f.view.error.code, ERR_NONE);
    fixture_free(&f);
}

static void test_unfiltered_for_a_while(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t key = KEY_TAG;
    begin(&f, "unfiltered");
    controller_change(f.ctl, NULL, 0, 0);
    settle(&f);
    controller_change(f.ctl, &key, 1, 0);
    settle(&f);
    found("File", 3);
    save(&f);
    assert_int_equal(f.view.error.code, ERR_NONE);
    fixture_free(&f);
}

static void test_recorded_unfiltered_on_purpose(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "on purpose");
    f.profile.tags[0] = EVENT_TAG;
    f.profile.tag_count = 1;
    fixture_start(&f);
    script_fail(&f.world, SCRIPT_FILTER, 1, ERR_KIND_NTSTATUS, 0xC000000Du);
    record(&f);
    assert_true(f.view.filter_refused);
    controller_choose(f.ctl, RECORDER_RECORD_ALL_TYPES);
    settle(&f);
    fixture_restart(&f); /* the note says so to whoever comes after a crash, too */
    assert_state(&f.view, RECORDER_UNSAVED);
    found("File", 3);
    save(&f);
    assert_int_equal(f.view.error.code, ERR_NONE);
    fixture_free(&f);
}

static void test_the_next_process_knows(void **state)
{
    (void)state;
    struct fixture f;
    const uint32_t key = KEY_TAG;
    begin(&f, "next process");
    controller_change(f.ctl, &key, 1, 0);
    settle(&f);
    fixture_restart(&f);
    found("Key", 1);
    found("Event", 1);
    found("File", 8);
    save(&f);
    assert_warned(&f, "8 events of other types, most of File");
    fixture_free(&f);
}

static void test_what_is_missing_is_said(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        begin(&f, "missing");
        scripted_readback.found.handles_listed = 0;
        scripted_readback.found.handle_events = i == 0 ? 0 : 30;
        scripted_readback.found.types_named = i == 0;
        save(&f);
        assert_int_equal(f.view.error.code, ERR_NOT_FOUND);
        assert_error_text(&f.view.error, 0);
        fixture_free(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_filter_without_effect_is_told), cmocka_unit_test(test_a_change_widens_what_is_expected),
        cmocka_unit_test(test_a_refused_change_accuses_nobody), cmocka_unit_test(test_unfiltered_for_a_while),
        cmocka_unit_test(test_recorded_unfiltered_on_purpose),  cmocka_unit_test(test_the_next_process_knows),
        cmocka_unit_test(test_what_is_missing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
