/* Stacks: parts, keys, threads, modules that come and go. */
#include "maker.h"
#include "unit/test.h"

#define PATH "test_ledger_stacks.etl"

static uint64_t kernel_base(const struct maker *m)
{
    return m->ps == 8 ? 0xFFFFF80000000000u : 0x81000000u;
}

static void modules(struct maker *m)
{
    maker_image(m, 0x1403, 0, kernel_base(m), 0x100000, "\\SystemRoot\\system32\\ntoskrnl.exe");
    maker_image(m, 0x1403, 100, 0x400000, 0x10000, "\\Device\\HarddiskVolume3\\app.exe");
    maker_image(m, 0x1403, 100, 0x500000, 0x10000, "\\Device\\HarddiskVolume3\\lib.dll");
}

/* What a test does with a trace that was begun, up to what it looks at of the lives. */
struct trace_test {
    void (*body)(struct maker *m, struct gather *g);
};

/* Without stacks but those of the test. */
static void in_each_form(void **state)
{
    const struct trace_test *test = *state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        maker_begin(&m, form, PATH);
        m.no_stacks = true;
        test->body(&m, &g);
        gather_free(&g);
    }
}

static void assert_stack(const struct gather *g, uint32_t pid, uint32_t handle, const char *expected)
{
    assert_string_equal(gather_stack(g, gather_life(g, pid, handle, 0)->stack), expected);
}

static void stack_parts(struct maker *m, struct gather *g)
{
    modules(m);
    const uint64_t k[] = {kernel_base(m) + 0x10, kernel_base(m) + 0x20, 0};
    const uint64_t u[] = {0x401234, 0x500010, 0x600000, 0};
    const uint64_t both[] = {k[0], k[1], u[0], u[1], u[2], 0};
    maker_create(m, 100, 0x10, 1);
    int64_t first = m->last;
    maker_stack(m, first, 100, 71, k);
    maker_stack(m, first, 100, 71, u);
    maker_create(m, 100, 0x14, 2);
    maker_stack(m, m->last, 100, 71, both);
    maker_create(m, 100, 0x18, 3);
    maker_stack(m, m->last, 100, 71, k);
    maker_read(m, g);
    assert_stack(g, 100, 0x10, "ntoskrnl.exe+0x10 ntoskrnl.exe+0x20 app.exe+0x1234 lib.dll+0x10 0x600000");
    assert_stack(g, 100, 0x18, "ntoskrnl.exe+0x10 ntoskrnl.exe+0x20");
    assert_int_equal(ledger_stack_final(g->ledger, gather_life(g, 100, 0x10, 0)->stack),
                     ledger_stack_final(g->ledger, gather_life(g, 100, 0x14, 0)->stack));
    assert_int_equal(ledger_counts(g->ledger)->stacks_joined, 4);
    assert_int_equal(ledger_counts(g->ledger)->stacks_alone, 0);
}

/* The user part comes after the close, from another processor, behind many other events. */
static void late_user_part(struct maker *m, struct gather *g)
{
    modules(m);
    const uint64_t k[] = {kernel_base(m) + 0x10, 0};
    const uint64_t u[] = {0x401234, 0};
    const uint64_t other[] = {kernel_base(m) + 0x20, 0x500010, 0};
    maker_create(m, 100, 0x10, 1);
    int64_t first = m->last;
    maker_stack(m, first, 100, 71, k);
    for (uint32_t h = 0x20; h < 0x200; h += 4) {
        m->tid = 72;
        maker_create(m, 100, h, h);
        maker_stack(m, m->last, 100, 72, other);
    }
    m->tid = 71;
    maker_close(m, 100, 0x10, 1, "");
    maker_stack(m, m->last, 100, 71, k);
    maker_processor(m, 3);
    maker_stack(m, first, 100, 71, u);
    maker_read(m, g);
    assert_int_equal(gather_life(g, 100, 0x10, 0)->end, LEDGER_CLOSED);
    assert_stack(g, 100, 0x10, "ntoskrnl.exe+0x10 app.exe+0x1234");
    assert_stack(g, 100, 0x20, "ntoskrnl.exe+0x20 lib.dll+0x10");
}

/* Events of one time on two processors: the thread decides. */
static void equal_times(struct maker *m, struct gather *g)
{
    modules(m);
    const uint64_t one[] = {0x400010, 0};
    const uint64_t two[] = {0x500010, 0};
    m->time = 5000000;
    maker_create(m, 100, 0x10, 1);
    maker_stack(m, 5000000, 100, 71, one);
    maker_processor(m, 1);
    m->time = 5000000;
    m->tid = 72;
    maker_create(m, 100, 0x14, 2);
    maker_stack(m, 5000000, 100, 72, two);
    maker_read(m, g);
    assert_stack(g, 100, 0x10, "app.exe+0x10");
    assert_stack(g, 100, 0x14, "lib.dll+0x10");
    assert_int_equal(gather_life(g, 100, 0x14, 0)->tid, 72);
}

/* A key means what is told after its use, and something else after that. */
static void stack_keys(struct maker *m, struct gather *g)
{
    modules(m);
    const uint64_t k[] = {kernel_base(m) + 0x10, 0};
    const uint64_t u[] = {0x401234, 0};
    const uint64_t u2[] = {0x500010, 0};
    for (uint32_t h = 0x10; h <= 0x18; h += 4) {
        maker_create(m, 100, h, h);
        maker_key(m, false, m->last, 100, 71, 0x8888);
        maker_key(m, true, m->last, 100, 71, 0x9999);
        if (h == 0x14)
            maker_define(m, 0x1823, 0x9999, u);
    }
    maker_create(m, 100, 0x1C, 9);
    maker_stack(m, m->last, 100, 71, k);
    maker_stack(m, m->last, 100, 71, u);
    maker_create(m, 100, 0x20, 10);
    maker_key(m, true, m->last, 100, 71, 0x7777); /* never told */
    maker_define(m, 0x1824, 0x9999, u2);
    maker_define(m, 0x1824, 0x8888, k);
    maker_read(m, g);
    assert_stack(g, 100, 0x10, "ntoskrnl.exe+0x10 app.exe+0x1234");
    assert_stack(g, 100, 0x14, "ntoskrnl.exe+0x10 app.exe+0x1234");
    assert_stack(g, 100, 0x18, "ntoskrnl.exe+0x10 lib.dll+0x10");
    assert_stack(g, 100, 0x20, "");
    assert_int_equal(ledger_stack_final(g->ledger, gather_life(g, 100, 0x10, 0)->stack),
                     ledger_stack_final(g->ledger, gather_life(g, 100, 0x1C, 0)->stack));
}

/* The same address is another module later, and a module may be told only at the end of the recording. */
static void modules_come_and_go(struct maker *m, struct gather *g)
{
    const uint64_t a[] = {0x600010, 0};
    const uint64_t b[] = {0x700010, 0};
    maker_image(m, 0x030A, 100, 0x600000, 0x1000, "\\x\\one.dll");
    maker_create(m, 100, 0x10, 1);
    maker_stack(m, m->last, 100, 71, a);
    maker_image(m, 0x1402, 100, 0x600000, 0x1000, "\\x\\one.dll");
    maker_create(m, 100, 0x14, 2);
    maker_stack(m, m->last, 100, 71, a);
    maker_image(m, 0x030A, 100, 0x600000, 0x2000, "\\x\\two.dll");
    maker_create(m, 100, 0x18, 3);
    maker_stack(m, m->last, 100, 71, a);
    maker_create(m, 100, 0x1C, 4);
    maker_stack(m, m->last, 100, 71, b);
    maker_image(m, 0x1404, 100, 0x700000, 0x1000, "\\x\\late.dll");
    maker_read(m, g);
    assert_stack(g, 100, 0x10, "one.dll+0x10");
    assert_stack(g, 100, 0x18, "two.dll+0x10");
    assert_stack(g, 100, 0x1C, "late.dll+0x10");
    /* Known at the end only: its final number is newer than all that were in use. */
    uint32_t final = ledger_stack_final(g->ledger, gather_life(g, 100, 0x1C, 0)->stack);
    assert_int_equal(ledger_stack_final(g->ledger, final), final);
    assert_string_equal(gather_stack(g, final), "late.dll+0x10");
}

/* Addresses are a process's own; modules are everybody's. */
static void two_processes(struct maker *m, struct gather *g)
{
    const uint64_t a[] = {0x600010, 0};
    const uint64_t b[] = {0x700010, 0};
    const uint64_t jit[] = {0x900010, 0};
    maker_image(m, 0x1403, 100, 0x600000, 0x1000, "\\x\\one.dll");
    maker_image(m, 0x1403, 200, 0x700000, 0x1000, "\\x\\one.dll");
    maker_create(m, 100, 0x10, 1);
    maker_stack(m, m->last, 100, 71, a);
    maker_create(m, 200, 0x10, 2);
    maker_stack(m, m->last, 200, 71, b);
    maker_create(m, 200, 0x14, 3);
    maker_stack(m, m->last, 200, 71, a);
    maker_create(m, 100, 0x18, 4);
    maker_stack(m, m->last, 100, 71, jit);
    maker_create(m, 200, 0x18, 4);
    maker_stack(m, m->last, 200, 71, jit);
    maker_read(m, g);
    assert_stack(g, 100, 0x10, "one.dll+0x10");
    assert_stack(g, 200, 0x10, "one.dll+0x10");
    assert_stack(g, 200, 0x14, "0x600010");
    assert_int_equal(ledger_stack_final(g->ledger, gather_life(g, 100, 0x10, 0)->stack),
                     ledger_stack_final(g->ledger, gather_life(g, 200, 0x10, 0)->stack));
    assert_int_not_equal(ledger_stack_final(g->ledger, gather_life(g, 100, 0x18, 0)->stack),
                         ledger_stack_final(g->ledger, gather_life(g, 200, 0x18, 0)->stack));
}

/* What stands behind so many addresses that no stack has them is not looked at, whatever those are. */
static void longest(struct maker *m, struct gather *g)
{
    for (unsigned there = 0; there < 2; there++) {
        struct etlb_payload p = {.size = 0};
        maker_create(m, 100, 0x10 + 4 * there, 1);
        etlb_put(&p, (uint64_t)m->last, 8);
        etlb_put(&p, 100, 4);
        etlb_put(&p, 71, 4);
        for (unsigned i = 0; i < STACK_FRAMES_MAX + 20; i++)
            etlb_put(&p, i < STACK_FRAMES_MAX - there ? 0 : 0x600000 + i, m->ps);
        etlb_perfinfo(&m->b, m->ps, 0x1820, 2, m->time, p.bytes, p.size);
    }
    maker_read(m, g);
    assert_stack(g, 100, 0x10, "");
    assert_stack(g, 100, 0x14, "0x60018f");
}

#define IN_EACH_FORM(body)                                                                                             \
    {                                                                                                                  \
#body, in_each_form, NULL, NULL, &(struct trace_test)                                                          \
        {                                                                                                              \
            body                                                                                                       \
        }                                                                                                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_EACH_FORM(stack_parts), IN_EACH_FORM(late_user_part),      IN_EACH_FORM(equal_times),
        IN_EACH_FORM(stack_keys),  IN_EACH_FORM(modules_come_and_go), IN_EACH_FORM(two_processes),
        IN_EACH_FORM(longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
