// Slopes, changes, peaks, and the rule that tells a leak from work that comes and goes.
#include "core/census/trend.h"
#include "unit/test.h"

#include <math.h>
#include <stdio.h>

static void add_line(struct trend *t, uint64_t from_s, uint64_t to_s, double start, double per_second)
{
    for (uint64_t s = from_s; s < to_s; s++)
        trend_add(t, 5000 + s * 1000, (uint64_t)(start + per_second * (double)s));
}

static void slope_is_known_after_ten_seconds(void **state)
{
    (void)state;
    struct trend t;
    trend_start(&t, 100);
    for (uint64_t s = 0; s < 10; s++) {
        trend_add(&t, 5000 + s * 1000, 100 + 2 * s);
        assert_false(trend_rate(&t).known);
    }
    trend_add(&t, 15000, 120);
    struct snapshot_rate r = trend_rate(&t);
    assert_true(r.known);
    assert_int_equal(lround(r.per_minute * 10), 1200);
    assert_int_equal(trend_change(&t), 20);
}

static void slope_is_that_of_the_last_minute(void **state)
{
    (void)state;
    struct trend t;
    trend_start(&t, 0);
    add_line(&t, 0, 300, 0, 100);
    for (uint64_t s = 300; s < 361; s++)
        trend_add(&t, 5000 + s * 1000, 30000);
    assert_int_equal(lround(trend_rate(&t).per_minute * 10), 0);
}

static void slope_does_not_mind_gaps_or_large_counts(void **state)
{
    (void)state;
    struct trend t;
    trend_start(&t, 0);
    const uint64_t times[] = {0, 1000, 7500, 9000, 31000, 44000};
    for (size_t i = 0; i < 6; i++)
        trend_add(&t, 1000000000000 + times[i], 4000000000 + times[i] / 100);
    assert_int_equal(lround(trend_rate(&t).per_minute), 600);
}

static void slope_falls_too(void **state)
{
    (void)state;
    struct trend t;
    trend_start(&t, 1000);
    add_line(&t, 0, 30, 1000, -3);
    assert_int_equal(lround(trend_rate(&t).per_minute), -180);
    assert_int_equal(trend_change(&t), -87);
}

static void peak_and_change_count_from_the_baseline(void **state)
{
    (void)state;
    struct trend t;
    trend_start(&t, 10);
    trend_add(&t, 1000, 10);
    trend_add(&t, 2000, 50);
    trend_add(&t, 3000, 20);
    assert_int_equal(t.peak, 50);
    assert_int_equal(trend_change(&t), 10);
    trend_rebase(&t);
    assert_int_equal(t.peak, 20);
    assert_int_equal(trend_change(&t), 0);
    trend_add(&t, 4000, 25);
    assert_int_equal(t.peak, 25);
    assert_int_equal(trend_change(&t), 5);
}

// Seconds until the series is suspect, or -1.
static int suspect_after(uint64_t (*value)(uint64_t second), uint64_t seconds, uint32_t *minutes)
{
    struct trend t;
    uint32_t m = 0;
    trend_start(&t, value(0));
    for (uint64_t s = 0; s < seconds; s++) {
        trend_add(&t, 777 + s * 1000, value(s));
        if (trend_suspect(&t, &m) == SNAPSHOT_GROWING) {
            if (minutes)
                *minutes = m;
            return (int)s;
        }
    }
    return -1;
}

static uint64_t leak(uint64_t s)
{
    return 1000 + s / 5; // 12 a minute
}

static uint64_t noisy_leak(uint64_t s)
{
    return 1000 + s / 2 + s * 17 % 40; // 30 a minute under work that opens up to 40 for a moment
}

static uint64_t swaying_leak(uint64_t s)
{
    return 1000 + s / 2 + s % 45; // the same under work that takes longer than the fast scale's windows
}

static uint64_t slow_leak(uint64_t s)
{
    return 1000 + s / 40; // 1.5 a minute
}

static uint64_t sawtooth(uint64_t s)
{
    return 1000 + s % 60 * 5;
}

static uint64_t jump(uint64_t s)
{
    return s < 100 ? 1000 : 9000;
}

static uint64_t start_up(uint64_t s)
{
    return s < 40 ? 100 + 50 * s : 2100;
}

static uint64_t wave(uint64_t s)
{
    return (uint64_t)(2000 + 500 * sin((double)s / 40));
}

static void leaks_are_found(void **state)
{
    (void)state;
    uint32_t minutes = 99;
    assert_int_equal(suspect_after(leak, 600, &minutes), 190);
    assert_int_equal(minutes, 3);
    assert_in_range(suspect_after(noisy_leak, 600, NULL), 190, 400);
    assert_int_equal(suspect_after(swaying_leak, 1200, NULL), 660);
    assert_int_equal(suspect_after(slow_leak, 1200, &minutes), 660);
    assert_int_equal(minutes, 11);
}

static void coming_and_going_is_no_leak(void **state)
{
    (void)state;
    assert_int_equal(suspect_after(sawtooth, 7200, NULL), -1);
    assert_int_equal(suspect_after(jump, 7200, NULL), -1);
    assert_int_equal(suspect_after(start_up, 7200, NULL), -1);
    assert_int_equal(suspect_after(wave, 7200, NULL), -1);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

// A count that wanders with its mean holding it: what a busy, healthy system looks like.
static void noise_is_seldom_a_suspect(void **state)
{
    (void)state;
    uint32_t seed = 1;
    unsigned looks = 0;
    unsigned wrong = 0;
    for (int series = 0; series < 200; series++) {
        struct trend t;
        int64_t value = 2000;
        trend_start(&t, 2000);
        for (uint64_t s = 0; s < 3600; s++) {
            value += (int64_t)(next_random(&seed) % 21) - 10 + (2000 - value) / 30;
            trend_add(&t, s * 1000, (uint64_t)value);
            uint32_t minutes;
            looks++;
            wrong += trend_suspect(&t, &minutes) == SNAPSHOT_GROWING;
        }
    }
    printf("suspect while only noisy: %u of %u seconds\n", wrong, looks);
    assert_true(wrong < looks / 1000);
}

static void minutes_count_on_and_a_pause_ends_it(void **state)
{
    (void)state;
    struct trend t;
    uint32_t minutes = 0;
    trend_start(&t, 0);
    add_line(&t, 0, 485, 0, 2);
    assert_int_equal(trend_suspect(&t, &minutes), SNAPSHOT_GROWING);
    assert_int_equal(minutes, 8);
    for (uint64_t s = 485; s < 545; s++)
        trend_add(&t, 5000 + s * 1000, 970);
    assert_int_equal(trend_suspect(&t, &minutes), SNAPSHOT_CALM);
    assert_int_equal(minutes, 0);
}

static void one_quiet_moment_does_not_end_it(void **state)
{
    (void)state;
    struct trend t;
    uint32_t minutes;
    trend_start(&t, 0);
    add_line(&t, 0, 300, 0, 2);
    for (uint64_t s = 300; s < 320; s++)
        trend_add(&t, 5000 + s * 1000, 600);
    assert_int_equal(trend_suspect(&t, &minutes), SNAPSHOT_GROWING);
}

// A census that backs off looks every 15 s: windows are longer, the rule is the same.
static void seldom_samples_work(void **state)
{
    (void)state;
    struct trend t;
    uint32_t minutes;
    trend_start(&t, 0);
    for (uint64_t i = 0; i < 20; i++)
        trend_add(&t, i * 15000, 500 + 30 * i);
    assert_int_equal(lround(trend_rate(&t).per_minute), 120);
    assert_int_equal(trend_suspect(&t, &minutes), SNAPSHOT_GROWING);
    assert_int_equal(minutes, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slope_is_known_after_ten_seconds),
        cmocka_unit_test(slope_is_that_of_the_last_minute),
        cmocka_unit_test(slope_does_not_mind_gaps_or_large_counts),
        cmocka_unit_test(slope_falls_too),
        cmocka_unit_test(peak_and_change_count_from_the_baseline),
        cmocka_unit_test(leaks_are_found),
        cmocka_unit_test(coming_and_going_is_no_leak),
        cmocka_unit_test(noise_is_seldom_a_suspect),
        cmocka_unit_test(minutes_count_on_and_a_pause_ends_it),
        cmocka_unit_test(one_quiet_moment_does_not_end_it),
        cmocka_unit_test(seldom_samples_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
