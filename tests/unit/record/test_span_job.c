/* Tests that a recording is measured on a thread of its own, that too little of one is not, and that nobody waits. */
#include "core/record/span_job.h"

#include "core/base/thread.h"
#include "core/etl/hooks.h"
#include "etl_builder.h"
#include "unit/test.h"

#include <stdatomic.h>
#include <stdio.h>

#define PATH "span_job.etl"
#define KEPT "span_job_kept.txt"

/* A handle made every 10 ms, for so many seconds. */
static void write_recording(int64_t seconds)
{
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    int64_t second = (int64_t)o.frequency;
    int64_t all = seconds * 100;
    etlb_begin(&b, &o);
    for (int64_t i = 0; i <= all; i++) {
        struct etlb_payload p = {.size = 0};
        etlb_put(&p, 0xFFFF800000001000, 8);
        etlb_put(&p, 0x44, 4);
        etlb_put(&p, 16, 2);
        etlb_put(&p, 0, 2);
        if (i % 40 == 0)
            etlb_buffer(&b, 0);
        etlb_system(&b, 8, HOOK_CREATE_HANDLE, 2, (struct etlb_ids){7, 8}, o.first_time + i * second / 100, p.bytes,
                    p.size);
    }
    etlb_finish(&b);
    etlb_save(&b, PATH, SIZE_MAX);
    etlb_free(&b);
}

static void count(void *ctx)
{
    atomic_fetch_add((atomic_int *)ctx, 1);
}

/* What a job made of the file; waits for its notice first, as the window does. */
static bool run_and_keep(const char *path, const char *keep, struct span_rates *out, struct err *not_kept)
{
    struct span_job *j = NULL;
    struct err err = {0};
    struct recorder_view v = {.stacks = PROFILE_STACK_CREATE};
    atomic_int done = 0;
    assert_true(span_job_start(path, &v, keep, count, &done, &j, &err));
    for (int i = 0; i < 2000 && !atomic_load(&done); i++)
        clock_sleep_ms(5);
    assert_int_equal(atomic_load(&done), 1);
    assert_true(span_job_is_done(j));
    bool ok = span_job_end(j, out, not_kept);
    assert_int_equal(atomic_load(&done), 1);
    return ok;
}

static bool run(const char *path, struct span_rates *out)
{
    return run_and_keep(path, "", out, NULL);
}

static void measures(void **state)
{
    (void)state;
    struct span_rates r;
    write_recording(20);
    assert_true(run(PATH, &r));
    assert_int_equal((int)(r.seconds + 0.5), 20);
    assert_true(r.tag_count > 0);
    assert_int_equal(r.tags[0].cost[SPAN_CREATE].events, 2001);
}

static void too_little(void **state)
{
    (void)state;
    struct span_rates r = {.seconds = 77};
    write_recording(5);
    assert_false(run(PATH, &r));
    assert_int_equal((int)r.seconds, 77);
    remove(PATH);
    assert_false(run(PATH, &r));
    assert_false(span_job_end(NULL, &r, NULL));
}

static void ended_early(void **state)
{
    (void)state;
    struct span_job *j = NULL;
    struct err err = {0};
    struct span_rates r;
    struct recorder_view v = {.tag_count = 0};
    atomic_int done = 0;
    write_recording(20);
    assert_true(span_job_start(PATH, &v, "", count, &done, &j, &err));
    span_job_end(j, &r, NULL);
    assert_int_equal(atomic_load(&done), 1);
    /* Nobody wants to be told. */
    assert_true(span_job_start(PATH, &v, "", NULL, NULL, &j, &err));
    span_job_end(j, &r, NULL);
    remove(PATH);
}

/* Both recorders keep it in one file, and a profile's cost is read from there. */
static void keeps(void **state)
{
    (void)state;
    struct span_rates r;
    struct span_rates kept;
    struct err why = {0};
    write_recording(20);
    remove(KEPT);
    assert_true(run_and_keep(PATH, KEPT, &r, &why));
    assert_int_equal(why.code, ERR_NONE);
    assert_true(span_rates_load(KEPT, &kept));
    assert_int_equal(kept.stacks, PROFILE_STACK_CREATE);
    assert_int_equal(kept.tags[0].cost[SPAN_CREATE].events, 2001);
    /* Too short to measure: what was kept stays. */
    write_recording(5);
    assert_false(run_and_keep(PATH, KEPT, &r, &why));
    assert_true(span_rates_load(KEPT, &kept));
    assert_int_equal(kept.tags[0].cost[SPAN_CREATE].events, 2001);
    /* Where it cannot be kept it is measured all the same. */
    write_recording(20);
    assert_true(run_and_keep(PATH, KEPT "/below a file/rates.txt", &r, &why));
    assert_int_not_equal(why.code, ERR_NONE);
    remove(KEPT);
    remove(PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures),
        cmocka_unit_test(too_little),
        cmocka_unit_test(ended_early),
        cmocka_unit_test(keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
