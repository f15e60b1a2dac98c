/* Tests the editor's fields: in and out, what is wrong and where, what is fixed, what counts as a change. */
#include "core/editor/editor.h"

#include "core/base/text.h"
#include "unit/view/english.h"

#include <inttypes.h>
#include <stdio.h>

#define MB (1024ull * 1024)
#define GB (1024 * MB)

static bool is_taken(void *ctx, const char *name)
{
    return text_casecmp(name, ctx) == 0;
}

static char taken_name[] = "Taken";

static const struct editor_facts facts = {.memory_bytes = 16384 * MB,
                                          .disk_known = true,
                                          .disk_free = 200 * GB,
                                          .drive = "D:",
                                          .name_taken = is_taken,
                                          .ctx = taken_name};

static struct profile example(void)
{
    struct profile p;
    profile_default(&p);
    return p;
}

static struct editor *open_as(enum editor_mode mode, const struct profile *p)
{
    static struct editor e;
    struct err err = {0};
    assert_true(editor_open(&e, mode, p, NULL, &facts, &err));
    return &e;
}

static struct editor *open_one(const struct profile *p)
{
    return open_as(EDITOR_OWN, p);
}

static void type_in(struct editor *e, enum profile_field field, const char *text)
{
    text_put(e->now.text[field], sizeof e->now.text[field], text);
}

static const char *problem(const struct editor *e, enum profile_field field)
{
    static char text[300];
    bool warning = false;
    bool is = editor_problem(e, field, &locale, text, sizeof text, &warning);
    assert_int_equal(is, text[0] != 0);
    return text;
}

static void same_profile(const struct profile *a, const struct profile *b)
{
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->description, b->description);
    assert_int_equal(a->tag_count, b->tag_count);
    assert_memory_equal(a->tags, b->tags, a->tag_count * sizeof *a->tags);
    assert_int_equal(a->stacks, b->stacks);
    assert_int_equal(a->storage, b->storage);
    assert_int_equal(a->buffer_kb, b->buffer_kb);
    assert_int_equal(a->buffers, b->buffers);
    assert_int_equal(a->memory_percent, b->memory_percent);
    assert_int_equal(a->max_file_mb, b->max_file_mb);
    assert_int_equal(a->segment_minutes, b->segment_minutes);
    assert_int_equal(a->segment_mb, b->segment_mb);
    assert_int_equal(a->keep_mb, b->keep_mb);
    assert_int_equal(a->live_events, b->live_events);
    assert_int_equal(a->stop.after_s, b->stop.after_s);
    assert_int_equal(a->stop.at_mb, b->stop.at_mb);
    assert_int_equal(a->stop.disk_below_mb, b->stop.disk_below_mb);
    assert_string_equal(a->stop.hold_type, b->stop.hold_type);
    assert_int_equal(a->stop.hold_count, b->stop.hold_count);
    assert_string_equal(a->stop.grow_type, b->stop.grow_type);
    assert_int_equal(a->stop.grow_per_minute, b->stop.grow_per_minute);
    assert_int_equal(a->stack_cache, b->stack_cache);
}

/* What is opened and not touched comes out as it went in, although the fields are in whole units. */
static void untouched_stays(void **state)
{
    (void)state;
    struct profile rows[4] = {example(), example(), example(), example()};
    rows[0].buffers = 20;
    rows[0].buffer_kb = 128;
    rows[1].buffers = 0;
    rows[1].memory_percent = 7;
    rows[1].storage = PROFILE_RING;
    rows[2].stop = (struct profile_stop){.after_s = 90,
                                         .at_mb = 700,
                                         .disk_below_mb = 700,
                                         .hold_count = 12,
                                         .hold_process = "a.exe",
                                         .hold_type = "Event",
                                         .grow_per_minute = 3,
                                         .grow_type = "Strange"};
    rows[2].segment_minutes = 5;
    rows[2].segment_mb = 100;
    rows[2].keep_mb = 1000;
    rows[2].live_events = true;
    rows[3].storage = PROFILE_CIRCULAR;
    rows[3].max_file_mb = 500;
    rows[3].tag_count = 2;
    rows[3].tags[0] = profile_tag("Event");
    rows[3].tags[1] = profile_tag("DxgkSharedResource");
    for (size_t i = 0; i < 4; i++) {
        struct editor *e = open_one(&rows[i]);
        struct profile out;
        assert_false(editor_changed(e));
        editor_take(e, &out);
        same_profile(&out, &rows[i]);
        editor_close(e);
    }
}

static void typed_numbers(void **state)
{
    (void)state;
    struct profile p = example();
    struct editor *e = open_one(&p);
    struct profile out;
    e->now.storage = PROFILE_RING;
    type_in(e, PROFILE_FIELD_BUFFER_KB, " 512 ");
    type_in(e, PROFILE_FIELD_MEMORY, "1,024");
    editor_take(e, &out);
    assert_int_equal(out.buffer_kb, 512);
    assert_int_equal(out.buffers, 2048);
    assert_int_equal(out.memory_percent, 0);
    type_in(e, PROFILE_FIELD_MEMORY,
            "1\xC2\xA0"
            "024");
    editor_take(e, &out);
    assert_int_equal(out.buffers, 2048);
    type_in(e, PROFILE_FIELD_MEMORY, "10,24");
    assert_string_equal(problem(e, PROFILE_FIELD_MEMORY), "Enter 16 to 1,310 MB (8% of memory).");
    type_in(e, PROFILE_FIELD_BUFFER_KB, "");
    assert_string_equal(problem(e, PROFILE_FIELD_MEMORY), "Enter 16 to 1,310 MB (8% of memory).");
    type_in(e, PROFILE_FIELD_MEMORY, "99999999999999999999999");
    assert_string_equal(problem(e, PROFILE_FIELD_MEMORY), "Enter 16 to 1,310 MB (8% of memory).");
    editor_close(e);
}

/* Another buffer size alone keeps the amount of memory. */
static void buffer_size_keeps_memory(void **state)
{
    (void)state;
    struct profile p = example();
    struct editor *e = open_one(&p);
    struct profile out;
    type_in(e, PROFILE_FIELD_BUFFER_KB, "256");
    editor_take(e, &out);
    assert_int_equal(out.buffers, 256);
    editor_close(e);
    p.buffers = 0;
    p.memory_percent = 5;
    e = open_one(&p);
    type_in(e, PROFILE_FIELD_BUFFER_KB, "256");
    editor_take(e, &out);
    assert_int_equal(out.buffers, 0);
    assert_int_equal(out.memory_percent, 5);
    assert_string_equal(e->now.text[PROFILE_FIELD_MEMORY], "819");
    type_in(e, PROFILE_FIELD_MEMORY, "820");
    editor_take(e, &out);
    assert_int_equal(out.memory_percent, 0);
    assert_int_equal(out.buffers, 820 * 4);
    editor_close(e);
}

static void each_field_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        enum profile_field field;
        const char *typed;
        const char *text;
    } rows[] = {
        {PROFILE_FIELD_NAME, "", "Enter a name."},
        {PROFILE_FIELD_NAME, "taken", "This name exists already."},
        {PROFILE_FIELD_NAME, " x", "Enter printable characters, with no space before or after."},
        {PROFILE_FIELD_NAME, "Event leaks", ""},
        {PROFILE_FIELD_DESCRIPTION, "a\x01", "Remove the control characters."},
        {PROFILE_FIELD_BUFFER_KB, "", "Enter 64 to 16,384 KB."},
        {PROFILE_FIELD_BUFFER_KB, "63", "Enter 64 to 16,384 KB."},
        {PROFILE_FIELD_BUFFER_KB, "16,384", ""},
        {PROFILE_FIELD_BUFFER_KB, "16385", "Enter 64 to 16,384 KB."},
        {PROFILE_FIELD_BUFFER_KB, "much", "Enter 64 to 16,384 KB."},
        {PROFILE_FIELD_MEMORY, "15", "Enter 16 to 1,310 MB (8% of memory)."},
        {PROFILE_FIELD_MEMORY, "16", ""},
        {PROFILE_FIELD_MEMORY, "1310", ""},
        {PROFILE_FIELD_MEMORY, "1311", "Enter 16 to 1,310 MB (8% of memory)."},
        {PROFILE_FIELD_FILE_MB, "", ""},
        {PROFILE_FIELD_FILE_MB, "x", "Enter a whole number, or nothing."},
        {PROFILE_FIELD_FILE_MB, "-5", "Enter a whole number, or nothing."},
        {PROFILE_FIELD_SEGMENT_MINUTES, "0", "Enter 1 to 1,440 minutes."},
        {PROFILE_FIELD_SEGMENT_MINUTES, "1441", "Enter 1 to 1,440 minutes."},
        {PROFILE_FIELD_SEGMENT_MB, "1048577", "Enter 1 to 1,048,576 MB."},
        {PROFILE_FIELD_SEGMENT_MB, "abc", "Enter a whole number, or nothing."},
        {PROFILE_FIELD_KEEP_MB, "abc", "Enter a whole number, or nothing."},
        {PROFILE_FIELD_KEEP_MB, "1", "Two segments need 2 MB or more."},
        {PROFILE_FIELD_STOP_AFTER, "", "Enter 1 to 43,200 minutes."},
        {PROFILE_FIELD_STOP_AFTER, "43201", "Enter 1 to 43,200 minutes."},
        {PROFILE_FIELD_STOP_AT, "", "Enter 1 to 16,777,216 MB."},
        {PROFILE_FIELD_STOP_DISK, "1025", "Enter 1 to 1,024 GB."},
        {PROFILE_FIELD_HOLD_PROCESS, "", "Enter a process name or PID."},
        {PROFILE_FIELD_HOLD_COUNT, "0", "Enter 1 to 16,777,216 handles."},
        {PROFILE_FIELD_HOLD_COUNT, "16,777,217", "Enter 1 to 16,777,216 handles."},
        {PROFILE_FIELD_GROW_COUNT, "no", "Enter 1 to 16,777,216 handles a minute."},
    };
    struct profile p = example();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct editor *e = open_one(&p);
        e->now.segments = true;
        type_in(e, PROFILE_FIELD_SEGMENT_MINUTES, "10");
        e->now.rules = rows[i].field >= PROFILE_FIELD_STOP_AFTER ? 0x1F : 0;
        type_in(e, PROFILE_FIELD_HOLD_PROCESS, "app.exe");
        type_in(e, PROFILE_FIELD_STOP_AT, "100");
        type_in(e, rows[i].field, rows[i].typed);
        assert_string_equal(problem(e, rows[i].field), rows[i].text);
        assert_int_equal(editor_first_error(e), rows[i].text[0] ? rows[i].field : PROFILE_FIELD_COUNT);
        editor_close(e);
    }
}

static void warnings_do_not_stop(void **state)
{
    (void)state;
    struct profile p = example();
    struct editor *e = open_one(&p);
    bool warning = false;
    char text[300];
    e->now.stacks = PROFILE_STACK_CLOSE;
    assert_true(editor_problem(e, PROFILE_FIELD_STACKS, &locale, text, sizeof text, &warning));
    assert_true(warning);
    assert_string_equal(text, "Without create stacks the report cannot name the leaking code.");
    e->facts.disk_free = 3 * GB;
    assert_string_equal(problem(e, PROFILE_FIELD_FILE_MB), "Drive D: has only 3 GB free.");
    assert_int_equal(editor_first_error(e), PROFILE_FIELD_COUNT);
    e->now.storage = PROFILE_CIRCULAR;
    assert_string_equal(problem(e, PROFILE_FIELD_FILE_MB), "A circular file needs 64 MB or more.");
    assert_int_equal(editor_first_error(e), PROFILE_FIELD_FILE_MB);
    editor_close(e);
}

static void types_and_slots(void **state)
{
    (void)state;
    struct profile p = example();
    struct editor *e = open_one(&p);
    char text[200];
    editor_slots(e, &locale, text, sizeof text);
    assert_string_equal(text, "All types need no slot.");
    e->now.only_types = true;
    editor_slots(e, &locale, text, sizeof text);
    assert_string_equal(text, "0 of 4 slots");
    assert_string_equal(problem(e, PROFILE_FIELD_TYPES), "Tick at least one type, or choose All types.");
    assert_int_equal(editor_first_error(e), PROFILE_FIELD_TYPES);
    for (size_t i = 0; i < e->types.count; i++)
        if (strcmp(e->types.rows[i].name, "Event") == 0 || strcmp(e->types.rows[i].name, "DxgkSharedResource") == 0)
            assert_true(editor_types_toggle(&e->types, i));
    editor_slots(e, &locale, text, sizeof text);
    assert_string_equal(text, "2 of 4 slots: Even, Dxgk");
    editor_slots_name(e, &locale, text, sizeof text);
    assert_string_equal(text, "2 of 4 slots used");
    editor_fellows(e, 0, &locale, text, sizeof text);
    assert_string_equal(text, "");
    for (size_t i = 0; i < e->types.count; i++)
        if (strcmp(e->types.rows[i].name, "DxgkSharedSyncObject") == 0)
            editor_fellows(e, i, &locale, text, sizeof text);
    assert_string_equal(text, "recorded together (4)");
    struct profile out;
    editor_take(e, &out);
    assert_int_equal(out.tag_count, 2);
    assert_int_equal(out.tags[0], profile_tag("Event"));
    e->now.only_types = false;
    editor_take(e, &out);
    assert_int_equal(out.tag_count, 0);
    editor_close(e);
}

static void what_can_be_used(void **state)
{
    (void)state;
    struct profile p = example();
    char text[200];
    struct editor *e = open_one(&p);
    assert_true(editor_usable(e, PROFILE_FIELD_FILE_MB));
    assert_false(editor_usable(e, PROFILE_FIELD_SEGMENT_MB));
    assert_true(editor_box_usable(e, PROFILE_FIELD_SEGMENT_MB));
    assert_false(editor_usable(e, PROFILE_FIELD_STOP_AFTER));
    assert_true(editor_box_usable(e, PROFILE_FIELD_STOP_AFTER));
    e->now.rules = PROFILE_RULE_AFTER | PROFILE_RULE_AT;
    assert_true(editor_usable(e, PROFILE_FIELD_STOP_AFTER));
    e->now.storage = PROFILE_RING;
    assert_false(editor_usable(e, PROFILE_FIELD_FILE_MB));
    assert_false(editor_box_usable(e, PROFILE_FIELD_SEGMENT_MINUTES));
    assert_false(editor_box_usable(e, PROFILE_FIELD_STOP_AT));
    editor_note(e, PROFILE_FIELD_FILE_MB, &locale, text, sizeof text);
    assert_string_equal(text, "A memory ring writes no file until it is saved.");
    editor_note(e, PROFILE_FIELD_STOP_AT, &locale, text, sizeof text);
    assert_string_equal(text, "Only with storage in a file.");
    /* A rule that cannot be used does not stop OK, and is not kept. */
    struct profile out;
    editor_take(e, &out);
    assert_int_equal(out.stop.at_mb, 0);
    assert_int_equal(editor_first_error(e), PROFILE_FIELD_COUNT);
    editor_close(e);
}

static void modes(void **state)
{
    (void)state;
    struct profile p = example();
    char text[300];
    struct editor *e = open_as(EDITOR_RUNNING, &p);
    assert_true(editor_usable(e, PROFILE_FIELD_TYPES));
    assert_true(editor_box_usable(e, PROFILE_FIELD_STACKS));
    assert_false(editor_usable(e, PROFILE_FIELD_NAME));
    assert_false(editor_box_usable(e, PROFILE_FIELD_STORAGE));
    editor_notice(e, &locale, text, sizeof text);
    assert_string_equal(text,
                        "Types and stacks change at once, for this recording. The rest was fixed when it started.");
    editor_close(e);
    e = open_as(EDITOR_OWN, &p);
    editor_notice(e, &locale, text, sizeof text);
    assert_string_equal(text, "");
    editor_close(e);
}

/* A foreign profile is only shown; its copy is ours, and what was left out stays behind. */
static void foreign(void **state)
{
    (void)state;
    struct profile p = example();
    p.foreign = true;
    text_put(p.left_out, sizeof p.left_out, "keyword CpuConfig");
    struct editor *e = open_as(EDITOR_FOREIGN, &p);
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++) {
        assert_false(editor_usable(e, (enum profile_field)i));
        assert_false(editor_box_usable(e, (enum profile_field)i));
    }
    assert_int_equal(editor_first_error(e), PROFILE_FIELD_COUNT);
    editor_make_copy(e, "Handles (copy)");
    assert_true(editor_usable(e, PROFILE_FIELD_NAME));
    assert_true(editor_changed(e));
    struct profile out;
    editor_take(e, &out);
    assert_string_equal(out.name, "Handles (copy)");
    assert_false(out.foreign);
    assert_string_equal(out.left_out, "");
    editor_close(e);
}

static void a_shipped_one_is_copied(void **state)
{
    (void)state;
    struct profile p = example();
    struct err err = {0};
    struct editor e;
    assert_true(editor_open(&e, EDITOR_SHIPPED, &p, "Handles (copy)", &facts, &err));
    assert_false(editor_changed(&e));
    assert_string_equal(e.now.text[PROFILE_FIELD_NAME], "Handles (copy)");
    e.now.stacks |= PROFILE_STACK_CLOSE;
    assert_true(editor_changed(&e));
    editor_close(&e);
}

static void changes(void **state)
{
    (void)state;
    struct profile p = example();
    p.tag_count = 2;
    p.tags[0] = profile_tag("Event");
    p.tags[1] = profile_tag("File");
    struct editor *e = open_one(&p);
    assert_false(editor_changed(e));
    assert_true(editor_types_toggle(&e->types, 0));
    assert_true(editor_changed(e));
    assert_true(editor_types_toggle(&e->types, 0));
    assert_false(editor_changed(e)); /* in another order, which means nothing */
    type_in(e, PROFILE_FIELD_STOP_AFTER, "11");
    assert_true(editor_changed(e));
    type_in(e, PROFILE_FIELD_STOP_AFTER, "10");
    e->now.live_events = true;
    assert_true(editor_changed(e));
    editor_close(e);
}

/* Ten seconds of Event: creates with stacks, closes without. */
static const struct span_rates *measured(void)
{
    static struct span_rates r = {
        .seconds = 10, .stacks = PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE, .tag_count = 1};
    r.tags[0].tag = profile_tag("Event");
    r.tags[0].cost[SPAN_CREATE] =
        (struct span_cost){.events = 1000, .event_bytes = 60000, .stacks = 1000, .stack_bytes = 200000};
    r.tags[0].cost[SPAN_CLOSE] = (struct span_cost){.events = 1000, .event_bytes = 60000};
    return &r;
}

static void what_it_costs(void **state)
{
    (void)state;
    struct profile p = example();
    char text[300];
    struct editor *e = open_one(&p);
    editor_estimate(e, &locale, text, sizeof text);
    assert_string_equal(text, "Known 10 s after Record.");
    editor_cost(e, PROFILE_STACK_CREATE, &locale, text, sizeof text);
    assert_string_equal(text, "needed to name the leaking code");
    editor_cost(e, PROFILE_STACK_CLOSE, &locale, text, sizeof text);
    assert_string_equal(text, "30-40% of the data");
    e->facts.rates = measured();
    editor_estimate(e, &locale, text, sizeof text);
    assert_string_equal(text, "Grows about 1 MB a minute (measured: 12,000 events/min)");
    editor_cost(e, PROFILE_STACK_CREATE, &locale, text, sizeof text);
    assert_string_equal(text, "needed to name the leaking code\n63% of the data");
    e->now.storage = PROFILE_RING;
    editor_estimate(e, &locale, text, sizeof text);
    assert_string_equal(text, "Holds about 34 min (measured: 12,000 events/min)");
    editor_cost(e, PROFILE_STACK_CLOSE, &locale, text, sizeof text);
    assert_string_equal(text, "38% of the data: 34 min → 21 min");
    e->now.stacks |= PROFILE_STACK_CLOSE;
    editor_estimate(e, &locale, text, sizeof text);
    assert_string_equal(text, "Holds about 21 min (measured: 12,000 events/min)");
    /* Whatever is typed, there is a text. */
    type_in(e, PROFILE_FIELD_BUFFER_KB, "");
    type_in(e, PROFILE_FIELD_MEMORY, "x");
    editor_estimate(e, &locale, text, sizeof text);
    assert_true(text[0] != 0);
    editor_close(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untouched_stays),
        cmocka_unit_test(typed_numbers),
        cmocka_unit_test(buffer_size_keeps_memory),
        cmocka_unit_test(each_field_says_what_is_wrong),
        cmocka_unit_test(warnings_do_not_stop),
        cmocka_unit_test(types_and_slots),
        cmocka_unit_test(what_can_be_used),
        cmocka_unit_test(modes),
        cmocka_unit_test(foreign),
        cmocka_unit_test(a_shipped_one_is_copied),
        cmocka_unit_test(changes),
        cmocka_unit_test(what_it_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
