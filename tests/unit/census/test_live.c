/* Live counts: what is counted, what is passed over, and when it shows. Records are laid out by hand. */
#include "core/census/live.h"
#include "unit/test.h"

#include <string.h>

#define MS UINT64_C(1000000)

/* Object, handle, type; then what the action adds. */
static struct etl_record record_of(const uint8_t *payload, uint32_t size, uint16_t hook)
{
    return (struct etl_record){.kind = ETL_KERNEL,
                               .pointer_size = 8,
                               .opcode = (uint8_t)hook,
                               .version = 3,
                               .hook = hook,
                               .pid = 4711,
                               .tid = 12,
                               .payload = payload,
                               .payload_size = size};
}

static void feed_handle(struct live *l, uint16_t hook, uint16_t type)
{
    uint8_t payload[32] = {0};
    size_t at = hook == 0x1120 || hook == 0x1121 ? 12 : hook == 0x1122 ? 20 : 16;
    payload[at] = (uint8_t)type;
    payload[at + 1] = (uint8_t)(type >> 8);
    struct etl_record r = record_of(payload, sizeof payload, hook);
    live_feed(l, &r);
}

static void feed_name(struct live *l, uint16_t type, const char *name)
{
    uint8_t payload[64] = {(uint8_t)type, (uint8_t)(type >> 8)};
    for (size_t i = 0; name[i]; i++)
        payload[4 + 2 * i] = (uint8_t)name[i];
    struct etl_record r = record_of(payload, (uint32_t)(4 + 2 * strlen(name) + 2), 0x1125);
    live_feed(l, &r);
}

static struct live_counts read_now(struct live *l)
{
    struct live_counts c;
    live_read(l, &c);
    return c;
}

static void each_action_counts_for_its_type(void **state)
{
    (void)state;
    struct live l;
    live_init(&l);
    live_begin(&l, 0);
    for (int i = 0; i < 5; i++)
        feed_handle(&l, 0x1120, 16);
    for (int i = 0; i < 3; i++)
        feed_handle(&l, 0x1121, 16);
    for (int i = 0; i < 2; i++)
        feed_handle(&l, 0x1122, 16);
    feed_handle(&l, 0x1120, 37);
    feed_name(&l, 16, "Event");
    live_publish(&l, MS, 0);
    struct live_counts c = read_now(&l);
    const struct live_type *event = live_find(&c, "Event");
    assert_non_null(event);
    assert_int_equal(event->created, 5);
    assert_int_equal(event->closed, 3);
    assert_int_equal(event->duplicated, 2);
    assert_int_equal(c.types[37].created, 1);
    assert_int_equal(c.events, 11);
    assert_int_equal(c.other, 0);
    assert_null(live_find(&c, "File"));
    assert_null(live_find(&c, "")); /* type 37 has no name yet */
    live_destroy(&l);
}

static void what_is_no_handle_event_is_passed_over(void **state)
{
    (void)state;
    struct live l;
    live_init(&l);
    live_begin(&l, 0);
    feed_handle(&l, 0x1127, 16);             /* inventory */
    feed_handle(&l, 0x1120, LIVE_TYPES);     /* out of range */
    feed_name(&l, LIVE_TYPES, "Impossible"); /* likewise */
    uint8_t shorter[4] = {0};
    struct etl_record r = record_of(shorter, sizeof shorter, 0x1120);
    live_feed(&l, &r);
    r = record_of(shorter, sizeof shorter, 0x0301);
    live_feed(&l, &r);
    live_end(&l, 1, 0, NULL);
    struct live_counts c = read_now(&l);
    assert_int_equal(c.events, 0);
    assert_int_equal(c.other, 5);
    live_destroy(&l);
}

static void counts_show_when_a_buffer_ends(void **state)
{
    (void)state;
    struct live l;
    live_init(&l);
    assert_false(read_now(&l).reading);
    live_begin(&l, 1000 * MS);
    assert_true(read_now(&l).reading);
    assert_true(read_now(&l).cost < 0);
    feed_handle(&l, 0x1120, 1);
    assert_int_equal(read_now(&l).events, 0);
    live_publish(&l, 1200 * MS, 5 * MS);
    struct live_counts c = read_now(&l);
    assert_int_equal(c.events, 1);
    assert_float_equal(c.cost, 0.025, 0.0001);
    live_destroy(&l);
}

static void an_end_tells_why_and_a_reset_forgets(void **state)
{
    (void)state;
    struct live l;
    live_init(&l);
    live_begin(&l, 0);
    feed_handle(&l, 0x1120, 1);
    struct err why = {0};
    err_set(&why, ERR_NOT_FOUND, "Reading live events");
    live_end(&l, 1, 0, &why);
    struct live_counts c = read_now(&l);
    assert_false(c.reading);
    assert_int_equal(c.events, 1);
    assert_int_equal(c.why.code, ERR_NOT_FOUND);
    /* Read again, it goes on; only a reset begins from nothing. */
    live_begin(&l, 2);
    c = read_now(&l);
    assert_true(c.reading);
    assert_int_equal(c.events, 1);
    assert_int_equal(c.why.code, ERR_NONE);
    live_end(&l, 3, 0, NULL);
    live_reset(&l);
    c = read_now(&l);
    assert_false(c.reading);
    assert_int_equal(c.events, 0);
    live_fail(&l, &why);
    c = read_now(&l);
    assert_false(c.reading);
    assert_int_equal(c.why.code, ERR_NOT_FOUND);
    live_destroy(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_action_counts_for_its_type),
        cmocka_unit_test(what_is_no_handle_event_is_passed_over),
        cmocka_unit_test(counts_show_when_a_buffer_ends),
        cmocka_unit_test(an_end_tells_why_and_a_reset_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
