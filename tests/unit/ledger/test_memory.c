/* What the ledger keeps does not grow with the length of a trace. */
#include "core/etl/hooks.h"
#include "core/ledger/ledger_inside.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>

#define INVENTORIES 400u
#define HANDLES     20u

static void feed(struct ledger *l, uint16_t hook, int64_t time, const uint8_t *payload, uint32_t size)
{
    struct etl_record r = {.kind = ETL_KERNEL,
                           .header_type = ETL_COMPACT64,
                           .pointer_size = 8,
                           .version = 2,
                           .hook = hook,
                           .pid = 100,
                           .tid = 7,
                           .time = time,
                           .payload = payload,
                           .payload_size = size};
    struct err err = {0};
    assert_true(ledger_feed(l, &r, &err));
}

static uint32_t put_name(uint8_t *at, const char *name)
{
    size_t i = 0;
    for (; name[i]; i++)
        at[2 * i] = (uint8_t)name[i];
    return (uint32_t)(2 * (i + 1));
}

/* The name that handle `h` has in inventory `n`: handle 0 keeps its own. */
static void name_of(uint32_t n, uint32_t h, char name[128])
{
    snprintf(name, 128, "\\BaseNamedObjects\\an object with a long name %u %u", h ? n : 0, h);
}

static void list(struct ledger *l, int64_t time, uint32_t n, uint32_t h)
{
    uint8_t payload[512] = {0};
    char name[128];
    name_of(n, h, name);
    payload[0] = (uint8_t)(h + 1);
    payload[8] = 100;
    payload[12] = (uint8_t)(4 + 4 * h);
    payload[16] = 17;
    feed(l, HOOK_HANDLE_DCEND, time, payload, 18 + put_name(payload + 18, name));
}

static bool check_lives(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    uint32_t *seen = ctx;
    for (uint32_t i = 0; i < count; i++) {
        char name[128];
        name_of(INVENTORIES - 1, lives[i].handle / 4 - 1, name);
        assert_string_equal(lives[i].name, name);
        ++*seen;
    }
    return true;
}

/* Objects are named anew in each inventory: only the last names are in use. */
static void names_of_inventories(void **state)
{
    (void)state;
    uint32_t seen = 0;
    struct ledger_options o = {.sink = {.ctx = &seen, .lives = check_lives}, .second = 10000000};
    struct ledger *l = NULL;
    struct err err = {0};
    static const uint8_t type[8] = {17};
    int64_t time = 1000;
    assert_true(ledger_open(&o, &l, &err));
    for (uint32_t n = 0; n < INVENTORIES; n++) {
        for (uint32_t h = 0; h < HANDLES; h++)
            list(l, time++, n, h);
        feed(l, HOOK_TYPE_DCEND, time++, type, sizeof type);
    }
    assert_true(ledger_finish(l, &err));
    assert_int_equal(seen, HANDLES);
    assert_int_equal(ledger_counts(l)->inventories, INVENTORIES);
    /* All together are four times as many. */
    assert_in_range(l->objects.used, 1, 0x30000);
    assert_in_range(l->objects_kept, 1, 0x1000);
    ledger_close(l);
}

static bool count_lives(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    uint32_t *open = ctx;
    for (uint32_t i = 0; i < count; i++)
        *open += lives[i].end == LEDGER_OPEN;
    return true;
}

/* A crafted inventory lists one value over and over, each time as another object's: few of them are looked at. */
static void one_value_listed(void **state)
{
    (void)state;
    uint32_t open = 0;
    struct ledger_options o = {.sink = {.ctx = &open, .lives = count_lives}, .second = 10000000};
    struct ledger *l = NULL;
    struct err err = {0};
    uint8_t payload[20] = {0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 4, 0, 0, 0, 17};
    assert_true(ledger_open(&o, &l, &err));
    for (uint32_t n = 0; n < 100 * HANDLES; n++) {
        payload[0] = (uint8_t)n;
        payload[1] = (uint8_t)(n >> 8);
        feed(l, HOOK_HANDLE_DCEND, 1000 + n, payload, sizeof payload);
    }
    while (l->delay.count)
        assert_true(ledger_apply_oldest(l));
    assert_in_range(l->lives.used, 1, HANDLES);
    assert_true(ledger_finish(l, &err));
    assert_int_equal(open, 1);
    ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_of_inventories), cmocka_unit_test(one_value_listed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
