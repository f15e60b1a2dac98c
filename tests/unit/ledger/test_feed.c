/* Items of records: the short way to the usual ones, what an event and its stack say of each other, and the hash that
 * stands for a stack. */
#include "core/etl/hooks.h"
#include "core/ledger/feed_add.h"
#include "unit/test.h"

#include <stdlib.h>
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

static void same_handle(const struct delayed *a, const struct delayed *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->ids_unknown, b->ids_unknown);
    assert_int_equal(a->actor_in_header, b->actor_in_header);
    assert_int_equal(a->source_unknown, b->source_unknown);
    assert_int_equal(a->complete, b->complete);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->processor, b->processor);
    assert_int_equal(a->time, b->time);
    assert_int_equal(a->object, b->object);
    assert_int_equal(a->process, b->process);
    assert_int_equal(a->actor, b->actor);
    assert_int_equal(a->handle, b->handle);
    assert_int_equal(a->tid, b->tid);
    assert_int_equal(a->stack, b->stack);
    assert_int_equal(a->source_process, b->source_process);
    assert_int_equal(a->source_handle, b->source_handle);
    assert_string_equal(a->name ? a->name : "(none)", b->name ? b->name : "(none)");
}

static void same_stack(const struct feed_stack *a, const struct feed_stack *b)
{
    assert_int_equal(a->processor, b->processor);
    assert_int_equal(a->pid, b->pid);
    assert_int_equal(a->tid, b->tid);
    assert_int_equal(a->part.by_key, b->part.by_key);
    assert_int_equal(a->part.user_part, b->part.user_part);
    assert_int_equal(a->part.pointer_size, b->part.pointer_size);
    assert_int_equal(a->part.frame_count, b->part.frame_count);
    assert_int_equal(a->part.time, b->part.time);
    if (a->part.by_key) {
        assert_int_equal(a->part.key, b->part.key);
        return;
    }
    assert_int_equal(a->part.frames != NULL, b->part.frames != NULL);
    if (!a->part.frames)
        return; /* an outline */
    assert_int_equal(a->part.hash[0], b->part.hash[0]);
    assert_int_equal((uint32_t)a->part.hash[1], (uint32_t)b->part.hash[1]);
    if (a->part.frame_count)
        assert_memory_equal(a->part.frames, b->part.frames, (size_t)a->part.frame_count * a->part.pointer_size);
}

/* Both ways give the same item, and refuse the same. */
static void check_both(struct feed *f, const struct etl_record *r)
{
    union feed_item one;
    feed_block_clear(&block);
    memset(&block.items, 0xA5, sizeof block.items[0]);
    memset(&one, 0, sizeof one);
    enum feed_result result = feed_item(f, r, &one);
    assert_int_equal(feed_block_add(&block, f, r), result);
    assert_int_equal(block.count, result == FEED_ITEM);
    if (result != FEED_ITEM)
        return;
    const union feed_item *other = &block.items[0];
    assert_int_equal(one.kind, other->kind);
    if (one.kind == FEED_STACK) {
        same_stack(&one.stack, &other->stack);
    } else if (one.kind <= DELAYED_LISTED) {
        same_handle(&one.handle, &other->handle);
        free(one.handle.name);
    } else {
        assert_int_equal(one.other.record->payload_size, other->other.record->payload_size);
        assert_memory_equal(one.other.record->payload, other->other.record->payload, r->payload_size);
    }
}

static void both_ways(void **state)
{
    (void)state;
    static const uint16_t hooks[] = {HOOK_CREATE_HANDLE, HOOK_CLOSE_HANDLE,   HOOK_DUPLICATE_HANDLE, HOOK_HANDLE_DCEND,
                                     HOOK_STACK,         HOOK_STACK_KEY_USER, HOOK_STACK_KEY_KERNEL};
    static const uint8_t headers[] = {ETL_SYSTEM32, ETL_SYSTEM64, ETL_COMPACT64, ETL_PERFINFO64};
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    memset(bytes + 60, 0, 8); /* the end of a name */
    struct feed f = {0};
    for (size_t h = 0; h < sizeof hooks / sizeof hooks[0]; h++)
        for (unsigned form = 0; form < 64; form++)
            for (uint32_t size = 0; size <= sizeof bytes; size++) {
                /* On the heap, so that reading past the end is found. */
                uint8_t *payload = malloc(size ? size : 1);
                memcpy(payload, bytes, size);
                struct etl_record r = {.kind = ETL_KERNEL,
                                       .header_type = headers[form & 3],
                                       .pointer_size = form & 4 ? 8 : 4,
                                       .version = 3,
                                       .hook = hooks[h],
                                       .processor = 513,
                                       .pid = form & 8 ? ETL_UNKNOWN_ID : 44,
                                       .tid = form & 16 ? ETL_UNKNOWN_ID : 88,
                                       .time = 99,
                                       .payload = payload,
                                       .payload_size = size};
                f.names = form & 32;
                f.no_frames = form & 32;
                check_both(&f, &r);
                free(payload);
            }
    /* Other kinds have no hooks; whatever stands there. */
    uint8_t payload[64] = {0};
    struct etl_record r = {.kind = ETL_CLASSIC,
                           .pointer_size = 8,
                           .hook = HOOK_STACK,
                           .provider = bytes,
                           .payload = payload,
                           .payload_size = sizeof payload};
    check_both(&f, &r);
    feed_block_clear(&block);
    text_free(&f.scratch);
}

/* The outline of a stack: whether it has frames, and whether one of them is in user code. */
static void outlines(void **state)
{
    (void)state;
    static const struct {
        uint8_t pointer_size;
        uint64_t frames[3];
        uint32_t outline;
    } rows[] = {
        {8, {0}, STACK_NONE},
        {8, {0xFFFFF80000001000u, 0xFFFFF80000002000u}, STACK_OUTLINE},
        {8, {0xFFFFF80000001000u, 0x7FF600001000u}, STACK_OUTLINE | STACK_USER},
        {8, {0x7FF600001000u, 0xFFFFF80000001000u, 0xFFFFF80000002000u}, STACK_OUTLINE | STACK_USER},
        {4, {0x80001000u, 0x80002000u, 0x80003000u}, STACK_OUTLINE},
        {4, {0x80001000u, 0x401000u}, STACK_OUTLINE | STACK_USER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int keyed = 0; keyed < 3; keyed++) {
            uint8_t payload[40] = {0};
            for (size_t k = 0; k < 3; k++)
                put(payload + 16 + k * rows[i].pointer_size, rows[i].frames[k], rows[i].pointer_size);
            struct etl_record r = {.kind = ETL_KERNEL,
                                   .pointer_size = rows[i].pointer_size,
                                   .version = 2,
                                   .hook = keyed == 0   ? HOOK_STACK
                                           : keyed == 1 ? HOOK_STACK_KEY_KERNEL
                                                        : HOOK_STACK_KEY_USER,
                                   .payload = payload,
                                   .payload_size = sizeof payload};
            struct feed f = {.no_frames = true};
            feed_block_clear(&block);
            assert_int_equal(feed_block_add(&block, &f, &r), FEED_ITEM);
            assert_int_equal(block.filled, 0);
            assert_int_equal(stack_outline(&block.items[0].stack.part), keyed == 0   ? rows[i].outline
                                                                        : keyed == 1 ? STACK_OUTLINE
                                                                                     : STACK_OUTLINE | STACK_USER);
        }
}

/* Blocks take items until one of their rooms is used up, and say so without a change. */
static void rooms(void **state)
{
    (void)state;
    static uint8_t payload[65000];
    for (int stacks = 0; stacks < 2; stacks++) {
        struct feed f = {0};
        struct etl_record r = {.kind = ETL_KERNEL,
                               .hook = stacks ? HOOK_STACK : HOOK_CREATE_HANDLE,
                               .pointer_size = 8,
                               .payload = payload,
                               .payload_size = stacks ? sizeof payload : 16};
        uint32_t wanted = stacks ? 2 : FEED_ITEMS;
        feed_block_clear(&block);
        for (uint32_t i = 0; i < wanted; i++)
            assert_int_equal(feed_block_add(&block, &f, &r), FEED_ITEM);
        size_t filled = block.filled;
        assert_int_equal(feed_block_add(&block, &f, &r), FEED_FULL);
        assert_int_equal(block.count, wanted);
        assert_int_equal(block.filled, filled);
        assert_true(filled <= FEED_BYTES);
    }
}

/* Stacks as they are found together: of one depth and nearly the same. */
#define DEPTH  24u
#define STACKS 150000u

static uint64_t hashes[2][STACKS];

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Pairs of equal values among `bits` bits from `shift` on. */
static uint32_t repeats(const uint64_t *values, uint32_t count, unsigned shift, unsigned bits)
{
    static uint64_t sorted[STACKS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = values[i] >> shift & (bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1);
    qsort(sorted, count, sizeof *sorted, compare);
    for (uint32_t i = 1; i < count; i++)
        n += sorted[i] == sorted[i - 1];
    return n;
}

static void note_hash(const uint64_t frames[], uint32_t depth, unsigned width, uint32_t *count)
{
    uint8_t bytes[8 * DEPTH];
    uint64_t hash[2];
    for (uint32_t i = 0; i < depth; i++)
        put(bytes + (size_t)i * width, frames[i], width);
    stack_cache_hash(bytes, depth, (uint8_t)width, hash);
    assert_true(*count < STACKS);
    hashes[0][*count] = hash[0];
    hashes[1][(*count)++] = (uint32_t)hash[1];
}

static void check_hashes(uint32_t count)
{
    /* Random values would have so many in 32 bits; three times that, and some, is bad luck beyond belief. */
    uint32_t allowed = (uint32_t)((uint64_t)count * count >> 33) * 3 + 12;
    assert_int_equal(repeats(hashes[0], count, 0, 64), 0);
    for (unsigned shift = 0; shift <= 32; shift += 8)
        assert_in_range(repeats(hashes[0], count, shift, 32), 0, allowed);
    assert_in_range(repeats(hashes[1], count, 0, 32), 0, allowed);
    /* A table of four times the room: 1 of 8.7 values or so meets another's place. */
    unsigned bits = 0;
    while ((1u << bits) < count * 4)
        bits++;
    double part = (double)repeats(hashes[0], count, 0, bits) / count;
    double expected = (double)count / (double)(2u << bits);
    assert_in_range((uint64_t)(part * 1000), 0, (uint64_t)(expected * 1200) + 5);
}

static void make_frames(uint64_t frames[DEPTH], unsigned width)
{
    for (uint32_t i = 0; i < DEPTH; i++) {
        uint32_t offset = (i + 1) * 0x9E3779B1u >> 12;
        frames[i] = width == 4 ? 0x70000000u + (uint64_t)i * 0x200000u + offset
                    : i < 4    ? 0xFFFFF80212340000u + offset
                               : 0x7FF812340000u + (uint64_t)i * 0x400000u + offset;
    }
}

/* One bit, one frame, two frames, the order, the depth. */
static void hashes_differ(void **state)
{
    (void)state;
    for (unsigned width = 4; width <= 8; width += 4)
        for (uint32_t depth = 2; depth <= DEPTH; depth++) {
            uint64_t frames[DEPTH];
            uint32_t count = 0;
            make_frames(frames, width);
            note_hash(frames, depth, width, &count);
            for (uint32_t i = 0; i < depth; i++)
                for (uint64_t bit = 1; bit <= (width == 4 ? 0x80000000u : 0x800000000000u); bit <<= 1) {
                    frames[i] ^= bit;
                    note_hash(frames, depth, width, &count);
                    for (uint32_t k = i + 1; k < depth; k++)
                        for (uint64_t other = 1; other < 0x40000; other <<= (depth < 8 ? 1 : 3)) {
                            frames[k] ^= other;
                            if (bit < 0x100000)
                                note_hash(frames, depth, width, &count);
                            frames[k] ^= other;
                        }
                    frames[i] ^= bit;
                }
            for (uint32_t i = 0; i < depth; i++)
                for (uint32_t k = i + 1; k < depth; k++) {
                    uint64_t kept = frames[i];
                    frames[i] = frames[k];
                    frames[k] = kept;
                    note_hash(frames, depth, width, &count);
                    frames[k] = frames[i];
                    frames[i] = kept;
                }
            check_hashes(count);
        }
}

/* Modules that change places, in any two frames; and a function that calls itself ever deeper. */
static void hashes_of_modules(void **state)
{
    (void)state;
    uint64_t frames[DEPTH];
    uint32_t count = 0;
    for (uint32_t i = 0; i < DEPTH; i++)
        for (uint32_t k = i; k < DEPTH; k++)
            for (uint64_t m = 1; m < 20; m++)
                for (uint64_t n = 1; n < (i == k ? 2 : 20); n++) {
                    make_frames(frames, 8);
                    frames[i] += m << 24;
                    frames[k] += n << 32;
                    note_hash(frames, DEPTH, 8, &count);
                }
    check_hashes(count);
    count = 0;
    for (uint32_t i = 0; i < DEPTH; i++)
        frames[i] = 0x7FF812345678u;
    for (uint32_t depth = 0; depth <= DEPTH; depth++)
        for (unsigned width = 4; width <= 8; width += 4)
            note_hash(frames, depth, width, &count);
    assert_int_equal(repeats(hashes[0], count, 0, 64), 1); /* no frames are no frames */
    memset(frames, 0, sizeof frames);
    count = 0;
    for (uint32_t depth = 0; depth <= DEPTH; depth++)
        note_hash(frames, depth, 8, &count);
    assert_int_equal(repeats(hashes[0], count, 0, 64), 0);
}

/* The fast way gives the same hash, and a copy that is whole and no longer. */
static void hash_copies(void **state)
{
    (void)state;
    uint8_t bytes[408];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 101 + 7);
    for (size_t size = 0; size <= 400; size += 8) {
        uint64_t hash[2][2];
        uint8_t copy[408];
        memset(copy, 0x5A, sizeof copy);
        stack_hash_copy(bytes, size, copy, hash[0]);
        stack_cache_hash(bytes, size / 8, 8, hash[1]);
        assert_int_equal(hash[0][0], hash[1][0]);
        assert_int_equal((uint32_t)hash[0][1], (uint32_t)hash[1][1]);
        assert_memory_equal(copy, bytes, size);
        assert_int_equal(copy[size], 0x5A);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stack_is_next),
        cmocka_unit_test(stack_is_not_next),
        cmocka_unit_test(both_ways),
        cmocka_unit_test(outlines),
        cmocka_unit_test(rooms),
        cmocka_unit_test(hashes_differ),
        cmocka_unit_test(hashes_of_modules),
        cmocka_unit_test(hash_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
