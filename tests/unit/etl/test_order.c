/* The order of streams: against a search of all of them for the earliest. */
#include "unit/test.h"

#include "core/etl/order.h"

#define ITEMS 40u

static uint32_t seed;

static uint32_t number(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

struct stream {
    int64_t times[ITEMS];
    uint32_t count;
    uint32_t at;
};

/* The earliest of what the streams stand at; `count` when all are at their end. */
static uint32_t earliest(const struct stream *streams, uint32_t count)
{
    uint32_t best = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct stream *s = &streams[i];
        if (s->at < s->count && (best == count || s->times[s->at] < streams[best].times[streams[best].at]))
            best = i;
    }
    return best;
}

static void check_order(struct stream *streams, uint32_t count, int64_t start)
{
    struct order m;
    assert_true(order_start(&m, count, start));
    for (uint32_t i = 0; i < count; i++)
        if (streams[i].count)
            order_enter(&m, i, streams[i].times[0]);
    order_ready(&m);
    for (uint32_t first; (first = earliest(streams, count)) < count;) {
        assert_false(order_is_over(&m));
        assert_int_equal(m.first, first);
        struct stream *s = &streams[first];
        if (++s->at < s->count)
            order_move(&m, s->times[s->at]);
        else
            order_leave(&m);
    }
    assert_true(order_is_over(&m));
    order_free(&m);
}

static void fill(struct stream *streams, uint32_t count, int64_t start, uint32_t step)
{
    for (uint32_t i = 0; i < count; i++) {
        int64_t time = start;
        streams[i].at = 0;
        streams[i].count = number(8) ? number(ITEMS + 1) : 0;
        for (uint32_t n = 0; n < streams[i].count; n++)
            streams[i].times[n] = time += number(step);
    }
}

static void any_number_of_streams(void **state)
{
    (void)state;
    static struct stream streams[70];
    static const int64_t starts[] = {0, 1, 1000000, 133000000000000000, INT64_MAX / 4 + 5};
    for (uint32_t count = 0; count <= 70; count++)
        for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++) {
            seed = count;
            fill(streams, count, starts[s], s % 2 ? 3 : 1000); /* many of the same time, and few */
            check_order(streams, count, starts[s]);
        }
}

/* Those that are late are met at once; the others of their time keep their order. */
static void older_than_the_trace(void **state)
{
    (void)state;
    static struct stream streams[3] = {
        {{90, 100, 101}, 3, 0},
        {{-5, 99, 200}, 3, 0},
        {{80, 100, 150}, 3, 0},
    };
    check_order(streams, 3, 100);
}

/* Whatever the times are, every item comes once, each stream's in its order. */
static void times_that_cannot_be(void **state)
{
    (void)state;
    static const int64_t odd[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};
    const uint32_t kinds = sizeof odd / sizeof odd[0];
    for (uint32_t count = 1; count <= 20; count++)
        for (uint32_t s = 0; s < kinds; s++) {
            struct order m;
            uint32_t left[20];
            uint32_t total = 0;
            seed = count;
            assert_true(order_start(&m, count, odd[s]));
            for (uint32_t i = 0; i < count; i++) {
                left[i] = number(ITEMS);
                total += left[i] + 1;
                order_enter(&m, i, odd[number(kinds)]);
            }
            order_ready(&m);
            for (; !order_is_over(&m); total--) {
                assert_true(total > 0);
                assert_in_range(m.first, 0, count - 1);
                if (left[m.first]--)
                    order_move(&m, odd[number(kinds)]);
                else
                    order_leave(&m);
            }
            assert_int_equal(total, 0);
            order_free(&m);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_streams),
        cmocka_unit_test(older_than_the_trace),
        cmocka_unit_test(times_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
