/* The controller over the scripted world: what a person does, in the order it is done. */
#include "unit/record/fixture.h"

#include "core/profile/plan.h"

#define EVENT_TAG 0x6E657645u

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
    char begin[64];
    text_put(begin, sizeof begin, text_str(&f.world.log));
    bool burst = f.world.burst;
    uint32_t word4 = f.world.masks[4];
    unsigned tags = f.world.tag_count;
    unsigned hooks = f.world.hook_count;
    mutex_unlock(&f.world.lock);
    begin[strlen("adopt start stacks filter masks query")] = 0;
    assert_string_equal(begin, "adopt start stacks filter masks query");
    assert_false(burst);
    assert_int_equal(word4 & 0x40u, 0x40u);
    assert_int_equal(tags, 1);
    assert_int_equal(hooks, 2);
    assert_int_equal(f.view.tag_count, 1);
    assert_int_equal(f.view.stacks, f.profile.stacks);
    assert_true(f.view.status_known);
    assert_int_equal(count_files(&f, ".etl"), 1);
    assert_int_equal(count_files(&f, ".recording"), 1);

    controller_stop(f.ctl);
    controller_save(f.ctl, f.saved, false);
    settle(&f);
    assert_state(&f.view, RECORDER_SAVED);
    assert_false(script_running(&f.world));
    assert_string_equal(f.view.saved_path, f.saved);
    assert_int_equal(f.view.events, 42);
    assert_string_equal(content(f.saved), "raw;rundown;");
    assert_int_equal(count_files(&f, ".etl"), 0);
    assert_int_equal(count_files(&f, ".recording"), 0);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_and_saves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
