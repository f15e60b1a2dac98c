// What the lists show: numbers, words, order, and that rows stay where somebody looks at them.
#include "core/census/census.h"
#include "core/census/rows.h"
#include "core/profile/profile.h"
#include "fake_sys.h"
#include "unit/test.h"

#define SECOND UINT64_C(1000000000)
#define MINUS  "\xE2\x88\x92"
#define DASH   "\xE2\x80\x93"

static const struct rows_words *const words = &rows_words_english;

// Compares what `add` appended, and frees it.
#define assert_text(t, expected)                                                                                       \
    do {                                                                                                               \
        assert_string_equal(text_str(&(t)), expected);                                                                 \
        text_free(&(t));                                                                                               \
    } while (0)

struct world {
    struct fake_sys sys;
    struct census *census;
    uint64_t second;
    const struct snapshot *snap;
    struct rows types;
    struct rows procs;
};

static int set_up(void **state)
{
    static const char *const names[] = {"Event", "File", "Key", "Thread", "DxgkSharedResource", "DxgkSharedSyncObject"};
    struct world *w = calloc(1, sizeof *w);
    for (size_t i = 0; i < 6; i++)
        fake_add_type(&w->sys, names[i], 0, true);
    struct fake_process *a = fake_add_process(&w->sys, 200, 20, "a.exe");
    struct fake_process *b = fake_add_process(&w->sys, 300, 30, "b.exe");
    struct fake_process *c = fake_add_process(&w->sys, 400, 40, "");
    for (size_t i = 0; i < 6; i++) {
        a->held[i] = (uint32_t)(1000 * i + 100);
        b->held[i] = 50;
    }
    c->held[0] = 10;
    struct sys_backend backend = fake_backend(&w->sys);
    assert_true(census_create(&backend, &w->census, NULL));
    w->second = 100;
    rows_init(&w->types, false);
    rows_init(&w->procs, true);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    rows_free(&w->types);
    rows_free(&w->procs);
    snapshot_release(w->snap);
    census_destroy(w->census);
    free(w);
    return 0;
}

// Another second, shown in both lists; the processes are those of type 0. Returns whether types moved.
static bool show(struct world *w, bool held)
{
    bool moved = false;
    snapshot_release(w->snap);
    w->second++;
    w->snap = census_take(w->census, w->second * SECOND, w->second);
    assert_non_null(w->snap);
    assert_true(rows_update(&w->types, w->snap, SIZE_MAX, held, w->second * 1000, &moved));
    assert_true(rows_update(&w->procs, w->snap, 0, held, w->second * 1000, NULL));
    return moved;
}

static const char *name_at(const struct world *w, size_t row)
{
    return rows_type_at(&w->types, row)->name;
}

static void counts_have_separators(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } rows[] = {{0, "0"},          {999, "999"},           {1000, "1,000"},
                {48120, "48,120"}, {1234567, "1,234,567"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = {0};
        rows_add_count(&t, rows[i].n, words);
        assert_text(t, rows[i].text);
    }
    struct rows_words german = *words;
    german.thousands = ".";
    struct text t = {0};
    rows_add_count(&t, 1234567, &german);
    assert_text(t, "1.234.567");
}

static void changes_are_signed_and_zero_is_plain(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *text;
    } rows[] = {{0, "0"},
                {5, "+5"},
                {-5, MINUS "5"},
                {12345, "+12,345"},
                {-12345, MINUS "12,345"},
                {INT64_MIN, MINUS "9,223,372,036,854,775,808"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = {0};
        rows_add_change(&t, rows[i].n, words);
        assert_text(t, rows[i].text);
    }
}

static void rates_have_a_decimal_below_ten(void **state)
{
    (void)state;
    static const struct {
        bool known;
        double n;
        const char *text;
    } rows[] = {{false, 0, "..."},
                {true, 0, "0"},
                {true, 0.04, "0"},
                {true, -0.04, "0"},
                {true, 0.06, "+0.1"},
                {true, 9.94, "+9.9"},
                {true, 9.96, "+10"},
                {true, -4.25, MINUS "4.3"},
                {true, 120.4, "+120"},
                {true, -2310.6, MINUS "2,311"},
                {true, 1e30, "+9,000,000,000,000,000,000"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = {0};
        struct snapshot_rate r = {rows[i].known, rows[i].n};
        rows_add_rate(&t, &r, words);
        assert_text(t, rows[i].text);
    }
}

static void patterns_take_their_arguments(void **state)
{
    (void)state;
    const char *args[] = {"a", "b%1"};
    struct text t = {0};
    rows_add_pattern(&t, "%2 and %1, 100 % of %3%", args, 2);
    assert_text(t, "b%1 and a, 100 % of %3%");
}

static void the_greatest_change_stands_first(void **state)
{
    struct world *w = *state;
    show(w, false);
    // No change yet: most open handles first.
    assert_string_equal(name_at(w, 0), "DxgkSharedSyncObject");
    assert_string_equal(name_at(w, 5), "Event");
    w->second += 5;
    w->sys.process[0].held[2] += 30;
    w->sys.process[0].held[0] += 20;
    w->sys.process[0].held[1] -= 20;
    assert_true(show(w, false));
    assert_string_equal(name_at(w, 0), "Key");
    assert_string_equal(name_at(w, 1), "Event");
    assert_string_equal(name_at(w, 5), "File");
}

static void order_waits_three_seconds_and_values_do_not(void **state)
{
    struct world *w = *state;
    show(w, false);
    w->sys.process[0].held[0] += 500;
    assert_false(show(w, false));
    assert_string_equal(name_at(w, 5), "Event");
    assert_int_equal(rows_type_at(&w->types, 5)->change, 500);
    assert_false(show(w, false));
    assert_true(show(w, false));
    assert_string_equal(name_at(w, 0), "Event");
}

static void order_waits_while_the_list_is_held(void **state)
{
    struct world *w = *state;
    show(w, false);
    w->sys.process[0].held[0] += 500;
    for (int i = 0; i < 20; i++)
        assert_false(show(w, true));
    assert_string_equal(name_at(w, 5), "Event");
    assert_true(show(w, false));
    assert_string_equal(name_at(w, 0), "Event");
}

static void selection_follows_the_row(void **state)
{
    struct world *w = *state;
    show(w, false);
    rows_select(&w->types, 5);
    assert_int_equal(rows_selected(&w->types), 5);
    w->second += 5;
    w->sys.process[0].held[0] += 500;
    show(w, false);
    assert_int_equal(rows_selected(&w->types), 0);
    assert_string_equal(name_at(w, rows_selected(&w->types)), "Event");
    rows_select(&w->types, SIZE_MAX);
    assert_true(rows_selected(&w->types) == SIZE_MAX);
}

static void selected_process_is_pid_and_start(void **state)
{
    struct world *w = *state;
    show(w, false);
    rows_select(&w->procs, 0);
    assert_int_equal(rows_holding_at(&w->procs, 0)->pid, 200);
    fake_remove_process(&w->sys, 200);
    show(w, false);
    assert_true(rows_selected(&w->procs) == SIZE_MAX);
    // Another process with its number is not the one that was selected.
    fake_add_process(&w->sys, 200, 77, "new.exe")->held[0] = 5;
    show(w, false);
    assert_true(rows_selected(&w->procs) == SIZE_MAX);
    assert_int_equal(w->procs.count, 3);
}

static void new_rows_come_last_until_the_next_order(void **state)
{
    struct world *w = *state;
    show(w, false);
    fake_add_process(&w->sys, 500, 50, "new.exe")->held[0] = 90000;
    show(w, true);
    assert_int_equal(w->procs.count, 4);
    assert_int_equal(rows_holding_at(&w->procs, 3)->pid, 500);
    w->second += 3;
    show(w, false);
    assert_int_equal(rows_holding_at(&w->procs, 0)->pid, 500);
}

static void sorts_by_any_column_and_back(void **state)
{
    struct world *w = *state;
    show(w, false);
    rows_sort_by(&w->types, TYPE_COLUMN_NAME, 0);
    assert_string_equal(name_at(w, 0), "DxgkSharedResource");
    assert_string_equal(name_at(w, 5), "Thread");
    rows_sort_by(&w->types, TYPE_COLUMN_NAME, 0);
    assert_string_equal(name_at(w, 0), "Thread");
    rows_sort_by(&w->types, TYPE_COLUMN_OPEN, 0);
    assert_string_equal(name_at(w, 0), "DxgkSharedSyncObject");
    rows_sort_by(&w->types, TYPE_COLUMN_OPEN, 0);
    assert_string_equal(name_at(w, 0), "Event");
    uint32_t tags[] = {profile_tag("Key")};
    w->types.filter = (struct rows_filter){.tag_count = 1, .tags = tags};
    rows_sort_by(&w->types, TYPE_COLUMN_RECORDED, 0);
    assert_string_equal(name_at(w, 0), "Key");
    rows_sort_by(&w->procs, PROCESS_COLUMN_PID, 0);
    assert_int_equal(rows_holding_at(&w->procs, 0)->pid, 200);
    rows_sort_by(&w->procs, PROCESS_COLUMN_PID, 0);
    assert_int_equal(rows_holding_at(&w->procs, 0)->pid, 400);
    // A process without a name goes last either way.
    rows_sort_by(&w->procs, PROCESS_COLUMN_NAME, 0);
    assert_int_equal(rows_holding_at(&w->procs, 2)->pid, 400);
    rows_sort_by(&w->procs, PROCESS_COLUMN_NAME, 0);
    assert_int_equal(rows_holding_at(&w->procs, 2)->pid, 400);
}

static void every_cell_has_its_text(void **state)
{
    struct world *w = *state;
    show(w, false);
    w->sys.process[0].held[0] += 5000;
    for (int i = 0; i < 12; i++)
        show(w, false);
    w->sys.process[0].held[0] -= 100;
    show(w, false);
    assert_string_equal(name_at(w, 0), "Event");
    uint32_t tags[] = {profile_tag("Event"), profile_tag("Dxgk")};
    w->types.filter = (struct rows_filter){.tag_count = 2, .tags = tags};
    static const char *const event[TYPE_COLUMN_COUNT] = {"Event", "5,060", "+4,900", "5,160",
                                                         NULL,    "Yes",   "rising", "a.exe"};
    for (int i = 0; i < TYPE_COLUMN_COUNT; i++) {
        struct text t = {0};
        rows_add_cell(&t, &w->types, 0, i, words);
        if (event[i])
            assert_string_equal(text_str(&t), event[i]);
        text_free(&t);
    }
    size_t shared = rows_find(&w->types, (struct rows_id){4, 0});
    struct text t = {0};
    rows_add_cell(&t, &w->types, shared, TYPE_COLUMN_RECORDED, words);
    assert_text(t, "Yes (Dxgk)");
    size_t other = rows_find(&w->types, (struct rows_id){1, 0});
    rows_add_cell(&t, &w->types, other, TYPE_COLUMN_RECORDED, words);
    assert_text(t, "");
    w->types.filter = (struct rows_filter){.all = true};
    rows_add_cell(&t, &w->types, other, TYPE_COLUMN_RECORDED, words);
    assert_text(t, "All");
    size_t nameless = rows_find(&w->procs, (struct rows_id){400, 40});
    rows_add_cell(&t, &w->procs, nameless, PROCESS_COLUMN_NAME, words);
    assert_text(t, "Process 400");
    rows_add_cell(&t, &w->procs, nameless, PROCESS_COLUMN_PID, words);
    assert_text(t, "400");
}

static void unknown_is_a_dash_and_never_nothing(void **state)
{
    struct world *w = *state;
    w->sys.handles_fail = true;
    show(w, false);
    struct text t = {0};
    rows_add_cell(&t, &w->types, 0, TYPE_COLUMN_TOP, words);
    assert_text(t, DASH);
    rows_add_cell(&t, &w->types, 0, TYPE_COLUMN_HISTORY, words);
    assert_text(t, DASH);
    assert_int_equal(w->procs.count, 0);
}

static void what_the_trace_tells_stands_in_its_own_columns(void **state)
{
    struct world *w = *state;
    show(w, false);
    size_t event = rows_find(&w->types, (struct rows_id){0, 0});
    struct text t = {0};
    rows_add_cell(&t, &w->types, event, TYPE_COLUMN_CREATED, words);
    assert_text(t, DASH); // nothing is counted
    struct live_counts live = {0};
    live.types[7] = (struct live_type){"File", 1500, 20, 3};
    live.types[16] = (struct live_type){"Event", 12, 0, 4};
    w->types.live = &live;
    rows_add_cell(&t, &w->types, event, TYPE_COLUMN_CREATED, words);
    assert_text(t, "12");
    rows_add_cell(&t, &w->types, event, TYPE_COLUMN_CLOSED, words);
    assert_text(t, "0");
    rows_add_cell(&t, &w->types, event, TYPE_COLUMN_DUPLICATED, words);
    assert_text(t, "4");
    rows_add_cell(&t, &w->types, rows_find(&w->types, (struct rows_id){1, 0}), TYPE_COLUMN_CREATED, words);
    assert_text(t, "1,500");
    // Not named by the trace: not known, and last either way.
    size_t key = rows_find(&w->types, (struct rows_id){2, 0});
    rows_add_cell(&t, &w->types, key, TYPE_COLUMN_CREATED, words);
    assert_text(t, DASH);
    rows_sort_by(&w->types, TYPE_COLUMN_CREATED, 0);
    assert_string_equal(name_at(w, 0), "File");
    assert_string_equal(name_at(w, 1), "Event");
    rows_sort_by(&w->types, TYPE_COLUMN_CREATED, 0);
    assert_string_equal(name_at(w, 0), "Event");
    assert_string_equal(name_at(w, 1), "File");
    w->types.live = NULL;
}

static void suspects_are_named(void **state)
{
    struct world *w = *state;
    struct text t = {0};
    for (int i = 0; i < 60; i++) {
        w->sys.process[1].held[0] += 2;
        show(w, false);
    }
    assert_false(rows_add_bar(&t, w->snap, NULL, words));
    assert_text(t, "");
    for (int i = 0; i < 205; i++) {
        w->sys.process[1].held[0] += 2;
        w->sys.process[0].held[1] += 1;
        show(w, false);
    }
    size_t type = 99;
    assert_true(rows_add_bar(&t, w->snap, &type, words));
    assert_int_equal(type, 0);
    assert_text(t, "Event in b.exe grows 120 a minute, steadily for 4 minutes");
    size_t row = rows_find(&w->types, (struct rows_id){1, 0});
    assert_true(rows_is_suspect(&w->types, row));
    rows_add_reason(&t, &w->types, row, words);
    assert_text(t, "File in a.exe grows 60 a minute, steadily for 3 minutes");
    size_t calm = rows_find(&w->procs, (struct rows_id){200, 20});
    assert_false(rows_is_suspect(&w->procs, calm));
    rows_add_reason(&t, &w->procs, calm, words);
    assert_text(t, "");
    // Nobody in particular to blame: what grows is in no process's table.
    w->sys.process[1].held[0] = 50;
    w->sys.process[0].held[1] = 100;
    for (int i = 0; i < 205; i++) {
        w->sys.type[2].extra += 10;
        show(w, false);
    }
    assert_true(rows_add_bar(&t, w->snap, &type, words));
    assert_int_equal(type, 2);
    assert_text(t, "Key grows 600 a minute, steadily for 3 minutes");
}

static void the_chart_has_words(void **state)
{
    struct world *w = *state;
    struct text t = {0};
    show(w, false);
    rows_add_chart(&t, &w->snap->types[1], words);
    assert_text(t, "File, last 10 minutes: 1,150 to 1,150, " DASH);
    for (int i = 0; i < 30; i++) {
        w->sys.process[0].held[1] += 100;
        show(w, false);
    }
    rows_add_chart(&t, &w->snap->types[1], words);
    assert_text(t, "File, last 10 minutes: 1,150 to 4,150, rising");
    rows_add_chart(&t, &w->snap->types[2], words);
    assert_text(t, "Key, last 10 minutes: 2,150 to 2,150, level");
}

static void another_type_is_another_list(void **state)
{
    struct world *w = *state;
    show(w, false);
    rows_select(&w->procs, 2);
    assert_true(rows_update(&w->procs, w->snap, 1, true, w->second * 1000, NULL));
    assert_int_equal(w->procs.count, 2);
    assert_int_equal(rows_holding_at(&w->procs, 0)->pid, 200);
    assert_true(rows_selected(&w->procs) == SIZE_MAX);
    assert_true(rows_update(&w->procs, w->snap, SIZE_MAX, true, w->second * 1000, NULL));
    assert_int_equal(w->procs.count, 0);
    assert_true(rows_update(&w->procs, NULL, SIZE_MAX, true, w->second * 1000, NULL));
    assert_int_equal(w->procs.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_separators),
        cmocka_unit_test(changes_are_signed_and_zero_is_plain),
        cmocka_unit_test(rates_have_a_decimal_below_ten),
        cmocka_unit_test(patterns_take_their_arguments),
        cmocka_unit_test_setup_teardown(the_greatest_change_stands_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(order_waits_three_seconds_and_values_do_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(order_waits_while_the_list_is_held, set_up, tear_down),
        cmocka_unit_test_setup_teardown(selection_follows_the_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(selected_process_is_pid_and_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(new_rows_come_last_until_the_next_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sorts_by_any_column_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_cell_has_its_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_is_a_dash_and_never_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_trace_tells_stands_in_its_own_columns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(suspects_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_chart_has_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_type_is_another_list, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
