/* What a recording comes to, in every form, and what the filters leave of it. */
#include "maker.h"
#include "unit/test.h"

#include "core/report/dump.h"
#include "core/report/report_write.h"

#include <stdio.h>

#define PATH "test_report.etl"

static const uint64_t kernel[] = {0xFFFFF80000000010u, 0};

/* A stack through the runtime: the program's frame is the third. */
static void opened_by(struct maker *m, uint32_t pid, uint64_t where)
{
    const uint64_t user[] = {0x7FF800000100, 0x7FF810000200, where, 0x140009000, 0};
    maker_stack(m, m->last, pid, m->tid, kernel);
    maker_stack(m, m->last, pid, m->tid, user);
}

static void images(struct maker *m, uint32_t pid)
{
    maker_image(m, 0x1403, pid, 0x140000000, 0x100000, "\\Device\\HarddiskVolume3\\app\\app.exe");
    maker_image(m, 0x1403, pid, 0x7FF800000000, 0x100000, "\\Device\\HarddiskVolume3\\Windows\\System32\\ntdll.dll");
    maker_image(m, 0x1403, pid, 0x7FF810000000, 0x100000,
                "\\Device\\HarddiskVolume3\\Windows\\System32\\KernelBase.dll");
    maker_image(m, 0x1403, pid, 0x7FF820000000, 0x1000, "\\x\\<b>&\"evil'\x01.dll");
}

static void build(const char *path)
{
    struct maker m;
    maker_begin(&m, 3, path);
    m.time = 11000000;
    maker_image(&m, 0x1403, 0, 0xFFFFF80000000000u, 0x100000, "\\SystemRoot\\system32\\ntoskrnl.exe");
    maker_process(&m, 0x0303, 100, 4, 0xA1, "app.exe");
    maker_process(&m, 0x0303, 200, 100, 0xA2, "=<script>.exe");
    images(&m, 100);
    images(&m, 200);
    for (uint32_t i = 0; i < 3; i++) { /* three leaks from one place */
        maker_create(&m, 100, 0x100 + 4 * i, 1 + i);
        opened_by(&m, 100, 0x140001234);
    }
    maker_create(&m, 100, 0x200, 0x10); /* closed after one second */
    opened_by(&m, 100, 0x140001234);
    m.time += 10000000;
    maker_mark(&m, "Save pressed: <b>&\x01\xC3\xA4");
    maker_close(&m, 100, 0x200, 0x10, "\\BaseNamedObjects\\short, \"quoted\"");
    opened_by(&m, 100, 0x140005678);
    maker_use_type(18);
    maker_create(&m, 100, 0x300, 0x20); /* from code that no module has */
    opened_by(&m, 100, 0x999000);
    maker_create(&m, 200, 0x10, 0x30);
    opened_by(&m, 200, 0x7FF820000010);
    maker_duplicate(&m, 100, 0x300, 200, 0x300, 0x20); /* inherited */
    opened_by(&m, 100, 0x140007777);
    maker_close(&m, 200, 0x40, 0x40, "before"); /* was there */
    maker_process(&m, 0x0301, 300, 4, 0xA3, "brief.exe");
    images(&m, 300);
    maker_create(&m, 300, 0x10, 0x50);
    opened_by(&m, 300, 0x140001234);
    maker_terminate(&m, 300);
    maker_close(&m, 300, 0x10, 0x50, "");
    maker_process(&m, 0x0302, 300, 4, 0xA3, "brief.exe");
    maker_list(&m, 100, 0x300, 0x20, "\\Device\\<named>\x1B[31m");
    maker_type(&m, 17, "Event");
    maker_type(&m, 18, "File");
    maker_mark(&m, "after all");
    maker_save(&m);
}

static const char *const path = PATH;
static const struct report_source source = {.files = &path, .file_count = 1};

static bool gather_text(void *ctx, const char *bytes, size_t size)
{
    struct text *t = ctx;
    text_add_n(t, bytes, size);
    return !t->failed;
}

/* The zone of the machine that runs the test is left out. */
static void drop_local(struct text *t)
{
    char *from = t->s ? strstr(t->s, "(local ") : NULL;
    char *to = from ? strchr(from, ')') : NULL;
    if (!to)
        return;
    memmove(from, to, strlen(to) + 1);
    t->len = strlen(t->s);
}

static void assert_golden(struct text *t, const char *name)
{
    char file[512];
    snprintf(file, sizeof file, "%s/%s", HR_GOLDEN, name);
    drop_local(t);
    if (getenv("HR_UPDATE_GOLDEN")) {
        FILE *f = fopen(file, "wb");
        assert_non_null(f);
        fwrite(text_str(t), 1, t->len, f);
        fclose(f);
        return;
    }
    FILE *f = fopen(file, "rb");
    assert_non_null(f);
    struct text expected = {0};
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) != 0;)
        text_add_n(&expected, piece, n);
    fclose(f);
    assert_string_equal(text_str(t), text_str(&expected));
    text_free(&expected);
}

static void write_as(const struct report_options *o, struct text *t)
{
    struct report *r = NULL;
    struct err err = {0};
    assert_true(report_read(&source, o, &r, &err));
    struct report_out out = {.write = gather_text, .ctx = t};
    assert_true(report_write(r, &out));
    report_free(r);
}

static void forms(void **state)
{
    (void)state;
    static const struct {
        struct report_options options;
        const char *golden;
    } rows[] = {
        {{.stacks = true}, "report.txt"},
        {{.leaks = true, .totals_asked = true, .totals = REPORT_TOTALS_PROCESS}, "leaks.txt"},
        {{.format = REPORT_JSON}, "report.json"},
        {{.format = REPORT_CSV}, "groups.csv"},
        {{.format = REPORT_CSV, .leaks = true}, "leaks.csv"},
        {{.format = REPORT_CSV, .totals_asked = true, .totals = REPORT_TOTALS_PROCESS}, "totals.csv"},
        {{.format = REPORT_HTML}, "report.html"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = {0};
        write_as(&rows[i].options, &t);
        assert_false(t.failed);
        assert_golden(&t, rows[i].golden);
        text_free(&t);
    }
}

static void html_is_escaped(void **state)
{
    (void)state;
    struct report_options o = {.format = REPORT_HTML};
    struct text t = {0};
    write_as(&o, &t);
    assert_null(strstr(text_str(&t), "<script>"));
    assert_null(strstr(text_str(&t), "<b>&"));
    assert_null(strstr(text_str(&t), "http:"));
    assert_non_null(strstr(text_str(&t), "&lt;script&gt;.exe"));
    assert_non_null(strstr(text_str(&t), "<polyline"));
    assert_true(text_is_utf8(t.s, t.len));
    assert_null(strstr(text_str(&t), "Leaked handles"));
    text_free(&t);
}

/* Each leaked handle by itself, if asked for; and what is left out is said. */
static void html_lists_leaks(void **state)
{
    (void)state;
    struct report_options o = {.format = REPORT_HTML, .leaks = true, .has_top = true, .top = 5};
    struct text t = {0};
    struct err err = {0};
    write_as(&o, &t);
    const char *list = strstr(text_str(&t), "<h2>Leaked handles</h2>");
    assert_non_null(list);
    assert_non_null(strstr(list, "<td>0x300<td>File<td>app.exe (100)"));
    assert_non_null(strstr(list, "\\Device\\&lt;named&gt;&#xFFFD;[31m"));
    assert_non_null(strstr(list, "<p>and 1 more\n<h2>Leaked at exit</h2>"));
    assert_null(strstr(list, "<named>"));
    text_clear(&t);
    assert_true(report_option_set(&o, "--stack", "app", &err));
    write_as(&o, &t);
    assert_null(strstr(text_str(&t), "<svg"));
    assert_non_null(strstr(text_str(&t), "There is no chart"));
    text_free(&t);
}

static void dump_forms(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        struct report_options o = {.json = json};
        struct text t = {0};
        struct report_out out = {.write = gather_text, .ctx = &t};
        struct err err = {0};
        bool damaged = true;
        assert_true(dump_write(&source, &o, &out, &damaged, &err));
        assert_false(damaged);
        assert_golden(&t, json ? "dump.json" : "dump.txt");
        text_free(&t);
    }
}

/* Whatever the filters leave: the sum holds, for all and for each row. */
static void assert_balanced(const struct life_counts *c)
{
    assert_int_equal(c->preexisting + c->created + c->duplicated - c->closed, c->open);
}

static void filters(void **state)
{
    (void)state;
    static const struct {
        const char *option[2];
        const char *value[2];
        uint64_t opened; /* created and duplicated */
        uint64_t leaked;
        uint64_t at_exit;
    } rows[] = {
        {{NULL}, {NULL}, 8, 6, 1},
        {{"--type"}, {"event"}, 4, 3, 0},
        {{"--type"}, {"!Event"}, 4, 3, 1},
        {{"--type"}, {"E*"}, 4, 3, 0},
        {{"--type"}, {"?ile"}, 4, 3, 1},
        {{"--process"}, {"app.exe"}, 5, 4, 0},
        {{"--process"}, {"100"}, 5, 4, 0},
        {{"--process"}, {"!app*"}, 3, 2, 1},
        {{"--process", "--process"}, {"app.exe", "300"}, 6, 4, 1},
        {{"--process", "--type"}, {"100", "File"}, 1, 1, 0},
        {{"--object-name"}, {"*short*"}, 1, 0, 0},
        {{"--object-name"}, {"*<named>*"}, 1, 1, 0},
        {{"--handle"}, {"0x104"}, 1, 1, 0},
        {{"--handle"}, {"0x10"}, 2, 1, 1},
        {{"--object"}, {"0xFFFFA000000020"}, 0, 0, 0},
        {{"--object"}, {"0xffffa00000000020"}, 2, 2, 0},
        {{"--since"}, {"1.5"}, 4, 3, 1},
        {{"--until"}, {"1.5"}, 4, 3, 0},
        {{"--min-duration"}, {"0.5"}, 7, 6, 0},
        {{"--max-duration"}, {"0.5"}, 1, 0, 1},
        {{"--max-duration"}, {"2"}, 2, 0, 1},
        {{"--stack"}, {"app.exe+0x1234"}, 5, 3, 1},
        {{"--stack"}, {"generated"}, 1, 1, 0},
        {{"--stack"}, {"!app.exe+0x1234"}, 3, 3, 0},
        {{"--inherited"}, {NULL}, 1, 1, 0},
        {{"--exit-closed"}, {NULL}, 1, 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_options o = {.leaks = true};
        struct report *r = NULL;
        struct err err = {0};
        for (int k = 0; k < 2 && rows[i].option[k]; k++)
            assert_true(report_option_set(&o, rows[i].option[k], rows[i].value[k], &err));
        for (int totals = 0; totals < 2; totals++) {
            o.totals = (enum report_totals)totals;
            assert_true(report_read(&source, &o, &r, &err));
            print_message("  %s %s\n", rows[i].option[0] ? rows[i].option[0] : "all",
                          rows[i].value[0] ? rows[i].value[0] : "");
            assert_int_equal(r->sum.created + r->sum.duplicated, rows[i].opened);
            assert_int_equal(r->sum.leaked, rows[i].leaked);
            assert_int_equal(r->leak_count, rows[i].leaked);
            assert_int_equal(r->sum.leaked_at_exit, rows[i].at_exit);
            assert_int_equal(r->exit_count, rows[i].at_exit);
            assert_balanced(&r->sum);
            struct life_counts sum = {0};
            for (uint32_t n = 0; n < r->total_count; n++) {
                assert_balanced(&r->totals[n].counts);
                life_counts_add(&sum, &r->totals[n].counts);
            }
            assert_int_equal(sum.open, r->sum.open);
            for (uint32_t n = 0; n < r->group_count; n++)
                assert_balanced(&r->groups[n].counts);
            report_free(r);
        }
    }
}

/* Who is named: not the runtime, but who called it. */
static void leading_frames(void **state)
{
    (void)state;
    struct report_options o = {0};
    struct report *r = NULL;
    struct err err = {0};
    assert_true(report_read(&source, &o, &r, &err));
    assert_string_equal(report_group_title(r, &r->groups[0]), "app.exe+0x1234");
    assert_int_equal(r->groups[0].counts.leaked, 3);
    assert_int_equal(r->groups[0].counts.created, 4);
    bool generated = false;
    for (uint32_t i = 0; i < r->group_count; i++)
        generated = generated || !strcmp(report_group_title(r, &r->groups[i]), "generated code 0x999000");
    assert_true(generated);
    assert_int_equal(report_leaked(r, "app.exe", "*"), 4);
    assert_int_equal(report_leaked(r, "*", "File"), 4);
    assert_int_equal(report_leaked(r, "300", "File"), 1);
    report_free(r);
}

/* Functions, where names are known: two places in one are one group. */
static bool name(void *ctx, const struct symbol_ask *ask, struct text *out)
{
    (void)ctx;
    if (!strstr(ask->path, "app.exe"))
        return false;
    text_addf(out, "Leak+0x%x", (unsigned)(ask->offset & 0xFFF));
    return true;
}

static void functions(void **state)
{
    (void)state;
    struct report_options o = {0};
    struct report *r = NULL;
    struct err err = {0};
    const struct symbolizer s = {.name = name};
    struct report_source named = source;
    named.symbolizer = &s;
    maker_use_type(17);
    assert_true(report_read(&named, &o, &r, &err));
    assert_string_equal(report_group_title(r, &r->groups[0]), "app.exe!Leak+0x234");
    for (uint32_t i = 0; i < r->group_count; i++)
        if (ledger_process(r->ledger, r->groups[i].process)->pid == 100)
            assert_true(r->groups[i].frame == r->groups[0].frame || r->groups[i].counts.leaked == 1);
    report_free(r);
}

/* One file that the trace tells with its time stamp and without: one place in the code. */
static void one_place_told_twice(void **state)
{
    (void)state;
    const char *two = "test_report_two.etl";
    const struct report_source of_two = {.files = &two, .file_count = 1};
    struct report_options o = {0};
    struct report *r = NULL;
    struct err err = {0};
    struct maker m;
    maker_begin(&m, 3, two);
    m.no_stacks = true;
    m.stamp = 0;
    images(&m, 100);
    m.stamp = 0x5000;
    maker_process(&m, 0x0301, 100, 4, 0xA1, "app.exe");
    maker_image(&m, 0x030A, 100, 0x150000000, 0x100000, "\\Device\\HarddiskVolume3\\app\\app.exe");
    maker_create(&m, 100, 0x10, 1);
    opened_by(&m, 100, 0x140001234);
    maker_create(&m, 100, 0x14, 2);
    opened_by(&m, 100, 0x150001234);
    maker_save(&m);
    assert_true(report_read(&of_two, &o, &r, &err));
    assert_int_equal(r->group_count, 1);
    assert_int_equal(r->groups[0].counts.leaked, 2);
    assert_string_equal(report_group_title(r, &r->groups[0]), "app.exe+0x1234");
    report_free(r);
    remove(two);
}

/* Handles that were open for so long, or until their process's end: all their events, and no other's. */
static void dump_of_lives(void **state)
{
    (void)state;
    static const struct {
        struct filter filter;
        unsigned lines;
        const char *has;
    } rows[] = {
        {{.has_min = true, .min_duration = 0.5, .has_max = true, .max_duration = 2}, 2, "\"handle\":512"},
        {{.exit_closed = true}, 2, "\"pid\":300"},
        {{.has_max = true, .max_duration = 0.5, .exit_closed = true}, 2, "\"pid\":300"},
        {{.has_min = true, .min_duration = 0.5, .exit_closed = true}, 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_options o = {.json = true, .filter = rows[i].filter};
        struct text t = {0};
        struct report_out out = {.write = gather_text, .ctx = &t};
        struct err err = {0};
        bool damaged = true;
        unsigned lines = 0;
        assert_true(dump_write(&source, &o, &out, &damaged, &err));
        for (const char *at = text_str(&t); *at; at = strchr(at, '\n') + 1) {
            bool mark = strncmp(strstr(at, "\"event\":"), "\"event\":\"mark\"", 14) == 0;
            const char *it = strstr(at, rows[i].has);
            lines += !mark;
            assert_true(mark || (it && it < strchr(at, '\n')));
        }
        assert_int_equal(lines, rows[i].lines);
        text_free(&t);
    }
}

/* What only a dump decides by the event itself. */
static void dump_of_events(void **state)
{
    (void)state;
    static const struct {
        struct filter filter;
        const char *events;
    } rows[] = {
        {{.has_since = false}, "create duplicate inherit close "},
        {{.inherited = true}, "inherit "},
        {{.has_until = true, .until = 0.3}, "create duplicate "},
        {{.has_since = true, .since = 0.3}, "inherit close "},
    };
    static const char *const other = "test_dump.etl";
    const struct report_source from = {.files = &other, .file_count = 1};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_options o = {.filter = rows[i].filter};
        struct text t = {0};
        struct text events = {0};
        struct report_out out = {.write = gather_text, .ctx = &t};
        struct err err = {0};
        bool damaged = true;
        struct maker m;
        maker_begin(&m, 3, other);
        m.time = 1000000;
        maker_create(&m, 100, 0x10, 1);
        maker_duplicate(&m, 100, 0x10, 200, 0x20, 1);
        m.time = 5000000;
        maker_duplicate(&m, 100, 0x10, 200, 0x10, 1);
        maker_close(&m, 100, 0x10, 1, "");
        maker_save(&m);
        assert_true(dump_write(&from, &o, &out, &damaged, &err));
        for (const char *at = text_str(&t); *at; at = strchr(at, '\n') + 1) {
            char event[16] = "";
            assert_int_equal(sscanf(at, "%*f %15s", event), 1);
            text_addf(&events, "%s ", event);
        }
        assert_string_equal(text_str(&events), rows[i].events);
        text_free(&events);
        text_free(&t);
    }
    remove(other);
}

static bool count_asked(void *ctx, const struct symbol_ask *ask, struct text *out)
{
    (void)out;
    *(unsigned *)ctx += 1;
    assert_null(strstr(ask->path, "ntdll"));
    return false;
}

/* Looking names up may take long: the frames that name a group are asked for before those that only a stack shows, and
 * what a filter leaves out is not asked for at all. */
static void few_names_are_asked_for(void **state)
{
    (void)state;
    unsigned asked = 0;
    const struct symbolizer s = {.ctx = &asked, .name = count_asked};
    struct report_source named = source;
    struct report_options o = {.filter = {.types = {.list = {{"NoSuchType", false}}, .count = 1}}};
    struct report *r = NULL;
    struct err err = {0};
    named.symbolizer = &s;
    struct text t = {0};
    struct report_out out = {.write = gather_text, .ctx = &t};
    bool damaged = true;
    assert_true(dump_write(&named, &o, &out, &damaged, &err));
    assert_int_equal(asked, 0);
    text_free(&t);
    o.filter.types.count = 0;
    assert_true(report_read(&named, &o, &r, &err));
    assert_in_range(asked, 2, 5);
    report_free(r);
}

static bool never(void *ctx, uint64_t done, uint64_t total)
{
    assert_true(done <= total);
    return *(int *)ctx > 0;
}

static void fails(void **state)
{
    (void)state;
    struct report_options o = {0};
    struct report *r = NULL;
    struct err err = {0};
    int left = 0;
    struct report_source s = source;
    s.go_on = never;
    s.go_on_ctx = &left;
    assert_true(report_read(&s, &o, &r, &err)); /* too short to ask */
    report_free(r);
    r = NULL;
    const char *missing = "no_such_file.etl";
    s.files = &missing;
    assert_false(report_read(&s, &o, &r, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_null(r);
}

static bool refuse(void *ctx, const char *bytes, size_t size)
{
    (void)ctx;
    (void)bytes;
    (void)size;
    return false;
}

/* Who writes is told which of the two it was. */
static void writing_fails(void **state)
{
    (void)state;
    struct report_options o = {0};
    for (int format = REPORT_TEXT; format <= REPORT_HTML; format++) {
        struct report *r = NULL;
        struct err err = {0};
        struct err short_err = {0};
        struct report_out refused = {.write = refuse};
        struct report_out short_out = {.write = refuse, .text = {.failed = true}};
        o.format = (enum report_format)format;
        assert_true(report_read(&source, &o, &r, &err));
        assert_false(report_write(r, &refused));
        assert_false(report_out_error(&refused, &err));
        assert_int_equal(err.code, ERR_OS);
        assert_false(report_write(r, &short_out));
        assert_false(report_out_error(&short_out, &short_err));
        assert_int_equal(short_err.code, ERR_NO_MEMORY);
        report_free(r);
    }
}

static int set_up(void **state)
{
    (void)state;
    build(PATH);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return remove(PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(html_lists_leaks),
        cmocka_unit_test(dump_forms),
        cmocka_unit_test(filters),
        cmocka_unit_test(leading_frames),
        cmocka_unit_test(functions),
        cmocka_unit_test(one_place_told_twice),
        cmocka_unit_test(dump_of_lives),
        cmocka_unit_test(dump_of_events),
        cmocka_unit_test(few_names_are_asked_for),
        cmocka_unit_test(fails),
        cmocka_unit_test(writing_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
