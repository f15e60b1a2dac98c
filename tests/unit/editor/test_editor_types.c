/* Tests the editor's type list: its rows, the search, and that four slots are four tags. */
#include "core/editor/editor_types.h"

#include "unit/test.h"

static struct editor_types opened(const struct snapshot *counts, const char *const *names, unsigned n)
{
    struct editor_types t;
    uint32_t tags[8] = {0};
    struct err err = {0};
    for (unsigned i = 0; i < n; i++)
        tags[i] = profile_tag(names[i]);
    assert_true(editor_types_open(&t, counts, tags, n, &err));
    return t;
}

static size_t row_of(const struct editor_types *t, const char *name)
{
    size_t i = 0;
    while (i < t->count && strcmp(t->rows[i].name, name) != 0)
        i++;
    assert_true(i < t->count);
    return i;
}

static void rows_of_the_known_types(void **state)
{
    (void)state;
    struct editor_types t = opened(NULL, NULL, 0);
    assert_int_equal(t.count, 44);
    assert_int_equal(t.shown_count, 44);
    assert_string_equal(t.rows[0].name, "Event");
    assert_false(t.rows[0].counted);
    assert_int_equal(t.rows[0].fellows, 1);
    assert_int_equal(t.rows[row_of(&t, "DxgkSharedResource")].fellows, 4);
    assert_int_equal(t.rows[row_of(&t, "IoCompletionReserve")].fellows, 2);
    editor_types_close(&t);
    assert_null(t.rows);
    editor_types_close(&t);
}

static void counts_of_the_system(void **state)
{
    (void)state;
    struct snapshot_type types[2] = {{.name = "Event", .open = 12}, {.name = "Alpha", .open = 3}};
    struct snapshot s = {.available = true, .type_count = 2, .types = types};
    const char *const names[] = {"Event"};
    struct editor_types t = opened(&s, names, 1);
    assert_int_equal(t.count, 2);
    assert_true(t.rows[0].counted);
    assert_int_equal(t.rows[0].open, 12);
    types[0].open = 15;
    editor_types_count(&t, &s);
    assert_int_equal(t.rows[0].open, 15);
    s.available = false;
    editor_types_count(&t, &s);
    assert_false(t.rows[0].counted);
    editor_types_close(&t);
}

/* A profile made elsewhere names types that this system does not have: they have rows, ticked, and do not get lost. */
static void types_of_elsewhere(void **state)
{
    (void)state;
    struct snapshot_type types[1] = {{.name = "Event"}};
    struct snapshot s = {.available = true, .type_count = 1, .types = types};
    const char *const names[] = {"DxgkSharedResource", "Zzzz", "Event"};
    struct editor_types t = opened(&s, names, 3);
    assert_int_equal(t.count, 1 + 4 + 1);
    assert_int_equal(editor_types_box(&t, row_of(&t, "DxgkSharedSyncObject")), EDITOR_BOX_TICKED);
    assert_int_equal(editor_types_box(&t, row_of(&t, "Zzzz")), EDITOR_BOX_TICKED);
    assert_int_equal(t.tag_count, 3);
    editor_types_close(&t);
}

static void fellows_tick_together(void **state)
{
    (void)state;
    struct editor_types t = opened(NULL, NULL, 0);
    assert_true(editor_types_toggle(&t, row_of(&t, "DxgkSharedResource")));
    assert_int_equal(t.tag_count, 1);
    assert_int_equal(editor_types_box(&t, row_of(&t, "DxgkCompositionObject")), EDITOR_BOX_TICKED);
    assert_int_equal(editor_types_box(&t, row_of(&t, "Event")), EDITOR_BOX_CLEAR);
    assert_true(editor_types_toggle(&t, row_of(&t, "DxgkCompositionObject")));
    assert_int_equal(t.tag_count, 0);
    assert_int_equal(editor_types_box(&t, row_of(&t, "DxgkSharedResource")), EDITOR_BOX_CLEAR);
    editor_types_close(&t);
}

static void four_slots_and_no_more(void **state)
{
    (void)state;
    const char *const names[] = {"Event", "File", "Key", "DxgkSharedResource"};
    struct editor_types t = opened(NULL, names, 4);
    assert_int_equal(editor_types_box(&t, row_of(&t, "Token")), EDITOR_BOX_FULL);
    assert_int_equal(editor_types_box(&t, row_of(&t, "File")), EDITOR_BOX_TICKED);
    assert_false(editor_types_toggle(&t, row_of(&t, "Token")));
    assert_int_equal(t.tag_count, 4);
    assert_true(editor_types_toggle(&t, row_of(&t, "File")));
    assert_int_equal(editor_types_box(&t, row_of(&t, "Token")), EDITOR_BOX_CLEAR);
    assert_true(editor_types_toggle(&t, row_of(&t, "Token")));
    const uint32_t wanted[] = {profile_tag("Event"), profile_tag("Key"), profile_tag("Dxgk"), profile_tag("Token")};
    assert_memory_equal(t.tags, wanted, sizeof wanted);
    editor_types_close(&t);
}

static void more_tags_than_slots_are_cut(void **state)
{
    (void)state;
    const char *const names[] = {"Event", "File", "Key", "Token", "Timer"};
    struct editor_types t = opened(NULL, names, 5);
    assert_int_equal(t.tag_count, PROFILE_MAX_TAGS);
    editor_types_close(&t);
}

static void search(void **state)
{
    (void)state;
    struct editor_types t = opened(NULL, NULL, 0);
    editor_types_search(&t, " dXgKs ");
    assert_int_equal(t.shown_count, 2);
    assert_string_equal(t.rows[t.shown[0]].name, "DxgkSharedResource");
    assert_string_equal(t.rows[t.shown[1]].name, "DxgkSharedSyncObject");
    editor_types_search(&t, "completion");
    assert_int_equal(t.shown_count, 3);
    editor_types_search(&t, "no such type");
    assert_int_equal(t.shown_count, 0);
    editor_types_search(&t, "  ");
    assert_int_equal(t.shown_count, 44);
    editor_types_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_known_types),
        cmocka_unit_test(counts_of_the_system),
        cmocka_unit_test(types_of_elsewhere),
        cmocka_unit_test(fellows_tick_together),
        cmocka_unit_test(four_slots_and_no_more),
        cmocka_unit_test(more_tags_than_slots_are_cut),
        cmocka_unit_test(search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
