/* Which build a module is: what merging writes before its event, and what the end of a recording adds. */
#include "maker.h"
#include "unit/test.h"

#include <stdio.h>

#define PATH "test_ledger_images.etl"

static const uint8_t class_guid[16] = {0xD7, 0x75, 0xE6, 0xB3, 0x54, 0x25, 0x18, 0x4F,
                                       0x83, 0x0B, 0x27, 0x62, 0x73, 0x25, 0x60, 0xDE};

static void put_class(struct maker *m, uint8_t opcode, const struct etlb_payload *p)
{
    const struct etlb_ids ids = {4, 8};
    etlb_full(&m->b, m->ps, class_guid, opcode, 2, ids, m->time, p->bytes, p->size);
}

/* Of the image event that follows. */
static void rsds(struct maker *m, uint32_t pid, uint64_t base, uint8_t guid, uint32_t age, const char *pdb)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, base, m->ps);
    etlb_put(&p, pid, 4);
    for (unsigned i = 0; i < 16; i++)
        etlb_put(&p, (uint8_t)(guid + i), 1);
    etlb_put(&p, age, 4);
    etlb_put_ascii(&p, pdb);
    put_class(m, 36, &p);
}

static void info(struct maker *m, uint32_t pid, uint64_t base, uint32_t timestamp)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, base, m->ps);
    etlb_put(&p, 0x10000, m->ps);
    etlb_put(&p, pid, 4);
    etlb_put(&p, timestamp, 4);
    etlb_put_utf16(&p, "original.exe");
    put_class(m, 0, &p);
}

static void image(struct maker *m, uint16_t hook, uint32_t pid, uint64_t base, uint32_t checksum, uint32_t timestamp,
                  const char *name)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, base, m->ps);
    etlb_put(&p, 0x10000, m->ps);
    etlb_put(&p, pid, 4);
    etlb_put(&p, checksum, 4);
    etlb_put(&p, timestamp, 4);
    etlb_put(&p, 0, 4);
    etlb_put(&p, base, m->ps);
    for (int i = 0; i < 4; i++)
        etlb_put(&p, 0, 4);
    etlb_put_utf16(&p, name);
    const struct etlb_ids ids = {pid, m->tid};
    etlb_system(&m->b, m->ps, hook, 3, ids, m->time, p.bytes, p.size);
    m->last = m->time;
    m->time += 1000;
}

/* A handle whose stack leads into the module, so that it can be asked about. */
static void use(struct maker *m, uint32_t pid, uint32_t handle, uint64_t base)
{
    const uint64_t frames[] = {base + 0x10, 0};
    maker_create(m, pid, handle, handle);
    maker_stack(m, m->last, pid, m->tid, frames);
}

static const struct ledger_image *used(const struct gather *g, uint32_t pid, uint32_t handle)
{
    uint32_t count = 0;
    const struct ledger_frame *frames = ledger_stack(g->ledger, gather_life(g, pid, handle, 0)->stack, &count);
    assert_int_equal(count, 1);
    assert_int_equal(frames[0].offset, 0x10);
    return ledger_image(g->ledger, frames[0].image);
}

static void begin(struct maker *m, unsigned form)
{
    maker_begin(m, form, PATH);
    m->no_stacks = true;
    m->time = 2000000;
}

static void identity_of_the_next_image(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        begin(&m, form);
        info(&m, 100, 0x400000, 0x5000);
        rsds(&m, 100, 0x400000, 1, 7, "app.pdb");
        image(&m, 0x1403, 100, 0x400000, 0x77, 0, "app.exe");
        rsds(&m, 100, 0x900000, 40, 8, "other.pdb"); /* another base: not of this one */
        image(&m, 0x030A, 100, 0x500000, 0, 0x6000, "lib.dll");
        rsds(&m, 200, 0x600000, 50, 9, "third.pdb"); /* another process */
        image(&m, 0x030A, 100, 0x600000, 0, 0x7000, "third.dll");
        rsds(&m, 100, 0x700000, 60, 9, "late.pdb"); /* another time */
        m.time += 1000;
        image(&m, 0x030A, 100, 0x700000, 0, 0x8000, "late.dll");
        use(&m, 100, 0x10, 0x400000);
        use(&m, 100, 0x14, 0x500000);
        use(&m, 100, 0x18, 0x600000);
        use(&m, 100, 0x1C, 0x700000);
        maker_read(&m, &g);
        const struct ledger_image *app = used(&g, 100, 0x10);
        assert_true(app->identified);
        assert_int_equal(app->age, 7);
        assert_int_equal(app->guid[0], 1);
        assert_int_equal(app->guid[15], 16);
        assert_string_equal(ledger_name(g.ledger, app->pdb), "app.pdb");
        assert_string_equal(ledger_name(g.ledger, app->name), "app.exe");
        assert_int_equal(app->timestamp, 0x5000);
        assert_int_equal(app->checksum, 0x77);
        assert_int_equal(app->size, 0x10000);
        for (uint32_t handle = 0x14; handle <= 0x1C; handle += 4) {
            assert_false(used(&g, 100, handle)->identified);
            assert_int_equal(used(&g, 100, handle)->timestamp, 0x6000 + (handle - 0x14) / 4 * 0x1000);
        }
        gather_free(&g);
    }
}

/* The inventory at the beginning tells no time stamp, that at the end does. */
static void the_end_tells_more(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        begin(&m, form);
        image(&m, 0x1403, 100, 0x400000, 0, 0, "app.exe");
        image(&m, 0x1403, 200, 0x400000, 0, 0, "app.exe");
        image(&m, 0x1403, 300, 0x400000, 0, 0, "twice.exe");
        image(&m, 0x1403, 400, 0x400000, 0, 0, "twice.exe");
        use(&m, 100, 0x10, 0x400000);
        use(&m, 200, 0x10, 0x400000);
        use(&m, 300, 0x10, 0x400000);
        rsds(&m, 100, 0x400000, 1, 7, "app.pdb");
        image(&m, 0x1404, 100, 0x400000, 0x77, 0x5000, "app.exe");
        image(&m, 0x1404, 200, 0x400000, 0x77, 0x5000, "app.exe");
        image(&m, 0x1404, 300, 0x400000, 0x77, 0x5000, "twice.exe");
        image(&m, 0x1404, 400, 0x400000, 0x77, 0x5001, "twice.exe"); /* rebuilt between their starts */
        maker_read(&m, &g);
        const struct ledger_image *app = used(&g, 100, 0x10);
        assert_ptr_equal(app, used(&g, 200, 0x10));
        assert_int_equal(app->timestamp, 0x5000);
        assert_int_equal(app->checksum, 0x77);
        assert_true(app->identified);
        assert_string_equal(ledger_name(g.ledger, app->pdb), "app.pdb");
        assert_false(app->ambiguous);
        assert_true(used(&g, 300, 0x10)->ambiguous);
        gather_free(&g);
    }
}

/* Builds of one file that are told apart stay apart, whichever field differs. */
static void builds_stay_apart(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    begin(&m, 3);
    for (uint32_t i = 0; i < 6; i++) {
        if (i)
            rsds(&m, 100 + i, 0x400000, i == 2 ? 2 : 1, i == 3 ? 8 : 7, i == 4 ? "b.pdb" : "a.pdb");
        image(&m, 0x030A, 100 + i, 0x400000, 0x77, 0x5000, "app.exe");
        use(&m, 100 + i, 0x10, 0x400000);
    }
    maker_read(&m, &g);
    for (uint32_t i = 0; i < 5; i++)
        for (uint32_t k = 0; k < i; k++)
            assert_ptr_not_equal(used(&g, 100 + i, 0x10), used(&g, 100 + k, 0x10));
    assert_ptr_equal(used(&g, 101, 0x10), used(&g, 105, 0x10));
    gather_free(&g);
}

/* Every payload that is cut short is no identity, and no reason to stop. */
static void short_payloads(void **state)
{
    (void)state;
    struct maker m;
    struct gather g;
    for (size_t cut = 0; cut < 40; cut++) {
        begin(&m, cut % 2 ? 2 : 3);
        size_t whole = m.ps + 24;
        struct etlb_payload p = {.size = 0};
        etlb_put(&p, 0x400000, m.ps);
        etlb_put(&p, 100, 4);
        for (unsigned i = 0; i < 16; i++)
            etlb_put(&p, i + 1, 1);
        etlb_put(&p, 7, 4);
        etlb_put_ascii(&p, "abc.pdb");
        p.size = cut < p.size ? cut : p.size;
        put_class(&m, 36, &p);
        image(&m, 0x030A, 100, 0x400000, 0x77, 0x5000, "app.exe");
        use(&m, 100, 0x10, 0x400000);
        maker_read(&m, &g);
        const struct ledger_image *app = used(&g, 100, 0x10);
        assert_int_equal(app->identified, cut >= whole);
        size_t name = cut > whole ? cut - whole : 0;
        assert_int_equal(strlen(ledger_name(g.ledger, app->pdb)), name < 7 ? name : 7);
        gather_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_of_the_next_image),
        cmocka_unit_test(the_end_tells_more),
        cmocka_unit_test(builds_stay_apart),
        cmocka_unit_test(short_payloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
