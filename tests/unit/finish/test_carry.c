/* Old segments may go: what they opened and did not close is told as before. */
#include "core/finish/carry.h"
#include "maker.h"
#include "unit/test.h"

#include "core/base/text.h"

#include <stdio.h>

#define SEGMENTS 5u
#define CARRIED  "test_carry_out.etl"

static const char *const segments[] = {"test_carry_0.etl", "test_carry_1.etl", "test_carry_2.etl", "test_carry_3.etl",
                                       "test_carry_4.etl"};

static int remove_all(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SEGMENTS; i++)
        remove(segments[i]);
    remove(CARRIED);
    remove(CARRIED MERGE_PART_SUFFIX);
    return 0;
}

static const uint64_t app = 0x400000;
static const uint64_t plugin = 0x10000000;

static uint64_t kernel_base(const struct maker *m)
{
    return m->ps == 8 ? 0xFFFFF80000000000u : 0x81000000u;
}

/* What a session tells when it begins: processes and modules that are there. */
static void rundown(struct maker *m, unsigned segment)
{
    maker_image(m, 0x1403, 0, kernel_base(m), 0x100000, "\\SystemRoot\\ntoskrnl.exe");
    maker_process(m, 0x0303, 100, 4, 0xA1, "app.exe");
    maker_image(m, 0x1403, 100, app, 0x100000, "\\Device\\HarddiskVolume3\\app\\app.exe");
    maker_process(m, 0x0303, 999, 4, 0xA9, "bystander.exe");
    maker_image(m, 0x1403, 999, app, 0x100000, "\\Device\\HarddiskVolume3\\x\\bystander.exe");
    if (segment)
        maker_image(m, 0x1403, 100, plugin, 0x10000, "\\Device\\HarddiskVolume3\\app\\second.dll");
}

static void begin(struct maker *m, unsigned form, unsigned segment)
{
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x10000;
    o.first_time += 10000000 * (int64_t)segment;
    o.start_time += 10000000 * (uint64_t)segment;
    o.end_time = o.start_time + 9000000;
    maker_begin_with(m, form, segments[segment], &o);
    m->time = o.first_time + 1000;
    m->no_stacks = true; /* each event gets its own here */
    m->stamp = 0;
    rundown(m, segment);
}

static void stack(struct maker *m, uint32_t pid, uint64_t where)
{
    const uint64_t kernel[] = {kernel_base(m) + 0x10, 0};
    const uint64_t user[] = {where, app + 0x9000, 0};
    maker_stack(m, m->last, pid, m->tid, kernel);
    maker_stack(m, m->last, pid, m->tid, user);
}

static void keyed(struct maker *m, uint32_t pid, uint64_t key)
{
    int64_t of = m->last;
    maker_key(m, false, of, pid, m->tid, key);
    maker_key(m, true, of, pid, m->tid, key + 1);
}

static void define(struct maker *m, uint64_t key, uint64_t where)
{
    const uint64_t kernel[] = {kernel_base(m) + 0x20, 0};
    const uint64_t user[] = {where, app + 0x8000, 0};
    maker_define(m, 0x1823, key, kernel);
    maker_define(m, 0x1823, key + 1, user);
}

/* Segment 0: leaks with stacks in full and by key, one through a plugin that is unloaded and another loaded in its
 * place, one duplicated by a helper that exits. */
static void first_segment(unsigned form)
{
    struct maker m;
    begin(&m, form, 0);
    maker_create(&m, 100, 0x10, 1);
    stack(&m, 100, app + 0x1234);
    maker_create(&m, 100, 0x14, 2); /* closed in this segment */
    stack(&m, 100, app + 0x1234);
    maker_close(&m, 100, 0x14, 2, "");
    maker_create(&m, 100, 0x18, 3); /* closed in segment 2 */
    stack(&m, 100, app + 0x2222);
    maker_image(&m, 0x030A, 100, plugin, 0x10000, "\\Device\\HarddiskVolume3\\app\\first.dll");
    maker_create(&m, 100, 0x1C, 4);
    stack(&m, 100, plugin + 0x100);
    maker_image(&m, 0x1402, 100, plugin, 0x10000, "\\Device\\HarddiskVolume3\\app\\first.dll");
    maker_image(&m, 0x030A, 100, plugin, 0x10000, "\\Device\\HarddiskVolume3\\app\\second.dll");
    maker_processor(&m, 1);
    maker_create(&m, 100, 0x20, 5);
    stack(&m, 100, plugin + 0x100);
    maker_create(&m, 100, 0x24, 6);
    keyed(&m, 100, 0x7000);
    maker_create(&m, 100, 0x28, 7); /* closed, with a key of its own */
    keyed(&m, 100, 0x7800);
    maker_close(&m, 100, 0x28, 7, "");
    define(&m, 0x7000, app + 0x4444);
    define(&m, 0x7800, app + 0x5555);
    maker_process(&m, 0x0301, 300, 100, 0xA3, "helper.exe");
    maker_image(&m, 0x030A, 300, app, 0x100000, "\\Device\\HarddiskVolume3\\app\\helper.exe");
    maker_duplicate(&m, 300, 0x44, 100, 0x2C, 8);
    stack(&m, 300, app + 0x3333);
    maker_process(&m, 0x0302, 300, 100, 0xA3, "helper.exe");
    maker_mark(&m, "early");
    maker_list(&m, 100, 0x10, 1, "");
    maker_list(&m, 100, 0x18, 3, "\\Named");
    maker_list(&m, 100, 0x1C, 4, "");
    maker_list(&m, 100, 0x20, 5, "");
    maker_list(&m, 100, 0x24, 6, "");
    maker_list(&m, 100, 0x2C, 8, "");
    maker_list(&m, 100, 0x80, 99, "was there");
    maker_type(&m, 17, "Event");
    maker_save(&m);
}

static void later_segments(unsigned form)
{
    struct maker m;
    begin(&m, form, 1);
    maker_processor(&m, 1);
    maker_process(&m, 0x0301, 300, 100, 0xB3, "other.exe"); /* the helper's pid is in use again */
    maker_create(&m, 300, 0x10, 20);
    stack(&m, 300, app + 0x1111);
    maker_create(&m, 100, 0x30, 9);
    keyed(&m, 100, 0x7000); /* the key means other frames now */
    define(&m, 0x7000, app + 0x6666);
    maker_type(&m, 17, "Event");
    maker_save(&m);
    begin(&m, form, 2);
    maker_close(&m, 100, 0x18, 3, "");
    maker_create(&m, 100, 0x18, 30); /* its value is in use again */
    stack(&m, 100, app + 0x2224);
    maker_type(&m, 17, "Event");
    maker_save(&m);
    begin(&m, form, 3);
    maker_process(&m, 0x0302, 300, 100, 0xB3, "other.exe");
    maker_type(&m, 17, "Event");
    maker_save(&m);
    begin(&m, form, 4);
    m.time += 1000000;
    maker_list(&m, 100, 0x10, 1, "");
    maker_list(&m, 100, 0x18, 30, "");
    maker_list(&m, 100, 0x1C, 4, "");
    maker_list(&m, 100, 0x20, 5, ""); /* 0x24 was closed between segments */
    maker_list(&m, 100, 0x2C, 8, "");
    maker_list(&m, 100, 0x30, 9, "");
    maker_type(&m, 17, "Event");
    maker_save(&m);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The leaks that these files tell, a line each; those at exit only when asked for. */
static void leaks(const char *const *files, unsigned count, bool at_exit, struct text *out)
{
    struct gather g;
    char *lines[GATHERED_MAX];
    size_t n = 0;
    gather_files(files, count, &g);
    for (size_t i = 0; i < g.count; i++) {
        const struct ledger_life *x = &g.lives[i].life;
        const struct ledger_process *p = ledger_process(g.ledger, x->process);
        const struct ledger_process *actor = ledger_process(g.ledger, x->actor);
        struct text line = {0};
        if (x->how == LEDGER_PREEXISTING || (x->end != LEDGER_OPEN && (!at_exit || x->end != LEDGER_AT_EXIT)))
            continue;
        text_addf(&line, "%u %s 0x%x %llx at %lld by %u %s thread %u how %u end %u%s type %s: %s\n", p->pid,
                  ledger_name(g.ledger, p->name), x->handle, (unsigned long long)x->object, (long long)x->opened,
                  actor->pid, ledger_name(g.ledger, actor->name), x->tid, x->how, x->end,
                  x->uncertain ? " uncertain" : "", ledger_type(g.ledger, x->type), gather_stack(&g, x->stack));
        lines[n++] = line.s;
    }
    gather_free(&g);
    if (n)
        qsort(lines, n, sizeof *lines, by_text);
    for (size_t i = 0; i < n; i++) {
        text_add(out, lines[i]);
        free(lines[i]);
    }
}

static struct carry_result carried(const char *const *files, unsigned count)
{
    struct merge_input inputs[SEGMENTS + 1];
    for (unsigned i = 0; i < count; i++)
        inputs[i] = (struct merge_input){.path = files[i]};
    struct carry_options o = {.inputs = inputs, .input_count = count, .output = CARRIED, .replace = true};
    struct carry_result r = {0};
    struct err err = {0};
    bool ok = carry_forward(&o, &r, &err);
    assert_string_equal(err.doing, "");
    assert_true(ok);
    assert_int_equal(r.warnings, 0);
    return r;
}

/* After each segment is gone the carried file and the rest tell the same leaks. */
static void same_leaks(void **state)
{
    (void)state;
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        struct text expected = {0};
        struct text expected_open = {0};
        first_segment(form);
        later_segments(form);
        leaks(segments, SEGMENTS, true, &expected);
        leaks(segments, SEGMENTS, false, &expected_open);
        assert_non_null(strstr(text_str(&expected), "first.dll+0x100"));
        assert_non_null(strstr(text_str(&expected), "second.dll+0x100"));
        assert_non_null(strstr(text_str(&expected), "app.exe+0x6666"));
        assert_null(strstr(text_str(&expected), "app.exe+0x4444"));
        assert_non_null(strstr(text_str(&expected), "300 other.exe 0x10"));
        assert_non_null(strstr(text_str(&expected), "by 300 helper.exe"));
        assert_non_null(strstr(text_str(&expected), "helper.exe+0x3333"));
        for (unsigned gone = 0; gone < SEGMENTS - 1; gone++) {
            const char *files[SEGMENTS + 1] = {segments[gone], CARRIED};
            struct text actual = {0};
            struct carry_result r = carried(files, gone ? 2 : 1);
            if (gone == 0)
                assert_int_equal(r.handles, 6);
            unsigned n = 1;
            files[0] = CARRIED;
            for (unsigned i = gone + 1; i < SEGMENTS; i++)
                files[n++] = segments[i];
            /* A process that ended in a segment that is gone has no handles to carry. */
            bool at_exit = gone < 3;
            leaks(files, n, at_exit, &actual);
            assert_string_equal(text_str(&actual), text_str(at_exit ? &expected : &expected_open));
            text_free(&actual);
        }
        text_free(&expected);
        text_free(&expected_open);
        remove_all(NULL);
    }
}

/* Carried at once or one after the other: the same events. */
static void at_once(void **state)
{
    (void)state;
    first_segment(3);
    later_segments(3);
    struct text step_by_step = {0};
    struct text at_once = {0};
    const char *const out[] = {CARRIED};
    carried(segments, 1);
    for (unsigned i = 1; i < SEGMENTS - 1; i++) {
        const char *const files[] = {CARRIED, segments[i]};
        carried(files, 2);
    }
    leaks(out, 1, true, &step_by_step);
    carried(segments, SEGMENTS - 1);
    leaks(out, 1, true, &at_once);
    assert_string_equal(text_str(&step_by_step), text_str(&at_once));
    text_free(&step_by_step);
    text_free(&at_once);
}

/* What is carried again and again does not grow. */
static void bounded(void **state)
{
    (void)state;
    uint64_t events[12];
    first_segment(3);
    carried(segments, 1);
    for (unsigned round = 0; round < 12; round++) {
        struct maker m;
        struct etl_verify_result v;
        struct err err = {0};
        begin(&m, 3, 1);
        for (unsigned i = 0; i < 50; i++) {
            maker_create(&m, 100, 0x1000 + 4 * i, 0x1000 + i);
            stack(&m, 100, app + (uint64_t)0x100 * i);
            maker_close(&m, 100, 0x1000 + 4 * i, 0x1000 + i, "");
        }
        uint32_t stamp = m.stamp;
        m.stamp = 0x5F000001; /* told at the end only */
        maker_image(&m, 0x1404, 100, app, 0x100000, "\\Device\\HarddiskVolume3\\app\\app.exe");
        m.stamp = stamp;
        maker_process(&m, 0x0304, 100, 4, 0xA1, "app.exe");
        maker_type(&m, 17, "Event");
        maker_save(&m);
        const char *const files[] = {CARRIED, segments[1]};
        struct carry_result r = carried(files, 2);
        assert_int_equal(r.handles, 6);
        assert_true(etl_verify(CARRIED, &v, &err));
        events[round] = v.events;
    }
    for (unsigned round = 1; round < 12; round++)
        assert_int_equal(events[round], events[0]);
}

static void nothing_open(void **state)
{
    (void)state;
    struct maker m;
    begin(&m, 3, 0);
    maker_create(&m, 100, 0x10, 1);
    maker_close(&m, 100, 0x10, 1, "");
    maker_save(&m);
    struct carry_result r = carried(segments, 1);
    assert_int_equal(r.handles, 0);
    begin(&m, 3, 1);
    maker_create(&m, 100, 0x10, 2);
    maker_save(&m);
    const char *const files[] = {CARRIED, segments[1]};
    struct text t = {0};
    leaks(files, 2, true, &t);
    assert_non_null(strstr(text_str(&t), "100 app.exe 0x10 ffffa00000000002"));
    text_free(&t);
}

static bool refuse(void *ctx, uint64_t done, uint64_t total)
{
    unsigned *left = ctx;
    assert_true(done <= total);
    return (*left)-- != 0;
}

static void fails_whole(void **state)
{
    (void)state;
    const struct merge_input input = {segments[0], false};
    struct carry_options o = {.inputs = &input, .input_count = 1, .output = CARRIED};
    struct carry_result r;
    struct err err = {0};
    assert_false(carry_forward(&o, &r, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    first_segment(3);
    carried(segments, 1);
    err = (struct err){0};
    assert_false(carry_forward(&o, &r, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    struct maker m;
    maker_begin(&m, 3, segments[0]);
    for (unsigned k = 0; k < 60; k++) {
        for (unsigned i = 0; i < 900; i++)
            maker_create(&m, 100, 0x1000 * k + 4 * i, 0x10000 * k + i);
        maker_processor(&m, 0);
    }
    maker_save(&m);
    o.replace = true;
    o.go_on = refuse;
    for (unsigned steps = 0; steps < 4; steps++) {
        unsigned left = steps;
        o.ctx = &left;
        err = (struct err){0};
        assert_false(carry_forward(&o, &r, &err));
        assert_int_equal(err.code, ERR_CANCELLED);
        assert_false(file_exists(CARRIED MERGE_PART_SUFFIX));
        assert_true(file_exists(CARRIED));
    }
    unsigned left = 1000;
    o.ctx = &left;
    err = (struct err){0};
    assert_true(carry_forward(&o, &r, &err));
    assert_int_equal(r.handles, 54000);
    assert_int_equal(r.stacks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(same_leaks, remove_all),  cmocka_unit_test_teardown(at_once, remove_all),
        cmocka_unit_test_teardown(bounded, remove_all),     cmocka_unit_test_teardown(nothing_open, remove_all),
        cmocka_unit_test_teardown(fails_whole, remove_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
