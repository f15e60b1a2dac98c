/* How handles end: inventories, the ends of processes, losses. */
#include "maker.h"
#include "unit/test.h"

#include <stdio.h>

#define PATH "test_ledger_ends.etl"

static struct maker m;
static struct gather g;

static void inventory(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2);
        maker_use_type(18);
        maker_create(&m, 100, 0x18, 3); /* of a type that the inventory does not cover */
        maker_use_type(17);
        maker_create(&m, 100, 0x1C, 4);
        m.time += 10000000;
        maker_create(&m, 100, 0x20, 5); /* about when it begins */
        maker_list(&m, 100, 0x10, 1, "name");
        maker_list(&m, 100, 0x1C, 6, ""); /* another object: close and create are lost */
        maker_create(&m, 100, 0x24, 7);   /* later than it */
        maker_type(&m, 17, "Event");
        maker_type(&m, 18, "File");
        maker_read(&m, &g);
        assert_int_equal(ledger_counts(g.ledger)->inventories, 1);
        assert_int_equal(g.count, 7);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_string_equal(gather_life(&g, 100, 0x10, 0)->name, "name");
        assert_life(gather_life(&g, 100, 0x14, 0), LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_life(gather_life(&g, 100, 0x18, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_life(gather_life(&g, 100, 0x1C, 0), LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_life(gather_life(&g, 100, 0x1C, 1), LEDGER_PREEXISTING, LEDGER_OPEN, true);
        assert_life(gather_life(&g, 100, 0x20, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_life(gather_life(&g, 100, 0x24, 0), LEDGER_CREATED, LEDGER_OPEN, false);
    }
}

/* Each segment has an inventory of its own; what the second lacks went in between. */
static void two_inventories(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2);
        m.time += 10000000;
        maker_list(&m, 100, 0x10, 1, "");
        maker_list(&m, 100, 0x14, 2, "");
        maker_type(&m, 17, "Event");
        m.time += 10000000;
        maker_list(&m, 100, 0x14, 2, "");
        maker_type(&m, 17, "Event");
        maker_read(&m, &g);
        assert_int_equal(ledger_counts(g.ledger)->inventories, 2);
        assert_int_equal(g.count, 2);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_life(gather_life(&g, 100, 0x14, 0), LEDGER_CREATED, LEDGER_OPEN, false);
    }
}

/* However many there were: one that lists nothing of a handle's type says nothing of it, and the first one that does
 * ends it. */
static void many_inventories(void **state)
{
    (void)state;
    maker_begin(&m, 0, PATH);
    maker_create(&m, 100, 0x10, 1);
    maker_use_type(18);
    maker_create(&m, 100, 0x14, 2);
    maker_create(&m, 100, 0x18, 3);
    for (unsigned i = 1; i <= 256; i++) {
        m.time += 10000000;
        maker_use_type(17);
        maker_list(&m, 100, 0x10, 1, "");
        maker_use_type(18);
        if (i == 1)
            maker_list(&m, 100, 0x14, 2, "");
        if (i == 1 || i == 256)
            maker_list(&m, 100, 0x18, 3, "");
        maker_type(&m, 17, "Event");
    }
    maker_use_type(17);
    maker_read(&m, &g);
    assert_int_equal(ledger_counts(g.ledger)->inventories, 256);
    assert_int_equal(g.count, 3);
    assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_OPEN, false);
    assert_life(gather_life(&g, 100, 0x14, 0), LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
    assert_life(gather_life(&g, 100, 0x18, 0), LEDGER_CREATED, LEDGER_OPEN, false);
    gather_free(&g);
}

/* Where the sweep lies between the events of the process's end, in any order of them; the program's own closes have
 * user code on their stacks, or come before the first of them. */
enum mark { SWEEP, TERMINATE, END, MARK_COUNT };

static void at_exit(void **state)
{
    (void)state;
    static const enum mark orders[][MARK_COUNT] = {
        {TERMINATE, SWEEP, END}, {SWEEP, TERMINATE, END}, {TERMINATE, END, SWEEP}, {END, SWEEP, TERMINATE}};
    for (unsigned i = 0; i < 4 * MAKER_FORMS * 2; i++) {
        const enum mark *order = orders[i % 4];
        bool stacks = i / 4 % 2;
        unsigned form = i / 8;
        maker_begin(&m, form, PATH);
        maker_process(&m, 0x0303, 100, 4, 0xA1, "app.exe");
        for (uint32_t h = 0x10; h <= 0x30; h += 4)
            maker_create(&m, 100, h, h);
        m.user = stacks;
        maker_close(&m, 100, 0x2C, 0x2C, "");
        maker_close(&m, 100, 0x30, 0x30, "");
        m.user = false;
        for (unsigned k = 0; k < MARK_COUNT; k++) {
            if (order[k] == TERMINATE)
                maker_terminate(&m, 100);
            if (order[k] == END)
                maker_process(&m, 0x0302, 100, 4, 0xA1, "app.exe");
            for (uint32_t h = 0x10; order[k] == SWEEP && h <= 0x28; h += 4)
                maker_close(&m, 100, h, h, "");
        }
        bool told = m.header == MAKER_PERFINFO; /* its closes have kernel stacks, which tell them from the program's */
        maker_read(&m, &g);
        print_message("  order %u, %s, form %u\n", i % 4, stacks ? "stacks" : "no stacks", form);
        assert_int_equal(g.count, 9);
        for (uint32_t h = 0x10; h <= 0x28; h += 4)
            assert_life(gather_life(&g, 100, h, 0), LEDGER_CREATED, LEDGER_AT_EXIT, order[0] == SWEEP && !told);
        for (uint32_t h = 0x2C; h <= 0x30; h += 4)
            assert_life(gather_life(&g, 100, h, 0), LEDGER_CREATED, LEDGER_CLOSED, false);
        gather_free(&g);
    }
}

/* A key says that user code is on the stack before anybody knows its frames. */
static void at_exit_by_keys(void **state)
{
    (void)state;
    const uint64_t kernel[] = {0xFFFFF80000000010u, 0};
    const uint64_t user[] = {0x401234, 0};
    for (unsigned form = 0; form < 2 * MAKER_PERFINFO; form++) { /* those have their stacks already */
        maker_begin(&m, form, PATH);
        maker_process(&m, 0x0303, 100, 4, 0xA1, "app.exe");
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2);
        maker_close(&m, 100, 0x10, 1, "");
        maker_key(&m, false, m.last, 100, m.tid, 0x8888);
        maker_key(&m, true, m.last, 100, m.tid, 0x9999);
        maker_close(&m, 100, 0x14, 2, "");
        maker_key(&m, false, m.last, 100, m.tid, 0x8888);
        maker_process(&m, 0x0302, 100, 4, 0xA1, "app.exe");
        maker_define(&m, 0x1824, 0x8888, kernel);
        maker_define(&m, 0x1824, 0x9999, user);
        maker_read(&m, &g);
        assert_int_equal(g.count, 2);
        assert_int_equal(gather_life(&g, 100, 0x10, 0)->end, LEDGER_CLOSED);
        assert_int_equal(gather_life(&g, 100, 0x14, 0)->end, LEDGER_AT_EXIT);
        gather_free(&g);
    }
}

static void exit_unseen(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_process(&m, 0x0301, 100, 4, 0xA1, "app.exe");
        maker_create(&m, 100, 0x10, 1);
        maker_process(&m, 0x0302, 100, 4, 0xA1, "app.exe");
        int64_t end = m.last;
        maker_read(&m, &g);
        assert_int_equal(g.count, 1);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_AT_EXIT, false);
        assert_int_equal(gather_life(&g, 100, 0x10, 0)->closed, end);
    }
}

static void uncertain(void **state)
{
    (void)state;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        struct etlb_options o = etlb_defaults();
        o.buffer_size = 0x10000;
        o.events_lost = 3;
        maker_begin_with(&m, form, PATH, &o);
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2);
        maker_close(&m, 100, 0x18, 3, "");
        maker_create(&m, 100, 0x1C, 4);
        maker_close(&m, 100, 0x1C, 4, "");
        maker_use_type(18);
        maker_create(&m, 100, 0x20, 5);
        m.time += 10000000;
        maker_use_type(17);
        maker_list(&m, 100, 0x10, 1, "");
        maker_list(&m, 100, 0x14, 2, "");
        maker_read(&m, &g);
        assert_int_equal(g.facts.events_lost, 3);
        assert_int_equal(g.count, 5);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_life(gather_life(&g, 100, 0x14, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_life(gather_life(&g, 100, 0x18, 0), LEDGER_PREEXISTING, LEDGER_CLOSED, true);
        assert_life(gather_life(&g, 100, 0x1C, 0), LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 100, 0x20, 0), LEDGER_CREATED, LEDGER_OPEN, true);
        gather_free(&g);
    }
}

/* Many values and many processes: nothing gets lost in the tables. */
static void many(void **state)
{
    (void)state;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        struct etlb_options o = etlb_defaults();
        o.buffer_size = 0x800000;
        maker_begin_with(&m, form, PATH, &o);
        for (unsigned round = 0; round < 3; round++) {
            for (uint32_t i = 0; i < 3000; i++)
                maker_create(&m, 100 + i % 7, 4 * i, i + 1);
            for (uint32_t i = 0; i < 3000; i++)
                if (i % 1000 >= 1 || round < 2)
                    maker_close(&m, 100 + i % 7, 4 * i, i + 1, "");
        }
        const char *path = m.path;
        struct timeline_options t = {.files = &path, .file_count = 1};
        struct err err = {0};
        maker_save(&m);
        memset(&g, 0, sizeof g);
        assert_true(timeline_read(&t, &g.ledger, &g.facts, &err));
        assert_int_equal(ledger_counts(g.ledger)->events, 17997);
        gather_free(&g);
        remove(PATH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inventory),        cmocka_unit_test(two_inventories),
        cmocka_unit_test(many_inventories), cmocka_unit_test(at_exit),
        cmocka_unit_test(at_exit_by_keys),  cmocka_unit_test(exit_unseen),
        cmocka_unit_test(uncertain),        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
