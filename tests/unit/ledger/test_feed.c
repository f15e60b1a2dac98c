/* Items of records: what an event and its stack say of each other. */
#include "core/etl/hooks.h"
#include "core/ledger/feed.h"
#include "unit/test.h"

#include <string.h>

static struct feed_block block;

static void put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* An event or what else has the time in its header; true when the item got in. */
static void add(struct feed *f, uint16_t hook, int64_t time, uint32_t tid)
{
    const uint8_t payload[64] = {0};
    struct etl_record r = {.kind = ETL_KERNEL,
                           .hook = hook,
                           .pointer_size = 8,
                           .version = 2,
                           .pid = 4,
                           .tid = tid,
                           .time = time,
                           .payload = payload,
                           .payload_size = sizeof payload};
    assert_int_equal(feed_block_add(&block, f, &r), FEED_ITEM);
}

static void add_stack(struct feed *f, int64_t time, uint32_t tid)
{
    uint8_t payload[32] = {0};
    struct etl_record r = {.kind = ETL_KERNEL,
                           .hook = HOOK_STACK,
                           .pointer_size = 8,
                           .version = 2,
                           .pid = ETL_UNKNOWN_ID,
                           .tid = ETL_UNKNOWN_ID,
                           .time = time + 100,
                           .payload = payload,
                           .payload_size = sizeof payload};
    put(payload, (uint64_t)time, 8);
    put(payload + 12, tid, 4);
    assert_int_equal(feed_block_add(&block, f, &r), FEED_ITEM);
}

static void stack_is_next(void **state)
{
    (void)state;
    static const uint16_t events[] = {HOOK_CREATE_HANDLE, HOOK_CLOSE_HANDLE, HOOK_DUPLICATE_HANDLE};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        struct feed f = {0};
        feed_block_clear(&block);
        add(&f, HOOK_CREATE_HANDLE, 10, 1);
        add(&f, events[i], 20, 1);
        add_stack(&f, 20, 1);
        add_stack(&f, 20, 1); /* its user part, say: by a search */
        add(&f, events[i], 30, 2);
        add_stack(&f, 30, 2);
        assert_int_equal(block.items[0].handle.stack_next, 0);
        assert_int_equal(block.items[1].handle.stack_next, 1);
        assert_int_equal(block.items[4].handle.stack_next, 1);
    }
}

static void stack_is_not_next(void **state)
{
    (void)state;
    enum { CASES = 9 };
    for (int i = 0; i < CASES; i++) {
        struct feed f = {0};
        uint32_t at = 1;
        feed_block_clear(&block);
        /* Ended processes wait in one row with events. */
        add(&f, i == 0 ? HOOK_PROCESS_END : HOOK_CREATE_HANDLE, i < 2 ? 20 : i == 2 ? 21 : 10, 1);
        add(&f, i == 3 ? HOOK_HANDLE_DCEND : HOOK_CREATE_HANDLE, 20, i == 4 ? ETL_UNKNOWN_ID : 1);
        if (i == 5) /* what is in another block is another thread's by now */
            feed_block_clear(&block);
        if (i == 6)
            add(&f, HOOK_CLOSE_HANDLE, 30, 1);
        add_stack(&f, i == 7 ? 21 : 20, i == 8 ? 2 : i == 4 ? ETL_UNKNOWN_ID : 1);
        assert_int_equal(block.items[at].handle.kind <= DELAYED_LISTED && block.items[at].handle.stack_next, 0);
        assert_int_equal(block.items[0].kind <= DELAYED_LISTED && block.items[0].handle.stack_next, 0);
        if (i == 6)
            assert_int_equal(block.items[2].handle.stack_next, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stack_is_next),
        cmocka_unit_test(stack_is_not_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
