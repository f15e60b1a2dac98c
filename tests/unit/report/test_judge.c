/* Limits, baselines, and the JSON reader below them. */
#include "maker.h"
#include "unit/test.h"

#include "core/report/json_pull.h"
#include "core/report/judge.h"
#include "core/report/report_write.h"

#include <stdio.h>

static const char *const trace = "test_judge.etl";
static const char *const old_report = "test_judge.json";
static const struct report_source source = {.files = &trace, .file_count = 1};

static void build(unsigned events, unsigned files)
{
    struct maker m;
    maker_begin(&m, 3, trace);
    maker_process(&m, 0x0303, 100, 4, 0xA1, "app.exe");
    for (uint32_t i = 0; i < events; i++)
        maker_create(&m, 100, 0x100 + 4 * i, 1 + i);
    maker_use_type(18);
    for (uint32_t i = 0; i < files; i++)
        maker_create(&m, 100, 0x400 + 4 * i, 100 + i);
    maker_type(&m, 17, "Event");
    maker_type(&m, 18, "File");
    maker_save(&m);
}

static void put(const char *text)
{
    FILE *f = fopen(old_report, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static bool to_file(void *ctx, const char *bytes, size_t size)
{
    return fwrite(bytes, 1, size, ctx) == size;
}

static void limits(void **state)
{
    (void)state;
    static const struct {
        const char *limit;
        bool failed;
    } rows[] = {{"app.exe:Event>4", true}, {"app.exe:Event>5", false}, {"*:*>7", true},    {"*:*>8", false},
                {"100:File>2", true},      {"other.exe:*>0", false},   {"a*:F?le>2", true}};
    build(5, 3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_options o = {0};
        struct report *r = NULL;
        struct err err = {0};
        struct text lines = {0};
        bool failed = !rows[i].failed;
        assert_true(report_option_set(&o, "--fail-if", rows[i].limit, &err));
        assert_true(judge_check(&o, &err));
        assert_true(report_read(&source, &o, &r, &err));
        assert_true(judge_limits(r, &lines, &failed, &err));
        print_message("  %s: %s", rows[i].limit, lines.len ? text_str(&lines) : "\n");
        assert_int_equal(failed, rows[i].failed);
        assert_int_equal(lines.len != 0, rows[i].failed);
        text_free(&lines);
        report_free(r);
    }
    remove(trace);
}

static void wrong_limits(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",         "app.exe",    "app.exe>0",       "app.exe:Event",    "app.exe:Event>",
        ":Event>0", "app.exe:>0", "app.exe:Event>x", "app.exe:Event>1x", "app.exe:Event>-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct report_options o = {.fail_if = {.list = {{wrong[i], false}}, .count = 1}};
        struct err err = {0};
        assert_false(judge_check(&o, &err));
        assert_int_equal(err.code, ERR_ARGUMENT);
    }
    struct report_options o = {0};
    struct err err = {0};
    assert_true(report_option_set(&o, "--fail-if", "!app.exe:Event>0", &err));
    assert_false(judge_check(&o, &err));
    assert_int_equal(err.code, ERR_ARGUMENT);
}

/* A report compared with itself is fine; one more leak is not. */
static void baseline(void **state)
{
    (void)state;
    static const struct {
        unsigned events;
        unsigned files;
        bool failed;
    } rows[] = {{5, 3, false}, {4, 3, false}, {6, 3, true}, {0, 4, true}};
    build(5, 3);
    struct report_options o = {.format = REPORT_JSON, .baseline = old_report};
    struct report *r = NULL;
    struct err err = {0};
    assert_true(report_read(&source, &o, &r, &err));
    FILE *f = fopen(old_report, "wb");
    struct report_out out = {.write = to_file, .ctx = f};
    assert_true(report_write(r, &out));
    fclose(f);
    report_free(r);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text lines = {0};
        bool failed = !rows[i].failed;
        build(rows[i].events, rows[i].files);
        assert_true(report_read(&source, &o, &r, &err));
        assert_true(judge_baseline(r, &lines, &failed, &err));
        assert_int_equal(failed, rows[i].failed);
        text_free(&lines);
        report_free(r);
    }
    static const char *const wrong[] = {"",        "{", "[]", "{\"groups\": [{\"process\": \"a", "{\"groups\": 1}",
                                        "nonsense"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct text lines = {0};
        struct err e = {0};
        bool failed = false;
        put(wrong[i]);
        assert_true(report_read(&source, &o, &r, &e));
        if (judge_baseline(r, &lines, &failed, &e))
            print_error("accepted: %s\n", wrong[i]);
        assert_int_equal(e.code, ERR_FORMAT);
        text_free(&lines);
        report_free(r);
    }
    remove(old_report);
    remove(trace);
}

static void pull(void **state)
{
    (void)state;
    static const char json[] =
        " {\"a\" : [1, {\"x\": \"]}\"}, [ ], \"q\\\"\\u20ac\\n\"], \"skip\": {\"b\": [true, null]},"
        "\"n\": 18446744073709551615, \"s\": \"\\\\\" } ";
    struct json_pull j = {.at = json, .end = json + sizeof json - 1};
    struct text t = {0};
    uint64_t n = 0;
    assert_true(json_pull_enter(&j, '{'));
    assert_true(json_pull_key(&j));
    assert_string_equal(j.key, "a");
    assert_true(json_pull_enter(&j, '['));
    assert_true(json_pull_item(&j) && json_pull_u64(&j, &n));
    assert_int_equal(n, 1);
    assert_true(json_pull_item(&j));
    assert_false(json_pull_enter(&j, '['));
    assert_true(json_pull_item(&j));
    json_pull_skip(&j);
    assert_true(json_pull_item(&j) && json_pull_string(&j, &t));
    assert_string_equal(text_str(&t), "q\"\xE2\x82\xAC\n");
    assert_false(json_pull_item(&j));
    assert_true(json_pull_key(&j));
    json_pull_skip(&j);
    assert_true(json_pull_key(&j) && json_pull_u64(&j, &n));
    assert_true(n == UINT64_MAX);
    text_clear(&t);
    assert_true(json_pull_key(&j) && json_pull_string(&j, &t));
    assert_string_equal(text_str(&t), "\\");
    assert_false(json_pull_key(&j));
    assert_false(j.bad);
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(limits), cmocka_unit_test(wrong_limits),
                                       cmocka_unit_test(baseline), cmocka_unit_test(pull)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
