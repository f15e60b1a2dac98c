/* Keys of stacks: what they come to mean, and that the numbers they had until then are let go of wherever one is kept.
 */
#include "core/etl/hooks.h"
#include "core/ledger/ledger_inside.h"
#include "unit/test.h"

#include <string.h>

#define KEYS      30000u
#define PLACES    8u
#define INNERMOST 0xFFFFF80000001000u

static bool ignore_lives(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    (void)ctx;
    (void)lives;
    (void)count;
    return true;
}

static bool keep_numbers(void *ctx, const uint32_t *numbers, uint32_t count)
{
    uint32_t *told = ctx;
    assert_in_range(*told & ~STACK_USER, 0, count - 1);
    *told = stacks_renumbered(numbers, *told);
    return true;
}

/* A stack of one frame, by a key that is told at once or later. */
static uint32_t use_key(struct ledger *l, uint64_t key, bool user)
{
    uint32_t stack = 0;
    const struct stack_part part = {.by_key = true, .user_part = user, .pointer_size = 8, .time = 1000, .key = key};
    assert_true(stacks_put(&l->stacks, PROCESS_UNKNOWN, 0, &part, &stack));
    return stack;
}

static void tell_key(struct ledger *l, uint64_t key, uint64_t frame)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(frame >> 8 * i);
    const struct etl_stack_key_event e = {.key = key, .frames = bytes, .frame_count = 1, .pointer_size = 8};
    assert_true(stacks_define(&l->stacks, &e));
}

static void assert_place(const struct ledger *l, const uint32_t *stack, uint32_t place)
{
    uint32_t count = 0;
    const struct ledger_frame *f = ledger_stack(l, *stack, &count);
    assert_int_equal(count, 1);
    assert_int_equal(f->offset, INNERMOST + place);
}

/* Each use of a key has a number of its own; when many have been told those are let go, wherever one is kept. */
static void numbers_of_keys(void **state)
{
    (void)state;
    uint32_t told = 0;
    struct ledger_options o = {.sink = {.ctx = &told, .lives = ignore_lives, .renumber = keep_numbers},
                               .second = 10000000};
    struct ledger *l = NULL;
    struct err err = {0};
    assert_true(ledger_open(&o, &l, &err));
    struct life x = {.object = 1, .handle = 4, .process = PROCESS_UNKNOWN};
    uint32_t life = lives_add(&l->lives, &x, false);
    assert_true(life && delay_grow(&l->delay) && ledger_process_end_room(l, 1));
    *delay_at(&l->delay, 0) = (struct delayed){.kind = DELAYED_LISTED};
    delay_put_written(&l->delay, delay_at(&l->delay, 0));
    l->ends[1].run = calloc(1, sizeof *l->ends[1].run);
    assert_non_null(l->ends[1].run);
    l->ends[1].run_count = l->ends[1].run_room = 1;
    l->early_count = l->told_count = 1;
    l->told[0] = (struct ledger_life){.name = ""};
    uint32_t *const holders[] = {&told,
                                 &lives_at(&l->lives, life)->stack,
                                 &delay_at(&l->delay, 0)->stack,
                                 &l->ends[1].run[0].life.stack,
                                 &l->ends[1].run[0].stack,
                                 &l->early[0].life.stack,
                                 &l->early[0].stack,
                                 &l->told[0].stack,
                                 &l->told[0].close_stack};
    uint32_t holder_count = sizeof holders / sizeof holders[0];
    uint32_t most = 0;
    for (uint32_t i = 0; i < 4 * KEYS; i++) {
        uint64_t key = 0x1000 + 0x100 * (i % 5);
        uint32_t stack = use_key(l, key, i & 1);
        if (i % KEYS < holder_count)
            *holders[i % KEYS] = stack;
        tell_key(l, key, INNERMOST + i % PLACES);
        assert_true(ledger_tidy_stacks(l));
        most = l->stacks.count > most ? l->stacks.count : most;
    }
    assert_in_range(most, PLACES, KEYS);
    assert_in_range(l->stacks.kept, PLACES, 2 * PLACES);
    assert_int_equal(l->stacks.keys.used, 0);
    for (uint32_t i = 0; i < holder_count; i++)
        assert_int_equal(*holders[i] & STACK_USER, i & 1 ? STACK_USER : 0);
    /* Holders are emptied at the end: what they held is asked for as it was. */
    uint32_t held[sizeof holders / sizeof holders[0]];
    for (uint32_t i = 0; i < holder_count; i++)
        held[i] = *holders[i];
    l->early_count = l->told_count = 0;
    assert_true(ledger_finish(l, &err));
    for (uint32_t i = 0; i < holder_count; i++)
        assert_place(l, &held[i], (3 * KEYS + i) % PLACES);
    ledger_close(l);
}

/* Pairs of parts of which one is told over and over while the other is not; the other is told at last. */
static void pairs_of_keys(void **state)
{
    (void)state;
    uint32_t told = 0;
    struct ledger_options o = {.sink = {.ctx = &told, .lives = ignore_lives, .renumber = keep_numbers},
                               .second = 10000000};
    struct ledger *l = NULL;
    struct err err = {0};
    for (int late = 0; late < 2; late++) { /* which part is told late */
        assert_true(ledger_open(&o, &l, &err));
        for (uint32_t i = 0; i < 2 * KEYS; i++) {
            uint64_t often = 0x1000 + 0x100 * (i % 5);
            uint32_t first = use_key(l, late ? often : 0x9000, false);
            uint32_t second = use_key(l, late ? 0x9000 : often, true);
            uint32_t pair = 0;
            assert_true(stacks_join(&l->stacks, first, second, &pair));
            assert_true(pair & STACK_USER);
            tell_key(l, often, INNERMOST + i % PLACES);
            if (i == KEYS + 2)
                told = pair; /* of place 2 */
            assert_true(ledger_tidy_stacks(l));
        }
        /* A number for each place, and for each pair of one; and those since the last time. */
        assert_in_range(l->stacks.kept, PLACES, 2 * PLACES + 4);
        /* Its frames are in the kernel, but the key is one of user code. */
        uint32_t first = use_key(l, 0x9000, false);
        uint32_t second = use_key(l, 0x1000, true);
        uint32_t pair = 0;
        tell_key(l, 0x1000, INNERMOST);
        assert_true(stacks_join(&l->stacks, first, second, &pair));
        assert_int_equal(pair & STACK_USER, STACK_USER);
        tell_key(l, 0x9000, 0x401234);
        assert_true(ledger_finish(l, &err));
        uint32_t count = 0;
        const struct ledger_frame *f = ledger_stack(l, told, &count);
        assert_int_equal(count, 2);
        assert_int_equal(f[late ? 0 : 1].offset, INNERMOST + (KEYS + 2) % PLACES);
        assert_int_equal(f[late ? 1 : 0].offset, 0x401234);
        ledger_close(l);
    }
}

/* Keys that come to no frames are still something else than no stack, until the end: also two of them. */
static void keys_without_frames(void **state)
{
    (void)state;
    uint32_t told = 0;
    struct ledger_options o = {.sink = {.ctx = &told, .lives = ignore_lives, .renumber = keep_numbers},
                               .second = 10000000};
    struct ledger *l = NULL;
    struct err err = {0};
    for (int user = 0; user < 2; user++) {
        assert_true(ledger_open(&o, &l, &err));
        l->stacks.tidy_min = 1;
        assert_true(stacks_join(&l->stacks, use_key(l, 0x9000, false), use_key(l, 0x9100, user), &told));
        tell_key(l, 0x9000, 0);
        tell_key(l, 0x9100, 0);
        assert_true(ledger_tidy_stacks(l));
        assert_int_not_equal(told & ~STACK_USER, STACK_NONE);
        assert_int_equal(told & STACK_USER, user ? STACK_USER : 0);
        /* The second of them alone says nothing. */
        uint32_t frames = 0;
        assert_true(stacks_join(&l->stacks, use_key(l, 0x9200, false), use_key(l, 0x9300, user), &frames));
        tell_key(l, 0x9200, INNERMOST + 2);
        tell_key(l, 0x9300, 0);
        assert_true(ledger_finish(l, &err));
        assert_int_equal(ledger_stack_final(l, told), STACK_NONE);
        assert_place(l, &frames, 2);
        ledger_close(l);
    }
}

/* Many keys at a time, told in another order than they were used in. */
static void many_keys(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static uint32_t stacks[MANY];
    struct ledger_options o = {.second = 10000000};
    struct ledger *l = NULL;
    struct err err = {0};
    assert_true(ledger_open(&o, &l, &err));
    for (uint32_t i = 0; i < MANY; i++)
        stacks[i] = use_key(l, 0x9000 + 0x100 * i, false);
    assert_int_equal(l->stacks.keys.used, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t at = i * 389 % MANY;
        tell_key(l, 0x9000 + 0x100 * at, INNERMOST + at);
        /* What nobody used is not kept. */
        tell_key(l, 0x9000 + 0x100 * at, INNERMOST);
    }
    assert_int_equal(l->stacks.keys.used, 0);
    assert_true(ledger_finish(l, &err));
    for (uint32_t i = 0; i < MANY; i++)
        assert_place(l, &stacks[i], i);
    ledger_close(l);
}

/* Who cannot renumber keeps the numbers that were told. */
static void numbers_stay(void **state)
{
    (void)state;
    struct ledger_options o = {.second = 10000000};
    struct ledger *l = NULL;
    struct err err = {0};
    assert_true(ledger_open(&o, &l, &err));
    uint32_t first = use_key(l, 0x9000, false);
    tell_key(l, 0x9000, INNERMOST + 1);
    for (uint32_t i = 0; i < 2 * KEYS; i++) {
        use_key(l, 0x9000, false);
        tell_key(l, 0x9000, INNERMOST);
        assert_true(ledger_tidy_stacks(l));
    }
    assert_int_equal(l->stacks.kept, 0);
    assert_true(ledger_finish(l, &err));
    assert_place(l, &first, 1);
    ledger_close(l);
}

#define RANDOM_EVENTS 400u
#define RANDOM_KEYS   12u

/* Lives in the order told, their stacks numbered as they are now. */
struct lives_told {
    struct ledger_life list[2 * RANDOM_EVENTS];
    uint32_t count;
};

static bool take_lives(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    struct lives_told *t = ctx;
    for (uint32_t i = 0; i < count; i++) {
        assert_in_range(t->count, 0, 2 * RANDOM_EVENTS - 1);
        t->list[t->count] = lives[i];
        t->list[t->count++].name = "";
    }
    return true;
}

static bool renumber_lives(void *ctx, const uint32_t *numbers, uint32_t count)
{
    (void)count;
    struct lives_told *t = ctx;
    for (uint32_t i = 0; i < t->count; i++) {
        t->list[i].stack = stacks_renumbered(numbers, t->list[i].stack);
        t->list[i].close_stack = stacks_renumbered(numbers, t->list[i].close_stack);
    }
    return true;
}

static uint32_t random_next(uint32_t *state, uint32_t count)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 16) % count;
}

static void put_le(uint8_t *at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void feed(struct ledger *l, uint16_t hook, uint32_t tid, int64_t time, const uint8_t *payload, uint32_t size)
{
    struct etl_record r = {.kind = ETL_KERNEL,
                           .header_type = ETL_COMPACT64,
                           .pointer_size = 8,
                           .version = 2,
                           .hook = hook,
                           .pid = 100,
                           .tid = tid,
                           .time = time,
                           .payload = payload,
                           .payload_size = size};
    struct err err = {0};
    assert_true(ledger_feed(l, &r, &err));
}

/* One event; then parts of its stack or of one before it, and keys that are told, in any order. */
static void random_event(struct ledger *l, uint32_t *state, uint32_t i)
{
    uint8_t p[32] = {0};
    int64_t time = 1000 + 100 * (int64_t)i;
    uint32_t handle = 4 + 4 * random_next(state, 40);
    put_le(p, 0xFFFFA00000000000u + handle, 8);
    put_le(p + 8, handle, 4);
    put_le(p + 12, 17, 2);
    feed(l, random_next(state, 3) ? HOOK_CREATE_HANDLE : HOOK_CLOSE_HANDLE, 7 + i % 8, time, p, 16);
    for (uint32_t parts = random_next(state, 5); parts; parts--) {
        uint32_t of = i - random_next(state, i < 6 ? i + 1 : 6);
        uint32_t key = random_next(state, RANDOM_KEYS);
        bool plain = !random_next(state, 8);
        put_le(p, (uint64_t)(1000 + 100 * (int64_t)of), 8);
        put_le(p + 8, 100, 4);
        put_le(p + 12, 7 + of % 8, 4);
        put_le(p + 16, plain ? INNERMOST + key : 0x9000 + 0x100 * key, 8);
        feed(l, plain ? HOOK_STACK : key % 3 ? HOOK_STACK_KEY_USER : HOOK_STACK_KEY_KERNEL, 0, ++time, p, 24);
    }
    for (uint32_t told = random_next(state, 4); told; told--) {
        uint32_t key = random_next(state, RANDOM_KEYS);
        uint32_t frame = random_next(state, 5);
        put_le(p, 0x9000 + 0x100 * key, 8);
        /* Some have no frames at all. */
        put_le(p + 8, frame ? (key % 3 ? 0x401000 : INNERMOST) + frame : 0, 8);
        feed(l, HOOK_STACK_KEY_DELETE, 0, ++time, p, 16);
    }
}

/* The same comes of the same events whether stacks have new numbers every moment or never. */
static void any_moment(void **state)
{
    (void)state;
    static struct lives_told told[2];
    for (uint32_t seed = 1; seed <= 60; seed++) {
        struct ledger *l[2] = {NULL, NULL};
        struct err err = {0};
        for (int k = 0; k < 2; k++) {
            struct ledger_options o = {.sink = {.ctx = &told[k], .lives = take_lives}, .second = 10000000};
            uint32_t random = seed * 7919;
            told[k].count = 0;
            o.sink.renumber = k ? renumber_lives : NULL;
            assert_true(ledger_open(&o, &l[k], &err));
            l[k]->stacks.tidy_min = seed % 8;
            for (uint32_t i = 0; i < RANDOM_EVENTS; i++)
                random_event(l[k], &random, i);
            assert_true(ledger_finish(l[k], &err));
        }
        assert_in_range(l[1]->stacks.kept, 1, l[0]->stacks.count - 1);
        assert_int_equal(told[0].count, told[1].count);
        for (uint32_t i = 0; i < 2 * told[0].count; i++) {
            struct ledger_life *a = &told[0].list[i / 2];
            struct ledger_life *b = &told[1].list[i / 2];
            uint32_t counts[2];
            const struct ledger_frame *f = ledger_stack(l[0], i % 2 ? a->close_stack : a->stack, &counts[0]);
            const struct ledger_frame *g = ledger_stack(l[1], i % 2 ? b->close_stack : b->stack, &counts[1]);
            assert_int_equal(counts[0], counts[1]);
            for (uint32_t n = 0; n < counts[0]; n++)
                assert_int_equal(f[n].offset, g[n].offset);
            assert_int_equal(a->handle, b->handle);
            assert_int_equal(a->opened, b->opened);
            assert_int_equal(a->end, b->end);
            assert_int_equal(a->uncertain, b->uncertain);
        }
        ledger_close(l[0]);
        ledger_close(l[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_of_keys),     cmocka_unit_test(pairs_of_keys),
                                       cmocka_unit_test(keys_without_frames), cmocka_unit_test(many_keys),
                                       cmocka_unit_test(numbers_stay),        cmocka_unit_test(any_moment)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
