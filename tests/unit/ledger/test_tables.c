/* The tables that stacks are resolved by: raw stacks met lately, and the modules of an address space. */
#include "core/ledger/images.h"
#include "core/ledger/stacks.h"
#include "unit/test.h"

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint32_t pick(uint32_t count)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) * count >> 32);
}

/* A row whose second hash is another one is out of date: nobody finds it, and the next one takes it. */
static void stale_rows(void **state)
{
    (void)state;
    struct stack_cache c = {0};
    uint32_t stack = 0;
    for (uint32_t round = 1; round <= 3; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            /* Only few places, so that rows stand in each other's way. */
            const uint64_t before[2] = {(uint64_t)i << 32 | i % 64, round - 1};
            const uint64_t now[2] = {before[0], round};
            assert_false(stack_cache_find(&c, now, &stack));
            assert_int_equal(stack_cache_find(&c, before, &stack), round > 1);
            assert_true(stack_cache_put(&c, now, i * 4 + round));
            assert_false(stack_cache_find(&c, before, &stack));
            assert_true(stack_cache_find(&c, now, &stack));
            assert_int_equal(stack, i * 4 + round);
        }
    assert_int_equal(c.used, 5000);
    stack_cache_free(&c);
}

/* Any number of ranges with gaps between them, and none. */
static void image_of_address(void **state)
{
    (void)state;
    for (uint32_t count = 0; count < 70; count++) {
        struct image_map m = {0};
        uint64_t top = 0x10000;
        for (uint32_t i = 1; i <= count; i++) {
            uint64_t base = top + pick(3) * (uint64_t)0x1000;
            struct image_range r = {
                .base = base, .size = (1 + pick(4)) * (uint64_t)0x1000, .until = INT64_MAX, .image = i};
            top = base + r.size;
            assert_true(image_map_add(&m, &r));
        }
        for (uint64_t address = 0xF000; address < top + 0x2000; address += 0x800) {
            uint32_t image = 0;
            for (uint32_t i = 0; i < m.live_count; i++)
                if (address >= m.live[i].base && address < m.live[i].base + m.live[i].size)
                    image = m.live[i].image;
            const struct image_range *r = image_map_find(&m, address, 5);
            assert_int_equal(r ? r->image : 0, image);
        }
        image_map_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stale_rows),
        cmocka_unit_test(image_of_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
