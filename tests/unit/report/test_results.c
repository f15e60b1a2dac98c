/* What the results window holds of a recording, and the rows it makes of that. */
#include "result_scene.h"
#include "unit/test.h"

#include "core/report/report_frames.h"
#include "core/report/report_write.h"

#include <stdio.h>

static const char *word_of(const struct scene *s, const struct result_row *row, char *room, size_t size)
{
    static const char *const lifetimes[RESULT_LIFETIME_COUNT] = {
        [RESULT_UNDER_1_MS] = "<1ms", [RESULT_UNDER_10_S] = "<10s", [RESULT_STILL_OPEN] = "open"};
    const struct report *r = s->set->report;
    const struct result_node *n = &s->tree.nodes[row->node];
    struct text t = {0};
    char type[REPORT_TYPE_ROOM];
    switch (s->tree.view.levels[n->level]) {
    case RESULT_PROCESS:
    case RESULT_CREATOR:
        report_add_process(r, n->value, &t);
        break;
    case RESULT_TYPE:
        text_add(&t, report_type_name(r, (uint16_t)n->value, type));
        break;
    case RESULT_NAME:
        text_add(&t, n->value == RESULT_OTHER_NAMES ? "(others)" : names_get(&s->set->names, n->value));
        break;
    case RESULT_LIFETIME:
        text_add(&t, lifetimes[n->value] ? lifetimes[n->value] : "?");
        break;
    default:
        text_add(&t, n->value == UINT32_MAX ? "none" : r->frames[n->value].text);
        break;
    }
    snprintf(room, size, "%s", text_str(&t));
    text_free(&t);
    return room;
}

/* "0+app.exe (100) 6/8" a line: depth, + folded, - unfolded, leaked and opened; "2.0x100", "2.more 3". */
static void draw(const struct scene *s, struct text *out)
{
    text_clear(out);
    for (uint32_t i = 0; i < s->tree.count; i++) {
        const struct result_row *row = &s->tree.rows[i];
        const struct result_node *n = &s->tree.nodes[row->node];
        char room[128];
        if (row->kind == RESULT_ROW_LIFE)
            text_addf(out, "%u.0x%x\n", row->depth, s->set->lives[row->life].handle);
        else if (row->kind == RESULT_ROW_MORE)
            text_addf(out, "%u.more %u\n", row->depth, (unsigned)row->more);
        else
            text_addf(out, "%u%c%s %u/%u\n", row->depth, n->unfolded ? '-' : '+', word_of(s, row, room, sizeof room),
                      (unsigned)n->counts.leaked, (unsigned)(n->counts.created + n->counts.duplicated));
    }
}

static void assert_rows(const struct scene *s, const char *expected)
{
    struct text t = {0};
    draw(s, &t);
    assert_string_equal(text_str(&t), expected);
    text_free(&t);
}

static void heaviest_path_is_unfolded(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_show(&s, &scene_by_default, "");
    assert_rows(&s, "0-app.exe (100) 6/8\n"
                    "1-Event 6/8\n"
                    "2+app.exe+0x1234 5/7\n"
                    "2+app.exe+0x2000 1/1\n"
                    "0+other.exe (200) 1/1\n");
    assert_int_equal(result_tree_heaviest(&s.tree), 2);
    assert_int_equal(result_tree_parent(&s.tree, 3), 1);
    assert_int_equal(result_tree_parent(&s.tree, 4), UINT32_MAX);
    scene_close(&s);
}

static void single_handles_lie_in_the_last_level(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_show(&s, &scene_by_default, "");
    assert_true(result_tree_can_unfold(&s.tree, 2));
    assert_true(result_tree_unfold(&s.tree, 2, true));
    assert_rows(&s, "0-app.exe (100) 6/8\n"
                    "1-Event 6/8\n"
                    "2-app.exe+0x1234 5/7\n"
                    "3.0x100\n3.0x104\n3.0x108\n3.0x10c\n3.0x110\n"
                    "2+app.exe+0x2000 1/1\n"
                    "0+other.exe (200) 1/1\n");
    assert_false(result_tree_can_unfold(&s.tree, 3));
    const struct result_life *life = &s.set->lives[s.tree.rows[3].life];
    const struct result_group *g = &s.set->groups[life->group];
    assert_string_equal(names_get(&s.set->names, g->name), "\\BaseNamedObjects\\Evt7");
    assert_true(result_life_leaked(life));
    assert_true(result_life_seconds(s.set, life) < 0);
    assert_true(result_tree_unfold(&s.tree, 0, false));
    assert_rows(&s, "0+app.exe (100) 6/8\n0+other.exe (200) 1/1\n");
    scene_close(&s);
}

static void all_unfolds(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_show(&s, &scene_by_default, "other");
    assert_true(result_tree_unfold_all(&s.tree));
    assert_rows(&s, "0-other.exe (200) 1/1\n1-File 1/1\n2-app.exe+0x3000 1/1\n3.0x10\n");
    scene_close(&s);
}

static void all_handles_not_only_leaks(void **state)
{
    (void)state;
    struct scene s;
    struct result_view all = scene_by_default;
    all.only_leaks = false;
    scene_open(&s);
    scene_show(&s, &all, "");
    assert_true(result_tree_unfold(&s.tree, 2, true));
    assert_rows(&s, "0-app.exe (100) 6/8\n"
                    "1-Event 6/8\n"
                    "2-app.exe+0x1234 5/7\n"
                    "3.0x100\n3.0x104\n3.0x108\n3.0x10c\n3.0x110\n3.0x204\n3.0x208\n"
                    "2+app.exe+0x2000 1/1\n"
                    "0+other.exe (200) 1/1\n");
    assert_int_equal(s.tree.matching, 9);
    scene_close(&s);
}

static void the_grouping_of_wpa(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_show(&s, &scene_as_in_wpa, "app.exe (100)");
    assert_true(result_tree_unfold_all(&s.tree));
    assert_rows(&s, "0-app.exe (100) 6/8\n"
                    "1-Event 6/8\n"
                    "2- 5/6\n"
                    "3-open 5/5\n"
                    "4-none 5/5\n"
                    "5-app.exe+0x1234 4/4\n"
                    "6.0x104\n6.0x108\n6.0x10c\n6.0x110\n"
                    "5-app.exe+0x2000 1/1\n"
                    "6.0x200\n"
                    "3-<1ms 0/1\n"
                    "4-app.exe+0x5678 0/1\n"
                    "5-app.exe+0x1234 0/1\n"
                    "6.0x208\n"
                    "2-\\BaseNamedObjects\\Evt7 1/1\n"
                    "3-open 1/1\n"
                    "4-none 1/1\n"
                    "5-app.exe+0x1234 1/1\n"
                    "6.0x100\n"
                    "2-\\BaseNamedObjects\\Brief 0/1\n"
                    "3-<10s 0/1\n"
                    "4-app.exe+0x5678 0/1\n"
                    "5-app.exe+0x1234 0/1\n"
                    "6.0x204\n");
    scene_close(&s);
}

static void any_order_of_any_columns(void **state)
{
    (void)state;
    static const struct result_view view = {
        .levels = {RESULT_CREATE_STACK, RESULT_PROCESS}, .level_count = 2, .only_leaks = true, .filter = ""};
    struct scene s;
    scene_open(&s);
    scene_show(&s, &view, "");
    assert_rows(&s, "0-app.exe+0x1234 5/7\n1+app.exe (100) 5/7\n0+app.exe+0x2000 1/1\n0+app.exe+0x3000 1/1\n");
    scene_close(&s);
}

static void filters_by_any_level(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        uint64_t matching;
    } rows[] = {
        {"", 9},      {"OTHER", 1},           {"(100)", 8},    {"fil", 1},     {"event", 8},
        {"evt7", 1},  {"brief", 1},           {"+0x2000", 1},  {"+0x5678", 2}, {"ntdll", 9},
        {"a*0x3", 1}, {"nothing like it", 0}, {"??Device", 0}, {"Named", 2},
    };
    struct scene s;
    scene_open(&s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        scene_show(&s, &scene_as_in_wpa, rows[i].filter);
        if (s.tree.matching != rows[i].matching)
            fail_msg("filter '%s': found %u, wanted %u", rows[i].filter, (unsigned)s.tree.matching,
                     (unsigned)rows[i].matching);
    }
    scene_close(&s);
}

static void what_is_unfolded_stays_so(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_show(&s, &scene_by_default, "");
    assert_true(result_tree_unfold(&s.tree, 4, true));
    uint64_t other = s.tree.rows[5].id;
    struct result_view all = scene_by_default;
    all.only_leaks = false;
    scene_show(&s, &all, "");
    assert_int_not_equal(result_tree_find(&s.tree, other), UINT32_MAX);
    scene_show(&s, &all, "app.exe (100)");
    assert_int_equal(result_tree_find(&s.tree, other), UINT32_MAX);
    scene_close(&s);
}

static void late_names_move_no_rows(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    scene_show(&s, &scene_by_default, "");
    uint32_t frames = s.set->report->frame_count;
    for (uint32_t i = 0; i < frames; i++) {
        const struct report_frame *f = &s.set->report->frames[i];
        if (f->frame.offset == 0x1234)
            assert_true(report_name_frame(s.set->report, i, "Leak+0x34"));
        else if (f->frame.offset == 0x2000)
            assert_true(report_name_frame(s.set->report, i, "Leak+0x200"));
    }
    assert_int_equal(s.set->report->frame_count, frames);
    assert_rows(&s, "0-app.exe (100) 6/8\n"
                    "1-Event 6/8\n"
                    "2+app.exe!Leak+0x34 5/7\n"
                    "2+app.exe!Leak+0x200 1/1\n"
                    "0+other.exe (200) 1/1\n");
    /* Rows that are made anew know that it is one function, and find it by its name. */
    scene_show(&s, &scene_by_default, "leak");
    assert_rows(&s, "0-app.exe (100) 6/8\n1-Event 6/8\n2+app.exe!Leak+0x34 6/8\n");
    scene_close(&s);
}

static void single_handles_are_bounded(void **state)
{
    (void)state;
    struct scene s;
    scene_build_many(RESULT_LEAKS_OF_GROUP + 7, 0);
    scene_open_within(&s, RESULT_GROUPS_MAX);
    scene_show(&s, &scene_by_default, "");
    assert_true(result_tree_unfold(&s.tree, 2, true));
    assert_int_equal(s.tree.count, 3 + RESULT_LEAKS_OF_GROUP + 1);
    const struct result_row *last = &s.tree.rows[s.tree.count - 1];
    assert_int_equal(last->kind, RESULT_ROW_MORE);
    assert_int_equal(last->more, 7);
    scene_close(&s);
}

static void groups_are_bounded(void **state)
{
    (void)state;
    struct scene s;
    struct result_view names = {.levels = {RESULT_NAME}, .level_count = 1, .filter = ""};
    scene_build_many(3, 40);
    scene_open_within(&s, 16);
    assert_true(s.set->merged);
    assert_in_range(s.set->group_count, 12, 16);
    scene_show(&s, &names, "");
    uint64_t others = 0;
    uint64_t all = 0;
    for (uint32_t i = 0; i < s.tree.node_count; i++) {
        all += s.tree.nodes[i].counts.created;
        if (s.tree.nodes[i].value == RESULT_OTHER_NAMES)
            others = s.tree.nodes[i].counts.created;
    }
    assert_int_equal(all, 43);
    assert_int_equal(others, 28); /* 12 names were told apart */
    assert_int_equal(s.set->report->sum.leaked, 3);
    scene_close(&s);
}

static void an_empty_recording_has_no_rows(void **state)
{
    (void)state;
    struct scene s;
    struct maker m;
    scene_start(&m);
    scene_finish(&m);
    scene_open_within(&s, RESULT_GROUPS_MAX);
    scene_show(&s, &scene_by_default, "");
    assert_int_equal(s.tree.count, 0);
    assert_int_equal(result_tree_heaviest(&s.tree), UINT32_MAX);
    assert_true(result_tree_unfold_all(&s.tree));
    scene_close(&s);
}

static bool stop_at_once(void *ctx, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)done;
    (void)total;
    return false;
}

static void reading_can_fail_and_be_cancelled(void **state)
{
    (void)state;
    static const char *const missing = "no such file.etl";
    struct report_source s = {.files = &missing, .file_count = 1};
    struct result_set *set = NULL;
    struct err err = {0};
    assert_false(result_set_read(&s, &set, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    scene_build_many(9000, 0);
    struct report_source stopped = scene_source;
    stopped.go_on = stop_at_once;
    memset(&err, 0, sizeof err);
    assert_false(result_set_read(&stopped, &set, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_null(set);
    remove(SCENE_PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heaviest_path_is_unfolded),
        cmocka_unit_test(single_handles_lie_in_the_last_level),
        cmocka_unit_test(all_unfolds),
        cmocka_unit_test(all_handles_not_only_leaks),
        cmocka_unit_test(the_grouping_of_wpa),
        cmocka_unit_test(any_order_of_any_columns),
        cmocka_unit_test(filters_by_any_level),
        cmocka_unit_test(what_is_unfolded_stays_so),
        cmocka_unit_test(late_names_move_no_rows),
        cmocka_unit_test(single_handles_are_bounded),
        cmocka_unit_test(groups_are_bounded),
        cmocka_unit_test(an_empty_recording_has_no_rows),
        cmocka_unit_test(reading_can_fail_and_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
