/* Reading and writing on the job's thread: progress, cancelling, handing over, leaving. */
#include "result_scene.h"
#include "unit/test.h"

#include "core/base/file.h"
#include "core/base/thread.h"
#include "core/report/report_write.h"
#include "core/report/result_job.h"

#include <stdio.h>

#define OUT "test_result_job.out"

static const char *const path = SCENE_PATH;
static atomic_int notices;

static void noticed(void *ctx)
{
    atomic_fetch_add((atomic_int *)ctx, 1);
}

static struct result_order order_of(const char *save_to)
{
    atomic_store(&notices, 0);
    return (struct result_order){
        .files = &path, .file_count = 1, .save_to = save_to, .notice = noticed, .ctx = &notices};
}

static struct result_job *begin(const struct result_order *order)
{
    struct result_job *j = NULL;
    struct err err = {0};
    assert_true(result_job_start(order, &j, &err));
    return j;
}

static struct result_job_view wait_end(struct result_job *j)
{
    struct result_job_view v = {0};
    for (int i = 0; i < 2000 && v.state == RESULT_JOB_RUNS; i++) {
        result_job_look(j, &v);
        clock_sleep_ms(5);
    }
    assert_int_not_equal(v.state, RESULT_JOB_RUNS);
    return v;
}

static void reads_and_hands_over_once(void **state)
{
    (void)state;
    scene_build_many(20000, 0);
    struct result_order order = order_of(NULL);
    struct result_job *j = begin(&order);
    struct result_job_view v = wait_end(j);
    assert_int_equal(v.state, RESULT_JOB_DONE);
    assert_true(v.total > 0);
    assert_in_range(v.done, 1, v.total);
    struct result_set *set = result_job_take(j);
    assert_non_null(set);
    assert_null(result_job_take(j));
    assert_int_equal(set->report->sum.leaked, 20000);
    result_job_close(j);
    assert_int_equal(atomic_load(&notices), 1);
    result_set_free(set);
    remove(SCENE_PATH);
}

static void says_why_it_failed(void **state)
{
    (void)state;
    remove(SCENE_PATH);
    struct result_order order = order_of(NULL);
    struct result_job *j = begin(&order);
    struct result_job_view v = wait_end(j);
    assert_int_equal(v.state, RESULT_JOB_FAILED);
    assert_int_equal(v.err.code, ERR_NOT_FOUND);
    assert_null(result_job_take(j));
    result_job_close(j);
}

static void can_be_cancelled(void **state)
{
    (void)state;
    scene_build_many(20000, 0);
    struct result_order order = order_of(NULL);
    struct result_job *j = begin(&order);
    result_job_cancel(j);
    struct result_job_view v = wait_end(j);
    assert_int_equal(v.state, RESULT_JOB_FAILED);
    assert_int_equal(v.err.code, ERR_CANCELLED);
    result_job_close(j);
    remove(SCENE_PATH);
}

/* Nothing is waited for and nothing is told any more. What the thread has is freed by the thread: sanitizers see it. */
static void can_be_left(void **state)
{
    (void)state;
    scene_build_many(20000, 0);
    for (int i = 0; i < 8; i++) {
        struct result_order order = order_of(NULL);
        struct result_job *j = begin(&order);
        clock_sleep_ms((uint32_t)i);
        result_job_close(j);
        int told = atomic_load(&notices);
        clock_sleep_ms(30);
        assert_int_equal(atomic_load(&notices), told);
    }
    result_job_close(NULL);
    clock_sleep_ms(100);
    remove(SCENE_PATH);
}

static bool gather_text(void *ctx, const char *bytes, size_t size)
{
    text_add_n(ctx, bytes, size);
    return true;
}

static void read_file(const char *name, struct text *out)
{
    char piece[4096];
    FILE *f = fopen(name, "rb");
    assert_non_null(f);
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) != 0;)
        text_add_n(out, piece, n);
    fclose(f);
}

static void writes_what_the_report_is(void **state)
{
    (void)state;
    static const enum report_format formats[] = {REPORT_TEXT, REPORT_CSV, REPORT_JSON, REPORT_HTML};
    scene_build();
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct result_order order = order_of(OUT);
        order.format = formats[i];
        struct result_job *j = begin(&order);
        assert_int_equal(wait_end(j).state, RESULT_JOB_DONE);
        result_job_close(j);
        struct report_options o = {.format = formats[i]};
        struct report *r = NULL;
        struct text expected = {0};
        struct text found = {0};
        struct report_out out = {.write = gather_text, .ctx = &expected};
        assert_true(report_read(&scene_source, &o, &r, NULL));
        assert_true(report_write(r, &out));
        report_free(r);
        read_file(OUT, &found);
        assert_string_equal(text_str(&found), text_str(&expected));
        text_free(&found);
        text_free(&expected);
    }
    assert_false(file_exists(OUT ".part"));
    remove(OUT);
    remove(SCENE_PATH);
}

static void a_cancelled_file_is_not_there(void **state)
{
    (void)state;
    scene_build_many(20000, 0);
    struct result_order order = order_of(OUT);
    struct result_job *j = begin(&order);
    result_job_close(j);
    assert_false(file_exists(OUT));
    assert_false(file_exists(OUT ".part"));
    order = order_of("no such folder/" OUT);
    j = begin(&order);
    struct result_job_view v = wait_end(j);
    assert_int_equal(v.state, RESULT_JOB_FAILED);
    assert_int_equal(v.err.code, ERR_NOT_FOUND);
    result_job_close(j);
    remove(SCENE_PATH);
}

static void the_recording_is_not_replaced(void **state)
{
    (void)state;
    struct text before = {0};
    struct text after = {0};
    scene_build();
    read_file(SCENE_PATH, &before);
    struct result_order order = order_of(SCENE_PATH);
    struct result_job *j = begin(&order);
    struct result_job_view v = wait_end(j);
    assert_int_equal(v.state, RESULT_JOB_FAILED);
    assert_int_equal(v.err.code, ERR_EXISTS);
    result_job_close(j);
    read_file(SCENE_PATH, &after);
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.s, before.s, before.len);
    text_free(&before);
    text_free(&after);
    remove(SCENE_PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_hands_over_once),
        cmocka_unit_test(says_why_it_failed),
        cmocka_unit_test(can_be_cancelled),
        cmocka_unit_test(can_be_left),
        cmocka_unit_test(writes_what_the_report_is),
        cmocka_unit_test(a_cancelled_file_is_not_there),
        cmocka_unit_test(the_recording_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
