/* What a ring can and cannot tell: what it overwrote is gone, and must not look like a leak. */
#include "maker.h"
#include "unit/test.h"

#include <stdio.h>

static const char *const paths[] = {"test_ring_a.etl", "test_ring_b.etl", "test_ring_c.etl"};

static void begin_ring(struct maker *m, unsigned form, unsigned file)
{
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x10000;
    o.mode = 0x400;
    o.end_time = 0;
    o.no_flush_marker = true;
    maker_begin_with(m, form, paths[file], &o);
}

static void begin_companion(struct maker *m, unsigned form, unsigned file)
{
    maker_begin(m, form, paths[file]);
    maker_process(m, 0x0303, 100, 4, 0xA1, "app.exe");
}

static void remove_all(void)
{
    for (size_t i = 0; i < 3; i++)
        remove(paths[i]);
}

static void assert_only_life(const struct gather *g, uint32_t pid, uint32_t handle, enum ledger_how how,
                             enum ledger_end end, bool uncertain)
{
    assert_int_equal(gather_count(g, pid, handle), 1);
    assert_life(gather_life(g, pid, handle, 0), how, end, uncertain);
}

/* Processor 1 idles and keeps old creates; processor 0 has overwritten their closes. */
static void idle_processor(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        begin_companion(&m, form, 0);
        m.time = 50000000;
        maker_list(&m, 100, 0x14, 2, "");
        maker_list(&m, 100, 0x50, 9, "early"); /* its create is gone */
        maker_type(&m, 17, "Event");
        maker_type(&m, 18, "Semaphore");
        maker_save(&m);
        begin_ring(&m, form, 1);
        m.time = 40000000;
        maker_create(&m, 100, 0x18, 3);
        maker_close(&m, 100, 0x30, 8, "old"); /* opened before the ring begins */
        maker_processor(&m, 1);
        m.time = 2000000;
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2);
        maker_use_type(18);
        maker_create(&m, 100, 0x20, 4); /* of a type that the inventory has none of */
        maker_use_type(17);
        m.time = 60000000;
        maker_create(&m, 100, 0x1C, 5); /* after the inventory */
        maker_save(&m);
        gather_files(paths, 2, &g);
        assert_true(g.facts.ring);
        assert_int_equal(g.facts.ring_first, 2000000);
        assert_int_equal(g.facts.ring_since, 40000000);
        assert_only_life(&g, 100, 0x10, LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_only_life(&g, 100, 0x20, LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_only_life(&g, 100, 0x18, LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_only_life(&g, 100, 0x14, LEDGER_CREATED, LEDGER_OPEN, false);
        assert_only_life(&g, 100, 0x1C, LEDGER_CREATED, LEDGER_OPEN, false);
        assert_only_life(&g, 100, 0x50, LEDGER_PREEXISTING, LEDGER_OPEN, false);
        assert_only_life(&g, 100, 0x30, LEDGER_PREEXISTING, LEDGER_CLOSED, false);
        gather_free(&g);
        remove_all();
    }
}

/* A process that ended: its end's closes would be in the ring, its own are overwritten. */
static void ended_process(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        begin_companion(&m, form, 0);
        maker_process(&m, 0x0303, 200, 4, 0xA2, "brief.exe");
        m.time = 50000000;
        maker_process(&m, 0x0302, 200, 4, 0xA2, "brief.exe");
        maker_list(&m, 100, 0x14, 2, "");
        maker_type(&m, 17, "Event");
        maker_save(&m);
        begin_ring(&m, form, 1);
        m.time = 40000000;
        maker_create(&m, 200, 0x44, 7); /* everything since is there: it was open when the process ended */
        maker_processor(&m, 1);
        m.time = 2000000;
        maker_create(&m, 200, 0x40, 6); /* closed or not: nobody knows */
        maker_create(&m, 100, 0x14, 2);
        maker_save(&m);
        gather_files(paths, 2, &g);
        assert_only_life(&g, 200, 0x40, LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_only_life(&g, 200, 0x44, LEDGER_CREATED, LEDGER_AT_EXIT, false);
        gather_free(&g);
        remove_all();
    }
}

/* Rescued after a crash, without a companion: what may have been closed is open, and said to be uncertain. */
static void no_inventory(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        begin_ring(&m, form, 0);
        m.time = 40000000;
        maker_create(&m, 100, 0x18, 3);
        maker_processor(&m, 1);
        m.time = 2000000;
        maker_create(&m, 100, 0x10, 1);
        maker_save(&m);
        gather_files(paths, 1, &g);
        assert_only_life(&g, 100, 0x10, LEDGER_CREATED, LEDGER_OPEN, true);
        assert_only_life(&g, 100, 0x18, LEDGER_CREATED, LEDGER_OPEN, false);
        gather_free(&g);
        remove_all();
    }
}

/* Two snapshots and the companion's two inventories: what the first held still counts, and the second decides. */
static void several_snapshots(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        begin_companion(&m, form, 0);
        m.time = 30000000;
        maker_list(&m, 100, 0x10, 1, "");
        maker_list(&m, 100, 0x14, 2, "");
        maker_type(&m, 17, "Event");
        m.time = 80000000;
        maker_list(&m, 100, 0x10, 1, "");
        maker_list(&m, 100, 0x1C, 4, "");
        maker_type(&m, 17, "Event");
        maker_save(&m);
        begin_ring(&m, form, 1);
        m.time = 20000000;
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2);
        maker_create(&m, 100, 0x18, 3);
        maker_close(&m, 100, 0x18, 3, "");
        maker_save(&m);
        begin_ring(&m, form, 2); /* overlaps: the last two; then a close of what only the first had */
        m.time = 20000000 + 1000 * (form >= 4 ? 4 : 2);
        maker_create(&m, 100, 0x18, 3);
        maker_close(&m, 100, 0x18, 3, "");
        m.time = 60000000;
        maker_close(&m, 100, 0x14, 2, "");
        maker_create(&m, 100, 0x1C, 4);
        maker_save(&m);
        gather_files(paths, 3, &g);
        assert_int_equal(g.facts.repeated, form >= 4 ? 4 : 2);
        assert_int_equal(g.facts.ring_since, 20000000);
        assert_only_life(&g, 100, 0x10, LEDGER_CREATED, LEDGER_OPEN, false);
        assert_only_life(&g, 100, 0x14, LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_only_life(&g, 100, 0x18, LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_only_life(&g, 100, 0x1C, LEDGER_CREATED, LEDGER_OPEN, false);
        gather_free(&g);
        remove_all();
    }
}

/* A file is no ring: there a type that the inventory lacks may have been filtered out meanwhile. */
static void file_is_no_ring(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    maker_begin(&m, 3, paths[0]);
    maker_use_type(18);
    maker_create(&m, 100, 0x20, 4);
    maker_use_type(17);
    m.time = 50000000;
    maker_list(&m, 100, 0x14, 2, "");
    maker_type(&m, 17, "Event");
    maker_save(&m);
    gather_files(paths, 1, &g);
    assert_false(g.facts.ring);
    assert_only_life(&g, 100, 0x20, LEDGER_CREATED, LEDGER_OPEN, false);
    gather_free(&g);
    remove_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_processor),    cmocka_unit_test(ended_process),   cmocka_unit_test(no_inventory),
        cmocka_unit_test(several_snapshots), cmocka_unit_test(file_is_no_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
