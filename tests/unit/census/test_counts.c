// Counting a walk: sums, growth of the table, and a million handles in reasonable time.
#include "core/base/thread.h"
#include "core/census/counts.h"
#include "unit/test.h"

#include <stdio.h>

static void counts_by_process_and_number(void **state)
{
    (void)state;
    struct counts c;
    assert_true(counts_init(&c, NULL));
    counts_begin(&c);
    counts_add(&c, 4, 7);
    counts_add(&c, 4, 7);
    counts_add(&c, 8, 7);
    counts_add(&c, 4, 65535);
    counts_add(&c, 0, 0);
    assert_int_equal(counts_of(&c, 4, 7), 2);
    assert_int_equal(counts_of(&c, 8, 7), 1);
    assert_int_equal(counts_of(&c, 4, 65535), 1);
    assert_int_equal(counts_of(&c, 0, 0), 1);
    assert_int_equal(counts_of(&c, 12, 7), 0);
    assert_int_equal(counts_of(&c, 4, 9), 0);
    assert_int_equal(counts_of_number(&c, 7), 3);
    assert_int_equal(counts_of_number(&c, 9), 0);
    assert_int_equal(c.handles, 5);
    counts_free(&c);
}

static void another_walk_begins_at_nothing(void **state)
{
    (void)state;
    struct counts c;
    assert_true(counts_init(&c, NULL));
    counts_begin(&c);
    for (int i = 0; i < 10; i++)
        counts_add(&c, 4, 7);
    counts_begin(&c);
    assert_int_equal(counts_of(&c, 4, 7), 0);
    assert_int_equal(counts_of_number(&c, 7), 0);
    assert_int_equal(c.handles, 0);
    counts_add(&c, 4, 7);
    assert_int_equal(counts_of(&c, 4, 7), 1);
    counts_free(&c);
}

// More processes and more numbers than there is room for at first, in an order that makes both grow in between.
static void grows_both_ways(void **state)
{
    (void)state;
    enum { PROCESSES = 5000, NUMBERS = 700 };
    struct counts c;
    assert_true(counts_init(&c, NULL));
    for (int walk = 0; walk < 2; walk++) {
        counts_begin(&c);
        for (uint32_t p = 0; p < PROCESSES; p++)
            for (uint32_t n = p % 7; n < NUMBERS; n += 100 + p % 13)
                for (uint32_t k = 0; k <= (p + n) % 3; k++)
                    counts_add(&c, p * 4, (uint16_t)(n * 90));
        assert_false(c.failed);
        for (uint32_t p = 0; p < PROCESSES; p++)
            for (uint32_t n = p % 7; n < NUMBERS; n += 100 + p % 13)
                assert_int_equal(counts_of(&c, p * 4, (uint16_t)(n * 90)), (p + n) % 3 + 1);
    }
    counts_free(&c);
}

// Handles of a process together, as the system lists them, and the worst order there is.
static double seconds_for(struct counts *c, uint32_t handles, bool mixed)
{
    uint64_t start = clock_ns();
    counts_begin(c);
    for (uint32_t i = 0; i < handles; i++) {
        uint32_t process = mixed ? i % 300 : (uint32_t)((uint64_t)i * 300 / handles);
        counts_add(c, process * 4, (uint16_t)(i % 70));
    }
    assert_int_equal(c->handles, handles);
    return (double)(clock_ns() - start) / 1e9;
}

static void a_million_handles(void **state)
{
    (void)state;
    struct counts c;
    assert_true(counts_init(&c, NULL));
    double together = seconds_for(&c, 1000000, false);
    double mixed = seconds_for(&c, 1000000, true);
    printf("1,000,000 handles of 300 processes and 70 types: %.1f ms, in the worst order %.1f ms\n", together * 1000,
           mixed * 1000);
    // Sanitizers and a loaded machine included: what would be wrong is a search per handle.
    assert_true(together < 2);
    assert_true(mixed < 4);
    counts_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_process_and_number),
        cmocka_unit_test(another_walk_begins_at_nothing),
        cmocka_unit_test(grows_both_ways),
        cmocka_unit_test(a_million_handles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
