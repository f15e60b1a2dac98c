/* Options: what is accepted, what is refused, and what patterns mean. */
#include "unit/test.h"

#include "core/report/report_options.h"

static void accepted(void **state)
{
    (void)state;
    struct report_options o = {0};
    struct err err = {0};
    static const char *const pairs[][2] = {{"--type", "Event"},
                                           {"--type", "!File"},
                                           {"--process", "app.exe"},
                                           {"--handle", "0x1A4"},
                                           {"--handle", "420"},
                                           {"--since", "1.5"},
                                           {"--until", "-2e1"},
                                           {"--max-duration", "3"},
                                           {"--top", "7"},
                                           {"--format", "json"},
                                           {"--totals", "process"},
                                           {"-o", "x.html"},
                                           {"--handle", "!010"},
                                           {"--inherited", NULL},
                                           {"--leaks", NULL},
                                           {"--stack", "a b"},
                                           {"--object", "0xFFFFE00112345678"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_int_equal(report_option_arity(pairs[i][0], OPTION_OF_REPORT), pairs[i][1] ? 1 : 0);
        assert_true(report_option_set(&o, pairs[i][0], pairs[i][1], &err));
    }
    assert_int_equal(o.filter.types.count, 2);
    assert_false(o.filter.types.list[0].not_it);
    assert_true(o.filter.types.list[1].not_it);
    assert_string_equal(o.filter.types.list[1].text, "File");
    assert_int_equal(o.filter.handles.list[0].value, 0x1A4);
    assert_int_equal(o.filter.handles.list[1].value, 420);
    assert_int_equal(o.filter.handles.list[2].value, 10);
    assert_true(o.filter.handles.list[2].not_it);
    assert_true(o.filter.objects.list[0].value == 0xFFFFE00112345678u);
    assert_false(o.filter.objects.list[0].not_it);
    assert_true(o.filter.since == 1.5 && o.filter.has_since);
    assert_true(o.filter.until == -20.0 && o.filter.has_until);
    assert_true(o.filter.has_max);
    assert_false(o.filter.has_min);
    assert_int_equal(o.top, 7);
    assert_true(o.has_top);
    assert_int_equal(o.format, REPORT_JSON);
    assert_int_equal(o.totals, REPORT_TOTALS_PROCESS);
    assert_string_equal(o.output, "x.html");
    assert_true(o.filter.inherited && o.leaks && o.totals_asked);
    assert_int_equal(err.code, ERR_NONE);
}

static void refused(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"--handle", ""},     {"--handle", "x"},        {"--handle", "1x"},
        {"--handle", "-1"},   {"--since", "soon"},      {"--since", ""},
        {"--since", "nan"},   {"--until", "1e99"},      {"--top", "-1"},
        {"--top", "many"},    {"--format", "xml"},      {"--totals", "stack"},
        {"--handle", "0x1g"}, {"--max-duration", "1h"}, {"--handle", "!"},
        {"--handle", "0x"},   {"--handle", "1A4"},      {"--object", "0x10000000000000000"},
        {"-o", ""},           {"--baseline", ""}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct report_options o = {0};
        struct err err = {0};
        if (report_option_set(&o, pairs[i][0], pairs[i][1], &err))
            print_error("%s %s was accepted\n", pairs[i][0], pairs[i][1]);
        assert_int_equal(err.code, ERR_ARGUMENT);
    }
    assert_int_equal(report_option_arity("--json", OPTION_OF_REPORT), -1);
    assert_int_equal(report_option_arity("--json", OPTION_OF_DUMP), 0);
    assert_int_equal(report_option_arity("--leaks", OPTION_OF_DUMP), -1);
    assert_int_equal(report_option_arity("--nonsense", OPTION_OF_REPORT), -1);
    struct report_options o = {0};
    struct err err = {0};
    for (unsigned i = 0; i < FILTER_PATTERNS_MAX; i++)
        assert_true(report_option_set(&o, "--type", "x", &err));
    assert_false(report_option_set(&o, "--type", "x", &err));
    assert_int_equal(err.code, ERR_RANGE);
}

static void pass(void **state)
{
    (void)state;
    static const struct {
        const char *patterns[3];
        const char *text;
        bool pass;
    } rows[] = {
        {{NULL}, "anything", true},
        {{"event"}, "Event", true},
        {{"event"}, "Events", false},
        {{"Ev*"}, "Event", true},
        {{"Ev?nt"}, "Event", true},
        {{"Ev?nt"}, "Evnt", false},
        {{"!Event"}, "Event", false},
        {{"!Event"}, "File", true},
        {{"E*", "!Event"}, "Event", false},
        {{"E*", "!Event"}, "EtwConsumer", true},
        {{"E*", "!Event"}, "File", false},
        {{"File", "Event"}, "Event", true},
        {{"!a", "!b"}, "c", true},
        {{"!a", "!b"}, "b", false},
        {{"*"}, "", true},
        {{""}, "", true},
        {{""}, "x", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_options o = {0};
        struct err err = {0};
        for (int k = 0; k < 3 && rows[i].patterns[k]; k++)
            assert_true(report_option_set(&o, "--type", rows[i].patterns[k], &err));
        if (patterns_pass(&o.filter.types, rows[i].text) != rows[i].pass)
            print_error("row %u: %s\n", (unsigned)i, rows[i].text);
        assert_int_equal(patterns_pass(&o.filter.types, rows[i].text), rows[i].pass);
    }
    struct patterns p = {.list = {{"4711", false}}, .count = 1};
    assert_true(patterns_pass_process(&p, "a.exe", 4711));
    assert_false(patterns_pass_process(&p, "a.exe", 47110));
}

static void numbers_pass(void **state)
{
    (void)state;
    static const struct {
        const char *numbers[3];
        uint64_t value;
        bool pass;
    } rows[] = {{{NULL}, 7, true},      {{"7"}, 7, true},  {{"0x7"}, 8, false},      {{"7", "8"}, 8, true},
                {{"!7"}, 7, false},     {{"!7"}, 8, true}, {{"!7", "!8"}, 8, false}, {{"7", "8", "!8"}, 8, false},
                {{"7", "!8"}, 9, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_options o = {0};
        struct err err = {0};
        for (int k = 0; k < 3 && rows[i].numbers[k]; k++)
            assert_true(report_option_set(&o, "--handle", rows[i].numbers[k], &err));
        if (number_set_pass(&o.filter.handles, rows[i].value) != rows[i].pass)
            print_error("row %u\n", (unsigned)i);
        assert_int_equal(number_set_pass(&o.filter.handles, rows[i].value), rows[i].pass);
    }
}

static void ranges(void **state)
{
    (void)state;
    static const struct {
        const char *least;
        const char *least_is;
        const char *most;
        const char *most_is;
        bool ok;
    } rows[] = {{"--since", "1", "--until", "2", true},
                {"--since", "2", "--until", "2", true},
                {"--since", "2", "--until", "1", false},
                {"--min-duration", "0.5", "--max-duration", "0.4", false},
                {"--min-duration", "2", "--until", "1", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_options o = {0};
        struct err err = {0};
        assert_true(report_option_set(&o, rows[i].least, rows[i].least_is, &err));
        assert_true(report_options_check(&o, &err));
        assert_true(report_option_set(&o, rows[i].most, rows[i].most_is, &err));
        assert_int_equal(report_options_check(&o, &err), rows[i].ok);
        assert_int_equal(err.code, rows[i].ok ? ERR_NONE : ERR_ARGUMENT);
    }
}

static void help_lists_all(void **state)
{
    (void)state;
    const char *option = NULL;
    unsigned n = 0;
    while (report_option_help(OPTION_OF_REPORT, n, &option)) {
        assert_true(option[0] == '-');
        n++;
    }
    assert_int_equal(n, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(accepted), cmocka_unit_test(refused),
                                       cmocka_unit_test(pass),     cmocka_unit_test(numbers_pass),
                                       cmocka_unit_test(ranges),   cmocka_unit_test(help_lists_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
