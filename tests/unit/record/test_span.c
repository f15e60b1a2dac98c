/* What recordings are measured to cost, and how long a ring holds then. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/etl/hooks.h"
#include "core/record/span.h"
#include "unit/test.h"

#include <math.h>

#define TICKS 1000.0 /* a second */
#define MB    (1024ull * 1024)

static void put(uint8_t *p, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void feed(struct span_counter *c, uint16_t hook, int64_t time, uint32_t tid, const uint8_t *payload, uint32_t n,
                 uint32_t size)
{
    struct etl_record r = {.kind = ETL_KERNEL,
                           .header_type = ETL_SYSTEM64,
                           .pointer_size = 8,
                           .version = 2,
                           .hook = hook,
                           .opcode = (uint8_t)hook,
                           .pid = 7,
                           .tid = tid,
                           .time = time,
                           .payload = payload,
                           .payload_size = n,
                           .size = size};
    span_counter_feed(c, &r);
}

static void handle(struct span_counter *c, uint16_t hook, int64_t time, uint16_t type)
{
    uint8_t p[32] = {0};
    put(p, 0xFFFF800000001000, 8);
    if (hook == HOOK_DUPLICATE_HANDLE) {
        put(p + 8, 0x44, 4);
        put(p + 12, 0x48, 4);
        put(p + 16, 7, 4);
        put(p + 20, type, 2);
        put(p + 22, 7, 4);
        feed(c, hook, time, 1, p, 26, 58);
        return;
    }
    put(p + 8, 0x44, 4);
    put(p + 12, type, 2);
    feed(c, hook, time, 1, p, 16, 45); /* 48 with padding */
}

static void stack(struct span_counter *c, int64_t of, uint32_t tid, uint32_t frames)
{
    uint8_t p[16 + 8 * 32] = {0};
    put(p, (uint64_t)of, 8);
    put(p + 8, 7, 4);
    put(p + 12, tid, 4);
    for (uint32_t i = 0; i < frames; i++)
        put(p + 16 + (size_t)8 * i, 0x7FF000001000 + i, 8);
    feed(c, HOOK_STACK, of + 1, 1, p, 16 + 8 * frames, 32 + 16 + 8 * frames);
}

static void name(struct span_counter *c, uint16_t type, const char *s)
{
    uint8_t p[64] = {0};
    put(p, type, 2);
    size_t n = 4;
    for (; *s; s++, n += 2)
        p[n] = (uint8_t)*s;
    feed(c, HOOK_TYPE_DCEND, 0, 1, p, (uint32_t)n + 2, 100);
}

/* 20 seconds: each second 9 events with 24-frame stacks on create, and one file with close stacks too. */
static void workload(struct span_counter *c, bool close_stacks)
{
    for (int64_t s = 0; s <= 20; s++)
        for (int64_t i = 0; i < 10; i++) {
            int64_t t = s * 1000 + i * 10 + 1000;
            uint16_t type = i < 9 ? 16 : 37;
            if (s == 20 && i > 0)
                return; /* exactly 20 seconds from the first to the last */
            handle(c, HOOK_CREATE_HANDLE, t, type);
            stack(c, t, 1, 24);
            if (s == 20)
                return;
            handle(c, HOOK_CLOSE_HANDLE, t + 5, type);
            if (close_stacks)
                stack(c, t + 5, 1, 12);
        }
}

static struct profile recorded(unsigned stacks)
{
    struct profile p;
    profile_default(&p);
    p.storage = PROFILE_RING;
    p.buffers = 64;
    p.stacks = stacks;
    return p;
}

#define BOTH (PROFILE_STACK_CREATE | PROFILE_STACK_CLOSE)

static struct span_rates measured(const struct profile *p)
{
    struct span_counter *c = NULL;
    struct err err = {0};
    struct span_rates r;
    assert_true(span_counter_create(&c, &err));
    workload(c, p->stacks & PROFILE_STACK_CLOSE);
    name(c, 16, "Event");
    name(c, 37, "File");
    /* Lists at the end and processes that start. */
    handle(c, HOOK_HANDLE_DCEND, 900000, 16);
    uint8_t process[64] = {0};
    feed(c, HOOK_PROCESS_START, 5000, 1, process, 64, 96);
    feed(c, HOOK_PROCESS_DCEND, 900000, 1, process, 64, 96);
    stack(c, 123456, 1, 3); /* of an event that nobody saw */
    stack(c, 1000, 2, 3);   /* at an event's time, but another thread's */
    assert_true(span_counter_finish(c, TICKS, p, &r));
    span_counter_free(c);
    return r;
}

static void costs_are_counted_by_type_action_and_stack(void **state)
{
    (void)state;
    struct profile p = recorded(BOTH);
    struct span_rates r = measured(&p);
    assert_true(fabs(r.seconds - 20) < 0.001);
    assert_int_equal(r.tag_count, 2);
    assert_int_equal(r.tags[0].tag, profile_tag("Event"));
    assert_int_equal(r.tags[1].tag, profile_tag("File"));
    const struct span_cost *create = &r.tags[0].cost[SPAN_CREATE];
    assert_int_equal(create->events, 181);
    assert_int_equal(create->event_bytes, 181 * 48);
    assert_int_equal(create->stacks, 181);
    assert_int_equal(create->stack_bytes, 181 * (48 + 24 * 8));
    const struct span_cost *close = &r.tags[1].cost[SPAN_CLOSE];
    assert_int_equal(close->events, 20);
    assert_int_equal(close->stack_bytes, 20 * (48 + 12 * 8));
    assert_int_equal(r.other_bytes, 96 + 2 * (48 + 3 * 8));
}

static void two_parts_are_one_stack(void **state)
{
    (void)state;
    struct span_counter *c = NULL;
    struct err err = {0};
    struct span_rates r;
    struct profile p = recorded(PROFILE_STACK_CREATE);
    assert_true(span_counter_create(&c, &err));
    handle(c, HOOK_DUPLICATE_HANDLE, 0, 16);
    stack(c, 0, 1, 4);
    stack(c, 0, 1, 8);
    handle(c, HOOK_DUPLICATE_HANDLE, 10000, 16);
    assert_true(span_counter_finish(c, TICKS, &p, &r));
    assert_int_equal(r.tags[0].cost[SPAN_DUPLICATE].events, 2);
    assert_int_equal(r.tags[0].cost[SPAN_DUPLICATE].stacks, 1);
    assert_int_equal(r.tags[0].cost[SPAN_DUPLICATE].stack_bytes, 2 * 48 + 12 * 8);
    assert_int_equal(r.tags[0].tag, 0); /* nobody named the type */
    span_counter_free(c);
}

static void too_little_is_not_measured(void **state)
{
    (void)state;
    struct span_counter *c = NULL;
    struct err err = {0};
    struct span_rates r = {.seconds = 4711};
    struct profile p = recorded(BOTH);
    assert_true(span_counter_create(&c, &err));
    assert_false(span_counter_finish(c, TICKS, &p, &r));
    handle(c, HOOK_CREATE_HANDLE, 0, 16);
    handle(c, HOOK_CREATE_HANDLE, 9999, 16);
    assert_false(span_counter_finish(c, TICKS, &p, &r));
    assert_true(r.seconds == 4711);
    handle(c, HOOK_CREATE_HANDLE, 10000, 16);
    assert_true(span_counter_finish(c, TICKS, &p, &r));
    span_counter_free(c);
}

/* Bytes that the workload has in 20 seconds. */
#define OTHER        (96.0 + 2 * 72)
#define EVENT_CREATE (181 * (48.0 + 240))
#define EVENT_CLOSE  (180 * 48.0)
#define FILE_CREATE  (20 * (48.0 + 240))
#define FILE_CLOSE   (20 * 48.0)

static void is_near(double got, double want)
{
    if (!(fabs(got - want) <= fabs(want) * 1e-9))
        fail_msg("%.12g, not %.12g", got, want);
}

static void the_span_follows_filter_and_stacks(void **state)
{
    (void)state;
    struct profile p = recorded(BOTH);
    struct span_rates r = measured(&p);
    struct span s;
    assert_true(span_estimate(&r, &p, 0, &s));
    double all = OTHER + EVENT_CREATE + FILE_CREATE + EVENT_CLOSE + FILE_CLOSE + 200 * 144.0;
    is_near(s.seconds, 64.0 * MB * 20 / all);
    is_near(s.events_per_minute, 401 * 3.0);
    is_near(s.bytes_per_second, all / 20);

    p.tags[0] = profile_tag("File");
    p.tag_count = 1;
    p.stacks = PROFILE_STACK_CREATE;
    assert_true(span_estimate(&r, &p, 0, &s));
    is_near(s.seconds, 64.0 * MB * 20 / (OTHER + FILE_CREATE + FILE_CLOSE));
    p.buffers = 0;
    p.memory_percent = 5;
    assert_true(span_estimate(&r, &p, 1000 * MB, &s));
    is_near(s.seconds, 50.0 * MB * 20 / (OTHER + FILE_CREATE + FILE_CLOSE));
    p.storage = PROFILE_CIRCULAR;
    p.max_file_mb = 500;
    assert_true(span_estimate(&r, &p, 0, &s));
    is_near(s.seconds, 500.0 * MB * 20 / (OTHER + FILE_CREATE + FILE_CLOSE));
}

static void a_switch_says_its_share_and_both_spans(void **state)
{
    (void)state;
    struct profile p = recorded(BOTH);
    struct span_rates r = measured(&p);
    struct span_switch with;
    assert_true(span_of_switch(&r, &p, PROFILE_STACK_CLOSE, 0, &with));
    double bare = OTHER + EVENT_CREATE + FILE_CREATE + EVENT_CLOSE + FILE_CLOSE;
    double stacks = 200 * 144.0;
    is_near(with.share, stacks / (bare + stacks));
    is_near(with.without_s, 64.0 * MB * 20 / bare);
    is_near(with.with_s, 64.0 * MB * 20 / (bare + stacks));

    /* Close stacks were off: they count as the stacks that were recorded. */
    p = recorded(PROFILE_STACK_CREATE);
    r = measured(&p);
    assert_true(span_of_switch(&r, &p, PROFILE_STACK_CLOSE, 0, &with));
    is_near(with.share, 200 * 240.0 / (bare + 200 * 240.0));
}

static void what_was_not_recorded_is_not_known(void **state)
{
    (void)state;
    struct span s = {.seconds = 4711};
    struct span_switch w;
    struct profile p = recorded(BOTH);
    static const struct span_rates nothing;
    assert_false(span_estimate(&nothing, &p, 0, &s));
    p.tag_count = 1;
    p.tags[0] = profile_tag("Event");
    struct span_rates r = measured(&p);
    assert_true(span_estimate(&r, &p, 0, &s));
    p.tag_count = 2;
    p.tags[1] = profile_tag("File");
    assert_false(span_estimate(&r, &p, 0, &s));
    p.tag_count = 0;
    assert_false(span_estimate(&r, &p, 0, &s));

    /* No stack at all was recorded. */
    r = measured(&p);
    r.stacks = 0;
    for (unsigned i = 0; i < r.tag_count; i++)
        for (unsigned a = 0; a < SPAN_ACTIONS; a++)
            r.tags[i].cost[a].stacks = r.tags[i].cost[a].stack_bytes = 0;
    assert_false(span_estimate(&r, &p, 0, &s));
    assert_false(span_of_switch(&r, &p, PROFILE_STACK_CLOSE, 0, &w));
    p.stacks = 0;
    assert_true(span_estimate(&r, &p, 0, &s));
}

static void rates_are_kept_as_text(void **state)
{
    (void)state;
    struct profile p = recorded(BOTH);
    p.tag_count = 2;
    p.tags[0] = profile_tag("Event");
    p.tags[1] = profile_tag("File");
    struct span_rates r = measured(&p);
    struct span_rates again;
    struct text once = {0};
    struct text twice = {0};
    span_rates_print(&r, &once);
    assert_true(span_rates_parse(once.s, once.len, &again));
    span_rates_print(&again, &twice);
    assert_string_equal(text_str(&twice), text_str(&once));
    assert_int_equal(again.filter_count, 2);
    assert_int_equal(again.tag_count, 2);
    /* Any cut, and any changed byte, is refused or is other numbers; never more than there is room for. */
    for (size_t n = 0; n < once.len; n++)
        assert_false(span_rates_parse(once.s, n, &again));
    for (size_t i = 0; i < once.len; i++) {
        char c = once.s[i];
        once.s[i] = 't';
        assert_false(c != 't' && span_rates_parse(once.s, once.len, &again));
        once.s[i] = c;
    }
    text_clear(&once);
    text_add(&once, "span 1\nmeasured 1 1 1\n");
    for (unsigned i = 0; i < SPAN_TAGS + 1; i++)
        text_add(&once, "tag 00000001 1 1 1 1 1 1 1 1 1 1 1 1\n");
    text_add(&once, "end\n");
    assert_false(span_rates_parse(once.s, once.len, &again));
    text_free(&once);
    text_free(&twice);
}

#define KEPT "test_span.dir/rates.txt"

static void rates_are_kept_in_a_file(void **state)
{
    (void)state;
    struct profile p = recorded(BOTH);
    struct span_rates r = measured(&p);
    struct span_rates got = {.seconds = 4711};
    struct err err = {0};
    struct file *f = NULL;
    file_delete(KEPT, &err);
    assert_false(span_rates_load(KEPT, &got));
    memset(&err, 0, sizeof err);
    if (!span_rates_save(&r, KEPT, &err))
        fail_msg("%s", err.doing);
    r.other_bytes = 99;
    assert_true(span_rates_save(&r, KEPT, &err));
    assert_false(file_exists(KEPT ".new"));
    assert_true(span_rates_load(KEPT, &got));
    assert_int_equal(got.other_bytes, 99);
    assert_int_equal(got.tags[0].cost[SPAN_CREATE].events, 181);

    /* Below a file there is no folder. */
    assert_false(span_rates_save(&r, KEPT "/below/rates.txt", &err));
    assert_int_not_equal(err.code, ERR_NONE);

    assert_true(file_delete(KEPT, NULL));
    assert_true(file_open(KEPT, FILE_TO_CREATE, &f, NULL));
    assert_true(file_write_at(f, 0, "span 2\n", 7, NULL));
    file_close(f);
    assert_false(span_rates_load(KEPT, &got));
    assert_int_equal(got.other_bytes, 99);
    assert_true(file_delete(KEPT, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_counted_by_type_action_and_stack),
        cmocka_unit_test(two_parts_are_one_stack),
        cmocka_unit_test(too_little_is_not_measured),
        cmocka_unit_test(the_span_follows_filter_and_stacks),
        cmocka_unit_test(a_switch_says_its_share_and_both_spans),
        cmocka_unit_test(what_was_not_recorded_is_not_known),
        cmocka_unit_test(rates_are_kept_as_text),
        cmocka_unit_test(rates_are_kept_in_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
