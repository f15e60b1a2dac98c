// Type numbers: probes, the common offset, equal totals, and everything that must stay unknown.
#include "core/census/calibrate.h"
#include "fake_sys.h"
#include "unit/test.h"

#include <stdio.h>

static const char *const probed[] = {"Event", "File", "Key", "Thread", "Process", "Section", "Mutant", "Semaphore"};
static const char *const others[] = {"WmiGuid", "IRTimer", "Session", "Desktop"};

// Twelve types, of which the first eight can be opened; two processes hold some of each, all totals different.
static void make_system(struct fake_sys *f, int offset)
{
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < 8; i++)
        fake_add_type(f, probed[i], offset, true);
    for (size_t i = 0; i < 4; i++)
        fake_add_type(f, others[i], offset, false);
    fake_add_process(f, FAKE_OWN_PID, 1, "me.exe");
    fake_add_process(f, 200, 2, "other.exe");
    for (size_t i = 0; i < f->type_count; i++) {
        f->process[0].held[i] = (uint32_t)(3 + i);
        f->process[1].held[i] = (uint32_t)(100 + 10 * i);
    }
}

// Exchanges the numbers so that nothing follows the order of the list, and the listed index lies.
static void permute(struct fake_sys *f)
{
    for (size_t i = 0; i < f->type_count; i++) {
        f->type[i].number = (uint16_t)(f->type_count * 3 - i * 3 % 17 + i * i * 5);
        f->type[i].listed_index = (uint16_t)(i + 2);
    }
}

static struct calibration run(struct fake_sys *f, struct counts *walk)
{
    struct calibration c = {0};
    struct sys_backend sys = fake_backend(f);
    struct err err = {0};
    assert_true(counts_init(walk, NULL));
    assert_true(calibrate_run(&c, &sys, walk, &err));
    assert_int_equal(f->probes_open, 0);
    assert_int_equal(c.count, f->type_count);
    return c;
}

static void probes_are_found_at_any_offset(void **state)
{
    (void)state;
    for (int offset = -2; offset <= 3; offset++) {
        struct fake_sys f;
        struct counts walk;
        make_system(&f, offset);
        struct calibration c = run(&f, &walk);
        for (size_t i = 0; i < f.type_count; i++) {
            assert_int_equal(c.type[i].source, f.type[i].has_probe ? CALIBRATE_PROBED : CALIBRATE_OFFSET);
            assert_int_equal(c.type[i].number, f.type[i].number);
        }
        calibrate_free(&c);
        counts_free(&walk);
    }
}

// The place in the list can be what the numbers follow, where the listed index does not.
static void the_place_serves_when_the_index_does_not(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    for (size_t i = 0; i < f.type_count; i++) {
        f.type[i].number = (uint16_t)(i + 5);
        f.type[i].listed_index = (uint16_t)(i * i + 40);
    }
    struct calibration c = run(&f, &walk);
    for (size_t i = 0; i < f.type_count; i++)
        assert_int_equal(c.type[i].number, i + 5);
    assert_int_equal(c.type[9].source, CALIBRATE_OFFSET);
    calibrate_free(&c);
    counts_free(&walk);
}

static void permuted_numbers_change_nothing_that_is_probed(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    permute(&f);
    struct calibration c = run(&f, &walk);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(c.type[i].source, CALIBRATE_PROBED);
        assert_int_equal(c.type[i].number, f.type[i].number);
    }
    // No constant fits all probes: the others are told by their totals, which differ.
    for (size_t i = 8; i < 12; i++) {
        assert_int_equal(c.type[i].source, CALIBRATE_TOTALS);
        assert_int_equal(c.type[i].number, f.type[i].number);
    }
    calibrate_free(&c);
    counts_free(&walk);
}

static void equal_or_small_totals_tell_nothing(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    permute(&f);
    f.process[0].held[8] = f.process[0].held[9] = 20; // two types alike
    f.process[1].held[8] = f.process[1].held[9] = 20;
    f.process[0].held[10] = 1; // alone, but small
    f.process[1].held[10] = 0;
    struct calibration c = run(&f, &walk);
    assert_int_equal(c.type[8].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[9].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[10].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[11].source, CALIBRATE_TOTALS);
    calibrate_free(&c);
    counts_free(&walk);
}

// All probes agree by chance, but the number so found has far too few handles.
static void an_offset_that_does_not_fit_is_not_believed(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    f.process[1].held[8] = f.process[1].held[9] = 500;
    f.type[8].number = 50;
    f.type[9].number = 51;
    f.process[0].held[9] = f.process[0].held[8];
    struct calibration c = run(&f, &walk);
    assert_int_equal(c.type[8].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[9].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[10].source, CALIBRATE_OFFSET);
    calibrate_free(&c);
    counts_free(&walk);
}

static void two_probes_are_too_few_for_an_offset(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    for (size_t i = 2; i < 8; i++)
        f.type[i].has_probe = false;
    for (size_t i = 2; i < 12; i++) { // and totals that tell nothing
        f.process[0].held[i] = 20;
        f.process[1].held[i] = 20;
    }
    struct calibration c = run(&f, &walk);
    assert_int_equal(c.type[0].source, CALIBRATE_PROBED);
    assert_int_equal(c.type[1].source, CALIBRATE_PROBED);
    for (size_t i = 2; i < 12; i++)
        assert_int_equal(c.type[i].source, CALIBRATE_UNKNOWN);
    calibrate_free(&c);
    counts_free(&walk);
}

static void two_types_under_one_number_are_both_unknown(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    f.type[1].number = f.type[0].number;
    struct calibration c = run(&f, &walk);
    assert_int_equal(c.type[0].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[1].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[2].source, CALIBRATE_PROBED);
    calibrate_free(&c);
    counts_free(&walk);
}

static void probes_are_not_counted(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    struct calibration c = run(&f, &walk);
    assert_int_equal(f.probes_opened, 8);
    for (size_t i = 0; i < f.type_count; i++)
        assert_int_equal(counts_of(&walk, FAKE_OWN_PID, f.type[i].number), f.process[0].held[i]);
    calibrate_free(&c);
    counts_free(&walk);
}

static void a_number_that_was_not_there_makes_it_stale(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    struct calibration c = run(&f, &walk);
    struct type_holder {
        struct calibrate_list list;
    } now = {{0}};
    struct sys_backend sys = fake_backend(&f);
    assert_true(calibrate_types(&sys, &now.list, NULL));
    assert_false(calibrate_is_stale(&c, &now.list, &walk));
    counts_add(&walk, 200, 999);
    assert_true(calibrate_is_stale(&c, &now.list, &walk));
    fake_add_type(&f, "New", 0, true);
    assert_true(calibrate_types(&sys, &now.list, NULL));
    assert_true(calibrate_is_stale(&c, &now.list, &walk));
    free(now.list.row);
    calibrate_free(&c);
    counts_free(&walk);
}

static void three_doubts_make_a_guess_unknown_for_good(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    struct calibration c = run(&f, &walk);
    struct calibrate_list list = {0};
    struct sys_backend sys = fake_backend(&f);
    f.type[8].extra = 1000; // its total is no longer what the list shows under its number
    f.type[0].extra = 1000; // a probed type is beyond doubt
    assert_true(calibrate_types(&sys, &list, NULL));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(c.type[8].source, CALIBRATE_OFFSET);
        calibrate_check(&c, &list, &walk);
    }
    assert_int_equal(c.type[8].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[0].source, CALIBRATE_PROBED);
    f.type[8].extra = 0;
    assert_true(calibrate_run(&c, &sys, &walk, NULL));
    assert_int_equal(c.type[8].source, CALIBRATE_UNKNOWN);
    assert_int_equal(c.type[9].source, CALIBRATE_OFFSET);
    free(list.row);
    calibrate_free(&c);
    counts_free(&walk);
}

static void a_failed_walk_leaves_what_was_known(void **state)
{
    (void)state;
    struct fake_sys f;
    struct counts walk;
    make_system(&f, 0);
    struct calibration c = run(&f, &walk);
    struct sys_backend sys = fake_backend(&f);
    struct err err = {0};
    f.handles_fail = true;
    assert_false(calibrate_run(&c, &sys, &walk, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
    assert_int_equal(f.probes_open, 0);
    assert_int_equal(c.count, f.type_count);
    assert_int_equal(c.type[0].source, CALIBRATE_PROBED);
    calibrate_free(&c);
    counts_free(&walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_are_found_at_any_offset),
        cmocka_unit_test(the_place_serves_when_the_index_does_not),
        cmocka_unit_test(permuted_numbers_change_nothing_that_is_probed),
        cmocka_unit_test(equal_or_small_totals_tell_nothing),
        cmocka_unit_test(an_offset_that_does_not_fit_is_not_believed),
        cmocka_unit_test(two_probes_are_too_few_for_an_offset),
        cmocka_unit_test(two_types_under_one_number_are_both_unknown),
        cmocka_unit_test(probes_are_not_counted),
        cmocka_unit_test(a_number_that_was_not_there_makes_it_stale),
        cmocka_unit_test(three_doubts_make_a_guess_unknown_for_good),
        cmocka_unit_test(a_failed_walk_leaves_what_was_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
