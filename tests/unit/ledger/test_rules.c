/* Who owns a handle, and which close closes it. Every test runs in all six forms of handle events. */
#include "maker.h"
#include "unit/test.h"

#define PATH "test_ledger_rules.etl"

static struct maker m;
static struct gather g;

static void owner(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_process(&m, 0x0303, 100, 4, 0xA1, "one.exe");
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 200, 0x10, 2);
        maker_process(&m, 0x0302, 100, 4, 0xA1, "one.exe");
        maker_process(&m, 0x0301, 100, 4, 0xA2, "two.exe");
        maker_create(&m, 100, 0x10, 3);
        maker_close(&m, 200, 0x10, 2, "");
        maker_type(&m, 17, "Event");
        maker_read(&m, &g);
        assert_int_equal(g.count, 3);
        const struct ledger_life *first = gather_life(&g, 100, 0x10, 0);
        const struct ledger_life *second = gather_life(&g, 100, 0x10, 1);
        assert_life(first, LEDGER_CREATED, LEDGER_AT_EXIT, false);
        assert_life(second, LEDGER_CREATED, LEDGER_OPEN, false);
        assert_int_not_equal(first->process, second->process);
        assert_string_equal(ledger_name(g.ledger, ledger_process(g.ledger, first->process)->name), "one.exe");
        assert_string_equal(ledger_name(g.ledger, ledger_process(g.ledger, second->process)->name), "two.exe");
        assert_string_equal(ledger_type(g.ledger, first->type), "Event");
        assert_life(gather_life(&g, 200, 0x10, 0), LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_int_equal(gather_life(&g, 200, 0x10, 0)->tid, 71);
    }
}

static void reused_slot(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x10, 2);
        maker_read(&m, &g);
        assert_int_equal(g.count, 2);
        assert_int_equal(gather_life(&g, 100, 0x10, 0)->object & 0xFF, 1);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_LOST_CLOSE, true);
        assert_life(gather_life(&g, 100, 0x10, 1), LEDGER_CREATED, LEDGER_OPEN, false);
    }
}

static void late_close(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x10, 2);
        maker_create(&m, 100, 0x10, 3);
        maker_close(&m, 100, 0x10, 2, "");
        maker_close(&m, 100, 0x10, 1, "late");
        maker_read(&m, &g);
        assert_int_equal(g.count, 3);
        for (unsigned i = 0; i < 3; i++) {
            const struct ledger_life *x = &g.lives[i].life;
            assert_life(x, LEDGER_CREATED, (x->object & 0xFF) == 3 ? LEDGER_OPEN : LEDGER_CLOSED, false);
            assert_string_equal(x->name, (x->object & 0xFF) == 1 ? "late" : "");
        }
    }
}

/* The value alone is no proof: the close of another object leaves the handle as it is. */
static void close_of_another_object(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_close(&m, 100, 0x10, 2, "");
        maker_read(&m, &g);
        assert_int_equal(g.count, 2);
        assert_int_equal(gather_life(&g, 100, 0x10, 0)->object & 0xFF, 2);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_PREEXISTING, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 100, 0x10, 1), LEDGER_CREATED, LEDGER_OPEN, false);
    }
}

/* One clock is 5 us behind. On the same processor, or further apart, it is another handle. */
static void close_before_create(void **state)
{
    (void)state;
    static const struct {
        unsigned processor;
        int64_t apart;
        size_t lives;
    } rows[] = {{1, 50, 1}, {0, 50, 2}, {1, 5000, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        MAKER_EACH_FORM(m, g, PATH)
        {
            m.time = 3000000;
            maker_close(&m, 100, 0x10, 1, "");
            if (rows[i].processor)
                maker_processor(&m, rows[i].processor);
            m.time = 3000000 + rows[i].apart;
            maker_create(&m, 100, 0x10, 1);
            maker_read(&m, &g);
            assert_int_equal(g.count, rows[i].lives);
            assert_life(gather_life(&g, 100, 0x10, 0), rows[i].lives == 1 ? LEDGER_CREATED : LEDGER_PREEXISTING,
                        LEDGER_CLOSED, false);
            if (rows[i].lives == 2)
                assert_life(gather_life(&g, 100, 0x10, 1), LEDGER_CREATED, LEDGER_OPEN, false);
        }
}

static void kernel_handles(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x80001DDC, 1);
        maker_create(&m, 100, 0x80001DE0, 2);
        maker_close(&m, 200, 0x80001DDC, 1, "");
        maker_read(&m, &g);
        assert_life(gather_life(&g, 4, 0x80001DDC, 0), LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 4, 0x80001DE0, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_int_equal(ledger_process(g.ledger, gather_life(&g, 4, 0x80001DE0, 0)->actor)->pid, 100);
    }
}

/* Compact headers are believed: there the same is a handle that was there before. */
enum closer { STARTED_HERE, DUPLICATED_IT, THERE_BEFORE };

static void close_by_other(void **state)
{
    (void)state;
    for (int closer = STARTED_HERE; closer <= THERE_BEFORE; closer++)
        MAKER_EACH_FORM(m, g, PATH)
        {
            if (closer == STARTED_HERE)
                maker_process(&m, 0x0301, 300, 4, 0xA3, "closer.exe");
            maker_create(&m, 100, 0x10, 1);
            m.actor = 300;
            if (closer == DUPLICATED_IT)
                maker_duplicate(&m, 100, 0x10, 300, 0x44, 1);
            maker_close(&m, 100, 0x10, 1, "");
            m.actor = 0;
            bool found = m.header != MAKER_COMPACT && closer != THERE_BEFORE;
            maker_read(&m, &g);
            assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, found ? LEDGER_CLOSED : LEDGER_OPEN, false);
            assert_int_equal(gather_count(&g, 300, 0x10), found ? 0 : 1);
        }
}

/* A parent's own handle is not mistaken for the child's of the same value and object. */
static void close_of_a_source(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_process(&m, 0x0301, 200, 100, 0xA2, "child.exe");
        maker_duplicate(&m, 100, 0x10, 200, 0x10, 1);
        m.user = true;
        maker_close(&m, 100, 0x10, 1, "");
        maker_process(&m, 0x0302, 100, 4, 0xA1, "parent.exe"); /* later than all that */
        maker_read(&m, &g);
        assert_int_equal(g.count, 2);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_PREEXISTING, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 200, 0x10, 0), LEDGER_INHERITED, LEDGER_OPEN, false);
    }
}

/* Without ids and without stacks an object still finds its close; the owner shows in the inventory. */
static void no_ids(void **state)
{
    (void)state;
    for (unsigned form = 4; form < MAKER_FORMS; form++) {
        maker_begin(&m, form, PATH);
        m.no_stacks = true;
        maker_create(&m, 100, 0x10, 1);
        maker_create(&m, 100, 0x14, 2);
        maker_create(&m, 100, 0x18, 3);
        maker_close(&m, 100, 0x10, 1, "");
        m.time += 10000000;
        maker_list(&m, 100, 0x14, 2, "named");
        maker_read(&m, &g);
        assert_int_equal(g.count, 3);
        assert_life(gather_life(&g, ETL_UNKNOWN_ID, 0x10, 0), LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 100, 0x14, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_string_equal(gather_life(&g, 100, 0x14, 0)->name, "named");
        assert_life(gather_life(&g, ETL_UNKNOWN_ID, 0x18, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        gather_free(&g);
    }
}

static void duplicate(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_duplicate(&m, 100, 0x10, 200, 0x44, 1);
        maker_duplicate(&m, 100, 0x20, 200, 0x48, 2);       /* nobody saw 0x20 open */
        maker_duplicate(&m, 100, 0xFFFFFFFE, 100, 0x24, 3); /* the own thread: no handle */
        maker_close(&m, 100, 0x10, 1, "");
        maker_read(&m, &g);
        assert_int_equal(g.count, 5);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 200, 0x44, 0), LEDGER_DUPLICATED, LEDGER_OPEN, false);
        assert_int_equal(ledger_process(g.ledger, gather_life(&g, 200, 0x44, 0)->actor)->pid, 100);
        assert_life(gather_life(&g, 100, 0x20, 0), LEDGER_PREEXISTING, LEDGER_OPEN, false);
        assert_life(gather_life(&g, 200, 0x48, 0), LEDGER_DUPLICATED, LEDGER_OPEN, false);
        assert_life(gather_life(&g, 100, 0x24, 0), LEDGER_DUPLICATED, LEDGER_OPEN, false);
    }
}

static void inherited(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_process(&m, 0x0301, 200, 100, 0xA2, "child.exe");
        maker_process(&m, 0x0303, 300, 4, 0xA3, "other.exe");
        maker_duplicate(&m, 100, 0x10, 200, 0x10, 1);
        maker_duplicate(&m, 100, 0x10, 300, 0x10, 1); /* no child of it */
        maker_close(&m, 200, 0x10, 1, "");
        maker_read(&m, &g);
        assert_int_equal(g.count, 3);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        assert_life(gather_life(&g, 200, 0x10, 0), LEDGER_INHERITED, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 300, 0x10, 0), LEDGER_DUPLICATED, LEDGER_OPEN, false);
    }
}

static void preexisting(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_close(&m, 100, 0x10, 1, "before");
        m.time += 10000000;
        maker_list(&m, 100, 0x14, 2, "there");
        maker_read(&m, &g);
        assert_int_equal(g.count, 2);
        assert_life(gather_life(&g, 100, 0x10, 0), LEDGER_PREEXISTING, LEDGER_CLOSED, false);
        assert_string_equal(gather_life(&g, 100, 0x10, 0)->name, "before");
        assert_life(gather_life(&g, 100, 0x14, 0), LEDGER_PREEXISTING, LEDGER_OPEN, false);
        assert_string_equal(gather_life(&g, 100, 0x14, 0)->name, "there");
    }
}

/* A name is told by a close or an inventory, the last one counts; a type's by the trace, and is else not known. */
static void names(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        maker_create(&m, 100, 0x10, 1);
        maker_close(&m, 100, 0x10, 1, "\\by close");
        maker_create(&m, 100, 0x14, 2);
        maker_use_type(18);
        maker_create(&m, 100, 0x18, 3);
        maker_close(&m, 100, 0x1C, 4, "\\before");
        maker_use_type(17);
        maker_list(&m, 100, 0x14, 2, "\\listed");
        maker_type(&m, 17, "Event");
        maker_read(&m, &g);
        assert_string_equal(gather_life(&g, 100, 0x10, 0)->name, "\\by close");
        assert_string_equal(gather_life(&g, 100, 0x14, 0)->name, "\\listed");
        assert_string_equal(gather_life(&g, 100, 0x18, 0)->name, "");
        assert_string_equal(gather_life(&g, 100, 0x1C, 0)->name, "\\before");
        assert_string_equal(ledger_type(g.ledger, gather_life(&g, 100, 0x14, 0)->type), "Event");
        assert_int_equal(gather_life(&g, 100, 0x18, 0)->type, 18);
        assert_string_equal(ledger_type(g.ledger, 18), "");
    }
}

/* Handles that nobody is known to own, of which an inventory tells something. */
static void begin_unowned(unsigned form)
{
    maker_begin(&m, form, PATH);
    assert_int_equal(m.header, MAKER_PERFINFO);
    m.no_stacks = true;
    maker_create(&m, 100, 0x10, 1);
    maker_create(&m, 100, 0x14, 2);
    m.no_stacks = false;
}

/* It lists one, but not whose it is either: two such handles may have one value, and each is found by its object. */
static void listed_without_owner(void **state)
{
    (void)state;
    for (unsigned form = 4; form < MAKER_FORMS; form++) {
        begin_unowned(form);
        maker_list(&m, ETL_UNKNOWN_ID, 0x10, 1, "\\listed");
        m.no_stacks = true;
        maker_create(&m, 100, 0x10, 3);
        m.header = MAKER_COMPACT;
        maker_close(&m, 100, 0x10, 3, "");
        maker_close(&m, 100, 0x14, 2, "");
        maker_create(&m, 100, 0x18, 4);
        maker_close(&m, 100, 0x10, 1, "");
        maker_read(&m, &g);
        assert_int_equal(g.count, 4);
        for (unsigned i = 0; i < 2; i++)
            assert_life(gather_life(&g, ETL_UNKNOWN_ID, 0x10, i), LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_string_equal(gather_life(&g, ETL_UNKNOWN_ID, 0x10, 1)->name, "\\listed");
        assert_life(gather_life(&g, ETL_UNKNOWN_ID, 0x14, 0), LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_life(gather_life(&g, 100, 0x18, 0), LEDGER_CREATED, LEDGER_OPEN, false);
        gather_free(&g);
    }
}

/* It says whose one is: what seemed open there is not, as no value is open twice. */
static void listed_where_another_seemed_open(void **state)
{
    (void)state;
    for (unsigned form = 4; form < MAKER_FORMS; form++) {
        begin_unowned(form);
        maker_create(&m, 100, 0x10, 3);
        maker_list(&m, 100, 0x10, 1, "");
        maker_read(&m, &g);
        assert_int_equal(g.count, 3);
        for (unsigned i = 0; i < 2; i++) {
            const struct ledger_life *x = gather_life(&g, 100, 0x10, i);
            bool listed = (x->object & 0xFF) == 1;
            assert_life(x, LEDGER_CREATED, listed ? LEDGER_OPEN : LEDGER_LOST_CLOSE, !listed);
        }
        gather_free(&g);
    }
}

/* An event that is older than the one before it in its own buffer. */
static void inversions(void **state)
{
    (void)state;
    MAKER_EACH_FORM(m, g, PATH)
    {
        m.time = 3000000;
        maker_close(&m, 100, 0x10, 1, "");
        m.time = 2999000;
        m.no_stacks = true;
        maker_create(&m, 100, 0x10, 1);
        bool ids = m.header != MAKER_PERFINFO;
        maker_read(&m, &g);
        assert_int_equal(ledger_counts(g.ledger)->inversions, 1);
        assert_int_equal(g.count, 1);
        assert_life(&g.lives[0].life, LEDGER_CREATED, LEDGER_CLOSED, false);
        assert_int_equal(ledger_process(g.ledger, g.lives[0].life.process)->pid, ids ? 100 : ETL_UNKNOWN_ID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owner),
        cmocka_unit_test(reused_slot),
        cmocka_unit_test(close_of_another_object),
        cmocka_unit_test(late_close),
        cmocka_unit_test(no_ids),
        cmocka_unit_test(close_before_create),
        cmocka_unit_test(kernel_handles),
        cmocka_unit_test(duplicate),
        cmocka_unit_test(close_by_other),
        cmocka_unit_test(close_of_a_source),
        cmocka_unit_test(inherited),
        cmocka_unit_test(preexisting),
        cmocka_unit_test(names),
        cmocka_unit_test(inversions),
        cmocka_unit_test(listed_without_owner),
        cmocka_unit_test(listed_where_another_seemed_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
