/* Which stop rule fires when, and the short forms of those that look at counts. */
#include "core/base/text.h"
#include "core/record/stop_rules.h"
#include "unit/test.h"

#define MB (1024ull * 1024)

static const struct snapshot_type types[] = {
    {.name = "Event", .open = 6000, .rate = {.known = true, .per_minute = 700.5}, .holders_known = true},
    {.name = "File", .open = 900, .rate = {.known = true, .per_minute = -20}, .holders_known = true},
    {.name = "Key", .open = 50, .rate = {.known = false, .per_minute = 9999}, .holders_known = true},
};
static const struct snapshot_holding holdings[] = {
    {.type = 0, .pid = 4711, .start = 7, .process = "App.exe", .open = 5000},
    {.type = 0, .pid = 12, .start = 3, .process = "other.exe", .open = 1000},
    {.type = 1, .pid = 4711, .start = 7, .process = "App.exe", .open = 800},
    {.type = 1, .pid = 4711, .start = 9, .process = "App.exe", .open = 100},
};
static const struct snapshot counts = {.available = true,
                                       .type_count = 3,
                                       .types = types,
                                       .holders_available = true,
                                       .holding_count = 4,
                                       .holdings = holdings};

static const struct stop_facts facts = {.recording_s = 600,
                                        .written_known = true,
                                        .written_bytes = 500 * MB,
                                        .disk_known = true,
                                        .disk_free = 5120 * MB - 1,
                                        .counts = &counts};

/* rule 0: none fires. */
static void fires(struct profile_stop rules, const struct stop_facts *f, unsigned rule, uint64_t limit, uint64_t value)
{
    struct stop_fired got = {.rule = 0};
    assert_int_equal(stop_rules_fire(&rules, f, &got), rule != 0);
    assert_int_equal(got.rule, rule);
    assert_int_equal(got.limit, limit);
    assert_int_equal(got.value, value);
}

static void time_size_and_disk(void **state)
{
    (void)state;
    fires((struct profile_stop){.after_s = 600}, &facts, PROFILE_RULE_AFTER, 600, 600);
    fires((struct profile_stop){.after_s = 601}, &facts, 0, 0, 0);
    fires((struct profile_stop){.at_mb = 500}, &facts, PROFILE_RULE_AT, 500 * MB, 500 * MB);
    fires((struct profile_stop){.at_mb = 501}, &facts, 0, 0, 0);
    fires((struct profile_stop){.disk_below_mb = 5 * 1024}, &facts, PROFILE_RULE_DISK, 5120 * MB, 5120 * MB - 1);
    fires((struct profile_stop){.disk_below_mb = 5 * 1024 - 1}, &facts, 0, 0, 0);
    fires((struct profile_stop){.after_s = 0}, &facts, 0, 0, 0);
}

static void what_is_not_known_stops_nothing(void **state)
{
    (void)state;
    const struct profile_stop all = {
        .after_s = 1, .at_mb = 1, .disk_below_mb = 1, .hold_count = 1, .grow_per_minute = 1};
    fires(all, &(struct stop_facts){.written_bytes = 9 * MB}, 0, 0, 0);
    struct snapshot blind = counts;
    blind.available = false;
    blind.holders_available = false;
    fires(all, &(struct stop_facts){.counts = &blind}, 0, 0, 0);
}

static struct profile_stop hold(const char *process, const char *type, uint32_t count)
{
    struct profile_stop r = {.hold_count = count};
    text_put(r.hold_process, sizeof r.hold_process, process);
    text_put(r.hold_type, sizeof r.hold_type, type);
    return r;
}

static void a_process_holds_more_than(void **state)
{
    (void)state;
    fires(hold("app.exe", "event", 4999), &facts, PROFILE_RULE_HOLD, 4999, 5000);
    fires(hold("app.exe", "Event", 5000), &facts, 0, 0, 0);
    fires(hold("4711", "Event", 4999), &facts, PROFILE_RULE_HOLD, 4999, 5000);
    fires(hold("471", "Event", 10), &facts, 0, 0, 0);
    fires(hold("oth*", "Event", 10), &facts, PROFILE_RULE_HOLD, 10, 1000);
    fires(hold("", "File", 100), &facts, PROFILE_RULE_HOLD, 100, 800);
    /* The types of one process together, but not those of another that had its number before. */
    fires(hold("app.exe", "", 5799), &facts, PROFILE_RULE_HOLD, 5799, 5800);
    fires(hold("*", "*", 5800), &facts, 0, 0, 0);
    fires(hold("app.exe", "Mutant", 1), &facts, 0, 0, 0);

    struct stop_fired got = {.rule = 0};
    struct profile_stop r = hold("app.exe", "event", 100);
    assert_true(stop_rules_fire(&r, &facts, &got));
    assert_string_equal(got.process, "App.exe");
    assert_string_equal(got.type, "Event");
    assert_int_equal(got.pid, 4711);
}

static struct profile_stop grow(const char *type, uint32_t per_minute)
{
    struct profile_stop r = {.grow_per_minute = per_minute};
    text_put(r.grow_type, sizeof r.grow_type, type);
    return r;
}

static void a_type_grows_faster_than(void **state)
{
    (void)state;
    fires(grow("Event", 700), &facts, PROFILE_RULE_GROW, 700, 700);
    fires(grow("Event", 701), &facts, 0, 0, 0);
    fires(grow("File", 1), &facts, 0, 0, 0);
    fires(grow("Key", 1), &facts, 0, 0, 0); /* its rate is not known yet */
    fires(grow("", 680), &facts, PROFILE_RULE_GROW, 680, 680);
}

static void what_fires_first_is_said(void **state)
{
    (void)state;
    struct profile_stop r = hold("app.exe", "Event", 1);
    r.after_s = 60;
    fires(r, &facts, PROFILE_RULE_AFTER, 60, 600);
    assert_true(stop_rules_any(&r));
    assert_true(stop_rules_need_counts(&r));
    r.hold_count = 0;
    assert_false(stop_rules_need_counts(&r));
    r.after_s = 0;
    assert_false(stop_rules_any(&r));
}

static void short_forms_are_read_and_printed(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *hold;
        const char *grow;
    } cases[] = {
        {"app.exe:Event>5000", "app.exe:Event>5000", ""}, {"4711:ALPC Port>1", "4711:ALPC Port>1", ""},
        {"a:b.exe:Event>5", "a:b.exe:Event>5", ""},       {"Event>5000", "*:Event>5000", ""},
        {"app.exe:>5000", "app.exe:*>5000", ""},          {"*:*>16777216", "*:*>16777216", ""},
        {"Event>500/min", "", "Event>500/min"},           {"*>500/min", "", "*>500/min"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct profile_stop r = {.after_s = 3};
        struct err err = {0};
        struct text printed_hold = {0};
        struct text printed_grow = {0};
        if (!stop_rules_parse(cases[i].in, &r, &err))
            fail_msg("%s: %s", cases[i].in, err.doing);
        stop_rules_print(&r, PROFILE_RULE_HOLD, &printed_hold);
        stop_rules_print(&r, PROFILE_RULE_GROW, &printed_grow);
        assert_string_equal(text_str(&printed_hold), cases[i].hold);
        assert_string_equal(text_str(&printed_grow), cases[i].grow);
        assert_int_equal(r.after_s, 3);
        text_free(&printed_hold);
        text_free(&printed_grow);
    }
}

static void broken_forms_change_nothing(void **state)
{
    (void)state;
    static const char *const broken[] = {"",
                                         "Event",
                                         ">5",
                                         "Event>",
                                         "Event>0",
                                         "Event>16777217",
                                         "Event>999999999",
                                         "Event>-1",
                                         "Event>5/hour",
                                         ":Event>5",
                                         "app.exe:Event>5/min",
                                         ">5/min",
                                         "Event>5 ",
                                         "0123456789012345678901234567890123456789012345678901234567890123>5"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct profile_stop r = hold("p", "t", 9);
        const struct profile_stop before = r;
        struct err err = {0};
        if (stop_rules_parse(broken[i], &r, &err))
            fail_msg("\"%s\" was taken", broken[i]);
        assert_int_equal(err.code, ERR_ARGUMENT);
        assert_memory_equal(&r, &before, sizeof r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_size_and_disk),          cmocka_unit_test(what_is_not_known_stops_nothing),
        cmocka_unit_test(a_process_holds_more_than),   cmocka_unit_test(a_type_grows_faster_than),
        cmocka_unit_test(what_fires_first_is_said),    cmocka_unit_test(short_forms_are_read_and_printed),
        cmocka_unit_test(broken_forms_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
