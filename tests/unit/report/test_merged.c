/* A merged file's report is that of its parts, in every form. */
#include "maker.h"
#include "unit/test.h"

#include "core/etl/merge.h"
#include "core/report/dump.h"
#include "core/report/report_write.h"

#include <stdio.h>

#define MERGED "test_merged_out.etl"

static const char *const parts[] = {"test_merged_ring.etl", "test_merged_companion.etl"};
static const char *const merged[] = {MERGED};

static void build(unsigned form)
{
    struct maker m;
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x10000;
    o.mode = 0x400;
    o.end_time = 0;
    maker_begin_with(&m, form, parts[0], &o);
    m.user = true;
    m.time = 20000000;
    for (unsigned i = 0; i < 20; i++) {
        maker_processor(&m, i % 3);
        maker_create(&m, 100, 0x10 + 4 * i, 1 + i);
        maker_duplicate(&m, 100, 0x10 + 4 * i, 200, 0x10 + 4 * i, 1 + i);
        if (i % 4 == 1)
            maker_close(&m, 100, 0x10 + 4 * i, 1 + i, "closed");
    }
    maker_mark(&m, "a mark");
    m.time = 30000100;
    maker_create(&m, 200, 0x200, 77); /* its twin is in the companion, 5 us before */
    maker_close(&m, 200, 0x300, 78, "gone");
    maker_save(&m);
    o.mode = 1;
    o.end_time = etlb_defaults().end_time;
    o.first_time += 5000;
    o.start_time += 5000;
    maker_begin_with(&m, form, parts[1], &o);
    maker_process(&m, 0x0303, 100, 4, 0xA1, "app.exe");
    maker_process(&m, 0x0303, 200, 100, 0xA2, "child.exe");
    maker_image(&m, 0x1403, 100, 0x400000, 0x100000, "\\Device\\HarddiskVolume3\\app\\app.exe");
    maker_image(&m, 0x1403, 0, m.ps == 8 ? 0xFFFFF80000000000u : 0x81000000u, 0x100000, "\\SystemRoot\\ntoskrnl.exe");
    m.time = 30000050;
    maker_create(&m, 200, 0x200, 77);
    m.time = 31000000;
    for (unsigned i = 0; i < 20; i++)
        if (i % 4 != 1 && i != 6)
            maker_list(&m, 100, 0x10 + 4 * i, 1 + i, i ? "" : "named");
    maker_list(&m, 200, 0x200, 77, "");
    maker_list(&m, 200, 0x400, 99, "was there");
    maker_type(&m, 17, "Event");
    maker_save(&m);
}

static bool gather_text(void *ctx, const char *bytes, size_t size)
{
    text_add_n(ctx, bytes, size);
    return true;
}

static void report_of(const char *const *files, unsigned count, enum report_format format, struct text *t)
{
    struct report_source source = {.files = files, .file_count = count};
    struct report_options o = {.format = format, .stacks = true};
    struct report *r = NULL;
    struct report_out out = {.write = gather_text, .ctx = t};
    struct err err = {0};
    bool ok = report_read(&source, &o, &r, &err);
    assert_string_equal(err.doing, "");
    assert_true(ok);
    assert_true(report_write(r, &out));
    report_free(r);
}

static void dump_of(const char *const *files, unsigned count, struct text *t)
{
    struct report_source source = {.files = files, .file_count = count};
    struct report_options o = {.json = true};
    struct report_out out = {.write = gather_text, .ctx = t};
    struct err err = {0};
    bool damaged = false;
    assert_true(dump_write(&source, &o, &out, &damaged, &err));
}

static void reads_identically(void **state)
{
    (void)state;
    static const struct merge_input inputs[] = {{"test_merged_ring.etl", false}, {"test_merged_companion.etl", false}};
    struct merge_options o = {.inputs = inputs, .input_count = 2, .output = MERGED, .replace = true};
    for (unsigned form = 0; form < MAKER_FORMS; form++) {
        struct merge_result result;
        struct err err = {0};
        build(form);
        assert_true(merge_files(&o, &result, &err));
        assert_int_equal(result.warnings, 0);
        for (unsigned format = REPORT_TEXT; format <= REPORT_HTML; format++) {
            struct text a = {0};
            struct text b = {0};
            report_of(parts, 2, (enum report_format)format, &a);
            report_of(merged, 1, (enum report_format)format, &b);
            assert_string_equal(text_str(&a), text_str(&b));
            if (format == REPORT_TEXT) {
                assert_non_null(strstr(text_str(&a), "The ring begins at"));
                assert_non_null(strstr(text_str(&a), "1 handles open at the end have no create in it"));
                assert_non_null(strstr(text_str(&a), "?  events lost"));
                assert_non_null(strstr(text_str(&a), "a mark"));
                assert_non_null(strstr(text_str(&a), "app.exe+0x1000"));
            }
            text_free(&a);
            text_free(&b);
        }
        struct text a = {0};
        struct text b = {0};
        dump_of(parts, 2, &a);
        dump_of(merged, 1, &b);
        assert_string_equal(text_str(&a), text_str(&b));
        text_free(&a);
        text_free(&b);
    }
    remove(parts[0]);
    remove(parts[1]);
    remove(MERGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_identically)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
