/* A disk that fails while files are merged or carried forward: an error, and everything as it was. */
#include "core/finish/carry.h"
#include "maker.h"
#include "unit/record/faulty_file.h"
#include "unit/test.h"

#include <stdio.h>

#define OUTPUT        "test_merge_faults_out.etl"
#define PART          OUTPUT MERGE_PART_SUFFIX
#define ENOSPC_NUMBER 28

static const char *const names[] = {"test_merge_faults_a.etl", "test_merge_faults_b.etl"};

static void build(void)
{
    for (unsigned f = 0; f < 2; f++) {
        struct maker m;
        maker_begin(&m, 3, names[f]);
        for (unsigned i = 0; i < 30; i++) {
            maker_processor(&m, i % 2);
            maker_create(&m, 100, 0x1000 * (f + 1) + 4 * i, 100 * f + i);
        }
        maker_save(&m);
    }
    FILE *f = fopen(OUTPUT, "wb");
    assert_non_null(f);
    fputs("before", f);
    fclose(f);
}

static bool run(bool carry, struct err *err)
{
    static const struct merge_input inputs[] = {{"test_merge_faults_a.etl", false}, {"test_merge_faults_b.etl", false}};
    if (carry) {
        struct carry_options o = {.inputs = inputs, .input_count = 2, .output = OUTPUT, .replace = true};
        struct carry_result r;
        return carry_forward(&o, &r, err);
    }
    struct merge_options o = {.inputs = inputs, .input_count = 2, .output = OUTPUT, .replace = true};
    struct merge_result r;
    return merge_files(&o, &r, err);
}

static size_t size_of(const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t n = 0;
    char piece[4096];
    if (!f)
        return 0;
    for (size_t got; (got = fread(piece, 1, sizeof piece, f)) != 0;)
        n += got;
    fclose(f);
    return n;
}

/* Each call of each operation fails once. */
static void each_call(bool carry)
{
    static const enum faulty_op ops[] = {FAULTY_OPEN,  FAULTY_CREATE, FAULTY_SIZE,  FAULTY_READ,
                                         FAULTY_WRITE, FAULTY_SYNC,   FAULTY_RENAME};
    unsigned calls[FAULTY_OP_COUNT];
    struct err err = {0};
    build();
    size_t inputs[] = {size_of(names[0]), size_of(names[1])};
    faulty_reset();
    assert_true(run(carry, &err));
    for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++)
        calls[ops[k]] = faulty_calls(ops[k]);
    for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++) {
        assert_true(calls[ops[k]] > 0);
        for (unsigned at = 1; at <= calls[ops[k]]; at++) {
            build();
            faulty_reset();
            faulty_fail(ops[k], at, false, false, ENOSPC_NUMBER);
            err = (struct err){0};
            bool ok = run(carry, &err);
            unsigned hits = faulty_hits();
            faulty_reset();
            assert_int_equal(size_of(names[0]), inputs[0]);
            assert_int_equal(size_of(names[1]), inputs[1]);
            assert_int_equal(size_of(PART), 0);
            /* A reader may do without some of what it asks; a writer does not. */
            if (ok && (ops[k] == FAULTY_READ || ops[k] == FAULTY_OPEN || ops[k] == FAULTY_SIZE))
                continue;
            assert_false(ok);
            assert_int_equal(hits, 1);
            assert_int_not_equal(err.code, ERR_NONE);
            assert_int_equal(size_of(OUTPUT), 6);
        }
    }
    remove(names[0]);
    remove(names[1]);
    remove(OUTPUT);
}

static void merging(void **state)
{
    (void)state;
    each_call(false);
}

static void carrying(void **state)
{
    (void)state;
    each_call(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(merging), cmocka_unit_test(carrying)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
