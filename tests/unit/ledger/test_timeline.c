/* Several files as one time line. */
#include "maker.h"
#include "unit/test.h"

#include <stdio.h>

static const char *const paths[] = {"test_timeline_a.etl", "test_timeline_b.etl", "test_timeline_c.etl"};

static void assert_open(const struct gather *g, uint32_t handle, enum ledger_how how, enum ledger_end end)
{
    assert_int_equal(gather_count(g, 100, handle), 1);
    assert_int_equal(gather_life(g, 100, handle, 0)->how, how);
    assert_int_equal(gather_life(g, 100, handle, 0)->end, end);
}

static void remove_all(void)
{
    for (size_t i = 0; i < 3; i++)
        remove(paths[i]);
}

/* Two snapshots of one ring: what both hold counts once. */
static void snapshots_overlap(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        for (unsigned file = 0; file < 2; file++) {
            maker_begin(&m, form, paths[file]);
            m.time = 3000000;
            if (file == 0) {
                maker_create(&m, 100, 0x10, 1);
                maker_create(&m, 100, 0x14, 2);
            }
            m.time = 4000000;
            maker_create(&m, 100, 0x18, 3);
            maker_close(&m, 100, 0x10, 1, "");
            if (file == 1) {
                m.time = 5000000;
                maker_close(&m, 100, 0x18, 3, "");
                maker_create(&m, 100, 0x1C, 4);
            }
            maker_save(&m);
        }
        gather_files(paths, 2, &g);
        assert_int_equal(g.count, 4);
        assert_open(&g, 0x10, LEDGER_CREATED, LEDGER_CLOSED);
        assert_open(&g, 0x14, LEDGER_CREATED, LEDGER_OPEN);
        assert_open(&g, 0x18, LEDGER_CREATED, LEDGER_CLOSED);
        assert_open(&g, 0x1C, LEDGER_CREATED, LEDGER_OPEN);
        assert_int_equal(g.facts.repeated, form >= 4 ? 4 : 2);
        gather_free(&g);
        remove_all();
    }
}

/* The ring's companion sees the processes, and for a moment the same handle events at its own times. */
static void ring_and_companion(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        struct etlb_options o = etlb_defaults();
        o.buffer_size = 0x10000;
        maker_begin_with(&m, form, paths[0], &o);
        maker_process(&m, 0x0303, 100, 4, 0xA1, "app.exe");
        m.time = 30000000;
        maker_create(&m, 100, 0x1C, 4);
        m.time = 31000000;
        maker_close(&m, 100, 0x1C, 4, "");
        m.time = 32000000;
        maker_list(&m, 100, 0x10, 1, "");
        maker_type(&m, 17, "Event");
        maker_save(&m);
        o.mode = 0x400;
        o.end_time = 0;
        maker_begin_with(&m, form, paths[1], &o);
        m.time = 3000000;
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2); /* its close was overwritten */
        m.time = 30000003;
        maker_create(&m, 100, 0x1C, 4);
        m.time = 31000003;
        maker_close(&m, 100, 0x1C, 4, "");
        m.time = 40000000;
        maker_create(&m, 100, 0x18, 3);
        maker_save(&m);
        gather_files(paths, 2, &g);
        assert_int_equal(g.count, 4);
        assert_open(&g, 0x10, LEDGER_CREATED, LEDGER_OPEN);
        assert_open(&g, 0x14, LEDGER_CREATED, LEDGER_LOST_CLOSE);
        assert_open(&g, 0x18, LEDGER_CREATED, LEDGER_OPEN);
        assert_open(&g, 0x1C, LEDGER_CREATED, LEDGER_CLOSED);
        assert_int_equal(g.facts.repeated, form >= 4 ? 4 : 2); /* with their stacks */
        assert_false(g.facts.losses_known);
        const struct ledger_process *p = ledger_process(g.ledger, gather_life(&g, 100, 0x10, 0)->process);
        assert_string_equal(ledger_name(g.ledger, p->name), "app.exe");
        gather_free(&g);
        remove_all();
    }
}

static void segments(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        for (unsigned i = 0; i < 3; i++) {
            struct etlb_options o = etlb_defaults();
            o.buffer_size = 0x10000;
            o.first_time += 10000000 * (int64_t)i;
            o.start_time += (uint64_t)10000000 * i;
            maker_begin_with(&m, form, paths[i], &o);
            m.time = o.first_time + 1000000;
            maker_create(&m, 100, 0x10 + 4 * i, i + 1);
            if (i)
                maker_close(&m, 100, 0x10 + 4 * (i - 1), i, "");
            maker_save(&m);
        }
        static const char *const shuffled[] = {"test_timeline_c.etl", "test_timeline_a.etl", "test_timeline_b.etl"};
        gather_files(shuffled, 3, &g);
        assert_int_equal(g.count, 3);
        assert_open(&g, 0x10, LEDGER_CREATED, LEDGER_CLOSED);
        assert_open(&g, 0x14, LEDGER_CREATED, LEDGER_CLOSED);
        assert_open(&g, 0x18, LEDGER_CREATED, LEDGER_OPEN);
        assert_int_equal(g.facts.first, 1000000);
        assert_true(timeline_seconds(&g.facts, 21000000) == 2.0);
        gather_free(&g);
        remove_all();
    }
}

static void refuses_another_boot(void **state)
{
    (void)state;
    struct maker m;
    for (unsigned i = 0; i < 2; i++) {
        struct etlb_options o = etlb_defaults();
        o.start_time += 36000000000u * i;
        maker_begin_with(&m, 3, paths[i], &o);
        maker_create(&m, 100, 0x10, 1);
        maker_save(&m);
    }
    struct timeline_options o = {.files = paths, .file_count = 2};
    struct timeline_facts f;
    struct ledger *l = NULL;
    struct err err = {0};
    assert_false(timeline_read(&o, &l, &f, &err));
    assert_int_equal(err.code, ERR_ARGUMENT);
    assert_null(l);
    o.file_count = 0;
    err = (struct err){0};
    assert_false(timeline_read(&o, &l, &f, &err));
    assert_int_equal(err.code, ERR_ARGUMENT);
    remove_all();
    err = (struct err){0};
    o.file_count = 2;
    assert_false(timeline_read(&o, &l, &f, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

struct stopper {
    unsigned calls;
    unsigned stop_at;
};

static bool stop(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    struct stopper *s = ctx;
    (void)lives;
    (void)count;
    return ++s->calls != s->stop_at;
}

/* Who wants no more lives is told none, wherever they come from: closes without creates at one time, held and open. */
static void stops_at_any_life(void **state)
{
    (void)state;
    struct maker m;
    maker_begin(&m, 3, paths[0]);
    for (uint32_t i = 0; i < 200; i++) {
        m.time = 3000000 + i / 4;
        maker_close(&m, 100, 0x10 + 4 * i, i, "name");
    }
    for (uint32_t i = 0; i < 100; i++)
        maker_create(&m, 100, 0x10 + 4 * i, i);
    for (uint32_t i = 0; i < 50; i++)
        maker_close(&m, 100, 0x10 + 4 * i, i, "held");
    maker_save(&m);
    bool ended = false;
    for (unsigned at = 1; !ended; at++) {
        struct stopper s = {.stop_at = at};
        struct timeline_options o = {
            .files = paths, .file_count = 1, .sink = {.ctx = &s, .lives = stop, .names = true}};
        struct timeline_facts facts;
        struct ledger *l = NULL;
        struct err err = {0};
        ended = timeline_read(&o, &l, &facts, &err);
        assert_int_equal(err.code, ended ? ERR_NONE : ERR_CANCELLED);
        assert_int_equal(s.calls, ended ? at - 1 : at);
        assert_in_range(at, 1, 300);
        ledger_close(l);
    }
    remove_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots_overlap),    cmocka_unit_test(ring_and_companion), cmocka_unit_test(segments),
        cmocka_unit_test(refuses_another_boot), cmocka_unit_test(stops_at_any_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
