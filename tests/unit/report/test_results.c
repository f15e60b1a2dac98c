/* What the results window holds of a recording, and the rows it makes of that. */
#include "maker.h"
#include "unit/test.h"

#include "core/report/report_frames.h"
#include "core/report/report_write.h"
#include "core/report/result_tree.h"

#include <stdio.h>

#define PATH "test_results.etl"

static const char *const path = PATH;
static const struct report_source source = {.files = &path, .file_count = 1};
static const uint64_t kernel[] = {0xFFFFF80000000010u, 0};

static void called_by(struct maker *m, uint32_t pid, uint64_t where)
{
    const uint64_t user[] = {0x7FF800000100, where, 0x140009000, 0};
    maker_stack(m, m->last, pid, m->tid, kernel);
    maker_stack(m, m->last, pid, m->tid, user);
}

static void start(struct maker *m)
{
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x100000;
    maker_begin_with(m, 3, PATH, &o);
    m->time = 11000000;
    maker_image(m, 0x1403, 0, 0xFFFFF80000000000u, 0x100000, "\\SystemRoot\\system32\\ntoskrnl.exe");
    static const struct {
        uint32_t pid;
        const char *name;
    } processes[] = {{100, "app.exe"}, {200, "other.exe"}};
    for (size_t i = 0; i < 2; i++) {
        maker_process(m, 0x0303, processes[i].pid, 4, 0xA0 + processes[i].pid, processes[i].name);
        maker_image(m, 0x1403, processes[i].pid, 0x140000000, 0x100000, "\\Device\\HarddiskVolume3\\app\\app.exe");
        maker_image(m, 0x1403, processes[i].pid, 0x7FF800000000, 0x100000,
                    "\\Device\\HarddiskVolume3\\Windows\\System32\\ntdll.dll");
    }
}

static void finish(struct maker *m)
{
    maker_type(m, 17, "Event");
    maker_type(m, 18, "File");
    maker_save(m);
}

/* app.exe leaks 5 events from one place (two with names) and 1 from another, closes 2 of three ways; other.exe leaks a
 * file. */
static void build(void)
{
    struct maker m;
    start(&m);
    for (uint32_t i = 0; i < 5; i++) {
        maker_create(&m, 100, 0x100 + 4 * i, 1 + i);
        called_by(&m, 100, 0x140001234);
    }
    maker_create(&m, 100, 0x200, 0x10);
    called_by(&m, 100, 0x140002000);
    maker_create(&m, 100, 0x204, 0x11); /* for a second */
    called_by(&m, 100, 0x140001234);
    m.time += 10000000;
    maker_close(&m, 100, 0x204, 0x11, "\\BaseNamedObjects\\Brief");
    called_by(&m, 100, 0x140005678);
    maker_create(&m, 100, 0x208, 0x12); /* for 100 us */
    called_by(&m, 100, 0x140001234);
    maker_close(&m, 100, 0x208, 0x12, "");
    called_by(&m, 100, 0x140005678);
    maker_use_type(18);
    maker_create(&m, 200, 0x10, 0x30);
    called_by(&m, 200, 0x140003000);
    maker_list(&m, 200, 0x10, 0x30, "\\Device\\file.txt");
    maker_use_type(17);
    maker_list(&m, 100, 0x100, 1, "\\BaseNamedObjects\\Evt7");
    for (uint32_t i = 1; i < 5; i++)
        maker_list(&m, 100, 0x100 + 4 * i, 1 + i, "");
    maker_list(&m, 100, 0x200, 0x10, "");
    finish(&m);
}

struct scene {
    struct result_set *set;
    struct result_tree tree;
};

static const struct result_view by_default = {
    .levels = {RESULT_PROCESS, RESULT_TYPE, RESULT_CREATE_STACK}, .level_count = 3, .only_leaks = true, .filter = ""};
static const struct result_view as_in_wpa = {
    .levels = {RESULT_CREATOR, RESULT_TYPE, RESULT_NAME, RESULT_LIFETIME, RESULT_CLOSE_STACK, RESULT_CREATE_STACK},
    .level_count = 6,
    .filter = ""};

static void open_within(struct scene *s, uint32_t groups_max)
{
    struct err err = {0};
    memset(s, 0, sizeof *s);
    assert_true(result_set_read_within(&source, groups_max, &s->set, &err));
    s->tree.set = s->set;
}

static void scene_open(struct scene *s)
{
    build();
    open_within(s, RESULT_GROUPS_MAX);
}

static void scene_close(struct scene *s)
{
    result_tree_free(&s->tree);
    result_set_free(s->set);
    remove(PATH);
}

static void show(struct scene *s, const struct result_view *view, const char *filter)
{
    struct result_view v = *view;
    v.filter = filter;
    assert_true(result_tree_build(&s->tree, &v));
}

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
    show(&s, &by_default, "");
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
    show(&s, &by_default, "");
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
    show(&s, &by_default, "other");
    assert_true(result_tree_unfold_all(&s.tree));
    assert_rows(&s, "0-other.exe (200) 1/1\n1-File 1/1\n2-app.exe+0x3000 1/1\n3.0x10\n");
    scene_close(&s);
}

static void all_handles_not_only_leaks(void **state)
{
    (void)state;
    struct scene s;
    struct result_view all = by_default;
    all.only_leaks = false;
    scene_open(&s);
    show(&s, &all, "");
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
    show(&s, &as_in_wpa, "app.exe (100)");
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
    show(&s, &view, "");
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
        show(&s, &as_in_wpa, rows[i].filter);
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
    show(&s, &by_default, "");
    assert_true(result_tree_unfold(&s.tree, 4, true));
    uint64_t other = s.tree.rows[5].id;
    struct result_view all = by_default;
    all.only_leaks = false;
    show(&s, &all, "");
    assert_int_not_equal(result_tree_find(&s.tree, other), UINT32_MAX);
    show(&s, &all, "app.exe (100)");
    assert_int_equal(result_tree_find(&s.tree, other), UINT32_MAX);
    scene_close(&s);
}

static void late_names_move_no_rows(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s);
    show(&s, &by_default, "");
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
    show(&s, &by_default, "leak");
    assert_rows(&s, "0-app.exe (100) 6/8\n1-Event 6/8\n2+app.exe!Leak+0x34 6/8\n");
    scene_close(&s);
}

/* Many handles of one group, each with another name: single ones are kept in bounds, and so are groups. */
static void build_many(uint32_t leaks, uint32_t closed)
{
    struct maker m;
    char name[40];
    start(&m);
    for (uint32_t i = 0; i < closed; i++) {
        snprintf(name, sizeof name, "\\BaseNamedObjects\\N%u", (unsigned)i);
        maker_create(&m, 100, 0x9000, 0x9000 + i);
        called_by(&m, 100, 0x140001234);
        maker_close(&m, 100, 0x9000, 0x9000 + i, name);
    }
    for (uint32_t i = 0; i < leaks; i++) {
        if (i % 2000 == 1999)
            maker_processor(&m, 0);
        maker_create(&m, 100, 0x10000 + 4 * i, 0x10000 + i);
        called_by(&m, 100, 0x140001234);
    }
    finish(&m);
}

static void single_handles_are_bounded(void **state)
{
    (void)state;
    struct scene s;
    build_many(RESULT_LEAKS_OF_GROUP + 7, 0);
    open_within(&s, RESULT_GROUPS_MAX);
    show(&s, &by_default, "");
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
    build_many(3, 40);
    open_within(&s, 16);
    assert_true(s.set->merged);
    assert_in_range(s.set->group_count, 12, 16);
    show(&s, &names, "");
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
    start(&m);
    finish(&m);
    open_within(&s, RESULT_GROUPS_MAX);
    show(&s, &by_default, "");
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
    build_many(9000, 0);
    struct report_source stopped = source;
    stopped.go_on = stop_at_once;
    memset(&err, 0, sizeof err);
    assert_false(result_set_read(&stopped, &set, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_null(set);
    remove(PATH);
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
