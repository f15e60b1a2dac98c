// The census over a made-up system and a made-up clock: who holds what, baselines, errors, and what it costs.
#include "core/census/census.h"
#include "fake_sys.h"
#include "unit/test.h"

#include <math.h>
#include <stdio.h>

#define SECOND UINT64_C(1000000000)

struct world {
    struct fake_sys sys;
    struct census *census;
    uint64_t now; // ns
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    static const char *const names[] = {"Event", "File", "Key", "Thread", "Process"};
    for (size_t i = 0; i < 5; i++)
        fake_add_type(&w->sys, names[i], -2, true);
    fake_add_type(&w->sys, "WmiGuid", -2, false);
    fake_add_process(&w->sys, FAKE_OWN_PID, 1, "me.exe");
    struct fake_process *a = fake_add_process(&w->sys, 200, 20, "a.exe");
    struct fake_process *b = fake_add_process(&w->sys, 300, 30, "b.exe");
    a->held[0] = 40;
    b->held[0] = 60;
    a->held[1] = 7;
    struct sys_backend backend = fake_backend(&w->sys);
    assert_true(census_create(&backend, &w->census, NULL));
    w->now = 50 * SECOND;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    census_destroy(w->census);
    free(w);
    return 0;
}

// One census when it is due.
static const struct snapshot *take(struct world *w)
{
    uint64_t due = census_due(w->census);
    if (due > w->now)
        w->now = due;
    const struct snapshot *s = census_take(w->census, w->now, w->now / 100);
    assert_non_null(s);
    return s;
}

static void pass(struct world *w, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        snapshot_release(take(w));
}

static const struct snapshot_holding *holding(const struct snapshot *s, const char *type, uint32_t pid)
{
    size_t first;
    size_t n = snapshot_holdings_of(s, snapshot_find_type(s, type), &first);
    for (size_t i = first; i < first + n; i++)
        if (s->holdings[i].pid == pid)
            return &s->holdings[i];
    return NULL;
}

static void first_snapshot_says_who_holds_what(void **state)
{
    struct world *w = *state;
    const struct snapshot *s = take(w);
    assert_true(s->available);
    assert_true(s->holders_available);
    assert_int_equal(s->number, 1);
    assert_int_equal(s->type_count, 6);
    assert_string_equal(s->types[0].name, "Event");
    assert_int_equal(s->types[0].open, 100);
    assert_int_equal(s->types[0].objects, 50);
    assert_int_equal(s->types[0].change, 0);
    assert_int_equal(s->types[0].peak, 100);
    assert_false(s->types[0].rate.known);
    assert_int_equal(s->types[0].tag, 0x6E657645); // "Even"
    assert_int_equal(s->types[2].tag, 0x2079654B); // "Key "
    assert_int_equal(s->types[0].top_pid, 300);
    assert_string_equal(s->types[0].top_process, "b.exe");
    assert_int_equal(s->holding_count, 3);
    assert_int_equal(s->holdings[0].pid, 300);
    assert_int_equal(s->holdings[0].open, 60);
    assert_int_equal(s->holdings[1].pid, 200);
    assert_int_equal(s->holdings[1].start, 20);
    assert_int_equal(holding(s, "File", 200)->open, 7);
    assert_null(holding(s, "File", 300));
    assert_null(holding(s, "Event", FAKE_OWN_PID)); // the probe does not show
    snapshot_release(s);
}

static void changes_count_from_the_start(void **state)
{
    struct world *w = *state;
    pass(w, 1);
    w->sys.process[2].held[0] += 25;
    w->sys.process[1].held[1] -= 3;
    w->sys.process[1].held[2] = 4; // a type it did not hold before
    struct fake_process *c = fake_add_process(&w->sys, 400, 40, "c.exe");
    c->held[0] = 5; // a process that was not there
    const struct snapshot *s = take(w);
    assert_int_equal(s->types[0].change, 30);
    assert_int_equal(s->types[1].change, -3);
    assert_int_equal(holding(s, "Event", 300)->change, 25);
    assert_int_equal(holding(s, "File", 200)->change, -3);
    assert_int_equal(holding(s, "Key", 200)->change, 4);
    assert_int_equal(holding(s, "Event", 400)->change, 5);
    assert_int_equal(s->types[1].peak, 7);
    snapshot_release(s);
}

static void a_new_baseline_counts_from_the_next_sample(void **state)
{
    struct world *w = *state;
    pass(w, 2);
    w->sys.process[1].held[0] += 10;
    pass(w, 1);
    census_reset_baseline(w->census);
    w->sys.process[1].held[0] += 1;
    const struct snapshot *s = take(w);
    assert_int_equal(s->types[0].change, 0);
    assert_int_equal(s->types[0].peak, 111);
    assert_int_equal(holding(s, "Event", 200)->change, 0);
    assert_int_equal(s->baseline, s->filetime);
    snapshot_release(s);
    w->sys.process[1].held[0] += 2;
    s = take(w);
    assert_int_equal(s->types[0].change, 2);
    assert_int_equal(holding(s, "Event", 200)->change, 2);
    assert_true(s->baseline < s->filetime);
    snapshot_release(s);
}

static void a_reused_pid_is_another_process(void **state)
{
    struct world *w = *state;
    pass(w, 3);
    fake_remove_process(&w->sys, 200);
    struct fake_process *again = fake_add_process(&w->sys, 200, 999, "other.exe");
    again->held[0] = 45;
    const struct snapshot *s = take(w);
    const struct snapshot_holding *h = holding(s, "Event", 200);
    assert_int_equal(h->start, 999);
    assert_string_equal(h->process, "other.exe");
    assert_int_equal(h->change, 45); // all opened since; not 5 more than its predecessor
    assert_false(h->rate.known);
    assert_null(holding(s, "File", 200));
    snapshot_release(s);
}

static void an_ended_process_is_gone(void **state)
{
    struct world *w = *state;
    pass(w, 2);
    fake_remove_process(&w->sys, 300);
    const struct snapshot *s = take(w);
    assert_null(holding(s, "Event", 300));
    assert_int_equal(s->types[0].open, 40);
    assert_int_equal(s->types[0].change, -60);
    assert_int_equal(s->types[0].top_pid, 200);
    snapshot_release(s);
}

static void a_holder_of_nothing_is_left_out_and_remembered(void **state)
{
    struct world *w = *state;
    pass(w, 2);
    w->sys.process[1].held[1] = 0;
    const struct snapshot *s = take(w);
    assert_null(holding(s, "File", 200));
    snapshot_release(s);
    w->sys.process[1].held[1] = 9;
    s = take(w);
    assert_int_equal(holding(s, "File", 200)->change, 2);
    snapshot_release(s);
}

static void permuted_numbers_change_nothing(void **state)
{
    struct world *w = *state;
    static const uint16_t numbers[] = {41, 3, 77, 12, 9, 60};
    for (size_t i = 0; i < 6; i++)
        w->sys.type[i].number = numbers[i];
    first_snapshot_says_who_holds_what(state);
}

static void a_new_type_is_appended_and_calibrated(void **state)
{
    struct world *w = *state;
    pass(w, 11);
    unsigned probes = w->sys.probes_opened;
    size_t place = fake_add_type(&w->sys, "Timer", -2, true);
    w->sys.process[1].held[place] = 12;
    const struct snapshot *s = take(w);
    assert_int_equal(s->type_count, 7);
    assert_string_equal(s->types[6].name, "Timer");
    assert_int_equal(s->types[6].open, 12);
    assert_int_equal(s->types[6].change, 12);
    assert_true(s->types[6].holders_known);
    assert_int_equal(holding(s, "Timer", 200)->change, 12);
    assert_true(w->sys.probes_opened > probes);
    snapshot_release(s);
    // Known numbers are not looked for again.
    probes = w->sys.probes_opened;
    pass(w, 30);
    assert_int_equal(w->sys.probes_opened, probes);
}

static void a_type_keeps_its_place_when_the_list_changes(void **state)
{
    struct world *w = *state;
    pass(w, 1);
    struct fake_type last = w->sys.type[5];
    memmove(&w->sys.type[1], &w->sys.type[0], 5 * sizeof last);
    w->sys.type[0] = last; // and with the list the numbers of all
    for (size_t k = 0; k < w->sys.process_count; k++) {
        memmove(&w->sys.process[k].held[1], &w->sys.process[k].held[0], 5 * sizeof(uint32_t));
        w->sys.process[k].held[0] = 0;
    }
    const struct snapshot *s = take(w);
    assert_int_equal(s->type_count, 6);
    assert_string_equal(s->types[0].name, "Event");
    assert_int_equal(s->types[0].open, 100);
    assert_int_equal(s->types[0].change, 0);
    snapshot_release(s);
}

// Its number is found late: the handles that were there all the time did not come just then.
static void holders_found_late_have_not_changed(void **state)
{
    struct world *w = *state;
    w->sys.type[4].has_probe = false;
    w->sys.type[4].number = 70;    // no offset leads there
    w->sys.process[1].held[4] = 5; // too few to be told by the total
    const struct snapshot *s = take(w);
    assert_int_equal(s->types[4].open, 5);
    assert_false(s->types[4].holders_known);
    assert_null(holding(s, "Process", 200));
    snapshot_release(s);
    pass(w, 12);
    w->sys.type[4].has_probe = true;
    fake_add_type(&w->sys, "Timer", -2, true); // a reason to calibrate again
    s = take(w);
    assert_true(s->types[4].holders_known);
    assert_int_equal(holding(s, "Process", 200)->open, 5);
    assert_int_equal(holding(s, "Process", 200)->change, 0);
    snapshot_release(s);
}

static void no_totals_is_said_and_mends_itself(void **state)
{
    struct world *w = *state;
    w->sys.types_fail = true;
    const struct snapshot *s = take(w);
    assert_false(s->available);
    assert_int_equal(s->why.os, 0xC0000022u);
    snapshot_release(s);
    w->sys.types_fail = false;
    s = take(w);
    assert_true(s->available);
    assert_int_equal(s->types[0].open, 100);
    assert_int_equal(s->types[0].change, 0);
    assert_int_equal(s->baseline, s->filetime);
    snapshot_release(s);
}

static void no_walk_leaves_the_totals(void **state)
{
    struct world *w = *state;
    w->sys.handles_fail = true;
    const struct snapshot *s = take(w);
    assert_true(s->available);
    assert_false(s->holders_available);
    assert_int_equal(s->holders_why.os, 0xC0000017u);
    assert_int_equal(s->types[0].open, 100);
    assert_false(s->types[0].holders_known);
    snapshot_release(s);
    w->sys.handles_fail = false;
    s = take(w);
    assert_true(s->holders_available);
    assert_int_equal(holding(s, "Event", 300)->change, 0); // this walk is the first: the baseline
    snapshot_release(s);
    w->sys.processes_fail = true;
    s = take(w);
    assert_false(s->holders_available);
    assert_int_equal(s->holders_why.os, 0xC0000022u);
    snapshot_release(s);
}

static void the_history_has_a_value_each_second(void **state)
{
    struct world *w = *state;
    pass(w, 1);
    w->sys.process[1].held[0] = 50;
    w->now += 4 * SECOND; // it was late
    const struct snapshot *s = take(w);
    assert_int_equal(s->types[0].history_count, 5);
    assert_int_equal(s->types[0].history[0], 100);
    assert_int_equal(s->types[0].history[1], 110);
    assert_int_equal(s->types[0].history[4], 110);
    snapshot_release(s);
    pass(w, SNAPSHOT_HISTORY + 5);
    s = take(w);
    assert_int_equal(s->types[0].history_count, SNAPSHOT_HISTORY);
    assert_int_equal(s->types[0].history[0], 110);
    snapshot_release(s);
}

static void a_leak_is_laid_at_the_right_door(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 200; i++) {
        w->sys.process[1].held[0] += 2;
        pass(w, 1);
    }
    const struct snapshot *s = take(w);
    assert_int_equal(s->types[0].suspect, SNAPSHOT_GROWING);
    assert_int_equal(holding(s, "Event", 200)->suspect, SNAPSHOT_GROWING);
    assert_int_equal(holding(s, "Event", 200)->growing_minutes, 3);
    assert_int_equal(holding(s, "Event", 300)->suspect, SNAPSHOT_CALM);
    assert_int_equal(lround(holding(s, "Event", 200)->rate.per_minute), 120);
    assert_int_equal(s->types[1].suspect, SNAPSHOT_CALM);
    snapshot_release(s);
}

// What it takes of a core over ten minutes, with totals and a walk that cost so much CPU (ms).
static double share_of_core(struct world *w, double totals_ms, double walk_ms, double *walks_per_minute)
{
    w->sys.types_cost = (uint64_t)(totals_ms * 10000);
    w->sys.handles_cost = (uint64_t)(walk_ms * 10000);
    pass(w, 5); // it learns
    uint64_t cpu = w->sys.cpu;
    unsigned walks = w->sys.walks;
    uint64_t begin = w->now;
    while (w->now - begin < 600 * SECOND)
        pass(w, 1);
    double passed = (double)(w->now - begin);
    *walks_per_minute = (w->sys.walks - walks) / (passed / 6e10);
    return (double)(w->sys.cpu - cpu) * 100 / passed;
}

static void costs_less_than_a_twentieth_of_a_core(void **state)
{
    static const struct {
        double totals_ms;
        double walk_ms;
        double least_walks_per_minute;
    } rows[] = {
        {0.1, 5, 59},   // a quiet system: each second
        {0.1, 25, 59},  // 300,000 handles
        {0.2, 95, 14},  // a million: every few seconds
        {2, 800, 1.5},  // sixteen million
        {40, 900, 0.5}, // a machine on its knees
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        void *fresh = NULL;
        double walks = 0;
        set_up(&fresh);
        double share = share_of_core(fresh, rows[i].totals_ms, rows[i].walk_ms, &walks);
        printf("totals %.1f ms, walk %.0f ms: %.2f %% of a core, %.1f walks a minute\n", rows[i].totals_ms,
               rows[i].walk_ms, share * 100, walks);
        assert_true(share < 0.05);
        assert_true(walks >= rows[i].least_walks_per_minute);
        tear_down(&fresh);
    }
}

static void a_walk_that_becomes_dear_is_held_down_at_once(void **state)
{
    struct world *w = *state;
    pass(w, 30);
    w->sys.handles_cost = 10000000; // a second each
    uint64_t cpu = w->sys.cpu;
    uint64_t begin = w->now;
    while (w->now - begin < 60 * SECOND)
        pass(w, 1);
    assert_in_range(w->sys.cpu - cpu, 10000000, 3 * 10000000);
    const struct snapshot *s = take(w);
    assert_true(s->holders_available);
    assert_true(s->holders_filetime < s->filetime);
    assert_true(s->interval_s < 1.5); // totals still come each second
    snapshot_release(s);
}

static void a_million_handles_in_a_census(void **state)
{
    struct world *w = *state;
    for (size_t k = 0; k < 50; k++) {
        struct fake_process *p = fake_add_process(&w->sys, (uint32_t)(1000 + 4 * k), k, "many.exe");
        for (size_t i = 0; i < 6; i++)
            p->held[i] = 3400;
    }
    const struct snapshot *s = take(w);
    assert_int_equal(s->types[0].open, 100 + 50 * 3400);
    assert_int_equal(holding(s, "Key", 1004)->open, 3400);
    uint64_t totals;
    uint64_t walk;
    uint64_t handles;
    census_cost(w->census, &totals, &walk, &handles);
    assert_int_equal(handles, 107 + 50 * 6 * 3400);
    snapshot_release(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(first_snapshot_says_who_holds_what, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_count_from_the_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_baseline_counts_from_the_next_sample, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reused_pid_is_another_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_ended_process_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_holder_of_nothing_is_left_out_and_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(permuted_numbers_change_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_type_is_appended_and_calibrated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_type_keeps_its_place_when_the_list_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(holders_found_late_have_not_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_totals_is_said_and_mends_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_walk_leaves_the_totals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_history_has_a_value_each_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_leak_is_laid_at_the_right_door, set_up, tear_down),
        cmocka_unit_test(costs_less_than_a_twentieth_of_a_core),
        cmocka_unit_test_setup_teardown(a_walk_that_becomes_dear_is_held_down_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_million_handles_in_a_census, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
