/* What the results window says of its rows, word by word as it ships. */
#include "result_scene.h"
#include "unit/test.h"

#include "core/report/result_command.h"
#include "core/report/result_text.h"

#include <stdio.h>

#include "resource.h"

static const struct {
    unsigned id;
    const char *text;
} words[] = {
#define HR_TEXT(number, text) {number, text},
#include "results_en.inc"
#undef HR_TEXT
};

static const char *word(void *self, unsigned id)
{
    (void)self;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].id == id)
            return words[i].text;
    fail_msg("no text has the number %u", id);
    return "";
}

static void number(void *self, uint64_t n, char *out, size_t size)
{
    (void)self;
    snprintf(out, size, n < 1000 ? "%u" : "%u,%03u", (unsigned)(n < 1000 ? n : n / 1000), (unsigned)(n % 1000));
}

static const struct view_locale locale = {word, number, number, NULL};

/* What each test starts with, and what was said last. */
static struct scene s;
static struct text t;

static int set_up(void **state)
{
    (void)state;
    scene_open(&s);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    text_free(&t);
    scene_close(&s);
    return 0;
}

static void assert_text(const char *expected)
{
    assert_false(t.failed);
    assert_string_equal(text_str(&t), expected);
    text_clear(&t);
}

static void summaries(void **state)
{
    (void)state;
    struct life_counts *c = &s.set->report->sum;
    struct timeline_facts *f = &s.set->report->facts;
    result_add_summary(s.set, &locale, &t);
    assert_text("7 leaked, 0 uncertain, 0 events lost");
    c->leaked = 4812;
    c->uncertain = 31;
    f->events_lost = 1204;
    result_add_summary(s.set, &locale, &t);
    assert_text("4,812 leaked, 31 uncertain, 1,204 events lost");
    c->leaked_at_exit = 12;
    f->events_lost = 0;
    f->losses_known = false;
    result_add_summary(s.set, &locale, &t);
    assert_text("4,812 leaked, 12 closed only by exit, 31 uncertain, lost events not known");
    f->damaged = true;
    result_add_summary(s.set, &locale, &t);
    assert_text("4,812 leaked, 12 closed only by exit, 31 uncertain, lost events not known. The file is damaged or "
                "ends early.");
    f->damaged = false;
    s.set->merged = true;
    result_add_summary(s.set, &locale, &t);
    assert_text("4,812 leaked, 12 closed only by exit, 31 uncertain, lost events not known. Some names are "
                "shown as one.");
}

static void empty_lists_say_why(void **state)
{
    (void)state;
    scene_show(&s, &scene_by_default, "no such thing");
    result_add_empty(&s.tree, true, &locale, &t);
    assert_text("Nothing here matches the filter.");
    scene_show(&s, &scene_by_default, "");
    result_add_empty(&s.tree, false, &locale, &t);
    assert_text("");
    scene_close(&s);
    scene_build_many(0, 1);
    scene_open_within(&s, RESULT_GROUPS_MAX);
    scene_show(&s, &scene_by_default, "");
    result_add_empty(&s.tree, false, &locale, &t);
    assert_text("No leaks: 1 handles opened and closed.");
    scene_close(&s);
    scene_build_many(0, 0);
    scene_open_within(&s, RESULT_GROUPS_MAX);
    scene_show(&s, &scene_by_default, "");
    result_add_empty(&s.tree, false, &locale, &t);
    assert_text("No handle was opened in this recording.");
}

/* The digits of a clock depend on where the test runs. */
static void hide_clocks(void)
{
    for (char *p = t.s; p && p[0] && t.len > 11 && p < t.s + t.len - 11; p++)
        for (int i = 0; i < 8 && p[2] == ':' && p[5] == ':' && p[8] == '.'; i++)
            p[i] = "hh:mm:ss"[i];
}

static void rows_and_details(void **state)
{
    (void)state;
    static const struct {
        uint32_t row;
        const char *cells;
        const char *detail;
    } rows[] = {
        {0, "app.exe (100)|6|0|6|8|2|500 ms|", "app.exe (100): 6 leaked of 8 handles"},
        {2, "app.exe+0x1234|5|0|5|7|2|500 ms|", "app.exe (100) > Event > app.exe+0x1234: 5 leaked of 7 handles"},
        {3, "0x100  hh:mm:ss.000  \\BaseNamedObjects\\Evt7|1||||||",
         "Handle 0x100, created hh:mm:ss.000, thread 71, \\BaseNamedObjects\\Evt7"},
        {8, "0x204  hh:mm:ss.002  \\BaseNamedObjects\\Brief||||||1,000 ms|",
         "Handle 0x204, created hh:mm:ss.002, thread 71, closed hh:mm:ss.002, \\BaseNamedObjects\\Brief"},
        {9, "0x208  hh:mm:ss.003||||||300 \xC2\xB5s|",
         "Handle 0x208, created hh:mm:ss.003, thread 71, closed hh:mm:ss.003"},
    };
    struct result_view all = scene_by_default;
    all.only_leaks = false;
    scene_show(&s, &all, "");
    assert_true(result_tree_unfold(&s.tree, 2, true));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int cell = 0; cell < RESULT_CELL_COUNT; cell++) {
            result_add_cell(&s.tree, rows[i].row, (enum result_cell)cell, &locale, &t);
            text_add_char(&t, '|');
        }
        hide_clocks();
        assert_text(rows[i].cells);
        result_add_detail(&s.tree, rows[i].row, &locale, &t);
        hide_clocks();
        assert_text(rows[i].detail);
    }
}

static void every_level_has_its_words(void **state)
{
    (void)state;
    scene_show(&s, &scene_as_in_wpa, "brief");
    assert_true(result_tree_unfold_all(&s.tree));
    result_add_detail(&s.tree, 5, &locale, &t);
    assert_text("app.exe (100) > Event > \\BaseNamedObjects\\Brief > 1 to 10 s > app.exe+0x5678 > "
                "app.exe+0x1234: 0 leaked of 1 handles");
    scene_show(&s, &scene_as_in_wpa, "+0x2000");
    assert_true(result_tree_unfold_all(&s.tree));
    result_add_detail(&s.tree, 5, &locale, &t);
    assert_text("app.exe (100) > Event > (no name) > still open > (not closed) > app.exe+0x2000: 1 leaked of 1 "
                "handles");
}

#define OPENED(where) "ntoskrnl.exe+0x10\r\nntdll.dll+0x100\r\napp.exe+0x" where "\r\napp.exe+0x9000\r\n"

static void stacks(void **state)
{
    (void)state;
    struct result_view all = scene_by_default;
    all.only_leaks = false;
    scene_show(&s, &all, "");
    result_add_stacks(&s.tree, 0, &locale, &t);
    assert_text("Created by (5 of 6):\r\n" OPENED("1234"));
    result_add_stacks(&s.tree, 2, &locale, &t);
    assert_text("Created by:\r\n" OPENED("1234"));
    assert_true(result_tree_unfold(&s.tree, 2, true));
    result_add_copy(&s.tree, 8, &locale, &t);
    hide_clocks();
    assert_text("Handle 0x204, created hh:mm:ss.002, thread 71, closed hh:mm:ss.002, \\BaseNamedObjects\\Brief\r\n"
                "Created by:\r\n" OPENED("1234") "\r\nClosed by:\r\n" OPENED("5678"));
}

static void all_rows_can_be_copied(void **state)
{
    (void)state;
    scene_show(&s, &scene_by_default, "other");
    result_add_copy_all(&s.tree, &locale, &t);
    assert_text("Group\tLeaked\tAt exit\tOpen\tCreated\tClosed\tLifetime\r\n"
                "other.exe (200)\t1\t0\t1\t1\t0\t\r\n"
                "  File\t1\t0\t1\t1\t0\t\r\n"
                "    app.exe+0x3000\t1\t0\t1\t1\t0\t\r\n");
}

static void rows_that_stand_for_many(void **state)
{
    (void)state;
    scene_close(&s);
    scene_build_many(RESULT_LEAKS_OF_GROUP + 1234, 0);
    scene_open_within(&s, RESULT_GROUPS_MAX);
    scene_show(&s, &scene_by_default, "");
    assert_true(result_tree_unfold(&s.tree, 2, true));
    uint32_t last = s.tree.count - 1;
    result_add_cell(&s.tree, last, RESULT_CELL_GROUP, &locale, &t);
    assert_text("1,234 more handles");
    result_add_cell(&s.tree, last, RESULT_CELL_LEAKED, &locale, &t);
    assert_text("");
    result_add_detail(&s.tree, last, &locale, &t);
    assert_text("Only some handles of a row are kept one by one. The totals count all of them.");
    result_add_stacks(&s.tree, last, &locale, &t);
    assert_text("Created by:\r\n" OPENED("1234"));
}

static void lines_for_etwanalyzer(void **state)
{
    (void)state;
    scene_show(&s, &scene_by_default, "");
    result_add_etwanalyzer(&s.tree, 2, "C:\\my traces\\leak.etl", &t);
    assert_text("ETWAnalyzer -extract ObjectRef -fd \"C:\\my traces\\leak.etl\" -symserver ms\r\n"
                "ETWAnalyzer -dump ObjectRef -fd \"C:\\my traces\\Extract\\leak.json7z\" -pn app.exe -Leak "
                "-ShowStack\r\n");
    result_add_etwanalyzer(&s.tree, UINT32_MAX, "leak", &t);
    assert_text("ETWAnalyzer -extract ObjectRef -fd \"leak\" -symserver ms\r\n"
                "ETWAnalyzer -dump ObjectRef -fd \"Extract\\leak.json7z\" -Leak -ShowStack\r\n");
}

#define ON_SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SCENE(summaries),
        ON_SCENE(empty_lists_say_why),
        ON_SCENE(rows_and_details),
        ON_SCENE(every_level_has_its_words),
        ON_SCENE(stacks),
        ON_SCENE(all_rows_can_be_copied),
        ON_SCENE(rows_that_stand_for_many),
        ON_SCENE(lines_for_etwanalyzer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
