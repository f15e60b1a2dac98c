/* Blocks that a thread fills ahead: in order, whole, and without a loss when their user stops early. */
#include "core/etl/hooks.h"
#include "core/ledger/ahead.h"
#include "core/ledger/feed_add.h"
#include "unit/test.h"

#include <string.h>

#define RECORDS 20000u

struct source {
    struct feed feed;
    uint32_t made;
    uint32_t count;
    uint32_t calls_after_last;
    bool over;
};

/* Every third record is a close with a name, every third a stack, every third nothing for the ledger. */
static void make_record(uint32_t n, uint8_t payload[64], struct etl_record *r)
{
    static const uint16_t hooks[] = {HOOK_CLOSE_HANDLE, HOOK_STACK, 0x0E20};
    memset(payload, 0, 64);
    payload[8] = (uint8_t)n;
    payload[9] = (uint8_t)(n >> 8);
    payload[14] = 'n';
    *r = (struct etl_record){.kind = ETL_KERNEL,
                             .header_type = ETL_COMPACT64,
                             .pointer_size = 8,
                             .version = 2,
                             .hook = hooks[n % 3],
                             .pid = n,
                             .tid = 7,
                             .time = n,
                             .payload = payload,
                             .payload_size = 64};
}

static void fill(void *ctx, struct feed_block *b)
{
    struct source *s = ctx;
    uint8_t payload[64];
    struct etl_record r;
    s->calls_after_last += s->over;
    while (s->made < s->count) {
        make_record(s->made, payload, &r);
        enum feed_result result = feed_block_add(b, &s->feed, &r);
        if (result == FEED_FULL)
            return;
        assert_int_equal(result, s->made % 3 == 2 ? FEED_NOTHING : FEED_ITEM);
        s->made++;
        b->records++;
    }
    s->over = b->last = true;
}

static void check_item(const union feed_item *item, uint32_t n)
{
    if (n % 3 == 0) {
        assert_int_equal(item->kind, DELAYED_CLOSE);
        assert_int_equal(item->handle.process, n);
        assert_int_equal(item->handle.handle, n & 0xFFFCu);
        assert_string_equal(item->handle.name, "n");
        return;
    }
    uint8_t payload[64];
    struct etl_record r;
    make_record(n, payload, &r);
    assert_int_equal(item->kind, FEED_STACK);
    assert_int_equal(item->stack.part.frame_count, 6);
    assert_memory_equal(item->stack.part.frames, payload + 16, 48);
}

static void blocks_in_order(void **state)
{
    (void)state;
    for (int thread = 0; thread < 2; thread++) {
        struct source s = {.feed = {.names = true}, .count = RECORDS};
        struct ahead *a = NULL;
        struct err err = {0};
        uint32_t n = 0;
        uint32_t records = 0;
        assert_true(ahead_begin(fill, &s, thread, &a, &err));
        for (struct feed_block *b; (b = ahead_next(a)) != NULL;) {
            records += b->records;
            /* The names stay the blocks': they free them. */
            for (uint32_t i = 0; i < b->count; i++, n += n % 3 == 1 ? 2 : 1)
                check_item(&b->items[i], n);
        }
        assert_null(ahead_next(a));
        ahead_end(a);
        assert_int_equal(records, RECORDS);
        assert_int_equal(n, RECORDS + 1);
        assert_int_equal(s.calls_after_last, 0);
        text_free(&s.feed.scratch);
    }
}

/* Before the first block, in the middle, and after the last. */
static void ends_early(void **state)
{
    (void)state;
    for (int thread = 0; thread < 2; thread++)
        for (int taken = 0; taken < 8; taken++) {
            struct source s = {.feed = {.names = true}, .count = taken < 7 ? RECORDS : 10};
            struct ahead *a = NULL;
            struct err err = {0};
            assert_true(ahead_begin(fill, &s, thread, &a, &err));
            for (int i = 0; i < taken; i++)
                (void)ahead_next(a);
            ahead_end(a);
            text_free(&s.feed.scratch);
        }
    ahead_end(NULL);
}

/* A record larger than what is left of a block fits into the next one, whatever its size. */
static void large_records(void **state)
{
    (void)state;
    static struct feed_block b;
    static uint8_t payload[0xFFFF];
    struct feed feed = {0};
    struct etl_record r = {.kind = ETL_KERNEL,
                           .hook = HOOK_IMAGE_LOAD,
                           .pointer_size = 8,
                           .payload = payload,
                           .payload_size = sizeof payload};
    for (int round = 0; round < 3; round++) {
        feed_block_clear(&b);
        assert_int_equal(feed_block_add(&b, &feed, &r), FEED_ITEM);
        assert_int_equal(feed_block_add(&b, &feed, &r), FEED_FULL);
        assert_int_equal(b.count, 1);
        assert_int_equal(b.items[0].other.record->payload_size, sizeof payload);
        assert_memory_equal(b.items[0].other.record->payload, payload, sizeof payload);
    }
    text_free(&feed.scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_in_order),
        cmocka_unit_test(ends_early),
        cmocka_unit_test(large_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
